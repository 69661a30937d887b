//! One HTTP/1.1 request and its response over a connection: an interface of ureq's transports below, httparse for heads,
//! and the rules of RFC 9112 for where a response ends.
//!
//! A response is whole only when its length, its last chunk or, where it has neither, an orderly end of the connection
//! says so. What a connection reports as an error is never an orderly end.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use std::io::{self, Read};

use ureq::Error;
use ureq::http::{Method, Request, Response, StatusCode};
use ureq::unversioned::transport::{NextTimeout, Transport};

mod body;
mod chunked;
mod error;
mod head;
mod request;
#[cfg(test)]
mod tests;

use body::Body;
use error::invalid_state;
pub use error::{InvalidResponse, InvalidState};

/// Longest head of a response, with all interim responses before it.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Most headers of a response.
pub const MAX_HEADERS: usize = 128;

/// Most bytes of a body copied at a time. More than 2 KB are copied by one instruction (`rep movsb`), for which some
/// processors take 16 times as long when the two places are 1 to 15 bytes more apart than whole pages are.
const MAX_PIECE: usize = 2048;

/// One request and its response over a connection.
pub struct Exchange<'c> {
    connection: &'c mut dyn Transport,
    state: State,
    is_reusable: bool,
}

/// What comes next.
enum State {
    /// The head of the response to a request of this method.
    Head(Method),
    Body {
        body: Body,
        /// Whether the connection can be used again after the body.
        allows_reuse: bool,
    },
    Nothing,
}

impl<'c> Exchange<'c> {
    /// Over a connection on which nothing is under way.
    pub fn new(connection: &'c mut dyn Transport) -> Exchange<'c> {
        Exchange { connection, state: State::Nothing, is_reusable: false }
    }

    /// Sends a request. Its headers are sent as they are: they name the host and announce the length of `body`.
    pub fn send(&mut self, request: &Request<()>, body: &[u8]) -> Result<(), Error> {
        request::write(self.connection, request, body)?;
        self.state = State::Head(request.method().clone());
        Ok(())
    }

    /// Reads the head of the response. Interim responses are skipped.
    pub fn head(&mut self) -> Result<Response<()>, Error> {
        let State::Head(method) = &self.state else {
            return Err(invalid_state());
        };
        let head = read_head(self.connection)?;
        let allows_reuse = head::allows_reuse(method, &head);
        match head::body(method, &head)? {
            Some(body) => self.state = State::Body { body, allows_reuse },
            None => self.end(allows_reuse),
        }
        Ok(head)
    }

    /// The length of the response's body, if that is announced.
    pub fn length(&self) -> Option<u64> {
        match self.state {
            State::Body { body: Body::Length(length), .. } => Some(length),
            _ => None,
        }
    }

    /// Whether only the end of the connection ends the response's body.
    pub fn ends_with_connection(&self) -> bool {
        matches!(self.state, State::Body { body: Body::UntilClose, .. })
    }

    /// Whether the response has been read to its end, and another request may follow on the same connection.
    pub fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    fn read_some(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        while let State::Body { body, allows_reuse } = &mut self.state {
            let buffers = self.connection.buffers();
            let (read, written) = body.decode(buffers.input(), out)?;
            buffers.input_consume(read);
            if body.is_ended() {
                let allows_reuse = *allows_reuse;
                self.end(allows_reuse);
                return Ok(written);
            }
            if written > 0 {
                return Ok(written);
            }
            match self.connection.await_input(no_timeout()) {
                Ok(true) => {}
                Ok(false) if body.is_whole() || matches!(body, Body::UntilClose) => self.end(false),
                Err(error) if body.is_whole() && is_disconnect(&error) => self.end(false),
                Ok(false) => return Err(disconnected()),
                Err(error) => return Err(error),
            }
        }
        Ok(0)
    }

    fn end(&mut self, is_reusable: bool) {
        self.state = State::Nothing;
        self.is_reusable = is_reusable;
    }
}

/// The body of the response, as it comes. All errors are [`ureq::Error`] within an [`io::Error`], so that a reader in
/// between, such as a decompressor, cannot mistake them for its own.
impl Read for Exchange<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = out.len().min(MAX_PIECE);
        // Room for nothing must not wait for something.
        if room == 0 { Ok(0) } else { self.read_some(&mut out[..room]).map_err(io::Error::other) }
    }
}

fn read_head(connection: &mut dyn Transport) -> Result<Response<()>, Error> {
    // Of interim responses.
    let mut skipped = 0;
    loop {
        let input = connection.buffers().input();
        let parsed = if input.is_empty() { None } else { head::parse(input)? };
        let length = parsed.as_ref().map_or(input.len(), |(length, _)| *length);
        if skipped + length > MAX_HEADER_BYTES {
            return Err(InvalidResponse::HeadersTooLarge.into());
        }
        match parsed {
            Some((_, head)) if is_interim(head.status()) => {
                connection.buffers().input_consume(length);
                skipped += length;
            }
            Some((_, head)) => {
                connection.buffers().input_consume(length);
                return Ok(head);
            }
            None if connection.await_input(no_timeout())? => {}
            None => return Err(disconnected()),
        }
    }
}

/// Whether another head follows. After 101 there is no more HTTP.
fn is_interim(status: StatusCode) -> bool {
    status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
}

fn is_disconnect(error: &Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error, Error::Io(error) if matches!(error.kind(), UnexpectedEof | ConnectionAborted | ConnectionReset))
}

fn disconnected() -> Error {
    io::Error::from(io::ErrorKind::UnexpectedEof).into()
}

/// Our transports wait as long as the attempt allows, and need not be told.
fn no_timeout() -> NextTimeout {
    NextTimeout::default()
}
