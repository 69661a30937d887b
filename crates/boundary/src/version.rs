//! The version of the library and the list of operations.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use crate::ffi_guard::guard;

/// Returns the version of the library, such as "0.2.0".
///
/// The string is static: do not free it. Any thread may call this function.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// Returns the version of the library that is loaded, as a number: (major << 16) | (minor << 8) | patch.
///
/// Libraries before version 0.2 lack this function; UPSCOPE_CHECK_VERSION() works with those as well. Any thread may
/// call this function.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_version_number() -> u32 {
    const MAJOR: u32 = version_part(env!("CARGO_PKG_VERSION_MAJOR"));
    const MINOR: u32 = version_part(env!("CARGO_PKG_VERSION_MINOR"));
    const PATCH: u32 = version_part(env!("CARGO_PKG_VERSION_PATCH"));
    (MAJOR << 16) | (MINOR << 8) | PATCH
}

/// One part of the version. The build fails if it needs more than eight bits.
const fn version_part(digits: &str) -> u32 {
    let Ok(part) = u8::from_str_radix(digits, 10) else {
        unreachable!();
    };
    part as u32
}

/// Returns all operations as a JSON array: [{"name", "method", "path", "summary", "changes_state", "request",
/// "response"}, ...]. "request" is the JSON Schema of the request, "response" that of a 2xx response.
///
/// The string is static: do not free it. Any thread may call this function.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_operations() -> *const c_char {
    static JSON: OnceLock<CString> = OnceLock::new();
    let json =
        guard(|| JSON.get_or_init(|| CString::new(upscope_core::operation::operations_json()).unwrap_or_default()));
    json.map_or(c"[]".as_ptr(), |json| json.as_ptr())
}
