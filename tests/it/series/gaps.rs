//! Gaps: how long somebody is asked to decide on them, and that they keep their ids while they stand.

use serde_json::{Value, json};

use super::{Family, agreed, agreed_of, gaps};
use crate::support::TestApp;
use crate::support::casework::yes;

/// The mentor is away on Wednesday 11 March and the days around it, and on Wednesday 18 March: for the one another time is offered before it, for the
/// other after it. The series goes until 25 March.
fn with_leaves(family: &Family<'_>) -> String {
    let mentor = &family.mentor;
    let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
    for (from_on, until_on) in [("2026-03-10", "2026-03-13"), ("2026-03-18", "2026-03-18")] {
        mentor.post(&leaves, &json!({"kind": "holiday", "from_on": from_on, "until_on": until_on})).ok();
    }
    mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-25"})).id()
}

/// The gaps of a series with the first in one state and the second in another.
fn standing(first: &str, second: &str) -> Vec<String> {
    vec![format!("2026-03-11 leave 2026-03-09T15:00:00Z {first}"), format!("2026-03-18 leave 2026-03-19T15:00:00Z {second}")]
}

/// The id of each gap.
fn ids(view: &Value) -> Vec<String> {
    view["gaps"].as_array().unwrap().iter().map(|gap| gap["id"].as_str().unwrap().to_owned()).collect()
}

both_engines! {
    fn nobody_is_asked_about_a_gap_once_its_date_and_what_was_offered_are_past(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let path = format!("/v1/series/{}", with_leaves(&family));
        let view = || mentor.get(&path).ok();
        let asked = || {
            let listed = family.unit.get(&format!("/v1/series?match={}&open_gaps=true", family.mentoring)).ok();
            listed["items"].as_array().unwrap().iter().flat_map(gaps).collect::<Vec<_>>()
        };
        let made = view();
        assert_eq!((gaps(&made), asked()), (standing("open", "open"), standing("open", "open")));
        let tick_at = |at: &str| {
            app.set_clock(at);
            app.tick();
        };
        // On the day itself somebody may still decide.
        tick_at("2026-03-11T20:00:00Z");
        assert_eq!(gaps(&view()), ["2026-03-11 leave - open", &standing("open", "open")[1]], "what was offered is past");
        // The night after it, it stays to be seen, with its reason, and is asked for no more.
        tick_at("2026-03-12T08:00:00Z");
        assert_eq!((gaps(&view()), asked()), (standing("closed", "open"), standing("closed", "open")[1..].to_vec()));
        for verb in ["fill", "dismiss"] {
            let refused = mentor.post(&format!("{path}/gaps/{}/{verb}", ids(&made)[0]), &json!({})).refused(409, "wrong_state");
            assert_eq!(refused["detail"], "Der skal ikke længere tages stilling", "{verb}");
        }
        // The other's date is past, and what was offered instead is this afternoon.
        tick_at("2026-03-19T08:00:00Z");
        assert_eq!(asked(), standing("closed", "open")[1..]);
        for day in ["20", "21"] {
            tick_at(&format!("2026-03-{day}T08:00:00Z"));
            assert_eq!((gaps(&view()), asked()), (standing("closed", "closed"), Vec::new()));
        }
        assert_eq!(ids(&view()), ids(&made));
    }

    fn what_is_offered_after_its_date_fills_a_gap(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let path = format!("/v1/series/{}", with_leaves(&family));
        app.set_clock("2026-03-19T08:00:00Z");
        app.tick();
        let id = &ids(&mentor.get(&path).ok())[1];
        let filled = mentor.post(&format!("{path}/gaps/{id}/fill"), &json!({})).ok();
        assert_eq!((&filled["starts_at"], &filled["occurs_on"]), (&json!("2026-03-19T15:00:00Z"), &json!("2026-03-18")));
        app.set_clock("2026-03-20T08:00:00Z");
        app.tick();
        assert_eq!(gaps(&mentor.get(&path).ok()), standing("closed", "filled"));
    }

    fn nobody_is_asked_about_a_gap_of_a_series_that_is_cancelled(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let path = format!("/v1/series/{}", with_leaves(&family));
        // Its date is past, what was offered instead is not.
        app.set_clock("2026-03-19T08:00:00Z");
        let cancelled = mentor.post(&format!("{path}/cancel"), &json!({"by": "staff"})).ok();
        assert_eq!((&cancelled["end_reason"], gaps(&cancelled)), (&json!("cancelled"), standing("closed", "closed")));
    }

    fn a_date_that_is_refused_again_keeps_its_gap(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let (unit, mentor) = (&family.unit, &family.mentor);
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-05-13"})).ok();
        let (path, before) = (format!("/v1/series/{}", made["id"].as_str().unwrap()), ids(&made));
        assert_eq!((before.len(), &made["gaps"][0]["reason"]), (4, &json!("consent")));
        // He may be asked afterwards: it is no word about the time from 18 on, and nothing is planned by it.
        let offer = unit.get(&format!("/v1/courses/{}", family.course)).ok()["offer_id"].as_str().unwrap().to_owned();
        let mut after = yes(&family.boy, app.clock.now());
        after["scope"] = json!("contact_after");
        unit.post(&format!("/v1/offers/{offer}/consents"), &after).ok();
        assert_eq!(mentor.get(&path).ok()["gaps"], made["gaps"]);
        // Nor by a change that changes nothing; by another hour another time may be offered, for the same dates.
        let change = |body: &Value| mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), body).ok();
        assert_eq!(change(&json!({}))["gaps"], made["gaps"]);
        assert_eq!(ids(&change(&json!({"at_min": 1020}))), before);
        // Whoever was shown one may decide on it.
        mentor.post(&format!("{path}/gaps/{}/dismiss", before[3]), &json!({})).ok();
        assert_eq!(ids(&mentor.get(&path).ok()), before);
    }
}
