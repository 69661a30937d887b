//! HTTP/1.1 as servers speak it: where an answer ends, and whether its connection carries another request.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use upscope::{CancelToken, Client, Config, Control, Error, ErrorCode};

use super::scripted_server::{Answer, ScriptedServer, response};
use super::{KEY, client, configured};

const GOOD: &str = r#"{"usage":{"agents":{}}}"#;

fn chunked(end: &str) -> String {
    let (first, second) = GOOD.split_at(9);
    format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9;x=y\r\n{first}\r\n{:X}\r\n{second}\r\n{end}",
        second.len()
    )
}

fn plain(status_line: &str, headers: &str) -> String {
    format!("{status_line}\r\n{headers}Content-Length: {}\r\n\r\n{GOOD}", GOOD.len())
}

/// How many connections two calls need when the first is answered like this.
fn connections_after(first: Answer) -> usize {
    let server = ScriptedServer::new([first.clone(), Answer::Bytes(response(200, "", GOOD.as_bytes()))]);
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(client.call("get_usage", "{}").unwrap(), GOOD, "{first:?}");
    }
    assert_eq!(server.requests().len(), 2, "{first:?}");
    server.connections()
}

#[test]
fn a_connection_is_kept_when_its_answer_allows_it() {
    let interim = format!(
        "HTTP/1.1 100 Continue\r\nDate: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{}",
        plain("HTTP/1.1 200 OK", "")
    );
    for answer in [
        plain("HTTP/1.1 200 OK", ""),
        plain("HTTP/1.1 200", "connection: Keep-Alive\r\n"),
        plain("HTTP/1.0 200 OK", "Connection: keep-alive\r\n"),
        chunked("0\r\n\r\n"),
        chunked("000\r\nTrailer: x\r\n\r\n"),
        interim,
    ] {
        assert_eq!(connections_after(Answer::Bytes(answer.clone().into_bytes())), 1, "{answer}");
    }
}

#[test]
fn a_connection_is_left_when_its_answer_forbids_it() {
    for answer in [
        plain("HTTP/1.1 200 OK", "Connection: close\r\n"),
        plain("HTTP/1.1 200 OK", "Connection: x, Close\r\n"),
        plain("HTTP/1.0 200 OK", ""),
        // An intermediary may believe the length, and take the rest for the next answer.
        chunked("0\r\n\r\n").replacen("\r\n", "\r\nContent-Length: 5\r\n", 1),
        // Bytes that nobody asked for.
        plain("HTTP/1.1 200 OK", "") + "HTTP/1.1 200 OK\r\n",
        chunked("0\r\n\r\n") + "x",
    ] {
        assert_eq!(connections_after(Answer::Bytes(answer.clone().into_bytes())), 2, "{answer}");
    }
    let ends = [format!("HTTP/1.1 200 OK\r\n\r\n{GOOD}"), chunked("0\r\n")];
    for answer in ends {
        assert_eq!(connections_after(Answer::BytesThenClose(answer.clone().into_bytes())), 2, "{answer}");
    }
}

#[test]
fn an_answer_may_come_byte_by_byte() {
    for answer in [chunked("0\r\n\r\n"), plain("HTTP/1.1 200 OK", "X: y\r\n"), format!("HTTP/1.1 200 OK\r\n\r\n{GOOD}")]
    {
        let drip = Answer::Drip(answer.clone().into_bytes(), Duration::from_millis(1));
        let server = ScriptedServer::new([drip]);
        assert_eq!(client(&server).call("get_usage", "{}").unwrap(), GOOD, "{answer}");
    }
}

#[test]
fn an_answer_without_a_body_ends_with_its_head() {
    for head in ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"] {
        let server = ScriptedServer::new([Answer::Bytes(head.into()), Answer::Bytes(head.into())]);
        let client = client(&server);
        for _ in 0..2 {
            assert_eq!(client.call("stop_session", r#"{"visitor_id":"v"}"#).unwrap(), "{}", "{head}");
        }
        assert_eq!(server.connections(), 1, "{head}");
    }
    let server =
        ScriptedServer::new([Answer::Bytes(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n".to_vec())]);
    let error = client(&server).call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.http_status()), (ErrorCode::HttpError, Some(304)));
}

#[test]
fn an_answer_in_chunks_has_a_limit() {
    let server = ScriptedServer::new([Answer::Bytes(chunked("0\r\n\r\n").into_bytes())]);
    let client = configured(&server, |config| config.max_response_bytes(GOOD.len() - 1));
    let error = client.call("get_usage", "{}").unwrap_err();
    assert!(error.message().contains("max_response_bytes"), "{error:?}");
}

#[test]
fn any_method_carries_a_body_that_is_asked_for() {
    for (method, operation, request) in [
        ("GET", "get_usage", r#"{"options":{"extra_body":{"a":1}}}"#),
        ("DELETE", "delete_visitor", r#"{"visitor_id":"v","options":{"extra_body":{"a":1}}}"#),
    ] {
        let server = ScriptedServer::new([Answer::Bytes(response(200, "", GOOD.as_bytes()))]);
        client(&server).call(operation, request).unwrap();
        let sent = &server.requests()[0];
        assert!(sent.starts_with(method) && sent.ends_with("\r\n\r\n{\"a\":1}"), "{sent}");
        assert_eq!(sent.to_ascii_lowercase().matches("content-length: 7\r\n").count(), 1, "{sent}");
    }
}

#[test]
fn the_longest_target_is_sent() {
    let server = ScriptedServer::new([Answer::Bytes(response(200, "", GOOD.as_bytes()))]);
    let path = format!("/{}", "x".repeat(32 * 1024 - 1));
    let request = format!(r#"{{"method":"GET","path":"{path}"}}"#);
    client(&server).call("request", &request).unwrap();
    assert!(server.requests()[0].starts_with(&format!("GET /v1.3{path} HTTP/1.1\r\n")));
}

const STOP: (&str, &str) = ("stop_session", r#"{"visitor_id":"v"}"#);

#[test]
fn an_empty_body_is_empty_whatever_its_encoding() {
    for encoding in ["gzip", "x-gzip", "br", "deflate", "gzip, identity", "identity"] {
        for framing in [
            "200 OK\r\nContent-Length: 0\r\n\r\n",
            "204 No Content\r\n\r\n",
            "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let head =
                format!("HTTP/1.1 {}", framing.replacen("\r\n", &format!("\r\nContent-Encoding: {encoding}\r\n"), 1));
            let answer = Answer::Bytes(head.clone().into_bytes());
            let server = ScriptedServer::new([answer.clone(), answer]);
            let client = client(&server);
            for _ in 0..2 {
                assert_eq!(client.call(STOP.0, STOP.1).unwrap(), "{}", "{head}");
            }
            assert_eq!(server.connections(), 1, "{head}");
        }
    }
}

#[test]
fn an_encoding_that_is_not_known_is_named() {
    let long = "x".repeat(500);
    for (encoding, name) in [
        ("br", "\"br\""),
        ("deflate", "\"deflate\""),
        ("gzip, identity", "\"gzip, identity\""),
        ("gzip\r\nContent-Encoding: gzip", "\"gzip, gzip\""),
        ("\u{e9}", "\"\u{e9}\""),
        (long.as_str(), ""),
        (KEY, "[hidden]"),
    ] {
        let headers = format!("Content-Encoding: {encoding}\r\n");
        let answer = |status| Answer::Bytes(response(status, &headers, b"\x0b\x01\x80{}\x03"));
        let server = ScriptedServer::new([answer(200), answer(404)]);
        let client = configured(&server, |config| config.max_retries(2));
        let error = client.call("get_usage", "{}").unwrap_err();
        assert_eq!((error.code(), error.http_status()), (ErrorCode::BadResponse, Some(200)), "{error:?}");
        assert!(error.message().contains("is encoded as") && error.message().contains(name), "{error:?}");
        assert!(error.message().len() < 200 && !error.message().contains(KEY), "{error:?}");
        let error = client.call("get_usage", "{}").unwrap_err();
        assert_eq!((error.code(), error.http_status()), (ErrorCode::NotFound, Some(404)), "{error:?}");
    }
    let server = ScriptedServer::new([Answer::Bytes(response(200, "Content-Encoding: Identity\r\n", GOOD.as_bytes()))]);
    assert_eq!(client(&server).call("get_usage", "{}").unwrap(), GOOD);
}

/// What comes of such an answer, which the other side ends like any other, with retries allowed.
fn refusal(answer: &str) -> Error {
    let answer = Answer::BytesThenClose(answer.as_bytes().to_vec());
    let server = ScriptedServer::new([answer.clone(), answer.clone(), answer]);
    let error = configured(&server, |config| config.max_retries(2)).call("get_usage", "{}").unwrap_err();
    assert_eq!((error.attempts(), server.requests().len()), (1, 1), "{error:?}");
    assert!(!error.is_retryable(), "{error:?}");
    error
}

#[test]
fn limits_are_named_and_not_tried_again() {
    let headers = "X: y\r\n".repeat(129);
    let long = "x".repeat(80 * 1024);
    for (answer, limit) in [
        (plain("HTTP/1.1 200 OK", &headers), "more than 128 headers"),
        (plain("HTTP/1.1 200 OK", &format!("X: {long}\r\n")), "headers of more than 64 KiB"),
        ("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n".repeat(3000), "headers of more than 64 KiB"),
        (chunked("0\r\n\r\n").replace("x=y", &long), "chunk extension or trailers of more than 64 KiB"),
        (chunked(&format!("0\r\nX: {long}\r\n\r\n")), "chunk extension or trailers of more than 64 KiB"),
    ] {
        let error = refusal(&answer);
        assert!(error.message().contains(limit), "{limit}: {error:?}");
    }
}

#[test]
fn a_framing_that_readers_could_see_differently_is_refused() {
    let head = |line: &str| chunked("0\r\n\r\n").replacen("Transfer-Encoding: chunked", line, 1);
    for answer in [
        chunked("0\r\n\r\n").replacen("9;", "+9;", 1),
        chunked("0\r\n\r\n").replacen("9;", " 9;", 1),
        chunked("0\r\n\r\n").replacen("x=y", "x\ny", 1),
        chunked("0\r\nno colon\r\n\r\n"),
        head("Transfer-Encoding: chunked, identity"),
        head("Transfer-Encoding: xchunked"),
        head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        plain("HTTP/1.1 200 OK", "Content-Length: +23\r\n"),
    ] {
        assert!(refusal(&answer).message().contains("is not valid HTTP"), "{answer}");
    }
}

#[test]
fn a_header_may_be_folded() {
    let answer = plain("HTTP/1.1 200 OK", "X: a\r\n b\r\nConnection: x,\r\n\tclose\r\n");
    assert_eq!(connections_after(Answer::Bytes(answer.into_bytes())), 2);
}

#[test]
fn a_change_of_protocol_is_not_followed() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n".to_owned() + &plain("HTTP/1.1 200 OK", "");
    let error = refusal(&answer);
    assert_eq!((error.code(), error.http_status()), (ErrorCode::HttpError, Some(101)), "{error:?}");
}

/// Accepts one connection, reads the start of a request and goes on with `act`.
fn one_connection(act: impl FnOnce(&mut std::net::TcpStream) + Send + 'static) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        act(&mut stream);
    });
    let config = Config::new().api_key(KEY).base_url(format!("http://{address}")).proxy("").max_retries(0);
    Client::new(config).unwrap()
}

/// The system reports a reset once: the write that met it leaves an end to the reads after it that looks like FIN.
#[test]
fn a_reset_that_the_request_met_is_no_end_of_the_answer() {
    let client = one_connection(|stream| {
        // Closing with the rest of the request unread is a reset.
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap();
    });
    let body = "x".repeat(8 * 1024 * 1024);
    let error = client.call("request", &format!(r#"{{"method":"POST","path":"/large","body":"{body}"}}"#)).unwrap_err();
    let facts = (error.code(), error.http_status(), error.may_have_applied(), error.is_retryable());
    assert_eq!(facts, (ErrorCode::BadResponse, Some(200), true, false), "{error:?}");
}

/// Cancelling shuts the socket down, which looks like the other side's end.
#[test]
fn a_cancelled_call_does_not_take_its_end_for_the_end_of_the_answer() {
    let (sent, is_sent) = mpsc::channel();
    let client = one_connection(move |stream| {
        stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{GOOD}").as_bytes()).unwrap();
        sent.send(()).unwrap();
        let _ = stream.read(&mut [0]);
    });
    let token = CancelToken::new();
    let control = token.clone();
    let (name, named) = mpsc::channel();
    let call = thread::spawn(move || {
        name.send(std::fs::read_link("/proc/thread-self").unwrap_or_default()).unwrap();
        client.call_with("get_usage", "{}", &Control::cancelled_by(&control))
    });
    let stat = std::path::Path::new("/proc").join(named.recv().unwrap()).join("stat");
    is_sent.recv_timeout(Duration::from_secs(10)).unwrap();
    // Until the call waits for more of the answer. Elsewhere than on Linux it may be cancelled sooner.
    let waits = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") S "));
    let began = Instant::now();
    while !waits() && began.elapsed() < Duration::from_secs(10) {
        thread::yield_now();
    }
    token.cancel();
    let error = call.join().unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled, "{error:?}");
}
