//! Links and answers as rows.

use diesel::prelude::*;

use super::model::{Answer, AnswerOutcome, Link, Reply, Token};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result, Violation};
use crate::base::ids::{AccountId, AnswerId, CaseId, MessageId, PersonId, SessionId, StaffId};
use crate::row;
use crate::schema::{session_answers, session_links, sessions};

/// Keeps the hash of a new link. A message has one: an earlier one of it was never sent.
pub(super) fn insert_link(tx: &mut Tx<'_>, token: &Token, link: &Link) -> Result<()> {
    let now = tx.now;
    diesel::delete(session_links::table.filter(session_links::message_id.eq(link.message))).execute(tx.db())?;
    diesel::insert_into(session_links::table)
        .values((
            session_links::hash.eq(token.hash().to_vec()),
            session_links::message_id.eq(link.message),
            session_links::session_id.eq(link.session),
            session_links::recipient_id.eq(link.recipient),
            session_links::starts_at.eq(link.starts_at),
            session_links::made_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Whether a message went out with a link, good or not.
pub(super) fn has_link(tx: &mut Tx<'_>, message: MessageId) -> Result<bool> {
    let of_message = session_links::table.filter(session_links::message_id.eq(message));
    Ok(diesel::select(diesel::dsl::exists(of_message)).get_result(tx.db())?)
}

/// The link of a token.
pub(super) fn find_link(tx: &mut Tx<'_>, token: &Token) -> Result<Option<Link>> {
    let found: Option<(MessageId, SessionId, PersonId, Instant)> = session_links::table
        .find(token.hash().to_vec())
        .select((session_links::message_id, session_links::session_id, session_links::recipient_id, session_links::starts_at))
        .first(tx.db())
        .optional()?;
    Ok(found.map(|(message, session, recipient, starts_at)| Link { message, session, recipient, starts_at }))
}

/// Forgets links whose session has begun: they are dead.
pub(super) fn forget_links(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now;
    diesel::delete(session_links::table.filter(session_links::starts_at.le(now))).execute(tx.db())?;
    Ok(())
}

row! {
    Row of Answer in session_answers {
        id: AnswerId,
        session: SessionId = session_id,
        case: CaseId = case_id,
        person: PersonId = person_id,
        recipient: PersonId = recipient_id,
        starts_at: Instant,
        reply: Reply = answer,
        answered_at: Instant,
        undone_at: Option<Instant>,
        outcome: Option<AnswerOutcome>,
        settled_at: Option<Instant>,
        settled_by: Option<AccountId>,
    }
}

/// Writes a new answer. Of two that come at one moment the other runs again, and finds this one.
pub(super) fn insert(tx: &mut Tx<'_>, answer: &Answer) -> Result<()> {
    let inserted = tx.attempt(|tx| {
        diesel::insert_into(session_answers::table).values(Row::from(*answer)).execute(tx.db())?;
        Ok(())
    });
    inserted.map_err(|error| if matches!(error, Error::Violation(Violation::Unique(_))) { Error::RunAgain } else { error })?;
    touched(tx, answer);
    Ok(())
}

/// Takes an answer back.
pub(super) fn undo(tx: &mut Tx<'_>, answer: &Answer) -> Result<()> {
    let now = tx.now;
    diesel::update(session_answers::table.find(answer.id)).set(session_answers::undone_at.eq(Some(now))).execute(tx.db())?;
    touched(tx, answer);
    Ok(())
}

/// Writes down what came of an answer.
pub(super) fn settle(tx: &mut Tx<'_>, answer: &Answer, outcome: AnswerOutcome) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.account);
    diesel::update(session_answers::table.find(answer.id))
        .set((session_answers::outcome.eq(Some(outcome)), session_answers::settled_at.eq(Some(now)), session_answers::settled_by.eq(by)))
        .execute(tx.db())?;
    touched(tx, answer);
    Ok(())
}

fn touched(tx: &mut Tx<'_>, answer: &Answer) {
    tx.changed(answer.id);
    tx.changed(answer.session);
    tx.changed(answer.person);
    tx.changed(answer.recipient);
}

/// An answer for a rule or a verb; not for the caller's eyes.
pub(super) fn find_fact(tx: &mut Tx<'_>, id: AnswerId) -> Result<Option<Answer>> {
    Ok(session_answers::table.find(id).select(Answer::as_select()).first(tx.db()).optional()?)
}

/// The one answer of a session that is neither taken back nor settled.
pub(super) fn find_open(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Answer>> {
    let open = session_answers::table
        .filter(session_answers::session_id.eq(session))
        .filter(session_answers::undone_at.is_null())
        .filter(session_answers::settled_at.is_null());
    Ok(open.select(Answer::as_select()).first(tx.db()).optional()?)
}

/// The answers that are neither taken back nor settled about sessions to come that a member of staff runs or covers.
pub(super) fn list_open_of(tx: &mut Tx<'_>, staff: StaffId) -> Result<Vec<AnswerId>> {
    let now = tx.now;
    let own = sessions::staff_id.nullable().eq(Some(staff)).or(sessions::cover_staff_id.eq(Some(staff)));
    let coming = sessions::table.filter(own).filter(sessions::starts_at.gt(now)).select(sessions::id);
    let open = session_answers::table
        .filter(session_answers::session_id.eq_any(coming))
        .filter(session_answers::undone_at.is_null())
        .filter(session_answers::settled_at.is_null());
    Ok(open.select(session_answers::id).load(tx.db())?)
}

/// The answers of sessions that were not taken back: the open one, then the latest first.
pub(super) fn list_standing(tx: &mut Tx<'_>, sessions: &[SessionId]) -> Result<Vec<Answer>> {
    let standing = session_answers::table
        .filter(session_answers::session_id.eq_any(sessions.to_vec()))
        .filter(session_answers::undone_at.is_null())
        .order((session_answers::settled_at.is_not_null(), session_answers::answered_at.desc(), session_answers::id));
    Ok(standing.select(Answer::as_select()).load(tx.db())?)
}
