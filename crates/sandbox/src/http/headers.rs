//! Reads header values as text.

use hyper::HeaderMap;
use hyper::header::HeaderName;

/// The first value of a header, if it is text.
pub(crate) fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
