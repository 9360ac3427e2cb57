//! What free times cost beside the minute-by-minute way, in one run; and over HTTP with one and with ten years of past sessions. No
//! assertions.
//!
//!     cargo bench --bench free_times

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a bench that cannot go on stops here"
)]

#[expect(dead_code, reason = "shared with the bench of a programme, which uses the rest")]
#[path = "../programme/client.rs"]
mod client;
mod grid;
mod history;
#[expect(dead_code, reason = "shared with the bench of a programme, which uses the rest")]
#[path = "../programme/stage.rs"]
mod stage;

use std::hint::black_box;
use std::time::{Duration, Instant as Wall};

use chrono::TimeDelta;
use makker::availability::slots::model::days::Frame;
use makker::availability::slots::rules::slots;
use makker::availability::slots::{Agreed, Ask, Busy, Participant};
use makker::availability::{Stretch, Week};
use makker::base::calendar::{Calendar, Range};
use makker::base::clock::Instant;
use makker::base::config::Programme;
use makker::base::ids::IdSource;
use makker::sessions::free::model::Member;
use makker::sessions::free::rules;
use makker::sessions::model::Side;

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sessions a week of each member of staff.
const A_WEEK: i64 = 20;

fn main() {
    let calendar = Programme::default().calendar();
    let monday = Instant::parse("2026-03-16T00:00:00Z").unwrap();
    pair(monday, calendar);
    who(monday, calendar);
    history::compare();
}

/// Twenty sessions of an hour a week, four a day from 8:00 to 16:00 with gaps, over so many weeks from two before the window.
fn sessions(monday: Instant, weeks: i64, shift_min: i64) -> Vec<Busy> {
    let one = |number: i64| {
        let (week, day, turn) = (number / A_WEEK, number % A_WEEK / 4, number % 4);
        let starts_at = monday.plus(TimeDelta::days(7 * week + day) + TimeDelta::minutes(480 + 120 * turn + shift_min));
        let range = Range::new(starts_at, starts_at.plus(TimeDelta::hours(1))).unwrap();
        Busy { range, before: TimeDelta::minutes(15), after: TimeDelta::minutes(15) }
    };
    (0..weeks * A_WEEK).map(one).collect()
}

fn staff(ids: &IdSource, monday: Instant, weeks: i64, shift_min: i64, calendar: Calendar) -> Member {
    let week = Week::of((1..=5).flat_map(|weekday| {
        let stretch = |from_min, until_min| Stretch { weekday, from_min, until_min };
        [stretch(480, 720), stretch(750, 1080)]
    }));
    Member {
        id: ids.next::<makker::base::ids::noun::Staff>().cast(),
        side: Side::Staff,
        has_stated: true,
        zone: calendar.zone,
        week,
        exceptions: Vec::new(),
        never: Week::default(),
        leaves: vec![("2026-07-01".parse().unwrap(), "2026-07-21".parse().unwrap())],
        service: (Some(calendar.zone.start_of("2020-01-01".parse().unwrap())), None),
        busy: sessions(monday, weeks, shift_min),
        full: Vec::new(),
        wished: None,
    }
}

fn person(ids: &IdSource, monday: Instant, calendar: Calendar) -> Member {
    let day = |weekday, from_min, until_min| Stretch { weekday, from_min, until_min };
    let planned: Vec<Busy> = sessions(monday, 4, 0).into_iter().step_by(7).collect();
    Member {
        id: ids.next::<makker::base::ids::noun::Person>().cast(),
        side: Side::Person,
        week: Week::of((1..=7).map(|weekday| day(weekday, 480, 1200))),
        never: Week::of([day(3, 0, 780)]),
        wished: Some(Week::of((1..=5).map(|weekday| day(weekday, 840, 1080)))),
        leaves: Vec::new(),
        service: (None, None),
        busy: planned.into_iter().map(|busy| Busy { before: TimeDelta::zero(), after: TimeDelta::zero(), ..busy }).collect(),
        ..staff(ids, monday, 0, 0, calendar)
    }
}

fn ask(monday: Instant, days: i64) -> Ask {
    Ask {
        window: Range::new(monday, monday.plus(TimeDelta::days(days))).unwrap(),
        length: TimeDelta::minutes(60),
        interval_min: 30,
        before: TimeDelta::minutes(15),
        after: TimeDelta::minutes(15),
        earliest_at: monday,
        latest_on: None,
        agreed: Agreed { weekday: Some(3), at_min: Some(960) },
    }
}

/// Free times of one pair over four weeks that hold a change of clocks, everything loaded.
fn pair(monday: Instant, calendar: Calendar) {
    let ids = IdSource::seeded(1);
    let members = [staff(&ids, monday, 4, 0, calendar), person(&ids, monday, calendar)];
    let ask = ask(monday, 28);
    let found = rules::free_times(&members, &ask, calendar, false).len();
    let ours = median(2000, || rules::free_times(&members, &ask, calendar, false).len());
    let plain = median(20, || by_minute(&members, &ask, calendar).len());
    assert_eq!(found, by_minute(&members, &ask, calendar).len());
    report("one pair over 4 weeks, data loaded", found, ours, plain);
    // With the frames made once, as for many pairs in a row.
    let frames = rules::frames(&members, ask.window, calendar);
    let participants = rules::participants(&members, &frames, false);
    let framed = median(2000, || slots(&participants, &ask, &frames[0].1).len());
    println!("  with the dates of the window worked out before: {framed:?}");
}

/// Who of a thousand could see somebody in the next 14 days.
fn who(monday: Instant, calendar: Calendar) {
    let ids = IdSource::seeded(2);
    let everybody: Vec<Member> = (0..1000).map(|number| staff(&ids, monday, 2, number % 7 * 10, calendar)).collect();
    let (met, ask) = (person(&ids, monday, calendar), ask(monday, 14));
    let found = rules::who_could(&everybody, &met, &ask, calendar, false, 3).len();
    let ours = median(50, || rules::who_could(&everybody, &met, &ask, calendar, false, 3).len());
    let plain = || everybody.iter().filter(|member| !by_minute(&[(*member).clone(), met.clone()], &ask, calendar).is_empty()).count();
    let begin = Wall::now();
    assert_eq!(found, plain());
    report("who of 1,000 in the next 14 days, data loaded", found, ours, begin.elapsed());
}

fn by_minute(members: &[Member], ask: &Ask, calendar: Calendar) -> Vec<Instant> {
    let frame = Frame::of(calendar.zone, ask.window, calendar.holidays);
    let participants: Vec<_> =
        members.iter().map(|member| -> (_, Participant<'_>) { (member.zone, member.participant(&frame, false)) }).collect();
    grid::starts(&participants, ask, calendar.zone, calendar.holidays)
}

fn median(rounds: usize, mut once: impl FnMut() -> usize) -> Duration {
    let mut spans: Vec<Duration> = (0..rounds)
        .map(|_| {
            let begin = Wall::now();
            black_box(once());
            begin.elapsed()
        })
        .collect();
    spans.sort_unstable();
    spans[rounds / 2]
}

fn report(what: &str, found: usize, ours: Duration, plain: Duration) {
    let ratio = plain.as_secs_f64() / ours.as_secs_f64();
    println!("{what}: {found} found in {ours:?} (median); minute by minute {plain:?}, {ratio:.0} times as long");
}
