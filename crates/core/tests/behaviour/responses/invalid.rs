//! Complete responses that the client rejects.

use upscope::ErrorCode;
use upscope_test_support::{Response, gzip, http_response};

use super::super::CREATE;
use super::{GET_VISITOR, error_of, facts};

#[test]
fn invalid_bodies() {
    let with_gzip = |body: &[u8]| Response::bytes(http_response(200, "Content-Encoding: gzip\r\n", body));
    let deep = format!("{{\"visitor\":{{\"a\":{}{}}}}}", "[".repeat(200), "]".repeat(200));
    for (name, response) in [
        ("not JSON", Response::json(200, "<html>log in</html>")),
        ("empty", Response::json(200, "")),
        ("truncated JSON", Response::json(200, r#"{"visitor":{"#)),
        ("without the expected member", Response::json(200, r#"{"status":"ok"}"#)),
        ("null in place of an object", Response::json(200, r#"{"visitor":null,"watch_url":null}"#)),
        ("not UTF-8", Response::bytes(http_response(200, "", b"{\"visitor\":{\"name\":\"\xff\"}}"))),
        ("nested too deep", Response::json(200, &deep)),
        ("not gzip", with_gzip(b"no gzip at all")),
        ("truncated gzip", with_gzip(&gzip(br#"{"visitor":{}}"#)[..12])),
    ] {
        let error = error_of(response.clone(), GET_VISITOR);
        assert_eq!(facts(&error), (ErrorCode::BadResponse, false, false), "{name}, read: {error:?}");
        assert_eq!(error.http_status(), Some(200), "{name}: {error:?}");
        let error = error_of(response, CREATE);
        assert_eq!(facts(&error), (ErrorCode::BadResponse, false, true), "{name}, create: {error:?}");
    }
}

#[test]
fn bytes_that_are_not_http() {
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"] {
        let error = error_of(Response::bytes_then_close(bytes), GET_VISITOR);
        assert!(matches!(error.code(), ErrorCode::Connection | ErrorCode::BadResponse), "{error:?}");
    }
    let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "x".repeat(100_000));
    let error = error_of(Response::bytes_then_hang(huge), GET_VISITOR);
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains("64 KiB"), "{error:?}");
}
