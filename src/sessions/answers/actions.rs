//! Make a link, open it, answer by it; settle what was answered, and tell who must act on it.

mod telling;

use std::collections::BTreeMap;
use std::iter;

pub use telling::{host_changed, retell, rights_changed, staff_changed};

use super::model::{Answer, AnswerOutcome, Link, Press, Reply, Settlement, Shown, Token};
use super::rules;
use super::store;
use crate::access::Tx;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{AnswerId, PersonId, SessionId};
use crate::base::language::Language;
use crate::base::value::Flaw;
use crate::messages::{self, HowToAnswer, Message, Recipient};
use crate::people::{self, links};
use crate::sessions::changes::Because;
use crate::sessions::model::{Arrangement, Cancellation, Session, Side, State};
use crate::sessions::{actions as sessions, joint, reminders, store as session_store};

/// What a reminder says of how to answer: a new link where its reader has said yes to links for what it tells of, else the number to call.
///
/// # Errors
/// The database's and the vault's.
pub fn how_to_answer(tx: &mut Tx<'_>, message: &Message, link_base: &str) -> Result<HowToAnswer> {
    let Recipient::Person(recipient) = message.recipient else { return Ok(HowToAnswer::Untold) };
    let session = session_store::find_fact(tx, message.subject_id.cast())?.ok_or(Code::NotFound)?;
    let link = link_of(message, &session, recipient);
    if !led_to(tx, &link, &session)?.is_empty() {
        let token = Token::make();
        store::insert_link(tx, &token, &link)?;
        return Ok(HowToAnswer::Link(format!("{link_base}{}", token.as_str())));
    }
    let number = tx.programme.reminders.number_to_call();
    Ok(number.map_or(HowToAnswer::Untold, |number| HowToAnswer::Call(number.to_owned())))
}

/// Whether a reminder is true and nothing but its text: it has, and would get, no link of its own.
///
/// # Errors
/// The database's and the vault's.
pub fn is_text_alone(tx: &mut Tx<'_>, message: &Message) -> Result<bool> {
    let Recipient::Person(reader) = message.recipient else { return Ok(false) };
    let Some(session) = session_store::find_fact(tx, message.subject_id.cast())? else { return Ok(false) };
    let is_true = session.state == State::Planned && Some(session.starts_at) == message.about_at;
    if !is_true || store::has_link(tx, message.id)? {
        return Ok(false);
    }
    Ok(led_to(tx, &link_of(message, &session, reader), &session)?.is_empty())
}

const fn link_of(message: &Message, session: &Session, recipient: PersonId) -> Link {
    Link { message: message.id, session: session.id, recipient, starts_at: session.starts_at }
}

/// What is answered by a link now: the session that it was sent for, and of a joint one every part at that start, as far as its reader reads for it,
/// whichever part told them, and has said yes to links for it.
fn led_to(tx: &mut Tx<'_>, link: &Link, told: &Session) -> Result<Vec<Session>> {
    let (mut led_to, now, reader) = (Vec::new(), tx.now, link.recipient);
    for session in iter::once(told.clone()).chain(joint::actions::others_of(tx, told.id)?) {
        let is_theirs = rules::leads_to(link, &session, now)
            && links::actions::wants_links(tx, session.person, reader)?
            && joint::actions::is_read_by(tx, &session, reader)?;
        if is_theirs && !reminders::actions::is_silent(tx, &session)? {
            led_to.push(session);
        }
    }
    Ok(led_to)
}

/// A link that is good now, with what is answered by it, which begins when the link says; 404 for every other, whatever is wrong with it.
fn good_link(tx: &mut Tx<'_>, token: Option<&Token>) -> Result<(Link, Vec<Session>)> {
    let Some(link) = (match token {
        Some(token) => store::find_link(tx, token)?,
        None => None,
    }) else {
        return Err(Code::NotFound.into());
    };
    // Whoever has a phone that was theirs once is nobody.
    let is_theirs = match messages::actions::find_address(tx, link.message)? {
        Some((channel, hash)) => people::actions::is_reached_at(tx, link.recipient, channel, &hash)?,
        None => false,
    };
    if !is_theirs {
        return Err(Code::NotFound.into());
    }
    let told = session_store::find_fact(tx, link.session)?.ok_or(Code::NotFound)?;
    let parts = led_to(tx, &link, &told)?;
    if parts.is_empty() { Err(Code::NotFound.into()) } else { Ok((link, parts)) }
}

/// What whoever holds a good link sees. Nothing is changed.
///
/// # Errors
/// 404 for every link that is not good now.
pub fn open(tx: &mut Tx<'_>, token: Option<&Token>) -> Result<Shown> {
    let (link, parts) = good_link(tx, token)?;
    let language = people::store::fact_language(tx, link.recipient)?;
    tx.saw(link.recipient);
    let (mut replies, mut until) = (Vec::new(), link.starts_at);
    for part in &parts {
        tx.saw(part.id);
        tx.saw(part.person);
        let own = store::find_open(tx, part.id)?.filter(|answer| answer.recipient == link.recipient);
        replies.push(own.map(|answer| answer.reply));
        if part.person != link.recipient {
            until = people::actions::find_own_from(tx, part.person)?.map_or(until, |own_from| until.min(own_from));
        }
    }
    let zone = tx.programme.calendar().zone;
    let in_words = |at| Language::ALL.map(|language| messages::rules::day_and_time(at, zone, language));
    Ok(Shown {
        when: in_words(link.starts_at),
        language,
        reply: rules::reply_of_all(&replies),
        can_undo: replies.iter().any(Option::is_some),
        until: (until < link.starts_at).then(|| in_words(until)),
        call: tx.programme.reminders.number_to_call().map(str::to_owned),
    })
}

/// Answers, or takes the answer back. The same again changes nothing.
///
/// # Errors
/// As [`open`]; what the form refuses.
pub fn press(tx: &mut Tx<'_>, token: Option<&Token>, press: impl FnOnce() -> Result<Press>) -> Result<()> {
    let (link, parts) = good_link(tx, token)?;
    let press = press()?;
    let mut touched = Vec::new();
    for part in &parts {
        touched.extend(press_for(tx, &link, part, press)?);
    }
    telling::retell_all(tx, &touched, true)
}

/// An answer about one of what is answered by a link: the answers that this ends and gives.
fn press_for(tx: &mut Tx<'_>, link: &Link, session: &Session, press: Press) -> Result<Vec<AnswerId>> {
    let open = store::find_open(tx, session.id)?;
    let is_own = open.is_some_and(|open| open.recipient == link.recipient);
    let is_same = match press {
        Press::Undo => !is_own,
        Press::Reply(reply) => is_own && open.is_some_and(|open| open.reply == reply),
    };
    if is_same {
        // Nothing to write; that the link was used is written down all the same.
        tx.saw(session.id);
        tx.saw(session.person);
        tx.saw(link.recipient);
        return Ok(Vec::new());
    }
    if let Some(open) = &open {
        store::undo(tx, open)?;
    }
    let given = match press {
        Press::Undo => None,
        Press::Reply(reply) => Some(give(tx, link, session, reply)?),
    };
    Ok(open.map(|open| open.id).into_iter().chain(given).collect())
}

fn give(tx: &mut Tx<'_>, link: &Link, session: &Session, reply: Reply) -> Result<AnswerId> {
    let answer = Answer {
        id: tx.new_id(),
        session: session.id,
        case: session.case,
        person: session.person,
        recipient: link.recipient,
        starts_at: session.starts_at,
        reply,
        answered_at: tx.now,
        undone_at: None,
        outcome: None,
        settled_at: None,
        settled_by: None,
    };
    store::insert(tx, &answer)?;
    Ok(answer.id)
}

/// Consequence of a changed session: its open answer is settled by what happened.
///
/// # Errors
/// The database's.
pub fn session_changed(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let Some(open) = store::find_open(tx, session.id)? else { return Ok(()) };
    let outcome = match session.state {
        State::Planned | State::Proposed if session.starts_at == open.starts_at => return Ok(()),
        State::Planned | State::Proposed => AnswerOutcome::Moved,
        State::Cancelled => AnswerOutcome::Cancelled,
        State::Held | State::NoShow | State::Tried => AnswerOutcome::Logged,
    };
    store::settle(tx, &open, outcome)?;
    retell(tx, open.id, true)
}

/// The mentor or coach, who has read or talked, says what came of an answer.
///
/// # Errors
/// 404; 409 when it was taken back or settled, or asks for nothing, and as for a cancellation or a move; 422.
pub fn settle(tx: &mut Tx<'_>, session: SessionId, answer: AnswerId, settlement: Settlement) -> Result<SessionId> {
    let session = sessions::get(tx, session)?;
    let answer = store::find_fact(tx, answer)?.filter(|answer| answer.session == session.id).ok_or(Code::NotFound)?;
    if !answer.is_open() || !rules::asks_for_something(answer.reply) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem
            .say("Svaret er taget tilbage, afsluttet eller kræver intet", "The answer was taken back, is settled or asks for nothing")
            .into());
    }
    match settlement {
        Settlement::Cancel { new_time_agreed } => {
            let cancellation = Cancellation { by: Side::Person, happened_at: Some(answer.answered_at), new_time_agreed };
            sessions::steps::cancel_because(tx, session.id, &cancellation, None)
        }
        Settlement::Move { starts_at, ends_at } => {
            if (session.starts_at, session.ends_at) == (starts_at, ends_at) {
                return Err(Flaw::NotChanged.refused("/starts_at"));
            }
            let because = Because { by: Some(Side::Person), reason: None };
            sessions::move_seen(tx, &session, Arrangement::at(starts_at, ends_at), because)
        }
        Settlement::Keep => {
            store::settle(tx, &answer, AnswerOutcome::Kept)?;
            retell(tx, answer.id, true)?;
            Ok(session.id)
        }
    }
}

/// What stands of the answers about these sessions, each about the start it has now.
///
/// # Errors
/// The database's.
pub fn standing(tx: &mut Tx<'_>, sessions: &[Session]) -> Result<BTreeMap<SessionId, Answer>> {
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let mut standing = BTreeMap::new();
    for answer in store::list_standing(tx, &ids)? {
        if sessions.iter().any(|session| session.id == answer.session && session.starts_at == answer.starts_at) {
            standing.entry(answer.session).or_insert(answer);
        }
    }
    Ok(standing)
}

/// Forgets the links of sessions that have begun.
///
/// # Errors
/// The database's.
pub fn forget_links(tx: &mut Tx<'_>) -> Result<()> {
    store::forget_links(tx)
}
