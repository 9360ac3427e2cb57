//! A round that ends before its work is done: a crash, a stop, a disk that fills. What was on its way is in doubt or awaited, nothing else; what
//! was not begun waits as if nobody had taken it.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use chrono::TimeDelta;
use makker::app::{Missing, Report, Stores, Ticker, open_door};
use makker::base::ids::IdSource;
use makker::messages::channels::{Channel, Outcome};
use makker::messages::delivery::actions as steps;
use makker::tick::Part;

use super::{by_sms, cancel_all, daily, planned, session};
use crate::sessions::family;
use crate::support::outbox::{round, ticker};
use crate::support::{Engine, OnEngine, TestApp};

/// Messages on their way at once.
pub(super) const AT_ONCE: usize = 16;

/// A round of SMS. Before each of its steps (it waits for the database or a sender, and is woken) something may happen; it dies where that says
/// no.
fn sms_round(ticker: &Ticker, mut goes_on: impl FnMut(usize) -> bool) -> Option<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut round = pin!(ticker.run(Part::By(Channel::Sms)));
        let mut step = 0;
        poll_fn(|context| {
            step += 1;
            if goes_on(step) { round.as_mut().poll(context).map(|report| Some(report.unwrap())) } else { Poll::Ready(None) }
        })
        .await
    })
}

/// Thirty SMS that are due.
pub(super) fn thirty_due(app: &TestApp) {
    let family = family(app);
    by_sms(&family);
    daily(&family, 30);
    app.tick();
    cancel_all(&family);
    assert_eq!(app.count("messages WHERE channel = 'sms' AND state = 'waiting'"), 30);
}

/// How many SMS reached him, none of them twice.
pub(super) fn arrived(app: &TestApp) -> usize {
    let all = app.capture.all();
    assert_eq!(all.iter().map(|sent| sent.message.id).collect::<BTreeSet<_>>().len(), all.len(), "an SMS went twice");
    all.len()
}

/// On a disk with less room than the settings ask for.
struct Full(TestApp);

impl OnEngine for Full {
    fn on(engine: Engine) -> Self {
        // The keys are files on either engine.
        Self(TestApp::with(engine, |config| config.database.free_mb = u32::MAX))
    }
}

both_engines! {
    fn a_crash_leaves_in_doubt_what_was_on_its_way_and_nothing_else(app: TestApp) {
        let engine = app.database.url.engine();
        let mut doubts = BTreeSet::new();
        // It dies before each of its steps, until there is none left.
        for steps in 0.. {
            let app = TestApp::on(engine);
            thirty_due(&app);
            let is_done = sms_round(&app.ticker_of_its_own(), |step| step <= steps).is_some();
            let in_doubt = app.count("messages WHERE state = 'leased' AND prepared IS NOT NULL");
            let (sent, settled) = (arrived(&app), app.count("messages WHERE channel = 'sms' AND state = 'accepted'"));
            assert!(in_doubt <= AT_ONCE.try_into().unwrap(), "after {steps} steps {in_doubt} are in doubt");
            app.pass(TimeDelta::seconds(i64::from(app.config.tick.lease_s) + 1));
            app.tick();
            let ended = |state: &str| app.count(&format!("messages WHERE channel = 'sms' AND state = '{state}'"));
            assert_eq!((ended("unknown"), ended("accepted")), (in_doubt, 30 - in_doubt), "after {steps} steps");
            // Those in doubt are not sent again, whether they had left or not.
            let left = i64::try_from(sent).unwrap() - settled;
            assert!((0..=in_doubt).contains(&left), "after {steps} steps {sent} were sent and {settled} settled");
            assert_eq!(i64::try_from(arrived(&app)).unwrap(), 30 - in_doubt + left, "after {steps} steps");
            doubts.insert(in_doubt);
            if is_done {
                break;
            }
        }
        assert!(doubts.is_superset(&[0, 14, 16].into()), "{doubts:?}");
    }

    fn a_stop_awaits_what_is_on_its_way_and_begins_nothing(app: TestApp) {
        let engine = app.database.url.engine();
        let mut all = BTreeSet::new();
        for stop_at in 1.. {
            let app = TestApp::on(engine);
            thirty_due(&app);
            let ticker = app.ticker_of_its_own();
            let mut was_stopped = false;
            let stop = |step| {
                if step == stop_at {
                    ticker.stop();
                    was_stopped = true;
                }
                true
            };
            let report = sms_round(&ticker, stop).unwrap();
            if !was_stopped {
                break;
            }
            assert_eq!((report.accepted + report.later, report.unknown), (if report.accepted + report.later == 0 { 0 } else { 30 }, 0));
            assert_eq!(app.count("messages WHERE state = 'leased' OR prepared IS NOT NULL"), 0, "nothing is in doubt, nothing waits for a lease");
            assert_eq!(app.count("messages WHERE state = 'waiting' AND attempts > 0"), 0, "what was prepared and not begun counts no try");
            let again = sms_round(&ticker, |_| true).unwrap();
            assert_eq!((again.accepted, again.later), (0, 0), "a ticker that was stopped begins nothing");
            // Another process, or the next start, goes on.
            app.pass(TimeDelta::seconds(2));
            assert_eq!(app.tick().accepted, 30 - report.accepted, "stopped before step {stop_at}");
            assert_eq!(arrived(&app), 30);
            all.insert(report.accepted);
        }
        assert!(all.contains(&0) && all.contains(&16), "{all:?}");
    }

    fn an_outage_costs_a_try_of_what_was_on_its_way_and_of_nothing_else(app: TestApp) {
        thirty_due(&app);
        let tried = || app.lines("SELECT CAST(attempts AS text) || ' ' || CAST(count(*) AS text) AS line FROM messages WHERE channel = 'sms' AND state = 'waiting' GROUP BY attempts ORDER BY attempts");
        let away = |most: usize| {
            (0..most).for_each(|_| app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "unreachable" }));
            let report = sms_round(&app.ticker_of_its_own(), |_| true).unwrap();
            assert_eq!(report.accepted, 0);
            app.pass(TimeDelta::seconds(2));
            report.later
        };
        assert_eq!((away(AT_ONCE), tried()), (30, vec!["0 14".to_owned(), "1 16".to_owned()]));
        // In the very next round those that were not begun.
        assert_eq!((away(14), tried()), (14, vec!["1 30".to_owned()]));
        app.pass(TimeDelta::minutes(1));
        assert_eq!(app.tick().accepted, 30);
        assert_eq!(arrived(&app), 30);
    }

    fn what_its_sender_has_no_time_to_begin_counts_no_try(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        // After another try somebody would tell him by hand.
        app.run("UPDATE messages SET attempts = 3 WHERE slot = 'early'");
        app.capture.answer_next(Outcome::NotBegun { code: "no_time_left" });
        assert_eq!(app.tick().later, 1);
        assert_eq!(planned(&family, &id)[0], "appointment early waiting no_time_left");
        assert_eq!(app.count("messages WHERE slot = 'early' AND attempts = 3 AND prepared IS NULL"), 1);
        assert!(app.promised("tell_by_hand").is_empty());
        // Nor does it rest.
        app.pass(TimeDelta::seconds(1));
        assert_eq!((app.tick().accepted, arrived(&app)), (1, 1));
    }

    fn what_no_provider_answers_for_holds_up_nobody_else(app: TestApp) {
        thirty_due(&app);
        let lost = |most: usize| (0..most).for_each(|_| app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "connection_lost" }));
        lost(3);
        let report = sms_round(&app.ticker_of_its_own(), |_| true).unwrap();
        assert_eq!((report.accepted, report.later), (27, 3), "three numbers end the conversation, and the others are told");
        // They alone are tried again; then all is well.
        app.pass(TimeDelta::minutes(1));
        lost(3);
        assert_eq!(sms_round(&app.ticker_of_its_own(), |_| true).unwrap().later, 3);
        app.pass(TimeDelta::minutes(2));
        assert_eq!((app.tick().accepted, arrived(&app)), (3, 30));
    }

    fn a_provider_that_answers_for_nothing_is_away(app: TestApp) {
        thirty_due(&app);
        (0..AT_ONCE).for_each(|_| app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "timeout" }));
        let report = sms_round(&app.ticker_of_its_own(), |_| true).unwrap();
        assert_eq!((report.accepted, report.later), (0, 30));
        assert_eq!(app.count("messages WHERE channel = 'sms' AND state = 'waiting' AND attempts = 0"), 14, "not begun");
        app.pass(TimeDelta::minutes(1));
        assert_eq!(app.tick().accepted, 30);
    }

    fn what_was_tried_before_goes_after_all_that_was_not(app: TestApp) {
        thirty_due(&app);
        app.run("UPDATE messages SET attempts = 1 WHERE id IN (SELECT id FROM messages WHERE channel = 'sms' AND state = 'waiting' ORDER BY next_try_at, id LIMIT 3)");
        let until = app.clock.now().plus(TimeDelta::minutes(2));
        let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Sms, tx.now, (tx.now, until), 28));
        let attempts: Vec<i32> = lease.taken.iter().map(|taken| taken.message.attempts).collect();
        assert_eq!(attempts, [vec![0; 27], vec![1]].concat());
        app.pass(TimeDelta::minutes(3));
        assert_eq!(app.tick().accepted, 30);
    }

    fn on_a_disk_that_fills_nothing_is_sent_until_there_is_room(full: Full) {
        let app = &full.0;
        let family = family(app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        let report = app.tick();
        assert_eq!((report.accepted, report.later, report.failed), (0, 0, 0));
        assert_eq!(planned(&family, &id)[0], "appointment early waiting -", "it was not even taken");
        let log = app.log();
        assert!(log.contains("nothing is sent until there is room"), "{log}");
        // Another process, with room.
        let mut config = app.config.clone();
        config.database.free_mb = 0;
        let stores = Stores::open(&config, Missing::Refuse, app.clock.now()).unwrap();
        let other = open_door(&config, stores, app.clock.clone(), IdSource::seeded(2)).unwrap();
        assert_eq!(round(&ticker(&config, other.clone(), &app.capture)).unwrap().accepted, 1);
        other.house().database.close();
        assert_eq!(planned(&family, &id)[0], "appointment early accepted -");
    }
}
