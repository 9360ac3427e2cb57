//! From an 18th birthday on: without the adult's own consent nothing stays planned beyond thirty days, after a no nothing from the birthday on; what is
//! off waits for a yes. The two meet on Wednesdays at 16:00, until 13 May.

use serde_json::{Value, json};

use super::{agreed, agreed_of, gaps, news, planned, reachable};
use crate::sessions::{Family, plan};
use crate::support::TestApp;
use crate::support::casework::yes;

/// Until when the series goes.
const LAST: &str = "2026-05-13";
/// How many sessions it has when nothing is missing.
const ALL: usize = 11;

fn series(family: &Family<'_>) -> String {
    family.mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": LAST})).id()
}

fn offer(family: &Family<'_>) -> String {
    family.unit.get(&format!("/v1/courses/{}", family.course)).ok()["offer_id"].as_str().unwrap().to_owned()
}

/// What the boy says now, for the time from 18 on.
fn as_adult(app: &TestApp, family: &Family<'_>, given: bool) -> String {
    let mut word = yes(&family.boy, app.clock.now());
    (word["given"], word["adult_basis"]) = (json!(given), json!(true));
    family.unit.post(&format!("/v1/offers/{}/consents", offer(family)), &word).id()
}

fn born(family: &Family<'_>, on: &str) {
    family.unit.patch(&format!("/v1/people/{}", family.boy), "*", &json!({"born_on": on})).ok();
}

fn view(family: &Family<'_>, series: &str) -> Value {
    family.mentor.get(&format!("/v1/series/{series}")).ok()
}

/// On which dates the consent is waited for.
fn waiting(family: &Family<'_>, series: &str) -> Vec<String> {
    let open = gaps(&view(family, series)).into_iter().filter(|gap| gap.ends_with(" open"));
    open.map(|gap| gap.strip_suffix(" consent - open").unwrap_or(&gap).to_owned()).collect()
}

/// Of what is off, each start and whose side it was.
fn off(family: &Family<'_>) -> Vec<String> {
    let listed = family.unit.get(&format!("/v1/sessions?match={}&state=cancelled&limit=200", family.mentoring)).ok();
    let line = |item: &Value| format!("{} {}", &item["starts_at"].as_str().unwrap()[..10], item["cancelled_by"].as_str().unwrap());
    listed["items"].as_array().unwrap().iter().map(line).collect()
}

fn told(app: &TestApp) -> Vec<String> {
    app.capture.all().into_iter().map(|sent| sent.message.lines[0].clone()).filter(|line| line.contains("ændret")).collect()
}

both_engines! {
    fn coming_of_age_leaves_gaps_until_the_adult_consents(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let made = series(&family);
        // Thirty days from his birthday are 19 April.
        let reasons: Vec<String> = gaps(&view(&family, &made)).iter().map(|gap| gap.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(reasons, ["2026-04-22 consent", "2026-04-29 consent", "2026-05-06 consent", "2026-05-13 consent"]);
        app.set_clock("2026-03-23T08:00:00Z");
        as_adult(&app, &family, true);
        // What only waited for his word is planned by it, at the agreed time.
        let now = view(&family, &made);
        assert!(now["gaps"].as_array().unwrap().iter().all(|gap| gap["state"] == "filled" && gap["session_id"].is_string()), "{now}");
        assert_eq!(now["coming"], 8);
        assert_eq!(planned(&family.mentor, &made).last().unwrap(), "2026-05-13T14:00:00Z");
    }

    fn a_no_for_the_time_from_18_on_takes_off_what_is_planned_from_the_birthday_on(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        reachable(&family);
        let (mentor, made) = (&family.mentor, series(&family));
        let saturday = plan(&family.mentoring, "2026-03-21T10:00:00Z", "2026-03-21T11:00:00Z");
        mentor.post("/v1/sessions", &saturday).ok();
        app.set_clock("2026-03-03T08:00:00Z");
        as_adult(&app, &family, true);
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made).len(), news(&family).len()), (ALL, 0, 0));

        // The next day he does not want to, after all.
        app.set_clock("2026-03-04T08:00:00Z");
        as_adult(&app, &family, false);
        assert_eq!(family.unit.get(&format!("/v1/courses/{}", family.course)).ok()["ended_at"], Value::Null);
        assert_eq!(planned(mentor, &made), ["2026-03-04T15:00:00Z", "2026-03-11T15:00:00Z", "2026-03-18T15:00:00Z"]);
        let dates = ["2026-03-25", "2026-04-01", "2026-04-08", "2026-04-15", "2026-04-22", "2026-04-29", "2026-05-06", LAST];
        assert_eq!(waiting(&family, &made), dates);
        let mut expected = vec!["2026-03-21 unit".to_owned()];
        expected.extend(dates.iter().map(|on| format!("{on} unit")));
        assert_eq!(off(&family), expected);
        mentor.post("/v1/sessions", &saturday).refused(409, "wrong_state");
        // He reads of it once, and is reminded of none of it.
        assert_eq!(news(&family), ["appointments_changed 2026-03-04T15:00:00Z"]);
        app.tick();
        assert_eq!(told(&app), ["Dine aftaler er ændret. Den næste er onsdag den 4. marts kl. 16.00."]);
        let waits = family.unit.get(&format!("/v1/messages?person={}&state=waiting&limit=200", family.boy)).ok();
        let about = waits["items"].as_array().unwrap().iter().map(|item| item["about_at"].as_str().unwrap()).max();
        assert_eq!(about, Some("2026-03-18T15:00:00Z"));

        // A yes plans the dates anew; what stood alone stays off.
        app.set_clock("2026-03-05T08:00:00Z");
        as_adult(&app, &family, true);
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made).len(), off(&family)), (ALL, 0, expected));
    }

    fn a_consent_as_an_adult_that_is_taken_back_leaves_thirty_days(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let (mentor, made) = (&family.mentor, series(&family));
        app.set_clock("2026-03-03T08:00:00Z");
        let own = as_adult(&app, &family, true);
        app.set_clock("2026-03-05T08:00:00Z");
        // He goes on until then: the course does not end.
        family.unit.post(&format!("/v1/offers/{}/consents", offer(&family)), &yes(&family.boy, app.clock.now())).ok();
        family.unit.post(&format!("/v1/consents/{own}/withdraw"), &json!({"happened_at": "2026-03-04T08:00:00Z"})).ok();
        assert_eq!(waiting(&family, &made), ["2026-04-22", "2026-04-29", "2026-05-06", LAST]);
        assert_eq!(planned(mentor, &made).last().unwrap(), "2026-04-15T14:00:00Z");
    }

    fn a_birth_date_that_is_put_right_takes_off_and_plans_anew(app: TestApp) {
        let family = agreed(&app);
        let (mentor, made) = (&family.mentor, series(&family));
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-06-12T10:00:00Z", "2026-06-12T11:00:00Z")).ok();
        assert_eq!(planned(mentor, &made).len(), ALL);
        // He has been 18 since Thursday: until 4 April.
        app.set_clock("2026-03-10T08:00:00Z");
        born(&family, "2008-03-05");
        let dates = ["2026-04-08", "2026-04-15", "2026-04-22", "2026-04-29", "2026-05-06", LAST];
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made)), (ALL - dates.len(), dates.map(str::to_owned).to_vec()));
        let expected: Vec<String> = dates.iter().chain(&["2026-06-12"]).map(|on| format!("{on} unit")).collect();
        assert_eq!(off(&family), expected);
        // It was the other day that was wrong.
        born(&family, "2010-05-01");
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made).len()), (ALL, 0));
    }

    fn what_is_offered_instead_of_a_date_waits_for_the_consent_too(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let thursdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=TH", "from_on": "2026-05-07", "until_on": "2026-05-21"});
        let made = family.mentor.post("/v1/series", &thursdays);
        assert_eq!(gaps(&made.ok()), ["2026-05-07 consent - open", "2026-05-14 holiday - open", "2026-05-21 consent - open"]);
        app.set_clock("2026-03-23T08:00:00Z");
        as_adult(&app, &family, true);
        let expected = ["2026-05-07 consent - filled", "2026-05-14 holiday 2026-05-15T14:00:00Z open", "2026-05-21 consent - filled"];
        assert_eq!(gaps(&view(&family, &made.id())), expected);
    }

    fn dates_beyond_a_birthday_that_was_not_his_are_planned(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let made = series(&family);
        assert_eq!(planned(&family.mentor, &made).len(), ALL - 4);
        born(&family, "2009-03-20");
        assert_eq!((planned(&family.mentor, &made).len(), waiting(&family, &made).len(), off(&family).len()), (ALL, 0, 0));
    }

    fn a_consent_is_of_use_once_nobody_else_is_asked_any_more(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let (unit, mentor, made) = (&family.unit, &family.mentor, series(&family));
        let mother = unit.person("parent", "Ragnfridursol", None);
        unit.set_custody(&family.boy, &[&family.father, &mother]);
        app.set_clock("2026-03-03T08:00:00Z");
        as_adult(&app, &family, true);
        assert_eq!(planned(mentor, &made).len(), ALL - 4, "until he is of age his mother is asked, too");
        unit.set_custody(&family.boy, &[&family.father]);
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made).len()), (ALL, 0));
    }

    fn a_consent_that_comes_while_a_course_stands_still_is_of_use_when_it_goes_on(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let (mentor, made, course) = (&family.mentor, series(&family), format!("/v1/courses/{}", family.course));
        app.set_clock("2026-03-03T08:00:00Z");
        family.unit.post(&format!("{course}/pause"), &json!({"grounds": "Afklares", "happened_at": app.clock.now()})).ok();
        app.set_clock("2026-03-05T08:00:00Z");
        as_adult(&app, &family, true);
        assert_eq!(planned(mentor, &made).len(), ALL - 4);
        app.set_clock("2026-03-06T08:00:00Z");
        family.unit.post(&format!("{course}/resume"), &json!({"basis": "Afklaret", "happened_at": app.clock.now()})).ok();
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made).len()), (ALL, 0));
    }

    fn the_night_takes_off_what_does_not_stay(app: TestApp) {
        let family = agreed(&app);
        let made = series(&family);
        // Nothing in the program would, and something else may have.
        app.try_sql("UPDATE people SET born_on = '2008-03-05' WHERE born_on = '2010-05-01'").unwrap();
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        let stands = || (planned(&family.mentor, &made), view(&family, &made)["gaps"].clone(), off(&family));
        let first = stands();
        assert_eq!((first.0.len(), waiting(&family, &made).len(), first.2.len()), (ALL - 6, 6, 6));
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert_eq!(stands(), first);
    }

    fn the_night_plans_what_waits_for_nothing_any_more(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let made = series(&family);
        let waits = ["2026-04-22 consent 2026-04-17T14:00:00Z open", "2026-04-29", "2026-05-06", LAST];
        assert_eq!(waiting(&family, &made), waits, "beside the first of them there is a day on which it still stays");
        // As a longer setting would have it: what is planned stays until 29 April.
        app.try_sql("UPDATE people SET born_on = '2008-03-30' WHERE born_on = '2008-03-20'").unwrap();
        app.set_clock("2026-03-03T04:00:00Z");
        app.tick();
        let stands = || (planned(&family.mentor, &made), view(&family, &made)["gaps"].clone());
        let first = stands();
        assert_eq!((first.0.len(), first.0.last().unwrap().as_str()), (ALL - 2, "2026-04-29T14:00:00Z"));
        assert_eq!(waiting(&family, &made), ["2026-05-06", LAST]);
        app.set_clock("2026-03-04T04:00:00Z");
        app.tick();
        assert_eq!(stands(), first);
    }

    fn from_the_birthday_on_a_consent_is_of_use_that_was_not_enough_before(app: TestApp) {
        let family = agreed_of(&app, "2008-03-20");
        let (unit, mentor, made) = (&family.unit, &family.mentor, series(&family));
        let mother = unit.person("parent", "Solveigrun", None);
        unit.set_custody(&family.boy, &[&family.father, &mother]);
        app.set_clock("2026-03-03T08:00:00Z");
        as_adult(&app, &family, true);
        app.set_clock("2026-03-19T04:00:00Z");
        app.tick();
        assert_eq!(planned(mentor, &made).len(), ALL - 4, "his mother is asked, too, until he is of age");
        app.set_clock("2026-03-20T04:00:00Z");
        app.tick();
        assert_eq!((planned(mentor, &made).len(), waiting(&family, &made).len()), (ALL, 0));
    }
}
