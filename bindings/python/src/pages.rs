//! Iterates over all sessions, page by page.

use pyo3::prelude::*;

use crate::detach;
use crate::finalize_gate;
use crate::responses;

/// Pages of sessions. After an error the same page can be requested again.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct Pages(upscope::Pages);

impl Pages {
    /// Fetches each page in the background while the previous one is processed.
    pub fn new(pages: upscope::Pages) -> Pages {
        pages.prefetch(true);
        Pages(pages)
    }
}

#[pymethods]
impl Pages {
    /// The next page; None after the last one. Each of several threads gets a different page.
    #[pyo3(signature = (cancel_token=None))]
    fn next_page<'py>(
        &self,
        py: Python<'py>,
        cancel_token: Option<&CancelToken>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _entry = finalize_gate::enter(py);
        let token = cancel_token.map(|token| token.0.clone());
        let text = detach::run(py, token, |control| self.0.next_page_with(control))?;
        let (Some(text), Some(response_type)) = (text, responses::find("list_sessions")) else {
            return Ok(None);
        };
        response_type.to_python(py, response_type.parse(text)).map(Some)
    }
}

/// Cancels the calls that it is passed to.
#[pyclass(frozen, module = "upscope._upscope")]
pub struct CancelToken(upscope::CancelToken);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> CancelToken {
        CancelToken(upscope::CancelToken::new())
    }

    /// Cancels, from any thread.
    fn cancel(&self, py: Python<'_>) {
        finalize_gate::enter(py).detach(py, || self.0.cancel());
    }
}
