//! The webhook parser.

use std::ffi::c_char;

use upscope_core::{Error, parse_webhook_json};

use crate::ffi_guard::{return_json, str_arg, utf8};
use crate::status::upscope_status;

/// Parses the body of a webhook request: the record of an ended session, which the service posts to a "webhook_url".
///
/// The service documents no signature, so anyone who knows the URL can post to it. Only the session's "id" is
/// required.
///
/// body: the request body, unchanged.
/// session_json: set to the session as JSON, or to an error object. Free it with upscope_string_free.
///
/// Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the body cannot be parsed. Any thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_parse_webhook(body: *const c_char, session_json: *mut *mut c_char) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe { return_json(session_json, || str_arg(body, "body").and_then(parse_webhook_json).into()) }
}

/// Parses the body of a webhook request that does not end with a NUL, as HTTP servers provide it.
///
/// body: the request body, unchanged. It must not contain a NUL, not even at its end.
/// length: the length of the body in bytes.
/// session_json: as for upscope_parse_webhook.
///
/// Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the body cannot be parsed. Any thread may call this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_parse_webhook_n(
    body: *const c_char,
    length: usize,
    session_json: *mut *mut c_char,
) -> upscope_status {
    // SAFETY: each pointer is null or valid, as the header requires.
    unsafe { return_json(session_json, || text_arg(body, length).and_then(parse_webhook_json).into()) }
}

/// The text of a body that does not end with a NUL.
///
/// # Safety
/// `body` must be null, or valid and unchanged for `length` bytes and `'a`.
unsafe fn text_arg<'a>(body: *const c_char, length: usize) -> Result<&'a str, Error> {
    if body.is_null() {
        return Err(Error::invalid_argument("body must not be NULL."));
    }
    if isize::try_from(length).is_err() {
        return Err(Error::invalid_argument("length is larger than any body can be."));
    }
    // SAFETY: not null, not longer than a slice may be, and the caller promises the rest.
    let bytes = unsafe { std::slice::from_raw_parts(body.cast::<u8>(), length) };
    match bytes.iter().position(|byte| *byte == 0) {
        Some(position) => Err(Error::invalid_argument(format!(
            "body contains a NUL at byte {position}; length must not count the NUL that ends a C string."
        ))),
        None => utf8(bytes, "body"),
    }
}
