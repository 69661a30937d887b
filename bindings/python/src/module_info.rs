//! What this build is, and what the generated parts of the package are made from.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyString};

use crate::answers;
use crate::exceptions;
use crate::finalize_gate;
use crate::models;

/// The package's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the native module was built: profile and target.
#[pyfunction]
pub fn build() -> (&'static str, String) {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    (profile, format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS))
}

/// The core's table of operations, as JSON.
#[pyfunction]
pub fn operations_json() -> String {
    upscope::operation::operations_json()
}

/// The attributes of a class: (name, type, meaning).
#[pyfunction]
pub fn attributes(class: &str) -> Vec<(&'static str, String, &'static str)> {
    models::find(class).map(models::Model::described).unwrap_or_default()
}

/// The session that the service posted to a `webhook_url`.
#[pyfunction]
pub fn parse_webhook<'py>(py: Python<'py>, body: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let _inside = finalize_gate::enter(py);
    let refuse = |message: &str, cause| exceptions::refused(py, None, message.to_owned(), cause);
    if let Ok(text) = body.cast::<PyString>() {
        let text = text.to_cow().map_err(|cause| refuse(WEBHOOK_TYPE, Some(cause)))?;
        return answers::webhook(py, &text);
    }
    let bytes = PyMemoryView::from(body).and_then(|view| Ok(view.call_method0("tobytes")?.cast_into::<PyBytes>()?));
    let bytes = bytes.map_err(|cause| refuse(WEBHOOK_TYPE, Some(cause)))?;
    let text = str::from_utf8(bytes.as_bytes()).map_err(|_| refuse("The webhook's body is not UTF-8.", None))?;
    answers::webhook(py, text)
}

const WEBHOOK_TYPE: &str = "The webhook's body must be a str or bytes, exactly as it came.";
