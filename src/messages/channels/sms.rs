//! SMS through any HTTP gateway: its request is a template, the meaning of its answers a list of patterns, both in the settings.
//!
//! What no pattern explains is unknown, and an SMS of unknown fate is never sent a second time without a person.

mod pattern;
mod settings;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use self::pattern::Pattern;
pub use self::settings::{Content, Method, SmsSettings};
use super::web::{Answer, Connections, Web};
use super::{Deadline, Outcome, Prepared, text_of};
use crate::base::clock::Instant;
use crate::base::error::{Error, Result};

/// What would be handed to a gateway, as JSON.
pub(super) fn compose(message: &Prepared) -> String {
    json!({ "id": message.id, "to": message.to, "text": text_of(message) }).to_string()
}

/// Sends SMS to one gateway.
pub struct SmsGateway {
    web: Web,
    settings: SmsSettings,
    /// What shows who we are: built once, so that the secret is not copied with each message.
    credential: Credential,
}

/// Where the secret goes.
enum Credential {
    /// There is none.
    None,
    /// Into its place in the body.
    Body(Zeroizing<String>),
    /// Into a header.
    Header(HeaderName, HeaderValue),
}

impl Credential {
    /// Reads the secret's file.
    fn read(settings: &SmsSettings) -> Result<Self> {
        let Some(file) = &settings.secret_file else { return Ok(Self::None) };
        let secret = file.read().map_err(|wrong| Error::internal(format!("sms.secret_file: {wrong}")))?;
        if settings.body.contains("{secret}") {
            return Ok(Self::Body(secret));
        }
        let name = &settings.secret_header;
        let text = Zeroizing::new([settings.secret_prefix.as_str(), secret.as_str()].concat());
        match (HeaderName::try_from(name.as_str()), HeaderValue::try_from(text.as_str())) {
            (Ok(header), Ok(mut value)) => {
                value.set_sensitive(true);
                Ok(Self::Header(header, value))
            }
            _ => Err(not_a_header(name)),
        }
    }
}

fn not_a_header(name: &str) -> Error {
    Error::internal(format!("sms.headers: {name} is not a header"))
}

impl SmsGateway {
    /// A gateway; reads the secret's file.
    pub fn new(settings: &SmsSettings) -> Result<Self> {
        Self::over(Web::new(Duration::from_secs(settings.connect_timeout_s.into()), Connections::OneEach)?, settings)
    }

    fn over(web: Web, settings: &SmsSettings) -> Result<Self> {
        let gateway = Self { web, settings: settings.clone(), credential: Credential::read(settings)? };
        // A header that cannot be built is found at the start, not with the first message.
        gateway.headers("").map_err(|name| not_a_header(&name))?;
        Ok(gateway)
    }

    /// See [`super::Senders::connect_timeout`].
    pub(super) const fn connect_timeout(&self) -> Duration {
        self.web.connect_timeout()
    }

    /// Sends it; see [`super::Senders::send`].
    pub(super) async fn send(&self, message: &Prepared, now: Instant, deadline: Deadline) -> Outcome {
        if !is_number(&message.to) {
            return Outcome::Refused { code: "number_invalid" };
        }
        let Ok(request) = self.request(message) else {
            return Outcome::OurFault { code: "request_invalid" };
        };
        match self.web.exchange(request, now, deadline).await {
            Ok(answer) => judge(&self.settings, &answer),
            Err(outcome) => outcome,
        }
    }

    fn request(&self, message: &Prepared) -> Result<reqwest::RequestBuilder, String> {
        let id = message.id.to_string();
        let to = if self.settings.digits_only { message.to.trim_start_matches('+') } else { message.to.as_str() };
        let text = text_of(message);
        let secret = if let Credential::Body(secret) = &self.credential { secret.as_str() } else { "" };
        let content = self.settings.content;
        let body =
            fill(&self.settings.body, &[("to", to), ("text", &text), ("id", &id), ("secret", secret)], |value| escape(content, value));
        let mut headers = self.headers(&id)?;
        let mut url = self.settings.url.clone();
        if content == Content::Query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&body);
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content.mime()));
        }
        let request = match self.settings.method {
            Method::Get => self.web.client().get(url),
            Method::Post => self.web.client().post(url),
            Method::Put => self.web.client().put(url),
        };
        let request = request.headers(headers);
        Ok(if content == Content::Query { request } else { request.body(body) })
    }

    /// The headers of the settings with the message's id in them, and the secret's.
    fn headers(&self, id: &str) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        for line in &self.settings.headers {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let header = HeaderName::try_from(name.trim()).map_err(|_| name.to_owned())?;
            let value = fill(value.trim(), &[("id", id)], str::to_owned);
            headers.insert(header, HeaderValue::try_from(value).map_err(|_| name.to_owned())?);
        }
        if let Credential::Header(name, value) = &self.credential {
            headers.insert(name.clone(), value.clone());
        }
        Ok(headers)
    }
}

/// The template with its `{names}` replaced; what was put in is not looked at again, and braces of other names stay.
fn fill(template: &str, values: &[(&str, &str)], escape: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(template.len().saturating_add(256));
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = values.iter().find_map(|(name, value)| Some((value, after.strip_prefix(name)?.strip_prefix('}')?)));
        rest = match found {
            Some((value, after)) => {
                filled.push_str(&escape(value));
                after
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

/// The value so that it cannot leave its place in the request.
fn escape(content: Content, value: &str) -> String {
    match content {
        Content::Json => {
            let quoted = Value::from(value).to_string();
            quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
        }
        Content::Form | Content::Query => {
            let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            value.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
        }
    }
}

/// What an answer means; no pattern fits: nobody knows.
fn judge(settings: &SmsSettings, answer: &Answer) -> Outcome {
    let text = String::from_utf8_lossy(&answer.body);
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(answer.status, &text, &json));
    if fits(&settings.target_gone) {
        Outcome::TargetGone
    } else if fits(&settings.refused) {
        Outcome::Refused { code: "gateway_refused" }
    } else if fits(&settings.our_fault) {
        Outcome::OurFault { code: "gateway_refused_us" }
    } else if fits(&settings.later) {
        Outcome::RetryAfter { seconds: answer.retry_after_s, code: "gateway_busy" }
    } else if fits(&settings.accepted) {
        Outcome::Accepted { reference: settings.reference_pointer.as_deref().and_then(|at| reference(json.pointer(at)?)) }
    } else {
        Outcome::Unknown { code: "answer_unclear" }
    }
}

/// The gateway's name for a message, if it looks like one; never a number of a phone's length with `+`.
fn reference(value: &Value) -> Option<String> {
    let text = pattern::text_of(value)?;
    let plain = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    plain.then_some(text)
}

/// A number with `+` and country code (E.164).
fn is_number(to: &str) -> bool {
    to.strip_prefix('+').is_some_and(|digits| (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
}
