//! What is promised.

use serde::{Deserialize, Serialize};

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AnyId, CaseId, DutyId, EnquiryId, MatchId, PersonId};
use crate::coded;
use crate::journal::{Subject, SubjectKind};

coded! {
    /// The kinds of promises; the ledger of domain section 4.
    pub enum Kind {
        /// A named professional's enquiry gets a receipt.
        Receipt = "receipt" : "Kvittering til henvender" / "Receipt to the reporter",
        /// A founded case is referred (visiteret) inside its limit.
        Referral = "referral" : "Visitation" / "Referral",
        /// A decision made between meetings is ratified.
        Ratify = "ratify" : "Godkendelse på næste møde" / "Ratification by the meeting",
        /// An offer is answered.
        Answer = "answer" : "Svar på tilbud" / "Answer to the offer",
        /// Both sides answer a proposed match.
        Proposal = "proposal" : "Svar på foreslået match" / "Answers to a proposed match",
        /// The mentor or coach of a running match may not see it any more: it is handed over, or ended.
        UnseenMatch = "unseen_match" : "Match, som mentoren ikke længere må se" / "Match that its mentor may not see any more",
        /// The mentor of a running match has no valid child-protection certificate, or none after its due date, and the person is under 15.
        CertificateMissing = "certificate_missing" : "Børneattest mangler" / "Child-protection certificate missing",
        /// The first joint meeting of a pair, with whoever introduces them.
        FirstMeeting = "first_meeting" : "Første fælles møde" / "First joint meeting",
        /// The sessions of a match in a leave are covered, moved or cancelled before the first of them.
        UndecidedLeave = "undecided_leave" : "Fravær med aftaler, der ikke er besluttet" / "Leave with sessions that are not decided",
        /// Whoever waits is asked whether a match is still wanted.
        AskInterest = "ask_interest" : "Spørg, om der stadig ønskes et match" / "Ask whether a match is still wanted",
        /// Offered again 3 months after a decline.
        Reoffer3m = "reoffer_3m" : "Nyt tilbud efter 3 måneder" / "Re-offer after 3 months",
        /// Offered again 6 months after a decline.
        Reoffer6m = "reoffer_6m" : "Nyt tilbud efter 6 måneder" / "Re-offer after 6 months",
        /// The unit's own check on a match.
        SupportContact = "support_contact" : "Støttekontakt til match" / "Support contact",
        /// A planned session has no log.
        LogMissing = "log_missing" : "Mødenotat mangler" / "Log missing",
        /// Two missed in a row.
        MissedTwice = "missed_twice" : "Udeblevet to gange i træk" / "Missed twice in a row",
        /// A custody holder withdrew: end it, or record on what basis it goes on.
        Paused = "paused" : "Forløb sat på pause" / "Course paused",
        /// A contact note's next step.
        AgreedStep = "agreed_step" : "Aftalt næste skridt" / "Agreed step",
        /// The professionals around a family that declined are supported.
        SupportProfessionals = "support_professionals" : "Støtte til fagfolk" / "Support the professionals",
        /// A participant without a usable channel is told by hand.
        TellByHand = "tell_by_hand" : "Giv besked personligt" / "Tell in person",
        /// An alert is looked at.
        Alert = "alert" : "Alarm" / "Alert",
        /// A plan is reviewed.
        PlanReview = "plan_review" : "Gennemgang af plan" / "Plan review",
        /// A course counts as gone through, and no session of it was held by its logs: its end is put right.
        EndInDoubt = "end_in_doubt" : "Afslutning af forløb, der skal rettes" / "End of a course to be put right",
        /// The child turns 10: ask the child.
        Turns10 = "turns_10" : "Fylder 10 år" / "Turns 10",
        /// The child turns 15: the child's own number.
        Turns15 = "turns_15" : "Fylder 15 år" / "Turns 15",
        /// The child comes of age: own consent on the adult basis.
        Turns18 = "turns_18" : "Fylder 18 år" / "Turns 18",
        /// The result after 6 months.
        Followup6m = "followup_6m" : "Opfølgning efter 6 måneder" / "Follow-up after 6 months",
        /// The result after 12 months.
        Followup12m = "followup_12m" : "Opfølgning efter 12 måneder" / "Follow-up after 12 months",
    }
}

/// What the closing of its case does to a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It stays open.
    Survives,
    /// It ends undone, with [`CASE_CLOSED`] as the reason.
    Ends,
    /// The case cannot be closed before it is met.
    Blocks,
}

/// Why a promise ended that did not survive its case.
pub const CASE_CLOSED: &str = "case_closed";

/// Why a promise ended that was made by a mistake: what had promised it was put right.
pub const CORRECTED: &str = "corrected";

impl Kind {
    /// What the closing of its case does to it (the ledger's last column). The birthdays stay while a course is open, and a case
    /// with an open course does not close. Nor does one with an open offer: the answer is asked for again where a yes that had opened the
    /// case anew is taken back.
    pub const fn on_closing(self) -> Closing {
        match self {
            Self::Receipt
            | Self::Ratify
            | Self::Answer
            | Self::Reoffer3m
            | Self::Reoffer6m
            | Self::LogMissing
            | Self::UndecidedLeave
            | Self::AgreedStep
            | Self::SupportProfessionals
            | Self::EndInDoubt
            | Self::Followup6m
            | Self::Followup12m => Closing::Survives,
            Self::Paused | Self::Alert => Closing::Blocks,
            Self::Referral
            | Self::Proposal
            | Self::UnseenMatch
            | Self::CertificateMissing
            | Self::FirstMeeting
            | Self::AskInterest
            | Self::SupportContact
            | Self::MissedTwice
            | Self::TellByHand
            | Self::PlanReview
            | Self::Turns10
            | Self::Turns15
            | Self::Turns18 => Closing::Ends,
        }
    }
}

coded! {
    /// Where a promise stands.
    pub enum State {
        /// Still to be kept.
        Open = "open" : "Åben" / "Open",
        /// Kept.
        Done = "done" : "Udført" / "Done",
        /// No longer asked for.
        Ended = "ended" : "Bortfaldet" / "Ended",
    }
}

coded! {
    /// Why a limit was missed, when a promise is settled by hand.
    pub enum LateReason {
        /// Whom it is about could not be reached.
        NotReached = "not_reached" : "Kunne ikke nås" / "Could not be reached",
        /// Somebody else had to act first.
        WaitedForOthers = "waited_for_others" : "Ventede på andre" / "Waited for others",
        /// There was no time for it.
        NoTime = "no_time" : "Manglende tid" / "No time for it",
        /// It was not seen in time.
        Overlooked = "overlooked" : "Overset" / "Overlooked",
        /// Anything else.
        Other = "other" : "Andet" / "Other",
    }
}

/// Whom and what a promise is about, for lists, bars and visibility.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The enquiry.
    pub enquiry: Option<EnquiryId>,
    /// The case.
    pub case: Option<CaseId>,
    /// The person.
    pub person: Option<PersonId>,
    /// The match.
    pub matched: Option<MatchId>,
}

/// A promise to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Which kind.
    pub kind: Kind,
    /// What made it.
    pub subject: Subject,
    /// Which of the subject's promises of this kind it is: empty where there is one, else e.g. `2026-03` or `day_10`.
    pub slot: String,
    /// Whom it is about.
    pub about: About,
    /// Whose it is; `None`: the unit's.
    pub owner: Option<AccountId>,
    /// When its clock started (the fact's `happened_at`).
    pub from_at: Instant,
    /// From when it is on a list of what to do.
    pub opens_at: Instant,
    /// The last moment in time.
    pub due_at: Instant,
}

/// A promise as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Its id.
    pub id: DutyId,
    /// Which kind.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The noun that made it.
    pub subject_kind: SubjectKind,
    /// The id of what made it.
    pub subject_id: AnyId,
    /// Which of the subject's promises of this kind it is.
    pub slot: String,
    /// Whom it is about.
    pub about: About,
    /// Whose it is; `None`: the unit's.
    pub owner: Option<AccountId>,
    /// When its clock started.
    pub from_at: Instant,
    /// From when it is on a list of what to do.
    pub opens_at: Instant,
    /// The last moment in time.
    pub due_at: Instant,
    /// When it was met or ended (stated).
    pub closed_at: Option<Instant>,
    /// When that was recorded.
    pub closed_recorded_at: Option<Instant>,
    /// Why it ended, or why its limit was missed.
    pub reason: Option<String>,
    /// When the unit was told that it is late.
    pub late_told_at: Option<Instant>,
    /// When it was first written down, however often it was asked for anew since.
    pub recorded_at: Instant,
    /// Counts up with each change.
    pub version: i64,
}

/// What was recorded of a promise that was settled by hand by mistake; sealed under whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSettlement {
    /// When it was said to have been kept.
    pub settled_at: Instant,
    /// When that was recorded.
    pub recorded_at: Option<Instant>,
    /// By whom.
    pub recorded_by: Option<AccountId>,
    /// Why its limit was missed, as a code.
    pub late_reason: Option<String>,
}

impl Duty {
    /// The promise as it was made.
    pub fn promise(&self) -> Promise {
        Promise {
            kind: self.kind,
            subject: Subject { kind: self.subject_kind, id: self.subject_id },
            slot: self.slot.clone(),
            about: self.about,
            owner: self.owner,
            from_at: self.from_at,
            opens_at: self.opens_at,
            due_at: self.due_at,
        }
    }

    /// Whether it was still to be kept at a moment: it is open, or ended undone after that moment only.
    pub fn could_be_kept(&self, at: Instant) -> bool {
        match self.state {
            State::Open => true,
            State::Ended => self.closed_at.is_some_and(|ended_at| at < ended_at),
            State::Done => false,
        }
    }

    /// Whether it was, or is, met after its last moment: by the stated time when it is closed, by `now` while it is open.
    pub fn is_late(&self, now: Instant) -> bool {
        match self.state {
            State::Ended => false,
            State::Open | State::Done => self.closed_at.unwrap_or(now) > self.due_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::base::db::Coded;

    #[test]
    fn each_kind_stands_in_the_domains_ledger_with_what_a_closing_does_to_it() {
        let (_, ledger) = include_str!("../domain.md").split_once("**The ledger of duties**").unwrap();
        let rows = ledger.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
        let mut told = BTreeMap::new();
        for row in rows {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            let on_closing = match *cells.last().unwrap() {
                "yes" => Some(Closing::Survives),
                "blocks closing" => Some(Closing::Blocks),
                // A case with an open course does not close.
                "no" | "while a course is open" => Some(Closing::Ends),
                _ => None,
            };
            let named = cells[0].split(" (").next().unwrap();
            told.extend(named.split(", ").map(|kind| (kind.to_owned(), on_closing)));
        }
        let are = Kind::ALL.iter().map(|kind| (kind.code().to_owned(), Some(kind.on_closing()))).collect();
        assert_eq!(told, are);
    }
}
