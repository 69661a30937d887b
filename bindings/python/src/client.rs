//! The native client that the classes `Client` and `AsyncClient` wrap.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};
use upscope::catch_panic;
use upscope::{Client, Config};

use crate::call_context::{Delivery, Instrumentation, PythonContext};
use crate::call_handle::CallHandle;
use crate::detach;
use crate::exceptions;
use crate::finalize_gate;
use crate::logging;
use crate::pages::Pages;
use crate::request_json;
use crate::responses::{self, ResponseType};

/// A client of the core, until it is closed.
#[pyclass(frozen, module = "upscope._upscope", name = "NativeClient")]
pub struct NativeClient {
    client: Mutex<Option<Client>>,
    instrumentation: Instrumentation,
}

#[pymethods]
impl NativeClient {
    #[new]
    #[pyo3(signature = (config, on_attempt=None, default_headers=None))]
    fn new(
        py: Python<'_>,
        config: &Bound<'_, PyDict>,
        on_attempt: Option<Py<PyAny>>,
        default_headers: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeClient> {
        let entry = finalize_gate::enter(py);
        let config = request_json::from_dict(None, config)?;
        let instrumentation = Instrumentation::new(py, on_attempt, default_headers)?;
        logging::update_level(py)?;
        let client =
            entry.detach(py, || catch_panic(|| Client::new(Config::from_json(&config)?)).and_then(|client| client));
        match client {
            Ok(client) => Ok(NativeClient { client: Mutex::new(Some(client)), instrumentation }),
            Err(error) => Err(exceptions::from_error(py, &error)),
        }
    }

    /// Another client that shares the connections.
    fn share(&self, py: Python<'_>) -> PyResult<NativeClient> {
        let instrumentation = self.instrumentation.clone_ref(py);
        Ok(NativeClient { client: Mutex::new(Some(self.client(py)?)), instrumentation })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.instrumentation.traverse(&visit)
    }

    /// Closes the connections once the running calls have ended.
    fn close(&self, py: Python<'_>) {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Dropping the client may wait for worker threads.
        finalize_gate::enter(py).detach(py, || drop(client));
    }

    #[getter]
    fn closed(&self) -> bool {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Calls an operation and returns its response.
    fn call<'py>(
        &self,
        py: Python<'py>,
        operation: Cow<'_, str>,
        request: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _entry = finalize_gate::enter(py);
        let client = self.client(py)?;
        let response_type = response_type(py, &operation)?;
        let request = request_json::from_dict(Some(response_type.operation), request)?;
        let client = in_context(client, self.instrumentation.blocking_context(py)?);
        let parsed = detach::run(py, |control| {
            client.call_with(response_type.operation, &request, control).map(|text| response_type.parse(text))
        })?;
        response_type.to_python(py, parsed)
    }

    /// Calls an operation and returns the JSON of its response.
    fn call_json(&self, py: Python<'_>, operation: Cow<'_, str>, request: &Bound<'_, PyAny>) -> PyResult<String> {
        let _entry = finalize_gate::enter(py);
        let client = self.client(py)?;
        let request = request_text(&operation, request)?;
        let client = in_context(client, self.instrumentation.blocking_context(py)?);
        detach::run(py, |control| client.call_with(&operation, &request, control))
    }

    /// Starts a call. `callback` is called with its result, a `CallResult`, on one of the client's threads. `call_soon` is
    /// the `call_soon_threadsafe` of the caller's event loop.
    fn start(
        &self,
        py: Python<'_>,
        operation: Cow<'_, str>,
        request: &Bound<'_, PyDict>,
        callback: Py<PyAny>,
        call_soon: Py<PyAny>,
    ) -> PyResult<CallHandle> {
        let _entry = finalize_gate::enter(py);
        let client = self.client(py)?;
        let response_type = response_type(py, &operation)?;
        let request = request_json::from_dict(Some(response_type.operation), request)?;
        let context = self.instrumentation.background_context(py, Delivery::EventLoop(call_soon))?;
        CallHandle::start(py, &client, context, response_type.operation, &request, Some(response_type), callback)
    }

    /// Starts a call whose result is the JSON of its response.
    fn start_json(
        &self,
        py: Python<'_>,
        operation: Cow<'_, str>,
        request: &Bound<'_, PyAny>,
        callback: Py<PyAny>,
        call_soon: Py<PyAny>,
    ) -> PyResult<CallHandle> {
        let _entry = finalize_gate::enter(py);
        let client = self.client(py)?;
        let request = request_text(&operation, request)?;
        let context = self.instrumentation.background_context(py, Delivery::EventLoop(call_soon))?;
        CallHandle::start(py, &client, context, &operation, &request, None, callback)
    }

    /// The pages of the matching sessions.
    fn pages(&self, py: Python<'_>, request: &Bound<'_, PyDict>) -> PyResult<Pages> {
        let _entry = finalize_gate::enter(py);
        let client = self.client(py)?;
        let request = request_json::from_dict(Some("list_sessions"), request)?;
        let pages = client.session_pages(&request).map_err(|error| exceptions::from_error(py, &error))?;
        Ok(Pages::new(py, pages, self.instrumentation.clone_ref(py)))
    }

    /// The base URL of the service.
    #[getter]
    fn base_url(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.client(py)?.connection_info().base_url.clone())
    }

    /// How the client connects, and why.
    fn connection_info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let client = self.client(py)?;
        let info = client.connection_info();
        let dict = PyDict::new(py);
        dict.set_item("base_url", &info.base_url)?;
        dict.set_item("proxy", &info.proxy)?;
        dict.set_item("proxy_reason", &info.proxy_reason)?;
        dict.set_item("roots", &info.roots)?;
        Ok(dict)
    }
}

impl NativeClient {
    fn client(&self, py: Python<'_>) -> PyResult<Client> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| exceptions::invalid_argument(py, None, CLOSED.to_owned(), None))
    }
}

fn in_context(client: Client, context: Option<Arc<PythonContext>>) -> Client {
    match context {
        None => client,
        Some(context) => client.with_context(context),
    }
}

const CLOSED: &str = "This client is closed: create a new one.";

fn response_type(py: Python<'_>, operation: &str) -> PyResult<&'static ResponseType> {
    responses::find(operation).ok_or_else(|| match upscope::operation::name_of(operation) {
        Ok(_) => {
            let message = format!("This package has no response type for {operation}: use Client.call.");
            exceptions::invalid_argument(py, None, message, None)
        }
        Err(error) => exceptions::from_error(py, &error),
    })
}

/// The JSON of a request that is a dict, or JSON text already.
fn request_text(operation: &str, request: &Bound<'_, PyAny>) -> PyResult<String> {
    match request.cast::<PyDict>() {
        Ok(dict) => request_json::from_dict(Some(operation), dict),
        Err(_) => request.extract(),
    }
}
