//! VTIMEZONE: the clocks of a zone around some appointments (RFC 5545 section 3.6.5).
//!
//! Two yearly rules where the zone keeps two for years to come, which every calendar understands; else each change of the clocks by itself.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Weekday};

use super::lines::Lines;
use crate::base::calendar::{Change, Zone, day_code};
use crate::base::clock::Instant;

/// Before the first appointment: a year and more holds every change that is still felt.
const BEFORE: TimeDelta = TimeDelta::days(370);
/// After the last one: a rule that holds three times more is taken for one.
const AFTER: TimeDelta = TimeDelta::days(3 * 366);
/// Where a zone begins whose clocks are not changed.
const ALWAYS: &str = "19700101T000000";

/// Writes the zone's component for appointments between two moments.
pub(super) fn write(lines: &mut Lines, zone: Zone, first: Instant, last: Instant) {
    let from = first.minus(BEFORE);
    let changes = zone.changes(from, last.plus(AFTER));
    lines.add("BEGIN", "VTIMEZONE");
    lines.add("TZID", &zone.to_string());
    match two_rules(&changes) {
        Some(rules) => rules.iter().for_each(|rule| observance(lines, &rule.first, Some(rule))),
        None => {
            let until = last.plus(TimeDelta::days(1));
            if changes.first().is_none_or(|change| change.at > first) {
                let offset = changes.first().map_or_else(|| zone.offset(from), |change| change.before);
                lines.add("BEGIN", "STANDARD");
                lines.add("DTSTART", ALWAYS);
                lines.add("TZOFFSETFROM", &signed(offset));
                lines.add("TZOFFSETTO", &signed(offset));
                lines.add("END", "STANDARD");
            }
            changes.iter().filter(|change| change.at <= until).for_each(|change| observance(lines, change, None));
        }
    }
    lines.add("END", "VTIMEZONE");
}

fn observance(lines: &mut Lines, change: &Change, rule: Option<&Rule>) {
    let part = if change.is_daylight { "DAYLIGHT" } else { "STANDARD" };
    lines.add("BEGIN", part);
    lines.add("DTSTART", &onset(change).format("%Y%m%dT%H%M%S").to_string());
    lines.add("TZOFFSETFROM", &signed(change.before));
    lines.add("TZOFFSETTO", &signed(change.after));
    if let Some(name) = &change.name {
        lines.add_text("TZNAME", name);
    }
    if let Some(rule) = rule {
        lines.add("RRULE", &format!("FREQ=YEARLY;BYMONTH={};BYDAY={}{}", rule.month, rule.nth, day_code(rule.weekday)));
    }
    lines.add("END", part);
}

/// What clocks show when they are changed, by the offset before.
fn onset(change: &Change) -> NaiveDateTime {
    change.at.to_utc().naive_utc() + change.before
}

/// A change that comes every year on the same weekday of the same month.
#[derive(Debug)]
struct Rule {
    first: Change,
    month: u32,
    weekday: Weekday,
    /// The first, second, … of its month; -1: the last.
    nth: i64,
}

/// The two rules that all changes follow, if they do: into summer time and out of it, each once a year.
fn two_rules(changes: &[Change]) -> Option<[Rule; 2]> {
    let (mut into, mut out) = (Vec::new(), Vec::new());
    for change in changes {
        if change.is_daylight { into.push(change) } else { out.push(change) }
    }
    let (into, out) = (rule(&into)?, rule(&out)?);
    Some(if into.first.at < out.first.at { [into, out] } else { [out, into] })
}

fn rule(changes: &[&Change]) -> Option<Rule> {
    let first = *changes.first()?;
    let start = onset(first);
    let week = |wall: NaiveDateTime| i64::from(wall.day0() / 7) + 1;
    let is_last = |wall: NaiveDateTime| (wall.date() + TimeDelta::days(7)).month() != wall.month();
    let is_kept = |(years, change): (i32, &&Change)| {
        let wall = onset(change);
        wall.year() == start.year() + years
            && (wall.month(), wall.weekday(), wall.time()) == (start.month(), start.weekday(), start.time())
            && (change.before, change.after) == (first.before, first.after)
    };
    let kept = changes.len() >= 3 && (0..).zip(changes).all(is_kept);
    let always = |is_so: &dyn Fn(NaiveDateTime) -> bool| changes.iter().all(|change| is_so(onset(change)));
    let nth = if always(&is_last) { -1 } else { week(start) };
    let is_rule = kept && (nth == -1 || always(&|wall| week(wall) == nth));
    is_rule.then(|| Rule { first: first.clone(), month: start.month(), weekday: start.weekday(), nth })
}

/// `+0100`, `-033000` where there are seconds.
fn signed(offset: TimeDelta) -> String {
    let (sign, seconds) = (if offset < TimeDelta::zero() { '-' } else { '+' }, offset.num_seconds().abs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str, first: &str, last: &str) -> String {
        let mut lines = Lines::default();
        write(&mut lines, zone.parse().unwrap(), Instant::parse(first).unwrap(), Instant::parse(last).unwrap());
        lines.into_text().replace("\r\n", " ")
    }

    #[test]
    fn zones_with_two_rules_with_none_and_with_others() {
        let newyork = written("America/New_York", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z");
        assert!(
            newyork
                .contains("DTSTART:20250309T020000 TZOFFSETFROM:-0500 TZOFFSETTO:-0400 TZNAME:EDT RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
            "{newyork}"
        );
        assert!(
            newyork
                .contains("DTSTART:20251102T020000 TZOFFSETFROM:-0400 TZOFFSETTO:-0500 TZNAME:EST RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
            "{newyork}"
        );
        // South of the equator summer begins in October.
        let sydney = written("Australia/Sydney", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z");
        assert!(sydney.contains("TZOFFSETTO:+1100 TZNAME:AEDT RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU"), "{sydney}");
        let utc = written("UTC", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z");
        let fixed = "BEGIN:STANDARD DTSTART:19700101T000000 TZOFFSETFROM:+0000 TZOFFSETTO:+0000 END:STANDARD";
        assert_eq!(utc, format!("BEGIN:VTIMEZONE TZID:UTC {fixed} END:VTIMEZONE "));
        assert!(written("Asia/Kolkata", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z").contains("TZOFFSETTO:+0530"));
        // Ramadan moves: each change by itself, none of them a rule.
        let casablanca = written("Africa/Casablanca", "2026-02-01T00:00:00Z", "2026-04-20T00:00:00Z");
        assert!(
            !casablanca.contains("RRULE")
                && casablanca.matches("BEGIN:STANDARD").count() + casablanca.matches("BEGIN:DAYLIGHT").count() >= 4,
            "{casablanca}"
        );
        // Clocks that were changed for the last time long ago.
        let moscow = written("Europe/Moscow", "2026-02-01T00:00:00Z", "2026-04-20T00:00:00Z");
        assert!(moscow.contains(ALWAYS) && moscow.contains("TZOFFSETTO:+0300"), "{moscow}");
    }

    #[test]
    fn offsets_are_signed() {
        for (seconds, expected) in [(3600, "+0100"), (0, "+0000"), (-12_600, "-0330"), (20_700, "+0545"), (-1_521, "-002521")] {
            assert_eq!(signed(TimeDelta::seconds(seconds)), expected);
        }
    }
}
