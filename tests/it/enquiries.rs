//! Enquiries over HTTP: from what was handed in to a founded case, and what each caller sees of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::TestApp;

/// A concern as the hotline writes it down, about a boy.
fn concern(at: &str) -> Value {
    json!({
        "received_at": at, "channel": "phone", "source": "social_services", "urgency": "high",
        "concern": {"observed": "Drengen kommer ikke i skole", "observed_when": "Siden jul", "siblings": "En lillesøster"},
        "reporters": [
            {"kind": "professional", "wants_feedback": true, "identity": {"name": "Rapportine Sag", "phone": "70101155"}},
            {"kind": "citizen"}
        ],
        "subjects": [{"given_name": "Bertramius", "family_name": "Kaspersson", "born_on": "2010-05-01"}, {"age": 9, "note": "Lillesøsteren"}]
    })
}

fn founded() -> Value {
    json!({
        "outcome": "founded", "risk_factors": "Fravær", "protective_factors": "Far vil gerne", "conclusion": "Begrundet bekymring",
        "case_kind": "family", "target_group": "at_risk", "severity": "hours_48", "responsible_authority": "Socialforvaltningen",
        "needs_local_effort": true
    })
}

both_engines! {
    fn an_enquiry_becomes_a_case(app: TestApp) {
        let unit = app.coordinator();
        let received = unit.post("/v1/enquiries", &concern("2026-03-02T07:00:00Z")).ok();
        let path = format!("/v1/enquiries/{}", received["id"].as_str().unwrap());
        assert_eq!(received["concern"], Value::Null, "the acknowledgement repeats nothing");
        // Six working days from Monday 2 March; for the named professional only.
        assert_eq!(app.promise("receipt"), ("open".into(), "2026-03-10T22:59:59.999999Z".into(), None));
        let view = unit.get(&path).ok();
        assert_eq!((&view["standing"]["state"], &view["file"]["concern"]["observed_when"]), (&json!("received"), &json!("Siden jul")));
        assert!(!view.to_string().contains("Rapportine"), "who it was is in one answer only");

        let of_kind = |kind: &str| {
            let receipts = view["receipts"].as_array().unwrap();
            receipts.iter().find(|receipt| receipt["kind"] == kind).unwrap()["reporter_id"].as_str().unwrap().to_owned()
        };
        let reporter = format!("{path}/reporters/{}", of_kind("professional"));
        assert_eq!(unit.post(&format!("{reporter}/open"), &json!({"reason": "give_receipt"})).ok()["identity"]["name"], "Rapportine Sag");
        unit.post(&format!("{reporter}/open"), &json!({})).refused(422, "invalid");
        unit.post(&format!("{path}/reporters/{}/receipt", of_kind("citizen")), &json!({"way": "phone"})).refused(409, "wrong_state");
        unit.post(&format!("{reporter}/receipt"), &json!({"way": "phone", "happened_at": "2026-03-02T06:00:00Z"})).refused(422, "invalid");
        unit.post(&format!("{reporter}/receipt"), &json!({"way": "phone"})).ok();
        assert_eq!(app.promise("receipt").0, "done");
        unit.post(&format!("{reporter}/receipt"), &json!({"way": "phone"})).refused(409, "wrong_state");

        // The police come first, and somebody it is about.
        let qualify = |body: &Value| {
            let tag = unit.get(&path).tag();
            unit.post_if(&format!("{path}/qualify"), &tag, body)
        };
        qualify(&founded()).refused(409, "wrong_state");
        let screen = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"][0]["id"].clone();
        unit.post(&format!("{path}/police_screens"), &json!({})).refused(409, "wrong_state");
        let screen = format!("{path}/police_screens/{}/result", screen.as_str().unwrap());
        assert_eq!(unit.post(&screen, &json!({"result": "taken_over"})).ok()["standing"]["state"], "transferred_police");
        qualify(&founded()).refused(409, "wrong_state");
        let screens = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"].clone();
        let open = screens.as_array().unwrap().iter().find(|screen| screen["result"].is_null()).unwrap()["id"].clone();
        let screen = format!("{path}/police_screens/{}/result", open.as_str().unwrap());
        app.pass(TimeDelta::minutes(1));
        assert_eq!(unit.post(&screen, &json!({"result": "go_ahead"})).ok()["standing"]["state"], "qualifying");
        qualify(&founded()).refused(409, "wrong_state");

        let ask = json!({"source": "school", "legal_basis": "aja_115"});
        let asked = unit.post(&format!("{path}/partner_requests"), &ask).ok()["file"]["partner_requests"][0]["id"].clone();
        let answer = json!({"has_information": true, "text": "Meget fravær"});
        let answers = format!("{path}/partner_requests/{}/answer", asked.as_str().unwrap());
        assert_eq!(unit.post(&answers, &answer).ok()["file"]["partner_requests"][0]["answer"], "Meget fravær");
        unit.post(&answers, &answer).refused(409, "wrong_state");

        let decided = unit.post(&format!("{path}/home_visits"), &json!({"meeting_on": "2026-03-02"})).ok();
        let visit = format!("{path}/home_visits/{}/record", decided["file"]["home_visits"][0]["id"].as_str().unwrap());
        unit.post(&visit, &json!({"outcome": "met", "notes": "Far og søn"})).ok();
        assert_eq!(app.promised("ratify").len(), 0, "a meeting decided");

        // A known one is shown, however the name is written, and linked.
        let known = unit.post("/v1/people", &json!({"kind": "young_person", "name": {"given": "BE\u{301}RTRAMIUS", "family": "Kaspersson"},
            "born_on": "2010-05-01"})).id();
        let subjects = view["file"]["subjects"].as_array().unwrap();
        let boy = subjects.iter().find(|subject| subject["born_on"] == "2010-05-01").unwrap()["id"].as_str().unwrap();
        let girl = subjects.iter().find(|subject| subject["age"] == 9).unwrap()["id"].as_str().unwrap();
        let likely = unit.get(&format!("{path}/subjects/{boy}/likely_people")).ok();
        assert_eq!((&likely[0]["person_id"], &likely[0]["why"]), (&json!(known), &json!("name_and_birth_date")));
        unit.post(&format!("{path}/subjects/{boy}/link"), &json!({"person_id": boy})).refused(422, "invalid");
        unit.post(&format!("{path}/subjects/{boy}/link"), &json!({"person_id": known})).ok();
        unit.post(&format!("{path}/subjects/{girl}/link"), &json!({"person_id": known})).refused(422, "invalid");
        unit.post(&format!("{path}/subjects/{girl}/link"), &json!({"new_person": {"kind": "young_person"}})).refused(422, "invalid");
        let new = json!({"new_person": {"kind": "young_person", "name": {"given": "Gudrunette", "family": "Kaspersson"}}});
        unit.post(&format!("{path}/subjects/{girl}/link"), &new).ok();

        qualify(&json!({"outcome": "founded"})).refused(422, "invalid");
        qualify(&json!({"outcome": "advice_only"})).refused(422, "invalid");
        let concluded = qualify(&founded()).ok();
        assert_eq!((&concluded["standing"]["state"], &concluded["file"]["assessment"]["risk_factors"]), (&json!("founded"), &json!("Fravær")));
        let case = concluded["standing"]["case_id"].as_str().expect("a case opened");
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["people"].as_array().unwrap().len(), 2);
        assert_eq!(app.promise("referral").1, "2026-03-04T08:01:00Z", "48 hours from founding");
        unit.post(&format!("{path}/subjects/{girl}/link"), &json!({"person_id": known})).refused(409, "wrong_state");

        // Founded between meetings: ratified by the next within 14 days.
        assert_eq!(app.promise("ratify"), ("open".into(), "2026-03-16T22:59:59.999999Z".into(), None));
        let waiting = unit.get("/v1/decisions?to_ratify=true").ok();
        let decision = format!("/v1/decisions/{}", waiting["items"][0]["id"].as_str().unwrap());
        assert_eq!(waiting["items"][0]["grounds"], "Begrundet bekymring");
        assert_eq!(unit.get(&decision).ok()["kind"], "founded");
        let decide = |kind: &str| json!({"case_id": case, "kind": kind, "meeting_on": "2026-03-02", "grounds": "Hastesag"});
        unit.post("/v1/decisions", &decide("founded")).refused(422, "invalid");
        assert_eq!(unit.post("/v1/decisions", &decide("refer")).ok()["grounds"], "Hastesag");
        assert_eq!(unit.get(&format!("/v1/decisions?case={case}")).ok()["items"].as_array().unwrap().len(), 1);
        // By a clock that is some minutes ahead it is tomorrow already.
        app.set_clock("2026-03-04T22:55:00Z");
        let mut tonight = decide("refer");
        (tonight["meeting_on"], tonight["happened_at"]) = (json!("2026-03-05"), json!("2026-03-04T23:00:00Z"));
        let decided = unit.post("/v1/decisions", &tonight).ok();
        assert_eq!((&decided["meeting_on"], &decided["decided_at"]), (&json!("2026-03-04"), &json!("2026-03-04T22:55:00Z")));
        app.set_clock("2026-03-05T08:01:00Z");
        unit.post(&format!("{decision}/ratify"), &json!({"meeting_on": "2026-03-06"})).refused(422, "invalid");
        unit.post(&format!("{decision}/ratify"), &json!({"meeting_on": "2026-03-05"})).ok();
        assert_eq!(app.promise("ratify").0, "done");
        unit.post(&format!("{decision}/ratify"), &json!({"meeting_on": "2026-03-05"})).refused(409, "wrong_state");

        // A second enquiry about the boy joins the open case: it counts as an enquiry, not as a case.
        let second = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &concern("2026-03-05T07:00:00Z")).id());
        let boy = unit.get(&second).ok()["file"]["subjects"].as_array().unwrap().iter()
            .find(|subject| subject["born_on"] == "2010-05-01").unwrap()["id"].as_str().unwrap().to_owned();
        unit.post(&format!("{second}/subjects/{boy}/link"), &json!({"person_id": known})).ok();
        let screen = unit.post(&format!("{second}/police_screens"), &json!({})).ok()["file"]["police_screens"][0]["id"].clone();
        unit.post(&format!("{second}/police_screens/{}/result", screen.as_str().unwrap()), &json!({"result": "clear"})).ok();
        let mut join = founded();
        join["joins_case_id"] = json!(known);
        unit.post_if(&format!("{second}/qualify"), &unit.get(&second).tag(), &join).refused(422, "invalid");
        join["joins_case_id"] = json!(case);
        assert_eq!(unit.post_if(&format!("{second}/qualify"), &unit.get(&second).tag(), &join).ok()["standing"]["case_id"], case);
        assert_eq!(unit.get("/v1/cases").ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(unit.get("/v1/enquiries?state=founded&source=social_services").ok()["items"].as_array().unwrap().len(), 2);
    }

    fn a_partner_sees_reference_time_and_receipt(app: TestApp) {
        let unit = app.coordinator();
        let school = app.partner("skolen", "school");
        let other = app.partner("politiet", "police");
        let handed_in = json!({"urgency": "normal", "concern": {"observed": "Fortrolig iagttagelse"}, "subjects": [{"given_name": "Bertramius"}]});
        school.post("/v1/enquiries", &concern("2026-03-02T07:00:00Z")).refused(422, "invalid");
        let path = format!("/v1/enquiries/{}", school.post("/v1/enquiries", &handed_in).id());
        let seen = school.get(&path).ok();
        assert_eq!((&seen["receipts"][0]["state"], &seen["standing"], &seen["file"]), (&json!("due"), &Value::Null, &Value::Null));
        assert_eq!(school.get("/v1/enquiries").ok()["items"][0], seen);
        school.get("/v1/enquiries?state=received").refused(422, "invalid");
        other.get(&path).refused(404, "not_found");
        assert_eq!(other.get("/v1/enquiries").ok()["items"], json!([]));
        let full = unit.get(&path).ok();
        assert_eq!((&full["standing"]["source"], &full["standing"]["channel"]), (&json!("school"), &json!("system")));
        let reporter = full["receipts"][0]["reporter_id"].as_str().unwrap();
        unit.post(&format!("{path}/reporters/{reporter}/receipt"), &json!({"way": "system"})).ok();
        assert_eq!(school.get(&path).ok()["receipts"][0]["state"], "given");
    }

    fn whoever_is_barred_at_intake_never_sees_it(app: TestApp) {
        let unit = app.coordinator();
        let neighbour = app.account("nabo", &["coordinator"]);
        let mut body = concern("2026-03-02T07:00:00Z");
        body["barred"] = json!([{"account_id": neighbour.account_id(), "cause": "acquaintance"}]);
        // The neighbour takes the call, and is told only that it is stored.
        let path = format!("/v1/enquiries/{}", neighbour.post("/v1/enquiries", &body).id());
        neighbour.get(&path).refused(404, "not_found");
        assert_eq!(neighbour.get("/v1/enquiries").ok()["items"], json!([]));
        let subject = unit.get(&path).ok()["file"]["subjects"].as_array().unwrap().iter()
            .find(|subject| subject["born_on"] == "2010-05-01").unwrap()["id"].as_str().unwrap().to_owned();
        let linked = unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"new_person": {"kind": "young_person"}})).ok();
        let linked = linked["file"]["subjects"].as_array().unwrap().iter().find_map(|subject| subject["person_id"].as_str()).unwrap().to_owned();
        neighbour.get(&format!("/v1/people/{linked}")).refused(404, "not_found");
        // A later enquiry about the same person is hidden as well, once it is known whom it is about.
        let later = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &concern("2026-03-02T07:30:00Z")).id());
        let subject = neighbour.get(&later).ok()["file"]["subjects"].as_array().unwrap().iter()
            .find(|subject| subject["born_on"] == "2010-05-01").unwrap()["id"].as_str().unwrap().to_owned();
        unit.post(&format!("{later}/subjects/{subject}/link"), &json!({"person_id": linked})).ok();
        neighbour.get(&later).refused(404, "not_found");
    }

    fn whom_it_is_about_is_told_later(app: TestApp) {
        let unit = app.coordinator();
        let (neighbour, school) = (app.account("underbo", &["coordinator"]), app.partner("skolen", "school"));
        let mut body = concern("2026-03-02T07:00:00Z");
        (body["subjects"], body["barred"]) = (json!([]), json!([{"account_id": neighbour.account_id(), "cause": "acquaintance"}]));
        let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &body).id());
        let subjects = format!("{path}/subjects");
        school.post(&subjects, &json!({})).refused(403, "forbidden");
        neighbour.post(&subjects, &json!({})).refused(404, "not_found");
        unit.post_if(&subjects, "\"0.x\"", &json!({})).refused(412, "stale_version");
        for (wrong, flaw) in [
            (json!({"registration_number": "12"}), ("/registration_number", "wrong_value")),
            (json!({"age": 121}), ("/age", "out_of_range")),
            (json!({"born_on": "2026-03-03"}), ("/born_on", "after_received")),
        ] {
            let refused = unit.post(&subjects, &wrong).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(flaw.0), &json!(flaw.1)));
        }
        let known = |view: &Value| view["file"]["subjects"].as_array().unwrap().clone();
        let of = |view: &Value, key: &str, value: Value| {
            let subject = known(view).into_iter().find(|subject| subject[key] == value).unwrap();
            format!("{subjects}/{}", subject["id"].as_str().unwrap())
        };
        let added = unit.post(&subjects, &json!({"given_name": "Hjalmarius", "family_name": "Overgaard", "born_on": "2010-05-01"})).ok();
        assert_eq!((&added["standing"]["state"], known(&added).len()), (&json!("received"), 1), "nothing was found out");
        let boy = of(&added, "given_name", json!("Hjalmarius"));
        // It was advice, and the name another's: it is struck out, and kept.
        let qualify = |outcome: &Value| unit.post_if(&format!("{path}/qualify"), &unit.get(&path).tag(), outcome);
        qualify(&json!({"outcome": "advice_only"})).refused(422, "invalid");
        neighbour.post(&format!("{boy}/retract"), &json!({})).refused(404, "not_found");
        let struck = unit.post(&format!("{boy}/retract"), &json!({})).ok();
        let former = &struck["file"]["retracted_subjects"][0];
        assert_eq!((known(&struck).len(), &former["given_name"], &former["born_on"]), (0, &json!("Hjalmarius"), &json!("2010-05-01")));
        assert_eq!((&former["retracted_at"], &former["retracted_by"]), (&json!(app.clock.now()), &json!(unit.account_id())));
        unit.post(&format!("{boy}/retract"), &json!({})).refused(404, "not_found");
        qualify(&json!({"outcome": "advice_only"})).ok();
        unit.post(&subjects, &json!({})).refused(409, "wrong_state");
        unit.post_if(&format!("{path}/conclusion/retract"), &unit.get(&path).tag(), &json!({})).ok();

        // They call again, with the boy and his sister: it is founded.
        let screens = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"].clone();
        let screen = format!("{path}/police_screens/{}/result", screens[0]["id"].as_str().unwrap());
        app.pass(TimeDelta::minutes(1));
        unit.post(&screen, &json!({"result": "clear"})).ok();
        qualify(&founded()).refused(409, "wrong_state");
        let boy = of(&unit.post(&subjects, &json!({"given_name": "Hjalmarius", "family_name": "Overgaard"})).ok(), "given_name", json!("Hjalmarius"));
        let girl = of(&unit.post(&subjects, &json!({"age": 9, "note": "Lillesøsteren"})).ok(), "age", json!(9));
        let linked = unit.post(&format!("{boy}/link"), &json!({"new_person": {"kind": "young_person"}})).ok();
        let person = known(&linked).iter().find_map(|subject| subject["person_id"].as_str().map(str::to_owned)).unwrap();
        neighbour.get(&format!("/v1/people/{person}")).refused(404, "not_found");
        unit.post(&format!("{boy}/retract"), &json!({})).refused(409, "wrong_state");
        let named = json!({"new_person": {"kind": "young_person", "name": {"given": "Ingeborgine", "family": "Overgaard"}}});
        unit.post(&format!("{girl}/link"), &named).ok();
        let case = qualify(&founded()).ok()["standing"]["case_id"].as_str().unwrap().to_owned();
        assert_eq!(unit.get(&format!("/v1/cases/{case}")).ok()["people"].as_array().unwrap().len(), 2);
        unit.post(&subjects, &json!({})).refused(409, "wrong_state");
        unit.post(&format!("{girl}/retract"), &json!({})).refused(409, "wrong_state");

        body["subjects"] = json!(vec![json!({}); 20]);
        let full = format!("/v1/enquiries/{}/subjects", unit.post("/v1/enquiries", &body).id());
        unit.post(&full, &json!({})).refused(409, "wrong_state");
    }

    fn a_bar_at_intake_lets_go_of_whom_it_was_not_about_and_is_ended_like_any(app: TestApp) {
        let unit = app.coordinator();
        let neighbour = app.account("genbo", &["coordinator"]);
        let (wrong, right) = (
            unit.person("young_person", "Sigismunda", Some("2010-05-01")),
            unit.person("young_person", "Valdemarius", Some("2010-05-01")),
        );
        let case = app.founded_case(&unit, &[&wrong]);
        let mut body = concern("2026-03-02T07:00:00Z");
        body["barred"] = json!([
            {"account_id": neighbour.account_id(), "cause": "acquaintance"},
            {"account_id": neighbour.account_id(), "cause": "family"}
        ]);
        let enquiry = unit.post("/v1/enquiries", &body).id();
        let path = format!("/v1/enquiries/{enquiry}");
        let bars = |query: &str| unit.get(&format!("/v1/bars{query}")).ok()["items"].as_array().unwrap().clone();
        let entered = bars("");
        assert_eq!(entered.len(), 1, "said twice, entered once: {entered:?}");
        assert_eq!((&entered[0]["enquiry_id"], &entered[0]["person_id"]), (&json!(enquiry), &Value::Null));
        assert_eq!((&entered[0]["account_id"], &entered[0]["cause"]), (&json!(neighbour.account_id()), &json!("acquaintance")));
        let bar = entered[0]["id"].as_str().unwrap();

        let subject = unit.get(&path).ok()["file"]["subjects"][0]["id"].as_str().unwrap().to_owned();
        let link = |person: &str| unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": person})).ok();
        let sees = |person: &str| neighbour.get(&format!("/v1/people/{person}")).status == 200;
        let sees_case = || neighbour.get(&format!("/v1/cases/{case}")).status == 200;
        link(&wrong);
        assert_eq!((sees(&wrong), sees_case(), sees(&right)), (false, false, true), "whom it is about, with all their cases");
        // A bar on the person herself ends by itself, and hides the enquiry only while that is about her.
        let third = app.account("tredje", &["coordinator"]);
        unit.post("/v1/bars", &json!({"account_id": third.account_id(), "person_id": wrong, "cause": "family"})).ok();
        third.get(&path).refused(404, "not_found");
        assert_eq!(bars(&format!("?person_id={wrong}")).len(), 2);

        link(&right);
        assert_eq!((sees(&wrong), sees_case(), sees(&right)), (true, true, false), "it was not about her");
        third.get(&path).ok();
        third.get(&format!("/v1/people/{wrong}")).refused(404, "not_found");
        assert_eq!(bars(&format!("?person_id={right}"))[0]["id"], json!(bar));
        assert_eq!(bars(&format!("?person_id={wrong}")).len(), 1);
        neighbour.get(&path).refused(404, "not_found");

        // It is ended like any bar, and with it all that it covered; by nobody for themselves.
        neighbour.post(&format!("/v1/bars/{bar}/end"), &json!({})).refused(404, "not_found");
        unit.post(&format!("/v1/bars/{bar}/end"), &json!({})).ok();
        neighbour.get(&path).ok();
        assert!(sees(&right));
        assert_eq!(bars("?ended=true")[0]["id"], json!(bar));
        link(&wrong);
        assert!(sees(&wrong), "an ended bar covers nothing more");
    }

    fn nothing_is_founded_before_the_police_answered(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Villads", Some("2010-05-01"));
        let received = unit.post("/v1/enquiries", &concern("2026-03-02T07:00:00Z")).id();
        let path = format!("/v1/enquiries/{received}");
        let subject = unit.get(&path).ok()["file"]["subjects"][0]["id"].as_str().unwrap().to_owned();
        unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": boy})).ok();
        let screen = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"][0]["id"].clone();
        app.pass(TimeDelta::hours(3));
        unit.post(&format!("{path}/police_screens/{}/result", screen.as_str().unwrap()), &json!({"result": "clear"})).ok();
        let qualify = |at: &str| {
            let mut body = founded();
            body["happened_at"] = json!(at);
            unit.post_if(&format!("{path}/qualify"), &unit.get(&path).tag(), &body)
        };
        let early = qualify("2026-03-02T10:59:00Z").refused(422, "invalid");
        assert_eq!((&early["errors"][0]["pointer"], &early["errors"][0]["code"]), (&json!("/happened_at"), &json!("before_cause")));
        qualify("2026-03-02T11:00:00Z").ok();
    }
}
