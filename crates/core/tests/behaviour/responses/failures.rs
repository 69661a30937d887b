//! Every way in which an answer can fail to come, over real sockets.

use std::io::Write;
use std::net::TcpListener;

use upscope::{Client, Config, Error, ErrorCode};

use super::scripted_server::{Answer, ScriptedServer, response};
use super::{KEY, client, configured};

const READ: (&str, &str) = ("get_visitor", r#"{"visitor_id":"v"}"#);
const CREATE: (&str, &str) = ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#);
const DELETE: (&str, &str) = ("stop_session", r#"{"visitor_id":"v"}"#);

fn failure(answer: Answer, (operation, request): (&str, &str)) -> Error {
    let server = ScriptedServer::new([answer.clone()]);
    client(&server).call(operation, request).unwrap_err()
}

/// What a caller decides by: code, retryable, may have applied.
fn facts(error: &Error) -> (ErrorCode, bool, bool) {
    (error.code(), error.is_retryable(), error.may_have_applied())
}

#[test]
fn broken_connections() {
    use ErrorCode::{BadResponse, Connection};
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"visitor\":".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"vis\r\n".to_vec();
    let within_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"vis".to_vec();
    let zipped = response(200, "Content-Encoding: gzip\r\n", &gzipped(br#"{"visitor":{}}"#));
    for (name, answer, code) in [
        ("closed before the answer", Answer::BytesThenClose(vec![]), Connection),
        ("reset before the answer", Answer::BytesThenReset(vec![]), Connection),
        ("closed within the head", Answer::BytesThenClose(b"HTTP/1.1 200 OK\r\nConte".to_vec()), Connection),
        ("closed within the body", Answer::BytesThenClose(head.clone()), BadResponse),
        ("reset within the body", Answer::BytesThenReset(head.clone()), BadResponse),
        ("chunks without an end", Answer::BytesThenClose(chunked), BadResponse),
        ("closed within a chunk", Answer::BytesThenClose(within_chunk), BadResponse),
        ("closed within gzip", Answer::BytesThenClose(zipped[..zipped.len() - 9].to_vec()), BadResponse),
        ("reset within gzip", Answer::BytesThenReset(zipped[..zipped.len() - 9].to_vec()), BadResponse),
    ] {
        let error = failure(answer.clone(), READ);
        assert_eq!(facts(&error), (code, true, false), "{name}, read: {error:?}");
        let error = failure(answer.clone(), CREATE);
        assert_eq!(facts(&error), (code, false, true), "{name}, creation: {error:?}");
        let error = failure(answer, DELETE);
        assert_eq!(facts(&error), (code, true, true), "{name}, deletion: {error:?}");
    }
}

#[test]
fn answers_that_cannot_be_read() {
    let gzip = |body: &[u8]| Answer::Bytes(response(200, "Content-Encoding: gzip\r\n", body));
    let deep = format!("{{\"visitor\":{{\"a\":{}{}}}}}", "[".repeat(200), "]".repeat(200));
    for (name, answer) in [
        ("not JSON", Answer::json(200, "<html>log in</html>")),
        ("empty", Answer::json(200, "")),
        ("cut short", Answer::json(200, r#"{"visitor":{"#)),
        ("without what is promised", Answer::json(200, r#"{"status":"ok"}"#)),
        ("null where an object is promised", Answer::json(200, r#"{"visitor":null,"watch_url":null}"#)),
        ("not UTF-8", Answer::Bytes(response(200, "", b"{\"visitor\":{\"name\":\"\xff\"}}"))),
        ("too deep", Answer::json(200, &deep)),
        ("corrupt gzip", gzip(b"no gzip at all")),
        ("truncated gzip", gzip(&gzipped(br#"{"visitor":{}}"#)[..12])),
    ] {
        let error = failure(answer.clone(), READ);
        assert_eq!(facts(&error), (ErrorCode::BadResponse, false, false), "{name}, read: {error:?}");
        assert_eq!(error.http_status(), Some(200), "{name}: {error:?}");
        let error = failure(answer, CREATE);
        assert_eq!(facts(&error), (ErrorCode::BadResponse, false, true), "{name}, creation: {error:?}");
    }
}

#[test]
fn what_is_not_http() {
    for bytes in ["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"] {
        let error = failure(Answer::BytesThenClose(bytes.as_bytes().to_vec()), READ);
        assert!(matches!(error.code(), ErrorCode::Connection | ErrorCode::BadResponse), "{error:?}");
    }
    let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "x".repeat(100_000));
    let error = failure(Answer::BytesThenHang(huge.into_bytes()), READ);
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains("64 KiB"), "{error:?}");
}

#[test]
fn answers_have_a_limit_after_decompression() {
    let body = format!(r#"{{"visitor":{{"name":"{}"}}}}"#, "x".repeat(100_000));
    let zipped = gzipped(body.as_bytes());
    assert!(zipped.len() < 10_000);
    let answer = Answer::Bytes(response(200, "Content-Encoding: gzip\r\n", &zipped));
    let server = ScriptedServer::new([answer.clone(), answer]);
    let small = configured(&server, |config| config.max_response_bytes(50_000));
    let error = small.call(READ.0, READ.1).unwrap_err();
    assert_eq!(facts(&error), (ErrorCode::BadResponse, false, false));
    assert!(error.message().contains("max_response_bytes"), "{error:?}");
    let exact = configured(&server, |config| config.max_response_bytes(body.len()));
    assert_eq!(exact.call(READ.0, READ.1).unwrap(), body);
}

#[test]
fn gzip_is_known_by_every_name() {
    const BODY: &str = r#"{"visitor":{}}"#;
    for name in ["gzip", "GZip", "x-gzip"] {
        let header = format!("Content-Encoding: {name}\r\n");
        let server = ScriptedServer::new([Answer::Bytes(response(200, &header, &gzipped(BODY.as_bytes())))]);
        assert_eq!(configured(&server, |config| config.max_retries(0)).call(READ.0, READ.1).unwrap(), BODY, "{name}");
    }
}

#[test]
fn a_tls_handshake_that_breaks_off_is_one_attempt() {
    for answer in [Answer::BytesThenClose(vec![]), Answer::BytesThenReset(vec![])] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let reset = matches!(answer, Answer::BytesThenReset(_));
        let peer = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            if reset {
                socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
            }
        });
        let config = Config::new().api_key(KEY).base_url(format!("https://127.0.0.1:{port}")).proxy("").max_retries(0);
        let error = Client::new(config).unwrap().call(CREATE.0, CREATE.1).unwrap_err();
        assert_eq!((facts(&error), error.attempts()), ((ErrorCode::Connection, true, false), 1), "{error:?}");
        peer.join().unwrap();
    }
}

#[test]
fn no_connection() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (host, part) in [("127.0.0.1", "was refused"), ("nonexistent.invalid", "found no address")] {
        let config = Config::new().api_key(KEY).base_url(format!("https://{host}:{port}")).proxy("").max_retries(0);
        let error = Client::new(config).unwrap().call(CREATE.0, CREATE.1).unwrap_err();
        assert_eq!(facts(&error), (ErrorCode::Connection, true, false), "{error:?}");
        assert!(error.message().contains(part), "{error:?}");
        assert_eq!(error.attempts(), 1);
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A server that has read enough of a large request answers, and closes without reading the rest.
#[test]
fn a_large_request_that_is_refused_early() {
    use std::io::Read;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let read = stream.read(&mut [0; 4096]).unwrap();
        assert!(read > 0);
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 21\r\n\r\n{\"error\":\"too_large\"}").unwrap();
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
