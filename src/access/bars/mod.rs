//! Bars: who must never see whom, entered by hand by a coordinator (domain section 6).
//!
//! Invariants: a bar on a person covers every case of that person with its enquiries, and every enquiry about them, also those that come later
//! ([`extend`]), and lets go of a case to which they were added by mistake ([`agree_for`]); one on an enquiry covers whom that is about, too, as far as it is known by now ([`agree`]); each row it made carries the bar's
//! id as its cause, the first its own, so that ending one bar leaves what another one covers; a bar on one's own account is not seen again by
//! that account, and never ended by it. A bar is about somebody, not about an account: one that is entered on an account that a member of staff
//! had goes for the one they have, and who has none is judged by all that they had ([`accounts_of`]).

mod actions;
pub mod http;
pub mod model;
mod store;

pub use actions::{agree, agree_for, bar, bar_at_intake, extend, take_along};
pub use model::{BarCause, BarWarning};
pub use store::{accounts_of, is_member_barred};
