//! Decides whether a failed attempt is repeated, and when. The one place that does.

use std::time::Duration;

/// The wait before the first retry; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The longest wait of our own choosing.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// What is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub struct FailureContext {
    /// How it failed.
    pub cause: Cause,
    /// Whether repeating the request does no harm: GET and DELETE.
    pub idempotent: bool,
    /// Retries made so far. The free repeat on a fresh connection is not among them.
    pub retries: u32,
    /// Retries allowed.
    pub max_retries: u32,
    /// The service's `Retry-After`.
    pub retry_after: Option<Duration>,
    /// Time until the call's deadline.
    pub time_left: Duration,
    /// From 0 to 1, to spread the retries of many clients.
    pub random: f64,
}

/// How an attempt failed, as far as a retry depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The service answered with a status that is not 2xx.
    Status(u16),
    /// The request did not reach the service.
    NotReached,
    /// A connection kept from an earlier call turned out to be closed, before any byte of an answer. Happens once in a
    /// call: after that it uses new connections alone.
    Stale,
    /// The connection broke after the request was sent, or within the answer.
    Lost,
    /// Repeating cannot help: the deadline passed, the certificate was refused, the answer is no JSON.
    Final,
}

/// What to do about a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Report the failure.
    Stop,
    /// Repeat at once on a fresh connection, free of `max_retries`.
    Repeat,
    /// Wait, then try again.
    Retry(Duration),
}

/// The decision, from nothing but what is passed.
pub fn decide(context: &FailureContext) -> Decision {
    let allowed = match context.cause {
        Cause::Status(429) | Cause::NotReached => true,
        Cause::Status(408 | 500 | 502 | 503 | 504) | Cause::Lost => context.idempotent,
        Cause::Stale if context.idempotent => return Decision::Repeat,
        Cause::Stale => false,
        Cause::Status(_) | Cause::Final => false,
    };
    if !allowed || context.retries >= context.max_retries {
        return Decision::Stop;
    }
    let wait = context.retry_after.unwrap_or_else(|| backoff(context.retries, context.random));
    if wait < context.time_left { Decision::Retry(wait) } else { Decision::Stop }
}

/// Half of the wait is fixed, half is random.
fn backoff(retries: u32, random: f64) -> Duration {
    let full = FIRST_WAIT.saturating_mul(1 << retries.min(16)).min(LONGEST_WAIT);
    full.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
}

/// The wait a `Retry-After` header asks for: seconds, or a date.
pub fn retry_after(header: &str, now: std::time::SystemTime) -> Option<Duration> {
    let header = header.trim();
    if header.bytes().all(|b| b.is_ascii_digit()) && !header.is_empty() {
        // Longer than any deadline is as good as the longest.
        return Some(Duration::from_secs(header.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn attempt(cause: Cause) -> FailureContext {
        FailureContext {
            cause,
            idempotent: true,
            retries: 0,
            max_retries: 2,
            retry_after: None,
            time_left: Duration::from_secs(30),
            random: 1.0,
        }
    }

    #[test]
    fn which_outcomes_are_retried() {
        let retried = |cause, idempotent| decide(&FailureContext { idempotent, ..attempt(cause) }) != Decision::Stop;
        for (cause, idempotent, post) in [
            (Cause::Status(400), false, false),
            (Cause::Status(401), false, false),
            (Cause::Status(404), false, false),
            (Cause::Status(408), true, false),
            (Cause::Status(409), false, false),
            (Cause::Status(429), true, true),
            (Cause::Status(500), true, false),
            (Cause::Status(501), false, false),
            (Cause::Status(502), true, false),
            (Cause::Status(503), true, false),
            (Cause::Status(504), true, false),
            (Cause::Status(302), false, false),
            (Cause::NotReached, true, true),
            (Cause::Stale, true, false),
            (Cause::Lost, true, false),
            (Cause::Final, false, false),
        ] {
            assert_eq!(retried(cause, true), idempotent, "{cause:?}");
            assert_eq!(retried(cause, false), post, "{cause:?} of a POST");
        }
    }

    #[test]
    fn retries_end() {
        let last = FailureContext { retries: 2, ..attempt(Cause::Lost) };
        assert_eq!(decide(&last), Decision::Stop);
        let none = FailureContext { max_retries: 0, ..attempt(Cause::Status(503)) };
        assert_eq!(decide(&none), Decision::Stop);
    }

    #[test]
    fn a_stale_connection_is_replaced_without_a_retry() {
        let stale = FailureContext { max_retries: 0, ..attempt(Cause::Stale) };
        assert_eq!(decide(&stale), Decision::Repeat);
        assert_eq!(decide(&FailureContext { retries: 2, max_retries: 2, ..stale }), Decision::Repeat);
        assert_eq!(decide(&FailureContext { idempotent: false, ..stale }), Decision::Stop);
    }

    #[test]
    fn waits_grow_and_fit_the_deadline() {
        let wait =
            |retries, random| decide(&FailureContext { retries, random, max_retries: 20, ..attempt(Cause::Lost) });
        assert_eq!(wait(0, 1.0), Decision::Retry(Duration::from_millis(500)));
        assert_eq!(wait(0, 0.0), Decision::Retry(Duration::from_millis(250)));
        assert_eq!(wait(1, 1.0), Decision::Retry(Duration::from_secs(1)));
        assert_eq!(wait(10, 1.0), Decision::Retry(Duration::from_secs(8)));
        let hurried = FailureContext { time_left: Duration::from_millis(400), ..attempt(Cause::Lost) };
        assert_eq!(decide(&hurried), Decision::Stop);
    }

    #[test]
    fn the_service_says_when() {
        let told = FailureContext { retry_after: Some(Duration::from_secs(3)), ..attempt(Cause::Status(429)) };
        assert_eq!(decide(&told), Decision::Retry(Duration::from_secs(3)));
        let late = FailureContext { retry_after: Some(Duration::from_secs(60)), ..told };
        assert_eq!(decide(&late), Decision::Stop);
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999", now), Some(Duration::from_secs(u32::MAX.into())));
        for header in ["", "-1", "soon", "1.5", "NaN"] {
            assert_eq!(retry_after(header, now), None);
        }
    }
}
