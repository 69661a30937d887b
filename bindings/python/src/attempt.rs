//! What an observer is told about an attempt.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use upscope::EndedAttempt;

use crate::exceptions;

/// An attempt that has ended, as passed to `on_attempt`.
#[pyclass(frozen, get_all, module = "upscope")]
pub struct Attempt {
    /// The HTTP method.
    method: String,
    /// The path, without the query.
    path: String,
    /// The status of the response, or None if none arrived.
    http_status: Option<u16>,
    /// How many milliseconds the attempt took.
    duration_ms: f64,
    /// The number of the attempt within its call: 1 for the first.
    attempt: u32,
    /// Why the attempt failed, or None. A failed attempt may be repeated.
    error: Option<Py<PyBaseException>>,
}

impl Attempt {
    pub fn new(py: Python<'_>, ended: &EndedAttempt<'_>) -> Attempt {
        Attempt {
            error: ended.error().map(|error| exceptions::from_error(py, &error).into_value(py)),
            ..Attempt::without_error(ended)
        }
    }

    /// Does not need the interpreter.
    pub fn without_error(ended: &EndedAttempt<'_>) -> Attempt {
        Attempt {
            method: ended.method().to_owned(),
            path: ended.path(),
            http_status: ended.http_status,
            duration_ms: ended.duration.as_micros() as f64 / 1000.0,
            attempt: ended.number,
            error: None,
        }
    }

    /// The attributes of the record of a log line about this attempt, or about none.
    pub fn record_attributes<'py>(py: Python<'py>, attempt: Option<&Attempt>) -> PyResult<Bound<'py, PyDict>> {
        // Every record has all of them, so that a formatter can use them.
        let attributes = PyDict::new(py);
        attributes.set_item("upscope_method", attempt.map(|attempt| &attempt.method))?;
        attributes.set_item("upscope_path", attempt.map(|attempt| &attempt.path))?;
        attributes.set_item("upscope_http_status", attempt.and_then(|attempt| attempt.http_status))?;
        attributes.set_item("upscope_duration_ms", attempt.map(|attempt| attempt.duration_ms))?;
        attributes.set_item("upscope_attempt", attempt.map(|attempt| attempt.attempt))?;
        Ok(attributes)
    }
}

#[pymethods]
impl Attempt {
    /// For `typing.get_type_hints`, which evaluates them in the module `upscope`.
    #[classattr]
    fn __annotations__(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let annotations = PyDict::new(py);
        for (name, annotation) in [
            ("method", "str"),
            ("path", "str"),
            ("http_status", "int | None"),
            ("duration_ms", "float"),
            ("attempt", "int"),
            ("error", "UpscopeError | None"),
        ] {
            annotations.set_item(name, annotation)?;
        }
        Ok(annotations)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let status = self.http_status.map_or_else(|| "None".to_owned(), |status| status.to_string());
        let error = self.error.as_ref().map(|error| error.bind(py).get_type().name()).transpose()?;
        let error = error.map_or_else(|| "None".to_owned(), |name| name.to_string_lossy().into_owned());
        Ok(format!(
            "Attempt(method='{}', path='{}', http_status={status}, duration_ms={:?}, attempt={}, error={error})",
            self.method, self.path, self.duration_ms, self.attempt
        ))
    }
}
