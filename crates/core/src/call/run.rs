//! Carries a call out: attempt after attempt, until an answer, a failure that stays, or the deadline.

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::call::classify::{self, FailedAttempt};
use crate::call::response;
use crate::call::retry::{self, Decision};
use crate::error::{Error, ErrorCode};
use crate::request::build::Call;
use crate::support::cancel::Control;
use crate::support::log::{self, Level};
use crate::transport::HttpTransport;
use crate::transport::attempt::{Attempt, ConnectionReuse};

/// The times of one client's calls.
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
}

/// Sends `call`, whose time began then, until it is answered or has failed for good. Answers the service's JSON.
pub(crate) fn execute(
    call: &Call,
    transport: &HttpTransport,
    limits: &Limits,
    control: &Control,
    began: Instant,
) -> Result<String, Error> {
    let deadline = began + call.timeout.unwrap_or(limits.timeout);
    let max_retries = call.max_retries.unwrap_or(limits.max_retries);
    let mut attempts = 0;
    let mut retries = 0;
    // From the first stale connection on, the call uses new ones alone, and so meets no second one.
    let mut reuse = ConnectionReuse::Allowed;
    let mut may_have_applied = false;
    loop {
        attempts += 1;
        let attempt = Attempt::new(deadline, limits.connect_timeout, control.clone(), reuse);
        let failed = match run(call, transport, &attempt, attempts) {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        may_have_applied |= failed.may_have_applied;
        let decision = retry::decide(&retry::FailureContext {
            cause: failed.cause,
            idempotent: failed.repeatable,
            retries,
            max_retries,
            retry_after: failed.retry_after,
            time_left: deadline.saturating_duration_since(Instant::now()),
            random: random(),
        });
        let wait = match decision {
            Decision::Stop => None,
            Decision::Repeat => {
                reuse = ConnectionReuse::Forbidden;
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
fn run(call: &Call, transport: &HttpTransport, attempt: &Rc<Attempt>, number: u32) -> Result<String, FailedAttempt> {
    let began = Instant::now();
    log::write(Level::Trace, || format!("{} {} attempt {number}", call.method, transport.path(call)));
    let result = transport.send(call, attempt);
    log::write(Level::Debug, || {
        let outcome = match &result {
            Ok(response) => response.status.to_string(),
            Err(failure) => failure.to_string(),
        };
        let time = began.elapsed().as_millis();
        format!("{} {} {outcome} {time} ms attempt {number}", call.method, transport.path(call))
    });
    let may_apply = call.changes_state() && attempt.was_sent();
    match result {
        Ok(response) if (200..300).contains(&response.status) => {
            let (status, headers) = (response.status, response.headers);
            response::check(response.body, call.definition.expected).map_err(|problem| {
                classify::bad_response(call, &problem, status, transport.request_id(&headers), may_apply)
            })
        }
        Ok(response) => Err(classify::http_error(call, transport, &response)),
        Err(failure) => Err(classify::transport_error(call, &failure, attempt, may_apply)),
    }
}

/// From 0 to 1. Good enough to spread retries; the standard library seeds its hashers at random.
fn random() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}
