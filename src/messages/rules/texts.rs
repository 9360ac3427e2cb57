//! What a message says: fixed texts. Pure.

use chrono::{Datelike, Timelike};

use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::language::Language;
use crate::messages::model::{HowToAnswer, Kind};

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
    let next = about_at.map(|at| day_and_time(at, zone, language));
    let when = next.clone().unwrap_or_default();
    let count = count.unwrap_or_default();
    let (subject, line) = match (kind, language) {
        (Kind::Appointment | Kind::Invitation, Language::Danish) => ("Aftale", format!("Du har en aftale {when}.")),
        (Kind::Appointment | Kind::Invitation, Language::English) => ("Appointment", format!("You have an appointment on {when}.")),
        (Kind::AppointmentMoved, Language::Danish) => ("Aftale", format!("Din aftale er flyttet til {when}.")),
        (Kind::AppointmentMoved, Language::English) => ("Appointment", format!("Your appointment has been moved to {when}.")),
        (Kind::AppointmentCancelled, Language::Danish) => ("Aftale", format!("Din aftale {when} er aflyst.")),
        (Kind::AppointmentCancelled, Language::English) => ("Appointment", format!("Your appointment on {when} has been cancelled.")),
        // It may stand all the same, for another, in another mailbox or under another entry: true of all is what happened to the calendar.
        (Kind::InvitationCancelled, Language::Danish) => ("Aftale", format!("Aftalen {when} er fjernet fra din kalender.")),
        (Kind::InvitationCancelled, Language::English) => {
            ("Appointment", format!("The appointment on {when} has been removed from your calendar."))
        }
        (Kind::AppointmentAnswered, Language::Danish) => ("Aftale", format!("Der er kommet svar om din aftale {when}.")),
        (Kind::AppointmentAnswered, Language::English) => ("Appointment", format!("There is an answer about your appointment on {when}.")),
        (Kind::AppointmentsChanged, Language::Danish) => (
            "Aftale",
            next.map_or_else(|| "Dine aftaler er aflyst.".to_owned(), |when| format!("Dine aftaler er ændret. Den næste er {when}.")),
        ),
        (Kind::AppointmentsChanged, Language::English) => (
            "Appointment",
            next.map_or_else(
                || "Your appointments have been cancelled.".to_owned(),
                |when| format!("Your appointments have changed. The next one is on {when}."),
            ),
        ),
        (Kind::DutiesLate, Language::Danish) => {
            ("Opgaver", format!("Du har {count} {} over tiden.", if count == 1 { "opgave" } else { "opgaver" }))
        }
        (Kind::DutiesLate, Language::English) => {
            ("Tasks", format!("You have {count} overdue {}.", if count == 1 { "task" } else { "tasks" }))
        }
    };
    (subject.to_owned(), vec![line])
}

/// The line that says how to answer; a link stands on a line of its own below it.
pub fn how_line(how: &HowToAnswer, language: Language) -> Option<String> {
    match (how, language) {
        (HowToAnswer::Untold, _) => None,
        (HowToAnswer::Link(_), Language::Danish) => Some("Svar her:".to_owned()),
        (HowToAnswer::Link(_), Language::English) => Some("Answer here:".to_owned()),
        (HowToAnswer::Call(number), Language::Danish) => Some(format!("Ring {number}, hvis tiden ikke passer.")),
        (HowToAnswer::Call(number), Language::English) => Some(format!("Call {number} if the time does not suit you.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// One SMS has 160 letters of its alphabet: a reminder with a link is one up to an address of 50 letters before the token.
    #[test]
    fn a_reminder_with_a_link_is_one_sms() {
        let (longest, token) = (Some(at("2026-09-30T08:00:00Z")), 22);
        for language in [Language::Danish, Language::English] {
            for kind in [Kind::Appointment, Kind::AppointmentMoved] {
                let (_, mut lines) = text(kind, longest, None, Zone::COPENHAGEN, language);
                lines.extend(how_line(&HowToAnswer::Link(String::new()), language));
                let letters = lines.join("\n").chars().count() + 1 + 50 + token;
                assert!(letters <= 160, "{letters}: {lines:?}");
            }
        }
    }

    #[test]
    fn a_message_says_how_to_answer_or_nothing() {
        let (link, call) = (HowToAnswer::Link("https://x".into()), HowToAnswer::Call("70 10 10 10".into()));
        let said = |how, language| how_line(how, language).unwrap_or_default();
        assert_eq!((said(&HowToAnswer::Untold, Language::Danish), said(&link, Language::Danish)), (String::new(), "Svar her:".into()));
        assert_eq!(said(&call, Language::Danish), "Ring 70 10 10 10, hvis tiden ikke passer.");
        assert_eq!(said(&call, Language::English), "Call 70 10 10 10 if the time does not suit you.");
    }

    #[test]
    fn texts_tell_day_and_time_and_nothing_else() {
        let when = Some(at("2026-06-03T14:00:00Z"));
        #[rustfmt::skip]
        let cases = [
            (Kind::Appointment, Language::Danish, "Du har en aftale onsdag den 3. juni kl. 16.00."),
            (Kind::Appointment, Language::English, "You have an appointment on Wednesday 3 June at 16:00."),
            (Kind::AppointmentMoved, Language::Danish, "Din aftale er flyttet til onsdag den 3. juni kl. 16.00."),
            (Kind::AppointmentCancelled, Language::English, "Your appointment on Wednesday 3 June at 16:00 has been cancelled."),
            (Kind::Invitation, Language::Danish, "Du har en aftale onsdag den 3. juni kl. 16.00."),
            // Not that it is off, for it may stand all the same.
            (Kind::InvitationCancelled, Language::Danish, "Aftalen onsdag den 3. juni kl. 16.00 er fjernet fra din kalender."),
            (Kind::InvitationCancelled, Language::English, "The appointment on Wednesday 3 June at 16:00 has been removed from your calendar."),
            (Kind::AppointmentsChanged, Language::Danish, "Dine aftaler er ændret. Den næste er onsdag den 3. juni kl. 16.00."),
            (Kind::AppointmentsChanged, Language::English, "Your appointments have changed. The next one is on Wednesday 3 June at 16:00."),
            (Kind::AppointmentAnswered, Language::Danish, "Der er kommet svar om din aftale onsdag den 3. juni kl. 16.00."),
            (Kind::AppointmentAnswered, Language::English, "There is an answer about your appointment on Wednesday 3 June at 16:00."),
        ];
        for (kind, language, expected) in cases {
            assert_eq!(text(kind, when, None, Zone::COPENHAGEN, language).1, [expected]);
        }
        let late = |count, language| text(Kind::DutiesLate, None, Some(count), Zone::COPENHAGEN, language).1.concat();
        assert_eq!([late(1, Language::Danish), late(3, Language::Danish)], ["Du har 1 opgave over tiden.", "Du har 3 opgaver over tiden."]);
        assert_eq!([late(1, Language::English), late(3, Language::English)], ["You have 1 overdue task.", "You have 3 overdue tasks."]);
    }
}
