//! The bytes of responses.

use std::sync::LazyLock;

use upscope::operation::ExpectedShape;
use upscope_test_support::http_response;

/// Part of every broken response. No message may contain it.
pub const PLANTED_SECRET: &str = "planted-watch-link-0123456789";

/// The largest body that the clients of the matrix accept.
pub const MAX_BODY: usize = 64 * 1024;

/// A body that every operation accepts.
pub static GOOD_BODY: LazyLock<String> = LazyLock::new(|| {
    let mut members = Vec::new();
    for definition in upscope::operations::ALL {
        match definition.expected {
            ExpectedShape::Object(name) => members.push(format!("\"{name}\":{{}}")),
            ExpectedShape::Array(name) => members.push(format!("\"{name}\":[]")),
            ExpectedShape::Text(name) => members.push(format!("\"{name}\":\"https://x/{PLANTED_SECRET}\"")),
            ExpectedShape::Token => members.push(format!("\"authorized\":true,\"token\":\"{PLANTED_SECRET}\"")),
            ExpectedShape::Nothing | ExpectedShape::Json => {}
        }
    }
    members.sort();
    members.dedup();
    format!("{{{},\"new\":null}}", members.join(","))
});

pub fn good_response() -> Vec<u8> {
    http_response(200, "Content-Type: application/json\r\n", GOOD_BODY.as_bytes())
}

/// The good response in chunks, and then `end`.
pub fn chunked_response(end: &str) -> Vec<u8> {
    let (first, second) = GOOD_BODY.split_at(20);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    format!("{head}{:x}\r\n{first}\r\n{:x};x=1\r\n{second}\r\n{end}", first.len(), second.len()).into_bytes()
}

pub fn gzip_response(body: &[u8]) -> Vec<u8> {
    http_response(200, "Content-Encoding: gzip\r\n", body)
}

/// The good body with one more member, so that it nests `levels` deep.
pub fn nested_body(levels: usize) -> String {
    let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
    format!("{},\"deep\":{open}{close}}}", GOOD_BODY.strip_suffix('}').unwrap())
}

/// The good body, padded to this length.
pub fn padded_body(length: usize) -> String {
    let padding = " ".repeat(length - GOOD_BODY.len());
    format!("{}{padding}", *GOOD_BODY)
}
