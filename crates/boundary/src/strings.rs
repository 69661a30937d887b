//! The strings that the library hands out.

use std::ffi::{CString, c_char};

use zeroize::Zeroize;

use crate::ffi_guard::guard;

/// Frees a string that a function of this library handed out, and wipes it: it may hold a link or a token. NULL is fine.
///
/// Any thread may free it. Freeing it twice, or with free(), corrupts the program's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_string_free(string: *mut c_char) {
    let _ = guard(|| {
        if !string.is_null() {
            // SAFETY: it came from `CString::into_raw` in the wall, and is freed once.
            drop(WipedString(unsafe { CString::from_raw(string) }));
        }
    });
}

/// A string that is wiped when it is dropped.
pub(crate) struct WipedString(pub(crate) CString);

impl Drop for WipedString {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes_with_nul();
        // As a slice: a `Vec` is wiped byte by byte.
        bytes.as_mut_slice().zeroize();
    }
}
