//! `GET` and `POST /_sandbox/faults`

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::faults::Faults;
use crate::http::json_body;
use crate::http::response::Response;

/// Parses the JSON text of a list of faults.
pub(crate) fn parse(text: &[u8], seed: u64) -> Result<Faults, String> {
    Faults::parse(&json_body::parse(text)?, seed)
}

pub(super) fn show(app: &AppState) -> Response {
    Response::json(&app.faults.json())
}

pub(super) fn replace(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    app.faults = parse(body, app.seed())?;
    Ok(Response::json(&json!({"status": "ok", "faults": app.faults.len()})))
}
