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
        /// The hours of every day in which somebody is taken to be free who has stated none.
        assumed: [NaiveTime; 2] = [time_of_day(8, 0), time_of_day(20, 0)];
        /// Whether weekly hours hold on public holidays, too.
        work_on_holidays: bool = false;
        /// Whether a meeting may be planned by hand for a day on which whoever meets the person is on leave. No time is offered then either way.
        plan_in_leave: bool = true;
        /// Meetings in person.
        in_person: Meetings;
        /// Meetings by telephone.
        phone: Meetings;
        /// Meetings by video.
        video: Meetings;
        /// Meetings by text messages.
        text: Meetings;
    }
}

settings! {
    /// How meetings of this kind are offered, and what may be planned of them. Limits count the meetings of a member of staff.
    pub struct Meetings {
        /// Minutes between two times offered, counted from midnight.
        interval_min: u32 = 30, in 5..=720;
        /// Minutes a meeting lasts where nobody says; "": what the pair agreed on.
        length_min: Option<u32> = None, in 5..=1440;
        /// Minutes of preparation and travel before it. Of two neighbours the larger counts, not the sum.
        before_min: u32 = 0, in 0..=480;
        /// Minutes of travel and notes after it.
        after_min: u32 = 0, in 0..=480;
        /// Minutes of notice that a meeting is planned with at least.
        notice_min: u32 = 0, in 0..=43200;
        /// Days ahead that a meeting is planned at most.
        horizon_days: Option<u32> = None, in 1..=731;
        /// Meetings a local day at most.
        most_a_day: Option<u32> = None, in 1..=50;
        /// Meetings a week (Monday to Sunday) at most.
        most_a_week: Option<u32> = None, in 1..=200;
    }
}

impl Availability {
    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        let hours = [
            ("mornings", self.mornings),
            ("after_school", self.after_school),
            ("evenings", self.evenings),
            ("weekends", self.weekends),
            ("assumed", self.assumed),
        ];
        for (key, [from, until]) in hours {
            if from >= until {
                complaints.add(format_args!("programme.availability.{key}"), "must end after it begins");
            }
        }
        let kinds = [("in_person", &self.in_person), ("phone", &self.phone), ("video", &self.video), ("text", &self.text)];
        for (key, meetings) in kinds {
            let horizon_min = meetings.horizon_days.map(|days| days.saturating_mul(24 * 60));
            if horizon_min.is_some_and(|horizon_min| meetings.notice_min > horizon_min) {
                complaints
                    .add(format_args!("programme.availability.{key}.notice_min"), "is longer than horizon_days: nothing could be planned");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_nothing_to_plan_is_refused() {
        let day = 24 * 60;
        #[rustfmt::skip]
        let cases = [
            (0, None, true), (30 * day, None, true), (day, Some(1), true), (day + 1, Some(1), false), (30 * day, Some(29), false),
            (30 * day, Some(731), true),
        ];
        for (notice_min, horizon_days, sound) in cases {
            let video = Meetings { notice_min, horizon_days, ..Meetings::default() };
            let settings = Availability { video, ..Availability::default() };
            let mut complaints = Complaints::default();
            settings.check(&mut complaints);
            assert_eq!(complaints.sentences().is_empty(), sound, "{notice_min} {horizon_days:?}");
        }
        let late = Availability { mornings: [time_of_day(12, 0), time_of_day(8, 0)], ..Availability::default() };
        let mut complaints = Complaints::default();
        late.check(&mut complaints);
        assert_eq!(complaints.sentences(), ["programme.availability.mornings: must end after it begins"]);
    }
}
