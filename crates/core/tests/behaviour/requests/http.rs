//! Requests as HTTP/1.1.

use std::io::{Read, Write};

use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{ScriptedServer, serve_one};

use super::super::{client, usage};

#[test]
fn every_method_can_have_a_body() {
    for (method, operation, request) in [
        ("GET", "get_usage", r#"{"options":{"extra_body":{"a":1}}}"#),
        ("DELETE", "delete_visitor", r#"{"visitor_id":"v","options":{"extra_body":{"a":1}}}"#),
    ] {
        let server = ScriptedServer::new([usage()]);
        client(&server).call(operation, request).unwrap();
        let sent = &server.requests()[0];
        assert!(sent.starts_with(method) && sent.ends_with("\r\n\r\n{\"a\":1}"), "{sent}");
        assert_eq!(sent.to_ascii_lowercase().matches("content-length: 7\r\n").count(), 1, "{sent}");
    }
}

#[test]
fn the_longest_path_is_sent() {
    let server = ScriptedServer::new([usage()]);
    let path = format!("/{}", "x".repeat(32 * 1024 - 1));
    let request = format!(r#"{{"method":"GET","path":"{path}"}}"#);
    client(&server).call("request", &request).unwrap();
    assert!(server.requests()[0].starts_with(&format!("GET /v1.3{path} HTTP/1.1\r\n")));
}

/// The server responds after the start of a large request, and closes the connection without reading the rest.
#[test]
fn a_response_to_a_partly_sent_request_is_read() {
    let (address, server) = serve_one(|mut connection| {
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        let response = b"HTTP/1.1 413 Too Large\r\nContent-Length: 21\r\n\r\n{\"error\":\"too_large\"}";
        connection.write_all(response).unwrap();
    });
    let config = Config::new().api_key("k").base_url(format!("http://{address}")).proxy("").max_retries(2);
    let client = Client::new(config).unwrap();
    let body = "x".repeat(8 * 1024 * 1024);
    let request = format!(r#"{{"method":"POST","path":"/large","body":"{body}"}}"#);
    let error = client.call("request", &request).unwrap_err();
    server.join().unwrap();
    assert_eq!(error.code(), ErrorCode::HttpError, "{error}");
    assert_eq!((error.http_status(), error.api_error()), (Some(413), Some("too_large")));
    assert_eq!((error.attempts(), error.is_retryable(), error.may_have_applied()), (1, false, false));
}
