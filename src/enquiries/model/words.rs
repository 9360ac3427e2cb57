//! The words of this room.

use crate::coded;

coded! {
    /// How far an enquiry is (domain section 4).
    pub enum State {
        /// Received.
        Received = "received" : "Modtaget" / "Received",
        /// Being qualified.
        Qualifying = "qualifying" : "Kvalificeres" / "Being qualified",
        /// Unfounded.
        Unfounded = "unfounded" : "Grundløs" / "Unfounded",
        /// Founded.
        Founded = "founded" : "Begrundet" / "Founded",
        /// Advice only.
        AdviceOnly = "advice_only" : "Kun rådgivning" / "Advice only",
        /// Other municipality.
        OtherMunicipality = "other_municipality" : "Anden kommune" / "Other municipality",
        /// Transferred to the police.
        TransferredPolice = "transferred_police" : "Overgået til politiet" / "Transferred to the police",
    }
}

coded! {
    /// How a concern came in.
    pub enum Channel {
        /// Telephone.
        Phone = "phone" : "Telefon" / "Telephone",
        /// E-mail.
        Email = "email" : "E-mail" / "E-mail",
        /// Letter.
        Letter = "letter" : "Brev" / "Letter",
        /// System.
        System = "system" : "System" / "System",
        /// Meeting.
        Meeting = "meeting" : "Møde" / "Meeting",
        /// Hotline.
        Hotline = "hotline" : "Hotline" / "Hotline",
    }
}

coded! {
    /// From which part of the city a concern comes, and who is asked.
    pub enum Source {
        /// Social services.
        SocialServices = "social_services" : "Socialforvaltning" / "Social services",
        /// School.
        School = "school" : "Skole" / "School",
        /// SSP.
        Ssp = "ssp" : "SSP" / "SSP",
        /// Police.
        Police = "police" : "Politi" / "Police",
        /// Probation.
        Probation = "probation" : "Kriminalforsorg" / "Probation",
        /// Psychiatry.
        Psychiatry = "psychiatry" : "Psykiatri" / "Psychiatry",
        /// Housing.
        Housing = "housing" : "Boligorganisation" / "Housing",
        /// Hotline.
        Hotline = "hotline" : "Hotline" / "Hotline",
        /// Citizen.
        Citizen = "citizen" : "Borger" / "Citizen",
        /// Relative.
        Relative = "relative" : "Pårørende" / "Relative",
        /// Self.
        SelfReferred = "self" : "Selv" / "Self",
        /// Other.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// Who a reporter is to the matter.
    pub enum ReporterKind {
        /// Professional.
        Professional = "professional" : "Fagperson" / "Professional",
        /// Citizen.
        Citizen = "citizen" : "Borger" / "Citizen",
        /// Relative.
        Relative = "relative" : "Pårørende" / "Relative",
        /// Self.
        SelfReferred = "self" : "Selv" / "Self",
        /// Anonymous.
        Anonymous = "anonymous" : "Anonym" / "Anonymous",
    }
}

coded! {
    /// How soon a concern must be looked at.
    pub enum Urgency {
        /// Low.
        Low = "low" : "Lav" / "Low",
        /// Normal.
        Normal = "normal" : "Almindelig" / "Normal",
        /// High.
        High = "high" : "Høj" / "High",
        /// Acute.
        Acute = "acute" : "Akut" / "Acute",
    }
}

coded! {
    /// How grave a founded concern is: within how many elapsed hours it is referred.
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
        /// Young person.
        YoungPerson = "young_person" : "Ung" / "Young person",
        /// Adult.
        Adult = "adult" : "Voksen" / "Adult",
        /// Family.
        Family = "family" : "Familie" / "Family",
    }
}

coded! {
    /// Why a concern is the programme's. Whether somebody is at risk is a person's judgement, never computed.
    pub enum TargetGroup {
        /// At risk.
        AtRisk = "at_risk" : "I risiko" / "At risk",
        /// Radicalised.
        Radicalised = "radicalised" : "Radikaliseret" / "Radicalised",
        /// Relative of.
        RelativeOf = "relative_of" : "Pårørende" / "Relative of",
    }
}

coded! {
    /// What the police said.
    pub enum ScreenResult {
        /// Clear.
        Clear = "clear" : "Intet at bemærke" / "Clear",
        /// Hold.
        Hold = "hold" : "Afvent" / "Hold",
        /// Go ahead.
        GoAhead = "go_ahead" : "Kan gå videre" / "Go ahead",
        /// Taken over.
        TakenOver = "taken_over" : "Overtaget af politiet" / "Taken over",
    }
}

coded! {
    /// Whether they were met.
    pub enum VisitOutcome {
        /// Met.
        Met = "met" : "Mødt" / "Met",
        /// Not met.
        NotMet = "not_met" : "Ikke mødt" / "Not met",
        /// Partly met.
        PartlyMet = "partly_met" : "Delvist mødt" / "Partly met",
    }
}

coded! {
    /// On which law something is exchanged or offered (domain section 7.4).
    pub enum LegalBasis {
        /// Consent.
        Consent = "consent" : "Samtykke" / "Consent",
        /// Administration of Justice Act 115.
        Aja115 = "aja_115" : "Retsplejeloven § 115" / "Administration of Justice Act 115",
        /// Public Administration Act 28.
        Pa28 = "pa_28" : "Forvaltningsloven § 28" / "Public Administration Act 28",
        /// GDPR art. 6, 9, 10.
        Gdpr6910 = "gdpr_6_9_10" : "GDPR art. 6, 9, 10" / "GDPR art. 6, 9, 10",
        /// Administration of Justice Act 115a.
        Aja115a = "aja_115a" : "Retsplejeloven § 115 a" / "Administration of Justice Act 115a",
        /// Social Services Act 12b.
        Ssa12b = "ssa_12b" : "Serviceloven § 12 b" / "Social Services Act 12b",
        /// Child's Act.
        ChildsAct = "childs_act" : "Barnets lov" / "Child's Act",
        /// Active Employment Act.
        EmploymentAct = "employment_act" : "Beskæftigelsesindsatsloven" / "Active Employment Act",
    }
}

coded! {
    /// What was decided.
    pub enum DecisionKind {
        /// Ask partners.
        AskPartners = "ask_partners" : "Spørg samarbejdspartnere" / "Ask partners",
        /// Home visit.
        HomeVisit = "home_visit" : "Hjemmebesøg" / "Home visit",
        /// Unfounded.
        Unfounded = "unfounded" : "Grundløs" / "Unfounded",
        /// Founded.
        Founded = "founded" : "Begrundet" / "Founded",
        /// Advice only.
        AdviceOnly = "advice_only" : "Kun rådgivning" / "Advice only",
        /// Other municipality.
        OtherMunicipality = "other_municipality" : "Anden kommune" / "Other municipality",
        /// Transfer to the police.
        TransferPolice = "transfer_police" : "Overgår til politiet" / "Transfer to the police",
        /// Refer.
        Refer = "refer" : "Visiter" / "Refer",
        /// Offer.
        Offer = "offer" : "Tilbud" / "Offer",
        /// Close.
        Close = "close" : "Luk" / "Close",
        /// Other.
        Other = "other" : "Andet" / "Other",
    }
}

coded! {
    /// How a reporter got the receipt.
    pub enum ReceiptWay {
        /// Telephone.
        Phone = "phone" : "Telefon" / "Telephone",
        /// E-mail.
        Email = "email" : "E-mail" / "E-mail",
        /// Letter.
        Letter = "letter" : "Brev" / "Letter",
        /// In person.
        InPerson = "in_person" : "Personligt" / "In person",
        /// System.
        System = "system" : "System" / "System",
    }
}

coded! {
    /// Where a reporter's receipt stands.
    pub enum ReceiptState {
        /// No receipt owed.
        NotOwed = "not_owed" : "Ingen kvittering" / "No receipt owed",
        /// Due.
        Due = "due" : "Mangler" / "Due",
        /// Given.
        Given = "given" : "Givet" / "Given",
    }
}

coded! {
    /// Why a reporter's identity is opened; the journal keeps it.
    pub enum OpenReason {
        /// To give the receipt.
        GiveReceipt = "give_receipt" : "Kvittering" / "To give the receipt",
        /// To give feedback.
        GiveFeedback = "give_feedback" : "Tilbagemelding" / "To give feedback",
        /// To clarify the enquiry.
        Clarify = "clarify" : "Afklaring af henvendelsen" / "To clarify the enquiry",
        /// Somebody's safety.
        Safety = "safety" : "Nogens sikkerhed" / "Somebody's safety",
        /// Asked for by law.
        Authority = "authority" : "Myndighedskrav" / "Asked for by law",
    }
}

coded! {
    /// Why a known person may be the subject.
    pub enum Likeness {
        /// Same registration number.
        RegistrationNumber = "registration_number" : "Samme CPR-nummer" / "Same registration number",
        /// Same name and birth date.
        NameAndBirthDate = "name_and_birth_date" : "Samme navn og fødselsdato" / "Same name and birth date",
    }
}
