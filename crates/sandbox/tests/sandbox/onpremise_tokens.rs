//! Authorizing an on-premise session.

use serde_json::json;

use crate::http::Client;
use crate::sandbox;

#[test]
fn a_token_looks_like_a_jwt_and_is_never_the_same() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    let body = json!({"visitor_id": "VISITOR123", "agent": {"id": "123", "name": "Joe"}});
    let answer = client.post("/v1.3/onpremise/token", &body).ok();
    assert_eq!((&answer["authorized"], answer.as_object().unwrap().len()), (&json!(true), 2));
    let token = answer["token"].as_str().unwrap();
    assert!(token.starts_with("eyJ") && token.split('.').count() == 3);
    assert_ne!(client.post("/v1.3/onpremise/token", &body).ok()["token"], token);
}

#[test]
fn what_is_required_is_asked_for() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    for body in [
        json!({"agent": {"id": "1", "name": "J"}}),
        json!({"visitor_id": 7, "agent": {"id": "1", "name": "J"}}),
        json!({"visitor_id": "V", "agent": {"id": "1"}}),
        json!({"visitor_id": "V", "agent": {"name": "J"}}),
        json!({"visitor_id": "V"}),
    ] {
        client.post("/v1.3/onpremise/token", &body).is_error(422, "invalid_request");
    }
}
