//! Finds a member of a JSON object without building a tree of it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::depth;

/// The last member `name` of the object in `text`, unread. An error when the text is no JSON, or no object.
pub fn member<'t>(text: &'t str, name: &str) -> serde_json::Result<Option<&'t RawValue>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(MemberOf(name))?;
    deserializer.end()?;
    Ok(found)
}

/// The member of a JSON object that is to be an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// There, and nothing in the object is nested too deep.
    Array,
    /// Missing, or something else.
    Other,
    /// Something in the object is.
    TooDeep,
}

/// Bytes of an array measured at a time: enough to count fast, few enough to seldom hold as many brackets as the limit.
const WINDOW: usize = 4096;

/// Reads the object in `text`, whose member `name` is to be an array, and measures the depth of it piece by piece: most
/// pieces have too few brackets to be deep.
pub fn array(text: &str, name: &str, limit: usize) -> serde_json::Result<Listed> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(ArrayOf { text, name, limit })?;
    deserializer.end()?;
    Ok(found)
}

struct ArrayOf<'n> {
    text: &'n str,
    name: &'n str,
    limit: usize,
}

impl<'de> Visitor<'de> for ArrayOf<'_> {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listed, A::Error> {
        let (mut found, mut deep) = (Listed::Other, false);
        let below = self.limit.saturating_sub(1);
        while let Some(key) = map.next_key::<&RawValue>()? {
            if is_name(key, self.name) {
                found = map.next_value_seed(Elements { text: self.text, limit: below })?;
                deep |= found == Listed::TooDeep;
            } else {
                deep |= depth::exceeds(map.next_value::<&RawValue>()?.get().as_bytes(), below);
            }
        }
        Ok(if deep { Listed::TooDeep } else { found })
    }
}

/// A value that is to be an array.
struct Elements<'t> {
    /// What it stands in.
    text: &'t str,
    limit: usize,
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = Listed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Listed, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Listed, A::Error> {
        // Elements side by side are together as deep as the deepest of them.
        let is_deep = |window: Range<usize>| {
            let within = self.text.as_bytes().get(window);
            within.is_none_or(|window| depth::exceeds(window, self.limit.saturating_sub(1)))
        };
        let mut deep = false;
        let mut window = 0..0;
        while let Some(element) = elements.next_element::<&RawValue>()? {
            let at = element.get().as_ptr() as usize - self.text.as_ptr() as usize;
            if window.is_empty() || window.len() >= WINDOW {
                deep |= is_deep(window);
                window = at..at;
            }
            window.end = at + element.get().len();
        }
        deep |= is_deep(window);
        Ok(if deep { Listed::TooDeep } else { Listed::Array })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Listed, A::Error> {
        let mut deep = false;
        while let Some((_, value)) = members.next_entry::<&RawValue, &RawValue>()? {
            deep |= depth::exceeds(value.get().as_bytes(), self.limit.saturating_sub(1));
        }
        Ok(if deep { Listed::TooDeep } else { Listed::Other })
    }

    fn visit_str<E>(self, _: &str) -> Result<Listed, E> {
        Ok(Listed::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Listed, E> {
        Ok(Listed::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Listed, E> {
        Ok(Listed::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Listed, E> {
        Ok(Listed::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Listed, E> {
        Ok(Listed::Other)
    }

    fn visit_unit<E>(self) -> Result<Listed, E> {
        Ok(Listed::Other)
    }
}

struct MemberOf<'n>(&'n str);

impl<'de> Visitor<'de> for MemberOf<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        // Raw, so that half of a surrogate pair in a key we do not ask for is no obstacle.
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            if is_name(key, self.0) {
                found = Some(value);
            }
        }
        Ok(found)
    }
}

/// What kind of value, as far as a promise depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{...}`
    Object,
    /// `[...]`
    Array,
    /// Text that is Unicode: half of a surrogate pair is none.
    String,
    /// Of any size, written in any way.
    Number,
    /// `true` or `false`.
    Bool(bool),
    /// `null`, and strings that are no text.
    Other,
}

impl Shape {
    /// The shape of `value`.
    pub fn of(value: &RawValue) -> Shape {
        match value.get().as_bytes().first() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b'"') if is_unicode(value.get()) => Shape::String,
            Some(b'0'..=b'9' | b'-') => Shape::Number,
            Some(b't') => Shape::Bool(true),
            Some(b'f') => Shape::Bool(false),
            _ => Shape::Other,
        }
    }
}

/// A string's text, or a number as it is written.
pub fn text_or_number(value: &RawValue) -> Option<String> {
    match Shape::of(value) {
        Shape::String => unescaped(value).map(Cow::into_owned),
        Shape::Number => Some(value.get().to_owned()),
        _ => None,
    }
}

/// Whether a key, as it is written, is this name. Never copies a key that is too long to be it.
fn is_name(key: &RawValue, name: &str) -> bool {
    // Each byte of the name may be written as `\uXXXX`.
    key.get().len() <= 6 * name.len() + 2 && unescaped(key).is_some_and(|key| key == name)
}

/// Whether the escapes of a string, which is valid JSON, make it text: no half of a surrogate pair without the other.
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
            // One character, which may be another backslash.
            None => escape.get(1..).unwrap_or_default(),
        };
    }
    true
}

/// The UTF-16 code unit that stands behind a backslash, and what follows it.
fn code_unit(escape: &str) -> Option<(u16, &str)> {
    let (digits, next) = escape.strip_prefix('u')?.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, next))
}

/// A string without its quotes and escapes; None when it is none, or no Unicode.
fn unescaped(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw.get()).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A string is told to be text exactly where serde_json reads it as text.
    #[test]
    fn escapes_are_text_or_not() {
        let pieces =
            ["a", "é", "\\n", "\\\\", "\\\"", "\\u0041", "\\ud83d", "\\uDE00", "\\uD7FF", "\\ue000", "u", "d83d"];
        let count = pieces.len();
        for number in 0..count.pow(4) {
            let chosen = (0..4).map(|at| pieces[number / count.pow(at) % count]);
            let string = format!("\"{}\"", chosen.collect::<String>());
            let value: &RawValue = serde_json::from_str(&string).unwrap();
            let is_text = serde_json::from_str::<String>(&string).is_ok();
            assert_eq!(is_unicode(value.get()), is_text, "{string}");
        }
    }

    #[test]
    fn a_name_is_known_however_it_is_escaped() {
        for (key, is_usage) in [
            (r#""usage""#, true),
            (r#""\u0075\u0073\u0061\u0067\u0065""#, true),
            (r#""\u0075sage""#, true),
            (r#""usages""#, false),
            (r#""\u0075\u0073\u0061\u0067\u0065\u0065""#, false),
            (r#""\ud800""#, false),
            (r#""""#, false),
        ] {
            let text = format!("{{{key}:{{}}}}");
            assert_eq!(member(&text, "usage").unwrap().is_some(), is_usage, "{text}");
        }
    }
}
