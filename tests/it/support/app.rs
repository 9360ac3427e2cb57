//! The real server in this process on a free port, over a real database, with a clock moved by hand and ids that repeat.
//!
//! Every answer that a test gets is held against the contract at once. When the app is dropped, what was shown is held against the
//! journal, and the log is searched for planted names.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use chrono::TimeDelta;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use makker::access::Door;
use makker::app::server::Server;
use makker::app::{Missing, Stores, Ticker, api, open_door};
use makker::base::clock::{Clock, Instant};
use makker::base::db::{Db, Engine, types};
use makker::base::ids::{AnyId, IdSource};
use makker::config::Config;
use makker::messages::channels::folder::Capture;

use super::contract::Contract;
use super::http::{Answer, Request, send_bytes};
use super::privacy::{Seen, known, leaks, unjournaled};
use super::{OnEngine, TestDatabase, examples, log, outbox};

/// A Monday morning in Denmark, outside daylight saving.
pub const START: &str = "2026-03-02T08:00:00Z";

/// A running makker.
pub struct TestApp {
    pub door: Door,
    pub clock: Clock,
    pub address: SocketAddr,
    /// What every phone and mailbox got.
    pub capture: Capture,
    /// Its settings, for a ticker of another kind.
    pub config: Config,
    pub(super) ticker: Ticker,
    server: Option<(ServerHandle, JoinHandle<()>)>,
    pub(super) keys: AtomicU64,
    pub(super) has_coordinator: OnceLock<()>,
    seen: Mutex<Vec<Seen>>,
    log_begin: usize,
    // The last to be dropped.
    pub database: TestDatabase,
}

impl OnEngine for TestApp {
    fn on(engine: Engine) -> Self {
        Self::with(engine, |_| {})
    }
}

impl TestApp {
    /// An app with settings of its own.
    pub fn with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let log_begin = log::begin();
        let database = TestDatabase::on(engine);
        let mut config = database.config();
        change(&mut config);
        let clock = Clock::manual(Instant::parse(START).unwrap());
        let stores = Stores::open(&config, Missing::Refuse, clock.now()).unwrap();
        let door = open_door(&config, stores, clock.clone(), IdSource::seeded(1)).unwrap();
        let capture = Capture::in_memory();
        let ticker = outbox::ticker(&config, door.clone(), &capture);
        let (address, handle, thread) = serve(config.clone(), door.clone());
        let (keys, has_coordinator, seen) = Default::default();
        Self {
            door,
            clock,
            address,
            capture,
            config,
            ticker,
            server: Some((handle, thread)),
            keys,
            has_coordinator,
            seen,
            log_begin,
            database,
        }
    }

    /// Moves the clock to a moment, written as RFC 3339.
    pub fn set_clock(&self, at: &str) {
        assert!(self.clock.set(Instant::parse(at).unwrap_or_else(|| panic!("{at} is no moment"))));
    }

    /// Moves the clock on.
    pub fn pass(&self, span: TimeDelta) {
        assert!(self.clock.set(self.clock.now().plus(span)));
    }

    /// Sends bytes that are no request a library would make. No answer of ours may be our fault.
    pub fn send_bytes(&self, bytes: &[u8]) -> Answer {
        let answer = send_bytes(self.address, bytes);
        assert!(answer.status < 500, "{answer}: nothing a client sends may cause this");
        answer
    }

    /// Sends a request and holds the answer against what is true of every one.
    pub(super) fn exchange(&self, request: &Request) -> Answer {
        let answer = request.send(self.address);
        let complaint = api_contract().complaint(request, &answer);
        assert!(complaint.is_none(), "{}", complaint.unwrap());
        examples::note(request, &answer);
        assert!(answer.status != 500, "{answer}: a defect; the log says which: {}", log::since(self.log_begin));
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer}: every answer is kept out of caches");
        let request = answer.header("x-request-id").unwrap_or_else(|| panic!("{answer}: every answer has a request id")).to_owned();
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        self.seen.lock().unwrap().push(Seen { at: self.clock.now(), request, to: answer.to.clone(), body });
        answer
    }

    /// What this app did that it should not have: answers without a journal entry for whom they show, names in the log.
    pub fn complaints(&self) -> Vec<String> {
        let mut db = self.database.connect();
        let journal: BTreeSet<_> = rows::<Entry>(&mut db, "SELECT request, subject_id AS id FROM journal WHERE subject_id IS NOT NULL")
            .into_iter()
            .map(|entry| (entry.request, entry.id.to_string()))
            .collect();
        let people = rows::<Entry>(&mut db, "SELECT '' AS request, id FROM people").into_iter().map(|person| person.id.to_string());
        let seen = self.seen.lock().unwrap();
        // Whose entries were cut since was shown lawfully.
        let cut = rows::<Cut>(&mut db, "SELECT max(before_at) AS before_at FROM journal_cuts WHERE counted_from IS NOT NULL")[0].before_at;
        let kept = seen.iter().filter(|answer| cut.is_none_or(|before| answer.at >= before));
        let mut complaints = unjournaled(kept, &known(&seen, people.collect()), &journal);
        complaints.extend(leaks([("the log", log::since(self.log_begin).as_bytes())]));
        complaints.extend(self.capture.all().iter().flat_map(|sent| leaks([("a message", sent.raw.as_bytes())])));
        complaints
    }

    /// After a last round nothing is left that could have gone.
    fn last_look(&self) -> Vec<String> {
        let report = self.tick();
        let mut complaints = self.complaints();
        if report.failed > 0 {
            complaints.push(format!("the tick failed: {report}; the log says what: {}", log::since(self.log_begin)));
        }
        let due = format!("SELECT '' AS request, id FROM messages WHERE next_try_at <= {}", self.moment());
        let left = rows::<Entry>(&mut self.database.connect(), &due);
        complaints.extend(left.iter().map(|message| format!("message {} was due and is still waiting after a tick", message.id)));
        let kept = "SELECT '' AS request, id FROM messages WHERE (prepared IS NOT NULL OR former_address IS NOT NULL) AND state NOT IN ('waiting', 'leased')";
        let settled = rows::<Entry>(&mut self.database.connect(), kept);
        complaints.extend(settled.iter().map(|message| format!("message {} is settled and still keeps what went out", message.id)));
        // Whoever runs a match may see it, and nobody else by it.
        let unseen = "SELECT '' AS request, matches.id FROM matches JOIN staff ON staff.id = staff_id WHERE matches.state = 'running' \
            AND account_id IS NOT NULL AND loan_ends_at IS NULL \
            AND NOT EXISTS (SELECT 1 FROM relations WHERE kind = 'runs' AND cause_id = matches.id AND until_at IS NULL)";
        let seen = "SELECT '' AS request, id FROM matches WHERE state IN ('ended', 'refused', 'expired') \
            AND EXISTS (SELECT 1 FROM relations WHERE kind = 'runs' AND cause_id = matches.id AND until_at IS NULL)";
        for (query, wrong) in [(unseen, "runs and its mentor may not see it"), (seen, "is over and its mentor may see it for ever")] {
            let matches = rows::<Entry>(&mut self.database.connect(), query);
            complaints.extend(matches.iter().map(|matched| format!("match {} {wrong}", matched.id)));
        }
        // Time is held for what is proposed or planned, when it is and for whoever meets then, and for nothing else.
        let held = "SELECT '' AS request, sessions.id FROM claims JOIN sessions ON sessions.id = session_id \
            WHERE NOT (state IN ('proposed', 'planned') AND claims.starts_at = sessions.starts_at AND claims.ends_at = sessions.ends_at \
            AND person IN (person_id, coalesce(cover_staff_id, staff_id)))";
        let free = "SELECT '' AS request, id FROM sessions WHERE state IN ('proposed', 'planned') \
            AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.starts_at = sessions.starts_at AND person = person_id)";
        for (query, wrong) in [(held, "holds time that it does not take"), (free, "takes time of a person that it does not hold")] {
            let sessions = rows::<Entry>(&mut self.database.connect(), query);
            complaints.extend(sessions.iter().map(|session| format!("session {} {wrong}", session.id)));
        }
        // What is open is found among what never closed.
        let astray = "SELECT '' AS request, id FROM duties WHERE (state = 'open') <> (closed_at IS NULL)";
        let astray = rows::<Entry>(&mut self.database.connect(), astray);
        complaints.extend(astray.iter().map(|duty| format!("promise {} is open and closed, or neither", duty.id)));
        // What stands in a calendar is what is planned, whichever verb planned it.
        let now = self.moment();
        let missing = format!(
            "SELECT '' AS request, sessions.id FROM sessions JOIN staff ON staff.id = coalesce(cover_staff_id, sessions.staff_id) JOIN calendars ON calendars.account_id = staff.account_id \
            LEFT JOIN calendar_entries told ON told.session_id = sessions.id AND told.account_id = calendars.account_id \
            AND told.starts_at = sessions.starts_at AND told.ends_at = sessions.ends_at \
            WHERE invitations AND state = 'planned' AND sessions.starts_at > {now} AND told.session_id IS NULL \
            AND NOT EXISTS (SELECT 1 FROM relations WHERE kind = 'bar' AND relations.account_id = calendars.account_id AND subject_id IN (person_id, case_id))"
        );
        let stale = format!(
            "SELECT '' AS request, sessions.id FROM sessions JOIN calendar_entries told ON told.session_id = sessions.id \
            WHERE told.account_id IS NOT NULL AND state IN ('cancelled', 'proposed') AND told.starts_at > {now}"
        );
        for (query, wrong) in
            [(missing, "is planned, and the calendar that wants it does not have it"), (stale, "fell away and still stands in a calendar")]
        {
            let sessions = rows::<Entry>(&mut self.database.connect(), &query);
            complaints.extend(sessions.iter().map(|session| format!("session {} {wrong}", session.id)));
        }
        complaints
    }

    /// The clock's moment as SQL.
    fn moment(&self) -> String {
        match self.database.url.engine() {
            Engine::Sqlite => self.clock.now().micros().to_string(),
            Engine::Postgres => format!("'{}'::timestamptz", self.clock.now()),
        }
    }

    /// How many rows there are: what comes after `SELECT count(*) FROM`.
    pub fn count(&self, rows_of: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        rows::<Count>(&mut self.database.connect(), &format!("SELECT count(*) AS number FROM {rows_of}"))[0].number
    }

    /// What the database says to a statement that nothing in the program would send.
    pub fn try_sql(&self, statement: &str) -> Result<(), String> {
        self.database.connect().batch_execute(statement).map_err(|error| error.to_string())
    }

    /// Rows of a table are there and stay as they are, whatever the program might do; `column` is one of it.
    pub fn keeps_for_good(&self, table: &str, column: &str) {
        assert!(self.count(table) > 0, "{table} holds nothing to keep");
        for statement in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
            let refused = self.try_sql(&statement);
            assert!(refused.as_ref().is_err_and(|why| why.contains("append_only")), "{statement}: {refused:?}");
        }
    }

    /// Notes an answer that was never given, to see that the sweep sees it.
    pub fn pretend(&self, request: &str, body: &str) {
        self.seen.lock().unwrap().push(Seen {
            at: self.clock.now(),
            request: request.to_owned(),
            to: "pretended".to_owned(),
            body: body.to_owned(),
        });
    }

    /// The log since the app was made; other tests of this process may have said some of it.
    pub fn log(&self) -> String {
        log::since(self.log_begin)
    }

    /// Forgets what was answered so far.
    pub fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            // The command is on its way when `stop` returns; the thread ends when it is done.
            drop(handle.stop(true));
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
        let complaints = if std::thread::panicking() { Vec::new() } else { self.last_look() };
        self.door.house().database.close();
        assert!(complaints.is_empty(), "the test passed, but left this behind:\n{}", complaints.join("\n"));
    }
}

/// From when the journal is kept.
#[derive(diesel::QueryableByName)]
struct Cut {
    #[diesel(sql_type = diesel::sql_types::Nullable<types::Moment>)]
    before_at: Option<Instant>,
}

/// The contract as the code makes it; that the published one is the same is a test of its own.
pub fn api_contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| Contract::new(&serde_json::to_value(api::openapi()).unwrap()))
}

/// Runs the server on a thread of its own until its handle stops it.
fn serve(config: Config, door: Door) -> (SocketAddr, ServerHandle, JoinHandle<()>) {
    let (tell, started) = mpsc::sync_channel(1);
    let run = move || {
        System::new().block_on(async {
            let server = Server::start(&config.server, door).unwrap();
            tell.send((server.address, server.handle.clone())).unwrap();
            server.run().await.unwrap();
        });
    };
    let thread = std::thread::Builder::new().name("server".to_owned()).spawn(run).unwrap();
    let (address, handle) = started.recv().expect("the server starts: its own complaint stands above");
    (address, handle, thread)
}

/// A request and an id, as several sweeps read them.
#[derive(diesel::QueryableByName)]
struct Entry {
    #[diesel(sql_type = Text)]
    request: String,
    #[diesel(sql_type = types::Uuid)]
    id: AnyId,
}

/// What a query finds, on either engine.
pub fn rows<T>(db: &mut Db, sql: &str) -> Vec<T>
where
    T: diesel::QueryableByName<diesel::sqlite::Sqlite> + diesel::QueryableByName<diesel::pg::Pg> + 'static,
{
    makker::each!(db, c => diesel::sql_query(sql).load(c)).unwrap()
}
