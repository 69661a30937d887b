//! Answers, byte by byte.

use std::io::Write;
use std::sync::LazyLock;

use upscope::operation::ExpectedShape;

/// Stands in every broken answer; no message may hold it.
pub const PLANTED: &str = "planted-watch-link-0123456789";

/// The largest body that the clients of the matrix accept.
pub const MAX_BODY: usize = 64 * 1024;

/// Keeps the promise of every operation at once.
pub static GOOD: LazyLock<String> = LazyLock::new(|| {
    let mut members = Vec::new();
    for definition in upscope::operations::ALL {
        match definition.expected {
            ExpectedShape::Object(name) => members.push(format!("\"{name}\":{{}}")),
            ExpectedShape::Array(name) => members.push(format!("\"{name}\":[]")),
            ExpectedShape::Text(name) => members.push(format!("\"{name}\":\"https://x/{PLANTED}\"")),
            ExpectedShape::Token => members.push(format!("\"authorized\":true,\"token\":\"{PLANTED}\"")),
            ExpectedShape::Nothing | ExpectedShape::Json => {}
        }
    }
    members.sort();
    members.dedup();
    format!("{{{},\"new\":null}}", members.join(","))
});

pub fn response(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Status\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub fn good() -> Vec<u8> {
    response(200, "Content-Type: application/json\r\n", GOOD.as_bytes())
}

/// The good answer in chunks, with what comes after the last of them.
pub fn chunked(end: &str) -> Vec<u8> {
    let (first, second) = GOOD.split_at(20);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    format!("{head}{:x}\r\n{first}\r\n{:x};x=1\r\n{second}\r\n{end}", first.len(), second.len()).into_bytes()
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn gzip_response(body: &[u8]) -> Vec<u8> {
    response(200, "Content-Encoding: gzip\r\n", body)
}

/// The good answer with a member nested so deep that the whole has `levels`.
pub fn nested(levels: usize) -> String {
    let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
    format!("{},\"deep\":{open}{close}}}", GOOD.strip_suffix('}').unwrap())
}

/// The good answer, as long as asked for.
pub fn padded(length: usize) -> String {
    let padding = " ".repeat(length - GOOD.len());
    format!("{}{padding}", *GOOD)
}
