//! What another message to the same reader says in place of one that is about to leave. Pure.

use crate::messages::model::{Kind, Message, State};

/// Why a message does not go, or waits, beside another that says it.
pub const SAID_BY_OTHER: &str = "said_by_other";

/// How it stands with a message that says what another would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// It is on its way, or goes first: whether it arrives is waited for.
    Goes,
    /// It has arrived.
    Arrived,
}

/// How it stands with `other`, where it says all that `message` would to the same reader, by the same way and in the same language: a reminder in the
/// same words; the word that what is reminded of was moved there, which says more, where it was not read before the reminder's moment; that
/// appointments have changed, of what one verb changed for several people.
pub fn beside(message: &Message, other: &Message) -> Option<Beside> {
    let is_alike = (other.channel, other.language, other.about_at) == (message.channel, message.language, message.about_at);
    if other.id == message.id || !is_alike {
        return None;
    }
    match (message.kind, other.kind) {
        (Kind::Appointment, Kind::AppointmentMoved) if other.subject_id == message.subject_id => beside_move(message, other),
        // What was itself only said by another left in no words: those who were spoke are looked at by themselves.
        (Kind::Appointment, Kind::Appointment) if other.slot == message.slot && other.reason.as_deref() != Some(SAID_BY_OTHER) => {
            beside_same(other)
        }
        (Kind::AppointmentsChanged, Kind::AppointmentsChanged) if other.slot == message.slot && other.person != message.person => {
            beside_same(other)
        }
        _ => None,
    }
}

fn beside_same(other: &Message) -> Option<Beside> {
    match other.state {
        State::Leased if other.attempts > 0 => Some(Beside::Goes),
        State::Accepted => Some(Beside::Arrived),
        _ => None,
    }
}

fn beside_move(reminder: &Message, moved: &Message) -> Option<Beside> {
    match moved.state {
        // What was put off, by its provider or in vain, keeps nothing else back.
        State::Waiting if moved.attempts == 0 => Some(Beside::Goes),
        State::Leased => Some(Beside::Goes),
        State::Accepted if moved.settled_at.is_some_and(|at| at >= reminder.not_before_at) => Some(Beside::Arrived),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::reminder;
    use super::*;
    use crate::base::clock::Instant;
    use crate::base::ids::Id;
    use crate::messages::channels::Channel;

    #[test]
    fn a_move_that_goes_no_sooner_says_what_its_reminder_would() {
        use State::{Accepted, Leased, Refused, Retracted, TooLate, Unknown, Waiting};
        let (id, own) = (|number: u128| uuid::Uuid::from_u128(number), reminder(Channel::Sms));
        let moved = |state, attempts| Message {
            id: Id::from_uuid(id(1)),
            kind: Kind::AppointmentMoved,
            slot: String::new(),
            state,
            attempts,
            ..own.clone()
        };
        #[rustfmt::skip]
        let cases = [
            (Waiting, 0, Some(Beside::Goes)), (Leased, 0, Some(Beside::Goes)), (Leased, 1, Some(Beside::Goes)), (Waiting, 1, None),
            (Refused, 1, None), (Unknown, 1, None), (TooLate, 0, None), (Retracted, 0, None),
        ];
        for (state, attempts, expected) in cases {
            assert_eq!(beside(&own, &moved(state, attempts)), expected, "{state} {attempts}");
        }
        let read = |at: &str| Message { settled_at: Some(Instant::parse(at).unwrap()), ..moved(Accepted, 1) };
        let late = read("2026-06-02T15:00:00Z");
        assert_eq!(beside(&own, &late), Some(Beside::Arrived));
        assert_eq!(beside(&own, &read("2026-06-02T14:59:59Z")), None, "it was told in time");
        // Of another session, another start, by another way; and the word itself goes beside its reminder.
        let about_at = Some(own.not_before_at);
        for other in [
            Message { subject_id: Id::from_uuid(id(2)), ..late.clone() },
            Message { about_at, ..late.clone() },
            Message { channel: Channel::Email, ..late.clone() },
        ] {
            assert_eq!(beside(&own, &other), None, "{other:?}");
        }
        assert_eq!(beside(&late, &Message { state: Accepted, ..own.clone() }), None);
    }

    #[test]
    fn the_same_words_are_said_once() {
        use State::{Accepted, Leased, Refused, Waiting};
        let id = |number: u128| uuid::Uuid::from_u128(number);
        for kind in [Kind::Appointment, Kind::AppointmentsChanged] {
            let own = Message { kind, ..reminder(Channel::Sms) };
            let other = |state, attempts| {
                let (one, person) = (Id::from_uuid(id(1)), Some(Id::from_uuid(id(1))));
                Message { id: one, subject_id: Id::from_uuid(id(1)), person, state, attempts, ..own.clone() }
            };
            for (state, attempts, expected) in [
                (Waiting, 0, None),
                (Leased, 0, None),
                (Leased, 1, Some(Beside::Goes)),
                (Accepted, 1, Some(Beside::Arrived)),
                (Refused, 1, None),
            ] {
                assert_eq!(beside(&own, &other(state, attempts)), expected, "{kind} {state} {attempts}");
            }
            assert_eq!(beside(&own, &own), None);
            let in_no_words = Message { reason: Some(SAID_BY_OTHER.to_owned()), ..other(Accepted, 1) };
            assert_eq!(beside(&own, &in_no_words).is_none(), kind == Kind::Appointment);
            assert_eq!(beside(&own, &Message { slot: "early".to_owned(), ..other(Accepted, 1) }), None);
            let of_same = Message { person: own.person, ..other(Accepted, 1) };
            assert_eq!(beside(&own, &of_same).is_some(), kind == Kind::Appointment);
        }
    }
}
