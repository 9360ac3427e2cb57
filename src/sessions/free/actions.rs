//! Look for free times, and ask why one is not.

mod planning;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

pub(in crate::sessions) use planning::{TimeSet, check_arranged, check_offered, check_rules, leaves_of, or_alternatives};

use super::model::{Against, Candidate, Checked, Claim, FreeTime, Limits, Member, Pair, Wanted};
use super::{rules, store};
use crate::access::{Reach, Tx};
use crate::availability::slots::rules::{kept_free, objections};
use crate::availability::slots::{Agreed, Ask, Objection};
use crate::availability::{self, Hours, Times};
use crate::base::calendar::{Range, Zone};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result};
use crate::base::ids::{AnyId, MatchId, PersonId, SessionId, StaffId};
use crate::courses::Standing;
use crate::courses::model::Track;
use crate::matching::ranking::{self, Employed};
use crate::matching::{self, Match, proofs};
use crate::people;
use crate::sessions::actions::{check_match, consents};
use crate::sessions::model::{Kind, Side};
use crate::staff::{self, Service};

/// How many free times of each member of staff are shown.
const FIRST: usize = 3;

/// The times at which everybody of these matches can, in order.
///
/// # Errors
/// 403 for several matches of whoever is no coordinator; 422 for an unknown one; 409 while one plans nothing.
pub fn free_times(tx: &mut Tx<'_>, matches: &[MatchId], wanted: &Wanted) -> Result<Vec<FreeTime>> {
    let (matches, standings) = get_matches(tx, matches)?;
    let (members, ask) = (load(tx, &matches, wanted, &[])?, ask_for(tx, &matches, wanted));
    let (calendar, on_holidays) = (tx.programme.calendar(), tx.programme.availability.work_on_holidays);
    let is_assumed = members.iter().any(|member| member.side == Side::Staff && !member.has_stated);
    let mut slots = rules::free_times(&members, &ask, calendar, on_holidays);
    let may = allowed(tx, &matches, &standings)?;
    slots.retain(|slot| may(calendar.zone.date(slot.starts_at)));
    Ok(slots.into_iter().map(|slot| FreeTime { slot, is_assumed }).collect())
}

/// What forbids a session of a match on a date, whatever the hour, when it is planned today: a consent, or a proof of whoever meets the person.
///
/// # Errors
/// The database's.
pub(in crate::sessions) fn forbidden<'a, 's>(
    tx: &mut Tx<'a>,
    matched: &Match,
    standing: &'s Standing,
) -> Result<impl Fn(NaiveDate) -> Option<Objection> + use<'a, 's>> {
    let (may, proofs) = (consents(standing), proofs::actions::of(tx, matched, matched.staff)?);
    Ok(move |on| {
        let lacking = (!proofs.hold_on(on)).then_some(Objection::Certificate);
        if may(on) { lacking } else { Some(Objection::Consent) }
    })
}

/// On which dates all these matches may have a session that is planned today.
fn allowed<'a, 's>(tx: &mut Tx<'a>, matches: &[Match], standings: &'s [Standing]) -> Result<impl Fn(NaiveDate) -> bool + use<'a, 's>> {
    let each = matches.iter().zip(standings).map(|(matched, standing)| forbidden(tx, matched, standing)).collect::<Result<Vec<_>>>()?;
    Ok(move |on| each.iter().all(|forbidden| forbidden(on).is_none()))
}

/// Matches that may have sessions, and for each what decides about the dates of its course. Only a coordinator asks across several: what one mentor's
/// family does is not another's to see.
fn get_matches(tx: &mut Tx<'_>, ids: &[MatchId]) -> Result<(Vec<Match>, Vec<Standing>)> {
    if ids.len() > 1 && !tx.reaches(Reach::All) {
        return Err(Code::Forbidden.into());
    }
    let today = tx.programme.calendar().zone.date(tx.now);
    let (mut matches, mut standings) = (Vec::new(), Vec::new());
    for id in ids {
        let matched = matching::actions::get_named(tx, *id, "query/matches")?;
        standings.push(check_match(tx, &matched, today)?);
        tx.saw(matched.id);
        tx.saw(matched.person);
        matches.push(matched);
    }
    Ok((matches, standings))
}

/// Everybody of these matches once, with all that is known of their time around a window. `but` is being moved.
fn load(tx: &mut Tx<'_>, matches: &[Match], wanted: &Wanted, but: &[SessionId]) -> Result<Vec<Member>> {
    let mut staff: Vec<Service> = Vec::new();
    let mut people: Vec<PersonId> = Vec::new();
    for matched in matches {
        if !staff.iter().any(|known| known.id == matched.staff) {
            staff.extend(staff::store::list_service(tx, None, Some(matched.staff))?);
        }
        if !people.contains(&matched.person) {
            people.push(matched.person);
        }
    }
    let mut members = load_limited(tx, &staff, wanted, but)?;
    members.extend(load_people(tx, &people, wanted.window, but)?);
    Ok(members)
}

/// The question about these matches.
fn ask_for(tx: &Tx<'_>, matches: &[Match], wanted: &Wanted) -> Ask {
    let agreed = match matches {
        [one] => Agreed { weekday: one.agreed.weekday, at_min: one.agreed.at_min },
        _ => Agreed::default(),
    };
    let longest = matches.iter().filter_map(|matched| u32::try_from(matched.agreed.length_min).ok()).max();
    question(tx, wanted, longest, agreed)
}

fn question(tx: &Tx<'_>, wanted: &Wanted, agreed_min: Option<u32>, agreed: Agreed) -> Ask {
    let meetings = rules::meetings(wanted.kind, &tx.programme.availability);
    let length_min = rules::length_min(wanted.length_min, meetings, agreed_min);
    rules::ask(wanted, length_min, meetings, agreed, tx.now, tx.programme.calendar())
}

/// As [`load_staff`], with the dates that are full for the kind of meeting.
fn load_limited(tx: &mut Tx<'_>, staff: &[Service], wanted: &Wanted, but: &[SessionId]) -> Result<Vec<Member>> {
    let ids: Vec<StaffId> = staff.iter().map(|member| member.id).collect();
    let mut limits = load_limits(tx, &ids, wanted, but)?;
    let mut members = load_staff(tx, staff, wanted.window, but)?;
    for member in &mut members {
        let id: StaffId = member.id.cast();
        member.full = limits.remove(&id).unwrap_or_default().full;
    }
    Ok(members)
}

fn load_staff(tx: &mut Tx<'_>, staff: &[Service], window: Range, but: &[SessionId]) -> Result<Vec<Member>> {
    let settings = &tx.programme.availability;
    let ids: Vec<StaffId> = staff.iter().map(|member| member.id).collect();
    let claims = load_claims(tx, ids.iter().map(|id| id.cast()).collect(), window, but)?;
    let mut hours = availability::store::fact_hours(tx, Some(&ids))?;
    let (from_on, until_on) = dates_around(window);
    let mut exceptions = availability::store::fact_exceptions(tx, &ids, from_on, Some(until_on))?;
    let (zone, assumed) = (tx.programme.zone, availability::rules::assumed(settings));
    let member = |there: &Service| {
        let said: Hours = hours.remove(&there.id).unwrap_or_default();
        let own = said.zone.unwrap_or(zone);
        let lent = there.loan_until_on;
        let left = there.left_on.and_then(|left| left.pred_opt());
        Member {
            has_stated: said.week.is_some(),
            week: said.week.unwrap_or_else(|| assumed.clone()),
            exceptions: exceptions.remove(&there.id).unwrap_or_default(),
            leaves: there.leaves.iter().map(|leave| (leave.from_on, leave.until_on)).collect(),
            service: (Some(rules::begins_at(there.from_on, own, zone)), left.into_iter().chain(lent).min()),
            busy: rules::busy(&claims, there.id.cast(), Side::Staff, settings),
            ..Member::blank(there.id.cast(), Side::Staff, own)
        }
    };
    Ok(staff.iter().map(member).collect())
}

fn load_people(tx: &mut Tx<'_>, ids: &[PersonId], window: Range, but: &[SessionId]) -> Result<Vec<Member>> {
    let settings = &tx.programme.availability;
    let claims = load_claims(tx, ids.iter().map(|id| id.cast()).collect(), window, but)?;
    let mut times = availability::store::fact_times(tx, ids)?;
    let zone = tx.programme.zone;
    let member = |id: &PersonId| {
        let said: Times = times.remove(id).unwrap_or_default();
        let wished = availability::rules::wished(&said, settings);
        Member {
            has_stated: wished.is_some(),
            // A wish is no limit, nor is silence: the hours are those of whoever meets them.
            week: availability::rules::whole(),
            never: said.never,
            busy: rules::busy(&claims, id.cast(), Side::Person, settings),
            wished,
            ..Member::blank(id.cast(), Side::Person, zone)
        }
    };
    Ok(ids.iter().map(member).collect())
}

fn load_claims(tx: &mut Tx<'_>, mut who: Vec<AnyId>, window: Range, but: &[SessionId]) -> Result<Vec<Claim>> {
    let reach = rules::reach(&tx.programme.availability);
    let (from, until) = (window.starts_at().minus(reach), window.ends_at().plus(reach));
    who.sort_unstable();
    store::claims(tx, &who, window.between(from, until), but)
}

/// The dates of a window on a clock.
fn dates_in(window: Range, zone: Zone) -> Vec<NaiveDate> {
    let last = zone.date(window.ends_at());
    zone.date(window.starts_at()).iter_days().take_while(|on| *on <= last).collect()
}

/// The dates of a window on any clock.
fn dates_around(window: Range) -> (NaiveDate, NaiveDate) {
    let date = |at: Instant| at.to_utc().date_naive();
    (date(window.starts_at().minus(TimeDelta::days(2))), date(window.ends_at().plus(TimeDelta::days(2))))
}

/// What counts around a window towards the limits of each of the staff for a kind of meeting; nothing is read where there is no limit.
fn load_limits(tx: &mut Tx<'_>, ids: &[StaffId], wanted: &Wanted, but: &[SessionId]) -> Result<BTreeMap<StaffId, Limits>> {
    let (meetings, zone) = (rules::meetings(wanted.kind, &tx.programme.availability), tx.programme.zone);
    if meetings.most_a_day.is_none() && meetings.most_a_week.is_none() {
        return Ok(BTreeMap::new());
    }
    // Whole weeks, whatever day the window begins on.
    let week = TimeDelta::days(8);
    let around = wanted.window.between(wanted.window.starts_at().minus(week), wanted.window.ends_at().plus(week));
    let mut counted = store::begun(tx, ids, wanted.kind, around, but)?;
    // The parts of a joint session that one member of staff runs are one meeting.
    counted.sort_unstable();
    counted.dedup();
    let mut begun: BTreeMap<StaffId, Vec<NaiveDate>> = BTreeMap::new();
    for (id, at) in counted {
        begun.entry(id).or_default().push(zone.date(at));
    }
    Ok(begun.into_iter().map(|(id, dates)| (id, rules::limits(dates, meetings))).collect())
}

/// The two of a match, with all that is known of their time inside a window but these sessions, and the limits of these kinds of meetings: for a
/// rule that plans many dates at once.
pub(in crate::sessions) fn load_pair(
    tx: &mut Tx<'_>,
    matched: &Match,
    kinds: &BTreeSet<Kind>,
    window: Range,
    but: &[SessionId],
) -> Result<Pair> {
    let mut limits = BTreeMap::new();
    for kind in kinds.iter().copied() {
        let wanted = Wanted { kind, window, length_min: None };
        limits.extend(load_limits(tx, &[matched.staff], &wanted, but)?.remove(&matched.staff).map(|own| (kind, own)));
    }
    let staff = staff::store::list_service(tx, None, Some(matched.staff))?;
    let staff = load_staff(tx, &staff, window, but)?.pop().ok_or(Code::NotFound)?;
    let person = load_people(tx, &[matched.person], window, but)?.pop().ok_or(Code::NotFound)?;
    Ok(Pair { staff, person, limits })
}

/// Whether a time is offered for these matches, and if not, why: in full for whoever may see what stands behind it.
///
/// # Errors
/// As [`free_times`].
pub fn check_time(tx: &mut Tx<'_>, matches: &[MatchId], wanted: &Wanted) -> Result<Checked> {
    let (matches, standings) = get_matches(tx, matches)?;
    let (ask, starts_at) = (ask_for(tx, &matches, wanted), wanted.window.starts_at());
    let meeting = wanted.window.between(starts_at, starts_at.plus(ask.length));
    let members = load(tx, &matches, &Wanted { window: meeting, ..*wanted }, &[])?;
    let frames = rules::frames(&members, meeting, tx.programme.calendar());
    let on_holidays = tx.programme.availability.work_on_holidays;
    let Some((_, grid)) = frames.first() else { return Err(Error::internal("the programme's clock is missing")) };
    let whoever = objections::of_time(meeting, &ask, grid);
    let mut against: Vec<Against> = whoever.into_iter().map(|objection| Against { matched: None, side: None, objection }).collect();
    for (member, participant) in members.iter().zip(rules::participants(&members, &frames, on_holidays)) {
        let found = objections::of_participant(meeting, &participant, &ask, grid);
        let shown = shown(tx, (member.id, member.side), meeting, &ask, found)?;
        let matched = matches.iter().find(|matched| matched.staff.cast() == member.id || matched.person.cast() == member.id);
        against.extend(shown.into_iter().map(|objection| Against {
            matched: matched.map(|matched| matched.id),
            side: Some(member.side),
            objection,
        }));
    }
    let on = tx.programme.calendar().zone.date(starts_at);
    for (matched, standing) in matches.iter().zip(&standings) {
        if let Some(objection) = forbidden(tx, matched, standing)?(on) {
            let side = if objection == Objection::Certificate { Side::Staff } else { Side::Person };
            against.push(Against { matched: Some(matched.id), side: Some(side), objection });
        }
    }
    against.sort_unstable();
    against.dedup();
    Ok(Checked { starts_at, ends_at: meeting.ends_at(), against })
}

/// What of the objections of one who takes part the caller may see. Hours, leave and limits of staff are for themselves and the unit;
/// something planned is for whoever may see that session; what a person wishes is for whoever meets them.
fn shown(tx: &mut Tx<'_>, (who, side): (AnyId, Side), meeting: Range, ask: &Ask, found: Vec<Objection>) -> Result<Vec<Objection>> {
    let is_own = match side {
        Side::Staff => {
            let account = staff::store::fact_account(tx, who.cast())?;
            tx.reaches(Reach::All) || account.is_some() && account == tx.actor.account
        }
        Side::Person | Side::Unit => true,
    };
    let mut shown = Vec::new();
    for objection in found {
        let may_see = match objection {
            Objection::Busy | Objection::Buffer => {
                let reach = rules::reach(&tx.programme.availability);
                let around = meeting.between(meeting.starts_at().minus(reach), meeting.ends_at().plus(reach));
                let claims = store::claims(tx, &[who], around, &[])?;
                let in_the_way = |claim: &&Claim| {
                    let busy = rules::busy(&[**claim], who, side, &tx.programme.availability);
                    busy.first().is_some_and(|busy| kept_free(busy, ask.before, ask.after).overlaps(meeting))
                };
                let ids: Vec<SessionId> = claims.iter().filter(in_the_way).map(|claim| claim.session).collect();
                store::may_see_all(tx, &ids)?
            }
            Objection::Never
            | Objection::Holiday
            | Objection::Consent
            | Objection::Notice
            | Objection::Horizon
            | Objection::BetweenStarts => true,
            Objection::NotAvailable => false,
            Objection::Certificate
            | Objection::Leave
            | Objection::NotInService
            | Objection::OutsideHours
            | Objection::DayLimit
            | Objection::WeekLimit => is_own,
        };
        shown.push(if may_see { objection } else { Objection::NotAvailable });
    }
    Ok(shown)
}

/// Which of the staff of a track could see a person in a window, by their first free time: nobody who is kept from them whatever they were matched
/// for, and on no date on which they lack a proof that it takes. Whether they fit is matching's to say.
///
/// # Errors
/// 404 for a person the caller may not see.
pub fn who_could(tx: &mut Tx<'_>, person: PersonId, track: Track, wanted: &Wanted) -> Result<Vec<Candidate>> {
    people::store::check_visible(tx, person)?;
    tx.saw(person);
    let today = tx.programme.calendar().zone.date(tx.now);
    let mut staff = staff::store::list_service(tx, Some(track.kind_of_staff()), None)?;
    staff.retain(|member| member.left_on.is_none_or(|left| today < left));
    let employed: Vec<Employed> = staff.iter().map(|member| (member.id, member.account)).collect();
    let apart = ranking::actions::list_apart(tx, person, track, &employed)?;
    staff.retain(|member| !apart.contains(&member.id));
    let ids: Vec<StaffId> = staff.iter().map(|member| member.id).collect();
    let mut lacking = proofs::actions::list_lacking(tx, (person, track), &ids, &dates_in(wanted.window, tx.programme.calendar().zone))?;
    let mut members = load_limited(tx, &staff, wanted, &[])?;
    for member in &mut members {
        let id: StaffId = member.id.cast();
        let dates = lacking.remove(&id).unwrap_or_default();
        member.full.extend(dates.into_iter().map(|on| (on, Objection::Certificate)));
    }
    let met = load_people(tx, &[person], wanted.window, &[])?;
    let ask = question(tx, wanted, None, Agreed::default());
    let Some(met) = met.first() else { return Ok(Vec::new()) };
    let on_holidays = tx.programme.availability.work_on_holidays;
    Ok(rules::who_could(&members, met, &ask, tx.programme.calendar(), on_holidays, FIRST))
}
