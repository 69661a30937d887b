//! A reused connection that turns out to be closed is replaced once, without counting as a retry.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{Connection, Response, ScriptedServer, http_response};

use super::super::{CREATE, KEY, client, client_with, usage};

#[test]
fn a_closed_connection_is_replaced() {
    // The client notices the end either before the next request or right after it.
    let closed = Response::bytes_then_close(http_response(200, "", br#"{"usage":{}}"#));
    let server = ScriptedServer::new([closed, usage(), usage()]);
    let client = client(&server);
    for _ in 0..3 {
        client.call("get_usage", "{}").unwrap();
    }
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_connection_that_breaks_on_the_request_is_replaced_once() {
    for broken in [Response::close(), Response::reset()] {
        let server = ScriptedServer::new([usage(), broken.clone(), usage()]);
        let client = client(&server);
        client.call("get_usage", "{}").unwrap();
        client.call("get_usage", "{}").unwrap();
        assert_eq!((server.requests().len(), server.connections()), (3, 2), "{broken:?}");
    }
}

#[test]
fn the_replacement_happens_once_and_counts_as_an_attempt() {
    let server = ScriptedServer::new([usage(), Response::close(), Response::close(), usage()]);
    let client = client(&server);
    client.call("get_usage", "{}").unwrap();
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::Connection, 2));
}

#[test]
fn a_create_call_is_not_repeated_on_a_new_connection() {
    let server = ScriptedServer::new([usage(), Response::close()]);
    let client = client_with(&server, |config| config.max_retries(3));
    client.call("get_usage", "{}").unwrap();
    let error = client.call(CREATE.0, CREATE.1).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::Connection, 1));
    assert!(error.may_have_applied());
    assert_eq!(server.requests().len(), 2);
}

/// Two connections are idle. Both break when they are used again: one at once, the other after it responds with 503.
#[test]
fn the_replacement_is_always_a_new_connection() {
    for status in [200, 503] {
        let state = Arc::new(BreakingServer::new(status));
        let serving = state.clone();
        let hook = move |number, connection| {
            serving.serve(number, connection);
            None
        };
        let server = ScriptedServer::builder().on_accept(hook).start();
        let config = Config::new().api_key(KEY).base_url(server.base_url()).proxy("");
        let client = Client::new(config.max_retries(u32::from(status == 503))).unwrap();
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| client.call("get_usage", "{}").unwrap());
            }
        });
        state.breaks.store(true, Ordering::SeqCst);
        client.call("get_usage", "{}").unwrap_or_else(|error| panic!("{status}: {error:?}"));
        assert_eq!(state.broken_connections.load(Ordering::SeqCst), 1, "{status}");
        assert_eq!(server.connections(), 3, "{status}");
    }
}

/// A server whose first two connections are open at the same time. Once it `breaks`, it closes each of them instead of
/// responding; if the status is not 200, one of them first responds with that status.
struct BreakingServer {
    status: u16,
    both_are_open: Barrier,
    breaks: AtomicBool,
    status_was_sent: AtomicBool,
    broken_connections: AtomicUsize,
}

impl BreakingServer {
    fn new(status: u16) -> BreakingServer {
        BreakingServer {
            status,
            both_are_open: Barrier::new(2),
            breaks: AtomicBool::new(false),
            status_was_sent: AtomicBool::new(status == 200),
            broken_connections: AtomicUsize::new(0),
        }
    }

    fn serve(&self, number: usize, mut connection: Connection) {
        let is_one_of_two = number < 2;
        while let Ok(1..) = connection.read(&mut [0; 4096]) {
            if is_one_of_two && !self.breaks.load(Ordering::SeqCst) {
                self.both_are_open.wait();
            } else if is_one_of_two && !self.status_was_sent.swap(true, Ordering::SeqCst) {
                assert!(connection.respond(&Response::with_headers(self.status, "Retry-After: 0\r\n", "{}")));
                continue;
            } else if is_one_of_two {
                self.broken_connections.fetch_add(1, Ordering::SeqCst);
                return;
            }
            assert!(connection.respond(&usage()));
        }
    }
}
