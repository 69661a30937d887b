//! Calls that run in the background.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use upscope::ErrorCode;
use upscope_test_support::{Response, ScriptedServer};

use super::{client, usage};

const TIMEOUT: Duration = Duration::from_secs(10);

#[test]
fn the_callback_gets_the_result_once_and_wait_returns_it_again() {
    let server = ScriptedServer::new([usage()]);
    let client = client(&server);
    let (sender, results) = mpsc::channel();
    let call = client.start("get_usage", "{}", move |result| sender.send(result).unwrap()).unwrap();
    assert_eq!(results.recv_timeout(TIMEOUT).unwrap().unwrap(), r#"{"usage":{}}"#);
    for _ in 0..2 {
        assert_eq!(call.wait(Some(TIMEOUT)).unwrap().unwrap(), r#"{"usage":{}}"#);
    }
    assert!(results.recv_timeout(Duration::from_millis(10)).is_err());
}

#[test]
fn an_invalid_request_is_not_started() {
    let server = ScriptedServer::new([]);
    let client = client(&server);
    let error = client.start_polled("get_visitor", "{}").unwrap_err();
    assert_eq!((error.code(), error.operation()), (ErrorCode::InvalidArgument, Some("get_visitor")));
    assert_eq!(client.start_polled("get_users", "{}").unwrap_err().code(), ErrorCode::InvalidArgument);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_running_call_is_cancelled_at_once() {
    let server = ScriptedServer::new([Response::hang()]);
    let client = client(&server);
    let call = client.start_polled("get_usage", "{}").unwrap();
    assert!(call.wait(Some(Duration::ZERO)).is_none());
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    let start = Instant::now();
    call.cancel();
    let error = call.wait(Some(TIMEOUT)).unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}

#[test]
fn a_queued_call_is_cancelled_without_a_thread() {
    let server = ScriptedServer::new((0..40).map(|_| Response::hang()));
    let client = client(&server);
    let mut calls: Vec<_> = (0..40).map(|_| client.start_polled("get_usage", "{}").unwrap()).collect();
    let last = calls.pop().unwrap();
    let start = Instant::now();
    last.cancel();
    let error = last.wait(Some(TIMEOUT)).unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
    // Dropping a running call does not wait for the network.
    let start = Instant::now();
    drop(calls);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn the_callback_does_not_run_after_close() {
    for _ in 0..50 {
        let server = ScriptedServer::new([usage()]);
        let client = client(&server);
        let (sender, results) = mpsc::channel();
        let call = client.start("get_usage", "{}", move |result| drop(sender.send(result))).unwrap();
        call.close();
        let received: Vec<_> = results.try_iter().collect();
        assert!(received.len() <= 1);
        // The callback was dropped with its sender, so no further result can arrive.
        assert!(results.recv_timeout(TIMEOUT).is_err());
    }
}

#[test]
fn a_call_outlives_its_client() {
    let server = ScriptedServer::new([usage()]);
    let call = client(&server).start_polled("get_usage", "{}").unwrap();
    assert!(call.wait(Some(TIMEOUT)).unwrap().is_ok());
}
