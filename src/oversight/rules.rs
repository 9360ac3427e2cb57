//! What of the journal a person may get: dates and purposes, nobody's name (domain section 7.3).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::ExtractLine;
use crate::base::calendar::Zone;
use crate::base::clock::Instant;

/// The lines of an extract, the earliest first: however often somebody looked on a day for a purpose, it is one line. Times and
/// counts would tell who was at work.
pub fn lines(zone: Zone, entries: impl IntoIterator<Item = (Instant, String)>) -> Vec<ExtractLine> {
    let lines = entries.into_iter().map(|(at, purpose)| ExtractLine { on: zone.date(at), purpose });
    lines.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The moments from the start of one local day to the end of another, both included: from, and until just before. `None` when they stand
/// the wrong way round.
pub fn days(zone: Zone, from_on: Option<NaiveDate>, until_on: Option<NaiveDate>) -> Option<(Option<Instant>, Option<Instant>)> {
    if from_on.zip(until_on).is_some_and(|(from, until)| until < from) {
        return None;
    }
    let after = |day: NaiveDate| zone.start_of(day.succ_opt().unwrap_or(day));
    Some((from_on.map(|day| zone.start_of(day)), until_on.map(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }
    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_extract_has_one_line_a_day_and_purpose() {
        for (entries, expected) in [
            (&[][..], &[][..]),
            (&[("2026-03-02T08:00:00Z", "course"), ("2026-03-02T15:00:00Z", "course")], &[("2026-03-02", "course")]),
            (
                &[("2026-03-02T08:00:00Z", "safety"), ("2026-03-02T08:00:00Z", "intake")],
                &[("2026-03-02", "intake"), ("2026-03-02", "safety")],
            ),
            // The day is the local one: half past eleven at night, and half past twelve.
            (
                &[("2026-03-02T23:30:00Z", "course"), ("2026-03-02T22:30:00Z", "course")],
                &[("2026-03-02", "course"), ("2026-03-03", "course")],
            ),
        ] {
            let found = lines(Zone::COPENHAGEN, entries.iter().map(|(at, purpose)| (instant(at), (*purpose).to_owned())));
            let expected: Vec<_> =
                expected.iter().map(|(day, purpose)| ExtractLine { on: on(day), purpose: (*purpose).to_owned() }).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn days_are_whole_local_ones() {
        let span = |from: Option<&str>, until: Option<&str>| days(Zone::COPENHAGEN, from.map(on), until.map(on));
        let day = (Some(instant("2026-03-28T23:00:00Z")), Some(instant("2026-03-29T22:00:00Z")));
        for (from, until, expected) in [
            (None, None, Some((None, None))),
            (Some("2026-03-29"), Some("2026-03-29"), Some(day)), // 23 hours long
            (Some("2026-03-29"), None, Some((day.0, None))),
            (None, Some("2026-03-29"), Some((None, day.1))),
            (Some("2026-03-30"), Some("2026-03-29"), None),
        ] {
            assert_eq!(span(from, until), expected, "{from:?} to {until:?}");
        }
    }
}
