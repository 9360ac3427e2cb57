//! `user`: the first accounts, which nobody could make over the API, and the passwords that nobody else could replace.

use std::io::{BufRead, IsTerminal, Write};
use std::process::Command;
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Failure, print};
use crate::access::accounts::{self, AccountName, NewAccount, Profile};
use crate::access::sign_in::{self, Password};
use crate::access::{Actor, Capability, Door, Role, Tx};
use crate::app::{Missing, Stores, open_door};
use crate::base::clock::Clock;
use crate::base::db::Coded;
use crate::base::error::{Error, Result};
use crate::base::ids::IdSource;
use crate::base::value::{Email, Flaw, Line};
use crate::config::Config;

#[derive(Args)]
pub(super) struct Add {
    /// What is typed at sign-in: 2 to 64 letters, digits and . - _ @ +
    #[arg(value_parser = account_name)]
    name: AccountName,
    /// What the account may do; once for each. A partner belongs to an agency and is made over the API
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = roles())]
    roles: Vec<Role>,
    /// The name shown to colleagues [default: NAME]
    #[arg(long, value_name = "TEXT", value_parser = text::<Line>)]
    display_name: Option<Line>,
    /// Where the account's own mail goes
    #[arg(long, value_name = "ADDRESS", value_parser = text::<Email>)]
    email: Option<Email>,
}

#[derive(Args)]
pub(super) struct Replace {
    /// What is typed at sign-in
    #[arg(value_parser = account_name)]
    name: AccountName,
}

fn account_name(text: &str) -> Result<AccountName, String> {
    AccountName::parse(text).map_err(|_| "2 to 64 letters, digits and . - _ @ +".to_owned())
}

fn in_words(flaw: Flaw) -> String {
    flaw.words().en.into_owned()
}

fn text<T: FromStr<Err = Flaw>>(text: &str) -> Result<T, String> {
    text.parse().map_err(in_words)
}

/// Every role but a partner's, who belongs to an agency.
fn roles() -> impl TypedValueParser<Value = Role> {
    let codes = Role::ALL.iter().filter(|role| **role != Role::Partner).map(|role| role.code());
    PossibleValuesParser::new(codes).try_map(|code| Role::parse(&code).ok_or("no such role"))
}

/// Makes the account.
pub(super) fn add(config: &Config, options: Add) -> Result<(), Failure> {
    let Add { name, roles, display_name, email } = options;
    let clock = Clock::System;
    let door = open_door(config, Stores::open(config, Missing::Refuse, clock.now())?, clock.clone(), IdSource::Chance)?;
    let password_hash = new_hash(&door, &name)?;
    let display_name = display_name.unwrap_or_else(|| Line::stored(name.as_str().to_owned()));
    let account = NewAccount {
        profile: Profile { display_name, email },
        language: config.programme.language,
        password_hash,
        agency: None,
        roles,
        name,
    };
    let made = format!("made the account {}", account.name.as_str());
    let id =
        door.blocking_write_as(Actor::operator(), clock.now(), Capability::AccountsCreate, move |tx| accounts::create(tx, &account))?;
    door.house().database.close();
    print(&format!("{made} with the id {id}\n"))
}

/// Gives the account of a name a new password.
pub(super) fn replace_password(config: &Config, options: Replace) -> Result<(), Failure> {
    let Replace { name } = options;
    let clock = Clock::System;
    let door = open_door(config, Stores::open(config, Missing::Refuse, clock.now())?, clock.clone(), IdSource::Chance)?;
    let hash = new_hash(&door, &name)?;
    let replaced = format!("{} has a new password and is signed out everywhere\n", name.as_str());
    let verb = move |tx: &mut Tx<'_>| sign_in::replace_password_of(tx, name.as_str(), &hash);
    let is_known = door.blocking_write_as(Actor::operator(), clock.now(), Capability::AccountsSetPassword, verb)?;
    door.house().database.close();
    if is_known { print(&replaced) } else { Err(Error::internal("there is no account of that name").into()) }
}

/// The hash of the new password that is typed for an account.
fn new_hash(door: &Door, name: &AccountName) -> Result<String> {
    let porter = &door.house().porter;
    let password = read_password()?;
    porter.check_new_password(&password, name.as_str(), "/password")?;
    porter.hasher().hash_now(&password)
}

/// The first line of standard input; asked for, and not shown, on a terminal. Never an argument: every user of a machine can read those.
fn read_password() -> Result<Password> {
    let is_terminal = std::io::stdin().is_terminal();
    let shown = is_terminal.then(Hidden::begin);
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Error::internal)?;
    drop(shown);
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    if line.is_empty() {
        return Err(Error::internal("the password on standard input: there is none"));
    }
    Password::parse(line).map_err(|flaw| Error::internal(format_args!("the password on standard input: {}", in_words(flaw))))
}

/// What is typed is not shown until this goes.
struct Hidden;

impl Hidden {
    fn begin() -> Self {
        eprint!("Password: ");
        // That it cannot be hidden is no reason not to ask.
        let _ = std::io::stderr().flush();
        let _ = Command::new("stty").arg("-echo").status();
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = Command::new("stty").arg("echo").status();
        eprintln!();
    }
}
