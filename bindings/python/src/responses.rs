//! What each operation gives in Python.

use pyo3::prelude::*;
use serde_json::Value;
use upscope::model::{self, Done};
use upscope::operation::{ExpectedShape, Operation};

use crate::catalog::ANSWERS;
use crate::exceptions;
use crate::json_scan::Object;
use crate::json_value::loads;
use crate::models::{self, Model, Modelled};

/// How the answer of one operation is handed out.
pub struct Answer {
    pub operation: &'static str,
    expected: ExpectedShape,
    shape: Shape,
}

#[derive(Clone, Copy)]
pub enum Shape {
    Nothing,
    /// What `json.loads` makes of it.
    Plain,
    Object(&'static Model),
    List(&'static Model),
}

/// The answer of the operation of this name.
pub fn find(operation: &str) -> Option<&'static Answer> {
    ANSWERS.iter().find(|answer| answer.operation == operation)
}

/// How the answer of this operation is handed out; it follows from its type in the core.
pub const fn answer<O: Operation<Answer: Shaped>>() -> Answer {
    Answer { operation: O::DEFINITION.name, expected: O::DEFINITION.expected, shape: O::Answer::SHAPE }
}

/// A type of answers.
pub trait Shaped {
    const SHAPE: Shape;
}

impl<M: Modelled> Shaped for M {
    const SHAPE: Shape = Shape::Object(M::MODEL);
}

impl<M: Modelled> Shaped for Vec<M> {
    const SHAPE: Shape = Shape::List(M::MODEL);
}

impl Shaped for Done {
    const SHAPE: Shape = Shape::Nothing;
}

impl Shaped for Value {
    const SHAPE: Shape = Shape::Plain;
}

/// An answer whose text was taken apart, without the interpreter.
pub enum Parts {
    Nothing,
    Plain(String),
    Object(Object),
    List(Vec<Object>),
    /// The sessions and the answer that holds them.
    Page(Object, Vec<Object>),
    /// Not of the promised types after all.
    Unfit,
}

impl Answer {
    /// Takes the text apart.
    pub fn split(&self, text: String) -> Parts {
        let parts = match (self.shape, self.expected) {
            (Shape::Nothing, _) => Some(Parts::Nothing),
            (Shape::Plain, _) => Some(Parts::Plain(text)),
            (Shape::List(_), ExpectedShape::Array(name)) => {
                Object::with_objects(text, name).map(|(_, objects)| Parts::List(objects))
            }
            (Shape::Object(_), ExpectedShape::Array(name)) => {
                Object::with_objects(text, name).map(|(page, objects)| Parts::Page(page, objects))
            }
            (_, ExpectedShape::Object(name)) => {
                Object::new(&text).and_then(|whole| Object::new(whole.get(name)?)).map(Parts::Object)
            }
            _ => Object::new(&text).map(Parts::Object),
        };
        parts.unwrap_or(Parts::Unfit)
    }

    /// Makes the Python value.
    pub fn make<'py>(&self, py: Python<'py>, parts: Parts) -> PyResult<Bound<'py, PyAny>> {
        match (parts, self.shape) {
            (Parts::Nothing, _) => Ok(py.None().into_bound(py)),
            (Parts::Plain(text), _) => loads(py, &text),
            (Parts::Object(object), Shape::Object(model)) => Ok(model.make(py, object)?.into_bound(py)),
            (Parts::List(objects), Shape::List(model)) => Ok(model.make_list(py, objects)?.into_any()),
            (Parts::Page(page, sessions), _) => Ok(models::make_page(py, page, sessions)?.into_bound(py)),
            _ => Err(exceptions::unfit(py, self.operation)),
        }
    }
}

/// The session in a webhook's body.
pub fn webhook<'py>(py: Python<'py>, body: &str) -> PyResult<Bound<'py, PyAny>> {
    let session = upscope::parse_webhook_json(body).map_err(|error| exceptions::exception(py, &error))?;
    let object = Object::new(&session).ok_or_else(|| exceptions::unfit(py, "parse_webhook"))?;
    Ok(model::Session::MODEL.make(py, object)?.into_bound(py))
}
