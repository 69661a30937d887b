//! API keys: which of them are valid, and what each of them allows.

use hyper::http::request::Parts;

use crate::http::header_text;
use crate::http::response::ApiError;

/// The API key that allows everything.
pub(crate) const VALID_KEY: &str = "sandbox-key";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Active,
    /// Everything works except starting another session.
    OverLimit,
}

impl Account {
    /// The account of the request's API key.
    pub(crate) fn authenticate(head: &Parts) -> Result<Self, ApiError> {
        let code = match header_text(&head.headers, "x-api-key") {
            Some(VALID_KEY) => return Ok(Self::Active),
            Some("sandbox-over-limit") => return Ok(Self::OverLimit),
            Some("sandbox-expired") => "no_subscription",
            Some("sandbox-no-api") => "api_not_enabled",
            Some("sandbox-restricted") => "please_contact_team",
            _ => "invalid_api_key",
        };
        Err(ApiError::new(401, code))
    }

    pub(crate) fn check_session_limit(self) -> Result<(), ApiError> {
        match self {
            Self::Active => Ok(()),
            // assumed: the code of a 402 is not documented.
            Self::OverLimit => Err(ApiError::new(402, "over_limit")),
        }
    }
}
