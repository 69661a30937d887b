//! `POST /clock`: advances the clock.

use serde_json::json;

use super::ControlError;
use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::json_body;
use crate::http::response::Response;
use crate::json::ObjectReader;

pub(super) fn advance(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["advance_ms"])?;
    let advance_ms = object.integer("advance_ms")?.ok_or_else(|| "advance_ms is missing".to_owned())?;
    app.clock.advance(advance_ms)?;
    // The next response shows the sessions that have timed out, and their webhooks go out now.
    app.do_overdue();
    Ok(Response::json(&json!({"status": "ok", "now": rfc3339(app.now_ms(), UtcOffset::Zero)})))
}
