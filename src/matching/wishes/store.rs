//! Wishes as rows. Lists are rows of their own, so that the database knows each code.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::model::{Veto, WishFacts, Wishes};
use crate::access::Tx;
use crate::base::error::{Code, Result};
use crate::base::ids::{CourseId, PersonId, StaffId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::lists;
use crate::schema::{match_vetoes, wish_dislikes, wish_interests, wish_languages, wish_values, wishes};
use crate::staff::model::LanguageTag;
use crate::staff::profile::store::gather;
use crate::staff::profile::{DistrictCode, Gender};

const fn place(id: CourseId) -> Place {
    Place { table: "wishes", column: "words", row: id.cast() }
}

/// The wishes of these courses (all: `None`), for a rule; nothing is opened. Who wishes nothing is not in it.
///
/// # Errors
/// The database's.
pub fn list_facts(tx: &mut Tx<'_>, of: Option<&[CourseId]>) -> Result<HashMap<CourseId, WishFacts>> {
    use {wish_dislikes as d, wish_interests as i, wish_languages as l, wish_values as v, wishes as w};
    type Row = (CourseId, Option<Gender>, Option<String>, Option<i32>);
    type List = (CourseId, String);
    let wishes = w::table.select((w::course_id, w::gender, w::district, w::travel_limit_km)).into_boxed();
    let wishes = match of {
        Some(ids) => wishes.filter(w::course_id.eq_any(ids.to_vec())),
        None => wishes,
    };
    let rows: Vec<Row> = wishes.load(tx.db())?;
    let languages: Vec<List> = lists!(l::table, l::course_id, l::language, of).load(tx.db())?;
    let interests: Vec<List> = lists!(i::table, i::course_id, i::interest, of).load(tx.db())?;
    let dislikes: Vec<List> = lists!(d::table, d::course_id, d::dislike, of).load(tx.db())?;
    let values: Vec<List> = lists!(v::table, v::course_id, v::core_value, of).load(tx.db())?;

    let mut languages: BTreeMap<CourseId, Vec<LanguageTag>> =
        languages.into_iter().map(|(id, list)| (id, LanguageTag::stored_list(&list))).collect();
    let mut traits = gather(interests, dislikes, values)?;
    let mut facts = |(id, gender, district, travel_limit_km): Row| {
        let languages = languages.remove(&id).unwrap_or_default();
        let (district, traits) = (district.map(DistrictCode::stored), traits.remove(&id).unwrap_or_default());
        (id, WishFacts { languages, gender, district, travel_limit_km, traits })
    };
    Ok(rows.into_iter().map(&mut facts).collect())
}

/// The vetoes of these courses (all: `None`), for a rule.
///
/// # Errors
/// The database's.
pub fn list_vetoes(tx: &mut Tx<'_>, of: Option<&[CourseId]>) -> Result<Vec<(CourseId, Veto)>> {
    use match_vetoes as m;
    let mut query = m::table.into_boxed();
    if let Some(ids) = of {
        query = query.filter(m::course_id.eq_any(ids.to_vec()));
    }
    let rows: Vec<(CourseId, StaffId, bool, bool)> =
        query.order((m::course_id, m::staff_id)).select((m::course_id, m::staff_id, m::by_person, m::by_staff)).load(tx.db())?;
    Ok(rows.into_iter().map(|(course, staff, by_person, by_staff)| (course, Veto { staff, by_person, by_staff })).collect())
}

/// The wishes of a course that the caller was shown, opened; without any while nothing was wished.
///
/// # Errors
/// The database's and the vault's.
pub(super) fn get(tx: &mut Tx<'_>, course: CourseId, person: PersonId) -> Result<Wishes> {
    use wishes as w;
    let found: Option<(Sealed<Option<Text>>, i64)> = w::table.find(course).select((w::words, w::version)).first(tx.db()).optional()?;
    let (words, version) = match found {
        Some((words, version)) => (tx.open(Holder::person(person), place(course), &words)?, version),
        None => (None, 0),
    };
    let facts = list_facts(tx, Some(&[course]))?.remove(&course).unwrap_or_default();
    let vetoes = list_vetoes(tx, Some(&[course]))?.into_iter().map(|(_, veto)| veto).collect();
    Ok(Wishes { course, person, facts, vetoes, words, version })
}

/// Puts these wishes in the place of what there was, over the version they were read at.
///
/// # Errors
/// 412 when somebody was faster.
pub(super) fn set(tx: &mut Tx<'_>, wanted: &Wishes) -> Result<()> {
    use {match_vetoes as m, wish_dislikes as d, wish_interests as i, wish_languages as l, wish_values as v, wishes as w};
    let (id, facts, now) = (wanted.course, &wanted.facts, tx.now);
    let words = tx.seal(Holder::person(wanted.person), place(id), &wanted.words)?;
    let district = facts.district.as_ref().map(DistrictCode::as_str);
    let fields = (
        w::gender.eq(facts.gender),
        w::district.eq(district),
        w::travel_limit_km.eq(facts.travel_limit_km),
        w::words.eq(&words),
        w::recorded_at.eq(now),
        w::version.eq(wanted.version.saturating_add(1)),
    );
    let written = if wanted.version == 0 {
        diesel::insert_into(w::table).values((w::course_id.eq(id), w::person_id.eq(wanted.person), fields)).execute(tx.db())?
    } else {
        diesel::update(w::table.find(id).filter(w::version.eq(wanted.version))).set(fields).execute(tx.db())?
    };
    if written != 1 {
        return Err(Code::StaleVersion.into());
    }
    diesel::delete(l::table.filter(l::course_id.eq(id))).execute(tx.db())?;
    diesel::delete(i::table.filter(i::course_id.eq(id))).execute(tx.db())?;
    diesel::delete(d::table.filter(d::course_id.eq(id))).execute(tx.db())?;
    diesel::delete(v::table.filter(v::course_id.eq(id))).execute(tx.db())?;
    diesel::delete(m::table.filter(m::course_id.eq(id))).execute(tx.db())?;
    for tag in &facts.languages {
        diesel::insert_into(l::table).values((l::course_id.eq(id), l::language.eq(tag.as_str()))).execute(tx.db())?;
    }
    for interest in &facts.traits.interests {
        diesel::insert_into(i::table).values((i::course_id.eq(id), i::interest.eq(interest))).execute(tx.db())?;
    }
    for dislike in &facts.traits.dislikes {
        diesel::insert_into(d::table).values((d::course_id.eq(id), d::dislike.eq(dislike))).execute(tx.db())?;
    }
    for value in &facts.traits.values {
        diesel::insert_into(v::table).values((v::course_id.eq(id), v::core_value.eq(value))).execute(tx.db())?;
    }
    for veto in &wanted.vetoes {
        let values = (m::course_id.eq(id), m::staff_id.eq(veto.staff), m::by_person.eq(veto.by_person), m::by_staff.eq(veto.by_staff));
        diesel::insert_into(m::table).values(values).execute(tx.db())?;
    }
    tx.changed(id);
    tx.changed(wanted.person);
    Ok(())
}

/// Strikes every place from a person's wishes.
pub(super) fn forget_places(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    use wishes as w;
    let placed = w::table.filter(w::person_id.eq(person)).filter(w::district.is_not_null().or(w::travel_limit_km.is_not_null()));
    let nowhere = (w::district.eq(None::<String>), w::travel_limit_km.eq(None::<i32>), w::version.eq(w::version + 1));
    diesel::update(placed).set(nowhere).execute(tx.db())?;
    Ok(())
}
