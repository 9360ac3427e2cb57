//! What was put right, when and by whom.

use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AnyId};
use crate::coded;

coded! {
    /// What of which noun was put right.
    pub enum Kind {
        /// An answer to an offer was taken back.
        Answer = "answer" : "Svar på et tilbud" / "Answer to an offer",
        /// How and when a course ended.
        CourseEnd = "course_end" : "Afslutning af et forløb" / "End of a course",
        /// Why and when a match ended.
        MatchEnd = "match_end" : "Afslutning af et match" / "End of a match",
        /// To whom and when a case was referred, or that it was.
        Referral = "referral" : "Visitation" / "Referral",
        /// The closing of a case was taken back.
        Closing = "closing" : "Lukning af en sag" / "Closing of a case",
        /// A yes to a proposal that became a no.
        MatchAnswer = "match_answer" : "Ja til et match, som blev til et nej" / "Yes to a match that became a no",
        /// What came of the talk after a match, or that there was one.
        RepairTalk = "repair_talk" : "Samtale efter et match" / "Talk after a match",
        /// How soon a concern had to be looked at, who handed it in, what was answered and found in it or in a case, and what was concluded.
        Finding = "finding" : "Svar, fund eller konklusion" / "Answer, finding or conclusion",
        /// When a promise was settled by hand.
        Settlement = "settlement" : "Frist indfriet i hånden" / "Promise settled by hand",
    }
}

/// What was recorded before, and when and by whom it was put right: an account, or perhaps nobody where the night does so, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction<T, By = AccountId> {
    /// Of what.
    pub subject: AnyId,
    /// What was recorded before.
    pub former: T,
    /// When that was put right.
    pub corrected_at: Instant,
    /// By whom.
    pub corrected_by: By,
}
