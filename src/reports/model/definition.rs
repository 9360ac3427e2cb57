//! The definitions, each with a version: whoever changes what a figure counts gives it the next one.

use super::Dimension;
use crate::base::error::{Words, words};
use crate::coded;

coded! {
    /// The figures of the yearly report (domain section 5).
    pub enum Definition {
        /// Concerns handed in.
        Enquiries = "enquiries" : "Bekymringshenvendelser" / "Enquiries",
        /// Those of them that were founded.
        Founded = "founded" : "Begrundede henvendelser" / "Founded enquiries",
        /// Founded cases started (igangsatte sagsforløb).
        CasesStarted = "cases_started" : "Igangsatte sagsforløb" / "Cases started",
        /// Referred inside the limit of their severity.
        ReferredInTime = "referred_in_time" : "Visiteret inden for fristen" / "Referred in time",
        /// How long from receiving to referring.
        ReceivedToReferred = "received_to_referred" : "Fra modtagelse til visitation" / "From received to referred",
        /// How long from founding to referring.
        FoundedToReferred = "founded_to_referred" : "Fra begrundet til visitation" / "From founded to referred",
        /// Cases open at the year's end.
        CasesOpen = "cases_open" : "Åbne sager ved årets udgang" / "Cases open at the end",
        /// Offers made, first ones and re-offers.
        OffersMade = "offers_made" : "Tilbud givet" / "Offers made",
        /// First offers accepted.
        Accepted = "accepted" : "Accepterede tilbud" / "Offers accepted",
        /// First offers declined.
        Declined = "declined" : "Afslåede tilbud" / "Offers declined",
        /// First offers still open.
        FirstOffersOpen = "first_offers_open" : "Ubesvarede førstegangstilbud" / "First offers open",
        /// Offered again 3 months after a decline.
        Reoffered3m = "reoffered_3m" : "Gentilbud efter 3 måneder" / "Offered again at 3 months",
        /// Offered again 6 months after a decline.
        Reoffered6m = "reoffered_6m" : "Gentilbud efter 6 måneder" / "Offered again at 6 months",
        /// Courses that got a match.
        Matched = "matched" : "Forløb med match" / "Courses matched",
        /// Courses whose first proposal became a match.
        FirstProposalTaken = "first_proposal_taken" : "Første forslag blev til match" / "First proposal taken",
        /// Proposals that somebody declined.
        ProposalsDeclined = "proposals_declined" : "Afslåede forslag" / "Proposals declined",
        /// Members of staff with room for one more.
        StaffWithRoom = "staff_with_room" : "Medarbejdere med plads" / "Staff with room",
        /// Courses that run at the year's end.
        CoursesActive = "courses_active" : "Aktive forløb" / "Courses active",
        /// Courses gone through.
        GoneThrough = "gone_through" : "Gennemførte forløb" / "Courses gone through",
        /// Courses broken off.
        Discontinued = "discontinued" : "Afbrudte forløb" / "Courses discontinued",
        /// Sessions held.
        SessionsHeld = "sessions_held" : "Afholdte møder" / "Sessions held",
        /// Sessions cancelled.
        SessionsCancelled = "sessions_cancelled" : "Aflyste møder" / "Sessions cancelled",
        /// Sessions missed.
        SessionsMissed = "sessions_missed" : "Udeblivelser" / "Sessions missed",
        /// Minutes of the sessions held.
        SessionMinutes = "session_minutes" : "Mødeminutter" / "Session minutes",
        /// Assessed not at risk 6 months after a mentor course.
        NotAtRisk6m = "not_at_risk_6m" : "Ikke i risiko efter 6 måneder" / "Not at risk at 6 months",
        /// In education or employment within 12 months after a mentor course.
        Occupied12m = "occupied_12m" : "I uddannelse eller job inden for 12 måneder" / "In education or employment within 12 months",
    }
}

/// Figures that are counted from the same things. To a manager they are shown or hidden together: what one hides the others would tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Enquiries received in the year.
    Enquiries,
    /// Cases founded in the year.
    CasesStarted,
    /// Cases open at its end.
    CasesOpen,
    /// Offers made in the year.
    OffersMade,
    /// First offers answered in the year.
    FirstAnswers,
    /// First offers open at its end.
    FirstOpen,
    /// 3-month re-offers due in the year.
    Reoffers3m,
    /// 6-month re-offers due in the year.
    Reoffers6m,
    /// Courses accepted in the year.
    CoursesAccepted,
    /// Proposals answered in the year.
    ProposalsAnswered,
    /// The staff at its end.
    Staff,
    /// Courses active at its end.
    CoursesActive,
    /// Courses ended in the year.
    CoursesEnded,
    /// Sessions of the year.
    Sessions,
    /// 6-month follow-ups due in the year.
    Followups6m,
    /// 12-month follow-ups due in the year.
    Followups12m,
}

impl Family {
    /// All of them, in the report's order.
    pub const ALL: [Self; 16] = [
        Self::Enquiries,
        Self::CasesStarted,
        Self::CasesOpen,
        Self::OffersMade,
        Self::FirstAnswers,
        Self::FirstOpen,
        Self::Reoffers3m,
        Self::Reoffers6m,
        Self::CoursesAccepted,
        Self::ProposalsAnswered,
        Self::Staff,
        Self::CoursesActive,
        Self::CoursesEnded,
        Self::Sessions,
        Self::Followups6m,
        Self::Followups12m,
    ];

    /// Its figures.
    pub const fn definitions(self) -> &'static [Definition] {
        use Definition as D;
        match self {
            Self::Enquiries => &[D::Enquiries, D::Founded],
            Self::CasesStarted => &[D::CasesStarted, D::ReferredInTime, D::ReceivedToReferred, D::FoundedToReferred],
            Self::CasesOpen => &[D::CasesOpen],
            Self::OffersMade => &[D::OffersMade],
            Self::FirstAnswers => &[D::Accepted, D::Declined],
            Self::FirstOpen => &[D::FirstOffersOpen],
            Self::Reoffers3m => &[D::Reoffered3m],
            Self::Reoffers6m => &[D::Reoffered6m],
            Self::CoursesAccepted => &[D::Matched, D::FirstProposalTaken],
            Self::ProposalsAnswered => &[D::ProposalsDeclined],
            Self::Staff => &[D::StaffWithRoom],
            Self::CoursesActive => &[D::CoursesActive],
            Self::CoursesEnded => &[D::GoneThrough, D::Discontinued],
            Self::Sessions => &[D::SessionsHeld, D::SessionsCancelled, D::SessionsMissed, D::SessionMinutes],
            Self::Followups6m => &[D::NotAtRisk6m],
            Self::Followups12m => &[D::Occupied12m],
        }
    }
}

impl Definition {
    /// From which things it is counted.
    pub const fn family(self) -> Family {
        match self {
            Self::Enquiries | Self::Founded => Family::Enquiries,
            Self::CasesStarted | Self::ReferredInTime | Self::ReceivedToReferred | Self::FoundedToReferred => Family::CasesStarted,
            Self::CasesOpen => Family::CasesOpen,
            Self::OffersMade => Family::OffersMade,
            Self::Accepted | Self::Declined => Family::FirstAnswers,
            Self::FirstOffersOpen => Family::FirstOpen,
            Self::Reoffered3m => Family::Reoffers3m,
            Self::Reoffered6m => Family::Reoffers6m,
            Self::Matched | Self::FirstProposalTaken => Family::CoursesAccepted,
            Self::ProposalsDeclined => Family::ProposalsAnswered,
            Self::StaffWithRoom => Family::Staff,
            Self::CoursesActive => Family::CoursesActive,
            Self::GoneThrough | Self::Discontinued => Family::CoursesEnded,
            Self::SessionsHeld | Self::SessionsCancelled | Self::SessionsMissed | Self::SessionMinutes => Family::Sessions,
            Self::NotAtRisk6m => Family::Followups6m,
            Self::Occupied12m => Family::Followups12m,
        }
    }

    /// Which version of the definition this program counts by.
    pub const fn version(self) -> u32 {
        match self {
            Self::Enquiries
            | Self::CasesStarted
            | Self::ReferredInTime
            | Self::ReceivedToReferred
            | Self::FoundedToReferred
            | Self::CasesOpen
            | Self::OffersMade
            | Self::Accepted
            | Self::Declined
            | Self::FirstOffersOpen
            | Self::Reoffered3m
            | Self::Reoffered6m
            | Self::Matched
            | Self::FirstProposalTaken
            | Self::ProposalsDeclined
            | Self::StaffWithRoom
            | Self::CoursesActive
            | Self::GoneThrough
            | Self::Discontinued
            | Self::SessionsHeld
            | Self::SessionsCancelled
            | Self::SessionsMissed
            | Self::SessionMinutes
            | Self::NotAtRisk6m
            | Self::Occupied12m => 1,
            Self::Founded => 2,
        }
    }

    /// Whether it is a part of a denominator; else it is a plain count.
    pub const fn is_share(self) -> bool {
        !matches!(
            self,
            Self::Enquiries | Self::CasesStarted | Self::CasesOpen | Self::OffersMade | Self::FirstOffersOpen | Self::CoursesActive
        )
    }

    /// What part of the denominator is aimed at, in per cent (domain section 4, targets of the seed).
    pub const fn target_percent(self) -> Option<u32> {
        match self {
            Self::Accepted => Some(60),
            Self::NotAtRisk6m | Self::Occupied12m => Some(70),
            Self::ReferredInTime | Self::Reoffered3m | Self::Reoffered6m => Some(100),
            _ => None,
        }
    }

    /// By what it is split for a coordinator.
    pub const fn splits(self) -> &'static [Dimension] {
        use Dimension as By;
        match self {
            Self::Enquiries | Self::Founded => &[By::Source, By::Quarter],
            Self::CasesStarted => &[By::Quarter],
            Self::CasesOpen | Self::ReferredInTime => &[By::Severity],
            Self::ReceivedToReferred | Self::FoundedToReferred => &[By::Elapsed],
            Self::Declined => &[By::Track, By::AgeGroup, By::DeclineReason],
            Self::Matched => &[By::Track, By::AgeGroup, By::Waited],
            Self::ProposalsDeclined => &[By::Track, By::Side, By::ProposalReason],
            Self::StaffWithRoom => &[By::Load],
            Self::GoneThrough => &[By::Track, By::AgeGroup, By::End],
            Self::SessionsCancelled => &[By::Track, By::AgeGroup, By::Side],
            Self::OffersMade
            | Self::Accepted
            | Self::FirstOffersOpen
            | Self::Reoffered3m
            | Self::Reoffered6m
            | Self::FirstProposalTaken
            | Self::CoursesActive
            | Self::Discontinued
            | Self::SessionsHeld
            | Self::SessionsMissed
            | Self::SessionMinutes => &[By::Track, By::AgeGroup],
            Self::NotAtRisk6m | Self::Occupied12m => &[By::AgeGroup],
        }
    }

    /// What exactly is counted.
    pub const fn text(self) -> Words {
        match self {
            Self::Enquiries => words("Henvendelser modtaget i året.", "Enquiries received in the year."),
            Self::Founded => words(
                "Henvendelser modtaget i året, der er begrundede, også når politiet siden overtog dem; endnu ikke afgjorte er ukendte og bliver i \
                 nævneren.",
                "Enquiries received in the year that are founded, also where the police took them over since; those not decided yet are unknown and \
                 stay in the denominator.",
            ),
            Self::CasesStarted => words(
                "Sager begrundet i året; en henvendelse, der føjes til en åben sag, er ikke en ny sag.",
                "Cases founded in the year; an enquiry that joins an open case is no new one.",
            ),
            Self::ReferredInTime => words(
                "Sager begrundet i året med behov for lokal indsats, visiteret inden for 24, 48 eller 72 timer efter hastegrad; \
                 lukket uden visitation før fristen tæller ikke med.",
                "Cases founded in the year that need local effort, referred within 24, 48 or 72 hours by severity; those closed without \
                 a referral before the limit are left out.",
            ),
            Self::ReceivedToReferred => words(
                "De samme sager, forløbne timer fra modtagelse til visitation; ikke visiterede er ukendte.",
                "The same cases, elapsed hours from receiving to referring; those not referred are unknown.",
            ),
            Self::FoundedToReferred => words(
                "De samme sager, forløbne timer fra begrundet til visitation; ikke visiterede er ukendte.",
                "The same cases, elapsed hours from founding to referring; those not referred are unknown.",
            ),
            Self::CasesOpen => words(
                "Sager begrundet før årets udgang og ikke lukket ved den (i dag, hvis året ikke er gået).",
                "Cases founded before the year's end and not closed by it (today, while the year lasts).",
            ),
            Self::OffersMade => words(
                "Tilbud givet i året, også gentilbud; trukket tilbage af enheden tæller ikke.",
                "Offers made in the year, re-offers too; those withdrawn by the unit do not count.",
            ),
            Self::Accepted => words(
                "Førstegangstilbud besvaret i året med ja, af alle besvarede; intet svar er et afslag.",
                "First offers answered with yes in the year, of all answered; no answer is a decline.",
            ),
            Self::Declined => words(
                "Førstegangstilbud besvaret i året med nej eller slet ikke, af alle besvarede.",
                "First offers answered with no, or not at all, in the year, of all answered.",
            ),
            Self::FirstOffersOpen => words(
                "Førstegangstilbud givet før årets udgang og ubesvarede ved den (i dag, hvis året ikke er gået).",
                "First offers made before the year's end and not answered by it (today, while the year lasts).",
            ),
            Self::Reoffered3m => words(
                "Gentilbud, der skulle gives 3 måneder efter et afslag, med frist i året, givet til tiden; bortfaldet før fristen tæller \
                 ikke med; frister, der ikke er nået, er ukendte.",
                "Re-offers due in the year, 3 months after a decline, made in time; those ended before their due date are left out, those \
                 not due yet are unknown.",
            ),
            Self::Reoffered6m => words(
                "Gentilbud, der skulle gives 6 måneder efter et afslag, med frist i året, givet til tiden; bortfaldet før fristen tæller \
                 ikke med; frister, der ikke er nået, er ukendte.",
                "Re-offers due in the year, 6 months after a decline, made in time; those ended before their due date are left out, those \
                 not due yet are unknown.",
            ),
            Self::Matched => words(
                "Forløb accepteret i året, der fik et match, efter hvor længe det tog fra accepten; de, der venter, er ukendte; afsluttet \
                 uden match er et nej.",
                "Courses accepted in the year that got a match, by how long that took from the acceptance; those that wait are unknown, \
                 those that ended without one are a no.",
            ),
            Self::FirstProposalTaken => words(
                "De samme forløb, så vidt der er foreslået nogen: det første forslag blev til et match; et åbent forslag er ukendt.",
                "The same courses, as far as somebody was proposed: the first proposal became a match; an open one is unknown.",
            ),
            Self::ProposalsDeclined => words(
                "Forslag besvaret i året, hvor en af parterne sagde nej, af alle der blev afslået eller blev til et match.",
                "Proposals answered in the year to which one side said no, of all that were declined or became a match.",
            ),
            Self::StaffWithRoom => words(
                "Mentorer og forældrecoaches i tjeneste ved årets udgang (i dag, hvis året ikke er gået) med plads til et match mere, af alle.",
                "Mentors and coaches in service at the year's end (today, while the year lasts) with room for one more match, of all.",
            ),
            Self::CoursesActive => words(
                "Forløb med et afholdt møde før årets udgang og ikke afsluttet ved den, også på pause.",
                "Courses whose first session was held before the year's end and that had not ended by it, paused ones too.",
            ),
            Self::GoneThrough => words(
                "Forløb afsluttet i året som gennemført eller sat i bero og overdraget, af alle afsluttede.",
                "Courses that ended in the year as completed, or as suspended and handed over, of all that ended.",
            ),
            Self::Discontinued => {
                words("Forløb afbrudt i året, af alle afsluttede.", "Courses discontinued in the year, of all that ended.")
            }
            Self::SessionsHeld => words(
                "Møder med start i året, der blev afholdt, af alle; uden mødenotat er de ukendte.",
                "Sessions that began in the year and were held, of all; those without a log are unknown.",
            ),
            Self::SessionsCancelled => words(
                "Møder med start i året, der blev aflyst, af alle; et flyttet møde er ét møde.",
                "Sessions that should have begun in the year and were cancelled, of all; a moved one is one.",
            ),
            Self::SessionsMissed => words(
                "Møder med start i året, hvor den ene udeblev, af alle.",
                "Sessions that should have begun in the year and were missed, of all.",
            ),
            Self::SessionMinutes => words(
                "Minutter af årets afholdte møder; nævneren er møderne, uden minutter er de ukendte.",
                "Minutes of the year's sessions held; the denominator is the sessions, those without minutes are unknown.",
            ),
            Self::NotAtRisk6m => words(
                "Gennemførte mentorforløb, hvis 6-månedersdato ligger i året, vurderet ikke i risiko; ukendt og ikke gjort bliver i \
                 nævneren; et sent resultat tæller og er mærket; døde før datoen tæller ikke med.",
                "Mentor courses gone through whose 6-month date lies in the year, assessed not at risk; unknown and not done stay in the \
                 denominator; a late result counts and is marked; those who died before the date are left out.",
            ),
            Self::Occupied12m => words(
                "Gennemførte mentorforløb, hvis 12-månedersdato ligger i året, i uddannelse eller job på en noteret dag inden for de 12 \
                 måneder; ukendt bliver i nævneren; døde før datoen tæller ikke med.",
                "Mentor courses gone through whose 12-month date lies in the year, in education or employment on any recorded day within \
                 the 12 months; unknown stays in the denominator; those who died before the date are left out.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::db::Coded;

    #[test]
    fn every_definition_stands_in_its_family_once() {
        let listed: Vec<Definition> = Family::ALL.iter().flat_map(|family| family.definitions()).copied().collect();
        assert_eq!(listed.len(), Definition::ALL.len());
        for definition in Definition::ALL {
            assert!(definition.family().definitions().contains(definition), "{definition}");
        }
    }
}
