//! Fuzzes the body of a 2xx response: its validation for the operation, and the typed responses.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;
use upscope_core::catalog::Entry;
use upscope_core::operation::ExpectedShape;
use upscope_core::{Secret, fuzzing, json};

use super::oracle::{PLANTED, operation_and_rest, readable, without_secret};

pub fn run(data: &[u8]) {
    let Some((entry, body)) = operation_and_rest(data) else {
        return;
    };
    let expected = entry.definition.expected;
    match fuzzing::validate_response(body.to_vec(), expected) {
        Ok(text) => {
            let unchanged = text.as_bytes() == body
                || (text == "{}" && matches!(expected, ExpectedShape::Nothing | ExpectedShape::Json));
            assert!(unchanged, "the bytes changed");
            assert!(!text.contains('\0'), "C would truncate the string");
            assert_ne!(is_valid(text.as_bytes(), expected), Some(false), "accepted without a required value");
            check_accepted(&text, entry);
        }
        Err(problem) => {
            readable(&problem);
            without_secret(&problem);
            let deep = body.iter().filter(|b| matches!(b, b'{' | b'[')).count() > 128;
            assert!(deep || is_valid(body, expected) != Some(true), "rejected with all required values: {problem}");
        }
    }
    check_error_text(&String::from_utf8_lossy(body));
}

/// Validates the body with other code than the library's; None if this code cannot decide.
fn is_valid(body: &[u8], expected: ExpectedShape) -> Option<bool> {
    let Ok(raw) = serde_json::from_slice::<&RawValue>(body) else {
        // Some operations accept an empty or plain-text body.
        return if matches!(expected, ExpectedShape::Nothing | ExpectedShape::Json) { None } else { Some(false) };
    };
    if matches!(expected, ExpectedShape::Nothing | ExpectedShape::Json) {
        return Some(true);
    }
    if !raw.get().starts_with('{') {
        return Some(false);
    }
    // A key with an unpaired surrogate cannot be parsed.
    let members: HashMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let starts = |name: &str, start: &str| members.get(name).is_some_and(|value| value.get().starts_with(start));
    let text = |name: &str| members.get(name).is_some_and(|v| serde_json::from_str::<String>(v.get()).is_ok());
    Some(match expected {
        ExpectedShape::Object(name) => starts(name, "{"),
        ExpectedShape::Array(name) => starts(name, "["),
        ExpectedShape::Text(name) => text(name),
        ExpectedShape::Token => starts("authorized", "f") || (starts("authorized", "t") && text("token")),
        ExpectedShape::Nothing | ExpectedShape::Json => true,
    })
}

fn check_accepted(text: &str, entry: &Entry) {
    let ascii = json::escape_non_ascii(text.to_owned()).expect("memory");
    assert!(ascii.is_ascii());
    // Numbers beyond the range of a double and unpaired surrogates are valid, but Value cannot represent them.
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return;
    };
    assert_eq!(serde_json::from_str::<Value>(&ascii).ok().as_ref(), Some(&value));
    check_typed(value, entry);
}

/// A valid body has a typed response. Its debug output contains no secret.
fn check_typed(value: Value, entry: &Entry) {
    let secret = match entry.definition.expected {
        ExpectedShape::Text(name) => value[name].as_str().is_some_and(|link| link.contains(PLANTED)),
        ExpectedShape::Token => value["token"].as_str().is_some_and(|token| token.contains(PLANTED)),
        _ => false,
    };
    let secret = secret && value.to_string().matches(PLANTED).count() == 1;
    let shown = (entry.debug_response)(value);
    assert!(shown.is_some(), "{} has no typed response", entry.definition.name);
    if secret {
        without_secret(&shown.unwrap_or_default());
    }
}

/// Text from the service that an error quotes.
fn check_error_text(text: &str) {
    let with_space = format!("key {PLANTED}");
    let clean = fuzzing::redact_text(&text.replace(PLANTED, &with_space), &Secret::new(with_space.as_str()));
    assert!(!clean.contains(char::is_control), "{clean:?}");
    assert!(!clean.contains("://") && clean.chars().count() < 2000, "{clean:?}");
    without_secret(&clean);
}
