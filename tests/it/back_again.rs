//! What was read to be off and takes place after all is told of, whatever became of it before that could be said.

use chrono::TimeDelta;
use serde_json::json;

use crate::by_hand::{tell, to_tell};
use crate::known_starts::{by_sms, texts};
use crate::sessions::{FIRST, Family, family, plan};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::unheard::cancel;

const BOY: &str = "+4520123456";

/// The family of the sessions' stories, its boy reached by SMS.
fn by_phone(app: &TestApp) -> Family<'_> {
    let family = family(app);
    by_sms(&family, &family.boy, BOY);
    family
}

/// An afternoon of March at 16:00 in Copenhagen.
fn planned(family: &Family<'_>, day: &str) -> String {
    let [starts_at, ends_at] = ["15", "16"].map(|hour| format!("2026-03-{day}T{hour}:00:00Z"));
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, &starts_at, &ends_at)).id()
}

fn restore(by: &Caller<'_>, session: &str) {
    by.post(&format!("/v1/sessions/{session}/restore"), &json!({})).ok();
}

both_engines! {
    fn what_was_moved_there_and_back_with_others_is_told(app: TestApp) {
        let family = by_phone(&app);
        let weekly = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": 960, "until_on": "2026-03-13"});
        let series = format!("/v1/series/{}", family.mentor.post("/v1/series", &weekly).id());
        let listed = family.mentor.get(&format!("/v1/sessions?series={}&limit=200", series.rsplit('/').next().unwrap())).ok();
        let first = listed["items"].as_array().unwrap().iter().find(|one| one["starts_at"] == "2026-03-06T15:00:00Z").unwrap()["id"].clone();
        let first = first.as_str().unwrap();
        app.set_clock("2026-03-05T16:00:00Z");
        assert_eq!(texts(&app, BOY), ["Du har en aftale fredag den 6. marts kl. 16.00."]);
        app.set_clock("2026-03-05T17:00:00Z");
        cancel(&family.mentor, first);
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale fredag den 6. marts kl. 16.00 er aflyst."]);
        // In the night, before any word of it can go.
        app.set_clock("2026-03-05T20:30:00Z");
        restore(&family.mentor, first);
        for at_min in [1020, 960] {
            app.pass(TimeDelta::minutes(5));
            family.mentor.post_if(&format!("{series}/change"), &family.mentor.get(&series).tag(), &json!({"at_min": at_min})).ok();
            assert_eq!(texts(&app, BOY).len(), 2);
        }
        for at in ["2026-03-06T07:01:00Z", "2026-03-06T08:00:00Z"] {
            app.set_clock(at);
            assert_eq!(texts(&app, BOY)[2..], ["Dine aftaler er ændret. Den næste er fredag den 6. marts kl. 16.00."], "{at}");
        }
        assert!(to_tell(&app).is_empty());
    }

    fn what_was_moved_elsewhere_is_told_as_moved_though_another_comes_first(app: TestApp) {
        let family = by_phone(&app);
        let session = planned(&family, "11");
        planned(&family, "06");
        app.pass(TimeDelta::minutes(5));
        cancel(&family.mentor, &session);
        assert_eq!(texts(&app, BOY), ["Din aftale onsdag den 11. marts kl. 16.00 er aflyst."]);
        app.set_clock("2026-03-04T20:30:00Z");
        restore(&family.mentor, &session);
        app.pass(TimeDelta::minutes(5));
        let (path, there) = (format!("/v1/sessions/{session}"), json!({"starts_at": "2026-03-13T15:00:00Z", "ends_at": "2026-03-13T16:00:00Z", "by": "staff"}));
        family.mentor.post_if(&format!("{path}/move"), &family.mentor.get(&path).tag(), &there).ok();
        app.set_clock("2026-03-05T07:01:00Z");
        assert_eq!(texts(&app, BOY)[1..], ["Din aftale er flyttet til fredag den 13. marts kl. 16.00."]);
        assert!(to_tell(&app).is_empty());
    }

    fn what_a_log_about_another_left_off_is_told_to_be_back(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, course) = (&family.unit, &family.mentor, format!("/v1/courses/{}", family.course));
        let (right, wrong) = (planned(&family, "10"), planned(&family, "11"));
        app.pass(TimeDelta::minutes(5));
        cancel(mentor, &wrong);
        app.pass(TimeDelta::minutes(5));
        restore(mentor, &wrong);
        // The log of the 10th was filed under the 11th, which cannot come back while the course stands still.
        app.set_clock("2026-03-10T17:00:00Z");
        let mut log = json!({"session_id": wrong, "outcome": "tried", "starts_at": "2026-03-10T15:00:00Z"});
        assert_eq!(mentor.put(FIRST, "", &log).status, 201);
        unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        log["session_id"] = json!(right);
        assert_eq!(mentor.put(FIRST, "", &log).ok()["session_id"], json!(right));
        let stands = || unit.get(&format!("/v1/sessions/{wrong}")).ok()["state"].clone();
        assert_eq!(stands(), "cancelled");
        app.pass(TimeDelta::minutes(5));
        unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        tell(&app, &family, &wrong);
        app.pass(TimeDelta::minutes(5));
        by_sms(&family, &family.boy, BOY);
        restore(mentor, &wrong);
        assert_eq!(stands(), "planned");
        let told = texts(&app, BOY);
        assert!(told.iter().any(|text| text == "Dine aftaler er ændret. Den næste er onsdag den 11. marts kl. 16.00."), "{told:?}");
    }
}
