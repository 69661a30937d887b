//! A TCP connection that obeys the deadline of the attempt that uses it.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::Duration;

use ureq::unversioned::transport::{Buffers, NextTimeout, ShutdownHandle, Transport};

use crate::transport::attempt::Attempt;
use crate::transport::connect::buffers::{OUTPUT_BYTES, WipedBuffers, WipedQueue};
use crate::transport::connect::{happy_eyeballs, liveness};
use crate::transport::error::{ErrorKind, TransportError};
#[cfg(windows)]
use crate::transport::windows::poll;

/// Socket timeouts are multiples of this, so that they rarely have to be set again.
const TIMEOUT_STEP: Duration = Duration::from_millis(50);

/// A TCP socket with its buffers.
pub(crate) struct TcpTransport {
    stream: Arc<TcpStream>,
    buffers: WipedBuffers,
    /// Output that is sent when the caller waits for input, so that head and body leave in one packet.
    queued: WipedQueue,
    /// A write failed because the peer closed the connection. A response that it sent before still counts.
    peer_closed: bool,
    #[cfg(unix)]
    read_timeout: Option<Duration>,
    #[cfg(unix)]
    write_timeout: Option<Duration>,
}

impl TcpTransport {
    pub(crate) fn connect(addresses: &[SocketAddr], attempt: &Attempt) -> Result<TcpTransport, TransportError> {
        let stream = happy_eyeballs::connect(addresses, attempt)?;
        TcpTransport::new(stream).map_err(|error| TransportError::from_io(ErrorKind::Connect, &error))
    }

    fn new(stream: TcpStream) -> io::Result<TcpTransport> {
        stream.set_nodelay(true)?;
        Ok(TcpTransport {
            stream: Arc::new(stream),
            buffers: WipedBuffers::new(),
            queued: WipedQueue::default(),
            peer_closed: false,
            #[cfg(unix)]
            read_timeout: None,
            #[cfg(unix)]
            write_timeout: None,
        })
    }

    fn send_queued(&mut self) -> Result<(), ureq::Error> {
        let attempt = Attempt::active()?;
        attempt.watch_socket(self.shutdown_handle());
        let mut written = 0;
        while written < self.queued.len() && !self.peer_closed {
            let timeout = round_timeout(attempt.wait_slice(attempt.time_left().map_err(TransportError::into_ureq)?));
            self.limit_write(timeout)?;
            match (&*self.stream).write(&self.queued[written..]) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(count) => {
                    attempt.on_bytes_sent();
                    written += count;
                }
                Err(error) if is_timeout_or_interrupt(&error) => attempt.poll_interrupt(),
                Err(error) if is_peer_closed(&error) => self.peer_closed = true,
                Err(error) => return Err(error.into()),
            }
        }
        self.queued.clear();
        Ok(())
    }

    /// Limits the duration of the next write.
    fn limit_write(&mut self, timeout: Duration) -> io::Result<()> {
        #[cfg(windows)]
        poll::wait_writable(&self.stream, timeout)?;
        #[cfg(unix)]
        if self.write_timeout != Some(timeout) {
            self.stream.set_write_timeout(Some(timeout))?;
            self.write_timeout = Some(timeout);
        }
        Ok(())
    }

    /// Limits the duration of the next read.
    fn limit_read(&mut self, timeout: Duration) -> io::Result<()> {
        #[cfg(windows)]
        poll::wait_readable(&self.stream, timeout)?;
        #[cfg(unix)]
        if self.read_timeout != Some(timeout) {
            self.stream.set_read_timeout(Some(timeout))?;
            self.read_timeout = Some(timeout);
        }
        Ok(())
    }

    /// Shuts down the socket from any thread.
    pub(crate) fn shutdown_handle(&self) -> Weak<dyn ShutdownHandle> {
        let stream: Weak<TcpStream> = Arc::downgrade(&self.stream);
        stream
    }
}

/// The socket timeout for a wait of at most `left`: whole steps if possible, otherwise all of it.
fn round_timeout(left: Duration) -> Duration {
    let steps = left.as_millis() / TIMEOUT_STEP.as_millis();
    match u32::try_from(steps) {
        Ok(0) => left.max(Duration::from_millis(1)),
        Ok(steps) => TIMEOUT_STEP * steps,
        Err(_) => left,
    }
}

/// Whether the wait can be repeated after the deadline was checked.
fn is_timeout_or_interrupt(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Whether a write failed because the peer closed the connection.
fn is_peer_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
    )
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        if self.queued.len() + amount > OUTPUT_BYTES {
            self.send_queued()?;
        }
        self.queued.push(&self.buffers.output()[..amount]);
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        self.send_queued()?;
        let attempt = Attempt::active()?;
        attempt.on_wait_start();
        loop {
            let timeout = round_timeout(attempt.wait_slice(attempt.time_left().map_err(TransportError::into_ureq)?));
            self.limit_read(timeout)?;
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Ok(0) => {
                    // Cancelling a call shuts down its socket, which looks like an orderly end of the connection.
                    attempt.time_left().map_err(TransportError::into_ureq)?;
                    // The system reports a reset only once, and has reported it to the write.
                    return if self.peer_closed {
                        Err(io::Error::from(io::ErrorKind::ConnectionReset).into())
                    } else {
                        Ok(false)
                    };
                }
                Ok(count) => {
                    attempt.on_bytes_received();
                    self.buffers.input_appended(count);
                    return Ok(true);
                }
                Err(error) if is_timeout_or_interrupt(&error) => attempt.poll_interrupt(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        !self.peer_closed && liveness::is_open(&self.stream)
    }
}

impl Drop for TcpTransport {
    /// Sends the final TLS message of a failed handshake, such as the alert for a rejected certificate. No wait follows it,
    /// so it is still queued. A queued request must not be sent: its call has ended.
    fn drop(&mut self) {
        let is_connecting = Attempt::current().is_some_and(|attempt| attempt.is_connecting());
        if is_connecting && !self.queued.is_empty() && self.stream.set_nonblocking(true).is_ok() {
            // If it cannot be sent at once, the peer sees the connection end without it.
            let _ = (&*self.stream).write(&self.queued);
        }
    }
}

impl fmt::Debug for TcpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpTransport").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_timeout_never_exceeds_the_time_left() {
        for (left, timeout) in [(29_999, 29_950), (120, 100), (50, 50), (49, 49), (0, 1)] {
            assert_eq!(round_timeout(Duration::from_millis(left)), Duration::from_millis(timeout));
        }
    }
}
