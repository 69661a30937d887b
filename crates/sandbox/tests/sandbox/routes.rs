//! API keys, routes, methods, percent-encoding and response headers.

use serde_json::json;

use crate::client::Client;
use crate::start_sandbox;

const OPERATIONS: [(&str, &str); 10] = [
    ("GET", "/v1.3/usage"),
    ("GET", "/v1.3/list"),
    ("GET", "/v1.3/visitors/x"),
    ("DELETE", "/v1.3/visitors/x"),
    ("DELETE", "/v1.3/visitors"),
    ("POST", "/v1.3/visitors/x/watch_url"),
    ("DELETE", "/v1.3/visitors/x/session"),
    ("GET", "/v1.3/agents/lookup"),
    ("GET", "/v1.3/cobrowsing_sessions/list"),
    ("POST", "/v1.3/onpremise/token"),
];

#[test]
fn every_operation_requires_a_valid_key() {
    let sandbox = start_sandbox();
    for (key, code) in [
        (None, "invalid_api_key"),
        (Some("wrong"), "invalid_api_key"),
        (Some("sandbox-expired"), "no_subscription"),
        (Some("sandbox-no-api"), "api_not_enabled"),
        (Some("sandbox-restricted"), "please_contact_team"),
    ] {
        let mut client = Client::connect(&sandbox);
        client.key = key.map(str::to_owned);
        for (method, target) in OPERATIONS {
            client.call(method, target, &[], b"").unwrap().assert_error(401, code);
        }
    }
    let applied = Client::connect(&sandbox).logged_requests().iter().any(|request| request["applied"] == true);
    assert!(!applied);
}

#[test]
fn over_the_limit_only_new_sessions_are_refused() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox).with_key("sandbox-over-limit");
    let visitors = client.get("/v1.3/list?max_results=1").expect_ok();
    let id = visitors["visitors"][0]["short_id"].as_str().unwrap();
    let agent = json!({"agent": {"id": "1", "name": "Joe"}, "visitor_id": "V"});
    client.post(&format!("/v1.3/visitors/{id}/watch_url"), &agent).assert_error(402, "over_limit");
    client.post("/v1.3/onpremise/token", &agent).assert_error(402, "over_limit");
    client.post("/v1.3/visitors/nobody/watch_url", &agent).assert_error(404, "not_found");
    client.get("/v1.3/usage").expect_ok();
}

#[test]
fn unknown_paths_are_404_and_wrong_methods_405() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for target in ["/v1.3", "/v1.3/", "/v1.3/nothing", "/v1.4/usage", "/v1.3/usage/", "/v1.3/visitors/", "/usage", "*"]
    {
        client.get(target).assert_error(404, "not_found");
    }
    for (method, target, allowed) in [
        ("POST", "/v1.3/usage", "GET"),
        ("GET", "/v1.3/visitors", "DELETE"),
        ("PUT", "/v1.3/visitors/x", "GET, DELETE"),
        ("GET", "/v1.3/visitors/x/watch_url", "POST"),
        ("GET", "/v1.3/visitors/x/session", "DELETE"),
        ("DELETE", "/v1.3/onpremise/token", "POST"),
    ] {
        let response = client.call(method, target, &[], b"").unwrap();
        response.assert_error(405, "method_not_allowed");
        assert_eq!(response.header("allow"), Some(allowed), "{method} {target}");
    }
}

#[test]
fn targets_that_are_not_percent_encoded_are_refused() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for target in [
        "/v1.3/visitors/a#b",
        "/v1.3/visitors/a%2",
        "/v1.3/visitors/%FF",
        "/v1.3/visitors/a\"b",
        "/v1.3/list?search=a|b",
    ] {
        client.get(target).assert_error(400, "bad_request");
    }
    assert_eq!(client.logged_requests()[0]["path"], "/v1.3/visitors/a#b");
}

#[test]
fn responses_have_the_usual_headers() {
    let sandbox = start_sandbox();
    let response = Client::connect(&sandbox).get("/v1.3/usage");
    assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(response.header("server"), Some(concat!("upscope-sandbox/", env!("CARGO_PKG_VERSION"))));
    assert!(response.header("date").is_some_and(|date| date.ends_with(" GMT")));
    assert!(response.header("content-length").is_some());
}
