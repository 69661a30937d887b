//! The control interface, with which tests inspect the sandbox and inject faults. It needs no API key.

mod access;
mod agents;
mod clock;
mod console;
pub(crate) mod faults;
mod openapi;
mod overview;
mod requests;
mod sessions;
mod settings;
mod state;
mod visitors;
mod webhooks;

use hyper::Method;
use hyper::http::request::Parts;
use serde_json::json;

use crate::app_state::AppState;
use crate::http::request_target::RequestTarget;
use crate::http::response::{ApiError, Response};

pub(crate) use visitors::check_types as check_visitor_types;

pub(crate) const PREFIX: &str = "/_sandbox";

pub(crate) fn is_control_request(target: &RequestTarget) -> bool {
    let rest = target.path.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `GET /`, the live page, and `GET /openapi.json`. Such requests are not logged.
pub(crate) fn is_document_request(head: &Parts, target: &RequestTarget) -> bool {
    matches!(head.method, Method::GET | Method::HEAD) && matches!(target.path.as_str(), "/" | "/openapi.json")
}

pub(crate) fn show_document(app: &AppState, head: &Parts, target: &RequestTarget) -> Response {
    if target.path == "/openapi.json" {
        return openapi::show(app);
    }
    // The page works only where the control interface does.
    access::check_origin(head, app.public_url()).and_then(|()| console::show()).unwrap_or_else(Response::from)
}

/// Why a control request was refused.
enum ControlError {
    /// The request is wrong. The text is a sentence that names the member.
    Invalid(String),
    /// The request does not fit the state of the sandbox.
    Refused(ApiError),
}

impl From<String> for ControlError {
    fn from(message: String) -> Self {
        Self::Invalid(message)
    }
}

impl From<ApiError> for ControlError {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<ControlError> for Response {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Invalid(message) => {
                let body = json!({"status": "error", "error": message, "message": message});
                Self { status: 400, ..Self::json(&body) }
            }
            ControlError::Refused(error) => error.into(),
        }
    }
}

/// Executes a request to the control interface. `body` is `None` if the body was too large.
pub(crate) fn handle(app: &mut AppState, head: &Parts, target: &RequestTarget, body: Option<&[u8]>) -> Response {
    if let Err(error) = check_access(app, head) {
        return error.into();
    }
    let Some(body) = body else {
        return ApiError::with_message(413, "body_too_large", "the body is larger than 1 GB").into();
    };
    let segments = match target.segments() {
        Ok(segments) => segments,
        Err(message) => return ControlError::Invalid(message).into(),
    };
    let path: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    dispatch(app, head.method.as_str(), &path, target, body).unwrap_or_else(Response::from)
}

/// `path` is below the prefix.
fn dispatch(
    app: &mut AppState,
    method: &str,
    path: &[&str],
    target: &RequestTarget,
    body: &[u8],
) -> Result<Response, ControlError> {
    match (method, path) {
        ("GET", ["requests"]) => requests::list(app, target),
        ("DELETE", ["requests"]) | ("POST", ["requests", "clear"]) => Ok(requests::clear(app)),
        ("GET", ["overview"]) => Ok(overview::show(app, target)?),
        ("POST", ["reset"]) => {
            app.reset();
            Ok(Response::ok())
        }
        ("GET", ["faults"]) => Ok(faults::show(app)),
        ("POST", ["faults"]) => faults::replace(app, body),
        ("GET", ["settings"]) => Ok(settings::show(app)),
        ("POST", ["settings"]) => settings::change(app, body),
        ("POST", ["clock"]) => clock::advance(app, body),
        ("GET", ["state"]) => state::get(app),
        ("PUT", ["state"]) => state::put(app, body),
        ("POST", ["save"]) => state::save(app),
        ("POST", ["agents"]) => agents::put(app, body),
        ("POST", ["visitors"]) => visitors::put(app, body),
        ("DELETE", ["visitors", short_id]) => visitors::delete(app, short_id),
        ("POST", ["sessions"]) => sessions::start(app, body),
        ("POST", ["sessions", id, "accept"]) => sessions::accept(app, id, body),
        ("POST", ["sessions", id, "decline"]) => sessions::decline(app, id, body),
        ("POST", ["sessions", id, "end"]) => sessions::end(app, id, body),
        ("GET", ["webhooks"]) => webhooks::list(app, target),
        ("POST", ["webhooks"]) => webhooks::set_retries(app, body),
        ("POST", ["webhooks", number, "repeat"]) => webhooks::repeat(app, number),
        (_, ["faults" | "settings" | "webhooks"]) => Ok(Response::method_not_allowed("GET, POST")),
        (_, ["overview"]) => Ok(Response::method_not_allowed("GET")),
        (_, ["requests"]) => Ok(Response::method_not_allowed("GET, DELETE")),
        (_, ["state"]) => Ok(Response::method_not_allowed("GET, PUT")),
        (_, ["visitors", _]) => Ok(Response::method_not_allowed("DELETE")),
        (_, ["requests", "clear"] | ["sessions", _, "accept" | "decline" | "end"] | ["webhooks", _, "repeat"])
        | (_, ["reset" | "clock" | "agents" | "visitors" | "sessions" | "save"]) => {
            Ok(Response::method_not_allowed("POST"))
        }
        _ => {
            let message = "the control interface has /overview, /requests, /requests/clear, /reset, /faults, /settings, /clock, /agents, \
                           /visitors, /visitors/{id}, /sessions, /sessions/{id}/accept, /sessions/{id}/decline, \
                           /sessions/{id}/end, /webhooks, /webhooks/{number}/repeat, /state and /save";
            Err(ApiError::not_found(message).into())
        }
    }
}

/// Whether a request may use the control interface. It can be checked before the body arrives.
pub(crate) fn check_access(app: &AppState, head: &Parts) -> Result<(), ApiError> {
    access::check_origin(head, app.public_url())?;
    access::check_content_type(head)
}
