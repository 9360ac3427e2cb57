//! Cases over HTTP: the referral's clock, alerts, closing, whom one is barred from.

use chrono::TimeDelta;
use makker::access::{Actor, Capability, Tx};
use makker::base::error::Result;
use makker::base::ids::AlertId;
use makker::cases::actions::alerts;
use makker::duties::{self, store::Which};
use makker::facts::Fact;
use serde_json::{Value, json};

use crate::findings_put_right::{concern, conclude, screened};
use crate::support::TestApp;
use crate::support::casework::{offer, yes};

both_engines! {
    fn a_referral_keeps_its_clock_whatever_the_severity_becomes(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        let opened = unit.get(&path);
        let view = opened.ok();
        assert_eq!((&view["state"], &view["people"][0]["role"], &view["coordinator_id"]), (&json!("open"), &json!("young_person"), &json!(unit.account_id())));
        assert_eq!(app.promise("referral"), ("open".into(), "2026-03-04T08:00:00Z".into(), None));

        unit.patch(&path, &opened.tag(), &json!({"severity": "hours_24"})).ok();
        assert_eq!(app.promise("referral").1, "2026-03-03T08:00:00Z", "moved from the same start");
        unit.patch(&path, &opened.tag(), &json!({"severity": "hours_72"})).refused(412, "stale_version");
        unit.post(&format!("{path}/accept_referral"), &json!({"by": "Familieafdelingen", "first_action": "Ringer", "happened_at": app.clock.now()}))
            .refused(409, "wrong_state");

        app.pass(TimeDelta::hours(30));
        assert_eq!(unit.get(&path).ok()["referral"]["late"], true);
        let refer = |at: &str| json!({"to": "Familieafdelingen", "happened_at": at});
        let future = unit.post(&format!("{path}/refer"), &refer("2026-03-03T15:00:00Z")).refused(422, "invalid");
        assert_eq!((&future["errors"][0]["pointer"], &future["errors"][0]["code"]), (&json!("/happened_at"), &json!("after_now")));
        unit.post(&format!("{path}/refer"), &refer("2026-03-02T07:59:00Z")).refused(422, "invalid");
        // It was done in time and recorded later: the stated time counts. A missed limit would not block either.
        let referred = unit.post(&format!("{path}/refer"), &refer("2026-03-03T07:00:00Z")).ok();
        assert_eq!((&referred["referral"]["late"], &referred["referral"]["recorded_at"]), (&json!(false), &json!("2026-03-03T14:00:00Z")));
        assert_eq!(app.promised("referral")[0].closed_at.unwrap().to_string(), "2026-03-03T07:00:00Z");
        unit.post(&format!("{path}/refer"), &refer("2026-03-03T07:00:00Z")).refused(409, "wrong_state");
        let accepted = json!({"by": "Familieafdelingen", "first_action": "Ringer", "happened_at": "2026-03-03T14:00:00Z"});
        let accepted = unit.post(&format!("{path}/accept_referral"), &accepted).ok();
        assert_eq!(accepted["referral"]["acceptance"]["by"], "Familieafdelingen");
        assert_eq!(unit.get("/v1/cases?referred=false").ok()["items"], json!([]));
    }

    fn a_case_closes_only_when_nothing_is_open(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let other = unit.person("relative", "Gudrunette", None);
        let case = app.founded_case(&unit, &[&boy]);
        let (path, now) = (format!("/v1/cases/{case}"), app.clock.now());
        let raise = |person: &str| json!({"person_id": person, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
        unit.post(&format!("{path}/alerts"), &raise(&other)).refused(422, "invalid");
        let alert = unit.post(&format!("{path}/alerts"), &raise(&boy)).id();
        assert_eq!(unit.post(&format!("{path}/alerts"), &raise(&boy)).refused(409, "already_exists")["blocking"][0]["id"], json!(alert));
        assert_eq!(app.promise("alert"), ("open".into(), "2026-03-03T22:59:59.999999Z".into(), None));
        let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).id();
        let visit = unit.post(&format!("{path}/home_visits"), &json!({"happened_at": now})).id();
        unit.post(&format!("{path}/home_visits/{visit}/record"), &json!({"outcome": "not_met", "notes": "Ikke hjemme", "happened_at": now})).ok();

        let close = json!({"reason": "no_longer_relevant", "happened_at": now});
        let blocking = unit.post(&format!("{path}/close"), &close).refused(409, "blocked")["blocking"].clone();
        assert_eq!(blocking, json!([{"kind": "offer", "id": made}, {"kind": "alert", "id": alert}]));
        assert_eq!(unit.get("/v1/cases?on_alert=true").ok()["items"].as_array().unwrap().len(), 1);

        app.pass(TimeDelta::hours(2));
        let resolve = json!({"resolution": "Fundet hos sin faster", "happened_at": app.clock.now()});
        unit.post(&format!("{path}/alerts/{made}/resolve"), &resolve).refused(404, "not_found");
        unit.post(&format!("{path}/alerts/{alert}/resolve"), &resolve).ok();
        unit.post(&format!("{path}/alerts/{alert}/resolve"), &resolve).refused(409, "wrong_state");
        assert_eq!(app.promise("alert").0, "done");
        unit.post(&format!("/v1/offers/{made}/withdraw"), &json!({"happened_at": now})).ok();
        assert_eq!(app.promise("answer"), ("ended".into(), "2026-03-16T22:59:59.999999Z".into(), Some("offer_withdrawn".into())));
        // Not before the last of it came to its end.
        assert_eq!(unit.post(&format!("{path}/close"), &close).refused(422, "invalid")["errors"][0]["code"], "before_cause");
        let close = json!({"reason": "no_longer_relevant", "happened_at": app.clock.now()});
        let closed = unit.post(&format!("{path}/close"), &close).ok();
        assert_eq!((&closed["state"], &closed["open_duties"]), (&json!("closed"), &json!(0)));
        assert_eq!(app.promise("referral"), ("ended".into(), "2026-03-04T08:00:00Z".into(), Some("case_closed".into())));
        unit.post(&format!("{path}/close"), &close).refused(409, "wrong_state");
        unit.post("/v1/offers", &offer(&case, &boy, "mentor", now)).refused(409, "wrong_state");
    }

    fn an_alert_is_looked_at_daily(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (case, now) = (app.founded_case(&unit, &[&boy]), app.clock.now());
        let raise = json!({"person_id": boy, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
        let alert: AlertId = unit.post(&format!("/v1/cases/{case}/alerts"), &raise).id().parse().unwrap();
        let step = |verb: fn(&mut Tx<'_>, AlertId) -> Result<()>| {
            app.door.blocking_write_as(Actor::system(), app.clock.now(), Capability::TickRun, move |tx| verb(tx, alert)).unwrap();
        };
        // Planned anew while it is promised, nothing changes, not even after a week.
        app.pass(TimeDelta::days(7));
        step(alerts::watch);
        assert_eq!(app.promised("alert").len(), 1);
        step(|tx, alert| {
            let (look, at) = (duties::store::list_all(tx, duties::Kind::Alert, alert.cast())?.pop().unwrap(), tx.now);
            duties::actions::meet(tx, &Which::subject(alert, &[duties::Kind::Alert]), at)?;
            tx.tell(Fact::DutySettled { duty: look.id, at });
            Ok(())
        });
        let looks: Vec<_> = app.promised("alert").into_iter().map(|look| (look.state, look.slot)).collect();
        assert_eq!(looks, [("done".to_owned(), "2026-03-03".to_owned()), ("open".to_owned(), "2026-03-10".to_owned())]);
    }

    fn an_alert_that_was_looked_at_twice_a_day_is_looked_at_the_next(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let (case, now) = (app.founded_case(&unit, &[&boy]), app.clock.now());
        let raise = json!({"person_id": boy, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
        unit.post(&format!("/v1/cases/{case}/alerts"), &raise).ok();
        for look in ["2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T15:00:00Z", "2026-03-03T08:00:00Z"] {
            app.set_clock(look);
            let open = unit.get("/v1/duties?kind=alert").ok()["items"].as_array().unwrap().clone();
            assert_eq!((open.len(), &open[0]["due_at"]), (1, &json!("2026-03-03T22:59:59.999999Z")), "before the look of {look}");
            unit.post(&format!("/v1/duties/{}/settle", open[0]["id"].as_str().unwrap()), &json!({"happened_at": look})).ok();
        }
        let open = unit.get("/v1/duties?kind=alert").ok()["items"].clone();
        assert_eq!((open.as_array().unwrap().len(), &open[0]["due_at"]), (1, &json!("2026-03-04T22:59:59.999999Z")));
    }

    fn what_is_promised_moves_with_the_responsible_coordinator(app: TestApp) {
        let unit = app.coordinator();
        let ida = app.account("ida", &["coordinator"]);
        let mentor = app.account("mads", &["mentor"]);
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        let owner = || app.promised("referral")[0].owner_id.map(|id| id.to_string());
        assert_eq!(owner(), Some(unit.account_id()));
        let tag = unit.get(&path).tag();
        unit.patch(&path, &tag, &json!({"coordinator_id": mentor.account_id()})).refused(422, "invalid");
        unit.patch(&path, &tag, &json!({"coordinator_id": ida.account_id()})).ok();
        assert_eq!(owner(), Some(ida.account_id()));
        let tag = ida.get(&path).tag();
        ida.patch(&path, &tag, &json!({"coordinator_id": null})).ok();
        assert_eq!(owner(), None, "the unit's");
        mentor.get(&path).refused(403, "forbidden");
        let tag = unit.get(&path).tag();
        unit.patch(&path, &tag, &json!({"coordinator_id": ida.account_id()})).ok();
        let member = unit.staff("coordinator", Some(&ida));
        unit.post(&format!("/v1/staff/{member}/leave"), &json!({"happened_at": app.clock.now()})).ok();
        assert_eq!((owner(), &unit.get(&path).ok()["coordinator_id"]), (None, &json!(null)), "a leaver's cases are the unit's");
    }

    fn whoever_may_no_longer_coordinate_a_case_gives_it_to_the_unit(app: TestApp) {
        let unit = app.coordinator();
        let ida = app.account("ida", &["coordinator", "mentor"]);
        let (boy, aunt) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("relative", "Gudrunette", None));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        let give = || unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let whose = || (app.promised("referral")[0].owner_id.map(|id| id.to_string()), unit.get(&path).ok()["coordinator_id"].clone());
        let (hers, the_units) = ((Some(ida.account_id()), json!(ida.account_id())), (None, Value::Null));
        // Barred from somebody who comes into it.
        give();
        let bar = unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": aunt, "cause": "family"})).id();
        assert_eq!(whose(), hers);
        unit.post(&format!("{path}/people"), &json!({"person_id": aunt, "role": "relative"})).ok();
        assert_eq!(whose(), the_units);
        unit.post(&format!("/v1/bars/{bar}/end"), &json!({})).ok();
        // Barred from somebody who stands in it.
        give();
        let bar = unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": boy, "cause": "acquaintance"})).id();
        assert_eq!(whose(), the_units);
        unit.post(&format!("/v1/bars/{bar}/end"), &json!({})).ok();
        // A coordinator no longer; and gone altogether.
        give();
        let account = format!("/v1/accounts/{}", ida.account_id());
        unit.put(&format!("{account}/roles"), "*", &json!({"roles": ["coordinator"]})).ok();
        assert_eq!(whose(), hers);
        unit.put(&format!("{account}/roles"), "*", &json!({"roles": ["mentor"]})).ok();
        assert_eq!(whose(), the_units);
        unit.put(&format!("{account}/roles"), "*", &json!({"roles": ["coordinator"]})).ok();
        give();
        unit.post(&format!("{account}/disable"), &json!({})).ok();
        assert_eq!(whose(), the_units);
    }

    fn a_bar_on_a_person_hides_the_cases_they_come_into(app: TestApp) {
        let unit = app.coordinator();
        let ida = app.account("ida", &["coordinator"]);
        let (boy, aunt) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("relative", "Gudrunette", None));
        unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": aunt, "cause": "family"})).ok();
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        ida.get(&path).ok();
        ida.post(&format!("{path}/people"), &json!({"person_id": aunt, "role": "relative"})).refused(422, "invalid");
        unit.post(&format!("{path}/people"), &json!({"person_id": aunt, "role": "relative"})).ok();
        unit.post(&format!("{path}/people"), &json!({"person_id": aunt, "role": "relative"})).refused(409, "already_exists");
        ida.get(&path).refused(404, "not_found");
        assert_eq!(ida.get("/v1/cases").ok()["items"], json!([]));
        let refer = json!({"to": "Familieafdelingen", "happened_at": app.clock.now()});
        ida.post(&format!("{path}/refer"), &refer).refused(404, "not_found");
        let made = unit.post("/v1/offers", &offer(&case, &boy, "mentor", app.clock.now())).id();
        ida.get(&format!("/v1/offers/{made}")).refused(404, "not_found");
    }

    fn a_closed_case_whose_re_offer_is_accepted_runs_again(app: TestApp) {
        let (unit, ida) = (app.coordinator(), app.account("ida", &["coordinator"]));
        let father = unit.person("parent", "Frodemund", None);
        let case = app.founded_case(&unit, &[&father]);
        let path = format!("/v1/cases/{case}");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": ida.account_id()})).ok();
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": app.clock.now()})).ok();
        app.pass(TimeDelta::hours(1));
        let close = |reason: &str| json!({"reason": reason, "happened_at": app.clock.now()});
        unit.post(&format!("{path}/close"), &close("no_longer_relevant")).ok();
        // Whose the case was has left meanwhile.
        unit.post(&format!("/v1/accounts/{}/disable", ida.account_id()), &json!({})).ok();
        app.set_clock("2026-12-20T08:00:00Z");
        let again = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", app.clock.now())).id();
        assert_eq!(unit.get(&path).ok()["state"], "closed", "an offer alone opens nothing");
        app.set_clock("2027-01-10T08:00:00Z");
        unit.post(&format!("/v1/offers/{again}/consents"), &yes(&father, app.clock.now())).ok();
        let course = unit.post(&format!("/v1/offers/{again}/accept"), &json!({})).id();

        let open = unit.get(&path).ok();
        assert_eq!((&open["state"], &open["closed_at"], &open["coordinator_id"]), (&json!("open"), &Value::Null, &Value::Null));
        let reopened = json!([{"offer_id": again, "closed_at": "2026-03-02T09:00:00Z", "close_reason": "no_longer_relevant",
            "reopened_at": "2027-01-10T08:00:00Z", "recorded_at": "2027-01-10T08:00:00Z"}]);
        assert_eq!((&open["reopenings"], &open["referral"]["late"]), (&reopened, &json!(false)));
        // Its limit fell away with the first closing, and no night brings it back.
        app.set_clock("2027-01-11T03:00:00Z");
        app.tick();
        assert_eq!(app.promise("referral").2.as_deref(), Some("case_closed"));
        // At the end of 2026 it was closed; it is open now.
        let counts = |year: u16, figure: &str| {
            let report = unit.get(&format!("/v1/reports/yearly?year={year}")).ok();
            let found = report["figures"].as_array().unwrap().iter().find(|one| one["figure"] == figure).unwrap().clone();
            found["of"].as_u64().or(found["n"].as_u64())
        };
        assert_eq!((counts(2026, "cases_open"), counts(2027, "cases_open"), counts(2026, "referred_in_time")), (Some(0), Some(1), Some(0)));

        // What only an open case has: an alert, a coordinator, and a police that takes over.
        let raise = json!({"person_id": father, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": app.clock.now()});
        unit.post(&format!("{path}/alerts"), &raise).ok();
        unit.patch(&path, &unit.get(&path).tag(), &json!({"coordinator_id": unit.account_id()})).ok();
        assert_eq!(unit.post(&format!("{path}/close"), &close("moved")).refused(409, "blocked")["blocking"][0]["id"], json!(course));
        let (enquiry, now) = (app.enquiry_of(&case), app.clock.now());
        let tell = move |tx: &mut Tx<'_>| {
            tx.tell(Fact::PoliceTookOver { enquiry, at: now });
            Ok(())
        };
        app.door.blocking_write_as(Actor::system(), now, Capability::TickRun, tell).unwrap();
        assert_eq!(unit.get(&format!("/v1/courses/{course}")).ok()["state"], "discontinued");
        assert_eq!(unit.get(&path).ok()["close_reason"], "taken_over_by_police");
    }

    fn the_police_take_an_open_re_offer_of_a_closed_case_back(app: TestApp) {
        let unit = app.coordinator();
        let father = unit.person("parent", "Frodemund", None);
        let (case, now) = (app.founded_case(&unit, &[&father]), app.clock.now());
        let made = unit.post("/v1/offers", &offer(&case, &father, "parent_coach", now)).id();
        unit.post(&format!("/v1/offers/{made}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "no_longer_relevant", "happened_at": now})).ok();
        let mut promised = offer(&case, &father, "parent_coach", now);
        promised["fulfils_duty_id"] = unit.get("/v1/duties?kind=reoffer_3m").ok()["items"][0]["id"].clone();
        let again = unit.post("/v1/offers", &promised).id();
        let enquiry = app.enquiry_of(&case);
        let tell = move |tx: &mut Tx<'_>| {
            tx.tell(Fact::PoliceTookOver { enquiry, at: now });
            Ok(())
        };
        app.door.blocking_write_as(Actor::system(), now, Capability::TickRun, tell).unwrap();
        assert_eq!(unit.get(&format!("/v1/offers/{again}")).ok()["state"], "withdrawn");
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["close_reason"], "no_longer_relevant");
    }

    fn a_severity_changed_after_the_referral_judges_nothing_anew(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        app.pass(TimeDelta::hours(50));
        unit.post(&format!("{path}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();
        let judged = || {
            let (view, report) = (unit.get(&path).ok(), unit.get("/v1/reports/yearly?year=2026").ok());
            let figure = report["figures"].as_array().unwrap().iter().find(|one| one["figure"] == "referred_in_time").unwrap().clone();
            let groups = figure["splits"].as_array().unwrap().iter().find(|split| split["by"] == "severity").unwrap()["groups"].clone();
            (view["referral"]["due_at"].clone(), view["referral"]["late"].clone(), figure["n"].clone(), groups)
        };
        let before = judged();
        assert_eq!((&before.0, &before.1, &before.2), (&json!("2026-03-04T08:00:00Z"), &json!(true), &json!(0)));
        for severity in ["hours_72", "hours_24"] {
            assert_eq!(unit.patch(&path, &unit.get(&path).tag(), &json!({"severity": severity})).ok()["severity"], severity);
            assert_eq!(judged(), before, "{severity}");
        }
    }

    fn whoever_is_a_coordinator_no_more_keeps_no_promise_of_a_closed_case(app: TestApp) {
        let unit = app.coordinator();
        let kim = app.account("kim", &["coordinator", "mentor"]);
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
        unit.set_custody(&boy, &[&father]);
        let (closed, now) = (app.founded_case(&kim, &[&father]), app.clock.now());
        let first = kim.post("/v1/offers", &offer(&closed, &father, "parent_coach", now)).id();
        kim.post(&format!("/v1/offers/{first}/decline"), &json!({"reason": "no_need", "happened_at": now})).ok();
        kim.post(&format!("/v1/cases/{closed}/close"), &json!({"reason": "no_longer_relevant", "happened_at": now})).ok();
        // And a match of their own as a mentor.
        let case = app.founded_case(&unit, &[&boy]);
        let boys = crate::sessions::course(&app, &unit, &case, &boy, &[&father], "mentor");
        let mentoring = crate::sessions::matched(&unit, &kim, &boys, &unit.staff("mentor", Some(&kim)));
        kim.post("/v1/sessions", &crate::sessions::plan(&mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok();
        let owner = |kind: &str| app.promised(kind)[0].owner_id.map(|id| id.to_string());
        assert_eq!((owner("reoffer_3m"), owner("log_missing")), (Some(kim.account_id()), Some(kim.account_id())));
        unit.put(&format!("/v1/accounts/{}/roles", kim.account_id()), "*", &json!({"roles": ["mentor"]})).ok();
        assert_eq!((owner("reoffer_3m"), owner("reoffer_6m"), owner("log_missing")), (None, None, Some(kim.account_id())));
    }

    fn a_more_urgent_concern_that_joins_brings_its_own_hours(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"severity": "hours_72", "needs_local_effort": false})).ok();
        let join = |severity: &str| {
            let enquiry = json!({"received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal",
                "concern": {"observed": "Meget fravær"}, "reporters": [{"kind": "citizen"}], "subjects": [{}]});
            let concern = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &enquiry).id());
            let subject = unit.get(&concern).ok()["file"]["subjects"][0]["id"].as_str().unwrap().to_owned();
            unit.post(&format!("{concern}/subjects/{subject}/link"), &json!({"person_id": boy})).ok();
            let screen = unit.post(&format!("{concern}/police_screens"), &json!({})).ok()["file"]["police_screens"][0]["id"].as_str().unwrap().to_owned();
            unit.post(&format!("{concern}/police_screens/{screen}/result"), &json!({"result": "clear"})).ok();
            let founded = json!({"outcome": "founded", "meeting_on": makker::base::calendar::Zone::COPENHAGEN.date(app.clock.now()),
                "case_kind": "young_person", "target_group": "at_risk", "severity": severity, "responsible_authority": "unit",
                "needs_local_effort": true, "joins_case_id": case});
            unit.post_if(&format!("{concern}/qualify"), &unit.get(&concern).tag(), &founded).ok();
        };
        let limit = || (unit.get(&path).ok()["referral"]["due_at"].clone(), app.promise("referral").1);
        app.set_clock("2026-03-02T10:00:00Z");
        join("hours_72");
        assert_eq!(limit(), (json!("2026-03-05T08:00:00Z"), "2026-03-05T08:00:00Z".to_owned()));
        app.set_clock("2026-03-03T07:00:00Z");
        join("hours_24");
        assert_eq!(limit(), (json!("2026-03-04T07:00:00Z"), "2026-03-04T07:00:00Z".to_owned()));
        app.set_clock("2026-03-04T07:30:00Z");
        unit.post(&format!("{path}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();
        // After the referral it is too late for hours.
        app.set_clock("2026-03-04T08:00:00Z");
        join("hours_24");
        let view = unit.get(&path).ok();
        assert_eq!((&view["referral"]["due_at"], &view["referral"]["late"], &view["needs_local_effort"]), (&json!("2026-03-04T07:00:00Z"), &json!(true), &json!(true)));
        let report = unit.get("/v1/reports/yearly?year=2026").ok();
        let figure = report["figures"].as_array().unwrap().iter().find(|one| one["figure"] == "referred_in_time").unwrap();
        assert_eq!((&figure["n"], &figure["of"]), (&json!(0), &json!(1)));
    }

    fn a_concern_that_joins_at_the_moment_of_the_referral_counts_as_one_before_it(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/cases/{case}");
        unit.patch(&path, &unit.get(&path).tag(), &json!({"needs_local_effort": false})).ok();
        app.pass(TimeDelta::hours(1));
        unit.post(&format!("{path}/refer"), &json!({"to": "Familieafdelingen", "happened_at": app.clock.now()})).ok();
        assert_eq!(app.promise("referral"), ("done".into(), "2026-03-04T08:00:00Z".into(), None));
        let joined = concern(&app, &unit, &boy);
        screened(&unit, &joined, "clear");
        conclude(&unit, &joined, "founded", Some(&case)).ok();
        let view = unit.get(&path).ok();
        assert_eq!((&view["referral"]["due_at"], &view["needs_local_effort"]), (&json!("2026-03-03T09:00:00Z"), &json!(true)));
        assert_eq!(app.promise("referral"), ("done".into(), "2026-03-03T09:00:00Z".into(), None));
    }
}
