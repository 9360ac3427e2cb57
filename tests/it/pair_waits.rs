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

    fn whoever_shares_a_home_with_a_protected_child_has_no_place(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        let (sister, grown) = (unit.person("young_person", "Sunnivalda", Some("2009-05-01")), unit.person("young_person", "Torvaldina", Some("2006-05-01")));
        unit.set_custody(&sister, &[&one.father]);
        unit.set_custody(&grown, &[&one.father]);
        let mentored = |person: &str, holder: &str| {
            let case = app.founded_case(&unit, &[person]);
            accepted(&app, &unit, &case, person, holder, "mentor")
        };
        let fathers = accepted(&app, &unit, &one.case, &one.father, &one.father, "parent_coach");
        let wishes = [&one.course, &fathers, &mentored(&sister, &one.father), &mentored(&grown, &grown)].map(|course| format!("/v1/courses/{course}/wishes"));
        let place = json!({"district": "north", "travel_limit_km": 3});
        let set = || wishes.iter().map(|path| unit.put(path, "*", &place).status == 200).collect::<Vec<_>>();
        let placed = || wishes.iter().map(|path| unit.get(path).ok()["district"] == "north").collect::<Vec<_>>();
        let boy = |change: Value| unit.patch(&format!("/v1/people/{}", one.boy), "*", &change).ok();
        assert_eq!((set(), placed()), (vec![true; 4], vec![true; 4]));
        // Father and sister live where he does; a sister who is of age has a home of her own.
        boy(json!({"protected_address": true}));
        let apart = vec![false, false, false, true];
        assert_eq!(placed(), apart);
        assert_eq!(set(), apart);
        assert_eq!(flaw(&unit.put(&wishes[1], "*", &place).refused(422, "invalid")), ("/district", "protected_address"));
        // Of age he has his own, until it turns out that he is not.
        boy(json!({"born_on": "2006-05-01"}));
        let alone = vec![false, true, true, true];
        assert_eq!((set(), placed()), (alone.clone(), alone.clone()));
        boy(json!({"born_on": "2010-05-01"}));
        assert_eq!(placed(), apart);
        // Nor is it theirs who holds custody of him no more; whoever holds it has no place either.
        let mother = unit.person("parent", "Mathildur", None);
        unit.set_custody(&one.boy, &[&mother]);
        assert_eq!((set(), placed()), (alone.clone(), alone));
        unit.set_custody(&sister, &[&one.father, &mother]);
        assert_eq!(placed(), vec![false, true, false, true]);
    }

    fn how_far_it_is_to_a_child_is_forgotten_with_a_custody_holders_address(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let place = json!({"district": "north", "travel_limit_km": 3});
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &place).ok();
        for staff in [&malte, &nora] {
            unit.put(&format!("/v1/staff/{staff}/profile"), "*", &place).ok();
        }
        let run = unit.post("/v1/matching-runs", &json!({})).ok();
        let far = propose(&unit, &one.course, &nora);
        unit.post(&format!("/v1/matches/{far}/answer"), &json!({"accepted": false, "reason": "too_far"})).ok();
        let matched = propose(&unit, &one.course, &malte);
        let kept = || {
            let line = unit.get(&format!("/v1/matching-runs/{}/lines", run["id"].as_str().unwrap())).ok()["items"][0].clone();
            let of_match = |id: &str| unit.get(&format!("/v1/matches/{id}")).ok();
            json!([line["ranking"]["facts"]["km"], of_match(&matched)["ranking"]["facts"]["km"], of_match(&far)["staff_answer"]["reason"]])
        };
        assert_eq!(kept(), json!([0, 0, "too_far"]));
        unit.patch(&format!("/v1/people/{}", one.father), "*", &json!({"protected_address": true})).ok();
        assert_eq!(unit.get(&format!("/v1/people/{}", one.boy)).ok()["protected_address"], false, "his alone");
        assert_eq!(kept(), json!([null, null, "other"]));
    }

    fn a_young_parent_has_two_different_people(app: TestApp) {
        let unit = app.coordinator();
        let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2008-05-01")), unit.person("parent", "Mathildur", None));
        let baby = unit.person("young_person", "Bertramius", Some("2025-06-01"));
        unit.set_custody(&girl, &[&mother]);
        unit.set_custody(&baby, &[&girl]);
        let own = app.founded_case(&unit, &[&girl]);
        let mentored = crate::sessions::course(&app, &unit, &own, &girl, &[&mother], "mentor");
        let case = app.founded_case(&unit, &[&baby]);
        unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": girl, "role": "parent"})).ok();
        let coached = crate::sessions::course(&app, &unit, &case, &girl, &[&mother], "parent_coach");
        let both = || {
            let id = unit.staff("mentor", None);
            unit.patch(&format!("/v1/staff/{id}"), "*", &json!({"kinds": ["mentor", "parent_coach"]})).ok();
            id
        };
        // One who does both has one of the two; a run that could give both to one gives none twice.
        let malte = both();
        assert_eq!(unit.post("/v1/matching-runs", &json!({})).ok()["matched"], 1);
        run(&unit, &mentored, &malte);
        for again in [false, true] {
            let proposal = json!({"course_id": coached, "staff_id": malte, "same_family": again});
            assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "other_track"));
        }
        let nora = both();
        let coaching = run(&unit, &coached, &nora);
        // Nor is the match handed over to whoever coaches her.
        let matched = unit.get(&format!("/v1/matches?course={mentored}&state=running")).ok()["items"][0]["id"].clone();
        let to = json!({"staff_id": nora, "knows_person": false});
        let hand = format!("/v1/matches/{}/hand-over", matched.as_str().unwrap());
        assert_eq!(flaw(&unit.post(&hand, &to).refused(422, "invalid")), ("/staff_id", "other_track"));
        end(&unit, &coaching);
        unit.post(&hand, &to).ok();
    }
}
