//! Agreed steps over HTTP: for whose they are, without the rest of the note.

use actix_web::{get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Capability, Door, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, IdempotencyKey, Path, Registry};
use crate::base::ids::{AccountId, NoteId};
use crate::base::value::Text;
use crate::duties::State;
use crate::followups::notes::actions;

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(show_step).service(settle_step);
}

/// What became of the agreed step.
#[derive(Deserialize, ToSchema)]
struct SettleStep {
    /// It is no longer asked for; else it was done.
    #[serde(default)]
    withdrawn: bool,
    /// When, if not now.
    happened_at: Option<Stated>,
}

/// The agreed step of a note, for whose it is.
#[derive(Serialize, ToSchema)]
struct OwnStepView {
    /// The note's id.
    id: NoteId,
    words: Text,
    on: NaiveDate,
    /// Whose it is; null: the unit's.
    owner_id: Option<AccountId>,
    /// Where its duty stands: `done`, or `ended` when it was withdrawn.
    state: State,
    /// When it was done or withdrawn (stated).
    settled_at: Option<Instant>,
    /// Of its duty.
    version: i64,
}

fn get_step_view(tx: &mut Tx<'_>, id: NoteId) -> Result<OwnStepView> {
    let (step, duty) = actions::get_step(tx, id)?;
    Ok(OwnStepView {
        id,
        words: step.words,
        on: step.on,
        owner_id: duty.owner,
        state: duty.state,
        settled_at: duty.closed_at,
        version: duty.version,
    })
}

/// The agreed step of a contact note
///
/// For coordinators, and whoever owns the step, who reads nothing else of the note: its duty names the note.
#[utoipa::path(operation_id = "notes.get_step", tag = "followups", params(("note_id" = NoteId, Path, description = "Which note")),
    responses((status = 200, body = OwnStepView, description = "The step, and what became of it")))]
#[get("/contact-notes/{note_id}/step")]
async fn show_step(door: web::Data<Door>, call: Call, path: Path<NoteId>) -> Answer {
    let step = door.read(&call, Capability::NotesGetStep, move |tx| get_step_view(tx, path.get()?)).await?;
    call.answer(step.version, &step)
}

/// Say that a note's agreed step was done, or withdrawn
///
/// For coordinators, and whoever owns the step: its duty names the note.
#[utoipa::path(operation_id = "notes.settle_step", tag = "followups", params(("note_id" = NoteId, Path, description = "Which note"), IdempotencyKey), request_body = SettleStep,
    responses((status = 201, body = OwnStepView, description = "Settled")))]
#[post("/contact-notes/{note_id}/settle-step")]
async fn settle_step(door: web::Data<Door>, call: Call, path: Path<NoteId>, body: Body<SettleStep>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::settle_step(tx, id, body.withdrawn, body.happened_at.map(Stated::at))
    };
    let step = door.command(&call, Capability::NotesSettleStep, verb, get_step_view).await?.view;
    call.created(&format!("/v1/contact-notes/{}/step", step.id), step.version, &step)
}
