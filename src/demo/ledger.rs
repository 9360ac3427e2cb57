//! What was promised and planned, as a coordinator reads it over the API: told as it changes, and held against what is expected.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::{id_of, text};
use super::expect::{Mismatch, Played};
use super::story::{Story, in_words};
use crate::base::clock::Instant;

/// How promises and messages stood when they were last told.
#[derive(Default)]
pub struct Ledger {
    duties: BTreeMap<String, Value>,
    messages: BTreeMap<String, Value>,
}

/// The states of a promise.
const STATES: [&str; 3] = ["open", "done", "ended"];

impl Story<'_> {
    /// Tells which promises and messages were made, moved, met or ended since it was last told.
    pub async fn ledger(&self) -> Played {
        let eva = self.clerk()?;
        let mut duties = BTreeMap::new();
        for state in STATES {
            for duty in eva.list(&format!("/v1/duties?limit=200&state={state}")).await? {
                duties.insert(id_of(&duty)?, duty);
            }
        }
        let mut messages = BTreeMap::new();
        for message in eva.list("/v1/messages?limit=200").await? {
            messages.insert(id_of(&message)?, message);
        }
        let before = self.told.replace(Ledger { duties: duties.clone(), messages: messages.clone() });
        self.tell(duties.iter().filter_map(|(id, duty)| duty_line(before.duties.get(id), duty)));
        self.tell(messages.iter().filter_map(|(id, message)| message_line(before.messages.get(id), message)));
        Ok(())
    }

    /// Lines, those that say the same counted together.
    fn tell(&self, lines: impl Iterator<Item = String>) {
        let mut counted: Vec<(String, usize)> = Vec::new();
        for line in lines {
            match counted.iter_mut().find(|(known, _)| *known == line) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counted.push((line, 1)),
            }
        }
        counted.sort();
        for (line, count) in counted {
            if count > 1 { self.seen(format_args!("{line} ({count} times)")) } else { self.seen(line) }
        }
    }

    /// Every promise of a kind about something (e.g. `case=…`), the earliest due first.
    pub async fn promises(&self, kind: &str, about: &str) -> Played<Vec<Value>> {
        let (who, mut all) = (self.clerk()?, Vec::new());
        for state in STATES {
            all.extend(who.list(&format!("/v1/duties?limit=200&kind={kind}&state={state}&{about}")).await?);
        }
        all.sort_by_key(|duty| text(duty, "due_at").unwrap_or_default());
        Ok(all)
    }

    /// The promises of a kind are exactly these: how each stands and when it is due, the earliest due first.
    pub async fn promised(&self, kind: &str, about: &str, expected: &[(&str, String)]) -> Played {
        let all = self.promises(kind, about).await?;
        let answered: Vec<(&str, &str)> =
            all.iter().map(|duty| (duty["state"].as_str().unwrap_or_default(), duty["due_at"].as_str().unwrap_or_default())).collect();
        if answered.iter().copied().eq(expected.iter().map(|(state, due_at)| (*state, due_at.as_str()))) {
            return Ok(());
        }
        Err(Mismatch::new(format_args!("the promises {kind}"), format_args!("{expected:?}"), format_args!("{answered:?}")))
    }
}

fn when(value: &Value) -> String {
    value.as_str().and_then(Instant::parse).map(in_words).unwrap_or_default()
}

fn duty_line(before: Option<&Value>, duty: &Value) -> Option<String> {
    let (kind, state) = (duty["kind"].as_str()?, duty["state"].as_str()?);
    let was = before.map(|before| before["state"].as_str().unwrap_or_default());
    let reason = duty["reason"].as_str().unwrap_or("no reason");
    match (was, state) {
        (None, "open") => Some(format!("+ promised: {kind}, due {}", when(&duty["due_at"]))),
        (None | Some("open"), "done") if duty["is_late"] == true => Some(format!("+ kept late: {kind}")),
        (None | Some("open"), "done") => Some(format!("+ kept: {kind}")),
        (None | Some("open"), "ended") => Some(format!("- ended: {kind} ({reason})")),
        (Some("open"), "open") if before.is_some_and(|before| before["due_at"] != duty["due_at"]) => {
            Some(format!("~ moved: {kind}, now due {}", when(&duty["due_at"])))
        }
        (Some("done" | "ended"), "open") => Some(format!("+ promised again: {kind}, due {}", when(&duty["due_at"]))),
        _ => None,
    }
}

fn message_line(before: Option<&Value>, message: &Value) -> Option<String> {
    let (kind, state, channel) = (message["kind"].as_str()?, message["state"].as_str()?, message["channel"].as_str()?);
    let was = before.map(|before| before["state"].as_str().unwrap_or_default());
    let slot = message["slot"].as_str().filter(|slot| !slot.is_empty()).map(|slot| format!(" ({slot})")).unwrap_or_default();
    match (was, state) {
        (None, "waiting") => Some(format!("> planned: {kind}{slot} by {channel}, {}", when(&message["not_before_at"]))),
        (Some("waiting"), "waiting") | (None, _) => None,
        (Some(was), now) if was == now => None,
        (_, "accepted") => Some(format!("> sent: {kind}{slot} by {channel}")),
        (_, now) => Some(format!("> {now}: {kind}{slot} by {channel} ({})", message["reason"].as_str().unwrap_or("no reason"))),
    }
}
