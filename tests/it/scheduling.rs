//! Free times, why one is not, proposals, un-cancelling, and the rules under which a time is planned, over HTTP.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use makker::access::store::{end_by_cause, grant};
use makker::access::{Actor, Capability, RelationKind, Role, Tx};
use makker::base::clock::Instant;
use makker::base::ids::{AccountId, MatchId};
use serde_json::{Value, json};

use crate::sessions::{family, plan};
use crate::support::caller::Caller;
use crate::support::http::{Answer, Request};
use crate::support::{Engine, OnEngine, TestApp};

fn stretch(weekday: i32, from_min: i32, until_min: i32) -> Value {
    json!({"weekday": weekday, "from_min": from_min, "until_min": until_min})
}

/// Sets weekly hours of whoever is signed in.
fn set_hours(caller: &Caller<'_>, week: &Value) -> String {
    let staff = caller.get("/v1/me/staff").id();
    caller.put(&format!("/v1/staff/{staff}/hours"), "*", &json!({"week": week})).ok();
    staff
}

fn free(caller: &Caller<'_>, matches: &str, from: &str, until: &str) -> Vec<Value> {
    let found = caller.get(&format!("/v1/free-times?matches={matches}&from={from}&until={until}&length_min=60&limit=200")).ok();
    found["items"].as_array().unwrap().clone()
}

fn starts(times: &[Value]) -> Vec<&str> {
    times.iter().map(|time| time["starts_at"].as_str().unwrap()).collect()
}

fn check(caller: &Caller<'_>, matches: &str, at: &str) -> Vec<String> {
    let answer = caller.get(&format!("/v1/free-times/check?matches={matches}&starts_at={at}&length_min=60")).ok();
    let objections = answer["objections"].as_array().unwrap();
    assert_eq!(answer["offered"], json!(objections.is_empty()));
    let side = |objection: &Value| objection["side"].as_str().unwrap_or("all").to_owned();
    objections.iter().map(|objection| format!("{} {}", side(objection), objection["objection"].as_str().unwrap())).collect()
}

/// With rules that are not neutral: nothing in a leave, two hours' notice, sixty days, half an hour before and after, two a day, three a week.
pub struct Strict(pub TestApp);

impl OnEngine for Strict {
    fn on(engine: Engine) -> Self {
        Self(TestApp::with(engine, |config| {
            config.programme.availability.plan_in_leave = false;
            let meetings = &mut config.programme.availability.in_person;
            (meetings.notice_min, meetings.horizon_days) = (120, Some(60));
            (meetings.before_min, meetings.after_min) = (30, 30);
            (meetings.most_a_day, meetings.most_a_week) = (Some(2), Some(3));
        }))
    }
}

both_engines! {
    fn a_pair_finds_its_times_and_each_sees_its_own_reasons(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, boys) = (&family.unit, &family.mentor, &family.mentoring);
        let (from, until) = ("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
        let usual = free(mentor, boys, from, until);
        assert!(usual.iter().all(|time| time["assumed"] == true && time["merits"] == json!([])) && usual.len() > 100);

        let malte = set_hours(mentor, &json!([stretch(3, 900, 1080), stretch(4, 900, 1080)]));
        let wishes = json!({"wished": [stretch(3, 900, 960), stretch(3, 1020, 1080)], "never": [stretch(4, 0, 1020)]});
        mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &wishes).ok();
        let tag = unit.get(&format!("/v1/matches/{boys}")).tag();
        unit.patch(&format!("/v1/matches/{boys}"), &tag, &json!({"weekday": 3, "at_min": 960})).ok();
        let times = free(mentor, boys, from, until);
        assert_eq!(starts(&times), [
            "2026-03-04T14:00:00Z", "2026-03-04T14:30:00Z", "2026-03-04T15:00:00Z", "2026-03-04T15:30:00Z", "2026-03-04T16:00:00Z",
            "2026-03-05T16:00:00Z",
        ]);
        let merits: Vec<_> = times.iter().map(|time| time["merits"].clone()).collect();
        assert_eq!(merits[0], json!(["wished", "agreed_weekday"]));
        assert_eq!((&merits[2], &merits[5]), (&json!(["agreed_weekday", "agreed_time"]), &json!([])));
        assert!(times.iter().all(|time| time["assumed"] == false));
        let first = mentor.get(&format!("/v1/free-times?matches={boys}&from={from}&until={until}&length_min=60&limit=4"));
        let next = first.header("link").unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
        assert_eq!(starts(mentor.get(&next).ok()["items"].as_array().unwrap()), starts(&times[4..]));

        mentor.post("/v1/sessions", &plan(boys, "2026-03-04T14:00:00Z", "2026-03-04T15:00:00Z")).ok();
        assert_eq!(starts(&free(mentor, boys, from, until))[..2], ["2026-03-04T15:00:00Z", "2026-03-04T15:30:00Z"]);
        let away = json!({"kind": "illness", "from_on": "2026-03-05", "until_on": "2026-03-05"});
        mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        assert_eq!(check(mentor, boys, "2026-03-04T14:30:00Z"), ["person busy", "staff busy"]);
        assert_eq!(check(mentor, boys, "2026-03-05T14:10:00Z"), ["all between_starts", "person never", "staff leave"]);
        assert_eq!(check(mentor, boys, "2026-03-06T15:00:00Z"), ["staff outside_hours"]);
        assert_eq!(check(mentor, boys, "2026-03-02T07:30:00Z")[0], "all notice");
        assert!(check(mentor, boys, "2026-03-04T15:00:00Z").is_empty());

        // Whoever covers sees that Malte cannot, not why.
        let cover = app.account("vita", &["mentor"]);
        let (account, id): (AccountId, MatchId) = (cover.account_id().parse().unwrap(), boys.parse().unwrap());
        let now = app.clock.now();
        let begin = move |tx: &mut Tx<'_>| grant(tx, account, (RelationKind::Covers, Role::Mentor), id, now, "cover", Some(id.cast()));
        app.door.blocking_write_as(Actor::operator(), now, Capability::SupervisionAssign, begin).unwrap();
        assert_eq!(check(mentor, boys, "2026-03-05T16:00:00Z"), ["staff leave"]);
        assert_eq!(check(&cover, boys, "2026-03-05T16:00:00Z"), ["staff not_available"]);
        let end = move |tx: &mut Tx<'_>| end_by_cause(tx, RelationKind::Covers, id.cast(), now);
        app.door.blocking_write_as(Actor::operator(), now, Capability::SupervisionAssign, end).unwrap();

        // What the coach does with the father is for the unit, which alone asks across matches.
        let at = "2026-03-04T16:00:00Z";
        family.coach.post("/v1/sessions", &plan(&family.coaching, at, "2026-03-04T17:00:00Z")).ok();
        let joint = format!("{boys},{}", family.coaching);
        mentor.get(&format!("/v1/free-times?matches={joint}&from={from}&until={until}")).refused(403, "forbidden");
        mentor.get(&format!("/v1/free-times/check?matches={joint}&starts_at={at}")).refused(403, "forbidden");
        assert_eq!(starts(&free(unit, &joint, from, until)), ["2026-03-04T15:00:00Z"]);
        assert_eq!(check(unit, &joint, at), ["person busy", "staff busy"]);
        let theirs = |caller: &Caller<'_>| caller.get(&format!("/v1/free-times?matches={boys}&from={from}&until={until}"));
        assert_eq!(theirs(&family.coach).refused(422, "invalid")["errors"][0]["code"], "unknown_match");
    }

    fn what_the_consents_do_not_allow_is_not_offered(app: TestApp) {
        let (unit, mentor) = (app.coordinator(), app.account("malte", &["mentor"]));
        let boy = unit.person("young_person", "Bertramius", Some("2008-03-20"));
        let father = unit.person("parent", "Frodemund", None);
        unit.set_custody(&boy, &[&father]);
        let case = app.founded_case(&unit, &[&boy, &father]);
        let boys = crate::sessions::course(&app, &unit, &case, &boy, &[&father], "mentor");
        let id = crate::sessions::matched(&unit, &mentor, &boys, &crate::sessions::staff(&app, &mentor, true));
        // He comes of age on 20 March; what is planned may stay until 19 April.
        let times = free(&mentor, &id, "2026-04-16T00:00:00Z", "2026-04-25T00:00:00Z");
        assert!(!times.is_empty() && starts(&times).iter().all(|at| *at < "2026-04-19T22:00:00Z"), "{times:?}");
        assert_eq!(check(&mentor, &id, "2026-04-22T14:00:00Z"), ["person consent"]);
        mentor.post("/v1/sessions", &plan(&id, "2026-04-22T14:00:00Z", "2026-04-22T15:00:00Z")).refused(409, "wrong_state");
        let last = plan(&id, "2026-04-17T14:00:00Z", "2026-04-17T15:00:00Z");
        mentor.post("/v1/sessions", &last).ok();
        let lost = mentor.post("/v1/sessions", &last).refused(409, "claims_overlap");
        let others: Vec<_> = lost["alternatives"].as_array().unwrap().iter().map(|other| other["starts_at"].as_str().unwrap()).collect();
        assert!(others.len() == 3 && others.iter().all(|at| *at < "2026-04-19T22:00:00Z"), "{others:?}");
    }

    fn an_evening_mentor_has_times_for_whoever_said_nothing(app: TestApp) {
        let family = family(&app);
        set_hours(&family.mentor, &json!([stretch(3, 1200, 1320)]));
        let times = free(&family.mentor, &family.mentoring, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
        assert_eq!(starts(&times), ["2026-03-04T19:00:00Z", "2026-03-04T19:30:00Z", "2026-03-04T20:00:00Z"]);
        assert_eq!(check(&family.mentor, &family.mentoring, "2026-03-04T19:00:00Z"), Vec::<String>::new());
        // What they can never is a limit.
        let never = json!({"never": [stretch(3, 1230, 1440)]});
        family.mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &never).ok();
        assert_eq!(check(&family.mentor, &family.mentoring, "2026-03-04T19:00:00Z"), ["person never"]);
    }

    fn what_cannot_be_asked_is_refused(app: TestApp) {
        let family = family(&app);
        let (unit, boys) = (&family.unit, &family.mentoring);
        let nobody = "00000000-0000-4000-8000-000000000000";
        let many: Vec<String> = (0..7).map(|digit| nobody.replace("00000000-", &format!("0000000{digit}-"))).collect();
        let window = "from=2026-03-02T00:00:00Z&until=2026-03-09T00:00:00Z";
        for (query, pointer, code) in [
            (format!("matches={nobody}&{window}"), "query/matches", "unknown_match"),
            (format!("matches=,&{window}"), "query/matches", "wrong_value"),
            (format!("matches={}&{window}", many.join(",")), "query/matches", "too_many"),
            (window.to_owned(), "query/matches", "required"),
            (format!("matches={boys}&from=2026-03-02T00:00:00Z&until=2026-03-02T00:00:00Z"), "query/until", "not_after_start"),
            (format!("matches={boys}&from=2026-03-02T00:00:00Z&until=2026-06-03T00:00:00Z"), "query/until", "too_long"),
            (format!("matches={boys}&{window}&length_min=4"), "query/length_min", "out_of_range"),
            (format!("matches={boys}&{window}&length_min=1441"), "query/length_min", "out_of_range"),
            (format!("matches={boys}&{window}&kind=dance"), "query/kind", "unknown_code"),
        ] {
            let problem = unit.get(&format!("/v1/free-times?{query}")).refused(422, "invalid");
            assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{query}");
        }
        unit.post(&format!("/v1/matches/{boys}/end"), &json!({"reason": "other"})).ok();
        unit.get(&format!("/v1/free-times?matches={boys}&{window}")).refused(409, "wrong_state");
    }

    fn a_coordinator_sees_who_could(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        set_hours(&family.mentor, &json!([stretch(3, 900, 1020)]));
        let vita = app.account("vita", &["mentor"]);
        crate::sessions::staff(&app, &vita, true);
        let second = set_hours(&vita, &json!([stretch(2, 900, 960), stretch(5, 600, 660)]));
        unit.put(&format!("/v1/people/{}/times", family.boy), "*", &json!({"never": [stretch(5, 0, 1440)]})).ok();
        let path = format!("/v1/people/{}/free-staff", family.boy);
        let query = "track=mentor&from=2026-03-02T00:00:00Z&until=2026-03-09T00:00:00Z";
        let found = unit.get(&format!("{path}?{query}")).ok();
        let items = found["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["staff_id"], &items[0]["count"]), (2, &json!(second), &json!(1)));
        assert_eq!((&items[0]["first"][0]["starts_at"], &items[1]["count"]), (&json!("2026-03-03T14:00:00Z"), &json!(3)));
        let page = unit.get(&format!("{path}?{query}&limit=1"));
        let next = page.header("link").unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
        assert_eq!(unit.get(&next).ok()["items"].as_array().unwrap()[0]["staff_id"], items[1]["staff_id"]);
        family.mentor.get(&format!("{path}?{query}")).refused(403, "forbidden");
        unit.get(&format!("/v1/people/00000000-0000-4000-8000-000000000000/free-staff?{query}")).refused(404, "not_found");
    }

    fn the_loser_is_told_three_other_times(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        set_hours(mentor, &json!([stretch(3, 900, 1080), stretch(4, 900, 1080)]));
        let hour = |from: &str, until: &str| plan(&family.mentoring, from, until);
        mentor.post("/v1/sessions", &hour("2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok();
        let lost = family.unit.post("/v1/sessions", &hour("2026-03-04T14:30:00Z", "2026-03-04T15:30:00Z")).refused(409, "claims_overlap");
        assert_eq!(lost["alternatives"], json!([
            {"starts_at": "2026-03-04T16:00:00Z", "ends_at": "2026-03-04T17:00:00Z"},
            {"starts_at": "2026-03-05T14:00:00Z", "ends_at": "2026-03-05T15:00:00Z"},
            {"starts_at": "2026-03-05T14:30:00Z", "ends_at": "2026-03-05T15:30:00Z"},
        ]));
        // Nothing in the refusal says who or what is in the way.
        assert!(lost.get("blocking").is_none() && lost.get("errors").is_none());
        let other = &lost["alternatives"][0];
        mentor.post("/v1/sessions", &hour(other["starts_at"].as_str().unwrap(), other["ends_at"].as_str().unwrap())).ok();
        let id = mentor.post("/v1/sessions", &hour("2026-03-05T15:00:00Z", "2026-03-05T16:00:00Z")).id();
        let there = json!({"starts_at": "2026-03-04T15:30:00Z", "ends_at": "2026-03-04T16:30:00Z"});
        let lost = mentor.post_if(&format!("/v1/sessions/{id}/move"), "*", &there).refused(409, "claims_overlap");
        assert_eq!(lost["alternatives"].as_array().unwrap().len(), 3);
        assert_eq!(mentor.get(&format!("/v1/sessions/{id}")).ok()["starts_at"], "2026-03-05T15:00:00Z");
    }

    fn a_proposal_holds_the_time_and_a_cancelled_session_may_come_back(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let mut proposal = plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z");
        proposal["proposed"] = json!(true);
        let made = mentor.post("/v1/sessions", &proposal).ok();
        let path = format!("/v1/sessions/{}", made["id"].as_str().unwrap());
        assert_eq!((&made["state"], app.promised("log_missing").len()), (&json!("proposed"), 0));
        let same = plan(&family.mentoring, "2026-03-04T15:30:00Z", "2026-03-04T16:30:00Z");
        mentor.post("/v1/sessions", &same).refused(409, "claims_overlap");
        let later = json!({"starts_at": "2026-03-04T16:00:00Z", "ends_at": "2026-03-04T17:00:00Z", "by": "person", "reason": "school"});
        assert_eq!(mentor.post_if(&format!("{path}/move"), "*", &later).ok()["moved_count"], 0);
        family.coach.post(&format!("{path}/confirm"), &json!({})).refused(404, "not_found");
        mentor.post(&format!("{path}/restore"), &json!({})).refused(409, "wrong_state");
        assert_eq!(mentor.post(&format!("{path}/confirm"), &json!({})).ok()["state"], "planned");
        mentor.post(&format!("{path}/confirm"), &json!({})).refused(409, "wrong_state");
        assert_eq!(app.promise("log_missing").0, "open");

        app.set_clock("2026-03-03T17:00:00Z");
        let cancelled = mentor.post(&format!("{path}/cancel"), &json!({"by": "person", "reason": "illness"})).ok();
        assert_eq!((&cancelled["state"], &cancelled["late_cancellation"]), (&json!("cancelled"), &json!(true)));
        assert_eq!(app.promise("log_missing").0, "ended");
        // Somebody else has the time now; then not.
        let between = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T16:30:00Z", "2026-03-04T17:30:00Z")).id();
        assert_eq!(mentor.post(&format!("{path}/restore"), &json!({})).refused(409, "claims_overlap")["alternatives"].as_array().unwrap().len(), 3);
        mentor.post(&format!("/v1/sessions/{between}/cancel"), &json!({"by": "staff"})).ok();
        let back = mentor.post(&format!("{path}/restore"), &json!({})).ok();
        assert_eq!((&back["state"], &back["cancelled_by"], &back["late_cancellation"]), (&json!("planned"), &Value::Null, &json!(false)));
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T16:30:00Z", "2026-03-04T17:30:00Z")).refused(409, "claims_overlap");
        assert!(app.promised("log_missing").iter().any(|duty| duty.state == "open"));
        // It stands as if it had never been cancelled; what happened is kept, the late cancellation told apart.
        let changes = mentor.get(&format!("{path}/changes")).ok();
        let told = |change: &Value| format!("{} {} {} {}", change["kind"], change["by"], change["reason"], change["late"]).replace('"', "");
        let told: Vec<_> = changes["items"].as_array().unwrap().iter().map(told).collect();
        assert_eq!(told, ["moved person school false", "confirmed null null false", "cancelled person illness true", "restored null null true"]);
        assert_eq!(changes["items"][0]["starts_at"], "2026-03-04T15:00:00Z");
        app.keeps_for_good("session_changes", "late");
        family.coach.get(&format!("{path}/changes")).refused(404, "not_found");
        // What is past does not come back.
        mentor.post(&format!("{path}/cancel"), &json!({"by": "staff"})).ok();
        app.set_clock("2026-03-04T16:00:00Z");
        mentor.post(&format!("{path}/restore"), &json!({})).refused(422, "invalid");
    }

    fn settings_and_leave_stand_against_a_time(strict: Strict) {
        let app = &strict.0;
        let family = family(app);
        let mentor = &family.mentor;
        let hour = |at: &str| {
            let starts_at = Instant::parse(at).unwrap();
            plan(&family.mentoring, at, &starts_at.plus(TimeDelta::hours(1)).to_string())
        };
        let against = |caller: &Caller<'_>, at: &str| {
            let problem = caller.post("/v1/sessions", &hour(at)).refused(409, "not_available");
            assert!(problem["alternatives"].as_array().is_some_and(|others| others.len() == 3), "{problem}");
            problem["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(against(mentor, "2026-03-02T09:59:59Z"), ["notice"]);
        let first = mentor.post("/v1/sessions", &hour("2026-03-02T10:00:00Z")).id();
        assert_eq!(against(mentor, "2026-03-02T11:29:00Z"), ["buffer"]);
        mentor.post("/v1/sessions", &hour("2026-03-02T11:30:00Z")).ok();
        assert_eq!(against(mentor, "2026-03-02T18:00:00Z"), ["day_limit"]);
        mentor.post("/v1/sessions", &hour("2026-03-03T10:00:00Z")).ok();
        assert_eq!(against(mentor, "2026-03-08T10:00:00Z"), ["week_limit"]);
        // A session that moves does not count against itself, nor stand in its own way.
        let there = json!({"starts_at": "2026-03-02T10:30:00Z", "ends_at": "2026-03-02T11:00:00Z"});
        mentor.post_if(&format!("/v1/sessions/{first}/move"), "*", &there).ok();
        let too_close = json!({"starts_at": "2026-03-02T10:30:00Z", "ends_at": "2026-03-02T11:01:00Z"});
        mentor.post_if(&format!("/v1/sessions/{first}/move"), "*", &too_close).refused(409, "not_available");

        let staff = mentor.get("/v1/me/staff").id();
        let away = json!({"kind": "illness", "from_on": "2026-03-10", "until_on": "2026-03-11"});
        mentor.post(&format!("/v1/staff/{staff}/leaves"), &away).ok();
        assert_eq!(against(mentor, "2026-03-10T10:00:00Z"), ["leave"]);
        // The last day is 60 days on, by the programme's clock; where nothing lies behind it, what is before it is named.
        mentor.post("/v1/sessions", &hour("2026-05-01T10:00:00Z")).ok();
        let far = mentor.post("/v1/sessions", &hour("2026-05-02T10:00:00Z")).refused(409, "not_available");
        assert_eq!((&far["errors"][0]["code"], far["alternatives"].as_array().unwrap().len()), (&json!("horizon"), 3));
        // A cancelled one counts no more.
        mentor.post(&format!("/v1/sessions/{first}/cancel"), &json!({"by": "staff"})).ok();
        mentor.post("/v1/sessions", &hour("2026-03-08T10:00:00Z")).ok();
        mentor.post(&format!("/v1/sessions/{first}/restore"), &json!({})).refused(409, "not_available");
    }

    fn whoever_read_that_it_is_off_reads_that_it_is_on_again(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let tag = unit.get(&format!("/v1/people/{}", family.boy)).tag();
        unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
        let at = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (first, second) = (at("04"), at("05"));
        let verb = |id: &str, verb: &str, body: &Value| mentor.post(&format!("/v1/sessions/{id}/{verb}"), body).ok();
        // The first was told of before it came back, the second was not.
        verb(&first, "cancel", &json!({"by": "staff"}));
        app.tick();
        verb(&second, "cancel", &json!({"by": "staff"}));
        app.pass(TimeDelta::minutes(5));
        verb(&second, "restore", &json!({}));
        verb(&first, "restore", &json!({}));
        app.tick();
        let told: Vec<String> = app.capture.to("+4520123456").into_iter().map(|sent| sent.message.lines[0].clone()).collect();
        assert_eq!(told, [
            "Din aftale onsdag den 4. marts kl. 16.00 er aflyst.",
            "Dine aftaler er ændret. Den næste er onsdag den 4. marts kl. 16.00.",
        ]);
    }

    fn a_no_to_a_proposal_is_no_miss_and_told_to_nobody(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let tag = unit.get(&format!("/v1/people/{}", family.boy)).tag();
        unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
        for day in ["04", "05", "06"] {
            let mut proposal = plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
            proposal["proposed"] = json!(true);
            let id = mentor.post("/v1/sessions", &proposal).id();
            mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "person"})).ok();
            if day == "06" {
                assert_eq!(mentor.post(&format!("/v1/sessions/{id}/restore"), &json!({})).ok()["state"], "proposed");
            }
        }
        app.tick();
        assert!(app.capture.all().is_empty() && app.promised("missed_twice").is_empty() && app.promised("tell_by_hand").is_empty());
        let rows = unit.get("/v1/reports/yearly/rows?year=2026&figure=sessions_cancelled").ok();
        assert_eq!(rows["items"], json!([]));
    }
}

/// How many clients, for how many hours, each wanted by how many of them at the same moment.
const CLIENTS: usize = 64;
const HOURS: usize = 1000;
const RIVALS: usize = 2;

both_engines! {
    fn sixty_four_clients_fight_and_each_hour_has_one_winner(app: TestApp) {
        let family = family(&app);
        let tokens: Vec<String> = [&family.unit, &family.mentor].map(|caller| caller.tokens()["access_token"].as_str().unwrap().to_owned()).into();
        let begin = Instant::parse("2026-03-03T00:00:00Z").unwrap();
        let (next, won, lost) = (AtomicUsize::new(0), Mutex::new(BTreeMap::<usize, usize>::new()), AtomicUsize::new(0));
        let ask = |turn: usize| -> Answer {
            let starts_at = begin.plus(TimeDelta::hours(i64::try_from(turn / RIVALS).unwrap()));
            let body = plan(&family.mentoring, &starts_at.to_string(), &starts_at.plus(TimeDelta::hours(1)).to_string());
            let request = Request::new("POST", "/v1/sessions").header("Idempotency-Key", &format!("fight-{turn}"));
            let request = request.header("Authorization", &format!("Bearer {}", tokens[turn % tokens.len()])).json(&body);
            // As an outbox does: what says "send again" is sent again, unchanged.
            (0..50).map(|_| request.send(app.address)).find(|answer| answer.status != 503).expect("the server is not always busy")
        };
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| loop {
                    let turn = next.fetch_add(1, Ordering::SeqCst);
                    if turn >= HOURS * RIVALS {
                        break;
                    }
                    let answer = ask(turn);
                    if answer.status == 201 {
                        *won.lock().unwrap().entry(turn / RIVALS).or_default() += 1;
                    } else {
                        let problem = answer.refused(409, "claims_overlap");
                        let wanted = begin.plus(TimeDelta::hours(i64::try_from(turn / RIVALS).unwrap())).to_string();
                        let others = problem["alternatives"].as_array().unwrap();
                        assert!(others.len() == 3 && others.iter().all(|other| other["starts_at"] != json!(wanted)), "{problem}");
                        lost.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        let won = won.into_inner().unwrap();
        assert!(won.len() == HOURS && won.values().all(|winners| *winners == 1), "{won:?}");
        assert_eq!(lost.into_inner(), HOURS * (RIVALS - 1));
    }
}
