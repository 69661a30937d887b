//! Fuzzes building a request: the first line names the operation, each other line has a name and a value with a tab between
//! them.

use serde_json::Value;
use upscope_core::{fuzzing, json};

use super::oracle::{invalid_argument, operation_and_rest};

pub fn run(data: &[u8]) {
    let Some((entry, rest)) = operation_and_rest(data) else {
        return;
    };
    let definition = entry.definition;
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let mut fields: Vec<(&str, &str)> = text.lines().map(|line| line.split_once('\t').unwrap_or((line, ""))).collect();
    let request = match json::build(definition.name, fields.iter().copied()) {
        Ok(request) => request,
        Err(error) => {
            invalid_argument(&error);
            return assert_eq!(error.operation(), Some(definition.name));
        }
    };
    // The operation accepts the request, which has these values at these names, and nothing else.
    fuzzing::build_request(definition, &request, "http://127.0.0.1/v1.3").expect("a valid request");
    let tree: Value = serde_json::from_str(&request).expect("a request is JSON");
    let mut leaves = Vec::new();
    collect_leaves("", &tree, &mut leaves);
    leaves.sort();
    fields.sort_unstable();
    assert_eq!(leaves.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>(), fields);
}

/// Every value that is not an object, with its keys and a dot before each.
fn collect_leaves(name: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Object(members) => {
            for (key, value) in members {
                let separator = if name.is_empty() { "" } else { "." };
                collect_leaves(&format!("{name}{separator}{key}"), value, leaves);
            }
            return;
        }
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) => panic!("{name} is {value}"),
    };
    leaves.push((name.to_owned(), text));
}
