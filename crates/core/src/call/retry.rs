//! Decides whether a failed attempt is retried, and when. No other code makes this decision.
//!
//! [`Cause::retry`] is the table. [`decide`] applies it to one call, and [`Cause::is_retryable`] derives the
//! `retryable` flag of an error from it.

use std::time::Duration;

/// The delay before the first retry. Each further delay is twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(500);

/// The longest delay, unless the service asks for a longer one.
const MAX_DELAY: Duration = Duration::from_secs(8);

/// Why an attempt failed, as far as retries depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The service answered with a status that is not 2xx.
    Status(u16),
    /// The request did not reach the service.
    NotSent,
    /// A pooled connection turned out to be closed before the first byte of a response. This happens at most once per
    /// call, because the call then uses new connections only.
    StaleConnection,
    /// The connection broke after the request was sent, or within the response.
    ConnectionLost,
    /// The deadline of the call passed.
    Timeout,
    /// This program ran out of memory.
    OutOfMemory,
    /// A retry cannot help: the certificate was rejected, the response is not JSON, the call was cancelled.
    Permanent,
}

/// Which requests may be sent again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// None.
    Never,
    /// Those that are safe to repeat. The library leaves the retry to the caller.
    ByCallerIfSafe,
    /// Those that are safe to repeat.
    IfSafe,
    /// All: the service did not process the request.
    Always,
}

impl Cause {
    /// The retry table.
    pub const fn retry(self) -> Retry {
        match self {
            Cause::NotSent | Cause::Status(429) => Retry::Always,
            Cause::StaleConnection | Cause::ConnectionLost | Cause::Status(408 | 500 | 502 | 503 | 504) => {
                Retry::IfSafe
            }
            // No time is left, or memory should be freed first.
            Cause::Timeout | Cause::OutOfMemory => Retry::ByCallerIfSafe,
            Cause::Status(_) | Cause::Permanent => Retry::Never,
        }
    }

    /// Whether the same call may succeed later and is safe to repeat: the `retryable` flag of the error.
    pub const fn is_retryable(self, safe_to_repeat: bool) -> bool {
        match self.retry() {
            Retry::Never => false,
            Retry::ByCallerIfSafe | Retry::IfSafe => safe_to_repeat,
            Retry::Always => true,
        }
    }

    /// Whether the service may have carried out a request that it answered with this status.
    pub const fn leaves_outcome_unknown(self) -> bool {
        matches!(self, Cause::Status(408 | 500..))
    }
}

/// What [`decide`] needs to know about a failed attempt and its call.
#[derive(Clone, Copy, Debug)]
pub struct FailureContext {
    /// Why the attempt failed.
    pub cause: Cause,
    /// Whether the request may be sent twice: it is idempotent, or it was not sent.
    pub safe_to_repeat: bool,
    /// Retries so far, without [`Decision::RetryNow`].
    pub retries: u32,
    /// Retries allowed.
    pub max_retries: u32,
    /// The `Retry-After` of the response.
    pub retry_after: Option<Duration>,
    /// Time until the deadline of the call.
    pub time_left: Duration,
    /// From 0 to 1: spreads the retries of many clients.
    pub random: f64,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Return the error.
    Stop,
    /// Try again at once over a new connection. This does not count as a retry.
    RetryNow,
    /// Wait, then try again.
    RetryAfter(Duration),
}

/// Decides what to do after a failed attempt. A pure function.
pub fn decide(context: &FailureContext) -> Decision {
    let allowed = match context.cause.retry() {
        Retry::Never | Retry::ByCallerIfSafe => false,
        Retry::IfSafe => context.safe_to_repeat,
        Retry::Always => true,
    };
    if !allowed {
        return Decision::Stop;
    }
    if context.cause == Cause::StaleConnection {
        return Decision::RetryNow;
    }
    if context.retries >= context.max_retries {
        return Decision::Stop;
    }
    let delay = context.retry_after.unwrap_or_else(|| backoff(context.retries, context.random));
    if delay < context.time_left { Decision::RetryAfter(delay) } else { Decision::Stop }
}

/// Exponential backoff with jitter: half of the delay is fixed, half is random.
fn backoff(retries: u32, random: f64) -> Duration {
    let full = FIRST_DELAY.saturating_mul(1 << retries.min(16)).min(MAX_DELAY);
    full.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
}

/// Parses a `Retry-After` header: seconds or a date.
pub fn parse_retry_after(header: &str, now: std::time::SystemTime) -> Option<Duration> {
    let header = header.trim();
    if header.bytes().all(|b| b.is_ascii_digit()) && !header.is_empty() {
        // Too large a number means longer than any deadline.
        return Some(Duration::from_secs(header.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn failure(cause: Cause) -> FailureContext {
        FailureContext {
            cause,
            safe_to_repeat: true,
            retries: 0,
            max_retries: 2,
            retry_after: None,
            time_left: Duration::from_secs(30),
            random: 1.0,
        }
    }

    #[test]
    fn causes_that_are_retried_and_errors_that_are_retryable() {
        // (by the library if safe, otherwise), (retryable if safe, otherwise)
        let never = ((false, false), (false, false));
        let by_caller = ((false, false), (true, false));
        let if_safe = ((true, false), (true, false));
        let always = ((true, true), (true, true));
        for (cause, expected) in [
            (Cause::Status(302), never),
            (Cause::Status(400), never),
            (Cause::Status(401), never),
            (Cause::Status(404), never),
            (Cause::Status(408), if_safe),
            (Cause::Status(409), never),
            (Cause::Status(429), always),
            (Cause::Status(500), if_safe),
            (Cause::Status(501), never),
            (Cause::Status(502), if_safe),
            (Cause::Status(503), if_safe),
            (Cause::Status(504), if_safe),
            (Cause::NotSent, always),
            (Cause::StaleConnection, if_safe),
            (Cause::ConnectionLost, if_safe),
            (Cause::Timeout, by_caller),
            (Cause::OutOfMemory, by_caller),
            (Cause::Permanent, never),
        ] {
            let retried =
                |safe_to_repeat| decide(&FailureContext { safe_to_repeat, ..failure(cause) }) != Decision::Stop;
            let retryable = |safe_to_repeat| cause.is_retryable(safe_to_repeat);
            assert_eq!(((retried(true), retried(false)), (retryable(true), retryable(false))), expected, "{cause:?}");
        }
    }

    #[test]
    fn retries_are_limited() {
        let last = FailureContext { retries: 2, ..failure(Cause::ConnectionLost) };
        assert_eq!(decide(&last), Decision::Stop);
        let none = FailureContext { max_retries: 0, ..failure(Cause::Status(503)) };
        assert_eq!(decide(&none), Decision::Stop);
    }

    #[test]
    fn a_stale_connection_is_replaced_without_counting_a_retry() {
        let stale = FailureContext { max_retries: 0, ..failure(Cause::StaleConnection) };
        assert_eq!(decide(&stale), Decision::RetryNow);
        assert_eq!(decide(&FailureContext { retries: 2, max_retries: 2, ..stale }), Decision::RetryNow);
        assert_eq!(decide(&FailureContext { safe_to_repeat: false, ..stale }), Decision::Stop);
    }

    #[test]
    fn delays_grow_and_fit_the_deadline() {
        let decision = |retries, random| {
            decide(&FailureContext { retries, random, max_retries: 20, ..failure(Cause::ConnectionLost) })
        };
        assert_eq!(decision(0, 1.0), Decision::RetryAfter(Duration::from_millis(500)));
        assert_eq!(decision(0, 0.0), Decision::RetryAfter(Duration::from_millis(250)));
        assert_eq!(decision(1, 1.0), Decision::RetryAfter(Duration::from_secs(1)));
        assert_eq!(decision(10, 1.0), Decision::RetryAfter(Duration::from_secs(8)));
        let hurried = FailureContext { time_left: Duration::from_millis(400), ..failure(Cause::ConnectionLost) };
        assert_eq!(decide(&hurried), Decision::Stop);
    }

    #[test]
    fn retry_after_is_honoured_if_it_fits_the_deadline() {
        let limited = FailureContext { retry_after: Some(Duration::from_secs(3)), ..failure(Cause::Status(429)) };
        assert_eq!(decide(&limited), Decision::RetryAfter(Duration::from_secs(3)));
        let late = FailureContext { retry_after: Some(Duration::from_secs(60)), ..limited };
        assert_eq!(decide(&late), Decision::Stop);
    }

    #[test]
    fn retry_after_is_parsed() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(parse_retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("99999999999999999999", now), Some(Duration::from_secs(u32::MAX.into())));
        for header in ["", "-1", "soon", "1.5", "NaN"] {
            assert_eq!(parse_retry_after(header, now), None);
        }
    }
}
