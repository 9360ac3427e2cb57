//! Bad input of every kind, to every operation: a refusal in words, and nothing is changed. Valid requests to spoil come from the
//! recorded examples.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Value, json};

use crate::doors::{casework, filled, operations};
use crate::support::TestApp;
use crate::support::http::{Answer, Request};

/// How many rows each table has; the journal may grow, since asking leaves its trace.
fn rows(app: &TestApp) -> BTreeMap<String, i64> {
    #[derive(diesel::QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let mut db = app.database.connect();
    let sqlite = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let postgres = "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<Table> = match &mut db {
        makker::base::db::Db::Sqlite(c) => diesel::sql_query(sqlite).load(c).unwrap(),
        makker::base::db::Db::Postgres(c) => diesel::sql_query(postgres).load(c).unwrap(),
    };
    let mut count = |name: &str| -> Count {
        let query = format!("SELECT count(*) AS number FROM {name}");
        makker::each!(&mut db, c => diesel::sql_query(&query).get_result(c)).unwrap()
    };
    // Tokens come and go with every caller that renews its own.
    let counted = tables
        .into_iter()
        .filter(|table| !["journal_calls", "journal_subjects"].contains(&table.name.as_str()) && !table.name.ends_with("_tokens"));
    counted.map(|table| (table.name.clone(), count(&table.name).number)).collect()
}

/// The body with one thing wrong, in every way and place.
fn spoilt(body: &Value) -> Vec<Value> {
    let mut all = vec![json!([]), json!("text"), json!(7), Value::Null];
    let mut with_more = body.clone();
    with_more["no_such_member"] = json!(1);
    all.push(with_more);
    for (name, value) in body.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let mut wrong = vec![json!({"deep": {"er": []}}), json!(-1.5e300), json!("\u{0}"), json!("x".repeat(100_000)), json!([[[]]])];
        // A date or a moment; a version of a text only begins like one.
        if value.as_str().is_some_and(|text| text.starts_with("20") && text.len() >= "2026-02-28".len()) {
            wrong.extend([json!("2026-02-30"), json!("2026-13-01T25:00:00Z"), json!("9999-01-01T00:00:00Z")]);
        }
        // A bare list is no object.
        wrong.extend(value.as_object().map(|members| members.values().cloned().collect::<Value>()));
        for value in wrong {
            let mut spoilt = body.clone();
            spoilt[name] = value;
            all.push(spoilt);
        }
    }
    all
}

/// Where the body says something in letters.
fn texts(body: &Value) -> Vec<String> {
    let within = |at: String, value: &Value| texts(value).into_iter().map(move |pointer| format!("/{at}{pointer}"));
    match body {
        Value::String(_) => vec![String::new()],
        Value::Object(members) => members.iter().flat_map(|(name, value)| within(name.clone(), value)).collect(),
        Value::Array(values) => values.iter().enumerate().flat_map(|(index, value)| within(index.to_string(), value)).collect(),
        _ => Vec::new(),
    }
}

/// Bodies that are no JSON at all, or none that is read.
fn unreadable() -> [Vec<u8>; 6] {
    let deep = |depth| ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes();
    [b"{".to_vec(), b"{\"a\": \"\xff\xfe\"}".to_vec(), deep(40), deep(100_000), vec![b' '; 1_000_000], b"{\"a\":1,\"a\":2}\0".to_vec()]
}

both_engines! {
    fn bad_input_is_refused_and_changes_nothing(app: TestApp) {
        let examples: BTreeMap<String, Value> = serde_json::from_str(include_str!("../../api-spec/examples.json")).unwrap();
        let (ids, unit) = (casework(&app), app.coordinator());
        let mut writing = operations();
        writing.retain(|operation| ["POST", "PUT", "PATCH"].contains(&operation.method.as_str()));
        let before = rows(&app);
        let mut wrong = Vec::new();
        for operation in &writing {
            let path = filled(&operation.path, &ids);
            let ask = || Request::new(&operation.method, &path).header("Idempotency-Key", "hostile").header("If-Match", "\"1.0\"");
            let example = examples.get(&operation.id).map_or(&Value::Null, |example| &example["request"]);
            let spoilt = if example.is_object() { spoilt(example) } else { vec![json!([]), json!("text")] };
            let json = |body: &[u8]| ask().header("Content-Type", "application/json").body(body);
            let mut requests: Vec<Request> = spoilt.iter().map(|body| json(body.to_string().as_bytes())).collect();
            requests.extend(unreadable().iter().map(|body| json(body)));
            requests.push(ask().header("Content-Type", "text/plain").body("{}"));
            for request in requests {
                let answer = unit.send(request.clone());
                let is_problem = answer.header("content-type") == Some("application/problem+json");
                if !(400..500).contains(&answer.status) || !is_problem {
                    let sent: String = String::from_utf8_lossy(&request.body).chars().take(300).collect();
                    wrong.push(format!("{}: {sent}\n    {answer}", operation.id));
                }
            }
        }
        assert!(wrong.is_empty(), "{} were not refused:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(rows(&app), before, "a refused request changed something");
        // With NUL in the middle a text leaves it out and may be kept; what keeps it would be an error of PostgreSQL's.
        for operation in &writing {
            let example = examples.get(&operation.id).map_or(&Value::Null, |example| &example["request"]);
            for (number, pointer) in texts(example).iter().enumerate() {
                let mut spoilt = example.clone();
                let text = spoilt.pointer_mut(pointer).unwrap();
                *text = json!(format!("{}\u{0}b", text.as_str().unwrap()));
                let key = format!("nul-{number}");
                let ask = Request::new(&operation.method, &filled(&operation.path, &ids)).header("Idempotency-Key", &key);
                let ask = ask.header("If-Match", "\"1.0\"").header("Content-Type", "application/json");
                let answer = unit.send(ask.body(spoilt.to_string()));
                assert!(answer.status < 500, "{} {pointer}: {answer}", operation.id);
            }
        }
    }
}

both_engines! {
    fn a_bare_list_is_no_object_however_deep(app: TestApp) {
        let (unit, anybody) = (app.coordinator(), app.anybody());
        let refused = |answer: Answer, pointer: &str| {
            let flaw = answer.refused(422, "invalid")["errors"][0].clone();
            assert_eq!((&flaw["pointer"], &flaw["code"]), (&json!(pointer), &json!("wrong_type")));
        };
        let name = json!({"given": "Listerik", "family": "Prøve"});
        let people = |body: Value| unit.post("/v1/people", &body);
        refused(people(json!({"kind": "young_person", "name": ["Listerik", "Prøve"]})), "/name");
        let contact = json!(["sms", "+4520123456", null, null, false, false]);
        refused(people(json!({"kind": "young_person", "name": name, "contact": contact})), "/contact");
        refused(anybody.post("/v1/sign-ins", &json!({"name": "eva", "password": "hest", "device": ["phone", "x"]})), "/device");
        refused(anybody.post("/v1/sign-ins", &json!(["eva", "hest", {"kind": "phone", "label": "x"}])), "");
        let mut log = json!({"match_id": "99999999-9999-4999-8999-999999999999", "outcome": "held", "starts_at": app.clock.now(), "minutes": 30});
        log["next_appointment"] = json!(["2026-03-09T10:00:00Z", "2026-03-09T11:00:00Z", "in_person", null]);
        refused(unit.put("/v1/session-logs/88888888-8888-4888-8888-888888888888", "", &log), "/next_appointment");
    }
}

both_engines! {
    fn bad_addresses_and_credentials_are_refused(app: TestApp) {
        let (ids, unit, anybody) = (casework(&app), app.coordinator(), app.anybody());
        let mut wrong = Vec::new();
        let mut expect = |what: &str, answer: Answer| {
            if !(400..500).contains(&answer.status) || answer.header("content-type") != Some("application/problem+json") {
                wrong.push(format!("{what}: {answer}"));
            }
        };
        for operation in operations().iter().filter(|operation| operation.method == "GET" && !operation.is_public) {
            let path = filled(&operation.path, &ids);
            for query in ["no_such_filter=1", "limit=x", "limit=-1", "cursor=%00", "cursor=%ff%fe", "limit=1&limit=2"] {
                expect("a wrong query", unit.get(&format!("{path}?{query}")));
            }
            for id in ["x", "%00", "%ff", "..%2f..", "00000000-0000-4000-8000-00000000000g"] {
                let other = ids.keys().map(|name| (name.clone(), id.to_owned())).collect();
                if operation.path.contains('{') {
                    expect("a broken id", unit.get(&filled(&operation.path, &other)));
                }
            }
            for credential in ["Bearer", "Bearer forged", "Basic ZXZhOmtvcnJla3Q=", "Bearer ' OR 1=1 --"] {
                expect("a forged token", anybody.send(Request::new("GET", &path).header("Authorization", credential)));
            }
            expect("a wrong method", unit.send(Request::new("PROPFIND", &path)));
        }
        let token = unit.tokens()["access_token"].as_str().unwrap().to_owned();
        app.pass(chrono::TimeDelta::minutes(16));
        expect("an expired token", anybody.send(Request::new("GET", "/v1/me").header("Authorization", &format!("Bearer {token}"))));
        assert!(wrong.is_empty(), "{} were not refused:\n{}", wrong.len(), wrong.join("\n"));
    }
    /// A phone throws away what was wrong: what failed on our side is never called that.
    fn what_fails_on_our_side_is_no_wrong_request(app: TestApp) {
        let bearer = format!("Bearer {}", app.coordinator().tokens()["access_token"].as_str().unwrap());
        let (id, other) = ("0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a11", "0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a12");
        let at = |mut body: Value| {
            body["starts_at"] = json!("2026-03-11T15:00:00Z");
            body["ends_at"] = json!("2026-03-11T16:00:00Z");
            body["kind"] = json!("in_person");
            body
        };
        let free = format!("/v1/free-times?matches={id}&from=2026-03-11T08:00:00Z&until=2026-03-12T08:00:00Z");
        let post = |path: &str, body: Value| Request::new("POST", path).header("Idempotency-Key", path).json(&body);
        let asked = [
            ("matches", post("/v1/sessions", at(json!({"match_id": id})))),
            ("matches", post("/v1/series", json!({"match_id": id}))),
            ("matches", post("/v1/joint-sessions", at(json!({"match_ids": [id, other]})))),
            ("matches", Request::new("GET", &free)),
            ("courses", post("/v1/matches", json!({"course_id": id, "staff_id": other}))),
        ];
        for (table, request) in asked {
            let request = request.header("Authorization", &bearer);
            let wrong = request.send(app.address);
            assert_eq!(wrong.refused(422, "invalid")["errors"].as_array().unwrap().len(), 1, "{wrong}");
            app.run(&format!("ALTER TABLE {table} RENAME TO elsewhere"));
            let failed = request.send(app.address);
            app.run(&format!("ALTER TABLE elsewhere RENAME TO {table}"));
            assert!(failed.status >= 500, "{failed}");
        }
    }

    /// Whoever asks today for another day, or for a rehearsal, would take the answer for what they asked for.
    fn what_is_asked_where_nothing_can_be_asked_is_refused(app: TestApp) {
        let unit = app.coordinator();
        let flaw = |answer: Answer| {
            let error = answer.refused(422, "invalid")["errors"][0].clone();
            (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned())
        };
        let unknown = |name: &str| (format!("query/{name}"), "unknown_member".to_owned());
        assert_eq!(flaw(unit.get("/v1/me?date=2026-12-01")), unknown("date"));
        let person = json!({"kind": "parent", "name": {"given": "Ruthilde", "family": "Prøve"}});
        let before = app.count("people");
        assert_eq!(flaw(unit.post("/v1/people?dry_run=true", &person)), unknown("dry_run"));
        assert_eq!(app.count("people"), before);
        app.anybody().get("/v1/me?date=2026-12-01").refused(401, "unauthenticated");
    }

    fn a_query_is_bounded_and_an_id_has_one_form(app: TestApp) {
        let unit = app.coordinator();
        let many: Vec<String> = (0..65).map(|number| format!("p{number}=1")).collect();
        let answer = unit.get(&format!("/v1/duties?{}", many.join("&"))).refused(422, "invalid");
        assert_eq!((&answer["errors"][0]["pointer"], &answer["errors"][0]["code"]), (&json!("query"), &json!("too_many")));
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1);

        let boy = unit.person("young_person", "Bertramius", None);
        assert_eq!(unit.get(&format!("/v1/people/{}", boy.to_uppercase())).ok()["id"], json!(boy));
        for spelling in [boy.replace('-', ""), format!("urn:uuid:{boy}"), format!("%7B{boy}%7D")] {
            unit.get(&format!("/v1/people/{spelling}")).refused(404, "not_found");
            let filtered = unit.get(&format!("/v1/messages?person={spelling}"));
            assert_eq!(filtered.refused(422, "invalid")["errors"][0]["code"], "wrong_value", "{filtered}");
            let offered = json!({"case_id": spelling, "person_id": boy, "track": "mentor", "offered_at": app.clock.now(), "way": "meeting",
                "information": "Forklaret", "legal_basis": "consent"});
            let wrong = unit.post("/v1/offers", &offered).refused(422, "invalid")["errors"][0].clone();
            assert_eq!((&wrong["pointer"], &wrong["code"]), (&json!("/case_id"), &json!("wrong_value")), "{spelling}");
        }
    }
}
