//! What the code generator and the tests need to know of the operations beyond what a call needs. No part of the
//! interface, and no part of a program that does not refer to it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::catalog::operation::Definition;
use crate::catalog::operations;
use crate::catalog::options::CallOptions;
use crate::catalog::parameter::Parameter;

/// An operation as its file defines it.
pub struct Entry {
    /// What a call needs.
    pub definition: &'static Definition,
    /// The type of its request, such as `GetVisitor`.
    pub type_name: &'static str,
    /// What there is to know beyond the summary; lines, or nothing.
    pub details: &'static str,
    /// One for each of the definition's parameters, in their order.
    pub keys: &'static [Key],
    /// A 2xx answer, as JSON.
    pub example_answer: &'static str,
    /// The statuses that the service documents for this operation besides 2xx and 401, and what it means by them.
    pub refused: &'static [(u16, &'static str)],
    /// Reads a 2xx answer and gives the `Debug` form of its type. None when it is not what the operation promised.
    pub read: fn(Value) -> Option<String>,
}

/// What the catalogue says of a key besides its [`Parameter`].
pub struct Key {
    /// Its type in Rust, such as `String` or `Branding`.
    pub type_name: &'static str,
    /// The object it holds, if it holds one.
    pub object: Option<&'static Object>,
    /// Text, or JSON where the key's kind is not text. None for objects, which have those of their members.
    pub example: Option<&'static str>,
    /// What the service assumes when the key is left out, as JSON; None where that is not documented or depends.
    pub default: Option<&'static str>,
    /// Whether it is a positional argument in languages with named ones. Those in the path always are.
    pub positional: bool,
}

/// An object within a request.
pub struct Object {
    /// Its type, such as `Branding`.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its keys.
    pub parameters: &'static [Parameter],
    /// One for each of the parameters, in their order.
    pub keys: &'static [Key],
}

/// A type that a key of a request may have.
pub trait RequestType {
    /// The object that such a key holds, if it holds one.
    const OBJECT: Option<&'static Object> = None;
}

impl RequestType for String {}
impl RequestType for bool {}
impl RequestType for u32 {}
impl RequestType for u64 {}
impl RequestType for Value {}
impl RequestType for Map<String, Value> {}

/// The one element of a list, if it has one: what a definition says at most once.
pub(crate) const fn given(list: &[&'static str]) -> Option<&'static str> {
    match list {
        [one] => Some(one),
        _ => None,
    }
}

/// Every operation, in the order of the documentation.
pub static OPERATIONS: &[&Entry] = operations::ENTRIES;

/// `options`, which every request takes.
pub static OPTIONS: &Object = CallOptions::DEFINITION;

/// The operation of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    OPERATIONS.iter().copied().find(|entry| entry.definition.name == name)
}

/// A request with every key that the service does not assume anyway; `only_required` leaves out what may be.
pub fn example_request(entry: &Entry, only_required: bool) -> Value {
    let mut parameters: Vec<(&Parameter, &Key)> = entry.definition.parameters().zip(entry.keys).collect();
    // Of those that exclude each other, the first.
    if let Some((_, others)) = entry.definition.exactly_one.split_first() {
        parameters.retain(|(parameter, _)| !others.contains(&parameter.name));
    }
    let needed = entry.definition.exactly_one.first();
    parameters.retain(|(parameter, _)| !only_required || parameter.required || needed == Some(&parameter.name));
    Value::Object(example_members(&parameters, only_required))
}

fn example_members(parameters: &[(&Parameter, &Key)], only_required: bool) -> Map<String, Value> {
    let mut members = Map::new();
    for (parameter, key) in parameters {
        let value = match key.object {
            Some(object) => {
                let all = object.parameters.iter().zip(object.keys);
                let some: Vec<_> = all.filter(|(parameter, _)| !only_required || parameter.required).collect();
                Value::Object(example_members(&some, only_required))
            }
            None => example(parameter, key),
        };
        members.insert(parameter.name.to_owned(), value);
    }
    members
}

/// The example of a key that holds no object of ours; null when the definition has none.
pub fn example(parameter: &Parameter, key: &Key) -> Value {
    let text = key.example.unwrap_or("null");
    match parameter.kind.is_text() {
        true if key.example.is_some() => Value::String(text.to_owned()),
        _ => serde_json::from_str(text).unwrap_or_default(),
    }
}

/// The objects of requests by their names.
pub fn objects() -> BTreeMap<&'static str, &'static Object> {
    let keys = OPERATIONS.iter().flat_map(|entry| entry.keys).filter_map(|key| key.object);
    keys.map(|object| (object.name, object)).collect()
}

/// How a call can end: a constant of the C ABI.
pub struct Status {
    /// Its number.
    pub value: i32,
    /// Its name, such as `not_found`.
    pub name: &'static str,
    /// When it is given.
    pub doc: &'static str,
}

const fn status(value: i32, name: &'static str, doc: &'static str) -> Status {
    Status { value, name, doc }
}

/// Every status, in the order of their numbers.
pub static STATUSES: &[Status] = &[
    status(0, "ok", "The call succeeded."),
    status(
        1,
        "invalid_argument",
        "NULL, not UTF-8, not JSON, or an unknown, missing or ill-typed key: nothing was sent.",
    ),
    status(2, "unauthorized", "HTTP 401: the API key is not accepted."),
    status(3, "payment_required", "HTTP 402: the subscription does not cover the call."),
    status(4, "not_found", "HTTP 404: no such visitor, agent or path."),
    status(
        5,
        "conflict",
        "HTTP 409: the current state does not allow the call, such as deleting a visitor who is online.",
    ),
    status(6, "rate_limited", "HTTP 429, after all retries."),
    status(7, "server_error", "HTTP 5xx, after all retries."),
    status(8, "http_error", "Any other HTTP status except 2xx. Redirects are never followed."),
    status(9, "timeout", "The deadline of the call passed, in any phase."),
    status(10, "connection", "No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed."),
    status(
        11,
        "bad_response",
        "A 2xx response that is truncated, too large, too deeply nested, not JSON or UTF-8, or lacks what the operation promises.",
    ),
    status(12, "cancelled", "The caller cancelled the call."),
    status(13, "internal", "A bug in this library, caught before it could crash the program."),
    status(100, "done", "upscope_sessions_next: there are no more pages."),
    status(101, "pending", "Not finished yet."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::response;
    use crate::error::ErrorCode;
    use crate::request::build::Call;
    use crate::support::secret::WipedBytes;

    #[test]
    fn every_key_has_an_example_that_is_accepted() {
        for entry in OPERATIONS {
            let name = entry.definition.name;
            for parameter in entry.definition.parameters().zip(entry.keys) {
                assert_complete(name, parameter);
            }
            for only_required in [false, true] {
                let request = example_request(entry, only_required).to_string();
                let refused = Call::prepare(entry.definition, &request).err();
                assert!(refused.is_none(), "{name}: the example {request} is refused: {refused:?}");
            }
        }
    }

    fn assert_complete(owner: &str, (parameter, key): (&Parameter, &Key)) {
        assert!(
            parameter.doc.ends_with('.'),
            "{owner}.{}: the text is not a sentence: {}",
            parameter.name,
            parameter.doc
        );
        match key.object {
            Some(object) => {
                object.parameters.iter().zip(object.keys).for_each(|each| assert_complete(object.name, each))
            }
            None => assert!(!example(parameter, key).is_null(), "{owner}.{} has no example", parameter.name),
        }
    }

    #[test]
    fn every_example_of_an_answer_keeps_the_promise() {
        for entry in OPERATIONS {
            let (name, expected) = (entry.definition.name, entry.definition.expected);
            let text = response::validate(WipedBytes::new(entry.example_answer.as_bytes().to_vec()), expected);
            assert!(text.is_ok(), "{name}: {text:?}");
            let value: Value = serde_json::from_str(entry.example_answer).unwrap();
            assert!((entry.read)(value).is_some(), "{name}: the example is not of the answer's type");
        }
    }

    #[test]
    fn the_statuses_are_those_of_the_errors() {
        for code in ErrorCode::ALL {
            let status = STATUSES.iter().find(|status| status.value == code as i32);
            assert_eq!(status.map(|status| status.name), Some(code.name()));
        }
        assert!(STATUSES.is_sorted_by_key(|status| status.value));
    }
}
