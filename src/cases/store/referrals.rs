//! What was recorded of referrals before it was put right, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CaseId, RowId};
use crate::base::vault::{Holder, Place, Sealed};
use crate::cases::model::{FormerReferral, ReferralCorrection};
use crate::schema::referral_corrections as c;

const fn place(id: RowId) -> Place {
    Place::new("referral_corrections", "former", id)
}

/// Keeps what was recorded of a case's referral, before it is put right.
pub(in crate::cases) fn insert(tx: &mut Tx<'_>, case: CaseId, former: &FormerReferral) -> Result<()> {
    let (id, now, by): (RowId, _, _) = (tx.new_id(), tx.now, tx.account()?);
    let former = tx.seal(Holder::case(case), place(id), former)?;
    diesel::insert_into(c::table)
        .values((c::id.eq(id), c::case_id.eq(case), c::former.eq(&former), c::recorded_at.eq(now), c::recorded_by.eq(by)))
        .execute(tx.db())?;
    Ok(())
}

type Row = (RowId, Sealed<FormerReferral>, Instant, AccountId);

/// What was recorded of a case's referral before each of its corrections, the first first; opened. The caller must have been shown the case.
pub(in crate::cases) fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<ReferralCorrection>> {
    let query = c::table.filter(c::case_id.eq(case)).order((c::recorded_at, c::id));
    let rows: Vec<Row> = query.select((c::id, c::former, c::recorded_at, c::recorded_by)).load(tx.db())?;
    let opened = rows.into_iter().map(|(id, former, corrected_at, corrected_by)| {
        let former = tx.open(Holder::case(case), place(id), &former)?;
        Ok(ReferralCorrection { former, corrected_at, corrected_by })
    });
    opened.collect()
}
