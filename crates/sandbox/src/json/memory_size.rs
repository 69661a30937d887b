//! The memory that a parsed JSON value uses. It can be twenty times the size of its text.

use serde_json::{Map, Value};

/// The cost of an object member besides its value and the text of its key: the key's `String` and unused tree slots.
const KEY_BYTES: usize = 80;

/// An estimate that is more often too high than too low.
pub(crate) fn memory_size(value: &Value) -> usize {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(memory_size).sum(),
        Value::Object(members) => members_size(members),
    };
    size_of::<Value>() + inside
}

pub(crate) fn members_size(members: &Map<String, Value>) -> usize {
    members.iter().map(|(key, value)| KEY_BYTES + key.len() + memory_size(value)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_overhead_of_each_value_and_key() {
        let value: Value = serde_json::from_str(r#"{"a":[0,null,"four",{}],"bc":true}"#).unwrap();
        assert_eq!(memory_size(&value), 7 * size_of::<Value>() + 2 * KEY_BYTES + "abcfour".len());
    }
}
