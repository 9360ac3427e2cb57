//! The phone's first screen over HTTP: who finds what on it, what is gone from it, and how small it is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::sessions::{FIRST, Family, SECOND, course, family, held, matched, plan, staff};
use crate::support::TestApp;
use crate::support::http::Request;
use crate::support::{Engine, OnEngine};

fn starts(today: &Value) -> Vec<&str> {
    today["sessions"].as_array().unwrap().iter().map(|session| session["starts_at"].as_str().unwrap()).collect()
}

fn goals(family: &Family<'_>, goals: &[&str]) {
    let goals: Vec<_> = goals.iter().map(|goal| json!({"area": "school", "goal": goal})).collect();
    let path = format!("/v1/courses/{}/plans", family.course);
    family.unit.post(&path, &json!({"goals": goals, "happened_at": "2026-03-02T08:00:00Z", "own_words": "Jeg vil bestå"})).ok();
}

both_engines! {
    fn a_phone_finds_what_its_owner_needs_and_no_more(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let path = format!("/v1/people/{}", family.boy);
        unit.patch(&path, &unit.get(&path).tag(), &json!({"warnings": "Bange for hunde"})).ok();
        unit.put(&format!("{path}/contact"), &unit.get(&path).tag(), &json!({"channel": "sms", "phone": "+4520123456", "hours": "efter 15"})).ok();
        let path = format!("/v1/matches/{}", family.mentoring);
        let agreed = json!({"weekday": 3, "at_min": 960, "length_min": 90, "place_code": "library"});
        unit.patch(&path, &unit.get(&path).tag(), &agreed).ok();
        goals(&family, &["Fravær\nunder 5 %"]);
        goals(&family, &["Møde i skole hver dag", "Finde et fritidsjob"]);
        let at = |starts: &str, ends: &str| mentor.post("/v1/sessions", &plan(&family.mentoring, starts, ends)).id();
        let first = at("2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        at("2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z");
        at("2026-03-16T22:30:00Z", "2026-03-16T22:59:00Z");
        at("2026-03-16T23:00:00Z", "2026-03-16T23:30:00Z");
        family.coach.post("/v1/sessions", &plan(&family.coaching, "2026-03-05T15:00:00Z", "2026-03-05T16:00:00Z")).ok();

        let answer = mentor.get("/v1/today");
        let today = answer.ok();
        assert_eq!((&today["on"], &today["zone"]), (&json!("2026-03-02"), &json!("Europe/Copenhagen")));
        assert_eq!((&today["from"], &today["until"]), (&json!("2026-02-15T23:00:00Z"), &json!("2026-03-16T23:00:00Z")));
        let met = &today["matches"][0];
        assert_eq!((today["matches"].as_array().unwrap().len(), &met["id"], &met["track"]), (1, &json!(family.mentoring), &json!("mentor")));
        assert_eq!((&met["person"]["given_name"], &met["person"]["warnings"]), (&json!("Bertramius"), &json!("Bange for hunde")));
        assert_eq!((&met["person"]["contact"]["phone"], &met["person"]["contact"]["hours"]), (&json!("+4520123456"), &json!("efter 15")));
        assert_eq!(met["agreed"], json!({"rhythm": "weekly", "weekday": 3, "at_min": 960, "length_min": 90, "place_code": "library"}));
        let lines = json!([{"area": "school", "line": "Møde i skole hver dag"}, {"area": "school", "line": "Finde et fritidsjob"}]);
        assert_eq!((&met["goals"], &today["ended"], &today["duties"]), (&lines, &json!([]), &json!([])));
        // The next fourteen days, to the last minute of the last of them.
        assert_eq!(starts(&today), ["2026-03-04T15:00:00Z", "2026-03-11T15:00:00Z", "2026-03-16T22:30:00Z"]);
        let text = today.to_string();
        for hidden in ["Kaspersson", "Frodemund", "Meget fravær", "Jeg vil best", "under 5", &family.father, &family.coaching] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert_eq!(family.coach.get("/v1/today").ok()["matches"][0]["person"]["given_name"], "Frodemund");
        unit.get("/v1/today").refused(403, "forbidden");

        // The same again is not sent again, and is written down as seen all the same; a minute later it is still the same.
        let seen = "SELECT CAST(count(*) AS text) AS line FROM journal WHERE operation = 'today.get' AND subject_kind = 'person'";
        let before = app.lines(seen);
        app.pass(chrono::TimeDelta::minutes(1));
        let again = mentor.send(Request::new("GET", "/v1/today").header("If-None-Match", &answer.tag()));
        let date = app.clock.now().to_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert_eq!((again.status, again.body.len(), again.header("date")), (304, 0, Some(date.as_str())), "the clock that tokens end by");
        assert_ne!(app.lines(seen), before);

        // The first one is over, and nobody has written of it.
        app.set_clock("2026-03-04T17:00:00Z");
        let today = mentor.get("/v1/today").ok();
        let waiting = |today: &Value| today["sessions"].as_array().unwrap().iter().filter(|one| one["needs_log"] == true).map(|one| one["id"].clone()).collect::<Vec<_>>();
        assert_eq!(waiting(&today), [json!(first)]);
        let duty = &today["duties"][0];
        assert_eq!((&duty["kind"], &duty["subject_id"], &duty["is_late"]), (&json!("log_missing"), &json!(first), &json!(false)));
        assert_eq!(duty["due_at"], "2026-03-06T22:59:59.999999Z");
        let coming = &today["sessions"][1];
        // The version alone is enough to change one.
        let later = json!({"starts_at": "2026-03-11T15:30:00Z", "ends_at": "2026-03-11T16:30:00Z", "by": "person"});
        let path = format!("/v1/sessions/{}/move", coming["id"].as_str().unwrap());
        mentor.post_if(&path, "\"2\"", &later).refused(412, "stale_version");
        mentor.post_if(&path, "\"1\"", &later).ok();
        mentor.post_if(&path, "\"1\"", &later).refused(412, "stale_version");
        // Long after, too, until it is written.
        app.set_clock("2026-03-30T08:00:00Z");
        let late = mentor.get("/v1/today").ok();
        assert_eq!((waiting(&late)[0].clone(), &late["from"], &late["duties"][0]["is_late"]), (json!(first), &json!("2026-03-15T23:00:00Z"), &json!(true)));
        mentor.put(FIRST, "", &held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-30T08:00:00Z")).ok();
        assert!(!waiting(&mentor.get("/v1/today").ok()).contains(&json!(first)));
    }

    fn an_ended_match_keeps_its_name_until_the_last_logs_are_in(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let session = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z")).id();
        app.set_clock("2026-03-05T08:00:00Z");
        family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "person_wish"})).ok();
        let today = mentor.get("/v1/today").ok();
        let ended = json!([{"id": family.mentoring, "given_name": "Bertramius", "ended_at": "2026-03-05T08:00:00Z",
            "logs_until": "2026-03-19T08:00:00Z", "length_min": 90}]);
        assert_eq!((&today["matches"], &today["ended"], &today["sessions"][0]["id"]), (&json!([]), &ended, &json!(session)));
        // What was never planned is told, too: reading and writing end at the same moment.
        let tell = |path: &str, hour: u32| {
            let log = held(&family.mentoring, &format!("2026-03-03T{hour}:00:00Z"), "2026-03-03T20:00:00Z");
            mentor.put(path, "", &log).status
        };
        app.set_clock("2026-03-19T07:59:59.999999Z");
        assert_eq!((mentor.get("/v1/today").ok()["ended"].clone(), tell(FIRST, 10)), (ended, 201));
        app.set_clock("2026-03-19T08:00:00Z");
        let today = mentor.get("/v1/today").ok();
        assert_eq!((&today["matches"], &today["ended"]), (&json!([]), &json!([])));
        assert_eq!((mentor.get(&format!("/v1/matches/{}", family.mentoring)).status, tell(SECOND, 18)), (404, 202));
        // The promise stays, and so does when that was, until it is written: the log is still taken in. Nobody is named in it.
        let owed = &today["sessions"][0];
        assert_eq!((&today["duties"][0]["subject_id"], &owed["id"], &owed["needs_log"]), (&json!(session), &json!(session), &json!(true)));
        assert_eq!((&owed["starts_at"], &owed["place_code"]), (&json!("2026-03-04T15:00:00Z"), &Value::Null));
        assert!(!today.to_string().contains("Bertramius"));
        mentor.get(&format!("/v1/sessions/{session}")).refused(404, "not_found");
        let mut log = held(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-19T08:00:00Z");
        log["session_id"] = json!(session);
        assert_eq!(mentor.put(&FIRST.replace("11111111-1", "33333333-3"), "", &log).status, 202);
        let today = mentor.get("/v1/today").ok();
        assert_eq!((&today["sessions"], &today["duties"]), (&json!([]), &json!([])));
    }

    fn each_session_without_a_log_is_there_however_many(app: TestApp) {
        let family = family(&app);
        for number in 0..52 {
            let on = chrono::NaiveDate::from_ymd_opt(2026, 3, 3).unwrap() + chrono::TimeDelta::days(number / 4);
            let hour = 8 + 2 * (number % 4);
            let session = plan(&family.mentoring, &format!("{on}T{hour:02}:00:00Z"), &format!("{on}T{hour:02}:45:00Z"));
            family.mentor.post("/v1/sessions", &session).ok();
        }
        app.set_clock("2026-04-20T08:00:00Z");
        let today = family.mentor.get("/v1/today").ok();
        assert!(today["sessions"].as_array().unwrap().iter().all(|session| session["needs_log"] == true));
        let ids = |list: &str, member: &str| -> BTreeSet<String> {
            today[list].as_array().unwrap().iter().map(|one| one[member].to_string()).collect()
        };
        let (shown, asked) = (ids("sessions", "id"), ids("duties", "subject_id"));
        assert!(asked.len() >= 52 && shown.len() == 52 && shown.is_subset(&asked));
    }

    fn no_place_of_whom_nobody_must_find_and_nothing_of_whom_one_is_barred_from(app: TestApp) {
        let family = family(&app);
        let path = format!("/v1/matches/{}", family.mentoring);
        family.unit.patch(&path, &family.unit.get(&path).tag(), &json!({"place_code": "egernvang"})).ok();
        let mut session = plan(&family.mentoring, "2026-03-04T15:00:00Z", "2026-03-04T16:30:00Z");
        session["place_code"] = json!("egernvang");
        family.mentor.post("/v1/sessions", &session).ok();
        let shown = family.mentor.get("/v1/today").ok();
        assert_eq!((&shown["matches"][0]["agreed"]["place_code"], &shown["sessions"][0]["place_code"]), (&json!("egernvang"), &json!("egernvang")));
        // His own address, or his father's.
        for person in [&family.boy, &family.father] {
            let path = format!("/v1/people/{person}");
            let protect = |is: bool| family.unit.patch(&path, &family.unit.get(&path).tag(), &json!({"protected_address": is})).ok();
            protect(true);
            let hidden = family.mentor.get("/v1/today").ok();
            assert_eq!((&hidden["sessions"][0]["place_code"], hidden.to_string().contains("egernvang")), (&Value::Null, false));
            let path = format!("/v1/matches/{}", family.mentoring);
            assert_eq!(family.mentor.get(&path).ok()["place_code"], Value::Null);
            protect(false);
        }
        family.unit.post("/v1/bars", &json!({"account_id": family.mentor.account_id(), "person_id": family.boy, "cause": "acquaintance"})).ok();
        let nothing = family.mentor.get("/v1/today").ok();
        assert_eq!((&nothing["matches"], &nothing["sessions"], &nothing["duties"]), (&json!([]), &json!([]), &json!([])));
    }
}

/// Three matches as a busy mentor has them: each with five goals, a warning, and a meeting every week that is not always written down.
#[test]
fn it_is_small_enough_for_a_bad_line() {
    let app = TestApp::on(Engine::Sqlite);
    let family = family(&app);
    let (unit, mentor) = (&family.unit, app.account("mads", &["mentor"]));
    let mads = staff(&app, &mentor, true);
    let texts = [
        "Møde i skolen hver dag de næste tre måneder og aftale med læreren, hvad der skal indhentes i matematik og dansk før sommerferien",
        "Finde et fritidsjob på højst otte timer om ugen, gerne i køkkenet eller på lageret, og skrive den første ansøgning sammen",
        "Melde sig ind i bokseklubben igen, og ringe til træneren, før kontingentet skal betales den første i måneden",
        "Spise sammen med familien to gange om ugen uden telefon, og tale med storebror om det, der skete i efteråret",
        "Kunne sige fra over for vennerne, når de vil mødes sent, og vide, hvem man så kan ringe til i stedet for at gå med",
    ];
    for (number, given) in ["Gudrunette", "Mathildur", "Villads"].iter().enumerate() {
        let child = unit.person("young_person", given, Some("2009-05-01"));
        // Nobody's brothers and sisters, or one mentor would not have them all.
        let father = unit.person("parent", &given.chars().rev().collect::<String>(), None);
        unit.set_custody(&child, &[&father]);
        let case = app.founded_case(unit, &[&child]);
        let path = format!("/v1/people/{child}");
        let warning = format!(
            "{given} er utryg ved at mødes tæt på banegården efter kl. 18 og vil helst hentes ved biblioteket. Ring ikke i skoletiden; moderen må ikke få besked om aftalerne. Astma: spray i tasken."
        );
        unit.patch(&path, &unit.get(&path).tag(), &json!({"warnings": warning})).ok();
        let contact = json!({"channel": "sms", "phone": format!("+45201234{number}6"), "email": format!("nr{number}@example.org"), "hours": "hverdage efter 15.30, weekend efter 11"});
        unit.put(&format!("{path}/contact"), &unit.get(&path).tag(), &contact).ok();
        let course = course(&app, unit, &case, &child, &[&father], "mentor");
        let id = matched(unit, &mentor, &course, &mads);
        let goals: Vec<_> =
            texts.iter().map(|text| json!({"area": "school", "goal": format!("{given}: {text}"), "milestones": [text]})).collect();
        unit.post(&format!("/v1/courses/{course}/plans"), &json!({"goals": goals, "happened_at": app.clock.now()})).ok();
        for week in 0..8 {
            let on = chrono::NaiveDate::from_ymd_opt(2026, 3, 3).unwrap() + chrono::TimeDelta::days(week * 7 / 2);
            mentor.post("/v1/sessions", &plan(&id, &format!("{on}T1{number}:00:00Z"), &format!("{on}T1{number}:55:00Z"))).ok();
        }
    }
    app.set_clock("2026-03-16T08:00:00Z");
    let whole = mentor.get("/v1/today");
    let counts = ["matches", "sessions", "duties"].map(|part| whole.ok()[part].as_array().unwrap().len());
    assert_eq!(counts, [3, 24, 12]);
    let token = mentor.tokens()["access_token"].as_str().unwrap().to_owned();
    let packed = Request::new("GET", "/v1/today")
        .header("Authorization", &format!("Bearer {token}"))
        .header("Accept-Encoding", "gzip")
        .send(app.address);
    assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")));
    let (size, bare) = (packed.body.len(), whole.body.len());
    assert!(size > 1_000 && size < 10 * 1_024, "{size} bytes packed, {bare} bare");
}
