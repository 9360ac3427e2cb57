//! Fact -> what follows, in the same transaction: the one page of cause and effect. Stands under all rooms.
//!
//! A room says what became true; here, and nowhere else, stands what other rooms do about it. Facts may tell further facts.

use crate::access::Tx;
use crate::base::error::Result;
use crate::facts::Fact;

/// What follows from a fact. Exhaustive: a new fact without an answer does not compile.
pub fn follow(tx: &mut Tx<'_>, fact: &Fact) -> Result<()> {
    match *fact {
        // The rooms that tell these are being moved in; each arm is written with its room.
        Fact::BirthDateSet { .. }
        | Fact::ContactChanged { .. }
        | Fact::CustodyChanged { .. }
        | Fact::PersonDied { .. }
        | Fact::StaffLeft { .. }
        | Fact::EnquiryReceived { .. }
        | Fact::SubjectLinked { .. }
        | Fact::ReceiptGiven { .. }
        | Fact::DecidedBetweenMeetings { .. }
        | Fact::DecisionRatified { .. }
        | Fact::EnquiryFounded { .. }
        | Fact::PoliceTookOver { .. }
        | Fact::CaseOpened { .. }
        | Fact::PersonJoinedCase { .. }
        | Fact::SeverityChanged { .. }
        | Fact::CaseReferred { .. }
        | Fact::CoordinatorChanged { .. }
        | Fact::AlertRaised { .. }
        | Fact::AlertResolved { .. }
        | Fact::CaseClosed { .. }
        | Fact::OfferMade { .. }
        | Fact::OfferDeclined { .. }
        | Fact::OfferAccepted { .. }
        | Fact::OfferWithdrawn { .. }
        | Fact::ContactStopped { .. }
        | Fact::ConsentWithdrawn { .. }
        | Fact::CoursePaused { .. }
        | Fact::CourseResumed { .. }
        | Fact::PlanMade { .. }
        | Fact::CourseEnded { .. }
        | Fact::MatchProposed { .. }
        | Fact::MatchStarted { .. }
        | Fact::MatchEnded { .. }
        | Fact::SessionChanged { .. }
        | Fact::AttendanceChanged { .. }
        | Fact::FirstSessionHeld { .. }
        | Fact::NoteWritten { .. }
        | Fact::StepSettled { .. }
        | Fact::FollowupHeld { .. } => {
            let _ = tx;
            Ok(())
        }
    }
}
