//! In which state matches are at a moment, whether or not a night has passed that wrote it down.

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::MultiBackend;
use crate::base::error::Result;
use crate::base::ids::MatchId;
use crate::matching::model::State;
use crate::schema::matches;

type Query = matches::BoxedQuery<'static, MultiBackend>;

/// Those that are in a state at a moment: as [`crate::matching::Match::as_of`] has it.
pub(super) fn in_state(query: Query, state: State, now: Instant) -> Query {
    let proposed = matches::state.eq(State::Proposed);
    let running = matches::state.eq(State::Running);
    match state {
        State::Proposed => query.filter(proposed.and(matches::expires_at.ge(now))),
        State::Expired => query.filter(matches::state.eq(state).or(proposed.and(matches::expires_at.lt(now)))),
        State::Running => query.filter(running.and(matches::loan_ends_at.is_null().or(matches::loan_ends_at.ge(now)))),
        State::Ended => query.filter(matches::state.eq(state).or(running.and(matches::loan_ends_at.lt(now)))),
        State::Refused => query.filter(matches::state.eq(state)),
    }
}

/// Those that are proposed or run at a moment.
pub(in crate::matching) fn only_live(query: Query, now: Instant) -> Query {
    let proposed = matches::state.eq(State::Proposed).and(matches::expires_at.ge(now));
    let running = matches::state.eq(State::Running).and(matches::loan_ends_at.is_null().or(matches::loan_ends_at.ge(now)));
    query.filter(proposed.or(running))
}

/// Those that both said yes to and that do not run at a moment, as [`crate::matching::rules::is_held`] has it; or all others.
pub(super) fn only_held(query: Query, held: bool, now: Instant) -> Query {
    use matches::{expires_at, person_answer, staff_answer, state};
    if held {
        let proposed = state.eq(State::Proposed).and(expires_at.ge(now));
        return query.filter(proposed.and(staff_answer.eq(true)).and(person_answer.eq(true)));
    }
    let is_over = state.ne(State::Proposed).or(expires_at.lt(now));
    let lacks_one = staff_answer.is_null().or(person_answer.is_null());
    query.filter(is_over.or(lacks_one).or(staff_answer.eq(false)).or(person_answer.eq(false)))
}

/// Proposals that expired, and that is not written down: those after this one, by the moment that each was over, at most `most`. A nightly pass
/// goes through them in chunks.
pub fn list_expired(tx: &mut Tx<'_>, after: Option<(Instant, MatchId)>, most: i64) -> Result<Vec<(Instant, MatchId)>> {
    let now = tx.now;
    let mut query = matches::table.into_boxed().filter(matches::state.eq(State::Proposed)).filter(matches::expires_at.lt(now));
    if let Some((at, id)) = after {
        query = query.filter(matches::expires_at.gt(at).or(matches::expires_at.eq(at).and(matches::id.gt(id))));
    }
    let order = (matches::expires_at, matches::id);
    Ok(query.order(order).limit(most).select(order).load(tx.db())?)
}

/// As [`list_expired`], the running matches whose member of staff's loan is over.
pub fn list_loans_over(tx: &mut Tx<'_>, after: Option<(Instant, MatchId)>, most: i64) -> Result<Vec<(Instant, MatchId)>> {
    let now = tx.now;
    let mut query = matches::table.into_boxed().filter(matches::state.eq(State::Running)).filter(matches::loan_ends_at.lt(now));
    if let Some((at, id)) = after {
        query = query.filter(matches::loan_ends_at.gt(at).or(matches::loan_ends_at.eq(at).and(matches::id.gt(id))));
    }
    let query = query.order((matches::loan_ends_at, matches::id)).limit(most);
    Ok(query.select((matches::loan_ends_at.assume_not_null(), matches::id)).load(tx.db())?)
}
