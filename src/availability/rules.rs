//! What may be stated, and what is left of a week. Pure.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::model::{DAY_MIN, Exception, PartOfWeek, Stretch, Times, Week};
use crate::base::calendar::Zone;
use crate::base::config::Availability;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::value::Flaw;

/// Minutes of a week on the wall clock.
const WEEK_MIN: i32 = 7 * DAY_MIN;

/// A week as it was typed: every stretch lies in its day and none overlaps another. `pointer` is the member it came in, e.g. `/week`.
///
/// # Errors
/// 422, naming each wrong stretch by its place in the list.
pub fn week(stretches: &[Stretch], pointer: &str) -> Result<Week> {
    let mut problem = Problem::new(Code::Invalid);
    for (at, stretch) in stretches.iter().enumerate() {
        let at = format!("{pointer}/{at}");
        if !(1..=7).contains(&stretch.weekday) {
            problem = out_of_range(problem, format!("{at}/weekday"));
        }
        problem = check_minutes(problem, &at, stretch.from_min, stretch.until_min);
    }
    let overlaps = |stretch: &Stretch, other: &Stretch| {
        stretch.weekday == other.weekday && stretch.from_min < other.until_min && other.from_min < stretch.until_min
    };
    for (at, stretch) in stretches.iter().enumerate() {
        if problem.errors.is_empty() && stretches.iter().take(at).any(|other| overlaps(stretch, other)) {
            problem = problem.wrong(Flaw::Overlaps.at(format!("{pointer}/{at}")));
        }
    }
    if problem.errors.is_empty() { Ok(Week::of(stretches.iter().copied())) } else { Err(problem.into()) }
}

/// Whether a new exception can be as stated: it lies in its day, not in the past, and overlaps none that stands on that date.
///
/// # Errors
/// 422.
pub fn check_exception(new: &Exception, standing: &[Exception], today: NaiveDate) -> Result<()> {
    let problem = check_minutes(Problem::new(Code::Invalid), "", new.from_min, new.until_min);
    if !problem.errors.is_empty() {
        return Err(problem.into());
    }
    if new.on < today {
        return Err(Flaw::BeforeToday.refused("/on"));
    }
    if standing.len() >= MOST_EXCEPTIONS {
        return Err(invalid("/on", Flaw::TooMany, "Der er for mange undtagelser", "There are too many exceptions"));
    }
    let overlaps = |known: &&Exception| known.on == new.on && known.from_min < new.until_min && new.from_min < known.until_min;
    match standing.iter().find(overlaps) {
        None => Ok(()),
        Some(_) => Err(invalid("/from_min", Flaw::Overlaps, "Undtagelsen overlapper en anden", "It overlaps another exception")),
    }
}

/// More exceptions to come than anybody has.
const MOST_EXCEPTIONS: usize = 400;

fn check_minutes(problem: Problem, at: &str, from_min: i32, until_min: i32) -> Problem {
    if !(0..DAY_MIN).contains(&from_min) {
        return out_of_range(problem, format!("{at}/from_min"));
    }
    if !(1..=DAY_MIN).contains(&until_min) {
        return out_of_range(problem, format!("{at}/until_min"));
    }
    if until_min <= from_min {
        return problem.wrong(Flaw::NotAfterStart.at(format!("{at}/until_min")));
    }
    problem
}

fn out_of_range(problem: Problem, pointer: String) -> Problem {
    problem.wrong(Flaw::OutOfRange.at(pointer))
}

/// The hours that a word means.
pub fn hours_of(part: PartOfWeek, settings: &Availability) -> Week {
    let ([from, until], weekdays) = match part {
        PartOfWeek::Mornings => (settings.mornings, 1..=5),
        PartOfWeek::AfterSchool => (settings.after_school, 1..=5),
        PartOfWeek::Evenings => (settings.evenings, 1..=5),
        PartOfWeek::Weekends => (settings.weekends, 6..=7),
    };
    Week::of(weekdays.map(|weekday| Stretch { weekday, from_min: minute(from), until_min: minute(until) }))
}

/// The hours in which somebody is taken to be free who has stated none.
pub fn assumed(settings: &Availability) -> Week {
    let [from, until] = settings.assumed;
    Week::of((1..=7).map(|weekday| Stretch { weekday, from_min: minute(from), until_min: minute(until) }))
}

/// All of a week.
pub fn whole() -> Week {
    Week::of((1..=7).map(|weekday| Stretch { weekday, from_min: 0, until_min: 1440 }))
}

/// What is in either of two weeks on one clock.
#[must_use]
pub fn either(one: &Week, other: &Week) -> Week {
    Week::of(one.stretches().iter().chain(other.stretches()).copied())
}

/// The minute of the day that a wall clock shows.
fn minute(time: NaiveTime) -> i32 {
    i32::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// What a person wishes for, words and minutes together, less what is never possible; `None` when they wish for nothing in particular.
pub fn wished(times: &Times, settings: &Availability) -> Option<Week> {
    if times.parts.is_empty() && times.wished.is_empty() {
        return None;
    }
    let all = times.parts.iter().fold(times.wished.clone(), |all, part| either(&all, &hours_of(*part, settings)));
    Some(minus(&all, &times.never))
}

/// What is in one week and not in another on the same clock.
#[must_use]
pub fn minus(one: &Week, other: &Week) -> Week {
    let rest = |stretch: &Stretch| {
        let (mut from_min, mut left) = (stretch.from_min, Vec::new());
        for taken in other.on(stretch.weekday) {
            left.push(Stretch { from_min, until_min: stretch.until_min.min(taken.from_min), ..*stretch });
            from_min = from_min.max(taken.until_min);
        }
        left.push(Stretch { from_min, ..*stretch });
        left
    };
    Week::of(one.stretches().iter().flat_map(rest))
}

/// A week of one zone as a clock in another shows it, in the week of `on`: what two weeks in different zones have in common depends on
/// the season. What lies past the end of the week stands at its beginning.
#[must_use]
pub fn on_clock(week: &Week, from: Zone, to: Zone, on: NaiveDate) -> Week {
    if from == to {
        return week.clone();
    }
    let monday = on - TimeDelta::days(i64::from(on.weekday().num_days_from_monday()));
    let shown = |stretch: &Stretch, minute: i32| {
        let wall = midnight(monday) + TimeDelta::minutes(i64::from((stretch.weekday - 1) * DAY_MIN + minute));
        let minutes = (to.wall(from.at_wall(wall)) - midnight(monday)).num_minutes();
        i32::try_from(minutes).unwrap_or(0)
    };
    Week::of(week.stretches().iter().flat_map(|stretch| by_day(shown(stretch, stretch.from_min), shown(stretch, stretch.until_min))))
}

const fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}

/// A stretch in minutes of the week, which may begin before it and end after it, cut at each midnight.
fn by_day(from_min: i32, until_min: i32) -> impl Iterator<Item = Stretch> {
    let days = from_min.div_euclid(DAY_MIN)..=until_min.div_euclid(DAY_MIN);
    days.map(move |day| Stretch {
        weekday: (day * DAY_MIN).rem_euclid(WEEK_MIN) / DAY_MIN + 1,
        from_min: from_min - day * DAY_MIN,
        until_min: until_min - day * DAY_MIN,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::model::Effect;
    use crate::base::error::Error;
    use crate::base::ids::Id;

    const fn on(weekday: i32, from_min: i32, until_min: i32) -> Stretch {
        Stretch { weekday, from_min, until_min }
    }
    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    fn flaws<T: std::fmt::Debug>(result: Result<T>) -> Vec<(String, &'static str)> {
        match result {
            Err(Error::Refused(problem)) => problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect(),
            other => {
                other.unwrap();
                Vec::new()
            }
        }
    }

    #[test]
    fn weeks_that_can_be() {
        type Case<'a> = (&'a [Stretch], &'a [(&'a str, &'a str)]);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            (&[], &[]),
            (&[on(1, 0, 1440), on(7, 1439, 1440)], &[]),
            (&[on(0, 0, 60), on(8, 0, 60)], &[("/week/0/weekday", "out_of_range"), ("/week/1/weekday", "out_of_range")]),
            (&[on(1, -1, 60)], &[("/week/0/from_min", "out_of_range")]),
            (&[on(1, 1440, 1440)], &[("/week/0/from_min", "out_of_range")]),
            (&[on(1, 0, 1441)], &[("/week/0/until_min", "out_of_range")]),
            (&[on(1, 60, 60)], &[("/week/0/until_min", "not_after_start")]),
            (&[on(1, 60, 120), on(1, 119, 180)], &[("/week/1", "overlaps")]),
            (&[on(1, 60, 120), on(1, 120, 180), on(2, 60, 120)], &[]),
        ];
        for (given, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect();
            assert_eq!(flaws(week(given, "/week")), expected, "{given:?}");
        }
    }

    fn exception(effect: Effect, day: &str, from_min: i32, until_min: i32) -> Exception {
        Exception { id: Id::from_uuid(uuid::Uuid::nil()), effect, on: date(day), from_min, until_min }
    }

    #[test]
    fn exceptions_do_not_overlap_whatever_they_do() {
        let standing = [exception(Effect::Less, "2026-03-02", 600, 720)];
        for (from_min, until_min, day, code) in [
            (540, 600, "2026-03-02", None),
            (720, 780, "2026-03-02", None),
            (600, 720, "2026-03-03", None),
            (540, 601, "2026-03-02", Some("overlaps")),
            (719, 780, "2026-03-02", Some("overlaps")),
            (0, 1440, "2026-03-02", Some("overlaps")),
            (720, 720, "2026-03-02", Some("not_after_start")),
            (0, 60, "2026-03-01", Some("before_today")),
        ] {
            let found = flaws(check_exception(&exception(Effect::More, day, from_min, until_min), &standing, date("2026-03-02")));
            assert_eq!(found.first().map(|(_, code)| *code), code, "{from_min} {until_min} {day}");
        }
    }

    #[test]
    fn what_is_left_of_a_week_without_another() {
        let one = Week::of([on(1, 540, 720), on(1, 780, 1020), on(3, 0, 1440)]);
        let other = Week::of([on(1, 600, 840), on(2, 0, 1440), on(3, 1380, 1440)]);
        assert_eq!(minus(&one, &other), Week::of([on(1, 540, 600), on(1, 840, 1020), on(3, 0, 1380)]));
    }

    #[test]
    fn a_word_means_the_settings_hours_and_never_is_never() {
        let settings = Availability::default();
        let times = Times { parts: vec![PartOfWeek::AfterSchool], never: Week::of([on(3, 0, 1440), on(5, 960, 1440)]), ..Times::default() };
        let expected = Week::of([on(1, 840, 1080), on(2, 840, 1080), on(4, 840, 1080), on(5, 840, 960)]);
        assert_eq!(wished(&times, &settings), Some(expected));
        assert_eq!(wished(&Times { never: Week::of([on(3, 0, 1440)]), ..Times::default() }, &settings), None);
        assert_eq!(hours_of(PartOfWeek::Weekends, &settings), Week::of([on(6, 600, 1080), on(7, 600, 1080)]));
    }

    #[test]
    fn a_week_on_another_clock() {
        let (here, there) = (Zone::COPENHAGEN, "America/New_York".parse().unwrap());
        let nine_to_five = Week::of([on(1, 540, 1020), on(7, 1200, 1440)]);
        // Six hours ahead in winter, five in the two weeks between the two changes of clocks.
        assert_eq!(on_clock(&nine_to_five, there, here, date("2026-01-15")), Week::of([on(1, 900, 1380), on(1, 120, 360)]));
        assert_eq!(on_clock(&nine_to_five, there, here, date("2026-03-18")), Week::of([on(1, 840, 1320), on(1, 60, 300)]));
        assert_eq!(on_clock(&nine_to_five, here, here, date("2026-03-18")), nine_to_five);
        assert_eq!(on_clock(&Week::of([on(1, 0, 60)]), here, there, date("2026-01-15")), Week::of([on(7, 1080, 1140)]));
    }
}
