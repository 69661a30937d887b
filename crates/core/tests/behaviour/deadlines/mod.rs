//! A call ends at its deadline, whatever it waits for.

use std::time::{Duration, Instant};

use upscope::{Client, Config, ErrorCode};

use super::scripted_server::{Answer, ScriptedServer};
use super::{KEY, configured};

const TIMEOUT: Duration = Duration::from_millis(300);
/// What the issue allows; the machine that runs the tests may be busy, so it is doubled.
const LATE: Duration = Duration::from_millis(100);

fn times_out(client: &Client, phase: &str) {
    let began = Instant::now();
    let error = client.call("get_usage", "{}").unwrap_err();
    let took = began.elapsed();
    assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
    assert!(error.message().contains(phase), "{error:?}");
    assert!(error.is_retryable());
    assert!(took >= TIMEOUT - LATE && took < TIMEOUT + LATE, "{took:?}: {error:?}");
}

#[test]
fn waiting_for_an_answer() {
    let server = ScriptedServer::new([Answer::BytesThenHang(vec![])]);
    times_out(&configured(&server, |config| config.timeout(TIMEOUT)), "waiting for the answer");
}

#[test]
fn a_head_that_drips() {
    let head = b"HTTP/1.1 200 OK\r\nX-Long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_vec();
    let server = ScriptedServer::new([Answer::Drip(head, Duration::from_millis(20))]);
    times_out(&configured(&server, |config| config.timeout(TIMEOUT)), "waiting for the answer");
}

#[test]
fn a_body_that_drips() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
    let head = bytes.len();
    bytes.extend_from_slice(&[b' '; 1000]);
    let server = ScriptedServer::new([Answer::Bytes(bytes[..head].to_vec())]);
    let hang = ScriptedServer::new([Answer::BytesThenHang(bytes[..head + 10].to_vec())]);
    for server in [server, hang] {
        times_out(&configured(&server, |config| config.timeout(TIMEOUT)), "reading the answer");
    }
}

#[test]
fn one_call_may_have_its_own_deadline() {
    let server = ScriptedServer::new([Answer::BytesThenHang(vec![])]);
    let client = configured(&server, |config| config);
    let began = Instant::now();
    let error = client.call("get_usage", r#"{"options":{"timeout_ms":200}}"#).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout);
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn tls_that_never_answers() {
    let server = ScriptedServer::new([]);
    let config = Config::new().api_key(KEY).proxy("").max_retries(0).timeout(TIMEOUT);
    let client = Client::new(config.base_url(format!("https://{}", server.address()))).unwrap();
    times_out(&client, "setting up TLS");
    let config = Config::new().api_key(KEY).proxy("").max_retries(0).connect_timeout(TIMEOUT);
    let client = Client::new(config.base_url(format!("https://{}", server.address()))).unwrap();
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains("connect_timeout_ms"), "{error:?}");
    assert!(error.is_retryable());
}

#[test]
fn a_retry_that_does_not_fit_is_not_waited_for() {
    let busy = Answer::with_headers(503, "Retry-After: 60\r\n", "{}");
    let server = ScriptedServer::new([busy]);
    let client = configured(&server, |config| config.max_retries(5).timeout(Duration::from_secs(20)));
    let began = Instant::now();
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::ServerError, 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(began.elapsed() < Duration::from_secs(5));
}
