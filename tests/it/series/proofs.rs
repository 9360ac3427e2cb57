//! Whoever meets a child has a certificate on the day: what lies beyond its end waits until it is renewed.

use serde_json::{Value, json};

use super::{Family, agreed, gaps, planned};
use crate::sessions::plan;
use crate::support::TestApp;

/// The boy is 13, and his mentor has a certificate until Tuesday 7 April; the two agreed on Wednesdays at 16:00.
fn child(app: &TestApp) -> (Family<'_>, String) {
    let family = agreed(app);
    let malte = family.mentor.get("/v1/me/staff").id();
    family.unit.certify(&malte, Some("2026-04-07"));
    born(&family, "2012-05-01");
    (family, malte)
}

fn born(family: &Family<'_>, on: &str) {
    family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": on})).ok();
}

both_engines! {
    fn dates_after_a_certificate_are_gaps_until_it_is_renewed(app: TestApp) {
        let (family, malte) = child(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-22"}));
        let path = format!("/v1/series/{}", made.id());
        let ends = |view: &Value| view["gaps"].as_array().unwrap().iter().map(|gap| gap["proof_until_on"].clone()).collect::<Vec<_>>();
        assert_eq!(gaps(&made.ok()), [
            "2026-04-08 certificate 2026-04-07T14:00:00Z open",
            "2026-04-15 certificate - open",
            "2026-04-22 certificate - open",
        ]);
        assert_eq!((ends(&made.ok()), &made.ok()["coming"]), (vec![json!("2026-04-07"); 3], &json!(5)));
        assert_eq!(app.promise("certificate_missing").0, "open");
        // A shorter one fills nothing. Renewed for a week, what only waited for it is planned at its time.
        unit.certify(&malte, Some("2026-04-01"));
        unit.certify(&malte, Some("2026-04-15"));
        let renewed = mentor.get(&path).ok();
        assert_eq!(gaps(&renewed), [
            "2026-04-08 certificate - filled",
            "2026-04-15 certificate - filled",
            "2026-04-22 certificate - open",
        ]);
        assert_eq!(renewed["gaps"][2]["id"], made.ok()["gaps"][2]["id"], "refused again, it is the same gap");
        assert!(renewed["gaps"][0]["session_id"].is_string() && renewed["gaps"][2]["proof_until_on"] == "2026-04-15", "{renewed}");
        assert_eq!(planned(mentor, &made.id())[5..], ["2026-04-08T14:00:00Z", "2026-04-15T14:00:00Z"]);
        // Fifteen after all: nothing is needed.
        born(&family, "2010-05-01");
        let grown = mentor.get(&path).ok();
        assert_eq!((&grown["gaps"][2]["state"], &grown["coming"]), (&json!("filled"), &json!(8)));
    }

    fn what_is_offered_instead_of_a_date_waits_for_the_certificate_too(app: TestApp) {
        let (family, malte) = child(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let leaves = format!("/v1/staff/{malte}/leaves");
        let day_off = json!({"kind": "holiday", "from_on": "2026-05-21", "until_on": "2026-05-21"});
        let leave = unit.post(&leaves, &day_off).ok()["leaves"][0]["id"].as_str().unwrap().to_owned();
        let thursdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH", "from_on": "2026-05-07", "until_on": "2026-05-28"});
        let made = mentor.post("/v1/series", &thursdays);
        let path = format!("/v1/series/{}", made.id());
        // Ascension Day is in it, and nothing is free near it without a certificate.
        assert_eq!(gaps(&made.ok()), [
            "2026-05-07 certificate - open",
            "2026-05-14 holiday - open",
            "2026-05-21 leave - open",
            "2026-05-28 certificate - open",
        ]);
        // A date that waited for nothing is not planned by it, whatever is free by now.
        assert_eq!(unit.delete(&format!("{leaves}/{leave}")).status, 204);
        unit.certify(&malte, Some("2026-05-27"));
        let expected = [
            "2026-05-07 certificate - filled",
            "2026-05-14 holiday 2026-05-15T14:00:00Z open",
            "2026-05-21 leave 2026-05-22T14:00:00Z open",
            // The Friday lies beyond the certificate, the Wednesday does not.
            "2026-05-28 certificate 2026-05-27T14:00:00Z open",
        ];
        let renewed = mentor.get(&path).ok();
        assert_eq!(gaps(&renewed), expected);
        let id_of = |view: &Value, at: usize| view["gaps"][at]["id"].as_str().unwrap().to_owned();
        assert_eq!(id_of(&renewed, 1), id_of(&made.ok(), 1));
        // Renewed again, what was offered stays.
        unit.certify(&malte, Some("2030-01-01"));
        assert_eq!(gaps(&mentor.get(&path).ok())[..3], expected[..3]);
        let filled = mentor.post(&format!("{path}/gaps/{}/fill", id_of(&renewed, 1)), &json!({})).ok();
        assert_eq!((&filled["starts_at"], &filled["occurs_on"]), (&json!("2026-05-15T14:00:00Z"), &json!("2026-05-14")));
    }

    fn a_busy_date_on_a_certificates_last_day_is_offered_another_once_it_is_renewed(app: TestApp) {
        let (family, malte) = child(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        // Before Tuesday 7 April is Easter, and on the Wednesday before that the mentor is away.
        let day_off = json!({"kind": "holiday", "from_on": "2026-04-01", "until_on": "2026-04-01"});
        unit.post(&format!("/v1/staff/{malte}/leaves"), &day_off).ok();
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-04-07T10:00:00Z", "2026-04-07T18:30:00Z")).ok();
        let tuesdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TU", "from_on": "2026-04-07", "until_on": "2026-04-14"});
        let made = mentor.post("/v1/series", &tuesdays);
        assert_eq!(gaps(&made.ok()), ["2026-04-07 busy - open", "2026-04-14 certificate - open"]);
        unit.certify(&malte, Some("2030-01-01"));
        let renewed = mentor.get(&format!("/v1/series/{}", made.id())).ok();
        assert_eq!(gaps(&renewed), ["2026-04-07 busy 2026-04-08T14:00:00Z open", "2026-04-14 certificate - filled"]);
    }

    fn a_proof_that_comes_while_a_course_stands_still_is_of_use_when_it_goes_on(app: TestApp) {
        let (family, malte) = child(&app);
        let (unit, mentor, course) = (&family.unit, &family.mentor, format!("/v1/courses/{}", family.course));
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-22"})).id();
        let states = || {
            let view = mentor.get(&format!("/v1/series/{made}")).ok();
            view["gaps"].as_array().unwrap().iter().map(|gap| gap["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        app.set_clock("2026-03-05T08:00:00Z");
        unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        unit.certify(&malte, Some("2026-04-15"));
        assert_eq!(states(), ["open", "open", "open"]);
        app.set_clock("2026-03-06T08:00:00Z");
        unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        assert_eq!(states(), ["filled", "filled", "open"]);
        assert_eq!(planned(mentor, &made)[5..], ["2026-04-08T14:00:00Z", "2026-04-15T14:00:00Z"]);
    }

    fn no_session_is_planned_beyond_a_certificate(app: TestApp) {
        let (family, malte) = child(&app);
        let mentor = &family.mentor;
        let at = |day: &str| plan(&family.mentoring, &format!("2026-04-{day}T14:00:00Z"), &format!("2026-04-{day}T15:00:00Z"));
        let refused = mentor.post("/v1/sessions", &at("08")).refused(409, "not_available");
        assert_eq!(refused["errors"][0]["code"], "certificate");
        let others = refused["alternatives"].as_array().unwrap();
        assert!(!others.is_empty() && others.iter().all(|other| other["starts_at"].as_str().unwrap() < "2026-04-08"), "{refused}");
        let session = mentor.post("/v1/sessions", &at("07")).id();
        let path = format!("/v1/sessions/{session}/move");
        let (later, shorter) = (at("08"), json!({"starts_at": "2026-04-07T14:00:00Z", "ends_at": "2026-04-07T14:30:00Z"}));
        let there = json!({"starts_at": later["starts_at"], "ends_at": later["ends_at"]});
        mentor.post_if(&path, "*", &there).refused(409, "not_available");
        let asked = |day: &str| {
            let path = format!("/v1/free-times/check?matches={}&starts_at=2026-04-{day}T10:00:00Z&length_min=60", family.mentoring);
            mentor.get(&path).ok()["objections"].as_array().unwrap().clone()
        };
        let says_so = |objection: &Value| objection["side"] == "staff" && objection["objection"] == "certificate";
        assert!(!asked("07").iter().any(says_so) && asked("08").iter().any(says_so));
        // A certificate that ends sooner takes nothing off, and what stands may become shorter.
        family.unit.certify(&malte, Some("2026-04-06"));
        assert_eq!(mentor.post_if(&path, "*", &shorter).ok()["ends_at"], "2026-04-07T14:30:00Z");
        family.unit.certify(&malte, None);
        mentor.post_if(&path, "*", &there).ok();
    }
}
