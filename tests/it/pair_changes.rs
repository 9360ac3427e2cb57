//! What changes under a pair: another account, a loan, a sibling's mentor, the version that its mentor sees; what is stated to have begun
//! earlier; and what both said yes to and nobody took further.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::pair_sights::{another, bar};
use crate::pair_times::{mentor, siblings};
use crate::proposals::{flaw, propose, run};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::wishes::waiting;

fn seen(unit: &Caller<'_>, id: &str) -> Value {
    unit.get(&format!("/v1/matches/{id}")).ok()
}

/// Both say yes, now or at a stated moment; the coordinator writes it down.
fn both_say_yes(unit: &Caller<'_>, id: &str, at: &Value) -> Value {
    unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true, "happened_at": at})).ok();
    unit.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false, "happened_at": at})).ok()
}

fn end(unit: &Caller<'_>, id: &str, reason: &str) -> crate::support::http::Answer {
    unit.post(&format!("/v1/matches/{id}/end"), &json!({"reason": reason}))
}

both_engines! {
    fn what_was_released_goes_with_the_account_and_the_loan(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora, olga) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]), app.account("olga", &["mentor"]));
        let (one, of_malte, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", Some(&nora)));
        let old = run(&unit, &one.course, &of_malte);
        app.pass(TimeDelta::hours(1));
        let log = "/v1/session-logs/11111111-1111-4111-8111-111111111111";
        let held = json!({"match_id": old, "outcome": "held", "starts_at": "2026-03-02T08:00:00Z", "minutes": 45, "written_at": app.clock.now(),
            "topics": ["school"], "facts": "Vi spillede skak"});
        assert_eq!(malte.put(log, "", &held).status, 201);
        app.pass(TimeDelta::days(1));
        let next = unit.post(&format!("/v1/matches/{old}/hand-over"), &json!({"knows_person": false, "staff_id": of_nora})).id();
        unit.post(&format!("/v1/matches/{old}/release-logs"), &json!({"to_match_id": next})).ok();
        assert_eq!(nora.get(log).ok()["content"]["facts"], "Vi spillede skak");
        let change = |change: Value| {
            app.pass(TimeDelta::minutes(1));
            unit.patch(&format!("/v1/staff/{of_nora}"), "*", &change).ok();
        };
        let sees_nothing = |caller: &Caller<'_>| {
            for path in [log.to_owned(), format!("/v1/matches/{old}"), format!("/v1/matches/{next}")] {
                caller.get(&path).refused(404, "not_found");
            }
        };
        change(json!({"account_id": null}));
        sees_nothing(&nora);
        change(json!({"account_id": olga.account_id()}));
        assert_eq!(olga.get(log).ok()["content"]["facts"], "Vi spillede skak");
        sees_nothing(&nora);
        change(json!({"loan_until_on": "2026-03-10"}));
        change(json!({"loan_until_on": "2026-04-10"}));
        app.set_clock("2026-04-10T08:00:00Z");
        assert_eq!(olga.get(log).status, 200, "as long as they run it");
        app.set_clock("2026-04-11T08:00:00Z");
        olga.get(log).refused(404, "not_found");
        assert_eq!(olga.get(&format!("/v1/matches/{next}")).ok()["end_reason"], "loan_ended");
    }

    fn a_bar_stands_whichever_account_they_sign_in_with(app: TestApp) {
        let unit = app.coordinator();
        let (nora, olga) = (app.account("nora", &["mentor"]), app.account("olga", &["mentor"]));
        let (one, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&nora)));
        let matched = run(&unit, &one.course, &of_nora);
        let bar = json!({"account_id": nora.account_id(), "person_id": one.boy, "cause": "family"});
        unit.post("/v1/bars", &bar).ok();
        let path = format!("/v1/staff/{of_nora}");
        for account in [Value::Null, json!(olga.account_id())] {
            unit.patch(&path, "*", &json!({"account_id": account})).ok();
            assert_eq!(app.promise("unseen_match").0, "open");
        }
        for caller in [&nora, &olga] {
            for hidden in [format!("/v1/matches/{matched}"), format!("/v1/people/{}", one.boy)] {
                caller.get(&hidden).refused(404, "not_found");
            }
        }
        let bars = unit.get(&format!("/v1/bars?account_id={}", olga.account_id())).ok();
        assert_eq!((bars["items"].as_array().unwrap().len(), &bars["items"][0]["cause"]), (1, &json!("family")), "{bars}");
        let promised = unit.get(&format!("/v1/duties?match={matched}&kind=unseen_match&state=open")).ok();
        assert_eq!(promised["items"].as_array().unwrap().len(), 1, "{promised}");
        // There and back: each has one.
        unit.patch(&path, "*", &json!({"account_id": nora.account_id()})).ok();
        unit.patch(&path, "*", &json!({"account_id": olga.account_id()})).ok();
        assert_eq!(app.count("relations WHERE id = cause_id AND kind = 'bar' AND until_at IS NULL"), 2);
    }

    fn a_bar_on_an_account_that_is_nobodys_by_now_is_about_whoever_had_it(app: TestApp) {
        let unit = app.coordinator();
        let (nora, olga) = (app.account("nora", &["mentor"]), app.account("olga", &["mentor"]));
        let (one, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&nora)));
        let (second_boy, second) = another(&app, &unit, "Arnfinnur", "Hallgerdur");
        let (third_boy, third) = another(&app, &unit, "Eyvindur", "Thordisa");
        let matched = run(&unit, &one.course, &of_nora);
        let sign_in_with = |account: Value| {
            app.pass(TimeDelta::minutes(1));
            unit.patch(&format!("/v1/staff/{of_nora}"), "*", &json!({"account_id": account})).ok();
        };
        let bar = |person: &str| {
            app.pass(TimeDelta::minutes(1));
            unit.post("/v1/bars", &json!({"account_id": nora.account_id(), "person_id": person, "cause": "family"})).ok();
        };
        let exclusions = |course: &str| {
            let listed = unit.get(&format!("/v1/courses/{course}/eligible-staff")).ok();
            listed["items"].as_array().unwrap().iter().find(|one| one["staff_id"] == json!(of_nora)).unwrap()["exclusions"].clone()
        };
        let barred = || unit.get(&format!("/v1/bars?account_id={}", olga.account_id())).ok()["items"].as_array().unwrap().len();
        sign_in_with(Value::Null);
        assert!(app.promised("unseen_match").is_empty(), "the unit's, as long as nothing speaks against whom they meet");
        bar(&one.boy);
        assert_eq!((app.promise("unseen_match").0.as_str(), exclusions(&one.course)), ("open", json!(["bar", "proposed"])));
        sign_in_with(json!(olga.account_id()));
        assert_eq!(barred(), 1);
        for hidden in [format!("/v1/matches/{matched}"), format!("/v1/people/{}", one.boy)] {
            olga.get(&hidden).refused(404, "not_found");
        }
        // Entered on the one that they had, it goes for the one that they have.
        bar(&second_boy);
        assert_eq!((barred(), exclusions(&second)), (2, json!(["bar"])));
        // That is somebody else's by now: so is what it is barred from.
        app.pass(TimeDelta::minutes(1));
        unit.staff("mentor", Some(&nora));
        bar(&third_boy);
        assert_eq!((barred(), exclusions(&third)), (2, json!([])));
        sign_in_with(Value::Null);
        assert_eq!((exclusions(&second), exclusions(&third)), (json!(["bar"]), json!([])));
    }

    fn released_logs_are_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let nora = app.account("nora", &["mentor"]);
        let (one, malte, of_nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", Some(&nora)));
        let old = run(&unit, &one.course, &malte);
        app.pass(TimeDelta::days(1));
        let next = unit.post(&format!("/v1/matches/{old}/hand-over"), &json!({"knows_person": false, "staff_id": of_nora})).id();
        let (path, to) = (format!("/v1/matches/{old}/release-logs"), json!({"to_match_id": next}));
        let take_back = || {
            app.pass(TimeDelta::minutes(1));
            unit.post(&format!("{path}/end"), &to)
        };
        let account = |account: Value| {
            app.pass(TimeDelta::minutes(1));
            unit.patch(&format!("/v1/staff/{of_nora}"), "*", &json!({"account_id": account})).ok();
        };
        let reads = || nora.get(&format!("/v1/matches/{old}")).status == 200;
        assert_eq!(flaw(&take_back().refused(422, "invalid")), ("/to_match_id", "not_released"));
        unit.post(&path, &to).ok();
        assert_eq!((reads(), &seen(&unit, &next)["released_logs_of"]), (true, &json!([old])));
        assert_eq!(nora.get(&format!("/v1/matches/{next}")).ok()["released_logs_of"], json!([]), "for coordinators");
        take_back().ok();
        assert_eq!((reads(), &seen(&unit, &next)["released_logs_of"]), (false, &json!([])));
        take_back().refused(422, "invalid");
        // What is released waits while nobody signs in; what was taken back does not come back with an account.
        account(Value::Null);
        account(json!(nora.account_id()));
        assert!(!reads());
        unit.post(&path, &to).ok();
        account(Value::Null);
        account(json!(nora.account_id()));
        assert!(reads());
        account(Value::Null);
        take_back().ok();
        account(json!(nora.account_id()));
        assert!(!reads());
    }

    fn a_mentor_answers_with_the_tag_that_they_were_given(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let path = format!("/v1/matches/{}", propose(&unit, &one.course, &of_malte));
        let (answer, yes) = (format!("{path}/answer"), json!({"accepted": true, "knows_person": false}));
        let first = malte.get(&path).tag();
        unit.patch(&path, "*", &json!({"length_min": 60})).ok();
        let tag = malte.get(&path).tag();
        unit.post(&format!("{path}/answer-for-person"), &json!({"accepted": true})).ok();
        malte.post_if(&answer, &first, &yes).refused(412, "stale_version");
        // A version that they were never given tells nothing, either.
        malte.post_if(&answer, &unit.get(&path).tag(), &yes).refused(412, "stale_version");
        assert_eq!(malte.post_if(&answer, &tag, &yes).ok()["state"], "running");
    }

    fn a_loan_that_is_over_is_not_entered_while_somebody_is_met(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let running = run(&unit, &one.course, &malte);
        app.set_clock("2026-03-12T08:00:00Z");
        let lend = |until: Value| unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"loan_until_on": until}));
        assert_eq!(flaw(&lend(json!("2026-03-11")).refused(422, "invalid")), ("/loan_until_on", "before_today"));
        assert_eq!(unit.get(&format!("/v1/staff/{malte}")).ok()["loan_until_on"], Value::Null);
        lend(json!("2026-03-12")).ok();
        lend(json!("2027-03-31")).ok();
        assert_eq!(seen(&unit, &running)["state"], "running");
        end(&unit, &running, "other").ok();
        lend(json!("2026-03-11")).ok();
    }

    fn nobody_stops_doing_what_a_match_takes_that_they_run(app: TestApp) {
        let unit = app.coordinator();
        let ole = app.account("ole", &["coordinator"]);
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let running = run(&unit, &one.course, &malte);
        let does = |by: &Caller<'_>, staff: &str, kinds: Value| by.patch(&format!("/v1/staff/{staff}"), "*", &json!({ "kinds": kinds }));
        let refused = does(&unit, &malte, json!(["parent_coach"])).refused(409, "blocked");
        assert_eq!(refused["blocking"], json!([{"kind": "match", "id": running}]));
        does(&unit, &malte, json!(["mentor", "parent_coach"])).ok();
        // Whoever may not see the match is not told which it is.
        bar(&unit, &ole, &one.boy);
        assert!(does(&ole, &malte, json!(["parent_coach"])).refused(409, "blocked")["blocking"][0].is_null());
        end(&unit, &running, "other").ok();
        does(&unit, &malte, json!(["parent_coach"])).ok();
        // A proposal is not in the way: it does not hold.
        let pair = propose(&unit, &one.course, &nora);
        does(&unit, &nora, json!(["parent_coach"])).ok();
        assert_eq!(both_say_yes(&unit, &pair, &Value::Null)["is_held"], true);
        assert_eq!(seen(&unit, &pair)["held_by"]["exclusions"], json!(["kind"]));
    }

    fn a_sibling_who_has_somebody_else_by_now_keeps_the_other_from_theirs(app: TestApp) {
        let unit = app.coordinator();
        let children = siblings(&app, &unit, "ti");
        let (malte, nora) = (mentor(&unit, "ti", 2), mentor(&unit, "ti", 1));
        let run = unit.post("/v1/matching-runs", &json!({"same_mentor": [children]})).ok();
        assert_eq!(run["matched"], 2);
        let path = format!("/v1/matching-runs/{}/adopt", run["id"].as_str().unwrap());
        let adopt = |chosen: &[String]| unit.post(&path, &json!({"course_ids": chosen}));
        let elsewhere = propose(&unit, &children[0], &nora);
        assert_eq!(flaw(&adopt(&children[1..]).refused(422, "invalid")), ("/course_ids/0", "not_the_same"));
        end(&unit, &elsewhere, "other").ok();
        adopt(&children[1..]).ok();
        adopt(&children[..1]).ok();
        for matched in unit.get("/v1/matches?state=proposed").ok()["items"].as_array().unwrap() {
            assert_eq!(matched["staff_id"], json!(malte));
        }
    }

    fn what_is_stated_to_have_begun_earlier_is_held_against_that_day_too(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let (nora, olga) = (unit.staff("mentor", None), unit.staff("mentor", None));
        unit.patch(&format!("/v1/staff/{olga}"), "*", &json!({"from_on": "2026-03-10"})).ok();
        let old = run(&unit, &one.course, &malte);
        // He turns 15 on the 8th, and until then whoever meets him needs a certificate.
        unit.patch(&format!("/v1/people/{}", one.boy), "*", &json!({"born_on": "2011-03-08"})).ok();
        app.set_clock("2026-03-12T08:00:00Z");
        let hand = |staff: &str, at: &str| {
            let to = json!({"staff_id": staff, "knows_person": false, "happened_at": at});
            unit.post(&format!("/v1/matches/{old}/hand-over"), &to)
        };
        assert_eq!(flaw(&hand(&nora, "2026-03-07T08:00:00Z").refused(422, "invalid")), ("/staff_id", "certificate"));
        assert_eq!(flaw(&hand(&olga, "2026-03-09T08:00:00Z").refused(422, "invalid")), ("/staff_id", "left"));
        assert_eq!(hand(&olga, "2026-03-10T08:00:00Z").ok()["starts_at"], "2026-03-10T08:00:00Z");
    }

    fn two_yeses_of_a_day_before_the_mentor_was_there_are_kept(app: TestApp) {
        let unit = app.coordinator();
        let (one, nora) = (waiting(&app, &unit), unit.staff("mentor", None));
        unit.patch(&format!("/v1/staff/{nora}"), "*", &json!({"from_on": "2026-03-10"})).ok();
        app.set_clock("2026-03-12T08:00:00Z");
        let proposal = json!({"course_id": one.course, "staff_id": nora, "happened_at": "2026-03-05T08:00:00Z"});
        let pair = unit.post("/v1/matches", &proposal).id();
        let said = both_say_yes(&unit, &pair, &json!("2026-03-06T08:00:00Z"));
        assert_eq!((&said["state"], &said["is_held"]), (&json!("proposed"), &json!(true)));
        assert_eq!(seen(&unit, &pair)["held_by"], json!({"hurdles": [], "exclusions": []}), "nothing is in its way by now");
        unit.post(&format!("/v1/matches/{pair}/start"), &json!({})).ok();
        assert_eq!(seen(&unit, &pair)["starts_at"], json!(app.clock.now()));
    }

    fn a_no_to_a_proposal_is_an_answer(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let pair = propose(&unit, &one.course, &malte);
        for reason in ["staff_wish", "person_wish"] {
            assert_eq!(flaw(&end(&unit, &pair, reason).refused(422, "invalid")), ("/reason", "is_an_answer"));
        }
        assert_eq!(end(&unit, &pair, "other").ok()["state"], "expired");
    }

    fn a_pair_that_both_said_yes_to_and_that_was_left_stays_promised(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let left = |staff: &str| {
            let pair = propose(&unit, &one.course, staff);
            let veto = json!({"vetoes": [{"staff_id": staff, "by_person": true, "by_staff": false}]});
            unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &veto).ok();
            assert_eq!(both_say_yes(&unit, &pair, &Value::Null)["is_held"], true);
            app.pass(TimeDelta::days(16));
            app.tick();
            assert_eq!(seen(&unit, &pair)["state"], "expired");
            let duty = unit.get(&format!("/v1/duties?match={pair}&kind=proposal")).ok()["items"][0].clone();
            assert_eq!((&duty["state"], &duty["is_late"]), (&json!("open"), &json!(true)));
            pair
        };
        let states = || app.promised("proposal").into_iter().map(|duty| duty.state).collect::<Vec<_>>();
        // A coordinator ends it, or proposes somebody else.
        let first = left(&malte);
        assert_eq!(flaw(&end(&unit, &first, "person_wish").refused(422, "invalid")), ("/reason", "is_an_answer"));
        end(&unit, &first, "other").ok();
        end(&unit, &first, "other").refused(409, "wrong_state");
        assert_eq!(states(), ["ended"]);
        left(&nora);
        assert_eq!(states(), ["ended", "open"]);
        propose(&unit, &one.course, &malte);
        assert_eq!(states(), ["ended", "ended", "open"]);
    }

    fn of_two_words_of_one_moment_about_another_match_the_later_counts(app: TestApp) {
        let unit = app.coordinator();
        let path = format!("/v1/courses/{}/interest", waiting(&app, &unit).course);
        // The clock stands.
        for wanted in [false, true, false, true, true, false] {
            unit.post(&path, &json!({"still_wanted": wanted})).ok();
            assert_eq!(unit.get(&path).ok()["items"][0]["still_wanted"], wanted);
            let hurdles = unit.get("/v1/waiting-courses").ok()["items"][0]["hurdles"].clone();
            assert_eq!(hurdles, if wanted { json!([]) } else { json!(["not_wanted"]) });
        }
    }

    fn a_first_meeting_on_a_day_before_they_began_is_agreed_on_anew(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let proposal = json!({"course_id": one.course, "staff_id": malte, "first_meeting_at": "2026-03-04T15:00:00Z"});
        let pair = unit.post("/v1/matches", &proposal).id();
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!(both_say_yes(&unit, &pair, &Value::Null)["state"], "running");
        assert!(app.promised("first_meeting").is_empty(), "nothing is late at birth");
        unit.patch(&format!("/v1/matches/{pair}"), "*", &json!({"first_meeting_at": "2026-03-10T15:00:00Z"})).ok();
        assert_eq!(app.promise("first_meeting").0, "open");
    }

    fn what_outlived_its_expected_end_is_handed_over_as_if_nothing_was_said(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let [lent, gone, nora] = [(); 3].map(|()| unit.staff("mentor", None));
        let old = run(&unit, &one.course, &malte);
        app.set_clock("2027-03-20T08:00:00Z");
        unit.patch(&format!("/v1/staff/{lent}"), "*", &json!({"loan_until_on": "2027-03-21"})).ok();
        unit.post(&format!("/v1/staff/{gone}/leaves"), &json!({"kind": "parental", "from_on": "2027-03-21", "until_on": "2027-09-30"})).ok();
        let hand = |staff: &str| unit.post(&format!("/v1/matches/{old}/hand-over"), &json!({"staff_id": staff, "knows_person": false}));
        assert_eq!(flaw(&hand(&lent).refused(422, "invalid")), ("/staff_id", "loan"));
        assert_eq!(flaw(&hand(&gone).refused(422, "invalid")), ("/staff_id", "leave"));
        assert_eq!(hand(&nora).ok()["expected_end_on"], "2028-03-20");
    }

    fn an_expected_end_is_not_set_to_a_day_that_is_over(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let path = format!("/v1/matches/{}", run(&unit, &one.course, &malte));
        // Ten past midnight on the 10th.
        app.set_clock("2026-06-09T22:10:00Z");
        let set = |body: Value| unit.patch(&path, "*", &body);
        assert_eq!(flaw(&set(json!({"expected_end_on": "2026-06-09"})).refused(422, "invalid")), ("/expected_end_on", "out_of_range"));
        assert_eq!(set(json!({"expected_end_on": "2026-06-10"})).ok()["expected_end_on"], "2026-06-10");
        // They go on beyond it, and what else they agree on is set with it or without.
        app.set_clock("2026-06-20T08:00:00Z");
        assert_eq!(set(json!({"weekday": 3})).ok()["weekday"], 3);
        assert_eq!(set(json!({"expected_end_on": "2026-06-10", "weekday": 4})).ok()["weekday"], 4);
        assert_eq!(flaw(&set(json!({"expected_end_on": "2026-06-19"})).refused(422, "invalid")), ("/expected_end_on", "out_of_range"));
    }

    fn nobody_is_proposed_until_a_day_that_is_over(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        app.set_clock("2026-03-12T08:00:00Z");
        let until = |on: &str| json!({"course_id": one.course, "staff_id": malte, "happened_at": "2026-03-03T08:00:00Z", "expected_end_on": on});
        assert_eq!(flaw(&unit.post("/v1/matches", &until("2026-03-11")).refused(422, "invalid")), ("/expected_end_on", "out_of_range"));
        let pair = unit.post("/v1/matches", &until("2026-03-13")).id();
        // Both say yes when that is over: it lasts as long as one of which nothing is said, and so does the loan.
        app.set_clock("2026-03-15T08:00:00Z");
        let lend = |until: Value| unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"loan_until_on": until})).ok();
        lend(json!("2026-03-16"));
        assert_eq!(both_say_yes(&unit, &pair, &Value::Null)["is_held"], true);
        assert_eq!(seen(&unit, &pair)["held_by"]["exclusions"], json!(["loan"]));
        lend(Value::Null);
        unit.post(&format!("/v1/matches/{pair}/start"), &json!({})).ok();
        assert_eq!(seen(&unit, &pair)["expected_end_on"], "2027-03-15");
    }
}
