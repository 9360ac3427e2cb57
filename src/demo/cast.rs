//! Who works in the municipality of the demo: an account for every role, made by the coordinator over the API.

use std::rc::Rc;

use serde_json::{Value, json};

use super::client::{Caller, PASSWORD};
use super::expect::Played;
use super::stage::Stage;
use super::story::Story;

/// Somebody whose account the demo makes itself.
pub struct First {
    /// What is typed at sign-in.
    pub name: &'static str,
    /// The name shown to colleagues.
    pub display_name: &'static str,
    /// Where the account's own mail goes.
    pub mail: &'static str,
}

/// The first coordinator, whom nobody could make over the API.
pub const FIRST: First = First { name: "eva", display_name: "Eva Holm", mail: "eva@example.org" };

/// Everybody with an account.
pub struct Cast {
    /// The coordinator of the case.
    pub eva: Rc<Caller>,
    /// B's mentor.
    pub malte: Caller,
    /// G's mentor.
    pub nora: Caller,
    /// F's coach.
    pub karl: Caller,
    /// The mentors' supervisor.
    pub sune: Caller,
    /// A partner: the social services.
    pub pia: Caller,
    /// A partner: the police's prevention section.
    pub poul: Caller,
    /// The manager.
    pub lea: Caller,
    /// The data protection officer.
    pub dagny: Caller,
    /// The social services' agency.
    pub social_services: String,
    /// The police's agency.
    pub police: String,
    /// Malte as a member of staff.
    pub staff_malte: String,
    /// Nora as a member of staff.
    pub staff_nora: String,
    /// Karl as a member of staff.
    pub staff_karl: String,
}

impl Cast {
    /// Makes the accounts, writes the staff down and signs everybody in.
    pub async fn enter(stage: &Stage, story: &Story<'_>) -> Played<Self> {
        let api = stage.api()?;
        let eva = Rc::new(Caller::new(api, FIRST.name, "Eva (coordinator)", "desk"));
        eva.sign_in().await?;
        story.watched_by(&eva);
        let social_services = eva.make("/v1/agencies", &json!({"name": "Socialforvaltningen", "kind": "social_services"})).await?;
        let police = eva.make("/v1/agencies", &json!({"name": "Politiets forebyggende afsnit", "kind": "police"})).await?;
        let malte = Caller::new(api, "malte", "Malte (mentor)", "phone");
        let nora = Caller::new(api, "nora", "Nora (mentor)", "phone");
        let karl = Caller::new(api, "karl", "Karl (coach)", "phone");
        let sune = Caller::new(api, "sune", "Sune (supervisor)", "desk");
        let pia = Caller::new(api, "pia", "Pia (partner, social services)", "desk");
        let poul = Caller::new(api, "poul", "Poul (partner, police)", "desk");
        let lea = Caller::new(api, "lea", "Lea (manager)", "desk");
        let dagny = Caller::new(api, "dagny", "Dagny (data protection officer)", "desk");
        for (who, display_name, role, agency) in [
            (&malte, "Malte Lund", "mentor", None),
            (&nora, "Nora Dam", "mentor", None),
            (&karl, "Karl Bech", "parent_coach", None),
            (&sune, "Sune Krogh", "supervisor", None),
            (&pia, "Pia Toft", "partner", Some(&social_services)),
            (&poul, "Poul Berg", "partner", Some(&police)),
            (&lea, "Lea Friis", "manager", None),
            (&dagny, "Dagny Holst", "data_protection_officer", None),
        ] {
            let account = json!({"name": who.name, "display_name": display_name, "roles": [role], "agency_id": agency,
                "language": "en", "password": PASSWORD});
            eva.post("/v1/accounts", &account).await?;
            who.sign_in().await?;
        }
        let certificate = json!([{"kind": "child_protection", "issued_on": "2024-06-03"}]);
        let staff_malte = employed(&eva, &malte, ("Malte Lund", "mentor"), &json!([])).await?;
        let staff_nora = employed(&eva, &nora, ("Nora Dam", "mentor"), &certificate).await?;
        let staff_karl = employed(&eva, &karl, ("Karl Bech", "parent_coach"), &json!([])).await?;
        Ok(Self { eva, malte, nora, karl, sune, pia, poul, lea, dagny, social_services, police, staff_malte, staff_nora, staff_karl })
    }
}

/// Writes a member of staff down, with room for three.
async fn employed(eva: &Caller, who: &Caller, (name, kind): (&str, &str), certificates: &Value) -> Played<String> {
    let member = json!({"name": name, "kinds": [kind], "languages": ["da", "en"], "municipality": "København", "capacity": 3,
        "from_on": "2023-08-01", "account_id": who.account(), "certificates": certificates});
    eva.make("/v1/staff", &member).await
}
