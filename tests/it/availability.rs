//! Hours and wished times over HTTP: who states them, what cannot be, and who sees whose.

use serde_json::{Value, json};

use crate::sessions::{family, plan};
use crate::support::TestApp;

fn flaw(problem: &Value) -> (&str, &str) {
    (problem["errors"][0]["pointer"].as_str().unwrap(), problem["errors"][0]["code"].as_str().unwrap())
}

fn stretch(weekday: i32, from_min: i32, until_min: i32) -> Value {
    json!({"weekday": weekday, "from_min": from_min, "until_min": until_min})
}

both_engines! {
    fn hours_are_stated_by_whoever_works_them(app: TestApp) {
        let unit = app.coordinator();
        let (malte, other) = (app.account("malte", &["mentor"]), app.account("karla", &["parent_coach"]));
        let path = format!("/v1/staff/{}", unit.staff("mentor", Some(&malte)));
        let hours = format!("{path}/hours");
        let nothing = malte.get(&hours);
        assert_eq!((&nothing.ok()["week"], &nothing.ok()["zone"], &nothing.ok()["version"]), (&Value::Null, &Value::Null, &json!(0)));
        other.get(&hours).refused(404, "not_found");
        other.put(&hours, "*", &json!({"week": []})).refused(404, "not_found");
        assert_eq!(malte.put(&hours, "", &json!({"week": []})).status, 428);

        let week = json!({"zone": "Europe/Berlin", "week": [stretch(3, 780, 1080), stretch(1, 540, 720), stretch(1, 720, 900)]});
        let stated = malte.put(&hours, &nothing.tag(), &week);
        assert_eq!(stated.ok()["week"], json!([stretch(1, 540, 900), stretch(3, 780, 1080)]));
        assert_eq!(stated.ok()["zone"], "Europe/Berlin");
        unit.put(&hours, &nothing.tag(), &week).refused(412, "stale_version");
        for (body, pointer, code) in [
            (json!({"zone": "Europe/Odense", "week": []}), "/zone", "unknown_zone"),
            (json!({"week": [stretch(8, 0, 60)]}), "/week/0/weekday", "out_of_range"),
            (json!({"week": [stretch(1, 900, 840)]}), "/week/0/until_min", "not_after_start"),
            (json!({"week": [stretch(1, 540, 720), stretch(1, 660, 780)]}), "/week/1", "overlaps"),
            (json!({"week": vec![stretch(1, 0, 1); 57]}), "/week", "too_many"),
        ] {
            assert_eq!(flaw(&malte.put(&hours, "*", &body).refused(422, "invalid")), (pointer, code));
        }
        // Never is not the same as not stated.
        assert_eq!(malte.put(&hours, "*", &json!({"week": []})).ok()["week"], json!([]));
        assert_eq!(unit.put(&hours, "*", &json!({"week": null})).ok()["week"], Value::Null);
        app.pass(chrono::TimeDelta::days(1));
        unit.post(&format!("{path}/leave"), &json!({"happened_at": app.clock.now()})).ok();
        unit.put(&hours, "*", &json!({"week": []})).refused(409, "wrong_state");
        unit.get(&hours).ok();
    }

    fn exceptions_stand_beside_the_week_and_never_overlap(app: TestApp) {
        let unit = app.coordinator();
        let malte = app.account("malte", &["mentor"]);
        let path = format!("/v1/staff/{}/exceptions", unit.staff("mentor", Some(&malte)));
        let exception = |effect: &str, on: &str, from_min: i32, until_min: i32| {
            json!({"effect": effect, "on": on, "from_min": from_min, "until_min": until_min})
        };
        let first = malte.post(&path, &exception("less", "2026-03-04", 720, 1440)).ok();
        assert_eq!((&first["week"], first["exceptions"].as_array().unwrap().len()), (&Value::Null, 1));
        unit.post(&path, &exception("more", "2026-03-04", 600, 720)).ok();
        for (effect, on, from_min, until_min, expected) in [
            ("more", "2026-03-04", 700, 730, ("/from_min", "overlaps")),
            ("less", "2026-03-04", 0, 1440, ("/from_min", "overlaps")),
            ("less", "2026-03-01", 0, 1440, ("/on", "before_today")),
            ("less", "2026-03-05", 60, 60, ("/until_min", "not_after_start")),
            ("less", "2026-03-05", 0, 1441, ("/until_min", "out_of_range")),
            ("none", "2026-03-05", 0, 1440, ("/effect", "unknown_code")),
        ] {
            let refused = malte.post(&path, &exception(effect, on, from_min, until_min)).refused(422, "invalid");
            assert_eq!(flaw(&refused), expected, "{effect} {on} {from_min} {until_min}");
        }
        let id = first["exceptions"][0]["id"].as_str().unwrap();
        let hours = path.replace("exceptions", "hours");
        assert_eq!(malte.delete(&format!("{path}/{id}")).status, 204);
        malte.delete(&format!("{path}/{id}")).refused(404, "not_found");
        let left = malte.get(&hours).ok();
        assert_eq!((left["exceptions"].as_array().unwrap().len(), &left["exceptions"][0]["effect"]), (1, &json!("more")));
        // What is past is not listed.
        app.set_clock("2026-03-06T08:00:00Z");
        assert_eq!(malte.get(&hours).ok()["exceptions"], json!([]));
    }

    fn an_exception_is_past_when_it_is_by_its_owners_clock(app: TestApp) {
        let unit = app.coordinator();
        // 00:00 in Copenhagen is 18:00 of the day before in New York, and noon in Auckland.
        let path = |zone: Value| {
            let staff = format!("/v1/staff/{}", unit.staff("mentor", None));
            unit.put(&format!("{staff}/hours"), "*", &json!({"zone": zone, "week": null})).ok();
            for on in ["2026-03-03", "2026-03-04"] {
                unit.post(&format!("{staff}/exceptions"), &json!({"effect": "less", "on": on, "from_min": 600, "until_min": 700})).ok();
            }
            format!("{staff}/hours")
        };
        let all = [path(Value::Null), path(json!("America/New_York")), path(json!("Pacific/Auckland"))];
        let listed = || all.each_ref().map(|hours| unit.get(hours).ok()["exceptions"].as_array().unwrap().len());
        for (at, expected) in [
            ("2026-03-03T10:59:59Z", [2, 2, 2]),
            ("2026-03-03T11:00:00Z", [2, 2, 1]),
            ("2026-03-03T23:00:00Z", [1, 2, 1]),
            ("2026-03-04T05:00:00Z", [1, 1, 1]),
            ("2026-03-04T11:00:00Z", [1, 1, 0]),
            ("2026-03-04T23:00:00Z", [0, 1, 0]),
            ("2026-03-05T05:00:00Z", [0, 0, 0]),
        ] {
            app.set_clock(at);
            assert_eq!(listed(), expected, "{at}");
        }
    }

    fn who_is_on_the_staff_from_today_on_waits_for_no_midnight_of_their_own(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        // The 3rd has begun, and in New York it is the evening before.
        app.set_clock("2026-03-03T00:30:00Z");
        let newcomer = json!({"name": "Storm Ravnkilde", "kinds": ["mentor"], "languages": ["da"], "municipality": "Byen", "capacity": 3});
        let made = unit.post("/v1/staff", &newcomer);
        assert_eq!(made.ok()["from_on"], "2026-03-03");
        let week: Vec<Value> = (1..=7).map(|weekday| stretch(weekday, 0, 1440)).collect();
        unit.put(&format!("/v1/staff/{}/hours", made.id()), "*", &json!({"zone": "America/New_York", "week": week})).ok();
        let query = "track=mentor&from=2026-03-03T01:00:00Z&until=2026-03-03T03:00:00Z";
        let free = || unit.get(&format!("/v1/people/{}/free-staff?{query}", family.boy)).ok()["items"].clone();
        assert_eq!(free()[0]["staff_id"], json!(made.id()));
        // Who begins tomorrow does not do so tonight, by neither clock.
        unit.patch(&format!("/v1/staff/{}", made.id()), "*", &json!({"from_on": "2026-03-04"})).ok();
        assert_eq!(free(), json!([]));
        // She begins as soon as the clock comes to that date that is ahead, and all of her own evening before does not count.
        let evening = "track=mentor&from=2026-03-03T20:00:00Z&until=2026-03-04T00:30:00Z";
        let found = unit.get(&format!("/v1/people/{}/free-staff?{evening}", family.boy)).ok()["items"].clone();
        assert_eq!((&found[0]["staff_id"], &found[0]["first"][0]["starts_at"]), (&json!(made.id()), &json!("2026-03-03T23:00:00Z")));
    }

    fn whoever_is_kept_from_a_person_could_not_see_them(app: TestApp) {
        let unit = app.coordinator();
        // Fifteen on Thursday: from then on nobody needs a certificate to meet him.
        let (boy, father) = (unit.person("young_person", "Bertramius", Some("2011-03-05")), unit.person("parent", "Frodemund", None));
        unit.set_custody(&boy, &[&father]);
        let mentor = |name: &str| {
            let account = app.account(name, &["mentor"]);
            let staff = unit.staff("mentor", Some(&account));
            let week: Vec<Value> = [2, 5].map(|weekday| stretch(weekday, 900, 960)).to_vec();
            account.put(&format!("/v1/staff/{staff}/hours"), "*", &json!({"week": week})).ok();
            (account.account_id(), staff)
        };
        let all = ["malte", "vita", "nora", "karl"].map(mentor);
        let [proven, unproven, barred, closed] = &all;
        [proven, barred, closed].iter().for_each(|(_, staff)| unit.certify(staff, None));
        let path = format!("/v1/people/{boy}/free-staff?track=mentor&from=2026-03-02T08:00:00Z&until=2026-03-09T08:00:00Z");
        let could = || {
            let items = unit.get(&path).ok()["items"].as_array().unwrap().clone();
            items.iter().map(|item| (item["staff_id"].as_str().unwrap().to_owned(), item["count"].as_u64().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!((could().len(), could().last().unwrap()), (4, &(unproven.1.clone(), 1)));
        // One is his father's neighbour, one signs in no more.
        unit.post("/v1/bars", &json!({"account_id": barred.0, "person_id": father, "cause": "acquaintance"})).ok();
        unit.post(&format!("/v1/accounts/{}/disable", closed.0), &json!({})).ok();
        assert_eq!(could(), [(proven.1.clone(), 2), (unproven.1.clone(), 1)]);
        unit.certify(&proven.1, Some("2026-03-02"));
        assert_eq!(could().iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 1]);
    }

    fn whoever_meets_a_person_writes_down_what_they_wish(app: TestApp) {
        let family = family(&app);
        let path = format!("/v1/people/{}/times", family.boy);
        assert_eq!(family.mentor.get(&path).ok()["parts"], json!([]));
        let wishes = json!({"parts": ["weekends", "after_school", "after_school"], "wished": [stretch(3, 900, 960)], "never": [stretch(5, 0, 1440)]});
        let set = family.mentor.put(&path, "*", &wishes).ok();
        assert_eq!(set["parts"], json!(["after_school", "weekends"]));
        assert_eq!((&set["wished"], &set["never"]), (&wishes["wished"], &wishes["never"]));
        // The coach meets his father, not him.
        family.coach.get(&path).refused(404, "not_found");
        family.coach.put(&path, "*", &wishes).refused(404, "not_found");
        family.unit.put(&path, "\"0.x\"", &wishes).refused(412, "stale_version");
        assert_eq!(flaw(&family.unit.put(&path, "*", &json!({"never": [stretch(0, 0, 60)]})).refused(422, "invalid")), ("/never/0/weekday", "out_of_range"));
        assert_eq!(flaw(&family.unit.put(&path, "*", &json!({"parts": ["noon"]})).refused(422, "invalid")), ("/parts/0", "unknown_code"));
        assert_eq!(family.unit.put(&path, "*", &json!({})).ok()["never"], json!([]));
    }
    fn what_is_planned_stays_and_whoever_says_that_it_cannot_be_is_told(app: TestApp) {
        let family = family(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let hours = format!("/v1/staff/{}/hours", mentor.get("/v1/me/staff").id());
        let (exceptions, times) = (hours.replace("hours", "exceptions"), format!("/v1/people/{}/times", family.boy));
        // 16 to 17 in Copenhagen: two Wednesdays, and the Thursday between.
        let session = |day: &str| {
            mentor.post("/v1/sessions", &plan(&family.mentoring, &format!("2026-03-{day}T15:00:00Z"), &format!("2026-03-{day}T16:00:00Z"))).id()
        };
        let (first, thursday, last) = (session("04"), session("05"), session("11"));
        let named = |answer: &Value, member: &str| -> Vec<String> {
            answer[member].as_array().unwrap().iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
        };
        let outside = |answer: &Value| named(answer, "sessions_outside");
        assert!(outside(&mentor.get(&hours).ok()).is_empty(), "nothing was said");
        let wednesdays = json!({"week": [stretch(3, 960, 1020)]});
        assert_eq!(outside(&mentor.put(&hours, "*", &wednesdays).ok()), [thursday.as_str()]);
        let off = json!({"effect": "less", "on": "2026-03-04", "from_min": 1010, "until_min": 1070});
        assert_eq!(outside(&mentor.post(&exceptions, &off).ok()), [first.as_str(), &thursday]);
        let more = json!({"effect": "more", "on": "2026-03-05", "from_min": 900, "until_min": 1080});
        assert_eq!(outside(&unit.post(&exceptions, &more).ok()), [first.as_str()]);
        assert_eq!(outside(&mentor.get(&hours).ok()), [first.as_str()]);

        // The boy can never from five on: that only touches. From ten to five on it is both Wednesdays.
        let in_never = |answer: &Value| named(answer, "sessions_in_never");
        let never = |from_min: i32| json!({"never": [stretch(3, from_min, 1440)]});
        assert!(in_never(&mentor.put(&times, "*", &never(1020)).ok()).is_empty());
        assert_eq!(in_never(&mentor.put(&times, "*", &never(1010)).ok()), [first.as_str(), &last]);
        assert_eq!(in_never(&unit.get(&times).ok()), [first.as_str(), &last]);
        for planned in [&first, &thursday, &last] {
            assert_eq!(mentor.get(&format!("/v1/sessions/{planned}")).ok()["state"], "planned");
        }
        // What is off is in nobody's way.
        mentor.post(&format!("/v1/sessions/{first}/cancel"), &json!({"by": "staff", "new_time_agreed": true})).ok();
        assert_eq!(in_never(&mentor.get(&times).ok()), [last.as_str()]);
        assert!(outside(&mentor.get(&hours).ok()).is_empty());
        // Only what the reader may see is named.
        let barred = app.account("vera", &["coordinator"]);
        unit.put(&hours, "*", &json!({"week": []})).ok();
        assert_eq!(outside(&barred.get(&hours).ok()), [last.as_str()]);
        unit.post("/v1/bars", &json!({"account_id": barred.account_id(), "person_id": family.boy, "cause": "acquaintance"})).ok();
        assert!(outside(&barred.get(&hours).ok()).is_empty());
    }
}
