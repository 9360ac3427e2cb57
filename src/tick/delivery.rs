//! Delivery: lease, ask the owning room again, prepare, send outside any transaction, settle. `messages::delivery` holds the steps,
//! `tick::message` what is done with one message; here stands how many are at which step.
//!
//! Only what is sent at once is prepared: a crash leaves in doubt what was on its way, and nothing else. One transaction settles what ended
//! and prepares what goes in its place. While the database refuses one, how messages ended is kept and nothing is begun.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::{Id, JoinError, JoinSet};

use super::message::{self, Halt, Ready, Step};
use super::troubles::Troubles;
use super::{Report, Ticker, alone, figure};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::{Coded, server_now};
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
/// How long a database that refuses what is to be written down is left alone.
const REST: Duration = Duration::from_secs(1);

/// The moments of a lease, in real time: it is real also where the clock of the house is moved by hand.
struct Moments {
    /// Nothing is begun any more.
    begun_by: Deadline,
    /// A sender gives up.
    sent_by: Deadline,
    /// It is over: another may take what is not written down.
    written_by: Deadline,
}

impl Moments {
    /// Of a lease that begins now, by a channel whose provider may take so long to connect to.
    fn of(lease: Duration, connecting: Duration) -> Self {
        Self { begun_by: deadline_in(begun_within(lease, connecting)), sent_by: deadline_in(lease / 2), written_by: deadline_in(lease) }
    }
}

/// From the beginning of a lease messages are begun so long: half of what a sender has beside connecting. So whoever takes as long for one as for
/// those before it is finished in time, and no request is cut short of which nobody would know whether it arrived.
fn begun_within(lease: Duration, connecting: Duration) -> Duration {
    (lease / 2).saturating_sub(connecting) / 2
}

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
#[derive(Clone, Default)]
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

    fn extend(&mut self, other: Self) {
        self.ended.extend(other.ended);
        self.next.extend(other.next);
        self.back.extend(other.back);
    }
}

/// What a transaction did.
#[derive(Default)]
struct Turned {
    /// What is prepared.
    ready: Vec<Ready>,
    /// What came to its end or was put back, and why where something is to be said.
    done: Vec<(Channel, Step, &'static str)>,
    /// What the database refused, and how: it is as it was, as far as anybody knows.
    refused: Option<(Turn, Error)>,
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
        let span = Duration::from_secs(self.settings.lease_s.into());
        let lease = TimeDelta::seconds(self.settings.lease_s.into());
        let most = self.settings.batch;
        while self.halt(troubles).is_none() {
            // From before the lease begins.
            let moments = Moments::of(span, self.senders.connect_timeout(channel));
            // Never before the round: what is put back would be due in it again.
            let now = self.now(due_by);
            let is_of_machine = self.door.house().clock.is_of_machine();
            let verb = move |tx: &mut Tx<'_>| {
                // By its own clock one that is ahead would take what another has on its way.
                let shared = if is_of_machine { server_now(tx.db())? } else { None };
                let (from, begins_at) = shared.map_or((due_by, now), |at| (at, at));
                Ok((steps::lease(tx, channel, due_by, (from, begins_at.plus(lease)), most)?, begins_at.since(now)))
            };
            let (lease, apart) = self.write(now, verb).await?;
            self.note_clock(apart);
            if lease.taken.is_empty() {
                break;
            }
            self.send(lease, due_by, &moments, report, troubles).await?;
        }
        Ok(())
    }

    fn now(&self, not_before: Instant) -> Instant {
        self.door.house().clock.now().max(not_before)
    }

    /// Why nothing more is begun.
    fn halt(&self, troubles: &Troubles) -> Option<Halt> {
        match troubles.halt() {
            Some(halt) => Some(halt),
            None if self.is_stopping() => Some(Halt::Stopping),
            None if !self.has_room() => Some(Halt::NoRoom),
            None => None,
        }
    }

    /// Sends what was taken, a few at once, and settles each as soon as it ended. Once nothing more is begun the rest is put back untried. What the
    /// database refuses is tried again until the lease is over.
    async fn send(&self, lease: Lease, due_by: Instant, moments: &Moments, report: &mut Report, troubles: &mut Troubles) -> Result<()> {
        let (token, mut waiting) = (lease.token, VecDeque::from(lease.taken));
        let (mut on_way, mut whose) = (JoinSet::new(), HashMap::new());
        let (mut ended, mut result) = (Vec::new(), Ok(()));
        while !(waiting.is_empty() && on_way.is_empty() && ended.is_empty()) {
            let halts = |troubles: &Troubles| self.halt(troubles).or_else(|| is_over(moments.begun_by).then_some(Halt::NoTime));
            let mut turn = Turn { ended: std::mem::take(&mut ended), ..Turn::default() };
            if let Some(halt) = halts(troubles) {
                turn.back = take(&mut waiting, CHUNK).map(|taken| (taken, halt)).collect();
            } else {
                turn.next = take(&mut waiting, AT_ONCE.saturating_sub(on_way.len())).collect();
            }
            // `now` anew: sending takes its time, and waits are counted from here.
            let now = self.now(due_by);
            let (turned, written) = self.turn(token, turn, now).await;
            result = result.and(written);
            for (channel, step, reason) in turned.done {
                report.count(channel, step, reason);
                troubles.count(step, reason);
            }
            if let Some((refused, why)) = turned.refused {
                troubles.lack_database();
                ended = refused.ended;
                waiting.extend(refused.next);
                waiting.extend(refused.back.into_iter().map(|(taken, _)| taken));
                if is_over(moments.written_by) {
                    let lost = ended.len().saturating_add(whose.len());
                    tracing::error!(lost, "the database was away too long: how these messages ended is not written down");
                    return result.and(Err(why));
                }
                tokio::time::sleep(REST).await;
            }
            let halted = halts(troubles);
            for ready in turned.ready {
                if let Some(halt) = halted {
                    ended.push((ready, halt.outcome()));
                    continue;
                }
                let (senders, prepared, sent_by) = (Arc::clone(&self.senders), ready.prepared.clone(), moments.sent_by);
                let task = on_way.spawn(async move { senders.send(&prepared, now, sent_by).await });
                whose.insert(task.id(), (ready, troubles.answered));
            }
            // Nobody waits for what is on its way before what is not begun is put back, and what ended written down.
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
                    note_our_fault(&ready, &outcome);
                    troubles.note(answered, &outcome);
                    ended.push((ready, outcome));
                }
            }
        }
        result
    }

    /// One transaction. One that fails as a whole is taken apart, so that one defect holds up nothing else.
    async fn turn(&self, token: RowId, turn: Turn, now: Instant) -> (Turned, Result<()>) {
        let turn = Arc::new(turn);
        let error = match self.try_turn(token, Arc::clone(&turn), now).await {
            Ok(turned) => return (turned, Ok(())),
            Err(error) => error,
        };
        let turn = Arc::unwrap_or_clone(turn);
        if is_refusal(&error) {
            return (Turned { refused: Some((turn, error)), ..Turned::default() }, Ok(()));
        }
        if turn.len() < 2 {
            return (Turned::default(), Err(error));
        }
        tracing::error!(%error, "a group of messages failed: each is tried alone");
        let (mut all, mut result) = (Turned::default(), Ok(()));
        for turn in turn.apart() {
            if let Some((refused, _)) = &mut all.refused {
                refused.extend(turn);
                continue;
            }
            match self.try_turn(token, Arc::new(turn.clone()), now).await {
                Ok(turned) => {
                    all.ready.extend(turned.ready);
                    all.done.extend(turned.done);
                }
                Err(error) if is_refusal(&error) => all.refused = Some((turn, error)),
                Err(error) => result = result.and(Err(error)),
            }
        }
        (all, result)
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
        let written = self.write(now, verb).await;
        self.note_database(!written.as_ref().is_err_and(is_refusal));
        written
    }
}

/// Whether an error says nothing of what was to be done, but of the database: it may do so later.
const fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::RunAgain | Error::Unavailable(_))
}

/// Tells the operator of what does not leave by our own doing.
fn note_our_fault(ready: &Ready, outcome: &Outcome) {
    if let Outcome::OurFault { code } = outcome {
        let (channel, message_id) = (ready.prepared.channel, ready.prepared.id);
        tracing::error!(%channel, code, %message_id, "a message cannot leave: our settings or our code are wrong");
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
    fn a_provider_that_takes_as_long_each_time_is_never_cut_short() {
        for (lease, connecting, begun) in [(120, 5, 27_500), (120, 0, 30_000), (40, 5, 7_500), (12, 2, 2_000), (10, 4, 500)] {
            let (lease, connecting) = (Duration::from_secs(lease), Duration::from_secs(connecting));
            let begun_within = begun_within(lease, connecting);
            assert_eq!(begun_within, Duration::from_millis(begun), "{lease:?}");
            for answer in (1..120).map(|halves| Duration::from_millis(halves * 500)) {
                // One after the other, each as soon as that before it ended.
                let begun = (1..100_u32).map(|turn| answer * turn).take_while(|at| *at < begun_within);
                assert!(begun.max().is_none_or(|last| last + answer + connecting <= lease / 2), "{lease:?} {answer:?}");
            }
        }
    }
}
