//! Concerns handed in, and the share that was founded.

use super::quarter;
use crate::base::db::Coded;
use crate::enquiries::model::State;
use crate::reports::model::{About, Definition, Dimension, EnquiryThing, Ground, Row, Standing};

/// An enquiry of the year in one of its figures.
pub fn judge(definition: Definition, thing: &EnquiryThing, ground: &Ground) -> Option<Row> {
    let (standing, happened_at, recorded_at) = match definition {
        Definition::Enquiries => (Standing::Yes, Some(thing.received_at), Some(thing.recorded_at)),
        Definition::Founded => (is_founded(thing), thing.decided_at, thing.decided_recorded_at),
        _ => return None,
    };
    Some(Row {
        subject: thing.id.into(),
        about: About { enquiry: Some(thing.id), ..About::default() },
        at: thing.received_at,
        due_at: None,
        happened_at,
        recorded_at,
        standing,
        weight: 1,
        groups: vec![(Dimension::Source, thing.source.code()), (Dimension::Quarter, quarter(thing.received_at, ground))],
    })
}

/// What was founded stays so when the police take it over, or give it back: its case was started. Concluded otherwise it leads to none any more.
const fn is_founded(thing: &EnquiryThing) -> Standing {
    match thing.state {
        _ if thing.has_case => Standing::Yes,
        State::Received | State::Qualifying => Standing::Unknown,
        State::Founded => Standing::Yes,
        State::Unfounded | State::AdviceOnly | State::OtherMunicipality | State::TransferredPolice => Standing::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enquiries::model::Source;
    use crate::reports::rules::tests::{id, instant, told, year};

    #[test]
    fn enquiries_and_the_founded_ones() {
        let thing = |(state, has_case), decided: Option<&str>| EnquiryThing {
            id: id(1),
            state,
            has_case,
            source: Source::School,
            received_at: instant("2026-03-31T22:30:00Z"),
            recorded_at: instant("2026-04-20T08:00:00Z"),
            decided_at: decided.map(instant),
            decided_recorded_at: decided.map(|_| instant("2026-04-09T08:00:00Z")),
        };
        for (state, decided, founded) in [
            ((State::Received, false), None, (Standing::Unknown, false, false)),
            ((State::Qualifying, false), None, (Standing::Unknown, false, false)),
            ((State::Founded, true), Some("2026-04-02T08:00:00Z"), (Standing::Yes, false, false)),
            ((State::Founded, true), Some("2026-04-02T07:59:59Z"), (Standing::Yes, false, true)), // recorded more than 7 days later
            ((State::Unfounded, false), Some("2026-04-05T08:00:00Z"), (Standing::No, false, false)),
            ((State::AdviceOnly, false), Some("2026-04-05T08:00:00Z"), (Standing::No, false, false)),
            ((State::OtherMunicipality, false), Some("2026-04-05T08:00:00Z"), (Standing::No, false, false)),
            ((State::TransferredPolice, false), Some("2026-04-05T08:00:00Z"), (Standing::No, false, false)),
            // Taken over after it was founded, and given back.
            ((State::TransferredPolice, true), Some("2026-04-05T08:00:00Z"), (Standing::Yes, false, false)),
            ((State::Qualifying, true), Some("2026-04-05T08:00:00Z"), (Standing::Yes, false, false)),
        ] {
            let thing = thing(state, decided);
            assert_eq!(told(judge(Definition::Founded, &thing, &year())), Some(founded), "{state:?}");
            let received = judge(Definition::Enquiries, &thing, &year()).unwrap();
            // Half past midnight in Denmark: the second quarter.
            assert_eq!(received.groups, [(Dimension::Source, "school"), (Dimension::Quarter, "q2")]);
            assert_eq!(told(Some(received)), Some((Standing::Yes, false, true)), "{state:?}");
            assert_eq!(judge(Definition::Accepted, &thing, &year()), None);
        }
    }
}
