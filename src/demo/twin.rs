//! The twin of the case (domain section 9): the father declines and is asked again, the children's courses run on; the boy, 17 and a
//! half, turns 18 midway; and a mentor who must not read the coach's log.

use std::io::Write;

use chrono::NaiveDate;
use serde_json::json;

use super::case::figures::Figures;
use super::cast::{Cast, FIRST};
use super::client::id_of;
use super::expect::{Played, equal, holds};
use super::family::{Subject, accepted, consents, founded, in_custody, offer, offered, reachable, refer};
use super::pairs::{Pair, match_up, support_all};
use super::stage::Stage;
use super::story::Story;
use crate::base::error::Result;

/// The day on which the boy turns 18: 9 July.
const BIRTHDAY: i64 = 181;

/// Whom it is about.
struct Twins {
    case: String,
    father: String,
    boy: String,
    sister: String,
}

/// Plays the twin.
///
/// # Errors
/// The first expectation that is not met.
pub async fn play(stage: &Stage, out: &mut dyn Write) -> Result<()> {
    let story = Story::new(stage, out, NaiveDate::from_ymd_opt(2025, 1, 9).unwrap_or_default());
    story.line("\nTHE TWIN: the father declines, the boy turns 18");
    stage.begin(story.at(0, 8, 0), &FIRST).await?;
    let played = async {
        let cast = Cast::enter(stage, &story).await?;
        let family = family(&story, &cast).await?;
        let (boy, sister) = children(&story, &cast, &family).await?;
        runs_on(&story, &cast, &family, &boy, &sister).await?;
        comes_of_age(&story, &cast, &family, &boy).await?;
        accepts_at_last(&story, &cast, &family, &boy, &sister).await
    };
    played.await.map_err(|wrong| story.went_wrong(&wrong))
}

/// D4: the same family, but Bo is 17 and a half.
async fn family(story: &Story<'_>, cast: &Cast) -> Played<Twins> {
    story.day(4, 10, 0).await?;
    story.step(&cast.eva, "founds and refers the case of the same family, with Bo 17 and a half");
    let subjects = [
        Subject { given: "Finn", kind: "parent", born_on: "1979-11-20" },
        Subject { given: "Bo", kind: "young_person", born_on: "2007-07-09" },
        Subject { given: "Gry", kind: "young_person", born_on: "2012-03-02" },
    ];
    let (case, [father, boy, sister]) = founded(story, cast, "Prip", subjects, "hours_48").await?;
    refer(story, &cast.eva, &case).await?;
    let family = Twins { case, father, boy, sister };
    for child in [&family.boy, &family.sister] {
        in_custody(&cast.eva, child, &family.father).await?;
    }
    reachable(&cast.eva, &family.boy, &json!({"channel": "sms", "phone": "+4520000016"})).await?;
    reachable(&cast.eva, &family.father, &json!({"channel": "email", "email": "finn@example.org"})).await?;
    Ok(family)
}

/// D6 to D23: Finn declines, his children accept; both have met their mentors.
async fn children<'a>(story: &Story<'_>, cast: &'a Cast, family: &Twins) -> Played<(Pair<'a>, Pair<'a>)> {
    story.day(6, 14, 0).await?;
    story.step(&cast.eva, "offers Finn a coach");
    let fathers = cast.eva.make("/v1/offers", &offer(story, &family.case, &family.father, "parent_coach")).await?;
    story.day(8, 16, 0).await?;
    story.step(&cast.eva, "records that Finn declines: he is asked again after 3 and after 6 months");
    let no = json!({"reason": "no_need", "words": "I manage.", "happened_at": story.now()});
    cast.eva.post(&format!("/v1/offers/{fathers}/decline"), &no).await?;
    let about = format!("person={}", family.father);
    story.promised("reoffer_3m", &about, &[("open", story.end_of_date(2025, 4, 17))]).await?;
    story.promised("reoffer_6m", &about, &[("open", story.end_of_date(2025, 7, 17))]).await?;
    equal("months of support for the professionals", story.promises("support_professionals", &about).await?.len(), 6)?;
    story.ledger().await?;

    story.day(12, 16, 0).await?;
    story.step(&cast.eva, "records that both children accept, and Finn as their guardian");
    let boys = offered(story, &cast.eva, &family.case, (&family.boy, "mentor"), &[&family.boy, &family.father]).await?;
    let sisters = offered(story, &cast.eva, &family.case, (&family.sister, "mentor"), &[&family.sister, &family.father]).await?;
    let turns = story.promises("turns_18", &format!("person={}", family.boy)).await?;
    let birthday = turns.first().cloned().unwrap_or_default();
    equal("his 18th birthday, promised until its end", &birthday["due_at"], &json!(story.end_of(BIRTHDAY)))?;
    equal("from 60 days before", &birthday["opens_at"], &json!(story.at(BIRTHDAY - 60, 0, 0)))?;

    story.day(14, 13, 0).await?;
    story.step(&cast.eva, "matches both; they plan to meet every fourth week");
    let boy = match_up(cast, &cast.malte, &cast.staff_malte, ("Bo", &family.boy, &boys, 10)).await?;
    let sister = match_up(cast, &cast.nora, &cast.staff_nora, ("Gry", &family.sister, &sisters, 14)).await?;
    for pair in [&boy, &sister] {
        pair.plan(story, 23).await?;
    }
    story.ledger().await?;
    Ok((boy, sister))
}

/// D23 to D163: the children meet their mentors; Finn is asked again after 3 months and declines again, which changes nothing else.
async fn runs_on(story: &Story<'_>, cast: &Cast, family: &Twins, boy: &Pair<'_>, sister: &Pair<'_>) -> Played {
    months(story, cast, &[boy, sister], &[23, 51, 79]).await?;
    story.day(96, 10, 0).await?;
    story.step(&cast.eva, "offers Finn a coach again, two days before the 3 months are over");
    let again = cast.eva.post("/v1/offers", &offer(story, &family.case, &family.father, "parent_coach")).await?;
    holds("it fulfils the first promise", again["first"] == false && again["fulfils_duty_id"].is_string(), &again)?;
    story.day(97, 10, 0).await?;
    story.step(&cast.eva, "records that he declines again: nothing new is promised, and the 6 months stay");
    let no = json!({"reason": "no_time", "happened_at": story.now()});
    cast.eva.post(&format!("/v1/offers/{}/decline", id_of(&again)?), &no).await?;
    let about = format!("person={}", family.father);
    story.promised("reoffer_3m", &about, &[("done", story.end_of_date(2025, 4, 17))]).await?;
    story.promised("reoffer_6m", &about, &[("open", story.end_of_date(2025, 7, 17))]).await?;
    story.ledger().await?;
    months(story, cast, &[boy, sister], &[107, 135, 163]).await?;
    for pair in [boy, sister] {
        let course = cast.eva.get(&format!("/v1/courses/{}", pair.course)).await?;
        holds(format_args!("{}'s course runs on", pair.name), course["state"] == "active" && course["may_run"] == true, &course)?;
    }
    story.seen("both children's courses have run on all the while");
    Ok(())
}

/// They meet on these days, each time agreeing on four weeks later; and the professionals around the family are supported each month.
async fn months(story: &Story<'_>, cast: &Cast, pairs: &[&Pair<'_>], days: &[i64]) -> Played {
    for day in days {
        for pair in pairs {
            pair.meet_next(story, *day, Some(day.saturating_add(28))).await?;
        }
        for duty in cast.eva.list("/v1/duties?kind=support_professionals&opened=true").await? {
            let late_reason = (duty["is_late"] == true).then_some("no_time");
            let settle = json!({"happened_at": story.now(), "late_reason": late_reason});
            cast.eva.post(&format!("/v1/duties/{}/settle", id_of(&duty)?), &settle).await?;
        }
        support_all(story, cast).await?;
    }
    Ok(())
}

/// D176 to D183: the birthday is on the list; without his own consent nothing is planned anew, and what was planned stays.
async fn comes_of_age(story: &Story<'_>, cast: &Cast, family: &Twins, boy: &Pair<'_>) -> Played {
    let about = format!("person={}", family.boy);
    story.day(176, 10, 0).await?;
    story.step(&cast.eva, "sees on the list that Bo turns 18 on Wednesday");
    equal("birthdays on the list", cast.eva.list(&format!("/v1/duties?kind=turns_18&opened=true&{about}")).await?.len(), 1)?;
    story.day(182, 10, 0).await?;
    story.step(&cast.malte, "wants to plan with Bo, who is 18 since yesterday and has not been asked");
    cast.malte.try_post("/v1/sessions", &boy.planned(story, 198)).await?.refused(409, "wrong_state")?;
    story.seen("refused: his own consent is missing (409)");
    let planned = boy.session(story, 191).await?;
    equal("what was planned before", &cast.malte.get(&format!("/v1/sessions/{planned}")).await?["state"], "planned")?;
    story.seen("the session planned for D191 stays, and course and match keep their ids");
    let course = cast.eva.get(&format!("/v1/courses/{}", boy.course)).await?;
    holds("the course is active, and may plan nothing", course["state"] == "active" && course["may_run"] == false, &course)?;

    story.day(183, 10, 0).await?;
    story.step(&cast.eva, "records Bo's own consent, as an adult");
    let offer = course["offer_id"].as_str().unwrap_or_default();
    let own = json!({"giver_id": family.boy, "scope": "participation", "text_version": "2025-1", "given": true, "adult_basis": true,
        "happened_at": story.now()});
    cast.eva.post(&format!("/v1/offers/{offer}/consents"), &own).await?;
    let turns = story.promises("turns_18", &about).await?;
    let birthday = turns.first().cloned().unwrap_or_default();
    equal("the promise, kept two days late", (&birthday["state"], &birthday["is_late"]), (&json!("done"), &json!(true)))?;
    boy.plan(story, 198).await?;
    story.ledger().await
}

/// D188 to D191: asked again after 6 months Finn accepts; what his coach writes, his daughter's mentor cannot read.
async fn accepts_at_last(story: &Story<'_>, cast: &Cast, family: &Twins, boy: &Pair<'_>, sister: &Pair<'_>) -> Played {
    let about = format!("person={}", family.father);
    story.day(188, 10, 0).await?;
    story.step(&cast.eva, "offers Finn a coach once more, the day before the 6 months are over; he accepts");
    let made = cast.eva.make("/v1/offers", &offer(story, &family.case, &family.father, "parent_coach")).await?;
    consents(story, &cast.eva, &made, &family.father).await?;
    let course = accepted(&cast.eva, &made).await?;
    story.promised("reoffer_6m", &about, &[("done", story.end_of_date(2025, 7, 17))]).await?;
    let open = cast.eva.list(&format!("/v1/duties?kind=support_professionals&{about}")).await?;
    equal("support still promised to the professionals", open.len(), 0)?;
    let karl = match_up(cast, &cast.karl, &cast.staff_karl, ("Finn", &family.father, &course, 17)).await?;
    karl.plan(story, 189).await?;
    story.ledger().await?;

    story.day(189, 19, 0).await?;
    story.step(&cast.karl, "logs the first session with Finn");
    let (log, _) = karl.log(story, &karl.held(story, 189, None)).await?;
    let log = format!("/v1/session-logs/{log}");
    cast.karl.get(&log).await?;
    cast.eva.get(&log).await?;
    story.hidden(&cast.nora, "Karl's log of Finn", &log).await?;
    story.hidden(&cast.malte, "Karl's log of Finn", &log).await?;
    story.hidden(&cast.nora, "Finn", &format!("/v1/people/{}", family.father)).await?;
    story.hidden(&cast.karl, "Gry's match", &format!("/v1/matches/{}", sister.matched)).await?;

    story.day(191, 12, 30).await?;
    story.step(&cast.malte, "logs the session with Bo that was planned before his birthday");
    boy.log(story, &boy.held(story, 191, None)).await?;
    let state = cast.eva.get(&format!("/v1/courses/{}", boy.course)).await?["state"].clone();
    equal("Bo's course", state, "active")?;
    story.step(&cast.eva, "reads the figures of 2025: one declined, and offered again at 3 and at 6 months");
    let figures = Figures::read(&cast.eva, 2025).await?;
    figures.are("declined", 1, Some(3))?;
    figures.are("accepted", 2, Some(3))?;
    figures.are("reoffered_3m", 1, Some(1))?;
    figures.are("reoffered_6m", 1, Some(1))?;
    story.discreet()
}
