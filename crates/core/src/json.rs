//! JSON for programs that have no JSON library: reading a value, building a request, and JSON in ASCII.

use std::collections::TryReserveError;
use std::fmt::Write;

use serde_json::value::RawValue;
use upscope_json::pointer;
use upscope_json::value::{JsonType, unescape_lossy};

use crate::error::Error;
pub use crate::request::fields::build;
use crate::request::validate::{self, excerpt};
use crate::support::secret::Wipe;

/// The value at a JSON pointer (RFC 6901) in JSON text; None if there is none, or null.
///
/// A string is returned without its quotes and escapes, any other value as it is written. Of equal keys, the last counts.
/// An unpaired surrogate in a string becomes U+FFFD. A string with U+0000, which C could not represent, is an error.
///
/// ```
/// let page = r#"{"visitors": [{"name": "Zo\u00eb", "sessions": [1, 2]}]}"#;
/// assert_eq!(upscope::json::get(page, "/visitors/0/name")?.as_deref(), Some("Zoë"));
/// assert_eq!(upscope::json::get(page, "/visitors/0/sessions")?.as_deref(), Some("[1, 2]"));
/// assert_eq!(upscope::json::get(page, "/visitors/1")?, None);
/// # Ok::<(), upscope::Error>(())
/// ```
#[inline(never)]
pub fn get(json: &str, pointer: &str) -> Result<Option<String>, Error> {
    if !pointer::is_pointer(pointer) {
        return Err(Error::invalid_argument(format!(
            "\"{}\" is not a JSON pointer (RFC 6901): it must be empty or start with \"/\", and it must write \"~\" as \"~0\".",
            excerpt(pointer)
        )));
    }
    const SUBJECT: &str = "the JSON text";
    validate::check_depth(json, SUBJECT)?;
    let whole: &RawValue = serde_json::from_str(json)
        .map_err(|error| Error::invalid_argument(validate::syntax_error(&SUBJECT, json, &error)))?;
    let Some(value) = pointer::find(whole, pointer) else { return Ok(None) };
    if JsonType::of_text(value) == JsonType::Null {
        return Ok(None);
    }
    let string = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let write = |push: &mut dyn FnMut(&str)| match string {
        Some(string) => unescape_lossy(string, push),
        None => push(value),
    };
    let (mut length, mut has_nul) = (0, false);
    write(&mut |piece| {
        length += piece.len();
        has_nul |= piece == "\0";
    });
    if has_nul {
        return Err(Error::invalid_argument(format!(
            "The string at \"{}\" contains U+0000, which would end it in C.",
            excerpt(pointer)
        )));
    }
    // The exact length: a growing string would leave copies in memory that are not wiped.
    let mut out = String::new();
    out.try_reserve_exact(length + 1)
        .map_err(|_| Error::internal("This program ran out of memory while copying a JSON value."))?;
    write(&mut |piece| out.push_str(piece));
    Ok(Some(out))
}

/// Escapes every character outside ASCII as `\uXXXX`. In JSON, such characters occur only in strings. The result has room
/// for the NUL that C needs.
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
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_string_is_unescaped_and_anything_else_is_returned_as_written() {
        let document = r#" {"s": "a\"\n\u00e9\ud83e\udd8a", "n": 1.50e+3, "b": false, "o": { "k" : "\u0041" }, "l": [1 ,2], "e": ""} "#;
        for (pointer, value) in [
            ("/s", "a\"\né🦊"),
            ("/n", "1.50e+3"),
            ("/b", "false"),
            ("/o", r#"{ "k" : "\u0041" }"#),
            ("/o/k", "A"),
            ("/l", "[1 ,2]"),
            ("/e", ""),
            ("", document.trim()),
        ] {
            assert_eq!(get(document, pointer).unwrap().as_deref(), Some(value), "{pointer}");
        }
        assert_eq!(get("\"text\"", "").unwrap().as_deref(), Some("text"));
        assert_eq!(get("1e999", "").unwrap().as_deref(), Some("1e999"));
    }

    #[test]
    fn what_is_not_there_or_null_is_absent() {
        for (document, pointer) in [("{\"a\": null}", "/a"), ("null", ""), ("{}", "/a"), ("[1]", "/1"), ("[1]", "/-")] {
            assert_eq!(get(document, pointer).unwrap(), None, "{pointer} in {document}");
        }
    }

    #[test]
    fn unpaired_surrogates_are_replaced_and_nul_is_refused() {
        let document = r#"["a\ud83eb", "\udd8a", "a\u0000b", {"k": "\u0000"}]"#;
        assert_eq!(get(document, "/0").unwrap().as_deref(), Some("a\u{fffd}b"));
        assert_eq!(get(document, "/1").unwrap().as_deref(), Some("\u{fffd}"));
        let error = get(document, "/2").unwrap_err();
        assert!(error.code() == ErrorCode::InvalidArgument && error.message().contains("U+0000"), "{error}");
        assert_eq!(get(document, "/3").unwrap().as_deref(), Some(r#"{"k": "\u0000"}"#));
    }

    #[test]
    fn wrong_pointers_and_text_that_is_not_json_are_refused() {
        let deep = format!("{}1{}", "[".repeat(129), "]".repeat(129));
        for (document, pointer, part) in [
            ("{}", "visitors", "is not a JSON pointer"),
            ("{}", "/~2", "is not a JSON pointer"),
            ("", "", "ends too early"),
            ("{\"a\": 1", "/a", "ends too early"),
            ("{\"a\": 1} x", "/a", "is not JSON"),
            ("{'a': 1}", "/a", "is not JSON"),
            ("\u{feff}{}", "", "byte order mark"),
            (deep.as_str(), "/0", "more than 128 levels"),
        ] {
            let error = get(document, pointer).unwrap_err();
            assert!(error.code() == ErrorCode::InvalidArgument && error.message().contains(part), "{error}");
        }
        let deepest = &deep[1..deep.len() - 1];
        assert_eq!(get(deepest, &"/0".repeat(128)).unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn a_value_has_room_for_a_nul_and_no_more() {
        for document in ["[\"plain\"]", r#"["\u00e9\n\ud83e\udd8a"]"#, "[[1, 2]]"] {
            let value = get(document, "/0").unwrap().unwrap();
            assert_eq!(value.capacity(), value.len() + 1, "{document}");
        }
    }

    #[test]
    fn characters_outside_ascii_are_escaped() {
        assert_eq!(escape_non_ascii("{\"é\":\"😀 a\"}".into()).unwrap(), "{\"\\u00e9\":\"\\ud83d\\ude00 a\"}");
        assert_eq!(escape_non_ascii("{}".into()).unwrap(), "{}");
    }
}
