//! The README's commands, run as they stand there.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::requires;

/// The lines of the code block that follows a heading.
fn block(heading: &str) -> String {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("the README has no {heading}"));
    let (_, block) = section.split_once("```sh\n").expect("a block of commands");
    block.split_once("\n```").expect("its end").0.to_owned()
}

/// A newcomer's first day in an empty folder, from the first file to a logged session.
#[test]
fn the_first_day_goes_as_it_is_written() {
    let has = |program: &str| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok_and(|end| end.success());
    if !requires("bash and curl", has("bash") && has("curl")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_makker"));
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let day = block("## A first day by hand");
    assert!(day.contains("127.0.0.1:8080"), "the day goes to the default address");
    let script = format!("trap 'kill %1; wait' EXIT\n{}\n", day.replace("127.0.0.1:8080", &address));
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", program.parent().unwrap().display()))
        .env("MAKKER_SERVER__LISTEN", &address)
        .output()
        .unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    // The last two answers: what is promised, and what waits to be sent.
    for expected in ["\"outcome\":\"held\"", "\"kind\":\"support_contact\"", "\"kind\":\"appointment\"", "\"state\":\"waiting\""] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}\n{complained}");
    }
}
