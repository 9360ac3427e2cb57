//! What is written down late of a pair, and what came between: a course that ended, another match, a no after a yes, a place that went. And
//! the promise of their first joint meeting.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::proposals::{flaw, propose, run};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::wishes::{Waiting, accepted, waiting};

/// A girl with a mother of her own whose mentor course waits.
fn another(app: &TestApp, unit: &Caller<'_>) -> Waiting {
    let (boy, father) = (unit.person("young_person", "Corneliane", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
    unit.set_custody(&boy, &[&father]);
    let case = app.founded_case(unit, &[&boy, &father]);
    let course = accepted(app, unit, &case, &boy, &father, "mentor");
    Waiting { boy, father, case, course }
}

fn yes(caller: &Caller<'_>, id: &str, at: &Value) -> crate::support::http::Answer {
    caller.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false, "happened_at": at}))
}

fn yes_of_person(unit: &Caller<'_>, id: &str, at: &Value) -> crate::support::http::Answer {
    unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true, "happened_at": at}))
}

fn end_course(app: &TestApp, unit: &Caller<'_>, course: &str) {
    let ended = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Flyttet"}});
    unit.post(&format!("/v1/courses/{course}/end"), &ended).ok();
}

fn seen(unit: &Caller<'_>, id: &str) -> Value {
    unit.get(&format!("/v1/matches/{id}")).ok()
}

both_engines! {
    fn a_late_yes_starts_nothing_on_a_course_that_has_ended(app: TestApp) {
        let unit = app.coordinator();
        let (one, other, malte) = (waiting(&app, &unit), another(&app, &unit), unit.staff("mentor", None));
        let pairs = [propose(&unit, &one.course, &malte), propose(&unit, &other.course, &malte)];
        app.set_clock("2026-03-18T08:00:00Z");
        end_course(&app, &unit, &one.course);
        unit.post(&format!("/v1/people/{}/death", other.boy), &json!({"happened_at": app.clock.now()})).ok();
        let in_time = json!("2026-03-10T08:00:00Z");
        for pair in &pairs {
            yes_of_person(&unit, pair, &in_time).refused(409, "wrong_state");
            yes(&unit, pair, &in_time).refused(409, "wrong_state");
            assert_eq!(seen(&unit, pair)["state"], "expired");
        }
    }

    fn matches_of_a_course_come_one_after_the_other(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let first = propose(&unit, &one.course, &malte);
        app.set_clock("2026-03-18T08:00:00Z");
        let between = run(&unit, &one.course, &nora);
        app.set_clock("2026-03-28T08:00:00Z");
        unit.post(&format!("/v1/matches/{between}/end"), &json!({"reason": "other"})).ok();
        yes_of_person(&unit, &first, &json!("2026-03-10T08:00:00Z")).refused(409, "wrong_state");
        assert_eq!(seen(&unit, &first)["state"], "expired", "somebody else ran it since");
        app.pass(TimeDelta::days(1));
        let proposal = |at: &str| json!({"course_id": one.course, "staff_id": malte, "happened_at": at});
        let refused = unit.post("/v1/matches", &proposal("2026-03-28T07:59:59Z")).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/happened_at", "before_cause"));
        let next = unit.post("/v1/matches", &proposal("2026-03-28T08:00:00Z")).id();
        yes_of_person(&unit, &next, &json!("2026-03-28T08:00:00Z")).ok();
        assert_eq!(yes(&unit, &next, &json!("2026-03-28T09:00:00Z")).ok()["state"], "running");
        assert_eq!(seen(&unit, &next)["starts_at"], "2026-03-28T09:00:00Z");
    }

    fn a_no_after_a_yes_holds_the_pair(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let pair = propose(&unit, &one.course, &malte);
        yes_of_person(&unit, &pair, &Value::Null).ok();
        app.pass(TimeDelta::hours(1));
        let interest = format!("/v1/courses/{}/interest", one.course);
        unit.post(&interest, &json!({"still_wanted": false, "words": "Alligevel ikke"})).ok();
        let said = yes(&unit, &pair, &Value::Null).ok();
        assert_eq!((&said["state"], &said["is_held"]), (&json!("proposed"), &json!(true)));
        assert_eq!(seen(&unit, &pair)["held_by"], json!({"hurdles": ["not_wanted"], "exclusions": []}));
        let start = format!("/v1/matches/{pair}/start");
        assert_eq!(flaw(&unit.post(&start, &json!({})).refused(409, "wrong_state")), ("/course_id", "not_wanted"));
        app.pass(TimeDelta::hours(1));
        unit.post(&interest, &json!({"still_wanted": true})).ok();
        assert_eq!(unit.post(&start, &json!({})).ok()["state"], "running");
    }

    fn a_phone_without_signal_may_say_later_what_was_said_in_time(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        unit.staff("mentor", Some(&nora));
        let pair = propose(&unit, &one.course, &of_malte);
        yes_of_person(&unit, &pair, &Value::Null).ok();
        app.set_clock("2026-03-18T08:00:00Z");
        let in_time = json!("2026-03-15T08:00:00Z");
        malte.get(&format!("/v1/matches/{pair}")).refused(404, "not_found");
        yes(&malte, &pair, &Value::Null).refused(409, "wrong_state");
        yes(&nora, &pair, &in_time).refused(404, "not_found");
        assert_eq!(yes(&malte, &pair, &in_time).ok()["state"], "running");
        assert_eq!(malte.get(&format!("/v1/matches/{pair}")).ok()["person_id"], json!(one.boy));
        // A proposal that was taken back is none of theirs any more; nor what a bar stands before.
        let other = another(&app, &unit);
        let withdrawn = propose(&unit, &other.course, &of_malte);
        unit.post(&format!("/v1/matches/{withdrawn}/end"), &json!({"reason": "other"})).ok();
        yes(&malte, &withdrawn, &Value::Null).refused(404, "not_found");
        let barred = propose(&unit, &other.course, &of_malte);
        let said = json!(app.clock.now());
        app.pass(TimeDelta::days(20));
        unit.post("/v1/bars", &json!({"account_id": malte.account_id(), "person_id": other.boy, "cause": "family"})).ok();
        yes(&malte, &barred, &said).refused(404, "not_found");
    }

    fn a_proposal_may_be_written_down_after_its_time_with_the_answers_that_were_in_time(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        app.set_clock("2026-04-10T08:00:00Z");
        let made = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": of_malte, "happened_at": "2026-03-05T08:00:00Z"}));
        let pair = made.id();
        assert_eq!((&made.ok()["state"], &made.ok()["expires_at"]), (&json!("expired"), &json!("2026-03-19T22:59:59.999999Z")));
        malte.get(&format!("/v1/matches/{pair}")).refused(404, "not_found");
        yes_of_person(&unit, &pair, &json!("2026-03-20T08:00:00Z")).refused(409, "wrong_state");
        assert_eq!(yes_of_person(&unit, &pair, &json!("2026-03-06T08:00:00Z")).ok()["state"], "expired");
        app.tick();
        assert_eq!(yes(&unit, &pair, &json!("2026-03-07T08:00:00Z")).ok()["state"], "running");
        assert_eq!(malte.get(&format!("/v1/matches/{pair}")).ok()["starts_at"], "2026-03-07T08:00:00Z");
    }

    fn what_is_written_down_more_than_a_year_late_promises_what_can_be_kept(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        app.set_clock("2027-05-10T08:00:00Z");
        unit.post(&format!("/v1/courses/{}/interest", one.course), &json!({"still_wanted": true})).ok();
        let proposal = json!({"course_id": one.course, "staff_id": malte, "happened_at": "2026-03-05T08:00:00Z"});
        let pair = unit.post("/v1/matches", &proposal).id();
        yes_of_person(&unit, &pair, &json!("2026-03-06T08:00:00Z")).ok();
        assert_eq!(yes(&unit, &pair, &json!("2026-03-07T08:00:00Z")).ok()["state"], "running");
        let found = seen(&unit, &pair);
        assert_eq!((&found["starts_at"], &found["expected_end_on"]), (&json!("2026-03-07T08:00:00Z"), &json!("2028-05-10")));
        // Of the contacts of all those months one is late, and the next are to come.
        unit.put(crate::sessions::FIRST, "", &crate::sessions::held(&pair, "2026-03-10T15:00:00Z", "2027-05-10T07:00:00Z")).ok();
        let promised = || app.promised("support_contact").into_iter().map(|duty| duty.slot).collect::<Vec<_>>();
        assert_eq!((promised()[..3].join(" "), promised().len()), ("2027-04 2027-05 2027-06".to_owned(), 14));
        app.set_clock("2027-05-13T08:00:00Z");
        app.tick();
        assert_eq!(promised().len(), 14);
        // What they agreed on is planned from now on.
        unit.patch(&format!("/v1/matches/{pair}"), "*", &json!({"weekday": 3, "at_min": 960})).ok();
        let series = unit.post("/v1/series", &json!({"match_id": pair})).id();
        let planned = unit.get(&format!("/v1/series/{series}")).ok();
        assert_eq!((&planned["from_on"], &planned["until_on"]), (&json!("2027-05-19"), &json!("2028-05-10")));
    }

    fn of_two_pairs_for_one_place_the_first_has_it(app: TestApp) {
        let unit = app.coordinator();
        let (one, other, malte) = (waiting(&app, &unit), another(&app, &unit), unit.staff("mentor", None));
        let (first, second) = (propose(&unit, &one.course, &malte), propose(&unit, &other.course, &malte));
        unit.patch(&format!("/v1/staff/{malte}"), "*", &json!({"capacity": 1})).ok();
        let veto = |vetoes: Value| unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &json!({"vetoes": vetoes})).ok();
        veto(json!([{"staff_id": malte, "by_person": true, "by_staff": false}]));
        let both = |pair: &str| {
            app.pass(TimeDelta::hours(1));
            yes(&unit, pair, &Value::Null).ok();
            yes_of_person(&unit, pair, &Value::Null).ok()["state"].clone()
        };
        assert_eq!((both(&first), both(&second)), (json!("proposed"), json!("proposed")), "both said yes to the first before");
        assert_eq!(seen(&unit, &first)["held_by"]["exclusions"], json!(["veto_of_person"]));
        assert_eq!(seen(&unit, &second)["held_by"]["exclusions"], json!(["capacity"]));
        veto(json!([]));
        let start = |pair: &str| unit.post(&format!("/v1/matches/{pair}/start"), &json!({}));
        assert_eq!(flaw(&start(&second).refused(422, "invalid")), ("/staff_id", "capacity"));
        assert_eq!(start(&first).ok()["state"], "running");
        start(&second).refused(422, "invalid");
        unit.post(&format!("/v1/matches/{first}/end"), &json!({"reason": "other"})).ok();
        assert_eq!(start(&second).ok()["state"], "running");
    }

    fn a_new_course_does_not_make_the_talk_needless(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let ran = run(&unit, &one.course, &malte);
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("/v1/matches/{ran}/end"), &json!({"reason": "person_wish"})).ok();
        end_course(&app, &unit, &one.course);
        app.pass(TimeDelta::hours(1));
        let again = accepted(&app, &unit, &one.case, &one.boy, &one.father, "mentor");
        assert_eq!(unit.get("/v1/waiting-courses").ok()["items"][0]["hurdles"], json!(["repair_talk"]));
        let proposal = json!({"course_id": again, "staff_id": nora});
        assert_eq!(unit.post("/v1/matches", &proposal).refused(409, "blocked")["blocking"][0]["id"], json!(ran));
        unit.post(&format!("/v1/matches/{ran}/repair-talk"), &json!({"outcome": "not_possible"})).ok();
        unit.post("/v1/matches", &proposal).ok();
    }

    fn two_drafts_introduce_nobody_twice(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let adopt = |staff: &str| {
            let pinned = json!({"pins": [{"course_id": one.course, "staff_id": staff}]});
            format!("/v1/matching-runs/{}/adopt", unit.post("/v1/matching-runs", &pinned).id())
        };
        let (first, second, chosen) = (adopt(&malte), adopt(&nora), json!({"course_ids": [one.course]}));
        unit.post(&first, &chosen).ok();
        assert_eq!(flaw(&unit.post(&second, &chosen).refused(422, "invalid")), ("/course_ids/0", "already_exists"));
        propose(&unit, &one.course, &nora);
    }

    fn the_first_joint_meeting_is_promised_by_whoever_introduces_them(app: TestApp) {
        let unit = app.coordinator();
        let ole = app.account("ole", &["coordinator"]);
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let proposal = json!({"course_id": one.course, "staff_id": malte, "facilitator_id": ole.account_id(), "first_meeting_at": "2026-03-20T15:00:00Z"});
        let pair = unit.post("/v1/matches", &proposal).id();
        assert!(app.promised("first_meeting").is_empty(), "nobody has said yes");
        yes(&unit, &pair, &Value::Null).ok();
        yes_of_person(&unit, &pair, &Value::Null).ok();
        let promise = || app.promised("first_meeting").remove(0);
        let owner = |caller: &Caller<'_>| caller.account_id().parse().ok();
        assert_eq!((promise().state.as_str(), promise().due_at.to_string().as_str(), promise().owner_id),
            ("open", "2026-03-20T22:59:59.999999Z", owner(&ole)));
        app.set_clock("2026-03-18T08:00:00Z");
        let kinds = |caller: &Caller<'_>| -> Vec<Value> {
            caller.get("/v1/duties?state=open&kind=first_meeting").ok()["items"].as_array().unwrap().iter().map(|duty| duty["owner_id"].clone()).collect()
        };
        assert_eq!(kinds(&ole), [json!(ole.account_id())]);
        // It moves with the agreement, and goes to whoever introduces them now.
        let agree = |change: Value| unit.patch(&format!("/v1/matches/{pair}"), "*", &change).ok();
        agree(json!({"first_meeting_at": "2026-03-22T15:00:00Z", "facilitator_id": unit.account_id()}));
        assert_eq!((promise().due_at.to_string().as_str(), promise().owner_id), ("2026-03-22T22:59:59.999999Z", owner(&unit)));
        agree(json!({"first_meeting_at": null}));
        assert_eq!((promise().state.as_str(), promise().reason.as_deref()), ("ended", Some("called_off")));
        agree(json!({"first_meeting_at": "2026-03-23T15:00:00Z"}));
        assert_eq!(promise().state, "open");
        app.set_clock("2026-03-23T17:00:00Z");
        let duty = unit.get(&format!("/v1/duties?match={pair}&kind=first_meeting")).ok()["items"][0].clone();
        assert_eq!(duty["kept_by"], json!(["duties.settle"]));
        unit.post(&format!("/v1/duties/{}/settle", duty["id"].as_str().unwrap()), &json!({"happened_at": "2026-03-23T15:00:00Z"})).ok();
        agree(json!({"rhythm": "monthly"}));
        assert_eq!((app.promised("first_meeting").len(), promise().state.as_str()), (1, "done"));
    }

    fn a_no_that_was_said_in_time_is_kept_whatever_became_of_the_proposal(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte, nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", None));
        let pair = propose(&unit, &one.course, &of_malte);
        let knows = |at: &str| {
            let no = json!({"accepted": false, "reason": "knows_them", "knows_person": true, "happened_at": at});
            malte.post(&format!("/v1/matches/{pair}/answer"), &no)
        };
        app.set_clock("2026-03-18T08:00:00Z");
        app.tick();
        let next = run(&unit, &one.course, &nora);
        assert_eq!(knows("2026-03-07T08:00:00Z").ok()["state"], "refused");
        knows("2026-03-07T08:00:00Z").refused(409, "wrong_state");
        let refused = seen(&unit, &pair);
        assert_eq!((&refused["ended_at"], &refused["staff_answer"]["reason"]), (&json!("2026-03-07T08:00:00Z"), &json!("knows_them")));
        assert_eq!((&seen(&unit, &next)["state"], app.promised("proposal")[0].state.as_str()), (&json!("running"), "done"));
        // He is proposed to nobody of that family.
        let sister = unit.person("young_person", "Albertine", Some("2010-05-02"));
        unit.set_custody(&sister, &[&one.father]);
        let case = app.founded_case(&unit, &[&sister, &one.father]);
        let hers = accepted(&app, &unit, &case, &sister, &one.father, "mentor");
        let refused = unit.post("/v1/matches", &json!({"course_id": hers, "staff_id": of_malte})).refused(422, "invalid");
        assert_eq!(flaw(&refused), ("/staff_id", "knows_family"));
        // Nor is anybody proposed again to whom they said no, though it had been withdrawn, or the other side had said no.
        let other = another(&app, &unit);
        let no = json!({"accepted": false, "reason": "no_time"});
        let withdrawn = propose(&unit, &other.course, &of_malte);
        unit.post(&format!("/v1/matches/{withdrawn}/end"), &json!({"reason": "other"})).ok();
        assert_eq!(malte.post(&format!("/v1/matches/{withdrawn}/answer"), &no).ok()["state"], "refused");
        let proposal = json!({"course_id": other.course, "staff_id": of_malte});
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "declined"));
        let again = propose(&unit, &other.course, &unit.staff("mentor", None));
        unit.post(&format!("/v1/matches/{again}/answer-for-person"), &no).ok();
        unit.post(&format!("/v1/matches/{again}/answer"), &no).ok();
        assert_eq!(seen(&unit, &again)["staff_answer"]["accepted"], false);
    }

    fn a_no_after_its_time_and_after_a_yes_is_for_the_next_proposal(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let pair = propose(&unit, &one.course, &of_malte);
        let no = |at: &Value| {
            malte.post(&format!("/v1/matches/{pair}/answer"), &json!({"accepted": false, "reason": "no_time", "happened_at": at}))
        };
        let before_the_yes = json!(app.clock.now());
        app.pass(TimeDelta::hours(1));
        yes(&malte, &pair, &Value::Null).ok();
        app.set_clock("2026-03-18T08:00:00Z");
        no(&before_the_yes).refused(409, "wrong_state");
        assert_eq!(no(&Value::Null).ok()["state"], "refused");
        no(&Value::Null).refused(409, "wrong_state");
        let refused = seen(&unit, &pair);
        assert_eq!(refused["ended_at"], refused["expires_at"], "it was over before");
        assert_eq!((&refused["staff_answer"]["accepted"], &refused["staff_answer"]["reason"]), (&json!(false), &json!("no_time")));
        assert_eq!(app.promised("proposal")[0].state, "ended", "no answer in time");
        let proposal = json!({"course_id": one.course, "staff_id": of_malte});
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "declined"));
    }

    fn of_two_that_ended_at_one_moment_the_later_is_talked_about(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte) = (waiting(&app, &unit), unit.staff("mentor", None));
        let mut last = run(&unit, &one.course, &malte);
        app.pass(TimeDelta::hours(1));
        let at = app.clock.now();
        for _ in 0..4 {
            app.pass(TimeDelta::minutes(1));
            let to = json!({"staff_id": unit.staff("mentor", None), "knows_person": false, "happened_at": at});
            last = unit.post(&format!("/v1/matches/{last}/hand-over"), &to).id();
        }
        unit.post(&format!("/v1/matches/{last}/end"), &json!({"reason": "person_wish", "happened_at": at})).ok();
        let proposal = json!({"course_id": one.course, "staff_id": unit.staff("mentor", None), "happened_at": at});
        assert_eq!(unit.post("/v1/matches", &proposal).refused(409, "blocked")["blocking"][0]["id"], json!(last));
    }
}
