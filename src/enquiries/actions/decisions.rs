//! What coordination meetings decide, and what is decided between them and ratified by the next.

use chrono::NaiveDate;

use super::decider;
use crate::access::Tx;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{AccountId, CaseId, DecisionId};
use crate::base::value::{Flaw, Text};
use crate::duties::store::Which;
use crate::duties::{self, About, Kind, Promise};
use crate::enquiries::model::{Decision, DecisionKind, Matter};
use crate::enquiries::rules;
use crate::enquiries::store::{self, decisions as rows};
use crate::facts::Fact;

pub use rows::{Filter, New};

/// A decision as a client states it.
#[derive(Clone, Debug)]
pub struct Make {
    /// What was decided.
    pub kind: DecisionKind,
    /// About what.
    pub matter: Matter,
    /// Stated; now where absent.
    pub at: Option<Instant>,
    /// Who decided; the caller where absent.
    pub decided_by: Option<AccountId>,
    /// The meeting; `None`: between meetings.
    pub meeting_on: Option<NaiveDate>,
    /// Why.
    pub grounds: Option<Text>,
}

/// Writes a decision down.
///
/// # Errors
/// 422 for what has a verb of its own, an unknown enquiry or case, or an impossible time.
pub fn make(tx: &mut Tx<'_>, make: &Make) -> Result<DecisionId> {
    if rules::has_its_own_verb(make.kind) {
        return Err(Flaw::OwnOperation.refused("/kind"));
    }
    let cause_at = match make.matter {
        Matter::Enquiry(id) => match store::get(tx, id) {
            Err(crate::base::error::Error::Refused(_)) => {
                return Err(invalid("/enquiry_id", Flaw::Unknown, "Henvendelsen findes ikke", "The enquiry does not exist"));
            }
            other => other?.received_at,
        },
        Matter::Case(id) => match store::find_case(tx, id)? {
            Some((founded_at, _)) => founded_at,
            None => return Err(invalid("/case_id", Flaw::Unknown, "Sagen findes ikke", "The case does not exist")),
        },
    };
    let by = decider(tx, make.decided_by)?;
    let at = rules::stated("/happened_at", make.at, tx.now, cause_at)?;
    let meeting_on = make.meeting_on.map(|on| meeting(tx, on, cause_at)).transpose()?;
    write(tx, &New { kind: make.kind, matter: make.matter, at, by, meeting_on, grounds: make.grounds.as_ref() })
}

/// Writes a checked decision down; without a meeting it waits for one.
pub(super) fn write(tx: &mut Tx<'_>, new: &New<'_>) -> Result<DecisionId> {
    let recorded_by = tx.account()?;
    let id = rows::insert(tx, new, recorded_by)?;
    if new.meeting_on.is_none() {
        tx.tell(Fact::DecidedBetweenMeetings { decision: id });
    }
    Ok(id)
}

/// A meeting's date, by our clock: not after today, and not before what it decides on.
pub(super) fn meeting(tx: &Tx<'_>, on: NaiveDate, cause_at: Instant) -> Result<NaiveDate> {
    let (zone, now) = (tx.programme.calendar().zone, tx.now);
    let on = zone.stated(on, now);
    if on > zone.date(now) {
        return Err(Flaw::AfterToday.refused("/meeting_on"));
    }
    if on < zone.date(cause_at) {
        let words = ("Datoen ligger før det, mødet tog stilling til", "The date lies before what was decided on");
        return Err(invalid("/meeting_on", Flaw::BeforeCause, words.0, words.1));
    }
    Ok(on)
}

/// A decision and why.
///
/// # Errors
/// 404.
pub fn get(tx: &mut Tx<'_>, id: DecisionId) -> Result<(Decision, Option<Text>)> {
    let decision = rows::get(tx, id)?;
    let grounds = rows::open_grounds(tx, &decision)?;
    Ok((decision, grounds))
}

/// A page of decisions, the latest first.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<(Instant, DecisionId)>, fetch: i64) -> Result<Vec<(Decision, Option<Text>)>> {
    let decisions = rows::list(tx, filter, after, fetch)?;
    decisions.into_iter().map(|decision| rows::open_grounds(tx, &decision).map(|grounds| (decision, grounds))).collect()
}

/// Writes down which meeting ratified a decision made before it.
///
/// # Errors
/// 404; 409 when a meeting made or ratified it, or it was taken back; 422.
pub fn ratify(tx: &mut Tx<'_>, id: DecisionId, on: NaiveDate) -> Result<DecisionId> {
    let decision = rows::get(tx, id)?;
    if decision.retracted_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Beslutningen er taget tilbage", "The decision was taken back").into());
    }
    if decision.meeting_on.is_some() || decision.ratified_on.is_some() {
        return Err(Problem::new(Code::WrongState).say("Et møde har taget stilling", "A meeting has decided on it").into());
    }
    let on = meeting(tx, on, decision.decided_at)?;
    rows::ratify(tx, &decision, on)?;
    // A date is met at its first moment that does not lie before the decision itself.
    let at = tx.programme.calendar().zone.start_of(on).max(decision.decided_at);
    tx.tell(Fact::DecisionRatified { decision: id, at });
    Ok(id)
}

/// The matter of a decision, for whoever owns what follows.
///
/// # Errors
/// The database's.
pub fn matter_of(tx: &mut Tx<'_>, id: DecisionId) -> Result<Matter> {
    Ok(rows::fact(tx, id)?.matter)
}

/// Promises that the next meeting ratifies a decision. `case`: the one it is about, or that its enquiry opened or joined.
///
/// # Errors
/// The database's.
pub fn promise_ratification(tx: &mut Tx<'_>, id: DecisionId, case: Option<CaseId>, owner: Option<AccountId>) -> Result<()> {
    let decision = rows::fact(tx, id)?;
    let from_at = decision.decided_at;
    let promise = Promise {
        kind: Kind::Ratify,
        subject: id.into(),
        slot: String::new(),
        about: About { enquiry: decision.matter.enquiry(), case, ..About::default() },
        owner,
        from_at,
        opens_at: from_at,
        due_at: tx.programme.calendar().due(from_at, Span::Days(tx.programme.deadlines.ratify_days)),
    };
    duties::actions::open(tx, &promise).map(drop)
}

/// A meeting ratified it: the promise is kept.
///
/// # Errors
/// The database's.
pub fn ratified(tx: &mut Tx<'_>, id: DecisionId, at: Instant) -> Result<()> {
    duties::actions::meet(tx, &Which::subject(id, &[Kind::Ratify]), at).map(drop)
}
