//! D60 to D214: the weeks go by, one log is written without a network, Finn begins an internship, plans are revised and reviewed.

use reqwest::Method;
use serde_json::{Value, json};

use super::Family;
use super::matches::{EASTER_MONDAY, Pairs, WHIT_MONDAY};
use crate::demo::cast::Cast;
use crate::demo::client::id_of;
use crate::demo::expect::{Played, equal, holds};
use crate::demo::pairs::support_all;
use crate::demo::story::Story;

/// The last Saturday before the end.
const LAST_SATURDAY: i64 = 268;

/// Until the last week.
pub async fn until_autumn(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    story.day(60, 20, 0).await?;
    pairs.father.log(story, &pairs.father.held(story, 60, None)).await?;
    support_all(story, cast).await?;
    who_reads(story, cast, pairs).await?;

    story.step(&cast.malte, "and the others meet every week from now on; the unit calls both sides each month");
    moved(story, cast, family, pairs).await?;
    weeks(story, cast, pairs, 72, 79).await?;
    let written = pairs.boy.held(story, 86, Some(93));
    offline(story, cast, pairs).await?;

    story.day(90, 15, 0).await?;
    story.step(&cast.karl, "logs a meeting nobody planned: Finn begins an internship");
    let log = json!({"match_id": pairs.father.matched, "outcome": "held", "starts_at": story.at(90, 13, 0), "minutes": 45,
        "written_at": story.now(), "topics": ["job"], "facts": "First day at the bakery.",
        "school_or_job_change": "Internship at a bakery from today, 13 weeks."});
    let (_, stored) = pairs.father.log(story, &log).await?;
    equal("the change", &stored["content"]["school_or_job_change"], "Internship at a bakery from today, 13 weeks.")?;
    let session = cast.karl.get(&format!("/v1/sessions/{}", stored["session_id"].as_str().unwrap_or_default())).await?;
    holds("held without a plan", session["was_planned"] == false && session["state"] == "held", &session)?;
    online(story, cast, pairs, &written).await?;
    weeks(story, cast, pairs, 93, 93).await?;

    story.day(100, 12, 0).await?;
    story.step(&cast.malte, "and the others revise the plans: school and leisure; to be reviewed on D200");
    pairs.boy.log(story, &pairs.boy.held(story, 100, Some(107))).await?;
    pairs.boy.make_plan(story, &[("school", "Sit the final exam"), ("leisure", "Play every Tuesday")], Some(200)).await?;
    pairs.sister.make_plan(story, &[("school", "Present a project"), ("leisure", "Try the choir")], Some(200)).await?;
    pairs.father.make_plan(story, &[("job", "Finish the internship")], Some(200)).await?;
    reviews(story, family, &[("done", story.end_of_date(2025, 5, 3)), ("open", story.end_of(200))]).await?;
    story.ledger().await?;
    holidays(story, cast, pairs).await?;
    pairs.sister.meet(story, 100).await?;
    pairs.father.meet(story, EASTER_MONDAY.saturating_add(1)).await?;
    weeks(story, cast, pairs, 107, 198).await?;

    progress(story, cast, family, pairs).await?;
    weeks(story, cast, pairs, 205, LAST_SATURDAY).await
}

/// Each of the three plans' reviews stands so.
async fn reviews(story: &Story<'_>, family: &Family, each: &[(&str, String)]) -> Played {
    let all: Vec<(&str, String)> = each.iter().flat_map(|one| [one.clone(), one.clone(), one.clone()]).collect();
    story.promised("plan_review", &format!("case={}", family.case), &all).await
}

/// Who reads which log.
async fn who_reads(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>) -> Played {
    story.step(&cast.karl, "has logged today's session with Finn: who reads what?");
    let logs = cast.karl.list(&format!("/v1/session-logs?match={}", pairs.father.matched)).await?;
    let coach_log = format!("/v1/session-logs/{}", logs.last().and_then(|log| log["id"].as_str()).unwrap_or_default());
    let logs = cast.malte.list(&format!("/v1/session-logs?match={}", pairs.boy.matched)).await?;
    let mentor_log = format!("/v1/session-logs/{}", logs.last().and_then(|log| log["id"].as_str()).unwrap_or_default());
    cast.eva.get(&coach_log).await?;
    cast.eva.get(&mentor_log).await?;
    story.hidden(&cast.nora, "Karl's log", &coach_log).await?;
    story.hidden(&cast.malte, "Karl's log", &coach_log).await?;
    story.hidden(&cast.karl, "Malte's log", &mentor_log).await?;
    story.forbidden(&cast.lea, "a log", &mentor_log).await?;
    story.forbidden(&cast.pia, "a log", &mentor_log).await?;
    story.forbidden(&cast.dagny, "a log", &mentor_log).await?;
    let seen = cast.sune.get(&mentor_log).await?;
    holds("the supervisor reads it", seen["content"]["facts"].is_string(), &seen)?;
    story.seen(format_args!("{} reads the logs of the matches, under their labels", cast.sune.title));
    Ok(())
}

/// Of the two holidays in Finn's series one gets another day, the other none.
async fn holidays(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>) -> Played {
    story.step(&cast.karl, "meets Finn on Tuesday instead of Easter Monday, and not at Whitsun");
    let series = id_of(&cast.karl.get("/v1/series").await?["items"][0])?;
    let path = format!("/v1/series/{series}");
    let gaps = cast.karl.get(&path).await?["gaps"].clone();
    let (starts_at, ends_at) = pairs.father.span(story, EASTER_MONDAY.saturating_add(1));
    let tuesday = json!({"starts_at": starts_at, "ends_at": ends_at});
    let filled = cast.karl.post(&format!("{path}/gaps/{}/fill", id_of(&gaps[0])?), &tuesday).await?;
    equal("the date it stands for", (&filled["occurs_on"], &filled["starts_at"]), (&json!(story.date(EASTER_MONDAY)), &starts_at))?;
    cast.karl.post(&format!("{path}/gaps/{}/dismiss", id_of(&gaps[1])?), &json!({})).await?;
    let gaps = cast.karl.get(&path).await?["gaps"].clone();
    equal("the gaps", (&gaps[0]["state"], &gaps[1]["state"]), (&json!("filled"), &json!("dismissed")))
}

/// D63 to D67: Nora moves Gry's Saturday to Sunday, this one of the series; it keeps its id, what was promised and planned moves with it.
async fn moved(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    story.day(63, 12, 0).await?;
    story.ledger().await?;
    story.step(&cast.nora, "moves Gry's Saturday to Sunday");
    let session = pairs.sister.session(story, 65).await?;
    let path = format!("/v1/sessions/{session}");
    let sunday = json!({"starts_at": story.at(66, 14, 0), "ends_at": story.at(66, 15, 30)});
    let moved = cast.nora.change(Method::POST, &path, &format!("{path}/move"), &sunday).await?;
    equal("the session's id and date in the series", (&moved["id"], &moved["occurs_on"]), (&json!(session), &json!(story.date(65))))?;
    let next = cast.nora.get(&format!("/v1/sessions/{}", pairs.sister.session(story, 72).await?)).await?;
    equal("the Saturday after", (&next["starts_at"], &next["series_id"]), (&json!(story.at(72, 14, 0)), &moved["series_id"]))?;
    holds("one of a series", moved["series_id"].is_string(), &moved)?;
    let logs = story.promises("log_missing", &format!("person={}", family.sister)).await?;
    let log = logs.iter().find(|duty| duty["subject_id"] == json!(session)).cloned().unwrap_or_default();
    equal("its log is due", &log["due_at"], &json!(story.end_of(68)))?;
    story.ledger().await?;
    pairs.boy.meet(story, 65).await?;
    pairs.sister.meet(story, 66).await?;
    let of_session = cast.eva.list(&format!("/v1/messages?subject={session}")).await?;
    let states = |kind: &str| of_session.iter().filter(|one| one["kind"] == kind).map(|one| one["state"].clone()).collect::<Vec<_>>();
    equal("the old reminder and the new one", states("appointment"), [json!("retracted"), json!("accepted")].to_vec())?;
    equal("the father is told that it was moved", states("appointment_moved"), [json!("accepted")].to_vec())?;
    story.pass(67, 9, 30).await?;
    support_all(story, cast).await?;
    pairs.father.meet(story, 67).await.map(drop)
}

/// The Saturdays from one to another: Bo and Gry, Finn on the Monday after; and every Monday the unit's own contacts.
async fn weeks(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>, first: i64, last: i64) -> Played {
    for saturday in (first..=last).step_by(7) {
        pairs.boy.meet(story, saturday).await?;
        week_of_others(story, cast, pairs, saturday).await?;
    }
    Ok(())
}

async fn week_of_others(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>, saturday: i64) -> Played {
    pairs.sister.meet(story, saturday).await?;
    story.pass(saturday.saturating_add(2), 9, 30).await?;
    support_all(story, cast).await?;
    // The last Monday is the last day: they do not meet again.
    let monday = saturday.saturating_add(2);
    if saturday < LAST_SATURDAY && monday != WHIT_MONDAY {
        pairs.father.meet(story, monday).await?;
    }
    Ok(())
}

/// D86 to D89: Malte has no network and his phone keeps the log.
async fn offline(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>) -> Played {
    week_of_others(story, cast, pairs, 86).await?;
    story.day(89, 9, 0).await?;
    story.step(&cast.eva, "sees that a log of Saturday is missing");
    let missing = cast.eva.list(&format!("/v1/duties?kind=log_missing&late=true&match={}", pairs.boy.matched)).await?;
    equal("late logs", missing.len(), 1)?;
    story.ledger().await
}

/// D92: the phone sends what it kept, and it counts as written in time.
async fn online(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>, written: &Value) -> Played {
    story.day(92, 9, 0).await?;
    story.step(&cast.malte, "is back in the network: the phone sends the log it has kept since D86");
    let (id, stored) = pairs.boy.log(story, written).await?;
    equal("written late", &stored["late"], false)?;
    equal("received when the phone came back", &stored["received_at"], &json!(story.now()))?;
    let again = cast.malte.put(&format!("/v1/session-logs/{id}"), written).await?;
    again.with_status(200)?;
    let promises = story.promises("log_missing", &format!("match={}", pairs.boy.matched)).await?;
    let kept = promises.iter().find(|duty| duty["due_at"] == json!(story.end_of(88))).cloned().unwrap_or_default();
    equal("the promise of the log", &kept["state"], "done")?;
    equal("kept when it was written", &kept["closed_at"], &json!(story.at(86, 12, 0)))?;
    equal("kept late", &kept["is_late"], false)?;
    story.seen("the promise counts as kept on D86; the same log sent again changes nothing (200)");
    story.ledger().await
}

/// D200 to D214: a progress review with the family, an agreed step, and the next version of the plans.
async fn progress(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    story.day(200, 20, 0).await?;
    story.step(&cast.eva, "holds a progress review with the family and agrees on a step");
    let note = json!({"kind": "family_meeting", "outcome": "held", "happened_at": story.now(),
        "person_ids": [family.father, family.boy, family.sister],
        "facts": "Bo comes to school, Gry has spoken in class, Finn has finished his internship.", "assessment": "Good progress.",
        "next_step": {"words": "Talk with the youth guidance centre.", "on": story.date(214)}});
    let note = cast.eva.make("/v1/contact-notes", &json!({"case_id": family.case, "note": note})).await?;
    for pair in pairs.all() {
        pair.make_plan(story, &[("school", "Keep it up")], None).await?;
    }
    let step = format!("case={}", family.case);
    story.promised("agreed_step", &step, &[("open", story.end_of(214))]).await?;
    let each = [("done", story.end_of_date(2025, 5, 3)), ("done", story.end_of(200)), ("open", story.end_of_date(2025, 10, 28))];
    reviews(story, family, &each).await?;
    story.ledger().await?;
    story.forbidden(&cast.malte, "a contact note", &format!("/v1/contact-notes/{note}")).await?;
    story.step(&cast.eva, "has talked with the youth guidance centre the next day");
    story.pass(201, 15, 0).await?;
    cast.eva.post(&format!("/v1/contact-notes/{note}/settle-step"), &json!({})).await?;
    story.promised("agreed_step", &step, &[("done", story.end_of(214))]).await?;
    story.ledger().await
}
