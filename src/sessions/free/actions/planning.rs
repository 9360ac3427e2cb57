//! Hold a time that is to be planned against the rules, and name other times to whoever loses one.

use chrono::{NaiveDate, TimeDelta};

use super::{allowed, ask_for, load, load_claims, load_limits, question, shown};
use crate::access::Tx;
use crate::availability::actions::zone_of;
use crate::availability::slots::{Agreed, Objection, Slot};
use crate::base::calendar::Range;
use crate::base::clock::Instant;
use crate::base::error::{Alternative, Code, Error, Problem, Result, Violation};
use crate::base::ids::{SessionId, StaffId};
use crate::courses;
use crate::matching::{self, Match, proofs};
use crate::sessions::free::model::{Member, Wanted};
use crate::sessions::free::rules;
use crate::sessions::model::{Session, Side};
use crate::sessions::rules::takes_more;
use crate::staff;

/// How many other times the loser of one is told.
const ALTERNATIVES: usize = 3;
/// How far after it they lie at most.
const ALTERNATIVES_WITHIN: TimeDelta = TimeDelta::days(28);
/// How far before it is looked at a time, where there are not as many after it.
const BEFORE_WITHIN: TimeDelta = TimeDelta::days(92);

/// When the time of a session was set, which is what notice and horizon ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sessions) enum TimeSet {
    /// In this very verb.
    Now,
    /// Before: it is confirmed, restored or covered, or changed where it begins.
    Before,
}

/// Holds the time of sessions that are planned together against leave, notice, horizon, limits and buffers, and against the proofs of whoever
/// meets the person. Called under the lock of everybody, before the claims. The settings' defaults let everything pass, and read nothing.
///
/// # Errors
/// 409 `not_available`, with what speaks against it as far as the caller may see, and other times.
pub(in crate::sessions) fn check_rules(tx: &mut Tx<'_>, together: &[Session], set: TimeSet) -> Result<()> {
    let ids: Vec<SessionId> = together.iter().map(|session| session.id).collect();
    for session in together {
        if let Some(problem) = against_rules(tx, session, &ids, set)? {
            return Err(problem.or_at(alternatives(tx, together)?).into());
        }
    }
    Ok(())
}

/// Holds sessions that are arranged anew together against the rules, beside what each was. What keeps its start was set before.
///
/// # Errors
/// As [`check_rules`].
pub(in crate::sessions) fn check_arranged(tx: &mut Tx<'_>, before: &[Session], new: &[Session]) -> Result<()> {
    let mut both = before.iter().zip(new);
    if !both.clone().any(|(before, new)| takes_more(before, new)) {
        return Ok(());
    }
    let set = if both.all(|(before, new)| before.starts_at == new.starts_at) { TimeSet::Before } else { TimeSet::Now };
    check_rules(tx, new, set)
}

fn against_rules(tx: &mut Tx<'_>, session: &Session, but: &[SessionId], set: TimeSet) -> Result<Option<Problem>> {
    let Some(meeting) = session.time() else { return Ok(None) };
    // Whoever meets the person: the mentor or coach, or who covers for them.
    let host = session.host();
    let meetings = rules::meetings(session.kind, &tx.programme.availability);
    let leaves = if tx.programme.availability.plan_in_leave { Vec::new() } else { leaves_of(tx, host)? };
    let wanted = Wanted { kind: session.kind, window: meeting, length_min: None };
    let claims =
        if rules::has_buffers(&tx.programme.availability) { load_claims(tx, vec![host.cast()], meeting, but)? } else { Vec::new() };
    let limits = load_limits(tx, &[host], &wanted, but)?.remove(&host).unwrap_or_default();
    // Only leave is counted in dates of their own clock.
    let zone = if leaves.is_empty() { tx.programme.zone } else { zone_of(tx, host)? };
    let member = Member {
        has_stated: true,
        leaves,
        busy: rules::busy(&claims, host.cast(), Side::Staff, &tx.programme.availability),
        ..Member::blank(host.cast(), Side::Staff, zone)
    };
    let mut found = rules::against_planning(meeting, meetings, &member, &limits.full, tx.now, tx.programme.calendar());
    if set == TimeSet::Before {
        found.retain(|objection| !matches!(objection, Objection::Notice | Objection::Horizon));
    }
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    if !proofs::actions::of(tx, &matched, host)?.hold_on(tx.programme.calendar().zone.date(session.starts_at)) {
        found.push(Objection::Certificate);
    }
    if found.is_empty() { Ok(None) } else { refusal(tx, session, meeting, found).map(Some) }
}

/// The refusal of a session's time by what speaks against it, as far as the caller may see.
fn refusal(tx: &mut Tx<'_>, session: &Session, meeting: Range, found: Vec<Objection>) -> Result<Problem> {
    let wanted = Wanted { kind: session.kind, window: meeting, length_min: None };
    let ask = question(tx, &wanted, None, Agreed::default());
    let mut shown = shown(tx, (session.host().cast(), Side::Staff), meeting, &ask, found)?;
    shown.sort_unstable();
    shown.dedup();
    Ok(rules::refusal(&shown))
}

/// Refuses a new session at a time that was offered and that nobody looked at since, where something speaks against it by now. That it overlaps is
/// for the claims to say.
///
/// # Errors
/// As [`check_rules`].
pub(in crate::sessions) fn check_offered(tx: &mut Tx<'_>, session: &Session, mut found: Vec<Objection>) -> Result<()> {
    found.retain(|objection| *objection != Objection::Busy);
    let Some(meeting) = session.time().filter(|_| !found.is_empty()) else { return Ok(()) };
    let problem = refusal(tx, session, meeting, found)?;
    Err(problem.or_at(alternatives(tx, std::slice::from_ref(session))?).into())
}

/// First and last day of each leave of a member of staff.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn leaves_of(tx: &mut Tx<'_>, host: StaffId) -> Result<Vec<(NaiveDate, NaiveDate)>> {
    let service = staff::store::list_service(tx, None, Some(host))?;
    Ok(service.iter().flat_map(|service| &service.leaves).map(|leave| (leave.from_on, leave.until_on)).collect())
}

/// What a verb over sessions at one time ended with; where somebody else took the time, a refusal with the next free ones.
///
/// # Errors
/// The verb's; 409 `claims_overlap`.
pub(in crate::sessions) fn or_alternatives<T>(tx: &mut Tx<'_>, together: &[Session], ended: Result<T>) -> Result<T> {
    if !matches!(ended, Err(Error::Violation(Violation::ClaimsOverlap))) {
        return ended;
    }
    let alternatives = alternatives(tx, together)?;
    Err(Problem::new(Code::ClaimsOverlap).or_at(alternatives).into())
}

/// The next free times of the same people for the same length, what somebody wishes for first; where they are too few, the nearest from now on until
/// the refused one (a leave or the horizon may lie after it): no more than whoever may plan for them can look up.
fn alternatives(tx: &mut Tx<'_>, together: &[Session]) -> Result<Vec<Alternative>> {
    let Some(first) = together.first() else { return Ok(Vec::new()) };
    let Some(refused) = Range::new(first.starts_at, first.ends_at) else { return Ok(Vec::new()) };
    let (now, starts_at) = (tx.now, refused.starts_at());
    let mut matches: Vec<Match> = Vec::new();
    for session in together {
        let matched = matching::store::find_fact(tx, session.matched)?;
        matches.extend(matched.map(|matched| Match { staff: session.host(), ..matched }));
    }
    let standings = matches.iter().map(|matched| courses::actions::standing(tx, matched.course)).collect::<Result<Vec<_>>>()?;
    let may = allowed(tx, &matches, &standings)?;
    let ids: Vec<SessionId> = together.iter().map(|session| session.id).collect();
    let mut free = |from: Instant, until: Instant, most: usize| -> Result<Vec<Slot>> {
        let wanted = Wanted {
            kind: first.kind,
            window: refused.between(from, until),
            length_min: u32::try_from(refused.length().num_minutes()).ok().filter(|minutes| *minutes > 0),
        };
        let ask = ask_for(tx, &matches, &wanted);
        let members = load(tx, &matches, &wanted, &ids)?;
        let calendar = tx.programme.calendar();
        let mut slots = rules::free_times(&members, &ask, calendar, tx.programme.availability.work_on_holidays);
        slots.retain(|slot| may(calendar.zone.date(slot.starts_at)));
        // On PostgreSQL the winner's claim may lie outside this snapshot: what was refused is never named again.
        slots.retain(|slot| Range::new(slot.starts_at, slot.ends_at).is_some_and(|other| !other.overlaps(refused)));
        Ok(rules::best(slots, most, starts_at))
    };
    let mut slots = free(starts_at, starts_at.plus(ALTERNATIVES_WITHIN), ALTERNATIVES)?;
    let mut until = starts_at;
    while slots.len() < ALTERNATIVES && now < until {
        let from = now.max(until.minus(BEFORE_WITHIN));
        slots.splice(0..0, free(from, until, ALTERNATIVES.saturating_sub(slots.len()))?);
        until = from;
    }
    Ok(slots.into_iter().map(|slot| Alternative { starts_at: slot.starts_at, ends_at: slot.ends_at }).collect())
}
