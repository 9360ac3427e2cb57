//! Early-end signals over HTTP: for coordinators.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions::{self, Early};
use super::model::{Seen, Signal};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Call, Cursor, Limit, List, Page, Query, Registry};
use crate::base::ids::{CaseId, MatchId, PersonId, StaffId};

/// Adds the route.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(list);
}

/// A fact with its number.
#[derive(Serialize, ToSchema)]
struct SignalView {
    signal: Signal,
    /// How many days, or sessions.
    number: i64,
}

/// A running match in its first three months.
#[derive(Serialize, ToSchema)]
struct EarlyView {
    match_id: MatchId,
    case_id: CaseId,
    person_id: PersonId,
    given_name: String,
    staff_id: StaffId,
    starts_at: Option<Instant>,
    /// What there is to see; empty: nothing.
    signals: Vec<SignalView>,
}

impl From<Early> for EarlyView {
    fn from(early: Early) -> Self {
        let Early { matched, given_name, signals } = early;
        Self {
            match_id: matched.id,
            case_id: matched.case,
            person_id: matched.person,
            given_name,
            staff_id: matched.staff,
            starts_at: matched.starts_at,
            signals: signals.into_iter().map(|Seen { signal, number }| SignalView { signal, number }).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Signs that a match may end early
///
/// The running matches in their first three months, the latest begun first, each with the facts that matches which ended early have in
/// common. They are facts to look at, and no score.
#[utoipa::path(operation_id = "matches.early_signals", tag = "followups", params(Which), responses((status = 200, body = List<EarlyView>, description = "One page")))]
#[get("/early-matches")]
async fn list(door: web::Data<Door>, call: Call, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let which = which.get()?;
        let page = Page::<(Instant, MatchId)>::read("early", which.limit, which.cursor.as_ref())?;
        let found = actions::list(tx, page.after, page.fetch())?;
        let key = |early: &Early| (early.matched.starts_at.unwrap_or(early.matched.proposed_at), early.matched.id);
        Ok(page.cut(found, key).map(EarlyView::from))
    };
    call.answer_list(door.read(&call, Capability::MatchesEarlySignals, look_up).await?)
}
