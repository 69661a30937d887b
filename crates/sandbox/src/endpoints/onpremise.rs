//! `POST /onpremise/token`

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::clock::{MINUTE, SECOND};
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;
use crate::routes::ApiRequest;

/// Public, so that a test can verify tokens.
const SIGNING_SECRET: &[u8] = b"sandbox-secret";
/// assumed: the service documents no lifetime.
const LIFETIME_MS: i64 = 5 * MINUTE;

/// assumed: the visitor need not exist here, because an on-premise server has its own visitors.
pub(crate) fn authorize(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let body = request.json_body()?;
    let claims = ObjectReader::new(&body).and_then(|body| claims(&body)).map_err(ApiError::invalid)?;
    request.account.check_session_limit()?;
    let id = app.randomness.bytes()?;
    let token = sign(claims, id, app.now_ms());
    Ok(Response::json(&json!({"authorized": true, "token": token})).applied())
}

/// assumed: the claims are not documented.
fn claims(body: &ObjectReader) -> Result<Value, String> {
    let visitor_id = body.required_string("visitor_id")?;
    let agent = body.required_object("agent")?;
    Ok(json!({
        "visitor_id": visitor_id,
        "agent": {"id": agent.required_string("id")?, "name": agent.required_string("name")?},
    }))
}

/// assumed: the token is a JWT with HS256.
fn sign(mut claims: Value, id: [u8; 16], now_ms: i64) -> String {
    claims["jti"] = id.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    claims["iat"] = (now_ms / SECOND).into();
    claims["exp"] = ((now_ms + LIFETIME_MS) / SECOND).into();
    signed_jwt(r#"{"typ":"JWT","alg":"HS256"}"#, &claims.to_string(), SIGNING_SECRET)
}

/// A JSON Web Signature (RFC 7515) with HMAC SHA-256, in its compact form.
fn signed_jwt(header: &str, payload: &str, secret: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in appendix A.1 of RFC 7515.
    #[test]
    fn signs_the_example_of_the_standard() {
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let secret = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        assert_eq!(
            signed_jwt(header, payload, &secret),
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
             .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
             .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }
}
