//! One-tap answers: who gets a link, what whoever holds it sees and does, what becomes of it, and everything that is no link.

mod children;
mod public;
mod ways;

use chrono::TimeDelta;
use makker::base::db::Engine;
use makker::messages::channels::folder::Captured;
use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, family, held, matched, plan, staff};
use crate::support::caller::Caller;
use crate::support::http::{Answer, Request};
use crate::support::{OnEngine, TestApp};

/// The boy's number.
const NUMBER: &str = "+4520123456";

/// Where links are on a host of their own.
const OF_LINKS: &str = "https://aftale.example.org";

/// An app whose settings name a number to call.
struct WithNumber(TestApp);

impl OnEngine for WithNumber {
    fn on(engine: Engine) -> Self {
        Self(TestApp::with(engine, |config| config.programme.reminders.call_number = "70 10 10 10".into()))
    }
}

fn contact(unit: &Caller<'_>, person: &str, contact: &Value) {
    let tag = unit.get(&format!("/v1/people/{person}")).tag();
    unit.put(&format!("/v1/people/{person}/contact"), &tag, contact).ok();
}

/// Records a yes or no to links.
fn choose(caller: &Caller<'_>, person: &str, wants_links: bool) -> Answer {
    caller.post(&format!("/v1/people/{person}/link-choices"), &json!({ "wants_links": wants_links }))
}

/// The path of the link in a message that was sent.
fn path(sent: &Captured) -> String {
    let link = sent.message.link.as_deref().expect("the message carries a link");
    let of_public = link.strip_prefix("http://127.0.0.1:8080");
    of_public.or_else(|| link.strip_prefix(OF_LINKS)).expect("a link begins with the address of links").to_owned()
}

/// A family whose boy wants links, his session on Wednesday 11 March at 16:00 in Copenhagen, and the link of the reminder of Friday the 6th.
struct Linked<'a> {
    family: Family<'a>,
    session: String,
    link: String,
}

impl<'a> Linked<'a> {
    fn new(app: &'a TestApp) -> Self {
        let family = family(app);
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
        choose(&family.mentor, &family.boy, true).ok();
        let session = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!(app.tick().accepted, 1);
        let link = path(&app.capture.to(NUMBER)[0]);
        Self { family, session, link }
    }

    /// The session as the mentor sees it.
    fn seen(&self) -> Value {
        self.family.mentor.get(&format!("/v1/sessions/{}", self.session)).ok()
    }

    /// Settles the present answer.
    fn settle(&self, caller: &Caller<'_>, body: &Value) -> Answer {
        let answer = self.seen()["answered_by_link"]["id"].as_str().unwrap().to_owned();
        caller.post(&format!("/v1/sessions/{}/answers/{answer}/settle", self.session), body)
    }
}

/// Opens a page as a browser does, without a login.
fn look(app: &TestApp, link: &str) -> Answer {
    app.anybody().get(link)
}

/// Presses a button.
fn press(app: &TestApp, link: &str, button: &str) -> Answer {
    let form = Request::new("POST", link).header("Content-Type", "application/x-www-form-urlencoded");
    app.anybody().send(form.body(format!("answer={button}")))
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("a page is UTF-8")
}

pub fn push_to(caller: &Caller<'_>, token: &str) {
    let device = caller.tokens()["device_id"].as_str().unwrap().to_owned();
    caller.patch(&format!("/v1/me/devices/{device}"), "*", &json!({"push_target": {"provider": "fcm", "token": token}})).ok();
}

/// What a phone or mailbox was told, in order.
fn told(app: &TestApp, to: &str) -> Vec<String> {
    app.capture.to(to).into_iter().map(|sent| format!("{} {}", sent.at, sent.message.lines.join("|"))).collect()
}

const ANSWERS: &str = "SELECT answer || CASE WHEN undone_at IS NULL THEN '' ELSE ' undone' END || ' ' || coalesce(outcome, 'open') AS line \
    FROM session_answers ORDER BY answered_at, id";

both_engines! {
    fn links_are_off_until_somebody_says_yes(app: WithNumber) {
        let app = &app.0;
        let family = family(app);
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        app.set_clock("2026-03-06T16:00:00Z");
        app.tick();
        let when = "Du har en aftale onsdag den 11. marts kl. 16.00.";
        let first = &app.capture.to(NUMBER)[0];
        assert_eq!((first.message.lines.as_slice(), &first.message.link), (&[when.to_owned(), "Ring 70 10 10 10, hvis tiden ikke passer.".to_owned()][..], &None));

        // His coach's colleague may not say yes for him, nor may the future.
        choose(&family.coach, &family.boy, true).refused(404, "not_found");
        let early = json!({"wants_links": true, "happened_at": "2026-03-06T16:05:01Z"});
        let refused = family.mentor.post(&format!("/v1/people/{}/link-choices", family.boy), &early).refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/happened_at");
        let chosen = choose(&family.mentor, &family.boy, true).ok();
        assert_eq!((&chosen["stands"], &chosen["by_custody_holder"], &chosen["chooser_id"]), (&json!(true), &json!(false), &Value::Null));
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let second = &app.capture.to(NUMBER)[1];
        assert_eq!(second.message.lines, [when, "Svar her:"]);
        let link = path(second);
        let page = text(&look(app, &link));
        assert!(page.contains("tel:+4570101010"), "{page}");

        // A no retracts it, whenever it is said; the next reminder names the number again.
        app.pass(TimeDelta::minutes(1));
        choose(&family.unit, &family.boy, false).ok();
        assert_eq!(look(app, &link).status, 404);
        assert_eq!(press(app, &link, "cancel").status, 404);
        app.pass(TimeDelta::minutes(1));
        choose(&family.unit, &family.boy, true).ok();
        assert_eq!(look(app, &link).status, 200);
        // So does the wish for no messages; and nobody who has it can say yes.
        contact(&family.unit, &family.boy, &json!({"phone": NUMBER, "no_messages": true}));
        assert_eq!(look(app, &link).status, 404);
        choose(&family.unit, &family.boy, true).refused(409, "wrong_state");
        app.pass(TimeDelta::minutes(1));
        choose(&family.unit, &family.boy, false).ok();
        let all = family.unit.get(&format!("/v1/people/{}/link-choices", family.boy)).ok();
        let said: Vec<_> = all["items"].as_array().unwrap().iter().map(|choice| (choice["wants_links"].clone(), choice["stands"].clone())).collect();
        assert_eq!(said.len(), 4);
        assert_eq!(said[0], (json!(false), json!(true)));
        assert!(said[1..].iter().all(|(_, stands)| stands == &json!(false)), "{said:?}");
        assert_eq!(family.mentor.get(&format!("/v1/people/{}/link-choices?limit=1", family.boy)).ok()["items"][0]["chooser_id"], Value::Null);
        family.coach.get(&format!("/v1/people/{}/link-choices", family.boy)).refused(404, "not_found");
    }

    fn of_two_choices_of_one_moment_the_later_counts(app: TestApp) {
        let family = family(&app);
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
        for wants_links in [true, false].repeat(4) {
            assert_eq!(choose(&family.mentor, &family.boy, wants_links).ok()["stands"], true, "the clock stands");
            let all = family.unit.get(&format!("/v1/people/{}/link-choices", family.boy)).ok();
            assert_eq!((&all["items"][0]["wants_links"], &all["items"][0]["stands"]), (&json!(wants_links), &json!(true)));
        }
    }

    fn an_answer_is_noted_replaced_and_undone(app: TestApp) {
        let linked = Linked::new(&app);
        let link = &linked.link;
        let before = linked.seen();
        assert!(text(&look(&app, link)).contains("Onsdag den 11. marts kl. 16.00"));
        assert!(text(&look(&app, &format!("{link}?l=en"))).contains("Wednesday 11 March at 16:00"));
        assert_eq!(before["answered_by_link"], Value::Null);

        let posted = press(&app, &format!("{link}?l=en"), "cancel");
        let token = link.rsplit('/').next().unwrap();
        assert_eq!((posted.status, posted.header("location"), posted.body.len()), (303, Some(format!("./{token}?l=en").as_str()), 0));
        assert!(text(&look(&app, link)).contains("Noteret: Du kan ikke komme."));
        let seen = linked.seen();
        let answered = &seen["answered_by_link"];
        assert_eq!((&answered["answer"], &answered["answered_at"], &answered["by_custody_holder"], &answered["outcome"]),
            (&json!("cancel"), &json!("2026-03-06T16:00:00Z"), &json!(false), &Value::Null));
        assert_eq!((&seen["state"], &seen["version"]), (&json!("planned"), &before["version"]));
        assert_eq!(linked.family.unit.get("/v1/sessions").ok()["items"][0]["answered_by_link"]["id"], answered["id"]);
        // The same again, from another window or a back button, is the same.
        app.pass(TimeDelta::minutes(1));
        press(&app, link, "cancel");
        assert_eq!(app.lines(ANSWERS), ["cancel open"]);
        press(&app, link, "ask_to_move");
        assert_eq!(linked.seen()["answered_by_link"]["answer"], "ask_to_move");
        app.pass(TimeDelta::minutes(1));
        press(&app, link, "undo");
        press(&app, link, "undo");
        assert_eq!(linked.seen()["answered_by_link"], Value::Null);
        assert!(!text(&look(&app, link)).contains("Noteret"));
        // To the last moment, and not after.
        app.set_clock("2026-03-11T14:59:59Z");
        press(&app, link, "confirm");
        app.set_clock("2026-03-11T15:00:00Z");
        assert_eq!((press(&app, link, "undo").status, look(&app, link).status), (404, 404));
        assert_eq!(app.lines(ANSWERS), ["cancel undone open", "ask_to_move undone open", "confirm open"]);
        assert_eq!(linked.seen()["answered_by_link"]["answer"], "confirm");
        // Every look and answer is in the journal as the person's own, by nobody's account.
        let journal = "SELECT DISTINCT actor || ' ' || operation || ' ' || act || ' ' || purpose || ' ' || subject_kind || coalesce(CAST(account_id AS TEXT), '') AS line \
            FROM journal WHERE operation LIKE 'links.%' AND subject_kind IN ('person', 'session') ORDER BY 1";
        let expected = ["public links.answer change appointment person", "public links.answer change appointment session",
            "public links.answer read appointment person", "public links.answer read appointment session",
            "public links.open read appointment person", "public links.open read appointment session"];
        assert_eq!(app.lines(journal), expected);
        // A link is kept no longer than it is good.
        app.set_clock("2026-03-12T03:00:00Z");
        app.tick();
        assert_eq!(app.lines("SELECT 'left' AS line FROM session_links"), Vec::<String>::new());
    }

    fn an_answer_alone_never_counts_and_the_mentor_settles_it(app: TestApp) {
        let linked = Linked::new(&app);
        let (mentor, unit) = (&linked.family.mentor, &linked.family.unit);
        press(&app, &linked.link, "confirm");
        linked.settle(mentor, &json!({"outcome": "kept"})).refused(409, "wrong_state");
        app.set_clock("2026-03-11T13:00:00Z");
        press(&app, &linked.link, "cancel");
        // Neither counts it, nor does it give the time away.
        assert!(app.promised("missed_twice").is_empty());
        let clash = mentor.post("/v1/sessions", &plan(&linked.family.mentoring, "2026-03-11T15:30:00Z", "2026-03-11T16:00:00Z"));
        clash.refused(409, "claims_overlap");
        for (body, pointer) in [
            (json!({"outcome": "moved"}), "/starts_at"),
            (json!({"outcome": "moved", "starts_at": "2026-03-12T15:00:00Z"}), "/ends_at"),
            (json!({"outcome": "kept", "new_time_agreed": true}), "/new_time_agreed"),
            (json!({"outcome": "cancelled", "starts_at": "2026-03-12T15:00:00Z"}), "/starts_at"),
            (json!({"outcome": "logged"}), "/outcome"),
            (json!({"outcome": "moved", "starts_at": "2026-03-11T15:00:00Z", "ends_at": "2026-03-11T16:30:00Z"}), "/starts_at"),
        ] {
            assert_eq!(linked.settle(mentor, &body).refused(422, "invalid")["errors"][0]["pointer"], pointer, "{body}");
        }
        linked.settle(&linked.family.coach, &json!({"outcome": "kept"})).refused(404, "not_found");
        // It stays: the answer is settled, and the same link may be used anew.
        assert_eq!(linked.settle(mentor, &json!({"outcome": "kept"})).ok()["answered_by_link"]["outcome"], "kept");
        assert!(!text(&look(&app, &linked.link)).contains("Noteret"));
        app.pass(TimeDelta::minutes(1));
        press(&app, &linked.link, "ask_to_move");
        let id = linked.seen()["answered_by_link"]["id"].as_str().unwrap().to_owned();
        press(&app, &linked.link, "undo");
        let undone = mentor.post(&format!("/v1/sessions/{}/answers/{id}/settle", linked.session), &json!({"outcome": "kept"}));
        undone.refused(409, "wrong_state");
        app.set_clock("2026-03-11T14:30:00Z");
        press(&app, &linked.link, "cancel");
        app.pass(TimeDelta::minutes(20));
        let settled = linked.settle(mentor, &json!({"outcome": "cancelled"})).ok();
        assert_eq!((&settled["state"], &settled["cancelled_by"], &settled["cancelled_at"], &settled["late_cancellation"]),
            (&json!("cancelled"), &json!("person"), &json!("2026-03-11T14:30:00Z"), &json!(true)));
        assert_eq!((&settled["answered_by_link"]["outcome"], look(&app, &linked.link).status), (&json!("cancelled"), 404));
        // Now it counts: with one more it is two in a row.
        assert!(app.promised("missed_twice").is_empty());
        app.set_clock("2026-03-12T17:00:00Z");
        let mut missed = held(&linked.family.mentoring, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        (missed["outcome"], missed["minutes"]) = (json!("no_show"), Value::Null);
        mentor.put(FIRST, "", &missed).ok();
        assert_eq!(app.promise("missed_twice").0, "open");
        assert_eq!(unit.get(&format!("/v1/sessions/{}", linked.session)).ok()["answered_by_link"]["answer"], "cancel");
    }

    fn a_move_is_agreed_and_the_old_link_is_dead(app: TestApp) {
        let linked = Linked::new(&app);
        press(&app, &linked.link, "ask_to_move");
        app.pass(TimeDelta::minutes(5));
        let there = json!({"outcome": "moved", "starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:30:00Z"});
        let moved = linked.settle(&linked.family.mentor, &there).ok();
        assert_eq!((&moved["starts_at"], &moved["moved_count"], &moved["answered_by_link"]), (&json!("2026-03-12T15:00:00Z"), &json!(1), &Value::Null));
        assert_eq!((look(&app, &linked.link).status, app.lines(ANSWERS)), (404, vec!["ask_to_move moved".to_owned()]));
        // The message that tells of the new time carries a new link.
        app.tick();
        let news = app.capture.to(NUMBER).pop().unwrap();
        assert_eq!(news.message.lines, ["Din aftale er flyttet til torsdag den 12. marts kl. 16.00.", "Svar her:"]);
        assert!(text(&look(&app, &path(&news))).contains("Torsdag den 12. marts kl. 16.00"));
        // A log settles what nobody settled.
        press(&app, &path(&news), "cancel");
        app.set_clock("2026-03-12T17:00:00Z");
        linked.family.mentor.put(FIRST, "", &held(&linked.family.mentoring, "2026-03-12T15:00:00Z", "2026-03-12T16:40:00Z")).ok();
        assert_eq!(app.lines(ANSWERS), ["ask_to_move moved", "cancel logged"]);
    }

    fn a_cancellation_reaches_the_mentor_in_time(app: TestApp) {
        let linked = Linked::new(&app);
        push_to(&linked.family.mentor, "malte");
        app.set_clock("2026-03-11T14:00:00Z");
        press(&app, &linked.link, "confirm");
        app.tick();
        assert!(told(&app, "malte").is_empty(), "who comes asks for nothing");
        press(&app, &linked.link, "cancel");
        app.tick();
        let expected = "2026-03-11T14:00:00Z Der er kommet svar om din aftale onsdag den 11. marts kl. 16.00.";
        assert_eq!(told(&app, "malte"), [expected]);
        // Taken back after it was told: the mentor hears of that, too.
        app.pass(TimeDelta::minutes(10));
        press(&app, &linked.link, "undo");
        app.tick();
        assert_eq!(told(&app, "malte").len(), 2);
        // Taken back before it was told: nothing goes.
        press(&app, &linked.link, "cancel");
        press(&app, &linked.link, "undo");
        app.tick();
        assert_eq!(told(&app, "malte").len(), 2);
        // Replaced by another answer that is told itself: once.
        press(&app, &linked.link, "cancel");
        app.tick();
        press(&app, &linked.link, "ask_to_move");
        app.tick();
        assert_eq!(told(&app, "malte").len(), 4);
        let kinds = "SELECT DISTINCT kind || ' ' || channel || ' ' || recipient_kind AS line FROM messages WHERE kind = 'appointment_answered'";
        assert_eq!(app.lines(kinds), ["appointment_answered push account"]);
    }

    fn without_a_phone_the_mentor_gets_a_mail_and_a_night_passes_first(app: TestApp) {
        let family = family(&app);
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
        choose(&family.mentor, &family.boy, true).ok();
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
        let nora = json!({"name": "nora", "display_name": "nora", "roles": ["mentor"], "email": "nora@example.org", "password": crate::support::caller::PASSWORD});
        family.unit.post("/v1/accounts", &nora).ok();
        let nora = app.sign_in("nora");
        let member = staff(&app, &nora, true);
        let matched = matched(&family.unit, &nora, &family.course, &member);
        nora.post("/v1/sessions", &plan(&matched, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let link = path(&app.capture.to(NUMBER).pop().unwrap());
        app.set_clock("2026-03-10T21:00:00Z");
        press(&app, &link, "cancel");
        app.tick();
        assert!(told(&app, "nora@example.org").is_empty());
        app.set_clock("2026-03-11T07:00:00Z");
        app.tick();
        let expected = "2026-03-11T07:00:00Z Der er kommet svar om din aftale onsdag den 11. marts kl. 16.00.";
        assert_eq!(told(&app, "nora@example.org"), [expected]);
    }

    fn an_answer_that_reaches_nobody_is_passed_on_by_hand(app: TestApp) {
        let linked = Linked::new(&app);
        press(&app, &linked.link, "cancel");
        app.tick();
        let errands = || -> Vec<(String, String)> {
            let listed = linked.family.unit.get("/v1/duties?kind=tell_by_hand").ok();
            let line = |duty: &Value| (duty["subject_kind"].as_str().unwrap().to_owned(), duty["due_at"].as_str().unwrap().to_owned());
            listed["items"].as_array().unwrap().iter().map(line).collect()
        };
        assert_eq!(errands(), [("answer".to_owned(), "2026-03-10T22:59:59.999999Z".to_owned())]);
        // The mentor's own phone shows it on the first screen.
        let carried = linked.family.mentor.get("/v1/today").ok();
        let session = &carried["sessions"][0];
        assert_eq!((&session["answer"], &session["answer_id"]), (&json!("cancel"), &linked.seen()["answered_by_link"]["id"]));
        assert!(session["answer_id"].is_string());
        press(&app, &linked.link, "undo");
        assert!(errands().is_empty());
        assert_eq!(linked.family.mentor.get("/v1/today").ok()["sessions"][0]["answer"], Value::Null);
    }

    fn an_answer_goes_to_nobody_who_may_not_see_the_session(app: TestApp) {
        let linked = Linked::new(&app);
        let Family { unit, mentor, boy, .. } = &linked.family;
        push_to(mentor, "malte");
        let errands = || {
            let open = unit.get("/v1/duties?kind=tell_by_hand&state=open").ok();
            open["items"].as_array().unwrap().iter().map(|duty| duty["subject_kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let barred = json!({"account_id": mentor.account_id(), "person_id": boy, "cause": "family"});
        let bar = unit.post("/v1/bars", &barred).id();
        press(&app, &linked.link, "cancel");
        app.tick();
        assert_eq!((told(&app, "malte").len(), errands()), (0, vec!["answer".to_owned()]));
        // The bar ends: they act on it themselves.
        unit.post(&format!("/v1/bars/{bar}/end"), &json!({})).ok();
        app.tick();
        assert_eq!((told(&app, "malte").len(), errands()), (1, vec![]));
        // Without their role they do not any more; and what is taken back is nothing to them.
        let account = format!("/v1/accounts/{}", mentor.account_id());
        unit.put(&format!("{account}/roles"), &unit.get(&account).tag(), &json!({"roles": ["supervisor"]})).ok();
        assert_eq!(errands(), ["answer"]);
        press(&app, &linked.link, "undo");
        app.tick();
        assert_eq!((told(&app, "malte").len(), errands()), (1, vec![]));
    }
}
