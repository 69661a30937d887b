//! Connects to the first of several addresses that responds (RFC 8305, "happy eyeballs").
//!
//! The next connection attempt starts when the previous one has failed or has taken a quarter of a second.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

use crate::support::cancel::CANCEL_POLL_INTERVAL;
use crate::transport::attempt::Attempt;
use crate::transport::error::{ErrorKind, TransportError};
#[cfg(windows)]
use crate::transport::windows::poll::wait_connected;

/// RFC 8305's "Connection Attempt Delay". It is shorter if there are so many addresses that not all could be tried.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The minimum that RFC 8305 allows.
const MIN_ATTEMPT_DELAY: Duration = Duration::from_millis(10);

/// Maximum number of sockets that connect at the same time. When it is reached, the oldest one is closed for the next.
const MAX_CONCURRENT: usize = 32;

pub(crate) fn connect(addresses: &[SocketAddr], attempt: &Attempt) -> Result<TcpStream, TransportError> {
    let delay = attempt_delay(addresses.len(), attempt.time_left()?);
    let mut untried = addresses.iter();
    let mut connecting: Vec<(SocketAddr, Socket)> = Vec::new();
    let mut next_start = Instant::now();
    let mut last_error = TransportError::new(ErrorKind::Connect, "has no address to connect to");
    loop {
        let left = attempt.time_left()?;
        let mut now = Instant::now();
        if (connecting.is_empty() || now >= next_start)
            && let Some(address) = untried.next()
        {
            if connecting.len() == MAX_CONCURRENT {
                let (address, _) = connecting.remove(0);
                last_error = TransportError::new(ErrorKind::Connect, format!("to {address} got no answer"));
            }
            match start_connecting(address) {
                Ok(socket) => connecting.push((*address, socket)),
                Err(error) => {
                    last_error = connect_error(address, &error);
                    continue;
                }
            }
            now = Instant::now();
            next_start = now + delay;
        }
        if connecting.is_empty() {
            return Err(last_error);
        }
        let until_next = match untried.len() {
            0 => CANCEL_POLL_INTERVAL,
            _ => next_start.saturating_duration_since(now),
        };
        let ready = wait_connected(&connecting, left.min(CANCEL_POLL_INTERVAL).min(until_next));
        attempt.poll_interrupt();
        for index in ready {
            let (address, socket) = &connecting[index];
            match socket.take_error() {
                Ok(None) => {
                    let (address, socket) = connecting.swap_remove(index);
                    // On Windows, sockets stay non-blocking: see `windows/poll.rs`.
                    return socket
                        .set_nonblocking(cfg!(windows))
                        .map(|()| socket.into())
                        .map_err(|error| connect_error(&address, &error));
                }
                Ok(Some(error)) | Err(error) => {
                    last_error = connect_error(address, &error);
                    connecting.remove(index);
                    next_start = now;
                }
            }
        }
    }
}

/// A non-blocking socket that has started to connect.
fn start_connecting(address: &SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&(*address).into()) {
        Err(error) if !is_in_progress(&error) => Err(error),
        _ => Ok(socket),
    }
}

fn connect_error(address: &SocketAddr, error: &io::Error) -> TransportError {
    let error = TransportError::from_io(ErrorKind::Connect, error);
    TransportError { problem: format!("to {address} {}", error.problem), ..error }
}

/// The delay with which all addresses are tried within half of the time left.
fn attempt_delay(addresses: usize, left: Duration) -> Duration {
    let share = left / 2 / u32::try_from(addresses).unwrap_or(u32::MAX).max(1);
    share.clamp(MIN_ATTEMPT_DELAY, ATTEMPT_DELAY)
}

#[cfg(unix)]
fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS) || error.kind() == io::ErrorKind::Interrupted
}

#[cfg(windows)]
fn is_in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// Waits until a socket is connected or has failed. Returns the indices of these sockets in descending order; none after
/// the timeout or a signal.
#[cfg(unix)]
#[allow(unsafe_code)]
fn wait_connected(connecting: &[(SocketAddr, Socket)], timeout: Duration) -> Vec<usize> {
    use std::os::fd::AsRawFd;

    let mut polled: Vec<libc::pollfd> = connecting
        .iter()
        .map(|(_, socket)| libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 })
        .collect();
    // At least one millisecond: with zero, the loop would spin until the deadline.
    let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX).max(1);
    // SAFETY: pointer and length describe one array, and the descriptors are open while `connecting` is borrowed.
    let count = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, timeout) };
    if count <= 0 {
        return Vec::new();
    }
    (0..polled.len()).rev().filter(|index| polled[*index].revents != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_tried_within_half_of_the_time_left() {
        for (addresses, left, delay_ms) in [(1, 10_000, 250), (16, 10_000, 250), (40, 10_000, 125), (40, 100, 10)] {
            let delay = attempt_delay(addresses, Duration::from_millis(left));
            assert_eq!(delay, Duration::from_millis(delay_ms), "{addresses} in {left} ms");
        }
    }
}
