//! Tests of exchanges over a scripted connection.

use std::collections::VecDeque;

use ureq::unversioned::transport::{Buffers, LazyBuffers};

use super::*;

/// A connection that receives prepared pieces and then ends.
#[derive(Debug)]
struct ScriptedConnection {
    buffers: LazyBuffers,
    pieces: VecDeque<Vec<u8>>,
    wait_count: usize,
    sent: Vec<u8>,
    /// The error with which the connection ends; None for an orderly end.
    end: Option<io::ErrorKind>,
}

impl ScriptedConnection {
    fn new<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> ScriptedConnection {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).map(<[u8]>::to_vec).collect();
        ScriptedConnection { buffers: LazyBuffers::new(4096, 4096), pieces, wait_count: 0, sent: Vec::new(), end: None }
    }

    /// Sends a request and reads the head of the response.
    fn read_head(&mut self) -> Option<(Response<()>, Exchange<'_>)> {
        let mut request = Request::new(());
        *request.uri_mut() = "/x".parse().unwrap();
        let mut exchange = Exchange::new(self);
        exchange.send(&request, &[]).ok()?;
        Some((exchange.read_head().ok()?, exchange))
    }
}

impl Transport for ScriptedConnection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.sent.extend_from_slice(&self.buffers.output()[..amount]);
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.wait_count += 1;
        assert!(self.wait_count < 10_000, "waits without progress");
        let Some(piece) = self.pieces.pop_front() else {
            return self.end.map_or(Ok(false), |kind| Err(io::Error::from(kind).into()));
        };
        let room = self.buffers.input_append_buf();
        let count = piece.len().min(room.len());
        room[..count].copy_from_slice(&piece[..count]);
        self.buffers.input_appended(count);
        if count < piece.len() {
            self.pieces.push_front(piece[count..].to_vec());
        }
        Ok(count > 0)
    }

    fn is_open(&mut self) -> bool {
        true
    }
}

/// Status and body of the response, and whether the connection can be reused. None after an error.
fn read_response<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Option<(u16, Vec<u8>, bool)> {
    let mut connection = ScriptedConnection::new(pieces);
    let (head, mut exchange) = connection.read_head()?;
    let mut bytes = Vec::new();
    exchange.read_to_end(&mut bytes).ok()?;
    Some((head.status().as_u16(), bytes, exchange.is_reusable()))
}

/// Responses with the body "hello", and whether the connection can be reused.
const RESPONSES: [(&[u8], bool); 7] = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", true),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n05\r\nhello\r\n0\r\nX: y\r\n\r\n", true),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true),
    (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", true),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", false),
    (b"HTTP/1.0 200 OK\r\n\r\nhello", false),
];

#[test]
fn the_size_of_the_pieces_does_not_matter() {
    for (response, reusable) in RESPONSES {
        let expected = Some((200, b"hello".to_vec(), reusable));
        assert_eq!(read_response(response.chunks(1)), expected, "{}", response.escape_ascii());
        for cut in 0..=response.len() {
            let (first, second) = response.split_at(cut);
            assert_eq!(
                read_response([first, second]),
                expected,
                "{} | {}",
                first.escape_ascii(),
                second.escape_ascii()
            );
        }
    }
}

#[test]
fn an_incomplete_response_is_an_error() {
    for (response, _) in &RESPONSES[..6] {
        for end in 0..response.len() {
            let response = &response[..end];
            match read_response([response]) {
                None => {}
                // Only the end of the trailers is missing.
                Some(result) => {
                    assert!(response.windows(3).any(|bytes| bytes == b"0\r\n"), "{}", response.escape_ascii());
                    assert_eq!(result, (200, b"hello".to_vec(), false), "{}", response.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn a_wrong_content_length_and_a_wrong_order_of_calls_are_errors() {
    let is_invalid_state =
        |result: Result<(), Error>| matches!(result, Err(Error::Other(error)) if error.is::<InvalidState>());
    for (content_length, body, is_valid) in [("3", "abc", true), ("5", "abc", false)] {
        let mut connection = ScriptedConnection::new([]);
        let mut exchange = Exchange::new(&mut connection);
        assert!(is_invalid_state(exchange.read_head().map(|_| ())), "no request was sent");
        let request = Request::post("/x").header("Content-Length", content_length).body(()).unwrap();
        let sent = exchange.send(&request, body.as_bytes());
        assert_eq!(sent.is_ok(), is_valid);
        assert_eq!(is_invalid_state(sent), !is_valid);
    }
}

#[test]
fn a_read_returns_a_limited_number_of_bytes() {
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n{}", "x".repeat(3000));
    let mut connection = ScriptedConnection::new([response.as_bytes()]);
    let (_, mut body) = connection.read_head().unwrap();
    let mut out = [0; 4096];
    assert_eq!(body.read(&mut out).unwrap(), MAX_READ);
    assert_eq!(body.read(&mut out).unwrap(), 3000 - MAX_READ);
    assert_eq!(body.read(&mut out).unwrap(), 0);
}

#[test]
fn malformed_responses_never_cause_a_panic_or_an_endless_wait() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let bytes = b"\r\n:;0159afHT/1. \0\xff";
    for _ in 0..20_000 {
        let mut response = RESPONSES[next(RESPONSES.len())].0.to_vec();
        for _ in 0..=next(4) {
            let at = next(response.len());
            match next(3) {
                0 => response[at] = bytes[next(bytes.len())],
                1 => response.insert(at, bytes[next(bytes.len())]),
                _ => drop(response.remove(at)),
            }
        }
        let cut = next(response.len());
        let (first, second) = response.split_at(cut);
        // The pieces do not change the result.
        assert_eq!(
            read_response([first, second]),
            read_response([&response[..]]),
            "{} at {cut}",
            response.escape_ascii()
        );
    }
}

/// Body of a response after which the connection ends in order, and whether the connection can be reused.
fn parse(response: &[u8]) -> Result<(Vec<u8>, bool), InvalidResponse> {
    let mut connection = ScriptedConnection::new([response]);
    let mut exchange = Exchange::new(&mut connection);
    exchange.send(&Request::new(()), &[]).unwrap();
    let mut bytes = Vec::new();
    let read = exchange.read_head().and_then(|_| exchange.read_to_end(&mut bytes).map_err(Error::from));
    match read {
        Ok(_) => Ok((bytes, exchange.is_reusable())),
        Err(Error::Other(error)) => Err(*error.downcast().unwrap()),
        Err(error) => panic!("{error:?}: {}", response.escape_ascii()),
    }
}

fn reusable(body: &str) -> Result<(Vec<u8>, bool), InvalidResponse> {
    Ok((body.as_bytes().to_vec(), true))
}

fn not_reusable(body: &str) -> Result<(Vec<u8>, bool), InvalidResponse> {
    Ok((body.as_bytes().to_vec(), false))
}

#[test]
fn chunk_framing_is_strict() {
    use InvalidResponse::{Chunk, ChunkExtension, Trailer};
    for (body, expected) in [
        ("5\r\nhello\r\n0\r\n\r\n", reusable("hello")),
        ("00005\r\nhello\r\n000\r\n\r\n", reusable("hello")),
        ("5  \r\nhello\r\n0\t\r\n\r\n", reusable("hello")),
        ("5;a=\"b\u{e9}\";c\r\nhello\r\n0;d\r\n\r\n", reusable("hello")),
        ("5 ; a = b\r\nhello\r\n0\r\n\r\n", reusable("hello")),
        ("5\r\nhello\r\n0\r\nX: y\r\nZ:\r\n\r\n", reusable("hello")),
        ("A\r\nhellohello\r\na\r\nhellohello\r\n0\r\n\r\n", reusable("hellohellohellohello")),
        ("+5\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("-5\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        (" 5\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("0x5\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("5 5\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        (";x\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("5\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("5\rhello\r\n0\r\n\r\n", Err(Chunk)),
        ("5\r\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("5\r\nhelloo\r\n0\r\n\r\n", Err(Chunk)),
        ("5\r\nhello\n0\r\n\r\n", Err(Chunk)),
        ("5\r\nhello0\r\n\r\n", Err(Chunk)),
        ("10000000000000005\r\nhello\r\n0\r\n\r\n", Err(Chunk)),
        ("5;a\nb\r\nhello\r\n0\r\n\r\n", Err(ChunkExtension)),
        ("5;a\0b\r\nhello\r\n0\r\n\r\n", Err(ChunkExtension)),
        ("5\r\nhello\r\n0;a\n\r\n\r\n", Err(ChunkExtension)),
        ("5\r\nhello\r\n0\r\nno colon\r\n\r\n", Err(Trailer)),
        ("5\r\nhello\r\n0\r\nno-colon\r\n\r\n", Err(Trailer)),
        ("5\r\nhello\r\n0\r\n: no name\r\n\r\n", Err(Trailer)),
        ("5\r\nhello\r\n0\r\nX : y\r\n\r\n", Err(Trailer)),
        ("5\r\nhello\r\n0\r\n X: y\r\n\r\n", Err(Trailer)),
        ("5\r\nhello\r\n0\r\nX: y\nZ: y\r\n\r\n", Err(Trailer)),
        ("5\r\nhello\r\n0\r\n\rX", Err(Trailer)),
        ("5\r\nhello\r\n0\r\n\n", Err(Trailer)),
    ] {
        let response = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(parse(response.as_bytes()), expected, "{body:?}");
    }
}

#[test]
fn headers_decide_where_a_body_ends_and_whether_the_connection_is_reusable() {
    use InvalidResponse::{ContentLength, Head, TransferEncoding};
    const CHUNKS: &str = "5\r\nhello\r\n0\r\n\r\n";
    for (head, body, expected) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", CHUNKS, not_reusable("hello")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED", CHUNKS, reusable("hello")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked", CHUNKS, reusable("hello")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5", "hello", Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding:", "hello", Err(TransferEncoding)),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 05\r\nContent-Length: 5", "hello", reusable("hello")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: +5", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: ", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5,", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK", "hello", not_reusable("hello")),
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive", "hello", not_reusable("hello")),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive, x", "hello", reusable("hello")),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\nConnection: close",
            "hello",
            not_reusable("hello"),
        ),
        ("HTTP/1.1 204 No Content", "", reusable("")),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 0", "", reusable("")),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5", "hello", not_reusable("")),
        ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked", CHUNKS, not_reusable("")),
        ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: x\r\nContent-Length: y", "", not_reusable("")),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x", "hello", not_reusable("")),
        ("HTTP/1.1 099 Low", "hello", Err(Head)),
        ("HTTP/2.0 200 OK\r\nContent-Length: 5", "hello", Err(Head)),
        ("HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 5", "hello", Err(Head)),
        ("HTTP/1.1 200 OK\r\nX y\r\nContent-Length: 5", "hello", Err(Head)),
        ("HTTP/1.1 200 OK\r\nContent-Length : 5", "hello", Err(Head)),
    ] {
        let response = format!("{head}\r\n\r\n{body}");
        assert_eq!(parse(response.as_bytes()), expected, "{head:?}");
    }
}

#[test]
fn line_breaks_in_headers_become_spaces() {
    let mut connection = ScriptedConnection::new([&b"HTTP/1.1 200 OK\r\nX: a\r\n b \r\n\t c\r\nY:\r\n\r\n"[..]]);
    let (head, _) = connection.read_head().unwrap();
    assert_eq!(head.headers()["x"], "a b c");
    assert_eq!(head.headers()["y"], "");
}

#[test]
fn interim_responses_are_skipped_up_to_a_limit() {
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let interim = "HTTP/1.1 100 Continue\r\nDate: now\r\nContent-Length: 3\r\n\r\n";
    for count in [1, 100, MAX_HEADER_BYTES / interim.len()] {
        let response = interim.repeat(count) + last;
        let expected = if count <= 100 { reusable("hello") } else { Err(InvalidResponse::HeadersTooLarge) };
        assert_eq!(parse(response.as_bytes()), expected, "{count}");
    }
}

#[test]
fn headers_and_framing_have_limits() {
    let headers = |count| format!("HTTP/1.1 200 OK\r\n{}\r\nhello", "X: y\r\n".repeat(count));
    assert_eq!(parse(headers(MAX_HEADERS).as_bytes()), not_reusable("hello"));
    assert_eq!(parse(headers(MAX_HEADERS + 1).as_bytes()), Err(InvalidResponse::TooManyHeaders));

    let chunks = |extension: usize, trailer: usize| {
        let chunk = format!("5;{}\r\nhello\r\n", "x".repeat(extension));
        let (head, trailer) = ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "y".repeat(trailer));
        format!("{head}{chunk}{chunk}0\r\nX: {trailer}\r\n\r\n")
    };
    let (fits, exceeds) = (MAX_HEADER_BYTES - 64, MAX_HEADER_BYTES);
    assert_eq!(parse(chunks(fits, fits).as_bytes()), reusable("hellohello"));
    for (extension, trailer) in [(exceeds, 0), (0, exceeds)] {
        let response = chunks(extension, trailer);
        assert_eq!(parse(response.as_bytes()), Err(InvalidResponse::ChunkFramingTooLarge));
    }
    for invalid in [InvalidResponse::HeadersTooLarge, InvalidResponse::ChunkFramingTooLarge] {
        assert!(invalid.to_string().contains(&format!("{} KiB", MAX_HEADER_BYTES / 1024)), "{invalid}");
    }
    assert!(InvalidResponse::TooManyHeaders.to_string().contains(&MAX_HEADERS.to_string()));
}

#[test]
fn a_request_larger_than_the_buffer_is_sent_in_parts() {
    let long = "x".repeat(5000);
    let request = Request::post(format!("/{long}")).header("Content-Length", "9000").header("X-Long", &long);
    let body = "y".repeat(9000);
    let mut connection = ScriptedConnection::new([]);
    Exchange::new(&mut connection).send(&request.body(()).unwrap(), body.as_bytes()).unwrap();
    let expected = format!("POST /{long} HTTP/1.1\r\ncontent-length: 9000\r\nx-long: {long}\r\n\r\n{body}");
    assert!(connection.sent == expected.as_bytes(), "{}", connection.sent.escape_ascii());
}

/// FIN and `close_notify` are an orderly end. Connections report everything else as an error.
#[test]
fn only_an_orderly_end_of_the_connection_ends_a_body() {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n";
    for end in [ConnectionReset, ConnectionAborted, UnexpectedEof, TimedOut] {
        let read = |response: &str| {
            let mut connection = ScriptedConnection::new([response.as_bytes()]);
            connection.end = Some(end);
            let (_, mut exchange) = connection.read_head().unwrap();
            let mut bytes = Vec::new();
            exchange.read_to_end(&mut bytes).ok().map(|_| (bytes, exchange.is_reusable()))
        };
        assert_eq!(read("HTTP/1.1 200 OK\r\n\r\nhello"), None, "{end:?}");
        assert_eq!(read("HTTP/1.1 200 OK\r\n\r\n"), None, "{end:?}");
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"), None, "{end:?}");
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), Some((b"hello".to_vec(), true)));
        // After the last chunk, the body is complete. A timeout is still an error.
        let complete = (end != TimedOut).then(|| (b"hello".to_vec(), false));
        assert_eq!(read(CHUNKED), complete, "{end:?}");
        assert_eq!(read(&CHUNKED[..CHUNKED.len() - 1]), None, "{end:?}");
    }
}
