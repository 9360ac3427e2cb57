//! Those who take part, with all that is known of their time.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use crate::availability::slots::model::days::Frame;
use crate::availability::slots::{Busy, Objection, Open, Participant, Slot};
use crate::availability::{Exception, Week};
use crate::base::calendar::{Range, Zone};
use crate::base::clock::Instant;
use crate::base::ids::{AnyId, MatchId, SessionId, StaffId};
use crate::coded;
use crate::sessions::model::{Kind, Side, look_back};

/// No setting keeps more free beside a meeting.
const BUFFER_MOST: TimeDelta = TimeDelta::hours(8);

coded! {
    /// Why a free time is good.
    pub enum Merit {
        /// Whoever wishes for certain times wishes for this one.
        Wished = "wished" : "Ønsket tid" / "Wished for",
        /// The weekday that the pair agreed on.
        AgreedWeekday = "agreed_weekday" : "Den aftalte ugedag" / "The weekday agreed on",
        /// The time of day that the pair agreed on.
        AgreedTime = "agreed_time" : "Det aftalte klokkeslæt" / "The time agreed on",
    }
}

/// What kind of time is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How they meet.
    pub kind: Kind,
    /// Inside which the meeting lies.
    pub window: Range,
    /// How long, in minutes; `None`: the setting, else what the pair agreed on.
    pub length_min: Option<u32>,
}

/// One who takes part.
#[derive(Clone, Debug)]
pub struct Member {
    /// A member of staff or a person.
    pub id: AnyId,
    /// Which of the two.
    pub side: Side,
    /// Whether they ever stated when they can; else they are taken to be free in the assumed hours.
    pub has_stated: bool,
    /// Where their clock hangs.
    pub zone: Zone,
    /// Weekly hours.
    pub week: Week,
    /// More and less of dates.
    pub exceptions: Vec<Exception>,
    /// Never possible.
    pub never: Week,
    /// Dates on leave.
    pub leaves: Vec<(NaiveDate, NaiveDate)>,
    /// On the staff from this moment on and to the end of this date.
    pub service: (Option<Instant>, Option<NaiveDate>),
    /// What is planned, in order of start.
    pub busy: Vec<Busy>,
    /// Dates on which they have as many of the meetings in question as they may, or none for want of a proof.
    pub full: Vec<(NaiveDate, Objection)>,
    /// What they wish for.
    pub wished: Option<Week>,
}

impl Member {
    /// Somebody of whom nothing is known.
    pub fn blank(id: AnyId, side: Side, zone: Zone) -> Self {
        Self {
            id,
            side,
            has_stated: false,
            zone,
            week: Week::default(),
            exceptions: Vec::new(),
            never: Week::default(),
            leaves: Vec::new(),
            service: (None, None),
            busy: Vec::new(),
            full: Vec::new(),
            wished: None,
        }
    }

    /// Somebody in Copenhagen of whom nothing is known.
    #[cfg(test)]
    pub fn for_testing(side: Side) -> Self {
        Self::blank(crate::base::ids::Id::from_uuid(uuid::Uuid::nil()), side, Zone::COPENHAGEN)
    }

    /// What is planned that a meeting may overlap or come too close to.
    pub fn near(&self, meeting: Range) -> &[Busy] {
        let from = look_back(meeting.starts_at()).minus(BUFFER_MOST);
        let until = meeting.ends_at().plus(BUFFER_MOST);
        let first = self.busy.partition_point(|busy| busy.range.starts_at() < from);
        let end = self.busy.partition_point(|busy| busy.range.starts_at() <= until);
        self.busy.get(first..end).unwrap_or_default()
    }

    /// Takes a time for what is planned with the rest.
    pub fn take(&mut self, busy: Busy) {
        let place = self.busy.partition_point(|earlier| earlier.range.starts_at() <= busy.range.starts_at());
        self.busy.insert(place, busy);
    }

    /// As the rules see them.
    pub fn participant<'a>(&'a self, frame: &'a Frame, on_holidays: bool) -> Participant<'a> {
        Participant {
            frame,
            open: Open {
                week: &self.week,
                exceptions: &self.exceptions,
                never: &self.never,
                leaves: &self.leaves,
                service: self.service,
                // The young person may well want to meet on a holiday: it is the staff who work then, or not.
                on_holidays: on_holidays || self.side == Side::Person,
            },
            busy: &self.busy,
            has_buffers: self.side == Side::Staff,
            full: &self.full,
            wished: self.wished.as_ref(),
        }
    }
}

/// The two of a match, for whoever plans many dates at once.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The mentor or coach.
    pub staff: Member,
    /// The person met.
    pub person: Member,
    /// The limits of the mentor or coach, by how they meet; without an entry there is nothing yet that counts.
    pub limits: BTreeMap<Kind, Limits>,
}

/// What counts towards the limits of a member of staff for one kind of meeting.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// On which dates such meetings begin, one date a meeting; none where there is no limit.
    pub begun: Vec<NaiveDate>,
    /// Dates that are full by that.
    pub full: Vec<(NaiveDate, Objection)>,
}

/// A session's hold on somebody's time.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The session.
    pub session: SessionId,
    /// Whose time.
    pub who: AnyId,
    /// How they meet.
    pub kind: Kind,
    /// When.
    pub range: Range,
}

/// A free time.
#[derive(Clone, Copy, Debug)]
pub struct FreeTime {
    /// When, and why it is good.
    pub slot: Slot,
    /// Whether somebody never stated when they can.
    pub is_assumed: bool,
}

/// What speaks against a time, as far as the caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Against {
    /// Of which match; `None`: whoever takes part.
    pub matched: Option<MatchId>,
    /// On whose side.
    pub side: Option<Side>,
    /// What.
    pub objection: Objection,
}

/// A time that was asked about.
#[derive(Clone, Debug)]
pub struct Checked {
    /// When it begins.
    pub starts_at: Instant,
    /// The first moment after it.
    pub ends_at: Instant,
    /// Nothing: it is offered.
    pub against: Vec<Against>,
}

/// A member of staff who could see somebody.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub staff: StaffId,
    /// Their first free times.
    pub first: Vec<Slot>,
    /// How many there are.
    pub count: usize,
    /// Whether one of the two never stated when they can.
    pub is_assumed: bool,
}
