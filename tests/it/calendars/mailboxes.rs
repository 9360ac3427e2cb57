//! A mailbox that is its account's no more, or whose account is closed: whatever lies in it is taken out, once, and what comes back is told as to
//! any other.

use makker::messages::channels::Outcome;
use serde_json::json;

use super::invitations::{MAILBOX, arrived, lying_in, switch, told};
use super::{Pair, account_with_mail, invite, pair};
use crate::support::TestApp;
use crate::support::caller::Caller;

const OTHER: &str = "malte@example.net";
/// When the session of these stories begins, as a calendar says it.
const STARTS: &str = "20260311T160000";

/// A session that stands in the mailbox.
fn invited(app: &TestApp, pair: &Pair<'_>) -> String {
    switch(pair, true);
    let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
    assert_eq!(arrived(app, MAILBOX), [told("REQUEST", &session, "0", STARTS)]);
    session
}

/// Another account of the mentor's, who has this session and reads the mail of both in one place: a word comes anew.
fn second_account<'a>(app: &'a TestApp, pair: &Pair<'_>, session: &str) -> Caller<'a> {
    let second = account_with_mail(app, "malte2", MAILBOX, "da");
    invite(&second);
    let path = format!("/v1/staff/{}", pair.staff);
    pair.unit.patch(&path, &pair.unit.get(&path).tag(), &json!({"account_id": second.account_id()})).ok();
    assert_eq!(arrived(app, MAILBOX), [told("REQUEST", session, "1", STARTS)]);
    second
}

fn readdress(pair: &Pair<'_>, email: Option<&str>) {
    pair.unit.patch(&format!("/v1/accounts/{}", pair.mentor.account_id()), "*", &json!({"email": email})).ok();
}

fn close(pair: &Pair<'_>) {
    pair.unit.post(&format!("/v1/accounts/{}/disable", pair.mentor.account_id()), &json!({})).ok();
}

fn open(pair: &Pair<'_>) {
    pair.unit.post(&format!("/v1/accounts/{}/enable", pair.mentor.account_id()), &json!({})).ok();
}

/// Nine in the evening: mail waits until eight.
fn evening(app: &TestApp) {
    app.set_clock("2026-03-02T20:00:00Z");
}

/// A minute past eight: what the former mailbox got, and that the other one got nothing.
fn morning(app: &TestApp) -> Vec<(String, String, String, String)> {
    app.tick();
    assert!(lying_in(app, MAILBOX).is_empty(), "nothing goes by night");
    app.set_clock("2026-03-03T07:01:00Z");
    app.tick();
    assert!(lying_in(app, OTHER).is_empty(), "it never had it");
    arrived(app, MAILBOX)
}

both_engines! {
    fn what_was_cancelled_in_the_evening_is_taken_out_of_the_former_mailbox(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        pair.cancel(&session);
        readdress(&pair, Some(OTHER));
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
        let said = "SELECT slot || ' ' || state AS line FROM messages WHERE kind = 'invitation_cancelled' ORDER BY planned_at";
        assert_eq!(app.lines(said), ["1 retracted", "former 1 accepted"]);
        // It takes place after all, and is off again: the former mailbox has heard enough.
        pair.mentor.post(&format!("/v1/sessions/{session}/restore"), &json!({})).ok();
        assert_eq!(arrived(&app, OTHER), [told("REQUEST", &session, "2", STARTS)]);
        pair.cancel(&session);
        app.tick();
        assert!(lying_in(&app, MAILBOX).is_empty());
        assert_eq!(arrived(&app, OTHER), [told("CANCEL", &session, "3", STARTS)]);
    }

    fn other_capitals_make_no_other_mailbox(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        readdress(&pair, Some("Malte@Example.org"));
        app.tick();
        assert!([MAILBOX, "Malte@example.org"].iter().all(|mailbox| lying_in(&app, mailbox).is_empty()), "it stands there");
        pair.cancel(&session);
        assert_eq!(arrived(&app, "Malte@example.org"), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_was_cancelled_before_the_address_was_taken_away_is_taken_out(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        pair.cancel(&session);
        readdress(&pair, None);
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_was_switched_off_in_the_evening_is_taken_out_of_the_former_mailbox(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        switch(&pair, false);
        readdress(&pair, Some(OTHER));
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_ended_with_its_match_is_taken_out_of_the_former_mailbox(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        pair.unit.post(&format!("/v1/matches/{}/end", pair.matched), &json!({"reason": "person_wish"})).ok();
        readdress(&pair, Some(OTHER));
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_somebody_covers_since_the_evening_is_taken_out_of_the_former_mailbox(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        let vita = account_with_mail(&app, "vita", "vita@example.org", "da");
        let vitas = crate::sessions::staff(&app, &vita, true);
        invite(&vita);
        evening(&app);
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-15"});
        let entered = pair.mentor.post(&format!("/v1/staff/{}/leaves", pair.staff), &holiday).ok();
        let leave = format!("/v1/staff/{}/leaves/{}", pair.staff, entered["leaves"][0]["id"].as_str().unwrap());
        let cover = json!({"decisions": [{"session_id": session, "cover": {"staff_id": vitas}}]});
        pair.unit.post(&format!("{leave}/cover-decisions"), &cover).ok();
        readdress(&pair, Some(OTHER));
        app.set_clock("2026-03-03T07:01:00Z");
        app.tick();
        assert_eq!(lying_in(&app, "vita@example.org"), [told("REQUEST", &session, "0", STARTS)]);
        assert!(lying_in(&app, OTHER).is_empty());
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_was_not_yet_heard_to_be_off_is_taken_out_of_the_former_mailbox(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        pair.cancel(&session);
        app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "busy" });
        assert!(arrived(&app, MAILBOX).is_empty());
        readdress(&pair, Some(OTHER));
        app.tick();
        assert!(lying_in(&app, OTHER).is_empty());
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "2", STARTS)], "above what was tried");
    }

    fn a_mailbox_that_comes_back_is_not_told_what_was_meant_for_a_former_one(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        // Away and back before anything went: it stands, and no word that it does not is on its way.
        readdress(&pair, Some(OTHER));
        readdress(&pair, Some(MAILBOX));
        app.tick();
        assert!(lying_in(&app, OTHER).is_empty());
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "4", STARTS)]);
        readdress(&pair, None);
        readdress(&pair, Some(MAILBOX));
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "6", STARTS)]);
        // What is off is told it once, and when it has been told, whoever leaves the mailbox has nothing to add.
        evening(&app);
        pair.cancel(&session);
        readdress(&pair, Some(OTHER));
        readdress(&pair, Some(MAILBOX));
        assert_eq!(morning(&app), [told("CANCEL", &session, "7", STARTS)]);
        readdress(&pair, Some(OTHER));
        app.tick();
        assert!(app.capture.all().is_empty());
    }

    fn what_another_account_has_in_the_same_mailbox_stays_there(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        // Nobody else's: he has another account, and reads its mail in one place.
        second_account(&app, &pair, &session);
        readdress(&pair, None);
        app.tick();
        assert!(app.capture.all().is_empty());
        pair.unit.post(&format!("/v1/matches/{}/end", pair.matched), &json!({"reason": "person_wish"})).ok();
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "2", STARTS)]);
    }

    fn a_mailbox_that_two_accounts_read_is_told_once(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        let second = second_account(&app, &pair, &session);
        evening(&app);
        second.patch("/v1/me/calendar", "*", &json!({"invitations": false})).ok();
        // Also where one of the two leaves it meanwhile.
        pair.unit.patch(&format!("/v1/accounts/{}", second.account_id()), "*", &json!({"email": OTHER})).ok();
        assert_eq!(morning(&app), [told("CANCEL", &session, "2", STARTS)]);
    }

    fn the_mailbox_of_a_closed_account_is_cleared_and_told_nothing_new(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        close(&pair);
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "1", STARTS)]);
        open(&pair);
        assert!(arrived(&app, MAILBOX).is_empty());
        // Opened again it begins with nothing, and what is asked for anew is the higher number.
        let malte = app.sign_in("malte");
        malte.patch("/v1/me/calendar", "*", &json!({"invitations": true})).ok();
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "2", STARTS)]);
    }

    fn whoever_leaves_hands_over_and_is_closed_keeps_no_entry(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        let nora = account_with_mail(&app, "nora", "nora@example.org", "da");
        let noras = crate::sessions::staff(&app, &nora, true);
        pair.unit.post(&format!("/v1/matches/{}/hand-over", pair.matched), &json!({"knows_person": false, "staff_id": noras})).ok();
        close(&pair);
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_was_off_before_its_account_was_closed_in_the_night_is_taken_out(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        pair.cancel(&session);
        close(&pair);
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
        open(&pair);
        assert!(arrived(&app, MAILBOX).is_empty());
    }

    fn an_address_that_changes_while_the_account_is_closed_leaves_nothing_behind(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        close(&pair);
        readdress(&pair, Some(OTHER));
        open(&pair);
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
    }

    fn what_an_earlier_version_left_in_the_mailbox_of_a_closed_account_the_night_takes_out(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        close(&pair);
        // That version planned no word.
        app.try_sql("DELETE FROM messages WHERE slot LIKE 'former %'").unwrap();
        assert!(arrived(&app, MAILBOX).is_empty());
        app.set_clock("2026-03-03T07:01:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "1", STARTS)]);
        // Once.
        app.set_clock("2026-03-04T07:01:00Z");
        assert!(arrived(&app, MAILBOX).is_empty());
    }

    fn an_account_that_is_opened_again_before_it_was_told_is_told_once(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        let session = invited(&app, &pair);
        evening(&app);
        close(&pair);
        readdress(&pair, Some(OTHER));
        readdress(&pair, Some(MAILBOX));
        open(&pair);
        assert_eq!(morning(&app), [told("CANCEL", &session, "1", STARTS)]);
        assert!(arrived(&app, MAILBOX).is_empty());
    }
}
