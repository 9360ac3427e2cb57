//! What the limits look at, read for all of the staff at once.

use diesel::prelude::*;

use super::model::Candidate;
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, CaseId, MatchId, PersonId, StaffId};
use crate::courses::model::Track;
use crate::matching::model::State;
use crate::schema::{matches, relations};
use crate::staff::{self, CertificateKind, Kind};

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
    let kind = match wanted.track {
        Track::Mentor => Kind::Mentor,
        Track::ParentCoach => Kind::ParentCoach,
    };
    let members = staff::store::list_facts(tx, if only.is_some() { None } else { Some(kind) }, only)?;
    let ids: Vec<StaffId> = members.iter().map(|member| member.id).collect();
    let live: Vec<Live> = matches::table
        .filter(matches::staff_id.eq_any(ids))
        .filter(matches::state.eq_any(vec![State::Proposed, State::Running]))
        .select(Live::as_select())
        .load(tx.db())?;
    let barred = barred_accounts(tx, &[wanted.case.cast(), wanted.person.cast()])?;

    let mut candidates = Vec::new();
    for member in members {
        let own: Vec<&Live> = live.iter().filter(|live| live.staff_id == member.id && Some(live.id) != wanted.but).collect();
        let protecting = member.certificates.iter().filter(|certificate| certificate.kind == CertificateKind::ChildProtection);
        candidates.push(Candidate {
            staff: member.id,
            account: member.account,
            mentor: member.kinds.contains(&Kind::Mentor),
            parent_coach: member.kinds.contains(&Kind::ParentCoach),
            languages: member.languages.iter().map(|tag| tag.as_str().to_owned()).collect(),
            certificates: protecting.map(|certificate| (certificate.issued_on, certificate.valid_until_on)).collect(),
            leaves: member.leaves.iter().map(|leave| (leave.from_on, leave.until_on)).collect(),
            capacity: member.capacity,
            from_on: member.from_on,
            left_on: member.left_on,
            loan_until_on: member.loan_until_on,
            matches: i64::try_from(own.len()).unwrap_or(i64::MAX),
            in_family: own
                .iter()
                .filter(|live| live.case_id == wanted.case && live.person_id != wanted.person)
                .map(|live| live.track)
                .collect(),
            is_proposed: own.iter().any(|live| live.person_id == wanted.person && live.track == wanted.track),
            is_barred: member.account.is_some_and(|account| barred.contains(&account)),
        });
    }
    Ok(candidates)
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
