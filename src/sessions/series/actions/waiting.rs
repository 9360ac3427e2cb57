//! What consents and proofs make of a series that is planned: dates wait for one that is missing, and are planned once it is there; what was planned is
//! off where an adult's own consent stays away.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::planning;
use crate::access::Tx;
use crate::base::error::{Error, Result};
use crate::base::ids::{CourseId, MatchId, PersonId, SeriesId, StaffId};
use crate::courses::{self, Standing};
use crate::matching::{self, Match};
use crate::sessions::free::actions::forbidden;
use crate::sessions::model::{Session, Side};
use crate::sessions::series::model::{Gap, GapReason, GapState, Series};
use crate::sessions::series::{rules, store};
use crate::sessions::{actions as sessions, store as session_store};

/// Consequence of a consent, or of a resumption: the dates of a course's series that only waited for a consent or a proof are planned, and for those
/// that cannot be anyway another time is looked for that may have waited, too.
///
/// # Errors
/// The database's and the vault's.
pub fn plan_waiting(tx: &mut Tx<'_>, course: CourseId) -> Result<()> {
    let live = matching::store::fact_live(tx, Some(course), None)?;
    plan_waiting_in(tx, &live)
}

/// Consequence of a member of staff's proofs: the dates of the series they run that only waited for one are planned.
///
/// # Errors
/// The database's and the vault's.
pub fn certified(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    let live = matching::store::fact_live(tx, None, Some(staff))?;
    plan_waiting_in(tx, &live)
}

/// Consequence of a birth date: another day is the 18th birthday, and whoever is no child on a date is met without a certificate.
///
/// # Errors
/// The database's and the vault's.
pub fn born(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let courses: Vec<CourseId> = courses::store::fact_unended_of(tx, person)?.iter().map(|course| course.id).collect();
    take_lapsed_off(tx, &courses)?;
    plan_waiting_of(tx, person)
}

/// Consequence of custody that changed: who lacked may not be asked any more, and whoever is may have said yes before. Dates that only waited for
/// that are planned.
///
/// # Errors
/// The database's and the vault's.
pub fn custody_changed(tx: &mut Tx<'_>, child: PersonId) -> Result<()> {
    plan_waiting_of(tx, child)
}

/// Consequence of a consent that ended, and of each night: what is planned in a course for when its participant is of age, and does not stay without
/// the adult's own consent, is cancelled by the unit. In a series its date is a gap that waits for the consent. Told again it changes nothing.
///
/// # Errors
/// The database's and the vault's.
pub fn consent_lacking(tx: &mut Tx<'_>, course: CourseId) -> Result<()> {
    take_lapsed_off(tx, &[course])
}

/// Takes off what lapsed in these courses of one person, in one word.
fn take_lapsed_off(tx: &mut Tx<'_>, of: &[CourseId]) -> Result<()> {
    let (now, zone, mut off) = (tx.now, tx.programme.calendar().zone, Vec::new());
    for course in of {
        if let Some(lapses_on) = courses::actions::standing(tx, *course)?.lapses_on() {
            let mut lapsed = session_store::fact_open_of_course(tx, *course, zone.start_of(lapses_on))?;
            make_gaps(tx, &mut lapsed, lapses_on)?;
            off.append(&mut lapsed);
        }
    }
    off.sort_by_key(|session| session.starts_at);
    sessions::take_all_off(tx, off, (Side::Unit, None), now, false)
}

/// Sessions that stand for dates of running series from one on make place for gaps there, as far as these are still to come. What was moved there
/// from an earlier date leaves none: on that one it could have stayed.
fn make_gaps(tx: &mut Tx<'_>, sessions: &mut [Session], from_on: NaiveDate) -> Result<()> {
    let matches: BTreeSet<MatchId> = sessions.iter().map(|session| session.matched).collect();
    for matched in matches {
        for series in store::fact_running(tx, matched)? {
            let coming = planning::coming(&series.terms, tx.now)?;
            let mut dates = BTreeSet::new();
            for session in sessions.iter_mut() {
                let given =
                    session.occurrence.take_if(|given| given.series == series.id && given.on >= from_on && coming.contains(&given.on));
                dates.extend(given.map(|given| given.on));
            }
            let gaps: Vec<Gap> = dates.into_iter().map(|on| planning::gap(tx, &series, on, GapReason::Consent, None)).collect();
            store::put_gaps(tx, series.id, &gaps)?;
        }
    }
    Ok(())
}

/// Consequence of each night: the dates of a match's series that waited, and that nothing forbids any more, are planned as by a word: what is planned
/// stays for longer by a setting, or whoever's word was missing is not asked any more, since the person has come of age. Told again it changes nothing.
///
/// # Errors
/// The database's and the vault's.
pub fn plan_allowed(tx: &mut Tx<'_>, matched: MatchId) -> Result<()> {
    let series: Vec<SeriesId> = store::fact_running(tx, matched)?.iter().map(|series| series.id).collect();
    let mut waiting = store::list_gaps(tx, &series, true)?;
    waiting.retain(rules::waits);
    let Some(matched) = matching::store::find_fact(tx, matched)?.filter(|_| !waiting.is_empty()) else { return Ok(()) };
    let Some(standing) = find_standing(tx, &matched)? else { return Ok(()) };
    let forbidden = forbidden(tx, &matched, &standing)?;
    if waiting.iter().all(|gap| forbidden(gap.on).is_some()) {
        return Ok(());
    }
    plan_waiting_in(tx, std::slice::from_ref(&matched))
}

/// What decides about the dates of a match that runs. `None`: what stands still is planned when it goes on.
fn find_standing(tx: &mut Tx<'_>, matched: &Match) -> Result<Option<Standing>> {
    match sessions::check_running(tx, matched) {
        Ok(standing) => Ok(Some(standing)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn plan_waiting_of(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let matches = matching::store::fact_of_person(tx, person)?;
    plan_waiting_in(tx, &matches)
}

/// Judges the dates of these matches' series anew that waited, and looks for what can be offered instead of those that cannot be used anyway.
fn plan_waiting_in(tx: &mut Tx<'_>, matches: &[Match]) -> Result<()> {
    for matched in matches {
        for series in store::fact_running(tx, matched.id)? {
            let now = tx.now;
            let is_to_come = |gap: &Gap| rules::time_of(&series.terms, gap.on).0 > now;
            let open = store::list_gaps(tx, &[series.id], true)?;
            let (waiting, mut staying): (Vec<Gap>, Vec<Gap>) = open.into_iter().partition(|gap| rules::waits(gap) && is_to_come(gap));
            staying.retain(|gap| gap.suggested_at.is_some() || (rules::lacks_offer(gap) && is_to_come(gap)));
            if waiting.is_empty() && staying.iter().all(|gap| gap.suggested_at.is_some()) {
                continue;
            }
            if let Some(standing) = find_standing(tx, matched)? {
                plan_gaps(tx, &series, (matched, &standing), &waiting, staying)?;
            }
        }
    }
    Ok(())
}

/// Judges the dates of gaps anew: of one that can be used now a session stands in the gap. Beside them gaps stay, each with another time where there is
/// one.
fn plan_gaps(tx: &mut Tx<'_>, series: &Series, pair: (&Match, &Standing), gaps: &[Gap], staying: Vec<Gap>) -> Result<()> {
    let (matched, _) = pair;
    planning::lock(tx, matched)?;
    let dates: Vec<NaiveDate> = gaps.iter().map(|gap| gap.on).collect();
    let own = planning::Own { gaps: staying, ..planning::Own::default() };
    let judged = planning::judge(tx, series, pair, &dates, &own)?;
    // By itself: nobody agrees on it with its person now.
    let new = planning::plan(tx, series, matched, &judged, None)?;
    for session in &new {
        let is_its = |gap: &&Gap| session.occurrence.as_ref().is_some_and(|occurrence| occurrence.on == gap.on);
        if let Some(gap) = gaps.iter().find(is_its) {
            store::settle_gap(tx, gap, GapState::Filled, Some(session.id))?;
        }
    }
    sessions::follow_new(tx, &new)
}
