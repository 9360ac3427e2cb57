//! A closed case that runs again: an offer of it was accepted, or it was closed by mistake.

use super::check_open;
use crate::access::Tx;
use crate::access::accounts::may_coordinate;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CaseId, OfferId};
use crate::base::vault::Holder;
use crate::cases::model::{Case, CloseReason, FormerClosing, Reopening, RetractedClosing, State};
use crate::cases::store;
pub use crate::cases::store::reopenings::list;
use crate::corrections;
use crate::duties::CASE_CLOSED;
use crate::duties::store::list_ended;
use crate::facts::Fact;

/// Consequence: an offer of the case was accepted. A course runs in an open case only, so a closed one is open again from that day, with
/// the coordinator it had, as long as they may have it. What ended with the closing stays ended.
///
/// # Errors
/// 409 when it is archived or erased.
pub fn reopen(tx: &mut Tx<'_>, id: CaseId, offer: OfferId, at: Instant) -> Result<()> {
    let Some(case) = store::fact(tx, id)? else { return Ok(()) };
    let (State::Closed, Some(closed_at), Some(close_reason)) = (case.state, case.closed_at, case.close_reason) else {
        return check_open(&case);
    };
    let reopening = Reopening { offer: Some(offer), closed_at, close_reason, reopened_at: at.max(closed_at), recorded_at: tx.now };
    store::reopenings::insert(tx, id, &reopening)?;
    open_again(tx, case)
}

fn open_again(tx: &mut Tx<'_>, mut case: Case) -> Result<()> {
    (case.state, case.closed_at, case.close_reason) = (State::Open, None, None);
    if let Some(account) = case.coordinator
        && !may_coordinate(tx, account, &[case.id.cast()])?
    {
        case.coordinator = None;
    }
    store::save(tx, &case)
}

/// Consequence: an answer was taken back. The case that it had opened again is closed as it was; unless something else was made or recorded in it
/// since, which takes an open case: then that opened it, when the first of it happened.
///
/// # Errors
/// The database's.
pub fn answer_retracted(tx: &mut Tx<'_>, offer: OfferId) -> Result<()> {
    let Some((row, id, reopening)) = store::reopenings::find_of_offer(tx, offer)? else { return Ok(()) };
    let Some(case) = store::fact(tx, id)? else { return Ok(()) };
    let Reopening { closed_at, close_reason, reopened_at, recorded_at, .. } = reopening;
    if case.state != State::Open {
        // Closed anew since: that closing is its own.
        return store::reopenings::set(tx, row, None, reopened_at);
    }
    match store::reopenings::fact_kept_open(tx, &case, offer, recorded_at)? {
        Some((at, other)) => {
            store::reopenings::set(tx, row, other, at.max(closed_at))?;
            store::save(tx, &case)
        }
        None => {
            store::reopenings::remove(tx, row)?;
            let (closed_at, close_reason) = (Some(closed_at), Some(close_reason));
            store::save(tx, &Case { state: State::Closed, closed_at, close_reason, ..case })?;
            tx.tell(Fact::CaseClosed { case: id, at: reopening.closed_at });
            Ok(())
        }
    }
}

/// Takes back a closing that was recorded by mistake: the case is open as if it had not been closed, with the coordinator it had, as long as
/// they may have it. Nothing but promises ends with a closing; offers and courses that were over before it stay so.
///
/// # Errors
/// 404; 409 when it is not closed, was opened again since, or the concern that opened it is founded no more.
pub fn retract_closing(tx: &mut Tx<'_>, id: CaseId) -> Result<CaseId> {
    let case = store::get(tx, id)?;
    let (State::Closed, Some(closed_at), Some(reason)) = (case.state, case.closed_at, case.close_reason) else {
        let has_run_again = case.state == State::Open && !list(tx, id)?.is_empty();
        let words = if has_run_again {
            ("Sagen blev åbnet igen siden", "The case was opened again since")
        } else {
            ("Sagen er ikke lukket", "The case is not closed")
        };
        return Err(Problem::new(Code::WrongState).say(words.0, words.1).into());
    };
    if let Some(enquiry) = store::founded::fact_lost_opener(tx, id)? {
        let words = (
            "Sagen blev lukket med henvendelsen, som politiet overtog: den kvalificeres på ny i stedet",
            "The case was closed with the concern, which the police took over: that is qualified anew instead",
        );
        return Err(Problem::new(Code::Blocked).say(words.0, words.1).blocked_by("enquiry", enquiry.uuid()).into());
    }
    corrections::keep(tx, corrections::Kind::Closing, id.cast(), Holder::case(id), &FormerClosing { closed_at, reason })?;
    open_again(tx, case)?;
    tx.tell(Fact::ClosingRetracted { case: id, at: closed_at });
    Ok(id)
}

/// The closings of a case that were taken back, the first first, each with the promises that ended with it and are not asked for again. The
/// caller must have been shown the case.
///
/// # Errors
/// The database's and the vault's.
pub fn list_retracted(tx: &mut Tx<'_>, id: CaseId) -> Result<Vec<RetractedClosing>> {
    // They do not survive a closing, or nothing is offered again.
    let (mut all, mut reasons) = (Vec::new(), CloseReason::all_ending_offers());
    reasons.push(CASE_CLOSED);
    for correction in corrections::list::<FormerClosing>(tx, corrections::Kind::Closing, id.cast(), Holder::case(id))? {
        let mut lapsed = list_ended(tx, id, correction.former.closed_at, &reasons)?;
        // Closed anew at the same moment, others ended with that.
        lapsed.retain(|duty| duty.closed_recorded_at <= Some(correction.corrected_at));
        all.push(RetractedClosing { correction, lapsed });
    }
    Ok(all)
}
