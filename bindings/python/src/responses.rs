//! How the response of each operation becomes a Python value.

use pyo3::prelude::*;
use serde_json::Value;
use upscope::model::Done;
use upscope::operation::{ExpectedShape, Operation};

use crate::catalog::RESPONSE_TYPES;
use crate::exceptions;
use crate::json_scan::JsonObject;
use crate::json_value::loads;
use crate::models::{self, HasModel, Model};

/// The type of one operation's response.
pub struct ResponseType {
    pub operation: &'static str,
    expected: ExpectedShape,
    python_type: PythonType,
}

/// What a response is in Python.
#[derive(Clone, Copy)]
pub enum PythonType {
    None,
    /// What `json.loads` returns.
    Json,
    Object(&'static Model),
    List(&'static Model),
}

/// The response type of the operation of this name.
pub fn find(operation: &str) -> Option<&'static ResponseType> {
    RESPONSE_TYPES.iter().find(|response_type| response_type.operation == operation)
}

/// The response type of this operation, which follows from its type in the core.
pub const fn response_type<O: Operation<Answer: HasPythonType>>() -> ResponseType {
    ResponseType {
        operation: O::DEFINITION.name,
        expected: O::DEFINITION.expected,
        python_type: O::Answer::PYTHON_TYPE,
    }
}

/// A response type of the core.
pub trait HasPythonType {
    const PYTHON_TYPE: PythonType;
}

impl<M: HasModel> HasPythonType for M {
    const PYTHON_TYPE: PythonType = PythonType::Object(M::MODEL);
}

impl<M: HasModel> HasPythonType for Vec<M> {
    const PYTHON_TYPE: PythonType = PythonType::List(M::MODEL);
}

impl HasPythonType for Done {
    const PYTHON_TYPE: PythonType = PythonType::None;
}

impl HasPythonType for Value {
    const PYTHON_TYPE: PythonType = PythonType::Json;
}

/// A response that was parsed without the interpreter.
pub enum ParsedResponse {
    None,
    Json(String),
    Object(JsonObject),
    List(Vec<JsonObject>),
    /// The response and its sessions.
    Page(JsonObject, Vec<JsonObject>),
    /// The values do not have the expected types.
    Mismatch,
}

impl ResponseType {
    /// Parses the JSON of a response. Does not need the interpreter.
    pub fn parse(&self, text: String) -> ParsedResponse {
        let parsed = match (self.python_type, self.expected) {
            (PythonType::None, _) => Some(ParsedResponse::None),
            (PythonType::Json, _) => Some(ParsedResponse::Json(text)),
            (PythonType::List(_), ExpectedShape::Array(name)) => {
                JsonObject::parse_with_array(text, name).map(|(_, objects)| ParsedResponse::List(objects))
            }
            (PythonType::Object(_), ExpectedShape::Array(name)) => {
                JsonObject::parse_with_array(text, name).map(|(page, objects)| ParsedResponse::Page(page, objects))
            }
            (_, ExpectedShape::Object(name)) => JsonObject::parse(&text)
                .and_then(|response| JsonObject::parse(response.get(name)?))
                .map(ParsedResponse::Object),
            _ => JsonObject::parse(&text).map(ParsedResponse::Object),
        };
        parsed.unwrap_or(ParsedResponse::Mismatch)
    }

    /// Converts a parsed response to its Python value.
    pub fn to_python<'py>(&self, py: Python<'py>, parsed: ParsedResponse) -> PyResult<Bound<'py, PyAny>> {
        match (parsed, self.python_type) {
            (ParsedResponse::None, _) => Ok(py.None().into_bound(py)),
            (ParsedResponse::Json(text), _) => loads(py, &text),
            (ParsedResponse::Object(object), PythonType::Object(model)) => {
                Ok(model.new_object(py, object)?.into_bound(py))
            }
            (ParsedResponse::List(objects), PythonType::List(model)) => Ok(model.new_list(py, objects)?.into_any()),
            (ParsedResponse::Page(page, sessions), _) => Ok(models::new_page(py, page, sessions)?.into_bound(py)),
            _ => Err(exceptions::bad_response(py, self.operation)),
        }
    }
}
