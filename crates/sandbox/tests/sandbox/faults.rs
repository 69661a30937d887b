//! Faults: what the client sees, and what they change.

use std::io;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

use crate::client::{Client, wait_until};
use crate::start_sandbox;

/// A sandbox with the visitor V, a client for the requests with faults, and an observer.
fn start_with_visitor() -> (Sandbox, Client, Client) {
    let sandbox = start_sandbox();
    let mut observer = Client::connect(&sandbox);
    observer.put_visitor(&json!({"short_id": "V"}));
    let client = Client::connect(&sandbox);
    (sandbox, client, observer)
}

fn visitor_exists(observer: &mut Client) -> bool {
    observer.get("/v1.3/visitors/V").status == 200
}

#[test]
fn a_status_fault_replaces_the_request() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([
        {"status": 503, "headers": {"Retry-After": "2", "Content-Type": "text/plain"}, "body": "ärger"},
        {"status": 429, "headers": {"Retry-After": 1}, "body": {"error": "Too many requests"}},
        {"status": 500},
        {"status": 204, "body": "not sent"},
        {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}},
    ]));
    let first = client.delete("/v1.3/visitors/V");
    assert_eq!((first.status, first.text(), first.header("retry-after")), (503, "ärger", Some("2")));
    assert_eq!(first.header("content-type"), Some("text/plain"));
    let second = client.delete("/v1.3/visitors/V");
    assert_eq!(
        (second.status, second.json(), second.header("retry-after")),
        (429, json!({"error": "Too many requests"}), Some("1"))
    );
    let third = client.delete("/v1.3/visitors/V");
    assert_eq!((third.status, third.text()), (500, ""));
    assert_eq!(client.delete("/v1.3/visitors/V").status, 204);
    assert_eq!(client.delete("/v1.3/visitors/V").status, 302);

    let requests = observer.logged_requests();
    assert_eq!((&requests[0]["status"], &requests[0]["applied"]), (&json!(503), &json!(false)));
    assert_eq!(requests[2]["fault"], json!({"status": 500}));
    assert!(requests.iter().all(|request| request["connection"] == requests[0]["connection"]));
    assert!(visitor_exists(&mut observer));
}

#[test]
fn drop_before_response_still_executes_the_request() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"drop": "before_response"}]));
    client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
    assert_eq!(client.read_rest().unwrap(), b"");
    let requests = observer.logged_requests();
    assert_eq!((&requests[0]["status"], &requests[0]["applied"]), (&Value::Null, &json!(true)));
    assert!(requests[0]["finished_ms"].is_u64());
    assert!(!visitor_exists(&mut observer));
}

#[test]
fn drop_mid_body_declares_the_full_length_and_sends_half() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    let whole = observer.get("/v1.3/cobrowsing_sessions/list").body;
    observer.set_faults(&json!([{"drop": "mid_body"}]));
    client.send("GET", "/v1.3/cobrowsing_sessions/list", &[], b"").unwrap();
    let head = client.read_head().unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, Some(whole.len().to_string().as_str())));
    assert_eq!(head.header("connection"), None);
    let half = client.read_rest().unwrap();
    assert_eq!(half, whole[..whole.len() / 2]);
    assert_eq!(observer.logged_requests()[1]["status"], 200);
}

#[test]
fn drop_after_response_closes_without_a_connection_header() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"drop": "after_response"}]));
    let response = client.delete("/v1.3/visitors/V");
    assert_eq!((response.expect_ok(), response.header("connection")), (json!({"status": "ok"}), None));
    assert_eq!(client.read_rest().unwrap(), b"");
    let requests = observer.logged_requests();
    assert_eq!((&requests[0]["status"], &requests[0]["applied"]), (&json!(200), &json!(true)));
}

#[test]
fn drops_work_with_scripted_responses() {
    let (sandbox, _, mut observer) = start_with_visitor();
    observer.set_faults(&json!([
        {"status": 503, "drop": "before_response"},
        {"status": 503, "body": "0123456789", "drop": "mid_body"},
        {"status": 503, "body": "", "drop": "mid_body"},
        {"status": 503, "body": "bye", "drop": "after_response", "delay_ms": 5},
        {"status": 503, "drop": "after_response"},
    ]));
    for body in [None, Some("01234"), Some(""), Some("bye"), Some("")] {
        let mut client = Client::connect(&sandbox);
        client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
        if let Some(body) = body {
            assert_eq!(client.read_head().unwrap().status, 503);
            assert_eq!(client.read_rest().unwrap(), body.as_bytes());
        } else {
            assert_eq!(client.read_rest().unwrap(), b"");
        }
    }
    assert!(visitor_exists(&mut observer));
    assert!(observer.logged_requests().iter().all(|request| request["applied"] == false));
}

#[test]
fn drops_work_with_responses_without_a_body() {
    let (sandbox, _, mut observer) = start_with_visitor();
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        for kind in ["mid_body", "after_response"] {
            observer.set_faults(&json!([{"status": status, "body": "not sent", "drop": kind}]));
            let mut client = Client::connect(&sandbox);
            client.send(method, "/v1.3/usage", &[], b"").unwrap();
            assert_eq!(client.read_head().unwrap().status, status);
            assert_eq!(client.read_rest().unwrap(), b"", "{method} {status} {kind}");
        }
    }
}

#[test]
fn a_delay_affects_only_its_own_request() {
    let (sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"delay_ms": 300}]));
    let begun = Instant::now();
    let waiting = std::thread::spawn(move || client.delete("/v1.3/visitors/V").status);
    // Other requests are served during the delay.
    let mut other = Client::connect(&sandbox);
    wait_until(|| !observer.logged_requests().is_empty());
    assert_eq!(other.get("/v1.3/visitors/V").status, 200);
    assert_eq!(waiting.join().unwrap(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let first = &observer.logged_requests()[0];
    assert!(first["finished_ms"].as_u64().unwrap() >= first["started_ms"].as_u64().unwrap() + 300);
    assert!(!visitor_exists(&mut observer));
}

#[test]
fn a_delayed_request_is_executed_after_its_client_disconnects() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"delay_ms": 100}]));
    client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
    wait_until(|| !observer.logged_requests().is_empty());
    drop(client);
    wait_until(|| !observer.logged_requests()[0]["finished_ms"].is_null());
    assert_eq!(observer.logged_requests()[0]["applied"], true);
    assert!(!visitor_exists(&mut observer));
}

#[test]
fn a_delayed_request_is_answered_but_not_executed_after_a_reset() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"delay_ms": 200}]));
    client.send("DELETE", "/v1.3/visitors?all=true", &[], b"").unwrap();
    wait_until(|| !observer.logged_requests().is_empty());
    observer.post("/_sandbox/reset", &json!({})).expect_ok();
    let message = client.read_response("DELETE").unwrap().assert_error(503, "sandbox_reset");
    assert!(message.contains("was not executed"), "{message}");
    client.get("/v1.3/usage").expect_ok();
    let offline = observer.get("/v1.3/list?search=-online").expect_ok();
    assert_eq!(offline["visitors"].as_array().map(Vec::len), Some(10));
}

#[test]
fn drop_reset_executes_the_request_and_resets_the_connection() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"drop": "reset"}]));
    client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
    assert_eq!(client.read_rest().map_err(|error| error.kind()), Err(io::ErrorKind::ConnectionReset));
    let requests = observer.logged_requests();
    assert_eq!((&requests[0]["status"], &requests[0]["applied"]), (&Value::Null, &json!(true)));
    assert_eq!(requests[0]["response"], Value::Null);
    assert!(!visitor_exists(&mut observer));
}

#[test]
fn body_ms_sends_the_body_slowly() {
    let (sandbox, mut client, mut observer) = start_with_visitor();
    let list = "/v1.3/cobrowsing_sessions/list";
    let whole = observer.get(list).body;
    observer.set_faults(&json!([
        {"body_ms": 400},
        {"body_ms": 400, "drop": "mid_body"},
        {"body_ms": 60_000, "status": 200, "body": ""},
        {"body_ms": 60, "status": 200, "body": "abc"},
    ]));
    let begun = Instant::now();
    client.send("GET", list, &[], b"").unwrap();
    let head = client.read_head().unwrap();
    assert_eq!(head.header("content-length"), Some(whole.len().to_string().as_str()));
    // Other requests are served meanwhile.
    observer.get("/_sandbox/requests").expect_ok();
    assert!(client.read_body(whole.len()).unwrap() == whole);
    assert!(begun.elapsed() >= Duration::from_millis(400));

    let begun = Instant::now();
    let mut cut = Client::connect(&sandbox);
    cut.send("GET", list, &[], b"").unwrap();
    cut.read_head().unwrap();
    assert!(cut.read_rest().unwrap() == whole[..whole.len() / 2]);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(client.get("/v1.3/usage").text(), "");
    assert_eq!(client.get("/v1.3/usage").text(), "abc");
}

#[test]
fn faults_apply_in_order_and_a_new_list_replaces_the_old_one() {
    let (_sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"status": 500}, {"status": 501}]));
    observer.set_faults(&json!([null, {"status": 503}, {}]));
    observer.get("/_sandbox/requests");
    assert_eq!(client.get("/session/nothing").status, 404);
    let statuses: Vec<u16> = (0..4).map(|_| client.get("/v1.3/usage").status).collect();
    assert_eq!(statuses, [200, 503, 200, 200]);
    observer.set_faults(&json!([{"status": 500}]));
    observer.set_faults(&json!([]));
    assert_eq!(client.get("/v1.3/usage").status, 200);
    let requests = observer.logged_requests();
    assert_eq!((&requests[1]["fault"], &requests[2]["fault"]), (&Value::Null, &json!({"status": 503})));
}

#[test]
fn only_authenticated_requests_use_faults() {
    let (sandbox, mut client, mut observer) = start_with_visitor();
    observer.set_faults(&json!([{"status": 503}, {"status": 500}]));
    for key in [None, Some("wrong"), Some("sandbox-expired")] {
        let mut stranger = Client::connect(&sandbox);
        stranger.key = key.map(str::to_owned);
        assert_eq!(stranger.get("/v1.3/usage").status, 401);
        assert_eq!(stranger.call("OPTIONS", "/v1.3/usage", &[], b"").unwrap().status, 401);
    }
    let preflight = [("Origin", "http://shop.example"), ("Access-Control-Request-Method", "GET")];
    assert_eq!(client.call("OPTIONS", "/v1.3/usage", &preflight, b"").unwrap().status, 405);
    assert!(observer.logged_requests().iter().all(|request| request["fault"].is_null()));
    assert_eq!(client.get("/v1.3/usage").status, 503);
    assert_eq!(client.with_key("sandbox-over-limit").get("/v1.3/nothing").status, 500);
}
