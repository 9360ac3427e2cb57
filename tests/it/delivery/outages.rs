//! A database that refuses for a while what a round wants to write down. What the process knows of its messages it keeps, and writes down as soon
//! as that is possible: nobody is told twice, and nobody by hand of what was sent.

use std::future::poll_fn;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use makker::app::{Report, Ticker};
use makker::base::error::{Error, Result};
use makker::messages::channels::Channel;
use makker::tick::Part;
use serde_json::json;
use tokio::time::Instant;

use super::halts::{AT_ONCE, arrived, thirty_due};
use super::{by_sms, planned, session};
use crate::sessions::family;
use crate::support::outbox::ticker;
use crate::support::{Engine, OnEngine, TestApp};

/// From now on the database refuses to write down that a message stands so, in the words of a disk that fails.
fn refuse(app: &TestApp, state: &str) {
    let refusing = match app.database.url.engine() {
        Engine::Sqlite => format!(
            "CREATE TRIGGER refusing BEFORE UPDATE ON messages WHEN NEW.state = '{state}' BEGIN SELECT RAISE(ABORT, 'Input/output error'); END"
        ),
        Engine::Postgres => format!(
            "CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'Input/output error'; END $$; \
            CREATE TRIGGER refusing BEFORE UPDATE ON messages FOR EACH ROW WHEN (NEW.state = '{state}') EXECUTE FUNCTION refusing()"
        ),
    };
    app.try_sql(&refusing).unwrap();
}

/// It takes everything again.
fn recover(app: &TestApp) {
    let recovered = match app.database.url.engine() {
        Engine::Sqlite => "DROP TRIGGER refusing",
        Engine::Postgres => "DROP FUNCTION refusing() CASCADE",
    };
    app.try_sql(recovered).unwrap();
}

/// A ticker whose leases last so many seconds.
fn ticker_with_leases_of(app: &TestApp, lease_s: u32) -> Ticker {
    let mut config = app.config.clone();
    config.tick.lease_s = lease_s;
    ticker(&config, app.door.clone(), &app.capture)
}

/// A round of SMS in a time that jumps whenever everybody waits for it. Meanwhile something happens, each after so many milliseconds.
fn round_of_sms(ticker: &Ticker, meanwhile: &[(u64, &dyn Fn())]) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (begun, mut steps, mut to_come) = (Instant::now(), 0, meanwhile.iter().peekable());
        let mut round = pin!(ticker.run(Part::By(Channel::Sms)));
        let done = poll_fn(|context| {
            steps += 1;
            assert!(steps < 500, "it never rests");
            while let Some((_, happens)) = to_come.next_if(|(at, _)| begun.elapsed() >= Duration::from_millis(*at)) {
                happens();
            }
            round.as_mut().poll(context)
        })
        .await;
        assert!(to_come.peek().is_none(), "it was over before");
        done
    })
}

both_engines! {
    fn what_was_sent_while_the_database_is_away_is_written_down_when_it_is_back(app: TestApp) {
        let engine = app.database.url.engine();
        for is_stopped in [false, true] {
            let app = TestApp::on(engine);
            thirty_due(&app);
            let (ticker, by_hand) = (app.ticker_of_its_own(), app.promised("tell_by_hand").len());
            refuse(&app, "accepted");
            let stop = || {
                if is_stopped {
                    ticker.stop();
                }
            };
            let back = || {
                assert_eq!(arrived(&app), AT_ONCE, "nothing is begun meanwhile");
                recover(&app);
            };
            let report = round_of_sms(&ticker, &[(5_000, &stop), (10_000, &back)]).unwrap();
            assert_eq!((report.accepted, report.later, report.unknown), (AT_ONCE, 30 - AT_ONCE, 0));
            assert_eq!(app.count("messages WHERE state = 'leased' OR prepared IS NOT NULL"), 0, "nothing is in doubt, nothing waits for a lease");
            assert_eq!(app.count("messages WHERE channel = 'sms' AND state = 'waiting' AND attempts = 0"), 14, "what was not begun is untried");
            app.pass(TimeDelta::seconds(1));
            assert_eq!((app.tick().accepted, arrived(&app)), (14, 30));
            assert_eq!(app.promised("tell_by_hand").len(), by_hand);
            let log = app.log();
            assert!(log.contains("the database is away") && log.contains("the database is there again"), "{log}");
        }
    }

    fn what_is_not_written_down_before_its_lease_ends_stays_unknown(app: TestApp) {
        const LEASE_S: u32 = 20;
        thirty_due(&app);
        refuse(&app, "accepted");
        let round = round_of_sms(&ticker_with_leases_of(&app, LEASE_S), &[]);
        assert!(matches!(round, Err(Error::Unavailable(_))), "{round:?}");
        recover(&app);
        app.pass(TimeDelta::seconds(i64::from(LEASE_S) + 1));
        let report = app.tick();
        assert_eq!((report.unknown, report.accepted, arrived(&app)), (AT_ONCE, 14, 30));
    }

    fn what_is_retracted_while_its_sender_waits_for_the_database_counts_as_sent(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        refuse(&app, "accepted");
        let cancel = || {
            family.mentor.post(&format!("/v1/sessions/{id}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        };
        let back = || recover(&app);
        assert_eq!(round_of_sms(&app.ticker_of_its_own(), &[(5_000, &cancel), (10_000, &back)]).unwrap().accepted, 1);
        let all = planned(&family, &id);
        assert!(all.contains(&"appointment early accepted retracted_on_its_way".to_owned()), "{all:?}");
    }

    /// By the clock of another process the lease is over sooner.
    fn what_another_took_meanwhile_is_the_others(app: TestApp) {
        let family = family(&app);
        by_sms(&family);
        let id = session(&family);
        app.set_clock("2026-03-06T16:00:00Z");
        refuse(&app, "accepted");
        let other = || {
            app.pass(TimeDelta::seconds(i64::from(app.config.tick.lease_s) + 1));
            let report = thread::scope(|scope| scope.spawn(|| app.tick()).join().unwrap());
            assert_eq!((report.unknown, report.accepted), (1, 0));
        };
        // What is no longer its own there is nothing to refuse of: it lets go of it at once.
        round_of_sms(&app.ticker_of_its_own(), &[(5_000, &other)]).unwrap();
        assert_eq!((planned(&family, &id)[0].as_str(), app.promise("tell_by_hand").0.as_str()), ("appointment early unknown outcome_unknown", "open"));
        assert_eq!(arrived(&app), 1);
    }

    fn what_would_not_have_its_whole_time_is_not_begun(app: TestApp) {
        thirty_due(&app);
        // To take them lasts longer than a quarter of the lease, and not half of it.
        refuse(&app, "leased");
        let (ticker, back) = (ticker_with_leases_of(&app, 4), || recover(&app));
        let report = round_of_sms(&ticker, &[(1_100, &back)]).unwrap();
        assert_eq!((report.accepted, report.later, arrived(&app)), (0, 30, 0));
        assert_eq!(app.count("messages WHERE channel = 'sms' AND state = 'waiting' AND reason = 'no_time_left' AND attempts = 0"), 30);
        app.pass(TimeDelta::seconds(1));
        assert_eq!((round_of_sms(&ticker, &[]).unwrap().accepted, arrived(&app)), (30, 30));
    }
}
