//! Concerns handed in (bekymringshenvendelser): intake, receipt, police screen, partners asked, home visits, meetings, qualification
//! (domain sections 4 and 5).
//!
//! Invariants: an enquiry is stored before it is acknowledged; a reporter's identity is in one answer only, journaled with a reason; a
//! partner sees reference, time and receipt state of the agency's own enquiries; nothing is founded before the police said so, nor
//! without a settled subject; what is put right or taken back is kept beside what is right. Rooms below learn of a founded enquiry by
//! `Fact::EnquiryFounded`, and by `Fact::ConclusionRetracted` that it was none.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
mod store;

pub use store::decisions::fact_decisions;
pub use store::fact_people;
pub use store::steps::fact_answers;
