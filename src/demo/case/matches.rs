//! D14 to D25: three matches, the first sessions planned, reminded of and held.

use serde_json::json;

use super::Family;
use super::offers::Offers;
use crate::demo::cast::Cast;
use crate::demo::client::id_of;
use crate::demo::expect::{Mismatch, Played, equal, holds};
use crate::demo::pairs::{Pair, match_up, support_all};
use crate::demo::story::Story;

/// So far reach the series: a week beyond the day on which the courses end.
const LAST_DAY: i64 = 276;
/// 21 April 2025.
pub const EASTER_MONDAY: i64 = 102;
/// 9 June 2025.
pub const WHIT_MONDAY: i64 = 151;

/// The three who meet.
pub struct Pairs<'a> {
    /// Bo and Malte.
    pub boy: Pair<'a>,
    /// Gry and Nora.
    pub sister: Pair<'a>,
    /// Finn and Karl.
    pub father: Pair<'a>,
}

impl Pairs<'_> {
    /// All three.
    pub const fn all(&self) -> [&Pair<'_>; 3] {
        [&self.boy, &self.sister, &self.father]
    }
}

/// Until each has met once.
pub async fn until_met<'a>(story: &Story<'_>, cast: &'a Cast, family: &Family, offers: &Offers) -> Played<Pairs<'a>> {
    let pairs = matched(story, cast, family, offers).await?;
    planned(story, cast, family, &pairs).await?;
    first_met(story, cast, family, &pairs).await?;
    Ok(pairs)
}

/// D14: who is eligible, with the reasons that exclude the others; proposed, and answered by both sides.
async fn matched<'a>(story: &Story<'_>, cast: &'a Cast, family: &Family, offers: &Offers) -> Played<Pairs<'a>> {
    let ([_, fathers], [_, boys], [_, sisters]) = (&offers.father, &offers.boy, &offers.sister);
    story.day(14, 13, 0).await?;
    story.step(&cast.eva, "looks who could be Gry's mentor, who is 12");
    let eligible = cast.eva.list(&format!("/v1/courses/{sisters}/eligible-staff")).await?;
    let of = |staff: &str| eligible.iter().find(|one| one["staff_id"] == staff).cloned().unwrap_or_default();
    equal("what excludes Malte", &of(&cast.staff_malte)["exclusions"], &json!(["certificate"]))?;
    equal("Nora is eligible", &of(&cast.staff_nora)["eligible"], true)?;
    story.seen("Malte is excluded for want of a child-protection certificate, Nora is eligible");
    let unfit = json!({"course_id": sisters, "staff_id": cast.staff_malte});
    let refused = cast.eva.try_post("/v1/matches", &unfit).await?.refused(422, "invalid")?;
    equal("why Malte is refused", &refused["errors"][0]["code"], "certificate")?;

    story.step(&cast.eva, "proposes three matches; both sides of each say yes");
    let boy = match_up(cast, &cast.malte, &cast.staff_malte, ("Bo", &family.boy, boys, 10)).await?;
    let sister = match_up(cast, &cast.nora, &cast.staff_nora, ("Gry", &family.sister, sisters, 14)).await?;
    let father = match_up(cast, &cast.karl, &cast.staff_karl, ("Finn", &family.father, fathers, 17)).await?;
    let pairs = Pairs { boy, sister, father };
    for pair in pairs.all() {
        equal("the courses a mentor or coach sees", pair.staff.list("/v1/courses").await?.len(), 1)?;
        let person = pair.staff.get(&format!("/v1/people/{}", pair.person)).await?;
        equal("the first name", &person["given_name"], pair.name)?;
        holds("neither family name nor birth date", person["family_name"].is_null() && person["born_on"].is_null(), &person)?;
        story.seen(format_args!("{} sees {}'s first name, safe contact, course and plan, no more", pair.staff.title, pair.name));
    }
    story.hidden(&cast.nora, "Bo's match", &format!("/v1/matches/{}", pairs.boy.matched)).await?;
    story.hidden(&cast.malte, "Gry", &format!("/v1/people/{}", family.sister)).await?;
    let seen = cast.sune.get(&format!("/v1/matches/{}", pairs.boy.matched)).await?;
    let label = seen["person_label"].as_str().unwrap_or_default();
    holds("a label instead of the name", label.starts_with("Match ") && seen["person_id"].is_null(), &seen)?;
    story.seen(format_args!("{} sees “{label}” instead of a name", cast.sune.title));

    story.day(15, 10, 0).await?;
    story.step(&cast.eva, "records that the next meeting ratifies the founding");
    let waiting = cast.eva.list("/v1/decisions?to_ratify=true").await?;
    let decision = id_of(waiting.first().ok_or_else(|| Mismatch::new("decisions to ratify", "one", "none"))?)?;
    cast.eva.post(&format!("/v1/decisions/{decision}/ratify"), &json!({"meeting_on": story.date(15)})).await?;
    story.promised("ratify", &format!("enquiry={}", family.enquiry), &[("done", story.end_of(18))]).await?;
    story.ledger().await?;
    Ok(pairs)
}

/// D16: weekly sessions are planned, and with them the reminders.
async fn planned(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    story.day(16, 9, 0).await?;
    story.step(&cast.malte, "plans Bo's first Saturdays; Nora all of Gry's in one series, Karl Finn's Mondays");
    for day in [23, 30, 37] {
        pairs.boy.plan(story, day).await?;
    }
    let saturdays = pairs.sister.plan_weekly(story, &cast.eva, (23, LAST_DAY)).await?;
    equal("Gry's Saturdays, and none that cannot be", (&saturdays["coming"], &saturdays["gaps"]), (&json!(37), &json!([])))?;
    let mondays = pairs.father.plan_weekly(story, &cast.eva, (25, LAST_DAY)).await?;
    let gaps: Vec<_> = mondays["gaps"].as_array().into_iter().flatten().map(|gap| (gap["on"].clone(), gap["reason"].clone())).collect();
    let holidays = [EASTER_MONDAY, WHIT_MONDAY].map(|day| (json!(story.date(day)), json!("holiday")));
    equal("Finn's Mondays", &mondays["coming"], 34)?;
    equal("the Mondays that are holidays", gaps, holidays.to_vec())?;
    story.seen("37 Saturdays and 34 Mondays with their promises and reminders; Easter Monday and Whit Monday are gaps");
    let clash = cast.malte.try_post("/v1/sessions", &pairs.boy.planned(story, 23)).await?;
    clash.refused(409, "claims_overlap")?;
    story.seen("the same hour twice is refused (409)");
    let waiting = cast.eva.list(&format!("/v1/messages?person={}&state=waiting", family.boy)).await?;
    let times: Vec<&str> = waiting.iter().filter_map(|message| message["not_before_at"].as_str()).collect();
    let expected: Vec<String> = [18, 22, 29, 36].map(|day| story.at(day, 17, 0).to_string()).into();
    equal("Bo's reminders: the day before at 17:00, and five days ahead of the first", times, expected)?;
    story.ledger().await
}

/// D23 and D25: reminded, met, logged; the courses begin, and the unit's own contacts are promised.
async fn first_met(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    story.day(23, 12, 0).await?;
    let texts = story.stage.capture().to("+4520000016");
    equal("texts on Bo's phone", texts.len(), 2)?;
    story.step(&cast.malte, "logs the first session with Bo");
    pairs.boy.log(story, &pairs.boy.held(story, 23, None)).await?;
    equal("Bo's course", &cast.eva.get(&format!("/v1/courses/{}", pairs.boy.course)).await?["state"], "active")?;
    let contacts = story.promises("support_contact", &format!("match={}", pairs.boy.matched)).await?;
    let dues: Vec<&str> = contacts.iter().take(3).filter_map(|duty| duty["due_at"].as_str()).collect();
    equal("the first contacts", dues, [story.at(25, 10, 0).to_string(), story.end_of(33), story.end_of(48)].to_vec())?;
    story.ledger().await?;
    pairs.sister.meet(story, 23).await?;

    story.day(24, 11, 0).await?;
    story.step(&cast.sune, "calls both sides of each new match");
    equal("matches called", support_all(story, cast).await?, 2)?;
    story.ledger().await?;
    story.day(25, 19, 0).await?;
    story.step(&cast.karl, "logs the first session with Finn; all three write down what they want to reach");
    pairs.father.log(story, &pairs.father.held(story, 25, None)).await?;
    pairs.boy.make_plan(story, &[("school", "Come to school every day"), ("leisure", "Find a football club")], None).await?;
    pairs.sister.make_plan(story, &[("school", "Dare to speak in class")], None).await?;
    pairs.father.make_plan(story, &[("job", "Find a way back to work")], None).await?;
    let review = ("open", story.end_of_date(2025, 5, 3));
    story.promised("plan_review", &format!("case={}", family.case), &[review.clone(), review.clone(), review]).await?;
    story.ledger().await?;
    story.day(26, 11, 0).await?;
    story.step(&cast.sune, "calls Finn and Karl");
    support_all(story, cast).await?;
    story.ledger().await
}
