//! Wall time and instants in a named zone, right on the days when clocks change (domain section 4, "When").

use std::fmt;
use std::str::FromStr;

use chrono::{Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;

/// A time zone of the IANA database, e.g. `Europe/Copenhagen`, which is the default.
///
/// Future rules are known to the year 2100; after that a zone keeps its standard time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(Tz);

/// The name is not one of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone of the IANA database, e.g. Europe/Copenhagen")]
pub struct UnknownZone;

/// The smallest step between two instants.
const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

impl Zone {
    /// The zone of the sources, and the default.
    pub const COPENHAGEN: Self = Self(Tz::Europe__Copenhagen);

    /// The zone as its library knows it.
    pub(super) const fn tz(self) -> Tz {
        self.0
    }

    /// The instant at which clocks show `wall`. A wall time that does not exist moves forward by the gap; one that exists twice is
    /// the first (domain section 4).
    pub fn at_wall(self, wall: NaiveDateTime) -> Instant {
        if let Some(first) = self.0.from_local_datetime(&wall).earliest() {
            return Instant::from_utc(first.to_utc());
        }
        // In the gap the clocks would show `wall` had they not been moved: the offset before it.
        let before = GapInfo::new(&wall, &self.0).and_then(|gap| gap.begin).map_or(0, |(_, offset)| offset.fix().local_minus_utc());
        Instant::from_utc(wall.and_utc()).minus(TimeDelta::seconds(i64::from(before)))
    }

    /// What clocks show at `at`.
    pub fn wall(self, at: Instant) -> NaiveDateTime {
        at.to_utc().with_timezone(&self.0).naive_local()
    }

    /// The local date of `at`.
    pub fn date(self, at: Instant) -> NaiveDate {
        self.wall(at).date()
    }

    /// A date that somebody states, by our clock, as [`Instant::stated`]: tomorrow is today while it begins so soon that it may have by theirs.
    pub fn stated(self, date: NaiveDate, now: Instant) -> NaiveDate {
        let begins = self.start_of(date);
        if begins.stated(now) == begins { date } else { self.date(now) }
    }

    /// The first moment of the local day: midnight, or the end of the gap where midnight does not exist.
    pub fn start_of(self, date: NaiveDate) -> Instant {
        let midnight = date.and_time(NaiveTime::MIN);
        match GapInfo::new(&midnight, &self.0).and_then(|gap| gap.end) {
            Some(first) => Instant::from_utc(first.to_utc()),
            None => self.at_wall(midnight),
        }
    }

    /// The last microsecond of the local day: what is due on that day is late only after it. A day that a zone skipped whole (Samoa,
    /// 2011-12-30) ends where it starts.
    pub fn end_of(self, date: NaiveDate) -> Instant {
        let Some(next) = date.checked_add_days(Days::new(1)) else { return self.start_of(date) };
        let next_start = match self.0.from_local_datetime(&next.and_time(NaiveTime::MIN)) {
            // Midnight comes twice: the day ends at the second one if clocks were set back into it, at the first one if not.
            MappedLocalTime::Ambiguous(_, second) if self.date(Instant::from_utc(second.to_utc()).minus(MICROSECOND)) == date => {
                Instant::from_utc(second.to_utc())
            }
            _ => self.start_of(next),
        };
        next_start.minus(MICROSECOND).max(self.start_of(date))
    }

    /// The first moment after `after` at which clocks show `time`, each local day having exactly one.
    pub fn next_at_wall(self, after: Instant, time: NaiveTime) -> Instant {
        // From the day before, whose `time` a gap may have moved past midnight; until two days on, as clocks set back past midnight
        // may show yesterday when the first of tomorrow's two is gone.
        let today = self.date(after).and_time(time);
        (-1..=2).map(|days| self.at_wall(today + TimeDelta::days(days))).find(|at| *at > after).unwrap_or(after)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::COPENHAGEN
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        name.parse().map(Self).map_err(|_| UnknownZone)
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0.name().to_owned()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::TZ_VARIANTS;
    use proptest::prelude::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }
    fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }
    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn wall_times_become_instants() {
        for (zone, at, expected) in [
            ("Europe/Copenhagen", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
            ("Europe/Copenhagen", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"), // does not exist: 03:00
            ("Europe/Copenhagen", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"), // does not exist: 03:30
            ("Europe/Copenhagen", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
            ("Europe/Copenhagen", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"), // twice: the first
            ("Europe/Copenhagen", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
            ("Europe/Copenhagen", "2027-03-28T02:30:00", "2027-03-28T01:30:00Z"), // does not exist: 03:30
            ("Europe/Copenhagen", "2026-10-18T16:00:00", "2026-10-18T14:00:00Z"), // a weekly 16:00 stays 16:00
            ("Europe/Copenhagen", "2026-10-25T16:00:00", "2026-10-25T15:00:00Z"),
            ("America/New_York", "2026-03-08T13:00:00", "2026-03-08T17:00:00Z"),
            ("America/New_York", "2026-03-08T18:00:00", "2026-03-08T22:00:00Z"),
            ("America/New_York", "2023-11-06T09:00:00", "2023-11-06T14:00:00Z"),
            ("America/New_York", "2023-11-06T17:00:00", "2023-11-06T22:00:00Z"),
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"), // a whole day skipped: noon of the 31st
            ("UTC", "2026-03-29T02:30:00", "2026-03-29T02:30:00Z"),
        ] {
            assert_eq!(zone.parse::<Zone>().unwrap().at_wall(wall(at)), instant(expected), "{at} in {zone}");
        }
    }

    #[test]
    fn days_start_and_end() {
        for (zone, date, start, end) in [
            ("Europe/Copenhagen", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z"),
            ("Europe/Copenhagen", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z"),
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T01:59:59.999999Z"), // no midnight
            ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T02:59:59.999999Z"), // 23:00 comes twice
            ("America/Toronto", "1919-03-30", "1919-03-30T05:00:00Z", "1919-03-31T04:29:59.999999Z"),   // 23:30 became 00:30
            ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z", "1919-04-01T03:59:59.999999Z"),
            ("America/Havana", "2025-11-01", "2025-11-01T04:00:00Z", "2025-11-02T03:59:59.999999Z"), // the next has two midnights
            ("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T04:59:59.999999Z"),
            ("America/St_Johns", "2009-10-31", "2009-10-31T02:30:00Z", "2009-11-01T03:29:59.999999Z"), // 00:01 became 23:01
            ("America/St_Johns", "2009-11-01", "2009-11-01T02:30:00Z", "2009-11-02T03:29:59.999999Z"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"), // skipped whole
        ] {
            let zone: Zone = zone.parse().unwrap();
            assert_eq!((zone.start_of(on(date)), zone.end_of(on(date))), (instant(start), instant(end)), "{date} in {zone}");
        }
        assert!(Zone::COPENHAGEN.start_of(NaiveDate::MIN) < Zone::COPENHAGEN.end_of(NaiveDate::MAX));
    }

    #[test]
    fn the_next_time_a_clock_shows_it() {
        for (zone, after, time, expected) in [
            ("Europe/Copenhagen", "2026-03-27T16:59:59+01:00", "17:00:00", "2026-03-27T17:00:00+01:00"),
            ("Europe/Copenhagen", "2026-03-27T17:00:00+01:00", "17:00:00", "2026-03-28T17:00:00+01:00"),
            ("Europe/Copenhagen", "2026-03-28T17:00:00+01:00", "17:00:00", "2026-03-29T17:00:00+02:00"),
            ("Europe/Copenhagen", "2026-03-28T17:00:00+01:00", "02:30:00", "2026-03-29T03:30:00+02:00"),
            ("Europe/Copenhagen", "2026-10-25T02:30:00+02:00", "02:30:00", "2026-10-26T02:30:00+01:00"), // not its second 02:30
            ("America/Toronto", "1919-03-31T00:35:00-04:00", "23:45:00", "1919-03-31T00:45:00-04:00"),   // 23:30 had become 00:30
            ("America/St_Johns", "2009-10-31T23:15:00-03:30", "00:00:30", "2009-11-02T00:00:30-03:30"),  // 00:01 had become 23:01
        ] {
            let next = zone.parse::<Zone>().unwrap().next_at_wall(instant(after), time.parse().unwrap());
            assert_eq!(next, instant(expected), "{time} after {after} in {zone}");
        }
    }

    #[test]
    fn rules_are_known_to_2100() {
        assert_eq!(Zone::COPENHAGEN.at_wall(wall("2099-07-01T12:00:00")), instant("2099-07-01T10:00:00Z"));
        assert_eq!(Zone::COPENHAGEN.at_wall(wall("2100-07-01T12:00:00")), instant("2100-07-01T11:00:00Z"));
    }

    #[test]
    fn names() {
        assert_eq!("Europe/Copenhagen".parse::<Zone>(), Ok(Zone::default()));
        assert_eq!(Zone::default().to_string(), "Europe/Copenhagen");
        assert_eq!("Europe/Odense".parse::<Zone>(), Err(UnknownZone));
        assert_eq!("".parse::<Zone>(), Err(UnknownZone));
        assert_eq!(serde_json::to_string(&Zone::default()).unwrap(), "\"Europe/Copenhagen\"");
        assert!(serde_json::from_str::<Zone>("\"CET+1\"").is_err());
    }

    fn any_zone() -> impl Strategy<Value = Zone> {
        prop_oneof![Just(Zone::COPENHAGEN), prop::sample::select(&TZ_VARIANTS[..]).prop_map(Zone)]
    }
    prop_compose! {
        fn any_instant()(micros in -2_100_000_000_000_000_i64..7_100_000_000_000_000) -> Instant { Instant::from_micros(micros) }
    }
    /// The next change of the zone's clocks after `at`, if there is one within 400 days.
    fn next_change(zone: Zone, at: Instant) -> Option<Instant> {
        let changed = |later: &Instant| offset(zone, *later) != offset(zone, at);
        let (mut before, mut after) = (at, (1..400).map(|day| at.plus(TimeDelta::days(day))).find(changed)?);
        while after.since(before) > TimeDelta::seconds(1) {
            let middle = before.plus(after.since(before) / 2);
            if changed(&middle) { after = middle } else { before = middle }
        }
        Some(Instant::from_utc(chrono::SubsecRound::trunc_subsecs(after.to_utc(), 0)))
    }
    fn offset(zone: Zone, at: Instant) -> TimeDelta {
        zone.wall(at) - at.to_utc().naive_utc()
    }
    prop_compose! {
        /// Anywhere in three centuries or, as often, within three hours of a change of the zone's clocks.
        fn moments()(zone in any_zone(), at in any_instant(), near in any::<bool>(), minutes in -180_i64..180) -> (Zone, Instant) {
            let change = next_change(zone, at).filter(|_| near);
            (zone, change.map_or(at, |change| change.plus(TimeDelta::minutes(minutes))))
        }
    }
    prop_compose! {
        /// The same for wall times, those that do not exist and those that exist twice among them.
        fn walls()(zone in any_zone(), at in any_instant(), minutes in -180_i64..180) -> (Zone, NaiveDateTime) {
            (zone, zone.wall(next_change(zone, at).unwrap_or(at)) + TimeDelta::minutes(minutes))
        }
    }

    /// The clocks show `gap` more than `wall` there, and showed `gap` less than it that long before.
    fn moved_by_the_gap(zone: Zone, wall: NaiveDateTime) -> bool {
        let at = zone.at_wall(wall);
        let gap = zone.wall(at) - wall;
        gap > TimeDelta::zero() && zone.wall(at.minus(gap)) == wall - gap
    }

    proptest! {
        #[test]
        fn a_wall_time_is_its_first_instant_or_moves_by_the_gap((zone, wall) in walls()) {
            // Without the code under test: all offsets of the days around, tried one by one.
            let near = Instant::from_utc(wall.and_utc());
            let offsets = (-200..200).map(|quarter| offset(zone, near.plus(TimeDelta::minutes(15 * quarter))));
            let shown = offsets.map(|offset| near.minus(offset)).filter(|at| zone.wall(*at) == wall).min();
            let at = zone.at_wall(wall);
            if let Some(first) = shown {
                prop_assert_eq!(at, first);
            } else {
                prop_assert!(moved_by_the_gap(zone, wall));
            }
        }

        #[test]
        fn a_day_has_all_its_moments((zone, near) in moments()) {
            let date = zone.date(near);
            let (start, end) = (zone.start_of(date), zone.end_of(date));
            prop_assert!(start <= near && near <= end);
            prop_assert_eq!((zone.date(start), zone.date(end)), (date, date));
            for minutes in 0..300 {
                let away = MICROSECOND + TimeDelta::minutes(minutes);
                prop_assert_ne!(zone.date(start.minus(away)), date);
                prop_assert_ne!(zone.date(end.plus(away)), date);
            }
        }

        #[test]
        fn every_day_starts_before_it_ends((zone, near) in moments(), days in -3_i64..3) {
            let date = near.to_utc().date_naive() + TimeDelta::days(days);
            prop_assert!(zone.start_of(date) <= zone.end_of(date));
            prop_assert!(zone.end_of(date) <= zone.end_of(date + TimeDelta::days(1)));
        }

        #[test]
        fn the_next_wall_time_is_the_first_after((zone, near) in moments(), minute in 0_u32..1440) {
            let time = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap();
            let next = zone.next_at_wall(near, time);
            prop_assert!(next > near);
            for days in -3..=3 {
                let other = zone.at_wall((zone.date(near) + TimeDelta::days(days)).and_time(time));
                prop_assert!(other <= near || other >= next);
            }
        }
    }
}
