//! Who is told what of sessions that were moved, cancelled or came back: by whichever still speaks, at the time they know, once.

use chrono::TimeDelta;
use makker::messages::channels::Outcome;
use serde_json::{Value, json};

use crate::by_hand::{tell, to_tell};
use crate::sessions::{Family, family, plan};
use crate::support::TestApp;

/// The boy's number.
const BOY: &str = "+4520123456";
/// His father's.
const FATHER: &str = "+4520123477";

/// What a number got, one line each, after a round of the tick.
fn texts(app: &TestApp, number: &str) -> Vec<String> {
    app.tick();
    app.capture.to(number).iter().map(|sms| sms.message.lines[0].clone()).collect()
}

/// Gives a person a way to be reached, or none.
fn contact(family: &Family<'_>, person: &str, contact: &Value) {
    let path = format!("/v1/people/{person}");
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), contact).ok();
}

fn by_sms(family: &Family<'_>, person: &str, number: &str) {
    contact(family, person, &json!({"channel": "sms", "phone": number}));
}

/// A session of the boy at 16:00 in Copenhagen on a day of March.
fn session(family: &Family<'_>, day: &str) -> String {
    let [starts_at, ends_at] = ["15", "16"].map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, &starts_at, &ends_at)).id()
}

/// Four Wednesdays of the boy, from the 4th on; each session's id, and the series'.
fn wednesdays(family: &Family<'_>) -> (Vec<String>, String) {
    let series = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 960, "until_on": "2026-03-25"});
    let id = family.mentor.post("/v1/series", &series).id();
    let listed = family.mentor.get(&format!("/v1/sessions?series={id}")).ok();
    let ids: Vec<String> = listed["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 4);
    (ids, id)
}

fn move_to(family: &Family<'_>, session: &str, day: &str) {
    let path = format!("/v1/sessions/{session}");
    let there = json!({"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z"), "by": "staff"});
    family.mentor.post_if(&format!("{path}/move"), &family.mentor.get(&path).tag(), &there).ok();
}

fn cancel(family: &Family<'_>, session: &str) {
    family.mentor.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff"})).ok();
}

/// The mentor is away: what becomes of these sessions is decided in one step.
fn decide(family: &Family<'_>, from_on: &str, until_on: &str, decisions: &Value) {
    let malte = family.mentor.get("/v1/me/staff").ok()["id"].as_str().unwrap().to_owned();
    let holiday = json!({"kind": "holiday", "from_on": from_on, "until_on": until_on});
    let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &holiday).ok();
    let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
    family.unit.post(&format!("{leave}/cover-decisions"), &json!({"decisions": decisions})).ok();
}

fn moved(session: &str, day: &str) -> Value {
    json!({"session_id": session, "move": {"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z")}})
}

/// The family, its boy 14 until 19 March, whose father gets his messages.
fn of_a_child(app: &TestApp) -> Family<'_> {
    let family = family(app);
    let (unit, boy) = (&family.unit, format!("/v1/people/{}", family.boy));
    unit.certify(&family.mentor.get("/v1/me/staff").id(), None);
    unit.patch(&boy, &unit.get(&boy).tag(), &json!({"born_on": "2011-03-19"})).ok();
    by_sms(&family, &family.father, FATHER);
    let custody = json!({"holder_ids": [family.father], "recipient_id": family.father});
    unit.put(&format!("{boy}/custody"), &unit.get(&boy).tag(), &custody).ok();
    family
}

/// Slot and limit of each open promise to tell by hand.
fn by_hand(app: &TestApp) -> Vec<(String, String)> {
    let open = app.promised("tell_by_hand").into_iter().filter(|duty| duty.state == "open");
    open.map(|duty| (duty.slot, duty.due_at.to_string())).collect()
}

both_engines! {
    fn where_the_first_began_before_its_word_went_the_next_speaks(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        for day in ["04", "11", "18"] {
            session(&family, day);
        }
        app.set_clock("2026-03-04T14:50:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        // Nobody ticked before the first would have begun.
        app.set_clock("2026-03-04T15:05:00Z");
        assert_eq!(texts(&app, BOY), ["Dine aftaler er aflyst."]);
        // Once: neither the next of them nor the night says it again.
        for clock in ["2026-03-05T04:00:00Z", "2026-03-05T09:00:00Z", "2026-03-12T09:00:00Z"] {
            app.set_clock(clock);
            assert_eq!(texts(&app, BOY).len(), 1, "{clock}");
        }
    }

    fn where_the_first_takes_place_after_all_the_next_speaks(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        let (sessions, series) = wednesdays(&family);
        app.set_clock("2026-03-02T20:00:00Z");
        family.mentor.post(&format!("/v1/series/{series}/cancel"), &json!({"by": "staff"})).ok();
        app.set_clock("2026-03-02T21:00:00Z");
        family.mentor.post(&format!("/v1/sessions/{}/restore", sessions[0]), &json!({})).ok();
        assert!(texts(&app, BOY).is_empty());
        app.set_clock("2026-03-03T07:30:00Z");
        assert_eq!(texts(&app, BOY), ["Dine aftaler er ændret. Den næste er onsdag den 4. marts kl. 16.00."]);
    }

    fn where_another_than_the_first_takes_place_after_all_one_word_says_so(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        let (sessions, series) = wednesdays(&family);
        app.set_clock("2026-03-02T20:00:00Z");
        family.mentor.post(&format!("/v1/series/{series}/cancel"), &json!({"by": "staff"})).ok();
        app.set_clock("2026-03-02T21:00:00Z");
        let restore = |at: usize| family.mentor.post(&format!("/v1/sessions/{}/restore", sessions[at]), &json!({})).ok();
        restore(1);
        assert!(texts(&app, BOY).is_empty());
        app.set_clock("2026-03-03T07:30:00Z");
        let changed = "Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 16.00.";
        assert_eq!(texts(&app, BOY), [changed]);
        app.set_clock("2026-03-03T08:30:00Z");
        assert_eq!(texts(&app, BOY), [changed]);
        // He has read that the third is off: that it is not, is news.
        restore(2);
        assert_eq!(texts(&app, BOY), [changed, changed]);
    }

    fn a_log_of_what_was_off_already_leaves_the_word_for_all(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        let (sessions, series) = wednesdays(&family);
        app.set_clock("2026-03-02T20:00:00Z");
        family.mentor.post(&format!("/v1/series/{series}/cancel"), &json!({"by": "person"})).ok();
        // A phone that was out of the network says of the first that it is off.
        app.set_clock("2026-03-02T21:00:00Z");
        let log = json!({"session_id": sessions[0], "match_id": family.mentoring, "outcome": "cancelled", "by": "person",
            "starts_at": "2026-03-04T15:00:00Z", "written_at": "2026-03-02T18:00:00Z"});
        assert_eq!(family.mentor.put(crate::sessions::FIRST, "", &log).status, 201);
        app.set_clock("2026-03-03T07:30:00Z");
        assert_eq!(texts(&app, BOY), ["Dine aftaler er aflyst."]);
        assert!(app.promised("missed_twice").is_empty());
    }

    fn a_word_for_several_that_does_not_arrive_is_told_by_hand_once(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        session(&family, "05");
        let [first, second] = ["11", "12"].map(|day| session(&family, day));
        // What speaks is off; what was moved still takes place.
        let decisions = json!([moved(&first, "20"), {"session_id": second, "cancel": {"new_time_agreed": false}}]);
        app.pass(TimeDelta::minutes(5));
        decide(&family, "2026-03-10", "2026-03-13", &decisions);
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        let open = by_hand(&app);
        assert_eq!(open.len(), 1, "{open:?}");
        assert!(open[0].0.ends_with("off") && open[0].1 == "2026-03-10T22:59:59.999999Z", "before he comes to what was moved: {open:?}");
        // Both were moved: whoever speaks takes place.
        let [third, fourth] = ["23", "24"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        let malte = family.mentor.get("/v1/me/staff").ok()["id"].as_str().unwrap().to_owned();
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-23", "until_on": "2026-03-24"});
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &holiday).ok();
        let leaves = entered["leaves"].as_array().unwrap();
        let leave = leaves.iter().find(|leave| leave["from_on"] == "2026-03-23").unwrap()["id"].as_str().unwrap().to_owned();
        let decisions = json!({"decisions": [moved(&third, "26"), moved(&fourth, "27")]});
        family.unit.post(&format!("/v1/staff/{malte}/leaves/{leave}/cover-decisions"), &decisions).ok();
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        let open = by_hand(&app);
        assert!(open.len() == 2 && open.iter().any(|(slot, _)| slot.starts_with("2026-03-26T15:00:00Z")), "{open:?}");
    }

    fn what_is_off_is_off_at_the_time_they_know(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        let friday = session(&family, "06");
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 16.00."]);
        app.set_clock("2026-03-05T20:00:00Z");
        move_to(&family, &friday, "09");
        app.set_clock("2026-03-05T21:00:00Z");
        cancel(&family, &friday);
        app.set_clock("2026-03-06T07:30:00Z");
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale fredag den 6. marts kl. 16.00 er aflyst."]);
        // A move that was heard is known.
        let next = session(&family, "11");
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &next, "12");
        assert_eq!(texts(&app, BOY)[2..], ["Din aftale er flyttet til torsdag den 12. marts kl. 16.00."]);
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &next);
        assert_eq!(texts(&app, BOY)[3..], ["Din aftale torsdag den 12. marts kl. 16.00 er aflyst."]);
        // One that was refused is not, nor is it told of by hand any more.
        let last = session(&family, "17");
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &last, "19");
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        assert_eq!(by_hand(&app).len(), 1);
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &last);
        assert_eq!(texts(&app, BOY).last().unwrap(), "Din aftale tirsdag den 17. marts kl. 16.00 er aflyst.");
    }

    fn what_is_off_is_told_anew_on_another_phone_and_after_a_pause(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        let off = "Din aftale onsdag den 11. marts kl. 16.00 er aflyst.";
        let wednesday = session(&family, "11");
        cancel(&family, &wednesday);
        assert_eq!(texts(&app, BOY), [off]);
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, "+4520999999");
        assert_eq!(texts(&app, "+4520999999"), [off]);
        app.pass(TimeDelta::minutes(5));
        assert_eq!((texts(&app, "+4520999999").len(), texts(&app, BOY).len()), (1, 1));
        // Cancelled while the course stood still.
        let thursday = session(&family, "12");
        let course = format!("/v1/courses/{}", family.course);
        app.set_clock("2026-03-11T16:30:00Z");
        app.tick();
        family.unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        cancel(&family, &thursday);
        assert_eq!(texts(&app, "+4520999999")[1..], ["Du har en aftale torsdag den 12. marts kl. 16.00."]);
        app.set_clock("2026-03-11T18:00:00Z");
        family.unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        assert_eq!(texts(&app, "+4520999999")[2..], ["Din aftale torsdag den 12. marts kl. 16.00 er aflyst."]);
    }

    fn whoever_reads_for_several_reads_nothing_that_is_untrue_for_one(app: TestApp) {
        let family = family(&app);
        let path = format!("/v1/people/{}", family.boy);
        family.unit.certify(&family.mentor.get("/v1/me/staff").id(), None);
        family.unit.patch(&path, &family.unit.get(&path).tag(), &json!({"born_on": "2012-05-01"})).ok();
        by_sms(&family, &family.father, FATHER);
        let custody = json!({"holder_ids": [family.father], "recipient_id": family.father});
        family.unit.put(&format!("{path}/custody"), &family.unit.get(&path).tag(), &custody).ok();
        let own = |day: &str| {
            let [starts_at, ends_at] = ["15", "16"].map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
            family.coach.post("/v1/sessions", &plan(&family.coaching, &starts_at, &ends_at)).id()
        };
        // His son's and his own at the same hour.
        let friday = session(&family, "06");
        own("06");
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &friday);
        assert!(texts(&app, FATHER).is_empty());
        let open = by_hand(&app);
        assert!(open.len() == 1 && open[0].0.ends_with("off") && open[0].1 == "2026-03-05T22:59:59.999999Z", "{open:?}");
        // All of his son's are off, and his own is the next.
        for day in ["10", "17"] {
            session(&family, day);
        }
        app.pass(TimeDelta::minutes(5));
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(texts(&app, FATHER), ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00."]);
    }

    fn that_appointments_have_changed_is_told_once_a_change(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        for day in ["04", "11"] {
            session(&family, day);
        }
        let [first, second] = ["18", "19"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        decide(&family, "2026-03-18", "2026-03-20", &json!([moved(&first, "25"), moved(&second, "26")]));
        let changed = || texts(&app, BOY).into_iter().filter(|text| text.contains("ændret")).collect::<Vec<_>>();
        assert_eq!(changed(), ["Dine aftaler er ændret. Den næste er onsdag den 4. marts kl. 16.00."]);
        for day in ["05", "06", "12", "13"] {
            for hour in ["04", "09"] {
                app.set_clock(&format!("2026-03-{day}T{hour}:00:00Z"));
                assert_eq!(changed().len(), 1, "{day} {hour}");
            }
        }
    }

    fn a_promise_to_tell_by_hand_runs_from_when_its_need_is_known(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.boy, BOY);
        session(&family, "04");
        app.set_clock("2026-03-04T08:00:00Z");
        contact(&family, &family.boy, &json!({"channel": "sms", "phone": BOY, "no_messages": true}));
        assert_eq!(by_hand(&app), [("2026-03-04T15:00:00Z".to_owned(), "2026-03-04T15:00:00Z".to_owned())]);
        // Planned anew it stays as it was.
        app.set_clock("2026-03-04T09:00:00Z");
        app.tick();
        let opened: Vec<String> = app.promised("tell_by_hand").iter().map(|duty| duty.opens_at.to_string()).collect();
        assert_eq!(opened, ["2026-03-04T08:00:00Z"]);
    }
    fn what_the_boy_was_told_of_one_session_is_no_word_to_his_father_of_all(app: TestApp) {
        let family = of_a_child(&app);
        let [first, second, third] = ["10", "11", "12"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        decide(&family, "2026-03-10", "2026-03-12", &json!([moved(&first, "16"), moved(&second, "17"), moved(&third, "24")]));
        // The last lies after his birthday, and he has no phone.
        assert_eq!(to_tell(&app), ["2026-03-24 2026-03-11"]);
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-16 2026-03-09", "2026-03-24 2026-03-11"]);
        tell(&app, &family, &third);
        // Nobody told his father before the first was off: he is told of the rest with the next.
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &first);
        assert_eq!(to_tell(&app), ["2026-03-17 2026-03-10"]);
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-17 2026-03-10"]);
        tell(&app, &family, &second);
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
    }

    fn what_was_told_his_father_by_hand_is_no_word_to_his_mother(app: TestApp) {
        const MOTHER: &str = "+4520123488";
        let family = of_a_child(&app);
        let [first, second] = ["10", "11"].map(|day| session(&family, day));
        app.pass(TimeDelta::minutes(5));
        decide(&family, "2026-03-10", "2026-03-11", &json!([moved(&first, "16"), moved(&second, "17")]));
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        tell(&app, &family, &first);
        app.pass(TimeDelta::minutes(5));
        cancel(&family, &first);
        app.tick();
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
        // She gets his messages from now on.
        app.pass(TimeDelta::minutes(5));
        let (mother, boy) = (family.unit.person("parent", "Gudrunelisa", None), format!("/v1/people/{}", family.boy));
        by_sms(&family, &mother, MOTHER);
        let custody = json!({"holder_ids": [family.father, mother], "recipient_id": mother});
        family.unit.put(&format!("{boy}/custody"), &family.unit.get(&boy).tag(), &custody).ok();
        let told = texts(&app, MOTHER);
        assert!(told.contains(&"Dine aftaler er ændret. Den næste er tirsdag den 17. marts kl. 16.00.".to_owned()), "{told:?}");
    }
}
