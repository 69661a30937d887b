//! Each fault as a client sees it, and what it leaves behind.

use std::io;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upscope_sandbox::Sandbox;

use crate::http::{Client, eventually};
use crate::sandbox;

/// A client to break, and one that stays whole.
fn started() -> (Sandbox, Client, Client) {
    let sandbox = sandbox();
    let mut observer = Client::to(&sandbox);
    observer.post("/_sandbox/visitors", &json!({"short_id": "V"})).ok();
    let client = Client::to(&sandbox);
    (sandbox, client, observer)
}

fn exists(observer: &mut Client) -> bool {
    observer.get("/v1.3/visitors/V").status == 200
}

#[test]
fn a_status_takes_the_place_of_the_request() {
    let (_sandbox, mut client, mut observer) = started();
    observer.faults(&json!([
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

    let journal = observer.journal();
    assert_eq!((&journal[0]["status"], &journal[0]["applied"]), (&json!(503), &json!(false)));
    assert_eq!(journal[2]["fault"], json!({"status": 500}));
    assert!(journal.iter().all(|request| request["connection"] == journal[0]["connection"]));
    assert!(exists(&mut observer));
}

#[test]
fn a_dropped_response_is_not_a_dropped_request() {
    let (_sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"drop": "before_response"}]));
    client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
    assert_eq!(client.read_rest().unwrap(), b"");
    let journal = observer.journal();
    assert_eq!((&journal[0]["status"], &journal[0]["applied"]), (&Value::Null, &json!(true)));
    assert!(journal[0]["finished_ms"].is_u64());
    assert!(!exists(&mut observer));
}

#[test]
fn half_a_body_comes_with_the_length_of_the_whole() {
    let (_sandbox, mut client, mut observer) = started();
    let whole = observer.get("/v1.3/cobrowsing_sessions/list").body;
    observer.faults(&json!([{"drop": "mid_body"}]));
    client.send("GET", "/v1.3/cobrowsing_sessions/list", &[], b"").unwrap();
    let head = client.read_head().unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, Some(whole.len().to_string().as_str())));
    assert_eq!(head.header("connection"), None);
    let half = client.read_rest().unwrap();
    assert_eq!(half, whole[..whole.len() / 2]);
    assert_eq!(observer.journal()[1]["status"], 200);
}

#[test]
fn a_connection_may_end_after_its_answer_without_notice() {
    let (_sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"drop": "after_response"}]));
    let reply = client.delete("/v1.3/visitors/V");
    assert_eq!((reply.ok(), reply.header("connection")), (json!({"status": "ok"}), None));
    assert_eq!(client.read_rest().unwrap(), b"");
    let journal = observer.journal();
    assert_eq!((&journal[0]["status"], &journal[0]["applied"]), (&json!(200), &json!(true)));
}

#[test]
fn drops_work_with_scripted_answers_too() {
    let (sandbox, _, mut observer) = started();
    observer.faults(&json!([
        {"status": 503, "drop": "before_response"},
        {"status": 503, "body": "0123456789", "drop": "mid_body"},
        {"status": 503, "body": "", "drop": "mid_body"},
        {"status": 503, "body": "bye", "drop": "after_response", "delay_ms": 5},
        {"status": 503, "drop": "after_response"},
    ]));
    for body in [None, Some("01234"), Some(""), Some("bye"), Some("")] {
        let mut client = Client::to(&sandbox);
        client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
        if let Some(body) = body {
            assert_eq!(client.read_head().unwrap().status, 503);
            assert_eq!(client.read_rest().unwrap(), body.as_bytes());
        } else {
            assert_eq!(client.read_rest().unwrap(), b"");
        }
    }
    assert!(exists(&mut observer));
    assert!(observer.journal().iter().all(|request| request["applied"] == false));
}

#[test]
fn drops_work_where_there_is_no_body_to_send() {
    let (sandbox, _, mut observer) = started();
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        for kind in ["mid_body", "after_response"] {
            observer.faults(&json!([{"status": status, "body": "not sent", "drop": kind}]));
            let mut client = Client::to(&sandbox);
            client.send(method, "/v1.3/usage", &[], b"").unwrap();
            assert_eq!(client.read_head().unwrap().status, status);
            assert_eq!(client.read_rest().unwrap(), b"", "{method} {status} {kind}");
        }
    }
}

#[test]
fn a_delay_delays_and_nothing_else() {
    let (sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"delay_ms": 300}]));
    let begun = Instant::now();
    let waiting = std::thread::spawn(move || client.delete("/v1.3/visitors/V").status);
    // Others are served meanwhile.
    let mut other = Client::to(&sandbox);
    eventually(|| !observer.journal().is_empty());
    assert_eq!(other.get("/v1.3/visitors/V").status, 200);
    assert_eq!(waiting.join().unwrap(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let first = &observer.journal()[0];
    assert!(first["finished_ms"].as_u64().unwrap() >= first["started_ms"].as_u64().unwrap() + 300);
    assert!(!exists(&mut observer));
}

#[test]
fn a_delayed_request_is_carried_out_though_its_client_left() {
    let (_sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"delay_ms": 100}]));
    client.send("DELETE", "/v1.3/visitors/V", &[], b"").unwrap();
    eventually(|| !observer.journal().is_empty());
    drop(client);
    eventually(|| !observer.journal()[0]["finished_ms"].is_null());
    assert_eq!(observer.journal()[0]["applied"], true);
    assert!(!exists(&mut observer));
}

#[test]
fn a_reset_leaves_nothing_of_a_delayed_request() {
    let (_sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"delay_ms": 200}]));
    client.send("DELETE", "/v1.3/visitors?all=true", &[], b"").unwrap();
    eventually(|| !observer.journal().is_empty());
    observer.post("/_sandbox/reset", &json!({})).ok();
    assert_eq!(client.read_head().map_err(|why| why.kind()).err(), Some(io::ErrorKind::UnexpectedEof));
    let offline = observer.get("/v1.3/list?search=-online").ok();
    assert_eq!(offline["visitors"].as_array().map(Vec::len), Some(10));
}

#[test]
fn one_is_used_per_api_request_in_order_and_the_list_is_replaced() {
    let (_sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"status": 500}, {"status": 501}]));
    observer.faults(&json!([null, {"status": 503}, {}]));
    observer.get("/_sandbox/requests");
    assert_eq!(client.get("/session/nothing").status, 404);
    let statuses: Vec<u16> = (0..4).map(|_| client.get("/v1.3/usage").status).collect();
    assert_eq!(statuses, [200, 503, 200, 200]);
    observer.faults(&json!([{"status": 500}]));
    observer.faults(&json!([]));
    assert_eq!(client.get("/v1.3/usage").status, 200);
    let journal = observer.journal();
    assert_eq!((&journal[1]["fault"], &journal[2]["fault"]), (&Value::Null, &json!({"status": 503})));
}

#[test]
fn only_authenticated_requests_use_one_up() {
    let (sandbox, mut client, mut observer) = started();
    observer.faults(&json!([{"status": 503}, {"status": 500}]));
    for key in [None, Some("wrong"), Some("sandbox-expired")] {
        let mut stranger = Client::to(&sandbox);
        stranger.key = key.map(str::to_owned);
        assert_eq!(stranger.get("/v1.3/usage").status, 401);
        assert_eq!(stranger.call("OPTIONS", "/v1.3/usage", &[], b"").unwrap().status, 401);
    }
    assert!(observer.journal().iter().all(|request| request["fault"].is_null()));
    assert_eq!(client.get("/v1.3/usage").status, 503);
    assert_eq!(client.with_key("sandbox-over-limit").get("/v1.3/nothing").status, 500);
}
