//! How often what is due is looked for.

use chrono::NaiveTime;

use super::settings::settings;
use super::value::time_of_day;

settings! {
    /// How often what is due is looked for, and how long a sender has for a message.
    pub struct Tick {
        /// Seconds between two looks; a message may be useless a quarter of an hour later. 0: `serve` never looks, and `tick --once`
        /// does it from outside.
        interval_s: u32 = 15, in 0..=900;
        /// Seconds for which a message belongs to the sender that took it; a sender gives up at half of it, and begins in the first half of
        /// what that leaves beside connecting: the other half is for the answer. How it ended is written down until all of it is over.
        lease_s: u32 = 120, in 10..=3600;
        /// Messages taken at once.
        batch: u32 = 100, in 1..=1000;
        /// When each night everything open is planned anew, in the programme's zone.
        replan_at: NaiveTime = time_of_day(3, 0);
    }
}

impl Tick {
    /// No tick of its own: a test says when.
    pub fn for_testing() -> Self {
        Self { interval_s: 0, ..Self::default() }
    }
}
