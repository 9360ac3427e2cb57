//! Promise follow-ups; record and correct their results, and take them back.

use super::model::{Content, Followup, Kind, Version};
use super::rules::{self, Limits};
use super::store;
pub use super::store::{Filter, get, list};
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::http::Expected;
use crate::base::ids::{CourseId, FollowupId, PersonId};
use crate::base::value::Flaw;
use crate::courses::CourseState;
use crate::courses::model::CourseFacts;
use crate::duties::store::{Which, find, find_fact};
use crate::duties::{self, About, Duty, Kind as DutyKind, Promise, State};
use crate::facts::Fact;
use crate::followups::notes;
use crate::journal::Subject;
use crate::{cases, courses, people};

const KINDS: [DutyKind; 2] = [DutyKind::Followup6m, DutyKind::Followup12m];

/// What a result's present version says, opened, and when it was due.
///
/// # Errors
/// The vault's.
pub fn open(tx: &mut Tx<'_>, followup: &Followup) -> Result<(Content, Instant)> {
    let present = store::get_present(tx, followup)?;
    let due_at = find_fact(tx, followup.duty)?.ok_or(Code::NotFound)?.due_at;
    Ok((store::open(tx, followup.person, &present)?, due_at))
}

/// What a result said in each of its versions, the first first.
///
/// # Errors
/// 404.
pub fn versions(tx: &mut Tx<'_>, id: FollowupId) -> Result<Vec<(Version, Content)>> {
    let followup = store::get(tx, id)?;
    let all = store::list_versions(tx, id)?;
    all.into_iter().map(|version| store::open(tx, followup.person, &version).map(|content| (version, content))).collect()
}

/// Records a result of a course gone through, late ones too. After 12 months several may be recorded: any day counts.
///
/// # Errors
/// 409 when the course has no such follow-up, or the 6-month result is there already, which it names; 422 with each wrong member named.
pub fn record(tx: &mut Tx<'_>, course: CourseId, kind: Kind, content: &Content) -> Result<FollowupId> {
    courses::actions::get_named(tx, course)?;
    let facts = courses::store::fact(tx, course)?;
    let duty = promised(tx, &facts, kind, content.held_at)?;
    if kind == Kind::After6Months
        && let Some((first, _)) = store::fact_of_duty(tx, duty.id)?.first()
    {
        let problem = Problem::new(Code::AlreadyExists).say("Opfølgningen er allerede noteret", "The follow-up is recorded already");
        return Err(problem.blocked_by("followup", first.uuid()).into());
    }
    check(tx, &facts, &duty, kind, content)?;
    let (id, recorded_by): (FollowupId, _) = (tx.new_id(), tx.account()?);
    let followup = Followup {
        id,
        duty: duty.id,
        course,
        case: facts.case,
        person: facts.person,
        kind,
        held_at: content.held_at,
        way: content.way,
        at_risk: content.at_risk,
        new_concern: content.new_concern,
        activity: content.activity,
        as_of_on: content.as_of_on,
        done_by: content.done_by,
        revision: 1,
        recorded_by,
        recorded_at: tx.now,
        changed_at: tx.now,
        version: 1,
        retracted_at: None,
        retracted_by: None,
    };
    store::insert(tx, &followup, content)?;
    tx.tell(Fact::FollowupChanged { followup: id });
    Ok(id)
}

/// The promise that a result held at a moment is one of: nobody is followed up who had died by then.
fn promised(tx: &mut Tx<'_>, course: &CourseFacts, kind: Kind, held_at: Instant) -> Result<Duty> {
    let refuse = |da, en| Problem::new(Code::WrongState).say(da, en);
    let duty = find(tx, kind.duty(), course.course.cast(), "")?;
    let why = match course.state {
        CourseState::Waiting | CourseState::Active => refuse("Forløbet er ikke afsluttet", "The course has not ended"),
        CourseState::Discontinued | CourseState::Retracted => {
            refuse("Et afbrudt forløb har ingen opfølgning", "A course broken off has no follow-up")
        }
        CourseState::Completed | CourseState::SuspendedHandedOver => refuse("Opfølgningen er bortfaldet", "The follow-up fell away"),
    };
    duty.filter(|duty| duty.state == State::Done || duty.could_be_kept(held_at)).ok_or_else(|| why.into())
}

fn check(tx: &mut Tx<'_>, course: &CourseFacts, duty: &Duty, kind: Kind, content: &Content) -> Result<()> {
    let limits = Limits {
        ended_at: course.ended_at.unwrap_or(duty.from_at),
        opens_at: duty.opens_at,
        now: tx.now,
        zone: tx.programme.calendar().zone,
        may_contact: courses::actions::may_contact_after(tx, course.course, content.held_at)?,
        died_on: people::store::find_facts(tx, course.person)?.and_then(|person| person.died_on),
    };
    rules::check(kind, content, &limits)?;
    if !notes::store::fact_is_account(tx, content.done_by)? {
        return Err(invalid("/result/done_by", Flaw::Unknown, "Kontoen findes ikke", "There is no such account"));
    }
    Ok(())
}

/// Corrects a result: the next version, and the original stays. Its course and kind stay as they are.
///
/// # Errors
/// 404, 412, 422; 409 when it was taken back.
pub fn correct(tx: &mut Tx<'_>, id: FollowupId, expected: &Expected, content: &Content) -> Result<()> {
    let followup = store::get(tx, id)?;
    expected.check(followup.version)?;
    check_stands(&followup)?;
    let course = courses::store::fact(tx, followup.course)?;
    let duty = find_fact(tx, followup.duty)?.ok_or(Code::NotFound)?;
    check(tx, &course, &duty, followup.kind, content)?;
    let present = store::get_present(tx, &followup)?;
    if store::open(tx, followup.person, &present)? == *content {
        return Ok(());
    }
    let next = Followup { revision: followup.revision.saturating_add(1), changed_at: tx.now, ..followup };
    store::save(tx, &next.holding(content), content)?;
    tx.tell(Fact::FollowupChanged { followup: id });
    Ok(())
}

/// Takes a result back that was recorded by mistake: it is kept beside the others, and never was. The promise that it alone kept is open again,
/// late or not.
///
/// # Errors
/// 404; 409 when it is taken back already.
pub fn retract(tx: &mut Tx<'_>, id: FollowupId) -> Result<FollowupId> {
    let followup = store::get(tx, id)?;
    check_stands(&followup)?;
    store::retract(tx, &followup)?;
    tx.tell(Fact::FollowupChanged { followup: id });
    Ok(id)
}

fn check_stands(followup: &Followup) -> Result<()> {
    let words = ("Opfølgningen er taget tilbage", "The follow-up was taken back");
    if followup.retracted_at.is_some() { Err(Problem::new(Code::WrongState).say(words.0, words.1).into()) } else { Ok(()) }
}

/// Consequence of a course's end: gone through, it is followed up twice, whatever becomes of its case; broken off, never. Twice is once.
///
/// # Errors
/// The database's.
pub fn promise_followups(tx: &mut Tx<'_>, course: CourseId, ended_at: Instant) -> Result<()> {
    let facts = courses::store::fact(tx, course)?;
    let died = people::store::find_facts(tx, facts.person)?.is_some_and(|person| person.died_on.is_some());
    if died || !facts.state.is_gone_through() {
        return Ok(());
    }
    let owner = cases::actions::find_owner(tx, facts.case)?;
    for term in rules::terms(tx.programme.calendar(), &tx.programme.deadlines, ended_at) {
        let promise = Promise {
            kind: term.kind.duty(),
            subject: Subject::from(course),
            slot: String::new(),
            about: About { case: Some(facts.case), person: Some(facts.person), ..About::default() },
            owner,
            from_at: ended_at,
            opens_at: term.opens_at,
            due_at: term.due_at,
        };
        duties::actions::open(tx, &promise)?;
    }
    Ok(())
}

/// Consequence of a result, new, corrected or taken back: the promise is kept by the first result held since it opened, in whichever order they
/// were written down. Nobody is followed up after their death.
///
/// # Errors
/// The database's.
pub fn changed(tx: &mut Tx<'_>, id: FollowupId) -> Result<()> {
    let Some(followup) = store::find_fact(tx, id)? else { return Ok(()) };
    let Some(duty) = find_fact(tx, followup.duty)? else { return Ok(()) };
    let held: Vec<Instant> = store::fact_of_duty(tx, duty.id)?.into_iter().map(|(_, at)| at).collect();
    let met_at = rules::met_at(duty.opens_at, &held);
    if duty.state == State::Done && duty.closed_at != met_at {
        duties::actions::take_back(tx, duty.id)?;
    }
    let Some(at) = met_at else { return end_of_dead(tx, followup.person) };
    match find_fact(tx, duty.id)? {
        Some(duty) => duties::actions::keep(tx, &duty, at),
        None => Ok(()),
    }
}

/// What nothing keeps any more is open again, and was over all the same by a death.
fn end_of_dead(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    let (now, zone) = (tx.now, tx.programme.calendar().zone);
    match people::store::find_facts(tx, person)?.and_then(|facts| facts.died_on) {
        Some(died_on) => person_died(tx, person, zone.end_of(died_on).min(now)),
        None => Ok(()),
    }
}

/// Consequence of a course's corrected end: its follow-ups are promised from there, and kept by the results there are; broken off after all, it
/// has none.
///
/// # Errors
/// 409 with a result that does not go with the end.
pub fn end_corrected(tx: &mut Tx<'_>, course: CourseId, ended_at: Instant) -> Result<()> {
    let results = store::fact_of_course(tx, course)?;
    if !courses::store::fact(tx, course)?.state.is_gone_through() {
        check_results(tx, &results, |_, _| false)?;
        duties::actions::end(tx, &Which::subject(course, &KINDS), ended_at, "discontinued")?;
        return Ok(());
    }
    for result in &results {
        duties::actions::take_back(tx, result.duty)?;
    }
    promise_followups(tx, course, ended_at)?;
    let ended_on = tx.programme.calendar().zone.date(ended_at);
    check_results(tx, &results, |result, duty| rules::goes_with(result, duty.opens_at, ended_at, ended_on))?;
    results.iter().try_for_each(|result| changed(tx, result.id))
}

/// Refuses with the first of a course's results that does not go with its end.
fn check_results(tx: &mut Tx<'_>, results: &[Followup], goes: impl Fn(&Followup, &Duty) -> bool) -> Result<()> {
    for result in results {
        let duty = find_fact(tx, result.duty)?.ok_or(Code::NotFound)?;
        if !goes(result, &duty) {
            let words = (
                "En opfølgning er noteret, som ikke passer til den afslutning: ret den, eller tag den tilbage, først",
                "A result is recorded that does not go with that end: correct it, or take it back, first",
            );
            return Err(Problem::new(Code::Blocked).say(words.0, words.1).blocked_by("followup", result.id.uuid()).into());
        }
    }
    Ok(())
}

/// Consequence of a death: nobody is followed up.
///
/// # Errors
/// The database's.
pub fn person_died(tx: &mut Tx<'_>, person: PersonId, at: Instant) -> Result<()> {
    duties::actions::end(tx, &Which::person(person).kinds(&KINDS), at, "dead")?;
    Ok(())
}

/// Consequence of a death that is taken back: the courses gone through are followed up after all.
///
/// # Errors
/// The database's.
pub fn death_retracted(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    for (course, _, ended_at) in courses::store::fact_ends_of(tx, person)? {
        promise_followups(tx, course, ended_at)?;
    }
    Ok(())
}
