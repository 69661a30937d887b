//! The status codes of the C ABI.

/// The result of a call: a constant of the C ABI.
pub struct Status {
    /// Its number.
    pub value: i32,
    /// Its name, such as `not_found`.
    pub name: &'static str,
    /// When it is returned.
    pub doc: &'static str,
}

const fn status(value: i32, name: &'static str, doc: &'static str) -> Status {
    Status { value, name, doc }
}

/// Every status, in the order of their numbers.
pub static STATUSES: &[Status] = &[
    status(0, "ok", "The call succeeded."),
    status(
        1,
        "invalid_argument",
        "NULL, not UTF-8, not JSON, or an unknown, missing or ill-typed key: nothing was sent.",
    ),
    status(2, "unauthorized", "HTTP 401: the API key is not accepted."),
    status(3, "payment_required", "HTTP 402: the subscription does not cover the call."),
    status(4, "not_found", "HTTP 404: no such visitor, agent or path."),
    status(
        5,
        "conflict",
        "HTTP 409: the current state does not allow the call, such as deleting a visitor who is online.",
    ),
    status(6, "rate_limited", "HTTP 429, after all retries."),
    status(7, "server_error", "HTTP 5xx, after all retries."),
    status(8, "http_error", "Any other HTTP status except 2xx. Redirects are never followed."),
    status(9, "timeout", "The deadline of the call passed, in any phase."),
    status(10, "connection", "No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed."),
    status(
        11,
        "bad_response",
        "A 2xx response that is truncated, too large, too deeply nested, not JSON or UTF-8, or lacks what the operation promises.",
    ),
    status(12, "cancelled", "The caller cancelled the call."),
    status(13, "internal", "A bug in this library, caught before it could crash the program."),
    status(100, "done", "upscope_sessions_next: there are no more pages."),
    status(101, "pending", "Not finished yet."),
    status(102, "absent", "The JSON text has no such value, or it is null."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn every_error_code_is_a_status() {
        for code in ErrorCode::ALL {
            let status = STATUSES.iter().find(|status| status.value == code as i32);
            assert_eq!(status.map(|status| status.name), Some(code.name()));
        }
        assert!(STATUSES.is_sorted_by_key(|status| status.value));
    }
}
