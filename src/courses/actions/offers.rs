//! Verbs on offers: make, accept, decline, withdraw; the promises they write and end.

use chrono::NaiveDate;

use super::{birthdays, participant, plans, promise, said, stops};
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, or_invalid};
use crate::base::ids::{AccountId, CaseId, CourseId, DutyId, OfferId, PersonId};
use crate::base::value::{Flaw, Text};
use crate::base::vault::Holder;
use crate::cases;
use crate::cases::model::{CloseReason, LegalBasis, Member};
use crate::cases::rules::check_stated;
use crate::courses::model::{Course, CourseState, DeclineReason, Offer, OfferState, OfferWay, Track};
use crate::courses::rules::consent::{Lack, accepted_at};
use crate::courses::rules::{Dated, after_decline, fits};
use crate::courses::store;
pub use crate::courses::store::offers::{Filter, get, list};
use crate::courses::store::offers::{fact_of_person, find_fact, insert, place, save};
use crate::duties::store::{Which, find};
use crate::duties::{self, Duty, Kind};
use crate::facts::Fact;
use crate::people;

/// An offer to be made.
#[derive(Clone, Debug)]
pub struct NewOffer {
    /// In which case.
    pub case: CaseId,
    /// To whom.
    pub person: PersonId,
    /// Of what.
    pub track: Track,
    /// When (stated).
    pub offered_at: Instant,
    /// By whom; the caller when not said.
    pub offered_by: Option<AccountId>,
    /// How.
    pub way: OfferWay,
    /// What was explained: purpose, voluntary, confidentiality and its limits, data.
    pub information: Text,
    /// On which law.
    pub legal_basis: LegalBasis,
    /// The re-offer duty it fulfils, the earliest still to be kept; when not said that one, once it is open.
    pub fulfils: Option<DutyId>,
}

const REOFFERS: [Kind; 2] = [Kind::Reoffer3m, Kind::Reoffer6m];

/// Makes an offer. A later one fulfils the earliest re-offer duty of the person, track and case, if it names it or that is open by then: before
/// it is one more offer, and leaves what is promised.
///
/// # Errors
/// 404 for the case as 422 at `/case_id`; 409 when the case is closed (but for a promised re-offer), contact was stopped, or an offer or course of the track is open
/// (named); 422 for a person or track that does not fit, an impossible time, or a duty that is not the earliest open one.
pub fn make(tx: &mut Tx<'_>, new: &NewOffer) -> Result<OfferId> {
    let case = or_invalid(cases::store::get(tx, new.case), Flaw::UnknownCase.at("/case_id"))?;
    let died_on = check_person(tx, new)?;
    check_stated("/offered_at", new.offered_at, tx.now, case.founded_at)?;
    let recorded_by = tx.account()?;
    let offered_by = new.offered_by.unwrap_or(recorded_by);
    if offered_by != recorded_by && !cases::store::account_exists(tx, offered_by)? {
        return Err(Flaw::UnknownAccount.refused("/offered_by"));
    }
    check_free(tx, new.case, new.person, new.track)?;
    let earlier: Vec<Offer> = fact_of_person(tx, new.person, new.track)?.into_iter().filter(|offer| offer.case == new.case).collect();
    let earliest = earliest_reoffer(tx, earlier.first(), new.offered_at)?;
    if new.fulfils.is_some_and(|duty| earliest.as_ref().map(|earliest| earliest.id) != Some(duty)) {
        return Err(Flaw::NotTheEarliest.refused("/fulfils_duty_id"));
    }
    let due = earliest.filter(|duty| new.fulfils.is_some() || duty.opens_at <= new.offered_at);
    // A promised re-offer survives its case's closing, and so it can be made; never in what the police took over.
    let has_police = case.close_reason == Some(CloseReason::TakenOverByPolice);
    if case.state != cases::State::Closed || has_police || due.is_none() {
        cases::rules::check_open(&case)?;
    }
    if let Some(answered_at) = earlier.last().and_then(|offer| offer.answered_at) {
        check_stated("/offered_at", new.offered_at, tx.now, answered_at)?;
    }
    let id: OfferId = tx.new_id();
    let offer = Offer {
        id,
        case: new.case,
        person: new.person,
        track: new.track,
        state: OfferState::Open,
        first: earlier.is_empty(),
        fulfils: due.as_ref().map(|due| due.id),
        offered_at: new.offered_at,
        offered_by,
        way: new.way,
        information: tx.seal(Holder::person(new.person), place("information", id), &new.information)?,
        legal_basis: new.legal_basis,
        answered_at: None,
        answered_recorded_at: None,
        answered_by: None,
        decline_reason: None,
        answer_words: None,
        before_death: None,
        recorded_at: tx.now,
        recorded_by,
        version: 1,
    };
    insert(tx, &offer)?;
    if let Some(due) = due {
        duties::actions::keep(tx, &due, new.offered_at)?;
    }
    tx.tell(Fact::OfferMade { offer: id });
    if let Some(died_on) = died_on {
        let at = tx.programme.calendar().zone.start_of(died_on);
        take_back(tx, Offer { before_death: Some(OfferState::Open), ..offer }, at, false)?;
    }
    Ok(id)
}

/// The person stands in the case in a role that the track is for, and was alive when it was offered. Returns the day of a later death.
fn check_person(tx: &mut Tx<'_>, new: &NewOffer) -> Result<Option<NaiveDate>> {
    cases::actions::check_person(tx, new.person)?;
    let standing = |member: &Member| member.person == new.person && member.stands();
    let Some(member) = cases::store::fact_members(tx, new.case)?.into_iter().find(standing) else {
        return Err(Flaw::NotInCase.refused("/person_id"));
    };
    let facts = people::store::find_facts(tx, new.person)?.ok_or(Code::NotFound)?;
    let offered_on = tx.programme.calendar().zone.date(new.offered_at);
    if facts.died_on.is_some_and(|died_on| died_on <= offered_on) {
        return Err(Flaw::Died.refused("/person_id"));
    }
    if !fits(new.track, member.role) {
        return Err(Flaw::WrongTrack.refused("/track"));
    }
    Ok(facts.died_on)
}

/// At most one open offer and one unended course per person and track, in whichever case; and nobody is asked who asked not to be.
pub(super) fn check_free(tx: &mut Tx<'_>, case: CaseId, person: PersonId, track: Track) -> Result<()> {
    let open = store::offers::fact_open(tx, Some(person), None)?.into_iter().find(|offer| offer.track == track);
    if let Some(offer) = open {
        return Err(taken(tx, offer.case, "offer", offer.id.uuid())?.into());
    }
    let running = store::fact_unended_of(tx, person)?.into_iter().find(|course| course.track == track);
    if let Some(course) = running {
        return Err(taken(tx, course.case, "course", course.id.uuid())?.into());
    }
    let stops = store::stops::fact_of(tx, case, person)?;
    let stopped = stops.into_iter().any(|stop| stop.track == track && stop.reason.is_lasting());
    if stopped {
        let problem = Problem::new(Code::WrongState);
        return Err(problem
            .say("Det er noteret, at personen ikke skal kontaktes", "It is recorded that the person is not to be contacted")
            .into());
    }
    Ok(())
}

/// What the person has already, named to whoever may see its case.
fn taken(tx: &mut Tx<'_>, case: CaseId, kind: &'static str, id: uuid::Uuid) -> Result<Problem> {
    let problem = Problem::new(Code::AlreadyExists);
    Ok(if tx.is_barred(&[case.cast()])? {
        let words = (
            "Personen har allerede et tilbud eller forløb: en anden koordinator må se på det",
            "The person has an offer or course already: another coordinator must look at it",
        );
        problem.say(words.0, words.1)
    } else {
        problem.say("Personen har allerede et tilbud eller forløb", "The person has an offer or course already").blocked_by(kind, id)
    })
}

/// The earliest re-offer that was still promised when it was offered.
fn earliest_reoffer(tx: &mut Tx<'_>, first: Option<&Offer>, offered_at: Instant) -> Result<Option<Duty>> {
    let Some(first) = first else { return Ok(None) };
    for kind in REOFFERS {
        let duty = find(tx, kind, first.id.cast(), "")?;
        if let Some(duty) = duty.filter(|duty| duty.could_be_kept(offered_at)) {
            return Ok(Some(duty));
        }
    }
    Ok(None)
}

fn get_open(tx: &mut Tx<'_>, id: OfferId) -> Result<Offer> {
    let offer = get(tx, id)?;
    if offer.state != OfferState::Open {
        return Err(Problem::new(Code::WrongState).say("Tilbuddet er ikke åbent længere", "The offer is not open any more").into());
    }
    Ok(offer)
}

/// Who is still to say yes before an open offer can be accepted, and whether they said no. Empty for an answered one.
pub fn missing(tx: &mut Tx<'_>, offer: &Offer) -> Result<Vec<(PersonId, bool)>> {
    if offer.state != OfferState::Open {
        return Ok(Vec::new());
    }
    let (participant, said) = (participant(tx, offer.person)?, said(tx, offer.id)?);
    let zone = tx.programme.calendar().zone;
    match accepted_at(&participant, &said, zone, offer.offered_at, tx.now) {
        Err(Lack::Words(missing)) => unbarred(tx, missing),
        Ok(_) | Err(Lack::BirthDate | Lack::CustodyHolder) => Ok(Vec::new()),
    }
}

/// Whom the caller is barred from is not named to them.
fn unbarred(tx: &mut Tx<'_>, missing: Vec<(PersonId, bool)>) -> Result<Vec<(PersonId, bool)>> {
    let known = people::store::keep_unbarred(tx, missing.iter().map(|(giver, _)| *giver).collect())?;
    Ok(missing.into_iter().filter(|(giver, _)| known.contains(giver)).collect())
}

/// Accepts an offer once every needed consent is given: it counts from the day the last of them was. The course waits for a match; a case
/// that was closed meanwhile (a promised re-offer) is open again.
///
/// # Errors
/// 404; 409 when it is not open, or with each person whose yes is missing; [`missing`] says who said no.
pub fn accept(tx: &mut Tx<'_>, id: OfferId, words: Option<&Text>) -> Result<CourseId> {
    let mut offer = get_open(tx, id)?;
    let (participant, said) = (participant(tx, offer.person)?, said(tx, id)?);
    let (zone, now) = (tx.programme.calendar().zone, tx.now);
    let at = match accepted_at(&participant, &said, zone, offer.offered_at, now) {
        Ok(at) => at,
        Err(lack) => return refusal(tx, lack),
    };
    let adult = participant.is_adult_on(zone.date(at));
    answer(tx, &mut offer, OfferState::Accepted, at, words)?;
    // The course of an acceptance that was taken back.
    let former = store::fact_of_offer(tx, id)?;
    let course = Course {
        id: former.as_ref().map_or_else(|| tx.new_id(), |former| former.id),
        offer: id,
        case: offer.case,
        person: offer.person,
        track: offer.track,
        state: CourseState::Waiting,
        accepted_at: at,
        adult_at_acceptance: adult,
        started_at: None,
        started_recorded_at: None,
        paused_at: None,
        ended_at: None,
        ended_recorded_at: None,
        closing: None,
        before_death: None,
        recorded_at: now,
        version: former.as_ref().map_or(1, |former| former.version),
    };
    match former {
        None => store::insert(tx, &course)?,
        Some(_) => store::accept_again(tx, &course)?,
    }
    tx.tell(Fact::OfferAccepted { offer: id, course: course.id, case: offer.case, at });
    Ok(course.id)
}

/// What is lacking, with each person whose yes is missing.
pub(super) fn refusal<T>(tx: &mut Tx<'_>, lack: Lack) -> Result<T> {
    let problem = Problem::new(Code::Blocked);
    let problem = match lack {
        Lack::BirthDate => problem.say("Fødselsdatoen mangler", "The birth date is missing"),
        Lack::CustodyHolder => {
            problem.say("Der mangler en forældremyndighedsindehaver, der siger ja", "A custody holder who says yes is missing")
        }
        Lack::Words(missing) => {
            let problem = problem.say("Der mangler samtykke", "Consent is missing");
            let named = unbarred(tx, missing)?;
            named.iter().fold(problem, |problem, (giver, _)| problem.blocked_by("person", giver.uuid()))
        }
    };
    Err(problem.into())
}

fn answer(tx: &mut Tx<'_>, offer: &mut Offer, state: OfferState, at: Instant, words: Option<&Text>) -> Result<()> {
    offer.state = state;
    offer.answered_at = Some(at);
    offer.answered_recorded_at = Some(tx.now);
    offer.answered_by = tx.actor.account;
    let holder = Holder::person(offer.person);
    offer.answer_words = words.map(|words| tx.seal(holder, place("answer_words", offer.id), words)).transpose()?;
    save(tx, offer)
}

/// Declines an offer. `no_answer` only when the answer's limit has passed.
///
/// # Errors
/// 404, 409 when it is not open, 422 for an impossible time or a silence that is too short.
pub fn decline(tx: &mut Tx<'_>, id: OfferId, reason: DeclineReason, words: Option<&Text>, at: Instant) -> Result<OfferId> {
    let mut offer = get_open(tx, id)?;
    check_stated("/happened_at", at, tx.now, offer.offered_at)?;
    if reason == DeclineReason::NoAnswer {
        let due = duties::store::find(tx, Kind::Answer, id.cast(), "")?;
        if due.is_some_and(|due| at <= due.due_at) {
            return Err(Flaw::StillInTime.refused("/reason"));
        }
    }
    offer.decline_reason = Some(reason);
    answer(tx, &mut offer, OfferState::Declined, at, words)?;
    tx.tell(Fact::OfferDeclined { offer: id });
    Ok(id)
}

/// Withdraws an open offer: by the unit, not counted.
///
/// # Errors
/// 404, 409 when it is not open, 422 for an impossible time.
pub fn withdraw(tx: &mut Tx<'_>, id: OfferId, at: Instant) -> Result<OfferId> {
    let offer = get_open(tx, id)?;
    check_stated("/happened_at", at, tx.now, offer.offered_at)?;
    take_back(tx, offer, at, true)?;
    Ok(id)
}

/// Withdraws an open offer. `is_due_again`: the re-offer that it was is still to be made.
pub(super) fn take_back(tx: &mut Tx<'_>, mut offer: Offer, at: Instant, is_due_again: bool) -> Result<()> {
    let at = at.max(offer.offered_at);
    answer(tx, &mut offer, OfferState::Withdrawn, at, None)?;
    tx.tell(Fact::OfferWithdrawn { offer: offer.id, at, is_due_again });
    Ok(())
}

/// Consequence: an answer is due.
pub fn promise_answer(tx: &mut Tx<'_>, id: OfferId) -> Result<()> {
    let Some(offer) = find_fact(tx, id)?.filter(|offer| offer.state == OfferState::Open) else { return Ok(()) };
    let due_at = tx.programme.calendar().due(offer.offered_at, Span::Days(tx.programme.deadlines.answer_days));
    let dated = Dated { kind: Kind::Answer, slot: String::new(), opens_at: offer.offered_at, due_at };
    let promise = promise(tx, id, offer.case, offer.person, offer.offered_at, dated)?;
    duties::actions::open(tx, &promise)?;
    Ok(())
}

/// Consequence of a decline: the answer is in; a declined first offer is made again, and the professionals are supported meanwhile.
/// Declining a re-offer opens nothing and leaves what is promised.
pub fn declined(tx: &mut Tx<'_>, id: OfferId) -> Result<()> {
    let Some(offer) = find_fact(tx, id)? else { return Ok(()) };
    let Some(at) = offer.answered_at else { return Ok(()) };
    duties::actions::meet(tx, &Which::subject(id, &[Kind::Answer]), at)?;
    if offer.first && !stops::holds(tx, offer.case, offer.person, offer.track, Some(offer.offered_at))? {
        let (calendar, deadlines) = (tx.programme.calendar(), &tx.programme.deadlines);
        for dated in after_decline(calendar, deadlines, at) {
            let promise = promise(tx, id, offer.case, offer.person, at, dated)?;
            duties::actions::open(tx, &promise)?;
        }
    }
    Ok(())
}

/// Consequence of an acceptance: the answer is in, what is left of the track's re-offers ends, and birthdays are promised; in the place of one
/// that was taken back the review of its plan, too.
pub fn accepted(tx: &mut Tx<'_>, id: OfferId) -> Result<()> {
    let Some(offer) = find_fact(tx, id)? else { return Ok(()) };
    let at = offer.answered_at.unwrap_or(tx.now);
    duties::actions::meet(tx, &Which::subject(id, &[Kind::Answer]), at)?;
    end_reoffers(tx, offer.person, None, Some(offer.track), at, "accepted")?;
    let Some(course) = store::fact_of_offer(tx, id)? else { return Ok(()) };
    birthdays::agree(tx, &course, at)?;
    plans::accepted_again(tx, &course)
}

/// Consequence of a withdrawal by the unit: no answer is waited for, and a re-offer that is due again fulfils nothing. Nothing is promised
/// again to whoever is not to be offered it any more.
pub fn withdrawn(tx: &mut Tx<'_>, id: OfferId, at: Instant, is_due_again: bool) -> Result<()> {
    duties::actions::end(tx, &Which::subject(id, &[Kind::Answer]), at, "offer_withdrawn")?;
    let Some(offer) = find_fact(tx, id)? else { return Ok(()) };
    let Some(duty) = offer.fulfils else { return Ok(()) };
    if is_due_again && !stops::holds(tx, offer.case, offer.person, offer.track, Some(offer.offered_at))? {
        duties::actions::take_back(tx, duty)?;
    }
    Ok(())
}

/// Ends what is left of the re-offers to a person, in one case or all, of one track or both, and of the support meanwhile.
pub(super) fn end_reoffers(
    tx: &mut Tx<'_>,
    person: PersonId,
    case: Option<CaseId>,
    track: Option<Track>,
    at: Instant,
    reason: &str,
) -> Result<()> {
    let tracks = track.map_or_else(|| vec![Track::Mentor, Track::ParentCoach], |track| vec![track]);
    for track in tracks {
        let firsts =
            fact_of_person(tx, person, track)?.into_iter().filter(|offer| offer.first && case.is_none_or(|case| case == offer.case));
        for first in firsts {
            end_reoffers_of(tx, first.id, at, reason)?;
        }
    }
    Ok(())
}

/// Ends what is left of the re-offers that the decline of a first offer promised, and of the support meanwhile.
pub(super) fn end_reoffers_of(tx: &mut Tx<'_>, first: OfferId, at: Instant, reason: &str) -> Result<()> {
    let kinds = [Kind::Reoffer3m, Kind::Reoffer6m, Kind::SupportProfessionals];
    duties::actions::end(tx, &Which::subject(first, &kinds), at, reason).map(drop)
}
