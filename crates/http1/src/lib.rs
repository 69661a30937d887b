//! Sends one HTTP/1.1 request and reads its response over a connection, by the rules of RFC 9112. The connection is a
//! transport of ureq, and httparse parses the head.
//!
//! A response is complete if its length or its last chunk says so. A response with neither is complete if the connection
//! is closed in an orderly way. An error of the connection is never an orderly close.

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

/// Maximum size of the head of a response, including all interim responses before it.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Maximum number of headers of a response.
pub const MAX_HEADERS: usize = 128;

/// Maximum number of body bytes in one read. More than 2 KB would be copied with one instruction (`rep movsb`). On some
/// processors it is 16 times as slow if the distance of source and destination is 1 to 15 bytes more than a multiple of
/// the page size.
const MAX_READ: usize = 2048;

/// One request and its response over a connection.
pub struct Exchange<'c> {
    connection: &'c mut dyn Transport,
    state: State,
    is_reusable: bool,
}

/// What to read next.
enum State {
    /// The head of the response to a request with this method.
    Head(Method),
    Body {
        body: Body,
        /// Whether the connection can be reused after the body.
        allows_reuse: bool,
    },
    /// No request was sent, or the response was read to its end.
    Idle,
}

impl<'c> Exchange<'c> {
    /// Creates an exchange over an idle connection.
    pub fn new(connection: &'c mut dyn Transport) -> Exchange<'c> {
        Exchange { connection, state: State::Idle, is_reusable: false }
    }

    /// Sends a request. Its headers are sent unchanged: they must contain `Host`, and `Content-Length` if there is a body.
    pub fn send(&mut self, request: &Request<()>, body: &[u8]) -> Result<(), Error> {
        request::write(self.connection, request, body)?;
        self.state = State::Head(request.method().clone());
        Ok(())
    }

    /// Reads the head of the response. Skips interim responses.
    pub fn read_head(&mut self) -> Result<Response<()>, Error> {
        let State::Head(method) = &self.state else {
            return Err(invalid_state());
        };
        let head = read_final_head(self.connection)?;
        let allows_reuse = head::allows_reuse(method, &head);
        match head::body(method, &head)? {
            Some(body) => self.state = State::Body { body, allows_reuse },
            None => self.finish(allows_reuse),
        }
        Ok(head)
    }

    /// The length of the response's body, if the head announces it.
    pub fn content_length(&self) -> Option<u64> {
        match self.state {
            State::Body { body: Body::Length(length), .. } => Some(length),
            _ => None,
        }
    }

    /// Whether the response's body ends with the connection.
    pub fn is_close_delimited(&self) -> bool {
        matches!(self.state, State::Body { body: Body::CloseDelimited, .. })
    }

    /// Whether the response was read to its end and the connection can be used for another request.
    pub fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    fn read_body(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        while let State::Body { body, allows_reuse } = &mut self.state {
            let buffers = self.connection.buffers();
            let (consumed, written) = body.decode(buffers.input(), out)?;
            buffers.input_consume(consumed);
            if body.is_finished() {
                let allows_reuse = *allows_reuse;
                self.finish(allows_reuse);
                return Ok(written);
            }
            if written > 0 {
                return Ok(written);
            }
            match self.connection.await_input(no_timeout()) {
                Ok(true) => {}
                Ok(false) if body.is_content_complete() || matches!(body, Body::CloseDelimited) => self.finish(false),
                Err(error) if body.is_content_complete() && is_disconnected(&error) => self.finish(false),
                Ok(false) => return Err(unexpected_eof()),
                Err(error) => return Err(error),
            }
        }
        Ok(0)
    }

    fn finish(&mut self, is_reusable: bool) {
        self.state = State::Idle;
        self.is_reusable = is_reusable;
    }
}

/// Reads the body of the response. All errors are a [`ureq::Error`] inside an [`io::Error`], so that a reader on top of
/// this one, such as a decompressor, can distinguish them from its own errors.
impl Read for Exchange<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let max = out.len().min(MAX_READ);
        // Reading into an empty buffer must not wait for input.
        if max == 0 { Ok(0) } else { self.read_body(&mut out[..max]).map_err(io::Error::other) }
    }
}

/// Reads the head of the first response that is not interim.
fn read_final_head(connection: &mut dyn Transport) -> Result<Response<()>, Error> {
    // Bytes of interim responses.
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
            None => return Err(unexpected_eof()),
        }
    }
}

/// Whether another head follows. After 101, the connection no longer uses HTTP.
fn is_interim(status: StatusCode) -> bool {
    status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
}

fn is_disconnected(error: &Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error, Error::Io(error) if matches!(error.kind(), UnexpectedEof | ConnectionAborted | ConnectionReset))
}

fn unexpected_eof() -> Error {
    io::Error::from(io::ErrorKind::UnexpectedEof).into()
}

/// Our transports ignore this timeout and obey the attempt's deadline.
fn no_timeout() -> NextTimeout {
    NextTimeout::default()
}
