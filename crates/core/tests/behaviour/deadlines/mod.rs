//! A call ends at its deadline, whatever it waits for.

use std::time::{Duration, Instant};

use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{Response, ScriptedServer};

use super::{KEY, client, client_with};

const TIMEOUT: Duration = Duration::from_millis(300);
/// Twice the 50 ms that the library promises, because the machine that runs the tests may be busy.
const MAX_DEVIATION: Duration = Duration::from_millis(100);

fn assert_times_out(client: &Client, phase: &str) {
    let start = Instant::now();
    let error = client.call("get_usage", "{}").unwrap_err();
    let elapsed = start.elapsed();
    assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
    assert!(error.message().contains(phase), "{error:?}");
    assert!(error.is_retryable());
    assert!(elapsed >= TIMEOUT - MAX_DEVIATION && elapsed < TIMEOUT + MAX_DEVIATION, "{elapsed:?}: {error:?}");
}

#[test]
fn while_waiting_for_the_response() {
    let server = ScriptedServer::new([Response::hang()]);
    assert_times_out(&client_with(&server, |config| config.timeout(TIMEOUT)), "waiting for the answer");
}

#[test]
fn while_reading_a_slow_head() {
    let head = "HTTP/1.1 200 OK\r\nX-Long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    let server = ScriptedServer::new([Response::slow_bytes(head, Duration::from_millis(20))]);
    assert_times_out(&client_with(&server, |config| config.timeout(TIMEOUT)), "waiting for the answer");
}

#[test]
fn while_reading_a_body_that_stops() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    for response in [Response::bytes(head), Response::bytes_then_hang(format!("{head}{}", " ".repeat(10)))] {
        let server = ScriptedServer::new([response]);
        assert_times_out(&client_with(&server, |config| config.timeout(TIMEOUT)), "reading the answer");
    }
}

#[test]
fn a_call_may_set_its_own_deadline() {
    let server = ScriptedServer::new([Response::hang()]);
    let start = Instant::now();
    let error = client(&server).call("get_usage", r#"{"options":{"timeout_ms":200}}"#).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn while_waiting_for_the_tls_handshake() {
    let server = ScriptedServer::new([]);
    let base_url = format!("https://{}", server.address());
    let config = Config::new().api_key(KEY).base_url(base_url).proxy("").max_retries(0);
    assert_times_out(&Client::new(config.clone().timeout(TIMEOUT)).unwrap(), "setting up TLS");
    let error = Client::new(config.connect_timeout(TIMEOUT)).unwrap().call("get_usage", "{}").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Connection, "{error:?}");
    assert!(error.message().contains("connect_timeout_ms"), "{error:?}");
    assert!(error.is_retryable());
}

#[test]
fn a_call_does_not_wait_for_a_retry_after_the_deadline() {
    let server = ScriptedServer::new([Response::with_headers(503, "Retry-After: 60\r\n", "{}")]);
    let client = client_with(&server, |config| config.max_retries(5).timeout(Duration::from_secs(20)));
    let start = Instant::now();
    let error = client.call("get_usage", "{}").unwrap_err();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::ServerError, 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(start.elapsed() < Duration::from_secs(5));
}
