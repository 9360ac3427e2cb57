//! The closed lists of ranking.

use crate::coded;

coded! {
    /// Why somebody cannot run a match: the hard limits of domain section 8.
    pub enum Exclusion {
        /// Not a mentor, or not a coach; or their account is none of one any more.
        Kind = "kind" : "Har ikke den rolle" / "Does not have the role",
        /// No language in common.
        Language = "language" : "Intet fælles sprog" / "No language in common",
        /// No child-protection certificate that is valid on the day, for somebody under 15.
        Certificate = "certificate" : "Mangler gyldig børneattest" / "No valid child-protection certificate",
        /// Not trained for somebody of that age, where the settings ask for it.
        Qualification = "qualification" : "Ikke kvalificeret til aldersgruppen" / "Not qualified for the age group",
        /// Not of the gender that the person wishes, or of none that is known.
        Gender = "gender" : "Ikke det ønskede køn, eller ukendt" / "Not of the gender wished, or not known",
        /// No hour of the week in common, in one piece.
        Hours = "hours" : "Ingen fælles time" / "No hour in common",
        /// The hours of one of them are not known, though the other's are: to be asked for.
        HoursUnknown = "hours_unknown" : "Tiderne er ukendte" / "Hours not known",
        /// Farther than one of the two goes.
        Travel = "travel" : "For langt" / "Too far",
        /// One of the two has a limit, and it is not known how far it is.
        TravelUnknown = "travel_unknown" : "Afstanden er ukendt" / "Not known how far",
        /// Has as many matches as they may have.
        Capacity = "capacity" : "Har ikke plads til flere" / "Has no room for more",
        /// On leave on the day.
        Leave = "leave" : "Har orlov eller ferie" / "On leave",
        /// Has left, or has not begun.
        Left = "left" : "Er ikke ansat på dagen" / "Not employed on the day",
        /// Their account is closed: nobody could see the match.
        AccountClosed = "account_closed" : "Kontoen er lukket" / "The account is closed",
        /// The loan from another municipality does not cover the dates.
        Loan = "loan" : "Udlånet dækker ikke perioden" / "The loan does not cover the dates",
        /// Mentor and coach of one family are two people.
        OtherTrack = "other_track" : "Har et forløb med et andet medlem af familien" / "Runs the other track in this family",
        /// Siblings have different mentors, unless a coordinator asks for the same.
        Sibling = "sibling" : "Har et forløb med en søskende" / "Runs a match with a sibling",
        /// Supervises another match of the family: nobody meets one and reads what is written of another.
        Supervises = "supervises" : "Superviserer et match i familien" / "Supervises a match in the family",
        /// Barred from the person or the case: family, a neighbour, or they know them otherwise.
        Bar = "bar" : "Inhabil" / "Barred",
        /// An earlier match of the two ended because one of them wished it.
        EarlierMatch = "earlier_match" : "Et tidligere match endte dårligt" / "An earlier match ended badly",
        /// The person will not.
        VetoOfPerson = "veto_of_person" : "Borgeren siger nej" / "Vetoed by the person",
        /// The member of staff will not.
        VetoOfStaff = "veto_of_staff" : "Medarbejderen siger nej" / "Vetoed by the member of staff",
        /// One of them said no to a proposal before, and nobody asks for another.
        Declined = "declined" : "Har sagt nej før" / "Declined before",
        /// They said that they know somebody of the family, and nobody asks for them all the same.
        KnowsFamily = "knows_family" : "Kender familien" / "Knows the family",
        /// A proposal of the same pair is open or runs.
        Proposed = "proposed" : "Er allerede foreslået" / "Is proposed already",
        /// The person said no to them as a cover.
        SaidNo = "said_no" : "Borgeren har sagt nej til vikaren" / "The person said no to them as a cover",
        /// Something else keeps the two apart, which is not for the caller to see: somebody else proposes them, if anybody does.
        NotAvailable = "not_available" : "Kan ikke foreslås her" / "Not available here",
    }
}

coded! {
    /// What counts in the ranking.
    pub enum Part {
        /// Weekly hours in common.
        Hours = "hours" : "Fælles timer" / "Hours in common",
        /// Languages in common beyond the needed one.
        Languages = "languages" : "Flere fælles sprog" / "More languages in common",
        /// Values in common.
        Values = "values" : "Fælles værdier" / "Values in common",
        /// Dislikes in common.
        Dislikes = "dislikes" : "Fælles modvilje" / "Dislikes in common",
        /// Interests in common.
        Interests = "interests" : "Fælles interesser" / "Interests in common",
        /// How near they are.
        Distance = "distance" : "Afstand" / "Distance",
        /// How much room the member of staff has left; a newcomer first, and only once.
        Load = "load" : "Belastning" / "Load",
        /// An earlier match of the two that went well: its course was gone through, or a loan ended it.
        Continuity = "continuity" : "Kontinuitet" / "Continuity",
    }
}

coded! {
    /// What is not known, and would match better.
    pub enum Missing {
        /// The birth date.
        BirthDate = "birth_date" : "Fødselsdato" / "Birth date",
        /// Which languages they speak: so far it is that of their messages.
        Languages = "languages" : "Sprog" / "Languages",
        /// When they can meet.
        Hours = "hours" : "Tider" / "Hours",
        /// The district.
        District = "district" : "Bydel" / "District",
        /// Interests.
        Interests = "interests" : "Interesser" / "Interests",
        /// Dislikes.
        Dislikes = "dislikes" : "Modvilje" / "Dislikes",
        /// Values.
        Values = "values" : "Værdier" / "Values",
    }
}
