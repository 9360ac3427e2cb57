//! Entries as rows.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::model::{About, Border, CONFIRMED_AFTER, Entry, quarter};
use crate::base::clock::Instant;
use crate::base::db::{Db, try_changing};
use crate::base::error::{Error, Result};
use crate::base::ids::RowId;
use crate::insert_rows;
use crate::schema::{journal_calls, journal_cuts, journal_subjects};

/// What the index of subjects holds, word for word: a question that names it is answered by it. Whoever lets another noun be asked about
/// widens both.
const ASKED_ABOUT: &str = "subject_kind IN ('person', 'enquiry')";

/// That an entry's subject is one that the officer may ask about.
pub fn is_asked_about() -> diesel::expression::SqlLiteral<Bool> {
    sql(ASKED_ABOUT)
}

/// A write that changes nothing, where the entries go.
pub fn try_writing(db: &mut Db) -> Result<()> {
    diesel::delete(journal_calls::table.filter(journal_calls::id.lt(0_i64))).execute(db)?;
    try_changing(db)
}

/// Adds an entry inside the caller's transaction; none of a call that was about nothing.
pub fn insert(db: &mut Db, entry: Entry) -> Result<()> {
    if entry.subjects.is_empty() {
        return Ok(());
    }
    let about = entry.about();
    insert_sharing(db, &[(entry, about)], &[None]).map(drop)
}

/// Adds entries inside the caller's transaction: what one was about is written once for all that were about just the same in one quarter of
/// an hour, here or in an earlier call, which `held` may name: it counts only where that call is there and holds just this. Returns for each the
/// call that holds it.
pub(super) fn insert_sharing(db: &mut Db, entries: &[(Entry, About)], held: &[Option<i64>]) -> Result<Vec<i64>> {
    let standing = find_held(db, held.iter().flatten().copied().collect())?;
    let numbers = next_numbers(db, entries.len())?;
    let (mut first, mut holders) = (HashMap::new(), Vec::with_capacity(entries.len()));
    for (((entry, about), held), id) in entries.iter().zip(held).zip(&numbers) {
        let what = (entry.quarter(), *about);
        let holder = held.filter(|held| standing.get(held) == Some(&what));
        holders.push(holder.unwrap_or_else(|| *first.entry(what).or_insert(*id)));
    }
    let call = |(((entry, about), id), holder): ((&(Entry, About), &i64), &i64)| {
        (
            journal_calls::id.eq(*id),
            journal_calls::at.eq(entry.at),
            journal_calls::request.eq(entry.request.clone()),
            journal_calls::actor.eq(entry.actor),
            journal_calls::account_id.eq(entry.account),
            journal_calls::device_id.eq(entry.device),
            journal_calls::operation.eq(entry.operation),
            journal_calls::purpose.eq(entry.purpose),
            journal_calls::subjects_of.eq(*holder),
            journal_calls::subjects_hash.eq((id == holder).then(|| about.to_vec())),
        )
    };
    let calls: Vec<_> = entries.iter().zip(&numbers).zip(&holders).map(call).collect();
    insert_rows!(db, journal_calls::table, &calls)?;
    let own = entries.iter().zip(&numbers).zip(&holders).filter(|((_, id), holder)| id == holder);
    let subjects = own.flat_map(|(((entry, _), id), _)| {
        entry.subjects.iter().map(|(subject, act)| {
            (
                journal_subjects::call_id.eq(*id),
                journal_subjects::subject_kind.eq(subject.kind),
                journal_subjects::subject_id.eq(subject.id),
                journal_subjects::act.eq(*act),
            )
        })
    });
    let subjects: Vec<_> = subjects.collect();
    insert_rows!(db, journal_subjects::table, &subjects)?;
    Ok(holders)
}

/// Of these calls, each with its quarter of an hour and what it holds: those that are there and hold anything.
fn find_held(db: &mut Db, calls: BTreeSet<i64>) -> Result<HashMap<i64, (i64, About)>> {
    type Columns = (i64, Instant, Option<Vec<u8>>);
    let columns = (journal_calls::id, journal_calls::at, journal_calls::subjects_hash);
    let found: Vec<Columns> = match db {
        // One statement that stays prepared, however many are asked for.
        Db::Sqlite(c) => {
            let find = |id| journal_calls::table.find(id).select(columns).first::<Columns>(c).optional().transpose();
            calls.into_iter().filter_map(find).collect::<diesel::QueryResult<_>>()?
        }
        Db::Postgres(_) if calls.is_empty() => Vec::new(),
        Db::Postgres(c) => {
            journal_calls::table.filter(journal_calls::id.eq_any(calls.into_iter().collect::<Vec<_>>())).select(columns).load(c)?
        }
    };
    let held = |(id, at, hash): Columns| Some((id, (quarter(at), About::try_from(hash?).ok()?)));
    Ok(found.into_iter().filter_map(held).collect())
}

/// Numbers for so many calls, higher than all before: on SQLite nobody else writes meanwhile, on PostgreSQL a sequence counts.
fn next_numbers(db: &mut Db, count: usize) -> Result<Vec<i64>> {
    let count = i64::try_from(count).map_err(Error::internal)?;
    Ok(match db {
        Db::Sqlite(c) => {
            let last: Option<i64> = journal_calls::table.select(max(journal_calls::id)).first(c)?;
            (1..=count).map(|place| last.unwrap_or_default() + place).collect()
        }
        Db::Postgres(c) => diesel::sql_query("SELECT nextval('journal_call_numbers') AS number FROM generate_series(1, $1)")
            .bind::<BigInt, _>(count)
            .load(c)?
            .into_iter()
            .map(|Number { number }| number)
            .collect(),
    })
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The moment of the call that months are counted from: of those that an account made at least a week before now, the last to be written. What was
/// written by a clock that was ahead for a moment is not a week old by that clock, and not the last any more once it is right again; and what the
/// tick did by itself is no witness, since it goes by the same clock. `None`: there is no such call. The database asks the same of a cut.
///
/// # Errors
/// The database's.
pub fn find_counted_from(db: &mut Db, now: Instant) -> Result<Option<Instant>> {
    let of_somebody = journal_calls::table.filter(journal_calls::account_id.is_not_null());
    let confirmed = of_somebody.filter(journal_calls::at.le(now.minus(CONFIRMED_AFTER)));
    Ok(confirmed.order(journal_calls::id.desc()).select(journal_calls::at).first(db).optional()?)
}

/// The moment of the first call that is kept.
///
/// # Errors
/// The database's.
pub fn find_first(db: &mut Db) -> Result<Option<Instant>> {
    Ok(journal_calls::table.order(journal_calls::id).select(journal_calls::at).first(db).optional()?)
}

/// The one lawful removal: calls of before a border, with what they were about, among the first `most` after one. The border is written down before
/// the first goes. Returns the last call that went; `None`: there was none to go.
///
/// A call goes with the one that holds what it was about: they share a quarter of an hour, and no local day begins within one.
/// Calls stand about in the order of their moments: behind the first of the months that are kept none is old, whatever its moment says. A clock that
/// was behind wrote that. What is later than the call that the months are counted from says nothing: a clock that was ahead wrote it. The database
/// does not ask for their order: it would look through all that stands before each.
///
/// # Errors
/// The database's; it refuses a border that is not counted so.
pub fn cut(db: &mut Db, id: RowId, border: Border, after: Option<i64>, most: i64) -> Result<Option<i64>> {
    let Border { before, counted_from, made_at } = border;
    let looked_at: Vec<(i64, Instant)> = journal_calls::table
        .filter(journal_calls::id.gt(after.unwrap_or_default()))
        .filter(journal_calls::at.le(counted_from))
        .order(journal_calls::id)
        .limit(most)
        .select((journal_calls::id, journal_calls::at))
        .load(db)?;
    let going: Vec<i64> = looked_at.iter().take_while(|(_, at)| *at < before).map(|(id, _)| *id).collect();
    let (Some(first), Some(last)) = (going.first(), going.last()) else { return Ok(None) };
    if after.is_none() {
        let row = (
            journal_cuts::id.eq(id),
            journal_cuts::before_at.eq(before),
            journal_cuts::made_at.eq(made_at),
            journal_cuts::counted_from.eq(Some(counted_from)),
        );
        diesel::insert_into(journal_cuts::table).values(row).execute(db)?;
    }
    let old = journal_calls::table.filter(journal_calls::subjects_of.between(*first, *last)).filter(journal_calls::at.lt(before));
    let of_old = journal_subjects::call_id.eq_any(old.select(journal_calls::subjects_of));
    diesel::delete(journal_subjects::table.filter(of_old)).execute(db)?;
    diesel::delete(old).execute(db)?;
    Ok(Some(*last))
}
