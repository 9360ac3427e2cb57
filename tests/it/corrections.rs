//! What a corrected log changes beside itself: its versions, and since when its course runs.

use serde_json::{Value, json};

use crate::sessions::{FIRST, SECOND, family, held};
use crate::support::TestApp;
use crate::support::http::Answer;

both_engines! {
    fn what_a_writer_goes_back_to_is_a_later_version(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        app.set_clock("2026-03-04T17:00:00Z");
        let version = |facts: &str, revision: Option<i32>| {
            let mut body = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
            (body["facts"], body["revision"]) = (json!(facts), json!(revision));
            body
        };
        let present = |answer: Answer| {
            let log = answer.ok();
            (log["content"]["facts"].as_str().unwrap().to_owned(), log["revision"].as_i64().unwrap())
        };
        let says = |facts: &str, revision: i64| (facts.to_owned(), revision);
        assert_eq!(present(mentor.put(FIRST, "", &version("Skak", Some(1)))), says("Skak", 1));
        assert_eq!(present(mentor.put(FIRST, "", &version("Dam", Some(2)))), says("Dam", 2));
        // A late copy of the first; and the same words once more, as a third version.
        assert_eq!(present(mentor.put(FIRST, "", &version("Skak", Some(1)))), says("Dam", 2));
        assert_eq!(present(mentor.put(FIRST, "", &version("Skak", None))), says("Dam", 2));
        assert_eq!(present(mentor.put(FIRST, "", &version("Skak", Some(3)))), says("Skak", 3));
        assert_eq!(present(mentor.put(FIRST, "", &version("Skak", Some(3)))), says("Skak", 3));
        // A coordinator, who says by the version they read that they mean the present one.
        let tag = family.unit.get(FIRST).tag();
        assert_eq!(present(family.unit.put(FIRST, &tag, &version("Dam", None))), says("Dam", 4));
        // Its answer was lost, and it is sent again.
        assert_eq!(present(family.unit.put(FIRST, &tag, &version("Dam", None))), says("Dam", 4));
    }

    fn a_log_needs_match_time_outcome_and_minutes_and_no_more(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut least = json!({"match_id": family.mentoring, "outcome": "held", "starts_at": "2026-03-04T15:00:00Z", "minutes": 60});
        let stored = family.mentor.put(FIRST, "", &least);
        assert_eq!((stored.status, &stored.ok()["content"]["written_at"]), (201, &json!("2026-03-04T17:00:00Z")));
        // Sent again an hour later it is the same.
        app.set_clock("2026-03-04T18:00:00Z");
        let again = family.mentor.put(FIRST, "", &least);
        assert_eq!((again.status, &again.ok()["revision"], &again.ok()["content"]["written_at"]), (200, &json!(1), &json!("2026-03-04T17:00:00Z")));
        least["minutes"] = json!(75);
        let better = family.mentor.put(FIRST, "", &least);
        assert_eq!((&better.ok()["revision"], &better.ok()["content"]["written_at"]), (&json!(2), &json!("2026-03-04T18:00:00Z")));
        for (member, pointer) in [("match_id", "/match_id"), ("outcome", "/outcome"), ("starts_at", "/starts_at"), ("minutes", "/minutes")] {
            let mut less = least.clone();
            less.as_object_mut().unwrap().remove(member);
            assert_eq!(family.mentor.put(SECOND, "", &less).refused(422, "invalid")["errors"][0]["pointer"], pointer);
        }
    }

    fn a_course_is_active_from_the_first_session_that_was_held(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let course = || {
            let course = family.unit.get(&format!("/v1/courses/{}", family.course)).ok();
            (course["state"].as_str().unwrap().to_owned(), course["started_at"].as_str().map(str::to_owned))
        };
        let active = |since: &str| ("active".to_owned(), Some(since.to_owned()));
        app.set_clock("2026-03-11T17:00:00Z");
        let mut later = held(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        mentor.put(FIRST, "", &later).ok();
        assert_eq!(course(), active("2026-03-11T15:00:00Z"));
        // Written on the day, delivered late.
        mentor.put(SECOND, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok();
        assert_eq!(course(), active("2026-03-04T15:00:00Z"));
        let mut earlier = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-11T16:30:00Z");
        (earlier["outcome"], earlier["minutes"]) = (json!("tried"), Value::Null);
        mentor.put(SECOND, "", &earlier).ok();
        assert_eq!(course(), active("2026-03-11T15:00:00Z"));
        // None was held after all: nothing has begun, and there is nothing to support yet.
        (later["outcome"], later["minutes"]) = (json!("no_show"), Value::Null);
        mentor.put(FIRST, "", &later).ok();
        assert_eq!(course(), ("waiting".to_owned(), None));
        assert!(app.promised("support_contact").iter().all(|duty| duty.reason.as_deref() == Some("corrected")));
    }

    fn a_death_ends_what_two_misses_asked_for(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        for (path, day) in [(FIRST, "03"), (SECOND, "04")] {
            let mut missed = held(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), "2026-03-04T16:40:00Z");
            (missed["outcome"], missed["minutes"]) = (json!("no_show"), Value::Null);
            family.mentor.put(path, "", &missed).ok();
        }
        assert_eq!(app.promise("missed_twice").0, "open");
        family.unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2026-03-04T16:55:00Z"})).ok();
        assert_eq!(app.promise("missed_twice").2.as_deref(), Some("dead"));
    }
}
