//! Entering and ending bars.

use std::collections::BTreeSet;
use std::iter::once;

use super::model::{Bar, BarCause, BarFilter, BarWarning, ByAge};
use super::store;
use crate::access::accounts::accounts_with;
use crate::access::store::{end_by_cause, end_by_cause_to, related_accounts};
use crate::access::{RelationKind, Role, Tx};
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::{Page, Paged};
use crate::base::ids::{AccountId, AnyId, EnquiryId, PersonId, RelationId, StaffId};
use crate::base::value::Flaw;
use crate::facts::Fact;
use crate::journal::{Subject, SubjectKind};

/// Bars an account from a person, from every case of that person with its enquiries, and from every enquiry about them, from its next request
/// on. Where a member of staff has another account by now, that one, too.
///
/// # Errors
/// 422 for an unknown account or a person the actor cannot see; 409 when the bar stands already.
pub fn bar(tx: &mut Tx<'_>, account: AccountId, person: PersonId, cause: BarCause) -> Result<RelationId> {
    if !store::is_account(tx, account)? {
        return Err(invalid("/account_id", Flaw::Unknown, "Kontoen findes ikke", "The account does not exist"));
    }
    if !store::is_person(tx, person)? || tx.is_barred(&[person.cast()])? {
        return Err(invalid("/person_id", Flaw::Unknown, "Personen findes ikke", "The person does not exist"));
    }
    let standing = store::standing_on(tx, person)?.into_iter().find(|bar| bar.account == account && bar.subject == person.into());
    if let Some(standing) = standing {
        return Err(Problem::new(Code::AlreadyExists).blocked_by("bar", standing.id.uuid()).into());
    }
    enter(tx, account, person.into(), cause)
}

/// Bars an account from an enquiry before anybody knows whom it is about, and from whoever that turns out to be. Told twice, it is entered
/// once.
///
/// # Errors
/// The database's.
pub fn bar_at_intake(tx: &mut Tx<'_>, account: AccountId, enquiry: EnquiryId, cause: BarCause) -> Result<()> {
    if store::standing_on(tx, enquiry)?.iter().any(|bar| bar.account == account) {
        return Ok(());
    }
    enter(tx, account, enquiry.into(), cause).map(drop)
}

/// A member of staff signs in with another account (`to`): what their former one is barred from, or all that they had where they had none by now
/// (`from`), that one is, too, and the former stays so. Again changes nothing.
///
/// # Errors
/// The database's.
pub fn take_along(tx: &mut Tx<'_>, staff: StaffId, from: Option<AccountId>, to: AccountId) -> Result<()> {
    let sources = match from {
        Some(from) => vec![(from, None)],
        None => store::accounts_of(tx, Some(staff))?.into_iter().map(|(_, account, until)| (account, until)).collect(),
    };
    let mut bars = Vec::new();
    for (account, until) in sources {
        let theirs = store::standing_for(tx, account)?.into_iter().filter(|bar| until.is_none_or(|until| bar.from_at < until));
        bars.extend(theirs.map(|bar| (bar.subject, bar.cause)));
    }
    enter_missing(tx, to, &bars)
}

/// Enters a bar for an account and, since it is about whose that is or last was, for the one that they have instead.
fn enter(tx: &mut Tx<'_>, account: AccountId, subject: Subject, cause: BarCause) -> Result<RelationId> {
    let id = enter_for(tx, account, subject, cause)?;
    for present in store::successors_of(tx, account)? {
        enter_missing(tx, present, &[(subject, cause)])?;
    }
    Ok(id)
}

/// Enters for an account those of these bars that do not stand for it, each subject once.
fn enter_missing(tx: &mut Tx<'_>, account: AccountId, bars: &[(Subject, BarCause)]) -> Result<()> {
    let mut barred: BTreeSet<Subject> = store::standing_for(tx, account)?.into_iter().map(|bar| bar.subject).collect();
    for (subject, cause) in bars {
        if barred.insert(*subject) {
            enter_for(tx, account, *subject, *cause)?;
        }
    }
    Ok(())
}

fn enter_for(tx: &mut Tx<'_>, account: AccountId, subject: Subject, cause: BarCause) -> Result<RelationId> {
    let bar = Bar { id: tx.new_id(), account, subject, cause, from_at: tx.now, until_at: None };
    spread(tx, &bar)?;
    tx.changed(account);
    tx.changed(subject);
    Ok(bar.id)
}

/// A bar covers what it is on and every case and enquiry of whom that is about, and nothing else. Again changes nothing.
fn spread(tx: &mut Tx<'_>, bar: &Bar) -> Result<()> {
    let (now, reach, covered) = (tx.now, store::reach_of(tx, bar.subject)?, store::covered(tx, bar.id)?);
    let former: Vec<AnyId> = covered.iter().copied().filter(|id| reach.iter().all(|subject| subject.id != *id)).collect();
    widen(tx, bar, &covered, &reach)?;
    if !former.is_empty() {
        end_by_cause_to(tx, RelationKind::Bar, bar.id.cast(), &former, now)?;
        tx.tell(Fact::RightsRegained { account: bar.account });
    }
    Ok(())
}

/// A bar covers these, too.
fn widen(tx: &mut Tx<'_>, bar: &Bar, covered: &[AnyId], files: &[Subject]) -> Result<()> {
    let added: Vec<Subject> = files.iter().filter(|file| !covered.contains(&file.id)).copied().collect();
    for file in &added {
        store::cover(tx, bar, *file)?;
    }
    if !added.is_empty() {
        tx.tell(Fact::RightsLost { account: bar.account });
    }
    Ok(())
}

/// Somebody said, or corrected, whom an enquiry is about: the bars on it and on that person cover what they should by now, and let go of
/// whom it is not about. Again changes nothing.
///
/// # Errors
/// The database's.
pub fn agree(tx: &mut Tx<'_>, enquiry: EnquiryId, person: PersonId) -> Result<()> {
    for bar in [store::standing_on(tx, enquiry)?, store::standing_on(tx, person)?].concat() {
        spread(tx, &bar)?;
    }
    Ok(())
}

/// A person never stood in a case to which they had been added: the bars on them let go of it, and of its enquiries. Again changes nothing.
///
/// # Errors
/// The database's.
pub fn agree_for(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    store::standing_on(tx, person)?.iter().try_for_each(|bar| spread(tx, bar))
}

/// A person came into another case or enquiry: whoever is barred from the person is barred from it, too, and from a case's enquiries. Again
/// changes nothing.
///
/// # Errors
/// The database's.
pub fn extend(tx: &mut Tx<'_>, person: PersonId, file: impl Into<Subject>) -> Result<()> {
    let file = file.into();
    let bars = store::standing_on(tx, person)?;
    if bars.is_empty() {
        return Ok(());
    }
    let enquiries = if file.kind == SubjectKind::Case { store::enquiries_of(tx, &[file.id.cast()])? } else { Vec::new() };
    let files: Vec<Subject> = once(file).chain(enquiries.into_iter().map(Subject::from)).collect();
    for bar in bars {
        let covered = store::covered(tx, bar.id)?;
        widen(tx, &bar, &covered, &files)?;
    }
    Ok(())
}

/// A bar, right after it was entered: also for whoever barred themselves, and then never again.
///
/// # Errors
/// 404 for whoever is barred from whom or what it is on by now.
pub(super) fn get_entered(tx: &mut Tx<'_>, id: RelationId) -> Result<Bar> {
    let bar = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if bar.from_at != tx.now && tx.is_barred(&[bar.subject.id])? {
        return Err(Code::NotFound.into());
    }
    tx.saw(bar.subject);
    Ok(bar)
}

/// What a bar brings with it: an open case of the person that is nobody's any more. A bar is never refused for it, or the last coordinator could
/// not enter their own record.
///
/// # Errors
/// The database's.
pub(super) fn warnings(tx: &mut Tx<'_>, bar: &Bar) -> Result<Vec<BarWarning>> {
    if bar.subject.kind != SubjectKind::Person {
        return Ok(Vec::new());
    }
    let (now, coordinators) = (tx.now, accounts_with(tx, Role::Coordinator)?);
    for case in store::open_cases_of(tx, bar.subject.id.cast())? {
        let barred = related_accounts(tx, RelationKind::Bar, case, now)?;
        if coordinators.iter().all(|account| barred.contains(account)) {
            return Ok(vec![BarWarning::NobodyLeft]);
        }
    }
    Ok(Vec::new())
}

/// A bar.
///
/// # Errors
/// 404, also for every bar on whom or what the actor is barred from.
pub(super) fn get(tx: &mut Tx<'_>, id: RelationId) -> Result<Bar> {
    let bar = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if tx.is_barred(&[bar.subject.id])? {
        return Err(Code::NotFound.into());
    }
    tx.saw(bar.subject);
    Ok(bar)
}

/// A page of bars, oldest first; without those on whom or what the actor is barred from.
pub(super) fn list(tx: &mut Tx<'_>, filter: &BarFilter, page: &Page<ByAge>) -> Result<Paged<Bar>> {
    let bars = store::list(tx, filter, page)?;
    for bar in &bars.items {
        tx.saw(bar.subject);
    }
    Ok(bars)
}

/// Ends a bar and all it covers. Again changes nothing.
///
/// # Errors
/// 404, also for every bar on what the actor is barred from: so for all of one's own.
pub(super) fn end(tx: &mut Tx<'_>, id: RelationId) -> Result<RelationId> {
    let bar = store::find(tx, id)?.ok_or(Code::NotFound)?;
    if tx.is_barred(&[bar.subject.id])? || tx.actor.account == Some(bar.account) {
        return Err(Code::NotFound.into());
    }
    tx.seen_at(bar.version());
    let now = tx.now;
    end_by_cause(tx, RelationKind::Bar, id.cast(), now)?;
    tx.changed(bar.account);
    tx.changed(bar.subject);
    tx.tell(Fact::RightsRegained { account: bar.account });
    Ok(id)
}
