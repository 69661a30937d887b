//! Waits for sockets on Windows.
//!
//! Sockets never block on Windows. A socket's own receive timeout leaves the connection in an undefined state and expires
//! late. `select` has neither problem. Unlike `WSAPoll` before Windows 10, it also reports failed connection attempts.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::windows::io::AsRawSocket;
use std::time::Duration;

use socket2::Socket;
use windows_sys::Win32::Networking::WinSock::{FD_SET, SOCKET, SOCKET_ERROR, TIMEVAL, select};

/// Waits until the socket is readable, at most `timeout`.
pub(crate) fn wait_readable(stream: &TcpStream, timeout: Duration) -> io::Result<()> {
    let mut read = fd_set([stream.as_raw_socket() as SOCKET]);
    wait(Some(&mut read), None, None, timeout).map(|_| ())
}

/// Waits until the socket is writable, at most `timeout`.
pub(crate) fn wait_writable(stream: &TcpStream, timeout: Duration) -> io::Result<()> {
    let mut write = fd_set([stream.as_raw_socket() as SOCKET]);
    wait(None, Some(&mut write), None, timeout).map(|_| ())
}

/// Waits until a socket is connected or has failed. Returns the indices of these sockets in descending order; none after
/// the timeout.
pub(crate) fn wait_connected(connecting: &[(SocketAddr, Socket)], timeout: Duration) -> Vec<usize> {
    let sockets = || connecting.iter().map(|(_, socket)| socket.as_raw_socket() as SOCKET);
    let (mut connected, mut failed) = (fd_set(sockets()), fd_set(sockets()));
    match wait(None, Some(&mut connected), Some(&mut failed), timeout) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Vec::new(),
    }
    let contains = |set: &FD_SET, socket| set.fd_array[..set.fd_count as usize].contains(&socket);
    let ready = sockets().enumerate().filter(|(_, socket)| contains(&connected, *socket) || contains(&failed, *socket));
    let mut ready: Vec<usize> = ready.map(|(index, _)| index).collect();
    ready.reverse();
    ready
}

/// A set of sockets. It has room for 64, twice as many as are ever waited for.
fn fd_set(sockets: impl IntoIterator<Item = SOCKET>) -> FD_SET {
    let mut set = FD_SET { fd_count: 0, fd_array: [0; 64] };
    for (slot, socket) in set.fd_array.iter_mut().zip(sockets) {
        *slot = socket;
        set.fd_count += 1;
    }
    set
}

/// Returns whether any socket is ready. Removes the others from the sets.
#[allow(unsafe_code)]
fn wait(
    read: Option<&mut FD_SET>,
    write: Option<&mut FD_SET>,
    except: Option<&mut FD_SET>,
    timeout: Duration,
) -> io::Result<bool> {
    let pointer = |set: Option<&mut FD_SET>| set.map_or(std::ptr::null_mut(), |set| std::ptr::from_mut(set));
    // At least one millisecond: with zero, the loop would spin until the deadline.
    let timeout = timeout.max(Duration::from_millis(1));
    let timeout = TIMEVAL {
        tv_sec: i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX),
        tv_usec: timeout.subsec_micros() as i32,
    };
    // SAFETY: each set is null or writable. The sets and the timeout outlive the call.
    let count = unsafe { select(0, pointer(read), pointer(write), pointer(except), &raw const timeout) };
    if count == SOCKET_ERROR { Err(io::Error::last_os_error()) } else { Ok(count > 0) }
}
