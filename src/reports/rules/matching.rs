//! From an acceptance to a match, what became of proposals, and how much room the staff had.

use chrono::TimeDelta;

use crate::base::db::Coded;
use crate::matching::State;
use crate::reports::model::{
    About, AcceptedThing, AgeGroup, Definition, Dimension, Ground, Load, ProposalThing, Row, StaffThing, Standing, Waited,
};

/// A course accepted in the year in one of its figures.
pub fn judge_accepted(definition: Definition, thing: &AcceptedThing) -> Option<Row> {
    let (standing, happened_at, recorded_at) = match definition {
        Definition::Matched => (matched(thing), thing.matched_at, thing.matched_recorded_at),
        Definition::FirstProposalTaken => {
            let first = thing.first_proposal?;
            (first_taken(first.state), first.answered_at, first.answered_recorded_at)
        }
        _ => return None,
    };
    let mut groups = vec![(Dimension::Track, thing.track.code()), (Dimension::AgeGroup, AgeGroup::of(thing.is_adult).code())];
    groups.extend(thing.matched_at.map(|at| (Dimension::Waited, waited(at.since(thing.accepted_at)).code())));
    Some(Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.case), person: Some(thing.person), ..About::default() },
        at: thing.accepted_at,
        due_at: None,
        happened_at,
        recorded_at,
        standing,
        weight: 1,
        groups,
    })
}

const fn matched(thing: &AcceptedThing) -> Standing {
    match (thing.matched_at, thing.ended_at) {
        (Some(_), _) => Standing::Yes,
        (None, Some(_)) => Standing::No,
        (None, None) => Standing::Unknown,
    }
}

const fn first_taken(first: State) -> Standing {
    match first {
        State::Proposed => Standing::Unknown,
        State::Refused | State::Expired => Standing::No,
        State::Running | State::Ended => Standing::Yes,
    }
}

fn waited(span: TimeDelta) -> Waited {
    let limits = [(2, Waited::Within2Weeks), (4, Waited::Within4Weeks), (8, Waited::Within8Weeks)];
    limits.into_iter().find(|(weeks, _)| span <= TimeDelta::weeks(*weeks)).map_or(Waited::Over8Weeks, |(_, waited)| waited)
}

/// A proposal that was answered in the year.
pub fn judge_proposal(thing: &ProposalThing) -> Row {
    let mut groups = vec![(Dimension::Track, thing.track.code())];
    groups.extend(thing.declined_by.map(|side| (Dimension::Side, side.code())));
    groups.extend(thing.reason.map(|reason| (Dimension::ProposalReason, reason.code())));
    Row {
        subject: thing.id.into(),
        about: About { case: Some(thing.case), person: Some(thing.person), ..About::default() },
        at: thing.answered_at,
        due_at: None,
        happened_at: Some(thing.answered_at),
        recorded_at: thing.answered_recorded_at,
        standing: if thing.declined_by.is_some() { Standing::Yes } else { Standing::No },
        weight: 1,
        groups,
    }
}

/// Somebody on the staff as they stood at the year's end, or now.
pub fn judge_staff(thing: &StaffThing, ground: &Ground) -> Row {
    let load = match thing.matches {
        0 => Load::Nobody,
        matches if matches < thing.capacity => Load::Some,
        _ => Load::Full,
    };
    Row {
        subject: thing.id.into(),
        about: About::default(),
        at: ground.until.min(ground.now),
        due_at: None,
        happened_at: None,
        recorded_at: None,
        standing: if thing.matches < thing.capacity { Standing::Yes } else { Standing::No },
        weight: 1,
        groups: vec![(Dimension::Load, load.code())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courses::model::Track;
    use crate::matching::DeclineReason;
    use crate::reports::model::FirstProposal;
    use crate::reports::rules::tests::{id, instant, told, year};
    use crate::sessions::model::Side;

    fn accepted(matched: Option<&str>, ended: Option<&str>, first: Option<State>) -> AcceptedThing {
        AcceptedThing {
            id: id(1),
            case: id(2),
            person: id(3),
            track: Track::Mentor,
            is_adult: Some(false),
            accepted_at: instant("2026-03-02T08:00:00Z"),
            ended_at: ended.map(instant),
            matched_at: matched.map(instant),
            matched_recorded_at: matched.map(|_| instant("2026-05-04T08:00:00Z")),
            first_proposal: first.map(|state| {
                let answered = (state == State::Refused).then_some(("2026-03-03T08:00:00Z", "2026-03-10T08:00:01Z"));
                let [answered_at, answered_recorded_at] = [answered.map(|(at, _)| instant(at)), answered.map(|(_, at)| instant(at))];
                FirstProposal { state, answered_at, answered_recorded_at }
            }),
        }
    }

    #[test]
    fn a_course_is_matched_when_a_match_ran_and_nobody_knows_while_it_waits() {
        let (later, ended) = (Some("2026-03-16T08:00:00Z"), Some("2026-05-01T08:00:00Z"));
        for (thing, is_matched, is_taken) in [
            (accepted(later, None, Some(State::Running)), Standing::Yes, Some(Standing::Yes)),
            (accepted(later, ended, Some(State::Refused)), Standing::Yes, Some(Standing::No)),
            (accepted(None, ended, Some(State::Expired)), Standing::No, Some(Standing::No)),
            (accepted(None, None, Some(State::Proposed)), Standing::Unknown, Some(Standing::Unknown)),
            (accepted(None, None, None), Standing::Unknown, None),
        ] {
            let stands = |definition| judge_accepted(definition, &thing).map(|row| row.standing);
            assert_eq!((stands(Definition::Matched), stands(Definition::FirstProposalTaken)), (Some(is_matched), is_taken), "{thing:?}");
            assert_eq!(stands(Definition::Accepted), None);
        }
        // Written down more than a week later.
        let thing = accepted(later, None, Some(State::Refused));
        for definition in [Definition::Matched, Definition::FirstProposalTaken] {
            assert_eq!(told(judge_accepted(definition, &thing)).map(|(_, _, recorded_late)| recorded_late), Some(true), "{definition}");
        }
        for (matched, expected) in [
            ("2026-03-16T08:00:00Z", "within_2_weeks"),
            ("2026-03-16T08:00:01Z", "within_4_weeks"),
            ("2026-03-30T08:00:01Z", "within_8_weeks"),
            ("2026-04-27T08:00:01Z", "over_8_weeks"),
        ] {
            let row = judge_accepted(Definition::Matched, &accepted(Some(matched), None, None)).unwrap();
            assert_eq!(row.groups[2], (Dimension::Waited, expected), "{matched}");
        }
    }

    #[test]
    fn a_decline_counts_by_side_and_reason() {
        let thing = |declined_by, reason| ProposalThing {
            id: id(1),
            case: id(2),
            person: id(3),
            track: Track::Mentor,
            answered_at: instant("2026-03-02T08:00:00Z"),
            answered_recorded_at: Some(instant("2026-03-09T08:00:01Z")),
            declined_by,
            reason,
        };
        let row = judge_proposal(&thing(Some(Side::Staff), Some(DeclineReason::NoTime)));
        assert_eq!(told(Some(row.clone())), Some((Standing::Yes, false, true)));
        assert_eq!(row.groups[1..], [(Dimension::Side, "staff"), (Dimension::ProposalReason, "no_time")]);
        assert_eq!(judge_proposal(&thing(None, None)).standing, Standing::No);
    }

    #[test]
    fn load_is_told_by_room() {
        for (matches, capacity, load, room) in
            [(0, 3, "nobody", Standing::Yes), (2, 3, "some", Standing::Yes), (3, 3, "full", Standing::No), (0, 0, "nobody", Standing::No)]
        {
            let row = judge_staff(&StaffThing { id: id(1), capacity, matches }, &year());
            assert_eq!((row.groups[0].1, row.standing), (load, room), "{matches} of {capacity}");
        }
    }
}
