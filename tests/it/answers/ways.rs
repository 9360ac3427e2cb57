//! By which ways whoever meets a person hears of an answer: what their phone does not take goes by mail, and what that does not, by hand.

use makker::messages::channels::Outcome;
use serde_json::json;

use super::{NUMBER, choose, contact, path, press, push_to, told};
use crate::sessions::{Family, family, matched, plan, staff};
use crate::support::TestApp;
use crate::support::caller::{Caller, PASSWORD};

/// A mentor with a mailbox who runs the boy's match; their phone is told by push.
fn mentor_with_mail<'a>(app: &'a TestApp, family: &Family<'_>) -> (Caller<'a>, String) {
    contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
    choose(&family.mentor, &family.boy, true).ok();
    family.unit.post(&format!("/v1/matches/{}/end", family.mentoring), &json!({"reason": "other"})).ok();
    let viggo = json!({"name": "viggo", "display_name": "viggo", "roles": ["mentor"], "email": "viggo@example.org", "password": PASSWORD});
    family.unit.post("/v1/accounts", &viggo).ok();
    let viggo = app.sign_in("viggo");
    let member = staff(app, &viggo, true);
    let matched = matched(&family.unit, &viggo, &family.course, &member);
    push_to(&viggo, "viggo");
    (viggo, matched)
}

/// How many answers somebody must be told by hand.
fn errands(family: &Family<'_>) -> usize {
    let open = family.unit.get("/v1/duties?kind=tell_by_hand&state=open").ok()["items"].as_array().unwrap().clone();
    open.iter().filter(|duty| duty["subject_kind"] == "answer").count()
}

both_engines! {
    fn a_phone_that_must_sign_in_again_is_told_nothing_and_mail_goes_instead(app: TestApp) {
        let family = family(&app);
        let (viggo, matched) = mentor_with_mail(&app, &family);
        viggo.post("/v1/sessions", &plan(&matched, "2026-04-14T14:00:00Z", "2026-04-14T15:30:00Z")).ok();
        // It has lain in a drawer for six weeks: its address is as good as ever, and nobody reads there.
        app.set_clock("2026-04-13T15:00:00Z");
        app.tick();
        press(&app, &path(&app.capture.to(NUMBER).pop().unwrap()), "cancel");
        app.tick();
        assert_eq!((told(&app, "viggo@example.org").len(), told(&app, "viggo").len(), errands(&family)), (1, 0, 0));
        // Signed in anew, the other sign-in is none any more.
        let devices = viggo.get("/v1/me/devices").ok()["items"].clone();
        assert_eq!((devices.as_array().unwrap().len(), &devices[0]["is_this"]), (1, &json!(true)), "{devices}");
    }

    fn what_one_way_does_not_take_the_next_one_has(app: TestApp) {
        let family = family(&app);
        let (viggo, matched) = mentor_with_mail(&app, &family);
        viggo.post("/v1/sessions", &plan(&matched, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let link = path(&app.capture.to(NUMBER).pop().unwrap());
        // His phone is of the wrong sort: a mail, at once, and nobody has to ring him.
        press(&app, &link, "cancel");
        app.capture.answer_next(Outcome::Refused { code: "target_invalid" });
        let report = app.tick();
        assert_eq!((report.refused, report.accepted), (1, 1));
        assert_eq!((told(&app, "viggo@example.org").len(), errands(&family)), (1, 0));
        app.tick();
        assert_eq!((told(&app, "viggo@example.org").len(), told(&app, "viggo").len()), (1, 0), "by none it goes twice");
        // Neither takes the next: by hand.
        press(&app, &link, "ask_to_move");
        app.capture.answer_next(Outcome::Refused { code: "target_invalid" });
        app.capture.answer_next(Outcome::TargetGone);
        assert_eq!(app.tick().refused, 2);
        assert_eq!((told(&app, "viggo@example.org").len(), told(&app, "viggo").len(), errands(&family)), (1, 0, 1));
    }

    fn what_no_phone_took_before_the_start_is_told_by_hand(app: TestApp) {
        let family = family(&app);
        contact(&family.unit, &family.boy, &json!({"channel": "sms", "phone": NUMBER}));
        choose(&family.mentor, &family.boy, true).ok();
        family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).ok();
        push_to(&family.mentor, "malte");
        app.set_clock("2026-03-10T16:00:00Z");
        app.tick();
        let link = path(&app.capture.to(NUMBER).pop().unwrap());
        app.set_clock("2026-03-11T14:40:00Z");
        press(&app, &link, "cancel");
        app.set_clock("2026-03-11T14:50:00Z");
        app.capture.answer_next(Outcome::RetryAfter { seconds: None, code: "busy" });
        app.tick();
        app.set_clock("2026-03-11T15:00:05Z");
        app.tick();
        assert_eq!((told(&app, "malte").len(), errands(&family)), (0, 1));
    }
}
