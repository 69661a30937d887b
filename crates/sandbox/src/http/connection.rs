//! The socket between client and hyper: keeps request targets as they were sent, and breaks off where a fault says so.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::faults::Break;
use crate::request_targets::TargetScanner;

/// What the two ends of one connection tell each other.
#[derive(Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<Tapped>>);

#[derive(Default)]
struct Tapped {
    targets: TargetScanner,
    close_at_flush: bool,
}

impl Tap {
    fn with<T>(&self, act: impl FnOnce(&mut Tapped) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The target of the request that hyper hands over next, as it was sent.
    pub(crate) fn next_target(&self) -> Option<String> {
        self.with(|tapped| tapped.targets.next_target())
    }
}

pub(crate) struct Wire {
    stream: TcpStream,
    tap: Tap,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, tap: Tap) -> Self {
        Self { stream, tap }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.tap.with(|tapped| tapped.targets.receive(&buffer.filled()[before..]));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
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

    /// hyper flushes when all it had was written: here a connection ends whose fault let that much through.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        match self.tap.with(|tapped| tapped.close_at_flush) {
            true => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            false => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A body that announces its whole length, and may stop half way.
pub(crate) struct WireBody {
    bytes: Option<Bytes>,
    announced: u64,
    breaks: Option<Break>,
    tap: Tap,
}

impl WireBody {
    /// `silent` when the body is announced at most, as in the answer to a HEAD.
    pub(crate) fn new(body: Vec<u8>, silent: bool, breaks: Option<Break>, tap: Tap) -> Self {
        let announced = body.len() as u64;
        let mut bytes = Bytes::from(body);
        if breaks == Some(Break::MidBody) {
            bytes.truncate(bytes.len() / 2);
        }
        // hyper never asks for a body that it knows not to send.
        if (silent || announced == 0) && breaks.is_some() {
            tap.with(|tapped| tapped.close_at_flush = true);
        }
        Self { bytes: Some(bytes), announced, breaks, tap }
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.breaks.is_some() {
            self.tap.with(|tapped| tapped.close_at_flush = true);
        }
        match self.bytes.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            // The rest never comes: the flush that follows ends the connection.
            _ if self.breaks == Some(Break::MidBody) => Poll::Pending,
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.announced == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
