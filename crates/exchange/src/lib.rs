//! One request and its answer over a connection. The rules of HTTP/1.1 are ureq-proto's, which ureq itself stands on.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use std::fmt;
use std::io::{self, Read};
use std::mem;

use ureq::Error;
use ureq::http::{Request, Response};
use ureq::unversioned::transport::{NextTimeout, Transport};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse, SendBody};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

/// Longest head of an answer.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Most bytes of a body copied at a time. More than 2 KB are copied by one instruction (`rep movsb`), for which some
/// processors take 16 times as long when the two places are 1 to 15 bytes more apart than whole pages are.
const MAX_PIECE: usize = 2048;

/// What a request says of its body in its headers is not so, or its steps were taken in another order.
#[derive(Debug)]
pub struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("does not fit the length that its headers tell")
    }
}

impl std::error::Error for Unfit {}

/// One request and its answer over a connection.
///
/// What ureq-proto keeps of a call is large and moves with each step. Here it has one place, and each step that moves it
/// a function of its own, never inlined, so that their stack is the same: else the copies would be most of what a call
/// touches of its thread's stack, and many threads push one another's out of the caches.
pub struct Exchange<'c> {
    connection: &'c mut dyn Transport,
    step: Step,
    is_reusable: bool,
}

/// What comes next.
enum Step {
    Head(Call<RecvResponse>),
    Body(Call<RecvBody>),
    Nothing,
}

impl<'c> Exchange<'c> {
    /// Over a connection on which nothing is under way.
    pub fn over(connection: &'c mut dyn Transport) -> Exchange<'c> {
        Exchange { connection, step: Step::Nothing, is_reusable: false }
    }

    /// Sends a request, whose headers tell the length of `body`.
    #[inline(never)]
    pub fn send(&mut self, request: Request<()>, body: &[u8]) -> Result<(), Error> {
        let mut call = Call::new(request)?;
        if !body.is_empty() {
            // Also with a method for which HTTP gives it no meaning.
            call.force_send_body();
        }
        let mut call = call.proceed();
        while !call.can_proceed() {
            let length = call.write(self.connection.buffers().output())?;
            self.connection.transmit_output(length, unpaced())?;
        }
        self.step = Step::Head(match call.proceed()? {
            Some(SendRequestResult::RecvResponse(call)) => call,
            Some(SendRequestResult::SendBody(call)) => send_body(call, body, self.connection)?,
            // Only for a request that asks whether it may be sent.
            Some(SendRequestResult::Await100(_)) | None => return Err(stuck()),
        });
        Ok(())
    }

    /// Reads the head of the answer.
    pub fn head(&mut self) -> Result<Response<()>, Error> {
        loop {
            let is_more = self.connection.buffers().can_use_input() || self.connection.await_input(unpaced())?;
            if let Some(head) = self.take_head()? {
                self.end_head()?;
                return Ok(head);
            }
            if !is_more {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    /// The head, if all of it has come.
    #[inline(never)]
    fn take_head(&mut self) -> Result<Option<Response<()>>, Error> {
        let Step::Head(call) = &mut self.step else {
            return Err(stuck());
        };
        let buffers = self.connection.buffers();
        // Heads that only announce another one are consumed and no response.
        let (length, head) = call.try_response(buffers.input(), false)?;
        let size = if head.is_some() { length } else { buffers.input().len() };
        if size > MAX_HEADER_BYTES {
            return Err(Error::LargeResponseHeader(size, MAX_HEADER_BYTES));
        }
        buffers.input_consume(length);
        Ok(head)
    }

    #[inline(never)]
    fn end_head(&mut self) -> Result<(), Error> {
        let Step::Head(call) = mem::replace(&mut self.step, Step::Nothing) else {
            return Err(stuck());
        };
        match call.proceed().ok_or_else(stuck)? {
            RecvResponseResult::RecvBody(call) => self.step = Step::Body(call),
            RecvResponseResult::Redirect(call) => self.is_reusable = !call.must_close_connection(),
            RecvResponseResult::Cleanup(call) => self.is_reusable = !call.must_close_connection(),
        }
        Ok(())
    }

    /// The length of the answer's body, if that is told in advance.
    pub fn length(&self) -> Option<u64> {
        match &self.step {
            Step::Body(call) => match call.body_mode() {
                BodyMode::LengthDelimited(length) => Some(length),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the answer has been read to its end, and another request may follow on the same connection.
    pub fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    fn read_some(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        while let Step::Body(call) = &mut self.step {
            // Without a length and without chunks, only the other side's end is the end.
            if call.can_proceed() && call.body_mode() != BodyMode::CloseDelimited {
                self.end_body()?;
                break;
            }
            let is_more = self.connection.buffers().can_use_input()
                || match self.connection.await_input(unpaced()) {
                    Ok(is_more) => is_more,
                    Err(Error::Io(error)) if is_end(&error) => false,
                    Err(error) => return Err(error),
                };
            let buffers = self.connection.buffers();
            let (length, written) = call.read(buffers.input(), out)?;
            buffers.input_consume(length);
            if written > 0 {
                return Ok(written);
            }
            if !is_more {
                self.end_body()?;
            }
        }
        Ok(0)
    }

    #[inline(never)]
    fn end_body(&mut self) -> Result<(), Error> {
        let Step::Body(call) = mem::replace(&mut self.step, Step::Nothing) else {
            return Ok(());
        };
        // Some servers leave after the last chunk, before the empty line that ends it: nothing is missing.
        if !call.can_proceed() && !call.is_ended_chunked() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.is_reusable = match call.proceed() {
            Some(RecvBodyResult::Redirect(call)) => !call.must_close_connection(),
            Some(RecvBodyResult::Cleanup(call)) => !call.must_close_connection(),
            None => false,
        };
        Ok(())
    }
}

/// The body of the answer, as it comes.
impl Read for Exchange<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = out.len().min(MAX_PIECE);
        // Room for nothing must not wait for something.
        if room == 0 { Ok(0) } else { self.read_some(&mut out[..room]).map_err(Error::into_io) }
    }
}

fn send_body(
    mut call: Call<SendBody>,
    mut body: &[u8],
    connection: &mut dyn Transport,
) -> Result<Call<RecvResponse>, Error> {
    while !call.can_proceed() {
        let output = connection.buffers().output();
        let (piece, rest) = body.split_at(body.len().min(output.len()));
        if piece.is_empty() {
            return Err(stuck());
        }
        output[..piece.len()].copy_from_slice(piece);
        call.consume_direct_write(piece.len())?;
        connection.transmit_output(piece.len(), unpaced())?;
        body = rest;
    }
    call.proceed().ok_or_else(stuck)
}

/// Whether the other side left, in one way or another. What is missing then is for the body's own rules to find.
fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Our transports wait as long as the attempt allows, and need not be told.
fn unpaced() -> NextTimeout {
    NextTimeout::default()
}

fn stuck() -> Error {
    Error::Other(Box::new(Unfit))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use ureq::unversioned::transport::{Buffers, LazyBuffers};

    use super::*;

    /// Answers what it was told to, piece by piece, and then ends.
    #[derive(Debug)]
    struct Script {
        buffers: LazyBuffers,
        pieces: VecDeque<Vec<u8>>,
        awaited: usize,
    }

    impl Script {
        fn new<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Script {
            let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).map(<[u8]>::to_vec).collect();
            Script { buffers: LazyBuffers::new(4096, 4096), pieces, awaited: 0 }
        }

        /// The answer to a request, its body unread.
        fn answer(&mut self) -> Option<(Response<()>, Exchange<'_>)> {
            let mut request = Request::new(());
            *request.uri_mut() = "/x".parse().unwrap();
            let mut exchange = Exchange::over(self);
            exchange.send(request, &[]).ok()?;
            Some((exchange.head().ok()?, exchange))
        }
    }

    impl Transport for Script {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            self.awaited += 1;
            assert!(self.awaited < 1000, "waits without getting on");
            let Some(piece) = self.pieces.pop_front() else {
                return Ok(false);
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
    fn told<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Option<(u16, Vec<u8>, bool)> {
        let mut script = Script::new(pieces);
        let (head, mut exchange) = script.answer()?;
        let mut bytes = Vec::new();
        exchange.read_to_end(&mut bytes).ok()?;
        Some((head.status().as_u16(), bytes, exchange.is_reusable()))
    }

    /// Answers, and whether their end is told.
    const ANSWERS: [(&[u8], bool); 7] = [
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
        for (answer, reusable) in ANSWERS {
            let expected = Some((200, b"hello".to_vec(), reusable));
            assert_eq!(told(answer.chunks(1)), expected, "{}", answer.escape_ascii());
            for cut in 0..=answer.len() {
                let (first, second) = answer.split_at(cut);
                assert_eq!(told([first, second]), expected, "{} | {}", first.escape_ascii(), second.escape_ascii());
            }
        }
    }

    #[test]
    fn an_answer_that_is_cut_short_is_none() {
        for (answer, _) in &ANSWERS[..6] {
            for end in 0..answer.len() {
                let answer = &answer[..end];
                match told([answer]) {
                    None => {}
                    // Only what ends the last chunk is missing.
                    Some(told) => {
                        assert!(answer.windows(3).any(|bytes| bytes == b"0\r\n"), "{}", answer.escape_ascii());
                        assert_eq!(told, (200, b"hello".to_vec(), false), "{}", answer.escape_ascii());
                    }
                }
            }
        }
    }

    #[test]
    fn a_request_says_of_its_body_what_is_so() {
        let is_unfit = |result: Result<(), Error>| matches!(result, Err(Error::Other(error)) if error.is::<Unfit>());
        for (told, body, fits) in [("3", "abc", true), ("5", "abc", false)] {
            let mut script = Script::new([]);
            let mut exchange = Exchange::over(&mut script);
            assert!(is_unfit(exchange.head().map(|_| ())), "no request was sent");
            let request = Request::post("/x").header("Content-Length", told).body(()).unwrap();
            let sent = exchange.send(request, body.as_bytes());
            assert_eq!(sent.is_ok(), fits);
            assert_eq!(is_unfit(sent), !fits);
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
            let mut answer = ANSWERS[next(ANSWERS.len())].0.to_vec();
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
            assert_eq!(told([first, second]), told([&answer[..]]), "{} at {cut}", answer.escape_ascii());
        }
    }
}
