//! The request log: the latest requests and their outcomes.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::http::request_target::RequestTarget;
use crate::json::memory_size;

const MAX_ENTRIES: usize = 100_000;
const MAX_BYTES: usize = 128 << 20;

/// A request as it was received, without its body.
pub(crate) struct ReceivedRequest {
    pub(crate) connection: u64,
    pub(crate) method: String,
    pub(crate) target: RequestTarget,
    /// In the order in which they were sent, with lower-case names.
    pub(crate) headers: Vec<(String, String)>,
}

/// The result of a request.
pub(crate) struct Outcome {
    /// `None` if no response was sent.
    pub(crate) status: Option<u16>,
    pub(crate) applied: bool,
    pub(crate) note: Option<String>,
}

struct Entry {
    request: ReceivedRequest,
    fault: Value,
    fault_bytes: usize,
    body: Option<String>,
    started_ms: u64,
    finished: Option<(u64, Outcome)>,
}

impl Entry {
    fn bytes(&self) -> usize {
        let headers = self.request.headers.iter().map(|(name, value)| name.len() + value.len() + 64);
        let target = self.request.target.path.len() + self.request.target.query.as_ref().map_or(0, String::len);
        256 + headers.sum::<usize>() + target + self.fault_bytes + self.body.as_ref().map_or(0, String::len)
    }

    fn json(&self, number: u64, with_secrets: bool) -> Value {
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in &self.request.headers {
            let value = if name == "x-api-key" && !with_secrets { "***" } else { value };
            let joined = match headers.get(name).and_then(Value::as_str) {
                Some(earlier) => format!("{earlier}, {value}"),
                None => value.to_owned(),
            };
            headers.insert(name.clone(), joined.into());
        }
        let outcome = self.finished.as_ref().map(|(_, outcome)| outcome);
        json!({
            "number": number,
            "connection": self.request.connection,
            "method": self.request.method,
            "path": self.request.target.path,
            "query": self.request.target.query,
            "headers": headers,
            "body": self.body,
            "status": outcome.and_then(|outcome| outcome.status),
            "applied": outcome.is_some_and(|outcome| outcome.applied),
            "note": outcome.and_then(|outcome| outcome.note.as_deref()),
            "fault": self.fault,
            "started_ms": self.started_ms,
            "finished_ms": self.finished.as_ref().map(|(at_ms, _)| at_ms),
        })
    }
}

/// Identifies an entry, also after older entries were removed or the log was cleared.
#[derive(Clone, Copy)]
pub(crate) struct EntryId(u64);

#[derive(Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    /// The id of the oldest entry in the log.
    oldest: u64,
    /// The id of the first entry since the log was cleared.
    first: u64,
    bytes: usize,
}

impl RequestLog {
    pub(crate) fn add(&mut self, request: ReceivedRequest, fault: Value, at_ms: u64) -> EntryId {
        let fault_bytes = memory_size(&fault);
        let entry = Entry { request, fault, fault_bytes, body: None, started_ms: at_ms, finished: None };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        self.evict_oldest();
        EntryId(self.oldest + self.entries.len() as u64 - 1)
    }

    pub(crate) fn set_body(&mut self, entry_id: EntryId, body: &[u8]) {
        if let Some(entry) = self.entry(entry_id)
            && !body.is_empty()
        {
            let text = String::from_utf8_lossy(body).into_owned();
            let added = text.len();
            entry.body = Some(text);
            self.bytes += added;
            self.evict_oldest();
        }
    }

    pub(crate) fn finish(&mut self, entry_id: EntryId, outcome: Outcome, at_ms: u64) {
        if let Some(entry) = self.entry(entry_id) {
            entry.finished = Some((at_ms, outcome));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.oldest += self.entries.len() as u64;
        self.first = self.oldest;
        self.entries.clear();
        self.bytes = 0;
    }

    pub(crate) fn json(&self, with_secrets: bool) -> Value {
        let numbers = self.oldest - self.first + 1..;
        numbers.zip(&self.entries).map(|(number, entry)| entry.json(number, with_secrets)).collect()
    }

    /// The number of entries, the numbers of the oldest and newest one, and a value that changes if entries are cleared.
    pub(crate) fn summary(&self) -> Value {
        let oldest = self.oldest - self.first + 1;
        let count = self.entries.len() as u64;
        json!({"count": count, "oldest": oldest, "newest": oldest + count - 1, "epoch": self.first})
    }

    fn entry(&mut self, entry_id: EntryId) -> Option<&mut Entry> {
        let position = entry_id.0.checked_sub(self.oldest)?;
        self.entries.get_mut(usize::try_from(position).ok()?)
    }

    fn evict_oldest(&mut self) {
        while self.entries.len() > MAX_ENTRIES || (self.bytes > MAX_BYTES && self.entries.len() > 1) {
            if let Some(entry) = self.entries.pop_front() {
                self.bytes -= entry.bytes();
                self.oldest += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_to(path: &str) -> ReceivedRequest {
        ReceivedRequest {
            connection: 1,
            method: "GET".into(),
            target: RequestTarget::split(path),
            headers: vec![("x-api-key".into(), "k".into()), ("a".into(), "1".into()), ("a".into(), "2".into())],
        }
    }

    #[test]
    fn keeps_only_the_latest_requests_and_their_ids_stay_valid() {
        let mut log = RequestLog::default();
        let first = log.add(request_to("/first"), Value::Null, 0);
        for _ in 0..MAX_ENTRIES - 1 {
            log.add(request_to("/x"), Value::Null, 0);
        }
        let last = log.add(request_to("/last"), Value::Null, 0);
        let outcome = |status| Outcome { status: Some(status), applied: false, note: None };
        log.finish(first, outcome(500), 1);
        log.finish(last, outcome(200), 1);
        assert_eq!(log.entries.len(), MAX_ENTRIES);
        let newest = log.entries.back().unwrap().json(7, false);
        assert_eq!((&newest["path"], &newest["status"]), (&json!("/last"), &json!(200)));
        assert_eq!(newest["headers"], json!({"x-api-key": "***", "a": "1, 2"}));
        assert_eq!(log.oldest, 1);

        log.clear();
        log.finish(last, outcome(500), 2);
        log.add(request_to("/again?x=1"), Value::Null, 3);
        let all = log.json(true);
        assert_eq!(all.as_array().map(Vec::len), Some(1));
        assert_eq!((&all[0]["number"], &all[0]["query"]), (&json!(1), &json!("x=1")));
        assert_eq!(all[0]["headers"]["x-api-key"], "k");
    }

    #[test]
    fn evicts_the_oldest_requests_for_large_bodies_and_faults() {
        let large = "x".repeat(4 << 20);
        for (fault, body) in [(Value::Null, large.as_str()), (json!({"status": 500, "body": large}), "")] {
            let mut log = RequestLog::default();
            for _ in 0..64 {
                let entry_id = log.add(request_to("/x"), fault.clone(), 0);
                log.set_body(entry_id, body.as_bytes());
            }
            assert!(log.bytes <= MAX_BYTES && (17..64).contains(&log.entries.len()));
            let counted: usize = log.entries.iter().map(Entry::bytes).sum();
            assert_eq!(counted, log.bytes);
        }
    }
}
