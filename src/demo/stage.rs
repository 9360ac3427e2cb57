//! The stage: the real server over a real database, with a clock that is moved by hand and ids that repeat.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::cast::First;
use super::client::{Api, PASSWORD};
use super::expect::{Mismatch, Played};
use super::place::Place;
use crate::access::accounts::{self, AccountName, NewAccount, Profile};
use crate::access::sign_in::Password;
use crate::access::{Actor, Capability, Door, Role};
use crate::app::{Missing, Report, Stores, Ticker, connect, open_door};
use crate::base::clock::{Clock, Instant};
use crate::base::config::Server;
use crate::base::db::{Db, migrations};
use crate::base::error::{Error, Result};
use crate::base::ids::IdSource;
use crate::base::language::Language;
use crate::base::value::{Email, Flaw, Line};
use crate::config::Config;
use crate::messages::channels::Senders;
use crate::messages::channels::folder::Capture;

/// Which ids a demo gets.
const SEED: u64 = 2025;

/// What every act is played on.
pub struct Stage {
    door: Door,
    clock: Clock,
    ids: IdSource,
    ticker: Ticker,
    capture: Capture,
    /// Where what was sent lies.
    pub outbox: PathBuf,
    api: OnceLock<Api>,
    playing: Arc<Mutex<()>>,
}

impl Stage {
    /// Makes the database with its keys and opens it.
    ///
    /// # Errors
    /// `Internal`, with words for the operator: a database that holds something, or cannot be reached.
    pub fn open(place: &Place, server: Server) -> Result<(Self, Config)> {
        let config = place.config(server);
        config.check().map_err(Error::internal)?;
        let settings = config.database.settings(true).map_err(Error::Internal)?;
        if !migrations::is_untouched(&mut connect(&settings)?)? {
            return Err(Error::internal(format_args!("{} holds something already; a demo wants an empty database", settings.url)));
        }
        let (clock, ids) = (Clock::manual(Instant::from_micros(0)), IdSource::seeded(SEED));
        let stores = Stores::open(&config, Missing::Make, clock.now())?;
        let door = open_door(&config, stores, clock.clone(), ids.clone())?;
        let outbox = place.outbox();
        let capture = Capture::in_folder(&outbox)?;
        let senders = Senders::capturing(&capture, &config.smtp, &config.fcm)?;
        let ticker = Ticker::new(door.clone(), Arc::new(senders), config.tick.clone());
        let (api, playing) = Default::default();
        Ok((Self { door, clock, ids, ticker, capture, outbox, api, playing }, config))
    }

    /// The door, for the server.
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// What reached phones and mailboxes in this act.
    pub const fn capture(&self) -> &Capture {
        &self.capture
    }

    /// The moment it is.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Moves the clock.
    pub fn set_clock(&self, to: Instant) {
        self.clock.set(to);
    }

    /// Lets happen what is due.
    ///
    /// # Errors
    /// What the tick says.
    pub async fn tick(&self) -> Result<Report> {
        self.ticker.once().await
    }

    /// Nobody else begins an act while this is held.
    pub async fn alone(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.playing).lock_owned().await
    }

    /// From now on the server answers at this address.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn answers_at(&self, address: SocketAddr) -> Result<()> {
        let api = Api::new(address, self.clock.clone())?;
        self.api.set(api).map_err(|_| Error::internal("the server was started twice"))
    }

    /// The way to the server.
    pub fn api(&self) -> Played<&Api> {
        self.api.get().ok_or_else(|| Mismatch::new("the stage", "a server", "none was started"))
    }

    /// An empty house at this moment, as at the start of every act: the same ids again, nothing sent, and nobody in it but the first
    /// coordinator.
    ///
    /// # Errors
    /// When the database or the folder refuses.
    pub async fn begin(&self, now: Instant, first: &First) -> Result<()> {
        let door = self.door.clone();
        let make_anew = move |db: &mut Db| {
            migrations::make_anew(db, now)?;
            // It knows nothing of its keys any more, and a key store that is connected anew is held against what it knows.
            door.house().vault.bind(db, now).map_err(Error::internal)
        };
        self.door.house().database.write(make_anew).await?;
        self.ids.restart();
        self.clock.set(now);
        self.capture.clear();
        fs::remove_dir_all(&self.outbox).and_then(|()| fs::create_dir_all(self.outbox.join("mail"))).map_err(Error::internal)?;
        let in_words = |flaw: Flaw| Error::internal(flaw.words().en);
        let password = Password::parse(PASSWORD.to_owned()).map_err(in_words)?;
        let account = NewAccount {
            name: AccountName::parse(first.name).map_err(in_words)?,
            profile: Profile {
                display_name: Line::parse(first.display_name).map_err(in_words)?,
                email: Some(Email::parse(first.mail).map_err(in_words)?),
            },
            language: Language::English,
            roles: vec![Role::Coordinator],
            agency: None,
            password_hash: self.door.house().porter.hasher().hash_now(&password)?,
        };
        let verb = move |tx: &mut crate::access::Tx<'_>| accounts::create(tx, &account);
        self.door.write_as(Actor::operator(), now, Capability::DemoSeed, verb).await.map(drop)
    }

    /// Closes the database.
    pub fn close(&self) {
        self.ticker.stop();
        self.door.house().database.close();
    }
}
