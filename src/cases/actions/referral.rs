//! Verbs on the referral of a case: refer, be accepted, put right, take back.

use super::get_open;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::CaseId;
use crate::base::value::{Flaw, Line, Text};
use crate::base::vault::Holder;
use crate::cases::model::{Acceptance, Case, FormerReferral, State};
use crate::cases::rules::{ReferralLimit, check_stated, referral_limit};
use crate::cases::store;
use crate::corrections::{self, Correction};
use crate::duties::store::{Which, find};
use crate::duties::{self, About, CASE_CLOSED, Kind, Promise};
use crate::facts::Fact;

/// The last moment of a case's referral in time.
///
/// # Errors
/// The database's.
pub fn due_at(tx: &mut Tx<'_>, case: &Case) -> Result<Instant> {
    limit_of(tx, case).map(|limit| limit.due_at)
}

fn limit_of(tx: &mut Tx<'_>, case: &Case) -> Result<ReferralLimit> {
    let joined = store::founded::list_joined(tx, &[case.id])?.remove(&case.id).unwrap_or_default();
    Ok(referral_limit(tx.programme.deadlines.referral_clock, case.hours(), &joined, case.referred_at))
}

/// Refers a case to a receiving authority. A missed limit never blocks; its reason is recorded, now or later.
///
/// # Errors
/// 404, 409 when closed or referred already, 422 for an impossible time.
pub fn refer(tx: &mut Tx<'_>, id: CaseId, to: &Line, at: Instant, late_reason: Option<&Text>) -> Result<CaseId> {
    let mut case = get_open(tx, id)?;
    if case.referred_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Sagen er allerede visiteret", "The case is referred already").into());
    }
    check_stated("/happened_at", at, tx.now, case.founded_at)?;
    case.referred_at = Some(at);
    case.referral_severity = Some(case.severity);
    case.referred_recorded_at = Some(tx.now);
    case.referred_to = Some(to.as_str().to_owned());
    if let Some(reason) = late_reason {
        case.late_reason = Some(tx.seal(Holder::case(id), store::place("referral_late_reason", id), reason)?);
    }
    store::save(tx, &case)?;
    tx.tell(Fact::CaseReferred { case: id, at });
    Ok(id)
}

/// Records that the receiving authority accepted: by whom, when, first action. A referral is followed until then.
///
/// # Errors
/// 404, 409 when closed, not referred or accepted already, 422 for an impossible time.
pub fn accept(tx: &mut Tx<'_>, id: CaseId, at: Instant, acceptance: &Acceptance) -> Result<CaseId> {
    let mut case = get_open(tx, id)?;
    let Some(referred_at) = case.referred_at.filter(|_| case.referral_accepted_at.is_none()) else {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Der er ingen visitation, der venter på svar", "There is no referral that waits for an answer").into());
    };
    check_stated("/happened_at", at, tx.now, referred_at)?;
    case.referral_accepted_at = Some(at);
    case.acceptance = Some(tx.seal(Holder::case(id), store::place("referral_acceptance", id), acceptance)?);
    store::save(tx, &case)?;
    Ok(id)
}

/// What was recorded of a case's referral before each correction, and of each that was taken back. The caller must have been shown the case.
///
/// # Errors
/// The database's and the vault's.
pub fn former(tx: &mut Tx<'_>, id: CaseId) -> Result<Vec<Correction<FormerReferral>>> {
    corrections::list(tx, corrections::Kind::Referral, id.cast(), Holder::case(id))
}

/// Corrects to whom and when a case was referred: the whole anew, and what was recorded before stays beside it. When it was first written down and
/// what the severity was then stay as they were. The same again changes nothing.
///
/// # Errors
/// 404, 412; 409 when it is not referred; 422 for an impossible time, or one after the acceptance or the closing.
pub fn correct(tx: &mut Tx<'_>, id: CaseId, expected: &Expected, to: &Line, at: Instant, late_reason: Option<&Text>) -> Result<()> {
    let mut case = store::get(tx, id)?;
    expected.check(case.version)?;
    let former = recorded(tx, &case)?;
    let from = former.referred_at;
    if (former.to.as_str(), from, former.late_reason.as_ref()) == (to.as_str(), at, late_reason) {
        return Ok(());
    }
    check_stated("/happened_at", at, tx.now, case.founded_at)?;
    for (later, flaw) in [(case.referral_accepted_at, Flaw::AfterAcceptance), (case.closed_at, Flaw::AfterClosing)] {
        if later.is_some_and(|later| later < at) {
            return Err(flaw.refused("/happened_at"));
        }
    }
    keep(tx, id, &former)?;
    case.referred_at = Some(at);
    case.referred_to = Some(to.as_str().to_owned());
    let place = store::place("referral_late_reason", id);
    case.late_reason = late_reason.map(|reason| tx.seal(Holder::case(id), place, reason)).transpose()?;
    store::save(tx, &case)?;
    tx.tell(Fact::ReferralCorrected { case: id, from, at });
    Ok(())
}

/// What is recorded of a case's referral, but for when it was written down and how it was accepted.
///
/// # Errors
/// 409 when it is not referred.
fn recorded(tx: &mut Tx<'_>, case: &Case) -> Result<FormerReferral> {
    let (Some(referred_at), Some(to)) = (case.referred_at, case.referred_to.clone()) else {
        return Err(Problem::new(Code::WrongState).say("Sagen er ikke visiteret", "The case is not referred").into());
    };
    let place = store::place("referral_late_reason", case.id);
    let late_reason = case.late_reason.as_ref().map(|sealed| tx.open(Holder::case(case.id), place, sealed)).transpose()?;
    Ok(FormerReferral { to, referred_at, late_reason, recorded_at: None, accepted_at: None, acceptance: None })
}

fn keep(tx: &mut Tx<'_>, id: CaseId, former: &FormerReferral) -> Result<()> {
    corrections::keep(tx, corrections::Kind::Referral, id.cast(), Holder::case(id), former)
}

/// Takes back a referral that never was, with its acceptance: the case is still to be referred. A concern that joined it since brings its own
/// need of a local effort, as it would have.
///
/// # Errors
/// 404; 409 when it is not referred, or with each offer that was made since.
pub fn retract(tx: &mut Tx<'_>, id: CaseId) -> Result<CaseId> {
    let mut case = store::get(tx, id)?;
    let former = recorded(tx, &case)?;
    let built = store::fact_offered_since(tx, id, former.referred_at)?;
    if !built.is_empty() {
        let words = (
            "Der er givet tilbud siden visitationen: træk dem tilbage først, eller ret visitationen i stedet",
            "Offers were made since the referral: withdraw them first, or correct the referral instead",
        );
        let problem = Problem::new(Code::Blocked).say(words.0, words.1);
        return Err(built.iter().fold(problem, |problem, offer| problem.blocked_by("offer", offer.uuid())).into());
    }
    let place = store::place("referral_acceptance", id);
    let acceptance = case.acceptance.take().map(|sealed| tx.open(Holder::case(id), place, &sealed)).transpose()?;
    let (recorded_at, accepted_at) = (case.referred_recorded_at.take(), case.referral_accepted_at.take());
    keep(tx, id, &FormerReferral { recorded_at, accepted_at, acceptance, ..former })?;
    if let Some(since) = recorded_at {
        case.needs_local_effort = case.needs_local_effort || store::founded::fact_needs_since(tx, id, since)?;
    }
    (case.referred_at, case.referral_severity, case.referred_to, case.late_reason) = (None, None, None, None);
    store::save(tx, &case)?;
    tx.tell(Fact::ReferralRetracted { case: id });
    Ok(id)
}

/// Consequence: a referral was taken back. Its limit is promised as if nothing had kept it, and fell away with the first closing.
///
/// # Errors
/// The database's.
pub fn retracted(tx: &mut Tx<'_>, id: CaseId) -> Result<()> {
    let Some(case) = store::fact(tx, id)? else { return Ok(()) };
    if let Some(kept) = find(tx, Kind::Referral, id.cast(), "")? {
        duties::actions::take_back(tx, kept.id)?;
    }
    open_limit(tx, &case)?;
    let limit = Which::subject(id, &[Kind::Referral]);
    duties::actions::hand_over(tx, &limit, case.coordinator)?;
    let reopened = store::reopenings::list(tx, id)?;
    match reopened.first().map(|reopening| reopening.closed_at).or(case.closed_at) {
        Some(at) => duties::actions::end(tx, &limit, at, CASE_CLOSED).map(drop),
        None => Ok(()),
    }
}

/// Consequence: the referral's limit, from the same start whatever the severity becomes, or the earlier one of a concern that joined. Once it is
/// referred it was kept, in time or late, by the limit as it is known by now. None is promised in a case that was closed before: that ended its limit.
/// Told again it changes nothing.
///
/// # Errors
/// The database's.
pub fn promise(tx: &mut Tx<'_>, id: CaseId) -> Result<()> {
    let Some(case) = store::fact(tx, id)? else { return Ok(()) };
    if let Some(kept) = find(tx, Kind::Referral, id.cast(), "")?.filter(|duty| duty.state == duties::State::Done) {
        let promise = promise_of(tx, &case)?;
        return duties::actions::redate(tx, &kept, &promise);
    }
    let is_asked = case.state == State::Open && case.referred_at.is_none();
    if is_asked && store::reopenings::list(tx, id)?.is_empty() { open_limit(tx, &case) } else { Ok(()) }
}

fn open_limit(tx: &mut Tx<'_>, case: &Case) -> Result<()> {
    let promise = promise_of(tx, case)?;
    duties::actions::open(tx, &promise).map(drop)
}

fn promise_of(tx: &mut Tx<'_>, case: &Case) -> Result<Promise> {
    let (id, limit) = (case.id, limit_of(tx, case)?);
    Ok(Promise {
        kind: Kind::Referral,
        subject: id.into(),
        slot: String::new(),
        about: About { case: Some(id), ..About::default() },
        owner: case.coordinator,
        from_at: limit.from_at,
        opens_at: case.founded_at,
        due_at: limit.due_at,
    })
}

/// Consequence: the referral's clock stops at the time stated for it. Of the concerns that joined those count that the police had not taken over by
/// then.
///
/// # Errors
/// The database's.
pub fn referred(tx: &mut Tx<'_>, id: CaseId, at: Instant) -> Result<()> {
    duties::actions::meet(tx, &Which::case(id).kinds(&[Kind::Referral]), at)?;
    promise(tx, id)
}

/// Consequence: it was referred at another moment than was recorded.
///
/// # Errors
/// The database's.
pub fn corrected(tx: &mut Tx<'_>, id: CaseId, from: Instant, at: Instant) -> Result<()> {
    duties::actions::restate(tx, id, from, at)?;
    promise(tx, id)
}
