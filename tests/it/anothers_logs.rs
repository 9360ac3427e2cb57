//! Another's log: who corrects it, over what they read, and what stays in the coordinator's tray of it.

use serde_json::{Value, json};

use crate::sessions::{FIRST, SECOND, family, held, plan, staff};
use crate::staff_covers::{Away, away};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// Held at one of the sessions that are covered, written down at a moment.
fn met(away: &Away<'_>, at: usize, written_at: &str) -> Value {
    let day = ["11", "18", "25"][at];
    let mut log = held(&away.family.mentoring, &format!("2026-03-{day}T15:00:00Z"), written_at);
    log["session_id"] = json!(away.sessions[at]);
    log
}

/// The same, and he did not come.
fn missed(away: &Away<'_>, at: usize, written_at: &str) -> Value {
    let mut log = met(away, at, written_at);
    (log["outcome"], log["by"], log["minutes"]) = (json!("no_show"), json!("person"), Value::Null);
    log
}

/// The numbers and outcomes of what a log said before, in the order it came.
fn history(unit: &Caller<'_>, log: &str) -> Vec<String> {
    let versions = unit.get(&format!("{log}/versions")).ok();
    let tell = |old: &Value| format!("{} {}", old["revision"], old["content"]["outcome"].as_str().unwrap());
    versions["items"].as_array().unwrap().iter().map(tell).collect()
}

/// What stands of a log: its number, its outcome and whether it lies in the tray.
fn stands(unit: &Caller<'_>, log: &str) -> (i64, String, bool) {
    let log = unit.get(log).ok();
    (log["revision"].as_i64().unwrap(), log["content"]["outcome"].as_str().unwrap().to_owned(), log["in_tray"].as_bool().unwrap())
}

/// Which logs a list with these filters has, by the first digit of their ids.
fn found(caller: &Caller<'_>, which: &str) -> String {
    let listed = caller.get(&format!("/v1/session-logs?{which}")).ok();
    listed["items"].as_array().unwrap().iter().filter_map(|log| log["id"].as_str().unwrap().chars().next()).collect()
}

both_engines! {
    fn what_another_filed_stays_in_the_tray_until_somebody_decides(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        let mut told = met(&away, 0, "2026-03-11T16:40:00Z");
        assert_eq!(mentor.put(FIRST, "", &told).status, 201);
        let tag = vita.get(FIRST).tag();
        // Her sight of it is over when her word on it comes.
        app.set_clock("2026-03-19T08:00:00Z");
        assert_eq!(vita.put(FIRST, &tag, &missed(&away, 0, "2026-03-11T17:30:00Z")).status, 202);
        let in_tray = || unit.get("/v1/session-logs?in_tray=true").ok()["items"].as_array().unwrap().len();
        assert_eq!(in_tray(), 1);
        // His next word stands, and nobody has looked at hers.
        told["facts"] = json!("Vi spillede dam");
        for _ in 0..2 {
            let sent = mentor.put(FIRST, "", &told);
            assert_eq!((sent.status, &sent.ok()["content"]["facts"], &sent.ok()["in_tray"]), (200, &told["facts"], &json!(true)));
            assert_eq!(in_tray(), 1);
        }
        let versions = unit.get(&format!("{FIRST}/versions")).ok();
        let outcomes: Vec<_> = versions["items"].as_array().unwrap().iter().map(|old| old["content"]["outcome"].clone()).collect();
        assert_eq!(outcomes, [json!("held"), json!("no_show")]);
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        told["facts"] = json!("Vi spillede ludo");
        assert_eq!((&mentor.put(FIRST, "", &told).ok()["in_tray"], in_tray()), (&json!(false), 0));
    }

    fn what_another_left_stays_theirs_to_put_right_whoever_corrects_a_word(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(0)])).ok();
        // She files it under her own young person, and puts it right once that match is over: what she left there she has no say in.
        let wrong = vita.post("/v1/sessions", &plan(&away.other, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).id();
        let off = |session: &str, matched: &str, day: &str| {
            json!({"session_id": session, "match_id": matched, "outcome": "cancelled", "by": "person", "starts_at": format!("2026-03-{day}T15:00:00Z")})
        };
        assert_eq!(vita.put(FIRST, "", &off(&wrong, &away.other, "12")).status, 201);
        unit.post(&format!("/v1/matches/{}/end", away.other), &json!({"reason": "other"})).ok();
        let mut right = off(&away.sessions[0], &away.family.mentoring, "11");
        assert_eq!(vita.put(FIRST, "", &right).status, 202);
        let in_tray = || unit.get(FIRST).ok()["in_tray"].clone();
        assert_eq!(in_tray(), true);
        // Whose match it is corrects a word in time.
        right["facts"] = json!("Han er syg");
        assert_eq!((mentor.put(FIRST, &mentor.get(FIRST).tag(), &right).status, in_tray()), (202, json!(true)));
        // Once it is said what came of what she left, her next word takes hers out.
        assert_eq!(unit.put(SECOND, "", &off(&wrong, &away.other, "12")).status, 201);
        right["facts"] = json!("Han er syg hele ugen");
        assert_eq!((vita.put(FIRST, "", &right).status, in_tray()), (200, json!(false)));
    }

    fn who_covers_no_more_corrects_anothers_log_over_what_they_read(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        let nora = app.account("nora", &["mentor"]);
        let noras = staff(&app, &nora, true);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        unit.post(&format!("/v1/sessions/{}/end-cover", away.sessions[0]), &json!({"by": "unit"})).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        assert_eq!(mentor.put(FIRST, "", &met(&away, 0, "2026-03-11T16:40:00Z")).status, 201);
        // What stands already is nothing to look at, under whatever id.
        for path in [FIRST, SECOND] {
            assert_eq!(vita.put(path, "", &met(&away, 0, "2026-03-11T16:40:00Z")).status, 202);
        }
        assert_eq!(stands(unit, FIRST), (1, "held".to_owned(), false));
        // By a clock that is right, by one that is behind, and without one: she is heard, and his word stands.
        for written_at in [json!("2026-03-11T16:50:00Z"), json!("2026-03-05T08:00:00Z"), Value::Null] {
            let mut log = missed(&away, 0, "");
            log["written_at"] = written_at;
            assert_eq!(vita.put(FIRST, "*", &log).status, 202);
            assert_eq!(stands(unit, FIRST), (1, "held".to_owned(), true));
        }
        assert_eq!(history(unit, FIRST), ["0 no_show", "0 no_show"], "without a date it is the same again");
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[0])).ok()["state"], "held");

        // That he would not come she wrote while it was hers.
        let mut off = missed(&away, 0, "2026-03-05T08:30:00Z");
        off["outcome"] = json!("cancelled");
        assert_eq!(vita.put(FIRST, "*", &off).status, 202);
        let filed = unit.get(FIRST).ok();
        assert_eq!((&filed["content"]["outcome"], &filed["in_tray"]), (&json!("cancelled"), &json!(true)));

        // What began under her is hers to tell of, whenever she wrote it down, and lies in the tray: by now it is said that Nora went.
        app.set_clock("2026-03-18T19:00:00Z");
        away.decide(&json!([{"session_id": away.sessions[1], "cover": {"staff_id": noras}}])).ok();
        let noras_word = met(&away, 1, "2026-03-18T18:40:00Z");
        assert_eq!(nora.put(SECOND, "", &noras_word).status, 201);
        app.set_clock("2026-03-18T20:00:00Z");
        for written_at in [json!("2026-03-18T17:00:00Z"), json!("2026-03-18T19:30:00Z"), Value::Null] {
            let mut log = missed(&away, 1, "");
            log["written_at"] = written_at;
            assert_eq!(vita.put(SECOND, "*", &log).status, 202);
            vita.get(SECOND).refused(404, "not_found");
            let filed = unit.get(SECOND).ok();
            assert_eq!((&filed["content"]["outcome"], &filed["in_tray"]), (&json!("no_show"), &json!(true)));
            assert_eq!(unit.put(SECOND, "*", &noras_word).ok()["in_tray"], false);
        }
    }
    fn who_lost_a_cover_without_knowing_it_and_met_him_is_heard_beside_what_stands(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(0)])).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        unit.post(&format!("/v1/sessions/{}/end-cover", away.sessions[0]), &json!({"by": "unit"})).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        let mut his = missed(&away, 0, "2026-03-11T16:30:00Z");
        assert_eq!(mentor.put(FIRST, "", &his).status, 201);
        // Her phone was out of the network since.
        let next = json!({"starts_at": "2026-04-09T14:00:00Z", "ends_at": "2026-04-09T15:00:00Z"});
        let mut hers = met(&away, 0, "2026-03-11T16:40:00Z");
        (hers["revision"], hers["welfare_report"], hers["next_appointment"]) = (json!(1), json!(true), next.clone());
        let is_heard = |path: &str, over: &str, log: &Value| {
            let taken = vita.put(path, over, log);
            assert_eq!((taken.status, &taken.json()["welfare"]["told"]), (202, &json!(false)), "{taken}");
            assert_eq!(taken.json()["warnings"], json!(["next_appointment_not_planned"]));
            for path in [FIRST, SECOND] {
                vita.get(path).refused(404, "not_found");
            }
        };
        // Under her own id, again, and under the other, whatever she knows of that: it is one word.
        for (path, over) in [(SECOND, ""), (SECOND, ""), (FIRST, ""), (FIRST, "*"), (FIRST, "\"0.x\"")] {
            is_heard(path, over, &hers);
            assert_eq!((stands(unit, FIRST), history(unit, FIRST)), ((1, "no_show".to_owned(), true), vec!["0 held".to_owned()]));
        }
        unit.get(SECOND).refused(404, "not_found");
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[0])).ok()["state"], "no_show");
        (hers["revision"], hers["facts"]) = (json!(2), json!("Vi gik en tur"));
        is_heard(SECOND, "", &hers);
        // What he says next stands, plans what she had named, too, and takes hers out of nobody's sight.
        (his["action_taken"], his["next_appointment"]) = (json!("Jeg ringede"), next);
        let sent = mentor.put(FIRST, "", &his);
        assert_eq!((sent.status, &sent.ok()["in_tray"], &sent.ok()["warnings"]), (200, &json!(true), &json!([])));
        let planned = unit.get(&format!("/v1/sessions?match={}&from=2026-04-09T00:00:00Z", away.family.mentoring)).ok();
        assert_eq!((&planned["items"][0]["starts_at"], &planned["items"][0]["state"]), (&json!("2026-04-09T14:00:00Z"), &json!("planned")));
        assert_eq!(history(unit, FIRST), ["0 held", "0 held", "1 no_show"]);
        // A coordinator finds hers right; sent once more it waits for nobody.
        assert_eq!(unit.put(FIRST, &unit.get(FIRST).tag(), &met(&away, 0, "2026-03-11T16:40:00Z")).ok()["in_tray"], false);
        is_heard(SECOND, "", &hers);
        assert_eq!(stands(unit, FIRST), (3, "held".to_owned(), false));
        assert_eq!(unit.get(&format!("/v1/sessions/{}", away.sessions[0])).ok()["state"], "held");
    }

    fn what_is_heard_beside_a_log_is_found_by_what_it_asks_for(app: TestApp) {
        let away = away(&app);
        let (unit, mentor, vita) = (&away.family.unit, &away.family.mentor, &away.vita);
        away.decide(&json!([away.cover(0), away.cover(1)])).ok();
        app.set_clock("2026-03-11T17:00:00Z");
        assert_eq!(mentor.put(FIRST, "", &met(&away, 0, "2026-03-11T16:30:00Z")).status, 201);
        app.set_clock("2026-03-18T17:00:00Z");
        let mut his = met(&away, 1, "2026-03-18T16:30:00Z");
        assert_eq!(mentor.put(SECOND, "", &his).status, 201);
        let (tag, other) = (vita.get(SECOND).tag(), app.account("carla", &["coordinator"]));
        let asks = ["wants_supervision", "welfare_report"];
        let both = |caller: &Caller<'_>, more: &str| asks.map(|asks| [true, false].map(|is_so| found(caller, &format!("{asks}={is_so}{more}"))).join(" "));
        assert_eq!(both(unit, ""), [" 12", " 12"]);
        // By now she reads neither: heard beside the one, under an id of her own, and filed over the other, which he writes anew.
        app.set_clock("2026-03-26T08:00:00Z");
        let third = FIRST.replace("11111111-1", "33333333-1");
        let mut hers = met(&away, 0, "2026-03-11T16:40:00Z");
        hers["welfare_report"] = json!(true);
        assert_eq!(vita.put(&third, "", &hers).status, 202);
        let mut filed = missed(&away, 1, "2026-03-18T16:40:00Z");
        filed["wants_supervision"] = json!(true);
        assert_eq!(vita.put(SECOND, &tag, &filed).status, 202);
        his["facts"] = json!("Vi spillede dam");
        assert_eq!(mentor.put(SECOND, "", &his).status, 200);
        assert_eq!([both(unit, "&in_tray=true"), both(unit, "")], [["2 1", "1 2"]; 2]);
        assert_eq!(unit.get(FIRST).ok()["content"]["welfare_report"], false);
        assert_eq!(both(mentor, ""), ["2 1", "1 2"], "as he may read it");
        unit.post("/v1/bars", &json!({"account_id": other.account_id(), "person_id": away.family.boy, "cause": "family"})).ok();
        assert_eq!(both(&other, ""), [" ", " "]);
        // What a coordinator has looked at: what was only heard is found as long as what stands would be.
        for path in [FIRST, SECOND] {
            unit.post(&format!("{path}/take-in"), &json!({})).ok();
        }
        assert_eq!([both(unit, "&in_tray=true"), both(unit, "")], [[" ", " "], [" 12", "1 2"]]);
    }

    fn who_may_not_read_the_log_of_a_session_is_heard_under_a_second_id(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, mentoring) = (&family.unit, &family.mentor, &family.mentoring);
        let third = FIRST.replace("11111111-1", "33333333-1");
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let sessions = ["03", "04"].map(planned);
        app.set_clock("2026-03-05T08:00:00Z");
        let missed = json!({"session_id": sessions[1], "match_id": mentoring, "outcome": "no_show", "by": "person", "starts_at": "2026-03-04T15:00:00Z"});
        assert_eq!(unit.put(FIRST, "", &missed).status, 201);
        let log = |at: usize, facts: &str| {
            let day = ["03", "04"][at];
            let mut log = held(mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:30:00Z"));
            (log["session_id"], log["facts"]) = (json!(sessions[at]), json!(facts));
            log
        };
        // As long as he may read it, it is named.
        let taken = mentor.put(SECOND, "", &log(1, "Skak")).refused(409, "already_exists");
        assert_eq!(taken["blocking"][0]["id"], "11111111-1111-4111-8111-111111111111");
        unit.post(&format!("/v1/matches/{mentoring}/end"), &json!({"reason": "person_wish"})).ok();
        app.set_clock("2026-03-25T08:00:00Z");
        let is_heard = |path: &str, over: &str, log: &Value| {
            for _ in 0..2 {
                let taken = mentor.put(path, over, log);
                assert_eq!((taken.status, taken.json()), (202, json!({"warnings": [], "welfare": null})), "{path} {log}");
            }
        };
        is_heard(SECOND, "", &log(1, "Skak"));
        mentor.get(FIRST).refused(404, "not_found");
        unit.get(SECOND).refused(404, "not_found");
        assert_eq!((stands(unit, FIRST), history(unit, FIRST)), ((1, "no_show".to_owned(), true), vec!["0 held".to_owned()]));
        // He hears the same where nobody had told of it, and of what he told by a phone that he lost.
        is_heard(&third, "", &log(0, "Skak"));
        is_heard(SECOND, "", &log(0, "Dam"));
        assert_eq!((stands(unit, &third), history(unit, &third)), ((1, "held".to_owned(), true), vec!["0 held".to_owned()]));
        // Over a version that is none any more, and by another role.
        is_heard(&third, "\"0.x\"", &log(0, "Ludo"));
        unit.put(&format!("/v1/accounts/{}/roles", mentor.account_id()), "*", &json!({"roles": ["manager"]})).ok();
        is_heard(SECOND, "", &log(1, "Whist"));
        assert_eq!((history(unit, &third).len(), history(unit, FIRST).len()), (2, 2));
        assert_eq!(unit.get(&third).ok()["content"]["facts"], "Skak");
        // Whoever may read it is told, and whoever never ran it is not heard.
        unit.put(SECOND, "", &log(1, "Skak")).refused(409, "already_exists");
        unit.put(&third, "", &log(0, "Whist")).refused(428, "precondition_required");
        family.coach.put(SECOND, "", &log(1, "Skak")).refused(404, "not_found");
    }

    fn what_should_be_filed_where_they_may_not_read_stays_and_is_looked_at(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, mentoring) = (&family.unit, &family.mentor, &family.mentoring);
        let planned = |day: &str| mentor.post("/v1/sessions", &plan(mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let (wrong, right) = (planned("03"), planned("04"));
        app.set_clock("2026-03-05T08:00:00Z");
        let of = |session: &str, day: &str, outcome: &str| {
            json!({"session_id": session, "match_id": mentoring, "outcome": outcome, "by": "person", "starts_at": format!("2026-03-{day}T15:00:00Z"),
                "written_at": format!("2026-03-{day}T17:00:00Z")})
        };
        assert_eq!(mentor.put(FIRST, "", &of(&wrong, "03", "no_show")).status, 201);
        assert_eq!(unit.put(SECOND, "", &of(&right, "04", "tried")).status, 201);
        mentor.put(FIRST, "", &of(&right, "04", "no_show")).refused(409, "already_exists");
        unit.post(&format!("/v1/matches/{mentoring}/end"), &json!({"reason": "person_wish"})).ok();
        app.set_clock("2026-03-25T08:00:00Z");
        for _ in 0..2 {
            assert_eq!(mentor.put(FIRST, "", &of(&right, "04", "no_show")).status, 202);
            assert_eq!((stands(unit, FIRST), history(unit, FIRST)), ((1, "no_show".to_owned(), true), vec!["0 no_show".to_owned()]));
            assert_eq!(unit.get(FIRST).ok()["session_id"], json!(wrong));
        }
        assert_eq!(stands(unit, SECOND), (1, "tried".to_owned(), false));
        // What it says anew may be no more than that.
        let heard = unit.get(&format!("{FIRST}/versions")).ok()["items"][0].clone();
        assert_eq!((&heard["session_id"], &heard["person_id"]), (&json!(right), &json!(family.boy)));
        // A late copy of what was heard is no version either, and nothing to look at again.
        let told = |number: i64, facts: &str| {
            let mut log = of(&right, "04", "no_show");
            (log["revision"], log["facts"]) = (json!(number), json!(facts));
            assert_eq!(mentor.put(FIRST, "", &log).status, 202);
        };
        told(2, "Han var syg");
        told(3, "Han sov");
        unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
        told(2, "Han var syg");
        assert_eq!((stands(unit, FIRST), history(unit, FIRST)), ((1, "no_show".to_owned(), false), vec!["0 no_show".to_owned(); 3]));
    }

    fn who_goes_back_to_earlier_words_is_heard_again(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, mentoring) = (&family.unit, &family.mentor, &family.mentoring);
        let session = mentor.post("/v1/sessions", &plan(mentoring, "2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z")).id();
        app.set_clock("2026-03-05T08:00:00Z");
        let mut came = held(mentoring, "2026-03-03T15:00:00Z", "");
        (came["session_id"], came["written_at"]) = (json!(session), Value::Null);
        let mut missed = came.clone();
        (missed["outcome"], missed["by"], missed["minutes"]) = (json!("no_show"), json!("person"), Value::Null);
        assert_eq!(mentor.put(FIRST, "", &came).status, 201);
        assert_eq!(unit.put(FIRST, &unit.get(FIRST).tag(), &missed).status, 200);
        // Which session a version names, and of whom it is, is for the coordinator.
        let versions = [unit, mentor].map(|caller| caller.get(&format!("{FIRST}/versions")).ok()["items"][0].clone());
        assert_eq!(versions.map(|old| ["session_id", "person_id"].map(|field| old.get(field).is_some())), [[true; 2], [false; 2]]);
        unit.post(&format!("/v1/matches/{mentoring}/end"), &json!({"reason": "person_wish"})).ok();
        // What he wrote once he objects to what stands with, takes that back, and says it after all. Each is one word, however often it is sent.
        let mut said = vec!["1 held".to_owned()];
        for (hour, log) in [("08", &came), ("09", &missed), ("10", &came)] {
            app.set_clock(&format!("2026-03-25T{hour}:00:00Z"));
            said.push(format!("0 {}", log["outcome"].as_str().unwrap()));
            for in_tray in [true, false] {
                assert_eq!(mentor.put(SECOND, "", log).status, 202);
                assert_eq!((stands(unit, FIRST), history(unit, FIRST)), ((2, "no_show".to_owned(), in_tray), said.clone()));
                if in_tray {
                    unit.post(&format!("{FIRST}/take-in"), &json!({})).ok();
                }
            }
        }
    }
}
