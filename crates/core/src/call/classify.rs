//! What a failed attempt means: the error that a caller sees, and the facts that a retry depends on.

use std::time::{Duration, SystemTime};

use upscope_json::member::{member, text_or_number};
use ureq::http::HeaderMap;
use ureq::http::header::RETRY_AFTER;
use zeroize::Zeroizing;

use crate::call::retry::{self, Cause};
use crate::error::{Error, ErrorCode};
use crate::request::build::Call;
use crate::transport::attempt::Attempt;
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::{HttpTransport, Response};

/// An attempt that failed, as one thing: what to tell, and what to do.
pub(crate) struct FailedAttempt {
    pub(crate) error: Error,
    pub(crate) cause: Cause,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) may_have_applied: bool,
    pub(crate) retryable: bool,
    /// Repeating it does no harm.
    pub(crate) repeatable: bool,
}

/// An answer that is not 2xx.
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
    let unclear = call.changes_state() && (status == 408 || status >= 500);
    let later = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
    let retryable = later && (status == 429 || call.is_idempotent());
    let clean =
        |text: Option<Zeroizing<String>>| text.map(|text| transport.clean(&text)).filter(|text| !text.is_empty());
    let said = ServiceError::read(&response.body);
    let (api_error, api_message) = (clean(said.error), clean(said.message));

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
        None => message += advice(status, retryable, unclear),
    }
    message.push('.');
    FailedAttempt {
        error: Error::new(code, message)
            .with_http(status, api_error)
            .with_api_message(api_message)
            .with_request_id(transport.request_id(&response.headers)),
        cause: Cause::Status(status),
        retry_after: retry_after(&response.headers),
        may_have_applied: unclear,
        retryable,
        repeatable: call.is_idempotent(),
    }
}

/// The wait that the service asks for.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    retry::retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

/// What to do about a status. Never what the flags of the error deny.
fn advice(status: u16, retryable: bool, unclear: bool) -> &'static str {
    match status {
        401 => "check api_key, and whether the account's plan includes the REST API",
        402 => "the account's subscription does not cover it",
        404 => "what the request names does not exist; check the path of base_url",
        409 => "the present state forbids it; a visitor who is online cannot be deleted",
        429 => "too many requests; wait before the next one",
        300..=399 => "redirects are not followed; check base_url",
        408 if retryable => "the service did not get the request in time; try again",
        408 => "the service did not get the request in time; find out whether it was carried out before you repeat it",
        500.. if retryable => "the service failed; try again later",
        500.. if unclear => "the service failed; find out whether the request was carried out before you repeat it",
        500.. => "the service cannot carry the request out",
        _ => "the service does not take the request; check what it asks for, and base_url",
    }
}

/// What the service says of an error, in the body of an answer.
#[derive(Default)]
struct ServiceError {
    /// Its `error`, a code or a sentence.
    error: Option<Zeroizing<String>>,
    /// Its `message`, or that of an `error` that is an object.
    message: Option<Zeroizing<String>>,
}

impl ServiceError {
    fn read(body: &[u8]) -> ServiceError {
        // Bytes that are no text, here or elsewhere in the body, are no reason to lose it.
        let body = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
        let text = |object: &str, name: &str| Some(Zeroizing::new(text_or_number(member(object, name).ok()??)?));
        let error = member(&body, "error").ok().flatten();
        ServiceError {
            error: text(&body, "error"),
            message: text(&body, "message").or_else(|| text(error?.get(), "message")),
        }
    }
}

/// A 2xx answer that is not what was promised. `problem` follows "the answer".
pub(crate) fn bad_response(
    call: &Call,
    problem: &str,
    status: u16,
    request_id: Option<String>,
    may_apply: bool,
) -> FailedAttempt {
    FailedAttempt {
        error: bad_response_error(call, &format!("the answer {problem}"), Some(status)).with_request_id(request_id),
        cause: Cause::Final,
        retry_after: None,
        may_have_applied: may_apply,
        retryable: false,
        repeatable: call.is_idempotent(),
    }
}

/// No answer, or only the start of one.
pub(crate) fn transport_error(
    call: &Call,
    failure: &TransportError,
    attempt: &Attempt,
    may_apply: bool,
) -> FailedAttempt {
    let sent = attempt.was_sent();
    let harmless = call.is_idempotent() || !sent;
    let stale = failure.kind == ErrorKind::Lost && attempt.was_stale();
    let (code, cause, retryable) = match failure.kind {
        ErrorKind::Timeout => (ErrorCode::Timeout, Cause::Final, harmless),
        ErrorKind::Cancelled => (ErrorCode::Cancelled, Cause::Final, false),
        ErrorKind::ConnectTimeout | ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Proxy | ErrorKind::Tls => {
            (ErrorCode::Connection, Cause::NotReached, true)
        }
        // It is better freed before the same call is made again.
        ErrorKind::OutOfMemory => (ErrorCode::Connection, Cause::Final, harmless),
        ErrorKind::Certificate | ErrorKind::ProxyRefusal => (ErrorCode::Connection, Cause::Final, false),
        ErrorKind::Lost if failure.status.is_some() => (ErrorCode::BadResponse, Cause::Lost, harmless),
        ErrorKind::Lost if stale => (ErrorCode::Connection, Cause::Stale, harmless),
        ErrorKind::Lost if !sent => (ErrorCode::Connection, Cause::NotReached, true),
        ErrorKind::Lost => (ErrorCode::Connection, Cause::Lost, harmless),
        ErrorKind::Protocol if failure.status.is_none() => (ErrorCode::Connection, Cause::Final, false),
        ErrorKind::Protocol | ErrorKind::TooLarge => (ErrorCode::BadResponse, Cause::Final, false),
        ErrorKind::Internal => (ErrorCode::Internal, Cause::Final, false),
    };
    let error = match code {
        ErrorCode::BadResponse => bad_response_error(call, &failure.to_string(), failure.status),
        _ => Error::new(code, format!("{} failed: {failure}.", call.definition.name)),
    };
    let error = error.with_request_id(failure.request_id.clone());
    FailedAttempt { error, cause, retry_after: None, may_have_applied: may_apply, retryable, repeatable: harmless }
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
    fn the_services_own_words_are_found_whatever_stands_beside_them() {
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
            let found = ServiceError::read(body);
            let found = (found.error.as_ref().map(|text| &***text), found.message.as_ref().map(|text| &***text));
            assert_eq!(found, (error, message), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn no_advice_says_what_the_flags_deny() {
        for status in 100..=999 {
            for (retryable, unclear) in [(false, false), (false, true), (true, false), (true, true)] {
                let advice = advice(status, retryable || status == 429, unclear);
                let repeats = ["again", "later", "wait"].iter().any(|word| advice.contains(word));
                assert!(!repeats || retryable || status == 429, "{status}: {advice}");
                let warns = !retryable && (status == 408 || (status >= 500 && unclear));
                assert_eq!(advice.contains("before you repeat it"), warns, "{status}: {advice}");
            }
        }
    }
}
