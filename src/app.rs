//! The composition root: puts together what a process stands on.

pub mod api;
mod examples;
mod link_host;
mod meta;
mod readiness;
pub mod server;
pub mod service;
pub mod vocabularies;

use std::sync::Arc;

use crate::access::sign_in::Porter;
use crate::access::{Door, House};
use crate::base::clock::{Clock, Instant};
use crate::base::db::{self, Access, Database, DatabaseUrl, Db, Room, migrations};
use crate::base::error::{Error, Result};
use crate::base::ids::IdSource;
use crate::base::vault::{StartError, Vault, VaultSettings};
use crate::config::Config;
use crate::consequences;
use crate::journal::Journal;
use crate::messages::channels::Senders;
pub use crate::tick::{Part, Report, Ticker};

/// What to do where there is no database yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Refuse: a slip in an address makes no empty database that looks like a healthy one.
    Refuse,
    /// Make it, with its key file and key store.
    Make,
}

/// The database and its keys, open.
pub struct Stores {
    /// The database, at the schema of this program.
    pub database: Database,
    /// The keys.
    pub vault: Vault,
    /// Both were made just now.
    pub are_new: bool,
}

impl Stores {
    /// Opens both. Migrates only what it makes: an older database is refused, as is one without its keys, or keys without it.
    ///
    /// # Errors
    /// `Internal`, with words for the operator.
    pub fn open(config: &Config, missing: Missing, now: Instant) -> Result<Self> {
        let may_make = missing == Missing::Make;
        let settings = config.database.settings(may_make).map_err(Error::Internal)?;
        let keys = config.vault.settings().map_err(Error::Internal)?;
        let (vault, are_new) = {
            let alone = db::alone(&settings.url)?;
            let mut db = connect(&settings)?;
            let are_new = migrations::is_new(&mut db)?;
            if are_new && !may_make {
                return Err(is_empty(&settings.url));
            }
            let (vault, mut db) = unlock(&alone, db, &keys, are_new, now)?;
            if are_new {
                migrations::apply(&mut db, now)?;
            } else if let Some(first) = migrations::pending(&mut db)?.first() {
                return Err(Error::internal(format_args!("{} lacks {first}; `makker migrate` brings it up to date", settings.url)));
            }
            vault.bind(&mut db, now).map_err(Error::internal)?;
            (vault, are_new)
        };
        Ok(Self { database: Database::open(&settings)?, vault, are_new })
    }
}

/// Looks at the files of a database on this machine that is there, without opening any.
///
/// # Errors
/// In words for the operator: what would keep the program from starting.
pub fn look(config: &Config) -> std::result::Result<(), String> {
    match config.database.settings(false)?.url {
        DatabaseUrl::Sqlite(path) if path.metadata().is_ok_and(|file| file.len() > 0) => {
            Vault::look(&config.vault.settings()?).map_err(|error| error.to_string())
        }
        DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => Ok(()),
    }
}

/// Whether the database and its keys fit each other; of a database of an earlier version, whether its keys are there.
///
/// # Errors
/// `Internal`, with words for the operator.
pub fn check_keys(config: &Config, now: Instant) -> Result<()> {
    let mut db = connect(&config.database.settings(false).map_err(Error::Internal)?)?;
    let vault = Vault::unlock(&config.vault.settings().map_err(Error::Internal)?, false, now).map_err(Error::internal)?;
    if migrations::pending(&mut db)?.is_empty() { vault.bind(&mut db, now).map_err(Error::internal) } else { Ok(()) }
}

/// Opens the keys of a database, before its tables: one without its keys would look like one that has lost them. A new one gets its keys; where
/// they are refused, a file that was made for it goes again, so that the next start is told the same.
///
/// # Errors
/// `Internal`, with words for the operator.
pub fn unlock(alone: &db::Alone, db: Db, keys: &VaultSettings, is_new: bool, now: Instant) -> Result<(Vault, Db)> {
    let can_be_made = if is_new { refuse_one_for_both(alone, keys) } else { Ok(()) };
    match can_be_made.and_then(|()| Vault::unlock(keys, is_new, now).map_err(Error::internal)) {
        Ok(vault) => Ok((vault, db)),
        Err(refusal) => {
            drop(db);
            if is_new {
                alone.unmake();
            }
            Err(refusal)
        }
    }
}

/// Refuses to make a database that is to be its own key store: later its tables would tell, but then they lie there.
fn refuse_one_for_both(alone: &db::Alone, keys: &VaultSettings) -> Result<()> {
    match alone.is_for(&keys.key_store).map_err(StartError::from) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::internal(StartError::OneForBoth)),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The refusal of a database without tables, where none is to be made.
pub fn is_empty(url: &DatabaseUrl) -> Error {
    Error::internal(format_args!(
        "{url} is empty: if it ever held something, bring back its copy; if not, `makker migrate --create` makes it, with its keys"
    ))
}

/// A connection outside the lanes, for what is done before they open.
///
/// # Errors
/// `Internal`, with words for the operator; a missing SQLite file unless the settings say to make it.
pub fn connect(settings: &db::Settings) -> Result<Db> {
    match &settings.url {
        DatabaseUrl::Sqlite(path) if !settings.create && !path.exists() => {
            Err(Error::internal(format_args!("the database {} does not exist; `makker migrate --create` makes it", path.display())))
        }
        url => db::connect(url, Access::Write { create: settings.create }),
    }
}

/// The door over open stores: everything a server, a tick or a command needs.
///
/// # Errors
/// When the journal's thread cannot be made, or the costs of a password hash are impossible.
pub fn open_door(config: &Config, stores: Stores, clock: Clock, ids: IdSource) -> Result<Door> {
    let journal = Journal::start(stores.database.clone())?;
    let porter = Porter::new(config.sign_in.clone())?;
    let (database, vault, programme) = (stores.database, stores.vault, config.programme.clone());
    let link_base = config.server.link_base();
    let url = config.database.settings(false).map_err(Error::Internal)?.url;
    let room = Room::new(&url, &config.vault.settings().map_err(Error::Internal)?.key_store, config.database.free_mb);
    Ok(Door::new(House { database, room, journal, vault, porter, clock, ids, programme, link_base, follow: consequences::follow }))
}

/// The channels of the settings, with the files they name; nobody is spoken to.
///
/// # Errors
/// `Internal`, with the name of the setting that is wrong.
pub fn open_senders(config: &Config) -> Result<Arc<Senders>> {
    Ok(Arc::new(Senders::from_settings(&config.smtp, &config.fcm, &config.sms)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_and_its_keys_come_and_go_together() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut config = Config::for_testing();
        config.database.url = at("a.db").to_string_lossy().into();
        config.vault.key_file = at("a.key");
        config.vault.key_store_url = at("keys.db").to_string_lossy().into();
        let open = |missing| Stores::open(&config, missing, Instant::from_micros(0)).map(|stores| stores.are_new);
        let refused = |missing| match open(missing) {
            Err(Error::Internal(words)) => words.replace(&*folder.path().to_string_lossy(), ""),
            other => format!("{other:?}"),
        };

        assert_eq!(refused(Missing::Refuse), "the database /a.db does not exist; `makker migrate --create` makes it");
        assert!(!at("a.db").exists() && !at("a.key").exists());
        assert!(matches!(open(Missing::Make), Ok(true)));
        assert!(matches!(open(Missing::Make), Ok(false)));
        assert!(matches!(open(Missing::Refuse), Ok(false)));

        std::fs::rename(at("a.key"), at("b.key")).unwrap();
        assert!(refused(Missing::Make).contains("/a.key"), "a database without its key");
        std::fs::rename(at("b.key"), at("a.key")).unwrap();
        std::fs::rename(at("a.db"), at("b.db")).unwrap();
        assert!(refused(Missing::Make).contains("/a.key"), "a key without its database");
        assert!(!at("a.db").exists(), "what is refused leaves nothing, and the next start is told the same");
        assert!(refused(Missing::Make).contains("/a.key") && !at("a.db").exists());
        std::fs::write(at("a.db"), "").unwrap();
        assert!(refused(Missing::Refuse).contains("is empty"), "what was begun is not taken for a database");

        // Whoever brings back a database while its start is refused keeps it.
        std::fs::remove_file(at("a.db")).unwrap();
        let (url, keys) = (config.database.settings(true).unwrap().url, config.vault.settings().unwrap());
        let alone = db::alone(&url).unwrap();
        let made = db::connect(&url, Access::Write { create: true }).unwrap();
        std::fs::rename(at("b.db"), at("a.db")).unwrap();
        assert!(unlock(&alone, made, &keys, true, Instant::from_micros(0)).is_err());
        drop(alone);
        assert!(at("a.db").exists(), "it is not what was made");
        std::fs::rename(at("a.db"), at("b.db")).unwrap();

        let mut db = db::connect(&at("b.db").to_string_lossy().parse().unwrap(), Access::Write { create: false }).unwrap();
        let latest = migrations::revert(&mut db).unwrap().unwrap();
        config.database.url = at("b.db").to_string_lossy().into();
        let lacking = Stores::open(&config, Missing::Make, Instant::from_micros(0)).err().unwrap().to_string();
        assert!(lacking.contains(&format!("lacks {latest}; `makker migrate`")), "{lacking}");
    }
}
