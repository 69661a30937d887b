//! Finds a member of a JSON object without building a tree of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// The last member `name` of the object in `text`, unread. An error when the text is no JSON, or no object.
pub(crate) fn member<'t>(text: &'t str, name: &str) -> serde_json::Result<Option<&'t RawValue>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(MemberOf(name))?;
    deserializer.end()?;
    Ok(found)
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
            if unescaped(key).is_some_and(|key| key == self.0) {
                found = Some(value);
            }
        }
        Ok(found)
    }
}

/// What kind of value, as far as a promise depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Array,
    String,
    Number,
    Bool(bool),
    Other,
}

impl Shape {
    pub(crate) fn of(value: &RawValue) -> Shape {
        match value.get().as_bytes().first() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b'"') if unescaped(value).is_some() => Shape::String,
            Some(b'0'..=b'9' | b'-') => Shape::Number,
            Some(b't') => Shape::Bool(true),
            Some(b'f') => Shape::Bool(false),
            _ => Shape::Other,
        }
    }
}

/// A string without its quotes and escapes; None when it is none, or no Unicode.
fn unescaped(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw.get()).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}
