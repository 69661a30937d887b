//! Access control for the control interface. Programs may use it, and pages that the sandbox itself serves. Any other web
//! page open on this computer could also send requests to it, so the sandbox refuses a request
//!
//! - if its `Host` is a domain name: a web page can make its own domain resolve to this computer (DNS rebinding);
//! - if its `Origin` is not the sandbox's: browsers send this header with every request that may change something;
//! - if it has a body that is not declared as JSON: without a preflight request, browsers send only forms and plain text.
//!
//! No response has CORS headers that let other origins read it.

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use hyper::http::request::Parts;

use crate::http::host_port::HostPort;
use crate::http::json_body;
use crate::http::response::ApiError;

/// Checks that a request comes from a program or from a page of the sandbox.
pub(crate) fn check_origin(head: &Parts) -> Result<(), ApiError> {
    let host = single_value(&head.headers, &HOST).and_then(HostPort::parse);
    let target_host = head.uri.authority().map(|authority| HostPort::parse(authority.as_str()));
    let Some(host) = host.filter(|host| target_host.is_none_or(|target| target == Some(*host))) else {
        return Err(forbidden(
            "the control interface accepts only requests with one Host header, which is an IP address or localhost; use the \
             control_url that the sandbox printed",
        ));
    };
    if head.headers.contains_key(ORIGIN) {
        let origin = single_value(&head.headers, &ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        if origin.and_then(HostPort::parse) != Some(host) {
            return Err(forbidden(
                "the control interface does not accept requests from web pages of other origins; call it from a \
                 program, without an Origin header",
            ));
        }
    }
    Ok(())
}

/// Checks that a body is declared as JSON.
pub(crate) fn check_content_type(head: &Parts, body: &[u8]) -> Result<(), ApiError> {
    let no_body = body.is_empty() && !head.headers.contains_key(CONTENT_TYPE);
    if no_body || single_value(&head.headers, &CONTENT_TYPE).is_some_and(json_body::is_json) {
        return Ok(());
    }
    let message = "the control interface accepts only JSON bodies; send the header Content-Type: application/json";
    Err(ApiError::with_message(415, "unsupported_media_type", message))
}

fn forbidden(message: &'static str) -> ApiError {
    ApiError::with_message(403, "forbidden", message)
}

/// The value of a header, if the request has the header exactly once.
fn single_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
