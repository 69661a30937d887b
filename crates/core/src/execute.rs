//! Carries a call out: attempt after attempt, until an answer, a failure that stays, or the deadline.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::answer;
use crate::call::Call;
use crate::cancel::Control;
use crate::error::{Error, ErrorCode};
use crate::log::{self, Level};
use crate::retry::{self, Decision, Outcome};
use crate::wire::attempt::Attempt;
use crate::wire::failure::{Failure, Kind};
use crate::wire::{Reply, Wire};

/// The times of one client's calls.
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
}

/// An attempt that failed, as one thing: what to tell, and what to do.
struct Failed {
    error: Error,
    outcome: Outcome,
    retry_after: Option<Duration>,
    may_have_applied: bool,
    retryable: bool,
    /// Repeating it does no harm.
    repeatable: bool,
}

/// Sends `call`, whose time began then, until it is answered or has failed for good. Answers the service's JSON.
pub(crate) fn execute(
    call: &Call,
    wire: &Wire,
    limits: &Limits,
    control: &Control,
    began: Instant,
) -> Result<String, Error> {
    let deadline = began + call.timeout.unwrap_or(limits.timeout);
    let max_retries = call.max_retries.unwrap_or(limits.max_retries);
    let mut attempts = 0;
    let mut retries = 0;
    let mut repeated = false;
    let mut may_have_applied = false;
    loop {
        attempts += 1;
        let fresh_only = repeated && retries == 0 && attempts == 2;
        let attempt = Attempt::new(deadline, limits.connect_timeout, control.clone(), fresh_only);
        let failed = match run(call, wire, &attempt, attempts) {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        may_have_applied |= failed.may_have_applied;
        let decision = retry::decide(&retry::Attempt {
            outcome: failed.outcome,
            idempotent: failed.repeatable,
            retries,
            max_retries,
            repeated,
            retry_after: failed.retry_after,
            time_left: deadline.saturating_duration_since(Instant::now()),
            random: random(),
        });
        let wait = match decision {
            Decision::Stop => None,
            Decision::Repeat => {
                repeated = true;
                Some(Duration::ZERO)
            }
            Decision::Retry(wait) => {
                retries += 1;
                Some(wait)
            }
        };
        let Some(wait) = wait else {
            return Err(failed
                .error
                .in_operation(call.definition.name)
                .with_retry_after(failed.retry_after)
                .with_outcome(attempts, failed.retryable, may_have_applied));
        };
        log::write(Level::Warn, || format!("{}; trying again in {} ms", failed.error.message(), wait.as_millis()));
        if !control.sleep(wait) {
            let error = Error::new(
                ErrorCode::Cancelled,
                format!("{} failed: the call was cancelled while waiting to try again.", call.definition.name),
            );
            return Err(error.in_operation(call.definition.name).with_outcome(attempts, false, may_have_applied));
        }
    }
}

/// One attempt, with its log lines.
fn run(call: &Call, wire: &Wire, attempt: &Attempt, number: u32) -> Result<String, Failed> {
    let began = Instant::now();
    log::write(Level::Trace, || format!("{} {} attempt {number}", call.method, call.target.path()));
    let result = wire.attempt(call, attempt);
    log::write(Level::Debug, || {
        let outcome = match &result {
            Ok(reply) => reply.status.to_string(),
            Err(failure) => failure.to_string(),
        };
        let time = began.elapsed().as_millis();
        format!("{} {} {outcome} {time} ms attempt {number}", call.method, call.target.path())
    });
    let may_apply = call.changes_state() && attempt.was_sent();
    match result {
        Ok(reply) if (200..300).contains(&reply.status) => {
            answer::check(reply.body, call.definition.promise).map_err(|problem| Failed {
                error: bad_response(call, &format!("the answer {problem}"), Some(reply.status)),
                outcome: Outcome::Final,
                retry_after: None,
                may_have_applied: may_apply,
                retryable: false,
                repeatable: call.is_idempotent(),
            })
        }
        Ok(reply) => Err(refused(call, wire, &reply)),
        Err(failure) => Err(unanswered(call, &failure, attempt, may_apply)),
    }
}

/// An answer that is not 2xx.
fn refused(call: &Call, wire: &Wire, reply: &Reply) -> Failed {
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
        _ => (ErrorCode::HttpError, "the service does not take the request; check its keys, and base_url"),
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
    #[derive(serde::Deserialize)]
    struct Body {
        error: Option<serde_json::Value>,
    }
    match serde_json::from_slice::<Body>(body).ok()?.error? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// No answer, or only the start of one.
fn unanswered(call: &Call, failure: &Failure, attempt: &Attempt, may_apply: bool) -> Failed {
    let sent = attempt.was_sent();
    let harmless = call.is_idempotent() || !sent;
    let stale = failure.kind == Kind::Lost && attempt.was_stale();
    let (code, outcome, retryable) = match failure.kind {
        Kind::Timeout => (ErrorCode::Timeout, Outcome::Final, harmless),
        Kind::Cancelled => (ErrorCode::Cancelled, Outcome::Final, false),
        Kind::ConnectTimeout | Kind::Dns | Kind::Connect | Kind::Proxy => {
            (ErrorCode::Connection, Outcome::NotReached, true)
        }
        Kind::Tls | Kind::ProxyAuthentication => (ErrorCode::Connection, Outcome::Final, false),
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

/// From 0 to 1. Good enough to spread retries; the standard library seeds its hashers at random.
fn random() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}
