//! Those who speak to the app: accounts of every kind, signed in through the API as people would.

use std::cell::RefCell;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use makker::access::accounts::model::{AccountName, NewAccount, Profile};
use makker::access::sign_in::Password;
use makker::access::{Actor, Capability, Role, accounts};
use makker::base::clock::Instant;
use makker::base::language::Language;
use makker::base::value::Line;
use serde_json::{Value, json};

use super::TestApp;
use super::http::{Answer, Request};

/// Everybody's password in tests.
pub const PASSWORD: &str = "korrekt hest batteri";

/// Somebody who speaks to the app.
pub struct Caller<'a> {
    app: &'a TestApp,
    /// What is typed at sign-in; `None` for somebody unknown.
    name: Option<String>,
    tokens: RefCell<Value>,
}

impl TestApp {
    /// A caller without a credential.
    pub fn anybody(&self) -> Caller<'_> {
        Caller { app: self, name: None, tokens: RefCell::default() }
    }

    /// The first account there is, made on the command line's way: a coordinator called `eva`.
    pub fn coordinator(&self) -> Caller<'_> {
        self.has_coordinator.get_or_init(|| {
            let profile = Profile { display_name: Line::parse("Eva Holm").unwrap(), email: None };
            let account = NewAccount {
                name: AccountName::parse("eva").unwrap(),
                profile,
                language: Language::Danish,
                roles: vec![Role::Coordinator],
                agency: None,
                password_hash: self.door.house().porter.hasher().hash_now(&Password::parse(PASSWORD.to_owned()).unwrap()).unwrap(),
            };
            let make = move |tx: &mut makker::access::Tx<'_>| accounts::create(tx, &account);
            self.door.blocking_write_as(Actor::operator(), self.clock.now(), Capability::AccountsCreate, make).unwrap();
        });
        self.sign_in("eva")
    }

    /// A new account with these roles (as the API writes them), made by the coordinator and signed in.
    pub fn account(&self, name: &str, roles: &[&str]) -> Caller<'_> {
        self.make_account(name, roles, Value::Null)
    }

    /// A new account at a new agency of this kind.
    pub fn partner(&self, name: &str, agency_kind: &str) -> Caller<'_> {
        let agency = self.coordinator().post("/v1/agencies", &json!({"name": format!("Stedet {name}"), "kind": agency_kind})).id();
        self.make_account(name, &["partner"], json!(agency))
    }

    fn make_account(&self, name: &str, roles: &[&str], agency: Value) -> Caller<'_> {
        let account = json!({"name": name, "display_name": name, "roles": roles, "agency_id": agency, "password": PASSWORD});
        self.coordinator().post("/v1/accounts", &account).ok();
        self.sign_in(name)
    }

    /// Signs in with the password of all tests.
    pub fn sign_in(&self, name: &str) -> Caller<'_> {
        let caller = Caller { app: self, name: Some(name.to_owned()), tokens: RefCell::default() };
        caller.sign_in();
        caller
    }
}

impl Caller<'_> {
    /// The id of the caller's account.
    pub fn account_id(&self) -> String {
        self.tokens.borrow()["account_id"].as_str().expect("somebody signed in").to_owned()
    }

    /// The tokens of the last sign-in or refresh, as they were answered.
    pub fn tokens(&self) -> Value {
        self.tokens.borrow().clone()
    }

    /// Signs in anew, as another device.
    pub fn sign_in(&self) {
        let device = json!({"kind": "phone", "label": "Telefon"});
        let attempt = json!({"name": self.name, "password": PASSWORD, "device": device});
        let answer = self.app.exchange(&Request::new("POST", "/v1/sign-ins").json(&attempt));
        *self.tokens.borrow_mut() = answer.ok()["tokens"].clone();
    }

    /// Before a token ends it is changed for a new one, as an app does; after a long rest that takes the password. So is one that a clock gave
    /// which was ahead and is right again.
    fn renew(&self) {
        let now = self.app.clock.now();
        let is_over = |name: &str| self.tokens.borrow()[name].as_str().and_then(Instant::parse).is_none_or(|until| until <= now);
        let is_too_long = self.tokens.borrow()["access_expires_at"]
            .as_str()
            .and_then(Instant::parse)
            .is_some_and(|until| until > now.plus(TimeDelta::hours(1)));
        if self.name.is_none() || !(is_over("access_expires_at") || is_too_long) {
            return;
        }
        if is_over("refresh_expires_at") {
            return self.sign_in();
        }
        let token = json!({"refresh_token": self.tokens.borrow()["refresh_token"]});
        let answer = self.app.exchange(&Request::new("POST", "/v1/sign-ins/refresh").json(&token));
        *self.tokens.borrow_mut() = answer.ok()["tokens"].clone();
    }

    /// Sends any request with this caller's credential.
    pub fn send(&self, request: Request) -> Answer {
        self.renew();
        let request = match self.tokens.borrow()["access_token"].as_str() {
            Some(token) => request.header("Authorization", &format!("Bearer {token}")),
            None => request,
        };
        self.app.exchange(&request)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(Request::new("GET", path))
    }

    /// A command, with an idempotency key of its own.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let key = format!("key-{}", self.app.keys.fetch_add(1, Ordering::Relaxed));
        self.send(Request::new("POST", path).header("Idempotency-Key", &key).json(body))
    }

    /// A command that sets fields of what has the version that `tag` names.
    pub fn post_if(&self, path: &str, tag: &str, body: &Value) -> Answer {
        let key = format!("key-{}", self.app.keys.fetch_add(1, Ordering::Relaxed));
        self.send(Request::new("POST", path).header("Idempotency-Key", &key).header("If-Match", tag).json(body))
    }

    /// Sets what has the version that `tag` names (`""` for what is new).
    pub fn put(&self, path: &str, tag: &str, body: &Value) -> Answer {
        let request = Request::new("PUT", path).json(body);
        self.send(if tag.is_empty() { request } else { request.header("If-Match", tag) })
    }

    /// Changes some members of what has the version that `tag` names.
    pub fn patch(&self, path: &str, tag: &str, body: &Value) -> Answer {
        self.send(Request::new("PATCH", path).header("If-Match", tag).json(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send(Request::new("DELETE", path))
    }
}
