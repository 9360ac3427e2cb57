//! Make a link, open it, answer by it; settle what was answered, and tell who must act on it.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use super::model::{Answer, AnswerOutcome, Link, Press, Reply, Settlement, Shown, Token};
use super::rules::{self, News};
use super::store;
use crate::access::sign_in::push_devices;
use crate::access::{Tx, accounts};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{AccountId, AnswerId, PersonId, SessionId, StaffId};
use crate::base::language::Language;
use crate::cases;
use crate::duties::{self, About, Kind, Promise};
use crate::journal::Subject;
use crate::matching;
use crate::matching::actions::covers::may_meet;
use crate::messages::{self, Channel, HowToAnswer, Message, Recipient, Wanted, Way};
use crate::people::{self, links};
use crate::sessions::changes::Because;
use crate::sessions::model::{Arrangement, Cancellation, Session, Side, State};
use crate::sessions::reminders::rules::by_hand_until;
use crate::sessions::{actions as sessions, joint, reminders, store as session_store};
use crate::staff;

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

/// A link that is good now, with the session that it shows and the others that are answered with it; 404 for every other, whatever is wrong with it.
fn good_link(tx: &mut Tx<'_>, token: Option<&Token>) -> Result<(Link, Session, Vec<Session>)> {
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
    let mut led_to = led_to(tx, &link, &told)?.into_iter();
    let shown = led_to.next().ok_or(Code::NotFound)?;
    Ok((link, shown, led_to.collect()))
}

/// What whoever holds a good link sees. Nothing is changed.
///
/// # Errors
/// 404 for every link that is not good now.
pub fn open(tx: &mut Tx<'_>, token: Option<&Token>) -> Result<Shown> {
    let (link, session, _) = good_link(tx, token)?;
    let language = people::store::fact_language(tx, link.recipient)?;
    tx.saw(session.id);
    tx.saw(session.person);
    tx.saw(link.recipient);
    let own = store::find_open(tx, session.id)?.filter(|answer| answer.recipient == link.recipient);
    let zone = tx.programme.calendar().zone;
    Ok(Shown {
        when: Language::ALL.map(|language| messages::rules::day_and_time(session.starts_at, zone, language)),
        language,
        reply: own.map(|answer| answer.reply),
        call: tx.programme.reminders.number_to_call().map(str::to_owned),
    })
}

/// Answers, or takes the answer back. The same again changes nothing.
///
/// # Errors
/// As [`open`]; what the form refuses.
pub fn press(tx: &mut Tx<'_>, token: Option<&Token>, press: impl FnOnce() -> Result<Press>) -> Result<()> {
    let (link, session, others) = good_link(tx, token)?;
    let press = press()?;
    let mut told = BTreeSet::new();
    for part in iter::once(session).chain(others) {
        press_for(tx, &link, &part, press, &mut told)?;
    }
    Ok(())
}

/// An answer about one of what is answered by a link. Of several that one mentor or coach meets, they are told once.
fn press_for(tx: &mut Tx<'_>, link: &Link, session: &Session, press: Press, told: &mut BTreeSet<StaffId>) -> Result<()> {
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
        return Ok(());
    }
    if let Some(open) = &open {
        store::undo(tx, open)?;
    }
    let given = match press {
        Press::Undo => None,
        Press::Reply(reply) => Some(give(tx, link, session, reply)?).filter(|_| told.insert(session.host())),
    };
    for answer in open.map(|open| open.id).into_iter().chain(given) {
        retell(tx, answer, true)?;
    }
    Ok(())
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

/// Plans anew what whoever meets the person, and may, is told of an answer: by push to each of their phones, where there is push; else, or where
/// no phone takes it, by mail. Where none of it reaches them, the unit acts by hand: the page says that the answer is passed on. That it was taken
/// back is told to whoever was told of it and still sees the session: they, and whoever runs the match.
///
/// # Errors
/// The database's.
pub fn retell(tx: &mut Tx<'_>, id: AnswerId, has_push: bool) -> Result<()> {
    let answer = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    let session = session_store::find_fact(tx, answer.session)?.ok_or(Code::NotFound)?;
    let told = messages::actions::accounts_told(tx, Subject::from(id), "given")?;
    let host = find_seeing(tx, &session, session.host())?;
    let readers: BTreeSet<AccountId> = if answer.undone_at.is_none() {
        host.into_iter().collect()
    } else {
        let own = find_seeing(tx, &session, session.staff)?;
        host.into_iter().chain(own).filter(|account| told.contains(account)).collect()
    };
    let is_followed = store::find_open(tx, session.id)?.is_some_and(|open| open.id != id && rules::asks_for_something(open.reply));
    let (quiet, zone) = (tx.programme.reminders.quiet_hours(), tx.programme.calendar().zone);
    let news = rules::news(&answer, !readers.is_empty(), is_followed, quiet, zone);
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
struct Told {
    wanted: Vec<Wanted>,
    /// Since when it is known that none of it reaches them.
    failed_since: Option<Instant>,
}

/// The messages that tell an account of an answer: by push to each of their phones, where there is push; where no phone takes it, by mail.
fn tell(tx: &mut Tx<'_>, answer: &Answer, news: News, (account, language): (AccountId, Language), has_push: bool) -> Result<Told> {
    let phones = if has_push { push_devices(tx, account)? } else { Vec::new() };
    let mail: Way = (Channel::Email, None);
    let ways: Vec<Way> = phones.into_iter().map(|phone| (Channel::Push, Some(phone))).chain([mail]).collect();
    let tried = messages::actions::list_told(tx, answer.id, account, news.slot)?;
    let mut left = messages::rules::ways_left(&ways, &tried);
    let mut failed_since = None;
    let has_arrived = tried.iter().any(messages::actions::has_arrived);
    if !has_arrived && (left.is_empty() || answer.starts_at <= tx.now) {
        failed_since = tried.iter().map(|message| message.settled_at.unwrap_or(message.not_before_at)).max();
    }
    if !has_arrived && left.is_empty() {
        // The last of them is tried further.
        left.push(mail);
    }
    // One waiting message of an identity at a time: each phone has a slot of its own.
    let wanted = |(channel, device): Way| Wanted {
        kind: messages::Kind::AppointmentAnswered,
        recipient: Recipient::Account(account, device),
        channel,
        slot: device.map_or_else(|| news.slot.to_owned(), |device| format!("{} {device}", news.slot)),
        case: Some(answer.case),
        person: Some(answer.person),
        about_at: Some(answer.starts_at),
        language,
        not_before_at: news.not_before_at,
        not_after_at: answer.starts_at,
    };
    Ok(Told { wanted: left.into_iter().map(wanted).collect(), failed_since })
}

/// The unit's errand: whoever meets the person is told by hand what they answered.
fn pass_on(tx: &mut Tx<'_>, answer: &Answer, session: &Session, since: Instant) -> Result<Promise> {
    let promise = Promise {
        kind: Kind::TellByHand,
        subject: Subject::from(answer.id),
        slot: String::new(),
        about: About { case: Some(answer.case), person: Some(answer.person), matched: Some(session.matched), ..About::default() },
        owner: cases::store::fact_coordinator(tx, answer.case)?,
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
                return Err(invalid("/starts_at", "not_changed", "Tiden er den samme", "The time is the same"));
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
