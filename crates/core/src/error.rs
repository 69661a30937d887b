//! The error of a call.

use std::fmt;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The kind of an error. The numbers are those of the C ABI and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The request or the configuration is wrong; nothing was sent.
    InvalidArgument = 1,
    /// HTTP 401: the API key is not accepted.
    Unauthorized = 2,
    /// HTTP 402: the subscription does not cover this call.
    PaymentRequired = 3,
    /// HTTP 404: no such visitor, agent or path.
    NotFound = 4,
    /// HTTP 409: the visitor's state forbids the call.
    Conflict = 5,
    /// HTTP 429, after all retries.
    RateLimited = 6,
    /// HTTP 5xx, after all retries.
    ServerError = 7,
    /// Any other status that is not 2xx; redirects are not followed.
    HttpError = 8,
    /// The deadline of the call passed.
    Timeout = 9,
    /// The service was not reached, or the connection broke.
    Connection = 10,
    /// A 2xx response that cannot be read or does not have the expected shape.
    BadResponse = 11,
    /// The caller cancelled the call.
    Cancelled = 12,
    /// A bug in this library.
    Internal = 13,
}

impl ErrorCode {
    /// All codes, in the order of their numbers.
    pub const ALL: [ErrorCode; 13] = [
        ErrorCode::InvalidArgument,
        ErrorCode::Unauthorized,
        ErrorCode::PaymentRequired,
        ErrorCode::NotFound,
        ErrorCode::Conflict,
        ErrorCode::RateLimited,
        ErrorCode::ServerError,
        ErrorCode::HttpError,
        ErrorCode::Timeout,
        ErrorCode::Connection,
        ErrorCode::BadResponse,
        ErrorCode::Cancelled,
        ErrorCode::Internal,
    ];

    /// The name in every language, such as `not_found`.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorCode::InvalidArgument => "invalid_argument",
            ErrorCode::Unauthorized => "unauthorized",
            ErrorCode::PaymentRequired => "payment_required",
            ErrorCode::NotFound => "not_found",
            ErrorCode::Conflict => "conflict",
            ErrorCode::RateLimited => "rate_limited",
            ErrorCode::ServerError => "server_error",
            ErrorCode::HttpError => "http_error",
            ErrorCode::Timeout => "timeout",
            ErrorCode::Connection => "connection",
            ErrorCode::BadResponse => "bad_response",
            ErrorCode::Cancelled => "cancelled",
            ErrorCode::Internal => "internal",
        }
    }
}

/// Why a call failed, and what the caller can do.
///
/// Neither the message nor the `Debug` form contains the API key, a proxy password, a watch link or a token.
#[derive(Clone)]
pub struct Error(Box<Fields>);

/// The fields of an error, in the order of the error object.
#[derive(Clone, Serialize)]
struct Fields {
    /// The members `code` and `status`.
    #[serde(flatten, serialize_with = "code_and_status")]
    code: ErrorCode,
    message: String,
    operation: Option<&'static str>,
    http_status: Option<u16>,
    api_error: Option<String>,
    api_message: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    retryable: bool,
    #[serde(rename = "retry_after_ms", serialize_with = "milliseconds")]
    retry_after: Option<Duration>,
    may_have_applied: bool,
}

fn code_and_status<S: Serializer>(code: &ErrorCode, serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = serializer.serialize_map(Some(2))?;
    members.serialize_entry("code", code.name())?;
    members.serialize_entry("status", &(*code as i32))?;
    members.end()
}

fn milliseconds<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Error {
        Error(Box::new(Fields {
            code,
            message: message.into(),
            operation: None,
            http_status: None,
            api_error: None,
            api_message: None,
            request_id: None,
            attempts: 0,
            retryable: false,
            retry_after: None,
            may_have_applied: false,
        }))
    }

    /// An invalid request or configuration. Nothing was sent.
    pub fn invalid_argument(message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidArgument, message)
    }

    /// A bug in this library, such as a panic caught at a language boundary.
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(ErrorCode::Internal, message)
    }

    /// A 2xx response whose values do not have the types of the operation's response, as a language binding finds it.
    #[doc(hidden)]
    pub fn bad_response(message: impl Into<String>) -> Error {
        Error::new(ErrorCode::BadResponse, message).with_http(200, None).with_outcome(1, false, false)
    }

    /// Sets the operation, unless it is set already.
    pub fn in_operation(mut self, name: &'static str) -> Error {
        self.0.operation.get_or_insert(name);
        self
    }

    pub(crate) fn with_http(mut self, status: u16, api_error: Option<String>) -> Error {
        self.0.http_status = Some(status);
        self.0.api_error = api_error;
        self
    }

    pub(crate) fn with_api_message(mut self, text: Option<String>) -> Error {
        self.0.api_message = text;
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Error {
        self.0.request_id = id;
        self
    }

    pub(crate) fn with_message(mut self, message: String) -> Error {
        self.0.message = message;
        self
    }

    pub(crate) fn with_outcome(mut self, attempts: u32, retryable: bool, may_have_applied: bool) -> Error {
        self.0.attempts = attempts;
        self.0.retryable = retryable;
        self.0.may_have_applied = may_have_applied;
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Error {
        self.0.retry_after = delay;
        self
    }

    /// The kind of the error.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// A sentence for people: what is wrong, where, and what to do.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The operation that was called, such as `get_visitor`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the last response, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The `error` in the response of the service, if there was one.
    pub fn api_error(&self) -> Option<&str> {
        self.0.api_error.as_deref()
    }

    /// The `message` in the response of the service, if there was one.
    pub fn api_message(&self) -> Option<&str> {
        self.0.api_message.as_deref()
    }

    /// The `X-Request-Id` or `Request-Id` of the last response, if it had one: quote it to the support of the service.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many attempts were made.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the same call may succeed later and is safe to repeat.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The delay that the service asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether a request that changes something was sent and its outcome is unknown.
    pub fn may_have_applied(&self) -> bool {
        self.0.may_have_applied
    }

    /// The error object, which is the same in every language.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Envelope<'a> {
            error: &'a Fields,
        }
        // Serializing strings, numbers and booleans cannot fail.
        serde_json::to_string(&Envelope { error: &self.0 }).unwrap_or_else(|_| {
            String::from(
                r#"{"error":{"code":"internal","status":13,"message":"The error could not be written as JSON."}}"#,
            )
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("operation", &self.0.operation)
            .field("http_status", &self.0.http_status)
            .field("api_error", &self.0.api_error)
            .field("api_message", &self.0.api_message)
            .field("request_id", &self.0.request_id)
            .field("attempts", &self.0.attempts)
            .field("retryable", &self.0.retryable)
            .field("retry_after", &self.0.retry_after)
            .field("may_have_applied", &self.0.may_have_applied)
            .finish()
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_object_has_all_members_in_their_order() {
        let error = Error::new(ErrorCode::RateLimited, "Too many.")
            .in_operation("get_usage")
            .with_http(429, Some("rate_limited".to_owned()))
            .with_retry_after(Some(Duration::from_millis(1500)))
            .with_outcome(3, true, false);
        assert_eq!(
            error.to_json(),
            r#"{"error":{"code":"rate_limited","status":6,"message":"Too many.","operation":"get_usage","http_status":429,"api_error":"rate_limited","api_message":null,"request_id":null,"attempts":3,"retryable":true,"retry_after_ms":1500,"may_have_applied":false}}"#
        );
    }
}
