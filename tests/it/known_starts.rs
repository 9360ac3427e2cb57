//! What a reader knows decides what they are told, and when: before the start they know, not of where they know it to be, and not that one of two
//! things at one moment is off.

use chrono::TimeDelta;
use serde_json::json;

use crate::by_hand::{take_back, tell, to_tell};
use crate::sessions::{Family, course, family, matched, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::unheard::cancel;

const BOY: &str = "+4520123456";

/// What a number got, one line each, after a round of the tick.
pub fn texts(app: &TestApp, number: &str) -> Vec<String> {
    app.tick();
    app.capture.to(number).iter().map(|sms| sms.message.lines[0].clone()).collect()
}

/// Somebody is reached by SMS.
pub fn by_sms(family: &Family<'_>, person: &str, number: &str) {
    let path = format!("/v1/people/{person}");
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), &json!({"channel": "sms", "phone": number})).ok();
}

/// The family of the sessions' stories, its boy reached by SMS.
fn by_phone(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, &family.boy, BOY);
    family
}

/// Fridays of the boy at a minute of the day until the end of April, as the path of their series.
fn fridays(family: &Family<'_>, at_min: i32) -> String {
    let weekly = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": at_min, "until_on": "2026-04-30"});
    format!("/v1/series/{}", family.mentor.post("/v1/series", &weekly).id())
}

fn change(family: &Family<'_>, series: &str, at_min: i32) {
    let tag = family.mentor.get(series).tag();
    family.mentor.post_if(&format!("{series}/change"), &tag, &json!({"at_min": at_min})).ok();
}

/// A session of the boy on Friday 6 March: an hour from then on, in UTC.
fn friday(family: &Family<'_>, from: &str) -> String {
    let until = if from == "06:30" { "07:30" } else { "16:00" };
    let [starts_at, ends_at] = [from, until].map(|time| format!("2026-03-06T{time}:00Z"));
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, &starts_at, &ends_at)).id()
}

fn move_to(family: &Family<'_>, session: &str, starts_at: &str, ends_at: &str) {
    let path = format!("/v1/sessions/{session}");
    let there = json!({"starts_at": starts_at, "ends_at": ends_at, "by": "staff"});
    family.mentor.post_if(&format!("{path}/move"), &family.mentor.get(&path).tag(), &there).ok();
}

/// A girl of another case, her mentor, and their match.
fn girl<'a>(app: &'a TestApp, family: &Family<'_>) -> (String, Caller<'a>, String) {
    let unit = &family.unit;
    let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
    unit.set_custody(&girl, &[&mother]);
    let case = app.founded_case(unit, &[&girl, &mother]);
    let nora = app.account("nora", &["mentor"]);
    let matched = matched(unit, &nora, &course(app, unit, &case, &girl, &[&mother], "mentor"), &staff(app, &nora, true));
    (girl, nora, matched)
}

/// One of 20 March that was moved to the 18th and back before anything went, while another came back, of which the boy read.
fn there_and_back(app: &TestApp) -> (Family<'_>, String) {
    let family = by_phone(app);
    let first = friday(&family, "15:00");
    let later = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-20T15:00:00Z", "2026-03-20T16:00:00Z")).id();
    cancel(&family.mentor, &first);
    assert_eq!(texts(app, BOY).pop().unwrap(), "Din aftale fredag den 6. marts kl. 16.00 er aflyst.");
    app.pass(TimeDelta::minutes(5));
    move_to(&family, &later, "2026-03-18T15:00:00Z", "2026-03-18T16:00:00Z");
    app.pass(TimeDelta::minutes(5));
    family.mentor.post(&format!("/v1/sessions/{first}/restore"), &json!({})).ok();
    app.pass(TimeDelta::minutes(5));
    move_to(&family, &later, "2026-03-20T15:00:00Z", "2026-03-20T16:00:00Z");
    assert_eq!(texts(app, BOY).pop().unwrap(), "Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00.");
    app.pass(TimeDelta::minutes(5));
    (family, later)
}

both_engines! {
    fn word_of_another_appointment_says_nothing_of_a_move(app: TestApp) {
        let (family, later) = there_and_back(&app);
        move_to(&family, &later, "2026-03-18T15:00:00Z", "2026-03-18T16:00:00Z");
        assert_eq!(texts(&app, BOY).pop().unwrap(), "Din aftale er flyttet til onsdag den 18. marts kl. 16.00.");
    }

    fn word_of_another_appointment_names_no_time_that_nobody_heard_of(app: TestApp) {
        let (family, later) = there_and_back(&app);
        cancel(&family.mentor, &later);
        assert_eq!(texts(&app, BOY).pop().unwrap(), "Din aftale fredag den 20. marts kl. 16.00 er aflyst.");
    }

    fn what_the_word_for_all_leaves_open_speaks_for_itself(app: TestApp) {
        let family = by_phone(&app);
        friday(&family, "06:30");
        let series = fridays(&family, 720);
        app.set_clock("2026-03-05T16:00:00Z");
        let reminded = texts(&app, BOY);
        assert!(reminded.iter().any(|text| text.ends_with("kl. 07.30.")) && reminded.iter().any(|text| text.ends_with("kl. 12.00.")), "{reminded:?}");
        app.set_clock("2026-03-05T17:00:00Z");
        change(&family, &series, 1080);
        let news = texts(&app, BOY).split_off(reminded.len());
        for said in ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 07.30.", "Din aftale er flyttet til fredag den 6. marts kl. 18.00."] {
            assert!(news.iter().any(|text| text == said), "{news:?}");
        }
        assert_eq!(news.len(), 2, "{news:?}");
    }

    fn what_takes_place_after_all_is_told_though_another_comes_first(app: TestApp) {
        let family = by_phone(&app);
        let (_, back) = (friday(&family, "06:30"), friday(&family, "15:00"));
        app.set_clock("2026-03-05T08:00:00Z");
        cancel(&family.mentor, &back);
        app.set_clock("2026-03-05T16:00:00Z");
        let before = texts(&app, BOY);
        assert!(before.iter().any(|text| text.contains("kl. 16.00 er aflyst")), "{before:?}");
        app.set_clock("2026-03-05T17:00:00Z");
        family.mentor.post(&format!("/v1/sessions/{back}/restore"), &json!({})).ok();
        let news = texts(&app, BOY).split_off(before.len());
        assert!(news.iter().any(|text| text == "Du har en aftale fredag den 6. marts kl. 16.00."), "{news:?}");
    }

    fn a_move_in_the_night_is_told_before_the_morning_that_they_know(app: TestApp) {
        let family = by_phone(&app);
        let session = friday(&family, "06:30");
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 07.30."]);
        app.set_clock("2026-03-05T21:00:00Z");
        move_to(&family, &session, "2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z");
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale er flyttet til fredag den 6. marts kl. 16.00."], "at 22:00");
        // Moved on before the morning ends: at 16:00 is time enough.
        app.pass(TimeDelta::minutes(5));
        move_to(&family, &session, "2026-03-09T15:00:00Z", "2026-03-09T16:00:00Z");
        assert_eq!(texts(&app, BOY).len(), 2);
        app.set_clock("2026-03-06T07:00:00Z");
        assert_eq!(texts(&app, BOY)[2..], ["Din aftale er flyttet til mandag den 9. marts kl. 16.00."]);
    }

    fn a_series_moved_in_the_night_is_told_before_the_morning_that_they_know(app: TestApp) {
        let family = by_phone(&app);
        let series = fridays(&family, 450);
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 07.30."]);
        app.set_clock("2026-03-05T21:00:00Z");
        change(&family, &series, 960);
        assert_eq!(texts(&app, BOY)[1..], ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00."]);
    }

    fn a_series_there_and_back_before_anybody_heard_is_no_news(app: TestApp) {
        let family = by_phone(&app);
        let series = fridays(&family, 960);
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 16.00."]);
        // In the quiet hours, an hour later and back: nothing has left yet.
        for (at, at_min) in [("2026-03-05T20:00:00Z", 1020), ("2026-03-05T21:00:00Z", 960)] {
            app.set_clock(at);
            change(&family, &series, at_min);
            assert_eq!(texts(&app, BOY).len(), 1, "{at}");
        }
        app.set_clock("2026-03-06T07:00:00Z");
        assert_eq!(texts(&app, BOY).len(), 1);
        // Once it was heard, it is.
        change(&family, &series, 1020);
        assert_eq!(texts(&app, BOY)[1..], ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 17.00."]);
        app.set_clock("2026-03-06T08:00:00Z");
        change(&family, &series, 960);
        assert_eq!(texts(&app, BOY)[2..], ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00."]);
        app.set_clock("2026-03-06T09:00:00Z");
        assert_eq!(texts(&app, BOY).len(), 3);
    }

    fn there_and_back_before_anybody_heard_is_no_news(app: TestApp) {
        let family = by_phone(&app);
        let session = friday(&family, "15:00");
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 16.00."]);
        let back = |at: &str| {
            app.set_clock(at);
            move_to(&family, &session, "2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z");
        };
        app.set_clock("2026-03-05T20:00:00Z");
        move_to(&family, &session, "2026-03-09T15:00:00Z", "2026-03-09T16:00:00Z");
        back("2026-03-05T21:00:00Z");
        app.set_clock("2026-03-06T07:00:00Z");
        assert_eq!(texts(&app, BOY).len(), 1);
        // Once it was heard, it is.
        move_to(&family, &session, "2026-03-09T15:00:00Z", "2026-03-09T16:00:00Z");
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale er flyttet til mandag den 9. marts kl. 16.00."]);
        back("2026-03-06T08:00:00Z");
        assert_eq!(texts(&app, BOY)[2..], ["Din aftale er flyttet til fredag den 6. marts kl. 16.00."]);
        app.set_clock("2026-03-06T09:00:00Z");
        assert_eq!(texts(&app, BOY).len(), 3);
    }

    fn what_is_planned_anew_before_the_word_that_it_is_off_left_is_told_by_hand(app: TestApp) {
        let family = by_phone(&app);
        let session = friday(&family, "15:00");
        app.set_clock("2026-03-05T16:00:00Z");
        app.tick();
        cancel(&family.mentor, &session);
        friday(&family, "15:00");
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        assert_eq!(texts(&app, BOY)[1..], ["Du har en aftale fredag den 6. marts kl. 16.00."], "not that it is off");
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
    }

    fn what_is_planned_anew_after_they_read_that_it_is_off_is_told_by_hand(app: TestApp) {
        let family = by_phone(&app);
        let session = friday(&family, "15:00");
        app.set_clock("2026-03-05T16:00:00Z");
        app.tick();
        cancel(&family.mentor, &session);
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale fredag den 6. marts kl. 16.00 er aflyst."]);
        app.pass(TimeDelta::minutes(5));
        let anew = friday(&family, "15:00");
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        tell(&app, &family, &anew);
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
        // Where a reminder follows, it says so.
        let wednesday = plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        let later = family.mentor.post("/v1/sessions", &wednesday).id();
        app.set_clock("2026-03-06T08:00:00Z");
        cancel(&family.mentor, &later);
        app.tick();
        family.mentor.post("/v1/sessions", &wednesday).ok();
        assert!(to_tell(&app).is_empty());
    }

    fn a_series_over_what_they_read_is_off_is_told_by_hand(app: TestApp) {
        let family = by_phone(&app);
        let session = friday(&family, "15:00");
        app.set_clock("2026-03-05T16:00:00Z");
        app.tick();
        cancel(&family.mentor, &session);
        app.tick();
        app.pass(TimeDelta::minutes(5));
        fridays(&family, 960);
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
    }

    fn of_two_who_read_on_one_phone_neither_reads_that_the_other_is_off(app: TestApp) {
        let family = family(&app);
        let (girl, nora, hers) = girl(&app, &family);
        let planned = |from: &str, until: &str| nora.post("/v1/sessions", &plan(&hers, &format!("2026-03-{from}:00Z"), &format!("2026-03-{until}:00Z"))).id();
        let off = |session: &str| nora.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff", "new_time_agreed": false})).ok();
        by_sms(&family, &family.boy, BOY);
        by_sms(&family, &girl, BOY);
        friday(&family, "15:00");
        let session = planned("06T15:00", "06T16:00");
        app.set_clock("2026-03-04T09:00:00Z");
        off(&session);
        assert!(texts(&app, BOY).is_empty());
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        tell(&app, &family, &session);
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 16.00."]);
        // The phone is his, too, by when word is about to leave.
        by_sms(&family, &girl, "+4520999999");
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z")).ok();
        let session = planned("10T15:00", "10T16:00");
        off(&session);
        by_sms(&family, &family.boy, "+4520999999");
        assert!(!texts(&app, "+4520999999").iter().any(|text| text.contains("10. marts")));
        assert_eq!(to_tell(&app), ["off 2026-03-09"]);
        // Called off by their own side, they know.
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")).ok();
        let session = planned("12T15:00", "12T16:00");
        nora.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "person", "new_time_agreed": false})).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-09"]);
        // A mailbox is one, however it is written.
        for (person, mailbox) in [(&family.boy, "bo@example.org"), (&girl, "Bo@Example.org")] {
            let path = format!("/v1/people/{person}");
            family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), &json!({"channel": "email", "email": mailbox})).ok();
        }
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-17T15:00:00Z", "2026-03-17T16:00:00Z")).ok();
        off(&planned("17T15:00", "17T16:00"));
        app.tick();
        assert!(to_tell(&app).contains(&"off 2026-03-16".to_owned()));
    }

    fn what_nobody_told_to_be_off_makes_no_other_on_that_phone_seem_off(app: TestApp) {
        let family = family(&app);
        let (girl, nora, hers) = girl(&app, &family);
        let session = nora.post("/v1/sessions", &plan(&hers, "2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z")).id();
        app.set_clock("2026-03-04T09:00:00Z");
        nora.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff", "new_time_agreed": false})).ok();
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        tell(&app, &family, &session);
        // The boy's is planned anew at that moment, too late for a reminder, and both read on one phone.
        by_sms(&family, &girl, BOY);
        by_sms(&family, &family.boy, BOY);
        app.set_clock("2026-03-05T16:05:00Z");
        friday(&family, "15:00");
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        take_back(&family, &session, |slot| slot.ends_with(" off"));
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
    }

    fn from_fifteen_a_custody_holders_number_is_not_the_young_persons(app: TestApp) {
        let family = family(&app);
        by_sms(&family, &family.father, BOY);
        by_sms(&family, &family.boy, BOY);
        friday(&family, "15:00");
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        let waiting = || family.unit.get(&format!("/v1/messages?person={}&state=waiting", family.boy)).ok()["items"].as_array().unwrap().len();
        assert_eq!(waiting(), 0);
        by_sms(&family, &family.boy, "+4520999999");
        assert_eq!((to_tell(&app).len(), waiting()), (0, 1));
        // His father gives the same number: it is the family's, and not his own.
        by_sms(&family, &family.father, "+4520999999");
        assert_eq!((to_tell(&app).len(), waiting()), (1, 0));
        app.set_clock("2026-03-05T16:00:00Z");
        assert!(texts(&app, "+4520999999").is_empty());
    }
}
