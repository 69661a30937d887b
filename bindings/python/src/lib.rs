//! The native module of the Python package `upscope`: calls, and objects that read the service's JSON directly.

mod api_object;
mod attempt;
mod attribute_type;
mod call_context;
mod call_handle;
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
mod module_info;
mod pages;
mod request_json;
mod responses;
mod timestamp;
mod webhook;

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

#[pymodule]
mod _upscope {
    use super::*;

    #[pymodule_export]
    use super::attempt::Attempt;
    #[pymodule_export]
    use super::call_handle::{CallHandle, CallResult};
    #[pymodule_export]
    use super::client::NativeClient;
    #[pymodule_export]
    use super::json_value::loads;
    #[pymodule_export]
    use super::module_info::{attributes, build_info, operations_json, suggest};
    #[pymodule_export]
    use super::pages::Pages;
    #[pymodule_export]
    use super::webhook::parse_webhook;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let version: String = module.py().import("sys")?.getattr("version")?.extract()?;
        if version.contains("free-threading") {
            return Err(PyImportError::new_err(
                "upscope does not support free-threaded Python yet: use a build of Python with the GIL",
            ));
        }
        module.add("__version__", module_info::VERSION)?;
        models::add_to(module)?;
        imports::load(module.py())?;
        finalize_gate::install(module.py())
    }
}
