//! What one side of a joint session said stays with that side.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Family, family, joint, off, part, reach, read_by_the_father};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// The history of a part as its own side reads it: kind, by whom and why.
fn history(side: &Caller<'_>, planned: &Value, matched: &str) -> Vec<String> {
    let session = part(planned, matched)["id"].as_str().unwrap().to_owned();
    let changes = side.get(&format!("/v1/sessions/{session}/changes")).ok();
    let said = |change: &Value| format!("{} {} {}", change["kind"], change["by"], change["reason"]).replace('"', "");
    changes["items"].as_array().unwrap().iter().map(said).collect()
}

/// Moves the whole to an hour of Wednesday 11 March.
fn to_hour(family: &Family<'_>, planned: &Value, hour: u32, why: Value) -> crate::support::http::Answer {
    let mut body = why;
    body["starts_at"] = json!(format!("2026-03-11T{hour}:00:00Z"));
    body["ends_at"] = json!(format!("2026-03-11T{}:00:00Z", hour + 1));
    family.unit.post_if(&format!("/v1/joint-sessions/{}/move", planned["id"].as_str().unwrap()), "*", &body)
}

both_engines! {
    fn of_what_no_side_was_reminded_of_in_time_each_was_too_late(app: TestApp) {
        let family = family(&app);
        reach(&family.unit, &family.boy, "+4520000002");
        reach(&family.unit, &family.girl, "+4520000003");
        family.unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls])).ok();
        // Nothing ran until it was over. Both were to be reminded: of neither that was not needed.
        app.set_clock("2026-03-12T08:00:00Z");
        app.tick();
        let ended = "SELECT state || ' ' || coalesce(reason, '-') || ' ' || CAST(count(DISTINCT subject_id) AS TEXT) AS line FROM messages
            WHERE kind = 'appointment' GROUP BY state, reason";
        assert_eq!(app.lines(ended), ["too_late window_closed 2"]);
    }

    fn why_one_side_moved_or_cancelled_stands_in_no_history_but_its_own(app: TestApp) {
        let family = family(&app);
        reach(&family.unit, &family.boy, "+4520000002");
        reach(&family.unit, &family.father, "+4520000001");
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.fathers])).ok();
        for (why, code) in [
            (json!({"by": "person", "reason": "school"}), "required"),
            (json!({"by": "person", "match_id": family.girls}), "not_among_them"),
            (json!({"match_id": family.girls}), "not_among_them"),
        ] {
            let refused = to_hour(&family, &planned, 17, why).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/match_id"), &json!(code)));
        }
        app.pass(TimeDelta::minutes(5));
        to_hour(&family, &planned, 17, json!({"by": "person", "match_id": family.boys, "reason": "school"})).ok();
        app.tick();
        // Each is told that it is moved, whoever wished it.
        for number in ["+4520000001", "+4520000002"] {
            let told: Vec<_> = app.capture.to(number).into_iter().map(|sent| sent.message.lines[0].clone()).collect();
            assert_eq!(told, ["Din aftale er flyttet til onsdag den 11. marts kl. 18.00."]);
        }
        app.pass(TimeDelta::minutes(5));
        to_hour(&family, &planned, 18, json!({"by": "unit", "reason": "unit"})).ok();
        app.tick();
        app.set_clock("2026-03-11T12:00:00Z");
        let cancel = json!({"by": "person", "match_id": family.boys, "reason": "illness"});
        let off = family.unit.post(&format!("/v1/joint-sessions/{}/cancel", planned["id"].as_str().unwrap()), &cancel).ok();
        let (boys, fathers) = (history(&family.mentor, &planned, &family.boys), history(&family.coach, &planned, &family.fathers));
        assert_eq!(boys, ["moved person school", "moved unit unit", "cancelled person illness"]);
        assert_eq!(fathers, ["moved unit null", "moved unit unit", "cancelled unit null"]);
        let by = |matched: &str| part(&off, matched)["cancelled_by"].clone();
        assert_eq!((by(&family.boys), by(&family.fathers)), (json!("person"), json!("unit")));
    }

    fn what_one_of_two_staff_asked_for_names_the_match(app: TestApp) {
        let family = family(&app);
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.boys, &family.fathers])).ok();
        let path = format!("/v1/joint-sessions/{}", planned["id"].as_str().unwrap());
        let code = |refused: &Value| [refused["errors"][0]["pointer"].clone(), refused["errors"][0]["code"].clone()];
        let ill = json!({"by": "staff", "reason": "illness"});
        assert_eq!(code(&to_hour(&family, &planned, 17, ill.clone()).refused(422, "invalid")), ["/match_id", "required"]);
        assert_eq!(code(&family.unit.post(&format!("{path}/cancel"), &ill).refused(422, "invalid")), ["/match_id", "required"]);
        off(&family.mentor, &planned, &family.girls, "person");
        // Her part is one of it, and off by now.
        let hers = json!({"by": "person", "match_id": family.girls});
        assert_eq!(code(&to_hour(&family, &planned, 17, hers.clone()).refused(422, "invalid")), ["/match_id", "not_planned"]);
        assert_eq!(code(&family.unit.post(&format!("{path}/cancel"), &hers).refused(422, "invalid")), ["/match_id", "not_planned"]);
        to_hour(&family, &planned, 17, json!({"by": "staff", "reason": "illness", "match_id": family.boys})).ok();
        let histories = || [history(&family.mentor, &planned, &family.boys), history(&family.coach, &planned, &family.fathers)];
        assert_eq!(histories(), [["moved staff illness"], ["moved unit null"]]);
        // What is left is met by one alone: no other history says it of another's.
        off(&family.coach, &planned, &family.fathers, "staff");
        family.unit.post(&format!("{path}/cancel"), &ill).ok();
        assert_eq!(histories()[0], ["moved staff illness", "cancelled staff illness"]);
    }

    fn a_reader_of_both_knows_what_they_wished_for_one(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers])).ok();
        // Whichever of the parts speaks, and for whichever he wished it: he thinks of the later hour, and reads that it is the first again.
        for (round, own) in [&family.girls, &family.fathers].into_iter().enumerate() {
            app.pass(TimeDelta::minutes(5));
            to_hour(&family, &planned, 17, json!({"by": "person", "match_id": own})).ok();
            app.pass(TimeDelta::minutes(5));
            to_hour(&family, &planned, 15, json!({"by": "unit"})).ok();
            app.pass(TimeDelta::minutes(5));
            app.tick();
            let told: Vec<_> = app.capture.to("+4520000001").into_iter().map(|sent| sent.message.lines[0].clone()).collect();
            assert_eq!(told, vec!["Din aftale er flyttet til onsdag den 11. marts kl. 16.00."; round + 1]);
        }
    }
}
