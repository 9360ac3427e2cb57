//! Files that were written wrongly and are put right: a referral, a receipt, a reporter, what a case is about, what an agency is called.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::put_right::standings;
use crate::support::TestApp;

both_engines! {
    fn a_referral_that_was_recorded_wrongly_is_put_right(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = format!("/v1/cases/{}", app.founded_case(&unit, &[&boy]));
        app.set_clock("2026-03-06T08:00:00Z");
        let to = |authority: &str, at: &str, reason: Option<&str>| json!({"to": authority, "happened_at": at, "late_reason": reason});
        let correct = |body: &Value| unit.put(&format!("{path}/referral"), &unit.get(&path).tag(), body);
        correct(&to("Skolen", "2026-03-03T08:00:00Z", None)).refused(409, "wrong_state");
        unit.post(&format!("{path}/refer"), &to("Jobcentret", "2026-03-05T08:00:00Z", Some("Ingen ledig tid"))).ok();
        let stale = unit.get(&path).tag();
        assert_eq!(standings(&unit, "referred_in_time"), ["no"]);
        let corrected = correct(&to("Skolen", "2026-03-03T08:00:00Z", None)).ok();
        let referral = &corrected["referral"];
        assert_eq!((&referral["to"], &referral["late"], &referral["late_reason"]), (&json!("Skolen"), &json!(false), &Value::Null));
        assert_eq!((&referral["referred_at"], &referral["recorded_at"]), (&json!("2026-03-03T08:00:00Z"), &json!("2026-03-06T08:00:00Z")));
        let former = &referral["former"][0];
        assert_eq!((&former["to"], &former["referred_at"]), (&json!("Jobcentret"), &json!("2026-03-05T08:00:00Z")));
        assert_eq!((&former["late_reason"], &former["corrected_by"]), (&json!("Ingen ledig tid"), &json!(unit.account_id())));
        assert_eq!(app.promised("referral")[0].closed_at.unwrap().to_string(), "2026-03-03T08:00:00Z");
        assert_eq!(standings(&unit, "referred_in_time"), ["yes"]);
        app.keeps_for_good("corrections", "subject_id");
        // The same again changes nothing; what came later stays later.
        assert_eq!(correct(&to("Skolen", "2026-03-03T08:00:00Z", None)).ok()["referral"]["former"].as_array().unwrap().len(), 1);
        unit.put(&format!("{path}/referral"), &stale, &to("Skolen", "2026-03-03T08:00:00Z", None)).refused(412, "stale_version");
        let accepted = json!({"by": "Skolen", "first_action": "Ringer", "happened_at": "2026-03-04T08:00:00Z"});
        unit.post(&format!("{path}/accept_referral"), &accepted).ok();
        for (day, code) in [("05", "after_acceptance"), ("07", "after_now"), ("01", "before_cause")] {
            let wrong = to("Skolen", &format!("2026-03-{day}T08:00:00Z"), None);
            assert_eq!(correct(&wrong).refused(422, "invalid")["errors"][0]["code"], code);
        }
    }

    fn a_case_about_other_than_was_founded_says_so(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let path = format!("/v1/cases/{}", app.founded_case(&unit, &[&boy]));
        let change = |body: &Value| unit.patch(&path, &unit.get(&path).tag(), body);
        let radicalised = |at: Option<&str>| match at {
            Some(at) => json!({"target_group": "radicalised", "police_statement_at": at}),
            None => json!({"target_group": "radicalised"}),
        };
        assert_eq!(change(&radicalised(None)).refused(422, "invalid")["errors"][0]["pointer"], "/police_statement_at");
        assert_eq!(change(&radicalised(Some("2026-03-03T08:00:00Z"))).refused(422, "invalid")["errors"][0]["code"], "after_now");
        let changed = change(&radicalised(Some("2026-03-01T08:00:00Z"))).ok();
        assert_eq!((&changed["target_group"], &changed["police_statement_at"]), (&json!("radicalised"), &json!("2026-03-01T08:00:00Z")));
        let changed = change(&json!({"target_group": "at_risk", "case_kind": "young_person"})).ok();
        assert_eq!((&changed["target_group"], &changed["case_kind"]), (&json!("at_risk"), &json!("young_person")));
        // Its statement stands.
        assert_eq!(change(&radicalised(None)).ok()["target_group"], "radicalised");
    }

    fn a_receipt_of_the_wrong_reporter_is_taken_back(app: TestApp) {
        let unit = app.coordinator();
        let professional = |name: &str| json!({"kind": "professional", "identity": {"name": name}});
        let enquiry = json!({
            "received_at": app.clock.now(), "channel": "phone", "source": "school", "urgency": "normal", "concern": {"observed": "Meget fravær"},
            "reporters": [professional("Kvitterine Skovgaard"), professional("Kvitterik Lundgaard")], "subjects": [{}]
        });
        let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &enquiry).id());
        let reporter = unit.get(&path).ok()["receipts"][0]["reporter_id"].as_str().unwrap().to_owned();
        let receipt = format!("{path}/reporters/{reporter}/receipt");
        let open = || app.promised("receipt").iter().filter(|duty| duty.state == "open").count();
        unit.post(&format!("{receipt}/retract"), &json!({})).refused(409, "wrong_state");
        unit.post(&receipt, &json!({"way": "phone"})).ok();
        assert_eq!(open(), 1);
        app.pass(TimeDelta::days(1));
        let back = unit.post(&format!("{receipt}/retract"), &json!({})).ok();
        assert_eq!((&back["receipts"][0]["state"], &back["receipts"][0]["given_at"], open()), (&json!("due"), &Value::Null, 2));
        let former = &back["file"]["retracted_receipts"][0];
        assert_eq!((&former["reporter_id"], &former["way"]), (&json!(reporter), &json!("phone")));
        assert_eq!((&former["recorded_by"], &former["retracted_at"]), (&json!(unit.account_id()), &json!(app.clock.now())));
        app.keeps_for_good("retracted_receipts", "enquiry_id");
        unit.post(&receipt, &json!({"way": "letter"})).ok();
        assert_eq!(open(), 1);
    }

    fn a_reporter_who_names_herself_later_is_promised_a_receipt(app: TestApp) {
        let unit = app.coordinator();
        let boy = unit.person("young_person", "Bertramius", Some("2010-05-01"));
        let case = app.founded_case(&unit, &[&boy]);
        let path = format!("/v1/enquiries/{}", app.enquiry_of(&case));
        let of = |view: &Value, id: &str| view["receipts"].as_array().unwrap().iter().find(|one| one["reporter_id"] == id).unwrap().clone();
        let reporter = unit.get(&path).ok()["receipts"][0]["reporter_id"].as_str().unwrap().to_owned();
        let own = format!("{path}/reporters/{reporter}");
        let named = json!({"kind": "professional", "wants_feedback": true, "identity": {"name": "Senerine Navngiversen", "phone": "70101155"}});
        let say = |body: &Value| unit.put(&own, &unit.get(&path).tag(), body);
        assert_eq!(app.promised("receipt").len(), 0);

        // A professional without a name is owed none; with it, from when the concern was received, late by then.
        app.set_clock("2026-03-12T08:00:00Z");
        let stale = unit.get(&path).tag();
        assert_eq!(of(&say(&json!({"kind": "professional"})).ok(), &reporter)["state"], "not_owed");
        unit.put(&own, &stale, &named).refused(412, "stale_version");
        let wish = json!({"kind": "citizen", "wants_feedback": true});
        assert_eq!(say(&wish).refused(422, "invalid")["errors"][0]["pointer"], "/wants_feedback");
        let view = say(&named).ok();
        let receipt = of(&view, &reporter);
        assert_eq!((&receipt["state"], &receipt["wants_feedback"]), (&json!("due"), &json!(true)));
        assert!(!view.to_string().contains("Navngiversen"), "who it is, is in one answer only");
        assert_eq!(app.promise("receipt"), ("open".into(), "2026-03-10T22:59:59.999999Z".into(), None));
        assert_eq!(unit.get(&format!("/v1/duties?case={case}&kind=receipt")).ok()["items"].as_array().unwrap().len(), 1, "of the case, too");
        app.account("malte", &["mentor"]).put(&own, "*", &named).refused(403, "forbidden");
        let version = unit.get(&path).ok()["standing"]["version"].clone();
        assert_eq!(say(&named).ok()["standing"]["version"], version, "the same again changes nothing");
        let opened = unit.post(&format!("{own}/open"), &json!({"reason": "give_receipt"})).ok();
        assert_eq!((&opened["identity"]["name"], opened["former"].as_array().unwrap().len()), (&json!("Senerine Navngiversen"), 2));
        assert_eq!((&opened["former"][0]["kind"], &opened["former"][0]["corrected_by"]), (&json!("citizen"), &json!(unit.account_id())));

        // She was none: nothing is owed. She was: it is kept, and nobody becomes anonymous who got one.
        say(&json!({"kind": "anonymous"})).ok();
        assert_eq!(app.promise("receipt").2.as_deref(), Some("corrected"));
        say(&named).ok();
        unit.post(&format!("{own}/receipt"), &json!({"way": "phone"})).ok();
        assert_eq!(app.promise("receipt").0, "done");
        say(&json!({"kind": "anonymous"})).refused(409, "wrong_state");
        // What a receipt that never was leaves to be promised goes by who she is by then.
        let retract = || unit.post(&format!("{own}/receipt/retract"), &json!({})).ok();
        let neighbour = json!({"kind": "citizen", "identity": {"name": "Senerine Navngiversen"}});
        say(&neighbour).ok();
        retract();
        assert_eq!((app.promise("receipt").0.as_str(), app.promise("receipt").2.as_deref()), ("ended", Some("corrected")));
        unit.post(&format!("{own}/receipt"), &json!({"way": "phone"})).ok();
        say(&named).ok();
        retract();
        assert_eq!(app.promise("receipt").0, "open");
    }

    fn a_reporter_is_added_to_a_concern_that_was_taken_in(app: TestApp) {
        let unit = app.coordinator();
        let school = app.partner("skolen", "school");
        let handed_in = json!({"urgency": "normal", "concern": {"observed": "Meget fravær"}, "subjects": [{}]});
        let path = format!("/v1/enquiries/{}", school.post("/v1/enquiries", &handed_in).id());
        let reporters = format!("{path}/reporters");
        let first = unit.get(&path).ok()["receipts"][0].clone();
        // What her account says of her it says by itself.
        let own = format!("{reporters}/{}", first["reporter_id"].as_str().unwrap());
        let other = json!({"kind": "citizen", "agency_id": first["agency_id"], "identity": {"name": "Tilføjine Holk"}});
        assert_eq!(unit.put(&own, &unit.get(&path).tag(), &other).refused(422, "invalid")["errors"][0]["code"], "from_account");
        app.pass(TimeDelta::days(1));
        let added = json!({"kind": "professional", "identity": {"name": "Tilføjine Holk"}});
        assert_eq!(unit.post(&reporters, &added).ok()["receipts"].as_array().unwrap().len(), 2);
        let due: Vec<_> = app.promised("receipt").iter().map(|duty| (duty.state.clone(), duty.due_at.to_string())).collect();
        assert_eq!(due, vec![("open".to_owned(), "2026-03-10T22:59:59.999999Z".to_owned()); 2], "counted from when it was received");
        assert_eq!(school.get(&path).ok()["receipts"].as_array().unwrap().len(), 1, "the agency sees its own");
        school.post(&reporters, &added).refused(403, "forbidden");
        let unknown = json!({"kind": "professional", "agency_id": "00000000-0000-4000-8000-000000000000", "identity": {"name": "Tilføjine Holk"}});
        assert_eq!(unit.post(&reporters, &unknown).refused(422, "invalid")["errors"][0]["pointer"], "/agency_id");
        for _ in 0..8 {
            unit.post(&reporters, &json!({"kind": "citizen"})).ok();
        }
        unit.post(&reporters, &json!({"kind": "citizen"})).refused(409, "wrong_state");
    }

    fn what_an_agency_is_called_is_put_right(app: TestApp) {
        let unit = app.coordinator();
        let path = format!("/v1/agencies/{}", unit.post("/v1/agencies", &json!({"name": "Nørebro Skole", "kind": "school"})).id());
        let tag = unit.get(&path).tag();
        let changed = unit.patch(&path, &tag, &json!({"name": "Nørrebro Skole"})).ok();
        assert_eq!((&changed["name"], &changed["kind"]), (&json!("Nørrebro Skole"), &json!("school")));
        assert_eq!(unit.get(&path).ok()["name"], "Nørrebro Skole");
        unit.patch(&path, &tag, &json!({"name": "Østerbro Skole"})).refused(412, "stale_version");
        app.account("malte", &["mentor"]).patch(&path, &tag, &json!({"name": "Skole"})).refused(403, "forbidden");
    }
}
