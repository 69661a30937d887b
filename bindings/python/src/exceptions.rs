//! Errors of the core as the package's exceptions.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use upscope::Error;

use crate::imports;

/// The exception that this error is in Python.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
    match build(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failed) => failed,
    }
}

/// The exception for something refused before anything was sent, with what led to it.
pub fn refused(py: Python<'_>, operation: Option<&str>, message: String, cause: Option<PyErr>) -> PyErr {
    let mut error = Error::invalid_argument(message);
    if let Some(name) = operation.and_then(|name| upscope::operation::name_of(name).ok()) {
        error = error.in_operation(name);
    }
    let exception = exception(py, &error);
    exception.set_cause(py, cause);
    exception
}

/// The exception for an answer that holds what it promised, but not in the types it promised.
pub fn unfit(py: Python<'_>, operation: &str) -> PyErr {
    let message = format!("{operation} was answered, but the answer does not fit its type.");
    let made = Fields {
        code: "bad_response",
        status: upscope::ErrorCode::BadResponse as i32,
        message: &message,
        operation: Some(operation),
        http_status: Some(200),
        api_error: None,
        api_message: None,
        request_id: None,
        attempts: 1,
        retryable: false,
        retry_after_ms: None,
        may_have_applied: false,
    }
    .build(py);
    made.map_or_else(|failed| failed, PyErr::from_value)
}

fn build<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    Fields {
        code: error.code().name(),
        status: error.code() as i32,
        message: error.message(),
        operation: error.operation(),
        http_status: error.http_status(),
        api_error: error.api_error(),
        api_message: error.api_message(),
        request_id: error.request_id(),
        attempts: error.attempts(),
        retryable: error.is_retryable(),
        retry_after_ms: error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        may_have_applied: error.may_have_applied(),
    }
    .build(py)
}

/// The keys of the error object.
struct Fields<'a> {
    code: &'a str,
    status: i32,
    message: &'a str,
    operation: Option<&'a str>,
    http_status: Option<u16>,
    api_error: Option<&'a str>,
    api_message: Option<&'a str>,
    request_id: Option<&'a str>,
    attempts: u32,
    retryable: bool,
    retry_after_ms: Option<u64>,
    may_have_applied: bool,
}

impl Fields<'_> {
    fn build<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let make = imports::get(py)?.exception_from_core.bind(py);
        let fields = PyDict::new(py);
        fields.set_item("code", self.code)?;
        fields.set_item("status", self.status)?;
        fields.set_item("operation", self.operation)?;
        fields.set_item("http_status", self.http_status)?;
        fields.set_item("api_error", self.api_error)?;
        fields.set_item("api_message", self.api_message)?;
        fields.set_item("request_id", self.request_id)?;
        fields.set_item("attempts", self.attempts)?;
        fields.set_item("retryable", self.retryable)?;
        fields.set_item("retry_after_ms", self.retry_after_ms)?;
        fields.set_item("may_have_applied", self.may_have_applied)?;
        make.call1((PyString::new(py, self.message), fields))
    }
}
