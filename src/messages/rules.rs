//! Fixed texts, windows and waits: pure.

use chrono::{Datelike, TimeDelta, Timelike};

use super::model::Kind;
use crate::base::calendar::{QuietHours, Zone};
use crate::base::clock::Instant;
use crate::base::language::Language;

const DAYS_DA: [&str; 7] = ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_DA: [&str; 12] =
    ["januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"];
const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A day and time as people say it: "onsdag den 3. juni kl. 16.00", "Wednesday 3 June at 16:00".
pub fn day_and_time(at: Instant, zone: Zone, language: Language) -> String {
    let wall = zone.wall(at);
    let pick = |words: &[&'static str], index: u32| words.get(usize::try_from(index).unwrap_or(usize::MAX)).copied().unwrap_or_default();
    let (weekday, month) = (wall.weekday().num_days_from_monday(), wall.month0());
    match language {
        Language::Danish => format!(
            "{} den {}. {} kl. {:02}.{:02}",
            pick(&DAYS_DA, weekday),
            wall.day(),
            pick(&MONTHS_DA, month),
            wall.hour(),
            wall.minute()
        ),
        Language::English => {
            format!("{} {} {} at {:02}:{:02}", pick(&DAYS_EN, weekday), wall.day(), pick(&MONTHS_EN, month), wall.hour(), wall.minute())
        }
    }
}

/// Subject and lines of a message: fixed texts, never a name, place, programme or word of ours.
pub fn text(kind: Kind, about_at: Option<Instant>, count: Option<usize>, zone: Zone, language: Language) -> (String, Vec<String>) {
    let when = about_at.map(|at| day_and_time(at, zone, language)).unwrap_or_default();
    let count = count.unwrap_or_default();
    let (subject, line) = match (kind, language) {
        (Kind::Appointment, Language::Danish) => ("Aftale", format!("Du har en aftale {when}.")),
        (Kind::Appointment, Language::English) => ("Appointment", format!("You have an appointment {when}.")),
        (Kind::AppointmentMoved, Language::Danish) => ("Aftale", format!("Din aftale er flyttet til {when}.")),
        (Kind::AppointmentMoved, Language::English) => ("Appointment", format!("Your appointment has been moved to {when}.")),
        (Kind::AppointmentCancelled, Language::Danish) => ("Aftale", format!("Din aftale {when} er aflyst.")),
        (Kind::AppointmentCancelled, Language::English) => ("Appointment", format!("Your appointment {when} has been cancelled.")),
        (Kind::DutiesLate, Language::Danish) => ("Opgaver", format!("Du har {count} opgaver over tiden.")),
        (Kind::DutiesLate, Language::English) => ("Tasks", format!("You have {count} overdue tasks.")),
    };
    (subject.to_owned(), vec![line])
}

/// What quiet hours do to a message that is due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It may go.
    Now,
    /// It waits until then, still inside its window.
    Wait(Instant),
    /// Its window closes before it may go.
    TooLate,
}

/// Whether a due message may go now (domain section 8): nothing in the quiet hours but a change to a session that starts sooner.
pub fn timing(kind: Kind, now: Instant, not_after_at: Instant, quiet: QuietHours, zone: Zone) -> Timing {
    if now > not_after_at {
        return Timing::TooLate;
    }
    let allowed = quiet.next_allowed(now, zone);
    if allowed <= now {
        return Timing::Now;
    }
    let is_change = matches!(kind, Kind::AppointmentMoved | Kind::AppointmentCancelled);
    match (allowed <= not_after_at, is_change) {
        (true, _) => Timing::Wait(allowed),
        (false, true) => Timing::Now,
        (false, false) => Timing::TooLate,
    }
}

/// Minutes until the next try after so many attempts.
const WAITS_MIN: [i64; 7] = [1, 2, 5, 10, 20, 40, 60];
/// Minutes until a message is tried again that failed by our own settings or code.
const OUR_FAULT_MIN: i64 = 30;

/// When a message is tried again: the provider's wish where it has one, else longer each time.
pub fn next_try(now: Instant, attempts: i32, provider_wish_s: Option<u32>) -> Instant {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let own = WAITS_MIN.get(index).or(WAITS_MIN.last()).copied().unwrap_or(1);
    let wait = provider_wish_s.map_or_else(|| TimeDelta::minutes(own), |seconds| TimeDelta::seconds(i64::from(seconds)));
    now.plus(wait)
}

/// When a message is tried again that failed by our own fault.
pub fn next_try_our_fault(now: Instant) -> Instant {
    now.plus(TimeDelta::minutes(OUR_FAULT_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveTime;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn night() -> QuietHours {
        QuietHours { from: NaiveTime::from_hms_opt(20, 0, 0).unwrap(), to: NaiveTime::from_hms_opt(8, 0, 0).unwrap() }
    }

    #[test]
    fn texts_tell_day_and_time_and_nothing_else() {
        let when = Some(at("2026-06-03T14:00:00Z"));
        #[rustfmt::skip]
        let cases = [
            (Kind::Appointment, Language::Danish, "Du har en aftale onsdag den 3. juni kl. 16.00."),
            (Kind::Appointment, Language::English, "You have an appointment Wednesday 3 June at 16:00."),
            (Kind::AppointmentMoved, Language::Danish, "Din aftale er flyttet til onsdag den 3. juni kl. 16.00."),
            (Kind::AppointmentCancelled, Language::English, "Your appointment Wednesday 3 June at 16:00 has been cancelled."),
        ];
        for (kind, language, expected) in cases {
            assert_eq!(text(kind, when, None, Zone::COPENHAGEN, language).1, [expected]);
        }
        assert_eq!(text(Kind::DutiesLate, None, Some(3), Zone::COPENHAGEN, Language::Danish).1, ["Du har 3 opgaver over tiden."]);
    }

    #[test]
    fn quiet_hours_move_a_message_inside_its_window_never_out_of_it() {
        #[rustfmt::skip]
        let cases = [
            // 17:00 local is allowed.
            (Kind::Appointment, "2026-06-02T15:00:00Z", "2026-06-03T14:00:00Z", Timing::Now),
            // 21:00 local waits for 8:00 while the appointment is later.
            (Kind::Appointment, "2026-06-02T19:00:00Z", "2026-06-03T14:00:00Z", Timing::Wait(at("2026-06-03T06:00:00Z"))),
            // The appointment is at 7:30: no reminder in the night, but a change is told.
            (Kind::Appointment, "2026-06-02T19:00:00Z", "2026-06-03T05:30:00Z", Timing::TooLate),
            (Kind::AppointmentMoved, "2026-06-02T19:00:00Z", "2026-06-03T05:30:00Z", Timing::Now),
            (Kind::AppointmentCancelled, "2026-06-02T19:00:00Z", "2026-06-03T14:00:00Z", Timing::Wait(at("2026-06-03T06:00:00Z"))),
            (Kind::AppointmentCancelled, "2026-06-03T14:00:01Z", "2026-06-03T14:00:00Z", Timing::TooLate),
        ];
        for (kind, now, not_after, expected) in cases {
            assert_eq!(timing(kind, at(now), at(not_after), night(), Zone::COPENHAGEN), expected, "{kind} {now}");
        }
    }

    #[test]
    fn waits_grow_and_a_providers_wish_goes_first() {
        let now = at("2026-06-02T15:00:00Z");
        let minutes = |attempts| next_try(now, attempts, None).since(now).num_minutes();
        assert_eq!([1, 2, 3, 7, 8, 100].map(minutes), [1, 2, 5, 60, 60, 60]);
        assert_eq!(next_try(now, 1, Some(90)).since(now).num_seconds(), 90);
        assert_eq!(minutes(0), 1);
    }
}
