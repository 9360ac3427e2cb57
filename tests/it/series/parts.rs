//! The parts of a series that was changed for a date and the rest.

use serde_json::{Value, json};

use super::{agreed, flaw, planned};
use crate::support::TestApp;

both_engines! {
    fn a_part_of_a_series_is_not_extended_over_a_later_one(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let change = |id: &str, body: &Value| {
            let path = format!("/v1/series/{id}");
            mentor.post_if(&format!("{path}/change"), &mentor.get(&path).tag(), body)
        };
        let first = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-01"})).id();
        let last = change(&first, &json!({"from_on": "2026-03-18", "at_min": 1020})).id();
        let extended = [
            (json!({"until_on": "2026-03-18"}), "/until_on overlaps"),
            (json!({"until_on": "2026-04-29", "at_min": 600}), "/until_on overlaps"),
            (json!({"from_on": "2026-03-11", "until_on": "2026-03-25"}), "/until_on overlaps"),
            (json!({"rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=4"}), "/rule overlaps"),
        ];
        for (body, expected) in &extended {
            assert_eq!(flaw(&change(&first, body).refused(422, "invalid")), *expected, "{body}");
        }
        // Nor is what was parted from the first since.
        let middle = change(&first, &json!({"from_on": "2026-03-11", "at_min": 900})).id();
        assert_eq!(flaw(&change(&middle, &json!({"until_on": "2026-03-18"})).refused(422, "invalid")), "/until_on overlaps");
        change(&middle, &json!({"length_min": 60})).ok();
        assert_eq!(planned(mentor, &middle), ["2026-03-11T14:00:00Z"]);
        assert_eq!(planned(mentor, &last), ["2026-03-18T16:00:00Z", "2026-03-25T16:00:00Z", "2026-04-01T15:00:00Z"]);
        // The last has nothing after it; once it is off, the one before it goes on.
        change(&last, &json!({"until_on": "2026-04-08"})).ok();
        mentor.post(&format!("/v1/series/{last}/cancel"), &json!({"by": "staff"})).ok();
        change(&middle, &json!({"until_on": "2026-03-25"})).ok();
        assert_eq!(planned(mentor, &middle), ["11", "18", "25"].map(|day| format!("2026-03-{day}T14:00:00Z")));
    }
}
