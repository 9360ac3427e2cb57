//! What is known of a person.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AlertId, CaseId, CourseId, MatchId, OfferId, PersonId};
use crate::base::language::Language;
use crate::base::value::{Email, Line, Phone, Text};
use crate::coded;
use crate::messages::channels::Channel;

/// From this birthday on a person is of age: custody ends, and a home is one's own.
pub const ADULT_AGE: u16 = 18;

coded! {
    /// Who somebody is to the programme.
    pub enum Kind {
        /// As a rule offered a mentor; what holds is the role in the case.
        YoungPerson = "young_person" : "Ung" / "Young person",
        /// As a rule offered a coach.
        Parent = "parent" : "Forælder" / "Parent",
        /// Another relative.
        Relative = "relative" : "Pårørende" / "Relative",
    }
}

/// When somebody held, or holds, custody of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Custody {
    /// Who.
    pub holder: PersonId,
    /// Since when; `None`: as long as anything is on record.
    pub from_on: Option<NaiveDate>,
    /// Until the day before; `None`: still.
    pub until_on: Option<NaiveDate>,
}

impl Custody {
    /// Whether they hold it on a date.
    pub fn is_held_on(&self, on: NaiveDate) -> bool {
        self.from_on.is_none_or(|from_on| from_on <= on) && self.until_on.is_none_or(|until_on| on < until_on)
    }
}

/// Somebody who is, or was, written down as a parent of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Who.
    pub id: PersonId,
    /// By which case; `None`: by custody.
    pub case: Option<CaseId>,
}

/// A name, sealed under its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Name {
    /// Given names.
    pub given: Line,
    /// Family name.
    pub family: Line,
}

/// How a person may safely be reached, sealed under the person (domain section 7.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Contact {
    /// The wished channel: `sms` or `email`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "sms")]
    pub channel: Option<Channel>,
    /// A number that only the person reads.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// An address that only the person reads.
    #[serde(default)]
    pub email: Option<Email>,
    /// When to call, in the person's words.
    #[serde(default)]
    pub hours: Option<Line>,
    /// Nothing may be sent: everything is told by hand.
    #[serde(default)]
    pub no_messages: bool,
    /// A message may be left with whoever answers.
    #[serde(default)]
    pub may_leave_message: bool,
}

impl Contact {
    /// The address of a channel, where there is one.
    pub fn address(&self, channel: Channel) -> Option<&str> {
        match channel {
            Channel::Sms => self.phone.as_ref().map(Phone::as_str),
            Channel::Email => self.email.as_ref().map(Email::as_str),
            Channel::Push => None,
        }
    }
}

/// A person to be written down. Text is parsed already.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Who they are to the programme.
    pub kind: Kind,
    /// Their name.
    pub name: Name,
    /// Ten digits, where known.
    pub registration: Option<Registration>,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// The language of their messages.
    pub language: Language,
    /// No place, school or area in any projection but an explicit few.
    pub protected_address: bool,
    /// Safe contact.
    pub contact: Contact,
    /// What whoever meets the person must know.
    pub warnings: Option<Text>,
}

/// A civil registration number (CPR-nummer): ten digits. Modulus 11 is not a test of validity; gender is not derived from it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Registration(String);

impl Registration {
    /// Reads `DDMMYY-NNNN` or ten digits whose first six are a day and a month.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = match text.trim().split_once('-') {
            Some((day, number)) if day.len() == 6 && number.len() == 4 => format!("{day}{number}"),
            Some(_) => return None,
            None => text.trim().to_owned(),
        };
        let day: u32 = digits.get(0..2)?.parse().ok()?;
        let month: u32 = digits.get(2..4)?.parse().ok()?;
        let shaped = digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
        // Replacement numbers add 60 to the day. The century is not told by the year alone: a leap year has every day there is.
        let day = if day > 60 { day.saturating_sub(60) } else { day };
        (shaped && NaiveDate::from_ymd_opt(2000, month, day).is_some()).then_some(Self(digits))
    }

    /// The ten digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registration")
    }
}

/// A person as a caller may see them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Who they are to the programme.
    pub kind: Kind,
    /// Their name.
    pub name: Name,
    /// Local date.
    pub born_on: Option<NaiveDate>,
    /// The language of their messages.
    pub language: Language,
    /// Protected address.
    pub protected_address: bool,
    /// The custody holder who gets the reminders of a child under 15.
    pub recipient: Option<PersonId>,
    /// Local date of death.
    pub died_on: Option<NaiveDate>,
    /// Safe contact.
    pub contact: Contact,
    /// What whoever meets the person must know.
    pub warnings: Option<Text>,
    /// Whether a civil registration number is on record.
    pub has_registration: bool,
    /// Counts up with each change.
    pub version: i64,
}

/// Whether somebody could say something on a date: nobody's word is taken after the day of their death.
pub fn could_speak(died_on: Option<NaiveDate>, on: NaiveDate) -> bool {
    died_on.is_none_or(|died_on| on <= died_on)
}

/// A death that was recorded of the wrong person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetractedDeath {
    /// Local date, as it was recorded.
    pub died_on: NaiveDate,
    /// When it was taken back.
    pub retracted_at: Instant,
    /// By whom.
    pub retracted_by: AccountId,
}

/// What a death ended, and that is over all the same since it was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaysOver {
    /// Offers that wait no more.
    pub offer_ids: Vec<OfferId>,
    /// Courses that do not run on.
    pub course_ids: Vec<CourseId>,
    /// Matches, and proposals of one, of courses that run on.
    pub match_ids: Vec<MatchId>,
    /// Alerts.
    pub alert_ids: Vec<AlertId>,
}

/// How somebody is told of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// By a message to this person, who may be the chosen custody holder.
    At {
        /// Who gets it.
        recipient: PersonId,
        /// How.
        channel: Channel,
        /// In which language.
        language: Language,
    },
    /// Not by a message: somebody tells them. Why, as a code.
    ByHand(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_says_anything_after_the_day_of_their_death() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (died, could) in [(None, true), (Some("2026-03-03"), true), (Some("2026-03-02"), true), (Some("2026-03-01"), false)] {
            assert_eq!(could_speak(died.map(day), day("2026-03-02")), could, "{died:?}");
        }
    }

    #[test]
    fn registration_numbers() {
        #[rustfmt::skip]
        let cases = [
            ("010110-1234", true), ("0101101234", true), ("311299-0000", true), ("610110-1234", true), (" 0101101234 ", true),
            ("320110-1234", false), ("011310-1234", false), ("01011-01234", false), ("010110-123", false), ("01011012345", false),
            ("290299-1234", true), ("300299-1234", false), ("310499-1234", false), ("910499-1234", false), ("890299-1234", true),
            ("01011a1234", false), ("", false), ("æøåæø", false),
        ];
        for (text, sound) in cases {
            assert_eq!(Registration::parse(text).is_some(), sound, "{text}");
        }
        assert_eq!(format!("{:?}", Registration::parse("0101101234")), "Some(Registration)");
    }
}
