//! Who is family for the limits of matching: whoever stands, or stood, in a case with them, and whoever is related by custody, of the
//! present or of earlier days; and whoever is family of these.

pub mod actions;
pub mod model;

pub use model::Families;
