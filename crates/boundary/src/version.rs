//! The version of the library and the list of operations.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use crate::ffi_guard::guard;

/// Returns the version of the library, such as "0.1.0".
///
/// The string is static: do not free it. Any thread may call this function.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
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
