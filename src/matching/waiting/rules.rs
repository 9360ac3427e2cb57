//! Whether interest is still there.

use super::model::{Check, Interest};
use crate::base::calendar::{Calendar, Span};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};

/// Where interest stands: the acceptance or the end of the last match says yes, and so or not does whoever was asked after that. `days`
/// after the last yes it is asked again; 0: never.
pub fn interest(waiting_since: Instant, last: Option<Check>, days: u32, calendar: Calendar) -> Interest {
    let last = last.filter(|check| check.asked_at >= waiting_since);
    match last {
        Some(Check { still_wanted: false, asked_at }) => Interest::Gone { said_at: asked_at },
        _ => {
            let said_at = last.map_or(waiting_since, |check| check.asked_at);
            Interest::Wanted { said_at, ask_again_at: (days > 0).then(|| calendar.due(said_at, Span::Days(days))) }
        }
    }
}

/// Whether a place may be held.
///
/// # Errors
/// 409 when a match is not wanted any more, or it is time to ask again.
pub fn check_wanted(interest: Interest, now: Instant) -> Result<()> {
    match interest {
        Interest::Gone { .. } => {
            Err(Problem::new(Code::WrongState).say("Der ønskes ikke længere et match", "A match is not wanted any more").into())
        }
        Interest::Wanted { ask_again_at: Some(at), .. } if now > at => {
            let problem = Problem::new(Code::WrongState);
            Err(problem.say("Spørg først, om der stadig ønskes et match", "Ask first whether a match is still wanted").into())
        }
        Interest::Wanted { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::Programme;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn interest_is_asked_again_after_a_set_time() {
        let calendar = Programme::default().calendar();
        let check = |still_wanted, asked_at| Some(Check { still_wanted, asked_at: at(asked_at) });
        let since = "2026-03-02T08:00:00Z";
        // Last asked, days, until when a place may be held; nothing: it may not at all.
        #[rustfmt::skip]
        let cases = [
            (None, 90, Some("2026-05-31T21:59:59.999999Z")),
            (None, 0, Some("2036-03-02T08:00:00Z")),
            (check(true, "2026-06-10T08:00:00Z"), 90, Some("2026-09-08T21:59:59.999999Z")),
            (check(false, "2026-06-10T08:00:00Z"), 90, None),
            (check(false, "2026-03-02T08:00:00Z"), 0, None),
            // What was said before the last match counts no more.
            (check(false, "2026-03-02T07:59:59Z"), 90, Some("2026-05-31T21:59:59.999999Z")),
            (check(true, "2026-01-01T08:00:00Z"), 90, Some("2026-05-31T21:59:59.999999Z")),
        ];
        for (last, days, until) in cases {
            let interest = interest(at(since), last, days, calendar);
            match until {
                None => assert!(check_wanted(interest, at(since)).is_err(), "{last:?}"),
                Some(until) => {
                    assert!(check_wanted(interest, at(until)).is_ok(), "{last:?}");
                    let later = at(until).plus(chrono::TimeDelta::microseconds(1));
                    assert_eq!(check_wanted(interest, later).is_err(), days > 0, "{last:?}");
                }
            }
        }
    }
}
