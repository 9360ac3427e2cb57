//! Saying who supervises a match, and what ends it by itself.

use super::store::{self, Supervised};
use crate::access::accounts::find_roles;
use crate::access::store::{end_by_cause, end_of_account, grant, is_barred_from, related_accounts};
use crate::access::{RelationKind, Role, Tx};
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{AccountId, MatchId, PersonId};
use crate::base::value::Flaw;
use crate::matching::model::{Match, State};
use crate::matching::{family, rules, store as matches};

/// Gives a match to one supervisor from now on, or to nobody.
///
/// # Errors
/// 404 for a match the actor cannot see; 409 for a supervisor of one that is over; 422 for an account that may not supervise it: closed, no supervisor's, barred from its person or case,
/// that of whoever runs it, or of whoever runs, covers or is proposed for another match of the family.
pub(super) fn supervise(tx: &mut Tx<'_>, id: MatchId, supervisor: Option<AccountId>) -> Result<MatchId> {
    let matched = matches::get(tx, id)?;
    let now = tx.now;
    if let Some(account) = supervisor {
        if matched.state == State::Ended || rules::came_to_nothing(&matched) {
            return Err(Problem::new(Code::WrongState).say("Matchet er slut", "The match is over").into());
        }
        if !may_supervise(tx, account, &matched)? || meets_family(tx, account, id, matched.person)? {
            return Err(invalid(
                "/account_id",
                Flaw::NotEligible,
                "Kontoen kan ikke supervisere matchet",
                "The account cannot supervise the match",
            ));
        }
        if find(tx, &matched)? == supervisor {
            return Ok(id);
        }
    }
    end_by_cause(tx, RelationKind::Supervises, id.cast(), now)?;
    if let Some(account) = supervisor {
        give(tx, account, id)?;
    }
    tx.changed(id);
    tx.changed(matched.person);
    Ok(id)
}

/// Gives a match that nobody supervises to a supervisor, from now on.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn give(tx: &mut Tx<'_>, account: AccountId, matched: MatchId) -> Result<()> {
    let now = tx.now;
    grant(tx, account, (RelationKind::Supervises, Role::Supervisor), matched, now, "supervision", Some(matched.cast()))
}

/// Who supervises a match now; nobody where whoever was given it may not, for as long as that is so.
///
/// # Errors
/// The database's.
pub(in crate::matching) fn find(tx: &mut Tx<'_>, matched: &Match) -> Result<Option<AccountId>> {
    let now = tx.now;
    let Some(given) = related_accounts(tx, RelationKind::Supervises, matched.id, now)?.first().copied() else { return Ok(None) };
    Ok(may_supervise(tx, given, matched)?.then_some(given))
}

/// Whether an account may supervise a match as far as it alone is asked about: it is an open supervisor's, barred from neither person nor case, and
/// does not run the match.
fn may_supervise(tx: &mut Tx<'_>, account: AccountId, matched: &Match) -> Result<bool> {
    let is_supervisor = find_roles(tx, account)?.is_some_and(|roles| roles.contains(&Role::Supervisor));
    let now = tx.now;
    Ok(is_supervisor
        && !is_barred_from(tx, account, &[matched.person.cast(), matched.case.cast()])?
        && !related_accounts(tx, RelationKind::Runs, matched.id, now)?.contains(&account))
}

/// Whether an account runs, covers or is proposed for another match of the family of a match's person.
fn meets_family(tx: &mut Tx<'_>, account: AccountId, matched: MatchId, person: PersonId) -> Result<bool> {
    let met = store::met_in_others(tx, account, matched)?;
    if met.is_empty() {
        return Ok(false);
    }
    let families = family::actions::of(tx, person)?;
    let name = families.name(person);
    Ok(met.into_iter().any(|other| families.name(other) == name))
}

/// Consequence of a tie between two people, of whom this is one, or of a longer grace of a match of theirs: whoever meets one of what is one family
/// by now supervises no other match of it. Told again it changes nothing.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let family = family::actions::of(tx, person)?.people(person);
    let supervised = store::list(tx, Some(&family))?;
    end_of_whoever_meets(tx, supervised)
}

/// Consequence of another account of a member of staff: it meets whom they meet.
///
/// # Errors
/// The database's.
pub fn account_changed(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let people = store::people_of(tx, account)?;
    let mut supervised = store::list(tx, Some(&people))?;
    supervised.retain(|supervised| supervised.account == account);
    end_of_whoever_meets(tx, supervised)
}

fn end_of_whoever_meets(tx: &mut Tx<'_>, supervised: Vec<Supervised>) -> Result<()> {
    let now = tx.now;
    for Supervised { account, matched, person, .. } in supervised {
        if meets_family(tx, account, matched, person)? {
            end_by_cause(tx, RelationKind::Supervises, matched.cast(), now)?;
            tx.changed(matched);
            tx.changed(person);
        }
    }
    Ok(())
}

/// Consequence of an account that was closed, or whose owner is staff no longer: what it supervised, nobody does.
///
/// # Errors
/// The database's.
pub fn supervisor_left(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let now = tx.now;
    end_of_account(tx, account, RelationKind::Supervises, now)
}

/// Who supervises a match now.
///
/// # Errors
/// 404 for a match the actor cannot see.
pub(super) fn get(tx: &mut Tx<'_>, id: MatchId) -> Result<(MatchId, Option<AccountId>)> {
    let matched = matches::get(tx, id)?;
    Ok((id, find(tx, &matched)?))
}
