//! Whether an idle connection may carry another request.

use std::net::TcpStream;

/// Open, and with nothing to read: bytes that nobody asked for are no answer to the next request.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(crate) fn is_open(stream: &TcpStream) -> bool {
    use std::os::fd::AsRawFd;

    let mut byte = 0u8;
    // SAFETY: the descriptor is open as long as `stream` is borrowed, and the buffer is one byte that outlives the call.
    let received =
        unsafe { libc::recv(stream.as_raw_fd(), (&raw mut byte).cast(), 1, libc::MSG_PEEK | libc::MSG_DONTWAIT) };
    received < 0
        && matches!(
            std::io::Error::last_os_error().kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted
        )
}

/// Open, and with nothing to read: bytes that nobody asked for are no answer to the next request.
#[cfg(windows)]
pub(crate) fn is_open(stream: &TcpStream) -> bool {
    // Sockets never block there: see `ready_windows.rs`.
    matches!(stream.peek(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}
