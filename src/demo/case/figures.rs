//! What is counted and overseen of the case: the year's figures, and who looked at whom and why.

use serde_json::{Value, json};

use super::Family;
use crate::demo::cast::Cast;
use crate::demo::client::Caller;
use crate::demo::expect::{Mismatch, Played, equal, holds};
use crate::demo::story::Story;

/// The yearly report of the year it was, exact for the coordinator and in totals for the manager.
pub async fn of_the_first_year(story: &Story<'_>, cast: &Cast) -> Played {
    story.step(&cast.eva, "reads the figures of 2025");
    let figures = Figures::read(&cast.eva, 2025).await?;
    for (name, n, of) in [
        ("enquiries", 1, None),
        ("founded", 1, Some(1)),
        ("cases_started", 1, None),
        ("referred_in_time", 1, Some(1)),
        ("offers_made", 3, None),
        ("accepted", 3, Some(3)),
        ("declined", 0, Some(3)),
        ("gone_through", 3, Some(3)),
        ("discontinued", 0, Some(3)),
        ("reoffered_3m", 0, Some(0)),
    ] {
        figures.are(name, n, of)?;
    }
    for (name, n) in [("sessions_held", 103), ("sessions_cancelled", 4), ("sessions_missed", 1), ("session_minutes", 9_225)] {
        equal(format_args!("the figure {name}"), &figures.of(name)?["n"], n)?;
    }
    story.seen("1 enquiry, 1 founded, referred in time, 3 offers, 3 accepted; 103 sessions held, 4 cancelled, 1 missed");
    let totals = Figures::read(&cast.lea, 2025).await?;
    let accepted = totals.of("accepted")?;
    holds("a manager is shown no number from 1 to 4", accepted["n"].is_null() && accepted["is_hidden"] == true, &accepted)?;
    story.seen(format_args!("{} gets totals of 5 or more: three accepted offers are hidden", cast.lea.title));
    story.forbidden(&cast.malte, "the figures", "/v1/reports/yearly?year=2025").await?;
    story.forbidden(&cast.lea, "the rows behind them", "/v1/reports/yearly/rows?year=2025&figure=accepted").await
}

/// The results of the follow-ups lie in the year they were due.
pub async fn of_the_second_year(story: &Story<'_>, cast: &Cast) -> Played {
    story.step(&cast.eva, "reads the figures of 2026");
    let figures = Figures::read(&cast.eva, 2026).await?;
    figures.are("not_at_risk_6m", 2, Some(2))?;
    figures.are("occupied_12m", 2, Some(2))?;
    figures.are("enquiries", 0, None)?;
    story.seen("2 of 2 mentor courses not at risk after 6 months, 2 of 2 in education after 12; the coach course is not counted");
    Ok(())
}

/// The figures of a year.
pub struct Figures(Vec<Value>);

impl Figures {
    /// As somebody is answered.
    pub async fn read(who: &Caller, year: u16) -> Played<Self> {
        let report = who.get(&format!("/v1/reports/yearly?year={year}")).await?;
        Ok(Self(report["figures"].as_array().cloned().unwrap_or_default()))
    }

    fn of(&self, name: &str) -> Played<Value> {
        let found = self.0.iter().find(|figure| figure["figure"] == name).cloned();
        found.ok_or_else(|| Mismatch::new("the figures", name, "no such figure"))
    }

    /// A figure is that many, of that many where it is a share.
    pub fn are(&self, name: &str, n: u64, of: Option<u64>) -> Played {
        let figure = self.of(name)?;
        equal(format_args!("the figure {name}: how many, of how many"), (&figure["n"], &figure["of"]), (&json!(n), &json!(of)))
    }
}

/// The data protection officer sees who opened Bo and why; Bo gets dates and purposes without names.
pub async fn overseen(story: &Story<'_>, cast: &Cast, family: &Family) -> Played {
    story.step(&cast.dagny, "looks who opened Bo");
    let found = cast.dagny.post("/v1/oversight/people/search", &json!({"name": "Bo Prip", "born_on": "2008-06-10"})).await?;
    equal("who it is", &found[0]["person_id"], &json!(family.boy))?;
    let path = format!("/v1/oversight/people/{}", family.boy);
    let entries = cast.dagny.list(&format!("{path}/journal?limit=200")).await?;
    let by = |name: &str| entries.iter().filter(|entry| entry["account_name"] == name).count();
    holds("the coordinator and the mentor opened him", by("eva") > 0 && by("malte") > 0, entries.len())?;
    equal("openings by partner, manager and his father's coach", by("pia") + by("lea") + by("karl"), 0)?;
    holds("every entry says why", entries.iter().all(|entry| entry["purpose"].is_string()), entries.len())?;
    story.seen(format_args!(
        "{} entries: {} by the coordinator, {} by his mentor, none by partners, the manager or his father's coach",
        entries.len(),
        by("eva"),
        by("malte")
    ));
    let extract = cast.dagny.get(&format!("{path}/extract")).await?;
    let lines = extract["lines"].as_array().cloned().unwrap_or_default();
    holds(
        "dates and purposes",
        !lines.is_empty() && lines.iter().all(|line| line.get("on").is_some() && line.get("purpose").is_some()),
        &lines,
    )?;
    let words = extract.to_string();
    holds("nobody's name", ["eva", "malte", "Eva", "Malte"].iter().all(|name| !words.contains(name)), lines.len())?;
    story.seen("his own extract has dates and purposes, and nobody's name");
    let consents = cast.dagny.list(&format!("{path}/consents")).await?;
    equal("consents about Bo: his own and his father's, to the course and to contact afterwards", consents.len(), 4)?;
    story.forbidden(&cast.dagny, "Bo himself", &format!("/v1/people/{}", family.boy)).await?;
    story.forbidden(&cast.eva, "the journal", &format!("{path}/journal")).await
}
