//! The exception classes of the bindings: one for each error code.

use serde::Serialize;
use upscope::ErrorCode;
use upscope::catalog;

/// The exception class of an error code.
#[derive(Serialize)]
pub struct ErrorClass {
    /// In snake case and without "error", such as `not_found`. Each language adds its own prefix or suffix.
    pub name: &'static str,
    pub doc: &'static str,
    /// Whether the service answered with an error status. The class then derives from the class for such errors.
    pub is_api_error: bool,
}

/// Classes that are not named after their code, because standard libraries have classes of those names.
const OTHER_NAMES: &[(ErrorCode, &str)] = &[
    (ErrorCode::Timeout, "call_timeout"),
    (ErrorCode::Connection, "transport"),
    (ErrorCode::Cancelled, "call_cancelled"),
];

/// Where the text of the status is about C.
const OTHER_DOCS: &[(ErrorCode, &str)] =
    &[(ErrorCode::InvalidArgument, "The request or the configuration is wrong. Nothing was sent.")];

const API_ERRORS: &[ErrorCode] = &[
    ErrorCode::Unauthorized,
    ErrorCode::PaymentRequired,
    ErrorCode::NotFound,
    ErrorCode::Conflict,
    ErrorCode::RateLimited,
    ErrorCode::ServerError,
    ErrorCode::HttpError,
];

impl ErrorClass {
    /// The class of a status. `None` if the status is not an error.
    pub fn of(status: &catalog::Status) -> Option<ErrorClass> {
        let code = ErrorCode::ALL.into_iter().find(|code| *code as i32 == status.value)?;
        let name = code.name();
        Some(ErrorClass {
            name: find(OTHER_NAMES, code).unwrap_or(name.strip_suffix("_error").unwrap_or(name)),
            doc: find(OTHER_DOCS, code).unwrap_or(status.doc),
            is_api_error: API_ERRORS.contains(&code),
        })
    }
}

fn find(list: &[(ErrorCode, &'static str)], code: ErrorCode) -> Option<&'static str> {
    list.iter().find(|(other, _)| *other == code).map(|(_, text)| *text)
}
