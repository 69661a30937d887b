//! The Python objects that calls need, looked up once when this module is imported.
//!
//! They cannot be looked up later. If another thread is initializing a cell during `fork()`, the cell stays
//! half-initialized in the child, and every later reader blocks. The same holds for pyo3's own cells and for Python's lock
//! around a module that is being imported. Calls therefore import nothing, and use no pyo3 type that has to be imported
//! (datetimes, mappings).

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

use crate::api_object::ApiObject;
use crate::json_value::loads;

/// The objects that calls need.
pub struct Imports {
    /// `sys.modules`.
    pub modules: Py<PyDict>,
    /// `upscope._errors.from_core`.
    pub exception_from_core: Py<PyAny>,
    pub date: Py<PyAny>,
    pub datetime: Py<PyAny>,
    pub timedelta: Py<PyAny>,
    pub timezone: Py<PyAny>,
    pub utc: Py<PyAny>,
    /// `collections.abc.Mapping`.
    pub mapping: Py<PyAny>,
}

static IMPORTS: PyOnceLock<Imports> = PyOnceLock::new();

/// Looks up the objects.
pub fn load(py: Python<'_>) -> PyResult<()> {
    let datetime = datetime_module(py)?;
    let timezone = datetime.getattr("timezone")?;
    let imports = Imports {
        modules: py.import("sys")?.getattr("modules")?.cast_into()?.unbind(),
        exception_from_core: py.import("upscope._errors")?.getattr("from_core")?.unbind(),
        date: datetime.getattr("date")?.unbind(),
        datetime: datetime.getattr("datetime")?.unbind(),
        timedelta: datetime.getattr("timedelta")?.unbind(),
        utc: timezone.getattr("utc")?.unbind(),
        timezone: timezone.unbind(),
        // Where `collections.abc` takes it from. The interpreter has loaded this module.
        mapping: py.import("_collections_abc")?.getattr("Mapping")?.unbind(),
    };
    // Unlike `get_or_init`, `set` does not switch threads.
    let _ = IMPORTS.set(py, imports);
    initialize_pyo3_cells(py)
}

/// The objects. Fails only before `load`.
pub fn get(py: Python<'_>) -> PyResult<&'static Imports> {
    IMPORTS.get(py).ok_or_else(|| PyImportError::new_err("upscope._upscope is not imported yet"))
}

/// The part of `datetime` that is written in C. The whole module takes a millisecond to import in older versions.
fn datetime_module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("_datetime").or_else(|_| py.import("datetime"))
}

/// Uses pyo3 once as calls do, which initializes its cells.
fn initialize_pyo3_cells(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<ApiObject>();
    class.name()?;
    let function = wrap_pyfunction!(loads, py)?;
    // Creates and drops an object, and converts an argument of a wrong type.
    function.call1(("{}",))?;
    let _ = function.call1((class,));
    // Attaching checks in a `Once` that the interpreter is initialized. An attached thread would skip that check.
    py.detach(|| Python::try_attach(|_| ()));
    Ok(())
}
