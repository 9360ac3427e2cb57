//! Who holds custody of whom, as rows.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::calendar::age_on;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::Result;
use crate::base::ids::{PersonId, RowId};
use crate::people::model::{ADULT_AGE, Custody};
use crate::people::store::list_met;
use crate::schema::{custody, people};

type Held = (PersonId, PersonId, Option<NaiveDate>, Option<NaiveDate>);

const HELD: (custody::child_id, custody::holder_id, custody::from_on, custody::until_on) =
    (custody::child_id, custody::holder_id, custody::from_on, custody::until_on);

/// Who holds custody of a child on a date, by id.
pub fn fact_custody(tx: &mut Tx<'_>, child: PersonId, on: NaiveDate) -> Result<Vec<PersonId>> {
    Ok(custody::table
        .filter(custody::child_id.eq(child))
        .filter(custody::from_on.is_null().or(custody::from_on.le(on)))
        .filter(custody::until_on.is_null().or(custody::until_on.gt(on)))
        .order(custody::holder_id)
        .select(custody::holder_id)
        .load(tx.db())?)
}

/// Of whom somebody holds custody on a date, by id.
pub(in crate::people) fn fact_held_by(tx: &mut Tx<'_>, holder: PersonId, on: NaiveDate) -> Result<Vec<PersonId>> {
    Ok(custody::table
        .filter(custody::holder_id.eq(holder))
        .filter(custody::from_on.is_null().or(custody::from_on.le(on)))
        .filter(custody::until_on.is_null().or(custody::until_on.gt(on)))
        .order(custody::child_id)
        .select(custody::child_id)
        .load(tx.db())?)
}

/// Who ever held custody of a child and when, by holder.
///
/// # Errors
/// The database's.
pub fn fact_ever_held(tx: &mut Tx<'_>, child: PersonId) -> Result<Vec<Custody>> {
    let rows: Vec<Held> = custody::table.filter(custody::child_id.eq(child)).order(custody::holder_id).select(HELD).load(tx.db())?;
    Ok(rows.into_iter().map(|(_, holder, from_on, until_on)| Custody { holder, from_on, until_on }).collect())
}

/// As [`fact_ever_held`], of each of these children; a child with nobody is not in it.
///
/// # Errors
/// The database's.
pub fn list_ever_held(tx: &mut Tx<'_>, children: &[PersonId]) -> Result<HashMap<PersonId, Vec<Custody>>> {
    let mut all: HashMap<PersonId, Vec<Custody>> = HashMap::new();
    for chunk in children.chunks(IDS_MOST) {
        let rows: Vec<Held> =
            custody::table.filter(custody::child_id.eq_any(chunk.to_vec())).order(custody::holder_id).select(HELD).load(tx.db())?;
        for (child, holder, from_on, until_on) in rows {
            all.entry(child).or_default().push(Custody { holder, from_on, until_on });
        }
    }
    Ok(all)
}

/// Those of these people of whom no place is told on a date, since it would tell that of a protected address: their own is, or that of somebody who
/// holds custody of them; or that of a child under 18 of whom they hold custody, or who has a custody holder in common with them and both are under
/// 18. Where no birth date is known, somebody is taken for a child.
///
/// # Errors
/// The database's.
pub fn list_protected(tx: &mut Tx<'_>, ids: &[PersonId], on: NaiveDate) -> Result<BTreeSet<PersonId>> {
    let held = |(child, all): (PersonId, Vec<Custody>)| {
        let standing = all.into_iter().filter(move |held| held.is_held_on(on));
        standing.map(move |held| (child, held.holder))
    };
    let holders_of: Vec<(PersonId, PersonId)> = list_ever_held(tx, ids)?.into_iter().flat_map(held).collect();
    let homes: BTreeSet<PersonId> = ids.iter().copied().chain(holders_of.iter().map(|(_, holder)| *holder)).collect();
    let homes: Vec<PersonId> = homes.into_iter().collect();
    let children_of = list_children(tx, &homes, on)?;
    let asked: BTreeSet<PersonId> = homes.iter().copied().chain(children_of.iter().map(|(child, _)| *child)).collect();
    let met = list_met(tx, &asked.into_iter().collect::<Vec<_>>())?;
    let is_protected = |id: &PersonId| met.get(id).is_some_and(|person| person.protected_address);
    let is_minor = |id: &PersonId| met.get(id).and_then(|person| person.born_on).is_none_or(|born_on| age_on(born_on, on) < ADULT_AGE);
    // With whom a child of a protected address lives.
    let hosts: BTreeSet<PersonId> =
        children_of.iter().filter(|(child, _)| is_protected(child) && is_minor(child)).map(|(_, holder)| *holder).collect();
    let mut hidden: BTreeSet<PersonId> = ids.iter().copied().filter(|id| is_protected(id) || hosts.contains(id)).collect();
    let through_custody = holders_of.into_iter().filter(|(id, holder)| is_protected(holder) || is_minor(id) && hosts.contains(holder));
    hidden.extend(through_custody.map(|(id, _)| id));
    Ok(hidden)
}

/// Of whom these people hold custody on a date: child, holder.
fn list_children(tx: &mut Tx<'_>, holders: &[PersonId], on: NaiveDate) -> Result<Vec<(PersonId, PersonId)>> {
    let mut all = Vec::new();
    for chunk in holders.chunks(IDS_MOST) {
        let standing = custody::table
            .filter(custody::holder_id.eq_any(chunk.to_vec()))
            .filter(custody::from_on.is_null().or(custody::from_on.le(on)))
            .filter(custody::until_on.is_null().or(custody::until_on.gt(on)));
        all.extend(standing.select((custody::child_id, custody::holder_id)).load::<(PersonId, PersonId)>(tx.db())?);
    }
    Ok(all)
}

/// Who ever held custody of whom: child, holder. Of these people on either side, or all; for a rule.
///
/// # Errors
/// The database's.
pub fn list_ever_custody(tx: &mut Tx<'_>, of: Option<&[PersonId]>) -> Result<Vec<(PersonId, PersonId)>> {
    let mut query = custody::table.into_boxed();
    if let Some(people) = of {
        query = query.filter(custody::child_id.eq_any(people.to_vec()).or(custody::holder_id.eq_any(people.to_vec())));
    }
    Ok(query.select((custody::child_id, custody::holder_id)).load(tx.db())?)
}

/// Makes the custody holders of a child these, from a stated date or today: who is missing among them ends that day. Whoever held it before
/// and holds it again does so for another time; what was over stays as it was.
pub(in crate::people) fn set_custody(
    tx: &mut Tx<'_>,
    child: PersonId,
    holders: &[PersonId],
    stated_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<()> {
    let (now, on) = (tx.now, stated_on.unwrap_or(today));
    let standing: Vec<PersonId> =
        custody::table.filter(custody::child_id.eq(child)).filter(custody::until_on.is_null()).select(custody::holder_id).load(tx.db())?;
    for gone in standing.iter().filter(|holder| !holders.contains(holder)) {
        tx.changed(*gone);
        let theirs =
            custody::table.filter(custody::child_id.eq(child)).filter(custody::holder_id.eq(*gone)).filter(custody::until_on.is_null());
        // A time that ends on the day it began on was none.
        if diesel::delete(theirs.filter(custody::from_on.eq(Some(on)))).execute(tx.db())? == 0 {
            diesel::update(theirs).set((custody::until_on.eq(Some(on)), custody::version.eq(custody::version + 1))).execute(tx.db())?;
        }
    }
    for new in holders.iter().filter(|holder| !standing.contains(holder)) {
        tx.changed(*new);
        let id: RowId = tx.new_id();
        let held = custody::table.filter(custody::child_id.eq(child)).filter(custody::holder_id.eq(*new));
        let is_again: bool = diesel::select(exists(held)).get_result(tx.db())?;
        diesel::insert_into(custody::table)
            .values((
                custody::id.eq(id),
                custody::child_id.eq(child),
                custody::holder_id.eq(*new),
                // Since when is not known of whoever is written down for the first time, unless it is said.
                custody::from_on.eq(stated_on.or(is_again.then_some(on))),
                custody::recorded_at.eq(now),
                custody::version.eq(1),
            ))
            .execute(tx.db())?;
    }
    tx.changed(child);
    Ok(())
}

/// Notes that another gets a child's reminders from now on, or nobody; `is_replaced`: somebody did before.
pub(in crate::people) fn note_chosen(tx: &mut Tx<'_>, child: PersonId, is_replaced: bool) -> Result<()> {
    let now = tx.now;
    let changes = (people::recipient_chosen_at.eq(Some(now)), is_replaced.then(|| people::recipient_replaced_at.eq(Some(now))));
    diesel::update(people::table.find(child)).set(changes).execute(tx.db())?;
    Ok(())
}

/// When somebody who got a child's reminders was last replaced, for a rule. `None`: nobody ever was.
pub(in crate::people) fn fact_replaced_at(tx: &mut Tx<'_>, child: PersonId) -> Result<Option<Instant>> {
    let found: Option<Option<Instant>> = people::table.find(child).select(people::recipient_replaced_at).first(tx.db()).optional()?;
    Ok(found.flatten())
}

/// Notes that another got a young person's messages until then, by a birth date that was put right; never earlier than is noted.
pub(in crate::people) fn note_aged(tx: &mut Tx<'_>, person: PersonId, until: Instant) -> Result<()> {
    let (_, known) = fact_read_since(tx, person)?;
    diesel::update(people::table.find(person)).set(people::reader_aged_at.eq(known.max(Some(until)))).execute(tx.db())?;
    Ok(())
}

/// Since when somebody is chosen to get a young person's messages, and since when it goes by their birth date as it is whether they do, for a rule.
/// `None`: since before that was kept, or nobody ever was; and it never went by another.
pub(in crate::people) fn fact_read_since(tx: &mut Tx<'_>, person: PersonId) -> Result<(Option<Instant>, Option<Instant>)> {
    let columns = (people::recipient_chosen_at, people::reader_aged_at);
    let found: Option<(Option<Instant>, Option<Instant>)> = people::table.find(person).select(columns).first(tx.db()).optional()?;
    Ok(found.unwrap_or_default())
}
