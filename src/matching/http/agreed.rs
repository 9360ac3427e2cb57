//! What a pair agreed on, and the sentence that they were proposed with, over HTTP: for coordinators.

use actix_web::{patch, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MatchView, get_view};
use crate::access::{Capability, Door, Tx};
use crate::base::clock::Instant;
use crate::base::http::{Answer, Body, Call, Expected, Path, Registry};
use crate::base::ids::{AccountId, MatchId};
use crate::base::value::{Day, Field, Text};
use crate::matching::actions;
use crate::matching::model::{PlaceCode, Rhythm, Wish};

pub(super) fn routes(registry: &mut Registry<'_>) {
    registry.service(update);
}

/// What the pair agreed on, and why these two; absent members stay.
#[derive(Deserialize, ToSchema)]
struct UpdateMatch {
    /// Why these two; the mentor or coach reads it.
    #[serde(default)]
    #[schema(value_type = Option<Text>)]
    sentence: Field<Text>,
    #[schema(nullable = false)]
    rhythm: Option<Rhythm>,
    /// 1 Monday to 7 Sunday.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 7)]
    weekday: Field<i32>,
    /// Minutes after local midnight.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1439)]
    at_min: Field<i32>,
    /// 5 to 1440 minutes.
    #[schema(nullable = false, minimum = 5, maximum = 1440)]
    length_min: Option<i32>,
    #[serde(default)]
    #[schema(value_type = Option<PlaceCode>)]
    place_code: Field<PlaceCode>,
    #[schema(nullable = false)]
    expected_end_on: Option<Day>,
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    first_meeting_at: Field<Instant>,
    /// The account of the coordinator who is at the first joint meeting with the two.
    #[serde(default)]
    #[schema(value_type = Option<AccountId>)]
    facilitator_id: Field<AccountId>,
}

fn wish<T: Clone>(field: &Field<T>) -> Option<Option<T>> {
    match field {
        Field::Absent => None,
        Field::Null => Some(None),
        Field::Set(value) => Some(Some(value.clone())),
    }
}

/// Set what a pair agreed on
///
/// And put right the sentence that they were proposed with. Another expected end is today or later: what is over is ended.
#[utoipa::path(operation_id = "matches.update", tag = "matching", params(("match_id" = MatchId, Path, description = "Which match"), Expected), request_body = UpdateMatch,
    responses((status = 200, body = MatchView, description = "Set")))]
#[patch("/matches/{match_id}")]
async fn update(door: web::Data<Door>, call: Call, path: Path<MatchId>, body: Body<UpdateMatch>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, body, expected) = (path.get()?, body.get()?, asked.expected()?);
        let sentence = wish(&body.sentence);
        let wish = Wish {
            rhythm: body.rhythm,
            weekday: wish(&body.weekday),
            at_min: wish(&body.at_min),
            length_min: body.length_min,
            place: wish(&body.place_code),
            expected_end_on: body.expected_end_on.map(Day::date),
            first_meeting_at: wish(&body.first_meeting_at),
            facilitator: wish(&body.facilitator_id),
        };
        actions::update(tx, id, &expected, wish, sentence)?;
        get_view(tx, id)
    };
    let matched = door.write(&call, Capability::MatchesUpdate, verb).await?;
    call.answer(matched.version, &matched)
}
