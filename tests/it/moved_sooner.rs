//! Moved to sooner, and no word of it left before the new start: for all that they know they come at the old one, so somebody tells them before it.

use makker::messages::channels::Outcome;
use serde_json::json;

use crate::by_hand::{move_for_leave, session, tell, to_tell};
use crate::sessions::{FIRST, Family, family, held};
use crate::support::TestApp;

const BOY: &str = "+4520123456";

/// What the boy got, one line each, after a round of the tick.
fn texts(app: &TestApp) -> Vec<String> {
    app.tick();
    app.capture.to(BOY).iter().map(|sms| sms.message.lines[0].clone()).collect()
}

fn by_sms(family: &Family<'_>, number: &str) {
    let path = format!("/v1/people/{}", family.boy);
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), &json!({"channel": "sms", "phone": number})).ok();
}

/// The family of the sessions' stories, its boy reached by SMS.
fn by_phone(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, BOY);
    family
}

/// Moves a session to an hour of a day of March, in UTC.
fn move_to(family: &Family<'_>, session: &str, there: &str, by: &str) {
    let path = format!("/v1/sessions/{session}");
    let there = json!({"starts_at": format!("2026-03-{there}:00:00Z"), "ends_at": format!("2026-03-{there}:45:00Z"), "by": by});
    family.mentor.post_if(&format!("{path}/move"), &family.mentor.get(&path).tag(), &there).ok();
}

/// The mentor was there at an hour of Friday 6 March, and nobody came.
fn nobody_came(app: &TestApp, family: &Family<'_>, session: &str, hour: &str) {
    let log = json!({"session_id": session, "match_id": family.mentoring, "outcome": "no_show", "by": "person",
        "starts_at": format!("2026-03-06T{hour}:00:00Z"), "written_at": app.clock.now()});
    assert_eq!(family.mentor.put(FIRST, "", &log).status, 201);
}

/// Nothing is to be told by hand after a round of the tick at each of these moments.
fn nothing_to_tell(app: &TestApp, clocks: &[&str]) {
    for clock in clocks {
        app.set_clock(clock);
        app.tick();
        assert!(to_tell(app).is_empty(), "{clock}: {:?}", to_tell(app));
    }
}

both_engines! {
    fn what_no_round_told_is_told_by_hand_before_the_start_that_they_know(app: TestApp) {
        let family = by_phone(&app);
        let wednesday = session(&family, "11");
        app.set_clock("2026-03-05T17:00:00Z");
        move_to(&family, &wednesday, "06T09", "staff");
        // No round until after the new start, days before the one that he knows.
        app.set_clock("2026-03-06T10:00:00Z");
        assert!(texts(&app).is_empty(), "the time that it would name is past");
        let promised = ["2026-03-06 2026-03-10"];
        assert_eq!(to_tell(&app), promised);
        // Neither that he did not come nor the night nor another phone tells him.
        nobody_came(&app, &family, &wednesday, "09");
        assert_eq!(to_tell(&app), promised);
        app.set_clock("2026-03-07T04:00:00Z");
        app.tick();
        by_sms(&family, "+4520999999");
        app.tick();
        assert_eq!((to_tell(&app), app.capture.to("+4520999999").len()), (promised.map(str::to_owned).to_vec(), 0));
        // While his course stands still nobody does; then it is promised again.
        let course = format!("/v1/courses/{}", family.course);
        app.set_clock("2026-03-07T09:00:00Z");
        family.unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        assert!(to_tell(&app).is_empty());
        app.set_clock("2026-03-07T10:00:00Z");
        family.unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        assert_eq!(to_tell(&app), promised);
        tell(&app, &family, &wednesday);
        app.set_clock("2026-03-08T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
    }

    fn it_is_promised_until_somebody_told_them_or_it_turns_out_that_they_came(app: TestApp) {
        let family = by_phone(&app);
        let friday = session(&family, "06");
        app.set_clock("2026-03-05T16:00:00Z");
        let reminded = ["Du har en aftale fredag den 6. marts kl. 16.00."];
        assert_eq!(texts(&app), reminded);
        app.set_clock("2026-03-05T17:00:00Z");
        move_to(&family, &friday, "06T09", "staff");
        // The mentor says that nobody came before any round.
        app.set_clock("2026-03-06T10:00:00Z");
        nobody_came(&app, &family, &friday, "09");
        let promised = ["2026-03-06 2026-03-06"];
        assert_eq!(to_tell(&app), promised);
        assert_eq!(app.promised("tell_by_hand")[0].due_at.to_string(), "2026-03-06T15:00:00Z");
        // He came in vain: that is late, and stays so.
        for clock in ["2026-03-06T15:30:00Z", "2026-03-07T04:00:00Z"] {
            app.set_clock(clock);
            assert_eq!(texts(&app), reminded);
            assert_eq!(to_tell(&app), promised, "{clock}");
        }
        let mut log = held(&family.mentoring, "2026-03-06T09:00:00Z", "2026-03-06T10:30:00Z");
        log["session_id"] = json!(friday);
        family.mentor.put(FIRST, "", &log).ok();
        assert!(to_tell(&app).is_empty());
    }

    fn a_round_just_before_the_new_start_tells_and_one_as_it_begins_promises(app: TestApp) {
        let family = by_phone(&app);
        let [first, second] = ["11", "12"].map(|day| session(&family, day));
        app.set_clock("2026-03-06T08:30:00Z");
        move_to(&family, &first, "06T09", "staff");
        app.set_clock("2026-03-06T08:59:59Z");
        let told = ["Din aftale er flyttet til fredag den 6. marts kl. 10.00."];
        assert_eq!(texts(&app), told);
        app.set_clock("2026-03-06T10:00:00Z");
        move_to(&family, &second, "06T11", "staff");
        app.set_clock("2026-03-06T11:00:00Z");
        assert_eq!(texts(&app), told);
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-11"]);
        // Whoever heard of it knows, though nobody came.
        nobody_came(&app, &family, &first, "09");
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-11"]);
    }

    fn moved_again_or_off_it_has_words_of_its_own(app: TestApp) {
        let family = by_phone(&app);
        let [first, second] = ["11", "12"].map(|day| session(&family, day));
        app.set_clock("2026-03-05T17:00:00Z");
        move_to(&family, &first, "06T09", "staff");
        move_to(&family, &second, "06T11", "staff");
        app.set_clock("2026-03-06T12:30:00Z");
        assert!(texts(&app).is_empty());
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-10", "2026-03-06 2026-03-11"]);
        move_to(&family, &first, "13T15", "staff");
        family.mentor.post(&format!("/v1/sessions/{second}/cancel"), &json!({"by": "staff"})).ok();
        let mut told = texts(&app);
        told.sort();
        assert_eq!(told, ["Din aftale er flyttet til fredag den 13. marts kl. 16.00.", "Din aftale torsdag den 12. marts kl. 16.00 er aflyst."]);
        assert!(to_tell(&app).is_empty());
    }

    fn what_is_off_after_a_move_of_unknown_fate_is_off_at_the_start_that_they_surely_know(app: TestApp) {
        let family = by_phone(&app);
        let wednesday = session(&family, "11");
        app.set_clock("2026-03-06T07:30:00Z");
        move_to(&family, &wednesday, "06T09", "staff");
        app.capture.answer_next(Outcome::Unknown { code: "timeout" });
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-06"]);
        app.set_clock("2026-03-06T10:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-06"]);
        family.mentor.post(&format!("/v1/sessions/{wednesday}/cancel"), &json!({"by": "staff"})).ok();
        assert_eq!(texts(&app).last().unwrap(), "Din aftale onsdag den 11. marts kl. 16.00 er aflyst.");
        assert!(to_tell(&app).is_empty());
    }

    fn whoever_wished_it_knows(app: TestApp) {
        let family = by_phone(&app);
        let wednesday = session(&family, "11");
        app.set_clock("2026-03-05T17:00:00Z");
        move_to(&family, &wednesday, "06T09", "person");
        app.set_clock("2026-03-06T10:00:00Z");
        assert!(texts(&app).is_empty() && to_tell(&app).is_empty());
    }

    fn what_is_decided_in_a_leave_is_moved_as_any_other(app: TestApp) {
        let family = by_phone(&app);
        let wednesday = session(&family, "11");
        let malte = family.mentor.get("/v1/me/staff").id();
        let away = json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"});
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let there = json!({"starts_at": "2026-03-06T09:00:00Z", "ends_at": "2026-03-06T10:00:00Z"});
        family.unit.post(&format!("{leave}/cover-decisions"), &json!({"decisions": [{"session_id": wednesday, "move": there}]})).ok();
        app.set_clock("2026-03-06T12:00:00Z");
        assert!(texts(&app).is_empty());
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-10"]);
    }

    fn where_the_next_of_a_series_speaks_for_what_is_over_nobody_need(app: TestApp) {
        let family = by_phone(&app);
        from_fridays_to_tuesdays(&app, &family);
        app.set_clock("2026-03-04T09:00:00Z");
        assert_eq!(texts(&app), ["Dine aftaler er ændret. Den næste er tirsdag den 10. marts kl. 10.00."]);
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
        app.set_clock("2026-03-05T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
    }

    fn where_the_word_for_a_series_does_not_arrive_one_tells_by_hand_of_what_is_over_too(app: TestApp) {
        let family = by_phone(&app);
        from_fridays_to_tuesdays(&app, &family);
        app.set_clock("2026-03-04T09:00:00Z");
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        // Of all of it at once, before the first start that he knows.
        assert_eq!(to_tell(&app), ["2026-03-10 2026-03-05"]);
        // Neither the night nor that nobody came to the first makes it two.
        app.set_clock("2026-03-05T04:00:00Z");
        app.tick();
        let first = json!({"match_id": family.mentoring, "outcome": "no_show", "by": "person", "starts_at": "2026-03-03T09:00:00Z"});
        assert_eq!(family.mentor.put(FIRST, "", &first).status, 201);
        assert_eq!(to_tell(&app), ["2026-03-10 2026-03-05"]);
        let open = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"].clone();
        let path = format!("/v1/duties/{}/settle", open[0]["id"].as_str().unwrap());
        family.unit.post(&path, &json!({"happened_at": app.clock.now()})).ok();
        assert!(to_tell(&app).is_empty());
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
    }

    fn what_was_told_by_hand_of_a_series_is_told_when_its_first_begins(app: TestApp) {
        let family = by_phone(&app);
        from_fridays_to_tuesdays(&app, &family);
        app.set_clock("2026-03-04T09:00:00Z");
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-10 2026-03-05"]);
        let open = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"].clone();
        tell(&app, &family, open[0]["subject_id"].as_str().unwrap());
        // Neither when that begins nor in a night is the next promised: whoever told of the first told of all.
        nothing_to_tell(&app, &["2026-03-10T10:00:00Z", "2026-03-11T04:00:00Z", "2026-03-17T10:00:00Z", "2026-03-18T04:00:00Z"]);
    }

    fn what_was_told_by_hand_with_another_is_told_though_that_begins_before_the_start_that_they_know(app: TestApp) {
        let family = by_phone(&app);
        let [first, second] = ["18", "19"].map(|day| session(&family, day));
        // Both go more than a week sooner in one step, and nobody ticks before the first of them begins.
        app.set_clock("2026-03-05T17:00:00Z");
        move_for_leave(&family, ["18", "19"], &[(&first, "06"), (&second, "09")], ["09", "10"]);
        app.set_clock("2026-03-06T10:00:00Z");
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-09 2026-03-08"], "of both, before the first start at which he may come");
        tell(&app, &family, &second);
        nothing_to_tell(&app, &["2026-03-07T04:00:00Z", "2026-03-09T10:00:00Z", "2026-03-10T04:00:00Z", "2026-03-18T04:00:00Z"]);
    }

    fn where_the_night_promised_what_is_over_the_word_that_does_not_arrive_makes_it_one(app: TestApp) {
        let family = by_phone(&app);
        from_fridays_to_tuesdays(&app, &family);
        app.capture.answer_next(Outcome::TargetGone);
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        app.set_clock("2026-03-04T09:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-10 2026-03-05"]);
    }
}

/// Fridays of the boy in March become Tuesdays, in the first week, too, and nobody ticks before that Tuesday is over.
fn from_fridays_to_tuesdays(app: &TestApp, family: &Family<'_>) {
    let weekly = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": 960, "until_on": "2026-03-27"});
    let series = format!("/v1/series/{}", family.mentor.post("/v1/series", &weekly).id());
    app.set_clock("2026-03-02T12:00:00Z");
    let tag = family.mentor.get(&series).tag();
    family.mentor.post_if(&format!("{series}/change"), &tag, &json!({"rule": "FREQ=WEEKLY;BYDAY=TU", "at_min": 600})).ok();
}
