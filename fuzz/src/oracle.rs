//! Assertions that hold for every input.

use serde_json::Value;
use upscope_core::catalog::{self, Entry};
use upscope_core::{Error, ErrorCode};

/// The corpora contain this word in place of a secret. No message may contain it.
pub const PLANTED: &str = "Zq7-planted-0";

/// The maximum length of a message.
const MAX_MESSAGE: usize = 1000;

/// The first line names an operation; the rest is text. None if the operation does not exist.
pub fn operation_and_rest(data: &[u8]) -> Option<(&'static Entry, &[u8])> {
    let end = data.iter().position(|&byte| byte == b'\n')?;
    let name = std::str::from_utf8(&data[..end]).ok()?;
    Some((catalog::find_entry(name)?, &data[end + 1..]))
}

/// Checks the error of a call that failed before sending anything.
pub fn invalid_argument(error: &Error) {
    assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    assert!(error.attempts() == 0 && !error.may_have_applied() && !error.is_retryable(), "{error:?}");
    readable(error.message());
    let object: Value = serde_json::from_str(&error.to_json()).expect("an error object is JSON");
    assert_eq!(object["error"]["code"], "invalid_argument");
    assert_eq!(object["error"]["message"], error.message());
}

/// Checks that text fits a log: one line of limited length, without NUL.
pub fn readable(message: &str) {
    assert!(!message.is_empty() && message.len() < MAX_MESSAGE, "{} bytes", message.len());
    assert!(!message.contains(char::is_control), "{message:?}");
}

/// Checks that text does not contain the secret.
pub fn without_secret(text: &str) {
    assert!(!text.contains(PLANTED), "{text:?}");
}
