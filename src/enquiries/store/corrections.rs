//! What is put right of a concern, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CaseId, EnquiryId};
use crate::base::vault::Sealed;
use crate::enquiries::model::{Assessment, CaseKind, Severity, TargetGroup, Urgency};
use crate::schema::{cases, enquiries};

/// Says how soon a concern must be looked at; its step is saved apart.
pub fn set_urgency(tx: &mut Tx<'_>, id: EnquiryId, urgency: Urgency) -> Result<()> {
    diesel::update(enquiries::table.find(id)).set(enquiries::urgency.eq(urgency)).execute(tx.db())?;
    Ok(())
}

/// Takes back what a conclusion said; its step is saved apart.
pub fn clear_conclusion(tx: &mut Tx<'_>, id: EnquiryId) -> Result<()> {
    diesel::update(enquiries::table.find(id))
        .set((
            enquiries::qualification.eq(None::<Sealed<Assessment>>),
            enquiries::case_kind.eq(None::<CaseKind>),
            enquiries::target_group.eq(None::<TargetGroup>),
            enquiries::severity.eq(None::<Severity>),
            enquiries::police_statement_at.eq(None::<Instant>),
            enquiries::responsible_authority.eq(None::<String>),
            enquiries::needs_local_effort.eq(false),
            enquiries::decided_at.eq(None::<Instant>),
            enquiries::decided_recorded_at.eq(None::<Instant>),
            enquiries::decided_by.eq(None::<AccountId>),
            enquiries::case_id.eq(None::<CaseId>),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// When the referral of a case was written down, for a rule. `None`: it is not referred.
///
/// # Errors
/// The database's.
pub fn fact_referred(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<Instant>> {
    let found: Option<Option<Instant>> = cases::table.find(case).select(cases::referred_recorded_at).first(tx.db()).optional()?;
    Ok(found.flatten())
}
