//! Builds the HTTP request of a call. The parts that all requests of a client share are built once.

use ureq::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Uri};

use crate::error::Error;
use crate::request::build::Call;
use crate::request::url::BaseUrl;
use crate::support::secret::Secret;
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::headers::{RequestHeaders, X_API_KEY, invalid_header, secret_header};

/// The parts that all requests of a client share.
pub(crate) struct RequestTemplate {
    base: BaseUrl,
    /// For methods without a body.
    headers: HeaderMap,
    /// For an empty body.
    empty_body_headers: HeaderMap,
    /// For a JSON body, but for its length.
    json_headers: HeaderMap,
}

impl RequestTemplate {
    pub(crate) fn new(base: BaseUrl, key: &Secret, user_agent: &str) -> Result<RequestTemplate, Error> {
        let text = |text: &str| HeaderValue::from_str(text).map_err(|_| invalid_header());
        let headers = HeaderMap::from_iter([
            (HOST, text(base.host_header())?),
            (X_API_KEY, secret_header(key)?),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
            (USER_AGENT, text(user_agent)?),
        ]);
        let mut empty_body_headers = headers.clone();
        empty_body_headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let mut json_headers = empty_body_headers.clone();
        json_headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(RequestTemplate { base, headers, empty_body_headers, json_headers })
    }

    /// Scheme, host and port of all requests.
    pub(crate) fn origin(&self) -> &Uri {
        self.base.origin()
    }

    /// The request of `call`, without its body.
    pub(crate) fn request(&self, call: &Call) -> Result<Request<()>, TransportError> {
        let mut request = Request::new(());
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = self
            .base
            .join(&call.target)
            .map_err(|_| TransportError::new(ErrorKind::Internal, "was refused by the HTTP library"))?;
        *request.headers_mut() = match &call.body {
            Some(body) => {
                let mut headers = self.json_headers.clone();
                headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
                headers
            }
            None if call.method == Method::GET || call.method == Method::DELETE => self.headers.clone(),
            // Without `Content-Length: 0`, some servers wait for a body or answer 411.
            None => self.empty_body_headers.clone(),
        };
        if let Some(context) = &call.context {
            context.add_headers(RequestHeaders(request.headers_mut()));
        }
        Ok(request)
    }
}
