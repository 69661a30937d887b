//! What is repeated, and what never is.

use std::time::{Duration, Instant};

use upscope::ErrorCode;

use super::configured;
use super::scripted_server::{Answer, ScriptedServer};

const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);

fn now(status: u16) -> Answer {
    Answer::with_headers(status, "Retry-After: 0\r\n", "{}")
}

fn usage() -> Answer {
    Answer::json(200, r#"{"usage":{}}"#)
}

#[test]
fn a_read_is_repeated_until_it_succeeds() {
    let server = ScriptedServer::new([now(503), now(429), usage()]);
    let client = configured(&server, |config| config.max_retries(2));
    assert_eq!(client.call("get_usage", "{}").unwrap(), r#"{"usage":{}}"#);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn retries_are_counted_and_end() {
    let server = ScriptedServer::new([now(500), now(502), now(504), usage()]);
    let client = configured(&server, |config| config.max_retries(2));
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.http_status(), error.attempts()), (ErrorCode::ServerError, Some(504), 3));
    let error = client.call("get_usage", r#"{"options":{"max_retries":0}}"#);
    assert!(error.is_ok(), "{error:?}");
}

#[test]
fn a_body_that_breaks_off_is_fetched_again() {
    let cut = Answer::BytesThenClose(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{".to_vec());
    let server = ScriptedServer::new([cut, usage()]);
    let client = configured(&server, |config| config.max_retries(1));
    client.call("get_usage", "{}").unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_creation_is_not_repeated_when_it_may_have_arrived() {
    for answer in [now(500), now(503), now(408), Answer::BytesThenClose(vec![]), Answer::BytesThenReset(vec![])] {
        let server = ScriptedServer::new([answer.clone(), Answer::json(200, r#"{"watch_url":"x"}"#)]);
        let client = configured(&server, |config| config.max_retries(5));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        assert!(error.may_have_applied() && !error.is_retryable(), "{answer:?}: {error:?}");
        assert_eq!((error.attempts(), server.requests().len()), (1, 1), "{answer:?}");
    }
}

#[test]
fn a_creation_that_was_refused_for_the_rate_is_repeated() {
    let server = ScriptedServer::new([now(429), Answer::json(200, r#"{"watch_url":"x"}"#)]);
    let client = configured(&server, |config| config.max_retries(1));
    client.call(CREATE.0, CREATE.1).unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn an_earlier_attempt_that_may_have_applied_is_not_forgotten() {
    let server = ScriptedServer::new([now(502), Answer::json(404, "{}")]);
    let client = configured(&server, |config| config.max_retries(1));
    let error = client.call("delete_visitor", r#"{"visitor_id":"v"}"#).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::NotFound, 2));
    assert!(error.may_have_applied());
}

#[test]
fn the_wait_between_attempts_is_the_services_or_grows() {
    let server = ScriptedServer::new([Answer::with_headers(429, "Retry-After: 1\r\n", "{}"), usage()]);
    let client = configured(&server, |config| config.max_retries(1));
    let began = Instant::now();
    client.call("get_usage", "{}").unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));

    let server = ScriptedServer::new([Answer::json(503, "{}"), usage()]);
    let client = configured(&server, |config| config.max_retries(1));
    let began = Instant::now();
    client.call("get_usage", "{}").unwrap();
    assert!(began.elapsed() >= Duration::from_millis(250));
}
