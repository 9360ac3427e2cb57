//! What can be wrong with one member of the input: every code of `errors[].code`, each once, but those of a room's own vocabularies.

use std::fmt;

use crate::base::db::coded::open_vocabulary;
use crate::base::error::{Code, Error, FieldError, Problem, Words, words};

/// What the contract calls the codes of `errors[].code`.
pub const MEMBER_CODE: &str = "MemberCode";

macro_rules! flaws {
    ($($(#[$doc:meta])* $name:ident $text:literal : $da:literal / $en:literal;)+) => {
        /// What can be wrong with one member of the input. Where a rule has more to say of one case than the words that stand here, it says that
        /// ([`FieldError::say`]).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flaw { $($(#[$doc])* #[doc = $en] $name,)+ }
        impl Flaw {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// The stable code in `errors[].code`.
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// What is wrong, without the value.
            pub const fn words(self) -> Words { match self { $(Self::$name => words($da, $en)),+ } }
        }
    };
}

flaws! {
    /// A member or parameter that the operation does not know: drop it and send again.
    UnknownMember "unknown_member": "Feltet kendes ikke" / "The member is not known";
    /// A member that must be there.
    Required "required": "Feltet mangler" / "The member is missing";
    /// Text where a number is expected, and so on.
    WrongType "wrong_type": "Værdien har en forkert type" / "The value has the wrong type";
    /// The right type, but not a value of it (an id, a moment, a date that does not exist).
    WrongValue "wrong_value": "Værdien kan ikke læses" / "The value cannot be read";
    /// The same member twice.
    DuplicateMember "duplicate_member": "Feltet står to gange" / "The member stands twice";
    /// Not one of the codes in `/v1/vocabularies`.
    UnknownCode "unknown_code": "Koden kendes ikke" / "The code is not known";
    /// A number below or above what is allowed.
    OutOfRange "out_of_range": "Tallet er for lille eller for stort" / "The number is too small or too large";
    /// Nothing that can be seen.
    Empty "empty": "Feltet er tomt" / "The member is empty";
    /// Longer than allowed.
    TooLong "too_long": "Teksten er for lang" / "The text is too long";
    /// More elements than allowed.
    TooMany "too_many": "Listen er for lang" / "The list is too long";
    /// Fewer elements than needed.
    TooFew "too_few": "Listen er for kort" / "The list is too short";
    /// A character that is not text.
    ControlCharacter "control_character": "Teksten indeholder ulovlige tegn" / "The text contains characters that are not allowed";
    /// Not a telephone number.
    NotAPhone "not_a_phone": "Det er ikke et telefonnummer" / "This is not a telephone number";
    /// Not an e-mail address.
    NotAnEmail "not_an_email": "Det er ikke en e-mailadresse" / "This is not an e-mail address";
    /// Not a calendar date between 1900 and 2199 written as YYYY-MM-DD.
    NotADate "not_a_date": "Det er ikke en dato" / "This is not a date";
    /// Made by another list, or altered.
    ForeignCursor "foreign_cursor": "Begynd listen forfra" / "Start the list from the beginning";

    // What the rules of the rooms say.
    AfterAcceptance "after_acceptance": "Visitationen var accepteret da" / "The referral was accepted by then";
    AfterClosing "after_closing": "Sagen var lukket da" / "The case was closed by then";
    AfterCourse "after_course": "Forløbet var slut da" / "The course was over by then";
    AfterDeath "after_death": "Tidspunktet ligger efter personens død" / "The time lies after the person's death";
    AfterDecision "after_decision": "Ligger efter beslutningen" / "Lies after the decision";
    AfterEnd "after_end": "Datoen ligger efter serien" / "The date lies after the series";
    AfterHeld "after_held": "Ligger efter opfølgningen" / "Lies after the follow-up";
    AfterMatch "after_match": "Matchet var slut" / "The match was over";
    AfterNext "after_next": "Det næste var begyndt da" / "What came next had begun by then";
    AfterNote "after_note": "Ligger efter kontakten" / "Lies after the contact";
    AfterNow "after_now": "Tidspunktet ligger i fremtiden" / "The moment lies in the future";
    AfterReceived "after_received": "Datoen ligger efter henvendelsen" / "The date lies after the enquiry";
    AfterToday "after_today": "Datoen ligger i fremtiden" / "The date lies in the future";
    Anonymous "anonymous": "En anonym henvender har intet navn og kan ikke nås" / "An anonymous reporter has no name and cannot be reached";
    BeforeAsked "before_asked": "Der spørges endnu ikke om tiden fra 18 år" / "The time from 18 on is not asked about yet";
    BeforeBirth "before_birth": "Barnet var ikke født da" / "The child was not born by then";
    BeforeCause "before_cause": "Tidspunktet ligger før det, det følger af" / "The moment lies before what it follows from";
    BeforeHeld "before_held": "Der er holdt et møde efter det tidspunkt" / "A session was held after that moment";
    BeforeItsStart "before_its_start": "Perioden slutter, før den begynder" / "The span ends before it begins";
    BeforeLast "before_last": "Forældremyndigheden er ændret siden" / "The custody was changed since";
    BeforeMatch "before_match": "Mødet ligger før matchets begyndelse" / "The session lies before the match began";
    BeforeNote "before_note": "Datoen ligger før kontakten" / "The date lies before the contact";
    BeforeNow "before_now": "Tidspunktet er passeret" / "The moment is over";
    BeforeOpen "before_open": "Det var endnu ikke tid" / "It was not yet to be done then";
    BeforePlan "before_plan": "Gennemgangen ligger før planen" / "The review lies before the plan";
    BeforeStart "before_start": "Det slutter, før det begynder" / "It ends before it begins";
    BeforeToday "before_today": "Datoen er passeret" / "The date is over";
    ByLogOnly "by_log_only": "Det følger af mødenotatet" / "It follows from the session's log";
    CannotAllHold "cannot_all_hold": "De kan ikke alle holdes" / "They cannot all be kept";
    CitizenIsNamed "citizen_is_named": "En borger er udpeget" / "A citizen is named";
    ConflictOfInterest "conflict_of_interest": "Sig nej: koordinatoren afgør det" / "Say no: the coordinator decides";
    Contradiction "contradiction": "Det modsiger grunden" / "It contradicts the reason";
    Died "died": "Personen er død" / "The person has died";
    Duplicate "duplicate": "Medarbejderen står to gange" / "They stand twice";
    Entangled "entangled": "Ønskerne er for indviklede" / "The wishes are too entangled to be proved best";
    FromAccount "from_account": "Det fremgår af kontoen" / "The account says this by itself";
    HasBegun "has_begun": "Mødet er begyndt" / "The session has begun";
    InLeave "in_leave": "Tiden ligger også i et fravær" / "That time lies in a leave, too";
    InTime "in_time": "Fristen var ikke overskredet" / "The limit was not missed";
    IsAnAnswer "is_an_answer": "Et nej til et forslag skrives ned som svar" / "A no to a proposal is recorded as an answer";
    LacksRole "lacks_role": "Kontoen har ikke den rolle" / "The account does not have the role";
    LinkedAlready "linked_already": "Personen er allerede udpeget" / "The person is a subject already";
    Loan "loan": "Udlånet dækker det ikke" / "The loan does not cover that";
    NamedTwice "named_twice": "Matchet står der to gange" / "The match is named twice";
    NoAddress "no_address": "Den ønskede kanal har ingen adresse eller er ikke for borgere" / "The wished channel has no address or is not for the people met";
    NoBirthDate "no_birth_date": "Fødselsdatoen mangler" / "The birth date is missing";
    NoConclusion "no_conclusion": "Det er ingen afslutning" / "This is no conclusion";
    NoConsent "no_consent": "Personen har ikke samtykket til at blive kontaktet" / "The person has not consented to being contacted";
    NoCustody "no_custody": "Modtageren skal have forældremyndighed" / "The recipient must hold custody";
    NoOpenCase "no_open_case": "Der er ingen sådan åben sag" / "There is no such open case";
    NoPair "no_pair": "Der er intet par at foreslå" / "There is no pair left to propose";
    NotACode "not_a_code": "Skriv tekstens versionskode" / "Give the text's version code";
    NotACoordinator "not_a_coordinator": "Kontoen er ikke en koordinator, der kan få det" / "The account is not a coordinator who may have this";
    NotAGiver "not_a_giver": "Personen er hverken deltager eller forældremyndighedsindehaver" / "The person is neither the participant nor a custody holder";
    NotAHolder "not_a_holder": "Kun en forældremyndighedsindehaver, der ikke spørges" / "Only for a custody holder who is not asked";
    NotAPartner "not_a_partner": "Kun en samarbejdspartner hører til et sted" / "Only a partner belongs to an agency";
    NotARule "not_a_rule": "Det er ikke en regel efter RFC 5545" / "This is not a rule of RFC 5545";
    NotAfterNow "not_after_now": "Mødet skal ligge i fremtiden" / "The session must lie in the future";
    NotAfterStart "not_after_start": "Slutningen skal ligge efter begyndelsen" / "It must end after it begins";
    NotAmongThem "not_among_them": "Matchet er ikke med i mødet" / "The match is no part of it";
    NotAnEnd "not_an_end": "Sådan ender et forløb ikke" / "A course does not end like that";
    NotAnOwner "not_an_owner": "Kontoen kan ikke få noget at gøre i sagen" / "The account cannot be given anything to do in the case";
    NotAvailable "not_available": "Kan ikke foreslås her" / "Not available here";
    NotByHand "not_by_hand": "Den grund giver handlingen selv: afslut forløbet, overdrag matchet" / "That reason comes with its own operation: end the course, hand the match over";
    NotChanged "not_changed": "Tiden er den samme" / "The time is the same";
    NotDeclined "not_declined": "En grund hører til et nej" / "A reason belongs to a no";
    NotEligible "not_eligible": "Kontoen kan ikke få opgaven" / "The account cannot be given this";
    NotForKind "not_for_kind": "Hører til den anden opfølgning" / "Belongs to the other follow-up";
    NotForOutcome "not_for_outcome": "Hører ikke til dette udfald" / "It does not belong to this outcome";
    NotForPartners "not_for_partners": "Kun for koordinatorer" / "Only for coordinators";
    NotInCase "not_in_case": "Personen er ikke i sagen" / "The person is not in the case";
    NotInLeave "not_in_leave": "Mødet ligger ikke i fraværet" / "The session does not lie in the leave";
    NotInRun "not_in_run": "Forløbet er ikke med" / "The course is not in the run";
    NotOfMatch "not_of_match": "Et match har støttekontakt eller supervision" / "A match has support contacts or supervision";
    NotOne "not_one": "Angiv netop én: cover, move eller cancel" / "Give exactly one: cover, move or cancel";
    NotOwn "not_own": "Kun deltageren selv kan give det" / "Only the participant can give it";
    NotPlanned "not_planned": "Matchets del er begyndt eller ikke planlagt mere" / "The match's part has begun, or is not planned any more";
    NotPossible "not_possible": "Tidspunktet kan ikke passe" / "The moment cannot be right";
    NotReleased "not_released": "Notaterne er ikke frigivet til det match" / "The logs are not released to that match";
    NotSiblings "not_siblings": "Ikke samme familie og spor" / "Not of one family and track";
    NotTheEarliest "not_the_earliest": "Det er ikke det tidligste åbne gentilbud" / "It is not the earliest open re-offer";
    NotTheNext "not_the_next": "Det er ikke et senere match i forløbet" / "It is no later match of the course";
    NotTheSame "not_the_same": "En søskende har fået en anden i mellemtiden" / "A sibling has somebody else by now";
    NotWaiting "not_waiting": "Forløbet venter ikke på et match" / "The course does not wait for a match";
    NothingToLookFor "nothing_to_look_for": "Angiv nummer, fødselsdato eller navn" / "Give a number, a birth date or a name";
    OneOf "one_of": "Angiv netop ét af dem" / "Give exactly one of them";
    OneOfThree "one_of_three": "Angiv enten nummer, navn med fødselsdato, eller sag" / "Give a number, or a name with a birth date, or a case";
    OnlyWhenFounded "only_when_founded": "Sagens felter hører til en begrundet" / "The case's members belong to a founded one";
    OtherCase "other_case": "Matchet hører til en anden sag" / "The match belongs to another case";
    Overlaps "overlaps": "Tiden overlapper en anden" / "It overlaps another stretch";
    OwnOperation "own_operation": "Det har sin egen handling" / "This has an operation of its own";
    ProtectedAddress "protected_address": "Adressen er beskyttet: intet sted registreres" / "The address is protected: no place is recorded";
    Repeated "repeated": "Forløbet står der to gange" / "The course stands there twice";
    RunsIt "runs_it": "Medarbejderen har selv matchet" / "They run the match themselves";
    SameStaff "same_staff": "Det er den samme medarbejder" / "It is the same member of staff";
    StillInTime "still_in_time": "Fristen for svar er ikke udløbet" / "There is still time to answer";
    Taken "taken": "Det er optaget" / "It is taken already";
    TooEarly "too_early": "Det er for tidligt" / "It is too early";
    TooFar "too_far": "Så langt frem går det ikke" / "It is too far away";
    TooShort "too_short": "Det er for kort" / "It is too short";
    TooSimple "too_simple": "Adgangskoden er for nem at gætte" / "The password is too easy to guess";
    TooYoung "too_young": "Personen er for ung" / "The person is too young";
    Twice "twice": "Det står der to gange" / "It stands there twice";
    Unknown "unknown": "Findes ikke" / "It does not exist";
    UnknownAccount "unknown_account": "Kontoen findes ikke" / "There is no such account";
    UnknownCase "unknown_case": "Sagen findes ikke her" / "There is no such case here";
    UnknownCourse "unknown_course": "Forløbet findes ikke" / "There is no such course";
    UnknownDistrict "unknown_district": "Bydelen kendes ikke" / "The district is not known";
    UnknownLanguage "unknown_language": "Brug sprogets kode på to bogstaver (ISO 639-1), eller på tre (ISO 639-3), hvis det ingen har" / "Use the language's code of two letters (ISO 639-1), or of three (ISO 639-3) where it has none";
    UnknownMatch "unknown_match": "Matchet findes ikke" / "There is no such match";
    UnknownPerson "unknown_person": "Personen findes ikke her" / "There is no such person here";
    UnknownStaff "unknown_staff": "Medarbejderen findes ikke" / "There is no such member of staff";
    UnknownZone "unknown_zone": "Tidszonen kendes ikke" / "The time zone is not known";
    UnsupportedRule "unsupported_rule": "Kun ugentlig, hver anden uge eller månedlig på én ugedag (1. til 4. eller sidste)" / "Only weekly, every second week or monthly on one weekday (1st to 4th, or last)";
    Wrong "wrong": "Adgangskoden er forkert" / "The password is wrong";
    WrongCase "wrong_case": "Matchet hører til en anden sag" / "The match belongs to another case";
    WrongSide "wrong_side": "Det er ikke matchets sider" / "These are not the sides of the match";
    WrongTrack "wrong_track": "Forløbet er ikke for personens rolle i sagen" / "The course is not for the person's role in the case";
}

impl Flaw {
    /// As one wrong member.
    pub fn at(self, pointer: impl Into<String>) -> FieldError {
        FieldError { pointer: pointer.into(), code: self.text(), words: self.words() }
    }

    /// As a refusal with 422 and this one wrong member.
    pub fn refused(self, pointer: impl Into<String>) -> Error {
        Problem::new(Code::Invalid).wrong(self.at(pointer)).into()
    }
}

/// What the rooms' own vocabularies add to it is for whoever knows the rooms ([`MEMBER_CODE`]).
impl utoipa::PartialSchema for Flaw {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        open_vocabulary(&Self::ALL.iter().map(|flaw| (flaw.text(), flaw.words())).collect::<Vec<_>>())
    }
}
impl utoipa::ToSchema for Flaw {
    fn name() -> std::borrow::Cow<'static, str> {
        MEMBER_CODE.into()
    }
}

/// Carries the flaw through serde, whose errors are text.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
impl std::error::Error for Flaw {}
