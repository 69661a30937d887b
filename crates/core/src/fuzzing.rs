//! Entry points for the fuzz targets in `fuzz/` to internal code. Not part of the public API.

use ureq::http;

use crate::call::response;
use crate::catalog::definition::Definition;
use crate::catalog::expected_shape::ExpectedShape;
use crate::error::Error;
use crate::request::build::Call;
use crate::request::url::BaseUrl;
use crate::support::log::ClientLogger;
use crate::support::redact;
use crate::support::secret::{Secret, WipedBytes};

/// Builds the HTTP request of an operation, without headers.
pub fn build_request(
    definition: &'static Definition,
    request_json: &str,
    base_url: &str,
) -> Result<http::Request<Option<Vec<u8>>>, Error> {
    let base = BaseUrl::parse(base_url, true)?;
    let call = Call::build(definition, request_json, &ClientLogger::default())?;
    let rejected = |_| Error::internal("The HTTP library rejected a valid request.");
    let mut parts = base.origin().clone().into_parts();
    parts.path_and_query = base.join(&call.target).map_err(rejected)?.into_parts().path_and_query;
    let uri = http::Uri::from_parts(parts).map_err(|error| rejected(error.into()))?;
    http::Request::builder().method(call.method).uri(uri).body(call.body).map_err(rejected)
}

/// Validates the body of a 2xx response. Returns the text to give to the caller, or the problem.
pub fn validate_response(body: Vec<u8>, expected: ExpectedShape) -> Result<String, String> {
    response::validate(WipedBytes::new(body), expected)
}

/// Redacts text of the service with a known secret.
pub fn redact_text(text: &str, secret: &Secret) -> String {
    redact::text(text, std::slice::from_ref(secret))
}
