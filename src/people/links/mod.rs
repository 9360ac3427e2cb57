//! Whether somebody answers by a link in their reminders: off until they have said yes, and off again with a no (domain section 8).
//!
//! The choice is that of whoever gets the reminders: from 15 the person, before that the chosen custody holder. It is made for one person's
//! appointments; when another gets the reminders, it is asked anew. Whose it is goes by the moment at which it was said, as stated; what
//! was said before today's holder replaced another is nobody's that is known.

pub mod actions;
pub mod http;
pub mod model;
mod store;
