//! Webhooks of ended sessions.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};

use serde_json::{Value, json};
use upscope_test_support::{Authority, Response, ScriptedServer};

use crate::client::{Client, wait_until};
use crate::command_line::{port_of, program, start_command};
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

/// Starts and stops a session of a new visitor with this webhook.
fn end_a_session(client: &mut Client, webhook_url: &str) {
    client.put_visitor(&json!({"short_id": "V"}));
    client.open_watch_link("V", &json!({"agent": {"id": "1"}, "webhook_url": webhook_url}));
    client.delete("/v1.3/visitors/V/session").expect_ok();
}

/// Waits until the webhook log has this many entries above `since` that have ended, and returns them.
fn ended_entries(client: &mut Client, since: u64, count: usize) -> Vec<Value> {
    let mut entries = Vec::new();
    wait_until(|| {
        let log = client.get(&format!("/_sandbox/webhooks?since={since}")).json();
        entries = log["webhooks"].as_array().expect("a list").clone();
        entries.len() >= count && entries.iter().all(|entry| !entry["finished_ms"].is_null())
    });
    assert_eq!(entries.len(), count, "{entries:?}");
    entries
}

#[test]
fn the_log_has_each_attempt_and_each_refusal() {
    let receiver = ScriptedServer::new([Response::json(200, "{}"), Response::json(503, "{}")]);
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let good = format!("{}/hook", receiver.base_url());
    for (number, (url, status, error)) in [
        (good.as_str(), json!(200), ""),
        (good.as_str(), json!(503), ""),
        (&format!("http://{closed}/"), Value::Null, "cannot connect"),
        ("https://hooks.example.com/x", Value::Null, "--allow-webhooks-to hooks.example.com"),
    ]
    .into_iter()
    .enumerate()
    {
        end_a_session(&mut client, url);
        let entry = ended_entries(&mut client, number as u64, 1).remove(0);
        assert_eq!((&entry["url"], &entry["status"], &entry["attempt"]), (&json!(url), &status, &json!(1)));
        assert!(entry["error"].as_str().unwrap_or_default().contains(error), "{entry}");
        assert_eq!(entry["error"].is_null(), error.is_empty(), "{entry}");
        assert_eq!(entry["refused"], url.starts_with("https://hooks"));
        assert_eq!(entry["body"]["id"], entry["session_id"]);
    }
    assert_eq!(receiver.requests().len(), 2);
    client.post("/_sandbox/reset", &json!({}));
    assert_eq!(client.get("/_sandbox/webhooks").json()["webhooks"], json!([]));
}

#[test]
fn retries_only_on_request() {
    let receiver = ScriptedServer::new([500, 500, 200, 200].map(|status| Response::json(status, "{}")));
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for (body, part) in [
        (json!({"attempts": 0}), "from 1 to 100"),
        (json!({"wait_ms": 1}), "attempts is missing"),
        (json!({"attempts": 2, "wait_ms": 60_001}), "more than"),
        (json!({"attempts": 2, "wait": 1}), "unknown"),
    ] {
        let response = client.post("/_sandbox/webhooks", &body);
        assert_eq!(response.status, 400);
        assert!(response.text().contains(part), "{}", response.text());
    }
    client.post("/_sandbox/webhooks", &json!({"attempts": 5, "wait_ms": 1})).expect_ok();
    end_a_session(&mut client, &receiver.base_url());
    let entries = ended_entries(&mut client, 0, 3);
    let statuses: Vec<&Value> = entries.iter().map(|entry| &entry["status"]).collect();
    assert_eq!(statuses, [500, 500, 200]);
    assert_eq!(entries[2]["attempt"], 3);

    // A single attempt can be repeated by hand, also a successful one.
    client.post("/_sandbox/webhooks/3/repeat", &json!({})).expect_ok();
    assert_eq!(ended_entries(&mut client, 3, 1)[0]["attempt"], 4);
    for number in ["0", "99", "x", "3/4"] {
        assert_eq!(client.post(&format!("/_sandbox/webhooks/{number}/repeat"), &json!({})).status, 404, "{number}");
    }
}

#[test]
fn a_client_can_wait_for_the_next_webhook() {
    let receiver = ScriptedServer::new([Response::json(200, "{}")]);
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let mut waiting = Client::connect(&sandbox);
    waiting.send("GET", "/_sandbox/webhooks?wait_ms=10000", &[], b"").unwrap();
    end_a_session(&mut client, &receiver.base_url());
    let log = waiting.read_response("GET").unwrap().json();
    assert_eq!(log["webhooks"].as_array().map(Vec::len), Some(1));
    let empty = client.get("/_sandbox/webhooks?since=1&wait_ms=1").json();
    assert_eq!(empty["webhooks"], json!([]));
    assert_eq!(client.get("/_sandbox/webhooks?wait_ms=60001").status, 400);
}

#[test]
fn a_webhook_over_https_needs_a_certificate_that_is_trusted() {
    let authority = Authority::new("Sandbox test");
    let answers = || std::iter::repeat_n(Response::json(200, "{}"), 3);
    let receiver = ScriptedServer::builder().tls(authority.server_config("localhost")).responses(answers()).start();
    let url = format!("https://localhost:{}/hook", receiver.address().port());
    for (roots, status) in [(Some(authority.file()), json!(200)), (None, Value::Null)] {
        let mut program = program();
        match roots {
            Some(file) => program.env("SSL_CERT_FILE", file),
            None => program.env_remove("SSL_CERT_FILE"),
        };
        let (mut child, line) = start_command(program.arg("--exit-with-stdin"));
        let mut client = Client::connect_to_port(port_of(&line)).unwrap();
        end_a_session(&mut client, &url);
        let entry = ended_entries(&mut client, 0, 1).remove(0);
        assert_eq!(entry["status"], status, "{entry}");
        if status.is_null() {
            assert!(entry["error"].as_str().unwrap().contains("SSL_CERT_FILE"), "{entry}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn other_hosts_can_be_allowed() {
    let receiver = ScriptedServer::new([Response::json(200, "{}")]);
    let (mut child, line) =
        start_command(program().args(["--exit-with-stdin", "--allow-webhooks-to", "helpdesk.invalid"]));
    let mut client = Client::connect_to_port(port_of(&line)).unwrap();
    end_a_session(&mut client, &format!("http://helpdesk.invalid:{}/", receiver.address().port()));
    let entry = ended_entries(&mut client, 0, 1).remove(0);
    // The name is allowed, but it does not exist.
    assert!(entry["error"].as_str().unwrap().contains("cannot resolve"), "{entry}");
    child.kill().unwrap();
    child.wait().unwrap();
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
