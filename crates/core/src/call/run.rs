//! Runs a call: attempt, classify, decide, wait.
//!
//! | state   | event                                 | next                                            |
//! |---------|---------------------------------------|-------------------------------------------------|
//! | attempt | 2xx with the expected body            | return what was read                            |
//! | attempt | any other result                      | classify it as a [`FailedAttempt`], then decide |
//! | decide  | [`Decision::Stop`]                    | return the error                                |
//! | decide  | [`Decision::RetryNow`], once per call | attempt, over new connections from now on       |
//! | decide  | [`Decision::RetryAfter`]              | count a retry, then wait                        |
//! | wait    | the delay passed                      | attempt                                         |
//! | wait    | the call was cancelled                | return `cancelled`                              |
//!
//! The deadline ends an attempt with [`Cause::Timeout`](retry::Cause::Timeout), which is never retried. A delay that
//! does not fit the deadline is a [`Decision::Stop`].

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::call::classify::{self, FailedAttempt};
use crate::call::context::{EndedAttempt, Entered};
use crate::call::retry::{self, Decision, FailureContext};
use crate::catalog::expected_shape::ExpectedShape;
use crate::error::{Error, ErrorCode};
use crate::request::build::Call;
use crate::support::call_control::{CallControl, client_closed};
use crate::support::log::Level;
use crate::support::secret::WipedBytes;
use crate::transport::HttpTransport;
use crate::transport::attempt::{Attempt, ConnectionReuse};

/// The limits of a client. `options` of a request override all but `connect_timeout`.
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
}

/// What changes from one attempt of a call to the next.
struct Progress {
    /// Attempts so far, including the current one.
    attempts: u32,
    /// Attempts that count as retries.
    retries: u32,
    /// Forbidden after the first stale connection.
    reuse: ConnectionReuse,
    /// Whether any attempt so far may have changed something at the service.
    may_have_applied: bool,
}

/// Runs `call`, which started at `started`. `read` validates the body of a 2xx response and returns the result; its error
/// is a clause that follows "the answer".
pub(crate) fn execute<T>(
    call: &Call,
    transport: &HttpTransport,
    limits: &Limits,
    control: &CallControl,
    started: Instant,
    mut read: impl FnMut(WipedBytes, ExpectedShape) -> Result<T, String>,
) -> Result<T, Error> {
    let deadline = started + call.timeout.unwrap_or(limits.timeout);
    let max_retries = call.max_retries.unwrap_or(limits.max_retries);
    if control.client().is_closed() {
        return Err(client_closed(call.definition.name));
    }
    let mut progress = Progress { attempts: 0, retries: 0, reuse: ConnectionReuse::Allowed, may_have_applied: false };
    let _entered = call.context.as_ref().map(Entered::new);
    loop {
        progress.attempts += 1;
        let begun = Instant::now();
        let attempt = Attempt::new(deadline, limits.connect_timeout, control.clone(), progress.reuse);
        let failed = match run_attempt(call, transport, &attempt, begun, progress.attempts, &mut read) {
            Ok(body) => return Ok(body),
            Err(failed) => failed,
        };
        progress.may_have_applied |= failed.may_have_applied;

        let decision = retry::decide(&FailureContext {
            cause: failed.cause,
            safe_to_repeat: failed.safe_to_repeat,
            retries: progress.retries,
            max_retries,
            retry_after: failed.retry_after,
            time_left: deadline.saturating_duration_since(Instant::now()),
            random: random(),
        });
        let delay = match decision {
            Decision::Stop => return Err(failed.into_error(call, progress.attempts, progress.may_have_applied)),
            Decision::RetryNow => {
                progress.reuse = ConnectionReuse::Forbidden;
                Duration::ZERO
            }
            Decision::RetryAfter(delay) => {
                progress.retries += 1;
                delay
            }
        };

        attempt.log(Level::Warn, || {
            if let Some(context) = &call.context {
                let (http_status, duration, number) = (failed.error.http_status(), begun.elapsed(), progress.attempts);
                context.before_line(&EndedAttempt { call, transport, failed: None, http_status, duration, number });
            }
            format!("{}; trying again in {} ms", failed.error.message(), delay.as_millis())
        });
        if !control.sleep(delay) {
            return Err(progress.cancelled(call, control));
        }
    }
}

impl Progress {
    /// The error of a call that was cancelled between two attempts.
    fn cancelled(&self, call: &Call, control: &CallControl) -> Error {
        let name = call.definition.name;
        let reason = if control.client().is_closed() { ", because the client was closed" } else { "" };
        let message = format!("{name} failed: the call was cancelled while waiting to try again{reason}.");
        Error::new(ErrorCode::Cancelled, message).in_operation(name).with_outcome(
            self.attempts,
            false,
            self.may_have_applied,
        )
    }
}

/// Makes one attempt, with its log lines, and classifies its result.
fn run_attempt<T>(
    call: &Call,
    transport: &HttpTransport,
    attempt: &Rc<Attempt>,
    begun: Instant,
    number: u32,
    read: &mut impl FnMut(WipedBytes, ExpectedShape) -> Result<T, String>,
) -> Result<T, FailedAttempt> {
    attempt.log(Level::Trace, || format!("{} {} attempt {number}", call.method, transport.path(call)));
    let result = transport.send(call, attempt);
    let http_status = match &result {
        Ok(response) => Some(response.status),
        Err(error) => error.status,
    };
    attempt.log(Level::Debug, || {
        let duration = begun.elapsed();
        if let Some(context) = &call.context {
            context.before_line(&EndedAttempt { call, transport, failed: None, http_status, duration, number });
        }
        let outcome = match &result {
            Ok(response) => response.status.to_string(),
            Err(error) => error.to_string(),
        };
        let time = duration.as_millis();
        format!("{} {} {outcome} {time} ms attempt {number}", call.method, transport.path(call))
    });
    let result = match result {
        Ok(response) if (200..300).contains(&response.status) => {
            let (status, headers) = (response.status, response.headers);
            read(response.body, call.definition.expected).map_err(|problem| {
                classify::bad_response(call, &problem, status, transport.request_id(&headers), attempt)
            })
        }
        Ok(response) => Err(classify::http_error(call, transport, &response)),
        Err(error) => Err(classify::transport_error(call, &error, attempt)),
    };
    if let Some(context) = &call.context {
        let (failed, duration) = (result.as_ref().err(), begun.elapsed());
        context.attempt_ended(&EndedAttempt { call, transport, failed, http_status, duration, number });
    }
    result
}

/// A number from 0 to 1, random enough to spread retries: the standard library seeds its hashers at random.
fn random() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}
