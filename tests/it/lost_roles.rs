//! Whoever lost the role of a match's track, and has another: by that they see nothing of it, and all of it once they have the role again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::calendars::{account_with_mail, events};
use crate::proposals::{propose, run};
use crate::sessions::{FIRST, SECOND, held, plan};
use crate::staff_covers::away;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Request;
use crate::wishes::{accepted, waiting};

const MAILBOX: &str = "malte@example.org";
const BOTH: [&str; 2] = ["mentor", "parent_coach"];

fn set_roles(unit: &Caller<'_>, of: &Caller<'_>, roles: &[&str]) {
    unit.put(&format!("/v1/accounts/{}/roles", of.account_id()), "*", &json!({"roles": roles})).ok();
}

fn items(caller: &Caller<'_>, path: &str) -> Vec<Value> {
    caller.get(path).ok()["items"].as_array().unwrap().clone()
}

/// What reached the mailbox since this was last asked: method and session of each.
fn arrived(app: &TestApp) -> Vec<(String, String)> {
    app.tick();
    let mails = app.capture.to(MAILBOX);
    app.capture.clear();
    let parts = mails.iter().map(|mail| mail.message.calendar.clone().expect("an invitation"));
    parts.map(|part| (part.method, events(&part.text).remove(0).0)).collect()
}

both_engines! {
    fn whoever_lost_the_role_of_a_match_sees_nothing_of_it_by_another(app: TestApp) {
        let unit = app.coordinator();
        let malte = account_with_mail(&app, "malte", MAILBOX, "da");
        set_roles(&unit, &malte, &BOTH);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        unit.patch(&format!("/v1/staff/{of_malte}"), "*", &json!({"kinds": BOTH})).ok();
        let matched = run(&unit, &one.course, &of_malte);
        let father = unit.person("parent", "Steingerdur", None);
        let case = app.founded_case(&unit, &[&father]);
        let coaching = run(&unit, &accepted(&app, &unit, &case, &father, &father, "parent_coach"), &of_malte);
        malte.patch("/v1/me/calendar", &malte.get("/v1/me/calendar").tag(), &json!({"invitations": true})).ok();
        let made = malte.send(Request::new("POST", "/v1/me/calendar/feed").header("Idempotency-Key", "feed-of-both")).ok();
        let feed = made["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        let at = |day: u32, hour: u32| format!("2026-03-{day:02}T{hour}:00:00Z");
        let planned = |matched: &str, day: u32, hour: u32| malte.post("/v1/sessions", &plan(matched, &at(day, hour), &at(day, hour + 1))).id();
        let (first, next, other) = (planned(&matched, 4, 15), planned(&matched, 11, 15), planned(&coaching, 11, 10));
        assert_eq!(arrived(&app).len(), 3);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&matched, &at(4, 15), "2026-03-04T16:40:00Z");
        malte.put(FIRST, "", &log).ok();

        let duty = items(&malte, &format!("/v1/duties?match={matched}"))[0]["id"].as_str().unwrap().to_owned();
        let singles = [
            format!("/v1/matches/{matched}"),
            format!("/v1/matches/{matched}/rhythm"),
            format!("/v1/courses/{}", one.course),
            format!("/v1/people/{}", one.boy),
            format!("/v1/people/{}/times", one.boy),
            format!("/v1/sessions/{first}"),
            format!("/v1/sessions/{next}"),
            format!("/v1/sessions/{next}/changes"),
            FIRST.to_owned(),
            format!("{FIRST}/versions"),
            format!("/v1/duties/{duty}"),
        ];
        let shown = || {
            let lists = ["matches", "courses", "people", "sessions", "session-logs", "duties", "duties?state=done"];
            let today = malte.get("/v1/today").ok();
            let carried = ["matches", "sessions", "ended"].map(|name| today[name].as_array().unwrap().len());
            let calendar = String::from_utf8(app.anybody().get(&feed).body).unwrap();
            (lists.map(|list| items(&malte, &format!("/v1/{list}")).len()), carried, events(&calendar).len())
        };
        let all = ([2, 2, 2, 3, 1, 2, 1], [2, 3, 0], 3);
        assert_eq!(shown(), all);
        for path in &singles {
            malte.get(path).ok();
        }

        set_roles(&unit, &malte, &["parent_coach"]);
        assert_eq!(app.promise("unseen_match").0, "open");
        assert_eq!(shown(), ([1, 1, 1, 1, 0, 1, 0], [1, 1, 0], 1), "whom he coaches");
        for path in &singles {
            malte.get(path).refused(404, "not_found");
        }
        malte.get(&format!("/v1/sessions/{other}")).ok();
        malte.post(&format!("/v1/sessions/{next}/cancel"), &json!({"by": "person"})).refused(404, "not_found");
        malte.post(&format!("/v1/people/{}/link-choices", one.boy), &json!({"wants_links": true})).refused(404, "not_found");
        let refused = malte.post("/v1/sessions", &plan(&matched, &at(18, 15), &at(18, 16))).refused(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "unknown_match");
        // What his phone kept is heard, and shows him nothing.
        log["facts"] = json!("Vi gik en tur");
        for (path, log) in [(FIRST, &log), (SECOND, &held(&matched, &at(3, 10), "2026-03-03T11:30:00Z"))] {
            assert_eq!(malte.put(path, "", log).status, 202);
            malte.get(path).refused(404, "not_found");
            assert_eq!(unit.get(path).ok()["in_tray"], true);
        }
        // Out of his calendar, and nothing more of it comes there.
        assert_eq!(arrived(&app), [("CANCEL".to_owned(), next.clone())]);
        let path = format!("/v1/sessions/{next}");
        unit.post_if(&format!("{path}/move"), &unit.get(&path).tag(), &json!({"starts_at": at(12, 15), "ends_at": at(12, 16)})).ok();
        assert!(arrived(&app).is_empty());

        set_roles(&unit, &malte, &BOTH);
        assert_eq!(app.promise("unseen_match").0, "ended");
        let with_the_other_log = ([2, 2, 2, 4, 2, 2, 1], [2, 4, 0], 4);
        assert_eq!(shown(), with_the_other_log);
        for path in &singles {
            malte.get(path).ok();
        }
        assert_eq!(arrived(&app), [("REQUEST".to_owned(), next)]);
    }

    fn a_covered_session_goes_with_the_role_too(app: TestApp) {
        let away = away(&app);
        let (unit, vita) = (&away.family.unit, &away.vita);
        let sune = app.account("sune", &["supervisor"]);
        unit.post(&format!("/v1/matches/{}/supervision", away.family.mentoring), &json!({"account_id": sune.account_id()})).ok();
        set_roles(unit, vita, &BOTH);
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        let (session, person) = (format!("/v1/sessions/{}", away.sessions[0]), format!("/v1/people/{}", away.family.boy));
        let shown = || {
            let today = vita.get("/v1/today").ok();
            let carried = ["matches", "covered", "sessions", "duties"].map(|name| today[name].as_array().unwrap().len());
            ([&session, &person].map(|path| vita.get(path).status), carried, items(vita, "/v1/duties").len())
        };
        let all = ([200, 200], [1, 1, 1, 1], 1);
        assert_eq!(shown(), all);
        set_roles(unit, vita, &["parent_coach"]);
        assert_eq!(shown(), ([404, 404], [0, 0, 0, 0], 0));
        set_roles(unit, vita, &BOTH);
        assert_eq!(shown(), all);
        // The log of it is heard.
        set_roles(unit, vita, &["parent_coach"]);
        let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z");
        log["session_id"] = json!(away.sessions[0]);
        assert_eq!(vita.put(FIRST, "", &log).status, 202);
        vita.get(FIRST).refused(404, "not_found");

        // What an earlier version wrote has no role, and is seen as it was; the migration gives it the one of its match.
        let roles = || app.lines("SELECT kind || ' ' || coalesce(role, 'none') AS line FROM relations ORDER BY 1");
        let given = roles();
        for expected in ["covers mentor", "runs mentor", "runs parent_coach", "supervises supervisor"] {
            assert!(given.iter().any(|line| line == expected), "{given:?}");
        }
        app.run("UPDATE relations SET role = NULL");
        assert_eq!(vita.get(FIRST).status, 200);
        let migration = include_str!("../../migrations/0076_relations_role/up.sql");
        migration.split(';').map(str::trim).filter(|statement| statement.starts_with("UPDATE")).for_each(|statement| app.run(statement));
        assert_eq!(roles(), given);
        vita.get(FIRST).refused(404, "not_found");
        set_roles(unit, vita, &BOTH);
        vita.get(FIRST).ok();
    }

    fn a_proposal_is_answered_in_the_role_that_it_takes(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &BOTH);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let answer = format!("/v1/matches/{}/answer", propose(&unit, &one.course, &of_malte));
        let no = json!({"accepted": false, "reason": "no_time"});
        set_roles(&unit, &malte, &["parent_coach"]);
        malte.post(&answer, &no).refused(404, "not_found");
        // Nor when it is over, and whoever was asked may still say no.
        app.pass(TimeDelta::days(30));
        malte.post(&answer, &no).refused(404, "not_found");
        set_roles(&unit, &malte, &BOTH);
        malte.post(&answer, &no).ok();
    }
}
