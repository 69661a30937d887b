//! Webhooks of ended sessions.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};

use serde_json::json;

use crate::client::Client;
use crate::start_sandbox;
use crate::webhook_receiver::receive;

#[test]
fn an_ended_session_is_sent_to_its_webhook_once() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let body = json!({
        "agent": {"id": "1"}, "metadata": {"ticket": "T-1"},
        "webhook_url": format!("http://localhost:{port}/hook?secret=1"),
    });
    for _ in 0..2 {
        client.open_watch_link("V", &body);
    }
    client.delete("/v1.3/visitors/V/session").expect_ok();

    let received = receive(&listener);
    assert_eq!(received.line, "POST /hook?secret=1 HTTP/1.1");
    assert!(received.headers.contains(&"Content-Type: application/json".to_owned()));
    assert!(received.headers.contains(&format!("Host: localhost:{port}")));
    let visitor = client.get("/v1.3/visitors/V").expect_ok()["visitor"].clone();
    assert_eq!(received.body, visitor["sessions"][0]);
    assert!(received.body["ended_at"].is_string());

    // Stopping again sends nothing, so the next request is the one that the test itself sends.
    client.delete("/v1.3/visitors/V/session").expect_ok();
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"POST /own HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    assert_eq!(receive(&listener).line, "POST /own HTTP/1.1");
}

#[test]
fn an_unreachable_webhook_does_not_affect_the_request() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    for webhook_url in [format!("http://127.0.0.1:{port}/"), "https://hooks.example.com/x".to_owned()] {
        let body = json!({"agent": {"id": "1"}, "webhook_url": webhook_url});
        client.open_watch_link("V", &body);
        client.delete("/v1.3/visitors/V/session").expect_ok();
    }
}
