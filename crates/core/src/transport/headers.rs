//! Header values that are secret, and the headers that a caller adds.

use bytes::Bytes;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::request::validate::excerpt;
use crate::support::secret::Secret;

pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The most bytes of all names and values of [`ExtraHeaders`]. Servers accept about as much.
const MAX_BYTES: usize = 16 * 1024;

/// The headers that the library sets itself, or that decide how a request is sent.
static OWN_HEADERS: &[&str] = &[
    "x-api-key",
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "content-type",
    "content-length",
    "connection",
    "keep-alive",
    "expect",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that a caller adds to those of this library. Their values are treated as secrets.
pub struct ExtraHeaders(HeaderMap);

impl ExtraHeaders {
    /// Validates the headers of the setting `source`, which the messages of errors name. They do not contain values.
    pub fn new(source: &str, headers: &[(String, Secret)]) -> Result<ExtraHeaders, Error> {
        let mut map = HeaderMap::new();
        let mut bytes = 0;
        for (name, value) in headers {
            let text = excerpt(name);
            let reject = |why: &str| Err(Error::invalid_argument(format!("{source} {why}.")));
            let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
                return reject(&format!("has the name \"{text}\", which is not the name of an HTTP header"));
            };
            if OWN_HEADERS.contains(&name.as_str()) {
                return reject(&format!("must not have {text}, which this library sets or controls itself"));
            }
            bytes += name.as_str().len() + value.expose().len();
            if bytes > MAX_BYTES {
                return reject(&format!("has more than {MAX_BYTES} bytes"));
            }
            let is_printable = value.expose().bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
            if !is_printable || value.expose().trim().len() != value.expose().len() {
                return reject(&format!(
                    "has a value of {text} that is not printable ASCII, or that begins or ends with white space"
                ));
            }
            if map.insert(name, secret_header(value)?).is_some() {
                return reject(&format!("has {text} twice"));
            }
        }
        Ok(ExtraHeaders(map))
    }
}

/// The headers of a request, to which a language binding can add.
pub struct RequestHeaders<'a>(pub(crate) &'a mut HeaderMap);

impl RequestHeaders<'_> {
    /// Adds these headers.
    pub fn add(&mut self, extra: &ExtraHeaders) {
        self.0.extend(extra.0.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// A header value that is wiped from memory when its last clone is dropped, and that ureq and http do not log.
pub(crate) fn secret_header(secret: &Secret) -> Result<HeaderValue, Error> {
    let bytes = Bytes::from_owner(Zeroizing::new(secret.expose().as_bytes().to_vec()));
    let mut value = HeaderValue::from_maybe_shared(bytes).map_err(|_| invalid_header())?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn invalid_header() -> Error {
    Error::internal("A checked header value was refused by the HTTP library.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, value: &str) -> String {
        let headers = [(name.to_owned(), Secret::new(value))];
        ExtraHeaders::new("default_headers", &headers).err().map(|error| error.message().to_owned()).unwrap_or_default()
    }

    #[test]
    fn invalid_headers_are_rejected_without_their_values() {
        for name in ["X-Api-Key", "x-api-key", "HOST", "User-Agent", "content-length", "Transfer-Encoding"] {
            assert!(message(name, "v").contains("sets or controls itself"), "{name}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "é"] {
            assert!(message(name, "v").contains("not the name of an HTTP header"), "{name:?}");
        }
        for value in ["hidden\r\nX: y", "hidden\0", "hidden é", " hidden", "hidden\t", "hidden\u{7f}"] {
            let message = message("traceparent", value);
            assert!(message.contains("value of traceparent") && !message.contains("hidden"), "{message}");
        }
        assert!(message("x", &"a".repeat(20_000)).contains("more than 16384 bytes"));
        for (name, value) in [("Authorization", "Bearer a.b"), ("tracestate", "a=b,c=d"), ("baggage", "")] {
            assert_eq!(message(name, value), "");
        }
        let twice = [("A".to_owned(), Secret::new("1")), ("a".to_owned(), Secret::new("2"))];
        assert!(ExtraHeaders::new("default_headers", &twice).err().unwrap().message().contains("twice"));
    }
}
