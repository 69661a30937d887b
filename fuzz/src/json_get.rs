//! Fuzzes reading a value: the first line is a JSON pointer, the rest is the JSON text.

use serde_json::Value;
use serde_json::value::RawValue;
use upscope_core::json;

use super::oracle::{PLANTED, invalid_argument};

pub fn run(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else {
        return;
    };
    let Some((pointer, text)) = input.split_once('\n') else {
        return;
    };
    let is_pointer = is_pointer(pointer);
    let result = json::get(text, pointer);
    if let Err(error) = &result {
        invalid_argument(error);
        // Errors quote the pointer, but not the text.
        assert!(pointer.contains(PLANTED) || !error.message().contains(PLANTED), "{error}");
    }
    if !is_pointer || serde_json::from_str::<&RawValue>(text).is_err() {
        return assert!(result.is_err(), "accepted: {result:?}");
    }
    if let Ok(Some(value)) = &result {
        assert!(!value.contains('\0'), "C would truncate the string");
        assert_eq!(value.capacity(), value.len() + 1, "the NUL of C has its place");
    }
    // Numbers beyond the range of a double, unpaired surrogates and deep nesting are valid, but not in a tree.
    let Ok(tree) = serde_json::from_str::<Value>(text) else {
        return;
    };
    match (tree.pointer(pointer), result) {
        (None | Some(Value::Null), result) => assert!(matches!(result, Ok(None)), "{result:?}"),
        (Some(Value::String(wanted)), Ok(found)) => assert_eq!(found.as_ref(), Some(wanted)),
        (Some(Value::String(wanted)), Err(error)) => assert!(wanted.contains('\0'), "{error}"),
        (Some(wanted), result) => {
            let found = result.expect("a value of a tree").expect("a value");
            assert_eq!(serde_json::from_str::<Value>(&found).ok().as_ref(), Some(wanted));
        }
    }
}

/// The grammar of RFC 6901.
fn is_pointer(text: &str) -> bool {
    let is_name = |name: &str| {
        let mut characters = name.chars();
        while let Some(character) = characters.next() {
            if character == '~' && !matches!(characters.next(), Some('0' | '1')) {
                return false;
            }
        }
        true
    };
    let mut names = text.split('/');
    names.next() == Some("") && names.all(is_name)
}
