//! Why an attempt failed.

use std::fmt;
use std::io;

use crate::transport::shortage;

/// An attempt without a complete response.
pub(crate) struct TransportError {
    pub(crate) kind: ErrorKind,
    /// A clause whose subject is [`ErrorKind::subject`]. Never quotes the response.
    pub(crate) problem: String,
    /// The status, if the attempt failed after reading it.
    pub(crate) status: Option<u16>,
    /// The service's id for the response, if the attempt failed after reading the head.
    pub(crate) request_id: Option<String>,
    /// The code of the system's error, if it was one.
    pub(crate) os_error: Option<i32>,
}

/// The kind of a failure. The error code, retries and advice depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The call's deadline passed.
    Timeout,
    /// Opening a connection took longer than the connect timeout.
    ConnectTimeout,
    /// The caller cancelled the call.
    Cancelled,
    /// The host name could not be resolved.
    Dns,
    /// The connection was refused, unreachable or reset while it was being opened.
    Connect,
    /// The proxy could not be reached, refused the connection or sent an invalid response.
    Proxy,
    /// The proxy does not allow the connection. Retrying cannot help.
    ProxyRefusal,
    /// The TLS handshake failed for a reason other than the certificate.
    Tls,
    /// The server's certificate was rejected. Retrying cannot help.
    Certificate,
    /// The connection broke.
    Lost,
    /// The response is not HTTP, or its compression is invalid.
    Protocol,
    /// The response is larger than allowed.
    TooLarge,
    /// There was not enough memory.
    OutOfMemory,
    /// A bug in this library.
    Internal,
}

impl ErrorKind {
    /// The subject of the sentence that [`TransportError::problem`] continues.
    fn subject(self) -> &'static str {
        match self {
            ErrorKind::Timeout => "the deadline",
            ErrorKind::Cancelled => "the call",
            ErrorKind::Dns => "the lookup of the host name",
            ErrorKind::ConnectTimeout | ErrorKind::Connect | ErrorKind::Lost => "the connection",
            ErrorKind::Proxy | ErrorKind::ProxyRefusal => "the connection through the proxy",
            ErrorKind::Tls | ErrorKind::Certificate => "the TLS connection",
            ErrorKind::Protocol | ErrorKind::TooLarge => "the answer",
            ErrorKind::OutOfMemory => "this program",
            ErrorKind::Internal => "the request",
        }
    }
}

impl TransportError {
    pub(crate) fn new(kind: ErrorKind, problem: impl Into<String>) -> TransportError {
        TransportError { kind, problem: problem.into(), status: None, request_id: None, os_error: None }
    }

    /// An I/O error, described in English.
    pub(crate) fn from_io(kind: ErrorKind, error: &io::Error) -> TransportError {
        TransportError { os_error: error.raw_os_error(), ..TransportError::new(kind, describe_io_error(error)) }
    }

    pub(crate) fn with_status(mut self, status: u16) -> TransportError {
        self.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> TransportError {
        self.request_id = id;
        self
    }

    /// Wraps the error so that it passes through ureq. [`map_error`](crate::transport::map_error) unwraps it.
    pub(crate) fn into_ureq(self) -> ureq::Error {
        ureq::Error::Other(Box::new(self))
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.subject(), self.problem)
    }
}

/// The same as `Display`, because derived code would take room in the library.
impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TransportError {}

/// Describes an I/O error in English: the system's own text is in the system's language. The result is a clause that
/// follows "the connection".
fn describe_io_error(error: &io::Error) -> String {
    if let Some(shortage) = shortage::from_io_error(error) {
        return format!("failed: {shortage}");
    }
    let words = match error.kind() {
        io::ErrorKind::ConnectionRefused => "was refused: nothing listens at that address and port",
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            "was reset by the other side"
        }
        io::ErrorKind::UnexpectedEof => "was closed by the other side",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown => {
            "failed because the network does not reach that address"
        }
        io::ErrorKind::AddrNotAvailable => "failed because this computer has no local address or port for it",
        io::ErrorKind::PermissionDenied => "was forbidden by this computer, for example by a firewall",
        io::ErrorKind::TimedOut => "took longer than the system allows",
        _ => {
            return match error.raw_os_error() {
                Some(code) => format!("failed with system error {code}"),
                None => "failed for an unknown reason".to_owned(),
            };
        }
    };
    words.to_owned()
}
