//! Who of a pair sees what, and who no longer: released logs, bars and closed accounts, replays, runs, labels, versions.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::matching_runs::{boy, find, lines, mentor};
use crate::proposals::{flaw, propose, run};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Request;
use crate::wishes::{accepted, waiting};

/// Another family with a boy whose mentor course waits, under names of its own.
pub fn another(app: &TestApp, unit: &Caller<'_>, boy: &str, mother: &str) -> (String, String) {
    let (boy, mother) = (unit.person("young_person", boy, Some("2010-05-01")), unit.person("parent", mother, None));
    unit.set_custody(&boy, &[&mother]);
    let case = app.founded_case(unit, &[&boy, &mother]);
    app.pass(TimeDelta::seconds(1));
    let course = accepted(app, unit, &case, &boy, &mother, "mentor");
    (boy, course)
}

pub fn bar(by: &Caller<'_>, whom: &Caller<'_>, person: &str) -> String {
    by.post("/v1/bars", &json!({"account_id": whom.account_id(), "person_id": person, "cause": "family"})).id()
}

/// A command with a key that is used again.
fn keyed(caller: &Caller<'_>, path: &str, key: &str, body: &Value) -> crate::support::http::Answer {
    caller.send(Request::new("POST", path).header("Idempotency-Key", key).json(body))
}

both_engines! {
    fn a_run_seen_in_part_is_counted_from_that_part_and_nobody_is_looked_up_by_it(app: TestApp) {
        let unit = app.coordinator();
        let (first, second, third) = (boy(&app, &unit, "Albertus"), boy(&app, &unit, "Bertramius"), boy(&app, &unit, "Cornelius"));
        mentor(&unit, 2);
        app.pass(TimeDelta::days(3));
        let run = find(&unit, &json!({}));
        assert_eq!((&run["waiting"], &run["matched"]), (&json!(3), &json!(2)));
        let person = |course: &str| unit.get(&format!("/v1/courses/{course}")).ok()["person_id"].as_str().unwrap().to_owned();
        let (hidden, alone) = (person(&first), person(&third));
        let other = app.account("olga", &["coordinator"]);
        unit.post("/v1/bars", &json!({"account_id": other.account_id(), "person_id": hidden, "cause": "family"})).ok();

        let part = lines(&other, &run, "");
        assert_eq!(part.iter().map(|line| &line["course_id"]).collect::<Vec<_>>(), [&json!(second), &json!(third)]);
        let people_of = |operation: &str, person: &str| {
            let entries = format!("journal WHERE operation = '{operation}' AND subject_kind = 'person'");
            match (person, app.database.url.engine()) {
                ("", _) => app.count(&entries),
                (id, crate::support::Engine::Postgres) => app.count(&format!("{entries} AND subject_id = '{id}'")),
                (id, crate::support::Engine::Sqlite) => app.count(&format!("{entries} AND subject_id = x'{}'", id.replace('-', ""))),
            }
        };
        let listed = other.get("/v1/matching-runs").ok()["items"][0].clone();
        let expected = (&json!(2), &json!(1), &part[0]["points"]);
        assert_eq!((&listed["waiting"], &listed["matched"], &listed["total"]), expected);
        assert_eq!(listed["needs"], json!([]), "what would help is told of one run at a time");
        assert_eq!(people_of("matching_runs.list", ""), 0, "sums look nobody up");
        let seen = other.get(&format!("/v1/matching-runs/{}", run["id"].as_str().unwrap())).ok();
        assert_eq!((&seen["waiting"], &seen["matched"], &seen["total"]), expected);
        assert_eq!(seen["needs"], run["needs"], "of whom they may see who has nobody");
        assert_eq!((&seen["facts_hash"], &listed["facts_hash"]), (&json!(""), &json!("")), "it would change with what they do not see");
        assert_ne!(run["facts_hash"], "");
        assert_eq!((people_of("matching_runs.get", ""), people_of("matching_runs.get", &alone)), (1, 1));
        // That the hidden pair is proposed tells them nothing; that the other is, does.
        let path = format!("/v1/matching-runs/{}", run["id"].as_str().unwrap());
        let (before, listed) = (other.get(&path).tag(), other.get("/v1/matching-runs").tag());
        app.pass(TimeDelta::minutes(5));
        assert_eq!(unit.post(&format!("{path}/adopt"), &json!({"course_ids": [first]})).ok()["state"], "adopted");
        let again = other.get(&path);
        assert_eq!((&again.ok()["state"], &again.ok()["adopted_at"]), (&json!("draft"), &Value::Null));
        assert_eq!((again.tag(), other.get("/v1/matching-runs").tag()), (before, listed));
        // Nor does a bonus for what was adopted last: to them nothing was.
        let bonus = |by: &Caller<'_>| {
            let line = lines(by, &find(by, &json!({})), "").into_iter().find(|line| line["course_id"] == json!(second)).unwrap();
            line["bonus"].clone()
        };
        assert_eq!((bonus(&unit), bonus(&other)), (json!(100), json!(0)));
        app.pass(TimeDelta::minutes(5));
        let adopted = other.post_if(&format!("{path}/adopt"), &again.tag(), &json!({"course_ids": [second]})).ok();
        assert_eq!((&adopted["state"], &adopted["adopted_at"], &adopted["version"]), (&json!("adopted"), &json!(app.clock.now()), &json!(2)));
        assert_ne!(unit.get(&path).ok()["adopted_at"], adopted["adopted_at"]);
        let proposed = other.get("/v1/matches?state=proposed").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        other.post(&format!("/v1/matches/{proposed}/end"), &json!({"reason": "other"})).ok();
        assert_eq!(bonus(&other), 100);
    }

    fn released_logs_are_read_and_nothing_is_done_with_them(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let (one, of_malte, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", Some(&nora)));
        let old = run(&unit, &one.course, &of_malte);
        let planned = json!({"match_id": old, "starts_at": "2026-03-03T15:00:00Z", "ends_at": "2026-03-03T16:00:00Z", "kind": "in_person"});
        let session = malte.post("/v1/sessions", &planned).id();
        app.set_clock("2026-03-04T08:00:00Z");
        let next = unit.post(&format!("/v1/matches/{old}/hand-over"), &json!({"knows_person": false, "staff_id": of_nora})).id();
        unit.post(&format!("/v1/matches/{old}/release-logs"), &json!({"to_match_id": next})).ok();
        let path = format!("/v1/sessions/{session}");
        assert_eq!(nora.get(&path).ok()["state"], "planned", "to be read with its log");
        nora.post(&format!("{path}/cancel"), &json!({"by": "person"})).refused(404, "not_found");
        nora.post(&format!("{path}/restore"), &json!({})).refused(404, "not_found");
        let to = json!({"starts_at": "2026-03-09T15:00:00Z", "ends_at": "2026-03-09T16:00:00Z"});
        nora.post_if(&format!("{path}/move"), "*", &to).refused(404, "not_found");
        assert_eq!(nora.get("/v1/today").ok()["sessions"], json!([]), "nothing of it is hers to log");
        assert_eq!(malte.get("/v1/today").ok()["sessions"][0]["id"], json!(session));
    }

    fn a_running_match_whose_mentor_sees_nothing_any_more_is_promised_to_the_unit(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let (one, of_malte, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", Some(&nora)));
        let matched = run(&unit, &one.course, &of_malte);
        assert!(app.promised("unseen_match").is_empty());
        let barred = bar(&unit, &malte, &one.boy);
        malte.get(&format!("/v1/matches/{matched}")).refused(404, "not_found");
        let promised = app.promised("unseen_match").remove(0);
        assert_eq!((promised.state.as_str(), promised.owner_id), ("open", unit.account_id().parse().ok()), "the responsible coordinator's");
        let listed = unit.get(&format!("/v1/duties?match={matched}&kind=unseen_match")).ok();
        assert_eq!(listed["items"][0]["kept_by"], json!(["matches.hand_over", "matches.end"]));
        // The bar ends: they see it again.
        unit.post(&format!("/v1/bars/{barred}/end"), &json!({})).ok();
        assert_eq!((app.promise("unseen_match").0, app.promise("unseen_match").2), ("ended".into(), Some("seen_again".into())));
        // Closed, the account's match is the unit's; opened, its own again.
        let account = format!("/v1/accounts/{}", malte.account_id());
        unit.post(&format!("{account}/disable"), &json!({})).ok();
        assert_eq!(app.promise("unseen_match").0, "open");
        unit.post(&format!("{account}/enable"), &json!({})).ok();
        assert_eq!(app.promise("unseen_match").0, "ended");
        unit.put(&format!("{account}/roles"), "*", &json!({"roles": ["supervisor"]})).ok();
        assert_eq!(app.promise("unseen_match").0, "open", "a lost role is no better");
        unit.post(&format!("/v1/matches/{matched}/hand-over"), &json!({"knows_person": false, "staff_id": of_nora})).ok();
        assert_eq!(app.promise("unseen_match").0, "done");
        // Nobody whose account is closed is proposed to.
        unit.post(&format!("{account}/disable"), &json!({})).ok();
        let (_, course) = another(&app, &unit, "Cornelius", "Mathildur");
        let refused = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": of_malte})).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/staff_id", "account_closed"));
    }

    fn whose_account_is_of_no_mentor_any_more_is_paired_with_nobody(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor", "parent_coach"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let (_, second) = another(&app, &unit, "Thorgrimur", "Sigurlaug");
        let roles = |roles: &[&str]| {
            unit.put(&format!("/v1/accounts/{}/roles", malte.account_id()), "*", &json!({"roles": roles})).ok();
        };
        let pair = format!("/v1/matches/{}", propose(&unit, &one.course, &of_malte));
        assert_eq!(find(&unit, &json!({}))["places"], 2);
        // A coach's role is not a mentor's.
        roles(&["parent_coach"]);
        let run = find(&unit, &json!({}));
        assert_eq!((&run["places"], &run["matched"]), (&json!(0), &json!(0)));
        let listed = unit.get(&format!("/v1/courses/{second}/eligible-staff")).ok();
        assert_eq!((&listed["items"][0]["eligible"], &listed["items"][0]["exclusions"]), (&json!(false), &json!(["kind"])));
        let refused = unit.post("/v1/matches", &json!({"course_id": second, "staff_id": of_malte})).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/staff_id", "kind"));
        // Two yeses do not start what whoever runs it would not see.
        unit.post(&format!("{pair}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        let held = unit.post(&format!("{pair}/answer-for-person"), &json!({"accepted": true})).ok();
        assert_eq!((&held["state"], &held["is_held"]), (&json!("proposed"), &json!(true)));
        assert_eq!(unit.get(&pair).ok()["held_by"]["exclusions"], json!(["kind"]));
        assert_eq!(flaw(&unit.post(&format!("{pair}/start"), &json!({})).refused(422, "invalid")), ("/staff_id", "kind"));
        roles(&["mentor"]);
        assert_eq!(unit.post(&format!("{pair}/start"), &json!({})).ok()["state"], "running");
        assert!(app.promised("unseen_match").is_empty());
        roles(&["parent_coach"]);
        assert_eq!(app.promise("unseen_match").0, "open", "and what runs is to be mended at once");
    }

    fn an_unseen_match_is_mended_before_its_next_session(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let matched = run(&unit, &one.course, &of_malte);
        let on = |day: &str| json!({"match_id": matched, "starts_at": format!("{day}T15:00:00Z"), "ends_at": format!("{day}T16:00:00Z"), "kind": "in_person"});
        let today = app.clock.now().to_string()[..10].to_owned();
        assert_eq!(today, "2026-03-02", "a Monday");
        let session = format!("/v1/sessions/{}", malte.post("/v1/sessions", &on("2026-03-04")).id());
        bar(&unit, &malte, &one.boy);
        assert_eq!(app.promise("unseen_match").1, "2026-03-03T22:59:59.999999Z", "the day before somebody would stand alone");
        let move_to = |day: &str| {
            let to = json!({"starts_at": format!("{day}T15:00:00Z"), "ends_at": format!("{day}T16:00:00Z")});
            unit.post_if(&format!("{session}/move"), &unit.get(&session).tag(), &to).ok();
            app.promise("unseen_match").1
        };
        assert_eq!(move_to("2026-03-09"), "2026-03-04T22:59:59.999999Z", "two working days");
        assert_eq!(move_to(&today), "2026-03-02T15:00:00Z");
        // What was missed is not put off by what is planned later.
        app.set_clock("2026-03-02T16:00:00Z");
        unit.post("/v1/sessions", &on("2026-03-09")).ok();
        assert_eq!(app.promise("unseen_match").1, "2026-03-02T15:00:00Z");
    }

    fn a_run_is_told_as_far_as_it_may_be_seen(app: TestApp) {
        let unit = app.coordinator();
        let one = waiting(&app, &unit);
        let (_, second) = another(&app, &unit, "Cornelius", "Mathildur");
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"languages": ["so"]})).ok();
        unit.staff("mentor", None);
        let ole = app.account("ole", &["coordinator"]);
        bar(&unit, &ole, &one.boy);
        let run = unit.post("/v1/matching-runs", &json!({})).ok();
        assert_eq!((&run["waiting"], &run["matched"], run["needs"].as_array().unwrap().len()), (&json!(2), &json!(1), 1));
        let path = format!("/v1/matching-runs/{}", run["id"].as_str().unwrap());
        let seen = ole.get(&path).ok();
        assert_eq!((&seen["waiting"], &seen["matched"], &seen["needs"]), (&json!(1), &json!(1), &json!([])));
        let lines = ole.get(&format!("{path}/lines?limit=1"));
        assert!(lines.header("link").is_none_or(|link| !link.contains("next")), "nothing comes after it");
        assert_eq!((&lines.ok()["items"][0]["course_id"], &lines.ok()["items"][0]["points"]), (&json!(second), &seen["total"]));
        assert_eq!(ole.get("/v1/matching-runs").ok()["items"][0], seen);
        assert_eq!(unit.get(&path).ok(), run);
        let pages = |caller: &Caller<'_>| {
            let (mut path, mut found) = (format!("{path}/lines?limit=1"), Vec::new());
            loop {
                let page = caller.get(&path);
                found.extend(page.ok()["items"].as_array().unwrap().iter().map(|line| line["course_id"].clone()));
                let Some(next) = page.header("link").map(str::to_owned) else { break found };
                path = next.trim_start_matches('<').split_once('>').unwrap().0.to_owned();
            }
        };
        assert_eq!((pages(&unit), pages(&ole)), (vec![json!(one.course), json!(second)], vec![json!(second)]));
    }

    fn what_was_done_is_shown_again_under_the_rights_of_today(app: TestApp) {
        let unit = app.coordinator();
        let (ole, malte, sune) = (app.account("ole", &["coordinator"]), app.account("malte", &["mentor"]), app.account("sune", &["supervisor"]));
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let matched = propose(&unit, &one.course, &of_malte);
        let (answer, supervision) = (format!("/v1/matches/{matched}/answer-for-person"), format!("/v1/matches/{matched}/supervision"));
        let (yes, whose) = (json!({"accepted": true}), json!({"account_id": sune.account_id()}));
        let entered = json!({"account_id": sune.account_id(), "person_id": one.father, "cause": "conflict"});
        keyed(&ole, &answer, "one", &yes).ok();
        keyed(&ole, &supervision, "two", &whose).ok();
        keyed(&ole, "/v1/bars", "three", &entered).ok();
        for (path, key, body) in [(&answer, "one", &yes), (&supervision, "two", &whose), (&"/v1/bars".to_owned(), "three", &entered)] {
            keyed(&ole, path, key, body).ok();
        }
        app.pass(TimeDelta::minutes(1));
        bar(&unit, &ole, &one.boy);
        bar(&unit, &ole, &one.father);
        for (path, key, body) in [(&answer, "one", &yes), (&supervision, "two", &whose), (&"/v1/bars".to_owned(), "three", &entered)] {
            keyed(&ole, path, key, body).refused(404, "not_found");
        }
        // Whoever said no is told so again, though they see the match no longer.
        let (path, no) = (format!("/v1/matches/{matched}/answer"), json!({"accepted": false, "reason": "no_time"}));
        keyed(&malte, &path, "four", &no).ok();
        malte.get(&format!("/v1/matches/{matched}")).refused(404, "not_found");
        assert_eq!(keyed(&malte, &path, "four", &no).ok()["state"], "refused");
        bar(&unit, &malte, &one.boy);
        keyed(&malte, &path, "four", &no).refused(404, "not_found");
    }

    fn whoever_is_asked_again_although_they_know_the_family_may_say_so_with_a_yes(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let (yes, knows) = (json!({"accepted": true}), json!({"accepted": true, "knows_person": true}));
        let first = propose(&unit, &one.course, &malte);
        let no = json!({"accepted": false, "reason": "knows_them", "knows_person": true});
        unit.post(&format!("/v1/matches/{first}/answer"), &no).ok();
        let again = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": malte, "again": true})).id();
        unit.post(&format!("/v1/matches/{again}/answer-for-person"), &yes).ok();
        let said = unit.post(&format!("/v1/matches/{again}/answer"), &knows).ok();
        assert_eq!((&said["state"], &said["is_held"]), (&json!("running"), &json!(false)));
        assert_eq!(unit.get(&format!("/v1/matches/{again}")).ok()["staff_answer"]["knows_person"], true);
        let hand = format!("/v1/matches/{again}/hand-over");
        let refused = unit.post(&hand, &json!({"staff_id": nora, "knows_person": true})).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/knows_person", "conflict_of_interest"));
        unit.post(&hand, &json!({"staff_id": nora, "knows_person": true, "again": true})).ok();
    }

    fn a_version_does_not_tell_what_the_person_said(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let path = format!("/v1/matches/{}", propose(&unit, &one.course, &of_malte));
        let before = malte.get(&path);
        let of_unit = unit.get(&path).tag();
        unit.post(&format!("{path}/answer-for-person"), &json!({"accepted": true})).ok();
        let after = malte.get(&path);
        assert_eq!((before.ok(), before.tag()), (after.ok(), after.tag()), "nothing has changed for them");
        assert_ne!(unit.get(&path).tag(), of_unit);
        malte.post(&format!("{path}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        assert_eq!(malte.get(&path).ok()["version"], unit.get(&path).ok()["version"]);
    }

    fn nobody_finds_out_by_a_filter_who_is_behind_a_label(app: TestApp) {
        let unit = app.coordinator();
        let (sune, malte) = (app.account("sune", &["supervisor"]), app.account("malte", &["mentor"]));
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let matched = propose(&unit, &one.course, &of_malte);
        unit.post(&format!("/v1/matches/{matched}/supervision"), &json!({"account_id": sune.account_id()})).ok();
        let found = |by: &Caller<'_>, query: &str| by.get(&format!("/v1/matches{query}")).ok()["items"].as_array().unwrap().len();
        let (person, case) = (format!("?person={}", one.boy), format!("?case={}", one.case));
        for by in [&sune, &malte] {
            assert_eq!((found(by, ""), found(by, &person), found(by, &case)), (1, 0, 0));
        }
        assert_eq!((found(&unit, &person), found(&unit, &case)), (1, 1));
        unit.post(&format!("/v1/matches/{matched}/answer-for-person"), &json!({"accepted": true})).ok();
        malte.post(&format!("/v1/matches/{matched}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        assert_eq!((found(&sune, &person), found(&malte, &person), found(&malte, &case)), (0, 1, 1));
        let planned = json!({"match_id": matched, "starts_at": "2026-03-03T15:00:00Z", "ends_at": "2026-03-03T16:00:00Z", "kind": "in_person"});
        malte.post("/v1/sessions", &planned).ok();
        let sessions = |by: &Caller<'_>, query: &str| by.get(&format!("/v1/sessions{query}")).ok()["items"].as_array().unwrap().len();
        assert_eq!((sessions(&sune, ""), sessions(&sune, &person), sessions(&sune, &case), sessions(&malte, &person)), (1, 0, 0, 1));
    }

    fn an_end_by_hand_says_only_what_a_hand_may(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let end = format!("/v1/matches/{}/end", run(&unit, &one.course, &malte));
        for reason in ["course_ended", "handed_over", "staff_left", "loan_ended"] {
            let refused = unit.post(&end, &json!({"reason": reason})).refused(422, "invalid");
            assert_eq!(flaw(&refused), ("/reason", "not_by_hand"), "{reason}");
        }
        assert_eq!(unit.post(&end, &json!({"reason": "person_wish"})).ok()["end_reason"], "person_wish");
    }
}
