//! An appointment stands, its reminder's moment is past, and its reader has not heard of it: they are told at once, or by hand. Whoever has heard
//! is told nothing again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::by_hand::{take_back, tell, to_tell};
use crate::known_starts::{by_sms, texts};
use crate::sessions::{FIRST, Family, SECOND, family, held, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;

const BOY: &str = "+4520123456";
const FATHER: &str = "+4520123477";
const MOTHER: &str = "+4520123488";

/// What the boy's session on Friday at 16:00 and his father's at 18:00 are announced by.
const AT_FOUR: &str = "Du har en aftale fredag den 6. marts kl. 16.00.";
const AT_SIX: &str = "Du har en aftale fredag den 6. marts kl. 18.00.";

/// Who holds custody of the boy, and gets what goes to him.
pub fn custody(family: &Family<'_>, holders: &[&str], recipient: &str) {
    let path = format!("/v1/people/{}", family.boy);
    let custody = json!({"holder_ids": holders, "recipient_id": recipient});
    family.unit.put(&format!("{path}/custody"), &family.unit.get(&path).tag(), &custody).ok();
}

/// The family of the sessions' stories, its boy and his father reached by SMS.
fn by_phone(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, &family.boy, BOY);
    by_sms(&family, &family.father, FATHER);
    family
}

/// The same, the boy born on a day and his father his chosen custody holder; his mentor has a certificate until a day.
fn child<'a>(app: &'a TestApp, born_on: &str, until_on: Option<&str>) -> Family<'a> {
    let family = by_phone(app);
    certify(&family, until_on);
    family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": born_on})).ok();
    custody(&family, &[&family.father], &family.father);
    family
}

pub fn certify(family: &Family<'_>, until_on: Option<&str>) {
    family.unit.certify(&family.mentor.get("/v1/me/staff").id(), until_on);
}

/// Fridays of the boy at a minute of the day, until the 13th.
fn fridays(family: &Family<'_>, at_min: i32) {
    let weekly = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": at_min, "until_on": "2026-03-13"});
    family.mentor.post("/v1/series", &weekly).ok();
}

/// An hour on Friday 6 March, in UTC.
fn friday(hour: u32) -> [String; 2] {
    [hour, hour + 1].map(|hour| format!("2026-03-06T{hour}:00:00Z"))
}

pub fn planned(by: &Caller<'_>, matched: &str, hour: u32) -> String {
    let [starts_at, ends_at] = friday(hour);
    by.post("/v1/sessions", &plan(matched, &starts_at, &ends_at)).id()
}

pub fn cancel(by: &Caller<'_>, session: &str) {
    by.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff", "new_time_agreed": false})).ok();
}

fn restore(by: &Caller<'_>, session: &str) {
    by.post(&format!("/v1/sessions/{session}/restore"), &json!({})).ok();
}

pub fn move_to(by: &Caller<'_>, session: &str, hour: u32) {
    let (path, [starts_at, ends_at]) = (format!("/v1/sessions/{session}"), friday(hour));
    by.post_if(&format!("{path}/move"), &by.get(&path).tag(), &json!({"starts_at": starts_at, "ends_at": ends_at, "by": "staff"})).ok();
}

both_engines! {
    fn what_is_planned_by_itself_after_its_reminders_moment_is_told_at_once(app: TestApp) {
        let family = child(&app, "2012-05-01", Some("2026-03-05"));
        fridays(&family, 960);
        app.set_clock("2026-03-05T17:00:00Z");
        assert!(texts(&app, FATHER).is_empty());
        certify(&family, Some("2026-03-06"));
        assert_eq!(texts(&app, FATHER), [AT_FOUR]);
        // The night finds it told.
        app.set_clock("2026-03-06T04:00:00Z");
        assert_eq!(texts(&app, FATHER).len(), 1);
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!(texts(&app, FATHER).len(), 1);
        // On the day itself, and no message reaches him: by hand, until there is a way.
        app.set_clock("2026-03-06T16:30:00Z");
        let path = format!("/v1/people/{}/contact", family.father);
        family.unit.put(&path, "*", &json!({"channel": "sms", "phone": FATHER, "no_messages": true})).ok();
        app.set_clock("2026-03-13T09:00:00Z");
        app.tick();
        certify(&family, None);
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-13"]);
        by_sms(&family, &family.father, FATHER);
        assert!(to_tell(&app).is_empty());
        assert_eq!(texts(&app, FATHER)[1..], ["Du har en aftale fredag den 13. marts kl. 16.00."]);
        assert!(texts(&app, BOY).is_empty());
    }

    fn what_is_planned_by_itself_in_the_night_is_told_in_the_morning(app: TestApp) {
        let family = child(&app, "2012-05-01", Some("2026-03-05"));
        fridays(&family, 960);
        app.set_clock("2026-03-05T20:30:00Z");
        certify(&family, Some("2026-03-06"));
        assert!(texts(&app, FATHER).is_empty() && to_tell(&app).is_empty());
        app.set_clock("2026-03-06T07:01:00Z");
        assert_eq!(texts(&app, FATHER), [AT_FOUR]);
    }

    fn what_begins_before_the_morning_is_told_by_hand(app: TestApp) {
        let family = child(&app, "2012-05-01", Some("2026-03-05"));
        fridays(&family, 450);
        app.set_clock("2026-03-05T20:30:00Z");
        certify(&family, Some("2026-03-06"));
        assert!(texts(&app, FATHER).is_empty());
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        app.set_clock("2026-03-06T04:00:00Z");
        assert!(texts(&app, FATHER).is_empty());
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
    }

    fn who_was_to_be_told_by_hand_and_was_not_is_told_once_there_is_a_way(app: TestApp) {
        let family = family(&app);
        app.set_clock("2026-03-05T16:30:00Z");
        planned(&family.mentor, &family.mentoring, 15);
        let fathers = planned(&family.coach, &family.coaching, 17);
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"; 2]);
        // His father is told by hand, and knows.
        tell(&app, &family, &fathers);
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, BOY);
        by_sms(&family, &family.father, FATHER);
        assert!(to_tell(&app).is_empty());
        assert_eq!(texts(&app, BOY), [AT_FOUR]);
        for at in ["2026-03-05T17:00:00Z", "2026-03-06T04:00:00Z", "2026-03-06T08:00:00Z"] {
            app.set_clock(at);
            assert_eq!((texts(&app, BOY).len(), texts(&app, FATHER).len(), to_tell(&app).len()), (1, 0, 0), "{at}");
        }
    }

    fn a_reminder_outlasts_what_was_off_or_elsewhere_and_back_before_anybody_heard(app: TestApp) {
        let family = by_phone(&app);
        let (boys, fathers) = (planned(&family.mentor, &family.mentoring, 15), planned(&family.coach, &family.coaching, 17));
        // No round of the tick at five; then one that finds them as they were, and one that finds them reminded.
        for at in ["2026-03-05T16:30:00Z", "2026-03-05T17:00:00Z"] {
            app.set_clock(at);
            cancel(&family.mentor, &boys);
            move_to(&family.coach, &fathers, 18);
            app.pass(TimeDelta::minutes(5));
            restore(&family.mentor, &boys);
            move_to(&family.coach, &fathers, 17);
            assert_eq!((texts(&app, BOY), texts(&app, FATHER)), (vec![AT_FOUR.to_owned()], vec![AT_SIX.to_owned()]), "{at}");
        }
        assert!(to_tell(&app).is_empty());
    }

    fn a_reminder_outlasts_what_was_off_and_back_while_a_course_stood_still(app: TestApp) {
        let family = by_phone(&app);
        let session = planned(&family.mentor, &family.mentoring, 15);
        let now = |verb: &str, why: &str| {
            let body = json!({why: "Afklares", "happened_at": app.clock.now()});
            family.unit.post(&format!("/v1/courses/{}/{verb}", family.course), &body).ok();
        };
        app.set_clock("2026-03-05T11:00:00Z");
        now("pause", "grounds");
        app.set_clock("2026-03-05T12:00:00Z");
        cancel(&family.mentor, &session);
        app.set_clock("2026-03-05T16:30:00Z");
        assert!(texts(&app, BOY).is_empty());
        now("resume", "basis");
        restore(&family.mentor, &session);
        assert_eq!(texts(&app, BOY), [AT_FOUR]);
    }

    fn what_a_log_agreed_on_in_time_is_reminded_of_though_the_log_comes_late(app: TestApp) {
        let family = by_phone(&app);
        app.set_clock("2026-03-05T17:00:00Z");
        let next = |mut log: Value, hour: u32| {
            let [starts_at, ends_at] = friday(hour);
            log["next_appointment"] = json!({"starts_at": starts_at, "ends_at": ends_at});
            log
        };
        let early = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:05:00Z");
        family.mentor.put(FIRST, "", &next(early, 15)).ok();
        assert_eq!(texts(&app, BOY), [AT_FOUR]);
        // What was agreed on after five is known.
        let late = held(&family.coaching, "2026-03-05T15:00:00Z", "2026-03-05T16:30:00Z");
        family.coach.put(SECOND, "", &next(late, 17)).ok();
        assert_eq!(app.lines("SELECT state AS line FROM sessions ORDER BY starts_at"), ["held", "held", "planned", "planned"]);
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!((texts(&app, BOY).len(), texts(&app, FATHER).len()), (1, 0));
    }

    fn who_reads_from_a_15th_birthday_on_hears_of_what_was_agreed_on_with_another(app: TestApp) {
        let family = child(&app, "2011-03-06", None);
        app.set_clock("2026-03-05T17:00:00Z");
        planned(&family.mentor, &family.mentoring, 15);
        assert!(texts(&app, FATHER).is_empty() && texts(&app, BOY).is_empty());
        app.set_clock("2026-03-06T04:00:00Z");
        assert!(texts(&app, BOY).is_empty(), "not in the night");
        app.set_clock("2026-03-06T07:01:00Z");
        assert_eq!(texts(&app, BOY), [AT_FOUR]);
        assert!(texts(&app, FATHER).is_empty() && to_tell(&app).is_empty());
    }

    fn another_custody_holder_hears_of_what_was_agreed_on_with_the_one_before(app: TestApp) {
        let family = child(&app, "2012-05-01", None);
        let mother = family.unit.person("parent", "Hildigunnur", None);
        by_sms(&family, &mother, MOTHER);
        app.set_clock("2026-03-05T17:00:00Z");
        planned(&family.mentor, &family.mentoring, 15);
        assert!(texts(&app, FATHER).is_empty());
        app.pass(TimeDelta::minutes(5));
        custody(&family, &[&family.father, &mother], &mother);
        assert_eq!(texts(&app, MOTHER), [AT_FOUR]);
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!((texts(&app, MOTHER).len(), texts(&app, FATHER).len()), (1, 0));
    }

    fn whoever_agreed_on_it_is_told_nothing_again_after_a_while_without_messages(app: TestApp) {
        let family = by_phone(&app);
        app.set_clock("2026-03-05T17:00:00Z");
        planned(&family.mentor, &family.mentoring, 15);
        app.pass(TimeDelta::minutes(5));
        let path = format!("/v1/people/{}/contact", family.boy);
        family.unit.put(&path, "*", &json!({"channel": "sms", "phone": BOY, "no_messages": true})).ok();
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, BOY);
        for at in ["2026-03-05T17:30:00Z", "2026-03-06T04:00:00Z", "2026-03-06T08:00:00Z"] {
            app.set_clock(at);
            assert!(texts(&app, BOY).is_empty() && to_tell(&app).is_empty(), "{at}");
        }
    }

    fn who_was_told_by_hand_after_the_reminders_moment_is_told_nothing_again(app: TestApp) {
        let family = family(&app);
        let (boys, fathers) = (planned(&family.mentor, &family.mentoring, 15), planned(&family.coach, &family.coaching, 17));
        app.set_clock("2026-03-04T10:00:00Z");
        tell(&app, &family, &fathers);
        app.set_clock("2026-03-05T17:00:00Z");
        tell(&app, &family, &boys);
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, BOY);
        by_sms(&family, &family.father, FATHER);
        for at in ["2026-03-05T17:30:00Z", "2026-03-06T04:00:00Z", "2026-03-06T08:00:00Z"] {
            app.set_clock(at);
            // His father, who has known it since the day before, is reminded.
            assert_eq!((texts(&app, BOY), texts(&app, FATHER)), (vec![], vec![AT_SIX.to_owned()]), "{at}");
        }
        assert!(to_tell(&app).is_empty());
        // Nobody had told him, after all.
        take_back(&family, &boys, |slot| slot.starts_with("2026-03-06"));
        assert_eq!((texts(&app, BOY), to_tell(&app).len()), (vec![AT_FOUR.to_owned()], 0));
    }

    fn what_was_told_by_hand_to_be_off_or_elsewhere_is_told_by_no_message(app: TestApp) {
        let family = family(&app);
        let (boys, fathers) = (planned(&family.mentor, &family.mentoring, 15), planned(&family.coach, &family.coaching, 17));
        app.set_clock("2026-03-03T09:00:00Z");
        move_to(&family.mentor, &boys, 16);
        cancel(&family.coach, &fathers);
        for session in [&boys, &fathers] {
            tell(&app, &family, session);
        }
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, BOY);
        by_sms(&family, &family.father, FATHER);
        assert!(texts(&app, BOY).is_empty() && texts(&app, FATHER).is_empty() && to_tell(&app).is_empty());
        // Nobody had told them, after all.
        app.pass(TimeDelta::minutes(5));
        take_back(&family, &boys, |slot| slot.starts_with("2026-03-06T16"));
        take_back(&family, &fathers, |slot| slot.ends_with(" off"));
        assert_eq!(texts(&app, BOY), ["Din aftale er flyttet til fredag den 6. marts kl. 17.00."]);
        assert_eq!(texts(&app, FATHER), ["Din aftale fredag den 6. marts kl. 18.00 er aflyst."]);
        assert!(to_tell(&app).is_empty());
    }

    fn what_another_was_told_by_hand_is_told_whoever_reads_by_now(app: TestApp) {
        let family = family(&app);
        certify(&family, None);
        family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": "2012-05-01"})).ok();
        custody(&family, &[&family.father], &family.father);
        let mother = family.unit.person("parent", "Hildigunnur", None);
        by_sms(&family, &mother, MOTHER);
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-03T09:00:00Z");
        move_to(&family.mentor, &session, 16);
        tell(&app, &family, &session);
        app.pass(TimeDelta::minutes(5));
        custody(&family, &[&family.father, &mother], &mother);
        assert_eq!(texts(&app, MOTHER), ["Din aftale er flyttet til fredag den 6. marts kl. 17.00."]);
    }

    fn what_another_was_told_before_the_fifteenth_birthday_was_not_told_to_whoever_turns_out_to_be_older(app: TestApp) {
        let family = family(&app);
        certify(&family, None);
        let born = |on: &str| family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": on})).ok();
        born("2011-03-04");
        custody(&family, &[&family.father], &family.father);
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-03T09:00:00Z");
        move_to(&family.mentor, &session, 16);
        tell(&app, &family, &session);
        // By either date he reads for himself today.
        app.set_clock("2026-03-04T08:00:00Z");
        born("2010-03-04");
        by_sms(&family, &family.boy, BOY);
        assert_eq!(texts(&app, BOY), ["Din aftale er flyttet til fredag den 6. marts kl. 17.00."]);
    }

    fn who_reads_since_a_birth_date_was_put_right_hears_of_what_was_agreed_on_with_another(app: TestApp) {
        let family = child(&app, "2012-05-01", None);
        app.set_clock("2026-03-05T17:00:00Z");
        planned(&family.mentor, &family.mentoring, 15);
        app.pass(TimeDelta::minutes(5));
        assert!(texts(&app, FATHER).is_empty());
        family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": "2010-05-01"})).ok();
        assert_eq!(texts(&app, BOY), [AT_FOUR]);
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!((texts(&app, BOY).len(), texts(&app, FATHER).len(), to_tell(&app).len()), (1, 0, 0));
    }

    fn who_reads_for_a_child_that_was_taken_to_be_older_hears_of_what_was_agreed_on_with_the_child(app: TestApp) {
        let family = family(&app);
        certify(&family, None);
        by_sms(&family, &family.boy, BOY);
        custody(&family, &[&family.father], &family.father);
        app.set_clock("2026-03-05T17:00:00Z");
        planned(&family.mentor, &family.mentoring, 15);
        app.pass(TimeDelta::minutes(5));
        family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": "2012-05-01"})).ok();
        assert_eq!((texts(&app, BOY), to_tell(&app)), (vec![], vec!["2026-03-06 2026-03-05".to_owned()]));
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.father, FATHER);
        assert_eq!((texts(&app, FATHER), to_tell(&app).len()), (vec![AT_FOUR.to_owned()], 0));
    }

    fn whoever_read_that_it_is_off_hears_that_it_is_back_though_it_was_moved_there_and_back_meanwhile(app: TestApp) {
        let family = by_phone(&app);
        let session = planned(&family.mentor, &family.mentoring, 15);
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), [AT_FOUR]);
        app.set_clock("2026-03-05T17:00:00Z");
        cancel(&family.mentor, &session);
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale fredag den 6. marts kl. 16.00 er aflyst."]);
        // In the night, before any word of it can go.
        app.set_clock("2026-03-05T20:30:00Z");
        restore(&family.mentor, &session);
        for hour in [16, 15] {
            app.pass(TimeDelta::minutes(5));
            move_to(&family.mentor, &session, hour);
            assert_eq!(texts(&app, BOY).len(), 2);
        }
        for at in ["2026-03-06T07:01:00Z", "2026-03-06T08:00:00Z"] {
            app.set_clock(at);
            assert_eq!(texts(&app, BOY)[2..], ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00."], "{at}");
        }
        assert!(to_tell(&app).is_empty());
    }

    fn what_may_be_taken_for_anothers_is_no_word_of_ones_own(app: TestApp) {
        let family = child(&app, "2012-05-01", None);
        let planned = |by: &Caller<'_>, matched: &str, at: &str| {
            by.post("/v1/sessions", &plan(matched, &format!("2026-03-{at}:00:00Z"), &format!("2026-03-{at}:50:00Z"))).id()
        };
        let boys = planned(&family.mentor, &family.mentoring, "09T15");
        let fathers = planned(&family.coach, &family.coaching, "07T10");
        let early = json!({"match_id": family.coaching, "rule": "FREQ=WEEKLY;BYDAY=SA", "at_min": 420, "until_on": "2026-03-14"});
        let early = family.coach.post("/v1/series", &early).id();
        // In the evening the boy's is moved to the hour of his father's own, which the word for what is off early names as the next; then that is off.
        app.set_clock("2026-03-06T20:30:00Z");
        let (path, there) = (format!("/v1/sessions/{boys}"), json!({"starts_at": "2026-03-07T10:00:00Z", "ends_at": "2026-03-07T10:50:00Z", "by": "staff"}));
        family.mentor.post_if(&format!("{path}/move"), &family.mentor.get(&path).tag(), &there).ok();
        app.pass(TimeDelta::minutes(5));
        family.coach.post(&format!("/v1/series/{early}/cancel"), &json!({"by": "staff"})).ok();
        let told = texts(&app, FATHER);
        assert!(told.iter().any(|text| text == "Dine aftaler er ændret. Den næste er lørdag den 7. marts kl. 11.00."), "{told:?}");
        for (by, session) in [(&family.coach, &fathers), (&family.mentor, &boys)] {
            app.pass(TimeDelta::minutes(5));
            cancel(by, session);
        }
        app.set_clock("2026-03-07T07:01:00Z");
        let told = texts(&app, FATHER);
        assert!(told.iter().any(|text| text == "Din aftale mandag den 9. marts kl. 16.00 er aflyst."), "{told:?}");
    }
}
