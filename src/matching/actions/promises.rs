//! What is promised while a proposal waits for its answers, and while a course waits for a match.

use crate::access::Tx;
use crate::access::accounts::may_coordinate;
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result};
use crate::base::ids::{CourseId, MatchId, PersonId, StaffId};
use crate::cases;
use crate::courses;
use crate::duties::store::Which;
use crate::duties::{self, About, Duty, Kind, Promise};
use crate::matching::model::{Answer, Match, State};
use crate::matching::proofs::rules::last_day;
use crate::matching::proofs::{self, Proofs};
use crate::matching::waiting::model::Interest;
use crate::matching::{rules, store, waiting};
use crate::staff::CertificateKind;

/// Working days until a match that its mentor may not see any more, or in which they meet a child without a certificate, is mended or over.
const MEND_DAYS: u32 = 2;

/// Working days until a pair that both said yes to and that does not hold is started or ended: two people wait to hear.
const HELD_DAYS: u32 = 1;

/// Consequence of a proposal: its answers are promised until it expires; nobody is asked meanwhile whether a match is wanted.
///
/// # Errors
/// The database's.
pub fn proposed(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = store::find_fact(tx, id)? else { return Ok(()) };
    promise_answer(tx, &matched, matched.expires_at)?;
    agree_interest(tx, matched.course)
}

/// Consequence of two yeses to a pair that does not hold: what was promised until it expires, the unit is to do now.
///
/// # Errors
/// The database's.
pub fn held(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = store::find_fact(tx, id)? else { return Ok(()) };
    let due_at = tx.programme.calendar().due(tx.now, Span::WorkingDays(HELD_DAYS));
    promise_answer(tx, &matched, due_at)
}

fn promise_answer(tx: &mut Tx<'_>, matched: &Match, due_at: Instant) -> Result<()> {
    let promise = Promise {
        kind: Kind::Proposal,
        subject: matched.id.into(),
        slot: String::new(),
        about: About { case: Some(matched.case), person: Some(matched.person), matched: Some(matched.id), ..About::default() },
        owner: cases::actions::find_owner(tx, matched.case)?,
        from_at: matched.proposed_at,
        opens_at: matched.proposed_at,
        due_at,
    };
    duties::actions::open(tx, &promise).map(drop)
}

/// Consequence of a match's start: its proposal is answered, and whoever runs it sees it, or the unit hears at once that they do not.
///
/// # Errors
/// The database's.
pub fn started(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = store::find_fact(tx, id)? else { return Ok(()) };
    duties::actions::meet(tx, &Which::matched(id).kinds(&[Kind::Proposal]), matched.starts_at.unwrap_or(tx.now))?;
    agree_first_meeting(tx, id)?;
    agree_certificate(tx, &matched)?;
    agree_sight(tx, &matched)?;
    agree_interest(tx, matched.course)
}

/// Consequence of a match's end: a no in time is an answer, a proposal that expired or was withdrawn has none. Of a pair that both said yes to, and
/// that was left to expire, the promise stays and is late: until a coordinator ends it, or somebody is proposed to whoever waits.
///
/// # Errors
/// The database's.
pub fn ended(tx: &mut Tx<'_>, id: MatchId, at: Instant) -> Result<()> {
    let Some(matched) = store::find_fact(tx, id)? else { return Ok(()) };
    let answers = Which::matched(id).kinds(&[Kind::Proposal]);
    let is_no_in_time = |said: &Answer| !said.accepted && said.at <= matched.expires_at;
    if [matched.staff_answer, matched.person_answer].iter().flatten().any(is_no_in_time) {
        // Said before its time was over, and written down after that.
        if let Some(promised) = duties::store::find(tx, Kind::Proposal, id.cast(), "")? {
            duties::actions::keep(tx, &promised, at)?;
        }
    } else if !rules::was_left(&matched) {
        duties::actions::end(tx, &answers, at, "match_ended")?;
    }
    duties::actions::meet(tx, &Which::matched(id).kinds(&[Kind::UnseenMatch, Kind::CertificateMissing]), at)?;
    duties::actions::end(tx, &Which::matched(id).kinds(&[Kind::FirstMeeting]), at, "match_ended")?;
    agree_interest(tx, matched.course)
}

/// Makes the promise of the first joint meeting agree with what a pair that runs agreed on: it is due on that day, and whoever introduces them
/// has it, or the responsible coordinator. A day that was over when they began is to be agreed on anew. Told again it changes nothing.
///
/// # Errors
/// The database's.
pub fn agree_first_meeting(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    let Some(matched) = store::find_fact(tx, id)? else { return Ok(()) };
    let (calendar, lead_days) = (tx.programme.calendar(), tx.programme.deadlines.lead_days);
    let meets_at = matched.agreed.first_meeting_at.filter(|_| matched.state == State::Running);
    let is_to_come = |(meets_at, from_at): &(Instant, Instant)| calendar.zone.date(*meets_at) >= calendar.zone.date(*from_at);
    let Some((meets_at, from_at)) = meets_at.zip(matched.starts_at).filter(is_to_come) else {
        let at = matched.ended_at.unwrap_or(tx.now);
        return duties::actions::sync(tx, id, &[Kind::FirstMeeting], &[], "called_off", at);
    };
    let owner = match matched.agreed.facilitator {
        // That takes a coordinator who may see them.
        Some(account) if may_coordinate(tx, account, &[matched.person.cast(), matched.case.cast()])? => Some(account),
        _ => cases::actions::find_owner(tx, matched.case)?,
    };
    let on = calendar.zone.date(meets_at);
    let promise = Promise {
        kind: Kind::FirstMeeting,
        subject: id.into(),
        slot: String::new(),
        about: About { case: Some(matched.case), person: Some(matched.person), matched: Some(id), ..About::default() },
        owner,
        from_at,
        opens_at: calendar.opens_before(from_at, on, lead_days),
        due_at: calendar.zone.end_of(on),
    };
    duties::actions::open(tx, &promise)?;
    duties::actions::hand_over(tx, &Which::subject(id, &[Kind::FirstMeeting]), owner).map(drop)
}

/// Consequence: that two were introduced is taken back; it is promised as they have agreed on by now.
///
/// # Errors
/// 409 when the match is over.
pub fn introduction_retracted(tx: &mut Tx<'_>, meeting: &Duty) -> Result<()> {
    let id: MatchId = meeting.subject_id.cast();
    if store::find_fact(tx, id)?.is_none_or(|matched| matched.state != State::Running) {
        return Err(Problem::new(Code::WrongState).say("Matchet er slut", "The match is over").into());
    }
    agree_first_meeting(tx, id)
}

/// Makes the promise to find somebody else agree with whether whoever runs a match may see it: barred, without their role or their account
/// they do not. It is due before the person would stand alone at the next session. A match that nobody signs in for is the unit's anyway, unless
/// whoever runs it is barred. Told again it changes nothing.
///
/// # Errors
/// The database's.
pub(super) fn agree_sight(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    let (now, unseen) = (tx.now, Which::subject(matched.id, &[Kind::UnseenMatch]));
    if matched.state != State::Running || super::covers::may_meet(tx, matched.staff, matched)? {
        return duties::actions::end(tx, &unseen, now, "seen_again").map(drop);
    }
    let known = duties::store::list_open(tx, &unseen)?.pop();
    let since = known.as_ref().map_or(now, |known| known.from_at);
    let (calendar, next_at) = (tx.programme.calendar(), store::sessions::fact_next(tx, matched.id)?);
    let days = calendar.due(since, Span::WorkingDays(MEND_DAYS));
    let promise = Promise {
        kind: Kind::UnseenMatch,
        subject: matched.id.into(),
        slot: String::new(),
        about: About { case: Some(matched.case), person: Some(matched.person), matched: Some(matched.id), ..About::default() },
        owner: cases::actions::find_owner(tx, matched.case)?,
        from_at: since,
        opens_at: since,
        due_at: rules::mended_by(days, next_at, now, known.map(|known| known.due_at), calendar.zone),
    };
    duties::actions::open(tx, &promise).map(drop)
}

/// Consequence of a changed plan: a match that its mentor may not see is mended before its next session.
///
/// # Errors
/// The database's.
pub fn sessions_changed(tx: &mut Tx<'_>, id: MatchId) -> Result<()> {
    if duties::store::list_open(tx, &Which::subject(id, &[Kind::UnseenMatch]))?.is_empty() {
        return Ok(());
    }
    match store::find_fact(tx, id)? {
        Some(matched) => agree_sight(tx, &matched),
        None => Ok(()),
    }
}

/// Consequence of a birth date: whoever runs a match of a child has a certificate.
///
/// # Errors
/// The database's.
pub fn agree_certificates_for(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    store::fact_of_person(tx, person)?.iter().try_for_each(|matched| agree_certificate(tx, matched))
}

/// Consequence of a member of staff's proofs: of whoever meets a child there is a certificate.
///
/// # Errors
/// The database's.
pub fn agree_certificates_of(tx: &mut Tx<'_>, staff: StaffId) -> Result<()> {
    store::fact_live(tx, None, Some(staff))?.iter().try_for_each(|matched| agree_certificate(tx, matched))
}

/// Makes the promise of a child-protection certificate agree with who meets whom in a running match: it is renewed by its last day, while the person
/// is a child. A match did not begin without one, but a birth date is corrected, and a certificate is taken back: then it is there, or the match is
/// over, soon. Told again it changes nothing.
///
/// # Errors
/// The database's.
pub(super) fn agree_certificate(tx: &mut Tx<'_>, matched: &Match) -> Result<()> {
    if matched.state != State::Running {
        return Ok(());
    }
    let (now, calendar) = (tx.now, tx.programme.calendar());
    let today = calendar.zone.date(now);
    let missing = Which::subject(matched.id, &[Kind::CertificateMissing]);
    let Proofs { needs, held } = proofs::actions::of(tx, matched, matched.staff)?;
    if !needs.is_child_on(today) {
        return duties::actions::end(tx, &missing, now, "no_child").map(drop);
    }
    let open = duties::store::list_open(tx, &missing)?;
    let Some(last_on) = last_day(&held, CertificateKind::ChildProtection, today) else {
        let due_at = calendar.due(now, Span::WorkingDays(MEND_DAYS));
        return if open.is_empty() { promise_certificate(tx, matched, now.to_string(), (now, now, due_at)) } else { Ok(()) };
    };
    let (slot, is_needed_then) = (last_on.to_string(), last_on.succ_opt().is_some_and(|next| needs.is_child_on(next)));
    for kept in open.iter().filter(|duty| !is_needed_then || duty.slot != slot) {
        duties::actions::meet(tx, &missing.clone().slot(&kept.slot), now)?;
    }
    if !is_needed_then {
        return Ok(());
    }
    if let Some(known) = duties::store::find(tx, Kind::CertificateMissing, matched.id.cast(), &slot)? {
        // What renewed it was typed wrong.
        duties::actions::take_back(tx, known.id)?;
    }
    let from_at = matched.starts_at.unwrap_or(matched.proposed_at);
    let opens_at = calendar.opens_before(from_at, last_on, tx.programme.deadlines.lead_days);
    promise_certificate(tx, matched, slot, (from_at, opens_at, calendar.zone.end_of(last_on)))
}

fn promise_certificate(
    tx: &mut Tx<'_>,
    matched: &Match,
    slot: String,
    (from_at, opens_at, due_at): (Instant, Instant, Instant),
) -> Result<()> {
    let promise = Promise {
        kind: Kind::CertificateMissing,
        subject: matched.id.into(),
        slot,
        about: About { case: Some(matched.case), person: Some(matched.person), matched: Some(matched.id), ..About::default() },
        owner: cases::actions::find_owner(tx, matched.case)?,
        from_at,
        opens_at,
        due_at,
    };
    duties::actions::open(tx, &promise).map(drop)
}

/// Makes the promise to ask whether a match is still wanted agree with how a course stands: it moves with each answer, and is gone while
/// somebody is proposed or runs it, and when it has ended: then nobody is to be told any more of a pair that was left, either. Told again it
/// changes nothing.
///
/// # Errors
/// The database's.
pub fn agree_interest(tx: &mut Tx<'_>, id: CourseId) -> Result<()> {
    let course = courses::store::fact(tx, id)?;
    let (calendar, lead_days) = (tx.programme.calendar(), tx.programme.deadlines.lead_days);
    let waits = !course.state.is_ended() && store::fact_live(tx, Some(id), None)?.is_empty();
    if !waits {
        let now = tx.now;
        for left in store::fact_of_person(tx, course.person)?.iter().filter(|one| one.course == id && rules::was_left(one)) {
            duties::actions::end(tx, &Which::matched(left.id).kinds(&[Kind::Proposal]), now, "match_ended")?;
        }
    }
    let wanted = match if waits { Some(waiting::actions::interest_of(tx, id)?) } else { None } {
        Some(Interest::Wanted { said_at, ask_again_at: Some(due_at) }) => Some(Promise {
            kind: Kind::AskInterest,
            subject: id.into(),
            slot: String::new(),
            about: About { case: Some(course.case), person: Some(course.person), ..About::default() },
            owner: cases::actions::find_owner(tx, course.case)?,
            from_at: said_at,
            opens_at: calendar.opens_before(said_at, calendar.zone.date(due_at), lead_days),
            due_at,
        }),
        _ => None,
    };
    let at = course.ended_at.unwrap_or(tx.now);
    duties::actions::sync(tx, id, &[Kind::AskInterest], wanted.as_slice(), "not_waiting", at)
}
