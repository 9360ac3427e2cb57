//! By which ways the message for an account goes: all of the best channel, and where that fails, all of the next. Pure.

use super::is_patience_over;
use crate::messages::model::{Message, State, Way};

/// Whether a message does not reach its reader by its way, nor has for so long that another should have it.
pub const fn has_failed(message: &Message) -> bool {
    match message.state {
        State::Refused | State::Unknown | State::TooLate => true,
        State::Waiting | State::Leased | State::Retracted => is_patience_over(message.attempts),
        State::Accepted => false,
    }
}

/// The slot of what is told by a way: each phone has one of its own, for of one identity one message waits at a time.
pub fn slot_by(slot: &str, (_, device): Way) -> String {
    device.map_or_else(|| slot.to_owned(), |device| format!("{slot} {device}"))
}

/// Of the ways to a reader, the best first, those that are to have what was `tried` so far, in the order it was planned: where some channel took
/// it over, by what it was tried there; else every way of the first channel of which one has not failed. None: no way is left.
pub fn ways_left(ways: &[Way], tried: &[Message]) -> Vec<Way> {
    if let Some(arrived) = tried.iter().find(|message| message.state == State::Accepted) {
        return ways.iter().copied().filter(|way| way.0 == arrived.channel && tried.iter().any(|message| message.way() == *way)).collect();
    }
    let is_left = |way: &&Way| tried.iter().rfind(|message| message.way() == **way).is_none_or(|last| !has_failed(last));
    let channel = ways.iter().find(is_left).map(|way| way.0);
    ways.iter().copied().filter(|way| Some(way.0) == channel).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::reminder;
    use super::*;
    use crate::base::ids::Id;
    use crate::messages::Recipient;
    use crate::messages::channels::Channel;

    #[test]
    fn what_one_channel_does_not_take_the_next_one_has() {
        use State::{Accepted, Leased, Refused, Retracted, TooLate, Unknown, Waiting};
        let phone = |number: u128| Some(Id::from_uuid(uuid::Uuid::from_u128(number)));
        let (one, other, mail) = ((Channel::Push, phone(1)), (Channel::Push, phone(2)), (Channel::Email, None));
        let ways = [one, other, mail];
        let tried = |(channel, device): Way, state, attempts| {
            let recipient = Recipient::Account(Id::from_uuid(uuid::Uuid::nil()), device);
            Message { recipient, state, attempts, ..reminder(channel) }
        };
        #[rustfmt::skip]
        let cases: [(&str, Vec<Message>, &[Way]); 11] = [
            ("nothing was tried", vec![], &[one, other]),
            ("one phone refuses, the other is on its way", vec![tried(one, Refused, 1), tried(other, Leased, 1)], &[one, other]),
            ("one phone refuses, the other has it", vec![tried(one, Refused, 1), tried(other, Accepted, 1)], &[one, other]),
            ("both refuse", vec![tried(one, Refused, 1), tried(other, Refused, 1)], &[mail]),
            ("one refuses, one is tried in vain", vec![tried(one, Refused, 1), tried(other, Waiting, 4)], &[mail]),
            ("it goes by mail", vec![tried(one, Unknown, 1), tried(other, Retracted, 4), tried(mail, Waiting, 1)], &[mail]),
            ("it went by mail", vec![tried(one, Refused, 1), tried(mail, Accepted, 1)], &[mail]),
            ("the mail does not arrive", vec![tried(one, Refused, 1), tried(other, TooLate, 2), tried(mail, Refused, 1)], &[]),
            ("the mail is tried in vain, too", vec![tried(one, Refused, 1), tried(other, Retracted, 4), tried(mail, Waiting, 4)], &[]),
            ("it was taken back, and is wanted again", vec![tried(one, Retracted, 1), tried(other, Retracted, 0)], &[one, other]),
            ("tried again it may arrive", vec![tried(one, Refused, 1), tried(one, Waiting, 1), tried(other, Refused, 1)], &[one, other]),
        ];
        for (name, tried, expected) in cases {
            assert_eq!(ways_left(&ways, &tried), expected, "{name}");
        }
        assert_eq!(ways_left(&[mail], &[tried(one, Refused, 1)]), [mail], "the phone is gone");
        assert_eq!(ways_left(&[], &[]), []);
    }
}
