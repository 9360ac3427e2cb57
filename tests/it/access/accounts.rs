//! Accounts of others: made, listed, given roles, closed.

use makker::access::Role;
use serde_json::json;

use super::count;
use crate::support::TestApp;
use crate::support::caller::PASSWORD;
use crate::support::http::Request;

both_engines! {
    fn a_coordinator_makes_accounts_and_nobody_else_does(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let body = json!({"name": "Bo.Berg", "display_name": "Bo Berg", "email": "bo@kommune.dk", "language": "en", "roles": ["mentor"], "password": PASSWORD});
        let made = unit.post("/v1/accounts", &body);
        let id = made.id();
        assert_eq!(made.header("location"), Some(&*format!("/v1/accounts/{id}")));
        assert_eq!(unit.get(&format!("/v1/accounts/{id}")).ok()["display_name"], "Bo Berg");
        assert_eq!(count(&mut app.database.connect(), "accounts WHERE name = 'bo.berg'"), 1);
        app.tokens("bo.berg", "phone");

        let with = |member: &str, value: serde_json::Value| {
            let mut body = body.clone();
            body[member] = value;
            unit.post("/v1/accounts", &body)
        };
        with("name", "BO.BERG".into()).refused(409, "already_exists");
        for (member, value, pointer) in [
            ("name", json!("bo berg"), "/name"),
            ("password", json!("kort"), "/password"),
            ("roles", json!([]), "/roles"),
            ("roles", json!(["king"]), "/roles/0"),
            ("roles", json!(["partner"]), "/agency_id"),
            ("agency_id", json!(id), "/roles"),
            ("email", json!("bo"), "/email"),
        ] {
            let mut body = body.clone();
            body["name"] = "another".into();
            body[member] = value;
            assert_eq!(unit.post("/v1/accounts", &body).refused(422, "invalid")["errors"][0]["pointer"], pointer, "{member}");
        }
        let mentor = app.at_desk("bo.berg");
        mentor.post("/v1/accounts", &body).refused(403, "forbidden");
        mentor.get("/v1/accounts").refused(403, "forbidden");
        mentor.get(&format!("/v1/accounts/{id}")).refused(403, "forbidden");
        app.anybody().post("/v1/accounts", &body).refused(401, "unauthenticated");
    }

    fn roles_hold_with_the_next_request(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let id = app.enrol("bo", &[Role::Mentor]);
        let bo = app.at_desk("bo");
        bo.get("/v1/accounts").refused(403, "forbidden");
        let path = format!("/v1/accounts/{id}");
        let tag = unit.get(&path).tag();
        app.set_clock("2026-03-02T08:01:00Z");
        let set = |tag: &str, roles| unit.put(&format!("{path}/roles"), tag, &json!({"roles": roles}));
        set("", json!(["coordinator"])).refused(428, "precondition_required");
        set("\"9.x\"", json!(["coordinator"])).refused(412, "stale_version");
        set(&tag, json!(["partner"])).refused(422, "invalid");
        assert_eq!(set(&tag, json!(["mentor", "coordinator"])).ok()["roles"], json!(["coordinator", "mentor"]));
        bo.get("/v1/accounts").ok();
        app.set_clock("2026-03-02T08:02:00Z");
        set("*", json!(["mentor"])).ok();
        bo.get("/v1/accounts").refused(403, "forbidden");
        assert_eq!(count(&mut app.database.connect(), "account_roles WHERE until_at IS NOT NULL"), 1, "roles are dated");
    }

    fn the_last_coordinator_stays(app: TestApp) {
        let id = app.enrol("unit", &[Role::Coordinator]);
        let unit = app.at_desk("unit");
        let path = format!("/v1/accounts/{id}");
        unit.post(&format!("{path}/disable"), &json!({})).refused(409, "blocked");
        unit.put(&format!("{path}/roles"), "*", &json!({"roles": ["mentor"]})).refused(409, "blocked");
        let other = app.somebody("other", Role::Coordinator);
        unit.post(&format!("{path}/disable"), &json!({})).ok();
        unit.get("/v1/me").refused(401, "unauthenticated");
        app.try_sign_in("unit", PASSWORD, "desk").refused(401, "wrong_credentials");
        assert_eq!(other.post(&format!("{path}/disable"), &json!({})).ok()["version"], 2, "again changes nothing");
        assert_eq!(other.get("/v1/accounts?disabled=true").ok()["items"].as_array().unwrap().len(), 1);
        // Opened again it is what it was, and signed in nowhere.
        assert_eq!(other.post(&format!("{path}/enable"), &json!({})).ok()["disabled_at"], json!(null));
        assert_eq!(other.post(&format!("{path}/enable"), &json!({})).ok()["version"], 3, "again changes nothing");
        unit.get("/v1/me").refused(401, "unauthenticated");
        app.at_desk("unit").get("/v1/accounts").ok();
    }

    fn lists_are_filtered_and_paged(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let entered = unit.post("/v1/agencies", &json!({"name": "Nørrebro Skole", "kind": "school"}));
        let agency = entered.id();
        assert_eq!(unit.get(entered.header("location").unwrap()).ok(), entered.ok());
        for n in 0..3 {
            let body = json!({"name": format!("partner{n}"), "display_name": "Partner", "roles": ["partner"], "agency_id": agency, "password": PASSWORD});
            unit.post("/v1/accounts", &body).ok();
        }
        let names = |query: &str| {
            let answer = unit.get(&format!("/v1/accounts{query}"));
            let names: Vec<String> = answer.ok()["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
            (names, answer.header("link").map(str::to_owned))
        };
        assert_eq!(names("").0.len(), 4);
        assert_eq!(names("?role=coordinator").0, ["unit"]);
        assert_eq!(names("?role=mentor").0, [""; 0]);
        let (first, link) = names(&format!("?agency_id={agency}&limit=2"));
        let link = link.unwrap();
        let (rest, end) = names(link.trim_start_matches("</v1/accounts").split('>').next().unwrap());
        assert_eq!((first.len(), rest.len(), end), (2, 1, None));
        unit.get("/v1/accounts?colour=red").refused(422, "invalid");
        assert_eq!(unit.get("/v1/agencies?kind=school").ok()["items"][0]["name"], "Nørrebro Skole");
        assert!(unit.get("/v1/agencies?kind=police").ok()["items"].as_array().unwrap().is_empty());
    }

    fn the_same_call_makes_one_account(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let body = |name: &str| json!({"name": name, "display_name": "Bo Berg", "roles": ["mentor"], "password": PASSWORD});
        let send = |key: &str, name: &str| unit.send(Request::new("POST", "/v1/accounts").header("Idempotency-Key", key).json(&body(name)));
        let made = send("one", "bo");
        assert_eq!(send("one", "bo").id(), made.id());
        send("one", "carl").refused(422, "idempotency_key_reused");
        send("two", "bo").refused(409, "already_exists");
        assert_eq!(send("two", "carl").status, 201, "only success is kept");
        let ids: Vec<String> = std::thread::scope(|scope| {
            let four: Vec<_> = (0..4).map(|_| scope.spawn(|| send("three", "dora").id())).collect();
            four.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "whoever comes second waits and is answered alike");
        assert_eq!(count(&mut app.database.connect(), "accounts"), 4);
    }

    fn a_match_that_nobody_sees_gets_no_supervisor(app: TestApp) {
        let path = "/v1/matches/0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a11/supervision";
        let unit = app.somebody("unit", Role::Coordinator);
        unit.post(path, &json!({"account_id": null})).refused(404, "not_found");
        app.somebody("bo", Role::Supervisor).post(path, &json!({"account_id": null})).refused(403, "forbidden");
    }
}
