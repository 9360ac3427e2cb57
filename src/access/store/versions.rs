//! The versions of what paths name, whichever room holds it.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::AnyId;
use crate::journal::SubjectKind;
use crate::schema::{
    accounts, agencies, cases, consents, contact_notes, courses, decisions, devices, duties, enquiries, followups, joint_sessions, matches,
    matching_runs, messages, offers, people, series, session_logs, sessions, staff,
};

/// The version of what has one, for a precondition; not for the caller's eyes.
pub fn find(tx: &mut Tx<'_>, kind: SubjectKind, id: AnyId) -> Result<Option<i64>> {
    macro_rules! version {
        ($table:ident) => {
            $table::table.filter($table::id.eq(id)).select($table::version).first(tx.db()).optional()?
        };
    }
    Ok(match kind {
        SubjectKind::Account => version!(accounts),
        SubjectKind::Device => version!(devices),
        SubjectKind::Person => version!(people),
        SubjectKind::Staff => version!(staff),
        SubjectKind::Enquiry => version!(enquiries),
        SubjectKind::Case => version!(cases),
        SubjectKind::Offer => version!(offers),
        SubjectKind::Course => version!(courses),
        SubjectKind::Consent => version!(consents),
        SubjectKind::Match => version!(matches),
        SubjectKind::MatchingRun => version!(matching_runs),
        SubjectKind::Session => version!(sessions),
        SubjectKind::JointSession => version!(joint_sessions),
        SubjectKind::Series => version!(series),
        SubjectKind::Log => version!(session_logs),
        SubjectKind::Duty => version!(duties),
        SubjectKind::Message => version!(messages),
        SubjectKind::Note => version!(contact_notes),
        SubjectKind::Decision => version!(decisions),
        SubjectKind::Followup => version!(followups),
        SubjectKind::Agency => version!(agencies),
        // Parts of something else, or without a row of their own.
        SubjectKind::Reporter | SubjectKind::Plan | SubjectKind::Alert | SubjectKind::Answer | SubjectKind::Figures => None,
    })
}
