//! What a caller knew when they asked for a change: one rule for every operation, held here and nowhere else.

use super::door::subject_of;
use super::store::versions;
use super::tx::Tx;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::http::Call;
use crate::base::value::Flaw;

/// Runs a change and holds the `If-Match` that was sent with it, whether the operation asks for one or not. A verb that takes it judges it.
/// Else it is held against the version of what the path names first, as it was before and as the caller is shown it ([`Tx::seen_at`]). Where
/// that has no version the header is refused: its sender would take the answer for one that it held.
///
/// It is looked at last, so that it tells nothing to whoever may not see. Where nobody is signed in it is looked at first: a wrong password
/// must be counted, not rolled back.
///
/// # Errors
/// What the verb refuses; 400 for a header that cannot be read, 412 for a version that is none any more, 422 where there is none.
pub(super) fn held<T>(tx: &mut Tx<'_>, call: &Call, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let Some(expected) = call.sent_if_match()? else { return verb(tx) };
    if tx.capability.is_public() {
        return Err(of_no_use());
    }
    let before = match subject_of(call) {
        Some(subject) => versions::find(tx, tx.capability.subject(), subject)?,
        None => None,
    };
    let value = verb(tx)?;
    if !call.is_if_match_taken() {
        expected.check(tx.seen_version().or(before).ok_or_else(of_no_use)?)?;
    }
    Ok(value)
}

/// Of a look-up that is sent as a command (a search): it changes nothing that could have moved on, unless it is the first half of a change.
///
/// # Errors
/// 422 for an `If-Match` that nobody took.
pub(super) fn refuse(call: &Call) -> Result<()> {
    if call.sent_if_match()?.is_some() && !call.is_if_match_taken() { Err(of_no_use()) } else { Ok(()) }
}

fn of_no_use() -> Error {
    let mut problem = Problem::new(Code::Invalid);
    problem.errors.push(Flaw::UnknownMember.at("header/If-Match"));
    problem.into()
}
