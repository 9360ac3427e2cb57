//! The sweep over crashes: after every step of a round, and two processes at once. Nothing that should go is lost; what was on its way may
//! go again under the same id with the same bytes, and an SMS never does.

use std::collections::BTreeMap;
use std::thread;

use chrono::{NaiveDate, TimeDelta};
use makker::app::{Missing, Stores, open_door};
use makker::base::clock::Instant;
use makker::base::ids::IdSource;
use makker::messages::Details;
use makker::messages::channels::folder::Captured;
use makker::messages::channels::{Channel, Outcome};
use makker::messages::delivery::actions as steps;
use serde_json::json;

use super::{MAILBOX, NUMBER, by_mail, by_sms, cancel_all, daily, planned, session};
use crate::sessions::{Family, family, plan};
use crate::support::outbox::{round, ticker};
use crate::support::{Engine, TestApp};

/// The unit's phone.
const PHONE: &str = "unit:phone";

fn by_push(family: &Family<'_>) {
    let device = family.unit.tokens()["device_id"].as_str().unwrap().to_owned();
    let target = json!({"push_target": {"provider": "fcm", "token": PHONE}});
    family.unit.patch(&format!("/v1/me/devices/{device}"), "*", &target).ok();
}

both_engines! {
    fn a_crash_after_any_step_loses_nothing_and_repeats_no_sms(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        by_push(&family);
        let mut tokens = family.unit.tokens();
        daily(&family, 30);
        // The first has an early reminder, too.
        app.set_clock("2026-03-27T16:00:00Z");
        app.tick();
        app.capture.clear();
        let (mut deaths, mut unknown) = (0, 0);
        for steps in 1..30 {
            let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap() + TimeDelta::days(steps - 1);
            // The day before at 17:00: the night's work waits, two reminders, and from the fifth day on a log that is late.
            app.set_clock(&format!("{}T15:00:00Z", day - TimeDelta::days(1)));
            // A phone that nobody uses is told nothing after a month.
            tokens = app.refresh(&tokens["refresh_token"]).ok()["tokens"].clone();
            let died = app.tick_that_dies(usize::try_from(steps).unwrap());
            let while_dying = app.capture.all().len();
            app.pass(TimeDelta::seconds(i64::from(app.config.tick.lease_s) + 1));
            app.tick();
            app.pass(TimeDelta::minutes(5));
            app.tick();

            let got = app.capture.all();
            let mut by_id: BTreeMap<String, Vec<_>> = BTreeMap::new();
            for sent in got {
                by_id.entry(sent.message.id.to_string()).or_default().push(sent);
            }
            let of = |to: &str| by_id.values().filter(|sent| sent[0].message.to == to).collect::<Vec<_>>();
            for sent in by_id.values() {
                // A push says how long it is of use from now on: that alone may differ.
                let is_same = |again: &Captured| again.message == sent[0].message && (again.raw == sent[0].raw || again.message.channel == Channel::Push);
                assert!(sent.iter().all(is_same), "{day}: what goes again is the same, byte for byte");
            }
            let (sms, mail, push) = (of(NUMBER), of(MAILBOX), of(PHONE));
            assert!(sms.len() <= 1 && sms.iter().all(|sent| sent.len() == 1), "{day}: an SMS went twice after {steps} steps");
            assert_eq!(mail.len(), 1, "{day}: the mail after {steps} steps");
            assert_eq!(push.len(), usize::from(steps > 4), "{day}: the late log after {steps} steps");
            let standing = app.lines(&format!(
                "SELECT state || ' ' || coalesce(reason, '') AS line FROM messages WHERE channel = 'sms' AND slot = 'day_before' ORDER BY about_at LIMIT 1 OFFSET {}",
                steps - 1
            ));
            match standing[0].as_str() {
                "accepted " => assert_eq!(sms.len(), 1, "{day}"),
                "unknown outcome_unknown" => unknown += 1,
                other => panic!("{day}: {other}"),
            }
            deaths += usize::from(died);
            app.capture.clear();
            if !died && while_dying >= 2 {
                break;
            }
        }
        // A round has so many steps; some of them lie between preparing and settling.
        assert!(deaths > 10 && unknown > 0, "the sweep met {deaths} deaths and {unknown} of unknown fate: it swept over nothing");
        let by_hand = app.lines("SELECT DISTINCT state AS line FROM duties WHERE kind = 'tell_by_hand'");
        assert!(!by_hand.is_empty(), "an SMS of unknown fate is a person's to judge");
    }

    fn a_process_whose_clock_is_ahead_takes_nothing_that_another_has_on_its_way(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        let span = TimeDelta::minutes(2);
        // Both count by the clock that they share.
        let shared = app.clock.now();
        let lease_at = |from: Instant| app.as_tick(move |tx| steps::lease(tx, Channel::Sms, tx.now, (from, from.plus(span)), 100)).taken;
        let taken = lease_at(shared);
        assert_eq!((taken.len(), planned(&family, &id)[0].as_str()), (1, "appointment early leased -"));
        app.set_clock("2026-03-06T17:00:00Z");
        assert!(lease_at(shared.plus(TimeDelta::seconds(119))).is_empty(), "it is the other's still");
        // Nor does one that is behind wait for longer.
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!(lease_at(shared.plus(span)).len(), 1);
        app.pass(TimeDelta::minutes(5));
        assert_eq!(app.tick().accepted, 1);
    }

    fn what_is_retracted_while_it_is_leased_does_not_go(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        let until = app.clock.now().plus(TimeDelta::minutes(2));
        let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Sms, tx.now, (tx.now, until), 100));
        assert_eq!(lease.taken.len(), 1);
        assert_eq!(planned(&family, &id)[0], "appointment early leased -");
        assert!(app.as_tick(move |tx| steps::lease(tx, Channel::Sms, tx.now, (tx.now, until), 100)).taken.is_empty(), "it is one sender's alone");
        family.mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        let (token, taken) = (lease.token, lease.taken[0].clone());
        assert!(!app.as_tick(move |tx| steps::stands(tx, token, taken.message.id)));
        app.pass(TimeDelta::minutes(3));
        assert_eq!(app.tick().accepted, 1);
        assert_eq!(app.capture.all()[0].message.lines, ["Din aftale onsdag den 11. marts kl. 16.00 er aflyst."]);
    }

    fn what_is_retracted_on_its_way_is_written_down_as_sent(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        let until = app.clock.now().plus(TimeDelta::minutes(2));
        let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Sms, tx.now, (tx.now, until), 100));
        let (token, taken) = (lease.token, lease.taken[0].clone());
        let sent = taken.clone();
        app.as_tick(move |tx| steps::prepare(tx, token, &sent, NUMBER.into(), |_| Ok(Details::default())));
        family.mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        app.as_tick(move |tx| steps::settle(tx, token, &taken, &Outcome::Accepted { reference: None }));
        assert!(planned(&family, &id).contains(&"appointment early accepted retracted_on_its_way".to_owned()));
    }

    fn a_sender_that_comes_back_too_late_changes_nothing(app: TestApp) {
        let family = family(&app);
        by_mail(&family);
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        app.set_clock("2026-03-06T16:00:00Z");
        let until = app.clock.now().plus(TimeDelta::minutes(2));
        let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Email, tx.now, (tx.now, until), 100));
        let (token, taken) = (lease.token, lease.taken[0].clone());
        app.pass(TimeDelta::minutes(3));
        assert_eq!(app.tick().accepted, 1);
        let before = app.standing();
        let message = taken.message.clone();
        assert!(!app.as_tick(move |tx| steps::stands(tx, token, message.id)));
        app.as_tick(move |tx| steps::settle(tx, token, &taken, &Outcome::RetryAfter { seconds: None, code: "busy" }));
        assert_eq!(app.standing(), before);
    }

    fn a_provider_that_is_not_there_is_tried_once_and_said_once(app: TestApp) {
        let family = family(&app);
        by_mail(&family);
        daily(&family, 20);
        app.tick();
        cancel_all(&family);
        app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "unreachable" });
        let report = app.tick();
        // Sixteen were on their way at once; the rest did not try.
        assert_eq!((report.accepted, report.later), (15, 5));
        let log = app.log();
        assert!(log.contains("messages did not leave") && log.contains("unreachable"), "{log}");
        app.pass(TimeDelta::hours(1));
        assert_eq!(app.tick().accepted, 5);
    }

    fn two_processes_send_each_message_once(app: TestApp) {
        const DAYS: u32 = 28;
        let family = family(&app);
        by_sms(&family);
        by_mail(&family);
        daily(&family, DAYS);
        app.tick();
        for subject in app.lines("SELECT CAST(count(*) AS text) AS line FROM sessions") {
            assert_eq!(subject, (2 * DAYS).to_string());
        }
        cancel_all(&family);
        // Batches so small that both get some.
        let mut config = app.config.clone();
        config.tick.batch = 5;
        let other = match app.database.url.engine() {
            // As another process: its own connections, keys and ids.
            Engine::Postgres => {
                let stores = Stores::open(&config, Missing::Refuse, app.clock.now()).unwrap();
                open_door(&config, stores, app.clock.clone(), IdSource::seeded(2)).unwrap()
            }
            Engine::Sqlite => app.door.clone(),
        };
        let tickers = [ticker(&config, app.door.clone(), &app.capture), ticker(&config, other.clone(), &app.capture)];
        let reports: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = tickers.iter().map(|ticker| scope.spawn(|| round(ticker).unwrap())).collect();
            running.into_iter().map(|round| round.join().unwrap()).collect()
        });
        if app.database.url.engine() == Engine::Postgres {
            other.house().database.close();
        }
        let all = usize::try_from(2 * DAYS).unwrap();
        assert_eq!(reports.iter().map(|report| report.accepted).sum::<usize>(), all, "{reports:?}");
        let mut ids: Vec<_> = app.capture.all().iter().map(|sent| sent.message.id).collect();
        assert_eq!(ids.len(), all);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "each once");
        assert_eq!(app.capture.all().iter().filter(|sent| sent.message.channel == Channel::Sms).count() * 2, all);
    }
}
