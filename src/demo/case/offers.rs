//! D6 to D12: three offers, each explained, and accepted with every consent that is needed.

use serde_json::json;

use super::Family;
use crate::demo::cast::Cast;
use crate::demo::expect::{Played, equal};
use crate::demo::family::{accepted, consents, offer};
use crate::demo::story::Story;

/// Three offers, and the course that became of each.
pub struct Offers {
    /// The father's, of a coach: offer and course.
    pub father: [String; 2],
    /// The boy's, of a mentor.
    pub boy: [String; 2],
    /// The sister's, of a mentor.
    pub sister: [String; 2],
}

/// Until three courses wait for a match.
pub async fn until_accepted(story: &Story<'_>, cast: &Cast, family: &Family) -> Played<Offers> {
    let eva = &cast.eva;
    story.day(6, 14, 0).await?;
    story.step(eva, "offers Finn a coach, Bo a mentor and Gry a mentor");
    let fathers = eva.make("/v1/offers", &offer(story, &family.case, &family.father, "parent_coach")).await?;
    let boys = eva.make("/v1/offers", &offer(story, &family.case, &family.boy, "mentor")).await?;
    let sisters = eva.make("/v1/offers", &offer(story, &family.case, &family.sister, "mentor")).await?;
    let twice = eva.try_post("/v1/offers", &offer(story, &family.case, &family.boy, "mentor")).await?;
    twice.refused(409, "already_exists")?;
    let about = format!("case={}", family.case);
    let due = || story.end_of(20);
    story.promised("answer", &about, &[("open", due()), ("open", due()), ("open", due())]).await?;
    story.ledger().await?;

    story.day(8, 16, 0).await?;
    story.step(eva, "records Finn's yes, for himself");
    consents(story, eva, &fathers, &family.father).await?;
    let father = accepted(eva, &fathers).await?;

    story.day(10, 16, 0).await?;
    story.step(eva, "records Bo's own yes");
    consents(story, eva, &boys, &family.boy).await?;
    let alone = eva.try_post(&format!("/v1/offers/{boys}/accept"), &json!({})).await?.refused(409, "blocked")?;
    equal("whose yes is missing", &alone["blocking"][0]["id"], &json!(family.father))?;
    story.seen("his own yes is not enough at 16: accepting is refused and names Finn (409)");
    story.step(eva, "records Finn's yes as guardian");
    consents(story, eva, &boys, &family.father).await?;
    let boy = accepted(eva, &boys).await?;

    story.day(12, 16, 0).await?;
    story.step(eva, "records Gry's yes and Finn's as guardian");
    consents(story, eva, &sisters, &family.sister).await?;
    consents(story, eva, &sisters, &family.father).await?;
    let sister = accepted(eva, &sisters).await?;

    story.promised("answer", &about, &[("done", due()), ("done", due()), ("done", due())]).await?;
    // Both days lie after the expected end, but while a course is open they are promised.
    story.promised("turns_18", &format!("person={}", family.boy), &[("open", story.end_of_date(2026, 6, 10))]).await?;
    story.promised("turns_15", &format!("person={}", family.sister), &[("open", story.end_of_date(2027, 3, 2))]).await?;
    story.ledger().await?;
    for other in [&cast.malte, &cast.nora, &cast.karl] {
        equal("the courses seen before any match", other.list("/v1/courses").await?.len(), 0)?;
    }
    story.seen("mentors and coach see none of the courses yet");
    Ok(Offers { father: [fathers, father], boy: [boys, boy], sister: [sisters, sister] })
}
