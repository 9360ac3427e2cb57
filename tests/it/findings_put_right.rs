//! What was recorded wrongly of a concern and is put right: how soon, what was answered and found, what was concluded.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::put_right::standings;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::offer;
use crate::support::http::Answer;

/// A concern of a named professional about somebody, received just now.
pub fn concern(app: &TestApp, unit: &Caller<'_>, person: &str) -> String {
    let body = json!({"received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal",
        "concern": {"observed": "Meget fravær"}, "reporters": [{"kind": "professional", "identity": {"name": "Rapportine Sag"}}], "subjects": [{}]});
    let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &body).id());
    let subject = unit.get(&path).ok()["file"]["subjects"][0]["id"].as_str().unwrap().to_owned();
    unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": person})).ok();
    path
}

/// Asks the police, who answer at once; the path of the answer.
pub fn screened(unit: &Caller<'_>, path: &str, result: &str) -> String {
    let screens = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"].as_array().unwrap().clone();
    let open = screens.iter().find(|screen| screen["answered_at"].is_null()).unwrap()["id"].as_str().unwrap();
    let answer = format!("{path}/police_screens/{open}/result");
    unit.post(&answer, &json!({"result": result})).ok();
    answer
}

/// Concludes between two meetings; what a founded one needs is given.
pub fn conclude(unit: &Caller<'_>, path: &str, outcome: &str, joins: Option<&str>) -> Answer {
    let mut body = json!({"outcome": outcome, "conclusion": "Afklaret"});
    if outcome == "founded" {
        for (member, value) in
            [("case_kind", "family"), ("target_group", "at_risk"), ("severity", "hours_24"), ("responsible_authority", "unit")]
        {
            body[member] = json!(value);
        }
        (body["needs_local_effort"], body["joins_case_id"]) = (json!(true), json!(joins));
    }
    unit.post_if(&format!("{path}/qualify"), &unit.get(path).tag(), &body)
}

fn case_of(answer: &Answer) -> String {
    answer.ok()["standing"]["case_id"].as_str().unwrap().to_owned()
}

/// Puts something of a file right, as it was seen just now.
fn correct(unit: &Caller<'_>, file: &str, at: &str, body: &Value) -> Answer {
    unit.put(at, &unit.get(file).tag(), body)
}

fn retract_conclusion(unit: &Caller<'_>, path: &str) -> Answer {
    unit.post_if(&format!("{path}/conclusion/retract"), &unit.get(path).tag(), &json!({}))
}

/// Concludes a concern to join a case, as of a moment; when that was first written down.
fn joined_at(unit: &Caller<'_>, path: &str, case: &str, severity: &str, at: &str) -> Value {
    let body = json!({"outcome": "founded", "conclusion": "Afklaret", "case_kind": "family", "target_group": "at_risk",
        "severity": severity, "responsible_authority": "unit", "needs_local_effort": true, "joins_case_id": case, "happened_at": at});
    unit.post_if(&format!("{path}/qualify"), &unit.get(path).tag(), &body).ok()["standing"]["decided_recorded_at"].clone()
}

both_engines! {
    fn what_was_answered_and_found_is_put_right_or_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (path, now) = (concern(&app, &unit, &boy), app.clock.now());
        app.pass(TimeDelta::hours(2));

        // How soon it must be looked at.
        let urgency = format!("{path}/urgency");
        let stale = unit.get(&path).tag();
        let acute = correct(&unit, &path, &urgency, &json!({"urgency": "acute"})).ok();
        let former = &acute["file"]["former_urgencies"][0];
        assert_eq!((&acute["standing"]["urgency"], &former["urgency"]), (&json!("acute"), &json!("normal")));
        assert_eq!((&former["corrected_at"], &former["corrected_by"]), (&json!(app.clock.now()), &json!(unit.account_id())));
        assert_eq!(correct(&unit, &path, &urgency, &json!({"urgency": "acute"})).ok()["file"]["former_urgencies"].as_array().unwrap().len(), 1);
        unit.put(&urgency, &stale, &json!({"urgency": "low"})).refused(412, "stale_version");
        app.keeps_for_good("corrections", "subject_id");

        // What a partner answered, and which.
        let ask = json!({"source": "school", "legal_basis": "aja_115", "happened_at": now});
        let asked = unit.post(&format!("{path}/partner_requests"), &ask).ok()["file"]["partner_requests"][0]["id"].as_str().unwrap().to_owned();
        let answer = format!("{path}/partner_requests/{asked}/answer");
        let said = |text: &str, at: &str| json!({"has_information": true, "text": text, "happened_at": at});
        correct(&unit, &path, &answer, &said("Intet", "2026-03-02T09:00:00Z")).refused(409, "wrong_state");
        unit.post(&format!("{answer}/retract"), &json!({})).refused(409, "wrong_state");
        unit.post(&answer, &json!({"has_information": false})).ok();
        for (at, code) in [("2026-03-02T07:59:00Z", "before_cause"), ("2026-03-02T10:05:01Z", "after_now")] {
            let refused = correct(&unit, &path, &answer, &said("Meget fravær", at)).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/happened_at"), &json!(code)));
        }
        let corrected = correct(&unit, &path, &answer, &said("Meget fravær", "2026-03-02T09:00:00Z")).ok();
        let request = &corrected["file"]["partner_requests"][0];
        assert_eq!((&request["answer"], &request["answered_at"]), (&json!("Meget fravær"), &json!("2026-03-02T09:00:00Z")));
        assert_eq!((&request["former"][0]["has_information"], &request["former"][0]["answer"]), (&json!(false), &Value::Null));
        let back = unit.post(&format!("{answer}/retract"), &json!({})).ok();
        let request = &back["file"]["partner_requests"][0];
        assert_eq!((&request["answered_at"], &request["answer"], &request["former"][1]["answer"]), (&Value::Null, &Value::Null, &json!("Meget fravær")));
        unit.post(&answer, &json!({"has_information": false})).ok();

        // What a home visit found.
        let decided = unit.post(&format!("{path}/home_visits"), &json!({"meeting_on": "2026-03-02", "happened_at": now})).ok();
        let visit = format!("{path}/home_visits/{}/record", decided["file"]["home_visits"][0]["id"].as_str().unwrap());
        let found = |outcome: &str, notes: &str| json!({"outcome": outcome, "notes": notes, "happened_at": "2026-03-02T09:00:00Z"});
        correct(&unit, &path, &visit, &found("met", "Far og søn")).refused(409, "wrong_state");
        unit.post(&visit, &found("not_met", "Ingen hjemme")).ok();
        let corrected = correct(&unit, &path, &visit, &found("met", "Far og søn")).ok();
        let view = &corrected["file"]["home_visits"][0];
        assert_eq!((&view["outcome"], &view["notes"], &view["former"][0]["notes"]), (&json!("met"), &json!("Far og søn"), &json!("Ingen hjemme")));
        let back = unit.post(&format!("{visit}/retract"), &json!({})).ok();
        let view = &back["file"]["home_visits"][0];
        assert_eq!((&view["visited_at"], &view["outcome"], view["former"].as_array().unwrap().len()), (&Value::Null, &Value::Null, 2));
        unit.post(&format!("{visit}/retract"), &json!({})).refused(409, "wrong_state");
        unit.post(&visit, &found("partly_met", "Kun far")).ok();
    }

    fn what_the_police_said_leads_where_it_would_have_led(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = concern(&app, &unit, &boy);
        let state = |answer: Answer| answer.ok()["standing"]["state"].clone();
        let says = |result: &str| json!({"result": result, "happened_at": app.clock.now()});
        // Nothing was taken over.
        let screen = screened(&unit, &path, "taken_over");
        assert_eq!(state(correct(&unit, &path, &screen, &says("hold"))), "qualifying");
        conclude(&unit, &path, "founded", None).refused(409, "wrong_state");
        assert_eq!(state(correct(&unit, &path, &screen, &says("taken_over"))), "transferred_police");
        let back = unit.post(&format!("{screen}/retract"), &json!({}));
        assert_eq!((state(back), unit.get(&path).ok()["file"]["police_screens"][0]["former"].as_array().unwrap().len()), (json!("qualifying"), 3));
        unit.post(&screen, &json!({"result": "clear"})).ok();
        assert_eq!(unit.get(&path).ok()["file"]["police_screens"][0]["former"][1]["result"], "hold");

        // What a case was opened on stands, until the conclusion is taken back.
        let case = case_of(&conclude(&unit, &path, "founded", None));
        app.pass(TimeDelta::hours(1));
        correct(&unit, &path, &screen, &json!({"result": "hold", "happened_at": "2026-03-02T08:00:00Z"})).refused(409, "wrong_state");
        unit.post(&format!("{screen}/retract"), &json!({})).refused(409, "wrong_state");
        // They took it over after all: what is open ends; and then the case is closed by that answer.
        assert_eq!(state(correct(&unit, &path, &screen, &json!({"result": "taken_over", "happened_at": "2026-03-02T08:00:00Z"}))), "transferred_police");
        let closed = unit.get(&format!("/v1/cases/{case}")).ok();
        assert_eq!((&closed["state"], &closed["close_reason"]), (&json!("closed"), &json!("taken_over_by_police")));
        correct(&unit, &path, &screen, &says("clear")).refused(409, "wrong_state");
        retract_conclusion(&unit, &path).refused(409, "wrong_state");
    }

    fn a_conclusion_that_was_none_is_drawn_anew(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = concern(&app, &unit, &boy);
        screened(&unit, &path, "clear");
        retract_conclusion(&unit, &path).refused(409, "wrong_state");
        conclude(&unit, &path, "unfounded", None).ok();
        assert_eq!((standings(&unit, "founded"), app.promise("ratify").0.as_str()), (vec!["no".to_owned()], "open"));
        let decision = unit.get("/v1/decisions?to_ratify=true").ok()["items"][0]["id"].as_str().unwrap().to_owned();
        app.pass(TimeDelta::hours(1));
        unit.post_if(&format!("{path}/conclusion/retract"), "\"0.x\"", &json!({})).refused(412, "stale_version");
        let back = retract_conclusion(&unit, &path).ok();
        assert_eq!((&back["standing"]["state"], &back["standing"]["decided_at"]), (&json!("qualifying"), &Value::Null));
        assert_eq!(back["file"]["assessment"], Value::Null);
        let former = &back["file"]["retracted_conclusions"][0];
        assert_eq!((&former["outcome"], &former["assessment"]["conclusion"]), (&json!("unfounded"), &json!("Afklaret")));
        assert_eq!((&former["retracted_at"], &former["retracted_by"]), (&json!(app.clock.now()), &json!(unit.account_id())));
        // The decision stays with the others, marked; no meeting is asked to ratify it.
        assert_eq!(unit.get(&format!("/v1/decisions/{decision}")).ok()["retracted_by"], unit.account_id());
        unit.post(&format!("/v1/decisions/{decision}/ratify"), &json!({"meeting_on": "2026-03-02"})).refused(409, "wrong_state");
        assert_eq!((app.promise("ratify").2.as_deref(), unit.get("/v1/decisions?to_ratify=true").ok()["items"].as_array().unwrap().len()), (Some("conclusion_retracted"), 0));
        assert_eq!(standings(&unit, "founded"), ["unknown"]);

        let case = case_of(&conclude(&unit, &path, "founded", None));
        assert_eq!((standings(&unit, "founded"), standings(&unit, "cases_started")), (vec!["yes".to_owned()], vec!["yes".to_owned()]));
        assert_eq!(app.promise("referral"), ("open".into(), "2026-03-03T09:00:00Z".into(), None));
        // It is not founded after all, but an offer was made.
        let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).id();
        let blocked = retract_conclusion(&unit, &path).refused(409, "blocked");
        assert_eq!(blocked["blocking"], json!([{"kind": "offer", "id": made}]));
        unit.post(&format!("/v1/offers/{made}/withdraw"), &json!({"happened_at": app.clock.now()})).ok();
        let back = retract_conclusion(&unit, &path).ok();
        assert_eq!((&back["standing"]["state"], &back["standing"]["case_id"]), (&json!("qualifying"), &Value::Null));
        assert_eq!(back["file"]["retracted_conclusions"][1]["case_id"], json!(case));
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["state"], "retracted");
        assert_eq!(app.promise("referral").2.as_deref(), Some("conclusion_retracted"));
        // Its receipt is owed as before, by the unit.
        let receipt = &app.promised("receipt")[0];
        assert_eq!((receipt.state.as_str(), receipt.owner_id), ("open", None));
        assert_eq!((standings(&unit, "cases_started").len(), standings(&unit, "cases_open").len()), (0, 0));
        unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).refused(409, "wrong_state");
        conclude(&unit, &path, "unfounded", None).ok();
        assert_eq!(standings(&unit, "founded"), ["no"]);
    }

    fn a_concern_that_joined_by_mistake_leaves_the_case_as_it_was(app: TestApp) {
        let unit = app.coordinator();
        let (boy, girl) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("young_person", "Gudrunette", Some("2012-05-01")));
        let case = app.founded_case(&unit, &[&boy]);
        let due = || app.promise("referral").1;
        assert_eq!(due(), "2026-03-04T08:00:00Z");
        app.pass(TimeDelta::hours(1));
        let path = concern(&app, &unit, &girl);
        screened(&unit, &path, "clear");
        conclude(&unit, &path, "founded", Some(&case)).ok();
        assert_eq!(due(), "2026-03-03T09:00:00Z", "24 hours of its own");
        let blocked = retract_conclusion(&unit, &path).refused(409, "blocked");
        assert_eq!(blocked["blocking"], json!([{"kind": "person", "id": girl}]));
        let gone = json!({"reason": "added_by_mistake", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/people/{girl}/leave"), &gone).ok();
        retract_conclusion(&unit, &path).ok();
        assert_eq!((due().as_str(), unit.get(&format!("/v1/cases/{case}")).ok()["state"].clone()), ("2026-03-04T08:00:00Z", json!("open")));
        assert_eq!(standings(&unit, "cases_started"), ["yes"]);
        // The concern that opened it cannot be taken back while anything is built on it.
        let opener = format!("/v1/enquiries/{}", app.enquiry_of(&case));
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        assert_eq!(retract_conclusion(&unit, &opener).refused(409, "blocked")["blocking"], json!([{"kind": "referral", "id": case}]));
    }

    fn a_concern_that_never_joined_takes_its_hours_out_of_a_kept_referral(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        app.pass(TimeDelta::hours(1));
        let joined = concern(&app, &unit, &boy);
        screened(&unit, &joined, "clear");
        conclude(&unit, &joined, "founded", Some(&case)).ok();
        app.set_clock("2026-03-04T07:00:00Z");
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        let kept = || unit.get("/v1/duties?kind=referral&state=done").ok()["items"][0].clone();
        let judged = || {
            let (duty, view) = (kept(), unit.get(&format!("/v1/cases/{case}")).ok());
            let [due_at, is_late] = ["due_at", "is_late"].map(|member| duty[member].clone());
            assert_eq!((&view["referral"]["due_at"], &view["referral"]["late"]), (&due_at, &is_late), "the case says what its promise says");
            (due_at, is_late, standings(&unit, "referred_in_time"))
        };
        assert_eq!(judged(), (json!("2026-03-03T09:00:00Z"), json!(true), vec!["no".to_owned()]));
        retract_conclusion(&unit, &joined).ok();
        let right = (json!("2026-03-04T08:00:00Z"), json!(false), vec!["yes".to_owned()]);
        assert_eq!(judged(), right);
        // However often it is planned anew; and concluded anew after the referral it brings no hours.
        let version = kept()["version"].clone();
        app.set_clock("2026-03-05T04:00:00Z");
        app.tick();
        conclude(&unit, &joined, "founded", Some(&case)).ok();
        assert_eq!((judged(), kept()["version"].clone()), (right, version));
    }

    fn a_conclusion_put_right_after_the_referral_keeps_its_hours_in_it(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        unit.patch(&format!("/v1/cases/{case}"), "*", &json!({"severity": "hours_72", "needs_local_effort": false})).ok();
        app.pass(TimeDelta::hours(1));
        let joined = concern(&app, &unit, &boy);
        screened(&unit, &joined, "clear");
        let concluded = |severity: &str, at: &str| joined_at(&unit, &joined, &case, severity, at);
        app.pass(TimeDelta::hours(1));
        let first = concluded("hours_24", "2026-03-02T09:30:00Z");
        assert_eq!(first, "2026-03-02T10:00:00Z");
        app.set_clock("2026-03-04T20:00:00Z");
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        let judged = || {
            let kept = unit.get("/v1/duties?kind=referral&state=done").ok()["items"][0].clone();
            (kept["due_at"].clone(), kept["is_late"].clone(), standings(&unit, "referred_in_time"))
        };
        let late = |due: &str| (json!(due), json!(true), vec!["no".to_owned()]);
        assert_eq!(judged(), late("2026-03-03T09:30:00Z"));
        // It was decided a quarter of an hour earlier, and for 48 hours: the case was referred late still.
        app.set_clock("2026-03-05T09:00:00Z");
        retract_conclusion(&unit, &joined).ok();
        assert_eq!(judged().0, "2026-03-05T08:00:00Z");
        assert_eq!(concluded("hours_48", "2026-03-02T09:15:00Z"), first, "when it was first written down");
        assert_eq!(judged(), late("2026-03-04T09:15:00Z"));
        // Decided only after it was first written down, and after the referral, it is another conclusion.
        retract_conclusion(&unit, &joined).ok();
        assert_eq!(concluded("hours_48", "2026-03-05T08:30:00Z"), json!(app.clock.now()));
        assert_eq!((judged().0, judged().1), (json!("2026-03-05T08:00:00Z"), json!(false)));
    }

    fn a_conclusion_that_was_taken_back_before_the_referral_stays_out_of_it(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Sigbrandius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        unit.patch(&format!("/v1/cases/{case}"), "*", &json!({"severity": "hours_72", "needs_local_effort": false})).ok();
        let joined = concern(&app, &unit, &boy);
        screened(&unit, &joined, "clear");
        app.pass(TimeDelta::hours(1));
        let stated = app.clock.now().to_string();
        app.pass(TimeDelta::hours(1));
        joined_at(&unit, &joined, &case, "hours_24", &stated);
        app.pass(TimeDelta::hours(1));
        retract_conclusion(&unit, &joined).ok();
        unit.patch(&format!("/v1/cases/{case}"), "*", &json!({"needs_local_effort": false})).ok();
        app.set_clock("2026-03-04T20:00:00Z");
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        let judged = || {
            let kept = unit.get("/v1/duties?kind=referral&state=done").ok()["items"][0].clone();
            let needs = unit.get(&format!("/v1/cases/{case}")).ok()["needs_local_effort"].clone();
            (kept["due_at"].clone(), kept["is_late"].clone(), needs)
        };
        let before = (json!("2026-03-05T08:00:00Z"), json!(false), json!(false));
        assert_eq!(judged(), before);
        // Drawn anew as it was stated first: the case had been referred without it.
        app.set_clock("2026-03-05T09:00:00Z");
        assert_eq!(joined_at(&unit, &joined, &case, "hours_24", &stated), json!(app.clock.now()));
        assert_eq!(judged(), before);
    }

    fn what_a_home_visit_of_a_case_found_is_put_right(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (path, now) = (format!("/v1/cases/{}", app.founded_case(&unit, &[&boy])), app.clock.now());
        let visit = format!("{path}/home_visits/{}/record", unit.post(&format!("{path}/home_visits"), &json!({"happened_at": now})).id());
        let found = |outcome: &str, notes: &str| json!({"outcome": outcome, "notes": notes, "happened_at": now});
        correct(&unit, &path, &visit, &found("met", "Hele familien")).refused(409, "wrong_state");
        unit.post(&visit, &found("not_met", "Ikke hjemme")).ok();
        let stale = unit.get(&path).tag();
        let corrected = correct(&unit, &path, &visit, &found("met", "Hele familien")).ok();
        let view = &corrected["home_visits"][0];
        assert_eq!((&view["outcome"], &view["notes"]), (&json!("met"), &json!("Hele familien")));
        assert_eq!((&view["former"][0]["notes"], &view["former"][0]["corrected_by"]), (&json!("Ikke hjemme"), &json!(unit.account_id())));
        assert_eq!(correct(&unit, &path, &visit, &found("met", "Hele familien")).ok()["home_visits"][0]["former"].as_array().unwrap().len(), 1);
        unit.put(&visit, &stale, &found("partly_met", "Kun far")).refused(412, "stale_version");
        let back = unit.post(&format!("{visit}/retract"), &json!({})).ok();
        let view = &back["home_visits"][0];
        assert_eq!((&view["visited_at"], &view["notes"], view["former"].as_array().unwrap().len()), (&Value::Null, &Value::Null, 2));
        unit.post(&format!("{visit}/retract"), &json!({})).refused(409, "wrong_state");
        unit.post(&visit, &found("met", "Hele familien")).ok();
    }
}
