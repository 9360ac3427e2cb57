//! How people sign in, for how long, and how often a wrong password may be tried.

use super::settings::settings;
use super::source::Complaints;

settings! {
    /// How people sign in, for how long, and how often a wrong password may be tried.
    pub struct SignIn {
        /// Minutes an access token holds.
        access_token_min: u32 = 15, in 1..=60;
        /// Days a phone stays signed in without being used.
        phone_unused_days: u32 = 30, in 1..=90;
        /// Days a phone stays signed in at most.
        phone_total_days: u32 = 90, in 1..=365;
        /// Hours a desk stays signed in.
        desk_hours: u32 = 12, in 1..=24;
        /// Hours in which the same device may repeat a refresh whose answer was lost, while the new token is unused.
        repeat_hours: u32 = 24, in 0..=24;
        /// Least number of characters of a new password.
        password_min_chars: u32 = 12, in 8..=64;
        /// Memory of one password hash (argon2id), in KiB; with less, a stolen database would give its passwords away.
        argon2_memory_kib: u32 = 19456, in 19456..=1048576;
        /// Passes of one password hash over its memory.
        argon2_passes: u32 = 2, in 1..=16;
        /// Password hashes computed at once; the rest of the service is never slower for them.
        hashes_at_once: u32 = 1, in 1..=16;
        /// Password hashes that may wait; more are answered 503.
        hashes_waiting: u32 = 32, in 1..=1024;
        /// Wrong tries for one account from one address within throttle_window_min before it must wait.
        tries_per_account: u32 = 5, in 1..=100;
        /// Wrong tries for one account from anywhere within throttle_window_min before it must wait, except at an address from
        /// which somebody signed in to it in the last 90 days.
        tries_per_account_everywhere: u32 = 100, in 1..=10000;
        /// Wrong tries from one source address within throttle_window_min before it must wait; a town hall is one address.
        tries_per_source: u32 = 50, in 1..=10000;
        /// Minutes in which wrong tries are counted together.
        throttle_window_min: u32 = 15, in 1..=1440;
        /// Minutes of the first wait.
        lock_min: u32 = 1, in 1..=60;
        /// Each further wait is so many times as long as the one before.
        lock_growth: u32 = 2, in 1..=10;
        /// Minutes of the longest wait.
        lock_max_min: u32 = 60, in 1..=1440;
    }
}

impl SignIn {
    /// Cheap hashes, and no throttle in the way of many tests on one address.
    pub fn for_testing() -> Self {
        Self { argon2_memory_kib: 8, argon2_passes: 1, hashes_at_once: 2, hashes_waiting: 256, tries_per_source: 10_000, ..Self::default() }
    }

    /// Notes what contradicts itself.
    pub fn check(&self, complaints: &mut Complaints) {
        if self.phone_unused_days > self.phone_total_days {
            complaints.add("sign_in.phone_unused_days", "must not be more than sign_in.phone_total_days");
        }
        if self.access_token_min > self.desk_hours.saturating_mul(60) {
            complaints.add("sign_in.access_token_min", "must not be longer than sign_in.desk_hours");
        }
        if self.lock_min > self.lock_max_min {
            complaints.add("sign_in.lock_min", "must not be more than sign_in.lock_max_min");
        }
        if self.tries_per_account > self.tries_per_account_everywhere {
            complaints.add("sign_in.tries_per_account", "must not be more than sign_in.tries_per_account_everywhere");
        }
        if self.tries_per_account > self.tries_per_source {
            complaints.add("sign_in.tries_per_account", "must not be more than sign_in.tries_per_source");
        }
    }
}
