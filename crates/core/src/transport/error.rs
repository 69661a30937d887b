//! Why an attempt got no answer. The one place that classifies what ureq, rustls and the system report.

use std::fmt;
use std::io;

use upscope_http1::{InvalidResponse, InvalidState};

use crate::transport::attempt::{Attempt, Phase};
use crate::transport::shortage;

/// An attempt that got no answer, or only the start of one.
#[derive(Debug)]
pub(crate) struct TransportError {
    pub(crate) kind: ErrorKind,
    /// A clause: what happened, to follow the subject of [`ErrorKind::subject`]. Never quotes the answer.
    pub(crate) problem: String,
    /// The status, when the failure came after it.
    pub(crate) status: Option<u16>,
    /// What the service calls the answer, when the failure came after its head.
    pub(crate) request_id: Option<String>,
}

/// What kind of failure, as far as code, retry and advice depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The call's deadline passed.
    Timeout,
    /// The time for one connection passed before the deadline.
    ConnectTimeout,
    /// The caller ended the call.
    Cancelled,
    /// The host name is not known.
    Dns,
    /// No connection: refused, unreachable, reset on the way.
    Connect,
    /// The proxy was not reached, refused or did not understand.
    Proxy,
    /// The proxy does not let the connection through: trying again cannot help.
    ProxyRefusal,
    /// The TLS handshake failed, for another reason than the certificate.
    Tls,
    /// The server's certificate was refused: trying again cannot help.
    Certificate,
    /// The connection broke.
    Lost,
    /// What came is no HTTP, or its compression is broken.
    Protocol,
    /// The answer is larger than allowed.
    TooLarge,
    /// There was too little memory.
    OutOfMemory,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// What the problem is said of.
    fn subject(self) -> &'static str {
        match self {
            ErrorKind::Timeout => "the deadline",
            ErrorKind::Cancelled => "the call",
            ErrorKind::Dns => "the look-up of the host name",
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
        TransportError { kind, problem: problem.into(), status: None, request_id: None }
    }

    pub(crate) fn with_status(mut self, status: u16) -> TransportError {
        self.status = Some(status);
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> TransportError {
        self.request_id = id;
        self
    }

    /// The failure as an error that travels through ureq.
    pub(crate) fn into_ureq(self) -> ureq::Error {
        ureq::Error::Other(Box::new(self))
    }

    /// What an error of ureq's means in this attempt.
    pub(crate) fn of(error: ureq::Error, attempt: &Attempt) -> TransportError {
        match error {
            ureq::Error::Other(other) => match other.downcast::<TransportError>() {
                Ok(failure) => *failure,
                Err(other) if other.is::<InvalidResponse>() => {
                    TransportError::new(ErrorKind::Protocol, other.to_string())
                }
                Err(other) if other.is::<InvalidState>() => TransportError::new(ErrorKind::Internal, other.to_string()),
                Err(_) => TransportError::new(ErrorKind::Internal, "failed in a way that this library does not know"),
            },
            ureq::Error::Io(error) => of_io(error, attempt),
            // Only the proxies that ureq itself talks to know a timeout: their budget is the attempt's.
            ureq::Error::Timeout(_) => match attempt.check() {
                Err(failure) => failure,
                Ok(()) => TransportError::new(ErrorKind::Connect, "did not answer in its share of the time"),
            },
            ureq::Error::HostNotFound => TransportError::new(ErrorKind::Dns, "found no address"),
            ureq::Error::ConnectProxyFailed(reason) => of_proxy(&reason),
            ureq::Error::ConnectionFailed => TransportError::new(ErrorKind::Connect, "got no connection"),
            // Only the proxies that ureq itself talks to.
            ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyStalled => {
                TransportError::new(ErrorKind::Proxy, "got an answer that is not HTTP from the proxy")
            }
            _ => TransportError::new(ErrorKind::Internal, "failed in a way that this library does not know"),
        }
    }
}

/// A request that the HTTP library does not take: our checks should have refused it.
pub(crate) fn unsendable(_: ureq::http::Error) -> TransportError {
    TransportError::new(ErrorKind::Internal, "was refused by the HTTP library")
}

fn of_io(error: io::Error, attempt: &Attempt) -> TransportError {
    if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
        // The conversion takes it out.
        return TransportError::of(error.into(), attempt);
    }
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(tls, attempt);
    }
    if error.kind() == io::ErrorKind::OutOfMemory {
        return TransportError::new(
            ErrorKind::OutOfMemory,
            format!("ran out of memory while {}", attempt.phase().describe()),
        );
    }
    match attempt.phase() {
        Phase::AwaitingLookUp | Phase::Resolving => TransportError::new(ErrorKind::Dns, "found no address"),
        Phase::Connecting => TransportError::new(ErrorKind::Connect, of_system(&error)),
        Phase::Proxy => of_socks(&error),
        Phase::Tls | Phase::Sending | Phase::Waiting | Phase::Reading => {
            TransportError::new(ErrorKind::Lost, of_system(&error))
        }
    }
}

/// The system's kind of error in words; its own text is in the language of the system.
pub(crate) fn of_system(error: &io::Error) -> String {
    if let Some(shortage) = shortage::named(error) {
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
                None => "failed for a reason the system does not name".to_owned(),
            };
        }
    };
    words.to_owned()
}

fn of_proxy(reason: &str) -> TransportError {
    // ureq keeps the proxy's status in its text alone.
    let status = reason.split_whitespace().last().and_then(|word| word.split('/').next());
    match status.and_then(|word| word.parse::<u16>().ok()) {
        // Some say 401 to a login that is wrong.
        Some(status @ (401 | 407)) => TransportError::new(
            ErrorKind::ProxyRefusal,
            format!("was refused: the proxy wants a user name and password, which go into the proxy URL ({status})"),
        ),
        Some(status @ 400..500) if !matches!(status, 408 | 429) => TransportError::new(
            ErrorKind::ProxyRefusal,
            format!("was refused by the proxy with status {status}: ask who runs it to allow the host of base_url"),
        ),
        Some(status) => TransportError::new(ErrorKind::Proxy, format!("was refused by the proxy with status {status}")),
        None => TransportError::new(ErrorKind::Proxy, "ended because the proxy did not answer"),
    }
}

/// What ureq's SOCKS connector reports. It has no type of its own: texts, and kinds of the system's.
fn of_socks(error: &io::Error) -> TransportError {
    if error.raw_os_error().is_some() || error.get_ref().is_none() {
        return TransportError::new(ErrorKind::Proxy, of_system(error));
    }
    match error.to_string().as_str() {
        "no acceptable auth methods" | "password authentication failed" => TransportError::new(
            ErrorKind::ProxyRefusal,
            "was refused: the proxy wants a user name and password, which go into the proxy URL",
        ),
        "connection not allowed by ruleset" => TransportError::new(
            ErrorKind::ProxyRefusal,
            "was refused by the proxy's rules: ask who runs it to allow the host of base_url",
        ),
        reason @ ("general SOCKS server failure"
        | "network unreachable"
        | "host unreachable"
        | "connection refused"
        | "TTL expired"
        | "command not supported"
        | "address kind not supported"
        | "request rejected or failed") => {
            TransportError::new(ErrorKind::Proxy, format!("failed at the proxy, which says {reason:?}"))
        }
        _ if matches!(error.kind(), io::ErrorKind::Other | io::ErrorKind::InvalidData) => {
            TransportError::new(ErrorKind::Proxy, "failed: what answered does not speak the proxy's protocol")
        }
        _ => TransportError::new(ErrorKind::Proxy, of_system(error)),
    }
}

/// TLS trouble: a certificate that was refused, a handshake that failed, or a connection that broke later on.
fn of_tls(error: &rustls::Error, attempt: &Attempt) -> TransportError {
    use rustls::{Error, OtherError};

    // A failure of ours that went through rustls.
    if let Error::Other(OtherError(inner)) = error
        && let Some(failure) = inner.downcast_ref::<TransportError>()
    {
        return TransportError::new(failure.kind, failure.problem.clone());
    }
    if let Error::InvalidCertificate(reason) = error {
        return TransportError::new(ErrorKind::Certificate, of_certificate(reason));
    }
    let kind = match attempt.phase() {
        Phase::Sending | Phase::Waiting | Phase::Reading => ErrorKind::Lost,
        Phase::Proxy => ErrorKind::Proxy,
        _ => ErrorKind::Tls,
    };
    TransportError::new(kind, tls_problem(error, attempt))
}

fn of_certificate(reason: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError;

    match reason {
        CertificateError::UnknownIssuer => {
            "was refused: the certificate is issued by an authority that this computer does not trust; if a company proxy inspects TLS, give its root certificate as ca_file"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "was refused: the certificate has expired, or this computer's clock is wrong"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "was refused: the certificate is not valid yet, or this computer's clock is wrong"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "was refused: the certificate is for another host name than base_url names"
        }
        CertificateError::Revoked => "was refused: the certificate is revoked",
        CertificateError::UnknownRevocationStatus => {
            "was refused: this computer cannot find out whether the certificate is revoked"
        }
        _ => "was refused: the certificate is not valid",
    }
}

/// What went wrong within TLS: a clause that follows "the TLS connection" or "the connection".
fn tls_problem(error: &rustls::Error, attempt: &Attempt) -> String {
    use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

    match error {
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "failed: the server offers no TLS 1.2 or newer, which this library needs".to_owned(),
        Error::AlertReceived(alert) => of_alert(*alert, attempt.client_certificate_requested()),
        Error::PeerIncompatible(reason) => {
            format!("failed: the server and this library do not agree on TLS ({})", words(reason))
        }
        Error::PeerMisbehaved(reason) => format!("failed: the server violates the TLS protocol ({})", words(reason)),
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion)
            if attempt.phase() == Phase::Tls =>
        {
            "failed: what answered does not speak TLS; check the port in base_url".to_owned()
        }
        Error::InvalidMessage(reason) => format!("failed: a TLS message is malformed ({})", words(reason)),
        Error::DecryptError => "failed: a TLS record could not be decrypted".to_owned(),
        Error::PeerSentOversizedRecord => "failed: a TLS record is too large".to_owned(),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "failed: the server sent a TLS message that does not belong there".to_owned()
        }
        Error::NoCertificatesPresented => "failed: the server sent no certificate".to_owned(),
        _ => "failed within TLS".to_owned(),
    }
}

/// Names the alert with which the server ended the connection.
fn of_alert(alert: rustls::AlertDescription, client_certificate_requested: bool) -> String {
    use rustls::AlertDescription;

    let name = match alert {
        AlertDescription::UnrecognisedName => "unrecognized name".to_owned(),
        AlertDescription::UnknownCA => "unknown CA".to_owned(),
        _ if alert.as_str().is_none() => "unknown".to_owned(),
        _ => words(&alert),
    };
    let advice = match alert {
        _ if client_certificate_requested || alert == AlertDescription::CertificateRequired => {
            ": the server asked for a client certificate, which this library does not have"
        }
        AlertDescription::UnrecognisedName => ": it does not serve the host that base_url names",
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            ", which usually means that it accepts none of the TLS parameters that this library offers"
        }
        _ => "",
    };
    format!("was ended by the server with the TLS alert \"{name}\" ({}){advice}", u8::from(alert))
}

/// The name of a variant of rustls's, such as `NoCipherSuitesInCommon`, as words.
fn words(variant: &impl fmt::Debug) -> String {
    let name = format!("{variant:?}");
    let mut words = String::new();
    for character in name.chars().take_while(char::is_ascii_alphanumeric) {
        if character.is_ascii_uppercase() && words.ends_with(|last: char| last.is_ascii_lowercase()) {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.subject(), self.problem)
    }
}

impl std::error::Error for TransportError {}
