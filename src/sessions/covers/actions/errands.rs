//! That somebody tells the person who comes: that it is another, once for all that one step decides, and that it is not, where they were told.

use std::collections::BTreeSet;

use crate::access::Tx;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::duties::{self, Kind, Promise, State as DutyState, rules::name_of};
use crate::people;
use crate::sessions::covers::model::{Cover, CoverState, Decided};
use crate::sessions::covers::{rules, store};
use crate::sessions::model::{Session, State};
use crate::sessions::reminders::actions::errands::{own_slot, tell_by_hand};
use crate::sessions::reminders::actions::{is_silent, sync};
use crate::sessions::store as session_store;

/// Of a session's errands by hand, the one that tells that somebody covers it.
fn comes(cover: &Cover) -> String {
    format!("cover {}", cover.id)
}

/// The one that tells that they do not, after all.
fn comes_not(cover: &Cover) -> String {
    format!("no_cover {}", cover.id)
}

/// Whether a session's errand by hand is one of these two.
pub fn is_errand(slot: &str) -> bool {
    slot.starts_with("cover ") || slot.starts_with("no_cover ")
}

/// The errand of a session that tells its person who comes, from the facts alone: what becomes of other sessions, of the course or of the way to
/// reach the person moves it and loses it never.
///
/// # Errors
/// The database's.
pub fn errand(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Promise>> {
    if session.state != State::Planned || session.starts_at <= tx.now {
        return Ok(None);
    }
    let all = store::fact_of_match(tx, session.matched)?;
    let Some((one, is_told)) = spoken_of(tx, session, &all)? else { return Ok(None) };
    if !rules::is_to_be_told(one, &speaking(tx, one, &all)?, is_told, tx.now) || is_silent(tx, session)? {
        return Ok(None);
    }
    let slot = match one.cover.state {
        CoverState::Standing => own_slot(tx, session, comes(&one.cover))?,
        CoverState::TakenBack | CoverState::Refused => comes_not(&one.cover),
    };
    // Told again it stays; what comes back is as new.
    tell_by_hand(tx, session, slot).map(Some)
}

/// The cover of a session that there is a word about, and whether the person was told of it: the last; where that was taken back before anybody had
/// told of it, the one before, which they may still wait for.
fn spoken_of<'a>(tx: &mut Tx<'_>, session: &Session, all: &'a [Decided]) -> Result<Option<(&'a Decided, bool)>> {
    for one in rules::last_first(all, session.id) {
        let is_told = is_told(tx, session, one, all)?;
        if is_told || one.cover.state != CoverState::TakenBack {
            return Ok(Some((one, is_told)));
        }
    }
    Ok(None)
}

/// The covers of a step of which one may speak for all: not one that was written down as taken back when its session had begun, for nobody was asked
/// then to say so.
fn speaking(tx: &mut Tx<'_>, one: &Decided, all: &[Decided]) -> Result<Vec<Decided>> {
    let mut speaking = Vec::new();
    for part in all.iter().filter(|part| part.is_of_step(one)) {
        let may_be_unsaid = part.cover.state == CoverState::TakenBack && part.starts_at <= tx.now;
        if !may_be_unsaid || duties::store::find(tx, Kind::TellByHand, part.cover.session.cast(), &comes_not(&part.cover))?.is_some() {
            speaking.push(*part);
        }
    }
    Ok(speaking)
}

/// Whether the person was told of a step of covers, who does not come if anybody was. Who comes: whoever reads for them by now was, or did so already
/// when they met at one of its sessions; or an errand of one that is over still waits to be settled, and is for whoever reads.
fn is_told(tx: &mut Tx<'_>, session: &Session, one: &Decided, all: &[Decided]) -> Result<bool> {
    let is_of_reader = one.cover.state == CoverState::Standing;
    for part in all.iter().filter(|part| part.is_of_step(one)) {
        let name = comes(&part.cover);
        let mut errands = duties::store::list_all(tx, Kind::TellByHand, part.cover.session.cast())?;
        errands.retain(|errand| name_of(&errand.slot) == name);
        let is_over = part.session_state == State::Planned && part.starts_at <= tx.now;
        if is_of_reader && is_over && errands.iter().any(|errand| errand.state == DutyState::Open) {
            return Ok(true);
        }
        let told = errands.iter().filter(|errand| errand.state == DutyState::Done).filter_map(|errand| errand.closed_at);
        let met = (is_of_reader && part.cover.state == CoverState::Standing && part.session_state == State::Held).then_some(part.starts_at);
        for told_at in told.chain(met) {
            if !is_of_reader || people::actions::is_reader_since(tx, session.person, told_at)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Makes the errands of the other sessions that were decided in one step with a changed one agree with it: the next of them may be the first now.
pub(super) fn agree_others(tx: &mut Tx<'_>, changed: &Session) -> Result<()> {
    let all = store::fact_of_match(tx, changed.matched)?;
    let own: Vec<&Decided> = all.iter().filter(|decided| decided.cover.session == changed.id).collect();
    let beside = all.iter().filter(|decided| own.iter().any(|own| own.is_of_step(decided))).map(|decided| decided.cover.session);
    let others: BTreeSet<SessionId> = beside.filter(|other| *other != changed.id).collect();
    for other in others {
        if let Some(other) = session_store::find_fact(tx, other)? {
            sync(tx, &other)?;
        }
    }
    Ok(())
}
