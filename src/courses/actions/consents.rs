//! Verbs on consents: record and withdraw; what a word does to a running course.

use chrono::NaiveDate;

use super::pauses::pause_for;
use super::{birthdays, discontinue, participant, said};
use crate::access::Tx;
use crate::base::calendar::birthday;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{ConsentId, OfferId, PersonId};
use crate::base::value::{Flaw, Line, Text};
use crate::base::vault::Holder;
use crate::cases::rules::check_stated;
use crate::courses::model::{Consent, OfferState, Said, Scope, Word};
use crate::courses::rules::birthdays::check_adult_basis;
use crate::courses::rules::is_text_version;
use crate::courses::store;
pub use crate::courses::store::consents::get;
use crate::courses::store::consents::{fact_next_at, find_fact, insert, place, withdraw as save_withdrawn};
use crate::duties::store::Which;
use crate::duties::{self, Kind};
use crate::facts::Fact;
use crate::people;
use crate::people::model::could_speak;

/// What was said to an offer. The caller must have been shown the offer.
pub fn list(tx: &mut Tx<'_>, offer: OfferId) -> Result<Vec<Consent>> {
    store::consents::fact_of_offer(tx, offer)
}

/// What somebody said.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// The participant, or a custody holder.
    pub giver: PersonId,
    /// To what.
    pub scope: Scope,
    /// Which text was shown: a short code.
    pub text_version: Line,
    /// Yes or no.
    pub given: bool,
    /// The participant's own, for the time from the 18th birthday on.
    pub adult_basis: bool,
    /// Why this custody holder is not asked (sole custody, cannot be found, dead).
    pub not_needed_basis: Option<Text>,
    /// When (stated).
    pub at: Instant,
}

/// Records what somebody said to an offer, while it is open or its course runs.
///
/// # Errors
/// 404; 409 when the offer was declined or withdrawn or its course has ended; 422 for a giver whose word was not asked then, a text version
/// that is no code, an impossible time, one after the giver's death, or a word for the time from 18 on before it is asked for.
pub fn record(tx: &mut Tx<'_>, offer: OfferId, new: &NewConsent) -> Result<ConsentId> {
    let offer = store::offers::get(tx, offer)?;
    let course = store::fact_of_offer(tx, offer.id)?;
    let runs = course.as_ref().is_some_and(|course| course.ended_at.is_none());
    let may_say = match new.scope {
        Scope::Participation => offer.state == OfferState::Open || runs,
        Scope::ContactAfter => matches!(offer.state, OfferState::Open | OfferState::Accepted),
    };
    if !may_say {
        return Err(Problem::new(Code::WrongState)
            .say("Der skal ikke siges noget til dette tilbud mere", "Nothing is to be said to this offer any more")
            .into());
    }
    let participant = participant(tx, offer.person)?;
    let is_own = new.giver == offer.person;
    let said_on = tx.programme.calendar().zone.date(new.at);
    if !is_own && !participant.holders_on(said_on).contains(&new.giver) {
        return Err(Flaw::NotAGiver.refused("/giver_id"));
    }
    if new.adult_basis && !is_own {
        return Err(Flaw::NotOwn.refused("/adult_basis"));
    }
    if new.not_needed_basis.is_some() && (is_own || new.given) {
        return Err(Flaw::NotAHolder.refused("/not_needed_basis"));
    }
    if !is_text_version(new.text_version.as_str()) {
        return Err(Flaw::NotACode.refused("/text_version"));
    }
    check_stated("/happened_at", new.at, tx.now, offer.offered_at)?;
    let giver_died_on = people::store::find_facts(tx, new.giver)?.and_then(|facts| facts.died_on);
    if new.not_needed_basis.is_none() {
        check_spoken(tx, giver_died_on, new.at)?;
    }
    if new.adult_basis {
        check_adult_basis(&participant, tx.programme.calendar().zone, new.at)?;
    }
    let (id, recorded_by): (ConsentId, _) = (tx.new_id(), tx.account()?);
    let recorded_at = fact_next_at(tx, offer.id)?;
    let basis = new.not_needed_basis.as_ref();
    let consent = Consent {
        id,
        offer: offer.id,
        case: offer.case,
        person: offer.person,
        giver: new.giver,
        giver_died_on,
        scope: new.scope,
        text_version: new.text_version.as_str().to_owned(),
        given: new.given,
        adult_basis: new.adult_basis,
        not_needed: basis.is_some(),
        not_needed_basis: basis.map(|basis| tx.seal(Holder::person(offer.person), place(id), basis)).transpose()?,
        given_at: new.at,
        withdrawn_at: None,
        withdrawn_recorded_at: None,
        recorded_at,
        recorded_by,
        version: 1,
    };
    insert(tx, &consent)?;
    if new.given || basis.is_some() {
        tx.tell(Fact::ConsentGiven { consent: id, offer: offer.id });
    } else if runs && new.scope == Scope::Participation {
        // A no to a course that runs is a withdrawal of what was said before.
        tx.tell(Fact::ConsentWithdrawn { consent: id, offer: offer.id, at: new.at });
    }
    Ok(id)
}

/// Nobody says anything after their death: a custody holder who died is recorded as not needed.
pub(super) fn check_alive(tx: &mut Tx<'_>, giver: PersonId, at: Instant) -> Result<()> {
    let died_on = people::store::find_facts(tx, giver)?.and_then(|facts| facts.died_on);
    check_spoken(tx, died_on, at)
}

fn check_spoken(tx: &Tx<'_>, died_on: Option<NaiveDate>, at: Instant) -> Result<()> {
    if !could_speak(died_on, tx.programme.calendar().zone.date(at)) {
        return Err(Flaw::AfterDeath.refused("/happened_at"));
    }
    Ok(())
}

/// Withdraws a consent.
///
/// # Errors
/// 404, 409 when it was a no or is withdrawn already, 422 for an impossible time, or one after the giver's death.
pub fn withdraw(tx: &mut Tx<'_>, id: ConsentId, at: Instant) -> Result<ConsentId> {
    let consent = get(tx, id)?;
    if !consent.given || consent.withdrawn_at.is_some() {
        return Err(Problem::new(Code::WrongState)
            .say("Der er intet samtykke at trække tilbage", "There is no consent to withdraw")
            .into());
    }
    check_stated("/happened_at", at, tx.now, consent.given_at)?;
    check_alive(tx, consent.giver, at)?;
    save_withdrawn(tx, &consent, at)?;
    tx.tell(Fact::ConsentWithdrawn { consent: id, offer: consent.offer, at });
    Ok(id)
}

/// Consequence: the participant's own withdrawal ends the course the same day; one custody holder's pauses it at once, unless the
/// participant has come of age or they held no custody any more. A no for the time from 18 on is a withdrawal from then on: said before, the
/// birthday's promise stays and asks for what follows. A child under 10 decides nothing: its no is kept for the coach to hear, and its 10th
/// birthday's promise asks.
pub fn ended(tx: &mut Tx<'_>, id: ConsentId, at: Instant) -> Result<()> {
    let Some(consent) = find_fact(tx, id)?.filter(|consent| consent.scope == Scope::Participation) else { return Ok(()) };
    let Some(course) = store::fact_of_offer(tx, consent.offer)?.filter(|course| course.ended_at.is_none()) else { return Ok(()) };
    let born_on = people::store::fact_born_on(tx, consent.person)?;
    if stands_again(tx, &consent, born_on)? {
        return birthdays::agree(tx, &course, at);
    }
    let said_on = tx.programme.calendar().zone.date(at);
    let of_age = born_on.map_or(course.adult_at_acceptance, |born_on| said_on >= birthday(born_on, 18));
    if consent.giver == consent.person {
        let is_as_adult = consent.adult_basis && !consent.given;
        let is_small = born_on.is_some_and(|born_on| said_on < birthday(born_on, 10));
        if is_small || is_as_adult && !of_age {
            return birthdays::agree(tx, &course, at);
        }
        if is_as_adult {
            duties::actions::meet(tx, &Which::subject(course.id, &[Kind::Turns18]), at)?;
        }
        return discontinue(tx, course, at);
    }
    if of_age || !people::store::fact_custody(tx, consent.person, said_on)?.contains(&consent.giver) {
        return Ok(());
    }
    let paused_at = at.max(course.accepted_at);
    pause_for(tx, course, Some(id), paused_at)
}

/// Whether whoever withdrew has said yes again since. Against what a minor said no yes for the time from 18 on stands.
fn stands_again(tx: &mut Tx<'_>, withdrawn: &Consent, born_on: Option<NaiveDate>) -> Result<bool> {
    let words = said(tx, withdrawn.offer)?;
    let said_on = tx.programme.calendar().zone.date(withdrawn.withdrawn_at.unwrap_or(withdrawn.given_at));
    let as_minor = !withdrawn.adult_basis && born_on.is_some_and(|born_on| said_on < birthday(born_on, 18));
    let counts = |word: &&Said| word.giver == withdrawn.giver && !(as_minor && word.adult_basis);
    Ok(words.iter().rfind(counts).is_some_and(|word| word.answer == Word::Yes))
}

/// Consequence: what was said to the offer of a course that runs may be the word that a birthday asks for.
pub fn given(tx: &mut Tx<'_>, id: ConsentId) -> Result<()> {
    let Some(consent) = find_fact(tx, id)?.filter(|consent| consent.giver == consent.person) else { return Ok(()) };
    match store::fact_of_offer(tx, consent.offer)? {
        Some(course) => birthdays::agree(tx, &course, consent.given_at),
        None => Ok(()),
    }
}

/// Records that a course goes on without a custody holder who withdrew, on the basis of its resumption; a yes since then needs none.
pub(super) fn stand_in(tx: &mut Tx<'_>, withdrawn: ConsentId, at: Instant, basis: &Text) -> Result<()> {
    let Some(former) = find_fact(tx, withdrawn)? else { return Ok(()) };
    let born_on = people::store::fact_born_on(tx, former.person)?;
    if stands_again(tx, &former, born_on)? {
        return Ok(());
    }
    let (id, recorded_by): (ConsentId, _) = (tx.new_id(), tx.account()?);
    let recorded_at = fact_next_at(tx, former.offer)?;
    let consent = Consent {
        id,
        given: false,
        not_needed: true,
        not_needed_basis: Some(tx.seal(Holder::person(former.person), place(id), basis)?),
        given_at: at,
        withdrawn_at: None,
        withdrawn_recorded_at: None,
        recorded_at,
        recorded_by,
        version: 1,
        ..former
    };
    insert(tx, &consent)
}
