//! One-tap answers for a child: the chosen custody holder gives them.

use serde_json::{Value, json};

use super::{ANSWERS, Linked, NUMBER, choose, contact, look, path, press, text};
use crate::sessions::{course, matched, plan, staff};
use crate::support::TestApp;

both_engines! {
    fn for_a_child_the_chosen_custody_holder_answers_and_no_other_sees_it(app: TestApp) {
        let unit = app.coordinator();
        let girl = unit.person("young_person", "Gudrunette", Some("2013-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        let case = app.founded_case(&unit, &[&girl, &mother, &father]);
        let custody = |recipient: Value| {
            let tag = unit.get(&format!("/v1/people/{girl}")).tag();
            let holders = json!({"holder_ids": [mother, father], "recipient_id": recipient});
            unit.put(&format!("/v1/people/{girl}/custody"), &tag, &holders).ok();
        };
        custody(Value::Null);
        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(&app, &mentor, true);
        let tag = unit.get(&format!("/v1/staff/{malte}")).tag();
        let proofs = json!({"certificates": [{"kind": "child_protection", "issued_on": "2026-01-05", "valid_until_on": null}]});
        unit.put(&format!("/v1/staff/{malte}/certificates"), &tag, &proofs).ok();
        let girls = course(&app, &unit, &case, &girl, &[&mother, &father], "mentor");
        let matched = matched(&unit, &mentor, &girls, &malte);
        for (person, address) in [(&mother, "mor@example.org"), (&father, "far@example.org")] {
            contact(&unit, person, &json!({"channel": "email", "email": address}));
        }
        // Nobody is chosen: nobody can say yes. The mother is; her yes is not the father's.
        choose(&mentor, &girl, true).refused(409, "wrong_state");
        custody(json!(mother));
        let chosen = choose(&mentor, &girl, true).ok();
        assert_eq!((&chosen["by_custody_holder"], &chosen["chooser_id"], &chosen["person_id"]), (&json!(true), &Value::Null, &json!(girl)));
        let session = mentor.post("/v1/sessions", &plan(&matched, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
        app.set_clock("2026-03-06T16:00:00Z");
        app.tick();
        let hers = path(&app.capture.to("mor@example.org")[0]);
        press(&app, &hers, "cancel");
        let seen = || mentor.get(&format!("/v1/sessions/{session}")).ok()["answered_by_link"].clone();
        assert_eq!((&seen()["answer"], &seen()["by_custody_holder"]), (&json!("cancel"), &json!(true)));
        assert!(app.capture.to("far@example.org").is_empty());

        custody(json!(father));
        assert_eq!(look(&app, &hers).status, 404, "she gets the reminders no more");
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        assert_eq!(app.capture.to("far@example.org").last().unwrap().message.link, None, "he has not said yes");
        choose(&unit, &girl, true).ok();
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:30:00Z"});
        let tag = mentor.get(&format!("/v1/sessions/{session}")).tag();
        // Her answer is about the old start; his link is about the new one, and shows nothing of hers.
        mentor.post_if(&format!("/v1/sessions/{session}/move"), &tag, &there).ok();
        app.tick();
        let his = path(&app.capture.to("far@example.org").pop().unwrap());
        assert!(!text(&look(&app, &his)).contains("Noteret"));
        press(&app, &his, "undo");
        press(&app, &his, "confirm");
        custody(json!(mother));
        assert_eq!((look(&app, &his).status, &seen()["answer"]), (404, &json!("confirm")));
        app.set_clock("2026-03-11T16:00:00Z");
        app.tick();
        // The same start, and his answer stands: she does not see it, nor takes it back, and may answer herself.
        let hers = path(&app.capture.to("mor@example.org").pop().unwrap());
        assert!(!text(&look(&app, &hers)).contains("Noteret"));
        press(&app, &hers, "undo");
        assert_eq!(seen()["answer"], "confirm");
        press(&app, &hers, "cancel");
        assert_eq!(seen()["answer"], "cancel");
    }

    fn a_word_is_whose_it_was_when_it_was_said(app: TestApp) {
        let unit = app.coordinator();
        let girl = unit.person("young_person", "Liselottine", Some("2011-03-06"));
        let mother = unit.person("parent", "Annegretha", None);
        let tag = unit.get(&format!("/v1/people/{girl}")).tag();
        unit.put(&format!("/v1/people/{girl}/custody"), &tag, &json!({"holder_ids": [mother], "recipient_id": mother})).ok();
        choose(&unit, &girl, false).ok();
        // She is fifteen since yesterday.
        app.set_clock("2026-03-07T08:00:00Z");
        let said = |wants_links: bool, happened_at: &str| {
            let word = json!({"wants_links": wants_links, "happened_at": happened_at});
            let choice = unit.post(&format!("/v1/people/{girl}/link-choices"), &word).ok();
            (choice["chooser_id"].clone(), choice["by_custody_holder"].clone(), choice["stands"].clone())
        };
        let (hers, her_mothers) = ((json!(girl), json!(false), json!(true)), (json!(mother), json!(true), json!(false)));
        assert_eq!(said(true, "2026-03-05T22:59:59Z"), her_mothers, "a yes of the day before her birthday");
        assert_eq!(said(true, "2026-03-05T23:00:00Z"), hers);
        // Written down later, a no of before takes nothing back of what is hers.
        assert_eq!(said(false, "2026-03-04T12:00:00Z"), her_mothers);
        let all = unit.get(&format!("/v1/people/{girl}/link-choices")).ok();
        let standing: Vec<_> = all["items"].as_array().unwrap().iter().filter(|choice| choice["stands"] == true).collect();
        assert_eq!((standing.len(), &standing[0]["chooser_id"], &standing[0]["wants_links"]), (1, &json!(girl), &json!(true)));
    }

    fn what_was_said_before_the_first_was_written_down_as_chosen_is_theirs(app: TestApp) {
        let unit = app.coordinator();
        let girl = unit.person("young_person", "Annagrethine", Some("2014-06-01"));
        let mother = unit.person("parent", "Thordisella", None);
        let said_at = app.clock.now();
        app.set_clock("2026-03-02T10:00:00Z");
        let tag = unit.get(&format!("/v1/people/{girl}")).tag();
        unit.put(&format!("/v1/people/{girl}/custody"), &tag, &json!({"holder_ids": [mother], "recipient_id": mother})).ok();
        app.set_clock("2026-03-02T11:00:00Z");
        let choice = unit.post(&format!("/v1/people/{girl}/link-choices"), &json!({"wants_links": true, "happened_at": said_at})).ok();
        assert_eq!((&choice["chooser_id"], &choice["stands"]), (&json!(mother), &json!(true)));
    }

    fn what_was_said_before_whoever_is_chosen_was_is_not_theirs(app: TestApp) {
        let unit = app.coordinator();
        let girl = unit.person("young_person", "Sofiannika", Some("2014-06-01"));
        let [mother, father] = ["Theodorikka", "Gustaffin"].map(|name| unit.person("parent", name, None));
        let custody = |recipient: &str| {
            let tag = unit.get(&format!("/v1/people/{girl}")).tag();
            let holders = json!({"holder_ids": [mother, father], "recipient_id": recipient});
            unit.put(&format!("/v1/people/{girl}/custody"), &tag, &holders).ok();
        };
        let path = format!("/v1/people/{girl}/link-choices");
        let said = |happened_at: &str| unit.post(&path, &json!({"wants_links": true, "happened_at": happened_at}));
        let chosen = || {
            let all = unit.get(&path).ok()["items"].as_array().unwrap().clone();
            all.iter().map(|choice| (choice["chooser_id"].clone(), choice["stands"].clone())).collect::<Vec<_>>()
        };
        custody(&mother);
        app.set_clock("2026-03-05T08:00:00Z");
        said("2026-03-04T08:00:00Z").ok();
        custody(&father);
        app.set_clock("2026-03-06T08:00:00Z");
        // Her yes of before he was chosen is not his, and whose it would be is not known any more.
        for before in ["2026-03-04T08:00:00Z", "2026-03-05T07:59:59Z"] {
            let refused = said(before).refused(409, "wrong_state");
            assert_eq!(refused["detail"], "Modtageren af påmindelserne blev først valgt senere");
        }
        assert_eq!(chosen(), [(json!(mother), json!(false))]);
        said("2026-03-05T08:00:00Z").ok();
        assert_eq!(chosen(), [(json!(father), json!(true)), (json!(mother), json!(false))]);
    }

    fn another_phone_is_told_anew_and_the_old_one_reads_nothing(app: TestApp) {
        let linked = Linked::new(&app);
        let family = &linked.family;
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        assert_eq!((app.capture.to(NUMBER).len(), look(&app, &linked.link).status), (2, 200));
        // His phone is taken from him the evening before; a coordinator writes the new number down.
        app.set_clock("2026-03-10T18:00:00Z");
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": "+4520999999"}));
        let last = path(&app.capture.to(NUMBER)[1]);
        for link in [&linked.link, &last] {
            assert_eq!((look(&app, link).status, press(&app, link, "cancel").status), (404, 404));
        }
        app.tick();
        let told = app.capture.to("+4520999999");
        assert_eq!((told.len(), told[0].message.lines[0].as_str()), (1, "Du har en aftale onsdag den 11. marts kl. 16.00."));
        assert_eq!((look(&app, &path(&told[0])).status, app.capture.to(NUMBER).len()), (200, 2));
        // Once: nothing that is planned anew tells it again, nor does another way to the same phone.
        contact(&family.unit, &family.boy, &json!({"channel": "email", "email": "bo@example.org", "phone": "+4520999999"}));
        app.set_clock("2026-03-11T07:00:00Z");
        app.tick();
        assert_eq!((app.capture.to("+4520999999").len(), app.capture.to("bo@example.org").len()), (1, 0));
        assert!(app.promised("tell_by_hand").is_empty());
        // With no way at all somebody tells him.
        contact(&family.unit, &family.boy, &json!({}));
        assert_eq!(app.promise("tell_by_hand").0, "open");
    }

    fn a_parents_page_says_until_when_the_answer_can_be_undone_where_the_child_turns_fifteen_before(app: TestApp) {
        let unit = app.coordinator();
        let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2011-03-11")), unit.person("parent", "Mathildur", None));
        unit.put(&format!("/v1/people/{girl}/custody"), "*", &json!({"holder_ids": [mother], "recipient_id": mother})).ok();
        contact(&unit, &mother, &json!({"channel": "sms", "phone": NUMBER}));
        let case = app.founded_case(&unit, &[&girl, &mother]);
        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(&app, &mentor, true);
        unit.certify(&malte, None);
        let matched = matched(&unit, &mentor, &course(&app, &unit, &case, &girl, &[&mother], "mentor"), &malte);
        choose(&mentor, &girl, true).ok();
        // One on the day before her birthday, and one on it.
        for day in ["10", "11"] {
            mentor.post("/v1/sessions", &plan(&matched, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).ok();
        }
        let page = |at: &str| {
            app.set_clock(at);
            app.tick();
            let link = path(&app.capture.to(NUMBER).pop().unwrap());
            press(&app, &link, "cancel");
            let english = text(&look(&app, &format!("{link}?l=en")));
            (text(&look(&app, &link)), english, link)
        };
        let (danish, english, _) = page("2026-03-09T16:00:00Z");
        assert!(danish.contains("fortryde dit svar her, indtil aftalen begynder."), "{danish}");
        assert!(english.contains("undo your answer here until the appointment begins."), "{english}");
        let (danish, english, link) = page("2026-03-10T16:00:00Z");
        assert!(danish.contains("fortryde dit svar her, indtil onsdag den 11. marts kl. 00.00."), "{danish}");
        assert!(english.contains("undo your answer here until Wednesday 11 March at 00:00."), "{english}");
        app.set_clock("2026-03-10T22:59:59Z");
        assert_eq!(look(&app, &link).status, 200);
        app.set_clock("2026-03-10T23:00:00Z");
        assert_eq!(look(&app, &link).status, 404);
    }

    fn of_two_answers_of_one_moment_the_open_one_is_shown(app: TestApp) {
        let linked = Linked::new(&app);
        for _ in 0..6 {
            press(&app, &linked.link, "cancel");
            assert_eq!(linked.seen()["answered_by_link"]["outcome"], Value::Null);
            linked.settle(&linked.family.mentor, &json!({"outcome": "kept"})).ok();
        }
        press(&app, &linked.link, "ask_to_move");
        assert_eq!((&linked.seen()["answered_by_link"]["answer"], app.lines(ANSWERS).len()), (&json!("ask_to_move"), 7));
    }
}
