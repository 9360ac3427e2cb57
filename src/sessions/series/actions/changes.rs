//! Change what is still to come of a series, or take it off. The past is never rewritten.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::{check, planning};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::Expected;
use crate::base::ids::{MatchId, SeriesId, SessionId};
use crate::base::value::Flaw;
use crate::facts::Fact;
use crate::matching;
use crate::sessions::changes::{self, Because, Reason};
use crate::sessions::model::{Cancellation, Occurrence, Session, Side};
use crate::sessions::series::model::{EndReason, Extent, GapReason, GapState, Scope, Series, Wish};
use crate::sessions::series::{rules, store};
use crate::sessions::{actions as sessions, rules as session_rules, store as session_store};

/// Changes the time, weekday, rhythm, length, place, kind or end of what is still to come: of all of a series, or of a date and the rest, which
/// are a new series then that continues this one. Where the first of those sessions moves to an earlier day of its week, it begins with that day.
///
/// A session keeps its id: it moves to the new date of its week (its month, where the series is and stays monthly). Where that date is past it
/// stays as it is; one without such a date is cancelled. A date without a session is planned, or is a gap, as is one whose week or month had its
/// session before. Sessions that were moved or cancelled by themselves or are covered, and gaps that were dismissed, stay as they are, and so
/// does how or where they meet at one of them, and for how long unless another length is stated. What stayed because it was covered goes with the
/// next change once the cover is over. A session that keeps its start is judged only by what is added to it: more time, and what another kind asks
/// for. Where that is not to be had it is cancelled, and its date is a gap. The person is told once: when the next is.
///
/// # Errors
/// 404, 412; 409 when it has ended or the match plans nothing; 422 for a date outside of the series, impossible terms, or an end that reaches into a later
/// part of it.
pub fn change(tx: &mut Tx<'_>, id: SeriesId, expected: &Expected, scope: Scope, wish: &Wish, because: Because) -> Result<SeriesId> {
    let old = store::get(tx, id)?;
    expected.check(old.version)?;
    check_unended(&old)?;
    let matched = matching::store::find_fact(tx, old.matched)?.ok_or(Code::NotFound)?;
    let standing = check(tx, &matched)?;
    let today = tx.programme.calendar().zone.date(tx.now);
    let from_on = from_on(&old, scope, today)?;
    let all = store::fact_of_match(tx, old.matched)?;
    let continued = continued(tx, &old, &all)?;
    let after = continued.iter().filter(|before| !before.is_dismissed).map(|before| before.on).max();
    let terms = rules::changed(&old.terms, wish, from_on, today, after)?;
    rules::check_next_part(&old.terms, &terms, wish, rules::next_part_on(&old, &all))?;
    let from_on = from_on.min(terms.from_on);
    let target = if from_on <= old.terms.from_on || matches!(scope, Scope::All) {
        let target = Series { terms, ..old.clone() };
        store::save(tx, &target)?;
        target
    } else {
        let mut before = old.clone();
        before.terms.until_on = from_on - TimeDelta::days(1);
        store::save(tx, &before)?;
        let (new_id, now, by) = (tx.new_id(), tx.now, tx.account()?);
        let target = Series { id: new_id, terms, follows: Some(id), recorded_at: now, recorded_by: by, version: 1, ..old.clone() };
        store::insert(tx, &target)?;
        target
    };
    planning::lock(tx, &matched)?;
    let existing = Existing::load(tx, &old, &target, (from_on, continued))?;
    let moves = existing.pair(&target, |session, on| rules::anew(&old.terms, &target, wish.length_min.is_some(), session, on), tx.now)?;
    let own = existing.own(&moves);
    let mut judged = planning::judge(tx, &target, (&matched, &standing), &moves.wanted, &own)?;
    judged.gaps.extend(moves.met.iter().map(|on| planning::gap(tx, &target, *on, GapReason::WeekLimit, None)));
    store::close_gaps(tx, id, Some(from_on))?;
    if target.id != id {
        store::hand_over_gaps(tx, id, target.id, from_on)?;
        for session in existing.fixed.into_iter().filter(|session| occurs_from(session, from_on)) {
            let occurrence = session.occurrence.clone().map(|occurrence| Occurrence { series: target.id, ..occurrence });
            session_store::save(tx, &Session { occurrence, ..session })?;
        }
    }
    let mut changes = Changes::default();
    let partnered: BTreeSet<NaiveDate> = moves.partner.values().map(|(on, _)| *on).collect();
    let Moves { mut partner, unmoved, .. } = moves;
    for session in existing.open {
        match partner.remove(&session.id).filter(|(on, _)| unmoved.contains(on) || judged.usable.contains(on)) {
            Some((_, new)) => changes.add(tx.now, session, new),
            // Its date is no longer one of the series.
            None => changes.off.push(Session { occurrence: None, ..session }),
        }
    }
    changes.settle(tx, because)?;
    let usable = judged.usable.into_iter().filter(|on| !partnered.contains(on)).collect();
    let judged = planning::Judged { usable, gaps: judged.gaps };
    let by = tx.account()?;
    let new = planning::plan(tx, &target, &matched, &judged, Some(by))?;
    sessions::follow_new(tx, &new)?;
    Ok(target.id)
}

/// A date of a series that another continues.
struct Before {
    on: NaiveDate,
    /// Its series was monthly.
    was_monthly: bool,
    /// Somebody decided that there is no session for it; else it has one.
    is_dismissed: bool,
}

/// The dates of the series that another continues, and of those that they continue, as far as they may lie in a week or month of that one. `all`: those
/// of its match.
fn continued(tx: &mut Tx<'_>, series: &Series, all: &[Series]) -> Result<Vec<Before>> {
    let mut continued = Vec::new();
    let until = series.terms.from_on;
    let from = rules::turn(until, false).min(rules::turn(until, true));
    let mut follows = series.follows;
    while let Some(former) = follows.and_then(|id| all.iter().find(|former| former.id == id)) {
        let was_monthly = former.terms.recurrence.is_monthly();
        let theirs = session_store::fact_of_series(tx, former.id, Some(from))?;
        let dates = theirs.iter().filter_map(|session| Some((session.occurrence.as_ref()?.on, false)));
        let gaps = store::list_gaps(tx, &[former.id], false)?;
        let dismissed = gaps.iter().filter(|gap| gap.state == GapState::Dismissed).map(|gap| (gap.on, true));
        let before = dates.chain(dismissed).filter(|(on, _)| (from..until).contains(on));
        continued.extend(before.map(|(on, is_dismissed)| Before { on, was_monthly, is_dismissed }));
        follows = former.follows;
    }
    Ok(continued)
}

/// What a change does to the sessions of a series.
#[derive(Default)]
struct Changes {
    /// They are cancelled.
    off: Vec<Session>,
    /// They begin at another time; with what they were before.
    moved: Vec<(Session, Session)>,
    /// They end at another time, or are otherwise; with what they were before. Nobody is told.
    kept: Vec<(Session, Session)>,
}

impl Changes {
    /// Makes a session what it is by the new terms.
    fn add(&mut self, now: Instant, session: Session, mut new: Session) {
        if session.starts_at != new.starts_at {
            session_rules::moved(&mut new, now);
            self.moved.push((session, new));
        } else if new != session {
            self.kept.push((session, new));
        }
    }

    /// Saves all of it and lets follow what must: the earliest that the person notices speaks for all.
    fn settle(self, tx: &mut Tx<'_>, because: Because) -> Result<()> {
        let side = if tx.reaches(Reach::All) { Side::Unit } else { Side::Staff };
        let (by, now) = (because.by.unwrap_or(side), tx.now);
        let because = Because { by: Some(by), ..because };
        let tellings = session_rules::tellings(self.off.iter().chain(self.moved.iter().map(|(_, new)| new)));
        let telling = |session: &Session| tellings.get(&session.id).copied().flatten();
        for (before, new) in self.moved.iter().chain(&self.kept) {
            changes::actions::note_arranged(tx, before, new, because)?;
        }
        let moved = self.moved.iter().map(|(_, session)| match tellings.get(&session.id) {
            Some(telling) => Session { telling: *telling, ..session.clone() },
            None => session.clone(),
        });
        let stay: Vec<Session> = moved.chain(self.kept.iter().map(|(_, session)| session.clone())).collect();
        // All give their time back before one takes its new one.
        for session in &self.off {
            sessions::take_off(tx, session.clone(), (by, because.reason), now, true, telling(session))?;
        }
        for session in &stay {
            session_store::release(tx, session.id)?;
            session_store::save(tx, session)?;
        }
        if !stay.is_empty() {
            planning::claim(tx, &stay)?;
        }
        if let Some(any) = self.off.first().or(stay.first()) {
            tx.tell(Fact::SessionsChanged { matched: any.matched });
        }
        self.off.iter().chain(&stay).try_for_each(|session| sessions::follow(tx, session.id))
    }
}

/// What stands of a series from a date on.
struct Existing {
    /// Sessions that go with the series: planned, still to come, and not moved by themselves.
    open: Vec<Session>,
    /// Sessions that stay as they are: moved, covered or cancelled by themselves, begun, or of a week whose new date is past, or was.
    fixed: Vec<Session>,
    /// Dates that there will be no session for.
    dismissed: Vec<NaiveDate>,
    /// Dates of the series that it continues.
    continued: Vec<Before>,
    /// From when on it holds.
    from_on: NaiveDate,
    /// Dates stand for each other by their month, not by their week.
    is_monthly: bool,
}

/// What becomes of what stands.
struct Moves {
    /// Dates that are judged: without a session, or for one that must move.
    wanted: Vec<NaiveDate>,
    /// The new date of each session that has one, and what it is there.
    partner: BTreeMap<SessionId, (NaiveDate, Session)>,
    /// Dates whose session takes nothing that it did not have: it is not judged anew.
    unmoved: BTreeSet<NaiveDate>,
    /// Dates of a week or month that had its session before the change: gaps.
    met: Vec<NaiveDate>,
}

impl Existing {
    fn load(tx: &mut Tx<'_>, series: &Series, target: &Series, (from_on, continued): (NaiveDate, Vec<Before>)) -> Result<Self> {
        let now = tx.now;
        // From the beginning of that week or month: who met on its Monday does not meet again on its Friday.
        let is_monthly = series.terms.recurrence.is_monthly() && target.terms.recurrence.is_monthly();
        let turn = rules::turn(from_on, is_monthly);
        let all = session_store::fact_of_series(tx, series.id, Some(turn))?;
        // Before the series as it stands begins is only what an earlier change left there.
        let begins = rules::turn(series.terms.from_on, is_monthly);
        let is_reached = |on: NaiveDate| begins <= rules::turn(on, is_monthly) && !rules::is_past(&target.terms, on, is_monthly, now);
        let goes = |session: &Session| {
            session.state.is_open()
                && session.starts_at > now
                && occurs_from(session, from_on)
                && session.cover.is_none()
                && !rules::is_exception(&series.terms, session)
                && session.occurrence.as_ref().is_none_or(|occurrence| is_reached(occurrence.on))
        };
        let (open, fixed) = all.into_iter().partition(goes);
        let gaps = store::list_gaps(tx, &[series.id], false)?;
        let dismissed = gaps.iter().filter(|gap| gap.state == GapState::Dismissed && gap.on >= turn).map(|gap| gap.on).collect();
        Ok(Self { open, fixed, dismissed, continued, from_on, is_monthly })
    }

    /// Finds the new dates of what stands, and what each session is there.
    fn pair(&self, target: &Series, anew: impl Fn(&Session, NaiveDate) -> Session, now: Instant) -> Result<Moves> {
        let turn = |on: NaiveDate| rules::turn(on, self.is_monthly);
        let date = |session: &Session| session.occurrence.as_ref().map(|occurrence| occurrence.on);
        let (before, since): (Vec<NaiveDate>, Vec<NaiveDate>) = self.fixed.iter().filter_map(date).partition(|on| *on < self.from_on);
        let met: BTreeSet<NaiveDate> = before.into_iter().map(turn).collect();
        let settled: BTreeSet<NaiveDate> = since.into_iter().chain(self.dismissed.iter().copied()).map(turn).collect();
        let mut open: Vec<(NaiveDate, &Session)> = self.open.iter().filter_map(|session| Some((date(session)?, session))).collect();
        let mut moves = Moves { wanted: Vec::new(), partner: BTreeMap::new(), unmoved: BTreeSet::new(), met: Vec::new() };
        for on in planning::coming(&target.terms, now)? {
            if settled.contains(&turn(on)) {
                continue;
            }
            if met.contains(&turn(on)) {
                moves.met.push(on);
                continue;
            }
            // Where a cover left two in a month, that of the date itself.
            let of_date = open.iter().position(|(had, _)| *had == on);
            let place = of_date.or_else(|| open.iter().position(|(had, _)| turn(*had) == turn(on)));
            if let Some((_, session)) = place.map(|place| open.remove(place)) {
                let new = anew(session, on);
                let takes_more = session_rules::takes_more(session, &new);
                moves.partner.insert(session.id, (on, new));
                if !takes_more {
                    moves.unmoved.insert(on);
                    continue;
                }
            } else if let Some(before) = self.continued.iter().find(|before| self.stand_for_each_other(before, on)) {
                if !before.is_dismissed {
                    moves.met.push(on);
                }
                continue;
            }
            moves.wanted.push(on);
        }
        Ok(moves)
    }

    /// Whether a date is of the week, or where both are monthly of the month, of one that the series had which it continues.
    fn stand_for_each_other(&self, before: &Before, on: NaiveDate) -> bool {
        let is_monthly = self.is_monthly && before.was_monthly;
        rules::turn(before.on, is_monthly) == rules::turn(on, is_monthly)
    }

    /// What of the sessions that are judged is not in its own way, and what they are and become.
    fn own(&self, moves: &Moves) -> planning::Own {
        let mut own = planning::Own::default();
        for session in &self.open {
            let partner = moves.partner.get(&session.id);
            if partner.is_some_and(|(on, _)| moves.unmoved.contains(on)) {
                continue;
            }
            own.leaving.push(session.id);
            if let Some((on, new)) = partner {
                own.held.insert(*on, Extent::of(new));
                if session.starts_at == new.starts_at {
                    own.stands.insert(*on, Extent::of(session));
                }
            }
        }
        own
    }
}

/// Whether a session stands for a date of its series from one on.
fn occurs_from(session: &Session, from_on: NaiveDate) -> bool {
    session.occurrence.as_ref().is_some_and(|occurrence| occurrence.on >= from_on)
}

/// From which date a change holds.
fn from_on(series: &Series, scope: Scope, today: NaiveDate) -> Result<NaiveDate> {
    match scope {
        Scope::All => Ok(today),
        Scope::Rest(on) if on < today => {
            Err(invalid("/from_on", Flaw::BeforeToday, "Fortiden kan ikke ændres", "The past cannot be changed"))
        }
        Scope::Rest(on) if on > series.terms.until_on => Err(Flaw::AfterEnd.refused("/from_on")),
        Scope::Rest(on) => Ok(on),
    }
}

fn check_unended(series: &Series) -> Result<()> {
    if series.ended_at.is_none() {
        return Ok(());
    }
    Err(Problem::new(Code::WrongState).say("Serien er slut", "The series has ended").into())
}

/// Takes off what is still to come of a series, from a date on where one is given. The person is told once, and it counts as one cancellation.
///
/// # Errors
/// 404, 409 when it has ended, 422 for an impossible moment or date.
pub fn cancel(
    tx: &mut Tx<'_>,
    id: SeriesId,
    from: Option<NaiveDate>,
    cancellation: &Cancellation,
    reason: Option<Reason>,
) -> Result<SeriesId> {
    let mut series = store::get(tx, id)?;
    check_unended(&series)?;
    let at = matching::rules::stated(cancellation.happened_at, tx.now, series.recorded_at)?;
    let today = tx.programme.calendar().zone.date(tx.now);
    let from_on = from_on(&series, from.map_or(Scope::All, Scope::Rest), today)?;
    match from {
        Some(on) if on > series.terms.from_on => series.terms.until_on = on - TimeDelta::days(1),
        _ => (series.ended_at, series.end_reason) = (Some(at), Some(EndReason::Cancelled)),
    }
    store::save(tx, &series)?;
    store::close_gaps(tx, id, series.ended_at.is_none().then_some(from_on))?;
    let (now, person) = (tx.now, series.person);
    let mut coming = session_store::fact_of_series(tx, id, from)?;
    coming.retain(|session| session.state.is_open() && session.starts_at > now);
    if series.ended_at.is_none() {
        // Their dates are no longer dates of the series: it may be given them again.
        coming.iter_mut().for_each(|session| session.occurrence = None);
    }
    coming.sort_by_key(|session| session.starts_at);
    sessions::take_all_off(tx, coming, (cancellation.by, reason), at, cancellation.new_time_agreed)?;
    tx.tell(Fact::AttendanceChanged { person });
    Ok(id)
}

/// Consequence of a match's end: its series end with it, and nobody decides on their gaps any more.
///
/// # Errors
/// The database's.
pub fn match_ended(tx: &mut Tx<'_>, matched: MatchId, at: Instant) -> Result<()> {
    for mut series in store::fact_running(tx, matched)? {
        (series.ended_at, series.end_reason) = (Some(at), Some(EndReason::MatchEnded));
        store::save(tx, &series)?;
        store::close_gaps(tx, series.id, None)?;
    }
    Ok(())
}
