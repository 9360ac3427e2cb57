//! Decisions about enquiries: which step is open in which state, who is owed a receipt, what founds, who may be known. Pure.

pub mod police;

use super::model::{
    Conclusion, DecisionKind, EnquirySubject, FormerConclusion, Founding, ReceiptState, Reporter, ReporterKind, ScreenResult, State,
    TargetGroup,
};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::CaseId;
use crate::base::value::Flaw;

/// A step of the qualification that a state may refuse. What came late (an answer, a visit's outcome, a receipt) is always taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Add somebody whom it is about, or strike one out.
    ChangeSubjects,
    /// Say who a subject is.
    LinkSubject,
    /// Ask a partner.
    AskPartner,
    /// Ask the police.
    AskPolice,
    /// Decide a home visit.
    DecideVisit,
    /// Conclude.
    Conclude,
}

/// The state after a step.
///
/// # Errors
/// 409 when the state does not allow it.
pub fn after(state: State, step: Step) -> Result<State> {
    match (state, step) {
        // What was told: nothing was found out by it.
        (State::Received | State::Qualifying, Step::ChangeSubjects) => Ok(state),
        (State::Received | State::Qualifying, _) => Ok(State::Qualifying),
        // The police may be asked again: a go-ahead gives the concern back, a take-over ends what is open.
        (State::TransferredPolice | State::Founded, Step::AskPolice) => Ok(state),
        // Whoever was unknown then may be known by now, and whoever it was said to be about may turn out to be another.
        (State::Founded | State::Unfounded | State::OtherMunicipality, Step::LinkSubject) => Ok(state),
        (State::TransferredPolice, _) => Err(Problem::new(Code::WrongState)
            .say("Politiet har sagen, til det siger god for den", "The police have it until they give the go-ahead")
            .into()),
        (State::Founded | State::Unfounded | State::AdviceOnly | State::OtherMunicipality, _) => {
            Err(Problem::new(Code::WrongState).say("Henvendelsen er afsluttet", "The enquiry is concluded").into())
        }
    }
}

/// What an answer of the police makes of the state.
pub const fn after_screen(state: State, result: ScreenResult) -> State {
    match (state, result) {
        (State::Received | State::Qualifying | State::Founded, ScreenResult::TakenOver) => State::TransferredPolice,
        (State::Received, _) | (State::TransferredPolice, ScreenResult::GoAhead) => State::Qualifying,
        _ => state,
    }
}

/// Whether a state is one that a qualification ends with, and the decision that it is.
pub const fn decision_of(outcome: State) -> Option<DecisionKind> {
    match outcome {
        State::Received | State::Qualifying => None,
        State::Unfounded => Some(DecisionKind::Unfounded),
        State::Founded => Some(DecisionKind::Founded),
        State::AdviceOnly => Some(DecisionKind::AdviceOnly),
        State::OtherMunicipality => Some(DecisionKind::OtherMunicipality),
        State::TransferredPolice => Some(DecisionKind::TransferPolice),
    }
}

/// Decisions that a verb of their own makes, with what follows from them.
pub const fn has_its_own_verb(kind: DecisionKind) -> bool {
    matches!(
        kind,
        DecisionKind::HomeVisit
            | DecisionKind::Unfounded
            | DecisionKind::Founded
            | DecisionKind::AdviceOnly
            | DecisionKind::OtherMunicipality
            | DecisionKind::TransferPolice
    )
}

/// Where a reporter's receipt stands: a named professional is owed one (domain section 4).
pub const fn receipt_state(reporter: &Reporter) -> ReceiptState {
    match (reporter.receipt_at, reporter.kind) {
        (Some(_), _) => ReceiptState::Given,
        (None, ReporterKind::Professional) if !reporter.is_anonymous() => ReceiptState::Due,
        (None, _) => ReceiptState::NotOwed,
    }
}

/// The stated moment, now where none was stated: not after now, not before its cause.
///
/// # Errors
/// 422 at `pointer` with `after_now` or `before_cause`.
pub fn stated(pointer: &str, stated: Option<Instant>, now: Instant, cause_at: Instant) -> Result<Instant> {
    let at = stated.unwrap_or(now);
    if at > now {
        return Err(Flaw::AfterNow.refused(pointer));
    }
    if at < cause_at {
        return Err(Flaw::BeforeCause.refused(pointer));
    }
    Ok(at)
}

/// Whether a subject is a citizen with a name: linked to a person, or told by name or registration number.
pub const fn is_named(subject: &EnquirySubject) -> bool {
    let told = &subject.description;
    subject.person.is_some() || told.given.is_some() || told.family.is_some() || told.registration.is_some()
}

/// What a conclusion must say and must not say, each wrong member named. `at`: when it was decided; `names_somebody`: a subject is a citizen
/// with a name.
///
/// # Errors
/// 422.
pub fn check_conclusion(conclusion: &Conclusion, at: Instant, names_somebody: bool) -> Result<()> {
    let founding = &conclusion.founding;
    let mut problem = Problem::new(Code::Invalid);
    if decision_of(conclusion.outcome).is_none() {
        problem = problem.wrong(Flaw::NoConclusion.at("/outcome"));
    }
    if conclusion.outcome == State::AdviceOnly && names_somebody {
        problem = problem.wrong(Flaw::CitizenIsNamed.at("/outcome"));
    }
    if conclusion.outcome != State::Founded {
        if *founding != Founding::default() {
            problem = problem.wrong(Flaw::OnlyWhenFounded.at("/outcome"));
        }
    } else {
        let needed = [
            ("/case_kind", founding.case_kind.is_some()),
            ("/target_group", founding.target_group.is_some()),
            ("/severity", founding.severity.is_some()),
            ("/responsible_authority", founding.responsible_authority.is_some()),
            ("/needs_local_effort", founding.needs_local_effort.is_some()),
        ];
        for (pointer, _) in needed.into_iter().filter(|(_, is_there)| !is_there) {
            problem = problem.wrong(Flaw::Required.at(pointer));
        }
        let needs_statement = founding.target_group == Some(TargetGroup::Radicalised);
        match founding.police_statement_at {
            None if needs_statement => {
                problem = problem.field(
                    "/police_statement_at",
                    Flaw::Required,
                    "Politiets udtalelse om, at et tilbud er egnet, mangler",
                    "The police's statement that an offer is suitable is missing",
                );
            }
            Some(statement) if statement > at => {
                problem = problem.wrong(Flaw::AfterDecision.at("/police_statement_at"));
            }
            _ => {}
        }
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// Founded only after the police screen, and with somebody it is about. `screen`: the police's latest answer.
///
/// # Errors
/// 409.
pub fn check_founded(screen: Option<ScreenResult>, has_known_subject: bool) -> Result<()> {
    if !matches!(screen, Some(ScreenResult::Clear | ScreenResult::GoAhead)) {
        return Err(Problem::new(Code::WrongState)
            .say("Politiets svar kommer først: intet at bemærke eller kan gå videre", "The police come first: clear or go ahead")
            .into());
    }
    if !has_known_subject {
        return Err(Problem::new(Code::WrongState).say("Afklar først, hvem det handler om", "Settle first whom it is about").into());
    }
    Ok(())
}

/// When a conclusion was first written down. One that joins a case which a conclusion that was taken back had joined (`former`, with when it was), and
/// is stated for no later than that was written down, is that one put right: it keeps when that was. Not so one that had been taken back by the time
/// the case's referral was written down (`referred`): that was made without it. Any other is written down `now`.
pub fn first_recorded_at<'a>(
    former: impl IntoIterator<Item = (&'a FormerConclusion, Instant)>,
    joins: Option<CaseId>,
    at: Instant,
    referred: Option<Instant>,
    now: Instant,
) -> Instant {
    let same = former.into_iter().filter(|(former, _)| joins.is_some() && former.case == joins);
    let kept = same.filter(|(_, taken_back_at)| referred.is_none_or(|referred| *taken_back_at > referred));
    kept.filter_map(|(former, _)| former.recorded_at).filter(|recorded_at| at <= *recorded_at).min().unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::db::Coded;
    use crate::base::ids::IdSource;
    use crate::base::value::Line;
    use crate::enquiries::model::{Assessment, CaseKind, Severity};

    fn at(minute: i64) -> Instant {
        Instant::from_micros(minute * 60_000_000)
    }

    #[test]
    fn each_state_allows_its_steps() {
        use State::{AdviceOnly, Founded, OtherMunicipality, Qualifying, Received, TransferredPolice, Unfounded};
        const STEPS: [Step; 6] =
            [Step::ChangeSubjects, Step::LinkSubject, Step::AskPartner, Step::AskPolice, Step::DecideVisit, Step::Conclude];
        #[rustfmt::skip]
        let table = [
            //                   change link   partner police visit  conclude
            (Received,          [true,  true,  true,   true,  true,  true]),
            (Qualifying,        [true,  true,  true,   true,  true,  true]),
            (TransferredPolice, [false, false, false,  true,  false, false]),
            (Founded,           [false, true,  false,  true,  false, false]),
            (Unfounded,         [false, true,  false,  false, false, false]),
            (AdviceOnly,        [false, false, false,  false, false, false]),
            (OtherMunicipality, [false, true,  false,  false, false, false]),
        ];
        assert_eq!(table.len(), State::ALL.len());
        for (state, allowed) in table {
            for (step, allowed) in STEPS.into_iter().zip(allowed) {
                assert_eq!(after(state, step).is_ok(), allowed, "{state} {step:?}");
            }
        }
        assert_eq!(after(Received, Step::AskPartner).unwrap(), Qualifying);
        assert_eq!(after(Received, Step::ChangeSubjects).unwrap(), Received);
        assert_eq!(after(TransferredPolice, Step::AskPolice).unwrap(), TransferredPolice);
    }

    #[test]
    fn the_police_take_over_and_give_back() {
        use ScreenResult::{Clear, GoAhead, Hold, TakenOver};
        use State::{Founded, Qualifying, TransferredPolice, Unfounded};
        #[rustfmt::skip]
        let cases = [
            (Qualifying, Clear, Qualifying), (Qualifying, Hold, Qualifying), (Qualifying, GoAhead, Qualifying),
            (Qualifying, TakenOver, TransferredPolice),
            (TransferredPolice, GoAhead, Qualifying), (TransferredPolice, Clear, TransferredPolice),
            (TransferredPolice, Hold, TransferredPolice), (TransferredPolice, TakenOver, TransferredPolice),
            (Founded, TakenOver, TransferredPolice), (Founded, Clear, Founded), (Unfounded, TakenOver, Unfounded),
        ];
        for (state, result, expected) in cases {
            assert_eq!(after_screen(state, result), expected, "{state} {result}");
        }
    }

    #[test]
    fn founded_needs_the_police_and_somebody() {
        use ScreenResult::{Clear, GoAhead, Hold, TakenOver};
        for (screen, known, sound) in [
            (Some(Clear), true, true),
            (Some(GoAhead), true, true),
            (Some(Hold), true, false),
            (Some(TakenOver), true, false),
            (None, true, false),
            (Some(Clear), false, false),
        ] {
            assert_eq!(check_founded(screen, known).is_ok(), sound, "{screen:?} {known}");
        }
    }

    fn conclusion(outcome: State, founding: Founding) -> Conclusion {
        Conclusion { outcome, at: None, decided_by: None, meeting_on: None, assessment: Assessment::default(), founding }
    }

    #[test]
    fn a_conclusion_says_what_it_must_and_no_more() {
        let full = Founding {
            case_kind: Some(CaseKind::Family),
            target_group: Some(TargetGroup::AtRisk),
            police_statement_at: None,
            severity: Some(Severity::Hours48),
            responsible_authority: Some(Line::parse("Socialforvaltningen").unwrap()),
            needs_local_effort: Some(true),
            joins: None,
        };
        let radicalised =
            |police_statement_at| Founding { target_group: Some(TargetGroup::Radicalised), police_statement_at, ..full.clone() };
        #[rustfmt::skip]
        let cases = [
            (State::Founded, full.clone(), true),
            (State::Founded, Founding::default(), false),
            (State::Founded, Founding { severity: None, ..full.clone() }, false),
            (State::Founded, radicalised(None), false),
            (State::Founded, radicalised(Some(at(10))), true),
            (State::Founded, radicalised(Some(at(11))), false),
            (State::Unfounded, Founding::default(), true),
            (State::Unfounded, full.clone(), false),
            (State::Received, Founding::default(), false),
            (State::Qualifying, Founding::default(), false),
            (State::AdviceOnly, Founding::default(), false),
        ];
        for (outcome, founding, sound) in cases {
            assert_eq!(check_conclusion(&conclusion(outcome, founding.clone()), at(10), true).is_ok(), sound, "{outcome} {founding:?}");
        }
        assert!(check_conclusion(&conclusion(State::AdviceOnly, Founding::default()), at(10), false).is_ok());
    }

    #[test]
    fn a_conclusion_put_right_keeps_when_it_was_first_written_down() {
        let ids = IdSource::seeded(1);
        let (case, other): (CaseId, CaseId) = (ids.next(), ids.next());
        let former = |case, minute| FormerConclusion {
            outcome: State::Founded,
            decided_at: at(5),
            decided_by: None,
            recorded_at: Some(at(minute)),
            assessment: None,
            case_kind: None,
            target_group: None,
            police_statement_at: None,
            severity: None,
            responsible_authority: None,
            needs_local_effort: true,
            case,
        };
        #[rustfmt::skip]
        let cases = [
            // what was taken back: case, written down, taken back; joins, stated for, the referral; written down
            (vec![], Some(case), 5, None, 90),
            (vec![(Some(case), 10, 15)], Some(case), 5, None, 10),
            (vec![(Some(case), 10, 15)], Some(case), 10, None, 10),
            (vec![(Some(case), 10, 15)], Some(case), 11, None, 90),
            (vec![(Some(case), 10, 15), (Some(case), 20, 25)], Some(case), 11, None, 20),
            (vec![(Some(case), 10, 15), (Some(case), 20, 25)], Some(case), 5, None, 10),
            (vec![(Some(other), 10, 15)], Some(case), 5, None, 90),
            (vec![(None, 10, 15)], Some(case), 5, None, 90),
            (vec![(None, 10, 15)], None, 5, None, 90),
            // Taken back after the referral; before it, or with it: the case was referred without it.
            (vec![(Some(case), 10, 15)], Some(case), 5, Some(14), 10),
            (vec![(Some(case), 10, 15)], Some(case), 5, Some(15), 90),
            (vec![(Some(case), 10, 15)], Some(case), 5, Some(16), 90),
            (vec![(Some(case), 10, 15), (Some(case), 20, 25)], Some(case), 5, Some(16), 20),
        ];
        for (taken_back, joins, stated, referred, expected) in cases {
            let taken_back: Vec<(FormerConclusion, Instant)> =
                taken_back.into_iter().map(|(case, minute, back)| (former(case, minute), at(back))).collect();
            let former = taken_back.iter().map(|(former, taken_back_at)| (former, *taken_back_at));
            let found = first_recorded_at(former, joins, at(stated), referred.map(at), at(90));
            assert_eq!(found, at(expected), "{taken_back:?} {joins:?} {stated} {referred:?}");
        }
    }

    #[test]
    fn stated_moments_lie_between_their_cause_and_now() {
        for (given, expected) in [(None, Some(10)), (Some(10), Some(10)), (Some(5), Some(5)), (Some(11), None), (Some(4), None)] {
            assert_eq!(stated("/happened_at", given.map(at), at(10), at(5)).ok(), expected.map(at), "{given:?}");
        }
    }
}
