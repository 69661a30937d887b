//! `/session/{token}`: the page that a watch link opens, and the requests of its script. They need no API key, because the
//! link itself grants access.

mod events;
mod page;
mod session;

use crate::app_state::AppState;
use crate::http::request_target::{QueryParameters, RequestTarget};
use crate::http::response::{ApiError, Response};
use crate::store::WatchLink;

/// Whether the request asks for events. A page sends many of them, and they can wait, so they are not in the request log.
pub(crate) fn is_events_request(target: &RequestTarget) -> bool {
    target.path.starts_with("/session/") && target.path.ends_with("/events")
}

/// `path` is what follows the token.
pub(crate) fn handle(
    app: &mut AppState,
    method: &str,
    token: &str,
    path: &[&str],
    query: Result<QueryParameters, String>,
) -> Response {
    let result = match (method, path) {
        ("GET" | "HEAD", []) => return page::show(app, token),
        ("POST", []) => session::start(app, token),
        ("POST", ["end"]) => session::end(app, token),
        ("POST", ["leave"]) => {
            query.map_err(ApiError::invalid_target).and_then(|query| session::leave(app, token, &query))
        }
        ("GET", ["events"]) => {
            query.map_err(ApiError::invalid_target).and_then(|query| events::list(app, token, &query))
        }
        (_, []) => Ok(Response::method_not_allowed("GET, HEAD, POST")),
        (_, ["end" | "leave"]) => Ok(Response::method_not_allowed("POST")),
        (_, ["events"]) => Ok(Response::method_not_allowed("GET")),
        _ => Err(ApiError::not_found("a watch link has only /events, /end and /leave below it")),
    };
    result.unwrap_or_else(Response::from)
}

fn unknown_link() -> ApiError {
    ApiError::not_found("there is no such watch link; create another one")
}

fn expired_link() -> ApiError {
    ApiError::with_message(410, "link_expired", "this watch link has expired; create another one")
}

/// The link, if it can still start a session.
pub(crate) fn valid_link(app: &AppState, token: &str) -> Result<WatchLink, ApiError> {
    let entry = app.store.watch_links.get(token).ok_or_else(unknown_link)?;
    if entry.is_expired(app.now_ms()) {
        return Err(expired_link());
    }
    if app.store.visitors.get(&entry.link.visitor_id).is_none() {
        return Err(ApiError::not_found("the visitor of this watch link was deleted"));
    }
    Ok(entry.link.clone())
}

/// The position of the session that the link started or joined last, if any. The link may have expired since.
fn session_of(app: &AppState, token: &str) -> Result<Option<usize>, ApiError> {
    let entry = app.store.watch_links.get(token).ok_or_else(unknown_link)?;
    match entry.session {
        None if entry.is_expired(app.now_ms()) => Err(expired_link()),
        session => Ok(session),
    }
}
