//! D0 to D5: the concern comes in, partners and police are asked, the home is visited; founded, and referred inside its limit.

use reqwest::Method;
use serde_json::{Value, json};

use super::Family;
use crate::demo::cast::Cast;
use crate::demo::client::{id_of, text};
use crate::demo::expect::{Played, equal, holds};
use crate::demo::family::{in_custody, reachable, settled};
use crate::demo::story::Story;

/// Until the case is opened and referred.
pub async fn until_referred(story: &Story<'_>, cast: &Cast) -> Played<Family> {
    let enquiry = received(story, cast).await?;
    visited(story, cast, &enquiry).await?;
    let family = founded(story, cast, &enquiry).await?;
    referred(story, cast, &family).await?;
    Ok(family)
}

/// D0: from the social services and the police's prevention section, about a boy, his sister and their father.
async fn received(story: &Story<'_>, cast: &Cast) -> Played<String> {
    story.day(0, 9, 0).await?;
    story.step(&cast.eva, "takes a concern from the social services and the police's prevention section");
    let reporter = |agency: &str, name: &str| json!({"kind": "professional", "agency_id": agency, "wants_feedback": true, "identity": {"name": name, "phone": "+4570101155"}});
    let concern = json!({
        "received_at": story.now(), "channel": "meeting", "source": "social_services", "urgency": "high",
        "concern": {
            "observed": "The boy stays away from school and speaks of people nobody at home knows.",
            "observed_when": "since the autumn", "observed_by": "a teacher and a street officer", "district": "Valby",
            "guardians": "The father is alone with both children.", "siblings": "A younger sister."
        },
        "reporters": [reporter(&cast.social_services, "Pia Toft"), reporter(&cast.police, "Poul Berg")],
        "subjects": [
            {"given_name": "Bo", "family_name": "Prip", "born_on": "2008-06-10"},
            {"given_name": "Gry", "family_name": "Prip", "born_on": "2012-03-02"},
            {"given_name": "Finn", "family_name": "Prip", "born_on": "1979-11-20"}
        ]
    });
    let enquiry = cast.eva.make("/v1/enquiries", &concern).await?;
    let path = format!("/v1/enquiries/{enquiry}");
    // Six working days; the day of the event is day 0.
    let due = story.end_of(8);
    story.promised("receipt", &format!("enquiry={enquiry}"), &[("open", due.clone()), ("open", due)]).await?;
    story.ledger().await?;
    for partner in [&cast.pia, &cast.poul] {
        let seen = partner.get(&path).await?;
        equal("the receipts a partner sees", seen["receipts"].as_array().map_or(0, Vec::len), 1)?;
        equal("the partner's receipt", &seen["receipts"][0]["state"], "due")?;
        holds("the partner sees neither text nor standing", seen["file"].is_null() && seen["standing"].is_null(), &seen)?;
        story.seen(format_args!("{} sees the reference, its time and the receipt that is due, not the text", partner.title));
    }
    for other in [&cast.malte, &cast.sune, &cast.lea, &cast.dagny] {
        story.forbidden(other, "a concern", &path).await?;
    }

    story.step(&cast.eva, "asks the police and the school");
    let screen = cast.eva.post(&format!("{path}/police_screens"), &json!({})).await?;
    let screen = id_of(&screen["file"]["police_screens"][0])?;
    let unready = cast.eva.change_refused(&path, &format!("{path}/qualify"), &conclusion()).await?;
    equal("a conclusion before the police have answered", &unready["code"], "wrong_state")?;
    story.seen("a conclusion before the police have answered is refused (409)");
    cast.eva.post(&format!("{path}/police_screens/{screen}/result"), &json!({"result": "clear"})).await?;
    let asked = cast.eva.post(&format!("{path}/partner_requests"), &json!({"source": "school", "legal_basis": "aja_115"})).await?;
    equal("the partner asked", &asked["file"]["partner_requests"][0]["source"], "school")?;
    story.seen("the police's screen is clear; the school is asked on section 115");
    Ok(enquiry)
}

/// D1 and D3: a meeting decides on a home visit; father and son confirm, and the school answers.
async fn visited(story: &Story<'_>, cast: &Cast, enquiry: &str) -> Played {
    let path = format!("/v1/enquiries/{enquiry}");
    story.day(1, 10, 0).await?;
    story.step(&cast.eva, "records that the coordination meeting decides on a home visit, and gives both receipts");
    let decided = cast.eva.post(&format!("{path}/home_visits"), &json!({"meeting_on": story.date(1)})).await?;
    let visit = id_of(&decided["file"]["home_visits"][0])?;
    story.promised("ratify", &format!("enquiry={enquiry}"), &[]).await?;
    for receipt in decided["receipts"].as_array().into_iter().flatten() {
        let reporter = text(receipt, "reporter_id")?;
        let opened = cast.eva.post(&format!("{path}/reporters/{reporter}/open"), &json!({"reason": "give_receipt"})).await?;
        holds("who it is, in the one answer that says it", opened["identity"]["name"].is_string(), &opened)?;
        cast.eva.post(&format!("{path}/reporters/{reporter}/receipt"), &json!({"way": "phone"})).await?;
    }
    story.ledger().await?;
    equal("the partner's receipt", &cast.pia.get(&path).await?["receipts"][0]["state"], "given")?;
    story.seen(format_args!("{} sees that the receipt was given", cast.pia.title));

    story.day(3, 17, 0).await?;
    story.step(&cast.eva, "records the visit: Finn and Bo confirm; the school has noted absence");
    let notes = json!({"outcome": "met", "notes": "Finn and Bo were at home and confirm what was told. Gry was there."});
    cast.eva.post(&format!("{path}/home_visits/{visit}/record"), &notes).await?;
    let request = id_of(&cast.eva.get(&path).await?["file"]["partner_requests"][0])?;
    let answer = json!({"has_information": true, "text": "Eleven days of absence since the autumn holidays."});
    let answered = cast.eva.post(&format!("{path}/partner_requests/{request}/answer"), &answer).await?;
    equal("the school has information", &answered["file"]["partner_requests"][0]["has_information"], true)?;
    equal("the visit's outcome", &answered["file"]["home_visits"][0]["outcome"], "met")
}

fn conclusion() -> Value {
    json!({
        "outcome": "founded", "risk_factors": "Absence, new company, quarrels at home.",
        "protective_factors": "The father asks for help; the boy likes football.", "conclusion": "A founded concern.",
        "case_kind": "family", "target_group": "at_risk", "severity": "hours_48",
        "responsible_authority": "Socialforvaltningen", "needs_local_effort": true
    })
}

/// D4: settled whom it is about; founded between two meetings, with a severity: the clock of the referral starts.
async fn founded(story: &Story<'_>, cast: &Cast, enquiry: &str) -> Played<Family> {
    let path = format!("/v1/enquiries/{enquiry}");
    story.day(4, 10, 0).await?;
    story.step(&cast.eva, "settles whom it is about");
    let subjects = cast.eva.get(&path).await?["file"]["subjects"].clone();
    let [boy, sister, father] = [("Bo", "young_person"), ("Gry", "young_person"), ("Finn", "parent")];
    let family = Family {
        boy: settled(&cast.eva, &path, &subjects, boy).await?,
        sister: settled(&cast.eva, &path, &subjects, sister).await?,
        father: settled(&cast.eva, &path, &subjects, father).await?,
        enquiry: enquiry.to_owned(),
        case: String::new(),
    };
    for child in [&family.boy, &family.sister] {
        in_custody(&cast.eva, child, &family.father).await?;
    }
    reachable(&cast.eva, &family.boy, &json!({"channel": "sms", "phone": "+4520000016"})).await?;
    reachable(&cast.eva, &family.father, &json!({"channel": "email", "email": "finn@example.org", "phone": "+4520000045"})).await?;
    story.seen("Finn holds custody alone; Bo (16) is told on his own phone, of Gry (12) her father is told by mail");

    story.step(&cast.eva, "concludes: founded, to be referred within 48 hours");
    let concluded = cast.eva.change(Method::POST, &path, &format!("{path}/qualify"), &conclusion()).await?;
    equal("the enquiry's state", &concluded["standing"]["state"], "founded")?;
    let case = text(&concluded["standing"], "case_id")?;
    story.promised("referral", &format!("case={case}"), &[("open", story.at(6, 10, 0).to_string())]).await?;
    story.promised("ratify", &format!("enquiry={enquiry}"), &[("open", story.end_of(18))]).await?;
    story.ledger().await?;
    let opened = cast.eva.get(&format!("/v1/cases/{case}")).await?;
    equal("the people of the case", opened["people"].as_array().map_or(0, Vec::len), 3)?;
    equal("the responsible coordinator", &opened["coordinator_id"], &json!(cast.eva.account()))?;
    for other in [&cast.malte, &cast.pia, &cast.lea, &cast.dagny] {
        story.forbidden(other, "the case", &format!("/v1/cases/{case}")).await?;
    }
    Ok(Family { case, ..family })
}

/// D5: referred inside its limit, and accepted.
async fn referred(story: &Story<'_>, cast: &Cast, family: &Family) -> Played {
    let path = format!("/v1/cases/{}", family.case);
    story.day(5, 9, 0).await?;
    story.step(&cast.eva, "refers the case to the social services, who accept it");
    cast.eva.post(&format!("{path}/refer"), &json!({"to": "Socialforvaltningen", "happened_at": story.now()})).await?;
    let acceptance = json!({"by": "The family unit", "first_action": "A talk with all three.", "happened_at": story.now()});
    let accepted = cast.eva.post(&format!("{path}/accept_referral"), &acceptance).await?;
    equal("the referral was late", &accepted["referral"]["late"], false)?;
    story.promised("referral", &format!("case={}", family.case), &[("done", story.at(6, 10, 0).to_string())]).await?;
    story.ledger().await
}
