//! JSON in ASCII, for hosts that read strings in an ANSI code page.

use std::collections::TryReserveError;
use std::fmt::Write;

use crate::support::secret::Wipe;

/// Escapes every character outside ASCII as `\uXXXX`. In JSON, such characters occur only in strings. The result has room
/// for the NUL that C needs.
///
/// # Errors
///
/// Fails if there is not enough memory.
///
/// ```
/// let ascii = upscope::json::escape_non_ascii(r#"{"city":"Zürich"}"#.to_owned())?;
/// assert_eq!(ascii, r#"{"city":"Z\u00fcrich"}"#);
/// # Ok::<(), std::collections::TryReserveError>(())
/// ```
pub fn escape_non_ascii(text: String) -> Result<String, TryReserveError> {
    if text.is_ascii() {
        return Ok(text);
    }
    // The exact length: a growing string would leave copies in memory that are not wiped.
    let length: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { "\\uXXXX".len() * c.len_utf16() }).sum();
    let mut out = String::new();
    out.try_reserve_exact(length + 1)?;
    let mut units = [0; 2];
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    debug_assert_eq!(out.len(), length, "the reserved length");
    text.wipe();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::escape_non_ascii;

    #[test]
    fn characters_outside_ascii_are_escaped() {
        assert_eq!(escape_non_ascii("{\"é\":\"😀 a\"}".into()).unwrap(), "{\"\\u00e9\":\"\\ud83d\\ude00 a\"}");
        assert_eq!(escape_non_ascii("{}".into()).unwrap(), "{}");
    }
}
