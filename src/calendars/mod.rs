//! Calendars of mentors and coaches: a private feed, and invitations by mail (iMIP, RFC 6047). Both off until their owner switches them on.
//!
//! Invariants: an entry says that there is an appointment and when, never with whom or where; its UID is the session's id for life, its
//! SEQUENCE rises with each change that a reader would notice; whoever was invited to what is no longer theirs is told to take it out. The parts of
//! a joint session that one person meets are one entry.
//! Only a hash of a feed's secret is stored; an unknown or former secret, a disabled account and somebody who left are answered alike.
//! What waits to be told is made from the session's facts by one call ([`actions::follow`]), whatever changed.

pub mod actions;
pub mod http;
pub mod model;
pub mod rules;
mod store;
