//! What is asked of whom, from settings and agreements. Pure.

use chrono::{NaiveDate, TimeDelta};

use super::model::{Candidate, Claim, Limits, Member, Pair, Wanted};
use crate::availability::model::Effect;
use crate::availability::slots::model::days::Frame;
use crate::availability::slots::rules::{free_time, full_dates, kept_free, out_of_service, slots, slots_in};
use crate::availability::slots::{Agreed, Ask, Busy, Objection, Participant, Slot};
use crate::base::calendar::{Calendar, Range, Zone, two_years_from};
use crate::base::clock::Instant;
use crate::base::config::{Availability, Meetings};
use crate::base::db::Coded;
use crate::base::error::{Code, FieldError, Problem, Result, invalid};
use crate::base::ids::AnyId;
use crate::base::value::Flaw;
use crate::sessions::model::{Kind, Side};

/// The longest window in which free times are looked for: a quarter.
const LONGEST_WINDOW: TimeDelta = TimeDelta::days(92);

/// Settings of a kind of meeting.
pub const fn meetings(kind: Kind, settings: &Availability) -> &Meetings {
    match kind {
        Kind::InPerson => &settings.in_person,
        Kind::Phone => &settings.phone,
        Kind::Video => &settings.video,
        Kind::Text => &settings.text,
    }
}

fn minutes(minutes: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

/// A window to look in.
///
/// # Errors
/// 422.
pub fn window(from: Instant, until: Instant) -> Result<Range> {
    match Range::new(from, until) {
        None => Err(Flaw::NotAfterStart.refused("query/until")),
        Some(window) if window.length() > LONGEST_WINDOW => {
            Err(invalid("query/until", Flaw::TooLong, "Perioden er højst 92 dage", "The window is 92 days at most"))
        }
        Some(window) => Ok(window),
    }
}

/// How long a meeting lasts: as asked, else as the settings say, else as agreed, else an hour.
pub fn length_min(wanted: Option<u32>, meetings: &Meetings, agreed: Option<u32>) -> u32 {
    wanted.or(meetings.length_min).or(agreed).unwrap_or(60)
}

/// The question, in the terms of free times.
pub fn ask(wanted: &Wanted, length_min: u32, meetings: &Meetings, agreed: Agreed, now: Instant, calendar: Calendar) -> Ask {
    Ask {
        window: wanted.window,
        length: minutes(length_min),
        interval_min: i32::try_from(meetings.interval_min).unwrap_or(30),
        before: minutes(meetings.before_min),
        after: minutes(meetings.after_min),
        earliest_at: earliest_at(meetings, now),
        latest_on: Some(latest_on(meetings, now, calendar.zone)),
        agreed,
    }
}

/// The first moment at which a meeting may begin: after now, and with the notice there must be.
fn earliest_at(meetings: &Meetings, now: Instant) -> Instant {
    now.plus(minutes(meetings.notice_min)).max(now.plus(TimeDelta::microseconds(1)))
}

/// The last local date on which a meeting may begin: as far as the setting says, and nothing beyond two years.
fn latest_on(meetings: &Meetings, now: Instant, zone: Zone) -> NaiveDate {
    let (today, most) = (zone.date(now), two_years_from(zone.date(now)));
    meetings.horizon_days.map_or(most, |days| most.min(today + TimeDelta::days(i64::from(days))))
}

/// When a member's first date on the staff begins, by the clock that comes to it first: whoever is on the staff today by the programme's, by which
/// they are written down and matched, need not wait for a midnight of their own.
pub fn begins_at(from_on: NaiveDate, own: Zone, programme: Zone) -> Instant {
    own.start_of(from_on).min(programme.start_of(from_on))
}

/// How far around a window what is planned still matters: the largest buffer there is.
pub fn reach(settings: &Availability) -> TimeDelta {
    let all = [&settings.in_person, &settings.phone, &settings.video, &settings.text];
    minutes(all.iter().map(|meetings| meetings.before_min.max(meetings.after_min)).max().unwrap_or(0))
}

/// Whether a meeting of this kind keeps away from others, or others from it.
pub fn has_buffers(settings: &Availability) -> bool {
    reach(settings) > TimeDelta::zero()
}

/// What is planned of somebody, with the buffers of each meeting on the side of the staff.
pub fn busy(claims: &[Claim], who: AnyId, side: Side, settings: &Availability) -> Vec<Busy> {
    let first = claims.partition_point(|claim| claim.who < who);
    let own = claims.iter().skip(first).take_while(|claim| claim.who == who);
    own.map(|claim| {
        let meetings = meetings(claim.kind, settings);
        let kept = |buffer: u32| if side == Side::Staff { minutes(buffer) } else { TimeDelta::zero() };
        Busy { range: claim.range, before: kept(meetings.before_min), after: kept(meetings.after_min) }
    })
    .collect()
}

/// The clocks of those who take part, one frame a zone; the programme's comes first.
pub fn frames(members: &[Member], window: Range, calendar: Calendar) -> Vec<(Zone, Frame)> {
    let mut frames = vec![(calendar.zone, Frame::of(calendar.zone, window, calendar.holidays))];
    for member in members {
        if !frames.iter().any(|(zone, _)| *zone == member.zone) {
            frames.push((member.zone, Frame::of(member.zone, window, calendar.holidays)));
        }
    }
    frames
}

fn frame_of(frames: &[(Zone, Frame)], zone: Zone) -> Option<&Frame> {
    frames.iter().find(|(known, _)| *known == zone).map(|(_, frame)| frame)
}

/// Members as the rules see them, each on the frame of their clock.
pub fn participants<'a>(members: &'a [Member], frames: &'a [(Zone, Frame)], on_holidays: bool) -> Vec<Participant<'a>> {
    members.iter().filter_map(|member| Some(member.participant(frame_of(frames, member.zone)?, on_holidays))).collect()
}

/// The times at which all of them can.
pub fn free_times(members: &[Member], ask: &Ask, calendar: Calendar, on_holidays: bool) -> Vec<Slot> {
    let frames = frames(members, ask.window, calendar);
    let Some(grid) = frame_of(&frames, calendar.zone) else { return Vec::new() };
    slots(&participants(members, &frames, on_holidays), ask, grid)
}

/// Which of the staff could see a person, by their first free time; what the person has left is worked out once.
pub fn who_could(staff: &[Member], person: &Member, ask: &Ask, calendar: Calendar, on_holidays: bool, most: usize) -> Vec<Candidate> {
    let frames = [frames(staff, ask.window, calendar), frames(std::slice::from_ref(person), ask.window, calendar)].concat();
    let (Some(grid), Some(own)) = (frame_of(&frames, calendar.zone), frame_of(&frames, person.zone)) else { return Vec::new() };
    let met = person.participant(own, on_holidays);
    let left = free_time(&met, ask);
    let candidate = |member: &Member| {
        let participant = member.participant(frame_of(&frames, member.zone)?, on_holidays);
        let found = slots_in(&left.and(&free_time(&participant, ask)), &[participant, met], ask, grid);
        let first = found.iter().take(most).copied().collect();
        let is_assumed = !member.has_stated;
        Some(Candidate { staff: member.id.cast(), first, count: found.len(), is_assumed }).filter(|candidate| candidate.count > 0)
    };
    let mut candidates: Vec<Candidate> = staff.iter().filter_map(candidate).collect();
    candidates.sort_by_key(|candidate| (candidate.first.first().map(|slot| slot.starts_at), candidate.staff));
    candidates
}

/// So many of some free times instead of one, in order: those that somebody wishes for before others, the nearest to it first.
pub fn best(mut slots: Vec<Slot>, most: usize, instead_of: Instant) -> Vec<Slot> {
    slots.sort_by_key(|slot| (!slot.is_wished, slot.starts_at.since(instead_of).abs()));
    slots.truncate(most);
    slots.sort_by_key(|slot| slot.starts_at);
    slots
}

/// The limits of meetings that begin on these dates, one date a meeting.
pub fn limits(begun: Vec<NaiveDate>, meetings: &Meetings) -> Limits {
    Limits { full: full_dates(&begun, meetings.most_a_day, meetings.most_a_week), begun }
}

/// By how much a meeting is too close to something planned beside it, by the one rule of buffers; nothing where there is room. That the two
/// overlap is for the claims to say.
pub fn lacking(busy: &Busy, meeting: Range, meetings: &Meetings) -> TimeDelta {
    if busy.range.overlaps(meeting) {
        return TimeDelta::zero();
    }
    let kept = kept_free(busy, minutes(meetings.before_min), minutes(meetings.after_min));
    let is_earlier = busy.range.ends_at() <= meeting.starts_at();
    let lacking = if is_earlier { kept.ends_at().since(meeting.starts_at()) } else { meeting.ends_at().since(kept.starts_at()) };
    lacking.max(TimeDelta::zero())
}

/// What speaks against planning a meeting by hand, from the settings, the leave of the member of staff and the dates that are full for such
/// meetings. Weekly hours, wishes and holidays are advice there: what two people agreed on is planned.
pub fn against_planning(
    meeting: Range,
    meetings: &Meetings,
    member: &Member,
    full: &[(NaiveDate, Objection)],
    now: Instant,
    calendar: Calendar,
) -> Vec<Objection> {
    let mut objections = Vec::new();
    if meeting.starts_at() < earliest_at(meetings, now) {
        objections.push(Objection::Notice);
    }
    let on = calendar.zone.date(meeting.starts_at());
    if on > latest_on(meetings, now, calendar.zone) {
        objections.push(Objection::Horizon);
    }
    let first = member.zone.date(meeting.starts_at());
    let last = member.zone.date(meeting.ends_at().minus(TimeDelta::microseconds(1)));
    if member.leaves.iter().any(|(from_on, until_on)| *from_on <= last && first <= *until_on) {
        objections.push(Objection::Leave);
    }
    if member.near(meeting).iter().any(|busy| lacking(busy, meeting, meetings) > TimeDelta::zero()) {
        objections.push(Objection::Buffer);
    }
    objections.extend(full.iter().filter(|(full, _)| *full == on).map(|(_, objection)| *objection));
    objections
}

/// What speaks against a meeting that nobody looks at by itself, since many are planned at once. What binds planning by hand binds it, but
/// the horizon: a series reaches as far as its match. So do public holidays, leave, hours taken off on that date, and what the person
/// never can. Weekly hours stay advice.
pub fn against_series(
    meeting: Range,
    settings: &Availability,
    kind: Kind,
    pair: &Pair,
    now: Instant,
    calendar: Calendar,
) -> Vec<Objection> {
    let (staff, person) = (&pair.staff, &pair.person);
    let full = pair.limits.get(&kind).map_or(&[][..], |limits| &limits.full);
    let mut objections = against_planning(meeting, meetings(kind, settings), staff, full, now, calendar);
    objections.retain(|objection| *objection != Objection::Horizon);
    let own = Frame::of(staff.zone, meeting, calendar.holidays);
    // Who said that they work then works then. As with free times each day counts that it reaches into, also past midnight.
    if !settings.work_on_holidays && own.whole(|day| day.is_holiday).minus(&own.dated(&staff.exceptions, Effect::More)).meets(meeting) {
        objections.push(Objection::Holiday);
    }
    if out_of_service(staff.service, &own).meets(meeting) {
        objections.push(Objection::NotInService);
    }
    if own.dated(&staff.exceptions, Effect::Less).meets(meeting) {
        objections.push(Objection::OutsideHours);
    }
    if Frame::of(person.zone, meeting, calendar.holidays).weekly(&person.never, |_| true).meets(meeting) {
        objections.push(Objection::Never);
    }
    if [staff, person].iter().any(|member| member.near(meeting).iter().any(|busy| busy.range.overlaps(meeting))) {
        objections.push(Objection::Busy);
    }
    objections
}

/// Whether a meeting lies in the hours of the week that a member of staff stated, if they did.
pub fn is_in_week(meeting: Range, staff: &Member, calendar: Calendar) -> bool {
    let own = Frame::of(staff.zone, meeting, calendar.holidays);
    !staff.has_stated || own.weekly(&staff.week, |_| true).or(own.dated(&staff.exceptions, Effect::More)).covers(meeting)
}

/// A refusal that says what speaks against a time.
pub fn refusal(objections: &[Objection]) -> Problem {
    objections.iter().fold(Problem::new(Code::NotAvailable), |mut problem, objection| {
        problem.errors.push(FieldError { pointer: "/starts_at".into(), code: objection.code(), words: objection.words() });
        problem
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }
    fn range(from: &str, until: &str) -> Range {
        Range::new(at(from), at(until)).unwrap()
    }

    #[test]
    fn windows_are_bounded() {
        let from = at("2026-03-02T00:00:00Z");
        for (days, possible) in [(-1, false), (0, false), (1, true), (92, true), (93, false)] {
            assert_eq!(window(from, from.plus(TimeDelta::days(days))).is_ok(), possible, "{days}");
        }
    }

    #[test]
    fn a_first_day_begins_by_the_clock_that_is_ahead() {
        for (own, programme, expected) in [
            ("Europe/Copenhagen", "Europe/Copenhagen", "2026-03-02T23:00:00Z"),
            ("America/Havana", "Europe/Copenhagen", "2026-03-02T23:00:00Z"),
            ("America/Havana", "Pacific/Apia", "2026-03-02T11:00:00Z"),
            ("Asia/Tokyo", "Europe/Copenhagen", "2026-03-02T15:00:00Z"),
            ("Pacific/Kiritimati", "Pacific/Honolulu", "2026-03-02T10:00:00Z"),
        ] {
            let begins_at = begins_at("2026-03-03".parse().unwrap(), own.parse().unwrap(), programme.parse().unwrap());
            assert_eq!(begins_at, at(expected), "{own} {programme}");
        }
    }

    #[test]
    fn a_length_is_asked_set_or_agreed() {
        let set = Meetings { length_min: Some(45), ..Meetings::default() };
        for (wanted, meetings, agreed, expected) in [
            (Some(30), &set, Some(90), 30),
            (None, &set, Some(90), 45),
            (None, &Meetings::default(), Some(90), 90),
            (None, &Meetings::default(), None, 60),
        ] {
            assert_eq!(length_min(wanted, meetings, agreed), expected);
        }
    }

    #[test]
    fn planning_by_hand_meets_the_settings_and_the_leave() {
        let (now, calendar) = (at("2026-03-02T08:00:00Z"), crate::base::config::Programme::default().calendar());
        let leave = ("2026-03-10".parse().unwrap(), "2026-03-12".parse().unwrap());
        let planned = Busy { range: range("2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z"), before: minutes(10), after: minutes(20) };
        let mut member = Member { leaves: vec![leave], busy: vec![planned], ..Member::for_testing(Side::Staff) };
        let strict = Meetings { notice_min: 120, horizon_days: Some(10), before_min: 30, ..Meetings::default() };
        let said = |member: &Member, meetings: &Meetings, from: &str, until: &str| {
            against_planning(range(from, until), meetings, member, &member.full, now, calendar)
        };
        use Objection::{Buffer, DayLimit, Horizon, Leave, Notice};
        let neutral = Meetings::default();
        for (meetings, from, until, expected) in [
            // No hours at all, and it is planned.
            (&neutral, "2026-03-02T08:00:01Z", "2026-03-02T09:00:00Z", vec![]),
            (&neutral, "2026-03-09T22:00:00Z", "2026-03-09T23:00:00Z", vec![]),
            (&neutral, "2026-03-09T22:00:00Z", "2026-03-09T23:00:01Z", vec![Leave]), // midnight in Copenhagen
            (&neutral, "2026-03-12T22:59:00Z", "2026-03-12T23:30:00Z", vec![Leave]),
            (&neutral, "2026-03-12T23:00:00Z", "2026-03-12T23:30:00Z", vec![]),
            (&neutral, "2026-03-04T13:19:00Z", "2026-03-04T14:00:00Z", vec![Buffer]),
            (&neutral, "2026-03-04T13:20:00Z", "2026-03-04T14:00:00Z", vec![]),
            // That it overlaps is for the claims to say.
            (&neutral, "2026-03-04T12:30:00Z", "2026-03-04T14:00:00Z", vec![]),
            (&strict, "2026-03-04T13:29:00Z", "2026-03-04T14:00:00Z", vec![Buffer]),
            (&strict, "2026-03-04T13:30:00Z", "2026-03-04T14:00:00Z", vec![]),
            (&strict, "2026-03-02T09:59:59Z", "2026-03-02T10:30:00Z", vec![Notice]),
            (&strict, "2026-03-02T10:00:00Z", "2026-03-02T10:30:00Z", vec![]),
            (&strict, "2026-03-12T22:59:00Z", "2026-03-12T22:59:59Z", vec![Leave]),
            (&strict, "2026-03-12T23:00:00Z", "2026-03-12T23:30:00Z", vec![Horizon]),
            (&neutral, "2028-03-02T22:59:00Z", "2028-03-02T23:30:00Z", vec![]),
            (&neutral, "2028-03-02T23:00:00Z", "2028-03-02T23:30:00Z", vec![Horizon]),
        ] {
            assert_eq!(said(&member, meetings, from, until), expected, "{from} {until}");
        }
        member.full = vec![("2026-03-05".parse().unwrap(), DayLimit)];
        assert_eq!(said(&member, &neutral, "2026-03-05T12:00:00Z", "2026-03-05T13:00:00Z"), [DayLimit]);
        let problem = refusal(&[Leave, DayLimit]);
        assert_eq!(problem.errors.iter().map(|error| error.code).collect::<Vec<_>>(), ["leave", "day_limit"]);
    }
}
