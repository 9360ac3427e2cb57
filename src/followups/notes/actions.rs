//! Write, correct and read notes; settle what was agreed.

use super::model::{Content, Draft, Note, Said, Step, Version};
use super::rules::{self, Limits};
use super::store;
pub use super::store::{Filter, get, list};
use crate::access::accounts::find_roles;
use crate::access::store::is_barred_from;
use crate::access::{Capability, Reach, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid, or_invalid};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, CaseId, MatchId, NoteId};
use crate::base::value::Flaw;
use crate::cases;
use crate::cases::model::{Case, State as CaseState};
use crate::cases::rules::check_stated;
use crate::duties::store::{Which, find};
use crate::duties::{self, About, CORRECTED, Duty, Kind as DutyKind, Promise, State};
use crate::facts::Fact;
use crate::followups::support;
use crate::journal::Subject;
use crate::matching::{self, Match};
use crate::sessions::{Side, attendance};

/// What a note's present version says, opened.
///
/// # Errors
/// The vault's.
pub fn open(tx: &mut Tx<'_>, note: &Note) -> Result<Said> {
    let present = store::get_present(tx, note)?;
    store::open(tx, note.case, &present)
}

/// What a note said in each of its versions, the first first.
///
/// # Errors
/// 404.
pub fn versions(tx: &mut Tx<'_>, id: NoteId) -> Result<Vec<(Version, Said)>> {
    let note = store::get(tx, id)?;
    let all = store::list_versions(tx, id)?;
    all.into_iter().map(|version| store::open(tx, note.case, &version).map(|said| (version, said))).collect()
}

/// The promise of a note's agreed step.
///
/// # Errors
/// The database's.
pub fn find_step(tx: &mut Tx<'_>, id: NoteId) -> Result<Option<Duty>> {
    find(tx, DutyKind::AgreedStep, id.cast(), "")
}

/// Writes a note down. A match names its case.
///
/// # Errors
/// 409 when the case is no longer kept, or the match never ran; 422 with each wrong member named.
pub fn write(tx: &mut Tx<'_>, case: Option<CaseId>, matched: Option<MatchId>, draft: &Draft) -> Result<NoteId> {
    let (case, matched) = find_place(tx, case, matched)?;
    let said = check(tx, &case, matched.as_ref(), draft)?;
    let id: NoteId = tx.new_id();
    let recorded_by = tx.account()?;
    let blank = Note {
        id,
        case: case.id,
        matched: matched.map(|matched| matched.id),
        kind: said.content.kind,
        outcome: said.content.outcome,
        happened_at: said.content.happened_at,
        with_staff: false,
        with_person: false,
        done_by: said.content.done_by,
        recorded_by,
        recorded_at: tx.now,
        step_on: None,
        step_owner: None,
        revision: 1,
        changed_at: tx.now,
        version: 1,
    };
    let note = holding(blank, &said.content);
    store::insert(tx, &note, &said)?;
    attendance::actions::report(tx, id, case.id, &said.content.reports)?;
    tx.tell(Fact::NoteWritten { note: id });
    Ok(id)
}

/// Corrects a note: the next version, and the original stays. Its case and match stay as they are.
///
/// # Errors
/// 404, 412; 403 for a supervisor who did not write it; 409 when the case is no longer kept or a settled step would change; 422.
pub fn correct(tx: &mut Tx<'_>, id: NoteId, expected: &Expected, draft: &Draft) -> Result<()> {
    let note = store::get(tx, id)?;
    expected.check(note.version)?;
    if !tx.reaches(Reach::All) && note.recorded_by != tx.account()? {
        return Err(Code::Forbidden.into());
    }
    let case = cases::store::fact(tx, note.case)?.ok_or(Code::NotFound)?;
    let matched = note.matched.map(|matched| matching::store::find_fact(tx, matched)).transpose()?.flatten();
    let said = check(tx, &case, matched.as_ref(), draft)?;
    let present = open(tx, &note)?;
    if said == present {
        return Ok(());
    }
    if said.content.step != present.content.step && find_step(tx, id)?.is_some_and(|step| is_settled(&step)) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem
            .say("Det aftalte skridt er afsluttet: skriv et nyt notat", "The agreed step is settled: write a new note")
            .into());
    }
    let next = holding(Note { revision: note.revision.saturating_add(1), changed_at: tx.now, ..note }, &said.content);
    store::save(tx, &next, &said)?;
    if next.step_owner != note.step_owner && next.step_owner.is_some() {
        duties::actions::hand_over(tx, &Which::subject(id, &[DutyKind::AgreedStep]), next.step_owner)?;
    }
    if said.content.reports != present.content.reports {
        attendance::actions::report(tx, id, note.case, &said.content.reports)?;
    }
    tx.tell(Fact::NoteWritten { note: id });
    Ok(())
}

/// The columns that a version fills.
fn holding(note: Note, content: &Content) -> Note {
    Note {
        kind: content.kind,
        outcome: content.outcome,
        happened_at: content.happened_at,
        with_staff: content.sides.contains(&Side::Staff),
        with_person: content.sides.contains(&Side::Person),
        done_by: content.done_by,
        step_on: content.step.as_ref().map(|step| step.on),
        step_owner: content.step.as_ref().map(|step| step.owner),
        ..note
    }
}

/// The case and match that a body names. Without full reach a match must be named: the caller knows no case.
fn find_place(tx: &mut Tx<'_>, case: Option<CaseId>, matched: Option<MatchId>) -> Result<(Case, Option<Match>)> {
    let matched = match matched {
        Some(id) => {
            let found = matching::store::get(tx, id);
            Some(or_invalid(found, Flaw::Unknown.at("/match_id").say("Matchet findes ikke", "There is no such match"))?)
        }
        None if !tx.reaches(Reach::All) => {
            return Err(invalid("/match_id", Flaw::Required, "Skriv hvilket match", "Say which match"));
        }
        None => None,
    };
    let unknown = ("Sagen findes ikke", "There is no such case");
    let case = match (&matched, case) {
        // Not even whether it is the match's: that would tell whose match it is.
        (_, Some(_)) if !tx.reaches(Reach::All) => return Err(invalid("/case_id", Flaw::Unknown, unknown.0, unknown.1)),
        (Some(matched), Some(case)) if case != matched.case => {
            return Err(Flaw::WrongCase.refused("/case_id"));
        }
        (Some(matched), _) => cases::store::fact(tx, matched.case)?.ok_or(Code::NotFound)?,
        (None, Some(case)) => or_invalid(cases::store::get(tx, case), Flaw::Unknown.at("/case_id").say(unknown.0, unknown.1))?,
        (None, None) => return Err(invalid("/case_id", Flaw::Required, "Skriv hvilken sag", "Say which case")),
    };
    Ok((case, matched))
}

/// The version that a draft makes, whole and sound.
fn check(tx: &mut Tx<'_>, case: &Case, matched: Option<&Match>, draft: &Draft) -> Result<Said> {
    if matches!(case.state, CaseState::Retracted | CaseState::Archived | CaseState::Erased) {
        return Err(Problem::new(Code::WrongState).say("Sagen føres ikke længere", "The case is no longer kept").into());
    }
    let cause_at = match matched {
        Some(matched) => matched.starts_at.ok_or_else(|| {
            Problem::new(Code::WrongState)
                .say("Matchet har aldrig været i gang", "The match never ran")
                .blocked_by("match", matched.id.uuid())
        })?,
        None => case.received_at,
    };
    let said = complete(tx, draft)?;
    let zone = tx.programme.calendar().zone;
    let limits = Limits { cause_at, ended_at: matched.and_then(|matched| matched.ended_at), now: tx.now, zone };
    rules::check(&said, matched.is_some(), &limits)?;
    check_known(tx, case, &said.content)?;
    Ok(said)
}

fn complete(tx: &Tx<'_>, draft: &Draft) -> Result<Said> {
    let done_by = draft.done_by.map_or_else(|| tx.account(), Ok)?;
    let step = |step: &super::model::StepDraft| Step { words: step.words.clone(), on: step.on, owner: step.owner.unwrap_or(done_by) };
    let content = Content {
        kind: draft.kind,
        outcome: draft.outcome,
        by: draft.by,
        happened_at: draft.happened_at,
        done_by,
        persons: draft.persons.clone(),
        partner: draft.partner,
        professional: draft.professional.clone(),
        sides: rules::sides(draft.kind, &draft.sides),
        step: draft.step.as_ref().map(step),
        reports: draft.reports.clone(),
    };
    Ok(Said { content, facts: draft.facts.clone(), assessment: draft.assessment.clone() })
}

/// Whoever a version names must be there: persons of the case, accounts, an agency.
fn check_known(tx: &mut Tx<'_>, case: &Case, content: &Content) -> Result<()> {
    let members = cases::store::fact_members(tx, case.id)?;
    let is_member = |person| members.iter().any(|member| member.person == person);
    let mut problem = Problem::new(Code::Invalid);
    for (number, person) in content.persons.iter().enumerate() {
        // A supervisor knows nobody of the case by id.
        if !is_member(*person) || !tx.reaches(Reach::All) {
            problem = problem.wrong(Flaw::NotInCase.at(format!("/note/person_ids/{number}")));
        } else if content.persons.iter().take(number).any(|other| other == person) {
            problem =
                problem.field(format!("/note/person_ids/{number}"), Flaw::Twice, "Personen står der to gange", "The person is there twice");
        }
    }
    for (number, report) in content.reports.iter().enumerate() {
        if !is_member(report.person_id) || !tx.reaches(Reach::All) {
            let pointer = format!("/note/reported_meetings/{number}/person_id");
            problem = problem.wrong(Flaw::NotInCase.at(pointer));
        }
    }
    if !store::fact_is_account(tx, content.done_by)? {
        problem = problem.field("/note/done_by", Flaw::Unknown, "Kontoen findes ikke", "There is no such account");
    }
    if let Some(owner) = content.step.as_ref().map(|step| step.owner)
        && !may_own(tx, owner, case.id)?
    {
        problem = problem.wrong(Flaw::NotAnOwner.at("/note/next_step/owner_id"));
    }
    if let Some(agency) = content.partner
        && !store::fact_is_agency(tx, agency)?
    {
        problem = problem.field("/note/partner_id", Flaw::Unknown, "Samarbejdspartneren findes ikke", "There is no such partner");
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// Says that the agreed step was done, or that it is no longer asked for: a coordinator, or whose step it is.
///
/// # Errors
/// 404; 409 when nothing was agreed or it is settled already; 422 for an impossible time.
pub fn settle_step(tx: &mut Tx<'_>, id: NoteId, withdrawn: bool, happened_at: Option<Instant>) -> Result<NoteId> {
    let (note, duty) = get_with_step(tx, id)?;
    if duty.is_none_or(|duty| duty.state != State::Open) {
        let problem = Problem::new(Code::WrongState);
        return Err(problem.say("Der er intet aftalt skridt, der venter", "There is no agreed step that waits").into());
    }
    let at = happened_at.unwrap_or(tx.now);
    check_stated("/happened_at", at, tx.now, note.happened_at)?;
    tx.tell(Fact::StepSettled { note: id, at, withdrawn });
    Ok(id)
}

/// The agreed step of a note and its promise, for a coordinator or whose step it is: they read nothing else of the note.
///
/// # Errors
/// 404, also when nothing was agreed.
pub fn get_step(tx: &mut Tx<'_>, id: NoteId) -> Result<(Step, Duty)> {
    let (note, duty) = get_with_step(tx, id)?;
    let step = open(tx, &note)?.content.step;
    tx.saw(id);
    step.zip(duty).ok_or_else(|| Code::NotFound.into())
}

/// A note and the promise of its step. Whose the step is by now, and who may still see it, the promise says, not the note.
fn get_with_step(tx: &mut Tx<'_>, id: NoteId) -> Result<(Note, Option<Duty>)> {
    let duty = find_step(tx, id)?;
    if tx.reaches(Reach::All) {
        return Ok((store::get(tx, id)?, duty));
    }
    let duty = duties::actions::get(tx, duty.ok_or(Code::NotFound)?.id)?;
    let note = store::find_fact(tx, id)?.ok_or(Code::NotFound)?;
    Ok((note, Some(duty)))
}

/// Consequence of a note: its agreed step is promised to its owner, and the support contacts of its match agree with it.
///
/// # Errors
/// The database's.
pub fn written(tx: &mut Tx<'_>, id: NoteId) -> Result<()> {
    let Some(note) = store::find_fact(tx, id)? else { return Ok(()) };
    promise_step(tx, &note)?;
    match note.matched {
        Some(matched) => support::actions::agree(tx, matched),
        None => Ok(()),
    }
}

fn promise_step(tx: &mut Tx<'_>, note: &Note) -> Result<()> {
    let wanted = match note.step_on.zip(note.step_owner) {
        Some((on, owner)) => vec![step_promise(tx, note, on, owner)?],
        None => Vec::new(),
    };
    // One that was settled stays so: a correction cannot change it.
    if find_step(tx, note.id)?.is_none_or(|step| !is_settled(&step)) {
        let now = tx.now;
        duties::actions::sync(tx, note.id, &[DutyKind::AgreedStep], &wanted, CORRECTED, now)?;
    }
    Ok(())
}

/// Whether somebody said what became of a step: one that a correction took out of its note can be put back.
fn is_settled(step: &Duty) -> bool {
    step.state != State::Open && step.reason.as_deref() != Some(CORRECTED)
}

fn step_promise(tx: &mut Tx<'_>, note: &Note, on: chrono::NaiveDate, owner: AccountId) -> Result<Promise> {
    Ok(Promise {
        kind: DutyKind::AgreedStep,
        subject: Subject::from(note.id),
        slot: String::new(),
        about: About { case: Some(note.case), person: store::fact_only_person(tx, note.id)?, ..About::default() },
        owner: Some(owner),
        from_at: note.happened_at,
        opens_at: note.happened_at,
        due_at: tx.programme.calendar().zone.end_of(on),
    })
}

/// Consequence: the agreed step was done, or withdrawn.
///
/// # Errors
/// The database's.
pub fn step_settled(tx: &mut Tx<'_>, id: NoteId, at: Instant, withdrawn: bool) -> Result<()> {
    let which = Which::subject(id, &[DutyKind::AgreedStep]);
    if withdrawn {
        duties::actions::end(tx, &which, at, "withdrawn")?;
    } else {
        duties::actions::meet(tx, &which, at)?;
    }
    Ok(())
}

/// Whether an account may be given something to do in a case: it can be used, a role of its may see a step of its own, and no bar stands
/// between them.
fn may_own(tx: &mut Tx<'_>, account: AccountId, case: CaseId) -> Result<bool> {
    let roles = find_roles(tx, account)?.unwrap_or_default();
    Ok(Capability::NotesGetStep.roles().iter().any(|(role, _)| roles.contains(role)) && !is_barred_from(tx, account, &[case.cast()])?)
}
