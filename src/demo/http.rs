//! The demo's own routes: its clock, its tick, what was sent, and beginning again. In the demo's server alone, and in no contract.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{rt, web};
use chrono::{Datelike, TimeDelta};
use serde::{Deserialize, Serialize};

use super::stage::Stage;
use super::week;
use crate::base::clock::Instant;
use crate::base::error::{Error, Result, invalid};
use crate::base::http::{Answer, Body, Call, Empty, Query};
use crate::base::value::{Flaw, Line};
use crate::messages::channels::folder::Captured;
use crate::messages::channels::{Channel, text_of};

/// How long what plays on the stage may take: a busy machine needs minutes for a week, and for the rounds of a year.
const PATIENCE: Duration = Duration::from_secs(600);

/// The routes over a stage.
pub fn routes(stage: &Arc<Stage>) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static {
    let stage = web::Data::from(Arc::clone(stage));
    move |config: &mut web::ServiceConfig| {
        config
            .app_data(web::Data::clone(&stage))
            .service(web::resource("/demo/clock").route(web::get().to(show_clock)).route(web::put().to(set_clock)))
            .service(web::resource("/demo/clock/advance").route(web::post().to(advance)))
            .service(web::resource("/demo/tick").route(web::post().to(tick)))
            .service(web::resource("/demo/outbox").route(web::get().to(outbox)))
            .service(web::resource("/demo/reset").route(web::post().to(reset)));
    }
}

/// What the clock shows.
#[derive(Serialize)]
struct ClockView {
    now: Instant,
    /// In the programme's zone.
    local: String,
}

fn shown(stage: &Stage) -> ClockView {
    let zone = stage.door().house().programme.zone;
    ClockView { now: stage.now(), local: zone.wall(stage.now()).format("%Y-%m-%d %H:%M:%S").to_string() }
}

async fn show_clock(stage: web::Data<Stage>, call: Call) -> Answer {
    call.answer_plain(&shown(&stage))
}

#[derive(Deserialize)]
struct SetClock {
    now: Instant,
}

/// Only forward: what has happened has happened, and what tells of it must not lie in the future.
async fn set_clock(stage: web::Data<Stage>, call: Call, body: Body<SetClock>) -> Answer {
    let to = body.get()?.now;
    if to < stage.now() {
        let words = ("Uret går kun frem; /demo/reset begynder forfra", "The clock goes forward only; /demo/reset begins again");
        return Err(invalid("/now", Flaw::BeforeNow, words.0, words.1).into());
    }
    move_clock(&stage, "/now", to)?;
    call.answer_plain(&shown(&stage))
}

/// From this year on a promise of a few years could no longer be dated: the calendar ends in 2200.
const TOO_FAR: i32 = 2190;

fn move_clock(stage: &Stage, pointer: &'static str, to: Instant) -> Result<()> {
    if to.to_utc().year() >= TOO_FAR {
        return Err(invalid(pointer, Flaw::TooFar, "Så langt rækker kalenderen ikke", "The calendar does not reach that far"));
    }
    stage.set_clock(to);
    Ok(())
}

#[derive(Deserialize)]
struct Advance {
    #[serde(default)]
    days: u16,
    #[serde(default)]
    hours: u16,
    #[serde(default)]
    minutes: u16,
}

async fn advance(stage: web::Data<Stage>, call: Call, body: Body<Advance>) -> Answer {
    let by = body.get()?;
    let span = TimeDelta::days(by.days.into()) + TimeDelta::hours(by.hours.into()) + TimeDelta::minutes(by.minutes.into());
    move_clock(&stage, "", stage.now().plus(span))?;
    call.answer_plain(&shown(&stage))
}

/// What a round of the tick did, in numbers.
#[derive(Serialize)]
struct TickView {
    accepted: usize,
    refused: usize,
    unknown: usize,
    too_late: usize,
    retracted: usize,
    later: usize,
    late: usize,
    planned_anew: usize,
    failed: usize,
}

async fn tick(stage: web::Data<Stage>, call: Call, empty: Empty) -> Answer {
    empty.get()?;
    call.may_take(PATIENCE);
    let done = stage.tick().await?;
    call.answer_plain(&TickView {
        accepted: done.accepted,
        refused: done.refused,
        unknown: done.unknown,
        too_late: done.too_late,
        retracted: done.retracted,
        later: done.later,
        late: done.late,
        planned_anew: done.planned_anew,
        failed: done.failed,
    })
}

#[derive(Deserialize)]
struct Whose {
    /// Only what this address, telephone or number got.
    to: Option<Line>,
}

/// What reached a phone or mailbox.
#[derive(Serialize)]
struct SentView {
    at: Instant,
    channel: Channel,
    to: String,
    subject: String,
    /// With its link, where it has one.
    text: String,
    /// Exactly what left: the mail, or the JSON that the provider got.
    raw: String,
}

impl From<Captured> for SentView {
    fn from(Captured { message, at, raw }: Captured) -> Self {
        let text = text_of(&message);
        Self { at, channel: message.channel, to: message.to, subject: message.subject, text, raw }
    }
}

#[derive(Serialize)]
struct OutboxView {
    /// Where the same lies as files.
    folder: String,
    /// In the order in which it left.
    items: Vec<SentView>,
}

async fn outbox(stage: web::Data<Stage>, call: Call, whose: Query<Whose>) -> Answer {
    let sent = match &whose.get()?.to {
        Some(to) => stage.capture().to(to.as_str()),
        None => stage.capture().all(),
    };
    let folder = stage.outbox.display().to_string();
    call.answer_plain(&OutboxView { folder, items: sent.into_iter().map(SentView::from).collect() })
}

/// Back to the living week as it was opened: everybody signs in anew. Who comes while it is made waits until it is there.
async fn reset(stage: web::Data<Stage>, call: Call, empty: Empty) -> Answer {
    empty.get()?;
    call.may_take(PATIENCE);
    let alone = stage.alone().await;
    // A task of its own: whoever stops waiting leaves no half of a week.
    let opening = rt::spawn({
        let stage = web::Data::clone(&stage);
        async move {
            let opened = week::open(&stage).await;
            drop(alone);
            opened
        }
    });
    // Whoever uses it meanwhile takes ids that the week wants for itself.
    opening.await.map_err(Error::internal)?.map_err(|error| {
        tracing::warn!(%error, "the week was not made");
        Error::Unavailable("somebody else was at the week while it was made")
    })?;
    call.answer_plain(&shown(&stage))
}
