//! How a thing stands in a figure, how rows are counted, and what a manager may read of it. Pure.

mod cases;
mod courses;
mod enquiries;
mod followups;
mod matching;
mod offers;
mod sessions;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::model::{AgeGroup, Count, Definition, Dimension, Figure, Ground, Quarter, Row, RowKey, Split, Standing, Things, Total};
use crate::base::calendar::{Zone, age_on};
use crate::base::clock::Instant;
use crate::base::config::ClockStart;
use crate::base::db::Coded;

/// The first year that figures are asked of.
const FIRST_YEAR: u16 = 2000;
/// From here on a number tells of nobody (domain section 5).
const SMALLEST_SHOWN: u64 = 5;
/// What was recorded later than this is counted apart (domain section 4, "When").
const SOON: TimeDelta = TimeDelta::days(7);

/// The ground of a year, from its first local midnight to the next year's. `None` for a year that has not begun, or long ago.
pub fn ground(year: u16, zone: Zone, referral_clock: ClockStart, now: Instant) -> Option<Ground> {
    let this_year = u16::try_from(zone.date(now).year()).ok()?;
    let begins = |year: u16| NaiveDate::from_ymd_opt(i32::from(year), 1, 1).map(|day| zone.start_of(day));
    let is_asked = (FIRST_YEAR..=this_year).contains(&year);
    is_asked.then_some(Ground { year, from: begins(year)?, until: begins(year.checked_add(1)?)?, now, zone, referral_clock })
}

/// How each thing stands in a figure, in the order of the things; `None` for one that is no part of it.
pub fn judge(definition: Definition, things: &Things, ground: &Ground) -> Vec<Option<Row>> {
    match things {
        Things::Enquiries(things) => things.iter().map(|thing| enquiries::judge(definition, thing, ground)).collect(),
        Things::Cases(things) => things.iter().map(|thing| cases::judge(definition, thing, ground)).collect(),
        Things::Offers(things) => things.iter().map(|thing| offers::judge(definition, thing, ground)).collect(),
        Things::Reoffers(things) => things.iter().map(|thing| offers::judge_reoffer(thing, ground)).collect(),
        Things::Accepted(things) => things.iter().map(|thing| matching::judge_accepted(definition, thing)).collect(),
        Things::Proposals(things) => things.iter().map(|thing| Some(matching::judge_proposal(thing))).collect(),
        Things::Staff(things) => things.iter().map(|thing| Some(matching::judge_staff(thing, ground))).collect(),
        Things::Courses(things) => things.iter().map(|thing| courses::judge(definition, thing)).collect(),
        Things::Sessions(things) => things.iter().map(|thing| sessions::judge(definition, thing, ground)).collect(),
        Things::Followups(things) => things.iter().map(|thing| followups::judge(definition, thing, ground)).collect(),
    }
}

/// Counts the rows of a figure.
pub fn figure(definition: Definition, rows: &[Option<Row>]) -> Figure {
    let rows: Vec<&Row> = rows.iter().flatten().collect();
    let splits = definition.splits().iter().map(|by| split(*by, &rows)).collect();
    let number = |is: fn(&Row) -> bool| count(rows.iter().filter(|row| is(row)).copied()).of;
    Figure {
        definition,
        count: count(rows.iter().copied()),
        done_late: number(is_done_late),
        recorded_late: number(is_recorded_late),
        splits,
    }
}

fn count<'a>(rows: impl Iterator<Item = &'a Row>) -> Count {
    rows.fold(Count::default(), |count, row| Count {
        n: count.n.saturating_add(if row.standing == Standing::Yes { row.weight } else { 0 }),
        of: count.of.saturating_add(1),
        unknown: count.unknown.saturating_add(u64::from(row.standing == Standing::Unknown)),
    })
}

fn split(by: Dimension, rows: &[&Row]) -> Split {
    let group = |code: &'static str| (code, count(rows.iter().filter(|row| row.groups.contains(&(by, code))).copied()));
    Split { by, groups: by.codes().into_iter().map(group).collect() }
}

/// Whether it was done, but after its due time.
pub fn is_done_late(row: &Row) -> bool {
    row.due_at.zip(row.happened_at).is_some_and(|(due, happened)| happened > due)
}

/// Whether it was recorded more than 7 days after it happened.
pub fn is_recorded_late(row: &Row) -> bool {
    row.happened_at.zip(row.recorded_at).is_some_and(|(happened, recorded)| recorded.since(happened) > SOON)
}

/// The rows that come after a place in their order, `most` of them.
pub fn page(rows: Vec<Option<Row>>, after: Option<RowKey>, most: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.into_iter().flatten().filter(|row| after.is_none_or(|after| row.key() > after)).collect();
    rows.sort_by_key(Row::key);
    rows.truncate(most);
    rows
}

/// What a manager may read of a family: its things fall into cells by how they stand in all of its figures, and where one cell has 1 to 4
/// things only the total of them all is left, if that is large enough. Else sums of shown numbers would give the small one back.
pub fn totals(family: &[(Definition, Vec<Option<Row>>)]) -> Vec<Total> {
    let is_small = |number: u64| (1..SMALLEST_SHOWN).contains(&number);
    let things = family.iter().map(|(_, rows)| rows.len()).max().unwrap_or_default();
    let mut cells: BTreeMap<Vec<Option<Standing>>, u64> = BTreeMap::new();
    for thing in 0..things {
        let stands = |rows: &Vec<Option<Row>>| rows.get(thing).and_then(Option::as_ref).map(|row| row.standing);
        let cell: Vec<_> = family.iter().map(|(_, rows)| stands(rows)).collect();
        if cell.iter().any(Option::is_some) {
            let number = cells.entry(cell).or_default();
            *number = number.saturating_add(1);
        }
    }
    let (all, tells) = (cells.values().sum::<u64>(), cells.values().copied().any(is_small));
    let total = |(definition, rows): &(Definition, Vec<Option<Row>>)| {
        let Count { n, of, unknown } = count(rows.iter().flatten());
        let is_whole = of == all && !is_small(all);
        let (may_total, may_parts) = (!tells || is_whole, !tells);
        if definition.is_share() {
            Total { definition: *definition, n: may_parts.then_some(n), of: may_total.then_some(of), unknown: may_parts.then_some(unknown) }
        } else {
            Total { definition: *definition, n: may_total.then_some(n), of: None, unknown: None }
        }
    };
    family.iter().map(total).collect()
}

/// The local quarter of a moment.
fn quarter(at: Instant, ground: &Ground) -> &'static str {
    let quarter = match ground.zone.date(at).month0() / 3 {
        0 => Quarter::First,
        1 => Quarter::Second,
        2 => Quarter::Third,
        _ => Quarter::Fourth,
    };
    quarter.code()
}

/// The age group somebody is in at a moment.
fn age_group(born_on: Option<NaiveDate>, at: Instant, ground: &Ground) -> &'static str {
    AgeGroup::of(born_on.map(|born_on| age_on(born_on, ground.zone.date(at)) >= 18)).code()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::ids::{AnyId, CaseId, Id};
    use crate::reports::model::{About, Family};

    pub fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }
    pub fn id<N>(number: u128) -> Id<N> {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }
    /// The year 2026 in Copenhagen, looked at some days into the next.
    pub fn year() -> Ground {
        ground(2026, Zone::COPENHAGEN, ClockStart::Founded, instant("2027-01-20T12:00:00Z")).unwrap()
    }
    /// How something stands, whether it was done late, and whether it was recorded late.
    pub fn told(row: Option<Row>) -> Option<(Standing, bool, bool)> {
        row.map(|row| (row.standing, is_done_late(&row), is_recorded_late(&row)))
    }

    fn row(number: u128, standing: Standing) -> Row {
        let case: CaseId = id(number);
        let at = instant("2026-05-01T12:00:00Z");
        Row {
            subject: case.into(),
            about: About { case: Some(case), ..About::default() },
            at,
            due_at: None,
            happened_at: None,
            recorded_at: None,
            standing,
            weight: 1,
            groups: Vec::new(),
        }
    }
    /// So many rows of each standing, then so many that are no part of the figure.
    fn rows(yes: usize, no: usize, unknown: usize, outside: usize) -> Vec<Option<Row>> {
        let of = |standing, number| std::iter::repeat_n(Some(row(1, standing)), number);
        of(Standing::Yes, yes)
            .chain(of(Standing::No, no))
            .chain(of(Standing::Unknown, unknown))
            .chain(std::iter::repeat_n(None, outside))
            .collect()
    }

    #[test]
    fn a_year_is_a_local_one() {
        let (zone, clock) = (Zone::COPENHAGEN, ClockStart::Founded);
        let span = |number, now| ground(number, zone, clock, instant(now)).map(|ground| (ground.from, ground.until));
        let expected = Some((instant("2025-12-31T23:00:00Z"), instant("2026-12-31T23:00:00Z")));
        for (number, now, expected) in [
            (2026, "2027-01-20T12:00:00Z", expected),
            (2026, "2025-12-31T23:00:00Z", expected), // begun, if only just
            (2026, "2025-12-31T22:59:59Z", None),
            (2027, "2026-07-01T00:00:00Z", None),
            (1999, "2026-07-01T00:00:00Z", None),
            (0, "2026-07-01T00:00:00Z", None),
            (u16::MAX, "2026-07-01T00:00:00Z", None),
        ] {
            assert_eq!(span(number, now), expected, "{number} at {now}");
        }
    }

    #[test]
    fn quarters_and_ages_are_local() {
        for (at, expected) in [
            ("2025-12-31T23:00:00Z", "q1"),
            ("2026-03-31T21:59:59Z", "q1"),
            ("2026-03-31T22:00:00Z", "q2"),
            ("2026-09-30T22:00:00Z", "q4"),
            ("2026-12-31T22:59:59Z", "q4"),
        ] {
            assert_eq!(quarter(instant(at), &year()), expected, "{at}");
        }
        let born_on = Some(NaiveDate::from_ymd_opt(2008, 5, 2).unwrap());
        for (born_on, at, expected) in [
            (born_on, "2026-05-01T21:59:59Z", "under_18"),
            (born_on, "2026-05-01T22:00:00Z", "adult"),
            (None, "2026-05-01T22:00:00Z", "unknown"),
        ] {
            assert_eq!(age_group(born_on, instant(at), &year()), expected, "{at}");
        }
    }

    #[test]
    fn rows_are_counted_whole_and_by_group() {
        let mut rows = rows(3, 2, 1, 4);
        rows[0].as_mut().unwrap().groups = vec![(Dimension::Track, "mentor"), (Dimension::AgeGroup, "adult")];
        rows[5].as_mut().unwrap().groups = vec![(Dimension::Track, "mentor")];
        rows[1].as_mut().unwrap().weight = 60;
        let figure = figure(Definition::SessionMinutes, &rows);
        assert_eq!(figure.count, Count { n: 62, of: 6, unknown: 1 });
        let track = &figure.splits[0];
        let zero = Count::default();
        assert_eq!(track.by, Dimension::Track);
        assert_eq!(track.groups, [("mentor", Count { n: 1, of: 2, unknown: 1 }), ("parent_coach", zero)]);
        assert_eq!(figure.splits[1].groups, [("under_18", zero), ("adult", Count { n: 1, of: 1, unknown: 0 }), ("unknown", zero)]);
        for dimension in Dimension::ALL {
            assert!(!dimension.codes().is_empty());
        }
    }

    #[test]
    fn late_is_after_the_due_time_and_more_than_seven_days() {
        for (due, happened, recorded, expected) in [
            (Some("2026-05-01T22:00:00Z"), Some("2026-05-01T22:00:00Z"), Some("2026-05-08T22:00:00Z"), (false, false)),
            (Some("2026-05-01T22:00:00Z"), Some("2026-05-01T22:00:01Z"), Some("2026-05-08T22:00:02Z"), (true, true)),
            (Some("2026-05-01T22:00:00Z"), None, Some("2026-05-30T22:00:00Z"), (false, false)),
            (None, Some("2026-05-01T22:00:00Z"), None, (false, false)),
        ] {
            let row = Row {
                due_at: due.map(instant),
                happened_at: happened.map(instant),
                recorded_at: recorded.map(instant),
                ..row(1, Standing::Yes)
            };
            assert_eq!((is_done_late(&row), is_recorded_late(&row)), expected, "{due:?} {happened:?} {recorded:?}");
        }
    }

    #[test]
    fn unknown_rows_come_first_and_pages_join() {
        let at = |number, standing| Some(Row { at: instant("2026-05-01T12:00:00Z"), ..row(number, standing) });
        let mut early = row(9, Standing::Yes);
        early.at = instant("2026-04-01T12:00:00Z");
        let all = vec![at(3, Standing::Yes), at(2, Standing::No), None, at(5, Standing::Unknown), Some(early), at(4, Standing::Unknown)];
        let ids = |rows: &[Row]| rows.iter().map(|row| row.subject.id.uuid().as_u128()).collect::<Vec<_>>();
        let whole = page(all.clone(), None, 10);
        assert_eq!(ids(&whole), [4, 5, 2, 9, 3]);
        let (mut after, mut joined) = (None, Vec::new());
        for _ in 0..4 {
            let some = page(all.clone(), after, 2);
            let Some(last) = some.last() else { break };
            after = Some(last.key());
            joined.extend(ids(&some));
        }
        assert_eq!(joined, ids(&whole));
        assert_eq!(page(all, Some((Standing::Yes, instant("2027-01-01T00:00:00Z"), AnyId::from_uuid(uuid::Uuid::nil()))), 2), []);
    }

    #[test]
    fn a_manager_cannot_subtract_a_small_number_back() {
        let told = |family: Vec<(Definition, Vec<Option<Row>>)>| -> Vec<_> {
            totals(&family).into_iter().map(|total| (total.n, total.of, total.unknown)).collect()
        };
        let (enquiries, founded, accepted) = (Definition::Enquiries, Definition::Founded, Definition::Accepted);
        let all = |number| rows(number, 0, 0, 0);
        for (family, expected) in [
            // Nothing is nothing, and five are enough.
            (vec![(accepted, Vec::new())], vec![(Some(0), Some(0), Some(0))]),
            (vec![(accepted, rows(5, 0, 0, 0))], vec![(Some(5), Some(5), Some(0))]),
            (vec![(accepted, rows(4, 0, 0, 0))], vec![(None, None, None)]),
            // Eight of ten: the two are hidden, and with them the eight.
            (vec![(accepted, rows(8, 2, 0, 0))], vec![(None, Some(10), None)]),
            (vec![(accepted, rows(8, 6, 3, 0))], vec![(None, Some(17), None)]),
            (vec![(accepted, rows(8, 6, 5, 0))], vec![(Some(8), Some(19), Some(5))]),
            // What is no part of any figure is no cell.
            (vec![(accepted, rows(5, 5, 0, 2))], vec![(Some(5), Some(10), Some(0))]),
            // A count stands beside its parts.
            (vec![(enquiries, all(12)), (founded, rows(7, 5, 0, 0))], vec![(Some(12), None, None), (Some(7), Some(12), Some(0))]),
            (vec![(enquiries, all(12)), (founded, rows(9, 3, 0, 0))], vec![(Some(12), None, None), (None, Some(12), None)]),
            (vec![(enquiries, all(3)), (founded, rows(3, 0, 0, 0))], vec![(None, None, None), (None, None, None)]),
            // Two of twelve cases are no part of the second figure: its denominator would tell.
            (
                vec![(Definition::CasesStarted, all(12)), (Definition::ReferredInTime, rows(10, 0, 0, 2))],
                vec![(Some(12), None, None), (None, None, None)],
            ),
            // Ninety held, eight cancelled, none missed: two that were only tried would be what is left.
            (
                vec![
                    (Definition::SessionsHeld, rows(90, 10, 0, 0)),
                    (Definition::SessionsCancelled, [rows(0, 90, 0, 0), rows(8, 2, 0, 0)].concat()),
                    (Definition::SessionsMissed, rows(0, 100, 0, 0)),
                ],
                vec![(None, Some(100), None); 3],
            ),
        ] {
            assert_eq!(told(family.clone()), expected, "{family:?}");
        }
    }

    #[test]
    fn whatever_a_manager_reads_leaves_no_small_number() {
        let standings = [Some(Standing::Yes), Some(Standing::No), Some(Standing::Unknown), None];
        let family = Family::Sessions.definitions();
        // Every way to fill four cells with 0, 3 or 6 things, each cell standing differently in two figures.
        for mixture in 0..3_usize.pow(4) {
            let sizes: Vec<usize> = (0..4).map(|cell| 3 * (mixture / 3_usize.pow(cell) % 3)).collect();
            let of = |shift: usize| -> Vec<Option<Row>> {
                let cell = |(cell, size): (usize, &usize)| vec![standings[(cell + shift) % 4].map(|standing| row(1, standing)); *size];
                sizes.iter().enumerate().flat_map(cell).collect()
            };
            let shown = totals(&[(family[0], of(0)), (family[1], of(1))]);
            let numbers: Vec<u64> = shown.iter().flat_map(|total| [total.n, total.of, total.unknown]).flatten().collect();
            for number in &numbers {
                assert!(!(1..5).contains(number), "{sizes:?} {shown:?}");
            }
            for total in &shown {
                let (Some(n), Some(of), Some(unknown)) = (total.n, total.of, total.unknown) else { continue };
                assert!(!(1..5).contains(&(of - n - unknown)), "{sizes:?} {shown:?}");
            }
            if let (Some(one), Some(other)) = (shown[0].of, shown[1].of) {
                assert!(!(1..5).contains(&one.abs_diff(other)), "{sizes:?} {shown:?}");
            }
        }
    }
}
