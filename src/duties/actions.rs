//! Open, move, meet and end promises. Called in the transaction of the fact that causes it.

use std::collections::BTreeSet;

use super::model::{CORRECTED, Duty, FormerSettlement, Kind, LateReason, Promise, State};
use super::rules;
use super::store::{self, Which};
pub use super::store::{Filter, get, list};
use crate::access::accounts::may_coordinate;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::error::{Code, Error, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, CaseId, DutyId, EnquiryId, MatchId, PersonId};
use crate::base::value::Flaw;
use crate::base::vault::Holder;
use crate::corrections::{self, Correction};
use crate::facts::Fact;
use crate::journal::Subject;

/// Says which version of these promises, which the caller sees, they are shown. By that of a log how often its session was moved shows: to whoever does
/// not run its match (they cover the session) it stays the first. Nothing that they may do to such a promise asks for its version.
///
/// # Errors
/// The database's.
pub fn count_as_shown(tx: &mut Tx<'_>, duties: &mut [Duty]) -> Result<()> {
    if tx.reaches(Reach::All) {
        return Ok(());
    }
    let matches: BTreeSet<MatchId> =
        duties.iter().filter(|duty| duty.kind == Kind::LogMissing).filter_map(|duty| duty.about.matched).collect();
    let run = store::run_among(tx, &matches.into_iter().collect::<Vec<_>>())?;
    let is_covered = |duty: &&mut Duty| duty.kind == Kind::LogMissing && duty.about.matched.is_some_and(|matched| !run.contains(&matched));
    duties.iter_mut().filter(is_covered).for_each(|duty| duty.version = 1);
    Ok(())
}

/// Writes a promise down. Told again it moves while it is open, and stays with whoever has it (that is [`hand_over`]'s and
/// [`assign`]'s); it comes back when it had ended undone, and stays as it is when it was kept.
pub fn open(tx: &mut Tx<'_>, promise: &Promise) -> Result<DutyId> {
    open_where(tx, promise, |duty| duty.state != State::Done && differs(duty, promise))
}

/// As [`open`], where what kept it turned out to be about something else: it is to be kept still.
///
/// # Errors
/// The database's.
pub fn open_again(tx: &mut Tx<'_>, promise: &Promise) -> Result<()> {
    open_where(tx, promise, |duty| duty.state == State::Done || differs(duty, promise)).map(drop)
}

/// Writes a promise down, or says it anew where what is known of it asks for that.
fn open_where(tx: &mut Tx<'_>, promise: &Promise, is_said_anew: impl Fn(&Duty) -> bool) -> Result<DutyId> {
    match store::find(tx, promise.kind, promise.subject.id, &promise.slot)? {
        None => store::insert(tx, promise),
        Some(duty) => {
            if is_said_anew(&duty) {
                let owner = if duty.state == State::Open { duty.owner } else { promise.owner };
                store::reopen(tx, &duty, &Promise { owner, ..promise.clone() })?;
            }
            Ok(duty.id)
        }
    }
}

/// Writes promises down whose subjects were made in this very verb, so that none of them can be known yet: as [`open`], without a look-up for
/// each.
///
/// # Errors
/// The database's.
pub fn open_new(tx: &mut Tx<'_>, promises: &[Promise]) -> Result<()> {
    let all: Vec<(DutyId, &Promise)> = promises.iter().map(|promise| (tx.new_id(), promise)).collect();
    store::insert_all(tx, &all)
}

fn differs(duty: &Duty, promise: &Promise) -> bool {
    duty.state == State::Ended || is_moved(duty, promise)
}

fn is_moved(duty: &Duty, promise: &Promise) -> bool {
    duty.due_at != promise.due_at || duty.opens_at != promise.opens_at || duty.from_at != promise.from_at
}

/// A promise that is never due later once it is open, whatever becomes of what it goes by: as it was made while that was sooner.
///
/// # Errors
/// The database's.
pub fn never_later(tx: &mut Tx<'_>, promise: Promise) -> Result<Promise> {
    let known = store::find(tx, promise.kind, promise.subject.id, &promise.slot)?;
    Ok(match known.filter(|duty| duty.state == State::Open && duty.due_at <= promise.due_at) {
        Some(duty) => Promise { from_at: duty.from_at, opens_at: duty.opens_at, due_at: duty.due_at, ..promise },
        None => promise,
    })
}

/// Makes a subject's open promises of these kinds what is wanted: adds, moves, and ends the rest with `reason` at the stated time. Twice is
/// once.
pub fn sync(
    tx: &mut Tx<'_>,
    subject: impl Into<Subject>,
    kinds: &[Kind],
    wanted: &[Promise],
    reason: &'static str,
    at: Instant,
) -> Result<()> {
    let subject = subject.into();
    let keep: BTreeSet<(Kind, &str)> = wanted.iter().map(|promise| (promise.kind, promise.slot.as_str())).collect();
    for duty in store::list_open(tx, &Which::subject(subject, kinds))? {
        if !keep.contains(&(duty.kind, duty.slot.as_str())) {
            store::close(tx, &duty, State::Ended, at, Some(reason))?;
        }
    }
    for promise in wanted {
        open(tx, promise)?;
    }
    Ok(())
}

/// Marks open promises as kept at the stated time. Returns how many there were.
pub fn meet(tx: &mut Tx<'_>, which: &Which<'_>, at: Instant) -> Result<usize> {
    let open = store::list_open(tx, which)?;
    for duty in &open {
        store::close(tx, duty, State::Done, at, None)?;
    }
    Ok(open.len())
}

/// Marks a promise as kept at the stated time, if it was still to be kept then: one that had ended undone by now was kept all the same by
/// what was done before its end.
pub fn keep(tx: &mut Tx<'_>, duty: &Duty, at: Instant) -> Result<()> {
    if duty.could_be_kept(at) { store::close(tx, duty, State::Done, at, None) } else { Ok(()) }
}

/// Ends open promises undone at the stated time, with a reason (a short code, e.g. `accepted`). Returns how many there were.
pub fn end(tx: &mut Tx<'_>, which: &Which<'_>, at: Instant, reason: &str) -> Result<usize> {
    let open = store::list_open(tx, which)?;
    for duty in &open {
        store::close(tx, duty, State::Ended, at, Some(reason))?;
    }
    Ok(open.len())
}

/// Gives an owner's open promises to another, or to the unit.
pub fn hand_over(tx: &mut Tx<'_>, which: &Which<'_>, to: Option<AccountId>) -> Result<usize> {
    let open = store::list_open(tx, which)?;
    for duty in &open {
        store::set_owner(tx, duty, to, None)?;
    }
    Ok(open.len())
}

/// Files open promises that were made before their case opened under it, and gives them to whoever answers for it.
///
/// # Errors
/// The database's.
pub fn file_under(tx: &mut Tx<'_>, which: &Which<'_>, case: CaseId, owner: Option<AccountId>) -> Result<()> {
    for duty in store::list_open(tx, which)? {
        store::file_under(tx, &duty, Some(case), duty.owner.or(owner))?;
    }
    Ok(())
}

/// Takes a subject's promises of a kind out of the case that they were filed under: it was never theirs. What is open and was its
/// coordinator's is the unit's.
///
/// # Errors
/// The database's.
pub fn unfile(tx: &mut Tx<'_>, kind: Kind, subject: impl Into<Subject>, coordinator: Option<AccountId>) -> Result<()> {
    for duty in store::list_all(tx, kind, subject.into().id)?.into_iter().filter(|duty| duty.about.case.is_some()) {
        let owner = duty.owner.filter(|owner| duty.state != State::Open || Some(*owner) != coordinator);
        store::file_under(tx, &duty, None, owner)?;
    }
    Ok(())
}

/// Consequence of a bar: what an account promised about whom it may not see any more is the unit's.
///
/// # Errors
/// The database's.
pub fn rights_lost(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    for duty in store::list_open_barred(tx, account)? {
        store::set_owner(tx, &duty, None, None)?;
    }
    Ok(())
}

/// Consequence: an account is a coordinator no more. What it promised is the unit's, also of closed cases; but the logs of its own sessions.
///
/// # Errors
/// The database's.
pub fn coordinator_lost(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::LogMissing).collect();
    hand_over(tx, &Which::owner(account).kinds(&kinds), None).map(drop)
}

/// Opens a kept promise again: what kept it was taken back. It is whose it was, and the unit's where they could not be given it any more: their
/// account was closed, they lost their role, or are barred. One that is open or ended stays as it is.
pub fn take_back(tx: &mut Tx<'_>, id: DutyId) -> Result<()> {
    let Some(duty) = store::find_fact(tx, id)?.filter(|duty| duty.state == State::Done) else { return Ok(()) };
    let owner = match duty.owner {
        Some(owner) if may_own(tx, &duty, owner)? => Some(owner),
        _ => None,
    };
    store::reopen(tx, &duty, &Promise { owner, ..duty.promise() })
}

/// Counts a promise anew whose clock was corrected: how it stands, it stays; one that was kept was so in time, or late, by the corrected limit.
///
/// # Errors
/// The database's.
pub fn redate(tx: &mut Tx<'_>, duty: &Duty, promise: &Promise) -> Result<()> {
    if is_moved(duty, promise) { store::set_term(tx, duty, promise) } else { Ok(()) }
}

/// What kept or ended a subject's promises happened at another moment than was recorded: those that were closed at the one were so at the
/// other.
///
/// # Errors
/// The database's.
pub fn restate(tx: &mut Tx<'_>, subject: impl Into<Subject>, from: Instant, at: Instant) -> Result<()> {
    let closed = if from == at { Vec::new() } else { store::list_closed_at(tx, subject.into().id, from)? };
    for duty in closed {
        store::set_closed_at(tx, &duty, at)?;
    }
    Ok(())
}

/// Settles a promise by hand: it was kept, at the stated time.
///
/// # Errors
/// 404; 409 for a promise that only an operation of its own keeps, or that is not open; 422 for an impossible time, or a reason that is
/// missing where the limit was missed.
pub fn settle(tx: &mut Tx<'_>, id: DutyId, at: Instant, late_reason: Option<LateReason>) -> Result<DutyId> {
    let duty = get(tx, id)?;
    rules::check_by_hand(duty.kind)?;
    rules::check_open(duty.state)?;
    rules::check_settled(&duty, at, tx.now, late_reason)?;
    store::close(tx, &duty, State::Done, at, late_reason.map(Coded::code))?;
    tx.tell(Fact::DutySettled { duty: id, at });
    Ok(id)
}

/// Takes back that a promise was settled by hand: it is to be kept still, as it was promised, so that what is late by then was always late. What
/// it is about may be otherwise by now; then it stands as its room has it (`Fact::SettlementRetracted` is answered there, or refused). It is whose it
/// was where it was given to them by hand and they may have it, else whose it is goes by its case.
///
/// # Errors
/// 404; 409 for a promise that only an operation of its own keeps, or that is not settled, and where nothing is to be kept any more.
pub fn retract_settlement(tx: &mut Tx<'_>, id: DutyId) -> Result<DutyId> {
    let duty = get(tx, id)?;
    let at = rules::settled_at(&duty)?;
    keep_settlement(tx, &duty, at)?;
    let assigned = store::fact_assigned(tx, id)?;
    let owner = match duty.owner.filter(|owner| assigned == Some(*owner)) {
        Some(owner) if may_own(tx, &duty, owner)? => Some(owner),
        _ => None,
    };
    store::reopen(tx, &duty, &Promise { owner, ..duty.promise() })?;
    tx.tell(Fact::SettlementRetracted { duty: id, at });
    Ok(id)
}

/// Opens a promise again that was settled by hand, for nothing keeps it but what an operation writes down: an earlier version let it be. What was
/// recorded is kept, and it is whose it was.
///
/// # Errors
/// The database's and the vault's.
pub fn ask_again(tx: &mut Tx<'_>, duty: &Duty, settled_at: Instant) -> Result<()> {
    keep_settlement(tx, duty, settled_at)?;
    take_back(tx, duty.id)
}

/// Keeps what was recorded of a promise that was settled by hand, before it is open again.
fn keep_settlement(tx: &mut Tx<'_>, duty: &Duty, settled_at: Instant) -> Result<()> {
    let about = duty.about.person.ok_or_else(|| Error::internal("a promise that is settled by hand is about nobody"))?;
    let recorded_by = store::find_closed_by(tx, duty.id)?;
    let former = FormerSettlement { settled_at, recorded_at: duty.closed_recorded_at, recorded_by, late_reason: duty.reason.clone() };
    corrections::keep_by_any(tx, corrections::Kind::Settlement, duty.id.cast(), Holder::person(about), &former)
}

/// Gives an open promise that is the unit's to somebody, if they may have it.
///
/// # Errors
/// The database's.
pub fn give(tx: &mut Tx<'_>, duty: &Duty, to: AccountId) -> Result<()> {
    let is_free = duty.state == State::Open && duty.owner.is_none();
    if is_free && may_own(tx, duty, to)? { store::set_owner(tx, duty, Some(to), None) } else { Ok(()) }
}

/// Ends what the settlement of a promise had promised next, where that is taken back: of the same subject and kind, and counted from then.
///
/// # Errors
/// 409 when that was kept, too.
pub fn end_next(tx: &mut Tx<'_>, duty: &Duty, at: Instant) -> Result<()> {
    let all = store::list_all(tx, duty.kind, duty.subject_id)?;
    for next in all.into_iter().filter(|next| rules::is_next(duty, at, next)) {
        match next.state {
            State::Open => store::close(tx, &next, State::Ended, at, Some(CORRECTED))?,
            State::Ended => {}
            State::Done => {
                let words = ("Den næste er indfriet siden: tag det tilbage først", "The next was kept since: take that back first");
                return Err(Problem::new(Code::Blocked).say(words.0, words.1).blocked_by("duty", next.id.uuid()).into());
            }
        }
    }
    Ok(())
}

/// A name for a promise of a subject that none bears which was kept already: with a number where one does, for what was kept stays kept.
///
/// # Errors
/// The database's.
pub fn free_slot(tx: &mut Tx<'_>, kind: Kind, subject: impl Into<Subject>, name: String) -> Result<String> {
    let subject = subject.into();
    let mut turn = 1_usize;
    while store::find(tx, kind, subject.id, &rules::numbered(&name, turn))?.is_some_and(|duty| duty.state == State::Done) {
        turn = turn.saturating_add(1);
    }
    Ok(rules::numbered(&name, turn))
}

/// How a promise was said to have been settled by hand, where that was taken back, the first first. The caller must have been shown it.
///
/// # Errors
/// The database's and the vault's.
pub fn former_settlements(tx: &mut Tx<'_>, duty: &Duty) -> Result<Vec<Correction<FormerSettlement, Option<AccountId>>>> {
    match duty.about.person {
        Some(person) => corrections::list_by_any(tx, corrections::Kind::Settlement, duty.id.cast(), Holder::person(person)),
        None => Ok(Vec::new()),
    }
}

/// Gives an open promise to a coordinator, or to the unit.
///
/// # Errors
/// 404, 412, 409 when it is not open, 422 for an account that is no coordinator or is barred from whom it is about.
pub fn assign(tx: &mut Tx<'_>, id: DutyId, expected: &Expected, to: Option<AccountId>) -> Result<()> {
    let duty = get(tx, id)?;
    expected.check(duty.version)?;
    rules::check_open(duty.state)?;
    if let Some(account) = to {
        check_owner(tx, &duty, account)?;
    }
    store::set_owner(tx, &duty, to, to)
}

fn check_owner(tx: &mut Tx<'_>, duty: &Duty, account: AccountId) -> Result<()> {
    if may_own(tx, duty, account)? {
        return Ok(());
    }
    Err(Flaw::NotACoordinator.refused("/account_id"))
}

/// Whether an account is a coordinator who may see whom a promise is about.
fn may_own(tx: &mut Tx<'_>, duty: &Duty, account: AccountId) -> Result<bool> {
    let about = &duty.about;
    let whom = [about.enquiry.map(EnquiryId::cast), about.case.map(CaseId::cast), about.person.map(PersonId::cast)];
    may_coordinate(tx, account, &whom.into_iter().flatten().collect::<Vec<_>>())
}
