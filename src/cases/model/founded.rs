//! How a founded concern is qualified: what a case takes over from it.

use crate::base::clock::Instant;
use crate::base::ids::{CaseId, PersonId};
use crate::coded;

coded! {
    /// How many hours a referral may take.
    pub enum Severity {
        /// 24 hours.
        Hours24 = "hours_24" : "24 timer" / "24 hours",
        /// 48 hours.
        Hours48 = "hours_48" : "48 timer" / "48 hours",
        /// 72 hours.
        Hours72 = "hours_72" : "72 timer" / "72 hours",
    }
}
coded! {
    /// Who a case is about.
    pub enum CaseKind {
        /// A young person.
        YoungPerson = "young_person" : "Ung" / "Young person",
        /// An adult.
        Adult = "adult" : "Voksen" / "Adult",
        /// A family.
        Family = "family" : "Familie" / "Family",
    }
}
coded! {
    /// Why.
    pub enum TargetGroup {
        /// At risk.
        AtRisk = "at_risk" : "I risiko" / "At risk",
        /// Radicalised.
        Radicalised = "radicalised" : "Radikaliseret" / "Radicalised",
        /// Relative of one.
        RelativeOf = "relative_of" : "Pårørende" / "Relative of",
    }
}
coded! {
    /// Whether they were met.
    pub enum VisitOutcome {
        /// Met.
        Met = "met" : "Mødt" / "Met",
        /// Not met.
        NotMet = "not_met" : "Ikke mødt" / "Not met",
        /// Partly.
        PartlyMet = "partly_met" : "Delvist mødt" / "Partly met",
    }
}
coded! {
    /// On which law.
    pub enum LegalBasis {
        /// Consent.
        Consent = "consent" : "Samtykke" / "Consent",
        /// AJA 115.
        Aja115 = "aja_115" : "Retsplejeloven § 115" / "Administration of Justice Act 115",
        /// PA 28.
        Pa28 = "pa_28" : "Forvaltningsloven § 28" / "Public Administration Act 28",
        /// GDPR.
        Gdpr6910 = "gdpr_6_9_10" : "GDPR art. 6, 9, 10" / "GDPR art. 6, 9, 10",
        /// AJA 115a.
        Aja115a = "aja_115a" : "Retsplejeloven § 115 a" / "Administration of Justice Act 115a",
        /// SSA.
        Ssa12b = "ssa_12b" : "Serviceloven § 12 b" / "Social Services Act 12b",
        /// Child's Act.
        ChildsAct = "childs_act" : "Barnets lov" / "Child's Act",
        /// Employment.
        EmploymentAct = "employment_act" : "Beskæftigelsesindsatsloven" / "Active Employment Act",
    }
}

/// What a case takes over from the enquiry that founded it.
#[derive(Clone, Debug)]
pub struct Founded {
    /// When it was received (stated).
    pub received_at: Instant,
    /// When it was founded and its severity set (stated).
    pub decided_at: Instant,
    /// Who it is about.
    pub case_kind: CaseKind,
    /// Why them.
    pub target_group: TargetGroup,
    /// Names the hours of the referral.
    pub severity: Severity,
    /// Who is responsible by law.
    pub responsible_authority: String,
    /// Counts in the figure of referrals in time.
    pub needs_local_effort: bool,
    /// The persons its subjects were linked to.
    pub subjects: Vec<PersonId>,
    /// The open case it joins.
    pub joins: Option<CaseId>,
}
