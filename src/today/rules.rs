//! Which days are carried, and how little of each thing is enough.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::model::Carried;
use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::ids::{AnyId, SessionId};
use crate::duties::{Duty, Kind};
use crate::sessions::{Session, State};

/// Days carried before today and after it.
const DAYS: i64 = 14;
/// The longest line of a goal, in characters.
const LINE_MOST: usize = 120;

/// The last 14 local days, today and the next 14.
pub fn carried(now: Instant, zone: Zone) -> Carried {
    let on = zone.date(now);
    Carried { on, from: zone.start_of(on - TimeDelta::days(DAYS)), until: zone.start_of(on + TimeDelta::days(DAYS + 1)) }
}

/// Text in one line of at most 120 characters, cut between two words where it can be.
pub fn in_a_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(LINE_MOST) else { return line };
    let before_dots = line.char_indices().nth(LINE_MOST - 1).map_or(end, |(at, _)| at);
    let kept = line.get(..before_dots).unwrap_or_default();
    // A word that fills half the line is cut all the same.
    let kept = kept.rsplit_once(' ').map_or(kept, |(words, _)| if words.len() * 2 > kept.len() { words } else { kept });
    format!("{kept}…")
}

/// Whether a session waits for its log: it has begun, and nobody has said what became of it.
pub fn needs_log(session: &Session, now: Instant) -> bool {
    session.state == State::Planned && session.starts_at <= now
}

/// Promises of a log whose session is shown anyway, which says all but the limit, apart from the others.
pub fn apart(duties: Vec<Duty>, sessions: &[Session]) -> (BTreeMap<SessionId, Instant>, Vec<Duty>) {
    let shown: BTreeSet<AnyId> = sessions.iter().map(|session| session.id.cast()).collect();
    let (logs, others): (Vec<_>, Vec<_>) =
        duties.into_iter().partition(|duty| duty.kind == Kind::LogMissing && shown.contains(&duty.subject_id));
    (logs.into_iter().map(|duty| (duty.subject_id.cast(), duty.due_at)).collect(), others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_days_to_either_side_whatever_the_clocks_do() {
        let at = |text: &str| Instant::parse(text).unwrap();
        #[rustfmt::skip]
        let cases = [
            ("2026-03-02T08:00:00Z", "2026-03-02", "2026-02-15T23:00:00Z", "2026-03-16T23:00:00Z"),
            // Half past midnight in Copenhagen is the next day there.
            ("2026-03-02T23:30:00Z", "2026-03-03", "2026-02-16T23:00:00Z", "2026-03-17T23:00:00Z"),
            ("2026-03-29T12:00:00Z", "2026-03-29", "2026-03-14T23:00:00Z", "2026-04-12T22:00:00Z"),
            ("2026-10-25T12:00:00Z", "2026-10-25", "2026-10-10T22:00:00Z", "2026-11-08T23:00:00Z"),
            ("2027-03-20T12:00:00Z", "2027-03-20", "2027-03-05T23:00:00Z", "2027-04-03T22:00:00Z"),
        ];
        for (now, on, from, until) in cases {
            let carried = carried(at(now), Zone::COPENHAGEN);
            assert_eq!((carried.on.to_string().as_str(), carried.from, carried.until), (on, at(from), at(until)), "{now}");
        }
    }

    #[test]
    fn a_goal_is_a_line() {
        let cases = [
            ("Møde i skole hver dag".to_owned(), "Møde i skole hver dag".to_owned()),
            ("Skole:\n  hver\tdag\n".to_owned(), "Skole: hver dag".to_owned()),
            ("æ".repeat(120), "æ".repeat(120)),
            ("æ".repeat(121), format!("{}…", "æ".repeat(119))),
            (format!("{} {}", "a".repeat(80), "b".repeat(80)), format!("{}…", "a".repeat(80))),
            (format!("kort {}", "b".repeat(200)), format!("kort {}…", "b".repeat(114))),
        ];
        for (text, line) in cases {
            assert_eq!(in_a_line(&text), line);
            assert!(line.chars().count() <= LINE_MOST);
        }
    }
}
