//! The responses that handlers return, and the errors that become responses.

use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::HeaderMap;
use hyper::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, SERVER, VARY};
use serde::Serialize;
use serde_json::json;

const JSON: &str = "application/json; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SERVER_NAME: &str = concat!("upscope-sandbox/", env!("CARGO_PKG_VERSION"));
/// Compressing bodies up to this size costs more than it saves.
const COMPRESSION_THRESHOLD: usize = 1024;

/// Why a request failed. The message also becomes the note in the request log. It never has an API key.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: u16,
    code: &'static str,
    message: String,
}

impl ApiError {
    /// `message` says what was wrong, and what to change in the request.
    pub(crate) fn with_message(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    // assumed: the body of a 404 is not documented.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::with_message(404, "not_found", message)
    }

    pub(crate) fn unknown_visitor(id: &str) -> Self {
        Self::not_found(format!("there is no visitor with the id {}", quote(id)))
    }

    // assumed: the response to an invalid request is not documented.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::with_message(422, "invalid_request", reason)
    }

    // assumed: the response to an invalid request target is not documented.
    pub(crate) fn invalid_target(reason: String) -> Self {
        Self::with_message(400, "bad_request", reason)
    }

    pub(crate) fn no_randomness() -> Self {
        Self::with_message(500, "no_randomness", "the system gave no random bytes; try again")
    }

    /// Removes a secret that the message quotes from the request.
    pub(crate) fn without(self, secret: Option<&str>) -> Self {
        match secret.filter(|secret| !secret.is_empty() && self.message.contains(secret)) {
            Some(secret) => Self { message: self.message.replace(secret, "***"), ..self },
            None => self,
        }
    }

    /// The request arrived before a reset, and its turn came after it.
    pub(crate) fn reset() -> Self {
        let message = "the sandbox was reset while the request was in progress; the request was not executed";
        Self::with_message(503, "sandbox_reset", message)
    }
}

/// A value from a request, for a message: quoted, and not too long.
pub(crate) fn quote(value: &str) -> String {
    const MAX_CHARACTERS: usize = 64;
    match value.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{:?}...", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// Writes a body.
pub(crate) type BodyWriter = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send>;

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Writes the body instead, on another thread and without the lock of the state. For bodies that may be large.
    pub(crate) body_writer: Option<BodyWriter>,
    /// Whether the body is sent exactly as it is. True for scripted responses, which are never compressed.
    pub(crate) is_verbatim: bool,
    /// Whether the request changed the sandbox's state.
    pub(crate) applied: bool,
    /// For the request log: why the request failed.
    pub(crate) note: Option<String>,
    /// How long the server may wait for a change of the state before it sends this response. It runs the handler again
    /// after each change.
    pub(crate) wait: Option<Duration>,
}

impl Response {
    pub(crate) fn json(value: &impl Serialize) -> Self {
        // Fails only for a map whose keys are not strings.
        Self::json_text(serde_json::to_string(value).unwrap_or_default())
    }

    /// `text` is JSON already.
    pub(crate) fn json_text(text: String) -> Self {
        Self::new(200, JSON, text)
    }

    /// `bytes` are JSON already.
    pub(crate) fn json_bytes(bytes: Vec<u8>) -> Self {
        Self::new(200, JSON, bytes)
    }

    pub(crate) fn ok() -> Self {
        Self::json(&json!({"status": "ok"}))
    }

    pub(crate) fn html(status: u16, page: String) -> Self {
        Self::new(status, HTML, page)
    }

    pub(crate) fn script(text: &'static str) -> Self {
        Self::new(200, JAVASCRIPT, text)
    }

    /// A response without a body.
    pub(crate) fn no_content() -> Self {
        let mut response = Self::new(204, JSON, "");
        response.headers.remove(CONTENT_TYPE);
        response
    }

    /// A JSON response whose body is written later.
    pub(crate) fn json_written_by(writer: BodyWriter) -> Self {
        Self { body_writer: Some(writer), ..Self::new(200, JSON, Vec::new()) }
    }

    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        let message = format!("this path allows only the method {}", allowed.replace(", ", " or "));
        let mut response = Self::from(ApiError::with_message(405, "method_not_allowed", message));
        if let Ok(allowed) = HeaderValue::from_str(allowed) {
            response.headers.insert(ALLOW, allowed);
        }
        response
    }

    /// The response that a fault defines. Its headers replace the default ones.
    pub(crate) fn scripted(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut response = Self::new(status, JSON, body);
        response.is_verbatim = true;
        for (name, value) in headers {
            response.headers.insert(name, value.clone());
        }
        response
    }

    fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(SERVER, HeaderValue::from_static(SERVER_NAME));
        Self {
            status,
            headers,
            body: body.into(),
            body_writer: None,
            is_verbatim: false,
            applied: false,
            note: None,
            wait: None,
        }
    }

    /// For a handler that has nothing new to report: the client waits for this long, or until there is something.
    pub(crate) fn waiting(self, wait: Duration) -> Self {
        Self { wait: Some(wait), ..self }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn applied(mut self) -> Self {
        self.applied = true;
        self
    }

    pub(crate) fn compress_for(&mut self, accept_encoding: Option<&str>) {
        if self.is_verbatim || self.body.len() <= COMPRESSION_THRESHOLD {
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

impl From<ApiError> for Response {
    fn from(error: ApiError) -> Self {
        let body = json!({"status": "error", "error": error.code, "message": error.message});
        Self { note: Some(error.message), ..Self::new(error.status, JSON, body.to_string()) }
    }
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
    fn recognizes_accept_encoding_gzip() {
        for (header, accepted) in [
            ("gzip", true),
            ("deflate, gzip;q=0.5", true),
            ("GZIP", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(header), accepted, "{header:?}");
        }
    }
}
