//! The program as an operator runs it: exit codes, what it says, what it leaves behind.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::support::TestDatabase;
use makker::base::db::DatabaseUrl;

/// Runs the program in a folder, with nothing of this process's environment but the variables given.
pub fn makker(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Output {
    let variables = variables.iter().copied();
    Command::new(env!("CARGO_BIN_EXE_makker")).args(line.split(' ')).current_dir(folder).env_clear().envs(variables).output().unwrap()
}

/// As [`makker`], with something on standard input.
pub fn tell(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_makker"));
    command.args(arguments).current_dir(folder).env_clear();
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have refused before it read.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    process.wait_with_output().unwrap()
}

pub fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_configuration_is_checked_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let output = makker(folder.path(), "check-config", &[]);
    assert_eq!((code(&output), said(&output)), (Some(0), "the configuration is all right\n".into()));

    std::fs::write(folder.path().join("makker.toml"), "[server]\nlisten = 'here'\n").unwrap();
    let output = makker(folder.path(), "check-config", &[("MAKKER_SERVER__PUBLIC_ADRESS", "x")]);
    assert_eq!(code(&output), Some(2));
    assert_eq!(
        said(&output),
        "makker: the configuration is refused:\n\
         server.listen: expected an address with a port, such as 127.0.0.1:8080\n\
         MAKKER_SERVER__PUBLIC_ADRESS: no such variable; did you mean MAKKER_SERVER__PUBLIC_ADDRESS?\n"
    );
    let output = makker(folder.path(), "check-config --config missing.toml", &[]);
    assert!(code(&output) == Some(2) && said(&output).contains("missing.toml: cannot be read"), "{}", said(&output));

    // What a channel needs is looked for at once, and is the configuration's fault for whoever meets it.
    std::fs::write(folder.path().join("mail.toml"), "[programme.reminders]\ncall_number = '70 10 10 10'\n[server]\npublic_address = 'https://aftale.kommune.dk'\n[smtp]\nmode = 'live'\nhost = 'mail.kommune.dk'\nsender_address = 'a@kommune.dk'\ndomain = 'kommune.dk'\nca_file = 'nowhere.pem'\n").unwrap();
    for line in ["check-config", "serve", "tick --once"] {
        let output = makker(folder.path(), &format!("{line} --config mail.toml"), &[]);
        assert!(code(&output) == Some(2) && said(&output).contains("smtp.ca_file: cannot be read"), "{line}: {}", said(&output));
    }

    let page = makker(folder.path(), "check-config --print", &[]);
    assert_eq!(code(&page), Some(0), "the page needs no configuration that is right");
    std::fs::write(folder.path().join("printed.toml"), page.stdout).unwrap();
    assert_eq!(code(&makker(folder.path(), "check-config --config printed.toml", &[])), Some(0));
}

#[test]
fn files_that_nothing_starts_with_are_named_before_the_service_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let check = || {
        let output = makker(folder.path(), "check-config", &[]);
        (code(&output), said(&output))
    };
    assert_eq!(check().0, Some(0), "in a new folder there is nothing to be wrong");
    makker(folder.path(), "migrate --create", &[]);
    assert_eq!(check().0, Some(0));
    let key = std::fs::read(at("makker.key")).unwrap();
    let set_mode = |mode| std::fs::set_permissions(at("makker.key"), std::fs::Permissions::from_mode(mode)).unwrap();
    type Step<'a> = &'a dyn Fn();
    let cases: [(&str, Step<'_>, Step<'_>); 4] = [
        ("chmod 600", &|| set_mode(0o644), &|| set_mode(0o600)),
        ("does not hold 32 bytes", &|| std::fs::write(at("makker.key"), "short").unwrap(), &|| {
            std::fs::write(at("makker.key"), &key).unwrap()
        }),
        ("the key file makker.key is missing", &|| std::fs::rename(at("makker.key"), at("safe")).unwrap(), &|| {
            std::fs::rename(at("safe"), at("makker.key")).unwrap()
        }),
        ("the key store is missing", &|| std::fs::rename(at("makker-keys.db"), at("safe")).unwrap(), &|| {
            std::fs::rename(at("safe"), at("makker-keys.db")).unwrap()
        }),
    ];
    for (says, spoil, mend) in cases {
        spoil();
        let (ended, words) = check();
        mend();
        assert!(ended == Some(2) && words.contains(says), "{says}: {ended:?} {words}");
    }
    assert_eq!(check().0, Some(0));
}

#[test]
fn a_wrong_command_is_told_from_a_failed_one() {
    let folder = tempfile::tempdir().unwrap();
    for (line, expected, words) in [
        ("--help", 0, "Exit codes:"),
        ("migrate --help", 0, "makker migrate --create"),
        ("user add --help", 0, "possible values: coordinator"),
        ("fly", 2, "unrecognized subcommand"),
        ("migrate --down 1", 2, "--lose-data"),
        ("migrate", 1, "the database makker.db does not exist"),
        ("migrate --print postgres", 0, "CREATE TABLE journal "),
    ] {
        let output = makker(folder.path(), line, &[]);
        assert!(code(&output) == Some(expected) && said(&output).contains(words), "{line}: {:?} {}", code(&output), said(&output));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "none of this leaves anything behind");
}

#[test]
fn a_database_is_made_with_its_keys_and_never_twice() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = makker(folder.path(), "migrate --create", &[]);
    assert_eq!(code(&made), Some(0), "{}", said(&made));
    assert!(said(&made).contains("made the key file makker.key and the key store"), "{}", said(&made));
    for name in ["makker.db", "makker.key", "makker-keys.db"] {
        assert_eq!(at(name).metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name} is its owner's alone");
    }
    let key = std::fs::read(at("makker.key")).unwrap();

    for line in ["migrate", "migrate --create"] {
        let again = makker(folder.path(), line, &[]);
        assert_eq!((code(&again), said(&again)), (Some(0), "sqlite://makker.db is up to date\n".into()), "{line}");
    }
    assert_eq!(std::fs::read(at("makker.key")).unwrap(), key);

    // Beside keys that belong to another database nothing is made.
    let other = makker(folder.path(), "migrate --create", &[("MAKKER_DATABASE__URL", "sqlite://other.db")]);
    assert!(code(&other) == Some(1) && said(&other).contains("makker.key"), "{}", said(&other));
    assert!(!at("other.db").exists());

    let down = makker(folder.path(), "migrate --down 1 --lose-data", &[]);
    assert!(code(&down) == Some(0) && said(&down).starts_with("took back "), "{}", said(&down));
    let up = makker(folder.path(), "migrate", &[]);
    assert!(code(&up) == Some(0) && said(&up).starts_with("applied "), "{}", said(&up));
}

#[test]
fn whoever_comes_second_finds_the_database_made() {
    let folder = tempfile::tempdir().unwrap();
    let outputs: Vec<Output> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| makker(folder.path(), "migrate --create", &[]))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for output in &outputs {
        assert!(code(output) == Some(0) && said(output).ends_with("is up to date\n"), "{}", said(output));
    }
    let made = outputs.iter().filter(|output| said(output).contains("made the key file")).count();
    assert_eq!(made, 1, "by one of them");
    assert!(!folder.path().join("makker.key.unfinished").exists());

    // What was emptied is not made anew beside its keys, and nobody is sent in a circle.
    let steps = makker::base::db::migrations::names().len();
    makker(folder.path(), &format!("migrate --down {steps} --lose-data"), &[]);
    for (line, words) in
        [("migrate", "if it ever held something, bring back its copy"), ("migrate --create", "or was emptied: name the database")]
    {
        let refused = makker(folder.path(), line, &[]);
        assert!(code(&refused) == Some(1) && said(&refused).contains(words), "{line}: {}", said(&refused));
    }
    std::fs::rename(folder.path().join("makker.key"), folder.path().join("away.key")).unwrap();
    std::fs::rename(folder.path().join("makker-keys.db"), folder.path().join("away.db")).unwrap();
    assert_eq!(code(&makker(folder.path(), "migrate --create", &[])), Some(0));
}

#[test]
fn a_start_that_is_refused_leaves_nothing_and_the_next_is_told_the_same() {
    let folder = tempfile::tempdir().unwrap();
    makker(folder.path(), "migrate --create", &[]);
    for lost in ["makker.db", "makker-keys.db"] {
        std::fs::remove_file(folder.path().join(lost)).unwrap();
    }
    for line in ["serve", "migrate --create", "serve"] {
        let refused = makker(folder.path(), line, &[]);
        assert!(code(&refused) == Some(1) && said(&refused).contains("or was emptied: name the database"), "{line}: {}", said(&refused));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["makker.key"], "{line}");
    }
}

/// A server in a folder, and what it has logged.
pub struct Serving {
    process: Child,
    log: Option<Lines<BufReader<ChildStderr>>>,
    pub address: String,
}

impl Serving {
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_makker"));
        command.arg("serve").current_dir(folder).env_clear().env("MAKKER_SERVER__LISTEN", "127.0.0.1:0");
        let mut process = command.envs(variables.iter().copied()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = log.by_ref().map_while(Result::ok).find_map(|line| {
            said += &line;
            let line: serde_json::Value = serde_json::from_str(&line).expect("each line of the log is a JSON object");
            (line["message"] == "serving").then(|| line["address"].as_str().unwrap().to_owned())
        });
        Self { process, log: Some(log), address: address.unwrap_or_else(|| panic!("it does not serve: {said}")) }
    }

    /// Status and body of a GET.
    pub fn get(address: &str, path: &str) -> String {
        Self::ask(address, &format!("GET {path}"), "")
    }

    /// Status and body of anything, with a JSON body.
    fn ask(address: &str, what: &str, body: &str) -> String {
        let mut connection = TcpStream::connect(address).unwrap();
        let length = body.len();
        let headers = format!("Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}");
        write!(connection, "{what} HTTP/1.1\r\n{headers}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to stop; exit code and the rest of its log.
    pub fn stop(mut self, signal: &str) -> (Option<i32>, Vec<String>) {
        assert!(Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success());
        let (sender, receiver) = mpsc::channel();
        let log = self.log.take().unwrap();
        std::thread::spawn(move || sender.send(log.map_while(Result::ok).collect()));
        // Its log ends with the process; one that does not stop must not hold up the tests.
        let rest = receiver.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("{signal} does not stop it"));
        (self.process.wait().unwrap().code(), rest)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_makes_its_own_database_once_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut key = Vec::new();
    for signal in ["-TERM", "-INT"] {
        // A port for the figures that nobody else has: taken and given back.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let serving = Serving::start(folder.path(), &[("MAKKER_SERVER__METRICS_LISTEN", &free), ("MAKKER_SERVER__SHUTDOWN_GRACE_S", "60")]);
        for path in ["/livez", "/readyz"] {
            assert!(Serving::get(&serving.address, path).starts_with("HTTP/1.1 204 "), "{path}");
        }
        assert!(Serving::get(&serving.address, "/metrics").starts_with("HTTP/1.1 404 "), "figures are not for the public");
        let figures = Serving::get(&free, "/metrics");
        assert!(figures.contains("http_requests_total{method=\"GET\",route=\"/readyz\",status=\"204\"} 1"), "{figures}");
        // The first round of the tick begins with the server.
        let is_counted = (0..2_000).any(|_| Serving::get(&free, "/metrics").contains("ticks_total{outcome=\"done\",part=\"plans\"} 1"));
        assert!(is_counted, "{}", Serving::get(&free, "/metrics"));
        // A connection that rests is closed when the server stops, and does not hold it up for the whole grace.
        let mut rests = TcpStream::connect(&serving.address).unwrap();
        rests.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = [0; 16];
        rests.read_exact(&mut answer).unwrap();
        let (code, log) = serving.stop(signal);
        assert!(code == Some(0) && log.last().is_some_and(|line| line.contains("stopped")), "{code:?} {log:?}");

        let now = std::fs::read(folder.path().join("makker.key")).unwrap();
        assert!(key.is_empty() || key == now, "the second time nothing is made");
        key = now;
    }

    let named = makker(folder.path(), "serve", &[("MAKKER_DATABASE__URL", "sqlite://other.db")]);
    assert!(code(&named) == Some(1) && said(&named).contains("other.db does not exist"), "{}", said(&named));
    makker(folder.path(), "migrate --down 1 --lose-data", &[]);
    let older = makker(folder.path(), "serve", &[]);
    assert!(code(&older) == Some(1) && said(&older).contains("`makker migrate` brings it up to date"), "{}", said(&older));
}

#[test]
fn one_round_of_the_tick_says_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let missing = makker(folder.path(), "tick --once", &[]);
    assert!(code(&missing) == Some(1) && said(&missing).contains("`makker migrate --create` makes it"), "{}", said(&missing));
    makker(folder.path(), "migrate --create", &[]);
    let round = makker(folder.path(), "tick --once", &[]);
    assert_eq!(code(&round), Some(0), "{}", said(&round));
    let report = String::from_utf8(round.stdout).unwrap();
    assert!(report.starts_with("messages: 0 sent, 0 refused,") && report.ends_with("planned anew: 0; failed: 0\n"), "{report}");
    let contrary = makker(folder.path(), "tick --once", &[("MAKKER_TICK__LEASE_S", "5")]);
    assert!(code(&contrary) == Some(2) && said(&contrary).contains("MAKKER_TICK__LEASE_S"), "{}", said(&contrary));
}

#[test]
fn the_first_account_is_made_on_the_machine_and_can_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let add = |name: &str, password: &str| {
        let output = tell(folder.path(), &["user", "add", name, "--role", "coordinator", "--display-name", "Eva Holm"], password);
        (code(&output).unwrap(), said(&output))
    };
    let (ended, words) = add("eva.holm", "unused");
    assert!(ended == 1 && words.contains("`makker migrate --create` makes it"), "{words}");
    makker(folder.path(), "migrate --create", &[]);
    for (name, password, expected) in [
        ("eva.holm", "", "the password on standard input: there is none"),
        ("eva.holm", "brief\n", "password: The password is too short"),
        ("eva.holm", "cyclist harbour 7\n", ""),
        ("Eva.Holm", "another harbour 8\n", "exists already"),
    ] {
        let (ended, words) = add(name, password);
        let made = ended == 0 && words.starts_with("made the account eva.holm with the id ");
        assert_eq!(made, expected.is_empty(), "{words}");
        assert!(made || (ended == 1 && words.contains(expected)), "{expected}: {words}");
        assert!(password.len() < 2 || !words.contains(password.trim_end()), "a password is never shown: {words}");
    }

    let serving = Serving::start(folder.path(), &[]);
    let sign_in = |password: &str, status: &str| {
        let body = format!(r#"{{"name": "eva.holm", "password": "{password}", "device": {{"kind": "desk", "label": "Office"}}}}"#);
        let answer = Serving::ask(&serving.address, "POST /v1/sign-ins", &body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    };
    sign_in("cyclist harbour 7", "200");
    sign_in("cyclist harbour 8", "401");

    // Forgotten, with nobody else who could replace it, while the server runs.
    for (name, password, expected) in [
        ("eva.holm", "brief\n", "password: The password is too short"),
        ("eva.horn", "another harbour 8\n", "there is no account of that name"),
        ("Eva.Holm", "cyclist harbour 8\n", "eva.holm has a new password and is signed out everywhere"),
    ] {
        let output = tell(folder.path(), &["user", "password", name], password);
        assert!(said(&output).contains(expected), "{}", said(&output));
        assert_eq!(code(&output) == Some(0), expected.contains("signed out"));
    }
    sign_in("cyclist harbour 8", "200");
    sign_in("cyclist harbour 7", "401");
    assert_eq!(serving.stop("-TERM").0, Some(0));
}

both_engines! {
    /// Where no look at the two addresses finds out that they are one.
    fn a_database_is_never_its_own_key_store(db: TestDatabase) {
        let run = |line: &str, url: &str, keys: &str| {
            let output = makker(db.dir(), line, &[("MAKKER_DATABASE__URL", url), ("MAKKER_VAULT__KEY_STORE_URL", keys)]);
            (code(&output).unwrap(), said(&output))
        };
        let (url, other) = match &db.url {
            DatabaseUrl::Sqlite(_) => {
                std::os::unix::fs::symlink("new.db", db.dir().join("link.db")).unwrap();
                ("new.db".to_owned(), "link.db".to_owned())
            }
            DatabaseUrl::Postgres(url) => {
                run("migrate --down 1000 --lose-data", url, "own-keys.db");
                (url.clone(), url.replacen("/makker_test_", "/%6dakker_test_", 1))
            }
        };
        assert_eq!(run("check-config", &url, &other), (0, "the configuration is all right\n".into()));
        let (ended, words) = run("migrate --create", &url, &other);
        assert!(ended == 1 && words.contains("vault.key_store_url leads to that of database.url"), "{words}");
        // Nothing was made that would be in the way.
        let (ended, words) = run("migrate --create", &url, "own-keys.db");
        assert!(ended == 0 && words.contains("made the key file") && words.contains("applied 0001_journal_create"), "{words}");
    }

    fn a_schema_is_taken_back_and_made_again(db: TestDatabase) {
        let url = match &db.url {
            DatabaseUrl::Sqlite(path) => path.to_str().unwrap(),
            DatabaseUrl::Postgres(url) => url,
        };
        let run = |line| {
            let output = makker(db.dir(), line, &[("MAKKER_DATABASE__URL", url)]);
            (code(&output).unwrap(), said(&output))
        };
        let (ended, words) = run("migrate --down 1000 --lose-data");
        assert!(ended == 0 && words.contains("took back 0001_journal_create"), "{words}");
        let (ended, words) = run("migrate");
        assert!(ended == 1 && words.contains("bring back its copy; if not, `makker migrate --create`"), "{words}");
        let (ended, words) = run("migrate --create");
        assert!(ended == 0 && words.contains("made the key file") && words.contains("applied 0001_journal_create"), "{words}");
        let (ended, words) = run("migrate");
        assert!(ended == 0 && words.lines().count() == 1 && words.ends_with(" is up to date\n"), "{words}");
    }
}
