//! A member of staff's profile over HTTP: part of their record, set by a coordinator or by themselves.

use actix_web::{put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions;
use super::model::{CoreValue, Dislike, DistrictCode, Gender, Interest, Profile, ProfileFacts, Traits};
use crate::access::{Capability, Door, Tx};
use crate::base::http::{Answer, Body, Call, Expected, Path, Registry};
use crate::base::ids::StaffId;
use crate::base::value::{Few, Text};
use crate::staff::http::{StaffView, view};

pub(in crate::staff) fn routes(registry: &mut Registry<'_>) {
    registry.service(set);
}

/// What ranks a member of staff for a match.
#[derive(Serialize, ToSchema)]
pub(in crate::staff) struct ProfileView {
    /// As they state it; unknown meets no wish.
    gender: Option<Gender>,
    /// Where they start from.
    district: Option<DistrictCode>,
    /// How far they go, in kilometres between the centres of districts.
    travel_limit_km: Option<i32>,
    interests: Vec<Interest>,
    dislikes: Vec<Dislike>,
    values: Vec<CoreValue>,
    /// Whom they would rather meet, in words.
    prefers: Option<Text>,
}

impl From<Profile> for ProfileView {
    fn from(profile: Profile) -> Self {
        let Profile { facts: ProfileFacts { gender, district, travel_limit_km, traits }, prefers } = profile;
        let Traits { interests, dislikes, values } = traits;
        Self { gender, district, travel_limit_km, interests, dislikes, values, prefers }
    }
}

/// All of a profile: what is missing is taken out.
#[derive(Deserialize, ToSchema)]
struct SetProfile {
    gender: Option<Gender>,
    /// Where they start from.
    district: Option<DistrictCode>,
    /// How far they go, in kilometres between the centres of districts.
    travel_limit_km: Option<i32>,
    #[serde(default)]
    interests: Few<Interest, 20>,
    #[serde(default)]
    dislikes: Few<Dislike, 20>,
    #[serde(default)]
    values: Few<CoreValue, 20>,
    /// Whom they would rather meet, in words.
    prefers: Option<Text>,
}

/// Set what ranks a member of staff for a match
///
/// All of it. A coordinator sets it for everybody, a mentor or coach for themselves.
#[utoipa::path(operation_id = "staff.set_profile", tag = "staff", params(("staff_id" = StaffId, Path, description = "Who"), Expected), request_body = SetProfile,
    responses((status = 200, body = StaffView, description = "Set")))]
#[put("/staff/{staff_id}/profile")]
async fn set(door: web::Data<Door>, call: Call, path: Path<StaffId>, body: Body<SetProfile>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let traits = Traits { interests: body.interests.to_vec(), dislikes: body.dislikes.to_vec(), values: body.values.to_vec() };
        let facts = ProfileFacts { gender: body.gender, district: body.district.clone(), travel_limit_km: body.travel_limit_km, traits };
        actions::set(tx, id, &expected, Profile { facts, prefers: body.prefers.clone() })?;
        view(tx, id)
    };
    let member = door.write(&call, Capability::StaffSetProfile, verb).await?;
    call.answer(member.version, &member)
}
