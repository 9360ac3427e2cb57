//! Decisions about cases: when a referral is due and how an alert is watched. Pure.

use chrono::TimeDelta;

use super::model::{Case, Hours, Joined, State, TargetGroup};
use crate::base::calendar::{Calendar, Span};
use crate::base::clock::Instant;
use crate::base::config::ClockStart;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::value::Flaw;
use crate::cases::model::Severity;
use crate::enquiries::rules::police;

/// When the hours of a referral start and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferralLimit {
    /// What the hours are counted from.
    pub from_at: Instant,
    /// The last moment in time; before the founding when the hours were gone by then.
    pub due_at: Instant,
}

/// Referral within 24, 48 or 72 elapsed hours by severity, from founding or, by the setting, from receiving (domain section 4).
///
/// Each concern that joined the case before it was referred has hours of its own: the earliest limit holds. Promise and figures go by it.
pub fn referral_limit(start: ClockStart, own: Hours, joined: &[Joined], referred_at: Option<Instant>) -> ReferralLimit {
    let earlier = |first: ReferralLimit, next: ReferralLimit| if next.due_at < first.due_at { next } else { first };
    let counting = joined.iter().filter(|concern| was_founded(concern, referred_at));
    counting.map(|concern| limit_of(start, concern.hours)).fold(limit_of(start, own), earlier)
}

/// Whether a concern was founded when its case was referred, or is now where that was not. Of one that the police took over later the hours were
/// kept or missed by then, and stay so.
fn was_founded(concern: &Joined, referred_at: Option<Instant>) -> bool {
    concern.is_founded || referred_at.is_some_and(|at| !police::had_it(&concern.answers, concern.hours.founded_at, at))
}

fn limit_of(start: ClockStart, concern: Hours) -> ReferralLimit {
    let from_at = match start {
        ClockStart::Founded => concern.founded_at,
        ClockStart::Received => concern.received_at,
    };
    let hours = match concern.severity {
        Severity::Hours24 => 24,
        Severity::Hours48 => 48,
        Severity::Hours72 => 72,
    };
    ReferralLimit { from_at, due_at: from_at.plus(TimeDelta::hours(hours)) }
}

/// The next look at an alert: the end of the day `days` after it was raised or last looked at. The slot is that day.
pub fn next_look(calendar: Calendar, looked_at: Instant, days: u32) -> (String, Instant) {
    let due_at = calendar.due(looked_at, Span::Days(days));
    (calendar.zone.date(due_at).to_string(), due_at)
}

/// A stated moment lies not after now and not before its cause.
///
/// # Errors
/// 422 at `pointer` with `after_now` or `before_cause`.
pub fn check_stated(pointer: &str, at: Instant, now: Instant, cause_at: Instant) -> Result<()> {
    crate::enquiries::rules::stated(pointer, Some(at), now, cause_at).map(|_| ())
}

/// Somebody radicalised is offered nothing before the police stated that an offer is suitable.
///
/// # Errors
/// 422 at `/police_statement_at`.
pub fn check_statement(group: TargetGroup, statement: Option<Instant>) -> Result<()> {
    if group != TargetGroup::Radicalised || statement.is_some() {
        return Ok(());
    }
    let words = ("Politiets udtalelse om, at et tilbud er egnet, mangler", "The police's statement that an offer is suitable is missing");
    Err(invalid("/police_statement_at", Flaw::Required, words.0, words.1))
}

/// Refuses what only an open case allows.
///
/// # Errors
/// 409 with the state in words.
pub fn check_open(case: &Case) -> Result<()> {
    if case.state == State::Open {
        return Ok(());
    }
    Err(closed().into())
}

/// Why a closed case does not allow something.
pub fn closed() -> Problem {
    Problem::new(Code::WrongState).say("Sagen er lukket", "The case is closed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::calendar::{Holidays, Zone};
    use crate::enquiries::model::{ScreenAnswer, ScreenResult};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_referral_is_due_after_elapsed_hours_by_severity() {
        use ClockStart::{Founded, Received};
        #[rustfmt::skip]
        let cases = [
            // received, founded, start, severity, from, due
            ("2026-01-05T09:00:00Z", "2026-01-09T10:30:00Z", Founded, Severity::Hours24, "2026-01-09T10:30:00Z", "2026-01-10T10:30:00Z"),
            ("2026-01-05T09:00:00Z", "2026-01-09T10:30:00Z", Founded, Severity::Hours48, "2026-01-09T10:30:00Z", "2026-01-11T10:30:00Z"),
            ("2026-01-05T09:00:00Z", "2026-01-09T10:30:00Z", Founded, Severity::Hours72, "2026-01-09T10:30:00Z", "2026-01-12T10:30:00Z"),
            // Born with the time that is left.
            ("2026-01-08T09:00:00Z", "2026-01-09T10:30:00Z", Received, Severity::Hours48, "2026-01-08T09:00:00Z", "2026-01-10T09:00:00Z"),
            // Born late.
            ("2026-01-05T09:00:00Z", "2026-01-09T10:30:00Z", Received, Severity::Hours24, "2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z"),
            // Elapsed hours take no notice of the change to summer time on 29 March 2026.
            ("2026-03-28T12:00:00Z", "2026-03-28T12:00:00Z", Founded, Severity::Hours24, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        ];
        for (received, founded, start, severity, from, due) in cases {
            let hours = Hours { received_at: at(received), founded_at: at(founded), severity };
            let limit = referral_limit(start, hours, &[], None);
            assert_eq!(limit, ReferralLimit { from_at: at(from), due_at: at(due) }, "{received} {founded} {severity}");
        }
    }

    #[test]
    fn the_earliest_limit_of_a_case_and_what_joined_it_holds() {
        let hours = |founded: &str, severity| Hours { received_at: at(founded), founded_at: at(founded), severity };
        let own = hours("2026-01-05T10:00:00Z", Severity::Hours72);
        for (founded, severity, due) in [
            ("2026-01-06T09:00:00Z", Severity::Hours24, "2026-01-07T09:00:00Z"),
            ("2026-01-07T10:00:00Z", Severity::Hours24, "2026-01-08T10:00:00Z"),
            ("2026-01-07T11:00:00Z", Severity::Hours24, "2026-01-08T10:00:00Z"),
        ] {
            let joined = Joined { hours: hours(founded, severity), is_founded: true, answers: Vec::new() };
            assert_eq!(referral_limit(ClockStart::Founded, own, &[joined], None).due_at, at(due), "{founded}");
        }
    }

    #[test]
    fn what_joined_counts_if_it_was_founded_when_the_case_was_referred() {
        use ScreenResult::{Clear, GoAhead, TakenOver};
        let hours = |founded: &str, severity| Hours { received_at: at(founded), founded_at: at(founded), severity };
        let (own, joined) = (hours("2026-03-02T08:00:00Z", Severity::Hours72), hours("2026-03-02T09:00:00Z", Severity::Hours24));
        let (with, without) = (at("2026-03-03T09:00:00Z"), at("2026-03-05T08:00:00Z"));
        let (cleared, taken, late) = ((Clear, "2026-03-02T08:30:00Z"), "2026-03-02T20:00:00Z", "2026-03-05T10:00:00Z");
        for (is_founded, said, by_referral, unreferred) in [
            (true, vec![cleared], with, with),
            (false, vec![cleared, (TakenOver, taken)], without, without),
            (false, vec![cleared, (TakenOver, taken), (TakenOver, late)], without, without),
            (false, vec![cleared, (TakenOver, taken), (GoAhead, "2026-03-03T10:00:00Z"), (TakenOver, late)], without, without),
            (false, vec![cleared, (TakenOver, late)], with, without),
            (false, vec![cleared, (TakenOver, late), (GoAhead, "2026-03-06T10:00:00Z")], with, without),
        ] {
            let answers = said.iter().map(|(result, text)| ScreenAnswer { answered_at: at(text), result: *result }).collect();
            let joined = [Joined { hours: joined, is_founded, answers }];
            let due_at = |referred| referral_limit(ClockStart::Founded, own, &joined, referred).due_at;
            assert_eq!((due_at(Some(at("2026-03-04T20:00:00Z"))), due_at(None)), (by_referral, unreferred), "{said:?}");
        }
    }

    #[test]
    fn an_alert_is_looked_at_the_next_day() {
        let calendar = Calendar { zone: Zone::COPENHAGEN, holidays: Holidays::none() };
        #[rustfmt::skip]
        let cases = [
            ("2026-01-05T09:00:00Z", 1, "2026-01-06", "2026-01-06T22:59:59.999999Z"),
            // Half past midnight in Copenhagen is already the next day.
            ("2026-01-05T23:30:00Z", 1, "2026-01-07", "2026-01-07T22:59:59.999999Z"),
            ("2026-03-28T12:00:00Z", 1, "2026-03-29", "2026-03-29T21:59:59.999999Z"),
            ("2026-12-24T12:00:00Z", 2, "2026-12-26", "2026-12-26T22:59:59.999999Z"),
        ];
        for (looked, days, slot, due) in cases {
            assert_eq!(next_look(calendar, at(looked), days), (slot.to_owned(), at(due)), "{looked}");
        }
    }

    #[test]
    fn stated_times_lie_between_their_cause_and_now() {
        let (cause, now) = (at("2026-01-05T09:00:00Z"), at("2026-01-05T12:00:00Z"));
        for (stated, sound) in [
            ("2026-01-05T08:59:59Z", false),
            ("2026-01-05T09:00:00Z", true),
            ("2026-01-05T12:00:00Z", true),
            ("2026-01-05T12:00:01Z", false),
        ] {
            assert_eq!(check_stated("/happened_at", at(stated), now, cause).is_ok(), sound, "{stated}");
        }
    }
}
