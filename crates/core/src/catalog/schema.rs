//! The JSON Schemas of an operation. The schema of a response contains all that is documented, but requires only what
//! the operation expects.

use crate::catalog::definition::Definition;
use crate::catalog::expected_shape::ExpectedShape;
use crate::catalog::model::{AttributeInfo, Model, ResponseType, ValueType};
use crate::catalog::options;
use crate::catalog::parameter::{json_string, object_schema};

/// The models around a schema, each with its JSON pointer. A model within itself becomes a reference to that pointer.
type Ancestors<'a> = &'a [(&'static Model, String)];

/// A definition as JSON: an element of [`operations_json`](crate::catalog::registry::operations_json).
pub(crate) fn definition_json(definition: &Definition) -> String {
    let mut request = object_schema(definition.parameters().chain(options::PARAMETER));
    if !definition.exactly_one.is_empty() {
        let one_of: Vec<String> =
            definition.exactly_one.iter().map(|name| format!(r#"{{"required":["{name}"]}}"#)).collect();
        request += &format!(r#","oneOf":[{}]"#, one_of.join(","));
    }
    let Definition { name, method, path, .. } = definition;
    let (summary, changes_state) = (json_string(definition.summary), definition.changes_state());
    let response = response_schema(definition);
    format!(
        r#"{{"name":"{name}","method":"{method}","path":"{path}","summary":{summary},"changes_state":{changes_state},"request":{{{request}}},"response":{response}}}"#
    )
}

/// The JSON Schema of a 2xx response.
fn response_schema(definition: &Definition) -> String {
    let doc = json_string(definition.response_doc);
    match (definition.expected, definition.response_type) {
        (ExpectedShape::Json, _) => format!(r#"{{"description":{doc}}}"#),
        (ExpectedShape::Object(name), ResponseType::Object(model)) => {
            let object = object(model(), &pointer_to("", name), &[], &[]);
            wrapped(name, &format!(r#"{{"description":{doc},"type":"object",{object}}}"#))
        }
        (ExpectedShape::Array(name), ResponseType::ObjectList(model)) => {
            let item = nullable(model(), &format!("{}/items", pointer_to("", name)), &[]);
            wrapped(name, &format!(r#"{{"description":{doc},"type":"array","items":{item}}}"#))
        }
        (ExpectedShape::Array(name) | ExpectedShape::Text(name), ResponseType::Object(model)) => {
            let members = object(model(), "", &[name], &[]);
            format!(r#"{{"description":{doc},"type":"object",{members},"required":["{name}"]}}"#)
        }
        (ExpectedShape::Token, ResponseType::Object(model)) => {
            let members = object(model(), "", &["authorized"], &[]);
            let token = r#""if":{"properties":{"authorized":{"const":true}}},"then":{"properties":{"token":{"type":"string"}},"required":["token"]}"#;
            format!(r#"{{"description":{doc},"type":"object",{members},"required":["authorized"],{token}}}"#)
        }
        _ => format!(r#"{{"description":{doc},"type":"object","properties":{{{STATUS}}}}}"#),
    }
}

/// The member that most responses have in addition.
const STATUS: &str = r#""status":{"description":"`ok`.","type":["string","null"]}"#;

fn wrapped(name: &str, member: &str) -> String {
    format!(r#"{{"type":"object","properties":{{{STATUS},"{name}":{member}}},"required":["{name}"]}}"#)
}

fn pointer_to(parent: &str, name: &str) -> String {
    format!("{parent}/properties/{name}")
}

/// The properties of the object at `pointer`. The required ones are not null.
fn object(model: &'static Model, pointer: &str, required: &[&str], ancestors: Ancestors) -> String {
    let mut ancestors = ancestors.to_vec();
    ancestors.push((model, pointer.to_owned()));
    let attributes = model.attributes.iter().map(|attribute| {
        let value = value(attribute, pointer, required.contains(&attribute.name), &ancestors);
        format!(r#""{}":{{"description":{},{value}}}"#, attribute.name, json_string(attribute.doc))
    });
    // The status is a member of the response itself, not of an object within it.
    let status = if required.is_empty() || required == ["authorized"] { String::new() } else { format!("{STATUS},") };
    format!(r#""properties":{{{status}{}}}"#, attributes.collect::<Vec<_>>().join(","))
}

fn value(attribute: &AttributeInfo, parent: &str, required: bool, ancestors: Ancestors) -> String {
    let of_type = |name: &str| match required {
        true => format!(r#""type":"{name}""#),
        false => format!(r#""type":["{name}","null"]"#),
    };
    let pointer = pointer_to(parent, attribute.name);
    match attribute.value_type {
        ValueType::Text | ValueType::Secret => of_type("string"),
        ValueType::Id => r#""type":["string","integer","null"]"#.into(),
        ValueType::Time => format!(r#"{},"format":"date-time""#, of_type("string")),
        ValueType::Boolean => of_type("boolean"),
        ValueType::Integer => of_type("integer"),
        ValueType::AnyObject => of_type("object"),
        ValueType::TextList => format!(r#"{},"items":{{"type":["string","null"]}}"#, of_type("array")),
        ValueType::ObjectList(model) => {
            format!(r#"{},"items":{}"#, of_type("array"), nullable(model(), &format!("{pointer}/items"), ancestors))
        }
        ValueType::Object(model) => format!(r#"{},{}"#, of_type("object"), object(model(), &pointer, &[], ancestors)),
    }
}

/// The schema of an object or null at `pointer`.
fn nullable(model: &'static Model, pointer: &str, ancestors: Ancestors) -> String {
    match ancestors.iter().find(|(other, _)| other.name == model.name) {
        Some((_, pointer)) => format!(r##"{{"$ref":"#{pointer}"}}"##),
        None => {
            let doc = json_string(model.doc);
            format!(r#"{{"description":{doc},"type":["object","null"],{}}}"#, object(model, pointer, &[], ancestors))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::catalog::registry::operations_json;

    fn response(name: &str) -> Value {
        let all: Vec<Value> = serde_json::from_str(&operations_json()).unwrap();
        all.into_iter().find(|operation| operation["name"] == name).unwrap()["response"].clone()
    }

    /// Every `required` in the schema.
    fn required(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                found.extend(members.get("required").map(Value::to_string));
                members.values().for_each(|member| required(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| required(item, found)),
            _ => {}
        }
    }

    #[test]
    fn only_what_is_expected_is_required() {
        for (name, expected) in [
            ("get_usage", &[r#"["usage"]"#][..]),
            ("list_visitors", &[r#"["visitors"]"#]),
            ("get_visitor", &[r#"["visitor"]"#]),
            ("create_watch_url", &[r#"["watch_url"]"#]),
            ("stop_session", &[]),
            ("delete_visitor", &[]),
            ("delete_all_visitors", &[]),
            ("lookup_agent", &[r#"["agent"]"#]),
            ("list_sessions", &[r#"["cobrowsing_sessions"]"#]),
            ("authorize_onpremise_session", &[r#"["authorized"]"#, r#"["token"]"#]),
            ("request", &[]),
        ] {
            let mut found = Vec::new();
            required(&response(name), &mut found);
            found.sort();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn every_attribute_is_described_and_every_reference_resolves() {
        fn walk(schema: &Value, root: &Value, described: &mut usize) {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                let target = property.get("$ref").and_then(Value::as_str).map(|reference| &reference[1..]);
                if let Some(pointer) = target {
                    assert!(root.pointer(pointer).is_some(), "{pointer}");
                    continue;
                }
                assert!(property["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}: {property}");
                *described += 1;
                walk(property, root, described);
                walk(&property["items"], root, described);
            }
            if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
                assert!(root.pointer(&pointer[1..]).is_some_and(Value::is_object), "{pointer}");
            }
        }
        for (name, minimum) in [("get_usage", 15), ("get_visitor", 45), ("lookup_agent", 20), ("list_sessions", 20)] {
            let schema = response(name);
            let mut described = 0;
            walk(&schema, &schema, &mut described);
            assert!(described >= minimum, "{name}: {described}");
        }
    }
}
