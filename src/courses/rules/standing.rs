//! On which dates a course may run, and how long what is planned stays: looked up once, asked for many dates. Pure.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::{coming_of_age, consent};
use crate::base::calendar::Zone;
use crate::courses::model::{Course, Participant, Said};

/// All that decides about the dates of a course.
pub struct Standing {
    /// The course.
    pub course: Course,
    /// Whose consent is asked for.
    pub participant: Participant,
    /// What was said about taking part, in the order in which it was said.
    pub said: Vec<Said>,
    /// The programme's.
    pub zone: Zone,
    /// Today, there.
    pub today: NaiveDate,
    /// How many days from an 18th birthday on what is planned stays without the adult's own consent.
    pub grace_days: u32,
}

impl Standing {
    /// Whether the course may run on a date: unended, not paused, and every consent needed on that date stands; from 18 it takes the adult's own.
    pub fn may_run(&self, on: NaiveDate) -> bool {
        let stands_still = self.course.ended_at.is_some() || self.course.paused_at.is_some();
        !stands_still && consent::may_run(&self.participant, &self.said, self.zone, self.course.adult_at_acceptance, on)
    }

    /// The dates on which a session that was planned already stays although the course may not run: some days from an 18th birthday on,
    /// without the adult's own consent. `None` where the course is paused, the birth date is not known, the adult's consent is not what is lacking, or
    /// they said no.
    pub fn grace(&self) -> Option<RangeInclusive<NaiveDate>> {
        let Self { course, participant, said, zone, today, grace_days } = self;
        let grace = || coming_of_age::grace(participant, said, *zone, course.adult_at_acceptance, *grace_days, *today);
        course.paused_at.is_none().then(grace).flatten()
    }

    /// From which date on no session of the course stays planned: its participant is of age then and has not consented as an adult. Whether it stands
    /// still makes no difference. `None` where all that is planned stays, or the course has ended, and its sessions with it.
    pub fn lapses_on(&self) -> Option<NaiveDate> {
        let Self { course, participant, said, zone, today, grace_days } = self;
        let lapses_on = || coming_of_age::lapses_on(participant, said, *zone, course.adult_at_acceptance, *grace_days, *today);
        course.ended_at.is_none().then(lapses_on).flatten()
    }
}
