//! What is to be told, to whom, and how it went.

use crate::base::calendar::Zone;
use crate::base::clock::Instant;
use crate::base::ids::{AccountId, AnyId, CaseId, DeviceId, MessageId, PersonId, RowId};
use crate::base::language::Language;
use crate::coded;
use crate::journal::{Subject, SubjectKind};
use crate::messages::channels::{CalendarPart, Channel};

coded! {
    /// What a message says: one fixed text each, in Danish and English.
    pub enum Kind {
        /// There is an appointment.
        Appointment = "appointment" : "Aftale" / "Appointment",
        /// It was moved.
        AppointmentMoved = "appointment_moved" : "Aftale flyttet" / "Appointment moved",
        /// It was cancelled.
        AppointmentCancelled = "appointment_cancelled" : "Aftale aflyst" / "Appointment cancelled",
        /// Whoever is met answered about an appointment: to the mentor or coach.
        AppointmentAnswered = "appointment_answered" : "Svar om aftale" / "Answer about an appointment",
        /// Several changed at once: when the next is, or that there is none.
        AppointmentsChanged = "appointments_changed" : "Aftaler ændret" / "Appointments changed",
        /// An appointment of a mentor or coach, for their calendar.
        Invitation = "invitation" : "Kalenderaftale" / "Calendar entry",
        /// It is taken out of their calendar.
        InvitationCancelled = "invitation_cancelled" : "Kalenderaftale fjernet" / "Calendar entry removed",
        /// So many promises are late: to the unit, a count, no names.
        DutiesLate = "duties_late" : "Overskredne frister" / "Overdue duties",
    }
}

impl Kind {
    /// Whether it is for somebody's calendar: planned apart from what the people met are told of the same thing.
    pub const fn is_for_calendar(self) -> bool {
        matches!(self, Self::Invitation | Self::InvitationCancelled)
    }
}

coded! {
    /// How far a message is.
    pub enum State {
        /// It waits for its moment.
        Waiting = "waiting" : "Venter" / "Waiting",
        /// A sender has it.
        Leased = "leased" : "Sendes" / "Being sent",
        /// The provider took it over, or another that says just the same to the same reader.
        Accepted = "accepted" : "Sendt" / "Sent",
        /// It will never be taken.
        Refused = "refused" : "Afvist" / "Refused",
        /// It may or may not have arrived, and is not sent again.
        Unknown = "unknown" : "Uvist" / "Unknown",
        /// Its moment passed before it could go.
        TooLate = "too_late" : "For sent" / "Too late",
        /// It no longer holds.
        Retracted = "retracted" : "Trukket tilbage" / "Retracted",
    }
}

/// Who gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// A person met, or the custody holder chosen for them.
    Person(PersonId),
    /// An account of the house; by push, its device.
    Account(AccountId, Option<DeviceId>),
}

impl Recipient {
    /// The noun and id that the row holds.
    pub const fn subject(self) -> Subject {
        match self {
            Self::Person(id) => Subject::new(SubjectKind::Person, id),
            Self::Account(id, _) => Subject::new(SubjectKind::Account, id),
        }
    }

    /// The device, for a push.
    pub const fn device(self) -> Option<DeviceId> {
        match self {
            Self::Person(_) => None,
            Self::Account(_, device) => device,
        }
    }
}

/// A channel and, for a push, the phone.
pub type Way = (Channel, Option<DeviceId>);

/// A message that should be waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it says.
    pub kind: Kind,
    /// Who gets it.
    pub recipient: Recipient,
    /// By which way.
    pub channel: Channel,
    /// Which of the subject's messages of this kind it is, e.g. `day_before`, `early`.
    pub slot: String,
    /// The case it belongs to, for lists.
    pub case: Option<CaseId>,
    /// The person it is about, for lists and bars.
    pub person: Option<PersonId>,
    /// The moment its text tells.
    pub about_at: Option<Instant>,
    /// In which language.
    pub language: Language,
    /// It must not go before this.
    pub not_before_at: Instant,
    /// It is useless after this.
    pub not_after_at: Instant,
}

/// A message as it stands in the outbox.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id, also the stable part of a mail's Message-ID.
    pub id: MessageId,
    /// What it says.
    pub kind: Kind,
    /// How far it is.
    pub state: State,
    /// Who gets it.
    pub recipient: Recipient,
    /// By which way.
    pub channel: Channel,
    /// The noun it is about.
    pub subject_kind: SubjectKind,
    /// The id of what it is about.
    pub subject_id: AnyId,
    /// Which of the subject's messages of this kind it is.
    pub slot: String,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The person it is about.
    pub person: Option<PersonId>,
    /// The moment its text tells.
    pub about_at: Option<Instant>,
    /// In which language.
    pub language: Language,
    /// It must not go before this.
    pub not_before_at: Instant,
    /// It is useless after this.
    pub not_after_at: Instant,
    /// How often it was handed to its channel.
    pub attempts: i32,
    /// Why it is as it is, as a code.
    pub reason: Option<String>,
    /// When it was planned.
    pub planned_at: Instant,
    /// When it came to its end.
    pub settled_at: Option<Instant>,
    /// Counts up with each change.
    pub version: i64,
}

impl Message {
    /// How the slots of messages begin that go to an address which was their reader's and is not any more.
    pub const FORMER: &str = "former ";

    /// Whether it goes to such an address.
    pub fn goes_to_former(&self) -> bool {
        self.slot.starts_with(Self::FORMER)
    }

    /// By which way it goes.
    pub const fn way(&self) -> Way {
        (self.channel, self.recipient.device())
    }
}

/// How the reader of a message can answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HowToAnswer {
    /// The message says nothing of it.
    #[default]
    Untold,
    /// At this address.
    Link(String),
    /// By calling this number.
    Call(String),
}

/// What a message says beside its kind and moment, known only when it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The number that its text tells, where it tells one.
    pub count: Option<usize>,
    /// How its reader can answer.
    pub how: HowToAnswer,
    /// What a calendar reads of it.
    pub calendar: Option<CalendarPart>,
    /// The clock of which it tells the time, where its reader keeps another than the programme's.
    pub zone: Option<Zone>,
}

/// Messages that one sender took, and until then nobody else may.
#[derive(Clone, Debug)]
pub struct Lease {
    /// What the sender shows when it comes back to one of them.
    pub token: RowId,
    /// The messages: first those that were never tried, the oldest first.
    pub taken: Vec<Taken>,
}

/// A message that a sender took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The message.
    pub message: Message,
    /// It may have left with an earlier try: of that nobody knows how it ended.
    pub may_have_left: bool,
}
