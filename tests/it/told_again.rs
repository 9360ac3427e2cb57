//! What was told once and is true anew: cancelled again, back on the list of whoever tells by hand, and told once to whoever reads for several.

use chrono::TimeDelta;
use makker::messages::channels::Outcome;
use serde_json::{Value, json};

use crate::by_hand::to_tell;
use crate::known_starts::by_sms;
use crate::sessions::{Family, course, family, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::unheard::{move_to, planned};

const NUMBER: &str = "+4520123456";

/// What a number got, one line each.
fn texts(app: &TestApp, number: &str) -> Vec<String> {
    app.tick();
    app.capture.to(number).iter().map(|sms| sms.message.lines.join("|")).collect()
}

/// The family of the sessions' stories, its boy reached by SMS. What he has on Friday was moved an hour, and no round has told him.
fn moved_unheard(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, &family.boy, NUMBER);
    let session = planned(&family.mentor, &family.mentoring, 15);
    app.set_clock("2026-03-03T09:00:00Z");
    move_to(&family.mentor, &session, 16);
    family
}

/// Two children of twelve, whose father reads for both, and their one mentor.
struct Siblings<'a> {
    unit: Caller<'a>,
    mentor: Caller<'a>,
    malte: String,
    matches: [String; 2],
}

impl<'a> Siblings<'a> {
    fn new(app: &'a TestApp) -> Self {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let tag = unit.get(&format!("/v1/people/{father}")).tag();
        unit.put(&format!("/v1/people/{father}/contact"), &tag, &json!({"channel": "sms", "phone": NUMBER})).ok();
        let children = ["Bertramius", "Gudrunette"].map(|name| unit.person("young_person", name, Some("2013-05-01")));
        for child in &children {
            let tag = unit.get(&format!("/v1/people/{child}")).tag();
            unit.put(&format!("/v1/people/{child}/custody"), &tag, &json!({"holder_ids": [father], "recipient_id": father})).ok();
        }
        let case = app.founded_case(&unit, &[&children[0], &children[1], &father]);
        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(app, &mentor, true);
        unit.certify(&malte, None);
        let matches = children.each_ref().map(|child| {
            let course = course(app, &unit, &case, child, &[&father], "mentor");
            let id = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": malte, "same_family": true})).id();
            mentor.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
            unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok();
            id
        });
        Self { unit, mentor, malte, matches }
    }
}

both_engines! {
    fn what_is_off_again_is_told_again(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let tag = unit.get(&format!("/v1/people/{}", family.boy)).tag();
        unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": NUMBER})).ok();
        let session = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id();
        let (off, back) = ("Din aftale onsdag den 11. marts kl. 16.00 er aflyst.", "Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 16.00.");
        let step = |name: &str, body: Value| {
            app.pass(TimeDelta::minutes(5));
            mentor.post(&format!("/v1/sessions/{session}/{name}"), &body).ok();
            texts(&app, NUMBER)
        };
        assert_eq!(step("cancel", json!({"by": "staff"})), [off]);
        assert_eq!(step("restore", json!({})), [off, back]);
        assert_eq!(step("cancel", json!({"by": "staff"})), [off, back, off]);
        assert_eq!(step("restore", json!({})), [off, back, off, back]);
        app.pass(TimeDelta::minutes(5));
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(texts(&app, NUMBER), [off, back, off, back, off]);
    }

    fn a_move_there_and_back_within_a_moment_is_told_each_time(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let tag = unit.get(&format!("/v1/people/{}", family.boy)).tag();
        unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": NUMBER})).ok();
        let path = format!("/v1/sessions/{}", mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id());
        // The clock stands.
        for (told, day) in ["13", "11", "13", "11"].into_iter().enumerate() {
            let there = json!({"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z"), "by": "staff"});
            mentor.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &there).ok();
            let texts = texts(&app, NUMBER);
            assert_eq!(texts.len(), told + 1, "{texts:?}");
            assert!(texts[told].contains(&format!("den {day}. marts")), "{texts:?}");
        }
        app.tick();
        assert_eq!(texts(&app, NUMBER).len(), 4);
    }

    fn who_was_told_by_hand_is_told_again(app: TestApp) {
        let family = family(&app);
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id();
        let duty = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        family.unit.post(&format!("/v1/duties/{duty}/settle"), &json!({"happened_at": app.clock.now()})).ok();
        for (name, body) in [("cancel", json!({"by": "staff"})), ("restore", json!({}))] {
            app.pass(TimeDelta::minutes(5));
            family.mentor.post(&format!("/v1/sessions/{session}/{name}"), &body).ok();
        }
        let states: Vec<_> = app.promised("tell_by_hand").into_iter().map(|duty| duty.state).collect();
        assert!(states.contains(&"done".to_owned()) && states.contains(&"open".to_owned()), "{states:?}");
    }

    fn of_two_reminders_in_the_same_words_one_goes(app: TestApp) {
        let family = family(&app);
        let (unit, person) = (&family.unit, |id: &str| format!("/v1/people/{id}"));
        unit.certify(&family.mentor.get("/v1/me/staff").id(), None);
        unit.patch(&person(&family.boy), "*", &json!({"born_on": "2012-05-01"})).ok();
        unit.put(&format!("{}/custody", person(&family.boy)), "*", &json!({"holder_ids": [family.father], "recipient_id": family.father})).ok();
        unit.put(&format!("{}/contact", person(&family.father)), "*", &json!({"channel": "sms", "phone": NUMBER})).ok();
        // His son's and his own at the same hour; and a week later half an hour apart.
        let planned = |day: &str, own: &str| {
            let [boys, fathers] = [("15:00", "16:00"), (own, "17:00")].map(|(from, until)| [from, until].map(|hour| format!("2026-03-{day}T{hour}:00Z")));
            let boys = family.mentor.post("/v1/sessions", &plan(&family.mentoring, &boys[0], &boys[1])).id();
            [boys, family.coach.post("/v1/sessions", &plan(&family.coaching, &fathers[0], &fathers[1])).id()]
        };
        let same = planned("06", "15:00");
        planned("13", "15:30");
        app.set_clock("2026-03-05T16:00:00Z");
        let once = ["Du har en aftale fredag den 6. marts kl. 16.00."];
        assert_eq!(texts(&app, NUMBER), once);
        app.pass(TimeDelta::minutes(2));
        assert_eq!(texts(&app, NUMBER), once);
        let reminder = |session: &String| {
            let listed = unit.get(&format!("/v1/messages?subject={session}")).ok()["items"].as_array().unwrap().clone();
            assert_eq!(listed.len(), 1, "{listed:?}");
            (listed[0]["state"].clone(), listed[0]["reason"].clone())
        };
        let mut told: Vec<_> = same.iter().map(reminder).collect();
        told.sort_by_key(|(_, reason)| reason.is_string());
        assert_eq!(told, [(json!("accepted"), Value::Null), (json!("accepted"), json!("said_by_other"))]);
        // The night makes no other.
        app.set_clock("2026-03-06T05:00:00Z");
        assert_eq!(texts(&app, NUMBER), once);
        app.set_clock("2026-03-12T16:00:00Z");
        let [first, second] = ["16.00", "16.30"].map(|hour| format!("Du har en aftale fredag den 13. marts kl. {hour}."));
        let mut later = texts(&app, NUMBER).split_off(1);
        later.sort();
        assert_eq!(later, [first, second]);
    }

    fn a_reminder_is_said_by_the_word_of_the_move_that_goes_no_sooner(app: TestApp) {
        let family = moved_unheard(&app);
        app.set_clock("2026-03-05T16:05:00Z");
        let moved = ["Din aftale er flyttet til fredag den 6. marts kl. 17.00."];
        assert_eq!(texts(&app, NUMBER), moved);
        for minutes in [2, 60] {
            app.pass(TimeDelta::minutes(minutes));
            assert_eq!(texts(&app, NUMBER), moved);
        }
        let told = family.unit.get(&format!("/v1/messages?person={}&state=accepted&limit=200", family.boy)).ok();
        let mut told: Vec<_> = told["items"].as_array().unwrap().iter().map(|item| (item["kind"].clone(), item["reason"].clone())).collect();
        told.sort_by_key(|(_, reason)| reason.is_string());
        assert_eq!(told, [(json!("appointment_moved"), Value::Null), (json!("appointment"), json!("said_by_other"))]);
        assert!(to_tell(&app).is_empty());
    }

    fn a_reminder_goes_where_the_move_was_told_before_it(app: TestApp) {
        moved_unheard(&app);
        let (moved, reminded) = ("Din aftale er flyttet til fredag den 6. marts kl. 17.00.", "Du har en aftale fredag den 6. marts kl. 17.00.");
        assert_eq!(texts(&app, NUMBER), [moved]);
        app.set_clock("2026-03-05T16:01:00Z");
        assert_eq!(texts(&app, NUMBER), [moved, reminded]);
    }

    fn a_reminder_goes_where_the_word_of_the_move_is_refused(app: TestApp) {
        moved_unheard(&app);
        app.set_clock("2026-03-05T16:05:00Z");
        app.capture.answer_next(Outcome::TargetGone);
        assert!(texts(&app, NUMBER).is_empty());
        app.pass(TimeDelta::minutes(2));
        assert_eq!(texts(&app, NUMBER), ["Du har en aftale fredag den 6. marts kl. 17.00."]);
    }

    fn what_one_step_changes_for_two_children_is_told_once_to_whoever_reads_for_both(app: TestApp) {
        let Siblings { unit, mentor, malte, matches } = Siblings::new(&app);
        let planned = |day: &str| {
            let hours = matches.iter().zip(["14", "16"]);
            let at = |(matched, hour): (&String, &str)| plan(matched, &format!("2026-03-{day}T{hour}:00:00Z"), &format!("2026-03-{day}T{hour}:50:00Z"));
            hours.map(|both| mentor.post("/v1/sessions", &at(both)).id()).collect::<Vec<_>>()
        };
        let days = ["11", "12", "18", "19"].map(planned);
        let decide = |from_on: &str, until_on: &str, sessions: &[Vec<String>]| {
            app.pass(TimeDelta::minutes(1));
            let entered = unit.post(&format!("/v1/staff/{malte}/leaves"), &json!({"kind": "holiday", "from_on": from_on, "until_on": until_on})).ok();
            let leave = entered["leaves"].as_array().unwrap().iter().find(|leave| leave["from_on"] == from_on).unwrap()["id"].clone();
            let all: Vec<Value> = sessions.iter().flatten().map(|session| json!({"session_id": session, "cancel": {}})).collect();
            let path = format!("/v1/staff/{malte}/leaves/{}/cover-decisions", leave.as_str().unwrap());
            unit.post(&path, &json!({ "decisions": all })).ok();
        };
        let told = |minutes: i64| {
            app.pass(TimeDelta::minutes(minutes));
            texts(&app, NUMBER)
        };
        // The latter week is off: the next is the first child's in the former. Then that is off, too, and there is none.
        decide("2026-03-18", "2026-03-19", &days[2..]);
        let changed = "Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 15.00.";
        assert_eq!([told(0), told(2)], [[changed], [changed]]);
        decide("2026-03-11", "2026-03-12", &days[..2]);
        assert_eq!([told(0), told(2), told(60)], [[changed, "Dine aftaler er aflyst."]; 3]);
        // Each child's word counts as told, and nobody tells by hand.
        let reasons = "SELECT coalesce(reason, '') AS line FROM messages WHERE kind = 'appointments_changed' AND state = 'accepted' ORDER BY 1";
        assert_eq!(app.lines(reasons), ["", "", "said_by_other", "said_by_other"]);
        assert!(app.promised("tell_by_hand").is_empty());
    }

    fn what_one_step_changes_for_two_children_is_told_once_though_the_words_were_planned_anew_apart(app: TestApp) {
        let Siblings { unit, mentor, malte, matches } = Siblings::new(&app);
        let planned = |day: &str| {
            let hours = matches.iter().zip(["14", "16"]);
            let at = |(matched, hour): (&String, &str)| plan(matched, &format!("2026-03-{day}T{hour}:00:00Z"), &format!("2026-03-{day}T{hour}:50:00Z"));
            hours.map(|both| mentor.post("/v1/sessions", &at(both)).id()).collect::<Vec<_>>()
        };
        let [next, first, second] = ["11", "18", "19"].map(planned);
        app.set_clock("2026-03-10T16:01:00Z");
        assert_eq!(texts(&app, NUMBER).len(), 2);
        // Late in the evening the week after is off; the words wait for the morning, and what they name as the next is off by then.
        app.set_clock("2026-03-10T20:30:00Z");
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-18", "until_on": "2026-03-19"});
        let leave = unit.post(&format!("/v1/staff/{malte}/leaves"), &holiday).ok()["leaves"][0]["id"].as_str().unwrap().to_owned();
        let all: Vec<Value> = first.iter().chain(&second).map(|session| json!({"session_id": session, "cancel": {}})).collect();
        unit.post(&format!("/v1/staff/{malte}/leaves/{leave}/cover-decisions"), &json!({ "decisions": all })).ok();
        app.pass(TimeDelta::minutes(10));
        mentor.post(&format!("/v1/sessions/{}/cancel", next[0]), &json!({"by": "staff", "new_time_agreed": false})).ok();
        app.pass(TimeDelta::minutes(5));
        // The first child's is planned anew by something that is said of that child, the other's when it is about to leave.
        let child = mentor.get(&format!("/v1/matches/{}", matches[0])).ok()["person_id"].as_str().unwrap().to_owned();
        unit.patch(&format!("/v1/people/{child}"), "*", &json!({"born_on": "2013-05-01"})).ok();
        app.set_clock("2026-03-11T07:01:00Z");
        for _ in 0..4 {
            app.tick();
            app.pass(TimeDelta::minutes(2));
        }
        let told: Vec<String> = texts(&app, NUMBER).into_iter().filter(|text| text.contains("ændret")).collect();
        assert_eq!(told, ["Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 17.00."]);
        assert!(to_tell(&app).is_empty());
    }

    fn whoever_read_a_start_in_the_word_for_another_child_is_told_of_the_way_back(app: TestApp) {
        let Siblings { unit, mentor, matches, .. } = Siblings::new(&app);
        let at = |matched: &String, day: &str, from: &str| plan(matched, &format!("2026-03-{day}T{from}:00:00Z"), &format!("2026-03-{day}T{from}:50:00Z"));
        let session = mentor.post("/v1/sessions", &at(&matches[0], "06", "15")).id();
        for day in ["06", "13"] {
            mentor.post("/v1/sessions", &at(&matches[1], day, "06")).ok();
        }
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, NUMBER).len(), 2);
        let path = format!("/v1/sessions/{session}");
        let moved = |there: &str| {
            let there = json!({"starts_at": format!("2026-03-{there}:00:00Z"), "ends_at": format!("2026-03-{there}:50:00Z"), "by": "staff"});
            mentor.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &there).ok();
        };
        // One child's is moved in the evening, which is told in the morning; the other's are off, which is told at once, and names it as the next.
        app.set_clock("2026-03-05T20:30:00Z");
        moved("07T10");
        assert_eq!(texts(&app, NUMBER).len(), 2);
        app.set_clock("2026-03-05T21:00:00Z");
        unit.post(&format!("/v1/matches/{}/end", matches[1]), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(texts(&app, NUMBER)[2..], ["Dine aftaler er ændret. Den næste er lørdag den 7. marts kl. 11.00."]);
        app.pass(TimeDelta::minutes(10));
        moved("06T15");
        app.set_clock("2026-03-06T07:01:00Z");
        assert_eq!(texts(&app, NUMBER)[3..], ["Din aftale er flyttet til fredag den 6. marts kl. 16.00."]);
    }

    fn whoever_reads_for_two_is_told_once_and_answers_for_both(app: TestApp) {
        let Siblings { mentor, matches, .. } = Siblings::new(&app);
        for child in matches.iter().map(|matched| mentor.get(&format!("/v1/matches/{matched}")).ok()["person_id"].as_str().unwrap().to_owned()) {
            mentor.post(&format!("/v1/people/{child}/link-choices"), &json!({"wants_links": true})).ok();
        }
        let joint = |day: &str| {
            let plan = json!({"match_ids": matches, "starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z"), "kind": "in_person"});
            let made = mentor.post("/v1/joint-sessions", &plan).ok();
            made["sessions"].as_array().unwrap().iter().map(|part| part["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let parts = joint("11");
        app.set_clock("2026-03-10T16:01:00Z");
        app.tick();
        let sent = app.capture.to(NUMBER);
        let link = sent.last().unwrap().message.link.as_deref().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        // By one button for both; the mentor hears of it once.
        app.anybody().send(crate::support::http::Request::new("POST", &link).header("Content-Type", "application/x-www-form-urlencoded").body("answer=confirm"));
        let answer = |part: &String| mentor.get(&format!("/v1/sessions/{part}")).ok()["answered_by_link"]["answer"].clone();
        assert_eq!(parts.iter().map(answer).collect::<Vec<_>>(), [json!("confirm"), json!("confirm")]);
        app.anybody().send(crate::support::http::Request::new("POST", &link).header("Content-Type", "application/x-www-form-urlencoded").body("answer=cancel"));
        assert_eq!(parts.iter().map(answer).collect::<Vec<_>>(), [json!("cancel"), json!("cancel")]);
        let told = "SELECT state AS line FROM messages WHERE kind = 'appointment_answered' AND state <> 'retracted'";
        assert_eq!(app.lines(told).len(), 1);
        // One of the children is ill: whichever it is, their father knows when the other is met.
        let told = app.capture.to(NUMBER).len();
        for part in [parts.iter().min().unwrap(), parts.iter().max().unwrap()] {
            mentor.post(&format!("/v1/sessions/{part}/cancel"), &json!({"by": "person"})).ok();
            app.pass(TimeDelta::minutes(5));
            app.tick();
            let now = app.capture.to(NUMBER).len();
            assert_eq!(now - told, usize::from(Some(part) == parts.iter().max()), "told when both are off");
        }
    }

    fn whoever_reads_for_another_child_later_is_told_though_they_read_the_same_for_the_first(app: TestApp) {
        const MOTHERS: &str = "+4520123488";
        let Siblings { unit, mentor, matches, .. } = Siblings::new(&app);
        let [first, second] = matches.each_ref().map(|matched| mentor.get(&format!("/v1/matches/{matched}")).ok()["person_id"].as_str().unwrap().to_owned());
        let mother = unit.person("parent", "Ravnfridur", None);
        unit.put(&format!("/v1/people/{mother}/contact"), "*", &json!({"channel": "sms", "phone": MOTHERS})).ok();
        let father = unit.get(&format!("/v1/people/{first}")).ok()["custody_holder_ids"][0].clone();
        let read_by_mother = |child: &String| {
            let custody = json!({"holder_ids": [father, mother], "recipient_id": mother});
            unit.put(&format!("/v1/people/{child}/custody"), "*", &custody).ok();
        };
        let weekly = |(matched, at_min): (&String, i32)| {
            let weekly = json!({"match_id": matched, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": at_min, "until_on": "2026-03-27"});
            mentor.post("/v1/series", &weekly).id()
        };
        let series: Vec<String> = matches.iter().zip([960, 840]).map(weekly).collect();
        read_by_mother(&second);
        // Each child's Fridays are called off from the second on: of all that she reads for the second child's is the next.
        let call_off = |at: usize| {
            app.pass(TimeDelta::minutes(5));
            let body = json!({"by": "staff", "from_on": "2026-03-13"});
            mentor.post(&format!("/v1/series/{}/cancel", series[at]), &body).ok();
            texts(&app, MOTHERS).len()
        };
        assert_eq!([call_off(0), call_off(1)], [0, 1]);
        app.pass(TimeDelta::minutes(5));
        read_by_mother(&first);
        for _ in 0..3 {
            app.tick();
            app.pass(TimeDelta::minutes(2));
        }
        let told = texts(&app, MOTHERS);
        assert!(told.len() == 2 && told.iter().all(|text| text.starts_with("Dine aftaler er ændret.")), "{told:?}");
    }
}
