//! Sealing: free text and direct identifiers lie in the database only as [`Sealed`] values, each under the key of its [`Holder`].
//!
//! - A value is bound to its table, column, row and holder: moved anywhere else it does not open.
//! - Destroying a holder's key erases all that was sealed under it, in every copy of the database at once.
//! - The keys lie in a **key store apart from the database**, each wrapped by the key-encryption key, which lies in a file. The three are
//!   never in one backup. Backups of the key store are kept at most 30 days: that is how long an erasure takes to reach the last copy.
//!   After bringing one back, destroy again what was destroyed since.
//! - A key is durable before the first row that needs it. A key whose row was rolled back is an empty drawer and does no harm.
//! - The database knows which key each holder got, and which key file and key store it was made with: an older key store, or another
//!   database's, is refused at the start and each time that it is connected anew, and no holder gets a second key.
//!
//! **Rooms never call the vault.** The door's transaction wraps `enter`, `seal`, `open` and `look_up_hash`, and notes on the actor whose values
//! were opened; so nothing sealed can be read without a line in the journal. A search peeks: it notes whom it found.
//!
//! What it costs (processor time, optimised): opening or sealing a name 3 microseconds, a text of 4,000 letters 10 to 20; 18 when the
//! key is not in memory; a holder's first value waits for its key to be durable. No lock is held while encrypting.
//!
//! Out of reach: the value itself, once opened, is ordinary memory; the buffers of this room are wiped.

mod cache;
mod key_file;
mod model;
mod seal;
mod store;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant as Monotonic};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::clock::Instant;
use super::db::{DatabaseUrl, Db};
use super::error::{Error, Result};
use super::ids::IdSource;
use cache::Cache;
use key_file::KeyEncryptionKey;
pub use model::{Holder, HolderKind, LookUpKind, Place, Sealed, StartError, VaultError, VaultSettings};
use seal::DataKey;
use store::{Connection, KeyStore, StoredKey};

/// The open vault: one a process, shared by all threads.
pub struct Vault {
    key: KeyEncryptionKey,
    store: KeyStore,
    cache: Cache,
    settings: VaultSettings,
    is_unfinished: bool,
    /// Why the key store is refused since it was connected anew, as it was logged.
    refused: Mutex<Option<String>>,
}

impl Vault {
    /// Opens the key store with the key of the key file. Together with a new database both are made; with an old one both must be there.
    /// A making that was broken off goes on. [`Vault::bind`] comes next, once the database has its tables.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator: one of the three is there without the others, the key file can be read by others or is
    /// of another store, the key store is not apart from the database.
    pub fn unlock(settings: &VaultSettings, database_is_new: bool, now: Instant) -> Result<Self, StartError> {
        let is_there = |path: &Path| path.try_exists().map_err(|error| StartError::key_file(settings, error));
        let has_key_file = is_there(&settings.key_file)?;
        let is_unfinished = !has_key_file && (database_is_new || is_there(&settings.unfinished())?);
        match (has_key_file, database_is_new) {
            (true, true) => return Err(StartError::KeyFileWithoutDatabase(settings.key_file.clone())),
            (false, false) if !is_unfinished => return Err(StartError::NoKeyFile(settings.key_file.clone())),
            _ => {}
        }
        let store = KeyStore::connect(&settings.key_store, is_unfinished)?;
        let check = store.find_check()?;
        if check.is_some() && is_unfinished && !is_there(&settings.unfinished())? {
            return Err(StartError::StoreWithoutDatabase);
        }
        let key = if is_unfinished { KeyEncryptionKey::make_or_go_on(settings) } else { KeyEncryptionKey::read(&settings.key_file) };
        let key = match check {
            None if is_unfinished => {
                let key = key?;
                store.make(key.check(), now)?;
                key
            }
            None => return Err(StartError::NoStore),
            Some(check) => {
                key.and_then(|key| if check == key.check() { Ok(key) } else { Err(StartError::WrongKey(settings.key_file.clone())) })?
            }
        };
        Ok(Self { key, store, cache: Cache::new(), settings: settings.clone(), is_unfinished, refused: Mutex::default() })
    }

    /// Looks at the key file and for the key store without opening anything, beside a database that is there.
    ///
    /// # Errors
    /// [`StartError`]: what [`Vault::unlock`] would say of the key file, or that the key store is missing.
    pub fn look(settings: &VaultSettings) -> Result<(), StartError> {
        let is_there = |path: &Path| path.try_exists().map_err(|error| StartError::key_file(settings, error));
        // A making that was broken off goes on at the next start.
        if !is_there(&settings.key_file)? {
            return if is_there(&settings.unfinished())? { Ok(()) } else { Err(StartError::NoKeyFile(settings.key_file.clone())) };
        }
        KeyEncryptionKey::read(&settings.key_file)?;
        match &settings.key_store {
            DatabaseUrl::Sqlite(path) if !path.exists() => Err(StartError::NoStore),
            DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => Ok(()),
        }
    }

    /// Holds the vault against the database: the first time they are bound to each other, from then on they must be each other's, and
    /// every key that the database knows must be there. A key store that has more is lawful: a verb was rolled back, or the database is
    /// older.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator.
    pub fn bind(&self, database: &mut Db, now: Instant) -> Result<(), StartError> {
        let connection = if store::book::find_check(database)?.is_some() {
            self.compare(database)??
        } else {
            let (keys, connection) = self.store.all()?;
            store::book::adopt(database, self.key.check(), &keys, now)?;
            connection
        };
        self.store.trust(connection);
        if self.is_unfinished { KeyEncryptionKey::finish(&self.settings) } else { Ok(()) }
    }

    /// Whether the key store that is connected has every key that the database knows. The outer error: one of the two cannot be asked.
    fn compare(&self, database: &mut Db) -> Result<Result<Connection, StartError>> {
        if store::book::find_check(database)?.is_none_or(|check| check != self.key.check()) {
            return Ok(Err(StartError::AnotherDatabase(self.settings.key_file.clone())));
        }
        // The database first: a key is in the store before the database knows it.
        let known = store::book::all(database)?;
        let (kept, connection) = match self.store.all() {
            // It has not even the tables of one.
            Err(Error::Internal(cause)) => return Ok(Err(StartError::Store(cause))),
            kept => kept?,
        };
        let kept: HashSet<_> = kept.into_iter().map(|key| key.id).collect();
        let lost: Vec<Instant> = known.into_iter().filter(|(key, _)| !kept.contains(key)).map(|(_, made_at)| made_at).collect();
        Ok(match lost.iter().min() {
            Some(since) => Err(StartError::KeysLost { count: lost.len(), since: *since }),
            None => Ok(connection),
        })
    }

    /// Holds a key store that was connected anew against the database.
    fn hold_against(&self, database: &mut Db) -> Result<(), VaultError> {
        // They were of the store before.
        self.cache.clear();
        let compared = self.compare(database)?;
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match compared {
            Ok(connection) => {
                self.store.trust(connection);
                if refused.take().is_some() {
                    tracing::info!("the key store has what the database knows again");
                }
                Ok(())
            }
            Err(refusal) => {
                let words = refusal.to_string();
                if refused.as_ref() != Some(&words) {
                    tracing::error!(error = words, "the key store is refused");
                    *refused = Some(words);
                }
                self.store.let_go();
                Err(VaultError::KeyLost)
            }
        }
    }

    /// Asks the key store, once it was held against the database.
    fn ask<T>(&self, database: &mut Db, question: impl Fn(&KeyStore) -> Result<Option<T>>) -> Result<T, VaultError> {
        if let Some(answer) = question(&self.store)? {
            return Ok(answer);
        }
        self.hold_against(database)?;
        question(&self.store)?.ok_or(VaultError::KeyStore(Error::Unavailable("the key store was lost again")))
    }

    /// Asks the key store whether it is there, and this database's.
    ///
    /// # Errors
    /// When it does not answer, or is not.
    pub fn probe(&self, database: &mut Db) -> Result<(), VaultError> {
        self.ask(database, KeyStore::probe)
    }

    /// Lets go of the key store, and waits at most about so long for what is asked of it. False: that is left behind.
    pub fn close_within(&self, most: Duration) -> bool {
        self.store.close_within(most)
    }

    /// Makes sure that the holder has a key, and that it is the one the database knows: the first is made, durably, and entered in the
    /// database with whatever the transaction does. Once in a transaction, before [`Vault::seal`].
    ///
    /// Only the door's transaction calls this.
    pub fn enter(&self, database: &mut Db, holder: Holder, now: Instant) -> Result<(), VaultError> {
        // The database first: a key is in the store before the database knows it.
        let known = store::book::find(database, holder)?;
        match (self.find_key(database, holder)?, known) {
            (Some(key), Some(known)) if key.id() == known => Ok(()),
            // A second key would be lost with this store as soon as the right one is back.
            (_, Some(_)) => Err(VaultError::KeyLost),
            (key, None) => {
                let key = key.map_or_else(|| self.make_key(database, holder, now), Ok)?;
                Ok(store::book::enter(database, holder, key.id(), now)?)
            }
        }
    }

    /// Seals a value for one place under the key of its holder.
    ///
    /// Only the door's transaction calls this.
    pub fn seal<T: Serialize>(&self, database: &mut Db, holder: Holder, place: Place, value: &T) -> Result<Sealed<T>, VaultError> {
        let key = self.find_key(database, holder)?.ok_or(VaultError::KeyLost)?;
        seal::seal(&key, holder, place, value).map(Sealed::from_bytes)
    }

    /// Opens a sealed value of one place and holder. [`VaultError::Erased`] when the holder's key was destroyed.
    ///
    /// Only the door's transaction calls this: it notes the holder on the actor, for the journal.
    pub fn open<T: DeserializeOwned>(&self, database: &mut Db, holder: Holder, place: Place, sealed: &Sealed<T>) -> Result<T, VaultError> {
        let key = self.find_key(database, holder)?.ok_or(VaultError::KeyLost)?;
        seal::open(&key, holder, place, sealed.as_bytes())
    }

    /// The keyed hash under which a value can be found without being opened (HMAC-SHA256; the key is never in the database).
    /// The caller normalises first: two spellings are two hashes.
    pub fn look_up_hash(&self, kind: LookUpKind, normalised: impl AsRef<[u8]>) -> [u8; 32] {
        self.key.look_up_hash(kind, normalised.as_ref())
    }

    /// Erases the holder's key for ever: nothing sealed under it opens again, nothing new is sealed for this holder. Once more changes
    /// nothing. Other processes follow within a minute (the time an unwrapped key is kept in memory).
    pub fn destroy(&self, holder: Holder, now: Instant) -> Result<(), VaultError> {
        let done = self.store.destroy(holder, IdSource::Chance.next(), now);
        self.cache.forget(holder);
        done
    }

    /// The holder's key, from memory or the store. `None`: the holder never had one.
    fn find_key(&self, database: &mut Db, holder: Holder) -> Result<Option<cache::Key>, VaultError> {
        let seen = match self.cache.find(holder, Monotonic::now()) {
            Ok(Some(key)) => return Ok(Some(key)),
            Ok(None) => return Err(VaultError::Erased),
            Err(seen) => seen,
        };
        let Some(stored) = self.ask(database, |store| store.find(holder))? else { return Ok(None) };
        let key = match stored {
            StoredKey { wrapped: Some(wrapped), id } => Some(DataKey::unwrap(self.key.wrapping(), holder, id, &wrapped)?.into()),
            StoredKey { wrapped: None, .. } => None,
        };
        self.cache.keep(holder, key.clone(), seen, Monotonic::now());
        key.map(Some).ok_or(VaultError::Erased)
    }

    /// Makes the holder's first key. When another thread or process was faster, its key is the one.
    fn make_key(&self, database: &mut Db, holder: Holder, now: Instant) -> Result<cache::Key, VaultError> {
        let key = DataKey::make();
        let wrapped = key.wrap(self.key.wrapping(), holder)?;
        self.ask(database, |store| store.insert_unless_there(holder, key.id(), &wrapped, now))?;
        self.find_key(database, holder)?.ok_or(VaultError::DoesNotFit)
    }
}

#[cfg(test)]
mod tests;
