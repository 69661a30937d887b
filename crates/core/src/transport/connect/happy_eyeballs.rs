//! Connects to the first of several addresses that answers: the next one starts when the one before has failed or
//! taken a quarter of a second (RFC 8305, "happy eyeballs").

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

use crate::support::cancel::CANCEL_POLL_INTERVAL;
use crate::transport::attempt::State;
use crate::transport::error::{ErrorKind, TransportError, of_system};

/// The head start of each address before the next, unless there are so many that the time would not do for all.
const HEAD_START: Duration = Duration::from_millis(250);

/// As short as RFC 8305 allows.
const SHORTEST_HEAD_START: Duration = Duration::from_millis(10);

/// Sockets that connect at once. Beyond that, the one that has had the most time is given up for the next.
const MOST_AT_ONCE: usize = 32;

fn failed(address: &SocketAddr, error: &io::Error) -> TransportError {
    TransportError::new(ErrorKind::Connect, format!("to {address} {}", of_system(error)))
}

pub(crate) fn connect(addresses: &[SocketAddr], state: &State) -> Result<TcpStream, TransportError> {
    let head_start = head_start(addresses.len(), state.time_left()?);
    let mut waiting = addresses.iter();
    let mut racing: Vec<(SocketAddr, Socket)> = Vec::new();
    let mut next_start = Instant::now();
    let mut last = TransportError::new(ErrorKind::Connect, "got no address to connect to");
    loop {
        let left = state.time_left()?;
        let mut now = Instant::now();
        if (racing.is_empty() || now >= next_start)
            && let Some(address) = waiting.next()
        {
            if racing.len() == MOST_AT_ONCE {
                let (address, _) = racing.remove(0);
                last = TransportError::new(ErrorKind::Connect, format!("to {address} got no answer"));
            }
            let begun = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))
                .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
                .and_then(|socket| match socket.connect(&(*address).into()) {
                    Err(error) if !in_progress(&error) => Err(error),
                    _ => Ok(socket),
                });
            match begun {
                Ok(socket) => racing.push((*address, socket)),
                Err(error) => {
                    last = failed(address, &error);
                    continue;
                }
            }
            now = Instant::now();
            next_start = now + head_start;
        }
        if racing.is_empty() {
            return Err(last);
        }
        let until_next = match waiting.len() {
            0 => CANCEL_POLL_INTERVAL,
            _ => next_start.saturating_duration_since(now),
        };
        let ready = writable(&racing, left.min(CANCEL_POLL_INTERVAL).min(until_next));
        state.poll_interrupt();
        for index in ready {
            let (address, socket) = &racing[index];
            match socket.take_error() {
                Ok(None) => {
                    let (address, socket) = racing.swap_remove(index);
                    // On Windows sockets never block: see `ready_windows.rs`.
                    return socket
                        .set_nonblocking(cfg!(windows))
                        .map(|()| socket.into())
                        .map_err(|error| failed(&address, &error));
                }
                Ok(Some(error)) | Err(error) => {
                    last = failed(address, &error);
                    racing.remove(index);
                    next_start = now;
                }
            }
        }
    }
}

/// All addresses start within half of the time that is left.
fn head_start(addresses: usize, left: Duration) -> Duration {
    let share = left / 2 / u32::try_from(addresses).unwrap_or(u32::MAX).max(1);
    share.clamp(SHORTEST_HEAD_START, HEAD_START)
}

#[cfg(unix)]
fn in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS) || error.kind() == io::ErrorKind::Interrupted
}

#[cfg(windows)]
fn in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(windows)]
use crate::transport::windows::poll::connected as writable;

/// The sockets that are connected or have failed, the last one first; none when the time is up or a signal came.
#[cfg(unix)]
#[allow(unsafe_code)]
fn writable(racing: &[(SocketAddr, socket2::Socket)], time: Duration) -> Vec<usize> {
    use std::os::fd::AsRawFd;

    let mut polled: Vec<libc::pollfd> = racing
        .iter()
        .map(|(_, socket)| libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 })
        .collect();
    // At least one millisecond: zero would spin until the deadline.
    let time = i32::try_from(time.as_millis()).unwrap_or(i32::MAX).max(1);
    // SAFETY: the array and its length belong together, and the descriptors are open while `racing` is borrowed.
    let count = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, time) };
    if count <= 0 {
        return Vec::new();
    }
    (0..polled.len()).rev().filter(|index| polled[*index].revents != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_gets_its_start_within_half_of_the_time() {
        for (addresses, left, head_start_ms) in [(1, 10_000, 250), (16, 10_000, 250), (40, 10_000, 125), (40, 100, 10)]
        {
            let head_start = head_start(addresses, Duration::from_millis(left));
            assert_eq!(head_start, Duration::from_millis(head_start_ms), "{addresses} in {left} ms");
        }
    }
}
