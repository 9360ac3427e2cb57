//! What ranking looks at, read in bulk: a handful of queries for one course or for all that wait, whatever the number of the staff.

mod apart;
mod members;

pub use apart::list_apart;
use members::{Signing, barred, candidate, judged_by};

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Ask, Asked, Between, Employed, Field, Running};
use crate::access::{RelationKind, Tx};
use crate::base::clock::Instant;
use crate::base::config::Pairing;
use crate::base::db::{CodeSet, IDS_MOST};
use crate::base::error::Result;
use crate::base::ids::{AccountId, AnyId, CaseId, CourseId, MatchId, PersonId, StaffId};
use crate::courses::model::{CourseFacts, Track};
use crate::matching::family::Families;
use crate::matching::model::{EndReason, State};
use crate::matching::store::answers::list_known;
use crate::matching::store::only_live;
use crate::matching::supervision::store::{self as supervision, Supervised};
use crate::matching::wishes;
use crate::schema::{matches, relations, sessions};
use crate::staff::model::LanguageTag;
use crate::staff::profile::DistrictCode;
use crate::staff::{self, Kind, StaffFacts};
use crate::{courses, people};

/// With whose eyes it is read what lies between people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// The caller's: where a row that they may not see keeps two apart they learn that something does, and nothing that they ask for lifts it.
    Caller,
    /// The house's: for what must not depend on who writes it down. What comes of it is not for the caller's eyes as it is.
    House,
}

/// What of the candidates for one course is asked for.
#[derive(Clone, Debug)]
pub struct For {
    /// Until when the match is expected to last, local date.
    pub until: NaiveDate,
    /// What a coordinator asks for.
    pub asked: Asked,
    /// One member of staff; `None`: everybody who was ever on the staff.
    pub only: Option<StaffId>,
    /// A match whose own proposal does not stand in its way.
    pub but: Option<MatchId>,
    /// The courses of siblings for whom the same was asked in one: their matches do not stand in its way, those of other siblings do.
    pub beside: Vec<CourseId>,
    /// With whose eyes.
    pub eyes: Eyes,
}

impl For {
    /// Everybody, for a match until a day, in the caller's eyes.
    pub const fn everybody(until: NaiveDate, asked: Asked) -> Self {
        Self { until, asked, only: None, but: None, beside: Vec::new(), eyes: Eyes::Caller }
    }
}

/// One course and its candidates: all of the staff, or the one that is asked for; of when anybody can meet nothing yet.
///
/// # Errors
/// The database's.
pub fn load_one(tx: &mut Tx<'_>, course: &CourseFacts, wanted: &For, families: Families) -> Result<Field> {
    let members = staff::store::list_facts(tx, wanted.only)?;
    let live: Vec<Live> = live(tx, wanted.only)?.into_iter().filter(|live| Some(live.id) != wanted.but).collect();
    let past = past(tx, &[course.person])?;
    let family = families.people(course.person);
    let hidden = match wanted.eyes {
        Eyes::Caller => tx.all_barred()?.into_iter().collect(),
        Eyes::House => HashSet::new(),
    };
    let bars = bars(tx, Some(family.iter().map(|person| person.cast()).chain([course.case.cast()]).collect()))?;
    let known = list_known(tx, Some(&family))?;
    let mut supervised = supervision::list(tx, Some(&family))?;
    supervised.retain(|supervised| Some(supervised.matched) != wanted.but);
    let asks = asks(tx, vec![*course], &past.0, &families, |_| wanted.until, wanted.asked)?;
    let read =
        Read { members, asks, live, past, bars, known, supervised, hidden, families, of: Some([course.course]), beside: &wanted.beside };
    field(tx, read)
}

/// Every course that the caller may see and that waits: unended, not paused, without a live match; and everybody who was ever on the staff
/// as mentor or coach; of when anybody can meet nothing yet. `until` says until when a match is expected to last.
///
/// # Errors
/// The database's.
pub fn load_waiting(tx: &mut Tx<'_>, until: NaiveDate, families: Families) -> Result<Field> {
    let is_kind = |member: &StaffFacts| member.kinds.contains(&Kind::Mentor) || member.kinds.contains(&Kind::ParentCoach);
    let members = staff::store::list_facts(tx, None)?.into_iter().filter(is_kind).collect();
    let live = live(tx, None)?;
    let bars = bars(tx, None)?;
    let known = list_known(tx, None)?;
    let supervised = supervision::list(tx, None)?;
    let hidden = tx.all_barred()?.into_iter().collect();
    let taken: HashSet<CourseId> = live.iter().map(|live| live.course_id).collect();
    let mut waiting = courses::store::list_unended_facts(tx)?;
    let seen: HashSet<CourseId> = waiting.iter().map(|course| course.course).collect();
    let of = |live: &Live| {
        let (family, is_seen) = (families.name(live.person_id), seen.contains(&live.course_id));
        Running { staff: live.staff_id, family, track: live.track, is_seen }
    };
    let runs = |live: &&Live| live.state == State::Running && seen.contains(&live.course_id);
    let running = live.iter().filter(runs).map(|live| (live.course_id, of(live))).collect();
    let all = live.iter().map(|live| (live.course_id, of(live))).collect();
    waiting.retain(|course| course.paused_at.is_none() && !taken.contains(&course.course));
    let past = past(tx, &waiting.iter().map(|course| course.person).collect::<Vec<_>>())?;
    let asks = asks(tx, waiting, &past.0, &families, |_| until, Asked::default())?;
    let field = field(tx, Read { members, asks, live, past, bars, known, supervised, hidden, families, of: None, beside: &[] })?;
    Ok(Field { running, live: all, ..field })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = matches)]
struct Live {
    id: MatchId,
    staff_id: StaffId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    track: Track,
    state: State,
}

/// The live matches of the staff, or of one of them.
fn live(tx: &mut Tx<'_>, only: Option<StaffId>) -> Result<Vec<Live>> {
    let mut query = only_live(matches::table.into_boxed(), tx.now);
    if let Some(staff) = only {
        query = query.filter(matches::staff_id.eq(staff));
    }
    Ok(query.select(Live::as_select()).load(tx.db())?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = matches)]
struct Past {
    id: MatchId,
    staff_id: StaffId,
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    state: State,
    ended_at: Option<Instant>,
    end_reason: Option<EndReason>,
    loan_ends_at: Option<Instant>,
}

/// The matches of these people that ran and are over, and the proposals that were declined; and the courses among them that were gone through.
fn past(tx: &mut Tx<'_>, people: &[PersonId]) -> Result<(Vec<Past>, HashSet<CourseId>)> {
    let now = tx.now;
    let mut past: Vec<Past> = Vec::new();
    for chunk in people.chunks(IDS_MOST) {
        let is_over = matches::state.eq(State::Ended).or(matches::state.eq(State::Refused));
        let lent = matches::state.eq(State::Running).and(matches::loan_ends_at.lt(now));
        let theirs = matches::table.filter(matches::person_id.eq_any(chunk.to_vec())).filter(is_over.or(lent));
        past.extend(theirs.select(Past::as_select()).load::<Past>(tx.db())?);
    }
    // What a loan ended by its own moment need not be written down yet.
    for past in past.iter_mut().filter(|past| past.state == State::Running) {
        (past.state, past.ended_at, past.end_reason) = (State::Ended, past.loan_ends_at, Some(EndReason::LoanEnded));
    }
    let with_course = past.iter().filter(|past| past.end_reason == Some(EndReason::CourseEnded));
    let ids: HashSet<CourseId> = with_course.map(|past| past.course_id).collect();
    let gone_through = courses::store::list_gone_through(tx, &ids.into_iter().collect::<Vec<_>>())?;
    Ok((past, gone_through))
}

/// Which account is barred from what now, and since when.
fn bars(tx: &mut Tx<'_>, from: Option<Vec<AnyId>>) -> Result<Vec<(AccountId, AnyId, Instant)>> {
    let now = tx.now;
    let mut query = relations::table
        .into_boxed()
        .filter(relations::kind.eq(RelationKind::Bar))
        .filter(relations::from_at.le(now))
        .filter(relations::until_at.is_null().or(relations::until_at.gt(now)));
    if let Some(subjects) = from {
        query = query.filter(relations::subject_id.eq_any(subjects));
    }
    Ok(query.select((relations::account_id, relations::subject_id, relations::from_at)).load(tx.db())?)
}

/// Those of these matches in which a session was held. Sessions belong to a room below this one, which therefore reads their rows.
fn list_with_held(tx: &mut Tx<'_>, ids: &[MatchId]) -> Result<HashSet<MatchId>> {
    let mut all = HashSet::new();
    for chunk in ids.chunks(IDS_MOST) {
        let held = sessions::table.filter(sessions::match_id.eq_any(chunk.to_vec())).filter(sessions::state.eq("held"));
        all.extend(held.select(sessions::match_id).load::<MatchId>(tx.db())?);
    }
    Ok(all)
}

/// The courses as they are asked for, the longest waiting first.
fn asks(
    tx: &mut Tx<'_>,
    courses: Vec<CourseFacts>,
    past: &[Past],
    families: &Families,
    until: impl Fn(&CourseFacts) -> NaiveDate,
    asked: Asked,
) -> Result<Vec<Ask>> {
    let on = tx.programme.calendar().zone.date(tx.now);
    let ids: Vec<PersonId> = courses.iter().map(|course| course.person).collect();
    let (people, hidden) = (people::store::list_met(tx, &ids)?, people::store::list_protected(tx, &ids, on)?);
    let of: Option<Vec<CourseId>> = match courses.as_slice() {
        [one] => Some(vec![one.course]),
        _ => None,
    };
    let mut wishes = wishes::store::list_facts(tx, of.as_deref())?;
    let asked_for: HashSet<CourseId> = courses.iter().map(|course| course.course).collect();
    let over: Vec<&Past> = past.iter().filter(|past| past.state == State::Ended && asked_for.contains(&past.course_id)).collect();
    // Whoever waits does so until they meet somebody: a pair that never did ended nobody's wait.
    let met = list_with_held(tx, &over.iter().map(|past| past.id).collect::<Vec<_>>())?;
    let mut ended: HashMap<CourseId, Instant> = HashMap::new();
    for (course, at) in over.iter().filter(|past| met.contains(&past.id)).filter_map(|past| Some((past.course_id, past.ended_at?))) {
        ended.entry(course).and_modify(|last| *last = at.max(*last)).or_insert(at);
    }
    let settings = &tx.programme.pairing;
    let ask = |course: CourseFacts| {
        let person = people.get(&course.person)?;
        let wishes = wishes.remove(&course.course).unwrap_or_default();
        let own = || LanguageTag::stored(person.language.tag().to_owned());
        Some(Ask {
            course: course.course,
            case: course.case,
            person: course.person,
            family: families.name(course.person),
            track: course.track,
            hurdles: CodeSet::default(),
            waiting_since: ended.get(&course.course).map_or(course.accepted_at, |ended| course.accepted_at.max(*ended)),
            on,
            until: until(&course),
            born_on: person.born_on,
            languages_assumed: wishes.languages.is_empty(),
            languages: if wishes.languages.is_empty() { vec![own()] } else { wishes.languages },
            gender: wishes.gender,
            times: None,
            spot: spot(settings, wishes.district.as_ref()).filter(|_| !hidden.contains(&course.person)),
            travel_limit_km: kilometres(wishes.travel_limit_km),
            is_protected: hidden.contains(&course.person),
            traits: (&wishes.traits).into(),
            asked,
        })
    };
    let mut asks: Vec<Ask> = courses.into_iter().filter_map(ask).collect();
    asks.sort_by_key(|ask| (ask.waiting_since, ask.course));
    Ok(asks)
}

fn spot(settings: &Pairing, district: Option<&DistrictCode>) -> Option<crate::base::config::Spot> {
    settings.centre(district?.as_str())
}

fn kilometres(limit: Option<i32>) -> Option<u32> {
    limit.map(i32::unsigned_abs)
}

/// What was read, before it is put together.
struct Read<'a> {
    members: Vec<StaffFacts>,
    asks: Vec<Ask>,
    live: Vec<Live>,
    past: (Vec<Past>, HashSet<CourseId>),
    bars: Vec<(AccountId, AnyId, Instant)>,
    known: Vec<(StaffId, PersonId, CaseId)>,
    supervised: Vec<Supervised>,
    /// What the caller is barred from, where it is read with their eyes.
    hidden: HashSet<AnyId>,
    families: Families,
    of: Option<[CourseId; 1]>,
    /// Courses whose matches do not stand in the way of a sibling's.
    beside: &'a [CourseId],
}

fn field(tx: &mut Tx<'_>, read: Read<'_>) -> Result<Field> {
    let Read { members, asks, live, past: (past, gone_through), bars, known, supervised, hidden, families, of, beside } = read;
    let is_hidden = |case: CaseId, person: PersonId| hidden.contains(&case.cast()) || hidden.contains(&person.cast());
    let vetoes = wishes::store::list_vetoes(tx, of.as_ref().map(<[CourseId; 1]>::as_slice))?;
    let staff: HashMap<StaffId, usize> = members.iter().enumerate().map(|(place, member)| (member.id, place)).collect();
    let employed: Vec<Employed> = members.iter().map(|member| (member.id, member.account)).collect();
    let judged_by = judged_by(tx, &employed)?;
    let (mut by_case, mut by_person): (HashMap<CaseId, Vec<usize>>, HashMap<PersonId, Vec<usize>>) = Default::default();
    let mut by_family: HashMap<PersonId, Vec<usize>> = HashMap::new();
    for (at, ask) in asks.iter().enumerate() {
        by_family.entry(ask.family).or_default().push(at);
        by_case.entry(ask.case).or_default().push(at);
        by_person.entry(ask.person).or_default().push(at);
    }
    let courses: HashMap<CourseId, usize> = asks.iter().enumerate().map(|(at, ask)| (ask.course, at)).collect();
    let at = |places: Option<&Vec<usize>>| places.cloned().unwrap_or_default();

    let mut between: Vec<BTreeMap<usize, Between>> = asks.iter().map(|_| BTreeMap::new()).collect();
    let mut note = |ask: usize, candidate: Option<&usize>, change: &dyn Fn(&mut Between)| {
        if let (Some(pairs), Some(candidate)) = (between.get_mut(ask), candidate) {
            change(pairs.entry(*candidate).or_default());
        }
    };
    let mut matches: HashMap<StaffId, i32> = HashMap::new();
    for live in &live {
        let count = matches.entry(live.staff_id).or_default();
        *count = count.saturating_add(1);
        for ask in at(by_family.get(&families.name(live.person_id))) {
            // Somebody met by a mentor and by a coach, as a young parent is, has two people, too.
            let is_other = asks.get(ask).is_some_and(|ask| ask.person != live.person_id || ask.track != live.track);
            if is_other && !beside.contains(&live.course_id) {
                note(ask, staff.get(&live.staff_id), &|between| {
                    if is_hidden(live.case_id, live.person_id) {
                        between.is_unseen = true;
                    } else {
                        between.in_family.insert(live.track);
                    }
                });
            }
        }
        for ask in at(by_person.get(&live.person_id)) {
            if asks.get(ask).is_some_and(|ask| ask.track == live.track) {
                note(ask, staff.get(&live.staff_id), &|between| between.is_proposed = true);
            }
        }
    }
    for past in &past {
        for ask in at(by_person.get(&past.person_id)) {
            let is_hidden = is_hidden(past.case_id, past.person_id);
            note(ask, staff.get(&past.staff_id), &|between| match (past.state, past.end_reason) {
                (State::Refused, _) | (_, Some(EndReason::PersonWish | EndReason::StaffWish)) if is_hidden => between.is_unseen = true,
                (State::Refused, _) => between.was_declined = true,
                (_, Some(EndReason::PersonWish | EndReason::StaffWish)) => between.ended_badly = true,
                _ if is_hidden => {}
                (_, Some(EndReason::LoanEnded)) => between.ended_well = true,
                (_, Some(EndReason::CourseEnded)) if gone_through.contains(&past.course_id) => between.ended_well = true,
                // Handed over, left, or told in words: nobody can say that it went well.
                _ => {}
            });
        }
    }
    for (member, person, case) in known {
        for ask in at(by_family.get(&families.name(person))) {
            let is_hidden = is_hidden(case, person);
            note(ask, staff.get(&member), &|between| {
                between.is_unseen |= is_hidden;
                between.knows_family |= !is_hidden;
            });
        }
    }
    // A supervision goes with the account, to whoever has it now.
    for Supervised { account, case, person, .. } in supervised {
        for ask in at(by_family.get(&families.name(person))) {
            for (place, _) in judged_by.get(&account).into_iter().flatten().filter(|(_, until)| until.is_none()) {
                let is_hidden = is_hidden(case, person);
                note(ask, Some(place), &|between| {
                    between.is_unseen |= is_hidden;
                    between.supervises |= !is_hidden;
                });
            }
        }
    }
    // A bar from one of a family keeps them from all of it.
    for (account, subject, from_at) in bars {
        let theirs: Vec<usize> = barred(&judged_by, account, from_at).collect();
        for ask in at(by_case.get(&subject.cast())).into_iter().chain(at(by_family.get(&families.name(subject.cast())))) {
            for place in &theirs {
                note(ask, Some(place), &|between| {
                    between.is_unseen |= hidden.contains(&subject);
                    between.is_barred |= !hidden.contains(&subject);
                });
            }
        }
    }
    for (course, veto) in vetoes {
        if let Some(ask) = courses.get(&course) {
            note(*ask, staff.get(&veto.staff), &|between| {
                between.veto_of_person = veto.by_person;
                between.veto_of_staff = veto.by_staff;
            });
        }
    }
    let signing = Signing::read(tx, &employed)?;
    let settings = &tx.programme.pairing;
    let candidates = members.into_iter().map(|member| candidate(settings, &signing, matches.get(&member.id).copied().unwrap_or(0), member));
    let candidates = candidates.collect();
    let between = between.into_iter().map(|pairs| pairs.into_iter().collect()).collect();
    Ok(Field { candidates, asks, between, ..Field::default() })
}
