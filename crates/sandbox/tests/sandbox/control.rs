//! The control interface: request log, clock, reset and visitors.

use serde_json::{Value, json};

use upscope_sandbox::{Options, Sandbox};

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

#[test]
fn the_request_log_shows_requests_as_they_were_sent() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let body = r#"{"visitor_id":"V","agent":{"id":"1","name":"é"}}"#;
    let headers = [("Content-Type", "application/json"), ("X-Twice", "a"), ("X-Twice", "b")];
    client.call("POST", "/v1.3/onpremise/token?a=%20b&c", &headers, body.as_bytes()).unwrap();
    client.get("/v1.3/visitors/a%2Fb");
    let requests = client.logged_requests();
    assert_eq!(requests.len(), 2);
    let first = &requests[0];
    assert_eq!((&first["number"], &first["method"]), (&json!(1), &json!("POST")));
    assert_eq!((&first["path"], &first["query"]), (&json!("/v1.3/onpremise/token"), &json!("a=%20b&c")));
    assert_eq!((&first["body"], &first["status"], &first["fault"]), (&json!(body), &json!(200), &Value::Null));
    assert_eq!((&first["headers"]["x-twice"], &first["headers"]["x-api-key"]), (&json!("a, b"), &json!("***")));
    assert_eq!((&requests[1]["path"], &requests[1]["query"]), (&json!("/v1.3/visitors/a%2Fb"), &Value::Null));
    assert_eq!((&requests[1]["body"], &requests[1]["applied"]), (&Value::Null, &json!(false)));
    assert!(requests[1]["started_ms"].as_u64() >= first["finished_ms"].as_u64());

    let with_secrets = client.get("/_sandbox/requests?secrets=1").expect_ok();
    assert_eq!(with_secrets["requests"][0]["headers"]["x-api-key"], "sandbox-key");
    client.post("/_sandbox/requests/clear", &json!(null)).expect_ok();
    assert!(client.logged_requests().is_empty());
    client.get("/v1.3/usage");
    assert_eq!(client.logged_requests()[0]["number"], 1);
    client.delete("/_sandbox/requests").expect_ok();
    assert!(client.logged_requests().is_empty());
}

#[test]
fn a_reset_restores_identical_data() {
    let now = time::OffsetDateTime::now_utc();
    let sandbox = Sandbox::start(Options { now: Some(now), ..Options::default() }).unwrap();
    let mut client = Client::connect(&sandbox);
    let visitors = client.get("/v1.3/list").body;
    let sessions = client.get("/v1.3/cobrowsing_sessions/list").body;
    client.delete("/v1.3/visitors?all=true").expect_ok();
    client.put_visitor(&json!({"short_id": "NEW"}));
    client.advance_clock(9_000_000_000_u64);
    client.set_faults(&json!([{"status": 500}]));
    client.post("/_sandbox/reset", &json!({})).expect_ok();
    assert!(client.logged_requests().is_empty());
    assert_eq!(client.get("/v1.3/list").body, visitors);
    assert_eq!(client.get("/v1.3/cobrowsing_sessions/list").body, sessions);
    client.get("/v1.3/visitors/NEW").assert_error(404, "not_found");
    assert_ne!(client.get("/v1.3/usage").expect_ok()["usage"]["session_counts"]["last_30_days"], 0);
}

#[test]
fn the_same_seed_gives_the_same_visitors() {
    let people = |seed| {
        let sandbox = Sandbox::start(Options { seed, ..Options::default() }).unwrap();
        let listed = Client::connect(&sandbox).get("/v1.3/list?search=online").expect_ok();
        let visitors = listed["visitors"].as_array().unwrap();
        let face = |v: &Value| [&v["short_id"], &v["name"], &v["email"], &v["lookup_code"]].map(Value::to_string);
        visitors.iter().map(face).collect::<Vec<_>>()
    };
    assert_eq!(people(7), people(7));
    assert_ne!(people(7), people(8));
}

#[test]
fn visitors_can_be_added_and_changed() {
    let sandbox = start_sandbox_with(0, 0);
    let mut client = Client::connect(&sandbox);
    let new = json!({"short_id": "V", "name": "Zoë", "future": {"kept": [1, null]}});
    let added = client.put_visitor(&new);
    assert_eq!((&added["name"], &added["future"]), (&json!("Zoë"), &json!({"kept": [1, null]})));
    assert_eq!((&added["email"], &added["is_online"], &added["sessions"]), (&Value::Null, &json!(false), &json!([])));
    let changed = client.put_visitor(&json!({"short_id": "V", "name": null, "is_online": true}));
    assert_eq!(changed["name"], Value::Null);
    assert_eq!((&changed["is_online"], &changed["future"]), (&json!(true), &added["future"]));
    assert_eq!(client.get("/v1.3/visitors/V").expect_ok()["visitor"], changed);
    assert_eq!(client.get("/v1.3/list").expect_ok()["visitors"].as_array().map(Vec::len), Some(1));
}

#[test]
fn invalid_control_requests_get_an_explanation() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for (path, body, part) in [
        ("/faults", json!([{"statsu": 500}]), "statsu is unknown"),
        ("/faults", json!({"status": 500}), "list"),
        ("/clock", json!({}), "advance_ms is missing"),
        ("/clock", json!({"advance_ms": -1}), "whole number"),
        ("/clock", json!({"advance": 1}), "unknown"),
        ("/clock", json!({"advance_ms": u64::MAX}), "1000 years"),
        ("/visitors", json!({"name": "x"}), "short_id is missing"),
        ("/visitors", json!({"short_id": ""}), "short_id is empty"),
        ("/visitors", json!({"short_id": "V", "sessions": []}), "sessions"),
        ("/visitors", json!([]), "not an object"),
    ] {
        let response = client.post(&format!("/_sandbox{path}"), &body);
        assert_eq!(response.status, 400, "{path} {body}");
        assert!(response.json()["error"].as_str().is_some_and(|message| message.contains(part)), "{}", response.text());
    }
    let json = [("Content-Type", "application/json")];
    assert_eq!(client.call("POST", "/_sandbox/clock", &json, b"{").unwrap().status, 400);
    assert_eq!(client.call("PUT", "/_sandbox/clock", &json, b"{}").unwrap().status, 405);
    assert_eq!(client.get("/_sandbox/requests?secrets=maybe").status, 400);
    for target in ["/_sandbox", "/_sandbox/", "/_sandbox/nothing"] {
        assert_eq!(client.get(target).status, 404);
    }
    assert!(client.logged_requests().is_empty());
}
