//! One request and its answer over a connection. The rules of HTTP/1.1 are ureq-proto's, which ureq itself stands on.

use std::io::{self, Read};

use ureq::Error;
use ureq::http::{Request, Response};
use ureq::unversioned::transport::{NextTimeout, Transport};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse, SendBody};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

use super::failure::{Failure, Kind};

/// Longest head of an answer.
pub(super) const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Sends a request, whose headers tell the length of `body`, and reads the head of the answer.
pub(super) fn exchange<'c>(
    connection: &'c mut dyn Transport,
    request: Request<()>,
    body: &[u8],
) -> Result<(Response<()>, Body<'c>), Error> {
    let mut call = Call::new(request)?;
    if !body.is_empty() {
        // Also with a method for which HTTP gives it no meaning.
        call.force_send_body();
    }
    let mut call = call.proceed();
    while !call.can_proceed() {
        let length = call.write(connection.buffers().output())?;
        connection.transmit_output(length, unpaced())?;
    }
    let call = match call.proceed()? {
        Some(SendRequestResult::RecvResponse(call)) => call,
        Some(SendRequestResult::SendBody(call)) => send_body(call, body, connection)?,
        // Only for a request that asks whether it may be sent.
        Some(SendRequestResult::Await100(_)) | None => return Err(stuck()),
    };
    receive(call, connection)
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

fn receive(mut call: Call<RecvResponse>, connection: &mut dyn Transport) -> Result<(Response<()>, Body<'_>), Error> {
    let head = loop {
        let is_more = connection.buffers().can_use_input() || connection.await_input(unpaced())?;
        let buffers = connection.buffers();
        // Heads that only announce another one are consumed and no response.
        let (length, head) = call.try_response(buffers.input(), false)?;
        let size = if head.is_some() { length } else { buffers.input().len() };
        if size > MAX_HEADER_BYTES {
            return Err(Error::LargeResponseHeader(size, MAX_HEADER_BYTES));
        }
        buffers.input_consume(length);
        match head {
            Some(head) => break head,
            None if !is_more => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            None => {}
        }
    };
    let (call, is_reusable) = match call.proceed().ok_or_else(stuck)? {
        RecvResponseResult::RecvBody(call) => (Some(call), false),
        RecvResponseResult::Redirect(call) => (None, !call.must_close_connection()),
        RecvResponseResult::Cleanup(call) => (None, !call.must_close_connection()),
    };
    Ok((head, Body { connection, call, is_reusable }))
}

/// The body of an answer, as it comes.
pub(super) struct Body<'c> {
    connection: &'c mut dyn Transport,
    /// None when it has been read to its end, or there is none.
    call: Option<Call<RecvBody>>,
    is_reusable: bool,
}

impl Body<'_> {
    /// Its length, if that is told in advance.
    pub(super) fn length(&self) -> Option<u64> {
        match self.call.as_ref()?.body_mode() {
            BodyMode::LengthDelimited(length) => Some(length),
            _ => None,
        }
    }

    /// Whether it has been read to its end, and another request may follow on the same connection.
    pub(super) fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    fn read_some(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        while let Some(call) = &mut self.call {
            // Without a length and without chunks, only the other side's end is the end.
            if call.can_proceed() && call.body_mode() != BodyMode::CloseDelimited {
                self.end()?;
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
                self.end()?;
            }
        }
        Ok(0)
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(call) = self.call.take() else {
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

impl Read for Body<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // Room for nothing must not wait for something.
        if out.is_empty() { Ok(0) } else { self.read_some(out).map_err(Error::into_io) }
    }
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
    Failure::new(Kind::Internal, "does not fit the length that its headers tell").into_ureq()
}
