//! The night's pass: everything open is planned anew, so that a birthday, a changed setting or a mended rule takes effect by itself; and
//! what is kept for a while only is forgotten. Twice is once.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::cut::{self, Cut};
use super::{Report, Ticker, alone, store};
use crate::access::Tx;
use crate::base::calendar::plus_months;
use crate::base::clock::Instant;
use crate::base::config::Programme;
use crate::base::error::Result;
use crate::base::ids::{CaseId, MatchId, RowId, SessionId, StaffId};
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
    /// Does the night's work, unless it is done or somebody else is at it. A crash in the midst of it starts it over.
    pub(super) async fn night(&self, now: Instant, report: &mut Report) -> Result<()> {
        let on = night_of(now, &self.door.house().programme, self.settings.replan_at);
        let lease = TimeDelta::seconds(self.settings.lease_s.into());
        let Some(token) = self.write(now, move |tx| store::take_night(tx, on, tx.now.plus(lease))).await? else { return Ok(()) };
        let night = Night { on, token, lease };
        if self.chunks(night, expire, report).await?
            && self.chunks(night, end_loans, report).await?
            && self.chunks(night, plan_cases, report).await?
            && self.chunks(night, plan_matches, report).await?
            && self.chunks(night, plan_sessions, report).await?
            && self.chunks(night, plan_leaves, report).await?
            && self.chunks(night, cut_journal, report).await?
        {
            self.write(now, move |tx| {
                access::store::forget_expired(tx)?;
                sessions::answers::actions::forget_links(tx)?;
                store::end_night(tx, on, token)
            })
            .await?;
        }
        Ok(())
    }

    /// Does a chunk after the other. False: the tick stops, or the night is somebody else's.
    async fn chunks<N: Copy + Send + 'static>(
        &self,
        night: Night,
        work: impl Fn(&mut Tx<'_>, Option<N>) -> Result<Chunk<N>> + Copy + Send + 'static,
        report: &mut Report,
    ) -> Result<bool> {
        let mut after = None;
        loop {
            if self.is_stopping() {
                return Ok(false);
            }
            let now = self.door.house().clock.now();
            let chunk = self.write(now, move |tx| match store::keep_night(tx, night.on, night.token, tx.now.plus(night.lease))? {
                true => work(tx, after).map(Some),
                false => Ok(None),
            });
            let Some(chunk) = chunk.await? else { return Ok(false) };
            report.planned_anew += chunk.done;
            report.failed += chunk.failed;
            match chunk.last {
                Some(last) => after = Some(last),
                None => return Ok(true),
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Night {
    on: NaiveDate,
    token: RowId,
    lease: TimeDelta,
}

/// A part of the work: how much, and after what to go on.
struct Chunk<N> {
    done: usize,
    failed: usize,
    last: Option<N>,
}

impl<N: Copy + std::fmt::Display> Chunk<N> {
    /// Plans each of these anew; a defect in one leaves the others alone.
    fn of(tx: &mut Tx<'_>, what: &'static str, ids: &[N], plan: impl Fn(&mut Tx<'_>, N) -> Result<()>) -> Result<Self> {
        let mut chunk = Self { done: 0, failed: 0, last: ids.last().copied() };
        for id in ids {
            match alone(tx, what, id, |tx| plan(tx, *id))? {
                Some(()) => chunk.done += 1,
                None => chunk.failed += 1,
            }
        }
        Ok(chunk)
    }
}

/// Proposals that nobody answered in time.
fn expire(tx: &mut Tx<'_>, _: Option<()>) -> Result<Chunk<()>> {
    let expired = alone(tx, "proposals", "that expired", matching::actions::expire)?;
    let (done, failed) = (expired.unwrap_or_default(), usize::from(expired.is_none()));
    Ok(Chunk { done, failed, last: (done > 0).then_some(()) })
}

/// Matches of members of staff whose loan is over.
fn end_loans(tx: &mut Tx<'_>, _: Option<()>) -> Result<Chunk<()>> {
    let ended = alone(tx, "matches", "whose loan is over", matching::actions::end_loans)?;
    let (done, failed) = (ended.unwrap_or_default(), usize::from(ended.is_none()));
    Ok(Chunk { done, failed, last: (done > 0).then_some(()) })
}

fn plan_cases(tx: &mut Tx<'_>, after: Option<CaseId>) -> Result<Chunk<CaseId>> {
    let ids = cases::store::fact_open(tx, None, after, CHUNK)?;
    Chunk::of(tx, "case", &ids, |tx, id| {
        cases::actions::plan_anew(tx, id)?;
        courses::actions::plan_anew(tx, id)
    })
}

fn plan_matches(tx: &mut Tx<'_>, after: Option<MatchId>) -> Result<Chunk<MatchId>> {
    let ids = matching::store::fact_running(tx, after, CHUNK)?;
    Chunk::of(tx, "match", &ids, |tx, id| {
        matching::actions::staff::agree(tx, id)?;
        followups::support::actions::agree(tx, id)
    })
}

fn plan_sessions(tx: &mut Tx<'_>, after: Option<SessionId>) -> Result<Chunk<SessionId>> {
    let ids = sessions::store::fact_coming(tx, after, CHUNK)?;
    Chunk::of(tx, "session", &ids, |tx, id| {
        sessions::actions::replan_messages(tx, id)?;
        calendars::actions::follow(tx, id)
    })
}

fn plan_leaves(tx: &mut Tx<'_>, after: Option<StaffId>) -> Result<Chunk<StaffId>> {
    let ids = staff::store::fact_everybody(tx, after, CHUNK)?;
    Chunk::of(tx, "staff", &ids, sessions::covers::actions::agree_leaves)
}

/// What the journal holds from before the months that it is kept.
fn cut_journal(tx: &mut Tx<'_>, after: Option<Cut>) -> Result<Chunk<Cut>> {
    let cut = alone(tx, "the journal", "before its months", |tx| cut::go_on(tx, after, CALLS))?;
    Ok(Chunk { done: 0, failed: usize::from(cut.is_none()), last: cut.flatten() })
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
