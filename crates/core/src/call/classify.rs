//! Classifies a failed attempt: the error that the caller gets, and the facts that a retry depends on.

use std::time::{Duration, SystemTime};

use upscope_json::member::member;
use upscope_json::value::text_or_number;
use ureq::http::HeaderMap;
use ureq::http::header::RETRY_AFTER;
use zeroize::Zeroizing;

use crate::call::retry::{Cause, parse_retry_after};
use crate::error::{Error, ErrorCode};
use crate::request::build::Call;
use crate::transport::attempt::Attempt;
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::{HttpTransport, Response};

/// A failed attempt: its error, and the facts from which [`retry::decide`](crate::call::retry::decide) decides.
#[derive(Clone)]
pub(crate) struct FailedAttempt {
    pub(crate) error: Error,
    pub(crate) cause: Cause,
    /// Whether the request may be sent twice: it is idempotent, or it was not sent.
    pub(crate) safe_to_repeat: bool,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) may_have_applied: bool,
}

impl FailedAttempt {
    /// The `retryable` flag of the error.
    pub(crate) fn is_retryable(&self) -> bool {
        self.cause.is_retryable(self.safe_to_repeat)
    }

    /// The error of a call, after this many attempts. `may_have_applied` is about all of them.
    pub(crate) fn into_error(self, call: &Call, attempts: u32, may_have_applied: bool) -> Error {
        let retryable = self.is_retryable();
        self.error.in_operation(call.definition.name).with_retry_after(self.retry_after).with_outcome(
            attempts,
            retryable,
            may_have_applied,
        )
    }
}

/// A response with a status that is not 2xx.
pub(crate) fn http_error(call: &Call, transport: &HttpTransport, response: &Response) -> FailedAttempt {
    let status = response.status;
    let code = match status {
        401 => ErrorCode::Unauthorized,
        402 => ErrorCode::PaymentRequired,
        404 => ErrorCode::NotFound,
        409 => ErrorCode::Conflict,
        429 => ErrorCode::RateLimited,
        500.. => ErrorCode::ServerError,
        _ => ErrorCode::HttpError,
    };
    let cause = Cause::Status(status);
    let safe_to_repeat = call.is_idempotent();
    let may_have_applied = call.changes_state() && cause.leaves_outcome_unknown();
    let redact =
        |text: Option<Zeroizing<String>>| text.map(|text| transport.clean(&text)).filter(|text| !text.is_empty());
    let service_error = ServiceError::parse(&response.body);
    let (api_error, api_message) = (redact(service_error.error), redact(service_error.message));

    let mut message = format!("{} was answered with status {status}", call.definition.name);
    if let Some(text) = &api_error {
        message += &format!(" ({text})");
    }
    if let Some(text) = api_message.as_ref().filter(|text| Some(*text) != api_error.as_ref()) {
        message += &format!(" and the message \"{text}\"");
    }
    message += ": ";
    match call.identifier().filter(|_| status == 404) {
        Some((name, id)) => {
            let id = transport.identifier(&id);
            message += &format!(
                "what the request names does not exist ({name} \"{id}\"); check the id, and the path of base_url"
            );
        }
        None => message += advice(status, cause.is_retryable(safe_to_repeat), may_have_applied),
    }
    message.push('.');
    FailedAttempt {
        error: Error::new(code, message)
            .with_http(status, api_error)
            .with_api_message(api_message)
            .with_request_id(transport.request_id(&response.headers)),
        cause,
        safe_to_repeat,
        retry_after: retry_after(&response.headers),
        may_have_applied,
    }
}

/// The `Retry-After` of a response.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    parse_retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

/// What a caller can do about a status. It agrees with the flags of the error.
fn advice(status: u16, retryable: bool, may_have_applied: bool) -> &'static str {
    match status {
        401 => "check api_key, and whether the account's plan includes the REST API",
        402 => "the account's subscription does not cover it",
        404 => "what the request names does not exist; check the path of base_url",
        409 => "the current state does not allow it; a visitor who is online cannot be deleted",
        429 => "too many requests; wait before the next one",
        300..=399 => "redirects are not followed; check base_url",
        408 if retryable => "the service did not get the request in time; try again",
        408 => "the service did not get the request in time; find out whether it was carried out before you repeat it",
        500.. if retryable => "the service failed; try again later",
        500.. if may_have_applied => {
            "the service failed; find out whether the request was carried out before you repeat it"
        }
        500.. => "the service cannot process the request",
        _ => "the service rejected the request; check the request and base_url",
    }
}

/// The service's own description of an error, in the body of a response.
#[derive(Default)]
struct ServiceError {
    /// The member `error`: a code or a sentence.
    error: Option<Zeroizing<String>>,
    /// The member `message`, or that of an `error` that is an object.
    message: Option<Zeroizing<String>>,
}

impl ServiceError {
    fn parse(body: &[u8]) -> ServiceError {
        // Invalid UTF-8 anywhere in the body must not hide the rest of it.
        let body = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
        let text = |object: &str, name: &str| Some(Zeroizing::new(text_or_number(member(object, name).ok()??)?));
        let error = member(&body, "error").ok().flatten();
        ServiceError {
            error: text(&body, "error"),
            message: text(&body, "message").or_else(|| text(error?.get(), "message")),
        }
    }
}

/// A 2xx response without the expected body. `problem` follows "the answer".
pub(crate) fn bad_response(
    call: &Call,
    problem: &str,
    status: u16,
    request_id: Option<String>,
    attempt: &Attempt,
) -> FailedAttempt {
    FailedAttempt {
        error: bad_response_error(call, &format!("the answer {problem}"), Some(status)).with_request_id(request_id),
        cause: Cause::Permanent,
        safe_to_repeat: call.is_idempotent(),
        retry_after: None,
        may_have_applied: may_have_applied(call, attempt),
    }
}

/// No response, or an incomplete one.
pub(crate) fn transport_error(call: &Call, error: &TransportError, attempt: &Attempt) -> FailedAttempt {
    let sent = attempt.was_sent();
    let has_response = error.status.is_some();
    let (code, cause) = match error.kind {
        ErrorKind::Timeout => (ErrorCode::Timeout, Cause::Timeout),
        ErrorKind::Cancelled => (ErrorCode::Cancelled, Cause::Permanent),
        ErrorKind::ConnectTimeout | ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Proxy | ErrorKind::Tls => {
            (ErrorCode::Connection, Cause::NotSent)
        }
        ErrorKind::OutOfMemory => (ErrorCode::Connection, Cause::OutOfMemory),
        ErrorKind::Certificate | ErrorKind::ProxyRefusal => (ErrorCode::Connection, Cause::Permanent),
        ErrorKind::Lost if has_response => (ErrorCode::BadResponse, Cause::ConnectionLost),
        ErrorKind::Lost if attempt.was_stale() => (ErrorCode::Connection, Cause::StaleConnection),
        ErrorKind::Lost if !sent => (ErrorCode::Connection, Cause::NotSent),
        ErrorKind::Lost => (ErrorCode::Connection, Cause::ConnectionLost),
        ErrorKind::Protocol if !has_response => (ErrorCode::Connection, Cause::Permanent),
        ErrorKind::Protocol | ErrorKind::TooLarge => (ErrorCode::BadResponse, Cause::Permanent),
        ErrorKind::Internal => (ErrorCode::Internal, Cause::Permanent),
    };
    let public_error = match code {
        ErrorCode::BadResponse => bad_response_error(call, &error.to_string(), error.status),
        _ => Error::new(code, format!("{} failed: {error}.", call.definition.name)),
    };
    FailedAttempt {
        error: public_error.with_request_id(error.request_id.clone()).with_os_error(error.os_error),
        cause,
        safe_to_repeat: call.is_idempotent() || !sent,
        retry_after: None,
        may_have_applied: may_have_applied(call, attempt),
    }
}

/// Whether an attempt without a usable response may have changed something at the service.
fn may_have_applied(call: &Call, attempt: &Attempt) -> bool {
    call.changes_state() && attempt.was_sent()
}

fn bad_response_error(call: &Call, problem: &str, status: Option<u16>) -> Error {
    let message = format!("{} was answered, but {problem}.", call.definition.name);
    let error = Error::new(ErrorCode::BadResponse, message);
    match status {
        Some(status) => error.with_http(status, None),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_and_message_of_the_service_are_found() {
        for (body, error, message) in [
            (&b"{\"status\":\"error\",\"error\":\"n\\u006ft_found\"}"[..], Some("not_found"), None),
            (b"{\"error\":404}", Some("404"), None),
            (b"{\"page\":\"\xff\",\"error\":\"no\"}", Some("no"), None),
            (b"{\"error\":\"n\xffo\"}", Some("n\u{fffd}o"), None),
            (b"{\"error\":\"bad\",\"message\":\"must be en or de\"}", Some("bad"), Some("must be en or de")),
            (b"{\"message\":\"Forbidden\"}", None, Some("Forbidden")),
            (b"{\"error\":{\"code\":1,\"message\":\"no\"}}", None, Some("no")),
            (b"{\"error\":{\"message\":\"no\"},\"message\":\"yes\"}", None, Some("yes")),
            (b"{\"error\":{\"error\":\"no\"},\"message\":{\"message\":\"no\"}}", None, None),
            (b"{\"error\":\"\\ud800\",\"message\":[\"no\"]}", None, None),
            (b"{\"error\":\"no\"", None, None),
            (b"<html>", None, None),
            (b"", None, None),
        ] {
            let found = ServiceError::parse(body);
            let found = (found.error.as_ref().map(|text| &***text), found.message.as_ref().map(|text| &***text));
            assert_eq!(found, (error, message), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn advice_agrees_with_the_flags() {
        for status in 100..=999 {
            for (retryable, may_have_applied) in [(false, false), (false, true), (true, false), (true, true)] {
                let advice = advice(status, retryable || status == 429, may_have_applied);
                let repeats = ["again", "later", "wait"].iter().any(|word| advice.contains(word));
                assert!(!repeats || retryable || status == 429, "{status}: {advice}");
                let warns = !retryable && (status == 408 || (status >= 500 && may_have_applied));
                assert_eq!(advice.contains("before you repeat it"), warns, "{status}: {advice}");
            }
        }
    }
}
