//! Which times are free for several people, in order, and why one is not.

pub mod objections;

use chrono::{NaiveDate, TimeDelta};

use super::model::days::{Frame, Run};
use super::model::spans::Spans;
use super::model::{Ask, Busy, Objection, Open, Participant, Slot};
use crate::availability::model::Effect;
use crate::base::calendar::Range;
use crate::base::clock::Instant;

/// The open time of somebody on the days of a frame.
pub fn open_time(open: &Open<'_>, frame: &Frame) -> Spans {
    let hours = hours(open, frame, open.on_holidays);
    let hours = if open.never.is_empty() { hours } else { hours.minus(&frame.weekly(open.never, |_| true)) };
    hours.minus(&away(open, frame))
}

/// The hours of the week, with holidays or without, and what is more and less of dates.
fn hours(open: &Open<'_>, frame: &Frame, with_holidays: bool) -> Spans {
    let weekly = frame.weekly(open.week, |day| with_holidays || !day.is_holiday);
    if open.exceptions.is_empty() {
        return weekly;
    }
    let said = |effect| frame.dated(open.exceptions, effect);
    weekly.or(said(Effect::More)).minus(&said(Effect::Less))
}

/// When somebody is on leave, or not on the staff.
fn away(open: &Open<'_>, frame: &Frame) -> Spans {
    if open.leaves.is_empty() && open.service == (None, None) {
        return Spans::default();
    }
    frame.whole(|day| is_on_leave(open, day.on)).or(out_of_service(open.service, frame))
}

fn is_on_leave(open: &Open<'_>, on: NaiveDate) -> bool {
    open.leaves.iter().any(|(from_on, until_on)| *from_on <= on && on <= *until_on)
}

/// Before somebody is on the staff, and after their last date there.
pub fn out_of_service((from_at, last): (Option<Instant>, Option<NaiveDate>), frame: &Frame) -> Spans {
    let before = from_at.map(|from_at| frame.before(from_at)).unwrap_or_default();
    before.or(frame.whole(|day| last.is_some_and(|last| day.on > last)))
}

/// The range around something planned that a meeting with these buffers stays out of. The one rule of buffers: two neighbours' overlap,
/// they do not add up, so the gap between two meetings is at least the larger of the first's after and the second's before.
pub fn kept_free(busy: &Busy, before: TimeDelta, after: TimeDelta) -> Range {
    let from = busy.range.starts_at().minus(busy.before.max(after));
    Range::new(from, busy.range.ends_at().plus(busy.after.max(before))).unwrap_or(busy.range)
}

/// What somebody has left of their open time.
pub fn free_time(participant: &Participant<'_>, ask: &Ask) -> Spans {
    let open = open_time(&participant.open, participant.frame);
    let (before, after) = buffers(participant, ask);
    open.minus(&Spans::of(participant.busy.iter().map(|busy| kept_free(busy, before, after))))
}

fn buffers(participant: &Participant<'_>, ask: &Ask) -> (TimeDelta, TimeDelta) {
    if participant.has_buffers { (ask.before, ask.after) } else { (TimeDelta::zero(), TimeDelta::zero()) }
}

/// The times at which everybody can, in order. `grid` is the programme's clock, whose midnights the starts are counted from.
pub fn slots(participants: &[Participant<'_>], ask: &Ask, grid: &Frame) -> Vec<Slot> {
    let Some((first, others)) = participants.split_first() else { return Vec::new() };
    let free = others.iter().fold(free_time(first, ask), |free, other| free.and(&free_time(other, ask)));
    slots_in(&free, participants, ask, grid)
}

/// The times in what everybody has left. Who asks for many with one person works that person's time out once.
pub fn slots_in(free: &Spans, participants: &[Participant<'_>], ask: &Ask, grid: &Frame) -> Vec<Slot> {
    let mut slots = Vec::new();
    let wishes: Vec<Spans> = participants.iter().filter_map(|other| Some(other.frame.weekly(other.wished?, |_| true))).collect();
    let is_full = |on: NaiveDate| participants.iter().any(|other| other.full.iter().any(|(full, _)| *full == on));
    let mut rest = free.ranges();
    for day in grid.days() {
        if ask.latest_on.is_some_and(|latest| day.on > latest) {
            break;
        }
        if is_full(day.on) {
            continue;
        }
        for run in grid.runs(day) {
            while let Some((_, later)) = rest.split_first().filter(|(span, _)| span.ends_at() <= run.from) {
                rest = later;
            }
            for span in rest.iter().take_while(|span| span.starts_at() < run.until) {
                slots.extend(starts(*span, &run, ask).map(|(starts_at, minute)| {
                    let ends_at = starts_at.plus(ask.length);
                    let meeting = span.between(starts_at, ends_at);
                    Slot {
                        starts_at,
                        ends_at,
                        is_wished: !wishes.is_empty() && wishes.iter().all(|wish| wish.covers(meeting)),
                        is_agreed_weekday: ask.agreed.weekday == Some(day.weekday),
                        is_agreed_time: ask.agreed.at_min == Some(minute),
                    }
                }));
            }
        }
    }
    slots
}

/// The starts of a run of the clock from which the whole meeting lies in a span, each with the minute that the clock shows.
fn starts(span: Range, run: &Run, ask: &Ask) -> impl Iterator<Item = (Instant, i32)> {
    let interval = i64::from(ask.interval_min.max(1)) * 60_000_000;
    let from = span.starts_at().max(run.from).max(ask.window.starts_at()).max(ask.earliest_at).micros();
    let until = run.until.micros().saturating_sub(1).min(span.ends_at().min(ask.window.ends_at()).minus(ask.length).micros());
    // What the clock shows, in microseconds after midnight, is the moment and so much.
    let ahead = run.from_s * 1_000_000 - run.from.micros();
    let first = from + (-(from + ahead)).rem_euclid(interval);
    (0_i64..).map(move |step| first + step * interval).take_while(move |at| *at <= until).map(move |at| {
        let minute = i32::try_from((at + ahead) / 60_000_000).unwrap_or(0);
        (Instant::from_micros(at), minute)
    })
}

/// Dates on which no more may begin: those with as many as a day may have, and all of a week with as many as a week may have. `begun` are
/// the local dates of what counts, one each, the meeting in question left out.
pub fn full_dates(begun: &[NaiveDate], per_day: Option<u32>, per_week: Option<u32>) -> Vec<(NaiveDate, Objection)> {
    use chrono::Datelike;
    let monday = |on: NaiveDate| on - TimeDelta::days(i64::from(on.weekday().num_days_from_monday()));
    let count =
        |is_counted: &dyn Fn(NaiveDate) -> bool| u32::try_from(begun.iter().filter(|on| is_counted(**on)).count()).unwrap_or(u32::MAX);
    let mut full = Vec::new();
    let mut dates = begun.to_vec();
    dates.sort_unstable();
    dates.dedup();
    for on in &dates {
        if per_day.is_some_and(|most| count(&|other| other == *on) >= most) {
            full.push((*on, Objection::DayLimit));
        }
    }
    dates.iter_mut().for_each(|on| *on = monday(*on));
    dates.dedup();
    for first in dates {
        if per_week.is_some_and(|most| count(&|other| monday(other) == first) >= most) {
            full.extend(first.iter_days().take(7).map(|on| (on, Objection::WeekLimit)));
        }
    }
    full
}

#[cfg(test)]
mod tests;
