//! Reads, measures and writes JSON values.

mod memory_size;
mod object_reader;

use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use memory_size::{members_size, memory_size};
pub(crate) use object_reader::ObjectReader;

/// The members of an object, and an empty map for any other value.
pub(crate) fn into_members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Appends a list to JSON text.
pub(crate) fn write_json_list(text: &mut Vec<u8>, list: impl Iterator<Item = impl Serialize>) {
    text.push(b'[');
    for (index, element) in list.enumerate() {
        if index > 0 {
            text.push(b',');
        }
        // Fails only for a map whose keys are not strings.
        let _ = serde_json::to_writer(&mut *text, &element);
    }
    text.push(b']');
}
