//! Look-ups: the things of a year in one snapshot. What is made of them needs no transaction and is made after it.

use super::model::{Definition, Family, Figure, Ground, Row, RowKey, Things, Total};
use super::store::Bars;
use super::{rules, store};
use crate::access::Tx;
use crate::base::error::{Result, invalid};
use crate::base::ids::Id;
use crate::base::value::Flaw;
use crate::journal::{Subject, SubjectKind};

/// The things of every family of a year, and on what ground they are counted.
pub struct YearThings {
    /// The year.
    pub ground: Ground,
    families: Vec<(Family, Things)>,
}

/// The ground of a year that was asked for.
///
/// # Errors
/// 422 for a year that has not begun, or long ago.
fn ground(tx: &Tx<'_>, year: u16) -> Result<Ground> {
    let (zone, clock) = (tx.programme.calendar().zone, tx.programme.deadlines.referral_clock);
    rules::ground(year, zone, clock, tx.now)
        .ok_or_else(|| invalid("query/year", Flaw::OutOfRange, "Det år kan ikke opgøres", "That year cannot be counted"))
}

/// Everything a year's figures are counted from, whole: bars are for rows.
///
/// # Errors
/// 422 for a year that has not begun, or long ago.
pub fn load(tx: &mut Tx<'_>, year: u16) -> Result<YearThings> {
    let ground = ground(tx, year)?;
    // Figures have no row; their year stands for their id in the journal.
    tx.saw(Subject::new::<()>(SubjectKind::Figures, Id::from_uuid(uuid::Uuid::from_u128(u128::from(year)))));
    let load = |family| store::load(tx, family, &ground, Bars::Whole).map(|things| (family, things));
    Ok(YearThings { ground, families: Family::ALL.into_iter().map(load).collect::<Result<_>>()? })
}

impl YearThings {
    fn judged(&self) -> impl Iterator<Item = Vec<(Definition, Vec<Option<Row>>)>> {
        self.families.iter().map(|(family, things)| {
            let table = |definition: &Definition| (*definition, rules::judge(*definition, things, &self.ground));
            family.definitions().iter().map(table).collect()
        })
    }

    /// The figures as a coordinator reads them.
    pub fn figures(&self) -> Vec<Figure> {
        self.judged().flatten().map(|(definition, rows)| rules::figure(definition, &rows)).collect()
    }

    /// The figures as a manager reads them.
    pub fn totals(&self) -> Vec<Total> {
        self.judged().flat_map(|family| rules::totals(&family)).collect()
    }
}

/// One page of the rows behind a figure that no bar hides, unknowns first.
///
/// # Errors
/// 422 for a year that has not begun, or long ago.
pub fn rows(tx: &mut Tx<'_>, year: u16, definition: Definition, after: Option<RowKey>, fetch: i64) -> Result<Vec<Row>> {
    let ground = ground(tx, year)?;
    let things = store::load(tx, definition.family(), &ground, Bars::TakenOff)?;
    let rows = rules::judge(definition, &things, &ground);
    Ok(rules::page(rows, after, usize::try_from(fetch).unwrap_or_default()))
}

/// Notes for the journal whom a row showed.
pub fn show(tx: &mut Tx<'_>, row: &Row) {
    tx.saw(row.subject);
    if let Some(enquiry) = row.about.enquiry {
        tx.saw(enquiry);
    }
    if let Some(case) = row.about.case {
        tx.saw(case);
    }
    if let Some(person) = row.about.person {
        tx.saw(person);
    }
}
