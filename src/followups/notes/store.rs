//! Contact notes and their versions as rows.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{Contact, Content, Note, NoteKind, Outcome, Said, Version};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AgencyId, CaseId, MatchId, NoteId, PersonId, RowId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::save_over;
use crate::schema::{accounts, agencies, contact_notes as notes, note_people, note_versions as versions};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notes, treat_none_as_default_value = false)]
struct Row {
    id: NoteId,
    case_id: CaseId,
    match_id: Option<MatchId>,
    kind: NoteKind,
    outcome: Outcome,
    happened_at: Instant,
    with_staff: bool,
    with_person: bool,
    done_by: AccountId,
    recorded_by: AccountId,
    recorded_at: Instant,
    step_on: Option<NaiveDate>,
    step_owner_id: Option<AccountId>,
    revision: i32,
    changed_at: Instant,
    version: i64,
}

impl From<Row> for Note {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            case: row.case_id,
            matched: row.match_id,
            kind: row.kind,
            outcome: row.outcome,
            happened_at: row.happened_at,
            with_staff: row.with_staff,
            with_person: row.with_person,
            done_by: row.done_by,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
            step_on: row.step_on,
            step_owner: row.step_owner_id,
            revision: row.revision,
            changed_at: row.changed_at,
            version: row.version,
        }
    }
}

/// What the caller may see: bars taken off, by the case and by each person; without full reach only notes about the matches they are
/// related to, which are support contacts and supervision.
fn visible(tx: &Tx<'_>) -> notes::BoxedQuery<'static, MultiBackend> {
    let barred = note_people::table.filter(note_people::note_id.eq(notes::id)).filter(note_people::person_id.eq_any(tx.barred()));
    let query = notes::table.filter(notes::case_id.ne_all(tx.barred())).filter(not(exists(barred))).into_boxed();
    if tx.reaches(Reach::All) { query } else { query.filter(notes::match_id.assume_not_null().eq_any(tx.related())) }
}

/// A note the caller may see.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: NoteId) -> Result<Note> {
    let row: Option<Row> = visible(tx).filter(notes::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.map(Note::from).ok_or_else(|| Code::NotFound.into())
}

/// Which notes are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// With this person.
    pub person: Option<PersonId>,
    /// About this match.
    pub matched: Option<MatchId>,
    /// Of this kind.
    pub kind: Option<NoteKind>,
    /// That went like this.
    pub outcome: Option<Outcome>,
    /// Of a contact at this moment or later.
    pub from: Option<Instant>,
    /// Of a contact before this moment.
    pub until: Option<Instant>,
}

/// One page of the notes a caller may see, the latest contact first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, NoteId)>, fetch: i64) -> Result<Vec<Note>> {
    let mut query = visible(tx);
    // Who is behind a label is told by no filter, as with matches.
    if (filter.case.is_some() || filter.person.is_some()) && !tx.reaches(Reach::All) {
        query = query.filter(notes::match_id.assume_not_null().eq_any(tx.running()));
    }
    if let Some(case) = filter.case {
        query = query.filter(notes::case_id.eq(case));
    }
    if let Some(person) = filter.person {
        let with = note_people::table.filter(note_people::person_id.eq(person)).select(note_people::note_id);
        query = query.filter(notes::id.eq_any(with));
    }
    if let Some(matched) = filter.matched {
        query = query.filter(notes::match_id.eq(matched));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(notes::kind.eq(kind));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(notes::outcome.eq(outcome));
    }
    if let Some(from) = filter.from {
        query = query.filter(notes::happened_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(notes::happened_at.lt(until));
    }
    if let Some((at, id)) = after {
        query = query.filter(notes::happened_at.lt(at).or(notes::happened_at.eq(at).and(notes::id.lt(id))));
    }
    let order = (notes::happened_at.desc(), notes::id.desc());
    let rows: Vec<Row> = query.order(order).limit(fetch).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Note::from).collect())
}

/// A note for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: NoteId) -> Result<Option<Note>> {
    let row: Option<Row> = notes::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Note::from))
}

/// The held support contacts and supervisions of a match, in their order.
pub fn fact_contacts(tx: &mut Tx<'_>, matched: MatchId) -> Result<Vec<Contact>> {
    let rows: Vec<(Instant, bool, bool)> = notes::table
        .filter(notes::match_id.eq(matched))
        .filter(notes::kind.eq_any(NoteKind::OF_MATCH.to_vec()))
        .filter(notes::outcome.eq(Outcome::Held))
        .order((notes::happened_at, notes::id))
        .select((notes::happened_at, notes::with_staff, notes::with_person))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(at, staff, person)| Contact { at, staff, person }).collect())
}

/// The only person a note is with; `None`: nobody, or several.
pub fn fact_only_person(tx: &mut Tx<'_>, id: NoteId) -> Result<Option<PersonId>> {
    let people: Vec<PersonId> =
        note_people::table.filter(note_people::note_id.eq(id)).limit(2).select(note_people::person_id).load(tx.db())?;
    Ok(match people.as_slice() {
        [person] => Some(*person),
        _ => None,
    })
}

/// Whether there is such an account.
pub(in crate::followups) fn fact_is_account(tx: &mut Tx<'_>, id: AccountId) -> Result<bool> {
    Ok(diesel::select(exists(accounts::table.find(id))).get_result(tx.db())?)
}

/// Whether there is such an agency.
pub(super) fn fact_is_agency(tx: &mut Tx<'_>, id: AgencyId) -> Result<bool> {
    Ok(diesel::select(exists(agencies::table.find(id))).get_result(tx.db())?)
}

/// Writes a new note with its first version.
pub(super) fn insert(tx: &mut Tx<'_>, note: &Note, said: &Said) -> Result<()> {
    let row = Row {
        id: note.id,
        case_id: note.case,
        match_id: note.matched,
        kind: note.kind,
        outcome: note.outcome,
        happened_at: note.happened_at,
        with_staff: note.with_staff,
        with_person: note.with_person,
        done_by: note.done_by,
        recorded_by: note.recorded_by,
        recorded_at: note.recorded_at,
        step_on: note.step_on,
        step_owner_id: note.step_owner,
        revision: note.revision,
        changed_at: note.changed_at,
        version: note.version,
    };
    diesel::insert_into(notes::table).values(&row).execute(tx.db())?;
    insert_version(tx, note, said)
}

/// Saves the next version of a note over the version it was read at.
pub(super) fn save(tx: &mut Tx<'_>, note: &Note, said: &Said) -> Result<()> {
    let changes = (
        notes::kind.eq(note.kind),
        notes::outcome.eq(note.outcome),
        notes::happened_at.eq(note.happened_at),
        notes::with_staff.eq(note.with_staff),
        notes::with_person.eq(note.with_person),
        notes::done_by.eq(note.done_by),
        notes::step_on.eq(note.step_on),
        notes::step_owner_id.eq(note.step_owner),
        notes::revision.eq(note.revision),
        notes::changed_at.eq(note.changed_at),
    );
    save_over!(tx.db(), notes, note, changes)?;
    insert_version(tx, note, said)
}

fn insert_version(tx: &mut Tx<'_>, note: &Note, said: &Said) -> Result<()> {
    let (id, holder): (RowId, _) = (tx.new_id(), Holder::case(note.case));
    let text =
        |tx: &mut Tx<'_>, column, text: &Option<Text>| text.as_ref().map(|text| tx.seal(holder, place(column, id), text)).transpose();
    let (facts, assessment) = (text(tx, "facts", &said.facts)?, text(tx, "assessment", &said.assessment)?);
    let content = tx.seal(holder, place("content", id), &said.content)?;
    let by = tx.account()?;
    diesel::insert_into(versions::table)
        .values((
            versions::id.eq(id),
            versions::note_id.eq(note.id),
            versions::revision.eq(note.revision),
            versions::content.eq(&content),
            versions::facts.eq(&facts),
            versions::assessment.eq(&assessment),
            versions::recorded_by.eq(by),
            versions::recorded_at.eq(note.changed_at),
        ))
        .execute(tx.db())?;
    diesel::delete(note_people::table.filter(note_people::note_id.eq(note.id))).execute(tx.db())?;
    for person in &said.content.persons {
        diesel::insert_into(note_people::table)
            .values((note_people::note_id.eq(note.id), note_people::person_id.eq(*person)))
            .execute(tx.db())?;
        tx.changed(*person);
    }
    tx.changed(note.id);
    tx.changed(note.case);
    Ok(())
}

const fn place(column: &'static str, id: RowId) -> Place {
    Place::new("note_versions", column, id)
}

type VersionRow = (RowId, i32, Sealed<Content>, Option<Sealed<Text>>, Option<Sealed<Text>>, AccountId, Instant);

/// The versions of a note, the first first. The caller must have been shown the note.
pub(super) fn list_versions(tx: &mut Tx<'_>, id: NoteId) -> Result<Vec<Version>> {
    use versions as v;
    let rows: Vec<VersionRow> = v::table
        .filter(v::note_id.eq(id))
        .order(v::revision)
        .select((v::id, v::revision, v::content, v::facts, v::assessment, v::recorded_by, v::recorded_at))
        .load(tx.db())?;
    Ok(rows.into_iter().map(version).collect())
}

/// The present version of a note. The caller must have been shown the note.
pub(super) fn get_present(tx: &mut Tx<'_>, note: &Note) -> Result<Version> {
    use versions as v;
    let row: Option<VersionRow> = v::table
        .filter(v::note_id.eq(note.id))
        .filter(v::revision.eq(note.revision))
        .select((v::id, v::revision, v::content, v::facts, v::assessment, v::recorded_by, v::recorded_at))
        .first(tx.db())
        .optional()?;
    row.map(version).ok_or_else(|| Code::NotFound.into())
}

fn version((id, revision, content, facts, assessment, recorded_by, recorded_at): VersionRow) -> Version {
    Version { id, revision, content, facts, assessment, recorded_by, recorded_at }
}

/// What a version says, opened: notes every person of the case for the journal.
pub(super) fn open(tx: &mut Tx<'_>, case: CaseId, version: &Version) -> Result<Said> {
    let holder = Holder::case(case);
    let content = tx.open(holder, place("content", version.id), &version.content)?;
    let facts = version.facts.as_ref().map(|text| tx.open(holder, place("facts", version.id), text)).transpose()?;
    let assessment = version.assessment.as_ref().map(|text| tx.open(holder, place("assessment", version.id), text)).transpose()?;
    Ok(Said { content, facts, assessment })
}
