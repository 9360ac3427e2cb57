//! What is written into calendars of mentors and coaches.

use super::settings::settings;
use super::source::Complaints;
use crate::base::language::Language;

settings! {
    /// What is written into the calendars of mentors and coaches, where they switch it on. All of it is neutral: a calendar is seen by
    /// whoever looks over a shoulder.
    pub struct Calendars {
        /// What an appointment is called in Danish.
        summary_da: String = "Aftale".into();
        /// What an appointment is called in English.
        summary_en: String = "Appointment".into();
        /// What calendars are said to be written by (PRODID).
        product: String = "-//Aftaler//DA".into();
        /// Days back from today that a feed holds.
        past_days: u32 = 14, in 0..=366;
        /// Days ahead of today that a feed holds.
        horizon_days: u32 = 180, in 1..=732;
        /// Minutes after which a calendar program is told to fetch a feed again.
        refresh_min: u32 = 60, in 5..=1440;
        /// How often a feed may be fetched within an hour: each time is written down in the journal.
        feed_reads_an_hour: u32 = 30, in 1..=3600;
        /// How often one source may ask for feeds that do not exist, within an hour.
        wrong_secrets_an_hour: u32 = 60, in 1..=10000;
    }
}

impl Calendars {
    /// What an appointment is called.
    pub fn summary(&self, language: Language) -> &str {
        match language {
            Language::Danish => &self.summary_da,
            Language::English => &self.summary_en,
        }
    }

    /// Notes what would be written as nothing.
    pub fn check(&self, complaints: &mut Complaints) {
        for (setting, _) in self.visible().into_iter().filter(|(_, text)| text.trim().is_empty()) {
            complaints.add(setting, "must say something");
        }
    }

    /// What a stranger can see, by setting: no forbidden word may be in it.
    pub fn visible(&self) -> [(&'static str, &str); 3] {
        [
            ("programme.calendars.summary_da", &self.summary_da),
            ("programme.calendars.summary_en", &self.summary_en),
            ("programme.calendars.product", &self.product),
        ]
    }
}
