//! Servers that stop responding, or respond byte by byte: the call ends at its deadline.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use upscope::{Client, Config, ErrorCode};
use upscope_test_support::{Response, Step, gzip};

use super::bodies::{GOOD_BODY, chunked_response, good_response, gzip_response};
use super::contract::AttemptResult::{Status, TimedOut};
use super::contract::RetryAfter::Absent;
use super::faults::{Fault, ServerKind, fault, without_requests};
use super::run::TIMEOUT;

const PAUSE: Duration = Duration::from_millis(7);

pub fn all() -> Vec<Fault> {
    let sent = TimedOut { sent: true };
    let complete = good_response();
    let head = complete.len() - GOOD_BODY.len();
    let chunked = chunked_response("");
    let zipped = gzip_response(&gzip(GOOD_BODY.as_bytes()));
    let truncated_404 = "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{";
    let hangs = |name: &str, bytes: &[u8]| fault(name, [(Response::bytes_then_hang(bytes), sent)]);
    // Writes the bytes from `start` on slowly.
    let is_slow = |name: &str, bytes: &[u8], start: usize| {
        let (first, rest) = bytes.split_at(start);
        fault(
            name,
            [(Response(vec![Step::Write(first.into()), Step::WriteSlowly(rest.into(), PAUSE), Step::Close]), sent)],
        )
    };
    let mut all = vec![
        hangs("hangs before the head", b""),
        hangs("hangs within the head", &complete[..30]),
        hangs("hangs after the head", &complete[..head]),
        hangs("hangs within the body", &complete[..head + 30]),
        hangs("hangs within a chunk", &chunked[..80]),
        hangs("hangs before the last chunk", &chunked),
        hangs("hangs within gzip", &zipped[..zipped.len() - 20]),
        is_slow("slow head", &complete, 0),
        is_slow("slow body", &complete, head),
        is_slow("slow chunks", &chunked, 50),
        is_slow("slow gzip", &zipped, 60),
        Fault { first_call: Some(Response::bytes(good_response())), ..hangs("reused connection hangs", b"") },
        // The status has arrived by then, and says more than the deadline.
        fault("hangs within the body of a 404", [(Response::bytes_then_hang(truncated_404), Status(404, Absent))]),
        Fault {
            on_accept: Some(Response::hang()),
            ..without_requests(
                "hangs within the TLS handshake",
                ServerKind::FailsInHandshake,
                TimedOut { sent: false },
                "setting up TLS",
            )
        },
    ];
    if cfg!(target_os = "linux") {
        let result = TimedOut { sent: false };
        all.push(without_requests("never accepts", ServerKind::NeverAccepts, result, "connecting"));
    }
    for fault in &mut all {
        fault.has_short_timeout = true;
    }
    all
}

#[test]
fn a_server_that_does_not_read_the_request() {
    let _guard = super::run_alone();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // So small that the request does not fit into the buffers of the system.
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    socket.listen(8).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let config = Config::new().api_key("k").base_url(format!("http://{address}")).proxy("").timeout(TIMEOUT);
    let client = Client::new(config).unwrap();
    let long = "x".repeat(5 * 1024 * 1024);
    let start = Instant::now();
    let request = format!(r#"{{"method":"POST","path":"/new","body":"{long}"}}"#);
    let error = client.call("request", &request).unwrap_err();
    let delay = start.elapsed().saturating_sub(TIMEOUT);
    assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
    assert!(error.message().contains("sending the request"), "{error:?}");
    assert!(error.may_have_applied() && !error.is_retryable(), "{error:?}");
    assert!(delay < super::ALLOWED_DELAY, "{delay:?}");
}
