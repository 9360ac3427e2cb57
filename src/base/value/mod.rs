//! Parsed values: types that cannot hold what the product must not store. Their errors are a closed vocabulary in both languages.

mod code;
mod date;
mod flaw;
mod shape;
mod text;

pub use code::is_code;
pub use date::Day;
pub use flaw::{Flaw, MEMBER_CODE};
pub use shape::{FIELD, Few, Field, Typed};
pub use text::{Email, Line, Phone, Text, composed, folded};
