//! The sweep over every door: each operation against each kind of caller, and what is hidden against what does not exist.
//!
//! `doors.txt` is the reviewed table. It stands beside the one in the code on purpose: a right that changes there must be read and
//! changed here by somebody who means it.

use std::collections::BTreeMap;

use makker::access::{Capability, Reach, Role};
use makker::app::api;
use serde_json::{Value, json};

use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};
use crate::support::http::{Answer, Request};
use crate::support::{Engine, OnEngine, TestApp};

const REVIEWED: &str = include_str!("doors.txt");

/// The kinds of caller, in the order of the table's columns.
const ROLES: [Role; 7] =
    [Role::Coordinator, Role::Mentor, Role::ParentCoach, Role::Supervisor, Role::Partner, Role::Manager, Role::DataProtectionOfficer];

/// An id that nothing has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// An operation as the contract has it.
pub struct Operation {
    pub id: String,
    pub method: String,
    /// With its parameters, as documented.
    pub path: String,
    pub is_public: bool,
}

/// Every operation that is served under `/v1/`.
pub fn operations() -> Vec<Operation> {
    let contract = serde_json::to_value(api::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/v1/")) {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let is_public = operation["security"].as_array().is_some_and(|ways| ways.contains(&json!({})));
            found.push(Operation { id: id.to_owned(), method: method.to_uppercase(), path: path.clone(), is_public });
        }
    }
    found
}

const fn letter(reach: Reach) -> char {
    match reach {
        Reach::All => 'A',
        Reach::Matched => 'M',
        Reach::Supervised => 'S',
        Reach::Agency => 'P',
        Reach::Own => 'O',
        Reach::Totals => 'T',
    }
}

/// A row of the table: how far each role reaches, `-` for not at all.
fn row(capability: Capability) -> String {
    let reach = |role: &Role| capability.roles().iter().find(|(known, _)| known == role).map_or('-', |(_, reach)| letter(*reach));
    let letters: Vec<String> = ROLES.iter().map(|role| reach(role).to_string()).collect();
    format!("{:<30}{}", capability.operation(), letters.join(" "))
}

#[test]
fn the_rights_are_those_that_were_reviewed() {
    let reviewed: Vec<&str> = REVIEWED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let rows: Vec<String> = Capability::ALL.iter().map(|capability| row(*capability)).collect();
    let new: Vec<_> = rows.iter().filter(|row| !reviewed.contains(&row.as_str())).collect();
    let old: Vec<_> = reviewed.iter().filter(|line| !rows.iter().any(|row| row == *line)).collect();
    let advice = "is every one of these rights meant? Then change tests/it/doors.txt";
    assert!(new.is_empty() && old.is_empty(), "{advice}; the code has\n{new:#?}\nand the table\n{old:#?}");
}

/// The path with real ids where there are some, else with an id that nothing has.
pub fn filled(path: &str, ids: &BTreeMap<String, String>) -> String {
    let fill = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => ids.get(name).map_or(NOBODY, String::as_str).to_owned(),
        None => part.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// Calls an operation with everything but a sensible body.
fn knock(caller: &Caller<'_>, operation: &Operation, ids: &BTreeMap<String, String>) -> Answer {
    let mut request = Request::new(&operation.method, &filled(&operation.path, ids));
    if operation.method != "GET" {
        request = request.header("Idempotency-Key", "doors").header("If-Match", "\"1.0\"");
    }
    if ["POST", "PUT", "PATCH"].contains(&operation.method.as_str()) {
        request = request.json(&json!({}));
    }
    let answer = caller.send(request);
    if operation.method == "DELETE" && answer.status < 300 {
        // It may have signed itself out.
        caller.sign_in();
    }
    answer
}

/// One caller of each role, in the order of [`ROLES`].
fn callers(app: &TestApp) -> [Caller<'_>; 7] {
    [
        app.coordinator(),
        app.account("mads", &["mentor"]),
        app.account("freja", &["parent_coach"]),
        app.account("sofie", &["supervisor"]),
        app.partner("pia", "social_services"),
        app.account("lars", &["manager"]),
        app.account("dorte", &["data_protection_officer"]),
    ]
}

#[test]
fn every_door_opens_to_whom_the_table_says() {
    let app = TestApp::on(Engine::Sqlite);
    let (anybody, callers) = (app.anybody(), callers(&app));
    let mut wrong = Vec::new();
    for operation in operations() {
        let answer = knock(&anybody, &operation, &BTreeMap::new());
        if (answer.status == 401) == operation.is_public {
            wrong.push(format!("without a credential: {answer}"));
        }
        let capability = Capability::ALL.iter().find(|capability| capability.operation() == operation.id);
        let Some(capability) = capability else {
            if !operation.is_public {
                wrong.push(format!("{}: not in the rights table", operation.id));
            }
            continue;
        };
        for (role, caller) in ROLES.iter().zip(&callers).filter(|_| !operation.is_public) {
            let answer = knock(caller, &operation, &BTreeMap::new());
            let may = capability.roles().iter().any(|(known, _)| known == role);
            if answer.status == 401 || (answer.status == 403) == may {
                wrong.push(format!("{role:?} {} by the table, but: {answer}", if may { "may" } else { "may not" }));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A boy with an accepted mentor course, and the ids of everything that can be listed then.
pub fn casework(app: &TestApp) -> BTreeMap<String, String> {
    let unit = app.coordinator();
    let (boy, mother) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
    unit.set_custody(&boy, &[&mother]);
    let (case, now) = (app.founded_case(&unit, &[&boy, &mother]), app.clock.now());
    let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id();
    for giver in [&boy, &mother] {
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
    }
    unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).ok();
    unit.post(&format!("/v1/cases/{case}/alerts"), &json!({"kind": "risk", "text": "Uro"}));

    let note = json!({"kind": "call", "outcome": "did_not_appear", "happened_at": now, "next_step": {"words": "Ring", "on": "2026-03-09"}});
    unit.post("/v1/contact-notes", &json!({"case_id": case, "note": note})).ok();

    let mut ids = BTreeMap::new();
    for operation in operations().iter().filter(|operation| operation.method != "DELETE") {
        let Some((list, rest)) = operation.path.split_once("/{") else { continue };
        let name = rest.split('}').next().unwrap();
        let listed = unit.get(list);
        if let Some(id) = (listed.status == 200).then(|| listed.json()["items"][0]["id"].clone()).as_ref().and_then(Value::as_str) {
            ids.entry(name.to_owned()).or_insert_with(|| id.to_owned());
        }
    }
    // Everybody reaches a device of their own: this one is nobody's in the sweep.
    let stranger = app.account("ole", &["mentor"]);
    ids.insert("device_id".to_owned(), stranger.tokens()["device_id"].as_str().unwrap().to_owned());
    for name in ["person_id", "case_id", "offer_id", "course_id", "account_id", "note_id"] {
        assert!(ids.contains_key(name), "the sweep needs a real {name}: {ids:?}");
    }
    ids
}

both_engines! {
    /// Whoever meets nobody sees nothing of what is there: not even that it is.
    fn what_is_hidden_looks_like_what_does_not_exist(app: TestApp) {
        let (ids, callers) = (casework(&app), callers(&app));
        let without_request = |answer: &Answer| {
            let mut body = answer.json();
            body["request_id"] = Value::Null;
            (answer.status, body)
        };
        let mut wrong = Vec::new();
        for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
            let capability = Capability::ALL.iter().find(|capability| capability.operation() == operation.id);
            let reaches = capability.map(|capability| capability.roles()).unwrap_or_default();
            for (role, caller) in ROLES.iter().zip(&callers) {
                if reaches.contains(&(*role, Reach::All)) {
                    continue;
                }
                let (hidden, missing) = (knock(caller, operation, &ids), knock(caller, operation, &BTreeMap::new()));
                if hidden.status < 400 || without_request(&hidden) != without_request(&missing) {
                    wrong.push(format!("{role:?} can tell\n    {hidden}\n  from\n    {missing}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
