//! What becomes of a case when the conclusion that opened or joined it is taken back.

use super::referral;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CaseId, EnquiryId};
use crate::cases::model::{Case, InTheWay, State};
use crate::cases::store::{self, unfounding};
use crate::duties::store::Which;
use crate::duties::{self, Kind};
use crate::enquiries::{fact_decisions, fact_people};

/// Consequence: the concern was not founded. The case that it opened never was; one that it joined goes on without it, and its referral by the
/// hours that are left. What was promised of the concern itself is the unit's again.
///
/// # Errors
/// 409 when the case is closed, or with what was built on the conclusion.
pub fn retracted(tx: &mut Tx<'_>, enquiry: EnquiryId, id: CaseId, at: Instant) -> Result<()> {
    let case = store::fact(tx, id)?.ok_or(Code::NotFound)?;
    if case.state != State::Open {
        let words = ("Sagen er lukket: åbn den først igen", "The case is closed: open it again first");
        return Err(Problem::new(Code::WrongState).say(words.0, words.1).into());
    }
    let has_opened = store::founded::fact_opener(tx, id)? == Some(enquiry);
    let (in_the_way, words) = if has_opened {
        let words = (
            "Der er arbejdet videre i sagen: tag det tilbage, eller luk sagen",
            "The case was built upon: take that back, or close the case",
        );
        (unfounding::fact_built_upon(tx, &case)?, words)
    } else {
        let words =
            ("Tag først dem, kun henvendelsen handler om, ud af sagen", "Take whom only this concern is about out of the case first");
        (brought(tx, enquiry, id, at)?, words)
    };
    if !in_the_way.is_empty() {
        let problem = Problem::new(Code::Blocked).say(words.0, words.1);
        return Err(in_the_way.iter().fold(problem, |problem, found| problem.blocked_by(found.kind, found.id.uuid())).into());
    }
    duties::actions::unfile(tx, Kind::Receipt, enquiry, case.coordinator)?;
    for decision in fact_decisions(tx, enquiry)? {
        duties::actions::unfile(tx, Kind::Ratify, decision, case.coordinator)?;
    }
    if has_opened {
        duties::actions::end(tx, &Which::case(id), at, "conclusion_retracted")?;
        return store::save(tx, &Case { state: State::Retracted, closed_at: Some(at), ..case });
    }
    store::save(tx, &case)?;
    referral::promise(tx, id)
}

/// Who stands in a case since a concern joined it, and is in none of its others: they came with it.
fn brought(tx: &mut Tx<'_>, enquiry: EnquiryId, case: CaseId, since: Instant) -> Result<Vec<InTheWay>> {
    let about = fact_people(tx, enquiry)?;
    let mut others = Vec::new();
    for other in unfounding::fact_enquiries(tx, case)? {
        others.extend(fact_people(tx, other)?);
    }
    let came = store::fact_members(tx, case)?.into_iter().filter(|member| {
        member.stands() && member.joined_at >= since && about.contains(&member.person) && !others.contains(&member.person)
    });
    Ok(came.map(|member| InTheWay { kind: "person", id: member.person.cast() }).collect())
}
