//! The request log as a test tool: pages, waiting, responses and hidden secrets.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

fn numbers(log: &Value) -> Vec<u64> {
    log["requests"].as_array().unwrap().iter().map(|request| request["number"].as_u64().unwrap()).collect()
}

#[test]
fn since_and_limit_select_the_oldest_requests_after_a_number() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for _ in 0..5 {
        client.get("/v1.3/usage").expect_ok();
    }
    for (query, expected, next) in [
        ("", vec![1, 2, 3, 4, 5], 5),
        ("?since=3", vec![4, 5], 5),
        ("?limit=2", vec![1, 2], 2),
        ("?since=1&limit=2", vec![2, 3], 3),
        ("?since=5", vec![], 5),
        ("?since=6", vec![], 0),
        ("?since=2&limit=0", vec![], 2),
        ("?since=3&wait_ms=60000", vec![4, 5], 5),
        ("?since=99&wait_ms=60000", vec![], 0),
    ] {
        let log = client.get(&format!("/_sandbox/requests{query}")).expect_ok();
        assert_eq!((numbers(&log), &log["next"]), (expected, &json!(next)), "{query}");
    }
    for (query, part) in [
        ("since=-1", "since is \\\"-1\\\", not a whole number"),
        ("limit=all", "limit is"),
        ("wait_ms=60001", "wait_ms is \\\"60001\\\", not a number from 0 to 60000"),
    ] {
        let response = client.get(&format!("/_sandbox/requests?{query}"));
        assert!(response.status == 400 && response.text().contains(part), "{}", response.text());
    }
}

#[test]
fn wait_ms_waits_for_the_next_finished_request() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.get("/v1.3/usage").expect_ok();
    let begun = Instant::now();
    assert!(numbers(&client.get("/_sandbox/requests?since=1&wait_ms=200").expect_ok()).is_empty());
    assert!(begun.elapsed() >= Duration::from_millis(200));

    client.set_faults(&json!([{"delay_ms": 300}]));
    let mut waiting = Client::connect(&sandbox);
    waiting.send("GET", "/_sandbox/requests?since=1&wait_ms=60000", &[], b"").unwrap();
    client.get("/v1.3/list").expect_ok();
    let log = waiting.read_response("GET").unwrap().expect_ok();
    assert_eq!((numbers(&log), &log["requests"][0]["status"]), (vec![2], &json!(200)));
}

#[test]
fn waiting_ends_when_the_client_disconnects_or_the_log_is_cleared() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.get("/v1.3/usage").expect_ok();
    let mut gone = Client::connect(&sandbox);
    gone.send("GET", "/_sandbox/requests?since=1&wait_ms=60000", &[], b"").unwrap();
    gone.shut_down_writing().unwrap();
    // The client times out long before the minute is over, unless the sandbox closes the connection.
    assert_eq!(gone.read_rest().unwrap(), b"");

    let mut waiting = Client::connect(&sandbox);
    waiting.send("GET", "/_sandbox/requests?since=1&wait_ms=60000", &[], b"").unwrap();
    client.delete("/_sandbox/requests").expect_ok();
    assert_eq!(waiting.read_response("GET").unwrap().expect_ok(), json!({"requests": [], "next": 0}));
}

#[test]
fn the_log_has_responses() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let usage = client.call("GET", "/v1.3/usage", &[("Accept-Encoding", "gzip")], b"").unwrap();
    client.get("/v1.3/list");
    client.call("HEAD", "/v1.3/usage", &[], b"").unwrap();
    client.set_faults(&json!([
        {"status": 503, "headers": {"X-A": "b"}, "body": "é".repeat(50_000)},
        {"drop": "before_response"},
    ]));
    client.get("/v1.3/usage");
    client.send("GET", "/v1.3/usage", &[], b"").unwrap();
    client.read_rest().unwrap();
    let requests = Client::connect(&sandbox).logged_requests();
    let response = &requests[0]["response"];
    assert_eq!((&response["status"], &response["body"]), (&json!(200), &json!(usage.text())));
    assert_eq!(response["headers"]["content-type"], "application/json; charset=utf-8");
    assert_eq!(response["cut"], Value::Null);
    assert!(requests[1]["response"]["body"].as_str().unwrap().starts_with(r#"{"status":"ok","visitors":["#));
    assert_eq!((&requests[2]["status"], &requests[2]["response"]["body"]), (&json!(405), &json!("")));
    assert_eq!(requests[3]["response"]["headers"]["x-a"], "b");
    assert_eq!(requests[3]["response"]["cut"], "the first 65536 of 100000 bytes");
    assert_eq!(requests[4]["response"], Value::Null);
}

#[test]
fn secrets_are_hidden_in_headers_paths_and_bodies() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V"}));
    let path = client.open_watch_link("V", &json!({"agent": {"id": "1"}}));
    let watch_token = path.rsplit('/').next().unwrap().to_owned();
    client.call("GET", "/v1.3/usage", &[("Referer", &format!("http://127.0.0.1{path}"))], b"").unwrap();
    let body = json!({"visitor_id": "V", "agent": {"id": "1", "name": "Joe"}});
    let token = client.post("/v1.3/onpremise/token", &body).expect_ok()["token"].as_str().unwrap().to_owned();
    client.get("/v1.3/list?search=sandbox-key&api_key=zzz");

    let hidden = client.get("/_sandbox/requests");
    for secret in ["sandbox-key", "zzz", &watch_token, &token] {
        assert!(!hidden.text().contains(secret), "{secret}");
    }
    let requests = hidden.json()["requests"].clone();
    assert_eq!(requests[1]["path"], "/session/***");
    assert!(requests[0]["response"]["body"].as_str().unwrap().contains(r#""watch_url":"***""#));
    let shown = client.get("/_sandbox/requests?secrets=1");
    for secret in ["sandbox-key", "zzz", &watch_token, &token] {
        assert!(shown.text().contains(secret), "{secret}");
    }
}

#[test]
fn a_large_log_is_written_while_other_requests_are_served() {
    const REQUESTS: usize = 2_000;
    let sandbox = start_sandbox_with(50, 500);
    let mut client = Client::connect(&sandbox);
    let list = client.get("/v1.3/list").expect_ok();
    let ids: Vec<&str> = list["visitors"].as_array().unwrap().iter().map(|v| v["short_id"].as_str().unwrap()).collect();
    for number in 1..REQUESTS {
        client.get(&format!("/v1.3/visitors/{}?n={number}", ids[number % ids.len()])).expect_ok();
    }
    let mut reader = Client::connect(&sandbox);
    reader.send("GET", "/_sandbox/requests", &[], b"").unwrap();
    // A client that reads nothing keeps nobody waiting.
    client.get("/v1.3/usage").expect_ok();
    let response = reader.read_response("GET").unwrap();
    assert_eq!(response.header("transfer-encoding"), Some("chunked"));
    let log = response.expect_ok();
    let requests = log["requests"].as_array().unwrap();
    assert!(requests.len() == REQUESTS || requests.len() == REQUESTS + 1, "{}", requests.len());
    for (number, request) in requests.iter().enumerate().take(REQUESTS).skip(1) {
        assert_eq!(request["query"], format!("n={number}"));
        let body: Value = serde_json::from_str(request["response"]["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["visitor"]["short_id"], ids[number % ids.len()]);
    }

    // The sandbox stops although a client has not read its response.
    let mut stalled = Client::connect(&sandbox);
    stalled.send("GET", "/_sandbox/requests", &[], b"").unwrap();
    stalled.read_head().unwrap();
    let begun = Instant::now();
    drop(sandbox);
    assert!(begun.elapsed() < Duration::from_secs(10));
}
