//! Who handed a concern in, also when they say so later; opened in one answer only.

use super::intake::{check_reporter, promise_receipts};
use crate::access::Tx;
use crate::base::db::Coded;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{EnquiryId, ReporterId};
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::corrections::{self, Correction};
use crate::duties::store::Which;
use crate::duties::{self, CORRECTED, Kind};
use crate::enquiries::model::{FormerReporter, Identity, NewReporter, OpenReason, REPORTERS_MOST, ReceiptState, Reporter};
use crate::enquiries::{rules, store};
use crate::facts::Fact;

/// A reporter, opened: who they are, and what was recorded of them before they said so, the first first.
pub type Opened = (Reporter, Option<Identity>, Vec<Correction<FormerReporter>>);

/// Adds a reporter to a concern that was taken in: somebody who told of the same, or was not known by then. A named professional is promised
/// a receipt, counted from when the concern was received.
///
/// # Errors
/// 404; 409 when it has as many as it may; 422 for an agency that does not exist, or a name or a wish that an anonymous one cannot have.
pub fn add(tx: &mut Tx<'_>, id: EnquiryId, new: &NewReporter) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    if store::fact_reporters(tx, id)?.len() >= REPORTERS_MOST {
        let words = ("Henvendelsen har så mange henvendere, som den kan have", "The enquiry has as many reporters as it may have");
        return Err(Problem::new(Code::WrongState).say(words.0, words.1).into());
    }
    check_reporter(tx, new, "")?;
    let reporter = store::insert_reporter(tx, id, new)?;
    store::step(tx, &enquiry, enquiry.state)?;
    tx.tell(Fact::ReporterChanged { enquiry: id, reporter });
    Ok(id)
}

/// Says who a reporter is: the whole anew, and what was recorded before is kept. Of whoever handed it in with an account that says by itself
/// what they are, and of which agency. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 for one who would be anonymous and got a receipt; 422 as for a new one, or for what their account says.
pub fn correct(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId, expected: &Expected, new: NewReporter) -> Result<()> {
    let enquiry = store::get(tx, id)?;
    expected.check(enquiry.version)?;
    let known = find(tx, id, reporter)?;
    let new = NewReporter { account: known.account, ..new };
    for (pointer, is_another) in [("/kind", new.kind != known.kind), ("/agency_id", new.agency != known.agency)] {
        if known.account.is_some() && is_another {
            return Err(Flaw::FromAccount.refused(pointer));
        }
    }
    check_reporter(tx, &new, "")?;
    if known.receipt_at.is_some() && new.is_anonymous() {
        let words = ("Henvenderen har fået en kvittering: tag den tilbage først", "The reporter got a receipt: take it back first");
        return Err(Problem::new(Code::WrongState).say(words.0, words.1).into());
    }
    let former = FormerReporter {
        kind: known.kind,
        agency: known.agency,
        wants_feedback: known.wants_feedback,
        identity: store::open_identity(tx, &known)?,
    };
    if (former.kind, former.agency, former.wants_feedback, &former.identity) == (new.kind, new.agency, new.wants_feedback, &new.identity) {
        return Ok(());
    }
    corrections::keep(tx, corrections::Kind::Finding, reporter.cast(), Holder::reporter(reporter), &former)?;
    store::named::set(tx, reporter, &new)?;
    store::step(tx, &enquiry, enquiry.state)?;
    tx.tell(Fact::ReporterChanged { enquiry: id, reporter });
    Ok(())
}

/// Consequence: a reporter said who they are, or was another. Their receipt is promised, or not any more; what was given stays given.
///
/// # Errors
/// The database's.
pub fn changed(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId) -> Result<()> {
    promise_receipts(tx, id)?;
    let known = store::fact_reporters(tx, id)?.into_iter().find(|known| known.id == reporter);
    if known.is_some_and(|known| rules::receipt_state(&known) == ReceiptState::NotOwed) {
        let (slot, now) = (reporter.to_string(), tx.now);
        duties::actions::end(tx, &Which::subject(id, &[Kind::Receipt]).slot(&slot), now, CORRECTED)?;
    }
    Ok(())
}

/// Opens who a reporter is: the one answer that says it. The journal keeps the reason, also in what it has of whom the concern is about.
///
/// # Errors
/// 404.
pub fn open(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId, reason: OpenReason) -> Result<Opened> {
    store::get(tx, id)?;
    let reporter = find(tx, id, reporter)?;
    tx.because(reason.code());
    tx.saw_enquiry(id)?;
    let identity = store::open_identity(tx, &reporter)?;
    let former = corrections::list(tx, corrections::Kind::Finding, reporter.id.cast(), Holder::reporter(reporter.id))?;
    Ok((reporter, identity, former))
}

pub(super) fn find(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId) -> Result<Reporter> {
    let found = store::reporters_of(tx, &[id])?.into_iter().find(|known| known.id == reporter);
    found.ok_or_else(|| Code::NotFound.into())
}
