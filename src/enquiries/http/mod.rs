//! Enquiries over HTTP. A partner gets reference, time and receipt state of the own agency's enquiries, and nothing else.

mod corrections;
mod decisions;
pub mod former;
mod intake;
mod reporters;
mod steps;
mod subjects;
mod views;

use actix_web::{get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use self::views::{EnquiryView, line, view};
use super::model::{Source, State};
use super::{actions, model};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::http::{Answer, Call, Cursor, Limit, List, Page, Path, Query, Registry};
use crate::base::ids::{AgencyId, EnquiryId};

/// Adds the room's routes.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(list).service(show);
    intake::routes(registry);
    reporters::routes(registry);
    subjects::routes(registry);
    steps::routes(registry);
    corrections::routes(registry);
    decisions::routes(registry);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only enquiries in this state; for coordinators.
    #[param(inline)]
    state: Option<State>,
    /// Only enquiries from there; for coordinators.
    #[param(inline)]
    source: Option<Source>,
    /// Only enquiries that a reporter of this agency handed in; for coordinators.
    agency_id: Option<AgencyId>,
    /// Only enquiries received at this moment or later.
    received_from: Option<Instant>,
    /// Only enquiries received before this moment.
    received_before: Option<Instant>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// Enquiries, the latest received first
///
/// Without their texts. A partner gets those of the own agency.
#[utoipa::path(operation_id = "enquiries.list", tag = "enquiries", params(Filter),
    responses((status = 200, body = List<EnquiryView>, description = "One page")))]
#[get("/enquiries")]
async fn list(door: web::Data<Door>, call: Call, filter: Query<Filter>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let filter = filter.get()?;
        let page = Page::<(Instant, EnquiryId)>::read("enquiries", filter.limit, filter.cursor.as_ref())?;
        let wanted = model::Filter {
            state: filter.state,
            source: filter.source,
            agency: filter.agency_id,
            received_from: filter.received_from,
            received_before: filter.received_before,
        };
        let files = actions::list(tx, &wanted, page.after, page.fetch())?;
        let page = page.cut(files, |file| (file.enquiry.received_at, file.enquiry.id));
        Ok(page.map(|file| line(tx, &file)))
    };
    call.answer_list(door.read(&call, Capability::EnquiriesList, look_up).await?)
}

/// One enquiry
///
/// For coordinators with everything but who the reporters are.
#[utoipa::path(operation_id = "enquiries.get", tag = "enquiries", params(("enquiry_id" = EnquiryId, Path, description = "Which")),
    responses((status = 200, body = EnquiryView, description = "The enquiry, as far as the caller may see")))]
#[get("/enquiries/{enquiry_id}")]
async fn show(door: web::Data<Door>, call: Call, path: Path<EnquiryId>) -> Answer {
    let found = door.read(&call, Capability::EnquiriesGet, move |tx| get_view(tx, path.get()?)).await?;
    match found.version() {
        Some(version) => call.answer(version, &found),
        // A version would tell a partner how much is being done.
        None => call.answer_plain(&found),
    }
}

fn get_view(tx: &mut Tx<'_>, id: EnquiryId) -> Result<EnquiryView> {
    let file = actions::get(tx, id)?;
    Ok(view(tx, file))
}

/// The enquiry after a command on it.
fn answer(call: &Call, view: &EnquiryView) -> Answer {
    call.created(&format!("/v1/enquiries/{}", view.id()), view.version().unwrap_or(1), view)
}
