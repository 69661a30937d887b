//! Webhooks: the session that the service posts to a `webhook_url`.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView, PyString};
use upscope::model::Session;

use crate::exceptions;
use crate::finalize_gate;
use crate::json_scan::JsonObject;
use crate::models::HasModel;

const WRONG_TYPE: &str = "The webhook's body must be a str or bytes, exactly as it came.";

/// The session that the service posted to a `webhook_url`.
#[pyfunction]
pub fn parse_webhook<'py>(py: Python<'py>, body: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let _entry = finalize_gate::enter(py);
    let invalid = |message: &str, cause| exceptions::invalid_argument(py, None, message.to_owned(), cause);
    if let Ok(text) = body.cast::<PyString>() {
        let text = text.to_cow().map_err(|cause| invalid(WRONG_TYPE, Some(cause)))?;
        return session(py, &text);
    }
    let bytes = PyMemoryView::from(body).and_then(|view| Ok(view.call_method0("tobytes")?.cast_into::<PyBytes>()?));
    let bytes = bytes.map_err(|cause| invalid(WRONG_TYPE, Some(cause)))?;
    let text = str::from_utf8(bytes.as_bytes()).map_err(|_| invalid("The webhook's body is not UTF-8.", None))?;
    session(py, text)
}

fn session<'py>(py: Python<'py>, body: &str) -> PyResult<Bound<'py, PyAny>> {
    let json = upscope::parse_webhook_json(body).map_err(|error| exceptions::from_error(py, &error))?;
    let object = JsonObject::parse(&json).ok_or_else(|| exceptions::bad_response(py, "parse_webhook"))?;
    Ok(Session::MODEL.new_object(py, object)?.into_bound(py))
}
