//! Free times over HTTP. Nothing in an answer says what somebody else does: a time is free, or it is not.

use std::borrow::Cow;

use actix_web::{get, web};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};

use super::model::{Against, Candidate, FreeTime, Merit, Wanted};
use super::{actions, rules};
use crate::access::{Capability, Door, Tx};
use crate::availability::slots::{Objection, Slot};
use crate::base::clock::Instant;
use crate::base::error::{Result, invalid};
use crate::base::http::{Answer, Call, Cursor, Limit, List, Page, Paged, Path, Query, Registry};
use crate::base::ids::{MatchId, PersonId, StaffId};
use crate::base::value::{Flaw, Line};
use crate::courses::model::Track;
use crate::matching::rules::LENGTHS_MIN;
use crate::sessions::model::{Kind, Side};
use crate::staff::actions::names;

pub(in crate::sessions) fn routes(registry: &mut Registry<'_>) {
    registry.service(free_times).service(check).service(free_staff);
}

/// One to six matches, their ids parted by commas.
struct Matches(Vec<MatchId>);

impl<'de> Deserialize<'de> for Matches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let ids: Option<Vec<MatchId>> = text.split(',').take(7).map(|id| id.parse().ok()).collect();
        let mut ids = ids.ok_or_else(|| D::Error::custom(Flaw::WrongValue))?;
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > 6 { Err(D::Error::custom(Flaw::TooMany)) } else { Ok(Self(ids)) }
    }
}
impl utoipa::PartialSchema for Matches {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(36)).max_length(Some(6 * 37));
        text.description(Some("One to six ids of matches, parted by commas.")).into()
    }
}
impl ToSchema for Matches {}

fn length(minutes: Option<u32>) -> Result<Option<u32>> {
    match minutes {
        Some(minutes) if !LENGTHS_MIN.contains(&minutes) => {
            Err(invalid("query/length_min", Flaw::OutOfRange, "Længden er 5 til 1440 minutter", "The length is 5 to 1440 minutes"))
        }
        sound => Ok(sound),
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sought {
    /// Whose: the matches of all who take part. Several are for coordinators.
    #[param(inline)]
    matches: Matches,
    /// How they meet; in person when not said.
    #[param(inline)]
    kind: Option<Kind>,
    /// The meeting begins at this moment or later.
    from: Instant,
    /// It ends at this moment or before; 92 days later at most.
    until: Instant,
    /// How long it lasts, 5 to 1440 minutes; what the settings or the pair say when not said.
    #[param(minimum = 5, maximum = 1440)]
    length_min: Option<u32>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// A time at which everybody can.
#[derive(Serialize, ToSchema)]
struct FreeTimeView {
    starts_at: Instant,
    ends_at: Instant,
    /// Why it is good; empty: it is free, no more.
    merits: Vec<Merit>,
    /// Whether a member of staff never stated their hours, and the usual ones were taken.
    assumed: bool,
}

fn merits(slot: &Slot) -> Vec<Merit> {
    let all = [(slot.is_wished, Merit::Wished), (slot.is_agreed_weekday, Merit::AgreedWeekday), (slot.is_agreed_time, Merit::AgreedTime)];
    all.into_iter().filter_map(|(is, merit)| is.then_some(merit)).collect()
}

/// Times at which everybody can
///
/// In order, each with why it is good. Open time is weekly hours by the clock of each with their exceptions, without leave, public
/// holidays and what the person said is never possible; what is planned is taken off, with its preparation and travel. Where a member of
/// staff never stated hours, the usual ones are taken and it is said so.
#[utoipa::path(operation_id = "sessions.free_times", tag = "sessions", params(Sought), responses((status = 200, body = List<FreeTimeView>, description = "One page")))]
#[get("/free-times")]
async fn free_times(door: web::Data<Door>, call: Call, sought: Query<Sought>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let sought = sought.get()?;
        let page = Page::<Instant>::read("free_times", sought.limit, sought.cursor.as_ref())?;
        let wanted = Wanted {
            kind: sought.kind.unwrap_or(Kind::InPerson),
            window: rules::window(sought.from, sought.until)?,
            length_min: length(sought.length_min)?,
        };
        let mut found = actions::free_times(tx, &sought.matches.0, &wanted)?;
        found.retain(|time| page.after.is_none_or(|after| time.slot.starts_at > after));
        let view = |time: FreeTime| FreeTimeView {
            starts_at: time.slot.starts_at,
            ends_at: time.slot.ends_at,
            merits: merits(&time.slot),
            assumed: time.is_assumed,
        };
        Ok(page.cut(found, |time| time.slot.starts_at).map(view))
    };
    call.answer_list(door.read(&call, Capability::SessionsFreeTimes, look_up).await?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Whose: the matches of all who take part. Several are for coordinators.
    #[param(inline)]
    matches: Matches,
    /// How they meet; in person when not said.
    #[param(inline)]
    kind: Option<Kind>,
    /// The time in question.
    starts_at: Instant,
    /// How long it lasts, 5 to 1440 minutes; what the settings or the pair say when not said.
    #[param(minimum = 5, maximum = 1440)]
    length_min: Option<u32>,
}

/// Something that speaks against a time.
#[derive(Serialize, ToSchema)]
struct ObjectionView {
    /// `not_available`: why is not for the caller to see.
    objection: Objection,
    /// On whose side; null: whoever takes part.
    side: Option<Side>,
    /// Of which match; null: whoever takes part.
    match_id: Option<MatchId>,
}

/// Whether a time is offered.
#[derive(Serialize, ToSchema)]
struct CheckedView {
    starts_at: Instant,
    ends_at: Instant,
    offered: bool,
    /// What speaks against it, each as far as the caller may see; empty: it is offered.
    objections: Vec<ObjectionView>,
}

/// Why a time is not offered
///
/// In full for whoever may see what stands behind it, else only `not_available`.
#[utoipa::path(operation_id = "sessions.check_time", tag = "sessions", params(Asked), responses((status = 200, body = CheckedView, description = "Offered, or why not")))]
#[get("/free-times/check")]
async fn check(door: web::Data<Door>, call: Call, asked: Query<Asked>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let asked = asked.get()?;
        let a_moment_on = asked.starts_at.plus(chrono::TimeDelta::minutes(1));
        let wanted = Wanted {
            kind: asked.kind.unwrap_or(Kind::InPerson),
            window: rules::window(asked.starts_at, a_moment_on)?,
            length_min: length(asked.length_min)?,
        };
        let checked = actions::check_time(tx, &asked.matches.0, &wanted)?;
        let view = |against: Against| ObjectionView { objection: against.objection, side: against.side, match_id: against.matched };
        Ok(CheckedView {
            starts_at: checked.starts_at,
            ends_at: checked.ends_at,
            offered: checked.against.is_empty(),
            objections: checked.against.into_iter().map(view).collect(),
        })
    };
    call.answer_plain(&door.read(&call, Capability::SessionsCheckTime, look_up).await?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Staffing {
    /// Mentors, or parent coaches.
    #[param(inline)]
    track: Track,
    /// How they meet; in person when not said.
    #[param(inline)]
    kind: Option<Kind>,
    /// The meeting begins at this moment or later.
    from: Instant,
    /// It ends at this moment or before; 92 days later at most.
    until: Instant,
    /// How long it lasts, 5 to 1440 minutes; what the settings say when not said, else an hour.
    #[param(minimum = 5, maximum = 1440)]
    length_min: Option<u32>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
}

/// When somebody could.
#[derive(Serialize, ToSchema)]
struct CouldView {
    starts_at: Instant,
    ends_at: Instant,
    /// Why it is good.
    merits: Vec<Merit>,
}

/// A member of staff who could see a person.
#[derive(Serialize, ToSchema)]
struct FreeStaffView {
    staff_id: StaffId,
    name: Option<Line>,
    /// How many times there are.
    count: usize,
    /// The first of them, three at most.
    first: Vec<CouldView>,
    /// Whether they never stated their hours, and the usual ones were taken.
    assumed: bool,
}

/// Who could see a person
///
/// By their first free time. Left out is who could not be matched with them whatever the course: who is barred, or whose account is closed or not for
/// such work. No time counts on a date on which somebody lacks a proof that it takes. Whether somebody may run a match is said by
/// `matches.eligible`, with all that excludes them.
#[utoipa::path(operation_id = "sessions.free_staff", tag = "sessions", params(("person_id" = PersonId, Path, description = "Whom"), Staffing),
    responses((status = 200, body = List<FreeStaffView>, description = "One page")))]
#[get("/people/{person_id}/free-staff")]
async fn free_staff(door: web::Data<Door>, call: Call, path: Path<PersonId>, sought: Query<Staffing>) -> Answer {
    let look_up = move |tx: &mut Tx<'_>| {
        let (person, sought) = (path.get()?, sought.get()?);
        let page = Page::<(Instant, StaffId)>::read("free_staff", sought.limit, sought.cursor.as_ref())?;
        let wanted = Wanted {
            kind: sought.kind.unwrap_or(Kind::InPerson),
            window: rules::window(sought.from, sought.until)?,
            length_min: length(sought.length_min)?,
        };
        let key = |candidate: &Candidate| (candidate.first.first().map_or(sought.until, |slot| slot.starts_at), candidate.staff);
        let mut found = actions::who_could(tx, person, sought.track, &wanted)?;
        found.retain(|candidate| page.after.is_none_or(|after| key(candidate) > after));
        let Paged { items, next } = page.cut(found, key);
        let ids: Vec<StaffId> = items.iter().map(|candidate| candidate.staff).collect();
        let mut names = names(tx, &ids)?;
        let could = |slot: &Slot| CouldView { starts_at: slot.starts_at, ends_at: slot.ends_at, merits: merits(slot) };
        let view = |candidate: Candidate| FreeStaffView {
            staff_id: candidate.staff,
            name: names.remove(&candidate.staff),
            count: candidate.count,
            first: candidate.first.iter().map(could).collect(),
            assumed: candidate.is_assumed,
        };
        Ok(Paged { items: items.into_iter().map(view).collect(), next })
    };
    call.answer_list(door.read(&call, Capability::SessionsFreeStaff, look_up).await?)
}
