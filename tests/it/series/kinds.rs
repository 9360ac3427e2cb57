//! How a series is held: another kind is judged by what it adds, by a change of the series as by hand.

use serde_json::{Value, json};

use super::{agreed, gaps, news, planned, reachable};
use crate::support::caller::Caller;
use crate::support::{Engine, OnEngine, TestApp};

/// In person takes 20 minutes before and 35 after; of texts there are two a week.
struct Kinds(TestApp);

impl OnEngine for Kinds {
    fn on(engine: Engine) -> Self {
        Self(TestApp::with(engine, |config| {
            let settings = &mut config.programme.availability;
            (settings.in_person.before_min, settings.in_person.after_min) = (20, 35);
            settings.text.most_a_week = Some(2);
        }))
    }
}

/// A series of Wednesdays at 16:00 by telephone, for an hour, from 4 to 25 March.
fn by_phone(mentor: &Caller<'_>, matched: &str) -> String {
    mentor.post("/v1/series", &json!({"match_id": matched, "kind": "phone", "length_min": 60, "until_on": "2026-03-25"})).id()
}

/// Plans something else from an hour and minute until another of a day in March.
fn beside(mentor: &Caller<'_>, matched: &str, kind: &str, (day, from, until): (&str, &str, &str)) {
    let [starts_at, ends_at] = [from, until].map(|time| format!("2026-03-{day}T{time}:00Z"));
    mentor.post("/v1/sessions", &json!({"match_id": matched, "starts_at": starts_at, "ends_at": ends_at, "kind": kind})).ok();
}

/// Changes a series; gives it as it is then.
fn change(mentor: &Caller<'_>, id: &str, body: &Value) -> Value {
    let path = format!("/v1/series/{id}");
    mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), body).ok()
}

/// The session of a day in March, and how it is refused another kind or time by hand.
fn against_by_hand(mentor: &Caller<'_>, series: &str, day: &str, change: &Value) -> Vec<String> {
    let listed = mentor.get(&format!("/v1/sessions?series={series}")).ok();
    let session = listed["items"].as_array().unwrap().iter().find(|session| session["occurs_on"] == format!("2026-03-{day}")).unwrap();
    let mut to = json!({"starts_at": session["starts_at"], "ends_at": session["ends_at"]});
    to.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let refused = mentor.post_if(&format!("/v1/sessions/{}/move", session["id"].as_str().unwrap()), "*", &to).refused(409, "not_available");
    refused["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

/// How each session that is planned is held.
fn kinds(mentor: &Caller<'_>, id: &str) -> Vec<String> {
    let listed = mentor.get(&format!("/v1/sessions?series={id}&state=planned")).ok();
    listed["items"].as_array().unwrap().iter().map(|session| session["kind"].as_str().unwrap().to_owned()).collect()
}

both_engines! {
    fn what_is_to_be_held_in_person_needs_the_time_around_it(kinds_of: Kinds) {
        let app = kinds_of.0;
        let family = agreed(&app);
        reachable(&family);
        let mentor = &family.mentor;
        let id = by_phone(mentor, &family.mentoring);
        beside(mentor, &family.mentoring, "phone", ("11", "16:05", "17:00"));
        let in_person = json!({"kind": "in_person"});
        assert_eq!(against_by_hand(mentor, &id, "11", &in_person), ["buffer"]);
        let changed = change(mentor, &id, &in_person);
        assert_eq!((gaps(&changed), &changed["coming"]), (vec!["2026-03-11 buffer 2026-03-11T14:30:00Z open".to_owned()], &json!(3)));
        assert_eq!(kinds(mentor, &id), ["in_person"; 3]);
        // Where they meet otherwise nothing is told; that one is off is.
        assert_eq!(news(&family), ["appointment_cancelled 2026-03-11T15:00:00Z"]);
        // By telephone again there is room, also on a day on which the mentor is away by now: about that one the leave decides.
        let away = json!({"kind": "illness", "from_on": "2026-03-18", "until_on": "2026-03-18"});
        mentor.post(&format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id()), &away).ok();
        let back = change(mentor, &id, &json!({"kind": "phone"}));
        assert_eq!((gaps(&back), &back["coming"]), (vec!["2026-03-11 buffer 2026-03-11T14:30:00Z closed".to_owned()], &json!(4)));
        assert_eq!((kinds(mentor, &id), planned(mentor, &id).len()), (vec!["phone".to_owned(); 4], 4));
    }

    fn a_week_holds_as_many_of_a_kind_as_it_may(kinds_of: Kinds) {
        let app = kinds_of.0;
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = by_phone(mentor, &family.mentoring);
        for day in ["09", "10"] {
            beside(mentor, &family.mentoring, "text", (day, "09:00", "10:00"));
        }
        assert_eq!(against_by_hand(mentor, &id, "11", &json!({"kind": "text"})), ["week_limit"]);
        let texts = change(mentor, &id, &json!({"kind": "text"}));
        assert_eq!((gaps(&texts), &texts["coming"]), (vec!["2026-03-11 week_limit 2026-03-16T15:00:00Z open".to_owned()], &json!(3)));
        assert_eq!(kinds(mentor, &id), ["text"; 3]);
    }

    fn one_that_is_held_otherwise_by_itself_is_judged_as_it_is_held(kinds_of: Kinds) {
        let app = kinds_of.0;
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = by_phone(mentor, &family.mentoring);
        let listed = mentor.get(&format!("/v1/sessions?series={id}")).ok();
        let third = &listed["items"][2];
        let in_person = json!({"starts_at": third["starts_at"], "ends_at": third["ends_at"], "kind": "in_person"});
        mentor.post_if(&format!("/v1/sessions/{}/move", third["id"].as_str().unwrap()), "*", &in_person).ok();
        for day in ["11", "18"] {
            beside(mentor, &family.mentoring, "phone", (day, "17:20", "18:00"));
        }
        let later = json!({"starts_at": "2026-03-18T16:00:00Z", "ends_at": "2026-03-18T17:00:00Z"});
        assert_eq!(against_by_hand(mentor, &id, "18", &later), ["buffer"]);
        let changed = change(mentor, &id, &json!({"at_min": 1020}));
        assert_eq!((gaps(&changed), &changed["coming"]), (vec!["2026-03-18 buffer 2026-03-18T15:30:00Z open".to_owned()], &json!(3)));
        assert_eq!(planned(mentor, &id), ["04", "11", "25"].map(|day| format!("2026-03-{day}T16:00:00Z")));
    }
}
