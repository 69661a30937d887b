//! Limits on the size of a response.

use upscope::ErrorCode;
use upscope_test_support::{Response, ScriptedServer, gzip, http_response};

use super::super::client_with;
use super::super::http_messages::{BODY, chunked, with_length};
use super::{GET_VISITOR, facts, permanent_error};

#[test]
fn the_limit_applies_to_the_decompressed_body() {
    let body = format!(r#"{{"visitor":{{"name":"{}"}}}}"#, "x".repeat(100_000));
    let zipped = gzip(body.as_bytes());
    assert!(zipped.len() < 10_000);
    let response = Response::bytes(http_response(200, "Content-Encoding: gzip\r\n", &zipped));
    let server = ScriptedServer::new([response.clone(), response]);
    let too_small = client_with(&server, |config| config.max_response_bytes(50_000));
    let error = too_small.call(GET_VISITOR.0, GET_VISITOR.1).unwrap_err();
    assert_eq!(facts(&error), (ErrorCode::BadResponse, false, false));
    assert!(error.message().contains("max_response_bytes"), "{error:?}");
    let exact = client_with(&server, |config| config.max_response_bytes(body.len()));
    assert_eq!(exact.call(GET_VISITOR.0, GET_VISITOR.1).unwrap(), body);
}

#[test]
fn the_limit_applies_to_a_chunked_body() {
    let server = ScriptedServer::new([Response::bytes(chunked("0\r\n\r\n"))]);
    let client = client_with(&server, |config| config.max_response_bytes(BODY.len() - 1));
    let error = client.call("get_usage", "{}").unwrap_err();
    assert!(error.message().contains("max_response_bytes"), "{error:?}");
}

#[test]
fn an_exceeded_limit_is_named_and_not_retried() {
    let headers = "X: y\r\n".repeat(129);
    let long = "x".repeat(80 * 1024);
    for (response, limit) in [
        (with_length("HTTP/1.1 200 OK", &headers), "more than 128 headers"),
        (with_length("HTTP/1.1 200 OK", &format!("X: {long}\r\n")), "headers of more than 64 KiB"),
        ("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n".repeat(3000), "headers of more than 64 KiB"),
        (chunked("0\r\n\r\n").replace("x=y", &long), "chunk extension or trailers of more than 64 KiB"),
        (chunked(&format!("0\r\nX: {long}\r\n\r\n")), "chunk extension or trailers of more than 64 KiB"),
    ] {
        let error = permanent_error(&response);
        assert!(error.message().contains(limit), "{limit}: {error:?}");
    }
}
