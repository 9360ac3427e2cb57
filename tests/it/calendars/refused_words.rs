//! Words that a mailbox refused, or that perhaps came: whoever may still hold what is theirs no more is told again, under a number above all that
//! was tried there.

use chrono::TimeDelta;
use makker::messages::channels::Outcome;
use serde_json::{Value, json};

use super::invitations::{MAILBOX, arrived, lying_in, switch, told};
use super::{Pair, account_with_mail, events, invite, pair, readers};
use crate::delivery::mail::ticker;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::outbox::round;
use crate::support::smtp::Smtp;

pub const VITAS: &str = "vita@example.org";
/// When the session of these stories begins, as a calendar says it to whoever covers it.
const STARTS: &str = "20260311T160000";

/// A session in a week in which its mentor, who wants no mail, is away.
pub struct Week<'a> {
    pub pair: Pair<'a>,
    pub session: String,
    pub leave: String,
}

pub fn week(app: &TestApp) -> Week<'_> {
    let pair = pair(app, MAILBOX);
    let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
    let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-15"});
    let entered = pair.mentor.post(&format!("/v1/staff/{}/leaves", pair.staff), &holiday).ok();
    let leave = format!("/v1/staff/{}/leaves/{}", pair.staff, entered["leaves"][0]["id"].as_str().unwrap());
    Week { pair, session, leave }
}

/// Somebody who wants mail about what they cover, and their record as a member of staff.
pub fn somebody<'a>(app: &'a TestApp, name: &str, mailbox: &str) -> (Caller<'a>, String) {
    let account = account_with_mail(app, name, mailbox, "da");
    let staff = crate::sessions::staff(app, &account, true);
    invite(&account);
    (account, staff)
}

impl Week<'_> {
    fn cover(&self, staff: &str) {
        let decision = json!({"session_id": self.session, "cover": {"staff_id": staff}});
        self.pair.unit.post(&format!("{}/cover-decisions", self.leave), &json!({"decisions": [decision]})).ok();
    }

    /// A minute later it is the mentor's again.
    fn give_back(&self, app: &TestApp) {
        app.pass(TimeDelta::minutes(1));
        self.pair.unit.post(&format!("/v1/sessions/{}/end-cover", self.session), &json!({"by": "unit"})).ok();
    }

    /// Another minute later it is on another day, and longer.
    fn change(&self, app: &TestApp, day: &str) {
        app.pass(TimeDelta::minutes(1));
        self.pair.move_to(&self.session, &format!("2026-03-{day}T12:00:00Z"), &format!("2026-03-{day}T15:30:00Z"));
    }
}

/// Vita was told that she covers the session, and covers it no more.
fn covered_once(app: &TestApp) -> Week<'_> {
    let week = week(app);
    let (_, vitas) = somebody(app, "vita", VITAS);
    week.cover(&vitas);
    assert_eq!(arrived(app, VITAS).len(), 1);
    week.give_back(app);
    week
}

/// What became of the words that take something out, in the order they were planned: number, state and tries of each.
fn words(app: &TestApp) -> Vec<String> {
    app.lines(
        "SELECT slot || ' ' || state || ' ' || attempts AS line FROM messages WHERE kind = 'invitation_cancelled' ORDER BY planned_at",
    )
}

both_engines! {
    fn a_former_cover_whose_mailbox_refused_is_told_again_with_the_next_change(app: TestApp) {
        let week = week(&app);
        let (vita, vitas) = somebody(&app, "vita", VITAS);
        week.cover(&vitas);
        assert_eq!(arrived(&app, VITAS), [told("REQUEST", &week.session, "0", STARTS)]);
        week.give_back(&app);
        app.capture.answer_next(Outcome::TargetGone);
        assert!(arrived(&app, VITAS).is_empty());
        // The unit sees that it was refused, and to whom it was to go, not where.
        let refused = week.pair.unit.get("/v1/messages?state=refused").ok();
        let of = |item: &Value| (item["kind"].clone(), item["reason"].clone(), item["recipient_account_id"].clone());
        let seen: Vec<_> = refused["items"].as_array().unwrap().iter().map(of).collect();
        assert_eq!(seen, [(json!("invitation_cancelled"), json!("target_gone"), json!(vita.account_id()))]);
        assert!(!refused.to_string().contains(VITAS));
        // The night has nothing to add: the mailbox said no to just this.
        app.set_clock("2026-03-03T07:01:00Z");
        assert!(arrived(&app, VITAS).is_empty());
        week.change(&app, "18");
        app.tick();
        assert_eq!(lying_in(&app, VITAS), [told("CANCEL", &week.session, "2", STARTS)]);
        // Of what it is by now not a word.
        let mail = app.capture.to(VITAS).remove(0).message;
        assert_eq!(mail.lines, ["Aftalen onsdag den 11. marts kl. 16.00 er fjernet fra din kalender."]);
        let calendar = mail.calendar.unwrap().text;
        assert!(!calendar.contains("DTEND") && !calendar.contains("20260318"), "{calendar}");
        app.capture.clear();
        // It came: nobody tells it twice.
        week.change(&app, "19");
        assert!(arrived(&app, VITAS).is_empty());
        assert_eq!(words(&app), ["1 refused 1", "2 accepted 1"]);
    }

    fn a_mailbox_that_refuses_is_asked_once_a_change(app: TestApp) {
        let week = covered_once(&app);
        for day in ["18", "19", "20"] {
            app.capture.answer_next(Outcome::Refused { code: "policy" });
            assert!(arrived(&app, VITAS).is_empty());
            assert!(arrived(&app, VITAS).is_empty());
            week.change(&app, day);
        }
        assert_eq!(arrived(&app, VITAS), [told("CANCEL", &week.session, "4", STARTS)]);
        assert_eq!(words(&app), ["1 refused 1", "2 refused 1", "3 refused 1", "4 accepted 1"]);
    }

    fn a_word_whose_answer_was_lost_goes_on_as_it_is_whatever_changes(app: TestApp) {
        let week = covered_once(&app);
        app.capture.answer_next(Outcome::Unknown { code: "no_answer" });
        assert_eq!(arrived(&app, VITAS), [told("CANCEL", &week.session, "1", STARTS)]);
        switch(&week.pair, true);
        week.change(&app, "18");
        app.pass(TimeDelta::minutes(2));
        app.tick();
        assert_eq!(lying_in(&app, MAILBOX).len(), 1);
        assert_eq!(arrived(&app, VITAS), [told("CANCEL", &week.session, "1", STARTS)]);
        assert_eq!(words(&app), ["1 accepted 2"]);
        week.change(&app, "19");
        assert!(arrived(&app, VITAS).is_empty());
    }

    fn a_word_to_whoever_runs_the_match_goes_on_as_it_is_whatever_changes(app: TestApp) {
        let week = week(&app);
        switch(&week.pair, true);
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &week.session, "0", STARTS)]);
        let (_, vitas) = somebody(&app, "vita", VITAS);
        week.cover(&vitas);
        // Neither that, nor what tells her, is answered.
        for _ in 0..2 {
            app.capture.answer_next(Outcome::Unknown { code: "no_answer" });
        }
        app.tick();
        assert_eq!(words(&app), ["1 waiting 1"]);
        for day in ["12", "13", "14"] {
            week.change(&app, day);
        }
        app.capture.clear();
        app.tick();
        assert_eq!(words(&app), ["1 accepted 2"]);
        assert_eq!(lying_in(&app, MAILBOX), [told("CANCEL", &week.session, "1", STARTS)]);
        app.capture.clear();
        // It is the mentor's again, under the number that says how often it was changed.
        week.give_back(&app);
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &week.session, "5", "20260314T130000")]);
    }

    fn a_word_that_was_refused_after_its_answer_was_lost_is_said_again_above_it(app: TestApp) {
        let week = covered_once(&app);
        app.capture.answer_next(Outcome::Unknown { code: "no_answer" });
        assert_eq!(arrived(&app, VITAS).len(), 1);
        app.pass(TimeDelta::minutes(2));
        app.capture.answer_next(Outcome::TargetGone);
        assert!(arrived(&app, VITAS).is_empty());
        week.change(&app, "18");
        assert_eq!(arrived(&app, VITAS), [told("CANCEL", &week.session, "2", STARTS)]);
    }

    fn where_two_who_cover_read_the_second_is_told_a_number_above_all_that_was_tried(app: TestApp) {
        let week = week(&app);
        let ((_, vitas), (_, veras)) = (somebody(&app, "vita", VITAS), somebody(&app, "vera", VITAS));
        week.cover(&vitas);
        assert_eq!(arrived(&app, VITAS), [told("REQUEST", &week.session, "0", STARTS)]);
        week.give_back(&app);
        app.capture.answer_next(Outcome::Unknown { code: "no_answer" });
        assert_eq!(arrived(&app, VITAS), [told("CANCEL", &week.session, "1", STARTS)]);
        app.pass(TimeDelta::minutes(1));
        week.cover(&veras);
        assert_eq!(arrived(&app, VITAS), [told("REQUEST", &week.session, "2", STARTS)]);
        // Neither what was refused, nor what was taken back while it was on its way.
        week.give_back(&app);
        app.capture.answer_next(Outcome::TargetGone);
        assert!(arrived(&app, VITAS).is_empty());
        app.pass(TimeDelta::minutes(1));
        week.cover(&vitas);
        app.capture.answer_next(Outcome::Unknown { code: "no_answer" });
        assert_eq!(arrived(&app, VITAS), [told("REQUEST", &week.session, "4", STARTS)]);
        app.pass(TimeDelta::minutes(1));
        week.cover(&veras);
        assert_eq!(arrived(&app, VITAS), [told("REQUEST", &week.session, "5", STARTS)]);
    }

    fn whoever_asks_for_invitations_again_is_told_a_number_above_all_that_was_tried(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "0", STARTS)]);
        switch(&pair, false);
        for day in ["12", "13"] {
            app.capture.answer_next(Outcome::TargetGone);
            assert!(arrived(&app, MAILBOX).is_empty());
            app.pass(TimeDelta::minutes(1));
            pair.move_to(&session, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"));
        }
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "3", STARTS)]);
        switch(&pair, true);
        assert_eq!(arrived(&app, MAILBOX), [told("REQUEST", &session, "4", "20260313T160000")]);
    }

    fn the_mailbox_of_a_closed_account_that_refused_is_told_again_in_the_night_after_a_change(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let session = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        assert_eq!(arrived(&app, MAILBOX).len(), 1);
        pair.unit.post(&format!("/v1/accounts/{}/disable", pair.mentor.account_id()), &json!({})).ok();
        app.capture.answer_next(Outcome::TargetGone);
        assert!(arrived(&app, MAILBOX).is_empty());
        app.set_clock("2026-03-03T07:01:00Z");
        assert!(arrived(&app, MAILBOX).is_empty(), "nothing has changed");
        let path = format!("/v1/sessions/{session}");
        let later = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z"});
        pair.unit.post_if(&format!("{path}/move"), &pair.unit.get(&path).tag(), &later).ok();
        app.set_clock("2026-03-04T07:01:00Z");
        assert_eq!(arrived(&app, MAILBOX), [told("CANCEL", &session, "2", STARTS)]);
        app.set_clock("2026-03-05T07:01:00Z");
        assert!(arrived(&app, MAILBOX).is_empty());
    }

    /// Through a real mail server that keeps each mail and never says so.
    fn what_may_have_come_goes_on_byte_for_byte_and_the_next_is_above_it(app: TestApp) {
        let Some(smtp) = Smtp::start() else { return };
        let (week, ticker) = (week(&app), ticker(&app, &smtp));
        let ((_, vitas), (_, veras)) = (somebody(&app, "vita", "vanish@example.org"), somebody(&app, "vera", "vanish@example.org"));
        let sent = || {
            assert_eq!(round(&ticker).unwrap().later, 1);
            smtp.received().into_iter().map(|mail| mail.raw).collect::<Vec<_>>()
        };
        week.cover(&vitas);
        assert_eq!(sent().len(), 1);
        week.give_back(&app);
        assert_eq!(sent().len(), 2);
        week.change(&app, "18");
        app.pass(TimeDelta::minutes(2));
        let raws = sent();
        assert_eq!((raws.len(), &raws[1]), (3, &raws[2]), "whatever became of the session");
        app.pass(TimeDelta::minutes(1));
        week.pair.move_to(&week.session, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        week.cover(&veras);
        let raws = sent();
        let raws: Vec<&str> = raws.iter().map(String::as_str).collect();
        let Some((_, mails)) = readers::read(&[], &raws) else { return };
        let calendars: Vec<&str> = mails.iter().map(|mail| mail["calendar"].as_str().unwrap()).collect();
        let numbers: Vec<_> = calendars.iter().map(|calendar| events(calendar).remove(0).1).collect();
        assert_eq!(numbers, ["0", "1", "1", "2"]);
        let (found, _) = readers::read(&calendars, &[]).unwrap();
        let says = |method: &str, number: i64, starts: &str, ends: &str| vec![(method.to_owned(), week.session.clone(), number, starts.to_owned(), ends.to_owned())];
        let (at, ends) = ("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        // What is taken out is found by its UID, and has no end.
        let out = says("CANCEL", 1, at, at);
        assert_eq!(found, [says("REQUEST", 0, at, ends), out.clone(), out, says("REQUEST", 2, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z")]);
    }
}
