//! The living week: a Wednesday afternoon at the unit, to try the API on. Made through the API like the rest; the same accounts,
//! passwords and ids each time.

use std::io::Write;

use chrono::NaiveDate;
use reqwest::Method;
use serde_json::{Value, json};

use super::cast::{Cast, FIRST};
use super::client::{Caller, PASSWORD};
use super::expect::{Played, equal};
use super::family::{Subject, founded, in_custody, offer, offered, reachable, refer};
use super::pairs::{Pair, match_up, support};
use super::stage::Stage;
use super::story::{Story, in_words};
use crate::base::error::Result;

/// The Wednesday, counted from the Monday on which the first of the three young people came.
const TODAY: i64 = 51;

/// Who can sign in, and what they find.
const ACCOUNTS: [(&str, &str, &str); 9] = [
    ("eva", "coordinator", "two promises late and five more to keep: GET /v1/duties?owner=me&opened=true"),
    ("malte", "mentor", "Ida (met until an hour ago, no log yet), Noah (today at 16:00), Ali (tomorrow at 15:00): GET /v1/today"),
    ("karl", "parent coach", "Lise, Thursdays at 17:00 until New Year's Eve: GET /v1/series"),
    ("nora", "mentor", "nobody yet"),
    ("sune", "supervisor", "the four matches, under labels"),
    ("pia", "partner", "a concern of Monday whose receipt is due: GET /v1/enquiries"),
    ("poul", "partner", "another agency: nothing"),
    ("lea", "manager", "totals: GET /v1/reports/yearly?year=2026"),
    ("dagny", "data protection officer", "who opened whom and why: POST /v1/oversight/people/search"),
];

/// Makes the week anew, as it is opened.
///
/// # Errors
/// The first expectation that is not met.
pub async fn open(stage: &Stage) -> Result<()> {
    let mut nowhere = std::io::sink();
    let story = Story::new(stage, &mut nowhere, NaiveDate::from_ymd_opt(2026, 9, 14).unwrap_or_default());
    stage.begin(story.at(0, 8, 0), &FIRST).await?;
    let made = async {
        let cast = Cast::enter(stage, &story).await?;
        let afternoons: Vec<Value> = (1..=5).map(|day| json!({"weekday": day, "from_min": 720, "until_min": 1140})).collect();
        let hours = format!("/v1/staff/{}/hours", cast.staff_malte);
        cast.malte.change(Method::PUT, &hours, &hours, &json!({"zone": null, "week": afternoons})).await?;
        let ida = ida(&story, &cast).await?;
        let others = autumn(&story, &cast).await?;
        let emil = monday(&story, &cast, &others).await?;
        story.pass(TODAY, 14, 30).await?;
        as_promised(&cast, &ida, &emil).await
    };
    made.await.map_err(|wrong| story.went_wrong(&wrong))
}

/// Tells where the week is to be found.
pub fn tell(stage: &Stage, address: std::net::SocketAddr, out: &mut dyn Write) {
    let outbox = stage.outbox.display();
    let mut line = |text: String| drop(writeln!(out, "{text}"));
    line(format!("\nTHE LIVING WEEK: it is {}, and the clock stands until somebody moves it\n", in_words(stage.now())));
    line(format!("  the API      http://{address}/v1"));
    line(format!("  its pages    http://{address}/docs/"));
    line(format!("  the clock    GET, PUT http://{address}/demo/clock, POST /demo/clock/advance {{\"minutes\": 90}}"));
    line("  what is due  POST /demo/tick lets it happen".to_owned());
    line(format!("  what is sent GET /demo/outbox; {outbox}: mail/*.eml, push.jsonl, sms.jsonl"));
    line("  begin again  POST /demo/reset".to_owned());
    line(format!("  accounts     all with the password “{PASSWORD}” (their hashes are cheap, as no service's are)"));
    for (name, role, finds) in ACCOUNTS {
        line(format!("    {name:<6} {role}: {finds}"));
    }
    line("\nCtrl-C ends it.".to_owned());
}

/// September: Ida, whom Malte has met every Wednesday since.
async fn ida<'a>(story: &Story<'_>, cast: &'a Cast) -> Played<Pair<'a>> {
    story.pass(0, 10, 0).await?;
    let young = Subject { given: "Ida", kind: "young_person", born_on: "2011-02-11" };
    let parent = Subject { given: "Jens", kind: "parent", born_on: "1980-04-01" };
    let (case, [ida, father]) = founded(story, cast, "Holm", [young, parent], "hours_72").await?;
    refer(story, &cast.eva, &case).await?;
    in_custody(&cast.eva, &ida, &father).await?;
    reachable(&cast.eva, &ida, &json!({"channel": "sms", "phone": "+4520000015"})).await?;
    reachable(&cast.eva, &father, &json!({"channel": "email", "email": "jens@example.org"})).await?;
    let course = offered(story, &cast.eva, &case, (&ida, "mentor"), &[&ida, &father]).await?;
    let pair = match_up(cast, &cast.malte, &cast.staff_malte, ("Ida", &ida, &course, 12)).await?;
    pair.plan(story, 9).await?;
    for day in [9, 16, 23, 30, 37, 44] {
        pair.meet(story, day).await?;
        if day == 9 {
            pair.make_plan(story, &[("school", "Come to every lesson"), ("network", "Find a friend in the class")], None).await?;
            for (day, hour) in [(10, 10), (12, 10)] {
                story.pass(day, hour, 0).await?;
                support(story, &cast.sune, &pair.matched).await?;
            }
        }
        if day == 16 {
            story.pass(20, 10, 0).await?;
            support(story, &cast.sune, &pair.matched).await?;
        }
    }
    Ok(pair)
}

/// What the last week of October left.
struct October {
    ali_case: String,
    ali: String,
}

/// October: Noah and his mother, then Ali, whom nobody can write to and who soon turns 18; his mother has not answered yet.
async fn autumn(story: &Story<'_>, cast: &Cast) -> Played<October> {
    story.pass(45, 10, 0).await?;
    let eva = &cast.eva;
    let young = Subject { given: "Noah", kind: "young_person", born_on: "2010-05-20" };
    let parent = Subject { given: "Lise", kind: "parent", born_on: "1984-09-09" };
    let (case, [noah, lise]) = founded(story, cast, "Krag", [young, parent], "hours_48").await?;
    refer(story, eva, &case).await?;
    in_custody(eva, &noah, &lise).await?;
    reachable(eva, &noah, &json!({"channel": "sms", "phone": "+4520000116"})).await?;
    reachable(eva, &lise, &json!({"channel": "email", "email": "lise@example.org"})).await?;
    let noahs = offered(story, eva, &case, (&noah, "mentor"), &[&noah, &lise]).await?;
    let lises = offered(story, eva, &case, (&lise, "parent_coach"), &[&lise]).await?;
    // Noah answers his reminders by a link.
    eva.post(&format!("/v1/people/{noah}/link-choices"), &json!({"wants_links": true})).await?;
    let first = match_up(cast, &cast.malte, &cast.staff_malte, ("Noah", &noah, &noahs, 16)).await?;
    let second = match_up(cast, &cast.karl, &cast.staff_karl, ("Lise", &lise, &lises, 17)).await?;

    story.pass(45, 14, 0).await?;
    let young = Subject { given: "Ali", kind: "young_person", born_on: "2008-12-20" };
    let parent = Subject { given: "Amina", kind: "parent", born_on: "1986-01-30" };
    let (ali_case, [ali, amina]) = founded(story, cast, "Saleh", [young, parent], "hours_48").await?;
    refer(story, eva, &ali_case).await?;
    in_custody(eva, &ali, &amina).await?;
    let alis = offered(story, eva, &ali_case, (&ali, "mentor"), &[&ali, &amina]).await?;
    eva.post("/v1/offers", &offer(story, &ali_case, &amina, "parent_coach")).await?;
    let third = match_up(cast, &cast.malte, &cast.staff_malte, ("Ali", &ali, &alis, 15)).await?;
    first.plan(story, TODAY).await?;
    every_thursday(story, &second).await?;
    third.plan(story, TODAY + 1).await?;
    agreed(story, eva, &ali_case, &ali, ("Send the father's address to the school.", TODAY - 5)).await?;
    Ok(October { ali_case, ali })
}

/// A coach plans a whole autumn at once; Christmas Eve and New Year's Eve are days off, and gaps.
async fn every_thursday(story: &Story<'_>, pair: &Pair<'_>) -> Played {
    let series = json!({"match_id": pair.matched, "rule": "FREQ=WEEKLY;BYDAY=TH", "from_on": story.date(TODAY + 1), "at_min": 1020,
        "until_on": story.date(TODAY + 57), "length_min": 90, "place_code": "library"});
    let planned = pair.staff.post("/v1/series", &series).await?;
    equal("the Thursdays that are days off", planned["gaps"].as_array().map(Vec::len), Some(2))
}

/// A talk that ends with a step the coordinator promises to take by the end of a day.
async fn agreed(story: &Story<'_>, eva: &Caller, case: &str, person: &str, (words, day): (&str, i64)) -> Played {
    let note = json!({"kind": "call", "outcome": "held", "happened_at": story.now(), "person_ids": [person], "facts": "A talk on the phone.",
        "next_step": {"words": words, "on": story.date(day)}});
    eva.post("/v1/contact-notes", &json!({"case_id": case, "note": note})).await.map(drop)
}

/// Monday and Tuesday: a founded concern that should have been referred by now, an alert, a step for Friday, a partner's concern; and
/// the coordinator's telephone.
async fn monday(story: &Story<'_>, cast: &Cast, october: &October) -> Played<String> {
    story.pass(49, 9, 0).await?;
    let young = Subject { given: "Emil", kind: "young_person", born_on: "2011-08-02" };
    let (case, [emil]) = founded(story, cast, "Munk", [young], "hours_24").await?;
    let concern = json!({"urgency": "normal", "concern": {"observed": "A pupil of ours has changed since the summer."},
        "subjects": [{"given_name": "Sofus", "age": 14}]});
    cast.pia.post("/v1/enquiries", &concern).await?;
    agreed(story, &cast.eva, &october.ali_case, &october.ali, ("Ask the football club for a trial lesson.", TODAY + 2)).await?;
    let phone = Caller::new(story.stage.api()?, "eva", "Eva's telephone", "phone");
    phone.sign_in().await?;
    let target = json!({"push_target": {"provider": "fcm", "token": "evas-telephone"}});
    let device = format!("/v1/me/devices/{}", phone.device());
    phone.overwrite(&device, &target).await?;

    story.pass(50, 15, 0).await?;
    let raise = json!({"person_id": emil, "kind": "feared_departure", "grounds": "Speaks of leaving.", "happened_at": story.now()});
    cast.eva.post(&format!("/v1/cases/{case}/alerts"), &raise).await?;
    Ok(case)
}

/// The week is what it is said to be.
async fn as_promised(cast: &Cast, ida: &Pair<'_>, emil: &str) -> Played {
    let own = cast.eva.list("/v1/duties?owner=me&opened=true").await?;
    let kinds = |late: bool| -> Vec<&str> {
        let mut kinds: Vec<&str> = own.iter().filter(|duty| duty["is_late"] == late).filter_map(|duty| duty["kind"].as_str()).collect();
        kinds.sort_unstable();
        kinds
    };
    equal("the coordinator's late promises", kinds(true), ["agreed_step", "referral"])?;
    equal("her promises still in time", kinds(false), ["agreed_step", "alert", "answer", "tell_by_hand", "turns_18"])?;
    equal("Emil's referral", &cast.eva.get(&format!("/v1/cases/{emil}")).await?["referral"]["late"], true)?;
    let today = cast.malte.get("/v1/today").await?;
    let unlogged = today["sessions"].as_array().into_iter().flatten().filter(|session| session["needs_log"] == true).count();
    equal("what Malte's phone shows without a log", unlogged, 1)?;
    let planned = cast.malte.list("/v1/sessions?state=planned").await?;
    equal("Malte's planned sessions, with the one an hour ago", planned.len(), 3)?;
    equal("the one without a log is Ida's", &planned[0]["match_id"], &json!(ida.matched))?;
    equal("Malte's matches", cast.malte.list("/v1/matches").await?.len(), 3)?;
    equal("Karl's matches", cast.karl.list("/v1/matches").await?.len(), 1)?;
    let waiting = cast.pia.list("/v1/enquiries").await?;
    equal("what Pia waits for", waiting.iter().map(|one| &one["receipts"][0]["state"]).collect::<Vec<&Value>>(), [&json!("due")])
}
