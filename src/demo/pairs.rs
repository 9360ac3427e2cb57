//! Those who meet: a mentor or coach with whom they meet, and what the two of them do on their phones' side of the API.

use std::cell::Cell;

use chrono::Datelike;
use reqwest::Method;
use serde_json::{Value, json};

use super::cast::Cast;
use super::client::{Caller, id_of};
use super::expect::{Played, equal, holds};
use super::story::Story;

/// How long a meeting lasts.
const LENGTH_MIN: u32 = 90;

/// A mentor or coach, the one they meet, and when in the week.
pub struct Pair<'a> {
    /// The mentor or coach.
    pub staff: &'a Caller,
    /// The first name of whom they meet.
    pub name: &'static str,
    /// Whom they meet.
    pub person: String,
    /// The course.
    pub course: String,
    /// The match.
    pub matched: String,
    /// At which full hour they begin.
    pub hour: u32,
    /// A series plans their meetings: no log needs to name the next.
    has_series: Cell<bool>,
}

/// Proposes a match and has both sides say yes; it is supervised from then on. `of`: first name, person, course, hour of the day.
pub async fn match_up<'a>(cast: &'a Cast, staff: &'a Caller, staff_id: &str, of: (&'static str, &str, &str, u32)) -> Played<Pair<'a>> {
    let (eva, (name, person, course, hour)) = (&cast.eva, of);
    let proposal = json!({"course_id": course, "staff_id": staff_id, "sentence": "Both like to be outside.", "place_code": "library"});
    let matched = eva.make("/v1/matches", &proposal).await?;
    let path = format!("/v1/matches/{matched}");
    let seen = staff.get(&path).await?;
    holds("no more than the first name before both said yes", seen["person_id"].is_null() && seen["person_label"] == name, &seen)?;
    staff.post(&format!("{path}/answer"), &json!({"accepted": true, "knows_person": false})).await?;
    let outcome = eva.post(&format!("{path}/answer-for-person"), &json!({"accepted": true, "words": "Let us try."})).await?;
    equal("the match's state after two yeses", &outcome["state"], "running")?;
    equal("the name after two yeses", &staff.get(&path).await?["person_label"], name)?;
    eva.post(&format!("{path}/supervision"), &json!({"account_id": cast.sune.account()})).await?;
    let has_series = Cell::new(false);
    Ok(Pair { staff, name, person: person.to_owned(), course: course.to_owned(), matched, hour, has_series })
}

impl Pair<'_> {
    /// Plans a meeting on a day, at the pair's hour.
    pub async fn plan(&self, story: &Story<'_>, day: i64) -> Played<String> {
        self.staff.make("/v1/sessions", &self.planned(story, day)).await
    }

    /// The two agree on the weekday of a day, at the pair's hour, and all their meetings until another day are planned by that. Gives the series.
    pub async fn plan_weekly(&self, story: &Story<'_>, eva: &Caller, (first, last): (i64, i64)) -> Played<Value> {
        let path = format!("/v1/matches/{}", self.matched);
        let agreed = json!({"weekday": story.date(first).weekday().number_from_monday(), "at_min": self.hour.saturating_mul(60)});
        eva.change(Method::PATCH, &path, &path, &agreed).await?;
        let whole = json!({"match_id": self.matched, "from_on": story.date(first), "until_on": story.date(last)});
        let series = self.staff.post("/v1/series", &whole).await?;
        equal(
            "what the series took from the match",
            (&series["at_min"], &series["length_min"], &series["place_code"]),
            (&agreed["at_min"], &json!(LENGTH_MIN), &json!("library")),
        )?;
        self.has_series.set(true);
        Ok(series)
    }

    /// What is sent to plan a meeting on a day.
    pub fn planned(&self, story: &Story<'_>, day: i64) -> Value {
        let (starts_at, ends_at) = self.span(story, day);
        json!({"match_id": self.matched, "starts_at": starts_at, "ends_at": ends_at, "kind": "in_person", "place_code": "library"})
    }

    /// When a meeting on a day begins and ends.
    pub fn span(&self, story: &Story<'_>, day: i64) -> (Value, Value) {
        let ends_at = story.at(day, self.hour, 0).plus(chrono::TimeDelta::minutes(LENGTH_MIN.into()));
        (json!(story.at(day, self.hour, 0)), json!(ends_at))
    }

    /// A log of the meeting on a day, written two hours after it began, perhaps with the day of the next.
    pub fn held(&self, story: &Story<'_>, day: i64, next: Option<i64>) -> Value {
        let (starts_at, _) = self.span(story, day);
        let next = next.map(|day| self.span(story, day)).map(|(starts_at, ends_at)| json!({"starts_at": starts_at, "ends_at": ends_at}));
        json!({
            "match_id": self.matched, "outcome": "held", "starts_at": starts_at, "minutes": LENGTH_MIN,
            "written_at": story.at(day, self.hour.saturating_add(2), 0), "topics": ["school"],
            "facts": format!("We met and talked about {}'s week.", self.name), "assessment": "Going well.",
            "next_appointment": next
        })
    }

    /// Sends a log under an id of the phone's own; gives that id and the answer.
    pub async fn log(&self, story: &Story<'_>, log: &Value) -> Played<(String, Value)> {
        let id = story.phone_id();
        let stored = self.staff.put(&format!("/v1/session-logs/{id}"), log).await?.with_status(201)?;
        equal("the log's warnings", &stored["warnings"], &json!([]))?;
        Ok((id, stored))
    }

    /// The meeting of a day was held: the phone sends its log on the same day, and plans the next a week later where no series does.
    pub async fn meet(&self, story: &Story<'_>, day: i64) -> Played<String> {
        self.meet_next(story, day, (!self.has_series.get()).then_some(day.saturating_add(7))).await
    }

    /// As [`Pair::meet`], with another day for the next, or none.
    pub async fn meet_next(&self, story: &Story<'_>, day: i64, next: Option<i64>) -> Played<String> {
        story.pass(day, self.hour.saturating_add(2), 0).await?;
        Ok(self.log(story, &self.held(story, day, next)).await?.0)
    }

    /// Makes a plan of goals, or the next version of it.
    pub async fn make_plan(&self, story: &Story<'_>, goals: &[(&str, &str)], review: Option<i64>) -> Played {
        let goals: Vec<Value> = goals.iter().map(|(area, goal)| json!({"area": area, "goal": goal})).collect();
        let mut plan = json!({"goals": goals, "own_words": "I want it myself.", "happened_at": story.now()});
        if let Some(day) = review {
            plan["review_on"] = json!(story.date(day));
        }
        self.staff.post(&format!("/v1/courses/{}/plans", self.course), &plan).await.map(drop)
    }

    /// The planned session of a day.
    pub async fn session(&self, story: &Story<'_>, day: i64) -> Played<String> {
        let path = format!("/v1/sessions?match={}&from={}&limit=1", self.matched, story.at(day, 0, 0));
        id_of(&self.staff.get(&path).await?["items"][0])
    }

    /// Ends the course by joint decision: suspended, and handed over to the ordinary services.
    pub async fn hand_over(&self, story: &Story<'_>, eva: &Caller, to: &str, activity: &str) -> Played {
        let closing = json!({
            "joint_meeting_at": story.now(), "assessment": "What we agreed on is reached.", "goals_met": ["Comes to school"],
            "activity": activity, "handed_over_to": to, "handover_accepted_at": story.now(),
            "contact_rules": "They may write to each other.", "exit_interviews": "Both were glad of it."
        });
        let end = json!({"kind": "suspended_handed_over", "happened_at": story.now(), "closing": closing});
        let ended = eva.post(&format!("/v1/courses/{}/end", self.course), &end).await?;
        equal("the course's state", &ended["state"], "suspended_handed_over")?;
        equal("its match", &eva.get(&format!("/v1/matches/{}", self.matched)).await?["state"], "ended")
    }
}

/// A contact of the unit with both sides of a match.
pub async fn support(story: &Story<'_>, who: &Caller, matched: &str) -> Played {
    let note = json!({"kind": "support_contact", "outcome": "held", "happened_at": story.now(), "sides": ["staff", "person"],
        "facts": "Both say that it goes well."});
    who.post("/v1/contact-notes", &json!({"match_id": matched, "note": note})).await.map(drop)
}

/// Gives each support contact that is to be made: read from the coordinator's list, made by the supervisor.
pub async fn support_all(story: &Story<'_>, cast: &Cast) -> Played<usize> {
    let open = cast.eva.list("/v1/duties?kind=support_contact&opened=true&limit=200").await?;
    let matches: std::collections::BTreeSet<&str> = open.iter().filter_map(|duty| duty["match_id"].as_str()).collect();
    for matched in &matches {
        support(story, &cast.sune, matched).await?;
    }
    Ok(matches.len())
}
