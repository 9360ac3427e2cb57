//! What becomes of a case when the police take a concern over.

use super::{alerts, end, referral};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{CaseId, EnquiryId, PersonId};
use crate::cases::model::{CloseReason, Member, POLICE_TOOK_OVER, State};
use crate::cases::store;
use crate::duties::store::Which;
use crate::duties::{self, Kind};
use crate::enquiries::fact_people;

/// What of a case the police take over with a concern.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The case that the concern opened or joined.
    pub case: CaseId,
    /// Whom a concern that only joined the case is about; `None`: all of the case, with the concern that opened it.
    pub people: Option<Vec<PersonId>>,
}

/// What the police take over with a concern, if it was founded.
///
/// # Errors
/// The database's.
pub fn taken(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Option<Taken>> {
    let Some(case) = store::fact_of_enquiry(tx, enquiry)? else { return Ok(None) };
    let has_opened = store::founded::fact_opener(tx, case)? == Some(enquiry);
    let people = if has_opened { None } else { Some(fact_people(tx, enquiry)?) };
    Ok(Some(Taken { case, people }))
}

/// Consequence: the police took over, which leads out of every open state. Call it when offers and courses have ended. It is kept of each of those whom
/// they took, also in a case that was closed before or stays open. A case closes after all that happened in it.
///
/// # Errors
/// The database's.
pub fn take_over(tx: &mut Tx<'_>, taken: &Taken, at: Instant) -> Result<()> {
    let Some(case) = store::fact(tx, taken.case)? else { return Ok(()) };
    for Member { person, .. } in store::fact_members(tx, case.id)? {
        if taken.people.as_ref().is_none_or(|people| people.contains(&person)) {
            store::take_over(tx, case.id, person, at)?;
        }
    }
    // A closed case has none.
    alerts::end_all(tx, case.id, taken.people.as_deref(), at)?;
    if taken.people.is_some() {
        return referral::promise(tx, case.id);
    }
    if case.state != State::Open {
        return Ok(());
    }
    let at = at.max(case.founded_at).max(store::fact_last_end(tx, &case)?.unwrap_or(at));
    duties::actions::end(tx, &Which::case(case.id).kinds(&[Kind::Referral]), at, POLICE_TOOK_OVER)?;
    end(tx, case, CloseReason::TakenOverByPolice, at).map(drop)
}
