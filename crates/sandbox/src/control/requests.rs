//! `GET` and `DELETE /requests`: the request log.

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::http::request_target::RequestTarget;
use crate::http::response::Response;

pub(super) fn list(app: &AppState, target: &RequestTarget) -> Result<Response, ControlError> {
    let with_secrets = target.parameters()?.flag("secrets")?;
    Ok(Response::json(&json!({"requests": app.request_log.json(with_secrets)})))
}

pub(super) fn clear(app: &mut AppState) -> Response {
    app.request_log.clear();
    Response::ok()
}
