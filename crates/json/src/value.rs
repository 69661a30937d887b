//! The type of a JSON value, and the values that need no parser.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

/// The type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number of any size.
    Number,
    /// `"..."`, also with escapes that are not Unicode: see [`is_unicode_string`].
    String,
    /// `[...]`
    Array,
    /// `{...}`
    Object,
}

impl JsonType {
    /// The type of `value`, which its first byte tells.
    #[inline]
    pub fn of(value: &RawValue) -> JsonType {
        JsonType::of_text(value.get())
    }

    /// The type of the value that is written as `text`, without white space around it.
    #[inline]
    pub fn of_text(text: &str) -> JsonType {
        match text.as_bytes().first() {
            Some(b'{') => JsonType::Object,
            Some(b'[') => JsonType::Array,
            Some(b'"') => JsonType::String,
            Some(b't' | b'f') => JsonType::Boolean,
            Some(b'n') => JsonType::Null,
            _ => JsonType::Number,
        }
    }
}

/// The name of the type with its article, for messages.
impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            JsonType::Null => "null",
            JsonType::Boolean => "a boolean",
            JsonType::Number => "a number",
            JsonType::String => "a string",
            JsonType::Array => "an array",
            JsonType::Object => "an object",
        })
    }
}

/// A boolean; None for other types.
pub fn boolean(value: &RawValue) -> Option<bool> {
    match value.get() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Whether `value` is a string without unpaired surrogates.
pub fn is_unicode_string(value: &RawValue) -> bool {
    JsonType::of(value) == JsonType::String && is_unicode(value.get())
}

/// The text of a string, or a number as written; None for other types.
pub fn text_or_number(value: &RawValue) -> Option<String> {
    match JsonType::of(value) {
        JsonType::String => unescape(value).map(Cow::into_owned),
        JsonType::Number => Some(value.get().to_owned()),
        _ => None,
    }
}

/// A string without its quotes and escapes; None for other types, and for unpaired surrogates.
pub(crate) fn unescape(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw.get()).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// Passes the text of a string, which is valid JSON without its quotes, to `push` in pieces without escapes. Each unpaired
/// surrogate becomes U+FFFD.
pub fn unescape_lossy(string: &str, mut push: impl FnMut(&str)) {
    let mut rest = string;
    while let Some((plain, escape)) = rest.split_once('\\') {
        push(plain);
        let (character, next) = escaped_character(escape);
        push(character.encode_utf8(&mut [0; 4]));
        rest = next;
    }
    push(rest);
}

/// The character of an escape, without its backslash, and the text after it.
fn escaped_character(escape: &str) -> (char, &str) {
    let Some((unit, next)) = code_unit(escape) else {
        let mut characters = escape.chars();
        let character = match characters.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            other => other.unwrap_or(char::REPLACEMENT_CHARACTER),
        };
        return (character, characters.as_str());
    };
    if (0xD800..=0xDBFF).contains(&unit)
        && let Some((low, after)) = next.strip_prefix('\\').and_then(code_unit)
        && let Some(Ok(character)) = char::decode_utf16([unit, low]).next()
    {
        return (character, after);
    }
    (char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER), next)
}

/// Whether the escapes of a string, which is valid JSON, have no unpaired surrogates.
fn is_unicode(string: &str) -> bool {
    let mut rest = string;
    while let Some((_, escape)) = rest.split_once('\\') {
        rest = match code_unit(escape) {
            Some((0xDC00..=0xDFFF, _)) => return false,
            Some((0xD800..=0xDBFF, next)) => match next.strip_prefix('\\').and_then(code_unit) {
                Some((0xDC00..=0xDFFF, next)) => next,
                _ => return false,
            },
            Some((_, next)) => next,
            // One character, which may be a backslash too.
            None => escape.get(1..).unwrap_or_default(),
        };
    }
    true
}

/// The UTF-16 code unit of an escape, without its backslash, and the text after it.
fn code_unit(escape: &str) -> Option<(u16, &str)> {
    let (digits, next) = escape.strip_prefix('u')?.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unicode_exactly_if_serde_json_reads_them() {
        let pieces =
            ["a", "é", "\\n", "\\\\", "\\\"", "\\u0041", "\\ud83d", "\\uDE00", "\\uD7FF", "\\ue000", "u", "d83d"];
        let count = pieces.len();
        for number in 0..count.pow(4) {
            let chosen = (0..4).map(|at| pieces[number / count.pow(at) % count]);
            let string = format!("\"{}\"", chosen.collect::<String>());
            let value: &RawValue = serde_json::from_str(&string).unwrap();
            let is_readable = serde_json::from_str::<String>(&string).is_ok();
            assert_eq!(is_unicode_string(value), is_readable, "{string}");
        }
    }

    fn lossy(string: &str) -> String {
        let mut text = String::new();
        unescape_lossy(string, |piece| text.push_str(piece));
        text
    }

    #[test]
    fn unpaired_surrogates_are_replaced() {
        // Each piece of a string with its UTF-16 code units.
        let pieces: [(&str, &[u16]); 9] = [
            ("a", &[0x61]),
            ("🦊", &[0xD83E, 0xDD8A]),
            ("\\\\", &[0x5C]),
            ("\\u00e9", &[0xE9]),
            ("\\ud83e", &[0xD83E]),
            ("\\uDD8A", &[0xDD8A]),
            ("\\uD7FF", &[0xD7FF]),
            ("\\ue000", &[0xE000]),
            ("u", &[0x75]),
        ];
        for number in 0..pieces.len().pow(4) {
            let chosen = || (0..4).map(|at| pieces[number / pieces.len().pow(at) % pieces.len()]);
            let string: String = chosen().map(|(written, _)| written).collect();
            // An escaped surrogate does not pair with one that is not escaped.
            let separate: Vec<String> = chosen()
                .collect::<Vec<_>>()
                .chunk_by(|(first, _), (second, _)| first.starts_with('\\') == second.starts_with('\\'))
                .map(|pieces| {
                    String::from_utf16_lossy(&pieces.iter().flat_map(|(_, units)| *units).copied().collect::<Vec<_>>())
                })
                .collect();
            assert_eq!(lossy(&string), separate.concat(), "{string}");
        }
        assert_eq!(lossy(r#"\"\\\/\b\f\n\r\t\u0000"#), "\"\\/\u{8}\u{c}\n\r\t\0");
        assert_eq!(lossy(""), "");
    }

    #[test]
    fn the_first_byte_tells_the_type() {
        for (text, json_type) in [
            ("null", JsonType::Null),
            ("true", JsonType::Boolean),
            ("false", JsonType::Boolean),
            ("-1.5e3", JsonType::Number),
            ("0", JsonType::Number),
            ("\"\\ud800\"", JsonType::String),
            (" [ ] ", JsonType::Array),
            ("\n{}", JsonType::Object),
        ] {
            let value: &RawValue = serde_json::from_str(text).unwrap();
            assert_eq!(JsonType::of(value), json_type, "{text}");
        }
    }
}
