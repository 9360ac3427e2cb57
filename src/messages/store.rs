//! The outbox as rows.

use diesel::prelude::*;

use super::model::{Kind, Message, Recipient, State, Wanted};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::{Coded, MultiBackend};
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AnyId, CaseId, DeviceId, MessageId, PersonId};
use crate::base::language::Language;
use crate::journal::{Subject, SubjectKind};
use crate::messages::channels::Channel;
use crate::schema::{matches, messages};
use crate::{insert_rows, read_as};

/// A message as it lies in its table.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub struct Row {
    id: MessageId,
    kind: Kind,
    state: State,
    recipient_kind: SubjectKind,
    recipient_id: AnyId,
    device_id: Option<DeviceId>,
    channel: Channel,
    subject_kind: SubjectKind,
    subject_id: AnyId,
    slot: String,
    case_id: Option<CaseId>,
    person_id: Option<PersonId>,
    about_at: Option<Instant>,
    language: String,
    not_before_at: Instant,
    not_after_at: Instant,
    attempts: i32,
    reason: Option<String>,
    planned_at: Instant,
    settled_at: Option<Instant>,
    version: i64,
}

read_as!(Message, Row);

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        let recipient = match row.recipient_kind {
            SubjectKind::Account => Recipient::Account(row.recipient_id.cast(), row.device_id),
            _ => Recipient::Person(row.recipient_id.cast()),
        };
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            recipient,
            channel: row.channel,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            slot: row.slot,
            case: row.case_id,
            person: row.person_id,
            about_at: row.about_at,
            language: Language::of_tag(&row.language).unwrap_or_default(),
            not_before_at: row.not_before_at,
            not_after_at: row.not_after_at,
            attempts: row.attempts,
            reason: row.reason,
            planned_at: row.planned_at,
            settled_at: row.settled_at,
            version: row.version,
        }
    }
}

/// Everything ever planned for a subject, in the order it was planned.
pub(super) fn list_by_subject(tx: &mut Tx<'_>, subject: Subject) -> Result<Vec<Message>> {
    Ok(messages::table
        .filter(messages::subject_id.eq(subject.id))
        .order((messages::planned_at, messages::id))
        .select(Message::as_select())
        .load(tx.db())?)
}

/// What of a kind was planned for a person to read since a moment.
pub(super) fn list_to(tx: &mut Tx<'_>, reader: PersonId, kind: Kind, since: Instant) -> Result<Vec<Message>> {
    Ok(messages::table
        .filter(messages::recipient_id.eq(reader.cast::<crate::base::ids::noun::Any>()))
        .filter(messages::planned_at.ge(since))
        .filter(messages::kind.eq(kind))
        .order((messages::planned_at, messages::id))
        .select(Message::as_select())
        .load(tx.db())?)
}

/// What of a kind tells a person of a moment, or was to.
pub(super) fn list_about(tx: &mut Tx<'_>, reader: PersonId, kind: Kind, about_at: Instant) -> Result<Vec<Message>> {
    Ok(messages::table
        .filter(messages::recipient_id.eq(reader.cast::<crate::base::ids::noun::Any>()))
        .filter(messages::kind.eq(kind))
        .filter(messages::about_at.eq(Some(about_at)))
        .order((messages::planned_at, messages::id))
        .select(Message::as_select())
        .load(tx.db())?)
}

/// By which way a message went, or is about to go, and what is kept of the address.
pub(super) fn find_address(tx: &mut Tx<'_>, id: MessageId) -> Result<Option<(Channel, Vec<u8>)>> {
    let row: Option<(Channel, Option<Vec<u8>>)> =
        messages::table.find(id).select((messages::channel, messages::address_hash)).first(tx.db()).optional()?;
    Ok(row.and_then(|(channel, hash)| Some((channel, hash?))))
}

/// Puts a message into the outbox. `planned_at`: after all that was planned of the subject before.
pub(super) fn insert(tx: &mut Tx<'_>, subject: Subject, wanted: &Wanted, planned_at: Instant) -> Result<()> {
    insert_all(tx, &[(subject, wanted.clone())], planned_at).map(drop)
}

/// Puts messages into the outbox. The journal names what they are of, as each message does.
pub(super) fn insert_all(tx: &mut Tx<'_>, all: &[(Subject, Wanted)], planned_at: Instant) -> Result<Vec<MessageId>> {
    let ids: Vec<MessageId> = all.iter().map(|_| tx.new_id()).collect();
    let row = |(id, (subject, wanted)): (&MessageId, &(Subject, Wanted))| {
        let recipient = wanted.recipient.subject();
        (
            messages::id.eq(*id),
            messages::kind.eq(wanted.kind),
            messages::state.eq(State::Waiting),
            messages::recipient_kind.eq(recipient.kind),
            messages::recipient_id.eq(recipient.id),
            messages::device_id.eq(wanted.recipient.device()),
            messages::channel.eq(wanted.channel),
            messages::subject_kind.eq(subject.kind),
            messages::subject_id.eq(subject.id),
            messages::slot.eq(wanted.slot.clone()),
            messages::case_id.eq(wanted.case),
            messages::person_id.eq(wanted.person),
            messages::about_at.eq(wanted.about_at),
            messages::language.eq(wanted.language.tag()),
            messages::not_before_at.eq(wanted.not_before_at),
            messages::not_after_at.eq(wanted.not_after_at),
            messages::next_try_at.eq(Some(wanted.not_before_at)),
            messages::attempts.eq(0),
            messages::planned_at.eq(planned_at),
            messages::version.eq(1_i64),
        )
    };
    let rows: Vec<_> = ids.iter().zip(all).map(row).collect();
    insert_rows!(tx.db(), messages::table, &rows)?;
    all.iter().for_each(|(subject, _)| tx.changed(*subject));
    Ok(ids)
}

/// Takes a message back. One that a sender has may still arrive, for it was true when it left: its lease's token stays, so that the
/// sender can say so. What it says is the sender's alone from then on.
pub(super) fn retract(tx: &mut Tx<'_>, message: &Message, why: &'static str) -> Result<()> {
    let now = tx.now;
    let open = messages::table.find(message.id).filter(messages::state.eq(State::Waiting).or(messages::state.eq(State::Leased)));
    diesel::update(open)
        .set((
            messages::state.eq(State::Retracted),
            messages::reason.eq(Some(why)),
            messages::settled_at.eq(Some(now)),
            messages::next_try_at.eq(None::<Instant>),
            messages::prepared.eq(None::<Vec<u8>>),
            messages::former_address.eq(None::<Vec<u8>>),
            messages::version.eq(messages::version + 1),
        ))
        .execute(tx.db())?;
    tx.changed(message.id);
    Ok(())
}

/// The latest messages of a kind to an account, newest first: enough to know what went today.
pub(super) fn latest_to(tx: &mut Tx<'_>, account: AccountId, kind: Kind) -> Result<Vec<Message>> {
    const ENOUGH: i64 = 50;
    Ok(messages::table
        .filter(messages::recipient_id.eq(account.cast::<crate::base::ids::noun::Any>()))
        .filter(messages::kind.eq(kind))
        .order((messages::planned_at.desc(), messages::id))
        .limit(ENOUGH)
        .select(Message::as_select())
        .load(tx.db())?)
}

/// Says in which language what waits for an account goes, unless it may have left.
pub(super) fn set_language(tx: &mut Tx<'_>, account: AccountId, language: Language) -> Result<()> {
    let waiting = messages::table
        .filter(messages::recipient_id.eq(account.cast::<crate::base::ids::noun::Any>()))
        .filter(messages::state.eq(State::Waiting))
        .filter(messages::prepared.is_null());
    let ids: Vec<MessageId> = waiting.select(messages::id).load(tx.db())?;
    diesel::update(waiting).set((messages::language.eq(language.tag()), messages::version.eq(messages::version + 1))).execute(tx.db())?;
    ids.iter().for_each(|id| tx.changed(*id));
    Ok(())
}

/// The lists of "what is coming" and "why was this (not) sent": what a caller may filter by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// About this person.
    pub person: Option<PersonId>,
    /// Of this subject (session, …).
    pub subject: Option<AnyId>,
    /// In this state.
    pub state: Option<State>,
    /// To this account.
    pub account: Option<AccountId>,
}

/// What the caller may see: bars taken off, and what others are told is late, for that goes by whom they may see. So nobody reads that of another,
/// whomever they are barred from.
fn visible(tx: &Tx<'_>) -> messages::BoxedQuery<'static, MultiBackend> {
    let own = tx.actor.account.map(AccountId::cast::<crate::base::ids::noun::Any>);
    messages::table
        .filter(messages::case_id.is_null().or(messages::case_id.assume_not_null().ne_all(tx.barred())))
        .filter(messages::person_id.is_null().or(messages::person_id.assume_not_null().ne_all(tx.barred())))
        .filter(messages::recipient_id.ne_all(tx.barred()))
        .filter(messages::kind.ne(Kind::DutiesLate).or(messages::recipient_id.nullable().eq(own)))
        .into_boxed()
}

/// One page, the next to go first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, MessageId)>, fetch: i64) -> Result<Vec<Message>> {
    let mut messages: Vec<Message> = Vec::new();
    for mut query in parts(tx, filter) {
        if let Some((at, id)) = after {
            query = query.filter(messages::not_before_at.gt(at).or(messages::not_before_at.eq(at).and(messages::id.gt(id))));
        }
        let query = query.order((messages::not_before_at, messages::id)).limit(fetch);
        messages.extend(query.select(Message::as_select()).load::<Message>(tx.db())?);
    }
    messages.sort_by_key(|message| (message.not_before_at, message.id));
    messages.truncate(usize::try_from(fetch).unwrap_or(usize::MAX));
    for message in &messages {
        note(tx, message);
    }
    Ok(messages)
}

/// What is asked for, in parts of which each has an index: what is of a case, a person, a thing or an account; else, by time, what is in each state.
fn parts(tx: &Tx<'_>, filter: &Filter) -> Vec<messages::BoxedQuery<'static, MultiBackend>> {
    let Filter { case, person, subject, state, account } = *filter;
    if case.is_none() && person.is_none() && subject.is_none() && account.is_none() {
        let of_state = |state: State| {
            let query = visible(tx).filter(messages::state.eq(state));
            let is_open = matches!(state, State::Waiting | State::Leased);
            if is_open { query.filter(messages::next_try_at.is_not_null()) } else { query.filter(messages::next_try_at.is_null()) }
        };
        return state.map_or_else(|| State::ALL.to_vec(), |state| vec![state]).into_iter().map(of_state).collect();
    }
    let mut query = visible(tx);
    if let Some(case) = case {
        // Found by those who are met in it: what is told of a case is told of one of them.
        let met = matches::table.filter(matches::case_id.eq(case)).select(matches::person_id.nullable());
        query = query.filter(messages::person_id.eq_any(met)).filter(messages::case_id.eq(case));
    }
    if let Some(person) = person {
        query = query.filter(messages::person_id.eq(person));
    }
    if let Some(subject) = subject {
        query = query.filter(messages::subject_id.eq(subject));
    }
    if let Some(account) = account {
        query = query.filter(messages::recipient_id.eq(account.cast::<crate::base::ids::noun::Any>()));
    }
    if let Some(state) = state {
        query = query.filter(messages::state.eq(state));
    }
    vec![query]
}

/// What waits about these subjects, as far as the caller may see, the next to go first.
pub(super) fn list_waiting(tx: &mut Tx<'_>, subjects: &[AnyId], most: i64) -> Result<Vec<Message>> {
    let open = visible(tx)
        .filter(messages::subject_id.eq_any(subjects.to_vec()))
        .filter(messages::state.eq(State::Waiting).or(messages::state.eq(State::Leased)));
    Ok(open.order((messages::not_before_at, messages::id)).limit(most).select(Message::as_select()).load(tx.db())?)
}

/// One message the caller may see.
pub fn get(tx: &mut Tx<'_>, id: MessageId) -> Result<Message> {
    let found: Option<Message> = visible(tx).filter(messages::id.eq(id)).select(Message::as_select()).first(tx.db()).optional()?;
    let message = found.ok_or(Code::NotFound)?;
    note(tx, &message);
    Ok(message)
}

fn note(tx: &mut Tx<'_>, message: &Message) {
    tx.saw(message.id);
    if let Some(person) = message.person {
        tx.saw(person);
    }
}
