//! What a change of a series leaves as it is, and where it begins and goes on.

use makker::base::db::migrations;
use serde_json::{Value, json};

use super::{agreed, gaps, news, planned, reachable};
use crate::scheduling::Strict;
use crate::sessions::{plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;

/// Changes a series; gives it as it is then.
fn change(caller: &Caller<'_>, id: &str, body: &Value) -> Value {
    let path = format!("/v1/series/{id}");
    caller.post_if(&format!("{path}/change"), &caller.get(&path).tag(), body).ok()
}

fn of_series(caller: &Caller<'_>, id: &str) -> Vec<Value> {
    caller.get(&format!("/v1/sessions?series={id}&limit=200")).ok()["items"].as_array().unwrap().clone()
}

fn ends(caller: &Caller<'_>, id: &str) -> Vec<String> {
    of_series(caller, id).iter().map(|session| session["ends_at"].as_str().unwrap().to_owned()).collect()
}

/// When each session begins that a series' answer names as one of another time than the series has.
fn apart(view: &Value) -> Vec<&str> {
    view["sessions_apart"].as_array().unwrap().iter().map(|session| session["starts_at"].as_str().unwrap()).collect()
}

/// The mentor is ill on a day, and Nora meets the boy then; gives the path of the leave.
fn covered(unit: &Caller<'_>, leaves: &str, session: &str, (noras, day): (&str, &str)) -> String {
    let entered = unit.post(leaves, &json!({"kind": "illness", "from_on": day, "until_on": day})).ok();
    let leave = entered["leaves"].as_array().unwrap().iter().find(|leave| leave["from_on"] == day).unwrap()["id"].clone();
    let leave = format!("{leaves}/{}", leave.as_str().unwrap());
    let by = json!({"decisions": [{"session_id": session, "cover": {"staff_id": noras}}]});
    unit.post(&format!("{leave}/cover-decisions"), &by).ok();
    leave
}

both_engines! {
    fn what_a_change_left_while_it_was_covered_goes_with_the_next_once_the_cover_is_over(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-25"})).id();
        let series = format!("/v1/series/{id}");
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        let noras = staff(&app, &app.account("nora", &["mentor"]), true);
        let all: Vec<String> = of_series(mentor, &id).iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect();
        let [second, third] = [(1, "2026-03-11"), (2, "2026-03-18")].map(|(at, day)| covered(unit, &leaves, &all[at], (&noras, day)));
        let times = |hours: [&str; 4]| ["04", "11", "18", "25"].iter().zip(hours).map(|(day, hour)| format!("2026-03-{day}T{hour}:00Z")).collect::<Vec<_>>();
        // An hour later, shorter and elsewhere: what is covered stays as it was decided, and the answer says so.
        let changed = change(mentor, &id, &json!({"at_min": 1020, "length_min": 60, "place_code": "school"}));
        assert_eq!((gaps(&changed), &changed["coming"]), (Vec::new(), &json!(4)));
        assert_eq!(planned(mentor, &id), times(["16:00", "15:00", "15:00", "16:00"]));
        assert_eq!(apart(&changed), ["2026-03-11T15:00:00Z", "2026-03-18T15:00:00Z"]);
        assert!(changed["sessions_apart"].as_array().unwrap().iter().all(|session| session["covered_by"] == noras), "{changed}");
        // The one leave is struck, the other cover taken back: the boy is still to come when he knows, and the series still says so.
        assert_eq!(unit.delete(&second).status, 204);
        unit.post(&format!("/v1/sessions/{}/end-cover", all[2]), &json!({"by": "unit"})).ok();
        assert_eq!(unit.delete(&third).status, 204);
        let seen = mentor.get(&series).ok();
        assert_eq!(apart(&seen), ["2026-03-11T15:00:00Z", "2026-03-18T15:00:00Z"]);
        assert!(seen["sessions_apart"].as_array().unwrap().iter().all(|session| session["covered_by"].is_null()), "{seen}");
        let listed = mentor.get("/v1/series").ok();
        assert_eq!(apart(&listed["items"][0]), apart(&seen));
        app.tick();
        assert_eq!(news(&family), Vec::<String>::new());
        // A change without members takes them along, whole, and tells it once.
        let whole = change(mentor, &id, &json!({}));
        assert_eq!((gaps(&whole), apart(&whole).len()), (Vec::new(), 0));
        assert_eq!(planned(mentor, &id), times(["16:00"; 4]));
        assert_eq!(ends(mentor, &id), times(["17:00"; 4]));
        assert!(of_series(mentor, &id).iter().all(|session| session["place_code"] == "school" && session["moved_count"] == 1));
        assert_eq!(news(&family), ["appointments_changed 2026-03-04T16:00:00Z"]);
        // What is moved by itself stays by itself, and is named.
        let there = json!({"starts_at": "2026-03-25T15:30:00Z", "ends_at": "2026-03-25T16:30:00Z"});
        mentor.post_if(&format!("/v1/sessions/{}/move", all[3]), "*", &there).ok();
        let later = change(mentor, &id, &json!({"at_min": 1050}));
        assert_eq!(planned(mentor, &id), times(["16:30", "16:30", "16:30", "15:30"]));
        assert_eq!(apart(&later), ["2026-03-25T15:30:00Z"]);
    }

    fn the_rest_from_a_session_on_takes_it_to_an_earlier_day_of_its_week(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-08"})).id();
        let ids = |id: &str| of_series(mentor, id).iter().map(|session| session["id"].clone()).collect::<Vec<_>>();
        let before = ids(&id);
        let rest = change(mentor, &id, &json!({"from_on": "2026-03-18", "rule": "FREQ=WEEKLY;BYDAY=TU"}));
        assert_eq!((&rest["follows_id"], &rest["from_on"]), (&json!(id), &json!("2026-03-17")));
        assert_eq!((gaps(&rest), apart(&rest).len()), (Vec::new(), 0));
        let next = rest["id"].as_str().unwrap();
        assert_eq!(planned(mentor, next), ["2026-03-17T15:00:00Z", "2026-03-24T15:00:00Z", "2026-03-31T14:00:00Z", "2026-04-07T14:00:00Z"]);
        assert_eq!((ids(next), ids(&id)), (before[2..].to_vec(), before[..2].to_vec()));
        assert_eq!(mentor.get(&format!("/v1/series/{id}")).ok()["until_on"], "2026-03-16");
        // Where that day is Easter Monday it is a gap, and no silent hole.
        let last = change(mentor, next, &json!({"from_on": "2026-04-07", "rule": "FREQ=WEEKLY;BYDAY=MO"}));
        assert_eq!((gaps(&last), &last["coming"]), (vec!["2026-04-06 holiday 2026-04-07T14:00:00Z open".to_owned()], &json!(0)));
        assert_eq!(ids(next), before[2..5]);
    }

    fn what_continues_a_series_begins_after_its_last_session_however_often_it_is_changed(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-01"})).id();
        // They meet on Wednesday the 18th, so not on that Friday.
        let rest = change(mentor, &id, &json!({"from_on": "2026-03-19", "rule": "FREQ=WEEKLY;BYDAY=FR"}));
        let fridays = (vec!["2026-03-20 week_limit - open".to_owned()], vec!["2026-03-27T15:00:00Z".to_owned()]);
        let next = rest["id"].as_str().unwrap();
        assert_eq!((gaps(&rest), planned(mentor, next)), fridays);
        let same = change(mentor, next, &json!({}));
        assert_eq!((gaps(&same), planned(mentor, next)), fridays);
        // Nor on its Thursday.
        change(mentor, next, &json!({"from_on": "2026-03-20", "rule": "FREQ=WEEKLY;BYDAY=TH"}));
        assert_eq!(planned(mentor, next), ["2026-03-26T15:00:00Z"]);
        let monday = change(mentor, next, &json!({"from_on": "2026-03-26", "rule": "FREQ=WEEKLY;BYDAY=MO"}));
        assert_eq!(planned(mentor, monday["id"].as_str().unwrap()), ["2026-03-23T15:00:00Z", "2026-03-30T14:00:00Z"]);
    }

    fn a_week_or_month_that_had_its_session_stays_a_gap_through_every_later_change(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let made = |body: Value| mentor.post("/v1/series", &body).id();
        let rest = |id: &str, from_on: &str, rule: &str| change(mentor, id, &json!({"from_on": from_on, "rule": rule}));
        let stands = |view: &Value, gap: &str, session: &str| {
            let (id, expected) = (view["id"].as_str().unwrap(), (vec![format!("{gap} week_limit - open")], vec![session.to_owned()]));
            assert_eq!((gaps(view), planned(mentor, id)), expected);
            let same = change(mentor, id, &json!({}));
            assert_eq!((gaps(&same), planned(mentor, id)), expected, "what has become free is planned, and nothing has");
        };
        // They meet on 8 April, so not on the fourth Wednesday of that month.
        let monthly = json!({"match_id": family.mentoring, "rule": "FREQ=MONTHLY;BYDAY=2WE", "at_min": 600, "until_on": "2026-05-31"});
        stands(&rest(&made(monthly), "2026-04-09", "FREQ=MONTHLY;BYDAY=4WE"), "2026-04-22", "2026-05-27T08:00:00Z");
        // On Wednesday the 18th, so neither on that Friday nor on that Sunday, though the Sundays continue the Fridays.
        let wednesdays = made(json!({"match_id": family.mentoring, "until_on": "2026-04-01"}));
        let fridays = rest(&wednesdays, "2026-03-19", "FREQ=WEEKLY;BYDAY=FR");
        let sundays = rest(fridays["id"].as_str().unwrap(), "2026-03-21", "FREQ=WEEKLY;BYDAY=SU");
        stands(&sundays, "2026-03-22", "2026-03-29T14:00:00Z");
    }

    fn a_week_that_was_dismissed_stays_without_a_session_through_every_later_change(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        mentor.post(&leaves, &json!({"kind": "holiday", "from_on": "2026-03-18", "until_on": "2026-03-18"})).ok();
        let made = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-01"})).ok();
        let (id, gap) = (made["id"].as_str().unwrap(), made["gaps"][0]["id"].as_str().unwrap());
        mentor.post(&format!("/v1/series/{id}/gaps/{gap}/dismiss"), &json!({})).ok();
        let rest = change(mentor, id, &json!({"from_on": "2026-03-19", "rule": "FREQ=WEEKLY;BYDAY=FR"}));
        let (next, expected) = (rest["id"].as_str().unwrap(), (Vec::<String>::new(), vec!["2026-03-27T15:00:00Z".to_owned()]));
        assert_eq!((gaps(&rest), planned(mentor, next)), expected);
        let same = change(mentor, next, &json!({}));
        assert_eq!((gaps(&same), planned(mentor, next)), expected);
    }

    fn what_was_covered_when_the_rest_moved_to_an_earlier_day_goes_with_the_next_change(app: TestApp) {
        let family = agreed(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-01"})).id();
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        let noras = staff(&app, &app.account("nora", &["mentor"]), true);
        let third = of_series(mentor, &id)[2]["id"].as_str().unwrap().to_owned();
        let leave = covered(unit, &leaves, &third, (&noras, "2026-03-18"));
        let rest = change(mentor, &id, &json!({"from_on": "2026-03-18", "rule": "FREQ=WEEKLY;BYDAY=TU", "at_min": 900}));
        let next = rest["id"].as_str().unwrap();
        assert_eq!((gaps(&rest), apart(&rest)), (Vec::new(), vec!["2026-03-18T15:00:00Z"]));
        assert_eq!(planned(mentor, next), ["2026-03-18T15:00:00Z", "2026-03-24T14:00:00Z", "2026-03-31T13:00:00Z"]);
        assert_eq!(unit.delete(&leave).status, 204);
        let whole = change(mentor, next, &json!({}));
        assert_eq!((gaps(&whole), apart(&whole).len()), (Vec::new(), 0));
        assert_eq!(planned(mentor, next), ["2026-03-17T14:00:00Z", "2026-03-24T14:00:00Z", "2026-03-31T13:00:00Z"]);
    }

    fn of_two_sessions_that_a_cover_left_in_a_month_that_of_the_date_stays(app: TestApp) {
        let family = agreed(&app);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-05-31"})).id();
        let leaves = format!("/v1/staff/{}/leaves", mentor.get("/v1/me/staff").id());
        let noras = staff(&app, &app.account("nora", &["mentor"]), true);
        let [second, third] = [1, 2].map(|at| of_series(mentor, &id)[at]["id"].as_str().unwrap().to_owned());
        let leave = covered(unit, &leaves, &third, (&noras, "2026-03-18"));
        change(mentor, &id, &json!({"rule": "FREQ=MONTHLY;BYDAY=2WE"}));
        let kept = ["2026-03-11T15:00:00Z", "2026-03-18T15:00:00Z", "2026-04-08T14:00:00Z", "2026-05-13T14:00:00Z"];
        assert_eq!(planned(mentor, &id), kept);
        assert_eq!(unit.delete(&leave).status, 204);
        change(mentor, &id, &json!({"at_min": 1020}));
        assert_eq!(planned(mentor, &id), ["2026-03-11T16:00:00Z", "2026-04-08T15:00:00Z", "2026-05-13T15:00:00Z"]);
        let stands = |id: &str| {
            let session = mentor.get(&format!("/v1/sessions/{id}")).ok();
            [&session["state"], &session["starts_at"]].map(|word| word.as_str().unwrap().to_owned())
        };
        assert_eq!((stands(&second), stands(&third)), (["planned", "2026-03-11T16:00:00Z"].map(str::to_owned), ["cancelled", kept[1]].map(str::to_owned)));
    }

    fn what_an_earlier_version_planned_goes_with_its_series(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-18"})).id();
        let db = &mut app.database.connect();
        while migrations::revert(db).unwrap().is_some_and(|name| name != "0070_series_give") {}
        migrations::apply(db, app.clock.now()).unwrap();
        let later = change(mentor, &id, &json!({"at_min": 1020, "place_code": "school"}));
        assert_eq!((gaps(&later), apart(&later).len()), (Vec::new(), 0));
        assert_eq!(planned(mentor, &id), ["04", "11", "18"].map(|day| format!("2026-03-{day}T16:00:00Z")));
        assert!(of_series(mentor, &id).iter().all(|session| session["place_code"] == "school"));
    }

    fn a_week_whose_new_date_was_past_keeps_its_session_through_the_next_change(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-20"})).id();
        app.set_clock("2026-03-03T08:00:00Z");
        // On Tuesday, to Mondays: this week there is none left, and they meet on Wednesday as they said. Then to Thursdays.
        for (rule, at_min, second) in [("MO", 960, "2026-03-09T15:00:00Z"), ("TH", 1020, "2026-03-12T16:00:00Z")] {
            let changed = change(mentor, &id, &json!({"rule": format!("FREQ=WEEKLY;BYDAY={rule}"), "at_min": at_min}));
            assert_eq!(planned(mentor, &id)[..2], ["2026-03-04T15:00:00Z", second], "{rule}");
            assert_eq!(apart(&changed), ["2026-03-04T15:00:00Z"], "{rule}");
        }
    }

    fn another_length_takes_no_session_off_that_stands(app: TestApp) {
        let family = agreed(&app);
        reachable(&family);
        let (unit, mentor) = (&family.unit, &family.mentor);
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-25"})).id();
        // Since then the mentor fell ill over two of them, and the boy has something else each Wednesday at ten past four.
        let malte = mentor.get("/v1/me/staff").id();
        let ill = json!({"kind": "illness", "from_on": "2026-03-09", "until_on": "2026-03-20"});
        let entered = unit.post(&format!("/v1/staff/{malte}/leaves"), &ill).ok();
        let list = format!("/v1/staff/{malte}/leaves/{}/cover-list", entered["leaves"][0]["id"].as_str().unwrap());
        let never = |from_min: i32| json!({"never": [{"weekday": 3, "from_min": from_min, "until_min": from_min + 10}]});
        mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &never(970)).ok();
        for (length_min, hour) in [(60, "16:00:00Z"), (90, "16:30:00Z")] {
            let changed = change(mentor, &id, &json!({"length_min": length_min, "by": "person", "reason": "school"}));
            assert_eq!((gaps(&changed), &changed["coming"]), (Vec::new(), &json!(4)), "{length_min}");
            assert_eq!(ends(mentor, &id), ["04", "11", "18", "25"].map(|day| format!("2026-03-{day}T{hour}")));
            assert_eq!(unit.get(&list).ok()["sessions"].as_array().unwrap().len(), 2, "still to be decided");
            assert_eq!(app.promise("undecided_leave").0, "open");
            assert_eq!(news(&family), Vec::<String>::new());
        }
        // Its history has both.
        let first = of_series(mentor, &id)[0]["id"].as_str().unwrap().to_owned();
        let history = mentor.get(&format!("/v1/sessions/{first}/changes")).ok();
        let told = |change: &Value| format!("{} {} {} {}", change["kind"], change["by"], change["reason"], change["ends_at"]).replace('"', "");
        let told: Vec<String> = history["items"].as_array().unwrap().iter().map(told).collect();
        assert_eq!(told, ["changed person school 2026-03-04T16:30:00Z", "changed person school 2026-03-04T16:00:00Z"]);
        // What is added meets an hour at which he can never: that is no time to plan.
        mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &never(1060)).ok();
        let longer = change(mentor, &id, &json!({"length_min": 120}));
        assert_eq!(longer["coming"], 0);
        assert!(gaps(&longer).iter().all(|gap| gap.contains(" never ")) && gaps(&longer).len() == 4, "{longer}");
    }

    fn what_begins_sooner_than_the_notice_may_end_otherwise(strict: Strict) {
        let app = &strict.0;
        let family = agreed(app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-11"})).id();
        // An hour before it begins, where two hours' notice is asked.
        app.set_clock("2026-03-04T14:00:00Z");
        let shorter = change(mentor, &id, &json!({"length_min": 60}));
        assert_eq!((gaps(&shorter), ends(mentor, &id)), (Vec::new(), vec!["2026-03-04T16:00:00Z".to_owned(), "2026-03-11T16:00:00Z".to_owned()]));
        let session = of_series(mentor, &id)[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/sessions/{session}/move");
        for ends_at in ["2026-03-04T15:30:00Z", "2026-03-04T16:45:00Z"] {
            let moved = mentor.post_if(&path, "*", &json!({"starts_at": "2026-03-04T15:00:00Z", "ends_at": ends_at})).ok();
            assert_eq!((&moved["ends_at"], &moved["moved_count"]), (&json!(ends_at), &json!(0)));
        }
        let later = json!({"starts_at": "2026-03-04T15:30:00Z", "ends_at": "2026-03-04T16:30:00Z"});
        assert_eq!(mentor.post_if(&path, "*", &later).refused(409, "not_available")["errors"][0]["code"], "notice");
    }

    fn dates_that_were_cancelled_together_may_be_given_again(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-04-08"})).id();
        // One is cancelled by itself, then all from a week before it on.
        let alone = of_series(mentor, &id)[3]["id"].as_str().unwrap().to_owned();
        mentor.post(&format!("/v1/sessions/{alone}/cancel"), &json!({"by": "staff"})).ok();
        let cut = mentor.post(&format!("/v1/series/{id}/cancel"), &json!({"by": "person", "from_on": "2026-03-18"})).ok();
        assert_eq!((&cut["until_on"], &cut["coming"]), (&json!("2026-03-17"), &json!(2)));
        let whole = change(mentor, &id, &json!({"until_on": "2026-04-08"}));
        assert_eq!((gaps(&whole), &whole["coming"]), (Vec::new(), &json!(5)));
        assert_eq!(planned(mentor, &id), [
            "2026-03-04T15:00:00Z", "2026-03-11T15:00:00Z", "2026-03-18T15:00:00Z", "2026-04-01T14:00:00Z", "2026-04-08T14:00:00Z",
        ]);
    }

    fn every_second_week_goes_on_in_its_week_when_it_is_extended(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let tuesdays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "at_min": 600, "from_on": "2026-03-10", "until_on": "2026-03-25"});
        let id = mentor.post("/v1/series", &tuesdays).id();
        app.set_clock("2026-03-26T08:00:00Z");
        let longer = change(mentor, &id, &json!({"until_on": "2026-04-30"}));
        assert_eq!((gaps(&longer), longer["from_on"].as_str()), (Vec::new(), Some("2026-04-07")));
        let expected = ["2026-03-10T09:00:00Z", "2026-03-24T09:00:00Z", "2026-04-07T08:00:00Z", "2026-04-21T08:00:00Z"];
        assert_eq!(planned(mentor, &id), expected);
    }

    fn a_series_made_when_its_hour_is_past_begins_at_the_next_date(app: TestApp) {
        let family = agreed(&app);
        // Monday, nine o'clock; every second week at twenty past eight.
        let mondays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=2", "at_min": 500});
        let made = family.mentor.post("/v1/series", &mondays).ok();
        assert_eq!((gaps(&made), &made["from_on"], &made["until_on"]), (Vec::new(), &json!("2026-03-09"), &json!("2026-03-23")));
        let dates = planned(&family.mentor, made["id"].as_str().unwrap());
        assert_eq!(dates, ["2026-03-09T07:20:00Z", "2026-03-23T07:20:00Z"]);
    }

    fn a_change_plans_nothing_before_a_series_was_to_begin(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let fridays = json!({"match_id": family.mentoring, "rule": "FREQ=WEEKLY;BYDAY=FR", "at_min": 960, "from_on": "2026-06-12", "until_on": "2026-07-03"});
        let id = mentor.post("/v1/series", &fridays).id();
        let before: Vec<Value> = of_series(mentor, &id).iter().map(|session| session["id"].clone()).collect();
        let changed = change(mentor, &id, &json!({"from_on": "2026-03-17", "rule": "FREQ=WEEKLY;BYDAY=TU"}));
        assert_eq!((&changed["id"], &changed["from_on"]), (&json!(id), &json!("2026-06-09")));
        assert_eq!(planned(mentor, &id), ["09", "16", "23", "30"].map(|day| format!("2026-06-{day}T14:00:00Z")));
        let after: Vec<Value> = of_series(mentor, &id).iter().map(|session| session["id"].clone()).collect();
        assert_eq!(before, after, "each moved within its week");

        let last_mondays = json!({"match_id": family.mentoring, "rule": "FREQ=MONTHLY;BYDAY=-1MO", "at_min": 600, "from_on": "2026-08-20", "until_on": "2026-09-20"});
        let id = mentor.post("/v1/series", &last_mondays).id();
        change(mentor, &id, &json!({"rule": "FREQ=WEEKLY;BYDAY=MO"}));
        assert_eq!(planned(mentor, &id), ["08-31", "09-07", "09-14"].map(|day| format!("2026-{day}T08:00:00Z")));
    }

    fn a_length_of_its_own_stays_until_another_is_stated(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-25"})).id();
        let second = of_series(mentor, &id)[1]["id"].as_str().unwrap().to_owned();
        let lasts_until = |starts_at: &str, ends_at: &str| {
            let longer = json!({"starts_at": format!("2026-03-11T{starts_at}Z"), "ends_at": format!("2026-03-11T{ends_at}Z")});
            mentor.post_if(&format!("/v1/sessions/{second}/move"), "*", &longer).ok();
        };
        lasts_until("15:00:00", "18:00:00");
        let times = |ends: [&str; 4]| ["04", "11", "18", "25"].iter().zip(ends).map(|(day, end)| format!("2026-03-{day}T{end}:00Z")).collect::<Vec<_>>();
        // Three hours, also an hour later; of the rest, too, where only the place is another.
        change(mentor, &id, &json!({"at_min": 1020}));
        assert_eq!(ends(mentor, &id), times(["17:30", "19:00", "17:30", "17:30"]));
        change(mentor, &id, &json!({"place_code": "school"}));
        assert_eq!(ends(mentor, &id), times(["17:30", "19:00", "17:30", "17:30"]));
        change(mentor, &id, &json!({"length_min": 60}));
        assert_eq!(ends(mentor, &id), times(["17:00", "17:00", "17:00", "17:00"]));
        // Where its own length meets something else there is a gap.
        lasts_until("16:00:00", "19:00:00");
        mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T13:00:00Z", "2026-03-11T14:00:00Z")).ok();
        let noon = change(mentor, &id, &json!({"at_min": 720}));
        assert_eq!(gaps(&noon), ["2026-03-11 busy 2026-03-11T11:30:00Z open"]);
        assert_eq!(planned(mentor, &id), ["04", "18", "25"].map(|day| format!("2026-03-{day}T11:00:00Z")));
    }

    fn how_one_session_is_held_stays_when_its_series_changes(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-18"})).id();
        let second = of_series(mentor, &id)[1].clone();
        let by_phone = json!({"starts_at": second["starts_at"], "ends_at": second["ends_at"], "kind": "phone", "place_code": null});
        let one = mentor.post_if(&format!("/v1/sessions/{}/move", second["id"].as_str().unwrap()), "*", &by_phone).ok();
        assert_eq!((&one["kind"], &one["place_code"], &one["occurs_on"]), (&json!("phone"), &Value::Null, &json!("2026-03-11")));
        change(mentor, &id, &json!({"at_min": 1020, "place_code": "school"}));
        let held = |session: &Value| format!("{} {} {}", session["starts_at"], session["kind"], session["place_code"]).replace('"', "");
        let held: Vec<String> = of_series(mentor, &id).iter().map(held).collect();
        assert_eq!(held, ["2026-03-04T16:00:00Z in_person school", "2026-03-11T16:00:00Z phone null", "2026-03-18T16:00:00Z in_person school"]);
    }
    fn what_somebody_cannot_by_now_stays_or_is_a_gap_with_another_time(app: TestApp) {
        let family = agreed(&app);
        let mentor = &family.mentor;
        let id = mentor.post("/v1/series", &json!({"match_id": family.mentoring, "until_on": "2026-03-18"})).id();
        let off = json!({"effect": "less", "on": "2026-03-11", "from_min": 960, "until_min": 1080});
        let hours = mentor.post(&format!("/v1/staff/{}/exceptions", mentor.get("/v1/me/staff").id()), &off).ok();
        assert_eq!(hours["sessions_outside"].as_array().unwrap().len(), 1);
        let never = json!({"never": [{"weekday": 3, "from_min": 1020, "until_min": 1030}]});
        let times = mentor.put(&format!("/v1/people/{}/times", family.boy), "*", &never).ok();
        assert_eq!(times["sessions_in_never"].as_array().unwrap().len(), 3);
        // Elsewhere from the second on: each stays where it is.
        let rest = change(mentor, &id, &json!({"from_on": "2026-03-11", "place_code": "school"}));
        assert_eq!((gaps(&rest), &rest["coming"]), (Vec::new(), &json!(2)));
        // A quarter of an hour later: each is judged anew, and what cannot be shows why, and when instead.
        let later = change(mentor, rest["id"].as_str().unwrap(), &json!({"at_min": 975}));
        let expected = ["2026-03-11 outside_hours 2026-03-11T17:15:00Z open", "2026-03-18 never 2026-03-18T16:15:00Z open"];
        assert_eq!((gaps(&later), &later["coming"]), (expected.map(str::to_owned).to_vec(), &json!(0)));
        assert_eq!(planned(mentor, &id), ["2026-03-04T15:00:00Z"]);
    }
}
