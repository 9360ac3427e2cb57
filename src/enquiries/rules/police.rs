//! Whose a concern is by what the police said, and what becomes of it when that was recorded wrongly. Pure.

use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::enquiries::model::{ScreenAnswer, ScreenResult, State};

/// Whether the police have a concern: they took it over, or it was concluded so (`transferred_at`), and did not give it back since. `answers` stand
/// in the order in which they were asked for.
pub fn have_it(answers: &[ScreenAnswer], transferred_at: Option<Instant>) -> bool {
    let turns = answers.iter().filter(|answer| matches!(answer.result, ScreenResult::TakenOver | ScreenResult::GoAhead));
    match turns.max_by_key(|answer| answer.answered_at) {
        Some(last) if last.result == ScreenResult::TakenOver => true,
        Some(back) => transferred_at.is_some_and(|at| at > back.answered_at),
        None => transferred_at.is_some(),
    }
}

/// Whether the police had a concern at any time from one moment until another: they had it at the first, or took it over by the other. What they said
/// later changes nothing of that.
pub fn had_it(answers: &[ScreenAnswer], from: Instant, until: Instant) -> bool {
    let by_then: Vec<ScreenAnswer> = answers.iter().copied().filter(|answer| answer.answered_at <= from).collect();
    let took = |answer: &ScreenAnswer| answer.result == ScreenResult::TakenOver && answer.answered_at > from && answer.answered_at <= until;
    have_it(&by_then, None) || answers.iter().any(took)
}

/// How a concern stands before an answer of the police is put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it is.
    pub state: State,
    /// When it was concluded.
    pub decided_at: Option<Instant>,
    /// Whether it opened or joined a case.
    pub has_case: bool,
    /// When it was concluded that the police have it.
    pub transferred_at: Option<Instant>,
}

/// The state with the answers as they are now; `right`: the one that was put right, `None` where it was taken back.
///
/// # Errors
/// 409 where a case was opened on that answer, or was closed by it.
pub fn after_correction(standing: &Standing, answers: &[ScreenAnswer], right: Option<ScreenAnswer>) -> Result<State> {
    let theirs = have_it(answers, standing.transferred_at);
    let takes_over = theirs && right.is_some_and(|answer| answer.result == ScreenResult::TakenOver);
    match standing.state {
        State::Received | State::Qualifying if theirs => Ok(State::TransferredPolice),
        State::Founded if takes_over => Ok(State::TransferredPolice),
        State::Founded if !was_cleared(answers, standing.decided_at) => Err(Problem::new(Code::WrongState)
            .say(
                "Henvendelsen blev fundet begrundet på det svar: tag først afslutningen tilbage, eller spørg politiet igen",
                "The concern was founded on that answer: take the conclusion back first, or ask the police again",
            )
            .into()),
        State::TransferredPolice if !theirs && standing.has_case => Err(Problem::new(Code::WrongState)
            .say(
                "Sagen blev lukket med det svar: notér i stedet, at politiet siger god for den, og kvalificér henvendelsen igen",
                "The case was closed by that answer: record the go-ahead of the police instead, and qualify the concern anew",
            )
            .into()),
        State::TransferredPolice if !theirs => Ok(State::Qualifying),
        state => Ok(state),
    }
}

/// Whether the latest answer by the founding let it go on.
fn was_cleared(answers: &[ScreenAnswer], founded_at: Option<Instant>) -> bool {
    let earlier = answers.iter().filter(|answer| founded_at.is_some_and(|at| answer.answered_at <= at));
    let latest = earlier.max_by_key(|answer| answer.answered_at);
    latest.is_some_and(|answer| matches!(answer.result, ScreenResult::Clear | ScreenResult::GoAhead))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ScreenResult::{Clear, GoAhead, Hold, TakenOver};

    fn at(minute: i64) -> Instant {
        Instant::from_micros(minute * 60_000_000)
    }

    fn answers(all: &[(i64, ScreenResult)]) -> Vec<ScreenAnswer> {
        all.iter().map(|(minute, result)| ScreenAnswer { answered_at: at(*minute), result: *result }).collect()
    }

    #[test]
    fn the_police_have_what_they_took_and_did_not_give_back() {
        for (said, transferred, theirs) in [
            (vec![], None, false),
            (vec![], Some(1), true),
            (vec![(1, Clear)], None, false),
            (vec![(1, TakenOver)], None, true),
            (vec![(1, TakenOver), (2, Hold)], None, true),
            (vec![(1, TakenOver), (2, GoAhead)], None, false),
            (vec![(1, TakenOver), (1, GoAhead)], None, false),
            (vec![(2, GoAhead), (1, TakenOver)], None, false),
            (vec![(2, GoAhead)], Some(1), false),
            (vec![(2, GoAhead)], Some(3), true),
        ] {
            assert_eq!(have_it(&answers(&said), transferred.map(at)), theirs, "{said:?} {transferred:?}");
        }
    }

    #[test]
    fn the_police_had_what_they_took_by_then_whatever_they_said_later() {
        for (said, theirs) in [
            (vec![], false),
            (vec![(1, Clear), (15, Hold)], false),
            (vec![(1, Clear), (15, TakenOver)], true),
            (vec![(20, TakenOver)], true),
            (vec![(21, TakenOver)], false),
            (vec![(15, TakenOver), (30, TakenOver)], true),
            // Given back it is to be qualified anew, and is not what it was.
            (vec![(15, TakenOver), (16, GoAhead)], true),
            (vec![(15, TakenOver), (16, GoAhead), (30, TakenOver)], true),
            (vec![(5, TakenOver), (6, GoAhead)], false),
            (vec![(5, TakenOver), (6, GoAhead), (30, TakenOver)], false),
            (vec![(5, TakenOver), (30, GoAhead)], true),
        ] {
            assert_eq!(had_it(&answers(&said), at(10), at(20)), theirs, "{said:?}");
        }
    }

    #[test]
    fn a_corrected_answer_leads_where_it_would_have_led() {
        use State::{Founded, Qualifying, TransferredPolice, Unfounded};
        #[rustfmt::skip]
        let cases = [
            // state, founded at, has a case, all answers, the one put right; the state
            (Qualifying, None, false, vec![(1, Hold)], Some((1, Hold)), Some(Qualifying)),
            (Qualifying, None, false, vec![(1, TakenOver)], Some((1, TakenOver)), Some(TransferredPolice)),
            (Qualifying, None, false, vec![(1, TakenOver)], None, Some(TransferredPolice)), // the go-ahead was none
            (TransferredPolice, None, false, vec![(1, Clear)], Some((1, Clear)), Some(Qualifying)),
            (TransferredPolice, None, false, vec![], None, Some(Qualifying)),
            (TransferredPolice, None, false, vec![(2, TakenOver)], Some((2, TakenOver)), Some(TransferredPolice)),
            (TransferredPolice, Some(5), true, vec![(1, Clear), (7, Hold)], Some((7, Hold)), None),
            (Founded, Some(5), true, vec![(1, GoAhead)], Some((1, GoAhead)), Some(Founded)),
            (Founded, Some(5), true, vec![(1, Hold)], Some((1, Hold)), None),
            (Founded, Some(5), true, vec![(6, Clear)], Some((6, Clear)), None),
            (Founded, Some(5), true, vec![], None, None),
            (Founded, Some(5), true, vec![(1, Clear), (7, Hold)], Some((7, Hold)), Some(Founded)),
            (Founded, Some(5), true, vec![(1, TakenOver)], Some((1, TakenOver)), Some(TransferredPolice)),
            (Founded, Some(5), true, vec![(1, TakenOver)], None, None), // the go-ahead was none
            (Unfounded, Some(5), false, vec![(1, TakenOver)], Some((1, TakenOver)), Some(Unfounded)),
        ];
        for (state, decided, has_case, said, right, expected) in cases {
            let standing = Standing { state, decided_at: decided.map(at), has_case, transferred_at: None };
            let right = right.map(|(minute, result)| ScreenAnswer { answered_at: at(minute), result });
            assert_eq!(after_correction(&standing, &answers(&said), right).ok(), expected, "{state} {said:?} {right:?}");
        }
    }
}
