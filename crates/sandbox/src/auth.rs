//! The keys the sandbox knows, and what each of them gets.

use hyper::http::request::Parts;

use crate::answer::Refusal;

/// The key that works.
pub(crate) const WORKING_KEY: &str = "sandbox-key";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Paid,
    /// Everything works, save what would start one more session.
    OverLimit,
}

impl Account {
    /// The account whose key a request carries.
    pub(crate) fn of(head: &Parts) -> Result<Self, Refusal> {
        let code = match head.headers.get("x-api-key").and_then(|key| key.to_str().ok()) {
            Some(WORKING_KEY) => return Ok(Self::Paid),
            Some("sandbox-over-limit") => return Ok(Self::OverLimit),
            Some("sandbox-expired") => "no_subscription",
            Some("sandbox-no-api") => "api_not_enabled",
            Some("sandbox-restricted") => "please_contact_team",
            _ => "invalid_api_key",
        };
        Err(Refusal::new(401, code))
    }

    pub(crate) fn may_start_a_session(self) -> Result<(), Refusal> {
        match self {
            Self::Paid => Ok(()),
            // assumed: the code of a 402 is not documented.
            Self::OverLimit => Err(Refusal::new(402, "over_limit")),
        }
    }
}
