//! Which version's word about the next appointment is carried out.

use crate::sessions::logs::model::NextAppointment;

/// What the versions of a log say of the next appointment. One that names none says nothing of it.
#[derive(Debug, Default)]
pub struct Agreed {
    /// Those in the history, in order of their numbers: the number, and what it names.
    pub earlier: Vec<(i32, Option<NextAppointment>)>,
    /// What the present one names; later than any late copy, whatever the two are numbered.
    pub present: Option<NextAppointment>,
}

impl Agreed {
    /// All that were named, the latest word first.
    pub fn named(&self) -> impl Iterator<Item = &NextAppointment> {
        self.present.iter().chain(self.earlier.iter().rev().filter_map(|(_, named)| named.as_ref()))
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
                below.iter().rev().find_map(|(_, named)| named.as_ref())
            }
        };
        waits || before != Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Instant;

    fn on(day: u32) -> NextAppointment {
        let at = |hour: u32| Instant::parse(&format!("2026-03-{day}T{hour}:00:00Z")).unwrap();
        NextAppointment { starts_at: at(15), ends_at: at(16), kind: None, place_code: None }
    }

    fn said(earlier: &[(i32, Option<u32>)], present: Option<u32>) -> Agreed {
        Agreed { earlier: earlier.iter().map(|(number, day)| (*number, day.map(on))).collect(), present: present.map(on) }
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
    fn what_names_none_says_nothing() {
        let days = |said: &Agreed| said.named().cloned().collect::<Vec<_>>();
        let without = said(&[(1, Some(11)), (2, Some(18))], None);
        assert_eq!(days(&without), [on(18), on(11)]);
        assert_eq!((without.holds(&on(18)), without.holds(&on(11))), (true, false));
        assert!(said(&[(1, Some(11))], Some(12)).holds(&on(12)));
        assert!(!Agreed::default().holds(&on(12)));
    }
}
