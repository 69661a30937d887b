//! Flat requests, for languages whose functions take one parameter for each value: the members of objects become
//! parameters of their own.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::{Key, Object, Operation};
use crate::filters::camel;

/// An operation with a flat request.
#[derive(Serialize)]
pub struct FlatOperation {
    pub name: &'static str,
    /// The record for the request in Pascal, if it has more than [`MAX_OPTIONAL`] optional keys.
    pub record: Option<Record>,
    pub parts: Vec<Part>,
}

/// The record for a request in Pascal.
#[derive(Clone, Serialize)]
pub struct Record {
    /// The name of the parameter, and of the type without the prefix `TUpscope`, such as `Watch`.
    pub name: String,
    /// The function that creates a record, such as `UpscopeWatch`.
    pub function: String,
    pub doc: String,
}

/// One key of a request.
#[derive(Serialize)]
pub struct Part {
    pub key: &'static str,
    pub required: bool,
    /// Whether it is an object with only optional booleans. In Pascal, these are two sets.
    pub is_set: bool,
    pub is_object: bool,
    pub type_name: &'static str,
    /// The key itself, or the members of its object.
    pub values: Vec<FlatValue>,
}

/// One value of a request.
#[derive(Serialize)]
pub struct FlatValue {
    /// The name of the parameter, such as `AgentName`.
    pub name: String,
    pub key: &'static str,
    /// Whether its object requires it.
    pub required: bool,
    /// Whether every request requires it.
    pub always_required: bool,
    pub kind: &'static str,
    pub type_name: &'static str,
    pub words: &'static [&'static str],
    pub doc: &'static str,
    /// Whether an optional boolean means false if it is left out.
    pub plain_boolean: bool,
}

/// Records with public names that do not follow the rule: operation, record, function, documentation.
const RECORDS: &[(&str, &str, &str, &str)] = &[
    (
        "create_watch_url",
        "Watch",
        "UpscopeWatch",
        "The request of CreateWatchUrl. Create it with UpscopeWatch. Values that are '', nil or in no set are not sent.",
    ),
    (
        "list_sessions",
        "Filter",
        "UpscopeAllSessions",
        "The request of ListSessions. Create it with UpscopeAllSessions. Values that are '' or False are not sent.",
    ),
];

/// Objects whose members keep their names without the name of the object as a prefix.
const WITHOUT_PREFIX: &[&str] = &["branding"];

/// Requests with more optional keys than this become a record.
const MAX_OPTIONAL: usize = 3;

impl FlatOperation {
    pub fn new(operation: &Operation, objects: &BTreeMap<&'static str, Object>) -> FlatOperation {
        let optional = operation.keys.iter().filter(|key| !key.required).count();
        let parts = operation.keys.iter().map(|key| Part::new(key, objects)).collect();
        let record = (optional > MAX_OPTIONAL).then(|| record(operation));
        FlatOperation { name: operation.name, record, parts }
    }
}

fn record(operation: &Operation) -> Record {
    match RECORDS.iter().find(|(name, ..)| *name == operation.name) {
        Some((_, name, function, doc)) => {
            Record { name: (*name).to_owned(), function: (*function).to_owned(), doc: (*doc).to_owned() }
        }
        None => Record {
            name: operation.type_name.to_owned(),
            function: format!("Upscope{}", operation.type_name),
            doc: format!(
                "The request of {0}. Create it with Upscope{0}. Values that are '', nil or in no set are not sent.",
                operation.type_name
            ),
        },
    }
}

impl Part {
    fn new(key: &Key, objects: &BTreeMap<&'static str, Object>) -> Part {
        let object = objects.get(key.type_name).filter(|_| key.kind == "object");
        let members = object.map(|object| object.keys.as_slice());
        let prefix = if WITHOUT_PREFIX.contains(&key.name) { String::new() } else { camel(key.name) };
        let values = match members {
            Some(members) => members
                .iter()
                .map(|member| FlatValue::new(member, format!("{prefix}{}", camel(member.name)), key.required))
                .collect(),
            None => vec![FlatValue::new(key, camel(key.name), true)],
        };
        let is_set =
            members.is_some_and(|members| members.iter().all(|member| !member.required && member.kind == "boolean"));
        Part {
            key: key.name,
            required: key.required,
            is_set,
            is_object: object.is_some(),
            type_name: key.type_name,
            values,
        }
    }
}

impl FlatValue {
    fn new(key: &Key, name: String, object_required: bool) -> FlatValue {
        FlatValue {
            name,
            key: key.name,
            required: key.required,
            always_required: key.required && object_required,
            kind: key.kind,
            type_name: key.type_name,
            words: key.words,
            doc: key.doc,
            plain_boolean: key.default == Some(serde_json::Value::Bool(false)),
        }
    }
}
