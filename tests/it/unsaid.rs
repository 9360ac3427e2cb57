//! What a custody holder is said to have said after their death, as it turns out later: it never was, and counts again where they live.

use serde_json::json;

use crate::consents::{consent_of, of_two_parents, say, withdraw};
use crate::courses::{accepted, may_run};
use crate::support::TestApp;
use crate::support::casework::yes;

both_engines! {
    fn a_withdrawal_after_a_custody_holders_death_never_was(app: TestApp) {
        let unit = app.coordinator();
        let [_, _, mother, made, course] = accepted(&app, &unit, "2010-05-01");
        app.set_clock("2026-03-10T08:00:00Z");
        withdraw(&unit, &consent_of(&unit, &made, &mother), "2026-03-10T08:00:00Z");
        let stands = || {
            let (shown, day) = (unit.get(&format!("/v1/courses/{course}")).ok(), "2026-03-20");
            (shown["paused"].as_bool().unwrap(), may_run(&app, &course, day), app.promise("paused").0, shown["pauses"].as_array().unwrap().len())
        };
        let (still, goes_on) = ((true, false, "open".to_owned(), 1), (false, true, "done".to_owned(), 1));
        assert_eq!(stands(), still);
        let died = format!("/v1/people/{mother}/death");
        let record = |at: &str| unit.post(&died, &json!({"happened_at": at})).ok();
        let retract = || unit.post(&format!("{died}/retract"), &json!({})).ok();
        for clock in ["2026-03-12T08:00:00Z", "2026-03-13T08:00:00Z"] {
            app.set_clock(clock);
            record("2026-03-09T10:00:00Z");
            assert_eq!(stands(), goes_on);
            assert_eq!(unit.get(&format!("/v1/offers/{made}")).ok()["consents"][1]["giver_died_on"], "2026-03-09");
            retract();
            assert_eq!(stands(), still);
        }
        // On the day of her death she may have said it.
        record("2026-03-10T06:00:00Z");
        assert_eq!(stands(), still);
        retract();
        // While she was said to be dead it was recorded why she is not asked: that stands.
        record("2026-03-09T10:00:00Z");
        app.set_clock("2026-03-14T08:00:00Z");
        let basis = json!({"giver_id": mother, "scope": "participation", "text_version": "2026-1", "given": false,
            "not_needed_basis": "Hun er død", "happened_at": app.clock.now()});
        say(&unit, &made, &basis);
        retract();
        assert_eq!(stands(), goes_on);
    }

    fn what_never_was_does_not_come_back_with_the_childs_course(app: TestApp) {
        let unit = app.coordinator();
        let [_, boy, mother, made, course] = accepted(&app, &unit, "2010-05-01");
        app.set_clock("2026-03-10T08:00:00Z");
        withdraw(&unit, &consent_of(&unit, &made, &mother), "2026-03-10T08:00:00Z");
        let stands = || {
            let shown = unit.get(&format!("/v1/courses/{course}")).ok();
            (shown["paused"].as_bool().unwrap(), may_run(&app, &course, "2026-03-30"), app.promise("paused").0)
        };
        let (still, goes_on) = ((true, false, "open".to_owned()), (false, true, "done".to_owned()));
        let record = |person: &str, at: &str| unit.post(&format!("/v1/people/{person}/death"), &json!({"happened_at": at})).ok();
        let retract = |person: &str| unit.post(&format!("/v1/people/{person}/death/retract"), &json!({})).ok();
        // He is said to have died, and his course to be over, when it turns out that she had died before she took her word back.
        app.set_clock("2026-03-11T08:00:00Z");
        record(&boy, "2026-03-11T08:00:00Z");
        app.set_clock("2026-03-12T08:00:00Z");
        record(&mother, "2026-03-09T10:00:00Z");
        app.set_clock("2026-03-13T08:00:00Z");
        retract(&boy);
        assert_eq!(stands(), goes_on);
        retract(&mother);
        assert_eq!(stands(), still);
        // She lives, which is found out while his course is over: it comes back as it is by then.
        app.set_clock("2026-03-16T08:00:00Z");
        record(&mother, "2026-03-09T10:00:00Z");
        assert_eq!(stands(), goes_on);
        app.set_clock("2026-03-17T08:00:00Z");
        record(&boy, "2026-03-17T08:00:00Z");
        retract(&mother);
        app.set_clock("2026-03-18T08:00:00Z");
        retract(&boy);
        assert_eq!(stands(), still);
    }

    fn a_yes_after_a_custody_holders_death_never_was(app: TestApp) {
        let unit = app.coordinator();
        let [_, _, _, father, made] = of_two_parents(&app, &unit);
        app.set_clock("2026-03-05T08:00:00Z");
        say(&unit, &made, &yes(&father, app.clock.now()));
        let course = unit.post(&format!("/v1/offers/{made}/accept"), &json!({})).id();
        let path = format!("/v1/courses/{course}");
        let stands = || {
            let open = app.promised("paused").iter().filter(|duty| duty.state == "open").count();
            (unit.get(&path).ok()["paused"].as_bool().unwrap(), may_run(&app, &course, "2026-03-20"), open)
        };
        assert_eq!(stands(), (false, true, 0));
        let died = format!("/v1/people/{father}/death");
        let record = || unit.post(&died, &json!({"happened_at": "2026-03-04T10:00:00Z"})).ok();
        app.set_clock("2026-03-06T08:00:00Z");
        record();
        assert_eq!(stands(), (true, false, 1));
        unit.post(&format!("{died}/retract"), &json!({})).ok();
        assert_eq!(stands(), (false, true, 0));
        // He died indeed: it goes on once it is recorded why he is not asked.
        app.set_clock("2026-03-09T08:00:00Z");
        record();
        let resume = json!({"basis": "Moderen har den alene", "happened_at": app.clock.now()});
        unit.post(&format!("{path}/resume"), &resume).refused(409, "blocked");
        let basis = json!({"giver_id": father, "scope": "participation", "text_version": "2026-1", "given": false,
            "not_needed_basis": "Han er død", "happened_at": app.clock.now()});
        say(&unit, &made, &basis);
        unit.post(&format!("{path}/resume"), &resume).ok();
        assert_eq!(stands(), (false, true, 0));
    }
}
