//! Memory that may hold a secret: not printed, and wiped on drop.

use std::collections::TryReserveError;
use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

/// The replacement for secrets in text.
pub(crate) const HIDDEN: &str = "[hidden]";

/// Text that grants access: a key, a token, a watch link. It is wiped from memory on drop, and its `Debug` form hides
/// it.
///
/// ```
/// use upscope::Secret;
///
/// let link = Secret::new("https://desk.example/watch/1");
/// assert_eq!(format!("{link:?}"), "[hidden]");
/// assert_eq!(link.expose(), "https://desk.example/watch/1");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps the value.
    ///
    /// ```
    /// let token = upscope::Secret::new("abc");
    /// assert_eq!(token, upscope::Secret::new(String::from("abc")));
    /// ```
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(value.into()))
    }

    /// The value. Do not print it.
    ///
    /// ```
    /// assert_eq!(upscope::Secret::new("abc").expose(), "abc");
    /// ```
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Bytes that may hold a secret. The memory is wiped on drop, and before it is freed when the bytes grow.
#[derive(Default)]
pub(crate) struct WipedBytes(Vec<u8>);

impl WipedBytes {
    /// Wraps the bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> WipedBytes {
        WipedBytes(bytes)
    }

    /// The capacity in bytes.
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// Reserves memory for `additional` more bytes, and at least doubles the capacity when it grows.
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let needed = self.0.len().saturating_add(additional);
        if needed > self.0.capacity() {
            let mut larger = Vec::new();
            larger.try_reserve_exact(needed.max(2 * self.0.capacity()))?;
            // `Vec` would free the old memory without wiping it.
            larger.extend_from_slice(&self.0);
            *self = WipedBytes(larger);
        }
        Ok(())
    }

    /// Appends zeros up to this length, for which memory must be reserved.
    pub(crate) fn extend_with_zeros(&mut self, length: usize) {
        debug_assert!(self.0.len() <= length && length <= self.0.capacity(), "memory is reserved");
        // Copies zeros because `resize` writes byte by byte in a crate that is optimised for size.
        const ZEROS: [u8; 2048] = [0; 2048];
        while self.0.len() < length {
            let missing = (length - self.0.len()).min(ZEROS.len());
            self.0.extend_from_slice(&ZEROS[..missing]);
        }
    }

    /// Wipes and removes the bytes beyond this length.
    pub(crate) fn truncate(&mut self, length: usize) {
        if let Some(rest) = self.0.get_mut(length..) {
            rest.zeroize();
        }
        self.0.truncate(length);
    }

    /// The bytes, which are no longer wiped on drop.
    pub(crate) fn into_inner(mut self) -> Vec<u8> {
        mem::take(&mut self.0)
    }
}

impl Deref for WipedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for WipedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for WipedBytes {
    fn drop(&mut self) {
        // As a slice: `Vec` wipes byte by byte, and its unused capacity too.
        self.0.as_mut_slice().zeroize();
    }
}

/// A value that may hold a secret and can be wiped.
pub trait Wipe {
    /// Wipes the value from memory and drops it.
    fn wipe(self);
}

impl Wipe for String {
    fn wipe(self) {
        drop(WipedBytes::new(self.into_bytes()));
    }
}

impl<T: Wipe> Wipe for Option<T> {
    fn wipe(self) {
        if let Some(value) = self {
            value.wipe();
        }
    }
}

impl Wipe for Value {
    fn wipe(self) {
        match self {
            Value::String(text) => text.wipe(),
            Value::Array(values) => values.into_iter().for_each(Value::wipe),
            Value::Object(members) => members.into_iter().for_each(|(_, value)| value.wipe()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_value() {
        assert_eq!(format!("{:?}", Secret::new("sk_live_1")), "[hidden]");
    }

    #[test]
    fn the_capacity_at_least_doubles() {
        let mut bytes = WipedBytes::default();
        bytes.try_reserve(10).unwrap();
        assert_eq!(bytes.capacity(), 10);
        bytes.extend_with_zeros(10);
        bytes.copy_from_slice(b"0123456789");
        bytes.try_reserve(1).unwrap();
        assert_eq!((bytes.capacity(), &bytes[..]), (20, &b"0123456789"[..]));
        assert!(bytes.try_reserve(usize::MAX).is_err());
        bytes.truncate(20);
        bytes.truncate(3);
        assert_eq!(bytes.into_inner(), b"012");
    }
}
