//! The numbers that a writer gives the versions of a log: what is theirs to count, whatever others correct.

use makker::base::db::migrations;
use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, SECOND, family, held};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Answer;

/// A version of the first log, or of another.
fn version(family: &Family<'_>, path: &str, facts: &str, revision: Option<i32>) -> Value {
    let day = if path == FIRST { "04" } else { "03" };
    let mut body = held(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), "2026-03-04T16:40:00Z");
    (body["facts"], body["revision"]) = (json!(facts), json!(revision));
    body
}

/// What stands then, and what is warned of.
type Told = (String, i64, Value);

fn tell(answer: &Answer) -> Told {
    let log = answer.ok();
    (log["content"]["facts"].as_str().unwrap().to_owned(), log["revision"].as_i64().unwrap(), log["warnings"].clone())
}

fn stands(facts: &str, revision: i64) -> Told {
    (facts.to_owned(), revision, json!([]))
}

/// What was sent is late: what stands is another.
fn kept(facts: &str, revision: i64) -> Told {
    (facts.to_owned(), revision, json!(["kept_as_history"]))
}

/// Sends a version of the first log.
fn send(family: &Family<'_>, by: &Caller<'_>, over: &str, facts: &str, revision: Option<i32>) -> Told {
    tell(&by.put(FIRST, over, &version(family, FIRST, facts, revision)))
}

both_engines! {
    fn what_others_correct_makes_a_writers_next_word_no_late_copy(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let send = |over: &str, facts: &str, revision: Option<i32>| send(&family, mentor, over, facts, revision);
        app.set_clock("2026-03-04T17:00:00Z");
        send("", "Skak", Some(1));
        for facts in ["Skak og dam", "Dam og skak"] {
            unit.put(FIRST, &unit.get(FIRST).tag(), &version(&family, FIRST, facts, None)).ok();
        }
        assert_eq!(send("", "Kun dam", Some(2)), stands("Kun dam", 4));
        // A phone that heard of nothing goes on by its own count.
        assert_eq!(send("", "Ludo", Some(3)), stands("Ludo", 5));
        // What is older than the writer's own last stands among the earlier ones, and the answer says so, however often it is sent.
        for facts in ["Kun dam", "Kort", "Kort"] {
            assert_eq!(send("", facts, Some(2)), kept("Ludo", 5), "{facts}");
        }
        // But for whoever says that they read what stands.
        assert_eq!(send(&mentor.get(FIRST).tag(), "Kort", Some(2)), stands("Kort", 6));
        // `*` says nothing of what was read: it goes by the number, where there is one.
        assert_eq!(send("*", "Whist", Some(2)), kept("Kort", 6));
        assert_eq!(send("*", "Ludo", Some(3)), kept("Kort", 6));
        assert_eq!(send("*", "Whist", Some(4)), stands("Whist", 7));
        assert_eq!(send("*", "Skak", None), stands("Skak", 8));
    }

    fn a_number_that_comes_with_what_stands_already_is_kept(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let send = |facts: &str, revision: i32| send(&family, mentor, "", facts, Some(revision));
        let correct = |facts: &str| unit.put(FIRST, "*", &version(&family, FIRST, facts, None)).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        assert_eq!(send("Skak", 1), stands("Skak", 1));
        // Saved again, and the answer is lost.
        assert_eq!(send("Skak", 2), stands("Skak", 1));
        correct("Dam");
        assert_eq!(send("Skak", 2), kept("Dam", 2));
        // The same of what the unit had made of it.
        assert_eq!(send("Dam", 3), stands("Dam", 2));
        correct("Ludo");
        assert_eq!(send("Dam", 3), kept("Ludo", 3));
        // What is below it is late, and what is above it is not.
        assert_eq!(send("Whist", 2), kept("Ludo", 3));
        assert_eq!(send("Whist", 4), stands("Whist", 4));
    }

    fn whoever_corrects_anothers_log_counts_for_themselves(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let correct = |over: &str, facts: &str, revision: i32| send(&family, unit, over, facts, Some(revision));
        app.set_clock("2026-03-04T17:00:00Z");
        assert_eq!(send(&family, mentor, "", "Skak", Some(5)), stands("Skak", 5));
        assert_eq!(correct(&unit.get(FIRST).tag(), "Dam", 1), stands("Dam", 6));
        assert_eq!(correct("", "Ludo", 2), stands("Ludo", 7));
        assert_eq!(correct("*", "Whist", 3), stands("Whist", 8));
        assert_eq!(correct("*", "Ludo", 2), kept("Whist", 8));
        // Whose log it is goes on by their own count, and what was sent before is no word about that, nor under `*`.
        assert_eq!(send(&family, mentor, "", "Kort", Some(6)), stands("Kort", 9));
        assert_eq!(correct("*", "Whist", 3), kept("Kort", 9));
        assert_eq!(correct("", "Whist", 3), kept("Kort", 9));
        unit.put(FIRST, "", &version(&family, FIRST, "Dam igen", Some(4))).refused(428, "precondition_required");
        assert_eq!(correct("*", "Dam igen", 4), stands("Dam igen", 10));
    }

    fn what_is_sent_without_a_number_has_none(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let send = |facts: &str, revision: Option<i32>| send(&family, mentor, "", facts, revision);
        app.set_clock("2026-03-04T17:00:00Z");
        send("Skak", Some(1));
        for facts in ["Dam", "Ludo", "Whist"] {
            unit.put(FIRST, "*", &version(&family, FIRST, facts, None)).ok();
        }
        // In a browser, and then on the phone that counts.
        assert_eq!(send("Kort", None), stands("Kort", 5));
        assert_eq!(send("Skak igen", Some(2)), stands("Skak igen", 6));
        assert_eq!(send("Skak", Some(1)), kept("Skak igen", 6));
        // Whoever begins to count later begins at one.
        let other = |facts: &str, revision: Option<i32>| tell(&mentor.put(SECOND, "", &version(&family, SECOND, facts, revision)));
        assert_eq!([other("Skak", None), other("Dam", None)], [stands("Skak", 1), stands("Dam", 2)]);
        assert_eq!(other("Ludo", Some(1)), stands("Ludo", 3));
        assert_eq!(other("Dam", None), kept("Ludo", 3));
    }

    fn what_an_earlier_version_stored_counts_as_what_it_is_stored_under(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let send = |facts: &str, revision: i32| send(&family, mentor, "", facts, Some(revision));
        let correct = |facts: &str| unit.put(FIRST, "*", &version(&family, FIRST, facts, None)).ok();
        app.set_clock("2026-03-04T17:00:00Z");
        send("Skak", 1);
        correct("Dam");
        assert_eq!(send("Ludo", 2), stands("Ludo", 3));
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap().is_some_and(|name| name != "0116_logs_sent") {}
        migrations::apply(db, app.clock.now()).unwrap();
        correct("Whist");
        assert_eq!(send("Ludo", 2), kept("Whist", 4));
        assert_eq!(send("Kort", 2), kept("Whist", 4));
        assert_eq!(send("Kort igen", 4), stands("Kort igen", 5));
    }
}
