//! What a side gave as its reason, talks before somebody else is proposed, and what was done at the end, as rows.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::Result;
use crate::base::ids::{AccountId, CaseId, MatchId, PersonId, StaffId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::matching::model::{DeclineReason, EndStep, Given, Match, RepairOutcome, Side, Talk};
use crate::schema::{match_answers as a, match_end_steps as e, matches as m, repair_talks as r};

/// What each side gave with its answer.
///
/// # Errors
/// The database's.
pub fn given(tx: &mut Tx<'_>, id: MatchId, side: Side) -> Result<Given> {
    let found: Option<(Option<DeclineReason>, Option<bool>)> =
        a::table.find((id, side == Side::Staff)).select((a::decline_reason, a::knows_person)).first(tx.db()).optional()?;
    Ok(found.map_or_else(Given::default, |(reason, knows_person)| Given { reason, knows_person }))
}

/// Writes what a side gave with its answer, if it gave anything, in the place of what it gave with one before.
pub(in crate::matching) fn set_given(tx: &mut Tx<'_>, id: MatchId, side: Side, given: Given) -> Result<()> {
    diesel::delete(a::table.find((id, side == Side::Staff))).execute(tx.db())?;
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

/// The talk after a match, where there was one: what came of it, when, and what was said; opened.
///
/// # Errors
/// The database's and the vault's.
pub fn find_talk(tx: &mut Tx<'_>, matched: &Match) -> Result<Option<Talk>> {
    let found: Option<(RepairOutcome, Instant, Sealed<Option<Text>>)> =
        r::table.find(matched.id).select((r::outcome, r::held_at, r::words)).first(tx.db()).optional()?;
    let Some((outcome, held_at, words)) = found else { return Ok(None) };
    Ok(Some(Talk { outcome, held_at, words: tx.open(Holder::person(matched.person), repair(matched.id), &words)? }))
}

/// Those of these matches after which there was a talk, or that it could not be had is on record; for a rule.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn list_repaired(tx: &mut Tx<'_>, of: &[MatchId]) -> Result<HashSet<MatchId>> {
    let mut all = HashSet::new();
    for chunk in of.chunks(IDS_MOST) {
        let ids: Vec<MatchId> = r::table.filter(r::match_id.eq_any(chunk.to_vec())).select(r::match_id).load(tx.db())?;
        all.extend(ids);
    }
    Ok(all)
}

const fn repair(id: MatchId) -> Place {
    Place { table: "repair_talks", column: "words", row: id.cast() }
}

/// Who said of whom that they know them: the member of staff, the person, and the case it was said in. Of these people, or of everybody; for a rule.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn list_known(tx: &mut Tx<'_>, people: Option<&[PersonId]>) -> Result<Vec<(StaffId, PersonId, CaseId)>> {
    let mut query = a::table
        .inner_join(m::table.on(m::id.eq(a::match_id)))
        .filter(a::knows_person.eq(true).or(a::decline_reason.eq(DeclineReason::KnowsThem)))
        .select((m::staff_id, m::person_id, m::case_id))
        .into_boxed();
    if let Some(people) = people {
        query = query.filter(m::person_id.eq_any(people.to_vec()));
    }
    Ok(query.load(tx.db())?)
}

/// A person's address became protected: that somebody found it too far is no longer said.
pub(in crate::matching) fn forget_too_far(tx: &mut Tx<'_>, matches: &[MatchId]) -> Result<()> {
    let theirs = a::table.filter(a::match_id.eq_any(matches.to_vec())).filter(a::decline_reason.eq(DeclineReason::TooFar));
    diesel::update(theirs).set(a::decline_reason.eq(DeclineReason::Other)).execute(tx.db())?;
    Ok(())
}

/// Writes the talk after a match, in the place of what was recorded of it before.
pub(in crate::matching) fn set_talk(tx: &mut Tx<'_>, matched: &Match, talk: &Talk, by: AccountId) -> Result<()> {
    let (id, now) = (matched.id, tx.now);
    let words = tx.seal(Holder::person(matched.person), repair(id), &talk.words)?;
    diesel::delete(r::table.find(id)).execute(tx.db())?;
    diesel::insert_into(r::table)
        .values((
            r::match_id.eq(id),
            r::outcome.eq(talk.outcome),
            r::held_at.eq(talk.held_at),
            r::words.eq(&words),
            r::recorded_by.eq(by),
            r::recorded_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// There was no talk after a match.
pub(in crate::matching) fn delete_talk(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    diesel::delete(r::table.find(id)).execute(tx.db())?;
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
