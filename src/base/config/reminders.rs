//! When people are reminded of an appointment (domain section 8).

use chrono::{NaiveDate, NaiveTime};

use super::settings::settings;
use super::source::Complaints;
use super::value::time_of_day;
use crate::base::calendar::{QuietHours, Zone};

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
    }
}

impl Reminders {
    /// The hours in which nobody is disturbed.
    pub const fn quiet_hours(&self) -> QuietHours {
        QuietHours { from: self.quiet_from, to: self.quiet_until }
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        // Any day on which no clock is changed.
        let at = Zone::COPENHAGEN.at_wall(NaiveDate::default().and_time(self.day_before_at));
        if self.quiet_hours().next_allowed(at, Zone::COPENHAGEN) != at {
            complaints.add("programme.reminders.day_before_at", "must not lie in the quiet hours (quiet_from to quiet_until)");
        }
    }
}
