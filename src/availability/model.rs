//! What is known of when somebody can meet.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::calendar::Zone;
use crate::base::ids::RowId;
use crate::coded;

coded! {
    /// What an exception does to the hours of its date.
    pub enum Effect {
        /// Works then, beside the weekly hours.
        More = "more" : "Ekstra timer" / "More hours",
        /// Does not work then.
        Less = "less" : "Færre timer" / "Fewer hours",
    }
}

coded! {
    /// Times of the week that people name in a word; a setting says which hours are meant.
    pub enum PartOfWeek {
        /// Before noon, Monday to Friday.
        Mornings = "mornings" : "Formiddage" / "Mornings",
        /// When school is out, Monday to Friday.
        AfterSchool = "after_school" : "Efter skole" / "After school",
        /// In the evening, Monday to Friday.
        Evenings = "evenings" : "Aftener" / "Evenings",
        /// Saturday and Sunday.
        Weekends = "weekends" : "Weekender" / "Weekends",
    }
}

/// Minutes of a day on the wall clock: the end of the last stretch it can have.
pub const DAY_MIN: i32 = 1440;

/// A stretch of one weekday, from a local minute until just before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Stretch {
    /// 1 Monday to 7 Sunday.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: i32,
    /// Minutes after local midnight, 0 to 1439.
    #[schema(minimum = 0, maximum = 1439)]
    pub from_min: i32,
    /// Minutes after local midnight, up to 1440, the end of the day; what goes on after midnight is another stretch.
    #[schema(minimum = 1, maximum = 1440)]
    pub until_min: i32,
}

/// The stretches of a week, in order; those of one day neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week(Vec<Stretch>);

impl Week {
    /// A week of these stretches, in whatever order: where they overlap or touch they become one. What lies outside a day is cut off.
    pub fn of(stretches: impl IntoIterator<Item = Stretch>) -> Self {
        let inside = |stretch: Stretch| {
            let (from_min, until_min) = (stretch.from_min.max(0), stretch.until_min.min(DAY_MIN));
            (from_min < until_min).then_some(Stretch { from_min, until_min, ..stretch })
        };
        let mut sorted: Vec<Stretch> = stretches.into_iter().filter_map(inside).collect();
        sorted.sort_unstable();
        let mut week: Vec<Stretch> = Vec::with_capacity(sorted.len());
        for stretch in sorted {
            match week.last_mut() {
                Some(last) if last.weekday == stretch.weekday && stretch.from_min <= last.until_min => {
                    last.until_min = last.until_min.max(stretch.until_min);
                }
                _ => week.push(stretch),
            }
        }
        Self(week)
    }

    /// The stretches, in order.
    pub fn stretches(&self) -> &[Stretch] {
        &self.0
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stretches of a weekday, 1 Monday to 7 Sunday.
    pub fn on(&self, weekday: i32) -> impl Iterator<Item = Stretch> + '_ {
        self.0.iter().copied().filter(move |stretch| stretch.weekday == weekday)
    }
}

/// More or fewer hours on one date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its id.
    pub id: RowId,
    /// More or fewer.
    pub effect: Effect,
    /// The date, in the zone of the hours.
    pub on: NaiveDate,
    /// Minutes after local midnight.
    pub from_min: i32,
    /// Minutes after local midnight, 1440 at most.
    pub until_min: i32,
}

/// The hours of a member of staff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Where their clock hangs; `None`: the programme's zone.
    pub zone: Option<Zone>,
    /// When they work; `None`: never stated, which is not the same as never.
    pub week: Option<Week>,
    /// Counts up with each change of hours or exceptions; 0: nothing was ever said.
    pub version: i64,
}

/// What a person met says of time, in the programme's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Wished for, in a word.
    pub parts: Vec<PartOfWeek>,
    /// Wished for, to the minute.
    pub wished: Week,
    /// Never possible.
    pub never: Week,
    /// Counts up with each change; 0: nothing was ever said.
    pub version: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn on(weekday: i32, from_min: i32, until_min: i32) -> Stretch {
        Stretch { weekday, from_min, until_min }
    }

    #[test]
    fn a_week_is_in_order_and_each_moment_stands_in_it_once() {
        #[rustfmt::skip]
        let cases: &[(&[Stretch], &[Stretch])] = &[
            (&[], &[]),
            (&[on(2, 60, 120), on(1, 600, 660), on(1, 60, 120)], &[on(1, 60, 120), on(1, 600, 660), on(2, 60, 120)]),
            (&[on(1, 60, 120), on(1, 120, 180)], &[on(1, 60, 180)]),
            (&[on(1, 60, 300), on(1, 120, 180), on(1, 200, 400)], &[on(1, 60, 400)]),
            (&[on(1, 1380, 1440), on(2, 0, 60)], &[on(1, 1380, 1440), on(2, 0, 60)]),
            (&[on(1, -60, 30), on(1, 1400, 1500), on(3, 60, 60), on(3, 90, 60)], &[on(1, 0, 30), on(1, 1400, 1440)]),
        ];
        for (given, expected) in cases {
            assert_eq!(Week::of(given.iter().copied()).stretches(), *expected, "{given:?}");
        }
        assert_eq!(Week::of([on(1, 60, 120), on(2, 60, 120)]).on(2).collect::<Vec<_>>(), [on(2, 60, 120)]);
    }
}
