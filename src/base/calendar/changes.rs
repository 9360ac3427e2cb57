//! When the clocks of a zone are changed, for whoever must write its rules down.

use chrono::{MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName};

use super::Zone;
use crate::base::clock::Instant;

/// Clocks are changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The first moment of the new time.
    pub at: Instant,
    /// What clocks were ahead of UTC before.
    pub before: TimeDelta,
    /// What they are ahead of it from then on.
    pub after: TimeDelta,
    /// Whether summer time begins.
    pub is_daylight: bool,
    /// What the new time is called, e.g. `CEST`.
    pub name: Option<String>,
}

impl Zone {
    /// What clocks are ahead of UTC at a moment.
    pub fn offset(self, at: Instant) -> TimeDelta {
        let utc = at.to_utc().naive_utc();
        TimeDelta::seconds(i64::from(self.tz().offset_from_utc_datetime(&utc).fix().local_minus_utc()))
    }

    /// Whether clocks show it twice, since they are set back in between.
    pub fn is_shown_twice(self, wall: NaiveDateTime) -> bool {
        matches!(self.tz().from_local_datetime(&wall), MappedLocalTime::Ambiguous(..))
    }

    /// Each change of the clocks after a moment, up to another. Two within one day that undo each other are not seen; no zone has them.
    pub fn changes(self, from: Instant, until: Instant) -> Vec<Change> {
        let (mut found, mut day) = (Vec::new(), from);
        while day < until {
            let next = day.plus(TimeDelta::days(1)).min(until);
            if next <= day {
                break;
            }
            if self.offset(day) != self.offset(next) {
                found.push(self.change_between(day, next));
            }
            day = next;
        }
        found
    }

    /// The change between two moments whose offsets differ, to the second.
    fn change_between(self, mut before: Instant, mut after: Instant) -> Change {
        let old = self.offset(before);
        while after.since(before) > TimeDelta::seconds(1) {
            let middle = before.plus(after.since(before) / 2);
            if self.offset(middle) == old { before = middle } else { after = middle }
        }
        let at = Instant::from_utc(chrono::SubsecRound::trunc_subsecs(after.to_utc(), 0));
        let offset = self.tz().offset_from_utc_datetime(&at.to_utc().naive_utc());
        Change {
            at,
            before: old,
            after: self.offset(at),
            is_daylight: offset.dst_offset() != TimeDelta::zero(),
            name: offset.abbreviation().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_changed_when_the_law_says() {
        let at = |text: &str| Instant::parse(text).unwrap();
        let changes = Zone::COPENHAGEN.changes(at("2026-01-01T00:00:00Z"), at("2027-04-01T00:00:00Z"));
        let told: Vec<_> = changes.iter().map(|change| (change.at.to_string(), change.after.num_hours(), change.is_daylight)).collect();
        let expected = [("2026-03-29T01:00:00Z", 2, true), ("2026-10-25T01:00:00Z", 1, false), ("2027-03-28T01:00:00Z", 2, true)];
        assert_eq!(told, expected.map(|(at, hours, is_daylight)| (at.to_owned(), hours, is_daylight)));
        assert_eq!(changes[0].name.as_deref(), Some("CEST"));
        assert!("UTC".parse::<Zone>().unwrap().changes(at("2026-01-01T00:00:00Z"), at("2027-04-01T00:00:00Z")).is_empty());
        for (wall, twice) in [
            ("2026-10-25T01:59:59", false),
            ("2026-10-25T02:00:00", true),
            ("2026-10-25T02:59:59", true),
            ("2026-10-25T03:00:00", false),
            ("2026-03-29T02:30:00", false),
        ] {
            assert_eq!(Zone::COPENHAGEN.is_shown_twice(wall.parse().unwrap()), twice, "{wall}");
        }
        assert_eq!(Zone::COPENHAGEN.offset(at("2026-07-01T00:00:00Z")), TimeDelta::hours(2));
    }
}
