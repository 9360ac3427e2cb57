//! Series over HTTP: planned whole with their gaps, changed, cancelled and ended; and their dates against two independent calendars.

mod changing;
mod gaps;
mod kinds;
mod of_age;
mod parts;
mod planning;
mod proofs;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use makker::base::calendar::{Recurrence, Zone};
use serde_json::{Value, json};

use crate::sessions::{Family, family, family_of, plan};
use crate::support::caller::Caller;
use crate::support::{TestApp, python_with};

/// A family whose mentor and boy agreed on Wednesdays at 16:00, for an hour and a half.
fn agreed(app: &TestApp) -> Family<'_> {
    agreed_of(app, "2010-05-01")
}

/// As [`agreed`], the boy born on a day.
fn agreed_of<'a>(app: &'a TestApp, born_on: &str) -> Family<'a> {
    let family = family_of(app, born_on);
    let path = format!("/v1/matches/{}", family.mentoring);
    let tag = family.unit.get(&path).tag();
    family.unit.patch(&path, &tag, &json!({"weekday": 3, "at_min": 960, "place_code": "library"})).ok();
    family
}

/// The boy gets his messages by SMS.
fn reachable(family: &Family<'_>) {
    let tag = family.unit.get(&format!("/v1/people/{}", family.boy)).tag();
    family.unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
}

/// State and start of each session of a series, by start.
fn sessions(caller: &Caller<'_>, series: &str) -> Vec<(String, String)> {
    let listed = caller.get(&format!("/v1/sessions?series={series}&limit=200")).ok();
    let line = |item: &Value| (item["starts_at"].as_str().unwrap().to_owned(), item["state"].as_str().unwrap().to_owned());
    listed["items"].as_array().unwrap().iter().map(line).collect()
}

fn planned(caller: &Caller<'_>, series: &str) -> Vec<String> {
    sessions(caller, series).into_iter().filter(|(_, state)| state == "planned").map(|(starts_at, _)| starts_at).collect()
}

/// Each gap: date, reason, other time, state.
fn gaps(view: &Value) -> Vec<String> {
    let word = |gap: &Value, name: &str| gap[name].as_str().unwrap_or("-").to_owned();
    let line = |gap: &Value| ["on", "reason", "suggested_at", "state"].map(|name| word(gap, name)).join(" ");
    view["gaps"].as_array().unwrap().iter().map(line).collect()
}

/// What waits for the boy, without reminders: kind and the moment it tells.
fn news(family: &Family<'_>) -> Vec<String> {
    let listed = family.unit.get(&format!("/v1/messages?person={}&state=waiting&limit=200", family.boy)).ok();
    let news = listed["items"].as_array().unwrap().iter().filter(|item| item["kind"] != "appointment");
    news.map(|item| format!("{} {}", item["kind"].as_str().unwrap(), item["about_at"].as_str().unwrap_or("-"))).collect()
}

fn flaw(problem: &Value) -> String {
    format!("{} {}", problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

both_engines! {
    fn the_journal_names_a_year_of_sessions_by_their_series(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let series = family.mentor.post("/v1/series", &json!({"match_id": family.mentoring})).id();
        assert!(planned(&family.mentor, &series).len() > 40);
        let named = "SELECT subject_kind || ' ' || act AS line FROM journal WHERE operation = 'series.make' ORDER BY 1";
        let made = app.lines(named);
        assert_eq!(made.iter().filter(|line| line.starts_with("session ")).count(), 0, "{made:?}");
        assert_eq!(made.iter().filter(|line| *line == "series change" || *line == "person change").count(), 2, "{made:?}");
        // What is done later to one of them is its own.
        let first = family.mentor.get(&format!("/v1/sessions?series={series}&limit=1")).ok()["items"][0]["id"].as_str().unwrap().to_owned();
        family.mentor.post(&format!("/v1/sessions/{first}/cancel"), &json!({"by": "staff"})).ok();
        let off = "SELECT subject_kind || ' ' || act AS line FROM journal WHERE operation = 'sessions.cancel' AND subject_kind = 'session'";
        assert_eq!(app.lines(off), ["session change"]);
    }

    fn a_series_is_planned_whole_and_shows_its_gaps(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let staff = mentor.get("/v1/me/staff").ok()["id"].as_str().unwrap().to_owned();
        mentor.post(&format!("/v1/staff/{staff}/leaves"), &json!({"kind": "holiday", "from_on": "2026-07-06", "until_on": "2026-07-26"})).ok();
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).ok();

        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring}));
        let view = made.ok();
        let id = made.id();
        assert_eq!((&view["rule"], &view["from_on"], &view["until_on"]), (&json!("FREQ=WEEKLY;BYDAY=WE"), &json!("2026-03-04"), &json!("2027-03-02")));
        assert_eq!((&view["coming"], &view["place_code"], &view["zone"]), (&json!(48), &json!("library"), &json!("Europe/Copenhagen")));
        assert_eq!(gaps(&view), [
            "2026-03-11 busy 2026-03-11T16:00:00Z open",
            "2026-07-08 leave 2026-07-03T14:00:00Z open",
            "2026-07-15 leave - open",
            "2026-07-22 leave 2026-07-27T14:00:00Z open",
        ]);
        let all = planned(mentor, &id);
        assert_eq!((all.len(), all[0].as_str(), all[47].as_str()), (48, "2026-03-04T15:00:00Z", "2027-02-24T15:00:00Z"));
        for (day, hour) in [("2026-03-25", 15), ("2026-04-01", 14), ("2026-10-21", 14), ("2026-10-28", 15)] {
            assert!(all.contains(&format!("{day}T{hour}:00:00Z")), "16:00 stays 16:00 on {day}: {all:?}");
        }
        // Each session has its promises; the one planned by hand before, too.
        assert_eq!((app.promised("log_missing").len(), app.promised("tell_by_hand").len()), (49, 49));
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-05-06T15:00:00Z", "2026-05-06T16:00:00Z")).refused(409, "claims_overlap");

        let gap = |at: usize| view["gaps"][at]["id"].as_str().unwrap().to_owned();
        let path = |at: usize, verb: &str| format!("/v1/series/{id}/gaps/{}/{verb}", gap(at));
        let filled = mentor.post(&path(0, "fill"), &json!({})).ok();
        assert_eq!((&filled["starts_at"], &filled["occurs_on"], &filled["series_id"]), (&json!("2026-03-11T16:00:00Z"), &json!("2026-03-11"), &json!(id)));
        mentor.post(&path(0, "fill"), &json!({})).refused(409, "wrong_state");
        assert_eq!(flaw(&mentor.post(&path(2, "fill"), &json!({})).refused(422, "invalid")), "/starts_at required");
        assert_eq!(flaw(&mentor.post(&path(2, "fill"), &json!({"starts_at": "2026-07-14T14:00:00Z"})).refused(422, "invalid")), "/ends_at required");
        let clash = json!({"starts_at": "2026-07-01T14:00:00Z", "ends_at": "2026-07-01T15:00:00Z"});
        mentor.post(&path(2, "fill"), &clash).refused(409, "claims_overlap");
        mentor.post(&path(2, "dismiss"), &json!({})).ok();
        mentor.post(&path(2, "dismiss"), &json!({})).refused(409, "wrong_state");
        let seen = mentor.get(&format!("/v1/series/{id}")).ok();
        assert_eq!((seen["gaps"][0]["state"].as_str(), seen["gaps"][2]["state"].as_str()), (Some("filled"), Some("dismissed")));
        assert_eq!(seen["gaps"][0]["session_id"], filled["id"]);

        // The list shows what is to be decided; the coach of the father sees none of it.
        let listed = family.unit.get(&format!("/v1/series?match={}&open_gaps=true&ended=false", family.mentoring)).ok();
        assert_eq!((&listed["items"][0]["id"], gaps(&listed["items"][0]).len()), (&json!(id), 2));
        family.coach.get(&format!("/v1/series/{id}")).refused(404, "not_found");
        assert_eq!(family.coach.get("/v1/series").ok()["items"], json!([]));
        family.coach.post(&path(1, "fill"), &json!({})).refused(404, "not_found");
        family.coach.post("/v1/series", &json!({"match_id": family.mentoring})).refused(422, "invalid");

        // A session that is moved by itself keeps its date.
        let one = mentor.get(&format!("/v1/sessions?series={id}")).ok()["items"][0].clone();
        let one = mentor.get(&format!("/v1/sessions/{}", one["id"].as_str().unwrap()));
        let there = json!({"starts_at": "2026-03-05T15:00:00Z", "ends_at": "2026-03-05T16:00:00Z"});
        let moved = mentor.post_if(&format!("/v1/sessions/{}/move", one.id()), &one.tag(), &there).ok();
        assert_eq!((&moved["starts_at"], &moved["occurs_on"]), (&json!("2026-03-05T15:00:00Z"), &json!("2026-03-04")));

        // A second series at the same time is all gaps, each with another time.
        let second = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-01", "from_on": "2026-03-18"})).ok();
        assert_eq!((&second["coming"], second["gaps"].as_array().unwrap().len()), (&json!(0), 3));
    }

    fn what_makes_no_series_is_refused(app: TestApp) {
        let family = family(&app);
        let ask = |body: Value| {
            let mut whole = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 960});
            body.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
            flaw(&family.mentor.post("/v1/series", &whole).refused(422, "invalid"))
        };
        for (body, expected) in [
            (json!({"rule": Value::Null}), "/rule required"),
            (json!({"at_min": Value::Null}), "/at_min required"),
            (json!({"rule": "FREQ=SECONDLY"}), "/rule unsupported_rule"),
            (json!({"rule": "FREQ=SECONDLY;INTERVAL=1;COUNT=2147483647"}), "/rule unsupported_rule"),
            (json!({"rule": "FREQ=DAILY;UNTIL=99991231"}), "/rule unsupported_rule"),
            (json!({"rule": "FREQ=WEEKLY;BYDAY=WE;UNTIL=99991231T000000Z"}), "/rule too_far"),
            (json!({"rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=520000"}), "/rule too_many"),
            (json!({"rule": "hver onsdag"}), "/rule not_a_rule"),
            (json!({"until_on": "2199-12-31"}), "/until_on too_far"),
            (json!({"until_on": "2026-03-01"}), "/until_on before_start"),
            (json!({"from_on": "2026-03-01"}), "/from_on before_today"),
            (json!({"length_min": 1441}), "/length_min out_of_range"),
            (json!({"at_min": -1}), "/at_min out_of_range"),
            (json!({"match_id": family.course}), "/match_id unknown_match"),
            (json!({"from_on": "2028-03-03", "until_on": "2028-04-01"}), "/from_on too_far"),
            (json!({"from_on": "2028-02-02", "until_on": "2028-03-03"}), "/until_on too_far"),
            (json!({"from_on": "2028-02-02", "rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=6"}), "/rule too_far"),
            (json!({"from_on": "2026-03-02", "rule": "FREQ=WEEKLY;BYDAY=MO", "at_min": 500, "until_on": "2026-03-08"}), "/until_on before_start"),
        ] {
            assert_eq!(ask(body.clone()), expected, "{body}");
        }
        assert_eq!(family.mentor.get("/v1/series").ok()["items"], json!([]));
        let pause = json!({"grounds": "Afklares", "happened_at": app.clock.now()});
        family.unit.post(&format!("/v1/courses/{}/pause", family.course), &pause).ok();
        let body = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 960});
        family.mentor.post("/v1/series", &body).refused(409, "wrong_state");
    }

    fn a_change_moves_what_is_to_come_and_is_told_once(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let mentor = &family.mentor;
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-29"}));
        let (id, path) = (made.id(), format!("/v1/series/{}", made.id()));
        assert_eq!(made.ok()["coming"], 9);
        assert!(news(&family).is_empty(), "planned sessions are their own news");
        let of_date = |day: &str| {
            let listed = mentor.get(&format!("/v1/sessions?series={id}")).ok();
            let found = listed["items"].as_array().unwrap().iter().find(|item| item["occurs_on"] == day).unwrap().clone();
            found["id"].as_str().unwrap().to_owned()
        };
        // One is moved and one is cancelled by itself; then the first is over.
        let (second, third, fourth) = (of_date("2026-03-11"), of_date("2026-03-18"), of_date("2026-03-25"));
        let there = json!({"starts_at": "2026-03-20T15:00:00Z", "ends_at": "2026-03-20T16:00:00Z"});
        let tag = mentor.get(&format!("/v1/sessions/{third}")).tag();
        mentor.post_if(&format!("/v1/sessions/{third}/move"), &tag, &there).ok();
        mentor.post(&format!("/v1/sessions/{fourth}/cancel"), &json!({"by": "staff"})).ok();
        app.set_clock("2026-03-05T08:00:00Z");
        app.tick();
        assert!(news(&family).is_empty());

        let change = json!({"rule": "FREQ=WEEKLY;BYDAY=TH", "at_min": 1020});
        assert_eq!(mentor.post(&format!("{path}/change"), &change).status, 428);
        mentor.post_if(&format!("{path}/change"), "\"9.0\"", &change).refused(412, "stale_version");
        let changed = mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), &change).ok();
        // They met this week already, Thursday 2 April is a holiday, and there is no Thursday left in the last week.
        let expected = ["2026-03-05 week_limit - open", "2026-04-02 holiday 2026-04-01T15:00:00Z open"];
        assert_eq!((&changed["id"], gaps(&changed)), (&json!(id), expected.map(str::to_owned).to_vec()));
        let now: Vec<String> = sessions(mentor, &id).into_iter().map(|(starts_at, state)| format!("{starts_at} {state}")).collect();
        assert_eq!(now, [
            "2026-03-04T15:00:00Z planned",
            "2026-03-12T16:00:00Z planned",
            "2026-03-20T15:00:00Z planned",
            "2026-03-25T15:00:00Z cancelled",
            "2026-04-09T15:00:00Z planned",
            "2026-04-16T15:00:00Z planned",
            "2026-04-23T15:00:00Z planned",
        ]);
        let moved = mentor.get(&format!("/v1/sessions/{second}")).ok();
        assert_eq!((&moved["starts_at"], &moved["occurs_on"], &moved["moved_count"]), (&json!("2026-03-12T16:00:00Z"), &json!("2026-03-12"), &json!(1)));
        assert_eq!(news(&family), ["appointments_changed 2026-03-12T16:00:00Z"]);
        // The nightly pass finds nothing to add, and what he reads is neutral.
        app.tick();
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        app.set_clock("2026-03-06T09:00:00Z");
        app.tick();
        assert!(news(&family).is_empty());
        let told: Vec<String> = app.capture.all().iter().map(|sent| sent.raw.clone()).filter(|raw| raw.contains("ændret")).collect();
        assert!(told.len() == 1 && told[0].contains("Dine aftaler er ændret. Den næste er torsdag den 12. marts kl. 17.00."), "{told:?}");

        // From April on they meet for an hour at the school: another series goes on, and nobody is told of a place.
        let tag = mentor.get(&path).tag();
        assert_eq!(flaw(&mentor.post_if(&format!("{path}/change"), &tag, &json!({"from_on": "2026-03-05"})).refused(422, "invalid")), "/from_on before_today");
        assert_eq!(flaw(&mentor.post_if(&format!("{path}/change"), &tag, &json!({"from_on": "2026-05-01"})).refused(422, "invalid")), "/from_on after_end");
        let rest = json!({"from_on": "2026-04-09", "length_min": 60, "place_code": "school", "until_on": "2026-04-30"});
        let split = mentor.post_if(&format!("{path}/change"), &tag, &rest).ok();
        assert_eq!((&split["follows_id"], &split["from_on"], &split["coming"]), (&json!(id), &json!("2026-04-09"), &json!(4)));
        assert_eq!(mentor.get(&path).ok()["until_on"], "2026-04-08");
        let next = split["id"].as_str().unwrap();
        let listed = mentor.get(&format!("/v1/sessions?series={next}")).ok();
        assert_eq!((&listed["items"][0]["ends_at"], &listed["items"][0]["place_code"]), (&json!("2026-04-09T16:00:00Z"), &json!("school")));
        assert!(news(&family).is_empty());
        assert_eq!(planned(mentor, &id), ["2026-03-04T15:00:00Z", "2026-03-12T16:00:00Z", "2026-03-20T15:00:00Z"]);
    }

    fn a_series_is_cancelled_in_one_word_and_ends_with_its_match(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let wednesdays = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-06-30"})).id();
        let other = json!({"match_id": family.mentoring, "rule": "FREQ=MONTHLY;BYDAY=-1FR", "at_min": 600, "until_on": "2026-12-31", "kind": "phone"});
        let fridays = mentor.post("/v1/series", &other).ok();
        assert_eq!((&fridays["rule"], &fridays["from_on"], &fridays["coming"]), (&json!("FREQ=MONTHLY;BYDAY=-1FR"), &json!("2026-03-27"), &json!(9)), "Christmas Day is a Friday");
        let fridays = fridays["id"].as_str().unwrap().to_owned();
        // Nobody had an address for him until now.
        app.every_promised("tell_by_hand", |duty| duty.state == "open");
        reachable(&family);
        app.set_clock("2026-03-05T10:00:00Z");
        let path = format!("/v1/series/{wednesdays}");
        mentor.post(&format!("{path}/cancel"), &json!({"by": "person", "from_on": "2026-07-01"})).refused(422, "invalid");
        mentor.post(&format!("{path}/cancel"), &json!({"by": "person", "from_on": "2026-04-01"})).ok();
        assert_eq!(mentor.get(&path).ok()["until_on"], "2026-03-31");
        assert_eq!(planned(mentor, &wednesdays).len(), 4);
        assert_eq!(news(&family), ["appointments_changed 2026-03-11T15:00:00Z"]);
        let ended = mentor.post(&format!("{path}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!((&ended["end_reason"], &ended["coming"]), (&json!("cancelled"), &json!(0)));
        mentor.post(&format!("{path}/cancel"), &json!({"by": "person"})).refused(409, "wrong_state");
        mentor.post_if(&format!("{path}/change"), "*", &json!({"at_min": 900})).refused(409, "wrong_state");
        // What was not sent yet says what is true now: the next is the Friday. Each word of his counts as one miss.
        app.tick();
        let told: Vec<String> = app.capture.all().iter().map(|sent| sent.raw.clone()).filter(|raw| raw.contains("ændret")).collect();
        assert!(!told.is_empty() && told.iter().all(|raw| raw.contains("Den næste er fredag den 27. marts kl. 10.00.")), "{told:?}");
        assert_eq!(app.promised("missed_twice").len(), 1);
        assert_eq!(planned(mentor, &wednesdays), ["2026-03-04T15:00:00Z"], "what is past stays");

        // Two verbs are never at one moment.
        app.pass(TimeDelta::minutes(5));
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "person_wish"})).ok();
        let over = family.unit.get(&format!("/v1/series/{fridays}")).ok();
        assert_eq!((&over["end_reason"], &over["coming"]), (&json!("match_ended"), &json!(0)));
        assert!(over["gaps"].as_array().unwrap().iter().all(|gap| gap["state"] != "open"));
        app.every_promised("tell_by_hand", |duty| duty.state == "ended");
        assert_eq!(news(&family), ["appointments_changed -"]);
        app.tick();
        assert!(app.capture.all().iter().any(|sent| sent.raw.contains("Dine aftaler er aflyst.")));
    }

    fn of_two_series_at_the_same_moment_each_hour_is_one_session(app: TestApp) {
        let family = agreed(&app);
        let barrier = std::sync::Barrier::new(2);
        let ask = |caller: Caller<'_>| {
            let body = json!({"match_id": family.mentoring, "until_on": "2026-05-31"});
            barrier.wait();
            caller.post("/v1/series", &body).ok()
        };
        let (mentor, unit) = (app.sign_in("malte"), app.sign_in("eva"));
        let made = std::thread::scope(|scope| {
            let (first, second) = (scope.spawn(|| ask(mentor)), scope.spawn(|| ask(unit)));
            [first.join().unwrap(), second.join().unwrap()]
        });
        let mut coming: Vec<_> = made.iter().map(|series| (series["coming"].as_i64().unwrap(), series["gaps"].as_array().unwrap().len())).collect();
        coming.sort_unstable();
        assert_eq!(coming, [(0, 13), (13, 0)]);
    }
}

/// The dates and moments of thousands of random series, as python-dateutil and recurring-ical-events give them.
#[test]
fn agrees_with_dateutil_and_recurring_ical_events() {
    let Some(mut python) = python_with("recurring_ical_events, dateutil") else { return };
    let said = python.args(["-c", include_str!("oracle.py")]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).unwrap();
    let moment = |zone: Zone, on: NaiveDate, minutes: i64| zone.at_wall(on.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes));
    let mut disagreements = Vec::new();
    for line in said.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        let [rule, from, until, minutes, zone, expected] = words[..] else { panic!("{line}") };
        let (zone, minutes): (Zone, i64) = (zone.parse().unwrap(), minutes.parse().unwrap());
        let recurrence = Recurrence::parse(rule).unwrap().recurrence;
        let dates = recurrence.dates(from.parse().unwrap(), until.parse().unwrap(), Recurrence::MOST).unwrap();
        let ours: Vec<String> = dates.into_iter().map(|on| moment(zone, on, minutes).to_string()).collect();
        if ours.join(" ") != expected || recurrence.to_string() != rule {
            disagreements.push(format!("{line}\nwe say {ours:?}"));
        }
    }
    assert_eq!(said.lines().count(), 2_750);
    assert!(disagreements.is_empty(), "{} disagreements:\n{}", disagreements.len(), disagreements.join("\n"));
}
