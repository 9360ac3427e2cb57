//! Whose number and mailbox are a young person's own from 15: not a parent's, whoever of them holds custody by now, and however it is written.

use serde_json::{Value, json};

use crate::by_hand::to_tell;
use crate::sessions::{Family, family, plan};
use crate::support::TestApp;

const NUMBER: &str = "+4520123456";
const OTHER: &str = "+4520999999";

/// What is planned for the boy: told by hand, told by a message.
const BY_HAND: (usize, usize) = (1, 0);
const BY_MESSAGE: (usize, usize) = (0, 1);

fn waiting(family: &Family<'_>, person: &str) -> usize {
    family.unit.get(&format!("/v1/messages?person={person}&state=waiting")).ok()["items"].as_array().unwrap().len()
}

fn planned(app: &TestApp, family: &Family<'_>) -> (usize, usize) {
    (to_tell(app).len(), waiting(family, &family.boy))
}

fn contact(family: &Family<'_>, person: &str, contact: &Value) {
    let path = format!("/v1/people/{person}");
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), contact).ok();
}

fn by_sms(family: &Family<'_>, person: &str, number: &str) {
    contact(family, person, &json!({"channel": "sms", "phone": number}));
}

fn by_mail(family: &Family<'_>, person: &str, mailbox: &str) {
    contact(family, person, &json!({"channel": "email", "email": mailbox}));
}

/// The family of the sessions' stories, its boy of 15 reached by SMS, with a session on Friday 6 March at 16:00 in Copenhagen.
fn reached(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, &family.boy, NUMBER);
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z")).ok();
    assert_eq!(planned(app, &family), BY_MESSAGE);
    family
}

/// His reminder is due.
fn the_day_before(app: &TestApp) {
    app.set_clock("2026-03-05T16:00:00Z");
    app.tick();
}

/// The people of the boy's case.
fn people_of_his_case(family: &Family<'_>) -> String {
    let course = family.unit.get(&format!("/v1/courses/{}", family.course)).ok();
    format!("/v1/cases/{}/people", course["case_id"].as_str().unwrap())
}

both_engines! {
    fn a_custody_holders_number_does_not_become_his_with_the_end_of_the_custody(app: TestApp) {
        let family = reached(&app);
        let unit = &family.unit;
        let aunt = unit.person("relative", "Ragnhildine", None);
        unit.set_custody(&family.boy, &[&family.father, &aunt]);
        by_sms(&family, &aunt, NUMBER);
        unit.set_custody(&family.boy, &[&family.father]);
        assert_eq!(planned(&app, &family), BY_HAND);
        // What she gives later is judged as well.
        by_sms(&family, &aunt, OTHER);
        assert_eq!(planned(&app, &family), BY_MESSAGE);
        by_sms(&family, &family.father, NUMBER);
        assert_eq!(planned(&app, &family), BY_HAND);
        unit.set_custody(&family.boy, &[]);
        assert_eq!(planned(&app, &family), BY_HAND);
        the_day_before(&app);
        assert!(app.capture.to(NUMBER).is_empty());
    }

    fn a_number_of_a_parent_in_his_case_is_not_his(app: TestApp) {
        let family = reached(&app);
        let unit = &family.unit;
        let (mother, friend) = (unit.person("parent", "Mathildur", None), unit.person("relative", "Thorvaldus", None));
        let people = people_of_his_case(&family);
        let join = |person: &str, role: &str| unit.post(&people, &json!({"person_id": person, "role": role})).ok();
        let leave = |person: &str, reason: &str| {
            unit.post(&format!("{people}/{person}/leave"), &json!({"reason": reason, "happened_at": app.clock.now()})).ok()
        };
        by_sms(&family, &mother, NUMBER);
        by_sms(&family, &friend, NUMBER);
        assert_eq!(planned(&app, &family), BY_MESSAGE, "nobody's parent, as far as is known");
        // By kind, or by the part in the case.
        for (person, role) in [(&mother, "parent"), (&mother, "relative"), (&friend, "parent")] {
            join(person, role);
            assert_eq!(planned(&app, &family), BY_HAND, "{role}");
            leave(person, "no_longer_part");
            assert_eq!(planned(&app, &family), BY_HAND, "{role}: a parent all the same");
            join(person, role);
            leave(person, "added_by_mistake");
            assert_eq!(planned(&app, &family), BY_MESSAGE, "{role}");
        }
        join(&friend, "relative");
        assert_eq!(planned(&app, &family), BY_MESSAGE);
        // Parents may have one phone between them.
        join(&mother, "parent");
        by_sms(&family, &family.father, NUMBER);
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z")).ok();
        assert_eq!((planned(&app, &family), waiting(&family, &family.father)), (BY_HAND, 1));
    }

    fn what_went_to_a_number_that_turns_out_to_be_a_parents_leads_nowhere(app: TestApp) {
        let family = reached(&app);
        let unit = &family.unit;
        family.mentor.post(&format!("/v1/people/{}/link-choices", family.boy), &json!({"wants_links": true})).ok();
        the_day_before(&app);
        let sent = app.capture.to(NUMBER).remove(0).message.link.unwrap();
        let link = sent.strip_prefix("http://127.0.0.1:8080").unwrap();
        assert_eq!((app.anybody().get(link).status, planned(&app, &family)), (200, (0, 0)));
        let (mother, people) = (unit.person("parent", "Mathildur", None), people_of_his_case(&family));
        by_sms(&family, &mother, NUMBER);
        unit.post(&people, &json!({"person_id": mother, "role": "parent"})).ok();
        assert_eq!((app.anybody().get(link).status, planned(&app, &family)), (404, BY_HAND));
        // It was another mother: he has been told, and is not told again.
        unit.post(&format!("{people}/{mother}/leave"), &json!({"reason": "added_by_mistake", "happened_at": app.clock.now()})).ok();
        app.tick();
        assert_eq!((planned(&app, &family), app.capture.to(NUMBER).len()), ((0, 0), 1));
    }

    fn in_other_capitals_it_is_the_same_mailbox(app: TestApp) {
        let family = reached(&app);
        by_mail(&family, &family.boy, "bo@example.org");
        assert_eq!(planned(&app, &family), BY_MESSAGE);
        for theirs in ["bo@example.org", "Bo@example.org", "BO@EXAMPLE.ORG"] {
            by_mail(&family, &family.father, theirs);
            assert_eq!(planned(&app, &family), BY_HAND, "{theirs}");
        }
        by_mail(&family, &family.father, "far@example.org");
        assert_eq!(planned(&app, &family), BY_MESSAGE);
        the_day_before(&app);
        assert_eq!(app.capture.to("bo@example.org").len(), 1);
        // He reads there still, and is not told again.
        by_mail(&family, &family.boy, "Bo@Example.org");
        app.tick();
        assert_eq!((app.capture.to("Bo@example.org").len(), planned(&app, &family)), (0, (0, 0)));
    }

    fn whoever_meets_him_is_shown_what_is_his_own(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let path = format!("/v1/people/{}", family.boy);
        let met = || {
            let seen = mentor.get(&path).ok();
            assert!(seen.get("channels_not_own").is_none(), "{seen}");
            assert_eq!(mentor.get("/v1/today").ok()["matches"][0]["person"]["contact"], seen["contact"]);
            seen["contact"].clone()
        };
        contact(&family, &family.boy, &json!({"email": "bo@example.org", "hours": "efter 15"}));
        let mail_alone = met();
        contact(&family, &family.boy, &json!({"channel": "sms", "phone": NUMBER, "email": "bo@example.org", "hours": "efter 15"}));
        let on_record = met();
        assert_eq!((&on_record["phone"], &unit.get(&path).ok()["channels_not_own"]), (&json!(NUMBER), &json!([])));

        by_sms(&family, &family.father, NUMBER);
        assert_eq!(met(), mail_alone, "as if there were no number");
        let known = || {
            let seen = unit.get(&path).ok();
            (seen["contact"].clone(), seen["channels_not_own"].clone())
        };
        assert_eq!(known(), (on_record.clone(), json!(["sms"])));
        unit.set_custody(&family.boy, &[]);
        assert_eq!((met(), known()), (mail_alone, (on_record.clone(), json!(["sms"]))));
        assert_eq!(family.coach.get("/v1/today").ok()["matches"][0]["person"]["contact"]["phone"], NUMBER);
        // Whoever is barred from his father does not learn that somebody has the number.
        let ida = app.account("ida", &["coordinator"]);
        unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": family.father, "cause": "family"})).ok();
        assert_eq!(ida.get(&path).ok()["channels_not_own"], json!([]));
        // He gave another: it is his again.
        by_sms(&family, &family.father, OTHER);
        assert_eq!((met(), known()), (on_record.clone(), (on_record, json!([]))));

        // Under 15 a parent's number is how a child is reached.
        let girl = unit.person("young_person", "Gudrunette", Some("2012-05-01"));
        unit.set_custody(&girl, &[&family.father]);
        by_sms(&family, &girl, OTHER);
        assert_eq!(unit.get(&format!("/v1/people/{girl}")).ok()["channels_not_own"], json!([]));
    }
}
