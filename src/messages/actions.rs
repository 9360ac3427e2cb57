//! Plan and retract messages, in the transaction of the fact.

use super::model::{Message, State, Wanted};
use super::store;
pub use super::store::Filter;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::MessageId;
use crate::journal::Subject;

/// Makes what waits for a subject what is wanted: adds what is missing, keeps what is the same, retracts the rest with `why`
/// (a code, e.g. `session_moved`). What was sent, or came to its end, for the same moment is not planned again. Twice is once.
///
/// # Errors
/// The database's.
pub fn sync(tx: &mut Tx<'_>, subject: impl Into<Subject>, wanted: &[Wanted], why: &'static str) -> Result<()> {
    let subject = subject.into();
    let known = store::list_by_subject(tx, subject)?;
    let (open, past): (Vec<Message>, Vec<Message>) =
        known.into_iter().partition(|message| matches!(message.state, State::Waiting | State::Leased));
    for message in &open {
        if !wanted.iter().any(|wanted| is_same(message, wanted)) {
            store::retract(tx, message, why)?;
        }
    }
    for wanted in wanted {
        let stands = open.iter().any(|message| is_same(message, wanted));
        let was_settled = past.iter().any(|message| message.state != State::Retracted && is_told(message, wanted));
        if !stands && !was_settled {
            store::insert(tx, subject, wanted)?;
        }
    }
    Ok(())
}

/// The same promise in every respect that a reader or a sender would notice.
fn is_same(message: &Message, wanted: &Wanted) -> bool {
    is_told(message, wanted)
        && message.channel == wanted.channel
        && message.language == wanted.language
        && message.not_before_at == wanted.not_before_at
        && message.not_after_at == wanted.not_after_at
}

/// The same thing told to the same recipient about the same moment.
fn is_told(message: &Message, wanted: &Wanted) -> bool {
    message.kind == wanted.kind
        && message.slot == wanted.slot
        && message.recipient.subject() == wanted.recipient.subject()
        && message.recipient.device() == wanted.recipient.device()
        && message.about_at == wanted.about_at
}

/// A message the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: MessageId) -> Result<Message> {
    store::get(tx, id)
}

/// The messages asked for.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, MessageId)>, fetch: i64) -> Result<Vec<Message>> {
    store::list(tx, filter, after, fetch)
}
