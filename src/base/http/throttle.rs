//! How often one source may ask, counted in memory by the minute: nothing of where anybody is gets written down.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;

use crate::base::clock::Instant;

/// Sources remembered at once; when there are more, those whose minute is over are forgotten, and then all.
const SOURCES: usize = 10_000;
/// What is counted together.
const WINDOW: TimeDelta = TimeDelta::seconds(60);

/// Counts requests by source. One a process.
pub struct Throttle {
    most: u32,
    seen: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Throttle {
    /// At most so many a source and minute.
    pub fn new(most: u32) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// Lets one more in, or says in how many seconds to come again. Who has no address (a Unix socket) is not counted.
    pub fn pass(&self, source: Option<IpAddr>, now: Instant) -> Result<(), u32> {
        let Some(source) = source.map(network) else { return Ok(()) };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = |begun: Instant| begun <= now && now.since(begun) < WINDOW;
        if seen.len() >= SOURCES && !seen.contains_key(&source) {
            seen.retain(|_, (begun, _)| is_open(*begun));
            if seen.len() >= SOURCES {
                seen.clear();
            }
        }
        let (begun, count) = seen.entry(source).or_insert((now, 0));
        if !is_open(*begun) {
            (*begun, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        let left = WINDOW - now.since(*begun);
        if *count <= self.most { Ok(()) } else { Err(u32::try_from(left.num_seconds() + 1).unwrap_or(1)) }
    }
}

/// Refusals of a source and minute that are written down one by one.
const REFUSALS: u32 = 100;

/// Counts refusals by source, so that whoever sends a flood of what is refused writes no flood of lines.
pub struct Lines {
    throttle: Throttle,
    left_out: AtomicU64,
}

impl Default for Lines {
    fn default() -> Self {
        Self { throttle: Throttle::new(REFUSALS), left_out: AtomicU64::default() }
    }
}

impl Lines {
    /// Whether one more is written down. All that have no address are one.
    pub fn pass(&self, source: Option<IpAddr>, now: Instant) -> bool {
        let source = source.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let passed = self.throttle.pass(Some(source), now).is_ok();
        if !passed {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        passed
    }

    /// How many were not written down since this was asked last, of whichever source.
    pub fn take_left_out(&self) -> u64 {
        self.left_out.swap(0, Ordering::Relaxed)
    }
}

/// An IPv4 address, or the /64 that a subscriber of IPv6 has to choose from.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_has_its_minute() {
        let throttle = Throttle::new(2);
        let at = |seconds: i64| Instant::from_micros(1_000_000 * seconds);
        let ask = |source: &str, seconds| throttle.pass(source.parse().ok(), at(seconds));
        #[rustfmt::skip]
        let cases = [
            ("10.0.0.1", 0, Ok(())), ("10.0.0.1", 1, Ok(())), ("10.0.0.1", 2, Err(59)), ("::ffff:10.0.0.1", 59, Err(2)),
            ("10.0.0.2", 59, Ok(())), ("10.0.0.1", 60, Ok(())),
            ("2001:db8::1", 60, Ok(())), ("2001:db8::2", 60, Ok(())), ("2001:db8::3", 60, Err(61)), ("2001:db8:0:1::1", 60, Ok(())),
            // A clock that was set back begins anew.
            ("2001:db8::4", 10, Ok(())),
            ("not an address", 60, Ok(())), ("not an address", 60, Ok(())), ("not an address", 60, Ok(())),
        ];
        for (source, seconds, expected) in cases {
            assert_eq!(ask(source, seconds), expected, "{source} {seconds}");
        }
    }

    #[test]
    fn a_flood_of_refusals_is_counted_and_not_written_down() {
        let (lines, address) = (Lines::default(), |text: &str| Some(text.parse().unwrap()));
        let at = |seconds: i64| Instant::from_micros(1_000_000 * seconds);
        for (source, other) in [(address("10.0.0.1"), address("10.0.0.2")), (None, address("10.0.0.3"))] {
            let written = (0..700).filter(|_| lines.pass(source, at(0))).count();
            assert_eq!((written, lines.take_left_out(), lines.take_left_out(), lines.pass(other, at(1))), (100, 600, 0, true));
            assert_eq!((lines.pass(source, at(59)), lines.pass(source, at(60)), lines.take_left_out()), (false, true, 1));
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let throttle = Throttle::new(1);
        let address = |number: usize| Some(IpAddr::from(u32::try_from(number).unwrap().to_be_bytes()));
        for number in 0..SOURCES + 10 {
            assert_eq!(throttle.pass(address(number), Instant::from_micros(0)), Ok(()));
        }
        assert!(throttle.seen.lock().unwrap().len() <= SOURCES);
    }
}
