//! Detects that the system has run out of file descriptors, memory or threads.

use std::io;

use socket2::{Domain, Socket, Type};

/// Spawning a thread failed.
pub(crate) const THREADS: &str = "this program cannot start more threads";

/// The shortage behind an I/O error, as a clause. None for any other error.
pub(crate) fn from_io_error(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error() {
        Some(code) => from_os_error(code),
        None if error.kind() == io::ErrorKind::OutOfMemory => Some(MEMORY),
        None => None,
    }
}

/// The shortage behind a failed host name lookup, as a clause. None if there is none.
///
/// With no descriptor or memory left, the resolver may report any of its own errors, including "unknown name".
pub(crate) fn from_lookup_error(error: &io::Error) -> Option<&'static str> {
    if let Some(shortage) = from_io_error(error) {
        return Some(shortage);
    }
    if is_resolver_out_of_memory(error) {
        return Some(MEMORY);
    }
    Socket::new(Domain::IPV4, Type::DGRAM, None).err().and_then(|error| from_io_error(&error))
}

const PROGRAM_FILES: &str = "this program has too many open files";
const MEMORY: &str = "this computer is out of memory";

#[cfg(unix)]
fn from_os_error(code: i32) -> Option<&'static str> {
    match code {
        libc::EMFILE => Some(PROGRAM_FILES),
        libc::ENFILE => Some("this computer has too many open files"),
        libc::ENOMEM | libc::ENOBUFS => Some(MEMORY),
        _ => None,
    }
}

#[cfg(windows)]
fn from_os_error(code: i32) -> Option<&'static str> {
    use windows_sys::Win32::Foundation as codes;
    use windows_sys::Win32::Networking::WinSock::{WSA_NOT_ENOUGH_MEMORY, WSAEMFILE, WSAENOBUFS};

    match code {
        WSAEMFILE => Some(PROGRAM_FILES),
        WSAENOBUFS | WSA_NOT_ENOUGH_MEMORY => Some(MEMORY),
        _ => match u32::try_from(code).ok()? {
            codes::ERROR_TOO_MANY_OPEN_FILES => Some(PROGRAM_FILES),
            codes::ERROR_OUTOFMEMORY | codes::ERROR_NO_SYSTEM_RESOURCES | codes::ERROR_COMMITMENT_LIMIT => Some(MEMORY),
            _ => None,
        },
    }
}

/// Whether the error is `EAI_MEMORY`. The standard library keeps only its text, in the program's language.
#[cfg(unix)]
#[allow(unsafe_code)]
fn is_resolver_out_of_memory(error: &io::Error) -> bool {
    // SAFETY: for any number, it returns a NUL-terminated text that is never freed.
    let text = unsafe { std::ffi::CStr::from_ptr(libc::gai_strerror(libc::EAI_MEMORY)) };
    error.to_string().ends_with(&*text.to_string_lossy())
}

#[cfg(windows)]
fn is_resolver_out_of_memory(_: &io::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn only_shortages_are_reported_as_such() {
        for (code, part) in [
            (libc::EMFILE, Some("program has too many open files")),
            (libc::ENFILE, Some("computer has too many open files")),
            (libc::ENOMEM, Some("memory")),
            (libc::ENOBUFS, Some("memory")),
            (libc::ECONNREFUSED, None),
            (libc::EACCES, None),
            (libc::ENOENT, None),
        ] {
            let shortage = from_io_error(&io::Error::from_raw_os_error(code));
            assert_eq!(shortage.is_some(), part.is_some(), "{code}");
            assert!(shortage.unwrap_or_default().contains(part.unwrap_or_default()), "{code}: {shortage:?}");
        }
        assert!(from_io_error(&io::ErrorKind::OutOfMemory.into()).is_some());
        assert!(from_io_error(&io::Error::other("other")).is_none());
        // The standard library's wording.
        assert!(
            from_lookup_error(&io::Error::other("failed to lookup address information: Memory allocation failure"))
                .is_some()
        );
        assert!(
            from_lookup_error(&io::Error::other("failed to lookup address information: Name or service not known"))
                .is_none()
        );
    }
}
