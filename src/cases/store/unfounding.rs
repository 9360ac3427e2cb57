//! What was built upon a case, read from the rows of every room that writes under one.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{AnyId, CaseId, EnquiryId};
use crate::cases::model::{Case, InTheWay};
use crate::schema::{alerts, contact_notes, contact_stops, decisions, enquiries, home_visits, offers};

/// What was written under a case since it was opened, and stands: its referral, other concerns, decisions, home visits, alerts, notes, offers
/// (a course has an accepted one) and reasons to make none.
pub(in crate::cases) fn fact_built_upon(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<InTheWay>> {
    let id = case.id;
    let referral: Vec<AnyId> = case.referred_at.iter().map(|_| id.cast()).collect();
    let joined: Vec<AnyId> = fact_enquiries(tx, id)?.into_iter().map(EnquiryId::cast).collect();
    let decided = decisions::table.filter(decisions::case_id.eq(id)).filter(decisions::retracted_at.is_null());
    let decided: Vec<AnyId> = decided.order(decisions::id).select(decisions::id).load(tx.db())?;
    let visits = home_visits::table.filter(home_visits::case_id.eq(id)).order(home_visits::id);
    let visits: Vec<AnyId> = visits.select(home_visits::id).load(tx.db())?;
    let alerted = alerts::table.filter(alerts::case_id.eq(id)).order(alerts::id);
    let alerted: Vec<AnyId> = alerted.select(alerts::id).load(tx.db())?;
    let notes = contact_notes::table.filter(contact_notes::case_id.eq(id)).order(contact_notes::id);
    let notes: Vec<AnyId> = notes.select(contact_notes::id).load(tx.db())?;
    let offered = offers::table.filter(offers::case_id.eq(id)).filter(offers::state.ne("withdrawn"));
    let offered: Vec<AnyId> = offered.order(offers::id).select(offers::id).load(tx.db())?;
    let stopped = contact_stops::table.filter(contact_stops::case_id.eq(id)).filter(contact_stops::retracted_at.is_null());
    let stopped: Vec<AnyId> = stopped.order(contact_stops::id).select(contact_stops::id).load(tx.db())?;
    let all = [
        ("referral", referral),
        ("enquiry", joined),
        ("decision", decided),
        ("home_visit", visits),
        ("alert", alerted),
        ("note", notes),
        ("offer", offered),
        ("contact_stop", stopped),
    ];
    Ok(all.into_iter().flat_map(|(kind, ids)| ids.into_iter().map(move |id| InTheWay { kind, id })).collect())
}

/// The concerns that opened or joined a case and stand.
pub(in crate::cases) fn fact_enquiries(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<EnquiryId>> {
    Ok(enquiries::table.filter(enquiries::case_id.eq(case)).order(enquiries::id).select(enquiries::id).load(tx.db())?)
}
