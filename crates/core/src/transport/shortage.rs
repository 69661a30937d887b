//! Names what the system has run out of: descriptors, memory, threads.

use std::io;

use socket2::{Domain, Socket, Type};

/// No further thread can be started.
pub(crate) const THREADS: &str = "this program can start no more threads";

/// The shortage that an error of the system's reports, as a clause; None for any other error.
pub(crate) fn named(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error() {
        Some(code) => of_code(code),
        None if error.kind() == io::ErrorKind::OutOfMemory => Some(MEMORY),
        None => None,
    }
}

/// The shortage that made a look-up of a host name fail.
///
/// The resolver may report that no descriptor or no memory was left as any of its own errors, "name unknown" included.
pub(crate) fn of_look_up(error: &io::Error) -> Option<&'static str> {
    if let Some(shortage) = named(error) {
        return Some(shortage);
    }
    if is_resolver_out_of_memory(error) {
        return Some(MEMORY);
    }
    Socket::new(Domain::IPV4, Type::DGRAM, None).err().and_then(|error| named(&error))
}

const PROGRAM_FILES: &str = "this program has too many open files";
const MEMORY: &str = "this computer is out of memory";

#[cfg(unix)]
fn of_code(code: i32) -> Option<&'static str> {
    match code {
        libc::EMFILE => Some(PROGRAM_FILES),
        libc::ENFILE => Some("this computer has too many open files"),
        libc::ENOMEM | libc::ENOBUFS => Some(MEMORY),
        _ => None,
    }
}

#[cfg(windows)]
fn of_code(code: i32) -> Option<&'static str> {
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

/// Whether it is `EAI_MEMORY`, of which the standard library keeps the text alone, in the language of the program.
#[cfg(unix)]
#[allow(unsafe_code)]
fn is_resolver_out_of_memory(error: &io::Error) -> bool {
    // SAFETY: it answers a NUL-terminated text that is never freed, for any number.
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
    fn shortages_are_named_and_nothing_else_is() {
        for (code, part) in [
            (libc::EMFILE, Some("program has too many open files")),
            (libc::ENFILE, Some("computer has too many open files")),
            (libc::ENOMEM, Some("memory")),
            (libc::ENOBUFS, Some("memory")),
            (libc::ECONNREFUSED, None),
            (libc::EACCES, None),
            (libc::ENOENT, None),
        ] {
            let shortage = named(&io::Error::from_raw_os_error(code));
            assert_eq!(shortage.is_some(), part.is_some(), "{code}");
            assert!(shortage.unwrap_or_default().contains(part.unwrap_or_default()), "{code}: {shortage:?}");
        }
        assert!(named(&io::ErrorKind::OutOfMemory.into()).is_some());
        assert!(named(&io::Error::other("other")).is_none());
        // As the standard library words it.
        assert!(
            of_look_up(&io::Error::other("failed to lookup address information: Memory allocation failure")).is_some()
        );
        assert!(
            of_look_up(&io::Error::other("failed to lookup address information: Name or service not known")).is_none()
        );
    }
}
