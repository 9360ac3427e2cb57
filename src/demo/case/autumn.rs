//! D270 and after: three courses handed over, the case closed, the follow-ups, and the year's figures.

use chrono::NaiveDate;
use serde_json::json;

use super::matches::Pairs;
use super::offers::Offers;
use super::{Family, figures};
use crate::demo::cast::Cast;
use crate::demo::expect::{Played, equal, holds};
use crate::demo::pairs::Pair;
use crate::demo::story::Story;

/// Until the 12-month results.
pub async fn until_followed_up(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>, offers: &Offers) -> Played {
    handed_over(story, cast, family, pairs, offers).await?;
    figures::overseen(story, cast, family).await?;
    grace(story, cast, family, pairs).await?;
    followed_up(story, cast, family, pairs).await
}

/// D270: everything that was planned goes with the courses; the follow-ups come.
async fn handed_over(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>, offers: &Offers) -> Played {
    story.day(270, 10, 0).await?;
    story.step(&cast.eva, "records who may be contacted afterwards");
    for (offer, giver) in [
        (&offers.boy, &family.boy),
        (&offers.boy, &family.father),
        (&offers.sister, &family.sister),
        (&offers.sister, &family.father),
        (&offers.father, &family.father),
    ] {
        let [offer, _] = offer;
        let yes = json!({"giver_id": giver, "scope": "contact_after", "text_version": "2025-1", "given": true, "happened_at": story.now()});
        cast.eva.post(&format!("/v1/offers/{offer}/consents"), &yes).await?;
    }
    let about = format!("case={}", family.case);
    let planned = cast.eva.list(&format!("/v1/sessions?state=planned&{about}")).await?;
    equal("sessions still planned", planned.len(), 3)?;
    story.step(&cast.eva, "records the joint decision: all three courses are suspended and handed over");
    pairs.boy.hand_over(story, &cast.eva, "The youth guidance centre", "education").await?;
    pairs.sister.hand_over(story, &cast.eva, "The school", "education").await?;
    pairs.father.hand_over(story, &cast.eva, "The job centre", "employed").await?;
    equal("sessions still planned", cast.eva.list(&format!("/v1/sessions?state=planned&{about}")).await?.len(), 0)?;
    let reminders = cast.eva.list(&format!("/v1/messages?state=retracted&{about}&limit=200")).await?;
    let of_the_end = reminders.iter().filter(|message| message["about_at"].as_str() > Some(story.now().to_string().as_str())).count();
    equal("reminders of Bo's and Gry's next Saturday, taken back", of_the_end, 2)?;
    for (kind, date) in [("followup_6m", (2026, 4, 6)), ("followup_12m", (2026, 10, 6))] {
        let each = || ("open", story.end_of_date(date.0, date.1, date.2));
        story.promised(kind, &about, &[each(), each(), each()]).await?;
    }
    story.ledger().await?;

    story.day(271, 10, 0).await?;
    story.step(&cast.eva, "closes the case");
    let close = json!({"reason": "handed_over", "happened_at": story.now()});
    let closed = cast.eva.post(&format!("/v1/cases/{}/close", family.case), &close).await?;
    equal("the case", &closed["state"], "closed")?;
    equal("promises that outlive it: six follow-ups", &closed["open_duties"], 6)?;
    for kind in ["support_contact", "plan_review", "turns_18", "turns_15", "log_missing"] {
        let open = cast.eva.list(&format!("/v1/duties?kind={kind}&{about}")).await?;
        equal(format_args!("open promises {kind}"), open.len(), 0)?;
    }
    let contacts = story.promises("support_contact", &about).await?;
    let late = contacts.iter().filter(|duty| duty["state"] == "done" && duty["is_late"] == true).count();
    equal("support contacts kept late", late, 0)?;
    story.ledger().await
}

/// D284 and D290: two weeks for the last logs, then nothing.
async fn grace(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    story.day(280, 10, 0).await?;
    story.step(&cast.malte, "still sees the match: two weeks for the last logs");
    cast.malte.get(&format!("/v1/matches/{}", pairs.boy.matched)).await?;
    story.day(290, 10, 0).await?;
    story.step(&cast.malte, "sees nothing of it any more");
    story.hidden(&cast.malte, "Bo's match", &format!("/v1/matches/{}", pairs.boy.matched)).await?;
    story.hidden(&cast.malte, "Bo", &format!("/v1/people/{}", family.boy)).await?;
    equal("logs Malte may read", cast.malte.list("/v1/session-logs").await?.len(), 0)
}

/// After 6 and 12 months: not at risk; in education, at work.
async fn followed_up(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    let about = format!("case={}", family.case);
    story.day(day_of(story, 2026, 3, 31), 10, 0).await?;
    story.step(&cast.eva, "makes the 6-month follow-ups: none of the three is judged to be at risk");
    for pair in pairs.all() {
        let result = json!({"held_at": story.now(), "way": "phone", "at_risk": "no", "basis": "A talk, and what the school says."});
        record(cast, pair, "followup_6m", &result).await?;
    }
    let kept = || ("done", story.end_of_date(2026, 4, 6));
    story.promised("followup_6m", &about, &[kept(), kept(), kept()]).await?;
    story.ledger().await?;
    figures::of_the_first_year(story, cast).await?;

    story.day(day_of(story, 2026, 10, 1), 10, 0).await?;
    story.step(&cast.eva, "makes the 12-month follow-ups: Bo in education, Gry in school, Finn at work");
    for (pair, activity) in [(&pairs.boy, "education"), (&pairs.sister, "education"), (&pairs.father, "employed")] {
        let result = json!({"held_at": story.now(), "way": "phone", "activity": activity, "as_of_on": story.date(day_of(story, 2026, 10, 1)),
            "basis": "Told by themselves."});
        record(cast, pair, "followup_12m", &result).await?;
    }
    let kept = || ("done", story.end_of_date(2026, 10, 6));
    story.promised("followup_12m", &about, &[kept(), kept(), kept()]).await?;
    story.ledger().await?;
    let open = cast.eva.list("/v1/duties").await?;
    equal("promises left of the whole case", open.len(), 0)?;
    figures::of_the_second_year(story, cast).await
}

async fn record(cast: &Cast, pair: &Pair<'_>, kind: &str, result: &serde_json::Value) -> Played {
    let body = json!({"course_id": pair.course, "kind": kind, "result": result});
    let made = cast.eva.post("/v1/followups", &body).await?;
    holds("held in time", made["late"] == false, &made)
}

fn day_of(story: &Story<'_>, year: i32, month: u32, day: u32) -> i64 {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default().signed_duration_since(story.date(0)).num_days()
}
