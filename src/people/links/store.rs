//! Choices as rows; nothing is changed or deleted.

use diesel::prelude::*;

use super::model::LinkChoice;
use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{AccountId, LinkChoiceId, PersonId};
use crate::schema::link_choices;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = link_choices, treat_none_as_default_value = false)]
struct Row {
    id: LinkChoiceId,
    person_id: PersonId,
    chooser_id: PersonId,
    wants_links: bool,
    happened_at: Instant,
    recorded_at: Instant,
    recorded_by: AccountId,
}

impl From<Row> for LinkChoice {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            person: row.person_id,
            chooser: row.chooser_id,
            wants_links: row.wants_links,
            happened_at: row.happened_at,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        }
    }
}

/// When what is said of a person's appointments now is recorded: after all that was recorded of them before.
pub(super) fn fact_next_at(tx: &mut Tx<'_>, person: PersonId) -> Result<Instant> {
    let of_person = link_choices::table.filter(link_choices::person_id.eq(person));
    let last: Option<Instant> = of_person.select(diesel::dsl::max(link_choices::recorded_at)).first(tx.db())?;
    Ok(tx.after(last))
}

/// Writes a choice down.
pub(super) fn insert(tx: &mut Tx<'_>, choice: &LinkChoice) -> Result<()> {
    let row = Row {
        id: choice.id,
        person_id: choice.person,
        chooser_id: choice.chooser,
        wants_links: choice.wants_links,
        happened_at: choice.happened_at,
        recorded_at: choice.recorded_at,
        recorded_by: choice.recorded_by,
    };
    diesel::insert_into(link_choices::table).values(&row).execute(tx.db())?;
    tx.changed(choice.person);
    tx.changed(choice.chooser);
    Ok(())
}

/// The latest choice that somebody made for a person's appointments: of two of one moment the one written down later.
pub(super) fn fact_latest(tx: &mut Tx<'_>, person: PersonId, chooser: PersonId) -> Result<Option<LinkChoice>> {
    let of_both = link_choices::table.filter(link_choices::person_id.eq(person)).filter(link_choices::chooser_id.eq(chooser));
    let order = (link_choices::happened_at.desc(), link_choices::recorded_at.desc(), link_choices::id.desc());
    let row: Option<Row> = of_both.order(order).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(LinkChoice::from))
}

/// One page of the choices for a person's appointments, the latest first. The caller must have been found to see the person.
pub(super) fn list(
    tx: &mut Tx<'_>,
    person: PersonId,
    after: Option<(Instant, Instant, LinkChoiceId)>,
    fetch: i64,
) -> Result<Vec<LinkChoice>> {
    use link_choices as l;
    let mut query = l::table.filter(l::person_id.eq(person)).into_boxed();
    if let Some((at, recorded_at, id)) = after {
        let same_moment = l::recorded_at.lt(recorded_at).or(l::recorded_at.eq(recorded_at).and(l::id.lt(id)));
        query = query.filter(l::happened_at.lt(at).or(l::happened_at.eq(at).and(same_moment)));
    }
    let rows: Vec<Row> =
        query.order((l::happened_at.desc(), l::recorded_at.desc(), l::id.desc())).limit(fetch).select(Row::as_select()).load(tx.db())?;
    Ok(rows.into_iter().map(LinkChoice::from).collect())
}

/// One choice.
pub(super) fn find(tx: &mut Tx<'_>, id: LinkChoiceId) -> Result<Option<LinkChoice>> {
    let row: Option<Row> = link_choices::table.find(id).select(Row::as_select()).first(tx.db()).optional()?;
    Ok(row.map(LinkChoice::from))
}
