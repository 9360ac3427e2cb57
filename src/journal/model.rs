//! What an entry says.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::base::clock::Instant;
use crate::base::db::Coded;
use crate::base::ids::{
    AccountId, AgencyId, AlertId, AnswerId, AnyId, CaseId, ConsentId, CourseId, DecisionId, DeviceId, DutyId, EnquiryId, FollowupId, Id,
    JointId, LogId, MatchId, MatchingRunId, MessageId, NoteId, OfferId, PersonId, PlanId, ReporterId, SeriesId, SessionId, StaffId,
};
use crate::coded;

coded! {
    /// What was done to a subject; of two, the one that stands later here is the weightier.
    pub enum Act {
        /// It was opened or shown.
        Read = "read" : "Set" / "Seen",
        /// It was made or changed.
        Change = "change" : "Ændret" / "Changed",
        /// It was asked for and not found or not visible: the entry is the same for both.
        Miss = "miss" : "Spurgt uden svar" / "Asked for without an answer",
        /// It was seen by the rules, and refused.
        Refused = "refused" : "Afvist" / "Refused",
        /// Somebody signed in with it.
        SignIn = "sign_in" : "Log ind" / "Sign-in",
    }
}

coded! {
    /// The nouns that entries, relations, duties and messages can be about.
    pub enum SubjectKind {
        /// A sign-in identity.
        Account = "account" : "Konto" / "Account",
        /// A sign-in.
        Device = "device" : "Enhed" / "Device",
        /// A young person, parent or other relative.
        Person = "person" : "Person" / "Person",
        /// A member of staff.
        Staff = "staff" : "Medarbejder" / "Staff",
        /// A concern handed in (bekymringshenvendelse).
        Enquiry = "enquiry" : "Bekymringshenvendelse" / "Enquiry",
        /// Who handed it in.
        Reporter = "reporter" : "Henvender" / "Reporter",
        /// A founded concern (sag).
        Case = "case" : "Sag" / "Case",
        /// An offer (tilbud).
        Offer = "offer" : "Tilbud" / "Offer",
        /// A course (forløb).
        Course = "course" : "Forløb" / "Course",
        /// A consent (samtykke).
        Consent = "consent" : "Samtykke" / "Consent",
        /// A goal plan.
        Plan = "plan" : "Plan" / "Plan",
        /// A match.
        Match = "match" : "Match" / "Match",
        /// The best set of pairs for everybody who waits.
        MatchingRun = "matching_run" : "Matchkørsel" / "Matching run",
        /// A meeting.
        Session = "session" : "Møde" / "Session",
        /// Sessions of several matches at one time (fællesmøde).
        JointSession = "joint_session" : "Fællesmøde" / "Joint session",
        /// Meetings that come again.
        Series = "series" : "Mødeserie" / "Series",
        /// A log of a meeting.
        Log = "log" : "Mødenotat" / "Session log",
        /// A dated promise.
        Duty = "duty" : "Frist" / "Duty",
        /// An outgoing message.
        Message = "message" : "Besked" / "Message",
        /// A contact note (notat).
        Note = "note" : "Notat" / "Contact note",
        /// An alert on a person.
        Alert = "alert" : "Alarm" / "Alert",
        /// A meeting's decision.
        Decision = "decision" : "Beslutning" / "Decision",
        /// A 6- or 12-month result.
        Followup = "followup" : "Opfølgning" / "Follow-up",
        /// What somebody answered by a link (svar på en aftale).
        Answer = "answer" : "Svar på en aftale" / "Answer to an appointment",
        /// An agency.
        Agency = "agency" : "Samarbejdspartner" / "Agency",
        /// Figures without persons.
        Figures = "figures" : "Tal" / "Figures",
    }
}

/// A quarter of an hour, in microseconds.
const QUARTER: i64 = 900_000_000;

/// The quarter of an hour in which a moment lies: in no zone does a day begin within one.
pub(super) const fn quarter(at: Instant) -> i64 {
    at.micros().div_euclid(QUARTER)
}

/// One thing of any noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which noun.
    pub kind: SubjectKind,
    /// Its id.
    pub id: AnyId,
}

impl Subject {
    /// A subject of any noun; the shorthands below are for the common ones.
    pub const fn new<N>(kind: SubjectKind, id: Id<N>) -> Self {
        Self { kind, id: id.cast() }
    }
}

macro_rules! shorthands {
    ($($id:ident => $kind:ident),+ $(,)?) => {
        $(impl From<$id> for Subject {
            fn from(id: $id) -> Self {
                Self::new(SubjectKind::$kind, id)
            }
        })+
    };
}
shorthands! {
    AccountId => Account, DeviceId => Device, PersonId => Person, StaffId => Staff, EnquiryId => Enquiry, CaseId => Case,
    CourseId => Course, MatchId => Match, MatchingRunId => MatchingRun, SessionId => Session, DutyId => Duty, MessageId => Message,
    OfferId => Offer, ConsentId => Consent, PlanId => Plan,
    LogId => Log, NoteId => Note, AlertId => Alert, AnswerId => Answer, JointId => JointSession,
    DecisionId => Decision, FollowupId => Followup, AgencyId => Agency,
    ReporterId => Reporter, SeriesId => Series,
}

/// What the journal holds of one call: who, when and why, and what it was about.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// The request's (or tick's) id, the same in the log and in the answer.
    pub request: String,
    /// `account`, `system`, `operator` or `public`.
    pub actor: &'static str,
    /// Who, where it was an account.
    pub account: Option<AccountId>,
    /// From which sign-in.
    pub device: Option<DeviceId>,
    /// The operation's id, e.g. `sessions.plan`.
    pub operation: &'static str,
    /// Why, as a code or the reason the user gave for a purpose that asks for one.
    pub purpose: &'static str,
    /// What was done to what; nothing is written for a call that was about nothing.
    pub subjects: Vec<(Subject, Act)>,
}

/// From when the journal is kept, as a cut writes it down before anything goes.
#[derive(Clone, Copy, Debug)]
pub struct Border {
    /// What was called before this goes: a moment at which a local day begins.
    pub before: Instant,
    /// The moment of the call that the months are counted from ([`find_counted_from`](super::find_counted_from)).
    pub counted_from: Instant,
    /// When it was drawn.
    pub made_at: Instant,
}

/// For how long a call must have been written before months are counted from it: a clock that is wrong for less moves no border.
pub(super) const CONFIRMED_AFTER: TimeDelta = TimeDelta::days(7);

/// All subjects of an entry with what was done to each, as one value: SHA-256, so that no two that differ have the same.
pub(super) type About = [u8; 32];

impl Entry {
    /// What it was about.
    pub(super) fn about(&self) -> About {
        let mut hash = Sha256::new();
        for (subject, act) in &self.subjects {
            hash.update(subject.id.uuid().as_bytes());
            // No code holds a zero, so that nothing runs into the next.
            for code in [subject.kind.code(), act.code()] {
                hash.update(code);
                hash.update([0]);
            }
        }
        hash.finalize().into()
    }

    /// The quarter of an hour it stands in.
    pub(super) fn quarter(&self) -> i64 {
        quarter(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::base::ids::IdSource;

    #[test]
    fn what_differs_in_anything_is_about_something_else() {
        let ids = IdSource::seeded(1);
        let (one, other): (AnyId, AnyId) = (ids.next(), ids.next());
        let of = |subjects: &[(SubjectKind, AnyId, Act)]| Entry {
            at: Instant::from_micros(0),
            request: String::new(),
            actor: "account",
            account: None,
            device: None,
            operation: "people.get",
            purpose: "course",
            subjects: subjects.iter().map(|(kind, id, act)| (Subject { kind: *kind, id: *id }, *act)).collect(),
        };
        use Act::{Change, Read};
        use SubjectKind::{Case, Person};
        let different = [
            of(&[]),
            of(&[(Person, one, Read)]),
            of(&[(Person, other, Read)]),
            of(&[(Person, one, Change)]),
            of(&[(Case, one, Read)]),
            of(&[(Person, one, Read), (Person, other, Read)]),
            of(&[(Person, one, Read), (Case, other, Read)]),
        ];
        assert_eq!(different.iter().map(Entry::about).collect::<HashSet<_>>().len(), different.len());
        assert_eq!(of(&[(Person, one, Read)]).about(), of(&[(Person, one, Read)]).about());
    }
}
