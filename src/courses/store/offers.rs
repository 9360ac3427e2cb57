//! Offers as rows. Only coordinators reach them; bars are taken off by each subject column.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, DutyId, OfferId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Place, Sealed};
use crate::cases::model::LegalBasis;
use crate::courses::model::{DeclineReason, Offer, OfferState, OfferWay, Track};
use crate::schema::offers;
use crate::{row, save_over};

row! {
    Row of Offer in offers {
        id: OfferId,
        case: CaseId = case_id,
        person: PersonId = person_id,
        track: Track,
        state: OfferState,
        first: bool,
        fulfils: Option<DutyId> = fulfils_duty_id,
        offered_at: Instant,
        offered_by: AccountId,
        way: OfferWay = how,
        information: Sealed<Text>,
        legal_basis: LegalBasis,
        answered_at: Option<Instant>,
        answered_recorded_at: Option<Instant>,
        answered_by: Option<AccountId>,
        decline_reason: Option<DeclineReason>,
        answer_words: Option<Sealed<Text>>,
        recorded_at: Instant,
        recorded_by: AccountId,
        version: i64,
        before_death: Option<OfferState>,
    }
}

/// The place of a sealed column of an offer.
pub const fn place(column: &'static str, id: OfferId) -> Place {
    Place::new("offers", column, id)
}

fn visible(tx: &Tx<'_>) -> offers::BoxedQuery<'static, MultiBackend> {
    offers::table.filter(offers::case_id.ne_all(tx.barred())).filter(offers::person_id.ne_all(tx.barred())).into_boxed()
}

/// An offer the caller may see.
///
/// # Errors
/// 404 when it does not exist or a bar hides it: identical.
pub fn get(tx: &mut Tx<'_>, id: OfferId) -> Result<Offer> {
    visible(tx).filter(offers::id.eq(id)).select(Offer::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// Which offers are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// To this person.
    pub person: Option<PersonId>,
    /// Of this kind.
    pub track: Option<Track>,
    /// In this state.
    pub state: Option<OfferState>,
}

/// One page of the offers the caller may see, the latest made first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, OfferId)>, fetch: i64) -> Result<Vec<Offer>> {
    let mut query = visible(tx);
    if let Some(case) = filter.case {
        query = query.filter(offers::case_id.eq(case));
    }
    if let Some(person) = filter.person {
        query = query.filter(offers::person_id.eq(person));
    }
    if let Some(track) = filter.track {
        query = query.filter(offers::track.eq(track));
    }
    if let Some(state) = filter.state {
        query = query.filter(offers::state.eq(state));
    }
    if let Some((at, id)) = after {
        query = query.filter(offers::offered_at.lt(at).or(offers::offered_at.eq(at).and(offers::id.lt(id))));
    }
    let order = (offers::offered_at.desc(), offers::id.desc());
    Ok(query.order(order).limit(fetch).select(Offer::as_select()).load(tx.db())?)
}

/// An offer for a rule or a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Offer>> {
    Ok(offers::table.find(id).select(Offer::as_select()).first(tx.db()).optional()?)
}

/// The offers of a track to a person that count (not withdrawn), the earliest first, for a rule.
pub fn fact_of_person(tx: &mut Tx<'_>, person: PersonId, track: Track) -> Result<Vec<Offer>> {
    Ok(offers::table
        .filter(offers::person_id.eq(person))
        .filter(offers::track.eq(track))
        .filter(offers::state.ne(OfferState::Withdrawn))
        .order((offers::offered_at, offers::id))
        .select(Offer::as_select())
        .load(tx.db())?)
}

/// The open offers to a person, or in a case, for a consequence.
pub fn fact_open(tx: &mut Tx<'_>, person: Option<PersonId>, case: Option<CaseId>) -> Result<Vec<Offer>> {
    let mut query = offers::table.filter(offers::state.eq(OfferState::Open)).into_boxed();
    if let Some(person) = person {
        query = query.filter(offers::person_id.eq(person));
    }
    if let Some(case) = case {
        query = query.filter(offers::case_id.eq(case));
    }
    Ok(query.order(offers::id).select(Offer::as_select()).load(tx.db())?)
}

/// The offers to a person that a death took, the earliest first, for a consequence.
pub fn fact_taken_by_death(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Offer>> {
    let query = offers::table.filter(offers::person_id.eq(person)).filter(offers::before_death.is_not_null());
    Ok(query.order((offers::offered_at, offers::id)).select(Offer::as_select()).load(tx.db())?)
}

/// Whether another offer of the track was made to the person, and recorded since a moment, whatever became of it; for a consequence.
pub(in crate::courses) fn is_made_anew(tx: &mut Tx<'_>, offer: &Offer, since: Instant) -> Result<bool> {
    let others = offers::table.filter(offers::person_id.eq(offer.person)).filter(offers::track.eq(offer.track));
    let made = others.filter(offers::id.ne(offer.id)).filter(offers::recorded_at.ge(since));
    let found: Option<OfferId> = made.select(offers::id).first(tx.db()).optional()?;
    Ok(found.is_some())
}

/// Writes a new offer.
pub(in crate::courses) fn insert(tx: &mut Tx<'_>, offer: &Offer) -> Result<()> {
    diesel::insert_into(offers::table).values(Row::from(offer.clone())).execute(tx.db())?;
    tx.changed(offer.id);
    tx.changed(offer.person);
    Ok(())
}

/// Saves an offer that was answered, whose answer was taken back, or that stands as before a death, over the version it was read at.
pub(in crate::courses) fn save(tx: &mut Tx<'_>, offer: &Offer) -> Result<()> {
    let changes = (
        offers::state.eq(offer.state),
        offers::answered_at.eq(offer.answered_at),
        offers::answered_recorded_at.eq(offer.answered_recorded_at),
        offers::answered_by.eq(offer.answered_by),
        offers::decline_reason.eq(offer.decline_reason),
        offers::answer_words.eq(&offer.answer_words),
        offers::before_death.eq(offer.before_death),
    );
    save_over!(tx.db(), offers, offer, changes)?;
    tx.changed(offer.id);
    tx.changed(offer.person);
    Ok(())
}
