//! `poll`, `answer`, `snapshot` and `end`: the visitor's side of a session.

use serde_json::{Value, json};

use super::{invalid, visitor_of};
use crate::app_state::AppState;
use crate::http::long_poll;
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;
use crate::store::{EndedBy, Session, State};

/// A page that has just opened (`since` is 0) hears only of the ongoing session.
pub(super) fn poll(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    body.allow_only(&["visitor_key", "since", "wait_ms"]).map_err(invalid)?;
    let since = body.integer("since").map_err(invalid)?.unwrap_or(0);
    let wait = body.integer("wait_ms").and_then(long_poll::wait).map_err(invalid)?;
    let short_id = visitor_of(app, body)?;
    let store = &app.store;
    let sessions = store.sessions.of_visitor(&short_id).iter().map(|position| store.sessions.get(*position));
    let of_interest = sessions.filter(|session| since > 0 || session.is_ongoing());
    let mut events: Vec<(u64, Value)> = Vec::new();
    for session in of_interest {
        let agent = session.agents.first().and_then(|agent| store.agents.get(*agent).name());
        for (number, state) in session.history().iter().filter(|(number, _)| *number > since) {
            let kind = match state {
                State::Pending => "session_requested",
                State::Active => "session_started",
                State::Ended { .. } => "session_ended",
            };
            let event = json!({"number": number, "type": kind, "session_id": session.id(), "agent_name": agent});
            events.push((*number, event));
        }
    }
    events.sort_by_key(|(number, _)| *number);
    let events: Vec<Value> = events.into_iter().map(|(_, event)| event).collect();
    let has_news = !events.is_empty();
    let response = Response::json(&json!({"status": "ok", "events": events, "next": store.sessions.last_event()}));
    Ok(if has_news { response } else { response.waiting(wait) })
}

pub(super) fn answer(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    body.allow_only(&["visitor_key", "session_id", "accept"]).map_err(invalid)?;
    let accept = body.boolean("accept").and_then(|accept| accept.ok_or_else(|| "accept is missing".to_owned()));
    let accept = accept.map_err(invalid)?;
    let position = own_session(app, body)?;
    let now_ms = app.now_ms();
    if accept {
        app.store.accept_session(position, now_ms)?;
    } else {
        app.store.decline_session(position, now_ms)?;
    }
    Ok(Response::ok())
}

pub(super) fn snapshot(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    body.allow_only(&["visitor_key", "session_id", "page"]).map_err(invalid)?;
    let page = check_page(body).map_err(invalid)?;
    let position = own_session(app, body)?;
    let now_ms = app.now_ms();
    app.store.set_snapshot(position, page, now_ms)?;
    Ok(Response::ok())
}

pub(super) fn end(app: &mut AppState, body: &ObjectReader) -> Result<Response, ApiError> {
    body.allow_only(&["visitor_key", "session_id"]).map_err(invalid)?;
    let position = own_session(app, body)?;
    let now_ms = app.now_ms();
    app.store.end_session(position, EndedBy::Visitor, None, now_ms)?;
    Ok(Response::ok())
}

/// The position of the session in the body, which must be one of this visitor.
fn own_session(app: &mut AppState, body: &ObjectReader) -> Result<usize, ApiError> {
    let session_id = body.required_string("session_id").map_err(invalid)?;
    let short_id = visitor_of(app, body)?;
    let is_own = |session: &Session| session.visitor_id == short_id;
    let sessions = &app.store.sessions;
    sessions.position_of(session_id).filter(|position| is_own(sessions.get(*position))).ok_or_else(|| {
        ApiError::with_message(
            404,
            "not_found",
            "this visitor has no such session; session_id is in the events of poll",
        )
    })
}

/// Checks the documented members of a page, and returns it as JSON text. `tree` is for the watch page alone.
fn check_page(body: &ObjectReader) -> Result<String, String> {
    let page = body.required_object("page")?;
    page.string("url")?;
    page.string("title")?;
    for name in ["scroll_x", "scroll_y", "width", "height"] {
        if let Some(value) = page.members().get(name).filter(|value| !value.is_number()) {
            return Err(page.type_error(name, value, "a number"));
        }
    }
    serde_json::to_string(page.members()).map_err(|error| format!("page cannot be kept: {error}"))
}
