//! `GET` and `POST /_sandbox/settings`: how the imitated service behaves.

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::deletions::MAX_DELAY_MS;
use crate::http::json_body;
use crate::http::response::Response;
use crate::json::ObjectReader;

pub(super) fn show(app: &AppState) -> Response {
    Response::json(&json!({"status": "ok", "settings": {"deletion_delay_ms": app.deletions.delay_ms}}))
}

/// Changes the given settings. Returns all of them.
pub(super) fn change(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["deletion_delay_ms"])?;
    match object.integer("deletion_delay_ms")? {
        Some(delay_ms) if delay_ms > MAX_DELAY_MS as u64 => {
            return Err(format!("deletion_delay_ms is {delay_ms}, more than {MAX_DELAY_MS}").into());
        }
        Some(delay_ms) => app.deletions.delay_ms = delay_ms as i64,
        None => {}
    }
    Ok(show(app))
}
