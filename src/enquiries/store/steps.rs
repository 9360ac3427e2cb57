//! Partners asked, police screens and home visits of an enquiry as rows.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::access::Tx;
use crate::base::clock::Instant;
use crate::base::db::IDS_MOST;
use crate::base::error::Result;
use crate::base::ids::{AccountId, AgencyId, EnquiryId, RowId};
use crate::base::value::Text;
use crate::base::vault::{Holder, Place, Sealed};
use crate::enquiries::model::{
    LegalBasis, PartnerAnswer, PartnerRequest, Screen, ScreenAnswer, ScreenResult, Source, Visit, VisitFinding, VisitOutcome,
};
use crate::schema::{home_visits, partner_requests, police_screens};

type RequestColumns = (RowId, Source, Option<AgencyId>, Instant, LegalBasis, Option<Instant>, Option<bool>, Option<Sealed<Text>>);
type VisitColumns = (RowId, Instant, Option<Instant>, Option<VisitOutcome>, Option<Sealed<Text>>);

/// The partners asked, opened, in the order of asking.
pub fn requests_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<PartnerRequest>> {
    use partner_requests as p;
    let rows: Vec<RequestColumns> = p::table
        .filter(p::enquiry_id.eq(enquiry))
        .order((p::asked_at, p::id))
        .select((p::id, p::source, p::agency_id, p::asked_at, p::legal_basis, p::answered_at, p::has_information, p::answer))
        .load(tx.db())?;
    let open = |(id, source, agency, asked_at, legal_basis, answered_at, has_information, answer): RequestColumns| {
        let place = Place::new("partner_requests", "answer", id);
        let answer = answer.map(|sealed| tx.open(Holder::enquiry(enquiry), place, &sealed)).transpose()?;
        Ok(PartnerRequest { id, source, agency, asked_at, legal_basis, answered_at, has_information, answer })
    };
    rows.into_iter().map(open).collect()
}

/// When a partner was asked and whether it has answered, for a rule.
pub fn find_request(tx: &mut Tx<'_>, enquiry: EnquiryId, id: RowId) -> Result<Option<(Instant, bool)>> {
    let query = partner_requests::table.filter(partner_requests::id.eq(id)).filter(partner_requests::enquiry_id.eq(enquiry));
    let found: Option<(Instant, Option<Instant>)> =
        query.select((partner_requests::asked_at, partner_requests::answered_at)).first(tx.db()).optional()?;
    Ok(found.map(|(asked_at, answered_at)| (asked_at, answered_at.is_some())))
}

/// A partner to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// What kind of partner.
    pub source: Source,
    /// Which agency.
    pub agency: Option<AgencyId>,
    /// On which law.
    pub legal_basis: LegalBasis,
}

/// Writes down that a partner was asked.
pub fn ask_partner(tx: &mut Tx<'_>, enquiry: EnquiryId, ask: Ask, at: Instant, by: AccountId) -> Result<()> {
    let (id, now): (RowId, _) = (tx.new_id(), tx.now);
    diesel::insert_into(partner_requests::table)
        .values((
            partner_requests::id.eq(id),
            partner_requests::enquiry_id.eq(enquiry),
            partner_requests::source.eq(ask.source),
            partner_requests::agency_id.eq(ask.agency),
            partner_requests::asked_at.eq(at),
            partner_requests::legal_basis.eq(ask.legal_basis),
            partner_requests::recorded_at.eq(now),
            partner_requests::recorded_by.eq(by),
            partner_requests::version.eq(1),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes a partner's answer down; `None`: there is none after all.
pub fn answer_partner(tx: &mut Tx<'_>, enquiry: EnquiryId, id: RowId, answer: Option<&PartnerAnswer>) -> Result<()> {
    let (place, text) = (Place::new("partner_requests", "answer", id), answer.and_then(|answer| answer.text.as_ref()));
    let sealed = text.map(|text| tx.seal(Holder::enquiry(enquiry), place, text)).transpose()?;
    diesel::update(partner_requests::table.find(id))
        .set((
            partner_requests::answered_at.eq(answer.map(|answer| answer.answered_at)),
            partner_requests::has_information.eq(answer.map(|answer| answer.has_information)),
            partner_requests::answer.eq(&sealed),
            partner_requests::version.eq(partner_requests::version + 1),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The police screens in the order in which they were written down: only one question is open at a time.
pub fn screens_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<Screen>> {
    use police_screens as p;
    let rows: Vec<(RowId, Instant, Option<Instant>, Option<ScreenResult>)> = p::table
        .filter(p::enquiry_id.eq(enquiry))
        .order((p::recorded_at, p::id))
        .select((p::id, p::asked_at, p::answered_at, p::result))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(id, asked_at, answered_at, result)| Screen { id, asked_at, answered_at, result }).collect())
}

/// What the police answered to each of these concerns, in the order in which they were asked, for a rule.
///
/// # Errors
/// The database's.
pub fn fact_answers(tx: &mut Tx<'_>, ids: &[EnquiryId]) -> Result<HashMap<EnquiryId, Vec<ScreenAnswer>>> {
    use police_screens as p;
    let mut all: HashMap<EnquiryId, Vec<ScreenAnswer>> = HashMap::new();
    for chunk in ids.chunks(IDS_MOST) {
        let rows: Vec<(EnquiryId, Option<Instant>, Option<ScreenResult>)> = p::table
            .filter(p::enquiry_id.eq_any(chunk.to_vec()))
            .order((p::recorded_at, p::id))
            .select((p::enquiry_id, p::answered_at, p::result))
            .load(tx.db())?;
        for (enquiry, answered_at, result) in rows {
            let Some((answered_at, result)) = answered_at.zip(result) else { continue };
            all.entry(enquiry).or_default().push(ScreenAnswer { answered_at, result });
        }
    }
    Ok(all)
}

/// Writes down that the police was asked.
pub fn ask_police(tx: &mut Tx<'_>, enquiry: EnquiryId, at: Instant, by: AccountId) -> Result<()> {
    let id: RowId = tx.new_id();
    let of_enquiry = police_screens::table.filter(police_screens::enquiry_id.eq(enquiry)).order(police_screens::recorded_at.desc());
    let last: Option<Instant> = of_enquiry.select(police_screens::recorded_at).first(tx.db()).optional()?;
    let recorded_at = tx.after(last);
    diesel::insert_into(police_screens::table)
        .values((
            police_screens::id.eq(id),
            police_screens::enquiry_id.eq(enquiry),
            police_screens::asked_at.eq(at),
            police_screens::recorded_at.eq(recorded_at),
            police_screens::recorded_by.eq(by),
            police_screens::version.eq(1),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes down what the police said; `None`: they have not answered after all.
pub fn answer_police(tx: &mut Tx<'_>, id: RowId, answer: Option<ScreenAnswer>) -> Result<()> {
    diesel::update(police_screens::table.find(id))
        .set((
            police_screens::answered_at.eq(answer.map(|answer| answer.answered_at)),
            police_screens::result.eq(answer.map(|answer| answer.result)),
            police_screens::version.eq(police_screens::version + 1),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The home visits of an enquiry, opened, in the order of deciding.
pub fn visits_of(tx: &mut Tx<'_>, enquiry: EnquiryId) -> Result<Vec<Visit>> {
    use home_visits as v;
    let rows: Vec<VisitColumns> = v::table
        .filter(v::enquiry_id.eq(enquiry))
        .order((v::decided_at, v::id))
        .select((v::id, v::decided_at, v::visited_at, v::outcome, v::notes))
        .load(tx.db())?;
    let open = |(id, decided_at, visited_at, outcome, notes): VisitColumns| {
        let place = Place::new("home_visits", "notes", id);
        let notes = notes.map(|sealed| tx.open(Holder::enquiry(enquiry), place, &sealed)).transpose()?;
        Ok(Visit { id, decided_at, visited_at, outcome, notes })
    };
    rows.into_iter().map(open).collect()
}

/// When a home visit was decided and whether it is recorded, for a rule.
pub fn find_visit(tx: &mut Tx<'_>, enquiry: EnquiryId, id: RowId) -> Result<Option<(Instant, bool)>> {
    let query = home_visits::table.filter(home_visits::id.eq(id)).filter(home_visits::enquiry_id.eq(enquiry));
    let found: Option<(Instant, Option<Instant>)> =
        query.select((home_visits::decided_at, home_visits::visited_at)).first(tx.db()).optional()?;
    Ok(found.map(|(decided_at, visited_at)| (decided_at, visited_at.is_some())))
}

/// Writes down that a home visit was decided.
pub fn decide_visit(tx: &mut Tx<'_>, enquiry: EnquiryId, at: Instant, by: AccountId) -> Result<()> {
    let (id, now): (RowId, _) = (tx.new_id(), tx.now);
    diesel::insert_into(home_visits::table)
        .values((
            home_visits::id.eq(id),
            home_visits::enquiry_id.eq(enquiry),
            home_visits::decided_at.eq(at),
            home_visits::recorded_at.eq(now),
            home_visits::recorded_by.eq(by),
            home_visits::version.eq(1),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes down what came of a home visit; `None`: it did not take place after all.
pub fn record_visit(tx: &mut Tx<'_>, enquiry: EnquiryId, id: RowId, found: Option<&VisitFinding>) -> Result<()> {
    let (place, text) = (Place::new("home_visits", "notes", id), found.and_then(|found| found.notes.as_ref()));
    let notes = text.map(|text| tx.seal(Holder::enquiry(enquiry), place, text)).transpose()?;
    diesel::update(home_visits::table.find(id))
        .set((
            home_visits::visited_at.eq(found.map(|found| found.visited_at)),
            home_visits::outcome.eq(found.map(|found| found.outcome)),
            home_visits::notes.eq(&notes),
            home_visits::version.eq(home_visits::version + 1),
        ))
        .execute(tx.db())?;
    Ok(())
}
