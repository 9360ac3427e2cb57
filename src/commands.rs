//! The subcommands, their help and their exit codes.

mod backup;
mod demo;
mod user;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::app::{self, api, service};
use crate::base::clock::Clock;
use crate::base::config::Reference;
use crate::base::db::{self, Engine, migrations};
use crate::base::error::{Error, Problem, Result};
use crate::config::Config;
use crate::messages::channels::Senders;

/// What stands under every help.
const AFTER_HELP: &str = "\
Settings come from makker.toml in the working directory (or --config FILE) and from MAKKER_* variables, which go before it:
`makker check-config --print` shows each with its meaning, default and variable.

Exit codes: 0 done; 1 it did not succeed, standard error says why; 2 the command or the configuration is wrong, nothing was done.";

/// The backend of a municipal programme that offers young people a mentor and parents a coach.
#[derive(Parser)]
#[command(name = "makker", version, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    /// The configuration file [default: makker.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until the process is asked to stop
    #[command(after_help = "\
Examples:
  makker serve                                         in a new folder: makes makker.db with its keys, serves on 127.0.0.1:8080
  MAKKER_LOG__FILTER=debug makker serve                the same, more talkative
  makker serve --config /etc/makker/makker.toml        as a service

Only a database that no setting names is made by itself; any other is made once by `makker migrate --create`. One that is older than
this program is refused until `makker migrate` has run. SIGTERM and SIGINT let running requests finish (server.shutdown_grace_s) and
end with exit code 0.")]
    Serve,
    /// Do once what is due - send messages, notice what is late, the night's work - and end
    #[command(after_help = "\
Examples:
  makker tick --once                                   prints what was done
  */1 * * * * cd /srv/app && makker tick --once        from cron, where tick.interval_s = 0 keeps `serve` from doing it

Any number of processes may do it at once, and it may be left out for a week: what is sent changes in nothing but lateness. A message
is never sent after its moment.")]
    Tick {
        /// Run one round and end; rounds without end are `serve`'s
        #[arg(long, required = true)]
        once: bool,
    },
    /// Bring the database to the schema of this program
    #[command(after_help = "\
Examples:
  makker migrate --create             make the database with its keys, once
  makker migrate                      after an update, before the server starts again
  makker migrate --print postgres     what will run, to be read beforehand

A new database is made together with the key file and the key store (section [vault] of the settings); none of the three is made
beside an old one. Several processes may migrate at once: each step is applied once.")]
    Migrate(Migrate),
    /// Copy the database and the key store, while the server runs
    #[command(after_help = backup::AFTER_HELP)]
    Backup(backup::Backup),
    /// Play a family's nine months through the API on a database of its own, then serve a living week to try it on
    #[command(after_help = demo::AFTER_HELP)]
    Demo(demo::Demo),
    /// Make accounts, or replace a forgotten password, from the machine itself
    #[command(arg_required_else_help = true)]
    User {
        #[command(subcommand)]
        command: User,
    },
    /// Check the configuration without starting anything, or print every setting there is
    #[command(after_help = "\
Examples:
  makker check-config                           is it all right? Says everything that is wrong at once
  makker check-config --print > makker.toml     a file with every setting, each at its default and commented out
  MAKKER_SERVER__LISTEN=[::1]:8080 makker check-config")]
    CheckConfig {
        /// Print every setting with its meaning, default and variable; reads no configuration
        #[arg(long)]
        print: bool,
    },
    /// Print the contract of the API (OpenAPI 3.1, YAML); reads no configuration
    #[command(after_help = "\
Examples:
  makker openapi > openapi.yaml       to generate a client from; a running server shows the same under /docs")]
    Openapi,
}

#[derive(Subcommand)]
enum User {
    /// Make an account; its password is read from standard input
    #[command(after_help = "\
Examples:
  makker user add eva --role coordinator --display-name 'Eva Holm'         asks for the password, without showing it
  makker user add eva --role coordinator --role supervisor < password      reads its first line

Meant for the first coordinator, who makes the other accounts over the API.")]
    Add(user::Add),
    /// Give an account a new password, read from standard input, and sign it out everywhere
    #[command(after_help = "\
Examples:
  makker user password eva                 asks for the password, without showing it
  makker user password eva < password      reads its first line

For whoever is the only coordinator: everybody else's password a coordinator replaces over the API.")]
    Password(user::Replace),
}

#[derive(Args)]
struct Migrate {
    /// Make a new database, its key file and its key store
    #[arg(long)]
    create: bool,
    /// Print the SQL of the whole schema for an engine and do nothing; reads no configuration
    #[arg(long, value_name = "ENGINE", conflicts_with_all = ["create", "down"])]
    print: Option<EngineName>,
    /// Take back the latest N steps, with everything they hold
    #[arg(long, value_name = "N", requires = "lose_data", conflicts_with = "create")]
    down: Option<u16>,
    /// Say that the data of the steps taken back may be lost
    #[arg(long, requires = "down")]
    lose_data: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineName {
    Sqlite,
    Postgres,
}

/// Why a command ended without success.
enum Failure {
    /// The configuration is wrong: exit code 2.
    Config(String),
    /// It did not succeed: exit code 1.
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Runs the command that this process was called with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let (code, words) = match cli.command.run(cli.config.as_deref()) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Config(wrong)) => (2, format!("the configuration is refused:\n{wrong}")),
        // What happened inside is in words for the operator, who reads it here; a client never does.
        Err(Failure::Failed(Error::Internal(cause))) => (1, cause),
        Err(Failure::Failed(Error::Refused(problem))) => (1, in_words(&problem)),
        Err(Failure::Failed(Error::Unavailable(why))) => (1, why.to_owned()),
        Err(Failure::Failed(error)) => (1, error.to_string()),
    };
    eprintln!("makker: {words}");
    ExitCode::from(code)
}

/// A refusal as its reader at the keyboard needs it.
fn in_words(problem: &Problem) -> String {
    let whole = problem.words().en;
    let wrong = problem.errors.iter().map(|error| format!("; {}: {}", error.pointer.trim_start_matches('/'), error.words.en));
    std::iter::once(whole.into_owned()).chain(wrong).collect()
}

impl Command {
    fn run(self, file: Option<&Path>) -> Result<(), Failure> {
        match self {
            Self::Serve => {
                let config = load(file)?;
                let senders = senders(&config)?;
                Ok(service::serve(&config, senders)?)
            }
            Self::Tick { .. } => {
                let config = load(file)?;
                let senders = senders(&config)?;
                let report = service::tick_once(&config, senders)?;
                print(&format!("{report}\n"))?;
                if report.failed > 0 { Err(Error::internal("part of it failed; the log above says what").into()) } else { Ok(()) }
            }
            Self::Openapi => print(&api::yaml()?),
            Self::Migrate(Migrate { print: Some(engine), .. }) => {
                let engine = match engine {
                    EngineName::Sqlite => Engine::Sqlite,
                    EngineName::Postgres => Engine::Postgres,
                };
                print(&migrations::print(engine)?)
            }
            Self::Migrate(options) => migrate(&load(file)?, &options),
            Self::Backup(options) => backup::backup(&load(file)?, &options),
            Self::Demo(options) => demo::run(options),
            Self::User { command: User::Add(options) } => user::add(&load(file)?, options),
            Self::User { command: User::Password(options) } => user::replace_password(&load(file)?, options),
            Self::CheckConfig { print: true } => print(&Reference::of::<Config>().to_string()),
            Self::CheckConfig { print: false } => {
                let config = load(file)?;
                senders(&config)?;
                app::look(&config).map_err(Failure::Config)?;
                print("the configuration is all right\n")
            }
        }
    }
}

fn load(file: Option<&Path>) -> Result<Config, Failure> {
    Config::load(file).map_err(|complaints| Failure::Config(complaints.to_string()))
}

/// The channels of the settings: what one of them needs and does not find is a wrong configuration.
fn senders(config: &Config) -> Result<Arc<Senders>, Failure> {
    app::open_senders(config).map_err(|error| match error {
        Error::Internal(wrong) => Failure::Config(wrong),
        other => Failure::Failed(other),
    })
}

/// To standard output; that nobody reads on (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::internal(error).into()),
        _ => Ok(()),
    }
}

fn migrate(config: &Config, options: &Migrate) -> Result<(), Failure> {
    let now = Clock::System.now();
    let database = config.database.settings(options.create).map_err(Failure::Config)?;
    let keys = config.vault.settings().map_err(Failure::Config)?;
    let shown = &database.url;
    // Whoever waited here looks at what the other has made.
    let alone = db::alone(shown)?;
    let mut db = app::connect(&database)?;
    if let Some(steps) = options.down {
        for _ in 0..steps {
            match migrations::revert(&mut db)? {
                Some(name) => print(&format!("took back {name}\n"))?,
                None => break,
            }
        }
        return Ok(());
    }
    let is_new = migrations::is_new(&mut db)?;
    if is_new && !options.create {
        return Err(app::is_empty(shown).into());
    }
    let vault = if options.create {
        let (vault, same) = app::unlock(&alone, db, &keys, is_new, now)?;
        db = same;
        Some(vault)
    } else {
        None
    };
    let applied = migrations::apply(&mut db, now)?;
    if let Some(vault) = vault {
        vault.bind(&mut db, now).map_err(Error::internal)?;
    }
    if is_new {
        print(&format!("made the key file {} and the key store {}\n", keys.key_file.display(), keys.key_store))?;
    }
    applied.iter().try_for_each(|name| print(&format!("applied {name}\n")))?;
    print(&format!("{shown} is up to date\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_sound_and_every_one_shows_an_example() {
        let cli = Cli::command();
        cli.clone().debug_assert();
        let inner = cli.get_subcommands().filter(|command| command.has_subcommands()).flat_map(clap::Command::get_subcommands);
        for command in cli.get_subcommands().filter(|command| !command.has_subcommands()).chain(inner) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("  makker ") && help.contains(command.get_name()), "{} has no example", command.get_name());
            assert!(command.get_about().is_some());
        }
    }

    #[test]
    fn what_belongs_together_is_asked_for_together() {
        #[rustfmt::skip]
        let cases = [
            ("makker migrate", true),
            ("makker migrate --create", true),
            ("makker --config x.toml migrate", true),
            ("makker migrate --config x.toml", true),
            ("makker migrate --print postgres", true),
            ("makker migrate --print mysql", false),
            ("makker migrate --print sqlite --create", false),
            ("makker migrate --down 1", false),
            ("makker migrate --down 1 --lose-data", true),
            ("makker migrate --lose-data", false),
            ("makker migrate --create --down 1 --lose-data", false),
            ("makker tick --once", true),
            ("makker tick", false),
            ("makker backup copies", true),
            ("makker backup copies --only keys", true),
            ("makker backup copies --only key", false),
            ("makker backup", false),
            ("makker user add eva --role coordinator --role supervisor --email eva@example.org", true),
            ("makker user add eva", false),
            ("makker user add e --role coordinator", false),
            ("makker user add eva --role queen", false),
            ("makker user add eva --role partner", false),
            ("makker user add eva --role coordinator --password secret", false),
            ("makker user password eva", true),
            ("makker user password", false),
            ("makker user password eva secret", false),
            ("makker", false),
        ];
        for (line, is_right) in cases {
            assert_eq!(Cli::try_parse_from(line.split(' ')).is_ok(), is_right, "{line}");
        }
    }
}
