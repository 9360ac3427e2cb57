//! Who may plan a joint session, who is told of it, and who cancelled what. Pure.

use std::collections::BTreeSet;

use super::model::{Joint, Met, ToldBy};
use crate::base::clock::Instant;
use crate::base::error::{Code, Problem, Result, invalid};
use crate::base::ids::{CaseId, JointId, MatchId, PersonId, StaffId};
use crate::base::value::Flaw;
use crate::matching::Match;
use crate::sessions::changes::Reason;
use crate::sessions::model::{Session, Side, State};

/// What is asked for, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// A coordinator.
    pub is_coordinator: bool,
    /// The custody holders of the case disagree.
    pub has_conflict: bool,
    /// Grounds are given.
    pub has_grounds: bool,
    /// The side that gets the messages is chosen.
    pub told: Option<MatchId>,
}

/// The one case of these matches.
///
/// # Errors
/// 422 for one match alone, one named twice or one of another case.
pub fn one_case(matches: &[Match]) -> Result<CaseId> {
    let wrong = |at: usize, flaw: Flaw| Err(flaw.refused(format!("/match_ids/{at}")));
    let (Some(first), true) = (matches.first(), matches.len() >= 2) else {
        return Err(invalid("/match_ids", Flaw::TooFew, "Angiv mindst to match", "Name at least two matches"));
    };
    for (at, matched) in matches.iter().enumerate() {
        if matches.iter().take(at).any(|other| other.id == matched.id) {
            return wrong(at, Flaw::NamedTwice);
        }
        if matched.case != first.case {
            return wrong(at, Flaw::OtherCase);
        }
    }
    Ok(first.case)
}

/// Whether a joint session of these matches may be: a mentor or coach only of matches of their own, and never where the custody holders
/// disagree; a coordinator there only on grounds, with one side to be told.
///
/// # Errors
/// 403, which does not say why to whoever is no coordinator; 409 `custody_conflict` with what is missing; 422 for a told match of another.
pub fn check(asking: &Asking, staff: &[StaffId], matches: &[MatchId]) -> Result<()> {
    let is_one_staff = staff.iter().all(|member| Some(member) == staff.first());
    if !asking.is_coordinator && (asking.has_conflict || asking.has_grounds || asking.told.is_some() || !is_one_staff) {
        let problem = Problem::new(Code::Forbidden);
        return Err(problem.say("Det planlægger en koordinator", "A coordinator plans this").into());
    }
    if asking.told.is_some_and(|told| !matches.contains(&told)) {
        return Err(Flaw::NotAmongThem.refused("/told_match_id"));
    }
    if asking.has_conflict && !(asking.has_grounds && asking.told.is_some()) {
        let mut problem = Problem::new(Code::CustodyConflict);
        if !asking.has_grounds {
            problem = problem.field("/grounds", Flaw::Required, "Skriv hvorfor mødet er rigtigt", "Say why it is right");
        }
        if asking.told.is_none() {
            problem = problem.field("/told_match_id", Flaw::Required, "Vælg hvem der får besked", "Choose who gets the messages");
        }
        return Err(problem.into());
    }
    Ok(())
}

/// By what a part is told of: with one side chosen, that side alone by message; where the custody holders disagree and none is, each by hand.
pub fn told(joint: &Joint, has_conflict: bool, matched: MatchId) -> ToldBy {
    match joint.told {
        Some(chosen) if chosen == matched => ToldBy::Message,
        None if !has_conflict => ToldBy::Message,
        Some(_) | None => ToldBy::Hand,
    }
}

/// Whether of two parts of a joint session one stands for the other in the calendar of whoever meets both: they are one meeting there. What is
/// agreed goes before what is only proposed, and then the lower id, so that the same one does wherever it is asked.
pub fn stands_for(one: &Session, part: &Session) -> bool {
    let rank = |session: &Session| (session.state == State::Proposed, session.id);
    let is_one_meeting = one.host() == part.host() && one.starts_at < part.ends_at && part.starts_at < one.ends_at;
    is_one_meeting && one.state != State::Cancelled && rank(one) < rank(part)
}

/// Of which joint sessions no part tells the place: that of somebody who is met there is hidden, and it is that of all. Whose part is off is not met
/// there.
pub fn without_place(parts: &[Met], hidden: &BTreeSet<PersonId>) -> BTreeSet<JointId> {
    parts.iter().filter(|part| part.state != State::Cancelled && hidden.contains(&part.person)).map(|part| part.joint).collect()
}

/// Whether a part goes along when the whole is moved: it is planned or proposed, and has not begun. The past is never rewritten.
pub fn may_move(part: &Session, now: Instant) -> bool {
    part.state.is_open() && part.starts_at > now
}

/// Whether a change of the whole says enough of who asked for it: what a person asks for names their match, so does what staff ask for where
/// several of them meet a part that changes, and a match that is named is one of the parts that change.
///
/// # Errors
/// 422.
pub fn check_asked(by: Option<Side>, own: Option<MatchId>, parts: &[Session], changes: impl Fn(&Session) -> bool) -> Result<()> {
    let Some(own) = own else {
        if by == Some(Side::Person) {
            return Err(invalid("/match_id", Flaw::Required, "Angiv, hvilken borger der bad om det", "Say which person asked for it"));
        }
        let mut hosts = parts.iter().filter(|part| changes(part)).map(Session::host);
        let first = hosts.next();
        if by == Some(Side::Staff) && hosts.any(|host| Some(host) != first) {
            let (da, en) = ("Angiv, hvis mentor eller forældrecoach der bad om det", "Say whose mentor or coach asked for it");
            return Err(invalid("/match_id", Flaw::Required, da, en));
        }
        return Ok(());
    };
    let Some(part) = parts.iter().find(|part| part.matched == own) else {
        return Err(Flaw::NotAmongThem.refused("/match_id"));
    };
    if !changes(part) {
        return Err(Flaw::NotPlanned.refused("/match_id"));
    }
    Ok(())
}

/// By whose side a part is moved or cancelled, and why. Where it is said which match's side asked, the other parts are changed by the unit: nothing
/// that one side said stands in the history of another.
pub fn said_of<By: From<Side>>(asked: (By, Option<Reason>), own: Option<MatchId>, part: MatchId) -> (By, Option<Reason>) {
    match own {
        Some(own) if own != part => (Side::Unit.into(), None),
        Some(_) | None => asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;
    use crate::base::ids::{Id, IdSource};

    fn id<N>(number: u128) -> Id<N> {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn who_may_plan_a_joint_session() {
        let asking = |is_coordinator, has_conflict, has_grounds, told: Option<u128>| Asking {
            is_coordinator,
            has_conflict,
            has_grounds,
            told: told.map(id),
        };
        let (one, two) = (vec![id(1), id(1)], vec![id(1), id(2)]);
        #[rustfmt::skip]
        let cases = [
            ("siblings with one mentor", asking(false, false, false, None), &one, None),
            ("across two", asking(false, false, false, None), &two, Some(Code::Forbidden)),
            ("a mentor in a conflict", asking(false, true, false, None), &one, Some(Code::Forbidden)),
            ("a mentor with grounds", asking(false, true, true, Some(1)), &one, Some(Code::Forbidden)),
            ("a mentor chooses who is told", asking(false, false, false, Some(1)), &one, Some(Code::Forbidden)),
            ("a coordinator across two", asking(true, false, false, None), &two, None),
            ("in a conflict without anything", asking(true, true, false, None), &two, Some(Code::CustodyConflict)),
            ("without grounds", asking(true, true, false, Some(1)), &two, Some(Code::CustodyConflict)),
            ("without a choice", asking(true, true, true, None), &two, Some(Code::CustodyConflict)),
            ("with both", asking(true, true, true, Some(2)), &two, None),
            ("somebody else is told", asking(true, true, true, Some(3)), &two, Some(Code::Invalid)),
        ];
        for (name, asking, staff, refused) in cases {
            let found = match check(&asking, staff, &[id(1), id(2)]) {
                Err(Error::Refused(problem)) => Some(problem.code),
                done => done.map(|()| None).unwrap(),
            };
            assert_eq!(found, refused, "{name}");
        }
    }

    #[test]
    fn one_side_is_told_or_each_its_own() {
        let joint = |told: Option<u128>| Joint {
            id: IdSource::seeded(1).next(),
            case: id(1),
            grounds: None,
            grounds_at: None,
            grounds_by: None,
            told: told.map(id),
            recorded_at: Instant::from_micros(0),
            recorded_by: id(1),
            version: 1,
        };
        #[rustfmt::skip]
        let cases = [
            (None, false, ToldBy::Message), (None, true, ToldBy::Hand),
            (Some(1), true, ToldBy::Message), (Some(2), true, ToldBy::Hand), (Some(2), false, ToldBy::Hand), (Some(1), false, ToldBy::Message),
        ];
        for (chosen, has_conflict, expected) in cases {
            assert_eq!(told(&joint(chosen), has_conflict, id(1)), expected, "{chosen:?} {has_conflict}");
        }
    }

    #[test]
    fn of_two_parts_that_one_meets_one_stands_for_both() {
        let part = |number: u128, state, staff: u128, minutes: i64| {
            let blank = Session::for_testing();
            let later = chrono::TimeDelta::minutes(minutes);
            let (starts_at, ends_at) = (blank.starts_at.plus(later), blank.ends_at.plus(later));
            Session { id: id(number), state, staff: id(staff), starts_at, ends_at, ..blank }
        };
        let covered = Session { cover: Some(id(1)), ..part(2, State::Planned, 9, 0) };
        #[rustfmt::skip]
        let cases = [
            ("the lower id", part(1, State::Planned, 1, 0), part(2, State::Planned, 1, 0), (true, false)),
            ("it is off", part(1, State::Cancelled, 1, 0), part(2, State::Planned, 1, 0), (false, false)),
            ("it is only proposed", part(1, State::Proposed, 1, 0), part(2, State::Planned, 1, 0), (false, true)),
            ("another meets them", part(1, State::Planned, 1, 0), part(2, State::Planned, 2, 0), (false, false)),
            ("covered by the same", part(1, State::Planned, 1, 0), covered, (true, false)),
            ("held some minutes later", part(1, State::Held, 1, 10), part(2, State::Held, 1, 0), (true, false)),
            ("at another time by now", part(1, State::Planned, 1, 1440), part(2, State::Planned, 1, 0), (false, false)),
        ];
        for (name, one, other, expected) in cases {
            assert_eq!((stands_for(&one, &other), stands_for(&other, &one)), expected, "{name}");
        }
    }

    #[test]
    fn what_one_of_several_sides_asks_for_names_its_match() {
        let part = |matched, staff, state| Session { matched: id(matched), staff: id(staff), state, ..Session::for_testing() };
        let of_one = [part(1, 7, State::Planned), part(2, 7, State::Planned), part(4, 8, State::Cancelled)];
        let of_two = [part(1, 7, State::Planned), part(2, 8, State::Planned)];
        let covered = [part(1, 7, State::Planned), Session { cover: Some(id(7)), ..part(2, 8, State::Planned) }];
        let (person, staff, unit) = (Some(Side::Person), Some(Side::Staff), Some(Side::Unit));
        #[rustfmt::skip]
        let cases = [
            (None, None, &of_one[..], None), (unit, None, &of_two[..], None), (person, None, &of_one[..], Some("required")),
            (staff, None, &of_one[..], None), (staff, None, &of_two[..], Some("required")), (staff, None, &covered[..], None),
            (person, Some(2), &of_two[..], None), (staff, Some(1), &of_two[..], None),
            (person, Some(3), &of_one[..], Some("not_among_them")), (None, Some(3), &of_one[..], Some("not_among_them")),
            (person, Some(4), &of_one[..], Some("not_planned")), (None, Some(4), &of_one[..], Some("not_planned")),
        ];
        for (by, own, parts, refused) in cases {
            let found = match check_asked(by, own.map(id), parts, |part| part.state.is_open()) {
                Err(Error::Refused(problem)) => problem.errors.first().map(|flaw| flaw.code),
                done => done.map(|()| None).unwrap(),
            };
            assert_eq!(found, refused, "{by:?} {own:?}");
        }
    }

    #[test]
    fn where_the_place_of_one_is_hidden_that_of_all_is() {
        let part = |joint: u128, person: u128, state| Met { joint: id(joint), person: id(person), state };
        let (one, two): (JointId, JointId) = (id(1), id(2));
        #[rustfmt::skip]
        let cases = [
            ("nobody's", vec![part(1, 3, State::Planned), part(1, 4, State::Planned)], vec![]),
            ("one's", vec![part(1, 3, State::Planned), part(1, 9, State::Planned)], vec![one]),
            ("one's whose part is only proposed", vec![part(1, 9, State::Proposed)], vec![one]),
            ("one's whose part is over", vec![part(1, 3, State::Planned), part(1, 9, State::Held)], vec![one]),
            ("one's whose part is off", vec![part(1, 3, State::Planned), part(1, 9, State::Cancelled)], vec![]),
            ("of another", vec![part(1, 3, State::Planned), part(2, 9, State::NoShow)], vec![two]),
        ];
        for (name, parts, expected) in cases {
            assert_eq!(without_place(&parts, &BTreeSet::from([id(9)])), expected.into_iter().collect(), "{name}");
        }
    }

    #[test]
    fn what_began_is_not_moved_along() {
        let part = |state| Session { state, ..Session::for_testing() };
        let (starts_at, second) = (Session::for_testing().starts_at, chrono::TimeDelta::seconds(1));
        #[rustfmt::skip]
        let cases = [
            (State::Planned, starts_at.minus(second), true), (State::Proposed, starts_at.minus(second), true),
            (State::Planned, starts_at, false), (State::Planned, starts_at.plus(second), false),
            (State::Cancelled, starts_at.minus(second), false), (State::Held, starts_at.minus(second), false),
        ];
        for (state, now, expected) in cases {
            assert_eq!(may_move(&part(state), now), expected, "{state} {now}");
        }
        let refused = check_asked(None, Some(Session::for_testing().matched), &[part(State::Planned)], |part| may_move(part, starts_at));
        assert!(matches!(refused, Err(Error::Refused(problem)) if problem.errors.first().is_some_and(|flaw| flaw.code == "not_planned")));
    }

    #[test]
    fn what_one_side_said_is_said_of_that_side_alone() {
        let illness = Some(Reason::Illness);
        #[rustfmt::skip]
        let cases = [
            (Side::Person, Some(1), (Side::Person, illness)), (Side::Person, Some(2), (Side::Unit, None)),
            (Side::Staff, Some(2), (Side::Unit, None)), (Side::Staff, None, (Side::Staff, illness)), (Side::Unit, None, (Side::Unit, illness)),
        ];
        for (by, own, expected) in cases {
            assert_eq!(said_of((by, illness), own.map(id), id(1)), expected, "{by} {own:?}");
        }
        assert_eq!(said_of((None::<Side>, illness), Some(id(2)), id(1)), (Some(Side::Unit), None));
    }
}
