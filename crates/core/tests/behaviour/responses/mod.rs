//! How the client reads responses: which it accepts, and what its errors say about the others.

mod ascii_json;
mod encodings;
mod error_details;
mod framing;
mod incomplete;
mod invalid;
mod limits;
mod statuses;

use upscope::{Error, ErrorCode};
use upscope_test_support::{Response, ScriptedServer};

use super::{client, client_with};

const GET_VISITOR: (&str, &str) = ("get_visitor", r#"{"visitor_id":"v"}"#);
const STOP_SESSION: (&str, &str) = ("stop_session", r#"{"visitor_id":"v"}"#);

/// The error of a call that gets this response.
fn error_of(response: Response, (operation, request): (&str, &str)) -> Error {
    let server = ScriptedServer::new([response]);
    client(&server).call(operation, request).unwrap_err()
}

/// The error of a call with retries that gets this response until the connection ends. The library must not retry it.
fn permanent_error(response: &str) -> Error {
    let response = Response::bytes_then_close(response);
    let server = ScriptedServer::new([response.clone(), response.clone(), response]);
    let error = client_with(&server, |config| config.max_retries(2)).call("get_usage", "{}").unwrap_err();
    assert_eq!((error.attempts(), server.requests().len()), (1, 1), "{error:?}");
    assert!(!error.is_retryable(), "{error:?}");
    error
}

/// The code, whether the error is retryable, and whether the call may have applied.
fn facts(error: &Error) -> (ErrorCode, bool, bool) {
    (error.code(), error.is_retryable(), error.may_have_applied())
}
