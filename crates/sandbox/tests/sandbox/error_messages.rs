//! Every error of the API has a message that says why.

use serde_json::json;

use crate::client::Client;
use crate::start_sandbox;

#[test]
fn each_error_says_why_in_the_response_and_in_the_request_log() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "is_online": true}));
    let agent = json!({"agent": {"id": "1", "name": "Joe"}, "visitor_id": "V"}).to_string();
    let long_id = "x".repeat(200);
    let long_path = format!("/v1.3/visitors/{long_id}");
    let quoted_id = format!("\"{}\"...", &long_id[..64]);
    let json_type = ("Content-Type", "application/json");
    for (method, target, headers, body, status, part) in [
        ("GET", "/v1.3/visitors/NOBODY", &[][..], "", 404, "no visitor with the id \"NOBODY\""),
        ("GET", &long_path, &[], "", 404, &quoted_id),
        ("DELETE", "/v1.3/visitors/NOBODY/session", &[], "", 404, "\"NOBODY\""),
        ("POST", "/v1.3/visitors/NOBODY/watch_url", &[json_type], &agent, 404, "\"NOBODY\""),
        ("GET", "/v1.3/cobrowsing_sessions/list?after_id=s_7", &[], "", 404, "after_id is \"s_7\""),
        ("GET", "/v1.3/cobrowsing_sessions/list?before_id=s_8", &[], "", 404, "before_id is \"s_8\""),
        ("GET", "/v1.3/agents/lookup?email=no%40one", &[], "", 404, "no agent with the email \"no@one\""),
        ("GET", "/v1.3/agents/lookup?external_id=e", &[], "", 404, "no agent with the external_id \"e\""),
        ("GET", "/v1.3/agents/lookup", &[], "", 404, "neither email nor external_id"),
        ("GET", "/v1.3/agents/lookup?email=a&external_id=b", &[], "", 404, "both email and external_id"),
        ("GET", "/v1.3/nothing", &[], "", 404, "no path \"/v1.3/nothing\""),
        ("GET", "/usage", &[], "", 404, "begin with /v1.3/"),
        ("POST", "/v1.3/usage", &[], "", 405, "only the method GET"),
        ("PUT", "/v1.3/visitors/V", &[], "", 405, "only the method GET or DELETE"),
        ("DELETE", "/v1.3/visitors/V", &[], "", 409, "online"),
        ("DELETE", "/v1.3/visitors", &[], "", 422, "all=true"),
        ("GET", "/v1.3/list?max_results=11", &[], "", 422, "max_results is \"11\", not a number from 1 to 10"),
        ("GET", "/v1.3/cobrowsing_sessions/list?updated_after=noon", &[], "", 422, "updated_after is \"noon\""),
        (
            "POST",
            "/v1.3/onpremise/token",
            &[json_type],
            "{\"visitor_id\":7}",
            422,
            "visitor_id is a number, not a string",
        ),
        ("POST", "/v1.3/visitors/V/watch_url", &[json_type], "{}", 422, "agent is missing"),
        ("POST", "/v1.3/visitors/V/watch_url", &[], "{}", 422, "content type is \"\""),
        ("GET", "/v1.3/visitors/%FF", &[], "", 400, "not UTF-8"),
    ] {
        let response = client.call(method, target, headers, body.as_bytes()).unwrap();
        let message = response.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(response.status == status && message.contains(part), "{method} {target}: {}", response.text());
        let logged = client.logged_requests();
        assert_eq!(logged.last().unwrap()["note"], json!(message), "{method} {target}");
    }
}

#[test]
fn a_401_says_which_header_is_wrong_and_never_has_the_key() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.key = None;
    for (headers, part) in [
        (&[][..], "the X-Api-Key header is missing"),
        (&[("Authorization", "Bearer sandbox-key")], "does not use the Authorization header"),
        (&[("X-Api-Key", "a-wrong-key")], "unknown"),
        (&[("X-Api-Key", "\u{e9}")], "not visible ASCII"),
        (&[("X-Api-Key", "sandbox-expired")], "no subscription any more"),
        (&[("X-Api-Key", "sandbox-no-api")], "does not include the API"),
        (&[("X-Api-Key", "sandbox-restricted")], "restricted"),
    ] {
        let response = client.call("GET", "/v1.3/usage", headers, b"").unwrap();
        assert!(response.status == 401 && response.text().contains(part), "{headers:?}: {}", response.text());
        assert!(headers.iter().all(|(_, value)| !response.text().contains(value)), "{}", response.text());
    }
    let key = [("X-Api-Key", "sandbox-key")];
    let response = client.call("GET", "/v1.3/visitors/sandbox-key", &key, b"").unwrap();
    assert_eq!(response.assert_error(404, "not_found"), "there is no visitor with the id \"***\"");
    let over_limit = [("X-Api-Key", "sandbox-over-limit"), ("Content-Type", "application/json")];
    let body = br#"{"visitor_id": "V", "agent": {"id": "1", "name": "Joe"}}"#;
    let response = client.call("POST", "/v1.3/onpremise/token", &over_limit, body).unwrap();
    assert!(response.assert_error(402, "over_limit").contains("the limit of its plan"));
}

#[test]
fn a_preflight_request_gets_a_warning_about_the_key() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.key = None;
    let headers = [("Origin", "http://shop.example"), ("Access-Control-Request-Method", "GET")];
    let response = client.call("OPTIONS", "/v1.3/usage", &headers, b"").unwrap();
    let message = response.assert_error(401, "invalid_api_key");
    assert!(message.contains("secret key must not be used in a page"), "{message}");
    assert_eq!(client.logged_requests()[0]["note"], json!(message));
}
