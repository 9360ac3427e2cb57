//! The door: every request and every tick goes through it. One hop to a database thread, the actor from the credential, the
//! operation's row in the rights table, the verb, what follows from it, the journal, the commit; then the answer may leave.
//!
//! Order: credential, rights, idempotent replay, then what the verb asks (visibility, precondition, rules).

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::model::Actor;
use super::precondition::{self, held};
use super::rights::{Capability, Reach, reaches};
use super::sign_in::Porter;
use super::store::{self, KeyUse};
use super::tx::{Follow, Parts, Tx, entry};
use crate::base::clock::{Clock, Instant};
use crate::base::config::Programme;
use crate::base::db::{Coded, Database, Db, Room, read_transaction, write_transaction};
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::http::Call;
use crate::base::ids::{AccountId, AnyId, Id, IdSource, Ids};
use crate::base::vault::Vault;
use crate::journal::{Act, Entry, Journal, Subject, SubjectKind};

/// What the door needs of the house.
pub struct House {
    /// The database.
    pub database: Database,
    /// The disk it grows on.
    pub room: Room,
    /// Where reads are written down.
    pub journal: Journal,
    /// Sealing.
    pub vault: Vault,
    /// Who checks passwords and hands out tokens.
    pub porter: Porter,
    /// The clock: read once a request.
    pub clock: Clock,
    /// Where ids come from.
    pub ids: IdSource,
    /// The programme's settings.
    pub programme: Programme,
    /// What stands before the token in a link that leaves the house.
    pub link_base: String,
    /// What follows from a fact.
    pub follow: Follow,
}

/// The one way in. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    house: Arc<House>,
}

/// What a command answers: made now, or shown again because the same call was made before.
#[derive(Debug)]
pub struct Done<T> {
    /// The view.
    pub view: T,
    /// The same key and body had been sent before.
    pub replayed: bool,
}

/// What [`Door::replay_or`] finds.
#[derive(Debug)]
pub enum Before<T, R> {
    /// The same call was made before: its result.
    Made(T),
    /// It was not: what was read of the request.
    Fresh(R),
}

/// The hash under which a token is stored.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Door {
    /// A door over a house.
    pub fn new(house: House) -> Self {
        Self { house: Arc::new(house) }
    }

    /// The house, for the composition root (clock of the demo, shutdown).
    pub fn house(&self) -> &House {
        &self.house
    }

    /// Looks something up for a caller: one snapshot, journaled before the first byte leaves.
    ///
    /// # Errors
    /// 401, 403, what the look-up refuses, and 503 when the journal cannot be written.
    pub async fn read<T: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        look_up: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let asked = call.clone();
        let look_up = move |tx: &mut Tx<'_>| {
            let value = look_up(tx)?;
            precondition::refuse(&asked).map(|()| value)
        };
        self.look(call, capability, look_up).await
    }

    async fn look<T: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        look_up: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (house, visit) = (Arc::clone(&self.house), Visit::of(call, capability));
        let look = move |db: &mut Db| {
            let mut who = None;
            let result = read_transaction(db, |db| {
                let (actor, reaches) = visit.enter(db, &house, &mut who)?;
                let mut tx = Tx::new(db, house.parts(), visit.now, &actor, capability, reaches);
                let value = look_up(&mut tx)?;
                Ok((value, tx.entry(&visit.request)))
            });
            Ok(match result {
                Ok((value, entry)) => (Ok(value), Some(entry)),
                Err(error) => visit.refuse(who.as_ref(), error),
            })
        };
        let (result, entry) = self.house.database.read(look).await?;
        self.house.journal.record(entry).await?;
        result
    }

    /// Looks something up for whoever holds a proof that stands in the address (the secret of a feed): `whose` says whose it is, and from
    /// then on it is that account's look-up, with its roles, its bars and its entries in the journal.
    ///
    /// # Errors
    /// What `whose` refuses, 404 where the account may not, what the look-up refuses, and 503 when the journal cannot be written.
    pub async fn read_for<T: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        whose: impl FnOnce(&mut Tx<'_>) -> Result<AccountId> + Send + 'static,
        look_up: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (house, visit) = (Arc::clone(&self.house), Visit::of(call, capability));
        let look = move |db: &mut Db| {
            read_transaction(db, |db| {
                let account = whose(&mut Tx::new(db, house.parts(), visit.now, &Actor::public(), capability, Vec::new()))?;
                let actor = Actor::of_proof(account, store::roles_of(db, account, visit.now)?);
                let reaches = reaches(&actor, capability);
                if reaches.is_empty() {
                    return Err(Code::NotFound.into());
                }
                let mut tx = Tx::new(db, house.parts(), visit.now, &actor, capability, reaches);
                let value = look_up(&mut tx)?;
                Ok((value, tx.entry(&visit.request)))
            })
        };
        let (value, entry) = self.house.database.read(look).await?;
        self.house.journal.record(Some(entry)).await?;
        Ok(value)
    }

    /// Runs a verb for a caller in one transaction with what follows from it and its journal entries. An `If-Match` that was sent must hold.
    ///
    /// # Errors
    /// 401, 403, what the verb refuses (then nothing of it stays but its trace), 412, 503.
    pub async fn write<T: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        verb: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let asked = call.clone();
        self.enter(call, capability, move |tx| held(tx, &asked, &verb)).await
    }

    async fn enter<T: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        verb: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (house, visit) = (Arc::clone(&self.house), Visit::of(call, capability));
        let act = move |db: &mut Db| {
            let mut who = None;
            let result = write_transaction(db, |db| {
                let (actor, reaches) = visit.enter(db, &house, &mut who)?;
                let mut tx = Tx::new(db, house.parts(), visit.now, &actor, capability, reaches);
                let value = verb(&mut tx)?;
                tx.finish(&visit.request)?;
                Ok(value)
            });
            house.database.note_turn(&result);
            Ok(match result {
                Ok(value) => (Ok(value), None),
                Err(error) => visit.refuse(who.as_ref(), error),
            })
        };
        let (result, trace) = self.house.database.write(act).await?;
        self.house.journal.record(trace).await?;
        result
    }

    /// Runs a POST: takes the idempotency key first, then the verb; a call that was made before only renders its result again,
    /// as a journaled read under today's rights.
    ///
    /// # Errors
    /// As [`Door::write`]; 400 without a key, 422 when the key was used for something else, 412.
    pub async fn command<N: 'static, T: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        verb: impl Fn(&mut Tx<'_>) -> Result<Id<N>> + Send + 'static,
        view: impl Fn(&mut Tx<'_>, Id<N>) -> Result<T> + Send + 'static,
    ) -> Result<Done<T>> {
        let (asked, fingerprint) = (call.clone(), call.fingerprint());
        self.enter(call, capability, move |tx| {
            let (account, key) = (tx.account()?, asked.idempotency_key()?.as_str());
            match store::take_key(tx, account, key, &fingerprint)? {
                KeyUse::Replay(id) => Ok(Done { view: view(tx, id.cast())?, replayed: true }),
                KeyUse::Fresh => {
                    let id = held(tx, &asked, &verb)?;
                    tx.settle()?;
                    store::keep_result(tx, account, key, id.cast())?;
                    Ok(Done { view: view(tx, id)?, replayed: false })
                }
            }
        })
        .await
    }

    /// Looks, before anything that takes long is done for a [`Door::command`], whether the same call was made before: then its result, under
    /// today's rights. Else what `read` makes of the request.
    ///
    /// # Errors
    /// As [`Door::read`]; 400 without a key, 422 when the key was used for something else.
    pub async fn replay_or<N: 'static, T: Send + 'static, R: Send + 'static>(
        &self,
        call: &Call,
        capability: Capability,
        view: impl FnOnce(&mut Tx<'_>, Id<N>) -> Result<T> + Send + 'static,
        read: impl FnOnce(&mut Tx<'_>) -> Result<R> + Send + 'static,
    ) -> Result<Before<T, R>> {
        let (key, fingerprint) = (call.clone(), call.fingerprint());
        self.look(call, capability, move |tx| {
            let (account, key) = (tx.account()?, key.idempotency_key()?.as_str());
            match store::find_key(tx, account, key, &fingerprint)? {
                Some(id) => Ok(Before::Made(view(tx, id.cast())?)),
                None => read(tx).map(Before::Fresh),
            }
        })
        .await
    }

    /// Runs a verb without a request: the tick, the command line, the demo's first accounts.
    ///
    /// # Errors
    /// What the verb refuses, 503.
    pub async fn write_as<T: Send + 'static>(
        &self,
        actor: Actor,
        now: Instant,
        capability: Capability,
        verb: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let house = Arc::clone(&self.house);
        self.house.database.write(move |db| house.write_as(db, &actor, now, capability, &verb)).await
    }

    /// As [`Door::write_as`], for callers that are not async (command line, generator).
    ///
    /// # Errors
    /// As [`Door::write_as`].
    pub fn blocking_write_as<T: Send + 'static>(
        &self,
        actor: Actor,
        now: Instant,
        capability: Capability,
        verb: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let house = Arc::clone(&self.house);
        self.house.database.blocking_write(move |db| house.write_as(db, &actor, now, capability, &verb))
    }

    /// Runs many verbs in one transaction: all of them, or none.
    ///
    /// # Errors
    /// What a verb refuses, 503.
    pub fn blocking_batch<T: Send + 'static>(&self, verbs: impl Fn(&mut Batch<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let house = Arc::clone(&self.house);
        self.house.database.blocking_write(move |db| write_transaction(db, |db| verbs(&mut Batch { house: &house, db })))
    }
}

impl House {
    fn parts(&self) -> Parts<'_> {
        Parts { programme: &self.programme, ids: Ids::of_a_call(&self.ids), vault: &self.vault, follow: self.follow }
    }

    fn write_as<T>(
        &self,
        db: &mut Db,
        actor: &Actor,
        now: Instant,
        capability: Capability,
        verb: &impl Fn(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let written = write_transaction(db, |db| Batch { house: self, db }.act(actor, now, capability, |tx| verb(tx)));
        self.database.note_turn(&written);
        written
    }
}

/// Verbs of several people and moments in one transaction, each with what follows from it and its entries: years of a generated
/// programme, not a request.
pub struct Batch<'a> {
    house: &'a House,
    db: &'a mut Db,
}

impl Batch<'_> {
    /// Runs one verb.
    ///
    /// # Errors
    /// What the verb refuses.
    pub fn act<T>(
        &mut self,
        actor: &Actor,
        now: Instant,
        capability: Capability,
        verb: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let request = self.house.ids.next::<crate::base::ids::noun::Row>().to_string();
        let mut tx = Tx::new(self.db, self.house.parts(), now, actor, capability, reaches(actor, capability));
        let value = verb(&mut tx)?;
        tx.finish(&request)?;
        Ok(value)
    }
}

/// What a path names: its first id.
pub(super) fn subject_of(call: &Call) -> Option<AnyId> {
    call.path().split('/').find_map(|part| part.parse().ok())
}

/// One visit of a caller: who they say they are and what they want to do.
struct Visit {
    now: Instant,
    request: String,
    token_hash: Option<[u8; 32]>,
    capability: Capability,
    subject: Option<AnyId>,
    /// What is wrong with the query of an operation that takes none.
    stray_query: Option<Problem>,
}

impl Visit {
    fn of(call: &Call, capability: Capability) -> Self {
        Self {
            now: call.now(),
            request: call.request_id().to_owned(),
            token_hash: call.bearer().map(token_hash),
            capability,
            subject: subject_of(call),
            stray_query: call.stray_query().cloned(),
        }
    }

    /// The credential, then the rights table. Who came in is left in `who`, for the trace of a refusal.
    fn enter(&self, db: &mut Db, house: &House, who: &mut Option<Actor>) -> Result<(Actor, Vec<Reach>)> {
        if self.capability.is_public() {
            return Ok((Actor::public(), Vec::new()));
        }
        let hash = self.token_hash.ok_or(Code::Unauthenticated)?;
        let actor = store::find_actor(db, &hash, self.now, house.porter.access_span())?.ok_or(Code::Unauthenticated)?;
        *who = Some(actor.clone());
        let reaches = reaches(&actor, self.capability);
        if reaches.is_empty() {
            return Err(Code::Forbidden.into());
        }
        match &self.stray_query {
            Some(problem) => Err(problem.clone().into()),
            None => Ok((actor, reaches)),
        }
    }

    /// A refusal rolls back what the verb did, not its trace: that somebody asked is written down, alike for what is hidden
    /// and what does not exist; and so is what the refusal shows as standing in the way.
    fn refuse<T>(&self, who: Option<&Actor>, error: Error) -> (Result<T>, Option<Entry>) {
        let (Error::Refused(problem), Some(actor)) = (&error, who) else { return (Err(error), None) };
        let act = if problem.code == Code::NotFound { Act::Miss } else { Act::Refused };
        let asked = self.subject.map(|id| (Subject { kind: self.capability.subject(), id }, act));
        let shown = problem.blocking.iter().filter_map(|blocking| {
            Some((Subject { kind: SubjectKind::parse(blocking.kind)?, id: AnyId::from_uuid(blocking.id) }, Act::Read))
        });
        // What was asked for weighs more than that it is shown as standing in the way.
        let trace = entry(self.now, &self.request, actor, self.capability, shown.chain(asked).collect());
        (Err(error), Some(trace))
    }
}
