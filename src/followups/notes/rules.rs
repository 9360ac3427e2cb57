//! What a contact note must say and must not say. Pure.

use std::collections::BTreeSet;

use super::model::{Content, NoteKind, Outcome, Said};
use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::value::Flaw;
use crate::cases::rules::check_stated;
use crate::sessions::Side;

/// From when to when a note may tell of something.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What it follows from: the enquiry was received, or the match began.
    pub cause_at: Instant,
    /// When the match ended, of a note about one.
    pub ended_at: Option<Instant>,
    /// The server's clock.
    pub now: Instant,
    /// Where dates are counted.
    pub zone: Zone,
}

/// Which sides of the match were spoken to: supervision is with the mentor or coach.
pub fn sides(kind: NoteKind, stated: &[Side]) -> Vec<Side> {
    if kind == NoteKind::Supervision && stated.is_empty() { vec![Side::Staff] } else { stated.to_vec() }
}

/// Refuses a version that contradicts itself or tells of a time when it cannot have been. `is_of_match`: it names a match.
///
/// # Errors
/// 422 with each wrong member named.
pub fn check(said: &Said, is_of_match: bool, limits: &Limits) -> Result<()> {
    let content = &said.content;
    check_stated("/note/happened_at", content.happened_at, limits.now, limits.cause_at)?;
    let mut problem = Problem::new(Code::Invalid);
    if limits.ended_at.is_some_and(|ended_at| content.happened_at > ended_at) {
        problem = problem.wrong(Flaw::AfterMatch.at("/note/happened_at"));
    }
    match content.outcome {
        Outcome::Cancelled if content.by.is_none() => {
            problem = problem.field("/note/by", Flaw::Required, "Skriv hvem der aflyste", "Say who cancelled");
        }
        Outcome::Held if content.by.is_some() => {
            problem = problem.field("/note/by", Flaw::NotForOutcome, "Det blev holdt", "It was held");
        }
        Outcome::Held | Outcome::Cancelled | Outcome::DidNotAppear => {}
    }
    problem = check_sides(problem, content, is_of_match);
    problem = check_step(problem, content, limits.zone);
    problem = check_reports(problem, content, limits.cause_at);
    if said.facts.is_none() && content.outcome == Outcome::Held {
        problem = problem.field("/note/facts", Flaw::Required, "Skriv hvad der blev sagt", "Say what was said");
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

fn check_sides(mut problem: Problem, content: &Content, is_of_match: bool) -> Problem {
    if content.kind.is_of_match() != is_of_match {
        problem = if is_of_match {
            problem.wrong(Flaw::NotOfMatch.at("/note/kind"))
        } else {
            problem.field("/match_id", Flaw::Required, "Skriv hvilket match", "Say which match")
        };
    }
    let distinct: BTreeSet<Side> = content.sides.iter().copied().collect();
    let is_needed = content.kind.is_of_match();
    let lacks_staff = content.kind == NoteKind::Supervision && !distinct.contains(&Side::Staff);
    if distinct.contains(&Side::Unit) || distinct.len() != content.sides.len() || lacks_staff || !is_needed && !distinct.is_empty() {
        problem = problem.wrong(Flaw::WrongSide.at("/note/sides"));
    } else if is_needed && distinct.is_empty() {
        problem = problem.field("/note/sides", Flaw::Required, "Skriv hvem der blev talt med", "Say who was spoken to");
    }
    problem
}

fn check_step(problem: Problem, content: &Content, zone: Zone) -> Problem {
    match &content.step {
        Some(step) if step.on < zone.date(content.happened_at) => problem.wrong(Flaw::BeforeNote.at("/note/next_step/on")),
        _ => problem,
    }
}

/// What a partner tells of was to be before they told of it.
fn check_reports(mut problem: Problem, content: &Content, cause_at: Instant) -> Problem {
    use crate::sessions::logs::model::Outcome as Met;
    let mut known = BTreeSet::new();
    for (number, report) in content.reports.iter().enumerate() {
        let at = |member: &str| format!("/note/reported_meetings/{number}/{member}");
        if report.starts_at > content.happened_at {
            problem = problem.wrong(Flaw::AfterNote.at(at("starts_at")));
        }
        if report.starts_at < cause_at {
            problem = problem.field(at("starts_at"), Flaw::BeforeCause, "Ligger før henvendelsen", "Lies before the enquiry");
        }
        if !known.insert((report.person_id, report.starts_at)) {
            problem = problem.field(at("starts_at"), Flaw::Twice, "Mødet står der to gange", "The meeting is there twice");
        }
        if report.outcome == Met::Cancelled && report.by.is_none() {
            problem = problem.field(at("by"), Flaw::Required, "Skriv hvem der aflyste", "Say who cancelled");
        }
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::super::model::{Party, Step};
    use super::*;
    use crate::base::error::Error;
    use crate::base::ids::Id;
    use crate::base::value::Text;
    use crate::sessions::attendance::model::Report;
    use crate::sessions::logs::model::Outcome as Met;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// A call on Wednesday 4 March 2026 at four in the afternoon, in Copenhagen.
    fn call() -> Said {
        let content = Content {
            kind: NoteKind::Call,
            outcome: Outcome::Held,
            by: None,
            happened_at: at("2026-03-04T15:00:00Z"),
            done_by: Id::from_uuid(uuid::Uuid::nil()),
            persons: Vec::new(),
            partner: None,
            professional: None,
            sides: Vec::new(),
            step: None,
            reports: Vec::new(),
        };
        Said { content, facts: Text::parse("Talt med skolen").ok(), assessment: None }
    }

    fn report(starts: &str, outcome: Met, by: Option<Side>) -> Report {
        Report { person_id: Id::from_uuid(uuid::Uuid::nil()), starts_at: at(starts), outcome, by, new_time_agreed: None }
    }

    fn step(on: &str) -> Option<Step> {
        Some(Step { words: Text::parse("Ring").unwrap(), on: on.parse().unwrap(), owner: Id::from_uuid(uuid::Uuid::nil()) })
    }

    #[test]
    fn what_a_note_must_say() {
        type Change<'a> = &'a dyn Fn(&mut Said);
        let of_match = |said: &mut Said, kind, sides: &[Side]| (said.content.kind, said.content.sides) = (kind, sides.to_vec());
        #[rustfmt::skip]
        let cases: &[(&str, bool, Change<'_>, &[&str])] = &[
            ("a call", false, &|_| {}, &[]),
            ("without a word", false, &|s| s.facts = None, &["/note/facts required"]),
            ("cancelled by nobody", false, &|s| s.content.outcome = Outcome::Cancelled, &["/note/by required"]),
            ("cancelled, without a word", false, &|s| { s.content.outcome = Outcome::Cancelled; s.content.by = Some(Party::Partner); s.facts = None; }, &[]),
            ("did not appear", false, &|s| s.content.outcome = Outcome::DidNotAppear, &[]),
            ("held, cancelled by somebody", false, &|s| s.content.by = Some(Party::Unit), &["/note/by not_for_outcome"]),
            ("after now", false, &|s| s.content.happened_at = at("2026-03-05T10:00:01Z"), &["/note/happened_at after_now"]),
            ("before the enquiry", false, &|s| s.content.happened_at = at("2026-03-02T07:59:59Z"), &["/note/happened_at before_cause"]),
            ("after the match", true, &|s| { of_match(s, NoteKind::SupportContact, &[Side::Staff]); s.content.happened_at = at("2026-03-05T09:00:01Z"); }, &["/note/happened_at after_match"]),
            ("a call about a match", true, &|_| {}, &["/note/kind not_of_match"]),
            ("a support contact of none", false, &|s| of_match(s, NoteKind::SupportContact, &[Side::Staff]), &["/match_id required"]),
            ("a support contact", true, &|s| of_match(s, NoteKind::SupportContact, &[Side::Person]), &[]),
            ("with both", true, &|s| of_match(s, NoteKind::SupportContact, &[Side::Person, Side::Staff]), &[]),
            ("with one twice", true, &|s| of_match(s, NoteKind::SupportContact, &[Side::Staff, Side::Staff]), &["/note/sides wrong_side"]),
            ("with nobody", true, &|s| of_match(s, NoteKind::SupportContact, &[]), &["/note/sides required"]),
            ("with the unit", true, &|s| of_match(s, NoteKind::SupportContact, &[Side::Unit]), &["/note/sides wrong_side"]),
            ("supervision of the young person", true, &|s| of_match(s, NoteKind::Supervision, &[Side::Person]), &["/note/sides wrong_side"]),
            ("sides of a call", false, &|s| s.content.sides = vec![Side::Staff], &["/note/sides wrong_side"]),
            ("a step on the same day", false, &|s| s.content.step = step("2026-03-04"), &[]),
            ("a step the day before", false, &|s| s.content.step = step("2026-03-03"), &["/note/next_step/on before_note"]),
            ("he did not come", false, &|s| s.content.reports = vec![report("2026-03-04T10:00:00Z", Met::NoShow, None)], &[]),
            ("nobody cancelled", false, &|s| s.content.reports = vec![report("2026-03-04T10:00:00Z", Met::Cancelled, None)], &["/note/reported_meetings/0/by required"]),
            ("told before it was", false, &|s| s.content.reports = vec![report("2026-03-04T15:00:01Z", Met::Held, None)], &["/note/reported_meetings/0/starts_at after_note"]),
            ("before the enquiry", false, &|s| s.content.reports = vec![report("2026-03-01T10:00:00Z", Met::Held, None)], &["/note/reported_meetings/0/starts_at before_cause"]),
            ("the same twice", false, &|s| s.content.reports = vec![report("2026-03-04T10:00:00Z", Met::NoShow, None); 2], &["/note/reported_meetings/1/starts_at twice"]),
        ];
        for (name, is_of_match, change, expected) in cases {
            let mut said = call();
            change(&mut said);
            let limits = Limits {
                cause_at: at("2026-03-02T08:00:00Z"),
                ended_at: is_of_match.then(|| at("2026-03-05T09:00:00Z")),
                now: at("2026-03-05T10:00:00Z"),
                zone: Zone::COPENHAGEN,
            };
            let found: Vec<String> = match check(&said, *is_of_match, &limits) {
                Err(Error::Refused(problem)) => problem.errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect(),
                other => other.map(|()| Vec::new()).unwrap(),
            };
            assert_eq!(found, *expected, "{name}");
        }
        assert_eq!(sides(NoteKind::Supervision, &[]), [Side::Staff]);
        assert_eq!(sides(NoteKind::SupportContact, &[]), []);
    }
}
