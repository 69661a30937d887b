//! Example requests, from the examples in the definitions.

use serde_json::{Map, Value};

use crate::catalog::entry::{Entry, ParameterInfo};
use crate::catalog::parameter::Parameter;

/// A request with all keys, or with the required ones only.
pub fn example_request(entry: &Entry, only_required: bool) -> Value {
    let mut parameters: Vec<(&Parameter, &ParameterInfo)> =
        entry.definition.parameters().zip(entry.parameter_info).collect();
    // The first of the keys that exclude each other.
    if let Some((_, others)) = entry.definition.exactly_one.split_first() {
        parameters.retain(|(parameter, _)| !others.contains(&parameter.name));
    }
    let chosen = entry.definition.exactly_one.first();
    parameters.retain(|(parameter, _)| !only_required || parameter.required || chosen == Some(&parameter.name));
    Value::Object(example_members(&parameters, only_required))
}

fn example_members(parameters: &[(&Parameter, &ParameterInfo)], only_required: bool) -> Map<String, Value> {
    let mut members = Map::new();
    for (parameter, info) in parameters {
        let value = match info.object {
            Some(object) => {
                let members = object.parameters.iter().zip(object.parameter_info);
                let members: Vec<_> = members.filter(|(parameter, _)| !only_required || parameter.required).collect();
                Value::Object(example_members(&members, only_required))
            }
            None => example(parameter, info),
        };
        members.insert(parameter.name.to_owned(), value);
    }
    members
}

/// The example of a parameter that is not an object; null if the definition has none.
pub fn example(parameter: &Parameter, info: &ParameterInfo) -> Value {
    let text = info.example.unwrap_or("null");
    match parameter.parameter_type.is_text() {
        true if info.example.is_some() => Value::String(text.to_owned()),
        _ => serde_json::from_str(text).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::registry::OPERATIONS;

    #[test]
    fn every_key_has_a_description_and_an_example() {
        for entry in OPERATIONS {
            for parameter in entry.definition.parameters().zip(entry.parameter_info) {
                assert_complete(entry.definition.name, parameter);
            }
        }
    }

    fn assert_complete(owner: &str, (parameter, info): (&Parameter, &ParameterInfo)) {
        let (name, doc) = (parameter.name, parameter.doc);
        assert!(doc.ends_with('.'), "{owner}.{name}: the description is not a sentence: {doc}");
        match info.object {
            Some(object) => object
                .parameters
                .iter()
                .zip(object.parameter_info)
                .for_each(|member| assert_complete(object.name, member)),
            None => assert!(!example(parameter, info).is_null(), "{owner}.{name} has no example"),
        }
    }
}
