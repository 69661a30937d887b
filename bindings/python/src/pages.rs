//! Walks through all sessions, page by page.

use pyo3::prelude::*;
use upscope::CancelToken;

use crate::answers;
use crate::detach;
use crate::finalize_gate;

/// Pages of sessions. After an error the same page can be asked for again.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Pages(upscope::Pages);

impl Pages {
    /// Each page is fetched while the one before is worked on.
    pub fn new(pages: upscope::Pages) -> Pages {
        pages.prefetch(true);
        Pages(pages)
    }
}

#[pymethods]
impl Pages {
    /// The next page; None after the last one. Threads that ask at once get one page each.
    #[pyo3(signature = (cancel=None))]
    fn next_page<'py>(&self, py: Python<'py>, cancel: Option<&Cancel>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _inside = finalize_gate::enter(py);
        let token = cancel.map(|cancel| cancel.0.clone());
        let text = detach::run(py, token, |control| self.0.next_page_with(control))?;
        let (Some(text), Some(answer)) = (text, answers::find("list_sessions")) else {
            return Ok(None);
        };
        answer.make(py, answer.split(text)).map(Some)
    }
}

/// Ends what it was given to.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Cancel(CancelToken);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Cancel {
        Cancel(CancelToken::new())
    }

    /// Ends it, from any thread.
    fn cancel(&self, py: Python<'_>) {
        finalize_gate::enter(py).detach(py, || self.0.cancel());
    }
}
