//! Against brute force: every set of small tasks is looked at.

use proptest::prelude::*;

use super::{Best, Fault, Refusal, Task};

/// A task as plain data.
#[derive(Clone, Debug)]
struct Plain {
    scores: Vec<Vec<Option<i64>>>,
    capacities: Vec<u32>,
    families: Vec<Option<u32>>,
    pins: Vec<(usize, usize)>,
    together: Vec<Vec<usize>>,
    most_first: bool,
}

impl Plain {
    fn task(&self) -> Task {
        let mut task = Task::new(&self.capacities).unwrap();
        for (row, family) in self.scores.iter().zip(&self.families) {
            let told = row.iter().enumerate().rev().filter_map(|(column, score)| score.map(|score| (column, score)));
            task.row(told, *family).unwrap();
        }
        self.pins.iter().for_each(|(row, column)| task.pin(*row, *column).unwrap());
        self.together.iter().for_each(|group| task.together(group).unwrap());
        if self.most_first { task.most_first() } else { task }
    }

    fn is_kept(&self, columns: &[Option<usize>]) -> bool {
        let group = |row: usize| self.together.iter().position(|group| group.contains(&row));
        let apart = |one: usize, other: usize| {
            columns[one].is_none()
                || columns[one] != columns[other]
                || self.families[one].is_none()
                || self.families[one] != self.families[other]
                || (group(one).is_some() && group(one) == group(other))
        };
        (0..columns.len()).all(|other| (0..other).all(|one| apart(one, other)))
            && self.together.iter().all(|group| group.iter().all(|row| columns[*row] == columns[group[0]]))
            && self.pins.iter().all(|(row, column)| columns[*row] == Some(*column))
    }

    /// The greatest of all sets by number (if it comes first), total, who is matched, and with whom.
    fn by_force(&self) -> Option<(i64, Vec<Option<usize>>)> {
        type Rank = (usize, i64, Vec<bool>, Vec<std::cmp::Reverse<usize>>);
        let mut best: Option<(Rank, Vec<Option<usize>>)> = None;
        let mut columns = vec![None; self.scores.len()];
        let mut left = self.capacities.clone();
        self.each_set(0, &mut columns, &mut left, &mut |columns| {
            if !self.is_kept(columns) {
                return;
            }
            let matched: Vec<bool> = columns.iter().map(Option::is_some).collect();
            let number = if self.most_first { matched.iter().filter(|is| **is).count() } else { 0 };
            let total = columns.iter().zip(&self.scores).filter_map(|(column, scores)| column.and_then(|column| scores[column])).sum();
            let order = columns.iter().map(|column| std::cmp::Reverse(column.unwrap_or(usize::MAX))).collect();
            let rank = (number, total, matched, order);
            if best.as_ref().is_none_or(|(old, _)| rank > *old) {
                best = Some((rank, columns.to_vec()));
            }
        });
        best.map(|((_, total, _, _), columns)| (total, columns))
    }

    fn each_set(&self, row: usize, columns: &mut Vec<Option<usize>>, left: &mut [u32], see: &mut impl FnMut(&[Option<usize>])) {
        if row == columns.len() {
            return see(columns);
        }
        self.each_set(row + 1, columns, left, see);
        for column in 0..left.len() {
            if left[column] > 0 && self.scores[row][column].is_some() {
                left[column] -= 1;
                columns[row] = Some(column);
                self.each_set(row + 1, columns, left, see);
                columns[row] = None;
                left[column] += 1;
            }
        }
    }
}

/// What a random task may have.
#[derive(Clone, Copy)]
struct Kind {
    rows: usize,
    columns: usize,
    families: bool,
    pins: usize,
    together: usize,
}

fn a_task(kind: Kind) -> impl Strategy<Value = Plain> {
    (1..=kind.rows, 1..=kind.columns, prop_oneof![Just(1_i64), Just(3), Just(20), Just(1_000_000)], any::<bool>()).prop_flat_map(
        move |(rows, columns, widest, most_first)| {
            let score = prop_oneof![1 => Just(None), 3 => (-widest / 5..=widest).prop_map(Some)];
            let family = if kind.families { prop_oneof![Just(None), (0_u32..3).prop_map(Some)].boxed() } else { Just(None).boxed() };
            (
                prop::collection::vec(prop::collection::vec(score, columns), rows),
                prop::collection::vec(0_u32..=3, columns),
                prop::collection::vec(family, rows),
                prop::collection::vec((0..rows, 0..columns), 0..=kind.pins),
                prop::collection::vec(prop::collection::vec(0..rows, 2..=3), 0..=kind.together),
            )
                .prop_map(move |(scores, capacities, families, pins, together)| {
                    let mut plain = Plain { scores, capacities, families, pins, together: Vec::new(), most_first };
                    for mut group in together {
                        group.sort_unstable();
                        group.dedup();
                        let family = plain.families[group[0]];
                        let is_free = |row: &usize| {
                            !plain.together.iter().flatten().chain(plain.pins.iter().map(|(row, _)| row)).any(|other| other == row)
                        };
                        if group.len() > 1 && group.iter().all(is_free) {
                            group.iter().for_each(|row| plain.families[*row] = family);
                            plain.together.push(group);
                        }
                    }
                    plain
                })
        },
    )
}

fn agrees(plain: &Plain) -> Result<Option<Best>, TestCaseError> {
    let task = plain.task();
    let expected = plain.by_force();
    match (task.solve(), expected) {
        (Ok(best), Some((total, columns))) => {
            prop_assert_eq!(best.total, total);
            prop_assert_eq!(&best.columns, &columns);
            prop_assert_eq!(best.proof.check(&task, &best), Ok(()));
            Ok(Some(best))
        }
        (Err(Refusal::Pins), None) => Ok(None),
        (found, expected) => Err(TestCaseError::fail(format!("{found:?}, not {expected:?}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn is_the_best_of_all_sets(plain in a_task(Kind { rows: 5, columns: 5, families: false, pins: 0, together: 0 })) {
        agrees(&plain)?;
    }

    #[test]
    fn is_the_best_with_families_and_pins(plain in a_task(Kind { rows: 6, columns: 4, families: true, pins: 1, together: 0 })) {
        agrees(&plain)?;
    }

    #[test]
    fn is_the_best_with_some_together(plain in a_task(Kind { rows: 6, columns: 4, families: true, pins: 1, together: 2 })) {
        agrees(&plain)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn is_the_best_with_many_together(plain in a_task(Kind { rows: 8, columns: 3, families: true, pins: 1, together: 6 })) {
        agrees(&plain)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn one_more_column_never_lowers_the_total(
        plain in a_task(Kind { rows: 12, columns: 8, families: true, pins: 0, together: 0 }),
        more in prop::collection::vec(prop::option::of(0_i64..=20), 12),
    ) {
        let before = plain.task().solve().unwrap();
        let mut with = plain.clone();
        with.capacities.push(1);
        for (row, score) in with.scores.iter_mut().zip(more) {
            row.push(score);
        }
        let after = with.task().solve().unwrap();
        let rank = |best: &Best| (if plain.most_first { best.columns.iter().flatten().count() } else { 0 }, best.total);
        prop_assert!(rank(&after) >= rank(&before));
    }

    #[test]
    fn the_names_of_rows_and_columns_change_nothing_of_the_total(
        plain in a_task(Kind { rows: 12, columns: 8, families: true, pins: 1, together: 1 }),
        by in any::<u64>(),
    ) {
        let order = |count: usize, salt: u64| {
            let mut order: Vec<usize> = (0..count).collect();
            order.sort_by_key(|at| (u64::try_from(*at).unwrap() + salt).wrapping_mul(by | 1));
            order
        };
        let (rows, columns) = (order(plain.scores.len(), 3), order(plain.capacities.len(), 7));
        let place = |order: &[usize], old: usize| order.iter().position(|at| *at == old).unwrap();
        let renamed = Plain {
            scores: rows.iter().map(|row| columns.iter().map(|column| plain.scores[*row][*column]).collect()).collect(),
            capacities: columns.iter().map(|column| plain.capacities[*column]).collect(),
            families: rows.iter().map(|row| plain.families[*row]).collect(),
            pins: plain.pins.iter().map(|(row, column)| (place(&rows, *row), place(&columns, *column))).collect(),
            together: plain.together.iter().map(|group| group.iter().map(|row| place(&rows, *row)).collect()).collect(),
            most_first: plain.most_first,
        };
        let total = |plain: &Plain| plain.task().solve().map(|best| best.total);
        prop_assert_eq!(total(&plain), total(&renamed));
    }
}

#[test]
fn a_proof_that_does_not_hold_is_seen() {
    let task = Task::of_matrix(&[[Some(9), Some(7)], [Some(8), None], [Some(6), Some(1)]], &[1, 2]).unwrap();
    let best = task.solve().unwrap();
    assert_eq!(best.proof.check(&task, &best), Ok(()));
    type Change = fn(&mut Best);
    let cases: [(Change, Fault); 6] = [
        (|best| best.columns[1] = Some(1), Fault::Broken),
        (|best| best.columns[2] = Some(0), Fault::Broken),
        (|best| best.total += 1, Fault::Total),
        (|best| best.columns[2] = None, Fault::Total),
        (|best| best.proof.values[0] -= 1, Fault::Prices),
        (|best| best.proof.prices[0] += 1, Fault::Gap),
    ];
    for (at, (change, fault)) in cases.into_iter().enumerate() {
        let mut changed = best.clone();
        change(&mut changed);
        assert_eq!(changed.proof.check(&task, &changed), Err(fault), "case {at}");
    }
}

#[test]
fn a_place_kept_for_a_family_is_not_free_for_others() {
    let scores = [[2, -5, 1, -5], [-4, 5, 1, 1], [3, -3, 1, -1], [1, -5, 5, 4]];
    let plain = Plain {
        scores: scores.iter().map(|row| row.iter().copied().map(Some).collect()).collect(),
        capacities: vec![1; 4],
        families: vec![Some(1), Some(0), Some(0), Some(1)],
        pins: Vec::new(),
        together: Vec::new(),
        most_first: false,
    };
    agrees(&plain).unwrap();
}

/// Forty rows, fourteen columns of one to three places, one pair of seven forbidden; the first rows in twos.
fn in_twos(groups: usize, most: i64, seed: u64) -> Plain {
    let mut state = seed;
    let mut below = |most: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap() % most
    };
    Plain {
        capacities: (0..14).map(|_| u32::try_from(1 + below(3)).unwrap()).collect(),
        scores: (0..40).map(|_| (0..14).map(|_| (below(7) > 0).then(|| below(most))).collect()).collect(),
        families: (0..20).flat_map(|family| [Some(family); 2]).collect(),
        pins: Vec::new(),
        together: (0..groups).map(|group| vec![2 * group, 2 * group + 1]).collect(),
        most_first: true,
    }
}

#[test]
fn twenty_groups_are_proved() {
    for (groups, most, seed) in [4, 5, 10, 20].into_iter().flat_map(|groups| [(groups, 1000, 1), (groups, 1000, 2), (groups, 3, 3)]) {
        let plain = in_twos(groups, most, seed);
        let task = plain.task();
        let best = task.solve().unwrap();
        assert!(plain.is_kept(&best.columns), "{groups} groups");
        assert_eq!(best.proof.check(&task, &best), Ok(()), "{groups} groups");
    }
}

#[test]
fn twenty_groups_of_two_are_as_twenty_rows_that_take_two_places() {
    for (most, seed) in [(1, 1), (3, 2), (1000, 3), (1000, 4)] {
        let plain = in_twos(20, most, seed);
        let best = plain.task().solve().unwrap();
        let both = |two: &[Vec<Option<i64>>]| two[0].iter().zip(&two[1]).map(|(one, other)| Some((*one)? + (*other)?)).collect();
        let merged: Vec<Vec<Option<i64>>> = plain.scores.chunks(2).map(both).collect();
        let halves: Vec<u32> = plain.capacities.iter().map(|capacity| capacity / 2).collect();
        let expected = Task::of_matrix(&merged, &halves).unwrap().most_first().solve().unwrap();
        assert_eq!(best.total, expected.total);
        assert_eq!(best.columns, expected.columns.iter().flat_map(|column| [*column; 2]).collect::<Vec<_>>());
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let task = || Task::of_matrix(&[[Some(1), Some(2)], [Some(3), None], [Some(1), Some(1)]], &[1, 2]).unwrap();
    let with = |change: fn(&mut Task)| {
        let mut task = task();
        change(&mut task);
        task.solve().map(|best| best.total)
    };
    assert_eq!(with(|_| {}), Ok(2 + 3 + 1));
    assert_eq!(with(|task| task.pin(0, 0).unwrap()), Ok(1 + 1));
    let forbidden_full_and_twice: [&[(usize, usize)]; 3] = [&[(1, 1)], &[(0, 0), (1, 0)], &[(2, 0), (2, 1)]];
    for pins in forbidden_full_and_twice {
        let mut task = task();
        pins.iter().for_each(|(row, column)| task.pin(*row, *column).unwrap());
        assert_eq!(task.solve(), Err(Refusal::Pins), "{pins:?}");
    }
    assert_eq!(with(|task| task.together(&[0, 2]).unwrap()), Ok(2 + 1 + 3));
    assert_eq!(with(|task| task.together(&[0, 1]).unwrap()), Ok(1), "they have no column in common that takes two");
    assert_eq!(
        with(|task| {
            task.together(&[0, 2]).unwrap();
            task.pin(0, 1).unwrap();
        }),
        Err(Refusal::Together)
    );
    assert_eq!(task().together(&[2, 2]), Err(Refusal::Together));
    assert_eq!(task().pin(3, 0), Err(Refusal::Unknown));
    assert_eq!(task().row([(2, 1)], None), Err(Refusal::Unknown));
    assert_eq!(task().row([(1, 1), (1, 2)], None), Err(Refusal::Twice));
    assert_eq!(task().row([(1, i64::MAX)], None), Err(Refusal::TooLarge));
}
