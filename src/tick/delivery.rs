//! Delivery: lease, ask the owning room again, prepare, send outside any transaction, settle. `messages::delivery` holds the steps; here
//! stands which room answers for which message, and what follows when one does not arrive.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;

use super::{Report, Ticker, alone, figure, late};
use crate::access::{Tx, accounts, sign_in};
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Error, Result};
use crate::base::ids::{AccountId, DeviceId, RowId};
use crate::base::telemetry::{MESSAGES, MESSAGES_DUE, MESSAGES_LATE};
use crate::base::value::Email;
use crate::messages::channels::{Channel, Deadline, Outcome, Prepared, Senders, deadline_in, is_over};
use crate::messages::delivery::actions::{self as steps, Screened};
use crate::messages::model::{Details, HowToAnswer, Kind, Lease, Message, Recipient, State, Taken};
use crate::messages::rules::Fate;
use crate::sessions::answers::actions as answers;
use crate::{calendars, people, sessions};

/// Messages prepared or settled in one transaction: others want to write, too.
const CHUNK: usize = 25;
/// Messages on their way at once.
const AT_ONCE: usize = 16;

/// What was done with a message in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ended(State),
    Later,
    Failed,
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

/// A message that is ready to leave.
#[derive(Clone)]
struct Ready {
    taken: Taken,
    prepared: Prepared,
}

/// Why messages of a round did not leave, and how many.
#[derive(Default)]
struct Troubles {
    counts: BTreeMap<&'static str, usize>,
    /// The provider is not there.
    outage: Option<&'static str>,
}

impl Troubles {
    fn note(&mut self, outcome: &Outcome) {
        if outcome.is_outage() {
            self.outage.get_or_insert(outcome.code());
        }
        if let Outcome::RetryAfter { code, .. } | Outcome::Unknown { code } | Outcome::OurFault { code } = outcome {
            *self.counts.entry(code).or_default() += 1;
        }
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
        while !self.is_stopping() && troubles.outage.is_none() {
            // Real time, and from before the lease begins: a sender is finished when half of it is over, whatever the clock does.
            let deadline = deadline_in(Duration::from_secs(self.settings.lease_s.into()) / 2);
            // Never before the round: what is put back would be due in it again.
            let now = self.now(due_by);
            let lease = Arc::new(self.write(now, move |tx| steps::lease(tx, channel, due_by, now.plus(lease), most)).await?);
            if lease.taken.is_empty() {
                break;
            }
            let (ready, prepared) = self.prepare(&lease, now, report).await;
            // What is prepared goes, whatever became of the others: it would be taken for what may have left.
            let sent = self.send(lease.token, ready, now, deadline, report, troubles).await;
            prepared.and(sent)?;
        }
        Ok(())
    }

    fn now(&self, not_before: Instant) -> Instant {
        self.door.house().clock.now().max(not_before)
    }

    /// Asks the rooms again and prepares what still holds, a chunk after the other. A chunk that fails as a whole is taken apart, so that one
    /// defect holds up nothing else.
    async fn prepare(&self, lease: &Arc<Lease>, now: Instant, report: &mut Report) -> (Vec<Ready>, Result<()>) {
        let (mut all, mut result) = (Vec::new(), Ok(()));
        let mut chunks: VecDeque<Vec<Taken>> = lease.taken.chunks(CHUNK).map(<[Taken]>::to_vec).collect();
        while let Some(chunk) = chunks.pop_front() {
            match self.prepare_chunk(lease.token, &chunk, now).await {
                Ok((ready, done)) => {
                    all.extend(ready);
                    done.into_iter().for_each(|(channel, step)| report.count(channel, step, ""));
                }
                Err(Error::Internal(cause)) if chunk.len() > 1 => {
                    tracing::error!(cause, "a chunk of messages failed: each is tried alone");
                    chunks.extend(chunk.into_iter().map(|taken| vec![taken]));
                }
                Err(error) => result = result.and(Err(error)),
            }
        }
        (all, result)
    }

    async fn prepare_chunk(&self, token: RowId, chunk: &[Taken], now: Instant) -> Result<(Vec<Ready>, Vec<(Channel, Step)>)> {
        let (chunk, senders): (Arc<[Taken]>, _) = (Arc::from(chunk), Arc::clone(&self.senders));
        let link_base: Arc<str> = Arc::from(self.door.house().link_base.as_str());
        let verb = move |tx: &mut Tx<'_>| {
            let (mut ready, mut done) = (Vec::new(), Vec::new());
            for taken in chunk.iter() {
                let channel = taken.message.channel;
                match alone(tx, "message", taken.message.id, |tx| prepare(tx, token, taken, &senders, &link_base))? {
                    Some(Ok(prepared)) => ready.push(Ready { taken: taken.clone(), prepared }),
                    Some(Err(step)) => done.push((channel, step)),
                    None => {
                        steps::put_back(tx, token, taken, "defect")?;
                        done.push((channel, Step::Failed));
                    }
                }
            }
            Ok((ready, done))
        };
        self.write(now, verb).await
    }

    /// Sends what is ready, a few at once, and settles each as soon as it ended. Once the provider is found not to be there the rest is put
    /// back untried.
    async fn send(
        &self,
        token: RowId,
        ready: Vec<Ready>,
        now: Instant,
        deadline: Deadline,
        report: &mut Report,
        troubles: &mut Troubles,
    ) -> Result<()> {
        let mut waiting = ready.into_iter();
        let (mut on_way, mut whose) = (JoinSet::new(), HashMap::new());
        let mut result = Ok(());
        loop {
            while on_way.len() < AT_ONCE
                && let Some(ready) = waiting.next()
            {
                let (senders, prepared) = (Arc::clone(&self.senders), ready.prepared.clone());
                let outage = troubles.outage;
                let task = on_way.spawn(async move {
                    // Another may take it soon: it certainly has not left.
                    const NO_TIME: Outcome = Outcome::RetryAfter { seconds: Some(1), code: "no_time_left" };
                    match outage {
                        Some(code) => Outcome::RetryAfter { seconds: None, code },
                        None if is_over(deadline) => NO_TIME,
                        None => senders.send(&prepared, now, deadline).await,
                    }
                });
                whose.insert(task.id(), ready);
            }
            let Some(first) = on_way.join_next_with_id().await else { return result };
            let more = std::iter::from_fn(|| on_way.try_join_next_with_id()).take(CHUNK - 1);
            let ended: Vec<(Ready, Outcome)> = std::iter::once(first)
                .chain(more)
                .filter_map(|ended| {
                    let (id, outcome) = match ended {
                        Ok(ended) => ended,
                        // A sender that broke down may have sent.
                        Err(error) => (error.id(), Outcome::Unknown { code: "sender_failed" }),
                    };
                    Some((whose.remove(&id)?, outcome))
                })
                .collect();
            ended.iter().for_each(|(_, outcome)| troubles.note(outcome));
            // A failure to write one down must not lose the others, which are on their way.
            match self.settle(token, ended, now).await {
                Ok(done) => done.into_iter().for_each(|(channel, step, reason)| report.count(channel, step, reason)),
                Err(error) => result = result.and(Err(error)),
            }
        }
    }

    async fn settle(&self, token: RowId, ended: Vec<(Ready, Outcome)>, sent_at: Instant) -> Result<Vec<(Channel, Step, &'static str)>> {
        for (ready, outcome) in &ended {
            if let Outcome::OurFault { code } = outcome {
                let channel = ready.prepared.channel;
                tracing::error!(%channel, code, message = %ready.prepared.id, "a message cannot leave: our settings or our code are wrong");
            }
        }
        let (ended, senders) = (Arc::new(ended), Arc::clone(&self.senders));
        // `now` anew: sending took its time, and waits are counted from here.
        self.write(self.now(sent_at), move |tx| {
            ended
                .iter()
                .map(|(ready, outcome)| Ok((ready.prepared.channel, settle(tx, token, ready, outcome, &senders)?, reason(outcome))))
                .collect()
        })
        .await
    }
}

/// One message on its way out: what leaves, or what became of it instead.
fn prepare(tx: &mut Tx<'_>, token: RowId, taken: &Taken, senders: &Senders, link_base: &str) -> Result<Result<Prepared, Step>> {
    let message = &taken.message;
    if !steps::stands(tx, token, message.id)? {
        return Ok(Err(Step::Ended(State::Retracted)));
    }
    match steps::screen(tx, token, taken)? {
        Screened::MayGo => {}
        Screened::Waits => return Ok(Err(Step::Later)),
        Screened::Ended(state) => {
            follow(tx, message, state, senders)?;
            return Ok(Err(Step::Ended(state)));
        }
    }
    let count = match ask_again(tx, message, senders)? {
        Ok(count) => count,
        Err(reason) => {
            steps::end(tx, token, message, State::Retracted, reason)?;
            None
        }
    };
    if !steps::stands(tx, token, message.id)? {
        return Ok(Err(Step::Ended(State::Retracted)));
    }
    match steps::screen_said(tx, token, taken, answers::is_text_alone, people::actions::is_reached_at)? {
        Screened::MayGo => {}
        Screened::Waits => return Ok(Err(Step::Later)),
        Screened::Ended(state) => return Ok(Err(Step::Ended(state))),
    }
    let Some(to) = address(tx, message)? else {
        steps::end(tx, token, message, State::Refused, "no_address")?;
        follow(tx, message, State::Refused, senders)?;
        return Ok(Err(Step::Ended(State::Refused)));
    };
    let attendee = to.clone();
    let details = move |tx: &mut Tx<'_>| {
        let calendar = match senders.organiser() {
            Some(organiser) if message.kind.is_for_calendar() => Some(calendars::actions::part(tx, message, &attendee, organiser)?),
            _ => None,
        };
        Ok(Details { count, how: how_to_answer(tx, message, link_base)?, calendar })
    };
    steps::prepare(tx, token, taken, to, details).map(Ok)
}

/// Asks the room that planned a message whether it still holds; the room retracts what does not, or says why not. `Ok` with the number
/// that the text tells, where it tells one. A new kind without an answer does not compile.
fn ask_again(tx: &mut Tx<'_>, message: &Message, senders: &Senders) -> Result<Result<Option<usize>, &'static str>> {
    match message.kind {
        Kind::Appointment | Kind::AppointmentMoved | Kind::AppointmentCancelled | Kind::AppointmentsChanged => {
            sessions::actions::ask_again(tx, message.subject_id.cast(), message.id)?;
            Ok(Ok(None))
        }
        Kind::AppointmentAnswered => {
            answers::retell(tx, message.subject_id.cast(), senders.is_on(Channel::Push))?;
            Ok(Ok(None))
        }
        Kind::Invitation | Kind::InvitationCancelled => {
            calendars::actions::follow(tx, message.subject_id.cast())?;
            Ok(Ok(None))
        }
        Kind::DutiesLate => Ok(late::count(tx, message.subject_id.cast())?.map(Some)),
    }
}

/// What a message says of how to answer. A link is made as the last thing before it leaves, and stored with it.
fn how_to_answer(tx: &mut Tx<'_>, message: &Message, link_base: &str) -> Result<HowToAnswer> {
    match message.kind {
        Kind::Appointment | Kind::AppointmentMoved => answers::how_to_answer(tx, message, link_base),
        Kind::AppointmentCancelled
        | Kind::AppointmentsChanged
        | Kind::AppointmentAnswered
        | Kind::Invitation
        | Kind::InvitationCancelled
        | Kind::DutiesLate => Ok(HowToAnswer::Untold),
    }
}

/// What follows when a message did not arrive, or not for long, or nobody knows: somebody is told by hand, or by another way. How it stands
/// is written down even where this fails.
fn follow(tx: &mut Tx<'_>, message: &Message, state: State, senders: &Senders) -> Result<()> {
    alone(tx, "what follows from message", message.id, |tx| match message.kind {
        Kind::Appointment | Kind::AppointmentMoved | Kind::AppointmentCancelled | Kind::AppointmentsChanged => {
            sessions::actions::replan_messages(tx, message.subject_id.cast())
        }
        Kind::AppointmentAnswered => answers::retell(tx, message.subject_id.cast(), senders.is_on(Channel::Push)),
        // Told anew only where that may go better: the phone is gone, or nobody sent for a week.
        Kind::DutiesLate if state == State::TooLate || message.channel == Channel::Push && address(tx, message)?.is_none() => {
            late::plan(tx, message.subject_id.cast(), senders)
        }
        // Whoever looks at their own sessions finds them there.
        Kind::DutiesLate | Kind::Invitation | Kind::InvitationCancelled => Ok(()),
    })
    .map(drop)
}

/// Where it goes, opened at this moment; `None` when there is no address any more.
fn address(tx: &mut Tx<'_>, message: &Message) -> Result<Option<String>> {
    match (message.recipient, message.channel) {
        (Recipient::Person(person), channel) => people::actions::address(tx, person, channel),
        (Recipient::Account(account, Some(device)), Channel::Push) => {
            let targets = sign_in::push_targets(tx, account)?;
            Ok(targets.into_iter().find(|(own, _)| *own == device).map(|(_, target)| target.token))
        }
        (Recipient::Account(_, None), Channel::Email) if message.goes_to_former() => {
            Ok(steps::find_former_address(tx, message)?.map(Email::into_string))
        }
        (Recipient::Account(account, None), Channel::Email) => {
            Ok(accounts::get_contact(tx, account)?.and_then(|contact| contact.email).map(|email| email.as_str().to_owned()))
        }
        (Recipient::Account(..), _) => Ok(None),
    }
}

/// Writes down how one sending ended, and lets follow what must.
fn settle(tx: &mut Tx<'_>, token: RowId, ready: &Ready, outcome: &Outcome, senders: &Senders) -> Result<Step> {
    let message = &ready.taken.message;
    let fate = steps::settle(tx, token, message, outcome)?;
    if let (Outcome::TargetGone, Recipient::Account(account, Some(device))) = (outcome, message.recipient) {
        alone(tx, "push target of device", device, |tx| forget_target(tx, account, device, &ready.prepared.to))?;
    }
    let is_patience_over = steps::is_patience_over(message.attempts.saturating_add(1));
    let (state, step) = match fate {
        Fate::Again { .. } => (State::Waiting, Step::Later),
        Fate::End { state, .. } => (state, Step::Ended(state)),
    };
    // One that went after all makes an errand by hand needless.
    if is_patience_over || !matches!(state, State::Waiting | State::Accepted) {
        follow(tx, message, state, senders)?;
    }
    Ok(step)
}

/// Forgets a phone's push target that is gone, unless the phone has given a new one meanwhile.
fn forget_target(tx: &mut Tx<'_>, account: AccountId, device: DeviceId, gone: &str) -> Result<()> {
    let is_gone = sign_in::push_targets(tx, account)?.iter().any(|(own, target)| *own == device && target.token == gone);
    if is_gone { sign_in::forget_push_target(tx, device) } else { Ok(()) }
}
