//! Responses that are lost or truncated because the connection breaks.

use std::io::{Read, Write};

use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{Response, gzip, http_response, serve_one};

use super::super::{CREATE, KEY};
use super::{GET_VISITOR, STOP_SESSION, error_of, facts};

#[test]
fn broken_connections() {
    use ErrorCode::{BadResponse, Connection};
    let in_body = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"visitor\":".to_vec();
    let in_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"vis".to_vec();
    let without_last_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"vis\r\n".to_vec();
    let zipped = http_response(200, "Content-Encoding: gzip\r\n", &gzip(br#"{"visitor":{}}"#));
    let in_gzip = zipped[..zipped.len() - 9].to_vec();
    for (name, response, code) in [
        ("closed before the response", Response::close(), Connection),
        ("reset before the response", Response::reset(), Connection),
        ("closed within the head", Response::bytes_then_close("HTTP/1.1 200 OK\r\nConte"), Connection),
        ("closed within the body", Response::bytes_then_close(in_body.clone()), BadResponse),
        ("reset within the body", Response::bytes_then_reset(in_body), BadResponse),
        ("closed before the last chunk", Response::bytes_then_close(without_last_chunk), BadResponse),
        ("closed within a chunk", Response::bytes_then_close(in_chunk), BadResponse),
        ("closed within gzip", Response::bytes_then_close(in_gzip.clone()), BadResponse),
        ("reset within gzip", Response::bytes_then_reset(in_gzip), BadResponse),
    ] {
        let error = error_of(response.clone(), GET_VISITOR);
        assert_eq!(facts(&error), (code, true, false), "{name}, read: {error:?}");
        let error = error_of(response.clone(), CREATE);
        assert_eq!(facts(&error), (code, false, true), "{name}, create: {error:?}");
        let error = error_of(response, STOP_SESSION);
        assert_eq!(facts(&error), (code, true, true), "{name}, delete: {error:?}");
    }
}

/// The system reports a reset only once. After the write that received it, a read looks like FIN.
#[test]
fn a_reset_while_sending_is_not_the_end_of_the_body() {
    let (address, _server) = serve_one(|mut connection| {
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        // Closing the connection before the request is read resets it.
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap();
    });
    let config = Config::new().api_key(KEY).base_url(format!("http://{address}")).proxy("").max_retries(0);
    let body = "x".repeat(8 * 1024 * 1024);
    let request = format!(r#"{{"method":"POST","path":"/large","body":"{body}"}}"#);
    let error = Client::new(config).unwrap().call("request", &request).unwrap_err();
    assert_eq!((facts(&error), error.http_status()), ((ErrorCode::BadResponse, false, true), Some(200)), "{error:?}");
}
