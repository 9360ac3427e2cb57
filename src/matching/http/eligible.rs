//! Who could run a match, over HTTP.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Capability, Door, Tx};
use crate::base::http::{Answer, Call, List, Paged, Path, Query};
use crate::base::ids::{CourseId, StaffId};
use crate::base::value::Line;
use crate::matching::actions;
use crate::matching::eligible::{Candidate, Exclusion};
use crate::staff::actions::names;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(eligible);
}

/// A member of staff of the track, and what excludes them.
#[derive(Serialize, ToSchema)]
struct CandidateView {
    staff_id: StaffId,
    name: Option<Line>,
    /// Whether nothing excludes them.
    eligible: bool,
    /// Each limit that excludes them.
    exclusions: Vec<Exclusion>,
    /// Proposed and running matches.
    matches: i64,
    /// Matches at a time.
    capacity: i32,
    languages: Vec<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Seek {
    /// Ask for the same mentor as a sibling's.
    same_family: Option<bool>,
}

/// Who could run a match for a course
///
/// Every member of staff of the course's track, each eligible or with all that excludes them, by id. Tested for today. A person decides.
#[utoipa::path(operation_id = "matches.eligible", tag = "matching", params(("course_id" = CourseId, Path, description = "For which course"), Seek),
    responses((status = 200, body = List<CandidateView>, description = "Everybody, in one page")))]
#[get("/courses/{course_id}/eligible-staff")]
async fn eligible(door: web::Data<Door>, call: Call, path: Path<CourseId>, seek: Query<Seek>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (course, seek) = (path.get()?, seek.get()?);
        let candidates = actions::list_eligible(tx, course, seek.same_family.unwrap_or(false))?;
        let ids: Vec<StaffId> = candidates.iter().map(|(candidate, _)| candidate.staff).collect();
        let mut names = names(tx, &ids)?;
        let view = |(candidate, exclusions): (Candidate, Vec<Exclusion>)| CandidateView {
            staff_id: candidate.staff,
            name: names.remove(&candidate.staff),
            eligible: exclusions.is_empty(),
            exclusions,
            matches: candidate.matches,
            capacity: candidate.capacity,
            languages: candidate.languages,
        };
        Ok(Paged::all(candidates.into_iter().map(view).collect()))
    };
    call.answer_list(door.read(&call, Capability::MatchesEligible, look_up).await?)
}
