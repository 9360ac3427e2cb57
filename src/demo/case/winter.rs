//! D30 to D58: Bo cancels, then does not come; two in a row, a visit in vain, an alert, and he is found.

use serde_json::json;

use super::Family;
use super::matches::Pairs;
use crate::demo::cast::{Cast, FIRST};
use crate::demo::client::id_of;
use crate::demo::expect::{Mismatch, Played, equal, holds};
use crate::demo::pairs::support_all;
use crate::demo::story::Story;

/// Until Bo comes again.
pub async fn until_found(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    missed(story, cast, family, pairs).await?;
    let alert = gone(story, cast, family, pairs).await?;
    found(story, cast, family, pairs, &alert).await
}

/// D30 and D37: a cancellation without a new time, then a no-show; the second opens one promise to act.
async fn missed(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played {
    let about = format!("person={}", family.boy);
    story.day(30, 8, 30).await?;
    story.step(&cast.malte, "records that Bo cancels, and no new time is agreed");
    let session = pairs.boy.session(story, 30).await?;
    let cancelled = cast.malte.post(&format!("/v1/sessions/{session}/cancel"), &json!({"by": "person"})).await?;
    equal("cancelled late", &cancelled["late_cancellation"], true)?;
    story.promised("missed_twice", &about, &[]).await?;
    story.ledger().await?;
    met_of_others(story, cast, pairs, 30).await?;

    story.day(37, 12, 0).await?;
    story.step(&cast.malte, "logs that Bo did not come and did not answer");
    let log = json!({"match_id": pairs.boy.matched, "session_id": pairs.boy.session(story, 37).await?, "outcome": "no_show",
        "starts_at": story.at(37, 10, 0), "written_at": story.now(), "by": "person", "warned": false, "contact_attempts": 2});
    pairs.boy.log(story, &log).await?;
    // A Saturday: two working days are Monday and Tuesday.
    story.promised("missed_twice", &about, &[("open", story.end_of(40))]).await?;
    story.ledger().await?;
    met_of_others(story, cast, pairs, 37).await?;

    story.day(39, 20, 0).await?;
    story.step(&cast.eva, "sees the two misses on top of the list and decides on a home visit");
    let duty = story.promises("missed_twice", &about).await?;
    let duty = id_of(duty.first().ok_or_else(|| Mismatch::new("the promise", "one", "none"))?)?;
    cast.eva.post(&format!("/v1/cases/{}/home_visits", family.case), &json!({"happened_at": story.now()})).await?;
    cast.eva.post(&format!("/v1/duties/{duty}/settle"), &json!({"happened_at": story.now()})).await?;
    story.promised("missed_twice", &about, &[("done", story.end_of(40))]).await?;
    story.ledger().await
}

/// D42 to D48: not at home, an alert that is looked at daily until a day is missed; then the unit is told once.
async fn gone(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>) -> Played<String> {
    let (path, about) = (format!("/v1/cases/{}", family.case), format!("person={}", family.boy));
    story.day(42, 18, 0).await?;
    story.step(&cast.eva, "was at the home: Bo is not there and nobody knows where; an alert is raised");
    let visits = cast.eva.get(&path).await?["home_visits"].clone();
    let visit = id_of(&visits[0])?;
    let notes = json!({"outcome": "partly_met", "notes": "Finn and Gry were there, Bo was not.", "happened_at": story.now()});
    cast.eva.post(&format!("{path}/home_visits/{visit}/record"), &notes).await?;
    let raise =
        json!({"person_id": family.boy, "kind": "cannot_be_found", "grounds": "Not seen since Thursday.", "happened_at": story.now()});
    let alert = cast.eva.make(&format!("{path}/alerts"), &raise).await?;
    story.promised("alert", &about, &[("open", story.end_of(43))]).await?;
    let close = json!({"reason": "no_longer_relevant", "happened_at": story.now()});
    let blocked = cast.eva.try_post(&format!("{path}/close"), &close).await?.refused(409, "blocked")?;
    let stands_in_the_way = blocked["blocking"].as_array().is_some_and(|list| list.iter().any(|one| one["id"] == json!(alert)));
    holds("the alert stands in the way of closing the case", stands_in_the_way, &blocked)?;
    story.seen("closing the case is refused and names the alert (409)");
    story.ledger().await?;

    story.day(43, 15, 0).await?;
    story.step(&cast.eva, "asks the police and looks at the alert");
    look(story, cast, family, None).await?;
    story.promised("alert", &about, &[("done", story.end_of(43)), ("open", story.end_of(44))]).await?;
    pairs.sister.meet(story, 44).await?;
    story.day(46, 9, 0).await?;
    story.step(&cast.eva, "comes back on Monday: nobody looked on Saturday, and the unit was told so once, a count and no names");
    let told: Vec<_> = story.stage.capture().all().into_iter().filter(|sent| sent.message.to == FIRST.mail).collect();
    equal("mails to the coordinator", told.len(), 1)?;
    let late = cast.eva.list("/v1/duties?late=true&kind=alert").await?;
    equal("late looks", late.len(), 1)?;
    look(story, cast, family, Some("overlooked")).await?;
    story.ledger().await?;
    Ok(alert)
}

/// Looks at the alert: the next look is promised for the next day.
async fn look(story: &Story<'_>, cast: &Cast, family: &Family, late_reason: Option<&str>) -> Played {
    let open = cast.eva.list(&format!("/v1/duties?kind=alert&person={}", family.boy)).await?;
    let duty = id_of(open.first().ok_or_else(|| Mismatch::new("the look at the alert", "one", "none"))?)?;
    let settle = json!({"happened_at": story.now(), "late_reason": late_reason});
    cast.eva.post(&format!("/v1/duties/{duty}/settle"), &settle).await.map(drop)
}

/// D47 to D58: looked at every working day; found, and Saturday is Bo's again.
async fn found(story: &Story<'_>, cast: &Cast, family: &Family, pairs: &Pairs<'_>, alert: &str) -> Played {
    pairs.father.meet(story, 46).await?;
    for day in 47..56 {
        story.pass(day, 9, 30).await?;
        look(story, cast, family, None).await?;
        match day {
            51 => drop(pairs.sister.meet(story, day).await?),
            53 => {
                support_all(story, cast).await?;
                pairs.father.meet(story, day).await?;
            }
            _ => {}
        }
    }
    story.day(56, 16, 0).await?;
    story.step(&cast.eva, "resolves the alert: Bo is back at his uncle's, and well");
    let resolution = json!({"resolution": "At his uncle's in Odense; he is well.", "happened_at": story.now()});
    cast.eva.post(&format!("/v1/cases/{}/alerts/{alert}/resolve", family.case), &resolution).await?;
    let open = cast.eva.list(&format!("/v1/duties?kind=alert&person={}", family.boy)).await?;
    equal("looks still promised", open.len(), 0)?;
    story.step(&cast.malte, "agrees with Bo on Saturday; Bo wants to answer his reminders by a link");
    let session = pairs.boy.plan(story, 58).await?;
    cast.malte.post(&format!("/v1/people/{}/link-choices", family.boy), &json!({"wants_links": true})).await?;
    story.ledger().await?;
    answered(story, cast, &session).await?;

    story.day(58, 12, 0).await?;
    story.step(&cast.malte, "logs a session held: the run is broken");
    pairs.boy.log(story, &pairs.boy.held(story, 58, Some(65))).await?;
    story.promised("missed_twice", &format!("person={}", family.boy), &[("done", story.end_of(40))]).await?;
    story.ledger().await?;
    pairs.sister.meet(story, 58).await.map(drop)
}

/// D57: Bo's reminder carries a link to a page; he says that he comes, and nothing else follows from it.
async fn answered(story: &Story<'_>, cast: &Cast, session: &str) -> Played {
    story.day(57, 18, 0).await?;
    let path = format!("/v1/sessions/{session}");
    let before = cast.malte.get(&path).await?;
    equal("answered before", &before["answered_by_link"], &json!(null))?;
    let texts = story.stage.capture().to("+4520000016");
    let link = texts.last().and_then(|sent| sent.message.link.clone());
    let link = link.ok_or_else(|| Mismatch::new("the reminder on Bo's phone", "a link", texts.len()))?;
    story.stage.api()?.press(&link, "confirm").await?;
    let seen = cast.malte.get(&path).await?;
    equal("what Bo answered", &seen["answered_by_link"]["answer"], "confirm")?;
    equal("his session", (&seen["state"], &seen["starts_at"]), (&before["state"], &before["starts_at"]))?;
    story.step(&cast.malte, "sees that Bo pressed “I will come” on the page of his reminder's link");
    story.hidden(&cast.nora, "the session that Bo answered", &path).await
}

/// Meanwhile Gry and Nora meet on the Saturday, Finn and Karl on the Monday after, when the unit calls whom it has promised to.
async fn met_of_others(story: &Story<'_>, cast: &Cast, pairs: &Pairs<'_>, saturday: i64) -> Played {
    pairs.sister.meet(story, saturday).await?;
    story.pass(saturday.saturating_add(2), 9, 30).await?;
    support_all(story, cast).await?;
    pairs.father.meet(story, saturday.saturating_add(2)).await.map(drop)
}
