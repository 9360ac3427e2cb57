//! Generated programmes, kept from run to run, and a server over a copy of one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant as Wall};
use std::{fs, thread};

use actix_web::rt::System;
use actix_web::{App, HttpResponse, HttpServer, web};
use makker::access::sign_in::Password;
use makker::access::{Door, House};
use makker::app::server::Server;
use makker::app::{Missing, Stores, open_door};
use makker::base::clock::{Clock, Instant};
use makker::base::ids::{AccountId, IdSource, MatchId};
use makker::config::Config;
use makker::consequences;
use makker::demo::generator::{self, Size};
use makker::journal::Journal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Request};

/// The moment up to which programmes are generated.
const NOW: &str = "2026-03-02T08:00:00Z";
const PASSWORD: &str = "korrekt hest batteri";
const FILES: [&str; 3] = ["makker.db", "makker.key", "makker-keys.db"];

/// The files of a generated programme.
pub struct Store {
    folder: PathBuf,
    pub size: Size,
}

/// A copy that may be changed; gone afterwards.
pub struct Copy {
    folder: TempDir,
    urls: Option<Urls>,
    size: Size,
}

/// Two databases of PostgreSQL: the programme's, and that of its keys.
type Urls = [String; 2];

impl Store {
    /// The programme of this size, made unless an earlier run left it: in `target/`, by size and schema.
    pub fn generated(size: Size) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("programme-{:016x}", key(size)));
        if !folder.exists() {
            let making = folder.with_extension("making");
            drop(fs::remove_dir_all(&making));
            fs::create_dir_all(&making).expect("a folder in target/");
            generate(&making, None, size);
            fs::rename(&making, &folder).expect("the folder is kept");
        }
        let bytes = fs::metadata(folder.join(FILES[0])).expect("a database").len();
        println!("{} cases, {} of them running: {} MB", size.cases, size.running, bytes / 1_000_000);
        Self { folder, size }
    }

    /// A copy of its files.
    pub fn copy(&self) -> Copy {
        let folder = TempDir::with_prefix_in("bench-", env!("CARGO_TARGET_TMPDIR")).expect("a folder in target/");
        for file in FILES {
            fs::copy(self.folder.join(file), folder.path().join(file)).expect("a copy");
        }
        Copy { folder, urls: None, size: self.size }
    }

    /// The same programme, generated in two empty databases.
    pub fn on_postgres(&self, urls: Urls) -> Copy {
        let folder = TempDir::with_prefix_in("bench-", env!("CARGO_TARGET_TMPDIR")).expect("a folder in target/");
        generate(folder.path(), Some(&urls), self.size);
        Copy { folder, urls: Some(urls), size: self.size }
    }
}

fn generate(folder: &Path, urls: Option<&Urls>, size: Size) {
    let begin = Wall::now();
    let door = open(&config(folder, urls), true, IdSource::seeded(7), Missing::Make);
    let hash = door.house().porter.hasher().hash_now(&Password::parse(PASSWORD.into()).unwrap()).unwrap();
    generator::fill(&door, size, now(), &hash).expect("a programme is generated");
    door.house().database.close();
    println!("generated {} cases in {:.0} s", size.cases, begin.elapsed().as_secs_f64());
}

fn key(size: Size) -> u64 {
    let mut hasher = DefaultHasher::new();
    (size.cases, size.running, size.logs, size.matches_a_mentor, size.waiting, include_str!("../../src/demo/generator.rs"))
        .hash(&mut hasher);
    let mut folders: Vec<_> = fs::read_dir("migrations").expect("the project's folder").map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for file in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path()) {
        fs::read(file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}

/// The moment up to which programmes are generated.
pub fn now() -> Instant {
    Instant::parse(NOW).unwrap()
}

fn config(folder: &Path, urls: Option<&Urls>) -> Config {
    let mut config = Config::for_testing();
    config.vault.key_file = folder.join(FILES[1]);
    let files = || [FILES[0], FILES[2]].map(|file| folder.join(file).to_string_lossy().into_owned());
    [config.database.url, config.vault.key_store_url] = urls.cloned().unwrap_or_else(files);
    config
}

/// A door over the stores of a programme, with the journal or (as a yardstick) without it.
fn open(config: &Config, journaled: bool, ids: IdSource, missing: Missing) -> Door {
    let clock = Clock::manual(now());
    let stores = Stores::open(config, missing, now()).expect("the stores open");
    if journaled {
        return open_door(config, stores, clock, ids).expect("a door");
    }
    let porter = makker::access::sign_in::Porter::new(config.sign_in.clone()).expect("a porter");
    let (database, vault, programme, follow) = (stores.database, stores.vault, config.programme.clone(), consequences::follow);
    let (journal, link_base) = (Journal::keeping_nothing(), config.server.link_base());
    let (url, keys) = (config.database.settings(false).unwrap().url, config.vault.settings().unwrap().key_store);
    let room = makker::base::db::Room::new(&url, &keys, 0);
    Door::new(House { database, room, journal, vault, porter, clock, ids, programme, link_base, follow })
}

impl Copy {
    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join(FILES[0])
    }

    /// Starts the built program on it; how long until it is ready, and the KiB it holds after that answer.
    pub fn start_program(&self) -> (Duration, u64) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let begin = Wall::now();
        let mut program = Command::new(env!("CARGO_BIN_EXE_makker"))
            .args(["serve"])
            .current_dir(self.folder.path())
            .env("MAKKER_SERVER__LISTEN", address.to_string())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        while !is_ready(address) {
            assert!(program.try_wait().unwrap().is_none() && begin.elapsed() < Duration::from_secs(20), "the program does not get ready");
            thread::yield_now();
        }
        let span = begin.elapsed();
        let status = fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|words| words.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0);
        program.kill().unwrap();
        program.wait().unwrap();
        (span, kib)
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = [0; 12];
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\n\r\n").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.ends_with(b"204")
}

/// A match that runs, and who meets the person.
#[derive(Clone)]
pub struct Pair {
    pub matched: MatchId,
    pub mentor: AccountId,
    pub token: Arc<str>,
}

/// A server in this process over a copy, everybody signed in, and a bare handler beside it.
pub struct Stage {
    pub door: Door,
    pub now: Instant,
    pub address: SocketAddr,
    pub plain: SocketAddr,
    pub pairs: Vec<Pair>,
    pub unit: Arc<str>,
    count: AtomicI64,
    _copy: Copy,
}

impl Stage {
    pub fn open(copy: Copy, journaled: bool) -> Self {
        let (config, size) = (config(copy.folder.path(), copy.urls.as_ref()), copy.size);
        let door = open(&config, journaled, IdSource::Chance, Missing::Refuse);
        let (address, plain) = serve(config, door.clone());
        let unit = sign_in(address, "coordinator").1;
        let mentors = size.running.div_ceil(size.matches_a_mentor);
        let pairs = (1..=mentors).flat_map(|number| pairs(address, &format!("mentor{number}"))).collect();
        Self { door, now: now(), address, plain, pairs, unit, count: AtomicI64::new(1), _copy: copy }
    }

    /// A number that was not given before.
    pub fn another(&self) -> i64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.door.house().database.close();
    }
}

fn serve(config: Config, door: Door) -> (SocketAddr, SocketAddr) {
    let (tell, told) = mpsc::sync_channel(1);
    thread::spawn(move || {
        System::new().block_on(async {
            let server = Server::start(&config.server, door).expect("the server starts");
            let bare = || App::new().route("/plain", web::get().to(async || HttpResponse::Ok().json(page())));
            let bare = HttpServer::new(bare).disable_signals().bind("127.0.0.1:0").expect("a free port");
            tell.send((server.address, bare.addrs()[0])).unwrap();
            actix_web::rt::spawn(bare.run());
            server.run().await.expect("the server runs");
        });
    });
    told.recv().expect("the server starts")
}

/// JSON of the size of a mentor's day.
fn page() -> Value {
    let session = json!({
        "id": "11111111-1111-4111-8111-111111111111", "match_id": "11111111-1111-4111-8111-111111111111", "state": "planned",
        "starts_at": NOW, "ends_at": NOW, "kind": "in_person", "was_planned": true, "moved_count": 0, "version": 1
    });
    json!({"items": vec![session; 8], "next": null})
}

fn ask(address: SocketAddr, method: &'static str, path: &str, token: &Arc<str>, body: &Value) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request { method, path: path.to_owned(), token: Arc::clone(token), body };
        let mut client = Client::connect(address).await;
        let (status, answer) = client.send(&request).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {}", String::from_utf8_lossy(answer));
        serde_json::from_slice(answer).expect("JSON")
    })
}

fn sign_in(address: SocketAddr, name: &str) -> (AccountId, Arc<str>) {
    let device = json!({"kind": "desk", "label": "Bench"});
    let answer = ask(address, "POST", "/v1/sign-ins", &"".into(), &json!({"name": name, "password": PASSWORD, "device": device}));
    let tokens = &answer["tokens"];
    let (account, token) = (tokens["account_id"].as_str(), tokens["access_token"].as_str());
    (account.unwrap().parse().unwrap(), token.unwrap().into())
}

fn pairs(address: SocketAddr, name: &str) -> Vec<Pair> {
    let (mentor, token) = sign_in(address, name);
    let matches = ask(address, "GET", "/v1/matches?state=running&limit=100", &token, &Value::Null);
    let pair = |item: &Value| Pair { matched: item["id"].as_str().unwrap().parse().unwrap(), mentor, token: Arc::clone(&token) };
    matches["items"].as_array().unwrap().iter().map(pair).collect()
}
