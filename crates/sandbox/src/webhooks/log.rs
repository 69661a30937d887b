//! The webhook log: each attempt, and each webhook that the sandbox refused to send.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::Delivery;

const MAX_ENTRIES: usize = 10_000;
const MAX_BYTES: usize = 64 << 20;

struct Entry {
    number: u64,
    delivery: Delivery,
    attempt: u32,
    started_ms: u64,
    finished: Option<(u64, Result<u16, String>)>,
    refused: bool,
}

impl Entry {
    fn bytes(&self) -> usize {
        256 + self.delivery.url.text().len() + self.delivery.body.len()
    }

    fn json(&self) -> Value {
        let result = self.finished.as_ref().map(|(_, result)| result);
        json!({
            "number": self.number,
            "session_id": self.delivery.session_id,
            "url": self.delivery.url.text(),
            "attempt": self.attempt,
            "refused": self.refused,
            "status": result.and_then(|result| result.as_ref().ok()),
            "error": result.and_then(|result| result.as_ref().err()),
            "body": serde_json::from_str(&self.delivery.body).unwrap_or(Value::Null),
            "started_ms": self.started_ms,
            "finished_ms": self.finished.as_ref().map(|(at_ms, _)| at_ms),
        })
    }
}

/// The latest entries. Numbers go on after the log is cleared, so that an attempt that is still running is not taken for
/// another one.
#[derive(Default)]
pub(crate) struct WebhookLog {
    entries: VecDeque<Entry>,
    last_number: u64,
    bytes: usize,
}

impl WebhookLog {
    /// Adds an attempt that starts now. Returns its number.
    pub(crate) fn start(&mut self, delivery: &Delivery, attempt: u32, at_ms: u64) -> u64 {
        self.add(delivery, attempt, at_ms, None)
    }

    pub(crate) fn refuse(&mut self, delivery: &Delivery, reason: String, at_ms: u64) {
        self.add(delivery, 1, at_ms, Some(reason));
    }

    pub(crate) fn finish(&mut self, number: u64, result: Result<u16, String>, at_ms: u64) {
        if let Some(entry) = self.entry(number) {
            entry.finished = Some((at_ms, result));
        }
    }

    /// The delivery of an entry that has ended, to send it once more.
    pub(crate) fn repeat(&mut self, number: u64) -> Option<Delivery> {
        let entry = self.entry(number)?;
        entry.finished.as_ref()?;
        Some(Delivery { attempt: entry.attempt + 1, ..entry.delivery.clone() })
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// The entries with a number above `since`, oldest first.
    pub(crate) fn json(&self, since: u64, limit: usize) -> Vec<Value> {
        self.entries.iter().filter(|entry| entry.number > since).take(limit).map(Entry::json).collect()
    }

    fn add(&mut self, delivery: &Delivery, attempt: u32, at_ms: u64, refusal: Option<String>) -> u64 {
        self.last_number += 1;
        let entry = Entry {
            number: self.last_number,
            delivery: delivery.clone(),
            attempt,
            started_ms: at_ms,
            refused: refusal.is_some(),
            finished: refusal.map(|reason| (at_ms, Err(reason))),
        };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > MAX_ENTRIES || (self.bytes > MAX_BYTES && self.entries.len() > 1) {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.bytes();
            }
        }
        self.last_number
    }

    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.number;
        self.entries.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::webhooks::WebhookUrl;

    fn delivery(body: &str) -> Delivery {
        let url = WebhookUrl::parse("http://localhost/").unwrap();
        Delivery { session_id: "s_1".to_owned(), url, body: Arc::from(body), attempt: 1 }
    }

    #[test]
    fn numbers_stay_valid_after_older_entries_are_gone() {
        let mut log = WebhookLog::default();
        let first = log.start(&delivery("{}"), 1, 0);
        for _ in 0..MAX_ENTRIES {
            log.start(&delivery("{}"), 1, 0);
        }
        log.finish(first, Ok(200), 1);
        let last = log.last_number;
        log.finish(last, Ok(204), 1);
        assert_eq!(log.entries.len(), MAX_ENTRIES);
        assert_eq!(log.json(last - 1, 10)[0]["status"], 204);
        assert!(log.repeat(first).is_none());
        assert_eq!(log.repeat(last).map(|delivery| delivery.attempt), Some(2));
        // An attempt that is still running when the log is cleared does not change an entry of a later one.
        let running = log.start(&delivery("{}"), 1, 2);
        log.clear();
        log.start(&delivery("{}"), 1, 3);
        log.finish(running, Ok(500), 4);
        assert_eq!(log.json(0, 10)[0]["status"], Value::Null);
    }

    #[test]
    fn evicts_the_oldest_entries_for_large_bodies() {
        let mut log = WebhookLog::default();
        let body = format!("\"{}\"", "x".repeat(4 << 20));
        for _ in 0..40 {
            log.refuse(&delivery(&body), "not allowed".to_owned(), 0);
        }
        assert!(log.bytes <= MAX_BYTES && (10..40).contains(&log.entries.len()));
        assert_eq!(log.bytes, log.entries.iter().map(Entry::bytes).sum::<usize>());
    }
}
