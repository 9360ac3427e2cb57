//! Verbs on cases: open or join, change, refer, close.

pub mod alerts;
pub mod members;
pub mod police;
pub mod referral;
pub mod reopening;
pub mod unfounding;
pub mod visits;

use super::model::{Case, CaseKind, CloseReason, InTheWay, Member, Role, State, TargetGroup};
use super::rules::{check_open, check_stated, check_statement};
use super::store;
pub use super::store::Filter;
use crate::access::accounts::may_coordinate;
use crate::access::{Role as AccountRole, Tx, bars};
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result, or_invalid};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, CaseId, DutyId, EnquiryId, PersonId, ReporterId};
use crate::base::value::{Field, Flaw, Line, Text};
use crate::base::vault::Holder;
use crate::cases::model::Severity;
use crate::duties::store::{Which, find_fact, list_open};
use crate::duties::{self, CASE_CLOSED, Closing, Duty, Kind};
use crate::enquiries::fact_decisions;
use crate::facts::Fact;
use crate::people;

/// Opens a case of a founded enquiry, or joins the open one that its qualification names: its subjects stand in it from then on.
///
/// # Errors
/// 409 when the case to join is not open.
pub fn open_from(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<CaseId> {
    let founded = store::founded::fact(tx, enquiry)?;
    let id = match founded.joins {
        Some(id) => {
            let case = store::fact(tx, id)?.ok_or(Code::NotFound)?;
            check_open(&case)?;
            // As its hours: if it is written down no later than the referral.
            let is_in_time = case.referred_recorded_at.is_none_or(|referred| founded.recorded_at <= referred);
            if founded.needs_local_effort && !case.needs_local_effort && is_in_time {
                store::save(tx, &Case { needs_local_effort: true, ..case })?;
            }
            id
        }
        None => {
            let is_coordinator = tx.actor.is(AccountRole::Coordinator);
            let case = Case {
                id: tx.new_id(),
                state: State::Open,
                case_kind: founded.case_kind,
                target_group: founded.target_group,
                police_statement_at: founded.police_statement_at,
                severity: founded.severity,
                referral_severity: None,
                responsible_authority: founded.responsible_authority,
                coordinator: tx.actor.account.filter(|_| is_coordinator),
                received_at: founded.received_at,
                founded_at: founded.decided_at,
                needs_local_effort: founded.needs_local_effort,
                referred_at: None,
                referred_recorded_at: None,
                referred_to: None,
                late_reason: None,
                referral_accepted_at: None,
                acceptance: None,
                custody_conflict: false,
                closed_at: None,
                close_reason: None,
                recorded_at: tx.now,
                version: 1,
            };
            store::insert(tx, &case, enquiry)?;
            store::founded::set_case(tx, enquiry, case.id)?;
            case.id
        }
    };
    let standing = store::fact_members(tx, id)?;
    for person in founded.subjects {
        if !standing.iter().any(|member| member.person == person && member.stands()) {
            let role = usual_role(tx, person)?;
            join(tx, id, &Member::new(person, role, founded.decided_at))?;
        }
    }
    // Whoever is barred from somebody who stood in the case before is barred from what is told of it now.
    for member in standing.iter().filter(|member| member.ever_stood()) {
        bars::extend(tx, member.person, enquiry)?;
    }
    let coordinator = find_owner(tx, id)?;
    duties::actions::file_under(tx, &Which::subject(enquiry, &[Kind::Receipt]), id, coordinator)?;
    for decision in fact_decisions(tx, enquiry)? {
        duties::actions::file_under(tx, &Which::subject(decision, &[Kind::Ratify]), id, coordinator)?;
    }
    tx.tell(Fact::CaseOpened { case: id, enquiry });
    Ok(id)
}

/// Consequence: a reporter of a concern became known. What they are promised is filed under the case that it opened or joined, if any.
pub fn file_receipt(tx: &mut Tx<'_>, enquiry: EnquiryId, reporter: ReporterId) -> Result<()> {
    let Some(id) = store::fact_of_enquiry(tx, enquiry)? else { return Ok(()) };
    let (coordinator, slot) = (find_owner(tx, id)?, reporter.to_string());
    duties::actions::file_under(tx, &Which::subject(enquiry, &[Kind::Receipt]).slot(&slot), id, coordinator)
}

fn usual_role(tx: &mut Tx<'_>, person: PersonId) -> Result<Role> {
    let facts = people::store::find_facts(tx, person)?.ok_or(Code::NotFound)?;
    Ok(match facts.kind {
        people::Kind::YoungPerson => Role::YoungPerson,
        people::Kind::Parent => Role::Parent,
        people::Kind::Relative => Role::Relative,
    })
}

/// Whoever is barred from the person is barred from the case. Who had left it comes back.
fn join(tx: &mut Tx<'_>, case: CaseId, member: &Member) -> Result<()> {
    if store::insert_member(tx, case, member)? {
        tx.tell(Fact::PersonCameBack { case, person: member.person });
    }
    tx.tell(Fact::PersonJoinedCase { person: member.person });
    bars::extend(tx, member.person, case)
}

/// A case the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: CaseId) -> Result<Case> {
    store::get(tx, id)
}

/// A case the caller may see, if it is open.
///
/// # Errors
/// 404, 409.
pub fn get_open(tx: &mut Tx<'_>, id: CaseId) -> Result<Case> {
    let case = store::get(tx, id)?;
    check_open(&case)?;
    Ok(case)
}

/// The cases asked for.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, CaseId)>, fetch: i64) -> Result<Vec<Case>> {
    store::list(tx, filter, after, fetch)
}

/// The persons of a case, but for whoever never stood in it where the caller is barred from them.
pub fn members(tx: &mut Tx<'_>, id: CaseId) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for member in store::fact_members(tx, id)? {
        if member.ever_stood() || !tx.is_barred(&[member.person.cast()])? {
            members.push(member);
        }
    }
    Ok(members)
}

/// What is promised for a case and still to be kept, the most urgent first.
pub fn promises(tx: &mut Tx<'_>, id: CaseId) -> Result<Vec<Duty>> {
    list_open(tx, &Which::case(id))
}

/// Who owns a case's promises: its coordinator; `None`: the unit. A case that is closed keeps its coordinator, who may not have it any more: their
/// account was closed, they lost their role or are barred.
///
/// # Errors
/// The database's.
pub fn find_owner(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<AccountId>> {
    let Some((account, state)) = store::fact_coordinator(tx, id)? else { return Ok(None) };
    // An open one was given to the unit with that.
    let may_own = state == State::Open || may_coordinate(tx, account, &[id.cast()])?;
    Ok(may_own.then_some(account))
}

/// What of a case is set; absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Who it is about.
    pub case_kind: Option<CaseKind>,
    /// Why them.
    pub target_group: Option<TargetGroup>,
    /// When the police stated that an offer is suitable; needed once it is about somebody radicalised.
    pub police_statement_at: Option<Instant>,
    /// Moves the referral's due time from the same start.
    pub severity: Option<Severity>,
    /// The responsible coordinator; null gives the case to the unit.
    pub coordinator: Field<AccountId>,
    /// Who is responsible by law.
    pub responsible_authority: Option<Line>,
    /// Whether it counts in the figure of referrals in time.
    pub needs_local_effort: Option<bool>,
    /// The custody holders do not agree.
    pub custody_conflict: Option<bool>,
    /// Why the limit was missed, once it was.
    pub late_reason: Option<Text>,
}

/// Changes an open case. What changes nothing makes no new version.
///
/// # Errors
/// 404, 412, 409 when closed, 422 for a coordinator who is none, or without the police's statement on somebody radicalised.
pub fn update(tx: &mut Tx<'_>, id: CaseId, expected: &Expected, change: Change) -> Result<()> {
    let mut case = store::get(tx, id)?;
    expected.check(case.version)?;
    check_open(&case)?;
    let (before, mut is_another) = (case.clone(), false);
    let (severity, coordinator, has_conflict) = (case.severity, case.coordinator, case.custody_conflict);
    case.severity = change.severity.unwrap_or(severity);
    case.case_kind = change.case_kind.unwrap_or(case.case_kind);
    case.police_statement_at = change.police_statement_at.or(case.police_statement_at);
    if let Some(at) = change.police_statement_at {
        check_stated("/police_statement_at", at, tx.now, at)?;
    }
    if let Some(group) = change.target_group.filter(|group| *group != case.target_group) {
        check_statement(group, case.police_statement_at)?;
        case.target_group = group;
    }
    case.coordinator = change.coordinator.or(coordinator);
    if let Some(account) = case.coordinator.filter(|account| Some(*account) != coordinator) {
        check_coordinator(tx, id, account)?;
    }
    if let Some(authority) = change.responsible_authority {
        case.responsible_authority = authority.into_string();
    }
    case.needs_local_effort = change.needs_local_effort.unwrap_or(case.needs_local_effort);
    case.custody_conflict = change.custody_conflict.unwrap_or(case.custody_conflict);
    if let Some(reason) = &change.late_reason {
        let place = store::place("referral_late_reason", id);
        let former = case.late_reason.as_ref().map(|sealed| tx.open(Holder::case(id), place, sealed)).transpose()?;
        is_another |= former.as_ref() != Some(reason);
        case.late_reason = Some(tx.seal(Holder::case(id), place, reason)?);
    }
    if !is_another && what_is_set(&case) == what_is_set(&before) {
        return Ok(());
    }
    store::save(tx, &case)?;
    if case.severity != severity {
        tx.tell(Fact::ReferralLimitChanged { case: id });
    }
    if case.coordinator != coordinator {
        tx.tell(Fact::CoordinatorChanged { case: id, from: coordinator });
    }
    if case.custody_conflict != has_conflict {
        tx.tell(Fact::CustodyConflictChanged { case: id });
    }
    Ok(())
}

/// What a change sets of a case, but for why its limit was missed.
fn what_is_set(case: &Case) -> impl PartialEq + '_ {
    let about = (case.case_kind, case.target_group, case.police_statement_at, case.severity);
    (about, case.coordinator, &case.responsible_authority, case.needs_local_effort, case.custody_conflict)
}

fn check_coordinator(tx: &mut Tx<'_>, case: CaseId, account: AccountId) -> Result<()> {
    if may_coordinate(tx, account, &[case.cast()])? {
        return Ok(());
    }
    Err(Flaw::NotACoordinator.refused("/coordinator_id"))
}

/// A person whom a body names must exist for the caller.
///
/// # Errors
/// 422 at `/person_id`.
pub fn check_person(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let found = people::store::check_visible(tx, person);
    or_invalid(found, Flaw::UnknownPerson.at("/person_id"))
}

/// Closes a case that has nothing open.
///
/// # Errors
/// 404, 409 when closed already or with what stands in the way, 422 for an impossible time.
pub fn close(tx: &mut Tx<'_>, id: CaseId, reason: CloseReason, at: Instant) -> Result<CaseId> {
    let case = get_open(tx, id)?;
    check_stated("/happened_at", at, tx.now, case.founded_at)?;
    let mut in_the_way = store::fact_in_the_way(tx, id, None)?;
    // What blocks beside them: a paused course's duty. An alert's own is named by its alert.
    let blocking = list_open(tx, &Which::case(id).kinds(&[Kind::Paused]))?;
    in_the_way.extend(blocking.iter().map(|duty| InTheWay { kind: "duty", id: duty.id.cast() }));
    if !in_the_way.is_empty() {
        let problem = Problem::new(Code::Blocked).say("Sagen har noget åbent", "The case has something open");
        return Err(in_the_way.iter().fold(problem, |problem, open| problem.blocked_by(open.kind, open.id.uuid())).into());
    }
    if let Some(last_at) = store::fact_last_end(tx, &case)? {
        check_stated("/happened_at", at, tx.now, last_at)?;
    }
    end(tx, case, reason, at)
}

fn end(tx: &mut Tx<'_>, mut case: Case, reason: CloseReason, at: Instant) -> Result<CaseId> {
    case.state = State::Closed;
    case.closed_at = Some(at);
    case.close_reason = Some(reason);
    store::save(tx, &case)?;
    tx.tell(Fact::CaseClosed { case: case.id, at });
    Ok(case.id)
}

/// Consequence: the open promises that were the former coordinator's, or the unit's, become the new one's. What was promised by
/// somebody else in person (an agreed step) stays theirs, and a leave is decided in one step, whosever cases lie in it: by the unit.
pub fn hand_over(tx: &mut Tx<'_>, id: CaseId, from: Option<AccountId>) -> Result<()> {
    let to = find_owner(tx, id)?;
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::UndecidedLeave).collect();
    duties::actions::hand_over(tx, &Which::case(id).of_owner(from).kinds(&kinds), to)?;
    Ok(())
}

/// Consequence: a coordinator left. Their open cases, and what is promised for them, are the unit's.
pub fn coordinator_left(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    for id in store::fact_open(tx, Some(account), None, i64::MAX)? {
        give_to_unit(tx, id, account)?;
    }
    Ok(())
}

/// Consequence: an account is a coordinator no longer, or is barred from a case of its own: those cases are the unit's.
pub fn coordinator_lost(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    for id in store::fact_open(tx, Some(account), None, i64::MAX)? {
        if !may_coordinate(tx, account, &[id.cast()])? {
            give_to_unit(tx, id, account)?;
        }
    }
    Ok(())
}

fn give_to_unit(tx: &mut Tx<'_>, id: CaseId, former: AccountId) -> Result<()> {
    if let Some(mut case) = store::fact(tx, id)? {
        case.coordinator = None;
        store::save(tx, &case)?;
        duties::actions::hand_over(tx, &Which::case(id).of_owner(Some(former)), None)?;
    }
    Ok(())
}

/// Plans anew what follows from an open case as it stands, so that a changed rule or setting heals itself. Twice is once.
pub fn plan_anew(tx: &mut Tx<'_>, id: CaseId) -> Result<()> {
    referral::promise(tx, id)?;
    for member in store::fact_members(tx, id)?.iter().filter(|member| member.ever_stood()) {
        bars::extend(tx, member.person, id)?;
    }
    for alert in store::alerts::fact_open(tx, id)? {
        alerts::watch(tx, alert.id)?;
    }
    Ok(())
}

/// Consequence of a closing: what does not survive it ends.
pub fn end_promises(tx: &mut Tx<'_>, id: CaseId, at: Instant) -> Result<()> {
    let open = list_open(tx, &Which::case(id))?;
    let ends = |kind: &Kind| kind.on_closing() == Closing::Ends;
    let ending: Vec<Kind> = open.iter().map(|duty| duty.kind).filter(ends).collect();
    duties::actions::end(tx, &Which::case(id).kinds(&ending), at, CASE_CLOSED)?;
    Ok(())
}

/// Consequence: that a promise was settled by hand is taken back. As if it had stayed open it is whoever's answers for its case by now, unless it
/// is somebody's already.
///
/// # Errors
/// The database's.
pub fn settlement_retracted(tx: &mut Tx<'_>, duty: DutyId) -> Result<()> {
    let Some(duty) = find_fact(tx, duty)? else { return Ok(()) };
    let Some(case) = duty.about.case else { return Ok(()) };
    match find_owner(tx, case)? {
        Some(coordinator) => duties::actions::give(tx, &duty, coordinator),
        None => Ok(()),
    }
}

/// The case of an enquiry that was founded, if any.
pub fn find_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Option<CaseId>> {
    store::fact_of_enquiry(tx, enquiry)
}
