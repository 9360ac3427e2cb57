//! The outbox delivered: what reaches whom and when, what follows when it does not, and what a crash after any step leaves.

use makker::messages::channels::Channel;
use serde_json::{Value, json};

use crate::sessions::{Family, family, plan};
use crate::support::TestApp;

/// The boy's number.
const NUMBER: &str = "+4520123456";

/// Gives the boy a way to be reached.
fn reachable(family: &Family<'_>, contact: &Value) {
    let path = format!("/v1/people/{}", family.boy);
    let tag = family.unit.get(&path).tag();
    family.unit.put(&format!("{path}/contact"), &tag, contact).ok();
}

/// A session on Wednesday 11 March at 16:00 in Copenhagen: told of on Friday the 6th and on Tuesday the 10th, at 17:00.
fn session(family: &Family<'_>) -> String {
    family.mentor.post("/v1/sessions", &plan(&family.mentoring, "2026-03-11T15:00:00Z", "2026-03-11T16:30:00Z")).id()
}

/// Kind, slot, state and reason of everything ever planned for a subject.
fn planned(family: &Family<'_>, subject: &str) -> Vec<String> {
    let listed = family.unit.get(&format!("/v1/messages?subject={subject}")).ok();
    let tell = |item: &Value| {
        let word = |name: &str| item[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", word("kind"), word("slot"), word("state"), word("reason"))
    };
    listed["items"].as_array().unwrap().iter().map(tell).collect()
}

both_engines! {
    fn reminders_go_at_their_hour_once(app: TestApp) {
        let family = family(&app);
        reachable(&family, &json!({"channel": "sms", "phone": NUMBER}));
        let id = session(&family);
        assert_eq!(app.tick().accepted, 0);
        app.set_clock("2026-03-06T15:59:59Z");
        assert_eq!(app.tick().accepted, 0, "a second too early");
        app.set_clock("2026-03-06T16:00:00Z");
        assert_eq!((app.tick().accepted, app.tick().accepted), (1, 0));
        app.set_clock("2026-03-10T16:02:00Z");
        assert_eq!((app.tick().accepted, app.tick().accepted), (1, 0));
        let sent = app.capture.to(NUMBER);
        assert_eq!(sent.len(), 2);
        for sms in &sent {
            assert_eq!((sms.message.channel, sms.message.lines.join("|").as_str()), (Channel::Sms, "Du har en aftale onsdag den 11. marts kl. 16.00."));
        }
        assert_eq!(planned(&family, &id), ["appointment early accepted -", "appointment day_before accepted -"]);
    }
}
