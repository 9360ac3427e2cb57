//! A programme of any size, made through the rooms' own actions without HTTP: for benches and trials, never for service.
//!
//! Each case is one transaction: a concern, its founding and referral, a mentor course with consents, a match, weekly logs; then it is
//! closed, or it still runs and has a session planned for tomorrow. Others wait for a match. The same size and seed give the same programme.

use chrono::{Months, NaiveDate, TimeDelta};

use crate::access::accounts::{self, AccountName, NewAccount, Profile};
use crate::access::{Actor, ActorKind, Batch, Capability, Door, Role, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result};
use crate::base::http::Expected;
use crate::base::ids::{AccountId, CaseId, CourseId, EnquiryId, MatchId, PersonId, SessionId, StaffId};
use crate::base::language::Language;
use crate::base::value::{Line, Phone, Text};
use crate::cases::model::{CloseReason, LegalBasis};
use crate::courses::actions::consents::NewConsent;
use crate::courses::actions::offers::NewOffer;
use crate::courses::model::{Closing, OfferWay, Scope};
use crate::courses::{CourseState, Track};
use crate::enquiries::actions::subjects::Settled;
use crate::enquiries::model::{
    Assessment, CaseKind, Channel, Concern, Conclusion, Description, Founding, Intake, NewReporter, NewSubject, ReporterKind, ScreenResult,
    Severity, Source, State as EnquiryState, TargetGroup, Urgency,
};
use crate::matching::Side;
use crate::matching::model::{Given, Proposal, Said, Wish};
use crate::matching::ranking::Asked;
use crate::people::actions::CustodyChange;
use crate::people::{Contact, Kind as PersonKind, Name, NewPerson};
use crate::sessions::logs::model::{Body, Content, NewLog, Outcome};
use crate::sessions::model::{Kind as SessionKind, Plan};
use crate::staff::model::{LanguageTag, Terms};
use crate::{cases, courses, enquiries, matching, people, sessions, staff};

/// How much to make.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Cases in all.
    pub cases: u32,
    /// How many of them still run.
    pub running: u32,
    /// Logs of each match so far.
    pub logs: u32,
    /// Matches that a mentor has at a time.
    pub matches_a_mentor: u32,
    /// Cases beside these whose course waits for a match.
    pub waiting: u32,
}

/// A mentor of the programme.
#[derive(Clone, Copy, Debug)]
pub struct Mentor {
    /// Who signs in.
    pub account: AccountId,
    /// The member of staff.
    pub staff: StaffId,
}

/// A match that still runs, with tomorrow's session.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// The match.
    pub matched: MatchId,
    /// Whom the course is for.
    pub person: PersonId,
    /// Who meets them.
    pub mentor: Mentor,
    /// The session of tomorrow.
    pub session: SessionId,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Programme {
    /// Whoever did all of it.
    pub coordinator: AccountId,
    /// The mentors; the first ones have the running matches.
    pub mentors: Vec<Mentor>,
    /// The matches that still run.
    pub running: Vec<Running>,
    /// The courses that wait for a match, and whom each is for.
    pub waiting: Vec<(CourseId, PersonId)>,
}

/// Between the founding of two cases.
const BETWEEN: TimeDelta = TimeDelta::hours(4);
/// The first joint meeting, after the founding.
const BEGINS_AFTER: TimeDelta = TimeDelta::days(10);

/// Fills a fresh database up to `now`; every account has the password whose hash is given.
///
/// # Errors
/// What an action refuses: a defect here or there.
pub fn fill(door: &Door, size: Size, now: Instant, password_hash: &str) -> Result<Programme> {
    let begin = now.minus(BETWEEN * i32::try_from(size.cases).map_err(Error::internal)? + weeks(size.logs + 3));
    let hash = password_hash.to_owned();
    let mentors = size.running.div_ceil(size.matches_a_mentor.max(1)).max(1);
    let (coordinator, mentors) = door.blocking_batch(move |batch| {
        let coordinator = account(batch, begin, "coordinator", Role::Coordinator, &hash)?;
        let capacity = i32::try_from(size.matches_a_mentor).map_err(Error::internal)?;
        let mentors = (1..=mentors).map(|number| mentor(batch, begin, coordinator, number, capacity, &hash)).collect::<Result<Vec<_>>>()?;
        // Those who ran what is closed by now.
        let former = mentor(batch, begin, coordinator, 0, 50, &hash)?;
        Ok((coordinator, [mentors, vec![former]].concat()))
    })?;
    let mut running = Vec::new();
    for number in 0..size.cases {
        let founded_at = begin.plus(BETWEEN * i32::try_from(number).map_err(Error::internal)? + TimeDelta::days(1));
        let runs = (number + size.running).checked_sub(size.cases);
        let mentor = match runs {
            Some(place) => mentors.get(usize::try_from(place / size.matches_a_mentor.max(1)).map_err(Error::internal)?),
            None => mentors.last(),
        };
        let mentor = *mentor.ok_or_else(|| Error::internal("a match without a mentor"))?;
        let made = door.blocking_batch(move |batch| {
            let mut story = Story { batch, unit: actor(coordinator, Role::Coordinator), mentor, number };
            let tomorrow = runs.map(|place| now.plus(TimeDelta::days(1) + TimeDelta::minutes(90) * i32::try_from(place % 8).unwrap_or(0)));
            story.tell(founded_at, size.logs, now, tomorrow)
        })?;
        running.extend(made);
    }
    let mut waiting = Vec::new();
    let mentor = *mentors.last().ok_or_else(|| Error::internal("nobody of the staff"))?;
    for number in size.cases..size.cases + size.waiting {
        // Not so long that they must be asked again.
        let founded_at = now.minus(TimeDelta::days(10) + TimeDelta::hours(i64::from(number % 480)));
        waiting.push(door.blocking_batch(move |batch| {
            let mut story = Story { batch, unit: actor(coordinator, Role::Coordinator), mentor, number };
            story.wait(founded_at)
        })?);
    }
    Ok(Programme { coordinator, mentors, running, waiting })
}

fn weeks(count: u32) -> TimeDelta {
    TimeDelta::weeks(i64::from(count))
}

fn actor(account: AccountId, role: Role) -> Actor {
    Actor { kind: ActorKind::Account, account: Some(account), device: None, roles: vec![role], agency: None }
}

fn line(text: &str) -> Result<Line> {
    Line::parse(text).map_err(|_| Error::internal("no line"))
}

fn text(text: &str) -> Result<Text> {
    Text::parse(text).map_err(|_| Error::internal("no text"))
}

fn account(batch: &mut Batch<'_>, at: Instant, name: &str, role: Role, hash: &str) -> Result<AccountId> {
    let account = NewAccount {
        name: AccountName::parse(name).map_err(|_| Error::internal("no account name"))?,
        profile: Profile { display_name: line(name)?, email: None },
        language: Language::Danish,
        roles: vec![role],
        agency: None,
        password_hash: hash.to_owned(),
    };
    batch.act(&Actor::operator(), at, Capability::DemoSeed, |tx| accounts::create(tx, &account))
}

fn mentor(batch: &mut Batch<'_>, at: Instant, unit: AccountId, number: u32, capacity: i32, hash: &str) -> Result<Mentor> {
    let name = format!("mentor{number}");
    let account = account(batch, at, &name, Role::Mentor, hash)?;
    let terms = Terms {
        name: line(&name)?,
        kinds: vec![staff::model::Kind::Mentor],
        languages: LanguageTag::parse("da").into_iter().collect(),
        municipality: line("here")?,
        loan_until_on: None,
        capacity,
        from_on: at.to_utc().date_naive(),
        account: Some(account),
    };
    let staff = batch.act(&actor(unit, Role::Coordinator), at, Capability::StaffCreate, |tx| staff::actions::create(tx, &terms, &[]))?;
    Ok(Mentor { account, staff })
}

/// One case as it is told.
struct Story<'a, 'b> {
    batch: &'a mut Batch<'b>,
    unit: Actor,
    mentor: Mentor,
    number: u32,
}

impl Story<'_, '_> {
    fn tell(&mut self, founded_at: Instant, logs: u32, now: Instant, tomorrow: Option<Instant>) -> Result<Option<Running>> {
        let (child, parent) = self.family(founded_at)?;
        let case = self.case(founded_at, child)?;
        let course = self.course(founded_at.plus(TimeDelta::days(2)), case, child, parent)?;
        let begins_at = founded_at.plus(BEGINS_AFTER);
        let matched = self.matched(begins_at, course)?;
        for week in 0..logs {
            self.log(begins_at.plus(weeks(week)), matched)?;
        }
        match tomorrow {
            None => {
                self.end(begins_at.plus(weeks(logs)).min(now), case, course)?;
                Ok(None)
            }
            Some(starts_at) => {
                let plan = Plan {
                    id: None,
                    matched,
                    starts_at,
                    ends_at: starts_at.plus(TimeDelta::hours(1)),
                    kind: SessionKind::InPerson,
                    place: None,
                    agreed_at: None,
                };
                let mentor = actor(self.mentor.account, Role::Mentor);
                let session = self.batch.act(&mentor, now, Capability::SessionsPlan, |tx| sessions::actions::plan(tx, &plan))?;
                Ok(Some(Running { matched, person: child, mentor: self.mentor, session }))
            }
        }
    }

    /// As far as the course.
    fn wait(&mut self, founded_at: Instant) -> Result<(CourseId, PersonId)> {
        let (person, parent) = self.family(founded_at)?;
        let case = self.case(founded_at, person)?;
        self.course(founded_at.plus(TimeDelta::days(2)), case, person, parent).map(|course| (course, person))
    }

    /// A young person of 16, reached by SMS, and the parent.
    fn family(&mut self, at: Instant) -> Result<(PersonId, PersonId)> {
        let born_on = at.to_utc().date_naive().checked_sub_months(Months::new(16 * 12 + 1));
        let child = self.person(at, PersonKind::YoungPerson, born_on)?;
        let parent = self.person(at, PersonKind::Parent, None)?;
        self.batch.act(&self.unit, at, Capability::PeopleSetCustody, |tx| {
            let change = CustodyChange { holders: vec![parent], recipient: None, from_on: None };
            people::actions::set_custody(tx, child, &Expected::Any, &change).map(drop)
        })?;
        Ok((child, parent))
    }

    fn person(&mut self, at: Instant, kind: PersonKind, born_on: Option<NaiveDate>) -> Result<PersonId> {
        let series = if kind == PersonKind::YoungPerson { 20 } else { 21 };
        let phone = Phone::parse(&format!("+45{series}{:06}", self.number % 1_000_000)).map_err(|_| Error::internal("no number"))?;
        let contact = Contact { channel: Some(crate::messages::channels::Channel::Sms), phone: Some(phone), ..Contact::default() };
        let new = NewPerson {
            kind,
            name: Name { given: line(&format!("Given {}", self.number))?, family: line("Generated")? },
            registration: None,
            born_on,
            language: Language::Danish,
            protected_address: false,
            contact,
            warnings: None,
        };
        self.batch.act(&self.unit, at, Capability::PeopleCreate, |tx| people::actions::create(tx, &new))
    }

    /// A concern about the child: received a day before it is founded, referred a day after.
    fn case(&mut self, founded_at: Instant, child: PersonId) -> Result<CaseId> {
        let received_at = founded_at.minus(TimeDelta::days(1));
        let intake = Intake {
            received_at: Some(received_at),
            channel: Some(Channel::Phone),
            source: Some(Source::School),
            urgency: Urgency::Normal,
            concern: Concern {
                observed: text("Meget fravær siden efterårsferien")?,
                observed_when: None,
                observed_by: None,
                district: None,
                guardians: None,
                siblings: None,
            },
            reporters: vec![NewReporter {
                kind: ReporterKind::Citizen,
                agency: None,
                account: None,
                wants_feedback: false,
                identity: None,
            }],
            subjects: vec![NewSubject { description: Description::default(), born_on: None }],
            barred: Vec::new(),
        };
        let unit = self.unit.clone();
        let enquiry =
            self.batch.act(&unit, received_at, Capability::EnquiriesReceive, |tx| enquiries::actions::intake::receive(tx, intake))?;
        self.batch.act(&unit, founded_at, Capability::EnquiriesQualify, |tx| {
            let subject = enquiries::actions::get(tx, enquiry)?.opened.and_then(|opened| opened.subjects.into_iter().next());
            let subject = subject.ok_or(Code::NotFound)?;
            enquiries::actions::subjects::link(tx, enquiry, subject.id, &Settled::Known(child))?;
            enquiries::actions::qualify::ask_police(tx, enquiry, None)?;
            let screen = enquiries::actions::get(tx, enquiry)?.opened.and_then(|opened| opened.screens.into_iter().next());
            let screen = screen.ok_or(Code::NotFound)?;
            enquiries::actions::qualify::record_screen(tx, enquiry, screen.id, None, ScreenResult::Clear)?;
            let on = tx.programme.calendar().zone.date(founded_at);
            enquiries::actions::qualify::conclude(tx, enquiry, &Expected::Any, &conclusion(on)?)
        })?;
        let referred_at = founded_at.plus(TimeDelta::days(1));
        self.batch.act(&unit, referred_at, Capability::CasesRefer, |tx| {
            let case = case_of(tx, enquiry)?;
            cases::actions::referral::refer(tx, case, &line("School")?, referred_at, None)
        })
    }

    /// A mentor course that child and parent said yes to.
    fn course(&mut self, at: Instant, case: CaseId, child: PersonId, parent: PersonId) -> Result<CourseId> {
        let new = NewOffer {
            case,
            person: child,
            track: Track::Mentor,
            offered_at: at,
            offered_by: None,
            way: OfferWay::Meeting,
            information: text("Formål, frivillighed og tavshedspligt er forklaret")?,
            legal_basis: LegalBasis::Consent,
            fulfils: None,
        };
        self.batch.act(&self.unit, at, Capability::OffersAccept, |tx| {
            let offer = courses::actions::offers::make(tx, &new)?;
            for giver in [child, parent] {
                let yes = NewConsent {
                    giver,
                    scope: Scope::Participation,
                    text_version: line("2026-1")?,
                    given: true,
                    adult_basis: false,
                    not_needed_basis: None,
                    at,
                };
                courses::actions::consents::record(tx, offer, &yes)?;
            }
            courses::actions::offers::accept(tx, offer, None)
        })
    }

    fn matched(&mut self, at: Instant, course: CourseId) -> Result<MatchId> {
        let proposal = Proposal {
            course,
            staff: self.mentor.staff,
            happened_at: None,
            asked: Asked::default(),
            beside: Vec::new(),
            sentence: None,
            agreed: Wish::default(),
        };
        self.batch.act(&self.unit, at, Capability::MatchesPropose, |tx| {
            let yes = |knows_person| Said { accepted: true, given: Given { reason: None, knows_person }, ..Said::default() };
            let matched = matching::actions::propose(tx, proposal)?;
            matching::actions::answer(tx, matched, Side::Staff, yes(Some(false)))?;
            matching::actions::answer(tx, matched, Side::Person, yes(None))
        })
    }

    /// An hour together, logged two hours after it began.
    fn log(&mut self, starts_at: Instant, matched: MatchId) -> Result<()> {
        let written_at = starts_at.plus(TimeDelta::hours(2));
        let body = Body {
            topics: vec![line("school")?],
            facts: Some(text("Vi lavede lektier og talte om praktik")?),
            assessment: Some(text("Går fremad")?),
            ..Body::default()
        };
        let content = Content { outcome: Outcome::Held, starts_at, minutes: Some(60), written_at, body };
        self.batch.act(&actor(self.mentor.account, Role::Mentor), written_at, Capability::LogsPut, |tx| {
            let new = NewLog { id: tx.new_id(), matched: Some(matched), revision: None, is_cut: false, is_dated: true, content };
            sessions::logs::actions::put(tx, &new, None).map(drop)
        })
    }

    fn end(&mut self, at: Instant, case: CaseId, course: CourseId) -> Result<()> {
        let closing = Closing { joint_meeting_at: Some(at), assessment: Some(text("Målene er nået")?), ..Closing::default() };
        self.batch
            .act(&self.unit, at, Capability::CoursesEnd, |tx| courses::actions::end(tx, course, CourseState::Completed, at, &closing))?;
        self.batch.act(&self.unit, at, Capability::CasesClose, |tx| cases::actions::close(tx, case, CloseReason::GoalsReached, at))?;
        Ok(())
    }
}

fn conclusion(on: NaiveDate) -> Result<Conclusion> {
    Ok(Conclusion {
        outcome: EnquiryState::Founded,
        at: None,
        decided_by: None,
        meeting_on: Some(on),
        assessment: Assessment::default(),
        founding: Founding {
            case_kind: Some(CaseKind::YoungPerson),
            target_group: Some(TargetGroup::AtRisk),
            police_statement_at: None,
            severity: Some(Severity::Hours48),
            responsible_authority: Some(line("School")?),
            needs_local_effort: Some(true),
            joins: None,
        },
    })
}

fn case_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<CaseId> {
    cases::actions::find_of(tx, enquiry)?.ok_or_else(|| Code::NotFound.into())
}
