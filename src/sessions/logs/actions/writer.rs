//! Who may write a log, whether it lies in the tray, and in what of what is to come its writer has a say.

use crate::access::bars::is_member_barred;
use crate::access::{Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, SessionId};
use crate::base::value::Flaw;
use crate::matching::{self, Match};
use crate::sessions::covers::model::Covered;
use crate::sessions::logs::model::{Content, Log};
use crate::sessions::logs::rules;
use crate::sessions::logs::rules::tray::Look;
use crate::sessions::model::Session;
use crate::sessions::{covers, store as session_store};
use crate::staff;

/// Who writes, as far as a log is concerned: judged on the session's date, whatever they may read today.
#[derive(Clone)]
pub(super) struct Writer {
    /// Whose log it is.
    pub account: AccountId,
    /// After the grace, not in the match on that date, or in it no more in any way: it is taken in, and lies in the tray.
    pub to_tray: bool,
    /// A coordinator, who can mend it at once.
    pub is_unit: bool,
    /// Since when they do not cover the session any more that they were to cover, where that was before it began: they were not in the match on its date.
    pub lost_at: Option<Instant>,
    say: Say,
}

/// In what of a match that is still to come its writer has a say, today. What has begun is what happened, whoever tells of it; on what is to come
/// a log acts as far as its writer could by the verbs of sessions, for it is told to the person at once.
#[derive(Clone)]
enum Say {
    /// In all of it: who runs the match, and the unit.
    All,
    /// In these sessions: who covers them. In none: who lost the role, the account or the cover, or whose match is over.
    Sessions(Vec<SessionId>),
}

impl Writer {
    /// Whether they may plan, and move, what is to come of the match.
    pub(super) const fn may_plan(&self) -> bool {
        matches!(self.say, Say::All)
    }

    /// Whether their word is what becomes of a session: it has begun, they have a say in it, or nobody but a log ever told of it.
    pub(super) fn may_touch(&self, session: &Session, now: Instant) -> bool {
        self.has_say(session) || session.starts_at <= now || !session.was_planned
    }

    /// What a version of theirs asks for that `leaves` sessions as they are: the one that it left before, and another.
    pub(super) const fn look(&self, leaves: (Option<SessionId>, Option<SessionId>)) -> Look {
        match leaves {
            _ if self.is_unit => Look::Done,
            (Some(_), Some(_)) => Look::Unit,
            (None, None) if !self.to_tray => Look::Spared,
            (Some(_), None) if !self.to_tray => Look::Owed,
            _ => Look::Asked,
        }
    }

    /// Whether they could plan or call off a session by hand.
    pub(super) fn has_say(&self, session: &Session) -> bool {
        match &self.say {
            Say::All => true,
            Say::Sessions(theirs) => theirs.contains(&session.id),
        }
    }
}

/// The writer of a log of this match, or 404: only a match that never was the writer's is refused, and whom a bar hides. Whoever covers writes
/// about the sessions they cover; a meeting of that day that they did not name is taken in, on another day it lies in the tray. There lies, too,
/// what comes of whoever ran or covered it once: by another account by now, without the role, or in a cover that was taken back.
pub(super) fn judge(tx: &mut Tx<'_>, matched: &Match, starts_at: Instant, named: Option<SessionId>) -> Result<Writer> {
    find(tx, matched, starts_at, named)?.ok_or_else(|| Code::NotFound.into())
}

/// The writer of a version of a stored log, where it is filed. Whose log it is goes on with it, whatever became of cover, match and session, or
/// wherever it was moved; at worst that lies in the tray.
pub(super) fn judge_known(tx: &mut Tx<'_>, log: &Log, matched: &Match, starts_at: Instant) -> Result<Writer> {
    let me = tx.account()?;
    if log.writer != me {
        return judge(tx, matched, starts_at, Some(log.session));
    }
    // Its session may be one of its own, in the place of one that was given up.
    let found = find(tx, matched, starts_at, None)?;
    Ok(found.unwrap_or(Writer { account: me, to_tray: true, is_unit: false, lost_at: None, say: Say::Sessions(Vec::new()) }))
}

fn find(tx: &mut Tx<'_>, matched: &Match, starts_at: Instant, named: Option<SessionId>) -> Result<Option<Writer>> {
    let (me, now, zone) = (tx.account()?, tx.now, tx.programme.calendar().zone);
    let is_unit = tx.reaches(Reach::All);
    let subjects = [matched.case.cast(), matched.person.cast()];
    if tx.is_barred(&subjects)? {
        return Err(Code::NotFound.into());
    }
    // Whoever lost the role of the match is heard as whoever's match is over.
    let meets = tx.actor.is(matched.role()) || is_unit;
    let own = |in_time: bool, theirs: Say| {
        let say = match theirs {
            _ if is_unit => Say::All,
            theirs if meets => theirs,
            _ => Say::Sessions(Vec::new()),
        };
        Writer { account: me, to_tray: !(in_time && meets), is_unit: false, lost_at: None, say }
    };
    let began = matched.starts_at;
    if began.is_some() && staff::store::fact_account(tx, matched.staff)? == Some(me) {
        let on = zone.date(starts_at);
        let was_in = began.is_some_and(|from| zone.date(from) <= on) && matched.ended_at.is_none_or(|end| on <= zone.date(end));
        let in_grace = matching::rules::is_in_grace(matched.ended_at, tx.programme.match_grace_days, now);
        let say = if matched.state == matching::State::Running { Say::All } else { Say::Sessions(Vec::new()) };
        return Ok(Some(own(was_in && in_grace, say)));
    }
    let members = staff::store::accounts::fact_whose_at(tx, me, starts_at)?;
    let covered = covers::actions::covered(tx, me, &members, matched.id)?;
    let is_named = |one: &Covered| named.is_none_or(|named| named == one.session);
    let say = Say::Sessions(covered.iter().filter(|one| one.stands).map(|one| one.session).collect());
    if covered.iter().any(|one| one.stands && is_named(one)) {
        // In time as long as they see it.
        let mut in_time = false;
        for one in covered.iter().filter(|one| one.stands && zone.date(one.starts_at) == zone.date(starts_at)) {
            in_time = in_time || session_store::find_visible(tx, one.session)?.is_some();
        }
        return Ok(Some(own(in_time, say)));
    }
    if is_unit {
        let session = named.map(|named| session_store::find_fact(tx, named)).transpose()?.flatten();
        let host = session.map_or(matched.staff, |session| session.host());
        let account = staff::store::fact_account(tx, host)?.unwrap_or(me);
        return Ok(Some(Writer { account, to_tray: false, is_unit, lost_at: None, say: Say::All }));
    }
    for member in &members {
        // A bar is about somebody, whatever they sign in with by now.
        if staff::store::fact_account(tx, *member)? != Some(me) && is_member_barred(tx, *member, &subjects)? {
            return Err(Code::NotFound.into());
        }
    }
    if began.is_some() && members.contains(&matched.staff) {
        return Ok(Some(own(false, say)));
    }
    let theirs: Vec<&Covered> = covered.iter().filter(|one| is_named(one)).collect();
    // What began under them they did not lose, nor what stands and is another account's of theirs by now.
    let lost = theirs.iter().map(|one| one.ended_at.filter(|at| *at <= one.starts_at));
    let lost_at = lost.collect::<Option<Vec<_>>>().and_then(|lost| lost.into_iter().max());
    Ok((!theirs.is_empty()).then(|| Writer { lost_at, ..own(false, say) }))
}

/// What the word of a writer lacks to take the place of what stands: of another's log the version that was read, and wherever one is named the present
/// one. Whoever names none, by `*`, and was to cover its session but lost that before it began, has their say in what they wrote before: that it would
/// not be. Of what came later they know as much as of any other session of the match, and what its writer says stands.
pub(super) fn lacks(
    tx: &mut Tx<'_>,
    log: &Log,
    (writer, is_own): (&Writer, bool),
    content: &Content,
    expected: Option<&Expected>,
) -> Result<Option<Problem>> {
    match expected {
        None if is_own => Ok(None),
        None => Ok(Some(Problem::new(Code::PreconditionRequired))),
        Some(Expected::Any) => {
            let Some(lost_at) = writer.lost_at.filter(|_| !is_own) else { return Ok(None) };
            let session = session_store::find_fact(tx, log.session)?.ok_or(Code::NotFound)?;
            let is_since = rules::written_at(content, session.recorded_at, tx.now) >= lost_at;
            let words = ("Notatet er en andens: angiv den udgave, du har læst", "The log is another's: name the version that you read");
            Ok(is_since.then(|| Problem::new(Code::PreconditionRequired).say(words.0, words.1)))
        }
        Some(named) => Ok(named.check(log.version).is_err().then(|| Problem::new(Code::StaleVersion))),
    }
}

/// What lies before the match began is a slip of the date, as a rule: a coordinator mends it at once, of anybody else it is taken in and lies in
/// the tray.
pub(super) fn begun(tx: &Tx<'_>, writer: Writer, matched: &Match, starts_at: Instant) -> Result<Writer> {
    let zone = tx.programme.calendar().zone;
    if matched.starts_at.is_some_and(|from| zone.date(from) <= zone.date(starts_at)) {
        return Ok(writer);
    }
    if writer.is_unit {
        return Err(Flaw::BeforeMatch.refused("/starts_at"));
    }
    Ok(Writer { to_tray: true, ..writer })
}
