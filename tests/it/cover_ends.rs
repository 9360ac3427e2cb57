//! What ends a cover, or loses who covered, and what the person is told of it: nobody is waited for in vain, and nobody strange comes untold.

use serde_json::{Value, json};

use crate::sessions::{FIRST, held, plan, staff};
use crate::staff_covers::{Away, away, flaw, owner_of};
use crate::support::TestApp;
use crate::support::http::Request;

impl Away<'_> {
    fn path(&self, at: usize) -> String {
        format!("/v1/sessions/{}", self.sessions[at])
    }

    fn covered_by(&self, at: usize) -> Value {
        self.family.unit.get(&self.path(at)).ok()["covered_by"].clone()
    }

    /// Somebody tells the boy what waits to be told in these words.
    fn tell(&self, app: &TestApp, word: &str) {
        let unit = &self.family.unit;
        let listed = unit.get(&format!("/v1/duties?kind=tell_by_hand&state=open&person={}", self.family.boy)).ok();
        let to_tell = listed["items"].as_array().unwrap().iter().find(|duty| duty["slot"].as_str().unwrap().starts_with(word)).unwrap();
        unit.post(&format!("/v1/duties/{}/settle", to_tell["id"].as_str().unwrap()), &json!({"happened_at": app.clock.now()})).ok();
    }
}

/// The errands that wait and tell who comes: which word, and by when.
fn errands(app: &TestApp) -> Vec<String> {
    let open = app.promised("tell_by_hand").into_iter().filter(|duty| duty.state == "open" && duty.slot.contains("cover"));
    open.map(|duty| format!("{} {}", duty.slot.split(' ').next().unwrap(), &duty.due_at.to_string()[..10])).collect()
}

both_engines! {
    fn what_a_cover_may_not_see_any_more_is_open_again(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        let [nora, otto, pia] = ["nora", "otto", "pia"].map(|name| app.account(name, &["mentor"]));
        let theirs = [&nora, &otto, &pia].map(|caller| staff(&app, caller, true));
        let cover = |at: usize| json!({"session_id": away.sessions[at], "cover": {"staff_id": theirs[at]}});
        away.decide(&json!([cover(0), cover(1), cover(2)])).ok();
        assert_eq!(app.promise("undecided_leave").0, "done");
        let open_again = |at: usize| (away.covered_by(at), owner_of(&app, &away.sessions[at]));
        let own = (Value::Null, Some(away.family.mentor.account_id()));
        // A bar, a closed account, a lost role.
        unit.post("/v1/bars", &json!({"account_id": nora.account_id(), "person_id": away.family.boy, "cause": "family"})).ok();
        assert_eq!((open_again(0), app.promise("undecided_leave").0.as_str()), (own.clone(), "open"));
        nora.get(&away.path(0)).refused(404, "not_found");
        unit.post(&format!("/v1/accounts/{}/disable", otto.account_id()), &json!({})).ok();
        assert_eq!(open_again(1), own);
        assert_eq!(away.covered_by(2), json!(theirs[2]));
        unit.put(&format!("/v1/accounts/{}/roles", pia.account_id()), "*", &json!({"roles": ["supervisor"]})).ok();
        assert_eq!(open_again(2), own);
        // Nor is any of them asked again.
        for (at, expected) in ["bar", "account_closed", "kind"].into_iter().enumerate() {
            let refused = away.decide(&json!([cover(at)])).refused(422, "invalid");
            assert_eq!(flaw(&refused), format!("/decisions/0/cover/staff_id {expected}"));
        }
        let eligible = unit.get(&format!("{}/eligible-covers", away.path(2))).ok();
        assert!(eligible["items"].as_array().unwrap().iter().all(|item| item["staff_id"] != json!(theirs[2])), "{eligible}");
    }

    fn a_no_takes_back_what_is_cancelled_too(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        away.decide(&json!([away.cover(0), away.cover(1), away.cover(2)])).ok();
        unit.post(&format!("{}/cancel", away.path(2)), &json!({"by": "staff"})).ok();
        unit.post(&format!("{}/end-cover", away.path(0)), &json!({"by": "person"})).ok();
        assert_eq!([away.covered_by(0), away.covered_by(1)], [Value::Null, Value::Null]);
        assert_eq!(app.promise("undecided_leave").0, "open");
        assert_eq!(errands(&app), Vec::<String>::new(), "he said it himself");
        let back = unit.post(&format!("{}/restore", away.path(2)), &json!({})).ok();
        assert_eq!((&back["state"], &back["covered_by"]), (&json!("planned"), &Value::Null));
        assert_eq!(flaw(&away.decide(&json!([away.cover(2)])).refused(422, "invalid")), "/decisions/0/cover/staff_id said_no");
    }

    fn that_another_comes_is_told_whatever_becomes_of_the_first(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        away.decide(&json!([away.cover(0), away.cover(1), away.cover(2)])).ok();
        assert_eq!(errands(&app), ["cover 2026-03-10"], "once for all three");
        unit.post(&format!("{}/cancel", away.path(0)), &json!({"by": "staff"})).ok();
        assert_eq!(errands(&app), ["cover 2026-03-17"]);
        unit.post(&format!("{}/restore", away.path(0)), &json!({})).ok();
        assert_eq!(errands(&app), ["cover 2026-03-10"]);
        let course = format!("/v1/courses/{}", away.family.course);
        unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        assert_eq!(errands(&app), Vec::<String>::new());
        unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        assert_eq!(errands(&app), ["cover 2026-03-10"]);
        // The night moves nothing.
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert_eq!(errands(&app), ["cover 2026-03-10"]);
        // Told once he knows; that she does not come after all he is told, too, until it is somebody else.
        away.tell(&app, "cover ");
        unit.post(&format!("{}/cancel", away.path(0)), &json!({"by": "staff"})).ok();
        assert_eq!(errands(&app), Vec::<String>::new());
        let end = || unit.post(&format!("{}/end-cover", away.path(1)), &json!({"by": "unit"})).ok();
        end();
        assert_eq!(errands(&app), ["no_cover 2026-03-17"]);
        let noras = staff(&app, &app.account("nora", &["mentor"]), true);
        let cover = || away.decide(&json!([{"session_id": away.sessions[1], "cover": {"staff_id": noras}}])).ok();
        cover();
        assert_eq!(errands(&app), ["cover 2026-03-17"]);
        // Nor does she, of whom he never heard: he still waits for the first.
        end();
        assert_eq!(errands(&app), ["no_cover 2026-03-17"]);
        away.tell(&app, "no_cover ");
        cover();
        assert_eq!(errands(&app), ["cover 2026-03-17"]);
        end();
        assert_eq!(errands(&app), Vec::<String>::new(), "he waits for the mentor");
    }

    fn that_nobody_comes_is_told_though_the_first_has_begun(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        let nora = app.account("nora", &["mentor"]);
        let noras = staff(&app, &nora, true);
        let cover = |at: usize| json!({"session_id": away.sessions[at], "cover": {"staff_id": noras}});
        away.decide(&json!([cover(0), cover(1), cover(2)])).ok();
        away.tell(&app, "cover ");
        // She had left before the first of them, which is written down after it began.
        app.set_clock("2026-03-11T19:00:00Z");
        unit.post(&format!("/v1/staff/{noras}/leave"), &json!({"happened_at": "2026-03-11T11:00:00Z"})).ok();
        assert_eq!([0, 1, 2].map(|at| away.covered_by(at)), [Value::Null, Value::Null, Value::Null]);
        assert_eq!(errands(&app), ["no_cover 2026-03-17"]);
        // Whoever came then, he may have been told nothing.
        let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T18:00:00Z");
        log["session_id"] = json!(away.sessions[0]);
        unit.put(FIRST, "", &log).ok();
        assert_eq!(errands(&app), ["no_cover 2026-03-17"]);
        // Told once, also by night and once that one has begun.
        away.tell(&app, "no_cover ");
        for moment in ["2026-03-13T04:00:00Z", "2026-03-20T04:00:00Z"] {
            app.set_clock(moment);
            app.tick();
            assert_eq!(errands(&app), Vec::<String>::new(), "{moment}");
        }
    }

    fn of_a_covered_proposal_he_is_told_when_it_is_agreed_on(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        let mut proposal = plan(&away.family.mentoring, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        proposal["proposed"] = json!(true);
        let proposed = unit.post("/v1/sessions", &proposal).id();
        away.decide(&json!([{"session_id": proposed, "cover": {"staff_id": away.vitas}}])).ok();
        assert_eq!(errands(&app), Vec::<String>::new());
        unit.post(&format!("/v1/sessions/{proposed}/confirm"), &json!({})).ok();
        assert_eq!(errands(&app), ["cover 2026-03-11"]);
    }

    fn an_answer_is_passed_on_to_whoever_comes_now(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        away.family.mentor.post(&format!("/v1/people/{}/link-choices", away.family.boy), &json!({"wants_links": true})).ok();
        for (caller, token) in [(&away.vita, "vitas-phone"), (&away.family.mentor, "maltes-phone")] {
            let device = caller.tokens()["device_id"].as_str().unwrap().to_owned();
            caller.patch(&format!("/v1/me/devices/{device}"), "*", &json!({"push_target": {"provider": "fcm", "token": token}})).ok();
        }
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let link = app.capture.to("+4520123456").pop().unwrap().message.link.unwrap();
        let path = link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
        let press = |button: &str| {
            let form = Request::new("POST", &path).header("Content-Type", "application/x-www-form-urlencoded");
            app.anybody().send(form.body(format!("answer={button}")));
            app.tick();
        };
        let told = || (app.capture.to("maltes-phone").len(), app.capture.to("vitas-phone").len());
        press("cancel");
        assert_eq!(told(), (1, 0));
        away.decide(&json!([away.cover(0)])).ok();
        app.tick();
        assert_eq!(told(), (1, 1), "whoever covers hears of it; the mentor has");
        press("undo");
        assert_eq!(told(), (2, 2), "and both that it is taken back");
        // She does not come: the mentor hears of the next, and she no more of it.
        press("ask_to_move");
        assert_eq!(told(), (2, 3));
        unit.post(&format!("{}/end-cover", away.path(0)), &json!({"by": "unit"})).ok();
        app.tick();
        assert_eq!(told(), (3, 3));
        press("undo");
        assert_eq!(told(), (4, 3));
    }

    fn who_went_in_the_place_of_a_sick_mentor_is_recorded(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        app.set_clock("2026-03-11T15:05:00Z");
        let cancel = json!([{"session_id": away.sessions[0], "cancel": {}}]);
        assert_eq!(flaw(&away.decide(&cancel).refused(422, "invalid")), "/decisions/0/session_id has_begun");
        away.decide(&json!([away.cover(0)])).ok();
        assert_eq!((away.covered_by(0), owner_of(&app, &away.sessions[0])), (json!(away.vitas), Some(away.vita.account_id())));
        assert_eq!(errands(&app), Vec::<String>::new(), "he has met her");
        // What a coordinator records of it is hers, and she may go on with it.
        app.set_clock("2026-03-11T17:00:00Z");
        let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z");
        log["session_id"] = json!(away.sessions[0]);
        let taken = unit.put(FIRST, "", &log).ok();
        assert_eq!((&taken["writer_id"], &taken["recorded_by"]), (&json!(away.vita.account_id()), &json!(unit.account_id())));
        log["facts"] = json!("Vi gik en tur");
        assert_eq!(away.vita.put(FIRST, "", &log).ok()["writer_id"], json!(away.vita.account_id()));
    }

    fn whoever_could_not_on_that_day_covers_no_more(app: TestApp) {
        let away = away(&app);
        let (unit, vita, person) = (&away.family.unit, &away.vita, format!("/v1/people/{}", away.family.boy));
        let lend = |until: &str| unit.patch(&format!("/v1/staff/{}", away.vitas), "*", &json!({"loan_until_on": until})).ok();
        lend("2026-03-26");
        away.decide(&json!([away.cover(0), away.cover(1), away.cover(2)])).ok();
        unit.post(&format!("{}/cancel", away.path(2)), &json!({"by": "staff"})).ok();
        assert_eq!(app.promise("undecided_leave").0, "done");
        lend("2026-03-17");
        assert_eq!((away.covered_by(0), away.covered_by(1)), (json!(away.vitas), Value::Null));
        assert_eq!(owner_of(&app, &away.sessions[1]), Some(away.family.mentor.account_id()));
        assert_eq!(app.promise("undecided_leave").0, "open");
        assert_eq!(flaw(&away.decide(&json!([away.cover(1)])).refused(422, "invalid")), "/decisions/0/cover/staff_id loan");
        let back = unit.post(&format!("{}/restore", away.path(2)), &json!({})).ok();
        assert_eq!((&back["state"], &back["covered_by"]), (&json!("planned"), &Value::Null));
        // Moved on her days it is hers; after them the mentor's.
        let to = |at: usize, day: &str| {
            let times = json!({"starts_at": format!("{day}T15:00:00Z"), "ends_at": format!("{day}T16:00:00Z")});
            unit.post_if(&format!("{}/move", away.path(at)), &unit.get(&away.path(at)).tag(), &times).ok()["covered_by"].clone()
        };
        assert_eq!(to(0, "2026-03-12"), json!(away.vitas));
        assert_eq!(to(0, "2026-03-30"), Value::Null);
        vita.get(&away.path(0)).refused(404, "not_found");
        assert_eq!(owner_of(&app, &away.sessions[0]), Some(away.family.mentor.account_id()));
        // Whom she meets she sees no longer than she is on loan; the session through the days for its log.
        to(0, "2026-03-17");
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-17T22:59:59Z");
        assert_eq!([vita.get(&away.path(0)).status, vita.get(&person).status], [200, 200]);
        app.set_clock("2026-03-17T23:00:00Z");
        assert_eq!([vita.get(&away.path(0)).status, vita.get(&person).status], [200, 404]);
        lend("2026-03-20");
        assert_eq!(vita.get(&person).status, 200);
        app.set_clock("2026-03-20T23:00:00Z");
        assert_eq!([vita.get(&away.path(0)).status, vita.get(&person).status], [200, 404]);
    }

    fn whoever_begins_later_covers_nothing_before(app: TestApp) {
        let away = away(&app);
        away.decide(&json!([away.cover(0), away.cover(1), away.cover(2)])).ok();
        assert_eq!(app.promise("undecided_leave").0, "done");
        away.family.unit.patch(&format!("/v1/staff/{}", away.vitas), "*", &json!({"from_on": "2026-03-12"})).ok();
        assert_eq!([0, 1, 2].map(|at| away.covered_by(at)), [Value::Null, json!(away.vitas), json!(away.vitas)]);
        assert_eq!((app.promise("undecided_leave").0.as_str(), owner_of(&app, &away.sessions[0])), ("open", Some(away.family.mentor.account_id())));
    }

    fn whoever_does_this_no_more_covers_nothing(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        away.decide(&json!([away.cover(0), away.cover(1), away.cover(2)])).ok();
        unit.put(&format!("/v1/accounts/{}/roles", away.vita.account_id()), "*", &json!({"roles": ["mentor", "parent_coach"]})).ok();
        let coaches_only = || unit.patch(&format!("/v1/staff/{}", away.vitas), "*", &json!({"kinds": ["parent_coach"]}));
        assert_eq!(coaches_only().refused(409, "blocked")["blocking"], json!([{"kind": "match", "id": away.other}]));
        assert_eq!([0, 1, 2].map(|at| away.covered_by(at)), [0, 1, 2].map(|_| json!(away.vitas)));
        unit.post(&format!("/v1/matches/{}/end", away.other), &json!({"reason": "other"})).ok();
        coaches_only().ok();
        assert_eq!([0, 1, 2].map(|at| away.covered_by(at)), [Value::Null, Value::Null, Value::Null]);
        assert_eq!((app.promise("undecided_leave").0.as_str(), owner_of(&app, &away.sessions[0])), ("open", Some(away.family.mentor.account_id())));
        away.vita.get(&away.path(0)).refused(404, "not_found");
        assert_eq!(flaw(&away.decide(&json!([away.cover(0)])).refused(422, "invalid")), "/decisions/0/cover/staff_id kind");
    }

    fn a_child_is_covered_with_a_certificate_of_that_day(app: TestApp) {
        let away = away(&app);
        let unit = &away.family.unit;
        let certify = |until: &str| unit.certify(&away.vitas, Some(until));
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        unit.patch(&format!("/v1/people/{}", away.family.boy), "*", &json!({"born_on": "2012-05-01"})).ok();
        assert_eq!([away.covered_by(0), away.covered_by(1)], [Value::Null, Value::Null]);
        certify("2026-03-18");
        assert_eq!(flaw(&away.decide(&json!([away.cover(2)])).refused(422, "invalid")), "/decisions/0/cover/staff_id certificate");
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        certify("2026-03-17");
        assert_eq!([away.covered_by(0), away.covered_by(1)], [json!(away.vitas), Value::Null]);
    }
}
