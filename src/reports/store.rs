//! The things of a year: narrow columns over a span, in no order; nothing sealed is read.

mod flow;
mod matching;
mod outcome;

use std::collections::{BTreeSet, HashSet};

use super::model::{Family, Ground, Things};
use crate::access::Tx;
use crate::access::store::BarredIds;
use crate::base::error::Result;
use crate::base::ids::PersonId;
use crate::duties;
use crate::people;

/// Whether bars are taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bars {
    /// For numbers: a total is the same for everybody.
    Whole,
    /// For rows: what the caller must not see is not among them.
    TakenOff,
}

impl Bars {
    fn ids(self, tx: &Tx<'_>) -> BarredIds {
        match self {
            Self::Whole => tx.barred_from_nothing(),
            Self::TakenOff => tx.barred(),
        }
    }
}

/// Those of these people whose birth date is on record: of nobody else it is known whether they were adults.
fn dated(tx: &mut Tx<'_>, people: impl Iterator<Item = PersonId>) -> Result<HashSet<PersonId>> {
    let ids: Vec<PersonId> = people.collect::<BTreeSet<_>>().into_iter().collect();
    let met = people::store::list_met(tx, &ids)?;
    Ok(met.into_iter().filter(|(_, met)| met.born_on.is_some()).map(|(id, _)| id).collect())
}

/// What a family's figures are counted from.
pub(super) fn load(tx: &mut Tx<'_>, family: Family, ground: &Ground, bars: Bars) -> Result<Things> {
    Ok(match family {
        Family::Enquiries => Things::Enquiries(flow::enquiries(tx, ground, bars)?),
        Family::CasesStarted => Things::Cases(flow::cases_founded(tx, ground, bars)?),
        Family::CasesOpen => Things::Cases(flow::cases_open(tx, ground, bars)?),
        Family::OffersMade => Things::Offers(flow::offers(tx, ground, bars, flow::Offers::Made)?),
        Family::FirstAnswers => Things::Offers(flow::offers(tx, ground, bars, flow::Offers::FirstAnswered)?),
        Family::FirstOpen => Things::Offers(flow::offers(tx, ground, bars, flow::Offers::FirstOpen)?),
        Family::Reoffers3m => Things::Reoffers(flow::reoffers(tx, ground, bars, duties::Kind::Reoffer3m)?),
        Family::Reoffers6m => Things::Reoffers(flow::reoffers(tx, ground, bars, duties::Kind::Reoffer6m)?),
        Family::CoursesAccepted => Things::Accepted(matching::courses_accepted(tx, ground, bars)?),
        Family::ProposalsAnswered => Things::Proposals(matching::proposals(tx, ground, bars)?),
        Family::Staff => Things::Staff(matching::staff_load(tx, ground)?),
        Family::CoursesActive => Things::Courses(outcome::courses_active(tx, ground, bars)?),
        Family::CoursesEnded => Things::Courses(outcome::courses_ended(tx, ground, bars)?),
        Family::Sessions => Things::Sessions(outcome::sessions(tx, ground, bars)?),
        Family::Followups6m => Things::Followups(outcome::followups(tx, ground, bars, duties::Kind::Followup6m)?),
        Family::Followups12m => Things::Followups(outcome::followups(tx, ground, bars, duties::Kind::Followup12m)?),
    })
}
