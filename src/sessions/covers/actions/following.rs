//! What a cover brings with it: sight of session and person, and whose the log is; and what takes it back.

use super::errands;
use crate::access::store::{end_by_cause, grant_between, stands_until};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result, Violation};
use crate::base::ids::{AccountId, MatchId, PersonId, RowId, StaffId};
use crate::duties::store::Which;
use crate::duties::{self, Kind};
use crate::facts::Fact;
use crate::matching;
use crate::matching::actions::covers::{may_meet, may_on};
use crate::sessions::covers::model::{Cover, CoverState};
use crate::sessions::covers::{rules, store};
use crate::sessions::model::{Session, Side, State};
use crate::sessions::{actions as sessions, answers, joint, store as session_store};
use crate::staff;

/// A cover begins: in the place of one that stood before. `leave` is that of whoever runs the match; decided in a leave of whoever came for them
/// (`None`), it is for the leave that they came for.
pub(super) fn begin(tx: &mut Tx<'_>, session: &Session, by: StaffId, leave: Option<RowId>) -> Result<()> {
    let before = end_standing(tx, session, CoverState::TakenBack)?;
    let account = staff::store::fact_account(tx, by)?;
    // What they read goes on above what they were ever shown of it, and says nothing of what happened to it when it was not theirs.
    let shown_first = store::fact_last_seen(tx, session, by, account)?.saturating_add(1);
    let version = session_store::find_fact(tx, session.id)?.ok_or(Code::NotFound)?.version;
    let cover = Cover {
        id: tx.new_id(),
        session: session.id,
        matched: session.matched,
        staff: by,
        account,
        leave: leave.or(before.and_then(|before| before.leave)),
        state: CoverState::Standing,
        unseen: version.saturating_sub(shown_first),
    };
    store::insert(tx, &cover)?;
    tx.tell(Fact::CoverChanged { staff: by });
    relate(tx, session, by, cover.account)?;
    hand_over_log(tx, session, cover.account)?;
    answers::actions::host_changed(tx, session.id)
}

/// Whose account sees the session, from now on, and its person, from some days before it; both until some days after, the person no longer than
/// whoever covers is on loan. Nobody: nobody's.
fn relate(tx: &mut Tx<'_>, session: &Session, by: StaffId, account: Option<AccountId>) -> Result<()> {
    let cause = session.id.cast();
    let now = tx.now;
    end_by_cause(tx, RelationKind::Covers, cause, now)?;
    let Some(account) = account else { return Ok(()) };
    let (lead_days, grace_days) = (tx.programme.cover_lead_days, tx.programme.cover_grace_days);
    let (from, until) = rules::sight(session, now, lead_days, grace_days);
    if now >= until {
        return Ok(());
    }
    let given = (RelationKind::Covers, matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?.role());
    grant_between(tx, account, given, session.id, (now, until), "cover", cause)?;
    let until = person_seen_until(tx, by, until)?;
    // Of a session that is cancelled the time is enough.
    if session.state != State::Cancelled && from < until {
        grant_between(tx, account, given, session.person, (from, until), "cover", cause)?;
    }
    Ok(())
}

/// Until when whoever covers a session sees its person.
fn person_seen_until(tx: &mut Tx<'_>, by: StaffId, session_until: Instant) -> Result<Instant> {
    let loan_until_on = staff::store::fact_loan(tx, by)?;
    Ok(loan_until_on.map_or(session_until, |last| session_until.min(tx.programme.calendar().zone.end_of(last))))
}

fn hand_over_log(tx: &mut Tx<'_>, session: &Session, to: Option<AccountId>) -> Result<()> {
    duties::actions::hand_over(tx, &Which::subject(session.id, &[Kind::LogMissing]), to).map(drop)
}

/// Consequence of a changed session: whoever covers it sees it until after its present time, and the person is told who comes.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    errands::agree_others(tx, session)?;
    // Of what came to pass the sight stays as it was.
    if session.cover.is_none() || !session.state.is_open() && session.state != State::Cancelled {
        return Ok(());
    }
    match store::find_standing(tx, session.id)? {
        Some(cover) => agree_sight(tx, session, &cover),
        None => Ok(()),
    }
}

/// Makes what a cover sees agree with its session and the loan of whoever covers. Told again it changes nothing.
fn agree_sight(tx: &mut Tx<'_>, session: &Session, cover: &Cover) -> Result<()> {
    let (cause, grace_days) = (session.id.cast(), tx.programme.cover_grace_days);
    let (_, until) = rules::sight(session, tx.now, 0, grace_days);
    let person_until = person_seen_until(tx, cover.staff, until)?;
    let sees_session = stands_until(tx, RelationKind::Covers, session.id, cause, until)?;
    let sees_person = stands_until(tx, RelationKind::Covers, session.person, cause, person_until)?;
    if sees_session && sees_person == (session.state != State::Cancelled) {
        return Ok(());
    }
    relate(tx, session, cover.staff, cover.account)
}

/// Ends the cover of a session that stands, if one does: it is not seen any more. Gives what it was.
pub(super) fn end_standing(tx: &mut Tx<'_>, session: &Session, state: CoverState) -> Result<Option<Cover>> {
    let Some(cover) = store::find_standing(tx, session.id)? else { return Ok(None) };
    let now = tx.now;
    store::end(tx, &cover, cover.shown_version(session), state, now)?;
    tx.tell(Fact::CoverChanged { staff: cover.staff });
    end_by_cause(tx, RelationKind::Covers, session.id.cast(), now)?;
    let own = staff::store::fact_account(tx, session.staff)?;
    hand_over_log(tx, session, own)?;
    Ok(Some(cover))
}

/// Gives a session back to whoever runs the match, to be decided again. Where they have something else then it is cancelled: nobody is ever in
/// two places.
pub(super) fn take_back(tx: &mut Tx<'_>, mut session: Session, state: CoverState) -> Result<()> {
    tx.lock(&session.both())?;
    end_standing(tx, &session, state)?;
    session_store::release(tx, session.id)?;
    session.cover = None;
    session_store::save(tx, &session)?;
    match tx.attempt(|tx| joint::actions::claim(tx, &session)) {
        Err(Error::Violation(Violation::ClaimsOverlap)) => {
            let (session, now) = (session_store::find_fact(tx, session.id)?.ok_or(Code::NotFound)?, tx.now);
            sessions::take_off(tx, session, (Side::Unit, None), now, false, None)
        }
        Ok(()) => answers::actions::host_changed(tx, session.id),
        Err(error) => Err(error),
    }
}

/// Gives the time of a session that somebody covers to whoever runs the match. False: they have something else then. One that is off takes none.
pub(super) fn take_over_time(tx: &mut Tx<'_>, covered: &Session) -> Result<bool> {
    if !covered.state.is_open() {
        return Ok(true);
    }
    tx.lock(&covered.everybody())?;
    let taken = tx.attempt(|tx| {
        session_store::release(tx, covered.id)?;
        joint::actions::claim(tx, &Session { cover: None, ..covered.clone() })
    });
    match taken {
        Ok(()) => Ok(true),
        Err(Error::Violation(Violation::ClaimsOverlap)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes covers back of sessions that begin after a moment. What follows waits until all are: what one step decided ends in one word.
pub(super) fn withdraw(tx: &mut Tx<'_>, covers: &[Cover], after: Instant, state: CoverState) -> Result<()> {
    for cover in covers {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        if session.starts_at <= after {
            continue;
        }
        match session.state {
            State::Planned | State::Proposed => {
                take_back(tx, session, state)?;
                tx.tell(Fact::SessionChanged { session: cover.session });
            }
            // It may be restored, and whoever covered it does not come.
            State::Cancelled => {
                end_standing(tx, &session, state)?;
                session_store::save(tx, &Session { cover: None, ..session })?;
            }
            State::Held | State::NoShow | State::Tried => {}
        }
    }
    Ok(())
}

/// Consequence of a member of staff's leaving: what they would have covered after it is open to decide again.
///
/// # Errors
/// The database's.
pub fn staff_left(tx: &mut Tx<'_>, staff: StaffId, at: Instant) -> Result<()> {
    let standing = store::fact_standing_of(tx, staff, at)?;
    withdraw(tx, &standing, at, CoverState::TakenBack)
}

/// The person said no to somebody: whatever else they cover in the match is open to decide again, too.
pub(super) fn refuse(tx: &mut Tx<'_>, staff: StaffId, matched: MatchId) -> Result<()> {
    let now = tx.now;
    let mut standing = store::fact_standing_of(tx, staff, now)?;
    standing.retain(|cover| cover.matched == matched);
    withdraw(tx, &standing, now, CoverState::Refused)
}

/// Consequence of rights that an account lost: what whoever has it, or had it last, covers and may not see any more is open to decide again.
///
/// # Errors
/// The database's.
pub fn rights_lost(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    staff::store::accounts::fact_whose(tx, account)?.into_iter().try_for_each(|staff| take_unseen_back(tx, staff))
}

/// What nobody signs in for is the unit's, and seen, unless whoever covers is barred.
fn take_unseen_back(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let now = tx.now;
    let mut unseen = Vec::new();
    for cover in store::fact_standing_of(tx, staff, now)? {
        let matched = matching::store::find_fact(tx, cover.matched)?.ok_or(Code::NotFound)?;
        if !may_meet(tx, staff, &matched)? {
            unseen.push(cover);
        }
    }
    withdraw(tx, &unseen, now, CoverState::TakenBack)
}

/// Consequence of another account: it sees what the member of staff covers, as far as it may, and theirs are the logs.
///
/// # Errors
/// The database's.
pub fn account_changed(tx: &mut Tx<'_>, staff: StaffId, to: Option<AccountId>) -> Result<()> {
    for cover in standing_or_seen(tx, staff)? {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        store::set_account(tx, &cover, to)?;
        relate(tx, &session, staff, to)?;
        hand_over_log(tx, &session, to)?;
    }
    take_unseen_back(tx, staff)
}

/// What a member of staff covers, or covered and still sees.
fn standing_or_seen(tx: &mut Tx<'_>, staff: StaffId) -> Result<Vec<Cover>> {
    let grace = chrono::TimeDelta::days(i64::from(tx.programme.cover_grace_days));
    let after = tx.now.minus(grace);
    store::fact_standing_of(tx, staff, after)
}

/// Whether a member of staff could cover a session on its day.
pub(super) fn may_cover(tx: &mut Tx<'_>, session: &Session, by: StaffId) -> Result<bool> {
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    let on = tx.programme.calendar().zone.date(session.starts_at);
    may_on(tx, &matched, on, by)
}

/// Consequence of a loan, of proofs, or of what they do, that changed: what a member of staff covers on a day on which they could not any more is open to decide
/// again, and whom they meet they see no longer than their loan.
///
/// # Errors
/// The database's.
pub fn limits_changed(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let standing = standing_or_seen(tx, staff)?;
    judge_again(tx, standing)
}

/// Consequence of a birth date: who covers sessions of a child has a certificate.
///
/// # Errors
/// The database's.
pub fn limits_changed_for(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let now = tx.now;
    let mut standing = Vec::new();
    for session in session_store::fact_of_person(tx, person)? {
        if session.cover.is_some() && session.starts_at > now {
            standing.extend(store::find_standing(tx, session.id)?);
        }
    }
    judge_again(tx, standing)
}

fn judge_again(tx: &mut Tx<'_>, standing: Vec<Cover>) -> Result<()> {
    let now = tx.now;
    let mut over = Vec::new();
    for cover in standing {
        let session = session_store::find_fact(tx, cover.session)?.ok_or(Code::NotFound)?;
        if session.starts_at > now && !may_cover(tx, &session, cover.staff)? {
            over.push(cover);
        } else {
            agree_sight(tx, &session, &cover)?;
        }
    }
    withdraw(tx, &over, now, CoverState::TakenBack)
}
