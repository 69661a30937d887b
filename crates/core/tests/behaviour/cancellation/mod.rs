//! A call can be ended from another thread, and by its own thread's hook.

use std::cell::Cell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use upscope::{CancelToken, Control, ErrorCode};

use super::configured;
use super::scripted_server::{Answer, ScriptedServer};

const SOON: Duration = Duration::from_millis(200);

/// Ends the call when the server has seen it, and tells how long that took.
fn cancelled(server: &ScriptedServer, operation: &str, request: &str) -> (upscope::Error, Duration) {
    let client = configured(server, |config| config.max_retries(3));
    let token = CancelToken::new();
    let calling = token.clone();
    let (operation, request) = (operation.to_owned(), request.to_owned());
    let call = thread::spawn(move || {
        let error = client.call_with(&operation, &request, &Control::cancelled_by(&calling)).unwrap_err();
        (error, Instant::now())
    });
    while server.requests().is_empty() {
        thread::yield_now();
    }
    let began = Instant::now();
    token.cancel();
    let (error, ended) = call.join().unwrap();
    (error, ended.saturating_duration_since(began))
}

#[test]
fn while_it_waits_for_an_answer() {
    let server = ScriptedServer::new([Answer::BytesThenHang(vec![])]);
    let (error, took) = cancelled(&server, "get_usage", "{}");
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    assert!(!error.may_have_applied() && !error.is_retryable());
    assert!(took < SOON, "{took:?}");
}

#[test]
fn while_it_reads_a_body_of_a_creation() {
    let server =
        ScriptedServer::new([Answer::BytesThenHang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec())]);
    let (error, took) = cancelled(&server, "create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    assert!(error.may_have_applied());
    assert!(took < SOON, "{took:?}");
}

#[test]
fn while_it_waits_to_try_again() {
    let server = ScriptedServer::new([Answer::with_headers(503, "Retry-After: 20\r\n", "{}")]);
    let (error, took) = cancelled(&server, "get_usage", "{}");
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    assert!(took < SOON, "{took:?}");
}

#[test]
fn before_it_begins() {
    let server = ScriptedServer::new([]);
    let token = CancelToken::new();
    token.cancel();
    let client = configured(&server, |config| config);
    let error = client.call_with("get_usage", "{}", &Control::cancelled_by(&token)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(server.requests().is_empty());
}

#[test]
fn by_its_own_thread() {
    for answer in [Answer::BytesThenHang(vec![]), Answer::with_headers(503, "Retry-After: 20\r\n", "{}")] {
        let server = ScriptedServer::new([answer]);
        let client = configured(&server, |config| config.max_retries(1));
        let asked = Rc::new(Cell::new(0));
        let counter = asked.clone();
        let control = Control::interrupted_by(move || {
            counter.set(counter.get() + 1);
            counter.get() == 3
        });
        let began = Instant::now();
        let error = client.call_with("get_usage", "{}", &control).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
        assert_eq!(asked.get(), 3);
        assert!(began.elapsed() < 3 * SOON, "{:?}", began.elapsed());
    }
}
