//! Doors for the targets in `fuzz/` to code that stands behind a network. No part of the interface.

use ureq::http;

use crate::call::response;
use crate::catalog::operation::{Definition, ExpectedShape};
use crate::error::Error;
use crate::request::build::Call;
use crate::request::url::BaseUrl;
use crate::support::redact;
use crate::support::secret::{Secret, WipedBytes};

/// The HTTP request that an operation's request becomes below `base_url`, headers left out.
pub fn wired(
    definition: &'static Definition,
    request_json: &str,
    base_url: &str,
) -> Result<http::Request<Option<Vec<u8>>>, Error> {
    let base = BaseUrl::parse(base_url, true)?;
    let call = Call::prepare(definition, request_json)?;
    let refused = |_| Error::internal("A checked request was refused by the HTTP library.");
    let mut parts = base.origin().clone().into_parts();
    parts.path_and_query = base.join(&call.target).map_err(refused)?.into_parts().path_and_query;
    let uri = http::Uri::from_parts(parts).map_err(|error| refused(error.into()))?;
    http::Request::builder().method(call.method).uri(uri).body(call.body).map_err(refused)
}

/// The body of a 2xx answer as it is handed out, or what is wrong with it.
pub fn answer(body: Vec<u8>, expected: ExpectedShape) -> Result<String, String> {
    response::validate(WipedBytes::new(body), expected)
}

/// Text of the service's, fit to be shown where `known` is a secret.
pub fn clean(text: &str, known: &Secret) -> String {
    redact::text(text, std::slice::from_ref(known))
}
