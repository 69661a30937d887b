//! Too little memory for a response, or for a connection.

use std::io::Write;

use upscope_test_support::{Response, ScriptedServer, gzip, http_response};

use super::limits::AddressSpaceLimit;
use super::{assert_shortage, client, client_with, subprocess};

const MEGABYTE: usize = 1024 * 1024;
const SIZE: usize = 4 * MEGABYTE;
/// The megabytes of free address space during a call: from enough for its small allocations to enough for all of it.
const FREE: [usize; 12] = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32];

const READ: (&str, &str) = ("get_usage", "{}");
const CREATE: (&str, &str) = ("request", r#"{"method":"POST","path":"/large"}"#);

/// Runs `body` with each amount of free memory. It must fail for lack of memory with some amounts, and succeed with
/// others.
fn with_each_amount(test: &str, response: impl Fn() -> Response, body: impl Fn(&str) -> Option<upscope::Error>) {
    let prepare = || {
        let responses = FREE.into_iter().flat_map(|_| [response(), Response::json(200, r#"{"usage":{}}"#)]);
        let server = ScriptedServer::new(responses);
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    subprocess::run(test, prepare, |arguments| {
        let mut failed = Vec::new();
        for megabytes in FREE {
            let limit = AddressSpaceLimit::leaving((megabytes * MEGABYTE) as u64);
            let error = body(arguments[0]);
            drop(limit);
            if let Some(error) = error {
                assert!(error.message().contains("ran out of memory"), "{megabytes} MB: {error:?}");
                assert_eq!(error.code(), upscope::ErrorCode::Connection, "{error:?}");
                failed.push(megabytes);
            }
            client(arguments[0]).call(READ.0, READ.1).unwrap();
        }
        assert!(!failed.is_empty() && failed.len() < FREE.len(), "{failed:?}");
    });
}

fn large(text: &str) -> Vec<u8> {
    let text = text.repeat(SIZE / text.len());
    format!(r#"{{"usage":{{"text":"{text}"}}}}"#).into_bytes()
}

fn with_length(body: &[u8]) -> Response {
    Response::bytes(http_response(200, "", body))
}

fn chunked(body: &[u8]) -> Response {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(100_000) {
        write!(bytes, "{:x}\r\n", chunk.len()).unwrap();
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    Response::bytes(bytes)
}

#[test]
fn a_response_with_a_length() {
    with_each_amount(
        "memory::a_response_with_a_length",
        || with_length(&large("x")),
        |base_url| client(base_url).call(READ.0, READ.1).err().inspect(|error| assert_shortage(error, "memory")),
    );
}

#[test]
fn a_response_in_chunks() {
    with_each_amount(
        "memory::a_response_in_chunks",
        || chunked(&large("x")),
        |base_url| client(base_url).call(READ.0, READ.1).err(),
    );
}

#[test]
fn a_create_call_reports_that_it_may_have_applied() {
    with_each_amount(
        "memory::a_create_call_reports_that_it_may_have_applied",
        || with_length(&large("x")),
        |base_url| {
            let error = client(base_url).call(CREATE.0, CREATE.1).err()?;
            // Without memory for a connection, the request was not sent.
            let sent = !error.message().contains("before connecting");
            assert_eq!((error.may_have_applied(), error.is_retryable()), (sent, !sent), "{error:?}");
            Some(error)
        },
    );
}

#[test]
fn a_compressed_response() {
    let body = gzip(&large("x"));
    let response = || Response::bytes(http_response(200, "Content-Encoding: gzip\r\n", &body));
    with_each_amount("memory::a_compressed_response", response, |base_url| client(base_url).call(READ.0, READ.1).err());
}

#[test]
fn a_response_that_is_not_utf_8() {
    let mut body = large("x");
    body[SIZE / 2] = 0xff;
    with_each_amount(
        "memory::a_response_that_is_not_utf_8",
        || with_length(&body),
        |base_url| {
            let error = client(base_url).call(READ.0, READ.1).unwrap_err();
            (!error.message().contains("UTF-8")).then_some(error)
        },
    );
}

#[test]
fn ascii_escapes() {
    with_each_amount(
        "memory::ascii_escapes",
        || with_length(&large("é")),
        |base_url| client_with(base_url, |config| config.ascii_json(true)).call(READ.0, READ.1).err(),
    );
}

#[test]
fn an_escaped_string_and_an_escaped_key() {
    let body = format!(r#"{{"{0}":1,"watch_url":"\u0041{0}"}}"#, large_escapes());
    let response = || with_length(body.as_bytes());
    with_each_amount("memory::an_escaped_string_and_an_escaped_key", response, |base_url| {
        let request = r#"{"visitor_id":"v","agent":{"id":"a"}}"#;
        client(base_url).call("create_watch_url", request).err()
    });
}

fn large_escapes() -> String {
    r"\n".repeat(SIZE / 4)
}

#[test]
fn an_error_response() {
    let response = || Response::bytes(http_response(500, "", &large("x")));
    let test = "memory::an_error_response";
    let prepare = || {
        let server = ScriptedServer::new(FREE.map(|_| response()));
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    subprocess::run(test, prepare, |arguments| {
        for megabytes in FREE {
            let _limit = AddressSpaceLimit::leaving((megabytes * MEGABYTE) as u64);
            let error = client(arguments[0]).call(READ.0, READ.1).unwrap_err();
            let status = error.http_status() == Some(500);
            assert!(status || error.message().contains("ran out of memory before connecting"), "{error:?}");
        }
    });
}

#[test]
fn copies_of_the_result_of_a_background_call() {
    let prepare = || {
        let server = ScriptedServer::new([with_length(&large("x"))]);
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    subprocess::run("memory::copies_of_the_result_of_a_background_call", prepare, |arguments| {
        let started = client(arguments[0]).start_polled(READ.0, READ.1).unwrap();
        // This is kept, because its memory would be enough for the next copy.
        let first = started.wait(None).unwrap().unwrap();
        let limit = AddressSpaceLimit::leaving(MEGABYTE as u64);
        let Some(Err(error)) = started.wait(None) else { panic!("the memory was enough for a copy") };
        assert_shortage(&error, "ran out of memory");
        drop(limit);
        assert!(started.wait(None).unwrap().unwrap() == first);
    });
}

#[test]
fn too_little_memory_for_a_connection() {
    let prepare = || {
        let server =
            ScriptedServer::new([Response::json(200, r#"{"usage":{}}"#), Response::json(200, r#"{"usage":{}}"#)]);
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    subprocess::run("memory::too_little_memory_for_a_connection", prepare, |arguments| {
        let client = client(arguments[0]);
        let limit = AddressSpaceLimit::leaving(MEGABYTE as u64 / 2);
        assert_shortage(&client.call(READ.0, READ.1).unwrap_err(), "ran out of memory before connecting");
        drop(limit);
        client.call(READ.0, READ.1).unwrap();
        // An open connection needs no more memory.
        let _limit = AddressSpaceLimit::leaving(MEGABYTE as u64 / 2);
        client.call(READ.0, READ.1).unwrap();
    });
}
