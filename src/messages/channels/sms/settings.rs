//! The `[sms]` settings: a gateway's request, and what its answers mean.

use std::path::PathBuf;

use serde_json::Value;

use super::super::{Mode, check_folder, web};
use super::pattern::Pattern;
use crate::base::config::{Complaints, SecretFile, choice, settings};

settings! {
    /// SMS, by any gateway that speaks HTTP. An answer that no pattern below fits is unknown: such a message is not sent again
    /// without a person. A pattern is a status (or * for any), and perhaps what the body must show: a JSON pointer ("200 /id"), a
    /// pointer and its value ("200 /status=queued"), or a text ("* ~ no credit").
    pub struct SmsSettings {
        /// "live", "off", "folder" (written there, not sent) or "null" (accepted and forgotten, for benchmarks).
        mode: Mode = Mode::Off;
        /// Where mode folder writes.
        folder: Option<PathBuf> = None;
        /// The gateway's address.
        url: String = String::new();
        /// "POST", "PUT" or "GET".
        method: Method = Method::Post;
        /// What body is: "json", "form", or "query" (after ? in the address, which gateways write into their logs: avoid it).
        content: Content = Content::Json;
        /// The request, with {to}, {text}, {id} and, where the gateway wants it there, {secret}. They are escaped; in JSON they stand
        /// inside quotation marks. The sender's neutral name is written into it as the gateway wants it.
        body: String = r#"{"to":"{to}","text":"{text}","id":"{id}"}"#.into();
        /// Whether numbers go without their +.
        digits_only: bool = false;
        /// Further headers, such as "Idempotency-Key: {id}"; the id is the same when a message is sent again. None of those that go by
        /// the request itself (Host, Content-Length, Connection, ...).
        headers: Vec<String> = Vec::new();
        /// The file with the gateway's secret.
        secret_file: Option<SecretFile> = None;
        /// The header the secret is sent in, where body has no {secret}.
        secret_header: String = "Authorization".into();
        /// What stands before the secret in that header, with its space.
        secret_prefix: String = "Bearer ".into();
        /// Patterns of: the number does not exist. This and the next three go before accepted.
        target_gone: Vec<Pattern> = Vec::new();
        /// Patterns of: this message is not taken, the number stays.
        refused: Vec<Pattern> = Vec::new();
        /// Patterns of: our account, secret or request is wrong.
        our_fault: Vec<Pattern> = vec![Pattern::on_status(401), Pattern::on_status(403)];
        /// Patterns of: certainly not taken, perhaps later.
        later: Vec<Pattern> = vec![Pattern::on_status(429)];
        /// Patterns of: taken.
        accepted: Vec<Pattern> = vec![Pattern::on_status(200), Pattern::on_status(201), Pattern::on_status(202)];
        /// A JSON pointer to the gateway's own id of an accepted message.
        reference_pointer: Option<String> = None;
        /// Seconds to wait for a connection; an SMS is begun only while there is time for that and for an answer (tick.lease_s).
        connect_timeout_s: u32 = 5, in 1..=60;
    }
}

choice! {
    /// How the template of the request is sent, and how values are escaped in it.
    pub enum Content {
        /// As a JSON body.
        Json = "json",
        /// As a form's body.
        Form = "form",
        /// In the address, after `?`.
        Query = "query",
    }
}

choice! {
    /// The method of the request.
    pub enum Method {
        /// GET, only with content query.
        Get = "GET",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
    }
}

/// Headers that say how the request itself is sent: another value would break it.
const OURS: [&str; 9] = ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

impl Content {
    pub(super) const fn mime(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form | Self::Query => "application/x-www-form-urlencoded",
        }
    }
}

impl SmsSettings {
    /// Notes what contradicts itself or is missing.
    pub fn check(&self, complaints: &mut Complaints) {
        check_folder("sms", self.mode, self.folder.as_deref(), complaints);
        if let Some(file) = &self.secret_file {
            file.check("sms.secret_file", complaints);
        }
        let live = self.mode == Mode::Live;
        if live {
            web::check_url("sms.url", &self.url, complaints);
        }
        let mut complain = |wrong: bool, setting: &str, what: &str| {
            if wrong {
                complaints.add(format_args!("sms.{setting}"), what);
            }
        };
        let sample = super::fill(&self.body, &[("to", "1"), ("text", "1"), ("id", "1"), ("secret", "1")], str::to_owned);
        let not_json = self.content == Content::Json && serde_json::from_str::<Value>(&sample).is_err();
        complain(!(self.body.contains("{to}") && self.body.contains("{text}")), "body", "must have {to} and {text}");
        complain(not_json, "body", "is not JSON");
        complain(live && self.body.contains("{secret}") && self.secret_file.is_none(), "secret_file", "is missing: sms.body has {secret}");
        complain(self.method == Method::Get && self.content != Content::Query, "method", "GET has no body: sms.content must be query");
        complain(self.url.contains(['{', '#']), "url", "takes no placeholders: content query adds them");
        complain(self.headers.iter().any(|header| !header.contains(':')), "headers", "each is a name, a colon and a value");
        let name = |header: &str| header.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_ours = |header: &str| OURS.contains(&name(header).as_str());
        complain(self.headers.iter().any(|header| is_ours(header)), "headers", "holds one that goes by the request itself");
        complain(is_ours(&self.secret_header), "secret_header", "goes by the request itself");
        let is_filled = |header: &String| ["{to}", "{text}", "{secret}"].iter().any(|name| header.contains(name));
        complain(self.headers.iter().any(is_filled), "headers", "takes {id} alone: {to}, {text} and {secret} stand in sms.body");
        complain(self.accepted.is_empty(), "accepted", "holds no pattern: no message would ever be accepted");
        complain(self.reference_pointer.as_deref().is_some_and(|at| !at.starts_with('/')), "reference_pointer", "must begin with /");
    }

    /// What a recipient can see, by setting: no forbidden word may be in it.
    pub fn visible(&self) -> Vec<(&'static str, &str)> {
        vec![("sms.body", self.body.as_str())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::complaints_of;
    use super::*;
    use crate::base::config::Source;

    #[test]
    fn contradictions_are_refused_by_name() {
        type Change = fn(&mut SmsSettings);
        let cases: [(Change, &[&str]); 20] = [
            (|_| {}, &[]),
            (|s| *s = SmsSettings::default(), &[]),
            (|s| s.mode = Mode::Folder, &["sms.folder"]),
            (|s| s.url.clear(), &["sms.url"]),
            (|s| s.url = "http://gateway.example/".into(), &["sms.url"]),
            (|s| s.url = "https://gateway.example/{to}".into(), &["sms.url"]),
            (|s| s.body = r#"{"to":"{to}"}"#.into(), &["sms.body"]),
            (|s| s.body = r#"{"to":"{to}","text":"{text}"#.into(), &["sms.body"]),
            (|s| s.body = r#"{"to":"{to}","text":"{text}","key":"{secret}"}"#.into(), &["sms.secret_file"]),
            (|s| s.secret_file = Some(SecretFile::new("nowhere")), &["sms.secret_file"]),
            (|s| s.method = Method::Get, &["sms.method"]),
            (|s| s.headers.push("X-Account".into()), &["sms.headers"]),
            (|s| s.headers.push("Idempotency-Key: {id}".into()), &[]),
            (|s| s.headers.push("Content-Length: 3".into()), &["sms.headers"]),
            (|s| s.headers.push(" HOST : gateway.example".into()), &["sms.headers"]),
            (|s| s.headers.push("X-To: {to}".into()), &["sms.headers"]),
            (|s| s.headers.push("X-Key: {secret}".into()), &["sms.headers"]),
            (|s| s.secret_header = "Connection".into(), &["sms.secret_header"]),
            (|s| s.accepted.clear(), &["sms.accepted"]),
            (|s| s.reference_pointer = Some("id".into()), &["sms.reference_pointer"]),
        ];
        for (index, (change, expected)) in cases.into_iter().enumerate() {
            let mut settings = SmsSettings { mode: Mode::Live, url: "https://gateway.example/send".into(), ..SmsSettings::default() };
            change(&mut settings);
            assert_eq!(complaints_of(|complaints| settings.check(complaints)), expected, "case {index}");
        }
    }

    #[test]
    fn settings_are_written_as_operators_would() {
        let text = r#"
            mode = "live"
            url = "https://gateway.example/send"
            content = "form"
            method = "PUT"
            body = "to={to}&text={text}"
            headers = ["X-Account: 17"]
            accepted = ["200 /status=queued"]
            our_fault = ["* ~ no credit"]
        "#;
        let settings: SmsSettings = Source::new(text, []).read().unwrap();
        assert_eq!(complaints_of(|complaints| settings.check(complaints)), [""; 0]);
        assert_eq!((settings.method, settings.accepted[0].to_string().as_str()), (Method::Put, "200 /status=queued"));
        assert!(Source::new("accepted = ['two hundred']", []).read::<SmsSettings>().is_err());
    }
}
