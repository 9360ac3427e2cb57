//! The start of a story about a case: a family on record, a founded concern, and what is promised.

use diesel::RunQueryDsl;
use diesel::sql_types::{Nullable, Text};
use makker::access::{Actor, ActorKind, Capability, Role};
use makker::base::clock::Instant;
use makker::base::db::types;
use makker::base::ids::{AnyId, CaseId, EnquiryId, PersonId};
use makker::facts::Fact;
use serde_json::{Value, json};

use super::TestApp;
use super::caller::Caller;

/// A promise as it stands in the ledger.
#[derive(Debug, diesel::QueryableByName)]
pub struct Promised {
    #[diesel(sql_type = Text)]
    pub kind: String,
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
        let ids = &self.door.house().ids;
        let enquiry: EnquiryId = ids.next();
        let mut db = self.database.connect();
        let insert = "INSERT INTO enquiries (id, state, received_at, recorded_at, channel, source, urgency, concern, case_kind, target_group, \
            severity, responsible_authority, needs_local_effort, decided_at, version) \
            VALUES ($1, 'founded', $2, $3, 'phone', 'school', 'normal', $4, 'family', 'at_risk', 'hours_48', 'unit', TRUE, $5, 1)";
        makker::each!(&mut db, c => diesel::sql_query(insert).bind::<types::Uuid, _>(enquiry).bind::<types::Moment, _>(now)
            .bind::<types::Moment, _>(now).bind::<diesel::sql_types::Binary, _>(vec![0_u8]).bind::<types::Moment, _>(now).execute(c))
        .unwrap();
        for person in people {
            let (id, person): (AnyId, PersonId) = (ids.next(), person.parse().unwrap());
            let insert = "INSERT INTO enquiry_subjects (id, enquiry_id, person_id, description) VALUES ($1, $2, $3, $4)";
            makker::each!(&mut db, c => diesel::sql_query(insert).bind::<types::Uuid, _>(id).bind::<types::Uuid, _>(enquiry)
                .bind::<types::Uuid, _>(person).bind::<diesel::sql_types::Binary, _>(vec![0_u8]).execute(c))
            .unwrap();
        }
        let account = unit.account_id().parse().unwrap();
        let actor = Actor { kind: ActorKind::Account, account: Some(account), roles: vec![Role::Coordinator], ..Actor::system() };
        let found = move |tx: &mut makker::access::Tx<'_>| {
            tx.tell(Fact::EnquiryFounded { enquiry });
            Ok(())
        };
        self.door.blocking_write_as(actor, now, Capability::EnquiriesQualify, found).unwrap();
        let listed = unit.get(&format!("/v1/cases?person={}", people[0])).ok();
        listed["items"][0]["id"].as_str().expect("the case is listed").to_owned()
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
        let query =
            "SELECT kind, state, slot, opens_at, due_at, closed_at, reason, owner_id FROM duties WHERE kind = $1 ORDER BY due_at, id";
        makker::each!(&mut db, c => diesel::sql_query(query).bind::<Text, _>(kind).load(c)).unwrap()
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
