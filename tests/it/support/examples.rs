//! Examples for the contract: with `MAKKER_TEST_RECORD=1` the tests write down, for each operation, an exchange that really happened.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::app::api_contract;
use super::http::{Answer, Request};
use super::setting;

/// Where the product reads them from.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/api-spec/examples.json");

/// Longer ones explain nothing; where all are longer, the shortest explains most.
const LONGEST: i64 = 4_000;

static RECORDED: Mutex<BTreeMap<String, Value>> = Mutex::new(BTreeMap::new());

/// Keeps the exchange if it says more about its operation than the one kept so far.
pub fn note(request: &Request, answer: &Answer) {
    if setting("MAKKER_TEST_RECORD").is_none() || !(200..300).contains(&answer.status) || !request.path.starts_with("/v1/") {
        return;
    }
    let Some(id) = api_contract().operation_id(&request.method, &request.path) else { return };
    let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let mut recorded = RECORDED.lock().unwrap();
    let example = json!({"request": sent, "status": answer.status, "answer": answer.json()});
    let weight = |example: &Value| {
        let length = i64::try_from(example.to_string().len()).unwrap();
        if length <= LONGEST { length } else { -length }
    };
    // The longest says most; of two alike the order of the tests must not decide.
    let is_better = recorded.get(id).is_none_or(|kept| (weight(&example), example.to_string()) > (weight(kept), kept.to_string()));
    if is_better {
        recorded.insert(id.to_owned(), example);
        // What this run did not meet stays as it was, so that a few tests can be recorded alone.
        let mut all: BTreeMap<String, Value> = fs::read(FILE).ok().and_then(|file| serde_json::from_slice(&file).ok()).unwrap_or_default();
        all.extend(recorded.clone());
        fs::write(FILE, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
    }
}
