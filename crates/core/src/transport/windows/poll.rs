//! Waits for sockets on Windows.
//!
//! Sockets never block there: after a receive that ended by the socket's own timeout, Windows promises nothing of the
//! connection, and that timeout comes late. `select` ends in time and loses nothing; and it tells of a connection that
//! failed, as `WSAPoll` does not before Windows 10.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::windows::io::AsRawSocket;
use std::time::Duration;

use socket2::Socket;
use windows_sys::Win32::Networking::WinSock::{FD_SET, SOCKET, SOCKET_ERROR, TIMEVAL, select};

/// Waits until there is something to read, at most `time`.
pub(crate) fn readable(stream: &TcpStream, time: Duration) -> io::Result<()> {
    let mut reading = set([stream.as_raw_socket() as SOCKET]);
    wait(Some(&mut reading), None, None, time).map(|_| ())
}

/// Waits until something can be written, at most `time`.
pub(crate) fn writable(stream: &TcpStream, time: Duration) -> io::Result<()> {
    let mut writing = set([stream.as_raw_socket() as SOCKET]);
    wait(None, Some(&mut writing), None, time).map(|_| ())
}

/// The sockets that are connected or have failed, the last one first; none when the time is up.
pub(crate) fn connected(racing: &[(SocketAddr, Socket)], time: Duration) -> Vec<usize> {
    let sockets = || racing.iter().map(|(_, socket)| socket.as_raw_socket() as SOCKET);
    let (mut connected, mut failed) = (set(sockets()), set(sockets()));
    match wait(None, Some(&mut connected), Some(&mut failed), time) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Vec::new(),
    }
    let told = |set: &FD_SET, socket| set.fd_array[..set.fd_count as usize].contains(&socket);
    let ready = sockets().enumerate().filter(|(_, socket)| told(&connected, *socket) || told(&failed, *socket));
    let mut ready: Vec<usize> = ready.map(|(index, _)| index).collect();
    ready.reverse();
    ready
}

/// At most 64 fit, and no more than a quarter of that is ever waited for.
fn set(sockets: impl IntoIterator<Item = SOCKET>) -> FD_SET {
    let mut set = FD_SET { fd_count: 0, fd_array: [0; 64] };
    for (slot, socket) in set.fd_array.iter_mut().zip(sockets) {
        *slot = socket;
        set.fd_count += 1;
    }
    set
}

/// Whether any of the sockets is ready. Leaves those in their sets.
#[allow(unsafe_code)]
fn wait(
    reading: Option<&mut FD_SET>,
    writing: Option<&mut FD_SET>,
    failing: Option<&mut FD_SET>,
    time: Duration,
) -> io::Result<bool> {
    let pointer = |set: Option<&mut FD_SET>| set.map_or(std::ptr::null_mut(), |set| std::ptr::from_mut(set));
    // At least one millisecond: zero would spin until the deadline.
    let time = time.max(Duration::from_millis(1));
    let time =
        TIMEVAL { tv_sec: i32::try_from(time.as_secs()).unwrap_or(i32::MAX), tv_usec: time.subsec_micros() as i32 };
    // SAFETY: each set is null or may be written, and outlives the call, as the time does.
    let count = unsafe { select(0, pointer(reading), pointer(writing), pointer(failing), &raw const time) };
    if count == SOCKET_ERROR { Err(io::Error::last_os_error()) } else { Ok(count > 0) }
}
