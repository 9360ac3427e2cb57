//! The sweep over every answer: whom somebody is barred from is named to them nowhere, neither by id nor by name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::doors::{Operation, operations};
use crate::sessions::{FIRST, course, held, matched, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Answer;

/// Ids by the name of the path's parameter that takes them.
type Pool = BTreeMap<String, BTreeSet<String>>;

/// Of one noun so many are asked for: more of the same say nothing new.
const OF_ONE: usize = 3;

/// What an operation asks for that answers nothing without.
fn query(operation: &str, ids: &Pool) -> String {
    let matched = ids.get("match_id").and_then(|ids| ids.first()).map_or("", String::as_str);
    let window = "from=2026-03-09T08:00:00Z&until=2026-03-13T20:00:00Z";
    match operation {
        "sessions.free_times" => format!("?matches={matched}&{window}"),
        "sessions.check_time" => format!("?matches={matched}&starts_at=2026-03-11T15:00:00Z"),
        "sessions.free_staff" => format!("?track=mentor&{window}"),
        _ => String::new(),
    }
}

/// Every way to fill an operation's path.
fn paths(operation: &Operation, ids: &Pool) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in operation.path.split('/').skip(1) {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let values: Vec<&str> = match name {
            Some(name) => ids.get(name).into_iter().flatten().take(OF_ONE).map(String::as_str).collect(),
            None => vec![part],
        };
        paths = paths.iter().flat_map(|path| values.iter().map(move |value| format!("{path}/{value}"))).collect();
    }
    let query = query(&operation.id, ids);
    paths.into_iter().map(|path| path + &query).collect()
}

/// What an answer says of others: `person_id`, `holder_ids`, and the `id` of each of its `leaves`.
fn learn(value: &Value, noun: &str, ids: &mut Pool) {
    let mut take = |name: &str, value: &Value| {
        if let Some(id) = value.as_str().filter(|id| id.len() == 36) {
            ids.entry(name.to_owned()).or_default().insert(id.to_owned());
        }
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), name.strip_suffix("_ids")) {
                    ("id", _) => take(&format!("{noun}_id"), member),
                    (_, Some(of)) => member.as_array().into_iter().flatten().for_each(|id| take(&format!("{of}_id"), id)),
                    (name, _) if name.ends_with("_id") => take(name, member),
                    _ => {}
                }
            }
            for (name, member) in members {
                learn(member, if name == "items" { noun } else { name.trim_end_matches('s') }, ids);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| learn(item, noun, ids)),
        _ => {}
    }
}

/// Asks for everything that can be asked for, until nothing new is found.
fn everything(caller: &Caller<'_>, reads: &[Operation], ids: &mut Pool) -> BTreeMap<String, (String, Answer)> {
    let mut answers = BTreeMap::new();
    loop {
        let before = answers.len();
        for operation in reads {
            let below = format!("{}/{{", operation.path);
            let of = reads.iter().find_map(|other| other.path.strip_prefix(&below)?.split("_id}").next());
            for path in paths(operation, ids) {
                if answers.contains_key(&path) {
                    continue;
                }
                let answer = caller.get(&path);
                if answer.status == 200 {
                    let own = operation.path.rsplit('{').next().and_then(|part| part.strip_suffix("_id}"));
                    learn(&answer.json(), of.or(own).unwrap_or("other"), ids);
                }
                answers.insert(path, (operation.id.clone(), answer));
            }
        }
        if answers.len() == before {
            return answers;
        }
    }
}

both_engines! {
    fn whom_one_is_barred_from_is_in_no_answer(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2013-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        let tag = unit.get(&format!("/v1/people/{father}")).tag();
        unit.put(&format!("/v1/people/{father}/contact"), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
        let tag = unit.get(&format!("/v1/people/{boy}")).tag();
        let custody = json!({"holder_ids": [mother, father], "recipient_id": father});
        unit.put(&format!("/v1/people/{boy}/custody"), &tag, &custody).ok();
        let case = app.founded_case(&unit, &[&boy]);
        let alert = json!({"person_id": boy, "kind": "cannot_be_found", "grounds": "Ikke set", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/alerts"), &alert).ok();

        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(&app, &mentor, true);
        let tag = unit.get(&format!("/v1/staff/{malte}")).tag();
        let certificates = json!({"certificates": [{"kind": "child_protection", "issued_on": "2026-01-01"}]});
        unit.put(&format!("/v1/staff/{malte}/certificates"), &tag, &certificates).ok();
        let boys = course(&app, &unit, &case, &boy, &[&mother, &father], "mentor");
        let match_id = matched(&unit, &mentor, &boys, &malte);
        mentor.post(&format!("/v1/people/{boy}/link-choices"), &json!({"wants_links": true})).ok();
        mentor.post("/v1/sessions", &plan(&match_id, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).ok();
        // He has a case of his own, too, and waits for a coach.
        let own = app.founded_case(&unit, &[&father]);
        course(&app, &unit, &own, &father, &[], "parent_coach");
        unit.post("/v1/matching-runs", &json!({})).ok();
        let leave = json!({"kind": "illness", "from_on": "2026-03-10", "until_on": "2026-03-12"});
        unit.post(&format!("/v1/staff/{malte}/leaves"), &leave).ok();
        app.set_clock("2026-03-03T18:00:00Z");
        mentor.put(FIRST, "", &held(&match_id, "2026-03-03T15:00:00Z", "2026-03-03T17:00:00Z")).ok();
        let note = json!({"kind": "call", "outcome": "did_not_appear", "happened_at": app.clock.now(), "person_ids": [boy],
            "next_step": {"words": "Ring", "on": "2026-03-09"}});
        unit.post("/v1/contact-notes", &json!({"case_id": case, "note": note})).ok();

        let reads: Vec<Operation> = operations().into_iter().filter(|operation| operation.method == "GET" && !operation.is_public).collect();
        let mut ids = Pool::new();
        let shown = everything(&unit, &reads, &mut ids);
        let names_him = |answer: &Answer| {
            let body = String::from_utf8_lossy(&answer.body);
            body.contains(&father) || body.contains("Frodemund")
        };
        let where_he_is: BTreeSet<&str> = shown.values().filter(|(_, answer)| names_him(answer)).map(|(id, _)| id.as_str()).collect();
        for operation in ["people.get", "messages.list", "messages.get", "link_choices.list", "offers.get", "waiting.list", "matching_runs.lines"] {
            assert!(where_he_is.contains(operation), "the sweep needs him in {operation}: {where_he_is:?}");
        }

        let ida = app.account("ida", &["coordinator"]);
        for (caller, least) in [(&ida, 30), (&mentor, 15)] {
            let bar = json!({"account_id": caller.account_id(), "person_id": father, "cause": "family"});
            unit.post("/v1/bars", &bar).ok();
            let (mut wrong, mut answered) = (Vec::new(), BTreeSet::new());
            for (operation, answer) in everything(caller, &reads, &mut ids.clone()).into_values() {
                if answer.status == 200 {
                    answered.insert(operation);
                }
                if names_him(&answer) {
                    wrong.push(answer.to_string());
                }
            }
            assert!(wrong.is_empty(), "{} answers name him:\n{}", wrong.len(), wrong.join("\n"));
            assert!(answered.len() >= least, "the sweep is of use where it is answered: {answered:?}");
        }
    }
}
