//! When people are reminded of an appointment (domain section 8).

use super::settings::settings;
use super::source::Complaints;
use super::value::TimeOfDay;

settings! {
    /// When people are reminded of an appointment, in the programme's zone.
    pub struct Reminders {
        /// From when in the evening nothing is sent but a change to a session that starts sooner.
        quiet_from: TimeOfDay = TimeOfDay::at(20, 0);
        /// Until when in the morning.
        quiet_until: TimeOfDay = TimeOfDay::at(8, 0);
        /// When the reminder goes, the day before.
        day_before_at: TimeOfDay = TimeOfDay::at(17, 0);
        /// Days ahead of a second, earlier reminder, for a first session or after a gap.
        early_days: u32 = 5, in 2..=30;
        /// Days without a session that are a gap.
        gap_days: u32 = 14, in 1..=365;
        /// Hours before its start from which a cancelled session counts as cancelled late.
        late_cancel_hours: u32 = 24, in 0..=168;
    }
}

impl Reminders {
    /// Whether nothing may be sent at this local time: the night may or may not go over midnight.
    pub fn is_quiet(&self, time: chrono::NaiveTime) -> bool {
        let (from, until) = (self.quiet_from.0, self.quiet_until.0);
        if from <= until { from <= time && time < until } else { from <= time || time < until }
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        if self.is_quiet(self.day_before_at.0) {
            complaints.add("programme.reminders.day_before_at", "must not lie in the quiet hours (quiet_from to quiet_until)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight_or_not() {
        let night = Reminders::default();
        let noon = Reminders { quiet_from: TimeOfDay::at(12, 0), quiet_until: TimeOfDay::at(13, 0), ..Reminders::default() };
        let none = Reminders { quiet_until: TimeOfDay::at(20, 0), ..Reminders::default() };
        #[rustfmt::skip]
        let cases = [
            ((7, 59), true, false), ((8, 0), false, false), ((12, 0), false, true), ((13, 0), false, false),
            ((19, 59), false, false), ((20, 0), true, false), ((23, 59), true, false), ((0, 0), true, false),
        ];
        for ((hour, minute), at_night, at_noon) in cases {
            let time = TimeOfDay::at(hour, minute).0;
            assert_eq!((night.is_quiet(time), noon.is_quiet(time), none.is_quiet(time)), (at_night, at_noon, false), "{time}");
        }
    }
}
