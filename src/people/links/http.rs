//! Choices about links over HTTP. Who chose for a child is the coordinators' to know.

use actix_web::{get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actions;
use super::model::LinkChoice;
use crate::access::{Capability, Door, Reach, Tx};
use crate::base::clock::{Instant, Stated};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Cursor, IdempotencyKey, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{LinkChoiceId, PersonId};
use crate::people::actions as people;

/// Adds the routes of this folder.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(record).service(list);
}

/// A yes or no to links.
#[derive(Deserialize, ToSchema)]
struct RecordLinkChoice {
    wants_links: bool,
    /// When it was said, if not now: whose word it was goes by that.
    happened_at: Option<Stated>,
}

/// A yes or no to links as it was recorded.
#[derive(Serialize, ToSchema)]
struct LinkChoiceView {
    id: LinkChoiceId,
    /// Whose appointments.
    person_id: PersonId,
    wants_links: bool,
    /// False: the person chose; true: the custody holder who gets the child's reminders.
    by_custody_holder: bool,
    /// Who chose; for coordinators who are not barred from them.
    chooser_id: Option<PersonId>,
    /// Whether it counts today: the latest of whoever gets the reminders.
    stands: bool,
    happened_at: Instant,
    recorded_at: Instant,
}

fn view(tx: &mut Tx<'_>, choice: LinkChoice) -> Result<LinkChoiceView> {
    let stands = actions::stands(tx, &choice)?;
    tx.saw(choice.person);
    let chooser_id = if tx.reaches(Reach::All) { people::keep_unbarred(tx, vec![choice.chooser])?.pop() } else { None };
    chooser_id.iter().for_each(|shown| tx.saw(*shown));
    Ok(LinkChoiceView {
        id: choice.id,
        person_id: choice.person,
        wants_links: choice.wants_links,
        by_custody_holder: choice.chooser != choice.person,
        chooser_id,
        stands,
        happened_at: choice.happened_at,
        recorded_at: choice.recorded_at,
    })
}

fn get_view(tx: &mut Tx<'_>, id: LinkChoiceId) -> Result<LinkChoiceView> {
    let choice = actions::get(tx, id)?;
    view(tx, choice)
}

/// Record whether somebody answers by links
///
/// What whoever got the person's reminders said when it was said: from 15 the person, before that the chosen custody holder (409 while none is
/// chosen, and for what was said before whoever is chosen by now replaced another), whose word counts no more from 15 on, also where it is recorded later. With a
/// yes their reminders carry a link, at which they confirm, cancel or ask for another time; it ends when the session begins. With a no every link that
/// was sent is dead at once for the person's appointments. Of a joint session a link answers for each whom its reader reads for and has said yes for.
/// 409 for a yes of somebody who wants no messages.
#[utoipa::path(operation_id = "link_choices.record", tag = "people", params(("person_id" = PersonId, Path, description = "Whose appointments"), IdempotencyKey), request_body = RecordLinkChoice,
    responses((status = 201, body = LinkChoiceView, description = "Recorded")))]
#[post("/people/{person_id}/link-choices")]
async fn record(door: web::Data<Door>, call: Call, path: Path<PersonId>, body: Body<RecordLinkChoice>) -> Answer {
    let verb = move |tx: &mut Tx<'_>| {
        let (person, body) = (path.get()?, body.get()?);
        actions::record(tx, person, body.wants_links, body.happened_at.map(Stated::at))
    };
    let choice = door.command(&call, Capability::LinkChoicesRecord, verb, get_view).await?.view;
    call.created(&format!("/v1/people/{}/link-choices", choice.person_id), 1, &choice)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// What was said to links, the latest first
///
/// Not for whoever only covers a session of the person's (404).
#[utoipa::path(operation_id = "link_choices.list", tag = "people", params(("person_id" = PersonId, Path, description = "Whose appointments"), Which),
    responses((status = 200, body = List<LinkChoiceView>, description = "One page")))]
#[get("/people/{person_id}/link-choices")]
async fn list(door: web::Data<Door>, call: Call, path: Path<PersonId>, which: Query<Which>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (person, which) = (path.get()?, which.get()?);
        let page = Page::<(Instant, Instant, LinkChoiceId)>::read("link_choices", which.limit, which.cursor.as_ref())?;
        let found = actions::list(tx, person, page.after, page.fetch())?;
        tx.saw(person);
        let Paged { items, next } = page.cut(found, |choice| (choice.happened_at, choice.recorded_at, choice.id));
        let items = items.into_iter().map(|choice| view(tx, choice)).collect::<Result<Vec<_>>>()?;
        Ok(Paged { items, next })
    };
    call.answer_list(door.read(&call, Capability::LinkChoicesList, look_up).await?)
}
