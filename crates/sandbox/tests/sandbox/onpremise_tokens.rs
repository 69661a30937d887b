//! `POST /onpremise/token`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::client::Client;
use crate::start_sandbox;

#[test]
fn tokens_are_signed_jwts_and_differ() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let body = json!({"visitor_id": "VISITOR123", "agent": {"id": "123", "name": "Joe"}});
    let response = client.post("/v1.3/onpremise/token", &body).expect_ok();
    assert_eq!((&response["authorized"], response.as_object().unwrap().len()), (&json!(true), 2));
    let token = response["token"].as_str().unwrap();
    assert_ne!(client.post("/v1.3/onpremise/token", &body).expect_ok()["token"], token);

    let claims = claims_of(token);
    assert_eq!((&claims["visitor_id"], &claims["agent"]), (&body["visitor_id"], &body["agent"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);

    // The times are those of the sandbox's clock.
    client.advance_clock(3_600_000);
    let later = client.post("/v1.3/onpremise/token", &body).expect_ok();
    let later = claims_of(later["token"].as_str().unwrap());
    let seconds = later["iat"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!((3600..3660).contains(&seconds), "{seconds}");
}

/// Verifies a token and returns its claims.
fn claims_of(token: &str) -> Value {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"sandbox-secret");
    hmac::verify(&key, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(json(header), json!({"typ": "JWT", "alg": "HS256"}));
    json(payload)
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
