//! Offers made and answered, and declined ones made again.

use super::age_group;
use crate::base::db::Coded;
use crate::courses::model::OfferState;
use crate::duties::State;
use crate::reports::model::{About, Definition, Dimension, Ground, OfferThing, ReofferThing, Row, Standing};

/// An offer in one of its figures.
pub fn judge(definition: Definition, thing: &OfferThing, ground: &Ground) -> Option<Row> {
    let made = (Standing::Yes, thing.offered_at, Some(thing.recorded_at));
    let answered = |standing| Some((standing, thing.answered_at?, thing.answered_recorded_at));
    let (standing, at, recorded_at) = match (definition, thing.state) {
        (_, OfferState::Withdrawn) => return None,
        (Definition::OffersMade | Definition::FirstOffersOpen, _) => made,
        (Definition::Accepted, OfferState::Accepted) | (Definition::Declined, OfferState::Declined) => answered(Standing::Yes)?,
        (Definition::Accepted, OfferState::Declined) | (Definition::Declined, OfferState::Accepted) => answered(Standing::No)?,
        _ => return None,
    };
    let mut groups = vec![(Dimension::Track, thing.track.code()), (Dimension::AgeGroup, age_group(thing.born_on, at, ground))];
    groups.extend(thing.decline_reason.map(|reason| (Dimension::DeclineReason, reason.code())));
    Some(Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.case), person: Some(thing.person), ..About::default() },
        at,
        due_at: None,
        happened_at: Some(at),
        recorded_at,
        standing,
        weight: 1,
        groups,
    })
}

/// A promised re-offer: made again in time? One that ended before its due date is no part of the figure; one that ended after it was
/// not made in time.
pub fn judge_reoffer(thing: &ReofferThing, ground: &Ground) -> Option<Row> {
    let closed_in_time = thing.closed_at.is_some_and(|at| at <= thing.due_at);
    let standing = match thing.state {
        State::Ended if closed_in_time => return None,
        State::Done if closed_in_time => Standing::Yes,
        State::Open if ground.now <= thing.due_at => Standing::Unknown,
        State::Open | State::Done | State::Ended => Standing::No,
    };
    let is_done = thing.state == State::Done;
    Some(Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.case), person: Some(thing.person), ..About::default() },
        at: thing.due_at,
        due_at: Some(thing.due_at),
        happened_at: thing.closed_at.filter(|_| is_done),
        recorded_at: thing.closed_recorded_at.filter(|_| is_done),
        standing,
        weight: 1,
        groups: vec![(Dimension::Track, thing.track.code()), (Dimension::AgeGroup, age_group(thing.born_on, thing.due_at, ground))],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courses::model::{DeclineReason, Track};
    use crate::reports::rules::tests::{id, instant, told, year};

    #[test]
    fn an_answer_counts_by_its_date_and_silence_is_a_decline() {
        let thing = |state, reason: Option<DeclineReason>| OfferThing {
            id: id(1),
            case: id(2),
            person: id(3),
            born_on: "2008-05-02".parse().ok(),
            track: Track::Mentor,
            state,
            decline_reason: reason,
            offered_at: instant("2026-05-01T08:00:00Z"),
            recorded_at: instant("2026-05-01T08:00:00Z"),
            answered_at: (state != OfferState::Open).then(|| instant("2026-05-02T08:00:00Z")),
            answered_recorded_at: (state != OfferState::Open).then(|| instant("2026-05-12T08:00:00Z")),
        };
        let (yes, no) = (Some((Standing::Yes, false, true)), Some((Standing::No, false, true)));
        let made = Some((Standing::Yes, false, false));
        for (state, reason, accepted, declined, made) in [
            (OfferState::Accepted, None, yes, no, made),
            (OfferState::Declined, Some(DeclineReason::NoTrust), no, yes, made),
            (OfferState::Declined, Some(DeclineReason::NoAnswer), no, yes, made),
            (OfferState::Open, None, None, None, made),
            (OfferState::Withdrawn, None, None, None, None),
        ] {
            let thing = thing(state, reason);
            let stands = |definition| told(judge(definition, &thing, &year()));
            assert_eq!((stands(Definition::Accepted), stands(Definition::Declined)), (accepted, declined), "{state} {reason:?}");
            assert_eq!((stands(Definition::OffersMade), stands(Definition::FirstOffersOpen)), (made, made), "{state} {reason:?}");
        }
        // Eighteen between the offer and the answer.
        let groups = |definition| judge(definition, &thing(OfferState::Declined, Some(DeclineReason::NoAnswer)), &year()).unwrap().groups;
        assert_eq!(groups(Definition::OffersMade)[1], (Dimension::AgeGroup, "under_18"));
        let expected = [(Dimension::Track, "mentor"), (Dimension::AgeGroup, "adult"), (Dimension::DeclineReason, "no_answer")];
        assert_eq!(groups(Definition::Declined), expected);
    }

    #[test]
    fn a_re_offer_is_in_time_until_the_end_of_its_day() {
        let due = "2026-08-31T21:59:59.999999Z";
        #[rustfmt::skip]
        let cases = [
            // state, closed, counted at; made again in time (late)
            (State::Done, Some(due), "2027-01-20T12:00:00Z", Some((Standing::Yes, false))),
            (State::Done, Some("2026-08-31T22:00:00Z"), "2027-01-20T12:00:00Z", Some((Standing::No, true))),
            (State::Open, None, due, Some((Standing::Unknown, false))),
            (State::Open, None, "2026-08-31T22:00:00Z", Some((Standing::No, false))),
            // Accepted, or asked never to be contacted, before it was due: it is no part of the figure; afterwards it was missed.
            (State::Ended, Some(due), "2027-01-20T12:00:00Z", None),
            (State::Ended, Some("2026-08-31T22:00:00Z"), "2027-01-20T12:00:00Z", Some((Standing::No, false))),
        ];
        for (state, closed, now, expected) in cases {
            let thing = ReofferThing {
                id: id(1),
                case: id(2),
                person: id(3),
                born_on: None,
                track: Track::ParentCoach,
                state,
                due_at: instant(due),
                closed_at: closed.map(instant),
                closed_recorded_at: closed.map(instant),
            };
            let row = judge_reoffer(&thing, &Ground { now: instant(now), ..year() });
            assert_eq!(told(row).map(|(standing, late, _)| (standing, late)), expected, "{state} {closed:?} {now}");
        }
    }
}
