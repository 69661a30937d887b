//! Access control for the control interface. Programs may use it, and pages that the sandbox itself serves. Any other web
//! page open on this computer could also send requests to it, so the sandbox refuses a request
//!
//! - if its `Host` is a domain name other than the public URL's: a web page can make its own domain resolve to this computer (DNS rebinding);
//! - if its `Origin` is not the sandbox's: browsers send this header with every request that may change something;
//! - if it has a body that is not declared as JSON: without a preflight request, browsers send only forms and plain text.
//!
//! No response has CORS headers that let other origins read it.

use hyper::HeaderMap;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, ORIGIN, TRANSFER_ENCODING};
use hyper::http::request::Parts;

use crate::http::host_port::HostPort;
use crate::http::json_body;
use crate::http::response::ApiError;
use crate::public_url::PublicUrl;

/// Checks that a request comes from a program or from a page of the sandbox.
pub(crate) fn check_origin(head: &Parts, public_url: Option<&PublicUrl>) -> Result<(), ApiError> {
    let host = single_value(&head.headers, &HOST).and_then(|host| RequestHost::parse(host, public_url));
    let target_host = head.uri.authority().map(|authority| RequestHost::parse(authority.as_str(), public_url));
    let Some(host) = host.filter(|host| target_host.is_none_or(|target| target == Some(*host))) else {
        return Err(forbidden(
            "the control interface accepts only requests with one Host header, which is an IP address, localhost or the host of \
             --public-url; use the control_url that the sandbox printed",
        ));
    };
    if head.headers.contains_key(ORIGIN) {
        let origin = single_value(&head.headers, &ORIGIN);
        // A proxy may have replaced the host, but browsers send the origin of the page itself.
        let is_public = public_url.is_some_and(|url| origin == Some(url.origin()));
        let own = origin.and_then(|origin| origin.strip_prefix("http://"));
        if !is_public && own.and_then(|own| RequestHost::parse(own, public_url)) != Some(host) {
            return Err(forbidden(
                "the control interface does not accept requests from web pages of other origins; call it from a \
                 program, without an Origin header",
            ));
        }
    }
    Ok(())
}

/// A host that no other website can have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RequestHost {
    Local(HostPort),
    Public { port: Option<u16> },
}

impl RequestHost {
    fn parse(text: &str, public_url: Option<&PublicUrl>) -> Option<Self> {
        HostPort::parse(text).map(Self::Local).or_else(|| {
            let port = public_url?.port_of(text)?;
            Some(Self::Public { port })
        })
    }
}

/// Checks that a body is declared as JSON.
pub(crate) fn check_content_type(head: &Parts) -> Result<(), ApiError> {
    if !has_body(head) || single_value(&head.headers, &CONTENT_TYPE).is_some_and(json_body::is_json) {
        return Ok(());
    }
    let message = "the control interface accepts only JSON bodies; send the header Content-Type: application/json";
    Err(ApiError::with_message(415, "unsupported_media_type", message))
}

/// Whether a body, or what declares one, is sent.
fn has_body(head: &Parts) -> bool {
    let length = head.headers.get(CONTENT_LENGTH);
    head.headers.contains_key(CONTENT_TYPE)
        || head.headers.contains_key(TRANSFER_ENCODING)
        || length.is_some_and(|length| length != "0")
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
