//! Take a concern in, give its receipts.

use super::reporters;
use crate::access::accounts::AgencyKind;
use crate::access::{Reach, Tx, bars};
use crate::base::calendar::Span;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{AgencyId, EnquiryId, ReporterId};
use crate::base::value::Flaw;
use crate::duties::store::Which;
use crate::duties::{self, About, Kind, Promise};
use crate::enquiries::model::{Channel, Enquiry, Intake, NewReporter, NewSubject, ReceiptState, ReceiptWay, ReporterKind, Source};
use crate::enquiries::{rules, store};
use crate::facts::Fact;

/// Stores a concern. A partner's account says by itself when, how and from where it comes.
///
/// # Errors
/// 422, each wrong member named.
pub fn receive(tx: &mut Tx<'_>, mut intake: Intake) -> Result<EnquiryId> {
    let (received_at, channel, source) =
        if tx.reaches(Reach::All) { from_coordinator(tx, &intake)? } else { from_partner(tx, &mut intake)? };
    check_reporters(tx, &intake.reporters)?;
    for (at, subject) in intake.subjects.iter().enumerate() {
        check_subject(tx, subject, received_at, &format!("/subjects/{at}"))?;
    }
    for (at, (account, _)) in intake.barred.iter().enumerate() {
        if !store::is_account(tx, *account)? {
            return Err(invalid(format!("/barred/{at}/account_id"), Flaw::Unknown, "Kontoen findes ikke", "The account does not exist"));
        }
    }
    let id = store::insert(tx, &intake, received_at, channel, source)?;
    for (account, cause) in &intake.barred {
        bars::bar_at_intake(tx, *account, id, *cause)?;
    }
    tx.tell(Fact::EnquiryReceived { enquiry: id });
    Ok(id)
}

fn from_coordinator(tx: &Tx<'_>, intake: &Intake) -> Result<(Instant, Channel, Source)> {
    let missing = |pointer| Flaw::Required.refused(pointer);
    let received_at = intake.received_at.ok_or_else(|| missing("/received_at"))?;
    rules::stated("/received_at", Some(received_at), tx.now, received_at)?;
    Ok((received_at, intake.channel.ok_or_else(|| missing("/channel"))?, intake.source.ok_or_else(|| missing("/source"))?))
}

fn from_partner(tx: &mut Tx<'_>, intake: &mut Intake) -> Result<(Instant, Channel, Source)> {
    let known = [
        ("/received_at", intake.received_at.is_some()),
        ("/channel", intake.channel.is_some()),
        ("/source", intake.source.is_some()),
        ("/barred", !intake.barred.is_empty()),
        ("/reporters/1", intake.reporters.len() > 1),
        ("/reporters/0/agency_id", intake.reporters.iter().any(|reporter| reporter.agency.is_some())),
    ];
    if let Some((pointer, _)) = known.into_iter().find(|(_, is_said)| *is_said) {
        return Err(Flaw::FromAccount.refused(pointer));
    }
    let agency = tx.actor.agency.ok_or(Code::Forbidden)?;
    let told = intake.reporters.pop();
    intake.reporters = vec![NewReporter {
        kind: ReporterKind::Professional,
        agency: Some(agency),
        account: Some(tx.account()?),
        wants_feedback: told.as_ref().is_none_or(|reporter| reporter.wants_feedback),
        identity: told.and_then(|reporter| reporter.identity),
    }];
    let source = store::find_agency(tx, agency)?.map_or(Source::Other, source_of);
    Ok((tx.now, Channel::System, source))
}

const fn source_of(kind: AgencyKind) -> Source {
    match kind {
        AgencyKind::SocialServices => Source::SocialServices,
        AgencyKind::School => Source::School,
        AgencyKind::Ssp => Source::Ssp,
        AgencyKind::Police => Source::Police,
        AgencyKind::Probation => Source::Probation,
        AgencyKind::Psychiatry => Source::Psychiatry,
        AgencyKind::Housing => Source::Housing,
        AgencyKind::Other => Source::Other,
    }
}

fn check_reporters(tx: &mut Tx<'_>, reporters: &[NewReporter]) -> Result<()> {
    if reporters.is_empty() {
        return Err(invalid("/reporters", Flaw::Required, "Mindst én henvender", "At least one reporter"));
    }
    for (at, reporter) in reporters.iter().enumerate() {
        check_reporter(tx, reporter, &format!("/reporters/{at}"))?;
    }
    Ok(())
}

/// An anonymous reporter has no name and is not reached. `at`: where the body has them.
pub(super) fn check_reporter(tx: &mut Tx<'_>, reporter: &NewReporter, at: &str) -> Result<()> {
    if reporter.kind == ReporterKind::Anonymous && !reporter.is_anonymous() {
        let pointer = format!("{at}/identity");
        return Err(Flaw::Anonymous.refused(pointer));
    }
    if reporter.is_anonymous() && reporter.wants_feedback {
        let pointer = format!("{at}/wants_feedback");
        return Err(Flaw::Anonymous.refused(pointer));
    }
    match reporter.agency {
        Some(agency) => check_agency(tx, agency, format!("{at}/agency_id")),
        None => Ok(()),
    }
}

/// Whoever a concern is about was born by the day on which it was received. `at`: where the body has them.
pub(super) fn check_subject(tx: &Tx<'_>, subject: &NewSubject, received_at: Instant, at: &str) -> Result<()> {
    let received_on = tx.programme.calendar().zone.date(received_at);
    if subject.born_on.is_some_and(|born_on| born_on > received_on) {
        return Err(Flaw::AfterReceived.refused(format!("{at}/born_on")));
    }
    Ok(())
}

/// Refuses an agency that does not exist, with 422 at `pointer`.
pub(super) fn check_agency(tx: &mut Tx<'_>, agency: AgencyId, pointer: String) -> Result<()> {
    match store::find_agency(tx, agency)? {
        Some(_) => Ok(()),
        None => Err(invalid(pointer, Flaw::Unknown, "Samarbejdspartneren findes ikke", "The agency does not exist")),
    }
}

/// What whoever handed a concern in is told: that it is stored. Also when they barred themselves from it.
///
/// # Errors
/// 404 for everybody else.
pub fn get_acknowledgement(tx: &mut Tx<'_>, id: EnquiryId) -> Result<Enquiry> {
    let enquiry = store::fact(tx, id)?;
    if enquiry.recorded_by != tx.actor.account {
        return super::not_found();
    }
    tx.saw(id);
    Ok(enquiry)
}

/// Promises each named professional a receipt, in working days from the day it was received.
///
/// # Errors
/// The database's.
pub fn promise_receipts(tx: &mut Tx<'_>, id: EnquiryId) -> Result<()> {
    let from_at = store::fact(tx, id)?.received_at;
    let due_at = tx.programme.calendar().due(from_at, Span::WorkingDays(tx.programme.deadlines.receipt_working_days));
    for reporter in store::fact_reporters(tx, id)? {
        if rules::receipt_state(&reporter) == ReceiptState::Due {
            let promise = Promise {
                kind: Kind::Receipt,
                subject: id.into(),
                slot: reporter.id.to_string(),
                about: About { enquiry: Some(id), ..About::default() },
                owner: None,
                from_at,
                opens_at: from_at,
                due_at,
            };
            duties::actions::open(tx, &promise)?;
        }
    }
    Ok(())
}

/// Writes down that a reporter got a receipt.
///
/// # Errors
/// 404; 409 when it was given or nobody knows who they are; 422 for an impossible time.
pub fn give_receipt(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId, at: Option<Instant>, way: ReceiptWay) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let reporter = reporters::find(tx, id, reporter)?;
    if reporter.receipt_at.is_some() {
        return Err(Problem::new(Code::WrongState).say("Kvitteringen er givet", "The receipt was given").into());
    }
    if reporter.is_anonymous() {
        return Err(Problem::new(Code::WrongState).say("Henvenderen er anonym", "The reporter is anonymous").into());
    }
    let at = rules::stated("/happened_at", at, tx.now, enquiry.received_at)?;
    let by = tx.account()?;
    store::give_receipt(tx, reporter.id, at, way, by)?;
    store::step(tx, &enquiry, enquiry.state)?;
    tx.tell(Fact::ReceiptGiven { enquiry: id, reporter: reporter.id, at });
    Ok(id)
}

/// Takes back a receipt that was recorded for the wrong reporter, or never given: it is due again.
///
/// # Errors
/// 404; 409 when none was given.
pub fn retract_receipt(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId) -> Result<EnquiryId> {
    let enquiry = store::get(tx, id)?;
    let reporter = reporters::find(tx, id, reporter)?.id;
    if !store::receipts::retract(tx, id, reporter)? {
        return Err(Problem::new(Code::WrongState).say("Der er ingen kvittering", "There is no receipt").into());
    }
    store::step(tx, &enquiry, enquiry.state)?;
    tx.tell(Fact::ReceiptRetracted { enquiry: id, reporter });
    Ok(id)
}

/// A receipt was taken back: what it kept is promised again.
///
/// # Errors
/// The database's.
pub fn receipt_retracted(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId) -> Result<()> {
    match duties::store::find(tx, Kind::Receipt, id.cast(), &reporter.to_string())? {
        Some(duty) => duties::actions::take_back(tx, duty.id),
        None => Ok(()),
    }
}

/// A receipt was given: the promise is kept.
///
/// # Errors
/// The database's.
pub fn receipt_given(tx: &mut Tx<'_>, id: EnquiryId, reporter: ReporterId, at: Instant) -> Result<()> {
    let slot = reporter.to_string();
    duties::actions::meet(tx, &Which::subject(id, &[Kind::Receipt]).slot(&slot), at).map(drop)
}
