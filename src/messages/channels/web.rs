//! One HTTP exchange with a provider: bounded in time and size, no redirects, no retries, and clear about whether anything was sent.

use std::net::ToSocketAddrs;
use std::time::Duration;

use chrono::DateTime;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder, Url};

use super::{Deadline, Outcome, is_loopback, is_tls_failure};
use crate::base::clock::Instant;
use crate::base::config::Complaints;
use crate::base::error::{Error, Result};
use crate::base::parallel::apart;

/// No provider's answer is read beyond this.
const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// No provider makes us wait longer than a day.
const RETRY_AFTER_MAX_S: i64 = 86_400;

/// A client for exchanges with one provider.
#[derive(Clone)]
pub(super) struct Web {
    client: Client,
    connect_timeout: Duration,
}

/// Whether a connection serves one exchange or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connections {
    /// Kept: fast, but one may die while a request is written to it, and nobody knows whether that was read.
    Kept,
    /// A new one for each exchange: for what must never be sent twice.
    OneEach,
}

/// An answer that arrived in full.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub retry_after_s: Option<u32>,
    pub body: Vec<u8>,
}

impl Web {
    /// A client that gives up connecting after `connect_timeout`. It reads no proxy from the environment.
    pub(super) fn new(connect_timeout: Duration, connections: Connections) -> Result<Self> {
        let idle_max = match connections {
            Connections::Kept => 8,
            Connections::OneEach => 0,
        };
        // `main` installs it too; a second time is refused and does no harm.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .dns_resolver(Names)
            .pool_max_idle_per_host(idle_max)
            .build()
            .map_err(|_| Error::internal("the HTTP client cannot be built: are there root certificates on this machine?"))?;
        Ok(Self { client, connect_timeout })
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// How long connecting may take.
    pub(super) const fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// Sends the request and reads the answer. `Err` says how it failed: `NotBegun`, `RetryAfter` and `OurFault` mean that nothing was sent,
    /// `Unknown` that something may have been.
    pub(super) async fn exchange(&self, request: RequestBuilder, now: Instant, deadline: Deadline) -> Result<Answer, Outcome> {
        // With less time than connecting may take, a hang while connecting could not be told from one after sending.
        if deadline.saturating_duration_since(Deadline::now()) <= self.connect_timeout {
            return Err(Outcome::NotBegun { code: "no_time_left" });
        }
        let whole = async {
            let mut response = request.send().await.map_err(|error| failure(&error))?;
            let retry_after_s = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| retry_after(v, now));
            let status = response.status().as_u16();
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|_| Outcome::Unknown { code: "answer_lost" })? {
                if body.len().saturating_add(chunk.len()) > ANSWER_MAX_BYTES {
                    return Err(Outcome::Unknown { code: "answer_too_large" });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, retry_after_s, body })
        };
        tokio::time::timeout_at(deadline, whole).await.unwrap_or(Err(Outcome::Unknown { code: "timeout" }))
    }
}

/// Looks names up on threads of its own: where the machine gives none, the provider cannot be reached, and nothing was sent.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = apart("names", move || (name.as_str(), 0).to_socket_addrs()).await.map_err(Error::from)??;
            let found: Addrs = Box::new(found);
            Ok(found)
        })
    }
}

fn failure(error: &reqwest::Error) -> Outcome {
    if error.is_builder() {
        Outcome::OurFault { code: "request_invalid" }
    } else if error.is_connect() && is_tls_failure(error) {
        Outcome::OurFault { code: "tls_failed" }
    } else if error.is_connect() {
        Outcome::later("unreachable")
    } else {
        Outcome::Unknown { code: "no_answer" }
    }
}

/// Seconds of a `Retry-After` header (a number or a date), at most a day.
fn retry_after(value: &str, now: Instant) -> Option<u32> {
    let seconds = match value.trim().parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => Instant::from_utc(DateTime::parse_from_rfc2822(value.trim()).ok()?.to_utc()).since(now).num_seconds(),
    };
    u32::try_from(seconds.clamp(0, RETRY_AFTER_MAX_S)).ok()
}

/// Says what is wrong with a provider's address: it must be `https`, or `http` on this machine.
pub(super) fn check_url(setting: &str, value: &str, complaints: &mut Complaints) {
    match Url::parse(value) {
        Ok(url) if url.scheme() == "https" => {}
        Ok(url) if url.scheme() == "http" && url.host_str().is_some_and(is_loopback) => {}
        Ok(_) => complaints.add(setting, "must be https (http only to this machine)"),
        Err(_) => complaints.add(setting, "is not an address"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::scripted::{self, Reply};
    use super::super::tests::{complaints_of, in_ms, now};
    use super::*;

    /// A client that gives up connecting soon; one for all tests, since building one reads every root certificate.
    pub fn impatient() -> Web {
        static WEB: std::sync::OnceLock<Web> = std::sync::OnceLock::new();
        WEB.get_or_init(|| Web::new(Duration::from_millis(300), Connections::OneEach).unwrap()).clone()
    }

    #[test]
    fn retry_after_is_a_number_or_a_date_and_at_most_a_day() {
        let cases = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("-5", Some(0)),
            ("999999999", Some(86_400)),
            ("Mon, 02 Mar 2026 17:01:30 GMT", Some(90)),
            ("Mon, 02 Mar 2026 16:00:00 GMT", Some(0)),
            ("soon", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(retry_after(value, now()), expected, "{value}");
        }
    }

    #[test]
    fn addresses_are_encrypted_or_of_this_machine() {
        let cases = [
            ("https://gateway.example/send", true),
            ("http://127.0.0.1:8080/send", true),
            ("http://[::1]:8080/send", true),
            ("http://gateway.example/send", false),
            ("http://localhost.example/send", false),
            ("ftp://gateway.example", false),
            ("gateway.example", false),
            ("", false),
        ];
        for (value, expected) in cases {
            let complaints = complaints_of(|complaints| check_url("sms.url", value, complaints));
            assert_eq!(complaints.is_empty(), expected, "{value}");
        }
    }

    /// What a GET to a server that answers like this ends as.
    async fn get(reply: Reply, deadline_ms: u64) -> Result<Answer, Outcome> {
        let server = scripted::http(move |_| reply.clone()).await;
        let web = impatient();
        web.exchange(web.client().get(server.url("/")), now(), in_ms(deadline_ms)).await
    }

    #[tokio::test]
    async fn an_exchange_says_what_is_known() {
        let answer = get(Reply::json(200, "{}").with("Retry-After", "3"), 5_000).await.unwrap();
        assert_eq!((answer.status, answer.retry_after_s, answer.body.as_slice()), (200, Some(3), b"{}".as_slice()));
        let redirect = get(Reply::json(302, "").with("Location", "http://127.0.0.1:1/"), 5_000).await.unwrap();
        assert_eq!(redirect.status, 302, "not followed");
        let cases = [
            ("hangs", Reply::Hang, "timeout"),
            ("closes without an answer", Reply::Close, "no_answer"),
            ("cuts its answer", Reply::Cut, "answer_lost"),
            ("hangs inside its answer", Reply::HangInside, "timeout"),
            ("never stops", Reply::Flood, "answer_too_large"),
            ("talks something else", Reply::Garbage, "no_answer"),
        ];
        for (name, reply, code) in cases {
            assert_eq!(get(reply, 1_000).await.unwrap_err(), Outcome::Unknown { code }, "a server that {name}");
        }
    }

    #[tokio::test]
    async fn what_was_never_sent_is_known_as_such() {
        let web = impatient();
        let closed = scripted::closed_port().await;
        let refused = web.exchange(web.client().get(format!("http://{closed}/")), now(), in_ms(5_000)).await.unwrap_err();
        assert_eq!(refused, Outcome::later("unreachable"));
        let late = web.exchange(web.client().get(format!("http://{closed}/")), now(), in_ms(100)).await.unwrap_err();
        assert_eq!(late, Outcome::NotBegun { code: "no_time_left" });
        let odd = web.exchange(web.client().get("no address"), now(), in_ms(5_000)).await.unwrap_err();
        assert_eq!(odd, Outcome::OurFault { code: "request_invalid" });
    }

    #[tokio::test]
    async fn a_hang_while_encrypting_is_not_sent_and_a_wrong_certificate_is_our_fault() {
        let web = impatient();
        let silent = scripted::http(|_| Reply::Hang).await;
        let hang = web.exchange(web.client().get(format!("https://{}/", silent.addr)), now(), in_ms(5_000)).await.unwrap_err();
        assert_eq!(hang, Outcome::later("unreachable"));
        let plain = scripted::smtp(scripted::friendly).await;
        let wrong = web.exchange(web.client().get(format!("https://{}/", plain.addr)), now(), in_ms(5_000)).await.unwrap_err();
        assert_eq!(wrong, Outcome::OurFault { code: "tls_failed" });
    }
}
