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
use crate::messages::channels::folder::Captured;

/// Where a demo is played.
const ZONE: Zone = Zone::COPENHAGEN;
/// How many of the texts that were sent meanwhile are told word for word.
const TEXTS_TOLD: usize = 3;

/// Names, places and words of the acts, of which nothing may leave.
const PLANTED: [&str; 11] =
    ["prip", "malte", "nora", "library", "valby", "mentor", "coach", "makker", "concern", "socialforvaltning", "gry "];

/// An act.
pub struct Story<'a> {
    /// What it is played on.
    pub stage: &'a Stage,
    out: RefCell<&'a mut dyn Write>,
    first_day: NaiveDate,
    day: Cell<i64>,
    step: RefCell<String>,
    logs: Cell<u64>,
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
        let (day, step, logs, clerk, told) = Default::default();
        Self { stage, out: RefCell::new(out), first_day, day, step, logs, clerk, told }
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

    /// The local date it is.
    pub fn today(&self) -> NaiveDate {
        ZONE.date(self.now())
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

    /// An id of a phone's own, another one each time.
    pub fn phone_id(&self) -> String {
        let number = self.logs.get().saturating_add(1);
        self.logs.set(number);
        format!("{number:08x}-0000-4000-8000-0000000000de")
    }

    /// It becomes this day and hour: meanwhile whatever is due happens at its time. The timeline says so.
    pub async fn day(&self, day: i64, hour: u32, minute: u32) -> Played {
        let sent = self.pass(day, hour, minute).await?;
        self.line(format_args!("\nD{day:<4} {}", in_words(self.now())));
        self.tell_sent(&sent);
        Ok(())
    }

    /// As [`Story::day`], without a word; gives what was sent.
    pub async fn pass(&self, day: i64, hour: u32, minute: u32) -> Played<Vec<Captured>> {
        let (until, before) = (self.at(day, hour, minute), self.stage.capture().all().len());
        self.day.set(day);
        self.tick().await?;
        while let Some(next) = self.next_due().await?.filter(|next| *next < until) {
            self.stage.set_clock(next);
            self.tick().await?;
        }
        self.stage.set_clock(until.max(self.now()));
        self.tick().await?;
        Ok(self.stage.capture().all().into_iter().skip(before).collect())
    }

    async fn tick(&self) -> Played {
        self.stage.tick().await.map(drop).map_err(|error| Mismatch::new("the tick", "a report", error))
    }

    /// When the next thing will happen, as the API says: a message may go, or a promise becomes late. Everything that will happen is a
    /// row with a date, so nobody needs to look in between.
    async fn next_due(&self) -> Played<Option<Instant>> {
        let (clerk, now) = (self.clerk()?, self.now());
        let first = |list: serde_json::Value, member: &str| list["items"][0][member].as_str().and_then(Instant::parse);
        let message = first(clerk.get("/v1/messages?state=waiting&limit=1").await?, "not_before_at");
        // One that could not go in the quiet hours goes in the morning.
        let message =
            message.map(|at| if at > now { at } else { ZONE.next_at_wall(now, NaiveTime::from_hms_opt(8, 1, 0).unwrap_or_default()) });
        let late = first(clerk.get("/v1/duties?late=false&limit=1").await?, "due_at").map(|at| at.plus(TimeDelta::minutes(1)));
        Ok([message, late].into_iter().flatten().min())
    }

    fn tell_sent(&self, sent: &[Captured]) {
        for captured in sent.iter().take(TEXTS_TOLD) {
            let message = &captured.message;
            self.seen(format_args!("» {}, {} to {}: {}", in_words(captured.at), message.channel, message.to, message.lines.join(" ")));
        }
        if sent.len() > TEXTS_TOLD {
            self.seen(format_args!("» and {} more like these", sent.len().saturating_sub(TEXTS_TOLD)));
        }
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

    /// Somebody looks at something that for them does not exist.
    pub async fn hidden(&self, who: &Caller, what: &str, path: &str) -> Played {
        who.try_get(path).await?.refused(404, "not_found")?;
        self.seen(format_args!("{} does not see {what} (404)", who.title));
        Ok(())
    }

    /// Somebody asks for something that no role of theirs may use.
    pub async fn forbidden(&self, who: &Caller, what: &str, path: &str) -> Played {
        who.try_get(path).await?.refused(403, "forbidden")?;
        self.seen(format_args!("{} may not ask for {what} (403)", who.title));
        Ok(())
    }

    /// Nothing that was sent says a name, a place or what it is about: neither text nor envelope, mail, push or SMS.
    pub fn discreet(&self) -> Played {
        let sent = self.stage.capture().all();
        for captured in &sent {
            // A link is its address and chance.
            let raw = captured.raw.replace(captured.message.link.as_deref().unwrap_or("\0"), "").to_lowercase();
            if let Some(word) = PLANTED.iter().find(|word| raw.contains(**word)) {
                return Err(Mismatch::new("what was sent", format_args!("nothing of “{word}”"), &captured.raw));
            }
        }
        self.line(format_args!("\n      {} mails and texts left, and none says a name, a place or what it is about", sent.len()));
        Ok(())
    }

    /// A mismatch as the operator reads it: on which day, at which step.
    pub fn went_wrong(&self, mismatch: &Mismatch) -> Error {
        let (day, now, step) = (self.day.get(), in_words(self.now()), self.step.borrow());
        Error::internal(format_args!("the demo is not as expected on D{day} ({now}), where {step}:\n{mismatch}"))
    }
}
