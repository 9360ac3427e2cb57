//! What is wished of a match and what the staff can offer: set, refused, ranked, excluded, each with its reason; and a protected address,
//! of which no place is on record.

use chrono::TimeDelta;
use diesel::sql_types::{BigInt, Nullable, Text};
use makker::base::db::Engine;
use serde_json::{Value, json};

use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};
use crate::support::{OnEngine, TestApp};

/// A boy of fifteen with an accepted mentor course, and his father.
pub struct Waiting {
    pub boy: String,
    pub father: String,
    pub case: String,
    pub course: String,
}

pub fn waiting(app: &TestApp, unit: &Caller<'_>) -> Waiting {
    let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
    unit.set_custody(&boy, &[&father]);
    let case = app.founded_case(unit, &[&boy, &father]);
    let course = accepted(app, unit, &case, &boy, &father, "mentor");
    Waiting { boy, father, case, course }
}

/// An accepted course of somebody with one custody holder, or of that holder.
pub fn accepted(app: &TestApp, unit: &Caller<'_>, case: &str, person: &str, holder: &str, track: &str) -> String {
    let now = app.clock.now();
    let made = unit.post("/v1/offers", &offer(case, person, track, now)).id();
    let mut givers = vec![person, holder];
    givers.dedup();
    for giver in givers {
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(giver, now)).ok();
    }
    unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id()
}

fn flaw(problem: &Value) -> (&str, &str) {
    (problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

/// Where a member of staff stands for a course: `null` for nowhere.
fn standing(unit: &Caller<'_>, course: &str, staff: &str, query: &str) -> Value {
    let listed = unit.get(&format!("/v1/courses/{course}/eligible-staff{query}")).ok();
    let found = listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == staff).cloned().unwrap_or_default();
    assert_eq!(found["eligible"], json!(found["exclusions"] == json!([])));
    assert_eq!(found["eligible"], json!(found["score"].is_i64()));
    found
}

fn part(standing: &Value, part: &str) -> Value {
    standing["parts"].as_array().unwrap().iter().find(|one| one["part"] == part).map_or(Value::Null, |one| one["permille"].clone())
}

both_engines! {
    fn a_profile_is_part_of_the_record_and_set_by_its_own(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let id = unit.staff("mentor", Some(&malte));
        let (path, profile) = (format!("/v1/staff/{id}"), format!("/v1/staff/{id}/profile"));
        let empty = json!({"gender": null, "district": null, "travel_limit_km": null, "interests": [], "dislikes": [], "values": [], "prefers": null});
        assert_eq!(unit.get(&path).ok()["profile"], empty);
        assert_eq!(app.anybody().get("/v1/meta").ok()["districts"], json!(["centre", "north", "east", "far"]));
        let tag = unit.get(&path).tag();
        let whole = json!({"gender": "man", "district": "north", "travel_limit_km": 10, "interests": ["music", "football", "music"],
            "dislikes": ["noise"], "values": ["calm"], "prefers": "Helst en på min alder"});
        for (name, value, expected) in [
            ("district", json!("nowhere"), ("/district", "unknown_district")),
            ("district", json!("Nørrebro"), ("/district", "wrong_value")),
            ("district", Value::Null, ("/district", "required")),
            ("travel_limit_km", json!(501), ("/travel_limit_km", "out_of_range")),
            ("gender", json!("sheep"), ("/gender", "unknown_code")),
            ("interests", json!(["religion"]), ("/interests/0", "unknown_code")),
            ("values", json!(vec!["calm"; 21]), ("/values", "too_many")),
            ("height", json!(180), ("/height", "unknown_member")),
        ] {
            let mut wrong = whole.clone();
            wrong[name] = value;
            assert_eq!(flaw(&malte.put(&profile, &tag, &wrong).refused(422, "invalid")), expected, "{name}");
        }
        nora.put(&profile, &tag, &whole).refused(404, "not_found");
        let set = malte.put(&profile, &tag, &whole);
        let mut expected = whole.clone();
        expected["interests"] = json!(["football", "music"]);
        assert_eq!(set.ok()["profile"], expected);
        unit.put(&profile, &tag, &whole).refused(412, "stale_version");
        let emptied = unit.put(&profile, &set.tag(), &json!({}));
        assert_eq!((&emptied.ok()["profile"], &malte.get("/v1/me/staff").ok()["profile"]), (&empty, &empty));
        unit.post(&format!("{path}/leave"), &json!({"happened_at": app.clock.now()})).ok();
        unit.put(&profile, "*", &whole).refused(409, "wrong_state");
    }

    fn wishes_are_set_by_versions_and_read_by_coordinators(app: TestApp) {
        let unit = app.coordinator();
        let mentor = app.account("malte", &["mentor"]);
        let (malte, one) = (unit.staff("mentor", Some(&mentor)), waiting(&app, &unit));
        let path = format!("/v1/courses/{}/wishes", one.course);
        let nothing = unit.get(&path);
        assert_eq!((&nothing.ok()["version"], &nothing.ok()["person_id"]), (&json!(0), &json!(one.boy)));
        let whole = json!({"languages": ["so", "da"], "gender": "man", "district": "centre", "travel_limit_km": 4, "interests": ["music"],
            "dislikes": ["noise", "crowds"], "values": ["calm"], "vetoes": [{"staff_id": malte, "by_person": true, "by_staff": false}],
            "words": "Helst en, der har prøvet noget"});
        for (name, value, expected) in [
            ("district", json!("nowhere"), ("/district", "unknown_district")),
            ("district", Value::Null, ("/district", "required")),
            ("vetoes", json!([{"staff_id": malte, "by_person": false, "by_staff": false}]), ("/vetoes/0", "required")),
            ("vetoes", json!([{"staff_id": one.boy, "by_person": true, "by_staff": false}]), ("/vetoes/0/staff_id", "unknown_staff")),
            ("dislikes", json!(["foreigners"]), ("/dislikes/0", "unknown_code")),
        ] {
            let mut wrong = whole.clone();
            wrong[name] = value;
            assert_eq!(flaw(&unit.put(&path, &nothing.tag(), &wrong).refused(422, "invalid")), expected, "{name}");
        }
        unit.put(&path, "", &whole).refused(428, "precondition_required");
        let set = unit.put(&path, &nothing.tag(), &whole);
        let mut expected = whole.clone();
        (expected["languages"], expected["version"]) = (json!(["da", "so"]), json!(1));
        (expected["course_id"], expected["person_id"]) = (json!(one.course), json!(one.boy));
        expected["dislikes"] = json!(["noise", "crowds"]);
        assert_eq!(set.ok(), expected);
        unit.put(&path, &nothing.tag(), &whole).refused(412, "stale_version");
        assert_eq!(unit.put(&path, &set.tag(), &json!({})).ok()["vetoes"], json!([]));
        mentor.get(&path).refused(403, "forbidden");
        mentor.put(&path, "*", &whole).refused(403, "forbidden");
    }

    fn of_a_protected_address_no_place_is_on_record(app: TestApp) {
        let unit = app.coordinator();
        let (malte, one) = (unit.staff("mentor", None), waiting(&app, &unit));
        let (wishes, person) = (format!("/v1/courses/{}/wishes", one.course), format!("/v1/people/{}", one.boy));
        unit.put(&format!("/v1/staff/{malte}/profile"), "*", &json!({"district": "north", "travel_limit_km": 3})).ok();
        unit.put(&wishes, "*", &json!({"district": "north", "travel_limit_km": 3})).ok();
        let near = standing(&unit, &one.course, &malte, "");
        assert_eq!((part(&near, "distance"), &near["facts"]["km"]), (json!(1_000), &json!(0)));
        let matched = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": malte})).id();
        let kept = || unit.get(&format!("/v1/matches/{matched}")).ok()["ranking"].clone();
        assert_eq!((part(&kept(), "distance"), &kept()["facts"]["km"]), (json!(1_000), &json!(0)));

        let protect = |protected: bool| unit.patch(&person, "*", &json!({"protected_address": protected})).ok();
        protect(true);
        let seen = unit.get(&wishes).ok();
        assert_eq!((&seen["district"], &seen["travel_limit_km"], &seen["version"]), (&Value::Null, &Value::Null, &json!(2)));
        assert_eq!((part(&kept(), "distance"), &kept()["facts"]["km"]), (Value::Null, &Value::Null));
        let sum: i64 = kept()["parts"].as_array().unwrap().iter().map(|part| part["points"].as_i64().unwrap()).sum();
        assert_eq!(kept()["score"], sum);
        for body in [json!({"district": "north"}), json!({"travel_limit_km": 3})] {
            assert_eq!(flaw(&unit.put(&wishes, "*", &body).refused(422, "invalid")).1, "protected_address");
        }
        unit.put(&wishes, "*", &json!({"values": ["calm"]})).ok();
        // How far it is to anywhere excludes nobody and ranks nobody, though the mentor goes 3 km at most.
        unit.post(&format!("/v1/matches/{matched}/end"), &json!({"reason": "other"})).ok();
        let hidden = standing(&unit, &one.course, &malte, "");
        assert_eq!((&hidden["exclusions"], part(&hidden, "distance"), &hidden["facts"]["km"]), (&json!([]), Value::Null, &Value::Null));
        protect(false);
        assert_eq!(unit.get(&wishes).ok()["district"], Value::Null, "it does not come back");
        assert_eq!(standing(&unit, &one.course, &malte, "")["exclusions"], json!(["travel_unknown"]));
    }

    fn each_limit_excludes_until_its_reason_is_gone(app: TestApp) {
        let unit = app.coordinator();
        let (malte, one) = (unit.staff("mentor", None), waiting(&app, &unit));
        let (wishes, record) = (format!("/v1/courses/{}/wishes", one.course), format!("/v1/staff/{malte}"));
        let exclusions = |query: &str| standing(&unit, &one.course, &malte, query)["exclusions"].clone();
        let wish = |body: Value| unit.put(&wishes, "*", &body).ok();
        let profile = |body: Value| unit.put(&format!("{record}/profile"), "*", &body).ok();
        let change = |body: Value| unit.patch(&record, "*", &body).ok();
        let veto = |by_person: bool, by_staff: bool| json!({"vetoes": [{"staff_id": malte, "by_person": by_person, "by_staff": by_staff}]});
        assert_eq!(exclusions(""), json!([]));
        wish(json!({"languages": ["so"]}));
        assert_eq!(exclusions(""), json!(["language"]));
        change(json!({"languages": ["da", "so"]}));
        assert_eq!(exclusions(""), json!([]));
        wish(json!({"gender": "woman"}));
        assert_eq!(exclusions(""), json!(["gender"]), "what is not known passes no wish");
        profile(json!({"gender": "man"}));
        assert_eq!(exclusions(""), json!(["gender"]));
        profile(json!({"gender": "woman"}));
        assert_eq!(exclusions(""), json!([]));
        wish(json!({"district": "centre", "travel_limit_km": 3}));
        assert_eq!(exclusions(""), json!(["travel_unknown"]));
        profile(json!({"district": "north"}));
        assert_eq!(exclusions(""), json!(["travel"]), "it is 4 km");
        profile(json!({"district": "east"}));
        assert_eq!(exclusions(""), json!([]), "and 3 to there");
        profile(json!({"district": "north", "travel_limit_km": 3}));
        wish(json!({"district": "centre"}));
        assert_eq!(exclusions(""), json!(["travel"]), "the mentor's limit counts, too");
        profile(json!({"district": "north", "travel_limit_km": 4}));
        assert_eq!(exclusions(""), json!([]));
        profile(json!({}));
        let hours = |from: i32, until: i32| {
            let week = json!([{"weekday": 1, "from_min": from, "until_min": until}]);
            unit.put(&format!("{record}/hours"), "*", &json!({"week": week})).ok();
        };
        let times = |body: Value| unit.put(&format!("/v1/people/{}/times", one.boy), "*", &body).ok();
        let wished = json!([{"weekday": 1, "from_min": 900, "until_min": 1020}]);
        times(json!({"wished": wished}));
        assert_eq!(exclusions(""), json!(["hours_unknown"]), "they are asked for, not guessed");
        hours(961, 1200);
        assert_eq!(exclusions(""), json!(["hours"]), "59 minutes");
        hours(960, 1200);
        let shared = standing(&unit, &one.course, &malte, "");
        assert_eq!((&shared["exclusions"], part(&shared, "hours"), &shared["facts"]["shared_min"]), (&json!([]), json!(100), &json!(60)));
        times(json!({"wished": wished, "never": [{"weekday": 1, "from_min": 990, "until_min": 1000}]}));
        assert_eq!(exclusions(""), json!(["hours"]));
        times(json!({}));
        assert_eq!(exclusions(""), json!([]));
        wish(veto(true, false));
        assert_eq!(exclusions(""), json!(["veto_of_person"]));
        wish(veto(false, true));
        assert_eq!(exclusions(""), json!(["veto_of_staff"]));
        wish(json!({}));
        assert_eq!(exclusions(""), json!([]));
        change(json!({"loan_until_on": "2027-03-01"}));
        assert_eq!((exclusions(""), exclusions("?until=2027-03-01")), (json!(["loan"]), json!([])));
        let proposal = json!({"course_id": one.course, "staff_id": malte});
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "loan"));
        change(json!({"loan_until_on": "2027-03-02"}));
        assert_eq!(exclusions(""), json!([]));

        let declined = unit.post("/v1/matches", &proposal).id();
        assert_eq!(exclusions(""), json!(["proposed"]));
        unit.post(&format!("/v1/matches/{declined}/answer"), &json!({"accepted": false, "reason": "no_time"})).ok();
        assert_eq!((exclusions(""), exclusions("?again=true")), (json!(["declined"]), json!([])));
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "declined"));
        let asked = json!({"course_id": one.course, "staff_id": malte, "again": true});
        let running = unit.post("/v1/matches", &asked).id();
        unit.post(&format!("/v1/matches/{running}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        assert_eq!(unit.post(&format!("/v1/matches/{running}/answer-for-person"), &json!({"accepted": true})).ok()["state"], "running");
        assert_eq!(exclusions("?again=true"), json!(["proposed"]));
        let fathers = accepted(&app, &unit, &one.case, &one.father, &one.father, "parent_coach");
        change(json!({"kinds": ["mentor", "parent_coach"]}));
        assert_eq!(standing(&unit, &fathers, &malte, "")["exclusions"], json!(["other_track"]));
        unit.post(&format!("/v1/matches/{running}/end"), &json!({"reason": "person_wish"})).ok();
        assert_eq!(standing(&unit, &fathers, &malte, "")["exclusions"], json!([]));
        assert_eq!(exclusions("?again=true"), json!(["earlier_match"]));
    }

    fn the_ranking_says_what_it_is_made_of_and_a_proposal_keeps_it(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        let wishes = json!({"languages": ["da", "so"], "district": "centre", "interests": ["music", "gaming"], "dislikes": ["noise"], "values": ["calm", "humour"]});
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &wishes).ok();
        let best = unit.staff("mentor", None);
        app.pass(TimeDelta::seconds(1));
        let (good, full) = (unit.staff("mentor", None), unit.staff("mentor", None));
        unit.patch(&format!("/v1/staff/{best}"), "*", &json!({"languages": ["da", "so"]})).ok();
        unit.put(&format!("/v1/staff/{best}/profile"), "*",
            &json!({"district": "east", "interests": ["music"], "dislikes": ["noise", "mess"], "values": ["calm", "humour"]})).ok();
        unit.patch(&format!("/v1/staff/{full}"), "*", &json!({"capacity": 0})).ok();
        let coach = unit.staff("parent_coach", None);

        let listed = unit.get(&format!("/v1/courses/{}/eligible-staff", one.course)).ok();
        let (mentors, others): (Vec<&Value>, Vec<&Value>) = listed["items"].as_array().unwrap().iter().partition(|one| one["staff_id"] != json!(coach));
        let order: Vec<&str> = mentors.iter().map(|one| one["staff_id"].as_str().unwrap()).collect();
        assert_eq!((order, others.len(), &others[0]["exclusions"]), (vec![best.as_str(), &good, &full], 1, &json!(["kind"])), "everybody stands there");
        let first = mentors[0];
        let shares: Vec<(&str, i64)> = first["parts"].as_array().unwrap().iter()
            .map(|part| (part["part"].as_str().unwrap(), part["permille"].as_i64().unwrap())).collect();
        let expected = [("hours", 0), ("languages", 500), ("values", 1_000), ("dislikes", 1_000), ("interests", 500), ("distance", 850), ("load", 1_000), ("continuity", 0)];
        assert_eq!(shares, expected);
        assert_eq!(first["score"], 25 + 150 + 150 + 50 + 127 + 150);
        assert_eq!(first["facts"], json!({"languages": ["da", "so"], "interests": ["music"], "dislikes": ["noise"], "values": ["humour", "calm"],
            "shared_min": null, "km": 3, "matches": 0, "capacity": 3}));
        assert_eq!((&mentors[1]["score"], &mentors[1]["missing"]), (&json!(150), &json!(["hours", "district", "interests", "dislikes", "values"])));
        assert_eq!((&mentors[2]["score"], &mentors[2]["exclusions"]), (&Value::Null, &json!(["capacity"])));

        // Page by page it is the same.
        let (mut next, mut paged) = (Some(format!("/v1/courses/{}/eligible-staff?limit=1", one.course)), Vec::new());
        while let Some(path) = next {
            let page = unit.get(&path);
            paged.extend(page.ok()["items"].as_array().unwrap().clone());
            next = page.header("link").map(|link| link.trim_start_matches('<').split_once('>').unwrap().0.to_owned());
        }
        assert_eq!(json!(paged), listed["items"]);

        let matched = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": best})).id();
        unit.put(&format!("/v1/staff/{best}/profile"), "*", &json!({})).ok();
        let kept = unit.get(&format!("/v1/matches/{matched}")).ok()["ranking"].clone();
        assert_eq!((&kept["score"], &kept["parts"], &kept["facts"]), (&first["score"], &first["parts"], &first["facts"]));
        assert_eq!(kept["weights_version"], 1);
    }
}

/// Where the settings ask for it, only who is trained for the age meets somebody.
#[test]
fn a_qualification_is_asked_for_where_the_settings_say_so() {
    let app = TestApp::with(Engine::Sqlite, |config| {
        config.programme.pairing.under_15_qualification = true;
        config.programme.pairing.adult_qualification = true;
    });
    let unit = app.coordinator();
    let (malte, one) = (unit.staff("mentor", None), waiting(&app, &unit));
    let exclusions = |born_on: &str| {
        unit.patch(&format!("/v1/people/{}", one.boy), "*", &json!({"born_on": born_on})).ok();
        standing(&unit, &one.course, &malte, "")["exclusions"].clone()
    };
    let prove = |kinds: &[&str]| {
        let proofs: Vec<Value> =
            kinds.iter().map(|kind| json!({"kind": kind, "issued_on": "2026-01-01", "valid_until_on": null})).collect();
        unit.put(&format!("/v1/staff/{malte}/certificates"), "*", &json!({"certificates": proofs})).ok();
    };
    assert_eq!(exclusions("2010-05-01"), json!([]), "between 15 and 17 nothing is asked");
    assert_eq!(exclusions("2008-03-02"), json!(["qualification"]), "18 today");
    prove(&["qualification_adults"]);
    assert_eq!(exclusions("2008-03-02"), json!([]));
    assert_eq!(exclusions("2012-05-01"), json!(["certificate", "qualification"]));
    prove(&["child_protection", "qualification_under_15"]);
    assert_eq!(exclusions("2012-05-01"), json!([]));
}

/// Of a protected address the database holds no district.
#[test]
fn no_district_of_a_protected_address_lies_in_the_database() {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        district: Option<String>,
        #[diesel(sql_type = BigInt)]
        placed: i64,
    }
    let app = TestApp::on(Engine::Sqlite);
    let (unit, query) = (app.coordinator(), "SELECT max(district) AS district, count(travel_limit_km) AS placed FROM wishes");
    let one = waiting(&app, &unit);
    let look = || {
        let rows: Vec<Row> = crate::support::app::rows(&mut app.database.connect(), query);
        (rows[0].district.clone(), rows[0].placed)
    };
    unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"district": "north", "travel_limit_km": 3})).ok();
    assert_eq!(look(), (Some("north".to_owned()), 1));
    unit.patch(&format!("/v1/people/{}", one.boy), "*", &json!({"protected_address": true})).ok();
    assert_eq!(look(), (None, 0));
}
