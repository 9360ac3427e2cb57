//! A transaction with somebody in it: the actor, one `now`, the facts told and the subjects opened.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::Actor;
use super::rights::{Capability, Reach};
use super::store;
use crate::base::clock::Instant;
use crate::base::config::Programme;
use crate::base::db::{self, Db};
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AccountId, AnyId, EnquiryId, Id, Ids};
use crate::base::vault::{Holder, HolderKind, LookUpKind, Place, Sealed, Vault};
use crate::facts::Fact;
use crate::journal::{Act, Entry, Subject};

/// What a verb or a look-up works with. Rooms reach the database only through it, so nobody reads without being somebody.
pub struct Tx<'a> {
    /// The moment the request came in or the tick came round.
    pub now: Instant,
    /// Who acts.
    pub actor: &'a Actor,
    /// What they are doing.
    pub capability: Capability,
    /// The programme's settings: deadlines, zone, quiet hours.
    pub programme: &'a Programme,
    reaches: Vec<Reach>,
    ids: Ids<'a>,
    vault: &'a Vault,
    follow: Follow,
    db: &'a mut Db,
    /// Told and not yet followed, each with how many facts it follows from.
    facts: VecDeque<(usize, Fact)>,
    depth: usize,
    touched: BTreeMap<Subject, Act>,
    /// What the journal names in the place of what, made with it.
    wholes: BTreeMap<Subject, Subject>,
    opened_files: BTreeSet<Holder>,
    /// Whose key is known to be the one that the database knows.
    sealed_files: BTreeSet<Holder>,
    reason: Option<&'static str>,
    seen_version: Option<i64>,
}

/// How many facts one may follow from; more is a circle in `consequences.rs`. How many follow from one verb depends on the data: whoever
/// leaves may run any number of matches.
const FACTS_DEEP: usize = 20;

/// Answers a fact with what follows from it: `consequences::follow`, given to the door by the composition root.
pub type Follow = fn(&mut Tx<'_>, &Fact) -> Result<()>;

/// The house's parts that a transaction borrows.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) programme: &'a Programme,
    pub(super) ids: Ids<'a>,
    pub(super) vault: &'a Vault,
    pub(super) follow: Follow,
}

impl<'a> Tx<'a> {
    pub(super) fn new(
        db: &'a mut Db,
        parts: Parts<'a>,
        now: Instant,
        actor: &'a Actor,
        capability: Capability,
        reaches: Vec<Reach>,
    ) -> Self {
        Self {
            now,
            actor,
            capability,
            programme: parts.programme,
            reaches,
            ids: parts.ids,
            vault: parts.vault,
            follow: parts.follow,
            db,
            facts: VecDeque::new(),
            depth: 0,
            touched: BTreeMap::new(),
            wholes: BTreeMap::new(),
            opened_files: BTreeSet::new(),
            sealed_files: BTreeSet::new(),
            reason: None,
            seen_version: None,
        }
    }

    /// The connection. Only for `store.rs`.
    pub const fn db(&mut self) -> &mut Db {
        self.db
    }

    /// A new id.
    pub fn new_id<N>(&self) -> Id<N> {
        self.ids.next()
    }

    /// The signed-in account; 403 for the tick and the command line, which must name one.
    pub fn account(&self) -> Result<AccountId> {
        self.actor.account.ok_or_else(|| Code::Forbidden.into())
    }

    /// Whether the operation reaches this far for the actor.
    pub fn reaches(&self, reach: Reach) -> bool {
        self.reaches.contains(&reach)
    }

    /// Says that something became true. What follows from it happens after the verb, before the commit; of what is done [`Tx::alone`], with that.
    pub fn tell(&mut self, fact: Fact) {
        self.facts.push_back((self.depth, fact));
    }

    /// Notes for the journal that a subject was shown.
    pub fn saw(&mut self, subject: impl Into<Subject>) {
        self.note(Act::Read, subject);
    }

    /// Notes for the journal that something of an enquiry was shown: the enquiry, whom it was linked to, and who stands in its case.
    ///
    /// # Errors
    /// The database's.
    pub fn saw_enquiry(&mut self, enquiry: EnquiryId) -> Result<()> {
        self.saw(enquiry);
        for person in store::people_of_enquiry(self.db, enquiry)? {
            self.saw(person);
        }
        Ok(())
    }

    /// Notes for the journal that a subject was made or changed.
    pub fn changed(&mut self, subject: impl Into<Subject>) {
        self.note(Act::Change, subject);
    }

    /// Notes for the journal what was done to a subject, where it is neither shown nor changed (a sign-in). A subject stands in it once, with
    /// the weightiest of what was done.
    pub fn note(&mut self, act: Act, subject: impl Into<Subject>) {
        weigh(&mut self.touched, subject.into(), act);
    }

    /// Says that a part was made with its whole, which the journal names in its place, whatever else is done to the part in this call: a year of sessions
    /// is one series.
    pub fn made_with(&mut self, whole: impl Into<Subject>, part: impl Into<Subject>) {
        self.wholes.insert(part.into(), whole.into());
    }

    /// Gives the reason that the caller stated, as a code: the journal keeps it in the place of the operation's own purpose.
    pub const fn because(&mut self, reason: &'static str) {
        self.reason = Some(reason);
    }

    /// Says at which version the caller sees what is changed, where that is not the version of the row that the path names first: it would tell
    /// them more than they may know, or what is changed beside it has one of its own. A precondition is held against this one.
    pub const fn seen_at(&mut self, version: i64) {
        self.seen_version = Some(version);
    }

    /// What [`Tx::seen_at`] said.
    pub(super) const fn seen_version(&self) -> Option<i64> {
        self.seen_version
    }

    /// When what is written down now is recorded: after the last that was written down of the same, so that of two things that happened at
    /// one moment the later stands last.
    pub fn after(&self, last: Option<Instant>) -> Instant {
        last.map_or(self.now, |last| self.now.max(last.next()))
    }

    /// Seals a value under its holder's key, bound to its place.
    ///
    /// # Errors
    /// When the key store cannot be reached, or lacks the key that the holder once got.
    pub fn seal<T: Serialize + DeserializeOwned>(&mut self, holder: Holder, place: Place, value: &T) -> Result<Sealed<T>> {
        if !self.sealed_files.contains(&holder) {
            self.vault.enter(self.db, holder, self.now)?;
            self.sealed_files.insert(holder);
        }
        Ok(self.vault.seal(self.db, holder, place, value)?)
    }

    /// Opens a sealed value and notes its holder for the journal: a case's key notes every person of the case.
    ///
    /// # Errors
    /// When the key was destroyed, the value was tampered with or the key store cannot be reached.
    pub fn open<T: Serialize + DeserializeOwned>(&mut self, holder: Holder, place: Place, value: &Sealed<T>) -> Result<T> {
        if self.opened_files.insert(holder) {
            self.note_holder(holder)?;
        }
        Ok(self.vault.open(self.db, holder, place, value)?)
    }

    /// Opens a sealed value to hold it against what somebody looks for. Nobody is noted: whoever fits is opened or noted by the caller, and
    /// nothing of the others is shown.
    ///
    /// # Errors
    /// As [`Tx::open`].
    pub fn peek<T: Serialize + DeserializeOwned>(&mut self, holder: Holder, place: Place, value: &Sealed<T>) -> Result<T> {
        Ok(self.vault.open(self.db, holder, place, value)?)
    }

    fn note_holder(&mut self, holder: Holder) -> Result<()> {
        match holder.kind {
            HolderKind::Person => self.saw(holder.id.cast::<crate::base::ids::noun::Person>()),
            HolderKind::Staff => self.saw(holder.id.cast::<crate::base::ids::noun::Staff>()),
            HolderKind::Account => self.saw(holder.id.cast::<crate::base::ids::noun::Account>()),
            HolderKind::Agency => self.saw(holder.id.cast::<crate::base::ids::noun::Agency>()),
            HolderKind::Reporter => self.saw(holder.id.cast::<crate::base::ids::noun::Reporter>()),
            HolderKind::Case => {
                let case = holder.id.cast();
                self.saw(Subject::new(crate::journal::SubjectKind::Case, holder.id));
                for person in store::people_of_case(self.db, case)? {
                    self.saw(person);
                }
            }
            HolderKind::Enquiry => self.saw_enquiry(holder.id.cast())?,
        }
        Ok(())
    }

    /// A keyed hash for look-up (registration numbers, requests): never leaves the database, never comes back.
    pub fn look_up_hash(&self, kind: LookUpKind, normalised: impl AsRef<[u8]>) -> [u8; 32] {
        self.vault.look_up_hash(kind, normalised)
    }

    /// Makes verbs over the same subjects wait for each other until the transaction ends.
    ///
    /// # Errors
    /// `RunAgain` on a deadlock, `Unavailable` after 5 s of waiting.
    pub fn lock(&mut self, subjects: &[AnyId]) -> Result<()> {
        db::lock_subjects(self.db, subjects)
    }

    /// Runs a step whose violation of a constraint is an expected answer: a savepoint on both engines.
    ///
    /// # Errors
    /// The step's own, after its changes (and facts) were rolled back.
    pub fn attempt<T>(&mut self, step: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let (now, actor, capability, parts) = (self.now, self.actor, self.capability, self.parts());
        let (reaches, depth, sealed_files) = (self.reaches.clone(), self.depth, self.sealed_files.clone());
        let (value, facts, touched, wholes, opened, sealed) = db::savepoint(self.db, |db| {
            let mut inner = Tx { depth, sealed_files, ..Tx::new(db, parts, now, actor, capability, reaches) };
            let value = step(&mut inner)?;
            Ok((value, inner.facts, inner.touched, inner.wholes, inner.opened_files, inner.sealed_files))
        })?;
        self.facts.extend(facts);
        touched.into_iter().for_each(|(subject, act)| weigh(&mut self.touched, subject, act));
        self.wholes.extend(wholes);
        self.opened_files.extend(opened);
        self.sealed_files = sealed;
        Ok(value)
    }

    const fn parts(&self) -> Parts<'a> {
        Parts { programme: self.programme, ids: self.ids, vault: self.vault, follow: self.follow }
    }

    /// Does one thing of many in the transaction of all, with what follows from it. Where it fails, the inner error says by what: it is undone
    /// alone, with all that followed.
    ///
    /// # Errors
    /// What is no fault of that one thing and ends the transaction: the database is not there, or asks for all to be run again.
    pub fn alone<T>(&mut self, step: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<Result<T>> {
        let done = self.attempt(|tx| {
            let value = step(tx)?;
            tx.settle()?;
            Ok(value)
        });
        match done {
            Err(error @ (Error::RunAgain | Error::Unavailable(_))) => Err(error),
            // Perhaps somebody beside made the same a moment ago: run again, alone, it will tell.
            Err(error @ Error::Violation(_)) if !db::writes_alone(self.db)? => Err(error),
            done => Ok(done),
        }
    }

    /// Lets every told fact be followed, in order, until none is left.
    pub(super) fn settle(&mut self) -> Result<()> {
        while let Some((depth, fact)) = self.facts.pop_front() {
            if depth > FACTS_DEEP {
                let operation = self.capability.operation();
                return Err(Error::internal(format!("{operation}: a fact follows from more than {FACTS_DEEP} others")));
            }
            self.depth = depth.saturating_add(1);
            (self.follow)(self, &fact)?;
        }
        self.depth = 0;
        Ok(())
    }

    /// The last steps of a verb: what follows from it, then its entries, in the same transaction.
    pub(super) fn finish(&mut self, request: &str) -> Result<()> {
        self.settle()?;
        let entry = self.entry(request);
        crate::journal::insert(self.db, entry)
    }

    /// What the journal must hold before the answer leaves.
    pub(super) fn entry(&self, request: &str) -> Entry {
        let mut named = BTreeMap::new();
        for (subject, act) in &self.touched {
            weigh(&mut named, *self.wholes.get(subject).unwrap_or(subject), *act);
        }
        let entry = entry(self.now, request, self.actor, self.capability, named);
        Entry { purpose: self.reason.unwrap_or(entry.purpose), ..entry }
    }
}

/// Notes what was done to a subject, unless something weightier was: what is changed is not listed as seen again.
fn weigh(touched: &mut BTreeMap<Subject, Act>, subject: Subject, act: Act) {
    let noted = touched.entry(subject).or_insert(act);
    *noted = act.max(*noted);
}

/// What the journal holds of an actor's call of an operation.
pub(super) fn entry(now: Instant, request: &str, actor: &Actor, capability: Capability, touched: BTreeMap<Subject, Act>) -> Entry {
    Entry {
        at: now,
        request: request.to_owned(),
        actor: actor.word(),
        account: actor.account,
        device: actor.device,
        operation: capability.operation(),
        purpose: crate::base::db::Coded::code(capability.purpose()),
        subjects: touched.into_iter().collect(),
    }
}
