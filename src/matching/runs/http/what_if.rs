//! What would be otherwise, over HTTP: solved, compared, told, and kept nowhere.

use std::collections::BTreeMap;

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{terms, turn, worked};
use crate::access::{Capability, Door, Tx};
use crate::base::error::{Error, Result, invalid};
use crate::base::http::{Answer, Body, Call};
use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::base::value::{Few, Flaw};
use crate::matching::ranking::model::TraitSets;
use crate::matching::runs::actions::{self, Solved};
use crate::matching::runs::model::{Newcomer, Pair, Terms};
use crate::matching::runs::rules;
use crate::staff::model::LanguageTag;
use crate::staff::profile::rules::check_place;
use crate::staff::profile::{CoreValue, Dislike, DistrictCode, Gender, Interest, Traits};
use crate::staff::rules::check_languages;
use crate::staff::{CertificateKind, Kind};

/// Differences that are shown.
const SHOWN_MOST: usize = 200;

/// Somebody who might come.
#[derive(Deserialize, ToSchema)]
struct NewStaff {
    /// At least one.
    kinds: Few<Kind, 4, 1>,
    /// At least one.
    languages: Few<LanguageTag, 20, 1>,
    /// Matches at a time, 1 to 50.
    capacity: i32,
    /// Proofs that they would have.
    #[serde(default)]
    certificates: Few<CertificateKind, 3>,
    gender: Option<Gender>,
    district: Option<DistrictCode>,
    travel_limit_km: Option<i32>,
    #[serde(default)]
    interests: Few<Interest, 20>,
    #[serde(default)]
    dislikes: Few<Dislike, 20>,
    #[serde(default)]
    values: Few<CoreValue, 20>,
}

/// What is imagined.
#[derive(Deserialize, ToSchema)]
struct WhatIf {
    /// These are gone.
    #[serde(default)]
    without_staff: Few<StaffId, 20>,
    /// These have come.
    #[serde(default)]
    new_staff: Few<NewStaff, 10>,
    /// These pairs are in the set.
    #[serde(default)]
    pins: Few<Pair, 100>,
    /// These are not.
    #[serde(default)]
    forbidden: Few<Pair, 100>,
    /// Courses of siblings that are to have the same mentor, or nobody; one whose match runs says whom, and a pin among them holds for all.
    #[serde(default)]
    #[schema(value_type = Vec<Vec<CourseId>>, max_items = 20)]
    same_mentor: Few<Few<CourseId, 10>, 20>,
}

/// What would be otherwise.
#[derive(Serialize, ToSchema)]
struct WhatIfView {
    waiting: i64,
    /// How many have somebody in the best set as things are, and the sum of its points.
    matched: i64,
    total: i64,
    /// And as imagined.
    matched_then: i64,
    /// One more member of staff, and else alike, never means that fewer have somebody. Where more have, the sum may be smaller; where as many
    /// have, only if it spares a newcomer a second person.
    total_then: i64,
    /// Proposed and running matches of those who are gone, of courses that the caller may see: whoever they are with waits then, too, and is in
    /// none of these figures.
    matches_of_gone: i64,
    /// How many have somebody else, or somebody, or nobody any more.
    different: i64,
    /// The first 200 of them, whoever waits longest first.
    differences: Vec<DifferenceView>,
}

/// Somebody for whom it would be otherwise.
#[derive(Serialize, ToSchema)]
struct DifferenceView {
    course_id: CourseId,
    person_id: PersonId,
    /// Whom, as things are; null: nobody.
    staff_id: Option<StaffId>,
    /// Whom of those who are there, as imagined.
    staff_id_then: Option<StaffId>,
    /// Which of the new ones, by their place in the list, as imagined.
    new_staff_then: Option<u32>,
}

/// See what would be otherwise
///
/// With somebody gone, somebody new, a pair insisted on: against the best set as things are. It keeps nothing but the journal of what it
/// showed.
#[utoipa::path(operation_id = "matching_runs.what_if", tag = "matching", request_body = WhatIf,
    responses((status = 200, body = WhatIfView, description = "What would be otherwise")))]
#[post("/matching-runs/what-if")]
pub(super) async fn what_if(door: web::Data<Door>, call: Call, body: Body<WhatIf>) -> Answer {
    let capability = Capability::MatchingRunsWhatIf;
    // Who asks, and for what, before it is a turn to wait for.
    let read = move |tx: &mut Tx<'_>| {
        let newcomers = body.get()?.new_staff.iter().enumerate().map(|(at, new)| newcomer(tx, at, new)).collect::<Result<Vec<_>>>()?;
        Ok((body, newcomers))
    };
    let (body, newcomers) = door.read(&call, capability, read).await?;
    let read = move |tx: &mut Tx<'_>| {
        let body = body.get()?;
        let snapshot = actions::snapshot(tx)?;
        let mut imagined = snapshot.clone();
        let ids = rules::with(&mut imagined, &body.without_staff, &newcomers)?;
        let gone = rules::matches_of(&snapshot, &body.without_staff);
        Ok((snapshot, imagined, (ids, gone), terms(&body.pins, &body.forbidden, &body.same_mentor)))
    };
    let alone = turn().await?;
    let (snapshot, imagined, (new, gone), terms) = door.read(&call, capability, read).await?;
    let both = move || Ok((actions::solve(snapshot, Terms::default())?, actions::solve(imagined, terms)?));
    let (before, then) = worked(alone, both).await?;
    let answer = door.read(&call, capability, move |tx| Ok(compare(tx, &before, &then, &new, gone))).await?;
    call.answer_plain(&answer)
}

fn newcomer(tx: &Tx<'_>, at: usize, new: &NewStaff) -> Result<Newcomer> {
    let pointer = |member: &str| format!("/new_staff/{at}/{member}");
    check_languages(&pointer("languages"), &new.languages)?;
    if !(1..=50).contains(&new.capacity) {
        return Err(invalid(pointer("capacity"), Flaw::OutOfRange, "Antallet skal være 1 til 50", "The number must be 1 to 50"));
    }
    if let Err(Error::Refused(mut problem)) = check_place(&tx.programme.pairing, new.district.as_ref(), new.travel_limit_km) {
        problem.errors.iter_mut().for_each(|error| error.pointer = pointer(error.pointer.trim_start_matches('/')));
        return Err(Error::Refused(problem));
    }
    let traits = Traits { interests: new.interests.to_vec(), dislikes: new.dislikes.to_vec(), values: new.values.to_vec() };
    Ok(Newcomer {
        mentor: new.kinds.contains(&Kind::Mentor),
        parent_coach: new.kinds.contains(&Kind::ParentCoach),
        languages: new.languages.to_vec(),
        certificates: new.certificates.to_vec(),
        capacity: new.capacity,
        gender: new.gender,
        district: new.district.clone(),
        travel_limit_km: new.travel_limit_km.map(i32::unsigned_abs),
        traits: TraitSets::from(&traits),
    })
}

fn compare(tx: &mut Tx<'_>, before: &Solved, then: &Solved, new: &[StaffId], gone: i64) -> WhatIfView {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let changed: BTreeMap<CourseId, Option<StaffId>> = actions::pairs(then).map(|(line, _)| (line.course, line.staff)).collect();
    let (mut waiting, mut different, mut differences) = (0, 0, Vec::new());
    for (line, _) in actions::pairs(before) {
        waiting += 1;
        let after = changed.get(&line.course).copied().flatten();
        if after == line.staff {
            continue;
        }
        different += 1;
        if differences.len() >= SHOWN_MOST {
            continue;
        }
        actions::show(tx, line);
        let new_staff = after.and_then(|staff| new.iter().position(|id| *id == staff));
        let staff_id_then = after.filter(|_| new_staff.is_none());
        if let Some(staff) = staff_id_then {
            tx.saw(staff);
        }
        differences.push(DifferenceView {
            course_id: line.course,
            person_id: line.person,
            staff_id: line.staff,
            staff_id_then,
            new_staff_then: new_staff.and_then(|at| u32::try_from(at).ok()),
        });
    }
    let ((matched, total), (matched_then, total_then)) = (actions::result(before), actions::result(then));
    WhatIfView {
        waiting,
        matched: count(matched),
        total,
        matched_then: count(matched_then),
        total_then,
        matches_of_gone: gone,
        different,
        differences,
    }
}
