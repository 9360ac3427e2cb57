//! When follow-ups are promised, what a result must say, and which result keeps the promise. Pure.

use chrono::NaiveDate;

use super::model::{Content, Followup, Kind};
use crate::base::calendar::{Calendar, Span, Zone};
use crate::base::clock::Instant;
use crate::base::config::Deadlines;
use crate::base::error::{Code, Problem, Result};
use crate::base::value::Flaw;
use crate::cases::rules::check_stated;

/// When a follow-up opens and is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Which of the two.
    pub kind: Kind,
    /// From when it is on a list of what to do.
    pub opens_at: Instant,
    /// The last moment in time.
    pub due_at: Instant,
}

/// The two follow-ups of a course that was gone through: 6 and 12 months after its stated end, counted from it and never chained.
pub fn terms(calendar: Calendar, deadlines: &Deadlines, ended_at: Instant) -> [Term; 2] {
    let [first, second] = deadlines.followup_months;
    [(Kind::After6Months, first), (Kind::After12Months, second)].map(|(kind, months)| Term {
        kind,
        opens_at: calendar.opens_at(ended_at, Span::Months(months), deadlines.lead_days),
        due_at: calendar.due(ended_at, Span::Months(months)),
    })
}

/// From when to when a result may be, and what was agreed at the closing.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// When the course ended (stated).
    pub ended_at: Instant,
    /// When the follow-up opened.
    pub opens_at: Instant,
    /// The server's clock.
    pub now: Instant,
    /// Where dates are counted.
    pub zone: Zone,
    /// Whoever is asked consented to the person's being contacted.
    pub may_contact: bool,
    /// The day of the person's death.
    pub died_on: Option<NaiveDate>,
}

/// Refuses a result that says too little, too much, or what cannot have been.
///
/// A 6-month result is one from when it opened: a judgement made earlier is none. The activity may be learned on any day after the end.
///
/// # Errors
/// 422 with each wrong member named.
pub fn check(kind: Kind, content: &Content, limits: &Limits) -> Result<()> {
    check_stated("/result/held_at", content.held_at, limits.now, limits.ended_at)?;
    let mut problem = Problem::new(Code::Invalid);
    let (after_6, after_12) = (kind == Kind::After6Months, kind == Kind::After12Months);
    if after_6 && content.held_at < limits.opens_at {
        problem = problem.field(
            "/result/held_at",
            Flaw::TooEarly,
            "Så tidligt er det ikke en 6-måneders opfølgning",
            "Too early for a 6-month result",
        );
    }
    if limits.died_on.is_some_and(|died_on| died_on < limits.zone.date(content.held_at)) {
        problem = problem.wrong(Flaw::AfterDeath.at("/result/held_at"));
    }
    if content.way.contacts_the_person() && !limits.may_contact {
        problem = problem.wrong(Flaw::NoConsent.at("/result/way"));
    }
    let members = [
        ("/result/at_risk", content.at_risk.is_some(), after_6),
        ("/result/activity", content.activity.is_some(), after_12),
        ("/result/as_of_on", content.as_of_on.is_some(), after_12),
    ];
    for (pointer, is_there, is_asked) in members {
        problem = match (is_there, is_asked) {
            (false, true) => problem.wrong(Flaw::Required.at(pointer)),
            (true, false) => problem.wrong(Flaw::NotForKind.at(pointer)),
            _ => problem,
        };
    }
    if let Some(on) = content.as_of_on.filter(|_| after_12) {
        if on > limits.zone.date(content.held_at) {
            problem = problem.wrong(Flaw::AfterHeld.at("/result/as_of_on"));
        } else if on < limits.zone.date(limits.ended_at) {
            problem = problem.field(
                "/result/as_of_on",
                Flaw::BeforeCause,
                "Ligger før forløbets afslutning",
                "Lies before the end of the course",
            );
        }
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// Whether a result that was recorded goes with an end of its course that was corrected.
pub fn goes_with(result: &Followup, opens_at: Instant, ended_at: Instant, ended_on: NaiveDate) -> bool {
    let is_due = result.kind != Kind::After6Months || result.held_at >= opens_at;
    is_due && result.held_at >= ended_at && result.as_of_on.is_none_or(|on| on >= ended_on)
}

/// When a promise was kept, by the times its results were held: the first from when it opened. An earlier one stands, and the promise
/// with it.
pub fn met_at(opens_at: Instant, held: &[Instant]) -> Option<Instant> {
    held.iter().copied().filter(|at| *at >= opens_at).min()
}

#[cfg(test)]
mod tests {
    use super::super::model::{AtRisk, Way};
    use super::*;
    use crate::base::error::Error;
    use crate::base::ids::Id;
    use crate::base::value::Text;
    use crate::courses::model::Activity;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn due_after_6_and_12_months_and_open_14_days_before() {
        for (ended, expected) in [
            (
                "2026-08-31T10:00:00Z",
                ["2027-02-13T23:00:00Z 2027-02-28T22:59:59.999999Z", "2027-08-16T22:00:00Z 2027-08-31T21:59:59.999999Z"],
            ),
            (
                "2024-02-29T10:00:00Z",
                ["2024-08-14T22:00:00Z 2024-08-29T21:59:59.999999Z", "2025-02-13T23:00:00Z 2025-02-28T22:59:59.999999Z"],
            ),
            // Half past eleven in the evening, UTC, is the next day in Copenhagen.
            (
                "2026-01-31T23:30:00Z",
                ["2026-07-17T22:00:00Z 2026-08-01T21:59:59.999999Z", "2027-01-17T23:00:00Z 2027-02-01T22:59:59.999999Z"],
            ),
        ] {
            let terms = terms(Calendar::default(), &Deadlines::default(), at(ended));
            assert_eq!(terms.map(|term| format!("{} {}", term.opens_at, term.due_at)), expected.map(str::to_owned), "{ended}");
            assert_eq!(terms.map(|term| term.kind), [Kind::After6Months, Kind::After12Months]);
        }
    }

    fn result(held: &str) -> Content {
        Content {
            held_at: at(held),
            way: Way::Phone,
            at_risk: None,
            new_concern: false,
            activity: None,
            as_of_on: None,
            basis: Text::parse("Samtale").unwrap(),
            done_by: Id::from_uuid(uuid::Uuid::nil()),
        }
    }

    /// The wrong members, of a course that ended on 31 August 2026; asked in March 2027, or in October 2027.
    fn wrong(kind: Kind, content: &Content, now: &str, may_contact: bool) -> Vec<String> {
        let term = terms(Calendar::default(), &Deadlines::default(), at("2026-08-31T10:00:00Z"));
        let opens_at = if kind == Kind::After6Months { term[0].opens_at } else { term[1].opens_at };
        let died_on = "2027-11-30".parse().ok();
        let limits = Limits { ended_at: at("2026-08-31T10:00:00Z"), opens_at, now: at(now), zone: Zone::COPENHAGEN, may_contact, died_on };
        match check(kind, content, &limits) {
            Err(Error::Refused(problem)) => problem.errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect(),
            other => other.map(|()| Vec::new()).unwrap(),
        }
    }

    #[test]
    fn what_a_six_month_result_says() {
        let sound = Content { at_risk: Some(AtRisk::No), ..result("2027-02-20T10:00:00Z") };
        let asks = |change: &dyn Fn(&mut Content)| {
            let mut content = sound.clone();
            change(&mut content);
            wrong(Kind::After6Months, &content, "2027-03-05T10:00:00Z", true)
        };
        assert!(asks(&|_| {}).is_empty());
        assert_eq!(asks(&|c| c.at_risk = None), ["/result/at_risk required"]);
        assert_eq!(asks(&|c| c.activity = Some(Activity::Both)), ["/result/activity not_for_kind"]);
        assert_eq!(asks(&|c| c.held_at = at("2027-02-13T22:59:59Z")), ["/result/held_at too_early"]);
        assert!(asks(&|c| c.held_at = at("2027-02-13T23:00:00Z")).is_empty());
        assert_eq!(asks(&|c| c.held_at = at("2026-08-31T09:59:59Z")), ["/result/held_at before_cause"]);
        assert_eq!(asks(&|c| c.held_at = at("2027-03-05T10:00:01Z")), ["/result/held_at after_now"]);
        assert_eq!(wrong(Kind::After6Months, &sound, "2027-03-05T10:00:00Z", false), ["/result/way no_consent"]);
        for way in [Way::OwnInitiative, Way::Professional, Way::Records] {
            assert!(wrong(Kind::After6Months, &Content { way, ..sound.clone() }, "2027-03-05T10:00:00Z", false).is_empty(), "{way}");
        }
    }

    #[test]
    fn what_a_twelve_month_result_says() {
        let day = |text: &str| Some(text.parse().unwrap());
        let sound = Content { activity: Some(Activity::Education), as_of_on: day("2027-01-15"), ..result("2027-01-20T10:00:00Z") };
        let asks = |change: &dyn Fn(&mut Content)| {
            let mut content = sound.clone();
            change(&mut content);
            wrong(Kind::After12Months, &content, "2027-10-05T10:00:00Z", true)
        };
        // Any day since the end.
        assert!(asks(&|_| {}).is_empty());
        assert_eq!(asks(&|c| c.activity = None), ["/result/activity required"]);
        assert_eq!(asks(&|c| c.as_of_on = None), ["/result/as_of_on required"]);
        assert_eq!(asks(&|c| c.at_risk = Some(AtRisk::Unknown)), ["/result/at_risk not_for_kind"]);
        assert_eq!(asks(&|c| c.as_of_on = day("2027-01-21")), ["/result/as_of_on after_held"]);
        assert_eq!(asks(&|c| c.as_of_on = day("2026-08-30")), ["/result/as_of_on before_cause"]);
        assert!(asks(&|c| c.as_of_on = day("2026-08-31")).is_empty());
    }

    #[test]
    fn the_first_result_since_it_opened_keeps_the_promise() {
        let opens = at("2027-08-16T22:00:00Z");
        for (held, expected) in [
            (vec![], None),
            (vec!["2027-01-20T10:00:00Z"], None),
            (vec!["2027-01-20T10:00:00Z", "2027-09-01T10:00:00Z", "2027-08-20T10:00:00Z"], Some("2027-08-20T10:00:00Z")),
            (vec!["2027-08-16T22:00:00Z"], Some("2027-08-16T22:00:00Z")),
        ] {
            let times: Vec<Instant> = held.iter().map(|text| at(text)).collect();
            assert_eq!(met_at(opens, &times), expected.map(at), "{held:?}");
        }
    }
}
