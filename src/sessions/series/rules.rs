//! When a series is, and which of its sessions a change is for. Pure.

pub mod days;

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};

use super::model::{Gap, GapReason, Series, Terms, Wish};
use crate::base::calendar::{Asked, Recurrence, Unfit, Until, Zone, two_years_from};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result, invalid};
use crate::base::ids::SeriesId;
use crate::base::value::Flaw;
use crate::matching::model::Agreed;
use crate::matching::rules::LENGTHS_MIN;
use crate::matching::{PlaceCode, Rhythm};
use crate::sessions::model::{Kind, Session};

/// The terms of a new series: what is wished, else what the match agreed on, from now until the match's expected end.
///
/// # Errors
/// 422 with the member that is wrong, or that is missing because nothing was agreed.
pub fn terms(wish: &Wish, agreed: &Agreed, now: Instant, zone: Zone) -> Result<Terms> {
    let today = zone.date(now);
    let from_on = wish.from_on.unwrap_or(today);
    check_from(from_on, today)?;
    let at_min = wish.at_min.or(agreed.at_min).map(check_at).transpose()?;
    // Once its hour is past today is no date any more: the weeks are counted, and the sessions, from the next that fits.
    let is_past = at_min.is_some_and(|at_min| moment(from_on, at_min, zone) <= now);
    let from_on = if is_past { from_on + TimeDelta::days(1) } else { from_on };
    let asked = wish.rule.as_ref().map(|rule| parse(rule.as_str())).transpose()?;
    let recurrence = match (asked, agreed.weekday.and_then(weekday)) {
        (Some(asked), _) => asked.recurrence,
        (None, Some(day)) => as_agreed(agreed.rhythm, day, from_on),
        (None, None) => {
            return Err(invalid(
                "/rule",
                Flaw::Required,
                "Matchet har ingen aftalt ugedag: angiv en regel",
                "The match has no agreed weekday: give a rule",
            ));
        }
    };
    let at_min = at_min.ok_or_else(|| {
        invalid("/at_min", Flaw::Required, "Matchet har intet aftalt klokkeslæt: angiv et", "The match has no agreed time of day: give one")
    })?;
    let terms = Terms {
        recurrence,
        from_on: recurrence.first(from_on),
        until_on: agreed.expected_end_on.min(two_years_from(today)),
        at_min,
        length_min: wish.length_min.unwrap_or(agreed.length_min),
        zone,
        kind: wish.kind.unwrap_or(Kind::InPerson),
        place: wish.place.clone().or(agreed.place.clone()),
    };
    ending(terms, asked, wish.until_on, two_years_from(today))
}

/// The terms of a series from a date on with what is wished of it. The first session on or after that date moves within its week, or where the series is
/// and stays monthly its month, so that the new terms may begin before the date, but neither before today nor on or before `after`, the last date of
/// the series that it continues. Where the rule stays, its weeks are counted on; where it was still to begin, it begins in the week or month that it was
/// to, and not before.
///
/// # Errors
/// 422 with the member that is wrong.
pub fn changed(terms: &Terms, wish: &Wish, from_on: NaiveDate, today: NaiveDate, after: Option<NaiveDate>) -> Result<Terms> {
    let asked = wish.rule.as_ref().map(|rule| parse(rule.as_str())).transpose()?;
    let recurrence = asked.map_or(terms.recurrence, |asked| asked.recurrence);
    let is_monthly = terms.recurrence.is_monthly() && recurrence.is_monthly();
    let before = dates(terms)?;
    let with_first = before.iter().find(|on| **on >= from_on).map_or(from_on, |first| turn(*first, is_monthly).min(from_on).max(today));
    let begins_on = after.map_or(NaiveDate::MIN, |after| after + TimeDelta::days(1)).max(turn(terms.from_on, is_monthly));
    let from_on = with_first.max(begins_on);
    let counted = if recurrence == terms.recurrence { before.into_iter().find(|on| *on >= from_on) } else { None };
    let new = Terms {
        recurrence,
        from_on: counted.unwrap_or_else(|| first_in_turn(terms, recurrence, from_on)),
        until_on: terms.until_on,
        at_min: wish.at_min.map_or(Ok(terms.at_min), check_at)?,
        length_min: wish.length_min.unwrap_or(terms.length_min),
        zone: terms.zone,
        kind: wish.kind.unwrap_or(terms.kind),
        place: wish.place.clone().or(terms.place.clone()),
    };
    // An earlier version let a series end later: that end may stay.
    ending(new, asked, wish.until_on, two_years_from(today).max(terms.until_on))
}

/// From when on a later part of a series holds that has not ended: one that continues it, or with it another, directly or not. `all`: the series of its
/// match.
pub fn next_part_on(series: &Series, all: &[Series]) -> Option<NaiveDate> {
    let first_part = |mut id: SeriesId| {
        while let Some(former) = all.iter().find(|part| part.id == id).and_then(|part| part.follows) {
            id = former;
        }
        id
    };
    let first = first_part(series.id);
    let is_later = |part: &&Series| part.ended_at.is_none() && part.terms.from_on > series.terms.from_on;
    let later = all.iter().filter(is_later).filter(|part| first_part(part.id) == first);
    later.map(|part| part.terms.from_on).min()
}

/// A part of a series does not reach further than it did into the part that comes next: who meets by that would meet twice.
///
/// # Errors
/// 422.
pub fn check_next_part(old: &Terms, new: &Terms, wish: &Wish, next_on: Option<NaiveDate>) -> Result<()> {
    if next_on.is_none_or(|next_on| new.until_on < next_on) || new.until_on <= old.until_on {
        return Ok(());
    }
    let pointer = if wish.until_on.is_some() { "/until_on" } else { "/rule" };
    let words =
        ("En senere del af serien begynder inden da: forlæng den", "A later part of the series begins before that: extend that one");
    Err(invalid(pointer, Flaw::Overlaps, words.0, words.1))
}

/// The first date of a changed rule, or after the last date that there was. Where every second week stays every second week, it is in a week that
/// the pair met in anyway.
fn first_in_turn(terms: &Terms, recurrence: Recurrence, from_on: NaiveDate) -> NaiveDate {
    let first = recurrence.first(from_on);
    let weeks_between = |on: NaiveDate| (turn(on, false) - turn(terms.from_on, false)).num_weeks();
    let is_off_week = terms.recurrence.is_fortnightly() && recurrence.is_fortnightly() && weeks_between(first).rem_euclid(2) == 1;
    if is_off_week { first + TimeDelta::weeks(1) } else { first }
}

/// Puts the end to terms, on `latest_on` at the latest, and checks how long a session lasts.
fn ending(mut terms: Terms, asked: Option<Asked>, until_on: Option<NaiveDate>, latest_on: NaiveDate) -> Result<Terms> {
    if !u32::try_from(terms.length_min).is_ok_and(|minutes| LENGTHS_MIN.contains(&minutes)) {
        return Err(out_of_range("/length_min"));
    }
    let by_rule = asked.and_then(|asked| asked.until).map(|until| last_date(&terms, until));
    match (by_rule, asked.and_then(|asked| asked.count), until_on) {
        (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            return Err(invalid(
                "/until_on",
                Flaw::Twice,
                "Reglen siger allerede, hvornår serien slutter",
                "The rule says already when the series ends",
            ));
        }
        (_, Some(count), None) => {
            let counted = terms.recurrence.dates(terms.from_on, latest_on, count).map_err(refuse)?;
            if counted.len() < usize::from(count) {
                return Err(too_far("/rule"));
            }
            terms.until_on = counted.last().copied().unwrap_or(terms.from_on);
        }
        (Some(on), None, None) => terms.until_on = on,
        (None, None, Some(on)) => terms.until_on = on,
        (None, None, None) => {}
    }
    let pointer = if by_rule.is_some() { "/rule" } else { "/until_on" };
    if terms.until_on < terms.from_on {
        let words = (
            "Reglen har ingen dato fra seriens begyndelse til dens slutning",
            "The rule has no date from the series' beginning to its end",
        );
        return Err(invalid(pointer, Flaw::BeforeStart, words.0, words.1));
    }
    if terms.until_on > latest_on {
        return Err(too_far(pointer));
    }
    Ok(terms)
}

/// The last date whose session begins by the end of a rule.
fn last_date(terms: &Terms, until: Until) -> NaiveDate {
    match until {
        Until::On(on) => on,
        Until::At(at) => {
            let on = terms.zone.date(at);
            if time_of(terms, on).0 <= at { on } else { on.pred_opt().unwrap_or(on) }
        }
    }
}

fn too_far(pointer: &str) -> Error {
    invalid(pointer, Flaw::TooFar, "En serie slutter inden for to år", "A series ends within two years")
}

/// Not in the past, and not in another generation.
fn check_from(from_on: NaiveDate, today: NaiveDate) -> Result<()> {
    if from_on < today {
        return Err(invalid("/from_on", Flaw::BeforeToday, "Fortiden kan ikke planlægges", "The past cannot be planned"));
    }
    if from_on > two_years_from(today) {
        return Err(invalid("/from_on", Flaw::TooFar, "En serie begynder inden for to år", "A series begins within two years"));
    }
    Ok(())
}

/// A minute of the day.
fn check_at(at_min: i32) -> Result<i32> {
    if (0..1440).contains(&at_min) { Ok(at_min) } else { Err(out_of_range("/at_min")) }
}

fn out_of_range(pointer: &str) -> Error {
    Flaw::OutOfRange.refused(pointer)
}

fn parse(rule: &str) -> Result<Asked> {
    Recurrence::parse(rule).map_err(refuse)
}

/// What a client reads of a rule that is refused.
fn refuse(unfit: Unfit) -> Error {
    match unfit {
        Unfit::NotARule => Flaw::NotARule.refused("/rule"),
        Unfit::NotSupported => Flaw::UnsupportedRule.refused("/rule"),
        Unfit::Count => invalid("/rule", Flaw::TooMany, "En serie har 1 til 110 møder", "A series has 1 to 110 sessions"),
    }
}

/// The rule that an agreed rhythm on a weekday means from a date on; monthly is on the same weekday of the month as the first.
fn as_agreed(rhythm: Rhythm, day: Weekday, from_on: NaiveDate) -> Recurrence {
    match rhythm {
        Rhythm::Weekly => Recurrence::weekly(1, day),
        Rhythm::EverySecondWeek => Recurrence::weekly(2, day),
        Rhythm::Monthly => Recurrence::monthly_like(Recurrence::weekly(1, day).first(from_on)),
    }
}

fn weekday(number: i32) -> Option<Weekday> {
    u8::try_from(number - 1).ok().and_then(|number| Weekday::try_from(number).ok())
}

/// Every date of the series.
///
/// # Errors
/// Never for terms that were checked.
pub fn dates(terms: &Terms) -> Result<Vec<NaiveDate>> {
    terms.recurrence.dates(terms.from_on, terms.until_on, Recurrence::MOST).map_err(refuse)
}

/// When the session of a date begins and ends: wall time by the zone's rule, the length in elapsed minutes.
pub fn time_of(terms: &Terms, on: NaiveDate) -> (Instant, Instant) {
    time_at(terms, on, terms.at_min)
}

/// As [`time_of`], at another minute of the day.
fn time_at(terms: &Terms, on: NaiveDate, at_min: i32) -> (Instant, Instant) {
    let starts_at = moment(on, at_min, terms.zone);
    (starts_at, starts_at.plus(TimeDelta::minutes(i64::from(terms.length_min))))
}

fn moment(on: NaiveDate, at_min: i32, zone: Zone) -> Instant {
    zone.at_wall(on.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(at_min)))
}

/// When the sessions of all dates begin.
///
/// # Errors
/// As [`dates`].
pub fn starts(terms: &Terms) -> Result<BTreeSet<Instant>> {
    Ok(dates(terms)?.into_iter().map(|on| time_of(terms, on).0).collect())
}

/// Whether a session has something by itself: it is neither what its series gave it last nor what the series has by now. A series may have changed
/// since and left the session as it was, since somebody covered it: that makes nothing its own.
fn is_own<T: PartialEq>(has: &T, given: &T, by_now: &T) -> bool {
    has != given && has != by_now
}

/// Whether a session of a series was moved by itself: somebody agreed on that time, and a change of the series leaves it.
pub fn is_exception(terms: &Terms, session: &Session) -> bool {
    session.occurrence.as_ref().is_none_or(|given| {
        let at = |at_min| moment(given.on, at_min, terms.zone);
        is_own(&session.starts_at, &at(given.at_min), &at(terms.at_min))
    })
}

/// A session of a series as it is on a date of its new terms. How and where they meet stays where it was changed for this one; for how long, too,
/// unless a length is stated.
pub fn anew(before: &Terms, target: &Series, is_length_stated: bool, session: &Session, on: NaiveDate) -> Session {
    let (starts_at, ends_at) = time_of(&target.terms, on);
    let own_length = if is_length_stated { None } else { own_length(before, session) };
    let ends_at = own_length.map_or(ends_at, |length| starts_at.plus(length));
    let (kind, place) = held(before, &target.terms, session);
    Session { starts_at, ends_at, kind, place, occurrence: Some(target.occurrence(on)), ..session.clone() }
}

/// How long a session of a series lasts, where that is its own.
fn own_length(terms: &Terms, session: &Session) -> Option<TimeDelta> {
    let given = session.occurrence.as_ref()?;
    let length = session.ends_at.since(session.starts_at);
    let [given, by_now] = [given.length_min, terms.length_min].map(|minutes| TimeDelta::minutes(minutes.into()));
    is_own(&length, &given, &by_now).then_some(length)
}

/// How and where a session of a series is held by new terms: where it was changed for this one, as it is.
fn held(before: &Terms, new: &Terms, session: &Session) -> (Kind, Option<PlaceCode>) {
    let given = session.occurrence.as_ref();
    let (given_kind, given_place) = given.map_or((before.kind, &before.place), |given| (given.kind, &given.place));
    let kind = if is_own(&session.kind, &given_kind, &before.kind) { session.kind } else { new.kind };
    let place = if is_own(&session.place, given_place, &before.place) { &session.place } else { &new.place };
    (kind, place.clone())
}

/// What two dates have in common that stand for each other when a series changes: the week, or where it was and will be monthly the month.
pub fn turn(on: NaiveDate, is_monthly: bool) -> NaiveDate {
    if is_monthly { on.with_day(1).unwrap_or(on) } else { on - TimeDelta::days(i64::from(on.weekday().num_days_from_monday())) }
}

/// Whether a date waits for a consent or a proof alone, and is planned by itself once that is there.
pub const fn waits(gap: &Gap) -> bool {
    matches!(gap.reason, GapReason::Consent | GapReason::Certificate)
}

/// Whether another time for a date may have waited for a consent or a proof: the date itself cannot be used for another reason, and near it one of
/// those may lack, on the last days of a certificate. Whose week has its session is offered none.
pub const fn lacks_offer(gap: &Gap) -> bool {
    gap.suggested_at.is_none() && !waits(gap) && !matches!(gap.reason, GapReason::WeekLimit)
}

/// Whether nothing is left to decide on a gap: its date is past by the clock of its series, and so is what was suggested instead.
pub fn is_over(gap: &Gap, zone: Zone, now: Instant) -> bool {
    gap.on < zone.date(now) && gap.suggested_at.is_none_or(|at| at <= now)
}

/// Whether the week or month of a date has its date by these terms, but that one is past: nothing is left to move a session to.
pub fn is_past(terms: &Terms, on: NaiveDate, is_monthly: bool, now: Instant) -> bool {
    let turn_on = turn(on, is_monthly);
    let own = terms.recurrence.first(turn_on);
    turn(own, is_monthly) == turn_on && time_of(terms, own).0 <= now
}

#[cfg(test)]
mod tests;
