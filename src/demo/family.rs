//! A family that is on record and in a founded case, the short way: for the acts that begin after that.

use reqwest::Method;
use serde_json::{Value, json};

use super::cast::Cast;
use super::client::{Caller, id_of, text};
use super::expect::{Mismatch, Played, equal};
use super::story::Story;

/// Somebody a concern is about.
pub struct Subject {
    /// Given name; the family's is the same for all.
    pub given: &'static str,
    /// `young_person` or `parent`.
    pub kind: &'static str,
    /// The birth date.
    pub born_on: &'static str,
}

/// A case founded by a meeting today about these people; gives its id and theirs, in their order.
pub async fn founded<const N: usize>(
    story: &Story<'_>,
    cast: &Cast,
    family_name: &str,
    subjects: [Subject; N],
    severity: &str,
) -> Played<(String, [String; N])> {
    let eva = &cast.eva;
    let enquiry = json!({
        "received_at": story.now(), "channel": "phone", "source": "school", "urgency": "normal",
        "concern": {"observed": "Much absence, and new company.", "district": "Valby"}, "reporters": [{"kind": "citizen"}],
        "subjects": subjects.iter().map(|subject| json!({"given_name": subject.given, "family_name": family_name,
            "born_on": subject.born_on})).collect::<Vec<_>>()
    });
    let path = format!("/v1/enquiries/{}", eva.make("/v1/enquiries", &enquiry).await?);
    let told = eva.get(&path).await?["file"]["subjects"].clone();
    let mut people = Vec::new();
    for subject in &subjects {
        people.push(settled(eva, &path, &told, (subject.given, subject.kind)).await?);
    }
    let screen = eva.post(&format!("{path}/police_screens"), &json!({})).await?;
    let screen = id_of(&screen["file"]["police_screens"][0])?;
    eva.post(&format!("{path}/police_screens/{screen}/result"), &json!({"result": "clear"})).await?;
    let conclusion = json!({
        "outcome": "founded", "meeting_on": story.today(), "case_kind": "family", "target_group": "at_risk", "severity": severity,
        "responsible_authority": "Socialforvaltningen", "needs_local_effort": true, "conclusion": "A founded concern."
    });
    let concluded = eva.change(Method::POST, &path, &format!("{path}/qualify"), &conclusion).await?;
    let people = people.try_into().map_err(|people| Mismatch::new("the people", N, format_args!("{people:?}")))?;
    Ok((text(&concluded["standing"], "case_id")?, people))
}

/// Refers a case to the social services.
pub async fn refer(story: &Story<'_>, eva: &Caller, case: &str) -> Played {
    let to = json!({"to": "Socialforvaltningen", "happened_at": story.now()});
    eva.post(&format!("/v1/cases/{case}/refer"), &to).await.map(drop)
}

/// Says who a subject is: somebody new.
pub async fn settled(eva: &Caller, path: &str, subjects: &Value, (given, kind): (&str, &str)) -> Played<String> {
    let is_meant = |subject: &&Value| subject["given_name"] == given;
    let subject = subjects.as_array().into_iter().flatten().find(is_meant);
    let subject = id_of(subject.ok_or_else(|| Mismatch::new("the subjects", given, subjects))?)?;
    let likely = eva.get(&format!("{path}/subjects/{subject}/likely_people")).await?;
    equal("known persons who may be the subject", &likely, &json!([]))?;
    let file = eva.post(&format!("{path}/subjects/{subject}/link"), &json!({"new_person": {"kind": kind}})).await?;
    let linked = file["file"]["subjects"].as_array().into_iter().flatten().find(is_meant).cloned().unwrap_or_default();
    text(&linked, "person_id")
}

/// Records who holds custody of a child, and gets its reminders under 15.
pub async fn in_custody(eva: &Caller, child: &str, holder: &str) -> Played {
    let custody = json!({"holder_ids": [holder], "recipient_id": holder});
    let path = format!("/v1/people/{child}");
    eva.change(Method::PUT, &path, &format!("{path}/custody"), &custody).await.map(drop)
}

/// Records how a person is safely reached.
pub async fn reachable(eva: &Caller, person: &str, contact: &Value) -> Played {
    let path = format!("/v1/people/{person}");
    eva.change(Method::PUT, &path, &format!("{path}/contact"), contact).await.map(drop)
}

/// An offer, explained at a meeting.
pub fn offer(story: &Story<'_>, case: &str, person: &str, track: &str) -> Value {
    json!({
        "case_id": case, "person_id": person, "track": track, "offered_at": story.now(), "way": "meeting",
        "information": "What it is for, that it is voluntary, what is confidential and where that ends, which data is kept.",
        "legal_basis": "consent"
    })
}

/// Somebody says yes to taking part.
pub async fn consents(story: &Story<'_>, eva: &Caller, offer: &str, giver: &str) -> Played {
    let yes = json!({"giver_id": giver, "scope": "participation", "text_version": "2025-1", "given": true, "happened_at": story.now()});
    eva.post(&format!("/v1/offers/{offer}/consents"), &yes).await.map(drop)
}

/// The offer becomes a course, which waits.
pub async fn accepted(eva: &Caller, offer: &str) -> Played<String> {
    let course = eva.post(&format!("/v1/offers/{offer}/accept"), &json!({})).await?;
    equal("the course's state", &course["state"], "waiting")?;
    id_of(&course)
}

/// Offers somebody a course, and accepts with the yes of each of these.
pub async fn offered(story: &Story<'_>, eva: &Caller, case: &str, (person, track): (&str, &str), givers: &[&str]) -> Played<String> {
    let made = eva.make("/v1/offers", &offer(story, case, person, track)).await?;
    for giver in givers {
        consents(story, eva, &made, giver).await?;
    }
    accepted(eva, &made).await
}
