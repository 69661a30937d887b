//! `POST /onpremise/token`

use serde_json::json;

use crate::app_state::AppState;
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;
use crate::routes::ApiRequest;

const BASE64URL_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// assumed: the visitor need not exist here, because an on-premise server has its own visitors.
pub(crate) fn authorize(app: &mut AppState, request: &ApiRequest) -> Result<Response, ApiError> {
    let body = request.json_body()?;
    let check = |body: &ObjectReader| {
        body.required_string("visitor_id")?;
        let agent = body.required_object("agent")?;
        agent.required_string("id")?;
        agent.required_string("name").map(drop)
    };
    ObjectReader::new(&body).and_then(|body| check(&body)).map_err(ApiError::invalid)?;
    request.account.check_session_limit()?;
    let token = token(app)?;
    Ok(Response::json(&json!({"authorized": true, "token": token})).applied())
}

/// assumed: the token looks like a signed JWT. Only its header has meaning; the rest is random.
fn token(app: &mut AppState) -> Result<String, ApiError> {
    let bytes: [u8; 96] = app.randomness.bytes()?;
    let character = |byte: &u8| char::from(BASE64URL_ALPHABET[usize::from(byte & 63)]);
    let random: String = bytes.iter().map(character).collect();
    let (payload, signature) = random.split_at(53);
    Ok(format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{payload}.{signature}"))
}
