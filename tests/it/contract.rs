//! The published contract: made from the code, with examples of what really happened. Every exchange of every other test is held
//! against it too (`support/contract.rs`).
//!
//! After a change of the API: `MAKKER_TEST_RECORD=1 cargo test --test it`, then `cargo run -- openapi > api-spec/openapi.yaml`.

use std::collections::BTreeMap;
use std::fs;

use makker::app::api;
use serde_json::{Value, json};

use crate::doors::{NOBODY, filled};
use crate::support::app::api_contract;
use crate::support::http::{Answer, Request};
use crate::support::{Engine, OnEngine, TestApp};

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/api-spec/openapi.yaml");

/// Operations whose answers nobody has seen in a test. This list may only shrink.
const UNSEEN: [&str; 0] = [];

fn examples() -> BTreeMap<String, Value> {
    serde_json::from_str(include_str!("../../api-spec/examples.json")).expect("api-spec/examples.json is what the tests recorded")
}

/// Every operation under `/v1/`: its id with method and path.
fn operations() -> BTreeMap<String, (String, String)> {
    let contract = serde_json::to_value(api::openapi()).unwrap();
    let paths = contract["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/v1/"));
    let each = paths.flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation)));
    each.filter_map(|(path, method, operation)| {
        Some((operation["operationId"].as_str()?.to_owned(), (method.to_uppercase(), path.clone())))
    })
    .collect()
}

#[test]
fn the_published_contract_is_the_codes() {
    let published = fs::read_to_string(PUBLISHED).unwrap_or_default();
    let advice = "the code's contract is not the published one: cargo run -- openapi > api-spec/openapi.yaml";
    assert!(published == api::yaml().unwrap(), "{advice}");
}

/// Generators and gateways that still speak YAML 1.1 take a bare `on` for a boolean and a bare date for a moment.
#[test]
fn what_is_published_is_text_to_every_reader() {
    let is_misread = |scalar: &str| {
        let is_word = ["y", "yes", "n", "no", "on", "off"].contains(&scalar.to_lowercase().as_str());
        let digits: String = scalar.chars().take(10).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        is_word || digits == "0000-00-00"
    };
    // Lines behind this column are a block of text.
    let mut block = usize::MAX;
    for (number, line) in api::yaml().unwrap().lines().enumerate() {
        let mut bare = line.trim_start();
        let column = line.len() - bare.len();
        if bare.is_empty() || column > block {
            continue;
        }
        while let Some(item) = bare.strip_prefix("- ") {
            bare = item;
        }
        block = if bare.contains(": |") || bare.contains(": >") { column } else { usize::MAX };
        let (key, value) = bare.split_once(": ").unwrap_or((bare.trim_end_matches(':'), ""));
        assert!(!is_misread(key) && !is_misread(value), "line {}: {line}", number + 1);
    }
}

/// Also a path whose last part could be another's parameter: `/v1/people/search` is nobody's file.
#[test]
fn a_path_takes_the_methods_that_the_contract_lists_and_no_other() {
    let (app, contract) = (TestApp::on(Engine::Sqlite), serde_json::to_value(api::openapi()).unwrap());
    for (path, item) in contract["paths"].as_object().unwrap() {
        let is_listed = |method: &str| item[if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() }].is_object();
        let (listed, others): (Vec<&str>, Vec<&str>) = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PROPFIND", "PUT", "TRACE"]
            .into_iter()
            .partition(|method| is_listed(method));
        let fill = |part: &str| part.split_once('}').map_or(part.to_owned(), |(_, rest)| format!("{NOBODY}{rest}"));
        let path: String = path.split('{').map(fill).collect();
        for method in others {
            let answer = app.anybody().send(Request::new(method, &path));
            assert_eq!((answer.status, answer.header("allow")), (405, Some(&*listed.join(", "))), "{method} {path}: {answer}");
        }
    }
}

#[test]
fn every_operation_has_an_example_that_fits() {
    let (operations, examples) = (operations(), examples());
    let mut wrong = Vec::new();
    for id in operations.keys().filter(|id| !examples.contains_key(*id) && !UNSEEN.contains(&id.as_str())) {
        wrong.push(format!("{id} was answered in no test: write one, then record anew"));
    }
    for (id, example) in &examples {
        let Some((method, path)) = operations.get(id) else {
            wrong.push(format!("{id} is gone: record anew"));
            continue;
        };
        let bytes = |value: &Value| if value.is_null() { Vec::new() } else { value.to_string().into_bytes() };
        let request = Request::new(method, path).header("content-type", "application/json").body(bytes(&example["request"]));
        let status = u16::try_from(example["status"].as_u64().unwrap()).unwrap();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let answer = Answer { status, headers, body: bytes(&example["answer"]), to: id.clone() };
        wrong.extend(api_contract().complaint(&request, &answer).map(|complaint| format!("{complaint}: record anew")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The members that may be null in a PATCH are those that it clears: of the others it is refused, for what is absent stays.
#[test]
fn null_clears_what_the_contract_says_and_is_refused_elsewhere() {
    let (app, contract) = (TestApp::on(Engine::Sqlite), serde_json::to_value(api::openapi()).unwrap());
    let (unit, mentor) = (app.coordinator(), app.account("malte", &["mentor"]));
    let mut clears = Vec::new();
    for (id, (_, path)) in operations().iter().filter(|(_, (method, _))| method == "PATCH") {
        let body = contract["paths"][path]["patch"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let caller = if path == "/v1/me/calendar" { &mentor } else { &unit };
        for (member, schema) in contract.pointer(&body[1..]).unwrap()["properties"].as_object().unwrap() {
            let one_of = schema["oneOf"].as_array().into_iter().flatten().any(|one| one["type"] == "null");
            let may_be_null = one_of || schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
            let answer = caller.patch(&filled(path, &BTreeMap::new()), "*", &json!({ member: null }));
            if may_be_null {
                answer.refused(404, "not_found");
                clears.push(format!("{id} {member}"));
            } else {
                let error = &answer.refused(422, "invalid")["errors"][0];
                assert_eq!((&error["pointer"], &error["code"]), (&json!(format!("/{member}")), &json!("wrong_type")), "{id}: {answer}");
            }
        }
    }
    let cleared = [
        "accounts.update email",
        "cases.update coordinator_id",
        "devices.update push_target",
        "matches.update at_min",
        "matches.update facilitator_id",
        "matches.update first_meeting_at",
        "matches.update place_code",
        "matches.update sentence",
        "matches.update weekday",
        "people.update born_on",
        "people.update registration_number",
        "people.update warnings",
        "staff.update account_id",
        "staff.update loan_until_on",
    ];
    assert_eq!(clears, cleared);
}
