//! What was said of a pair and is put right: a yes that becomes a no, the first of two noes, and the talk before somebody else is proposed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::proposals::{flaw, propose, run};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::wishes::waiting;

/// By whom and why the proposals that were declined in the year were, the first proposed first.
fn declined(unit: &Caller<'_>) -> Vec<(Value, Value)> {
    let rows = unit.get("/v1/reports/yearly/rows?year=2026&figure=proposals_declined").ok()["items"].as_array().unwrap().clone();
    let group = |row: &Value, by: &str| {
        row["groups"].as_array().unwrap().iter().find(|group| group["by"] == by).map(|group| group["group"].clone())
    };
    rows.iter().filter_map(|row| Some((group(row, "side")?, group(row, "proposal_reason")?))).collect()
}

both_engines! {
    fn a_yes_becomes_a_no_until_the_two_meet(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let (one, of_malte) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)));
        let path = format!("/v1/matches/{}", propose(&unit, &one.course, &of_malte));
        let answer = format!("{path}/answer");
        app.pass(TimeDelta::hours(1));
        let said_at = app.clock.now();
        malte.post(&answer, &json!({"accepted": true, "knows_person": false, "words": "Glæder mig"})).ok();
        app.pass(TimeDelta::days(1));
        let no = |at: &Value| json!({"accepted": false, "reason": "knows_them", "knows_person": true, "words": "Farens gamle kollega", "happened_at": at});
        malte.post(&answer, &no(&json!("2026-03-02T08:30:00Z"))).refused(409, "wrong_state");
        malte.post(&answer, &json!({"accepted": true, "knows_person": false})).refused(409, "wrong_state");
        assert_eq!(malte.post(&answer, &no(&Value::Null)).ok()["state"], "refused");
        malte.get(&path).refused(404, "not_found");

        let seen = unit.get(&path).ok();
        assert_eq!((&seen["staff_answer"]["accepted"], &seen["staff_answer"]["reason"], &seen["staff_answer"]["words"]),
            (&json!(false), &json!("knows_them"), &json!("Farens gamle kollega")));
        assert_eq!(seen["former_yeses"], json!([{"by_staff": true, "said_at": said_at, "knows_person": false, "words": "Glæder mig",
            "turned_at": app.clock.now(), "turned_by": malte.account_id()}]));
        app.keeps_for_good("corrections", "subject_id");
        assert_eq!(app.promise("proposal").0, "done", "a no in time is an answer");
        assert_eq!(declined(&unit), [(json!("staff"), json!("knows_them"))]);
        let listed = unit.get(&format!("/v1/courses/{}/eligible-staff", one.course)).ok();
        assert_eq!(listed["items"][0]["exclusions"], json!(["declined", "knows_family"]));
        // A no stays: whoever changes their mind is proposed again.
        unit.post(&answer, &json!({"accepted": true, "knows_person": false})).refused(409, "wrong_state");
        let again = unit.post("/v1/matches", &json!({"course_id": one.course, "staff_id": of_malte, "again": true})).id();
        let answer = format!("/v1/matches/{again}/answer");
        malte.post(&answer, &json!({"accepted": true, "knows_person": true})).ok();
        // That they know the family stays said, whatever the no is for.
        app.pass(TimeDelta::hours(1));
        malte.post(&answer, &json!({"accepted": false, "reason": "no_time"})).ok();
        assert_eq!(unit.get(&format!("/v1/matches/{again}")).ok()["staff_answer"]["knows_person"], true);
    }

    fn the_person_takes_back_a_yes_while_the_pair_is_held_and_nobody_does_once_it_runs(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let held = propose(&unit, &one.course, &malte);
        let (staff, person) = (format!("/v1/matches/{held}/answer"), format!("/v1/matches/{held}/answer-for-person"));
        unit.post(&person, &json!({"accepted": true})).ok();
        let veto = json!({"vetoes": [{"staff_id": malte, "by_person": true, "by_staff": false}]});
        unit.put(&format!("/v1/courses/{}/wishes", one.course), "*", &veto).ok();
        assert_eq!(unit.post(&staff, &json!({"accepted": true, "knows_person": false})).ok()["is_held"], true);
        app.pass(TimeDelta::hours(1));
        let said = unit.post(&person, &json!({"accepted": false, "reason": "wants_somebody_else"})).ok();
        assert_eq!((&said["state"], &said["is_held"]), (&json!("refused"), &json!(false)));
        let seen = unit.get(&format!("/v1/matches/{held}")).ok();
        assert_eq!((&seen["former_yeses"][0]["by_staff"], &seen["staff_answer"]["accepted"]), (&json!(false), &json!(true)));
        assert_eq!(app.promise("proposal").0, "done");
        unit.post(&format!("/v1/matches/{held}/start"), &json!({})).refused(409, "wrong_state");
        // What runs is ended.
        let running = run(&unit, &one.course, &nora);
        let no = json!({"accepted": false, "reason": "no_time"});
        for side in ["answer", "answer-for-person"] {
            unit.post(&format!("/v1/matches/{running}/{side}"), &no).refused(409, "wrong_state");
        }
        assert_eq!(declined(&unit), [(json!("person"), json!("wants_somebody_else"))]);
    }

    fn of_two_noes_the_first_is_counted_whenever_it_is_written_down(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let no = |id: &str, side: &str, reason: &str, at: &str| {
            let no = json!({"accepted": false, "reason": reason, "happened_at": at});
            unit.post(&format!("/v1/matches/{id}/{side}"), &no).ok();
        };
        let first = propose(&unit, &one.course, &malte);
        app.set_clock("2026-03-02T12:00:00Z");
        no(&first, "answer", "no_time", "2026-03-02T10:00:00Z");
        assert_eq!(declined(&unit), [(json!("staff"), json!("no_time"))]);
        no(&first, "answer-for-person", "not_a_fit", "2026-03-02T09:00:00Z");
        assert_eq!(declined(&unit), [(json!("person"), json!("not_a_fit"))]);
        assert_eq!(unit.get(&format!("/v1/matches/{first}")).ok()["ended_at"], "2026-03-02T09:00:00Z");
        let second = propose(&unit, &one.course, &nora);
        app.set_clock("2026-03-02T15:00:00Z");
        no(&second, "answer", "too_far", "2026-03-02T13:00:00Z");
        no(&second, "answer-for-person", "wants_somebody_else", "2026-03-02T14:00:00Z");
        let mut found = declined(&unit);
        found.sort_by_key(|(side, _)| side.to_string());
        assert_eq!(found, [(json!("person"), json!("not_a_fit")), (json!("staff"), json!("too_far"))]);
    }

    fn a_talk_is_put_right_and_one_that_never_was_is_asked_for_again(app: TestApp) {
        let unit = app.coordinator();
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let path = format!("/v1/matches/{}", run(&unit, &one.course, &malte));
        let (talk, retract) = (format!("{path}/repair-talk"), format!("{path}/repair-talk/retract"));
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("{path}/end"), &json!({"reason": "person_wish"})).ok();
        app.pass(TimeDelta::hours(1));
        let right = json!({"outcome": "parted", "words": "Kun faren kom", "happened_at": "2026-03-02T09:30:00Z"});
        unit.put(&talk, "*", &right).refused(409, "wrong_state");
        unit.post(&retract, &json!({})).refused(409, "wrong_state");
        let recorded_at = app.clock.now();
        let recorded = unit.post(&talk, &json!({"outcome": "mended", "words": "De talte ud"}));
        let hurdles = || unit.get("/v1/waiting-courses").ok()["items"][0]["hurdles"].clone();
        assert_eq!((&recorded.ok()["repair_held_at"], hurdles()), (&json!(recorded_at), json!([])));
        app.pass(TimeDelta::hours(1));
        unit.put(&talk, "", &right).refused(428, "precondition_required");
        let late = json!({"outcome": "parted", "happened_at": "2027-01-01T00:00:00Z"});
        assert_eq!(flaw(&unit.put(&talk, "*", &late).refused(422, "invalid")), ("/happened_at", "after_now"));
        let tag = unit.get(&path).tag();
        let corrected = unit.put(&talk, &tag, &right).ok();
        assert_eq!((&corrected["repair_talk"], &corrected["repair_words"], &corrected["repair_held_at"]),
            (&json!("parted"), &json!("Kun faren kom"), &json!("2026-03-02T09:30:00Z")));
        assert_eq!(corrected["former_repair_talks"], json!([{"outcome": "mended", "held_at": recorded_at, "words": "De talte ud",
            "corrected_at": app.clock.now(), "corrected_by": unit.account_id()}]));
        unit.put(&talk, &tag, &right).refused(412, "stale_version");
        // The same again changes nothing, and the day stays where none is said.
        assert_eq!(unit.put(&talk, "*", &right).ok()["version"], corrected["version"]);
        let same_day = json!({"outcome": "not_possible"});
        assert_eq!(unit.put(&talk, "*", &same_day).ok()["repair_held_at"], "2026-03-02T09:30:00Z");

        let back = unit.post(&retract, &json!({})).ok();
        assert_eq!((&back["repair_talk"], &back["repair_held_at"], back["former_repair_talks"].as_array().unwrap().len()),
            (&Value::Null, &Value::Null, 3));
        assert_eq!(hurdles(), json!(["repair_talk"]));
        let proposal = json!({"course_id": one.course, "staff_id": nora});
        unit.post("/v1/matches", &proposal).refused(409, "blocked");
        unit.post(&retract, &json!({})).refused(409, "wrong_state");
        unit.post(&talk, &right).ok();
        unit.post("/v1/matches", &proposal).ok();
    }
}
