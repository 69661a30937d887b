//! The TCP connection between a client and hyper. It keeps the request targets as they were sent, and closes the connection
//! where a fault asks for it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::target_scanner::TargetScanner;
use crate::faults::DropPoint;

/// What a connection shares with the service and the response bodies on it.
#[derive(Clone, Default)]
pub(crate) struct ConnectionControl(Arc<Mutex<ControlState>>);

#[derive(Default)]
struct ControlState {
    targets: TargetScanner,
    close_on_flush: bool,
}

impl ConnectionControl {
    fn with<T>(&self, action: impl FnOnce(&mut ControlState) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The target, as it was sent, of the next request that hyper passes to the service.
    pub(crate) fn next_target(&self) -> Option<String> {
        self.with(|state| state.targets.next_target())
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
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A response body that declares its full length, but may stop after half of it.
pub(crate) struct ResponseBody {
    bytes: Option<Bytes>,
    content_length: u64,
    drop_point: Option<DropPoint>,
    control: ConnectionControl,
}

impl ResponseBody {
    /// `headers_only` is true if the body itself is not sent, as in the response to a HEAD request.
    pub(crate) fn new(
        body: Vec<u8>,
        headers_only: bool,
        drop_point: Option<DropPoint>,
        control: ConnectionControl,
    ) -> Self {
        let content_length = body.len() as u64;
        let mut bytes = Bytes::from(body);
        if drop_point == Some(DropPoint::MidBody) {
            bytes.truncate(bytes.len() / 2);
        }
        // hyper does not poll a body that it does not send, so `poll_frame` cannot do this.
        if (headers_only || content_length == 0) && drop_point.is_some() {
            control.close_on_flush();
        }
        Self { bytes: Some(bytes), content_length, drop_point, control }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.drop_point.is_some() {
            self.control.close_on_flush();
        }
        match self.bytes.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            // The second half is never sent: the next flush closes the connection.
            _ if self.drop_point == Some(DropPoint::MidBody) => Poll::Pending,
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.content_length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content_length)
    }
}
