//! iCalendar (RFC 5545) and the scheduling messages made of it (RFC 5546), as far as an appointment needs them: written, never read.
//!
//! Our own few lines, since the well-kept crate writes no VTIMEZONE and asks the clock and chance by itself for what the caller does not
//! set. What is written is read back by three independent readers in the tests.

mod lines;
mod zone;

use lines::Lines;

use crate::base::calendar::Zone;
use crate::base::clock::Instant;

/// What a calendar is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// To be looked at: a feed.
    Publish,
    /// An appointment is made, or moved.
    Request,
    /// It is taken out again.
    Cancel,
}

impl Method {
    /// As METHOD and its MIME parameter say it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Whether an appointment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Agreed.
    Confirmed,
    /// Asked about.
    Tentative,
    /// Taken out.
    Cancelled,
}

/// The two that a scheduling message is between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The sender's name.
    pub organiser_name: String,
    /// The sender's address.
    pub organiser: String,
    /// The one receiver's address.
    pub attendee: String,
}

/// An appointment. It has no place and no description, and is private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// For life, whatever becomes of it.
    pub uid: String,
    /// Higher with each change that a reader would notice.
    pub sequence: i32,
    /// When this was said.
    pub stamp: Instant,
    /// When it begins, to the second.
    pub starts_at: Instant,
    /// The first moment after it; `None`: nothing is said of it, as of what is taken out.
    pub ends_at: Option<Instant>,
    /// What it is called.
    pub summary: String,
    /// Whether it stands.
    pub status: Status,
}

/// A calendar to be written.
#[derive(Clone, Debug)]
pub struct Calendar<'a> {
    /// What wrote it (PRODID).
    pub product: &'a str,
    /// What it is sent for.
    pub method: Method,
    /// The zone of its times.
    pub zone: Zone,
    /// Minutes after which a feed is worth fetching again; `None` in a message.
    pub refresh_min: Option<u32>,
    /// Sender and receiver, in a message.
    pub parties: Option<&'a Parties>,
    /// The appointments.
    pub events: &'a [Event],
}

impl Calendar<'_> {
    /// The text: lines of at most 75 octets that end in CRLF. `around` is a moment near which the zone's rules are of use where there is no
    /// appointment to say so.
    pub fn text(&self, around: Instant) -> String {
        let mut lines = Lines::default();
        lines.add("BEGIN", "VCALENDAR");
        lines.add("VERSION", "2.0");
        lines.add_text("PRODID", self.product);
        lines.add("CALSCALE", "GREGORIAN");
        lines.add("METHOD", self.method.word());
        if let Some(minutes) = self.refresh_min {
            lines.add("REFRESH-INTERVAL;VALUE=DURATION", &format!("PT{minutes}M"));
            lines.add("X-PUBLISHED-TTL", &format!("PT{minutes}M"));
        }
        let first = self.events.iter().map(|event| event.starts_at).min().unwrap_or(around);
        let last = self.events.iter().map(|event| event.ends_at.unwrap_or(event.starts_at)).max().unwrap_or(around);
        zone::write(&mut lines, self.zone, first, last);
        for event in self.events {
            self.write(&mut lines, event);
        }
        lines.add("END", "VCALENDAR");
        lines.into_text()
    }

    fn write(&self, lines: &mut Lines, event: &Event) {
        lines.add("BEGIN", "VEVENT");
        lines.add_text("UID", &event.uid);
        lines.add("DTSTAMP", &utc(event.stamp));
        self.time(lines, "DTSTART", event.starts_at);
        if let Some(ends_at) = event.ends_at {
            self.time(lines, "DTEND", ends_at);
        }
        lines.add("SEQUENCE", &event.sequence.to_string());
        lines.add_text("SUMMARY", &event.summary);
        lines.add("CLASS", "PRIVATE");
        lines.add("TRANSP", "OPAQUE");
        let status = match event.status {
            Status::Confirmed => "CONFIRMED",
            Status::Tentative => "TENTATIVE",
            Status::Cancelled => "CANCELLED",
        };
        lines.add("STATUS", status);
        if let Some(parties) = self.parties {
            lines.add(&format!("ORGANIZER;CN={}", lines::quoted(&parties.organiser_name)), &format!("mailto:{}", parties.organiser));
            // It is agreed already: nobody is asked for an answer.
            lines.add(
                "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE",
                &format!("mailto:{}", parties.attendee),
            );
        }
        lines.add("END", "VEVENT");
    }

    /// Local time with its zone, as calendars like it; in UTC in the hour that comes twice, of which RFC 5545 means the first and some readers
    /// the second.
    fn time(&self, lines: &mut Lines, name: &str, at: Instant) {
        let wall = self.zone.wall(at);
        if self.zone.is_shown_twice(wall) {
            lines.add(name, &utc(at));
        } else {
            lines.add(&format!("{name};TZID={}", self.zone), &wall.format("%Y%m%dT%H%M%S").to_string());
        }
    }
}

fn utc(at: Instant) -> String {
    at.to_utc().format("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn an_invitation_as_it_stands() {
        let event = Event {
            uid: "0b51d1f0-6a3b-4c3e-9d5a-3f2f8f1f0c11".into(),
            sequence: 2,
            stamp: at("2026-03-02T08:00:00Z"),
            starts_at: at("2026-03-29T00:30:00Z"),
            ends_at: Some(at("2026-03-29T02:00:00Z")),
            summary: "Aftale; A, B\nC".into(),
            status: Status::Confirmed,
        };
        let parties = Parties { organiser_name: "Aftaler \"A\"".into(), organiser: "a@b.example".into(), attendee: "x@y.example".into() };
        let calendar = Calendar {
            product: "-//Aftaler//DA",
            method: Method::Request,
            zone: Zone::COPENHAGEN,
            refresh_min: None,
            parties: Some(&parties),
            events: &[event],
        };
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Aftaler//DA\r\nCALSCALE:GREGORIAN\r\nMETHOD:REQUEST\r\n\
            BEGIN:VTIMEZONE\r\nTZID:Europe/Copenhagen\r\n\
            BEGIN:DAYLIGHT\r\nDTSTART:20250330T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n\
            RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
            BEGIN:STANDARD\r\nDTSTART:20251026T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n\
            RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
            BEGIN:VEVENT\r\nUID:0b51d1f0-6a3b-4c3e-9d5a-3f2f8f1f0c11\r\nDTSTAMP:20260302T080000Z\r\n\
            DTSTART;TZID=Europe/Copenhagen:20260329T013000\r\nDTEND;TZID=Europe/Copenhagen:20260329T040000\r\nSEQUENCE:2\r\n\
            SUMMARY:Aftale\\; A\\, B\\nC\r\nCLASS:PRIVATE\r\nTRANSP:OPAQUE\r\nSTATUS:CONFIRMED\r\n\
            ORGANIZER;CN=\"Aftaler 'A'\":mailto:a@b.example\r\n\
            ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALS\r\n E:mailto:x@y.example\r\n\
            END:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(calendar.text(at("2026-03-02T08:00:00Z")), expected);
    }

    #[test]
    fn the_hour_that_comes_twice_is_never_taken_for_the_other() {
        let written = |starts: &str| {
            let mut lines = Lines::default();
            let calendar =
                Calendar { product: "", method: Method::Publish, zone: Zone::COPENHAGEN, refresh_min: None, parties: None, events: &[] };
            calendar.time(&mut lines, "DTSTART", at(starts));
            lines.into_text()
        };
        for (starts, expected) in [
            ("2026-10-24T23:59:59Z", "DTSTART;TZID=Europe/Copenhagen:20261025T015959\r\n"),
            ("2026-10-25T00:30:00Z", "DTSTART:20261025T003000Z\r\n"),
            ("2026-10-25T01:30:00Z", "DTSTART:20261025T013000Z\r\n"),
            ("2026-10-25T02:30:00Z", "DTSTART;TZID=Europe/Copenhagen:20261025T033000\r\n"),
            ("2026-03-29T01:00:00Z", "DTSTART;TZID=Europe/Copenhagen:20260329T030000\r\n"),
        ] {
            assert_eq!(written(starts), expected);
        }
    }
}
