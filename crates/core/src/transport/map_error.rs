//! Maps the errors of ureq, rustls and the system to [`TransportError`]. This is the one place that classifies them.

use std::fmt;
use std::io;

use upscope_http1::{InvalidResponse, InvalidState};

use crate::transport::attempt::{Attempt, Phase};
use crate::transport::error::{ErrorKind, TransportError};

/// What `error` means for this attempt.
pub(crate) fn map_error(error: ureq::Error, attempt: &Attempt) -> TransportError {
    match error {
        ureq::Error::Other(other) => match other.downcast::<TransportError>() {
            Ok(error) => *error,
            Err(other) if other.is::<InvalidResponse>() => TransportError::new(ErrorKind::Protocol, other.to_string()),
            Err(other) if other.is::<InvalidState>() => TransportError::new(ErrorKind::Internal, other.to_string()),
            Err(_) => unknown_error(),
        },
        ureq::Error::Io(error) => from_io(error, attempt),
        // Only ureq's own proxy connectors report timeouts. Their timeout is the attempt's time left.
        ureq::Error::Timeout(_) => match attempt.time_left() {
            Err(error) => error,
            Ok(_) => TransportError::new(ErrorKind::Connect, "timed out"),
        },
        ureq::Error::HostNotFound => TransportError::new(ErrorKind::Dns, "found no address"),
        ureq::Error::ConnectProxyFailed(reason) => from_http_proxy(&reason),
        ureq::Error::ConnectionFailed => TransportError::new(ErrorKind::Connect, "could not be opened"),
        // Only ureq's own proxy connectors report these.
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyStalled => {
            TransportError::new(ErrorKind::Proxy, "got an answer that is not HTTP from the proxy")
        }
        _ => unknown_error(),
    }
}

fn unknown_error() -> TransportError {
    TransportError::new(ErrorKind::Internal, "failed with an error that this library does not know")
}

fn from_io(error: io::Error, attempt: &Attempt) -> TransportError {
    if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
        // The conversion unwraps the inner error.
        return map_error(error.into(), attempt);
    }
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return from_tls(tls, attempt);
    }
    if error.kind() == io::ErrorKind::OutOfMemory {
        return TransportError::new(
            ErrorKind::OutOfMemory,
            format!("ran out of memory while {}", attempt.phase().describe()),
        );
    }
    match attempt.phase() {
        Phase::LookupQueued | Phase::Resolving => TransportError::new(ErrorKind::Dns, "found no address"),
        Phase::Connecting => TransportError::from_io(ErrorKind::Connect, &error),
        Phase::Proxy => from_socks_proxy(&error),
        Phase::Tls | Phase::Sending | Phase::Waiting | Phase::Reading => {
            TransportError::from_io(ErrorKind::Lost, &error)
        }
    }
}

fn from_http_proxy(reason: &str) -> TransportError {
    // ureq reports the proxy's status only as text.
    let status = reason.split_whitespace().last().and_then(|word| word.split('/').next());
    match status.and_then(|word| word.parse::<u16>().ok()) {
        // Some proxies answer 401 to a wrong password.
        Some(status @ (401 | 407)) => TransportError::new(
            ErrorKind::ProxyRefusal,
            format!("was refused: the proxy requires a user name and password; put them in the proxy URL ({status})"),
        ),
        Some(status @ 400..500) if !matches!(status, 408 | 429) => TransportError::new(
            ErrorKind::ProxyRefusal,
            format!(
                "was refused by the proxy with status {status}: ask its administrator to allow the host of base_url"
            ),
        ),
        Some(status) => TransportError::new(ErrorKind::Proxy, format!("was refused by the proxy with status {status}")),
        None => TransportError::new(ErrorKind::Proxy, "ended because the proxy did not answer"),
    }
}

/// Errors of ureq's SOCKS connector. It has no error type: it reports texts and [`io::ErrorKind`]s.
fn from_socks_proxy(error: &io::Error) -> TransportError {
    if error.raw_os_error().is_some() || error.get_ref().is_none() {
        return TransportError::from_io(ErrorKind::Proxy, error);
    }
    match error.to_string().as_str() {
        "no acceptable auth methods" | "password authentication failed" => TransportError::new(
            ErrorKind::ProxyRefusal,
            "was refused: the proxy requires a user name and password; put them in the proxy URL",
        ),
        "connection not allowed by ruleset" => TransportError::new(
            ErrorKind::ProxyRefusal,
            "was refused by the proxy's rules: ask the proxy's administrator to allow the host of base_url",
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
        _ if matches!(error.kind(), io::ErrorKind::Other | io::ErrorKind::InvalidData) => TransportError::new(
            ErrorKind::Proxy,
            "failed: the server at the proxy's address does not speak the proxy protocol",
        ),
        _ => TransportError::from_io(ErrorKind::Proxy, error),
    }
}

/// TLS errors: a rejected certificate, a failed handshake, or a connection that broke later.
fn from_tls(error: &rustls::Error, attempt: &Attempt) -> TransportError {
    use rustls::{Error, OtherError};

    // Our own error, which passed through rustls.
    if let Error::Other(OtherError(inner)) = error
        && let Some(error) = inner.downcast_ref::<TransportError>()
    {
        return TransportError { os_error: error.os_error, ..TransportError::new(error.kind, error.problem.clone()) };
    }
    if let Error::InvalidCertificate(reason) = error {
        return TransportError::new(ErrorKind::Certificate, describe_certificate_error(reason));
    }
    let kind = match attempt.phase() {
        Phase::Sending | Phase::Waiting | Phase::Reading => ErrorKind::Lost,
        Phase::Proxy => ErrorKind::Proxy,
        _ => ErrorKind::Tls,
    };
    TransportError::new(kind, describe_tls_error(error, attempt))
}

fn describe_certificate_error(reason: &rustls::CertificateError) -> &'static str {
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
            "was refused: the certificate is for another host name than the one in base_url"
        }
        CertificateError::Revoked => "was refused: the certificate is revoked",
        CertificateError::UnknownRevocationStatus => {
            "was refused: this computer cannot find out whether the certificate is revoked"
        }
        _ => "was refused: the certificate is not valid",
    }
}

/// A clause that follows "the TLS connection" or "the connection".
fn describe_tls_error(error: &rustls::Error, attempt: &Attempt) -> String {
    use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

    match error {
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "failed: the server offers no TLS 1.2 or newer, which this library needs".to_owned(),
        Error::AlertReceived(alert) => describe_alert(*alert, attempt.client_certificate_requested()),
        Error::PeerIncompatible(reason) => {
            format!("failed: the server and this library do not agree on TLS ({})", variant_words(reason))
        }
        Error::PeerMisbehaved(reason) => {
            format!("failed: the server violates the TLS protocol ({})", variant_words(reason))
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion)
            if attempt.phase() == Phase::Tls =>
        {
            "failed: the server does not speak TLS; check the port in base_url".to_owned()
        }
        Error::InvalidMessage(reason) => format!("failed: a TLS message is malformed ({})", variant_words(reason)),
        Error::DecryptError => "failed: a TLS record could not be decrypted".to_owned(),
        Error::PeerSentOversizedRecord => "failed: a TLS record is too large".to_owned(),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            "failed: the server sent an unexpected TLS message".to_owned()
        }
        Error::NoCertificatesPresented => "failed: the server sent no certificate".to_owned(),
        _ => "failed with an unknown TLS error".to_owned(),
    }
}

/// Describes the alert with which the server ended the connection.
fn describe_alert(alert: rustls::AlertDescription, client_certificate_requested: bool) -> String {
    use rustls::AlertDescription;

    let name = match alert {
        AlertDescription::UnrecognisedName => "unrecognized name".to_owned(),
        AlertDescription::UnknownCA => "unknown CA".to_owned(),
        _ if alert.as_str().is_none() => "unknown".to_owned(),
        _ => variant_words(&alert),
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

/// The name of an enum variant of rustls, such as `NoCipherSuitesInCommon`, as words.
fn variant_words(variant: &impl fmt::Debug) -> String {
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
