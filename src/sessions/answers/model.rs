//! Links, and what is answered by them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::access::door::token_hash;
use crate::base::chance;
use crate::base::clock::Instant;
use crate::base::db::Coded as _;
use crate::base::ids::{AccountId, AnswerId, CaseId, MessageId, PersonId, SessionId};
use crate::base::language::Language;
use crate::coded;

coded! {
    /// What somebody answered about an appointment.
    pub enum Reply {
        /// They come.
        Confirm = "confirm" : "Kommer" / "Will come",
        /// They cannot come.
        Cancel = "cancel" : "Kan ikke komme" / "Cannot come",
        /// They would like another time.
        AskToMove = "ask_to_move" : "Ønsker en anden tid" / "Would like another time",
    }
}

coded! {
    /// What came of an answer.
    pub enum AnswerOutcome {
        /// The session was cancelled.
        Cancelled = "cancelled" : "Aflyst" / "Cancelled",
        /// Another time was agreed.
        Moved = "moved" : "Flyttet" / "Moved",
        /// It stays as it was.
        Kept = "kept" : "Fastholdt" / "Kept",
        /// The session was logged first.
        Logged = "logged" : "Registreret" / "Logged",
    }
}

/// An answer as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its id.
    pub id: AnswerId,
    /// About which session.
    pub session: SessionId,
    /// The session's case.
    pub case: CaseId,
    /// Whose session.
    pub person: PersonId,
    /// Who answered: the person, or the custody holder who gets the reminders.
    pub recipient: PersonId,
    /// The start it is about.
    pub starts_at: Instant,
    /// What was answered.
    pub reply: Reply,
    /// When.
    pub answered_at: Instant,
    /// When it was taken back, or replaced by another.
    pub undone_at: Option<Instant>,
    /// What came of it.
    pub outcome: Option<AnswerOutcome>,
    /// When it was settled.
    pub settled_at: Option<Instant>,
    /// By whom, where it was an account.
    pub settled_by: Option<AccountId>,
}

impl Answer {
    /// Neither taken back nor settled.
    pub const fn is_open(&self) -> bool {
        self.undone_at.is_none() && self.settled_at.is_none()
    }
}

/// A link that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which message carried it.
    pub message: MessageId,
    /// For which session it was sent: of a joint one it leads to the other parts, too.
    pub session: SessionId,
    /// To whom it was sent.
    pub recipient: PersonId,
    /// The start it was made for.
    pub starts_at: Instant,
}

/// The secret part of a link: 16 random bytes as 22 letters. Never shown but in its message.
pub struct Token(Zeroizing<String>);

/// Letters of a token.
const LETTERS: usize = 22;

impl Token {
    /// A new one, by chance.
    pub fn make() -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(chance::bytes::<16>())))
    }

    /// What stands in an address, if it can be one.
    pub fn read(text: &str) -> Option<Self> {
        let sound = text.len() == LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        sound.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// As it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> [u8; 32] {
        token_hash(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Which button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// An answer.
    Reply(Reply),
    /// Take the answer back.
    Undo,
}

impl Press {
    /// The button's word for taking back.
    pub const UNDO: &str = "undo";

    /// Reads a button's value.
    pub fn read(value: &str) -> Option<Self> {
        if value == Self::UNDO { Some(Self::Undo) } else { Reply::parse(value).map(Self::Reply) }
    }
}

/// All that a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The appointment's day and time, in words, in both languages: Danish and English.
    pub when: [String; 2],
    /// The recipient's language.
    pub language: Language,
    /// The recipient's own open answer, where it stands for all that the link leads to.
    pub reply: Option<Reply>,
    /// The recipient has an open answer about any of that.
    pub can_undo: bool,
    /// Until when, in words in both languages, where that is before the appointment begins: from a 15th birthday on no parent answers any more.
    pub until: Option<[String; 2]>,
    /// A number to call, where the settings have one.
    pub call: Option<String>,
}

/// How an answer is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The session is cancelled by the person's side, at the moment of the answer.
    Cancel {
        /// Whether a new time was agreed.
        new_time_agreed: bool,
    },
    /// Another time was agreed.
    Move {
        /// It begins.
        starts_at: Instant,
        /// The first moment after it.
        ends_at: Instant,
    },
    /// It stays as it is.
    Keep,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_made_and_nothing_else_is_one() {
        let token = Token::make();
        assert_eq!(Token::read(token.as_str()).unwrap().hash(), token.hash());
        assert_ne!(Token::make().hash(), token.hash());
        assert_eq!(format!("{token:?}"), "Token");
        for text in
            ["", "a", &"a".repeat(21), &"a".repeat(23), "aaaaaaaaaaaaaaaaaaaaa=", "aaaaaaaaaaaaaaaaaaaa\u{e6}", "../../../../etc/passwd"]
        {
            assert!(Token::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn buttons() {
        for (value, press) in [
            ("confirm", Some(Press::Reply(Reply::Confirm))),
            ("cancel", Some(Press::Reply(Reply::Cancel))),
            ("ask_to_move", Some(Press::Reply(Reply::AskToMove))),
            ("undo", Some(Press::Undo)),
            ("Confirm", None),
            ("", None),
        ] {
            assert_eq!(Press::read(value), press, "{value}");
        }
    }
}
