//! Whoever no message reaches is told by hand what became of an appointment, before they would stand at a closed door.

use chrono::TimeDelta;
use makker::messages::channels::Outcome;
use serde_json::{Value, json};

use crate::sessions::{Family, family, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// A session of the boy at 16:00 in Copenhagen on a day of March.
pub fn session(family: &Family<'_>, day: &str) -> String {
    let [starts_at, ends_at] = ["15", "16"].map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, &starts_at, &ends_at)).id()
}

/// Moves it to that time of another day.
pub fn move_to(family: &Family<'_>, session: &str, day: &str) {
    let path = format!("/v1/sessions/{session}");
    let there = json!({"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z"), "by": "staff"});
    family.mentor.post_if(&format!("{path}/move"), &family.mentor.get(&path).tag(), &there).ok();
}

/// The mentor is away on these days of March, and the unit moves the sessions of those days in one step: each to a day, all to these hours in UTC.
pub fn move_for_leave(family: &Family<'_>, [from, until]: [&str; 2], sessions: &[(&str, &str)], hours: [&str; 2]) {
    let leaves = format!("/v1/staff/{}/leaves", family.mentor.get("/v1/me/staff").id());
    let away = json!({"kind": "holiday", "from_on": format!("2026-03-{from}"), "until_on": format!("2026-03-{until}")});
    let entered = family.mentor.post(&leaves, &away).ok();
    let there = |(session, day): &(&str, &str)| {
        let [starts_at, ends_at] = hours.map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
        json!({"session_id": session, "move": {"starts_at": starts_at, "ends_at": ends_at}})
    };
    let decisions: Vec<Value> = sessions.iter().map(there).collect();
    let leave = entered["leaves"][0]["id"].as_str().unwrap();
    family.unit.post(&format!("{leaves}/{leave}/cover-decisions"), &json!({ "decisions": decisions })).ok();
}

fn cancel(family: &Family<'_>, session: &str, by: &str) {
    family.mentor.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": by, "new_time_agreed": true})).ok();
}

fn contact(family: &Family<'_>, contact: &Value) {
    let path = format!("/v1/people/{}", family.boy);
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), contact).ok();
}

/// What is to be told by hand, that something is off or where it is instead, and until which day; the earliest due first.
pub fn to_tell(app: &TestApp) -> Vec<String> {
    let open = app.promised("tell_by_hand").into_iter().filter(|duty| duty.state == "open");
    let word = |slot: &str| if slot.contains(" off") { "off".to_owned() } else { slot[..10].to_owned() };
    open.map(|duty| format!("{} {}", word(&duty.slot), &duty.due_at.to_string()[..10])).collect()
}

/// Somebody tells of it now.
pub fn tell(app: &TestApp, family: &Family<'_>, session: &str) {
    tell_one(app, &family.unit, session);
}

/// As [`tell`], where there is no such family.
pub fn tell_one(app: &TestApp, unit: &Caller<'_>, session: &str) {
    let open = unit.get("/v1/duties?kind=tell_by_hand&state=open&limit=200").ok()["items"].as_array().unwrap().clone();
    let of_it: Vec<&Value> = open.iter().filter(|duty| duty["subject_id"] == session).collect();
    assert_eq!(of_it.len(), 1, "{open:?}");
    let path = format!("/v1/duties/{}/settle", of_it[0]["id"].as_str().unwrap());
    unit.post(&path, &json!({"happened_at": app.clock.now()})).ok();
}

/// Somebody tells by hand whatever is to be told.
pub fn tell_all(app: &TestApp, unit: &Caller<'_>) {
    for duty in unit.get("/v1/duties?kind=tell_by_hand&state=open&limit=200").ok()["items"].as_array().unwrap() {
        let path = format!("/v1/duties/{}/settle", duty["id"].as_str().unwrap());
        unit.post(&path, &json!({"happened_at": app.clock.now()})).ok();
    }
}

/// It turns out that nobody told of what had this start, or was off; how that promise stands then.
pub fn take_back(family: &Family<'_>, session: &str, slot: impl Fn(&str) -> bool) -> Value {
    let done = family.unit.get("/v1/duties?kind=tell_by_hand&state=done&limit=200").ok()["items"].as_array().unwrap().clone();
    let of_it: Vec<&Value> = done.iter().filter(|duty| duty["subject_id"] == session && slot(duty["slot"].as_str().unwrap())).collect();
    assert_eq!(of_it.len(), 1, "{done:?}");
    let path = format!("/v1/duties/{}/settlement/retract", of_it[0]["id"].as_str().unwrap());
    family.unit.post(&path, &json!({})).ok()
}

both_engines! {
    fn whoever_was_not_told_after_all_is_told_still(app: TestApp) {
        let family = family(&app);
        let wednesday = session(&family, "11");
        let on = |day: &'static str| move |slot: &str| slot.starts_with(day);
        tell(&app, &family, &wednesday);
        assert!(to_tell(&app).is_empty());
        assert_eq!(take_back(&family, &wednesday, on("2026-03-11"))["state"], "open");
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10"]);
        tell(&app, &family, &wednesday);
        // Moved twice, and he was told of the first move: he knows the 25th; but nobody had told him.
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &wednesday, "25");
        assert_eq!(to_tell(&app), ["2026-03-25 2026-03-10"]);
        tell(&app, &family, &wednesday);
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &wednesday, "18");
        assert_eq!(to_tell(&app), ["2026-03-18 2026-03-17"]);
        let lapsed = take_back(&family, &wednesday, on("2026-03-25"));
        assert_eq!((&lapsed["state"], &lapsed["reason"]), (&json!("ended"), &json!("moved")));
        assert_eq!(to_tell(&app), ["2026-03-18 2026-03-10"], "before he would come in vain");
        tell(&app, &family, &wednesday);
        assert!(to_tell(&app).is_empty());
        // He came all the same: there is nothing to tell any more, and nobody had told him.
        app.set_clock("2026-03-18T17:00:00Z");
        let log = "/v1/session-logs/44444444-4444-4444-8444-444444444444";
        let met = crate::sessions::held(&family.mentoring, "2026-03-18T15:00:00Z", "2026-03-18T17:00:00Z");
        family.mentor.put(log, "", &met).ok();
        let over = take_back(&family, &wednesday, on("2026-03-18"));
        assert_eq!((&over["state"], &over["reason"]), (&json!("ended"), &json!("over")));
    }

    fn what_one_was_to_tell_of_all_is_told_of_the_next(app: TestApp) {
        let family = family(&app);
        let [first, ..] = ["04", "11", "18"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-03"]);
        tell(&app, &family, &first);
        app.set_clock("2026-03-05T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
        take_back(&family, &first, |slot| slot.ends_with(" off"));
        assert_eq!(to_tell(&app), ["off 2026-03-03", "off 2026-03-10"], "he may still be spared the next");
        // Somebody had told him, on another day: that was of all of it.
        let open = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"][0].clone();
        let settle = format!("/v1/duties/{}/settle", open["id"].as_str().unwrap());
        family.unit.post(&settle, &json!({"happened_at": "2026-03-03T10:00:00Z"})).ok();
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
    }

    fn what_goes_after_a_15th_birthday_is_planned_by_the_age_of_that_day(app: TestApp) {
        const FATHER: &str = "+4520123477";
        let family = family(&app);
        let unit = &family.unit;
        let of = |person: &str| format!("/v1/people/{person}");
        let (boy, father) = (of(&family.boy), of(&family.father));
        unit.certify(&family.mentor.get("/v1/me/staff").id(), None);
        let born = |on: &str| unit.patch(&boy, &unit.get(&boy).tag(), &json!({"born_on": on})).ok();
        born("2011-03-11");
        unit.put(&format!("{father}/contact"), &unit.get(&father).tag(), &json!({"channel": "sms", "phone": FATHER})).ok();
        let custody = json!({"holder_ids": [family.father], "recipient_id": family.father});
        unit.put(&format!("{boy}/custody"), &unit.get(&boy).tag(), &custody).ok();
        // The reminder of the birthday's session goes the day before; that of the 13th would go to nobody.
        let [_, birthday, after] = ["10", "11", "13"].map(|day| session(&family, day));
        let waits = |session: &str| !unit.get(&format!("/v1/messages?subject={session}&state=waiting")).ok()["items"].as_array().unwrap().is_empty();
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-12"]);
        assert_eq!((waits(&birthday), waits(&after)), (true, false));
        let weekly = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": 720, "until_on": "2026-03-27"});
        family.mentor.post("/v1/series", &weekly).ok();
        let all = ["2026-03-13 2026-03-12", "2026-03-13 2026-03-12", "2026-03-20 2026-03-19", "2026-03-27 2026-03-26"];
        assert_eq!(to_tell(&app), all);
        // Another birthday, and back; the night finds it as it is.
        born("2011-03-16");
        assert_eq!((to_tell(&app), waits(&after)), (all[2..].iter().map(|one| (*one).to_owned()).collect(), true));
        born("2011-03-11");
        assert_eq!((to_tell(&app), waits(&after)), (all.map(str::to_owned).to_vec(), false));
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), all);
        for evening in ["2026-03-10T16:30:00Z", "2026-03-12T16:30:00Z"] {
            app.set_clock(evening);
            app.tick();
        }
        let told: Vec<String> = app.capture.to(FATHER).iter().map(|sms| sms.message.lines[0].clone()).collect();
        assert!(told.iter().any(|text| text.contains("11. marts")) && !told.iter().any(|text| text.contains("13. marts")), "{told:?}");
        assert_eq!(to_tell(&app), all);
    }

    fn what_is_off_is_told_by_hand_where_no_message_does(app: TestApp) {
        let family = family(&app);
        let wednesday = session(&family, "11");
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10"]);
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &wednesday, "staff");
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        let duty = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"][0].clone();
        assert_eq!((&duty["subject_id"], &duty["owner_id"]), (&json!(wednesday), &json!(family.unit.account_id())));
        // The night changes nothing, and told it stays told; on again and off again it is news.
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        tell(&app, &family, &wednesday);
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
        family.mentor.post(&format!("/v1/sessions/{wednesday}/restore"), &json!({})).ok();
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10"]);
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &wednesday, "unit");
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        // Of his own word he knows, and of a proposal nobody told him.
        let thursday = session(&family, "12");
        cancel(&family, &thursday, "person");
        let mut proposal = plan(&family.mentoring, "2026-03-13T15:00:00Z", "2026-03-13T16:00:00Z");
        proposal["proposed"] = json!(true);
        let proposed = family.mentor.post("/v1/sessions", &proposal).id();
        cancel(&family, &proposed, "staff");
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        // Nobody told him: it is late, and stands on top.
        app.set_clock("2026-03-12T04:00:00Z");
        app.tick();
        let late = family.unit.get("/v1/duties?kind=tell_by_hand&late=true").ok()["items"].clone();
        assert_eq!((&late[0]["subject_id"], late.as_array().unwrap().len()), (&json!(wednesday), 1));
    }

    fn what_was_moved_is_told_by_hand_before_its_old_start(app: TestApp) {
        let family = family(&app);
        let wednesday = session(&family, "11");
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &wednesday, "25");
        assert_eq!(to_tell(&app), ["2026-03-25 2026-03-10"]);
        // Moved again before anybody told him: he still knows the first.
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &wednesday, "18");
        assert_eq!(to_tell(&app), ["2026-03-18 2026-03-10"]);
        tell(&app, &family, &wednesday);
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &wednesday, "20");
        assert_eq!(to_tell(&app), ["2026-03-20 2026-03-17"]);
        // To sooner: by then.
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &wednesday, "06");
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        // Off before he was told of the move: at the time he knows.
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &wednesday, "staff");
        assert_eq!(to_tell(&app), ["off 2026-03-17"]);
    }

    fn what_he_was_told_before_it_was_off_he_knows_whatever_is_said_later(app: TestApp) {
        let family = family(&app);
        let [first, second] = ["10", "11"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        move_for_leave(&family, ["10", "11"], &[(&first, "16"), (&second, "17")], ["15", "16"]);
        assert_eq!(to_tell(&app), ["2026-03-16 2026-03-09", "2026-03-17 2026-03-10"]);
        tell(&app, &family, &first);
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &first, "staff");
        assert_eq!(to_tell(&app), ["2026-03-17 2026-03-10", "off 2026-03-15"]);
        app.pass(TimeDelta::minutes(5));
        tell(&app, &family, &second);
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["off 2026-03-15"]);
    }

    fn what_is_off_together_is_told_by_hand_once(app: TestApp) {
        let family = family(&app);
        let sessions = ["04", "11", "18"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-03"]);
        // Nobody told him before the first: he may still be spared the next.
        app.set_clock("2026-03-05T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["off 2026-03-03", "off 2026-03-10"]);
        tell(&app, &family, &sessions[1]);
        for day in ["06", "12"] {
            app.set_clock(&format!("2026-03-{day}T04:00:00Z"));
            app.tick();
            assert_eq!(to_tell(&app), ["off 2026-03-03"], "{day}");
        }
    }

    fn of_what_is_moved_and_off_in_one_step_each_is_told(app: TestApp) {
        let family = family(&app);
        let [first, second, third] = ["10", "11", "12"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        let malte = family.mentor.get("/v1/me/staff").ok()["id"].as_str().unwrap().to_owned();
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-13"});
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &holiday).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let decisions = json!({"decisions": [
            {"session_id": first, "move": {"starts_at": "2026-03-06T15:00:00Z", "ends_at": "2026-03-06T16:00:00Z"}},
            {"session_id": second, "cancel": {}},
            {"session_id": third, "cancel": {}},
        ]});
        family.unit.post(&format!("{leave}/cover-decisions"), &decisions).ok();
        let mut told = to_tell(&app);
        told.sort();
        assert_eq!(told, ["2026-03-06 2026-03-05", "off 2026-03-05"], "in one talk, before the first of all");
    }

    fn that_something_is_off_and_does_not_arrive_is_told_by_hand(app: TestApp) {
        let family = family(&app);
        contact(&family, &json!({"channel": "sms", "phone": "+4520123456"}));
        let wednesday = session(&family, "11");
        cancel(&family, &wednesday, "staff");
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        // A number that works is news, and makes the errand needless.
        app.pass(TimeDelta::minutes(5));
        contact(&family, &json!({"channel": "sms", "phone": "+4520999999"}));
        app.tick();
        assert_eq!(app.capture.to("+4520999999").len(), 1);
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
        // Of a move whose fate is unknown he may know nothing.
        let thursday = session(&family, "12");
        app.set_clock("2026-03-03T09:00:00Z");
        move_to(&family, &thursday, "19");
        app.capture.answer_next(Outcome::Unknown { code: "timeout" });
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-19 2026-03-11"]);
    }

    fn once_open_it_stays_as_it_was_promised(app: TestApp) {
        let family = family(&app);
        contact(&family, &json!({"channel": "sms", "phone": "+4520123456"}));
        for day in ["11", "12"] {
            session(&family, day);
        }
        let in_vain = |at: &str| {
            app.set_clock(at);
            for _ in 0..4 {
                app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "gateway_busy" });
                app.tick();
                app.pass(TimeDelta::minutes(10));
            }
        };
        in_vain("2026-03-10T16:00:00Z");
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10"]);
        // The last try, just before it begins: too late, and as late as it was.
        app.set_clock("2026-03-11T14:59:30Z");
        app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "gateway_busy" });
        assert_eq!(app.tick().too_late, 1);
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10"]);
        in_vain("2026-03-11T16:00:00Z");
        // Nobody tried before it began.
        app.set_clock("2026-03-12T15:00:05Z");
        assert_eq!(app.tick().too_late, 1);
        let both = ["2026-03-11 2026-03-10", "2026-03-12 2026-03-11"];
        assert_eq!(to_tell(&app), both);
        assert_eq!(app.count("duties WHERE kind = 'tell_by_hand' AND late_told_at IS NULL"), 0, "late once, told once");
        // The night leaves it so.
        app.set_clock("2026-03-13T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), both);
    }

    fn a_closed_case_lets_go_of_what_was_to_be_told(app: TestApp) {
        let family = family(&app);
        session(&family, "11");
        app.pass(TimeDelta::minutes(5));
        let case = family.unit.get(&format!("/v1/matches/{}", family.mentoring)).ok()["case_id"].as_str().unwrap().to_owned();
        let fathers = family.unit.get(&format!("/v1/matches/{}", family.coaching)).ok()["course_id"].as_str().unwrap().to_owned();
        for course in [&family.course, &fathers] {
            let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
            family.unit.post(&format!("/v1/courses/{course}/end"), &end).ok();
        }
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        let duty = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"][0].clone();
        let [settle, retract] = ["settle", "settlement/retract"].map(|verb| format!("/v1/duties/{}/{verb}", duty["id"].as_str().unwrap()));
        family.unit.post(&settle, &json!({"happened_at": app.clock.now()})).ok();
        app.pass(TimeDelta::minutes(5));
        let close = || family.unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        // Nobody told him; but the case is closed. Open again, he is to be told.
        close();
        assert_eq!(family.unit.post(&retract, &json!({})).refused(409, "wrong_state")["detail"], "Sagen er lukket");
        family.unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({})).ok();
        assert!(to_tell(&app).is_empty());
        family.unit.post(&retract, &json!({})).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        app.pass(TimeDelta::minutes(5));
        close();
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
        // Closed by mistake: what is still to come is to be told again.
        let taken_back = || family.unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({})).ok()["retracted_closings"].clone();
        assert_eq!(taken_back()[1]["lapsed"], json!([]));
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        assert_eq!(family.unit.get(&format!("/v1/courses/{}", family.course)).ok()["state"], "discontinued");
        // The next time it is over by then.
        app.pass(TimeDelta::minutes(5));
        family.unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-03-12T08:00:00Z");
        let closings = taken_back();
        let kinds = |of: &Value| of["lapsed"].as_array().unwrap().iter().map(|duty| duty["kind"].clone()).collect::<Vec<_>>();
        assert_eq!((kinds(&closings[1]), kinds(&closings[2])), (vec![], vec![json!("tell_by_hand")]));
        assert!(to_tell(&app).is_empty());
    }
}
