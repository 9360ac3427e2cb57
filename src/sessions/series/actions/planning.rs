//! Judge the dates of a series, and plan those that can be used.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use crate::access::Tx;
use crate::availability::slots::Objection;
use crate::base::calendar::Range;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result, Violation};
use crate::base::ids::{AccountId, RowId, SessionId};
use crate::courses::Standing;
use crate::matching::{Match, proofs};
use crate::sessions::free::actions::{forbidden, load_pair};
use crate::sessions::model::Session;
use crate::sessions::series::model::{Extent, Gap, GapReason, GapState, Series, Terms};
use crate::sessions::series::rules::days::Surroundings;
use crate::sessions::series::{rules, store};
use crate::sessions::{actions as sessions, store as session_store};

/// What was found of the dates of a series.
pub(super) struct Judged {
    /// Dates that can be used.
    pub(super) usable: Vec<NaiveDate>,
    /// Dates that cannot, with why and what instead.
    pub(super) gaps: Vec<Gap>,
}

/// What of the series itself stands, and is not in its own way.
#[derive(Default)]
pub(super) struct Own {
    /// Sessions that give their time back.
    pub(super) leaving: Vec<SessionId>,
    /// Dates whose session stays where it begins and takes more than it did, with what it is now.
    pub(super) stands: BTreeMap<NaiveDate, Extent>,
    /// Dates that have a session, with what it is to be.
    pub(super) held: BTreeMap<NaiveDate, Extent>,
    /// Gaps that stay, by date: what is offered for one is for no other, and for one without an offer another time is looked for.
    pub(super) gaps: Vec<Gap>,
}

/// The dates of terms whose session is still to come.
pub(super) fn coming(terms: &Terms, now: Instant) -> Result<Vec<NaiveDate>> {
    Ok(rules::dates(terms)?.into_iter().filter(|on| rules::time_of(terms, *on).0 > now).collect())
}

/// Makes verbs over the same two wait for each other.
pub(super) fn lock(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    tx.lock(&[matched.staff.cast(), matched.person.cast()])
}

/// Which of these dates can be used, looking at consents, proofs and what else speaks against a time of the two.
pub(super) fn judge(
    tx: &mut Tx<'_>,
    series: &Series,
    (matched, standing): (&Match, &Standing),
    dates: &[NaiveDate],
    own: &Own,
) -> Result<Judged> {
    let all = || dates.iter().copied().chain(own.gaps.iter().map(|gap| gap.on));
    let (Some(first), Some(last)) = (all().min(), all().max()) else { return Ok(Judged { usable: Vec::new(), gaps: Vec::new() }) };
    let forbidden = forbidden(tx, matched, standing)?;
    let mut surroundings = surroundings(tx, series, matched, (first, last), own, &forbidden)?;
    let mut judged = Judged { usable: Vec::with_capacity(dates.len()), gaps: Vec::new() };
    let mut refused = Vec::new();
    for on in dates {
        match surroundings.take(*on) {
            Ok(()) => judged.usable.push(*on),
            Err(reason) => refused.push((*on, reason)),
        }
    }
    // What was only offered stands in the way of no date.
    for gap in &own.gaps {
        match gap.suggested_at {
            Some(starts_at) => surroundings.offer(starts_at),
            None => refused.push((gap.on, gap.reason)),
        }
    }
    refused.sort_unstable();
    judged.gaps = refused.into_iter().map(|(on, reason)| gap(tx, series, on, reason, surroundings.suggestion(on, reason))).collect();
    if judged.gaps.iter().any(|gap| gap.reason == GapReason::Certificate) {
        let proofs = proofs::actions::of(tx, matched, matched.staff)?;
        for gap in judged.gaps.iter_mut().filter(|gap| gap.reason == GapReason::Certificate) {
            gap.proof_until_on = proofs.ended_on(gap.on);
        }
    }
    Ok(judged)
}

/// What decides about the dates of a series from one to another.
fn surroundings<'x, 't: 'x>(
    tx: &mut Tx<'t>,
    series: &'x Series,
    matched: &Match,
    (first, last): (NaiveDate, NaiveDate),
    own: &'x Own,
    forbidden: &'x dyn Fn(NaiveDate) -> Option<Objection>,
) -> Result<Surroundings<'x>> {
    // What is offered instead of a date lies in the week before or after it.
    const AROUND: TimeDelta = TimeDelta::days(8);
    let (from, until) = (rules::time_of(&series.terms, first).0.minus(AROUND), rules::time_of(&series.terms, last).1.plus(AROUND));
    let window = Range::new(from, until).ok_or_else(|| Error::internal("dates out of order"))?;
    let kinds = own.held.values().map(|held| held.kind).chain([series.terms.kind]).collect();
    Ok(Surroundings {
        terms: &series.terms,
        dates: rules::dates(&series.terms)?.into_iter().collect::<BTreeSet<_>>(),
        now: tx.now,
        calendar: tx.programme.calendar(),
        settings: &tx.programme.availability,
        pair: load_pair(tx, matched, &kinds, window, &own.leaving)?,
        stands: &own.stands,
        held: &own.held,
        forbidden,
    })
}

/// What speaks by now against the time that was suggested for each of these gaps that has one; they are in order of their dates.
pub(super) fn against_suggested(
    tx: &mut Tx<'_>,
    series: &Series,
    (matched, standing): (&Match, &Standing),
    gaps: &[&Gap],
) -> Result<BTreeMap<RowId, Vec<Objection>>> {
    let (Some(first), Some(last)) = (gaps.first(), gaps.last()) else { return Ok(BTreeMap::new()) };
    let (forbidden, own) = (forbidden(tx, matched, standing)?, Own::default());
    let surroundings = surroundings(tx, series, matched, (first.on, last.on), &own, &forbidden)?;
    let against = |gap: &&Gap| Some((gap.id, surroundings.against_offered(gap.on, gap.suggested_at?)));
    Ok(gaps.iter().filter_map(against).collect())
}

/// A date of a series that cannot be used.
pub(super) fn gap(tx: &Tx<'_>, series: &Series, on: NaiveDate, reason: GapReason, suggested_at: Option<Instant>) -> Gap {
    let (id, recorded_at) = (tx.new_id(), tx.now);
    Gap { id, series: series.id, on, reason, suggested_at, proof_until_on: None, state: GapState::Open, session: None, recorded_at }
}

/// Plans the usable dates and writes the gaps down: agreed on now, by whose word; or by itself (`None`), on that of whoever made the series. What waits
/// for the sessions is the caller's to plan.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    series: &Series,
    matched: &Match,
    judged: &Judged,
    agreed_by: Option<AccountId>,
) -> Result<Vec<Session>> {
    let agreed_at = agreed_by.map(|_| tx.now);
    let blank = Session { agreed_at, ..sessions::blank(tx, tx.new_id(), matched, agreed_by.unwrap_or(series.recorded_by)) };
    let session = |on: &NaiveDate| Session { id: tx.new_id(), ..session(series, &blank, *on, rules::time_of(&series.terms, *on)) };
    let new: Vec<Session> = judged.usable.iter().map(session).collect();
    new.iter().for_each(|session| tx.made_with(series.id, session.id));
    if !new.is_empty() {
        session_store::insert_all(tx, &new)?;
        claim(tx, &new)?;
    }
    store::put_gaps(tx, series.id, &judged.gaps)?;
    Ok(new)
}

/// A session of a series for one of its dates, made of a blank one of its match.
pub(super) fn session(series: &Series, blank: &Session, on: NaiveDate, (starts_at, ends_at): (Instant, Instant)) -> Session {
    let Terms { kind, ref place, .. } = series.terms;
    Session { starts_at, ends_at, kind, place: place.clone(), occurrence: Some(series.occurrence(on)), ..blank.clone() }
}

/// Takes times that were free when they were judged. On PostgreSQL somebody may have taken one before the lock was ours, unseen by our snapshot:
/// then the verb runs again and sees it.
pub(super) fn claim(tx: &mut Tx<'_>, sessions: &[Session]) -> Result<()> {
    match session_store::claim_all(tx, sessions) {
        Err(Error::Violation(Violation::ClaimsOverlap)) => Err(Error::RunAgain),
        other => other,
    }
}
