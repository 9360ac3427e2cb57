//! When people can meet, where they say it in a word or have said nothing.

use chrono::NaiveTime;

use super::settings::settings;
use super::source::Complaints;
use super::value::time_of_day;

settings! {
    /// When people can meet, where they say it in a word or have said nothing. From and until, in the programme's zone.
    pub struct Availability {
        /// "Mornings", Monday to Friday.
        mornings: [NaiveTime; 2] = [time_of_day(8, 0), time_of_day(12, 0)];
        /// "After school", Monday to Friday.
        after_school: [NaiveTime; 2] = [time_of_day(14, 0), time_of_day(18, 0)];
        /// "Evenings", Monday to Friday.
        evenings: [NaiveTime; 2] = [time_of_day(17, 0), time_of_day(21, 0)];
        /// "Weekends", Saturday and Sunday.
        weekends: [NaiveTime; 2] = [time_of_day(10, 0), time_of_day(18, 0)];
    }
}

impl Availability {
    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        let hours =
            [("mornings", self.mornings), ("after_school", self.after_school), ("evenings", self.evenings), ("weekends", self.weekends)];
        for (key, [from, until]) in hours {
            if from >= until {
                complaints.add(format_args!("programme.availability.{key}"), "must end after it begins");
            }
        }
    }
}
