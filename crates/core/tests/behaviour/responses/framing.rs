//! Where a response ends.

use std::time::Duration;

use upscope::ErrorCode;
use upscope_test_support::{Response, ScriptedServer};

use super::super::client;
use super::super::http_messages::{BODY, chunked, until_close, with_length};
use super::{STOP_SESSION, permanent_error};

#[test]
fn a_response_may_arrive_byte_by_byte() {
    for response in [chunked("0\r\n\r\n"), with_length("HTTP/1.1 200 OK", "X: y\r\n"), until_close()] {
        let server = ScriptedServer::new([Response::slow_bytes(response.clone(), Duration::from_millis(1))]);
        assert_eq!(client(&server).call("get_usage", "{}").unwrap(), BODY, "{response}");
    }
}

#[test]
fn a_response_without_a_body_ends_with_its_head() {
    for head in ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"] {
        let server = ScriptedServer::new([Response::bytes(head), Response::bytes(head)]);
        let client = client(&server);
        for _ in 0..2 {
            assert_eq!(client.call(STOP_SESSION.0, STOP_SESSION.1).unwrap(), "{}", "{head}");
        }
        assert_eq!(server.connections(), 1, "{head}");
    }
    let server = ScriptedServer::new([Response::bytes("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")]);
    let error = client(&server).call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.http_status()), (ErrorCode::HttpError, Some(304)));
}

#[test]
fn a_framing_that_other_readers_could_read_differently_is_rejected() {
    let with_header = |line: &str| chunked("0\r\n\r\n").replacen("Transfer-Encoding: chunked", line, 1);
    for response in [
        chunked("0\r\n\r\n").replacen("9;", "+9;", 1),
        chunked("0\r\n\r\n").replacen("9;", " 9;", 1),
        chunked("0\r\n\r\n").replacen("x=y", "x\ny", 1),
        chunked("0\r\nno colon\r\n\r\n"),
        with_header("Transfer-Encoding: chunked, identity"),
        with_header("Transfer-Encoding: xchunked"),
        with_header("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        with_length("HTTP/1.1 200 OK", "Content-Length: +23\r\n"),
    ] {
        assert!(permanent_error(&response).message().contains("is not valid HTTP"), "{response}");
    }
}

#[test]
fn a_change_of_protocol_is_an_error() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    let error = permanent_error(&(switch.to_owned() + &with_length("HTTP/1.1 200 OK", "")));
    assert_eq!((error.code(), error.http_status()), (ErrorCode::HttpError, Some(101)), "{error:?}");
}
