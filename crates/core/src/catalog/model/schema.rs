//! The JSON Schema of an answer: what is documented, with nothing required but what the operation promises.

use crate::catalog::model::{AnswerType, AttributeInfo, Model, ValueType};
use crate::catalog::operation::{Definition, ExpectedShape};
use crate::catalog::parameter::json_text;

/// The models that a schema is within, each with its place. An object that comes up within itself refers to that.
type Within<'a> = &'a [(&'static Model, String)];

/// The JSON Schema of a 2xx answer of this operation.
pub(crate) fn response_schema(definition: &Definition) -> String {
    let doc = json_text(definition.answer_doc);
    match (definition.expected, definition.answer) {
        (ExpectedShape::Json, _) => format!(r#"{{"description":{doc}}}"#),
        (ExpectedShape::Object(name), AnswerType::Object(model)) => {
            let object = object(model(), &place("", name), &[], &[]);
            wrapped(name, &format!(r#"{{"description":{doc},"type":"object",{object}}}"#))
        }
        (ExpectedShape::Array(name), AnswerType::Objects(model)) => {
            let item = nullable(model(), &format!("{}/items", place("", name)), &[]);
            wrapped(name, &format!(r#"{{"description":{doc},"type":"array","items":{item}}}"#))
        }
        (ExpectedShape::Array(name) | ExpectedShape::Text(name), AnswerType::Object(model)) => {
            let members = object(model(), "", &[name], &[]);
            format!(r#"{{"description":{doc},"type":"object",{members},"required":["{name}"]}}"#)
        }
        (ExpectedShape::Token, AnswerType::Object(model)) => {
            let members = object(model(), "", &["authorized"], &[]);
            let token = r#""if":{"properties":{"authorized":{"const":true}}},"then":{"properties":{"token":{"type":"string"}},"required":["token"]}"#;
            format!(r#"{{"description":{doc},"type":"object",{members},"required":["authorized"],{token}}}"#)
        }
        _ => format!(r#"{{"description":{doc},"type":"object","properties":{{{STATUS}}}}}"#),
    }
}

/// What the service puts beside most answers.
const STATUS: &str = r#""status":{"description":"`ok`.","type":["string","null"]}"#;

fn wrapped(name: &str, member: &str) -> String {
    format!(r#"{{"type":"object","properties":{{{STATUS},"{name}":{member}}},"required":["{name}"]}}"#)
}

fn place(within: &str, name: &str) -> String {
    format!("{within}/properties/{name}")
}

/// The properties of an object that stands at `place`. Those that are promised are not null.
fn object(model: &'static Model, place: &str, promised: &[&str], within: Within) -> String {
    let mut within = within.to_vec();
    within.push((model, place.to_owned()));
    let attributes = model.attributes.iter().map(|attribute| {
        let value = value(attribute, place, promised.contains(&attribute.name), &within);
        format!(r#""{}":{{"description":{},{value}}}"#, attribute.name, json_text(attribute.doc))
    });
    // A expected of the whole answer is one beside its status.
    let status = if promised.is_empty() || promised == ["authorized"] { String::new() } else { format!("{STATUS},") };
    format!(r#""properties":{{{status}{}}}"#, attributes.collect::<Vec<_>>().join(","))
}

fn value(attribute: &AttributeInfo, place_of_object: &str, promised: bool, within: Within) -> String {
    let of = |name: &str| match promised {
        true => format!(r#""type":"{name}""#),
        false => format!(r#""type":["{name}","null"]"#),
    };
    let place = place(place_of_object, attribute.name);
    match attribute.value {
        ValueType::Text | ValueType::Secret => of("string"),
        ValueType::Id => r#""type":["string","integer","null"]"#.into(),
        ValueType::Time => format!(r#"{},"format":"date-time""#, of("string")),
        ValueType::Boolean => of("boolean"),
        ValueType::Integer => of("integer"),
        ValueType::AnyObject => of("object"),
        ValueType::Texts => format!(r#"{},"items":{{"type":["string","null"]}}"#, of("array")),
        ValueType::Objects(model) => {
            format!(r#"{},"items":{}"#, of("array"), nullable(model(), &format!("{place}/items"), within))
        }
        ValueType::Object(model) => format!(r#"{},{}"#, of("object"), object(model(), &place, &[], within)),
    }
}

/// The schema of an object at `place`, or of a null in its stead.
fn nullable(model: &'static Model, place: &str, within: Within) -> String {
    match within.iter().find(|(other, _)| other.name == model.name) {
        Some((_, place)) => format!(r##"{{"$ref":"#{place}"}}"##),
        None => {
            let doc = json_text(model.doc);
            format!(r#"{{"description":{doc},"type":["object","null"],{}}}"#, object(model, place, &[], within))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::catalog::operation::operations_json;

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
    fn nothing_is_required_but_what_is_promised() {
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
    fn every_attribute_is_described_and_every_reference_leads_somewhere() {
        fn walk(schema: &Value, whole: &Value, described: &mut usize) {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                let target = property.get("$ref").and_then(Value::as_str).map(|to| &to[1..]);
                if let Some(pointer) = target {
                    assert!(whole.pointer(pointer).is_some(), "{pointer}");
                    continue;
                }
                assert!(property["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}: {property}");
                *described += 1;
                walk(property, whole, described);
                walk(&property["items"], whole, described);
            }
            if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
                assert!(whole.pointer(&pointer[1..]).is_some_and(Value::is_object), "{pointer}");
            }
        }
        for (name, least) in [("get_usage", 15), ("get_visitor", 45), ("lookup_agent", 20), ("list_sessions", 20)] {
            let schema = response(name);
            let mut described = 0;
            walk(&schema, &schema, &mut described);
            assert!(described >= least, "{name}: {described}");
        }
    }
}
