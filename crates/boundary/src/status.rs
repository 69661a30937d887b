//! The status codes of the header, held against the core's.

use upscope_core::ErrorCode;

use crate::wall::guarded;

/// How a call ended: one of the UPSCOPE_... constants. Their values never change; new ones may be added.
pub type upscope_status = i32;

/// The call succeeded.
pub const UPSCOPE_OK: upscope_status = 0;
/// NULL, not UTF-8, not JSON, or an unknown, missing or ill-typed key: nothing was sent.
pub const UPSCOPE_INVALID_ARGUMENT: upscope_status = 1;
/// HTTP 401: the API key is not accepted.
pub const UPSCOPE_UNAUTHORIZED: upscope_status = 2;
/// HTTP 402: the subscription does not cover the call.
pub const UPSCOPE_PAYMENT_REQUIRED: upscope_status = 3;
/// HTTP 404: no such visitor, agent or path.
pub const UPSCOPE_NOT_FOUND: upscope_status = 4;
/// HTTP 409: the present state forbids the call, such as deleting a visitor who is online.
pub const UPSCOPE_CONFLICT: upscope_status = 5;
/// HTTP 429, with the retries used up.
pub const UPSCOPE_RATE_LIMITED: upscope_status = 6;
/// HTTP 5xx, with the retries used up.
pub const UPSCOPE_SERVER_ERROR: upscope_status = 7;
/// Any other HTTP status but 2xx. Redirects are never followed.
pub const UPSCOPE_HTTP_ERROR: upscope_status = 8;
/// The call's deadline passed, in whichever phase.
pub const UPSCOPE_TIMEOUT: upscope_status = 9;
/// No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed.
pub const UPSCOPE_CONNECTION: upscope_status = 10;
/// A 2xx answer that is truncated, not JSON, not UTF-8, too large, too deep, or without what the operation promises.
pub const UPSCOPE_BAD_RESPONSE: upscope_status = 11;
/// The caller ended the call.
pub const UPSCOPE_CANCELLED: upscope_status = 12;
/// A fault of this library, caught before it could harm the program.
pub const UPSCOPE_INTERNAL: upscope_status = 13;
/// upscope_sessions_next: there are no more pages.
pub const UPSCOPE_DONE: upscope_status = 100;
/// Not finished yet.
pub const UPSCOPE_PENDING: upscope_status = 101;

/// Every status with its name.
const NAMES: [(upscope_status, &std::ffi::CStr); 16] = [
    (UPSCOPE_OK, c"ok"),
    (UPSCOPE_INVALID_ARGUMENT, c"invalid_argument"),
    (UPSCOPE_UNAUTHORIZED, c"unauthorized"),
    (UPSCOPE_PAYMENT_REQUIRED, c"payment_required"),
    (UPSCOPE_NOT_FOUND, c"not_found"),
    (UPSCOPE_CONFLICT, c"conflict"),
    (UPSCOPE_RATE_LIMITED, c"rate_limited"),
    (UPSCOPE_SERVER_ERROR, c"server_error"),
    (UPSCOPE_HTTP_ERROR, c"http_error"),
    (UPSCOPE_TIMEOUT, c"timeout"),
    (UPSCOPE_CONNECTION, c"connection"),
    (UPSCOPE_BAD_RESPONSE, c"bad_response"),
    (UPSCOPE_CANCELLED, c"cancelled"),
    (UPSCOPE_INTERNAL, c"internal"),
    (UPSCOPE_DONE, c"done"),
    (UPSCOPE_PENDING, c"pending"),
];

// The header needs literals, the core has the meaning: they must be the same.
const _: () = {
    let mut index = 0;
    while index < ErrorCode::ALL.len() {
        let code = ErrorCode::ALL[index];
        let (status, name) = NAMES[index + 1];
        assert!(status == code as i32);
        let (ours, theirs) = (name.to_bytes(), code.name().as_bytes());
        assert!(ours.len() == theirs.len());
        let mut letter = 0;
        while letter < ours.len() {
            assert!(ours[letter] == theirs[letter]);
            letter += 1;
        }
        index += 1;
    }
};

/// The name of a status, such as "not_found"; "unknown" for a number that is none.
///
/// The string is static: do not free it. Any thread may call this.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_status_name(status: upscope_status) -> *const std::ffi::c_char {
    let known = guarded(|| NAMES.iter().find(|(number, _)| *number == status));
    known.ok().flatten().map_or(c"unknown", |(_, name)| *name).as_ptr()
}
