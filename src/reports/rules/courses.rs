//! Courses that run, and how they ended.

use crate::base::db::Coded;
use crate::reports::model::{About, AgeGroup, CourseThing, Definition, Dimension, Row, Standing};

/// A course in one of its figures. Suspended and handed over to the ordinary services counts as gone through (domain section 4).
pub fn judge(definition: Definition, thing: &CourseThing) -> Option<Row> {
    let counts = |is: bool| if is { Standing::Yes } else { Standing::No };
    let (standing, at, recorded_at) = match definition {
        Definition::CoursesActive => (Standing::Yes, thing.started_at?, thing.started_recorded_at),
        Definition::GoneThrough => (counts(thing.state.is_gone_through()), thing.ended_at?, thing.ended_recorded_at),
        Definition::Discontinued => (counts(!thing.state.is_gone_through()), thing.ended_at?, thing.ended_recorded_at),
        _ => return None,
    };
    let mut groups = vec![(Dimension::Track, thing.track.code()), (Dimension::AgeGroup, AgeGroup::of(thing.is_adult).code())];
    if thing.state.is_ended() {
        groups.push((Dimension::End, thing.state.code()));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courses::model::{CourseState, Track};
    use crate::reports::rules::tests::{id, instant, told};

    #[test]
    fn suspended_and_handed_over_is_gone_through() {
        let (yes, no) = (Some((Standing::Yes, false, true)), Some((Standing::No, false, true)));
        for (state, gone_through, discontinued) in [
            (CourseState::Completed, yes, no),
            (CourseState::SuspendedHandedOver, yes, no),
            (CourseState::Discontinued, no, yes),
            (CourseState::Active, None, None),
        ] {
            let ended = state.is_ended().then(|| instant("2026-11-30T08:00:00Z"));
            let thing = CourseThing {
                id: id(1),
                case: id(2),
                person: id(3),
                track: Track::Mentor,
                state,
                is_adult: Some(false),
                started_at: Some(instant("2026-03-02T08:00:00Z")),
                started_recorded_at: Some(instant("2026-03-09T08:00:01Z")),
                ended_at: ended,
                ended_recorded_at: ended.map(|_| instant("2026-12-24T08:00:00Z")),
            };
            let stands = |definition| told(judge(definition, &thing));
            assert_eq!((stands(Definition::GoneThrough), stands(Definition::Discontinued)), (gone_through, discontinued), "{state}");
            assert_eq!(stands(Definition::CoursesActive), Some((Standing::Yes, false, true)), "{state}");
            assert_eq!(stands(Definition::Accepted), None);
            // One that waits for its first session does not run.
            assert_eq!(judge(Definition::CoursesActive, &CourseThing { started_at: None, ..thing.clone() }), None);
            if let Some(row) = judge(Definition::GoneThrough, &thing) {
                assert_eq!(row.groups, [(Dimension::Track, "mentor"), (Dimension::AgeGroup, "under_18"), (Dimension::End, state.code())]);
            }
        }
    }
}
