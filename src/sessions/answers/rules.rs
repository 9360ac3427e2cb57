//! When a link is good, and who is told of an answer. Pure.

use super::model::{Answer, Link, Reply};
use crate::base::calendar::{QuietHours, Zone};
use crate::base::clock::Instant;
use crate::sessions::model::{Session, State};

/// Whether a link leads to a session at a moment, as far as its time goes: it is planned at the start that the link was made for.
pub fn leads_to(link: &Link, session: &Session, now: Instant) -> bool {
    session.state == State::Planned && session.starts_at == link.starts_at && now < session.starts_at
}

/// What the mentor or coach is told of an answer: the slot of the message and the moment it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// `given`, or `undone` after it was told.
    pub slot: &'static str,
    /// Not before this.
    pub not_before_at: Instant,
}

/// The reply that stands for all that a link leads to, by the reader's own open reply about each: where one has none or another, it is none.
pub fn reply_of_all(replies: &[Option<Reply>]) -> Option<Reply> {
    let first = replies.first().copied().flatten();
    first.filter(|_| replies.iter().all(|reply| *reply == first))
}

/// Whether somebody must act on an answer.
pub const fn asks_for_something(reply: Reply) -> bool {
    matches!(reply, Reply::Cancel | Reply::AskToMove)
}

/// Whether two answers about different parts of a joint session were given by one press.
pub fn is_of_one_press(one: &Answer, other: &Answer) -> bool {
    (one.recipient, one.answered_at, one.reply) == (other.recipient, other.answered_at, other.reply)
}

/// What should be told of an answer: that it was given, while it is open and asks for something; that it was taken back, if that had been
/// told; neither where another answer tells as much. At once, or in the morning when it falls into the quiet hours and the session is not sooner.
pub fn news(answer: &Answer, was_told: bool, does_another_tell: bool, quiet: QuietHours, zone: Zone) -> Option<News> {
    let soon = |at: Instant| quiet.soon(at, answer.starts_at, zone);
    if !asks_for_something(answer.reply) || answer.settled_at.is_some() || does_another_tell {
        return None;
    }
    match answer.undone_at {
        None => Some(News { slot: "given", not_before_at: soon(answer.answered_at) }),
        Some(at) if was_told => Some(News { slot: "undone", not_before_at: soon(at) }),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Id;
    use crate::sessions::answers::AnswerOutcome;
    use chrono::NaiveTime;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_link_is_good_until_anything_changes() {
        let link = Link {
            message: Id::from_uuid(uuid::Uuid::nil()),
            session: Session::for_testing().id,
            recipient: Id::from_uuid(uuid::Uuid::nil()),
            starts_at: Session::for_testing().starts_at,
        };
        let (before, start) = ("2026-06-03T13:59:59.999999Z", "2026-06-03T14:00:00Z");
        let moved = |session: &mut Session| session.starts_at = at("2026-06-03T15:00:00Z");
        type Change<'a> = &'a dyn Fn(&mut Session);
        #[rustfmt::skip]
        let cases: [(&str, Change<'_>, &str, bool); 7] = [
            ("to the last moment", &|_| {}, before, true),
            ("it begins", &|_| {}, start, false),
            ("moved", &moved, before, false),
            ("cancelled", &|s| s.state = State::Cancelled, before, false),
            ("logged", &|s| s.state = State::Held, before, false),
            ("only proposed", &|s| s.state = State::Proposed, before, false),
            ("earlier", &|_| {}, "2026-05-29T15:00:00Z", true),
        ];
        for (name, change, now, good) in cases {
            let mut session = Session::for_testing();
            change(&mut session);
            assert_eq!(leads_to(&link, &session, at(now)), good, "{name}");
        }
    }

    #[test]
    fn a_reply_is_shown_where_it_stands_for_all() {
        let (cancel, confirm) = (Some(Reply::Cancel), Some(Reply::Confirm));
        #[rustfmt::skip]
        let cases = [
            ([cancel, cancel], cancel), ([cancel, confirm], None), ([None, cancel], None), ([cancel, None], None), ([None, None], None),
        ];
        for (replies, expected) in cases {
            assert_eq!(reply_of_all(&replies), expected, "{replies:?}");
        }
        assert_eq!((reply_of_all(&[confirm]), reply_of_all(&[])), (confirm, None));
    }

    #[test]
    fn what_is_told_of_an_answer() {
        let quiet = QuietHours { from: NaiveTime::from_hms_opt(20, 0, 0).unwrap(), to: NaiveTime::from_hms_opt(8, 0, 0).unwrap() };
        let given = |reply, answered: &str| Answer {
            id: Id::from_uuid(uuid::Uuid::nil()),
            session: Session::for_testing().id,
            case: Session::for_testing().case,
            person: Session::for_testing().person,
            recipient: Session::for_testing().person,
            starts_at: Session::for_testing().starts_at,
            reply,
            answered_at: at(answered),
            undone_at: None,
            outcome: None,
            settled_at: None,
            settled_by: None,
        };
        let undone = |answer: Answer, when: &str| Answer { undone_at: Some(at(when)), ..answer };
        let settled = |answer: Answer| Answer { outcome: Some(AnswerOutcome::Kept), settled_at: Some(answer.answered_at), ..answer };
        let (noon, night) = ("2026-06-02T10:00:00Z", "2026-06-02T20:00:00Z");
        let early = Answer { starts_at: at("2026-06-03T05:00:00Z"), ..given(Reply::Cancel, night) };
        #[rustfmt::skip]
        let cases = [
            ("who comes asks for nothing", given(Reply::Confirm, noon), false, false, None),
            ("cancelled", given(Reply::Cancel, noon), false, false, Some(("given", noon))),
            ("another time", given(Reply::AskToMove, noon), true, false, Some(("given", noon))),
            ("told by what is told of another part", given(Reply::Cancel, noon), false, true, None),
            ("at night: in the morning", given(Reply::Cancel, night), false, false, Some(("given", "2026-06-03T06:00:00Z"))),
            ("at night, it begins before the morning ends: at once", early, false, false, Some(("given", night))),
            ("taken back before it was told", undone(given(Reply::Cancel, noon), noon), false, false, None),
            ("taken back after", undone(given(Reply::Cancel, noon), "2026-06-02T11:00:00Z"), true, false, Some(("undone", "2026-06-02T11:00:00Z"))),
            ("replaced by what is told itself", undone(given(Reply::Cancel, noon), noon), true, true, None),
            ("settled", settled(given(Reply::Cancel, noon)), false, false, None),
        ];
        for (name, answer, was_told, is_followed, expected) in cases {
            let found = news(&answer, was_told, is_followed, quiet, Zone::COPENHAGEN);
            assert_eq!(found, expected.map(|(slot, when)| News { slot, not_before_at: at(when) }), "{name}");
        }
    }
}
