//! A TCP connection that obeys the deadline of the attempt that uses it.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::Duration;

use ureq::unversioned::transport::{Buffers, NextTimeout, ShutdownHandle, Transport};

use crate::transport::attempt::State;
use crate::transport::connect::buffers::{OUTPUT_BYTES, WipedBuffers, WipedQueue};
use crate::transport::connect::{happy_eyeballs, liveness};
use crate::transport::error::{ErrorKind, TransportError, of_system};
#[cfg(windows)]
use crate::transport::windows::poll;

/// A socket's own timeouts are set in these steps: seldom, and never beyond the deadline.
const STEP: Duration = Duration::from_millis(50);

/// A socket with its buffers.
pub(crate) struct TcpTransport {
    stream: Arc<TcpStream>,
    buffers: WipedBuffers,
    /// Written, and not sent before an answer is waited for: a head and its body leave in one packet.
    queued: WipedQueue,
    /// The other side takes no more. It may have answered before: what it said decides.
    refused: bool,
    #[cfg(unix)]
    read_timeout: Option<Duration>,
    #[cfg(unix)]
    write_timeout: Option<Duration>,
}

impl TcpTransport {
    pub(crate) fn connect(addresses: &[SocketAddr], state: &State) -> Result<TcpTransport, TransportError> {
        let stream = happy_eyeballs::connect(addresses, state)?;
        TcpTransport::new(stream).map_err(|error| TransportError::new(ErrorKind::Connect, of_system(&error)))
    }

    fn new(stream: TcpStream) -> io::Result<TcpTransport> {
        stream.set_nodelay(true)?;
        Ok(TcpTransport {
            stream: Arc::new(stream),
            buffers: WipedBuffers::new(),
            queued: WipedQueue::default(),
            refused: false,
            #[cfg(unix)]
            read_timeout: None,
            #[cfg(unix)]
            write_timeout: None,
        })
    }

    fn send_queued(&mut self) -> Result<(), ureq::Error> {
        let state = State::active()?;
        state.watch(self.handle());
        let mut written = 0;
        while written < self.queued.len() && !self.refused {
            let timeout = stepped(state.slice(state.time_left().map_err(TransportError::into_ureq)?));
            self.bound_write(timeout)?;
            match (&*self.stream).write(&self.queued[written..]) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(count) => {
                    state.wrote();
                    written += count;
                }
                Err(error) if is_pause(&error) => state.poll_interrupt(),
                Err(error) if is_refusal(&error) => self.refused = true,
                Err(error) => return Err(error.into()),
            }
        }
        self.queued.clear();
        Ok(())
    }

    /// The next write takes no longer than that.
    fn bound_write(&mut self, timeout: Duration) -> io::Result<()> {
        #[cfg(windows)]
        poll::writable(&self.stream, timeout)?;
        #[cfg(unix)]
        if self.write_timeout != Some(timeout) {
            self.stream.set_write_timeout(Some(timeout))?;
            self.write_timeout = Some(timeout);
        }
        Ok(())
    }

    /// The next read takes no longer than that.
    fn bound_read(&mut self, timeout: Duration) -> io::Result<()> {
        #[cfg(windows)]
        poll::readable(&self.stream, timeout)?;
        #[cfg(unix)]
        if self.read_timeout != Some(timeout) {
            self.stream.set_read_timeout(Some(timeout))?;
            self.read_timeout = Some(timeout);
        }
        Ok(())
    }

    fn handle(&self) -> Weak<dyn ShutdownHandle> {
        let stream: Weak<TcpStream> = Arc::downgrade(&self.stream);
        stream
    }
}

/// The timeout to set on the socket for a wait of `left`: whole steps while there are any, then the rest.
fn stepped(left: Duration) -> Duration {
    let steps = left.as_millis() / STEP.as_millis();
    match u32::try_from(steps) {
        Ok(0) => left.max(Duration::from_millis(1)),
        Ok(steps) => STEP * steps,
        Err(_) => left,
    }
}

/// Whether the call goes on waiting: its deadline is checked before the next wait.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Whether the other side has closed the connection while it was written to.
fn is_refusal(error: &io::Error) -> bool {
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
        let state = State::active()?;
        state.begin_wait();
        loop {
            let timeout = stepped(state.slice(state.time_left().map_err(TransportError::into_ureq)?));
            self.bound_read(timeout)?;
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Ok(0) => {
                    // A cancelled call has its socket shut down, which looks like the other side's end.
                    state.time_left().map_err(TransportError::into_ureq)?;
                    // The write that was refused took the reset: the system reports each error once.
                    return if self.refused {
                        Err(io::Error::from(io::ErrorKind::ConnectionReset).into())
                    } else {
                        Ok(false)
                    };
                }
                Ok(count) => {
                    state.received();
                    self.buffers.input_appended(count);
                    return Ok(true);
                }
                Err(error) if is_pause(&error) => state.poll_interrupt(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        !self.refused && liveness::is_open(&self.stream)
    }
}

impl Drop for TcpTransport {
    /// What TLS says last, such as why it refuses a certificate, is not followed by a wait. A request that was not
    /// sent, though, must never leave after its call has ended.
    fn drop(&mut self) {
        let connecting = State::current().is_some_and(|state| state.is_connecting());
        if connecting && !self.queued.is_empty() && self.stream.set_nonblocking(true).is_ok() {
            // If it does not go out at once, the other side sees the connection end without it.
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
    fn a_socket_timeout_is_never_longer_than_what_is_left() {
        for (left, timeout) in [(29_999, 29_950), (120, 100), (50, 50), (49, 49), (0, 1)] {
            assert_eq!(stepped(Duration::from_millis(left)), Duration::from_millis(timeout));
        }
    }
}
