//! Free times minute by minute: the straightforward way, as slow as it is plain. The yardstick of the bench, and an oracle of the tests.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike};
use makker::availability::slots::rules::kept_free;
use makker::availability::slots::{Ask, Participant};
use makker::availability::{Effect, Week};
use makker::base::calendar::{Holidays, Range, Zone};
use makker::base::clock::Instant;

/// The starts that everybody can, on the clock of `grid`.
pub fn starts(participants: &[(Zone, Participant<'_>)], ask: &Ask, grid: Zone, holidays: Holidays) -> Vec<Instant> {
    let mut minutes = Minutes::of(ask.window);
    for (zone, participant) in participants {
        minutes.keep(&open(*zone, participant, ask, holidays));
    }
    let length = usize::try_from(ask.length.num_minutes()).unwrap();
    let is_start = |at: Instant| {
        let wall = grid.wall(at);
        let minute = i32::try_from(wall.num_seconds_from_midnight() / 60).unwrap();
        minute % ask.interval_min == 0
            && at >= ask.earliest_at
            && ask.latest_on.is_none_or(|latest| wall.date() <= latest)
            && !participants.iter().any(|(_, one)| one.full.iter().any(|(full, _)| *full == wall.date()))
    };
    let whole = |first: usize| minutes.is_free.get(first..first + length).is_some_and(|all| all.iter().all(|free| *free));
    (0..minutes.is_free.len()).filter(|first| whole(*first)).map(|first| minutes.at(first)).filter(|at| is_start(*at)).collect()
}

/// Whether each minute of a window is free.
struct Minutes {
    from: Instant,
    is_free: Vec<bool>,
}

impl Minutes {
    fn of(window: Range) -> Self {
        let count = usize::try_from(window.length().num_minutes()).unwrap();
        Self { from: window.starts_at(), is_free: vec![true; count] }
    }

    fn at(&self, minute: usize) -> Instant {
        self.from.plus(TimeDelta::minutes(i64::try_from(minute).unwrap()))
    }

    fn set(&mut self, from: Instant, until: Instant, free: bool) {
        let mut at = self.from;
        for is_free in &mut self.is_free {
            if from <= at && at < until {
                *is_free = free;
            }
            at = at.plus(TimeDelta::minutes(1));
        }
    }

    fn keep(&mut self, other: &Self) {
        for (mine, theirs) in self.is_free.iter_mut().zip(&other.is_free) {
            *mine = *mine && *theirs;
        }
    }
}

fn open(zone: Zone, one: &Participant<'_>, ask: &Ask, holidays: Holidays) -> Minutes {
    let mut minutes = Minutes::of(ask.window);
    minutes.is_free.fill(false);
    let first = zone.date(ask.window.starts_at()) - TimeDelta::days(2);
    let days: Vec<NaiveDate> = first.iter_days().take_while(|on| *on <= zone.date(ask.window.ends_at()) + TimeDelta::days(2)).collect();
    let at = |on: NaiveDate, minute: i32| zone.at_wall(on.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into()));
    let weekly = |minutes: &mut Minutes, week: &Week, on: NaiveDate, free: bool| {
        for stretch in week.on(i32::try_from(on.weekday().number_from_monday()).unwrap()) {
            minutes.set(at(on, stretch.from_min), at(on, stretch.until_min), free);
        }
    };
    for on in &days {
        if one.open.on_holidays || !holidays.is_holiday(*on) {
            weekly(&mut minutes, one.open.week, *on, true);
        }
    }
    for (effect, free) in [(Effect::More, true), (Effect::Less, false)] {
        for exception in one.open.exceptions.iter().filter(|exception| exception.effect == effect) {
            minutes.set(at(exception.on, exception.from_min), at(exception.on, exception.until_min), free);
        }
    }
    for on in &days {
        weekly(&mut minutes, one.open.never, *on, false);
        let is_away = one.open.leaves.iter().any(|(from_on, until_on)| from_on <= on && on <= until_on)
            || one.open.service.1.is_some_and(|last| *on > last);
        if is_away {
            minutes.set(zone.start_of(*on), zone.start_of(on.succ_opt().unwrap()), false);
        }
    }
    if let Some(from_at) = one.open.service.0 {
        minutes.set(zone.start_of(days[0]), from_at, false);
    }
    for busy in one.busy {
        let (before, after) = if one.has_buffers { (ask.before, ask.after) } else { Default::default() };
        let kept = kept_free(busy, before, after);
        minutes.set(kept.starts_at(), kept.ends_at(), false);
    }
    minutes
}
