//! Calls that run on the client's own threads, for event loops.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use upscope::{Client, Error};

use crate::call_context::PythonContext;
use crate::exceptions;
use crate::finalize_gate;
use crate::logging;
use crate::responses::{self, ParsedResponse, ResponseType};

/// A call that was started. Dropping the handle cancels the call.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct CallHandle(Pending);

enum Pending {
    Call(upscope::Pending),
    Page(upscope::Pending<Option<String>>),
}

#[pymethods]
impl CallHandle {
    /// Cancels the call. Does nothing if it has ended.
    fn cancel(&self, py: Python<'_>) {
        finalize_gate::enter(py).detach(py, || match &self.0 {
            Pending::Call(pending) => pending.cancel(),
            Pending::Page(pending) => pending.cancel(),
        });
    }
}

impl CallHandle {
    /// Starts a call. Without a `response_type` the result is the service's JSON as text.
    pub fn start(
        py: Python<'_>,
        client: &Client,
        context: Option<Arc<PythonContext>>,
        operation: &str,
        request: &str,
        response_type: Option<&'static ResponseType>,
        callback: Py<PyAny>,
    ) -> PyResult<CallHandle> {
        let client = context.clone().map_or_else(|| client.clone(), |context| client.with_context(context));
        CallHandle::start_detached(py, || {
            let started = client.start(operation, request, move |result| {
                // Parsed here, while other threads can run Python code.
                let result = result.map(|text| match response_type {
                    Some(response_type) => Response::Parsed(response_type, response_type.parse(text)),
                    None => Response::Json(text),
                });
                notify(callback, context, result);
            });
            started.map(Pending::Call)
        })
    }

    /// Starts to fetch the next page. The result is None after the last one.
    pub fn start_page(
        py: Python<'_>,
        pages: &upscope::Pages,
        context: Option<Arc<PythonContext>>,
        callback: Py<PyAny>,
    ) -> PyResult<CallHandle> {
        let in_context = context.clone().map(|context| pages.with_context(context));
        let pages = in_context.as_ref().unwrap_or(pages);
        CallHandle::start_detached(py, || {
            let started = pages.start_next(move |result| {
                let result = result.map(|text| match (text, responses::find("list_sessions")) {
                    (Some(text), Some(response_type)) => Response::Parsed(response_type, response_type.parse(text)),
                    _ => Response::NoMorePages,
                });
                notify(callback, context, result);
            });
            started.map(Pending::Page)
        })
    }

    fn start_detached(py: Python<'_>, start: impl FnOnce() -> Result<Pending, Error> + Send) -> PyResult<CallHandle> {
        if finalize_gate::is_closed() {
            return Err(PyRuntimeError::new_err("upscope cannot start a call while the interpreter shuts down"));
        }
        let started = finalize_gate::enter(py).detach(py, start);
        started.map(CallHandle).map_err(|error| exceptions::from_error(py, &error))
    }
}

enum Response {
    Parsed(&'static ResponseType, ParsedResponse),
    Json(String),
    NoMorePages,
}

/// Calls `callback(result)`, on a thread that Python did not start.
fn notify(callback: Py<PyAny>, context: Option<Arc<PythonContext>>, result: Result<Response, Error>) {
    // `attach` returns None while the interpreter shuts down: nothing waits for the call then. `context` and `callback` are
    // dropped attached. Otherwise pyo3 keeps it in a list, and this thread may hold the lock of that list during a `fork()`.
    let _ = finalize_gate::attach(move |py| {
        drop(context);
        let callback = callback.into_bound(py);
        if let Err(error) = callback.call1((CallResult(Mutex::new(Some(result))),)) {
            // A loop that was closed raises RuntimeError. Anything else is a bug.
            if !error.is_instance_of::<PyRuntimeError>(py) {
                error.write_unraisable(py, None);
            }
        }
        // There is no caller to raise it to.
        if let Some(exception) = logging::take_handler_exception() {
            exception.write_unraisable(py, None);
        }
    });
}

/// The result of a call.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct CallResult(Mutex<Option<Result<Response, Error>>>);

#[pymethods]
impl CallResult {
    /// Returns the response or raises the call's exception. Can be called once.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _entry = finalize_gate::enter(py);
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match result {
            Some(Ok(Response::Parsed(response_type, parsed))) => response_type.to_python(py, parsed),
            Some(Ok(Response::NoMorePages)) => Ok(py.None().into_bound(py)),
            Some(Ok(Response::Json(text))) => Ok(text.into_pyobject(py)?.into_any()),
            Some(Err(error)) => Err(exceptions::from_error(py, &error)),
            None => Err(PyException::new_err("The result was already taken.")),
        }
    }
}
