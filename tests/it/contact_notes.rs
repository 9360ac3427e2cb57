//! Contact notes over HTTP: written, corrected, settled; what a partner tells of; and who reads what.

use serde_json::{Value, json};

use crate::followups::{NOBODY, NOTES, begin, support};
use crate::sessions::{FIRST, family, held};
use crate::support::TestApp;
use crate::support::caller::Caller;

both_engines! {
    fn notes_are_written_corrected_and_read_by_coordinators(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        let coaching = unit.get(&format!("/v1/matches/{}", family.coaching)).ok();
        let (case, father) = (coaching["case_id"].clone(), coaching["person_id"].clone());
        let school = unit.post("/v1/agencies", &json!({"name": "Skolen", "kind": "school"})).id();
        let note = json!({"kind": "family_meeting", "outcome": "held", "happened_at": "2026-03-04T16:00:00Z", "person_ids": [father],
            "partner_id": school, "professional": "Skolelederen", "facts": "Frodemund er bekymret", "assessment": "Han vil gerne have hjælp",
            "next_step": {"words": "Ring til skolen", "on": "2026-03-10"}});
        let made = unit.post(NOTES, &json!({"case_id": case, "note": note}));
        let path = format!("{NOTES}/{}", made.id());
        assert_eq!((&made.ok()["note"]["next_step"]["state"], &made.ok()["note"]["done_by"]), (&json!("open"), &json!(unit.account_id())));
        let step = app.promised("agreed_step");
        assert_eq!((step[0].due_at.to_string().as_str(), step[0].owner_id.unwrap().to_string()), ("2026-03-10T22:59:59.999999Z", unit.account_id()));

        // Neither mentor nor coach reads notes; a supervisor of the match reads support contacts only.
        let supervisor = app.account("sofus", &["supervisor"]);
        unit.post(&format!("/v1/matches/{}/supervision", family.coaching), &json!({"account_id": supervisor.account_id()})).ok();
        for caller in [&family.mentor, &family.coach] {
            caller.get(&path).refused(403, "forbidden");
            caller.get(NOTES).refused(403, "forbidden");
            caller.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-04T16:00:00Z")).refused(403, "forbidden");
        }
        supervisor.get(&path).refused(404, "not_found");
        supervisor.post(NOTES, &json!({"case_id": case, "note": note})).refused(422, "invalid");
        supervisor.post(NOTES, &support(&family.mentoring, &["staff"], "2026-03-04T16:00:00Z")).refused(422, "invalid");
        let mut named = support(&family.coaching, &["staff"], "2026-03-04T16:00:00Z");
        named["note"]["person_ids"] = json!([father]);
        supervisor.post(NOTES, &named).refused(422, "invalid");
        let own = supervisor.post(NOTES, &support(&family.coaching, &["staff"], "2026-03-04T16:00:00Z"));
        let units = unit.post(NOTES, &support(&family.coaching, &["person"], "2026-03-04T16:30:00Z"));
        let seen = supervisor.get(NOTES).ok();
        let ids: Vec<_> = seen["items"].as_array().unwrap().iter().map(|item| (item["id"].clone(), item["case_id"].clone())).collect();
        assert_eq!(ids, [(json!(units.id()), Value::Null), (json!(own.id()), Value::Null)]);
        let contact = json!({"note": support("", &["staff"], "2026-03-04T15:30:00Z")["note"]});
        supervisor.put(&format!("{NOTES}/{}", units.id()), &units.tag(), &contact).refused(403, "forbidden");
        assert_eq!(supervisor.put(&format!("{NOTES}/{}", own.id()), &own.tag(), &contact).ok()["revision"], 2);
        assert_eq!(supervisor.get(&format!("{NOTES}/{}/versions", own.id())).ok()["items"].as_array().unwrap().len(), 2);
        app.keeps_for_good("note_versions", "revision");

        // What nobody can be.
        let refused = |case: &Value, change: &dyn Fn(&mut Value)| {
            let mut wrong = note.clone();
            change(&mut wrong);
            let problem = unit.post(NOTES, &json!({"case_id": case, "note": wrong})).refused(422, "invalid");
            (problem["errors"][0]["pointer"].as_str().unwrap().to_owned(), problem["errors"][0]["code"].as_str().unwrap().to_owned())
        };
        let says = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        let stranger = unit.person("parent", "Gudrunette", None);
        assert_eq!(refused(&json!(NOBODY), &|_| {}), says("/case_id", "unknown"));
        assert_eq!(refused(&Value::Null, &|_| {}), says("/case_id", "required"));
        assert_eq!(refused(&case, &|note| note["person_ids"] = json!([stranger])), says("/note/person_ids/0", "not_in_case"));
        assert_eq!(refused(&case, &|note| note["person_ids"] = json!([father, father])), says("/note/person_ids/1", "twice"));
        assert_eq!(refused(&case, &|note| note["done_by"] = json!(NOBODY)), says("/note/done_by", "unknown"));
        assert_eq!(refused(&case, &|note| note["partner_id"] = json!(NOBODY)), says("/note/partner_id", "unknown"));
        assert_eq!(refused(&case, &|note| note["next_step"]["owner_id"] = json!(NOBODY)), says("/note/next_step/owner_id", "not_an_owner"));
        // Nor whoever could never see it.
        let manager = app.account("lars", &["manager"]).account_id();
        assert_eq!(refused(&case, &|note| note["next_step"]["owner_id"] = json!(manager)), says("/note/next_step/owner_id", "not_an_owner"));
        assert_eq!(refused(&case, &|note| note["happened_at"] = json!("2026-03-04T17:05:01Z")), says("/note/happened_at", "after_now"));
        assert_eq!(refused(&case, &|note| note["happened_at"] = json!("2026-03-02T07:59:59Z")), says("/note/happened_at", "before_cause"));
        assert_eq!(refused(&case, &|note| note["kind"] = json!("support_contact")), says("/match_id", "required"));
        let other_case = json!({"case_id": app.founded_case(unit, &[&stranger]), "match_id": family.mentoring, "note": contact["note"]});
        assert_eq!(unit.post(NOTES, &other_case).refused(422, "invalid")["errors"][0]["code"], "wrong_case");

        // Corrected: the step moves, the original stays.
        let mut better = note.clone();
        better["person_ids"] = json!([father, family.boy]);
        better["facts"] = json!("Frodemund er meget bekymret");
        better["next_step"] = json!({"words": "Ring til skolen", "on": "2026-03-12", "owner_id": family.coach.account_id()});
        assert_eq!(unit.put(&path, "", &json!({"note": better})).status, 428);
        let corrected = unit.put(&path, &made.tag(), &json!({"note": better}));
        assert_eq!((&corrected.ok()["revision"], &corrected.ok()["note"]["facts"]), (&json!(2), &better["facts"]));
        unit.put(&path, &made.tag(), &json!({"note": better})).refused(412, "stale_version");
        let step = app.promised("agreed_step");
        assert_eq!((step.len(), step[0].due_at.to_string().as_str()), (1, "2026-03-12T22:59:59.999999Z"));
        assert_eq!(step[0].owner_id.unwrap().to_string(), family.coach.account_id());
        let versions = unit.get(&format!("{path}/versions")).ok();
        let facts: Vec<_> = versions["items"].as_array().unwrap().iter().map(|version| version["note"]["facts"].clone()).collect();
        assert_eq!(facts, [note["facts"].clone(), better["facts"].clone()]);

        // Taken out by mistake, it is put back.
        let mut without = better.clone();
        without.as_object_mut().unwrap().remove("next_step");
        unit.put(&path, &corrected.tag(), &json!({"note": without})).ok();
        assert_eq!(app.promise("agreed_step").2.as_deref(), Some("corrected"));
        unit.put(&path, &unit.get(&path).tag(), &json!({"note": better})).ok();
        assert_eq!(app.promise("agreed_step").0, "open");

        // The step is done, on a day that can have been; then it stays as it was agreed.
        app.set_clock("2026-03-11T10:00:00Z");
        let settle = |at: &str| unit.post(&format!("{path}/settle-step"), &json!({"happened_at": at}));
        assert_eq!(settle("2026-03-04T15:59:59Z").refused(422, "invalid")["errors"][0]["code"], "before_cause");
        assert_eq!(settle("2026-03-11T10:05:01Z").refused(422, "invalid")["errors"][0]["code"], "after_now");
        let settled = settle("2026-03-09T12:00:00Z");
        assert_eq!((&settled.ok()["state"], &settled.ok()["settled_at"]), (&json!("done"), &json!("2026-03-09T12:00:00Z")));
        settle("2026-03-09T12:00:00Z").refused(409, "wrong_state");
        let settled = unit.get(&path);
        assert_eq!(settled.ok()["note"]["next_step"]["state"], "done");
        better["next_step"]["on"] = json!("2026-03-13");
        unit.put(&path, &settled.tag(), &json!({"note": better})).refused(409, "wrong_state");
        better["next_step"]["on"] = json!("2026-03-12");
        better["assessment"] = Value::Null;
        unit.put(&path, &settled.tag(), &json!({"note": better})).ok();
        assert_eq!(app.promise("agreed_step").0, "done");
        // Another's step, withdrawn; and one that a correction takes away.
        let call = |owner: &str| json!({"kind": "call", "outcome": "did_not_appear", "by": "partner", "happened_at": "2026-03-11T09:00:00Z",
            "next_step": {"words": "Prøv igen", "on": "2026-03-20", "owner_id": owner}});
        let second = unit.post(NOTES, &json!({"case_id": case, "note": call(&family.mentor.account_id())}));
        let settle = format!("{NOTES}/{}/settle-step", second.id());
        family.coach.post(&settle, &json!({})).refused(404, "not_found");
        let step = format!("{NOTES}/{}/step", second.id());
        family.coach.get(&step).refused(404, "not_found");
        unit.get(&step).ok();
        let seen = family.mentor.get(&step).ok();
        assert_eq!((&seen["words"], &seen["on"], &seen["state"], seen.get("facts")), (&json!("Prøv igen"), &json!("2026-03-20"), &json!("open"), None));
        // The mentor whose step it is does not read the note, and says what became of it.
        assert_eq!(family.mentor.post(&settle, &json!({"withdrawn": true})).ok()["state"], "ended");
        let third = unit.post(NOTES, &json!({"case_id": case, "note": call(&family.mentor.account_id())}));
        let mut without = call("");
        without["next_step"] = Value::Null;
        unit.put(&format!("{NOTES}/{}", third.id()), &third.tag(), &json!({"note": without})).ok();
        unit.post(&format!("{NOTES}/{}/settle-step", third.id()), &json!({})).refused(409, "wrong_state");
        let steps = app.promised("agreed_step");
        let mut told: Vec<_> = steps.iter().map(|duty| (duty.state.as_str(), duty.reason.as_deref())).collect();
        told.sort_unstable();
        assert_eq!(told, [("done", None), ("ended", Some("corrected")), ("ended", Some("withdrawn"))]);

        // Lists; and a bar on one of the people hides the note.
        let count = |caller: &Caller<'_>, query: &str| caller.get(&format!("{NOTES}?{query}")).ok()["items"].as_array().unwrap().len();
        let father = father.as_str().unwrap();
        assert_eq!((count(unit, &format!("person={father}")), count(unit, "kind=call"), count(unit, &format!("match={}", family.coaching))), (1, 2, 2));
        assert_eq!((count(unit, "outcome=held"), count(unit, "from=2026-03-11T00:00:00Z"), count(unit, "until=2026-03-04T16:00:00Z")), (3, 2, 1));
        let other = app.account("carla", &["coordinator"]);
        other.get(&path).ok();
        unit.post("/v1/bars", &json!({"account_id": other.account_id(), "person_id": father, "cause": "family"})).ok();
        other.get(&path).refused(404, "not_found");
        assert_eq!(count(&other, ""), 0);
    }

    fn the_school_calls_he_cancelled_and_then_did_not_come(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        app.set_clock("2026-03-04T17:00:00Z");
        let case = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].clone();
        let told = |second: Value| json!({"kind": "call", "outcome": "held", "happened_at": "2026-03-04T16:00:00Z", "professional": "Klasselæreren",
            "facts": "Bertramius meldte afbud og blev så væk", "reported_meetings": [
                {"person_id": family.boy, "starts_at": "2026-03-03T09:00:00Z", "outcome": "cancelled", "by": "person"}, second]});
        let missed = json!({"person_id": family.boy, "starts_at": "2026-03-04T09:00:00Z", "outcome": "no_show"});
        let made = unit.post(NOTES, &json!({"case_id": case, "note": told(missed.clone())}));
        assert_eq!(made.ok()["note"]["reported_meetings"][1]["outcome"], "no_show");
        let (state, due, _) = app.promise("missed_twice");
        assert_eq!((state.as_str(), due.as_str()), ("open", "2026-03-06T22:59:59.999999Z"));
        // He came late, the school says; no, it was somebody else.
        let path = format!("{NOTES}/{}", made.id());
        let came = json!({"person_id": family.boy, "starts_at": "2026-03-04T09:00:00Z", "outcome": "held"});
        let corrected = unit.put(&path, &made.tag(), &json!({"note": told(came)}));
        corrected.ok();
        assert_eq!(app.promise("missed_twice").2.as_deref(), Some("corrected"));
        unit.put(&path, &corrected.tag(), &json!({"note": told(missed)})).ok();
        assert_eq!(app.promise("missed_twice").0, "open");
        // The mentor waits in vain, too: the same run. Then they meet.
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z");
        (log["outcome"], log["minutes"]) = (json!("no_show"), Value::Null);
        family.mentor.put(FIRST, "", &log).ok();
        assert_eq!(app.promise("missed_twice").0, "open");
        // By a clock that is some minutes ahead: both are now.
        let (mut call, now) = (told(json!({"person_id": family.boy, "starts_at": "2026-03-04T17:04:00Z", "outcome": "tried"})), json!("2026-03-04T17:00:00Z"));
        call["happened_at"] = json!("2026-03-04T17:05:00Z");
        let said = unit.post(NOTES, &json!({"case_id": case, "note": call})).ok()["note"].clone();
        assert_eq!((&said["happened_at"], &said["reported_meetings"][1]["starts_at"]), (&now, &now));
        let stranger = json!({"person_id": NOBODY, "starts_at": "2026-03-04T09:00:00Z", "outcome": "no_show"});
        let refused = unit.post(NOTES, &json!({"case_id": case, "note": told(stranger)})).refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/note/reported_meetings/1/person_id");
    }

    fn a_run_of_misses_goes_on_in_the_case_that_is_left(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let first = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].clone();
        let second = app.founded_case(unit, &[&family.boy]);
        app.set_clock("2026-03-04T17:00:00Z");
        let mut log = held(&family.mentoring, "2026-03-03T15:00:00Z", "2026-03-04T16:00:00Z");
        (log["outcome"], log["minutes"]) = (json!("no_show"), Value::Null);
        family.mentor.put(FIRST, "", &log).ok();
        let note = json!({"kind": "call", "outcome": "held", "happened_at": "2026-03-04T16:00:00Z", "professional": "Klasselæreren",
            "facts": "Han kom ikke", "reported_meetings": [{"person_id": family.boy, "starts_at": "2026-03-04T09:00:00Z", "outcome": "no_show"}]});
        unit.post(NOTES, &json!({"case_id": second, "note": note})).ok();
        let open = || {
            let open = unit.get("/v1/duties?kind=missed_twice").ok()["items"].as_array().unwrap().clone();
            open.iter().map(|duty| duty["case_id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(open(), [json!(second)]);
        let close = |case: &str| unit.post(&format!("/v1/cases/{case}/close"), &json!({"reason": "handed_over", "happened_at": app.clock.now()})).ok();
        close(&second);
        assert_eq!(open(), [first]);
        assert_eq!(app.promised("missed_twice").len(), 1);
        // Reported in a case that is closed already, of somebody else: theirs is the case that is open.
        let third = app.founded_case(unit, &[&family.father]);
        close(&third);
        let meeting = |day: &str| json!({"person_id": family.father, "starts_at": format!("2026-03-{day}T09:00:00Z"), "outcome": "no_show"});
        let note = |day: &str| json!({"kind": "call", "outcome": "held", "happened_at": app.clock.now(), "professional": "Jobcentret",
            "facts": "Han kom ikke", "reported_meetings": [meeting(day)]});
        app.set_clock("2026-03-06T17:00:00Z");
        unit.post(NOTES, &json!({"case_id": open()[0], "note": note("03")})).ok();
        unit.post(NOTES, &json!({"case_id": third, "note": note("05")})).ok();
        assert_eq!(open(), [open()[0].clone(), open()[0].clone()]);
    }
}
