//! How much memory a JSON value takes: up to about twenty times as much as its text.

use serde_json::Value;

/// What a member of an object takes besides the text of its key and its value: the key itself, and spare room in the tree.
const KEY_BYTES: usize = 80;

/// An estimate, rather too high than too low.
pub(crate) fn memory_of(value: &Value) -> usize {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(memory_of).sum(),
        Value::Object(object) => object.iter().map(|(key, value)| KEY_BYTES + key.len() + memory_of(value)).sum(),
    };
    size_of::<Value>() + inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_cost_more_than_their_text() {
        let value: Value = serde_json::from_str(r#"{"a":[0,null,"four",{}],"bc":true}"#).unwrap();
        assert_eq!(memory_of(&value), 7 * size_of::<Value>() + 2 * KEY_BYTES + "abcfour".len());
    }
}
