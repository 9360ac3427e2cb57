//! A series under the rules of planning, and what its changes keep.

use serde_json::{Value, json};

use super::{agreed, flaw, gaps, news, planned, reachable};
use crate::scheduling::Strict;
use crate::sessions::plan;
use crate::support::TestApp;

both_engines! {
    fn a_date_whose_longer_session_does_not_fit_is_a_gap(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let mentor = &family.mentor;
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-25"}));
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-18T16:30:00Z", "2026-03-18T17:30:00Z")).ok();
        let path = format!("/v1/series/{}", made.id());
        let longer = mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), &json!({"length_min": 120})).ok();
        assert_eq!(gaps(&longer), ["2026-03-18 busy 2026-03-18T14:30:00Z open"]);
        let listed = mentor.get(&format!("/v1/sessions?series={}", made.id())).ok();
        let ends: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["ends_at"].as_str().unwrap()).collect();
        assert_eq!(ends, ["2026-03-04T17:00:00Z", "2026-03-11T17:00:00Z", "2026-03-25T17:00:00Z"]);
        assert_eq!(news(&family), ["appointment_cancelled 2026-03-18T15:00:00Z"]);
    }

    fn a_series_still_to_begin_begins_when_it_was_to_and_keeps_its_weeks(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let change = |id: &str, body: &Value| {
            let path = format!("/v1/series/{id}");
            let changed = mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), body).ok();
            (changed["from_on"].as_str().unwrap().to_owned(), planned(mentor, changed["id"].as_str().unwrap()))
        };
        let later = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TU", "from_on": "2026-09-08", "until_on": "2026-09-29"});
        let id = mentor.post("/v1/series", &later).id();
        let before = mentor.get(&format!("/v1/sessions?series={id}")).ok();
        let (from_on, dates) = change(&id, &json!({"rule": "FREQ=WEEKLY;BYDAY=MO"}));
        assert_eq!((from_on.as_str(), dates.len(), dates[0].as_str()), ("2026-09-07", 4, "2026-09-07T14:00:00Z"));
        let after = mentor.get(&format!("/v1/sessions?series={id}")).ok();
        let ids = |listed: &Value| listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&before), ids(&after), "each moved within its week");

        let fortnightly = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "from_on": "2027-01-13", "until_on": "2027-02-12", "at_min": 600});
        let id = mentor.post("/v1/series", &fortnightly).id();
        let (_, dates) = change(&id, &json!({"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"}));
        assert_eq!(dates, ["2027-01-14T09:00:00Z", "2027-01-28T09:00:00Z", "2027-02-11T09:00:00Z"]);
        // The rest from a Thursday on, moved to Tuesdays: that of its week is the first.
        let (from_on, dates) = change(&id, &json!({"from_on": "2027-01-28", "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"}));
        assert_eq!((from_on.as_str(), dates), ("2027-01-26", ["2027-01-26T09:00:00Z", "2027-02-09T09:00:00Z"].map(str::to_owned).to_vec()));
    }

    fn a_week_that_had_its_session_before_a_change_is_no_silent_hole(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-05-31"}));
        let path = format!("/v1/series/{}", made.id());
        // They met on the Wednesday; from the Sunday of that week on it is the third Sunday of a month.
        let rest = json!({"from_on": "2026-03-15", "rule": "FREQ=MONTHLY;BYDAY=3SU", "by": "person", "reason": "school"});
        let changed = mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), &rest).ok();
        assert_eq!(gaps(&changed), ["2026-03-15 week_limit - open"]);
        assert_eq!(planned(mentor, changed["id"].as_str().unwrap()), ["2026-04-19T14:00:00Z", "2026-05-17T14:00:00Z"]);
        // Whose wish it was, and why, stands with each session that moved.
        let moved = mentor.get(&format!("/v1/sessions?series={}&state=planned", changed["id"].as_str().unwrap())).ok()["items"][0]["id"].clone();
        let change = mentor.get(&format!("/v1/sessions/{}/changes", moved.as_str().unwrap())).ok()["items"][0].clone();
        assert_eq!((&change["kind"], &change["by"], &change["reason"]), (&json!("moved"), &json!("person"), &json!("school")));
    }

    fn a_session_whose_new_date_is_just_past_stays_as_it_is(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let wednesdays = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-18"})).id();
        let fridays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": 960, "until_on": "2026-03-20"});
        let fridays = mentor.post("/v1/series", &fridays).id();
        // Half past two on the Wednesday: from now on in the morning; and on Tuesdays instead of Fridays.
        app.set_clock("2026-03-04T13:30:00Z");
        let change = |id: &str, body: &Value| {
            let path = format!("/v1/series/{id}");
            let changed = mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), body).ok();
            assert_eq!(gaps(&changed), Vec::<String>::new());
            planned(mentor, id)
        };
        let mornings = change(&wednesdays, &json!({"at_min": 600}));
        assert_eq!(mornings, ["2026-03-04T15:00:00Z", "2026-03-11T09:00:00Z", "2026-03-18T09:00:00Z"]);
        let tuesdays = change(&fridays, &json!({"rule": "FREQ=WEEKLY;BYDAY=TU"}));
        assert_eq!(tuesdays, ["2026-03-06T15:00:00Z", "2026-03-10T15:00:00Z", "2026-03-17T15:00:00Z"]);
    }

    fn who_said_that_they_work_on_a_holiday_does(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let staff = mentor.get("/v1/me/staff").id();
        let hours = json!({"week": [{"weekday": 4, "from_min": 840, "until_min": 1080}]});
        let tag = mentor.put(&format!("/v1/staff/{staff}/hours"), "*", &hours).tag();
        // Ascension Day.
        let more = json!({"effect": "more", "on": "2026-05-14", "from_min": 840, "until_min": 1080});
        mentor.post_if(&format!("/v1/staff/{staff}/exceptions"), &tag, &more).ok();
        let thursdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH", "at_min": 960, "from_on": "2026-05-07", "until_on": "2026-05-21"});
        let made = mentor.post("/v1/series", &thursdays).ok();
        assert_eq!((gaps(&made), &made["coming"]), (Vec::new(), &json!(3)));
    }

    fn what_runs_into_a_holiday_is_a_gap_and_another_time_is_offered_once(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        // From 23:30 on Wednesday to half past midnight on Maundy Thursday; free times leave it out, too.
        let night = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 1410, "length_min": 60, "from_on": "2026-03-25", "until_on": "2026-04-08"});
        let made = mentor.post("/v1/series", &night).ok();
        assert_eq!((gaps(&made), &made["coming"]), (vec!["2026-04-01 holiday 2026-03-31T21:30:00Z open".to_owned()], &json!(2)));
        // Away but for one Friday between two Wednesdays: it is not for both.
        let staff = mentor.get("/v1/me/staff").id();
        for (from_on, until_on) in [("2026-05-30", "2026-06-11"), ("2026-06-13", "2026-06-23")] {
            mentor.post(&format!("/v1/staff/{staff}/leaves"), &json!({"kind": "holiday", "from_on": from_on, "until_on": until_on})).ok();
        }
        let days = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 960, "from_on": "2026-06-10", "until_on": "2026-06-17"});
        let made = mentor.post("/v1/series", &days).ok();
        assert_eq!(gaps(&made), ["2026-06-10 leave 2026-06-12T14:00:00Z open", "2026-06-17 leave - open"]);
    }

    fn the_next_that_is_told_is_really_the_next(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let mentor = &family.mentor;
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-29"}));
        let path = format!("/v1/series/{}", made.id());
        let rest = json!({"from_on": "2026-04-08", "at_min": 780});
        mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), &rest).ok();
        app.set_clock("2026-03-02T19:30:00Z");
        app.tick();
        app.set_clock("2026-03-03T08:00:00Z");
        app.tick();
        let told: Vec<String> = app.capture.all().into_iter().map(|sent| sent.message.lines[0].clone()).filter(|line| line.contains("ændret")).collect();
        assert_eq!(told, ["Dine aftaler er ændret. Den næste er onsdag den 4. marts kl. 16.00."]);
    }

    fn a_fortnight_is_fourteen_days_whatever_the_clocks_do(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let body = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "at_min": 960, "from_on": "2026-03-18", "until_on": "2026-04-15"});
        assert_eq!(family.mentor.post("/v1/series", &body).ok()["coming"], 3);
        // On 29 March an hour is left out.
        let listed = family.unit.get(&format!("/v1/messages?person={}&state=waiting&limit=200", family.boy)).ok();
        let early = listed["items"].as_array().unwrap().iter().filter(|item| item["slot"] == "early");
        let mut early: Vec<&str> = early.map(|item| item["about_at"].as_str().unwrap()).collect();
        early.sort_unstable();
        assert_eq!(early, ["2026-03-18T15:00:00Z", "2026-04-01T14:00:00Z", "2026-04-15T14:00:00Z"]);
    }

    fn who_fills_a_gap_with_a_taken_time_is_told_others(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        for day in ["11", "12"] {
            mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).ok();
        }
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-18"}));
        let fill = format!("/v1/series/{}/gaps/{}/fill", made.id(), made.ok()["gaps"][0]["id"].as_str().unwrap());
        let lost = mentor.post(&fill, &json!({"starts_at": "2026-03-12T15:30:00Z", "ends_at": "2026-03-12T16:30:00Z"})).refused(409, "claims_overlap");
        assert_eq!(lost["alternatives"].as_array().unwrap().len(), 3);
    }

    fn a_suggestion_that_cannot_be_used_any_more_is_not_taken(app: TestApp) {
        let family = agreed(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        // Ascension Day; the day after is free.
        let thursdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH", "length_min": 60, "from_on": "2026-05-07", "until_on": "2026-05-21"});
        let made = mentor.post("/v1/series", &thursdays);
        let (path, open) = (format!("/v1/series/{}", made.id()), ["2026-05-14 holiday 2026-05-15T14:00:00Z open"]);
        assert_eq!(gaps(&made.ok()), open);
        let fill = format!("{path}/gaps/{}/fill", made.ok()["gaps"][0]["id"].as_str().unwrap());
        // Then the mentor is away on that day, and the boy can never on Fridays.
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        let entered = unit.post(&leaves, &json!({"kind": "holiday", "from_on": "2026-05-15", "until_on": "2026-05-15"})).ok();
        let never = |week: Value| mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &json!({"never": week})).ok();
        never(json!([{"weekday": 5, "from_min": 0, "until_min": 1440}]));
        let refused = mentor.post(&fill, &json!({})).refused(409, "not_available");
        let codes: Vec<&Value> = refused["errors"].as_array().unwrap().iter().map(|error| &error["code"]).collect();
        assert_eq!((codes, refused["alternatives"].as_array().unwrap().len()), (vec![&json!("leave"), &json!("never")], 3));
        assert_eq!(gaps(&mentor.get(&path).ok()), ["2026-05-14 holiday - open"]);
        // A list shows what was found when it was written down.
        assert_eq!(gaps(&mentor.get("/v1/series").ok()["items"][0]), open);
        // Once nothing speaks against it any more it can be used again; a time that is taken cannot.
        assert_eq!(unit.delete(&format!("{leaves}/{}", entered["leaves"][0]["id"].as_str().unwrap())).status, 204);
        never(json!([]));
        assert_eq!(gaps(&mentor.get(&path).ok()), open);
        let other = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-05-15T14:30:00Z", "2026-05-15T15:30:00Z")).id();
        assert_eq!(gaps(&mentor.get(&path).ok()), ["2026-05-14 holiday - open"]);
        let lost = mentor.post(&fill, &json!({})).refused(409, "claims_overlap");
        assert_eq!(lost["alternatives"].as_array().unwrap().len(), 3);
        mentor.post(&format!("/v1/sessions/{other}/cancel"), &json!({"by": "staff"})).ok();
        let filled = mentor.post(&fill, &json!({})).ok();
        assert_eq!((&filled["starts_at"], &filled["ends_at"], &filled["occurs_on"]), (&json!("2026-05-15T14:00:00Z"), &json!("2026-05-15T15:00:00Z"), &json!("2026-05-14")));
    }

    fn a_suggestion_is_judged_as_a_date_of_its_series_and_another_time_as_by_hand(strict: Strict) {
        let app = strict.0;
        let family = agreed(&app);
        let mentor = &family.mentor;
        let thursdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH", "length_min": 60, "from_on": "2026-05-07", "until_on": "2026-05-21"});
        let made = mentor.post("/v1/series", &thursdays);
        let fill = format!("/v1/series/{}/gaps/{}/fill", made.id(), made.ok()["gaps"][0]["id"].as_str().unwrap());
        // Beyond the sixty days that are planned by hand.
        let said = json!({"starts_at": "2026-05-15T14:00:00Z", "ends_at": "2026-05-15T15:00:00Z"});
        assert_eq!(mentor.post(&fill, &said).refused(409, "not_available")["errors"][0]["code"], "horizon");
        assert_eq!(mentor.post(&fill, &json!({})).ok()["starts_at"], said["starts_at"]);
    }

    fn nothing_is_planned_or_offered_beyond_two_years(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        // Thursday 2 March 2028 is the last day, whenever a series begins.
        let until = |until_on: &str| json!({"match_id": family.mentoring, "rule": "FREQ=MONTHLY;BYDAY=1TH", "from_on": "2027-11-01", "until_on": until_on});
        assert_eq!(flaw(&mentor.post("/v1/series", &until("2028-03-03")).refused(422, "invalid")), "/until_on too_far");
        let path = format!("/v1/series/{}", mentor.post("/v1/series", &until("2028-03-02")).id());
        let change = |body: &Value| mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), body);
        assert_eq!(flaw(&change(&json!({"until_on": "2028-03-03"})).refused(422, "invalid")), "/until_on too_far");
        let listed = mentor.get(&format!("/v1/sessions?match={}&from=2028-03-01T00:00:00Z", family.mentoring)).ok();
        let last = &listed["items"][0];
        assert_eq!(last["starts_at"], "2028-03-02T15:00:00Z");
        // What is planned can be taken off by mistake, and back.
        let session = format!("/v1/sessions/{}", last["id"].as_str().unwrap());
        mentor.post(&format!("{session}/cancel"), &json!({"by": "staff"})).ok();
        mentor.post(&format!("{session}/restore"), &json!({})).ok();
        let free = format!("/v1/free-times?matches={}&from=2028-03-02T08:00:00Z&until=2028-03-06T08:00:00Z&length_min=60&limit=200", family.mentoring);
        let free = mentor.get(&free).ok()["items"].as_array().unwrap().clone();
        assert!(!free.is_empty() && free.iter().all(|time| time["starts_at"].as_str().unwrap() < "2028-03-03"), "{free:?}");
        let asked = format!("/v1/free-times/check?matches={}&starts_at=2028-03-03T10:00:00Z&length_min=60", family.mentoring);
        assert_eq!(mentor.get(&asked).ok()["objections"][0]["objection"], "horizon");
        // Nor instead of a date: the Friday would be the nearest.
        let malte = mentor.get("/v1/me/staff").id();
        let day_off = json!({"kind": "holiday", "from_on": "2028-03-02", "until_on": "2028-03-02"});
        family.unit.post(&format!("/v1/staff/{malte}/leaves"), &day_off).ok();
        assert_eq!(gaps(&change(&json!({"at_min": 900})).ok()).last().unwrap(), "2028-03-02 leave 2028-03-01T14:00:00Z open");
    }

    fn a_series_keeps_out_of_hours_taken_off_and_of_what_is_never_possible(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let staff = mentor.get("/v1/me/staff").id();
        let tag = mentor.put(&format!("/v1/staff/{staff}/hours"), "*", &json!({"week": [
            {"weekday": 1, "from_min": 840, "until_min": 1080}, {"weekday": 3, "from_min": 840, "until_min": 1080},
        ]})).tag();
        let off = json!({"effect": "less", "on": "2026-03-11", "from_min": 0, "until_min": 1440});
        mentor.post_if(&format!("/v1/staff/{staff}/exceptions"), &tag, &off).ok();
        mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &json!({"never": [{"weekday": 4, "from_min": 0, "until_min": 1440}]})).ok();
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-25"})).ok();
        // Tuesday is nearer, but the mentor works on Mondays.
        assert_eq!((gaps(&made), &made["coming"]), (vec!["2026-03-11 outside_hours 2026-03-09T15:00:00Z open".to_owned()], &json!(3)));
        let thursdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH;COUNT=1", "at_min": 960});
        let never = mentor.post("/v1/series", &thursdays).ok();
        assert_eq!((gaps(&never), &never["coming"]), (vec!["2026-03-05 never 2026-03-06T15:00:00Z open".to_owned()], &json!(0)));
    }

    fn a_series_meets_the_settings_of_planning(app: Strict) {
        let app = app.0;
        let family = agreed(&app);
        let mentor = &family.mentor;
        // Twice on the Wednesday; the rest of that week may have one more.
        for hour in [("08:00", "09:00"), ("11:00", "12:00")] {
            mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-11T{}:00Z", hour.0), &format!("2026-03-11T{}:00Z", hour.1))).ok();
        }
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-18T16:45:00Z", "2026-03-18T17:45:00Z")).ok();
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-08-26", "length_min": 60}));
        assert_eq!(gaps(&made.ok()), ["2026-03-11 day_limit 2026-03-12T15:00:00Z open"]);
        assert_eq!(mentor.get(&format!("/v1/series/{}", made.id())).ok()["coming"], 25, "as far as it goes, whatever the horizon is");
        let longer = json!({"from_on": "2026-03-11", "length_min": 90});
        let path = format!("/v1/series/{}", made.id());
        let changed = mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), &longer).ok();
        assert_eq!(gaps(&changed), [
            "2026-03-11 day_limit 2026-03-12T15:00:00Z open",
            "2026-03-18 buffer 2026-03-18T14:30:00Z open",
        ]);
    }
}
