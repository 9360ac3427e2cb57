//! Access tokens of a Google service account: signed for, kept until shortly before they end, fetched by one caller for all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::super::web::{self, Web};
use super::super::{Deadline, Outcome};
use crate::base::clock::Instant;
use crate::base::config::{Complaints, SecretFile};
use crate::base::error::{Error, Result};

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long a signed request for a token is good.
const ASSERTION_S: i64 = 3_600;
/// A token is not used in its last five minutes.
const MARGIN_S: u64 = 300;
/// No token is believed to last longer than a day.
const LIFETIME_MAX_S: u64 = 86_400;

pub(super) type Token = Arc<str>;

/// The service account's tokens.
pub(super) struct Tokens {
    account: String,
    token_uri: String,
    key: EncodingKey,
    /// How many fetches have ended: who waited for one shares its result instead of starting another.
    fetched: AtomicU64,
    last: Mutex<Option<Result<(Token, Deadline), Outcome>>>,
}

#[derive(Deserialize)]
struct ServiceAccount {
    client_email: String,
    #[serde(deserialize_with = "wiped")]
    private_key: Zeroizing<String>,
    token_uri: String,
    project_id: Option<String>,
}

/// Text that is wiped when it is dropped.
fn wiped<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

impl Tokens {
    /// Reads the service account's file; also gives the project it names.
    pub(super) fn read(file: &SecretFile) -> Result<(Self, Option<String>)> {
        let wrong = |what: &str| Error::internal(format!("fcm.service_account_file: {what}"));
        let text = file.read_document().map_err(|told| wrong(&told))?;
        let account: ServiceAccount = serde_json::from_str(&text).map_err(|_| wrong("is not a service account's JSON"))?;
        let mut complaints = Complaints::default();
        web::check_url("token_uri", &account.token_uri, &mut complaints);
        complaints.none().map_err(|complaints| wrong(&complaints.to_string()))?;
        let key = EncodingKey::from_rsa_pem(account.private_key.as_bytes()).map_err(|_| wrong("its private key cannot be read"))?;
        let tokens =
            Self { account: account.client_email, token_uri: account.token_uri, key, fetched: AtomicU64::new(0), last: Mutex::default() };
        Ok((tokens, account.project_id))
    }

    /// A token that is good for some minutes yet.
    pub(super) async fn get(&self, web: &Web, now: Instant, deadline: Deadline) -> Result<Token, Outcome> {
        self.obtain(None, web, now, deadline).await
    }

    /// Another token than this one, which was refused.
    pub(super) async fn replace(&self, refused: &Token, web: &Web, now: Instant, deadline: Deadline) -> Result<Token, Outcome> {
        self.obtain(Some(refused), web, now, deadline).await
    }

    async fn obtain(&self, refused: Option<&Token>, web: &Web, now: Instant, deadline: Deadline) -> Result<Token, Outcome> {
        let seen = self.fetched.load(Ordering::SeqCst);
        let mut last = tokio::time::timeout_at(deadline, self.last.lock()).await.map_err(|_| Outcome::later("token_timeout"))?;
        match &*last {
            Some(Ok((token, until))) if *until > Deadline::now() && refused.is_none_or(|refused| !Arc::ptr_eq(refused, token)) => {
                return Ok(token.clone());
            }
            // Somebody asked while this caller waited, and got this.
            Some(Err(outcome)) if seen != self.fetched.load(Ordering::SeqCst) => return Err(outcome.clone()),
            _ => {}
        }
        let result = self.fetch(web, now, deadline).await;
        self.fetched.fetch_add(1, Ordering::SeqCst);
        *last = Some(result.clone());
        result.map(|(token, _)| token)
    }

    async fn fetch(&self, web: &Web, now: Instant, deadline: Deadline) -> Result<(Token, Deadline), Outcome> {
        let iat = now.micros() / 1_000_000;
        let claims = Claims { iss: &self.account, scope: SCOPE, aud: &self.token_uri, iat, exp: iat.saturating_add(ASSERTION_S) };
        let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key)
            .map_err(|_| Outcome::OurFault { code: "token_not_signed" })?;
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.as_str())];
        let asked = Deadline::now();
        let answer = match web.exchange(web.client().post(&self.token_uri).form(&form), now, deadline).await {
            Ok(answer) => answer,
            // Whatever became of this request, no push was sent.
            Err(outcome @ (Outcome::OurFault { .. } | Outcome::NotBegun { .. })) => return Err(outcome),
            Err(_) => return Err(Outcome::later("token_unreachable")),
        };
        match answer.status {
            200 => {
                let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| Outcome::later("token_unclear"))?;
                let good_for = Duration::from_secs(granted.expires_in.min(LIFETIME_MAX_S).saturating_sub(MARGIN_S));
                Ok((Arc::from(granted.access_token), asked + good_for))
            }
            429 | 500..=599 => Err(Outcome::RetryAfter { seconds: answer.retry_after_s, code: "token_later" }),
            _ => Err(Outcome::OurFault { code: "token_refused" }),
        }
    }
}
