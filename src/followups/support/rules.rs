//! Which support contacts a match is promised, and what keeps them. Pure.

use chrono::NaiveDate;

use crate::base::calendar::{Calendar, Span, plus_months};
use crate::base::clock::Instant;
use crate::base::config::Deadlines;
use crate::followups::notes::model::Contact;

/// How far ahead contacts are promised, whatever the pair expects; the nightly pass promises the rest.
const MONTHS_AHEAD: i32 = 12;

/// One promised support contact. Its name is its identity: a setting that changes moves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// `48h`, `day_10`, `day_25` (so by default), then the month it is due in, e.g. `2026-05`.
    pub name: String,
    /// From when a contact counts for it.
    pub from_at: Instant,
    /// From when it is on a list of what to do.
    pub opens_at: Instant,
    /// The last moment in time.
    pub due_at: Instant,
    /// Who must be spoken to.
    pub with: With,
}

/// Who must be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// Either side.
    Either,
    /// These.
    Sides {
        /// The mentor or coach.
        staff: bool,
        /// The young person or parent.
        person: bool,
    },
}

/// The support contacts of a match whose first session was held at a moment: the first after some hours, two in the first month, then
/// each month with the mentor or coach and every third month with the young person or parent. They are counted from the first session,
/// never from one another, and reach to the expected end, at least to the next month.
pub fn slots(calendar: Calendar, deadlines: &Deadlines, first_held_at: Instant, expected_end_on: NaiveDate, today: NaiveDate) -> Vec<Slot> {
    let (first_on, lead_days) = (calendar.zone.date(first_held_at), deadlines.lead_days);
    let [early, late] = deadlines.support_days;
    let mut slots: Vec<Slot> = Vec::new();
    let mut promise = |name: String, span: Span, with: With| {
        let due_at = calendar.due(first_held_at, span);
        // A contact counts for the first that is not yet behind it.
        let from_at = slots.last().map_or(first_held_at, |before| before.due_at.min(due_at));
        slots.push(Slot { name, from_at, opens_at: calendar.opens_at(first_held_at, span, lead_days), due_at, with });
    };
    promise("48h".to_owned(), Span::Hours(deadlines.support_first_hours), With::Either);
    promise("day_10".to_owned(), Span::Days(early), With::Either);
    promise("day_25".to_owned(), Span::Days(late), With::Either);
    let until_on = expected_end_on.max(plus_months(today, 1)).min(plus_months(today, MONTHS_AHEAD));
    // The contacts of the first month are those above.
    for months in 2_u32.. {
        let due_on = plus_months(first_on, i32::try_from(months).unwrap_or(i32::MAX));
        if due_on > until_on {
            break;
        }
        let is_due = |every: u32| months.checked_rem(every) == Some(0);
        let (staff, person) = (is_due(deadlines.support_staff_months), is_due(deadlines.support_person_months));
        if staff || person {
            promise(due_on.format("%Y-%m").to_string(), Span::Months(months), With::Sides { staff, person });
        }
    }
    slots
}

/// Which of these are promised by now. Where a month was over before anybody could know of it (a match or a first session that was written down
/// long after), only the last that was over is, late once: no contact of then can be made any more. What was promised before stays.
pub fn of_use(slots: Vec<Slot>, now: Instant, is_promised: impl Fn(&str) -> bool) -> Vec<Slot> {
    let last_over = slots.iter().rfind(|slot| slot.due_at < now && slot.with != With::Either).map(|slot| slot.due_at);
    let keeps = |slot: &Slot| last_over.is_none_or(|last| slot.due_at >= last) || is_promised(&slot.name);
    slots.into_iter().filter(keeps).collect()
}

/// When a promised contact was kept, by contacts in their order: the first that counts for it, or the last of the two it asks for. A
/// late one keeps every promise that had begun by then.
pub fn met_at(slot: &Slot, contacts: &[Contact]) -> Option<Instant> {
    let first = |counts: fn(&Contact) -> bool| contacts.iter().find(|contact| contact.at >= slot.from_at && counts(contact)).map(|c| c.at);
    match slot.with {
        With::Either => first(|_| true),
        With::Sides { staff: true, person: true } => first(|c| c.staff).zip(first(|c| c.person)).map(|(staff, person)| staff.max(person)),
        With::Sides { staff: true, person: false } => first(|c| c.staff),
        With::Sides { staff: false, .. } => first(|c| c.person),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn promised(first: &str, expected_end: &str, today: &str, deadlines: &Deadlines) -> Vec<Slot> {
        slots(Calendar::default(), deadlines, at(first), on(expected_end), on(today))
    }

    #[test]
    fn two_in_the_first_month_then_each_month_from_the_first_session() {
        // The first session on 31 January: months clamp, and never chain.
        let found = promised("2026-01-31T15:00:00Z", "2026-06-30", "2026-01-31", &Deadlines::default());
        let told: Vec<_> = found.iter().map(|slot| (slot.name.as_str(), slot.opens_at.to_string(), slot.due_at.to_string())).collect();
        let expected = [
            ("48h", "2026-01-31T15:00:00Z", "2026-02-02T15:00:00Z"),
            ("day_10", "2026-01-31T15:00:00Z", "2026-02-10T22:59:59.999999Z"),
            ("day_25", "2026-01-31T15:00:00Z", "2026-02-25T22:59:59.999999Z"),
            ("2026-03", "2026-03-16T23:00:00Z", "2026-03-31T21:59:59.999999Z"),
            ("2026-04", "2026-04-15T22:00:00Z", "2026-04-30T21:59:59.999999Z"),
            ("2026-05", "2026-05-16T22:00:00Z", "2026-05-31T21:59:59.999999Z"),
            ("2026-06", "2026-06-15T22:00:00Z", "2026-06-30T21:59:59.999999Z"),
        ];
        assert_eq!(told, expected.map(|(name, opens, due)| (name, opens.to_owned(), due.to_owned())));
        let (staff, both) = (With::Sides { staff: true, person: false }, With::Sides { staff: true, person: true });
        let with: Vec<With> = found.iter().map(|slot| slot.with).collect();
        assert_eq!(with, [With::Either, With::Either, With::Either, staff, both, staff, staff]);
    }

    #[test]
    fn they_reach_to_the_expected_end_and_at_least_to_the_next_month() {
        let last = |expected_end: &str, today: &str| {
            let found = promised("2026-03-04T15:00:00Z", expected_end, today, &Deadlines::default());
            (found.len(), found.last().unwrap().name.clone())
        };
        for (expected_end, today, count, name) in [
            ("2027-03-02", "2026-03-04", 13, "2027-02"),
            ("2027-03-04", "2026-03-04", 14, "2027-03"),
            // A year ahead at most.
            ("2199-12-31", "2026-03-04", 14, "2027-03"),
            // Over, and still running: the next month is promised when this one comes.
            ("2026-04-01", "2026-03-04", 3, "day_25"),
            ("2026-04-01", "2026-04-04", 4, "2026-05"),
            ("2026-04-01", "2026-05-03", 4, "2026-05"),
            ("2026-04-01", "2026-05-04", 5, "2026-06"),
        ] {
            assert_eq!(last(expected_end, today), (count, name.to_owned()), "{expected_end} {today}");
        }
    }

    #[test]
    fn of_months_that_were_over_before_anybody_knew_the_last_is_promised() {
        let left = |now: &str, known: &[&str]| {
            let found = promised("2026-03-04T15:00:00Z", "2026-08-30", "2026-03-04", &Deadlines::default());
            let names = of_use(found, at(now), |name| known.contains(&name)).into_iter().map(|slot| slot.name);
            names.collect::<Vec<_>>().join(" ")
        };
        let all = "48h day_10 day_25 2026-05 2026-06 2026-07 2026-08";
        assert_eq!(left("2026-03-04T17:00:00Z", &[]), all);
        // Known within two months, nothing is lost.
        assert_eq!(left("2026-05-04T21:59:59.999999Z", &[]), all);
        assert_eq!(left("2026-05-05T08:00:00Z", &[]), "2026-05 2026-06 2026-07 2026-08");
        assert_eq!(left("2026-07-05T08:00:00Z", &[]), "2026-07 2026-08");
        assert_eq!(left("2026-07-05T08:00:00Z", &["48h", "2026-06"]), "48h 2026-06 2026-07 2026-08");
    }

    #[test]
    fn other_steps_than_one_and_three_months() {
        let deadlines = Deadlines { support_staff_months: 2, support_person_months: 3, ..Deadlines::default() };
        let found = promised("2026-03-04T15:00:00Z", "2026-09-30", "2026-03-04", &deadlines);
        let sides = |slot: &Slot| (slot.name.clone(), slot.with);
        let side = |name: &str, staff, person| (name.to_owned(), With::Sides { staff, person });
        let expected =
            [side("2026-05", true, false), side("2026-06", false, true), side("2026-07", true, false), side("2026-09", true, true)];
        assert_eq!(found.iter().skip(3).map(sides).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_keeps_a_promise() {
        let found = promised("2026-03-04T15:00:00Z", "2026-07-30", "2026-03-04", &Deadlines::default());
        // A day, and whom: `s` the mentor, `p` the young person, `b` both.
        let contact = |day: &str, whom: char| Contact { at: at(&format!("{day}T10:00:00Z")), staff: whom != 'p', person: whom != 's' };
        type Case<'a> = (&'a str, &'a [(&'a str, char)], &'a [(&'a str, &'a str)]);
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            ("nothing", &[], &[]),
            ("before the first session", &[("2026-03-04", 's')], &[]),
            ("the next day", &[("2026-03-05", 'p')], &[("48h", "2026-03-05")]),
            ("day 9, late for the first", &[("2026-03-13", 's')], &[("48h", "2026-03-13"), ("day_10", "2026-03-13")]),
            ("one each", &[("2026-03-05", 's'), ("2026-03-12", 's'), ("2026-03-20", 'p')],
                &[("48h", "2026-03-05"), ("day_10", "2026-03-12"), ("day_25", "2026-03-20")]),
            ("a month with the wrong side", &[("2026-05-02", 'p')],
                &[("48h", "2026-05-02"), ("day_10", "2026-05-02"), ("day_25", "2026-05-02")]),
            ("the third month asks for both", &[("2026-05-05", 's'), ("2026-05-20", 'p')],
                &[("48h", "2026-05-05"), ("day_10", "2026-05-05"), ("day_25", "2026-05-05"), ("2026-05", "2026-05-05"), ("2026-06", "2026-05-20")]),
            ("both at once", &[("2026-05-05", 'b')],
                &[("48h", "2026-05-05"), ("day_10", "2026-05-05"), ("day_25", "2026-05-05"), ("2026-05", "2026-05-05"), ("2026-06", "2026-05-05")]),
        ];
        for (name, contacts, expected) in cases {
            let contacts: Vec<Contact> = contacts.iter().map(|(day, whom)| contact(day, *whom)).collect();
            let met = found.iter().filter_map(|slot| met_at(slot, &contacts).map(|at| (slot.name.clone(), at.to_string())));
            let expected: Vec<_> = expected.iter().map(|(slot, day)| ((*slot).to_owned(), format!("{day}T10:00:00Z"))).collect();
            assert_eq!(met.collect::<Vec<_>>(), expected, "{name}");
        }
    }
}
