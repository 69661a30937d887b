//! Errors of the core as the package's exceptions.

use pyo3::prelude::*;
use upscope::Error;

use crate::imports;
use crate::json_value::loads;

/// The exception for an error of the core.
pub fn from_error(py: Python<'_>, error: &Error) -> PyErr {
    match build(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

/// `InvalidArgumentError`, raised before anything is sent, with its cause.
pub fn invalid_argument(py: Python<'_>, operation: Option<&str>, message: String, cause: Option<PyErr>) -> PyErr {
    let mut error = Error::invalid_argument(message);
    if let Some(name) = operation.and_then(|name| upscope::operation::name_of(name).ok()) {
        error = error.in_operation(name);
    }
    let exception = from_error(py, &error);
    exception.set_cause(py, cause);
    exception
}

/// `BadResponseError`, for a response whose values do not have the expected types.
pub fn bad_response(py: Python<'_>, operation: &'static str) -> PyErr {
    let message = format!("{operation} was answered, but the answer does not fit its type.");
    from_error(py, &Error::bad_response(message).in_operation(operation))
}

/// The exception is made from the error object, so that its keys are listed in the core alone.
fn build<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let fields = loads(py, &error.to_json())?.get_item("error")?;
    imports::get(py)?.exception_from_core.bind(py).call1((fields,))
}
