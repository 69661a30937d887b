//! What an observer is told about an attempt.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use upscope::AttemptReport;

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
    pub fn new(py: Python<'_>, report: &AttemptReport) -> Attempt {
        Attempt {
            method: report.method.clone(),
            path: report.path.clone(),
            http_status: report.http_status,
            duration_ms: duration_ms(report),
            attempt: report.attempt,
            error: report.error.as_ref().map(|error| exceptions::from_error(py, error).into_value(py)),
        }
    }
}

#[pymethods]
impl Attempt {
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

/// The duration of an attempt in milliseconds, with microseconds as decimals.
pub fn duration_ms(report: &AttemptReport) -> f64 {
    report.duration.as_micros() as f64 / 1000.0
}
