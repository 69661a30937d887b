//! What the code generator and the tests need to know about an operation, in addition to its definition.

use serde_json::{Map, Value};

use crate::catalog::definition::Definition;
use crate::catalog::parameter::Parameter;

/// An operation, with everything that its file defines.
pub struct Entry {
    /// What a call needs.
    pub definition: &'static Definition,
    /// The type of the request, such as `GetVisitor`.
    pub type_name: &'static str,
    /// The documentation after the summary: lines, or an empty string.
    pub details: &'static str,
    /// One for each parameter of the definition, in the same order.
    pub parameter_info: &'static [ParameterInfo],
    /// A 2xx response, as JSON.
    pub example_response: &'static str,
    /// The statuses that the service documents for this operation, except 2xx and 401, and their meaning.
    pub error_statuses: &'static [(u16, &'static str)],
    /// Reads a 2xx response and returns the `Debug` form of its type; None if it does not have the expected shape.
    pub debug_response: fn(Value) -> Option<String>,
}

/// What the code generator needs to know about a [`Parameter`].
pub struct ParameterInfo {
    /// The type in Rust, such as `String` or `Branding`.
    pub type_name: &'static str,
    /// The object, if this is the type.
    pub object: Option<&'static RequestObject>,
    /// The example: text, or JSON if the parameter is not text. None for objects: their members have examples.
    pub example: Option<&'static str>,
    /// The service's default, as JSON; None if it is not documented or not fixed.
    pub default: Option<&'static str>,
    /// Whether languages with named arguments take it by position. Those in the path are always positional.
    pub positional: bool,
}

/// An object within a request.
pub struct RequestObject {
    /// The type, such as `Branding`.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its keys.
    pub parameters: &'static [Parameter],
    /// One for each parameter, in the same order.
    pub parameter_info: &'static [ParameterInfo],
}

/// A Rust type that a field of a request may have.
pub trait FieldType {
    /// The object, if the type is one.
    const OBJECT: Option<&'static RequestObject> = None;
}

impl FieldType for String {}
impl FieldType for bool {}
impl FieldType for u32 {}
impl FieldType for u64 {}
impl FieldType for Value {}
impl FieldType for Map<String, Value> {}

/// The element of a list that has at most one: what a macro matched with `$(...)?`.
pub(crate) const fn at_most_one(list: &[&'static str]) -> Option<&'static str> {
    match list {
        [one] => Some(one),
        _ => None,
    }
}
