//! A machine whose clock is wrong for a while, and right again: what is kept for months stays, and what was to be told is told.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use makker::base::clock::Instant;
use makker::base::db::migrations;
use makker::base::ids::SessionId;
use makker::messages::channels::Channel;
use makker::messages::delivery::actions as steps;
use serde_json::{Value, json};

use crate::by_hand::to_tell;
use crate::sessions::{FIRST, Family, SECOND, family, held, plan};
use crate::support::caller::PASSWORD;
use crate::support::{Engine, TestApp};

const NUMBER: &str = "+4520123456";
const THIRD: &str = "/v1/session-logs/33333333-3333-4333-8333-333333333333";

/// A moment as SQL.
fn moment(app: &TestApp, at: &str) -> String {
    match app.database.url.engine() {
        Engine::Sqlite => Instant::parse(at).unwrap().micros().to_string(),
        Engine::Postgres => format!("'{at}'::timestamptz"),
    }
}

fn refused(app: &TestApp, statement: &str, says: &str) {
    let answer = app.try_sql(statement);
    assert!(answer.as_ref().is_err_and(|why| why.contains(says)), "{statement}: {answer:?}");
}

/// Somebody opens a person, by a sign-in of this moment.
fn look(app: &TestApp, person: &str) {
    app.sign_in("eva").get(&format!("/v1/people/{person}")).ok();
}

fn reached_at(family: &Family<'_>, phone: &str) {
    let path = format!("/v1/people/{}", family.boy);
    family.unit.put(&format!("{path}/contact"), &family.unit.get(&path).tag(), &json!({"channel": "sms", "phone": phone})).ok();
}

/// A session of the boy that takes an hour.
fn session(family: &Family<'_>, starts_at: &str, ends_at: &str) -> String {
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, starts_at, ends_at)).id()
}

/// Slot and state of all that was ever planned to tell of an appointment, the first to be planned first.
fn reminders(app: &TestApp) -> Vec<String> {
    app.lines("SELECT slot || ' ' || state AS line FROM messages WHERE kind = 'appointment' ORDER BY planned_at, not_before_at")
}

/// A round at a moment, and how many messages left.
fn tick_at(app: &TestApp, at: &str) -> usize {
    app.set_clock(at);
    let report = app.tick();
    assert_eq!(report.failed, 0, "{at}: {report}");
    report.accepted
}

/// A family whose case becomes late, and a coordinator who is told by mail.
fn told_by_mail(app: &TestApp) -> impl Fn() -> Vec<String> {
    let account =
        json!({"name": "thyra", "display_name": "Thyra", "roles": ["coordinator"], "email": "thyra@example.org", "password": PASSWORD});
    family(app).unit.post("/v1/accounts", &account).ok();
    move || app.capture.to("thyra@example.org").into_iter().map(|sent| sent.at.to_string()).collect()
}

both_engines! {
    fn a_clock_that_is_ahead_for_a_moment_takes_nothing_of_the_journal(app: TestApp) {
        let boy = app.coordinator().person("young_person", "Urimus", None);
        for day in ["2026-03-10T08:00:00Z", "2026-03-18T08:00:00Z"] {
            tick_at(&app, day);
            look(&app, &boy);
        }
        // Years ahead for some rounds, in which somebody works, too; and soon once more.
        for (wrong, right) in [("2027-09-01T08:00:00Z", "2026-03-18T09:00:00Z"), ("2027-10-01T08:00:00Z", "2026-03-18T10:00:00Z")] {
            let calls = app.count("journal_calls");
            tick_at(&app, wrong);
            for _ in 0..3 {
                app.pass(TimeDelta::seconds(1));
                assert_eq!(app.tick().failed, 0);
                look(&app, &boy);
            }
            let (border, now) = (moment(&app, "2026-03-15T00:00:00Z"), moment(&app, "2027-09-01T09:00:00Z"));
            let own = moment(&app, "2027-08-01T08:00:00Z");
            for counted_from in [&own, "NULL"] {
                let cut = format!("INSERT INTO journal_cuts (id, before_at, made_at, counted_from) SELECT id, {border}, {now}, {counted_from} FROM accounts LIMIT 1");
                refused(&app, &cut, "journal_cut_too_early");
            }
            refused(&app, "DELETE FROM journal_calls", "journal_append_only");
            tick_at(&app, right);
            look(&app, &boy);
            assert!(app.count("journal_calls") > calls && app.count("journal_cuts") == 0);
        }
        // Thirteen months pass in truth: a week after somebody worked what is older than they are goes.
        tick_at(&app, "2027-04-20T08:00:00Z");
        look(&app, &boy);
        tick_at(&app, "2027-04-26T08:00:00Z");
        assert_eq!(app.count("journal_cuts"), 0);
        tick_at(&app, "2027-04-28T08:00:00Z");
        let first = moment(&app, "2026-03-19T23:00:00Z");
        let old = app.count(&format!("journal_calls WHERE at < {first}"));
        assert_eq!((app.count("journal_cuts"), app.count(&format!("journal_cuts WHERE before_at = {first}")), old), (1, 1, 0));
        assert!(app.count("journal WHERE operation = 'people.get'") >= 7, "by the wrong clock, and since");
    }

    fn where_nobody_works_a_clock_that_is_ahead_takes_nothing_of_the_journal(app: TestApp) {
        let family = family(&app);
        look(&app, &family.boy);
        let calls = app.count("journal_calls");
        // A machine wakes years ahead: the tick finds what is late, and is the only one that works.
        for day in 1..=9 {
            tick_at(&app, &format!("2028-03-{day:02}T08:00:00Z"));
        }
        let of_tick = format!("FROM journal_calls WHERE account_id IS NULL AND at <= {}", moment(&app, "2028-03-02T08:00:00Z"));
        let ahead = format!("{of_tick} AND at >= {}", moment(&app, "2028-03-01T08:00:00Z"));
        assert!(app.count(ahead.trim_start_matches("FROM ")) > 0, "the tick's own");
        assert_eq!(app.count("journal_cuts"), 0);
        let (border, now) = (moment(&app, "2026-03-15T00:00:00Z"), moment(&app, "2028-03-09T08:00:00Z"));
        let counted_from = format!("(SELECT max(at) {of_tick})");
        let cut = format!("INSERT INTO journal_cuts (id, before_at, made_at, counted_from) SELECT id, {border}, {now}, {counted_from} FROM accounts LIMIT 1");
        refused(&app, &cut, "journal_cut_too_early");
        tick_at(&app, "2026-03-03T08:00:00Z");
        assert!(app.count("journal_calls") >= calls && app.count("journal_cuts") == 0);
    }

    fn what_was_called_by_a_clock_that_is_behind_stays_as_long_as_the_rest(app: TestApp) {
        let boy = app.coordinator().person("young_person", "Urimolf", None);
        let of = |from: &str, until: &str| app.count(&format!("journal WHERE at >= {} AND at < {}", moment(&app, from), moment(&app, until)));
        let first = || of("2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z");
        let behind = || of("2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z");
        tick_at(&app, "2027-06-01T08:00:00Z");
        look(&app, &boy);
        // It starts again more than a year behind, for an hour.
        app.set_clock("2026-03-05T08:00:00Z");
        look(&app, &boy);
        let called = behind();
        assert!(called > 0 && first() > 0);
        // As long as nobody has called since, nothing goes and nothing fails.
        tick_at(&app, "2027-06-01T09:00:00Z");
        tick_at(&app, "2027-06-09T08:00:00Z");
        assert_eq!(app.count("journal_cuts"), 0);
        app.set_clock("2027-06-10T08:00:00Z");
        look(&app, &boy);
        tick_at(&app, "2027-06-18T08:00:00Z");
        assert_eq!((app.count("journal_cuts"), first(), behind()), (1, 0, called));
        // It goes with what was called around it.
        app.set_clock("2028-07-12T08:00:00Z");
        look(&app, &boy);
        tick_at(&app, "2028-07-25T08:00:00Z");
        assert_eq!((app.count("journal_cuts"), behind()), (2, 0));
    }

    fn a_border_that_a_wrong_clock_left_lets_nothing_go(app: TestApp) {
        let boy = app.coordinator().person("young_person", "Urimund", None);
        for day in ["2026-03-10T08:00:00Z", "2026-03-18T08:00:00Z"] {
            tick_at(&app, day);
            look(&app, &boy);
        }
        // As an earlier version drew it.
        let mut db = app.database.connect();
        while migrations::revert(&mut db).unwrap().is_some_and(|name| name != "0088_cuts_confirm") {}
        let (border, made_at) = (moment(&app, "2026-07-01T00:00:00Z"), moment(&app, "2027-08-01T08:00:00Z"));
        app.try_sql(&format!("INSERT INTO journal_cuts (id, before_at, made_at) SELECT id, {border}, {made_at} FROM accounts LIMIT 1")).unwrap();
        migrations::apply(&mut db, app.clock.now()).unwrap();
        drop(db);
        let calls = app.count("journal_calls");
        for statement in ["DELETE FROM journal_calls", "DELETE FROM journal_subjects"] {
            refused(&app, statement, "journal_append_only");
        }
        tick_at(&app, "2026-03-19T08:00:00Z");
        tick_at(&app, "2027-08-01T08:00:00Z");
        tick_at(&app, "2026-03-20T08:00:00Z");
        assert!(app.count("journal_calls") >= calls && app.count("journal_cuts") == 1);
        // A clock that is wrong for more than a week is believed; right again it leaves a border that lets nothing go of the last thirteen months.
        look(&app, &boy);
        app.set_clock("2027-08-02T08:00:00Z");
        look(&app, &boy);
        tick_at(&app, "2027-08-10T08:00:00Z");
        assert_eq!(app.count("journal_cuts WHERE counted_from IS NOT NULL"), 1);
        app.set_clock("2026-03-20T09:00:00Z");
        look(&app, &boy);
        let calls = app.count("journal_calls");
        let of_before = format!("FROM journal_calls WHERE at < {border}");
        assert!(app.count(of_before.trim_start_matches("FROM ")) > 0);
        refused(&app, &format!("DELETE {of_before}"), "journal_append_only");
        refused(&app, &format!("DELETE FROM journal_subjects WHERE call_id IN (SELECT id {of_before})"), "journal_append_only");
        tick_at(&app, "2026-03-21T08:00:00Z");
        assert!(app.count("journal_calls") >= calls);
    }

    fn a_reminder_that_a_wrong_clock_ended_waits_again(app: TestApp) {
        let family = family(&app);
        reached_at(&family, NUMBER);
        session(&family, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        assert_eq!(tick_at(&app, "2026-03-06T16:00:00Z"), 1);
        tick_at(&app, "2026-03-09T10:00:00Z");
        assert_eq!(tick_at(&app, "2026-03-13T10:00:00Z"), 0);
        tick_at(&app, "2026-03-09T10:05:00Z");
        assert_eq!(reminders(&app), ["early accepted", "day_before too_late"]);
        // The night finds that it can go after all: nobody need be told by hand.
        tick_at(&app, "2026-03-10T04:00:00Z");
        let again = ["early accepted", "day_before too_late", "day_before waiting"];
        assert_eq!((reminders(&app), to_tell(&app)), (again.map(str::to_owned).to_vec(), vec![]));
        assert_eq!(tick_at(&app, "2026-03-10T16:00:00Z"), 1);
        // That is the last word: the next night has nothing to add, neither before the appointment nor after.
        for night in ["2026-03-11T04:00:00Z", "2026-03-12T04:00:00Z", "2026-03-14T04:00:00Z"] {
            assert_eq!((tick_at(&app, night), reminders(&app).len(), to_tell(&app)), (0, 3, vec![]), "{night}");
        }
        assert_eq!(app.capture.to(NUMBER).len(), 2);
    }

    fn a_reminder_that_a_wrong_clock_put_off_goes_in_time(app: TestApp) {
        let family = family(&app);
        reached_at(&family, NUMBER);
        session(&family, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z");
        session(&family, "2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        assert_eq!(tick_at(&app, "2026-03-05T16:00:00Z"), 1);
        // It is night by a clock that is ahead: it waits for the morning of the appointment.
        assert_eq!(tick_at(&app, "2026-03-09T21:00:00Z"), 0);
        assert_eq!(["2026-03-08T09:00:00Z", "2026-03-09T04:00:00Z"].map(|at| tick_at(&app, at)), [0, 0]);
        assert_eq!(tick_at(&app, "2026-03-09T16:00:00Z"), 1);
        assert_eq!(tick_at(&app, "2026-03-11T15:00:00Z"), 0);
        // A process by such a clock takes the next, and dies.
        app.set_clock("2026-03-11T16:00:00Z");
        let until = Instant::parse("2027-03-11T16:00:00Z").unwrap();
        let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Sms, tx.now, (tx.now, until), 100));
        assert_eq!((lease.taken.len(), tick_at(&app, "2026-03-11T16:05:00Z")), (1, 0));
        assert_eq!(["2026-03-12T04:00:00Z", "2026-03-12T07:00:00Z"].map(|at| tick_at(&app, at)), [0, 1]);
    }

    fn a_night_that_died_under_a_wrong_clock_is_not_waited_for(app: TestApp) {
        family(&app);
        app.set_clock("2026-03-09T21:00:00Z");
        assert!(app.tick().planned_anew > 0);
        app.run("UPDATE nights SET done_at = NULL");
        app.set_clock("2026-03-09T10:00:00Z");
        assert!(app.tick().planned_anew > 0);
    }

    fn a_night_that_a_wrong_clock_did_is_done_anew(app: TestApp) {
        let family = family(&app);
        reached_at(&family, NUMBER);
        session(&family, "2026-03-10T15:00:00Z", "2026-03-10T16:00:00Z");
        assert_eq!(tick_at(&app, "2026-03-05T16:00:00Z"), 1);
        tick_at(&app, "2026-03-09T10:00:00Z");
        tick_at(&app, "2026-03-10T16:00:00Z");
        tick_at(&app, "2026-03-09T10:05:00Z");
        assert_eq!(reminders(&app), ["early accepted", "day_before too_late"]);
        assert_eq!(tick_at(&app, "2026-03-10T04:00:00Z"), 0, "it is quiet");
        assert_eq!(reminders(&app), ["early accepted", "day_before too_late", "day_before waiting"]);
        assert_eq!((tick_at(&app, "2026-03-10T07:00:00Z"), to_tell(&app)), (1, vec![]));
    }

    fn what_was_promised_by_a_wrong_clock_stays_as_it_was_promised(app: TestApp) {
        let family = family(&app);
        reached_at(&family, NUMBER);
        let id: SessionId = session(&family, "2026-03-11T06:30:00Z", "2026-03-11T07:30:00Z").parse().unwrap();
        assert_eq!(tick_at(&app, "2026-03-06T16:00:00Z"), 1);
        tick_at(&app, "2026-03-10T10:00:00Z");
        // In the evening it is too late for a reminder of the early morning: somebody is to tell him.
        tick_at(&app, "2026-03-10T20:00:00Z");
        let promised = ["2026-03-11 2026-03-10"];
        assert_eq!(to_tell(&app), promised);
        // It is morning in truth: planned anew it waits again, and whoever was to tell him may have begun.
        app.set_clock("2026-03-10T10:05:00Z");
        app.as_tick(move |tx| makker::sessions::actions::replan_messages(tx, id));
        assert_eq!(reminders(&app), ["early accepted", "day_before too_late", "day_before waiting"]);
        assert_eq!(to_tell(&app), promised);
        assert_eq!((tick_at(&app, "2026-03-10T16:00:00Z"), tick_at(&app, "2026-03-11T04:00:00Z")), (1, 0));
        assert_eq!((reminders(&app).len(), to_tell(&app)), (3, promised.map(str::to_owned).to_vec()));
    }

    fn what_a_wrong_clock_told_of_being_late_is_told_when_it_is(app: TestApp) {
        let told = told_by_mail(&app);
        app.set_clock("2027-03-05T10:00:00Z");
        assert!(app.tick().late > 0);
        app.set_clock("2026-03-05T10:00:00Z");
        assert!(app.tick().late > 0);
        assert_eq!(told(), ["2027-03-05T10:00:00Z", "2026-03-05T10:00:00Z"]);
        app.set_clock("2026-03-05T10:05:00Z");
        assert_eq!((app.tick().late, told().len()), (0, 2));
    }

    fn what_a_wrong_clock_would_tell_of_being_late_next_year_is_told_today(app: TestApp) {
        let told = told_by_mail(&app);
        // It is quiet: the message waits for the morning of a year that does not come.
        app.set_clock("2027-03-04T23:30:00Z");
        assert!(app.tick().late > 0 && told().is_empty());
        app.set_clock("2026-03-05T10:00:00Z");
        assert!(app.tick().late > 0);
        assert_eq!(told(), ["2026-03-05T10:00:00Z"]);
        let planned = app.lines("SELECT state || ' ' || coalesce(reason, '') AS line FROM messages WHERE kind = 'duties_late' ORDER BY not_before_at");
        assert_eq!(planned, ["accepted ", "retracted clock_was_wrong"]);
        app.set_clock("2026-03-05T10:05:00Z");
        assert_eq!((app.tick().late, told().len()), (0, 1));
    }

    fn a_copy_of_the_logs_misses_nothing_that_was_stored_after_the_clock_was_set_back(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let put = |path: &str, hour: &str, minutes: u32| {
            let mut log = held(&family.mentoring, &format!("2026-03-04T{hour}:00:00Z"), "2026-03-04T16:30:00Z");
            log["minutes"] = json!(minutes);
            mentor.put(path, "", &log).ok();
        };
        let fetched = |query: &str| -> BTreeMap<String, (i64, String)> {
            let logs = mentor.get(&format!("/v1/session-logs?{query}")).ok();
            let line = |log: &Value| {
                let text = |name: &str| log[name].as_str().unwrap().to_owned();
                (text("id"), (log["version"].as_i64().unwrap(), text("changed_at")))
            };
            logs["items"].as_array().unwrap().iter().map(line).collect()
        };
        let mut copy: BTreeMap<String, (i64, String)> = BTreeMap::new();
        let mut fetch_at = |at: &str| {
            app.set_clock(at);
            let latest = copy.values().map(|(_, changed_at)| Instant::parse(changed_at).unwrap()).max();
            copy.extend(fetched(&latest.map_or_else(|| "limit=100".to_owned(), |latest| format!("changed_after={latest}"))));
            assert_eq!(copy, fetched("limit=100"), "{at}");
            copy.len()
        };
        app.set_clock("2026-03-04T17:00:00Z");
        put(FIRST, "10", 60);
        assert_eq!(fetch_at("2026-03-04T17:01:00Z"), 1);
        // Forty minutes ahead for one log and one look, and right again.
        app.set_clock("2026-03-04T17:42:00Z");
        put(SECOND, "13", 60);
        assert_eq!(fetch_at("2026-03-04T17:42:00Z"), 2);
        app.set_clock("2026-03-04T17:03:00Z");
        put(FIRST, "10", 50);
        put(SECOND, "13", 45);
        assert_eq!(fetch_at("2026-03-04T17:03:00Z"), 2);
        app.set_clock("2026-03-04T17:05:00Z");
        put(THIRD, "15", 60);
        for at in ["2026-03-04T17:06:00Z", "2026-03-04T17:50:00Z", "2026-03-05T17:50:00Z"] {
            assert_eq!(fetch_at(at), 3);
        }
        app.set_clock("2026-03-05T18:00:00Z");
        put(FIRST, "10", 55);
        let first = fetched("changed_after=2026-03-05T18:00:00Z");
        assert_eq!(first.values().map(|(_, changed_at)| changed_at.as_str()).collect::<Vec<_>>(), ["2026-03-05T18:00:00Z"], "by the clock again");
    }

    fn a_clock_that_is_a_little_ahead_of_the_one_beside_it_has_no_night_done_twice(app: TestApp) {
        family(&app);
        let planned_at = |at: &str| {
            app.set_clock(at);
            app.tick().planned_anew > 0
        };
        assert_eq!(["10:30", "10:00", "09:00"].map(|time| planned_at(&format!("2026-03-09T{time}:00Z"))), [true, false, true]);
    }
}
