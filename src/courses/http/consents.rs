//! Consents over HTTP.

use actix_web::{post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{ConsentId, OfferId, PersonId};
use crate::base::value::{Line, Text};
use crate::base::vault::{Holder, Place};
use crate::courses::actions::consents::{self as actions, NewConsent};
use crate::courses::model::{Consent, Scope};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(record).service(withdraw);
}

/// What somebody said to an offer (samtykke), or why they were not asked.
#[derive(Serialize, ToSchema)]
pub(super) struct ConsentView {
    id: ConsentId,
    offer_id: OfferId,
    /// Whose participation it is about.
    person_id: PersonId,
    /// Who says yes or no.
    giver_id: PersonId,
    /// When the giver died: what they are said to have said, or withdrawn, after that day never was.
    giver_died_on: Option<NaiveDate>,
    scope: Scope,
    text_version: String,
    given: bool,
    adult_basis: bool,
    /// Why this custody holder is not needed.
    not_needed_basis: Option<Text>,
    given_at: Instant,
    withdrawn_at: Option<Instant>,
    recorded_at: Instant,
    withdrawn_recorded_at: Option<Instant>,
    version: i64,
}

impl ConsentView {
    pub(super) const fn id(&self) -> ConsentId {
        self.id
    }
}

fn view(tx: &mut Tx<'_>, consent: Consent) -> Result<ConsentView> {
    tx.saw(consent.person);
    tx.saw(consent.giver);
    let place = Place::new("consents", "not_needed_basis", consent.id);
    let basis = consent.not_needed_basis.as_ref().map(|basis| tx.open(Holder::person(consent.person), place, basis)).transpose()?;
    Ok(ConsentView {
        id: consent.id,
        offer_id: consent.offer,
        person_id: consent.person,
        giver_id: consent.giver,
        giver_died_on: consent.giver_died_on,
        scope: consent.scope,
        text_version: consent.text_version,
        given: consent.given,
        adult_basis: consent.adult_basis,
        not_needed_basis: basis,
        given_at: consent.given_at,
        withdrawn_at: consent.withdrawn_at,
        recorded_at: consent.recorded_at,
        withdrawn_recorded_at: consent.withdrawn_recorded_at,
        version: consent.version,
    })
}

/// What was said to an offer that the caller was shown, in order of time, by whom they are not barred from.
pub(super) fn views(tx: &mut Tx<'_>, offer: OfferId) -> Result<Vec<ConsentView>> {
    let said = actions::list(tx, offer)?;
    let barred = tx.barred_among(&said.iter().map(|consent| consent.giver.cast()).collect::<Vec<_>>())?;
    said.into_iter().filter(|consent| !barred.contains(&consent.giver.cast())).map(|consent| view(tx, consent)).collect()
}

fn get_view(tx: &mut Tx<'_>, id: ConsentId) -> Result<ConsentView> {
    let consent = actions::get(tx, id)?;
    view(tx, consent)
}

fn answer(call: &Call, consent: &ConsentView) -> Answer {
    call.created(&format!("/v1/offers/{}", consent.offer_id), consent.version, consent)
}

/// What somebody said to an offer.
#[derive(Deserialize, ToSchema)]
struct RecordConsent {
    /// The participant, or a custody holder on record.
    giver_id: PersonId,
    scope: Scope,
    /// Which text was shown: a short code, e.g. `2026-1`.
    text_version: Line,
    /// Yes or no.
    given: bool,
    /// The participant's own, for the time from the 18th birthday on: not before the birthday's promise opens (`before_asked`).
    #[serde(default)]
    adult_basis: bool,
    /// With `given` false: why this custody holder is not asked (sole custody, cannot be found, dead).
    not_needed_basis: Option<Text>,
    happened_at: Stated,
}

/// Record what somebody said to an offer
///
/// Needed for an acceptance: under 10 every custody holder; from 10 to 17 the child and every custody holder; from 18 the person alone. The
/// last word of each counts; a no to a running course is a withdrawal. What a child under 10 says is kept and shown, and decides nothing: its custody
/// holders do, until it is asked itself for the time from 10 on. A word for the time from 18 on is taken once it is asked for, some days
/// before that birthday: earlier it is 422, and the detail says from which day on. A no for that time cancels what is planned from the birthday on, by
/// the unit: in a series each date is a gap with reason `consent`, which a yes plans anew.
#[utoipa::path(operation_id = "offers.record_consent", tag = "courses", params(("offer_id" = OfferId, Path, description = "Which offer"), IdempotencyKey),
    request_body = RecordConsent, responses((status = 201, body = ConsentView, description = "Recorded")))]
#[post("/offers/{offer_id}/consents")]
async fn record(door: web::Data<Door>, call: Call, path: Path<OfferId>, body: Body<RecordConsent>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (offer, body) = (path.get()?, body.get()?);
        let new = NewConsent {
            giver: body.giver_id,
            scope: body.scope,
            text_version: body.text_version.clone(),
            given: body.given,
            adult_basis: body.adult_basis,
            not_needed_basis: body.not_needed_basis.clone(),
            at: body.happened_at.at(),
        };
        actions::record(tx, offer, &new)
    };
    answer(&call, &door.command(&call, Capability::OffersRecordConsent, verb, get_view).await?.view)
}

/// When a consent was withdrawn.
#[derive(Deserialize, ToSchema)]
struct WithdrawConsent {
    happened_at: Stated,
}

/// Withdraw a consent
///
/// The participant's own ends the course the same day, but a child's under 10; a custody holder's pauses it at once and asks for a decision by the next working
/// day. Where a course goes on without the consent for the time from 18 on, what is planned beyond the days of grace is cancelled by the unit.
#[utoipa::path(operation_id = "consents.withdraw", tag = "courses", params(("consent_id" = ConsentId, Path, description = "Which consent"), IdempotencyKey),
    request_body = WithdrawConsent, responses((status = 201, body = ConsentView, description = "Withdrawn")))]
#[post("/consents/{consent_id}/withdraw")]
async fn withdraw(door: web::Data<Door>, call: Call, path: Path<ConsentId>, body: Body<WithdrawConsent>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::withdraw(tx, id, body.happened_at.at())
    };
    answer(&call, &door.command(&call, Capability::ConsentsWithdraw, verb, get_view).await?.view)
}
