//! The control interface, with which tests inspect the sandbox and inject faults. It needs no API key.

mod access;
pub(crate) mod faults;
mod requests;
mod settings;

use hyper::http::request::Parts;
use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::clock::{UtcOffset, rfc3339};
use crate::http::json_body;
use crate::http::request_target::RequestTarget;
use crate::http::response::{ApiError, Response};
use crate::json::{ObjectReader, memory_size};

pub(crate) const PREFIX: &str = "/_sandbox";

pub(crate) fn is_control_request(target: &RequestTarget) -> bool {
    let rest = target.path.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Executes a request to the control interface. `body` is `None` if the body was too large.
pub(crate) fn handle(app: &mut AppState, head: &Parts, target: &RequestTarget, body: Option<&[u8]>) -> Response {
    let body = match check_access(head, body) {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let path = target.path.strip_prefix(PREFIX).unwrap_or_default();
    let result = match (head.method.as_str(), path) {
        ("GET", "/requests") => requests::list(app, target),
        ("DELETE", "/requests") | ("POST", "/requests/clear") => Ok(requests::clear(app)),
        ("POST", "/reset") => {
            app.reset();
            Ok(Response::ok())
        }
        ("GET", "/faults") => Ok(faults::show(app)),
        ("POST", "/faults") => faults::replace(app, body),
        ("GET", "/settings") => Ok(settings::show(app)),
        ("POST", "/settings") => settings::change(app, body),
        ("POST", "/clock") => advance_clock(app, body),
        ("POST", "/visitors") => put_visitor(app, body),
        (_, "/requests") => Ok(Response::method_not_allowed("GET, DELETE")),
        (_, "/faults" | "/settings") => Ok(Response::method_not_allowed("GET, POST")),
        (_, "/requests/clear" | "/reset" | "/clock" | "/visitors") => Ok(Response::method_not_allowed("POST")),
        _ => {
            let message = "the control interface has /requests, /requests/clear, /reset, /faults, /settings, /clock and /visitors";
            Ok(Response::error(404, message))
        }
    };
    result.unwrap_or_else(|message| Response::error(400, &message))
}

fn check_access<'a>(head: &Parts, body: Option<&'a [u8]>) -> Result<&'a [u8], ApiError> {
    access::check_origin(head)?;
    let body = body.ok_or(ApiError::with_message(413, "body_too_large", "the body is larger than 4 MB"))?;
    access::check_content_type(head, body)?;
    Ok(body)
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
    let visitor: Option<Value> =
        app.store.visitors.get(short_id).map(|visitor| app.store.visitor_json(visitor, now_ms));
    Ok(Response::json(&json!({"status": "ok", "visitor": visitor})))
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
