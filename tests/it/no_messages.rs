//! Whoever wants no messages any more is told by hand what no message told them before: not once more what one did.

use chrono::TimeDelta;
use serde_json::json;

use crate::by_hand::{move_to, session, tell_all, to_tell};
use crate::known_starts::{by_sms, texts};
use crate::moved_beside::{CHANGED, House, PHONE, REMINDED, at_hour, reminded};
use crate::sessions::{Family, family, plan};
use crate::support::TestApp;
use crate::unheard::cancel;

const BOY: &str = "+4520123456";

/// The family of the sessions' stories, its boy reached by SMS.
fn by_phone(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, &family.boy, BOY);
    family
}

/// From now on he wants no messages.
fn silence(family: &Family<'_>) {
    let wish = json!({"channel": "sms", "phone": BOY, "no_messages": true});
    family.unit.put(&format!("/v1/people/{}/contact", family.boy), "*", &wish).ok();
}

/// Through the night and in the morning just this is to be told by hand.
fn is_to_tell(app: &TestApp, expected: &[&str]) {
    for at in ["2026-03-05T17:30:00Z", "2026-03-06T04:00:00Z", "2026-03-06T08:00:00Z"] {
        app.set_clock(at);
        app.tick();
        assert_eq!(to_tell(app), expected, "{at}");
    }
}

both_engines! {
    fn what_the_reminder_told_needs_no_hand(app: TestApp) {
        let family = by_phone(&app);
        let wednesday = session(&family, "11");
        session(&family, "18");
        app.set_clock("2026-03-10T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale onsdag den 11. marts kl. 16.00."]);
        app.pass(TimeDelta::hours(1));
        silence(&family);
        for at in ["2026-03-10T17:00:00Z", "2026-03-11T04:00:00Z", "2026-03-11T08:00:00Z"] {
            app.set_clock(at);
            app.tick();
            assert_eq!(to_tell(&app), ["2026-03-18 2026-03-17"], "{at}: of what nothing was said");
        }
        // Moved since, he does not know it by that.
        move_to(&family, &wednesday, "13");
        assert_eq!(to_tell(&app), ["2026-03-13 2026-03-11", "2026-03-18 2026-03-17"]);
        assert_eq!(texts(&app, BOY).len(), 1);
        tell_all(&app, &family.unit);
        // The number was another's: nobody was told by it.
        by_sms(&family, &family.boy, BOY);
        let friday = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-20T15:00:00Z", "2026-03-20T16:00:00Z")).id();
        app.set_clock("2026-03-19T16:00:00Z");
        assert!(texts(&app, BOY).contains(&"Du har en aftale fredag den 20. marts kl. 16.00.".to_owned()));
        let wrong = json!({"channel": "sms", "phone": "+4520999999", "no_messages": true});
        family.unit.put(&format!("/v1/people/{}/contact", family.boy), "*", &wrong).ok();
        assert_eq!(to_tell(&app), ["2026-03-20 2026-03-19"]);
        tell_all(&app, &family.unit);
        cancel(&family.mentor, &friday);
        assert_eq!(to_tell(&app), ["off 2026-03-19"]);
    }

    fn what_an_early_reminder_told_is_told_by_hand_the_day_before(app: TestApp) {
        let family = by_phone(&app);
        session(&family, "11");
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale onsdag den 11. marts kl. 16.00."]);
        app.pass(TimeDelta::hours(1));
        silence(&family);
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-10"]);
    }

    fn what_word_of_a_move_or_an_end_told_needs_no_hand(app: TestApp) {
        let family = by_phone(&app);
        let [moved, off] = ["06", "13"].map(|day| session(&family, day));
        app.set_clock("2026-03-05T17:00:00Z");
        let there = json!({"starts_at": "2026-03-06T16:30:00Z", "ends_at": "2026-03-06T17:00:00Z", "by": "staff"});
        family.mentor.post_if(&format!("/v1/sessions/{moved}/move"), "*", &there).ok();
        cancel(&family.mentor, &off);
        let mut told = texts(&app, BOY);
        told.sort();
        let [elsewhere, is_off] = ["Din aftale er flyttet til fredag den 6. marts kl. 17.30.", "Din aftale fredag den 13. marts kl. 16.00 er aflyst."];
        assert_eq!(told, [elsewhere, is_off]);
        app.pass(TimeDelta::minutes(10));
        silence(&family);
        assert!(to_tell(&app).is_empty(), "{:?}", to_tell(&app));
        app.set_clock("2026-03-06T04:00:00Z");
        app.tick();
        assert!(to_tell(&app).is_empty());
    }

    fn of_what_is_off_together_word_for_all_is_enough(app: TestApp) {
        let family = by_phone(&app);
        for day in ["06", "13", "20"] {
            session(&family, day);
        }
        app.set_clock("2026-03-03T09:00:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "staff_wish"})).ok();
        assert_eq!(texts(&app, BOY), ["Dine aftaler er aflyst."]);
        app.pass(TimeDelta::minutes(10));
        silence(&family);
        for at in ["2026-03-04T04:00:00Z", "2026-03-07T04:00:00Z"] {
            assert!(to_tell(&app).is_empty());
            app.set_clock(at);
            app.tick();
        }
        assert!(to_tell(&app).is_empty());
    }

    fn what_was_moved_with_all_and_left_open_is_told_by_hand_still(app: TestApp) {
        let house = House::new(&app);
        let series = house.on_fridays("2026-03-20");
        at_hour(&house.vita, &house.vitas, "06T15");
        assert_eq!(reminded(&app, "2026-03-05T16:00:00Z"), [REMINDED]);
        app.pass(TimeDelta::minutes(30));
        house.move_all(&series);
        assert_eq!(texts(&app, PHONE), [REMINDED, CHANGED]);
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        app.pass(TimeDelta::minutes(10));
        house.silence();
        is_to_tell(&app, &["2026-03-06 2026-03-05", "2026-03-13 2026-03-12", "2026-03-20 2026-03-19"]);
    }

    fn what_is_off_with_all_and_left_open_is_told_by_hand_still(app: TestApp) {
        let house = House::new(&app);
        for at in ["06T15", "13T15"] {
            at_hour(&house.malte, &house.maltes[0], at);
        }
        at_hour(&house.vita, &house.vitas, "06T15");
        assert_eq!(reminded(&app, "2026-03-05T16:00:00Z"), [REMINDED]);
        app.pass(TimeDelta::minutes(30));
        house.end();
        assert_eq!(texts(&app, PHONE), [REMINDED, CHANGED]);
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        app.pass(TimeDelta::minutes(10));
        house.silence();
        is_to_tell(&app, &["off 2026-03-05"]);
    }

    fn what_is_off_later_that_day_and_left_open_is_told_by_hand_still(app: TestApp) {
        let house = House::new(&app);
        for at in ["06T09", "06T15"] {
            at_hour(&house.malte, &house.maltes[0], at);
        }
        at_hour(&house.vita, &house.vitas, "06T15");
        let reminded = reminded(&app, "2026-03-05T16:00:00Z");
        app.pass(TimeDelta::minutes(30));
        house.end();
        assert_eq!(texts(&app, PHONE)[reminded.len()..], [CHANGED], "the other child's");
        assert_eq!(to_tell(&app), ["off 2026-03-05"], "the later");
        app.pass(TimeDelta::minutes(10));
        house.silence();
        app.tick();
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
        tell_all(&app, &house.unit);
        is_to_tell(&app, &[]);
    }

    fn what_is_off_together_beside_another_is_told_by_hand_once_where_no_message_went(app: TestApp) {
        let house = House::new(&app);
        for at in ["06T09", "06T15"] {
            at_hour(&house.malte, &house.maltes[0], at);
        }
        at_hour(&house.vita, &house.vitas, "06T15");
        house.silence();
        tell_all(&app, &house.unit);
        app.set_clock("2026-03-05T16:30:00Z");
        house.end();
        is_to_tell(&app, &["off 2026-03-05"]);
    }
}
