//! Who comes into a case by which concern, who leaves it, and whom that hides it from.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Answer;

/// A concern of a named professional, about whoever these notes are of.
fn concern(app: &TestApp, unit: &Caller<'_>, notes: &[&str]) -> String {
    let subjects: Vec<_> = notes.iter().map(|note| json!({"note": note})).collect();
    let body = json!({
        "received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal",
        "concern": {"observed": "Fortrolig iagttagelse"}, "subjects": subjects,
        "reporters": [{"kind": "professional", "identity": {"name": "Rapportine Sag"}}]
    });
    format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &body).id())
}

fn link(unit: &Caller<'_>, path: &str, note: &str, person: &str) -> Answer {
    let subjects = unit.get(path).ok()["file"]["subjects"].as_array().unwrap().clone();
    let subject = subjects.iter().find(|subject| subject["note"] == note).unwrap()["id"].as_str().unwrap().to_owned();
    unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": person}))
}

/// Founded between two meetings, when the police have nothing: the case, a new one or the one named.
fn found(unit: &Caller<'_>, path: &str, joins: Option<&str>) -> String {
    let screens = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"].clone();
    let screen = format!("{path}/police_screens/{}/result", screens[0]["id"].as_str().unwrap());
    let screened = unit.post(&screen, &json!({"result": "clear"}));
    let founded = json!({
        "outcome": "founded", "case_kind": "family", "target_group": "at_risk", "severity": "hours_48", "responsible_authority": "unit",
        "needs_local_effort": true, "joins_case_id": joins
    });
    unit.post_if(&format!("{path}/qualify"), &screened.tag(), &founded).ok()["standing"]["case_id"].as_str().unwrap().to_owned()
}

/// How many things a list has.
fn many(caller: &Caller<'_>, path: &str) -> usize {
    caller.get(path).ok()["items"].as_array().unwrap().len()
}

fn bar(unit: &Caller<'_>, from: &str, account: &Caller<'_>) -> Answer {
    unit.post("/v1/bars", &json!({"account_id": account.account_id(), "person_id": from, "cause": "family"}))
}

both_engines! {
    fn a_bar_hides_the_enquiries_of_a_case(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let officer = app.account("dorte", &["data_protection_officer"]);
        let (mother, boy) = (unit.person("parent", "Mathildur", None), unit.person("young_person", "Bertramius", Some("2012-05-01")));
        let path = concern(&app, &unit, &["Moderen", "En ukendt dreng"]);
        link(&unit, &path, "Moderen", &mother).ok();
        let case = found(&unit, &path, None);
        unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": boy, "role": "young_person"})).ok();
        let enquiry = path.rsplit('/').next().unwrap().to_owned();
        let decision = unit.post("/v1/decisions", &json!({"enquiry_id": enquiry, "kind": "other", "grounds": "Fortrolig grund"})).id();

        // What tells of the boy stands in his journal, though no subject was linked to him.
        ida.get(&path).ok();
        let journal = officer.get(&format!("/v1/oversight/people/{boy}/journal?account_id={}", ida.account_id())).ok();
        assert!(journal["items"].as_array().unwrap().iter().any(|entry| entry["operation"] == "enquiries.get"), "{journal}");

        let of_enquiry = |list: &str| format!("/v1/{list}?enquiry={enquiry}");
        assert_eq!((many(&ida, &of_enquiry("duties")), many(&ida, &of_enquiry("decisions")), many(&ida, "/v1/enquiries")), (3, 2, 1));
        let barred = bar(&unit, &boy, &ida).id();
        assert_eq!((many(&ida, &of_enquiry("duties")), many(&ida, &of_enquiry("decisions")), many(&ida, "/v1/enquiries")), (0, 0, 0));
        ida.get(&format!("/v1/cases/{case}")).refused(404, "not_found");
        ida.get(&path).refused(404, "not_found");
        ida.get(&format!("/v1/decisions/{decision}")).refused(404, "not_found");
        ida.post(&format!("{path}/police_screens"), &json!({})).refused(404, "not_found");
        assert_eq!(many(&ida, "/v1/reports/yearly/rows?year=2026&figure=enquiries"), 0);
        unit.post(&format!("/v1/bars/{barred}/end"), &json!({})).ok();
        ida.get(&path).ok();
    }

    fn a_concern_that_joins_a_case_is_hidden_with_it(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let kim = app.account("kim", &["coordinator"]);
        let (mother, father) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        let first = concern(&app, &unit, &["Moderen", "Faderen"]);
        link(&unit, &first, "Moderen", &mother).ok();
        link(&unit, &first, "Faderen", &father).ok();
        let case = found(&unit, &first, None);
        bar(&unit, &father, &ida).ok();
        let second = concern(&app, &unit, &["Moderen"]);
        link(&unit, &second, "Moderen", &mother).ok();
        ida.get(&second).ok();
        found(&unit, &second, Some(&case));
        ida.get(&second).refused(404, "not_found");
        // And for whoever is barred when it has joined.
        kim.get(&second).ok();
        bar(&unit, &father, &kim).ok();
        kim.get(&second).refused(404, "not_found");
        kim.get(&first).refused(404, "not_found");
    }

    fn what_an_enquiry_promised_is_filed_under_its_case(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let mother = unit.person("parent", "Mathildur", None);
        let path = concern(&app, &unit, &["Moderen"]);
        assert_eq!(app.promised("receipt")[0].owner_id, None, "the unit's");
        link(&unit, &path, "Moderen", &mother).ok();
        let case = found(&unit, &path, None);
        let kinds = || {
            let open = unit.get(&format!("/v1/duties?case={case}&state=open")).ok()["items"].as_array().unwrap().clone();
            let mut kinds: Vec<_> = open.iter().map(|duty| (duty["kind"].as_str().unwrap().to_owned(), duty["owner_id"].clone())).collect();
            kinds.sort_by(|one, other| one.0.cmp(&other.0));
            kinds
        };
        let owned = |kinds: &[&str], owner: &Caller<'_>| -> Vec<(String, Value)> {
            kinds.iter().map(|kind| ((*kind).to_owned(), json!(owner.account_id()))).collect()
        };
        assert_eq!(kinds(), owned(&["ratify", "receipt", "referral"], &unit));
        let case_path = format!("/v1/cases/{case}");
        unit.patch(&case_path, &unit.get(&case_path).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let enquiry = path.rsplit('/').next().unwrap();
        unit.post("/v1/decisions", &json!({"enquiry_id": enquiry, "kind": "other"})).ok();
        assert_eq!(kinds(), owned(&["ratify", "ratify", "receipt", "referral"], &ida));
        // What joins is filed there, too.
        let second = concern(&app, &unit, &["Moderen"]);
        link(&unit, &second, "Moderen", &mother).ok();
        found(&unit, &second, Some(&case));
        assert_eq!(kinds(), owned(&["ratify", "ratify", "ratify", "receipt", "receipt", "referral"], &ida));
    }

    fn whoever_was_unknown_when_a_concern_was_founded_is_linked_later(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let (mother, boy) = (unit.person("parent", "Mathildur", None), unit.person("young_person", "Bertramius", Some("2012-05-01")));
        bar(&unit, &boy, &ida).ok();
        let path = concern(&app, &unit, &["Moderen", "En ukendt dreng", "En ven"]);
        link(&unit, &path, "Moderen", &mother).ok();
        let case = format!("/v1/cases/{}", found(&unit, &path, None));
        ida.get(&case).ok();
        let linked = link(&unit, &path, "En ukendt dreng", &boy);
        assert_eq!(linked.ok()["standing"]["state"], "founded");
        let people = unit.get(&case).ok()["people"].clone();
        assert!(people.as_array().unwrap().iter().any(|one| one["person_id"] == boy.as_str() && one["role"] == "young_person"), "{people}");
        ida.get(&case).refused(404, "not_found");
        ida.get(&path).refused(404, "not_found");
        // Said once it stays; and nobody comes into a closed case.
        link(&unit, &path, "En ukendt dreng", &mother).refused(409, "wrong_state");
        link(&unit, &path, "En ven", &mother).refused(422, "invalid");
        unit.post(&format!("{case}/close"), &json!({"reason": "moved", "happened_at": app.clock.now()})).ok();
        let friend = unit.person("young_person", "Gudrunette", None);
        link(&unit, &path, "En ven", &friend).refused(409, "wrong_state");
    }

    fn advice_is_given_where_no_citizen_is_named(app: TestApp) {
        let unit = app.coordinator();
        let advise = |subject: Value| {
            let mut body = json!({
                "received_at": app.clock.now(), "channel": "phone", "source": "citizen", "urgency": "normal",
                "concern": {"observed": "Hvad gør man"}, "reporters": [{"kind": "anonymous"}]
            });
            body["subjects"] = json!([subject]);
            let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &body).id());
            unit.post_if(&format!("{path}/qualify"), &unit.get(&path).tag(), &json!({"outcome": "advice_only", "meeting_on": "2026-03-02"}))
        };
        for named in [json!({"family_name": "Kaspersson"}), json!({"given_name": "Bertramius"}), json!({"registration_number": "0105101234"})] {
            let refused = advise(named.clone()).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/outcome"), &json!("citizen_is_named")), "{named}");
        }
        assert_eq!(advise(json!({"age": 15, "note": "En dreng i klassen"})).ok()["standing"]["state"], "advice_only");
    }

    fn whoever_was_added_by_mistake_leaves_the_case(app: TestApp) {
        let unit = app.coordinator();
        let officer = app.account("dorte", &["data_protection_officer"]);
        let (boy, uncle) = (unit.person("young_person", "Bertramius", Some("2007-05-01")), unit.person("relative", "Frodemund", None));
        let case = format!("/v1/cases/{}", app.founded_case(&unit, &[&boy]));
        let add = |role: &str| unit.post(&format!("{case}/people"), &json!({"person_id": uncle, "role": role}));
        let leave = |person: &str| unit.post(&format!("{case}/people/{person}/leave"), &json!({"reason": "added_by_mistake", "happened_at": app.clock.now()}));
        leave(&uncle).refused(404, "not_found");
        add("parent").ok();
        app.pass(chrono::TimeDelta::hours(1));
        let early = json!({"reason": "added_by_mistake", "happened_at": "2026-03-02T07:00:00Z"});
        unit.post(&format!("{case}/people/{uncle}/leave"), &early).refused(422, "invalid");
        let of = |view: &Value| view["people"].as_array().unwrap().iter().find(|one| one["person_id"] == uncle.as_str()).unwrap().clone();
        assert_eq!(of(&leave(&uncle).ok())["left_at"], json!(app.clock.now()));
        leave(&uncle).refused(404, "not_found");
        let journal = officer.get(&format!("/v1/oversight/people/{uncle}/journal?limit=200")).ok();
        assert!(journal["items"].as_array().unwrap().iter().any(|entry| entry["operation"] == "cases.remove_person" && entry["purpose"] == "added_by_mistake"), "{journal}");
        // Nothing new is begun with them, and they are not among those who stand in it.
        let raise = json!({"person_id": uncle, "kind": "cannot_be_found", "grounds": "Ikke set", "happened_at": app.clock.now()});
        unit.post(&format!("{case}/alerts"), &raise).refused(422, "invalid");
        assert_eq!((many(&unit, &format!("/v1/cases?person={uncle}")), many(&unit, &format!("/v1/cases?person={boy}"))), (0, 1));
        // Back in the right role.
        let back = of(&add("relative").ok());
        assert_eq!((&back["role"], &back["left_at"]), (&json!("relative"), &Value::Null));
        // Not while anything of theirs is open.
        let raise = json!({"person_id": boy, "kind": "cannot_be_found", "grounds": "Ikke set", "happened_at": app.clock.now()});
        let alert = unit.post(&format!("{case}/alerts"), &raise).id();
        assert_eq!(leave(&boy).refused(409, "blocked")["blocking"][0]["id"], json!(alert));
    }

    fn whoever_was_added_by_mistake_is_nobodys_family_and_bars_nobody(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let (one, malte) = (crate::wishes::waiting(&app, &unit), unit.staff("mentor", None));
        let (other, mother) = (unit.person("young_person", "Cornelius", Some("2010-05-01")), unit.person("parent", "Mathildur", None));
        unit.set_custody(&other, &[&mother]);
        let own = app.founded_case(&unit, &[&other]);
        let course = crate::wishes::accepted(&app, &unit, &own, &other, &mother, "mentor");
        crate::proposals::run(&unit, &one.course, &malte);
        bar(&unit, &other, &ida).ok();
        let case = format!("/v1/cases/{}", one.case);
        let stands = || {
            let listed = unit.get(&format!("/v1/courses/{course}/eligible-staff")).ok();
            let enquiry = format!("/v1/enquiries/{}", app.enquiry_of(&one.case));
            (listed["items"][0]["exclusions"].clone(), [&case, &enquiry].map(|path| ida.get(path).status))
        };
        let (stranger, family) = ((json!([]), [200, 200]), (json!(["sibling"]), [404, 404]));
        let add = || {
            app.pass(TimeDelta::hours(1));
            unit.post(&format!("{case}/people"), &json!({"person_id": other, "role": "sibling"})).ok()
        };
        let leave = |reason: &str| {
            app.pass(TimeDelta::hours(1));
            let left = unit.post(&format!("{case}/people/{other}/leave"), &json!({"reason": reason, "happened_at": app.clock.now()})).ok();
            left["people"].as_array().unwrap().iter().find(|one| one["person_id"] == other.as_str()).unwrap()["left_reason"].clone()
        };
        assert_eq!(stands(), stranger);
        add();
        assert_eq!(stands(), family);
        assert_eq!((leave("no_longer_part"), stands()), (json!("no_longer_part"), family.clone()), "they were of it");
        add();
        assert_eq!((leave("added_by_mistake"), stands()), (json!("added_by_mistake"), stranger.clone()));
        assert!(!ida.get(&case).ok()["people"].to_string().contains(&other), "whom she is barred from is not there");
        // Nor by the next night, or by a concern that joins the case later.
        app.set_clock("2026-03-03T05:00:00Z");
        app.tick();
        let second = concern(&app, &unit, &["En dreng"]);
        link(&unit, &second, "En dreng", &one.boy).ok();
        found(&unit, &second, Some(&one.case));
        assert_eq!((stands(), ida.get(&second).status), (stranger, 200));
        // Back, they are.
        add();
        assert_eq!((stands(), ida.get(&second).status), (family, 404));
    }

    fn whoever_leaves_a_case_does_so_after_all_they_had_in_it(app: TestApp) {
        let family = crate::sessions::family(&app);
        let unit = &family.unit;
        let uncle = unit.person("relative", "Hildeberto", None);
        let case = unit.get(&format!("/v1/matches/{}", family.mentoring)).ok()["case_id"].as_str().unwrap().to_owned();
        unit.post(&format!("/v1/cases/{case}/people"), &json!({"person_id": uncle, "role": "relative"})).ok();
        let made = unit.post("/v1/offers", &crate::support::casework::offer(&case, &uncle, "parent_coach", app.clock.now())).id();
        app.set_clock("2026-03-04T17:00:00Z");
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": "2026-03-04T12:00:00Z"})).ok();
        let log = crate::sessions::held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z");
        family.mentor.put(crate::sessions::FIRST, "", &log).ok();
        let end = json!({"kind": "discontinued", "happened_at": "2026-03-04T16:00:00Z", "closing": {"no_meeting_reason": "Ønskede det ikke"}});
        unit.post(&format!("/v1/courses/{}/end", family.course), &end).ok();
        let leave = |person: &str, at: &str| {
            let leaves = json!({"reason": "moved_away", "happened_at": at});
            unit.post(&format!("/v1/cases/{case}/people/{person}/leave"), &leaves)
        };
        for (person, early, then) in [
            (&uncle, "2026-03-04T11:59:59Z", "2026-03-04T12:00:00Z"),
            (&family.boy, "2026-03-04T15:59:59Z", "2026-03-04T16:00:00Z"),
        ] {
            let refused = leave(person, early).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/happened_at"), &json!("before_cause")), "{early}");
            leave(person, then).ok();
        }
    }

    fn whoever_moved_is_offered_nothing_again(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let case = app.founded_case(&unit, &[&father, &mother]);
        for person in [&father, &mother] {
            let made = unit.post("/v1/offers", &crate::support::casework::offer(&case, person, "parent_coach", app.clock.now())).id();
            unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        }
        app.pass(chrono::TimeDelta::hours(1));
        let why = || {
            let all = ["reoffer_3m", "reoffer_6m", "support_professionals"].into_iter().flat_map(|kind| app.promised(kind));
            all.map(|duty| duty.reason).collect::<BTreeSet<_>>()
        };
        let said = |reason: &str| json!({"reason": reason, "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/people/{father}/leave"), &said("moved_away")).ok();
        assert_eq!(why(), BTreeSet::from([None, Some("left_case".to_owned())]));
        unit.post(&format!("/v1/cases/{case}/close"), &said("moved")).ok();
        assert_eq!(why(), BTreeSet::from([Some("left_case".to_owned()), Some("moved".to_owned())]));
    }

    fn whoever_is_back_in_a_case_is_offered_again_what_is_still_to_come(app: TestApp) {
        let unit = app.coordinator();
        let (father, mother) = (unit.person("parent", "Frodemund", None), unit.person("parent", "Mathildur", None));
        let case = app.founded_case(&unit, &[&father, &mother]);
        let made = unit.post("/v1/offers", &crate::support::casework::offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        let people = format!("/v1/cases/{case}/people");
        let leave = || {
            app.pass(TimeDelta::hours(1));
            let leaves = json!({"reason": "added_by_mistake", "happened_at": app.clock.now()});
            unit.post(&format!("{people}/{father}/leave"), &leaves).ok();
        };
        let join = |role: &str| {
            app.pass(TimeDelta::hours(1));
            unit.post(&people, &json!({"person_id": father, "role": role})).ok();
        };
        let stand = || {
            let state = |kind: &str| app.promised(kind).into_iter().map(|duty| duty.state).collect::<Vec<_>>().join(" ");
            (state("reoffer_3m"), state("reoffer_6m"), state("support_professionals"))
        };
        let standing = |three: &str, six: &str, support: &str| (three.to_owned(), six.to_owned(), support.to_owned());
        let none = standing("ended", "ended", "ended ended ended ended ended ended");
        let all = standing("open", "open", "open open open open open open");
        assert_eq!(stand(), all);
        leave();
        assert_eq!(stand(), none);
        // In a role that the track is not for, nothing is; in the right one it is as before.
        join("young_person");
        assert_eq!(stand(), none);
        leave();
        join("parent");
        assert_eq!(stand(), all);
        assert_eq!(app.promised("reoffer_3m")[0].due_at.to_string(), "2026-06-02T21:59:59.999999Z");
        assert!(app.promised("reoffer_3m")[0].reason.is_none());
        // What fell due while he was not there is not late now.
        leave();
        app.set_clock("2026-06-20T08:00:00Z");
        join("relative");
        assert_eq!(stand(), standing("ended", "open", "ended ended ended open open open"));
        // Not where it is recorded why he is offered nothing any more.
        leave();
        let stop = json!({"person_id": father, "track": "parent_coach", "reason": "no_longer_relevant", "happened_at": app.clock.now()});
        unit.post(&format!("/v1/cases/{case}/contact_stops"), &stop).ok();
        join("parent");
        assert_eq!(stand(), none);
    }

    fn whoever_has_a_mentor_may_be_the_mother_in_another_case(app: TestApp) {
        let unit = app.coordinator();
        let (girl, mother) = (unit.person("young_person", "Gudrunette", Some("2008-05-01")), unit.person("parent", "Mathildur", None));
        let baby = unit.person("young_person", "Bertramius", Some("2025-06-01"));
        unit.set_custody(&girl, &[&mother]);
        unit.set_custody(&baby, &[&girl]);
        let hers = app.founded_case(&unit, &[&girl]);
        crate::sessions::course(&app, &unit, &hers, &girl, &[&mother], "mentor");
        let case = app.founded_case(&unit, &[&baby, &girl]);
        let make = |track: &str| unit.post("/v1/offers", &crate::support::casework::offer(&case, &girl, track, app.clock.now()));
        assert_eq!(make("parent_coach").refused(422, "invalid")["errors"][0]["code"], "wrong_track");
        let people = format!("/v1/cases/{case}/people");
        app.pass(chrono::TimeDelta::hours(1));
        let leaves = json!({"reason": "added_by_mistake", "happened_at": app.clock.now()});
        unit.post(&format!("{people}/{girl}/leave"), &leaves).ok();
        unit.post(&people, &json!({"person_id": girl, "role": "parent"})).ok();
        assert_eq!(make("mentor").refused(422, "invalid")["errors"][0]["code"], "wrong_track");
        let course = crate::sessions::course(&app, &unit, &case, &girl, &[&mother], "parent_coach");
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["track"], "parent_coach");
    }

    fn a_concern_about_the_wrong_person_becomes_the_right_ones(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let (wrong, right) = (unit.person("parent", "Mathildur", None), unit.person("parent", "Frodemund", None));
        bar(&unit, &right, &ida).ok();
        let path = concern(&app, &unit, &["Moderen"]);
        link(&unit, &path, "Moderen", &wrong).ok();
        let case = format!("/v1/cases/{}", found(&unit, &path, None));
        app.pass(TimeDelta::hours(1));
        // Not under the feet of whoever stands in the case.
        link(&unit, &path, "Moderen", &right).refused(409, "wrong_state");
        let leave = json!({"reason": "added_by_mistake", "happened_at": app.clock.now()});
        unit.post(&format!("{case}/people/{wrong}/leave"), &leave).ok();
        ida.get(&path).ok();
        let linked = link(&unit, &path, "Moderen", &right).ok();
        assert_eq!((&linked["file"]["subjects"][0]["person_id"], &linked["standing"]["state"]), (&json!(right), &json!("founded")));
        let people = unit.get(&case).ok()["people"].clone();
        let stands = |person: &str| people.as_array().unwrap().iter().any(|one| one["person_id"] == person && one["left_at"].is_null());
        assert_eq!((stands(&right), stands(&wrong)), (true, false));
        ida.get(&path).refused(404, "not_found");

        // Without a case, too; but nobody is found out any more.
        let path = concern(&app, &unit, &["Naboen", "En ukendt"]);
        link(&unit, &path, "Naboen", &right).ok();
        let meeting = json!({"outcome": "unfounded", "meeting_on": "2026-03-02", "conclusion": "Intet at gøre"});
        unit.post_if(&format!("{path}/qualify"), &unit.get(&path).tag(), &meeting).ok();
        assert_eq!(link(&unit, &path, "Naboen", &wrong).ok()["standing"]["state"], "unfounded");
        link(&unit, &path, "En ukendt", &right).refused(409, "wrong_state");
    }
}
