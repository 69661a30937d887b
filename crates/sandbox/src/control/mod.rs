//! The control interface, with which tests inspect the sandbox and inject faults. It needs no API key.

mod access;
mod console;
mod openapi;
mod overview;

use hyper::Method;
use hyper::http::request::Parts;
use serde_json::json;

use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::faults::Faults;
use crate::http::json_body;
use crate::http::request_target::RequestTarget;
use crate::http::response::{ApiError, Response};
use crate::json::{ObjectReader, memory_size};

pub(crate) const PREFIX: &str = "/_sandbox";

pub(crate) fn is_control_request(target: &RequestTarget) -> bool {
    let rest = target.path.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The response to `GET /`, the live page, and `GET /openapi.json`. Such requests are not logged.
pub(crate) fn show_document(app: &AppState, head: &Parts, target: &RequestTarget) -> Option<Response> {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return None;
    }
    let result = match target.path.as_str() {
        // The page works only where the control interface does.
        "/" => access::check_origin(head, app.public_url()).and_then(|()| console::show()),
        "/openapi.json" => Ok(openapi::show(app)),
        _ => return None,
    };
    Some(result.unwrap_or_else(Response::from))
}

/// Executes a request to the control interface. `body` is `None` if the body was too large.
pub(crate) fn handle(app: &mut AppState, head: &Parts, target: &RequestTarget, body: Option<&[u8]>) -> Response {
    if let Err(error) = check_access(app, head) {
        return error.into();
    }
    let Some(body) = body else {
        return Response::error(413, "the body is larger than 1 GB");
    };
    let path = target.path.strip_prefix(PREFIX).unwrap_or_default();
    let result = match (head.method.as_str(), path) {
        ("GET", "/requests") => list_requests(app, target),
        ("DELETE", "/requests") | ("POST", "/requests/clear") => {
            app.request_log.clear();
            Ok(Response::ok())
        }
        ("GET", "/overview") => overview::show(app, target),
        ("POST", "/reset") => {
            app.reset();
            Ok(Response::ok())
        }
        ("POST", "/faults") => set_faults(app, body),
        ("POST", "/clock") => advance_clock(app, body),
        ("POST", "/visitors") => put_visitor(app, body),
        (_, "/overview") => Ok(Response::method_not_allowed("GET")),
        (_, "/requests") => Ok(Response::method_not_allowed("GET, DELETE")),
        (_, "/requests/clear" | "/reset" | "/faults" | "/clock" | "/visitors") => {
            Ok(Response::method_not_allowed("POST"))
        }
        _ => {
            let message = "the control interface has /overview, /requests, /requests/clear, /reset, /faults, /clock and /visitors";
            Ok(Response::error(404, message))
        }
    };
    result.unwrap_or_else(|message| Response::error(400, &message))
}

/// Whether a request may use the control interface. It can be checked before the body arrives.
pub(crate) fn check_access(app: &AppState, head: &Parts) -> Result<(), ApiError> {
    access::check_origin(head, app.public_url())?;
    access::check_content_type(head)
}

fn list_requests(app: &AppState, target: &RequestTarget) -> Result<Response, String> {
    let with_secrets = target.parameters()?.flag("secrets")?;
    Ok(Response::json(&json!({"requests": app.request_log.json(with_secrets)})))
}

fn set_faults(app: &mut AppState, body: &[u8]) -> Result<Response, String> {
    app.faults = Faults::parse(&json_body::parse(body)?)?;
    Ok(Response::json(&json!({"status": "ok", "faults": app.faults.len()})))
}

fn advance_clock(app: &mut AppState, body: &[u8]) -> Result<Response, String> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    object.allow_only(&["advance_ms"])?;
    let advance_ms = object.integer("advance_ms")?.ok_or("advance_ms is missing")?;
    app.clock.advance(advance_ms)?;
    Ok(Response::json(&json!({"status": "ok", "now": rfc3339(app.now_ms(), UtcOffset::Zero)})))
}

fn put_visitor(app: &mut AppState, body: &[u8]) -> Result<Response, String> {
    let body = json_body::parse(body)?;
    let object = ObjectReader::new(&body)?;
    let short_id = object.required_string("short_id")?;
    // Responses take the sessions of a visitor from the list of sessions.
    if object.members().contains_key("sessions") {
        return Err("sessions cannot be set; open a watch link to create one".to_owned());
    }
    app.store.reserve(memory_size(&body)).map_err(|_| "the sandbox is full; reset it".to_owned())?;
    let now_ms = app.now_ms();
    app.store.visitors.upsert(short_id, object.members().clone(), now_ms);
    let visitor = app.store.visitors.get(short_id).map(|visitor| app.store.visitor_json(visitor, now_ms));
    let visitor = visitor.as_deref().unwrap_or("null");
    Ok(Response::json_text(format!(r#"{{"status":"ok","visitor":{visitor}}}"#)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    #[test]
    fn counts_the_memory_of_the_parsed_visitor() {
        let options = Options { visitors: 0, sessions: 0, ..Options::default() };
        let mut app = AppState::new(&options, String::new());
        app.store.reserve(255 << 20).unwrap();
        let visitor = format!(r#"{{"short_id": "V", "list": [{}0]}}"#, "0,".repeat(100_000));
        let error = put_visitor(&mut app, visitor.as_bytes()).err();
        assert!(error.is_some_and(|message| message.contains("full")));
    }
}
