//! HTTP/1.1 as servers speak it: where an answer ends, and whether its connection carries another request.

use std::time::Duration;

use upscope::ErrorCode;

use super::scripted_server::{Answer, ScriptedServer, response};
use super::{client, configured};

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
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{}",
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
