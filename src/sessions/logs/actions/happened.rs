//! What a log says of its session, on that.

use chrono::TimeDelta;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::Result;
use crate::sessions::changes::{self, Because, ChangeKind};
use crate::sessions::logs::model::{Content, Outcome, side};
use crate::sessions::logs::rules;
use crate::sessions::model::{Kind, Session, State};
use crate::sessions::{joint, store as session_store};

/// What really happened, on the session: state, time, minutes, whose side; `written_at`: as far as the writer's clock is believed. Its claims
/// are given back.
pub(super) fn apply(tx: &mut Tx<'_>, session: &mut Session, content: &Content, written_at: Instant) -> Result<()> {
    let body = &content.body;
    let by = side(body.by.as_ref());
    let before = session.clone();
    session.telling = rules::telling(&before, content.outcome);
    session_store::release(tx, session.id)?;
    session.state = content.outcome.state();
    if let Some(kind) = body.kind.as_ref().and_then(|kind| Kind::parse(kind.as_str())) {
        session.kind = kind;
    }
    session.minutes = content.minutes.filter(|_| content.outcome == Outcome::Held);
    session.cancelled_by = if content.outcome == Outcome::Held || content.outcome == Outcome::Tried { None } else { by };
    session.new_time_agreed = match content.outcome {
        Outcome::Moved => Some(true),
        Outcome::Cancelled => Some(body.new_time_agreed.unwrap_or(false)),
        Outcome::Held | Outcome::NoShow | Outcome::Tried => None,
    };
    match session.state {
        State::Held => {
            session.starts_at = content.starts_at;
            session.ends_at = content.starts_at.plus(TimeDelta::minutes(i64::from(content.minutes.unwrap_or(1))));
            session.cancelled_at = None;
            session.late_cancellation = false;
        }
        State::Cancelled => {
            let at = session.cancelled_at.unwrap_or(written_at);
            session.cancelled_at = Some(at);
            let hours = tx.programme.reminders.late_cancel_hours;
            session.late_cancellation = crate::sessions::rules::is_late_cancellation(session, at, hours);
        }
        State::NoShow | State::Tried | State::Planned | State::Proposed => {
            session.cancelled_at = None;
            session.late_cancellation = false;
        }
    }
    if let (State::Planned | State::Proposed, Some(at)) = (before.state, session.cancelled_at) {
        let because = Because { by: session.cancelled_by, reason: None };
        changes::actions::note(tx, &before, ChangeKind::Cancelled, because, at)?;
    }
    session_store::save(tx, session)?;
    joint::actions::reclaim(tx, session.id)?;
    session.version = session.version.saturating_add(1);
    Ok(())
}
