//! The request log: the latest requests and their responses.

mod entry_json;
mod secrets;
mod text_store;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::HeaderMap;
use hyper::http::request::Parts;
use serde_json::{Value, json};

use crate::http::request_target::RequestTarget;
use text_store::{Text, TextReader, TextStore};

const MAX_ENTRIES: usize = 100_000;
const MAX_BYTES: usize = 128 << 20;
/// How much of the body of a response is kept.
const MAX_RESPONSE_BYTES: usize = 64 << 10;
/// How many entries are copied at once while the log is locked.
const COPIED_ENTRIES: usize = 500;

/// The result of a request.
#[derive(Default)]
pub(crate) struct Outcome<'a> {
    /// `None` if no response was sent.
    pub(crate) response: Option<LoggedResponse<'a>>,
    pub(crate) applied: bool,
    pub(crate) note: Option<&'a str>,
}

/// A response before compression.
pub(crate) struct LoggedResponse<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// The texts of an entry are in the text store. It is small, because there are many of them.
#[derive(Clone, Copy)]
struct Entry {
    connection: u64,
    started_ms: u64,
    finished_ms: Option<u64>,
    /// The method, the path and the query, as they were sent.
    request_line: Text,
    /// One line for each header, with lower-case names, in the order in which they were sent.
    headers: Text,
    body: Text,
    fault: Text,
    note: Text,
    response_headers: Text,
    response_body: Text,
    /// The length of the whole body.
    response_bytes: usize,
    /// No text of this entry is in an older block.
    first_block: u32,
    status: Option<u16>,
    applied: bool,
}

/// Identifies an entry, also after older entries were removed or the log was cleared.
#[derive(Clone, Copy)]
pub(crate) struct EntryId(u64);

/// Which entries to write, and how.
#[derive(Clone, Copy)]
pub(crate) struct Selection {
    /// Only entries with a higher number.
    pub(crate) since: u64,
    /// The oldest entries, up to this many.
    pub(crate) limit: u64,
    pub(crate) with_secrets: bool,
}

/// A handle to the log. It has a lock of its own, so that writing many entries delays no other request.
#[derive(Clone, Default)]
pub(crate) struct RequestLog(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    entries: VecDeque<Entry>,
    texts: TextStore,
    /// The id of the oldest entry in the log.
    oldest: u64,
    /// The id of the first entry since the log was cleared.
    first: u64,
    /// For the texts that are put together here before they are stored.
    buffer: Vec<u8>,
}

impl RequestLog {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `fault` is the definition of the request's fault, as JSON text.
    pub(crate) fn add(
        &self,
        connection: u64,
        head: &Parts,
        target: &RequestTarget,
        fault: Option<&str>,
        at_ms: u64,
    ) -> EntryId {
        self.entries().add(connection, head, target, fault, at_ms)
    }

    pub(crate) fn set_body(&self, entry_id: EntryId, body: &[u8]) {
        if !body.is_empty() {
            let mut log = self.entries();
            let text = log.texts.add(body);
            if let Some(entry) = log.entry(entry_id) {
                entry.body = text;
            }
            log.evict_oldest();
        }
    }

    pub(crate) fn finish(&self, entry_id: EntryId, outcome: &Outcome, at_ms: u64) {
        self.entries().finish(entry_id, outcome, at_ms);
    }

    pub(crate) fn clear(&self) {
        let mut log = self.entries();
        log.oldest += log.entries.len() as u64;
        log.first = log.oldest;
        log.entries.clear();
        log.texts.clear();
    }

    /// The number of entries, the numbers of the oldest and newest one, and a value that changes if entries are cleared.
    pub(crate) fn summary(&self) -> Value {
        let log = self.entries();
        let oldest = log.oldest - log.first + 1;
        let count = log.entries.len() as u64;
        json!({"count": count, "oldest": oldest, "newest": oldest + count - 1, "epoch": log.first})
    }

    /// The number of the newest entry, and 0 if the log is empty.
    pub(crate) fn newest_number(&self) -> u64 {
        self.entries().numbered_from_and_to().1
    }

    /// Whether a request with a higher number than this has been answered.
    pub(crate) fn has_finished_since(&self, since: u64) -> bool {
        let log = self.entries();
        let skipped = log.first.saturating_add(since).saturating_sub(log.oldest);
        log.entries.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)).any(|entry| entry.finished_ms.is_some())
    }

    /// Writes `{"requests": […], "next": N}`. Locks the log only for short times. Entries that are removed meanwhile are left out.
    pub(crate) fn write_json(&self, selection: Selection, output: &mut dyn Write) -> io::Result<()> {
        // Entries that are added meanwhile are left out, so that this ends.
        let (first_id, newest) = self.entries().numbered_from_and_to();
        // A number that no entry has yet is from before the log was cleared. The client can then start again.
        let mut next = if selection.since > newest { 0 } else { selection.since };
        let (mut number, mut left) = (selection.since, selection.limit);
        let mut earlier_reader: Option<TextReader> = None;
        let mut separator = "";
        output.write_all(br#"{"requests":["#)?;
        while let Some((first, entries, mut reader)) = self.copy_entries(first_id, number, newest, left) {
            if let Some(earlier) = earlier_reader.take() {
                reader.continue_from(earlier);
            }
            for (entry_number, entry) in (first..).zip(&entries) {
                output.write_all(separator.as_bytes())?;
                serde_json::to_writer(&mut *output, &entry.json(entry_number, &mut reader, selection.with_secrets))?;
                separator = ",";
                next = entry_number;
            }
            left -= entries.len() as u64;
            number = next;
            earlier_reader = Some(reader);
        }
        write!(output, r#"],"next":{next}}}"#)
    }

    /// Copies some entries after `since`. Returns the number of the first one, and `None` if there are no more.
    fn copy_entries(
        &self,
        first_id: u64,
        since: u64,
        newest: u64,
        limit: u64,
    ) -> Option<(u64, Vec<Entry>, TextReader)> {
        let log = self.entries();
        if log.first != first_id {
            return None;
        }
        let start = log.first.saturating_add(since).max(log.oldest);
        let end = (log.first + newest).min(start.saturating_add(limit.min(COPIED_ENTRIES as u64)));
        let range = usize::try_from(start - log.oldest).ok()?..usize::try_from(end.checked_sub(log.oldest)?).ok()?;
        if range.is_empty() || range.end > log.entries.len() {
            return None;
        }
        let entries: Vec<Entry> = log.entries.range(range).copied().collect();
        let reader = log.texts.reader(entries.first()?.first_block);
        Some((start - log.first + 1, entries, reader))
    }
}

impl Entries {
    fn add(
        &mut self,
        connection: u64,
        head: &Parts,
        target: &RequestTarget,
        fault: Option<&str>,
        at_ms: u64,
    ) -> EntryId {
        let first_block = self.texts.newest_block();
        let method = head.method.as_str();
        let buffer = &mut self.buffer;
        buffer.clear();
        let query = target.query.as_deref();
        let separator = if query.is_some() { "?" } else { "" };
        for part in [method, " ", &target.path, separator, query.unwrap_or_default()] {
            buffer.extend_from_slice(part.as_bytes());
        }
        let request_line = self.texts.add(buffer);
        let entry = Entry {
            connection,
            started_ms: at_ms,
            finished_ms: None,
            request_line,
            headers: self.add_headers(&head.headers),
            body: Text::EMPTY,
            fault: self.texts.add(fault.unwrap_or_default().as_bytes()),
            note: Text::EMPTY,
            response_headers: Text::EMPTY,
            response_body: Text::EMPTY,
            response_bytes: 0,
            first_block,
            status: None,
            applied: false,
        };
        self.entries.push_back(entry);
        self.evict_oldest();
        EntryId(self.oldest + self.entries.len() as u64 - 1)
    }

    fn add_headers(&mut self, headers: &HeaderMap) -> Text {
        self.buffer.clear();
        for (name, value) in headers {
            self.buffer.extend_from_slice(name.as_str().as_bytes());
            self.buffer.extend_from_slice(b": ");
            self.buffer.extend_from_slice(value.as_bytes());
            self.buffer.push(b'\n');
        }
        self.texts.add(&self.buffer)
    }

    fn finish(&mut self, entry_id: EntryId, outcome: &Outcome, at_ms: u64) {
        if self.entry(entry_id).is_none() {
            return;
        }
        let note = self.texts.add(outcome.note.unwrap_or_default().as_bytes());
        let response = outcome.response.as_ref().map(|response| {
            let kept = &response.body[..response.body.len().min(MAX_RESPONSE_BYTES)];
            (response.status, self.add_headers(response.headers), self.texts.add(kept), response.body.len())
        });
        if let Some(entry) = self.entry(entry_id) {
            entry.finished_ms = Some(at_ms);
            entry.applied = outcome.applied;
            entry.note = note;
            if let Some((status, headers, body, length)) = response {
                entry.status = Some(status);
                entry.response_headers = headers;
                entry.response_body = body;
                entry.response_bytes = length;
            }
        }
        self.evict_oldest();
    }

    /// The id of the entry with the number 1, and the number of the newest entry.
    fn numbered_from_and_to(&self) -> (u64, u64) {
        (self.first, self.oldest - self.first + self.entries.len() as u64)
    }

    fn entry(&mut self, entry_id: EntryId) -> Option<&mut Entry> {
        let position = entry_id.0.checked_sub(self.oldest)?;
        self.entries.get_mut(usize::try_from(position).ok()?)
    }

    fn bytes(&self) -> usize {
        self.entries.len() * size_of::<Entry>() + self.texts.bytes()
    }

    fn evict_oldest(&mut self) {
        while self.entries.len() > MAX_ENTRIES || (self.bytes() > MAX_BYTES && self.entries.len() > 1) {
            self.entries.pop_front();
            self.oldest += 1;
            if let Some(oldest) = self.entries.front() {
                self.texts.remove_before(oldest.first_block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn add(log: &RequestLog, target: &str, fault: Option<&str>) -> EntryId {
        let request = Request::get("/").header("x-api-key", "k").header("a", "1").header("a", "2");
        let head = request.body(()).unwrap().into_parts().0;
        log.add(1, &head, &RequestTarget::split(target), fault, 0)
    }

    fn finish(log: &RequestLog, entry_id: EntryId, status: u16, body: &[u8]) {
        let headers = HeaderMap::new();
        let response = LoggedResponse { status, headers: &headers, body };
        log.finish(entry_id, &Outcome { response: Some(response), ..Outcome::default() }, 1);
    }

    fn json(log: &RequestLog, since: u64, limit: u64, with_secrets: bool) -> Value {
        let mut written = Vec::new();
        log.write_json(Selection { since, limit, with_secrets }, &mut written).unwrap();
        serde_json::from_slice(&written).unwrap()
    }

    fn numbers(json: &Value) -> Vec<u64> {
        json["requests"].as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect()
    }

    #[test]
    fn keeps_only_the_latest_requests_and_their_ids_stay_valid() {
        let log = RequestLog::default();
        let first = add(&log, "/first", None);
        for _ in 0..MAX_ENTRIES - 1 {
            add(&log, "/x", None);
        }
        let last = add(&log, "/last", None);
        finish(&log, first, 500, b"");
        finish(&log, last, 200, b"");
        assert_eq!(log.entries().entries.len(), MAX_ENTRIES);
        assert_eq!(numbers(&json(&log, 0, 2, false)), [2, 3]);
        let newest = json(&log, MAX_ENTRIES as u64, 9, false);
        assert_eq!((numbers(&newest), &newest["next"]), (vec![MAX_ENTRIES as u64 + 1], &json!(MAX_ENTRIES + 1)));
        let newest = &newest["requests"][0];
        assert_eq!((&newest["path"], &newest["status"]), (&json!("/last"), &json!(200)));
        assert_eq!(newest["headers"], json!({"x-api-key": "***", "a": "1, 2"}));

        log.clear();
        finish(&log, last, 500, b"");
        add(&log, "/again?x=1", None);
        let all = json(&log, 0, u64::MAX, true);
        assert_eq!((numbers(&all), &all["requests"][0]["query"]), (vec![1], &json!("x=1")));
        assert_eq!(all["requests"][0]["headers"]["x-api-key"], "k");
    }

    #[test]
    fn selects_entries_by_number() {
        let log = RequestLog::default();
        for _ in 0..1_203 {
            add(&log, "/x", None);
        }
        for (since, limit, expected) in [
            (0, 2, 1..=2),
            (1, 1, 2..=2),
            (0, 1_100, 1..=1_100),
            (1_201, 9, 1_202..=1_203),
            (600, u64::MAX, 601..=1_203),
        ] {
            let selected = json(&log, since, limit, false);
            assert_eq!(selected["next"], json!(expected.end()));
            assert_eq!(numbers(&selected), expected.collect::<Vec<_>>());
        }
        for (since, limit, next) in [(1_203, 5, 1_203), (1_204, 5, 0), (u64::MAX, 5, 0), (7, 0, 7)] {
            assert_eq!(json(&log, since, limit, false), json!({"requests": [], "next": next}));
        }
        assert!(!log.has_finished_since(0));
        let last = add(&log, "/x", None);
        finish(&log, last, 200, b"");
        assert!(log.has_finished_since(1_203) && !log.has_finished_since(1_204));
    }

    #[test]
    fn cuts_the_body_of_a_large_response() {
        let log = RequestLog::default();
        let entry_id = add(&log, "/x", None);
        finish(&log, entry_id, 200, "é".repeat(40_000).as_bytes());
        let response = json(&log, 0, 1, false)["requests"][0]["response"].clone();
        assert_eq!(response["body"].as_str().map(str::len), Some(MAX_RESPONSE_BYTES));
        assert_eq!(response["cut"], "the first 65536 of 80000 bytes");
    }

    #[test]
    fn evicts_the_oldest_requests_for_large_bodies_and_faults() {
        let mut random = fastrand::Rng::with_seed(1);
        // Random hexadecimal digits cannot be compressed to less than half of their size.
        let mut large: String = (0..4 << 20).map(|_| random.digit(16)).collect();
        for is_fault in [false, true] {
            let log = RequestLog::default();
            for number in 0..64 {
                large.replace_range(..2, &format!("{number:02}"));
                let entry_id = add(&log, "/x", is_fault.then_some(&large));
                if !is_fault {
                    log.set_body(entry_id, large.as_bytes());
                }
            }
            let entries = log.entries();
            assert!(entries.bytes() <= MAX_BYTES && (17..64).contains(&entries.entries.len()), "{}", entries.bytes());
        }
    }
}
