//! A real SMTP server on loopback that keeps what arrives, for tests that send mail and read back what came.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use tempfile::TempDir;

use super::python_with;

/// A running server; it ends when this is dropped, or the test process dies.
///
/// Mail to `refused@..` is refused for good, to `later@..` for now; mail to `vanish@..` is kept, but its sender never hears so.
pub struct Smtp {
    port: u16,
    folder: TempDir,
    program: Child,
}

/// One mail as it arrived.
#[derive(Debug)]
pub struct Mail {
    /// The sender of the envelope.
    pub from: String,
    /// The receivers of the envelope.
    pub to: Vec<String>,
    /// Headers and body, byte for byte; lines end in CRLF.
    pub raw: String,
}

impl Smtp {
    /// `None` (said aloud by [`super::requires`]) where Python or its `aiosmtpd` is missing.
    pub fn start() -> Option<Self> {
        let mut python = python_with("aiosmtpd")?;
        let folder = TempDir::with_prefix("makker-smtp-").unwrap();
        python.args(["-c", include_str!("smtp_server.py")]).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = python.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the mail server prints its port: its own complaint stands above");
        Some(Self { port, folder, program })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything that arrived, oldest first. A mail is here before its sender hears that it was taken.
    pub fn received(&self) -> Vec<Mail> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|name| name.extension().is_some_and(|end| end == "json"));
        names.sort();
        let read = |name: &std::path::PathBuf| {
            let about: serde_json::Value = serde_json::from_slice(&fs::read(name).unwrap()).unwrap();
            let to = about["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap().to_owned()).collect();
            let raw = String::from_utf8(fs::read(name.with_extension("eml")).unwrap()).expect("mail is ASCII or UTF-8");
            Mail { from: about["from"].as_str().unwrap_or_default().to_owned(), to, raw }
        };
        names.iter().map(read).collect()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        // Nothing is left to do when it is gone already.
        let _ = self.program.wait();
    }
}

#[test]
fn the_mail_server_keeps_what_it_takes() {
    use lettre::address::Envelope;
    use lettre::{SmtpTransport, Transport};
    let Some(smtp) = Smtp::start() else { return };
    let sender = SmtpTransport::builder_dangerous("127.0.0.1").port(smtp.port()).build();
    let send = |to: &str| {
        let envelope = Envelope::new(Some("a@example.org".parse().unwrap()), vec![to.parse().unwrap()]).unwrap();
        sender.send_raw(&envelope, b"Subject: Hej\r\n\r\nBody")
    };
    assert!(send("refused@example.org").unwrap_err().is_permanent());
    assert!(send("later@example.org").unwrap_err().is_transient());
    assert!(smtp.received().is_empty());
    assert!(send("vanish@example.org").unwrap_err().status().is_none());
    assert!(send("b@example.org").is_ok());
    let mail = smtp.received();
    assert_eq!(mail.len(), 2);
    assert_eq!((mail[1].from.as_str(), mail[1].to.as_slice()), ("a@example.org", &["b@example.org".to_owned()][..]));
    assert_eq!(mail[1].raw, "Subject: Hej\r\n\r\nBody\r\n");
}
