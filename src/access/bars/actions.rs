//! Entering and ending bars; saying who supervises a match.

use super::model::{Bar, BarCause, BarFilter, ByAge};
use super::store;
use crate::access::store::{end_by_cause, grant, is_barred_from, related_accounts, roles_of};
use crate::access::{RelationKind, Role, Tx};
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::{Page, Paged};
use crate::base::ids::{AccountId, MatchId, PersonId, RelationId};
use crate::facts::Fact;
use crate::journal::Subject;

/// Bars an account from a person and from every case and enquiry of that person, from its next request on.
///
/// # Errors
/// 422 for an unknown account or a person the actor cannot see; 409 when the bar stands already.
pub fn bar(tx: &mut Tx<'_>, account: AccountId, person: PersonId, cause: BarCause) -> Result<RelationId> {
    if !store::is_account(tx, account)? {
        return Err(invalid("/account_id", "unknown", "Kontoen findes ikke", "The account does not exist"));
    }
    if !store::is_person(tx, person)? || tx.is_barred(&[person.cast()])? {
        return Err(invalid("/person_id", "unknown", "Personen findes ikke", "The person does not exist"));
    }
    if let Some(standing) = store::standing_on(tx, person)?.into_iter().find(|bar| bar.account == account) {
        return Err(Problem::new(Code::AlreadyExists).blocked_by("bar", standing.id.uuid()).into());
    }
    let bar = Bar { id: tx.new_id(), account, person, cause, from_at: tx.now, until_at: None };
    store::cover(tx, &bar, person.into())?;
    for file in store::files_of(tx, person)? {
        store::cover(tx, &bar, file)?;
    }
    tx.changed(account);
    tx.changed(person);
    tx.tell(Fact::RightsLost { account });
    Ok(bar.id)
}

/// A person came into another case or enquiry: whoever is barred from the person is barred from it, too. Again changes nothing.
///
/// # Errors
/// The database's.
pub fn extend(tx: &mut Tx<'_>, person: PersonId, file: impl Into<Subject>) -> Result<()> {
    let file = file.into();
    for bar in store::standing_on(tx, person)? {
        if !store::covers(tx, bar.id, file.id)? {
            store::cover(tx, &bar, file)?;
            tx.tell(Fact::RightsLost { account: bar.account });
        }
    }
    Ok(())
}

/// A bar, right after it was entered: also for whoever barred themselves, and then never again.
///
/// # Errors
/// 404 for whoever is barred from the person by now.
pub(super) fn get_entered(tx: &mut Tx<'_>, id: RelationId) -> Result<Bar> {
    let bar = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if bar.from_at != tx.now && tx.is_barred(&[bar.person.cast()])? {
        return Err(Code::NotFound.into());
    }
    tx.saw(bar.person);
    Ok(bar)
}

/// A bar.
///
/// # Errors
/// 404, also for every bar on a person from whom the actor is barred.
pub(super) fn get(tx: &mut Tx<'_>, id: RelationId) -> Result<Bar> {
    let bar = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if tx.is_barred(&[bar.person.cast()])? {
        return Err(Code::NotFound.into());
    }
    tx.saw(bar.person);
    Ok(bar)
}

/// A page of bars, oldest first; without those on persons the actor is barred from.
pub(super) fn list(tx: &mut Tx<'_>, filter: &BarFilter, page: &Page<ByAge>) -> Result<Paged<Bar>> {
    let bars = store::list(tx, filter, page)?;
    for bar in &bars.items {
        tx.saw(bar.person);
    }
    Ok(bars)
}

/// Ends a bar and all it covers. Again changes nothing.
///
/// # Errors
/// 404, also for every bar on a person from whom the actor is barred: so for all of one's own.
pub(super) fn end(tx: &mut Tx<'_>, id: RelationId) -> Result<RelationId> {
    let bar = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if tx.is_barred(&[bar.person.cast()])? || tx.actor.account == Some(bar.account) {
        return Err(Code::NotFound.into());
    }
    let now = tx.now;
    end_by_cause(tx, RelationKind::Bar, id.cast(), now)?;
    tx.changed(bar.account);
    tx.changed(bar.person);
    tx.tell(Fact::RightsRegained { account: bar.account });
    Ok(id)
}

/// Gives a match to one supervisor from now on, or to nobody.
///
/// # Errors
/// 404 for a match the actor cannot see; 422 for an account that is no supervisor or is barred from the match's person.
pub(super) fn supervise(tx: &mut Tx<'_>, matched: MatchId, supervisor: Option<AccountId>) -> Result<MatchId> {
    let person = find_person(tx, matched)?;
    let now = tx.now;
    if let Some(account) = supervisor {
        if is_barred_from(tx, account, &[person.cast()])? || !roles_of(tx.db(), account, now)?.contains(&Role::Supervisor) {
            return Err(invalid(
                "/account_id",
                "not_eligible",
                "Kontoen kan ikke supervisere matchet",
                "The account cannot supervise the match",
            ));
        }
        if find_supervisor(tx, matched)? == supervisor {
            return Ok(matched);
        }
    }
    end_by_cause(tx, RelationKind::Supervises, matched.cast(), now)?;
    if let Some(account) = supervisor {
        give_supervision(tx, account, matched)?;
    }
    tx.changed(matched);
    Ok(matched)
}

/// Gives a match that nobody supervises to a supervisor, from now on.
///
/// # Errors
/// The database's.
pub fn give_supervision(tx: &mut Tx<'_>, account: AccountId, matched: MatchId) -> Result<()> {
    let now = tx.now;
    grant(tx, account, RelationKind::Supervises, matched, now, "supervision", Some(matched.cast()))
}

/// Who supervises a match now, for a rule.
///
/// # Errors
/// The database's.
pub fn find_supervisor(tx: &mut Tx<'_>, matched: MatchId) -> Result<Option<AccountId>> {
    let now = tx.now;
    Ok(related_accounts(tx, RelationKind::Supervises, matched, now)?.first().copied())
}

/// The person of a match that the actor is not barred from.
fn find_person(tx: &mut Tx<'_>, matched: MatchId) -> Result<PersonId> {
    let (person, case) = store::find_match(tx, matched)?.ok_or(Code::NotFound)?;
    if tx.is_barred(&[person.cast(), case.cast()])? {
        return Err(Code::NotFound.into());
    }
    Ok(person)
}

/// Who supervises a match now.
///
/// # Errors
/// 404 for a match the actor cannot see.
pub(super) fn get_supervisor(tx: &mut Tx<'_>, matched: MatchId) -> Result<(MatchId, Option<AccountId>)> {
    find_person(tx, matched)?;
    Ok((matched, find_supervisor(tx, matched)?))
}
