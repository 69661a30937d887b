//! Text in and out: UTF-16 arguments, and the handle type for returned strings.

use std::ffi::c_char;
use std::ptr;

use upscope_core::{Error, operation};
use zeroize::{Zeroize, Zeroizing};

use crate::ffi_guard::guard;

/// A returned string, in UTF-16. `upscope_w_text_copy` copies it, `upscope_w_text_free` frees it.
pub struct upscope_text {
    units: Vec<u16>,
}

impl Drop for upscope_text {
    /// The text may contain a link or a token.
    fn drop(&mut self) {
        self.units.as_mut_slice().zeroize();
    }
}

/// Returns the length of a text in UTF-16 code units, without a NUL; 0 for NULL.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_text_length(text: *const upscope_text) -> i32 {
    // SAFETY: each pointer is null or valid, as the caller promises.
    let length = guard(|| unsafe { text.as_ref() }.map_or(0, |text| text.units.len()));
    length.ok().and_then(|length| i32::try_from(length).ok()).unwrap_or(0)
}

/// Copies at most `units` code units of a text to `buffer`, without a NUL. Returns how many; 0 for NULL.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_text_copy(text: *const upscope_text, buffer: *mut u16, units: i32) -> i32 {
    let copied = guard(|| {
        // SAFETY: each pointer is null or valid, as the caller promises.
        let Some(text) = (unsafe { text.as_ref() }) else { return 0 };
        let count = text.units.len().min(usize::try_from(units).unwrap_or(0));
        if buffer.is_null() {
            return 0;
        }
        // SAFETY: `count` is at most `units`, the size of the caller's buffer, and the buffer is not part of the text.
        unsafe { ptr::copy_nonoverlapping(text.units.as_ptr(), buffer, count) };
        // `count` is at most `units`, an i32.
        i32::try_from(count).unwrap_or(0)
    });
    copied.unwrap_or(0)
}

/// Erases and frees a text. NULL does nothing.
#[cfg_attr(windows, unsafe(no_mangle))]
pub unsafe extern "system" fn upscope_w_text_free(text: *mut upscope_text) {
    let _ = guard(|| {
        if !text.is_null() {
            // SAFETY: the handle came from `Box::into_raw`, and the caller frees it once.
            drop(unsafe { Box::from_raw(text) });
        }
    });
}

/// Converts UTF-8 to a text handle.
pub(super) fn to_text(text: &[u8]) -> *mut upscope_text {
    let text = String::from_utf8_lossy(text);
    // Allocated once, with the exact size: a `Vec` that grows leaves copies in memory that are not erased.
    let mut units = Vec::with_capacity(text.encode_utf16().count());
    units.extend(text.encode_utf16());
    Box::into_raw(Box::new(upscope_text { units }))
}

/// A string parameter in UTF-8 with a NUL at its end, as the C functions expect it. Erased when it is dropped.
pub(super) struct Utf8Arg(Option<Zeroizing<Vec<u8>>>);

impl Utf8Arg {
    /// NULL if the argument was NULL.
    pub(super) fn as_ptr(&self) -> *const c_char {
        self.0.as_ref().map_or(ptr::null(), |bytes| bytes.as_ptr().cast())
    }

    /// Adds the operation to an error, if this argument is the name of an operation.
    pub(super) fn add_operation_to(&self, error: Error) -> Error {
        let name = self.0.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()?.strip_suffix('\0'));
        match name.map(operation::name_of) {
            Some(Ok(name)) => error.in_operation(name),
            // An unknown operation is the more useful error.
            Some(Err(unknown)) => unknown,
            None => error,
        }
    }
}

/// Converts a UTF-16 argument to UTF-8. An unpaired surrogate is an error: replacing it would change the text.
///
/// # Safety
/// `text` must be null, or NUL-terminated and unchanged until this returns.
pub(super) unsafe fn utf8_arg(text: *const u16, name: &str) -> Result<Utf8Arg, Error> {
    if text.is_null() {
        return Ok(Utf8Arg(None));
    }
    let mut length = 0;
    // SAFETY: the text ends with a NUL, and nothing after that is read.
    let units = unsafe {
        while text.add(length).read() != 0 {
            length += 1;
        }
        std::slice::from_raw_parts(text, length)
    };
    // A code unit needs at most three bytes, so this does not grow; see `to_text`.
    let mut bytes = Zeroizing::new(Vec::with_capacity(units.len() * 3 + 1));
    let mut position = 0;
    for character in char::decode_utf16(units.iter().copied()) {
        let Ok(character) = character else {
            return Err(Error::invalid_argument(format!(
                "{name} is not UTF-16 (unpaired surrogate at code unit {position})."
            )));
        };
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        position += character.len_utf16();
    }
    bytes.push(0);
    Ok(Utf8Arg(Some(bytes)))
}

/// Converts an array of UTF-16 arguments up to its first null, which the result includes. None if the array is null.
///
/// # Safety
/// `list` must be null, or an array that ends with a null. Its strings must be as for [`utf8_arg`].
pub(super) unsafe fn utf8_list_arg(list: *const *const u16, name: &str) -> Result<Option<Vec<Utf8Arg>>, Error> {
    if list.is_null() {
        return Ok(None);
    }
    let mut strings = Vec::new();
    loop {
        let index = strings.len();
        // SAFETY: the array ends with a null, and nothing after that is read.
        let string = unsafe { utf8_arg(list.add(index).read(), &format!("{name}[{index}]")) }?;
        let is_end = string.as_ptr().is_null();
        strings.push(string);
        if is_end {
            return Ok(Some(strings));
        }
    }
}
