//! A course that ended, and in which nothing was held by its logs any more: who is told and asked, and what puts it right.

use serde_json::{Value, json};

use crate::courses::{dues, owned};
use crate::followups::begin;
use crate::put_right::standings;
use crate::sessions::{FIRST, family, held};
use crate::support::TestApp;

both_engines! {
    fn an_end_of_a_course_in_which_nothing_was_held_is_put_right_by_the_unit(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        begin(&app, &family);
        app.set_clock("2026-03-10T12:00:00Z");
        let course = format!("/v1/courses/{}", family.course);
        let end = |kind: &str, text: &str| {
            json!({"kind": kind, "happened_at": "2026-03-10T12:00:00Z", "closing": {"no_meeting_reason": text}})
        };
        unit.post(&format!("{course}/end"), &end("completed", "Aftalt")).ok();

        // They had not met, the mentor finds: the log is taken, and says what it leaves.
        app.set_clock("2026-03-11T09:00:00Z");
        let log = |outcome: &str, minutes: Value, written_at: &str| {
            let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", written_at);
            (log["outcome"], log["minutes"]) = (json!(outcome), minutes);
            family.mentor.put(FIRST, "", &log).ok()["warnings"].clone()
        };
        assert_eq!(log("no_show", Value::Null, "2026-03-11T08:30:00Z"), json!(["end_in_doubt"]));
        let stands = || {
            let course = unit.get(&course).ok();
            let told = ["state", "started_at"].map(|member| course[member].clone());
            (told, standings(unit, "gone_through"), dues(&app, "followup_6m"))
        };
        let gone_through = |started_at: Value| {
            ([json!("completed"), started_at], vec!["yes".to_owned()], owned(&[("open", "2026-09-10")]))
        };
        assert_eq!(stands(), gone_through(Value::Null), "as it is recorded, until the unit puts it right");
        let asked = ("open".to_owned(), "2026-03-13T22:59:59.999999Z".to_owned(), None);
        assert_eq!(app.promise("end_in_doubt"), asked);
        let promised = unit.get("/v1/duties?kind=end_in_doubt").ok()["items"][0].clone();
        assert_eq!((&promised["kept_by"], &promised["owner_id"]), (&json!(["courses.correct_end"]), &json!(unit.account_id())));

        // They had, for somewhat less; they had not.
        assert_eq!(log("held", json!(50), "2026-03-11T08:40:00Z"), json!([]));
        assert_eq!((stands(), app.promise("end_in_doubt").2.as_deref()), (gone_through(json!("2026-03-04T15:00:00Z")), Some("corrected")));
        assert_eq!(log("tried", Value::Null, "2026-03-11T08:50:00Z"), json!(["end_in_doubt"]));
        assert_eq!(app.promise("end_in_doubt"), asked);
        app.set_clock("2026-03-12T04:00:00Z");
        app.tick();
        assert_eq!((stands(), app.promise("end_in_doubt")), (gone_through(Value::Null), asked.clone()));

        // What never began was not gone through, whoever says so again.
        let correct = |kind: &str, text: &str| unit.put(&format!("{course}/end"), &unit.get(&course).tag(), &end(kind, text));
        for text in ["Aftalt", "Talt om"] {
            correct("completed", text).refused(409, "wrong_state");
        }
        assert_eq!(app.promise("end_in_doubt"), asked);
        correct("discontinued", "Talt om").ok();
        let broken_off = |started_at: Value| ([json!("discontinued"), started_at], vec!["no".to_owned()], owned(&[("ended", "2026-09-10")]));
        assert_eq!((stands(), app.promise("end_in_doubt").0.as_str()), (broken_off(Value::Null), "done"));
        correct("completed", "Talt om").refused(409, "wrong_state");

        // They had met, after all: then it was gone through; and once more they had not.
        assert_eq!(log("held", json!(55), "2026-03-12T03:30:00Z"), json!([]));
        assert_eq!(stands(), broken_off(json!("2026-03-04T15:00:00Z")));
        correct("completed", "Talt om").ok();
        assert_eq!((stands(), app.promise("end_in_doubt").0.as_str()), (gone_through(json!("2026-03-04T15:00:00Z")), "done"));
        assert_eq!(log("no_show", Value::Null, "2026-03-12T03:40:00Z"), json!(["end_in_doubt"]));
        assert_eq!(app.promise("end_in_doubt").0, "open");
    }
}
