//! Strings that the library returns.

use std::ffi::{CString, c_char};

use zeroize::Zeroize;

use crate::ffi_guard::guard;

/// Erases and frees a string that this library returned through a char ** parameter.
///
/// Erasing matters because the string may contain a link or a token. Any thread may call this function. NULL does
/// nothing. Do not use free(), and do not free a string twice: both corrupt the memory of the program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upscope_string_free(string: *mut c_char) {
    let _ = guard(|| {
        if !string.is_null() {
            // SAFETY: the string came from `CString::into_raw` in `ffi_guard.rs`, and the caller frees it once.
            drop(ErasedString::new(unsafe { CString::from_raw(string) }));
        }
    });
}

/// A string that is overwritten with zeros when it is dropped. The bytes include the terminating NUL.
pub(crate) struct ErasedString(Vec<u8>);

impl ErasedString {
    pub(crate) fn new(string: CString) -> ErasedString {
        ErasedString(string.into_bytes_with_nul())
    }

    pub(crate) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

impl Drop for ErasedString {
    fn drop(&mut self) {
        // zeroize writes a slice in blocks, but a `Vec` byte by byte.
        self.0.as_mut_slice().zeroize();
    }
}
