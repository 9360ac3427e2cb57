//! How long a server has owed an answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// Since when the server of one connection owes the answer to a statement, or to whoever connects: set and cleared beside the connection, read
/// from another thread. A server that is there ends each statement by itself (`statement_timeout`).
#[derive(Clone, Default)]
pub struct Owed(Arc<Mutex<Option<Instant>>>);

impl Owed {
    /// Whether it is longer than that.
    pub(super) fn is_longer_than(&self, most: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|since| since.elapsed() > most)
    }

    /// An answer is owed from now on.
    pub(super) fn fall_due(&self) {
        self.set(Some(Instant::now()));
    }

    /// Nothing is owed.
    pub(super) fn settle(&self) {
        self.set(None);
    }

    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

impl Instrumentation for Owed {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.fall_due(),
            InstrumentationEvent::FinishQuery { .. } => self.settle(),
            _ => {}
        }
    }
}
