//! Reads and measures JSON values.

mod memory_size;
mod object_reader;

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
