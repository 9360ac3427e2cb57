//! The edges of covers: a leave on a clock of its own, whoever covers steps back or is refused, every decision that cannot be is named, and
//! that all of it is promised to be decided.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, family, held, plan, staff};
use crate::staff_covers::own_case;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Answer;

/// The mentor of the family is away from 9 to 20 March, with sessions on the 11th and the 18th at 16:00; another, Vita, has a boy of her own.
struct Absent<'a> {
    family: Family<'a>,
    malte: String,
    vita: Caller<'a>,
    vitas: String,
    other: String,
    /// `/v1/staff/…/leaves/…`.
    leave: String,
    sessions: [String; 2],
}

impl<'a> Absent<'a> {
    fn new(app: &'a TestApp) -> Self {
        let family = family(app);
        let malte = family.mentor.get("/v1/me/staff").id();
        let vita = app.account("vita", &["mentor"]);
        let vitas = staff(app, &vita, true);
        let other = own_case(app, &family.unit, &vita, &vitas);
        let planned = |day: &str| {
            let hour = plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
            family.mentor.post("/v1/sessions", &hour).id()
        };
        let sessions = [planned("11"), planned("18")];
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-20"});
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &holiday).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        Self { family, malte, vita, vitas, other, leave, sessions }
    }

    fn decide(&self, decisions: &Value) -> Answer {
        self.family.unit.post(&format!("{}/cover-decisions", self.leave), &json!({ "decisions": decisions }))
    }

    fn listed_in_leave(&self) -> Vec<Value> {
        let listed = self.family.unit.get(&format!("{}/cover-list", self.leave)).ok();
        listed["sessions"].as_array().unwrap().clone()
    }

    /// What was promised of leaves: how it stands, the day it is or was due, and whether that was missed.
    fn promises(&self) -> Vec<String> {
        let of = |state: &str| {
            self.family.unit.get(&format!("/v1/duties?kind=undecided_leave&state={state}")).ok()["items"].as_array().unwrap().clone()
        };
        let shown = |duty: &Value| {
            let late = if duty["is_late"] == true { " late" } else { "" };
            format!("{} {}{late}", duty["state"].as_str().unwrap(), &duty["due_at"].as_str().unwrap()[..10])
        };
        ["done", "ended", "open"].into_iter().flat_map(of).map(|duty| shown(&duty)).collect()
    }

    fn cover(&self, at: usize) -> Value {
        json!({"session_id": self.sessions[at], "cover": {"staff_id": self.vitas}})
    }
}

both_engines! {
    fn a_leave_lies_on_the_clock_of_whoever_is_away(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let malte = mentor.get("/v1/me/staff").id();
        mentor.put(&format!("/v1/staff/{malte}/hours"), "*", &json!({"week": null, "zone": "America/New_York"})).ok();
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T01:00:00Z"), &format!("2026-03-{day}T02:00:00Z"))).id();
        // On the 19th and the 20th, at nine in the evening there.
        let (before, within) = (planned("20"), planned("21"));
        let away = json!({"kind": "holiday", "from_on": "2026-03-20", "until_on": "2026-03-20"});
        let entered = mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let listed = mentor.get(&format!("{leave}/cover-list")).ok();
        assert_eq!((&listed["sessions"][0]["id"], listed["sessions"].as_array().unwrap().len()), (&json!(within), 1));
        let decide = |decisions: Value| family.unit.post(&format!("{leave}/cover-decisions"), &json!({ "decisions": decisions }));
        let refused = decide(json!([{"session_id": before, "cancel": {}}])).refused(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "not_in_leave");
        let to = |day: &str| json!([{"session_id": within, "move": {"starts_at": format!("2026-03-{day}T02:00:00Z"), "ends_at": format!("2026-03-{day}T03:00:00Z"), "reason": "holiday"}}]);
        assert_eq!(decide(to("21")).refused(422, "invalid")["errors"][0]["code"], "in_leave");
        decide(to("22")).ok();
        let change = mentor.get(&format!("/v1/sessions/{within}/changes")).ok()["items"][0].clone();
        assert_eq!((&change["by"], &change["reason"]), (&json!("staff"), &json!("holiday")));
    }

    fn whoever_covers_may_step_back(app: TestApp) {
        let family = family(&app);
        let malte = family.mentor.get("/v1/me/staff").id();
        let vita = app.account("vita", &["mentor"]);
        let vitas = staff(&app, &vita, true);
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).id();
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let cover = json!({"decisions": [{"session_id": session, "cover": {"staff_id": vitas}}]});
        family.unit.post(&format!("{leave}/cover-decisions"), &cover).ok();
        let path = format!("/v1/sessions/{session}");
        vita.get(&path).ok();
        let ended = vita.post(&format!("{path}/end-cover"), &json!({"by": "staff"}));
        assert_eq!((ended.status, ended.json()), (202, Value::Null));
        vita.get(&path).refused(404, "not_found");
        let seen = family.mentor.get(&path).ok();
        assert_eq!((&seen["state"], &seen["covered_by"]), (&json!("planned"), &Value::Null));
        vita.post(&format!("{path}/end-cover"), &json!({"by": "staff"})).refused(404, "not_found");
    }

    fn every_decision_that_cannot_be_is_named(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let malte = mentor.get("/v1/me/staff").id();
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (first, second) = (planned("10"), planned("11"));
        let taken = [planned("17"), planned("18")];
        let entered = mentor.post(&format!("/v1/staff/{malte}/leaves"), &json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-13"})).ok();
        let leave = format!("/v1/staff/{malte}/leaves/{}", entered["leaves"][0]["id"].as_str().unwrap());
        let to = |session: &str, day: &str| json!({"session_id": session, "move": {"starts_at": format!("2026-03-{day}T15:30:00Z"), "ends_at": format!("2026-03-{day}T16:30:00Z")}});
        let decisions = json!({"decisions": [to(&first, "17"), to(&second, "18")]});
        let refused = family.unit.post(&format!("{leave}/cover-decisions"), &decisions).refused(409, "claims_overlap");
        assert_eq!(refused["blocking"], json!([{"kind": "session", "id": first}, {"kind": "session", "id": second}]));
        assert_eq!(refused["alternatives"].as_array().unwrap().len(), 3);
        // Nothing was moved, and what was in the way stands.
        assert!(taken.iter().chain([&first, &second]).all(|id| mentor.get(&format!("/v1/sessions/{id}")).ok()["moved_count"] == 0));
    }

    fn a_no_to_a_cover_holds_for_the_match(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, sessions) = (&away.family.unit, &away.sessions);
        away.decide(&json!([away.cover(0)])).ok();
        unit.post(&format!("/v1/sessions/{}/end-cover", sessions[0]), &json!({"by": "person"})).ok();
        let listed = unit.get(&format!("{}/cover-list", away.leave)).ok();
        assert_eq!(listed["refused"], json!([{"session_id": sessions[0], "staff_id": away.vitas}]));
        for (at, session) in sessions.iter().enumerate() {
            let eligible = unit.get(&format!("/v1/sessions/{session}/eligible-covers")).ok();
            let hers = eligible["items"].as_array().unwrap().iter().find(|item| item["staff_id"] == json!(away.vitas)).unwrap().clone();
            assert_eq!((&hers["eligible"], &hers["exclusions"]), (&json!(false), &json!(["said_no"])));
            let refused = away.decide(&json!([away.cover(at)])).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/decisions/0/cover/staff_id"), &json!("said_no")));
        }
        // That she could not come herself is no such no.
        let nora = app.account("nora", &["mentor"]);
        let noras = staff(&app, &nora, true);
        let by = json!([{"session_id": sessions[0], "cover": {"staff_id": noras}}]);
        away.decide(&by).ok();
        nora.post(&format!("/v1/sessions/{}/end-cover", sessions[0]), &json!({"by": "staff"}));
        away.decide(&by).ok();
    }

    fn who_covered_what_has_begun_has_its_log(app: TestApp) {
        let away = Absent::new(&app);
        let unit = &away.family.unit;
        away.decide(&json!([away.cover(0)])).ok();
        let path = format!("/v1/sessions/{}/end-cover", away.sessions[0]);
        app.set_clock("2026-03-11T15:00:00Z");
        unit.post(&path, &json!({"by": "person"})).refused(409, "wrong_state");
        app.set_clock("2026-03-11T17:00:00Z");
        away.vita.post(&path, &json!({"by": "staff"})).refused(409, "wrong_state");
        let logs = unit.get("/v1/duties?kind=log_missing&opened=true").ok()["items"].clone();
        assert_eq!((&logs[0]["owner_id"], logs.as_array().unwrap().len()), (&json!(away.vita.account_id()), 1));
    }

    fn what_comes_back_is_with_the_mentor_where_the_cover_has_no_time(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, session) = (&away.family.unit, format!("/v1/sessions/{}", away.sessions[0]));
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        for id in &away.sessions {
            unit.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "person"})).ok();
        }
        away.vita.post("/v1/sessions", &plan(&away.other, "2026-03-11T15:30:00Z", "2026-03-11T16:30:00Z")).ok();
        let back = unit.post(&format!("{session}/restore"), &json!({})).ok();
        assert_eq!((&back["state"], &back["covered_by"]), (&json!("planned"), &Value::Null));
        away.vita.get(&session).refused(404, "not_found");
        let logs = unit.get("/v1/duties?kind=log_missing").ok()["items"].clone();
        let log = logs.as_array().unwrap().iter().find(|duty| duty["subject_id"] == json!(away.sessions[0])).unwrap();
        assert_eq!(log["owner_id"], json!(away.family.mentor.account_id()));
        // Where she has the time it is hers again.
        let other = unit.post(&format!("/v1/sessions/{}/restore", away.sessions[1]), &json!({})).ok();
        assert_eq!(other["covered_by"], json!(away.vitas));
    }

    fn a_leave_is_promised_to_be_decided_before_it_begins(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, mentor) = (&away.family.unit, &away.family.mentor);
        let standing = || {
            let (state, due_at, reason) = app.promise("undecided_leave");
            format!("{state} {due_at} {}", reason.unwrap_or_default())
        };
        // The first lies on Wednesday the 11th.
        let first = "open 2026-03-09T22:59:59.999999Z ";
        assert_eq!(standing(), first);
        let listed = unit.get("/v1/duties?kind=undecided_leave&owner=unit").ok()["items"][0].clone();
        assert_eq!((&listed["subject_id"], &listed["kept_by"]), (&json!(away.malte), &json!(["covers.decide", "sessions.move", "sessions.cancel", "logs.put"])));
        unit.post(&format!("/v1/duties/{}/settle", listed["id"].as_str().unwrap()), &json!({"happened_at": app.clock.now()})).refused(409, "wrong_state");
        // A proposal before it counts, until it is off.
        let mut proposal = plan(&away.family.mentoring, "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
        proposal["proposed"] = json!(true);
        let proposed = mentor.post("/v1/sessions", &proposal).id();
        assert_eq!(standing(), "open 2026-03-06T22:59:59.999999Z ");
        mentor.post(&format!("/v1/sessions/{proposed}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(standing(), first);
        // Decided one by one: it moves, and the last keeps it.
        away.decide(&json!([away.cover(0)])).ok();
        assert_eq!(standing(), "open 2026-03-16T22:59:59.999999Z ");
        away.decide(&json!([{"session_id": away.sessions[1], "cancel": {}}])).ok();
        assert_eq!(standing(), "done 2026-03-16T22:59:59.999999Z ");
        // Vita is ill: what she would cover is to be decided in her leave, and taken back in his.
        unit.post(&format!("/v1/staff/{}/leaves", away.vitas), &json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"})).ok();
        let all = || app.promised("undecided_leave").into_iter().map(|duty| format!("{} {}", duty.state, duty.due_at)).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        assert_eq!(all(), ["done 2026-03-16T22:59:59.999999Z", "open 2026-03-09T22:59:59.999999Z"]);
        unit.post(&format!("/v1/sessions/{}/end-cover", away.sessions[0]), &json!({"by": "unit"})).ok();
        assert_eq!(all(), ["done 2026-03-09T22:59:59.999999Z", "open 2026-03-09T22:59:59.999999Z"]);
        // The night changes nothing, also when it is late, and when the session has begun.
        app.set_clock("2026-03-10T04:00:00Z");
        app.tick();
        assert_eq!(all(), ["done 2026-03-09T22:59:59.999999Z", "open 2026-03-09T22:59:59.999999Z"]);
        assert_eq!(unit.get("/v1/duties?kind=undecided_leave&late=true").ok()["items"].as_array().unwrap().len(), 1);
        app.set_clock("2026-03-12T04:00:00Z");
        app.tick();
        assert_eq!(all(), ["done 2026-03-09T22:59:59.999999Z", "open 2026-03-09T22:59:59.999999Z"]);
    }

    fn what_begins_undecided_is_so_until_it_is_said_who_went(app: TestApp) {
        let away = Absent::new(&app);
        app.set_clock("2026-03-11T17:00:00Z");
        // Only the second is decided: nobody knows of the first, and the night does not forget it.
        away.decide(&json!([away.cover(1)])).ok();
        let covered: Vec<_> = away.listed_in_leave().iter().map(|session| session["covered_by"].clone()).collect();
        assert_eq!(covered, [Value::Null, json!(away.vitas)]);
        assert_eq!(away.promises(), ["open 2026-03-09 late"]);
        app.set_clock("2026-03-25T04:00:00Z");
        app.tick();
        assert_eq!(away.promises(), ["open 2026-03-09 late"], "the leave is over, and the first is not logged");
        away.decide(&json!([away.cover(0)])).ok();
        assert_eq!(away.promises(), ["done 2026-03-09 late"]);
    }

    fn a_missed_decision_stays_missed_whichever_verb_makes_it(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, mentor) = (&away.family.unit, &away.family.mentor);
        app.set_clock("2026-03-11T17:00:00Z");
        // The mentor calls the second off, and went to the first himself, as he logs.
        mentor.post(&format!("/v1/sessions/{}/cancel", away.sessions[1]), &json!({"by": "staff"})).ok();
        assert_eq!(away.promises(), ["open 2026-03-09 late"]);
        let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z");
        log["session_id"] = json!(away.sessions[0]);
        mentor.put(FIRST, "", &log).ok();
        assert_eq!(away.promises(), ["done 2026-03-09 late"]);
        // What comes into the leave since is another promise, in time when it is called off, and when it is not.
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(&away.family.mentoring, &format!("2026-03-{day}T09:00:00Z"), &format!("2026-03-{day}T10:00:00Z"))).id();
        let third = planned("19");
        assert_eq!(away.promises(), ["done 2026-03-09 late", "open 2026-03-17"]);
        mentor.post(&format!("/v1/sessions/{third}/cancel"), &json!({"by": "person"})).ok();
        assert_eq!(away.promises(), ["done 2026-03-09 late", "done 2026-03-17"]);
        planned("20");
        assert_eq!(away.promises(), ["done 2026-03-09 late", "open 2026-03-18"]);
        // With the leave it is gone, and what was missed is not.
        app.set_clock("2026-03-12T08:00:00Z");
        app.tick();
        assert_eq!(mentor.delete(&away.leave).status, 204);
        assert_eq!(away.promises(), ["done 2026-03-09 late", "ended 2026-03-18"]);
        assert_eq!(unit.get("/v1/duties?kind=undecided_leave&state=done&late=true").ok()["items"].as_array().unwrap().len(), 1);
    }

    fn a_leave_that_is_struck_too_late_was_not_decided_in_time(app: TestApp) {
        let away = Absent::new(&app);
        app.set_clock("2026-03-10T08:00:00Z");
        // What moves out of it late leaves the rest late, whatever its own limit is.
        away.decide(&json!([{"session_id": away.sessions[0], "move": {"starts_at": "2026-03-23T15:00:00Z", "ends_at": "2026-03-23T16:00:00Z"}}])).ok();
        assert_eq!(away.promises(), ["open 2026-03-09 late"]);
        assert_eq!(away.family.mentor.delete(&away.leave).status, 204);
        assert_eq!(away.promises(), ["done 2026-03-09 late"]);
    }

    fn what_is_off_names_nobody_who_was_taken_back(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, mentor) = (&away.family.unit, &away.family.mentor);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        let paths = [0, 1].map(|at| format!("/v1/sessions/{}", away.sessions[at]));
        // Vita holds the first; the second is off.
        app.set_clock("2026-03-11T17:00:00Z");
        let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z");
        log["session_id"] = json!(away.sessions[0]);
        away.vita.put(FIRST, "", &log).ok();
        let off = mentor.post(&format!("{}/cancel", paths[1]), &json!({"by": "person"})).ok();
        assert_eq!(off["covered_by"], json!(away.vitas));
        let before = unit.get(&paths[1]).tag();
        assert_eq!(mentor.delete(&away.leave).status, 204);
        // Nobody covers it any more, wherever it is read; who held the other did.
        let seen = unit.get(&paths[1]);
        assert_ne!(seen.tag(), before);
        assert_eq!((&seen.ok()["state"], &seen.ok()["covered_by"]), (&json!("cancelled"), &Value::Null));
        let listed = unit.get(&format!("/v1/sessions?match={}", away.family.mentoring)).ok()["items"].clone();
        let today = mentor.get("/v1/today").ok()["sessions"].clone();
        for all in [listed, today] {
            let covered: Vec<_> = all.as_array().unwrap().iter().map(|session| session["covered_by"].clone()).collect();
            assert_eq!(covered, [json!(away.vitas), Value::Null]);
        }
        away.vita.get(&paths[1]).refused(404, "not_found");
        let back = unit.post(&format!("{}/restore", paths[1]), &json!({})).ok();
        assert_eq!((&back["state"], &back["covered_by"]), (&json!("planned"), &Value::Null));
    }

    fn of_a_leave_nobody_learns_of_what_they_may_not_see(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, mentor) = (&away.family.unit, &away.family.mentor);
        let ole = app.account("ole", &["coordinator"]);
        let other = own_case(&app, unit, mentor, &away.malte);
        unit.post("/v1/bars", &json!({"account_id": ole.account_id(), "person_id": away.family.boy, "cause": "family"})).ok();
        let listed = |by: &Caller<'_>, state: &str| {
            let items = by.get(&format!("/v1/duties?kind=undecided_leave&state={state}")).ok()["items"].clone();
            items.as_array().unwrap().iter().map(|duty| duty["due_at"].as_str().unwrap()[..10].to_owned()).collect::<Vec<_>>()
        };
        let nothing: [&str; 0] = [];
        assert_eq!(listed(unit, "open"), ["2026-03-09"]);
        assert_eq!(listed(&ole, "open"), nothing);
        let hidden = unit.get("/v1/duties?kind=undecided_leave").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        ole.get(&format!("/v1/duties/{hidden}")).refused(404, "not_found");
        // Of the two boys each has his own, due before his own first session.
        mentor.post("/v1/sessions", &plan(&other, "2026-03-19T15:00:00Z", "2026-03-19T16:00:00Z")).ok();
        assert_eq!(listed(unit, "open"), ["2026-03-09", "2026-03-17"]);
        let before = ole.get("/v1/duties?kind=undecided_leave").tag();
        assert_eq!(listed(&ole, "open"), ["2026-03-17"]);
        // What is decided of the one moves and keeps nothing of the other.
        away.decide(&json!([away.cover(0)])).ok();
        assert_eq!(listed(unit, "open"), ["2026-03-16", "2026-03-17"]);
        away.decide(&json!([away.cover(1)])).ok();
        assert_eq!((listed(unit, "open"), listed(unit, "done")), (vec!["2026-03-17".to_owned()], vec!["2026-03-16".to_owned()]));
        assert_eq!((listed(&ole, "done"), ole.get("/v1/duties?kind=undecided_leave").tag()), (Vec::new(), before));
        ole.get(&format!("/v1/duties/{hidden}")).refused(404, "not_found");
    }

    fn a_leave_that_is_taken_back_takes_its_covers_with_it(app: TestApp) {
        let away = Absent::new(&app);
        let (unit, mentor) = (&away.family.unit, &away.family.mentor);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        let path = |at: usize| format!("/v1/sessions/{}", away.sessions[at]);
        // He has another boy by now, at the time of the first.
        let others = own_case(&app, unit, mentor, &away.malte);
        mentor.post("/v1/sessions", &plan(&others, "2026-03-11T15:30:00Z", "2026-03-11T16:30:00Z")).ok();
        // What lies in another leave of his stays as it was decided.
        let more = json!({"kind": "illness", "from_on": "2026-03-18", "until_on": "2026-03-18"});
        let entered = mentor.post(&format!("/v1/staff/{}/leaves", away.malte), &more).ok();
        let ill = entered["leaves"].as_array().unwrap().iter().find(|leave| leave["from_on"] == "2026-03-18").unwrap()["id"].clone();
        app.pass(TimeDelta::minutes(5));
        assert_eq!(mentor.delete(&away.leave).status, 204);
        let covered = |at: usize| unit.get(&path(at)).ok()["covered_by"].clone();
        assert_eq!([covered(0), covered(1)], [json!(away.vitas), json!(away.vitas)]);
        assert_eq!(mentor.delete(&format!("/v1/staff/{}/leaves/{}", away.malte, ill.as_str().unwrap())).status, 204);
        assert_eq!([covered(0), covered(1)], [json!(away.vitas), Value::Null]);
        away.vita.get(&path(1)).refused(404, "not_found");
        assert_eq!(unit.get(&path(1)).ok()["state"], "planned");
        let logs = unit.get("/v1/duties?kind=log_missing").ok()["items"].clone();
        let log = logs.as_array().unwrap().iter().find(|duty| duty["subject_id"] == json!(away.sessions[1])).unwrap();
        assert_eq!(log["owner_id"], json!(mentor.account_id()));
        // Of who covered a session it is on record from when to when, and who said so; whoever only covers reads nothing of it.
        let history = mentor.get(&format!("{}/covers", path(1))).ok()["items"].clone();
        assert_eq!(history, json!([{"staff_id": away.vitas, "name": "Storm Ravnkilde", "state": "taken_back", "decided_at": "2026-03-02T08:00:00Z",
            "decided_by": unit.account_id(), "ended_at": "2026-03-02T08:05:00Z", "ended_by": mentor.account_id()}]));
        let nora = app.account("nora", &["mentor"]);
        unit.post(&format!("{}/end-cover", path(0)), &json!({"by": "person"})).ok();
        let again = mentor.post(&format!("/v1/staff/{}/leaves", away.malte), &json!({"kind": "holiday", "from_on": "2026-03-11", "until_on": "2026-03-20"})).ok();
        let leave = again["leaves"][0]["id"].as_str().unwrap().to_owned();
        let by = json!({"decisions": [{"session_id": away.sessions[1], "cover": {"staff_id": staff(&app, &nora, true)}}]});
        unit.post(&format!("/v1/staff/{}/leaves/{leave}/cover-decisions", away.malte), &by).ok();
        let history = unit.get(&format!("{}/covers", path(1))).ok()["items"].clone();
        let states: Vec<_> = history.as_array().unwrap().iter().map(|item| (item["state"].clone(), item["ended_at"].is_null())).collect();
        assert_eq!(states, [(json!("taken_back"), false), (json!("standing"), true)]);
        assert_eq!(unit.get(&format!("{}/covers", path(0))).ok()["items"][0]["state"], "refused");
        nora.get(&path(1)).ok();
        nora.get(&format!("{}/covers", path(1))).refused(404, "not_found");
    }

    fn a_leave_that_is_taken_back_needs_no_decision(app: TestApp) {
        let away = Absent::new(&app);
        assert_eq!(away.family.mentor.delete(&away.leave).status, 204);
        let (state, _, reason) = app.promise("undecided_leave");
        assert_eq!((state.as_str(), reason.as_deref()), ("ended", Some("leave_over")));
        // Ill tonight: by the start, for the day is past by which it would have been due.
        app.set_clock("2026-03-11T08:00:00Z");
        let ill = json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"});
        away.family.mentor.post(&format!("/v1/staff/{}/leaves", away.malte), &ill).ok();
        let due: Vec<_> = app.promised("undecided_leave").into_iter().filter(|duty| duty.state == "open").map(|duty| duty.due_at.to_string()).collect();
        assert_eq!(due, ["2026-03-11T15:00:00Z"]);
    }
}
