//! What happened to a session, over HTTP.

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::actions;
use super::model::{Change, ChangeKind, Reason};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, List, Paged, Path, Registry};
use crate::base::ids::{AccountId, SessionId};
use crate::sessions::model::Side;

pub(in crate::sessions) fn routes(registry: &mut Registry<'_>) {
    registry.service(list);
}

/// Something that happened to a session.
#[derive(Serialize, ToSchema)]
struct ChangeView {
    /// The session's version before it, as the caller was shown it: they count up.
    version: i64,
    kind: ChangeKind,
    /// Whose side wished it; null: not said.
    by: Option<Side>,
    reason: Option<Reason>,
    /// When the session was to begin before.
    starts_at: Instant,
    ends_at: Instant,
    /// Shortly before it would have begun.
    late: bool,
    /// When (stated).
    happened_at: Instant,
    recorded_at: Instant,
    /// Null: nobody at hand.
    recorded_by: Option<AccountId>,
}

/// What happened to a session
///
/// Every move, change, cancellation, confirmation and return, with by whom and why as far as it was said, in the order they were written down.
/// Whoever only covers the session reads what happened since they do.
#[utoipa::path(operation_id = "sessions.changes", tag = "sessions", params(("session_id" = SessionId, Path, description = "Which session")),
    responses((status = 200, body = List<ChangeView>, description = "All of it, in one page")))]
#[get("/sessions/{session_id}/changes")]
async fn list(door: web::Data<Door>, call: Call, path: Path<SessionId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let view = |change: Change| ChangeView {
            version: change.version,
            kind: change.kind,
            by: change.because.by,
            reason: change.because.reason,
            starts_at: change.starts_at,
            ends_at: change.ends_at,
            late: change.late,
            happened_at: change.happened_at,
            recorded_at: change.recorded_at,
            recorded_by: change.recorded_by,
        };
        Ok(Paged::all(actions::list(tx, path.get()?)?.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::SessionsChanges, look_up).await?)
}
