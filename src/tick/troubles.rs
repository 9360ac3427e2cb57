//! What keeps the messages of a round from leaving.

use std::collections::BTreeMap;

use super::message::{Halt, Step};
use crate::messages::channels::Outcome;
use crate::messages::model::State;

/// Messages in a row that nobody answers for before their provider is taken to be away: fewer may be of their own
/// making, as a mailbox that ends the conversation.
const SILENT_IN_A_ROW: usize = 3;

/// Why messages of a round did not leave, and how many; and how the provider fares.
#[derive(Default)]
pub(super) struct Troubles {
    /// How many did not leave, by why.
    pub(super) counts: BTreeMap<&'static str, usize>,
    /// The provider cannot be reached.
    absence: Option<&'static str>,
    /// How many it answered: accepted, or refused for good.
    pub(super) answered: usize,
    /// How many in a row it did not answer, and what was missing of the last.
    silent: usize,
    silence: &'static str,
    /// The database refused what was to be written down.
    is_database_away: bool,
}

impl Troubles {
    /// `answered` tells how many were when the message was begun: if others were since, its silence says nothing of the provider.
    pub(super) fn note(&mut self, answered: usize, outcome: &Outcome) {
        if outcome.is_absence() {
            self.absence.get_or_insert(outcome.code());
        } else if outcome.is_silence() && answered == self.answered {
            self.silent += 1;
            self.silence = outcome.code();
        } else if matches!(outcome, Outcome::Accepted { .. } | Outcome::Refused { .. } | Outcome::TargetGone) {
            self.answered += 1;
            self.silent = 0;
        }
    }

    /// Counts a message that was settled or put back for this reason, unless it was accepted or refused for good.
    pub(super) fn count(&mut self, step: Step, reason: &'static str) {
        if !reason.is_empty() && step != Step::Ended(State::Refused) {
            *self.counts.entry(reason).or_default() += 1;
        }
    }

    /// The database refuses what is to be written down.
    pub(super) const fn lack_database(&mut self) {
        self.is_database_away = true;
    }

    /// Why nothing more is begun in this round, if something is in the way.
    pub(super) fn halt(&self) -> Option<Halt> {
        let outage = self.outage().map(Halt::Outage);
        outage.or(self.is_database_away.then_some(Halt::NoDatabase))
    }

    /// Why the provider is taken to be away, if it is.
    fn outage(&self) -> Option<&'static str> {
        self.absence.or((self.silent >= SILENT_IN_A_ROW).then_some(self.silence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_that_nobody_answers_for_are_an_outage() {
        const SILENT: Outcome = Outcome::Unknown { code: "no_answer" };
        const AWAY: Outcome = Outcome::RetryAfter { seconds: None, code: "unreachable" };
        const REFUSED: Outcome = Outcome::Refused { code: "no_such_mailbox" };
        const ACCEPTED: Outcome = Outcome::Accepted { reference: None };
        let cases: [(&str, &[Outcome], Option<&str>); 6] = [
            ("two", &[SILENT, SILENT], None),
            ("three", &[SILENT, SILENT, SILENT], Some("no_answer")),
            ("one was accepted between", &[SILENT, SILENT, ACCEPTED, SILENT], None),
            ("to refuse is to answer", &[SILENT, REFUSED, SILENT, REFUSED, SILENT], None),
            ("so is to know no such target", &[SILENT, SILENT, Outcome::TargetGone, SILENT], None),
            ("it cannot be reached at all", &[ACCEPTED, AWAY], Some("unreachable")),
        ];
        for (name, outcomes, expected) in cases {
            let mut troubles = Troubles::default();
            for outcome in outcomes {
                let answered = troubles.answered;
                troubles.note(answered, outcome);
            }
            assert_eq!(troubles.outage(), expected, "{name}");
        }
        let mut troubles = Troubles::default();
        troubles.note(0, &ACCEPTED);
        [0, 0, 0].into_iter().for_each(|begun| troubles.note(begun, &SILENT));
        assert_eq!(troubles.outage(), None, "begun before another was accepted");
    }
}
