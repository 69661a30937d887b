//! What never comes, or comes byte by byte: the call ends at its deadline.

use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use upscope::{Client, Config, ErrorCode};

use super::bodies::{GOOD, chunked, good, gzip_response, gzipped};
use super::contract::Fate::{Late, Status};
use super::contract::RetryAfter::Unsaid;
use super::faults::{Fault, Place, fault, nowhere};
use super::run::TIMEOUT;
use super::server::Act::{Drip, Send, SendThenHang};

const PAUSE: Duration = Duration::from_millis(7);

pub fn all() -> Vec<Fault> {
    let sent = Late { sent: true };
    let head = good().len() - GOOD.len();
    let whole = good();
    let zipped = gzip_response(&gzipped(GOOD.as_bytes()));
    let refusal = b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{".to_vec();
    let mut all = vec![
        fault("hangs before the head", [(SendThenHang(vec![]), sent)]),
        fault("hangs within the head", [(SendThenHang(whole[..30].to_vec()), sent)]),
        fault("hangs after the head", [(SendThenHang(whole[..head].to_vec()), sent)]),
        fault("hangs within the body", [(SendThenHang(whole[..head + 30].to_vec()), sent)]),
        fault("hangs within a chunk", [(SendThenHang(chunked("")[..80].to_vec()), sent)]),
        fault("hangs before the last chunk", [(SendThenHang(chunked("")), sent)]),
        fault("hangs within gzip", [(SendThenHang(zipped[..zipped.len() - 20].to_vec()), sent)]),
        fault("drips its head", [(Drip(vec![], whole.clone(), PAUSE), sent)]),
        fault("drips its body", [(Drip(whole[..head].to_vec(), whole[head..].to_vec(), PAUSE), sent)]),
        fault("drips chunks", [(Drip(chunked("")[..50].to_vec(), chunked("")[50..].to_vec(), PAUSE), sent)]),
        fault("drips gzip", [(Drip(zipped[..60].to_vec(), zipped[60..].to_vec(), PAUSE), sent)]),
        Fault { warm: Some(Send(good())), ..fault("kept, hangs", [(SendThenHang(vec![]), sent)]) },
        // The status is known by then, and tells more than the deadline.
        fault("hangs within the body of a 404", [(SendThenHang(refusal), Status(404, Unsaid))]),
        Fault {
            at_accept: Some(SendThenHang(vec![])),
            ..nowhere("hangs within TLS", Place::SpeaksTls, Late { sent: false }, "setting up TLS")
        },
    ];
    if cfg!(target_os = "linux") {
        all.push(nowhere("never accepts", Place::NeverAccepts, Late { sent: false }, "connecting"));
    }
    for fault in &mut all {
        fault.hurries = true;
    }
    all
}

#[test]
fn a_server_that_does_not_read() {
    let _alone = super::alone();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    // Small, so that the request does not fit into what the system keeps for it.
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(8).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let config = Config::new().api_key("k").base_url(format!("http://{address}")).proxy("").timeout(TIMEOUT);
    let client = Client::new(config).unwrap();
    let long = "x".repeat(5 * 1024 * 1024);
    let began = Instant::now();
    let request = format!(r#"{{"method":"POST","path":"/new","body":"{long}"}}"#);
    let error = client.call("request", &request).unwrap_err();
    let late = began.elapsed().saturating_sub(TIMEOUT);
    assert_eq!(error.code(), ErrorCode::Timeout, "{error:?}");
    assert!(error.message().contains("sending the request"), "{error:?}");
    assert!(error.may_have_applied() && !error.is_retryable(), "{error:?}");
    assert!(late < super::LATE, "{late:?}");
}
