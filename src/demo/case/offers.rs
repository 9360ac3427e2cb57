//! D6 to D12: three offers, each explained, and accepted with every consent that is needed.

use serde_json::{Value, json};

use super::Family;
use crate::demo::cast::Cast;
use crate::demo::expect::{Played, equal};
use crate::demo::story::Story;

/// Until three courses wait for a match.
pub async fn until_accepted(story: &Story<'_>, cast: &Cast, family: &Family) -> Played {
    story.day(6, 14, 0);
    story.step(&cast.eva, "offers Finn a coach, Bo a mentor and Gry a mentor");
    let fathers = cast.eva.make("/v1/offers", &offer(story, family, &family.father, "parent_coach")).await?;
    let boys = cast.eva.make("/v1/offers", &offer(story, family, &family.boy, "mentor")).await?;
    let sisters = cast.eva.make("/v1/offers", &offer(story, family, &family.sister, "mentor")).await?;
    let twice = cast.eva.try_post("/v1/offers", &offer(story, family, &family.boy, "mentor")).await?;
    twice.refused(409, "already_exists")?;
    let about = format!("case={}", family.case);
    let due = || story.end_of(20);
    story.promised("answer", &about, &[("open", due()), ("open", due()), ("open", due())]).await?;
    story.ledger().await?;

    story.day(8, 16, 0);
    story.step(&cast.eva, "records Finn's yes, for himself");
    consents(story, cast, &fathers, &family.father).await?;
    accepted(cast, &fathers).await?;

    story.day(10, 16, 0);
    story.step(&cast.eva, "records Bo's own yes");
    consents(story, cast, &boys, &family.boy).await?;
    let alone = cast.eva.try_post(&format!("/v1/offers/{boys}/accept"), &json!({})).await?.refused(409, "blocked")?;
    equal("whose yes is missing", &alone["blocking"][0]["id"], &json!(family.father))?;
    story.seen("his own yes is not enough at 16: accepting is refused and names Finn (409)");
    story.step(&cast.eva, "records Finn's yes as guardian");
    consents(story, cast, &boys, &family.father).await?;
    accepted(cast, &boys).await?;

    story.day(12, 16, 0);
    story.step(&cast.eva, "records Gry's yes and Finn's as guardian");
    consents(story, cast, &sisters, &family.sister).await?;
    consents(story, cast, &sisters, &family.father).await?;
    accepted(cast, &sisters).await?;

    story.promised("answer", &about, &[("done", due()), ("done", due()), ("done", due())]).await?;
    // Gry turns 15 and Bo 18 later than the course is expected to last, but while it is open the day is promised.
    story.promised("turns_18", &format!("person={}", family.boy), &[("open", story.end_of_date(2026, 6, 10))]).await?;
    story.promised("turns_15", &format!("person={}", family.sister), &[("open", story.end_of_date(2027, 3, 2))]).await?;
    story.ledger().await?;
    for other in [&cast.malte, &cast.nora, &cast.karl] {
        equal("the courses seen before any match", other.list("/v1/courses").await?.len(), 0)?;
    }
    story.seen("mentors and coach see none of the courses yet");
    Ok(())
}

/// An offer, explained at a meeting.
pub fn offer(story: &Story<'_>, family: &Family, person: &str, track: &str) -> Value {
    json!({
        "case_id": family.case, "person_id": person, "track": track, "offered_at": story.now(), "way": "meeting",
        "information": "What it is for, that it is voluntary, what is confidential and where that ends, which data is kept.",
        "legal_basis": "consent"
    })
}

/// Somebody says yes to taking part.
pub async fn consents(story: &Story<'_>, cast: &Cast, offer: &str, giver: &str) -> Played {
    let yes = json!({"giver_id": giver, "scope": "participation", "text_version": "2025-1", "given": true, "happened_at": story.now()});
    cast.eva.post(&format!("/v1/offers/{offer}/consents"), &yes).await.map(drop)
}

/// The offer becomes a course, which waits.
pub async fn accepted(cast: &Cast, offer: &str) -> Played<String> {
    let course = cast.eva.post(&format!("/v1/offers/{offer}/accept"), &json!({})).await?;
    equal("the course's state", &course["state"], "waiting")?;
    crate::demo::client::id_of(&course)
}
