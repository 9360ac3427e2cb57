//! Another reads for a person than whoever was told by hand, and no message reaches them either: they are told, too, and once.

use chrono::TimeDelta;
use makker::messages::channels::Outcome;
use serde_json::json;

use crate::by_hand::{self, take_back, tell, tell_all, to_tell};
use crate::known_starts::{by_sms, texts};
use crate::sessions::{FIRST, Family, family, held};
use crate::staff_covers::{Away, away};
use crate::support::TestApp;
use crate::support::casework::yes;
use crate::unheard::{cancel, certify, custody, move_to, planned};

const FATHER: &str = "+4520123477";
const MOTHER: &str = "+4520123488";

/// The family of the sessions' stories, its boy a child whose father gets what goes to him; and his mother. No message reaches any of them.
fn child(app: &TestApp) -> (Family<'_>, String) {
    let family = family(app);
    let mother = read_by_father(&family);
    (family, mother)
}

/// The boy is a child, and his father gets what goes to him; his mother.
fn read_by_father(family: &Family<'_>) -> String {
    certify(family, None);
    family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": "2012-05-01"})).ok();
    custody(family, &[&family.father], &family.father);
    family.unit.person("parent", "Hildigunnur", None)
}

/// As [`child`], both parents with a phone; of a session's move his did not tell him, and somebody told him by hand. Then his mother reads.
fn told_for_his_phone(app: &TestApp) -> (Family<'_>, String) {
    let (family, mother) = child(app);
    by_sms(&family, &family.father, FATHER);
    by_sms(&family, &mother, MOTHER);
    let session = planned(&family.mentor, &family.mentoring, 15);
    app.set_clock("2026-03-03T09:00:00Z");
    move_to(&family.mentor, &session, 16);
    app.capture.answer_next(Outcome::TargetGone);
    app.tick();
    assert_eq!(to_tell(app), ["2026-03-06 2026-03-05"]);
    tell(app, &family, &session);
    read_by_mother(app, &family, &mother);
    (family, session)
}

/// As [`child`], with a session that is a week later since, which his father was told by hand.
fn told_of_a_week_later(app: &TestApp) -> (Family<'_>, String) {
    let (family, mother) = child(app);
    let session = planned(&family.mentor, &family.mentoring, 15);
    app.set_clock("2026-03-03T09:00:00Z");
    by_hand::move_to(&family, &session, "13");
    assert_eq!(to_tell(app), ["2026-03-13 2026-03-05"]);
    tell(app, &family, &session);
    (family, mother)
}

/// As [`told_of_a_week_later`], which his father read on his phone.
fn read_of_a_week_later(app: &TestApp) -> (Family<'_>, String, String) {
    let (family, mother) = child(app);
    by_sms(&family, &family.father, FATHER);
    let session = planned(&family.mentor, &family.mentoring, 15);
    app.set_clock("2026-03-03T09:00:00Z");
    by_hand::move_to(&family, &session, "13");
    assert_eq!(texts(app, FATHER), ["Din aftale er flyttet til fredag den 13. marts kl. 16.00."]);
    assert!(to_tell(app).is_empty());
    (family, mother, session)
}

/// The family of the covers' stories, its boy a child whose father gets what goes to him, and his mother, both with a phone. In one step another was
/// found for the sessions of the 11th and the 18th.
fn covered(app: &TestApp) -> (Away<'_>, String) {
    let away = away(app);
    away.family.unit.certify(&away.vitas, None);
    let mother = read_by_father(&away.family);
    by_sms(&away.family, &away.family.father, FATHER);
    by_sms(&away.family, &mother, MOTHER);
    away.decide(&json!([away.cover(0), away.cover(1)])).ok();
    (away, mother)
}

/// Until which days somebody is to tell who comes.
fn strangers(app: &TestApp) -> Vec<String> {
    let open = app.promised("tell_by_hand").into_iter().filter(|duty| duty.state == "open" && duty.slot.starts_with("cover "));
    open.map(|duty| duty.due_at.to_string()[..10].to_owned()).collect()
}

/// Whoever covers it writes, once it is over, that they met at the first session.
fn met_at_the_first(app: &TestApp, away: &Away<'_>) {
    app.set_clock("2026-03-11T17:00:00Z");
    let mut log = held(&away.family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z");
    log["session_id"] = json!(away.sessions[0]);
    away.vita.put(FIRST, "", &log).ok();
}

/// From now on his mother gets what goes to the boy.
fn read_by_mother(app: &TestApp, family: &Family<'_>, mother: &str) {
    app.pass(TimeDelta::minutes(5));
    custody(family, &[&family.father, mother], mother);
}

/// Nights until Friday, none of which finds anything to tell.
fn all_is_told(app: &TestApp) {
    assert!(to_tell(app).is_empty());
    for day in ["05", "06"] {
        app.set_clock(&format!("2026-03-{day}T04:00:00Z"));
        app.tick();
        assert!(to_tell(app).is_empty(), "{day}");
    }
}

both_engines! {
    fn what_another_was_told_by_hand_is_told_by_hand_whoever_reads_by_now(app: TestApp) {
        let (family, mother) = child(&app);
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-03T09:00:00Z");
        tell(&app, &family, &session);
        assert!(to_tell(&app).is_empty());
        read_by_mother(&app, &family, &mother);
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        // The night finds it as it is; told it stays told.
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        tell(&app, &family, &session);
        // A move, once she has said yes to the course, is news for her, and is told by hand once.
        app.pass(TimeDelta::minutes(5));
        let course = family.unit.get(&format!("/v1/courses/{}", family.course)).ok();
        let consents = format!("/v1/offers/{}/consents", course["offer_id"].as_str().unwrap());
        family.unit.post(&consents, &yes(&mother, app.clock.now())).ok();
        move_to(&family.mentor, &session, 16);
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        tell(&app, &family, &session);
        all_is_told(&app);
        assert_eq!(app.count("duties WHERE kind = 'tell_by_hand' AND state = 'done'"), 3);
    }

    fn where_another_was_told_that_it_is_elsewhere_or_off_whoever_reads_by_now_is_told_it_too(app: TestApp) {
        let (family, mother) = child(&app);
        let [moved, off] = [15, 17].map(|hour| planned(&family.mentor, &family.mentoring, hour));
        app.set_clock("2026-03-03T09:00:00Z");
        move_to(&family.mentor, &moved, 13);
        cancel(&family.mentor, &off);
        for session in [&moved, &off] {
            tell(&app, &family, session);
        }
        read_by_mother(&app, &family, &mother);
        let mut told = to_tell(&app);
        told.sort();
        assert_eq!(told, ["2026-03-06 2026-03-05", "off 2026-03-05"]);
        for session in [&moved, &off] {
            tell(&app, &family, session);
        }
        all_is_told(&app);
    }

    fn whoever_reads_by_now_is_told_by_hand_where_her_word_does_not_arrive_either(app: TestApp) {
        let (family, session) = told_for_his_phone(&app);
        app.capture.answer_next(Outcome::TargetGone);
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        tell(&app, &family, &session);
        all_is_told(&app);
    }

    fn whoever_reads_by_now_is_told_by_her_phone_where_his_was_not_reached(app: TestApp) {
        told_for_his_phone(&app);
        assert!(to_tell(&app).is_empty());
        assert_eq!(texts(&app, MOTHER), ["Din aftale er flyttet til fredag den 6. marts kl. 17.00."]);
        all_is_told(&app);
    }

    fn what_somebody_was_told_who_died_since_is_told_by_hand_whoever_has_the_child(app: TestApp) {
        let (family, _) = child(&app);
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-03T09:00:00Z");
        tell(&app, &family, &session);
        app.set_clock("2026-03-04T09:00:00Z");
        family.unit.post(&format!("/v1/people/{}/death", family.father), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        tell(&app, &family, &session);
        all_is_told(&app);
    }

    fn who_comes_is_told_whoever_reads_by_now_and_once(app: TestApp) {
        let (away, mother) = covered(&app);
        let family = &away.family;
        assert_eq!(strangers(&app), ["2026-03-10"]);
        tell_all(&app, &family.unit);
        assert!(strangers(&app).is_empty());
        read_by_mother(&app, family, &mother);
        assert_eq!(strangers(&app), ["2026-03-10"]);
        tell_all(&app, &family.unit);
        assert!(strangers(&app).is_empty());
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert!(strangers(&app).is_empty());
        assert_eq!(app.count("duties WHERE kind = 'tell_by_hand' AND state = 'done' AND slot LIKE 'cover %'"), 2);
    }

    fn who_comes_is_told_whoever_reads_since_the_first_was_over_before_the_next(app: TestApp) {
        let (away, mother) = covered(&app);
        tell_all(&app, &away.family.unit);
        app.set_clock("2026-03-12T08:00:00Z");
        app.tick();
        assert!(strangers(&app).is_empty());
        read_by_mother(&app, &away.family, &mother);
        assert_eq!(strangers(&app), ["2026-03-17"]);
        tell_all(&app, &away.family.unit);
        app.set_clock("2026-03-13T04:00:00Z");
        app.tick();
        assert!(strangers(&app).is_empty());
    }

    fn whoever_read_when_they_met_at_the_first_is_told_no_more_who_comes(app: TestApp) {
        let (away, mother) = covered(&app);
        met_at_the_first(&app, &away);
        assert!(strangers(&app).is_empty());
        // Who reads since then did not meet her.
        read_by_mother(&app, &away.family, &mother);
        assert_eq!(strangers(&app), ["2026-03-17"]);
    }

    fn who_comes_is_told_by_one_promise_though_it_is_late(app: TestApp) {
        let (away, mother) = covered(&app);
        app.set_clock("2026-03-11T16:30:00Z");
        read_by_mother(&app, &away.family, &mother);
        assert_eq!(strangers(&app), ["2026-03-10"], "it stands, for whoever reads by now");
        met_at_the_first(&app, &away);
        assert_eq!(strangers(&app), ["2026-03-17"]);
    }

    fn whoever_reads_by_now_is_told_by_hand_before_the_day_that_she_knows(app: TestApp) {
        let (family, mother) = told_of_a_week_later(&app);
        read_by_mother(&app, &family, &mother);
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-05"], "on the 6th she might come");
    }

    fn who_reads_once_that_day_is_over_is_told_by_hand_before_the_day_that_it_is(app: TestApp) {
        let (family, mother) = told_of_a_week_later(&app);
        app.set_clock("2026-03-07T09:00:00Z");
        custody(&family, &[&family.father, &mother], &mother);
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-12"]);
    }

    fn whoever_reads_by_now_is_told_by_hand_before_the_day_that_she_knows_of_what_another_read(app: TestApp) {
        let (family, mother, session) = read_of_a_week_later(&app);
        read_by_mother(&app, &family, &mother);
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-05"], "on the 6th she might come");
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-05"]);
        tell(&app, &family, &session);
        all_is_told(&app);
    }

    fn who_reads_once_that_day_is_over_is_told_by_hand_before_the_day_that_it_is_of_what_another_read(app: TestApp) {
        let (family, mother, _) = read_of_a_week_later(&app);
        app.set_clock("2026-03-07T09:00:00Z");
        custody(&family, &[&family.father, &mother], &mother);
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-12"]);
    }

    fn of_what_is_off_together_whoever_reads_by_now_is_told_once(app: TestApp) {
        let (family, mother) = child(&app);
        let [first, _] = [13, 15].map(|hour| planned(&family.mentor, &family.mentoring, hour));
        app.set_clock("2026-03-03T09:00:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        tell(&app, &family, &first);
        read_by_mother(&app, &family, &mother);
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        tell(&app, &family, &first);
        all_is_told(&app);
    }

    fn whoever_was_told_herself_is_not_told_again_because_another_was_not_after_all(app: TestApp) {
        let (family, mother) = child(&app);
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-03T09:00:00Z");
        tell(&app, &family, &session);
        read_by_mother(&app, &family, &mother);
        tell(&app, &family, &session);
        // Nobody had told his father, who reads no more; but then nobody had told her either.
        let fathers = take_back(&family, &session, |slot| !slot.ends_with(" 2"));
        assert_eq!((&fathers["state"], to_tell(&app).len()), (&json!("ended"), 0));
        take_back(&family, &session, |slot| slot.ends_with(" 2"));
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        // A way to her says it instead.
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &mother, MOTHER);
        assert!(to_tell(&app).is_empty());
        app.set_clock("2026-03-05T16:30:00Z");
        assert_eq!(texts(&app, MOTHER), ["Du har en aftale fredag den 6. marts kl. 16.00."]);
    }

    fn who_reads_from_a_15th_birthday_on_is_told_by_hand_what_another_was(app: TestApp) {
        let (family, _) = child(&app);
        family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": "2011-03-05"})).ok();
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-03T09:00:00Z");
        tell(&app, &family, &session);
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
        app.set_clock("2026-03-05T04:00:00Z");
        app.tick();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
    }
}
