//! Content-Encoding: gzip, and encodings that are not supported.

use upscope::ErrorCode;
use upscope_test_support::{Response, ScriptedServer, gzip, http_response};

use super::super::http_messages::BODY;
use super::super::{KEY, client, client_with};
use super::{GET_VISITOR, STOP_SESSION};

#[test]
fn all_names_of_gzip_are_accepted() {
    const BODY: &str = r#"{"visitor":{}}"#;
    for name in ["gzip", "GZip", "x-gzip"] {
        let header = format!("Content-Encoding: {name}\r\n");
        let response = Response::bytes(http_response(200, &header, &gzip(BODY.as_bytes())));
        let server = ScriptedServer::new([response]);
        assert_eq!(client(&server).call(GET_VISITOR.0, GET_VISITOR.1).unwrap(), BODY, "{name}");
    }
}

#[test]
fn an_empty_body_may_have_any_encoding() {
    for encoding in ["gzip", "x-gzip", "br", "deflate", "gzip, identity", "identity"] {
        for framing in [
            "200 OK\r\nContent-Length: 0\r\n\r\n",
            "204 No Content\r\n\r\n",
            "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let header = format!("\r\nContent-Encoding: {encoding}\r\n");
            let bytes = format!("HTTP/1.1 {}", framing.replacen("\r\n", &header, 1));
            let response = Response::bytes(bytes.clone());
            let server = ScriptedServer::new([response.clone(), response]);
            let client = client(&server);
            for _ in 0..2 {
                assert_eq!(client.call(STOP_SESSION.0, STOP_SESSION.1).unwrap(), "{}", "{bytes}");
            }
            assert_eq!(server.connections(), 1, "{bytes}");
        }
    }
}

#[test]
fn the_error_names_an_unsupported_encoding() {
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
        let response = |status| Response::bytes(http_response(status, &headers, b"\x0b\x01\x80{}\x03"));
        let server = ScriptedServer::new([response(200), response(404)]);
        let client = client_with(&server, |config| config.max_retries(2));
        let error = client.call("get_usage", "{}").unwrap_err();
        assert_eq!((error.code(), error.http_status()), (ErrorCode::BadResponse, Some(200)), "{error:?}");
        assert!(error.message().contains("is encoded as") && error.message().contains(name), "{error:?}");
        assert!(error.message().len() < 200 && !error.message().contains(KEY), "{error:?}");
        let error = client.call("get_usage", "{}").unwrap_err();
        assert_eq!((error.code(), error.http_status()), (ErrorCode::NotFound, Some(404)), "{error:?}");
    }
    let server = ScriptedServer::new([Response::with_headers(200, "Content-Encoding: Identity\r\n", BODY)]);
    assert_eq!(client(&server).call("get_usage", "{}").unwrap(), BODY);
}
