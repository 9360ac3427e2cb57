//! Push by Firebase Cloud Messaging (HTTP v1): the payload, and what each answer means for message and phone.

mod oauth;
mod settings;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use self::oauth::Tokens;
pub use self::settings::{FcmSettings, Priority, TargetMember};
use super::web::{Answer, Connections, Web};
use super::{Deadline, Outcome, Prepared};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};

/// What the phone gets may be this large (Firebase's limit).
const PAYLOAD_MAX_BYTES: usize = 4_096;
/// Firebase keeps a message for a phone that is off for at most 28 days.
const TTL_MAX_S: i64 = 28 * 86_400;
/// Firebase's own advice when it is too busy and does not say for how long.
const BUSY_S: u32 = 60;

/// How a push is written: the neutral keys of the settings.
#[derive(Clone, Debug)]
pub struct Payload {
    target: TargetMember,
    id_key: String,
    link_key: String,
    android_channel: Option<String>,
    priority: Priority,
}

impl Payload {
    /// As the settings say.
    pub fn new(settings: &FcmSettings) -> Self {
        Self {
            target: settings.target_member,
            id_key: settings.id_key.clone(),
            link_key: settings.link_key.clone(),
            android_channel: settings.android_channel.clone(),
            priority: settings.priority,
        }
    }

    /// The `message` object.
    ///
    /// The message's id is Android's tag and Apple's collapse id: a repeat replaces the first on the screen instead of standing
    /// beside it. No collapse key: Firebase stores only four of them a phone.
    pub(super) fn compose(&self, message: &Prepared, now: Instant) -> Result<Value, Outcome> {
        let id = message.id.to_string();
        let left_s = message.not_after_at.since(now).num_seconds().clamp(0, TTL_MAX_S);
        let notification = json!({ "title": message.subject, "body": message.lines.join("\n") });
        let mut data = json!({ (self.id_key.as_str()): id });
        let mut shown = json!({ "tag": id, "visibility": "PRIVATE" });
        if let (Some(link), Some(data)) = (&message.link, data.as_object_mut()) {
            data.insert(self.link_key.clone(), Value::from(link.as_str()));
        }
        if let (Some(channel), Some(shown)) = (&self.android_channel, shown.as_object_mut()) {
            shown.insert("channel_id".into(), Value::from(channel.as_str()));
        }
        if notification.to_string().len().saturating_add(data.to_string().len()) > PAYLOAD_MAX_BYTES {
            return Err(Outcome::Refused { code: "too_large" });
        }
        let (android, apns) = match self.priority {
            Priority::High => ("HIGH", "10"),
            Priority::Normal => ("NORMAL", "5"),
        };
        Ok(json!({
            (self.target.name()): message.to,
            "notification": notification,
            "data": data,
            "android": { "priority": android, "ttl": format!("{left_s}s"), "notification": shown },
            "apns": { "headers": {
                "apns-push-type": "alert",
                "apns-priority": apns,
                "apns-expiration": (message.not_after_at.micros() / 1_000_000).to_string(),
                "apns-collapse-id": id,
            } },
        }))
    }
}

/// Sends pushes for one Firebase project.
pub struct FcmSender {
    web: Web,
    payload: Payload,
    tokens: Tokens,
    url: String,
}

/// What to do about an answer.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Settle the message.
    Settle(Outcome),
    /// The access token may be stale: try once with a new one.
    NewToken(Outcome),
}

impl FcmSender {
    /// A sender; reads the service account's file, asks for its first token with the first push.
    pub fn new(settings: &FcmSettings) -> Result<Self> {
        Self::over(Web::new(Duration::from_secs(settings.connect_timeout_s.into()), Connections::Kept)?, settings)
    }

    fn over(web: Web, settings: &FcmSettings) -> Result<Self> {
        let file = settings.service_account_file.as_ref().ok_or_else(|| Error::internal("fcm.service_account_file: is missing"))?;
        let (tokens, account_project) = Tokens::read(file)?;
        let project = settings.project_id.clone().or(account_project).ok_or_else(|| Error::internal("fcm.project_id: is missing"))?;
        if !settings::is_project_id(&project) {
            return Err(Error::internal("fcm.project_id: is not a project's id"));
        }
        Ok(Self {
            web,
            payload: Payload::new(settings),
            tokens,
            url: format!("{}/v1/projects/{project}/messages:send", settings.base_url.trim_end_matches('/')),
        })
    }

    /// See [`super::Senders::connect_timeout`].
    pub(super) const fn connect_timeout(&self) -> Duration {
        self.web.connect_timeout()
    }

    /// Sends it; see [`super::Senders::send`].
    pub(super) async fn send(&self, message: &Prepared, now: Instant, deadline: Deadline) -> Outcome {
        self.try_send(message, now, deadline).await.unwrap_or_else(|outcome| outcome)
    }

    async fn try_send(&self, message: &Prepared, now: Instant, deadline: Deadline) -> Result<Outcome, Outcome> {
        #[derive(Serialize)]
        struct Body {
            message: Value,
        }
        let body = Body { message: self.payload.compose(message, now)? };
        let mut token = self.tokens.get(&self.web, now, deadline).await?;
        for last in [false, true] {
            let request = self.web.client().post(&self.url).bearer_auth(&token).json(&body);
            match verdict(&self.web.exchange(request, now, deadline).await?) {
                Verdict::Settle(outcome) => return Ok(outcome),
                Verdict::NewToken(outcome) if last => return Ok(outcome),
                Verdict::NewToken(_) => token = self.tokens.replace(&token, &self.web, now, deadline).await?,
            }
        }
        Ok(Outcome::OurFault { code: "access_refused" })
    }
}

/// What Firebase's answer means.
///
/// Only `UNREGISTERED` ends a phone's registration. An invalid argument is a defect of ours when a field is named, and else most
/// likely a registration of the wrong sort: one wrong setting must not wipe out every phone, so the target stays in both cases.
fn verdict(answer: &Answer) -> Verdict {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let detail = |name: &str| {
        let details = body.pointer("/error/details").and_then(Value::as_array);
        details.and_then(|all| all.iter().find(|d| d.get("@type").and_then(Value::as_str).is_some_and(|t| t.ends_with(name)))).cloned()
    };
    let fcm = detail("google.firebase.fcm.v1.FcmError");
    let fcm_code = fcm.as_ref().and_then(|d| d.get("errorCode")).and_then(Value::as_str).unwrap_or_default();
    let later = |seconds, code| Outcome::RetryAfter { seconds, code };
    Verdict::Settle(match (answer.status, fcm_code) {
        (200, _) => match body.get("name").and_then(Value::as_str) {
            Some(name) => Outcome::Accepted { reference: reference(name) },
            None => Outcome::Unknown { code: "answer_unclear" },
        },
        (404, "UNREGISTERED") => Outcome::TargetGone,
        (404, _) => Outcome::OurFault { code: "project_not_found" },
        (400, _) if fcm_code == "INVALID_ARGUMENT" && detail("google.rpc.BadRequest").is_none() => {
            Outcome::Refused { code: "target_invalid" }
        }
        (400, _) => Outcome::OurFault { code: "invalid_argument" },
        (401 | 403, "THIRD_PARTY_AUTH_ERROR") => Outcome::OurFault { code: "apple_key_refused" },
        (401 | 403, "SENDER_ID_MISMATCH") => Outcome::OurFault { code: "project_mismatch" },
        (401 | 403, _) => return Verdict::NewToken(Outcome::OurFault { code: "access_refused" }),
        (429, _) => later(answer.retry_after_s.or(Some(BUSY_S)), "busy"),
        (500..=599, _) => later(answer.retry_after_s, "provider_down"),
        (300..=499, _) => Outcome::OurFault { code: "request_refused" },
        _ => Outcome::Unknown { code: "answer_unclear" },
    })
}

/// The provider's name for a message, if it looks like one.
fn reference(name: &str) -> Option<String> {
    let plain = name.len() <= 200 && name.bytes().all(|b| b.is_ascii_graphic());
    plain.then(|| name.to_owned())
}
