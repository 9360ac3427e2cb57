//! `demo`: its options, and the process around it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::base::config::{Log, LogFormat};
use crate::base::error::Error;
use crate::base::telemetry;
use crate::demo::{self, Options};

/// What stands under the help.
pub(super) const AFTER_HELP: &str = "\
Examples:
  makker demo                                          in a temporary folder; then look at http://127.0.0.1:8080/docs/
  makker demo --exit                                   only the replay: does everything still hold?
  makker demo --data /tmp/demo --listen 127.0.0.1:9000 keeps database, keys and what was sent in a folder
  createdb demo && makker demo --database-url postgres:///demo

It reads no configuration. The clock is moved by hand: it stands where the story left it until somebody moves it (PUT /demo/clock).
--data takes a new or an empty folder, or one that an earlier demo made, whose content it deletes. A PostgreSQL database must be empty;
its key file and key store lie in the folder. Exit code 1: an expectation was not met; standard error says on which day, at which step,
what was expected and what was answered.";

#[derive(Args)]
pub(super) struct Demo {
    /// Where database, keys and what was sent are kept [default: a temporary folder, gone at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Play on this empty PostgreSQL database instead of an embedded one
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Stop after the replay instead of serving the living week
    #[arg(long)]
    exit: bool,
    /// Where to answer, on this machine only [default: 127.0.0.1:8080, with --exit any free port]
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    listen: Option<SocketAddr>,
}

/// Whoever reaches a demo moves its clock and reads what was sent: nobody from outside may.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "expected an address with a port, such as 127.0.0.1:9000".to_owned())?;
    if address.ip().is_loopback() { Ok(address) } else { Err("a demo answers on this machine only: 127.0.0.1 or [::1]".to_owned()) }
}

pub(super) fn run(options: Demo) -> Result<(), Failure> {
    telemetry::start_log(&Log { filter: "warn".to_owned(), format: LogFormat::Text })?;
    let free = SocketAddr::from(([127, 0, 0, 1], if options.exit { 0 } else { 8080 }));
    let Demo { data, database_url, exit, listen } = options;
    let options = Options { data, database_url, exit, listen: listen.unwrap_or(free) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    let run = async {
        let stop = telemetry::stop_signal()?;
        demo::run(&options, &mut std::io::stdout(), stop).await
    };
    Ok(runtime.block_on(run)?)
}
