//! A match's rhythm over HTTP: for coordinators, whoever runs the match, and its supervisor. No name stands in it.

use actix_web::{get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::actions::{self, Measure};
use super::rules::{Month, agreed_days, agreed_minutes};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, Path, Registry};
use crate::base::ids::MatchId;
use crate::matching::Rhythm;

/// Adds the route.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(show);
}

/// One month of a match.
#[derive(Serialize, ToSchema)]
struct MonthView {
    /// E.g. `2026-03`, local time.
    month: String,
    /// Minutes held.
    minutes: i64,
    /// Sessions held.
    held: i64,
    /// Sessions that somebody did not come to.
    missed: i64,
    /// Sessions that were cancelled.
    cancelled: i64,
}

impl From<Month> for MonthView {
    fn from(month: Month) -> Self {
        Self { month: month.month, minutes: month.minutes, held: month.held, missed: month.missed, cancelled: month.cancelled }
    }
}

/// What was held of a match, beside what was agreed.
#[derive(Serialize, ToSchema)]
struct RhythmView {
    match_id: MatchId,
    rhythm: Rhythm,
    /// Days between two sessions, as agreed.
    agreed_days: i64,
    /// Minutes of an average month, as agreed.
    agreed_minutes: i64,
    /// When the last session was held.
    last_held_at: Option<Instant>,
    /// How many local days ago; to its end where the match is over.
    days_since_last_held: Option<i64>,
    /// Each month since it began, the first first, at most the latest 36; a month without a session stands there with zeros.
    months: Vec<MonthView>,
}

fn view(measure: Measure) -> RhythmView {
    let agreed = &measure.matched.agreed;
    RhythmView {
        match_id: measure.matched.id,
        rhythm: agreed.rhythm,
        agreed_days: agreed_days(agreed.rhythm),
        agreed_minutes: agreed_minutes(agreed),
        last_held_at: measure.last_held_at,
        days_since_last_held: measure.days_since,
        months: measure.months.into_iter().map(MonthView::from).collect(),
    }
}

/// How often a pair meets, beside what they agreed on
///
/// Minutes by month and days since the last session held. It shows; what follows from it is for people to say.
#[utoipa::path(operation_id = "matches.rhythm", tag = "followups", params(("match_id" = MatchId, Path, description = "Which match")),
    responses((status = 200, body = RhythmView, description = "Month by month")))]
#[get("/matches/{match_id}/rhythm")]
async fn show(door: web::Data<Door>, call: Call, path: Path<MatchId>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| actions::measure(tx, path.get()?).map(view);
    call.answer_plain(&door.read(&call, Capability::MatchesRhythm, look_up).await?)
}
