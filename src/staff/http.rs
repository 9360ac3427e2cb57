//! The staff over HTTP: coordinators keep the list, everybody on it sees their own record and enters their own leave.

use actix_web::{delete, get, patch, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Change};
use super::model::{Certificate, CertificateKind, Kind, LanguageTag, LeaveKind, Staff, Terms};
use super::profile;
use super::profile::http::ProfileView;
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Expected, IdempotencyKey, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AccountId, RowId, StaffId};
use crate::base::value::{Day, Few, Field, Line};

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(create).service(list).service(show).service(show_own).service(change);
    profile::http::routes(registry);
    registry.service(certify).service(enter_leave).service(remove_leave).service(leave_service);
}

/// A dated proof.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
struct CertificateForm {
    kind: CertificateKind,
    issued_on: Day,
    /// Its last day; null: it does not end.
    valid_until_on: Option<Day>,
}

impl From<CertificateForm> for Certificate {
    fn from(form: CertificateForm) -> Self {
        Self { kind: form.kind, issued_on: form.issued_on.date(), valid_until_on: form.valid_until_on.map(Day::date) }
    }
}

/// A member of staff to be written down.
#[derive(Deserialize, ToSchema)]
struct CreateStaff {
    /// The whole name; kept sealed.
    name: Line,
    /// At least one.
    kinds: Few<Kind, 4, 1>,
    /// At least one.
    languages: Few<LanguageTag, 20, 1>,
    /// Home municipality.
    municipality: Line,
    /// The last day of a loan from another municipality, which ends by itself.
    loan_until_on: Option<Day>,
    /// Matches at a time, 0 to 50.
    #[schema(minimum = 0, maximum = 50)]
    capacity: i32,
    /// First day, by the programme's clock or their own, whichever is ahead; today by the programme's when not said.
    from_on: Option<Day>,
    /// The account they sign in with; it has the role of each kind.
    account_id: Option<AccountId>,
    #[serde(default)]
    certificates: Few<CertificateForm, 20>,
}

/// What is changed; absent members stay.
#[derive(Deserialize, ToSchema)]
struct ChangeStaff {
    #[schema(nullable = false)]
    name: Option<Line>,
    #[schema(nullable = false)]
    kinds: Option<Few<Kind, 4, 1>>,
    #[schema(nullable = false)]
    languages: Option<Few<LanguageTag, 20, 1>>,
    #[schema(nullable = false)]
    municipality: Option<Line>,
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    loan_until_on: Field<Day>,
    #[schema(nullable = false, minimum = 0, maximum = 50)]
    capacity: Option<i32>,
    #[schema(nullable = false)]
    from_on: Option<Day>,
    /// With another account go the relations of what they run.
    #[serde(default)]
    #[schema(value_type = Option<AccountId>)]
    account_id: Field<AccountId>,
}

/// Every proof there is.
#[derive(Deserialize, ToSchema)]
struct SetCertificates {
    /// They take the place of all there were.
    certificates: Few<CertificateForm, 20>,
}

/// A time away.
#[derive(Deserialize, ToSchema)]
struct EnterLeave {
    kind: LeaveKind,
    /// Within two years of today, before or after.
    from_on: Day,
    /// The last day, two years on at most.
    until_on: Day,
}

/// When somebody left.
#[derive(Deserialize, ToSchema)]
struct LeaveService {
    happened_at: Stated,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StaffFilter {
    /// Only who does this.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only who has left (`true`) or has not (`false`).
    left: Option<bool>,
    /// Only whose account this is.
    account: Option<AccountId>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A dated proof.
#[derive(Serialize, ToSchema)]
struct CertificateView {
    kind: CertificateKind,
    issued_on: NaiveDate,
    valid_until_on: Option<NaiveDate>,
}

/// A time away.
#[derive(Serialize, ToSchema)]
struct LeaveView {
    id: RowId,
    kind: LeaveKind,
    from_on: NaiveDate,
    /// The last day.
    until_on: NaiveDate,
}

/// A member of staff.
#[derive(Serialize, ToSchema)]
pub(super) struct StaffView {
    id: StaffId,
    account_id: Option<AccountId>,
    name: Line,
    kinds: Vec<Kind>,
    languages: Vec<LanguageTag>,
    municipality: Line,
    loan_until_on: Option<NaiveDate>,
    /// Matches at a time.
    capacity: i32,
    from_on: NaiveDate,
    /// The day they left, on which they are gone.
    left_on: Option<NaiveDate>,
    certificates: Vec<CertificateView>,
    leaves: Vec<LeaveView>,
    /// What ranks them for a match.
    profile: ProfileView,
    recorded_at: Instant,
    pub(super) version: i64,
}

impl From<Staff> for StaffView {
    fn from(member: Staff) -> Self {
        let Staff { id, terms, left_on, certificates, leaves, profile, recorded_at, version } = member;
        let certificate =
            |known: Certificate| CertificateView { kind: known.kind, issued_on: known.issued_on, valid_until_on: known.valid_until_on };
        Self {
            id,
            account_id: terms.account,
            name: terms.name,
            kinds: terms.kinds,
            languages: terms.languages,
            municipality: terms.municipality,
            loan_until_on: terms.loan_until_on,
            capacity: terms.capacity,
            from_on: terms.from_on,
            left_on,
            certificates: certificates.into_iter().map(certificate).collect(),
            leaves: leaves
                .into_iter()
                .map(|leave| LeaveView { id: leave.id, kind: leave.kind, from_on: leave.from_on, until_on: leave.until_on })
                .collect(),
            profile: profile.into(),
            recorded_at,
            version,
        }
    }
}

pub(super) fn view(tx: &mut Tx<'_>, id: StaffId) -> Result<StaffView> {
    actions::get(tx, id).map(StaffView::from)
}

fn created(call: &Call, member: &StaffView) -> Answer {
    call.created(&format!("/v1/staff/{}", member.id), member.version, member)
}

fn set<T: Copy, U>(field: Field<T>, read: impl Fn(T) -> U) -> Field<U> {
    match field {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Set(value) => Field::Set(read(value)),
    }
}

fn certificates(forms: &[CertificateForm]) -> Vec<Certificate> {
    forms.iter().copied().map(Certificate::from).collect()
}

/// Write a member of staff down
#[utoipa::path(operation_id = "staff.create", tag = "staff", params(IdempotencyKey), request_body = CreateStaff,
    responses((status = 201, body = StaffView, description = "Written down")))]
#[post("/staff")]
async fn create(door: web::Data<Door>, call: Call, body: Body<CreateStaff>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let terms = Terms {
            name: body.name.clone(),
            kinds: body.kinds.to_vec(),
            languages: body.languages.to_vec(),
            municipality: body.municipality.clone(),
            loan_until_on: body.loan_until_on.map(Day::date),
            capacity: body.capacity,
            from_on: body.from_on.map_or_else(|| tx.programme.calendar().zone.date(tx.now), Day::date),
            account: body.account_id,
        };
        actions::create(tx, &terms, &certificates(&body.certificates))
    };
    created(&call, &door.command(&call, Capability::StaffCreate, verb, view).await?.view)
}

/// The staff
///
/// In the order they were written down.
#[utoipa::path(operation_id = "staff.list", tag = "staff", params(StaffFilter), responses((status = 200, body = List<StaffView>, description = "One page")))]
#[get("/staff")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<StaffFilter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, StaffId)>::read("staff", filter.limit, filter.cursor.as_ref())?;
        let wanted = actions::Filter { kind: filter.kind, left: filter.left, account: filter.account };
        let staff = actions::list(tx, &wanted, page.after, page.fetch())?;
        Ok(page.cut(staff, |member| (member.recorded_at, member.id)).map(StaffView::from))
    };
    call.answer_list(door.read(&call, Capability::StaffList, look_up).await?)
}

/// One member of staff
#[utoipa::path(operation_id = "staff.get", tag = "staff", params(("staff_id" = StaffId, Path, description = "Who")),
    responses((status = 200, body = StaffView, description = "What is known of them")))]
#[get("/staff/{staff_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<StaffId>) -> Answer {
    let member = door.read(&call, Capability::StaffGet, move |tx| view(tx, path.get()?)).await?;
    call.answer(member.version, &member)
}

/// Your own record
///
/// 404 where your account is no member of staff's.
#[utoipa::path(operation_id = "staff.get_own", tag = "staff", responses((status = 200, body = StaffView, description = "What is known of you")))]
#[get("/me/staff")]
async fn show_own(door: web::Data<Door>, call: Call) -> Answer {
    let member = door.read(&call, Capability::StaffGetOwn, |tx| actions::get_own(tx).map(StaffView::from)).await?;
    call.answer(member.version, &member)
}

/// Change what is known of a member of staff
///
/// 409 (`blocked`) where a kind is taken away that a running match of theirs takes: it is handed over or ended first. A proposal is not in the way: it
/// does not hold then. What they cover and could not any more is open to decide again.
#[utoipa::path(operation_id = "staff.update", tag = "staff", params(("staff_id" = StaffId, Path, description = "Who"), Expected), request_body = ChangeStaff,
    responses((status = 200, body = StaffView, description = "Changed")))]
#[patch("/staff/{staff_id}")]
async fn change(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<ChangeStaff>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let change = Change {
            name: body.name.clone(),
            kinds: body.kinds.as_ref().map(|kinds| kinds.to_vec()),
            languages: body.languages.as_ref().map(|languages| languages.to_vec()),
            municipality: body.municipality.clone(),
            loan_until_on: set(body.loan_until_on, Day::date),
            capacity: body.capacity,
            from_on: body.from_on.map(Day::date),
            account: body.account_id,
        };
        actions::update(tx, id, &expected, change)?;
        view(tx, id)
    };
    let member = door.write(&call, Capability::StaffUpdate, verb).await?;
    call.answer(member.version, &member)
}

/// Set somebody's certificates
///
/// All of them: those that are missing are struck.
#[utoipa::path(operation_id = "staff.certify", tag = "staff", params(("staff_id" = StaffId, Path, description = "Who"), Expected), request_body = SetCertificates,
    responses((status = 200, body = StaffView, description = "Set")))]
#[put("/staff/{staff_id}/certificates")]
async fn certify(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<SetCertificates>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        actions::certify(tx, id, &expected, &certificates(&body.certificates))?;
        view(tx, id)
    };
    let member = door.write(&call, Capability::StaffCertify, verb).await?;
    call.answer(member.version, &member)
}

/// Enter a time away
///
/// Nobody is proposed for a match that would begin in it. What is planned in it stays until a coordinator decides about
/// it (`covers.list`, `covers.decide`); a series made or changed afterwards has gaps there. Leaves may overlap; the very same, of one kind and
/// the same days, stands once (422 `twice`).
#[utoipa::path(operation_id = "staff.enter_leave", tag = "staff", params(("staff_id" = StaffId, Path, description = "Who"), IdempotencyKey), request_body = EnterLeave,
    responses((status = 201, body = StaffView, description = "Entered")))]
#[post("/staff/{staff_id}/leaves")]
async fn enter_leave(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<EnterLeave>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::enter_leave(tx, id, body.kind, body.from_on.date(), body.until_on.date())
    };
    created(&call, &door.command(&call, Capability::StaffEnterLeave, verb, view).await?.view)
}

/// Strike a time away
///
/// What somebody was to cover for it is with whoever was away again, also at a time that it was moved to, but for what lies in another leave of theirs
/// or at a time when they have something else: the person is told by hand where they had been told that another comes.
#[utoipa::path(operation_id = "staff.remove_leave", tag = "staff",
    params(("staff_id" = StaffId, Path, description = "Who"), ("leave_id" = RowId, Path, description = "Which leave")),
    responses((status = 204, description = "Struck")))]
#[delete("/staff/{staff_id}/leaves/{leave_id}")]
async fn remove_leave(door: web::Data<Door>, call: Call, path: Path<(StaffId, RowId)>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, leave) = path.get()?;
        actions::remove_leave(tx, id, leave)
    };
    door.write(&call, Capability::StaffRemoveLeave, verb).await?;
    call.done()
}

/// Let a member of staff leave the service
///
/// Their matches end and the courses wait for another; their open promises and cases are the unit's. They stay on record.
#[utoipa::path(operation_id = "staff.leave", tag = "staff", params(("staff_id" = StaffId, Path, description = "Who"), IdempotencyKey), request_body = LeaveService,
    responses((status = 201, body = StaffView, description = "Left")))]
#[post("/staff/{staff_id}/leave")]
async fn leave_service(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<LeaveService>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::leave(tx, id, body.happened_at.at())
    };
    created(&call, &door.command(&call, Capability::StaffLeave, verb, view).await?.view)
}
