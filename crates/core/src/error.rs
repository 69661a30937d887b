//! The error of a call.

use std::fmt;
use std::io;
use std::mem::ManuallyDrop;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The kind of an error. The numbers are those of the C ABI and are never reused.
///
/// ```
/// use upscope::ErrorCode;
///
/// let error = upscope::Config::from_json("{").unwrap_err();
/// assert_eq!(error.code(), ErrorCode::InvalidArgument);
/// assert_eq!(error.code().to_string(), "invalid_argument");
/// ```
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
    ///
    /// ```
    /// use upscope::ErrorCode;
    ///
    /// assert!(ErrorCode::ALL.contains(&ErrorCode::Timeout));
    /// ```
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
    ///
    /// ```
    /// assert_eq!(upscope::ErrorCode::NotFound.name(), "not_found");
    /// ```
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
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(404, r#"{"status":"error","error":"not_found"}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// use upscope::ErrorCode;
/// use upscope::operations::GetVisitor;
///
/// match client.get_visitor(&GetVisitor::new("1234")) {
///     Ok(visitor) => println!("{visitor:?}"),
///     Err(error) if error.code() == ErrorCode::NotFound => println!("no such visitor"),
///     Err(error) if error.is_timeout() => println!("try again with more time"),
///     Err(error) if error.is_retryable() => println!("try again in {:?}", error.retry_after()),
///     Err(error) => return Err(error),
/// }
/// # Ok::<(), upscope::Error>(())
/// ```
///
/// It is a [`std::error::Error`] that is `Send`, `Sync`, `'static` and [`Clone`], so it converts into `Box<dyn Error>` and
/// the error types of other crates. Its [`source`](std::error::Error::source) is the [`io::Error`] of the operating system
/// with which the last attempt failed, if there was one.
///
/// ```
/// # use upscope_test_support::RefusingAddress;
/// # let refusing = RefusingAddress::new();
/// # let url = format!("http://{}", refusing.address());
/// # let client = upscope::Client::new(upscope::Config::new().api_key("k").base_url(url).proxy("").max_retries(0))?;
/// use std::error::Error;
/// use std::io;
///
/// let error = client.call("get_usage", "{}").unwrap_err();
/// let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
/// assert_eq!(cause.map(io::Error::kind), Some(io::ErrorKind::ConnectionRefused));
/// # Ok::<(), upscope::Error>(())
/// ```
pub struct Error(Box<Fields>);

// Not derived: derived code is compiled again in each crate that uses it.
impl Clone for Error {
    fn clone(&self) -> Error {
        Error(self.0.clone())
    }
}

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
    /// Not a member of the error object: `message` describes it.
    #[serde(skip)]
    cause: Option<SystemError>,
}

/// An error of the operating system. It holds only a code, so there is nothing to drop.
struct SystemError(ManuallyDrop<io::Error>);

impl SystemError {
    fn new(code: i32) -> SystemError {
        SystemError(ManuallyDrop::new(io::Error::from_raw_os_error(code)))
    }
}

impl Clone for SystemError {
    fn clone(&self) -> Self {
        SystemError::new(self.0.raw_os_error().unwrap_or_default())
    }
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
        Error::with_defaults(code, message.into())
    }

    /// Apart from `new`, which is compiled once per type of its argument.
    fn with_defaults(code: ErrorCode, message: String) -> Error {
        Error(Box::new(Fields {
            code,
            message,
            operation: None,
            http_status: None,
            api_error: None,
            api_message: None,
            request_id: None,
            attempts: 0,
            retryable: false,
            retry_after: None,
            may_have_applied: false,
            cause: None,
        }))
    }

    /// An invalid request or configuration. Nothing was sent.
    ///
    /// ```
    /// use upscope::{Error, ErrorCode};
    ///
    /// assert_eq!(Error::invalid_argument("There is no visitor.").code(), ErrorCode::InvalidArgument);
    /// ```
    pub fn invalid_argument(message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidArgument, message)
    }

    /// A bug in this library, such as a panic caught at a language boundary.
    ///
    /// ```
    /// use upscope::{Error, ErrorCode};
    ///
    /// assert_eq!(Error::internal("It panicked.").code(), ErrorCode::Internal);
    /// ```
    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(ErrorCode::Internal, message)
    }

    /// A 2xx response whose values do not have the types of the operation's response, as a language binding finds it.
    #[doc(hidden)]
    pub fn bad_response(message: impl Into<String>) -> Error {
        Error::new(ErrorCode::BadResponse, message).with_http(200, None).with_outcome(1, false, false)
    }

    /// Sets the operation, unless it is set already.
    ///
    /// ```
    /// let error = upscope::Error::invalid_argument("There is no visitor.").in_operation("get_visitor");
    /// assert_eq!(error.operation(), Some("get_visitor"));
    /// ```
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

    pub(crate) fn with_os_error(mut self, code: Option<i32>) -> Error {
        self.0.cause = code.map(SystemError::new);
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Error {
        self.0.retry_after = delay;
        self
    }

    /// The kind of the error.
    ///
    /// ```
    /// let error = upscope::parse_webhook("{}").unwrap_err();
    /// assert_eq!(error.code(), upscope::ErrorCode::InvalidArgument);
    /// ```
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// A sentence for people: what is wrong, where, and what to do.
    ///
    /// ```
    /// let error = upscope::parse_webhook("{}").unwrap_err();
    /// assert!(error.message().contains("has no session \"id\""));
    /// assert_eq!(error.to_string(), error.message());
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The operation that was called, such as `get_visitor`.
    ///
    /// ```
    /// # let client = upscope::Client::new(upscope::Config::new().api_key("k").proxy(""))?;
    /// let error = client.call("get_visitor", "{}").unwrap_err();
    /// assert_eq!(error.operation(), Some("get_visitor"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the last response, if there was one.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(402, "", r#"{}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert_eq!(error.http_status(), Some(402));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The `error` in the response of the service, if there was one.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(401, "", r#"{"error":"invalid_api_key"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert_eq!(error.api_error(), Some("invalid_api_key"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn api_error(&self) -> Option<&str> {
        self.0.api_error.as_deref()
    }

    /// The `message` in the response of the service, if there was one.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(400, "", r#"{"error":"bad","message":"max_results must be from 1 to 10"}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert_eq!(error.api_message(), Some("max_results must be from 1 to 10"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn api_message(&self) -> Option<&str> {
        self.0.api_message.as_deref()
    }

    /// The `X-Request-Id` or `Request-Id` of the last response, if it had one: quote it to the support of the service.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(400, "X-Request-Id: 6b1f3f2e\r\n", r#"{}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert_eq!(error.request_id(), Some("6b1f3f2e"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many attempts were made.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(500, "", r#"{}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// // With the setting `max_retries(0)`:
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert_eq!(error.attempts(), 1);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the same call may succeed later and is safe to repeat.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(503, "", r#"{}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert!(error.is_retryable());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the deadline of the call passed: the code is [`ErrorCode::Timeout`].
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::bytes_then_hang(""));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("get_usage", r#"{"options": {"timeout_ms": 50}}"#).unwrap_err();
    /// assert!(error.is_timeout());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn is_timeout(&self) -> bool {
        self.0.code == ErrorCode::Timeout
    }

    /// The delay that the service asked for.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(429, "Retry-After: 7\r\n", r#"{}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// use std::time::Duration;
    ///
    /// let error = client.call("get_usage", "{}").unwrap_err();
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether a request that changes something was sent and its outcome is unknown.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::with_headers(503, "", r#"{}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("").max_retries(0);
    /// # let client = upscope::Client::new(config)?;
    /// let error = client.call("stop_session", r#"{"visitor_id": "1234"}"#).unwrap_err();
    /// assert!(error.may_have_applied());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn may_have_applied(&self) -> bool {
        self.0.may_have_applied
    }

    /// The error object, which is the same in every language.
    ///
    /// ```
    /// let error = upscope::Error::invalid_argument("There is no visitor.");
    /// assert!(error.to_json().starts_with(r#"{"error":{"code":"invalid_argument","status":1,"message":"There is no visitor.","#));
    /// ```
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

/// The [`name`](ErrorCode::name).
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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

impl std::error::Error for Error {
    /// The [`io::Error`] of the operating system with which the last attempt failed, if there was one.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(|cause| &*cause.0 as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_the_error_of_the_system() {
        fn takes_any_error(error: impl std::error::Error + Send + Sync + Clone + 'static) -> Option<io::ErrorKind> {
            error.clone().source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
        }

        let error = Error::new(ErrorCode::Connection, "It failed.");
        assert_eq!(takes_any_error(error.clone()), None);
        let code = std::fs::read("/no such file").unwrap_err().raw_os_error();
        assert!(code.is_some());
        let json = error.to_json();
        let error = error.with_os_error(code);
        assert_eq!(error.to_json(), json, "the error object");
        assert_eq!(takes_any_error(error), Some(io::ErrorKind::NotFound));
    }

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
