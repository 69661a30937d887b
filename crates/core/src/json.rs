//! JSON in ASCII alone, for hosts that read strings in an ANSI code page.

use std::collections::TryReserveError;
use std::fmt::Write;

use crate::support::secret::Wipe;

/// Writes every character outside ASCII as `\uXXXX`. Within JSON such characters stand in strings alone. Leaves room for
/// the NUL with which C gets it.
pub fn ascii(text: String) -> Result<String, TryReserveError> {
    if text.is_ascii() {
        return Ok(text);
    }
    // Exactly as long as needed: what grows leaves copies behind that nobody wipes.
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
    debug_assert_eq!(out.len(), length, "the length that was reserved");
    text.wipe();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn other_characters_are_escaped() {
        assert_eq!(ascii("{\"é\":\"😀 a\"}".into()).unwrap(), "{\"\\u00e9\":\"\\ud83d\\ude00 a\"}");
        assert_eq!(ascii("{}".into()).unwrap(), "{}");
    }
}
