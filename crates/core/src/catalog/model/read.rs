//! Reads typed responses directly from JSON text, in one pass that also validates it.
//!
//! What it reads, it reads like [`Attribute::from_json`]. It gives up where the text would have to be read twice, namely
//! at a list with an element of another type; [`Answer::from_answer`](crate::catalog::model::Answer::from_answer) then
//! decides.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::catalog::model::Attribute;
use crate::support::secret::Wipe;

/// The value that is the whole of `text`. None if it has another type or cannot be read in one pass.
pub(crate) fn whole<T: Attribute>(text: &str) -> Option<T> {
    let mut found = None;
    read(text, Slot(&mut found))?.wipe();
    found
}

/// The last member `name` of the object in `text`. None if it has another type or cannot be read in one pass.
pub(crate) fn member<T: Attribute>(text: &str, name: &str) -> Option<T> {
    let mut found = None;
    read(text, Member { name, slot: &mut found })?;
    found
}

/// None if `text` is not JSON, is nested too deep for serde_json, or has text or a number that [`Value`] cannot hold.
fn read<'t, S: DeserializeSeed<'t>>(text: &'t str, seed: S) -> Option<S::Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// Where a value goes. The result of reading it is the value if it has another type. A null leaves the slot as it is.
pub(crate) struct Slot<'s, T>(pub(crate) &'s mut Option<T>);

impl<T> Slot<'_, T> {
    fn put<E>(self, value: Option<T>, other: impl FnOnce() -> Value) -> Result<Option<Value>, E> {
        if value.is_none() {
            return Ok(Some(other()));
        }
        *self.0 = value;
        Ok(None)
    }
}

impl<'de, T: Attribute> DeserializeSeed<'de> for Slot<'_, T> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Attribute> Visitor<'de> for Slot<'_, T> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<Value>, E> {
        self.put(T::from_string(text), || Value::from(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Value>, E> {
        self.put(T::from_bool(value), || Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<Value>, E> {
        self.put(T::from_number(&value.into()), || Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<Value>, E> {
        self.put(T::from_number(&value.into()), || Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<Value>, E> {
        let number = Number::from_f64(value);
        self.put(number.as_ref().and_then(T::from_number), || Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Option<Value>, A::Error> {
        T::read_array(self.0, elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<Value>, A::Error> {
        T::read_object(self.0, members)
    }
}

/// An array where another type is expected.
pub(crate) fn other_array<'de, A: SeqAccess<'de>>(elements: A) -> Result<Option<Value>, A::Error> {
    Value::deserialize(SeqAccessDeserializer::new(elements)).map(Some)
}

/// An object where another type is expected.
pub(crate) fn other_object<'de, A: MapAccess<'de>>(members: A) -> Result<Option<Value>, A::Error> {
    Value::deserialize(MapAccessDeserializer::new(members)).map(Some)
}

/// A list. An element of another type is an error.
pub(crate) fn list<'de, T: Attribute, A: SeqAccess<'de>>(
    slot: &mut Option<Vec<T>>,
    mut elements: A,
) -> Result<Option<Value>, A::Error> {
    let list = slot.insert(Vec::new());
    let mut element = None;
    while let Some(other) = elements.next_element_seed(Slot(&mut element))? {
        match (other, element.take()) {
            (None, Some(element)) => {
                // Most lists of objects have one element, for which `push` would reserve the memory of four.
                if list.is_empty() && size_of::<T>() > 64 {
                    list.reserve_exact(1);
                }
                list.push(element);
            }
            _ => return Err(A::Error::custom("an element of another type")),
        }
    }
    Ok(None)
}

/// A key of an object, which is borrowed from the text unless it has escapes.
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Reads the object that has the expected value as a member, and drops its other members.
struct Member<'n, 's, T> {
    name: &'n str,
    slot: &'s mut Option<T>,
}

impl<'de, T: Attribute> DeserializeSeed<'de> for Member<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Attribute> Visitor<'de> for Member<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = members.next_key()? {
            let other = if key == self.name {
                // Of equal keys, the last counts.
                *self.slot = None;
                members.next_value_seed(Slot(self.slot))?
            } else {
                Some(members.next_value()?)
            };
            other.wipe();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::call::response::validate;
    use crate::catalog::expected_shape::ExpectedShape;
    use crate::catalog::model::{Agent, Answer, SessionPage, Usage, Visitor};
    use crate::catalog::{Entry, find_entry};
    use crate::support::secret::WipedBytes;

    use super::*;

    /// Values that replace others.
    const VALUES: &[&str] = &[
        "null",
        "true",
        "7",
        "-7",
        "-0",
        "1.5",
        "1E30",
        "9223372036854775808",
        "18446744073709551615",
        "123456789012345678901234567890",
        "1e999",
        "\"x\"",
        "\"\\u00e9\\ud83d\\ude00\\\"\"",
        "\"\\ud800\"",
        "[]",
        "[\"a\", \"b\"]",
        "[\"a\", 1]",
        "[\"a\", null]",
        "[{\"id\": 1}, {\"name\": [1]}]",
        "[{}, null]",
        "{}",
        "{\"id\": 1, \"i\\u0064\": null, \"\\ud83d\\ude00\": {\"b\": []}}",
        "{\"a\": 1, \"a\": [2]}",
        "{\"\\udfff\": 1}",
        "{\"a\" 1}",
        "01",
        "",
    ];

    /// What is read in one pass is what the validation and the tree give. Returns whether it was read in one pass.
    fn agrees<A: Answer + PartialEq>(text: &str, expected: ExpectedShape) -> bool {
        let Some(answer) = A::from_text(text, expected) else { return false };
        assert_eq!(validate(WipedBytes::new(text.into()), expected).as_deref(), Ok(text));
        let tree = serde_json::from_str(text).ok().and_then(|tree| A::from_answer(tree, expected));
        assert_eq!(Some(answer), tree, "{text}");
        true
    }

    /// Checks the example of an operation and variants of it.
    fn check<A: Answer + PartialEq>(operation: &str) {
        let entry: &Entry = find_entry(operation).unwrap();
        let (example, expected) = (entry.example_response, entry.definition.expected);
        assert!(agrees::<A>(example, expected), "{operation}");
        for at in (0..=example.len()).filter(|at| example.is_char_boundary(*at)) {
            agrees::<A>(&example[..at], expected);
            for inserted in ["\\", "\"", "[", "}", ",", "0", " ", "\0"] {
                agrees::<A>(&format!("{}{inserted}{}", &example[..at], &example[at..]), expected);
            }
        }
        let tree: Value = serde_json::from_str(example).unwrap();
        let mut in_one_pass = 0;
        for pointer in pointers(&tree) {
            for value in VALUES {
                for text in variants(&tree, &pointer, value) {
                    in_one_pass += usize::from(agrees::<A>(&text, expected));
                }
            }
        }
        assert!(in_one_pass > 50, "{operation}: only {in_one_pass} variants were read in one pass");
    }

    /// The value replaced, and the value as an earlier and as a later member of the same name.
    fn variants(tree: &Value, pointer: &str, value: &str) -> Vec<String> {
        let mut changed = tree.clone();
        let old = std::mem::replace(changed.pointer_mut(pointer).unwrap(), json!("@"));
        let mut variants = vec![changed.to_string().replace("\"@\"", value)];
        let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(members)) = changed.pointer_mut(parent).filter(|_| !name.is_empty()) {
            members.insert(name.to_owned(), old);
            // The first and the last key in the order of serde_json.
            for key in ["!", "~"] {
                let mut changed = changed.clone();
                changed.pointer_mut(parent).unwrap()[key] = json!("@");
                variants.push(changed.to_string().replace(&format!("\"{key}\":\"@\""), &format!("\"{name}\":{value}")));
            }
        }
        variants
    }

    /// A pointer to each value.
    fn pointers(tree: &Value) -> Vec<String> {
        let children: Vec<(String, &Value)> = match tree {
            Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(elements) => elements.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
            _ => Vec::new(),
        };
        let below = children
            .iter()
            .flat_map(|(name, value)| pointers(value).into_iter().map(move |pointer| format!("/{name}{pointer}")));
        std::iter::once(String::new()).chain(below).collect()
    }

    #[test]
    fn one_pass_gives_the_same_as_validation_and_tree() {
        check::<Usage>("get_usage");
        check::<Visitor>("get_visitor");
        check::<Vec<Visitor>>("list_visitors");
        check::<Agent>("lookup_agent");
        check::<SessionPage>("list_sessions");
        check::<Value>("request");
    }

    #[test]
    fn an_answer_nested_deeper_than_allowed_is_not_read() {
        let expected = ExpectedShape::Object("usage");
        let nested = |depth: usize| format!(r#"{{"usage":{{"a":{}{}}}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(agrees::<Usage>(&nested(125), expected));
        for depth in [126, 127, 100_000] {
            assert!(!agrees::<Usage>(&nested(depth), expected));
            assert!(!agrees::<Usage>(&format!(r#"{{"usage":{{}},"b":{}}}"#, nested(depth)), expected));
        }
    }
}
