//! `POST /faults`: the faults that the next API requests use.

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::faults::Faults;
use crate::http::json_body;
use crate::http::response::Response;

pub(super) fn replace(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    app.faults = Faults::parse(&json_body::parse(body)?)?;
    Ok(Response::json(&json!({"status": "ok", "faults": app.faults.len()})))
}
