//! A bar beats every role: the person, their cases and enquiries do not exist.

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use makker::access::{Actor, Capability, RelationKind, Role, bars, store};
use makker::base::db::types;
use makker::base::ids::{AccountId, CaseId, EnquiryId, PersonId};
use serde_json::{Value, json};

use super::{Holder, count, step};
use crate::support::TestApp;

fn person(unit: &Holder<'_>, name: &str) -> String {
    unit.post("/v1/people", &json!({"kind": "young_person", "name": {"given": name, "family": "Kaspersson"}})).id()
}

fn bar(unit: &Holder<'_>, account: AccountId, person: &str) -> String {
    unit.post("/v1/bars", &json!({"account_id": account, "person_id": person, "cause": "family"})).id()
}

/// Whether an account is barred from a subject, as the rooms' queries ask.
fn is_barred(app: &TestApp, account: AccountId, subject: makker::base::ids::AnyId) -> bool {
    let actor = Actor { account: Some(account), ..Actor::system() };
    app.door.blocking_write_as(actor, app.clock.now(), Capability::TickRun, move |tx| tx.is_barred(&[subject])).unwrap()
}

/// A case of a person, written as the cases' room writes it.
fn case_of(app: &TestApp, person: PersonId) -> CaseId {
    let case = step(app, |tx| Ok(tx.new_id::<makker::base::ids::noun::Case>()));
    let mut db = app.database.connect();
    let now = app.clock.now();
    let insert = "INSERT INTO cases (id, state, case_kind, target_group, severity, responsible_authority, received_at, founded_at, \
        needs_local_effort, custody_conflict, recorded_at, version) \
        VALUES ($1, 'open', 'family', 'at_risk', 'hours_48', $2, $3, $4, TRUE, FALSE, $5, 1)";
    let join = "INSERT INTO case_people (case_id, person_id, role, joined_at) VALUES ($1, $2, 'young_person', $3)";
    makker::each!(&mut db, c => diesel::sql_query(insert).bind::<types::Uuid, _>(case).bind::<Text, _>("unit")
        .bind::<types::Moment, _>(now).bind::<types::Moment, _>(now).bind::<types::Moment, _>(now).execute(c))
    .unwrap();
    makker::each!(&mut db, c => diesel::sql_query(join).bind::<types::Uuid, _>(case).bind::<types::Uuid, _>(person)
        .bind::<types::Moment, _>(now).execute(c))
    .unwrap();
    case
}

both_engines! {
    fn whom_one_is_barred_from_does_not_exist(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let id = app.enrol("other", &[Role::Coordinator]);
        let other = app.at_desk("other");
        let (barred, free) = (person(&unit, "Frodemund"), person(&unit, "Mathildur"));
        other.get(&format!("/v1/people/{barred}")).ok();
        let bar_id = bar(&unit, id, &barred);
        assert_eq!(unit.get(&format!("/v1/bars/{bar_id}")).ok()["person_id"], json!(barred));
        other.get(&format!("/v1/bars/{bar_id}")).refused(404, "not_found");

        let hidden = other.get(&format!("/v1/people/{barred}")).refused(404, "not_found");
        let nothing = other.get("/v1/people/0b9f6d1c-52c1-4d6e-9d39-0f2f4b0a8a11").refused(404, "not_found");
        assert_eq!((&hidden["title"], &hidden["detail"]), (&nothing["title"], &nothing["detail"]));
        let listed = other.get("/v1/people").ok();
        assert_eq!(listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<Value>>(), [json!(free)]);
        unit.get(&format!("/v1/people/{barred}")).ok();

        // Nobody sees or ends their own bar.
        assert!(other.get("/v1/bars").ok()["items"].as_array().unwrap().is_empty());
        other.post(&format!("/v1/bars/{bar_id}/end"), &json!({})).refused(404, "not_found");
        other.post("/v1/bars", &json!({"account_id": id, "person_id": barred, "cause": "conflict"})).refused(422, "invalid");
        unit.post("/v1/bars", &json!({"account_id": id, "person_id": barred, "cause": "conflict"})).refused(409, "already_exists");
        assert_eq!(unit.get(&format!("/v1/bars?account_id={id}")).ok()["items"][0]["id"], json!(bar_id));

        app.set_clock("2026-03-02T09:00:00Z");
        let unit = app.at_desk("unit");
        assert_eq!(unit.post(&format!("/v1/bars/{bar_id}/end"), &json!({})).ok()["until_at"], "2026-03-02T09:00:00Z");
        app.at_desk("other").get(&format!("/v1/people/{barred}")).ok();
        assert_eq!(unit.get("/v1/bars?ended=true").ok()["items"][0]["id"], json!(bar_id));
        assert!(unit.get("/v1/bars").ok()["items"].as_array().unwrap().is_empty());
    }

    fn a_bar_covers_cases_and_enquiries_also_those_that_come_later(app: TestApp) {
        let unit = app.somebody("unit", Role::Coordinator);
        let id = app.enrol("other", &[Role::Coordinator]);
        let (one, two) = (person(&unit, "Frodemund"), person(&unit, "Mathildur"));
        let (one_id, two_id): (PersonId, PersonId) = (one.parse().unwrap(), two.parse().unwrap());
        let case = case_of(&app, one_id);
        let (first, second) = (bar(&unit, id, &one), bar(&unit, id, &two));
        assert!(is_barred(&app, id, case.cast()), "what was there already");

        let enquiry = step(&app, |tx| Ok(tx.new_id::<makker::base::ids::noun::Enquiry>()));
        assert!(!is_barred(&app, id, enquiry.cast()));
        for _ in 0..2 {
            step(&app, move |tx| bars::extend(tx, one_id, enquiry));
            step(&app, move |tx| bars::extend(tx, two_id, case));
        }
        assert!(is_barred(&app, id, enquiry.cast()), "what came later");
        assert_eq!(count(&mut app.database.connect(), "relations WHERE kind = 'bar'"), 5, "told twice, covered once");

        unit.post(&format!("/v1/bars/{first}/end"), &json!({})).ok();
        assert!(!is_barred(&app, id, enquiry.cast()) && !is_barred(&app, id, one_id.cast()));
        assert!(is_barred(&app, id, case.cast()), "the other bar still covers the case");
        unit.post(&format!("/v1/bars/{second}/end"), &json!({})).ok();
        assert!(!is_barred(&app, id, case.cast()));
        let later: EnquiryId = step(&app, |tx| Ok(tx.new_id()));
        step(&app, move |tx| bars::extend(tx, one_id, later));
        assert!(!is_barred(&app, id, later.cast()), "an ended bar covers nothing more");
    }

    fn whoever_bars_themselves_is_told_once(app: TestApp) {
        let id = app.enrol("unit", &[Role::Coordinator]);
        let unit = app.at_desk("unit");
        let relative = person(&unit, "Frodemund");
        let own = bar(&unit, id, &relative);
        unit.get(&format!("/v1/people/{relative}")).refused(404, "not_found");
        unit.post(&format!("/v1/bars/{own}/end"), &json!({})).refused(404, "not_found");
        let mentor = app.somebody("mentor", Role::Mentor);
        mentor.post("/v1/bars", &json!({"account_id": id, "person_id": relative, "cause": "family"})).refused(403, "forbidden");
        let officer = app.somebody("dpo", Role::DataProtectionOfficer);
        assert_eq!(officer.get("/v1/bars").ok()["items"].as_array().unwrap().len(), 1);
    }

    fn the_last_coordinators_bar_is_entered_and_said_to_be_the_last(app: TestApp) {
        let [own, id] = ["unit", "other"].map(|name| app.enrol(name, &[Role::Coordinator]));
        let unit = app.at_desk("unit");
        let relative = person(&unit, "Frodemund");
        case_of(&app, relative.parse().unwrap());
        let enter = |account: AccountId| unit.post("/v1/bars", &json!({"account_id": account, "person_id": relative, "cause": "family"})).ok();
        assert_eq!(enter(id)["warnings"], json!([]));
        assert_eq!(enter(own)["warnings"], json!(["nobody_left"]));
        assert!(app.somebody("third", Role::Coordinator).get("/v1/bars").ok()["items"][0].get("warnings").is_none());
    }

    fn a_relation_stands_as_long_as_one_of_its_causes(app: TestApp) {
        let account = app.enrol("bo", &[Role::Mentor]);
        let (person, one, two) = step(&app, |tx| Ok((tx.new_id::<makker::base::ids::noun::Person>(), tx.new_id(), tx.new_id())));
        let related = || step(&app, move |tx| store::related_accounts(tx, RelationKind::Runs, person, tx.now));
        for cause in [one, two, one] {
            step(&app, move |tx| store::grant(tx, account, (RelationKind::Runs, Role::Mentor), person, tx.now, "match", Some(cause)));
        }
        assert_eq!(count(&mut app.database.connect(), "relations WHERE kind = 'runs'"), 2);
        step(&app, move |tx| store::end_by_cause(tx, RelationKind::Runs, one, tx.now));
        assert_eq!(related(), [account]);
        step(&app, move |tx| store::end_by_cause(tx, RelationKind::Runs, two, tx.now));
        assert!(related().is_empty());
    }
}
