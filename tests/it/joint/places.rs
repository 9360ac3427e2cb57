//! Where a joint session is, is hidden from all of its sides where the address of one who is met there is protected.

use serde_json::{Value, json};

use super::{joint, off, part};
use crate::sessions::{FIRST, SECOND, course, held, matched, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// Two children of one case, each with a mentor and a custody holder of their own; the second's has a coach.
struct Apart<'a> {
    unit: Caller<'a>,
    kid: String,
    mother: String,
    /// Of the kid, of the other child and of the father: whose it is, and the match.
    sides: [(Caller<'a>, String); 3],
}

fn apart(app: &TestApp) -> Apart<'_> {
    let unit = app.coordinator();
    let (kid, mother) = (unit.person("young_person", "Kunegundus", Some("2010-06-01")), unit.person("parent", "Alrunhilda", None));
    let (other, father) = (unit.person("young_person", "Leopoldina", Some("2009-06-01")), unit.person("parent", "Adalmundus", None));
    unit.set_custody(&kid, &[&mother]);
    unit.set_custody(&other, &[&father]);
    let case = app.founded_case(&unit, &[&kid, &other, &father]);
    let side = |name: &str, person: &str, holders: &[&str], is_mentor: bool| {
        let track = if is_mentor { "mentor" } else { "parent_coach" };
        let who = app.account(name, &[track]);
        let member = staff(app, &who, is_mentor);
        let id = matched(&unit, &who, &course(app, &unit, &case, person, holders, track), &member);
        (who, id)
    };
    let sides = [side("malte", &kid, &[&mother], true), side("nora", &other, &[&father], true), side("karla", &father, &[], false)];
    Apart { unit, kid, mother, sides }
}

impl Apart<'_> {
    fn protect(&self, person: &str, is_protected: bool) {
        self.unit.patch(&format!("/v1/people/{person}"), "*", &json!({"protected_address": is_protected})).ok();
    }

    /// A joint session of all three at a place.
    fn plan(&self, at: &str) -> Value {
        let matches: Vec<&str> = self.sides.iter().map(|(_, matched)| matched.as_str()).collect();
        let mut body = joint(&matches);
        body["place_code"] = json!(at);
        let planned = self.unit.post("/v1/joint-sessions", &body).ok();
        assert!(planned["sessions"].as_array().unwrap().iter().all(|part| part["place_code"] == at), "the unit sees it");
        planned
    }

    /// How many answers tell each side where it is: today, the list of sessions, its own part and the whole.
    fn told(&self, planned: &Value, at: &str) -> [usize; 3] {
        self.sides.each_ref().map(|(who, matched)| {
            let session = format!("/v1/sessions/{}", part(planned, matched)["id"].as_str().unwrap());
            let whole = format!("/v1/joint-sessions/{}", planned["id"].as_str().unwrap());
            let answers = ["/v1/today", "/v1/sessions", &session, &whole].map(|path| who.get(path).ok().to_string());
            answers.iter().filter(|answer| answer.contains(at)).count()
        })
    }
}

both_engines! {
    fn where_the_address_of_one_is_protected_no_side_is_shown_the_place(app: TestApp) {
        let apart = apart(&app);
        let planned = apart.plan("egernvang");
        assert_eq!(apart.told(&planned, "egernvang"), [4, 4, 4]);
        // Protected afterwards: the kid's own address, or the mother's.
        for person in [&apart.kid, &apart.mother] {
            apart.protect(person, true);
            assert_eq!(apart.told(&planned, "egernvang"), [0, 0, 0]);
            for (_, matched) in &apart.sides {
                let session = format!("/v1/sessions/{}", part(&planned, matched)["id"].as_str().unwrap());
                assert_eq!(apart.unit.get(&session).ok()["place_code"], "egernvang");
            }
            apart.protect(person, false);
        }
        assert_eq!(apart.told(&planned, "egernvang"), [4, 4, 4]);

        // Nor in what a leave leaves to decide.
        apart.protect(&apart.kid, true);
        let nora = &apart.sides[1].0;
        let of_nora = nora.get("/v1/me/staff").id();
        let away = json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"});
        let entered = nora.post(&format!("/v1/staff/{of_nora}/leaves"), &away).ok();
        let list = format!("/v1/staff/{of_nora}/leaves/{}/cover-list", entered["leaves"][0]["id"].as_str().unwrap());
        let told = |who: &Caller<'_>| who.get(&list).ok()["sessions"][0]["place_code"].clone();
        assert_eq!((told(nora), told(&apart.unit)), (Value::Null, json!("egernvang")));

        // Moved to another place while it is protected, as a session of the kid alone could be: stored, and told to the unit.
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z", "place_code": "skovbrynet"});
        apart.unit.post_if(&format!("/v1/joint-sessions/{}/move", planned["id"].as_str().unwrap()), "*", &there).ok();
        assert_eq!(apart.told(&planned, "skovbrynet"), [0, 0, 0]);
        apart.protect(&apart.kid, false);
        assert_eq!(apart.told(&planned, "skovbrynet"), [4, 4, 4]);
    }

    fn whose_part_is_off_hides_the_place_of_the_rest_no_more(app: TestApp) {
        let apart = apart(&app);
        apart.protect(&apart.kid, true);
        let planned = apart.plan("egernvang");
        let [(malte, kids), (nora, others), _] = &apart.sides;
        // What the others meet for alone is theirs.
        let alone = nora.post("/v1/sessions", &plan(others, "2026-03-13T15:00:00Z", "2026-03-13T16:00:00Z")).ok();
        assert_eq!((&alone["place_code"], apart.told(&planned, "egernvang")), (&json!("library"), [0, 0, 0]));
        // A part that is off would tell where the kid will be all the same.
        off(nora, &planned, others, "staff");
        assert_eq!(apart.told(&planned, "egernvang"), [0, 0, 0]);
        off(malte, &planned, kids, "staff");
        assert_eq!(apart.told(&planned, "egernvang"), [0, 4, 4]);
        malte.post(&format!("/v1/sessions/{}/restore", part(&planned, kids)["id"].as_str().unwrap()), &json!({})).ok();
        assert_eq!(apart.told(&planned, "egernvang"), [0, 0, 0]);
    }

    fn the_next_appointment_of_a_log_is_shown_at_no_place_that_is_hidden(app: TestApp) {
        let apart = apart(&app);
        let planned = apart.plan("egernvang");
        apart.protect(&apart.kid, true);
        app.set_clock("2026-03-04T17:00:00Z");
        let [(malte, kids), (nora, others), _] = &apart.sides;
        let log = |matched: &str, hour: &str, day: &str, place: &str| {
            let mut log = held(matched, &format!("2026-03-04T{hour}:00:00Z"), "2026-03-04T16:40:00Z");
            log["next_appointment"] = json!({"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z"), "place_code": place});
            log
        };
        let place = |stored: &Value| (stored["content"]["next_appointment"]["place_code"].clone(), stored["warnings"].clone());
        let hidden = (Value::Null, json!([]));
        // What is joint, at the kid's place; once more, so that there is an earlier version.
        let mut joint = log(others, "15", "11", "egernvang");
        assert_eq!(place(&nora.put(FIRST, "", &joint).ok()), hidden);
        joint["facts"] = json!("Vi spillede dam");
        for _ in 0..2 {
            assert_eq!(place(&nora.put(FIRST, "", &joint).ok()), hidden);
        }
        // What she meets the other for alone is theirs; the kid's is hidden, planned or not.
        let alone = nora.put(SECOND, "", &log(others, "12", "13", "library")).ok();
        assert_eq!(place(&alone), (json!("library"), json!([])));
        let third = FIRST.replace("11111111-1", "33333333-1");
        assert_eq!(place(&malte.put(&third, "", &log(kids, "15", "13", "egernvang")).ok()), hidden);
        for (who, paths) in [(nora, [FIRST, "/v1/session-logs"]), (malte, [third.as_str(), "/v1/session-logs"])] {
            for path in paths {
                assert!(!who.get(path).ok().to_string().contains("egernvang"), "{path}");
                assert!(apart.unit.get(path).ok().to_string().contains("egernvang"), "{path}");
            }
        }
        let versions = format!("{FIRST}/versions");
        assert!(!nora.get(&versions).ok().to_string().contains("egernvang"));
        assert!(apart.unit.get(&versions).ok().to_string().contains("egernvang"));
        // A phone that sends what it was shown moves nothing.
        (joint["facts"], joint["next_appointment"]["place_code"]) = (json!("Vi spillede ludo"), Value::Null);
        assert_eq!(place(&nora.put(FIRST, "", &joint).ok()), hidden);
        let session = format!("/v1/sessions/{}", part(&planned, others)["id"].as_str().unwrap());
        assert_eq!(apart.unit.get(&session).ok()["place_code"], "egernvang");
        apart.protect(&apart.kid, false);
        assert!(nora.get(&versions).ok().to_string().contains("egernvang"));
    }

    fn what_was_moved_since_shows_no_place_in_the_log_that_named_it(app: TestApp) {
        let apart = apart(&app);
        let planned = apart.plan("egernvang");
        apart.protect(&apart.kid, true);
        app.set_clock("2026-03-04T17:00:00Z");
        let (nora, others) = &apart.sides[1];
        let mut log = held(others, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
        log["next_appointment"] = json!({"starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z", "place_code": "egernvang"});
        assert_eq!(nora.put(FIRST, "", &log).ok()["warnings"], json!([]));
        let versions = format!("{FIRST}/versions");
        log["facts"] = json!("Vi spillede dam");
        nora.put(FIRST, "", &log).ok();
        // The whole, twice.
        for day in ["12", "13"] {
            let there = json!({"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z")});
            apart.unit.post_if(&format!("/v1/joint-sessions/{}/move", planned["id"].as_str().unwrap()), "*", &there).ok();
            for path in [FIRST, "/v1/session-logs", &versions] {
                assert!(!nora.get(path).ok().to_string().contains("egernvang"), "{path}, moved to the {day}");
                assert!(apart.unit.get(path).ok().to_string().contains("egernvang"), "{path}");
            }
        }
        apart.protect(&apart.kid, false);
        assert!(nora.get(FIRST).ok().to_string().contains("egernvang"));
    }
}
