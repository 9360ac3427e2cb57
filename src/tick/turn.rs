//! One transaction of a round for several messages, and what is done where it fails: one message holds up no other.

use std::sync::Arc;
use std::time::Duration;

use super::message::{self, Halt, Ready, Step};
use super::{Ticker, alone};
use crate::access::{Actor, Capability, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::ids::{MessageId, RowId};
use crate::messages::channels::{Channel, Deadline, Outcome, is_over};
use crate::messages::delivery::actions as steps;
use crate::messages::model::Taken;

/// How long a database that refuses what is to be written down is left alone.
const REST: Duration = Duration::from_secs(1);

/// What one transaction does.
#[derive(Clone, Default)]
pub(super) struct Turn {
    /// Sendings that ended are written down.
    pub(super) ended: Vec<(Ready, Outcome)>,
    /// What goes next is asked for again and prepared.
    pub(super) next: Vec<Taken>,
    /// What is not begun is put back.
    pub(super) back: Vec<(Taken, Halt)>,
    /// The least that can be done: how a sending ended is written down without what follows from it, and what goes next rests instead, as
    /// for a defect.
    pub(super) is_least: bool,
}

impl Turn {
    const fn len(&self) -> usize {
        self.ended.len() + self.next.len() + self.back.len()
    }

    /// Each of its messages in a turn of its own. What goes next comes in reverse: the group got as far as the first that holds it up, so that
    /// this comes late, when others have shown that the database is there.
    fn apart(self) -> impl Iterator<Item = Self> {
        let ended = self.ended.into_iter().map(|ended| Self { ended: vec![ended], ..Self::default() });
        let back = self.back.into_iter().map(|back| Self { back: vec![back], ..Self::default() });
        let next = self.next.into_iter().rev().map(|next| Self { next: vec![next], ..Self::default() });
        ended.chain(back).chain(next)
    }

    fn extend(&mut self, other: Self) {
        self.ended.extend(other.ended);
        self.next.extend(other.next);
        self.back.extend(other.back);
    }

    /// The first message in it.
    fn first(&self) -> Option<MessageId> {
        let taken = self.ended.iter().map(|(ready, _)| &ready.taken).chain(&self.next).chain(self.back.iter().map(|(taken, _)| taken));
        taken.map(|taken| taken.message.id).next()
    }
}

/// What a transaction did.
#[derive(Default)]
pub(super) struct Turned {
    /// What is prepared.
    pub(super) ready: Vec<Ready>,
    /// What came to its end or was put back, and why where something is to be said.
    pub(super) done: Vec<(Channel, Step, &'static str)>,
    /// What the database refused, and how: it is as it was, as far as anybody knows.
    pub(super) refused: Option<(Turn, Error)>,
}

impl Turned {
    fn extend(&mut self, other: Self) {
        self.ready.extend(other.ready);
        self.done.extend(other.done);
    }

    fn refuse(&mut self, turn: Turn, why: Error) {
        match &mut self.refused {
            Some((refused, _)) => refused.extend(turn),
            None => self.refused = Some((turn, why)),
        }
    }
}

/// The code that says why, where something is to be said.
const fn reason(outcome: &Outcome) -> &'static str {
    if matches!(outcome, Outcome::Accepted { .. }) { "" } else { outcome.code() }
}

impl Ticker {
    /// One transaction. One that fails as a whole is taken apart; one that the database refuses after a rest, in which that may be over.
    pub(super) async fn turn(&self, token: RowId, turn: Turn, due_by: Instant, written_by: Deadline) -> (Turned, Result<()>) {
        if turn.len() == 0 {
            return (Turned::default(), Ok(()));
        }
        let turn = Arc::new(turn);
        let error = match self.write(self.now(due_by), self.verb(token, Arc::clone(&turn))).await {
            Ok(turned) => {
                self.note_database(true);
                return (turned, Ok(()));
            }
            Err(error) => error,
        };
        let turn = Arc::unwrap_or_clone(turn);
        if is_refusal(&error) {
            tracing::debug!(%error, "the database refuses a group of messages: after a rest each is tried alone");
            tokio::time::sleep(REST).await;
        } else if turn.len() < 2 {
            self.note_database(true);
            return (Turned::default(), Err(error));
        } else {
            tracing::error!(%error, "a group of messages failed: each is tried alone");
        }
        self.turn_apart(token, turn, due_by, written_by).await
    }

    /// A turn's messages one by one. What is refused while others pass is refused by its own making, and the least is done for it. While nothing
    /// passes the database is away.
    async fn turn_apart(&self, token: RowId, turn: Turn, due_by: Instant, written_by: Deadline) -> (Turned, Result<()>) {
        let (mut all, mut result, mut passes, mut refused) = (Turned::default(), Ok(()), false, Vec::new());
        for one in turn.apart() {
            if is_over(written_by) {
                all.refuse(one, Error::Unavailable("the lease was over before each was tried alone"));
                continue;
            }
            match self.turn_alone(token, &one, due_by).await {
                Ok(turned) => {
                    passes = true;
                    all.extend(turned);
                }
                Err(error) if !is_refusal(&error) => result = result.and(Err(error)),
                Err(error) if passes => self.turn_least(token, one, error, due_by, &mut all).await,
                Err(error) => refused.push((one, error)),
            }
        }
        for (one, error) in refused {
            if !passes || is_over(written_by) {
                all.refuse(one, error);
                continue;
            }
            // The database may have been away and come back between.
            match self.turn_alone(token, &one, due_by).await {
                Ok(turned) => all.extend(turned),
                Err(error) if is_refusal(&error) => self.turn_least(token, one, error, due_by, &mut all).await,
                Err(error) => result = result.and(Err(error)),
            }
        }
        self.note_database(passes || all.refused.is_none());
        (all, result)
    }

    /// A turn of one message, without patience: others wait.
    async fn turn_alone(&self, token: RowId, one: &Turn, due_by: Instant) -> Result<Turned> {
        let verb = self.verb(token, Arc::new(one.clone()));
        self.door.write_as(Actor::system(), self.now(due_by), Capability::TickRun, verb).await
    }

    /// The least for a message that the database refused beside others. Where it refuses that, too, the message is as it was.
    async fn turn_least(&self, token: RowId, one: Turn, why: Error, due_by: Instant, all: &mut Turned) {
        let least = Turn { is_least: true, ..one.clone() };
        match self.turn_alone(token, &least, due_by).await {
            Ok(turned) => {
                tracing::error!(message_id = ?one.first(), error = %why, "the database refuses one message and takes others: it holds up nothing else");
                all.extend(turned);
            }
            Err(_) => all.refuse(one, why),
        }
    }

    fn verb(&self, token: RowId, turn: Arc<Turn>) -> impl Fn(&mut Tx<'_>) -> Result<Turned> + Clone + Send + 'static {
        let senders = Arc::clone(&self.senders);
        let link_base: Arc<str> = Arc::from(self.door.house().link_base.as_str());
        move |tx: &mut Tx<'_>| {
            let mut turned = Turned::default();
            for (ready, outcome) in &turn.ended {
                let step = if turn.is_least {
                    message::note_end(tx, token, ready, outcome)?
                } else {
                    message::settle(tx, token, ready, outcome, &senders)?
                };
                turned.done.push((ready.prepared.channel, step, reason(outcome)));
            }
            for (taken, halt) in &turn.back {
                let step = message::put_back(tx, token, taken, *halt)?;
                turned.done.push((taken.message.channel, step, halt.code()));
            }
            for taken in &turn.next {
                let prepared = if turn.is_least {
                    None
                } else {
                    alone(tx, "message", taken.message.id, |tx| message::prepare(tx, token, taken, &senders, &link_base))?
                };
                match prepared {
                    Some(Ok(prepared)) => turned.ready.push(Ready { taken: taken.clone(), prepared }),
                    Some(Err(step)) => turned.done.push((taken.message.channel, step, "")),
                    None => {
                        steps::put_back(tx, token, taken, "defect")?;
                        turned.done.push((taken.message.channel, Step::Failed, ""));
                    }
                }
            }
            Ok(turned)
        }
    }
}

/// Whether an error says nothing of what was to be done, but of the database: it may do so later.
const fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::RunAgain | Error::Unavailable(_))
}
