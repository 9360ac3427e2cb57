//! Makes what waits for a session agree with its facts: told by message, or by hand.

pub mod back;
pub mod beside;
pub mod errands;
mod hearing;
mod knowing;
mod reach;
pub mod speaking;
mod standing;

use self::errands::{since_when, tell_in_time, tell_off, time_slot, told_by_hand, told_slot};
use self::reach::ReachByAge;
use super::rules::{self, Appointment, Notice, NoticeKind};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CaseId, CourseId, MessageId, PersonId};
use crate::base::language::Language;
use crate::cases;
use crate::courses;
use crate::duties::{self, CASE_CLOSED, Kind, Promise};
use crate::journal::Subject;
use crate::messages::channels::Channel;
use crate::messages::{self, Recipient, Wanted};
use crate::people::{self, model::Reached};
use crate::sessions::joint;
use crate::sessions::model::{Session, Side, State, Telling};
use crate::sessions::{covers, store};

/// Plans what is told about a session anew: messages where the participant has a usable channel, else a promise to tell them by hand.
/// Called whenever the session, its course or the way to reach the person changed; twice is once.
///
/// # Errors
/// The database's and the vault's.
pub fn sync(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    sync_for(tx, session, None)
}

/// As [`sync`], for a message that is about to leave: what it would say is not said yet.
///
/// # Errors
/// As [`sync`].
pub fn sync_for(tx: &mut Tx<'_>, session: &Session, asking: Option<MessageId>) -> Result<()> {
    let (now, silence) = (tx.now, find_silence(tx, session)?);
    let known = knowing::known(tx, session)?;
    let is_coming = session.state == State::Planned && session.starts_at > now && silence.is_none();
    let is_off = rules::off_at(session, known.at).is_some_and(|at| at > now) && silence.is_none();
    let vain_at = if silence.is_none() { knowing::in_vain_at(tx, session)? } else { None };
    let reach = if is_coming || is_off || vain_at.is_some() {
        let until = session.starts_at.max(vain_at.unwrap_or(known.at));
        ReachByAge::find(tx, session.person, until, |tx, at| joint::actions::reach(tx, session, at))?
    } else {
        ReachByAge::default()
    };
    let reached = reach.at(now);
    let mut notices = match reach.ever() {
        Some(reached) if vain_at.is_none() => notices(tx, session, known, reached)?,
        Some(_) | None => Vec::new(),
    };
    let unclear = match reached {
        Some(reached) if is_off || is_coming => is_unclear(tx, session, &notices, (reached, known.at), asking)?,
        _ => false,
    };
    let is_back = is_coming && joint::actions::is_back_beside(tx, session)?;
    let by_hand = match (reach.at(last_word_at(&notices, now)), vain_at) {
        _ if is_back => Some(tell_in_time(tx, session, None, false)?),
        (None, _) => None,
        (Some(_), Some(at)) => vain_by_hand(tx, session, at)?,
        (Some(reached), None) if is_coming => by_hand(tx, session, reached, (&notices, unclear))?,
        (Some(reached), None) => off_by_hand(tx, session, reached, (&notices, unclear))?,
    };
    if unclear {
        notices.retain(|notice| !says_one(notice));
    }
    if is_back {
        notices.retain(|notice| notice.kind != NoticeKind::Changed);
    }
    let mut promises: Vec<Promise> = by_hand.into_iter().collect();
    promises.extend(covers::actions::errand(tx, session)?);
    if silence.is_none() {
        promises = standing::with_standing(tx, session, promises)?;
    }
    let why = silence.unwrap_or_else(|| changed_because(session));
    duties::actions::sync(tx, session.id, &[Kind::TellByHand], &promises, why, now)?;
    let all: Vec<Wanted> = notices.iter().filter_map(|notice| wanted(session, notice, reach.at(notice.not_before_at)?)).collect();
    let all = if all.is_empty() { all } else { untold_along(tx, session, all)? };
    let stands_at = (session.state == State::Planned && silence.is_none()).then_some(session.starts_at);
    messages::actions::sync_to_people(tx, session.id, &all, why, (people::actions::is_address_of, stands_at))
}

/// When the last word about a session goes: whoever is not reached by then is told by hand.
fn last_word_at(notices: &[Notice], now: Instant) -> Instant {
    notices.iter().map(|notice| notice.not_before_at).max().map_or(now, |last_at| last_at.max(now))
}

/// Consequence of a closing that is taken back: what was to be told by hand, and ended with it, is to be told again, as far as it is still to
/// come.
///
/// # Errors
/// The database's and the vault's.
pub fn closing_retracted(tx: &mut Tx<'_>, case: CaseId, at: Instant) -> Result<()> {
    let ended = duties::store::list_ended(tx, case, at, &[CASE_CLOSED])?;
    for duty in ended.iter().filter(|duty| duty.kind == Kind::TellByHand) {
        // Of an answer that was to be passed on nothing is told any more: its session is off.
        if let Some(session) = store::find_fact(tx, duty.subject_id.cast())? {
            sync(tx, &session)?;
        }
    }
    Ok(())
}

/// What should be told of a session by now, by message.
fn notices(tx: &mut Tx<'_>, session: &Session, known: knowing::Known, reached: Reached) -> Result<Vec<Notice>> {
    let telling = speaking::telling(tx, session)?;
    // Whom somebody told by hand that it is off, nobody tells again.
    if session.state == State::Cancelled && telling != Some(Telling::ForAll) {
        let changed_at = speaking::changed_at(tx, session)?;
        if speaking::find_told_reader(tx, session, changed_at)?.is_some() {
            return Ok(Vec::new());
        }
    }
    let named_at = match telling {
        Some(Telling::ForAll | Telling::ByOther) => named_at(tx, session)?,
        Some(Telling::Nobody) | None => None,
    };
    let previous_at = store::fact_previous(tx, session.person, session.starts_at, session.id)?;
    let heard_at = hearing::heard_at(tx, session, known, reached)?;
    let appointment = Appointment { session, telling, known_at: known.at, heard_at, expected_at: known.expected_at, previous_at, named_at };
    Ok(rules::messages_for(&appointment, tx.programme))
}

/// When the next begins of all that the reader of a session reads for, be they reached by message or not: as the word for all named it that arrived.
fn named_at(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Instant>> {
    let (now, changed_at) = (tx.now, speaking::changed_at(tx, session)?);
    if let Some(word) = speaking::news(tx, session, changed_at)?.iter().rfind(|word| messages::actions::has_arrived(word)) {
        return Ok(word.about_at);
    }
    let Some(reader) = people::actions::find_reader(tx, session.person, now)? else { return Ok(None) };
    let read = people::actions::read_by(tx, reader)?;
    store::fact_next(tx, &read, now)
}

/// Whether a text says that one appointment is off, or was moved.
const fn says_one(notice: &Notice) -> bool {
    matches!(notice.kind, NoticeKind::Moved | NoticeKind::Cancelled)
}

/// Whether it is still to be said that a session is off, or was moved, where it is read of another at the very moment by which they know it: no fixed
/// text says which of the two. Of a part of a joint session that is off, whose reader is expected at another part, none does, whoever speaks for what
/// was cancelled together.
fn is_unclear(
    tx: &mut Tx<'_>,
    session: &Session,
    notices: &[Notice],
    (reached, known_at): (Reached, Instant),
    asking: Option<MessageId>,
) -> Result<bool> {
    let Reached::At { recipient, .. } = reached else { return Ok(false) };
    let word = notices.iter().find(|notice| says_one(notice)).and_then(|notice| wanted(session, notice, reached));
    if let Some(wanted) = &word
        && messages::actions::was_told(tx, session.id, wanted, asking)?
    {
        return Ok(false);
    }
    if session.state == State::Cancelled && !joint::actions::read_along(tx, session, recipient)?.is_empty() {
        return Ok(true);
    }
    if word.is_some() { beside::is_doubtful(tx, session, reached, known_at) } else { Ok(false) }
}

/// The promise to tell of a session that takes place, where no message does: there is no way any more, no text says it, what was sent did not arrive,
/// or nothing is to be sent to whoever read that another at that very moment is off.
fn by_hand(tx: &mut Tx<'_>, session: &Session, reached: Reached, (notices, is_unclear): (&[Notice], bool)) -> Result<Option<Promise>> {
    let (since, speaks) = match reached {
        Reached::ByHand(_) if is_read(tx, session, notices)? => return Ok(None),
        Reached::ByHand(_) => (None, false),
        Reached::At { .. } => match find_undelivered(tx, session)? {
            None if is_unclear => (None, false),
            None if notices.is_empty() && beside::is_thought_off(tx, session, reached)? => (None, false),
            None => return Ok(None),
            since => (since, speaking::is_first(tx, session)?),
        },
    };
    tell_in_time(tx, session, since, speaks).map(Some)
}

/// The promise to tell that a session is off, where no message does: there is no way any more, no text says it, or what was sent did not arrive.
/// Whoever cancelled it knows, and what is off together is told at once, but for what the word for all left open. What a closed case let go of does not
/// come back.
fn off_by_hand(tx: &mut Tx<'_>, session: &Session, reached: Reached, (notices, is_unclear): (&[Notice], bool)) -> Result<Option<Promise>> {
    let since = match reached {
        _ if session.cancelled_by == Some(Side::Person) => return Ok(None),
        _ if session.telling.is_some() && speaking::is_off_told(tx, session)? => return Ok(None),
        _ if is_unclear => None,
        Reached::ByHand(_) if is_read(tx, session, notices)? => return Ok(None),
        Reached::ByHand(_) if speaking::is_first_off(tx, session)? => None,
        Reached::ByHand(_) if notices.iter().any(says_one) && is_said_of_all(tx, session)? => None,
        Reached::ByHand(_) => return Ok(None),
        Reached::At { .. } => match find_undelivered(tx, session)? {
            None => return Ok(None),
            since => since,
        },
    };
    if !is_case_open(tx, session)? {
        return Ok(None);
    }
    tell_off(tx, session, since).map(Some)
}

/// Whether a message that was taken told whoever reads by now all that is to be told of a session, or of another part of it, by this moment, at an
/// address that is theirs still; of what is off together, that appointments have changed. Whoever wants no messages since has read it.
fn is_read(tx: &mut Tx<'_>, session: &Session, notices: &[Notice]) -> Result<bool> {
    let now = tx.now;
    let Some(recipient) = people::actions::find_reader(tx, session.person, now)? else { return Ok(false) };
    // By whichever way, and in whichever language.
    let reached = Reached::At { recipient, channel: Channel::Sms, language: Language::default() };
    let of_use = notices.iter().filter(|notice| notice.not_after_at > now);
    let all: Vec<Wanted> = of_use.filter_map(|notice| wanted(session, notice, reached)).collect();
    if all.is_empty() {
        return Ok(session.state == State::Cancelled && is_said_of_all(tx, session)?);
    }
    let mut parts = joint::actions::all_others_of(tx, session.id)?;
    parts.push(session.clone());
    for wanted in &all {
        let mut has_arrived = false;
        for part in &parts {
            has_arrived = has_arrived || messages::actions::has_reached(tx, part.id, wanted, people::actions::is_address_of)?;
        }
        if !has_arrived {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the word for all that was changed with a session has arrived.
fn is_said_of_all(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    if session.telling.is_none() {
        return Ok(false);
    }
    let changed_at = speaking::changed_at(tx, session)?;
    Ok(speaking::news(tx, session, changed_at)?.iter().any(messages::actions::has_arrived))
}

/// The promise to tell that a session was moved to a time that is over by now, before the start that its reader may know: however they are reached,
/// no text says it. A closed case let go of it; one that tells by hand of all that was moved with it tells of it, too.
fn vain_by_hand(tx: &mut Tx<'_>, session: &Session, known_at: Instant) -> Result<Option<Promise>> {
    if !is_case_open(tx, session)? || speaking::is_spoken_for(tx, session)? {
        return Ok(None);
    }
    let slot = told_slot(tx, session, false)?;
    let since = since_when(tx, session, &slot, None)?;
    let coordinator = cases::actions::find_owner(tx, session.case)?;
    Ok(Some(told_by_hand(tx, session, slot, (since, known_at), coordinator)))
}

fn is_case_open(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    Ok(cases::store::fact_state(tx, session.case)? == Some(cases::model::State::Open))
}

/// Since when it is known that the last word about how a session stands did not arrive at whoever reads by now, its own or that of another that spoke
/// for it.
fn find_undelivered(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Instant>> {
    let (says_so, now) = (is_word(tx, session)?, tx.now);
    let reader = people::actions::find_reader(tx, session.person, now)?;
    let is_theirs = |message: &messages::Message| reader.is_none_or(|reader| message.recipient == Recipient::Person(reader));
    match messages::actions::find_undelivered(tx, session.id, |message| is_theirs(message) && says_so(message))? {
        None => speaking::find_undelivered(tx, session),
        since => Ok(since),
    }
}

/// Which messages of a session say how it stands.
fn is_word(tx: &mut Tx<'_>, session: &Session) -> Result<impl Fn(&messages::Message) -> bool + use<>> {
    use messages::Kind::{AppointmentCancelled, AppointmentsChanged};
    let off_at = if session.state == State::Cancelled { Some(speaking::changed_at(tx, session)?) } else { None };
    let (starts_at, timed_at) = (session.starts_at, session.timed_at);
    Ok(move |message: &messages::Message| match off_at {
        Some(at) => matches!(message.kind, AppointmentCancelled | AppointmentsChanged) && message.planned_at >= at,
        None if message.kind == AppointmentsChanged && message.planned_at >= timed_at => true,
        None => message.about_at == Some(starts_at),
    })
}

/// What of this its reader was not told for another part of a joint session.
fn untold_along(tx: &mut Tx<'_>, session: &Session, all: Vec<Wanted>) -> Result<Vec<Wanted>> {
    let others = joint::actions::all_others_of(tx, session.id)?;
    let mut untold = Vec::new();
    for wanted in all {
        let mut is_known = false;
        for other in &others {
            is_known = is_known || messages::actions::was_told(tx, other.id, &wanted, None)?;
        }
        if !is_known {
            untold.push(wanted);
        }
    }
    Ok(untold)
}

/// Whether nothing is told of a session: its course stands still, or is over while the session is still to come, or the person died.
///
/// # Errors
/// The database's.
pub fn is_silent(tx: &mut Tx<'_>, session: &Session) -> Result<bool> {
    Ok(find_silence(tx, session)?.is_some())
}

/// Why nothing is told of a session, as a code; `None`: something may be.
fn find_silence(tx: &mut Tx<'_>, session: &Session) -> Result<Option<&'static str>> {
    let course = course_now(tx, session.course, session.person)?;
    let is_over = course.has_ended && session.state == State::Planned && session.starts_at > tx.now;
    Ok(course.silence.or(is_over.then_some("course_ended")))
}

/// As [`sync`], for sessions of one match that were planned in this very verb, in order of their start: nothing waits for them yet, so nothing is
/// looked up, and how the person is reached is asked once, or twice where a 15th birthday lies among them.
///
/// # Errors
/// The database's and the vault's.
pub fn plan_new(tx: &mut Tx<'_>, sessions: &[Session]) -> Result<()> {
    let (Some(first), Some(last)) = (sessions.first(), sessions.last()) else { return Ok(()) };
    let course = course_now(tx, first.course, first.person)?;
    if course.silence.is_some() || course.has_ended {
        return Ok(());
    }
    let now = tx.now;
    let reach = ReachByAge::find(tx, first.person, last.starts_at, |tx, at| people::actions::reach(tx, first.person, at).map(Some))?;
    let coordinator = cases::actions::find_owner(tx, first.case)?;
    let before = store::fact_previous(tx, first.person, first.starts_at, first.id)?;
    let mut starts = store::fact_starts(tx, first.person, first.starts_at, last.starts_at)?;
    starts.splice(0..0, before);
    let (mut messages, mut promises) = (Vec::new(), Vec::new());
    for session in sessions {
        let previous_at = starts.get(..starts.partition_point(|at| *at < session.starts_at)).and_then(<[Instant]>::last).copied();
        let appointment = Appointment::new(session, previous_at);
        let notices = rules::messages_for(&appointment, tx.programme);
        if let Some(Reached::ByHand(_)) = reach.at(last_word_at(&notices, now)) {
            let times = (session.timed_at, session.starts_at);
            promises.push(told_by_hand(tx, session, time_slot(session), times, coordinator));
        }
        let wanted = notices.iter().filter_map(|notice| wanted(session, notice, reach.at(notice.not_before_at)?));
        messages.extend(wanted.map(|wanted| (Subject::from(session.id), wanted)));
    }
    duties::actions::open_new(tx, &promises)?;
    messages::actions::plan_new(tx, &messages)
}

/// What of a course and its person decides whether anything is told.
struct CourseNow {
    /// The person died, or the course stands still: as a code.
    silence: Option<&'static str>,
    /// The course has ended.
    has_ended: bool,
}

fn course_now(tx: &mut Tx<'_>, course: CourseId, person: PersonId) -> Result<CourseNow> {
    let course = courses::store::fact(tx, course)?;
    let died = people::store::find_facts(tx, person)?.is_none_or(|facts| facts.died_on.is_some());
    let silence = if died { Some("dead") } else { course.paused_at.map(|_| "paused") };
    Ok(CourseNow { silence, has_ended: course.ended_at.is_some() })
}

/// The message of a notice, where a message reaches them.
fn wanted(session: &Session, notice: &Notice, reached: Reached) -> Option<Wanted> {
    let Reached::At { recipient, channel, language } = reached else { return None };
    let kind = match notice.kind {
        NoticeKind::Reminder => messages::Kind::Appointment,
        NoticeKind::Moved => messages::Kind::AppointmentMoved,
        NoticeKind::Cancelled => messages::Kind::AppointmentCancelled,
        NoticeKind::Changed => messages::Kind::AppointmentsChanged,
    };
    Some(Wanted {
        kind,
        recipient: Recipient::Person(recipient),
        channel,
        slot: notice.slot.to_owned(),
        case: Some(session.case),
        person: Some(session.person),
        about_at: notice.about_at,
        language,
        not_before_at: notice.not_before_at,
        not_after_at: notice.not_after_at,
    })
}

/// Why what waited no longer holds, as a code.
const fn changed_because(session: &Session) -> &'static str {
    match session.state {
        State::Cancelled => "cancelled",
        State::Planned if session.moved_count > 0 => "moved",
        State::Planned | State::Proposed => "not_needed",
        State::Held | State::NoShow | State::Tried => "over",
    }
}
