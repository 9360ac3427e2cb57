//! Decisions about offers and courses. Pure: months, closing; what is asked at which age is in [`birthdays`], who must consent in
//! [`consent`], what stays planned from an 18th birthday on in [`coming_of_age`], and all of it for the dates of one course in [`standing`].

pub mod birthdays;
pub mod coming_of_age;
pub mod consent;
pub mod standing;

use super::model::{Closing, CourseState, Track};
use crate::base::calendar::{Calendar, Span};
use crate::base::clock::Instant;
use crate::base::config::Deadlines;
use crate::base::error::{Result, invalid};
use crate::base::value::Flaw;
use crate::cases::model::Role;
use crate::duties::Kind;

/// A promise's kind, slot and times, before it is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// Which kind.
    pub kind: Kind,
    /// Which of its kind.
    pub slot: String,
    /// From when it is on a list of what to do.
    pub opens_at: Instant,
    /// The last moment in time.
    pub due_at: Instant,
}

/// What the decline of a first offer opens: exactly two re-offers, each counted in months from the decline and never chained, and
/// the support of the professionals around the family, monthly until the last re-offer (domain section 4).
pub fn after_decline(calendar: Calendar, deadlines: &Deadlines, declined_at: Instant) -> Vec<Dated> {
    let dated = |kind, slot, months| Dated {
        kind,
        slot,
        opens_at: calendar.opens_at(declined_at, Span::Months(months), deadlines.lead_days),
        due_at: calendar.due(declined_at, Span::Months(months)),
    };
    let [first, second] = deadlines.reoffer_months;
    let reoffers = [dated(Kind::Reoffer3m, String::new(), first), dated(Kind::Reoffer6m, String::new(), second)];
    let step = deadlines.professionals_months.max(1);
    let supports = (1..=second / step).map(|number| dated(Kind::SupportProfessionals, number.to_string(), number.saturating_mul(step)));
    reoffers.into_iter().chain(supports).collect()
}

/// A mentor is for a young person, a coach for a parent or another relative, as they stand in the case: a girl with a mentor may be the
/// mother in another. A brother or sister may be either.
pub const fn fits(track: Track, role: Role) -> bool {
    match role {
        Role::YoungPerson => matches!(track, Track::Mentor),
        Role::Parent | Role::Relative => matches!(track, Track::ParentCoach),
        Role::Sibling => true,
    }
}

/// Whether a course in this state may end that way: one that was never active can only be discontinued.
pub const fn may_end(from: CourseState, to: CourseState) -> bool {
    matches!(
        (from, to),
        (CourseState::Active, CourseState::Completed | CourseState::SuspendedHandedOver | CourseState::Discontinued)
            | (CourseState::Waiting, CourseState::Discontinued)
    )
}

/// A closing form says how the course was closed: with a meeting or why not; handed over to whom.
///
/// # Errors
/// 422 with each member that is missing.
pub fn check_closing(kind: CourseState, closing: &Closing) -> Result<()> {
    if closing.joint_meeting_at.is_none() && closing.no_meeting_reason.is_none() {
        let words = (
            "Skriv hvornår afslutningsmødet var, eller hvorfor det ikke blev holdt",
            "Say when the closing meeting was, or why there was none",
        );
        return Err(invalid("/closing/no_meeting_reason", Flaw::Required, words.0, words.1));
    }
    if kind == CourseState::SuspendedHandedOver && closing.handed_over_to.is_none() {
        return Err(invalid("/closing/handed_over_to", Flaw::Required, "Skriv hvem der tager over", "Say who takes over"));
    }
    Ok(())
}

/// The version of a text is a short code, never words.
pub fn is_text_version(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::value::{Line, Text};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_declined_first_offer_is_made_again_after_3_and_6_months() {
        #[rustfmt::skip]
        let cases = [
            // declined, 3 months, opens, 6 months
            ("2026-01-15T12:00:00Z", "2026-04-15T21:59:59.999999Z", "2026-03-31T22:00:00Z", "2026-07-15T21:59:59.999999Z"),
            // Clamped, and not chained: 31 August + 6 = 28 February, 29 in a leap year.
            ("2026-08-31T12:00:00Z", "2026-11-30T22:59:59.999999Z", "2026-11-15T23:00:00Z", "2027-02-28T22:59:59.999999Z"),
            ("2027-08-31T12:00:00Z", "2027-11-30T22:59:59.999999Z", "2027-11-15T23:00:00Z", "2028-02-29T22:59:59.999999Z"),
            // Half past midnight in Copenhagen: the local date counts.
            ("2026-11-29T23:30:00Z", "2027-02-28T22:59:59.999999Z", "2027-02-13T23:00:00Z", "2027-05-30T21:59:59.999999Z"),
        ];
        for (declined, first, opens, second) in cases {
            let dated = after_decline(Calendar::default(), &Deadlines::default(), at(declined));
            let of = |kind| dated.iter().filter(|dated| dated.kind == kind).collect::<Vec<_>>();
            let (three, six) = (of(Kind::Reoffer3m), of(Kind::Reoffer6m));
            assert_eq!((three.len(), six.len()), (1, 1), "{declined}");
            assert_eq!((three[0].due_at, three[0].opens_at, six[0].due_at), (at(first), at(opens), at(second)), "{declined}");
        }
    }

    #[test]
    fn the_professionals_are_supported_monthly_until_the_last_re_offer() {
        let dated = after_decline(Calendar::default(), &Deadlines::default(), at("2026-01-31T12:00:00Z"));
        let supports: Vec<_> = dated.iter().filter(|dated| dated.kind == Kind::SupportProfessionals).collect();
        let dates: Vec<_> =
            supports.iter().map(|dated| (dated.slot.as_str(), Calendar::default().zone.date(dated.due_at).to_string())).collect();
        let expected =
            [("1", "2026-02-28"), ("2", "2026-03-31"), ("3", "2026-04-30"), ("4", "2026-05-31"), ("5", "2026-06-30"), ("6", "2026-07-31")];
        assert_eq!(dates, expected.map(|(slot, date)| (slot, date.to_owned())));
        let every_second = Deadlines { professionals_months: 4, ..Deadlines::default() };
        assert_eq!(after_decline(Calendar::default(), &every_second, at("2026-01-31T12:00:00Z")).len(), 3);
    }

    #[test]
    fn a_track_is_for_a_role_in_the_case() {
        use Track::{Mentor, ParentCoach};
        for (role, tracks) in [
            (Role::YoungPerson, &[Mentor][..]),
            (Role::Parent, &[ParentCoach][..]),
            (Role::Relative, &[ParentCoach][..]),
            (Role::Sibling, &[Mentor, ParentCoach][..]),
        ] {
            let fitting: Vec<Track> = [Mentor, ParentCoach].into_iter().filter(|track| fits(*track, role)).collect();
            assert_eq!(fitting, tracks, "{role}");
        }
    }

    #[test]
    fn courses_end_by_their_machine() {
        use CourseState::{Active, Completed, Discontinued, SuspendedHandedOver, Waiting};
        for from in [Waiting, Active, Completed, SuspendedHandedOver, Discontinued] {
            for to in [Waiting, Active, Completed, SuspendedHandedOver, Discontinued] {
                let allowed = (from == Active && to.is_ended()) || (from == Waiting && to == Discontinued);
                assert_eq!(may_end(from, to), allowed, "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_closing_has_a_meeting_or_a_reason() {
        let met = Closing { joint_meeting_at: Some(at("2026-01-10T12:00:00Z")), ..Closing::default() };
        let not_met = Closing { no_meeting_reason: Some(Text::parse("x").unwrap()), ..Closing::default() };
        let handed_over = Closing { handed_over_to: Some(Line::parse("y").unwrap()), ..met.clone() };
        for (kind, closing, sound) in [
            (CourseState::Completed, &met, true),
            (CourseState::Completed, &not_met, true),
            (CourseState::Completed, &Closing::default(), false),
            (CourseState::SuspendedHandedOver, &met, false),
            (CourseState::SuspendedHandedOver, &handed_over, true),
            (CourseState::Discontinued, &not_met, true),
        ] {
            assert_eq!(check_closing(kind, closing).is_ok(), sound, "{kind} {closing:?}");
        }
    }

    #[test]
    fn text_versions_cannot_spell_a_sentence() {
        for (text, sound) in [("2026-1", true), ("v1.2_da", true), ("", false), ("Hans", false), ("a b", false), (&"x".repeat(41), false)] {
            assert_eq!(is_text_version(text), sound, "{text}");
        }
    }
}
