//! Finds a member of a JSON object.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::value::unescape;

/// The value of the last member `name` of the object in `text`. An error if the text is not JSON or not an object.
pub fn member<'t>(text: &'t str, name: &str) -> serde_json::Result<Option<&'t RawValue>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = deserializer.deserialize_map(MemberVisitor(name))?;
    deserializer.end()?;
    Ok(value)
}

struct MemberVisitor<'n>(&'n str);

impl<'de> Visitor<'de> for MemberVisitor<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        // Raw keys: an unpaired surrogate in another key is not an error.
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            if is_name(key, self.0) {
                found = Some(value);
            }
        }
        Ok(found)
    }
}

/// Whether a raw key is `name`. Does not copy keys that are too long.
pub(crate) fn is_name(key: &RawValue, name: &str) -> bool {
    // Each byte of the name may be written as `\uXXXX`.
    key.get().len() <= 6 * name.len() + 2 && unescape(key).is_some_and(|key| key == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_whatever_its_escapes() {
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
