//! Calls that are started.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use upscope::ErrorCode;

use super::configured;
use super::scripted_server::{Answer, ScriptedServer};

const PATIENCE: Duration = Duration::from_secs(10);

fn usage() -> Answer {
    Answer::json(200, r#"{"usage":{}}"#)
}

#[test]
fn the_result_is_told_once_and_can_be_asked_for_again() {
    let server = ScriptedServer::new([usage()]);
    let client = configured(&server, |config| config);
    let (tell, told) = mpsc::channel();
    let pending = client.start("get_usage", "{}", move |result| tell.send(result).unwrap()).unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap().unwrap(), r#"{"usage":{}}"#);
    for _ in 0..2 {
        assert_eq!(pending.wait(Some(PATIENCE)).unwrap().unwrap(), r#"{"usage":{}}"#);
    }
    assert!(told.recv_timeout(Duration::from_millis(10)).is_err());
}

#[test]
fn a_bad_request_starts_nothing() {
    let server = ScriptedServer::new([]);
    let client = configured(&server, |config| config);
    let error = client.start_polled("get_visitor", "{}").unwrap_err();
    assert_eq!((error.code(), error.operation()), (ErrorCode::InvalidArgument, Some("get_visitor")));
    assert_eq!(client.start_polled("get_users", "{}").unwrap_err().code(), ErrorCode::InvalidArgument);
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_running_call_is_cancelled_at_once() {
    let server = ScriptedServer::new([Answer::BytesThenHang(vec![])]);
    let client = configured(&server, |config| config);
    let pending = client.start_polled("get_usage", "{}").unwrap();
    assert!(pending.wait(Some(Duration::ZERO)).is_none());
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    let began = Instant::now();
    pending.cancel();
    let error = pending.wait(Some(PATIENCE)).unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
}

#[test]
fn a_call_that_waits_for_a_thread_is_cancelled_without_one() {
    let server = ScriptedServer::new((0..40).map(|_| Answer::BytesThenHang(vec![])));
    let client = configured(&server, |config| config);
    let mut calls: Vec<_> = (0..40).map(|_| client.start_polled("get_usage", "{}").unwrap()).collect();
    let last = calls.pop().unwrap();
    let began = Instant::now();
    last.cancel();
    let error = last.wait(Some(PATIENCE)).unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    // Dropping what runs does not wait for the network.
    let began = Instant::now();
    drop(calls);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn nothing_is_told_after_closing() {
    for _ in 0..50 {
        let server = ScriptedServer::new([usage()]);
        let client = configured(&server, |config| config);
        let (tell, told) = mpsc::channel();
        let pending = client.start("get_usage", "{}", move |result| drop(tell.send(result))).unwrap();
        pending.close();
        let after: Vec<_> = told.try_iter().collect();
        assert!(after.len() <= 1);
        // The teller is gone, so nothing can come any more.
        assert!(told.recv_timeout(PATIENCE).is_err());
    }
}

#[test]
fn a_started_call_outlives_its_client() {
    let server = ScriptedServer::new([usage()]);
    let pending = configured(&server, |config| config).start_polled("get_usage", "{}").unwrap();
    assert!(pending.wait(Some(PATIENCE)).unwrap().is_ok());
}
