//! What the unit is told of late promises, and what a week without a tick changes: lateness.

use chrono::TimeDelta;
use makker::messages::channels::{Channel, Outcome};
use serde_json::json;

use super::{by_mail, by_sms};
use crate::sessions::{Family, family, plan};
use crate::support::caller::{Caller, PASSWORD};
use crate::support::{Engine, OnEngine, TestApp};

fn push_to(caller: &Caller<'_>, token: serde_json::Value) {
    let device = caller.tokens()["device_id"].as_str().unwrap().to_owned();
    caller.patch(&format!("/v1/me/devices/{device}"), "*", &json!({ "push_target": token })).ok();
}

fn phone(token: &str) -> serde_json::Value {
    json!({"provider": "fcm", "token": token})
}

/// Another coordinator, who is told by push, and by mail where that fails.
fn with_phone_and_mail<'a>(app: &'a TestApp, unit: &Caller<'_>, name: &str) -> Caller<'a> {
    let email = format!("{name}@example.org");
    let account = json!({"name": name, "display_name": name, "roles": ["coordinator"], "email": email, "password": PASSWORD});
    unit.post("/v1/accounts", &account).ok();
    let caller = app.sign_in(name);
    push_to(&caller, phone(name));
    caller
}

/// Another coordinator, ida, is barred from the boy: what is late about him does not exist for her. Both are told by push.
fn with_one_barred(app: &TestApp, family: &Family<'_>) {
    by_sms(family);
    by_mail(family);
    push_to(&family.unit, phone("eva"));
    let ida = app.account("ida", &["coordinator"]);
    push_to(&ida, phone("ida"));
    family.unit.post("/v1/bars", &json!({"account_id": ida.account_id(), "person_id": family.boy, "cause": "family"})).ok();
}

/// Sessions on these days of March at 16:00; nobody logs them.
fn unlogged(family: &Family<'_>, days: &[u32]) {
    for day in days {
        let at = |time: &str| format!("2026-03-{day:02}T{time}Z");
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, &at("15:00:00"), &at("16:00:00"))).ok();
    }
}

/// What a phone was told, in order.
fn told(app: &TestApp, to: &str) -> Vec<String> {
    app.capture.to(to).into_iter().map(|sent| format!("{} {}", sent.at, sent.message.lines.join("|"))).collect()
}

both_engines! {
    fn what_is_late_is_told_once_a_day_as_a_count(app: TestApp) {
        let family = family(&app);
        with_one_barred(&app, &family);
        let eva = &family.unit;
        unlogged(&family, &[3, 4]);
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-04T15:00:00Z", "2026-03-04T16:00:00Z")).ok();
        app.set_clock("2026-03-05T22:59:59Z");
        assert_eq!(app.tick().late, 1, "the founded case is not referred");
        assert!(told(&app, "eva").is_empty(), "not in the night");
        app.set_clock("2026-03-05T23:00:00Z");
        assert_eq!((app.tick().late, app.tick().late), (1, 0));
        app.set_clock("2026-03-06T07:00:00Z");
        app.tick();
        assert_eq!(told(&app, "eva"), ["2026-03-06T07:00:00Z Du har 2 opgaver over tiden."]);
        assert_eq!(app.count("messages WHERE kind = 'duties_late'"), 1, "for her nothing is planned");
        // Two more the next night.
        app.set_clock("2026-03-06T23:00:00Z");
        assert_eq!(app.tick().late, 2);
        app.set_clock("2026-03-07T07:00:00Z");
        app.tick();
        app.set_clock("2026-03-07T20:00:00Z");
        app.tick();
        assert_eq!(told(&app, "eva")[1..], ["2026-03-07T07:00:00Z Du har 4 opgaver over tiden."]);
        assert!(told(&app, "ida").is_empty(), "{:?}", told(&app, "ida"));
        let mine = eva.get(&format!("/v1/messages?account={}", eva.account_id())).ok();
        assert_eq!((&mine["items"][0]["kind"], &mine["items"][0]["person_id"]), (&json!("duties_late"), &serde_json::Value::Null));
    }

    fn what_another_was_told_is_late_is_shown_to_nobody(app: TestApp) {
        let family = family(&app);
        with_one_barred(&app, &family);
        unlogged(&family, &[3]);
        let eva = &family.unit;
        let ola = app.account("ola", &["coordinator"]);
        push_to(&ola, phone("ola"));
        app.set_clock("2026-03-06T07:00:00Z");
        app.tick();
        let listed = |caller: &Caller<'_>, query: &str| {
            let found = caller.get(&format!("/v1/messages?limit=200{query}")).ok()["items"].clone();
            let late = found.as_array().unwrap().iter().filter(|message| message["kind"] == "duties_late");
            late.map(|message| message["recipient_account_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let evas = format!("&account={}", eva.account_id());
        assert_eq!(listed(eva, &evas), [eva.account_id()]);
        let message = eva.get(&format!("/v1/messages?account={}", eva.account_id())).ok()["items"][0]["id"].clone();
        let message = format!("/v1/messages/{}", message.as_str().unwrap());
        eva.get(&message).ok();
        // Neither to whom a bar hides what it was, nor to anybody else: that it is not shown tells of no bar.
        for other in [&app.sign_in("ida"), &ola] {
            for query in ["", "&state=accepted", &evas] {
                assert!(listed(other, query).iter().all(|to| *to == other.account_id()), "{query}");
            }
            other.get(&message).refused(404, "not_found");
        }
        assert_eq!(listed(&ola, ""), [ola.account_id()]);
    }

    fn nobody_is_told_on_a_day_on_which_only_what_is_hidden_from_them_became_late(app: TestApp) {
        let family = family(&app);
        with_one_barred(&app, &family);
        let eva = &family.unit;
        app.founded_case(eva, &[&eva.person("young_person", "Viggomar", Some("2009-05-01"))]);
        unlogged(&family, &[5]);
        // Neither case is referred; of one of them she knows.
        app.set_clock("2026-03-04T10:00:00Z");
        assert_eq!(app.tick().late, 2);
        assert_eq!(told(&app, "ida"), ["2026-03-04T10:00:00Z Du har 1 opgave over tiden."]);
        // That is late still when a log of the boy's becomes late, too.
        app.set_clock("2026-03-07T23:00:00Z");
        assert_eq!(app.tick().late, 1);
        app.set_clock("2026-03-08T07:00:00Z");
        app.tick();
        assert_eq!(told(&app, "eva"), ["2026-03-04T10:00:00Z Du har 2 opgaver over tiden.", "2026-03-08T07:00:00Z Du har 3 opgaver over tiden."]);
        assert_eq!(told(&app, "ida").len(), 1, "{:?}", told(&app, "ida"));
        // What she may know of she is told of.
        app.founded_case(eva, &[&eva.person("young_person", "Asbjornulf", Some("2009-06-01"))]);
        app.set_clock("2026-03-10T08:00:00Z");
        app.tick();
        assert_eq!(told(&app, "ida")[1..], ["2026-03-10T08:00:00Z Du har 2 opgaver over tiden."]);
    }

    fn what_waits_for_an_account_goes_in_the_language_it_has_by_then(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        let eva = &family.unit;
        push_to(eva, phone("eva"));
        unlogged(&family, &[3]);
        app.set_clock("2026-03-05T23:00:00Z");
        assert_eq!(app.tick().late, 2);
        let path = format!("/v1/accounts/{}", eva.account_id());
        let set = |tag: &str, language: &str| eva.patch(&path, tag, &json!({ "language": language }));
        set("\"9.x\"", "en").refused(412, "stale_version");
        assert_eq!(set("*", "fr").refused(422, "invalid")["errors"][0]["pointer"], "/language");
        let changed = set("*", "en").ok();
        assert_eq!((&changed["language"], &changed["display_name"]), (&json!("en"), &eva.get("/v1/me").ok()["account"]["display_name"]));
        assert_eq!(app.lines("SELECT language || ' ' || state AS line FROM messages WHERE kind = 'duties_late'"), ["en waiting"]);
        app.set_clock("2026-03-06T07:00:00Z");
        app.tick();
        assert_eq!(told(&app, "eva"), ["2026-03-06T07:00:00Z You have 2 overdue tasks."]);
        // What went stays as it went; another name changes no language.
        set("*", "da").ok();
        assert_eq!(eva.patch(&path, "*", &json!({"display_name": "Eva Holm"})).ok()["language"], "da");
        assert_eq!(app.lines("SELECT language || ' ' || state AS line FROM messages WHERE kind = 'duties_late'"), ["en accepted"]);
    }

    fn a_phone_that_is_gone_is_forgotten_and_mail_goes_instead(app: TestApp) {
        let family = family(&app);
        let olga = with_phone_and_mail(&app, &family.unit, "olga");
        app.set_clock("2026-03-05T10:00:00Z");
        app.capture.answer_next(Outcome::TargetGone);
        let report = app.tick();
        assert_eq!((report.late, report.refused, report.accepted), (1, 1, 1));
        let mail = app.capture.to("olga@example.org");
        assert_eq!((mail.len(), mail[0].message.channel), (1, Channel::Email));
        let devices = olga.get("/v1/me/devices").ok();
        assert_eq!(devices["items"][0]["has_push_target"], false, "{devices}");
        // A bad mailbox is no reason to try all day.
        app.pass(TimeDelta::hours(1));
        assert_eq!(app.tick().accepted, 0);
    }

    fn a_phone_that_must_sign_in_again_is_told_nothing_of_what_is_late(app: TestApp) {
        with_phone_and_mail(&app, &family(&app).unit, "rigmor");
        app.set_clock("2026-04-13T10:00:00Z");
        assert!(app.tick().late > 0);
        assert_eq!((told(&app, "rigmor@example.org").len(), told(&app, "rigmor").len()), (1, 0));
    }

    fn what_a_phone_does_not_take_goes_by_mail(app: TestApp) {
        let family = family(&app);
        let rigmor = with_phone_and_mail(&app, &family.unit, "rigmor");
        let told_by = || app.lines("SELECT channel || ' ' || state || ' ' || coalesce(reason, '') AS line FROM messages WHERE kind = 'duties_late' ORDER BY planned_at, channel");
        unlogged(&family, &[9]);
        app.set_clock("2026-03-05T10:00:00Z");
        // The phone stays on record: only this message is refused.
        app.capture.answer_next(Outcome::Refused { code: "target_invalid" });
        let report = app.tick();
        assert_eq!((report.late, report.refused, report.accepted), (1, 1, 1));
        assert_eq!(told(&app, "rigmor@example.org").len(), 1);
        assert_eq!(rigmor.get("/v1/me/devices").ok()["items"][0]["has_push_target"], true);
        app.pass(TimeDelta::hours(1));
        assert_eq!((app.tick().accepted, told_by()), (0, vec!["email accepted ".to_owned(), "push refused target_invalid".to_owned()]));
        // Days later nobody told of a session by hand. Our key for the phones is wrong all morning.
        app.set_clock("2026-03-09T08:00:00Z");
        for _ in 0..4 {
            app.capture.answer_next(Outcome::OurFault { code: "access_refused" });
            assert_eq!(app.tick().later, 1);
            app.pass(TimeDelta::minutes(31));
        }
        app.tick();
        assert_eq!(told(&app, "rigmor@example.org").len(), 2);
        app.pass(TimeDelta::hours(2));
        app.tick();
        assert!(told(&app, "rigmor").is_empty(), "it went by the other way");
        assert_eq!(told_by()[2..], ["push retracted by_other_way", "email accepted "]);
    }

    fn a_coordinator_whose_profile_cannot_be_read_keeps_nobody_else_from_hearing(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        push_to(&family.unit, phone("eva"));
        with_phone_and_mail(&app, &family.unit, "rigmor");
        unlogged(&family, &[3]);
        // She is the first who would be told.
        app.spoil("accounts", "profile", "name = 'eva'");
        app.set_clock("2026-03-05T10:00:00Z");
        let report = app.tick();
        assert_eq!((report.late, report.failed), (1, 1));
        assert_eq!((told(&app, "eva").len(), told(&app, "rigmor").len()), (0, 1));
        assert!(app.log().contains("telling a coordinator what is late"), "the log says what failed");
        app.mend("accounts", "profile");
        // The next time she hears of all.
        app.set_clock("2026-03-05T23:00:00Z");
        let report = app.tick();
        assert_eq!((report.late, report.failed), (1, 0));
        app.set_clock("2026-03-06T07:00:00Z");
        app.tick();
        assert_eq!(told(&app, "eva"), ["2026-03-06T07:00:00Z Du har 2 opgaver over tiden."]);
    }

    fn where_no_way_is_left_nothing_goes_twice(app: TestApp) {
        with_phone_and_mail(&app, &family(&app).unit, "rigmor");
        app.set_clock("2026-03-05T10:00:00Z");
        app.capture.answer_next(Outcome::Refused { code: "target_invalid" });
        app.capture.answer_next(Outcome::TargetGone);
        assert_eq!(app.tick().refused, 2);
        for _ in 0..3 {
            app.pass(TimeDelta::hours(1));
            let report = app.tick();
            assert_eq!((report.accepted, report.refused, report.later), (0, 0, 0));
        }
        assert_eq!(app.count("messages WHERE kind = 'duties_late'"), 2);
    }
}

/// Three weeks of one family: planned, moved, cancelled, never logged, with a tick at these hours.
fn weeks(engine: Engine, ticks: impl Fn(u32) -> bool) -> (TestApp, usize) {
    let app = TestApp::on(engine);
    let sent = {
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        push_to(&family.unit, phone("eva"));
        unlogged(&family, &[4, 11, 18, 25]);
        for day in [5, 12, 19] {
            let at = |time: &str| format!("2026-03-{day:02}T{time}Z");
            family.coach.post("/v1/sessions", &plan(&family.coaching, &at("15:00:00"), &at("16:00:00"))).ok();
        }
        for hour in 0..(21 * 24) {
            app.pass(TimeDelta::hours(1));
            if ticks(hour) {
                app.tick();
                let once = app.standing();
                assert_eq!(app.tick().accepted, 0);
                assert_eq!(app.standing(), once, "twice is once");
            }
        }
        app.tick();
        app.capture.all().len()
    };
    (app, sent)
}

#[test]
fn a_week_without_a_tick_changes_nothing_but_lateness() {
    // Every third hour is an hour like any other here, and 17:00 local one of them.
    let (always, sent) = weeks(Engine::Sqlite, |hour| hour % 3 == 1);
    let (resting, sent_less) = weeks(Engine::Sqlite, |hour| hour % 3 == 1 && !(5 * 24..12 * 24).contains(&hour));
    let duties = "SELECT kind || ' ' || slot || ' ' || state || ' ' || CAST(due_at AS text) || ' ' || coalesce(reason, '') || ' ' || \
        CASE WHEN late_told_at IS NULL THEN 'in time' ELSE 'told' END AS line FROM duties ORDER BY 1";
    assert_eq!(always.lines(duties), resting.lines(duties));
    let open =
        "SELECT kind || ' ' || slot || ' ' || CAST(not_before_at AS text) AS line FROM messages WHERE next_try_at IS NOT NULL ORDER BY 1";
    assert_eq!(always.lines(open), resting.lines(open));
    let too_late = resting.lines("SELECT kind AS line FROM messages WHERE state = 'too_late'").len();
    assert!(sent_less < sent && too_late > 0, "{sent_less} of {sent} sent, {too_late} too late");
    let odd = "SELECT state || ' ' || coalesce(reason, '') AS line FROM messages WHERE state NOT IN ('accepted', 'waiting', 'too_late')";
    assert!(resting.lines(odd).is_empty(), "{:?}", resting.lines(odd));
}
