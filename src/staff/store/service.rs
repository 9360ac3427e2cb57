//! When somebody is there, and with which proofs, as rows.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{certificates, leaves, of_kind};
use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::{AccountId, StaffId};
use crate::schema::staff;
use crate::staff::model::{Certificate, Kind, Leave, Service};

type Row = (StaffId, Option<AccountId>, NaiveDate, Option<NaiveDate>, Option<NaiveDate>);

/// When everybody is there who was ever on the staff of a kind (or only the one asked for), by id; for a rule.
///
/// # Errors
/// The database's.
pub fn list_service(tx: &mut Tx<'_>, kind: Option<Kind>, only: Option<StaffId>) -> Result<Vec<Service>> {
    let mut query = of_kind(staff::table.into_boxed(), kind);
    if let Some(id) = only {
        query = query.filter(staff::id.eq(id));
    }
    let columns = (staff::id, staff::account_id, staff::from_on, staff::left_on, staff::loan_until_on);
    let rows: Vec<Row> = query.order(staff::id).select(columns).load(tx.db())?;
    let mut away: BTreeMap<StaffId, Vec<Leave>> = BTreeMap::new();
    for (id, leave) in leaves(tx, only.as_ref().map(std::slice::from_ref))? {
        away.entry(id).or_default().push(leave);
    }
    let service = |(id, account, from_on, left_on, loan_until_on)| {
        let leaves = away.remove(&id).unwrap_or_default();
        Service { id, account, from_on, left_on, loan_until_on, leaves }
    };
    Ok(rows.into_iter().map(service).collect())
}

/// The proofs of everybody who was ever on the staff, those that are over among them; for a rule. Who has none is not in it.
///
/// # Errors
/// The database's.
pub fn list_certificates(tx: &mut Tx<'_>) -> Result<HashMap<StaffId, Vec<Certificate>>> {
    let mut held: HashMap<StaffId, Vec<Certificate>> = HashMap::new();
    for (member, proof) in certificates(tx, None)? {
        held.entry(member).or_default().push(proof);
    }
    Ok(held)
}
