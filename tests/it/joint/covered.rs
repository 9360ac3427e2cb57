//! Whoever only covers parts of a joint session reads of it what happened since they do.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Family, family, joint, part};
use crate::sessions::staff;
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Answer;

const OFTEN: &str = "2026-03-11";
const NEVER: &str = "2026-03-18";

/// A joint session of the siblings on a day, as it was planned.
fn on(family: &Family<'_>, day: &str) -> Value {
    let mut body = joint(&[&family.boys, &family.girls]);
    (body["starts_at"], body["ends_at"]) = (json!(format!("{day}T15:00:00Z")), json!(format!("{day}T16:00:00Z")));
    family.mentor.post("/v1/joint-sessions", &body).ok()
}

fn path(planned: &Value) -> String {
    format!("/v1/joint-sessions/{}", planned["id"].as_str().unwrap())
}

/// The same time at another place.
fn elsewhere(caller: &Caller<'_>, planned: &Value, tag: &str, place: &str) -> Answer {
    let there =
        json!({"starts_at": planned["sessions"][0]["starts_at"], "ends_at": planned["sessions"][0]["ends_at"], "place_code": place});
    caller.post_if(&format!("{}/move", path(planned)), tag, &there)
}

both_engines! {
    fn how_often_a_joint_session_was_changed_before_shows_in_no_version(app: TestApp) {
        let family = family(&app);
        let (unit, mentor, vita) = (&family.unit, &family.mentor, app.account("vita", &["mentor"]));
        let vitas = staff(&app, &vita, true);
        let [often, never] = [OFTEN, NEVER].map(|day| on(&family, day));
        for place in ["school", "library", "school"] {
            elsewhere(mentor, &often, "*", place).ok();
        }
        let malte = mentor.get("/v1/me/staff").id();
        let away = json!({"kind": "illness", "from_on": OFTEN, "until_on": NEVER});
        let entered = mentor.post(&format!("/v1/staff/{malte}/leaves"), &away).ok();
        let decisions = format!("/v1/staff/{malte}/leaves/{}/cover-decisions", entered["leaves"][0]["id"].as_str().unwrap());
        let cover = |planned: &Value, matches: &[&str]| {
            let of = |matched: &&str| json!({"session_id": part(planned, matched)["id"], "cover": {"staff_id": vitas}});
            let all: Vec<Value> = matches.iter().map(of).collect();
            unit.post(&decisions, &json!({"decisions": all})).ok();
        };
        app.pass(TimeDelta::minutes(5));
        // Of one part each, and then of both.
        for matches in [[&*family.boys], [&*family.girls]] {
            [&often, &never].into_iter().for_each(|planned| cover(planned, &matches));
            let seen = [&often, &never].map(|planned| vita.get(&path(planned)));
            let shown = seen.each_ref().map(|one| (one.ok()["version"].clone(), one.ok()["recorded_at"].clone()));
            assert_eq!(shown[0], shown[1]);
            assert!(seen.iter().all(|one| one.tag().starts_with(&format!("\"{}.", one.ok()["version"]))));
            assert_eq!(shown[0].1, Value::Null, "nor when it was planned");
        }
        for caller in [mentor, unit] {
            let whole = [&often, &never].map(|planned| caller.get(&path(planned)).ok());
            assert_eq!(whole.each_ref().map(|one| one["version"].clone()), [json!(4), json!(1)]);
            assert!(whole.iter().all(|one| one["recorded_at"].is_string()));
        }
        // What she does counts for her, and is held against what she read.
        let old = vita.get(&path(&often));
        let changed = elsewhere(&vita, &often, &old.tag(), "library");
        assert!(changed.ok()["version"].as_i64() > old.ok()["version"].as_i64());
        assert_eq!((changed.ok()["recorded_at"].clone(), changed.tag()), (Value::Null, vita.get(&path(&often)).tag()));
        elsewhere(&vita, &often, &old.tag(), "school").refused(412, "stale_version");
        let by = json!({"by": "staff"});
        vita.post_if(&format!("{}/cancel", path(&often)), &old.tag(), &by).refused(412, "stale_version");
        vita.post_if(&format!("{}/cancel", path(&often)), &changed.tag(), &by).ok();
        // What others do counts, too; and taken back and hers once more, no version that she read comes again.
        let mut read = vec![vita.get(&path(&never))];
        elsewhere(unit, &never, "*", "library").ok();
        read.push(vita.get(&path(&never)));
        unit.post(&format!("/v1/sessions/{}/end-cover", part(&never, &family.boys)["id"].as_str().unwrap()), &json!({"by": "unit"})).ok();
        elsewhere(&vita, &never, "*", "school").refused(403, "forbidden");
        elsewhere(mentor, &never, "*", "library").ok();
        cover(&never, &[&family.boys]);
        read.push(vita.get(&path(&never)));
        let versions: Vec<_> = read.iter().map(|one| one.ok()["version"].as_i64()).collect();
        assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
        for one in &read[..2] {
            elsewhere(&vita, &never, &one.tag(), "school").refused(412, "stale_version");
        }
        elsewhere(&vita, &never, &read[2].tag(), "school").ok();
    }
}
