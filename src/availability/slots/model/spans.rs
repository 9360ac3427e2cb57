//! Sets of moments, and what can be done with them.

use crate::base::calendar::Range;
use crate::base::clock::Instant;

/// Moments as ranges in order, of which no two overlap or touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Range>);

impl Spans {
    /// Of ranges in whatever order.
    pub fn of(ranges: impl IntoIterator<Item = Range>) -> Self {
        let mut sorted: Vec<Range> = ranges.into_iter().collect();
        if !sorted.is_sorted_by_key(|range| range.starts_at()) {
            sorted.sort_unstable_by_key(|range| range.starts_at());
        }
        let mut spans: Vec<Range> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match spans.last_mut() {
                Some(last) if range.starts_at() <= last.ends_at() => {
                    *last = last.between(last.starts_at(), range.ends_at().max(last.ends_at()))
                }
                _ => spans.push(range),
            }
        }
        Self(spans)
    }

    /// The ranges, in order.
    pub fn ranges(&self) -> &[Range] {
        &self.0
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.0.is_empty() { self } else { Self::of(self.0.into_iter().chain(other.0)) }
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (mut both, mut rest) = (Vec::with_capacity(self.0.len()), other.0.as_slice());
        for range in &self.0 {
            while let Some((first, later)) = rest.split_first() {
                both.extend(Range::new(range.starts_at().max(first.starts_at()), range.ends_at().min(first.ends_at())));
                if first.ends_at() > range.ends_at() {
                    break;
                }
                rest = later;
            }
        }
        Self(both)
    }

    /// What is in this and not in the other.
    #[must_use]
    pub fn minus(self, other: &Self) -> Self {
        if other.0.is_empty() {
            return self;
        }
        let (mut left, mut rest) = (Vec::with_capacity(self.0.len()), other.0.as_slice());
        for range in self.0 {
            let mut from = range.starts_at();
            while let Some((first, later)) = rest.split_first() {
                if first.starts_at() >= range.ends_at() {
                    break;
                }
                left.extend(Range::new(from, first.starts_at()));
                from = from.max(first.ends_at());
                if first.ends_at() > range.ends_at() {
                    break;
                }
                rest = later;
            }
            left.extend(Range::new(from, range.ends_at()));
        }
        Self(left)
    }

    /// Whether every moment of a range is in it.
    pub fn covers(&self, range: Range) -> bool {
        self.at(range.starts_at()).is_some_and(|span| range.ends_at() <= span.ends_at())
    }

    /// Whether some moment of a range is in it.
    pub fn meets(&self, range: Range) -> bool {
        let after = self.0.partition_point(|span| span.ends_at() <= range.starts_at());
        self.0.get(after).is_some_and(|span| span.overlaps(range))
    }

    fn at(&self, at: Instant) -> Option<Range> {
        let after = self.0.partition_point(|span| span.ends_at() <= at);
        self.0.get(after).copied().filter(|span| span.contains(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(from: i64, until: i64) -> Option<Range> {
        Range::new(Instant::from_micros(from), Instant::from_micros(until))
    }

    fn spans(pairs: &[(i64, i64)]) -> Spans {
        Spans::of(pairs.iter().filter_map(|(from, until)| range(*from, *until)))
    }

    #[test]
    fn touching_ranges_become_one_and_do_not_overlap() {
        assert_eq!(spans(&[(5, 7), (1, 3), (3, 5), (9, 9)]), spans(&[(1, 7)]));
        assert!(!spans(&[(1, 3)]).meets(range(3, 5).unwrap()) && spans(&[(1, 3)]).meets(range(2, 5).unwrap()));
        assert_eq!(spans(&[(1, 3)]).and(&spans(&[(3, 5)])), Spans::default());
        assert_eq!(spans(&[(1, 9)]).minus(&spans(&[(3, 5), (5, 6)])), spans(&[(1, 3), (6, 9)]));
    }

    prop_compose! {
        fn some()(pairs in prop::collection::vec((0_i64..60, 0_i64..12), 0..12)) -> Spans {
            Spans::of(pairs.into_iter().filter_map(|(from, length)| range(from, from + length)))
        }
    }

    proptest! {
        /// Moment by moment, they are what their names say; and in order, apart.
        #[test]
        fn are_sets_of_moments(one in some(), other in some(), from in 0_i64..70, length in 1_i64..5) {
            let has = |spans: &Spans, at: i64| spans.ranges().iter().any(|range| range.contains(Instant::from_micros(at)));
            let (or, and, minus) = (one.clone().or(other.clone()), one.and(&other), one.clone().minus(&other));
            for at in 0..75 {
                prop_assert_eq!(has(&or, at), has(&one, at) || has(&other, at));
                prop_assert_eq!(has(&and, at), has(&one, at) && has(&other, at));
                prop_assert_eq!(has(&minus, at), has(&one, at) && !has(&other, at));
            }
            for spans in [&or, &and, &minus] {
                prop_assert!(spans.ranges().windows(2).all(|pair| pair[0].ends_at() < pair[1].starts_at()));
            }
            let asked = range(from, from + length).unwrap();
            prop_assert_eq!(one.covers(asked), (from..from + length).all(|at| has(&one, at)));
            prop_assert_eq!(one.meets(asked), (from..from + length).any(|at| has(&one, at)));
        }
    }
}
