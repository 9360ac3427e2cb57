//! Joint sessions in the calendar of whoever meets several of their parts: one meeting, one entry, in a mailbox and in a feed.

use serde_json::{Value, json};

use super::{account_with_mail, events, invite, made, text};
use crate::joint::{family, joint, part};
use crate::sessions::staff;
use crate::support::TestApp;

const MALTES: &str = "malte@example.org";
const VITAS: &str = "vita@example.org";

/// Method and session of what reached a mailbox since this was last asked.
fn arrived(app: &TestApp, mailbox: &str) -> Vec<(String, String)> {
    let parts = app.capture.to(mailbox).into_iter().filter_map(|mail| mail.message.calendar);
    let mut all: Vec<(String, String)> = parts.map(|part| (part.method.clone(), events(&part.text).remove(0).0)).collect();
    all.sort();
    all
}

fn said(method: &str, session: &str) -> (String, String) {
    (method.to_owned(), session.to_owned())
}

/// The sessions of a feed.
fn fed(app: &TestApp, path: &str) -> Vec<String> {
    events(&text(&app.anybody().get(path))).into_iter().map(|event| event.0).collect()
}

both_engines! {
    fn whoever_meets_two_parts_has_one_entry(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        unit.patch(&format!("/v1/accounts/{}", mentor.account_id()), "*", &json!({"email": MALTES})).ok();
        let vita = account_with_mail(&app, "vita", VITAS, "da");
        let vitas = staff(&app, &vita, true);
        invite(mentor);
        invite(&vita);
        let feed = made(&mentor.post("/v1/me/calendar/feed", &json!({})));
        let planned = mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls]));
        let of = |matched: &str| part(&planned.ok(), matched)["id"].as_str().unwrap().to_owned();
        let (first, other) = (of(&family.boys).min(of(&family.girls)), of(&family.boys).max(of(&family.girls)));
        app.tick();
        assert_eq!((arrived(&app, MALTES), fed(&app, &feed)), (vec![said("REQUEST", &first)], vec![first.clone()]));
        app.capture.clear();
        let there = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"});
        mentor.post_if(&format!("/v1/joint-sessions/{}/move", planned.id()), &planned.tag(), &there).ok();
        app.tick();
        assert_eq!((arrived(&app, MALTES), fed(&app, &feed)), (vec![said("REQUEST", &first)], vec![first.clone()]));
        app.capture.clear();

        // Somebody covers both: one entry goes from the one to the other. Of one part taken back each has one.
        let away = json!({"kind": "illness", "from_on": "2026-03-12", "until_on": "2026-03-12"});
        let malte = mentor.get("/v1/me/staff").id();
        let entered = mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        let path = format!("/v1/staff/{malte}/leaves/{}/cover-decisions", entered["leaves"][0]["id"].as_str().unwrap());
        let cover = |session: &String| json!({"session_id": session, "cover": {"staff_id": vitas}});
        let decisions: Vec<Value> = [&first, &other].map(cover).into();
        unit.post(&path, &json!({"decisions": decisions})).ok();
        app.tick();
        assert_eq!((arrived(&app, MALTES), arrived(&app, VITAS)), (vec![said("CANCEL", &first)], vec![said("REQUEST", &first)]));
        app.capture.clear();
        unit.post(&format!("/v1/sessions/{first}/end-cover"), &json!({"by": "staff"})).ok();
        app.tick();
        assert_eq!(arrived(&app, MALTES), [said("REQUEST", &first)]);
        assert_eq!(arrived(&app, VITAS), [said("CANCEL", &first), said("REQUEST", &other)]);
        app.capture.clear();
        unit.post(&format!("/v1/sessions/{other}/end-cover"), &json!({"by": "staff"})).ok();
        app.tick();
        assert_eq!((arrived(&app, MALTES), arrived(&app, VITAS)), (vec![], vec![said("CANCEL", &other)]));
        app.capture.clear();

        // That part is off: the other stands in its place.
        mentor.post(&format!("/v1/sessions/{first}/cancel"), &json!({"by": "person", "new_time_agreed": true})).ok();
        app.tick();
        assert_eq!(arrived(&app, MALTES), [said("CANCEL", &first), said("REQUEST", &other)]);
        assert_eq!(fed(&app, &feed), [other.as_str()]);
        let mut lines: Vec<String> = app.capture.to(MALTES).into_iter().flat_map(|mail| mail.message.lines).collect();
        lines.sort();
        let (out, stands) = ("Aftalen torsdag den 12. marts kl. 16.00 er fjernet fra din kalender.", "Du har en aftale torsdag den 12. marts kl. 16.00.");
        assert_eq!(lines, [out, stands], "nothing says that it is off, for somebody waits there");
    }

    fn of_two_parts_one_may_be_nobodys_to_see(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        unit.patch(&format!("/v1/accounts/{}", mentor.account_id()), "*", &json!({"email": MALTES})).ok();
        invite(mentor);
        let planned = mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls])).ok();
        app.tick();
        assert_eq!(arrived(&app, MALTES).len(), 1);
        app.capture.clear();
        // A bar hides a whole case: what stood is taken out, and nothing comes in its place.
        unit.post("/v1/bars", &json!({"account_id": mentor.account_id(), "person_id": family.girl, "cause": "acquaintance"})).ok();
        app.tick();
        let (boys, girls) = (part(&planned, &family.boys), part(&planned, &family.girls));
        let first = boys["id"].as_str().min(girls["id"].as_str()).unwrap();
        assert_eq!(arrived(&app, MALTES), [said("CANCEL", first)]);
    }
}
