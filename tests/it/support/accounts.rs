//! Accounts for tests: made as the operator makes them, signed in as everybody signs in.

use makker::access::accounts::{self, AccountName, NewAccount, Profile};
use makker::access::sign_in::Password;
use makker::access::{Actor, Capability, Role, Tx};
use makker::base::ids::AccountId;
use makker::base::language::Language;
use makker::base::value::Line;
use serde_json::{Value, json};

use super::TestApp;
use super::app::Caller;
use super::http::{Answer, Request};

/// The password of every account that tests make.
pub const PASSWORD: &str = "korrekt hest batteri";

impl TestApp {
    /// Makes an account with these roles, as `makker user add` does.
    pub fn make_account(&self, name: &str, roles: &[Role]) -> AccountId {
        let password = Password::parse(PASSWORD.to_owned()).unwrap();
        let account = NewAccount {
            name: AccountName::parse(name).unwrap(),
            profile: Profile { display_name: Line::parse(name).unwrap(), email: None },
            language: Language::Danish,
            roles: roles.to_vec(),
            agency: None,
            password_hash: self.door.house().porter.hasher().hash_now(&password).unwrap(),
        };
        let verb = move |tx: &mut Tx<'_>| accounts::create(tx, &account);
        self.door.blocking_write_as(Actor::operator(), self.clock.now(), Capability::OperatorUserAdd, verb).unwrap()
    }

    /// Asks to sign in.
    pub fn try_sign_in(&self, name: &str, password: &str, kind: &str) -> Answer {
        let body = json!({"name": name, "password": password, "device": {"kind": kind, "label": "Test"}});
        self.anybody().send(Request::new("POST", "/v1/sign-ins").json(&body))
    }

    /// Signs in to an account of [`TestApp::make_account`]: the tokens.
    pub fn sign_in(&self, name: &str, kind: &str) -> Value {
        self.try_sign_in(name, PASSWORD, kind).ok()["tokens"].clone()
    }

    /// Asks for new tokens.
    pub fn refresh(&self, token: &Value) -> Answer {
        self.anybody().send(Request::new("POST", "/v1/sign-ins/refresh").json(&json!({"refresh_token": token})))
    }

    /// Makes an account and signs it in at a desk.
    pub fn somebody(&self, name: &str, role: Role) -> Caller<'_> {
        self.make_account(name, &[role]);
        self.at_desk(name)
    }

    /// Signs an account in at a desk, anew.
    pub fn at_desk(&self, name: &str) -> Caller<'_> {
        self.with_token(self.sign_in(name, "desk")["access_token"].as_str().unwrap())
    }
}
