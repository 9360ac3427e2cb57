//! How long somebody waits; a pair that both said yes to and that does not hold; the sentence and the languages of a pair put right; and a child
//! whose parent's address is protected.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::proposals::{flaw, propose, run};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::wishes::{accepted, waiting};

fn end(unit: &Caller<'_>, id: &str) {
    unit.post(&format!("/v1/matches/{id}/end"), &json!({"reason": "other"})).ok();
}

both_engines! {
    fn a_match_in_which_nobody_met_does_not_begin_the_wait_anew(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let waited = || unit.get("/v1/waiting-courses").ok()["items"][0]["waited_days"].clone();
        app.pass(TimeDelta::days(80));
        let mistaken = run(&unit, &one.course, &of_malte);
        app.pass(TimeDelta::minutes(30));
        end(&unit, &mistaken);
        assert_eq!(waited(), 80);
        // That another is wanted is said by the end of any match.
        assert_eq!(unit.get("/v1/waiting-courses").ok()["items"][0]["interest"]["said_at"], json!(app.clock.now()));

        let met = run(&unit, &one.course, &of_malte);
        app.pass(TimeDelta::hours(2));
        let held = json!({"match_id": met, "outcome": "held", "starts_at": app.clock.now().minus(TimeDelta::hours(1)), "minutes": 45,
            "written_at": app.clock.now(), "topics": ["school"], "facts": "De gik en tur ved åen"});
        assert_eq!(malte.put("/v1/session-logs/22222222-2222-4222-8222-222222222222", "", &held).status, 201);
        app.pass(TimeDelta::days(1));
        end(&unit, &met);
        assert_eq!(waited(), 0);
        app.pass(TimeDelta::days(3));
        let mistaken = run(&unit, &one.course, &of_malte);
        end(&unit, &mistaken);
        assert_eq!(waited(), 3, "from the end of the last in which they met");
    }

    fn a_pair_that_is_held_is_listed_and_due_the_next_working_day(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let pair = propose(&unit, &one.course, &malte);
        let wish = |vetoes: Value| unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"vetoes": vetoes})).ok();
        wish(json!([{"staff_id": malte, "by_person": true, "by_staff": false}]));
        let listed = |held: bool| {
            let items = unit.get(&format!("/v1/matches?held={held}")).ok()["items"].clone();
            items.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        unit.post(&format!("/v1/matches/{pair}/answer-for-person"), &json!({"accepted": true})).ok();
        assert_eq!((listed(true), listed(false)), (vec![], vec![pair.clone()]));
        assert_eq!(app.promise("proposal").1, "2026-03-16T22:59:59.999999Z");
        // A Friday evening.
        app.set_clock("2026-03-06T18:00:00Z");
        let said = unit.post(&format!("/v1/matches/{pair}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        assert_eq!(said["is_held"], true);
        assert_eq!((listed(true), listed(false)), (vec![pair.clone()], vec![]));
        assert_eq!(app.promise("proposal"), ("open".into(), "2026-03-09T22:59:59.999999Z".into(), None));
        wish(json!([]));
        unit.post(&format!("/v1/matches/{pair}/start"), &json!({})).ok();
        assert_eq!((listed(true), listed(false)), (vec![], vec![pair]));
        assert_eq!(app.promise("proposal").0, "done");
    }

    fn a_held_pair_that_expired_is_neither_listed_nor_forgotten(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let pair = propose(&unit, &one.course, &malte);
        unit.post(&format!("/v1/matches/{pair}/answer-for-person"), &json!({"accepted": true})).ok();
        let veto = json!({"vetoes": [{"staff_id": malte, "by_person": false, "by_staff": true}]});
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &veto).ok();
        app.set_clock("2026-03-18T08:00:00Z");
        app.tick();
        assert_eq!(app.promise("proposal").0, "ended", "only one had said yes");
        // The other yes, in time, comes only now: somebody is to look at it.
        let yes = json!({"accepted": true, "knows_person": false, "happened_at": "2026-03-15T08:00:00Z"});
        unit.post(&format!("/v1/matches/{pair}/answer"), &yes).ok();
        assert_eq!(app.promise("proposal"), ("open".into(), "2026-03-19T22:59:59.999999Z".into(), None));
        assert_eq!(unit.get("/v1/matches?held=true").ok()["items"], json!([]));
        end(&unit, &pair);
        assert_eq!(app.promise("proposal").0, "ended");
    }

    fn the_sentence_of_a_pair_is_put_right(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let proposal = json!({"course_id": one.course, "staff_id": of_malte, "sentence": "To der kan lide skat"});
        let path = format!("/v1/matches/{}", unit.post("/v1/matches", &proposal).id());
        let set = |sentence: Value| unit.patch(&path, "*", &json!({"sentence": sentence})).ok()["sentence"].clone();
        assert_eq!(set(json!("To der kan lide skak")), "To der kan lide skak");
        assert_eq!(malte.get(&path).ok()["sentence"], "To der kan lide skak");
        unit.patch(&path, "*", &json!({"length_min": 60})).ok();
        assert_eq!(malte.get(&path).ok()["sentence"], "To der kan lide skak", "what is absent stays");
        assert_eq!(set(Value::Null), Value::Null);
        malte.patch(&path, "*", &json!({"sentence": "Min egen"})).refused(403, "forbidden");
    }

    fn a_language_goes_by_one_code(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let (wishes, staff) = (format!("/v1/courses/{}/wishes", one.course), format!("/v1/staff/{malte}"));
        for wrong in ["ara", "som", "xq"] {
            let languages = json!({"languages": ["da", wrong]});
            for refused in [unit.put(&wishes, "*", &languages), unit.patch(&staff, "*", &languages)] {
                assert_eq!(flaw(&refused.refused(422, "invalid")), ("/languages/1", "unknown_language"), "{wrong}");
            }
            let member = json!({"name": "Storm Ravnkilde", "kinds": ["mentor"], "languages": [wrong], "municipality": "Byen", "capacity": 3});
            assert_eq!(flaw(&unit.post("/v1/staff", &member).refused(422, "invalid")).1, "unknown_language");
            let imagined = json!({"new_staff": [{"kinds": ["mentor"], "languages": [wrong], "capacity": 1}]});
            let refused = unit.post("/v1/matching-runs/what-if", &imagined).refused(422, "invalid");
            assert_eq!(flaw(&refused), ("/new_staff/0/languages/0", "unknown_language"));
        }
        unit.put(&wishes, "*", &json!({"languages": ["ckb", "ar"]})).ok();
        unit.patch(&staff, "*", &json!({"languages": ["ckb"]})).ok();
        let standing = unit.get(&format!("/v1/courses/{}/eligible-staff", one.course)).ok();
        assert_eq!(standing["items"][0]["exclusions"], json!([]));
    }

    fn a_child_has_no_place_while_a_custody_holders_is_protected(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let (wishes, place) = (format!("/v1/courses/{}/wishes", one.course), json!({"district": "north", "travel_limit_km": 3}));
        let own = accepted(&app, &unit, &one.case, &one.father, &one.father, "parent_coach");
        unit.put(&format!("/v1/staff/{malte}/profile"), "*", &json!({"district": "far", "travel_limit_km": 3})).ok();
        let exclusions = || unit.get(&format!("/v1/courses/{}/eligible-staff", one.course)).ok()["items"][0]["exclusions"].clone();
        let districts = || [&wishes, &format!("/v1/courses/{own}/wishes")].map(|path| unit.get(path).ok()["district"].clone());
        for path in [&wishes, &format!("/v1/courses/{own}/wishes")] {
            unit.put(path, "*", &place).ok();
        }
        assert_eq!((exclusions(), districts()), (json!(["travel"]), [json!("north"), json!("north")]));
        let protect = |protected: bool| unit.patch(&format!("/v1/people/{}", one.father), "*", &json!({"protected_address": protected})).ok();
        protect(true);
        assert_eq!((exclusions(), districts()), (json!([]), [Value::Null, Value::Null]));
        assert_eq!(flaw(&unit.put(&wishes, "*", &place).refused(422, "invalid")), ("/district", "protected_address"));
        assert_eq!(unit.get(&format!("/v1/people/{}", one.boy)).ok()["protected_address"], false);

        // Whoever holds custody from today on takes the place away, too; and who holds it no more does not.
        let mother = unit.person("parent", "Mathildur", None);
        unit.patch(&format!("/v1/people/{mother}"), "*", &json!({"protected_address": true})).ok();
        protect(false);
        unit.put(&wishes, "*", &place).ok();
        assert_eq!(districts()[0], "north");
        unit.set_custody(&one.boy, &[&one.father, &mother]);
        assert_eq!(districts()[0], Value::Null);
        app.pass(TimeDelta::days(1));
        unit.set_custody(&one.boy, &[&one.father]);
        unit.put(&wishes, "*", &place).ok();
        assert_eq!(districts()[0], "north");
    }
}
