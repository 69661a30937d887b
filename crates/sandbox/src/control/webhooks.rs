//! `GET` and `POST /_sandbox/webhooks`, `POST /_sandbox/webhooks/{number}/repeat`

use std::time::Duration;

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::http::json_body;
use crate::http::request_target::RequestTarget;
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;
use crate::webhooks::RetryPolicy;

const MAX_WAIT_MS: u64 = 60_000;

pub(super) fn list(app: &AppState, target: &RequestTarget) -> Result<Response, ControlError> {
    let parameters = target.parameters()?;
    let since = parameters.number("since", u64::MAX)?.unwrap_or(0);
    let limit = parameters.number("limit", u64::MAX)?.map_or(usize::MAX, |limit| limit as usize);
    let wait_ms = parameters.number("wait_ms", MAX_WAIT_MS)?.unwrap_or(0);
    let webhooks = app.webhook_log.json(since, limit);
    let nothing = webhooks.is_empty();
    let response = Response::json(&json!({"webhooks": webhooks}));
    Ok(if nothing { response.waiting(Duration::from_millis(wait_ms)) } else { response })
}

/// assumed: the service documents no retries, so there are none until a test asks for them.
pub(super) fn set_retries(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["attempts", "wait_ms"])?;
    let attempts = object.integer("attempts")?.ok_or_else(|| "attempts is missing".to_owned())?;
    let retries = RetryPolicy {
        attempts: attempts.try_into().unwrap_or(u32::MAX),
        wait_ms: object.integer("wait_ms")?.unwrap_or(RetryPolicy::default().wait_ms),
    };
    retries.check()?;
    app.webhook_retries = retries;
    Ok(Response::json(&json!({"status": "ok", "attempts": retries.attempts, "wait_ms": retries.wait_ms})))
}

pub(super) fn repeat(app: &mut AppState, number: &str) -> Result<Response, ControlError> {
    let delivery = number.parse().ok().and_then(|number| app.webhook_log.repeat(number));
    let delivery = delivery.ok_or_else(|| {
        let message = "the webhook log has no attempt with this number that has ended";
        ApiError::with_message(404, "not_found", message)
    })?;
    app.store.send_webhook(delivery);
    Ok(Response::ok())
}
