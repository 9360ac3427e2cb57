//! The numbers in the calendar of whoever covers a session: they tell nothing of how often it was changed before, and never fall.

use serde_json::json;

use super::invitations::{MAILBOX, arrived, switch, told};
use super::{account_with_mail, events, invite, made, pair, text};
use crate::support::TestApp;

const VITAS: &str = "vita@example.org";

both_engines! {
    fn a_cover_is_told_no_number_of_before(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        let once = pair.session("2026-03-11T15:00:00Z", "2026-03-11T16:00:00Z");
        let often = pair.session("2026-03-12T15:00:00Z", "2026-03-12T16:00:00Z");
        app.tick();
        for (from, until) in [("16", "17"), ("17", "18"), ("18", "19")] {
            app.pass(chrono::TimeDelta::minutes(1));
            pair.move_to(&often, &format!("2026-03-12T{from}:00:00Z"), &format!("2026-03-12T{until}:00:00Z"));
            app.tick();
        }
        app.capture.clear();
        let vita = account_with_mail(&app, "vita", VITAS, "da");
        let vitas = crate::sessions::staff(&app, &vita, true);
        invite(&vita);
        let feed = made(&vita.post("/v1/me/calendar/feed", &json!({})));
        let holiday = json!({"kind": "holiday", "from_on": "2026-03-09", "until_on": "2026-03-15"});
        let entered = pair.mentor.post(&format!("/v1/staff/{}/leaves", pair.staff), &holiday).ok();
        let leave = format!("/v1/staff/{}/leaves/{}", pair.staff, entered["leaves"][0]["id"].as_str().unwrap());
        let cover = |sessions: &[&String]| {
            let decisions: Vec<_> = sessions.iter().map(|id| json!({"session_id": id, "cover": {"staff_id": vitas}})).collect();
            pair.unit.post(&format!("{leave}/cover-decisions"), &json!({"decisions": decisions})).ok();
        };
        // Number and stamp of each, by start.
        let fed = || {
            let calendar = text(&app.anybody().get(&feed)).replace("\r\n ", "");
            let stamps: Vec<_> = calendar.lines().filter_map(|line| line.strip_prefix("DTSTAMP:").map(str::to_owned)).collect();
            events(&calendar).into_iter().map(|event| event.1.parse::<i32>().unwrap()).zip(stamps).collect::<Vec<_>>()
        };
        app.pass(chrono::TimeDelta::minutes(1));
        cover(&[&once, &often]);
        let mut invited = [told("REQUEST", &once, "0", "20260311T160000"), told("REQUEST", &often, "0", "20260312T190000")];
        invited.sort();
        assert_eq!(arrived(&app, VITAS), invited);
        let first = fed();
        assert_eq!((first.len(), first[0].0, &first[0]), (2, 0, &first[1]), "moved three times or never");
        // Back with the mentor, and hers once more: what she holds goes on, by her own numbers.
        app.pass(chrono::TimeDelta::minutes(1));
        pair.unit.post(&format!("/v1/sessions/{often}/end-cover"), &json!({"by": "unit"})).ok();
        assert_eq!(arrived(&app, VITAS), [told("CANCEL", &often, "1", "20260312T190000")]);
        cover(&[&often]);
        app.tick();
        let mentors: Vec<_> = app.capture.to(MAILBOX).into_iter().filter_map(|mail| mail.message.calendar).collect();
        // His are as they were: in as 3, out as 4, in again as 5.
        assert_eq!(events(&mentors[0].text)[0].1, "6");
        assert_eq!(arrived(&app, VITAS), [told("REQUEST", &often, "2", "20260312T190000")]);
        let again = fed();
        assert_eq!(again[0], first[0]);
        assert!(again[1].0 > first[1].0 && again[1].1 > first[1].1, "{first:?}, then {again:?}");
    }
}
