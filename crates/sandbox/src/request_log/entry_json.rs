//! An entry of the request log as JSON.

use serde_json::{Map, Value, json};

use super::secrets::Secrets;
use super::text_store::TextReader;
use super::{Entry, MAX_RESPONSE_BYTES};

impl Entry {
    pub(super) fn json(&self, number: u64, texts: &mut TextReader, with_secrets: bool) -> Value {
        let request_line = texts.read(self.request_line);
        let (method, target) = request_line.split_once(' ').unwrap_or_default();
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let header_lines = texts.read(self.headers);
        let headers: Vec<(&str, &str)> = header_lines.lines().filter_map(|line| line.split_once(": ")).collect();
        let secrets = if with_secrets { Secrets::shown() } else { Secrets::hidden(path, &headers) };
        let optional = |text: String| (!text.is_empty()).then(|| secrets.text(&text).into_owned());
        // Hiding a secret leaves JSON valid.
        let fault = optional(texts.read(self.fault)).and_then(|fault| serde_json::from_str::<Value>(&fault).ok());
        json!({
            "number": number,
            "connection": self.connection,
            "method": method,
            "path": secrets.path(path),
            "query": query.map(|query| secrets.query(query)),
            "headers": headers_json(&headers, &secrets),
            "body": optional(texts.read(self.body)),
            "status": self.status,
            "response": self.status.map(|status| self.response_json(status, texts, &secrets)),
            "applied": self.applied,
            "note": optional(texts.read(self.note)),
            "fault": fault,
            "started_ms": self.started_ms,
            "finished_ms": self.finished_ms,
        })
    }

    fn response_json(&self, status: u16, texts: &mut TextReader, secrets: &Secrets) -> Value {
        let header_lines = texts.read(self.response_headers);
        let headers: Vec<(&str, &str)> = header_lines.lines().filter_map(|line| line.split_once(": ")).collect();
        let cut = (self.response_bytes > MAX_RESPONSE_BYTES)
            .then(|| format!("the first {MAX_RESPONSE_BYTES} of {} bytes", self.response_bytes));
        json!({
            "status": status,
            "headers": headers_json(&headers, secrets),
            "body": secrets.text(&texts.read(self.response_body)),
            "cut": cut,
        })
    }
}

fn headers_json(headers: &[(&str, &str)], secrets: &Secrets) -> Map<String, Value> {
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in headers {
        let value = secrets.header(name, value);
        let value = match joined.get(*name).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier}, {value}"),
            None => value.into_owned(),
        };
        joined.insert((*name).to_owned(), value.into());
    }
    joined
}
