//! Who may use the control interface: programs, and pages that the sandbox itself serves. Any other web page that is open
//! on this computer could reach it through its browser, so a request is refused
//!
//! - whose `Host` is a name: a page may have its own name resolve to this computer (DNS rebinding);
//! - whose `Origin` is another one: browsers name it in whatever may change something;
//! - whose body is not declared as JSON: without asking first, browsers send forms and plain text only.
//!
//! No answer allows other origins to read it (CORS).

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use hyper::http::request::Parts;

use crate::answer::Refusal;
use crate::authority::Authority;
use crate::endpoints::json_body;

/// Checks where a request comes from.
pub(crate) fn check_origin(head: &Parts) -> Result<(), Refusal> {
    let host = only(&head.headers, &HOST).and_then(Authority::parse);
    let named_by_target = head.uri.authority().map(|authority| Authority::parse(authority.as_str()));
    let Some(host) = host.filter(|host| named_by_target.is_none_or(|target| target == Some(*host))) else {
        return Err(forbidden(
            "the control interface takes requests with one Host header, an IP address or localhost; use the control_url \
             that the sandbox printed",
        ));
    };
    if head.headers.contains_key(ORIGIN) {
        let origin = only(&head.headers, &ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        if origin.and_then(Authority::parse) != Some(host) {
            return Err(forbidden(
                "the control interface takes no requests from web pages of other origins; call it from a program, \
                 without an Origin header",
            ));
        }
    }
    Ok(())
}

/// Checks that a body is declared as JSON.
pub(crate) fn check_content_type(head: &Parts, body: &[u8]) -> Result<(), Refusal> {
    let declared = only(&head.headers, &CONTENT_TYPE);
    let nothing_to_declare = body.is_empty() && !head.headers.contains_key(CONTENT_TYPE);
    if nothing_to_declare || declared.is_some_and(json_body::is_json) {
        return Ok(());
    }
    let message = "the control interface takes JSON bodies; send the header Content-Type: application/json";
    Err(Refusal::with_message(415, "unsupported_media_type", message))
}

fn forbidden(message: &'static str) -> Refusal {
    Refusal::with_message(403, "forbidden", message)
}

/// The value of a header that stands there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
