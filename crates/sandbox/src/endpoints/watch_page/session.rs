//! `POST /session/{token}`, `…/end` and `…/leave`: the agent starts, ends and leaves the session.

use serde_json::json;

use super::{session_of, valid_link};
use crate::app_state::AppState;
use crate::http::request_target::QueryParameters;
use crate::http::response::{ApiError, Response};
use crate::store::EndedBy;

pub(crate) fn start(app: &mut AppState, token: &str) -> Result<Response, ApiError> {
    let link = valid_link(app, token)?;
    let now_ms = app.now_ms();
    let new = app.store.session_of_link(link, now_ms);
    let position = app.store.open_link(token, new, now_ms)?;
    Ok(session_response(app, position).applied())
}

/// assumed: an agent ends the session for all agents.
pub(crate) fn end(app: &mut AppState, token: &str) -> Result<Response, ApiError> {
    let Some(position) = session_of(app, token)? else {
        let message = "this watch link has not started a session; send POST to the link first";
        return Err(ApiError::with_message(409, "conflict", message));
    };
    let now_ms = app.now_ms();
    let was_ongoing = app.store.sessions.get(position).is_ongoing();
    if was_ongoing {
        app.store.end_session(position, EndedBy::Agent, None, now_ms)?;
    }
    let response = session_response(app, position);
    Ok(if was_ongoing { response.applied() } else { response })
}

/// The page is being closed, so nobody reads the response. `session_id`, if given, keeps the late request of a page that
/// was closed from ending the session of a page that opened the same link since.
pub(crate) fn leave(app: &mut AppState, token: &str, query: &QueryParameters) -> Result<Response, ApiError> {
    let Some(position) = session_of(app, token)? else {
        return Ok(Response::ok());
    };
    let id = app.store.sessions.get(position).id();
    if query.get("session_id").is_some_and(|session_id| session_id != id) {
        return Ok(Response::ok());
    }
    let now_ms = app.now_ms();
    app.store.leave_session(token, position, now_ms);
    Ok(Response::ok().applied())
}

fn session_response(app: &AppState, position: usize) -> Response {
    let session = app.store.sessions.get(position);
    let json = app.store.session_json(session, app.now_ms());
    Response::json(&json!({"status": "ok", "state": session.state().name(), "session": json}))
}
