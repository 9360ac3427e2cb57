//! Decisions of meetings and between them as rows.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, DecisionId, EnquiryId};
use crate::base::value::Text;
use crate::base::vault::{Place, Sealed};
use crate::enquiries::model::{Decision, DecisionKind, Matter};
use crate::save_over;
use crate::schema::decisions;

#[derive(Queryable, Selectable)]
#[diesel(table_name = decisions)]
struct Row {
    id: DecisionId,
    kind: DecisionKind,
    enquiry_id: Option<EnquiryId>,
    case_id: Option<CaseId>,
    decided_at: Instant,
    decided_by: AccountId,
    meeting_on: Option<NaiveDate>,
    ratified_on: Option<NaiveDate>,
    grounds: Option<Sealed<Text>>,
    recorded_at: Instant,
    retracted_at: Option<Instant>,
    retracted_by: Option<AccountId>,
    version: i64,
}

impl Row {
    fn decision(self) -> Option<Decision> {
        let matter = self.enquiry_id.map(Matter::Enquiry).or(self.case_id.map(Matter::Case))?;
        Some(Decision {
            id: self.id,
            kind: self.kind,
            matter,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            meeting_on: self.meeting_on,
            ratified_on: self.ratified_on,
            grounds: self.grounds,
            recorded_at: self.recorded_at,
            retracted_at: self.retracted_at,
            retracted_by: self.retracted_by,
            version: self.version,
        })
    }
}

fn visible(tx: &Tx<'_>) -> decisions::BoxedQuery<'static, MultiBackend> {
    decisions::table
        .filter(decisions::enquiry_id.is_null().or(decisions::enquiry_id.assume_not_null().ne_all(tx.barred())))
        .filter(decisions::case_id.is_null().or(decisions::case_id.assume_not_null().ne_all(tx.barred())))
        .into_boxed()
}

/// A decision the caller may see.
///
/// # Errors
/// 404 when it does not exist or is hidden: identical.
pub fn get(tx: &mut Tx<'_>, id: DecisionId) -> Result<Decision> {
    let row: Option<Row> = visible(tx).filter(decisions::id.eq(id)).select(Row::as_select()).first(tx.db()).optional()?;
    row.and_then(Row::decision).ok_or_else(|| Code::NotFound.into())
}

/// A decision, for a rule.
pub fn fact(tx: &mut Tx<'_>, id: DecisionId) -> Result<Decision> {
    let row: Option<Row> = decisions::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    row.and_then(Row::decision).ok_or_else(|| Code::NotFound.into())
}

/// The decisions about an enquiry, for a rule.
pub fn fact_decisions(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<DecisionId>> {
    let about = decisions::table.filter(decisions::enquiry_id.eq(enquiry));
    Ok(about.order((decisions::decided_at, decisions::id)).select(decisions::id).load(tx.db())?)
}

/// The decisions about an enquiry that were not taken back, the earliest first, for a rule.
pub fn fact_standing(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<Decision>> {
    let rows: Vec<Row> = decisions::table
        .filter(decisions::enquiry_id.eq(enquiry))
        .filter(decisions::retracted_at.is_null())
        .order((decisions::recorded_at, decisions::id))
        .select(Row::as_select())
        .load(tx.db())?;
    Ok(rows.into_iter().filter_map(Row::decision).collect())
}

/// Takes a decision back: it was made by mistake.
pub fn retract(tx: &mut Tx<'_>, decision: &Decision) -> Result<()> {
    let (now, by) = (tx.now, tx.account()?);
    let changes = (decisions::retracted_at.eq(Some(now)), decisions::retracted_by.eq(Some(by)));
    save_over!(tx.db(), decisions, decision, changes)?;
    tx.changed(decision.id);
    Ok(())
}

/// Which decisions a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only about this enquiry.
    pub enquiry: Option<EnquiryId>,
    /// Only about this case.
    pub case: Option<CaseId>,
    /// Only this kind.
    pub kind: Option<DecisionKind>,
    /// Only those that wait for a meeting.
    pub to_ratify: bool,
}

/// A page of decisions, the latest first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, DecisionId)>, fetch: i64) -> Result<Vec<Decision>> {
    let mut query = visible(tx);
    if let Some(enquiry) = filter.enquiry {
        query = query.filter(decisions::enquiry_id.eq(enquiry));
    }
    if let Some(case) = filter.case {
        query = query.filter(decisions::case_id.eq(case));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(decisions::kind.eq(kind));
    }
    if filter.to_ratify {
        query = query
            .filter(decisions::meeting_on.is_null())
            .filter(decisions::ratified_on.is_null())
            .filter(decisions::retracted_at.is_null());
    }
    if let Some((at, id)) = after {
        query = query.filter(decisions::decided_at.lt(at).or(decisions::decided_at.eq(at).and(decisions::id.lt(id))));
    }
    let query = query.order((decisions::decided_at.desc(), decisions::id.desc())).limit(fetch);
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().filter_map(Row::decision).collect())
}

/// Opens why it was decided.
pub fn open_grounds(tx: &mut Tx<'_>, decision: &Decision) -> Result<Option<Text>> {
    tx.saw(decision.id);
    let place = Place::new("decisions", "grounds", decision.id);
    decision.grounds.as_ref().map(|sealed| tx.open(decision.matter.holder(), place, sealed)).transpose()
}

/// A decision to be written down; the times are checked by now.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// What was decided.
    pub kind: DecisionKind,
    /// About what.
    pub matter: Matter,
    /// When (stated).
    pub at: Instant,
    /// By whom.
    pub by: AccountId,
    /// The meeting; `None`: between meetings.
    pub meeting_on: Option<NaiveDate>,
    /// Why.
    pub grounds: Option<&'a Text>,
}

/// Writes a decision down.
pub fn insert(tx: &mut Tx<'_>, new: &New<'_>, recorded_by: AccountId) -> Result<DecisionId> {
    let (id, now): (DecisionId, _) = (tx.new_id(), tx.now);
    let place = Place::new("decisions", "grounds", id);
    let grounds = new.grounds.map(|text| tx.seal(new.matter.holder(), place, text)).transpose()?;
    diesel::insert_into(decisions::table)
        .values((
            decisions::id.eq(id),
            decisions::kind.eq(new.kind),
            decisions::enquiry_id.eq(new.matter.enquiry()),
            decisions::case_id.eq(new.matter.case()),
            decisions::decided_at.eq(new.at),
            decisions::decided_by.eq(new.by),
            decisions::meeting_on.eq(new.meeting_on),
            decisions::grounds.eq(&grounds),
            decisions::recorded_at.eq(now),
            decisions::recorded_by.eq(recorded_by),
            decisions::version.eq(1),
        ))
        .execute(tx.db())?;
    tx.changed(id);
    Ok(id)
}

/// Writes down which meeting ratified it.
pub fn ratify(tx: &mut Tx<'_>, decision: &Decision, on: NaiveDate) -> Result<()> {
    save_over!(tx.db(), decisions, decision, decisions::ratified_on.eq(Some(on)))?;
    tx.changed(decision.id);
    Ok(())
}
