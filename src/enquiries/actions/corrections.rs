//! What was recorded wrongly of a concern is put right or taken back: how soon it must be looked at, what was answered and found, what was
//! concluded. What was recorded before is kept.

use super::{not_found, refuse};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::Expected;
use crate::base::ids::{AnyId, EnquiryId, RowId};
use crate::base::vault::Holder;
use crate::corrections::Kind;
use crate::enquiries::model::{
    DecisionKind, Enquiry, Former, FormerConclusion, PartnerAnswer, Screen, ScreenAnswer, ScreenResult, State, Urgency, VisitFinding,
};
use crate::enquiries::rules::{self, police};
use crate::enquiries::store::{self, corrections, decisions, steps};
use crate::facts::Fact;

/// Says anew how soon a concern must be looked at. No promise goes by it: the hours of a referral are those of its severity.
///
/// # Errors
/// 404, 412.
pub fn correct_urgency(tx: &mut Tx<'_>, id: EnquiryId, expected: &Expected, urgency: Urgency) -> Result<()> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    if enquiry.urgency == urgency {
        return Ok(());
    }
    keep(tx, id, id.cast(), &Former::Urgency(enquiry.urgency))?;
    corrections::set_urgency(tx, id, urgency)?;
    store::step(tx, &enquiry, enquiry.state)
}

/// Corrects what a partner answered: the whole anew. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when it has not answered; 422 for an impossible time.
pub fn correct_answer(tx: &mut Tx<'_>, id: EnquiryId, request: RowId, expected: &Expected, answer: &PartnerAnswer) -> Result<()> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    let (asked_at, former) = find_answer(tx, id, request)?;
    if former == *answer {
        return Ok(());
    }
    rules::stated("/happened_at", Some(answer.answered_at), tx.now, asked_at)?;
    keep(tx, id, request.cast(), &Former::Answer(former))?;
    steps::answer_partner(tx, id, request, Some(answer))?;
    store::step(tx, &enquiry, enquiry.state)
}

/// Takes back an answer that was another partner's, or was never given: the question waits for one again.
///
/// # Errors
/// 404; 409 when it has not answered.
pub fn retract_answer(tx: &mut Tx<'_>, id: EnquiryId, request: RowId) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let (_, former) = find_answer(tx, id, request)?;
    keep(tx, id, request.cast(), &Former::Answer(former))?;
    steps::answer_partner(tx, id, request, None)?;
    store::step(tx, &enquiry, enquiry.state)?;
    Ok(id)
}

/// When a partner was asked, and what it answered.
fn find_answer(tx: &mut Tx<'_>, id: EnquiryId, request: RowId) -> Result<(Instant, PartnerAnswer)> {
    let Some(request) = steps::requests_of(tx, id)?.into_iter().find(|known| known.id == request) else { return not_found() };
    match request.given() {
        Some(answer) => Ok((request.asked_at, answer)),
        None => no_answer(),
    }
}

/// Corrects what the police said: the whole anew, and the concern stands as if they had said it then. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when they have not answered, or where a case was opened on that answer, or closed by it; 422 for an impossible time.
pub fn correct_screen(tx: &mut Tx<'_>, id: EnquiryId, screen: RowId, expected: &Expected, answer: ScreenAnswer) -> Result<()> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    let screens = steps::screens_of(tx, id)?;
    let (screen, former) = answered(&screens, screen)?;
    if former == answer {
        return Ok(());
    }
    rules::stated("/happened_at", Some(answer.answered_at), tx.now, screen.asked_at)?;
    put_right(tx, &enquiry, &screens, (screen.id, former), Some(answer))
}

/// Takes back an answer that the police gave to something else, or never gave: the question waits for one again.
///
/// # Errors
/// 404; 409 when they have not answered, or were asked again since, and where a case was opened on that answer, or closed by it.
pub fn retract_screen(tx: &mut Tx<'_>, id: EnquiryId, screen: RowId) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let screens = steps::screens_of(tx, id)?;
    let (screen, former) = answered(&screens, screen)?;
    if screens.iter().any(|other| other.answered_at.is_none()) {
        return refuse("Politiet er spurgt igen: notér først det svar", "The police were asked again: record that answer first");
    }
    put_right(tx, &enquiry, &screens, (screen.id, former), None)?;
    Ok(id)
}

fn answered(screens: &[Screen], id: RowId) -> Result<(Screen, ScreenAnswer)> {
    let Some(screen) = screens.iter().find(|known| known.id == id) else { return not_found() };
    match screen.given() {
        Some(answer) => Ok((*screen, answer)),
        None => no_answer(),
    }
}

fn put_right(
    tx: &mut Tx<'_>,
    enquiry: &Enquiry,
    screens: &[Screen],
    (screen, former): (RowId, ScreenAnswer),
    right: Option<ScreenAnswer>,
) -> Result<()> {
    let said = screens.iter().filter_map(|known| if known.id == screen { right } else { known.given() });
    let transfers = decisions::fact_standing(tx, enquiry.id)?.into_iter().filter(|decision| decision.kind == DecisionKind::TransferPolice);
    let standing = police::Standing {
        state: enquiry.state,
        decided_at: enquiry.decided_at,
        has_case: enquiry.case.is_some(),
        transferred_at: transfers.map(|decision| decision.decided_at).max(),
    };
    let state = police::after_correction(&standing, &said.collect::<Vec<_>>(), right)?;
    keep(tx, enquiry.id, screen.cast(), &Former::Screen(former))?;
    steps::answer_police(tx, screen, right)?;
    store::step(tx, enquiry, state)?;
    if let Some(answer) = right.filter(|answer| answer.result == ScreenResult::TakenOver)
        && state == State::TransferredPolice
        && enquiry.state != state
    {
        tx.tell(Fact::PoliceTookOver { enquiry: enquiry.id, at: answer.answered_at });
    } else if let Some(case) = enquiry.case {
        tx.tell(Fact::ReferralLimitChanged { case });
    }
    Ok(())
}

/// Corrects what a home visit found: the whole anew. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when nothing is recorded of it; 422 for an impossible time.
pub fn correct_visit(tx: &mut Tx<'_>, id: EnquiryId, visit: RowId, expected: &Expected, found: &VisitFinding) -> Result<()> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    let (decided_at, former) = find_finding(tx, id, visit)?;
    if former == *found {
        return Ok(());
    }
    rules::stated("/happened_at", Some(found.visited_at), tx.now, decided_at)?;
    keep(tx, id, visit.cast(), &Former::Visit(former))?;
    steps::record_visit(tx, id, visit, Some(found))?;
    store::step(tx, &enquiry, enquiry.state)
}

/// Takes back what was recorded of a home visit that was another's, or did not take place: it is only decided again.
///
/// # Errors
/// 404; 409 when nothing is recorded of it.
pub fn retract_visit(tx: &mut Tx<'_>, id: EnquiryId, visit: RowId) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let (_, former) = find_finding(tx, id, visit)?;
    keep(tx, id, visit.cast(), &Former::Visit(former))?;
    steps::record_visit(tx, id, visit, None)?;
    store::step(tx, &enquiry, enquiry.state)?;
    Ok(id)
}

/// When a home visit was decided, and what it found.
fn find_finding(tx: &mut Tx<'_>, id: EnquiryId, visit: RowId) -> Result<(Instant, VisitFinding)> {
    let Some(visit) = steps::visits_of(tx, id)?.into_iter().find(|known| known.id == visit) else { return not_found() };
    match visit.found() {
        Some(found) => Ok((visit.decided_at, found)),
        None => refuse("Der er intet noteret om hjemmebesøget", "Nothing is recorded of the home visit"),
    }
}

/// Takes back a conclusion that was drawn by mistake, with the decision that it was: the concern is qualified again, and concluded anew as any
/// other. Whatever was built on a founded one comes first (`Fact::ConclusionRetracted` is answered by the cases, or refused).
///
/// # Errors
/// 404, 412; 409 when nothing was concluded, or with what was built on it since.
pub fn retract_conclusion(tx: &mut Tx<'_>, id: EnquiryId, expected: &Expected) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    let concluded = (rules::decision_of(enquiry.state), enquiry.decided_at);
    let mut standing = decisions::fact_standing(tx, id)?.into_iter();
    let Some(decision) = standing.rfind(|decision| (Some(decision.kind), Some(decision.decided_at)) == concluded) else {
        return refuse(
            "Der er ingen afslutning at tage tilbage; har politiet overtaget, rettes deres svar",
            "There is no conclusion to take back; where the police took over, their answer is corrected",
        );
    };
    let former = FormerConclusion {
        outcome: enquiry.state,
        decided_at: decision.decided_at,
        decided_by: enquiry.decided_by,
        recorded_at: enquiry.decided_recorded_at,
        assessment: store::open_assessment(tx, &enquiry)?,
        case_kind: enquiry.case_kind,
        target_group: enquiry.target_group,
        police_statement_at: enquiry.police_statement_at,
        severity: enquiry.severity,
        responsible_authority: enquiry.responsible_authority.clone(),
        needs_local_effort: enquiry.needs_local_effort,
        case: enquiry.case,
    };
    keep(tx, id, decision.id.cast(), &Former::Conclusion(Box::new(former)))?;
    decisions::retract(tx, &decision)?;
    corrections::clear_conclusion(tx, id)?;
    let answers: Vec<ScreenAnswer> = steps::screens_of(tx, id)?.iter().filter_map(Screen::given).collect();
    let state = if police::have_it(&answers, None) { State::TransferredPolice } else { State::Qualifying };
    store::step(tx, &enquiry, state)?;
    tx.tell(Fact::ConclusionRetracted { enquiry: id, decision: decision.id, case: enquiry.case, at: decision.decided_at });
    Ok(id)
}

fn keep(tx: &mut Tx<'_>, id: EnquiryId, subject: AnyId, former: &Former) -> Result<()> {
    crate::corrections::keep(tx, Kind::Finding, subject, Holder::enquiry(id), former)
}

fn no_answer<T>() -> Result<T> {
    refuse("Der er intet svar noteret", "No answer is recorded")
}
