//! Whether interest is still there.

use super::model::{Check, Hurdle, Interest, Standing};
use crate::base::calendar::{Calendar, Span};
use crate::base::clock::Instant;
use crate::base::db::{CodeSet, Coded};
use crate::base::error::{Code, FieldError, Problem, Result};
use crate::base::ids::MatchId;

/// Where interest stands: the acceptance or the end of the last match says yes, and so or not does whoever was asked after that. `days`
/// after the last yes it is asked again; 0: never.
pub fn interest(since: Instant, last: Option<Check>, days: u32, calendar: Calendar) -> Interest {
    let last = last.filter(|check| check.asked_at >= since);
    match last {
        Some(Check { still_wanted: false, asked_at }) => Interest::Gone { said_at: asked_at },
        _ => {
            let said_at = last.map_or(since, |check| check.asked_at);
            Interest::Wanted { said_at, ask_again_at: (days > 0).then(|| calendar.due(said_at, Span::Days(days))) }
        }
    }
}

/// What must come first before a place is held: one rule for whoever proposes, for runs and for the list of who waits.
pub fn hurdles(standing: &Standing, now: Instant) -> CodeSet<Hurdle> {
    let (not_wanted, ask) = match standing.interest {
        Interest::Gone { .. } => (true, false),
        Interest::Wanted { ask_again_at, .. } => (false, ask_again_at.is_some_and(|at| now > at)),
    };
    CodeSet::of_flags([standing.is_paused, standing.lacks_consent, not_wanted, ask, standing.talk_about.is_some()])
}

/// Refuses while something must come first: the first of it is the sentence, each is named; so is the match to talk about, or who can.
///
/// # Errors
/// 409.
pub fn check_hurdles(hurdles: CodeSet<Hurdle>, talk_about: Option<MatchId>) -> Result<()> {
    let Some(first) = hurdles.iter().next() else { return Ok(()) };
    let mut problem = Problem::new(if first == Hurdle::RepairTalk { Code::Blocked } else { Code::WrongState });
    problem.detail = Some(Box::new(first.words()));
    for hurdle in hurdles.iter() {
        problem.errors.push(FieldError { pointer: "/course_id".into(), code: hurdle.code(), words: hurdle.words() });
    }
    if let Some(last) = talk_about {
        problem = problem.blocked_by("match", last.uuid());
    } else if first == Hurdle::RepairTalk {
        let words = (
            "En anden koordinator må først tale med dem om, hvorfor det sidste match endte",
            "Another coordinator must talk with them first about why the last match ended",
        );
        problem = problem.say(words.0, words.1);
    }
    Err(problem.into())
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
            let stands = Standing { is_paused: false, lacks_consent: false, interest, talk_about: None };
            let found = |now| hurdles(&stands, now).iter().collect::<Vec<_>>();
            match until {
                None => assert_eq!(found(at(since)), [Hurdle::NotWanted], "{last:?}"),
                Some(until) => {
                    assert_eq!(found(at(until)), [], "{last:?}");
                    let later = at(until).plus(chrono::TimeDelta::microseconds(1));
                    assert_eq!(found(later).contains(&Hurdle::AskInterest), days > 0, "{last:?}");
                }
            }
        }
    }

    #[test]
    fn all_that_must_come_first_is_said() {
        let wanted = Interest::Wanted { said_at: at("2026-03-02T08:00:00Z"), ask_again_at: None };
        let free = Standing { is_paused: false, lacks_consent: false, interest: wanted, talk_about: None };
        let last = crate::base::ids::IdSource::seeded(1).next();
        let all = Standing { is_paused: true, lacks_consent: true, talk_about: Some(last), ..free };
        let found = hurdles(&all, at("2026-03-02T08:00:00Z"));
        assert_eq!(found.iter().collect::<Vec<_>>(), [Hurdle::Paused, Hurdle::Consent, Hurdle::RepairTalk]);
        assert!(check_hurdles(CodeSet::default(), None).is_ok());
        let refused = match check_hurdles(found, Some(last)) {
            Err(crate::base::error::Error::Refused(problem)) => Some(problem),
            _ => None,
        };
        let problem = refused.unwrap();
        assert_eq!((problem.code, problem.errors.len(), problem.blocking.len()), (Code::WrongState, 3, 1));
        let hidden = match check_hurdles(CodeSet::of_flags([false, false, false, false, true]), None) {
            Err(crate::base::error::Error::Refused(problem)) => Some(problem),
            _ => None,
        };
        let problem = hidden.unwrap();
        assert_eq!((problem.code, problem.errors.len(), problem.blocking.len()), (Code::Blocked, 1, 0));
        assert!(problem.words().en.starts_with("Another coordinator"), "what they may not see is not named to them");
    }
}
