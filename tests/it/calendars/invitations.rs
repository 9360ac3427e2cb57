//! Invitations by mail: what a mailbox gets, in which order, and what its calendar holds then.

use chrono::TimeDelta;
use serde_json::json;

use super::{Pair, account_with_mail, events, invite, pair, readers};
use crate::delivery::mail::ticker;
use crate::support::outbox::round;
use crate::support::privacy::leaks;
use crate::support::smtp::Smtp;
use crate::support::{Engine, OnEngine, TestApp};

pub const MAILBOX: &str = "malte@example.org";

pub fn switch(pair: &Pair<'_>, on: bool) {
    let tag = pair.mentor.get("/v1/me/calendar").tag();
    let set = pair.mentor.patch("/v1/me/calendar", &tag, &json!({"invitations": on})).ok();
    assert_eq!(set["invitations"], on);
}

/// What reached a mailbox since this was last asked: method, session, SEQUENCE and start of each.
pub fn arrived(app: &TestApp, mailbox: &str) -> Vec<(String, String, String, String)> {
    app.tick();
    let told = lying_in(app, mailbox);
    app.capture.clear();
    told
}

/// What lies in a mailbox.
pub fn lying_in(app: &TestApp, mailbox: &str) -> Vec<(String, String, String, String)> {
    let mails = app.capture.to(mailbox);
    let told = mails.iter().map(|mail| {
        let part = mail.message.calendar.as_ref().expect("an invitation");
        let event = events(&part.text).remove(0);
        assert_eq!(event.3, if part.method == "CANCEL" { "CANCELLED" } else { "CONFIRMED" });
        for word in ["library", "LOCATION", "DESCRIPTION"] {
            assert!(!part.text.contains(word), "{}", part.text);
        }
        assert_eq!(
            (part.text.matches("ATTENDEE").count(), part.text.contains("ORGANIZER;CN=\"Aftaler\":mailto:aftaler@aftaler.example")),
            (1, true)
        );
        (part.method.clone(), event.0, event.1, event.2)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

pub fn told(method: &str, session: &str, sequence: &str, starts: &str) -> (String, String, String, String) {
    (method.to_owned(), session.to_owned(), sequence.to_owned(), starts.to_owned())
}

both_engines! {
    fn another_mailbox_gets_what_stands(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let path = format!("/v1/accounts/{}", pair.mentor.account_id());
        let set = |tag: &str, email: serde_json::Value| pair.unit.patch(&path, tag, &json!({"email": email}));
        set("\"9.x\"", json!("malte@example.net")).refused(412, "stale_version");
        assert_eq!(set("*", json!("malte")).refused(422, "invalid")["errors"][0]["pointer"], "/email");
        pair.mentor.patch(&path, "*", &json!({"email": null})).refused(403, "forbidden");
        // Without an address there are no invitations; with one there are.
        let tag = pair.unit.get(&path).tag();
        assert_eq!(set(&tag, json!(null)).ok()["email"], json!(null));
        pair.mentor.patch("/v1/me/calendar", "*", &json!({"invitations": true})).refused(409, "wrong_state");
        let session = pair.session("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        assert_eq!(set("*", json!(MAILBOX)).ok()["display_name"], "malte");
        switch(&pair, true);
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "0", "20260304T160000")]);

        // Out of the old mailbox, once, and into the new one; where both are read in one place it stands, for its number is the higher.
        set("*", json!("malte@example.net")).ok();
        app.tick();
        assert_eq!(lying_in(&app, MAILBOX), [told("CANCEL", &session, "1", "20260304T160000")]);
        assert_eq!(arrived(&app, "malte@example.net"), [told("REQUEST", &session, "2", "20260304T160000")]);
        let kept = "SELECT state AS line FROM messages WHERE former_address IS NOT NULL";
        assert!(app.lines(kept).is_empty(), "it went, and nothing is kept of where");
        // The same once more, and another name, are no news.
        set("*", json!("malte@example.net")).ok();
        assert_eq!(pair.unit.patch(&path, "*", &json!({"display_name": "Malte Ravn"})).ok()["email"], "malte@example.net");
        app.tick();
        assert!(app.capture.all().is_empty());
        pair.cancel(&session);
        app.tick();
        assert_eq!((app.capture.to(MAILBOX).len(), arrived(&app, "malte@example.net")), (0, vec![told("CANCEL", &session, "3", "20260304T160000")]));
        // Changed twice before anything went: the one between never had it.
        let other = pair.session("2026-03-05T15:00:00Z", "2026-03-05T16:00:00Z");
        assert_eq!(arrived(&app, "malte@example.net"), [told("REQUEST", &other, "0", "20260305T160000")]);
        set("*", json!("malte@example.com")).ok();
        set("*", json!(MAILBOX)).ok();
        app.tick();
        assert_eq!(lying_in(&app, "malte@example.net"), [told("CANCEL", &other, "1", "20260305T160000")]);
        assert!(lying_in(&app, "malte@example.com").is_empty());
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &other, "4", "20260305T160000")]);
        // Without an address it is taken out all the same; a closed account is told that, and nothing new.
        set("*", json!(null)).ok();
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &other, "5", "20260305T160000")]);
        set("*", json!(MAILBOX)).ok();
        assert_eq!(arrived(&app, MAILBOX).len(), 1);
        pair.unit.post(&format!("{path}/disable"), &json!({})).ok();
        set("*", json!("malte@example.net")).ok();
        app.tick();
        assert!(lying_in(&app, "malte@example.net").is_empty());
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &other, "7", "20260305T160000")]);
    }

    fn what_is_taken_out_is_not_said_to_be_off(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z");
        let read = |mailbox: &str| app.capture.to(mailbox).into_iter().flat_map(|mail| mail.message.lines).collect::<Vec<String>>();
        let (stands, out) = ("Du har en aftale onsdag den 11. marts kl. 16.00.", "Aftalen onsdag den 11. marts kl. 16.00 er fjernet fra din kalender.");
        switch(&pair, true);
        app.tick();
        switch(&pair, false);
        app.tick();
        assert_eq!(read(MAILBOX), [stands, out], "it takes place: nobody but the calendar lets go of it");
        switch(&pair, true);
        app.tick();
        pair.unit.patch(&format!("/v1/accounts/{}", pair.mentor.account_id()), "*", &json!({"email": "malte@example.net"})).ok();
        app.tick();
        assert_eq!((read(MAILBOX).split_off(2), read("malte@example.net")), (vec![stands.to_owned(), out.to_owned()], vec![stands.to_owned()]));
        assert_eq!(pair.mentor.get(&format!("/v1/sessions/{session}")).ok()["state"], "planned");
        // Of one that is off it is as true.
        pair.cancel(&session);
        app.tick();
        assert_eq!(read("malte@example.net"), [stands, out]);
    }

    fn each_change_is_told_once_and_what_falls_away_is_taken_out(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let first = pair.session("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        assert!(arrived(&app, MAILBOX).is_empty(), "off until it is switched on");
        pair.mentor.patch("/v1/me/calendar", "\"7.x\"", &json!({"invitations": true})).refused(412, "stale_version");
        switch(&pair, true);
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &first, "0", "20260304T160000")]);

        // Moved twice before anything went: the last alone.
        pair.move_to(&first, "2026-03-05T15:00:00Z", "2026-03-05T16:30:00Z");
        pair.move_to(&first, "2026-03-06T15:00:00Z", "2026-03-06T16:30:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &first, "2", "20260306T160000")]);
        assert!(arrived(&app, MAILBOX).is_empty());
        // Planned and cancelled before it went: not a word.
        let second = pair.session("2026-03-10T15:00:00Z", "2026-03-10T16:30:00Z");
        pair.cancel(&second);
        assert!(arrived(&app, MAILBOX).is_empty());
        pair.cancel(&first);
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &first, "3", "20260306T160000")]);

        // Switched off, what stands is taken out; on again, it is put in again, with a higher number.
        let third = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &third, "0", "20260311T160000")]);
        switch(&pair, false);
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &third, "1", "20260311T160000")]);
        pair.move_to(&third, "2026-03-12T15:00:00Z", "2026-03-12T16:30:00Z");
        assert!(arrived(&app, MAILBOX).is_empty());
        switch(&pair, true);
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &third, "2", "20260312T160000")]);

        // The night's pass has nothing to add; what was held stays where it stands.
        app.set_clock("2026-03-12T17:00:00Z");
        let log = crate::sessions::held(&pair.matched, "2026-03-12T15:05:00Z", "2026-03-12T17:00:00Z");
        pair.mentor.put(crate::sessions::FIRST, "", &log).ok();
        assert!(arrived(&app, MAILBOX).is_empty());
    }

    fn many_at_once_and_another_account(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let at = |day: u32| (format!("2026-03-{day}T15:00:00Z"), format!("2026-03-{day}T16:00:00Z"));
        let sessions: Vec<String> = [11, 18, 25].iter().map(|day| pair.session(&at(*day).0, &at(*day).1)).collect();
        let sorted = |mut all: Vec<(String, String, String, String)>| { all.sort(); all };
        let each = |method: &str, sequence: &str| {
            let starts = ["20260311T160000", "20260318T160000", "20260325T160000"];
            sorted(sessions.iter().zip(starts).map(|(id, starts)| told(method, id, sequence, starts)).collect())
        };
        assert_eq!(arrived(&app, MAILBOX), each("REQUEST", "0"));
        // Another account runs them: out of the one calendar, and into the other, in its language.
        let nora = account_with_mail(&app, "nora", "nora@example.org", "en");
        invite(&nora);
        let path = format!("/v1/staff/{}", pair.staff);
        pair.unit.patch(&path, &pair.unit.get(&path).tag(), &json!({"account_id": nora.account_id()})).ok();
        app.tick();
        let mut mails = app.capture.to("nora@example.org");
        assert!(mails.iter().all(|mail| mail.message.calendar.as_ref().unwrap().text.contains("SUMMARY:Appointment")));
        assert_eq!((mails.len(), mails.remove(0).message.subject), (3, "Appointment".to_owned()));
        assert_eq!(arrived(&app, MAILBOX), each("CANCEL", "1"));
        app.capture.clear();
        // The match ends, and all of its sessions with it.
        pair.unit.post(&format!("/v1/matches/{}/end", pair.matched), &json!({"reason": "person_wish"})).ok();
        assert_eq!(arrived(&app, "nora@example.org"), each("CANCEL", "2"));
        assert!(arrived(&app, MAILBOX).is_empty());
    }

    fn a_series_stands_in_the_calendar_whole_moves_and_goes(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let series = json!({"match_id": pair.matched, "rule": "FREQ=WEEKLY;BYDAY=WE", "at_min": 960, "length_min": 60, "until_on": "2026-04-01"});
        let path = format!("/v1/series/{}", pair.mentor.post("/v1/series", &series).id());
        // Method, SEQUENCE and start, by start; the last Wednesday comes after the clocks have changed.
        let by_start = || {
            let mut all: Vec<_> = arrived(&app, MAILBOX).into_iter().map(|(method, _, sequence, starts)| format!("{starts} {method} {sequence}")).collect();
            all.sort();
            all
        };
        let each = |hour: u32, word: &str| ["0304", "0311", "0318", "0325", "0401"].map(|day| format!("2026{day}T{hour}0000 {word}"));
        assert_eq!(by_start(), each(16, "REQUEST 0"));
        let tag = pair.mentor.get(&path).tag();
        pair.mentor.post_if(&format!("{path}/change"), &tag, &json!({"at_min": 1020})).ok();
        assert_eq!(by_start(), each(17, "REQUEST 1"));
        pair.mentor.post(&format!("{path}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(by_start(), each(17, "CANCEL 2"));
    }

    fn a_covered_session_goes_from_one_calendar_to_the_other_and_back(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "0", "20260311T160000")]);
        let vita = account_with_mail(&app, "vita", "vita@example.org", "en");
        let vitas = crate::sessions::staff(&app, &vita, true);
        invite(&vita);
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-15"});
        let entered = pair.mentor.post(&format!("/v1/staff/{}/leaves", pair.staff), &holiday).ok();
        let leave = format!("/v1/staff/{}/leaves/{}", pair.staff, entered["leaves"][0]["id"].as_str().unwrap());
        let cover = json!({"decisions": [{"session_id": session, "cover": {"staff_id": vitas}}]});
        pair.unit.post(&format!("{leave}/cover-decisions"), &cover).ok();
        // The same entry in both, each with a number above what that calendar holds.
        app.tick();
        let of = |mailbox: &str| -> Vec<_> {
            app.capture.to(mailbox).iter().map(|mail| mail.message.calendar.as_ref().unwrap()).map(|part| {
                let event = events(&part.text).remove(0);
                (part.method.clone(), event.0, event.1.parse::<u32>().unwrap())
            }).collect()
        };
        assert_eq!(of(MAILBOX).iter().map(|(method, id, _)| (method.as_str(), id)).collect::<Vec<_>>(), [("CANCEL", &session)]);
        assert_eq!(of("vita@example.org").iter().map(|(method, id, _)| (method.as_str(), id)).collect::<Vec<_>>(), [("REQUEST", &session)]);
        let (taken_out, put_in) = (of(MAILBOX)[0].2, of("vita@example.org")[0].2);
        app.capture.clear();
        pair.unit.post(&format!("/v1/sessions/{session}/end-cover"), &json!({"by": "person"})).ok();
        app.tick();
        let (back, out) = (of(MAILBOX), of("vita@example.org"));
        assert_eq!((back[0].0.as_str(), out[0].0.as_str()), ("REQUEST", "CANCEL"));
        assert!(back[0].2 > taken_out && out[0].2 > put_in, "{back:?} {out:?}");
    }

    fn nobody_is_invited_without_an_address_or_to_whom_they_are_barred_from(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let other = app.account("mads", &["mentor"]);
        let tag = other.get("/v1/me/calendar").tag();
        other.patch("/v1/me/calendar", &tag, &json!({"invitations": true})).refused(409, "wrong_state");
        other.patch("/v1/me/calendar", &tag, &json!({"invitations": false})).ok();
        switch(&pair, true);
        let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z");
        assert_eq!(arrived(&app, MAILBOX).len(), 1);
        let boy = pair.unit.get(&format!("/v1/matches/{}", pair.matched)).ok()["person_id"].clone();
        pair.unit.post("/v1/bars", &json!({"account_id": pair.mentor.account_id(), "person_id": boy, "cause": "acquaintance"})).ok();
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "1", "20260311T160000")]);
    }

    fn the_unit_sees_what_went_and_what_the_people_met_are_told_is_apart(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z");
        app.capture.answer_next(makker::messages::channels::Outcome::TargetGone);
        app.tick();
        let listed = pair.unit.get(&format!("/v1/messages?subject={session}")).ok();
        let items = listed["items"].as_array().unwrap();
        let one = items.iter().find(|item| item["kind"] == "invitation").unwrap();
        assert_eq!((&one["state"], &one["recipient_account_id"]), (&json!("refused"), &json!(pair.mentor.account_id())));
        // He has no number: he is told by hand for that, and for nothing that went to a calendar.
        assert_eq!(app.promised("tell_by_hand").len(), 1);
        assert_eq!(app.promise("tell_by_hand").1, "2026-03-10T22:59:59.999999Z");
        pair.move_to(&session, "2026-03-12T15:00:00Z", "2026-03-12T16:30:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "1", "20260312T160000")]);
    }
}

/// Through a real mail server, read back by programs that are not ours.
#[test]
fn invitations_through_a_real_mail_server() {
    let Some(smtp) = Smtp::start() else { return };
    let app = TestApp::on(Engine::Sqlite);
    // The mail arrives, but the server's answer does not: it goes again, the same.
    let pair = pair(&app, "vanish@example.org");
    let ticker = ticker(&app, &smtp);
    switch(&pair, true);
    let session = pair.session("2026-03-29T14:00:00Z", "2026-03-29T15:30:00Z");
    assert_eq!(round(&ticker).unwrap().later, 1);
    app.pass(TimeDelta::minutes(2));
    assert_eq!(round(&ticker).unwrap().later, 1);
    let raws = || smtp.received().into_iter().map(|mail| (mail.to, mail.raw)).collect::<Vec<_>>();
    assert_eq!(raws().len(), 2);
    assert_eq!(raws()[0], raws()[1], "byte for byte, and so with one Message-ID and one boundary");
    pair.move_to(&session, "2026-10-25T15:00:00Z", "2026-10-25T16:30:00Z");
    round(&ticker).unwrap();
    pair.cancel(&session);
    round(&ticker).unwrap();
    let raws = raws();
    assert_eq!(raws.len(), 4);
    for (to, raw) in &raws {
        assert_eq!(to.as_slice(), ["vanish@example.org"]);
        assert!(leaks([("a mail", raw.as_bytes())]).is_empty(), "{raw}");
    }
    let raws: Vec<&str> = raws.iter().map(|(_, raw)| raw.as_str()).collect();
    let Some((_, mails)) = readers::read(&[], &raws) else { return };
    for mail in &mails {
        assert_eq!((&mail["type"], &mail["parts"]), (&json!("multipart/alternative"), &json!(["text/plain", "text/calendar"])));
        assert_eq!((&mail["disposition"], &mail["charset"], &mail["subject"]), (&json!(null), &json!("utf-8"), &json!("Aftale")));
    }
    assert_ne!(mails[0]["id"], mails[2]["id"]);
    assert_eq!(mails[2]["words"], "Du har en aftale søndag den 25. oktober kl. 16.00.");
    let calendars: Vec<&str> = mails.iter().map(|mail| mail["calendar"].as_str().unwrap()).collect();
    let (found, _) = readers::read(&calendars, &[]).unwrap();
    let says = |method: &str, sequence: i64, starts: &str, ends: &str| {
        vec![(method.to_owned(), session.clone(), sequence, starts.to_owned(), ends.to_owned())]
    };
    let asked = says("REQUEST", 0, "2026-03-29T14:00:00Z", "2026-03-29T15:30:00Z");
    let moved = says("REQUEST", 1, "2026-10-25T15:00:00Z", "2026-10-25T16:30:00Z");
    let out = says("CANCEL", 2, "2026-10-25T15:00:00Z", "2026-10-25T15:00:00Z");
    assert_eq!(found, [asked.clone(), asked, moved, out]);
    for (mail, found) in mails.iter().zip(&found) {
        assert_eq!(mail["method"], found[0].0, "the MIME parameter says what METHOD says");
    }
}
