//! What a handler answers, and how it becomes an HTTP response.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::HeaderMap;
use hyper::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, SERVER, VARY};
use serde_json::{Value, json};

use crate::webhook::Delivery;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SERVER_NAME: &str = concat!("upscope-sandbox/", env!("CARGO_PKG_VERSION"));
/// Below this, compression costs more than it saves.
const WORTH_COMPRESSING: usize = 1024;

/// Why a request got no for an answer: the status, code and message on the wire, and a note for the journal.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: Option<&'static str>,
    note: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str) -> Self {
        Self { status, code, message: None, note: None }
    }

    /// `message` tells the caller what to do.
    pub(crate) fn with_message(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { message: Some(message), ..Self::new(status, code) }
    }

    // assumed: the body of a 404 is not documented.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "not_found")
    }

    // assumed: the service documents no answer to a malformed request.
    pub(crate) fn invalid(why: impl Into<String>) -> Self {
        Self { note: Some(why.into()), ..Self::new(422, "invalid_request") }
    }

    // assumed: neither is there one for a target that cannot be read.
    pub(crate) fn unreadable_target(why: String) -> Self {
        Self { note: Some(why), ..Self::new(400, "bad_request") }
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Leaves as it is: a test that scripts an answer means these bytes.
    pub(crate) verbatim: bool,
    /// Whether the request changed the sandbox's state.
    pub(crate) applied: bool,
    /// What a developer may want to read in the journal.
    pub(crate) note: Option<String>,
    pub(crate) deliveries: Vec<Delivery>,
}

impl Answer {
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(200, JSON, value.to_string())
    }

    pub(crate) fn ok() -> Self {
        Self::json(&json!({"status": "ok"}))
    }

    pub(crate) fn page(status: u16, text: &str) -> Self {
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Co-browsing</title><p>{text}</p></html>\n"
        );
        Self::new(status, HTML, page)
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::new(status, JSON, error_body(code).to_string())
    }

    pub(crate) fn wrong_method(allowed: &str) -> Self {
        let mut answer = Self::error(405, "method_not_allowed");
        if let Ok(allowed) = HeaderValue::from_str(allowed) {
            answer.headers.insert(ALLOW, allowed);
        }
        answer
    }

    /// An answer as a fault asks for it; its own headers win over the usual ones.
    pub(crate) fn scripted(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut answer = Self::new(status, JSON, body);
        answer.verbatim = true;
        for (name, value) in headers {
            answer.headers.insert(name, value.clone());
        }
        answer
    }

    fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(SERVER, HeaderValue::from_static(SERVER_NAME));
        Self { status, headers, body: body.into(), verbatim: false, applied: false, note: None, deliveries: Vec::new() }
    }

    pub(crate) fn applied(mut self) -> Self {
        self.applied = true;
        self
    }

    pub(crate) fn compress_for(&mut self, accept_encoding: Option<&str>) {
        if self.verbatim || self.body.len() <= WORTH_COMPRESSING {
            return;
        }
        self.headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if !accept_encoding.is_some_and(accepts_gzip) {
            return;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        if encoder.write_all(&self.body).is_ok()
            && let Ok(compressed) = encoder.finish()
        {
            self.body = compressed;
            self.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut body = error_body(refusal.code);
        if let Some(message) = refusal.message {
            body["message"] = message.into();
        }
        Self { note: refusal.note, ..Self::new(refusal.status, JSON, body.to_string()) }
    }
}

fn error_body(code: &str) -> Value {
    json!({"status": "error", "error": code})
}

fn accepts_gzip(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (header, taken) in [
            ("gzip", true),
            ("deflate, gzip;q=0.5", true),
            ("GZIP", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(header), taken, "{header:?}");
        }
    }
}
