//! `GET` and `DELETE /_sandbox/requests`

use std::time::Duration;

use super::ControlError;
use crate::app_state::AppState;
use crate::http::request_target::RequestTarget;
use crate::http::response::Response;
use crate::request_log::Selection;

const MAX_WAIT_MS: u64 = 60_000;

pub(super) fn list(app: &AppState, target: &RequestTarget) -> Result<Response, ControlError> {
    let query = target.parameters()?;
    let since = query.number("since", u64::MAX)?.unwrap_or(0);
    let wait = query.number("wait_ms", MAX_WAIT_MS)?.map(Duration::from_millis);
    let selection = Selection {
        since,
        limit: query.number("limit", u64::MAX)?.unwrap_or(u64::MAX),
        with_secrets: query.flag("secrets")?,
    };
    let log = app.request_log.clone();
    // A number that no entry has yet is from before the log was cleared.
    let is_waiting = since <= log.newest_number() && !log.has_finished_since(since);
    let response = Response::json_written_by(Box::new(move |output| log.write_json(selection, output)));
    Ok(match wait {
        Some(wait) if is_waiting => response.waiting(wait),
        _ => response,
    })
}

pub(super) fn clear(app: &AppState) -> Response {
    app.request_log.clear();
    Response::ok()
}
