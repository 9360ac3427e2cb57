//! The best set for everybody who waits: found, explained, adopted pair by pair; and what-ifs that leave no trace.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::sql_types::Text;
use makker::base::db::DatabaseUrl;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::rows;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

/// An accepted course of somebody with one custody holder, or of that holder.
fn accepted(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str, holder: &str, track: &str) -> String {
    let now = app.clock.now();
    let made = unit.post("/v1/offers", &offer(case, person, track, now)).id();
    let mut givers = vec![person, holder];
    givers.dedup();
    for giver in givers {
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
    }
    unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id()
}

/// Children of one father with accepted mentor courses, one after the other; and the case and father.
fn family(app: &TestApp, unit: &Caller<'_>, names: &[&str]) -> (Vec<String>, String, String) {
    // A name of his own, or the sweep over names could not tell one father from another.
    let father = unit.person("parent", &names[0].chars().rev().collect::<String>(), None);
    let children: Vec<String> = names.iter().map(|name| unit.person("young_person", name, Some("2010-05-01"))).collect();
    children.iter().for_each(|child| unit.set_custody(child, &[&father]));
    let everybody: Vec<&str> = children.iter().chain([&father]).map(String::as_str).collect();
    let case = app.founded_case(unit, &everybody);
    let course = |child: &String| {
        app.pass(TimeDelta::seconds(1));
        accepted(app, unit, &case, child, &father, "mentor")
    };
    (children.iter().map(course).collect(), case, father)
}

/// A boy alone, with an accepted mentor course.
pub fn boy(app: &TestApp, unit: &Caller<'_>, name: &str) -> String {
    family(app, unit, &[name]).0.remove(0)
}

pub fn mentor(unit: &Caller<'_>, capacity: i32) -> String {
    let id = unit.staff("mentor", None);
    unit.patch(&format!("/v1/staff/{id}"), "*", &json!({"capacity": capacity})).ok();
    id
}

pub fn find(unit: &Caller<'_>, body: &Value) -> Value {
    unit.post("/v1/matching-runs", body).ok()
}

/// The lines of a run.
pub fn lines(unit: &Caller<'_>, run: &Value, query: &str) -> Vec<Value> {
    let path = format!("/v1/matching-runs/{}/lines{query}", run["id"].as_str().unwrap());
    unit.get(&path).ok()["items"].as_array().unwrap().clone()
}

/// Course to member of staff, of a run's lines.
fn pairs(unit: &Caller<'_>, run: &Value) -> BTreeMap<String, Option<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    lines(unit, run, "").iter().map(|line| (text(&line["course_id"]).unwrap(), text(&line["staff_id"]))).collect()
}

fn flaws(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    problem["errors"].as_array().unwrap().iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

fn flaw(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

both_engines! {
    fn a_run_is_found_read_and_adopted_pair_by_pair(app: TestApp) {
        let unit = app.coordinator();
        let (first, second, third) = (boy(&app, &unit, "Albertus"), boy(&app, &unit, "Bertramius"), boy(&app, &unit, "Cornelius"));
        let (malte, nora) = (mentor(&unit, 1), mentor(&unit, 1));
        app.pass(TimeDelta::days(3));
        let run = find(&unit, &json!({}));
        assert_eq!((&run["state"], &run["waiting"], &run["places"], &run["matched"]), (&json!("draft"), &json!(3), &json!(2), &json!(2)));
        // Nobody ranks above another: whoever waits longest has somebody, the first the first.
        let mut staff = [malte.clone(), nora.clone()];
        staff.sort();
        let expected = [(first.clone(), Some(staff[0].clone())), (second.clone(), Some(staff[1].clone())), (third.clone(), None)];
        assert_eq!(pairs(&unit, &run), expected.into());
        let all = lines(&unit, &run, "");
        assert_eq!((&all[0]["claim"], &all[0]["bonus"], &all[0]["ranking"]["score"]), (&json!(15), &json!(0), &json!(150)));
        assert_eq!((&all[0]["points"], &run["total"]), (&json!(165), &json!(330)));
        let alone = lines(&unit, &run, "?matched=false");
        assert_eq!((alone.len(), &alone[0]["course_id"], &alone[0]["taken"], &alone[0]["excluded"]), (1, &json!(third), &json!(2), &json!([])));
        let changes: Vec<(&str, Option<&str>)> = alone[0]["changes"].as_array().unwrap().iter()
            .map(|change| (change["kind"].as_str().unwrap(), change["staff_id"].as_str())).collect();
        assert_eq!(changes, [("place", Some(staff[0].as_str())), ("place", Some(staff[1].as_str())), ("newcomer", None)]);
        assert_eq!(alone[0]["changes"][2]["languages"], json!(["da"]));
        assert_eq!(lines(&unit, &run, "?matched=true&limit=1").len(), 1);
        assert_eq!(find(&unit, &json!({}))["facts_hash"], run["facts_hash"], "alike for alike facts");

        let adopt = format!("/v1/matching-runs/{}/adopt", run["id"].as_str().unwrap());
        let nothing = unit.post(&adopt, &json!({"course_ids": []})).refused(422, "invalid");
        assert_eq!(flaws(&nothing), flaw("/course_ids", "empty"));
        for (chosen, at, code) in [(json!([first, third]), 1, "no_pair"), (json!([first, first]), 1, "repeated"), (json!([run["id"]]), 0, "not_in_run")] {
            let refused = unit.post(&adopt, &json!({"course_ids": chosen})).refused(422, "invalid");
            assert_eq!(flaws(&refused), flaw(&format!("/course_ids/{at}"), code));
        }
        assert_eq!(unit.get("/v1/matches").ok()["items"], json!([]), "all or none");
        unit.post(&format!("/v1/staff/{}/leave", staff[1]), &json!({"happened_at": app.clock.now()})).ok();
        let stale = unit.post(&adopt, &json!({"course_ids": [first, second]})).refused(422, "invalid");
        assert_eq!(flaws(&stale), flaw("/course_ids/1", "left"));
        assert_eq!(unit.get("/v1/matches").ok()["items"], json!([]));
        let adopted = unit.post(&adopt, &json!({"course_ids": [first], "sentence": "To der kan lide skak"})).ok();
        assert_eq!((&adopted["state"], &adopted["adopted_at"]), (&json!("adopted"), &json!(app.clock.now())));
        assert_eq!(unit.get(&format!("/v1/matching-runs/{}", run["id"].as_str().unwrap())).ok(), adopted);
        unit.get(&format!("/v1/matching-runs/{first}")).refused(404, "not_found");
        let proposed = &unit.get("/v1/matches").ok()["items"][0];
        assert_eq!((&proposed["course_id"], &proposed["staff_id"], &proposed["state"]), (&json!(first), &json!(staff[0]), &json!("proposed")));
        assert_eq!(lines(&unit, &run, "")[0]["match_id"], proposed["id"]);
        let again = unit.post(&adopt, &json!({"course_ids": [first]})).refused(422, "invalid");
        assert_eq!(flaws(&again), flaw("/course_ids/0", "no_pair"));
        assert_eq!(unit.get("/v1/matching-runs").ok()["items"].as_array().unwrap().len(), 2);
    }

    fn who_waits_longer_comes_first_and_an_adopted_pair_stays(app: TestApp) {
        let unit = app.coordinator();
        let first = boy(&app, &unit, "Albertus");
        app.pass(TimeDelta::days(10));
        let second = boy(&app, &unit, "Bertramius");
        let malte = mentor(&unit, 1);
        // The second fits much better, the first waits: 150 against 50 points.
        let wish = |course: &str, wishes: Value| unit.put(&format!("/v1/courses/{course}/wishes"), "*", &wishes).ok();
        wish(&second, json!({"interests": ["music"]}));
        unit.put(&format!("/v1/staff/{malte}/profile"), "*", &json!({"interests": ["music"]})).ok();
        let run = find(&unit, &json!({}));
        assert_eq!(pairs(&unit, &run)[&second].as_ref(), Some(&malte), "10 days are 50 points, the interest 100");
        app.pass(TimeDelta::days(1));
        wish(&second, json!({}));
        assert_eq!(pairs(&unit, &find(&unit, &json!({})))[&first].as_ref(), Some(&malte), "alike, the longer wait counts");
        let nora = mentor(&unit, 1);
        let adopt = format!("/v1/matching-runs/{}/adopt", run["id"].as_str().unwrap());
        unit.post(&adopt, &json!({"course_ids": [second]})).ok();
        let proposed = unit.get("/v1/matches").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/matches/{proposed}/end"), &json!({"reason": "other"})).ok();
        let later = find(&unit, &json!({}));
        assert_eq!(pairs(&unit, &later), [(first, Some(nora)), (second.clone(), Some(malte))].into());
        let line = lines(&unit, &later, "").into_iter().find(|line| line["course_id"] == json!(second)).unwrap();
        assert_eq!(line["bonus"], 100);
    }

    fn a_family_has_different_people_unless_somebody_asks(app: TestApp) {
        let unit = app.coordinator();
        let (children, case, father) = family(&app, &unit, &["Albertus", "Bertramius"]);
        let both = mentor(&unit, 2);
        unit.patch(&format!("/v1/staff/{both}"), "*", &json!({"kinds": ["mentor", "parent_coach"]})).ok();
        app.pass(TimeDelta::seconds(1));
        let fathers = accepted(&app, &unit, &case, &father, &father, "parent_coach");
        let run = find(&unit, &json!({}));
        assert_eq!(run["matched"], 1, "one person for one of the family");
        let other = mentor(&unit, 1);
        let mut staff = [both.clone(), other];
        staff.sort();
        let expected = [(children[0].clone(), Some(staff[0].clone())), (children[1].clone(), Some(staff[1].clone())), (fathers.clone(), None)];
        assert_eq!(pairs(&unit, &find(&unit, &json!({}))), expected.into(), "who waits longer, then by id");

        let asked = find(&unit, &json!({"same_mentor": [children]}));
        let same = pairs(&unit, &asked);
        assert_eq!((&same[&children[0]], &same[&children[1]], &same[&fathers]), (&Some(both.clone()), &Some(both.clone()), &None));
        let adopt = format!("/v1/matching-runs/{}/adopt", asked["id"].as_str().unwrap());
        unit.post(&adopt, &json!({"course_ids": children})).ok();
        let proposed = unit.get("/v1/matches").ok()["items"].as_array().unwrap().clone();
        assert_eq!(proposed.iter().map(|matched| &matched["same_family"]).collect::<Vec<_>>(), [true, true], "it says that somebody asked for it");

        let wish = json!([fathers, children[0]]);
        for (wishes, pointer, code) in [
            (json!(vec![&wish; 21]), "/same_mentor", "too_many"),
            (json!([[fathers, fathers]]), "/same_mentor/0", "too_few"),
            (json!([[fathers, case]]), "/same_mentor/0/1", "not_waiting"),
        ] {
            let refused = unit.post("/v1/matching-runs", &json!({"same_mentor": wishes})).refused(422, "invalid");
            assert_eq!(flaws(&refused), flaw(pointer, code));
        }
    }

    fn pins_and_forbidden_pairs_are_kept_or_refused(app: TestApp) {
        let unit = app.coordinator();
        let (first, second) = (boy(&app, &unit, "Albertus"), boy(&app, &unit, "Bertramius"));
        let malte = mentor(&unit, 1);
        let pair = |course: &str, staff: &str| json!({"course_id": course, "staff_id": staff});
        let run = find(&unit, &json!({"pins": [pair(&second, &malte)]}));
        assert_eq!(pairs(&unit, &run), [(first.clone(), None), (second.clone(), Some(malte.clone()))].into());
        assert_eq!((&lines(&unit, &run, "?matched=true")[0]["is_pinned"], &run["pins"]), (&json!(true), &json!([pair(&second, &malte)])));
        let run = find(&unit, &json!({"forbidden": [pair(&first, &malte)]}));
        assert_eq!(pairs(&unit, &run), [(first.clone(), None), (second.clone(), Some(malte.clone()))].into());
        for (body, pointer, code) in [
            (json!({"pins": [pair(&malte, &malte)]}), "/pins/0/course_id", "not_waiting"),
            (json!({"forbidden": [pair(&first, &first)]}), "/forbidden/0/staff_id", "unknown_staff"),
        ] {
            assert_eq!(flaws(&unit.post("/v1/matching-runs", &body).refused(422, "invalid")), flaw(pointer, code));
        }
        let both = json!({"pins": [pair(&first, &malte), pair(&second, &malte)]});
        let crowded = [flaw("/pins/0", "cannot_all_hold"), flaw("/pins/1", "cannot_all_hold")].concat();
        assert_eq!(flaws(&unit.post("/v1/matching-runs", &both).refused(422, "invalid")), crowded);
        let both = json!({"pins": [pair(&second, &malte)], "forbidden": [pair(&first, &malte), pair(&second, &malte)]});
        assert_eq!(flaws(&unit.post("/v1/matching-runs", &both).refused(422, "invalid")), flaw("/pins/0", "cannot_all_hold"));
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"languages": ["so"]})).ok();
        let refused = unit.post("/v1/matching-runs", &json!({"pins": [pair(&first, &malte)]})).refused(422, "invalid");
        assert_eq!(flaws(&refused), flaw("/pins/0/staff_id", "language"));
        let alone = lines(&unit, &find(&unit, &json!({})), "");
        assert_eq!(alone[0]["excluded"], json!([{"exclusion": "language", "count": 1}]));
    }

    fn who_is_named_lifts_their_own_limit_and_no_siblings(app: TestApp) {
        let unit = app.coordinator();
        let (children, ..) = family(&app, &unit, &["Albertus", "Bertramius", "Cornelius"]);
        let malte = mentor(&unit, 3);
        for child in &children[..2] {
            let id = unit.post("/v1/matches", &json!({"course_id": child, "staff_id": malte, "same_family": true})).id();
            unit.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
            unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok();
        }
        let wish = |named: &[&String]| find(&unit, &json!({"same_mentor": [named]}));
        let one = wish(&[&children[2], &children[0]]);
        assert_eq!((&pairs(&unit, &one)[&children[2]], &lines(&unit, &one, "")[0]["excluded"][0]["exclusion"]), (&None, &json!("sibling")));
        let all = wish(&[&children[2], &children[0], &children[1]]);
        assert_eq!(pairs(&unit, &all)[&children[2]], Some(malte));
        unit.post(&format!("/v1/matching-runs/{}/adopt", all["id"].as_str().unwrap()), &json!({"course_ids": [children[2]]})).ok();
    }

    fn a_change_is_said_only_where_it_helps(app: TestApp) {
        let unit = app.coordinator();
        let kinds = |course: &str, run: &Value| -> Vec<(String, Value)> {
            let line = lines(&unit, run, "").into_iter().find(|line| line["course_id"] == course).unwrap();
            let changes = line["changes"].as_array().unwrap().clone();
            changes.iter().map(|change| (change["kind"].as_str().unwrap().to_owned(), change["district"].clone())).collect()
        };
        let newcomer = |district: Value| vec![("newcomer".to_owned(), district)];
        // One more place with whoever has two too many helps nobody.
        let (first, second) = (boy(&app, &unit, "Albertus"), boy(&app, &unit, "Bertramius"));
        let malte = mentor(&unit, 2);
        for course in [&first, &second] {
            unit.post("/v1/matches", &json!({"course_id": course, "staff_id": malte})).ok();
        }
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"capacity": 1})).ok();
        let third = boy(&app, &unit, "Cornelius");
        let run = find(&unit, &json!({}));
        assert_eq!((kinds(&third, &run), &run["places"]), (newcomer(Value::Null), &json!(0)));
        // Nobody meets whoever can never meet.
        let person = lines(&unit, &run, "")[0]["person_id"].as_str().unwrap().to_owned();
        let never: Vec<Value> = (1..=7).map(|day| json!({"weekday": day, "from_min": 0, "until_min": 1440})).collect();
        unit.put(&format!("/v1/people/{person}/times"), "*", &json!({"never": never})).ok();
        assert_eq!(kinds(&third, &find(&unit, &json!({}))), []);
        // For siblings who are to have the same it is where both are in reach; and one more helps whom one more can help.
        let (children, ..) = family(&app, &unit, &["Desiderius", "Emmerichus"]);
        let wish = |course: &str, district: &str, km: i32| {
            unit.put(&format!("/v1/courses/{course}/wishes"), "*", &json!({"district": district, "travel_limit_km": km})).ok();
        };
        wish(&children[0], "centre", 4);
        wish(&children[1], "north", 3);
        let run = find(&unit, &json!({"same_mentor": [children]}));
        assert_eq!((kinds(&children[0], &run), kinds(&children[1], &run)), (newcomer(json!("north")), newcomer(json!("north"))));
        wish(&children[0], "centre", 3);
        assert_eq!(kinds(&children[0], &find(&unit, &json!({"same_mentor": [children]}))), []);
        wish(&children[1], "centre", 3);
        let helps = |run: &Value| -> Vec<(Value, Value)> {
            run["needs"].as_array().unwrap().iter().map(|need| (need["district"].clone(), need["helps"].clone())).collect()
        };
        assert_eq!(helps(&find(&unit, &json!({}))), [(json!("centre"), json!(2))]);
        wish(&children[1], "far", 3);
        assert_eq!(helps(&find(&unit, &json!({}))), [(json!("centre"), json!(1)), (json!("far"), json!(1))]);
    }

    fn places_are_of_those_who_are_there_whether_or_not_anybody_waits(app: TestApp) {
        let unit = app.coordinator();
        let later = json!({"name": "Storm Ravnkilde", "kinds": ["mentor"], "languages": ["da"], "municipality": "Byen", "capacity": 3,
            "from_on": "2026-04-01"});
        unit.post("/v1/staff", &later).ok();
        assert_eq!((&find(&unit, &json!({}))["places"], mentor(&unit, 2).is_empty()), (&json!(0), false));
        assert_eq!(find(&unit, &json!({}))["places"], 2);
        let course = boy(&app, &unit, "Albertus");
        assert_eq!(find(&unit, &json!({}))["places"], 2);
        let refused = unit.get(&format!("/v1/courses/{course}/eligible-staff?until=2026-03-01")).refused(422, "invalid");
        assert_eq!(flaws(&refused), flaw("/until", "out_of_range"));
    }

    fn a_what_if_leaves_no_trace(app: TestApp) {
        let unit = app.coordinator();
        let (first, second) = (boy(&app, &unit, "Albertus"), boy(&app, &unit, "Bertramius"));
        let malte = mentor(&unit, 1);
        unit.put(&format!("/v1/courses/{second}/wishes"), "*", &json!({"languages": ["so"]})).ok();
        find(&unit, &json!({}));
        let before = everything(&app);
        let ask = |body: &Value| unit.post("/v1/matching-runs/what-if", body).ok();
        let same = ask(&json!({}));
        assert_eq!((&same["matched"], &same["matched_then"], &same["different"]), (&json!(1), &json!(1), &json!(0)));
        let gone = ask(&json!({"without_staff": [malte]}));
        assert_eq!((&gone["matched"], &gone["matched_then"], &gone["differences"][0]["course_id"]), (&json!(1), &json!(0), &json!(first)));
        assert_eq!((&gone["differences"][0]["staff_id"], &gone["differences"][0]["staff_id_then"]), (&json!(malte), &Value::Null));
        let come = ask(&json!({"new_staff": [{"kinds": ["mentor"], "languages": ["so"], "capacity": 1}]}));
        assert_eq!((&come["matched_then"], &come["differences"][0]["course_id"], &come["differences"][0]["new_staff_then"]), (&json!(2), &json!(second), &json!(0)));
        let pinned = json!({"forbidden": [{"course_id": first, "staff_id": malte}]});
        assert_eq!(ask(&pinned)["matched_then"], 0);
        for (body, pointer, code) in [
            (json!({"without_staff": [first]}), "/without_staff/0", "unknown_staff"),
            (json!({"new_staff": [{"kinds": ["mentor"], "languages": ["da"], "capacity": 0}]}), "/new_staff/0/capacity", "out_of_range"),
            (json!({"new_staff": [{"kinds": [], "languages": ["da"], "capacity": 1}]}), "/new_staff/0/kinds", "empty"),
            (json!({"new_staff": [{"kinds": ["mentor"], "languages": [], "capacity": 1}]}), "/new_staff/0/languages", "empty"),
            (json!({"new_staff": [{"kinds": ["mentor"], "languages": ["da"], "capacity": 1, "district": "nowhere"}]}), "/new_staff/0/district", "unknown_district"),
        ] {
            assert_eq!(flaws(&unit.post("/v1/matching-runs/what-if", &body).refused(422, "invalid")), flaw(pointer, code));
        }
        let after = everything(&app);
        let changed: Vec<&String> = before.keys().filter(|table| before[*table] != after[*table]).collect();
        assert_eq!(changed, ["journal_calls", "journal_subjects"]);
    }

    fn of_a_protected_address_a_run_says_no_distance(app: TestApp) {
        let unit = app.coordinator();
        let (first, second) = (boy(&app, &unit, "Albertus"), boy(&app, &unit, "Bertramius"));
        let malte = mentor(&unit, 1);
        unit.put(&format!("/v1/staff/{malte}/profile"), "*", &json!({"district": "north", "travel_limit_km": 3})).ok();
        unit.put(&format!("/v1/courses/{first}/wishes"), "*", &json!({"district": "north", "travel_limit_km": 3})).ok();
        unit.put(&format!("/v1/courses/{second}/wishes"), "*", &json!({"district": "far", "travel_limit_km": 3})).ok();
        let run = find(&unit, &json!({}));
        let seen = lines(&unit, &run, "");
        assert_eq!((&seen[0]["ranking"]["facts"]["km"], &seen[0]["points"]), (&json!(0), &json!(300)));
        assert_eq!(seen[1]["excluded"], json!([{"exclusion": "travel", "count": 1}]));
        assert_eq!(seen[1]["changes"][0]["district"], "far");
        for line in &seen {
            unit.patch(&format!("/v1/people/{}", line["person_id"].as_str().unwrap()), "*", &json!({"protected_address": true})).ok();
        }
        let hidden = lines(&unit, &run, "");
        assert_eq!((&hidden[0]["ranking"]["facts"]["km"], &hidden[0]["points"]), (&Value::Null, &json!(150)));
        let kept = unit.get(&format!("/v1/matching-runs/{}", run["id"].as_str().unwrap())).ok();
        assert_eq!((&run["total"], &kept["total"], &kept["facts_hash"]), (&json!(300), &json!(150), &json!("")), "nothing to read it back from");
        assert_eq!((&hidden[1]["excluded"], &hidden[1]["taken"], &hidden[1]["changes"]), (&json!([]), &json!(0), &json!([])), "nor by what would help");
        assert_eq!((&run["needs"][0]["district"], &kept["needs"]), (&json!("far"), &json!([])));
        let said = json!(lines(&unit, &find(&unit, &json!({})), "")).to_string();
        for word in ["distance", "travel", "far", "north"] {
            assert!(!said.contains(&format!("\"{word}\"")), "{word}: {said}");
        }
    }

    fn whoever_is_to_have_a_protected_siblings_mentor_is_told_no_district_of_theirs(app: TestApp) {
        let unit = app.coordinator();
        let (children, ..) = family(&app, &unit, &["Desiderius", "Emmerichus"]);
        mentor(&unit, 0);
        unit.put(&format!("/v1/courses/{}/wishes", children[1]), "*", &json!({"district": "far", "travel_limit_km": 3})).ok();
        let ask = || find(&unit, &json!({"same_mentor": [children]}));
        let said = |run: &Value| lines(&unit, run, "").iter().map(|line| line["changes"][0]["district"].clone()).collect::<Vec<_>>();
        let run = ask();
        assert_eq!(said(&run), [json!("far"), json!("far")], "where the one lives is said of both");
        let sibling = lines(&unit, &run, "").into_iter().find(|line| line["course_id"] == children[1].as_str()).unwrap();
        let person = format!("/v1/people/{}", sibling["person_id"].as_str().unwrap());
        unit.patch(&person, "*", &json!({"protected_address": true})).ok();
        let kept = unit.get(&format!("/v1/matching-runs/{}", run["id"].as_str().unwrap())).ok();
        for run in [kept, ask()] {
            assert_eq!(said(&run), [Value::Null, Value::Null]);
            assert!(!run.to_string().contains("\"far\"") && !json!(lines(&unit, &run, "")).to_string().contains("\"far\""), "{run}");
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    words: String,
}

/// Every row of every table, as text.
fn everything(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let ask = |query: &str| -> Vec<String> {
        let found: Vec<Words> = rows(&mut app.database.connect(), query);
        found.into_iter().map(|row| row.words).collect()
    };
    let tables = match app.database.url {
        DatabaseUrl::Sqlite(_) => "SELECT name AS words FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        DatabaseUrl::Postgres(_) => "SELECT tablename::text AS words FROM pg_tables WHERE schemaname = current_schema()",
    };
    let dump = |table: String| {
        let query = match app.database.url {
            DatabaseUrl::Sqlite(_) => {
                let columns = ask(&format!("SELECT 'quote(\"' || name || '\")' AS words FROM pragma_table_info('{table}')"));
                format!("SELECT {} AS words FROM \"{table}\" ORDER BY 1", columns.join(" || ',' || "))
            }
            DatabaseUrl::Postgres(_) => format!("SELECT t::text AS words FROM \"{table}\" t ORDER BY 1"),
        };
        let found = ask(&query);
        (table, found)
    };
    let all: BTreeMap<String, Vec<String>> = ask(tables).into_iter().map(dump).collect();
    assert!(all.len() > 40 && !all["matching_run_lines"].is_empty());
    all
}
