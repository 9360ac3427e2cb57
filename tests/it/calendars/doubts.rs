//! What a mailbox shows in the end is what stands, whatever changed while a mail was on its way there, and however that ended.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use chrono::TimeDelta;
use makker::base::calendar::Zone;
use makker::base::clock::Instant;
use makker::messages::Details;
use makker::messages::channels::folder::{Capture, Captured};
use makker::messages::channels::{Channel, Outcome};
use makker::messages::delivery::actions as steps;
use serde_json::{Value, json};

use super::invitations::{MAILBOX, switch};
use super::refused_words::{VITAS, Week, somebody, week};
use super::{pair, value};
use crate::support::outbox::{round, ticker};
use crate::support::{Engine, OnEngine, TestApp};

const LOST: Outcome = Outcome::Unknown { code: "no_answer" };
const BUSY: Outcome = Outcome::RetryAfter { seconds: None, code: "busy" };

/// One mail about an appointment: its number, and its method, start and end.
type Told = (i32, [String; 3]);

fn read(mail: &Captured) -> Told {
    let part = mail.message.calendar.as_ref().unwrap();
    let event = part.text.replace("\r\n ", "").split("BEGIN:VEVENT\r\n").nth(1).unwrap().to_owned();
    let [sequence, starts, ends] = ["SEQUENCE", "DTSTART", "DTEND"].map(|name| value(&event, name));
    (sequence.parse().unwrap(), [part.method.clone(), starts, ends])
}

/// What came into a mailbox since this was last asked, in order.
fn came(app: &TestApp, mailbox: &str) -> Vec<Told> {
    let told = app.capture.to(mailbox).iter().map(read).collect();
    app.capture.clear();
    told
}

fn request(number: i32, starts: &str, ends: &str) -> Told {
    (number, ["REQUEST", starts, ends].map(str::to_owned))
}

/// The next morning comes, and with it the night's work.
fn tomorrow(app: &TestApp) {
    let tomorrow = Zone::COPENHAGEN.date(app.clock.now()) + TimeDelta::days(1);
    app.set_clock(&format!("{tomorrow}T07:01:00Z"));
}

both_engines! {
    fn a_new_end_goes_under_a_number_of_its_own_whatever_became_of_the_old_one(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        for (day, outcome) in [("11", LOST), ("12", BUSY), ("13", Outcome::TargetGone)] {
            let at = |hour: u32| format!("2026-03-{day}T{hour}:00:00Z");
            let session = pair.session(&at(15), &at(16));
            app.capture.answer_next(outcome);
            app.tick();
            pair.move_to(&session, &at(15), &at(18));
            app.capture.clear();
            app.tick();
            app.pass(TimeDelta::minutes(2));
            app.tick();
            assert_eq!(came(&app, MAILBOX), [request(1, &format!("202603{day}T160000"), &format!("202603{day}T190000"))]);
        }
        tomorrow(&app);
        app.tick();
        assert!(app.capture.all().is_empty(), "the night has nothing to add");
    }

    fn a_new_end_goes_under_a_number_of_its_own_while_the_old_one_is_being_sent(app: TestApp) {
        let pair = pair(&app, MAILBOX);
        switch(&pair, true);
        for (day, outcome) in [("11", BUSY), ("12", LOST), ("13", Outcome::Accepted { reference: None })] {
            let at = |hour: u32| format!("2026-03-{day}T{hour}:00:00Z");
            let session = pair.session(&at(15), &at(16));
            let until = app.clock.now().plus(TimeDelta::minutes(2));
            let lease = app.as_tick(move |tx| steps::lease(tx, Channel::Email, tx.now, (tx.now, until), 100));
            let (token, taken) = (lease.token, lease.taken[0].clone());
            let sent = taken.clone();
            app.as_tick(move |tx| steps::prepare(tx, token, &sent, MAILBOX.into(), |_| Ok(Details::default())));
            pair.move_to(&session, &at(15), &at(18));
            app.as_tick(move |tx| steps::settle(tx, token, &taken, &outcome));
            app.pass(TimeDelta::minutes(5));
            app.tick();
            assert_eq!(came(&app, MAILBOX), [request(1, &format!("202603{day}T160000"), &format!("202603{day}T190000"))]);
        }
        tomorrow(&app);
        app.tick();
        assert!(app.capture.all().is_empty(), "the night has nothing to add");
    }
}

/// What a calendar shows of its one appointment: of what came into its mailbox the highest number counts.
#[derive(Default)]
struct Shown(BTreeMap<i32, [String; 3]>);

impl Shown {
    /// A mail comes. No number falls, and none is used for anything else.
    fn reads(&mut self, (number, says): Told) {
        assert!(self.0.keys().next_back().is_none_or(|last| number >= *last), "{number} {says:?} after {:?}", self.0);
        let known = self.0.entry(number).or_insert_with(|| says.clone());
        assert_eq!(*known, says, "{number} twice");
    }

    /// Start and end, while it stands there.
    fn stands(&self) -> Option<(&str, &str)> {
        let [method, starts, ends] = self.0.values().next_back()?;
        (method == "REQUEST").then_some((starts, ends))
    }
}

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Comes,
    ComesUnheard,
    NeverComes,
    Rests,
    IsRefused,
}

impl End {
    fn outcome(self) -> Outcome {
        match self {
            Self::Comes => Outcome::Accepted { reference: None },
            Self::ComesUnheard | Self::NeverComes => LOST,
            Self::Rests => BUSY,
            Self::IsRefused => Outcome::TargetGone,
        }
    }

    fn is_kept(self) -> bool {
        !matches!(self, Self::Rests | Self::IsRefused)
    }
}

/// An order of changes to one session by chance, which its mentor and whoever covers it have in their calendars.
struct Order<'a> {
    app: &'a TestApp,
    week: Week<'a>,
    vitas: String,
    chance: u64,
    mailboxes: [(&'static str, Shown); 2],
    done: Vec<String>,
}

impl<'a> Order<'a> {
    fn new(app: &'a TestApp, seed: u64) -> Self {
        let week = week(app);
        let (_, vitas) = somebody(app, "vita", VITAS);
        switch(&week.pair, true);
        Self { app, week, vitas, chance: seed, mailboxes: [MAILBOX, VITAS].map(|at| (at, Shown::default())), done: Vec::new() }
    }

    fn below(&mut self, most: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % most
    }

    fn session(&self) -> Value {
        self.week.pair.unit.get(&format!("/v1/sessions/{}", self.week.session)).ok()
    }

    /// One verb, or none: not each is possible now.
    fn change(&mut self) {
        let (which, hours, day) = (self.below(8), self.below(4), self.below(4));
        let session = self.session();
        let (path, starts) = (format!("/v1/sessions/{}", self.week.session), session["starts_at"].as_str().unwrap().to_owned());
        let ends =
            |starts: &str| Instant::parse(starts).unwrap().plus(TimeDelta::minutes(45) + TimeDelta::hours(i64::try_from(hours).unwrap()));
        let mentor = &self.week.pair.mentor;
        let tag = || mentor.get(&path).tag();
        let answer = match which {
            0 | 1 => mentor.post_if(&format!("{path}/move"), &tag(), &json!({"starts_at": starts, "ends_at": ends(&starts)})),
            2 => {
                let starts = format!("2026-03-{}T12:00:00Z", 11 + day);
                mentor.post_if(&format!("{path}/move"), &tag(), &json!({"starts_at": starts, "ends_at": ends(&starts)}))
            }
            3 if session["state"] == "planned" => mentor.post(&format!("{path}/cancel"), &json!({"by": "staff", "new_time_agreed": true})),
            3 | 4 => mentor.post(&format!("{path}/restore"), &json!({})),
            5 if session["covered_by"].is_null() => {
                let decision = json!({"session_id": self.week.session, "cover": {"staff_id": self.vitas}});
                self.week.pair.unit.post(&format!("{}/cover-decisions", self.week.leave), &json!({"decisions": [decision]}))
            }
            5 | 6 => self.week.pair.unit.post(&format!("{path}/end-cover"), &json!({"by": "unit"})),
            _ => {
                let calendar = mentor.get("/v1/me/calendar");
                mentor.patch("/v1/me/calendar", &calendar.tag(), &json!({"invitations": calendar.ok()["invitations"] == false}))
            }
        };
        self.done.push(format!("{which}: {}", answer.status));
    }

    /// A minute later the session stands, on another day.
    fn move_at_last(&mut self) {
        self.app.pass(TimeDelta::minutes(1));
        let pair = &self.week.pair;
        let path = format!("/v1/sessions/{}", self.week.session);
        if self.session()["state"] != "planned" {
            pair.mentor.post(&format!("{path}/restore"), &json!({})).ok();
        }
        self.done.push("moved at last".to_owned());
        pair.move_to(&self.week.session, "2026-03-15T12:00:00Z", "2026-03-15T13:30:00Z");
    }

    /// A round in which the first mails end so, and the others come.
    fn round(&mut self, ends: &[End]) {
        let capture = Capture::in_memory();
        for end in ends {
            capture.answer_next(end.outcome());
        }
        self.done.push(format!("{}: {ends:?}", self.app.clock.now()));
        round(&ticker(&self.app.config, self.app.door.clone(), &capture)).unwrap();
        // They are kept in the order in which they were answered.
        let mut answered = ends.iter().filter(|end| end.is_kept()).chain(iter::repeat(&End::Comes));
        for (mail, end) in capture.all().iter().zip(&mut answered) {
            let (_, shown) = self.mailboxes.iter_mut().find(|(mailbox, _)| mail.message.to == *mailbox).unwrap();
            let one = read(mail);
            self.done.push(format!("{} {one:?} {end:?}", mail.message.to));
            if *end != End::NeverComes {
                shown.reads(one);
            }
        }
    }

    /// What is wrong where all comes today that is left to go.
    fn complaint(&mut self) -> Option<String> {
        for _ in 0..3 {
            self.round(&[]);
            self.app.pass(TimeDelta::hours(1));
        }
        let session = self.session();
        let invites = self.week.pair.mentor.get("/v1/me/calendar").ok()["invitations"] == true;
        let (is_on, is_covered) = (session["state"] == "planned", !session["covered_by"].is_null());
        let local = |name: &str| {
            Zone::COPENHAGEN.wall(Instant::parse(session[name].as_str().unwrap()).unwrap()).format("%Y%m%dT%H%M%S").to_string()
        };
        let (starts, ends) = (local("starts_at"), local("ends_at"));
        let wanted = [is_on && !is_covered && invites, is_on && is_covered];
        let found = self.mailboxes.each_ref().map(|(_, shown)| shown.stands());
        let expected = wanted.map(|stands| stands.then_some((starts.as_str(), ends.as_str())));
        (found != expected).then(|| format!("{found:?} and not {expected:?}"))
    }
}

/// Changes, mails whose fate nobody knows, retries and nights in an order by chance, and then rounds that work: the night after has nothing to add.
#[test]
fn a_calendar_shows_in_the_end_what_stands_in_any_order() {
    let mut seen = BTreeSet::new();
    for seed in 0..20 {
        let app = TestApp::on(Engine::Sqlite);
        let mut order = Order::new(&app, seed);
        // What was refused is said again with the next change: where one was, another comes last.
        let (mut nights, refuses) = (0, seed % 2 == 1);
        for _ in 0..14 {
            order.change();
            match order.below(8) {
                0 => app.pass(TimeDelta::minutes(20)),
                1 | 2 => app.pass(TimeDelta::minutes(6)),
                3 | 4 => app.pass(TimeDelta::minutes(1)),
                5 if nights < 2 => {
                    nights += 1;
                    tomorrow(&app);
                }
                _ => {}
            }
            let ends = [(); 2].map(|()| match order.below(8) {
                0 => End::ComesUnheard,
                1 => End::NeverComes,
                2 => End::Rests,
                3 if refuses => End::IsRefused,
                _ => End::Comes,
            });
            if order.below(4) > 0 {
                order.round(&ends);
            }
        }
        if refuses {
            order.move_at_last();
        }
        let complaint = order.complaint();
        assert!(complaint.is_none(), "order {seed}: {} after {:#?}", complaint.unwrap(), order.done);
        let before = order.done.len();
        tomorrow(&app);
        order.round(&[]);
        assert_eq!(order.done.len(), before + 1, "order {seed}: the night has something to add after {:#?}", order.done);
        seen.extend(order.done.into_iter().filter(|done| done.ends_with(": 200") || done.ends_with(": 201")));
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}
