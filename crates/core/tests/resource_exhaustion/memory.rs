//! Memory is short by about an answer's size, or by what a connection takes.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::limits::AddressSpace;
use super::scripted_server::{Answer, ScriptedServer, response};
use super::{assert_named, child, client, configured};

const MEGABYTE: usize = 1024 * 1024;
const SIZE: usize = 4 * MEGABYTE;
/// Megabytes of address space that are free while a call is made: from what its small allocations need to more than all
/// it takes.
const FREE: [usize; 12] = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32];

const READ: (&str, &str) = ("get_usage", "{}");
const CREATE: (&str, &str) = ("request", r#"{"method":"POST","path":"/large"}"#);

/// What a call gets of memory, and how often it is too little.
fn sweep(test: &str, answer: impl Fn() -> Answer, body: impl Fn(&str) -> Option<upscope::Error>) {
    let prepare = || {
        let answers = FREE.into_iter().flat_map(|_| [answer(), Answer::json(200, r#"{"usage":{}}"#)]);
        let server = ScriptedServer::new(answers);
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    child::run(test, prepare, |arguments| {
        let mut failed = Vec::new();
        for megabytes in FREE {
            let limit = AddressSpace::with_free((megabytes * MEGABYTE) as u64);
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

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn with_length(body: &[u8]) -> Answer {
    Answer::Bytes(response(200, "", body))
}

fn chunked(body: &[u8]) -> Answer {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(100_000) {
        write!(bytes, "{:x}\r\n", chunk.len()).unwrap();
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    Answer::Bytes(bytes)
}

#[test]
fn an_answer_of_known_length() {
    sweep(
        "memory::an_answer_of_known_length",
        || with_length(&large("x")),
        |base_url| client(base_url).call(READ.0, READ.1).err().inspect(|error| assert_named(error, "memory")),
    );
}

#[test]
fn an_answer_in_chunks() {
    sweep(
        "memory::an_answer_in_chunks",
        || chunked(&large("x")),
        |base_url| client(base_url).call(READ.0, READ.1).err(),
    );
}

#[test]
fn an_answer_to_a_creation_may_have_applied() {
    sweep(
        "memory::an_answer_to_a_creation_may_have_applied",
        || with_length(&large("x")),
        |base_url| {
            let error = client(base_url).call(CREATE.0, CREATE.1).err()?;
            // Unless there was too little for a connection.
            let sent = !error.message().contains("before connecting");
            assert_eq!((error.may_have_applied(), error.is_retryable()), (sent, !sent), "{error:?}");
            Some(error)
        },
    );
}

#[test]
fn a_compressed_answer() {
    let body = gzipped(&large("x"));
    let answer = || Answer::Bytes(response(200, "Content-Encoding: gzip\r\n", &body));
    sweep("memory::a_compressed_answer", answer, |base_url| client(base_url).call(READ.0, READ.1).err());
}

#[test]
fn an_answer_that_is_not_utf_8() {
    let mut body = large("x");
    body[SIZE / 2] = 0xff;
    sweep(
        "memory::an_answer_that_is_not_utf_8",
        || with_length(&body),
        |base_url| {
            let error = client(base_url).call(READ.0, READ.1).unwrap_err();
            (!error.message().contains("UTF-8")).then_some(error)
        },
    );
}

#[test]
fn escapes_in_ascii() {
    sweep(
        "memory::escapes_in_ascii",
        || with_length(&large("é")),
        |base_url| configured(base_url, |config| config.ascii_json(true)).call(READ.0, READ.1).err(),
    );
}

#[test]
fn an_escaped_string_and_an_escaped_key() {
    let body = format!(r#"{{"{0}":1,"watch_url":"\u0041{0}"}}"#, large_escapes());
    let answer = || with_length(body.as_bytes());
    sweep("memory::an_escaped_string_and_an_escaped_key", answer, |base_url| {
        let request = r#"{"visitor_id":"v","agent":{"id":"a"}}"#;
        client(base_url).call("create_watch_url", request).err()
    });
}

fn large_escapes() -> String {
    r"\n".repeat(SIZE / 4)
}

#[test]
fn an_error_of_the_services() {
    let answer = || Answer::Bytes(response(500, "", &large("x")));
    let test = "memory::an_error_of_the_services";
    let prepare = || {
        let server = ScriptedServer::new(FREE.map(|_| answer()));
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    child::run(test, prepare, |arguments| {
        for megabytes in FREE {
            let _limit = AddressSpace::with_free((megabytes * MEGABYTE) as u64);
            let error = client(arguments[0]).call(READ.0, READ.1).unwrap_err();
            let status = error.http_status() == Some(500);
            assert!(status || error.message().contains("ran out of memory before connecting"), "{error:?}");
        }
    });
}

#[test]
fn copies_of_a_started_calls_answer() {
    let prepare = || {
        let server = ScriptedServer::new([with_length(&large("x"))]);
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    child::run("memory::copies_of_a_started_calls_answer", prepare, |arguments| {
        let started = client(arguments[0]).start_polled(READ.0, READ.1).unwrap();
        // Kept, or its memory would do for the next copy.
        let first = started.wait(None).unwrap().unwrap();
        let limit = AddressSpace::with_free(MEGABYTE as u64);
        let Some(Err(error)) = started.wait(None) else { panic!("there was memory for a copy") };
        assert_named(&error, "ran out of memory");
        drop(limit);
        assert!(started.wait(None).unwrap().unwrap() == first);
    });
}

#[test]
fn too_little_for_a_connection() {
    let prepare = || {
        let server = ScriptedServer::new([Answer::json(200, r#"{"usage":{}}"#), Answer::json(200, r#"{"usage":{}}"#)]);
        let arguments = vec![server.base_url()];
        (server, arguments)
    };
    child::run("memory::too_little_for_a_connection", prepare, |arguments| {
        let client = client(arguments[0]);
        let limit = AddressSpace::with_free(MEGABYTE as u64 / 2);
        assert_named(&client.call(READ.0, READ.1).unwrap_err(), "ran out of memory before connecting");
        drop(limit);
        client.call(READ.0, READ.1).unwrap();
        // A connection that is kept needs no more.
        let _limit = AddressSpace::with_free(MEGABYTE as u64 / 2);
        client.call(READ.0, READ.1).unwrap();
    });
}
