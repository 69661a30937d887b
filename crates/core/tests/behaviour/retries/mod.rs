//! Which calls are retried.

use std::time::{Duration, Instant};

use upscope::ErrorCode;
use upscope_test_support::{Response, ScriptedServer};

use super::{CREATE, client_with, usage};

/// An error response that allows a retry at once.
fn retry_now(status: u16) -> Response {
    Response::with_headers(status, "Retry-After: 0\r\n", "{}")
}

#[test]
fn a_read_is_retried_until_it_succeeds() {
    let server = ScriptedServer::new([retry_now(503), retry_now(429), usage()]);
    let client = client_with(&server, |config| config.max_retries(2));
    assert_eq!(client.call("get_usage", "{}").unwrap(), r#"{"usage":{}}"#);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn retries_stop_at_max_retries() {
    let server = ScriptedServer::new([retry_now(500), retry_now(502), retry_now(504), usage()]);
    let client = client_with(&server, |config| config.max_retries(2));
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.http_status(), error.attempts()), (ErrorCode::ServerError, Some(504), 3));
    let error = client.call("get_usage", r#"{"options":{"max_retries":0}}"#);
    assert!(error.is_ok(), "{error:?}");
}

#[test]
fn a_truncated_body_is_retried() {
    let truncated = Response::bytes_then_close("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{");
    let server = ScriptedServer::new([truncated, usage()]);
    let client = client_with(&server, |config| config.max_retries(1));
    client.call("get_usage", "{}").unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_create_call_that_may_have_arrived_is_not_retried() {
    for response in [retry_now(500), retry_now(503), retry_now(408), Response::close(), Response::reset()] {
        let server = ScriptedServer::new([response.clone(), Response::json(200, r#"{"watch_url":"x"}"#)]);
        let client = client_with(&server, |config| config.max_retries(5));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        assert!(error.may_have_applied() && !error.is_retryable(), "{response:?}: {error:?}");
        assert_eq!((error.attempts(), server.requests().len()), (1, 1), "{response:?}");
    }
}

#[test]
fn a_create_call_is_retried_after_status_429() {
    let server = ScriptedServer::new([retry_now(429), Response::json(200, r#"{"watch_url":"x"}"#)]);
    let client = client_with(&server, |config| config.max_retries(1));
    client.call(CREATE.0, CREATE.1).unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_error_reports_that_an_earlier_attempt_may_have_applied() {
    let server = ScriptedServer::new([retry_now(502), Response::json(404, "{}")]);
    let client = client_with(&server, |config| config.max_retries(1));
    let error = client.call("delete_visitor", r#"{"visitor_id":"v"}"#).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::NotFound, 2));
    assert!(error.may_have_applied());
}

#[test]
fn the_delay_before_a_retry_is_that_of_the_server_or_the_backoff() {
    let server = ScriptedServer::new([Response::with_headers(429, "Retry-After: 1\r\n", "{}"), usage()]);
    let client = client_with(&server, |config| config.max_retries(1));
    let start = Instant::now();
    client.call("get_usage", "{}").unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));

    let server = ScriptedServer::new([Response::json(503, "{}"), usage()]);
    let client = client_with(&server, |config| config.max_retries(1));
    let start = Instant::now();
    client.call("get_usage", "{}").unwrap();
    assert!(start.elapsed() >= Duration::from_millis(250));
}
