//! What a cover brings with it: sight of session and person, whose the log is, and that somebody tells the person.

use crate::access::store::{end_by_cause, grant_between, stands_until};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result, Violation};
use crate::base::ids::{AccountId, StaffId};
use crate::cases;
use crate::duties::store::Which;
use crate::duties::{self, About, Duty, Kind, Promise, State as DutyState};
use crate::facts::Fact;
use crate::journal::Subject;
use crate::sessions::covers::model::{Cover, CoverState};
use crate::sessions::covers::{rules, store};
use crate::sessions::model::{Session, Side, State};
use crate::sessions::reminders::rules::by_hand_until;
use crate::sessions::{actions as sessions, joint, store as session_store};
use crate::staff;

/// Of a session's errands by hand, the one that tells who comes instead.
const SLOT: &str = "cover";

/// A cover begins: in the place of one that stood before.
pub(super) fn begin(tx: &mut Tx<'_>, session: &Session, by: StaffId, is_first: bool) -> Result<()> {
    end_standing(tx, session, CoverState::TakenBack)?;
    let account = staff::store::fact_account(tx, by)?;
    let cover = Cover { id: tx.new_id(), session: session.id, matched: session.matched, staff: by, account, state: CoverState::Standing };
    store::insert(tx, &cover)?;
    tx.tell(Fact::CoverChanged { staff: by });
    relate(tx, session, account)?;
    hand_over_log(tx, session, account)?;
    if is_first {
        let (now, owner) = (tx.now, cases::store::fact_coordinator(tx, session.case)?);
        let promise = Promise {
            kind: Kind::TellByHand,
            subject: Subject::from(session.id),
            slot: SLOT.to_owned(),
            about: About { case: Some(session.case), person: Some(session.person), matched: Some(session.matched), ..About::default() },
            owner,
            from_at: now,
            opens_at: now,
            due_at: by_hand_until(session, now, tx.programme),
        };
        duties::actions::open(tx, &promise)?;
    }
    Ok(())
}

/// The errand that tells a person who comes instead, while it waits: what is planned of the session's own errands leaves it.
///
/// # Errors
/// The database's.
pub fn keeps_errand(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Promise>> {
    if session.cover.is_none() {
        return Ok(None);
    }
    let errand = duties::store::find(tx, Kind::TellByHand, session.id.cast(), SLOT)?;
    Ok(errand.filter(|errand| errand.state == DutyState::Open).as_ref().map(Duty::promise))
}

/// Whose account sees the session, from now on, and its person, from some days before it; both until some days after. Nobody: nobody's.
fn relate(tx: &mut Tx<'_>, session: &Session, account: Option<AccountId>) -> Result<()> {
    let cause = session.id.cast();
    let now = tx.now;
    end_by_cause(tx, RelationKind::Covers, cause, now)?;
    let Some(account) = account else { return Ok(()) };
    let (lead_days, grace_days) = (tx.programme.cover_lead_days, tx.programme.cover_grace_days);
    let (from, until) = rules::sight(session, now, lead_days, grace_days);
    if now >= until {
        return Ok(());
    }
    grant_between(tx, account, RelationKind::Covers, session.id, (now, until), "cover", cause)?;
    // Of a session that is cancelled the time is enough.
    if session.state != State::Cancelled {
        grant_between(tx, account, RelationKind::Covers, session.person, (from, until), "cover", cause)?;
    }
    Ok(())
}

fn hand_over_log(tx: &mut Tx<'_>, session: &Session, to: Option<AccountId>) -> Result<()> {
    duties::actions::hand_over(tx, &Which::subject(session.id).kinds(&[Kind::LogMissing]), to).map(drop)
}

/// Consequence of a changed session: whoever covers it sees it until after its present time.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    if session.cover.is_none() || !matches!(session.state, State::Planned | State::Cancelled) {
        return Ok(());
    }
    let Some(cover) = store::find_standing(tx, session.id)? else { return Ok(()) };
    let (cause, grace_days) = (session.id.cast(), tx.programme.cover_grace_days);
    let (_, until) = rules::sight(session, tx.now, 0, grace_days);
    let sees_session = stands_until(tx, RelationKind::Covers, session.id, cause, until)?;
    let sees_person = stands_until(tx, RelationKind::Covers, session.person, cause, until)?;
    if sees_session && sees_person == (session.state == State::Planned) {
        return Ok(());
    }
    relate(tx, session, cover.account)
}

/// Ends the cover of a session that stands, if one does: it is not seen any more.
pub(super) fn end_standing(tx: &mut Tx<'_>, session: &Session, state: CoverState) -> Result<()> {
    let Some(cover) = store::find_standing(tx, session.id)? else { return Ok(()) };
    let now = tx.now;
    store::end(tx, &cover, state, now)?;
    tx.tell(Fact::CoverChanged { staff: cover.staff });
    end_by_cause(tx, RelationKind::Covers, session.id.cast(), now)?;
    let errand = Which::subject(session.id).kinds(&[Kind::TellByHand]).slot(SLOT);
    duties::actions::end(tx, &errand, now, "not_needed")?;
    let own = staff::store::fact_account(tx, session.staff)?;
    hand_over_log(tx, session, own)
}

/// Gives a session back to whoever runs the match, to be decided again. Where they have something else then it is cancelled: nobody is ever in
/// two places.
pub(super) fn take_back(tx: &mut Tx<'_>, mut session: Session, state: CoverState) -> Result<()> {
    session_store::lock(tx, &session)?;
    end_standing(tx, &session, state)?;
    session_store::release(tx, session.id)?;
    session.cover = None;
    session_store::save(tx, &session)?;
    match tx.attempt(|tx| joint::actions::claim(tx, &session)) {
        Err(Error::Violation(Violation::ClaimsOverlap)) => {
            let (session, now) = (session_store::find_fact(tx, session.id)?.ok_or(Code::NotFound)?, tx.now);
            sessions::take_off(tx, session, (Side::Unit, None), now, false, None)
        }
        other => other,
    }
}

/// Consequence of a member of staff's leaving: what they would have covered after it is open to decide again.
///
/// # Errors
/// The database's.
pub fn staff_left(tx: &mut Tx<'_>, staff: StaffId, at: Instant) -> Result<()> {
    for cover in store::fact_standing_of(tx, staff, at)? {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        if session.starts_at <= at {
            continue;
        }
        match session.state {
            State::Planned | State::Proposed => {
                take_back(tx, session, CoverState::TakenBack)?;
                sessions::follow(tx, cover.session)?;
                tx.tell(Fact::SessionsChanged { matched: cover.matched });
            }
            // It may be restored, and whoever left does not come.
            State::Cancelled => end_standing(tx, &session, CoverState::TakenBack)?,
            State::Held | State::NoShow | State::Tried => {}
        }
    }
    Ok(())
}

/// Consequence of another account: it sees what the member of staff covers, and theirs are the logs.
///
/// # Errors
/// The database's.
pub fn account_changed(tx: &mut Tx<'_>, staff: StaffId, to: Option<AccountId>) -> Result<()> {
    let grace = chrono::TimeDelta::days(i64::from(tx.programme.cover_grace_days));
    let after = tx.now.minus(grace);
    for cover in store::fact_standing_of(tx, staff, after)? {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        store::set_account(tx, &cover, to)?;
        relate(tx, &session, to)?;
        hand_over_log(tx, &session, to)?;
    }
    Ok(())
}
