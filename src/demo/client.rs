//! Those who use the API in the demo, over real HTTP: they sign in with a password, renew their tokens, send a key with every command.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::expect::{Mismatch, Played};
use crate::base::clock::{Clock, Instant};
use crate::base::error::{Error, Result};

/// The way to the server.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    /// What a phone's own clock shows: tokens are renewed by it.
    clock: Clock,
    sent: Arc<AtomicU64>,
}

impl Api {
    /// The way to a server at an address such as `127.0.0.1:8080`.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(address: impl std::fmt::Display, clock: Clock) -> Result<Self> {
        // `main` installs it too; a second time is refused and does no harm.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // None of a connection that the server may be closing: on a busy machine that would look like an answer that never came.
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
        let http = http.build().map_err(Error::internal)?;
        Ok(Self { http, base: format!("http://{address}"), clock, sent: Arc::default() })
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Opens the page of a link and presses a button on it, as people do, without a login.
    pub async fn press(&self, link: &str, button: &str) -> Played {
        // The server has another port here than its address says.
        let page = format!("{}/{}", self.base, link.splitn(4, '/').nth(3).unwrap_or_default());
        let lost = |error: reqwest::Error| Mismatch::new(&page, "an answer", error);
        for (request, status) in [(self.http.get(&page), 200), (self.http.post(&page).form(&[("answer", button)]), 303)] {
            self.sent.fetch_add(1, Ordering::Relaxed);
            let answered = request.send().await.map_err(lost)?.status().as_u16();
            if answered != status {
                return Err(Mismatch::new(&page, status, answered));
            }
        }
        Ok(())
    }

    /// Sends one request and reads its answer.
    async fn exchange(&self, request: Request<'_>, token: Option<&str>) -> Played<Answer> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let mut sent = self.http.request(request.method.clone(), format!("{}{}", self.base, request.path));
        sent = sent.header("Accept-Language", "en");
        if let Some(token) = token {
            sent = sent.bearer_auth(token);
        }
        if request.method == Method::POST && !request.path.starts_with("/v1/sign-ins") && !request.path.ends_with("/search") {
            sent = sent.header("Idempotency-Key", format!("demo-{number}"));
        }
        if let Some(tag) = request.tag {
            sent = sent.header("If-Match", tag);
        }
        if let Some(body) = request.body {
            sent = sent.json(body);
        }
        let what = format!("{} {}", request.method, request.path);
        let lost = |error: reqwest::Error| Mismatch::new(&what, "an answer", error);
        let response = sent.send().await.map_err(lost)?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (status, tag) = (response.status().as_u16(), header("etag"));
        let next = header("link").strip_prefix('<').and_then(|link| link.split_once('>')).map(|(path, _)| path.to_owned());
        let text = response.text().await.map_err(lost)?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { what, status, tag, next, body })
    }
}

struct Request<'a> {
    method: Method,
    path: &'a str,
    tag: Option<&'a str>,
    body: Option<&'a Value>,
}

/// What came back.
pub struct Answer {
    what: String,
    /// The HTTP status.
    pub status: u16,
    /// The ETag.
    pub tag: String,
    /// The next page of a list.
    next: Option<String>,
    /// The JSON; null where there was none.
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    pub fn ok(self) -> Played<Value> {
        if (200..300).contains(&self.status) { Ok(self.body) } else { Err(self.instead_of("a success")) }
    }

    /// The body of an answer with this status.
    pub fn with_status(self, status: u16) -> Played<Value> {
        if self.status == status { Ok(self.body) } else { Err(self.instead_of(status)) }
    }

    /// The problem of any refusal.
    fn refusal(self) -> Played<Value> {
        if (400..500).contains(&self.status) { Ok(self.body) } else { Err(self.instead_of("a refusal")) }
    }

    /// The problem of a refusal with this status and code.
    pub fn refused(self, status: u16, code: &str) -> Played<Value> {
        if self.status == status && self.body["code"] == code {
            Ok(self.body)
        } else {
            Err(self.instead_of(format_args!("{status} {code}")))
        }
    }

    fn instead_of(self, expected: impl std::fmt::Display) -> Mismatch {
        Mismatch::new(self.what, expected, format_args!("{} {}", self.status, self.body))
    }
}

/// Somebody with an account.
pub struct Caller {
    api: Api,
    /// What is typed at sign-in.
    pub name: &'static str,
    /// How the timeline calls them.
    pub title: &'static str,
    device: &'static str,
    tokens: RefCell<Value>,
}

/// Everybody's password in the demo.
pub const PASSWORD: &str = "en god dag i byen";

impl Caller {
    /// Somebody who will sign in at a `desk` or on a `phone`.
    pub fn new(api: &Api, name: &'static str, title: &'static str, device: &'static str) -> Self {
        Self { api: api.clone(), name, title, device, tokens: RefCell::default() }
    }

    /// Signs in with the password.
    pub async fn sign_in(&self) -> Played {
        let attempt = json!({"name": self.name, "password": PASSWORD, "device": {"kind": self.device, "label": self.title}});
        let request = Request { method: Method::POST, path: "/v1/sign-ins", tag: None, body: Some(&attempt) };
        let signed_in = self.api.exchange(request, None).await?.ok()?;
        *self.tokens.borrow_mut() = signed_in["tokens"].clone();
        Ok(())
    }

    /// The id of the account.
    pub fn account(&self) -> String {
        self.tokens.borrow()["account_id"].as_str().unwrap_or_default().to_owned()
    }

    /// The id of the device.
    pub fn device(&self) -> String {
        self.tokens.borrow()["device_id"].as_str().unwrap_or_default().to_owned()
    }

    /// Before a token ends it is changed for a new one, as an app does; after a long rest that takes the password.
    async fn renew(&self) -> Played {
        let now = self.api.clock.now();
        let is_over = |name: &str| self.tokens.borrow()[name].as_str().and_then(Instant::parse).is_none_or(|until| until <= now);
        if !is_over("access_expires_at") {
            return Ok(());
        }
        if is_over("refresh_expires_at") {
            return self.sign_in().await;
        }
        let token = json!({"refresh_token": self.tokens.borrow()["refresh_token"]});
        let request = Request { method: Method::POST, path: "/v1/sign-ins/refresh", tag: None, body: Some(&token) };
        let refreshed = self.api.exchange(request, None).await?.ok()?;
        *self.tokens.borrow_mut() = refreshed["tokens"].clone();
        Ok(())
    }

    async fn send(&self, method: Method, path: &str, tag: Option<&str>, body: Option<&Value>) -> Played<Answer> {
        self.renew().await?;
        let token = self.tokens.borrow()["access_token"].as_str().map(str::to_owned);
        self.api.exchange(Request { method, path, tag, body }, token.as_deref()).await
    }

    /// Looks something up, whatever is answered.
    pub async fn try_get(&self, path: &str) -> Played<Answer> {
        self.send(Method::GET, path, None, None).await
    }

    /// Looks something up that is there to be seen.
    pub async fn get(&self, path: &str) -> Played<Value> {
        self.try_get(path).await?.ok()
    }

    /// The items of every page of a list.
    pub async fn list(&self, path: &str) -> Played<Vec<Value>> {
        let (mut items, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next {
            let mut page = self.try_get(&path).await?;
            next = page.next.take();
            let page = page.ok()?;
            items.extend(page["items"].as_array().cloned().ok_or_else(|| Mismatch::new(path, "a list", &page))?);
        }
        Ok(items)
    }

    /// Gives a command, whatever is answered.
    pub async fn try_post(&self, path: &str, body: &Value) -> Played<Answer> {
        self.send(Method::POST, path, None, Some(body)).await
    }

    /// Gives a command that is carried out.
    pub async fn post(&self, path: &str, body: &Value) -> Played<Value> {
        self.try_post(path, body).await?.ok()
    }

    /// Makes something and gives its id.
    pub async fn make(&self, path: &str, body: &Value) -> Played<String> {
        id_of(&self.post(path, body).await?)
    }

    /// Writes under an id of the phone's own.
    pub async fn put(&self, path: &str, body: &Value) -> Played<Answer> {
        self.send(Method::PUT, path, None, Some(body)).await
    }

    /// Changes what nobody else changes, whatever its version.
    pub async fn overwrite(&self, path: &str, body: &Value) -> Played<Value> {
        self.send(Method::PATCH, path, Some("*"), Some(body)).await?.ok()
    }

    /// As [`Caller::change`] by a command that is refused: the problem.
    pub async fn change_refused(&self, of: &str, path: &str, body: &Value) -> Played<Value> {
        let tag = self.try_get(of).await?.tag;
        self.send(Method::POST, path, Some(&tag), Some(body)).await?.refusal()
    }

    /// Reads what is at `of` and then sends a change that holds only while it is still so.
    pub async fn change(&self, method: Method, of: &str, path: &str, body: &Value) -> Played<Value> {
        let seen = self.try_get(of).await?;
        let tag = seen.tag.clone();
        seen.ok()?;
        self.send(method, path, Some(&tag), Some(body)).await?.ok()
    }
}

/// The id in an answer.
pub fn id_of(value: &Value) -> Played<String> {
    text(value, "id")
}

/// A member that is a text.
pub fn text(value: &Value, member: &str) -> Played<String> {
    value[member].as_str().map(str::to_owned).ok_or_else(|| Mismatch::new(format_args!("the member {member}"), "a text", value))
}
