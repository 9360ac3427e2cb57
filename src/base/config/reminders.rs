//! When people are reminded of an appointment (domain section 8).

use chrono::{NaiveDate, NaiveTime};

use super::settings::settings;
use super::source::Complaints;
use super::value::time_of_day;
use crate::base::calendar::{QuietHours, Zone};
use crate::base::value::Phone;

settings! {
    /// When people are reminded of an appointment, in the programme's zone.
    pub struct Reminders {
        /// From when in the evening nothing is sent but a change to a session that starts sooner.
        quiet_from: NaiveTime = time_of_day(20, 0);
        /// Until when in the morning.
        quiet_until: NaiveTime = time_of_day(8, 0);
        /// When the reminder goes, the day before.
        day_before_at: NaiveTime = time_of_day(17, 0);
        /// Days ahead of a second, earlier reminder, for a first session or after a gap.
        early_days: u32 = 5, in 2..=30;
        /// Days without a session that are a gap.
        gap_days: u32 = 14, in 1..=365;
        /// Hours before its start from which a cancelled session counts as cancelled late.
        late_cancel_hours: u32 = 24, in 0..=168;
        /// The number that reminders name for whoever has not said yes to links. "" names none: then neither mail nor SMS may be live.
        call_number: String = String::new();
    }
}

impl Reminders {
    /// The hours in which nobody is disturbed.
    pub const fn quiet_hours(&self) -> QuietHours {
        QuietHours { from: self.quiet_from, to: self.quiet_until }
    }

    /// The number to call, where there is one.
    pub fn number_to_call(&self) -> Option<&str> {
        Some(self.call_number.as_str()).filter(|number| !number.is_empty())
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        if self.number_to_call().is_some_and(|number| Phone::parse(number).is_err()) {
            complaints.add("programme.reminders.call_number", "must be a telephone number, as in 70 10 10 10");
        }
        // Any day on which no clock is changed.
        let at = Zone::COPENHAGEN.at_wall(NaiveDate::default().and_time(self.day_before_at));
        if self.quiet_hours().next_allowed(at, Zone::COPENHAGEN) != at {
            complaints.add("programme.reminders.day_before_at", "must not lie in the quiet hours (quiet_from to quiet_until)");
        }
    }
}
