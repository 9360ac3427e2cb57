//! Sealing: free text and direct identifiers lie in the database only as [`Sealed`] values, each under the key of its [`Holder`].
//!
//! - A value is bound to its table, column, row and holder: moved anywhere else it does not open.
//! - Destroying a holder's key erases all that was sealed under it, in every copy of the database at once.
//! - The keys lie in a **key store apart from the database**, each wrapped by the key-encryption key, which lies in a file. The three are
//!   never in one backup. Backups of the key store are kept at most 30 days: that is how long an erasure takes to reach the last copy.
//!   After bringing one back, destroy again what was destroyed since.
//! - A key is durable before the first row that needs it. A key whose row was rolled back is an empty drawer and does no harm.
//!
//! **Rooms never call the vault.** The door's transaction wraps `seal`, `open` and `look_up_hash`, and notes on the actor whose values
//! were opened; so nothing sealed can be read without a line in the journal.
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

use std::time::Instant as Monotonic;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::clock::Instant;
use super::ids::IdSource;
use cache::Cache;
use key_file::KeyEncryptionKey;
pub use model::{Holder, HolderKind, LookUpKind, Place, Sealed, StartError, VaultError, VaultSettings};
use seal::DataKey;
use store::{KeyStore, StoredKey};

/// The open vault: one a process, shared by all threads.
pub struct Vault {
    key: KeyEncryptionKey,
    store: KeyStore,
    cache: Cache,
}

impl Vault {
    /// Opens the key store with the key of the key file. Together with a new database both are made; with an old one both must be there.
    ///
    /// # Errors
    /// [`StartError`], a sentence for the operator: one of the three is there without the others, the key file can be read by others or is
    /// of another store, the key store is not apart from the database.
    pub fn unlock(settings: &VaultSettings, database_is_new: bool, now: Instant) -> Result<Self, StartError> {
        let has_key_file = settings.key_file.try_exists().map_err(|error| StartError::key_file(settings, &error))?;
        match (has_key_file, database_is_new) {
            (true, true) => return Err(StartError::KeyFileWithoutDatabase(settings.key_file.clone())),
            (false, false) => return Err(StartError::NoKeyFile(settings.key_file.clone())),
            (true, false) | (false, true) => {}
        }
        let store = KeyStore::connect(&settings.key_store, database_is_new)?;
        let key = match (store.find_check()?, database_is_new) {
            (Some(_), true) => return Err(StartError::StoreWithoutDatabase),
            (None, false) => return Err(StartError::NoStore),
            (None, true) => {
                let key = KeyEncryptionKey::make(settings)?;
                store.make(key.check(), now)?;
                key
            }
            (Some(check), false) => {
                let key = KeyEncryptionKey::read(settings)?;
                if check != key.check() {
                    return Err(StartError::WrongKey(settings.key_file.clone()));
                }
                key
            }
        };
        Ok(Self { key, store, cache: Cache::new() })
    }

    /// Seals a value for one place under the key of its holder, which is made, durably, when it is the holder's first.
    ///
    /// Only the door's transaction calls this.
    pub fn seal<T: Serialize>(&self, holder: Holder, place: Place, value: &T, now: Instant) -> Result<Sealed<T>, VaultError> {
        let key = match self.find_key(holder)? {
            Some(key) => key,
            None => self.make_key(holder, now)?,
        };
        seal::seal(&key, holder, place, value).map(Sealed::from_bytes)
    }

    /// Opens a sealed value of one place and holder. [`VaultError::Erased`] when the holder's key was destroyed.
    ///
    /// Only the door's transaction calls this: it notes the holder on the actor, for the journal.
    pub fn open<T: DeserializeOwned>(&self, holder: Holder, place: Place, sealed: &Sealed<T>) -> Result<T, VaultError> {
        let key = self.find_key(holder)?.ok_or(VaultError::DoesNotFit)?;
        seal::open(&key, holder, place, sealed.as_bytes())
    }

    /// The keyed hash under which a value can be found without being opened (HMAC-SHA256; the key is never in the database).
    /// The caller normalises first: two spellings are two hashes.
    pub fn look_up_hash(&self, kind: LookUpKind, normal_text: &str) -> [u8; 32] {
        self.key.look_up_hash(kind, normal_text)
    }

    /// Erases the holder's key for ever: nothing sealed under it opens again, nothing new is sealed for this holder. Once more changes
    /// nothing. Other processes follow within a minute (the time an unwrapped key is kept in memory).
    pub fn destroy(&self, holder: Holder, now: Instant) -> Result<(), VaultError> {
        let done = self.store.destroy(holder, IdSource::Chance.next(), now);
        self.cache.forget(holder);
        done
    }

    /// The holder's key, from memory or the store. `None`: the holder never had one.
    fn find_key(&self, holder: Holder) -> Result<Option<cache::Key>, VaultError> {
        let seen = match self.cache.find(holder, Monotonic::now()) {
            Ok(Some(key)) => return Ok(Some(key)),
            Ok(None) => return Err(VaultError::Erased),
            Err(seen) => seen,
        };
        let Some(stored) = self.store.find(holder)? else { return Ok(None) };
        let key = match stored {
            StoredKey { wrapped: Some(wrapped), id } => Some(DataKey::unwrap(self.key.wrapping(), holder, id, &wrapped)?.into()),
            StoredKey { wrapped: None, .. } => None,
        };
        self.cache.keep(holder, key.clone(), seen, Monotonic::now());
        key.map(Some).ok_or(VaultError::Erased)
    }

    /// Makes the holder's first key. When another thread or process was faster, its key is the one.
    fn make_key(&self, holder: Holder, now: Instant) -> Result<cache::Key, VaultError> {
        let key = DataKey::make();
        self.store.insert_unless_there(holder, key.id(), &key.wrap(self.key.wrapping(), holder)?, now)?;
        self.find_key(holder)?.ok_or(VaultError::DoesNotFit)
    }
}

#[cfg(test)]
mod tests;
