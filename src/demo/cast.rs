//! Who works in the municipality of the demo: an account for every role, made by the coordinator over the API.

use std::rc::Rc;

use serde_json::{Value, json};

use super::client::{Api, Caller, PASSWORD};
use super::expect::Played;

/// The first coordinator: account and name.
pub const FIRST: (&str, &str) = ("eva", "Eva Holm");

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
}

impl Cast {
    /// Makes the accounts and signs everybody in.
    pub async fn enter(api: &Api) -> Played<Self> {
        let eva = Rc::new(Caller::new(api, FIRST.0, "Eva (coordinator)", "desk"));
        eva.sign_in().await?;
        let social_services = eva.make("/v1/agencies", &json!({"name": "Socialforvaltningen", "kind": "social_services"})).await?;
        let police = eva.make("/v1/agencies", &json!({"name": "Politiets forebyggende afsnit", "kind": "police"})).await?;
        let cast = Self {
            malte: Caller::new(api, "malte", "Malte (Bo's mentor)", "phone"),
            nora: Caller::new(api, "nora", "Nora (Gry's mentor)", "phone"),
            karl: Caller::new(api, "karl", "Karl (Finn's coach)", "phone"),
            sune: Caller::new(api, "sune", "Sune (supervisor)", "desk"),
            pia: Caller::new(api, "pia", "Pia (partner, social services)", "desk"),
            poul: Caller::new(api, "poul", "Poul (partner, police)", "desk"),
            lea: Caller::new(api, "lea", "Lea (manager)", "desk"),
            dagny: Caller::new(api, "dagny", "Dagny (data protection officer)", "desk"),
            eva,
            social_services,
            police,
        };
        let partner = |agency: &String| json!(agency);
        for (who, display_name, role, agency) in [
            (&cast.malte, "Malte Lund", "mentor", Value::Null),
            (&cast.nora, "Nora Dam", "mentor", Value::Null),
            (&cast.karl, "Karl Bech", "parent_coach", Value::Null),
            (&cast.sune, "Sune Krogh", "supervisor", Value::Null),
            (&cast.pia, "Pia Toft", "partner", partner(&cast.social_services)),
            (&cast.poul, "Poul Berg", "partner", partner(&cast.police)),
            (&cast.lea, "Lea Friis", "manager", Value::Null),
            (&cast.dagny, "Dagny Holst", "data_protection_officer", Value::Null),
        ] {
            let account = json!({"name": who.name, "display_name": display_name, "roles": [role], "agency_id": agency,
                "language": "en", "password": PASSWORD});
            cast.eva.post("/v1/accounts", &account).await?;
            who.sign_in().await?;
        }
        Ok(cast)
    }
}
