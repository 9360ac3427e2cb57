//! The sweep over what is shown and sent: whoever was shown is in the journal, and no planted name leaves the building.

use chrono::TimeDelta;
use diesel::QueryableByName;
use diesel::sql_types::Binary;
use makker::base::calendar::Zone;
use makker::base::clock::Instant;
use makker::base::config::find_forbidden;
use makker::base::db::Coded;
use makker::base::ical::{Calendar, Event, Method, Parties, Status};
use makker::base::ids::Id;
use makker::base::language::Language;
use makker::config::Config;
use makker::messages::channels::folder::Capture;
use makker::messages::channels::{CalendarPart, Channel, Prepared, Senders, deadline_in};
use makker::messages::{HowToAnswer, Kind, rules};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::TestApp;
use crate::support::app::rows;
use crate::support::privacy::leaks;

both_engines! {
    fn whoever_was_shown_is_in_the_journal(app: TestApp) {
        let coordinator = app.coordinator();
        let name = json!({"given": "Bertramius", "family": "Kaspersson"});
        let person = coordinator.post("/v1/people", &json!({"kind": "young_person", "name": name, "born_on": "2010-02-03"})).id();
        assert_eq!(coordinator.get(&format!("/v1/people/{person}")).ok()["given_name"], "Bertramius");
        coordinator.get("/v1/people").ok();
        let found = coordinator.post("/v1/people/search", &json!({"born_on": "2010-02-03", "name": "Bertramius"})).ok();
        assert_eq!(found[0]["id"], json!(person));
        app.account("mads", &["mentor"]).get(&format!("/v1/people/{person}")).refused(404, "not_found");
        assert!(app.complaints().is_empty(), "{:?}", app.complaints());

        // The sweep sees what it is there for: an id or a name that was shown and not written down.
        for body in [json!({"case_person": person}), json!({"title": "Om Bertramius"})] {
            app.pretend("0b9f6d1c52c14d6e", &body.to_string());
            assert_eq!(app.complaints().len(), 1, "{body}");
            app.forget();
            coordinator.get(&format!("/v1/people/{person}")).ok();
        }
    }

    /// A request may hold a password or a registration number: whoever has the database alone cannot try out which.
    fn what_was_sent_cannot_be_guessed_from_its_key(app: TestApp) {
        let unit = app.coordinator();
        let body = json!({"name": "malte", "display_name": "Malte Holm", "roles": ["mentor"], "password": "sommer2026 kaffe"});
        unit.post("/v1/accounts", &body).ok();
        let kept = rows::<Kept>(&mut app.database.connect(), "SELECT request_hash FROM idempotency_keys");
        let request = [b"POST\n/v1/accounts\n".as_slice(), &Sha256::digest(body.to_string())].concat();
        let guesses = [Sha256::digest(&request).to_vec(), Sha256::digest(body.to_string()).to_vec()];
        assert!(!kept.is_empty() && kept.iter().all(|kept| !guesses.contains(&kept.request_hash)));
    }
}

/// What an idempotency key keeps of its request.
#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    request_hash: Vec<u8>,
}

/// A calendar as an invitation carries it.
fn calendar(config: &Config, now: Instant, language: Language) -> CalendarPart {
    let (settings, method) = (&config.programme.calendars, Method::Request);
    let (organiser_name, organiser) = (config.smtp.sender_name.clone(), config.smtp.sender_address.clone());
    let parties = Parties { organiser_name, organiser, attendee: "malte@example.org".to_owned() };
    let event = Event {
        uid: uuid::Uuid::from_u128(7).to_string(),
        sequence: 1,
        stamp: now,
        starts_at: now,
        ends_at: Some(now.plus(TimeDelta::hours(1))),
        summary: settings.summary(language).to_owned(),
        status: Status::Confirmed,
    };
    let (product, zone, parties, events) = (settings.product.as_str(), Zone::COPENHAGEN, Some(&parties), &[event][..]);
    let text = Calendar { product, method, zone, refresh_min: None, parties, events }.text(now);
    CalendarPart { method: method.word().to_owned(), text }
}

/// Every text in every language by every channel, as it would leave: nothing in it tells what it is about, the envelope included.
#[tokio::test]
async fn no_template_on_any_channel_says_what_it_is_about() {
    let (config, capture, now) = (Config::for_testing(), Capture::in_memory(), Instant::parse("2026-03-02T08:00:00Z").unwrap());
    let senders = Senders::capturing(&capture, &config.smtp, &config.fcm).unwrap();
    for kind in Kind::ALL {
        for language in [Language::Danish, Language::English] {
            for channel in Channel::ALL {
                let (subject, mut lines) = rules::text(*kind, Some(now), Some(2), Zone::COPENHAGEN, language);
                let link = format!("{}{}", config.server.link_base(), "A".repeat(22));
                let ways = [HowToAnswer::Link(String::new()), HowToAnswer::Call("70 10 10 10".into())];
                lines.extend(ways.iter().filter_map(|how| rules::how_line(how, language)));
                assert!(lines.iter().all(|line| !line.is_empty()) && !subject.is_empty());
                let to = match channel {
                    Channel::Email => "far@example.org",
                    Channel::Push => "phone-1",
                    Channel::Sms => "+4520123456",
                };
                let id = Id::from_uuid(uuid::Uuid::from_u128(7));
                let not_after_at = now.plus(TimeDelta::hours(1));
                let (to, link) = (to.to_owned(), Some(link));
                let calendar = kind.is_for_calendar().then(|| calendar(&config, now, language));
                let message =
                    Prepared { id, channel: *channel, to, language, subject, lines, link, calendar, prepared_at: now, not_after_at };
                senders.send(&message, now, deadline_in(std::time::Duration::from_secs(5))).await;
            }
        }
    }
    let sent = capture.all();
    assert_eq!(sent.len(), Kind::ALL.len() * 2 * Channel::ALL.len());
    for captured in sent {
        assert!(leaks([("a message", captured.raw.as_bytes())]).is_empty(), "{}", captured.raw);
        let word = find_forbidden(&captured.raw, &config.programme.forbidden_words);
        assert_eq!(word, None, "{}", captured.raw);
    }
}
