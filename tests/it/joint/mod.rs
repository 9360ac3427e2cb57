//! Joint sessions: one time, a session a match, each side its own; and what a conflict over custody changes.

mod covered;
mod known;
mod links;
mod places;
mod sides;
mod told;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::by_hand::to_tell;
use crate::sessions::{FIRST, course, held, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// A father with a coach, his two children with one mentor; both are reached by their own numbers.
pub struct Family<'a> {
    pub unit: Caller<'a>,
    pub mentor: Caller<'a>,
    coach: Caller<'a>,
    case: String,
    boy: String,
    pub girl: String,
    father: String,
    pub boys: String,
    pub girls: String,
    fathers: String,
}

pub fn family(app: &TestApp) -> Family<'_> {
    let unit = app.coordinator();
    let (boy, girl) =
        (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("young_person", "Gudrunette", Some("2009-05-01")));
    let father = unit.person("parent", "Frodemund", None);
    for child in [&boy, &girl] {
        unit.set_custody(child, &[&father]);
    }
    let case = app.founded_case(&unit, &[&boy, &girl, &father]);
    let (mentor, coach) = (app.account("malte", &["mentor"]), app.account("karla", &["parent_coach"]));
    let (malte, karla) = (staff(app, &mentor, true), staff(app, &coach, false));
    let matched_with = |person: &str, holders: &[&str], track: &str, who: &Caller<'_>, member: &str| {
        let course = course(app, &unit, &case, person, holders, track);
        let proposal = json!({"course_id": course, "staff_id": member, "same_family": true});
        let id = unit.post("/v1/matches", &proposal).id();
        who.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
        unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok();
        id
    };
    let boys = matched_with(&boy, &[&father], "mentor", &mentor, &malte);
    let girls = matched_with(&girl, &[&father], "mentor", &mentor, &malte);
    let fathers = matched_with(&father, &[], "parent_coach", &coach, &karla);
    Family { unit, mentor, coach, case, boy, girl, father, boys, girls, fathers }
}

pub fn joint(matches: &[&str]) -> Value {
    json!({"match_ids": matches, "starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z", "kind": "in_person"})
}

fn reach(unit: &Caller<'_>, person: &str, number: &str) {
    let tag = unit.get(&format!("/v1/people/{person}")).tag();
    unit.put(&format!("/v1/people/{person}/contact"), &tag, &json!({"channel": "sms", "phone": number})).ok();
}

/// Under fifteen: the girl's reminders go to her father, who takes part himself.
fn read_by_the_father(family: &Family<'_>) {
    family.unit.certify(&family.mentor.get("/v1/me/staff").id(), None);
    let tag = family.unit.get(&format!("/v1/people/{}", family.girl)).tag();
    family.unit.patch(&format!("/v1/people/{}", family.girl), &tag, &json!({"born_on": "2012-05-01"})).ok();
    let tag = family.unit.get(&format!("/v1/people/{}", family.girl)).tag();
    let custody = json!({"holder_ids": [family.father], "recipient_id": family.father});
    family.unit.put(&format!("/v1/people/{}/custody", family.girl), &tag, &custody).ok();
    reach(&family.unit, &family.father, "+4520000001");
}

/// Cancels the part of a match.
fn off(side: &Caller<'_>, planned: &Value, matched: &str, by: &str) {
    let session = part(planned, matched)["id"].as_str().unwrap().to_owned();
    side.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": by, "new_time_agreed": true})).ok();
}

fn conflict(family: &Family<'_>, is_one: bool) {
    disagree(&family.unit, &family.case, is_one);
}

fn disagree(unit: &Caller<'_>, case: &str, is_one: bool) {
    let path = format!("/v1/cases/{case}");
    let tag = unit.get(&path).tag();
    unit.patch(&path, &tag, &json!({"custody_conflict": is_one})).ok();
}

/// The part of a match.
pub fn part(joint: &Value, matched: &str) -> Value {
    let parts = joint["sessions"].as_array().unwrap();
    parts.iter().find(|part| part["match_id"] == matched).unwrap_or_else(|| panic!("{joint} has no part of {matched}")).clone()
}

const CLAIMS: &str = "SELECT CAST(count(*) AS TEXT) || ' of ' || CAST(count(DISTINCT person) AS TEXT) AS line FROM claims";
const TOLD: &str = "SELECT slot || ' ' || state || ' ' || coalesce(reason, '-') AS line FROM messages ORDER BY 1";

both_engines! {
    fn siblings_meet_their_mentor_at_one_time(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        for (body, pointer, code) in [
            (joint(&[&family.boys]), "/match_ids", "too_few"),
            (joint(&[&family.boys, &family.boys]), "/match_ids/1", "named_twice"),
            (joint(&[&family.boys, &family.case]), "/match_ids/1", "unknown_match"),
            (joint(&[&family.boys, &family.fathers]), "/match_ids/1", "unknown_match"),
        ] {
            let refused = mentor.post("/v1/joint-sessions", &body).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        let planned = mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls]));
        let (id, path) = (planned.id(), format!("/v1/joint-sessions/{}", planned.id()));
        // Three people, three claims: the mentor's time is held once, and nobody is planned twice.
        assert_eq!(app.lines(CLAIMS), ["3 of 3"]);
        mentor.post("/v1/sessions", &plan(&family.boys, "2026-03-11T15:30:00Z", "2026-03-11T16:30:00Z")).refused(409, "claims_overlap");
        mentor.post("/v1/joint-sessions", &joint(&[&family.girls, &family.boys])).refused(409, "claims_overlap");
        let session = part(&planned.ok(), &family.boys)["id"].as_str().unwrap().to_owned();
        assert_eq!(mentor.get(&format!("/v1/sessions/{session}")).ok()["joint_id"], json!(id));
        family.coach.get(&path).refused(404, "not_found");

        // Never a part alone; the whole moves, with its time.
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"});
        let tag = mentor.get(&format!("/v1/sessions/{session}")).tag();
        let alone = mentor.post_if(&format!("/v1/sessions/{session}/move"), &tag, &there).refused(409, "wrong_state");
        assert_eq!(alone["blocking"], json!([{"kind": "joint_session", "id": id}]));
        mentor.post_if(&format!("{path}/move"), "\"7.x\"", &there).refused(412, "stale_version");
        let moved = mentor.post_if(&format!("{path}/move"), &planned.tag(), &there).ok();
        for own in [&family.boys, &family.girls] {
            let part = part(&moved, own);
            assert_eq!((&part["starts_at"], &part["moved_count"]), (&json!("2026-03-12T15:00:00Z"), &json!(1)));
        }
        assert_eq!(app.lines(CLAIMS), ["3 of 3"]);
        // How they meet changes for all of it.
        let video = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z", "kind": "video"});
        let moved = mentor.post_if(&format!("{path}/move"), "*", &video).ok();
        for own in [&family.boys, &family.girls] {
            let part = part(&moved, own);
            assert_eq!((&part["kind"], &part["starts_at"], &part["moved_count"]), (&json!("video"), &json!("2026-03-12T15:00:00Z"), &json!(1)));
        }
        mentor.post("/v1/sessions", &plan(&family.boys, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z")).ok();

        // One cannot come: the others keep their time, the mentor's, too; whichever part held it.
        for own in [&family.boys, &family.girls] {
            let session = part(&moved, own)["id"].as_str().unwrap().to_owned();
            if own == &family.boys {
                mentor.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "person"})).ok();
                assert_eq!(app.lines("SELECT CAST(count(*) AS TEXT) AS line FROM claims"), ["4"]);
                mentor.post("/v1/sessions", &plan(&family.boys, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).refused(409, "claims_overlap");
            } else {
                // The log of the other is hers alone.
                app.set_clock("2026-03-12T17:00:00Z");
                mentor.put(FIRST, "", &held(own, "2026-03-12T15:00:00Z", "2026-03-12T16:30:00Z")).ok();
            }
        }
        let seen = mentor.get(&path).ok();
        assert_eq!((&part(&seen, &family.boys)["state"], &part(&seen, &family.girls)["state"]), (&json!("cancelled"), &json!("held")));
        let tag = mentor.get(&path).tag();
        mentor.post_if(&format!("{path}/move"), &tag, &there).refused(409, "wrong_state");
        mentor.post(&format!("{path}/cancel"), &json!({"by": "staff"})).refused(409, "wrong_state");
    }

    fn what_began_stays_when_the_rest_is_moved(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let right = mentor.post("/v1/sessions", &plan(&family.boys, "2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z")).id();
        let planned = mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls]));
        let path = format!("/v1/joint-sessions/{}/move", planned.id());
        // A log had it that the boy's part was held on the 4th, and was about another session: there it waits for its own.
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.boys, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        log["session_id"] = part(&planned.ok(), &family.boys)["id"].clone();
        assert_eq!(mentor.put(FIRST, "", &log).status, 201);
        (log["session_id"], log["starts_at"]) = (json!(right), json!("2026-03-03T15:00:00Z"));
        assert_eq!(mentor.put(FIRST, "", &log).ok()["session_id"], json!(right));

        let mut there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z", "by": "person", "match_id": family.boys});
        assert_eq!(mentor.post_if(&path, "*", &there).refused(422, "invalid")["errors"][0]["code"], "not_planned");
        there["match_id"] = json!(family.girls);
        let moved = mentor.post_if(&path, "*", &there).ok();
        let stands = |own: &str| (part(&moved, own)["state"].clone(), part(&moved, own)["starts_at"].clone());
        assert_eq!(stands(&family.boys), (json!("planned"), json!("2026-03-04T15:00:00Z")));
        assert_eq!(stands(&family.girls), (json!("planned"), json!("2026-03-12T15:00:00Z")));
        // Nothing is left to move once all of it began, logged or not.
        app.set_clock("2026-03-12T15:00:00Z");
        (there["starts_at"], there["ends_at"]) = (json!("2026-03-18T15:00:00Z"), json!("2026-03-18T16:00:00Z"));
        assert_eq!(mentor.post_if(&path, "*", &there).refused(409, "wrong_state")["detail"], "Mødet er begyndt");
    }

    fn across_staff_a_coordinator_plans_and_each_side_sees_its_own(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, coach) = (&family.unit, &family.mentor, &family.coach);
        let planned = unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.fathers]));
        let (whole, path) = (planned.ok(), format!("/v1/joint-sessions/{}", planned.id()));
        assert_eq!(whole["sessions"].as_array().unwrap().len(), 2);
        for (side, own, other, person) in [(mentor, &family.boys, &family.fathers, &family.father), (coach, &family.fathers, &family.boys, &family.boy)] {
            let seen = side.get(&path).ok();
            let theirs = part(&whole, other)["id"].as_str().unwrap().to_owned();
            assert_eq!(seen["sessions"].as_array().unwrap().len(), 1);
            assert_eq!(part(&seen, own)["joint_id"], whole["id"]);
            let text = seen.to_string();
            assert!([other, person, &theirs, &family.case].iter().all(|id| !text.contains(id.as_str())), "{text}");
            side.get(&format!("/v1/sessions/{theirs}")).refused(404, "not_found");
            let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"});
            side.post_if(&format!("{path}/move"), &planned.tag(), &there).refused(403, "forbidden");
            side.post(&format!("{path}/cancel"), &json!({"by": "staff"})).refused(403, "forbidden");
            side.put(&format!("{path}/grounds"), &planned.tag(), &json!({"grounds": "Aftalt", "told_match_id": own})).refused(403, "forbidden");
        }
        // Logs and misses are each side's own: the boy did not want to; nothing is held against his father.
        unit.post(&format!("{path}/cancel"), &json!({"by": "person"})).refused(422, "invalid");
        unit.post(&format!("{path}/cancel"), &json!({"by": "person", "match_id": family.girls})).refused(422, "invalid");
        let cancelled = unit.post(&format!("{path}/cancel"), &json!({"by": "person", "match_id": family.boys})).ok();
        let by = |own: &str| part(&cancelled, own)["cancelled_by"].clone();
        assert_eq!((by(&family.boys), by(&family.fathers)), (json!("person"), json!("unit")));
        assert_eq!(app.lines(CLAIMS), ["0 of 0"]);
        unit.get("/v1/joint-sessions/00000000-0000-4000-8000-000000000000").refused(404, "not_found");
    }

    fn a_reader_of_two_parts_is_told_once(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        reach(&family.unit, &family.boy, "+4520000002");
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers, &family.boys])).ok();
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let to = |number: &str| app.capture.to(number).len();
        assert_eq!((to("+4520000001"), to("+4520000002")), (1, 1));
        // One of his two parts falls away: no fixed text says which, so he reads nothing that would keep him from the other, and is told by hand.
        let girls = part(&planned, &family.girls)["id"].as_str().unwrap().to_owned();
        off(&family.mentor, &planned, &family.girls, "staff");
        app.tick();
        assert_eq!((to("+4520000001"), to("+4520000002")), (1, 1));
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        // Back before anybody told him: there is nothing to tell. Off again, there is.
        app.pass(TimeDelta::minutes(5));
        family.mentor.post(&format!("/v1/sessions/{girls}/restore"), &json!({})).ok();
        app.tick();
        assert_eq!((to("+4520000001"), to("+4520000002"), to_tell(&app).len()), (1, 1, 0));
        app.pass(TimeDelta::minutes(5));
        off(&family.mentor, &planned, &family.girls, "staff");
        assert_eq!(to_tell(&app), ["off 2026-03-10"]);
        // When the whole is off, each reader is told once.
        family.unit.post(&format!("/v1/joint-sessions/{}/cancel", planned["id"].as_str().unwrap()), &json!({"by": "unit"})).ok();
        app.tick();
        assert_eq!((to("+4520000001"), to("+4520000002")), (2, 2));
        assert!(to_tell(&app).is_empty());
    }

    fn of_two_parts_the_one_that_is_off_is_told_by_hand_to_whoever_did_not_say_so(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        let on = |day: &str| {
            let mut both = joint(&[&family.girls, &family.fathers]);
            (both["starts_at"], both["ends_at"]) = (json!(format!("2026-03-{day}T15:00:00Z")), json!(format!("2026-03-{day}T16:00:00Z")));
            family.unit.post("/v1/joint-sessions", &both).ok()
        };
        // Whichever of the two it is, before they would come, and until somebody told them.
        for (day, due, side, own) in [("11", "10", &family.mentor, &family.girls), ("12", "11", &family.coach, &family.fathers)] {
            let planned = on(day);
            app.pass(TimeDelta::minutes(5));
            off(side, &planned, own, "staff");
            assert_eq!(to_tell(&app), [format!("off 2026-03-{due}")]);
            let open = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"][0].clone();
            assert_eq!(open["subject_id"], part(&planned, own)["id"]);
            let path = format!("/v1/duties/{}/settle", open["id"].as_str().unwrap());
            family.unit.post(&path, &json!({"happened_at": app.clock.now()})).ok();
        }
        // Who called it off knows.
        let planned = on("13");
        app.pass(TimeDelta::minutes(5));
        off(&family.mentor, &planned, &family.girls, "person");
        app.tick();
        assert!(to_tell(&app).is_empty() && app.capture.to("+4520000001").is_empty());
        // Where the custody holders disagree, too: the girl's side is told by hand anyway.
        conflict(&family, true);
        let mut both = joint(&[&family.girls, &family.fathers]);
        (both["starts_at"], both["ends_at"]) = (json!("2026-03-18T15:00:00Z"), json!("2026-03-18T16:00:00Z"));
        (both["grounds"], both["told_match_id"]) = (json!("Begge er hørt"), json!(family.fathers));
        let planned = family.unit.post("/v1/joint-sessions", &both).ok();
        app.pass(TimeDelta::minutes(5));
        let before = to_tell(&app);
        assert!(!before.is_empty() && before.iter().all(|line| !line.starts_with("off")), "{before:?}");
        off(&family.coach, &planned, &family.fathers, "person");
        assert_eq!(to_tell(&app), before);
    }

    fn who_loses_a_joint_time_is_told_others_that_all_can(app: TestApp) {
        let family = family(&app);
        family.coach.post("/v1/sessions", &plan(&family.fathers, "2026-03-11T15:30:00Z", "2026-03-11T17:00:00Z")).ok();
        family.mentor.post("/v1/sessions", &plan(&family.boys, "2026-03-11T17:00:00Z", "2026-03-11T18:00:00Z")).ok();
        let lost = family.unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.fathers])).refused(409, "claims_overlap");
        let starts: Vec<_> = lost["alternatives"].as_array().unwrap().iter().map(|other| other["starts_at"].as_str().unwrap()).collect();
        assert_eq!(starts, ["2026-03-11T18:00:00Z", "2026-03-12T07:00:00Z", "2026-03-12T07:30:00Z"]);
        let planned = family.unit.post("/v1/joint-sessions", &json!({"match_ids": [family.boys, family.fathers], "starts_at": "2026-03-11T18:00:00Z", "ends_at": "2026-03-11T19:00:00Z", "kind": "in_person"}));
        let there = json!({"starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:00:00Z"});
        let path = format!("/v1/joint-sessions/{}/move", planned.id());
        let lost = family.unit.post_if(&path, &planned.tag(), &there).refused(409, "claims_overlap");
        assert_eq!(lost["alternatives"].as_array().unwrap().len(), 3);
    }

    fn a_part_is_covered_or_cancelled_in_a_leave(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let vita = app.account("vita", &["mentor"]);
        let vitas = staff(&app, &vita, true);
        let planned = family.mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls])).ok();
        let malte = family.mentor.get("/v1/me/staff").id();
        let away = json!({"kind": "illness", "from_on": "2026-03-11", "until_on": "2026-03-11"});
        let entered = family.mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        let path = format!("/v1/staff/{malte}/leaves/{}/cover-decisions", entered["leaves"][0]["id"].as_str().unwrap());
        let of = |matched: &str| part(&planned, matched)["id"].clone();
        let decide = |decisions: Value| unit.post(&path, &json!({"decisions": decisions}));
        let moved = json!([{"session_id": of(&family.boys), "move": {"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"}}]);
        decide(moved).refused(409, "wrong_state");
        // Both by the same: her time is held once, as his was.
        let cover = |matched: &str| json!({"session_id": of(matched), "cover": {"staff_id": vitas}});
        decide(json!([cover(&family.boys), cover(&family.girls)])).ok();
        assert_eq!(app.lines(CLAIMS), ["3 of 3"]);
        vita.get(&format!("/v1/sessions/{}", of(&family.boys).as_str().unwrap())).ok();
        // One is taken back: the mentor holds that part again, she the other.
        unit.post(&format!("/v1/sessions/{}/end-cover", of(&family.girls).as_str().unwrap()), &json!({"by": "person"})).ok();
        assert_eq!(app.lines(CLAIMS), ["4 of 4"]);
        // And called off: the rest stays.
        decide(json!([{"session_id": of(&family.girls), "cancel": {"new_time_agreed": false}}])).ok();
        assert_eq!(app.lines(CLAIMS), ["2 of 2"]);
    }

    fn where_the_custody_holders_disagree_a_coordinator_says_why_and_one_side_is_told(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        for (person, number) in [(&family.boy, "+4520000002"), (&family.girl, "+4520000003"), (&family.father, "+4520000001")] {
            reach(unit, person, number);
        }
        // Planned while they agreed: then they do not, and nobody is told by message until a coordinator has chosen.
        let before = mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls]));
        let path = format!("/v1/joint-sessions/{}", before.id());
        let waiting = || app.lines("SELECT 'waiting' AS line FROM messages WHERE state = 'waiting'").len();
        let by_hand = || app.promised("tell_by_hand").iter().filter(|duty| duty.state == "open").count();
        assert_eq!((waiting(), by_hand()), (4, 0), "{:?}", app.lines(TOLD));
        conflict(&family, true);
        assert_eq!((waiting(), by_hand()), (0, 2), "{:?}", app.lines(TOLD));
        conflict(&family, false);
        assert_eq!((waiting(), by_hand()), (4, 0));
        conflict(&family, true);
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"});
        unit.post_if(&format!("{path}/move"), &before.tag(), &there).refused(409, "custody_conflict");
        // The mentor is not told why: whose parents disagree is no part of the work.
        let refused = mentor.post_if(&format!("{path}/move"), &before.tag(), &there).refused(403, "forbidden");
        assert!(!refused.to_string().contains("custody"), "{refused}");
        let grounds = json!({"grounds": "Begge er hørt hver for sig", "told_match_id": family.girls});
        unit.put(&format!("{path}/grounds"), "", &grounds).refused(428, "precondition_required");
        let wrong = json!({"grounds": "Begge er hørt", "told_match_id": family.fathers});
        unit.put(&format!("{path}/grounds"), &before.tag(), &wrong).refused(422, "invalid");
        let grounded = unit.put(&format!("{path}/grounds"), &before.tag(), &grounds);
        assert_eq!((&grounded.ok()["grounds"], &grounded.ok()["told_match_id"]), (&json!("Begge er hørt hver for sig"), &json!(family.girls)));
        assert_eq!((waiting(), by_hand()), (2, 1));
        let seen = mentor.get(&path).ok();
        assert!(["grounds", "grounds_at", "told_match_id", "case_id"].iter().all(|member| seen[*member].is_null()), "{seen}");
        unit.post_if(&format!("{path}/move"), &grounded.tag(), &there).ok();

        // Planned anew: never without both, never by a mentor.
        let mut body = joint(&[&family.boys, &family.fathers]);
        (body["starts_at"], body["ends_at"]) = (json!("2026-03-18T15:00:00Z"), json!("2026-03-18T16:00:00Z"));
        let missing = unit.post("/v1/joint-sessions", &body).refused(409, "custody_conflict");
        let pointers: Vec<_> = missing["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
        assert_eq!(pointers, [json!("/grounds"), json!("/told_match_id")]);
        let mut own = body.clone();
        own["match_ids"] = json!([family.boys, family.girls]);
        mentor.post("/v1/joint-sessions", &own).refused(403, "forbidden");
        body["grounds"] = json!("Begge er hørt hver for sig");
        unit.post("/v1/joint-sessions", &body).refused(409, "custody_conflict");
        body["told_match_id"] = json!(family.fathers);
        unit.post("/v1/joint-sessions", &body).ok();
        app.set_clock("2026-03-17T16:00:00Z");
        app.tick();
        let to = |number: &str| app.capture.to(number).iter().filter(|sent| sent.message.lines[0].contains("18. marts")).count();
        assert_eq!((to("+4520000001"), to("+4520000002")), (1, 0), "one side is told, the other by hand");
        // Sealed: the words lie in the database under the case's key.
        assert!(app.lines("SELECT 'clear' AS line FROM joint_sessions WHERE CAST(grounds AS TEXT) LIKE '%h_rt%'").is_empty());
    }
}
