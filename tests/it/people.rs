//! People over HTTP: custody as far as the caller may see it, and a number that is told later.

use makker::base::clock::Instant;
use makker::base::db::migrations;
use serde_json::{Value, json};

use crate::sessions::{family, plan};
use crate::support::TestApp;
use crate::support::casework::{offer, yes};
use crate::support::http::Answer;

both_engines! {
    fn whom_one_is_barred_from_is_named_nowhere_and_loses_nothing(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let child = unit.person("young_person", "Gudrunette", Some("2014-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        let path = format!("/v1/people/{child}");
        let custody = format!("{path}/custody");
        unit.put(&custody, &unit.get(&path).tag(), &json!({"holder_ids": [mother, father], "recipient_id": father})).ok();
        let case = app.founded_case(&unit, &[&child]);
        let made = unit.post("/v1/offers", &offer(&case, &child, "mentor", app.clock.now())).id();
        let mut no = yes(&father, app.clock.now());
        no["given"] = json!(false);
        unit.post(&format!("/v1/offers/{made}/consents"), &no).ok();
        unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": father, "cause": "family"})).ok();

        let seen = ida.get(&path);
        assert_eq!((&seen.ok()["custody_holder_ids"], seen.ok().get("recipient_id")), (&json!([mother]), None));
        let offered = ida.get(&format!("/v1/offers/{made}"));
        let refused = ida.post(&format!("/v1/offers/{made}/accept"), &json!({}));
        refused.refused(409, "blocked");
        let kept = ida.put(&custody, &seen.tag(), &json!({"holder_ids": [mother], "recipient_id": mother}));
        kept.refused(403, "forbidden");
        for answer in [&seen, &offered, &refused, &kept] {
            assert!(!String::from_utf8_lossy(&answer.body).contains(&father), "{answer}");
        }
        assert_eq!((&unit.get(&path).ok()["custody_holder_ids"].as_array().unwrap().len(), &unit.get(&path).ok()["recipient_id"]), (&2, &json!(father)));
        assert_eq!(unit.get(&format!("/v1/offers/{made}")).ok()["consents"][0]["giver_id"], json!(father));
    }

    fn a_new_custody_holder_is_said_to_stand_in_the_way(app: TestApp) {
        let family = family(&app);
        let (unit, path) = (&family.unit, format!("/v1/people/{}", family.boy));
        let mother = unit.person("parent", "Mathildur", None);
        let set = |holders: Value| unit.put(&format!("{path}/custody"), &unit.get(&path).tag(), &json!({"holder_ids": holders})).ok();
        assert_eq!(set(json!([family.father, mother]))["course_ids_lacking_consent"], json!([family.course]));
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).refused(409, "wrong_state");
        assert_eq!(set(json!([family.father]))["course_ids_lacking_consent"], json!([]));
        assert!(unit.get(&path).ok().get("course_ids_lacking_consent").is_none());
    }

    fn whoever_turns_out_too_young_for_the_custody_they_hold_is_named(app: TestApp) {
        let unit = app.coordinator();
        let (child, mother) = (unit.person("young_person", "Nyfødine", Some("2026-01-05")), unit.person("parent", "Ungemor", Some("2008-03-01")));
        let custody = format!("/v1/people/{child}/custody");
        let since = |day: &str| {
            let body = json!({"holder_ids": [mother], "from_on": day});
            unit.put(&custody, &unit.get(&format!("/v1/people/{child}")).tag(), &body)
        };
        let early = since("2026-01-04").refused(422, "invalid");
        assert_eq!((&early["errors"][0]["pointer"], &early["errors"][0]["code"]), (&json!("/from_on"), &json!("before_birth")));
        since("2026-01-05").ok();
        let hers = format!("/v1/people/{mother}");
        let born = |day: &str| unit.patch(&hers, &unit.get(&hers).tag(), &json!({"born_on": day})).ok();
        assert_eq!(born("2011-03-02")["too_young_for_custody_of_ids"], json!([]), "15 today");
        assert_eq!(born("2011-03-03")["too_young_for_custody_of_ids"], json!([child]));
        // She holds it until somebody sets it anew, and not again.
        assert_eq!(unit.get(&format!("/v1/people/{child}")).ok()["custody_holder_ids"], json!([mother]));
        unit.set_custody(&child, &[]);
        since("2026-03-02").refused(422, "invalid");
    }

    fn a_death_names_the_children_whose_reminders_nobody_gets_since(app: TestApp) {
        let unit = app.coordinator();
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        let choose = |child: &str, recipient: &str| {
            let custody = json!({"holder_ids": [mother, father], "recipient_id": recipient});
            unit.put(&format!("/v1/people/{child}/custody"), &unit.get(&format!("/v1/people/{child}")).tag(), &custody).ok();
        };
        // From 15 the young person's own contact is used.
        let born = [("Gudrunette", "2014-05-01"), ("Bertramius", "2010-05-01")];
        let [small, grown] = born.map(|(name, born_on)| unit.person("young_person", name, Some(born_on)));
        choose(&small, &mother);
        choose(&grown, &mother);
        let (path, hers) = (format!("/v1/people/{small}"), format!("/v1/people/{mother}"));
        let die = || unit.post(&format!("{hers}/death"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!(die()["child_ids_lacking_recipient"], json!([small]));
        let seen = unit.get(&path).ok();
        assert_eq!((seen.get("recipient_id"), seen["custody_holder_ids"].as_array().map(Vec::len)), (None, Some(2)));
        // She lives, and is chosen still.
        unit.post(&format!("{hers}/death/retract"), &json!({})).ok();
        assert_eq!(unit.get(&path).ok()["recipient_id"], json!(mother));
        choose(&small, &father);
        assert_eq!(die()["child_ids_lacking_recipient"], json!([]));
        assert_eq!(unit.get(&path).ok()["recipient_id"], json!(father));
        assert!(unit.get(&hers).ok().get("child_ids_lacking_recipient").is_none());
    }

    fn whoever_holds_custody_again_held_it_before_too(app: TestApp) {
        let unit = app.coordinator();
        let child = unit.person("young_person", "Gudrunette", Some("2014-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        unit.set_custody(&child, &[&mother, &father]);
        app.set_clock("2026-03-12T08:00:00Z");
        unit.set_custody(&child, &[&mother]);
        let former = "custody WHERE from_on IS NULL AND until_on IS NOT NULL AND version = 2";
        assert_eq!((app.count("custody"), app.count(former)), (2, 1));
        app.set_clock("2026-04-01T08:00:00Z");
        unit.set_custody(&child, &[&mother, &father]);
        assert_eq!((app.count("custody"), app.count(former)), (3, 1), "the time that was over stays as it was");
        assert_eq!(app.count("custody WHERE until_on IS NULL"), 2);
        // Twice on one day: nobody held it for no time at all.
        unit.set_custody(&child, &[&mother]);
        unit.set_custody(&child, &[&mother, &father]);
        unit.set_custody(&child, &[&mother, &father]);
        assert_eq!((app.count("custody"), app.count("custody WHERE until_on IS NULL")), (3, 2));
        let holders = unit.get(&format!("/v1/people/{child}")).ok()["custody_holder_ids"].as_array().unwrap().len();
        assert_eq!(holders, 2);
        // An earlier version keeps the last time of each; what it has is taken over as it stands.
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap() != Some("0031_histories_keep") {}
        assert_eq!((app.count("custody"), app.count("custody WHERE until_on IS NULL AND from_on IS NOT NULL")), (2, 1));
        migrations::apply(db, app.clock.now()).unwrap();
        assert_eq!((app.count("custody"), app.count("custody WHERE until_on IS NULL")), (2, 2));
    }

    fn a_registration_number_is_told_later(app: TestApp) {
        let unit = app.coordinator();
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
        let set = |person: &str, number: &str| {
            let path = format!("/v1/people/{person}");
            unit.patch(&path, &unit.get(&path).tag(), &json!({"registration_number": number}))
        };
        assert_eq!(set(&boy, "1").refused(422, "invalid")["errors"][0]["pointer"], "/registration_number");
        let told = set(&boy, "0101901234");
        assert_eq!(told.ok()["has_registration_number"], true);
        assert!(!String::from_utf8_lossy(&told.body).contains("0101901234"));
        set(&father, "0101901234").refused(409, "already_exists");
        set(&boy, "0101901234").ok();
        let found = unit.post("/v1/people/search", &json!({"registration_number": "0101901234"})).json();
        assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(boy)));
        // Another change leaves it.
        let path = format!("/v1/people/{boy}");
        assert_eq!(unit.patch(&path, &unit.get(&path).tag(), &json!({"warnings": "Bange for hunde"})).ok()["has_registration_number"], true);
    }

    fn a_registration_number_that_is_anothers_is_taken_off(app: TestApp) {
        let unit = app.coordinator();
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
        let set = |person: &str, number: serde_json::Value| {
            let path = format!("/v1/people/{person}");
            unit.patch(&path, &unit.get(&path).tag(), &json!({"registration_number": number})).ok()
        };
        let found = || unit.post("/v1/people/search", &json!({"registration_number": "0101901234"})).json();
        set(&boy, json!("0101901234"));
        let off = set(&boy, json!(null));
        assert_eq!((&off["has_registration_number"], &off["version"], found()), (&json!(false), &json!(3), json!([])));
        assert_eq!(app.count("people WHERE registration IS NOT NULL OR registration_hash IS NOT NULL"), 0);
        // It is free for whose it is. What is not there is taken off by nobody.
        assert_eq!(set(&father, json!("0101901234"))["has_registration_number"], true);
        assert_eq!((found()[0]["id"].clone(), set(&boy, json!(null))["version"].clone()), (json!(father), json!(3)));
    }

    /// Looking through names is no look at everybody who has one.
    fn a_search_writes_down_whom_it_found_and_nobody_else(app: TestApp) {
        let unit = app.coordinator();
        let people = ["Bertramius", "Gudrunette"].map(|name| unit.person("young_person", name, Some("2010-05-01")));
        unit.person("parent", "Frodemund", None);
        let officer = app.account("dorte", &["data_protection_officer"]);
        let noted = |operation: &str| {
            app.lines(&format!("SELECT act AS line FROM journal WHERE subject_kind = 'person' AND operation = '{operation}'")).len()
        };
        let search = |body: Value| unit.post("/v1/people/search", &body).json().as_array().unwrap().len();
        assert_eq!((search(json!({"name": "zzzzzz"})), noted("people.search")), (0, 0));
        assert_eq!((search(json!({"name": "bertram"})), noted("people.search")), (1, 1));
        assert_eq!((search(json!({"name": "gudrun", "born_on": "2010-05-01"})), noted("people.search")), (1, 2));
        assert_eq!((search(json!({"name": "gudrun", "born_on": "2010-05-02"})), noted("people.search")), (0, 2));
        assert_eq!((search(json!({"born_on": "2010-05-01"})), noted("people.search")), (2, 4));

        let told = json!({"given_name": "BERTRAMIUS", "family_name": "Kaspersson", "born_on": "2010-05-01"});
        let enquiry = json!({"received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal",
            "concern": {"observed": "Meget fravær"}, "reporters": [{"kind": "citizen"}], "subjects": [told]});
        let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &enquiry).id());
        let subject = unit.get(&path).ok()["file"]["subjects"][0]["id"].as_str().unwrap().to_owned();
        let likely = unit.get(&format!("{path}/subjects/{subject}/likely_people")).ok();
        assert_eq!((&likely[0]["person_id"], likely.as_array().unwrap().len()), (&json!(people[0]), 1));
        assert_eq!(noted("enquiries.likely_people"), 1);

        officer.post("/v1/oversight/people/search", &json!({"name": "Bertramius", "born_on": "2010-05-01"})).ok();
        assert_eq!(noted("oversight.find_people"), 0);
        officer.post("/v1/oversight/people/search", &json!({"name": "Bertramius Kaspersson", "born_on": "2010-05-01"})).ok();
        assert_eq!(noted("oversight.find_people"), 1);
    }

    fn a_name_is_found_however_it_is_written(app: TestApp) {
        let (unit, officer) = (app.coordinator(), app.account("dorte", &["data_protection_officer"]));
        let written = |given: &str, family: &str| json!({"kind": "young_person", "name": {"given": given, "family": family}, "born_on": "2010-05-01"});
        let id = unit.post("/v1/people", &written("Zoe\u{308}lina", "A\u{30a}kjær-Borg")).id();
        assert_eq!(unit.get(&format!("/v1/people/{id}")).ok()["given_name"], "Zoëlina");
        for name in ["Zoëlina", "Zoe\u{308}lina", "zoelina", "Zoelina Åk", "A\u{30a}KJÆR borg", "aakjaer"] {
            let found = unit.post("/v1/people/search", &json!({"name": name})).ok();
            assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(id)), "{name}");
        }
        assert_eq!(unit.post("/v1/people/search", &json!({"name": "'"})).ok(), json!([]), "nothing to compare is nobody's name");
        for name in ["Zoëlina Åkjær-Borg", "ZOE\u{308}LINA A\u{30a}kjær Borg"] {
            let found = officer.post("/v1/oversight/people/search", &json!({"name": name, "born_on": "2010-05-01"})).ok();
            assert_eq!(found[0]["person_id"], json!(id), "{name}");
        }
        for unseen in ["\u{200b}", "\u{301}", " \u{ad} "] {
            let refused = unit.post("/v1/people", &written(unseen, "Borg")).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/name/given"), &json!("empty")));
        }
    }

    fn a_wished_channel_without_an_address_is_pointed_at_where_it_stands(app: TestApp) {
        let unit = app.coordinator();
        let parent = |contact: &Value| json!({"kind": "parent", "name": {"given": "Ottelinde", "family": "Prøve"}, "contact": contact});
        let flaw = |answer: &Answer| {
            let error = answer.refused(422, "invalid")["errors"][0].clone();
            assert_eq!(error["code"], "no_address");
            error["pointer"].clone()
        };
        assert_eq!(flaw(&unit.post("/v1/people", &parent(&json!({"channel": "sms"})))), "/contact/channel");
        let path = format!("/v1/people/{}", unit.post("/v1/people", &parent(&json!({"channel": "sms", "phone": "+4520100001"}))).id());
        let contact = unit.put(&format!("{path}/contact"), &unit.get(&path).tag(), &json!({"channel": "email", "phone": "+4520100001"}));
        assert_eq!(flaw(&contact), "/channel");
    }

    fn a_change_of_custody_counts_from_the_day_it_was(app: TestApp) {
        let unit = app.coordinator();
        let child = unit.person("young_person", "Gudrunette", Some("2012-05-01"));
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        unit.set_custody(&child, &[&mother, &father]);
        let case = app.founded_case(&unit, &[&child]);
        let made = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &child, "mentor", app.clock.now())).id());
        // The letter comes three weeks after he lost it.
        app.set_clock("2026-03-30T08:00:00Z");
        let path = format!("/v1/people/{child}");
        let set = |holders: &[&String], from_on: &str| {
            unit.put(&format!("{path}/custody"), &unit.get(&path).tag(), &json!({"holder_ids": holders, "from_on": from_on}))
        };
        let flaw = |answer: &Answer| {
            let error = answer.refused(422, "invalid")["errors"][0].clone();
            (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned())
        };
        let wrong = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(flaw(&set(&[&mother], "2026-03-31")), wrong("/from_on", "after_today"));
        set(&[&mother], "2026-03-07").ok();
        assert_eq!(flaw(&set(&[&mother, &father], "2026-03-06")), wrong("/from_on", "before_last"));
        // What he said while he held it is written down; since then he is not asked.
        let say = |giver: &str, day: &str| {
            let at = Instant::parse(&format!("2026-03-{day}T08:00:00Z")).unwrap();
            unit.post(&format!("{made}/consents"), &yes(giver, at))
        };
        say(&father, "05").ok();
        assert_eq!(flaw(&say(&father, "08")), wrong("/giver_id", "not_a_giver"));
        for giver in [&child, &mother] {
            say(giver, "12").ok();
        }
        let course = unit.post(&format!("{made}/accept"), &json!({})).ok();
        assert_eq!(course["accepted_at"], "2026-03-12T08:00:00Z");
        let answer = &app.promised("answer")[0];
        assert!(answer.state == "done" && answer.closed_at.unwrap() < answer.due_at, "{answer:?}");
        // Whoever is written down with a day holds it from then on.
        let aunt = unit.person("relative", "Astridur", None);
        assert_eq!(set(&[&mother, &aunt], "2026-03-20").ok()["course_ids_lacking_consent"], json!([course["id"]]));
        assert_eq!(flaw(&say(&aunt, "19")), wrong("/giver_id", "not_a_giver"));
        say(&aunt, "20").ok();
    }
}
