//! Reporters who said later who they are, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::ReporterId;
use crate::base::vault::{Holder, Place};
use crate::enquiries::model::NewReporter;
use crate::schema::reporters;

/// Says anew who a reporter is. Their account and their receipt stay.
pub fn set(tx: &mut Tx<'_>, id: ReporterId, new: &NewReporter) -> Result<()> {
    let place = Place::new("reporters", "identity", id);
    let identity = new.identity.as_ref().map(|identity| tx.seal(Holder::reporter(id), place, identity)).transpose()?;
    diesel::update(reporters::table.find(id))
        .set((
            reporters::kind.eq(new.kind),
            reporters::agency_id.eq(new.agency),
            reporters::wants_feedback.eq(new.wants_feedback),
            reporters::identity.eq(&identity),
        ))
        .execute(tx.db())?;
    tx.changed(id);
    Ok(())
}
