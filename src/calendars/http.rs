//! An own calendar over HTTP; and the feed itself, which brings its own proof and is fetched by calendar programs.

use actix_web::{delete, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions::{self, Admission};
use super::model::{Secret, Settings};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Problem};
use crate::base::http::{self, Answer, Body, Call, Empty, Expected, IdempotencyKey, Registry};

/// Adds the routes of an own calendar.
pub fn routes(registry: &mut Registry<'_>) {
    registry.service(show).service(change).service(make_feed).service(revoke_feed);
}

/// What the caller's calendar is told.
#[derive(Serialize, ToSchema)]
struct CalendarView {
    /// Since when the present feed exists; null: there is none.
    feed_made_at: Option<Instant>,
    /// Whether own sessions come as invitations by mail.
    invitations: bool,
    version: i64,
}

impl From<Settings> for CalendarView {
    fn from(settings: Settings) -> Self {
        Self { feed_made_at: settings.feed_made_at, invitations: settings.invitations, version: settings.version }
    }
}

/// An own calendar
///
/// Nothing of it is on until its owner switches it on.
#[utoipa::path(operation_id = "calendars.get", tag = "calendars", responses((status = 200, body = CalendarView, description = "What is on")))]
#[get("/me/calendar")]
async fn show(door: web::Data<Door>, call: Call) -> Answer {
    let view = CalendarView::from(door.read(&call, Capability::CalendarsGet, actions::get_own).await?);
    call.answer(view.version, &view)
}

/// What is switched on or off.
#[derive(Deserialize, ToSchema)]
struct ChangeCalendar {
    /// Own sessions come by mail as invitations: each once, with every move and when it is cancelled.
    invitations: bool,
}

/// Switch invitations by mail on or off
///
/// On: each own session to come is sent to the account's mail address as an invitation that says that there is an appointment and when,
/// with every change, and is taken out of the calendar when it is cancelled or no longer the caller's. Off: what stands there is taken out.
/// 409 where the account has no mail address, and of somebody who left.
#[utoipa::path(operation_id = "calendars.set", tag = "calendars", params(Expected), request_body = ChangeCalendar,
    responses((status = 200, body = CalendarView, description = "Set")))]
#[patch("/me/calendar")]
async fn change(door: web::Data<Door>, call: Call, body: Body<ChangeCalendar>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        actions::set_invitations(tx, &asked.expected()?, body.get()?.invitations)?;
        actions::get_own(tx)
    };
    let view = CalendarView::from(door.write(&call, Capability::CalendarsSet, verb).await?);
    call.answer(view.version, &view)
}

/// A feed that was just made.
#[derive(Serialize, ToSchema)]
struct FeedView {
    /// The address to give to a calendar program. Shown this once: whoever has it reads the calendar. Null when the same call was made
    /// before; make another feed then.
    url: Option<String>,
    feed_made_at: Option<Instant>,
    version: i64,
}

/// Make a feed of own sessions, or another in the place of the one before
///
/// The address holds a secret of 128 bits, is shown once and stored hashed. The one before ends with it. 409 of somebody who left.
#[utoipa::path(operation_id = "calendars.make_feed", tag = "calendars", params(IdempotencyKey),
    responses((status = 201, body = FeedView, description = "Made")))]
#[post("/me/calendar/feed")]
async fn make_feed(door: web::Data<Door>, call: Call, settings: web::Data<http::Settings>, empty: Empty) -> Answer {
    let secret = Secret::mint();
    let hash = secret.hash();
    let verb = move |tx: &mut Tx<'_>| {
        empty.get()?;
        actions::make_feed(tx, hash)
    };
    let done = door.command(&call, Capability::CalendarsMakeFeed, verb, |tx, _| actions::get_own(tx)).await?;
    let url = (!done.replayed).then(|| format!("{}/calendar/{}.ics", settings.link_address, secret.as_str()));
    let view = FeedView { url, feed_made_at: done.view.feed_made_at, version: done.view.version };
    call.created("/v1/me/calendar", view.version, &view)
}

/// End the feed
///
/// From then on its address answers as if there had never been one.
#[utoipa::path(operation_id = "calendars.revoke_feed", tag = "calendars", responses((status = 204, description = "There is none")))]
#[delete("/me/calendar/feed")]
async fn revoke_feed(door: web::Data<Door>, call: Call) -> Answer {
    door.write(&call, Capability::CalendarsRevokeFeed, actions::revoke_feed).await?;
    call.done()
}

/// A feed, for calendar programs
///
/// The whole of it each time: own sessions from some days back to a horizon, each as "an appointment" without place or person. What was
/// cancelled is not in it. An unknown or former address, a disabled account and somebody who left are answered alike (404). Asked too often
/// it is 429.
#[utoipa::path(operation_id = "calendars.feed", tag = "calendars", security(()),
    params(("secret" = String, Path, description = "The secret of the address that was shown once")),
    responses((status = 200, content_type = "text/calendar", body = String, description = "iCalendar"), (status = 304, description = "Unchanged")))]
#[get("/calendar/{secret}.ics")]
pub async fn feed(door: web::Data<Door>, call: Call, secret: web::Path<String>) -> Answer {
    let hash = Secret::parse(&secret).map(|secret| secret.hash());
    let source = call.peer();
    let admit = move |tx: &mut Tx<'_>| actions::admit(tx, hash, source);
    match door.write(&call, Capability::CalendarsFeed, admit).await? {
        Admission::Granted => {}
        Admission::Unknown => return Err(Error::from(Code::NotFound).into()),
        Admission::Wait(seconds) => return Err(Error::from(Problem::new(Code::TooManyRequests).retry_after(seconds)).into()),
    }
    let text = door.read_for(&call, Capability::CalendarsFeed, move |tx| actions::owner_of(tx, hash), actions::feed).await?;
    call.answer_text("text/calendar; charset=utf-8", text)
}
