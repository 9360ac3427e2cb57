//! The ledger over HTTP: what is coming, what is late, what was kept.

use actix_web::{get, post, put, web};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::actions;
use super::model::{Duty, FormerSettlement, Kind, LateReason, State};
use super::rules;
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::{Code, Problem, Result};
use crate::base::http::{Answer, Body, Call, Cursor, Empty, Expected, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, AnyId, CaseId, DutyId, EnquiryId, MatchId, PersonId};
use crate::base::value::{Field, Flaw};
use crate::corrections::Correction;
use crate::journal::SubjectKind;

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(list).service(show).service(settle).service(retract_settlement).service(assign);
}

/// Whose promises a list shows.
#[derive(Clone, Copy)]
enum Owner {
    Me,
    Unit,
    Account(AccountId),
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "me" => Ok(Self::Me),
            "unit" => Ok(Self::Unit),
            id => id.parse().map(Self::Account).map_err(|_| de::Error::custom(Flaw::WrongValue)),
        }
    }
}
impl PartialSchema for Owner {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).examples(["me", "unit"]).into()
    }
}
impl ToSchema for Owner {}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Whose: `me`, `unit` (nobody's own), or the id of an account.
    #[param(inline)]
    owner: Option<Owner>,
    /// Only those about this enquiry.
    enquiry: Option<EnquiryId>,
    /// Only those of this case.
    case: Option<CaseId>,
    /// Only those about this person.
    person: Option<PersonId>,
    /// Only those about this match.
    #[serde(rename = "match")]
    matched: Option<MatchId>,
    /// Only this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only those that stand so; `open` when not said.
    #[param(inline)]
    state: Option<State>,
    /// Only those due at this moment or later.
    due_from: Option<Instant>,
    /// Only those due before this moment.
    due_before: Option<Instant>,
    /// Only what is to be done already (`true`), or what is still to come (`false`).
    opened: Option<bool>,
    /// Only what is late, or was kept late (`true`), or is not (`false`).
    late: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A dated promise.
#[derive(Serialize, ToSchema)]
struct DutyView {
    id: DutyId,
    kind: Kind,
    state: State,
    /// Past its last moment: now while it is open, when it was kept once it is done.
    is_late: bool,
    /// Whose it is; null: the unit's.
    owner_id: Option<AccountId>,
    /// When its clock started (stated).
    from_at: Instant,
    /// From when it is on a list of what to do.
    opens_at: Instant,
    /// The last moment in time.
    due_at: Instant,
    /// When it was kept, or ended undone (stated).
    closed_at: Option<Instant>,
    /// When that was recorded.
    closed_recorded_at: Option<Instant>,
    /// Why it ended undone, or why its limit was missed, as a code.
    reason: Option<String>,
    /// The noun that made it.
    subject_kind: SubjectKind,
    /// Its id.
    subject_id: AnyId,
    /// Which of the subject's promises of this kind it is.
    slot: String,
    person_id: Option<PersonId>,
    match_id: Option<MatchId>,
    /// The operations that keep it, the usual one first: `duties.settle` is among them where it may be settled by hand, and only there.
    kept_by: Vec<&'static str>,
    /// Counts up with each change; 1 for whoever only covers the session whose log it is.
    version: i64,
    // What only coordinators see.
    #[serde(skip_serializing_if = "Option::is_none")]
    case_id: Option<CaseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enquiry_id: Option<EnquiryId>,
    /// When the unit was told that it is late.
    #[serde(skip_serializing_if = "Option::is_none")]
    late_told_at: Option<Instant>,
    /// How it was said to have been settled by hand, where that was taken back, the first first; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracted_settlements: Option<Vec<RetractedSettlementView>>,
}

/// That a promise was settled by hand, which was a mistake, or is not enough.
#[derive(Serialize, ToSchema)]
struct RetractedSettlementView {
    /// When it was said to have been kept.
    settled_at: Instant,
    recorded_at: Option<Instant>,
    recorded_by: Option<AccountId>,
    /// Why its limit was missed, as a code.
    late_reason: Option<String>,
    retracted_at: Instant,
    /// An earlier version let a birthday be settled without the word that it asks for: that is asked for again by the night (nobody), or with whatever
    /// a coordinator changes that it goes by, and then it is whoever did that.
    retracted_by: Option<AccountId>,
}

impl From<Correction<FormerSettlement, Option<AccountId>>> for RetractedSettlementView {
    fn from(Correction { former, corrected_at, corrected_by, .. }: Correction<FormerSettlement, Option<AccountId>>) -> Self {
        let FormerSettlement { settled_at, recorded_at, recorded_by, late_reason } = former;
        Self { settled_at, recorded_at, recorded_by, late_reason, retracted_at: corrected_at, retracted_by: corrected_by }
    }
}

/// A promise as it stands in a list.
fn view(tx: &mut Tx<'_>, duty: Duty) -> DutyView {
    tx.saw(duty.id);
    if let Some(person) = duty.about.person {
        tx.saw(person);
    }
    // A promise whose subject is the person itself names them there, too.
    if duty.subject_kind == SubjectKind::Person {
        tx.saw(duty.subject_id.cast::<crate::base::ids::noun::Person>());
    }
    let all = tx.reaches(Reach::All);
    DutyView {
        is_late: duty.is_late(tx.now),
        id: duty.id,
        kind: duty.kind,
        state: duty.state,
        owner_id: duty.owner,
        from_at: duty.from_at,
        opens_at: duty.opens_at,
        due_at: duty.due_at,
        closed_at: duty.closed_at,
        closed_recorded_at: duty.closed_recorded_at,
        reason: duty.reason,
        subject_kind: duty.subject_kind,
        subject_id: duty.subject_id,
        slot: duty.slot,
        person_id: duty.about.person,
        match_id: duty.about.matched,
        kept_by: rules::kept_by(duty.kind).iter().map(|capability| capability.operation()).collect(),
        version: duty.version,
        case_id: duty.about.case.filter(|_| all),
        enquiry_id: duty.about.enquiry.filter(|_| all),
        late_told_at: duty.late_told_at.filter(|_| all),
        retracted_settlements: None,
    }
}

fn get_view(tx: &mut Tx<'_>, id: DutyId) -> Result<DutyView> {
    let mut duty = actions::get(tx, id)?;
    actions::count_as_shown(tx, std::slice::from_mut(&mut duty))?;
    let former = if tx.reaches(Reach::All) { Some(actions::former_settlements(tx, &duty)?) } else { None };
    let retracted_settlements = former.map(|all| all.into_iter().map(Into::into).collect());
    Ok(DutyView { retracted_settlements, ..view(tx, duty) })
}

/// What is promised
///
/// The earliest due first, so that what is late stands on top. Who is no coordinator gets their own.
#[utoipa::path(operation_id = "duties.list", tag = "duties", params(Filter), responses((status = 200, body = List<DutyView>, description = "One page")))]
#[get("/duties")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, DutyId)>::read("duties", filter.limit, filter.cursor.as_ref())?;
        let owner = match filter.owner {
            None => None,
            Some(Owner::Me) => Some(Some(tx.account()?)),
            Some(Owner::Unit) => Some(None),
            Some(Owner::Account(account)) => Some(Some(account)),
        };
        let wanted = actions::Filter {
            state: filter.state.unwrap_or(State::Open),
            owner,
            enquiry: filter.enquiry,
            case: filter.case,
            person: filter.person,
            matched: filter.matched,
            kind: filter.kind,
            due_from: filter.due_from,
            due_before: filter.due_before,
            opened: filter.opened,
            late: filter.late,
        };
        let mut duties = actions::list(tx, &wanted, page.after, page.fetch())?;
        actions::count_as_shown(tx, &mut duties)?;
        Ok(page.cut(duties, |duty| (duty.due_at, duty.id)).map(|duty| view(tx, duty)))
    };
    call.answer_list(door.read(&call, Capability::DutiesList, look_up).await?)
}

/// One promise
#[utoipa::path(operation_id = "duties.get", tag = "duties", params(("duty_id" = DutyId, Path, description = "Which promise")),
    responses((status = 200, body = DutyView, description = "The promise")))]
#[get("/duties/{duty_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<DutyId>) -> Answer {
    let duty = door.read(&call, Capability::DutiesGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(duty.version, &duty)
}

/// That a promise was kept.
#[derive(Deserialize, ToSchema)]
struct SettleDuty {
    happened_at: Stated,
    /// Why the limit was missed: needed where it was, and only there.
    late_reason: Option<LateReason>,
}

/// Settle a promise by hand
///
/// Only those whose `kept_by` names this operation: misses in a row, the professionals' support, telling in person, a first joint meeting, a
/// 15th birthday; and what was looked at and stays as it is, an alert (the next day's look follows; resolving it keeps the last one) and a plan
/// (the next review follows; a new version keeps it, too). For others 409 names the operation to use. So it does for a 10th and an 18th
/// birthday: they ask for a word of the young person's own, which is recorded with the offer (`offers.record_consent`), and without which the
/// course may not run.
#[utoipa::path(operation_id = "duties.settle", tag = "duties", params(("duty_id" = DutyId, Path, description = "Which promise"), IdempotencyKey), request_body = SettleDuty,
    responses((status = 201, body = DutyView, description = "Settled")))]
#[post("/duties/{duty_id}/settle")]
async fn settle(door: web::Data<Door>, call: Call, path: Path<DutyId>, body: Body<SettleDuty>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::settle(tx, id, body.happened_at.at(), body.late_reason)
    };
    let duty = door.command(&call, Capability::DutiesSettle, verb, get_view).await?.view;
    call.created(&format!("/v1/duties/{}", duty.id), duty.version, &duty)
}

/// Take back that a promise was settled by hand
///
/// It is to be kept still, as it was promised: what is late by then was always late, and is told late once; and it is whose it was where it was given to
/// them and they may have it still, else whoever's answers for its case by now. What was recorded is kept, and what followed is undone: the next look at an alert and the next review of a plan are promised by what keeps
/// this one. Where what it is about is otherwise by now (the session is moved, cancelled or logged), it ends undone as it would have, and what is to be
/// told instead is promised; a run of misses is that open case's into which it reaches. 409 for what only an operation keeps, what is not settled, and where
/// nothing is to be kept any more (the case is closed, the course or match is over, the alert is resolved, somebody looked or reviewed again since).
#[utoipa::path(operation_id = "duties.retract_settlement", tag = "duties",
    params(("duty_id" = DutyId, Path, description = "Which promise"), IdempotencyKey),
    responses((status = 201, body = DutyView, description = "Taken back")))]
#[post("/duties/{duty_id}/settlement/retract")]
async fn retract_settlement(door: web::Data<Door>, call: Call, path: Path<DutyId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        actions::retract_settlement(tx, id)
    };
    let duty = door.command(&call, Capability::DutiesRetractSettlement, verb, get_view).await?.view;
    call.created(&format!("/v1/duties/{}", duty.id), duty.version, &duty)
}

/// Whose a promise is to be.
#[derive(Deserialize, ToSchema)]
struct AssignDuty {
    /// The account of a coordinator; null gives it to the unit.
    #[serde(default)]
    #[schema(required = true)]
    account_id: Field<AccountId>,
}

/// Give a promise to a coordinator, or to the unit
#[utoipa::path(operation_id = "duties.assign", tag = "duties", params(("duty_id" = DutyId, Path, description = "Which promise"), Expected), request_body = AssignDuty,
    responses((status = 200, body = DutyView, description = "Given")))]
#[put("/duties/{duty_id}/owner")]
async fn assign(door: web::Data<Door>, call: Call, path: Path<DutyId>, body: Body<AssignDuty>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let to = match body.account_id {
            Field::Absent => return Err(Problem { errors: vec![Flaw::Required.at("/account_id")], ..Problem::new(Code::Invalid) }.into()),
            Field::Null => None,
            Field::Set(account) => Some(account),
        };
        actions::assign(tx, id, &expected, to)?;
        get_view(tx, id)
    };
    let duty = door.write(&call, Capability::DutiesAssign, verb).await?;
    call.answer(duty.version, &duty)
}
