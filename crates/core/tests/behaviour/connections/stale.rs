//! Connections are kept, replaced when the service closed them, and shared by threads.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use upscope::{Client, Config, ErrorCode};

use super::scripted_server::{Answer, ScriptedServer, response};
use super::{KEY, client, configured};

fn usage() -> Vec<u8> {
    response(200, "", br#"{"usage":{}}"#)
}

#[test]
fn one_connection_serves_many_calls() {
    let server = ScriptedServer::new((0..20).map(|_| Answer::Bytes(usage())));
    let client = client(&server);
    for _ in 0..20 {
        client.call("get_usage", "{}").unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_the_service_closed_is_replaced_unseen() {
    // Closed after the answer, without a word: found out before the next request is sent, or right after.
    let server = ScriptedServer::new([Answer::BytesThenClose(usage()), Answer::Bytes(usage()), Answer::Bytes(usage())]);
    let client = client(&server);
    for _ in 0..3 {
        client.call("get_usage", "{}").unwrap();
    }
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_kept_connection_that_breaks_is_replaced_once_free_of_charge() {
    for broken in [Answer::BytesThenClose(vec![]), Answer::BytesThenReset(vec![])] {
        let server = ScriptedServer::new([Answer::Bytes(usage()), broken.clone(), Answer::Bytes(usage())]);
        let client = client(&server);
        client.call("get_usage", "{}").unwrap();
        client.call("get_usage", "{}").unwrap();
        assert_eq!((server.requests().len(), server.connections()), (3, 2), "{broken:?}");
    }
}

#[test]
fn the_free_repeat_is_made_once_and_counted() {
    let broken = || Answer::BytesThenClose(vec![]);
    let server = ScriptedServer::new([Answer::Bytes(usage()), broken(), broken(), Answer::Bytes(usage())]);
    let client = client(&server);
    client.call("get_usage", "{}").unwrap();
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::Connection, 2));
}

#[test]
fn a_creation_on_a_kept_connection_that_breaks_is_not_repeated() {
    let server = ScriptedServer::new([Answer::Bytes(usage()), Answer::BytesThenClose(vec![])]);
    let client = configured(&server, |config| config.max_retries(3));
    client.call("get_usage", "{}").unwrap();
    let error = client.call("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::Connection, 1));
    assert!(error.may_have_applied());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn threads_share_a_client() {
    let server = ScriptedServer::new((0..400).map(|_| Answer::Bytes(usage())));
    let client = client(&server);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    client.call("get_usage", "{}").unwrap();
                }
            });
        }
    });
    assert_eq!(server.requests().len(), 400);
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[test]
fn only_ascii_is_handed_out_when_asked_for() {
    let answer = Answer::json(200, r#"{"visitor":{"name":"Łukasz 😀"}}"#);
    let server = ScriptedServer::new([answer.clone(), answer]);
    let ascii = configured(&server, |config| config.ascii_json(true));
    let text = ascii.call("get_visitor", r#"{"visitor_id":"v"}"#).unwrap();
    assert_eq!(text, r#"{"visitor":{"name":"\u0141ukasz \ud83d\ude00"}}"#);
    let text = client(&server).call("get_visitor", r#"{"visitor_id":"v"}"#).unwrap();
    assert_eq!(text, r#"{"visitor":{"name":"Łukasz 😀"}}"#);
}

#[test]
fn many_threads_may_ask_for_the_same_name_at_once() {
    const THREADS: usize = 32;
    let server = ScriptedServer::new((0..THREADS).map(|_| Answer::Bytes(usage())));
    let client = configured(&server, |config| {
        config.base_url(format!("http://localhost:{}/v1.3", server.address().port())).max_retries(0)
    });
    let start = std::sync::Barrier::new(THREADS);
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                start.wait();
                client.call("get_usage", "{}").unwrap();
            });
        }
    });
}

/// Two connections are idle, and both break when they are used again: one right away, the other after it answered 503.
#[test]
fn the_free_repeat_uses_a_new_connection_whenever_it_comes() {
    for status in [200, 503] {
        let service = TwoThatBreak::start(status);
        let config = Config::new().api_key(KEY).base_url(service.base_url()).proxy("");
        let client = Client::new(config.max_retries(u32::from(status == 503))).unwrap();
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| client.call("get_usage", "{}").unwrap());
            }
        });
        service.begin_to_break();
        client.call("get_usage", "{}").unwrap_or_else(|error| panic!("{status}: {error:?}"));
        assert_eq!(service.stale.load(Ordering::SeqCst), 1, "{status}");
        assert_eq!(service.connections.load(Ordering::SeqCst), 3, "{status}");
    }
}

/// Its first two connections are made at once. Later on each of them ends instead of answering; before that, one of them
/// answers with a status of its own once.
struct TwoThatBreak {
    address: SocketAddr,
    status: u16,
    both: Barrier,
    breaking: AtomicBool,
    told: AtomicBool,
    stale: AtomicUsize,
    connections: AtomicUsize,
}

impl TwoThatBreak {
    fn start(status: u16) -> Arc<TwoThatBreak> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Arc::new(TwoThatBreak {
            address: listener.local_addr().unwrap(),
            status,
            both: Barrier::new(2),
            breaking: AtomicBool::new(false),
            told: AtomicBool::new(status == 200),
            stale: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
        });
        let serving = service.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let number = serving.connections.fetch_add(1, Ordering::SeqCst);
                let (serving, stream) = (serving.clone(), stream.unwrap());
                std::thread::spawn(move || serving.serve(stream, number));
            }
        });
        service
    }

    fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn begin_to_break(&self) {
        self.breaking.store(true, Ordering::SeqCst);
    }

    fn serve(&self, mut stream: TcpStream, number: usize) {
        let breaks = number < 2;
        while let Ok(1..) = stream.read(&mut [0; 4096]) {
            if breaks && !self.breaking.load(Ordering::SeqCst) {
                self.both.wait();
            } else if breaks && !self.told.swap(true, Ordering::SeqCst) {
                stream.write_all(&response(self.status, "Retry-After: 0\r\n", b"{}")).unwrap();
                continue;
            } else if breaks {
                self.stale.fetch_add(1, Ordering::SeqCst);
                return;
            }
            stream.write_all(&usage()).unwrap();
        }
    }
}
