//! A process that serves until it is told to stop, and then finishes what runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::server::Server;
use super::{Missing, Part, Report, Stores, Ticker, open_door};
use crate::access::Door;
use crate::base::clock::Clock;
use crate::base::config::Database;
use crate::base::db::DatabaseUrl;
use crate::base::error::{Error, Result};
use crate::base::ids::IdSource;
use crate::base::telemetry::{self, Figures};
use crate::config::Config;
use crate::messages::channels::Senders;

/// So long, once its grace is over, a process waits for each lane of what the database is still at: nobody waits for the answer any more.
const CLOSES_WITHIN: Duration = Duration::from_secs(2);

/// Opens what the settings name and serves it until SIGTERM or SIGINT. The first time on the settings' own database it makes it.
///
/// # Errors
/// `Internal`, with words for the operator: what cannot be opened, an address that is taken, a server that broke down.
pub fn serve(config: &Config, senders: Arc<Senders>) -> Result<()> {
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
    let served = runtime.block_on(run(config, &door, senders));
    let house = door.house();
    let closed = [house.database.close_within(CLOSES_WITHIN), house.vault.close_within(CLOSES_WITHIN)];
    if closed.contains(&false) {
        tracing::warn!("the database or the key store does not answer: what was asked of it is left behind");
    }
    // A conversation with a provider that does not end is left behind.
    runtime.shutdown_background();
    tracing::info!("stopped");
    served
}

/// Whether nobody named a database, and there is none yet.
fn is_first_time(config: &Config) -> bool {
    let own = Database::default().url;
    config.database.url == own && matches!(own.parse(), Ok(DatabaseUrl::Sqlite(path)) if !path.exists())
}

/// Does once what is due, for `tick --once`.
///
/// # Errors
/// `Internal`, with words for the operator: what cannot be opened, and what the round met.
pub fn tick_once(config: &Config, senders: Arc<Senders>) -> Result<Report> {
    telemetry::start_log(&config.log)?;
    let clock = Clock::System;
    let stores = Stores::open(config, Missing::Refuse, clock.now())?;
    let door = open_door(config, stores, clock, IdSource::Chance)?;
    let ticker = Ticker::new(door.clone(), senders, config.tick.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    let report = runtime.block_on(ticker.once());
    door.house().database.close();
    runtime.shutdown_background();
    report
}

/// Rounds of one part of the tick until they are to end; the one that runs then is finished. A round that failed is logged, and the next
/// one tries again.
async fn tick(ticker: Arc<Ticker>, part: Part, interval: Duration, mut enough: watch::Receiver<()>) {
    let mut rounds = tokio::time::interval(interval);
    // After a long round the next waits its time.
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Told, or nobody is left who could tell.
            _ = enough.changed() => return,
            _ = rounds.tick() => {}
        }
        match ticker.run(part).await {
            Ok(report) if report == Report::default() => {}
            Ok(report) => tracing::info!(part = part.code(), ?report, "a round of the tick"),
            Err(error) => tracing::error!(part = part.code(), %error, "a round of the tick failed"),
        }
    }
}

/// Waits until a part of the tick has died: none ends unless it is told to. For ever where none runs.
async fn dead(ticking: &mut JoinSet<()>) -> Error {
    match ticking.join_next().await {
        Some(_) => Error::internal("a part of the tick died: the log says of what"),
        None => std::future::pending().await,
    }
}

/// Gathers the figures now and then, also where nobody reads them.
async fn gather(figures: Figures) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutes.tick().await;
        figures.gather();
    }
}

async fn run(config: &Config, door: &Door, senders: Arc<Senders>) -> Result<()> {
    let stop = telemetry::stop_signal()?;
    let ticker = Arc::new(Ticker::new(door.clone(), senders, config.tick.clone()));
    let server = Server::start(&config.server, door.clone())?;
    let (address, handle) = (server.address, server.handle.clone());
    let figures = match config.server.metrics_listen {
        Some(listen) => {
            let figures = Figures::start()?;
            tokio::spawn(gather(figures.clone()));
            Some(tokio::spawn(figures.serve(listen)?))
        }
        None => None,
    };
    let (enough, is_enough) = watch::channel(());
    let interval = Duration::from_secs(config.tick.interval_s.into());
    let mut ticking = JoinSet::new();
    for part in Part::ALL.into_iter().filter(|_| !interval.is_zero()) {
        ticking.spawn(tick(Arc::clone(&ticker), part, interval, is_enough.clone()));
    }
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
    let answering = server.run();
    tokio::pin!(answering);
    let signal = tokio::select! {
        // Nobody told it to: it broke down.
        ended = &mut answering => return ended,
        // Nothing would be sent or promised any more, and nobody would see it: whoever watches the process starts it again.
        error = dead(&mut ticking) => Err(error),
        signal = stop => Ok(signal),
    };
    let grace_s = config.server.shutdown_grace_s;
    match &signal {
        Ok(signal) => tracing::info!(signal, grace_s, "finishing what runs"),
        Err(error) => tracing::error!(%error, grace_s, "finishing what runs"),
    }
    ticker.stop();
    drop(enough);
    // What is on its way is settled meanwhile; a sender that hangs is left to the next start.
    let grace = Duration::from_secs(grace_s.into());
    let ended = async { while ticking.join_next().await.is_some() {} };
    let (answered, (), ended) = tokio::join!(answering, handle.stop(true), tokio::time::timeout(grace, ended));
    if ended.is_err() {
        tracing::warn!("a message was still on its way: the next round takes it up when its lease is over");
    }
    if let Some(figures) = figures {
        figures.abort();
    }
    signal.and(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_of_the_tick_that_ends_untold_ends_the_process() {
        let mut ticking = JoinSet::new();
        ticking.spawn(std::future::pending());
        let died = ticking.spawn(std::future::pending());
        tokio::select! {
            biased;
            error = dead(&mut ticking) => unreachable!("{error}"),
            () = tokio::task::yield_now() => {}
        }
        died.abort();
        assert!(dead(&mut ticking).await.to_string().contains("a part of the tick died"));
    }
}
