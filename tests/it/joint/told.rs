//! What one press of a joint session's link says of several parts is told once to whoever meets them, and of none it is lost.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::links::{FATHERS, Siblings, link, press};
use super::off;
use crate::answers::push_to;
use crate::support::TestApp;

/// How often the mentor's phone was told.
fn told(app: &TestApp) -> usize {
    app.tick();
    app.capture.to("malte").len()
}

/// The children, by id.
fn children(family: &Siblings<'_>) -> Vec<String> {
    let mut children = family.children.each_ref().map(|child| child.id.clone());
    children.sort();
    children.to_vec()
}

/// Of which people's answers the mentor is to be told by hand, by id.
fn errands(family: &Siblings<'_>) -> Vec<String> {
    let open = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"].as_array().unwrap().clone();
    let of_answers = open.iter().filter(|duty| duty["subject_kind"] == "answer");
    let mut people: Vec<String> = of_answers.map(|duty| duty["person_id"].as_str().unwrap().to_owned()).collect();
    people.sort();
    people
}

/// A joint session, of which the families were reminded the evening before.
fn reminded(app: &TestApp, family: &Siblings<'_>, (day, before): (&str, &str)) -> Value {
    let planned = family.plan_on(day);
    app.set_clock(&format!("2026-03-{before}T16:00:00Z"));
    app.tick();
    planned
}

/// The days of the two rounds, whichever of the children it is, each with the one before.
const ROUNDS: [(&str, &str); 2] = [("11", "10"), ("13", "12")];

both_engines! {
    fn what_the_mentor_may_not_see_the_unit_tells_and_their_phone_once_they_may(app: TestApp) {
        let family = Siblings::new(&app);
        push_to(&family.mentor, "malte");
        family.all_want_links();
        // Whichever of the children it is from.
        for (round, (day, before)) in ROUNDS.into_iter().enumerate() {
            reminded(&app, &family, (day, before));
            let hidden = &family.children[round];
            let bar = json!({"account_id": family.mentor.account_id(), "person_id": hidden.id, "cause": "family"});
            let bar = family.unit.post("/v1/bars", &bar).id();
            press(&app, &link(&app, FATHERS), "cancel");
            // A bar from one is one from their case, and so from both.
            assert_eq!((told(&app), errands(&family)), (2 * round, children(&family)));
            // The bar ends: what was promised by hand for each they are told of each now, and no more of it.
            app.pass(TimeDelta::minutes(5));
            family.unit.post(&format!("/v1/bars/{bar}/end"), &json!({})).ok();
            assert_eq!((told(&app), errands(&family)), (2 * round + 2, Vec::new()));
            assert_eq!(told(&app), 2 * round + 2);
        }
    }

    fn what_no_phone_or_mailbox_takes_is_told_by_hand_of_each(app: TestApp) {
        let family = Siblings::new(&app);
        family.all_want_links();
        reminded(&app, &family, ROUNDS[0]);
        press(&app, &link(&app, FATHERS), "cancel");
        assert_eq!((told(&app), told(&app)), (0, 0));
        assert_eq!(errands(&family), children(&family));
    }

    fn a_part_that_is_off_before_the_morning_does_not_take_the_news_of_the_other_along(app: TestApp) {
        let family = Siblings::new(&app);
        push_to(&family.mentor, "malte");
        family.all_want_links();
        for (round, (day, before)) in ROUNDS.into_iter().enumerate() {
            let planned = reminded(&app, &family, (day, before));
            app.set_clock(&format!("2026-03-{before}T20:30:00Z"));
            press(&app, &link(&app, FATHERS), "cancel");
            assert_eq!(told(&app), round);
            app.set_clock(&format!("2026-03-{day}T06:30:00Z"));
            off(&family.unit, &planned, &family.children[round].matched, "unit");
            assert_eq!(told(&app), round, "not before eight");
            app.set_clock(&format!("2026-03-{day}T07:01:00Z"));
            assert_eq!((told(&app), errands(&family)), (round + 1, Vec::new()));
        }
    }

    fn what_was_told_of_both_is_not_told_again_and_taken_back_for_what_is_left(app: TestApp) {
        let family = Siblings::new(&app);
        push_to(&family.mentor, "malte");
        family.all_want_links();
        for (round, (day, before)) in ROUNDS.into_iter().enumerate() {
            let planned = reminded(&app, &family, (day, before));
            let fathers = link(&app, FATHERS);
            press(&app, &fathers, "cancel");
            assert_eq!(told(&app), 2 * round + 1);
            app.pass(TimeDelta::minutes(5));
            off(&family.unit, &planned, &family.children[round].matched, "unit");
            assert_eq!(told(&app), 2 * round + 1, "they know");
            app.pass(TimeDelta::minutes(5));
            assert_eq!(press(&app, &fathers, "undo"), 303);
            assert_eq!((told(&app), errands(&family)), (2 * round + 2, Vec::new()));
        }
    }
}
