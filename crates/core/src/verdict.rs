//! What a failed attempt means: the error that a caller sees, and the facts that a retry depends on.

use std::time::Duration;

use upscope_json::member::{member, text_or_number};

use crate::call::Call;
use crate::error::{Error, ErrorCode};
use crate::retry::Outcome;
use crate::wire::attempt::Attempt;
use crate::wire::failure::{Failure, Kind};
use crate::wire::{Reply, Wire};

/// An attempt that failed, as one thing: what to tell, and what to do.
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) outcome: Outcome,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) may_have_applied: bool,
    pub(crate) retryable: bool,
    /// Repeating it does no harm.
    pub(crate) repeatable: bool,
}

/// An answer that is not 2xx.
pub(crate) fn refused(call: &Call, wire: &Wire, reply: &Reply) -> Failed {
    let status = reply.status;
    let (code, advice) = match status {
        401 => (ErrorCode::Unauthorized, "check api_key, and whether the account's plan includes the REST API"),
        402 => (ErrorCode::PaymentRequired, "the account's subscription does not cover it"),
        404 => (ErrorCode::NotFound, "what the request names does not exist; check the id, and the path of base_url"),
        409 => (ErrorCode::Conflict, "the present state forbids it; a visitor who is online cannot be deleted"),
        429 => (ErrorCode::RateLimited, "too many requests; wait before the next one"),
        300..=399 => (ErrorCode::HttpError, "redirects are not followed; check base_url"),
        408 => (ErrorCode::HttpError, "the service did not get the request in time; try again"),
        500.. => (ErrorCode::ServerError, "the service failed; try again later"),
        _ => (ErrorCode::HttpError, "the service does not take the request; check what it asks for, and base_url"),
    };
    let api_error = api_error(&reply.body).map(|text| wire.clean(&text)).filter(|text| !text.is_empty());
    let said = api_error.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    let message = format!("{} was answered with status {status}{said}: {advice}.", call.definition.name);
    let unclear = call.changes_state() && (status == 408 || status >= 500);
    let later = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
    Failed {
        error: Error::new(code, message).with_http(status, api_error),
        outcome: Outcome::Status(status),
        retry_after: reply.retry_after,
        may_have_applied: unclear,
        retryable: later && (status == 429 || call.is_idempotent()),
        repeatable: call.is_idempotent(),
    }
}

/// The service's own `error` text in the body of an answer.
fn api_error(body: &[u8]) -> Option<String> {
    // Bytes that are no text, here or elsewhere in the body, are no reason to lose it.
    text_or_number(member(&String::from_utf8_lossy(body), "error").ok()??)
}

/// A 2xx answer that is not what was promised. `problem` follows "the answer".
pub(crate) fn unreadable(call: &Call, problem: &str, status: u16, may_apply: bool) -> Failed {
    Failed {
        error: bad_response(call, &format!("the answer {problem}"), Some(status)),
        outcome: Outcome::Final,
        retry_after: None,
        may_have_applied: may_apply,
        retryable: false,
        repeatable: call.is_idempotent(),
    }
}

/// No answer, or only the start of one.
pub(crate) fn unanswered(call: &Call, failure: &Failure, attempt: &Attempt, may_apply: bool) -> Failed {
    let sent = attempt.was_sent();
    let harmless = call.is_idempotent() || !sent;
    let stale = failure.kind == Kind::Lost && attempt.was_stale();
    let (code, outcome, retryable) = match failure.kind {
        Kind::Timeout => (ErrorCode::Timeout, Outcome::Final, harmless),
        Kind::Cancelled => (ErrorCode::Cancelled, Outcome::Final, false),
        Kind::ConnectTimeout | Kind::Dns | Kind::Connect | Kind::Proxy | Kind::Tls => {
            (ErrorCode::Connection, Outcome::NotReached, true)
        }
        // It is better freed before the same call is made again.
        Kind::OutOfMemory => (ErrorCode::Connection, Outcome::Final, harmless),
        Kind::Certificate | Kind::ProxyRefusal => (ErrorCode::Connection, Outcome::Final, false),
        Kind::Lost if failure.status.is_some() => (ErrorCode::BadResponse, Outcome::Lost, harmless),
        Kind::Lost if stale => (ErrorCode::Connection, Outcome::Stale, harmless),
        Kind::Lost if !sent => (ErrorCode::Connection, Outcome::NotReached, true),
        Kind::Lost => (ErrorCode::Connection, Outcome::Lost, harmless),
        Kind::Protocol if failure.status.is_none() => (ErrorCode::Connection, Outcome::Final, false),
        Kind::Protocol | Kind::TooLarge => (ErrorCode::BadResponse, Outcome::Final, false),
        Kind::Internal => (ErrorCode::Internal, Outcome::Final, false),
    };
    let error = match code {
        ErrorCode::BadResponse => bad_response(call, &failure.to_string(), failure.status),
        _ => Error::new(code, format!("{} failed: {failure}.", call.definition.name)),
    };
    Failed { error, outcome, retry_after: None, may_have_applied: may_apply, retryable, repeatable: harmless }
}

fn bad_response(call: &Call, problem: &str, status: Option<u16>) -> Error {
    let message = format!("{} was answered, but {problem}.", call.definition.name);
    let error = Error::new(ErrorCode::BadResponse, message);
    match status {
        Some(status) => error.with_http(status, None),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::api_error;

    #[test]
    fn the_services_own_error_is_found_whatever_stands_beside_it() {
        for (body, error) in [
            (&b"{\"status\":\"error\",\"error\":\"n\\u006ft_found\"}"[..], Some("not_found")),
            (b"{\"error\":404}", Some("404")),
            (b"{\"page\":\"\xff\",\"error\":\"no\"}", Some("no")),
            (b"{\"error\":\"n\xffo\"}", Some("n\u{fffd}o")),
            (b"{\"error\":{\"error\":\"no\"}}", None),
            (b"{\"error\":\"\\ud800\"}", None),
            (b"{\"error\":\"no\"", None),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(api_error(body).as_deref(), error, "{}", String::from_utf8_lossy(body));
        }
    }
}
