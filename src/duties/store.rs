//! Promises as rows.

mod barred;
mod changed;
mod which;

pub(super) use barred::list_open_barred;
pub(super) use changed::{close, fact_assigned, file_under, find_closed_by, reopen, set_closed_at, set_owner, set_term};
pub use which::Which;

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::{About, Duty, Kind, Promise, State};
use crate::access::store::BarredIds;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::{Coded, MultiBackend};
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AnyId, CaseId, DutyId, EnquiryId, MatchId, PersonId};
use crate::journal::SubjectKind;
use crate::schema::{duties, matches};
use crate::{among, insert_rows, read_as};

/// Whether a promise is about nothing that is barred: neither the enquiry, nor the case, nor the person. A bar is on nothing else.
#[diesel::dsl::auto_type]
pub(super) fn unbarred(barred: BarredIds) -> _ {
    let enquiry = duties::enquiry_id.is_null().or(duties::enquiry_id.assume_not_null().ne_all(barred));
    let case = duties::case_id.is_null().or(duties::case_id.assume_not_null().ne_all(barred));
    let person = duties::person_id.is_null().or(duties::person_id.assume_not_null().ne_all(barred));
    enquiry.and(case).and(person)
}

/// Open, and found among what is: only what closed was closed at a moment.
#[diesel::dsl::auto_type]
pub(super) fn is_open() -> _ {
    let open: State = State::Open;
    duties::state.eq(open).and(duties::closed_at.is_null())
}

/// Of a match: found by its case, by which promises lie together.
#[diesel::dsl::auto_type]
fn of_match(matched: MatchId) -> _ {
    let its_case = matches::table.find(matched).select(matches::case_id.nullable());
    duties::case_id.eq_any(its_case).and(duties::match_id.eq(matched))
}

/// What the caller may see: bars taken off, and without full reach only what is theirs; of a match what is closed only as long as they run it, and
/// the logs that are owed only as long as they hold the role in which they ran or covered it.
fn visible(tx: &Tx<'_>) -> duties::BoxedQuery<'static, MultiBackend> {
    let query = duties::table.filter(unbarred(tx.barred())).into_boxed();
    if tx.reaches(Reach::All) {
        return query;
    }
    let runs = duties::match_id.is_null().or(duties::match_id.assume_not_null().eq_any(tx.running()));
    let is_kept = duties::match_id.assume_not_null().ne_all(tx.lost()).and(duties::subject_id.ne_all(tx.lost()));
    let is_owed = is_open().and(duties::kind.ne(Kind::LogMissing).or(is_kept));
    query.filter(duties::owner_id.eq(tx.actor.account)).filter(is_owed.or(runs))
}

/// A promise the caller may see.
///
/// # Errors
/// 404 when it does not exist or the caller may not see it: identical.
pub fn get(tx: &mut Tx<'_>, id: DutyId) -> Result<Duty> {
    visible(tx).filter(duties::id.eq(id)).select(Duty::as_select()).first(tx.db()).optional()?.ok_or_else(|| Code::NotFound.into())
}

/// Those of these matches that the caller runs.
pub(super) fn run_among(tx: &mut Tx<'_>, matches: &[MatchId]) -> Result<BTreeSet<MatchId>> {
    if matches.is_empty() {
        return Ok(BTreeSet::new());
    }
    let among = matches::table.filter(matches::id.eq_any(matches.to_vec()));
    let run: Vec<MatchId> = among.filter(matches::id.eq_any(tx.running())).select(matches::id).load(tx.db())?;
    Ok(run.into_iter().collect())
}

/// Which promises are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Where they stand.
    pub state: State,
    /// Whose they are; `Some(None)`: the unit's.
    pub owner: Option<Option<AccountId>>,
    /// About this enquiry.
    pub enquiry: Option<EnquiryId>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// About this person.
    pub person: Option<PersonId>,
    /// About this match.
    pub matched: Option<MatchId>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Due at this moment or later.
    pub due_from: Option<Instant>,
    /// Due before this moment.
    pub due_before: Option<Instant>,
    /// On a list of what to do already, or still to come.
    pub opened: Option<bool>,
    /// After their last moment, or not.
    pub late: Option<bool>,
}

/// One page of the promises the caller may see, the earliest due first: what is late stands on top.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, DutyId)>, fetch: i64) -> Result<Vec<Duty>> {
    let now = tx.now;
    let mut query = match filter.state {
        State::Open => visible(tx).filter(is_open()),
        closed => visible(tx).filter(duties::state.eq(closed)).filter(duties::closed_at.is_not_null()),
    };
    // Which case or enquiry it is they are not told, and no filter tells them.
    if (filter.case.is_some() || filter.enquiry.is_some()) && !tx.reaches(Reach::All) {
        query = query.filter(duties::match_id.assume_not_null().eq_any(tx.running()));
    }
    match filter.owner {
        Some(Some(owner)) => query = query.filter(duties::owner_id.eq(owner)),
        Some(None) => query = query.filter(duties::owner_id.is_null()),
        None => {}
    }
    if let Some(enquiry) = filter.enquiry {
        query = query.filter(duties::enquiry_id.eq(enquiry));
    }
    if let Some(case) = filter.case {
        query = query.filter(duties::case_id.eq(case));
    }
    if let Some(person) = filter.person {
        query = query.filter(duties::person_id.eq(person));
    }
    if let Some(matched) = filter.matched {
        query = query.filter(of_match(matched));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(duties::kind.eq(kind));
    }
    if let Some(moment) = filter.due_from {
        query = query.filter(duties::due_at.ge(moment));
    }
    if let Some(moment) = filter.due_before {
        query = query.filter(duties::due_at.lt(moment));
    }
    match filter.opened {
        Some(true) => query = query.filter(duties::opens_at.le(now)),
        Some(false) => query = query.filter(duties::opens_at.gt(now)),
        None => {}
    }
    match (filter.late, filter.state) {
        (Some(true), State::Open) => query = query.filter(duties::due_at.lt(now)),
        (Some(false), State::Open) => query = query.filter(duties::due_at.ge(now)),
        (Some(true), State::Done) => query = query.filter(duties::closed_at.gt(duties::due_at.nullable())),
        (Some(false), State::Done) => query = query.filter(duties::closed_at.le(duties::due_at.nullable())),
        // What is no longer asked for is never late.
        (Some(true), State::Ended) => return Ok(Vec::new()),
        (Some(false), State::Ended) | (None, _) => {}
    }
    if let Some((at, id)) = after {
        query = query.filter(duties::due_at.gt(at).or(duties::due_at.eq(at).and(duties::id.gt(id))));
    }
    Ok(query.order((duties::due_at, duties::id)).limit(fetch).select(Duty::as_select()).load(tx.db())?)
}

/// A promise as it lies in its table.
#[derive(Queryable, Selectable)]
#[diesel(table_name = duties)]
pub struct Row {
    id: DutyId,
    kind: Kind,
    state: State,
    subject_kind: SubjectKind,
    subject_id: AnyId,
    slot: String,
    enquiry_id: Option<EnquiryId>,
    case_id: Option<CaseId>,
    person_id: Option<PersonId>,
    match_id: Option<MatchId>,
    owner_id: Option<AccountId>,
    from_at: Instant,
    opens_at: Instant,
    due_at: Instant,
    closed_at: Option<Instant>,
    closed_recorded_at: Option<Instant>,
    reason: Option<String>,
    late_told_at: Option<Instant>,
    recorded_at: Instant,
    version: i64,
}

read_as!(Duty, Row);

impl From<Row> for Duty {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            slot: row.slot,
            about: About { enquiry: row.enquiry_id, case: row.case_id, person: row.person_id, matched: row.match_id },
            owner: row.owner_id,
            from_at: row.from_at,
            opens_at: row.opens_at,
            due_at: row.due_at,
            closed_at: row.closed_at,
            closed_recorded_at: row.closed_recorded_at,
            reason: row.reason,
            late_told_at: row.late_told_at,
            recorded_at: row.recorded_at,
            version: row.version,
        }
    }
}

/// The promise of an identity, however it stands.
pub fn find(tx: &mut Tx<'_>, kind: Kind, subject: AnyId, slot: &str) -> Result<Option<Duty>> {
    Ok(duties::table
        .filter(duties::kind.eq(kind))
        .filter(duties::subject_id.eq(subject))
        .filter(duties::slot.eq(slot))
        .select(Duty::as_select())
        .first(tx.db())
        .optional()?)
}

/// A promise by its id, for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: DutyId) -> Result<Option<Duty>> {
    Ok(duties::table.find(id).select(Duty::as_select()).first(tx.db()).optional()?)
}

/// The promises of a kind about a person that are open, or were kept or ended at a moment or later, whatever made them: for a consequence.
pub fn list_since(tx: &mut Tx<'_>, kind: Kind, person: PersonId, since: Instant) -> Result<Vec<Duty>> {
    let of_person = duties::table.filter(duties::person_id.eq(person));
    let stood = of_person.filter(duties::closed_at.is_null().or(duties::closed_at.assume_not_null().ge(since)));
    let mut all: Vec<Duty> = stood.order((duties::due_at, duties::id)).select(Duty::as_select()).load(tx.db())?;
    // Not asked of the database, which might look for the kind by an index of all that ever were of it.
    all.retain(|duty| duty.kind == kind);
    Ok(all)
}

/// Every promise of a kind that a subject ever made, for a consequence.
pub fn list_all(tx: &mut Tx<'_>, kind: Kind, subject: AnyId) -> Result<Vec<Duty>> {
    let of_subject = duties::table.filter(duties::kind.eq(kind)).filter(duties::subject_id.eq(subject));
    Ok(of_subject.order((duties::due_at, duties::id)).select(Duty::as_select()).load(tx.db())?)
}

/// A subject's promises that were kept or ended at exactly this moment, for a consequence. A subject is found with a kind: here with each.
pub(super) fn list_closed_at(tx: &mut Tx<'_>, subject: AnyId, at: Instant) -> Result<Vec<Duty>> {
    let of_subject = duties::table.filter(duties::kind.eq_any(Kind::ALL)).filter(duties::subject_id.eq(subject));
    let closed = of_subject.filter(duties::closed_at.eq(at));
    Ok(closed.order(duties::id).select(Duty::as_select()).load(tx.db())?)
}

/// The promises of a case that ended undone at exactly this moment for one of these reasons, for a consequence.
pub fn list_ended(tx: &mut Tx<'_>, case: CaseId, at: Instant, reasons: &[&str]) -> Result<Vec<Duty>> {
    let ended = duties::table.filter(duties::case_id.eq(case)).filter(duties::state.eq(State::Ended)).filter(duties::closed_at.eq(at));
    let mut all: Vec<Duty> = ended.order((duties::due_at, duties::id)).select(Duty::as_select()).load(tx.db())?;
    all.retain(|duty| duty.reason.as_deref().is_some_and(|reason| reasons.contains(&reason)));
    Ok(all)
}

/// Open promises, the most urgent first.
pub fn list_open(tx: &mut Tx<'_>, which: &Which<'_>) -> Result<Vec<Duty>> {
    let mut query: duties::BoxedQuery<'_, MultiBackend> = duties::table.into_boxed().filter(is_open());
    if let Some(kinds) = which.kinds {
        query = among!(query, duties::kind, kinds);
    }
    if let Some(subject) = which.subject {
        query = query.filter(duties::subject_id.eq(subject));
    }
    if let Some(slot) = which.slot {
        query = query.filter(duties::slot.eq(slot));
    }
    if let Some(case) = which.case {
        query = query.filter(duties::case_id.eq(case));
    }
    if let Some(person) = which.person {
        query = query.filter(duties::person_id.eq(person));
    }
    if let Some(matched) = which.matched {
        query = query.filter(of_match(matched));
    }
    match which.owner {
        Some(Some(owner)) => query = query.filter(duties::owner_id.eq(owner)),
        Some(None) => query = query.filter(duties::owner_id.is_null()),
        None => {}
    }
    Ok(query.order((duties::due_at, duties::id)).select(Duty::as_select()).load(tx.db())?)
}

/// Writes a new promise.
pub(super) fn insert(tx: &mut Tx<'_>, promise: &Promise) -> Result<DutyId> {
    let id: DutyId = tx.new_id();
    insert_all(tx, &[(id, promise)])?;
    Ok(id)
}

/// Writes new promises. The journal names what they are of, as each promise does.
pub(super) fn insert_all(tx: &mut Tx<'_>, all: &[(DutyId, &Promise)]) -> Result<()> {
    let now = tx.now;
    let row = |(id, promise): &(DutyId, &Promise)| {
        let about = promise.about;
        (
            duties::id.eq(*id),
            duties::kind.eq(promise.kind),
            duties::state.eq(State::Open),
            duties::subject_kind.eq(promise.subject.kind),
            duties::subject_id.eq(promise.subject.id),
            duties::slot.eq(promise.slot.clone()),
            duties::enquiry_id.eq(about.enquiry),
            duties::case_id.eq(about.case),
            duties::person_id.eq(about.person),
            duties::match_id.eq(about.matched),
            duties::owner_id.eq(promise.owner),
            duties::from_at.eq(promise.from_at),
            duties::opens_at.eq(promise.opens_at),
            duties::due_at.eq(promise.due_at),
            duties::recorded_at.eq(now),
            duties::version.eq(1_i64),
        )
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    insert_rows!(tx.db(), duties::table, &rows)?;
    all.iter().for_each(|(_, promise)| tx.changed(promise.subject));
    Ok(())
}
