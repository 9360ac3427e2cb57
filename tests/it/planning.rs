//! Planning and logging at the edges: coming of age, and two who want the same hour at the same moment.

use std::sync::Barrier;

use chrono::TimeDelta;
use serde_json::json;

use crate::sessions::{course, family, matched, plan, staff};
use crate::support::casework::yes;
use crate::support::{Engine, OnEngine, TestApp};

/// Meetings are planned four weeks ahead at most, and never in a leave.
struct FourWeeks(TestApp);

impl OnEngine for FourWeeks {
    fn on(engine: Engine) -> Self {
        Self(TestApp::with(engine, |config| {
            config.programme.availability.in_person.horizon_days = Some(28);
            config.programme.availability.plan_in_leave = false;
        }))
    }
}

both_engines! {
    fn whoever_asks_too_far_ahead_or_in_a_long_leave_is_told_earlier_times(app: FourWeeks) {
        let family = family(&app.0);
        let hour = |day: &str| family.mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("{day}T15:00:00Z"), &format!("{day}T16:00:00Z")));
        // The nearest: the last day that there can be.
        let earlier = |refused: serde_json::Value, day: &str| {
            let all = refused["alternatives"].as_array().unwrap().clone();
            assert_eq!(all.len(), 3, "{refused}");
            assert!(all.iter().all(|one| one["starts_at"].as_str().unwrap().starts_with(day)), "{refused}");
        };
        earlier(hour("2026-07-01").refused(409, "not_available"), "2026-03-30");
        let malte = family.mentor.get("/v1/me/staff").id();
        let long = json!({"kind": "parental", "from_on": "2026-03-10", "until_on": "2026-06-30"});
        family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &long).ok();
        earlier(hour("2026-03-12").refused(409, "not_available"), "2026-03-09");
    }

    fn from_eighteen_planned_sessions_stay_thirty_days_without_own_consent(app: TestApp) {
        let unit = app.coordinator();
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2008-03-20")), unit.person("parent", "Frodemund", None));
        unit.set_custody(&boy, &[&father]);
        let case = app.founded_case(&unit, &[&boy, &father]);
        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(&app, &mentor, true);
        let boys = course(&app, &unit, &case, &boy, &[&father], "mentor");
        let id = matched(&unit, &mentor, &boys, &malte);
        let hour = |day: &str| plan(&id, &format!("{day}T15:00:00Z"), &format!("{day}T16:00:00Z"));
        // Beyond the thirty days nothing is planned, on the thirtieth it is.
        mentor.post("/v1/sessions", &hour("2026-04-20")).refused(409, "wrong_state");
        let kept = mentor.post("/v1/sessions", &hour("2026-04-19")).id();
        app.set_clock("2026-03-21T08:00:00Z");
        mentor.post("/v1/sessions", &hour("2026-04-01")).refused(409, "wrong_state");
        assert_eq!(mentor.get(&format!("/v1/sessions/{kept}")).ok()["state"], "planned");
        let match_now = mentor.get(&format!("/v1/matches/{id}")).ok();
        assert_eq!((&match_now["id"], &match_now["state"]), (&json!(id), &json!("running")));
        // His own word on the adult basis is enough; the custody holder's is not asked any more.
        let offer = unit.get(&format!("/v1/courses/{boys}")).ok()["offer_id"].as_str().unwrap().to_owned();
        let mut own = yes(&boy, app.clock.now());
        own["adult_basis"] = json!(true);
        unit.post(&format!("/v1/offers/{offer}/consents"), &own).ok();
        mentor.post("/v1/sessions", &hour("2026-04-01")).ok();
        mentor.post("/v1/sessions", &hour("2026-06-01")).ok();
    }

    fn whoever_is_moved_there_and_back_is_told_each_time(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let id = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-18T15:00:00Z", "2026-03-18T16:00:00Z")).id();
        let move_to = |day: &str| {
            app.pass(TimeDelta::minutes(10));
            let tag = mentor.get(&format!("/v1/sessions/{id}")).tag();
            let there = json!({"starts_at": format!("2026-03-{day}T15:00:00Z"), "ends_at": format!("2026-03-{day}T16:00:00Z")});
            mentor.post_if(&format!("/v1/sessions/{id}/move"), &tag, &there).ok();
        };
        // By hand, as long as nobody has an address for him.
        let told_by_hand = |day: &str| {
            move_to(day);
            let open = unit.get("/v1/duties?kind=tell_by_hand").ok()["items"].as_array().unwrap().clone();
            assert_eq!(open.len(), 1, "{day}: {open:?}");
            let settle = format!("/v1/duties/{}/settle", open[0]["id"].as_str().unwrap());
            unit.post(&settle, &json!({"happened_at": app.clock.now()})).ok();
        };
        ["19", "20", "19"].into_iter().for_each(told_by_hand);
        // By message.
        let tag = unit.get(&format!("/v1/people/{}", family.boy)).tag();
        unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
        for day in ["20", "19", "20"] {
            move_to(day);
            app.tick();
        }
        let told = app.capture.all().into_iter().map(|sent| sent.message.lines.join(" ")).filter(|line| line.contains("flyttet"));
        let days: Vec<String> = told.map(|line| line.split(" den ").nth(1).unwrap()[..2].to_owned()).collect();
        assert_eq!(days, ["20", "19", "20"]);
    }

    fn of_two_at_the_same_moment_exactly_one_gets_the_hour(app: TestApp) {
        let family = family(&app);
        let barrier = Barrier::new(2);
        for day in 10..18 {
            let ask = |caller: crate::support::caller::Caller<'_>, from: &str, until: &str| {
                let body = plan(&family.mentoring, &format!("2026-03-{day}T{from}:00Z"), &format!("2026-03-{day}T{until}:00Z"));
                barrier.wait();
                caller.post("/v1/sessions", &body)
            };
            let (mentor, unit) = (app.sign_in("malte"), app.sign_in("eva"));
            let answers = std::thread::scope(|scope| {
                let first = scope.spawn(|| ask(mentor, "15:00", "16:30"));
                let second = scope.spawn(|| ask(unit, "16:00", "17:00"));
                [first.join().unwrap(), second.join().unwrap()]
            });
            let won = answers.iter().filter(|answer| answer.status == 201).count();
            assert_eq!(won, 1, "{} and {}", answers[0], answers[1]);
            answers.iter().find(|answer| answer.status != 201).unwrap().refused(409, "claims_overlap");
        }
        let all = family.unit.get(&format!("/v1/sessions?match={}&state=planned", family.mentoring)).ok();
        assert_eq!(all["items"].as_array().unwrap().len(), 8);
    }

    fn whoever_loses_a_race_for_one_session_is_told_so(app: TestApp) {
        let family = family(&app);
        let barrier = Barrier::new(2);
        for day in 10..16 {
            let hour = |from: &str| (format!("2026-03-{day}T{from}:00:00Z"), format!("2026-03-{day}T{from}:50:00Z"));
            let (starts_at, ends_at) = hour("15");
            let planned = family.mentor.post("/v1/sessions", &plan(&family.mentoring, &starts_at, &ends_at));
            let (path, tag) = (format!("/v1/sessions/{}", planned.id()), planned.tag());
            let cancel = |caller: crate::support::caller::Caller<'_>, by: &str| {
                barrier.wait();
                caller.post(&format!("{path}/cancel"), &json!({"by": by, "new_time_agreed": false}))
            };
            let (starts_at, ends_at) = hour("18");
            let move_it = |caller: crate::support::caller::Caller<'_>| {
                barrier.wait();
                caller.post_if(&format!("{path}/move"), &tag, &json!({"starts_at": starts_at, "ends_at": ends_at}))
            };
            let (mentor, unit) = (app.sign_in("malte"), app.sign_in("eva"));
            let answers = std::thread::scope(|scope| {
                let first = scope.spawn(|| cancel(mentor, "staff"));
                let second = scope.spawn(|| if day % 2 == 0 { cancel(unit, "unit") } else { move_it(unit) });
                [first.join().unwrap(), second.join().unwrap()]
            });
            // A cancellation of what was moved a moment before is one, too.
            for answer in &answers {
                assert!([201, 409, 412].contains(&answer.status), "{} and {}", answers[0], answers[1]);
            }
            assert!(answers.iter().any(|answer| answer.status == 201), "{} and {}", answers[0], answers[1]);
        }
    }
}
