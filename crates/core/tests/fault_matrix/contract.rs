//! The rules of the contract (sections 2, 4 and 5) as a second, independent table: what a call must return after the
//! results of its attempts. This file uses nothing of the library but the names of the error codes.

use upscope::ErrorCode;

use super::operations::OperationKind;

/// The result of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// A 2xx response that the operation accepts.
    Success,
    /// No connection: refused, unknown host, `connect_timeout_ms`, or a TLS handshake that ended early.
    NotConnected,
    /// The connection broke after the request was sent and before the head of a response was complete.
    ConnectionLost,
    /// The same on a connection that an earlier call left open.
    StaleConnection,
    /// A 2xx response with an incomplete body.
    Truncated,
    /// A complete 2xx response that the operation rejects.
    InvalidBody(u16),
    /// Bytes that are not HTTP.
    InvalidHttp,
    /// Any other status.
    Status(u16, RetryAfter),
    /// The deadline passed before or after the request was sent.
    TimedOut { sent: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Missing or invalid: the library chooses the delay.
    Absent,
    Immediately,
    PastDeadline,
}

/// What a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallResult {
    Success,
    Error {
        code: ErrorCode,
        http_status: Option<u16>,
        retryable: bool,
        may_have_applied: bool,
        attempts: u32,
        retry_after: RetryAfter,
    },
}

/// What a call must return if its attempts have these results, and the number of requests that must arrive. The last
/// result is that of all further attempts.
pub fn expected(results: &[AttemptResult], kind: OperationKind, max_retries: u32) -> (CallResult, usize) {
    let mut attempts = 0;
    let mut retries = 0;
    let mut requests = 0;
    let mut replaced_connection = false;
    let mut may_have_applied = false;
    loop {
        let result = results[results.len().min(attempts as usize + 1) - 1];
        attempts += 1;
        requests += usize::from(arrives(result));
        if result == AttemptResult::Success {
            return (CallResult::Success, requests);
        }
        may_have_applied |= may_apply(result, kind);
        if result == AttemptResult::StaleConnection && kind != OperationKind::Create && !replaced_connection {
            replaced_connection = true;
            continue;
        }
        if !is_retried(result, kind) || retries == max_retries {
            let retryable = is_retryable(result, kind);
            let (code, http_status) = code(result);
            let retry_after = match result {
                AttemptResult::Status(_, retry_after) => retry_after,
                _ => RetryAfter::Absent,
            };
            let error = CallResult::Error { code, http_status, retryable, may_have_applied, attempts, retry_after };
            return (error, requests);
        }
        retries += 1;
    }
}

fn arrives(result: AttemptResult) -> bool {
    !matches!(result, AttemptResult::NotConnected | AttemptResult::TimedOut { sent: false })
}

/// Section 5: which results are retried.
fn is_retried(result: AttemptResult, kind: OperationKind) -> bool {
    use AttemptResult::{ConnectionLost, NotConnected, StaleConnection, Status, Truncated};
    match result {
        NotConnected => true,
        Status(_, RetryAfter::PastDeadline) => false,
        Status(429, _) => true,
        ConnectionLost | StaleConnection | Truncated | Status(408 | 500 | 502 | 503 | 504, _) => {
            kind != OperationKind::Create
        }
        _ => false,
    }
}

/// Section 2: the same call may succeed later, and repeating it is safe.
fn is_retryable(result: AttemptResult, kind: OperationKind) -> bool {
    use AttemptResult::{ConnectionLost, NotConnected, StaleConnection, Status, TimedOut, Truncated};
    match result {
        NotConnected | TimedOut { sent: false } | Status(429, _) => true,
        ConnectionLost | StaleConnection | Truncated | TimedOut { sent: true } => kind != OperationKind::Create,
        Status(408 | 500 | 502 | 503 | 504, _) => kind != OperationKind::Create,
        _ => false,
    }
}

/// Section 2: a call that changes something was sent, and its outcome is unknown.
fn may_apply(result: AttemptResult, kind: OperationKind) -> bool {
    let unknown = match result {
        AttemptResult::Success | AttemptResult::NotConnected | AttemptResult::TimedOut { sent: false } => false,
        AttemptResult::Status(status, _) => status == 408 || status >= 500,
        _ => true,
    };
    unknown && kind != OperationKind::Read
}

/// Section 2: the error codes.
fn code(result: AttemptResult) -> (ErrorCode, Option<u16>) {
    use AttemptResult::{
        ConnectionLost, InvalidBody, InvalidHttp, NotConnected, StaleConnection, Status, Success, TimedOut, Truncated,
    };
    match result {
        Success => unreachable!("not an error"),
        NotConnected | ConnectionLost | StaleConnection | InvalidHttp => (ErrorCode::Connection, None),
        Truncated => (ErrorCode::BadResponse, Some(200)),
        InvalidBody(status) => (ErrorCode::BadResponse, Some(status)),
        TimedOut { .. } => (ErrorCode::Timeout, None),
        Status(status, _) => {
            let code = match status {
                401 => ErrorCode::Unauthorized,
                402 => ErrorCode::PaymentRequired,
                404 => ErrorCode::NotFound,
                409 => ErrorCode::Conflict,
                429 => ErrorCode::RateLimited,
                500..=599 => ErrorCode::ServerError,
                _ => ErrorCode::HttpError,
            };
            (code, Some(status))
        }
    }
}
