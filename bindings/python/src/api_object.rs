//! The base of all answers: an immutable object over the text that the service sent.

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
use crate::json_scan::Object;
use crate::json_value::loads;
use crate::models::{self, Model};
use crate::request;

/// An object of the service's. Immutable; its attributes are converted when they are read.
#[pyclass(frozen, subclass, module = "upscope", name = "ApiObject")]
pub struct ApiObject {
    pub object: Object,
    pub model: &'static Model,
}

#[pymethods]
impl ApiObject {
    /// Everything that the service sent of this object, unknown fields included.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = finalize_gate::enter(py);
        loads(py, self.object.text())
    }

    /// The JSON that the service sent of this object, as it came.
    fn to_json(&self) -> &str {
        self.object.text()
    }

    /// Makes such an object from JSON text, as if the service had sent it: for tests, and for what was kept.
    #[classmethod]
    fn from_json<'py>(cls: &Bound<'py, PyType>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = cls.py();
        let _inside = finalize_gate::enter(py);
        let name = cls.name()?;
        let refuse = |why: &str| exceptions::refused(py, None, format!("The text {why}."), None);
        let model = models::find(&name.to_string_lossy()).ok_or_else(|| refuse("is of no known class"))?;
        serde_json::from_str::<IgnoredAny>(text)
            .map_err(|error| refuse(&format!("is not JSON (line {}, column {})", error.line(), error.column())))?;
        let object = Object::new(text).ok_or_else(|| refuse("is not a JSON object"))?;
        model.make(py, object).map(|made| made.into_bound(py))
    }

    /// Makes such an object from a dict, as if the service had sent it.
    #[classmethod]
    fn from_dict<'py>(cls: &Bound<'py, PyType>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Self::from_json(cls, &request::value_json(data)?)
    }

    fn __repr__(&self) -> String {
        self.model.repr(&self.object)
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
        let make = slf.get_type().getattr("from_json")?;
        Ok((make, PyTuple::new(slf.py(), [slf.get().object.text()])?))
    }
}

impl ApiObject {
    fn equals(&self, other: &ApiObject) -> bool {
        std::ptr::eq(self.model, other.model)
            && (self.object.text() == other.object.text()
                || self.content().is_some_and(|content| other.content() == Some(content)))
    }

    /// The content without the order of its keys. None for numbers that a float cannot hold and the like.
    fn content(&self) -> Option<Value> {
        serde_json::from_str(self.object.text()).ok()
    }
}

/// An attribute of a class of objects.
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
        let _inside = finalize_gate::enter(py);
        let attribute = slf.get();
        let value = match instance.cast::<ApiObject>()?.get().object.get(attribute.name) {
            Some(json) => attribute.attribute_type.read(py, json)?,
            None => None,
        };
        Ok(value.unwrap_or_else(|| py.None().into_bound(py)))
    }

    fn __set__(&self, instance: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.refuse(instance)
    }

    fn __delete__(&self, instance: &Bound<'_, PyAny>) -> PyResult<()> {
        self.refuse(instance)
    }

    #[getter]
    fn __name__(&self) -> &'static str {
        self.name
    }

    #[getter]
    fn __doc__(&self) -> &'static str {
        self.doc
    }

    fn __repr__(&self) -> String {
        format!("<attribute {}: {} | None>", self.name, self.attribute_type.annotation())
    }
}

impl Attribute {
    fn refuse(&self, instance: &Bound<'_, PyAny>) -> PyResult<()> {
        let class = instance.get_type().name()?;
        let message = format!("{class} objects are immutable: {} cannot be changed", self.name);
        Err(PyAttributeError::new_err(PyString::new(instance.py(), &message).unbind()))
    }
}
