//! A closing by mistake and a referral that never was: taken back, they stay beside what is right, and what they had ended or kept is promised.

use chrono::TimeDelta;
use makker::base::db::migrations;
use serde_json::{Value, json};

use crate::courses::{dues, owned};
use crate::followups::NOTES;
use crate::put_right::standings;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

/// A case that was closed on 2 March, and that a re-offer to the father opened again on 20 December, which was accepted by mistake: its path, and
/// the offer's.
fn opened_by_mistake(app: &TestApp, unit: &Caller<'_>, others: &[&str]) -> [String; 2] {
    let father = unit.person("parent", "Frodemund", None);
    let case = app.founded_case(unit, &[&[father.as_str()][..], others].concat());
    let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
    unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
    app.pass(TimeDelta::hours(1));
    let path = format!("/v1/cases/{case}");
    unit.post(&format!("{path}/close"), &json!({"reason": "no_longer_relevant", "happened_at": app.clock.now()})).ok();
    app.set_clock("2026-12-20T08:00:00Z");
    let again = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id());
    unit.post(&format!("{again}/consents"), &yes(&father, app.clock.now())).ok();
    unit.post(&format!("{again}/accept"), &json!({})).ok();
    assert_eq!((unit.get(&path).ok()["state"].clone(), standings(unit, "cases_open")), (json!("open"), vec!["yes".to_owned()]));
    [path, again]
}

both_engines! {
    fn a_case_that_only_a_yes_by_mistake_had_opened_is_closed_as_it_was(app: TestApp) {
        let unit = app.coordinator();
        let [path, again] = opened_by_mistake(&app, &unit, &[]);
        app.set_clock("2027-01-05T08:00:00Z");
        unit.post(&format!("{again}/answer/retract"), &json!({})).ok();
        let closed = unit.get(&path).ok();
        assert_eq!((&closed["state"], &closed["closed_at"]), (&json!("closed"), &json!("2026-03-02T09:00:00Z")));
        assert_eq!((&closed["close_reason"], &closed["reopenings"]), (&json!("no_longer_relevant"), &json!([])));
        assert_eq!(standings(&unit, "cases_open"), [""; 0], "at the end of 2026 it was closed");
        // The re-offer waits for its answer, as it did in the closed case; what the closing had ended stays ended.
        assert_eq!(dues(&app, "answer"), owned(&[("done", "2026-03-16"), ("open", "2027-01-03")]));
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("done", "2026-06-02")]), owned(&[("open", "2026-09-02")])));
        assert_eq!(app.promise("referral").2.as_deref(), Some("case_closed"));
        app.tick();
        assert_eq!(app.promise("referral").2.as_deref(), Some("case_closed"));
        // They say yes after all: it is open from then.
        unit.post(&format!("{again}/accept"), &json!({})).ok();
        let open = unit.get(&path).ok();
        assert_eq!((&open["state"], &open["reopenings"][0]["reopened_at"]), (&json!("open"), &json!("2026-12-20T08:00:00Z")));
        unit.post(&format!("{again}/answer/retract"), &json!({})).ok();
        unit.post(&format!("{again}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        assert_eq!(unit.get(&path).ok()["state"], "closed");
        // The closing can be taken back as any other.
        assert_eq!(unit.post(&format!("{path}/closing/retract"), &json!({})).ok()["state"], "open");
    }

    fn what_was_made_since_keeps_a_case_open_whose_yes_never_was(app: TestApp) {
        let unit = app.coordinator();
        let mother = unit.person("parent", "Alfhildine", None);
        let [path, again] = opened_by_mistake(&app, &unit, &[&mother]);
        let offer_of = |reopening: &Value| reopening["offer_id"].as_str().map(|id| format!("/v1/offers/{id}"));
        assert_eq!(offer_of(&unit.get(&path).ok()["reopenings"][0]), Some(again.clone()));
        app.set_clock("2026-12-28T08:00:00Z");
        let case = path.rsplit('/').next().unwrap();
        let hers = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(case, &mother, "parent_coach", app.clock.now())).id());
        unit.post(&format!("{hers}/consents"), &yes(&mother, app.clock.now())).ok();
        unit.post(&format!("{hers}/accept"), &json!({})).ok();
        app.set_clock("2027-01-05T08:00:00Z");
        unit.post(&format!("{again}/answer/retract"), &json!({})).ok();
        assert_eq!(offer_of(&unit.get(&path).ok()["reopenings"][0]), Some(hers.clone()));
        // Neither said yes; but an offer was made that is no promised one.
        unit.post(&format!("{hers}/answer/retract"), &json!({})).ok();
        let open = unit.get(&path).ok();
        assert_eq!((&open["state"], open["reopenings"].as_array().unwrap().len()), (&json!("open"), 1));
        let reopening = &open["reopenings"][0];
        assert_eq!((offer_of(reopening), &reopening["reopened_at"]), (None, &json!("2026-12-28T08:00:00Z")));
        assert_eq!(standings(&unit, "cases_open"), ["yes"]);
        // It is closed when that is over, as any other.
        for open in [&hers, &again] {
            unit.post(&format!("{open}/withdraw"), &json!({"happened_at": app.clock.now()})).ok();
        }
        assert_eq!(unit.post(&format!("{path}/close"), &json!({"reason": "no_longer_relevant", "happened_at": app.clock.now()})).ok()["state"], "closed");
    }

    fn a_closing_that_is_taken_back_never_was(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let path = format!("/v1/cases/{case}");
        let retract = || unit.post(&format!("{path}/closing/retract"), &json!({}));
        retract().refused(409, "wrong_state");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        app.pass(TimeDelta::hours(1));
        let stale = unit.get(&path).tag();
        unit.post(&format!("{path}/close"), &json!({"reason": "moved", "happened_at": app.clock.now()})).ok();
        assert_eq!((app.promise("referral").2.as_deref(), app.promise("reoffer_3m").2.as_deref()), (Some("case_closed"), Some("moved")));
        let figures = || (standings(&unit, "referred_in_time"), standings(&unit, "cases_open"));
        assert_eq!(figures(), (vec![], vec![]));
        // Whose the case was has left meanwhile, and its limit has passed.
        unit.post(&format!("/v1/accounts/{}/disable", ida.account_id()), &json!({})).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        unit.post_if(&format!("{path}/closing/retract"), &stale, &json!({})).refused(412, "stale_version");
        app.account("malte", &["mentor"]).post(&format!("{path}/closing/retract"), &json!({})).refused(403, "forbidden");
        let open = retract().ok();
        assert_eq!((&open["state"], &open["closed_at"], &open["close_reason"]), (&json!("open"), &Value::Null, &Value::Null));
        assert_eq!((&open["coordinator_id"], &open["reopenings"], &open["late_duties"]), (&Value::Null, &json!([]), &json!(1)));
        assert_eq!(open["retracted_closings"], json!([{"closed_at": "2026-03-02T09:00:00Z", "close_reason": "moved",
            "retracted_at": "2026-03-06T08:00:00Z", "retracted_by": unit.account_id(), "lapsed": []}]));
        app.keeps_for_good("corrections", "subject_id");
        // What it had ended is promised as before, by the unit; what is late is told once.
        assert_eq!(app.promise("referral"), ("open".into(), "2026-03-04T08:00:00Z".into(), None));
        assert_eq!((dues(&app, "reoffer_3m"), dues(&app, "reoffer_6m")), (owned(&[("open", "2026-06-02")]), owned(&[("open", "2026-09-02")])));
        app.every_promised("support_professionals", |duty| duty.state == "open" && duty.owner_id.is_none());
        assert_eq!(figures(), (vec!["no".to_owned()], vec!["yes".to_owned()]));
        app.tick();
        app.tick();
        assert_eq!(app.count("duties WHERE kind = 'referral' AND late_told_at IS NOT NULL"), 1);
        retract().refused(409, "wrong_state");
        // It is referred, and closed when it is over.
        unit.post(&format!("{path}/refer"), &json!({"to": "Skolen", "happened_at": app.clock.now()})).ok();
        let closed = unit.post(&format!("{path}/close"), &json!({"reason": "goals_reached", "happened_at": app.clock.now()})).ok();
        assert_eq!((&closed["state"], closed["retracted_closings"].as_array().unwrap().len()), (&json!("closed"), 1));
    }

    fn what_a_closing_by_death_ended_and_does_not_come_back_is_named(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let path = format!("/v1/cases/{}", app.founded_case(&unit, &[&father]));
        let made = unit.post("/v1/offers", &offer(path.rsplit('/').next().unwrap(), &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("{path}/close"), &json!({"reason": "dead", "happened_at": app.clock.now()})).ok();
        assert_eq!((app.promise("reoffer_3m").2.as_deref(), app.promise("reoffer_6m").2.as_deref()), (Some("dead"), Some("dead")));
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("/v1/people/{father}/death"), &json!({"happened_at": app.clock.now()})).ok();
        let lapsed = unit.post(&format!("{path}/closing/retract"), &json!({})).ok()["retracted_closings"][0]["lapsed"].clone();
        let kinds: Vec<_> = lapsed.as_array().unwrap().iter().map(|duty| duty["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"reoffer_3m") && kinds.contains(&"reoffer_6m"), "{lapsed}");
    }

    fn what_a_stop_or_a_death_of_the_wrong_person_ended_is_offered_again(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let path = format!("/v1/cases/{case}");
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        let stand = || {
            let all = ["reoffer_3m", "reoffer_6m", "support_professionals"].into_iter().flat_map(|kind| app.promised(kind));
            all.map(|duty| duty.reason.unwrap_or(duty.state)).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        };
        let record = |path: &str, body: Value| {
            app.pass(TimeDelta::hours(1));
            unit.post(path, &body)
        };
        let stop = |reason: &str| {
            let now = app.clock.now().plus(TimeDelta::hours(1));
            let body = json!({"person_id": father, "track": "parent_coach", "reason": reason, "happened_at": now});
            format!("{path}/contact_stops/{}/retract", record(&format!("{path}/contact_stops"), body).id())
        };
        let die = || {
            let now = app.clock.now().plus(TimeDelta::hours(1));
            record(&format!("/v1/people/{father}/death"), json!({"happened_at": now})).ok();
        };
        let live = || record(&format!("/v1/people/{father}/death/retract"), json!({})).ok();
        let retract = |stop: &str| record(stop, json!({})).ok();
        assert_eq!(stand(), ["open"]);
        // A stop: two were recorded, and as long as one holds nothing comes back.
        let (first, second) = (stop("no_longer_relevant"), stop("asked_never_to_be_contacted"));
        assert_eq!(stand(), ["no_longer_relevant"]);
        retract(&first);
        assert_eq!(stand(), ["no_longer_relevant"]);
        retract(&second);
        assert_eq!((stand(), app.promised("reoffer_3m").len()), (vec!["open".to_owned()], 1));
        // A death, by which the case was closed, too: in whichever order they are taken back.
        for death_first in [true, false] {
            die();
            assert_eq!(stand(), ["dead"]);
            record(&format!("{path}/close"), json!({"reason": "dead", "happened_at": app.clock.now().plus(TimeDelta::hours(1))})).ok();
            let reopen = || record(&format!("{path}/closing/retract"), json!({})).ok();
            if death_first { live() } else { reopen() };
            assert_eq!(stand(), ["dead"]);
            if death_first { reopen() } else { live() };
            assert_eq!(stand(), ["open"]);
        }
        // Out of the case meanwhile, they are offered again when they are back.
        let third = stop("asked_never_to_be_contacted");
        record(&format!("{path}/people/{father}/leave"), json!({"reason": "added_by_mistake", "happened_at": app.clock.now().plus(TimeDelta::hours(1))})).ok();
        retract(&third);
        assert_eq!(stand(), ["left_case"]);
        record(&format!("{path}/people"), json!({"person_id": father, "role": "parent"})).ok();
        assert_eq!(stand(), ["open"]);
        // What fell due meanwhile is late, by its own date; the next offer is the one that was promised.
        let last = stop("asked_never_to_be_contacted");
        app.set_clock("2026-06-20T08:00:00Z");
        retract(&last);
        assert_eq!((stand(), dues(&app, "reoffer_3m")[0].1.as_str()), (vec!["open".to_owned()], "2026-06-02"));
        let again = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).ok();
        assert_eq!((&again["first"], again["fulfils_duty_id"].is_string()), (&json!(false), true));
        assert_eq!((app.promise("reoffer_3m").0.as_str(), app.promise("reoffer_6m").0.as_str()), ("done", "open"));
    }

    fn what_somebody_answered_after_their_death_never_was(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let uncle = unit.person("relative", "Gudrunette", None);
        let case = app.founded_case(&unit, &[&father, &mother]);
        unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": uncle, "role": "relative"})).ok();
        let make = |person: &str| format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, person, "parent_coach", app.clock.now())).id());
        let (his, hers, theirs) = (make(&father), make(&mother), make(&uncle));
        let accept = |made: &str, person: &str| {
            unit.post(&format!("{made}/consents"), &yes(person, app.clock.now())).ok();
            unit.post(&format!("{made}/accept"), &json!({})).id()
        };
        app.set_clock("2026-03-03T08:00:00Z");
        let hers_course = accept(&hers, &mother);
        app.set_clock("2026-03-04T08:00:00Z");
        let his_course = accept(&his, &father);
        unit.post(&format!("{theirs}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        let coach = app.account("karla", &["parent_coach"]);
        let matching = crate::sessions::matched(&unit, &coach, &his_course, &crate::sessions::staff(&app, &coach, false));
        let figures = || ["accepted", "discontinued", "matched"].map(|figure| standings(&unit, figure).len());
        assert_eq!(figures(), [3, 0, 2]);
        app.set_clock("2026-03-10T08:00:00Z");
        for person in [&father, &mother, &uncle] {
            unit.post(&format!("/v1/people/{person}/death"), &json!({"happened_at": "2026-03-03T12:00:00Z"})).ok();
        }
        // Hers is of that very day, and was broken off by it.
        assert_eq!(figures(), [1, 1, 1]);
        let state = |path: &str| unit.get(path).ok()["state"].as_str().unwrap().to_owned();
        assert_eq!((state(&hers), state(&format!("/v1/courses/{hers_course}"))), ("accepted".to_owned(), "discontinued".to_owned()));
        assert_eq!((state(&his), state(&format!("/v1/courses/{his_course}"))), ("withdrawn".to_owned(), "retracted".to_owned()));
        assert_eq!((state(&theirs), state(&format!("/v1/matches/{matching}"))), ("withdrawn".to_owned(), "ended".to_owned()));
        let former = unit.get(&his).ok()["retracted_answers"][0].clone();
        assert_eq!((&former["state"], &former["answered_at"]), (&json!("accepted"), &json!("2026-03-04T08:00:00Z")));
        for kind in ["answer", "reoffer_3m", "reoffer_6m", "support_professionals"] {
            app.every_promised(kind, |duty| duty.state != "open");
        }
    }

    fn whoever_did_not_die_is_followed_up_after_all(app: TestApp) {
        let family = crate::sessions::family(&app);
        let unit = &family.unit;
        crate::followups::begin(&app, &family);
        let end = json!({"kind": "completed", "happened_at": "2026-03-04T16:50:00Z", "closing": {"no_meeting_reason": "Aftalt på telefonen"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        let promised = (app.promise("followup_6m"), app.promise("followup_12m"));
        app.set_clock("2026-03-06T08:00:00Z");
        unit.post(&format!("/v1/people/{}/death", family.boy), &json!({"happened_at": "2026-03-05T08:00:00Z"})).ok();
        assert_eq!(app.promise("followup_6m").2.as_deref(), Some("dead"));
        unit.post(&format!("/v1/people/{}/death/retract", family.boy), &json!({})).ok();
        assert_eq!((app.promise("followup_6m"), app.promise("followup_12m")), promised);
    }

    fn a_run_of_misses_that_a_closing_ended_is_promised_again(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let path = format!("/v1/cases/{}", app.founded_case(&unit, &[&father]));
        app.set_clock("2026-03-06T17:00:00Z");
        let meetings: Vec<_> = ["03", "05"]
            .map(|day| json!({"person_id": father, "starts_at": format!("2026-03-{day}T09:00:00Z"), "outcome": "no_show"}))
            .into();
        let note = json!({"kind": "call", "outcome": "held", "happened_at": app.clock.now(), "professional": "Jobcentret",
            "facts": "Han kom ikke", "reported_meetings": meetings});
        unit.post(NOTES, &json!({"case_id": path.rsplit('/').next(), "note": note})).ok();
        let promised = app.promise("missed_twice");
        unit.post(&format!("{path}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        assert_eq!(app.promise("missed_twice").2.as_deref(), Some("case_closed"));
        assert_eq!(unit.post(&format!("{path}/closing/retract"), &json!({})).ok()["retracted_closings"][0]["lapsed"], json!([]));
        assert_eq!((app.promise("missed_twice"), promised.0.as_str()), (promised.clone(), "open"));
    }

    fn what_came_after_a_closing_stands_in_its_way(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let retract = |case: &str| unit.post(&format!("/v1/cases/{case}/closing/retract"), &json!({}));
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "no_longer_relevant", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-05-28T08:00:00Z");
        let again = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{again}/consents"), &yes(&father, app.clock.now())).ok();
        unit.post(&format!("/v1/offers/{again}/accept"), &json!({})).ok();
        assert_eq!(retract(&case).refused(409, "wrong_state")["detail"], "Sagen blev åbnet igen siden");

        // What the police took over goes by the concern.
        let mother = unit.person("parent", "Mathildur", None);
        let case = app.founded_case(&unit, &[&mother]);
        let concern = app.enquiry_of(&case).to_string();
        let enquiry = format!("/v1/enquiries/{concern}");
        let screens = unit.post(&format!("{enquiry}/police_screens"), &json!({})).ok()["file"]["police_screens"].as_array().unwrap().clone();
        let question = screens.iter().find(|screen| screen["answered_at"].is_null()).unwrap()["id"].as_str().unwrap().to_owned();
        unit.post(&format!("{enquiry}/police_screens/{question}/result"), &json!({"result": "taken_over"})).ok();
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["close_reason"], "taken_over_by_police");
        assert_eq!(retract(&case).refused(409, "blocked")["blocking"][0], json!({"kind": "enquiry", "id": concern}));
    }

    fn a_referral_that_never_was_is_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        let retract = || unit.post(&format!("{path}/referral/retract"), &json!({}));
        retract().refused(409, "wrong_state");
        app.set_clock("2026-03-03T07:00:00Z");
        let refer = |to: &str| unit.post(&format!("{path}/refer"), &json!({"to": to, "happened_at": app.clock.now()}));
        refer("Jobcentret").ok();
        let accepted = json!({"by": "Familieafdelingen", "first_action": "Ringer", "happened_at": app.clock.now()});
        unit.post(&format!("{path}/accept_referral"), &accepted).ok();
        // More urgent since: of what was referred it moved nothing.
        unit.patch(&path, &unit.get(&path).tag(), &json!({"severity": "hours_24"})).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        app.tick();
        assert_eq!((standings(&unit, "referred_in_time"), app.promise("referral").0.as_str()), (vec!["yes".to_owned()], "done"));
        // An offer was built on it.
        let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).id();
        assert_eq!(retract().refused(409, "blocked")["blocking"], json!([{"kind": "offer", "id": made}]));
        unit.post(&format!("/v1/offers/{made}/withdraw"), &json!({"happened_at": app.clock.now()})).ok();
        unit.post_if(&format!("{path}/referral/retract"), "\"0.x\"", &json!({})).refused(412, "stale_version");
        app.account("malte", &["mentor"]).post(&format!("{path}/referral/retract"), &json!({})).refused(403, "forbidden");

        let referral = retract().ok()["referral"].clone();
        for member in ["to", "referred_at", "recorded_at", "late_reason", "accepted_at", "acceptance"] {
            assert_eq!(referral[member], Value::Null, "{member}");
        }
        assert_eq!((&referral["due_at"], &referral["late"]), (&json!("2026-03-03T08:00:00Z"), &json!(true)));
        let former = &referral["former"][0];
        assert_eq!((&former["to"], &former["acceptance"]["by"]), (&json!("Jobcentret"), &json!("Familieafdelingen")));
        for member in ["referred_at", "recorded_at", "accepted_at"] {
            assert_eq!(former[member], "2026-03-03T07:00:00Z", "{member}");
        }
        assert_eq!((&former["corrected_at"], &former["corrected_by"]), (&json!("2026-03-06T08:00:00Z"), &json!(unit.account_id())));
        app.keeps_for_good("corrections", "subject_id");
        // Its limit is the true one, and late at once; that is told once.
        assert_eq!(app.promise("referral"), ("open".into(), "2026-03-03T08:00:00Z".into(), None));
        assert_eq!(standings(&unit, "referred_in_time"), ["no"]);
        assert_eq!(unit.get("/v1/cases?referred=false").ok()["items"][0]["id"], json!(case));
        app.tick();
        app.tick();
        assert_eq!(app.count("duties WHERE kind = 'referral' AND late_told_at IS NOT NULL"), 1);
        retract().refused(409, "wrong_state");
        let referred = refer("Skolen").ok();
        assert_eq!((&referred["referral"]["to"], &referred["referral"]["accepted_at"]), (&json!("Skolen"), &Value::Null));
        assert_eq!(app.promise("referral").0, "done");
    }

    fn a_closed_case_that_was_never_referred_has_no_limit(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let path = format!("/v1/cases/{}", app.founded_case(&unit, &[&father]));
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("{path}/refer"), &json!({"to": "Jobcentret", "happened_at": app.clock.now()})).ok();
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("{path}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        assert_eq!(standings(&unit, "referred_in_time"), ["yes"]);
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!(unit.post(&format!("{path}/referral/retract"), &json!({})).ok()["state"], "closed");
        assert_eq!(app.promise("referral"), ("ended".into(), "2026-03-04T08:00:00Z".into(), Some("case_closed".into())));
        assert!(standings(&unit, "referred_in_time").is_empty());
        // And the closing never was, either.
        unit.post(&format!("{path}/closing/retract"), &json!({})).ok();
        assert_eq!((app.promise("referral").0.as_str(), standings(&unit, "referred_in_time")), ("open", vec!["no".to_owned()]));
    }

    fn what_was_put_right_before_reads_as_it_did(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let path = format!("/v1/cases/{case}");
        let to = |authority: &str| json!({"to": authority, "happened_at": app.clock.now(), "late_reason": "Ingen ledig tid"});
        unit.post(&format!("{path}/refer"), &to("Jobcentret")).ok();
        unit.put(&format!("{path}/referral"), &unit.get(&path).tag(), &to("Skolen")).ok();
        let offer = format!("/v1/offers/{}", unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id());
        unit.post(&format!("{offer}/decline"), &json!({"reason": "no_need", "words": "Det var naboen", "happened_at": app.clock.now()})).ok();
        unit.post(&format!("{offer}/answer/retract"), &json!({})).ok();
        let shown = || (unit.get(&path).ok()["referral"]["former"].clone(), unit.get(&offer).ok()["retracted_answers"].clone());
        let before = shown();
        assert_eq!((&before.0[0]["to"], &before.1[0]["words"]), (&json!("Jobcentret"), &json!("Det var naboen")));
        // Back to the tables that each had, and joined anew.
        let db = &mut app.database.connect();
        while let Some(name) = migrations::revert(db).unwrap() {
            if name == "0049_corrections_join" {
                break;
            }
        }
        assert_eq!((app.count("referral_corrections"), app.count("corrections")), (1, 1));
        app.keeps_for_good("referral_corrections", "case_id");
        migrations::apply(db, app.clock.now()).unwrap();
        assert_eq!((app.count("corrections"), shown()), (2, before));
        app.keeps_for_good("corrections", "subject_id");
    }
}
