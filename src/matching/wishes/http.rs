//! Wishes over HTTP: for coordinators.

use actix_web::{get, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actions;
use super::model::{Veto, WishFacts, Wishes};
use crate::access::{Capability, Door, Tx};
use crate::base::error::Result;
use crate::base::http::{Answer, Body, Call, Expected, Path, Registry};
use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::base::value::{Few, Text};
use crate::staff::model::LanguageTag;
use crate::staff::profile::{CoreValue, Dislike, DistrictCode, Gender, Interest, Traits};

pub(in crate::matching) fn routes(registry: &mut Registry<'_>) {
    registry.service(show).service(set);
}

/// Who of two will not be matched with the other.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
struct VetoForm {
    staff_id: StaffId,
    /// The person will not.
    by_person: bool,
    /// The member of staff will not.
    by_staff: bool,
}

/// What is wished of a match.
#[derive(Serialize, ToSchema)]
pub(in crate::matching) struct WishesView {
    course_id: CourseId,
    person_id: PersonId,
    /// Any of these will do; none: the language of the person's messages.
    languages: Vec<LanguageTag>,
    /// What the mentor or coach must be.
    gender: Option<Gender>,
    /// Where they are; never for a protected address.
    district: Option<DistrictCode>,
    /// How far away the mentor or coach may be, in kilometres between the centres of districts.
    travel_limit_km: Option<i32>,
    interests: Vec<Interest>,
    dislikes: Vec<Dislike>,
    values: Vec<CoreValue>,
    vetoes: Vec<VetoForm>,
    /// In the person's own words.
    words: Option<Text>,
    /// 0 while nothing was wished.
    version: i64,
}

/// All that is wished: what is missing is taken out.
#[derive(Deserialize, ToSchema)]
struct SetWishes {
    #[serde(default)]
    languages: Few<LanguageTag, 10>,
    gender: Option<Gender>,
    /// Where they are; never for a protected address.
    district: Option<DistrictCode>,
    travel_limit_km: Option<i32>,
    #[serde(default)]
    interests: Few<Interest, 20>,
    #[serde(default)]
    dislikes: Few<Dislike, 20>,
    #[serde(default)]
    values: Few<CoreValue, 20>,
    #[serde(default)]
    vetoes: Few<VetoForm, 50>,
    /// In the person's own words.
    words: Option<Text>,
}

impl From<Wishes> for WishesView {
    fn from(wishes: Wishes) -> Self {
        let Wishes { course, person, facts, vetoes, words, version } = wishes;
        let Traits { interests, dislikes, values } = facts.traits;
        let veto = |Veto { staff, by_person, by_staff }| VetoForm { staff_id: staff, by_person, by_staff };
        Self {
            course_id: course,
            person_id: person,
            languages: facts.languages,
            gender: facts.gender,
            district: facts.district,
            travel_limit_km: facts.travel_limit_km,
            interests,
            dislikes,
            values,
            vetoes: vetoes.into_iter().map(veto).collect(),
            words,
            version,
        }
    }
}

fn view(tx: &mut Tx<'_>, id: CourseId) -> Result<WishesView> {
    actions::get(tx, id).map(WishesView::from)
}

/// What the person of a course wishes of a match
#[utoipa::path(operation_id = "wishes.get", tag = "matching", params(("course_id" = CourseId, Path, description = "Of which course")),
    responses((status = 200, body = WishesView, description = "What is wished")))]
#[get("/courses/{course_id}/wishes")]
async fn show(door: web::Data<Door>, call: Call, path: Path<CourseId>) -> Answer {
    let wishes = door.read(&call, Capability::WishesGet, move |tx| view(tx, path.get()?)).await?;
    call.answer(wishes.version, &wishes)
}

/// Set what the person of a course wishes of a match
///
/// All of it. For a protected address, their own or a custody holder's, neither a district nor a travel limit is taken.
#[utoipa::path(operation_id = "wishes.set", tag = "matching", params(("course_id" = CourseId, Path, description = "Of which course"), Expected), request_body = SetWishes,
    responses((status = 200, body = WishesView, description = "Set")))]
#[put("/courses/{course_id}/wishes")]
async fn set(door: web::Data<Door>, call: Call, path: Path<CourseId>, body: Body<SetWishes>) -> Answer {
    let asked = call.clone();
    let verb = move |tx: &mut Tx<'_>| {
        let (id, expected, body) = (path.get()?, asked.expected()?, body.get()?);
        let traits = Traits { interests: body.interests.to_vec(), dislikes: body.dislikes.to_vec(), values: body.values.to_vec() };
        let facts = WishFacts {
            languages: body.languages.to_vec(),
            gender: body.gender,
            district: body.district.clone(),
            travel_limit_km: body.travel_limit_km,
            traits,
        };
        let veto = |form: &VetoForm| Veto { staff: form.staff_id, by_person: form.by_person, by_staff: form.by_staff };
        actions::set(tx, id, &expected, facts, body.vetoes.iter().map(veto).collect(), body.words.clone())?;
        view(tx, id)
    };
    let wishes = door.write(&call, Capability::WishesSet, verb).await?;
    call.answer(wishes.version, &wishes)
}
