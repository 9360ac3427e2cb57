//! Of two things at one moment that one reads of, that one was moved is told by hand as long as the other, off or elsewhere by then, is for all that
//! they had heard still there: whatever came first. Once they heard of it a message says it.

use chrono::TimeDelta;
use serde_json::json;

use crate::by_hand::{tell_one, to_tell};
use crate::known_starts::texts;
use crate::moved_beside::{CHANGED, House, PHONE, REMINDED, at_hour, move_to, reminded, says_only, sorted};
use crate::support::TestApp;
use crate::unheard::cancel;

const MOVED: &str = "Din aftale er flyttet til mandag den 9. marts kl. 16.00.";
const TO_MONDAY: &str = "2026-03-09 2026-03-05";
const OFF: &str = "off 2026-03-05";
/// The evening, the night, and the morning.
const FROM_NOW_ON: [&str; 3] = ["2026-03-05T18:55:00Z", "2026-03-06T04:00:00Z", "2026-03-06T08:00:00Z"];

/// Two on Friday that were reminded of, an hour ago: Malte's, and Vita's.
fn both_known(app: &TestApp) -> (House<'_>, [String; 2]) {
    let house = House::new(app);
    let both = house.both_at("06T15");
    assert_eq!(reminded(app, "2026-03-05T16:00:00Z"), [REMINDED]);
    app.pass(TimeDelta::hours(1));
    (house, both)
}

/// No message says a thing, and this is told by hand.
fn is_told_by_hand(app: &TestApp, expected: &[&str]) {
    assert_eq!(sorted(to_tell(app)), expected);
    says_only(app, &FROM_NOW_ON, &[REMINDED]);
    assert_eq!(sorted(to_tell(app)), expected, "through the night");
}

/// What the word for all of Malte's left open, which named Vita's at the very moment, stays to be told when that is off, too.
fn is_left_open_still(app: &TestApp, wants_messages: bool) {
    let house = House::new(app);
    let series = house.on_fridays("2026-03-20");
    let other = at_hour(&house.vita, &house.vitas, "06T15");
    assert_eq!(reminded(app, "2026-03-05T16:00:00Z"), [REMINDED]);
    app.pass(TimeDelta::minutes(30));
    house.move_all(&series);
    let left_open = "2026-03-06 2026-03-05";
    assert_eq!(texts(app, PHONE), [REMINDED, CHANGED]);
    assert_eq!(to_tell(app), [left_open]);
    app.pass(TimeDelta::minutes(10));
    if !wants_messages {
        house.silence();
    }
    cancel(&house.vita, &other);
    for at in FROM_NOW_ON {
        app.set_clock(at);
        app.tick();
        assert!(to_tell(app).contains(&left_open.to_owned()), "{at}: {:?}", to_tell(app));
    }
}

both_engines! {
    fn what_the_word_for_all_left_open_stays_to_be_told_when_what_it_named_is_off(app: TestApp) {
        is_left_open_still(&app, true);
    }

    fn so_it_does_where_she_wants_no_messages(app: TestApp) {
        is_left_open_still(&app, false);
    }

    fn while_the_other_is_off_and_nobody_told_of_that(app: TestApp) {
        let (house, both) = both_known(&app);
        cancel(&house.vita, &both[1]);
        assert_eq!(to_tell(&app), [OFF]);
        app.pass(TimeDelta::minutes(30));
        move_to(&house.malte, &both[0], "09T15");
        is_told_by_hand(&app, &[TO_MONDAY, OFF]);
    }

    fn while_the_other_was_moved_and_is_off_since(app: TestApp) {
        let (house, both) = both_known(&app);
        move_to(&house.vita, &both[1], "11T15");
        app.pass(TimeDelta::minutes(10));
        move_to(&house.malte, &both[0], "09T15");
        assert_eq!(sorted(to_tell(&app)), [TO_MONDAY, "2026-03-11 2026-03-05"]);
        app.pass(TimeDelta::minutes(10));
        cancel(&house.vita, &both[1]);
        is_told_by_hand(&app, &[TO_MONDAY, OFF]);
    }

    fn while_the_other_was_moved_and_off_before(app: TestApp) {
        let (house, both) = both_known(&app);
        move_to(&house.vita, &both[1], "11T15");
        app.pass(TimeDelta::minutes(10));
        cancel(&house.vita, &both[1]);
        app.pass(TimeDelta::minutes(10));
        move_to(&house.malte, &both[0], "09T15");
        is_told_by_hand(&app, &[TO_MONDAY, OFF]);
    }

    fn while_the_other_was_moved_to_sooner_and_has_begun(app: TestApp) {
        let (house, both) = both_known(&app);
        move_to(&house.vita, &both[1], "05T18");
        assert_eq!(to_tell(&app).len(), 1);
        app.set_clock("2026-03-05T18:30:00Z");
        move_to(&house.malte, &both[0], "09T15");
        let to_tell_now = to_tell(&app);
        assert!(to_tell_now.contains(&TO_MONDAY.to_owned()), "{to_tell_now:?}");
        says_only(&app, &FROM_NOW_ON, &[REMINDED]);
        assert!(to_tell(&app).contains(&TO_MONDAY.to_owned()));
    }

    fn not_once_she_was_told_that_the_other_is_off(app: TestApp) {
        let (house, both) = both_known(&app);
        cancel(&house.vita, &both[1]);
        app.pass(TimeDelta::minutes(10));
        tell_one(&app, &house.unit, &both[1]);
        app.pass(TimeDelta::minutes(20));
        move_to(&house.malte, &both[0], "09T15");
        says_only(&app, &FROM_NOW_ON, &[REMINDED, MOVED]);
        assert!(to_tell(&app).is_empty());
    }

    fn not_where_the_person_took_the_other_off(app: TestApp) {
        let (house, both) = both_known(&app);
        house.vita.post(&format!("/v1/sessions/{}/cancel", both[1]), &json!({"by": "person", "new_time_agreed": false})).ok();
        app.pass(TimeDelta::minutes(30));
        move_to(&house.malte, &both[0], "09T15");
        says_only(&app, &FROM_NOW_ON, &[REMINDED, MOVED]);
        assert!(to_tell(&app).is_empty());
    }

    fn not_once_she_came_to_where_the_other_was_moved(app: TestApp) {
        let (house, both) = both_known(&app);
        move_to(&house.vita, &both[1], "05T18");
        app.set_clock("2026-03-05T18:52:00Z");
        let met = crate::sessions::held(&house.vitas, "2026-03-05T18:00:00Z", "2026-03-05T18:52:00Z");
        house.vita.put("/v1/session-logs/44444444-4444-4444-8444-444444444444", "", &met).ok();
        move_to(&house.malte, &both[0], "09T15");
        says_only(&app, &FROM_NOW_ON, &[REMINDED, MOVED]);
        assert!(to_tell(&app).is_empty());
    }
}
