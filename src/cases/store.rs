//! Cases as rows.

pub mod alerts;
pub mod founded;
pub mod reopenings;
pub mod unfounding;
pub mod visits;

use diesel::prelude::*;

use super::model::{Acceptance, Case, CloseReason, InTheWay, LeaveReason, Member, Role, State};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AnyId, CaseId, EnquiryId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Place, Sealed};
use crate::cases::model::{CaseKind, Severity, TargetGroup};
use crate::save_over;
use crate::schema::{accounts, alerts as alert_rows, case_people, case_reopenings, cases, courses, enquiries, offers, sessions};

/// What a case has from its first day.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = cases, treat_none_as_default_value = false)]
struct Key {
    id: CaseId,
    received_at: Instant,
    founded_at: Instant,
    recorded_at: Instant,
    version: i64,
}

/// What of it changes.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Values {
    state: State,
    case_kind: CaseKind,
    target_group: TargetGroup,
    police_statement_at: Option<Instant>,
    severity: Severity,
    referral_severity: Option<Severity>,
    responsible_authority: String,
    coordinator_id: Option<AccountId>,
    needs_local_effort: bool,
    referred_at: Option<Instant>,
    referred_recorded_at: Option<Instant>,
    referred_to: Option<String>,
    referral_late_reason: Option<Sealed<Text>>,
    referral_accepted_at: Option<Instant>,
    referral_acceptance: Option<Sealed<Acceptance>>,
    custody_conflict: bool,
    closed_at: Option<Instant>,
    close_reason: Option<CloseReason>,
}

type Row = (Key, Values);

impl From<Row> for Case {
    fn from((key, row): Row) -> Self {
        Self {
            id: key.id,
            state: row.state,
            case_kind: row.case_kind,
            target_group: row.target_group,
            police_statement_at: row.police_statement_at,
            severity: row.severity,
            referral_severity: row.referral_severity,
            responsible_authority: row.responsible_authority,
            coordinator: row.coordinator_id,
            received_at: key.received_at,
            founded_at: key.founded_at,
            needs_local_effort: row.needs_local_effort,
            referred_at: row.referred_at,
            referred_recorded_at: row.referred_recorded_at,
            referred_to: row.referred_to,
            late_reason: row.referral_late_reason,
            referral_accepted_at: row.referral_accepted_at,
            acceptance: row.referral_acceptance,
            custody_conflict: row.custody_conflict,
            closed_at: row.closed_at,
            close_reason: row.close_reason,
            recorded_at: key.recorded_at,
            version: key.version,
        }
    }
}

impl From<&Case> for Values {
    fn from(case: &Case) -> Self {
        Self {
            state: case.state,
            case_kind: case.case_kind,
            target_group: case.target_group,
            police_statement_at: case.police_statement_at,
            severity: case.severity,
            referral_severity: case.referral_severity,
            responsible_authority: case.responsible_authority.clone(),
            coordinator_id: case.coordinator,
            needs_local_effort: case.needs_local_effort,
            referred_at: case.referred_at,
            referred_recorded_at: case.referred_recorded_at,
            referred_to: case.referred_to.clone(),
            referral_late_reason: case.late_reason.clone(),
            referral_accepted_at: case.referral_accepted_at,
            referral_acceptance: case.acceptance.clone(),
            custody_conflict: case.custody_conflict,
            closed_at: case.closed_at,
            close_reason: case.close_reason,
        }
    }
}

/// The place of a sealed column of a case.
pub(super) const fn place(column: &'static str, id: CaseId) -> Place {
    Place::new("cases", column, id)
}

fn visible(tx: &Tx<'_>) -> cases::BoxedQuery<'static, MultiBackend> {
    cases::table.filter(cases::id.ne_all(tx.barred())).into_boxed()
}

/// A case the caller may see.
///
/// # Errors
/// 404 when it does not exist or a bar hides it: identical.
pub fn get(tx: &mut Tx<'_>, id: CaseId) -> Result<Case> {
    let row: Option<Row> = visible(tx).filter(cases::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.map(Case::from).ok_or_else(|| Code::NotFound.into())
}

/// A case for a rule or a consequence; not for the caller's eyes.
pub fn fact(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>> {
    let row: Option<Row> = cases::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Case::from))
}

/// How far a case is, for a rule; `None` when there is no such case.
pub fn fact_state(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<State>> {
    Ok(cases::table.find(id).select(cases::state).first(tx.db()).optional()?)
}

/// The responsible coordinator's account, if there is one, and how far their case is, for a rule.
pub(in crate::cases) fn fact_coordinator(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<(AccountId, State)>> {
    let found: Option<(Option<AccountId>, State)> =
        cases::table.find(id).select((cases::coordinator_id, cases::state)).first(tx.db()).optional()?;
    Ok(found.and_then(|(coordinator, state)| Some((coordinator?, state))))
}

/// The open cases after this one, in the order of their ids, at most `fetch`: a nightly pass goes through them in chunks. Of one
/// coordinator, or all.
pub fn fact_open(tx: &mut Tx<'_>, coordinator: Option<AccountId>, after: Option<CaseId>, fetch: i64) -> Result<Vec<CaseId>> {
    let mut query: cases::BoxedQuery<'_, MultiBackend> = cases::table.filter(cases::state.eq(State::Open)).into_boxed();
    if let Some(coordinator) = coordinator {
        query = query.filter(cases::coordinator_id.eq(coordinator));
    }
    if let Some(after) = after {
        query = query.filter(cases::id.gt(after));
    }
    Ok(query.order(cases::id).limit(fetch).select(cases::id).load(tx.db())?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = case_people)]
struct MemberRow {
    person_id: PersonId,
    role: Role,
    joined_at: Instant,
    left_at: Option<Instant>,
    left_reason: Option<LeaveReason>,
    police_took_at: Option<Instant>,
    police_recorded_at: Option<Instant>,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        let MemberRow { person_id: person, role, joined_at, left_at, left_reason, police_took_at, police_recorded_at } = row;
        Self { person, role, joined_at, left_at, left_reason, police_took_at, police_recorded_at }
    }
}

/// Who stands in a case, for a rule or a consequence, longest first.
pub fn fact_members(tx: &mut Tx<'_>, id: CaseId) -> Result<Vec<Member>> {
    let query = case_people::table.filter(case_people::case_id.eq(id)).order((case_people::joined_at, case_people::person_id));
    let rows: Vec<MemberRow> = query.select(MemberRow::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// Who stands, or stood, in which case: of the cases of these people, or all; for a rule. Who was added by mistake never did.
///
/// # Errors
/// The database's.
pub fn list_ever_members(tx: &mut Tx<'_>, of: Option<&[PersonId]>) -> Result<Vec<(CaseId, PersonId)>> {
    let stood = || {
        let is_theirs = case_people::left_reason.is_null().or(case_people::left_reason.ne(LeaveReason::AddedByMistake));
        case_people::table.filter(is_theirs).into_boxed()
    };
    let mut query = stood();
    if let Some(people) = of {
        let theirs: Vec<CaseId> =
            stood().filter(case_people::person_id.eq_any(people.to_vec())).select(case_people::case_id).load(tx.db())?;
        query = query.filter(case_people::case_id.eq_any(theirs));
    }
    Ok(query.select((case_people::case_id, case_people::person_id)).load(tx.db())?)
}

/// Which cases are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Of this coordinator.
    pub coordinator: Option<AccountId>,
    /// In which this person stands.
    pub person: Option<PersonId>,
    /// Referred, or not yet.
    pub referred: Option<bool>,
    /// With an open alert, or without.
    pub on_alert: Option<bool>,
    /// Founded at this moment or later.
    pub founded_from: Option<Instant>,
    /// Founded before this moment.
    pub founded_before: Option<Instant>,
}

/// One page of the cases the caller may see, the latest founded first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, CaseId)>, fetch: i64) -> Result<Vec<Case>> {
    let mut query = visible(tx);
    if let Some(state) = filter.state {
        query = query.filter(cases::state.eq(state));
    }
    if let Some(coordinator) = filter.coordinator {
        query = query.filter(cases::coordinator_id.eq(coordinator));
    }
    if let Some(person) = filter.person {
        let theirs = case_people::table
            .filter(case_people::person_id.eq(person))
            .filter(case_people::left_at.is_null())
            .filter(case_people::person_id.ne_all(tx.barred()));
        query = query.filter(cases::id.eq_any(theirs.select(case_people::case_id)));
    }
    match filter.referred {
        Some(true) => query = query.filter(cases::referred_at.is_not_null()),
        Some(false) => query = query.filter(cases::referred_at.is_null()),
        None => {}
    }
    let alerted = alert_rows::table.filter(alert_rows::resolved_at.is_null()).select(alert_rows::case_id);
    match filter.on_alert {
        Some(true) => query = query.filter(cases::id.eq_any(alerted)),
        Some(false) => query = query.filter(cases::id.ne_all(alerted)),
        None => {}
    }
    if let Some(from) = filter.founded_from {
        query = query.filter(cases::founded_at.ge(from));
    }
    if let Some(before) = filter.founded_before {
        query = query.filter(cases::founded_at.lt(before));
    }
    if let Some((at, id)) = after {
        query = query.filter(cases::founded_at.lt(at).or(cases::founded_at.eq(at).and(cases::id.lt(id))));
    }
    let order = (cases::founded_at.desc(), cases::id.desc());
    let rows: Vec<Row> = query.order(order).limit(fetch).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Case::from).collect())
}

/// Writes a new case that an enquiry opened.
pub(super) fn insert(tx: &mut Tx<'_>, case: &Case, enquiry: EnquiryId) -> Result<()> {
    let key = Key {
        id: case.id,
        received_at: case.received_at,
        founded_at: case.founded_at,
        recorded_at: case.recorded_at,
        version: case.version,
    };
    diesel::insert_into(cases::table).values((key, cases::enquiry_id.eq(Some(enquiry)), Values::from(case))).execute(tx.db())?;
    tx.changed(case.id);
    Ok(())
}

/// Saves a changed case over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    save_over!(tx.db(), cases, case, Values::from(case))?;
    tx.changed(case.id);
    Ok(())
}

/// Writes that a person stands in a case in which they do not stand; whether they stood in it before, and so come back.
pub(super) fn insert_member(tx: &mut Tx<'_>, case: CaseId, member: &Member) -> Result<bool> {
    let stands = (case_people::left_at.eq(None::<Instant>), case_people::left_reason.eq(None::<LeaveReason>));
    let back = (case_people::role.eq(member.role), stands);
    let came_back = diesel::update(case_people::table.find((case, member.person))).set(back).execute(tx.db())? > 0;
    if !came_back {
        diesel::insert_into(case_people::table)
            .values((
                case_people::case_id.eq(case),
                case_people::person_id.eq(member.person),
                case_people::role.eq(member.role),
                case_people::joined_at.eq(member.joined_at),
            ))
            .execute(tx.db())?;
    }
    tx.changed(member.person);
    Ok(came_back)
}

/// Writes that a person left a case.
pub(super) fn leave(tx: &mut Tx<'_>, case: CaseId, person: PersonId, at: Instant, reason: LeaveReason) -> Result<()> {
    let left = (case_people::left_at.eq(Some(at)), case_people::left_reason.eq(Some(reason)));
    diesel::update(case_people::table.find((case, person))).set(left).execute(tx.db())?;
    tx.changed(person);
    Ok(())
}

/// Writes that the police took somebody of a case over; now.
pub(super) fn take_over(tx: &mut Tx<'_>, case: CaseId, person: PersonId, at: Instant) -> Result<()> {
    let taken = (case_people::police_took_at.eq(Some(at)), case_people::police_recorded_at.eq(Some(tx.now)));
    diesel::update(case_people::table.find((case, person))).set(taken).execute(tx.db())?;
    tx.changed(person);
    Ok(())
}

/// Whether there is such an account, in use: for a body that names one.
pub fn account_exists(tx: &mut Tx<'_>, id: AccountId) -> Result<bool> {
    let found = accounts::table.filter(accounts::id.eq(id)).filter(accounts::disabled_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(tx.db())?)
}

/// The open offers, courses and alerts of a case; of one person, or all. Offers and courses belong to a room below this one, which therefore
/// reads their rows.
pub(super) fn fact_in_the_way(tx: &mut Tx<'_>, case: CaseId, of: Option<PersonId>) -> Result<Vec<InTheWay>> {
    let open_offers = offers::table.filter(offers::case_id.eq(case)).filter(offers::state.eq("open"));
    let offer_ids: Vec<(AnyId, PersonId)> = open_offers.order(offers::id).select((offers::id, offers::person_id)).load(tx.db())?;
    let running = courses::table.filter(courses::case_id.eq(case)).filter(courses::ended_at.is_null());
    let course_ids: Vec<(AnyId, PersonId)> = running.order(courses::id).select((courses::id, courses::person_id)).load(tx.db())?;
    let raised = alert_rows::table.filter(alert_rows::case_id.eq(case)).filter(alert_rows::resolved_at.is_null());
    let alert_ids: Vec<(AnyId, PersonId)> = raised.order(alert_rows::id).select((alert_rows::id, alert_rows::person_id)).load(tx.db())?;
    let named = |kind, rows: Vec<(AnyId, PersonId)>| {
        let theirs = rows.into_iter().filter(move |(_, person)| of.is_none_or(|of| of == *person));
        theirs.map(move |(id, _)| InTheWay { kind, id })
    };
    Ok(named("offer", offer_ids).chain(named("course", course_ids)).chain(named("alert", alert_ids)).collect())
}

/// The offers of a case that count (not withdrawn), made at a moment or later. They belong to a room below this one, which therefore reads
/// their rows.
pub(super) fn fact_offered_since(tx: &mut Tx<'_>, case: CaseId, since: Instant) -> Result<Vec<AnyId>> {
    let made = offers::table.filter(offers::case_id.eq(case)).filter(offers::state.ne("withdrawn")).filter(offers::offered_at.ge(since));
    Ok(made.order((offers::offered_at, offers::id)).select(offers::id).load(tx.db())?)
}

/// When a case was referred, its referral accepted, the last of its offers, courses and alerts came to its end, or it was opened again:
/// the last of these (stated).
pub(super) fn fact_last_end(tx: &mut Tx<'_>, case: &Case) -> Result<Option<Instant>> {
    let id = case.id;
    let ends = fact_ends(tx, id)?;
    let reopened: Option<Instant> = case_reopenings::table
        .filter(case_reopenings::case_id.eq(id))
        .order(case_reopenings::reopened_at.desc())
        .select(case_reopenings::reopened_at)
        .first(tx.db())
        .optional()?;
    let ended = ends.into_iter().map(|(_, at)| at).max();
    Ok(case.referred_at.max(case.referral_accepted_at).max(ended).max(reopened))
}

/// When what somebody had in a case came to its end, or was held: the last of their offers, courses, alerts and sessions (stated). Sessions belong
/// to a room below this one, too.
pub(super) fn fact_last_of(tx: &mut Tx<'_>, case: CaseId, person: PersonId) -> Result<Option<Instant>> {
    let now = tx.now;
    let held = sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::case_id.eq(case))
        .filter(sessions::state.eq("held"))
        .filter(sessions::starts_at.le(now))
        .order(sessions::starts_at.desc());
    let held: Option<Instant> = held.select(sessions::starts_at).first(tx.db()).optional()?;
    let ends = fact_ends(tx, case)?;
    Ok(ends.into_iter().filter(|(of, _)| *of == person).map(|(_, at)| at).max().max(held))
}

/// When the offers, courses and alerts of a case came to their ends, with whose they were.
fn fact_ends(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<(PersonId, Instant)>> {
    let answered: Vec<(PersonId, Option<Instant>)> =
        offers::table.filter(offers::case_id.eq(case)).select((offers::person_id, offers::answered_at)).load(tx.db())?;
    let ended: Vec<(PersonId, Option<Instant>)> =
        courses::table.filter(courses::case_id.eq(case)).select((courses::person_id, courses::ended_at)).load(tx.db())?;
    let resolved: Vec<(PersonId, Option<Instant>)> =
        alert_rows::table.filter(alert_rows::case_id.eq(case)).select((alert_rows::person_id, alert_rows::resolved_at)).load(tx.db())?;
    let all = answered.into_iter().chain(ended).chain(resolved);
    Ok(all.filter_map(|(person, at)| at.map(|at| (person, at))).collect())
}

/// The case that an enquiry opened or joined, for a consequence.
pub(super) fn fact_of_enquiry(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Option<CaseId>> {
    let found: Option<Option<CaseId>> = enquiries::table.find(enquiry).select(enquiries::case_id).first(tx.db()).optional()?;
    Ok(found.flatten())
}
