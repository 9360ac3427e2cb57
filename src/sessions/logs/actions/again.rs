//! What is answered where a log stays as it is.

use super::writer::Writer;
use super::{next, warned};
use crate::access::Tx;
use crate::base::error::{Code, Result};
use crate::matching::Match;
use crate::sessions::logs::model::{Content, Log, NewLog, Taken, Warning};
use crate::sessions::logs::rules::agreed::Agreed;
use crate::sessions::logs::{rules, store};
use crate::sessions::store as session_store;

/// The warnings of what stands and is sent again: those of the first answer, which may have been lost, as far as they still hold. What could not be
/// planned is planned by now where it can be. Whoever may not read the log any more, or sends it for another than it was filed under since, hears
/// only what it says by itself: the rest tells how things stand today.
pub(super) fn again(
    tx: &mut Tx<'_>,
    writer: &Writer,
    log: &mut Log,
    matched: &Match,
    (new, present): (&NewLog, &Content),
    agreed: &Agreed,
    (warning, stays): (Option<Warning>, Option<Warning>),
) -> Result<Vec<Warning>> {
    let session = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
    let agreed_at = warned::agreed_at(&session, matched);
    let (is_its, is_shown) = (stays.is_none(), store::is_shown(tx, log)?);
    let mut warnings = if is_its && is_shown {
        warned::of(tx, log, &session, present, agreed_at)?
    } else {
        rules::warnings(present, agreed_at, log.received_at, false)
    };
    // Whoever has no say in what is to come hears the same of it, whatever stands in the way.
    if is_its && (is_shown || !writer.may_plan()) {
        warnings.extend(next::plan_again(tx, writer, log, present, agreed)?);
    }
    warnings.extend(match warning {
        None => warned::named(tx, log, new.session())?,
        known => known,
    });
    warnings.extend(new.left_out());
    Ok(warnings)
}

/// What is said of a log that stays as it is. Writing is judged on the session's date, reading on today's: what it says by now, others' corrections
/// with it, is for whoever may read it, also where they send what it said once; not while it lies in the tray for what it left.
pub(super) fn unchanged(tx: &mut Tx<'_>, log: &Log, to_tray: bool, warnings: Vec<Warning>) -> Result<Taken> {
    Ok(Taken {
        id: log.id,
        is_new: false,
        is_hidden: !store::is_shown(tx, log)? || log.in_tray() && (to_tray || log.left.is_some()),
        warnings,
    })
}
