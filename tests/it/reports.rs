//! The year's figures over HTTP: exact and openable for coordinators, totals for managers, persons for neither in a number.

use chrono::TimeDelta;
use makker::base::db::Coded;
use makker::reports::model::Definition;
use serde_json::{Value, json};

use crate::sessions::{FIRST, family, held, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::casework::{offer, yes};

const SECOND: &str = "/v1/session-logs/22222222-2222-4222-8222-222222222222";

/// A year's report as somebody reads it.
fn report(caller: &Caller<'_>, year: u16) -> Value {
    caller.get(&format!("/v1/reports/yearly?year={year}")).ok()
}

fn figure<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == name).unwrap_or_else(|| panic!("no figure {name}"))
}

/// What counts, of how many, and how many are unknown.
fn counts(report: &Value, name: &str) -> Value {
    let figure = figure(report, name);
    json!([figure["n"], figure["of"], figure["unknown"]])
}

/// The groups of a split that have something in them.
fn groups(report: &Value, name: &str, by: &str) -> Vec<(String, u64)> {
    let splits = figure(report, name)["splits"].as_array().unwrap();
    let split = splits.iter().find(|split| split["by"] == by).unwrap_or_else(|| panic!("{name} is not split by {by}"));
    let group = |group: &Value| (group["group"].as_str().unwrap().to_owned(), group["n"].as_u64().unwrap());
    split["groups"].as_array().unwrap().iter().map(group).filter(|(_, n)| *n > 0).collect()
}

/// The rows behind a figure of 2026.
fn rows(caller: &Caller<'_>, figure: &str) -> Vec<Value> {
    caller.get(&format!("/v1/reports/yearly/rows?year=2026&figure={figure}")).ok()["items"].as_array().unwrap().clone()
}

fn of<'a>(rows: &'a [Value], member: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[member].as_str().unwrap_or("-")).collect()
}

fn concern(unit: &Caller<'_>, received_at: &str, source: &str) -> String {
    let enquiry = json!({"received_at": received_at, "channel": "phone", "source": source, "urgency": "normal",
        "concern": {"observed": "Meget fravær"}, "reporters": [{"kind": "citizen"}], "subjects": [{}]});
    unit.post("/v1/enquiries", &enquiry).id()
}

#[test]
fn the_readme_names_every_definition_with_its_version() {
    let readme = include_str!("../../README.md");
    for definition in Definition::ALL {
        let name = format!("`{definition}` v{}", definition.version());
        assert!(readme.contains(&name), "the README's table of figures does not name {name}");
    }
}

both_engines! {
    fn a_year_from_concern_to_re_offer(app: TestApp) {
        let unit = app.coordinator();
        let (boy, mother) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
        let father = unit.person("parent", "Frodemund", Some("1980-01-01"));
        unit.set_custody(&boy, &[&mother]);
        let (case, founded_at) = (app.founded_case(&unit, &[&boy, &mother, &father]), app.clock.now());
        // One second before the local year began, and at its first moment.
        let (before, first) = (concern(&unit, "2025-12-31T22:59:59Z", "police"), concern(&unit, "2025-12-31T23:00:00Z", "police"));
        app.pass(TimeDelta::hours(48));
        unit.post(&format!("/v1/cases/{case}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();

        // The boy says yes, his father no, his mother nothing yet.
        let accepted = unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).id();
        for giver in [&boy, &mother] {
            unit.post(&format!("/v1/offers/{accepted}/consents"), &yes(giver, app.clock.now())).ok();
        }
        unit.post(&format!("/v1/offers/{accepted}/accept"), &json!({})).ok();
        let declined = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        let no = |reason: &str| json!({"reason": reason, "happened_at": app.clock.now()});
        unit.post(&format!("/v1/offers/{declined}/decline"), &no("no_trust")).ok();
        let open = unit.post("/v1/offers", &offer(&case, &mother, "parent_coach", app.clock.now())).id();

        let year = report(&unit, 2026);
        assert_eq!((&year["from_at"], &year["until_at"]), (&json!("2025-12-31T23:00:00Z"), &json!("2026-12-31T23:00:00Z")));
        assert_eq!((&year["exact"], &year["as_of_at"]), (&json!(true), &json!(app.clock.now())));
        for (name, expected) in [
            ("enquiries", json!([2, null, null])),
            ("founded", json!([1, 2, 1])),
            ("cases_started", json!([1, null, null])),
            ("referred_in_time", json!([1, 1, 0])),
            ("received_to_referred", json!([1, 1, 0])),
            ("cases_open", json!([1, null, null])),
            ("offers_made", json!([3, null, null])),
            ("accepted", json!([1, 2, 0])),
            ("declined", json!([1, 2, 0])),
            ("first_offers_open", json!([1, null, null])),
            ("reoffered_3m", json!([0, 1, 1])),
            ("reoffered_6m", json!([0, 1, 1])),
            ("courses_active", json!([0, null, null])),
            ("gone_through", json!([0, 0, 0])),
            ("sessions_held", json!([0, 0, 0])),
            ("not_at_risk_6m", json!([0, 0, 0])),
            ("occupied_12m", json!([0, 0, 0])),
        ] {
            assert_eq!(counts(&year, name), expected, "{name}");
        }
        assert_eq!(counts(&report(&unit, 2025), "founded"), json!([0, 1, 1]));
        let one = |code: &str| vec![(code.to_owned(), 1)];
        assert_eq!(groups(&year, "enquiries", "source"), [("school".to_owned(), 1), ("police".to_owned(), 1)]);
        assert_eq!(groups(&year, "enquiries", "quarter"), [("q1".to_owned(), 2)]);
        assert_eq!((groups(&year, "referred_in_time", "severity"), groups(&year, "founded_to_referred", "elapsed")), (one("hours_48"), one("within_48")));
        assert_eq!((groups(&year, "accepted", "age_group"), groups(&year, "accepted", "track")), (one("under_18"), one("mentor")));
        assert_eq!((groups(&year, "declined", "age_group"), groups(&year, "declined", "decline_reason")), (one("adult"), one("no_trust")));
        assert_eq!(groups(&year, "first_offers_open", "age_group"), one("unknown"));
        let enquiries = figure(&year, "enquiries");
        assert_eq!((&enquiries["recorded_late"], &enquiries["definition_version"], &enquiries["is_hidden"]), (&json!(1), &json!(1), &json!(false)));
        assert_eq!((&figure(&year, "accepted")["target_percent"], &enquiries["target_percent"]), (&json!(60), &json!(null)));
        assert!(enquiries["definition"].as_str().unwrap().starts_with("Henvendelser"), "Danish unless asked otherwise: {enquiries}");

        // The first re-offer comes in time, the second too late.
        app.set_clock("2026-06-04T21:59:59Z");
        let again = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{again}/decline"), &no("no_time")).ok();
        app.set_clock("2026-09-04T22:00:00Z");
        assert_eq!(counts(&report(&unit, 2026), "reoffered_6m"), json!([0, 1, 0]));
        unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).ok();
        let year = report(&unit, 2026);
        assert_eq!((counts(&year, "reoffered_3m"), counts(&year, "reoffered_6m")), (json!([1, 1, 0]), json!([0, 1, 0])));
        assert_eq!((&figure(&year, "reoffered_3m")["done_late"], &figure(&year, "reoffered_6m")["done_late"]), (&json!(0), &json!(1)));
        // Re-offers are offers; what they were answered is no part of the acceptance.
        assert_eq!((counts(&year, "offers_made"), counts(&year, "accepted")), (json!([5, null, null]), json!([1, 2, 0])));

        // Each opens as its rows, what is unknown first; ids and dates, no names.
        let founded = rows(&unit, "founded");
        assert_eq!((of(&founded, "standing"), of(&founded, "subject_id")[0]), (vec!["unknown", "yes"], first.as_str()));
        assert_eq!((of(&rows(&unit, "accepted"), "subject_id"), of(&rows(&unit, "accepted"), "standing")), (vec![declined.as_str(), accepted.as_str()], vec!["no", "yes"]));
        assert_eq!(of(&rows(&unit, "first_offers_open"), "subject_id"), [open.as_str()]);
        assert!(!of(&rows(&unit, "enquiries"), "subject_id").contains(&before.as_str()));
        let late = &rows(&unit, "reoffered_6m")[0];
        assert_eq!((&late["done_late"], &late["person_id"], &late["case_id"]), (&json!(true), &json!(father), &json!(case)));
        assert_eq!((&late["subject_kind"], &late["due_at"]), (&json!("duty"), &json!("2026-09-04T21:59:59.999999Z")));
        assert_eq!(rows(&unit, "referred_in_time")[0]["happened_at"], json!(founded_at.plus(TimeDelta::hours(48))));
        let (mut path, mut paged) = ("/v1/reports/yearly/rows?year=2026&figure=offers_made&limit=2".to_owned(), Vec::new());
        while paged.len() < 20 {
            let page = unit.get(&path);
            paged.extend(page.ok()["items"].as_array().unwrap().clone());
            let Some(link) = page.header("link") else { break };
            path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        }
        assert_eq!((paged.len(), &paged), (5, &rows(&unit, "offers_made")));
    }

    fn what_was_written_down_late_is_said_of_every_figure(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2007-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let course = crate::sessions::course(&app, &unit, &case, &boy, &[], "mentor");
        let (first, second) = (app.account("malte", &["mentor"]), app.account("nora", &["mentor"]));
        let propose = |caller: &Caller<'_>, at: &str| {
            let proposal = json!({"course_id": course, "staff_id": crate::sessions::staff(&app, caller, true), "happened_at": at});
            unit.post("/v1/matches", &proposal).id()
        };
        app.set_clock("2026-03-16T08:00:00Z");
        let refused = propose(&first, "2026-03-03T08:00:00Z");
        let no = json!({"accepted": false, "reason": "not_a_fit", "happened_at": "2026-03-04T08:00:00Z"});
        unit.post(&format!("/v1/matches/{refused}/answer-for-person"), &no).ok();
        let taken = propose(&second, "2026-03-05T08:00:00Z");
        let yes = json!({"accepted": true, "happened_at": "2026-03-06T08:00:00Z"});
        unit.post(&format!("/v1/matches/{taken}/answer-for-person"), &yes).ok();
        second.post(&format!("/v1/matches/{taken}/answer"), &json!({"accepted": true, "knows_person": false, "happened_at": "2026-03-06T08:00:00Z"})).ok();
        second.put(FIRST, "", &held(&taken, "2026-03-07T15:00:00Z", "2026-03-07T16:40:00Z")).ok();
        // What is changed afterwards was written down when it was.
        app.set_clock("2026-04-20T08:00:00Z");
        let matched = format!("/v1/matches/{taken}");
        unit.patch(&matched, &unit.get(&matched).tag(), &json!({"place_code": "library"})).ok();
        let year = report(&unit, 2026);
        for (name, of) in [("matched", 1), ("first_proposal_taken", 1), ("proposals_declined", 2), ("courses_active", 1)] {
            assert_eq!(figure(&year, name)["recorded_late"], of, "{name}");
            assert!(rows(&unit, name).iter().all(|row| row["recorded_at"] == "2026-03-16T08:00:00Z"), "{name}");
        }
    }

    fn what_becomes_of_courses_and_sessions(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, coach) = (&family.unit, &family.mentor, &family.coach);
        app.set_clock("2026-03-04T17:00:00Z");
        mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:40:00Z")).ok();
        let planned = |by: &Caller<'_>, matched: &str, day: &str| {
            by.post("/v1/sessions", &plan(matched, &format!("{day}T09:00:00Z"), &format!("{day}T10:00:00Z"))).id()
        };
        planned(coach, &family.coaching, "2026-03-05");
        let cancelled = planned(coach, &family.coaching, "2026-03-09");
        planned(mentor, &family.mentoring, "2026-03-06");
        planned(mentor, &family.mentoring, "2026-03-13");
        coach.post(&format!("/v1/sessions/{cancelled}/cancel"), &json!({"by": "person"})).ok();
        app.set_clock("2026-03-20T08:00:00Z");
        let mut missed = held(&family.coaching, "2026-03-05T09:00:00Z", "2026-03-05T10:10:00Z");
        (missed["outcome"], missed["minutes"]) = (json!("no_show"), Value::Null);
        coach.put(SECOND, "", &missed).ok();

        // A correction is no late log.
        let mut better = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-19T12:00:00Z");
        better["facts"] = json!("Vi spillede skak og talte om skolen");
        assert_eq!(mentor.put(FIRST, "", &better).ok()["revision"], 2);

        // Two that nobody logged are unknown; one log came more than a week later.
        let spring = report(unit, 2026);
        for (name, expected) in [
            ("sessions_held", json!([1, 5, 2])),
            ("sessions_cancelled", json!([1, 5, 2])),
            ("sessions_missed", json!([1, 5, 2])),
            ("session_minutes", json!([60, 1, 0])),
            ("courses_active", json!([1, null, null])),
            ("gone_through", json!([0, 0, 0])),
        ] {
            assert_eq!(counts(&spring, name), expected, "{name}");
        }
        let late = |name: &str| rows(unit, name).into_iter().filter(|row| row["standing"] == "yes" && row["recorded_late"] == true).count();
        assert_eq!((figure(&spring, "sessions_missed")["recorded_late"].clone(), late("sessions_missed"), late("sessions_held")), (json!(1), 1, 0));
        assert_eq!(groups(&spring, "sessions_cancelled", "side"), [("person".to_owned(), 1)]);
        assert_eq!(groups(&spring, "session_minutes", "track"), [("mentor".to_owned(), 60)]);
        assert_eq!(of(&rows(unit, "sessions_held"), "standing"), ["unknown", "unknown", "no", "no", "yes"]);

        // He goes through it, his father's never began; half a year later he is not at risk, and that was found out late.
        app.set_clock("2026-09-01T08:00:00Z");
        let closing = json!({"no_meeting_reason": "Aftalt på telefonen", "handed_over_to": "Skolen"});
        let end = |course: &str, kind: &str| {
            let end = json!({"kind": kind, "happened_at": "2026-08-31T10:00:00Z", "closing": closing});
            unit.post(&format!("/v1/courses/{course}/end"), &end).ok();
        };
        let fathers = unit.get(&format!("/v1/matches/{}", family.coaching)).ok()["course_id"].as_str().unwrap().to_owned();
        end(&family.course, "suspended_handed_over");
        end(&fathers, "discontinued");
        let autumn = report(unit, 2026);
        assert_eq!((counts(&autumn, "gone_through"), counts(&autumn, "discontinued")), (json!([1, 2, 0]), json!([1, 2, 0])));
        assert_eq!(groups(&autumn, "gone_through", "end"), [("suspended_handed_over".to_owned(), 1)]);
        assert_eq!((counts(&autumn, "courses_active"), counts(&autumn, "not_at_risk_6m")), (json!([0, null, null]), json!([0, 0, 0])));

        app.set_clock("2027-03-05T10:00:00Z");
        let results = |name: &str| counts(&report(unit, 2027), name);
        assert_eq!((results("not_at_risk_6m"), results("occupied_12m")), (json!([0, 1, 1]), json!([0, 1, 1])));
        let record = |kind: &str, result: Value| {
            let mut result = result;
            (result["held_at"], result["way"], result["basis"]) = (json!("2027-03-03T12:00:00Z"), json!("records"), json!("Sagen"));
            unit.post("/v1/followups", &json!({"course_id": family.course, "kind": kind, "result": result})).ok();
        };
        record("followup_6m", json!({"at_risk": "no", "new_concern": false}));
        record("followup_12m", json!({"activity": "neither", "as_of_on": "2026-12-01"}));
        assert_eq!((results("not_at_risk_6m"), results("occupied_12m")), (json!([1, 1, 0]), json!([0, 1, 0])));
        record("followup_12m", json!({"activity": "education", "as_of_on": "2027-02-01"}));
        assert_eq!(results("occupied_12m"), json!([1, 1, 0]));
        let year = report(unit, 2027);
        assert_eq!((&figure(&year, "not_at_risk_6m")["done_late"], &figure(&year, "occupied_12m")["done_late"]), (&json!(1), &json!(0)));
        assert_eq!(figure(&year, "not_at_risk_6m")["target_percent"], json!(70));
        let behind = unit.get("/v1/reports/yearly/rows?year=2027&figure=not_at_risk_6m").ok();
        assert_eq!((&behind["items"][0]["person_id"], &behind["items"][0]["standing"]), (&json!(family.boy), &json!("yes")));
        // The years before stay as they were.
        assert_eq!(counts(&report(unit, 2026), "gone_through"), json!([1, 2, 0]));
    }

    fn a_bar_takes_nothing_off_a_total_and_everything_off_its_rows(app: TestApp) {
        let (unit, neighbour) = (app.coordinator(), app.account("nabo", &["coordinator"]));
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        concern(&unit, "2026-03-01T08:00:00Z", "school");
        unit.post("/v1/bars", &json!({"account_id": neighbour.account_id(), "person_id": father, "cause": "acquaintance"})).ok();
        assert_eq!(report(&unit, 2026)["figures"], report(&neighbour, 2026)["figures"]);
        for (figure, all, shown) in [
            ("enquiries", 2, 1),
            ("founded", 2, 1),
            ("cases_started", 1, 0),
            ("cases_open", 1, 0),
            ("referred_in_time", 1, 0),
            ("offers_made", 1, 0),
            ("declined", 1, 0),
            ("reoffered_3m", 1, 0),
            ("reoffered_6m", 1, 0),
        ] {
            assert_eq!((rows(&unit, figure).len(), rows(&neighbour, figure).len()), (all, shown), "{figure}");
        }
    }

    fn a_manager_reads_totals_of_five_or_more(app: TestApp) {
        let (unit, manager) = (app.coordinator(), app.account("lars", &["manager"]));
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).ok();
        let small = report(&manager, 2026);
        assert_eq!((&small["exact"], figure(&small, "enquiries")["is_hidden"].as_bool()), (&json!(false), Some(true)));
        for name in ["enquiries", "founded", "cases_started", "cases_open", "offers_made", "first_offers_open"] {
            assert_eq!(counts(&small, name), json!([null, null, null]), "{name}");
        }
        // Zero is shown.
        assert_eq!((counts(&small, "courses_active"), counts(&small, "accepted")), (json!([0, null, null]), json!([0, 0, 0])));

        for _ in 0..4 {
            concern(&unit, "2026-03-01T08:00:00Z", "school");
        }
        // Five enquiries: the one that was founded stays hidden, and with it the four that would give it away.
        let five = report(&manager, 2026);
        assert_eq!((counts(&five, "enquiries"), counts(&five, "founded")), (json!([5, null, null]), json!([null, 5, null])));
        assert_eq!(counts(&report(&unit, 2026), "founded"), json!([1, 5, 4]));
        for name in ["Asta", "Bodil", "Carla", "Ditte"] {
            let person = unit.person("parent", name, None);
            app.founded_case(&unit, &[&person]);
        }
        concern(&unit, "2026-03-01T08:00:00Z", "police");
        let ten = report(&manager, 2026);
        assert_eq!((counts(&ten, "enquiries"), counts(&ten, "founded")), (json!([10, null, null]), json!([5, 10, 5])));
        assert_eq!((counts(&ten, "cases_started"), counts(&ten, "referred_in_time")), (json!([5, null, null]), json!([0, 5, 5])));

        // No split, no row, nobody.
        for figure in ten["figures"].as_array().unwrap() {
            assert_eq!((&figure["splits"], &figure["done_late"], &figure["recorded_late"]), (&json!([]), &json!(null), &json!(null)), "{figure}");
        }
        for id in [&father, &case] {
            assert!(!ten.to_string().contains(id.as_str()), "a manager read an id");
        }
        manager.get("/v1/reports/yearly/rows?year=2026&figure=enquiries").refused(403, "forbidden");
        // Who is both reads as a coordinator.
        let both = app.account("begge", &["manager", "coordinator"]);
        assert_eq!(counts(&report(&both, 2026), "founded"), json!([5, 10, 5]));
        assert_eq!(report(&both, 2026)["exact"], json!(true));
    }

    fn the_staff_of_a_year_are_those_of_its_last_day(app: TestApp) {
        let unit = app.coordinator();
        let member = |terms: Value| {
            let path = format!("/v1/staff/{}", unit.staff("mentor", None));
            unit.patch(&path, "*", &terms).ok();
            path
        };
        let (newcomer, _) = (member(json!({"from_on": "2027-01-01"})), member(json!({"loan_until_on": "2026-12-31"})));
        member(json!({"loan_until_on": "2026-07-15"}));
        let (last_day, day_after) = (member(json!({"capacity": 2})), member(json!({"capacity": 2})));
        assert_eq!(counts(&report(&unit, 2026), "staff_with_room"), json!([4, 4, 0]), "all but the newcomer, today");
        app.set_clock("2027-01-01T08:00:00Z");
        for (path, at) in [(&last_day, "2026-12-31T22:59:59Z"), (&day_after, "2026-12-31T23:00:00Z")] {
            unit.post(&format!("{path}/leave"), &json!({"happened_at": at})).ok();
        }
        assert_eq!(counts(&report(&unit, 2026), "staff_with_room"), json!([2, 2, 0]));
        assert_eq!(counts(&report(&unit, 2027), "staff_with_room"), json!([1, 1, 0]));
        let rows = unit.get("/v1/reports/yearly/rows?year=2027&figure=staff_with_room").ok();
        assert_eq!(newcomer, format!("/v1/staff/{}", rows["items"][0]["subject_id"].as_str().unwrap()));
    }

    fn an_age_is_unknown_in_every_figure(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        crate::sessions::course(&app, &unit, &case, &father, &[], "parent_coach");
        let ages = |name: &str| {
            let report = report(&unit, 2026);
            let split = figure(&report, name)["splits"].as_array().unwrap().iter().find(|split| split["by"] == "age_group").unwrap().clone();
            let counted = split["groups"].as_array().unwrap().iter().filter(|group| group["of"] == 1);
            counted.map(|group| group["group"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((ages("accepted"), ages("matched")), (vec!["unknown".to_owned()], vec!["unknown".to_owned()]));
        let path = format!("/v1/people/{father}");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"born_on": "1980-01-01"})).ok();
        assert_eq!((ages("accepted"), ages("matched")), (vec!["adult".to_owned()], vec!["adult".to_owned()]));
    }

    fn what_cannot_be_counted_is_refused(app: TestApp) {
        let unit = app.coordinator();
        let rows = "/v1/reports/yearly/rows";
        for (path, at) in [
            ("/v1/reports/yearly", "query/year"),
            ("/v1/reports/yearly?year=1999", "query/year"),
            ("/v1/reports/yearly?year=2027", "query/year"),
            ("/v1/reports/yearly?year=70000", "query/year"),
            ("/v1/reports/yearly?year=-1", "query/year"),
            ("/v1/reports/yearly?year=i%20fjor", "query/year"),
            ("/v1/reports/yearly?year=2026&month=3", "query/month"),
            ("/v1/reports/yearly?year=2026&year=2025", "query/year"),
            (&format!("{rows}?year=2026"), "query/figure"),
            (&format!("{rows}?figure=accepted"), "query/year"),
            (&format!("{rows}?year=2026&figure=happiness"), "query/figure"),
            (&format!("{rows}?year=2027&figure=accepted"), "query/year"),
            (&format!("{rows}?year=2026&figure=accepted&cursor=AAAA"), "query/cursor"),
            (&format!("{rows}?year=2026&figure=accepted&limit=201"), "query/limit"),
        ] {
            let refused = unit.get(path).refused(422, "invalid");
            assert_eq!(refused["errors"][0]["pointer"], at, "{path}");
        }
        for (name, roles) in [("mads", "mentor"), ("sofie", "supervisor"), ("dorte", "data_protection_officer")] {
            app.account(name, &[roles]).get("/v1/reports/yearly?year=2026").refused(403, "forbidden");
        }
    }
}
