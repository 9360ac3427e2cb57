//! What whoever covers a session sees of it and of its person, and how long.

use serde_json::{Value, json};

use crate::sessions::{FIRST, held, plan};
use crate::staff_covers::{away, owner_of};
use crate::support::TestApp;
use crate::support::caller::Caller;

both_engines! {
    fn a_cover_sees_what_is_needed_and_then_no_longer(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        mentor.put(FIRST, "", &held(&away.family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).ok();
        let session = format!("/v1/sessions/{}", away.sessions[1]);
        let person = format!("/v1/people/{}", away.family.boy);
        away.decide(&json!([away.cover(1)])).ok();
        assert_eq!(owner_of(&app, &away.sessions[1]), Some(vita.account_id()));
        // That she has an appointment then she sees at once, with whom from a week before.
        vita.get(&session).ok();
        app.set_clock("2026-03-11T14:59:59Z");
        vita.get(&person).refused(404, "not_found");
        assert_eq!(vita.get("/v1/today").ok()["covered"], json!([]));
        app.set_clock("2026-03-11T15:00:00Z");
        let seen = vita.get(&session).ok();
        assert_eq!((&seen["covered_by"], &seen["case_id"]), (&json!(away.vitas), &Value::Null));
        let known = vita.get(&person).ok();
        assert_eq!((&known["given_name"], &known["family_name"]), (&json!("Bertramius"), &Value::Null));
        let carried = vita.get("/v1/today").ok();
        // What outlasts the session is hers neither to read nor to say.
        for path in [format!("{person}/times"), format!("{person}/link-choices")] {
            vita.get(&path).refused(404, "not_found");
            mentor.get(&path).ok();
        }
        vita.put(&format!("{person}/times"), "*", &json!({"never": []})).refused(404, "not_found");
        vita.post(&format!("{person}/link-choices"), &json!({"wants_links": false})).refused(404, "not_found");
        assert_eq!((&carried["covered"][0]["person"]["given_name"], carried["covered"].as_array().unwrap().len()), (&json!("Bertramius"), 1));
        assert!(carried["matches"].as_array().unwrap().iter().all(|matched| matched["id"] != away.family.mentoring));
        // Neither match, course, plan, series, other sessions nor older logs.
        let series = mentor.get(&session).ok()["series_id"].clone();
        let others = [format!("/v1/matches/{}", away.family.mentoring), format!("/v1/courses/{}", away.family.course), FIRST.to_owned(),
            format!("/v1/sessions/{}", away.sessions[0]), format!("/v1/series/{}", series.as_str().unwrap())];
        for path in others {
            vita.get(&path).refused(404, "not_found");
        }
        assert_eq!(vita.get(&format!("/v1/sessions?match={}", away.family.mentoring)).ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(vita.get(&format!("/v1/session-logs?match={}", away.family.mentoring)).ok()["items"], json!([]));
        vita.post("/v1/sessions", &plan(&away.family.mentoring, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).refused(422, "invalid");

        app.set_clock("2026-03-18T17:00:00Z");
        let second = FIRST.replace("11111111-1", "55555555-1");
        let mut log = held(&away.family.mentoring, "2026-03-18T15:00:00Z", "2026-03-18T16:40:00Z");
        log["session_id"] = json!(away.sessions[1]);
        let taken = vita.put(&second, "", &log).ok();
        assert_eq!((&taken["writer_id"], &taken["in_tray"]), (&json!(vita.account_id()), &json!(false)));
        vita.get(&second).ok();
        assert_eq!(mentor.get(&second).ok()["writer_id"], json!(vita.account_id()));
        let mut wrong = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-18T16:40:00Z");
        wrong["session_id"] = json!(away.sessions[0]);
        let third = FIRST.replace("11111111-1", "66666666-1");
        vita.put(&third, "", &wrong).refused(404, "not_found");
        wrong["session_id"] = Value::Null;
        assert_eq!(vita.put(&third, "", &wrong).status, 202, "another day of the match lies in the tray");
        // Then no longer; what was held can still be delivered.
        app.set_clock("2026-03-25T16:30:01Z");
        for path in [&session, &person, &second] {
            vita.get(path).refused(404, "not_found");
        }
        log["facts"] = json!("Vi gik en tur");
        assert_eq!(vita.put(&second, "", &log).status, 202);
        assert_eq!(unit.get(&second).ok()["content"]["facts"], "Vi gik en tur");
    }

    fn what_a_cover_has_not_logged_stays_in_their_day_without_its_person(app: TestApp) {
        let away = away(&app);
        let (mentor, vita, session) = (&away.family.mentor, &away.vita, &away.sessions[0]);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        let waiting = |caller: &Caller<'_>| {
            let today = caller.get("/v1/today").ok();
            let asked = today["sessions"].as_array().unwrap().iter().filter(|one| one["needs_log"] == true);
            let asked: Vec<_> = asked.map(|one| (one["id"].clone(), one["place_code"].clone())).collect();
            (asked, today.to_string().contains("Bertramius"))
        };
        let owed = vec![(json!(session), Value::Null)];
        app.set_clock("2026-03-18T10:00:00Z");
        assert_eq!(waiting(vita), (owed.clone(), true));
        assert!(!waiting(mentor).0.contains(&owed[0]), "it is hers to log");
        // She sees neither session nor person any more, and what she owes until it is written.
        vita.put(&FIRST.replace("11111111-1", "55555555-1"), "", &json!({"session_id": away.sessions[1], "match_id": away.family.mentoring,
            "outcome": "cancelled", "by": "staff", "starts_at": "2026-03-18T15:00:00Z"})).ok();
        for day in ["2026-03-26", "2026-04-20"] {
            app.set_clock(&format!("{day}T10:00:00Z"));
            vita.get(&format!("/v1/sessions/{session}")).refused(404, "not_found");
            let today = vita.get("/v1/today").ok();
            assert_eq!((waiting(vita), &today["covered"]), ((owed.clone(), false), &json!([])), "{day}");
            assert_eq!(today["duties"][0]["subject_id"], json!(session));
        }
        let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z");
        log["session_id"] = json!(session);
        assert_eq!(vita.put(FIRST, "", &log).status, 202);
        assert!(waiting(vita).0.is_empty());
    }

    fn a_cover_reads_what_happened_since_and_nothing_of_before(app: TestApp) {
        let away = away(&app);
        let (mentor, path) = (&away.family.mentor, format!("/v1/sessions/{}", away.sessions[1]));
        let elsewhere = |place: &str, reason: &str| {
            let seen = mentor.get(&path);
            let at = ["starts_at", "ends_at"].map(|member| seen.ok()[member].clone());
            let body = json!({"starts_at": at[0], "ends_at": at[1], "place_code": place, "by": "person", "reason": reason});
            mentor.post_if(&format!("{path}/move"), &seen.tag(), &body).ok();
            app.pass(chrono::TimeDelta::minutes(5));
        };
        let reasons = |caller: &Caller<'_>| -> Vec<String> {
            let changes = caller.get(&format!("{path}/changes")).ok();
            changes["items"].as_array().unwrap().iter().map(|change| change["reason"].as_str().unwrap().to_owned()).collect()
        };
        elsewhere("school", "illness");
        away.decide(&json!([away.cover(1)])).ok();
        // With whom it is she does not even see yet.
        assert!(reasons(&away.vita).is_empty());
        elsewhere("library", "transport");
        assert_eq!(reasons(&away.vita), ["transport"]);
        for caller in [mentor, &away.family.unit] {
            assert_eq!(reasons(caller), ["illness", "transport"]);
        }
    }

    fn what_became_of_a_session_before_it_was_covered_is_not_shown(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        let coming = format!("/v1/sessions?match={}&from=2026-03-30T00:00:00Z&limit=200", away.family.mentoring);
        let id = mentor.get(&coming).ok()["items"][0]["id"].clone();
        let path = format!("/v1/sessions/{}", id.as_str().unwrap());
        // The boy wished for an hour later; then his mentor is away on that day.
        let wished = json!({"starts_at": "2026-04-01T15:00:00Z", "ends_at": "2026-04-01T16:00:00Z", "by": "person", "reason": "illness"});
        mentor.post_if(&format!("{path}/move"), &mentor.get(&path).tag(), &wished).ok();
        let leaves = format!("/v1/staff/{}/leaves", away.malte);
        let entered = unit.post(&leaves, &json!({"kind": "illness", "from_on": "2026-04-01", "until_on": "2026-04-01"})).ok();
        let leave = entered["leaves"].as_array().unwrap().iter().find(|leave| leave["from_on"] == "2026-04-01").unwrap()["id"].clone();
        let by = json!({"decisions": [{"session_id": id, "cover": {"staff_id": away.vitas}}]});
        unit.post(&format!("{leaves}/{}/cover-decisions", leave.as_str().unwrap()), &by).ok();

        let of_before = |session: &Value| ["moved_count", "series_id", "occurs_on", "recorded_at"].map(|member| session[member].clone());
        let nothing = [Value::Null, Value::Null, Value::Null, Value::Null];
        let shown = |caller: &Caller<'_>| {
            let one = caller.get(&path).ok();
            assert_eq!(caller.get(&coming).ok()["items"][0], one, "alone and in a list it is the same");
            one
        };
        let hers = shown(vita);
        assert_eq!((of_before(&hers), &hers["starts_at"]), (nothing.clone(), &wished["starts_at"]));
        for caller in [mentor, unit] {
            let whole = of_before(&shown(caller));
            assert_eq!((&whole[0], &whole[2]), (&json!(1), &json!("2026-04-01")));
            assert!(whole.iter().all(|member| !member.is_null()), "{whole:?}");
        }
        // Nor is it in the answer to what she does herself.
        let there = json!({"starts_at": wished["starts_at"], "ends_at": wished["ends_at"], "place_code": "school"});
        let changed = vita.post_if(&format!("{path}/move"), &vita.get(&path).tag(), &there).ok();
        assert_eq!((of_before(&changed), &changed["place_code"]), (nothing, &json!("school")));
    }

    fn how_often_a_session_was_changed_before_shows_in_no_version(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        let coming = format!("/v1/sessions?match={}&from=2026-03-30T00:00:00Z&limit=200", away.family.mentoring);
        let listed = mentor.get(&coming).ok();
        let ids = [0, 1].map(|at| listed["items"][at]["id"].as_str().unwrap().to_owned());
        let [often, never] = [0, 1].map(|at| format!("/v1/sessions/{}", ids[at]));
        for (from, until) in [("15", "16"), ("16", "17"), ("17", "18")] {
            let there = json!({"starts_at": format!("2026-04-01T{from}:00:00Z"), "ends_at": format!("2026-04-01T{until}:00:00Z")});
            mentor.post_if(&format!("{often}/move"), &mentor.get(&often).tag(), &there).ok();
        }
        let leaves = format!("/v1/staff/{}/leaves", away.malte);
        let entered = unit.post(&leaves, &json!({"kind": "illness", "from_on": "2026-04-01", "until_on": "2026-04-08"})).ok();
        let leave = entered["leaves"].as_array().unwrap().iter().find(|leave| leave["from_on"] == "2026-04-01").unwrap()["id"].clone();
        let cover = |ids: &[String]| {
            let decisions: Vec<_> = ids.iter().map(|id| json!({"session_id": id, "cover": {"staff_id": away.vitas}})).collect();
            unit.post(&format!("{leaves}/{}/cover-decisions", leave.as_str().unwrap()), &json!({"decisions": decisions})).ok();
        };
        app.pass(chrono::TimeDelta::minutes(5));
        cover(&ids);
        let elsewhere = |caller: &Caller<'_>, path: &str, tag: &str, place: &str| {
            let seen = caller.get(path).ok();
            let there = json!({"starts_at": seen["starts_at"], "ends_at": seen["ends_at"], "place_code": place});
            caller.post_if(&format!("{path}/move"), tag, &there)
        };
        // Of each: the session alone, in a list, in the day, and the promise of its log.
        let versions = |caller: &Caller<'_>, at: usize| {
            let of = |list: &Value, member: &str| {
                let all = list.as_array().unwrap();
                all.iter().find(|one| one[member] == json!(ids[at])).map_or(Value::Null, |one| one["version"].clone())
            };
            let (alone, list) = (caller.get(&format!("/v1/sessions/{}", ids[at])), caller.get(&coming).ok()["items"].clone());
            let log = of(&caller.get("/v1/duties?kind=log_missing&limit=200").ok()["items"], "subject_id");
            assert!(alone.tag().starts_with(&format!("\"{}.", alone.ok()["version"])));
            [alone.ok()["version"].clone(), of(&list, "id"), log]
        };
        assert_eq!([0, 1].map(|at| versions(vita, at)), [[json!(1), json!(1), json!(1)], [json!(1), json!(1), json!(1)]]);
        // The others count all that was changed.
        let whole = [0, 1].map(|at| versions(unit, at));
        assert!((0..3).all(|member| whole[0][member].as_i64() > whole[1][member].as_i64()), "{whole:?}");
        // What she does counts for her, and is held against what she read.
        let old = vita.get(&often).tag();
        let changed = elsewhere(vita, &often, &old, "school").ok();
        assert_eq!((&changed["version"], &vita.get(&format!("{often}/changes")).ok()["items"][0]["version"]), (&json!(2), &json!(1)));
        elsewhere(vita, &often, &old, "library").refused(412, "stale_version");
        for verb in [("cancel", json!({"by": "staff"})), ("end-cover", json!({"by": "staff"}))] {
            vita.post_if(&format!("{often}/{}", verb.0), &old, &verb.1).refused(412, "stale_version");
        }
        vita.post_if(&format!("{often}/cancel"), &vita.get(&often).tag(), &json!({"by": "staff"})).ok();
        // Taken back, changed by others, and hers once more: no version that she read comes again.
        let before = vita.get(&never).tag();
        unit.post(&format!("{never}/end-cover"), &json!({"by": "unit"})).ok();
        elsewhere(mentor, &never, &mentor.get(&never).tag(), "library").ok();
        cover(&ids[1..]);
        assert_eq!(vita.get(&never).ok()["version"], 2);
        elsewhere(vita, &never, &before, "school").refused(412, "stale_version");
        app.set_clock("2026-03-27T08:00:00Z");
        let today = vita.get("/v1/today").ok();
        let carried = today["sessions"].as_array().unwrap().iter().find(|one| one["id"] == json!(ids[1])).unwrap().clone();
        assert_eq!(carried["version"], 2);
        // What one operation shows the next is held against, also where a role of hers sees the whole match by some of them alone.
        unit.put(&format!("/v1/accounts/{}/roles", vita.account_id()), "*", &json!({"roles": ["mentor", "coordinator"]})).ok();
        assert_eq!(vita.get(&never).ok()["version"], 2);
        let tag = format!("\"{}\"", carried["version"]);
        assert_eq!(elsewhere(vita, &never, &tag, "school").ok()["version"], 3);
    }

    fn a_covered_proposal_is_seen_around_its_new_time(app: TestApp) {
        let away = away(&app);
        let (unit, vita) = (&away.family.unit, &away.vita);
        let mut proposal = plan(&away.family.mentoring, "2026-03-11T10:00:00Z", "2026-03-11T11:00:00Z");
        proposal["proposed"] = json!(true);
        let proposed = unit.post("/v1/sessions", &proposal).id();
        away.decide(&json!([{"session_id": proposed, "cover": {"staff_id": away.vitas}}])).ok();
        let (session, person) = (format!("/v1/sessions/{proposed}"), format!("/v1/people/{}", away.family.boy));
        let sees = || [&session, &person].map(|path| vita.get(path).status);
        assert_eq!(sees(), [200, 200]);
        // It is in six weeks instead: what she sees of the boy goes with it, and comes back a week before.
        let later = json!({"starts_at": "2026-04-23T14:00:00Z", "ends_at": "2026-04-23T15:00:00Z"});
        let moved = unit.post_if(&format!("{session}/move"), &unit.get(&session).tag(), &later).ok();
        assert_eq!((&moved["state"], &moved["covered_by"]), (&json!("proposed"), &json!(away.vitas)));
        assert_eq!(sees(), [200, 404]);
        for (at, expected) in [
            ("2026-03-11T10:30:00Z", [200, 404]),
            ("2026-04-16T13:59:59Z", [200, 404]),
            ("2026-04-16T14:00:00Z", [200, 200]),
            ("2026-04-20T08:00:00Z", [200, 200]),
        ] {
            app.set_clock(at);
            assert_eq!(sees(), expected, "{at}");
        }
        // Agreed on, it is as it was; called off, the time is enough.
        unit.post(&format!("{session}/confirm"), &json!({})).ok();
        assert_eq!(sees(), [200, 200]);
        unit.post(&format!("{session}/cancel"), &json!({"by": "staff"})).ok();
        assert_eq!(sees(), [200, 404]);
    }
}
