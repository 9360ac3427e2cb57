//! What goes out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Channel;
use crate::base::clock::Instant;
use crate::base::ids::MessageId;
use crate::base::language::Language;

/// A calendar inside an e-mail (iMIP).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarPart {
    /// What it is sent for, as METHOD says.
    pub method: String,
    /// iCalendar.
    pub text: String,
}

// It holds the receiver's address.
impl fmt::Debug for CalendarPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalendarPart").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Who an e-mail is from, as an invitation names its organiser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organiser {
    /// The neutral name.
    pub name: String,
    /// The neutral address.
    pub address: String,
}

/// What goes out, in full: the same value sends the same bytes, so a repeat is recognisably the same message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// The message's id; every channel carries it, so that a repeat can be told from a second message.
    pub id: MessageId,
    /// Which way it goes.
    pub channel: Channel,
    /// An address, a phone's push id or a number with `+` and country code.
    pub to: String,
    /// The language of the text.
    pub language: Language,
    /// One line: an e-mail's subject and a push's title; an SMS has none.
    pub subject: String,
    /// The text, line by line.
    pub lines: Vec<String>,
    /// A link, where the recipient wants links: whoever has it answers for them.
    pub link: Option<String>,
    /// What a calendar reads of it, in an e-mail.
    #[serde(default)]
    pub calendar: Option<CalendarPart>,
    /// When it was prepared; the date an e-mail bears.
    pub prepared_at: Instant,
    /// After this it is useless: a phone that was off until then does not get it.
    pub not_after_at: Instant,
}

// Address and text are personal data: they must not reach a log through `{:?}`.
impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("id", &self.id).field("channel", &self.channel).finish_non_exhaustive()
    }
}
