//! `POST /onpremise/token`.

use serde_json::json;

use crate::client::Client;
use crate::start_sandbox;

#[test]
fn tokens_look_like_jwts_and_differ() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let body = json!({"visitor_id": "VISITOR123", "agent": {"id": "123", "name": "Joe"}});
    let response = client.post("/v1.3/onpremise/token", &body).expect_ok();
    assert_eq!((&response["authorized"], response.as_object().unwrap().len()), (&json!(true), 2));
    let token = response["token"].as_str().unwrap();
    assert!(token.starts_with("eyJ") && token.split('.').count() == 3);
    assert_ne!(client.post("/v1.3/onpremise/token", &body).expect_ok()["token"], token);
}

#[test]
fn missing_keys_are_refused() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for body in [
        json!({"agent": {"id": "1", "name": "J"}}),
        json!({"visitor_id": 7, "agent": {"id": "1", "name": "J"}}),
        json!({"visitor_id": "V", "agent": {"id": "1"}}),
        json!({"visitor_id": "V", "agent": {"name": "J"}}),
        json!({"visitor_id": "V"}),
    ] {
        client.post("/v1.3/onpremise/token", &body).assert_error(422, "invalid_request");
    }
}
