//! Ask partners and the police, visit, and conclude.

use chrono::NaiveDate;

use super::decisions::{self, meeting};
use super::{begin, decider, not_found};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, EnquiryId, RowId};
use crate::base::value::{Flaw, Text};
use crate::base::vault::Holder;
use crate::corrections;
use crate::enquiries::model::{
    Conclusion, DecisionKind, Former, Matter, PartnerAnswer, ScreenAnswer, ScreenResult, State, VisitFinding, VisitOutcome,
};
use crate::enquiries::rules::{self, Step};
use crate::enquiries::store::{self, decisions::New, steps};
use crate::facts::Fact;

pub use steps::Ask;

/// Writes down that a partner was asked.
///
/// # Errors
/// 404, 409, 422.
pub fn ask_partner(tx: &mut Tx<'_>, id: EnquiryId, ask: Ask, at: Option<Instant>) -> Result<EnquiryId> {
    let (enquiry, state) = begin(tx, id, Step::AskPartner)?;
    if let Some(agency) = ask.agency {
        super::intake::check_agency(tx, agency, "/agency_id".to_owned())?;
    }
    let at = rules::stated("/happened_at", at, tx.now, enquiry.received_at)?;
    let by = tx.account()?;
    steps::ask_partner(tx, id, ask, at, by)?;
    store::step(tx, &enquiry, state)?;
    Ok(id)
}

/// Writes a partner's answer down, however late it comes.
///
/// # Errors
/// 404; 409 when it has answered; 422.
pub fn record_answer(
    tx: &mut Tx<'_>,
    id: EnquiryId,
    request: RowId,
    at: Option<Instant>,
    has_information: bool,
    text: Option<&Text>,
) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let Some((asked_at, is_answered)) = steps::find_request(tx, id, request)? else { return not_found() };
    if is_answered {
        return Err(Problem::new(Code::WrongState).say("Svaret er noteret", "The answer is recorded already").into());
    }
    let at = rules::stated("/happened_at", at, tx.now, asked_at)?;
    let answer = PartnerAnswer { answered_at: at, has_information, text: text.cloned() };
    steps::answer_partner(tx, id, request, Some(&answer))?;
    store::step(tx, &enquiry, enquiry.state)?;
    Ok(id)
}

/// Writes down that the police was asked.
///
/// # Errors
/// 404; 409 while an earlier question is open; 422.
pub fn ask_police(tx: &mut Tx<'_>, id: EnquiryId, at: Option<Instant>) -> Result<EnquiryId> {
    let (enquiry, state) = begin(tx, id, Step::AskPolice)?;
    if steps::screens_of(tx, id)?.iter().any(|screen| screen.answered_at.is_none()) {
        return Err(Problem::new(Code::WrongState).say("Politiet er allerede spurgt", "The police were asked already").into());
    }
    let at = rules::stated("/happened_at", at, tx.now, enquiry.received_at)?;
    let by = tx.account()?;
    steps::ask_police(tx, id, at, by)?;
    store::step(tx, &enquiry, state)?;
    Ok(id)
}

/// Writes down what the police said: a take-over ends what is open, a go-ahead gives a transferred concern back.
///
/// # Errors
/// 404; 409 when it has answered; 422.
pub fn record_screen(tx: &mut Tx<'_>, id: EnquiryId, screen: RowId, at: Option<Instant>, result: ScreenResult) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let Some(screen) = steps::screens_of(tx, id)?.into_iter().find(|known| known.id == screen) else { return not_found() };
    if screen.answered_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Svaret er noteret", "The answer is recorded already").into());
    }
    let at = rules::stated("/happened_at", at, tx.now, screen.asked_at)?;
    steps::answer_police(tx, screen.id, Some(ScreenAnswer { answered_at: at, result }))?;
    store::step(tx, &enquiry, rules::after_screen(enquiry.state, result))?;
    if result == ScreenResult::TakenOver {
        tx.tell(Fact::PoliceTookOver { enquiry: id, at });
    }
    Ok(id)
}

/// Decides a home visit, at a meeting or between two.
///
/// # Errors
/// 404, 409, 422.
pub fn decide_visit(
    tx: &mut Tx<'_>,
    id: EnquiryId,
    at: Option<Instant>,
    decided_by: Option<AccountId>,
    meeting_on: Option<NaiveDate>,
) -> Result<EnquiryId> {
    let (enquiry, state) = begin(tx, id, Step::DecideVisit)?;
    let by = decider(tx, decided_by)?;
    let at = rules::stated("/happened_at", at, tx.now, enquiry.received_at)?;
    let meeting_on = meeting_on.map(|on| meeting(tx, on, enquiry.received_at)).transpose()?;
    let recorded_by = tx.account()?;
    steps::decide_visit(tx, id, at, recorded_by)?;
    decisions::write(tx, &New { kind: DecisionKind::HomeVisit, matter: Matter::Enquiry(id), at, by, meeting_on, grounds: None })?;
    store::step(tx, &enquiry, state)?;
    Ok(id)
}

/// Writes down what came of a home visit, also after the conclusion.
///
/// # Errors
/// 404; 409 when it is recorded; 422.
pub fn record_visit(
    tx: &mut Tx<'_>,
    id: EnquiryId,
    visit: RowId,
    at: Option<Instant>,
    outcome: VisitOutcome,
    notes: Option<&Text>,
) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let Some((decided_at, is_recorded)) = steps::find_visit(tx, id, visit)? else { return not_found() };
    if is_recorded {
        return Err(Problem::new(Code::WrongState).say("Hjemmebesøget er noteret", "The home visit is recorded already").into());
    }
    let at = rules::stated("/happened_at", at, tx.now, decided_at)?;
    steps::record_visit(tx, id, visit, Some(&VisitFinding { visited_at: at, outcome, notes: notes.cloned() }))?;
    store::step(tx, &enquiry, enquiry.state)?;
    Ok(id)
}

/// Concludes the qualification. A founded one opens a case or joins an open one; one that was taken back and is drawn anew to join the same keeps when
/// it was first written down.
///
/// # Errors
/// 404, 412; 409 by state, screen or subjects; 422.
pub fn conclude(tx: &mut Tx<'_>, id: EnquiryId, expected: &Expected, conclusion: &Conclusion) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    rules::after(enquiry.state, Step::Conclude)?;
    let by = decider(tx, conclusion.decided_by)?;
    let at = rules::stated("/happened_at", conclusion.at, tx.now, enquiry.received_at)?;
    let meeting_on = conclusion.meeting_on.map(|on| meeting(tx, on, enquiry.received_at)).transpose()?;
    let subjects = store::subjects_of(tx, id)?;
    rules::check_conclusion(conclusion, at, subjects.iter().any(rules::is_named))?;
    if conclusion.outcome == State::Founded {
        let answered = steps::screens_of(tx, id)?.into_iter().filter(|screen| screen.answered_at.is_some());
        // Of two answers of one moment the one that was written down last.
        let latest = answered.max_by_key(|screen| screen.answered_at);
        let has_known_subject = subjects.iter().any(|subject| subject.person.is_some());
        rules::check_founded(latest.as_ref().and_then(|screen| screen.result), has_known_subject)?;
        // The police screen comes first.
        if let Some(answered_at) = latest.and_then(|screen| screen.answered_at) {
            rules::stated("/happened_at", Some(at), tx.now, answered_at)?;
        }
        if let Some(case) = conclusion.founding.joins {
            let is_open = store::find_case(tx, case)?.is_some_and(|(_, is_open)| is_open);
            if !is_open {
                return Err(Flaw::NoOpenCase.refused("/joins_case_id"));
            }
        }
    }
    let kind = rules::decision_of(conclusion.outcome).ok_or_else(|| Error::internal("a conclusion without a decision"))?;
    let recorded_at = first_recorded_at(tx, id, conclusion, at)?;
    store::conclude(tx, id, conclusion, (at, recorded_at), by)?;
    store::step(tx, &enquiry, conclusion.outcome)?;
    let grounds = conclusion.assessment.conclusion.as_ref();
    decisions::write(tx, &New { kind, matter: Matter::Enquiry(id), at, by, meeting_on, grounds })?;
    // The police had taken it over, and gave it back; where it joins the same case again, that is told with it.
    if let Some(case) = enquiry.case.filter(|case| conclusion.founding.joins != Some(*case)) {
        tx.tell(Fact::ReferralLimitChanged { case });
    }
    match conclusion.outcome {
        State::Founded => tx.tell(Fact::EnquiryFounded { enquiry: id }),
        State::TransferredPolice => tx.tell(Fact::PoliceTookOver { enquiry: id, at }),
        _ => {}
    }
    Ok(id)
}

/// When a conclusion was first written down, by what was taken back of the concern and when the case that it joins was referred.
fn first_recorded_at(tx: &mut Tx<'_>, id: EnquiryId, conclusion: &Conclusion, at: Instant) -> Result<Instant> {
    let now = tx.now;
    let Some(joins) = conclusion.founding.joins else { return Ok(now) };
    let former = corrections::list_under::<Former>(tx, corrections::Kind::Finding, Holder::enquiry(id))?;
    let concluded = former.iter().filter_map(|correction| match &correction.former {
        Former::Conclusion(former) => Some((former.as_ref(), correction.corrected_at)),
        _ => None,
    });
    let referred = store::corrections::fact_referred(tx, joins)?;
    Ok(rules::first_recorded_at(concluded, Some(joins), at, referred, now))
}
