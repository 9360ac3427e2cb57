//! Take concerns in, acknowledge them, and qualify them.

pub mod corrections;
pub mod decisions;
pub mod intake;
pub mod qualify;
pub mod reporters;
pub mod subjects;

use super::model::{File, Filter, Opened, State};
use super::{rules, store};
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{AccountId, EnquiryId};
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::corrections::Kind;

/// An enquiry with what the caller may see of it.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: EnquiryId) -> Result<File> {
    let enquiry = store::get(tx, id)?;
    let opened = if tx.reaches(Reach::All) {
        Some(Opened {
            concern: store::open_concern(tx, &enquiry)?,
            assessment: store::open_assessment(tx, &enquiry)?,
            subjects: store::subjects_of(tx, id)?,
            requests: store::steps::requests_of(tx, id)?,
            screens: store::steps::screens_of(tx, id)?,
            visits: store::steps::visits_of(tx, id)?,
            retracted: store::receipts::retracted_of(tx, id)?,
            corrections: crate::corrections::list_under(tx, Kind::Finding, Holder::enquiry(id))?,
        })
    } else {
        None
    };
    Ok(File { enquiry, opened, reporters: store::reporters_of(tx, &[id])? })
}

/// A page of enquiries, unopened, with the reporters the caller may see.
///
/// # Errors
/// 422 when a partner asks for what only coordinators see.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, EnquiryId)>, fetch: i64) -> Result<Vec<File>> {
    if !tx.reaches(Reach::All) {
        let hidden = [
            ("query/state", filter.state.is_some()),
            ("query/source", filter.source.is_some()),
            ("query/agency_id", filter.agency.is_some()),
        ];
        if let Some((pointer, _)) = hidden.into_iter().find(|(_, is_asked)| *is_asked) {
            return Err(Flaw::NotForPartners.refused(pointer));
        }
    }
    let enquiries = store::list(tx, filter, after, fetch)?;
    let ids: Vec<EnquiryId> = enquiries.iter().map(|enquiry| enquiry.id).collect();
    let reporters = store::reporters_of(tx, &ids)?;
    let file = |enquiry: super::model::Enquiry| {
        let reporters = reporters.iter().filter(|reporter| reporter.enquiry == enquiry.id).cloned().collect();
        File { enquiry, opened: None, reporters }
    };
    Ok(enquiries.into_iter().map(file).collect())
}

/// Who decided: whoever was named, else the caller.
fn decider(tx: &mut Tx<'_>, named: Option<AccountId>) -> Result<AccountId> {
    match named {
        None => tx.account(),
        Some(account) if store::is_account(tx, account)? => Ok(account),
        Some(_) => Err(invalid("/decided_by", Flaw::Unknown, "Kontoen findes ikke", "The account does not exist")),
    }
}

/// The state after a step of a visible enquiry.
fn begin(tx: &mut Tx<'_>, id: EnquiryId, step: rules::Step) -> Result<(super::model::Enquiry, State)> {
    let enquiry = store::get(tx, id)?;
    let state = rules::after(enquiry.state, step)?;
    Ok((enquiry, state))
}

fn not_found<T>() -> Result<T> {
    Err(Code::NotFound.into())
}

fn refuse<T>(da: &'static str, en: &'static str) -> Result<T> {
    Err(Problem::new(Code::WrongState).say(da, en).into())
}
