//! The TCP connection between a client and hyper. It keeps the request targets as they were sent, and closes the connection
//! where a fault asks for it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Sleep, sleep};

use super::target_scanner::TargetScanner;
use crate::faults::DropPoint;

/// What a connection shares with the service and the response bodies on it.
#[derive(Clone, Default)]
pub(crate) struct ConnectionControl(Arc<Mutex<ControlState>>);

#[derive(Default)]
struct ControlState {
    targets: TargetScanner,
    close_on_flush: bool,
    reset: bool,
}

impl ConnectionControl {
    fn with<T>(&self, action: impl FnOnce(&mut ControlState) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The target, as it was sent, of the next request that hyper passes to the service.
    pub(crate) fn next_target(&self) -> Option<String> {
        self.with(|state| state.targets.next_target())
    }

    /// Makes the end of the connection a reset (RST) instead of an orderly end (FIN).
    pub(crate) fn reset_on_close(&self) {
        self.with(|state| state.reset = true);
    }

    fn close_on_flush(&self) {
        self.with(|state| state.close_on_flush = true);
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    control: ConnectionControl,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, control: ConnectionControl) -> Self {
        Self { stream, control }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.control.with(|state| state.reset) {
            // If this fails, the client sees an orderly end.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.control.with(|state| state.targets.receive(&buffer.filled()[before..]));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        slices: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes after it has written everything it has. A fault that drops the connection takes effect here, so that
    /// the bytes before the drop are sent.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        match self.control.with(|state| state.close_on_flush) {
            true => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            false => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        if self.control.with(|state| state.reset) {
            // A shutdown would be an orderly end.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A response body. It may be sent slowly, or stop after half of its declared length.
pub(crate) struct ResponseBody {
    bytes: Bytes,
    /// `None` if the rest of the body comes from `stream`.
    content_length: Option<u64>,
    drop_point: Option<DropPoint>,
    control: ConnectionControl,
    pace: Option<Pace>,
    stream: Option<Receiver<Bytes>>,
}

/// Sends a body in pieces.
struct Pace {
    piece_length: usize,
    interval: Duration,
    next_piece: Pin<Box<Sleep>>,
}

/// The number of pieces of a slow body.
const PIECES: usize = 20;

impl ResponseBody {
    /// `headers_only` is true if the body itself is not sent, as in the response to a HEAD request.
    pub(crate) fn new(
        body: Vec<u8>,
        headers_only: bool,
        drop_point: Option<DropPoint>,
        duration: Duration,
        control: ConnectionControl,
    ) -> Self {
        let content_length = body.len() as u64;
        let mut bytes = Bytes::from(body);
        let pace = (!duration.is_zero() && !bytes.is_empty()).then(|| Pace::new(bytes.len(), duration));
        if drop_point == Some(DropPoint::MidBody) {
            bytes.truncate(bytes.len() / 2);
        }
        // hyper does not poll a body that it does not send, so `poll_frame` cannot do this.
        if (headers_only || content_length == 0) && drop_point.is_some() {
            control.close_on_flush();
        }
        Self { bytes, content_length: Some(content_length), drop_point, control, pace, stream: None }
    }

    /// A body of unknown length: these bytes, and then those of the stream.
    pub(crate) fn streamed(bytes: Bytes, stream: Receiver<Bytes>, control: ConnectionControl) -> Self {
        Self { bytes, content_length: None, drop_point: None, control, pace: None, stream: Some(stream) }
    }
}

impl Pace {
    fn new(length: usize, duration: Duration) -> Self {
        let piece_length = length.div_ceil(PIECES);
        let interval = duration / u32::try_from(length.div_ceil(piece_length)).unwrap_or(1);
        Self { piece_length, interval, next_piece: Box::pin(sleep(interval)) }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let mut length = this.bytes.len();
        if let Some(pace) = &mut this.pace
            && length > 0
        {
            ready!(pace.next_piece.as_mut().poll(context));
            let next = pace.next_piece.deadline() + pace.interval;
            pace.next_piece.as_mut().reset(next);
            length = length.min(pace.piece_length);
        }
        let piece = this.bytes.split_to(length);
        if this.drop_point.is_some() && this.bytes.is_empty() {
            this.control.close_on_flush();
        }
        if !piece.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut this.stream {
            Some(stream) => stream.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
            // The second half is never sent: the next flush closes the connection.
            None if this.drop_point == Some(DropPoint::MidBody) => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.content_length == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.content_length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
