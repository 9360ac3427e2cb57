//! Roles, relations and who is acting.

use crate::base::ids::{AccountId, AgencyId, DeviceId};
use crate::coded;

coded! {
    /// What an account may hold; rights add up, bars win (domain section 6).
    pub enum Role {
        /// The coordination unit's secretariat.
        Coordinator = "coordinator" : "Koordinator" / "Coordinator",
        /// Meets a young person.
        Mentor = "mentor" : "Mentor" / "Mentor",
        /// Meets a parent or other relative (forældrecoach).
        ParentCoach = "parent_coach" : "Forældrecoach" / "Parent coach",
        /// Mentor consultant.
        Supervisor = "supervisor" : "Mentorkonsulent" / "Supervisor",
        /// Works at a partner agency.
        Partner = "partner" : "Samarbejdspartner" / "Partner",
        /// Reads aggregates, never persons.
        Manager = "manager" : "Leder" / "Manager",
        /// Reads the journal, consents and bars, and makes a person's own extract of the journal; not case text.
        DataProtectionOfficer = "data_protection_officer" : "Databeskyttelsesrådgiver" / "Data protection officer",
    }
}

coded! {
    /// A dated fact between an account and a subject.
    pub enum RelationKind {
        /// Runs the match (and so meets its person).
        Runs = "runs" : "Har matchet" / "Runs the match",
        /// Covers for whoever runs it.
        Covers = "covers" : "Vikarierer" / "Covers",
        /// Supervises the match.
        Supervises = "supervises" : "Superviserer" / "Supervises",
        /// Runs a later match of the same course and may read this one's logs, which were released.
        Reads = "reads" : "Må læse" / "May read",
        /// Must never see the subject: beats every role and relation.
        Bar = "bar" : "Inhabil" / "Barred",
    }
}

coded! {
    /// Why personal data is looked up; every entry of the journal has one.
    pub enum Purpose {
        /// Intake and qualification of a concern.
        Intake = "intake" : "Modtagelse og kvalificering" / "Intake and qualification",
        /// The case's coordination.
        Coordination = "coordination" : "Koordinering af sagen" / "Coordination of the case",
        /// The course itself: meeting, planning, logging.
        Course = "course" : "Gennemførelse af forløb" / "Carrying out the course",
        /// Supervision of mentors and coaches.
        Supervision = "supervision" : "Supervision" / "Supervision",
        /// Running the house: staff, accounts, agencies.
        Administration = "administration" : "Administration" / "Administration",
        /// Figures.
        Reporting = "reporting" : "Opgørelser" / "Reporting",
        /// Control of the journal, consents and extracts.
        Oversight = "oversight" : "Tilsyn" / "Oversight",
        /// Keeping a dated promise or sending a reminder without a person at hand.
        Automation = "automation" : "Automatisk påmindelse" / "Automatic reminder",
        /// The caller's own account.
        Own = "own" : "Egen konto" / "Own account",
        /// The person, or whoever gets their reminders, looks at or answers an own appointment by its link.
        Appointment = "appointment" : "Borgerens egen aftale" / "The person's own appointment",
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// Somebody signed in.
    Account,
    /// The tick.
    System,
    /// Whoever holds the machine: the command line.
    Operator,
    /// Nobody known: sign-in, meta, whoever holds the link of a reminder.
    Public,
}

/// Who acts, as the credential says at this moment: no function that returns personal data is callable without one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The account, where it is one.
    pub account: Option<AccountId>,
    /// The sign-in, where it is one.
    pub device: Option<DeviceId>,
    /// Roles held now.
    pub roles: Vec<Role>,
    /// The agency of a partner's account.
    pub agency: Option<AgencyId>,
}

impl Actor {
    /// The tick.
    pub const fn system() -> Self {
        Self { kind: ActorKind::System, account: None, device: None, roles: Vec::new(), agency: None }
    }

    /// The command line.
    pub const fn operator() -> Self {
        Self { kind: ActorKind::Operator, account: None, device: None, roles: Vec::new(), agency: None }
    }

    /// Whoever holds an account's proof that is no sign-in (the secret of its feed).
    pub const fn of_proof(account: AccountId, roles: Vec<Role>) -> Self {
        Self { kind: ActorKind::Account, account: Some(account), device: None, roles, agency: None }
    }

    /// Nobody known.
    pub const fn public() -> Self {
        Self { kind: ActorKind::Public, account: None, device: None, roles: Vec::new(), agency: None }
    }

    /// Whether the account holds the role now.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// How the journal names the kind of actor.
    pub const fn word(&self) -> &'static str {
        match self.kind {
            ActorKind::Account => "account",
            ActorKind::System => "system",
            ActorKind::Operator => "operator",
            ActorKind::Public => "public",
        }
    }
}
