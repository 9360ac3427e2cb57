//! Consents as rows. Only coordinators reach them; bars are taken off by each subject column.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::{Code, Result};
use crate::base::ids::{AccountId, CaseId, ConsentId, OfferId, PersonId};
use crate::base::value::Text;
use crate::base::vault::{Place, Sealed};
use crate::courses::model::{Consent, Scope};
use crate::save_over;
use crate::schema::{consents, people};

#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
struct Row {
    id: ConsentId,
    offer_id: OfferId,
    case_id: CaseId,
    person_id: PersonId,
    giver_id: PersonId,
    scope: Scope,
    text_version: String,
    given: bool,
    adult_basis: bool,
    not_needed: bool,
    not_needed_basis: Option<Sealed<Text>>,
    given_at: Instant,
    withdrawn_at: Option<Instant>,
    withdrawn_recorded_at: Option<Instant>,
    recorded_at: Instant,
    recorded_by: AccountId,
    version: i64,
}

/// What was said, and when whoever said it died.
type Said = (Row, Option<NaiveDate>);

impl From<Said> for Consent {
    fn from((row, giver_died_on): Said) -> Self {
        Self {
            id: row.id,
            offer: row.offer_id,
            case: row.case_id,
            person: row.person_id,
            giver: row.giver_id,
            giver_died_on,
            scope: row.scope,
            text_version: row.text_version,
            given: row.given,
            adult_basis: row.adult_basis,
            not_needed: row.not_needed,
            not_needed_basis: row.not_needed_basis,
            given_at: row.given_at,
            withdrawn_at: row.withdrawn_at,
            withdrawn_recorded_at: row.withdrawn_recorded_at,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
            version: row.version,
        }
    }
}

/// The place of the sealed basis of a consent that is not needed.
pub const fn place(id: ConsentId) -> Place {
    Place::new("consents", "not_needed_basis", id)
}

/// A consent the caller may see.
///
/// # Errors
/// 404 when it does not exist or a bar hides it: identical.
pub fn get(tx: &mut Tx<'_>, id: ConsentId) -> Result<Consent> {
    let found: Option<ConsentId> = consents::table
        .filter(consents::id.eq(id))
        .filter(consents::case_id.ne_all(tx.barred()))
        .filter(consents::person_id.ne_all(tx.barred()))
        .filter(consents::giver_id.ne_all(tx.barred()))
        .select(consents::id)
        .first(tx.db())
        .optional()?;
    find_fact(tx, found.ok_or(Code::NotFound)?)?.ok_or_else(|| Code::NotFound.into())
}

/// A consent for a consequence; not for the caller's eyes.
pub fn find_fact(tx: &mut Tx<'_>, id: ConsentId) -> Result<Option<Consent>> {
    let said: Option<Said> = consents::table
        .inner_join(people::table.on(people::id.eq(consents::giver_id)))
        .filter(consents::id.eq(id))
        .select((Row::as_select(), people::died_on))
        .first(tx.db())
        .optional()?;
    Ok(said.map(Consent::from))
}

/// What was said to an offer, in order of time. The caller must have been shown the offer.
pub fn fact_of_offer(tx: &mut Tx<'_>, offer: OfferId) -> Result<Vec<Consent>> {
    let rows: Vec<Said> = consents::table
        .inner_join(people::table.on(people::id.eq(consents::giver_id)))
        .filter(consents::offer_id.eq(offer))
        .order((consents::given_at, consents::recorded_at, consents::id))
        .select((Row::as_select(), people::died_on))
        .load(tx.db())?;
    Ok(rows.into_iter().map(Consent::from).collect())
}

/// When what is said to an offer now is recorded: after all that was recorded of it before.
pub(in crate::courses) fn fact_next_at(tx: &mut Tx<'_>, offer: OfferId) -> Result<Instant> {
    let rows: Vec<(Instant, Option<Instant>)> = consents::table
        .filter(consents::offer_id.eq(offer))
        .select((consents::recorded_at, consents::withdrawn_recorded_at))
        .load(tx.db())?;
    let last = rows.into_iter().flat_map(|(recorded_at, withdrawn_at)| [Some(recorded_at), withdrawn_at]).flatten().max();
    Ok(tx.after(last))
}

/// What was said to these offers, each in order of time, for a rule.
///
/// # Errors
/// The database's.
pub fn list_of_offers(tx: &mut Tx<'_>, offers: &[OfferId]) -> Result<HashMap<OfferId, Vec<Consent>>> {
    let mut all: HashMap<OfferId, Vec<Consent>> = HashMap::new();
    for chunk in offers.chunks(IDS_MOST) {
        let rows: Vec<Said> = consents::table
            .inner_join(people::table.on(people::id.eq(consents::giver_id)))
            .filter(consents::offer_id.eq_any(chunk.to_vec()))
            .order((consents::given_at, consents::recorded_at, consents::id))
            .select((Row::as_select(), people::died_on))
            .load(tx.db())?;
        for consent in rows.into_iter().map(Consent::from) {
            all.entry(consent.offer).or_default().push(consent);
        }
    }
    Ok(all)
}

/// Writes what was said.
pub(in crate::courses) fn insert(tx: &mut Tx<'_>, consent: &Consent) -> Result<()> {
    diesel::insert_into(consents::table)
        .values((
            consents::id.eq(consent.id),
            consents::offer_id.eq(consent.offer),
            consents::case_id.eq(consent.case),
            consents::person_id.eq(consent.person),
            consents::giver_id.eq(consent.giver),
            consents::scope.eq(consent.scope),
            consents::text_version.eq(consent.text_version.as_str()),
            consents::given.eq(consent.given),
            consents::adult_basis.eq(consent.adult_basis),
            consents::not_needed.eq(consent.not_needed),
            consents::not_needed_basis.eq(&consent.not_needed_basis),
            consents::given_at.eq(consent.given_at),
            consents::recorded_at.eq(consent.recorded_at),
            consents::recorded_by.eq(consent.recorded_by),
            consents::version.eq(consent.version),
        ))
        .execute(tx.db())?;
    tx.changed(consent.id);
    tx.changed(consent.person);
    tx.changed(consent.giver);
    Ok(())
}

/// Writes that a consent was withdrawn, over the version it was read at.
pub(in crate::courses) fn withdraw(tx: &mut Tx<'_>, consent: &Consent, at: Instant) -> Result<()> {
    let recorded_at = fact_next_at(tx, consent.offer)?;
    let changes = (consents::withdrawn_at.eq(Some(at)), consents::withdrawn_recorded_at.eq(Some(recorded_at)));
    save_over!(tx.db(), consents, consent, changes)?;
    tx.changed(consent.id);
    tx.changed(consent.person);
    tx.changed(consent.giver);
    Ok(())
}
