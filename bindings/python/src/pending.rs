//! Calls that run on threads of the client's, for event loops.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use upscope::{Client, Error};

use crate::answers::{Answer, Parts};
use crate::exceptions;
use crate::logging;

/// A call that was started. Letting go of it cancels it.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Pending(upscope::Pending);

#[pymethods]
impl Pending {
    /// Ends the call, unless it has ended.
    fn cancel(&self, py: Python<'_>) {
        py.detach(|| self.0.cancel());
    }
}

impl Pending {
    /// Without an `answer` the result is the service's JSON as text.
    pub fn start(
        py: Python<'_>,
        client: &Client,
        operation: &str,
        request: &str,
        answer: Option<&'static Answer>,
        done: Py<PyAny>,
    ) -> PyResult<Pending> {
        logging::refresh(py)?;
        let started = py.detach(|| {
            client.start(operation, request, move |result| {
                // Taken apart here, where no interpreter waits for it.
                let result = result.map(|text| match answer {
                    Some(answer) => Value::Answer(answer, answer.split(text)),
                    None => Value::Text(text),
                });
                tell(&done, result);
            })
        });
        started.map(Pending).map_err(|error| exceptions::exception(py, &error))
    }
}

enum Value {
    Answer(&'static Answer, Parts),
    Text(String),
}

/// Calls `done(outcome)`, on a thread that Python did not start.
fn tell(done: &Py<PyAny>, result: Result<Value, Error>) {
    // None while the interpreter shuts down: nobody waits any more.
    let _ = Python::try_attach(|py| {
        if let Err(error) = done.bind(py).call1((Outcome(Mutex::new(Some(result))),)) {
            // A loop that was closed meanwhile refuses; anything else is a fault worth showing.
            if !error.is_instance_of::<PyRuntimeError>(py) {
                error.write_unraisable(py, None);
            }
        }
        // What a log handler raised here has no call to end.
        if let Some(raised) = logging::take_raised() {
            raised.write_unraisable(py, None);
        }
    });
}

/// How a call ended.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Outcome(Mutex<Option<Result<Value, Error>>>);

#[pymethods]
impl Outcome {
    /// The answer's object, once; raises when the call failed.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match result {
            Some(Ok(Value::Answer(answer, parts))) => answer.make(py, parts),
            Some(Ok(Value::Text(text))) => Ok(text.into_pyobject(py)?.into_any()),
            Some(Err(error)) => Err(exceptions::exception(py, &error)),
            None => Err(PyException::new_err("The outcome was taken already.")),
        }
    }
}
