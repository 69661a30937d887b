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

    fn is_finished(&self, py: Python<'_>) -> bool {
        finalize_gate::enter(py).detach(py, || self.pages.is_finished())
    }
}

#[pymethods]
impl Pages {
    /// The next page; None after the last one. Each of several threads gets a different page.
    fn next_page<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _entry = finalize_gate::enter(py);
        if self.is_finished(py) {
            return Ok(None);
        }
        let delivery = Delivery::Queue(self.attempts.clone_ref(py));
        let result = match self.instrumentation.background_context(py, delivery)? {
            None => detach::run(py, |control| self.pages.next_page_with(control)),
            Some(context) => {
                let pages = self.pages.with_context(context);
                detach::run(py, |control| pages.next_page_with(control))
            }
        };
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
        if self.is_finished(py) {
            return CallHandle::start_page(py, &self.pages, None, callback);
        }
        let context = self.instrumentation.background_context(py, Delivery::EventLoop(call_soon))?;
        CallHandle::start_page(py, &self.pages, context, callback)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.instrumentation.traverse(&visit)?;
        visit.call(&self.attempts)
    }
}
