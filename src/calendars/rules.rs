//! What an entry becomes when its session changes, and which messages say so. Pure: planned twice is planned once.

use std::collections::BTreeSet;

use super::model::Entry;
use crate::base::clock::Instant;
use crate::base::ids::AccountId;
use crate::messages::{self, Kind, Message, Recipient};
use crate::sessions::{Session, State};

/// The number of a session in a feed, by the version that its reader is shown, `invited` being that of its last invitation: it rises with each change
/// of either, so that it never stays while a reader would notice something.
pub fn number(version: i64, invited: Option<i32>) -> i32 {
    let changes = i32::try_from(version.saturating_sub(1)).unwrap_or(i32::MAX);
    changes.saturating_add(invited.unwrap_or_default())
}

/// The number that an invitation bears, by its message's slot.
pub fn sequence(slot: &str) -> Option<i32> {
    slot.trim_start_matches(Message::FORMER).parse().ok()
}

/// A changed entry with the number that its holder is told: above the last that was ever meant for them or tried in their mailbox (`last`). Whoever only
/// covers the session is not told how often it was changed: what was never told there begins where their feed may be, which goes by the version that
/// they are shown (`None`: its holder runs the match).
pub fn numbered(entry: Entry, last: Option<i32>, shown_version: Option<i64>) -> Entry {
    let next = last.map(|last| last.saturating_add(1));
    let told = match shown_version {
        Some(version) => next.unwrap_or_else(|| number(version, None)),
        None => next.map_or(entry.sequence, |next| next.max(entry.sequence)),
    };
    // Where several read in one place, whoever has it next goes on above that.
    Entry { told, sequence: entry.sequence.max(told), ..entry }
}

/// The entry of a session after a change, `holder` being whose calendar it belongs into while it is to come; `None`: as before.
///
/// What has begun stays as it was told, whatever is logged of it. Taken out, an entry keeps the time that it takes out.
pub fn next(entry: Option<&Entry>, session: &Session, holder: Option<AccountId>, now: Instant) -> Option<Entry> {
    let stands = match session.state {
        State::Planned if session.starts_at > now => true,
        State::Proposed | State::Cancelled => false,
        State::Planned | State::Held | State::NoShow | State::Tried => return None,
    };
    let holder = holder.filter(|_| stands);
    let (starts_at, ends_at) = (session.starts_at, session.ends_at);
    let new = |sequence| Entry { session: session.id, holder, sequence, told: sequence, starts_at, ends_at, changed_at: now };
    match entry {
        // The number goes on where a feed's may be.
        None => holder.map(|_| new(number(session.version, None))),
        Some(entry) if holder.is_some() => {
            let is_same = (entry.holder, entry.starts_at, entry.ends_at) == (holder, session.starts_at, session.ends_at);
            (!is_same).then(|| new(entry.sequence.saturating_add(1)))
        }
        Some(entry) if entry.holder.is_some() => {
            Some(Entry { holder: None, sequence: entry.sequence.saturating_add(1), changed_at: now, ..entry.clone() })
        }
        Some(_) => None,
    }
}

/// Whether a message counts as told: an invitation that may have come, and a word that it is taken out that certainly did, or that the mailbox refused
/// and that was planned since the session last changed (`None`: no refused word counts): with the next change it is said once more. Told twice that
/// something is taken out is told once.
pub fn counts(message: &Message, changed_at: Option<Instant>) -> bool {
    match (message.kind, message.state) {
        (Kind::Invitation, state) => message.attempts > 0 && !matches!(state, messages::State::Refused | messages::State::TooLate),
        (_, messages::State::Refused) => changed_at.is_some_and(|at| message.planned_at >= at),
        (_, state) => state == messages::State::Accepted,
    }
}

/// Whether a message is a word that something is taken out which its mailbox refused.
pub fn is_refused_word(message: &Message) -> bool {
    (message.kind, message.state) == (Kind::InvitationCancelled, messages::State::Refused)
}

/// Whether a message may be the last word about a session to its account: it holds, counts as told, or was an invitation that was refused.
pub fn may_be_last_word(message: &Message, changed_at: Option<Instant>) -> bool {
    counts(message, changed_at) || !(message.state == messages::State::Retracted || is_refused_word(message))
}

/// What says just this and was tried last in that mailbox, while nobody knows how that ended: it goes on as it is, under the number that it has. An
/// invitation never does: one that changed has a new number, and its end is not what a message tells.
pub fn on_its_way<'a>(known: &'a [Message], word: &Word, to_former: bool) -> Option<&'a Message> {
    let last_tried = word.last_tried?;
    known.iter().filter(|message| message.settled_at.is_none() && message.attempts > 0).find(|message| {
        let says = (message.kind, message.recipient, message.about_at, message.goes_to_former());
        let is_said = says == (word.kind, Recipient::Account(word.account, None), Some(word.starts_at), to_former);
        is_said && sequence(&message.slot) == Some(last_tried)
    })
}

/// A message about a session that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whom.
    pub account: AccountId,
    /// In which mailbox, by what is kept of its address.
    pub mailbox: Vec<u8>,
    /// Whether that account's mail still goes there.
    pub is_read: bool,
    /// What it said: an invitation, or that it is taken out.
    pub kind: Kind,
    /// Its number.
    pub sequence: i32,
    /// The start that it names.
    pub starts_at: Instant,
    /// Whether it counts as told. One that does not may have come all the same: its number is used up.
    pub counts: bool,
    /// Whether it certainly came.
    pub has_arrived: bool,
}

/// What a mailbox should be told of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// By whose mail.
    pub account: AccountId,
    /// That it stands, or that it is taken out.
    pub kind: Kind,
    /// Its number.
    pub sequence: i32,
    /// Of what takes something out, the highest number that was ever tried there: that goes on where it says just this and nobody knows how it ended.
    pub last_tried: Option<i32>,
    /// The start that it names: what is taken out is named as the calendar holds it.
    pub starts_at: Instant,
    /// The earliest start to come at which its reader may go there who has not read it.
    pub expected_at: Instant,
}

/// What a mailbox was told.
fn told_in<'a>(told: &'a [Told], mailbox: &[u8]) -> impl DoubleEndedIterator<Item = &'a Told> {
    told.iter().filter(move |one| one.counts && one.mailbox == mailbox)
}

/// What stands in a mailbox, by what it was told; `None`: nothing does. Of that the highest number counts.
fn standing<'a>(told: &'a [Told], mailbox: &[u8]) -> Option<&'a Told> {
    let last = told_in(told, mailbox).max_by_key(|one| one.sequence)?;
    (last.kind == Kind::Invitation).then_some(last)
}

/// The highest number that was ever tried in a mailbox.
pub fn last_tried(told: &[Told], mailbox: &[u8]) -> Option<i32> {
    told.iter().filter(|one| one.mailbox == mailbox).map(|one| one.sequence).max()
}

/// Which of those who were told something in a mailbox reads there still: the last of them.
pub fn reader(told: &[Told], mailbox: &[u8]) -> Option<AccountId> {
    told_in(told, mailbox).rfind(|one| one.is_read).map(|one| one.account)
}

/// The earliest start after `since` at which whoever reads a mailbox may go there: `starts_at`, or one that it was told last, or may hold because
/// what it was told later did perhaps not come.
fn expected_at(told: &[Told], mailbox: &[u8], since: Instant, starts_at: Instant) -> Instant {
    let there = || told_in(told, mailbox);
    let arrived = there().filter(|one| one.has_arrived).map(|one| one.sequence).max();
    let may_stand = there().filter(|one| one.kind == Kind::Invitation && arrived.is_none_or(|number| one.sequence >= number));
    may_stand.map(|one| one.starts_at).filter(|at| *at > since).fold(starts_at, Instant::min)
}

/// The word of a moment that takes a session out of a mailbox, by the mail of an account, under the number above all that was tried there; `None`: it
/// does not stand there.
pub fn taken_out(told: &[Told], mailbox: &[u8], account: AccountId, since: Instant) -> Option<Word> {
    let last = standing(told, mailbox)?;
    let last_tried = last_tried(told, mailbox)?;
    Some(Word {
        account,
        kind: Kind::InvitationCancelled,
        sequence: last_tried.saturating_add(1),
        last_tried: Some(last_tried),
        starts_at: last.starts_at,
        expected_at: expected_at(told, mailbox, since, last.starts_at),
    })
}

/// What should be told of an entry: to its holder, who reads at `holders`, that it stands; once in each other mailbox that was told so, and that
/// one of those who were told it there still reads, that it does not. How often it was changed is said to whoever runs the match (`runs`).
pub fn wanted(entry: &Entry, runs: Option<AccountId>, holders: Option<&[u8]>, told: &[Told]) -> Vec<Word> {
    let stands = entry.holder.map(|account| Word {
        account,
        kind: Kind::Invitation,
        sequence: if runs == Some(account) { entry.sequence } else { entry.told },
        last_tried: None,
        starts_at: entry.starts_at,
        expected_at: holders.map_or(entry.starts_at, |mailbox| expected_at(told, mailbox, entry.changed_at, entry.starts_at)),
    });
    let mut wanted: Vec<Word> = stands.into_iter().collect();
    let others: BTreeSet<&[u8]> = told.iter().map(|one| one.mailbox.as_slice()).filter(|mailbox| Some(*mailbox) != holders).collect();
    for mailbox in others {
        let word = reader(told, mailbox).and_then(|reader| taken_out(told, mailbox, reader, entry.changed_at));
        let numbered =
            |word: Word| if runs == Some(word.account) { Word { sequence: word.sequence.max(entry.sequence), ..word } } else { word };
        wanted.extend(word.map(numbered));
    }
    wanted
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::base::ids::Id;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn account(number: u128) -> AccountId {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn an_entry_follows_its_session_until_that_begins() {
        let (now, ann, bo) = (at("2026-06-01T08:00:00Z"), account(1), account(2));
        let told = |holder, sequence, starts: &str, ends: &str| Entry {
            session: Session::for_testing().id,
            holder,
            sequence,
            told: sequence,
            starts_at: at(starts),
            ends_at: at(ends),
            changed_at: at("2026-05-20T08:00:00Z"),
        };
        let (starts, ends) = ("2026-06-03T14:00:00Z", "2026-06-03T15:30:00Z");
        let standing = Some(told(Some(ann), 3, starts, ends));
        let out = Some(told(None, 4, starts, ends));
        type Change<'a> = &'a dyn Fn(&mut Session);
        type Case<'a> = (&'a str, &'a Option<Entry>, Option<AccountId>, Change<'a>, Option<(Option<AccountId>, i32, &'a str)>);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            ("new, and nobody wants mail", &None, None, &|_| {}, None),
            ("new", &None, Some(ann), &|_| {}, Some((Some(ann), 0, starts))),
            ("first seen after it was changed twice", &None, Some(ann), &|s| s.version = 3, Some((Some(ann), 2, starts))),
            ("new and only asked about", &None, Some(ann), &|s| s.state = State::Proposed, None),
            ("the same", &standing, Some(ann), &|_| {}, None),
            ("another place is nothing a calendar shows", &standing, Some(ann), &|s| s.place = Some(crate::matching::PlaceCode::stored("x".into())), None),
            ("moved", &standing, Some(ann), &|s| s.starts_at = at("2026-06-03T13:00:00Z"), Some((Some(ann), 4, "2026-06-03T13:00:00Z"))),
            ("longer", &standing, Some(ann), &|s| s.ends_at = at("2026-06-03T16:00:00Z"), Some((Some(ann), 4, starts))),
            ("another's", &standing, Some(bo), &|_| {}, Some((Some(bo), 4, starts))),
            ("nobody's", &standing, None, &|_| {}, Some((None, 4, starts))),
            ("cancelled", &standing, Some(ann), &|s| s.state = State::Cancelled, Some((None, 4, starts))),
            ("cancelled, as was said", &out, Some(ann), &|s| s.state = State::Cancelled, None),
            ("on again", &out, Some(ann), &|_| {}, Some((Some(ann), 5, starts))),
            ("held, at another time than planned", &standing, Some(ann), &|s| { s.state = State::Held; s.starts_at = at("2026-06-03T14:10:00Z"); }, None),
            ("missed", &standing, Some(ann), &|s| s.state = State::NoShow, None),
            ("begun", &standing, None, &|s| s.starts_at = at("2026-06-01T07:00:00Z"), None),
        ];
        for (name, entry, holder, change, expected) in cases {
            let mut session = Session::for_testing();
            change(&mut session);
            let found = next(entry.as_ref(), &session, *holder, now);
            let found = found.map(|entry| (entry.holder, entry.sequence, entry.starts_at, entry.changed_at));
            assert_eq!(found, expected.map(|(holder, sequence, starts)| (holder, sequence, at(starts), now)), "{name}");
        }
    }

    #[test]
    fn a_feed_counts_every_change() {
        for (version, invited, expected) in
            [(1, None, 0), (3, None, 2), (3, Some(2), 4), (3, Some(3), 5), (4, Some(3), 6), (i64::MAX, Some(1), i32::MAX)]
        {
            assert_eq!(number(version, invited), expected, "{version} {invited:?}");
        }
    }

    #[test]
    fn whoever_only_covers_is_not_told_how_often_it_was_changed() {
        let (ann, bo) = (account(1), account(2));
        // The last number that came to them, and the version that they are shown; what they are told, and how often it was changed.
        #[rustfmt::skip]
        let cases = [
            (None, Some(1), (0, 7)), (None, Some(3), (2, 7)), (Some(1), Some(5), (2, 7)), (Some(9), Some(5), (10, 10)),
            // Whoever runs the match is told it, and goes on above what was tried all the same.
            (None, None, (7, 7)), (Some(3), None, (7, 7)), (Some(7), None, (8, 8)),
        ];
        for (last, shown, expected) in cases {
            let found = numbered(entry(Some(bo), 7, "2026-06-03T14:00:00Z"), last, shown);
            assert_eq!((found.told, found.sequence), expected, "{last:?} {shown:?}");
        }
        // It is taken out of what they hold by the next number, whatever became of it since; of what the other holds by the entry's own.
        let off = entry(None, 12, "2026-06-03T14:00:00Z");
        for (reader, expected) in [(bo, 3), (ann, 12)] {
            let words = wanted(&off, Some(ann), None, &[told(reader, Kind::Invitation, 2)]);
            assert_eq!(words.iter().map(|word| word.sequence).collect::<Vec<_>>(), [expected], "{reader}");
        }
    }

    fn entry(holder: Option<AccountId>, sequence: i32, starts: &str) -> Entry {
        let (starts_at, changed_at) = (at(starts), at("2026-06-02T20:00:00Z"));
        Entry {
            session: Session::for_testing().id,
            holder,
            sequence,
            told: sequence,
            starts_at,
            ends_at: starts_at.plus(TimeDelta::hours(1)),
            changed_at,
        }
    }

    /// Told in one's own mailbox, of 3 June at 16:00 in Copenhagen.
    fn told(account: AccountId, kind: Kind, sequence: i32) -> Told {
        let mailbox = account.uuid().as_bytes().to_vec();
        Told { account, mailbox, is_read: true, kind, sequence, starts_at: at("2026-06-03T14:00:00Z"), counts: true, has_arrived: true }
    }

    #[test]
    fn whoever_was_told_is_told_otherwise() {
        use Kind::{Invitation as In, InvitationCancelled as Out};
        let (ann, bo) = (account(1), account(2));
        let entry = |holder, sequence| entry(holder, sequence, "2026-06-03T14:00:00Z");
        // A mailbox of several, and one that its account has left.
        let team = |account, kind, sequence| Told { mailbox: b"team".to_vec(), ..told(account, kind, sequence) };
        let left = |account, kind, sequence| Told { mailbox: b"left".to_vec(), is_read: false, ..told(account, kind, sequence) };
        let tried = |account, kind, sequence| Told { counts: false, has_arrived: false, ..told(account, kind, sequence) };
        type Case<'a> = (&'a str, Entry, &'a [Told], &'a [(AccountId, Kind)]);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            ("new", entry(Some(ann), 0), &[], &[(ann, In)]),
            ("moved", entry(Some(ann), 1), &[told(ann, In, 0)], &[(ann, In)]),
            ("out, and it never got in", entry(None, 1), &[], &[]),
            ("out", entry(None, 1), &[told(ann, In, 0)], &[(ann, Out)]),
            ("out, and said so", entry(None, 1), &[told(ann, In, 0), told(ann, Out, 1)], &[]),
            ("out, and that was refused", entry(None, 1), &[told(ann, In, 0), tried(ann, Out, 1)], &[(ann, Out)]),
            ("out, and what came last was refused", entry(None, 3), &[told(ann, In, 0), told(ann, Out, 1), tried(ann, In, 2)], &[]),
            ("out of a mailbox that was left and came back", entry(None, 4), &[told(ann, In, 2), told(ann, Out, 1)], &[(ann, Out)]),
            ("handed over", entry(Some(bo), 1), &[told(ann, In, 0)], &[(bo, In), (ann, Out)]),
            ("and back", entry(Some(ann), 2), &[told(ann, In, 0), told(ann, Out, 1), told(bo, In, 1)], &[(ann, In), (bo, Out)]),
            ("where nobody reads it any more", entry(None, 1), &[left(ann, In, 0)], &[]),
            ("where two read it", entry(None, 2), &[team(ann, In, 0), team(bo, In, 1)], &[(bo, Out)]),
            ("where two read it, and one was told", entry(None, 2), &[team(ann, In, 0), team(bo, In, 1), team(bo, Out, 2)], &[]),
        ];
        for (name, entry, told, expected) in cases {
            let holders = entry.holder.map(|holder| holder.uuid().as_bytes().to_vec());
            let found: Vec<_> = wanted(entry, Some(ann), holders.as_deref(), told).iter().map(|word| (word.account, word.kind)).collect();
            assert_eq!(found, *expected, "{name}");
        }
        let same = [team(ann, In, 0)];
        let words = wanted(&entry(Some(bo), 1), Some(ann), Some(b"team"), &same);
        assert_eq!(words.iter().map(|word| (word.account, word.kind)).collect::<Vec<_>>(), [(bo, In)], "it stands where both read it");
    }

    #[test]
    fn a_word_knows_the_start_that_its_reader_may_go_by() {
        use Kind::{Invitation as In, InvitationCancelled as Out};
        let ann = account(1);
        let (morning, next_week, later) = ("2026-06-03T05:30:00Z", "2026-06-10T14:00:00Z", "2026-06-11T14:00:00Z");
        let of = |kind, sequence, starts: &str, has_arrived| Told { starts_at: at(starts), has_arrived, ..told(ann, kind, sequence) };
        let mailbox = ann.uuid().as_bytes().to_vec();
        // The start that is named, and the one that may be gone by.
        type Case<'a> = (&'a str, Entry, &'a [Told], (&'a str, &'a str));
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            ("new", entry(Some(ann), 0, next_week), &[], (next_week, next_week)),
            ("moved from the morning", entry(Some(ann), 1, next_week), &[of(In, 0, morning, true)], (next_week, morning)),
            ("moved on, and they know", entry(Some(ann), 2, later), &[of(In, 0, morning, true), of(In, 1, next_week, true)], (later, next_week)),
            ("moved on, and they may not", entry(Some(ann), 2, later), &[of(In, 0, morning, true), of(In, 1, next_week, false)], (later, morning)),
            ("in again", entry(Some(ann), 2, later), &[of(In, 0, morning, true), of(Out, 1, morning, true)], (later, later)),
            ("moved from what is past", entry(Some(ann), 1, later), &[of(In, 0, "2026-06-02T14:00:00Z", true)], (later, later)),
            ("off since it was moved, unheard", entry(None, 2, later), &[of(In, 0, next_week, true)], (next_week, next_week)),
            ("off since it was moved, perhaps heard", entry(None, 2, later), &[of(In, 0, morning, true), of(In, 1, later, false)], (later, morning)),
        ];
        for (name, entry, told, expected) in cases {
            let words = wanted(entry, Some(ann), entry.holder.map(|_| mailbox.as_slice()), told);
            let found: Vec<_> = words.iter().map(|word| (word.starts_at, word.expected_at)).collect();
            assert_eq!(found, [(at(expected.0), at(expected.1))], "{name}");
        }
        let out = taken_out(
            &[of(In, 3, next_week, true), Told { counts: false, ..of(Out, 4, next_week, false) }],
            &mailbox,
            ann,
            at("2026-06-02T20:00:00Z"),
        );
        assert_eq!(out.map(|word| (word.sequence, word.starts_at)), Some((5, at(next_week))), "one above all that was tried there");
    }
}
