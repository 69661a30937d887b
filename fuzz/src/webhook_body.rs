//! Fuzzes the body of a webhook, which anyone can send.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;
use upscope_core::{parse_webhook, parse_webhook_json};

use super::oracle::{invalid_argument, without_secret};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match parse_webhook_json(text) {
        Ok(json) => {
            assert_eq!(json, text, "the bytes changed");
            assert!(!json.contains('\0'), "C would truncate the string");
            assert_ne!(has_id(text), Some(false), "accepted without an id");
            // Numbers beyond the range of a double and unpaired surrogates cannot be represented.
            if serde_json::from_str::<Value>(text).is_ok() {
                let session = parse_webhook(text).expect("an accepted body has a typed session");
                assert!(session.id.is_some());
                let _ = format!("{session:?}");
            }
        }
        Err(error) => {
            invalid_argument(&error);
            without_secret(error.message());
            let deep = data.iter().filter(|b| matches!(b, b'{' | b'[')).count() > 128;
            assert!(deep || has_id(text) != Some(true), "rejected with an id: {error}");
            assert!(parse_webhook(text).is_err_and(|typed| typed.message() == error.message()));
        }
    }
}

/// Whether the text is an object with an id, checked with other code than the library's; None if this code cannot decide.
fn has_id(text: &str) -> Option<bool> {
    let Ok(raw) = serde_json::from_str::<&RawValue>(text) else {
        return Some(false);
    };
    if !raw.get().starts_with('{') {
        return Some(false);
    }
    let members: HashMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    Some(members.get("id").is_some_and(|id| {
        let number = id.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
        number || serde_json::from_str::<String>(id.get()).is_ok_and(|id| !id.is_empty())
    }))
}
