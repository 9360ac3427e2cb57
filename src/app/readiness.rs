//! Whether requests would be served: asked where requests go, and not more often than is worth anything.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::access::Door;
use crate::base::db::{Db, read_transaction, try_growing};
use crate::base::error::{Error, Result};
use crate::base::telemetry::Stopwatch;

/// So long one answer serves all who ask.
const KEPT: Duration = Duration::from_secs(1);
/// Longer than this nobody would wait for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// So long it waits in line before it is asked whether the line moves.
const BUSY: Duration = Duration::from_millis(500);

/// What was found last.
#[derive(Default)]
pub struct Readiness(Mutex<Option<(Stopwatch, Result<(), &'static str>)>>);

impl Readiness {
    /// Asks a reading connection, the key store, the way of an entry of the journal through the writing connection, and the disk. Where others
    /// have their turn at writing all the while, that is answer enough: who is busy is ready, also with what is refused.
    ///
    /// # Errors
    /// 503; the log says what is missing.
    pub async fn ask(&self, door: &Door) -> Result<()> {
        // Held while it is found out: whoever comes meanwhile waits for the same answer.
        let mut last = self.0.lock().await;
        let found = match &*last {
            Some((since, found)) if !since.has_run(KEPT) => *found,
            _ => {
                let found = match tokio::time::timeout(PATIENCE, answer(door)).await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(Error::Unavailable(why))) => Err(why),
                    Ok(Err(error)) => {
                        tracing::error!(%error, "not ready");
                        Err("the database or the key store is broken")
                    }
                    Err(_) => Err("the database or the key store does not answer"),
                };
                *last = Some((Stopwatch::start(), found));
                found
            }
        };
        found.map_err(Error::Unavailable)
    }
}

/// What the probe finds; while it waits in line, whether the line moves.
async fn answer(door: &Door) -> Result<()> {
    let database = &door.house().database;
    let (turns, mut probing) = (database.turns(), pin!(probe(door)));
    loop {
        match tokio::time::timeout(BUSY, probing.as_mut()).await {
            Ok(found) => return found,
            Err(_) if database.turns() > turns => return Ok(()),
            Err(_) => {}
        }
    }
}

async fn probe(door: &Door) -> Result<()> {
    let keys = door.clone();
    let look = move |db: &mut Db| {
        keys.house().vault.probe(db)?;
        try_growing(db)
    };
    door.house().room.check()?;
    door.house().database.read(move |db| read_transaction(db, look)).await?;
    door.house().journal.probe().await
}
