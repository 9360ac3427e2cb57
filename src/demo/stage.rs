//! The stage: the real server over a real database, with a clock that is moved by hand and ids that repeat.

use std::net::SocketAddr;
use std::sync::OnceLock;

use super::client::{Api, PASSWORD};
use super::place::Place;
use crate::access::accounts::{self, AccountName, NewAccount, Profile};
use crate::access::sign_in::Password;
use crate::access::{Actor, Capability, Door, Role};
use crate::app::{Missing, Stores, connect, open_door};
use crate::base::clock::{Clock, Instant};
use crate::base::config::Server;
use crate::base::db::migrations;
use crate::base::error::{Error, Result};
use crate::base::ids::IdSource;
use crate::base::language::Language;
use crate::base::value::Line;
use crate::config::Config;

/// Which ids a demo gets.
const SEED: u64 = 2025;

/// What every act is played on.
pub struct Stage {
    door: Door,
    clock: Clock,
    ids: IdSource,
    api: OnceLock<Api>,
}

impl Stage {
    /// Makes the database with its keys and opens it.
    ///
    /// # Errors
    /// `Internal`, with words for the operator: a database that holds something, or cannot be reached.
    pub fn open(place: &Place, server: Server) -> Result<(Self, Config)> {
        let config = place.config(server);
        config.check().or_else(only_cheap_hashes)?;
        let settings = config.database.settings(true).map_err(Error::Internal)?;
        if !migrations::is_untouched(&mut connect(&settings)?)? {
            return Err(Error::internal(format_args!("{} holds something already; a demo wants an empty database", settings.url)));
        }
        let (clock, ids) = (Clock::manual(Instant::from_micros(0)), IdSource::seeded(SEED));
        let stores = Stores::open(&config, Missing::Make, clock.now())?;
        let door = open_door(&config, stores, clock.clone(), ids.clone())?;
        Ok((Self { door, clock, ids, api: OnceLock::new() }, config))
    }

    /// The door, for the server.
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// The moment it is.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Moves the clock.
    pub fn set_clock(&self, to: Instant) {
        self.clock.set(to);
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
    ///
    /// # Errors
    /// When it has not been started.
    pub fn api(&self) -> Result<&Api> {
        self.api.get().ok_or_else(|| Error::internal("the server was not started"))
    }

    /// An empty house at this moment, as at the start of every act: the same ids again, nobody in it but the first coordinator, whom
    /// nobody could make over the API.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin(&self, now: Instant, name: &str, display_name: &str) -> Result<()> {
        self.door.house().database.write(move |db| migrations::make_anew(db, now)).await?;
        self.ids.restart();
        self.clock.set(now);
        let in_words = |flaw: crate::base::value::Flaw| Error::internal(flaw.words().en);
        let password = Password::parse(PASSWORD.to_owned()).map_err(in_words)?;
        let account = NewAccount {
            name: AccountName::parse(name).map_err(in_words)?,
            profile: Profile { display_name: Line::parse(display_name).map_err(in_words)?, email: None },
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
        self.door.house().database.close();
    }
}

/// A demo's password hashes are cheap, which no service's may be; any other contradiction is a mistake.
fn only_cheap_hashes(complaints: crate::base::config::Complaints) -> Result<()> {
    match complaints.sentences() {
        [one] if one.starts_with("sign_in.argon2_memory_kib") => Ok(()),
        _ => Err(Error::internal(complaints)),
    }
}
