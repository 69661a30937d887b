//! Checks that a JSON object has an array as a member, and that nothing in it is nested too deep, in one pass.

use std::fmt;
use std::ops::Range;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::depth;
use crate::member::is_name;

/// The result of [`check_array`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayCheck {
    /// The member is an array, and nothing in the object is nested too deep.
    Array,
    /// The member is missing, or it is not an array.
    NotArray,
    /// Something in the object is nested too deep.
    TooDeep,
}

/// The depth of elements is measured in windows of so many bytes: enough to count fast, and few enough to rarely
/// contain more brackets than the limit.
const WINDOW: usize = 4096;

/// Checks whether the member `name` of the object in `text` is an array, and whether anything in the object is nested
/// more than `max_depth` levels deep. An error if the text is not JSON or not an object.
pub fn check_array(text: &str, name: &str, max_depth: usize) -> serde_json::Result<ArrayCheck> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let check = deserializer.deserialize_map(ObjectVisitor { text, name, max_depth })?;
    deserializer.end()?;
    Ok(check)
}

struct ObjectVisitor<'n> {
    text: &'n str,
    name: &'n str,
    max_depth: usize,
}

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = ArrayCheck;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ArrayCheck, A::Error> {
        let (mut check, mut too_deep) = (ArrayCheck::NotArray, false);
        let max_depth = self.max_depth.saturating_sub(1);
        while let Some(key) = map.next_key::<&RawValue>()? {
            if is_name(key, self.name) {
                check = map.next_value_seed(ArraySeed { text: self.text, max_depth })?;
                too_deep |= check == ArrayCheck::TooDeep;
            } else {
                too_deep |= depth::exceeds(map.next_value::<&RawValue>()?.get().as_bytes(), max_depth);
            }
        }
        Ok(if too_deep { ArrayCheck::TooDeep } else { check })
    }
}

/// Reads the value that should be an array.
struct ArraySeed<'t> {
    /// The whole text.
    text: &'t str,
    max_depth: usize,
}

impl<'de> DeserializeSeed<'de> for ArraySeed<'_> {
    type Value = ArrayCheck;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ArrayCheck, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ArraySeed<'_> {
    type Value = ArrayCheck;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<ArrayCheck, A::Error> {
        // The depth of a window is that of its deepest element.
        let exceeds = |window: Range<usize>| {
            let window = self.text.as_bytes().get(window);
            window.is_none_or(|window| depth::exceeds(window, self.max_depth.saturating_sub(1)))
        };
        let mut too_deep = false;
        let mut window = 0..0;
        while let Some(element) = elements.next_element::<&RawValue>()? {
            let at = element.get().as_ptr() as usize - self.text.as_ptr() as usize;
            if window.is_empty() || window.len() >= WINDOW {
                too_deep |= exceeds(window);
                window = at..at;
            }
            window.end = at + element.get().len();
        }
        too_deep |= exceeds(window);
        Ok(if too_deep { ArrayCheck::TooDeep } else { ArrayCheck::Array })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ArrayCheck, A::Error> {
        let mut too_deep = false;
        while let Some((_, value)) = members.next_entry::<&RawValue, &RawValue>()? {
            too_deep |= depth::exceeds(value.get().as_bytes(), self.max_depth.saturating_sub(1));
        }
        Ok(if too_deep { ArrayCheck::TooDeep } else { ArrayCheck::NotArray })
    }

    fn visit_str<E>(self, _: &str) -> Result<ArrayCheck, E> {
        Ok(ArrayCheck::NotArray)
    }

    fn visit_u64<E>(self, _: u64) -> Result<ArrayCheck, E> {
        Ok(ArrayCheck::NotArray)
    }

    fn visit_i64<E>(self, _: i64) -> Result<ArrayCheck, E> {
        Ok(ArrayCheck::NotArray)
    }

    fn visit_f64<E>(self, _: f64) -> Result<ArrayCheck, E> {
        Ok(ArrayCheck::NotArray)
    }

    fn visit_bool<E>(self, _: bool) -> Result<ArrayCheck, E> {
        Ok(ArrayCheck::NotArray)
    }

    fn visit_unit<E>(self) -> Result<ArrayCheck, E> {
        Ok(ArrayCheck::NotArray)
    }
}
