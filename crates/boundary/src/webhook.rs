//! The webhook parser.

use std::ffi::c_char;

use crate::ffi_guard::{return_json, str_arg};
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
    unsafe { return_json(session_json, || str_arg(body, "body").and_then(upscope_core::parse_webhook_json).into()) }
}
