//! The night's pass: everything open is planned anew, so that a birthday, a changed setting or a mended rule takes effect by itself; and
//! what is kept for a while only is forgotten. Twice is once.

use std::fmt;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::cut::{self, Cut};
use super::{Report, Ticker, alone, store};
use crate::access::Tx;
use crate::base::calendar::plus_months;
use crate::base::clock::Instant;
use crate::base::config::Programme;
use crate::base::error::{Error, Result};
use crate::base::ids::{CaseId, MatchId, RowId, SessionId, StaffId};
use crate::messages::delivery::actions as delivery;
use crate::{access, calendars, cases, courses, followups, matching, sessions, staff};

/// Things planned anew in one transaction: others want to write, too.
const CHUNK: i64 = 25;

/// Calls of the journal looked at in one transaction, each with all that it was about.
const CALLS: i64 = 250;

/// The latest night whose hour has come: last night, or the one before while it is earlier than that.
fn night_of(now: Instant, programme: &Programme, replan_at: NaiveTime) -> NaiveDate {
    let wall = programme.calendar().zone.wall(now);
    if wall.time() >= replan_at { wall.date() } else { wall.date() - TimeDelta::days(1) }
}

impl Ticker {
    /// Does the night's work, unless it is done or somebody else is at it. Each part is tried, whatever became of those before it. A crash in the
    /// midst of it starts it over.
    ///
    /// # Errors
    /// When it could not be begun, or its end not be written down; what could not be done of it is in the report.
    pub(super) async fn night(&self, now: Instant, report: &mut Report) -> Result<()> {
        let on = night_of(now, &self.door.house().programme, self.settings.replan_at);
        let lease = TimeDelta::seconds(self.settings.lease_s.into());
        let Some(token) = self.write(now, move |tx| store::take_night(tx, on, tx.now.plus(lease))).await? else { return Ok(()) };
        let night = Night { on, token, lease };
        let parts = [
            self.chunks(night, "proposals", expire, report).await,
            self.chunks(night, "loans", end_loans, report).await,
            self.chunks(night, "cases", plan_cases, report).await,
            self.chunks(night, "matches", plan_matches, report).await,
            self.chunks(night, "messages that were put off", recall, report).await,
            self.chunks(night, "sessions", plan_sessions, report).await,
            self.chunks(night, "sessions that were moved to sooner", plan_left, report).await,
            self.chunks(night, "leaves", plan_leaves, report).await,
            self.chunks(night, "the journal", cut_journal, report).await,
            self.chunks(night, "what is of no use any more", forget, report).await,
        ];
        if parts.into_iter().all(|is_over| is_over) {
            self.write(now, move |tx| store::end_night(tx, on, token)).await?;
        }
        Ok(())
    }

    /// Does a part of the night, a chunk after the other. False: the night is not over with it: the tick stops, the night is somebody else's, or the
    /// database was not there. By a defect the part ends: it is tried again the next night.
    async fn chunks<N: Copy + Send + 'static>(
        &self,
        night: Night,
        part: &'static str,
        work: impl Fn(&mut Tx<'_>, Option<N>) -> Result<Chunk<N>> + Copy + Send + 'static,
        report: &mut Report,
    ) -> bool {
        let mut after = None;
        while !self.is_stopping() {
            let now = self.door.house().clock.now();
            let chunk = self.write(now, move |tx| match store::keep_night(tx, night.on, night.token, tx.now.plus(night.lease))? {
                true => work(tx, after).map(Some),
                false => Ok(None),
            });
            match chunk.await {
                Ok(Some(chunk)) => {
                    report.planned_anew += chunk.done;
                    report.failed += chunk.failed;
                    match chunk.last {
                        Some(last) => after = Some(last),
                        None => return true,
                    }
                }
                Ok(None) => return false,
                Err(error) => {
                    tracing::error!(part, %error, "a part of the night could not be done; it is tried again later");
                    report.failed += 1;
                    return !matches!(error, Error::Unavailable(_));
                }
            }
        }
        false
    }
}

#[derive(Clone, Copy)]
struct Night {
    on: NaiveDate,
    token: RowId,
    lease: TimeDelta,
}

/// What is done with one thing: its name in the log, and how.
type Step<I> = (&'static str, fn(&mut Tx<'_>, I) -> Result<()>);

/// A part of the work: how much, and after what to go on.
struct Chunk<N> {
    done: usize,
    failed: usize,
    last: Option<N>,
}

impl<N> Chunk<N> {
    /// Does these steps with each of these; the next chunk begins after the last. Each step with each is alone: a defect leaves the others alone.
    fn of<I: Copy + fmt::Display>(tx: &mut Tx<'_>, last: Option<N>, ids: impl IntoIterator<Item = I>, steps: &[Step<I>]) -> Result<Self> {
        let mut chunk = Self { done: 0, failed: 0, last };
        for id in ids {
            let mut is_done = true;
            for (what, step) in steps {
                is_done &= alone(tx, what, id, |tx| step(tx, id))?.is_some();
            }
            if is_done { chunk.done += 1 } else { chunk.failed += 1 }
        }
        Ok(chunk)
    }
}

/// A row by its moment.
type Timed<I> = (Instant, I);

fn ids<I: Copy>(timed: &[Timed<I>]) -> impl Iterator<Item = I> {
    timed.iter().map(|(_, id)| *id)
}

/// Proposals that nobody answered in time.
fn expire(tx: &mut Tx<'_>, after: Option<Timed<MatchId>>) -> Result<Chunk<Timed<MatchId>>> {
    let over = matching::store::list_expired(tx, after, CHUNK)?;
    Chunk::of(tx, over.last().copied(), ids(&over), &[("proposal that expired", matching::actions::expire)])
}

/// Matches of members of staff whose loan is over. One in a transaction, since what was planned of it is cancelled with it.
fn end_loans(tx: &mut Tx<'_>, after: Option<Timed<MatchId>>) -> Result<Chunk<Timed<MatchId>>> {
    let over = matching::store::list_loans_over(tx, after, 1)?;
    Chunk::of(tx, over.last().copied(), ids(&over), &[("match whose loan is over", matching::actions::end_loan)])
}

fn plan_cases(tx: &mut Tx<'_>, after: Option<CaseId>) -> Result<Chunk<CaseId>> {
    let ids = cases::store::fact_open(tx, None, after, CHUNK)?;
    let steps: [Step<CaseId>; 2] = [("case", cases::actions::plan_anew), ("courses of case", courses::actions::plan_anew)];
    Chunk::of(tx, ids.last().copied(), ids, &steps)
}

fn plan_matches(tx: &mut Tx<'_>, after: Option<MatchId>) -> Result<Chunk<MatchId>> {
    let ids = matching::store::fact_running(tx, after, CHUNK)?;
    let steps: [Step<MatchId>; 5] = [
        ("match", matching::actions::staff::agree),
        ("consents of match", consent_lacking),
        ("gaps of match", sessions::series::actions::close_past_gaps),
        ("waiting gaps of match", sessions::series::actions::plan_allowed),
        ("support of match", followups::support::actions::agree),
    ];
    Chunk::of(tx, ids.last().copied(), ids, &steps)
}

fn consent_lacking(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let found = matching::store::find_fact(tx, id)?;
    found.map_or(Ok(()), |found| sessions::series::actions::consent_lacking(tx, found.course))
}

fn plan_sessions(tx: &mut Tx<'_>, after: Option<SessionId>) -> Result<Chunk<SessionId>> {
    let ids = sessions::store::fact_coming(tx, after, CHUNK)?;
    let steps: [Step<SessionId>; 3] = [
        ("session", sessions::actions::replan_messages),
        ("calendars with session", calendars::actions::follow),
        ("calendars that were closed with session", calendars::actions::leave_closed),
    ];
    Chunk::of(tx, ids.last().copied(), ids, &steps)
}

/// What is over, though whoever is told of it may know a start that is still to come.
fn plan_left(tx: &mut Tx<'_>, after: Option<SessionId>) -> Result<Chunk<SessionId>> {
    let ids = sessions::store::fact_left_behind(tx, after, CHUNK)?;
    Chunk::of(tx, ids.last().copied(), ids, &[("session that is over", sessions::actions::replan_messages)])
}

fn plan_leaves(tx: &mut Tx<'_>, after: Option<StaffId>) -> Result<Chunk<StaffId>> {
    let ids = staff::store::fact_everybody(tx, after, CHUNK)?;
    Chunk::of(tx, ids.last().copied(), ids, &[("leaves of staff", sessions::covers::actions::agree_leaves)])
}

/// What the journal holds from before the months that it is kept.
fn cut_journal(tx: &mut Tx<'_>, after: Option<Cut>) -> Result<Chunk<Cut>> {
    let cut = alone(tx, "the journal", "before its months", |tx| cut::go_on(tx, after, CALLS))?;
    Ok(Chunk { done: 0, failed: usize::from(cut.is_none()), last: cut.flatten() })
}

/// What a clock that was wrong put off.
fn recall(tx: &mut Tx<'_>, _: Option<()>) -> Result<Chunk<()>> {
    // Nothing is planned anew by it.
    Ok(Chunk { done: 0, ..Chunk::of(tx, None, ["put off"], &[("messages", |tx, _| delivery::recall(tx))])? })
}

/// What was kept for a while only.
fn forget(tx: &mut Tx<'_>, _: Option<()>) -> Result<Chunk<()>> {
    let steps: [Step<&str>; 2] =
        [("keys and tokens", |tx, _| access::store::forget_expired(tx)), ("links", |tx, _| sessions::answers::actions::forget_links(tx))];
    // Nothing is planned anew by it.
    Ok(Chunk { done: 0, ..Chunk::of(tx, None, ["of no use any more"], &steps)? })
}

/// The first moment of which the journal is kept: whole local days.
pub(super) fn kept_from(now: Instant, programme: &Programme) -> Instant {
    let (zone, months) = (programme.calendar().zone, i32::try_from(programme.journal_months).unwrap_or(i32::MAX));
    zone.start_of(plus_months(zone.date(now), -months))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_begins_at_its_hour_whatever_the_clocks_do() {
        let at_three = NaiveTime::from_hms_opt(3, 0, 0).unwrap();
        #[rustfmt::skip]
        let cases = [
            ("2026-06-03T00:59:59Z", "2026-06-02"),
            ("2026-06-03T01:00:00Z", "2026-06-03"),
            ("2026-06-03T21:59:59Z", "2026-06-03"),
            ("2026-06-03T22:00:00Z", "2026-06-03"),
            // Spring: 02:00 becomes 03:00.
            ("2026-03-29T00:59:59Z", "2026-03-28"),
            ("2026-03-29T01:00:00Z", "2026-03-29"),
            // Autumn: the hour from 02:00 comes twice, 03:00 once.
            ("2026-10-25T01:59:59Z", "2026-10-24"),
            ("2026-10-25T02:00:00Z", "2026-10-25"),
        ];
        for (now, expected) in cases {
            let night = night_of(Instant::parse(now).unwrap(), &Programme::default(), at_three);
            assert_eq!(night.to_string(), expected, "{now}");
        }
    }
}
