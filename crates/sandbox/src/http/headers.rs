//! Reads header values as text.

use hyper::HeaderMap;
use hyper::header::AsHeaderName;

/// The first value of a header, if it is visible ASCII.
pub(crate) fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
