//! Leases, prepared bytes and ends as rows. Every change is guarded by the lease's token.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Db;
use crate::base::error::{Error, Result};
use crate::base::ids::{MessageId, RowId};
use crate::base::value::Email;
use crate::base::vault::{Holder, Place, Sealed};
use crate::messages::channels::{Channel, Prepared};
use crate::messages::model::{Lease, Message, Recipient, State, Taken};
use crate::schema::messages;

/// Under whose key what went out is sealed.
const fn holder(recipient: Recipient) -> Holder {
    match recipient {
        Recipient::Person(id) => Holder::person(id),
        Recipient::Account(id, _) => Holder::account(id),
    }
}

const fn place(id: MessageId) -> Place {
    Place::new("messages", "prepared", id)
}

const fn former_place(id: MessageId) -> Place {
    Place::new("messages", "former_address", id)
}

/// Keeps where a message goes that does not go to its reader's present address, and what is kept of it from the beginning.
pub(in crate::messages) fn set_former_address(
    tx: &mut Tx<'_>,
    id: MessageId,
    recipient: Recipient,
    address: &Email,
    address_hash: &[u8; 32],
) -> Result<()> {
    let sealed = tx.seal(holder(recipient), former_place(id), address)?;
    let kept = (messages::former_address.eq(Some(sealed.as_bytes())), messages::address_hash.eq(Some(address_hash.as_slice())));
    diesel::update(messages::table.find(id)).set(kept).execute(tx.db())?;
    Ok(())
}

/// Where such a message goes.
pub(super) fn find_former_address(tx: &mut Tx<'_>, message: &Message) -> Result<Option<Email>> {
    let sealed: Option<Vec<u8>> = messages::table.find(message.id).select(messages::former_address).first(tx.db())?;
    sealed.map(|sealed| tx.open(holder(message.recipient), former_place(message.id), &Sealed::from_bytes(sealed))).transpose()
}

/// Takes what was due at a moment, and what a sender took and never settled. What was tried before comes last: what no provider answers holds up
/// nothing else.
pub(super) fn lease(tx: &mut Tx<'_>, channel: Channel, due_by: Instant, (from, until): (Instant, Instant), most: i64) -> Result<Lease> {
    let token: RowId = tx.new_id();
    let mut ids = list_due(tx, channel, (due_by, from), false, most)?;
    let left = most.saturating_sub(i64::try_from(ids.len()).unwrap_or(most));
    if left > 0 {
        ids.extend(list_due(tx, channel, (due_by, from), true, left)?);
    }
    if ids.is_empty() {
        return Ok(Lease { token, taken: Vec::new() });
    }
    let these = messages::table.filter(messages::id.eq_any(ids));
    diesel::update(these.clone())
        .set((
            messages::state.eq(State::Leased),
            messages::next_try_at.eq(Some(until)),
            messages::lease_token.eq(Some(token)),
            messages::version.eq(messages::version + 1),
        ))
        .execute(tx.db())?;
    let in_order = these.order((messages::attempts.gt(0), messages::not_before_at, messages::id));
    let rows: Vec<(Message, bool)> = in_order.select((Message::as_select(), messages::prepared.is_not_null())).load(tx.db())?;
    Ok(Lease { token, taken: rows.into_iter().map(|(message, may_have_left)| Taken { message, may_have_left }).collect() })
}

/// What waits and was due at the first moment, or was taken by a lease that is over at the second, the longest waiting first: of what was tried before, or
/// of the rest.
fn list_due(
    tx: &mut Tx<'_>,
    channel: Channel,
    (due_by, over_by): (Instant, Instant),
    was_tried: bool,
    most: i64,
) -> Result<Vec<MessageId>> {
    let waits = messages::state.ne(State::Leased).and(messages::next_try_at.le(due_by));
    let is_left = messages::state.eq(State::Leased).and(messages::next_try_at.le(over_by));
    let due = open_by(due_by)
        .filter(waits.or(is_left).and(messages::channel.eq(channel)))
        .filter(messages::attempts.gt(0).eq(was_tried))
        .order((messages::not_before_at, messages::id))
        .limit(most)
        .select(messages::id);
    Ok(match tx.db() {
        Db::Sqlite(connection) => due.load(connection)?,
        // What another process is taking this moment is its own.
        Db::Postgres(connection) => due.for_update().skip_locked().load(connection)?,
    })
}

/// What is to go and should have gone by a moment: nothing is tried before it should go.
#[diesel::dsl::auto_type]
fn open_by(at: Instant) -> _ {
    messages::table.filter(messages::next_try_at.is_not_null()).filter(messages::not_before_at.le(at))
}

/// Makes due, once it should go, what should have gone by a moment and would not be tried before it.
pub(super) fn recall(tx: &mut Tx<'_>, by: Instant) -> Result<()> {
    diesel::update(open_by(by).filter(messages::next_try_at.gt(by)))
        .set((messages::next_try_at.eq(messages::not_before_at.nullable()), messages::version.eq(messages::version + 1)))
        .execute(tx.db())?;
    Ok(())
}

type Held = diesel::dsl::Filter<
    diesel::dsl::Filter<diesel::dsl::Find<messages::table, MessageId>, diesel::dsl::Eq<messages::lease_token, Option<RowId>>>,
    diesel::dsl::Eq<messages::state, State>,
>;

/// The message while it is this sender's.
fn held(id: MessageId, token: RowId, state: State) -> Held {
    let of_token = QueryDsl::filter(messages::table.find(id), messages::lease_token.eq(Some(token)));
    QueryDsl::filter(of_token, messages::state.eq(state))
}

/// Whether it still is.
pub(super) fn is_held(tx: &mut Tx<'_>, id: MessageId, token: RowId) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(held(id, token, State::Leased))).get_result(tx.db())?)
}

/// Stores what is about to go out, with what is kept of its address, and counts the attempt.
pub(super) fn store_prepared(tx: &mut Tx<'_>, token: RowId, message: &Message, prepared: &Prepared, address_hash: &[u8; 32]) -> Result<()> {
    let sealed = tx.seal(holder(message.recipient), place(message.id), prepared)?;
    let changes = (
        messages::prepared.eq(Some(sealed.as_bytes())),
        messages::address_hash.eq(Some(address_hash.as_slice())),
        messages::attempts.eq(messages::attempts + 1),
        messages::version.eq(messages::version + 1),
    );
    let rows = diesel::update(held(message.id, token, State::Leased)).set(changes).execute(tx.db())?;
    if rows != 1 {
        return Err(Error::internal("a message was prepared that is somebody else's"));
    }
    tx.changed(message.id);
    Ok(())
}

/// What was stored of an earlier attempt.
pub(super) fn find_prepared(tx: &mut Tx<'_>, message: &Message) -> Result<Option<Prepared>> {
    let sealed: Option<Vec<u8>> = messages::table.find(message.id).select(messages::prepared).first(tx.db())?;
    sealed.map(|sealed| tx.open(holder(message.recipient), place(message.id), &Sealed::from_bytes(sealed))).transpose()
}

/// Keeps of a message where the other went that speaks for it: where that turns out to be nobody's, this one went astray, too.
pub(super) fn keep_address_of(tx: &mut Tx<'_>, id: MessageId, other: MessageId) -> Result<()> {
    let hash: Option<Vec<u8>> = messages::table.find(other).select(messages::address_hash).first(tx.db())?;
    diesel::update(messages::table.find(id)).set(messages::address_hash.eq(hash)).execute(tx.db())?;
    Ok(())
}

/// Brings a message to its end; nothing is kept of what went out but a hash of the address. False when it had come to another one, or is somebody else's now.
pub(super) fn end(
    tx: &mut Tx<'_>,
    id: MessageId,
    token: RowId,
    state: State,
    reason: Option<&str>,
    reference: Option<&str>,
) -> Result<bool> {
    let now = tx.now;
    let changes = (
        messages::state.eq(state),
        messages::reason.eq(reason),
        messages::reference.eq(reference),
        messages::settled_at.eq(Some(now)),
        messages::next_try_at.eq(None::<Instant>),
        messages::prepared.eq(None::<Vec<u8>>),
        messages::former_address.eq(None::<Vec<u8>>),
        messages::version.eq(messages::version + 1),
    );
    let rows = diesel::update(held(id, token, State::Leased)).set(changes).execute(tx.db())?;
    tx.changed(id);
    Ok(rows == 1)
}

/// A message was taken back while it was on its way, and arrived: it was sent.
pub(super) fn note_sent_though_retracted(tx: &mut Tx<'_>, id: MessageId, token: RowId, reference: Option<&str>) -> Result<()> {
    let changes = (
        messages::state.eq(State::Accepted),
        messages::reason.eq(Some("retracted_on_its_way")),
        messages::reference.eq(reference),
        messages::prepared.eq(None::<Vec<u8>>),
        messages::former_address.eq(None::<Vec<u8>>),
        messages::version.eq(messages::version + 1),
    );
    diesel::update(held(id, token, State::Retracted)).set(changes).execute(tx.db())?;
    Ok(())
}

/// Puts a message back until a later moment. Unless it may have left, what was prepared is forgotten: it is written anew.
pub(super) fn put_back(tx: &mut Tx<'_>, id: MessageId, token: RowId, at: Instant, reason: &str, may_have_left: bool) -> Result<()> {
    let changes = (
        messages::state.eq(State::Waiting),
        messages::reason.eq(Some(reason)),
        messages::next_try_at.eq(Some(at)),
        messages::version.eq(messages::version + 1),
    );
    let rows = diesel::update(held(id, token, State::Leased)).set(changes).execute(tx.db())?;
    if rows == 1 && !may_have_left {
        diesel::update(messages::table.find(id)).set(messages::prepared.eq(None::<Vec<u8>>)).execute(tx.db())?;
    }
    tx.changed(id);
    Ok(())
}

/// Puts a message back that was not begun, with as many tries as it had when it was taken.
pub(super) fn put_back_untried(tx: &mut Tx<'_>, taken: &Taken, token: RowId, at: Instant, reason: &str) -> Result<()> {
    let Taken { message, may_have_left } = taken;
    let held = held(message.id, token, State::Leased);
    diesel::update(held).set(messages::attempts.eq(message.attempts)).execute(tx.db())?;
    put_back(tx, message.id, token, at, reason, *may_have_left)
}

/// How many messages by a channel are to be tried by a moment, and how many of those that wait at all should have gone before it.
pub(super) fn count(tx: &mut Tx<'_>, channel: Channel, at: Instant) -> Result<(usize, usize)> {
    let late = open_by(at).filter(messages::channel.eq(channel));
    let due: i64 = late.filter(messages::next_try_at.le(at)).count().get_result(tx.db())?;
    let late: i64 = late.count().get_result(tx.db())?;
    Ok((usize::try_from(due).unwrap_or_default(), usize::try_from(late).unwrap_or_default()))
}
