//! The native half of the Python package `upscope`: calls, and objects made straight from the service's JSON.

mod about;
mod answers;
mod api_object;
mod attribute_type;
mod catalog;
mod client;
mod detach;
mod exceptions;
mod finalize_gate;
mod imports;
mod json_scan;
mod json_value;
mod logging;
mod models;
mod pages;
mod pending;
mod request;
mod time;

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

#[pymodule]
mod _upscope {
    use super::*;

    #[pymodule_export]
    use super::about::{attributes, build, operations_json, parse_webhook};
    #[pymodule_export]
    use super::client::NativeClient;
    #[pymodule_export]
    use super::json_value::loads;
    #[pymodule_export]
    use super::pages::{Cancel, Pages};
    #[pymodule_export]
    use super::pending::{Outcome, Pending};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let version: String = module.py().import("sys")?.getattr("version")?.extract()?;
        if version.contains("free-threading") {
            return Err(PyImportError::new_err(
                "upscope does not support free-threaded Python yet: use a build of Python with the GIL",
            ));
        }
        module.add("__version__", about::VERSION)?;
        models::add_to(module)?;
        imports::load(module.py())?;
        finalize_gate::install(module.py())
    }
}
