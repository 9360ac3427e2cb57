//! Profiles as rows. Lists are rows of their own, so that the database knows each code.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{DistrictCode, Gender, Profile, ProfileFacts, Traits};
use crate::access::Tx;
use crate::base::db::codes;
use crate::base::error::Result;
use crate::base::ids::StaffId;
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::schema::{staff_dislikes, staff_interests, staff_profiles, staff_values};
use crate::{among, lists};

const fn place(id: StaffId) -> Place {
    Place { table: "staff_profiles", column: "prefers", row: id.cast() }
}

type Words = Sealed<Option<Text>>;
type List = (StaffId, String);
type Row = (StaffId, Option<Gender>, Option<String>, Option<i32>, Words);

fn rows(tx: &mut Tx<'_>, of: Option<&[StaffId]>) -> Result<BTreeMap<StaffId, (ProfileFacts, Words)>> {
    use {staff_dislikes as d, staff_interests as i, staff_profiles as p, staff_values as v};
    let profiles = p::table.select((p::staff_id, p::gender, p::district, p::travel_limit_km, p::prefers)).into_boxed();
    let profiles = match of {
        Some(ids) => among!(profiles, p::staff_id, ids),
        None => profiles,
    };
    let rows: Vec<Row> = profiles.load(tx.db())?;
    let interests: Vec<List> = lists!(i::table, i::staff_id, i::interest, of).load(tx.db())?;
    let dislikes: Vec<List> = lists!(d::table, d::staff_id, d::dislike, of).load(tx.db())?;
    let values: Vec<List> = lists!(v::table, v::staff_id, v::core_value, of).load(tx.db())?;

    let mut traits = gather(interests, dislikes, values)?;
    let mut known = |(id, gender, district, travel_limit_km, words): Row| {
        let (district, traits) = (district.map(DistrictCode::stored), traits.remove(&id).unwrap_or_default());
        (id, (ProfileFacts { gender, district, travel_limit_km, traits }, words))
    };
    Ok(rows.into_iter().map(&mut known).collect())
}

/// What each holder likes, would rather be without and holds dear, from their lists.
///
/// # Errors
/// `Internal` for a code that is in no vocabulary.
pub fn gather<K: Ord>(interests: Vec<(K, String)>, dislikes: Vec<(K, String)>, values: Vec<(K, String)>) -> Result<BTreeMap<K, Traits>> {
    let mut traits: BTreeMap<K, Traits> = BTreeMap::new();
    for (id, list) in interests {
        traits.entry(id).or_default().interests = codes(&list)?;
    }
    for (id, list) in dislikes {
        traits.entry(id).or_default().dislikes = codes(&list)?;
    }
    for (id, list) in values {
        traits.entry(id).or_default().values = codes(&list)?;
    }
    Ok(traits)
}

/// What ranks these members of staff (all: `None`), for a rule; nothing is opened. Who states nothing is not in it.
///
/// # Errors
/// The database's.
pub fn list_facts(tx: &mut Tx<'_>, of: Option<&[StaffId]>) -> Result<BTreeMap<StaffId, ProfileFacts>> {
    Ok(rows(tx, of)?.into_iter().map(|(id, (facts, _))| (id, facts)).collect())
}

/// The profiles of these members of staff, opened.
///
/// # Errors
/// The database's and the vault's.
pub fn list(tx: &mut Tx<'_>, ids: &[StaffId]) -> Result<BTreeMap<StaffId, Profile>> {
    let mut profiles = BTreeMap::new();
    for (id, (facts, words)) in rows(tx, Some(ids))? {
        let prefers = tx.open(Holder::staff(id), place(id), &words)?;
        profiles.insert(id, Profile { facts, prefers });
    }
    Ok(profiles)
}

/// Puts this profile in the place of what there was.
pub(super) fn set(tx: &mut Tx<'_>, id: StaffId, profile: &Profile) -> Result<()> {
    use {staff_dislikes as d, staff_interests as i, staff_profiles as p, staff_values as v};
    let (facts, prefers) = (&profile.facts, tx.seal(Holder::staff(id), place(id), &profile.prefers)?);
    diesel::delete(i::table.filter(i::staff_id.eq(id))).execute(tx.db())?;
    diesel::delete(d::table.filter(d::staff_id.eq(id))).execute(tx.db())?;
    diesel::delete(v::table.filter(v::staff_id.eq(id))).execute(tx.db())?;
    diesel::delete(p::table.find(id)).execute(tx.db())?;
    diesel::insert_into(p::table)
        .values((
            p::staff_id.eq(id),
            p::gender.eq(facts.gender),
            p::district.eq(facts.district.as_ref().map(DistrictCode::as_str)),
            p::travel_limit_km.eq(facts.travel_limit_km),
            p::prefers.eq(&prefers),
        ))
        .execute(tx.db())?;
    for interest in &facts.traits.interests {
        diesel::insert_into(i::table).values((i::staff_id.eq(id), i::interest.eq(interest))).execute(tx.db())?;
    }
    for dislike in &facts.traits.dislikes {
        diesel::insert_into(d::table).values((d::staff_id.eq(id), d::dislike.eq(dislike))).execute(tx.db())?;
    }
    for value in &facts.traits.values {
        diesel::insert_into(v::table).values((v::staff_id.eq(id), v::core_value.eq(value))).execute(tx.db())?;
    }
    Ok(())
}
