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
use crate::schema::{accounts, agencies, contact_notes as notes, note_people, note_versions as versions};
use crate::{row, save_over};

row! {
    Row of Note in notes {
        id: NoteId,
        case: CaseId = case_id,
        matched: Option<MatchId> = match_id,
        kind: NoteKind,
        outcome: Outcome,
        happened_at: Instant,
        with_staff: bool,
        with_person: bool,
        done_by: AccountId,
        recorded_by: AccountId,
        recorded_at: Instant,
        step_on: Option<NaiveDate>,
        step_owner: Option<AccountId> = step_owner_id,
        revision: i32,
        changed_at: Instant,
        version: i64,
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
    visible(tx).filter(notes::id.eq(id)).select(Note::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
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
    Ok(query.order(order).limit(fetch).select(Note::as_select()).load(tx.db())?)
}

/// A note for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: NoteId) -> Result<Option<Note>> {
    Ok(notes::table.find(id).select(Note::as_select()).first(tx.db()).optional()?)
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
    diesel::insert_into(notes::table).values(Row::from(*note)).execute(tx.db())?;
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

row! {
    VersionRow of Version in versions {
        id: RowId,
        revision: i32,
        content: Sealed<Content>,
        facts: Option<Sealed<Text>>,
        assessment: Option<Sealed<Text>>,
        recorded_by: AccountId,
        recorded_at: Instant,
    }
}

/// The versions of a note, the first first. The caller must have been shown the note.
pub(super) fn list_versions(tx: &mut Tx<'_>, id: NoteId) -> Result<Vec<Version>> {
    let query = versions::table.filter(versions::note_id.eq(id)).order(versions::revision);
    Ok(query.select(Version::as_select()).load(tx.db())?)
}

/// The present version of a note. The caller must have been shown the note.
pub(super) fn get_present(tx: &mut Tx<'_>, note: &Note) -> Result<Version> {
    let query = versions::table.filter(versions::note_id.eq(note.id)).filter(versions::revision.eq(note.revision));
    query.select(Version::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// What a version says, opened: notes every person of the case for the journal.
pub(super) fn open(tx: &mut Tx<'_>, case: CaseId, version: &Version) -> Result<Said> {
    let holder = Holder::case(case);
    let content = tx.open(holder, place("content", version.id), &version.content)?;
    let facts = version.facts.as_ref().map(|text| tx.open(holder, place("facts", version.id), text)).transpose()?;
    let assessment = version.assessment.as_ref().map(|text| tx.open(holder, place("assessment", version.id), text)).transpose()?;
    Ok(Said { content, facts, assessment })
}
