//! Verbs on alerts.

use super::members::stands;
use super::{check_person, find_owner, get_open};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{AlertId, CaseId, DutyId, PersonId};
use crate::base::value::{Flaw, Text};
use crate::base::vault::Holder;
use crate::cases::model::{Alert, AlertKind};
use crate::cases::rules::{check_stated, next_look};
use crate::cases::store;
pub use crate::cases::store::alerts::get;
use crate::cases::store::alerts::{fact, fact_open, fact_open_on, insert, place, resolve as save_resolved};
use crate::duties::store::{Which, find_fact, list_all, list_open};
use crate::duties::{self, About, Duty, Kind, Promise, State};
use crate::facts::Fact;

/// The alerts of a case, the latest first.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Alert>> {
    store::alerts::list(tx, case)
}

/// An alert to be raised.
#[derive(Clone, Debug)]
pub struct NewAlert {
    /// On whom.
    pub person: PersonId,
    /// What it is about.
    pub kind: AlertKind,
    /// Why.
    pub grounds: Text,
    /// When it was raised (stated).
    pub at: Instant,
}

/// Raises an alert on a person of an open case.
///
/// # Errors
/// 404, 409 when the case is closed or the same alert is open, 422 for a person who is not in the case or an impossible time.
pub fn raise(tx: &mut Tx<'_>, case: CaseId, new: &NewAlert) -> Result<AlertId> {
    let founded_at = get_open(tx, case)?.founded_at;
    check_person(tx, new.person)?;
    if !stands(tx, case, new.person)? {
        return Err(Flaw::NotInCase.refused("/person_id"));
    }
    check_stated("/happened_at", new.at, tx.now, founded_at)?;
    if let Some(open) = fact_open(tx, case)?.iter().find(|alert| alert.person == new.person && alert.kind == new.kind) {
        return Err(Problem::new(Code::AlreadyExists).blocked_by("alert", open.id.uuid()).into());
    }
    let (id, by): (AlertId, _) = (tx.new_id(), tx.account()?);
    let alert = Alert {
        id,
        case,
        person: new.person,
        kind: new.kind,
        raised_at: new.at,
        grounds: tx.seal(Holder::case(case), place("grounds", id), &new.grounds)?,
        resolved_at: None,
        resolution: None,
        recorded_at: tx.now,
        version: 1,
    };
    insert(tx, &alert, by)?;
    tx.tell(Fact::AlertRaised { alert: id });
    Ok(id)
}

/// Resolves an alert: it no longer keeps the case from closing.
///
/// # Errors
/// 404, 409 when it is resolved already, 422 for an impossible time, or one before somebody last looked at it.
pub fn resolve(tx: &mut Tx<'_>, case: CaseId, id: AlertId, resolution: &Text, at: Instant) -> Result<AlertId> {
    let alert = get(tx, id)?;
    if alert.case != case {
        return Err(Code::NotFound.into());
    }
    if alert.resolved_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Alarmen er allerede afsluttet", "The alert is resolved already").into());
    }
    let looked_at = last_look_at(tx, id)?;
    check_stated("/happened_at", at, tx.now, looked_at.map_or(alert.raised_at, |looked_at| looked_at.max(alert.raised_at)))?;
    let resolution = tx.seal(Holder::case(case), place("resolution", id), resolution)?;
    save_resolved(tx, &alert, at, Some(&resolution))?;
    tx.tell(Fact::AlertResolved { alert: id, at });
    Ok(id)
}

/// Consequence of a death: there is nobody to look for.
///
/// # Errors
/// The database's.
pub fn person_died(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<()> {
    let open = fact_open_on(tx, person)?;
    end_each(tx, open, at)
}

/// Resolves the alerts of a case, on these people or on all, without words: they end by the facts themselves.
pub(super) fn end_all(tx: &mut Tx<'_>, case: CaseId, people: Option<&[PersonId]>, at: Instant) -> Result<()> {
    let mut open = fact_open(tx, case)?;
    open.retain(|alert| people.is_none_or(|people| people.contains(&alert.person)));
    end_each(tx, open, at)
}

fn end_each(tx: &mut Tx<'_>, open: Vec<Alert>, at: Instant) -> Result<()> {
    for alert in open {
        let at = at.max(alert.raised_at);
        save_resolved(tx, &alert, at, None)?;
        tx.tell(Fact::AlertResolved { alert: alert.id, at });
    }
    Ok(())
}

/// Consequence: an open alert is looked at the day after it was raised, and again the day after each look. Nothing while a look is
/// still promised, or once the alert is resolved.
pub fn watch(tx: &mut Tx<'_>, id: AlertId) -> Result<()> {
    let Some(alert) = fact(tx, id)?.filter(|alert| alert.resolved_at.is_none()) else { return Ok(()) };
    if !list_open(tx, &Which::subject(id, &[Kind::Alert]))?.is_empty() {
        return Ok(());
    }
    let from_at = last_look_at(tx, id)?.unwrap_or(alert.raised_at);
    let (day, due_at) = next_look(tx.programme.calendar(), from_at, tx.programme.deadlines.alert_days);
    let promise = Promise {
        kind: Kind::Alert,
        subject: id.into(),
        // Somebody may have looked more than once before that day.
        slot: duties::actions::free_slot(tx, Kind::Alert, id, day)?,
        about: About { case: Some(alert.case), person: Some(alert.person), ..About::default() },
        owner: find_owner(tx, alert.case)?,
        from_at,
        opens_at: from_at,
        due_at,
    };
    duties::actions::open(tx, &promise)?;
    Ok(())
}

/// When somebody last looked at an alert.
fn last_look_at(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<Instant>> {
    let looks = list_all(tx, Kind::Alert, id.cast())?;
    Ok(looks.into_iter().filter(|look| look.state == State::Done).filter_map(|look| look.closed_at).max())
}

/// Consequence: a promise was settled; where it was a look at an alert, the next one is promised.
pub fn looked_at(tx: &mut Tx<'_>, duty: DutyId) -> Result<()> {
    match find_fact(tx, duty)?.filter(|duty| duty.kind == Kind::Alert) {
        Some(duty) => watch(tx, duty.subject_id.cast()),
        None => Ok(()),
    }
}

/// Consequence: that somebody looked at an alert then is taken back; it is still to be looked at, and the next look follows that.
///
/// # Errors
/// 409 when the alert is resolved, or somebody looked at it again since.
pub fn look_retracted(tx: &mut Tx<'_>, look: &Duty, at: Instant) -> Result<()> {
    if fact(tx, look.subject_id.cast())?.is_none_or(|alert| alert.resolved_at.is_some()) {
        return Err(Problem::new(Code::WrongState).say("Alarmen er afsluttet", "The alert is resolved").into());
    }
    duties::actions::end_next(tx, look, at)
}

/// Consequence of its resolution: the look that was promised is kept.
pub fn unwatch(tx: &mut Tx<'_>, id: AlertId, at: Instant) -> Result<()> {
    duties::actions::meet(tx, &Which::subject(id, &[Kind::Alert]), at)?;
    Ok(())
}
