//! Checks whether an idle connection can be used for another request.

use std::net::TcpStream;

/// Whether the connection is open and has nothing to read. Unexpected bytes must not be taken for the next response.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(crate) fn is_open(stream: &TcpStream) -> bool {
    use std::os::fd::AsRawFd;

    let mut byte = 0u8;
    // SAFETY: the descriptor is open while `stream` is borrowed, and the buffer is one byte that outlives the call.
    let received =
        unsafe { libc::recv(stream.as_raw_fd(), (&raw mut byte).cast(), 1, libc::MSG_PEEK | libc::MSG_DONTWAIT) };
    received < 0
        && matches!(
            std::io::Error::last_os_error().kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted
        )
}

/// Whether the connection is open and has nothing to read. Unexpected bytes must not be taken for the next response.
#[cfg(windows)]
pub(crate) fn is_open(stream: &TcpStream) -> bool {
    // Sockets never block on Windows: see `windows/poll.rs`.
    matches!(stream.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}
