//! Decisions about promises: which operations keep which kind, settling by hand among them. Pure.

use std::borrow::Cow;

use super::model::{Duty, Kind, LateReason, State};
use crate::access::Capability;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, Words, invalid};
use crate::base::value::Flaw;

/// The operations that keep a promise of this kind, the usual one first. Never none: what is done outside of the product is settled by hand
/// ([`Capability::DutiesSettle`]), and so is what was looked at and stays as it is. Not the birthdays that ask for a word of whoever takes part:
/// without one a course may not run, so that nobody may take them off the list before it is said (domain section 4, "Consents").
pub const fn kept_by(kind: Kind) -> &'static [Capability] {
    match kind {
        Kind::Receipt => &[Capability::EnquiriesGiveReceipt],
        Kind::Referral => &[Capability::CasesRefer],
        Kind::Ratify => &[Capability::DecisionsRatify],
        Kind::Answer => &[Capability::OffersAccept, Capability::OffersDecline, Capability::OffersWithdraw],
        Kind::Proposal => {
            &[Capability::MatchesAnswer, Capability::MatchesAnswerForPerson, Capability::MatchesStart, Capability::MatchesEnd]
        }
        Kind::UnseenMatch => &[Capability::MatchesHandOver, Capability::MatchesEnd],
        Kind::CertificateMissing => &[Capability::StaffCertify, Capability::MatchesHandOver, Capability::MatchesEnd],
        Kind::UndecidedLeave => &[Capability::CoversDecide, Capability::SessionsMove, Capability::SessionsCancel, Capability::LogsPut],
        Kind::AskInterest => &[Capability::WaitingRecordInterest, Capability::MatchesPropose],
        Kind::Reoffer3m | Kind::Reoffer6m => &[Capability::OffersMake],
        Kind::SupportContact => &[Capability::NotesWrite],
        Kind::LogMissing => &[Capability::LogsPut, Capability::SessionsCancel],
        Kind::Paused => &[Capability::CoursesResume, Capability::CoursesEnd],
        Kind::AgreedStep => &[Capability::NotesSettleStep],
        Kind::EndInDoubt => &[Capability::CoursesCorrectEnd],
        Kind::Followup6m | Kind::Followup12m => &[Capability::FollowupsRecord],
        Kind::Alert => &[Capability::DutiesSettle, Capability::CasesResolveAlert],
        Kind::PlanReview => &[Capability::PlansMake, Capability::DutiesSettle],
        Kind::Turns10 | Kind::Turns18 => &[Capability::OffersRecordConsent],
        Kind::FirstMeeting | Kind::MissedTwice | Kind::SupportProfessionals | Kind::TellByHand | Kind::Turns15 => {
            &[Capability::DutiesSettle]
        }
    }
}

/// Refuses to settle by hand what only a verb of its own keeps: that verb writes down what was done, too.
///
/// # Errors
/// 409, naming the operation to use.
pub fn check_by_hand(kind: Kind) -> Result<()> {
    let operations = kept_by(kind);
    if operations.contains(&Capability::DutiesSettle) {
        return Ok(());
    }
    let operation = operations.first().map(|capability| capability.operation()).unwrap_or_default();
    let mut problem = Problem::new(Code::WrongState);
    problem.detail = Some(Box::new(Words {
        da: Cow::Owned(format!("Den indfries af en handling for sig: {operation}")),
        en: Cow::Owned(format!("An operation of its own keeps it: {operation}")),
    }));
    Err(problem.into())
}

/// Refuses what only an open promise allows.
///
/// # Errors
/// 409.
pub fn check_open(state: State) -> Result<()> {
    if state == State::Open {
        return Ok(());
    }
    Err(Problem::new(Code::WrongState).say("Fristen er ikke åben", "It is no longer open").into())
}

/// When a promise was settled by hand, for that to be taken back: of what only an operation keeps, its own verbs take back what was recorded.
///
/// # Errors
/// 409 as for [`check_by_hand`], and when it is not settled.
pub fn settled_at(duty: &Duty) -> Result<Instant> {
    check_by_hand(duty.kind)?;
    match duty.closed_at.filter(|_| duty.state == State::Done) {
        Some(at) => Ok(at),
        None => Err(Problem::new(Code::WrongState).say("Fristen er ikke indfriet", "It is not settled").into()),
    }
}

/// Whether a promise may have been kept at the stated time: not after now, and not before it was on anybody's list. A missed limit
/// never blocks; it is recorded with a reason (domain section 4).
///
/// # Errors
/// 422.
pub fn check_settled(duty: &Duty, at: Instant, now: Instant, late_reason: Option<LateReason>) -> Result<()> {
    if at > now {
        return Err(Flaw::AfterNow.refused("/happened_at"));
    }
    if at < duty.opens_at {
        return Err(Flaw::BeforeOpen.refused("/happened_at"));
    }
    match late_reason {
        None if at > duty.due_at => {
            Err(invalid("/late_reason", Flaw::Required, "Fristen var overskredet: angiv hvorfor", "The limit was missed: say why"))
        }
        Some(_) if at <= duty.due_at => Err(Flaw::InTime.refused("/late_reason")),
        _ => Ok(()),
    }
}

/// Whether a promise of the same subject and kind was made by what is said to have kept this one at a moment, or after it: it is counted from then,
/// and was not kept before this one began.
pub fn is_next(duty: &Duty, kept_at: Instant, other: &Duty) -> bool {
    let came_before = other.state == State::Done && other.closed_at <= Some(duty.from_at);
    other.id != duty.id && other.from_at >= kept_at && !came_before
}

/// A slot by its name and how many bear that by now, this one with them: the second and later ones bear a number.
pub fn numbered(name: &str, turn: usize) -> String {
    if turn > 1 { format!("{name} {turn}") } else { name.to_owned() }
}

/// The name of a slot, without its number ([`numbered`]).
pub fn name_of(slot: &str) -> &str {
    match slot.rsplit_once(' ') {
        Some((name, turn)) if turn.parse::<usize>().is_ok() => name,
        _ => slot,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::base::db::Coded;
    use crate::base::error::Error;
    use crate::base::ids::Id;
    use crate::duties::About;
    use crate::journal::SubjectKind;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn each_promise_says_what_keeps_it_and_that_alone_does() {
        #[rustfmt::skip]
        let cases = [
            ("receipt", "enquiries.give_receipt"), ("referral", "cases.refer"), ("ratify", "decisions.ratify"), ("answer", "offers.accept"),
            ("reoffer_3m", "offers.make"), ("reoffer_6m", "offers.make"), ("support_contact", "notes.write"), ("log_missing", "logs.put"),
            ("missed_twice", ""), ("paused", "courses.resume"), ("agreed_step", "notes.settle_step"), ("support_professionals", ""),
            ("tell_by_hand", ""), ("alert", ""), ("plan_review", ""), ("turns_10", "offers.record_consent"), ("turns_15", ""),
            ("turns_18", "offers.record_consent"), ("followup_6m", "followups.record"), ("followup_12m", "followups.record"),
            ("proposal", "matches.answer"), ("ask_interest", "waiting.record_interest"), ("unseen_match", "matches.hand_over"),
            ("first_meeting", ""), ("undecided_leave", "covers.decide"), ("certificate_missing", "staff.certify"),
            ("end_in_doubt", "courses.correct_end"),
        ];
        let kinds: BTreeSet<Kind> = cases.iter().map(|(kind, _)| Kind::parse(kind).unwrap()).collect();
        assert_eq!(kinds, Kind::ALL.iter().copied().collect());
        for (name, operation) in cases {
            let kind = Kind::parse(name).unwrap();
            let refused = match check_by_hand(kind) {
                Err(Error::Refused(problem)) => Some(problem),
                other => other.map(|()| None).unwrap(),
            };
            let named: Vec<_> = kept_by(kind).iter().map(|capability| capability.operation()).collect();
            assert!(!named.is_empty(), "{name}");
            assert_eq!((refused.is_none(), named.contains(&"duties.settle")), (operation.is_empty(), operation.is_empty()), "{name}");
            if let Some(problem) = refused {
                let words = problem.detail.unwrap();
                assert!(problem.code == Code::WrongState && words.da.ends_with(operation) && words.en.ends_with(operation), "{name}");
                assert_eq!(named[0], operation, "{name}");
            }
        }
        for (kind, beside) in [(Kind::Alert, Capability::CasesResolveAlert), (Kind::PlanReview, Capability::PlansMake)] {
            assert!(kept_by(kind).contains(&beside), "{kind:?}");
        }
    }

    fn look() -> Duty {
        Duty {
            id: Id::from_uuid(uuid::Uuid::nil()),
            kind: Kind::Alert,
            state: State::Open,
            subject_kind: SubjectKind::Alert,
            subject_id: Id::from_uuid(uuid::Uuid::nil()),
            slot: String::new(),
            about: About::default(),
            owner: None,
            from_at: at("2026-03-01T08:00:00Z"),
            opens_at: at("2026-03-02T08:00:00Z"),
            due_at: at("2026-03-03T08:00:00Z"),
            closed_at: None,
            closed_recorded_at: None,
            reason: None,
            late_told_at: None,
            recorded_at: at("2026-03-01T08:00:00Z"),
            version: 1,
        }
    }

    #[test]
    fn only_what_was_settled_by_hand_is_taken_back() {
        let at = at("2026-03-02T12:00:00Z");
        let closed = |kind, state| Duty { kind, state, closed_at: Some(at), ..look() };
        for (duty, expected) in [
            (look(), None),
            (closed(Kind::Alert, State::Done), Some(at)),
            (closed(Kind::TellByHand, State::Done), Some(at)),
            (closed(Kind::TellByHand, State::Ended), None),
            (closed(Kind::PlanReview, State::Done), Some(at)),
            (closed(Kind::Receipt, State::Done), None),
            (closed(Kind::Turns18, State::Done), None),
        ] {
            assert_eq!(settled_at(&duty).ok(), expected, "{duty:?}");
        }
    }

    #[test]
    fn what_came_before_is_not_next() {
        let [first, second, third] = [1, 2, 3].map(|id| Duty { id: Id::from_uuid(uuid::Uuid::from_u128(id)), ..look() });
        let (raised, later) = (first.from_at, at("2026-03-02T12:00:00Z"));
        let from = |duty: &Duty, from_at| Duty { from_at, ..duty.clone() };
        let done = |duty: &Duty, at| Duty { state: State::Done, closed_at: Some(at), ..duty.clone() };
        // Looked at, and again at that very moment.
        let (earlier, again, open) = (done(&first, later), done(&from(&second, later), later), from(&third, later));
        assert!(is_next(&earlier, later, &again) && is_next(&earlier, later, &open), "the first made both");
        assert!(!is_next(&again, later, &earlier) && is_next(&again, later, &open) && !is_next(&again, later, &again));
        // Twice at the moment at which it was raised: each stands for the other.
        let (earlier, again, open) = (done(&first, raised), done(&second, raised), third);
        for (one, other) in [(&earlier, &again), (&again, &earlier)] {
            assert!(!is_next(one, raised, other) && is_next(one, raised, &open));
        }
        // One that somebody kept after it.
        assert!(is_next(&done(&first, raised), raised, &done(&second, later)));
    }

    #[test]
    fn it_was_kept_between_its_opening_and_now_and_late_says_why() {
        let duty = look();
        let (now, why) = (at("2026-03-04T08:00:00Z"), Some(LateReason::NoTime));
        #[rustfmt::skip]
        let cases = [
            ("2026-03-02T07:59:59Z", None, Some("before_open")), ("2026-03-02T08:00:00Z", None, None),
            ("2026-03-03T08:00:00Z", None, None), ("2026-03-03T08:00:00Z", why, Some("in_time")),
            ("2026-03-03T08:00:01Z", None, Some("required")), ("2026-03-03T08:00:01Z", why, None),
            ("2026-03-04T08:00:00Z", why, None), ("2026-03-04T08:00:01Z", why, Some("after_now")),
        ];
        for (stated, why, refused) in cases {
            let found = match check_settled(&duty, at(stated), now, why) {
                Err(Error::Refused(problem)) => Some(problem.errors[0].code),
                other => other.map(|()| None).unwrap(),
            };
            assert_eq!(found, refused, "{stated} {why:?}");
        }
    }
}
