//! What the limits look at, read for all of the staff at once.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::Candidate;
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, CaseId, MatchId, PersonId, StaffId};
use crate::courses::model::Track;
use crate::matching::model::State;
use crate::schema::{matches, relations, staff, staff_certificates, staff_languages, staff_leaves};

/// Whom the candidates are looked at for.
pub struct For {
    /// The case.
    pub case: CaseId,
    /// The person.
    pub person: PersonId,
    /// Mentor or parent coach.
    pub track: Track,
    /// A match whose own proposal does not stand in its way.
    pub but: Option<MatchId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = staff)]
struct Row {
    id: StaffId,
    account_id: Option<AccountId>,
    mentor: bool,
    parent_coach: bool,
    loan_until_on: Option<NaiveDate>,
    capacity: i32,
    from_on: NaiveDate,
    left_on: Option<NaiveDate>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = matches)]
struct Live {
    id: MatchId,
    staff_id: StaffId,
    case_id: CaseId,
    person_id: PersonId,
    track: Track,
}

/// Everybody who was ever on the staff of the track (or the one asked for), by id, with all that the limits ask.
pub fn list(tx: &mut Tx<'_>, wanted: &For, only: Option<StaffId>) -> Result<Vec<Candidate>> {
    let mut query = staff::table.into_boxed();
    query = match (only, wanted.track) {
        (Some(id), _) => query.filter(staff::id.eq(id)),
        (None, Track::Mentor) => query.filter(staff::mentor.eq(true)),
        (None, Track::ParentCoach) => query.filter(staff::parent_coach.eq(true)),
    };
    let rows: Vec<Row> = query.order(staff::id).select(Row::as_select()).load(tx.db())?;
    let ids: Vec<StaffId> = rows.iter().map(|row| row.id).collect();

    let languages: Vec<(StaffId, String)> = staff_languages::table
        .filter(staff_languages::staff_id.eq_any(ids.clone()))
        .select((staff_languages::staff_id, staff_languages::language))
        .order((staff_languages::staff_id, staff_languages::language))
        .load(tx.db())?;
    let certificates: Vec<(StaffId, (NaiveDate, Option<NaiveDate>))> = staff_certificates::table
        .filter(staff_certificates::staff_id.eq_any(ids.clone()))
        .filter(staff_certificates::kind.eq("child_protection"))
        .select((staff_certificates::staff_id, (staff_certificates::issued_on, staff_certificates::valid_until_on)))
        .load(tx.db())?;
    let leaves: Vec<(StaffId, (NaiveDate, NaiveDate))> = staff_leaves::table
        .filter(staff_leaves::staff_id.eq_any(ids.clone()))
        .select((staff_leaves::staff_id, (staff_leaves::from_on, staff_leaves::until_on)))
        .load(tx.db())?;
    let live: Vec<Live> = matches::table
        .filter(matches::staff_id.eq_any(ids))
        .filter(matches::state.eq_any(vec![State::Proposed, State::Running]))
        .select(Live::as_select())
        .load(tx.db())?;
    let barred = barred_accounts(tx, &[wanted.case.cast(), wanted.person.cast()])?;

    let (mut languages, mut certificates, mut leaves) = (grouped(languages), grouped(certificates), grouped(leaves));
    let mut candidates = Vec::new();
    for row in rows {
        let own: Vec<&Live> = live.iter().filter(|live| live.staff_id == row.id && Some(live.id) != wanted.but).collect();
        candidates.push(Candidate {
            staff: row.id,
            account: row.account_id,
            mentor: row.mentor,
            parent_coach: row.parent_coach,
            languages: languages.remove(&row.id).unwrap_or_default(),
            certificates: certificates.remove(&row.id).unwrap_or_default(),
            leaves: leaves.remove(&row.id).unwrap_or_default(),
            capacity: row.capacity,
            from_on: row.from_on,
            left_on: row.left_on,
            loan_until_on: row.loan_until_on,
            matches: i64::try_from(own.len()).unwrap_or(i64::MAX),
            in_family: own
                .iter()
                .filter(|live| live.case_id == wanted.case && live.person_id != wanted.person)
                .map(|live| live.track)
                .collect(),
            is_proposed: own.iter().any(|live| live.person_id == wanted.person && live.track == wanted.track),
            is_barred: row.account_id.is_some_and(|account| barred.contains(&account)),
        });
    }
    Ok(candidates)
}

fn grouped<T>(rows: Vec<(StaffId, T)>) -> BTreeMap<StaffId, Vec<T>> {
    let mut groups: BTreeMap<StaffId, Vec<T>> = BTreeMap::new();
    for (staff, value) in rows {
        groups.entry(staff).or_default().push(value);
    }
    groups
}

/// Who is barred from any of these, now.
fn barred_accounts(tx: &mut Tx<'_>, subjects: &[AnyId]) -> Result<Vec<AccountId>> {
    let now: Instant = tx.now;
    Ok(relations::table
        .filter(relations::kind.eq(RelationKind::Bar))
        .filter(relations::subject_id.eq_any(subjects.to_vec()))
        .filter(relations::from_at.le(now))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(now)))
        .select(relations::account_id)
        .load(tx.db())?)
}
