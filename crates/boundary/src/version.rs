//! What the library tells of itself.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use crate::ffi_guard::guard;

/// The library's version, such as "0.1.0". Static: do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// All operations as a JSON array: [{"name", "method", "path", "summary", "changes_state", "request": JSON Schema,
/// "response": JSON Schema of a 2xx answer}, ...].
///
/// Static: do not free it. Any thread may call this.
#[unsafe(no_mangle)]
pub extern "C" fn upscope_operations() -> *const c_char {
    static JSON: OnceLock<CString> = OnceLock::new();
    let json =
        guard(|| JSON.get_or_init(|| CString::new(upscope_core::operation::operations_json()).unwrap_or_default()));
    json.map_or(c"[]".as_ptr(), |json| json.as_ptr())
}
