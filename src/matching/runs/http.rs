//! Matching runs over HTTP: for coordinators.

mod what_if;

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::{IntoParams, ToSchema};

use super::actions;
use super::model::{Change, Detail, Excluded, Line, Need, Pair, Run, RunState, Terms, Why};
use crate::access::{Before, Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{AccountId, CaseId, CourseId, MatchId, MatchingRunId, PersonId, StaffId};
use crate::base::parallel::apart;
use crate::base::value::{Few, Line as Name, Text};
use crate::matching::ranking::model::Kept;
use crate::matching::waiting::model::Hurdle;
use crate::staff::actions::names;

pub(in crate::matching) fn routes(registry: &mut Registry<'_>) {
    registry.service(what_if::what_if).service(create).service(list).service(show).service(lines).service(adopt);
}

/// One set is solved at a time: each may take a core for seconds, and memory for every pair.
static SOLVING: Semaphore = Semaphore::const_new(1);

/// What is insisted on.
#[derive(Deserialize, ToSchema)]
struct CreateRun {
    /// Pairs that are in the set, whatever it costs the others; none that a limit excludes.
    #[serde(default)]
    pins: Few<Pair, 100>,
    /// Pairs that are not.
    #[serde(default)]
    forbidden: Few<Pair, 100>,
    /// Courses of siblings that are to have the same mentor, or nobody; one whose match runs says whom, and a pin among them holds for all. A
    /// set that is not proved best is refused (422 `entangled`): with ten wishes or more, nearly everybody allowed with nearly everybody, and too
    /// few places; fewer wishes or a pin help.
    #[serde(default)]
    #[schema(value_type = Vec<Vec<CourseId>>, max_items = 20)]
    same_mentor: Few<Few<CourseId, 10>, 20>,
}

impl CreateRun {
    fn terms(&self) -> Terms {
        terms(&self.pins, &self.forbidden, &self.same_mentor)
    }
}

fn terms(pins: &[Pair], forbidden: &[Pair], same_mentor: &[Few<CourseId, 10>]) -> Terms {
    Terms { pins: pins.to_vec(), forbidden: forbidden.to_vec(), same_mentor: same_mentor.iter().map(|wish| wish.to_vec()).collect() }
}

/// A run.
#[derive(Serialize, ToSchema)]
struct RunView {
    id: MatchingRunId,
    /// Of what the caller may see, as `adopted_at` and `version` are.
    state: RunState,
    created_by: AccountId,
    /// The moment of the facts it was found from.
    recorded_at: Instant,
    /// When a pair of it was first proposed.
    adopted_at: Option<Instant>,
    /// How many waited, of those whom the caller may see; so it is with all that follows.
    waiting: i64,
    /// Places that those of the staff who were there had left.
    places: i64,
    /// How many have somebody in it.
    matched: i64,
    /// The sum of the points: no other set with as many pairs has more.
    total: i64,
    /// The version of the weights.
    weights_version: i64,
    /// SHA-256 of all that it was found from, in hexadecimal: alike for alike facts. Empty for whoever does not see all of its lines, and once
    /// somebody of it has a protected address.
    facts_hash: String,
    pins: Vec<Pair>,
    forbidden: Vec<Pair>,
    same_mentor: Vec<Vec<CourseId>>,
    /// What would help most of those who have nobody, the most first, at most 20: one more Somali-speaking mentor would help five. In a list
    /// it is empty of a run that the caller sees in part.
    needs: Vec<Need>,
    version: i64,
}

fn view(tx: &mut Tx<'_>, id: MatchingRunId) -> Result<RunView> {
    let run = actions::get(tx, id)?;
    Ok(shown(actions::as_seen(tx, run)?))
}

fn shown(run: Run) -> RunView {
    let Terms { pins, forbidden, same_mentor } = run.terms;
    RunView {
        id: run.id,
        state: run.state,
        created_by: run.created_by,
        recorded_at: run.recorded_at,
        adopted_at: run.adopted_at,
        waiting: run.waiting,
        places: run.places,
        matched: run.matched,
        total: run.total,
        weights_version: run.weights_version,
        facts_hash: run.facts_hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        pins,
        forbidden,
        same_mentor,
        needs: run.needs,
        version: run.version,
    }
}

/// Waits until nobody else's set is being solved.
async fn turn() -> Result<SemaphorePermit<'static>> {
    SOLVING.acquire().await.map_err(|_| Error::Unavailable("the server stops"))
}

/// Work for a turn, which goes with it: it lasts as long as the work, also where nobody waits for that any more.
async fn worked<T: Send + 'static>(turn: SemaphorePermit<'static>, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let work = move || {
        let result = work();
        drop(turn);
        result
    };
    apart("pairs", work).await?
}

/// Find the best set of pairs for everybody who waits
///
/// As many as can be have somebody; among the sets with as many, the sum of the points is greatest: the score of the ranking, a claim that
/// grows with each day waited, and a bonus for a pair of the last adopted run. Whoever must be asked or talked with first, or lacks a consent,
/// holds no place. A newcomer gets one person, and more only as far as somebody would have nobody otherwise. Siblings have different mentors, and a family's mentor and
/// coach are two people. The answer is a draft: nothing follows from it until pairs of it are adopted.
#[utoipa::path(operation_id = "matching_runs.create", tag = "matching", params(IdempotencyKey), request_body = CreateRun,
    responses((status = 201, body = RunView, description = "Found and kept")))]
#[post("/matching-runs")]
async fn create(door: web::Data<Door>, call: Call, body: Body<CreateRun>) -> Answer {
    let capability = Capability::MatchingRunsCreate;
    // Who asks, for what, and whether it was found before: only then is it a turn to wait for.
    let run = match door.replay_or(&call, capability, view, move |_| Ok(body.get()?.terms())).await? {
        Before::Made(run) => run,
        Before::Fresh(terms) => {
            let alone = turn().await?;
            let snapshot = door.read(&call, capability, actions::snapshot).await?;
            let solved = worked(alone, move || actions::solve(snapshot, terms)).await?;
            door.command(&call, capability, move |tx| actions::keep(tx, &solved), view).await?.view
        }
    };
    call.created(&format!("/v1/matching-runs/{}", run.id), run.version, &run)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Runs {
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// The runs, the latest first
#[utoipa::path(operation_id = "matching_runs.list", tag = "matching", params(Runs), responses((status = 200, body = List<RunView>, description = "One page")))]
#[get("/matching-runs")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Runs>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, MatchingRunId)>::read("matching-runs", which.limit, which.cursor.as_ref())?;
        let found = actions::list(tx, page.after, page.fetch())?;
        let Paged { items, next } = page.cut(found, |run| (run.recorded_at, run.id));
        Ok(Paged { items: actions::as_listed(tx, items)?.into_iter().map(shown).collect(), next })
    };
    call.answer_list(door.read(&call, Capability::MatchingRunsList, look_up).await?)
}

/// One run
#[utoipa::path(operation_id = "matching_runs.get", tag = "matching", params(("run_id" = MatchingRunId, Path, description = "Which run")),
    responses((status = 200, body = RunView, description = "The run")))]
#[get("/matching-runs/{run_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<MatchingRunId>) -> Answer {
    let run = door.read(&call, Capability::MatchingRunsGet, move |tx| view(tx, path.get()?)).await?;
    call.answer(run.version, &run)
}

/// Somebody who waited, in a run.
#[derive(Serialize, ToSchema)]
struct RunLineView {
    course_id: CourseId,
    case_id: CaseId,
    person_id: PersonId,
    /// The first name.
    given_name: Option<String>,
    waiting_since: Instant,
    /// Whom; null: nobody.
    staff_id: Option<StaffId>,
    staff_name: Option<Name>,
    /// What the pair counts in the sum.
    points: i64,
    /// Of it, or of what it would be, for the days waited.
    claim: i64,
    /// Of it for having been a pair of the last adopted run.
    bonus: i64,
    /// A coordinator insisted.
    is_pinned: bool,
    /// Asked for although a sibling has the same.
    same_family: bool,
    /// The proposal that was made of it.
    match_id: Option<MatchId>,
    /// How the member of staff ranked.
    ranking: Option<Kept>,
    /// What must come first before anybody can be proposed: nobody was sought for them.
    hurdles: Vec<Hurdle>,
    /// How many of the staff of the track each limit excludes; most first.
    excluded: Vec<Excluded>,
    /// How many may, but have no place left in this set, or are forbidden or run a sibling's.
    taken: u32,
    /// The smallest changes that would make a place for them while all others keep theirs.
    changes: Vec<Change>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Lines {
    /// Only those with somebody, or only those with nobody.
    matched: Option<bool>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Everybody who waited, in a run
///
/// Whoever waited longest first: with whom, and why; or why nobody (what must come first, or which limits), and the smallest changes that would help. Those from whom the caller is
/// barred are not in it.
#[utoipa::path(operation_id = "matching_runs.lines", tag = "matching", params(("run_id" = MatchingRunId, Path, description = "Which run"), Lines),
    responses((status = 200, body = List<RunLineView>, description = "One page")))]
#[get("/matching-runs/{run_id}/lines")]
async fn lines(door: web::Data<Door>, call: Call, path: Path<MatchingRunId>, which: Query<Lines>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (id, asked) = (path.get()?, which.get()?);
        let page = Page::<(Instant, CourseId)>::read("matching-run-lines", asked.limit, asked.cursor.as_ref())?;
        let which = actions::Which { matched: asked.matched, after: page.after, fetch: page.fetch() };
        let Paged { items, next } = page.cut(actions::lines(tx, id, which)?, |line| (line.waiting_since, line.course));
        let ids: Vec<StaffId> = items.iter().filter_map(|line| line.staff).collect();
        let names = names(tx, &ids)?;
        let items = items.into_iter().map(|line| {
            actions::show(tx, &line);
            let given_name = actions::given_name(tx, &line)?;
            let name = line.staff.and_then(|staff| names.get(&staff).cloned());
            Ok(line_view(line, given_name, name))
        });
        Ok(Paged { items: items.collect::<Result<Vec<_>>>()?, next })
    };
    call.answer_list(door.read(&call, Capability::MatchingRunsLines, look_up).await?)
}

fn line_view(line: Line, given_name: Option<String>, staff_name: Option<Name>) -> RunLineView {
    let (ranking, Why { hurdles, excluded, taken, changes }) = match line.detail {
        Detail::Ranked(kept) => (Some(kept), Why::default()),
        Detail::Alone(why) => (None, why),
    };
    RunLineView {
        course_id: line.course,
        case_id: line.case,
        person_id: line.person,
        given_name,
        waiting_since: line.waiting_since,
        staff_id: line.staff,
        staff_name,
        points: line.points,
        claim: line.claim,
        bonus: line.bonus,
        is_pinned: line.is_pinned,
        same_family: line.same_family,
        match_id: line.matched,
        ranking,
        hurdles,
        excluded,
        taken,
        changes,
    }
}

/// Which pairs of a run are proposed.
#[derive(Deserialize, ToSchema)]
struct AdoptRun {
    /// Whose; at least one. A run may be adopted in several goes.
    course_ids: Few<CourseId, 30, 1>,
    /// Why these; the mentor or coach reads it.
    sentence: Option<Text>,
}

/// Propose pairs of a run
///
/// Each is checked anew, and none is proposed for whom somebody is. All of them are proposed, or none: 422 names each that cannot be proposed
/// any more, and why.
#[utoipa::path(operation_id = "matching_runs.adopt", tag = "matching", params(("run_id" = MatchingRunId, Path, description = "Which run"), IdempotencyKey), request_body = AdoptRun,
    responses((status = 201, body = RunView, description = "Proposed to both sides")))]
#[post("/matching-runs/{run_id}/adopt")]
async fn adopt(door: web::Data<Door>, call: Call, path: Path<MatchingRunId>, body: Body<AdoptRun>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body) = (path.get()?, body.get()?);
        actions::adopt(tx, id, &body.course_ids, body.sentence.as_ref())
    };
    let run = door.command(&call, Capability::MatchingRunsAdopt, verb, view).await?.view;
    call.created(&format!("/v1/matching-runs/{}", run.id), run.version, &run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_turn_lasts_as_long_as_its_work() {
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let mut work = Box::pin(worked(turn().await.unwrap(), move || {
            let _ = told.recv();
            Ok(())
        }));
        // It has begun when whoever asked hangs up.
        tokio::select! {
            biased;
            _ = &mut work => unreachable!("it waits to be told"),
            () = tokio::task::yield_now() => {}
        }
        drop(work);
        assert!(SOLVING.try_acquire().is_err(), "another set would be solved beside it");
        go_on.send(()).unwrap();
        drop(turn().await.unwrap());
    }
}
