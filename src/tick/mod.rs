//! The tick: takes what is due, asks the owning room again, acts. Stands under all rooms; acts as `system`.
//!
//! A round has parts, none of which waits for another's success: the night's pass, once each local day, and promises that became late, told
//! once; and for each channel every message that may go now. Whatever a round does is idempotent: twice, or after a week of downtime, changes nothing
//! but lateness. Any number of processes may run rounds over one database.

mod cut;
mod delivery;
mod late;
mod message;
mod night;
mod store;
mod troubles;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;

use crate::access::{Actor, Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::config::Tick;
use crate::base::db::Coded;
use crate::base::error::{Error, Result};
use crate::base::telemetry::{DUTIES_LATE, Stopwatch, TICK_SECONDS, TICKS};
use crate::duties;
use crate::messages::channels::{Channel, Senders, deadline_in, is_over};

/// How long one step waits for the database before the round gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The operator is told of a clock that stands further from the server's: more than a step may have waited.
const APART: TimeDelta = TimeDelta::minutes(1);

/// The parts of a round. None waits for another: a provider that hangs holds up its own channel alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The night's pass, and what became late.
    Plans,
    /// The messages of one channel.
    By(Channel),
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plans, Self::By(Channel::Email), Self::By(Channel::Push), Self::By(Channel::Sms)];

    /// Its name in the log and the figures.
    pub fn code(self) -> &'static str {
        match self {
            Self::Plans => "plans",
            Self::By(channel) => channel.code(),
        }
    }
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages that a provider took over.
    pub accepted: usize,
    /// Messages that will never be taken.
    pub refused: usize,
    /// Messages of which nobody knows whether they arrived.
    pub unknown: usize,
    /// Messages whose moment passed before they could go.
    pub too_late: usize,
    /// Messages that no longer held when they were due.
    pub retracted: usize,
    /// Messages put back: until the quiet hours end, or for another try.
    pub later: usize,
    /// Promises found late.
    pub late: usize,
    /// Things planned anew by the night's pass.
    pub planned_anew: usize,
    /// Things, and parts of the night, that failed; the log says which, and what becomes of them.
    pub failed: usize,
}

impl Report {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            accepted: self.accepted + other.accepted,
            refused: self.refused + other.refused,
            unknown: self.unknown + other.unknown,
            too_late: self.too_late + other.too_late,
            retracted: self.retracted + other.retracted,
            later: self.later + other.later,
            late: self.late + other.late,
            planned_anew: self.planned_anew + other.planned_anew,
            failed: self.failed + other.failed,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "messages: {} sent, {} refused, {} unknown, {} too late, {} retracted, {} put back\n\
             promises found late: {}; planned anew: {}; failed: {}",
            self.accepted, self.refused, self.unknown, self.too_late, self.retracted, self.later, self.late, self.planned_anew, self.failed
        )
    }
}

/// Runs rounds. One a process; more do no harm.
pub struct Ticker {
    door: Door,
    senders: Arc<Senders>,
    settings: Tick,
    stopping: watch::Sender<bool>,
    is_full: AtomicBool,
    /// The database refuses what is to be written down.
    is_away: AtomicBool,
    /// The clock of this machine stands far from the server's.
    is_apart: AtomicBool,
}

impl Ticker {
    /// A ticker over a house, sending by these channels.
    pub fn new(door: Door, senders: Arc<Senders>, settings: Tick) -> Self {
        Self {
            door,
            senders,
            settings,
            stopping: watch::Sender::new(false),
            is_full: AtomicBool::new(false),
            is_away: AtomicBool::new(false),
            is_apart: AtomicBool::new(false),
        }
    }

    /// Ends the round that runs after what is on its way, and any later one at once. What was taken and is not on its way is put back
    /// untried: it waits for another process or the next start.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Returns once it is told to stop.
    async fn stopped(&self) {
        // Its sender lives as long as this.
        let _ = self.stopping.subscribe().wait_for(|is_stopping| *is_stopping).await;
    }

    /// Whether there is room to write down what is sent; the log says it when that changes.
    fn has_room(&self) -> bool {
        let checked = self.door.house().room.check();
        let was_full = self.is_full.swap(checked.is_err(), Ordering::SeqCst);
        match &checked {
            Err(error) if !was_full => tracing::warn!(%error, "the disk fills: nothing is sent until there is room"),
            Ok(()) if was_full => tracing::info!("there is room on the disk again: what waits is sent"),
            _ => {}
        }
        checked.is_ok()
    }

    /// Notes whether the database takes what is to be written down; the log says it when that changes.
    fn note_database(&self, is_there: bool) {
        let was_away = self.is_away.swap(!is_there, Ordering::SeqCst);
        match (was_away, is_there) {
            (false, false) => {
                tracing::warn!("the database is away: nothing is sent, and what was is written down as soon as it is there again")
            }
            (true, true) => tracing::info!("the database is there again: what was sent is written down"),
            _ => {}
        }
    }

    /// Notes how far the server's clock is ahead of this one; the log says it when that becomes much.
    fn note_clock(&self, apart: TimeDelta) {
        let is_apart = apart.abs() > APART;
        match (self.is_apart.swap(is_apart, Ordering::SeqCst), is_apart) {
            (false, true) => {
                tracing::warn!(
                    ahead_s = apart.num_seconds(),
                    "the database's clock is not this machine's: one of them is wrong, and messages leave by this one's"
                )
            }
            (true, false) => tracing::info!("the database's clock and this machine's agree again"),
            _ => {}
        }
    }

    /// One round: until nothing that was due when it began can still go.
    ///
    /// # Errors
    /// The first that a part met; the others have run all the same, unless the database is what is missing.
    pub async fn once(&self) -> Result<Report> {
        // What became late is told in the same round.
        let planned = self.run(Part::Plans).await;
        if let Err(Error::Unavailable(_)) = planned {
            return planned;
        }
        let (email, push, sms) =
            tokio::join!(self.run(Part::By(Channel::Email)), self.run(Part::By(Channel::Push)), self.run(Part::By(Channel::Sms)));
        let mut report = planned?.and(email?).and(sms?);
        let push = push?;
        // Whose phone is gone gets a mail instead.
        if push.refused > 0 {
            report = report.and(self.run(Part::By(Channel::Email)).await?);
        }
        Ok(report.and(push))
    }

    /// One part of a round.
    ///
    /// # Errors
    /// What it met.
    pub async fn run(&self, part: Part) -> Result<Report> {
        let (watch, now) = (Stopwatch::start(), self.door.house().clock.now());
        // Each adds to the report what it did before it failed.
        let mut report = Report::default();
        let outcome = match part {
            Part::Plans => self.plan(now, &mut report).await,
            Part::By(channel) => self.deliver(channel, now, &mut report).await,
        };
        let is_done = outcome.is_ok() && report.failed == 0;
        metrics::counter!(TICKS, "outcome" => if is_done { "done" } else { "failed" }, "part" => part.code()).increment(1);
        watch.note(TICK_SECONDS, part.code());
        outcome.map(|()| report)
    }

    async fn plan(&self, now: Instant, report: &mut Report) -> Result<()> {
        let night = self.night(now, report).await;
        // A defect holds up nothing else; a database that is missing, everything.
        if let Err(Error::Unavailable(_)) = night {
            return night;
        }
        let late = self.tell_late(now, report).await;
        let counted = self.write(now, duties::lateness::actions::count).await;
        // Also where nothing is due.
        self.has_room();
        night.and(late).and(counted.map(|late| metrics::gauge!(DUTIES_LATE).set(figure(late))))
    }

    /// Runs a verb of the tick, and again where the database asks for patience: what was sent must be written down as sent.
    async fn write<T: Send + 'static>(&self, now: Instant, verb: impl Fn(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static) -> Result<T> {
        const WAITS_MS: [u64; 5] = [10, 50, 200, 500, 1_000];
        // A try may itself have waited for the database.
        let patience = deadline_in(PATIENCE);
        for wait_ms in WAITS_MS {
            match self.door.write_as(Actor::system(), now, Capability::TickRun, verb.clone()).await {
                Err(Error::Unavailable(why)) if !is_over(patience) => tracing::debug!(why, "the tick waits for the database"),
                done => return done,
            }
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
        self.door.write_as(Actor::system(), now, Capability::TickRun, verb).await
    }
}

fn figure(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// Does one thing of many, with what follows from it, in the transaction of all: a defect in it undoes it alone, and is logged by what it was done
/// to. What the database asks to be run again is no defect.
fn alone<T>(tx: &mut Tx<'_>, what: &'static str, id: impl fmt::Display, step: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<Option<T>> {
    let done = tx.alone(step)?;
    Ok(done.inspect_err(|error| tracing::error!(what, %id, %error, "the tick could not do this; it is tried again later")).ok())
}
