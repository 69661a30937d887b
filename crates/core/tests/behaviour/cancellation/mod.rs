//! Calls that another thread cancels, or that their own thread interrupts.

use std::cell::Cell;
use std::io::{Read, Write};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use upscope::{CancelToken, Client, Config, Control, Error, ErrorCode};
use upscope_test_support::{Response, ScriptedServer, serve_one};

use super::http_messages::until_close;
use super::{CREATE, KEY, client_with};

const MAX_DELAY: Duration = Duration::from_millis(200);

/// Cancels a call when its request has arrived. Returns the error, and the time until the call returned.
fn cancel(server: &ScriptedServer, operation: &str, request: &str) -> (Error, Duration) {
    let client = client_with(server, |config| config.max_retries(3));
    let token = CancelToken::new();
    let token_of_call = token.clone();
    let (operation, request) = (operation.to_owned(), request.to_owned());
    let call = thread::spawn(move || {
        let error = client.call_with(&operation, &request, &Control::cancelled_by(&token_of_call)).unwrap_err();
        (error, Instant::now())
    });
    while server.requests().is_empty() {
        thread::yield_now();
    }
    let start = Instant::now();
    token.cancel();
    let (error, end) = call.join().unwrap();
    (error, end.saturating_duration_since(start))
}

#[test]
fn while_waiting_for_the_response() {
    let server = ScriptedServer::new([Response::hang()]);
    let (error, delay) = cancel(&server, "get_usage", "{}");
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    assert!(!error.may_have_applied() && !error.is_retryable());
    assert!(delay < MAX_DELAY, "{delay:?}");
}

#[test]
fn while_reading_the_body_of_a_create_call() {
    let server = ScriptedServer::new([Response::bytes_then_hang("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]);
    let (error, delay) = cancel(&server, CREATE.0, CREATE.1);
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    assert!(error.may_have_applied());
    assert!(delay < MAX_DELAY, "{delay:?}");
}

#[test]
fn while_waiting_for_a_retry() {
    let server = ScriptedServer::new([Response::with_headers(503, "Retry-After: 20\r\n", "{}")]);
    let (error, delay) = cancel(&server, "get_usage", "{}");
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
    assert!(delay < MAX_DELAY, "{delay:?}");
}

#[test]
fn before_the_call() {
    let server = ScriptedServer::new([]);
    let token = CancelToken::new();
    token.cancel();
    let client = super::client(&server);
    let error = client.call_with("get_usage", "{}", &Control::cancelled_by(&token)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(server.requests().is_empty());
}

#[test]
fn by_an_interrupt_of_the_calling_thread() {
    for response in [Response::hang(), Response::with_headers(503, "Retry-After: 20\r\n", "{}")] {
        let server = ScriptedServer::new([response]);
        let client = client_with(&server, |config| config.max_retries(1));
        let polls = Rc::new(Cell::new(0));
        let counter = polls.clone();
        let control = Control::interrupted_by(move || {
            counter.set(counter.get() + 1);
            counter.get() == 3
        });
        let start = Instant::now();
        let error = client.call_with("get_usage", "{}", &control).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
        assert_eq!(polls.get(), 3);
        assert!(start.elapsed() < 3 * MAX_DELAY, "{:?}", start.elapsed());
    }
}

/// Cancelling shuts down the socket, which looks like the end of the connection.
#[test]
fn while_reading_a_body_that_ends_with_the_connection() {
    let (sender, sent) = mpsc::channel();
    let (address, _server) = serve_one(move |mut connection| {
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        connection.write_all(until_close().as_bytes()).unwrap();
        sender.send(()).unwrap();
        let _ = connection.read(&mut [0]);
    });
    let config = Config::new().api_key(KEY).base_url(format!("http://{address}")).proxy("").max_retries(0);
    let client = Client::new(config).unwrap();
    let token = CancelToken::new();
    let token_of_call = token.clone();
    let (thread_sender, thread_path) = mpsc::channel();
    let call = thread::spawn(move || {
        thread_sender.send(std::fs::read_link("/proc/thread-self").unwrap_or_default()).unwrap();
        client.call_with("get_usage", "{}", &Control::cancelled_by(&token_of_call))
    });
    let stat = std::path::Path::new("/proc").join(thread_path.recv().unwrap()).join("stat");
    sent.recv_timeout(Duration::from_secs(10)).unwrap();
    // Waits until the call reads more of the body. On other systems than Linux, it may be cancelled earlier.
    let is_reading = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") S "));
    let start = Instant::now();
    while !is_reading() && start.elapsed() < Duration::from_secs(10) {
        thread::yield_now();
    }
    token.cancel();
    let error = call.join().unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
}
