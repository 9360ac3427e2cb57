//! What a leave leaves to decide, and who covers: decided in one step, and told once.

use serde_json::{Value, json};

use crate::sessions::{Family, course, family, matched, plan, staff};
use crate::support::caller::Caller;
use crate::support::{Engine, OnEngine, TestApp};

/// A meeting is planned a day ahead at least.
struct ADayAhead(TestApp);

impl OnEngine for ADayAhead {
    fn on(engine: Engine) -> Self {
        Self(TestApp::with(engine, |config| config.programme.availability.in_person.notice_min = 1440))
    }
}

/// The family of the sessions' stories, its boy reached by SMS, with Wednesdays at 16:00 until the end of April; the mentor is away from 9 to 29
/// March. Another mentor, Vita, has a boy of her own.
pub struct Away<'a> {
    pub family: Family<'a>,
    pub malte: String,
    pub vita: Caller<'a>,
    pub vitas: String,
    pub other: String,
    /// `/v1/staff/…/leaves/…`.
    pub leave: String,
    /// Sessions of the 11th, 18th and 25th.
    pub sessions: Vec<String>,
}

pub fn own_case(app: &TestApp, unit: &Caller<'_>, account: &Caller<'_>, staff: &str) -> String {
    let (boy, mother) = (unit.person("young_person", "Bo", Some("2009-05-01")), unit.person("parent", "Mie", None));
    unit.set_custody(&boy, &[&mother]);
    let case = app.founded_case(unit, &[&boy, &mother]);
    let boys = course(app, unit, &case, &boy, &[&mother], "mentor");
    matched(unit, account, &boys, staff)
}

pub fn away(app: &TestApp) -> Away<'_> {
    let family = family(app);
    let tag = family.unit.get(&format!("/v1/people/{}", family.boy)).tag();
    family.unit.put(&format!("/v1/people/{}/contact", family.boy), &tag, &json!({"channel": "sms", "phone": "+4520123456"})).ok();
    let vita = app.account("vita", &["mentor"]);
    let vitas = staff(app, &vita, true);
    let other = own_case(app, &family.unit, &vita, &vitas);
    let series = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 960, "until_on": "2026-04-30"});
    let id = family.mentor.post("/v1/series", &series).id();
    app.set_clock("2026-03-05T08:00:00Z");
    app.tick();
    let malte = family.mentor.get("/v1/me/staff").ok()["id"].as_str().unwrap().to_owned();
    let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-29"});
    let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &holiday).ok();
    let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
    let listed = family.mentor.get(&format!("/v1/sessions?series={id}")).ok();
    let sessions = listed["items"].as_array().unwrap()[1..4].iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    Away { family, malte, vita, vitas, other, leave, sessions }
}

impl Away<'_> {
    pub fn decide(&self, decisions: &Value) -> crate::support::http::Answer {
        self.family.unit.post(&format!("{}/cover-decisions", self.leave), &json!({"decisions": decisions}))
    }

    pub fn cover(&self, at: usize) -> Value {
        json!({"session_id": self.sessions[at], "cover": {"staff_id": self.vitas}})
    }
}

pub fn flaw(problem: &Value) -> String {
    format!("{} {}", problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

pub fn owner_of(app: &TestApp, session: &str) -> Option<String> {
    let unit = app.sign_in("eva");
    let listed = unit.get("/v1/duties?kind=log_missing&limit=200").ok();
    let own = listed["items"].as_array().unwrap().iter().find(|duty| duty["subject_id"] == session).unwrap();
    own["owner_id"].as_str().map(str::to_owned)
}

both_engines! {
    fn all_in_a_leave_is_decided_in_one_step_and_told_once(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        let path = format!("{}/cover-list", away.leave);
        let list = unit.get(&path).ok();
        let ids = |list: &Value| list["sessions"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(&list), &list["is_complete"]), (away.sessions.clone(), &json!(true)));
        let due: Vec<_> = list["duties"].as_array().unwrap().iter().map(|duty| duty["due_at"].as_str().unwrap()).collect();
        assert_eq!(due, ["2026-03-13T22:59:59.999999Z", "2026-03-20T22:59:59.999999Z", "2026-03-27T22:59:59.999999Z"]);
        let waiting: Vec<_> = list["messages"].as_array().unwrap().iter().map(|message| message["not_before_at"].as_str().unwrap()).collect();
        assert_eq!(waiting, ["2026-03-10T16:00:00Z", "2026-03-17T16:00:00Z", "2026-03-24T16:00:00Z"]);
        assert_eq!(mentor.get(&path).ok()["sessions"], list["sessions"].as_array().unwrap().iter().map(|item| {
            let mut item = item.clone();
            item["case_id"] = Value::Null;
            item
        }).collect::<Value>());
        vita.get(&path).refused(404, "not_found");
        mentor.post(&format!("{}/cover-decisions", away.leave), &json!({"decisions": [away.cover(0)]})).refused(403, "forbidden");

        // Who could: not whoever speaks no Danish, nor the mentor himself.
        let abroad = json!({"name": "Nora Ravnkilde", "kinds": ["mentor"], "languages": ["so"], "municipality": "Byen", "capacity": 0, "from_on": "2020-01-01"});
        let nora = unit.post("/v1/staff", &abroad).id();
        let eligible = unit.get(&format!("/v1/sessions/{}/eligible-covers", away.sessions[0])).ok();
        let mut found: Vec<_> = eligible["items"].as_array().unwrap().iter().map(|item| (item["staff_id"].as_str().unwrap(), item["exclusions"].clone())).collect();
        found.sort_by_key(|(_, exclusions)| exclusions.to_string());
        assert_eq!(found, [(nora.as_str(), json!(["language"])), (away.vitas.as_str(), json!([]))]);

        let sessions = &away.sessions;
        let outside = mentor.get(&format!("/v1/sessions?match={}&from=2026-04-01T00:00:00Z", away.family.mentoring)).ok()["items"][0]["id"].clone();
        for (decisions, expected) in [
            (json!([]), "/decisions empty"),
            (json!([{"session_id": sessions[0]}]), "/decisions/0 not_one"),
            (json!([{"session_id": sessions[0], "cancel": {}, "cover": {"staff_id": away.vitas}}]), "/decisions/0 not_one"),
            (json!([away.cover(0), away.cover(0)]), "/decisions/1/session_id twice"),
            (json!([{"session_id": outside, "cancel": {}}]), "/decisions/0/session_id not_in_leave"),
            (json!([{"session_id": nora, "cancel": {}}]), "/decisions/0/session_id not_in_leave"),
            (json!([away.cover(1), {"session_id": sessions[0], "cover": {"staff_id": nora}}]), "/decisions/1/cover/staff_id language"),
            (json!([{"session_id": sessions[0], "cover": {"staff_id": away.malte}}]), "/decisions/0/cover/staff_id runs_it"),
            (json!([{"session_id": sessions[0], "cover": {"staff_id": sessions[0]}}]), "/decisions/0/cover/staff_id unknown_staff"),
            (json!([{"session_id": sessions[0], "move": {"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"}}]), "/decisions/0/move/starts_at in_leave"),
            (json!([{"session_id": sessions[0], "move": {"starts_at": "2026-03-02T15:00:00Z", "ends_at": "2026-03-02T16:00:00Z"}}]), "/decisions/0/move/starts_at not_after_now"),
        ] {
            assert_eq!(flaw(&away.decide(&decisions).refused(422, "invalid")), expected, "{decisions}");
        }
        // Vita has something else on the 11th: nothing of the step is done.
        let busy = vita.post("/v1/sessions", &plan(&away.other, "2026-03-11T16:00:00Z", "2026-03-11T17:00:00Z")).id();
        let all = json!([
            away.cover(0),
            {"session_id": sessions[1], "cancel": {"new_time_agreed": false}},
            {"session_id": sessions[2], "move": {"starts_at": "2026-03-30T14:00:00Z", "ends_at": "2026-03-30T15:00:00Z"}},
        ]);
        let refused = away.decide(&all).refused(409, "claims_overlap");
        assert_eq!(refused["blocking"], json!([{"kind": "session", "id": sessions[0]}]));
        assert_eq!(unit.get(&path).ok()["sessions"], list["sessions"]);
        vita.post(&format!("/v1/sessions/{busy}/cancel"), &json!({"by": "staff"})).ok();

        let decided = away.decide(&all).ok();
        assert_eq!((ids(&decided), &decided["sessions"][0]["covered_by"]), (vec![sessions[0].clone()], &json!(away.vitas)));
        vita.post("/v1/sessions", &plan(&away.other, "2026-03-11T16:00:00Z", "2026-03-11T17:00:00Z")).refused(409, "claims_overlap");
        let news = unit.get(&format!("/v1/messages?person={}&state=waiting&limit=200", away.family.boy)).ok();
        let news: Vec<_> = news["items"].as_array().unwrap().iter().filter(|item| item["kind"] != "appointment").map(|item| (item["kind"].clone(), item["about_at"].clone())).collect();
        assert_eq!(news, [(json!("appointments_changed"), json!("2026-03-11T15:00:00Z"))]);
        // That another comes he is told by somebody.
        let errands: Vec<_> = app.promised("tell_by_hand").into_iter().filter(|duty| duty.slot.starts_with("cover")).collect();
        assert_eq!((errands.len(), errands[0].state.as_str(), errands[0].due_at.to_string().as_str()), (1, "open", "2026-03-10T22:59:59.999999Z"));
        app.tick();
        assert!(app.promised("tell_by_hand").iter().any(|duty| duty.slot.starts_with("cover") && duty.state == "open"));
        // A series made now has gaps there.
        let mondays = json!({"match_id": away.family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=MO", "at_min": 960, "until_on": "2026-03-30"});
        let gaps = mentor.post("/v1/series", &mondays).ok()["gaps"].clone();
        assert_eq!(gaps.as_array().unwrap().iter().filter(|gap| gap["reason"] == "leave").count(), 3);
    }

    fn the_person_may_say_no_and_it_is_decided_again(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        let session = format!("/v1/sessions/{}", away.sessions[0]);
        unit.post(&format!("{session}/end-cover"), &json!({"by": "person"})).refused(409, "wrong_state");
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        assert_eq!(app.promised("tell_by_hand").iter().filter(|duty| duty.slot.starts_with("cover")).count(), 1, "he is told once");
        app.set_clock("2026-03-06T08:00:00Z");
        vita.get(&session).ok();
        away.family.coach.post(&format!("{session}/end-cover"), &json!({"by": "person"})).refused(404, "not_found");
        // Meanwhile the mentor has got another boy, at that very time.
        let others = own_case(&app, unit, mentor, &away.malte);
        mentor.post("/v1/sessions", &plan(&others, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).ok();
        // Nobody is in two places: it is off, which is no miss of the boy's, and he is told.
        let after = mentor.post(&format!("{session}/end-cover"), &json!({"by": "person"})).ok();
        assert_eq!((&after["state"], &after["cancelled_by"], &after["covered_by"]), (&json!("cancelled"), &json!("unit"), &Value::Null));
        vita.get(&session).refused(404, "not_found");
        assert!(app.promised("tell_by_hand").iter().filter(|duty| duty.slot.starts_with("cover")).all(|duty| duty.state == "ended"));
        app.tick();
        assert!(app.capture.to("+4520123456").iter().any(|sent| sent.message.lines[0].contains("den 11. marts kl. 16.00 er aflyst")));

        // His no holds for the match: whatever else she would have covered is the mentor's again.
        let second = format!("/v1/sessions/{}", away.sessions[1]);
        vita.get(&second).refused(404, "not_found");
        let seen = unit.get(&second).ok();
        assert_eq!((&seen["state"], &seen["covered_by"]), (&json!("planned"), &Value::Null));
        assert_eq!(owner_of(&app, &away.sessions[1]), Some(mentor.account_id()));
    }

    fn another_account_sees_what_is_covered_until_its_owner_leaves(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(1)])).ok();
        let again = app.account("viola", &["mentor"]);
        app.set_clock("2026-03-12T08:00:00Z");
        let covered = format!("/v1/sessions/{}", away.sessions[1]);
        vita.get(&covered).ok();
        unit.patch(&format!("/v1/staff/{}", away.vitas), "*", &json!({"account_id": again.account_id()})).ok();
        vita.get(&covered).refused(404, "not_found");
        again.get(&covered).ok();
        assert_eq!(owner_of(&app, &away.sessions[1]), Some(again.account_id()));
        unit.post(&format!("/v1/staff/{}/leave", away.vitas), &json!({"happened_at": app.clock.now()})).ok();
        again.get(&covered).refused(404, "not_found");
        assert_eq!((unit.get(&covered).ok()["covered_by"].clone(), owner_of(&app, &away.sessions[1])), (Value::Null, Some(mentor.account_id())));
    }

    fn who_left_does_not_come_to_a_restored_session(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        let session = format!("/v1/sessions/{}", away.sessions[1]);
        away.decide(&json!([away.cover(1)])).ok();
        unit.post(&format!("{session}/cancel"), &json!({"by": "staff"})).ok();
        unit.post(&format!("/v1/staff/{}/leave", away.vitas), &json!({"happened_at": app.clock.now()})).ok();
        let back = unit.post(&format!("{session}/restore"), &json!({})).ok();
        assert_eq!((&back["state"], &back["covered_by"]), (&json!("planned"), &Value::Null));
        assert_eq!(owner_of(&app, &away.sessions[1]), Some(away.family.mentor.account_id()));
    }

    fn an_answer_about_a_covered_session_goes_to_whoever_covers(app: TestApp) {
        let away = away(&app);
        let choice = json!({"wants_links": true});
        away.family.mentor.post(&format!("/v1/people/{}/link-choices", away.family.boy), &choice).ok();
        for (caller, token) in [(&away.vita, "vitas-phone"), (&away.family.mentor, "maltes-phone")] {
            let device = caller.tokens()["device_id"].as_str().unwrap().to_owned();
            caller.patch(&format!("/v1/me/devices/{device}"), "*", &json!({"push_target": {"provider": "fcm", "token": token}})).ok();
        }
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let link = app.capture.to("+4520123456").pop().unwrap().message.link.unwrap();
        let form = crate::support::http::Request::new("POST", link.strip_prefix("http://127.0.0.1:8080").unwrap());
        app.anybody().send(form.header("Content-Type", "application/x-www-form-urlencoded").body("answer=cancel".to_owned()));
        app.tick();
        assert_eq!((app.capture.to("vitas-phone").len(), app.capture.to("maltes-phone").len()), (1, 0));
    }

    fn nothing_is_moved_from_one_leave_into_another(app: TestApp) {
        let away = away(&app);
        let more = json!({"kind": "illness", "from_on": "2026-03-30", "until_on": "2026-04-01"});
        away.family.mentor.post(&format!("/v1/staff/{}/leaves", away.malte), &more).ok();
        let to = |day: &str| json!([{"session_id": away.sessions[2], "move": {"starts_at": format!("{day}T14:00:00Z"), "ends_at": format!("{day}T15:00:00Z")}}]);
        assert_eq!(flaw(&away.decide(&to("2026-03-31")).refused(422, "invalid")), "/decisions/0/move/starts_at in_leave");
        away.decide(&to("2026-04-02")).ok();
    }

    fn a_proposal_in_a_leave_silences_nothing(app: TestApp) {
        let away = away(&app);
        let mut proposal = plan(&away.family.mentoring, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z");
        proposal["proposed"] = json!(true);
        let proposed = away.family.unit.post("/v1/sessions", &proposal).id();
        let to = |id: &str, day: &str| json!({"session_id": id, "move": {"starts_at": format!("{day}T16:30:00Z"), "ends_at": format!("{day}T17:30:00Z")}});
        away.decide(&json!([to(&proposed, "2026-03-30"), to(&away.sessions[0], "2026-03-31")])).ok();
        app.tick();
        let told: Vec<_> = app.capture.to("+4520123456").into_iter().map(|sent| sent.message.lines[0].clone()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("flyttet") && told[0].contains("31. marts"), "{told:?}");
        let after = away.family.unit.get(&format!("/v1/sessions/{proposed}")).ok();
        assert_eq!((&after["state"], &after["moved_count"]), (&json!("proposed"), &json!(0)));
    }

    fn what_is_covered_stays_when_its_series_changes(app: TestApp) {
        let away = away(&app);
        away.decide(&json!([away.cover(1)])).ok();
        let series = away.family.mentor.get(&format!("/v1/sessions/{}", away.sessions[1])).ok()["series_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/series/{series}");
        // Longer than Vita has time for, and at another hour: hers is as it was decided.
        away.vita.post("/v1/sessions", &plan(&away.other, "2026-03-18T16:30:00Z", "2026-03-18T17:00:00Z")).ok();
        let tag = away.family.mentor.get(&path).tag();
        away.family.mentor.post_if(&format!("{path}/change"), &tag, &json!({"at_min": 930, "length_min": 120})).ok();
        let covered = away.family.unit.get(&format!("/v1/sessions/{}", away.sessions[1])).ok();
        assert_eq!((&covered["state"], &covered["starts_at"], &covered["covered_by"]), (&json!("planned"), &json!("2026-03-18T15:00:00Z"), &json!(away.vitas)));
    }

    fn a_sick_mentors_session_of_tonight_is_covered_whatever_the_notice_is(app: ADayAhead) {
        let away = away(&app.0);
        app.0.set_clock("2026-03-11T09:00:00Z");
        away.decide(&json!([away.cover(0)])).ok();
        let soon = json!([{"session_id": away.sessions[1], "move": {"starts_at": "2026-03-11T18:00:00Z", "ends_at": "2026-03-11T19:00:00Z"}}]);
        assert_eq!(flaw(&away.decide(&soon).refused(422, "invalid")), "/decisions/0/move/starts_at in_leave");
        away.vita.post("/v1/sessions", &plan(&away.other, "2026-03-12T08:59:00Z", "2026-03-12T09:30:00Z")).refused(409, "not_available");
    }
}
