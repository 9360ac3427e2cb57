//! How people and staff are brought together (domain section 8): districts, what is needed, and the weights of the ranking.

use super::settings::settings;
use super::source::Complaints;
use super::value::Value;
use crate::base::value::is_code;

settings! {
    /// How people and staff are brought together.
    pub struct Pairing {
        /// The municipality's districts: code, and its centre as metres east and north in the grid that the municipality's maps use
        /// (in Denmark EPSG:25832): "north:724500:6181300". Distances are measured between centres. Without districts none can be set.
        districts: Vec<District> = Vec::new();
        /// Whether only who is trained for it meets somebody under 15.
        under_15_qualification: bool = false;
        /// Whether only who is trained for it meets an adult.
        adult_qualification: bool = false;
        /// Whether nobody is proposed while the person has not said when they can meet. Who said so is matched with nobody whose hours are
        /// not known, whatever stands here.
        times_needed: bool = false;
        /// Days after the last yes until whoever waits is asked again whether a match is still wanted; until then nobody is proposed. 0:
        /// never.
        interest_days: u32 = 90, in 0..=730;
        /// Days after which a member of staff is no newcomer any more. A newcomer is put first while nobody has been proposed to
        /// them, and after that waits until these days are over.
        newcomer_days: u32 = 90, in 0..=365;
        /// What counts how much in the ranking.
        weights: Weights;
    }
}

settings! {
    /// What counts how much in the ranking of who is eligible. A part's points are its weight times its share.
    pub struct Weights {
        /// The version of these weights; count it up whenever one is changed. A proposal keeps the one it was made with.
        version: u32 = 1, in 1..=1_000_000;
        /// Weekly hours in common; ten or more are all of it.
        hours: u32 = 200, in 0..=10_000;
        /// Languages in common beyond the needed one; two or more are all of it.
        languages: u32 = 50, in 0..=10_000;
        /// Values in common, of those the person states.
        values: u32 = 150, in 0..=10_000;
        /// Dislikes in common, of those the person states.
        dislikes: u32 = 150, in 0..=10_000;
        /// Interests in common, of those the person states.
        interests: u32 = 100, in 0..=10_000;
        /// How near they are; 20 km or more are nothing of it.
        distance: u32 = 150, in 0..=10_000;
        /// How much room the member of staff has left, with a fair start for newcomers.
        load: u32 = 150, in 0..=10_000;
        /// An earlier match of the two that went well.
        continuity: u32 = 200, in 0..=10_000;
        /// In the best set for all who wait: each whole day that somebody has waited.
        waiting_day: u32 = 5, in 0..=10_000;
        /// In the best set for all who wait: a pair of the last adopted one.
        stability: u32 = 100, in 0..=10_000;
    }
}

/// A district: its code and its centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// 1 to 40 of `a-z`, `0-9`, `_` and `-`.
    pub code: String,
    /// Where its centre is.
    pub centre: Spot,
}

/// A place on the map: metres in a plane grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Metres east.
    pub east_m: u32,
    /// Metres north.
    pub north_m: u32,
}

impl Spot {
    /// Whole kilometres as the crow flies, rounded up.
    pub fn km_to(self, other: Self) -> u32 {
        let (east, north) = (u64::from(self.east_m.abs_diff(other.east_m)), u64::from(self.north_m.abs_diff(other.north_m)));
        let metres = east.saturating_mul(east).saturating_add(north.saturating_mul(north)).isqrt();
        u32::try_from(metres.div_ceil(1_000)).unwrap_or(u32::MAX)
    }
}

impl Value for District {
    fn expected() -> String {
        "a district and its centre, such as \"north:724500:6181300\"".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(':');
        let (code, east, north) = (parts.next()?, parts.next()?, parts.next()?);
        let centre = Spot { east_m: east.parse().ok()?, north_m: north.parse().ok()? };
        (is_code(code) && parts.next().is_none()).then(|| Self { code: code.to_owned(), centre })
    }
    fn from_toml(value: &toml::Value) -> Option<Self> {
        Self::from_text(value.as_str()?)
    }
    fn to_toml(&self) -> toml::Value {
        toml::Value::String(format!("{}:{}:{}", self.code, self.centre.east_m, self.centre.north_m))
    }
}

impl Pairing {
    /// The defaults, with four districts around a fifth.
    pub fn for_testing() -> Self {
        let districts = [("centre", 0, 0), ("north", 0, 4_000), ("east", 3_000, 0), ("far", 30_000, 0)].into_iter();
        let district = |(code, east, north): (&str, u32, u32)| District {
            code: code.to_owned(),
            centre: Spot { east_m: 700_000_u32.saturating_add(east), north_m: 6_180_000_u32.saturating_add(north) },
        };
        Self { districts: districts.map(district).collect(), ..Self::default() }
    }

    /// Where a district's centre is; `None` for a code that is none (any more).
    pub fn centre(&self, code: &str) -> Option<Spot> {
        self.districts.iter().find(|district| district.code == code).map(|district| district.centre)
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        let twice = |code: &str| self.districts.iter().filter(|district| district.code == code).count() > 1;
        if self.districts.iter().any(|district| twice(&district.code)) {
            complaints.add("programme.pairing.districts", "names a district twice");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn districts_are_read_and_written() {
        for (text, sound) in [
            ("north:724500:6181300", true),
            ("n-1_b:0:0", true),
            ("North:1:1", false),
            ("north:1", false),
            ("north:1:2:3", false),
            ("north:-1:2", false),
            (":1:2", false),
            ("", false),
        ] {
            let read = District::from_text(text);
            assert_eq!(read.is_some(), sound, "{text}");
            assert_eq!(read.as_ref().and_then(|district| District::from_toml(&district.to_toml())), read);
        }
    }

    #[test]
    fn distances_are_whole_kilometres_rounded_up() {
        let spot = |east_m, north_m| Spot { east_m, north_m };
        for (from, to, km) in [
            (spot(0, 0), spot(0, 0), 0),
            (spot(0, 0), spot(3_000, 4_000), 5),
            (spot(3_000, 4_000), spot(0, 0), 5),
            (spot(0, 0), spot(1, 0), 1),
            (spot(0, 0), spot(0, 1_001), 2),
            (spot(0, 0), spot(u32::MAX, 0), 4_294_968),
        ] {
            assert_eq!(from.km_to(to), km, "{from:?} {to:?}");
        }
    }

    #[test]
    fn a_district_stands_once() {
        let mut twice = Pairing::for_testing();
        twice.districts.extend(twice.districts.first().cloned());
        for (settings, sound) in [(Pairing::default(), true), (Pairing::for_testing(), true), (twice, false)] {
            let mut complaints = Complaints::default();
            settings.check(&mut complaints);
            assert_eq!(complaints.none().is_ok(), sound);
        }
    }
}
