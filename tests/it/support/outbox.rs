//! The tick in a test: rounds, rounds that die in the middle, and the outbox as it lies in its table.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use diesel::sql_types::Text;
use makker::access::{Actor, Capability, Door, Tx};
use makker::app::{Report, Ticker};
use makker::base::error::Result;
use makker::config::Config;
use makker::messages::channels::Senders;
use makker::messages::channels::folder::Capture;

use super::app::rows;
use super::{Engine, TestApp};

/// A ticker whose channels all end in a capture.
pub fn ticker(config: &Config, door: Door, capture: &Capture) -> Ticker {
    let senders = Senders::capturing(capture, &config.smtp, &config.fcm).unwrap();
    Ticker::new(door, Arc::new(senders), config.tick.clone())
}

/// One round, on a runtime of its own.
pub fn round(ticker: &Ticker) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ticker.once())
}

/// A round in a process that dies when the round has come so far (it waits for the database or a sender, and is woken, so many times);
/// `None`: it died.
pub fn round_that_dies(ticker: &Ticker, after: usize) -> Option<Result<Report>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut round = pin!(ticker.once());
        let mut steps = 0;
        poll_fn(|context| {
            steps += 1;
            if steps > after { Poll::Ready(None) } else { round.as_mut().poll(context).map(Some) }
        })
        .await
    })
}

impl TestApp {
    /// One round of the tick.
    pub fn tick(&self) -> Report {
        round(&self.ticker).unwrap()
    }

    /// A round that dies on its way; false: it came to its end.
    pub fn tick_that_dies(&self, after: usize) -> bool {
        round_that_dies(&self.ticker, after).is_none()
    }

    /// Another ticker over the same house: to be stopped, or to die.
    pub fn ticker_of_its_own(&self) -> Ticker {
        ticker(&self.config, self.door.clone(), &self.capture)
    }

    /// One step of the tick by hand.
    pub fn as_tick<T: Send + 'static>(&self, step: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.door.blocking_write_as(Actor::system(), self.clock.now(), Capability::TickRun, step).unwrap()
    }

    /// Changes rows behind everybody's back.
    pub fn run(&self, statement: &str) {
        let mut db = self.database.connect();
        makker::each!(&mut db, c => diesel::RunQueryDsl::execute(diesel::sql_query(statement), c)).unwrap();
    }

    /// Makes what lies sealed in a column unreadable in the rows that a condition names, as in a meddled database, until [`TestApp::mend`].
    pub fn spoil(&self, table: &str, column: &str, which: &str) {
        self.run(&format!("CREATE TABLE unspoilt AS SELECT id, {column} FROM {table} WHERE {which}"));
        let bytes = if self.database.url.engine() == Engine::Sqlite { "blob" } else { "bytea" };
        self.run(&format!("UPDATE {table} SET {column} = CAST('x' AS {bytes}) WHERE {which}"));
    }

    /// Brings back what was spoilt.
    pub fn mend(&self, table: &str, column: &str) {
        let kept = format!("SELECT kept.{column} FROM unspoilt kept WHERE kept.id = {table}.id");
        self.run(&format!("UPDATE {table} SET {column} = ({kept}) WHERE id IN (SELECT id FROM unspoilt)"));
        self.run("DROP TABLE unspoilt");
    }

    /// Every line that a query gives as text named `line`.
    pub fn lines(&self, query: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            line: String,
        }
        rows::<Row>(&mut self.database.connect(), query).into_iter().map(|row| row.line).collect()
    }

    /// The outbox and the ledger as far as anybody would notice: everything but when it was written and how often.
    pub fn standing(&self) -> Vec<String> {
        let mut all = self.lines(
            "SELECT kind || ' ' || slot || ' ' || channel || ' ' || state || ' ' || coalesce(reason, '') AS line FROM messages ORDER BY 1",
        );
        all.extend(self.lines("SELECT kind || ' ' || slot || ' ' || state || ' ' || coalesce(reason, '') AS line FROM duties ORDER BY 1"));
        all
    }
}
