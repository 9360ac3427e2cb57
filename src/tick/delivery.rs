//! Delivery: lease, ask the owning room again, prepare, send outside any transaction, settle. `messages::delivery` holds the steps,
//! `tick::message` what is done with one message; here stands how many are at which step.
//!
//! Only what is sent at once is prepared: a crash leaves in doubt what was on its way, and nothing else. One transaction settles what ended
//! and prepares what goes in its place.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::{Id, JoinError, JoinSet};

use super::message::{self, Halt, Ready, Step};
use super::{Report, Ticker, alone, figure};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Error, Result};
use crate::base::ids::RowId;
use crate::base::telemetry::{MESSAGES, MESSAGES_DUE, MESSAGES_LATE};
use crate::messages::channels::{Channel, Deadline, Outcome, deadline_in, is_over};
use crate::messages::delivery::actions as steps;
use crate::messages::model::{Lease, State, Taken};

/// Messages on their way at once: what a crash leaves in doubt.
const AT_ONCE: usize = 16;
/// Messages put back in one transaction: others want to write, too.
const CHUNK: usize = 25;

impl Report {
    fn count(&mut self, channel: Channel, step: Step, reason: &'static str) {
        let (figure, outcome) = match step {
            Step::Ended(State::Accepted) => (&mut self.accepted, State::Accepted.code()),
            Step::Ended(State::Refused) => (&mut self.refused, State::Refused.code()),
            Step::Ended(State::Unknown) => (&mut self.unknown, State::Unknown.code()),
            Step::Ended(State::TooLate) => (&mut self.too_late, State::TooLate.code()),
            Step::Ended(State::Retracted | State::Waiting | State::Leased) => (&mut self.retracted, State::Retracted.code()),
            Step::Later => (&mut self.later, "later"),
            Step::Failed => (&mut self.failed, "failed"),
        };
        *figure += 1;
        metrics::counter!(MESSAGES, "channel" => channel.code(), "outcome" => outcome, "reason" => reason).increment(1);
    }
}

/// What one transaction does.
#[derive(Default)]
struct Turn {
    /// Sendings that ended are written down.
    ended: Vec<(Ready, Outcome)>,
    /// What goes next is asked for again and prepared.
    next: Vec<Taken>,
    /// What is not begun is put back.
    back: Vec<(Taken, Halt)>,
}

impl Turn {
    const fn len(&self) -> usize {
        self.ended.len() + self.next.len() + self.back.len()
    }

    /// Each of its messages in a turn of its own.
    fn apart(&self) -> impl Iterator<Item = Self> {
        let ended = self.ended.iter().cloned().map(|ended| Self { ended: vec![ended], ..Self::default() });
        let next = self.next.iter().cloned().map(|next| Self { next: vec![next], ..Self::default() });
        let back = self.back.iter().cloned().map(|back| Self { back: vec![back], ..Self::default() });
        ended.chain(next).chain(back)
    }
}

/// What a transaction did.
#[derive(Default)]
struct Turned {
    /// What is prepared.
    ready: Vec<Ready>,
    /// What came to its end or was put back, and why where something is to be said.
    done: Vec<(Channel, Step, &'static str)>,
}

/// Messages in a row that nobody answers for before their provider is taken to be away: fewer may be of their own
/// making, as a mailbox that ends the conversation.
const SILENT_IN_A_ROW: usize = 3;

/// Why messages of a round did not leave, and how many; and how the provider fares.
#[derive(Default)]
struct Troubles {
    counts: BTreeMap<&'static str, usize>,
    /// The provider cannot be reached.
    absence: Option<&'static str>,
    /// How many it answered: accepted, or refused for good.
    answered: usize,
    /// How many in a row it did not answer, and what was missing of the last.
    silent: usize,
    silence: &'static str,
}

impl Troubles {
    /// `answered` tells how many were when the message was begun: if others were since, its silence says nothing of the provider.
    fn note(&mut self, answered: usize, outcome: &Outcome) {
        if outcome.is_absence() {
            self.absence.get_or_insert(outcome.code());
        } else if outcome.is_silence() && answered == self.answered {
            self.silent += 1;
            self.silence = outcome.code();
        } else if matches!(outcome, Outcome::Accepted { .. } | Outcome::Refused { .. } | Outcome::TargetGone) {
            self.answered += 1;
            self.silent = 0;
        }
        if let Outcome::RetryAfter { code, .. } | Outcome::Unknown { code } | Outcome::OurFault { code } = outcome {
            self.count(code);
        }
    }

    fn count(&mut self, code: &'static str) {
        *self.counts.entry(code).or_default() += 1;
    }

    /// Why the provider is taken to be away, if it is.
    fn outage(&self) -> Option<&'static str> {
        self.absence.or((self.silent >= SILENT_IN_A_ROW).then_some(self.silence))
    }
}

/// The code that says why, where something is to be said.
const fn reason(outcome: &Outcome) -> &'static str {
    if matches!(outcome, Outcome::Accepted { .. }) { "" } else { outcome.code() }
}

impl Ticker {
    /// Delivers by a channel, a batch after the other, until nothing is left that was due at `due_by`, or its provider is not there. What
    /// goes again does so in a later round. What did not go and why is said once.
    pub(super) async fn deliver(&self, channel: Channel, due_by: Instant, report: &mut Report) -> Result<()> {
        let mut troubles = Troubles::default();
        let delivered = self.deliver_batches(channel, due_by, report, &mut troubles).await;
        for (reason, count) in &troubles.counts {
            tracing::warn!(%channel, reason, count, "messages did not leave");
        }
        let (due, late) = self.write(self.now(due_by), move |tx| steps::count(tx, channel)).await?;
        metrics::gauge!(MESSAGES_DUE, "channel" => channel.code()).set(figure(due));
        metrics::gauge!(MESSAGES_LATE, "channel" => channel.code()).set(figure(late));
        delivered
    }

    async fn deliver_batches(&self, channel: Channel, due_by: Instant, report: &mut Report, troubles: &mut Troubles) -> Result<()> {
        let lease = TimeDelta::seconds(self.settings.lease_s.into());
        let most = self.settings.batch;
        while self.halt(troubles).is_none() {
            // Real time, and from before the lease begins: a sender is finished when half of it is over, whatever the clock does.
            let deadline = deadline_in(Duration::from_secs(self.settings.lease_s.into()) / 2);
            // Never before the round: what is put back would be due in it again.
            let now = self.now(due_by);
            let lease = self.write(now, move |tx| steps::lease(tx, channel, due_by, now.plus(lease), most)).await?;
            if lease.taken.is_empty() {
                break;
            }
            self.send(lease, due_by, deadline, report, troubles).await?;
        }
        Ok(())
    }

    fn now(&self, not_before: Instant) -> Instant {
        self.door.house().clock.now().max(not_before)
    }

    /// Why nothing more is begun.
    fn halt(&self, troubles: &Troubles) -> Option<Halt> {
        match troubles.outage() {
            Some(code) => Some(Halt::Outage(code)),
            None if self.is_stopping() => Some(Halt::Stopping),
            None if !self.has_room() => Some(Halt::NoRoom),
            None => None,
        }
    }

    /// Sends what was taken, a few at once, and settles each as soon as it ended. Once nothing more is begun the rest is put back untried.
    async fn send(&self, lease: Lease, due_by: Instant, deadline: Deadline, report: &mut Report, troubles: &mut Troubles) -> Result<()> {
        let (token, mut waiting) = (lease.token, VecDeque::from(lease.taken));
        let (mut on_way, mut whose) = (JoinSet::new(), HashMap::new());
        let (mut ended, mut result) = (Vec::new(), Ok(()));
        while !(waiting.is_empty() && on_way.is_empty() && ended.is_empty()) {
            let halts = |troubles: &Troubles| self.halt(troubles).or_else(|| is_over(deadline).then_some(Halt::NoTime));
            let mut turn = Turn { ended: std::mem::take(&mut ended), ..Turn::default() };
            let halt = halts(troubles);
            if let Some(halt) = halt {
                turn.back = take(&mut waiting, CHUNK).map(|taken| (taken, halt)).collect();
                turn.back.iter().for_each(|_| troubles.count(halt.code()));
            } else {
                turn.next = take(&mut waiting, AT_ONCE.saturating_sub(on_way.len())).collect();
            }
            // `now` anew: sending takes its time, and waits are counted from here.
            let now = self.now(due_by);
            let (turned, written) = self.turn(token, turn, now).await;
            turned.done.into_iter().for_each(|(channel, step, reason)| report.count(channel, step, reason));
            if let Err(Error::Unavailable(_)) = written {
                // What waits is still as it was taken, and is taken again later. What is on its way must be written down all the same.
                waiting.clear();
            }
            result = result.and(written);
            let halted = halts(troubles);
            for ready in turned.ready {
                if let Some(halt) = halted {
                    troubles.count(halt.code());
                    ended.push((ready, halt.outcome()));
                    continue;
                }
                let (senders, prepared) = (Arc::clone(&self.senders), ready.prepared.clone());
                let task = on_way.spawn(async move { senders.send(&prepared, now, deadline).await });
                whose.insert(task.id(), (ready, troubles.answered));
            }
            // Nobody waits for what is on its way before what is not begun is put back.
            if halted.is_some() && !(waiting.is_empty() && ended.is_empty()) {
                continue;
            }
            let first = tokio::select! {
                first = on_way.join_next_with_id() => first,
                () = self.stopped(), if !waiting.is_empty() => continue,
            };
            let more = std::iter::from_fn(|| on_way.try_join_next_with_id());
            for (id, outcome) in first.into_iter().chain(more).map(outcome) {
                if let Some((ready, answered)) = whose.remove(&id) {
                    troubles.note(answered, &outcome);
                    ended.push((ready, outcome));
                }
            }
        }
        result
    }

    /// One transaction. One that fails as a whole is taken apart, so that one defect holds up nothing else.
    async fn turn(&self, token: RowId, turn: Turn, now: Instant) -> (Turned, Result<()>) {
        for (ready, outcome) in &turn.ended {
            if let Outcome::OurFault { code } = outcome {
                let (channel, message_id) = (ready.prepared.channel, ready.prepared.id);
                tracing::error!(%channel, code, %message_id, "a message cannot leave: our settings or our code are wrong");
            }
        }
        let turn = Arc::new(turn);
        match self.try_turn(token, Arc::clone(&turn), now).await {
            Ok(turned) => (turned, Ok(())),
            Err(error @ (Error::RunAgain | Error::Unavailable(_))) => (Turned::default(), Err(error)),
            Err(error) if turn.len() > 1 => {
                tracing::error!(%error, "a group of messages failed: each is tried alone");
                let (mut all, mut result) = (Turned::default(), Ok(()));
                for turn in turn.apart() {
                    match self.try_turn(token, Arc::new(turn), now).await {
                        Ok(turned) => {
                            all.ready.extend(turned.ready);
                            all.done.extend(turned.done);
                        }
                        Err(error) => result = result.and(Err(error)),
                    }
                }
                (all, result)
            }
            Err(error) => (Turned::default(), Err(error)),
        }
    }

    async fn try_turn(&self, token: RowId, turn: Arc<Turn>, now: Instant) -> Result<Turned> {
        if turn.len() == 0 {
            return Ok(Turned::default());
        }
        let senders = Arc::clone(&self.senders);
        let link_base: Arc<str> = Arc::from(self.door.house().link_base.as_str());
        let verb = move |tx: &mut Tx<'_>| {
            let mut turned = Turned::default();
            for (ready, outcome) in &turn.ended {
                let step = message::settle(tx, token, ready, outcome, &senders)?;
                turned.done.push((ready.prepared.channel, step, reason(outcome)));
            }
            for (taken, halt) in &turn.back {
                let step = message::put_back(tx, token, taken, *halt)?;
                turned.done.push((taken.message.channel, step, halt.code()));
            }
            for taken in &turn.next {
                let channel = taken.message.channel;
                match alone(tx, "message", taken.message.id, |tx| message::prepare(tx, token, taken, &senders, &link_base))? {
                    Some(Ok(prepared)) => turned.ready.push(Ready { taken: taken.clone(), prepared }),
                    Some(Err(step)) => turned.done.push((channel, step, "")),
                    None => {
                        steps::put_back(tx, token, taken, "defect")?;
                        turned.done.push((channel, Step::Failed, ""));
                    }
                }
            }
            Ok(turned)
        };
        self.write(now, verb).await
    }
}

/// The first of those that wait.
fn take(waiting: &mut VecDeque<Taken>, most: usize) -> impl Iterator<Item = Taken> {
    waiting.drain(..most.min(waiting.len()))
}

/// How the sending of a task ended.
fn outcome(ended: Result<(Id, Outcome), JoinError>) -> (Id, Outcome) {
    // A sender that broke down may have sent.
    ended.unwrap_or_else(|error| (error.id(), Outcome::Unknown { code: "sender_failed" }))
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
