//! The calendar: zones, clamped months, Danish working days, spans and quiet hours (domain section 4, "When").
//!
//! Pure: nothing here reads a clock. Instants are UTC; every local date or wall time is asked of a [`Zone`], never computed in SQL.
//! Results outside the years 1900 to 2200 are clamped to their ends.

mod changes;
mod months;
mod quiet_hours;
mod recurrence;
mod span;
mod working_days;
mod zone;

pub use changes::Change;
pub use months::{age_on, birthday, plus_months, two_years_from};
pub use quiet_hours::QuietHours;
pub(in crate::base) use recurrence::day_code;
pub use recurrence::{Asked, Recurrence, Unfit, Until};
pub use span::{Calendar, Range, Span};
pub use working_days::Holidays;
pub use zone::{UnknownZone, Zone};
