//! Accounts of the programme's people and the agencies that partners belong to.
//!
//! Invariants: a name is unique whatever its case; roles are dated rows; a partner belongs to an agency and nobody else does; at least
//! one coordinator can always sign in; what a coordinator changes holds with the account's next request.

mod actions;
pub mod http;
pub mod model;
mod rules;
mod store;

pub use actions::{create, fact_language, find_contact_of_closed, find_roles, get_contact, make_agency, may_coordinate};
pub use model::{AccountName, AgencyKind, Contact, NewAccount, Profile};
pub use store::{Standing, accounts_with, standings};
