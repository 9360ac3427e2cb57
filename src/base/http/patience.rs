//! How long a request may take: to arrive, and to be answered once it is there.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The limits of a request.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a client may be silent while it sends a body.
    pub idle: Duration,
    /// How long it may take in all: the largest body over the slowest network there still is.
    pub in_all: Duration,
    /// How long the answer may take once the request is there; what a handler was doing then is settled by the idempotency key.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { idle: Duration::from_secs(15), in_all: Duration::from_secs(300), answer: Duration::from_secs(30) }
    }
}

/// When a request is given up; put off while its body arrives. All clones are one.
#[derive(Clone)]
pub(super) struct Deadline(watch::Sender<Instant>);

impl Deadline {
    /// So much from now.
    pub(super) fn after(span: Duration) -> Self {
        Self(watch::Sender::new(Instant::now() + span))
    }

    /// So much from now, whatever it was.
    pub(super) fn restart(&self, span: Duration) {
        self.0.send_replace(Instant::now() + span);
    }

    /// Waits for it, wherever it is put meanwhile.
    pub(super) async fn passed(&self) {
        let mut moved = self.0.subscribe();
        loop {
            let until = *moved.borrow_and_update();
            tokio::select! {
                () = sleep_until(until) => return,
                _ = moved.changed() => {}
            }
        }
    }
}
