//! The link of a joint session: it leads to every part at that start that its reader reads for and said yes to links for, whichever part told them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{conflict, disagree, family, joint, off, part, reach, read_by_the_father};
use crate::sessions::{FIRST, course, plan, staff};
use crate::support::TestApp;
use crate::support::caller::Caller;
use crate::support::http::Request;

pub(super) const FATHERS: &str = "+4520000001";
const MOTHERS: &str = "+4520000008";

/// The link of the last message to a number.
pub(super) fn link(app: &TestApp, number: &str) -> String {
    let link = app.capture.to(number).last().unwrap().message.link.clone().expect("the message carries a link");
    link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

fn look(app: &TestApp, link: &str) -> u16 {
    app.anybody().get(link).status
}

pub(super) fn press(app: &TestApp, link: &str, answer: &str) -> u16 {
    let form = Request::new("POST", link).header("Content-Type", "application/x-www-form-urlencoded").body(format!("answer={answer}"));
    app.anybody().send(form).status
}

fn answered(unit: &Caller<'_>, planned: &Value, matched: &str) -> Value {
    let session = part(planned, matched)["id"].as_str().unwrap().to_owned();
    unit.get(&format!("/v1/sessions/{session}")).ok()["answered_by_link"]["answer"].clone()
}

/// Whether an answer is noted on the page, and the buttons there.
fn page(app: &TestApp, link: &str) -> (bool, Vec<&'static str>) {
    let page = String::from_utf8(app.anybody().get(link).body).unwrap();
    let buttons = ["confirm", "cancel", "ask_to_move", "undo"].into_iter().filter(|value| page.contains(&format!("value=\"{value}\"")));
    (page.contains("Noteret: Du kan ikke komme."), buttons.collect())
}

/// A child under 15, and their match.
pub(super) struct Child {
    pub id: String,
    pub matched: String,
}

/// Two children under 15 with one mentor; each parent has a number of their own, and the father reads for both.
pub(super) struct Siblings<'a> {
    pub unit: Caller<'a>,
    pub mentor: Caller<'a>,
    case: String,
    pub children: [Child; 2],
    mother: String,
    father: String,
}

impl<'a> Siblings<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        let unit = app.coordinator();
        let children = ["Bertramius", "Gudrunette"].map(|name| unit.person("young_person", name, Some("2012-05-01")));
        let [mother, father] = [("Mathildur", MOTHERS), ("Frodemund", FATHERS)].map(|(name, number)| {
            let parent = unit.person("parent", name, None);
            reach(&unit, &parent, number);
            parent
        });
        let case = app.founded_case(&unit, &[&children[0], &children[1], &mother, &father]);
        let mentor = app.account("malte", &["mentor"]);
        let malte = staff(app, &mentor, true);
        unit.certify(&malte, None);
        let children = children.map(|id| {
            set_reader(&unit, &id, [&mother, &father], &father);
            let course = course(app, &unit, &case, &id, &[&mother, &father], "mentor");
            let matched = unit.post("/v1/matches", &json!({"course_id": course, "staff_id": malte, "same_family": true})).id();
            mentor.post(&format!("/v1/matches/{matched}/answer"), &json!({"accepted": true, "knows_person": false})).ok();
            unit.post(&format!("/v1/matches/{matched}/answer-for-person"), &json!({"accepted": true})).ok();
            Child { id, matched }
        });
        Self { unit, mentor, case, children, mother, father }
    }

    /// Who reads for a child from now on.
    fn read_by(&self, child: &Child, reader: &str) {
        set_reader(&self.unit, &child.id, [&self.mother, &self.father], reader);
    }

    /// Whoever reads for a child says yes to links.
    fn wants_links(&self, child: &Child) {
        self.mentor.post(&format!("/v1/people/{}/link-choices", child.id), &json!({"wants_links": true})).ok();
    }

    pub fn all_want_links(&self) {
        self.children.iter().for_each(|child| self.wants_links(child));
    }

    /// A joint session on Wednesday 11 March at 16:00 in Copenhagen.
    fn plan(&self) -> Value {
        self.plan_on("11")
    }

    /// A joint session on a day of March at 16:00 in Copenhagen.
    pub fn plan_on(&self, day: &str) -> Value {
        let mut both = joint(&[&self.children[0].matched, &self.children[1].matched]);
        (both["starts_at"], both["ends_at"]) = (json!(format!("2026-03-{day}T15:00:00Z")), json!(format!("2026-03-{day}T16:00:00Z")));
        self.unit.post("/v1/joint-sessions", &both).ok()
    }

    /// The child whose part speaks where one reader reads for both, and the other.
    fn in_order(&self, planned: &Value) -> [&Child; 2] {
        let [one, other] = &self.children;
        let id = |child: &Child| part(planned, &child.matched)["id"].as_str().unwrap().to_owned();
        if id(one) < id(other) { [one, other] } else { [other, one] }
    }

    fn answered(&self, planned: &Value, children: [&Child; 2]) -> [Value; 2] {
        children.map(|child| answered(&self.unit, planned, &child.matched))
    }
}

fn set_reader(unit: &Caller<'_>, child: &str, holders: [&str; 2], reader: &str) {
    unit.put(&format!("/v1/people/{child}/custody"), "*", &json!({"holder_ids": holders, "recipient_id": reader})).ok();
}

/// The evening before, when reminders go.
fn remind(app: &TestApp) {
    app.set_clock("2026-03-10T16:00:00Z");
    app.tick();
}

both_engines! {
    fn after_a_conflict_only_the_chosen_sides_link_is_good(app: TestApp) {
        let family = family(&app);
        for (person, number) in [(&family.boy, "+4520000002"), (&family.girl, "+4520000003")] {
            reach(&family.unit, person, number);
            family.mentor.post(&format!("/v1/people/{person}/link-choices"), &json!({"wants_links": true})).ok();
        }
        let planned = family.mentor.post("/v1/joint-sessions", &joint(&[&family.boys, &family.girls]));
        let path = format!("/v1/joint-sessions/{}", planned.id());
        remind(&app);
        let links = ["+4520000002", "+4520000003"].map(|number| link(&app, number));
        let status = || links.each_ref().map(|link| look(&app, link));
        assert_eq!(status(), [200, 200]);
        conflict(&family, true);
        assert_eq!(status(), [404, 404]);
        let grounds = json!({"grounds": "Begge er hørt", "told_match_id": family.girls});
        family.unit.put(&format!("{path}/grounds"), &planned.tag(), &grounds).ok();
        assert_eq!(status(), [404, 200]);
    }

    fn the_link_of_a_part_that_is_off_leads_to_the_part_that_takes_place(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        let sides = [(&family.mentor, &family.girls, &family.girl), (&family.coach, &family.fathers, &family.father)];
        for (side, _, person) in sides {
            side.post(&format!("/v1/people/{person}/link-choices"), &json!({"wants_links": true})).ok();
        }
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers])).ok();
        remind(&app);
        let link = link(&app, FATHERS);
        // Which of the two spoke for both is chance.
        let of_girl = family.unit.get(&format!("/v1/messages?person={}&state=accepted", family.girl)).ok();
        let [girls, fathers] = sides;
        let [spoke, stands] = if of_girl["items"] == json!([]) { [fathers, girls] } else { [girls, fathers] };
        off(spoke.0, &planned, spoke.1, "staff");
        assert_eq!((look(&app, &link), press(&app, &link, "cancel")), (200, 303));
        let answered = |matched: &str| answered(&family.unit, &planned, matched);
        assert_eq!((answered(spoke.1), answered(stands.1)), (Value::Null, json!("cancel")));
        off(stands.0, &planned, stands.1, "person");
        assert_eq!(look(&app, &link), 404);
    }

    fn whoever_reads_for_another_part_from_now_on_answers_for_both_by_the_link_they_have(app: TestApp) {
        let family = Siblings::new(&app);
        let planned = family.plan();
        let [first, other] = family.in_order(&planned);
        family.read_by(first, &family.mother);
        family.all_want_links();
        remind(&app);
        let [mothers, fathers] = [MOTHERS, FATHERS].map(|number| link(&app, number));
        assert_eq!([look(&app, &mothers), look(&app, &fathers)], [200, 200]);
        // Of what is his by now another part would speak first.
        family.read_by(first, &family.father);
        assert_eq!([look(&app, &mothers), look(&app, &fathers)], [404, 200]);
        // He has not said yes for that child: nothing is answered for it.
        press(&app, &fathers, "confirm");
        assert_eq!(family.answered(&planned, [first, other]), [Value::Null, json!("confirm")]);
        app.pass(TimeDelta::minutes(1));
        family.wants_links(first);
        press(&app, &fathers, "cancel");
        assert_eq!(family.answered(&planned, [first, other]), [json!("cancel"), json!("cancel")]);
        app.tick();
        assert_eq!((app.capture.to(MOTHERS).len(), app.capture.to(FATHERS).len()), (1, 1));
    }

    fn whoever_reads_no_more_for_the_part_that_told_them_answers_for_the_other(app: TestApp) {
        let family = Siblings::new(&app);
        let planned = family.plan();
        let [first, other] = family.in_order(&planned);
        family.all_want_links();
        remind(&app);
        let fathers = link(&app, FATHERS);
        family.read_by(first, &family.mother);
        assert_eq!((look(&app, &fathers), press(&app, &fathers, "cancel")), (200, 303));
        assert_eq!(family.answered(&planned, [first, other]), [Value::Null, json!("cancel")]);
        assert_eq!(app.capture.to(FATHERS).len(), 1);
        family.read_by(other, &family.mother);
        assert_eq!(look(&app, &fathers), 404);
    }

    fn a_childs_fifteenth_birthday_leaves_the_link_for_the_other(app: TestApp) {
        let family = Siblings::new(&app);
        let planned = family.plan();
        let [first, other] = family.in_order(&planned);
        reach(&family.unit, &first.id, "+4520000004");
        family.unit.patch(&format!("/v1/people/{}", first.id), "*", &json!({"born_on": "2011-03-11"})).ok();
        family.all_want_links();
        remind(&app);
        let fathers = link(&app, FATHERS);
        press(&app, &fathers, "confirm");
        assert_eq!(family.answered(&planned, [first, other]), [json!("confirm"), json!("confirm")]);
        // From midnight the elder reads alone.
        app.set_clock("2026-03-10T23:00:00Z");
        assert_eq!((look(&app, &fathers), press(&app, &fathers, "cancel")), (200, 303));
        assert_eq!(family.answered(&planned, [first, other]), [json!("confirm"), json!("cancel")]);
    }

    fn another_side_is_chosen_and_the_link_of_its_reader_is_good_for_that(app: TestApp) {
        let family = Siblings::new(&app);
        disagree(&family.unit, &family.case, true);
        let [one, other] = &family.children;
        let mut both = joint(&[&one.matched, &other.matched]);
        (both["grounds"], both["told_match_id"]) = (json!("Begge er hørt"), json!(one.matched));
        let planned = family.unit.post("/v1/joint-sessions", &both).ok();
        family.all_want_links();
        remind(&app);
        let fathers = link(&app, FATHERS);
        let grounds = json!({"grounds": "Hørt igen", "told_match_id": other.matched});
        family.unit.put(&format!("/v1/joint-sessions/{}/grounds", planned["id"].as_str().unwrap()), "*", &grounds).ok();
        assert_eq!((look(&app, &fathers), press(&app, &fathers, "cancel")), (200, 303));
        assert_eq!(family.answered(&planned, [one, other]), [Value::Null, json!("cancel")]);
    }

    fn an_answer_is_noted_where_it_stands_for_every_child(app: TestApp) {
        let family = Siblings::new(&app);
        let planned = family.plan();
        let [first, other] = family.in_order(&planned);
        family.wants_links(other);
        remind(&app);
        let fathers = link(&app, FATHERS);
        let (noted, open) = ((true, vec!["confirm", "ask_to_move", "undo"]), (false, vec!["confirm", "cancel", "ask_to_move", "undo"]));
        press(&app, &fathers, "cancel");
        assert_eq!((page(&app, &fathers), family.answered(&planned, [first, other])), (noted.clone(), [Value::Null, json!("cancel")]));
        // By now it is about the first, too, for whom he has said nothing.
        app.pass(TimeDelta::minutes(1));
        family.wants_links(first);
        assert_eq!(page(&app, &fathers), open);
        press(&app, &fathers, "cancel");
        assert_eq!((page(&app, &fathers), family.answered(&planned, [first, other])), (noted, [json!("cancel"), json!("cancel")]));
        // The first comes after all, as they agreed; for the other he has not said so, and can take it back.
        let session = part(&planned, &first.matched)["id"].as_str().unwrap().to_owned();
        let answer = family.unit.get(&format!("/v1/sessions/{session}")).ok()["answered_by_link"]["id"].as_str().unwrap().to_owned();
        family.mentor.post(&format!("/v1/sessions/{session}/answers/{answer}/settle"), &json!({"outcome": "kept"})).ok();
        assert_eq!(page(&app, &fathers), open);
        press(&app, &fathers, "undo");
        assert_eq!(page(&app, &fathers), (false, vec!["confirm", "cancel", "ask_to_move"]));
        assert_eq!(family.answered(&planned, [first, other]), [json!("cancel"), Value::Null]);
    }

    fn a_part_that_is_planned_again_is_answered_with_the_one_that_told(app: TestApp) {
        let family = Siblings::new(&app);
        let planned = family.plan();
        let [first, other] = family.in_order(&planned);
        family.all_want_links();
        let earlier = family.mentor.post("/v1/sessions", &plan(&first.matched, "2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z")).id();
        app.set_clock("2026-03-10T15:30:00Z");
        let off = |session: &Value, starts_at: &str, revision: u32| {
            let log = json!({"match_id": first.matched, "session_id": session, "outcome": "cancelled", "by": "person", "starts_at": starts_at, "revision": revision});
            family.mentor.put(FIRST, "", &log).ok();
        };
        off(&part(&planned, &first.matched)["id"], "2026-03-11T15:00:00Z", 1);
        remind(&app);
        let fathers = link(&app, FATHERS);
        // It was about another session: this one takes place.
        app.pass(TimeDelta::minutes(5));
        off(&json!(earlier), "2026-03-10T08:00:00Z", 2);
        assert_eq!((look(&app, &fathers), press(&app, &fathers, "cancel")), (200, 303));
        assert_eq!(family.answered(&planned, [first, other]), [json!("cancel"), json!("cancel")]);
    }

    fn a_yes_for_one_part_brings_a_link_and_answers_for_no_other(app: TestApp) {
        let family = family(&app);
        read_by_the_father(&family);
        let choose = |girls: bool, own: bool| {
            for (side, person, wants) in [(&family.mentor, &family.girl, girls), (&family.coach, &family.father, own)] {
                side.post(&format!("/v1/people/{person}/link-choices"), &json!({"wants_links": wants})).ok();
            }
        };
        let planned = family.unit.post("/v1/joint-sessions", &joint(&[&family.girls, &family.fathers])).ok();
        let answered = || [&family.girls, &family.fathers].map(|matched| answered(&family.unit, &planned, matched));
        // Which of the two speaks for both is chance: once it is the one with the yes, once the other.
        choose(true, false);
        app.set_clock("2026-03-06T16:00:00Z");
        app.tick();
        let early = link(&app, FATHERS);
        assert_eq!((look(&app, &early), press(&app, &early, "cancel")), (200, 303));
        assert_eq!(answered(), [json!("cancel"), Value::Null]);
        choose(false, true);
        remind(&app);
        let last = link(&app, FATHERS);
        assert_ne!(early, last);
        assert_eq!((look(&app, &last), press(&app, &last, "confirm")), (200, 303));
        assert_eq!(answered(), [json!("cancel"), json!("confirm")]);
        app.pass(TimeDelta::minutes(1));
        choose(false, false);
        assert_eq!([look(&app, &early), look(&app, &last)], [404, 404]);
    }
}
