//! An appointment stands, its reminder's moment is past, and its reader has not heard of it: they are told at once, or by hand. Whoever has heard
//! is told nothing again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::by_hand::{tell, to_tell};
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
fn custody(family: &Family<'_>, holders: &[&str], recipient: &str) {
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

fn certify(family: &Family<'_>, until_on: Option<&str>) {
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

fn planned(by: &Caller<'_>, matched: &str, hour: u32) -> String {
    let [starts_at, ends_at] = friday(hour);
    by.post("/v1/sessions", &plan(matched, &starts_at, &ends_at)).id()
}

fn cancel(by: &Caller<'_>, session: &str) {
    by.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff", "new_time_agreed": false})).ok();
}

fn restore(by: &Caller<'_>, session: &str) {
    by.post(&format!("/v1/sessions/{session}/restore"), &json!({})).ok();
}

fn move_to(by: &Caller<'_>, session: &str, hour: u32) {
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
}
