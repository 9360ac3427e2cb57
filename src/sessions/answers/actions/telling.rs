//! Who is told of an answer, by which way, and by hand where none reaches them.

use std::collections::BTreeSet;

use super::super::model::Answer;
use super::super::rules::{self, News};
use super::super::store;
use crate::access::{Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AnswerId, SessionId, StaffId};
use crate::base::language::Language;
use crate::cases;
use crate::duties::store::Which;
use crate::duties::{self, About, Kind, Promise};
use crate::journal::Subject;
use crate::matching;
use crate::matching::actions::covers::may_meet;
use crate::messages::{self, Recipient, Wanted, Way};
use crate::sessions::model::Session;
use crate::sessions::reminders::rules::by_hand_until;
use crate::sessions::{joint, store as session_store};
use crate::staff;

/// Plans anew what whoever meets the person, and may, is told of an answer: by push to each of their phones, where there is push; else, or where
/// no phone takes it, by mail. Where none of it reaches them, the unit acts by hand: the page says that the answer is passed on. That it was taken
/// back is told to whoever was told of it and still sees the session: they, and whoever runs the match. What one press of a joint session's link
/// says of several parts is told once to whoever meets them.
///
/// # Errors
/// The database's.
pub fn retell(tx: &mut Tx<'_>, id: AnswerId, has_push: bool) -> Result<()> {
    retell_all(tx, &[id], has_push)
}

/// As [`retell`], for several: what they speak for, or did until now, is told anew with them.
pub(super) fn retell_all(tx: &mut Tx<'_>, ids: &[AnswerId], has_push: bool) -> Result<()> {
    let mut all: BTreeSet<AnswerId> = ids.iter().copied().collect();
    for id in ids {
        let answer = store::find_fact(tx, *id)?.ok_or(Code::NotFound)?;
        all.extend(given_along(tx, &answer)?.into_iter().filter(|(other, _)| other.is_open()).map(|(other, _)| other.id));
    }
    all.into_iter().try_for_each(|id| retell_one(tx, id, has_push))
}

/// What was answered by the same press about the other parts of a joint session, and not taken back.
fn given_along(tx: &mut Tx<'_>, answer: &Answer) -> Result<Vec<(Answer, Session)>> {
    let mut along = Vec::new();
    for part in joint::actions::all_others_of(tx, answer.session)? {
        let others = store::list_standing(tx, &[part.id])?;
        along.extend(others.into_iter().find(|other| rules::is_of_one_press(answer, other)).map(|other| (other, part)));
    }
    Ok(along)
}

/// The accounts that were told of answers.
fn told_along(tx: &mut Tx<'_>, along: &[(Answer, Session)]) -> Result<BTreeSet<AccountId>> {
    let mut told = BTreeSet::new();
    for (other, _) in along {
        told.extend(messages::actions::accounts_told(tx, other.id, "given")?);
    }
    Ok(told)
}

/// Whether the unit is to tell of an answer by hand.
fn is_by_hand(tx: &mut Tx<'_>, id: AnswerId) -> Result<bool> {
    Ok(!duties::store::list_open(tx, &Which::subject(id, &[Kind::TellByHand]))?.is_empty())
}

/// Whether an account is told of an open answer by another of the same press: it was, or will be by the open one with the lowest id, so that one
/// of them does it wherever this is asked. What goes to them by itself already, or by hand, goes on so; and what is told by hand names one person,
/// so it speaks for no other.
fn is_spoken_for(tx: &mut Tx<'_>, answer: &Answer, along: &[(Answer, Session)], account: AccountId) -> Result<bool> {
    let own = messages::actions::list_told(tx, answer.id, account, "given")?;
    if own.iter().any(|message| message.state != messages::State::Retracted) || is_by_hand(tx, answer.id)? {
        return Ok(false);
    }
    if told_along(tx, along)?.contains(&account) {
        return Ok(true);
    }
    for (other, part) in along {
        let comes_first = other.is_open() && other.id < answer.id && !is_by_hand(tx, other.id)?;
        if comes_first && find_seeing(tx, part, part.host())? == Some(account) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn retell_one(tx: &mut Tx<'_>, id: AnswerId, has_push: bool) -> Result<()> {
    let answer = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let session = session_store::find_fact(tx, answer.session)?.ok_or(Code::NotFound)?;
    let told = messages::actions::accounts_told(tx, id, "given")?;
    let along = given_along(tx, &answer)?;
    let host = find_seeing(tx, &session, session.host())?;
    let readers: BTreeSet<AccountId> = if answer.undone_at.is_none() {
        host.into_iter().collect()
    } else {
        let (own, along) = (find_seeing(tx, &session, session.staff)?, told_along(tx, &along)?);
        host.into_iter().chain(own).filter(|account| told.contains(account) || along.contains(account)).collect()
    };
    let does_another_tell = match host {
        Some(account) if answer.is_open() => is_spoken_for(tx, &answer, &along, account)?,
        Some(_) | None => store::find_open(tx, session.id)?.is_some_and(|open| open.id != id && rules::asks_for_something(open.reply)),
    };
    let (quiet, zone) = (tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    let news = rules::news(&answer, !readers.is_empty(), does_another_tell, quiet, zone);
    let (mut wanted, mut failed_since) = (Vec::new(), None);
    for account in readers {
        if let (Some(news), Some(language)) = (news, accounts::fact_language(tx, account)?) {
            let told = tell(tx, &answer, news, (account, language), has_push)?;
            wanted.extend(told.wanted);
            failed_since = failed_since.or(told.failed_since);
        }
    }
    let why = if answer.undone_at.is_some() { "undone" } else { "settled" };
    messages::actions::sync(tx, id, &wanted, why)?;
    let unreached_since = match news {
        Some(_) if answer.undone_at.is_some() => None,
        Some(_) if wanted.is_empty() => Some(answer.answered_at),
        Some(_) => failed_since,
        None => None,
    };
    let promises = match unreached_since {
        Some(since) => vec![pass_on(tx, &answer, &session, since)?],
        None => Vec::new(),
    };
    let now = tx.now;
    duties::actions::sync(tx, id, &[Kind::TellByHand], &promises, why, now)
}

/// The account of a member of staff, if it may see whom a session is with: barred, without their role or closed it is told nothing.
fn find_seeing(tx: &mut Tx<'_>, session: &Session, staff: StaffId) -> Result<Option<AccountId>> {
    let Some(account) = staff::store::fact_account(tx, staff)? else { return Ok(None) };
    let matched = matching::store::find_fact(tx, session.matched)?.ok_or(Code::NotFound)?;
    Ok(may_meet(tx, staff, &matched)?.then_some(account))
}

/// How an account is told of an answer.
struct Delivery {
    wanted: Vec<Wanted>,
    /// Since when it is known that none of it reaches them.
    failed_since: Option<Instant>,
}

/// The messages that tell an account of an answer: by push to each of their phones, where there is push; where no phone takes it, by mail.
fn tell(tx: &mut Tx<'_>, answer: &Answer, news: News, (account, language): (AccountId, Language), has_push: bool) -> Result<Delivery> {
    // Also where no address is known: then it is refused, and told by hand.
    let ways = messages::actions::ways::to(tx, account, has_push, true)?;
    let tried = messages::actions::list_told(tx, answer.id, account, news.slot)?;
    let mut left = messages::rules::ways_left(&ways, &tried);
    let mut failed_since = None;
    let has_arrived = tried.iter().any(messages::actions::has_arrived);
    if !has_arrived && (left.is_empty() || answer.starts_at <= tx.now) {
        failed_since = tried.iter().map(|message| message.settled_at.unwrap_or(message.not_before_at)).max();
    }
    if !has_arrived && left.is_empty() {
        // The last of them is tried further.
        left.extend(ways.last());
    }
    let wanted = |way: Way| Wanted {
        kind: messages::Kind::AppointmentAnswered,
        recipient: Recipient::Account(account, way.1),
        channel: way.0,
        slot: messages::rules::slot_by(news.slot, way),
        case: Some(answer.case),
        person: Some(answer.person),
        about_at: Some(answer.starts_at),
        language,
        not_before_at: news.not_before_at,
        not_after_at: answer.starts_at,
    };
    Ok(Delivery { wanted: left.into_iter().map(wanted).collect(), failed_since })
}

/// The unit's errand: whoever meets the person is told by hand what they answered.
fn pass_on(tx: &mut Tx<'_>, answer: &Answer, session: &Session, since: Instant) -> Result<Promise> {
    let promise = Promise {
        kind: Kind::TellByHand,
        subject: Subject::from(answer.id),
        slot: String::new(),
        about: About { case: Some(answer.case), person: Some(answer.person), matched: Some(session.matched), ..About::default() },
        owner: cases::actions::find_owner(tx, answer.case)?,
        from_at: since,
        opens_at: since,
        due_at: by_hand_until(session.starts_at, since, tx.programme),
    };
    duties::actions::never_later(tx, promise)
}

/// Consequence of a cover that began or ended: an open answer is told to whoever meets the person now.
///
/// # Errors
/// The database's.
pub fn host_changed(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    match store::find_open(tx, session)? {
        Some(open) => retell(tx, open.id, true),
        None => Ok(()),
    }
}

/// Consequence of rights that an account lost or has again: what is open of the answers that are for it is told it, or the unit.
///
/// # Errors
/// The database's.
pub fn rights_changed(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    match staff::store::fact_of_account(tx, account)? {
        Some(staff) => staff_changed(tx, staff),
        None => Ok(()),
    }
}

/// Consequence of another account of a member of staff: as [`rights_changed`].
///
/// # Errors
/// The database's.
pub fn staff_changed(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    store::list_open_of(tx, staff)?.into_iter().try_for_each(|open| retell(tx, open, true))
}
