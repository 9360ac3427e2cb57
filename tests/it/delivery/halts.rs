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
use makker::tick::Part;

use super::{by_sms, cancel_all, daily, planned, session};
use crate::sessions::family;
use crate::support::outbox::{round, ticker};
use crate::support::{Engine, OnEngine, TestApp};

/// Messages on their way at once.
const AT_ONCE: usize = 16;

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
fn thirty_due(app: &TestApp) {
    let family = family(app);
    by_sms(&family);
    daily(&family, 30);
    app.tick();
    cancel_all(&family);
    assert_eq!(app.count("messages WHERE channel = 'sms' AND state = 'waiting'"), 30);
}

/// How many SMS reached him, none of them twice.
fn arrived(app: &TestApp) -> usize {
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
        // It dies when so many steps are done: all taken; sixteen prepared; these sent; these settled and the rest prepared.
        for (steps, in_doubt, sent, sent_in_all) in [(1, 0, 0, 30), (2, 16, 0, 14), (3, 16, 16, 30), (4, 14, 16, 16)] {
            let app = TestApp::on(engine);
            thirty_due(&app);
            assert!(sms_round(&app.ticker_of_its_own(), |step| step <= steps).is_none());
            assert_eq!(app.count("messages WHERE state = 'leased' AND prepared IS NOT NULL"), in_doubt, "after {steps} steps");
            assert_eq!(arrived(&app), sent, "after {steps} steps");
            app.pass(TimeDelta::seconds(i64::from(app.config.tick.lease_s) + 1));
            app.tick();
            let ended = |state: &str| app.count(&format!("messages WHERE channel = 'sms' AND state = '{state}'"));
            assert_eq!((ended("unknown"), ended("accepted")), (in_doubt, 30 - in_doubt), "after {steps} steps");
            assert_eq!(arrived(&app), sent_in_all, "after {steps} steps");
        }
    }

    fn a_stop_awaits_what_is_on_its_way_and_begins_nothing(app: TestApp) {
        thirty_due(&app);
        // Taken; prepared and not begun; sixteen on their way; the rest on its way.
        for (stop_at, accepted, later) in [(2, 0, 30), (3, 0, 30), (4, 16, 14)] {
            let ticker = app.ticker_of_its_own();
            let stop = |step| {
                if step == stop_at {
                    ticker.stop();
                }
                true
            };
            let report = sms_round(&ticker, stop).unwrap();
            assert_eq!((report.accepted, report.later, report.unknown), (accepted, later, 0), "stopped before step {stop_at}");
            assert_eq!(app.count("messages WHERE state = 'leased' OR prepared IS NOT NULL"), 0, "nothing is in doubt, nothing waits for a lease");
            let again = sms_round(&ticker, |_| true).unwrap();
            assert_eq!((again.accepted, again.later), (0, 0), "a ticker that was stopped begins nothing");
            app.pass(TimeDelta::seconds(2));
        }
        // Another process, or the next start, goes on.
        assert_eq!(app.tick().accepted, 14);
        assert_eq!(arrived(&app), 30);
        assert_eq!(app.count("messages WHERE channel = 'sms' AND state = 'accepted'"), 30);
    }

    fn what_an_outage_spares_a_try_counts_as_tried(app: TestApp) {
        thirty_due(&app);
        for tries in 1..=4 {
            (0..AT_ONCE).for_each(|_| app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "unreachable" }));
            let report = sms_round(&app.ticker_of_its_own(), |_| true).unwrap();
            assert_eq!((report.accepted, report.later), (0, 30));
            // Else those behind the first would be told by hand hours later.
            let attempts = app.lines("SELECT DISTINCT CAST(attempts AS text) AS line FROM messages WHERE channel = 'sms' AND state = 'waiting'");
            assert_eq!(attempts, [tries.to_string()]);
            app.pass(TimeDelta::minutes(10));
        }
        assert_eq!(app.tick().accepted, 30);
        assert_eq!(arrived(&app), 30);
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
