//! What an entry becomes when its session changes, and which messages say so. Pure: planned twice is planned once.

use super::model::Entry;
use crate::base::clock::Instant;
use crate::base::ids::AccountId;
use crate::messages::{self, Kind, Message};
use crate::sessions::{Session, State};

/// The number of a session in a feed, `invited` being that of its last invitation: it rises with each change of either, so that it never stays
/// while a reader would notice something.
pub fn number(session: &Session, invited: Option<i32>) -> i32 {
    let changes = i32::try_from(session.version.saturating_sub(1)).unwrap_or(i32::MAX);
    changes.saturating_add(invited.unwrap_or_default())
}

/// The number that an invitation bears, by its message's slot.
pub fn sequence(message: &Message) -> Option<i32> {
    message.slot.trim_start_matches(Message::FORMER).parse().ok()
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
    let new =
        |sequence| Entry { session: session.id, holder, sequence, starts_at: session.starts_at, ends_at: session.ends_at, changed_at: now };
    match entry {
        // The number goes on where a feed's may be.
        None => holder.map(|_| new(number(session, None))),
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

/// Whether a message counts as told: an invitation that may have come, and a word that it is taken out that certainly did. Told twice that something
/// is taken out is told once.
pub const fn counts(message: &Message) -> bool {
    match message.kind {
        Kind::Invitation => message.attempts > 0 && !matches!(message.state, messages::State::Refused | messages::State::TooLate),
        _ => matches!(message.state, messages::State::Accepted),
    }
}

/// A message about a session that counts as told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whom.
    pub account: AccountId,
    /// In which mailbox, by what is kept of its address; `None`: it went before anything was kept.
    pub mailbox: Option<Vec<u8>>,
    /// What it said: an invitation, or that it is taken out.
    pub kind: Kind,
    /// Its number.
    pub sequence: i32,
}

/// Under which number something stands in a mailbox that was told so; `None`: it does not. Of what it was told the highest number counts.
pub fn standing<'a>(told: impl IntoIterator<Item = &'a Told>) -> Option<i32> {
    let last = told.into_iter().max_by_key(|one| one.sequence)?;
    (last.kind == Kind::Invitation).then_some(last.sequence)
}

/// Who should be told what of an entry: its holder, that it stands; whoever was told so before, where their mail goes now, and is not its holder,
/// that it does not.
pub fn wanted(entry: &Entry, told: &[Told]) -> Vec<(AccountId, Kind)> {
    let mut wanted: Vec<(AccountId, Kind)> = entry.holder.map(|holder| (holder, Kind::Invitation)).into_iter().collect();
    let mut others: Vec<AccountId> = told.iter().map(|one| one.account).filter(|account| Some(*account) != entry.holder).collect();
    others.sort_unstable();
    others.dedup();
    for account in others {
        if standing(told.iter().filter(|one| one.account == account)).is_some() {
            wanted.push((account, Kind::InvitationCancelled));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
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
            assert_eq!(number(&Session { version, ..Session::for_testing() }, invited), expected, "{version} {invited:?}");
        }
    }

    #[test]
    fn whoever_was_told_is_told_otherwise() {
        use Kind::{Invitation as In, InvitationCancelled as Out};
        let (ann, bo) = (account(1), account(2));
        let entry = |holder, sequence| {
            let session = Session::for_testing();
            Entry {
                session: session.id,
                holder,
                sequence,
                starts_at: session.starts_at,
                ends_at: session.ends_at,
                changed_at: session.timed_at,
            }
        };
        let told = |account, kind, sequence| Told { account, mailbox: None, kind, sequence };
        type Case<'a> = (&'a str, Entry, &'a [Told], &'a [(AccountId, Kind)]);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            ("new", entry(Some(ann), 0), &[], &[(ann, In)]),
            ("moved", entry(Some(ann), 1), &[told(ann, In, 0)], &[(ann, In)]),
            ("out, and it never got in", entry(None, 1), &[], &[]),
            ("out", entry(None, 1), &[told(ann, In, 0)], &[(ann, Out)]),
            ("out, and said so", entry(None, 1), &[told(ann, In, 0), told(ann, Out, 1)], &[]),
            ("out of a mailbox that was left and came back", entry(None, 4), &[told(ann, In, 2), told(ann, Out, 1)], &[(ann, Out)]),
            ("handed over", entry(Some(bo), 1), &[told(ann, In, 0)], &[(bo, In), (ann, Out)]),
            ("and back", entry(Some(ann), 2), &[told(ann, In, 0), told(ann, Out, 1), told(bo, In, 1)], &[(ann, In), (bo, Out)]),
        ];
        for (name, entry, told, expected) in cases {
            assert_eq!(wanted(entry, told), *expected, "{name}");
        }
    }
}
