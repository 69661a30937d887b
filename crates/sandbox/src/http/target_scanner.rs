//! Finds the request targets in the bytes that a connection receives.
//!
//! hyper drops the fragment of a request target, but the sandbox must refuse a target with a fragment: the client forgot to
//! encode a `#`. This scanner therefore follows the HTTP/1.1 framing in parallel with hyper, and keeps each target as it
//! was sent until hyper passes the request to the service. The scanner does not validate its input, because hyper closes
//! the connection if a message is malformed. It buffers no more than hyper reads ahead, and hyper limits that.

use std::collections::VecDeque;

#[derive(Default)]
pub(crate) struct TargetScanner {
    expected: Expected,
    /// The part of the current line that has arrived.
    line: Vec<u8>,
    targets: VecDeque<String>,
}

/// What comes next on the connection.
#[derive(Clone, Copy, Default)]
enum Expected {
    #[default]
    RequestLine,
    /// More headers of a request. The headers so far describe the body like this.
    Headers(BodyFraming),
    /// This many bytes of a body.
    Body(u64),
    ChunkSize,
    /// This many bytes of a chunk, including the line ending after it.
    Chunk(u64),
    Trailers,
}

#[derive(Clone, Copy, Default)]
struct BodyFraming {
    content_length: u64,
    chunked: bool,
}

impl TargetScanner {
    /// Scans the next received bytes. They may start and end anywhere in a message.
    pub(crate) fn receive(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.expected {
                Expected::Body(left) | Expected::Chunk(left) => self.skip(left, bytes),
                _ => self.receive_line(bytes),
            };
        }
    }

    /// The target of the next request that hyper passes to the service.
    pub(crate) fn next_target(&mut self) -> Option<String> {
        self.targets.pop_front()
    }

    /// Skips up to `left` bytes and returns the bytes after them.
    fn skip<'a>(&mut self, left: u64, bytes: &'a [u8]) -> &'a [u8] {
        let length = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - length as u64;
        self.expected = match self.expected {
            Expected::Body(_) if left == 0 => Expected::RequestLine,
            Expected::Body(_) => Expected::Body(left),
            _ if left == 0 => Expected::ChunkSize,
            _ => Expected::Chunk(left),
        };
        &bytes[length..]
    }

    fn receive_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        let (received, rest) = bytes.split_at(end);
        self.line.extend_from_slice(received);
        // hyper accepts a line that ends with only a line feed, except in trailers.
        let line_ending: &[u8] = if matches!(self.expected, Expected::Trailers) { b"\r\n" } else { b"\n" };
        if self.line.ends_with(line_ending) {
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.strip_suffix('\n').unwrap_or(&line);
            self.end_line(line.strip_suffix('\r').unwrap_or(line));
        }
        rest
    }

    fn end_line(&mut self, line: &str) {
        self.expected = match self.expected {
            // Empty lines are allowed before a request.
            Expected::RequestLine if line.is_empty() => Expected::RequestLine,
            Expected::RequestLine => {
                self.targets.extend(line.split(' ').nth(1).map(str::to_owned));
                Expected::Headers(BodyFraming::default())
            }
            Expected::Headers(framing) if line.is_empty() => framing.body(),
            Expected::Headers(framing) => Expected::Headers(framing.with_header(line)),
            Expected::ChunkSize => match chunk_size(line) {
                0 => Expected::Trailers,
                size => Expected::Chunk(size.saturating_add(2)),
            },
            Expected::Trailers if line.is_empty() => Expected::RequestLine,
            unchanged => unchanged,
        };
    }
}

impl BodyFraming {
    fn with_header(self, line: &str) -> Self {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            Self { content_length: value.trim().parse().unwrap_or(0), ..self }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            // hyper refuses a request whose last transfer coding is not chunked.
            Self { chunked: true, ..self }
        } else {
            self
        }
    }

    fn body(self) -> Expected {
        match self {
            Self { chunked: true, .. } => Expected::ChunkSize,
            Self { content_length: 0, .. } => Expected::RequestLine,
            Self { content_length, .. } => Expected::Body(content_length),
        }
    }
}

/// The chunk size before any chunk extensions.
fn chunk_size(line: &str) -> u64 {
    let end = line.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(line.len());
    u64::from_str_radix(&line[..end], 16).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPELINED: &[&str] = &[
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /ab#c HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\n\nPOST /b HTTP/1.1\r\ncontent-LENGTH: \t40 \r\n\r\nGET /in-the-body HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
        "POST /c HTTP/1.1\nContent-Length: 0\nX: GET /header HTTP/1.1\n\n",
        "POST /d?e=/f HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n\
         17;ext=\"GET /x HTTP/1.1\"\r\nGET /chunk HTTP/1.1\r\n\r\n\r\n\
         3 \r\n0\r\n\r\n000\r\nX: y\nGET: /trailer HTTP/1.1\r\nZ: \r\n\r\n",
        "GET http://host/g#\u{e9} HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\n\r\n",
    ];
    const TARGETS: [&str; 7] = ["/a", "/ab#c", "/b", "/c", "/d?e=/f", "http://host/g#\u{e9}", "*"];

    fn targets(mut scanner: TargetScanner) -> Vec<String> {
        std::iter::from_fn(|| scanner.next_target()).collect()
    }

    #[test]
    fn finds_every_target_however_the_bytes_are_split() {
        let bytes = PIPELINED.concat().into_bytes();
        for first in 0..=bytes.len() {
            let mut scanner = TargetScanner::default();
            scanner.receive(&bytes[..first]);
            scanner.receive(&bytes[first..]);
            assert_eq!(targets(scanner), TARGETS, "split at {first}");
        }
        for size in 1..=100 {
            let mut scanner = TargetScanner::default();
            bytes.chunks(size).for_each(|packet| scanner.receive(packet));
            assert_eq!(targets(scanner), TARGETS, "packets of {size}");
        }
    }

    #[test]
    fn provides_a_target_once_its_line_is_complete() {
        let mut scanner = TargetScanner::default();
        scanner.receive(b"GET /a HTTP/1.1\r");
        assert_eq!(scanner.next_target(), None);
        scanner.receive(b"\n");
        assert_eq!(scanner.next_target().as_deref(), Some("/a"));
    }

    #[test]
    fn survives_malformed_input() {
        for bytes in [
            &b"\xff\xff \xff\r\n\xff\r\n\r\n"[..],
            b"\n",
            b"X\n\n",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\nx",
            b"POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nx",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\nx",
        ] {
            let mut scanner = TargetScanner::default();
            bytes.chunks(3).for_each(|packet| scanner.receive(packet));
        }
    }
}
