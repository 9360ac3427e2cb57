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
        self.tell(duties.iter().filter_map(|(id, duty)| duty_change(before.duties.get(id), duty)));
        self.tell(messages.iter().filter_map(|(id, message)| message_change(before.messages.get(id), message)));
        Ok(())
    }

    /// Tells changes, those that differ in their time alone together.
    fn tell(&self, changes: impl Iterator<Item = Change>) {
        let mut together: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
        for change in changes {
            together.entry(change.what).or_default().extend(change.at);
        }
        for (what, mut times) in together {
            times.sort();
            match times.as_slice() {
                [] => self.seen(what),
                [one] => self.seen(format_args!("{what} {}", in_words(*one))),
                [first, .., last] if first == last => self.seen(format_args!("{what} {} ({} times)", in_words(*first), times.len())),
                [first, .., last] => {
                    self.seen(format_args!("{what} {} to {} ({} times)", in_words(*first), in_words(*last), times.len()));
                }
            }
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

/// What became of a promise or message, and the time that goes with it.
struct Change {
    what: String,
    at: Option<Instant>,
}

fn time(of: &Value, member: &str) -> Option<Instant> {
    of[member].as_str().and_then(Instant::parse)
}

fn duty_change(before: Option<&Value>, duty: &Value) -> Option<Change> {
    let (kind, state) = (duty["kind"].as_str()?, duty["state"].as_str()?);
    let was = before.map(|before| before["state"].as_str().unwrap_or_default());
    let reason = duty["reason"].as_str().unwrap_or("no reason");
    let (what, at) = match (was, state) {
        (None, "open") => (format!("+ promised: {kind}, due"), "due_at"),
        (Some("done" | "ended"), "open") => (format!("+ promised again: {kind}, due"), "due_at"),
        (Some("open"), "open") if before.is_some_and(|before| before["due_at"] != duty["due_at"]) => {
            (format!("~ moved: {kind}, now due"), "due_at")
        }
        (None | Some("open"), "done") if duty["is_late"] == true => (format!("= kept late: {kind}, on"), "closed_at"),
        (None | Some("open"), "done") => (format!("= kept: {kind}, on"), "closed_at"),
        (None | Some("open"), "ended") => (format!("- ended: {kind} ({reason}), on"), "closed_at"),
        _ => return None,
    };
    Some(Change { what, at: time(duty, at) })
}

fn message_change(before: Option<&Value>, message: &Value) -> Option<Change> {
    let (kind, state, channel) = (message["kind"].as_str()?, message["state"].as_str()?, message["channel"].as_str()?);
    let was = before.map(|before| before["state"].as_str().unwrap_or_default());
    let slot = message["slot"].as_str().filter(|slot| !slot.is_empty() && kind == "appointment");
    let which = format!("{kind}{} by {channel}", slot.map(|slot| format!(" ({slot})")).unwrap_or_default());
    let (what, at) = match (was, state) {
        (Some(was), now) if was == now => return None,
        (_, "waiting") => (format!("> planned: {which}, for"), "not_before_at"),
        (_, "accepted") => (format!("> sent: {which}, on"), "settled_at"),
        (_, now) => (format!("> {now}: {which} ({}), on", message["reason"].as_str().unwrap_or("no reason")), "settled_at"),
    };
    Some(Change { what, at: time(message, at) })
}
