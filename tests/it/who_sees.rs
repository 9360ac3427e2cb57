//! Who sees what, and who no longer: promised steps, a barred relative's family, hidden cases in refusals, filters, and what the journal says.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::followups::{NOBODY, NOTES, support};
use crate::proposals::{flaw, run};
use crate::sessions::{FIRST, Family, SECOND, family, held, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::offer;
use crate::wishes::{accepted, waiting};

fn bar(unit: &Caller<'_>, account: &Caller<'_>, person: &str) -> String {
    unit.post("/v1/bars", &json!({"account_id": account.account_id(), "person_id": person, "cause": "family"})).id()
}

fn items(caller: &Caller<'_>, path: &str) -> Vec<Value> {
    caller.get(path).ok()["items"].as_array().unwrap().clone()
}

/// A note in the family's case with a step of somebody's: where the step is.
fn step_of(app: &TestApp, family: &Family<'_>, owner: &Caller<'_>) -> String {
    let case = family.unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].clone();
    let note = json!({"kind": "call", "outcome": "did_not_appear", "by": "partner", "happened_at": app.clock.now(),
        "next_step": {"words": "Ring til skolen", "on": "2026-03-20", "owner_id": owner.account_id()}});
    format!("{NOTES}/{}", family.unit.post(NOTES, &json!({"case_id": case, "note": note})).id())
}

/// The operations, with their acts, that an account's entries about somebody name.
fn entries(officer: &Caller<'_>, path: &str, query: &str) -> Vec<String> {
    let told = items(officer, &format!("/v1/oversight/{path}/journal?{query}"));
    told.iter().map(|entry| format!("{} {}", entry["operation"].as_str().unwrap(), entry["act"].as_str().unwrap())).collect()
}

both_engines! {
    fn an_agreed_step_is_read_by_whose_promise_it_is_now(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, coach) = (&family.unit, &family.mentor, &family.coach);
        let [given, done, left] = [mentor, mentor, coach].map(|owner| step_of(&app, &family, owner));
        let owner = |path: &str, by: &Caller<'_>| by.get(&format!("{path}/step")).ok()["owner_id"].clone();
        let closed = |path: &str, by: &Caller<'_>| {
            by.get(&format!("{path}/step")).refused(404, "not_found");
            by.post(&format!("{path}/settle-step"), &json!({})).refused(404, "not_found");
        };
        assert_eq!((owner(&given, mentor), owner(&left, coach)), (json!(mentor.account_id()), json!(coach.account_id())));
        // Given to the unit, it is the unit's.
        let promised = items(unit, "/v1/duties?kind=agreed_step");
        let note = given.rsplit('/').next().unwrap();
        let duty = promised.iter().find(|duty| duty["subject_id"] == note).unwrap()["id"].as_str().unwrap().to_owned();
        unit.put(&format!("/v1/duties/{duty}/owner"), "*", &json!({"account_id": null})).ok();
        closed(&given, mentor);
        assert_eq!(owner(&given, unit), Value::Null);
        // Settled it is read by whoever settled it, until a bar from somebody of the case.
        mentor.post(&format!("{done}/settle-step"), &json!({})).ok();
        assert_eq!(owner(&done, mentor), json!(mentor.account_id()));
        bar(unit, mentor, &family.father);
        closed(&done, mentor);
        unit.get(&format!("{done}/step")).ok();
        // Who left the service owes nothing.
        let karla = coach.get("/v1/me/staff").ok()["id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/staff/{karla}/leave"), &json!({"happened_at": app.clock.now()})).ok();
        closed(&left, coach);
        assert_eq!(unit.post(&format!("{left}/settle-step"), &json!({})).ok()["owner_id"], Value::Null);
    }

    fn a_bar_from_a_relative_hides_the_child_too(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let path = format!("/v1/people/{}", family.boy);
        let (times, choices) = (format!("{path}/times"), format!("{path}/link-choices"));
        assert_eq!(items(mentor, "/v1/people").len(), 1);
        for seen in [&path, &times, &choices] {
            mentor.get(seen).ok();
        }
        let barred = bar(unit, mentor, &family.father);
        assert_eq!(items(mentor, "/v1/people"), Vec::<Value>::new());
        for hidden in [&path, &times, &choices] {
            mentor.get(hidden).refused(404, "not_found");
        }
        mentor.put(&times, "*", &json!({"parts": ["after_school"]})).refused(404, "not_found");
        mentor.post(&choices, &json!({"wants_links": true})).refused(404, "not_found");
        assert_eq!(items(&family.coach, "/v1/people").len(), 1, "the coach meets the father as before");
        unit.post(&format!("/v1/bars/{barred}/end"), &json!({})).ok();
        mentor.get(&path).ok();
    }

    fn a_bar_from_one_of_a_family_keeps_from_all_of_it(app: TestApp) {
        let unit = app.coordinator();
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
        let stranger = unit.person("parent", "Mathildur", None);
        unit.set_custody(&boy, &[&father]);
        app.founded_case(&unit, &[&father]);
        let case = app.founded_case(&unit, &[&boy]);
        let course = accepted(&app, &unit, &case, &boy, &father, "mentor");
        let malte = app.account("malte", &["mentor"]);
        let of_malte = unit.staff("mentor", Some(&malte));
        let excluded = || {
            let listed = items(&unit, &format!("/v1/courses/{course}/eligible-staff"));
            listed.iter().find(|one| one["staff_id"] == of_malte).unwrap()["exclusions"].clone()
        };
        bar(&unit, &malte, &stranger);
        assert_eq!(excluded(), json!([]));
        // His father has a case of his own: the boy's is not hidden by that.
        let barred = bar(&unit, &malte, &father);
        assert_eq!(excluded(), json!(["bar"]));
        let proposal = json!({"course_id": course, "staff_id": of_malte});
        assert_eq!(flaw(&unit.post("/v1/matches", &proposal).refused(422, "invalid")), ("/staff_id", "bar"));
        let found = unit.post("/v1/matching-runs", &json!({})).ok();
        assert_eq!((&found["waiting"], &found["matched"]), (&json!(1), &json!(0)));
        unit.post(&format!("/v1/bars/{barred}/end"), &json!({})).ok();
        assert_eq!(excluded(), json!([]));
    }

    fn what_stands_in_the_way_is_named_to_whoever_may_see_it(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let (one, malte, nora) = (waiting(&app, &unit), unit.staff("mentor", None), unit.staff("mentor", None));
        let other_case = app.founded_case(&unit, &[&one.boy]);
        bar(&unit, &ida, &one.father);
        ida.get(&format!("/v1/cases/{other_case}")).ok();
        ida.get(&format!("/v1/courses/{}", one.course)).refused(404, "not_found");
        let told = |problem: Value| (problem["blocking"][0]["id"].clone(), problem["detail"].as_str().unwrap().contains("En anden koordinator"));
        let hidden = |problem: Value| (problem.get("blocking").cloned(), problem["detail"].as_str().unwrap().to_lowercase().contains("en anden koordinator"));
        let again = offer(&other_case, &one.boy, "mentor", app.clock.now());
        assert_eq!(told(unit.post("/v1/offers", &again).refused(409, "already_exists")), (json!(one.course), false));
        assert_eq!(hidden(ida.post("/v1/offers", &again).refused(409, "already_exists")), (None, true));

        // The talk about a match of the hidden case.
        let ran = run(&unit, &one.course, &malte);
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("/v1/matches/{ran}/end"), &json!({"reason": "person_wish"})).ok();
        let end = json!({"kind": "discontinued", "happened_at": app.clock.now(), "closing": {"no_meeting_reason": "Ønskede det ikke"}});
        unit.post(&format!("/v1/courses/{}/end", one.course), &end).ok();
        app.pass(TimeDelta::hours(1));
        let course = accepted(&app, &unit, &other_case, &one.boy, &one.father, "mentor");
        let proposal = json!({"course_id": course, "staff_id": nora});
        assert_eq!(told(unit.post("/v1/matches", &proposal).refused(409, "blocked")), (json!(ran), false));
        assert_eq!(hidden(ida.post("/v1/matches", &proposal).refused(409, "blocked")), (None, true));
    }

    fn an_id_that_is_taken_names_the_session_to_whoever_may_see_it(app: TestApp) {
        let family = family(&app);
        let with_id = |matched: &str, day: &str| {
            let mut planned = plan(matched, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
            planned["id"] = json!("99999999-9999-4999-8999-999999999999");
            planned
        };
        let boys = with_id(&family.mentoring, "04");
        let id = family.mentor.post("/v1/sessions", &boys).id();
        let mut fathers = with_id(&family.coaching, "05");
        for proposed in [false, true] {
            fathers["proposed"] = json!(proposed);
            let hidden = family.coach.post("/v1/sessions", &fathers).refused(409, "already_exists");
            assert_eq!(hidden.get("blocking"), None, "{hidden}");
        }
        for known in [&family.mentor, &family.unit] {
            let told = known.post("/v1/sessions", &boys).refused(409, "already_exists");
            assert_eq!(told["blocking"], json!([{"kind": "session", "id": id}]));
        }
    }

    fn custody_names_no_course_of_a_hidden_case_and_is_in_the_journal_of_whom_it_changes(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let officer = app.account("dorte", &["data_protection_officer"]);
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
        let (aunt, mother) = (unit.person("relative", "Gudrunette", None), unit.person("parent", "Mathildur", None));
        unit.set_custody(&boy, &[&father]);
        let case = app.founded_case(&unit, &[&boy, &aunt]);
        let course = accepted(&app, &unit, &case, &boy, &father, "mentor");
        bar(&unit, &ida, &aunt);
        let path = format!("/v1/people/{boy}");
        let set = |by: &Caller<'_>, holders: Value| {
            by.put(&format!("{path}/custody"), &by.get(&path).tag(), &json!({"holder_ids": holders})).ok()["course_ids_lacking_consent"].clone()
        };
        assert_eq!(set(&ida, json!([father, mother])), json!([]));
        assert_eq!(set(&unit, json!([mother])), json!([course]));
        // Whoever lost it, or got it, finds it in their own.
        let changed = |person: &str| entries(&officer, &format!("people/{person}"), "act=change");
        let set = "people.set_custody change";
        assert_eq!(changed(&father).iter().filter(|told| *told == set).count(), 2);
        assert_eq!(changed(&mother).iter().filter(|told| *told == set).count(), 1);

        let sune = app.account("sune", &["supervisor"]);
        unit.set_custody(&boy, &[&father]);
        let malte = unit.staff("mentor", None);
        let matched = run(&unit, &course, &malte);
        unit.post(&format!("/v1/matches/{matched}/supervision"), &json!({"account_id": sune.account_id()})).ok();
        assert_eq!(changed(&boy)[0], "supervision.assign change");
    }

    fn who_opened_a_reporters_identity_is_found_by_the_officer(app: TestApp) {
        let (unit, officer) = (app.coordinator(), app.account("dorte", &["data_protection_officer"]));
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let body = json!({"received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal",
            "concern": {"observed": "Meget fravær"}, "reporters": [{"kind": "professional", "identity": {"name": "Rapportine Sag"}}],
            "subjects": [{"note": "En dreng"}]});
        let id = unit.post("/v1/enquiries", &body).id();
        let path = format!("/v1/enquiries/{id}");
        let view = unit.get(&path).ok();
        let reporter = format!("{path}/reporters/{}/open", view["receipts"][0]["reporter_id"].as_str().unwrap());
        let opened = ["enquiries.open_reporter read"];
        let (of_enquiry, safety) = (format!("enquiries/{id}"), "purpose=safety");
        // Before anybody knows whom it is about.
        unit.post(&reporter, &json!({"reason": "safety"})).ok();
        assert_eq!(entries(&officer, &of_enquiry, safety), opened);
        assert_eq!(entries(&officer, &format!("people/{boy}"), safety), Vec::<String>::new());
        let subject = view["file"]["subjects"][0]["id"].as_str().unwrap();
        unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": boy})).ok();
        app.pass(TimeDelta::hours(1));
        unit.post(&reporter, &json!({"reason": "safety"})).ok();
        assert_eq!(entries(&officer, &format!("people/{boy}"), safety), opened);
        let told = officer.get(&format!("/v1/oversight/{of_enquiry}/journal?{safety}&limit=1"));
        assert_eq!((&told.ok()["items"][0]["account_name"], &told.ok()["items"][0]["at"]), (&json!("eva"), &json!(app.clock.now())));
        assert!(!String::from_utf8_lossy(&told.body).contains("Rapportine"), "not who it is");
        // Reading it is an entry itself, and a bar hides it.
        assert!(entries(&officer, &of_enquiry, "purpose=oversight").len() >= 2);
        unit.get(&format!("/v1/oversight/{of_enquiry}/journal")).refused(403, "forbidden");
        officer.get(&format!("/v1/oversight/enquiries/{NOBODY}/journal")).refused(404, "not_found");
        bar(&unit, &officer, &boy);
        officer.get(&format!("/v1/oversight/{of_enquiry}/journal")).refused(404, "not_found");
    }

    fn no_filter_and_no_refusal_tells_who_is_behind_a_label(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let sune = app.account("sune", &["supervisor"]);
        unit.post(&format!("/v1/matches/{}/supervision", family.mentoring), &json!({"account_id": sune.account_id()})).ok();
        let agreed = json!({"weekday": 3, "at_min": 960, "place_code": "library"});
        unit.patch(&format!("/v1/matches/{}", family.mentoring), "*", &agreed).ok();
        family.mentor.post("/v1/series", &json!({"match_id": family.mentoring})).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        let case = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap().to_owned();
        let mut note = support(&family.mentoring, &["person"], "2026-03-04T16:00:00Z");
        note["note"]["person_ids"] = json!([family.boy]);
        unit.post(NOTES, &note).ok();
        step_of(&app, &family, &sune);
        let many = |by: &Caller<'_>, path: &str| items(by, path).len();
        for (list, filter) in [(NOTES, format!("person={}", family.boy)), (NOTES, format!("case={case}")), ("/v1/series", format!("case={case}")), ("/v1/duties", format!("case={case}"))] {
            assert_eq!((many(&sune, list), many(&sune, &format!("{list}?{filter}"))), (1, 0), "{list} {filter}");
            assert!(many(unit, &format!("{list}?{filter}")) > 0, "{list} {filter}");
        }
        assert_eq!(many(&family.mentor, &format!("/v1/series?case={case}")), 1, "whoever runs it knows");
        // A case that is named is none they know: the right one neither.
        for case in [case.as_str(), NOBODY] {
            let mut named = support(&family.mentoring, &["staff"], "2026-03-04T16:00:00Z");
            named["case_id"] = json!(case);
            assert_eq!(flaw(&sune.post(NOTES, &named).refused(422, "invalid")), ("/case_id", "unknown"));
        }
        sune.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-04T16:00:00Z")).ok();
    }

    fn when_a_course_began_a_mentor_reads_of_their_own_match(app: TestApp) {
        let unit = app.coordinator();
        let (malte, nora) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let (one, of_malte, of_nora) = (waiting(&app, &unit), unit.staff("mentor", Some(&malte)), unit.staff("mentor", Some(&nora)));
        let old = run(&unit, &one.course, &of_malte);
        let began = |by: &Caller<'_>| {
            let alone = by.get(&format!("/v1/courses/{}", one.course)).ok();
            let listed = items(by, "/v1/courses?track=mentor").into_iter().find(|course| course["id"] == json!(one.course)).unwrap();
            assert_eq!(listed["started_at"], alone["started_at"]);
            (alone["state"].as_str().unwrap().to_owned(), alone["started_at"].clone())
        };
        let since = |at: Value| ("active".to_owned(), at);
        app.set_clock("2026-03-04T17:00:00Z");
        malte.put(FIRST, "", &held(&old, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).ok();
        let first = since(json!("2026-03-04T15:00:00Z"));
        assert_eq!((began(&malte), began(&unit)), (first.clone(), first.clone()));
        // When the two met stands in nothing but a log of his.
        let next = unit.post(&format!("/v1/matches/{old}/hand-over"), &json!({"knows_person": false, "staff_id": of_nora})).id();
        assert_eq!((began(&nora), began(&unit)), (since(Value::Null), first.clone()));
        app.set_clock("2026-03-11T17:00:00Z");
        nora.put(SECOND, "", &held(&next, "2026-03-11T15:00:00Z", "2026-03-11T16:40:00Z")).ok();
        assert_eq!((began(&nora), began(&unit)), (since(json!("2026-03-11T15:00:00Z")), first));
    }

    fn closed_promises_of_a_match_go_with_it(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).ok();
        let done = items(mentor, "/v1/duties?state=done&kind=log_missing");
        assert_eq!(done.len(), 1);
        let duty = format!("/v1/duties/{}", done[0]["id"].as_str().unwrap());
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other", "words": "De er færdige"})).ok();
        app.pass(TimeDelta::days(13));
        mentor.get(&duty).ok();
        app.pass(TimeDelta::days(2));
        mentor.get(&duty).refused(404, "not_found");
        assert_eq!(items(mentor, "/v1/duties?state=done"), Vec::<Value>::new());
        family.unit.get(&duty).ok();
    }
}
