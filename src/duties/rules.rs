//! Decisions about promises: which verb keeps which kind, and when one may be settled by hand. Pure.

use std::borrow::Cow;

use super::model::{Duty, Kind, LateReason, State};
use crate::access::Capability;
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, Words, invalid};

/// The operations that keep a promise of this kind, the usual one first. None: it is kept outside of the product, and settled by hand.
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
        Kind::FirstMeeting
        | Kind::MissedTwice
        | Kind::SupportProfessionals
        | Kind::TellByHand
        | Kind::Alert
        | Kind::PlanReview
        | Kind::Turns10
        | Kind::Turns15
        | Kind::Turns18 => &[],
    }
}

/// Refuses to settle by hand what a verb of its own keeps: that verb writes down what was done, too.
///
/// # Errors
/// 409, naming the operation to use.
pub fn check_by_hand(kind: Kind) -> Result<()> {
    let Some(operation) = kept_by(kind).first().map(|capability| capability.operation()) else { return Ok(()) };
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

/// When a promise was settled by hand, for that to be taken back: of what an operation keeps, its own verbs take back what was recorded.
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
        return Err(invalid("/happened_at", "after_now", "Tidspunktet ligger i fremtiden", "The time lies in the future"));
    }
    if at < duty.opens_at {
        return Err(invalid("/happened_at", "before_open", "Det var endnu ikke tid", "It was not yet to be done then"));
    }
    match late_reason {
        None if at > duty.due_at => {
            Err(invalid("/late_reason", "required", "Fristen var overskredet: angiv hvorfor", "The limit was missed: say why"))
        }
        Some(_) if at <= duty.due_at => Err(invalid("/late_reason", "in_time", "Fristen var ikke overskredet", "The limit was not missed")),
        _ => Ok(()),
    }
}

/// Whether a promise of the same subject and kind was made by what is said to have kept this one at a moment, or after it: it is counted from then,
/// and was not kept before this one began.
pub fn is_next(duty: &Duty, kept_at: Instant, other: &Duty) -> bool {
    let came_before = other.state == State::Done && other.closed_at <= Some(duty.from_at);
    other.id != duty.id && other.from_at >= kept_at && !came_before
}

#[cfg(test)]
mod tests {
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
    fn what_has_a_verb_of_its_own_is_not_settled_by_hand() {
        #[rustfmt::skip]
        let cases = [
            ("receipt", "enquiries.give_receipt"), ("referral", "cases.refer"), ("ratify", "decisions.ratify"), ("answer", "offers.accept"),
            ("reoffer_3m", "offers.make"), ("reoffer_6m", "offers.make"), ("support_contact", "notes.write"), ("log_missing", "logs.put"),
            ("missed_twice", ""), ("paused", "courses.resume"), ("agreed_step", "notes.settle_step"), ("support_professionals", ""),
            ("tell_by_hand", ""), ("alert", ""), ("plan_review", ""), ("turns_10", ""), ("turns_15", ""), ("turns_18", ""),
            ("followup_6m", "followups.record"), ("followup_12m", "followups.record"), ("proposal", "matches.answer"),
            ("ask_interest", "waiting.record_interest"), ("unseen_match", "matches.hand_over"), ("first_meeting", ""),
            ("undecided_leave", "covers.decide"), ("certificate_missing", "staff.certify"), ("end_in_doubt", "courses.correct_end"),
        ];
        assert_eq!(cases.len(), Kind::ALL.len());
        for (kind, operation) in cases {
            let refused = match check_by_hand(Kind::parse(kind).unwrap()) {
                Err(Error::Refused(problem)) => Some(problem),
                other => other.map(|()| None).unwrap(),
            };
            assert_eq!(refused.is_none(), operation.is_empty(), "{kind}");
            if let Some(problem) = refused {
                let words = problem.detail.unwrap();
                assert!(problem.code == Code::WrongState && words.da.ends_with(operation) && words.en.ends_with(operation), "{kind}");
            }
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
            (closed(Kind::Receipt, State::Done), None),
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
