//! What the municipality decides: every rule that the domain leaves to a setting.

use super::availability::Availability;
use super::calendars::Calendars;
use super::deadlines::Deadlines;
use super::pairing::Pairing;
use super::reminders::Reminders;
use super::settings::settings;
use super::source::Complaints;
use crate::base::calendar::{Calendar, Holidays, Zone};
use crate::base::language::Language;

settings! {
    /// What the municipality decides of its programme.
    pub struct Programme {
        /// The time zone of dates and times of day.
        zone: Zone = Zone::COPENHAGEN;
        /// Whether 5 June is a day off.
        constitution_day_off: bool = true;
        /// Whether 24 December is a day off.
        christmas_eve_off: bool = true;
        /// Whether 31 December is a day off.
        new_years_eve_off: bool = true;
        /// The language of messages to people who have not chosen one: "da" or "en".
        language: Language = Language::Danish;
        /// Days that a mentor or coach still sees a match after its end, for the last logs.
        match_grace_days: u32 = 14, in 0..=90;
        /// Days that whoever covers a session sees its person before it; the session itself they see from the decision on.
        cover_lead_days: u32 = 7, in 0..=60;
        /// Days that they still see it after it, for the log.
        cover_grace_days: u32 = 7, in 1..=60;
        /// Days that planned sessions stay after an 18th birthday without the adult's own consent.
        adult_grace_days: u32 = 30, in 0..=365;
        /// Months that the journal of who saw what is kept; each night what is older is cut, for good.
        journal_months: u32 = 13, in 13..=120;
        /// Words that may stand in no sender, domain or link, so that a lock screen tells nobody anything. One of four letters or
        /// fewer counts only where it stands alone. Keep the product's own name in it.
        forbidden_words: Vec<String> = [
            "makker", "mentor", "coach", "case", "sag", "sager", "forløb", "bekymring", "underretning", "radikal", "radical", "ekstrem", "extrem",
        ].map(String::from).into();
        /// When promises fall due.
        deadlines: Deadlines;
        /// When people are reminded.
        reminders: Reminders;
        /// How people and staff are brought together.
        pairing: Pairing;
        /// When people can meet.
        availability: Availability;
        /// What is written into calendars.
        calendars: Calendars;
        /// Where a report of concern for a child goes.
        welfare: Welfare;
    }
}

settings! {
    /// Whom to tell when a child may need protection: shown to whoever ticks it in a log, since ticking it has told nobody.
    pub struct Welfare {
        /// Where a welfare report (underretning) is sent.
        address: String = String::new();
        /// Telephone by day.
        day_phone: String = String::new();
        /// Telephone by night and at weekends.
        night_phone: String = String::new();
    }
}

impl Programme {
    /// The defaults, with somebody to ring.
    pub fn for_testing() -> Self {
        let welfare = Welfare {
            address: "https://example.org/report".into(),
            day_phone: "+45 00 00 00 01".into(),
            night_phone: "+45 00 00 00 02".into(),
        };
        Self { welfare, pairing: Pairing::for_testing(), ..Self::default() }
    }

    /// The zone and the days off, to count with.
    pub const fn calendar(&self) -> Calendar {
        let holidays = Holidays {
            constitution_day: self.constitution_day_off,
            christmas_eve: self.christmas_eve_off,
            new_years_eve: self.new_years_eve_off,
        };
        Calendar { zone: self.zone, holidays }
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        if !self.forbidden_words.iter().any(|word| word.eq_ignore_ascii_case("makker")) {
            complaints.add("programme.forbidden_words", "must hold the product's own name, makker");
        }
        if self.forbidden_words.iter().any(|word| word.trim().is_empty()) {
            complaints.add("programme.forbidden_words", "holds an empty word");
        }
        self.deadlines.check(complaints);
        self.reminders.check(complaints);
        self.pairing.check(complaints);
        self.availability.check(complaints);
        self.calendars.check(complaints);
    }
}
