//! What was recorded of a concern, or of a case's home visits, before it was put right or taken back, as rows.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, CaseId, EnquiryId, RowId};
use crate::base::vault::{Place, Sealed};
use crate::enquiries::model::{Assessment, CaseKind, Correction, Former, Matter, Severity, TargetGroup, Urgency};
use crate::schema::{enquiries, file_corrections as f};

const fn place(id: RowId) -> Place {
    Place::new("file_corrections", "former", id)
}

/// Keeps what was recorded of something in a file, before it is put right.
///
/// # Errors
/// The database's and the vault's.
pub fn insert(tx: &mut Tx<'_>, matter: Matter, subject: AnyId, former: &Former) -> Result<()> {
    let (id, by): (RowId, _) = (tx.new_id(), tx.account()?);
    let last: Option<Instant> = of_file(matter).order(f::recorded_at.desc()).select(f::recorded_at).first(tx.db()).optional()?;
    let recorded_at = tx.after(last);
    let former = tx.seal(matter.holder(), place(id), former)?;
    diesel::insert_into(f::table)
        .values((
            f::id.eq(id),
            f::enquiry_id.eq(matter.enquiry()),
            f::case_id.eq(matter.case()),
            f::subject_id.eq(subject),
            f::former.eq(&former),
            f::recorded_at.eq(recorded_at),
            f::recorded_by.eq(by),
        ))
        .execute(tx.db())?;
    Ok(())
}

fn of_file(matter: Matter) -> f::BoxedQuery<'static, MultiBackend> {
    let all = f::table.into_boxed::<MultiBackend>();
    match matter {
        Matter::Enquiry(id) => all.filter(f::enquiry_id.eq(id)),
        Matter::Case(id) => all.filter(f::case_id.eq(id)),
    }
}

type Row = (RowId, AnyId, Sealed<Former>, Instant, AccountId);

/// What was recorded in a file before each of its corrections, the first first; opened. The caller must have been shown the file.
///
/// # Errors
/// The database's and the vault's.
pub fn list(tx: &mut Tx<'_>, matter: Matter) -> Result<Vec<Correction>> {
    let columns = (f::id, f::subject_id, f::former, f::recorded_at, f::recorded_by);
    let rows: Vec<Row> = of_file(matter).order((f::recorded_at, f::id)).select(columns).load(tx.db())?;
    let opened = rows.into_iter().map(|(id, subject, former, corrected_at, corrected_by)| {
        let former = tx.open(matter.holder(), place(id), &former)?;
        Ok(Correction { subject, former, corrected_at, corrected_by })
    });
    opened.collect()
}

/// Says how soon a concern must be looked at; its step is saved apart.
pub(in crate::enquiries) fn set_urgency(tx: &mut Tx<'_>, id: EnquiryId, urgency: Urgency) -> Result<()> {
    diesel::update(enquiries::table.find(id)).set(enquiries::urgency.eq(urgency)).execute(tx.db())?;
    Ok(())
}

/// Takes back what a conclusion said; its step is saved apart.
pub(in crate::enquiries) fn clear_conclusion(tx: &mut Tx<'_>, id: EnquiryId) -> Result<()> {
    diesel::update(enquiries::table.find(id))
        .set((
            enquiries::qualification.eq(None::<Sealed<Assessment>>),
            enquiries::case_kind.eq(None::<CaseKind>),
            enquiries::target_group.eq(None::<TargetGroup>),
            enquiries::severity.eq(None::<Severity>),
            enquiries::police_statement_at.eq(None::<Instant>),
            enquiries::responsible_authority.eq(None::<String>),
            enquiries::needs_local_effort.eq(false),
            enquiries::decided_at.eq(None::<Instant>),
            enquiries::decided_recorded_at.eq(None::<Instant>),
            enquiries::decided_by.eq(None::<AccountId>),
            enquiries::case_id.eq(None::<CaseId>),
        ))
        .execute(tx.db())?;
    Ok(())
}
