//! What a client knew when it asked: an `If-Match` that was sent holds, and an access token that has expired is said to have.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::sessions::{FIRST, family, plan};
use crate::support::TestApp;
use crate::support::http::Request;

both_engines! {
    fn a_precondition_that_was_sent_holds(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let made = mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z"));
        let (path, old) = (format!("/v1/sessions/{}", made.id()), made.tag());
        let later = json!({"starts_at": "2026-03-12T15:00:00Z", "ends_at": "2026-03-12T16:00:00Z", "by": "person"});
        unit.post_if(&format!("{path}/move"), &old, &later).ok();
        // The phone still means the session of Wednesday.
        mentor.post_if(&format!("{path}/cancel"), &old, &json!({"by": "person"})).refused(412, "stale_version");
        assert_eq!(mentor.get(&path).ok()["state"], "planned");
        // It says nothing to whoever may not see it, and nothing of what cannot be anyway.
        family.coach.post_if(&format!("{path}/cancel"), &old, &json!({"by": "person"})).refused(404, "not_found");
        mentor.post_if(&format!("{path}/confirm"), &old, &json!({})).refused(409, "wrong_state");
        mentor.post_if(&format!("{path}/cancel"), "no tag", &json!({"by": "person"})).refused(400, "malformed_request");
        mentor.post_if(&format!("{path}/cancel"), &mentor.get(&path).tag(), &json!({"by": "person"})).ok();
        mentor.post_if(&format!("{path}/restore"), "*", &json!({})).ok();
        // What is made beside it has no version yet.
        unit.post_if(&format!("/v1/courses/{}/pause", family.course), "\"0.x\"", &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).refused(412, "stale_version");
    }

    fn one_rule_holds_for_every_change(app: TestApp) {
        let family = family(&app);
        let (mentor, unit) = (&family.mentor, &family.unit);
        let now = app.clock.now();
        // Of a person, also for what is written down beside their name.
        let person = format!("/v1/people/{}", family.boy);
        let old = unit.get(&person).tag();
        unit.patch(&person, &old, &json!({"born_on": "2010-05-02"})).ok();
        let choice = json!({"wants_links": false});
        mentor.post_if(&format!("{person}/link-choices"), &old, &choice).refused(412, "stale_version");
        family.coach.post_if(&format!("{person}/link-choices"), &old, &choice).refused(404, "not_found");
        mentor.post_if(&format!("{person}/link-choices"), &mentor.get(&person).tag(), &choice).ok();
        let died = json!({"happened_at": now});
        unit.post_if(&format!("{person}/death"), &old, &died).refused(412, "stale_version");
        mentor.post_if(&format!("{person}/death"), &old, &died).refused(403, "forbidden");
        assert_eq!(app.count("people WHERE died_on IS NOT NULL"), 0);
        // Of a member of staff, with the hours that have a version of their own.
        let staff = format!("/v1/staff/{}", mentor.get("/v1/me/staff").id());
        let leave = json!({"kind": "holiday", "from_on": "2026-08-03", "until_on": "2026-08-07"});
        unit.post_if(&format!("{staff}/leaves"), "\"0.x\"", &leave).refused(412, "stale_version");
        let tag = unit.get(&staff).tag();
        unit.post_if(&format!("{staff}/leaves"), &tag, &leave).ok();
        let path = format!("{staff}/leaves/{}", unit.get(&staff).ok()["leaves"][0]["id"].as_str().unwrap());
        let remove = |tag: &str| unit.send(Request::new("DELETE", &path).header("If-Match", tag));
        remove("\"0.x\"").refused(412, "stale_version");
        assert_eq!(remove(&unit.get(&staff).tag()).status, 204);
        let hours = mentor.put(&format!("{staff}/hours"), "*", &json!({"week": [{"weekday": 4, "from_min": 840, "until_min": 1080}]})).tag();
        let off = json!({"effect": "less", "on": "2026-05-14", "from_min": 840, "until_min": 900});
        mentor.post_if(&format!("{staff}/exceptions"), &hours, &off).ok();
        mentor.post_if(&format!("{staff}/exceptions"), &hours, &json!({"effect": "less", "on": "2026-05-21", "from_min": 840, "until_min": 900})).refused(412, "stale_version");
        // What is made under something is made as long as that stands as it was seen.
        let case = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap().to_owned();
        let alert = json!({"person_id": family.boy, "kind": "cannot_be_found", "grounds": "Ikke set siden fredag", "happened_at": now});
        unit.post_if(&format!("/v1/cases/{case}/alerts"), "\"0.x\"", &alert).refused(412, "stale_version");
        unit.post_if(&format!("/v1/cases/{case}/alerts"), &unit.get(&format!("/v1/cases/{case}")).tag(), &alert).ok();
        // Nothing that has a version is named: no answer is to be taken for one that held it.
        for (method, path, body) in [
            ("POST", "/v1/people", json!({"kind": "parent", "name": {"given": "Ulla", "family": "Kaspersson"}})),
            ("POST", "/v1/people/search", json!({"born_on": "2010-02-03", "name": "Bertramius"})),
            ("DELETE", "/v1/me/devices", json!({})),
        ] {
            let request = Request::new(method, path).header("Idempotency-Key", "of-no-use").header("If-Match", "*");
            let refused = unit.send(if method == "POST" { request.json(&body) } else { request }).refused(422, "invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("header/If-Match"), &json!("unknown_member")), "{path}");
        }
        let unread = unit.patch(&person, "1", &json!({})).refused(400, "malformed_request");
        assert_eq!((&unread["errors"][0]["pointer"], &unread["errors"][0]["code"]), (&json!("header/If-Match"), &json!("wrong_value")));
        assert_eq!(app.count("people"), 2);
        assert_eq!(unit.get("/v1/me").status, 200, "nobody was signed out");
        // A wrong password is counted, whatever is sent beside it; a look-up only looks.
        let attempt = json!({"name": "eva", "password": "forkert hest batteri", "device": {"kind": "desk", "label": "Gæt"}});
        for _ in 0..20 {
            app.anybody().send(Request::new("POST", "/v1/sign-ins").header("If-Match", "*").json(&attempt)).refused(422, "invalid");
        }
        app.anybody().send(Request::new("POST", "/v1/sign-ins").json(&attempt)).refused(401, "wrong_credentials");
        assert_eq!(unit.send(Request::new("GET", &person).header("If-Match", "\"0.x\"")).status, 200);
    }

    fn the_version_of_a_log_holds_for_its_writer_too(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        app.set_clock("2026-03-04T17:00:00Z");
        let says = |facts: &str| json!({"match_id": family.mentoring, "outcome": "held", "starts_at": "2026-03-04T15:00:00Z", "minutes": 60, "facts": facts});
        mentor.put(FIRST, "\"1.abc\"", &says("Skak")).refused(412, "stale_version");
        let old = mentor.put(FIRST, "", &says("Skak")).tag();
        mentor.put(FIRST, &old, &says("Dam")).ok();
        // Its answer was lost: sent again it changes nothing.
        mentor.put(FIRST, &old, &says("Dam")).ok();
        mentor.put(FIRST, &old, &says("Ludo")).refused(412, "stale_version");
        let read = mentor.get(FIRST);
        assert_eq!(read.ok()["content"]["facts"], "Dam");
        assert_eq!(mentor.put(FIRST, &read.tag(), &says("Ludo")).ok()["revision"], 3);
    }

    fn a_phone_whose_clock_is_a_little_ahead_says_now(app: TestApp) {
        let family = family(&app);
        let mentor = &family.mentor;
        let session = plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        let path = format!("/v1/sessions/{}", mentor.post("/v1/sessions", &session).id());
        let now = app.clock.now();
        let ahead = now.plus(TimeDelta::minutes(5));
        let cancel = |at| mentor.post(&format!("{path}/cancel"), &json!({"by": "person", "happened_at": at}));
        let refused = cancel(ahead.next()).refused(422, "invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/happened_at"), &json!("after_now")));
        assert_eq!(cancel(ahead).ok()["state"], "cancelled");
        assert_eq!(mentor.get(&format!("{path}/changes")).ok()["items"][0]["happened_at"], json!(now));
    }

    fn what_changes_nothing_makes_no_new_version(app: TestApp) {
        let family = family(&app);
        let unit = &family.unit;
        let agency = unit.post("/v1/agencies", &json!({"name": "Skolen", "kind": "school"})).id();
        let staff = family.mentor.get("/v1/me/staff").id();
        let case = unit.get(&format!("/v1/courses/{}", family.course)).ok()["case_id"].as_str().unwrap().to_owned();
        for (path, change) in [
            (format!("/v1/people/{}", family.boy), json!({"warnings": "Bange for hunde", "registration_number": "0105101234"})),
            (format!("/v1/cases/{case}"), json!({"custody_conflict": true, "late_reason": "Ferie"})),
            (format!("/v1/staff/{staff}"), json!({"capacity": 5})),
            (format!("/v1/matches/{}", family.mentoring), json!({"sentence": "To der kan lide dam", "length_min": 60})),
            (format!("/v1/agencies/{agency}"), json!({"name": "Skolen i byen"})),
            (format!("/v1/accounts/{}", family.mentor.account_id()), json!({"display_name": "Malte Holm", "language": "en"})),
        ] {
            let patch = |body: &Value| unit.patch(&path, &unit.get(&path).tag(), body).ok()["version"].as_i64().unwrap();
            let before = unit.get(&path).ok()["version"].as_i64().unwrap();
            assert_eq!([patch(&json!({})), patch(&change), patch(&change), patch(&json!({}))], [before, before + 1, before + 1, before + 1], "{path}");
        }
        let devices = family.mentor.get("/v1/me/devices").ok();
        let path = format!("/v1/me/devices/{}", devices["items"][0]["id"].as_str().unwrap());
        let phone = json!({"label": "Telefon", "push_target": {"provider": "fcm", "token": "malte:phone"}});
        let patch = |body: &Value| family.mentor.patch(&path, "*", body).ok()["version"].as_i64().unwrap();
        let before = patch(&json!({}));
        assert_eq!([patch(&phone), patch(&phone), patch(&json!({}))], [before + 1; 3]);
    }

    fn an_expired_access_token_is_renewed_not_signed_in_anew(app: TestApp) {
        app.coordinator();
        let eva = app.sign_in("eva");
        let first = eva.tokens();
        let bearer = |token: &str| app.anybody().send(Request::new("GET", "/v1/me").header("Authorization", &format!("Bearer {token}")));
        let token = first["access_token"].as_str().unwrap();
        assert_eq!(bearer(token).status, 200);
        app.pass(TimeDelta::minutes(16));
        // Whatever the night forgets.
        app.as_tick(makker::access::store::forget_expired);
        let expired = bearer(token);
        assert_eq!(expired.refused(401, "token_expired")["next"], "refresh_token");
        assert_eq!(expired.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
        let guessed = bearer(&token.chars().rev().collect::<String>());
        assert_eq!((&guessed.refused(401, "unauthenticated")["next"], guessed.header("www-authenticate")), (&json!("sign_in"), Some("Bearer")));
        // It was changed for another: the first is forgotten. And of a sign-in that ended nothing is said.
        let second = app.anybody().send(Request::new("POST", "/v1/sign-ins/refresh").json(&json!({"refresh_token": first["refresh_token"]}))).ok()["tokens"].clone();
        bearer(token).refused(401, "unauthenticated");
        let token = second["access_token"].as_str().unwrap();
        app.pass(TimeDelta::minutes(16));
        bearer(token).refused(401, "token_expired");
        app.pass(TimeDelta::days(91));
        bearer(token).refused(401, "unauthenticated");
    }
}
