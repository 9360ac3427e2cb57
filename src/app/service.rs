//! A process that serves until it is told to stop, and then finishes what runs.

use super::server::Server;
use super::{Missing, Stores, open_door};
use crate::access::Door;
use crate::base::clock::Clock;
use crate::base::config::Database;
use crate::base::db::DatabaseUrl;
use crate::base::error::{Error, Result};
use crate::base::ids::IdSource;
use crate::base::telemetry::{self, Figures};
use crate::config::Config;

/// Opens what the settings name and serves it until SIGTERM or SIGINT. The first time on the settings' own database it makes it.
///
/// # Errors
/// `Internal`, with words for the operator: what cannot be opened, an address that is taken, a server that broke down.
pub fn serve(config: &Config) -> Result<()> {
    telemetry::start_log(&config.log)?;
    let clock = Clock::System;
    let missing = if is_first_time(config) { Missing::Make } else { Missing::Refuse };
    let stores = Stores::open(config, missing, clock.now())?;
    if stores.are_new {
        let (database, key_file) = (&config.database.url, config.vault.key_file.display());
        tracing::warn!(database, %key_file, key_store = config.vault.key_store_url, "made a new database with its keys: keep a copy of the key file");
    }
    let door = open_door(config, stores, clock, IdSource::Chance)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    let served = runtime.block_on(run(config, &door));
    door.house().database.close();
    tracing::info!("stopped");
    served
}

/// Whether nobody named a database, and there is none yet.
fn is_first_time(config: &Config) -> bool {
    let own = Database::default().url;
    config.database.url == own && matches!(own.parse(), Ok(DatabaseUrl::Sqlite(path)) if !path.exists())
}

async fn run(config: &Config, door: &Door) -> Result<()> {
    let stop = telemetry::stop_signal()?;
    let server = Server::start(&config.server, door.clone())?;
    let (address, handle) = (server.address, server.handle.clone());
    let figures = match config.server.metrics_listen {
        Some(listen) => Some(tokio::spawn(Figures::start()?.serve(listen)?)),
        None => None,
    };
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
    let answering = server.run();
    tokio::pin!(answering);
    let signal = tokio::select! {
        // Nobody told it to: it broke down.
        ended = &mut answering => return ended,
        signal = stop => signal,
    };
    tracing::info!(signal, grace_s = config.server.shutdown_grace_s, "finishing what runs");
    let (answered, ()) = tokio::join!(answering, handle.stop(true));
    if let Some(figures) = figures {
        figures.abort();
    }
    answered
}
