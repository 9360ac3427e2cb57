//! What whoever reads of a joint session knows of it: moved to sooner without a word, and a part of it off and on again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{CLAIMS, Family, conflict, family, joint, off, part, reach, read_by_the_father};
use crate::by_hand::{tell_all, to_tell};
use crate::sessions::{FIRST, SECOND, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;

const FATHER: &str = "+4520000001";
const BOY: &str = "+4520000002";

/// What a number got, one line each, after a round of the tick.
fn texts(app: &TestApp, number: &str) -> Vec<String> {
    app.tick();
    app.capture.to(number).iter().map(|sms| sms.message.lines[0].clone()).collect()
}

/// Which sessions somebody is to tell of by hand.
fn told_of(unit: &Caller<'_>) -> Value {
    let open = unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"].clone();
    open.as_array().unwrap().iter().map(|duty| duty["subject_id"].clone()).collect()
}

/// Where the part of a match is restored.
fn restore(planned: &Value, matched: &str) -> String {
    format!("/v1/sessions/{}/restore", part(planned, matched)["id"].as_str().unwrap())
}

/// Both at 15:00 of a day of March, of which one part was told to be off by hand and comes back.
fn back_again(app: &TestApp, family: &Family<'_>, day: &str, (side, own): (&Caller<'_>, &str)) -> Value {
    let mut both = joint(&[&family.girls, &family.fathers]);
    (both["starts_at"], both["ends_at"]) = (json!(format!("2026-03-{day}T15:00:00Z")), json!(format!("2026-03-{day}T16:00:00Z")));
    let planned = family.unit.post("/v1/joint-sessions", &both).ok();
    app.pass(TimeDelta::minutes(5));
    off(side, &planned, own, "staff");
    tell_all(app, &family.unit);
    app.pass(TimeDelta::minutes(5));
    side.post(&restore(&planned, own), &json!({})).ok();
    planned
}

/// Arranges the whole anew, from an hour of a day of March to a minute, in UTC.
fn arrange(family: &Family<'_>, planned: &Value, (from, until): (&str, &str), kind: &str) {
    let there = json!({"starts_at": format!("2026-03-{from}:00Z"), "ends_at": format!("2026-03-{until}:00Z"), "kind": kind, "by": "unit"});
    family.unit.post_if(&format!("/v1/joint-sessions/{}/move", planned["id"].as_str().unwrap()), "*", &there).ok();
}

both_engines! {
    fn of_what_was_moved_to_sooner_without_a_word_each_reader_is_told_by_hand_once(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        reach(&family.unit, &family.boy, BOY);
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers, &family.boys])).ok();
        app.set_clock("2026-03-05T17:00:00Z");
        arrange(&family, &planned, ("06T09:00", "06T10:00"), "in_person");
        app.set_clock("2026-03-06T10:30:00Z");
        assert!(texts(&app, FATHER).is_empty() && texts(&app, BOY).is_empty());
        let both = ["2026-03-06 2026-03-10", "2026-03-06 2026-03-10"];
        assert_eq!(to_tell(&app), both);
        // The girl was not there: one talk with her father is enough.
        let log = json!({"session_id": part(&planned, &family.girls)["id"], "match_id": family.girls, "outcome": "no_show", "by": "person",
            "starts_at": "2026-03-06T09:00:00Z", "written_at": app.clock.now()});
        assert_eq!(family.mentor.put(FIRST, "", &log).status, 201);
        assert_eq!(to_tell(&app), both);
        tell_all(&app, &family.unit);
        app.set_clock("2026-03-07T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
    }

    fn whoever_came_to_one_part_of_what_was_moved_to_sooner_knows(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        let log = |side: &Caller<'_>, number: usize, planned: &Value, (own, day): (&str, &str), outcome: &str| {
            let minutes = if outcome == "held" { json!(45) } else { Value::Null };
            let log = json!({"session_id": part(planned, own)["id"], "match_id": own, "outcome": outcome, "by": "person", "minutes": minutes,
                "starts_at": format!("2026-03-{day}T09:10:00Z"), "written_at": app.clock.now()});
            let taken = side.put(&format!("/v1/session-logs/{number}3333333-3333-4333-8333-333333333333"), "", &log);
            assert_eq!(taken.status, 201, "{taken}");
        };
        let both_on = |day: &str| {
            let mut both = joint(&[&family.girls, &family.fathers]);
            (both["starts_at"], both["ends_at"]) = (json!(format!("2026-03-{day}T15:00:00Z")), json!(format!("2026-03-{day}T16:00:00Z")));
            family.unit.post("/v1/joint-sessions", &both).ok()
        };
        // He was there with the one or for himself; for the other nobody was, and that is said before or after.
        let (thursday, friday) = (both_on("12"), both_on("13"));
        app.set_clock("2026-03-05T17:00:00Z");
        arrange(&family, &thursday, ("06T09:00", "06T10:00"), "in_person");
        app.set_clock("2026-03-06T10:30:00Z");
        assert!(texts(&app, FATHER).is_empty());
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-11"]);
        log(&family.mentor, 1, &thursday, (&family.girls, "06"), "held");
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
        log(&family.coach, 2, &thursday, (&family.fathers, "06"), "no_show");
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));

        app.set_clock("2026-03-08T17:00:00Z");
        arrange(&family, &friday, ("09T09:00", "09T10:00"), "in_person");
        app.set_clock("2026-03-09T10:30:00Z");
        app.tick();
        log(&family.mentor, 3, &friday, (&family.girls, "09"), "no_show");
        assert_eq!(to_tell(&app), ["2026-03-09 2026-03-12"]);
        log(&family.coach, 4, &friday, (&family.fathers, "09"), "held");
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
        app.set_clock("2026-03-10T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
    }

    fn a_part_that_was_called_off_by_mistake_comes_back(app: TestApp) {
        let family = family(&app);
        reach(&family.unit, &family.boy, BOY);
        reach(&family.unit, &family.father, FATHER);
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.fathers])).ok();
        app.pass(TimeDelta::minutes(5));
        off(&family.coach, &planned, &family.fathers, "staff");
        let (is_off, is_on) =
            ("Din aftale onsdag den 11. marts kl. 16.00 er aflyst.", "Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 16.00.");
        assert_eq!(texts(&app, FATHER), [is_off]);
        app.pass(TimeDelta::minutes(5));
        arrange(&family, &planned, ("11T15:00", "11T16:30"), "video");
        // Part of the time is asked for otherwise by now, and given back.
        let mut proposal = plan(&family.fathers, "2026-03-11T16:15:00Z", "2026-03-11T17:00:00Z");
        proposal["proposed"] = json!(true);
        let other = family.coach.post("/v1/sessions", &proposal).id();
        let back = restore(&planned, &family.fathers);
        family.coach.post(&back, &json!({})).refused(409, "claims_overlap");
        family.coach.post(&format!("/v1/sessions/{other}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        // It is as the rest is by now, and whoever heard that it was off hears that it is on.
        app.pass(TimeDelta::minutes(5));
        let restored = family.coach.post(&back, &json!({})).ok();
        assert_eq!((&restored["state"], &restored["kind"], &restored["ends_at"]), (&json!("planned"), &json!("video"), &json!("2026-03-11T16:30:00Z")));
        assert_eq!(app.lines(CLAIMS), ["4 of 4"]);
        assert_eq!((texts(&app, FATHER), texts(&app, BOY).len()), (vec![is_off.to_owned(), is_on.to_owned()], 0));
        let seen = family.coach.get(&format!("/v1/joint-sessions/{}", planned["id"].as_str().unwrap())).ok();
        assert_eq!(seen["sessions"].as_array().unwrap().len(), 1, "the other side stays the other's");
        app.set_clock("2026-03-10T16:00:00Z");
        assert_eq!((texts(&app, FATHER).len(), texts(&app, BOY).len()), (3, 1));
    }

    fn where_nothing_stands_at_that_time_any_more_a_new_one_is_planned(app: TestApp) {
        let family = family(&app);
        let both = joint(&[&family.boys, &family.fathers]);
        let planned = family.unit.post("/v1/joint-sessions", &both).ok();
        off(&family.coach, &planned, &family.fathers, "staff");
        let is_refused = || {
            let back = family.unit.post(&restore(&planned, &family.fathers), &json!({})).refused(409, "wrong_state");
            assert_eq!((&back["detail"], &back["blocking"][0]["kind"]), (&json!("Mødet var fælles: planlæg et nyt fælles møde"), &json!("joint_session")));
        };
        // The rest is elsewhere, and then off.
        arrange(&family, &planned, ("12T15:00", "12T16:00"), "in_person");
        is_refused();
        family.unit.post(&format!("/v1/joint-sessions/{}/cancel", planned["id"].as_str().unwrap()), &json!({"by": "unit"})).ok();
        is_refused();
        family.unit.post("/v1/joint-sessions", &both).ok();
    }

    fn a_part_that_a_log_was_not_about_comes_back_while_the_rest_stands(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let planned = unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls])).ok();
        let own = part(&planned, &family.girls)["id"].as_str().unwrap().to_owned();
        let off = |session: &str, day: &str| {
            json!({"session_id": session, "outcome": "cancelled", "by": "staff", "starts_at": format!("2026-03-{day}T15:00:00Z")})
        };
        let alone = |day: &str| mentor.post("/v1/sessions", &plan(&family.girls, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id();
        let stands = || {
            let seen = unit.get(&format!("/v1/sessions/{own}")).ok();
            (seen["state"].clone(), seen["ends_at"].clone(), seen["cancelled_by"].clone())
        };
        let (first, second) = (alone("12"), alone("17"));
        // The rest lasts longer by now: so does what comes back.
        assert_eq!(mentor.put(FIRST, "", &off(&own, "11")).status, 201);
        arrange(&family, &planned, ("11T15:00", "11T16:30"), "in_person");
        mentor.put(FIRST, "", &off(&first, "12")).ok();
        assert_eq!(stands(), (json!("planned"), json!("2026-03-11T16:30:00Z"), Value::Null));
        // Two children and one mentor, then, and two of them on the 17th.
        assert_eq!(app.lines(CLAIMS), ["5 of 3"]);
        // The rest is elsewhere by now: nobody meets the girl alone at the old time.
        mentor.put(SECOND, "", &off(&own, "11")).ok();
        arrange(&family, &planned, ("13T15:00", "13T16:00"), "in_person");
        mentor.put(SECOND, "", &off(&second, "17")).ok();
        assert_eq!(stands(), (json!("cancelled"), json!("2026-03-11T16:30:00Z"), json!("unit")));
        assert_eq!(app.lines(CLAIMS), ["2 of 2"]);
    }

    fn a_past_part_that_a_log_was_not_about_is_asked_for_wherever_the_rest_is(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let planned = unit.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls])).ok();
        let own = part(&planned, &family.girls)["id"].as_str().unwrap().to_owned();
        let right = mentor.post("/v1/sessions", &plan(&family.girls, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z")).id();
        let missed = json!({"session_id": right, "outcome": "no_show", "by": "person", "starts_at": "2026-03-10T15:00:00Z"});
        let off = json!({"session_id": own, "outcome": "cancelled", "by": "staff", "starts_at": "2026-03-11T15:00:00Z"});
        assert_eq!(mentor.put(FIRST, "", &off).status, 201);
        arrange(&family, &planned, ("13T15:00", "13T16:00"), "in_person");
        app.set_clock("2026-03-11T17:00:00Z");
        mentor.put(FIRST, "", &missed).ok();
        let back = unit.get(&format!("/v1/sessions/{own}")).ok();
        assert_eq!((&back["state"], &back["starts_at"]), (&json!("planned"), &json!("2026-03-11T15:00:00Z")));
        // The mentor's time is taken at both.
        assert_eq!(app.lines(CLAIMS), ["4 of 3"]);
    }

    fn where_the_custody_holders_disagree_a_coordinator_lets_a_part_come_back(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let planned = mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls])).ok();
        off(mentor, &planned, &family.girls, "staff");
        conflict(&family, true);
        let back = restore(&planned, &family.girls);
        let refused = mentor.post(&back, &json!({})).refused(403, "forbidden");
        assert!(!refused.to_string().contains("custody"), "{refused}");
        unit.post(&back, &json!({})).refused(409, "custody_conflict");
        let path = format!("/v1/joint-sessions/{}", planned["id"].as_str().unwrap());
        let grounds = json!({"grounds": "Begge er hørt hver for sig", "told_match_id": family.boys});
        unit.put(&format!("{path}/grounds"), &unit.get(&path).tag(), &grounds).ok();
        mentor.post(&back, &json!({})).refused(403, "forbidden");
        assert_eq!(unit.post(&back, &json!({})).ok()["state"], "planned");
        assert_eq!(app.lines(CLAIMS), ["3 of 3"]);
    }

    fn the_side_that_is_to_be_told_by_message_instead_hears_of_it_though_its_reminder_is_past(app: TestApp) {
        const GIRL: &str = "+4520000003";
        let family = family(&app);
        let unit = &family.unit;
        reach(unit, &family.boy, BOY);
        reach(unit, &family.girl, GIRL);
        conflict(&family, true);
        app.set_clock("2026-03-10T16:30:00Z");
        let mut both = joint(&[&family.boys, &family.girls]);
        (both["grounds"], both["told_match_id"]) = (json!("Begge er hørt hver for sig"), json!(family.girls));
        let planned = unit.post("/v1/joint-sessions", &both).ok();
        assert_eq!(told_of(unit), json!([part(&planned, &family.boys)["id"]]));
        app.pass(TimeDelta::minutes(5));
        let path = format!("/v1/joint-sessions/{}", planned["id"].as_str().unwrap());
        let grounds = json!({"grounds": "Begge er hørt hver for sig", "told_match_id": family.boys});
        unit.put(&format!("{path}/grounds"), &unit.get(&path).tag(), &grounds).ok();
        assert_eq!(texts(&app, BOY), ["Du har en aftale onsdag den 11. marts kl. 16.00."]);
        assert!(texts(&app, GIRL).is_empty());
        assert_eq!(told_of(unit), json!([part(&planned, &family.girls)["id"]]));
    }

    fn of_several_that_one_reads_for_the_one_that_is_back_is_told_by_hand(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        reach(&family.unit, &family.boy, BOY);
        // Whichever of the two it is: he was told by hand that it is off.
        for (day, due, side, own) in [("11", "10", &family.mentor, &family.girls), ("12", "11", &family.coach, &family.fathers)] {
            back_again(&app, &family, day, (side, own));
            assert!(texts(&app, FATHER).is_empty());
            assert_eq!(to_tell(&app), [format!("2026-03-{day} 2026-03-{due}")]);
            tell_all(&app, &family.unit);
            assert!(texts(&app, FATHER).is_empty() && to_tell(&app).is_empty());
        }
        // Both were off, in one word; a third goes on without them.
        let mut all = joint(&[&family.girls, &family.fathers, &family.boys]);
        (all["starts_at"], all["ends_at"]) = (json!("2026-03-13T15:00:00Z"), json!("2026-03-13T16:00:00Z"));
        let planned = family.unit.post("/v1/joint-sessions", &all).ok();
        for (side, own) in [(&family.mentor, &family.girls), (&family.coach, &family.fathers)] {
            app.pass(TimeDelta::minutes(5));
            off(side, &planned, own, "staff");
        }
        assert_eq!(texts(&app, FATHER), ["Din aftale fredag den 13. marts kl. 16.00 er aflyst."]);
        for (side, own) in [(&family.mentor, &family.girls), (&family.coach, &family.fathers)] {
            app.pass(TimeDelta::minutes(5));
            side.post(&restore(&planned, own), &json!({})).ok();
            assert_eq!(texts(&app, FATHER).len(), 1);
            assert!(told_of(&family.unit).as_array().unwrap().contains(&part(&planned, own)["id"]), "{own}");
            assert!(to_tell(&app).contains(&"2026-03-13 2026-03-12".to_owned()), "{:?}", to_tell(&app));
            tell_all(&app, &family.unit);
        }
    }

    fn what_was_said_of_one_part_before_another_was_off_is_no_word_of_that(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        reach(&family.unit, &family.boy, BOY);
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers, &family.boys])).ok();
        app.pass(TimeDelta::minutes(5));
        // Which of the two it is no text says: he is told by hand.
        off(&family.coach, &planned, &family.fathers, "staff");
        assert_eq!(told_of(&family.unit), json!([part(&planned, &family.fathers)["id"]]));
        tell_all(&app, &family.unit);
        app.pass(TimeDelta::hours(2));
        // Off and on again before anybody could say so: for him she was never off.
        off(&family.mentor, &planned, &family.girls, "staff");
        app.pass(TimeDelta::minutes(5));
        let restored = family.mentor.post(&restore(&planned, &family.girls), &json!({})).ok();
        assert_eq!(restored["state"], "planned");
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
        assert!(texts(&app, FATHER).is_empty() && texts(&app, BOY).is_empty());
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
    }

    fn the_part_that_is_back_is_told_by_hand_though_the_whole_was_moved_meanwhile(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        // Whichever of the two it is: he was told by hand that it is off. Then the whole is moved, and once more.
        for (side, own) in [(&family.mentor, &family.girls), (&family.coach, &family.fathers)] {
            let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers])).ok();
            app.pass(TimeDelta::minutes(5));
            off(side, &planned, own, "staff");
            tell_all(&app, &family.unit);
            app.pass(TimeDelta::minutes(5));
            side.post(&restore(&planned, own), &json!({})).ok();
            app.pass(TimeDelta::minutes(5));
            arrange(&family, &planned, ("12T15:00", "12T16:00"), "in_person");
            assert_eq!((told_of(&family.unit), to_tell(&app)), (json!([part(&planned, own)["id"]]), vec!["2026-03-12 2026-03-10".to_owned()]), "{own}");
            tell_all(&app, &family.unit);
            assert!(to_tell(&app).is_empty());
            app.pass(TimeDelta::minutes(5));
            family.unit.post(&format!("/v1/joint-sessions/{}/cancel", planned["id"].as_str().unwrap()), &json!({"by": "unit"})).ok();
            app.tick();
            tell_all(&app, &family.unit);
            app.pass(TimeDelta::minutes(5));
        }
    }

    fn the_part_that_is_back_is_told_by_hand_however_often_the_whole_is_moved(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        // Whichever of the two it is, and whichever of them speaks for both.
        for (days, side, own) in [(["11", "12", "13"], &family.mentor, &family.girls), (["18", "19", "20"], &family.coach, &family.fathers)] {
            let planned = back_again(&app, &family, days[0], (side, own));
            // That something was moved is read; nobody has told yet that this takes place.
            for (day, name) in [(days[1], "torsdag"), (days[2], "fredag")] {
                app.pass(TimeDelta::minutes(5));
                arrange(&family, &planned, (&format!("{day}T15:00"), &format!("{day}T16:00")), "in_person");
                assert_eq!(texts(&app, FATHER).last().unwrap(), &format!("Din aftale er flyttet til {name} den {day}. marts kl. 16.00."));
                assert_eq!(told_of(&family.unit), json!([part(&planned, own)["id"]]), "{own} {day}");
            }
            tell_all(&app, &family.unit);
            app.pass(TimeDelta::minutes(5));
            arrange(&family, &planned, (&format!("{}T14:00", days[2]), &format!("{}T15:00", days[2])), "in_person");
            assert!(to_tell(&app).is_empty(), "{own}: he knows that it takes place");
        }
    }
}
