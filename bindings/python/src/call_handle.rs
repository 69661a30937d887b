//! Calls that run on threads of the client's, for event loops.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use upscope::{Client, Error};

use crate::answers::{Answer, Parts};
use crate::exceptions;
use crate::finalize_gate;
use crate::logging;

/// A call that was started. Letting go of it cancels it.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Pending(upscope::Pending);

#[pymethods]
impl Pending {
    /// Ends the call, unless it has ended.
    fn cancel(&self, py: Python<'_>) {
        finalize_gate::enter(py).detach(py, || self.0.cancel());
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
        if finalize_gate::is_closed() {
            return Err(PyRuntimeError::new_err("upscope cannot start a call while the interpreter shuts down"));
        }
        let inside = finalize_gate::enter(py);
        logging::refresh(py)?;
        let started = inside.detach(py, || {
            client.start(operation, request, move |result| {
                // Taken apart here, where no interpreter waits for it.
                let result = result.map(|text| match answer {
                    Some(answer) => Value::Answer(answer, answer.split(text)),
                    None => Value::Text(text),
                });
                tell(done, result);
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
fn tell(done: Py<PyAny>, result: Result<Value, Error>) {
    // None while the interpreter shuts down: nobody waits any more. `done` is dropped attached: otherwise pyo3 keeps it in
    // a list, and the lock of that list could be held by this thread while another one forks.
    let _ = finalize_gate::attach(move |py| {
        let done = done.into_bound(py);
        if let Err(error) = done.call1((Outcome(Mutex::new(Some(result))),)) {
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
        let _inside = finalize_gate::enter(py);
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match result {
            Some(Ok(Value::Answer(answer, parts))) => answer.make(py, parts),
            Some(Ok(Value::Text(text))) => Ok(text.into_pyobject(py)?.into_any()),
            Some(Err(error)) => Err(exceptions::exception(py, &error)),
            None => Err(PyException::new_err("The outcome was taken already.")),
        }
    }
}
