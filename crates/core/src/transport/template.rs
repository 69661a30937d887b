//! The HTTP request of a call. What all requests of one client have in common is made once.

use bytes::Bytes;
use ureq::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::request::build::Call;
use crate::request::url::BaseUrl;
use crate::support::secret::Secret;
use crate::transport::error::{self, TransportError};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What every request of a client begins with.
pub(crate) struct Template {
    base: BaseUrl,
    /// Of a request without a body.
    headers: HeaderMap,
    /// Of one that could have a body and has none.
    with_nothing: HeaderMap,
    /// Of one with a JSON body.
    with_json: HeaderMap,
}

impl Template {
    pub(crate) fn new(base: BaseUrl, key: &Secret, user_agent: &str) -> Result<Template, Error> {
        let text = |text: &str| HeaderValue::from_str(text).map_err(|_| refused());
        let headers = HeaderMap::from_iter([
            (HOST, text(base.host_header())?),
            (X_API_KEY, secret(key)?),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (USER_AGENT, text(user_agent)?),
        ]);
        let mut with_nothing = headers.clone();
        with_nothing.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let mut with_json = with_nothing.clone();
        with_json.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Template { base, headers, with_nothing, with_json })
    }

    /// Where all requests go.
    pub(crate) fn origin(&self) -> &Uri {
        self.base.origin()
    }

    /// The request of `call`, but for its body.
    pub(crate) fn request(&self, call: &Call) -> Result<Request<()>, TransportError> {
        let mut request = Request::new(());
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = self.base.join(&call.target).map_err(error::unsendable)?;
        *request.headers_mut() = match &call.body {
            Some(body) => {
                let mut headers = self.with_json.clone();
                headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
                headers
            }
            None if call.method == Method::GET || call.method == Method::DELETE => self.headers.clone(),
            // Without a length of 0 some servers wait for a body, or answer 411.
            None => self.with_nothing.clone(),
        };
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
