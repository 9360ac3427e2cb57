//! What a corrected log changes beside itself: its versions, and since when its course runs.

use serde_json::{Value, json};

use crate::followups::{NOTES, support};
use crate::sessions::{FIRST, SECOND, family, held, plan};
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
        app.keeps_for_good("session_log_versions", "revision");
    }

    fn a_writers_next_word_stands_also_where_they_had_said_it_before_it_was_corrected(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        app.set_clock("2026-03-05T17:00:00Z");
        let version = |path: &str, outcome: &str, revision: Option<i32>| {
            let day = if path == FIRST { "03" } else { "04" };
            let mut log = held(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), "2026-03-05T16:40:00Z");
            (log["outcome"], log["revision"]) = (json!(outcome), json!(revision));
            if outcome == "no_show" {
                log["minutes"] = Value::Null;
            }
            log
        };
        let send = |path: &str, outcome: &str, revision: i32| {
            let log = mentor.put(path, "", &version(path, outcome, Some(revision))).ok();
            (log["content"]["outcome"].as_str().unwrap().to_owned(), log["revision"].as_i64().unwrap(), log["warnings"].clone())
        };
        let correct = |path: &str, outcome: &str| unit.put(path, "*", &version(path, outcome, None)).ok();
        let stands = |outcome: &str, revision: i64| (outcome.to_owned(), revision, json!([]));
        assert_eq!(send(FIRST, "no_show", 1), stands("no_show", 1));
        assert_eq!(send(SECOND, "held", 1), stands("held", 1));
        correct(SECOND, "no_show");
        assert_eq!(app.promise("missed_twice").0, "open");
        // The phone never heard of that, and says once more that they met, as of the same moment.
        assert_eq!(send(SECOND, "held", 2), stands("held", 3));
        assert_eq!(app.promise("missed_twice").2.as_deref(), Some("corrected"));
        assert_eq!(send(SECOND, "held", 2), stands("held", 3));
        // What was only sent again is no word about what was corrected since.
        correct(SECOND, "no_show");
        assert_eq!(send(SECOND, "held", 2), ("no_show".to_owned(), 4, json!(["kept_as_history"])));
        assert_eq!(send(SECOND, "held", 3), stands("held", 5));
        // Of a log that its writer corrected first.
        assert_eq!(send(FIRST, "held", 2), stands("held", 2));
        correct(FIRST, "no_show");
        assert_eq!(send(FIRST, "held", 3), stands("held", 4));
    }

    fn after_the_grace_no_copy_of_a_log_shows_what_became_of_it(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let version = |facts: &str, revision: Option<i32>| {
            let mut body = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z");
            (body["facts"], body["revision"]) = (json!(facts), json!(revision));
            body
        };
        app.set_clock("2026-03-04T17:00:00Z");
        mentor.put(FIRST, "", &version("Skak", Some(1))).ok();
        mentor.put(FIRST, "", &version("Skak igen", Some(2))).ok();
        app.set_clock("2026-03-05T08:00:00Z");
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "person_wish"})).ok();
        app.set_clock("2026-03-20T08:00:00Z");
        mentor.get(FIRST).refused(404, "not_found");
        unit.put(FIRST, &unit.get(FIRST).tag(), &version("Kun for enheden", None)).ok();
        let says = || unit.get(FIRST).ok()["content"]["facts"].clone();
        let send = |facts: &str, revision: Option<i32>, warnings: &[&str]| {
            let sent = mentor.put(FIRST, "", &version(facts, revision));
            assert_eq!((sent.status, sent.json()), (202, json!({"warnings": warnings, "welfare": null})), "{facts}");
        };
        // What it said once, what comes too late, and a lucky guess.
        send("Skak", Some(1), &["kept_as_history"]);
        send("Skak igen", Some(2), &["kept_as_history"]);
        send("Ludo", Some(1), &["kept_as_history"]);
        send("Kun for enheden", None, &[]);
        assert_eq!(says(), "Kun for enheden");
        // A new word lies in the tray; taken out of it, it shows no more than before.
        send("Dam", Some(4), &[]);
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        unit.put(FIRST, &unit.get(FIRST).tag(), &version("Stadig kun for enheden", None)).ok();
        send("Dam", Some(4), &["kept_as_history"]);
        assert_eq!(says(), "Stadig kun for enheden");
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
        app.every_promised("support_contact", |duty| duty.reason.as_deref() == Some("corrected"));
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
        family.unit.post(&format!("/v1/people/{}/death/retract", family.boy), &json!({})).ok();
        assert_eq!(app.promise("missed_twice").0, "open");
    }

    fn a_correction_back_to_the_first_words_is_a_version(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let says = |facts: &str| json!({"match_id": family.mentoring, "outcome": "held", "starts_at": "2026-03-04T15:00:00Z", "minutes": 60, "facts": facts});
        for (facts, revision) in [("Skak", 1), ("Dam", 2), ("Skak", 3), ("Skak", 3)] {
            let log = family.mentor.put(FIRST, "", &says(facts)).ok();
            assert_eq!((&log["content"]["facts"], &log["revision"]), (&json!(facts), &json!(revision)));
        }
    }

    fn a_mistyped_year_promises_nothing_until_it_is_taken_in(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let years_ago = held(&family.mentoring, "2016-03-04T15:00:00Z", "2026-03-04T16:00:00Z");
        // A coordinator mends it at once: also where a log is corrected, and a day is a day.
        let refused = family.unit.put(FIRST, "", &years_ago).refused(422, "invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/starts_at"), &json!("before_match")));
        family.unit.put(SECOND, "", &held(&family.coaching, "2026-03-02T07:00:00Z", "2026-03-04T16:00:00Z")).ok();
        let wrong = held(&family.coaching, "2025-03-02T07:00:00Z", "2026-03-04T16:30:00Z");
        assert_eq!(family.unit.put(SECOND, &family.unit.get(SECOND).tag(), &wrong).refused(422, "invalid")["errors"][0]["code"], "before_match");
        let of_mentor = || app.promised("support_contact").len();
        let coachs = of_mentor();
        // Of a mentor on a bus it is taken in, and waits.
        assert_eq!(family.mentor.put(FIRST, "", &years_ago).status, 202);
        assert_eq!(of_mentor(), coachs);
        family.unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        let promised = of_mentor() - coachs;
        assert!((1..=14).contains(&promised), "{promised} support contacts of one log");
        assert!(app.promised("support_contact").iter().all(|duty| duty.due_at.to_string().as_str() > "2026-03-04"));
    }

    fn a_planned_session_told_far_from_its_plan_is_asked_about(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-05-04T17:00:00Z");
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-05-05T15:00:00Z", "2026-05-05T16:00:00Z")).id();
        app.set_clock("2026-05-05T17:00:00Z");
        let mut told = held(&family.mentoring, "2026-04-05T14:00:00Z", "2026-05-05T16:30:00Z");
        told["session_id"] = json!(session);
        for status in [201, 200] {
            let sent = family.mentor.put(FIRST, "", &told);
            assert_eq!((sent.status, &sent.ok()["warnings"]), (status, &json!(["far_from_plan"])));
        }
        told["starts_at"] = json!("2026-05-05T15:00:00Z");
        assert_eq!(family.mentor.put(FIRST, "", &told).ok()["warnings"], json!([]));
    }

    fn two_runs_that_a_correction_makes_one_keep_one_promise(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        app.set_clock("2026-03-04T08:00:00Z");
        let log = |number: u32| format!("/v1/session-logs/{number}1111111-1111-4111-8111-111111111111");
        let tell = |number: u32, at: &str, outcome: &str| {
            let mut told = held(&family.mentoring, at, "2026-03-04T07:00:00Z");
            told["outcome"] = json!(outcome);
            if outcome != "held" {
                told["minutes"] = Value::Null;
            }
            mentor.put(&log(number), "", &told).ok();
        };
        tell(1, "2026-03-02T09:00:00Z", "no_show");
        tell(2, "2026-03-02T12:00:00Z", "no_show");
        let first = unit.get("/v1/duties?kind=missed_twice").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/duties/{first}/settle"), &json!({"happened_at": app.clock.now()})).ok();
        tell(3, "2026-03-02T15:00:00Z", "held");
        tell(4, "2026-03-03T09:00:00Z", "no_show");
        tell(5, "2026-03-03T12:00:00Z", "no_show");
        let states = || app.promised("missed_twice").into_iter().map(|duty| (duty.state, duty.reason)).collect::<Vec<_>>();
        assert_eq!(states(), [("done".to_owned(), None), ("open".to_owned(), None)]);
        tell(3, "2026-03-02T15:00:00Z", "tried");
        assert_eq!(states(), [("done".to_owned(), None), ("ended".to_owned(), Some("corrected".to_owned()))]);
    }

    fn a_contact_before_the_first_session_keeps_no_promise(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        app.set_clock("2026-03-09T17:00:00Z");
        let mut first = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T17:00:00Z");
        mentor.put(FIRST, "", &first).ok();
        mentor.put(SECOND, "", &held(&family.mentoring, "2026-03-09T15:00:00Z", "2026-03-09T17:00:00Z")).ok();
        family.unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-05T10:00:00Z")).ok();
        let early = || app.promised("support_contact").into_iter().find(|duty| duty.slot == "48h").map(|duty| (duty.state, duty.due_at.to_string())).unwrap();
        assert_eq!(early(), ("done".to_owned(), "2026-03-06T15:00:00Z".to_owned()));
        (first["outcome"], first["minutes"]) = (json!("no_show"), Value::Null);
        mentor.put(FIRST, "", &first).ok();
        assert_eq!(early(), ("open".to_owned(), "2026-03-11T15:00:00Z".to_owned()));
    }

    fn a_settled_run_that_a_correction_shortens_stays_settled(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        let log = |number: u32| format!("/v1/session-logs/{number}1111111-1111-4111-8111-111111111111");
        let tell = |number: u32, outcome: &str| {
            let told = json!({"match_id": family.mentoring, "outcome": outcome, "starts_at": format!("2026-03-04T1{number}:00:00Z")});
            family.mentor.put(&log(number), "", &told).ok();
        };
        (1..4).for_each(|number| tell(number, "no_show"));
        let duty = family.unit.get("/v1/duties?kind=missed_twice").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        family.unit.post(&format!("/v1/duties/{duty}/settle"), &json!({"happened_at": app.clock.now()})).ok();
        tell(1, "tried");
        assert_eq!(app.promise("missed_twice").0, "done");
        // Later misses are a run of their own, when there was a session between.
        app.set_clock("2026-03-05T17:00:00Z");
        let again = |number: u32, at: &str, outcome: &str| {
            let mut told = json!({"match_id": family.mentoring, "outcome": outcome, "starts_at": at});
            if outcome == "held" {
                told["minutes"] = json!(30);
            }
            family.mentor.put(&log(number), "", &told).ok();
        };
        again(5, "2026-03-05T10:00:00Z", "held");
        again(6, "2026-03-05T12:00:00Z", "no_show");
        again(7, "2026-03-05T14:00:00Z", "no_show");
        assert_eq!(app.promised("missed_twice").into_iter().map(|duty| duty.state).collect::<Vec<_>>(), ["done", "open"]);
    }

    fn a_slip_that_is_put_right_leaves_the_tray_and_ends_no_support(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let tell = |starts_at: &str, written_at: &str| mentor.put(FIRST, "", &held(&family.mentoring, starts_at, written_at));
        let open = || app.promised("support_contact").into_iter().filter(|duty| duty.state == "open").map(|duty| duty.due_at.to_string()).collect::<Vec<_>>();
        let in_tray = || family.unit.get("/v1/session-logs?in_tray=true").ok()["items"].as_array().unwrap().len();
        app.set_clock("2026-03-04T17:00:00Z");
        tell("2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z").ok();
        let promised = open();
        assert_eq!((promised.first().map(String::as_str), in_tray()), (Some("2026-03-06T15:00:00Z"), 0));
        // The month is wrong: until somebody looks, what was said before counts.
        assert_eq!(tell("2026-02-04T15:00:00Z", "2026-03-04T16:30:00Z").status, 202);
        assert_eq!((open(), in_tray()), (promised.clone(), 1));
        let mended = tell("2026-03-04T15:00:00Z", "2026-03-04T16:31:00Z");
        assert_eq!((mended.status, &mended.ok()["in_tray"]), (200, &json!(false)));
        assert_eq!((open(), in_tray()), (promised, 0));
    }

    fn a_slip_in_the_tray_holds_no_support_back(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-04T17:00:00Z");
        assert_eq!(family.mentor.put(FIRST, "", &held(&family.mentoring, "2016-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).status, 202);
        family.mentor.put(SECOND, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).ok();
        assert_eq!(app.promised("support_contact").first().map(|duty| duty.due_at.to_string()).as_deref(), Some("2026-03-06T15:00:00Z"));
    }
}
