//! Receipts that were taken back, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, EnquiryId, ReporterId, RowId};
use crate::enquiries::model::{ReceiptWay, RetractedReceipt};
use crate::schema::{reporters, retracted_receipts as r};

/// When, how, recorded when, by whom.
type Given = (Option<Instant>, Option<ReceiptWay>, Option<Instant>, Option<AccountId>);

/// Takes a receipt back, and keeps what was recorded of it; `false`: there is none.
pub fn retract(tx: &mut Tx<'_>, enquiry: EnquiryId, reporter: ReporterId) -> Result<bool> {
    let columns = (reporters::receipt_at, reporters::receipt_how, reporters::receipt_recorded_at, reporters::receipt_by);
    let given: Given = reporters::table.find(reporter).select(columns).first(tx.db())?;
    let (Some(given_at), way, recorded_at, recorded_by) = given else { return Ok(false) };
    let (id, now, by): (RowId, _, _) = (tx.new_id(), tx.now, tx.account()?);
    diesel::insert_into(r::table)
        .values((
            r::id.eq(id),
            r::enquiry_id.eq(enquiry),
            r::reporter_id.eq(reporter),
            r::receipt_at.eq(given_at),
            r::receipt_how.eq(way),
            r::receipt_recorded_at.eq(recorded_at),
            r::receipt_by.eq(recorded_by),
            r::recorded_at.eq(now),
            r::recorded_by.eq(by),
        ))
        .execute(tx.db())?;
    diesel::update(reporters::table.find(reporter))
        .set((
            reporters::receipt_at.eq(None::<Instant>),
            reporters::receipt_how.eq(None::<ReceiptWay>),
            reporters::receipt_recorded_at.eq(None::<Instant>),
            reporters::receipt_by.eq(None::<AccountId>),
        ))
        .execute(tx.db())?;
    tx.changed(reporter);
    Ok(true)
}

type Row = (ReporterId, Instant, Option<ReceiptWay>, Option<Instant>, Option<AccountId>, Instant, AccountId);

/// The receipts of an enquiry that were taken back, the first first.
pub fn retracted_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<RetractedReceipt>> {
    let rows: Vec<Row> = r::table
        .filter(r::enquiry_id.eq(enquiry))
        .order((r::recorded_at, r::id))
        .select((r::reporter_id, r::receipt_at, r::receipt_how, r::receipt_recorded_at, r::receipt_by, r::recorded_at, r::recorded_by))
        .load(tx.db())?;
    let receipt = |(reporter, given_at, way, recorded_at, recorded_by, retracted_at, retracted_by): Row| RetractedReceipt {
        reporter,
        given_at,
        way,
        recorded_at,
        recorded_by,
        retracted_at,
        retracted_by,
    };
    Ok(rows.into_iter().map(receipt).collect())
}
