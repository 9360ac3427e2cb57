//! What an end leads out of, when it may be stated, and what whoever met the person still sees.

use chrono::TimeDelta;
use makker::access::{Actor, Capability, Tx};
use makker::base::clock::Instant;
use makker::base::ids::PersonId;
use makker::facts::Fact;
use serde_json::{Value, json};

use crate::followups::{NOTES, begin, support};
use crate::sessions::{FIRST, SECOND, family, held, matched, plan, staff};
use crate::support::TestApp;
use crate::support::casework::{offer, yes};

both_engines! {
    fn a_log_is_asked_for_until_its_session_was_off(app: TestApp) {
        let family = family(&app);
        for day in ["03", "04", "05"] {
            let [starts_at, ends_at] = ["15", "16"].map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
            family.mentor.post("/v1/sessions", &plan(&family.mentoring, &starts_at, &ends_at)).ok();
        }
        let sessions = family.mentor.get("/v1/sessions").ok()["items"].clone();
        // Written down later than it was so: what counts is when it was.
        app.set_clock("2026-03-06T08:00:00Z");
        let path = format!("/v1/sessions/{}/cancel", sessions[0]["id"].as_str().unwrap());
        family.mentor.post(&path, &json!({"by": "person", "happened_at": "2026-03-03T10:00:00Z", "new_time_agreed": true})).ok();
        let end = json!({"reason": "staff_wish", "happened_at": "2026-03-04T09:00:00Z"});
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &end).ok();
        let ended: Vec<String> = app.promised("log_missing").iter().map(|duty| format!("{} {}", duty.state, duty.closed_at.unwrap())).collect();
        assert_eq!(ended, ["ended 2026-03-03T10:00:00Z", "ended 2026-03-04T09:00:00Z", "ended 2026-03-04T09:00:00Z"]);
    }

    fn a_stop_takes_an_open_offer_back_and_whoever_moved_is_in_no_course(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let (case, now) = (app.founded_case(&unit, &[&father, &mother]), app.clock.now());
        let stop = |person: &str, reason: &str| {
            let stop = json!({"person_id": person, "track": "parent_coach", "reason": reason, "happened_at": now});
            unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok()
        };
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        let again = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        stop(&father, "asked_never_to_be_contacted");
        assert_eq!(unit.get(&format!("/v1/offers/{again}")).ok()["state"], "withdrawn");
        // What the withdrawn re-offer had kept is not promised again.
        for kind in ["answer", "reoffer_3m", "reoffer_6m"] {
            app.every_promised(kind, |duty| duty.state != "open");
        }

        let made = unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{made}/consents"), &yes(&mother, now)).ok();
        let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id();
        stop(&mother, "moved");
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "discontinued");
    }

    fn a_death_resolves_alerts_and_promises_no_offer(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let raise = json!({"person_id": father, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
        unit.post(&format!("/v1/cases/{case}/alerts"), &raise).ok();
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).ok();
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("/v1/people/{father}/death"), &json!({"happened_at": app.clock.now()})).ok();
        for kind in ["alert", "answer", "reoffer_3m", "reoffer_6m"] {
            app.every_promised(kind, |duty| duty.state != "open");
        }
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "dead", "happened_at": app.clock.now()})).ok();
    }

    fn a_death_is_said_to_be_one_and_tells_whose_reminders_the_dead_got(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let reach = |person: &str, phone: &str| {
            let path = format!("/v1/people/{person}");
            unit.put(&format!("{path}/contact"), &unit.get(&path).tag(), &json!({"channel": "sms", "phone": phone})).ok()
        };
        // Whoever reads for a child dies: it is told by hand at once, and nothing goes to them.
        let path = format!("/v1/people/{}", family.boy);
        unit.certify(&family.mentor.get("/v1/me/staff").id(), None);
        unit.patch(&path, &unit.get(&path).tag(), &json!({"born_on": "2012-05-01"})).ok();
        reach(&family.father, "+4520123477");
        unit.put(&format!("{path}/custody"), &unit.get(&path).tag(), &json!({"holder_ids": [family.father], "recipient_id": family.father})).ok();
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id();
        let messages = |state: &str| unit.get(&format!("/v1/messages?subject={session}&state={state}")).ok()["items"].as_array().unwrap().clone();
        let many = messages("waiting").len();
        assert_eq!((many > 0, app.promised("tell_by_hand").len()), (true, 0));
        unit.post(&format!("/v1/people/{}/death", family.father), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!((messages("waiting").len(), app.promise("tell_by_hand").0.as_str()), (0, "open"));
        // And the child itself.
        let mother = unit.person("parent", "Mathildur", None);
        reach(&mother, "+4520123478");
        unit.put(&format!("{path}/custody"), &unit.get(&path).tag(), &json!({"holder_ids": [mother], "recipient_id": mother})).ok();
        assert_eq!(messages("waiting").len(), many);
        unit.post(&format!("{path}/death"), &json!({"happened_at": app.clock.now()})).ok();
        let reasons: Vec<_> = messages("retracted").iter().map(|message| message["reason"].clone()).collect();
        assert!(messages("waiting").is_empty() && reasons.contains(&json!("dead")) && !reasons.contains(&json!("paused")), "{reasons:?}");
    }

    fn after_a_match_its_last_logs_are_written_and_nothing_else_is_seen(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let session = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).id();
        app.set_clock("2026-03-05T08:00:00Z");
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        let next = app.account("nora", &["mentor"]);
        let nora = staff(&app, &next, true);
        unit.post(&format!("/v1/matches/{}/repair-talk", family.mentoring), &json!({"outcome": "not_possible"})).ok();
        matched(unit, &next, &family.course, &nora);
        let plans = format!("/v1/courses/{}/plans", family.course);
        let body = json!({"goals": [], "own_words": "Noget helt nyt", "happened_at": app.clock.now()});
        next.post(&plans, &body).ok();

        let person = format!("/v1/people/{}", family.boy);
        for path in [&format!("/v1/courses/{}", family.course), &person, &format!("{person}/link-choices")] {
            mentor.get(path).refused(404, "not_found");
        }
        mentor.post(&plans, &body).refused(404, "not_found");
        mentor.post(&format!("{person}/link-choices"), &json!({"wants_links": true})).refused(404, "not_found");
        assert_eq!(mentor.get("/v1/people").ok()["items"], json!([]));
        // What the log's form needs, and the log.
        let today = mentor.get("/v1/today").ok();
        assert_eq!((&today["ended"][0]["given_name"], &today["sessions"][0]["id"]), (&json!("Bertramius"), &json!(session)));
        assert!(!today.to_string().contains("Noget helt nyt"));
        assert_eq!(mentor.get(&format!("/v1/matches/{}", family.mentoring)).ok()["person_label"], "Bertramius");
        assert_eq!(mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-05T08:00:00Z")).status, 201);
        assert_eq!(mentor.get(FIRST).ok()["content"]["facts"], "Vi spillede skak");
        next.get(&person).ok();
        next.get(FIRST).refused(404, "not_found");
        app.set_clock("2026-03-19T08:00:01Z");
        mentor.get(FIRST).refused(404, "not_found");
    }

    fn nothing_ends_before_what_was_held_in_it(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        app.set_clock("2026-03-04T17:00:00Z");
        let session = family.mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok()["session_id"].clone();
        let closing = json!({"no_meeting_reason": "Ønskede det ikke"});
        let nora = staff(&app, &app.account("nora", &["mentor"]), true);
        let ends = |at: &str| {
            [
                unit.post(&format!("/v1/matches/{}/hand-over", family.mentoring), &json!({"staff_id": nora, "knows_person": false, "happened_at": at})),
                unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "person_wish", "happened_at": at})),
                unit.post(&format!("/v1/courses/{}/end", family.course), &json!({"kind": "discontinued", "happened_at": at, "closing": closing})),
            ]
        };
        for early in ends("2026-03-04T14:59:59Z") {
            let refused = early.refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["blocking"][0]["id"]), (&json!("/happened_at"), &session), "{refused}");
            assert_eq!(refused["errors"][0]["code"], "before_held");
        }
        ends("2026-03-04T15:00:00Z")[1].refused(409, "wrong_state");
        assert_eq!(unit.get(&format!("/v1/courses/{}", family.course)).ok()["state"], "discontinued");
    }

    fn whoever_is_barred_owes_no_log(app: TestApp) {
        let family = family(&app);
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).ok();
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).ok();
        let owners = || app.promised("log_missing").into_iter().map(|duty| duty.owner_id.map(|id| id.to_string())).collect::<Vec<_>>();
        assert!(owners().contains(&Some(family.mentor.account_id())));
        family.unit.post("/v1/bars", &json!({"account_id": family.mentor.account_id(), "person_id": family.boy, "cause": "acquaintance"})).ok();
        let left = owners();
        assert!(left.contains(&None) && left.contains(&Some(family.coach.account_id())) && !left.contains(&Some(family.mentor.account_id())), "{left:?}");
    }

    fn where_an_address_is_protected_no_place_is_shown_to_whoever_meets_them(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let matching = format!("/v1/matches/{}", family.mentoring);
        unit.patch(&matching, &unit.get(&matching).tag(), &json!({"place_code": "egernvang", "weekday": 3, "at_min": 960})).ok();
        let mut session = plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        session["place_code"] = json!("egernvang");
        let session = format!("/v1/sessions/{}", mentor.post("/v1/sessions", &session).id());
        let series = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH", "at_min": 960, "until_on": "2026-03-20"});
        let series = format!("/v1/series/{}", mentor.post("/v1/series", &series).id());
        let person = format!("/v1/people/{}", family.boy);
        unit.patch(&person, &unit.get(&person).tag(), &json!({"protected_address": true})).ok();
        let supervisor = app.account("sofus", &["supervisor"]);
        unit.post(&format!("{matching}/supervision"), &json!({"account_id": supervisor.account_id()})).ok();
        for path in [&matching, &session, &series, "/v1/matches", "/v1/sessions", "/v1/series"] {
            for caller in [mentor, &supervisor] {
                assert!(!caller.get(path).ok().to_string().contains("egernvang"), "{path}");
            }
            assert!(unit.get(path).ok().to_string().contains("egernvang"), "{path}");
        }
    }

    fn as_much_follows_from_a_verb_as_there_is(app: TestApp) {
        let family = family(&app);
        let person: PersonId = family.boy.parse().unwrap();
        // Whoever leaves may run any number of matches; only a circle is a defect.
        let tell = move |tx: &mut Tx<'_>| {
            (0..300).for_each(|_| tx.tell(Fact::AttendanceChanged { person }));
            Ok(())
        };
        app.door.blocking_write_as(Actor::system(), app.clock.now(), Capability::TickRun, tell).unwrap();
    }

    fn what_happened_before_a_death_is_recorded_after_it(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        let end = json!({"kind": "completed", "happened_at": "2026-03-04T16:50:00Z", "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        let mother = unit.person("parent", "Mathildur", None);
        let case = app.founded_case(unit, &[&mother]);
        let first = unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-09-10T08:00:00Z");
        unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2026-09-06T08:00:00Z"})).ok();
        let result = |held: &str| {
            let result = json!({"held_at": held, "way": "professional", "basis": "Skolen fortalte det", "at_risk": "no"});
            unit.post("/v1/followups", &json!({"course_id": family.course, "kind": "followup_6m", "result": result}))
        };
        result("2026-09-06T08:00:00Z").refused(409, "wrong_state");
        result("2026-09-02T08:00:00Z").ok();
        assert_eq!((app.promise("followup_6m").0.as_str(), app.promise("followup_12m").2.as_deref()), ("done", Some("dead")));
        let rows = unit.get("/v1/reports/yearly/rows?year=2026&figure=not_at_risk_6m").ok();
        assert_eq!(rows["items"][0]["standing"], "yes");

        unit.post(&format!("/v1/people/{mother}/death"), &json!({"happened_at": "2026-06-05T08:00:00Z"})).ok();
        let made = |day: &str| unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", Instant::parse(&format!("{day}T08:00:00Z")).unwrap()));
        assert_eq!(made("2026-06-05").refused(422, "invalid")["errors"][0]["code"], "died");
        let again = made("2026-05-28").ok();
        assert_eq!((&again["state"], again["fulfils_duty_id"].is_string()), (&json!("withdrawn"), true));
        assert_eq!((app.promise("reoffer_3m").0.as_str(), app.promise("reoffer_6m").2.as_deref()), ("done", Some("dead")));
    }

    fn an_offer_after_a_stop_is_promised_again(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let stop = |reason: &str| {
            let stop = json!({"person_id": father, "track": "parent_coach", "reason": reason, "happened_at": app.clock.now()});
            unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop)
        };
        stop("no_longer_relevant").ok();
        app.pass(TimeDelta::days(1));
        let first = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        assert_eq!((app.promise("reoffer_3m").0.as_str(), app.promise("reoffer_6m").0.as_str()), ("open", "open"));
        stop("asked_never_to_be_contacted").ok();
        assert_eq!(app.promise("reoffer_6m").2.as_deref(), Some("asked_never_to_be_contacted"));
        stop("no_longer_relevant").refused(409, "already_exists");
        // A death has an operation of its own.
        let refused = stop("dead").refused(422, "invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/reason"), &json!("own_operation")));
    }

    fn a_death_recorded_of_the_wrong_person_is_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, death) = (app.founded_case(&unit, &[&father]), format!("/v1/people/{father}/death"));
        let retract = || unit.post(&format!("{death}/retract"), &json!({}));
        retract().refused(409, "wrong_state");
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&death, &json!({"happened_at": app.clock.now()})).ok();
        let back = retract().ok();
        assert_eq!((&back["died_on"], &back["retracted_deaths"][0]["died_on"]), (&json!(null), &json!("2026-03-02")));
        assert_eq!(back["retracted_deaths"][0]["retracted_by"], unit.account_id());
        // The offer waits again.
        assert_eq!((unit.get(&format!("/v1/offers/{made}")).ok()["state"].clone(), app.promise("answer").0.as_str()), (json!("open"), "open"));
        unit.post(&death, &json!({"happened_at": app.clock.now()})).ok();
    }

    fn a_courses_end_ends_its_run_of_misses(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let missed = |matched: &str, at: &str| json!({"match_id": matched, "outcome": "no_show", "starts_at": at});
        app.set_clock("2026-03-04T15:00:00Z");
        family.mentor.put(FIRST, "", &missed(&family.mentoring, "2026-03-04T15:00:00Z")).ok();
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Ønskede det ikke"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        app.set_clock("2026-03-05T15:00:00Z");
        let case = unit.get(&format!("/v1/matches/{}", family.coaching)).ok()["case_id"].as_str().unwrap().to_owned();
        let again = crate::sessions::course(&app, unit, &case, &family.boy, &[&family.father], "mentor");
        let next = app.account("nora", &["mentor"]);
        let mentoring = matched(unit, &next, &again, &staff(&app, &next, true));
        next.put(SECOND, "", &missed(&mentoring, "2026-03-05T15:00:00Z")).ok();
        assert!(app.promised("missed_twice").is_empty());
        app.set_clock("2026-03-06T15:00:00Z");
        next.put(&SECOND.replace('2', "3"), "", &missed(&mentoring, "2026-03-06T15:00:00Z")).ok();
        assert_eq!(app.promise("missed_twice").0, "open");
    }

    fn a_support_contact_made_in_time_counts_after_the_match(app: TestApp) {
        let family = family(&app);
        begin(&app, &family);
        app.set_clock("2026-03-24T08:00:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        family.unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-05T10:00:00Z")).ok();
        let standing: Vec<_> = app.promised("support_contact").into_iter().take(2).map(|duty| (duty.slot, duty.state, duty.reason)).collect();
        let ended = ("day_10".to_owned(), "ended".to_owned(), Some("match_ended".to_owned()));
        assert_eq!(standing, [("48h".to_owned(), "done".to_owned(), None), ended]);
    }

    fn a_support_contact_corrected_after_the_match_keeps_nothing(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        app.set_clock("2026-03-13T12:00:00Z");
        let made = unit.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-13T10:00:00Z"));
        let early = || app.promised("support_contact").into_iter().take(2).map(|duty| (duty.state, duty.reason)).collect::<Vec<_>>();
        assert_eq!(early(), [("done".to_owned(), None), ("done".to_owned(), None)]);
        unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        app.pass(TimeDelta::hours(1));
        let mut wrong = support(&family.mentoring, &["staff"], "2026-03-13T10:00:00Z")["note"].clone();
        (wrong["outcome"], wrong["by"]) = (json!("did_not_appear"), json!("staff"));
        unit.put(&format!("{NOTES}/{}", made.id()), &made.tag(), &json!({"note": wrong})).ok();
        let ended = || ("ended".to_owned(), Some("match_ended".to_owned()));
        assert_eq!(early(), [ended(), ended()]);
        assert!(app.promised("support_contact").iter().all(|duty| duty.closed_at.unwrap().to_string() == "2026-03-13T12:00:00Z"));
    }

    fn whoever_died_before_the_date_is_in_no_result_though_judged(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        let end = json!({"kind": "completed", "happened_at": "2026-03-04T16:50:00Z", "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        app.set_clock("2026-09-10T08:00:00Z");
        let result = json!({"held_at": "2026-09-01T08:00:00Z", "way": "professional", "basis": "Skolen fortalte det", "at_risk": "no"});
        unit.post("/v1/followups", &json!({"course_id": family.course, "kind": "followup_6m", "result": result})).ok();
        let rows = || unit.get("/v1/reports/yearly/rows?year=2026&figure=not_at_risk_6m").ok()["items"].as_array().unwrap().len();
        assert_eq!(rows(), 1);
        unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2026-09-03T08:00:00Z"})).ok();
        assert_eq!((rows(), app.promise("followup_6m").0.as_str()), (0, "done"));
    }

    fn an_offer_after_a_stop_stays_whichever_was_written_down_first(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let case = app.founded_case(&unit, &[&father, &mother]);
        app.set_clock("2026-03-20T08:00:00Z");
        let at = |day: &str| Instant::parse(&format!("2026-03-{day}T08:00:00Z")).unwrap();
        let stop = |person: &str, reason: &str| {
            let stop = json!({"person_id": person, "track": "parent_coach", "reason": reason, "happened_at": at("10")});
            unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok()
        };
        let make = |person: &str| format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, person, "parent_coach", at("15"))).id());
        stop(&father, "no_longer_relevant");
        let (his, hers) = (make(&father), make(&mother));
        stop(&mother, "no_longer_relevant");
        let state = |path: &str| unit.get(path).ok()["state"].as_str().unwrap().to_owned();
        assert_eq!((state(&his), state(&hers)), ("open".to_owned(), "open".to_owned()));
        // So does what became of it.
        unit.post(&format!("{his}/decline"), &json!({"reason": "no_need", "happened_at": at("16")})).ok();
        unit.post(&format!("{hers}/consents"), &yes(&mother, at("16"))).ok();
        let course = format!("/v1/courses/{}", unit.post(&format!("{hers}/accept"), &json!({})).id());
        stop(&father, "moved");
        stop(&mother, "moved");
        assert_eq!((app.promise("reoffer_3m").0.as_str(), state(&course)), ("open", "waiting".to_owned()));
        // But for a reason that lasts.
        stop(&father, "asked_never_to_be_contacted");
        assert_eq!(app.promise("reoffer_3m").2.as_deref(), Some("asked_never_to_be_contacted"));
    }

    fn a_stop_recorded_by_mistake_is_seen_and_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let (case, other) = (app.founded_case(&unit, &[&father]), app.founded_case(&unit, &[&mother]));
        let path = format!("/v1/cases/{case}/contact_stops");
        let stop = |reason: &str| {
            app.pass(TimeDelta::hours(1));
            unit.post(&path, &json!({"person_id": father, "track": "parent_coach", "reason": reason, "happened_at": app.clock.now()}))
        };
        let make = || unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now()));
        stop("no_longer_relevant").ok();
        stop("no_longer_relevant").refused(409, "already_exists");
        // A weaker reason keeps none that lasts from being recorded.
        let asked = stop("asked_never_to_be_contacted").id();
        make().refused(409, "wrong_state");
        let listed = || {
            let items = unit.get(&path).ok()["items"].as_array().unwrap().clone();
            items.iter().map(|stop| (stop["reason"].as_str().unwrap().to_owned(), stop["retracted_by"].clone())).collect::<Vec<_>>()
        };
        let said = |reason: &str, by: Value| (reason.to_owned(), by);
        assert_eq!(listed(), [said("no_longer_relevant", Value::Null), said("asked_never_to_be_contacted", Value::Null)]);
        unit.post(&format!("/v1/cases/{other}/contact_stops/{asked}/retract"), &json!({})).refused(404, "not_found");
        let retract = || unit.post(&format!("{path}/{asked}/retract"), &json!({}));
        assert_eq!(retract().ok()["retracted_at"], json!(app.clock.now()));
        retract().refused(409, "wrong_state");
        assert_eq!(listed(), [said("no_longer_relevant", Value::Null), said("asked_never_to_be_contacted", json!(unit.account_id()))]);
        // They may be offered it again, and ask again not to be.
        let made = make().id();
        stop("asked_never_to_be_contacted").ok();
        assert_eq!((unit.get(&format!("/v1/offers/{made}")).ok()["state"].as_str(), listed().len()), (Some("withdrawn"), 3));
    }
}
