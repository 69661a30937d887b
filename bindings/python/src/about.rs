//! What this build is, and what the generated parts of the package are made from.

use pyo3::prelude::*;

use crate::answers;
use crate::failure;
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
    if let Ok(bytes) = body.extract::<Vec<u8>>() {
        let text = String::from_utf8(bytes)
            .map_err(|_| failure::refused(py, None, "The webhook's body is not UTF-8.".to_owned(), None))?;
        return answers::webhook(py, &text);
    }
    match body.extract::<String>() {
        Ok(text) => answers::webhook(py, &text),
        Err(cause) => {
            let message = "The webhook's body must be a str or bytes, exactly as it came.".to_owned();
            Err(failure::refused(py, None, message, Some(cause)))
        }
    }
}
