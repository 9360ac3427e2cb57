//! E-mail by SMTP: the envelope, the connections, and what each answer of a mail server means.
//!
//! The steps are taken one by one instead of by lettre's own transport, because what an answer means depends on the step it answers,
//! and because a connection that was given up in the middle of a text must never carry another message.

mod line;
mod settings;
#[cfg(test)]
mod tests;

use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, MultiPartKind, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::runtime::Handle;
use tokio::time::timeout_at;

use self::line::{Heard, Line, is_too_much};
pub use self::settings::{SmtpSettings, Tls};
use super::{Deadline, Organiser, Outcome, Prepared, is_tls_failure, text_of};
use crate::base::error::{Error, Result};
use crate::base::parallel::{Apart, apart};

/// A connection unused for longer is not trusted any more.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// What a mail shows of its sender: a neutral name, address and domain.
#[derive(Clone, Debug)]
pub struct Envelope {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    domain: String,
}

impl Envelope {
    /// The envelope of the settings.
    pub fn new(settings: &SmtpSettings) -> Result<Self> {
        let mailbox = |setting: &str, name: Option<String>, address: &str| match address_of(address) {
            Some(address) => Ok(Mailbox::new(name, address)),
            None => Err(Error::internal(format!("{setting}: is not an e-mail address"))),
        };
        Ok(Self {
            from: mailbox("smtp.sender_address", Some(settings.sender_name.clone()), &settings.sender_address)?,
            reply_to: match &settings.reply_to {
                Some(address) => Some(mailbox("smtp.reply_to", None, address)?),
                None => None,
            },
            domain: settings.domain.clone(),
        })
    }

    /// Who the mail is from, as an invitation names its organiser.
    pub(super) fn organiser(&self) -> Organiser {
        let address = self.from.email.to_string();
        Organiser { name: self.from.name.clone().unwrap_or_else(|| address.clone()), address }
    }

    /// The mail, always the same for the same message: id and date are the message's own.
    pub(super) fn compose(&self, message: &Prepared) -> Result<Message, Outcome> {
        let to = address_of(&message.to).ok_or(Outcome::Refused { code: "address_invalid" })?;
        let since_1970 = Duration::from_micros(u64::try_from(message.prepared_at.micros()).unwrap_or(0));
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let mut mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.replace(char::is_control, " "))
            .date(SystemTime::UNIX_EPOCH + since_1970)
            .message_id(Some(format!("<{}@{}>", message.id, self.domain)))
            .raw_header(header("Content-Language", message.language.tag()))
            // No out-of-office answers (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(reply_to) = &self.reply_to {
            mail = mail.reply_to(reply_to.clone());
        }
        let text = text_of(message).replace('\n', "\r\n");
        let mail = match &message.calendar {
            None => mail.singlepart(SinglePart::plain(text)),
            Some(calendar) => {
                // RFC 6047: the calendar last, its method said beside it, and nothing that would make it a file.
                let kind = format!("text/calendar; method={}; charset=utf-8", calendar.method);
                let kind = ContentType::parse(&kind).map_err(|_| Outcome::OurFault { code: "mail_invalid" })?;
                let part = SinglePart::builder().header(kind).body(calendar.text.clone());
                // A boundary of the message's own, not one by chance: a repeat is the same bytes.
                let both = MultiPart::builder().kind(MultiPartKind::Alternative).boundary(format!("={}=", message.id));
                mail.multipart(both.singlepart(SinglePart::plain(text)).singlepart(part))
            }
        };
        mail.map_err(|_| Outcome::OurFault { code: "mail_invalid" })
    }
}

/// An address whose domain is written in ASCII (`bøh.dk` as `xn--bh-lka.dk`), so that any server takes it.
fn address_of(text: &str) -> Option<Address> {
    let address: Address = text.parse().ok()?;
    if address.domain().is_ascii() {
        return Some(address);
    }
    let domain = reqwest::Url::parse(&format!("https://{}", address.domain())).ok()?;
    Address::new(address.user(), domain.host_str()?).ok()
}

/// How much later than its deadline a conversation is given up that does not even look at the clock.
const BUSY_MOST: Duration = Duration::from_secs(1);

/// Sends mail to one server over a few kept connections.
pub struct SmtpSender {
    envelope: Envelope,
    post: Arc<Post>,
}

/// The way to the server.
struct Post {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    hello: ClientId,
    connect_timeout: Duration,
    parked: Mutex<Vec<Parked>>,
    parked_max: usize,
}

enum Security {
    Implicit(TlsParameters),
    StartTls(TlsParameters),
    Plain,
}

/// A connection, and how much was heard on it since its conversation began.
struct Open {
    connection: AsyncSmtpConnection,
    heard: Heard,
}

struct Parked {
    open: Open,
    since: Deadline,
}

/// Which step of the conversation an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Connection, greeting and EHLO; with TLS from the first byte or without.
    Hello { tls: bool },
    /// STARTTLS.
    Encrypt,
    /// AUTH.
    SignIn,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, before the text.
    Data,
    /// After the text.
    Text,
}

impl SmtpSender {
    /// A sender; connects with the first mail. Reads the password and certificate files.
    pub fn new(settings: &SmtpSettings) -> Result<Self> {
        let tls = || -> Result<TlsParameters> {
            let mut tls = TlsParameters::builder(settings.host.clone());
            if let Some(path) = &settings.ca_file {
                let pem = std::fs::read(path).map_err(|error| Error::internal(format!("smtp.ca_file: cannot be read: {error}")))?;
                let certificate = Certificate::from_pem(&pem);
                tls = tls.add_root_certificate(certificate.map_err(|_| Error::internal("smtp.ca_file: is not a certificate in PEM"))?);
            }
            tls.build().map_err(|_| Error::internal("smtp: TLS cannot be set up: are there root certificates on this machine?"))
        };
        let credentials = match (&settings.user, &settings.password_file) {
            (Some(user), Some(file)) => {
                let password = file.read().map_err(|wrong| Error::internal(format!("smtp.password_file: {wrong}")))?;
                // The mail library keeps a text of its own, which is not wiped; it lasts as long as the process.
                Some(Credentials::new(user.clone(), password.to_string()))
            }
            _ => None,
        };
        let post = Post {
            host: settings.host.clone(),
            port: settings.port(),
            security: match settings.tls {
                Tls::Implicit => Security::Implicit(tls()?),
                Tls::Starttls => Security::StartTls(tls()?),
                Tls::None => Security::Plain,
            },
            credentials,
            hello: ClientId::Domain(settings.domain.clone()),
            connect_timeout: Duration::from_secs(settings.connect_timeout_s.into()),
            parked: Mutex::default(),
            parked_max: usize::try_from(settings.connections).unwrap_or(usize::MAX),
        };
        Ok(Self { envelope: Envelope::new(settings)?, post: Arc::new(post) })
    }

    /// See [`Envelope::organiser`].
    pub(super) fn organiser(&self) -> Organiser {
        self.envelope.organiser()
    }

    /// See [`super::Senders::connect_timeout`].
    pub(super) fn connect_timeout(&self) -> Duration {
        self.post.connect_timeout
    }

    /// Sends it; see [`super::Senders::send`].
    pub(super) async fn send(&self, message: &Prepared, deadline: Deadline) -> Outcome {
        let mail = match self.envelope.compose(message) {
            Ok(mail) => mail,
            Err(outcome) => return outcome,
        };
        let text_begun = Arc::new(AtomicBool::new(false));
        let (post, begun, here) = (Arc::clone(&self.post), Arc::clone(&text_begun), Handle::current());
        // On a thread of its own: the mail library reads an answer of many lines without a pause, and meanwhile nothing else would go on here,
        // no clock either.
        let talk = move || here.block_on(async { timeout_at(deadline, post.deliver(&mail, &begun, deadline)).await });
        let (lost, unknown) = match timeout_at(deadline + BUSY_MOST, apart("mail", talk)).await {
            Ok(Ok(Ok(Ok(())))) => return Outcome::Accepted { reference: None },
            Ok(Ok(Ok(Err(outcome)))) => return outcome,
            Ok(Err(Apart::NoThread)) => return Outcome::NotBegun { code: "no_thread" },
            Ok(Ok(Err(_))) | Err(_) => ("timeout", "timeout"),
            Ok(Err(Apart::Died)) => ("connection_lost", "no_answer"),
        };
        if text_begun.load(Ordering::Relaxed) { Outcome::Unknown { code: unknown } } else { Outcome::later(lost) }
    }
}

impl Post {
    async fn deliver(&self, mail: &Message, text_begun: &AtomicBool, deadline: Deadline) -> Result<(), Outcome> {
        let mut open = self.open().await?;
        let result = converse(&mut open.connection, mail, text_begun, deadline).await;
        // A connection may be kept when its last answer was read whole; what was begun on it is taken back before the next mail.
        if !matches!(result, Err((_, false))) {
            self.park(open);
        }
        result.map_err(|(outcome, _)| outcome)
    }

    /// A kept connection that still answers, else a new one.
    async fn open(&self) -> Result<Open, Outcome> {
        while let Some(Parked { mut open, since }) = self.take_parked() {
            open.heard.forget();
            if since.elapsed() < IDLE_MAX && open.connection.command(Rset).await.is_ok() {
                return Ok(open);
            }
        }
        let implicit = match &self.security {
            Security::Implicit(tls) => Some(tls.clone()),
            Security::StartTls(_) | Security::Plain => None,
        };
        let hello = Step::Hello { tls: implicit.is_some() };
        // On this thread, which may wait: the library would take another, and the machine may give none.
        let found = (self.host.as_str(), self.port).to_socket_addrs().map_err(|_| Outcome::later("unreachable"))?;
        let addresses: Vec<_> = found.collect();
        let (line, heard) = Line::to(&addresses, self.connect_timeout, implicit).await.map_err(|error| outcome(hello, &error))?;
        let opening = AsyncSmtpConnection::connect_with_transport(Box::new(line), &self.hello);
        let mut connection = opening.await.map_err(|error| outcome(hello, &error))?;
        if let Security::StartTls(tls) = &self.security {
            connection.starttls(tls.clone(), &self.hello).await.map_err(|error| outcome(Step::Encrypt, &error))?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await.map_err(|error| outcome(Step::SignIn, &error))?;
        }
        Ok(Open { connection, heard })
    }

    fn take_parked(&self) -> Option<Parked> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn park(&self, open: Open) {
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        if parked.len() < self.parked_max {
            parked.push(Parked { open, since: Deadline::now() });
        }
    }
}

/// One mail over an open connection. An error says whether the connection is still in step.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    mail: &Message,
    text_begun: &AtomicBool,
    deadline: Deadline,
) -> Result<(), (Outcome, bool)> {
    let failed = |step| move |error: SmtpError| (outcome(step, &error), error.status().is_some());
    // The library takes 2yz and 3yz alike for a yes.
    let expect = |step, kind: u16, answer: Response| {
        let is_expected = u16::from(answer.code()) / 100 == kind;
        if is_expected { Ok(()) } else { Err((out_of_step(step), false)) }
    };
    let envelope = mail.envelope();
    let mut parameters = Vec::new();
    if !envelope.to().iter().all(|address| address.user().is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err((Outcome::Refused { code: "address_not_ascii" }, true));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let answer = connection.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(failed(Step::Sender))?;
    expect(Step::Sender, 2, answer)?;
    for to in envelope.to() {
        let answer = connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(failed(Step::Recipient))?;
        expect(Step::Recipient, 2, answer)?;
    }
    // Whoever waited for this one has given up: nobody would know what became of it.
    if Deadline::now() >= deadline {
        return Err((Outcome::later("timeout"), true));
    }
    let answer = connection.command(Data).await.map_err(failed(Step::Data))?;
    expect(Step::Data, 3, answer)?;
    text_begun.store(true, Ordering::Relaxed);
    let answer = connection.message(&mail.formatted()).await.map_err(failed(Step::Text))?;
    expect(Step::Text, 2, answer)
}

/// What no answer, or one of a kind that has no place at this step (RFC 5321 section 4.3.2), means for the message.
const fn out_of_step(step: Step) -> Outcome {
    match step {
        Step::Text => Outcome::Unknown { code: "no_answer" },
        _ => Outcome::later("connection_lost"),
    }
}

/// What an error at this step means for the message.
fn outcome(step: Step, error: &SmtpError) -> Outcome {
    const TOO_LARGE: &str = "answer_too_large";
    if is_too_much(error) {
        return if step == Step::Text { Outcome::Unknown { code: TOO_LARGE } } else { Outcome::later(TOO_LARGE) };
    }
    if let Some(code) = error.status() {
        let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        return refusal(step, code.into(), enhanced(&text));
    }
    match step {
        Step::Encrypt if error.is_client() => Outcome::OurFault { code: "tls_not_offered" },
        Step::SignIn if error.is_client() => Outcome::OurFault { code: "sign_in_not_offered" },
        Step::Hello { tls: true } | Step::Encrypt if is_tls_failure(error) => Outcome::OurFault { code: "tls_failed" },
        Step::Hello { .. } => Outcome::later("unreachable"),
        _ => out_of_step(step),
    }
}

/// What a negative answer at this step means (RFC 5321 section 4.2.2, enhanced codes of RFC 3463).
///
/// A bare 550 may be an unknown user or a policy, so only an enhanced code that names the mailbox ends the target.
fn refusal(step: Step, code: u16, enhanced: Option<(u16, u16)>) -> Outcome {
    match (step, code, enhanced) {
        (_, 400..=499, _) => Outcome::later("try_later"),
        (Step::SignIn, _, _) | (_, 530 | 534 | 535 | 538, _) => Outcome::OurFault { code: "sign_in_refused" },
        (Step::Hello { .. } | Step::Encrypt, _, _) => Outcome::OurFault { code: "server_refused" },
        (Step::Sender, _, _) | (_, _, Some((1, 7 | 8))) => Outcome::OurFault { code: "sender_refused" },
        (_, _, Some((7, _))) => Outcome::OurFault { code: "policy_refused" },
        (_, _, Some((1, 1 | 2 | 3 | 6 | 10) | (2, 1))) => Outcome::TargetGone,
        (Step::Recipient, _, _) => Outcome::Refused { code: "recipient_refused" },
        (Step::Data | Step::Text, _, _) => Outcome::Refused { code: "content_refused" },
    }
}

/// Subject and detail of an answer's enhanced status code: `(1, 1)` of `5.1.1 no such user`.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split_whitespace().next()?.splitn(3, '.');
    let class = parts.next()?;
    let (subject, detail) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    matches!(class, "2" | "4" | "5").then_some((subject, detail))
}
