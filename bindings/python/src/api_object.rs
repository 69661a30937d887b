//! The base class of all responses: an immutable object that holds the JSON text of the service.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::attribute_type::AttributeType;
use crate::exceptions;
use crate::finalize_gate;
use crate::json_scan::JsonObject;
use crate::json_value::loads;
use crate::models::{self, Model};
use crate::request_json;

/// An object that the service sent. It is immutable. Attributes are converted when they are read.
#[pyclass(frozen, subclass, module = "upscope", name = "ApiObject")]
pub struct ApiObject {
    pub object: JsonObject,
    pub model: &'static Model,
}

#[pymethods]
impl ApiObject {
    /// All fields that the service sent, including unknown ones.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _entry = finalize_gate::enter(py);
        loads(py, self.object.text())
    }

    /// The JSON of this object, exactly as the service sent it.
    fn to_json(&self) -> &str {
        self.object.text()
    }

    /// Creates an object from JSON text, such as stored JSON or test data.
    #[classmethod]
    fn from_json<'py>(cls: &Bound<'py, PyType>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = cls.py();
        let _entry = finalize_gate::enter(py);
        let name = cls.name()?;
        let invalid = |why: &str| exceptions::invalid_argument(py, None, format!("The text {why}."), None);
        let model = models::find(&name.to_string_lossy()).ok_or_else(|| invalid("is of an unknown class"))?;
        serde_json::from_str::<IgnoredAny>(text)
            .map_err(|error| invalid(&format!("is not JSON (line {}, column {})", error.line(), error.column())))?;
        let object = JsonObject::parse(text).ok_or_else(|| invalid("is not a JSON object"))?;
        model.new_object(py, object).map(|created| created.into_bound(py))
    }

    /// Creates an object from a dict.
    #[classmethod]
    fn from_dict<'py>(cls: &Bound<'py, PyType>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Self::from_json(cls, &request_json::from_value(data)?)
    }

    fn __repr__(&self) -> String {
        self.model.repr(&self.object)
    }

    /// The HTML table that a notebook displays. See `upscope.display`.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let _entry = finalize_gate::enter(slf.py());
        slf.py().import("upscope.display")?.call_method1("to_html", (slf,))
    }

    /// The schema for pydantic.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        cls: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _entry = finalize_gate::enter(cls.py());
        cls.py().import("upscope._pydantic")?.call_method1("create_core_schema", (cls, handler))
    }

    /// The JSON schema for pydantic.
    #[classmethod]
    fn __get_pydantic_json_schema__<'py>(
        cls: &Bound<'py, PyType>,
        schema: &Bound<'py, PyAny>,
        handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _entry = finalize_gate::enter(cls.py());
        cls.py().import("upscope._pydantic")?.call_method1("create_json_schema", (cls, schema, handler))
    }

    fn __richcmp__(&self, other: &Bound<'_, PyAny>, how: CompareOp) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<ApiObject>() else {
            return Ok(py.NotImplemented());
        };
        let equal = match how {
            CompareOp::Eq => self.equals(other.get()),
            CompareOp::Ne => !self.equals(other.get()),
            _ => return Ok(py.NotImplemented()),
        };
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self.content() {
            Some(content) => content.hash(&mut hasher),
            None => self.object.text().hash(&mut hasher),
        }
        hasher.finish()
    }

    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let from_json = slf.get_type().getattr("from_json")?;
        Ok((from_json, PyTuple::new(slf.py(), [slf.get().object.text()])?))
    }
}

impl ApiObject {
    fn equals(&self, other: &ApiObject) -> bool {
        std::ptr::eq(self.model, other.model)
            && (self.object.text() == other.object.text()
                || self.content().is_some_and(|content| other.content() == Some(content)))
    }

    /// The content, regardless of the order of keys. None if it cannot be represented, such as a too large number.
    fn content(&self) -> Option<Value> {
        serde_json::from_str(self.object.text()).ok()
    }
}

// The descriptor of an attribute. Without a doc comment: a docstring of the class would replace `__doc__` below.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Attribute {
    name: &'static str,
    doc: &'static str,
    attribute_type: AttributeType,
}

impl Attribute {
    pub fn new(name: &'static str, doc: &'static str, attribute_type: AttributeType) -> Attribute {
        Attribute { name, doc, attribute_type }
    }
}

#[pymethods]
impl Attribute {
    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        _owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if instance.is_none() {
            return Ok(slf.clone().into_any());
        }
        let _entry = finalize_gate::enter(py);
        let attribute = slf.get();
        let value = match instance.cast::<ApiObject>()?.get().object.get(attribute.name) {
            Some(json) => attribute.attribute_type.to_python(py, json)?,
            None => None,
        };
        Ok(value.unwrap_or_else(|| py.None().into_bound(py)))
    }

    fn __set__(&self, instance: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.immutable_error(instance)
    }

    fn __delete__(&self, instance: &Bound<'_, PyAny>) -> PyResult<()> {
        self.immutable_error(instance)
    }

    #[getter]
    fn __name__(&self) -> &'static str {
        self.name
    }

    #[getter]
    fn __doc__(&self) -> &'static str {
        self.doc
    }

    /// Whether the value must not be displayed.
    #[getter]
    fn is_secret(&self) -> bool {
        matches!(self.attribute_type, AttributeType::Secret)
    }

    fn __repr__(&self) -> String {
        format!("<attribute {}: {} | None>", self.name, self.attribute_type.annotation())
    }
}

impl Attribute {
    fn immutable_error(&self, instance: &Bound<'_, PyAny>) -> PyResult<()> {
        let class = instance.get_type().name()?;
        let message = format!("{class} objects are immutable: {} cannot be changed", self.name);
        Err(PyAttributeError::new_err(PyString::new(instance.py(), &message).unbind()))
    }
}
