//! The outbox delivered: what reaches whom and when, what follows when it does not, and what a crash after any step leaves.

mod crashes;
mod halts;
mod late;
pub mod mail;
mod outages;

use chrono::TimeDelta;
use makker::base::db::{Engine, migrations};
use makker::messages::channels::{Channel, Outcome};
use serde_json::{Value, json};

use crate::sessions::{Family, family, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// The boy's number.
pub const NUMBER: &str = "+4520123456";
/// His father's mailbox.
pub const MAILBOX: &str = "far@example.org";

/// Gives a person a way to be reached.
fn reachable(unit: &Caller<'_>, person: &str, contact: &Value) {
    let tag = unit.get(&format!("/v1/people/{person}")).tag();
    unit.put(&format!("/v1/people/{person}/contact"), &tag, contact).ok();
}

pub fn by_sms(family: &Family<'_>) {
    reachable(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
}

pub fn by_mail(family: &Family<'_>) {
    reachable(&family.unit, &family.father, &json!({"channel": "email", "email": MAILBOX}));
}

/// The boy's session on Wednesday 11 March at 16:00 in Copenhagen: told of on Friday the 6th and on Tuesday the 10th, at 17:00.
fn session(family: &Family<'_>) -> String {
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id()
}

/// A session of the boy and one of his father on each of these days in April, at 16:00 in Copenhagen.
fn daily(family: &Family<'_>, days: u32) {
    for day in 1..=days {
        let at = |time: &str| format!("2026-04-{day:02}T{time}Z");
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, &at("14:00:00"), &at("15:00:00"))).ok();
        family.coach.post("/v1/sessions", &plan(&family.coaching, &at("14:00:00"), &at("15:00:00"))).ok();
    }
}

/// Cancels every session: whoever can be reached is told at once.
fn cancel_all(family: &Family<'_>) {
    let listed = family.unit.get("/v1/sessions?limit=100").ok();
    for session in listed["items"].as_array().unwrap() {
        let path = format!("/v1/sessions/{}/cancel", session["id"].as_str().unwrap());
        family.unit.post(&path, &json!({"by": "unit", "new_time_agreed": true})).ok();
    }
}

/// Kind, slot, state and reason of everything ever planned for a subject, as the unit sees it.
fn planned(family: &Family<'_>, subject: &str) -> Vec<String> {
    let listed = family.unit.get(&format!("/v1/messages?subject={subject}")).ok();
    let tell = |item: &Value| {
        let word = |name: &str| item[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", word("kind"), word("slot"), word("state"), word("reason"))
    };
    listed["items"].as_array().unwrap().iter().map(tell).collect()
}

both_engines! {
    fn reminders_go_at_their_hour_once(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        assert_eq!(app.tick().accepted, 0);
        app.set_clock("2026-03-06T15:59:59Z");
        assert_eq!(app.tick().accepted, 0, "a second too early");
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!((app.tick().accepted, app.tick().accepted), (1, 0));
        app.set_clock("2026-03-10T16:02:00Z");
        assert_eq!((app.tick().accepted, app.tick().accepted), (1, 0));
        let sent = app.capture.to(NUMBER);
        assert_eq!(sent.len(), 2);
        for sms in &sent {
            assert_eq!((sms.message.channel, sms.message.lines.join("|").as_str()), (Channel::Sms, "Du har en aftale onsdag den 11. marts kl. 16.00."));
        }
        assert_eq!(planned(&family, &id), ["appointment early accepted -", "appointment day_before accepted -"]);
        let listed = family.unit.get(&format!("/v1/messages?subject={id}&state=accepted")).ok();
        let one = family.unit.get(&format!("/v1/messages/{}", listed["items"][0]["id"].as_str().unwrap())).ok();
        assert_eq!((&one["attempts"], &one["settled_at"], &one["channel"]), (&json!(1), &json!("2026-03-06T16:00:00Z"), &json!("sms")));
        assert!(one["text"].is_null() && !one.to_string().contains("4520123456"), "neither text nor number");
        // Both are in the journal: whose number was opened, and for what.
        let opened = "SELECT DISTINCT actor || ' ' || purpose AS line FROM journal WHERE operation = 'tick.run' AND subject_kind = 'person'";
        assert_eq!(app.lines(opened), ["system automation"]);
    }

    fn what_no_longer_holds_does_not_go(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        family.mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(app.tick().accepted, 1);
        app.set_clock("2026-03-10T16:00:00Z");
        assert_eq!(app.tick().accepted, 0);
        let expected = ["appointment_cancelled  accepted -", "appointment early retracted cancelled", "appointment day_before retracted cancelled"];
        assert_eq!(planned(&family, &id), expected);
        assert_eq!(app.capture.all()[0].message.lines, ["Din aftale onsdag den 11. marts kl. 16.00 er aflyst."]);
    }

    fn a_rule_that_no_verb_told_of_is_asked_again_when_it_is_due(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.tick();
        // As if a rule had changed with a new version of the program, after the night's pass.
        app.run("UPDATE courses SET paused_at = accepted_at");
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!(app.tick().retracted, 0, "the night's pass took them back");
        assert_eq!(planned(&family, &id), ["appointment early retracted paused", "appointment day_before retracted paused"]);
        app.run("UPDATE courses SET paused_at = NULL");
        app.set_clock("2026-03-10T15:00:00Z");
        app.tick();
        app.run("UPDATE courses SET paused_at = accepted_at");
        app.set_clock("2026-03-10T16:00:00Z");
        assert_eq!((app.tick().retracted, app.capture.to(NUMBER).len()), (1, 0));
    }

    fn the_night_is_quiet(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let early = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T06:30:00Z", "2026-03-11T07:30:00Z")).id();
        let late = family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
        app.set_clock("2026-03-06T16:00:00Z");
        app.tick();
        // Nobody ticked at five; at nine in the evening the one waits for eight o'clock, the other begins at half past seven.
        app.set_clock("2026-03-10T20:00:00Z");
        let report = app.tick();
        assert_eq!((report.accepted, report.later, report.too_late), (0, 1, 1));
        assert_eq!(planned(&family, &early)[1], "appointment day_before too_late window_closed");
        assert_eq!(planned(&family, &late)[0], "appointment day_before waiting quiet_hours");
        // He is told by hand, this evening.
        assert_eq!(app.promise("tell_by_hand").1, "2026-03-10T22:59:59.999999Z");
        // A change to a session that starts sooner goes all the same.
        app.set_clock("2026-03-11T05:00:00Z");
        family.mentor.post(&format!("/v1/sessions/{early}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(app.tick().accepted, 1);
        app.set_clock("2026-03-11T07:00:00Z");
        assert_eq!(app.tick().accepted, 1);
        assert_eq!(planned(&family, &late)[0], "appointment day_before accepted -");
    }

    fn a_provider_is_given_the_time_it_asks_for(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        app.capture.answer_next(Outcome::RetryAfter { seconds: Some(90), code: "gateway_busy" });
        app.capture.answer_next(Outcome::OurFault { code: "gateway_refused_us" });
        assert_eq!(app.tick().later, 1);
        assert_eq!(planned(&family, &id)[0], "appointment early waiting gateway_busy");
        app.pass(TimeDelta::seconds(89));
        assert_eq!(app.tick().later, 0);
        app.pass(TimeDelta::seconds(1));
        assert_eq!(app.tick().later, 1);
        app.pass(TimeDelta::minutes(30));
        assert_eq!(app.tick().accepted, 1);
        let attempts = app.lines("SELECT CAST(attempts AS text) AS line FROM messages WHERE slot = 'early'");
        assert_eq!((attempts[0].as_str(), app.capture.to(NUMBER).len()), ("3", 1));
    }

    fn who_is_not_reached_is_told_by_hand(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        let id = session(&family);
        let coaching = family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id();
        app.set_clock("2026-03-06T16:00:00Z");
        app.tick();
        assert!(app.promised("tell_by_hand").is_empty());
        app.set_clock("2026-03-10T16:00:00Z");
        // One's number is gone; of the other's mail nobody knows.
        app.capture.answer_next(Outcome::TargetGone);
        app.capture.answer_next(Outcome::TargetGone);
        assert_eq!(app.tick().refused, 2);
        for subject in [&id, &coaching] {
            assert_eq!(planned(&family, subject)[1], "appointment day_before refused target_gone");
        }
        let promised = app.promised("tell_by_hand");
        assert_eq!(promised.len(), 2);
        assert!(promised.iter().all(|duty| duty.due_at.to_string() == "2026-03-10T22:59:59.999999Z" && duty.state == "open"), "{promised:?}");
        // The night's pass leaves it so; what happens to the session ends it.
        app.set_clock("2026-03-11T07:00:00Z");
        app.tick();
        assert!(app.promised("tell_by_hand").iter().all(|duty| duty.state == "open"));
        family.mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "person", "new_time_agreed": true})).ok();
        let ended: Vec<_> = app.promised("tell_by_hand").into_iter().filter(|duty| duty.state == "ended").collect();
        assert_eq!((ended.len(), ended[0].reason.as_deref()), (1, Some("cancelled")));
    }

    fn an_sms_of_unknown_fate_waits_for_a_person_and_a_mail_goes_again(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        let (id, _) = (session(&family), family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id());
        app.set_clock("2026-03-06T16:00:00Z");
        for _ in 0..2 {
            app.capture.answer_next(Outcome::Unknown { code: "timeout" });
        }
        let report = app.tick();
        assert_eq!((report.unknown, report.later), (1, 1));
        assert_eq!((planned(&family, &id)[0].as_str(), app.promise("tell_by_hand").0.as_str()), ("appointment early unknown timeout", "open"));
        app.pass(TimeDelta::hours(2));
        assert_eq!(app.tick().accepted, 1);
        assert_eq!(app.capture.to(NUMBER).len(), 1, "never a second time");
        let mails = app.capture.to(MAILBOX);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].raw, mails[1].raw, "the same mail, byte for byte");
        // A later one that arrives makes the errand by hand needless.
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        app.set_clock("2026-03-11T07:00:00Z");
        app.tick();
        assert_eq!(app.promise("tell_by_hand").2.as_deref(), Some("not_needed"));
    }

    fn what_may_have_left_goes_again_as_it_was_whatever_came_between(app: TestApp) {
        let family = family(&app);
        by_mail(&family);
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        app.set_clock("2026-03-06T16:00:00Z");
        let busy = |code| Outcome::RetryAfter { seconds: None, code };
        // It arrived, and the answer was lost; then the provider is busy, is not there, and does not like our settings.
        for outcome in [Outcome::Unknown { code: "timeout" }, busy("busy"), busy("unreachable"), Outcome::OurFault { code: "secret" }] {
            app.capture.answer_next(outcome);
            assert_eq!(app.tick().later, 1);
            app.pass(TimeDelta::minutes(5));
        }
        app.pass(TimeDelta::minutes(30));
        assert_eq!(app.tick().accepted, 1);
        let mails = app.capture.to(MAILBOX);
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].raw, mails[1].raw, "the same mail under the same Message-ID, byte for byte");
    }

    fn after_some_tries_in_vain_somebody_tells_by_hand_as_well(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-10T16:00:00Z");
        for tries in 1..=4 {
            app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "gateway_busy" });
            assert_eq!(app.tick().later, 1);
            assert_eq!(app.promised("tell_by_hand").len(), usize::from(tries == 4), "after {tries} tries");
            app.pass(TimeDelta::minutes(10));
        }
        let (state, due_at, _) = app.promise("tell_by_hand");
        assert_eq!((state.as_str(), due_at.as_str()), ("open", "2026-03-10T22:59:59.999999Z"));
        assert_eq!(app.tick().accepted, 1);
        assert_eq!(app.promise("tell_by_hand").2.as_deref(), Some("not_needed"));
        assert!(planned(&family, &id).contains(&"appointment day_before accepted -".to_owned()));
    }

    fn an_address_is_the_one_of_the_moment(app: TestApp) {
        let family = family(&app);
        by_mail(&family);
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        app.set_clock("2026-03-06T16:00:00Z");
        app.capture.answer_next(Outcome::Unknown { code: "timeout" });
        app.tick();
        // It may have reached the old one; what goes again goes to the new one, in the new language.
        reachable(&family.unit, &family.father, &json!({"channel": "email", "email": "ny@example.org"}));
        app.pass(TimeDelta::minutes(1));
        app.tick();
        assert_eq!((app.capture.to(MAILBOX).len(), app.capture.to("ny@example.org").len()), (1, 1));
        reachable(&family.unit, &family.father, &json!({"channel": "email", "email": "ny@example.org", "no_messages": true}));
        app.set_clock("2026-03-10T16:00:00Z");
        assert_eq!(app.tick().accepted, 0);
        assert_eq!(app.promise("tell_by_hand").0, "open");
    }
    fn what_came_to_its_end_keeps_nothing_of_what_went_out(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!(app.tick().accepted, 1);
        let kept = || app.lines("SELECT state AS line FROM messages WHERE prepared IS NOT NULL");
        assert_eq!(kept(), Vec::<String>::new());
        // Nor does what an earlier version kept; what waits may have left already, and goes again as it was.
        let bytes = if app.database.url.engine() == Engine::Sqlite { "blob" } else { "bytea" };
        app.run(&format!("UPDATE messages SET prepared = CAST('x' AS {bytes})"));
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap().is_some_and(|name| name != "0030_messages_forget") {}
        migrations::apply(db, app.clock.now()).unwrap();
        assert!(!kept().is_empty() && kept().iter().all(|state| state == "waiting"), "{:?}", kept());
        app.run("UPDATE messages SET prepared = NULL");
    }
}
