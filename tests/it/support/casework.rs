//! The start of a story about a case: a family on record, a founded concern, and what is promised.

use diesel::RunQueryDsl;
use diesel::sql_types::{Nullable, Text};
use makker::base::calendar::Zone;
use makker::base::clock::Instant;
use makker::base::db::types;
use makker::base::ids::{AnyId, CaseId, EnquiryId};
use serde_json::{Value, json};

use super::TestApp;
use super::caller::Caller;

/// A promise as it stands in the ledger.
#[derive(Debug, diesel::QueryableByName)]
pub struct Promised {
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub slot: String,
    #[diesel(sql_type = types::Moment)]
    pub opens_at: Instant,
    #[diesel(sql_type = types::Moment)]
    pub due_at: Instant,
    #[diesel(sql_type = Nullable<types::Moment>)]
    pub closed_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<types::Uuid>)]
    pub owner_id: Option<AnyId>,
}

impl TestApp {
    /// A case opened just now by a founded concern about these people, with a referral within 48 hours; the coordinator's own.
    pub fn founded_case(&self, unit: &Caller<'_>, people: &[&str]) -> String {
        let now = self.clock.now();
        let enquiry = json!({
            "received_at": now, "channel": "phone", "source": "school", "urgency": "normal", "concern": {"observed": "Meget fravær"},
            "reporters": [{"kind": "citizen"}], "subjects": people.iter().map(|_| json!({})).collect::<Vec<_>>()
        });
        let path = format!("/v1/enquiries/{}", unit.post("/v1/enquiries", &enquiry).id());
        let subjects = unit.get(&path).ok()["file"]["subjects"].as_array().unwrap().clone();
        for (subject, person) in subjects.iter().zip(people) {
            let subject = subject["id"].as_str().unwrap();
            unit.post(&format!("{path}/subjects/{subject}/link"), &json!({"person_id": person})).ok();
        }
        let screens = unit.post(&format!("{path}/police_screens"), &json!({})).ok()["file"]["police_screens"].clone();
        let screen = screens[0]["id"].as_str().unwrap();
        let screened = unit.post(&format!("{path}/police_screens/{screen}/result"), &json!({"result": "clear"}));
        let founded = json!({
            "outcome": "founded", "meeting_on": Zone::COPENHAGEN.date(now), "case_kind": "family", "target_group": "at_risk",
            "severity": "hours_48", "responsible_authority": "unit", "needs_local_effort": true
        });
        let founded = unit.post_if(&format!("{path}/qualify"), &screened.tag(), &founded).ok();
        founded["standing"]["case_id"].as_str().expect("a case opened").to_owned()
    }

    /// The enquiry that opened a case.
    pub fn enquiry_of(&self, case: &str) -> EnquiryId {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = types::Uuid)]
            id: EnquiryId,
        }
        let (mut db, case): (_, CaseId) = (self.database.connect(), case.parse().unwrap());
        let query = "SELECT id FROM enquiries WHERE case_id = $1";
        let row: Row = makker::each!(&mut db, c => diesel::sql_query(query).bind::<types::Uuid, _>(case).get_result(c)).unwrap();
        row.id
    }

    /// What was ever promised of this kind, the earliest due first.
    pub fn promised(&self, kind: &str) -> Vec<Promised> {
        let mut db = self.database.connect();
        let query = "SELECT state, slot, opens_at, due_at, closed_at, reason, owner_id FROM duties WHERE kind = $1 ORDER BY due_at, id";
        makker::each!(&mut db, c => diesel::sql_query(query).bind::<Text, _>(kind).load(c)).unwrap()
    }

    /// Holds everything that was ever promised of this kind, which is something, against what is said of it.
    #[track_caller]
    pub fn every_promised(&self, kind: &str, is_so: impl Fn(&Promised) -> bool) {
        let all = self.promised(kind);
        assert!(!all.is_empty(), "{kind}: nothing was ever promised, of which all is so");
        assert!(all.iter().all(is_so), "{kind}: {all:?}");
    }

    /// The one promise of this kind: state, due time, and the reason it ended for.
    pub fn promise(&self, kind: &str) -> (String, String, Option<String>) {
        let mut all = self.promised(kind);
        assert_eq!(all.len(), 1, "{kind}: {all:?}");
        let one = all.remove(0);
        (one.state, one.due_at.to_string(), one.reason)
    }
}

impl Caller<'_> {
    /// A person put on record.
    pub fn person(&self, kind: &str, given: &str, born_on: Option<&str>) -> String {
        let person = json!({"kind": kind, "name": {"given": given, "family": "Kaspersson"}, "born_on": born_on});
        self.post("/v1/people", &person).id()
    }

    /// A member of staff of a kind with Danish and room for three.
    pub fn staff(&self, kind: &str, account: Option<&Caller<'_>>) -> String {
        let member = json!({"name": "Storm Ravnkilde", "kinds": [kind], "languages": ["da"], "municipality": "Byen", "capacity": 3,
            "from_on": "2020-01-01", "account_id": account.map(Caller::account_id)});
        self.post("/v1/staff", &member).id()
    }

    /// Gives a member of staff a child-protection certificate until a day, in the place of all the proofs they had.
    pub fn certify(&self, staff: &str, until_on: Option<&str>) {
        let proofs = json!({"certificates": [{"kind": "child_protection", "issued_on": "2026-01-01", "valid_until_on": until_on}]});
        self.put(&format!("/v1/staff/{staff}/certificates"), "*", &proofs).ok();
    }

    /// Sets the custody holders of a child.
    pub fn set_custody(&self, child: &str, holders: &[&str]) {
        let tag = self.get(&format!("/v1/people/{child}")).tag();
        self.put(&format!("/v1/people/{child}/custody"), &tag, &json!({"holder_ids": holders})).ok();
    }
}

/// An offer as the tests make it.
pub fn offer(case: &str, person: &str, track: &str, at: Instant) -> Value {
    json!({"case_id": case, "person_id": person, "track": track, "offered_at": at, "way": "meeting",
        "information": "Forklaret", "legal_basis": "consent"})
}

/// A yes to taking part.
pub fn yes(giver: &str, at: Instant) -> Value {
    json!({"giver_id": giver, "scope": "participation", "text_version": "2026-1", "given": true, "happened_at": at})
}
