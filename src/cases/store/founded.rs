//! The founded enquiry behind a case, read from its rows.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::{Error, Result};
use crate::base::ids::{CaseId, EnquiryId};
use crate::cases::model::{CaseKind, Founded, Hours, Joined, Severity, TargetGroup};
use crate::enquiries::model::State as EnquiryState;
use crate::enquiries::{fact_answers, fact_people};
use crate::schema::{cases, enquiries};

#[derive(Queryable, Selectable)]
#[diesel(table_name = enquiries)]
struct Row {
    received_at: Instant,
    decided_at: Option<Instant>,
    decided_recorded_at: Option<Instant>,
    case_kind: Option<CaseKind>,
    target_group: Option<TargetGroup>,
    police_statement_at: Option<Instant>,
    severity: Option<Severity>,
    responsible_authority: Option<String>,
    needs_local_effort: bool,
    case_id: Option<CaseId>,
}

/// What a case takes over from a founded enquiry.
///
/// # Errors
/// A defect when the enquiry is not founded.
pub fn fact(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Founded> {
    let row: Row = enquiries::table.find(enquiry).select(Row::as_select()).first(tx.db())?;
    let subjects = fact_people(tx, enquiry)?;
    let founded = || {
        Some(Founded {
            received_at: row.received_at,
            decided_at: row.decided_at?,
            recorded_at: row.decided_recorded_at?,
            case_kind: row.case_kind?,
            target_group: row.target_group?,
            police_statement_at: row.police_statement_at,
            severity: row.severity?,
            responsible_authority: row.responsible_authority?,
            needs_local_effort: row.needs_local_effort,
            subjects,
            joins: row.case_id,
        })
    };
    founded().ok_or_else(|| Error::internal("a case cannot open: its enquiry is not founded"))
}

/// The enquiry that opened a case; others joined it.
///
/// # Errors
/// The database's.
pub(in crate::cases) fn fact_opener(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<EnquiryId>> {
    let found: Option<Option<EnquiryId>> = cases::table.find(case).select(cases::enquiry_id).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// The concern that opened a case, where it is founded no more or leads to another: the police took it over, or gave it back and it was
/// qualified anew.
///
/// # Errors
/// The database's.
pub(in crate::cases) fn fact_lost_opener(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<EnquiryId>> {
    let Some(opener) = fact_opener(tx, case)? else { return Ok(None) };
    let leads = enquiries::table.filter(enquiries::id.eq(opener)).filter(enquiries::case_id.eq(case));
    let stands = leads.filter(enquiries::state.eq(EnquiryState::Founded));
    let stands: bool = diesel::select(diesel::dsl::exists(stands)).get_result(tx.db())?;
    Ok((!stands).then_some(opener))
}

/// Whether a founded concern that needs a local effort was written down after a moment to join a case.
///
/// # Errors
/// The database's.
pub(in crate::cases) fn fact_needs_since(tx: &mut Tx<'_>, case: CaseId, since: Instant) -> Result<bool> {
    let joined = enquiries::table.filter(enquiries::case_id.eq(case)).filter(enquiries::state.eq(EnquiryState::Founded));
    let needing = joined.filter(enquiries::decided_recorded_at.gt(since)).filter(enquiries::needs_local_effort.eq(true));
    Ok(diesel::select(diesel::dsl::exists(needing)).get_result(tx.db())?)
}

/// Case, enquiry, its state, received, decided, severity.
type JoinedRow = (CaseId, EnquiryId, EnquiryState, Instant, Option<Instant>, Option<Severity>);

/// The concerns that joined each of these cases, written down no later than its referral.
///
/// # Errors
/// The database's.
pub fn list_joined(tx: &mut Tx<'_>, ids: &[CaseId]) -> Result<HashMap<CaseId, Vec<Joined>>> {
    let mut all: HashMap<CaseId, Vec<Joined>> = HashMap::new();
    for chunk in ids.chunks(IDS_MOST) {
        let rows: Vec<JoinedRow> = enquiries::table
            .inner_join(cases::table.on(cases::id.nullable().eq(enquiries::case_id)))
            .filter(cases::id.eq_any(chunk.to_vec()))
            .filter(cases::enquiry_id.ne(enquiries::id.nullable()))
            .filter(cases::referred_recorded_at.is_null().or(enquiries::decided_recorded_at.le(cases::referred_recorded_at)))
            .select((cases::id, enquiries::id, enquiries::state, enquiries::received_at, enquiries::decided_at, enquiries::severity))
            .load(tx.db())?;
        let left: Vec<EnquiryId> = rows.iter().filter(|row| row.2 != EnquiryState::Founded).map(|row| row.1).collect();
        let mut answers = fact_answers(tx, &left)?;
        for (case, enquiry, state, received_at, decided_at, severity) in rows {
            let (Some(founded_at), Some(severity)) = (decided_at, severity) else { continue };
            let (hours, answers) = (Hours { received_at, founded_at, severity }, answers.remove(&enquiry).unwrap_or_default());
            all.entry(case).or_default().push(Joined { hours, is_founded: state == EnquiryState::Founded, answers });
        }
    }
    Ok(all)
}

/// Writes which case an enquiry opened.
pub(in crate::cases) fn set_case(tx: &mut Tx<'_>, enquiry: EnquiryId, case: CaseId) -> Result<()> {
    diesel::update(enquiries::table.find(enquiry)).set(enquiries::case_id.eq(Some(case))).execute(tx.db())?;
    Ok(())
}
