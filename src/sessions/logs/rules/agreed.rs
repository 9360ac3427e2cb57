//! Which version's word about the next appointment is carried out.

use chrono::TimeDelta;

use crate::base::clock::Instant;
use crate::sessions::changes::ChangeKind;
use crate::sessions::changes::model::Change;
use crate::sessions::logs::model::NextAppointment;
use crate::sessions::model::{Session, State};

/// What a version names, and when it came in.
#[derive(Clone, Debug)]
pub struct Word {
    /// The appointment.
    pub next: NextAppointment,
    /// When its version came in.
    pub received_at: Instant,
}

/// What the versions of a log say of the next appointment. One that names none says nothing of it.
#[derive(Debug, Default)]
pub struct Agreed {
    /// Those in the history, in order of their numbers: the number, and what it names.
    pub earlier: Vec<(i32, Option<Word>)>,
    /// What the present one names; later than any late copy, whatever the two are numbered.
    pub present: Option<Word>,
}

impl Agreed {
    /// All that were named, the latest word first.
    pub fn named(&self) -> impl Iterator<Item = &NextAppointment> {
        self.words().map(|word| &word.next)
    }

    fn words(&self) -> impl Iterator<Item = &Word> {
        self.present.iter().chain(self.earlier.iter().rev().filter_map(|(_, named)| named.as_ref()))
    }

    /// Since when the time of an appointment is the latest word: what names it anew, in another way or elsewhere, names no other. `None` where
    /// another is, or none.
    pub fn holds_since(&self, next: &NextAppointment) -> Option<Instant> {
        self.words().take_while(|word| word.next.is_then(next)).map(|word| word.received_at).min()
    }

    /// Whether an appointment is the one that holds.
    pub fn holds(&self, next: &NextAppointment) -> bool {
        self.named().next() == Some(next)
    }

    /// Whether what another version names is to be planned: the next one, or a `late` copy of that number, whose word holds where none above it
    /// names one. What the last before it that names any names, too, is planned already, or was, unless that still `waits`.
    pub fn is_news(&self, next: &NextAppointment, late: Option<i32>, waits: bool) -> bool {
        let before = match late {
            None => self.named().next(),
            Some(number) => {
                let (below, above) = self.earlier.split_at(self.earlier.partition_point(|(other, _)| *other < number));
                if self.present.is_some() || above.iter().any(|(_, named)| named.is_some()) {
                    return false;
                }
                below.iter().rev().find_map(|(_, named)| named.as_ref()).map(|word| &word.next)
            }
        };
        waits || before != Some(next)
    }
}

/// Which sessions may stand in the place of an appointment that could not be planned: what is to come less than a week after it, or up to the first that
/// begins then or later.
pub fn in_place_of<'a>(standing: &'a [Session], next: &NextAppointment, now: Instant) -> impl Iterator<Item = &'a Session> {
    let coming = move |session: &&Session| session.state == State::Planned && session.starts_at > now;
    let within = next.starts_at.plus(TimeDelta::days(7));
    let first_at = standing.iter().filter(coming).map(|session| session.starts_at).filter(|at| *at >= next.starts_at).min();
    let is_near = move |at: Instant| at < within || first_at.is_some_and(|first_at| at <= first_at);
    standing.iter().filter(coming).filter(move |session| is_near(session.starts_at))
}

/// Whether a planned session was agreed on with its person after a moment, by what happened to it: planned, moved or brought back since, and not by
/// itself. What stood then at the time that it has, and was off or elsewhere meanwhile, is nothing that was agreed on since.
pub fn is_agreed_after(session: &Session, changes: &[Change], since: Instant) -> bool {
    if session.agreed_at.is_none() || session.recorded_at > since {
        return session.agreed_at.is_some();
    }
    let mut after = changes.iter().filter(|change| change.recorded_at > since && change.kind != ChangeKind::Changed);
    let stood_so = |first: &Change| matches!(first.kind, ChangeKind::Moved | ChangeKind::Cancelled) && first.starts_at == session.starts_at;
    after.next().is_some_and(|first| !stood_so(first) || after.any(|change| change.kind == ChangeKind::Confirmed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: u32) -> NextAppointment {
        let at = |hour: u32| Instant::parse(&format!("2026-03-{day}T{hour}:00:00Z")).unwrap();
        NextAppointment { starts_at: at(15), ends_at: at(16), kind: None, place_code: None }
    }

    fn said_at(earlier: &[(i32, Option<u32>, u32)], present: Option<(u32, u32)>) -> Agreed {
        let word = |day: u32, hour: u32| Word { next: on(day), received_at: Instant::parse(&format!("2026-03-04T{hour}:00:00Z")).unwrap() };
        let earlier = earlier.iter().map(|(number, day, hour)| (*number, day.map(|day| word(day, *hour)))).collect();
        Agreed { earlier, present: present.map(|(day, hour)| word(day, hour)) }
    }

    fn said(earlier: &[(i32, Option<u32>)], present: Option<u32>) -> Agreed {
        said_at(&earlier.iter().map(|(number, day)| (*number, *day, 10)).collect::<Vec<_>>(), present.map(|day| (day, 10)))
    }

    #[test]
    fn the_latest_word_holds_whenever_it_came() {
        #[rustfmt::skip]
        let cases = [
            // name, the history, the present, what is named, a late copy's number, waits, is planned
            ("the first word", said(&[], None), 11, None, false, true),
            ("the same again", said(&[], Some(11)), 11, None, false, false),
            ("the same, not planned yet", said(&[], Some(11)), 11, None, true, true),
            ("another", said(&[], Some(11)), 18, None, false, true),
            ("as long ago", said(&[(1, Some(11))], Some(18)), 11, None, false, true),
            ("named again after a version that says nothing", said(&[(1, Some(11))], None), 11, None, false, false),
            ("late, named again so", said(&[(1, Some(11)), (2, None)], None), 11, Some(3), false, false),
            ("late, before what names another", said(&[], Some(11)), 18, Some(1), false, false),
            ("late, before what names none", said(&[], None), 18, Some(1), false, true),
            ("late, after one and before none", said(&[(1, Some(11))], None), 18, Some(2), false, true),
            ("late, the same as the one before it", said(&[(1, Some(11))], None), 11, Some(2), false, false),
            ("which was not planned", said(&[(1, Some(11))], None), 11, Some(2), true, true),
            ("late, before another late one", said(&[(2, Some(11))], None), 18, Some(1), false, false),
            ("late, under its number", said(&[(2, Some(11))], None), 18, Some(2), false, false),
            ("late, before one that names none", said(&[(2, None), (3, None)], None), 18, Some(1), false, true),
        ];
        for (name, said, day, late, waits, expected) in cases {
            assert_eq!(said.is_news(&on(day), late, waits), expected, "{name}");
        }
    }

    #[test]
    fn a_word_holds_since_it_was_first_the_latest() {
        let elsewhere = NextAppointment { place_code: Some(crate::base::value::Line::parse("cafe").unwrap()), ..on(11) };
        let since = |said: Agreed| said.holds_since(&elsewhere).map(|at| at.to_string());
        let at = |hour: u32| Some(format!("2026-03-04T{hour}:00:00Z"));
        assert_eq!(since(Agreed::default()), None);
        assert_eq!(since(said_at(&[(1, Some(11), 12)], Some((18, 13)))), None);
        assert_eq!(since(said_at(&[], Some((11, 12)))), at(12));
        assert_eq!(since(said_at(&[(1, Some(11), 12), (2, None, 13)], Some((11, 14)))), at(12));
        assert_eq!(since(said_at(&[(1, Some(11), 12), (2, Some(18), 13)], Some((11, 14)))), at(14));
        // A late copy came in last.
        assert_eq!(since(said_at(&[(1, Some(11), 15), (2, Some(11), 13)], None)), at(13));
    }

    #[test]
    fn another_is_agreed_on_when_somebody_asked_its_person_since() {
        use ChangeKind::{Cancelled, Changed, Confirmed, Moved, Restored};
        // Wednesday 3 June from 14:00, planned on 20 May at 8:00; what happened to it at an hour of that day, and when it was to begin before.
        let (there, elsewhere) = ("2026-06-03T14:00:00Z", "2026-06-05T14:00:00Z");
        let at = |hour: u32| Instant::parse(&format!("2026-05-20T{hour:02}:00:00Z")).unwrap();
        let change = |(hour, kind, from): &(u32, ChangeKind, &str)| Change {
            version: 1,
            kind: *kind,
            because: crate::sessions::changes::Because::default(),
            starts_at: Instant::parse(from).unwrap(),
            ends_at: Instant::parse(from).unwrap(),
            late: false,
            happened_at: at(*hour),
            recorded_at: at(*hour),
            recorded_by: None,
        };
        type Case<'a> = (&'a str, &'a [(u32, ChangeKind, &'a str)], u32, bool);
        #[rustfmt::skip]
        let cases: [Case<'_>; 12] = [
            ("planned since", &[], 7, true),
            ("planned before", &[], 8, false),
            ("moved since", &[(10, Moved, elsewhere)], 9, true),
            ("moved before", &[(10, Moved, elsewhere)], 10, false),
            ("there and back", &[(10, Moved, there), (11, Moved, elsewhere)], 9, false),
            ("off, and back", &[(10, Cancelled, there), (11, Restored, there)], 9, false),
            ("off before, and back since", &[(10, Cancelled, there), (11, Restored, there)], 10, true),
            ("moved, off and back", &[(10, Moved, elsewhere), (11, Cancelled, there), (12, Restored, there)], 9, true),
            ("moved before, off and back", &[(10, Moved, elsewhere), (11, Cancelled, there), (12, Restored, there)], 10, false),
            ("proposed, and agreed on since", &[(10, Confirmed, there)], 9, true),
            ("proposed, off, back, and agreed on since", &[(10, Cancelled, there), (11, Restored, there), (12, Confirmed, there)], 9, true),
            ("longer", &[(10, Changed, there)], 9, false),
        ];
        for (name, changes, since, expected) in cases {
            let changes: Vec<Change> = changes.iter().map(change).collect();
            assert_eq!(is_agreed_after(&Session::for_testing(), &changes, at(since)), expected, "{name}");
            let by_itself = Session { agreed_at: None, ..Session::for_testing() };
            assert!(!is_agreed_after(&by_itself, &changes, at(since)), "{name}, by itself");
        }
    }

    #[test]
    fn what_lies_beyond_the_next_that_stands_takes_the_place_of_none() {
        let stands =
            |day: u32, state: State| Session { state, starts_at: on(day).starts_at, ends_at: on(day).ends_at, ..Session::for_testing() };
        let (planned, now) = (|day: u32| stands(day, State::Planned), on(10).starts_at);
        let in_place = |standing: &[Session]| in_place_of(standing, &on(12), now).map(|session| session.starts_at).collect::<Vec<_>>();
        let days = |days: &[u32]| days.iter().map(|day| on(*day).starts_at).collect::<Vec<_>>();
        assert_eq!(in_place(&[planned(10), planned(11), planned(13), planned(20)]), days(&[11, 13]));
        assert_eq!(in_place(&[planned(11), planned(12), planned(13)]), days(&[11, 12, 13]));
        assert_eq!(in_place(&[planned(20), planned(21)]), days(&[20]));
        assert_eq!(in_place(&[planned(13), planned(18), planned(19)]), days(&[13, 18]));
        assert_eq!(in_place(&[stands(13, State::Cancelled), stands(14, State::Proposed), planned(19), planned(20)]), days(&[19]));
        assert_eq!(in_place(&[planned(11)]), days(&[11]));
    }

    #[test]
    fn what_names_none_says_nothing() {
        let days = |said: &Agreed| said.named().cloned().collect::<Vec<_>>();
        let without = said(&[(1, Some(11)), (2, Some(18))], None);
        assert_eq!(days(&without), [on(18), on(11)]);
        assert_eq!((without.holds(&on(18)), without.holds(&on(11))), (true, false));
        assert!(said(&[(1, Some(11))], Some(12)).holds(&on(12)));
        assert!(!Agreed::default().holds(&on(12)));
    }
}
