//! Offers over HTTP.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::consents;
use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Empty, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, DutyId, OfferId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place};
use crate::cases::model::LegalBasis;
use crate::corrections::Correction;
use crate::courses::actions::corrections;
use crate::courses::actions::offers::{self as actions, NewOffer};
use crate::courses::model::{DeclineReason, FormerAnswer, Offer, OfferState, OfferWay, Track};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(make).service(list).service(show).service(accept).service(decline).service(withdraw).service(retract_answer);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only offers of this case.
    case: Option<CaseId>,
    /// Only offers to this person.
    person: Option<PersonId>,
    /// Only this kind.
    #[param(inline)]
    track: Option<Track>,
    /// Only offers in this state.
    #[param(inline)]
    state: Option<OfferState>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// An offer (tilbud). Lists leave out what has to be opened: what was explained and said.
#[derive(Serialize, ToSchema)]
struct OfferView {
    id: OfferId,
    case_id: CaseId,
    person_id: PersonId,
    track: Track,
    state: OfferState,
    /// The first of this person, track and case.
    first: bool,
    /// The re-offer duty it fulfils.
    fulfils_duty_id: Option<DutyId>,
    offered_at: Instant,
    offered_by: AccountId,
    recorded_by: AccountId,
    recorded_at: Instant,
    way: OfferWay,
    legal_basis: LegalBasis,
    /// When it was answered (stated); an acceptance counts from the day the last needed consent was given.
    answered_at: Option<Instant>,
    answered_recorded_at: Option<Instant>,
    /// By whom; null: by a rule, or before this was kept.
    answered_by: Option<AccountId>,
    decline_reason: Option<DeclineReason>,
    version: i64,
    /// What was explained: purpose, voluntary, confidentiality and its limits, data.
    #[serde(skip_serializing_if = "Option::is_none")]
    information: Option<Text>,
    /// The person's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_words: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consents: Option<Vec<consents::ConsentView>>,
    /// Who is still to say yes before it can be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Vec<MissingView>>,
    /// The answers that were taken back, the first first; also those that fell with a death, where that was taken back since and they stand again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracted_answers: Option<Vec<RetractedAnswerView>>,
}

/// An answer that was recorded by mistake.
#[derive(Serialize, ToSchema)]
struct RetractedAnswerView {
    /// `accepted` or `declined`.
    state: OfferState,
    answered_at: Instant,
    recorded_at: Option<Instant>,
    recorded_by: Option<AccountId>,
    decline_reason: Option<DeclineReason>,
    /// The person's own words.
    words: Option<Text>,
    retracted_at: Instant,
    retracted_by: AccountId,
}

impl From<Correction<FormerAnswer>> for RetractedAnswerView {
    fn from(Correction { former, corrected_at, corrected_by, .. }: Correction<FormerAnswer>) -> Self {
        Self {
            state: former.state,
            answered_at: former.answered_at,
            recorded_at: former.recorded_at,
            recorded_by: former.recorded_by,
            decline_reason: former.decline_reason,
            words: former.words,
            retracted_at: corrected_at,
            retracted_by: corrected_by,
        }
    }
}

/// Somebody whose yes is needed.
#[derive(Serialize, ToSchema)]
struct MissingView {
    person_id: PersonId,
    /// They said no, or withdrew.
    refused: bool,
}

fn summary(tx: &mut Tx<'_>, offer: &Offer) -> OfferView {
    tx.saw(offer.id);
    tx.saw(offer.person);
    OfferView {
        id: offer.id,
        case_id: offer.case,
        person_id: offer.person,
        track: offer.track,
        state: offer.state,
        first: offer.first,
        fulfils_duty_id: offer.fulfils,
        offered_at: offer.offered_at,
        offered_by: offer.offered_by,
        recorded_by: offer.recorded_by,
        recorded_at: offer.recorded_at,
        way: offer.way,
        legal_basis: offer.legal_basis,
        answered_at: offer.answered_at,
        answered_recorded_at: offer.answered_recorded_at,
        answered_by: offer.answered_by,
        decline_reason: offer.decline_reason,
        version: offer.version,
        information: None,
        answer_words: None,
        consents: None,
        missing: None,
        retracted_answers: None,
    }
}

fn view(tx: &mut Tx<'_>, id: OfferId) -> Result<OfferView> {
    let offer = actions::get(tx, id)?;
    let (holder, place) = (Holder::person(offer.person), |column| Place::new("offers", column, id));
    let missing = actions::missing(tx, &offer)?;
    missing.iter().for_each(|(person, _)| tx.saw(*person));
    let missing = missing.into_iter().map(|(person_id, refused)| MissingView { person_id, refused }).collect();
    Ok(OfferView {
        information: Some(tx.open(holder, place("information"), &offer.information)?),
        answer_words: offer.answer_words.as_ref().map(|words| tx.open(holder, place("answer_words"), words)).transpose()?,
        consents: Some(consents::views(tx, id)?),
        missing: Some(missing),
        retracted_answers: Some(corrections::former_answers(tx, &offer)?.into_iter().map(Into::into).collect()),
        ..summary(tx, &offer)
    })
}

fn answer(call: &Call, offer: &OfferView) -> Answer {
    call.created(&format!("/v1/offers/{}", offer.id), offer.version, offer)
}

/// An offer to be made.
#[derive(Deserialize, ToSchema)]
struct MakeOffer {
    case_id: CaseId,
    /// A person of the case.
    person_id: PersonId,
    track: Track,
    /// When it was made (stated).
    offered_at: Stated,
    /// The account of who made it; the caller when not said.
    offered_by: Option<AccountId>,
    way: OfferWay,
    /// What was explained: purpose, voluntary, confidentiality and its limits, data.
    information: Text,
    legal_basis: LegalBasis,
    /// The re-offer duty it fulfils: the earliest still to be kept. When not said it is that one from the day that opens (14 days before it is
    /// due); an offer made before leaves what is promised.
    fulfils_duty_id: Option<DutyId>,
}

/// Make an offer
///
/// Of one course kind to one person of an open case; in a closed one it is a promised re-offer. 409 names an offer or course of the track that the person has already.
#[utoipa::path(operation_id = "offers.make", tag = "courses", params(IdempotencyKey), request_body = MakeOffer,
    responses((status = 201, body = OfferView, description = "Made; an answer is due")))]
#[post("/offers")]
async fn make(door: web::Data<Door>, call: Call, body: Body<MakeOffer>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let new = NewOffer {
            case: body.case_id,
            person: body.person_id,
            track: body.track,
            offered_at: body.offered_at.at(),
            offered_by: body.offered_by,
            way: body.way,
            information: body.information.clone(),
            legal_basis: body.legal_basis,
            fulfils: body.fulfils_duty_id,
        };
        actions::make(tx, &new)
    };
    answer(&call, &door.command(&call, Capability::OffersMake, verb, view).await?.view)
}

/// The offers the caller may see
///
/// The latest made first.
#[utoipa::path(operation_id = "offers.list", tag = "courses", params(Filter), responses((status = 200, body = List<OfferView>, description = "One page")))]
#[get("/offers")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, OfferId)>::read("offers", filter.limit, filter.cursor.as_ref())?;
        let wanted = actions::Filter { case: filter.case, person: filter.person, track: filter.track, state: filter.state };
        let offers = actions::list(tx, &wanted, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(offers, |offer| (offer.offered_at, offer.id));
        Ok(Paged { items: items.iter().map(|offer| summary(tx, offer)).collect(), next })
    };
    call.answer_list(door.read(&call, Capability::OffersList, look_up).await?)
}

/// One offer
#[utoipa::path(operation_id = "offers.get", tag = "courses", params(("offer_id" = OfferId, Path, description = "Which offer")),
    responses((status = 200, body = OfferView, description = "The offer with what was said to it")))]
#[get("/offers/{offer_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<OfferId>) -> Answer {
    let offer = door.read(&call, Capability::OffersGet, move |tx| view(tx, path.get()?)).await?;
    call.answer(offer.version, &offer)
}

/// That an offer is accepted.
#[derive(Deserialize, ToSchema)]
struct AcceptOffer {
    /// The person's own words.
    words: Option<Text>,
}

/// Accept an offer
///
/// It becomes a course, which counts from the day the last needed consent was given. 409 lists each person whose yes is
/// missing; `missing` of the offer says who of them said no.
#[utoipa::path(operation_id = "offers.accept", tag = "courses", params(("offer_id" = OfferId, Path, description = "Which offer"), IdempotencyKey), request_body = AcceptOffer,
    responses((status = 201, body = super::CourseView, description = "The course, which waits for a match")))]
#[post("/offers/{offer_id}/accept")]
async fn accept(door: web::Data<Door>, call: Call, path: Path<OfferId>, body: Body<AcceptOffer>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::accept(tx, id, body.words.as_ref())
    };
    super::answer(&call, &door.command(&call, Capability::OffersAccept, verb, super::details).await?.view)
}

/// Why an offer is declined.
#[derive(Deserialize, ToSchema)]
struct DeclineOffer {
    /// `no_answer` only when the answer's limit has passed.
    reason: DeclineReason,
    /// The person's own words.
    words: Option<Text>,
    happened_at: Stated,
}

/// Decline an offer
///
/// A declined first offer is made again after 3 and 6 months.
#[utoipa::path(operation_id = "offers.decline", tag = "courses", params(("offer_id" = OfferId, Path, description = "Which offer"), IdempotencyKey), request_body = DeclineOffer,
    responses((status = 201, body = OfferView, description = "Declined")))]
#[post("/offers/{offer_id}/decline")]
async fn decline(door: web::Data<Door>, call: Call, path: Path<OfferId>, body: Body<DeclineOffer>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::decline(tx, id, body.reason, body.words.as_ref(), body.happened_at.at())
    };
    answer(&call, &door.command(&call, Capability::OffersDecline, verb, view).await?.view)
}

/// When an offer was withdrawn.
#[derive(Deserialize, ToSchema)]
struct WithdrawOffer {
    happened_at: Stated,
}

/// Withdraw an offer
///
/// By the unit; it is not counted.
#[utoipa::path(operation_id = "offers.withdraw", tag = "courses", params(("offer_id" = OfferId, Path, description = "Which offer"), IdempotencyKey), request_body = WithdrawOffer,
    responses((status = 201, body = OfferView, description = "Withdrawn")))]
#[post("/offers/{offer_id}/withdraw")]
async fn withdraw(door: web::Data<Door>, call: Call, path: Path<OfferId>, body: Body<WithdrawOffer>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::withdraw(tx, id, body.happened_at.at())
    };
    answer(&call, &door.command(&call, Capability::OffersWithdraw, verb, view).await?.view)
}

/// Take an answer back
///
/// For an acceptance or a decline that was recorded by mistake: the offer waits for its answer again, which is recorded as any other; what was
/// recorded is kept. What it had promised or ended is as before, and the course that it became is `retracted`, in no figure; a case that it
/// opened again is closed as it was, unless something else was made or recorded in it since. 409 names what was built on it since, and says what to do instead;
/// so it is where nothing could be offered any more, or the police took over since.
#[utoipa::path(operation_id = "offers.retract_answer", tag = "courses", params(("offer_id" = OfferId, Path, description = "Which offer"), IdempotencyKey),
    responses((status = 201, body = OfferView, description = "Taken back; an answer is due")))]
#[post("/offers/{offer_id}/answer/retract")]
async fn retract_answer(door: web::Data<Door>, call: Call, path: Path<OfferId>, empty: Empty) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        empty.get()?;
        corrections::retract_answer(tx, id)
    };
    answer(&call, &door.command(&call, Capability::OffersRetractAnswer, verb, view).await?.view)
}
