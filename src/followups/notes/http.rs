//! Contact notes over HTTP: a coordinator's; a supervisor writes and reads support contacts and supervision of their matches, without
//! case or persons.

mod steps;

use actix_web::{get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Filter};
use super::model::{Draft, Note, NoteKind, Outcome, Party, Said, StepDraft};
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, Expected, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, AgencyId, CaseId, MatchId, NoteId, PersonId};
use crate::base::value::{Day, Few, Line, Text};
use crate::duties::{Duty, State};
use crate::sessions::Side;
use crate::sessions::attendance::model::Report;

/// Adds the routes of notes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(write).service(list).service(show).service(correct).service(versions);
    steps::routes(registry);
}

/// A next step to be agreed on.
#[derive(Deserialize, ToSchema)]
struct NextStep {
    words: Text,
    /// By the end of this date.
    on: Day,
    /// Whose it is; whoever had the contact unless told otherwise.
    owner_id: Option<AccountId>,
}

/// What a note says.
#[derive(Deserialize, ToSchema)]
struct SayNote {
    kind: NoteKind,
    outcome: Outcome,
    /// Who cancelled, or did not appear.
    by: Option<Party>,
    happened_at: Stated,
    /// Who had the contact; the caller unless told otherwise.
    done_by: Option<AccountId>,
    /// With whom of the case.
    #[serde(default)]
    person_ids: Few<PersonId, 20>,
    /// With which agency.
    partner_id: Option<AgencyId>,
    /// With which professional, by name and function.
    professional: Option<Line>,
    /// With which sides of the match; needed for a support contact.
    #[serde(default)]
    sides: Few<Side, 2>,
    /// What happened and was said; needed when it was held.
    facts: Option<Text>,
    /// What the writer makes of it.
    assessment: Option<Text>,
    /// Becomes a duty of its owner.
    next_step: Option<NextStep>,
    /// Meetings of persons that the partner told of: they count in the person's run of misses.
    #[serde(default)]
    reported_meetings: Few<Report, 20>,
}

impl SayNote {
    fn draft(&self) -> Draft {
        let step = |step: &NextStep| StepDraft { words: step.words.clone(), on: step.on.date(), owner: step.owner_id };
        Draft {
            kind: self.kind,
            outcome: self.outcome,
            by: self.by,
            happened_at: self.happened_at.at(),
            done_by: self.done_by,
            persons: self.person_ids.to_vec(),
            partner: self.partner_id,
            professional: self.professional.clone(),
            sides: self.sides.to_vec(),
            step: self.next_step.as_ref().map(step),
            reports: self.reported_meetings.to_vec(),
            facts: self.facts.clone(),
            assessment: self.assessment.clone(),
        }
    }
}

/// A note to be written down.
#[derive(Deserialize, ToSchema)]
struct WriteNote {
    /// The case, for coordinators; a match names it.
    case_id: Option<CaseId>,
    /// The match, of a support contact or supervision.
    match_id: Option<MatchId>,
    /// What it says.
    note: SayNote,
}

/// What a note says instead.
#[derive(Deserialize, ToSchema)]
struct CorrectNote {
    /// The whole of it.
    note: SayNote,
}

/// An agreed next step, and what became of it.
#[derive(Serialize, ToSchema)]
struct StepView {
    words: Text,
    on: NaiveDate,
    owner_id: AccountId,
    /// Where its duty stands: `done`, or `ended` when it was withdrawn.
    state: Option<State>,
    /// When it was done or withdrawn (stated).
    settled_at: Option<Instant>,
}

/// What one version of a note says.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteSaidView)]
struct SaidView {
    kind: NoteKind,
    outcome: Outcome,
    by: Option<Party>,
    happened_at: Instant,
    done_by: AccountId,
    /// For coordinators.
    person_ids: Vec<PersonId>,
    partner_id: Option<AgencyId>,
    professional: Option<Line>,
    sides: Vec<Side>,
    facts: Option<Text>,
    assessment: Option<Text>,
    /// With what became of it, in the present version.
    next_step: Option<StepView>,
    /// For coordinators.
    reported_meetings: Vec<Report>,
}

fn said_view(tx: &Tx<'_>, said: Said, duty: Option<&Duty>) -> SaidView {
    let (all, content) = (tx.reaches(Reach::All), said.content);
    let step = content.step.map(|step| StepView {
        words: step.words,
        on: step.on,
        owner_id: step.owner,
        state: duty.map(|duty| duty.state),
        settled_at: duty.and_then(|duty| duty.closed_at),
    });
    SaidView {
        kind: content.kind,
        outcome: content.outcome,
        by: content.by,
        happened_at: content.happened_at,
        done_by: content.done_by,
        person_ids: if all { content.persons } else { Vec::new() },
        partner_id: content.partner,
        professional: content.professional,
        sides: content.sides,
        facts: said.facts,
        assessment: said.assessment,
        next_step: step,
        reported_meetings: if all { content.reports } else { Vec::new() },
    }
}

/// A contact note.
#[derive(Serialize, ToSchema)]
struct NoteView {
    id: NoteId,
    /// For coordinators.
    case_id: Option<CaseId>,
    match_id: Option<MatchId>,
    /// What its present version says.
    note: SaidView,
    /// Who typed it.
    recorded_by: AccountId,
    recorded_at: Instant,
    /// Which version this is: 1, 2, 3 …
    revision: i32,
    /// When this version was recorded.
    changed_at: Instant,
    version: i64,
}

fn view(tx: &mut Tx<'_>, note: Note) -> Result<NoteView> {
    let (said, duty) = (actions::open(tx, &note)?, actions::find_step(tx, note.id)?);
    tx.saw(note.id);
    Ok(NoteView {
        id: note.id,
        case_id: tx.reaches(Reach::All).then_some(note.case),
        match_id: note.matched,
        note: said_view(tx, said, duty.as_ref()),
        recorded_by: note.recorded_by,
        recorded_at: note.recorded_at,
        revision: note.revision,
        changed_at: note.changed_at,
        version: note.version,
    })
}

fn get_view(tx: &mut Tx<'_>, id: NoteId) -> Result<NoteView> {
    let note = actions::get(tx, id)?;
    view(tx, note)
}

fn created(call: &Call, note: &NoteView) -> Answer {
    call.created(&format!("/v1/contact-notes/{}", note.id), note.version, note)
}

/// Write a contact note
///
/// An agreed next step becomes a duty. A support contact keeps the match's promise of one. Meetings that a partner told of count in the
/// person's run of misses. A supervisor writes support contacts and supervision of their matches.
#[utoipa::path(operation_id = "notes.write", tag = "followups", params(IdempotencyKey), request_body = WriteNote,
    responses((status = 201, body = NoteView, description = "Written")))]
#[post("/contact-notes")]
async fn write(door: web::Data<Door>, call: Call, body: Body<WriteNote>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        actions::write(tx, body.case_id, body.match_id, &body.note.draft())
    };
    created(&call, &door.command(&call, Capability::NotesWrite, verb, get_view).await?.view)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only notes of this case.
    case: Option<CaseId>,
    /// Only notes of contacts with this person.
    person: Option<PersonId>,
    /// Only notes about this match.
    #[serde(rename = "match")]
    #[param(rename = "match")]
    matched: Option<MatchId>,
    /// Only notes of this kind.
    #[param(inline)]
    kind: Option<NoteKind>,
    /// Only notes of contacts that went like this.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Only notes of contacts at this moment or later.
    from: Option<Instant>,
    /// Only notes of contacts before this moment.
    until: Option<Instant>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The contact notes the caller may see
///
/// The latest contact first.
#[utoipa::path(operation_id = "notes.list", tag = "followups", params(Which), responses((status = 200, body = List<NoteView>, description = "One page")))]
#[get("/contact-notes")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, NoteId)>::read("notes", which.limit, which.cursor.as_ref())?;
        let filter = Filter {
            case: which.case,
            person: which.person,
            matched: which.matched,
            kind: which.kind,
            outcome: which.outcome,
            from: which.from,
            until: which.until,
        };
        let found = actions::list(tx, &filter, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |note| (note.happened_at, note.id));
        let items = items.into_iter().map(|note| view(tx, note)).collect::<Result<Vec<_>>>()?;
        Ok(Paged { items, next })
    };
    call.answer_list(door.read(&call, Capability::NotesList, look_up).await?)
}

/// One contact note
#[utoipa::path(operation_id = "notes.get", tag = "followups", params(("note_id" = NoteId, Path, description = "Which note")),
    responses((status = 200, body = NoteView, description = "Its present version")))]
#[get("/contact-notes/{note_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<NoteId>) -> Answer {
    let note = door.read(&call, Capability::NotesGet, move |tx| get_view(tx, path.get()?)).await?;
    call.answer(note.version, &note)
}

/// Correct a contact note
///
/// The whole note anew: its next version, and the original stays. The same again changes nothing. A supervisor corrects their own.
#[utoipa::path(operation_id = "notes.correct", tag = "followups", params(("note_id" = NoteId, Path, description = "Which note"), Expected), request_body = CorrectNote,
    responses((status = 200, body = NoteView, description = "Its present version")))]
#[put("/contact-notes/{note_id}")]
async fn correct(door: web::Data<Door>, call: Call, path: Path<NoteId>, body: Body<CorrectNote>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body, expected) = (path.get()?, body.get()?, asked.expected()?);
        actions::correct(tx, id, &expected, &body.note.draft())?;
        get_view(tx, id)
    };
    let note = door.write(&call, Capability::NotesCorrect, verb).await?;
    call.answer(note.version, &note)
}

/// One version of a note.
#[derive(Serialize, ToSchema)]
#[schema(as = NoteVersionView)]
struct VersionView {
    /// 1, 2, 3 …
    revision: i32,
    /// Who typed it.
    recorded_by: AccountId,
    recorded_at: Instant,
    /// What it says.
    note: SaidView,
}

/// What a contact note said in each of its versions
///
/// The first first, the present one last; nothing is ever overwritten.
#[utoipa::path(operation_id = "notes.versions", tag = "followups", params(("note_id" = NoteId, Path, description = "Which note")),
    responses((status = 200, body = List<VersionView>, description = "All of them, in one page")))]
#[get("/contact-notes/{note_id}/versions")]
async fn versions(door: web::Data<Door>, call: Call, path: Path<NoteId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let id = path.get()?;
        tx.saw(id);
        let all = actions::versions(tx, id)?;
        let view = |(version, said): (super::model::Version, Said)| VersionView {
            revision: version.revision,
            recorded_by: version.recorded_by,
            recorded_at: version.recorded_at,
            note: said_view(tx, said, None),
        };
        Ok(Paged::all(all.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::NotesVersions, look_up).await?)
}
