//! One act as it is told: the calendar of its days, the step at hand, and the timeline that is printed.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::client::Caller;
use super::expect::{Mismatch, Played};
use super::ledger::Ledger;
use super::stage::Stage;
use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::error::Error;

/// Where a demo is played.
const ZONE: Zone = Zone::COPENHAGEN;

/// An act.
pub struct Story<'a> {
    /// What it is played on.
    pub stage: &'a Stage,
    out: RefCell<&'a mut dyn Write>,
    first_day: NaiveDate,
    day: Cell<i64>,
    step: RefCell<String>,
    clerk: RefCell<Option<Rc<Caller>>>,
    pub(super) told: RefCell<Ledger>,
}

/// A moment as the timeline says it: a last minute of a day is that day.
pub fn in_words(at: Instant) -> String {
    let wall = ZONE.wall(at);
    let is_end = ZONE.end_of(wall.date()) == at;
    wall.format(if is_end { "%a %-d %b %Y" } else { "%a %-d %b %Y %H:%M" }).to_string()
}

impl<'a> Story<'a> {
    /// An act whose day 0 is this date.
    pub fn new(stage: &'a Stage, out: &'a mut dyn Write, first_day: NaiveDate) -> Self {
        let (day, step, clerk, told) = Default::default();
        Self { stage, out: RefCell::new(out), first_day, day, step, clerk, told }
    }

    /// From now on this coordinator's lists say what is promised and planned.
    pub fn watched_by(&self, coordinator: &Rc<Caller>) {
        *self.clerk.borrow_mut() = Some(Rc::clone(coordinator));
    }

    /// The coordinator whose lists are read.
    pub(super) fn clerk(&self) -> Played<Rc<Caller>> {
        self.clerk.borrow().clone().ok_or_else(|| Mismatch::new("the story", "a coordinator who watches", "nobody"))
    }

    /// A line of the timeline. That nobody reads on is no failure.
    pub fn line(&self, text: impl std::fmt::Display) {
        let _ = writeln!(self.out.borrow_mut(), "{text}");
    }

    /// The local date of a day.
    pub fn date(&self, day: i64) -> NaiveDate {
        self.first_day + TimeDelta::days(day)
    }

    /// A moment of a day, in local time.
    pub fn at(&self, day: i64, hour: u32, minute: u32) -> Instant {
        ZONE.at_wall(self.date(day).and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()))
    }

    /// The end of a day: until then what is promised in days is in time.
    pub fn end_of(&self, day: i64) -> String {
        ZONE.end_of(self.date(day)).to_string()
    }

    /// The end of a date.
    pub fn end_of_date(&self, year: i32, month: u32, day: u32) -> String {
        ZONE.end_of(NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()).to_string()
    }

    /// The moment it is.
    pub fn now(&self) -> Instant {
        self.stage.now()
    }

    /// It becomes this day and hour. The timeline says so.
    pub fn day(&self, day: i64, hour: u32, minute: u32) {
        self.stage.set_clock(self.at(day, hour, minute));
        self.day.set(day);
        self.line(format_args!("\nD{day:<4} {}", in_words(self.now())));
    }

    /// What somebody does next.
    pub fn step(&self, who: &Caller, what: impl std::fmt::Display) {
        *self.step.borrow_mut() = format!("{} {what}", who.title);
        self.line(format_args!("      {} {what}", who.title));
    }

    /// Something that was seen to be so.
    pub fn seen(&self, what: impl std::fmt::Display) {
        self.line(format_args!("        {what}"));
    }

    /// Somebody asks for something that no role of theirs may use.
    pub async fn forbidden(&self, who: &Caller, what: &str, path: &str) -> Played {
        who.try_get(path).await?.refused(403, "forbidden")?;
        self.seen(format_args!("{} may not ask for {what} (403)", who.title));
        Ok(())
    }

    /// A mismatch as the operator reads it: on which day, at which step.
    pub fn went_wrong(&self, mismatch: &Mismatch) -> Error {
        let (day, now, step) = (self.day.get(), in_words(self.now()), self.step.borrow());
        Error::internal(format_args!("the demo is not as expected on D{day} ({now}), where {step}:\n{mismatch}"))
    }
}
