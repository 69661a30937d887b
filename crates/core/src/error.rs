//! The error of a call.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

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
pub struct Error(Box<Details>);

#[derive(Clone)]
struct Details {
    code: ErrorCode,
    message: String,
    operation: Option<&'static str>,
    http_status: Option<u16>,
    api_error: Option<String>,
    api_message: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    retryable: bool,
    retry_after: Option<Duration>,
    may_have_applied: bool,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Error {
        Error(Box::new(Details {
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

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Error {
        self.0.retry_after = wait;
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
            error: Fields<'a>,
        }
        #[derive(Serialize)]
        struct Fields<'a> {
            code: &'static str,
            status: i32,
            message: &'a str,
            operation: Option<&'static str>,
            http_status: Option<u16>,
            api_error: Option<&'a str>,
            api_message: Option<&'a str>,
            request_id: Option<&'a str>,
            attempts: u32,
            retryable: bool,
            retry_after_ms: Option<u64>,
            may_have_applied: bool,
        }
        let details = &*self.0;
        let envelope = Envelope {
            error: Fields {
                code: details.code.name(),
                status: details.code as i32,
                message: &details.message,
                operation: details.operation,
                http_status: details.http_status,
                api_error: details.api_error.as_deref(),
                api_message: details.api_message.as_deref(),
                request_id: details.request_id.as_deref(),
                attempts: details.attempts,
                retryable: details.retryable,
                retry_after_ms: details.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                may_have_applied: details.may_have_applied,
            },
        };
        // Serializing strings, numbers and booleans cannot fail.
        serde_json::to_string(&envelope).unwrap_or_else(|_| {
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
