//! The demo as its user runs it: the replay and the living week on both engines, what it refuses, what it leaves behind.

use std::io::Write;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::mpsc;

use diesel::{QueryableByName, RunQueryDsl};
use makker::base::db::{Access, DatabaseUrl, connect, migrations};
use makker::base::error::Result;
use makker::demo::{self, Options};
use serde_json::{Value, json};

use crate::support::http::{Answer, Request};
use crate::support::{TestApp, TestDatabase};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// A timeline whose lines come through a channel as they are told.
struct Timeline(mpsc::Sender<String>, Vec<u8>);

impl Write for Timeline {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            if *byte == b'\n' {
                let line = String::from_utf8(std::mem::take(&mut self.1)).unwrap();
                // Nobody may read on.
                let _ = self.0.send(line);
            } else {
                self.1.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Plays the demo on a runtime of this thread.
pub(crate) fn play(options: &Options, out: &mut dyn Write, stop: impl Future) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(demo::run(options, out, stop))
}

/// A demo that serves on a free port, in a new folder beside the database.
pub(crate) fn options(db: &TestDatabase) -> Options {
    let database_url = match &db.url {
        DatabaseUrl::Sqlite(_) => None,
        DatabaseUrl::Postgres(url) => Some(url.clone()),
    };
    Options { data: Some(db.dir().join("demo")), database_url, exit: false, listen: ([127, 0, 0, 1], 0).into() }
}

/// What the README shows of the timeline.
fn excerpt() -> impl Iterator<Item = &'static str> {
    let (_, section) = include_str!("../../README.md").split_once("\n## The demo\n").expect("the README has no demo");
    section.lines().take_while(|line| !line.starts_with("## ")).filter_map(|line| line.strip_prefix("    "))
}

/// Somebody who tries the living week.
struct Visitor {
    address: SocketAddr,
    token: String,
}

impl Visitor {
    fn sign_in(address: SocketAddr, name: &str) -> Self {
        let device = json!({"kind": "desk", "label": "Skrivebord"});
        let attempt = json!({"name": name, "password": "en god dag i byen", "device": device});
        let answer = Request::new("POST", "/v1/sign-ins").json(&attempt).send(address);
        Self { address, token: answer.ok()["tokens"]["access_token"].as_str().unwrap().to_owned() }
    }

    fn list(&self, path: &str) -> Vec<Value> {
        let request = Request::new("GET", path).header("Authorization", &format!("Bearer {}", self.token));
        request.send(self.address).ok()["items"].as_array().unwrap().clone()
    }
}

/// Everybody and everything that can be named in the week, by its id.
fn ids(address: SocketAddr) -> Vec<Value> {
    let eva = Visitor::sign_in(address, "eva");
    let lists = ["/v1/accounts", "/v1/staff", "/v1/people", "/v1/cases", "/v1/matches", "/v1/sessions", "/v1/duties?limit=200"];
    lists.iter().flat_map(|path| eva.list(path)).map(|item| item["id"].clone()).collect()
}

/// What the demo says the week is.
fn week(address: SocketAddr) {
    let eva = Visitor::sign_in(address, "eva").list("/v1/duties?owner=me&opened=true");
    let late = eva.iter().filter(|duty| duty["is_late"] == true).count();
    assert_eq!((late, eva.len() - late), (2, 5), "{eva:?}");
    let malte = Visitor::sign_in(address, "malte");
    let starts: Vec<Value> = malte.list("/v1/sessions?state=planned").iter().map(|session| session["starts_at"].clone()).collect();
    assert_eq!(starts, ["2026-11-04T11:00:00Z", "2026-11-04T15:00:00Z", "2026-11-05T14:00:00Z"], "an hour ago, this afternoon, tomorrow");
    assert_eq!(malte.list("/v1/matches").len(), 3);
    let karl = Visitor::sign_in(address, "karl");
    assert_eq!(karl.list("/v1/matches").len(), 1);
    let thursdays = karl.list("/v1/series");
    assert_eq!((thursdays.len(), &thursdays[0]["coming"]), (1, &json!(7)), "without Christmas Eve and New Year's Eve");
    assert_eq!(Visitor::sign_in(address, "pia").list("/v1/enquiries")[0]["receipts"][0]["state"], "due");
}

/// The demo's own routes: the clock is moved forward, what is due happens, and it begins again.
fn machinery(address: SocketAddr) {
    let send = |method: &str, path: &str, body: &Value| -> Answer { Request::new(method, path).json(body).send(address) };
    let clock = || Request::new("GET", "/demo/clock").send(address).ok()["now"].clone();
    assert_eq!(clock(), "2026-11-04T13:30:00Z");
    assert_eq!(
        send("PUT", "/demo/clock", &json!({"now": "2026-11-04T13:00:00Z"})).refused(422, "invalid")["errors"][0]["code"],
        "before_now"
    );
    send("PUT", "/demo/clock", &json!({"now": "2026-11-04T15:59:00Z"})).ok();
    send("POST", "/demo/clock/advance", &json!({"hours": 1, "seconds": 1})).refused(422, "invalid");
    assert_eq!(send("POST", "/demo/clock/advance", &json!({"minutes": 2})).ok()["local"], "2026-11-04 17:01:00");
    send("POST", "/demo/clock/advance", &json!({"days": 65535})).refused(422, "invalid");
    // Noah, who said yes to links, was reminded yesterday with one; it opens a page of his appointment and nothing else.
    let noahs = Request::new("GET", "/demo/outbox?to=%2B4520000116").send(address).ok()["items"].as_array().unwrap().clone();
    let link =
        |sent: &Value| sent["text"].as_str().unwrap().lines().last().unwrap().strip_prefix("http://127.0.0.1:0/a/").map(str::to_owned);
    let token = noahs.iter().find_map(link).unwrap_or_else(|| panic!("no link where the demo answers: {noahs:?}"));
    assert_eq!(Request::new("GET", &format!("/a/{token}")).send(address).status, 404, "its appointment has begun");
    // Lise is reminded of tomorrow, exactly as the mail would leave.
    let inbox = || Request::new("GET", "/demo/outbox?to=lise@example.org").send(address).ok()["items"].as_array().unwrap().clone();
    let before = inbox().len();
    send("POST", "/demo/tick", &json!({})).ok();
    let inbox = inbox();
    assert_eq!(inbox.len(), before + 1);
    let mail = inbox.last().unwrap()["raw"].as_str().unwrap();
    assert!(mail.contains("Message-ID: <") && !mail.contains("Lise "), "{mail}");
    // Tomorrow's session becomes shorter, and keeps its start: what was noted of that stands in no one's way.
    let malte = Visitor::sign_in(address, "malte");
    let tomorrow = malte.list("/v1/sessions?state=planned").pop().unwrap();
    let shorter = json!({"starts_at": tomorrow["starts_at"], "ends_at": "2026-11-05T14:40:00Z", "by": "person"});
    let change = Request::new("POST", &format!("/v1/sessions/{}/move", tomorrow["id"].as_str().unwrap())).json(&shorter);
    let change =
        change.header("Authorization", &format!("Bearer {}", malte.token)).header("If-Match", "*").header("Idempotency-Key", "kortere");
    assert_eq!(change.send(address).ok()["ends_at"], "2026-11-05T14:40:00Z");
    send("POST", "/demo/reset", &json!({"x": 1})).refused(422, "invalid");
    // Of two at once the second waits for the first.
    let reset = || assert_eq!(send("POST", "/demo/reset", &json!({})).ok()["now"], "2026-11-04T13:30:00Z");
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(reset))));
}

both_engines! {
    fn everything_holds_and_the_week_is_the_same_each_time(db: TestDatabase) {
        let options = options(&db);
        let demos = match &db.url {
            DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(db.dir().join("demo/demo.db")),
            DatabaseUrl::Postgres(_) => db.url.clone(),
        };
        if options.database_url.is_some() {
            let words = play(&options, &mut std::io::sink(), std::future::pending::<()>()).unwrap_err().to_string();
            assert!(words.contains("holds something already"), "{words}");
            let mut db = db.connect();
            while migrations::revert(&mut db).unwrap().is_some() {}
        }
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let playing = std::thread::spawn(move || play(&options, &mut Timeline(tell, Vec::new()), stopped).map_err(|error| error.to_string()));
        let (mut lines, mut address) = (Vec::new(), None);
        for line in told {
            if let Some(rest) = line.trim().strip_prefix("the API      http://") {
                address = Some(rest.trim_end_matches("/v1").parse::<SocketAddr>().unwrap());
            }
            let is_last = line.starts_with("Ctrl-C");
            lines.push(line);
            if is_last {
                break;
            }
        }
        let Some(address) = address else { panic!("{}\n{}", playing.join().unwrap().unwrap_err(), lines.join("\n")) };
        let mut timeline = lines.iter();
        for line in excerpt() {
            assert!(timeline.any(|told| told == line), "the README's line is not there, or not in its turn: {line}\n{}", lines.join("\n"));
        }
        week(address);
        let first = ids(address);
        machinery(address);
        week(address);
        assert_eq!(ids(address), first, "the same ids again");
        stop.send(()).unwrap();
        playing.join().unwrap().unwrap();
        // A key store that is connected anew is held against this.
        let mut demos = connect(&demos, Access::Read).unwrap();
        let bound = diesel::sql_query("SELECT count(*) AS number FROM vaults");
        assert_eq!(makker::each!(&mut demos, c => bound.get_result::<Number>(c)).unwrap().number, 1);
    }

    fn nobody_moves_the_clock_of_a_service(app: TestApp) {
        for path in ["/demo/clock", "/demo/clock/advance", "/demo/tick", "/demo/outbox", "/demo/reset"] {
            app.anybody().get(path).refused(404, "not_found");
            app.coordinator().post(path, &json!({})).refused(404, "not_found");
        }
        assert!(!app.anybody().get("/openapi.json").ok().to_string().contains("/demo"));
    }
}

#[test]
fn the_program_plays_it_and_leaves_nothing_behind() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let makker = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makker"));
        let run = command.args(line.split(' ')).current_dir(folder.path()).env_clear().env("TMPDIR", temporary.path()).output().unwrap();
        (run.status.code(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
    };
    let (code, said) = makker("demo --exit");
    assert!(code == Some(0) && said.contains("\nEverything was as expected, in "), "{said}");
    for place in [&folder, &temporary] {
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "{said}");
    }
    std::fs::create_dir(folder.path().join("theirs")).unwrap();
    std::fs::write(folder.path().join("theirs/makker.db"), "x").unwrap();
    for (line, expected, words) in [
        ("demo --listen 0.0.0.0:8080", 2, "on this machine only"),
        ("demo --database-url sqlite://x.db", 1, "takes a PostgreSQL address"),
        ("demo --exit --data theirs", 1, "not a demo's"),
    ] {
        let (code, said) = makker(line);
        assert!(code == Some(expected) && said.contains(words), "{line}: {code:?} {said}");
    }
    assert_eq!(std::fs::read(folder.path().join("theirs/makker.db")).unwrap(), b"x");
}
