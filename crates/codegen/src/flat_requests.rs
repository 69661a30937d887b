//! Requests without objects, for languages whose functions take one argument for each value: the members of an object
//! become arguments of their own.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::{Key, Object, Operation};
use crate::filters::camel;

/// An operation with its request as a list of values.
#[derive(Serialize)]
pub struct FlatOperation {
    pub name: &'static str,
    /// The names that the request has in Pascal where it is a record of its own: with more than three optional keys.
    pub record: Option<Record>,
    pub parts: Vec<Part>,
}

/// A record of a request in Pascal, such as `Watch`.
#[derive(Clone, Serialize)]
pub struct Record {
    /// The type without its `TUpscope`, and the parameter.
    pub name: String,
    /// The function that makes one.
    pub function: String,
    pub doc: String,
}

/// One key of a request.
#[derive(Serialize)]
pub struct Part {
    pub key: &'static str,
    pub required: bool,
    /// Whether it holds nothing but optional booleans; then it is two sets of words.
    pub is_set: bool,
    pub is_object: bool,
    pub type_name: &'static str,
    /// The key itself, or the members of the object it holds.
    pub values: Vec<FlatValue>,
}

/// One value of a request.
#[derive(Serialize)]
pub struct FlatValue {
    /// Such as `AgentName`.
    pub name: String,
    pub key: &'static str,
    /// Within its object.
    pub required: bool,
    /// In the request.
    pub needed: bool,
    pub kind: &'static str,
    pub type_name: &'static str,
    pub words: &'static [&'static str],
    pub doc: &'static str,
    /// Whether an optional boolean that is left out counts as false.
    pub plain_boolean: bool,
}

/// Names that were public before they were generated: operation, record, function, text.
const RECORDS: &[(&str, &str, &str, &str)] = &[
    (
        "create_watch_url",
        "Watch",
        "UpscopeWatch",
        "What CreateWatchUrl asks for; begin with UpscopeWatch. What is '', nil or in no set is left to the service.",
    ),
    (
        "list_sessions",
        "Filter",
        "UpscopeAllSessions",
        "Which sessions; begin with UpscopeAllSessions. What is '' or False is not asked for.",
    ),
];

/// Objects whose members have names that say enough.
const WITHOUT_PREFIX: &[&str] = &["branding"];

/// Requests with more optional keys than this are a record of their own.
const MOST_OPTIONAL: usize = 3;

impl FlatOperation {
    pub fn new(operation: &Operation, objects: &BTreeMap<&'static str, Object>) -> FlatOperation {
        let optional = operation.keys.iter().filter(|key| !key.required).count();
        let parts = operation.keys.iter().map(|key| Part::new(key, objects)).collect();
        let record = (optional > MOST_OPTIONAL).then(|| record(operation));
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
                "What {0} asks for; begin with Upscope{0}. What is '', nil or in no set is left to the service.",
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
    fn new(key: &Key, name: String, within_needed: bool) -> FlatValue {
        FlatValue {
            name,
            key: key.name,
            required: key.required,
            needed: key.required && within_needed,
            kind: key.kind,
            type_name: key.type_name,
            words: key.words,
            doc: key.doc,
            plain_boolean: key.default == Some(serde_json::Value::Bool(false)),
        }
    }
}
