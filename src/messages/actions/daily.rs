//! What an account is told at most once a local day: by its best way, and by the next where that one fails.

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::base::language::Language;
use crate::journal::Subject;
use crate::messages::model::{Kind, Message, Recipient, State, Wanted, Way};
use crate::messages::rules::{self, Window};
use crate::messages::store;

/// Plans a message to an account by the best of these ways, such that none of its kind goes twice on a local day: it waits for tomorrow if one
/// went today. While one is open, it will tell what is true when it goes, and another is not needed; one that is to go later than another would was
/// planned by a clock that was ahead, and makes way for it.
///
/// # Errors
/// The database's.
pub fn tell(tx: &mut Tx<'_>, kind: Kind, account: AccountId, language: Language, ways: &[Way]) -> Result<()> {
    let latest = store::latest_to(tx, account, kind)?;
    let window = next_window(tx, &latest);
    let (ahead, in_time): (Vec<&Message>, Vec<&Message>) =
        latest.iter().filter(|message| is_open(message)).partition(|message| message.not_before_at > window.not_before_at.latest_now());
    for message in ahead {
        store::retract(tx, message, "clock_was_wrong")?;
    }
    if !in_time.is_empty() {
        return Ok(());
    }
    let day = tx.programme.calendar().zone.date(window.not_before_at).to_string();
    let news = News { kind, account, language, day: &day, window };
    rules::ways_left(ways, &[]).into_iter().try_for_each(|way| news.insert(tx, way))
}

/// What follows where such a message failed by its way: the next of these has it. By none it goes twice, and where none is left it stays as it is.
///
/// # Errors
/// The database's.
pub fn tell_by_next_way(tx: &mut Tx<'_>, failed: &Message, account: AccountId, language: Language, ways: &[Way]) -> Result<()> {
    let latest = store::latest_to(tx, account, failed.kind)?;
    let day = day_of(failed);
    let tried: Vec<Message> = latest.iter().rev().filter(|message| day_of(message) == day).cloned().collect();
    let left = rules::ways_left(ways, &tried);
    let new: Vec<Way> = left.iter().copied().filter(|way| !tried.iter().any(|message| message.way() == *way)).collect();
    if new.is_empty() {
        return Ok(());
    }
    for message in tried.iter().filter(|message| is_open(message) && !left.contains(&message.way())) {
        store::retract(tx, message, "by_other_way")?;
    }
    let news = News { kind: failed.kind, account, language, day, window: next_window(tx, &latest) };
    new.into_iter().try_for_each(|way| news.insert(tx, way))
}

const fn is_open(message: &Message) -> bool {
    matches!(message.state, State::Waiting | State::Leased)
}

/// The local day on which it was first to go, by whatever way: how its slot begins.
fn day_of(message: &Message) -> &str {
    message.slot.split(' ').next().unwrap_or_default()
}

/// When the next may go, after these. What went at a moment that is still to come went by a clock that was ahead: it keeps nothing of today.
fn next_window(tx: &Tx<'_>, latest: &[Message]) -> Window {
    let went = latest.iter().filter(|message| matches!(message.state, State::Accepted | State::Unknown));
    let last_at = went.filter_map(|message| message.settled_at).filter(|at| *at <= tx.now.latest_now()).max();
    rules::daily(tx.now, last_at, tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone)
}

/// What is to be told, whatever the way.
struct News<'a> {
    kind: Kind,
    account: AccountId,
    language: Language,
    day: &'a str,
    window: Window,
}

impl News<'_> {
    fn insert(&self, tx: &mut Tx<'_>, way: Way) -> Result<()> {
        let (channel, device) = way;
        let wanted = Wanted {
            kind: self.kind,
            recipient: Recipient::Account(self.account, device),
            channel,
            slot: rules::slot_by(self.day, way),
            case: None,
            person: None,
            about_at: None,
            language: self.language,
            not_before_at: self.window.not_before_at,
            not_after_at: self.window.not_after_at,
        };
        let now = tx.now;
        store::insert(tx, Subject::from(self.account), &wanted, now)
    }
}
