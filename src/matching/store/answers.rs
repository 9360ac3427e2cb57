//! What a side gave as its reason, talks before somebody else is proposed, and what was done at the end, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, MatchId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place};
use crate::matching::model::{DeclineReason, EndStep, Given, RepairOutcome, Side};
use crate::schema::{match_answers as a, match_end_steps as e, repair_talks as r};

/// What each side gave with its answer.
///
/// # Errors
/// The database's.
pub fn given(tx: &mut Tx<'_>, id: MatchId, side: Side) -> Result<Given> {
    let found: Option<(Option<DeclineReason>, Option<bool>)> =
        a::table.find((id, side == Side::Staff)).select((a::decline_reason, a::knows_person)).first(tx.db()).optional()?;
    Ok(found.map_or_else(Given::default, |(reason, knows_person)| Given { reason, knows_person }))
}

/// Writes what a side gave with its answer, if it gave anything.
pub(in crate::matching) fn insert_given(tx: &mut Tx<'_>, id: MatchId, side: Side, given: Given) -> Result<()> {
    if given == Given::default() {
        return Ok(());
    }
    diesel::insert_into(a::table)
        .values((
            a::match_id.eq(id),
            a::by_staff.eq(side == Side::Staff),
            a::decline_reason.eq(given.reason),
            a::knows_person.eq(given.knows_person),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// What came of the talk after a match, where there was one.
///
/// # Errors
/// The database's.
pub fn find_repair(tx: &mut Tx<'_>, id: MatchId) -> Result<Option<RepairOutcome>> {
    Ok(r::table.find(id).select(r::outcome).first(tx.db()).optional()?)
}

/// Writes the talk after a match.
pub(in crate::matching) fn insert_repair(
    tx: &mut Tx<'_>,
    id: MatchId,
    person: PersonId,
    outcome: RepairOutcome,
    words: Option<&Text>,
    at: Instant,
    by: AccountId,
) -> Result<()> {
    let now = tx.now;
    let words = tx.seal(Holder::person(person), Place { table: "repair_talks", column: "words", row: id.cast() }, &words.cloned())?;
    diesel::insert_into(r::table)
        .values((
            r::match_id.eq(id),
            r::outcome.eq(outcome),
            r::held_at.eq(at),
            r::words.eq(&words),
            r::recorded_by.eq(by),
            r::recorded_at.eq(now),
        ))
        .execute(tx.db())?;
    tx.changed(id);
    tx.changed(person);
    Ok(())
}

/// What was done of the list that a match leaves, in the list's order.
///
/// # Errors
/// The database's.
pub fn end_steps(tx: &mut Tx<'_>, id: MatchId) -> Result<Vec<EndStep>> {
    let mut steps: Vec<EndStep> = e::table.filter(e::match_id.eq(id)).select(e::step).load(tx.db())?;
    steps.sort_unstable();
    Ok(steps)
}

/// Puts these steps in the place of all there were.
pub(in crate::matching) fn set_end_steps(tx: &mut Tx<'_>, id: MatchId, steps: &[EndStep]) -> Result<()> {
    diesel::delete(e::table.filter(e::match_id.eq(id))).execute(tx.db())?;
    for step in steps {
        diesel::insert_into(e::table).values((e::match_id.eq(id), e::step.eq(step))).execute(tx.db())?;
    }
    Ok(())
}
