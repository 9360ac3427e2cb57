//! Who comes in, what they may do, and whom they must never see.

mod accounts;
mod bars;
mod clocks;
mod passwords;
mod refresh;
mod sign_in;

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use makker::access::accounts::model::{AccountName, NewAccount, Profile};
use makker::access::sign_in::Password;
use makker::access::{Actor, Capability, Role, Tx, accounts as room};
use makker::base::db::Db;
use makker::base::ids::AccountId;
use makker::base::language::Language;
use makker::base::value::Line;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::PASSWORD;
use crate::support::http::{Answer, Request};

/// Who holds one access token and never renews it.
struct Holder<'a> {
    app: &'a TestApp,
    token: String,
}

impl Holder<'_> {
    fn send(&self, request: Request) -> Answer {
        self.app.anybody().send(request.header("Authorization", &format!("Bearer {}", self.token)))
    }

    fn get(&self, path: &str) -> Answer {
        self.send(Request::new("GET", path))
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let key = self.app.door.house().ids.next::<makker::base::ids::noun::Row>().to_string();
        self.send(Request::new("POST", path).header("Idempotency-Key", &key).json(body))
    }

    fn put(&self, path: &str, tag: &str, body: &Value) -> Answer {
        let request = Request::new("PUT", path).json(body);
        self.send(if tag.is_empty() { request } else { request.header("If-Match", tag) })
    }

    fn patch(&self, path: &str, tag: &str, body: &Value) -> Answer {
        self.send(Request::new("PATCH", path).header("If-Match", tag).json(body))
    }

    fn delete(&self, path: &str) -> Answer {
        self.send(Request::new("DELETE", path))
    }
}

impl TestApp {
    /// Makes an account with these roles, as `makker user add` does.
    fn enrol(&self, name: &str, roles: &[Role]) -> AccountId {
        let password = Password::parse(PASSWORD.to_owned()).unwrap();
        let account = NewAccount {
            name: AccountName::parse(name).unwrap(),
            profile: Profile { display_name: Line::parse(name).unwrap(), email: None },
            language: Language::Danish,
            roles: roles.to_vec(),
            agency: None,
            password_hash: self.door.house().porter.hasher().hash_now(&password).unwrap(),
        };
        let verb = move |tx: &mut Tx<'_>| room::create(tx, &account);
        self.door.blocking_write_as(Actor::operator(), self.clock.now(), Capability::OperatorUserAdd, verb).unwrap()
    }

    /// Asks to sign in.
    fn try_sign_in(&self, name: &str, password: &str, kind: &str) -> Answer {
        let body = json!({"name": name, "password": password, "device": {"kind": kind, "label": "Test"}});
        self.anybody().send(Request::new("POST", "/v1/sign-ins").json(&body))
    }

    /// Signs in to an account of [`TestApp::enrol`]: the tokens.
    fn tokens(&self, name: &str, kind: &str) -> Value {
        self.try_sign_in(name, PASSWORD, kind).ok()["tokens"].clone()
    }

    /// Asks for new tokens.
    pub fn refresh(&self, token: &Value) -> Answer {
        self.anybody().send(Request::new("POST", "/v1/sign-ins/refresh").json(&json!({"refresh_token": token})))
    }

    /// Holds an access token.
    fn with_token(&self, token: &str) -> Holder<'_> {
        Holder { app: self, token: token.to_owned() }
    }

    /// Signs an account in at a desk, anew.
    fn at_desk(&self, name: &str) -> Holder<'_> {
        self.with_token(self.tokens(name, "desk")["access_token"].as_str().unwrap())
    }

    /// Makes an account and signs it in at a desk.
    fn somebody(&self, name: &str, role: Role) -> Holder<'_> {
        self.enrol(name, &[role]);
        self.at_desk(name)
    }
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many rows: what comes after `SELECT count(*) AS n FROM`.
fn count(db: &mut Db, rows: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {rows}");
    let counted: Vec<Count> = makker::each!(db, c => diesel::sql_query(sql).load(c)).unwrap();
    counted[0].n
}

/// Runs a step as the house itself.
fn step<T: Send + 'static>(app: &TestApp, verb: impl Fn(&mut Tx<'_>) -> makker::base::error::Result<T> + Send + 'static) -> T {
    app.door.blocking_write_as(Actor::system(), app.clock.now(), Capability::TickRun, verb).unwrap()
}
