//! The HTTP request of a call. What all requests of one client have in common is made once.

use bytes::Bytes;
use ureq::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Request};
use zeroize::Zeroizing;

use super::failure::{self, Failure};
use crate::call::Call;
use crate::error::Error;
use crate::secret::Secret;
use crate::url::BaseUrl;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What every request of a client begins with.
pub(super) struct Template {
    base: BaseUrl,
    /// Those that ureq would add by itself are among them.
    headers: HeaderMap,
    /// Of a request with a JSON body.
    with_json: HeaderMap,
}

impl Template {
    pub(super) fn new(base: BaseUrl, key: &Secret, user_agent: &str) -> Result<Template, Error> {
        let text = |text: &str| HeaderValue::from_str(text).map_err(|_| refused());
        let headers = HeaderMap::from_iter([
            (HOST, text(base.host_header())?),
            (X_API_KEY, secret(key)?),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (USER_AGENT, text(user_agent)?),
        ]);
        let mut with_json = headers.clone();
        with_json.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Template { base, headers, with_json })
    }

    /// The request of `call`. `json`: whether a body goes with it.
    pub(super) fn request<B>(&self, call: &Call, body: B, json: bool) -> Result<Request<B>, Failure> {
        let mut request = Request::new(body);
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = self.base.join(&call.target).map_err(failure::unsendable)?;
        *request.headers_mut() = if json { self.with_json.clone() } else { self.headers.clone() };
        Ok(request)
    }
}

/// A header value that is wiped from memory with its last copy, and that ureq and http do not show.
fn secret(secret: &Secret) -> Result<HeaderValue, Error> {
    let bytes = Bytes::from_owner(Zeroizing::new(secret.expose().as_bytes().to_vec()));
    let mut value = HeaderValue::from_maybe_shared(bytes).map_err(|_| refused())?;
    value.set_sensitive(true);
    Ok(value)
}

fn refused() -> Error {
    Error::internal("A checked header value was refused by the HTTP library.")
}
