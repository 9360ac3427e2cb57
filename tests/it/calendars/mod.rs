//! Calendars of mentors and coaches: a private feed and invitations by mail, as their programs and others read them.

mod covers;
mod doubts;
mod invitations;
mod known_starts;
mod mailboxes;
mod meetings;
mod readers;
mod refused_words;

use serde_json::{Value, json};

use crate::sessions::{course, matched, plan, staff};
use crate::support::caller::{Caller, PASSWORD};
use crate::support::http::{Answer, Request};
use crate::support::privacy::leaks;
use crate::support::{Engine, TestApp};

/// A boy of 15 whose mentor has a mailbox.
pub struct Pair<'a> {
    pub unit: Caller<'a>,
    pub mentor: Caller<'a>,
    pub staff: String,
    pub matched: String,
}

/// An account with a mail address.
pub fn account_with_mail<'a>(app: &'a TestApp, name: &str, email: &str, language: &str) -> Caller<'a> {
    let account =
        json!({"name": name, "display_name": name, "roles": ["mentor"], "email": email, "language": language, "password": PASSWORD});
    app.coordinator().post("/v1/accounts", &account).ok();
    app.sign_in(name)
}

/// Asks for invitations.
pub fn invite(who: &Caller<'_>) {
    who.patch("/v1/me/calendar", &who.get("/v1/me/calendar").tag(), &json!({"invitations": true})).ok();
}

pub fn pair<'a>(app: &'a TestApp, email: &str) -> Pair<'a> {
    let unit = app.coordinator();
    let (boy, father) = (unit.person("young_person", "Bertramius", Some("2010-05-01")), unit.person("parent", "Frodemund", None));
    unit.set_custody(&boy, &[&father]);
    let case = app.founded_case(&unit, &[&boy, &father]);
    let mentor = account_with_mail(app, "malte", email, "da");
    let staff = staff(app, &mentor, true);
    let course = course(app, &unit, &case, &boy, &[&father], "mentor");
    let matched = matched(&unit, &mentor, &course, &staff);
    Pair { unit, mentor, staff, matched }
}

impl Pair<'_> {
    pub fn session(&self, starts_at: &str, ends_at: &str) -> String {
        self.mentor.post("/v1/sessions", &plan(&self.matched, starts_at, ends_at)).id()
    }

    pub fn move_to(&self, session: &str, starts_at: &str, ends_at: &str) {
        let tag = self.mentor.get(&format!("/v1/sessions/{session}")).tag();
        self.mentor.post_if(&format!("/v1/sessions/{session}/move"), &tag, &json!({"starts_at": starts_at, "ends_at": ends_at})).ok();
    }

    pub fn cancel(&self, session: &str) {
        self.mentor.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
    }
}

/// The path of a feed that was just made.
fn made(answer: &Answer) -> String {
    let url = answer.ok()["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("http://127.0.0.1:8080").unwrap();
    let secret = path.strip_prefix("/calendar/").and_then(|rest| rest.strip_suffix(".ics")).unwrap();
    assert_eq!(secret.len(), 22, "128 bits");
    path.to_owned()
}

fn text(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/calendar; charset=utf-8")), "{answer}");
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(leaks([("a feed", text.as_bytes())]).is_empty(), "{text}");
    for word in ["LOCATION", "library", "DESCRIPTION", "ATTENDEE", "ORGANIZER", "makker", "mentor"] {
        assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{word} in {text}");
    }
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    text
}

/// What stands in an appointment, unfolded, under a name; nothing where that is missing.
pub fn value(event: &str, name: &str) -> String {
    let line = event.lines().find(|line| line.starts_with(&format!("{name}:")) || line.starts_with(&format!("{name};")));
    line.and_then(|line| line.split_once(':')).map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// UID, SEQUENCE, start and status of each appointment of a calendar.
pub fn events(text: &str) -> Vec<(String, String, String, String)> {
    let text = text.replace("\r\n ", "");
    let events = text.split("BEGIN:VEVENT\r\n").skip(1);
    events.map(|event| (value(event, "UID"), value(event, "SEQUENCE"), value(event, "DTSTART"), value(event, "STATUS"))).collect()
}

/// What an address without a feed answers, but for the id of the request.
fn nothing(answer: &Answer) -> Value {
    let mut problem = answer.refused(404, "not_found");
    problem["request_id"] = Value::Null;
    problem
}

both_engines! {
    fn a_feed_is_off_shown_once_rotated_and_ended(app: TestApp) {
        let pair = pair(&app, "malte@example.org");
        let (mentor, anybody) = (&pair.mentor, app.anybody());
        let first = pair.session("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        let second = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z");
        assert_eq!(mentor.get("/v1/me/calendar").ok(), json!({"feed_made_at": null, "invitations": false, "version": 0}));
        pair.unit.get("/v1/me/calendar").refused(403, "forbidden");

        let request = || Request::new("POST", "/v1/me/calendar/feed").header("Idempotency-Key", "feed-1");
        let path = made(&mentor.send(request()));
        assert_eq!(mentor.get("/v1/me/calendar").ok()["feed_made_at"], "2026-03-02T08:00:00Z");
        // Whoever lost the answer makes another: what is stored does not give the secret back.
        assert_eq!(mentor.send(request()).ok()["url"], Value::Null);
        let answer = anybody.get(&path);
        let agreed = |id: &String, sequence: &str, starts: &str| (id.clone(), sequence.to_owned(), starts.to_owned(), "CONFIRMED".to_owned());
        assert_eq!(events(&text(&answer)), [agreed(&first, "0", "20260304T160000"), agreed(&second, "0", "20260311T160000")]);
        let read = "SELECT DISTINCT actor || ' ' || act || ' ' || subject_kind || ' ' || purpose AS line FROM journal WHERE operation = 'calendars.feed' ORDER BY 1";
        assert_eq!(app.lines(read), ["account read person course", "account read session course", "account read staff course"]);
        assert_eq!(anybody.send(Request::new("GET", &path).header("If-None-Match", &answer.tag())).status, 304);

        pair.move_to(&second, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        pair.cancel(&first);
        assert_eq!(events(&text(&anybody.get(&path))), [agreed(&second, "1", "20260312T160000")]);

        // Another secret in its place; then none.
        let other = made(&mentor.post("/v1/me/calendar/feed", &json!({})));
        let unknown = nothing(&anybody.get("/calendar/AAAAAAAAAAAAAAAAAAAAAA.ics"));
        assert_eq!(nothing(&anybody.get(&path)), unknown);
        assert_eq!(nothing(&anybody.get("/calendar/x.ics"))["code"], unknown["code"]);
        assert_eq!(events(&text(&anybody.get(&other))).len(), 1);
        assert_eq!(mentor.delete("/v1/me/calendar/feed").status, 204);
        assert_eq!(mentor.delete("/v1/me/calendar/feed").status, 204);
        assert_eq!(nothing(&anybody.get(&other)), unknown);

        // It ends with the service of its owner, and with the account.
        let third = made(&mentor.post("/v1/me/calendar/feed", &json!({})));
        let leaving = json!({"happened_at": app.clock.now()});
        pair.unit.post(&format!("/v1/staff/{}/leave", pair.staff), &leaving).ok();
        assert_eq!(nothing(&anybody.get(&third)), unknown);
        // Whoever left is given none that would be dead from the start, nor promised an invitation.
        let refused = mentor.post("/v1/me/calendar/feed", &json!({})).refused(409, "wrong_state");
        assert_eq!(refused["detail"], "Medarbejderen er fratrådt");
        mentor.patch("/v1/me/calendar", "*", &json!({"invitations": true})).refused(409, "wrong_state");
        let off = mentor.patch("/v1/me/calendar", "*", &json!({"invitations": false})).ok();
        assert_eq!((&off["feed_made_at"], &off["invitations"]), (&Value::Null, &json!(false)));
        assert_eq!(mentor.delete("/v1/me/calendar/feed").status, 204);
        let gone = account_with_mail(&app, "nora", "nora@example.org", "en");
        let fourth = made(&gone.post("/v1/me/calendar/feed", &json!({})));
        assert!(events(&text(&anybody.get(&fourth))).is_empty());
        pair.unit.post(&format!("/v1/accounts/{}/disable", gone.account_id()), &json!({})).ok();
        assert_eq!(nothing(&anybody.get(&fourth)), unknown);
        pair.unit.post(&format!("/v1/accounts/{}/enable", gone.account_id()), &json!({})).ok();
        assert_eq!(nothing(&anybody.get(&fourth)), unknown, "what was given away once stays worthless");
        // Nothing in the database gives a secret away.
        for path in [&path, &other, &third, &fourth] {
            let secret = path.trim_start_matches("/calendar/").trim_end_matches(".ics");
            assert_eq!(app.lines(&format!("SELECT CAST(account_id AS text) AS line FROM calendars WHERE CAST(feed_hash AS text) LIKE '%{secret}%'")), Vec::<String>::new());
        }
    }

    fn a_lost_phone_keeps_no_feed(app: TestApp) {
        let pair = pair(&app, "malte@example.org");
        let (unit, anybody) = (&pair.unit, app.anybody());
        let account = format!("/v1/accounts/{}", pair.mentor.account_id());
        let first = made(&pair.mentor.post("/v1/me/calendar/feed", &json!({})));
        unit.delete(&format!("{account}/devices")).ok();
        let unknown = nothing(&anybody.get("/calendar/AAAAAAAAAAAAAAAAAAAAAA.ics"));
        assert_eq!(nothing(&anybody.get(&first)), unknown);
        let again = app.sign_in("malte");
        assert_eq!(again.get("/v1/me/calendar").ok()["feed_made_at"], Value::Null);
        let second = made(&again.post("/v1/me/calendar/feed", &json!({})));
        assert_eq!(anybody.get(&second).status, 200);
        let replaced = json!({"password": "helt ny adgangskode"});
        unit.put(&format!("{account}/password"), &unit.get(&account).tag(), &replaced).ok();
        assert_eq!(nothing(&anybody.get(&second)), unknown);
    }

    fn the_number_of_a_feed_rises_with_whatever_a_reader_would_notice(app: TestApp) {
        let pair = pair(&app, "malte@example.org");
        let path = made(&pair.mentor.post("/v1/me/calendar/feed", &json!({})));
        let invite = |on: bool| {
            let tag = pair.mentor.get("/v1/me/calendar").tag();
            pair.mentor.patch("/v1/me/calendar", &tag, &json!({"invitations": on})).ok();
        };
        // Number and stamp of the one appointment, both later than before.
        let mut last = (-1, String::new());
        let mut rises = |why: &str| {
            let feed = text(&app.anybody().get(&path)).replace("\r\n ", "");
            let stamp = feed.lines().find_map(|line| line.strip_prefix("DTSTAMP:")).unwrap().to_owned();
            let now = (events(&feed)[0].1.parse::<i64>().unwrap(), stamp);
            assert!(now.0 > last.0 && now.1 > last.1, "{why}: {last:?}, then {now:?}");
            last = now;
            app.pass(chrono::TimeDelta::minutes(1));
        };
        let mut proposal = plan(&pair.matched, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z");
        proposal["proposed"] = json!(true);
        let session = pair.mentor.post("/v1/sessions", &proposal).id();
        rises("proposed");
        pair.move_to(&session, "2026-03-04T16:00:00Z", "2026-03-04T17:00:00Z");
        rises("a proposal moved");
        pair.mentor.post(&format!("/v1/sessions/{session}/confirm"), &json!({})).ok();
        rises("confirmed");
        pair.move_to(&session, "2026-03-04T16:00:00Z", "2026-03-04T18:00:00Z");
        rises("longer");
        pair.cancel(&session);
        app.pass(chrono::TimeDelta::minutes(1));
        pair.mentor.post(&format!("/v1/sessions/{session}/restore"), &json!({})).ok();
        rises("off and on again");
        invite(true);
        app.tick();
        pair.move_to(&session, "2026-03-05T16:00:00Z", "2026-03-05T17:00:00Z");
        app.tick();
        rises("moved with invitations");
        invite(false);
        app.tick();
        rises("taken out of the mailbox");
        for day in ["06", "07", "08"] {
            pair.move_to(&session, &format!("2026-03-{day}T16:00:00Z"), &format!("2026-03-{day}T17:00:00Z"));
            rises("moved without invitations");
        }
        invite(true);
        app.tick();
        rises("with invitations again");
        // Each mail is a step of its own: in, moved, out and in again.
        let mails = app.capture.to("malte@example.org").into_iter().filter_map(|mail| mail.message.calendar);
        let numbers: Vec<_> = mails.map(|calendar| events(&calendar.text)[0].1.clone()).collect();
        assert_eq!(numbers, ["5", "6", "7", "8"]);
    }

    fn whom_one_is_barred_from_is_in_no_feed(app: TestApp) {
        let pair = pair(&app, "malte@example.org");
        pair.session("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        let path = made(&pair.mentor.post("/v1/me/calendar/feed", &json!({})));
        assert_eq!(events(&text(&app.anybody().get(&path))).len(), 1);
        let boy = pair.unit.get(&format!("/v1/matches/{}", pair.matched)).ok()["person_id"].clone();
        pair.unit.post("/v1/bars", &json!({"account_id": pair.mentor.account_id(), "person_id": boy, "cause": "acquaintance"})).ok();
        assert!(events(&text(&app.anybody().get(&path))).is_empty());
    }
}

#[test]
fn feeds_are_not_fetched_or_guessed_without_end() {
    let app = TestApp::with(Engine::Sqlite, |config| {
        (config.programme.calendars.feed_reads_an_hour, config.programme.calendars.wrong_secrets_an_hour) = (2, 3);
    });
    let pair = pair(&app, "malte@example.org");
    let (path, anybody) = (made(&pair.mentor.post("/v1/me/calendar/feed", &json!({}))), app.anybody());
    for _ in 0..2 {
        text(&anybody.get(&path));
    }
    app.pass(chrono::TimeDelta::minutes(10));
    let refused = anybody.get(&path);
    refused.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("3000"));
    for number in 0..3 {
        anybody.get(&format!("/calendar/AAAAAAAAAAAAAAAAAAAA{number}A.ics")).refused(404, "not_found");
    }
    anybody.get("/calendar/AAAAAAAAAAAAAAAAAAAAAA.ics").refused(429, "too_many_requests");
    app.pass(chrono::TimeDelta::minutes(50));
    text(&anybody.get(&path));
}

/// On the days when clocks change, read by three programs that are not ours.
#[test]
fn a_feed_is_right_on_every_day_of_the_year() {
    let app = TestApp::with(Engine::Sqlite, |config| config.programme.calendars.horizon_days = 400);
    let pair = pair(&app, "malte@example.org");
    let times = [
        ("2026-03-28T15:00:00Z", "2026-03-28T16:00:00Z"),
        ("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-03-29T14:00:00Z", "2026-03-29T15:30:00Z"),
        ("2026-10-24T23:30:00Z", "2026-10-25T00:15:00Z"),
        ("2026-10-25T00:30:00Z", "2026-10-25T01:15:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"),
        ("2026-10-25T15:00:00Z", "2026-10-25T16:30:00Z"),
        ("2027-03-28T14:00:00Z", "2027-03-28T15:30:00Z"),
    ];
    let mut expected: Vec<_> = times
        .iter()
        .map(|(starts, ends)| ("PUBLISH".to_owned(), pair.session(starts, ends), 0, (*starts).to_owned(), (*ends).to_owned()))
        .collect();
    pair.move_to(&expected[2].1, "2026-03-29T16:00:00Z", "2026-03-29T17:00:00Z");
    (expected[2].2, expected[2].3, expected[2].4) = (1, "2026-03-29T16:00:00Z".into(), "2026-03-29T17:00:00Z".into());
    expected.sort_by(|one, other| one.1.cmp(&other.1));
    let feed = text(&app.anybody().get(&made(&pair.mentor.post("/v1/me/calendar/feed", &json!({})))));
    let Some((found, _)) = readers::read(&[&feed], &[]) else { return };
    assert_eq!(found, [expected]);
}
