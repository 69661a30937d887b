//! Iterates over all sessions, page by page.

use pyo3::prelude::*;
use pyo3::types::PyList;
use pyo3::{PyTraverseError, PyVisit};

use crate::call_context::{Delivery, Instrumentation};
use crate::call_handle::CallHandle;
use crate::detach;
use crate::finalize_gate;
use crate::responses;

/// Pages of sessions. After an error the same page can be requested again.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Pages {
    pages: upscope::Pages,
    instrumentation: Instrumentation,
    /// Attempts that ended on a thread of the client, for the observer.
    attempts: Py<PyList>,
}

impl Pages {
    /// Fetches each page in the background while the previous one is processed.
    pub fn new(py: Python<'_>, pages: upscope::Pages, instrumentation: Instrumentation) -> Pages {
        pages.prefetch(true);
        Pages { pages, instrumentation, attempts: PyList::empty(py).unbind() }
    }

    /// Sets the context of the calls for the next pages. False after the last page.
    fn prepare(&self, py: Python<'_>, delivery: Delivery) -> PyResult<bool> {
        let entry = finalize_gate::enter(py);
        if entry.detach(py, || self.pages.is_finished()) {
            return Ok(false);
        }
        if let Some(context) = self.instrumentation.background_context(py, delivery)? {
            entry.detach(py, || self.pages.set_context(context));
        }
        Ok(true)
    }
}

#[pymethods]
impl Pages {
    /// The next page; None after the last one. Each of several threads gets a different page.
    fn next_page<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _entry = finalize_gate::enter(py);
        if !self.prepare(py, Delivery::Queue(self.attempts.clone_ref(py)))? {
            return Ok(None);
        }
        let result = detach::run(py, |control| self.pages.next_page_with(control));
        self.instrumentation.deliver(self.attempts.bind(py))?;
        let (Some(text), Some(response_type)) = (result?, responses::find("list_sessions")) else {
            return Ok(None);
        };
        response_type.to_python(py, response_type.parse(text)).map(Some)
    }

    /// Starts to fetch the next page, whose `CallResult` is None after the last one. The arguments are those of
    /// `NativeClient.start`.
    fn start_next(&self, py: Python<'_>, callback: Py<PyAny>, call_soon: Py<PyAny>) -> PyResult<CallHandle> {
        let _entry = finalize_gate::enter(py);
        self.prepare(py, Delivery::EventLoop(call_soon))?;
        CallHandle::start_page(py, &self.pages, callback)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.instrumentation.traverse(&visit)?;
        visit.call(&self.attempts)
    }
}
