//! The webhook parser.

use std::ffi::c_char;

use crate::ffi_guard::{return_json, text_in};
use crate::status::upscope_status;

/// Reads the body of the service's POST to a "webhook_url": the session that has ended.
///
/// body: the body as it came. session_json: set to the session's JSON, or to an error object; free it with
/// upscope_string_free. Only the session's "id" is required; the service documents no signature, so whoever knows
/// the URL can post to it.
///
/// Returns UPSCOPE_OK or UPSCOPE_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_parse_webhook(body: *const c_char, session_json: *mut *mut c_char) -> upscope_status {
    // SAFETY: as the caller promises, for both.
    unsafe { return_json(session_json, || text_in(body, "body").and_then(upscope_core::parse_webhook_json).into()) }
}
