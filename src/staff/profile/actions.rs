//! Set what ranks a member of staff.

use super::model::{Profile, ProfileFacts};
use super::{rules, store};
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::http::Expected;
use crate::base::ids::StaffId;
use crate::staff::actions::touch;

/// Puts this profile in the place of what there was. A coordinator does it for everybody, others for themselves.
///
/// # Errors
/// 404, 412, 409 when they left, 422 for a district that does not exist or a limit from nowhere.
pub fn set(tx: &mut Tx<'_>, id: StaffId, expected: &Expected, profile: Profile) -> Result<()> {
    touch(tx, id, expected)?;
    let facts = profile.facts;
    rules::check_place(&tx.programme.pairing, facts.district.as_ref(), facts.travel_limit_km)?;
    let facts = ProfileFacts { traits: facts.traits.tidied(), ..facts };
    store::set(tx, id, &Profile { facts, prefers: profile.prefers })
}
