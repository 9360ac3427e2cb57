//! Why a time is not offered: each rule asked about one meeting, apart from how the free times are found.

use chrono::NaiveDate;

use super::{buffers, hours, is_on_leave, kept_free, out_of_service};
use crate::availability::slots::model::days::Frame;
use crate::availability::slots::model::spans::Spans;
use crate::availability::slots::model::{Ask, Objection, Open, Participant};
use crate::base::calendar::Range;

/// What speaks against a meeting whoever takes part: notice, horizon, and that it begins between two starts.
pub fn of_time(meeting: Range, ask: &Ask, grid: &Frame) -> Vec<Objection> {
    let mut objections = Vec::new();
    if meeting.starts_at() < ask.earliest_at {
        objections.push(Objection::Notice);
    }
    let day = grid.day_of(meeting.starts_at());
    if ask.latest_on.zip(day).is_some_and(|(latest, (day, _))| day.on > latest) {
        objections.push(Objection::Horizon);
    }
    let is_start = day.is_some_and(|(_, minute)| minute % ask.interval_min.max(1) == 0);
    if !is_start || meeting.starts_at().micros() % 60_000_000 != 0 {
        objections.push(Objection::BetweenStarts);
    }
    objections
}

/// What speaks against a meeting of one who takes part. `grid` is the programme's clock, by which limits are counted.
pub fn of_participant(meeting: Range, participant: &Participant<'_>, ask: &Ask, grid: &Frame) -> Vec<Objection> {
    let mut objections = of_open_time(meeting, &participant.open, participant.frame);
    let (before, after) = buffers(participant, ask);
    if participant.busy.iter().any(|busy| busy.range.overlaps(meeting)) {
        objections.push(Objection::Busy);
    } else if participant.busy.iter().any(|busy| kept_free(busy, before, after).overlaps(meeting)) {
        objections.push(Objection::Buffer);
    }
    let on: Option<NaiveDate> = grid.day_of(meeting.starts_at()).map(|(day, _)| day.on);
    objections.extend(participant.full.iter().filter(|(full, _)| Some(*full) == on).map(|(_, objection)| *objection));
    objections
}

fn of_open_time(meeting: Range, open: &Open<'_>, frame: &Frame) -> Vec<Objection> {
    let mut objections = Vec::new();
    let is_off: Spans = frame.whole(|day| is_on_leave(open, day.on));
    if is_off.meets(meeting) {
        objections.push(Objection::Leave);
    }
    if out_of_service(open.service, frame).meets(meeting) {
        objections.push(Objection::NotInService);
    }
    if !hours(open, frame, true).covers(meeting) {
        objections.push(Objection::OutsideHours);
    } else if !open.on_holidays && !hours(open, frame, false).covers(meeting) {
        objections.push(Objection::Holiday);
    }
    if frame.weekly(open.never, |_| true).meets(meeting) {
        objections.push(Objection::Never);
    }
    objections
}
