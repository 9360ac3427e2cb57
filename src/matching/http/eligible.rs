//! Who could run a match, over HTTP: the ranking, and everybody else with each limit that excludes them.

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Capability, Door, Tx};
use crate::base::http::{Answer, Call, Cursor, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{CourseId, StaffId};
use crate::base::value::{Day, Line};
use crate::matching::actions;
use crate::matching::proofs::Needs;
use crate::matching::ranking::model::Facts;
use crate::matching::ranking::{Asked, Exclusion, Missing, Points, Standing, rules};
use crate::staff::actions::names;
use crate::staff::model::LanguageTag;

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(eligible);
}

/// A member of staff: ranked, or excluded by each of these.
#[derive(Serialize, ToSchema)]
struct CandidateView {
    staff_id: StaffId,
    name: Option<Line>,
    /// Whether nothing excludes them.
    eligible: bool,
    /// Each limit that excludes them.
    exclusions: Vec<Exclusion>,
    /// The sum of the parts; null: excluded.
    score: Option<i64>,
    /// Each part with its weight and share.
    parts: Vec<Points>,
    /// The version of the weights.
    weights_version: u32,
    /// What the parts are made from.
    facts: Facts,
    /// What is not known of them and would match better.
    missing: Vec<Missing>,
    /// The day on which a proof ends that they need still on the day after, if that is before the match is expected to end.
    proof_ends_on: Option<NaiveDate>,
    /// The first day of their next leave, if that is before the match is expected to end.
    leave_begins_on: Option<NaiveDate>,
    /// Proposed and running matches.
    matches: i32,
    /// Matches at a time.
    capacity: i32,
    languages: Vec<LanguageTag>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Seek {
    /// Ask for the same mentor as a sibling's.
    same_family: Option<bool>,
    /// Ask once more for those of whom one said no before, and for those who know the family.
    again: Option<bool>,
    /// Until when the match is expected to last: a loan must cover it. Twelve months from today unless told otherwise.
    until: Option<Day>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Who could run a match for a course
///
/// Every member of staff: the best ranked first, then who is excluded, with all that excludes them. Tested for
/// today. What lies in the way and is not for the caller to see is `not_available`, and nothing that they ask for lifts it. It compares what is
/// wished with what the staff can offer, and scores no citizen; a person decides.
#[utoipa::path(operation_id = "matches.eligible", tag = "matching", params(("course_id" = CourseId, Path, description = "For which course"), Seek),
    responses((status = 200, body = List<CandidateView>, description = "One page")))]
#[get("/courses/{course_id}/eligible-staff")]
async fn eligible(door: web::Data<Door>, call: Call, path: Path<CourseId>, seek: Query<Seek>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (course, seek) = (path.get()?, seek.get()?);
        let page = Page::<u32>::read("eligible", seek.limit, seek.cursor.as_ref())?;
        let asked = Asked { same_family: seek.same_family.unwrap_or(false), again: seek.again.unwrap_or(false) };
        let (field, standings) = actions::list_candidates(tx, course, asked, seek.until.map(Day::date))?;
        let places = (0_u32..).zip(standings).filter(|(place, _)| page.after.is_none_or(|after| *place > after));
        let shown = places.take(usize::try_from(page.fetch()).unwrap_or(usize::MAX)).collect();
        let Paged { items, next } = page.cut(shown, |(place, _)| *place);
        let found: Vec<_> = items
            .into_iter()
            .filter_map(|(_, (place, standing))| Some((field.candidates.get(place)?, field.asks.first()?, standing)))
            .collect();
        let ids: Vec<StaffId> = found.iter().map(|(candidate, _, _)| candidate.staff).collect();
        let mut names = names(tx, &ids)?;
        let settings = &tx.programme.pairing;
        let weights_version = settings.weights.version;
        let items = found.into_iter().map(|(candidate, ask, standing)| {
            let (score, parts, exclusions) = match standing {
                Standing::Ranked(ranked) => (Some(ranked.score), ranked.parts, Vec::new()),
                Standing::Excluded(exclusions) => (None, Vec::new(), exclusions.iter().collect()),
            };
            CandidateView {
                staff_id: candidate.staff,
                name: names.remove(&candidate.staff),
                eligible: exclusions.is_empty(),
                exclusions,
                score,
                parts,
                weights_version,
                facts: rules::facts(candidate, ask),
                missing: rules::missing_of_staff(candidate).iter().collect(),
                proof_ends_on: Needs::of(ask, settings).end_on(&candidate.certificates, ask.on, ask.until),
                leave_begins_on: rules::limits::leave_begins_on(candidate, ask),
                matches: candidate.matches,
                capacity: candidate.capacity,
                languages: candidate.languages.clone(),
            }
        });
        Ok(Paged { items: items.collect(), next })
    };
    call.answer_list(door.read(&call, Capability::MatchesEligible, look_up).await?)
}
