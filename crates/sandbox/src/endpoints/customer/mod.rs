//! `/_sandbox/sdk.js` and `/_sandbox/sdk/…`: the customer's side. A page of any origin may use them, and can do only what a
//! visitor can: each page proves with its key which visitor it is.

mod page;
mod session;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    HeaderName, HeaderValue,
};

use crate::app_state::AppState;
use crate::control;
use crate::http::json_body;
use crate::http::request_target::RequestTarget;
use crate::http::response::{ApiError, Response};
use crate::json::ObjectReader;

/// The stand-in for the vendor's script.
const SCRIPT: &str = include_str!("../../../pages/sdk.js");
const MAX_BODY_BYTES: usize = 1 << 20;

/// The path below the control interface, if the request is for the customer's side.
pub(crate) fn path_of(target: &RequestTarget) -> Option<&str> {
    let path = target.path.strip_prefix(control::PREFIX)?;
    (path == "/sdk.js" || path.starts_with("/sdk/")).then_some(path)
}

/// Executes a request. `body` is `None` if the body was too large for the sandbox.
pub(crate) fn handle(app: &mut AppState, method: &str, path: &str, body: Option<&[u8]>) -> Response {
    let mut response = match (method, path) {
        ("OPTIONS", _) => preflight_response(),
        ("GET" | "HEAD", "/sdk.js") => Response::script(SCRIPT),
        (_, "/sdk.js") => Response::method_not_allowed("GET, HEAD, OPTIONS"),
        ("POST", path) => post(app, path, body).unwrap_or_else(Response::from),
        _ => Response::method_not_allowed("POST, OPTIONS"),
    };
    response.headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn preflight_response() -> Response {
    let mut response = Response::no_content();
    let mut set = |name: HeaderName, value| response.headers.insert(name, HeaderValue::from_static(value));
    set(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
    set(ACCESS_CONTROL_ALLOW_HEADERS, "content-type");
    set(ACCESS_CONTROL_MAX_AGE, "86400");
    response
}

fn post(app: &mut AppState, path: &str, body: Option<&[u8]>) -> Result<Response, ApiError> {
    let body = body.filter(|body| body.len() <= MAX_BODY_BYTES).ok_or_else(|| {
        ApiError::with_message(413, "body_too_large", "the body is larger than 1 MB; send less of the page")
    })?;
    // The content type is not checked: without a preflight request, a page that is being closed can send only plain text.
    let body = json_body::parse(body).map_err(invalid)?;
    let body = ObjectReader::new(&body).map_err(invalid)?;
    match path {
        "/sdk/connect" => page::connect(app, &body),
        "/sdk/update" => page::update(app, &body),
        "/sdk/disconnect" => page::disconnect(app, &body),
        "/sdk/poll" => session::poll(app, &body),
        "/sdk/answer" => session::answer(app, &body),
        "/sdk/snapshot" => session::snapshot(app, &body),
        "/sdk/end" => session::end(app, &body),
        _ => Err(ApiError::with_message(
            404,
            "not_found",
            "/_sandbox/sdk has /connect, /update, /poll, /answer, /snapshot, /end and /disconnect",
        )),
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::with_message(400, "bad_request", message)
}

/// The visitor to whom the body's `visitor_key` belongs. Its page is noted as online.
fn visitor_of(app: &mut AppState, body: &ObjectReader) -> Result<String, ApiError> {
    let key = body.required_string("visitor_key").map_err(invalid)?;
    let short_id = app.store.customer_pages.visitor_of(key).map(str::to_owned).ok_or_else(unknown_visitor)?;
    let elapsed_ms = app.clock.elapsed_ms();
    app.store.customer_page_reported(key, &short_id, elapsed_ms);
    Ok(short_id)
}

fn unknown_visitor() -> ApiError {
    ApiError::with_message(404, "unknown_visitor", "no visitor has this visitor_key; connect again without it")
}
