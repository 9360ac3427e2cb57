//! Files that were written wrongly and are put right: a referral, a receipt, what a case is about, what an agency is called.

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
        let radicalised = |at: Option<&str>| json!({"target_group": "radicalised", "police_statement_at": at});
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
