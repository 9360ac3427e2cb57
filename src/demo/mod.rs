//! The demo: one family's nine months and their twin, played through the public HTTP API as those who work there would, every
//! expectation checked; then a living week to try the API on.
//!
//! It is a user of the house, not a part of it: it starts the app with a clock of its own and makes the first account, and whatever
//! else happens goes through the API. Its own routes (`/demo/…`) exist in its server alone and in no contract.
#![expect(clippy::indexing_slicing, reason = "answers are JSON: where a member is missing it gives null, and never panics")]

mod case;
mod cast;
mod client;
mod expect;
mod family;
pub mod generator;
mod http;
mod ledger;
mod pairs;
mod place;
mod stage;
mod story;
mod twin;
mod week;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use self::place::Place;
use self::stage::Stage;
use crate::app;
use crate::base::config::Server;
use crate::base::db::DatabaseUrl;
use crate::base::error::{Error, Result};

/// How a demo is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder; without one a temporary one.
    pub data: Option<PathBuf>,
    /// An empty PostgreSQL database; without one an embedded database in the folder.
    pub database_url: Option<String>,
    /// End after the replay.
    pub exit: bool,
    /// Where it answers.
    pub listen: SocketAddr,
}

/// Plays the demo and tells its timeline to `out`; ends when it is asked to stop, or after the replay where that is wished.
///
/// # Errors
/// `Internal`, with words for the operator: the first expectation that was not met, or what could not be made.
pub async fn run(options: &Options, out: &mut dyn Write, stop: impl Future) -> Result<()> {
    let place = Place::make(options.data.as_deref(), options.database_url.as_deref())?;
    let public_address = format!("http://{}", options.listen);
    let settings = Server { listen: options.listen, public_address, workers: 2, shutdown_grace_s: 5, ..Server::default() };
    let (stage, config) = Stage::open(&place, settings)?;
    let stage = Arc::new(stage);
    let server = app::server::Server::start_with(&config.server, stage.door().clone(), http::routes(&stage))?;
    stage.answers_at(server.address)?;
    // That nobody reads on is no failure, here and below.
    let _ = writeln!(
        out,
        "Played through the API at {} on {}.",
        server.address,
        config.database.url.parse::<DatabaseUrl>().map_err(Error::internal)?
    );
    let (address, handle) = (server.address, server.handle.clone());
    let ended = {
        let answering = server.run();
        tokio::pin!(answering);
        let ended = tokio::select! {
            ended = &mut answering => ended.and(Err(Error::internal("the server ended by itself"))),
            played = play(&stage, options, address, out) => played,
            _ = stop => Ok(()),
        };
        let (answered, ()) = tokio::join!(answering, handle.stop(true));
        ended.and(answered)
    };
    stage.close();
    ended
}

/// The replay, then the living week for as long as somebody wants it.
async fn play(stage: &Stage, options: &Options, address: SocketAddr, out: &mut dyn Write) -> Result<()> {
    let alone = stage.alone().await;
    case::play(stage, out).await?;
    twin::play(stage, out).await?;
    let sent = stage.api().map_err(Error::internal)?.sent();
    let _ = writeln!(out, "\nEverything was as expected, in {sent} requests.");
    week::open(stage).await?;
    drop(alone);
    if !options.exit {
        week::tell(stage, address, out);
        std::future::pending::<()>().await;
    }
    Ok(())
}
