//! A log as a phone sends it.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::ids::{LogId, MatchId, SessionId};
use crate::base::value::{Few, Flaw, Line, Text, Typed};
use crate::sessions::logs::model::{Body as Said, Content, NewLog, NextAppointment, Outcome, Progress};

/// How many topics are kept of a log.
const MOST_TOPICS: usize = 20;

/// What a log says. Needed are match or session, time and outcome, and minutes when held; the rest may follow.
#[derive(Deserialize, ToSchema)]
pub(super) struct PutLog {
    /// Of which match. Best always sent: needed where no session is named, or one that is not known, as when its plan was refused.
    match_id: Option<MatchId>,
    /// Of which planned session; without it a meeting that was not planned is made, with this log. Where no session has this id it is made
    /// under it: its plan, sent later, is 409 `already_exists`.
    session_id: Option<SessionId>,
    outcome: Outcome,
    starts_at: Instant,
    /// 1 to 1440; needed when held, else 0 is none.
    minutes: Option<i32>,
    /// When it was written, by the phone's clock; up to a day ahead of ours is kept and flagged. Now where it is left out.
    written_at: Option<Instant>,
    /// The writer's number of this version, whatever others' corrections were numbered: above the highest that they ever sent of this log it is the
    /// next one, and one below that is a late copy of an older one and goes to the history (`kept_as_history`), but over the version that its ETag says
    /// was read. A version that is sent without one has none of its own.
    revision: Option<i32>,
    /// How they met, a code of `session_kinds`; an unknown one is a warning.
    #[serde(default)]
    kind: Typed<Line>,
    /// Whose side cancelled, or did not come: a code of `sides`; an unknown one is a warning.
    #[serde(default)]
    by: Typed<Line>,
    new_time_agreed: Option<bool>,
    warned: Option<bool>,
    /// More than 65535 is left out, with a warning.
    contact_attempts: Option<i64>,
    #[serde(default)]
    action_taken: Typed<Text>,
    /// Codes of `log_topics`; an unknown one is a warning, and what comes after the first 20 is left out.
    #[serde(default)]
    topics: Vec<Line>,
    /// What happened.
    #[serde(default)]
    facts: Typed<Text>,
    /// What the writer makes of it.
    #[serde(default)]
    assessment: Typed<Text>,
    #[serde(default)]
    progress: Few<Progress, 20>,
    #[serde(default)]
    school_or_job_change: Typed<Text>,
    /// Planned with the log where it can be; a clash is a warning. What could not be planned is tried again with each that names it, but where another
    /// appointment was agreed on in its place since, within a week or no later than the next that stands after it (`next_appointment_agreed_otherwise`). A version without
    /// it says nothing of it: the latest that names one holds, also where a later one came first.
    next_appointment: Option<NextAppointment>,
    #[serde(default)]
    wants_supervision: bool,
    /// It may require a welfare report (underretning): the answer says whom to tell. Nobody is told by ticking it.
    #[serde(default)]
    welfare_report: bool,
}

impl PutLog {
    /// The log that it says, received now.
    pub(super) fn read(&self, id: LogId, now: Instant) -> Result<NewLog> {
        if self.revision.is_some_and(|revision| revision < 1) {
            return Err(Flaw::OutOfRange.refused("/revision"));
        }
        let contact_attempts = self.contact_attempts.and_then(|number| u16::try_from(number).ok());
        let is_cut = self.contact_attempts.is_some() && contact_attempts.is_none() || self.topics.len() > MOST_TOPICS;
        let minutes = self.minutes.filter(|minutes| *minutes != 0 || self.outcome == Outcome::Held);
        let body = Said {
            named: self.session_id,
            kind: self.kind.clone().into_option(),
            by: self.by.clone().into_option(),
            new_time_agreed: self.new_time_agreed,
            warned: self.warned,
            contact_attempts,
            action_taken: self.action_taken.clone().into_option(),
            topics: self.topics.iter().take(MOST_TOPICS).cloned().collect(),
            facts: self.facts.clone().into_option(),
            assessment: self.assessment.clone().into_option(),
            progress: self.progress.to_vec(),
            school_or_job_change: self.school_or_job_change.clone().into_option(),
            next: self.next_appointment.clone(),
            wants_supervision: self.wants_supervision,
            welfare_report: self.welfare_report,
        };
        let written_at = self.written_at.unwrap_or(now);
        let content = Content { outcome: self.outcome, starts_at: self.starts_at, minutes, written_at, body };
        let is_dated = self.written_at.is_some();
        Ok(NewLog { id, matched: self.match_id, revision: self.revision, is_cut, is_dated, content })
    }
}
