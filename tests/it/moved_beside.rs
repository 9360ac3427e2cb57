//! One who reads of two things at one moment, and is told of both in one word, is not told by message that one of them is elsewhere: the text names
//! neither, and they would take what stands to be moved. Somebody tells by hand.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::by_hand::{tell_all, tell_one, to_tell};
use crate::known_starts::texts;
use crate::sessions::{course, matched, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::unheard::cancel;

pub const PHONE: &str = "+4520123456";
pub const REMINDED: &str = "Du har en aftale fredag den 6. marts kl. 16.00.";
pub const CHANGED: &str = "Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00.";

/// A mother's children of twelve, of whom she reads on one phone: two met by Malte, one by Vita.
pub struct House<'a> {
    pub unit: Caller<'a>,
    pub malte: Caller<'a>,
    pub vita: Caller<'a>,
    pub maltes: [String; 2],
    pub vitas: String,
    mother: String,
}

impl<'a> House<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        let unit = app.coordinator();
        let mother = unit.person("parent", "Mathildur", None);
        by_sms(&unit, &mother, PHONE);
        let children = ["Bertramius", "Gudrunette", "Ravnfridur"].map(|name| unit.person("young_person", name, Some("2013-05-01")));
        for child in &children {
            unit.put(&format!("/v1/people/{child}/custody"), "*", &json!({"holder_ids": [mother], "recipient_id": mother})).ok();
        }
        let case = app.founded_case(&unit, &[&children[0], &children[1], &children[2], &mother]);
        let (malte, vita) = (app.account("malte", &["mentor"]), app.account("vita", &["mentor"]));
        let [m, v] = [&malte, &vita].map(|mentor| staff(app, mentor, true));
        for member in [&m, &v] {
            unit.certify(member, None);
        }
        let meets = |mentor: &Caller<'_>, member: &str, child: &str| {
            let course = course(app, &unit, &case, child, &[&mother], "mentor");
            let id = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": member, "same_family": true})).id();
            mentor.post(&format!("/v1/matches/{id}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
            unit.post(&format!("/v1/matches/{id}/answer-for-person"), &json!({"accepted": true})).ok();
            id
        };
        let maltes = [meets(&malte, &m, &children[0]), meets(&malte, &m, &children[1])];
        let vitas = meets(&vita, &v, &children[2]);
        Self { unit, malte, vita, maltes, vitas, mother }
    }

    /// One of Malte's and one of Vita's at the same moment.
    pub fn both_at(&self, at: &str) -> [String; 2] {
        [at_hour(&self.malte, &self.maltes[0], at), at_hour(&self.vita, &self.vitas, at)]
    }

    /// Which of two was reminded of, and which of them was told of by the other's reminder.
    fn spoke(&self, both: &[String; 2]) -> [usize; 2] {
        let reason = |session: &String| {
            let told = self.unit.get(&format!("/v1/messages?subject={session}&state=accepted")).ok()["items"].as_array().unwrap().clone();
            assert_eq!(told.len(), 1, "{told:?}");
            told[0]["reason"].clone()
        };
        match both.each_ref().map(reason) {
            [Value::Null, other] if other == "said_by_other" => [0, 1],
            [other, Value::Null] if other == "said_by_other" => [1, 0],
            other => panic!("one reminder, and one that it said: {other:?}"),
        }
    }

    /// The mother wants no messages any more.
    pub fn silence(&self) {
        let wish = json!({"channel": "sms", "phone": PHONE, "no_messages": true});
        self.unit.put(&format!("/v1/people/{}/contact", self.mother), "*", &wish).ok();
    }

    /// Malte meets the first child on Fridays until then: the path of the series.
    pub fn on_fridays(&self, until_on: &str) -> String {
        let weekly = json!({"match_id": self.maltes[0], "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": 960, "until_on": until_on});
        format!("/v1/series/{}", self.malte.post("/v1/series", &weekly).id())
    }

    /// From now on at six.
    pub fn move_all(&self, series: &str) {
        self.malte.post_if(&format!("{series}/change"), &self.malte.get(series).tag(), &json!({"at_min": 1080})).ok();
    }

    /// Malte meets the first child no more.
    pub fn end(&self) {
        self.unit.post(&format!("/v1/matches/{}/end", self.maltes[0]), &json!({"reason": "staff_wish"})).ok();
    }

    fn mentors(&self) -> [&Caller<'a>; 2] {
        [&self.malte, &self.vita]
    }
}

pub fn by_sms(unit: &Caller<'_>, person: &str, number: &str) {
    unit.put(&format!("/v1/people/{person}/contact"), "*", &json!({"channel": "sms", "phone": number})).ok();
}

/// An hour, but for ten minutes, of March from then on, in UTC: `06T15`.
fn hour(at: &str) -> [String; 2] {
    ["00", "50"].map(|minute| format!("2026-03-{at}:{minute}:00Z"))
}

pub fn at_hour(by: &Caller<'_>, matched: &str, at: &str) -> String {
    let [starts_at, ends_at] = hour(at);
    by.post("/v1/sessions", &plan(matched, &starts_at, &ends_at)).id()
}

pub fn move_to(by: &Caller<'_>, session: &str, at: &str) {
    let [starts_at, ends_at] = hour(at);
    by.post_if(
        &format!("/v1/sessions/{session}/move"),
        &by.get(&format!("/v1/sessions/{session}")).tag(),
        &json!({"starts_at": starts_at, "ends_at": ends_at, "by": "staff"}),
    )
    .ok();
}

/// What is read when the hour of the reminder has come, and the one is known to have arrived that says what the other would.
pub fn reminded(app: &TestApp, at: &str) -> Vec<String> {
    app.set_clock(at);
    app.tick();
    app.pass(TimeDelta::minutes(2));
    texts(app, PHONE)
}

pub fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

/// Through the night and the next day nothing is said but this.
pub fn says_only(app: &TestApp, until: &[&str], expected: &[&str]) {
    for at in until {
        app.set_clock(at);
        assert_eq!(texts(app, PHONE), expected, "{at}");
    }
}

both_engines! {
    fn whichever_of_the_two_one_reminder_spoke_for_is_moved_it_is_told_by_hand(app: TestApp) {
        let house = House::new(&app);
        let (on_friday, on_tuesday) = (house.both_at("06T15"), house.both_at("10T15"));
        // The one that was reminded of, and the other.
        for (both, which, (evening, at, until), expected) in [
            (on_friday, 0, ("2026-03-05T16:00:00Z", "09T17", "2026-03-05T18:30:00Z"), "2026-03-09 2026-03-05"),
            (on_tuesday, 1, ("2026-03-09T16:00:00Z", "13T17", "2026-03-09T18:30:00Z"), "2026-03-13 2026-03-09"),
        ] {
            let reminded = reminded(&app, evening);
            let moved = house.spoke(&both)[which];
            app.pass(TimeDelta::hours(1));
            move_to(house.mentors()[moved], &both[moved], at);
            assert_eq!(to_tell(&app), [expected]);
            app.set_clock(until);
            assert_eq!(texts(&app, PHONE), reminded, "what stands is not said to be elsewhere");
            assert_eq!(to_tell(&app), [expected]);
            tell_all(&app, &house.unit);
            app.pass(TimeDelta::hours(14));
            assert_eq!((texts(&app, PHONE), to_tell(&app)), (reminded, vec![]));
        }
    }

    fn what_stays_is_reminded_of_and_so_is_what_was_moved(app: TestApp) {
        let house = House::new(&app);
        let both = house.both_at("06T15");
        app.set_clock("2026-03-04T09:00:00Z");
        move_to(&house.malte, &both[0], "11T15");
        assert_eq!(to_tell(&app), ["2026-03-11 2026-03-05"]);
        says_only(&app, &["2026-03-04T09:05:00Z", "2026-03-05T04:00:00Z", "2026-03-05T08:00:00Z"], &[]);
        says_only(&app, &["2026-03-05T16:00:00Z"], &[REMINDED]);
        tell_all(&app, &house.unit);
        says_only(&app, &["2026-03-06T08:00:00Z"], &[REMINDED]);
        says_only(&app, &["2026-03-10T16:00:00Z"], &[REMINDED, "Du har en aftale onsdag den 11. marts kl. 16.00."]);
        assert!(to_tell(&app).is_empty());
    }

    fn of_two_that_are_moved_apart_neither_is_told_by_message(app: TestApp) {
        let house = House::new(&app);
        let both = house.both_at("06T15");
        assert_eq!(reminded(&app, "2026-03-05T16:00:00Z"), [REMINDED]);
        for (mentor, session, at) in [(&house.malte, &both[0], "10T15"), (&house.vita, &both[1], "11T15")] {
            app.pass(TimeDelta::minutes(30));
            move_to(mentor, session, at);
        }
        let [first, second] = ["2026-03-10 2026-03-05", "2026-03-11 2026-03-05"];
        assert_eq!(to_tell(&app), [first, second]);
        // Told of the one she would take word of the other to be of that.
        app.pass(TimeDelta::minutes(10));
        tell_one(&app, &house.unit, &both[0]);
        says_only(&app, &["2026-03-05T18:00:00Z", "2026-03-06T04:00:00Z", "2026-03-06T08:00:00Z"], &[REMINDED]);
        assert_eq!(to_tell(&app), [second]);
        // So would she where one is moved and the other is off.
        let both = house.both_at("18T15");
        app.pass(TimeDelta::minutes(30));
        move_to(&house.malte, &both[0], "20T15");
        app.pass(TimeDelta::minutes(30));
        cancel(&house.vita, &both[1]);
        says_only(&app, &["2026-03-06T10:00:00Z"], &[REMINDED]);
        let expected = [second, "2026-03-20 2026-03-17", "off 2026-03-17"];
        assert_eq!(sorted(to_tell(&app)), expected);
        // The night finds it so, too.
        says_only(&app, &["2026-03-07T04:00:00Z"], &[REMINDED]);
        says_only(&app, &["2026-03-07T09:00:00Z"], &[REMINDED, "Du har en aftale onsdag den 11. marts kl. 16.00."]);
        assert_eq!(sorted(to_tell(&app)), expected);
    }

    fn whatever_told_of_both_a_move_of_one_is_told_by_hand(app: TestApp) {
        let house = House::new(&app);
        let both = [at_hour(&house.malte, &house.maltes[0], "05T15"), at_hour(&house.vita, &house.vitas, "05T17")];
        app.set_clock("2026-03-03T09:00:00Z");
        for (mentor, session) in house.mentors().into_iter().zip(&both) {
            move_to(mentor, session, "06T15");
        }
        let moved = ["Din aftale er flyttet til fredag den 6. marts kl. 16.00."; 2];
        assert_eq!(texts(&app, PHONE), moved);
        app.pass(TimeDelta::hours(1));
        move_to(&house.vita, &both[1], "12T15");
        assert_eq!(to_tell(&app), ["2026-03-12 2026-03-05"]);
        says_only(&app, &["2026-03-05T08:00:00Z"], &moved);
        says_only(&app, &["2026-03-05T16:00:00Z"], &[moved[0], moved[1], REMINDED]);
    }

    fn what_is_planned_where_word_of_a_move_waits_keeps_that_back(app: TestApp) {
        let house = House::new(&app);
        let session = at_hour(&house.malte, &house.maltes[0], "06T15");
        assert_eq!(reminded(&app, "2026-03-05T16:00:00Z"), [REMINDED]);
        app.set_clock("2026-03-05T20:00:00Z");
        move_to(&house.malte, &session, "09T15");
        app.pass(TimeDelta::minutes(10));
        assert!(to_tell(&app).is_empty());
        at_hour(&house.vita, &house.vitas, "06T15");
        says_only(&app, &["2026-03-06T08:00:00Z"], &[REMINDED]);
        assert_eq!(to_tell(&app), ["2026-03-09 2026-03-06"]);
    }

    fn whoever_was_told_of_a_move_is_told_nothing_by_hand_of_what_is_planned_there_since(app: TestApp) {
        let house = House::new(&app);
        let session = at_hour(&house.malte, &house.maltes[0], "06T15");
        app.set_clock("2026-03-03T09:00:00Z");
        move_to(&house.malte, &session, "09T15");
        let moved = "Din aftale er flyttet til mandag den 9. marts kl. 16.00.";
        assert_eq!(texts(&app, PHONE), [moved]);
        app.pass(TimeDelta::minutes(10));
        at_hour(&house.vita, &house.vitas, "06T15");
        says_only(&app, &["2026-03-04T04:00:00Z", "2026-03-04T09:00:00Z"], &[moved]);
        assert!(to_tell(&app).is_empty());
    }

    fn a_joint_session_that_is_moved_beside_another_is_told_by_hand_once(app: TestApp) {
        let house = House::new(&app);
        let plan = |at: &str| {
            let [starts_at, ends_at] = hour(at);
            json!({"match_ids": house.maltes, "starts_at": starts_at, "ends_at": ends_at, "kind": "in_person"})
        };
        let whole = format!("/v1/joint-sessions/{}", house.malte.post("/v1/joint-sessions", &plan("06T15")).id());
        let there = |at: &str| {
            let [starts_at, ends_at] = hour(at);
            let there = json!({"starts_at": starts_at, "ends_at": ends_at, "by": "staff"});
            house.malte.post_if(&format!("{whole}/move"), &house.malte.get(&whole).tag(), &there).ok();
        };
        app.set_clock("2026-03-02T09:00:00Z");
        there("10T15");
        let moved = "Din aftale er flyttet til tirsdag den 10. marts kl. 16.00.";
        assert_eq!(texts(&app, PHONE), [moved], "nothing else is then");
        app.pass(TimeDelta::minutes(10));
        at_hour(&house.vita, &house.vitas, "10T15");
        there("12T15");
        assert_eq!(to_tell(&app), ["2026-03-12 2026-03-09"]);
        says_only(&app, &["2026-03-03T04:00:00Z", "2026-03-03T09:00:00Z"], &[moved]);
        says_only(&app, &["2026-03-09T16:00:00Z"], &[moved, "Du har en aftale tirsdag den 10. marts kl. 16.00."]);
        tell_all(&app, &house.unit);
        app.set_clock("2026-03-11T16:00:00Z");
        assert_eq!(texts(&app, PHONE)[2..], ["Du har en aftale torsdag den 12. marts kl. 16.00."]);
    }

    fn adults_who_read_on_one_phone_are_not_told_that_the_others_is_moved(app: TestApp) {
        let unit = app.coordinator();
        let adults = [("Frodemund", "karla"), ("Mathildur", "cora")].map(|(name, coach)| {
            let person = unit.person("parent", name, None);
            by_sms(&unit, &person, PHONE);
            let case = app.founded_case(&unit, &[&person]);
            let coach = app.account(coach, &["parent_coach"]);
            let theirs = matched(&unit, &coach, &course(&app, &unit, &case, &person, &[], "parent_coach"), &staff(&app, &coach, false));
            let session = at_hour(&coach, &theirs, "06T15");
            (coach, session)
        });
        app.set_clock("2026-03-05T16:00:00Z");
        let reminded = texts(&app, PHONE);
        app.pass(TimeDelta::hours(1));
        move_to(&adults[0].0, &adults[0].1, "09T15");
        assert_eq!((texts(&app, PHONE), to_tell(&app)), (reminded, vec!["2026-03-09 2026-03-05".to_owned()]));
    }

    fn what_the_word_for_all_leaves_at_the_moment_of_another_is_told_by_hand(app: TestApp) {
        let house = House::new(&app);
        let series = house.on_fridays("2026-04-30");
        at_hour(&house.vita, &house.vitas, "06T15");
        assert_eq!(reminded(&app, "2026-03-05T16:00:00Z"), [REMINDED]);
        app.pass(TimeDelta::minutes(30));
        house.move_all(&series);
        assert_eq!(texts(&app, PHONE), [REMINDED, CHANGED], "the other child's");
        assert_eq!(to_tell(&app), ["2026-03-06 2026-03-05"]);
        tell_all(&app, &house.unit);
        // What is named before it may be taken for it still: in the morning it is reminded of.
        says_only(&app, &["2026-03-05T17:30:00Z", "2026-03-06T04:00:00Z"], &[REMINDED, CHANGED]);
        says_only(&app, &["2026-03-06T08:00:00Z"], &[REMINDED, CHANGED, "Du har en aftale fredag den 6. marts kl. 18.00."]);
    }

    fn what_is_off_with_all_at_the_moment_of_another_is_told_by_hand(app: TestApp) {
        let house = House::new(&app);
        at_hour(&house.malte, &house.maltes[0], "13T15");
        house.both_at("06T15");
        assert_eq!(reminded(&app, "2026-03-05T16:00:00Z"), [REMINDED]);
        app.pass(TimeDelta::minutes(30));
        house.end();
        assert_eq!(texts(&app, PHONE), [REMINDED, CHANGED], "the other child's");
        assert_eq!(to_tell(&app), ["off 2026-03-05"]);
    }
}
