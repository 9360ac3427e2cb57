//! Alerts as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, AlertId, CaseId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Place, Sealed};
use crate::cases::model::{Alert, AlertKind};
use crate::save_over;
use crate::schema::alerts;

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
struct Row {
    id: AlertId,
    case_id: CaseId,
    person_id: PersonId,
    kind: AlertKind,
    raised_at: Instant,
    grounds: Sealed<Text>,
    resolved_at: Option<Instant>,
    resolution: Option<Sealed<Text>>,
    recorded_at: Instant,
    version: i64,
}

impl From<Row> for Alert {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            case: row.case_id,
            person: row.person_id,
            kind: row.kind,
            raised_at: row.raised_at,
            grounds: row.grounds,
            resolved_at: row.resolved_at,
            resolution: row.resolution,
            recorded_at: row.recorded_at,
            version: row.version,
        }
    }
}

/// The place of a sealed column of an alert.
pub const fn place(column: &'static str, id: AlertId) -> Place {
    Place::new("alerts", column, id)
}

fn visible(tx: &Tx<'_>) -> alerts::BoxedQuery<'static, MultiBackend> {
    alerts::table.filter(alerts::case_id.ne_all(tx.barred())).filter(alerts::person_id.ne_all(tx.barred())).into_boxed()
}

/// The alerts of a case that the caller may see, the latest raised first.
pub fn list(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Alert>> {
    let query = visible(tx).filter(alerts::case_id.eq(case)).order((alerts::raised_at.desc(), alerts::id));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// An alert the caller may see.
///
/// # Errors
/// 404 when it does not exist or a bar hides it: identical.
pub fn get(tx: &mut Tx<'_>, id: AlertId) -> Result<Alert> {
    let row: Option<Row> = visible(tx).filter(alerts::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.map(Alert::from).ok_or_else(|| Code::NotFound.into())
}

/// An alert for a consequence; not for the caller's eyes.
pub fn fact(tx: &mut Tx<'_>, id: AlertId) -> Result<Option<Alert>> {
    let row: Option<Row> = alerts::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(Alert::from))
}

/// The open alerts of a case, for a consequence.
pub fn fact_open(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Alert>> {
    let query = alerts::table.filter(alerts::case_id.eq(case)).filter(alerts::resolved_at.is_null());
    let rows: Vec<Row> = query.order(alerts::id).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// The open alerts on a person, in whichever case, for a consequence.
pub fn fact_open_on(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Alert>> {
    let query = alerts::table.filter(alerts::person_id.eq(person)).filter(alerts::resolved_at.is_null());
    let rows: Vec<Row> = query.order(alerts::id).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// Writes a new alert.
pub(in crate::cases) fn insert(tx: &mut Tx<'_>, alert: &Alert, by: AccountId) -> Result<()> {
    diesel::insert_into(alerts::table)
        .values((
            alerts::id.eq(alert.id),
            alerts::case_id.eq(alert.case),
            alerts::person_id.eq(alert.person),
            alerts::kind.eq(alert.kind),
            alerts::raised_at.eq(alert.raised_at),
            alerts::grounds.eq(&alert.grounds),
            alerts::recorded_at.eq(alert.recorded_at),
            alerts::recorded_by.eq(by),
            alerts::version.eq(alert.version),
        ))
        .execute(tx.db())?;
    tx.changed(alert.id);
    tx.changed(alert.person);
    Ok(())
}

/// Writes how an alert was resolved, over the version it was read at.
pub(in crate::cases) fn resolve(tx: &mut Tx<'_>, alert: &Alert, at: Instant, resolution: Option<&Sealed<Text>>) -> Result<()> {
    let changes = (alerts::resolved_at.eq(Some(at)), alerts::resolved_recorded_at.eq(Some(tx.now)), alerts::resolution.eq(resolution));
    save_over!(tx.db(), alerts, alert, changes)?;
    tx.changed(alert.id);
    tx.changed(alert.person);
    Ok(())
}
