//! API keys: which of them are valid, and what each of them allows.

use hyper::Method;
use hyper::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION};
use hyper::http::request::Parts;

use crate::http::header_text;
use crate::http::response::ApiError;

pub(crate) const KEY_HEADER: &str = "x-api-key";
/// The API key that allows everything.
pub(crate) const VALID_KEY: &str = "sandbox-key";

pub(crate) const PREFLIGHT_MESSAGE: &str = "this is a preflight request of a browser: a page of another origin calls the API. The \
    secret key must not be used in a page, where every visitor can read it; call the API from a server";

/// Whether a browser asks if a page of another origin may send a request.
pub(crate) fn is_preflight(head: &Parts) -> bool {
    head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Active,
    /// Everything works except starting another session.
    OverLimit,
}

impl Account {
    /// The account of the request's API key.
    pub(crate) fn authenticate(head: &Parts) -> Result<Self, ApiError> {
        let (code, message) = match header_text(&head.headers, KEY_HEADER) {
            Some(VALID_KEY) => return Ok(Self::Active),
            Some("sandbox-over-limit") => return Ok(Self::OverLimit),
            Some("sandbox-expired") => ("no_subscription", "the account of this API key has no subscription any more"),
            Some("sandbox-no-api") => {
                ("api_not_enabled", "the plan of this API key's account does not include the API")
            }
            Some("sandbox-restricted") => (
                "please_contact_team",
                "the account of this API key is restricted; its owner has to contact the service",
            ),
            Some(_) => (
                "invalid_api_key",
                "the API key in the X-Api-Key header is unknown; use the one that the sandbox printed",
            ),
            None if is_preflight(head) => ("invalid_api_key", PREFLIGHT_MESSAGE),
            None if head.headers.contains_key(KEY_HEADER) => {
                ("invalid_api_key", "the X-Api-Key header has characters that are not visible ASCII")
            }
            None if head.headers.contains_key(AUTHORIZATION) => {
                ("invalid_api_key", "the X-Api-Key header is missing; the API does not use the Authorization header")
            }
            None => ("invalid_api_key", "the X-Api-Key header is missing"),
        };
        Err(ApiError::with_message(401, code, message))
    }

    pub(crate) fn check_session_limit(self) -> Result<(), ApiError> {
        match self {
            Self::Active => Ok(()),
            // assumed: the code of a 402 is not documented.
            Self::OverLimit => Err(ApiError::with_message(
                402,
                "over_limit",
                "the account of this API key has reached the limit of its plan; no further session can start",
            )),
        }
    }
}
