//! What came in and what became of it, the latest requests only.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::json_memory::memory_of;
use crate::target::Target;

const MOST_ENTRIES: usize = 100_000;
const MOST_BYTES: usize = 128 << 20;

/// A request as it arrived.
pub(crate) struct Arrival {
    pub(crate) connection: u64,
    pub(crate) method: String,
    pub(crate) target: Target,
    /// Lower-case names, in the order of the wire.
    pub(crate) headers: Vec<(String, String)>,
}

/// How it ended.
pub(crate) struct Ending {
    /// `None` where not one byte was answered.
    pub(crate) status: Option<u16>,
    pub(crate) applied: bool,
    pub(crate) note: Option<String>,
}

struct Entry {
    arrival: Arrival,
    fault: Value,
    fault_bytes: usize,
    body: Option<String>,
    started_ms: u64,
    ended: Option<(u64, Ending)>,
}

impl Entry {
    fn bytes(&self) -> usize {
        let headers = self.arrival.headers.iter().map(|(name, value)| name.len() + value.len() + 64);
        let target = self.arrival.target.path.len() + self.arrival.target.query.as_ref().map_or(0, String::len);
        256 + headers.sum::<usize>() + target + self.fault_bytes + self.body.as_ref().map_or(0, String::len)
    }

    fn json(&self, number: u64, with_secrets: bool) -> Value {
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in &self.arrival.headers {
            let value = if name == "x-api-key" && !with_secrets { "***" } else { value };
            let joined = match headers.get(name).and_then(Value::as_str) {
                Some(earlier) => format!("{earlier}, {value}"),
                None => value.to_owned(),
            };
            headers.insert(name.clone(), joined.into());
        }
        let ending = self.ended.as_ref().map(|(_, ending)| ending);
        json!({
            "number": number,
            "connection": self.arrival.connection,
            "method": self.arrival.method,
            "path": self.arrival.target.path,
            "query": self.arrival.target.query,
            "headers": headers,
            "body": self.body,
            "status": ending.and_then(|ending| ending.status),
            "applied": ending.is_some_and(|ending| ending.applied),
            "note": ending.and_then(|ending| ending.note.as_deref()),
            "fault": self.fault,
            "started_ms": self.started_ms,
            "finished_ms": self.ended.as_ref().map(|(at_ms, _)| at_ms),
        })
    }
}

/// Which entry a request belongs to; stays right when earlier ones are dropped or all are cleared.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u64);

#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    /// The ticket of the oldest entry kept.
    oldest: u64,
    /// The ticket of the first entry since the journal was cleared.
    first: u64,
    bytes: usize,
}

impl Journal {
    pub(crate) fn arrive(&mut self, arrival: Arrival, fault: Value, at_ms: u64) -> Ticket {
        let fault_bytes = memory_of(&fault);
        let entry = Entry { arrival, fault, fault_bytes, body: None, started_ms: at_ms, ended: None };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        self.drop_oldest();
        Ticket(self.oldest + self.entries.len() as u64 - 1)
    }

    pub(crate) fn note_body(&mut self, ticket: Ticket, body: &[u8]) {
        if let Some(entry) = self.entry(ticket)
            && !body.is_empty()
        {
            let text = String::from_utf8_lossy(body).into_owned();
            let added = text.len();
            entry.body = Some(text);
            self.bytes += added;
            self.drop_oldest();
        }
    }

    pub(crate) fn end(&mut self, ticket: Ticket, ending: Ending, at_ms: u64) {
        if let Some(entry) = self.entry(ticket) {
            entry.ended = Some((at_ms, ending));
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

    fn entry(&mut self, ticket: Ticket) -> Option<&mut Entry> {
        let position = ticket.0.checked_sub(self.oldest)?;
        self.entries.get_mut(usize::try_from(position).ok()?)
    }

    fn drop_oldest(&mut self) {
        while self.entries.len() > MOST_ENTRIES || (self.bytes > MOST_BYTES && self.entries.len() > 1) {
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

    fn arrival(path: &str) -> Arrival {
        Arrival {
            connection: 1,
            method: "GET".into(),
            target: Target::split(path),
            headers: vec![("x-api-key".into(), "k".into()), ("a".into(), "1".into()), ("a".into(), "2".into())],
        }
    }

    #[test]
    fn only_the_latest_are_kept_and_tickets_stay_right() {
        let mut journal = Journal::default();
        let first = journal.arrive(arrival("/first"), Value::Null, 0);
        for _ in 0..MOST_ENTRIES - 1 {
            journal.arrive(arrival("/x"), Value::Null, 0);
        }
        let last = journal.arrive(arrival("/last"), Value::Null, 0);
        let ending = |status| Ending { status: Some(status), applied: false, note: None };
        journal.end(first, ending(500), 1);
        journal.end(last, ending(200), 1);
        assert_eq!(journal.entries.len(), MOST_ENTRIES);
        let newest = journal.entries.back().unwrap().json(7, false);
        assert_eq!((&newest["path"], &newest["status"]), (&json!("/last"), &json!(200)));
        assert_eq!(newest["headers"], json!({"x-api-key": "***", "a": "1, 2"}));
        assert_eq!(journal.oldest, 1);

        journal.clear();
        journal.end(last, ending(500), 2);
        journal.arrive(arrival("/again?x=1"), Value::Null, 3);
        let all = journal.json(true);
        assert_eq!(all.as_array().map(Vec::len), Some(1));
        assert_eq!((&all[0]["number"], &all[0]["query"]), (&json!(1), &json!("x=1")));
        assert_eq!(all[0]["headers"]["x-api-key"], "k");
    }

    #[test]
    fn large_bodies_and_faults_push_the_oldest_out() {
        let large = "x".repeat(4 << 20);
        for (fault, body) in [(Value::Null, large.as_str()), (json!({"status": 500, "body": large}), "")] {
            let mut journal = Journal::default();
            for _ in 0..64 {
                let ticket = journal.arrive(arrival("/x"), fault.clone(), 0);
                journal.note_body(ticket, body.as_bytes());
            }
            assert!(journal.bytes <= MOST_BYTES && (17..64).contains(&journal.entries.len()));
            let counted: usize = journal.entries.iter().map(Entry::bytes).sum();
            assert_eq!(counted, journal.bytes);
        }
    }
}
