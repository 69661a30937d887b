//! The client under the classes `Client` and `AsyncClient`.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use upscope::catch_panic;
use upscope::{Client, Config};

use crate::answers::{self, Answer};
use crate::detach;
use crate::exceptions;
use crate::finalize_gate;
use crate::logging;
use crate::pages::Pages;
use crate::pending::Pending;
use crate::request;

/// A client of the core; None when it was closed.
#[pyclass(frozen, module = "upscope._upscope", name = "NativeClient")]
pub struct NativeClient(Mutex<Option<Client>>);

#[pymethods]
impl NativeClient {
    #[new]
    fn new(py: Python<'_>, config: &Bound<'_, PyDict>) -> PyResult<NativeClient> {
        let inside = finalize_gate::enter(py);
        let config = request::json(None, config)?;
        logging::refresh(py)?;
        let made = inside.detach(py, || catch_panic(|| Client::new(Config::from_json(&config)?)).and_then(|made| made));
        match made {
            Ok(client) => Ok(NativeClient(Mutex::new(Some(client)))),
            Err(error) => Err(exceptions::exception(py, &error)),
        }
    }

    /// Another handle on the same connections.
    fn share(&self, py: Python<'_>) -> PyResult<NativeClient> {
        Ok(NativeClient(Mutex::new(Some(self.client(py)?))))
    }

    /// Lets go of the connections. Calls that run go on to their end.
    fn close(&self, py: Python<'_>) {
        let client = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Worker threads may hold the last connection.
        finalize_gate::enter(py).detach(py, || drop(client));
    }

    #[getter]
    fn closed(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Calls an operation and makes its answer's object.
    fn call<'py>(
        &self,
        py: Python<'py>,
        operation: Cow<'_, str>,
        request: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = finalize_gate::enter(py);
        let client = self.client(py)?;
        let answer = answer(py, &operation)?;
        let request = request::json(Some(answer.operation), request)?;
        let parts = detach::run(py, None, |control| {
            client.call_with(answer.operation, &request, control).map(|text| answer.split(text))
        })?;
        answer.make(py, parts)
    }

    /// Calls an operation, JSON in and JSON out.
    fn call_json(&self, py: Python<'_>, operation: Cow<'_, str>, request: &Bound<'_, PyAny>) -> PyResult<String> {
        let _inside = finalize_gate::enter(py);
        let client = self.client(py)?;
        let request = raw(&operation, request)?;
        detach::run(py, None, |control| client.call_with(&operation, &request, control))
    }

    /// Starts a call. `done` is called with its result from a thread of the client's: (parts of the answer, error).
    fn start(
        &self,
        py: Python<'_>,
        operation: Cow<'_, str>,
        request: &Bound<'_, PyDict>,
        done: Py<PyAny>,
    ) -> PyResult<Pending> {
        let _inside = finalize_gate::enter(py);
        let client = self.client(py)?;
        let answer = answer(py, &operation)?;
        let request = request::json(Some(answer.operation), request)?;
        Pending::start(py, &client, answer.operation, &request, Some(answer), done)
    }

    /// Starts a call, JSON in and JSON out.
    fn start_json(
        &self,
        py: Python<'_>,
        operation: Cow<'_, str>,
        request: &Bound<'_, PyAny>,
        done: Py<PyAny>,
    ) -> PyResult<Pending> {
        let _inside = finalize_gate::enter(py);
        let request = raw(&operation, request)?;
        Pending::start(py, &self.client(py)?, &operation, &request, None, done)
    }

    /// The pages of sessions that match.
    fn pages(&self, py: Python<'_>, request: &Bound<'_, PyDict>) -> PyResult<Pages> {
        let _inside = finalize_gate::enter(py);
        let client = self.client(py)?;
        let request = request::json(Some("list_sessions"), request)?;
        let pages = client.session_pages(&request).map_err(|error| exceptions::exception(py, &error))?;
        Ok(Pages::new(pages))
    }

    /// Where the service is.
    #[getter]
    fn base_url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.client(py)?.connection_info().base_url.clone())
    }

    /// How the service is reached: (proxy, why that one or none, where the root certificates come from).
    fn way(&self, py: Python<'_>) -> PyResult<(Option<String>, String, String)> {
        let client = self.client(py)?;
        let info = client.connection_info();
        Ok((info.proxy.clone(), info.proxy_reason.clone(), info.roots.clone()))
    }
}

impl NativeClient {
    fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let client = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| exceptions::refused(py, None, "This client is closed: make a new one.".to_owned(), None))
    }
}

fn answer(py: Python<'_>, operation: &str) -> PyResult<&'static Answer> {
    answers::find(operation).ok_or_else(|| match upscope::operation::name_of(operation) {
        Ok(_) => exceptions::refused(py, None, format!("This package gives {operation} no type; use call."), None),
        Err(error) => exceptions::exception(py, &error),
    })
}

/// A request that is JSON text already, or a dict.
fn raw(operation: &str, request: &Bound<'_, PyAny>) -> PyResult<String> {
    match request.cast::<PyDict>() {
        Ok(dict) => request::json(Some(operation), dict),
        Err(_) => request.extract(),
    }
}
