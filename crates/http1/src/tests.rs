//! Exchanges over a scripted connection.

use std::collections::VecDeque;

use ureq::unversioned::transport::{Buffers, LazyBuffers};

use super::*;

/// Sends prepared bytes, piece by piece, and then ends.
#[derive(Debug)]
struct Script {
    buffers: LazyBuffers,
    pieces: VecDeque<Vec<u8>>,
    awaited: usize,
    sent: Vec<u8>,
    /// How the connection ends.
    end: Option<io::ErrorKind>,
}

impl Script {
    fn new<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Script {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).map(<[u8]>::to_vec).collect();
        Script { buffers: LazyBuffers::new(4096, 4096), pieces, awaited: 0, sent: Vec::new(), end: None }
    }

    /// The answer to a request, its body unread.
    fn answer(&mut self) -> Option<(Response<()>, Exchange<'_>)> {
        let mut request = Request::new(());
        *request.uri_mut() = "/x".parse().unwrap();
        let mut exchange = Exchange::new(self);
        exchange.send(&request, &[]).ok()?;
        Some((exchange.head().ok()?, exchange))
    }
}

impl Transport for Script {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.sent.extend_from_slice(&self.buffers.output()[..amount]);
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.awaited += 1;
        assert!(self.awaited < 10_000, "waits without getting on");
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

/// Status, body, and whether the connection can be kept.
fn outcome<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Option<(u16, Vec<u8>, bool)> {
    let mut script = Script::new(pieces);
    let (head, mut exchange) = script.answer()?;
    let mut bytes = Vec::new();
    exchange.read_to_end(&mut bytes).ok()?;
    Some((head.status().as_u16(), bytes, exchange.is_reusable()))
}

/// Responses with the body "hello", and whether the connection can be kept.
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
fn how_an_answer_is_cut_into_pieces_does_not_matter() {
    for (answer, reusable) in RESPONSES {
        let expected = Some((200, b"hello".to_vec(), reusable));
        assert_eq!(outcome(answer.chunks(1)), expected, "{}", answer.escape_ascii());
        for cut in 0..=answer.len() {
            let (first, second) = answer.split_at(cut);
            assert_eq!(outcome([first, second]), expected, "{} | {}", first.escape_ascii(), second.escape_ascii());
        }
    }
}

#[test]
fn an_answer_that_is_cut_short_is_none() {
    for (answer, _) in &RESPONSES[..6] {
        for end in 0..answer.len() {
            let answer = &answer[..end];
            match outcome([answer]) {
                None => {}
                // Only what ends the last chunk is missing.
                Some(outcome) => {
                    assert!(answer.windows(3).any(|bytes| bytes == b"0\r\n"), "{}", answer.escape_ascii());
                    assert_eq!(outcome, (200, b"hello".to_vec(), false), "{}", answer.escape_ascii());
                }
            }
        }
    }
}

#[test]
fn a_request_says_of_its_body_what_is_so() {
    let is_invalid =
        |result: Result<(), Error>| matches!(result, Err(Error::Other(error)) if error.is::<InvalidState>());
    for (announced, body, fits) in [("3", "abc", true), ("5", "abc", false)] {
        let mut script = Script::new([]);
        let mut exchange = Exchange::new(&mut script);
        assert!(is_invalid(exchange.head().map(|_| ())), "no request was sent");
        let request = Request::post("/x").header("Content-Length", announced).body(()).unwrap();
        let sent = exchange.send(&request, body.as_bytes());
        assert_eq!(sent.is_ok(), fits);
        assert_eq!(is_invalid(sent), !fits);
    }
}

#[test]
fn a_large_body_is_copied_in_small_pieces() {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n{}", "x".repeat(3000));
    let mut script = Script::new([answer.as_bytes()]);
    let (_, mut body) = script.answer().unwrap();
    let mut out = [0; 4096];
    assert_eq!(body.read(&mut out).unwrap(), MAX_PIECE);
    assert_eq!(body.read(&mut out).unwrap(), 3000 - MAX_PIECE);
    assert_eq!(body.read(&mut out).unwrap(), 0);
}

#[test]
fn whatever_a_server_sends_there_is_an_end_to_it() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let bytes = b"\r\n:;0159afHT/1. \0\xff";
    for _ in 0..20_000 {
        let mut answer = RESPONSES[next(RESPONSES.len())].0.to_vec();
        for _ in 0..=next(4) {
            let at = next(answer.len());
            match next(3) {
                0 => answer[at] = bytes[next(bytes.len())],
                1 => answer.insert(at, bytes[next(bytes.len())]),
                _ => drop(answer.remove(at)),
            }
        }
        let cut = next(answer.len());
        let (first, second) = answer.split_at(cut);
        // Neither a panic nor a wait without an end, and the same however it is cut.
        assert_eq!(outcome([first, second]), outcome([&answer[..]]), "{} at {cut}", answer.escape_ascii());
    }
}

/// What a whole response, with the orderly end of its connection behind it, comes to.
fn verdict(response: &[u8]) -> Result<(Vec<u8>, bool), InvalidResponse> {
    let mut script = Script::new([response]);
    let mut exchange = Exchange::new(&mut script);
    exchange.send(&Request::new(()), &[]).unwrap();
    let mut bytes = Vec::new();
    let read = exchange.head().and_then(|_| exchange.read_to_end(&mut bytes).map_err(Error::from));
    match read {
        Ok(_) => Ok((bytes, exchange.is_reusable())),
        Err(Error::Other(error)) => Err(*error.downcast().unwrap()),
        Err(error) => panic!("{error:?}: {}", response.escape_ascii()),
    }
}

fn kept(body: &str) -> Result<(Vec<u8>, bool), InvalidResponse> {
    Ok((body.as_bytes().to_vec(), true))
}

fn closed(body: &str) -> Result<(Vec<u8>, bool), InvalidResponse> {
    Ok((body.as_bytes().to_vec(), false))
}

#[test]
fn chunk_framing_is_strict() {
    use InvalidResponse::{Chunk, ChunkExtension, Trailer};
    for (body, expected) in [
        ("5\r\nhello\r\n0\r\n\r\n", kept("hello")),
        ("00005\r\nhello\r\n000\r\n\r\n", kept("hello")),
        ("5  \r\nhello\r\n0\t\r\n\r\n", kept("hello")),
        ("5;a=\"b\u{e9}\";c\r\nhello\r\n0;d\r\n\r\n", kept("hello")),
        ("5 ; a = b\r\nhello\r\n0\r\n\r\n", kept("hello")),
        ("5\r\nhello\r\n0\r\nX: y\r\nZ:\r\n\r\n", kept("hello")),
        ("A\r\nhellohello\r\na\r\nhellohello\r\n0\r\n\r\n", kept("hellohellohellohello")),
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
        assert_eq!(verdict(response.as_bytes()), expected, "{body:?}");
    }
}

#[test]
fn headers_decide_where_a_body_ends_and_whether_the_connection_is_kept() {
    use InvalidResponse::{ContentLength, Head, TransferEncoding};
    const CHUNKS: &str = "5\r\nhello\r\n0\r\n\r\n";
    for (head, body, expected) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", CHUNKS, closed("hello")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED", CHUNKS, kept("hello")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked", CHUNKS, kept("hello")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5", "hello", Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding:", "hello", Err(TransferEncoding)),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", CHUNKS, Err(TransferEncoding)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 05\r\nContent-Length: 5", "hello", kept("hello")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: +5", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: ", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5,", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616", "hello", Err(ContentLength)),
        ("HTTP/1.1 200 OK", "hello", closed("hello")),
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive", "hello", closed("hello")),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive, x", "hello", kept("hello")),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\nConnection: close",
            "hello",
            closed("hello"),
        ),
        ("HTTP/1.1 204 No Content", "", kept("")),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 0", "", kept("")),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5", "hello", closed("")),
        ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked", CHUNKS, closed("")),
        ("HTTP/1.1 204 No Content\r\nTransfer-Encoding: x\r\nContent-Length: y", "", closed("")),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x", "hello", closed("")),
        ("HTTP/1.1 099 Low", "hello", Err(Head)),
        ("HTTP/2.0 200 OK\r\nContent-Length: 5", "hello", Err(Head)),
        ("HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 5", "hello", Err(Head)),
        ("HTTP/1.1 200 OK\r\nX y\r\nContent-Length: 5", "hello", Err(Head)),
        ("HTTP/1.1 200 OK\r\nContent-Length : 5", "hello", Err(Head)),
    ] {
        let response = format!("{head}\r\n\r\n{body}");
        assert_eq!(verdict(response.as_bytes()), expected, "{head:?}");
    }
}

#[test]
fn folded_lines_become_spaces() {
    let mut script = Script::new([&b"HTTP/1.1 200 OK\r\nX: a\r\n b \r\n\t c\r\nY:\r\n\r\n"[..]]);
    let (head, _) = script.answer().unwrap();
    assert_eq!(head.headers()["x"], "a b c");
    assert_eq!(head.headers()["y"], "");
}

#[test]
fn interim_responses_are_skipped_up_to_a_limit() {
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let interim = "HTTP/1.1 100 Continue\r\nDate: now\r\nContent-Length: 3\r\n\r\n";
    for count in [1, 100, MAX_HEADER_BYTES / interim.len()] {
        let response = interim.repeat(count) + last;
        let expected = if count <= 100 { kept("hello") } else { Err(InvalidResponse::HeadersTooLarge) };
        assert_eq!(verdict(response.as_bytes()), expected, "{count}");
    }
}

#[test]
fn headers_and_framing_have_limits() {
    let headers = |count| format!("HTTP/1.1 200 OK\r\n{}\r\nhello", "X: y\r\n".repeat(count));
    assert_eq!(verdict(headers(MAX_HEADERS).as_bytes()), closed("hello"));
    assert_eq!(verdict(headers(MAX_HEADERS + 1).as_bytes()), Err(InvalidResponse::TooManyHeaders));

    let chunks = |extension: usize, trailer: usize| {
        let chunk = format!("5;{}\r\nhello\r\n", "x".repeat(extension));
        let (head, trailer) = ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "y".repeat(trailer));
        format!("{head}{chunk}{chunk}0\r\nX: {trailer}\r\n\r\n")
    };
    let (fits, exceeds) = (MAX_HEADER_BYTES - 64, MAX_HEADER_BYTES);
    assert_eq!(verdict(chunks(fits, fits).as_bytes()), kept("hellohello"));
    for (extension, trailer) in [(exceeds, 0), (0, exceeds)] {
        let response = chunks(extension, trailer);
        assert_eq!(verdict(response.as_bytes()), Err(InvalidResponse::ChunkFramingTooLarge));
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
    let mut script = Script::new([]);
    Exchange::new(&mut script).send(&request.body(()).unwrap(), body.as_bytes()).unwrap();
    let expected = format!("POST /{long} HTTP/1.1\r\ncontent-length: 9000\r\nx-long: {long}\r\n\r\n{body}");
    assert!(script.sent == expected.as_bytes(), "{}", script.sent.escape_ascii());
}

/// FIN and `close_notify` are an orderly end; connections report all else as an error.
#[test]
fn only_an_orderly_end_of_the_connection_is_the_end_of_a_body() {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
    const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n";
    for end in [ConnectionReset, ConnectionAborted, UnexpectedEof, TimedOut] {
        let outcome = |response: &str| {
            let mut script = Script::new([response.as_bytes()]);
            script.end = Some(end);
            let (_, mut exchange) = script.answer().unwrap();
            let mut bytes = Vec::new();
            exchange.read_to_end(&mut bytes).ok().map(|_| (bytes, exchange.is_reusable()))
        };
        assert_eq!(outcome("HTTP/1.1 200 OK\r\n\r\nhello"), None, "{end:?}");
        assert_eq!(outcome("HTTP/1.1 200 OK\r\n\r\n"), None, "{end:?}");
        assert_eq!(outcome("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"), None, "{end:?}");
        assert_eq!(outcome("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), Some((b"hello".to_vec(), true)));
        // The last chunk says that the body is whole, unless it is the wait that ended.
        let whole = (end != TimedOut).then(|| (b"hello".to_vec(), false));
        assert_eq!(outcome(CHUNKED), whole, "{end:?}");
        assert_eq!(outcome(&CHUNKED[..CHUNKED.len() - 1]), None, "{end:?}");
    }
}
