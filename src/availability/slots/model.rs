//! What is asked and answered, and what both are made of: local days and sets of moments.

pub mod days;
pub mod spans;

use chrono::{NaiveDate, TimeDelta};

use self::days::Frame;
use crate::availability::model::{Exception, Week};
use crate::base::calendar::Range;
use crate::base::clock::Instant;
use crate::coded;

coded! {
    /// Why a time is not offered.
    pub enum Objection {
        /// Somebody cannot; why is not for the caller to see.
        NotAvailable = "not_available" : "Ikke ledig" / "Not available",
        /// Something else is planned.
        Busy = "busy" : "Optaget" / "Busy",
        /// Too close to something planned: preparation or travel lies between.
        Buffer = "buffer" : "For tæt på et andet møde" / "Too close to another meeting",
        /// Away on leave.
        Leave = "leave" : "Fravær" / "Leave",
        /// Not yet, or no longer, on the staff.
        NotInService = "not_in_service" : "Ikke ansat" / "Not on the staff",
        /// Outside the hours stated.
        OutsideHours = "outside_hours" : "Uden for arbejdstid" / "Outside hours",
        /// A public holiday.
        Holiday = "holiday" : "Helligdag" / "Public holiday",
        /// The person said never.
        Never = "never" : "Aldrig muligt" / "Never possible",
        /// The consents do not allow the course to run on that date.
        Consent = "consent" : "Mangler samtykke" / "Consent missing",
        /// A proof that it takes to meet the person does not hold on that date.
        Certificate = "certificate" : "Attest mangler" / "Certificate missing",
        /// Sooner than the minimum notice.
        Notice = "notice" : "For kort varsel" / "Too short notice",
        /// Further ahead than is planned.
        Horizon = "horizon" : "For langt ude i fremtiden" / "Too far ahead",
        /// As many on that day as there may be.
        DayLimit = "day_limit" : "Dagen er fuld" / "The day is full",
        /// As many in that week as there may be.
        WeekLimit = "week_limit" : "Ugen er fuld" / "The week is full",
        /// Between two times that are offered.
        BetweenStarts = "between_starts" : "Mellem to mødetider" / "Between two starts",
    }
}

/// What kind of time is looked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The meeting lies wholly inside.
    pub window: Range,
    /// How long it lasts.
    pub length: TimeDelta,
    /// Minutes between two starts, counted from each local midnight; at least 1.
    pub interval_min: i32,
    /// Preparation and travel of the staff before it.
    pub before: TimeDelta,
    /// The same after it.
    pub after: TimeDelta,
    /// It begins at this moment or later (minimum notice).
    pub earliest_at: Instant,
    /// The last local date on which it may begin (horizon).
    pub latest_on: Option<NaiveDate>,
    /// What the pair agreed on.
    pub agreed: Agreed,
}

/// What a pair agreed on, by the programme's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// 1 Monday to 7 Sunday.
    pub weekday: Option<i32>,
    /// Minutes after local midnight.
    pub at_min: Option<i32>,
}

/// Something planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// When.
    pub range: Range,
    /// Kept free before it; nothing for a person met.
    pub before: TimeDelta,
    /// Kept free after it.
    pub after: TimeDelta,
}

/// When somebody could meet if nothing were planned.
#[derive(Clone, Copy, Debug)]
pub struct Open<'a> {
    /// Weekly hours by their clock.
    pub week: &'a Week,
    /// More and less of dates.
    pub exceptions: &'a [Exception],
    /// Never possible, whatever the hours; by their clock.
    pub never: &'a Week,
    /// Dates on leave, first and last.
    pub leaves: &'a [(NaiveDate, NaiveDate)],
    /// On the staff from this moment on and to the end of this date; `None`: no end.
    pub service: (Option<Instant>, Option<NaiveDate>),
    /// Whether the weekly hours hold on public holidays, too. What an exception adds always holds.
    pub on_holidays: bool,
}

/// Somebody who takes part.
#[derive(Clone, Copy, Debug)]
pub struct Participant<'a> {
    /// The dates around the window by their clock.
    pub frame: &'a Frame,
    /// Open time.
    pub open: Open<'a>,
    /// What is planned, in order of start.
    pub busy: &'a [Busy],
    /// Whether the meeting's own buffers count for them: for staff, not for people met.
    pub has_buffers: bool,
    /// Dates by the programme's clock on which they have as many as they may, and why.
    pub full: &'a [(NaiveDate, Objection)],
    /// What they wish for, by their clock.
    pub wished: Option<&'a Week>,
}

/// A time at which everybody can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// Somebody wishes for it, and nobody who wishes for something wishes for another time.
    pub is_wished: bool,
    /// On the weekday that the pair agreed on.
    pub is_agreed_weekday: bool,
    /// At the time of day that the pair agreed on.
    pub is_agreed_time: bool,
}
