//! What calls need of Python's own objects, looked up once when this module is imported.
//!
//! Not later: a cell that another thread is filling during `fork()` stays half filled in the child, and whoever reads it
//! there waits for ever. pyo3's own cells are no different, and Python's lock around a module that is being
//! imported is neither. So calls import nothing, and use no type of pyo3's that has to be imported (datetimes, mappings).

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule};

use crate::api_object::ApiObject;
use crate::json_value::loads;

/// The objects.
pub struct Imports {
    /// `sys.modules`.
    pub modules: Py<PyDict>,
    /// `upscope._errors.from_core`.
    pub exception_from_core: Py<PyAny>,
    pub datetime: Py<PyAny>,
    pub timedelta: Py<PyAny>,
    pub timezone: Py<PyAny>,
    pub utc: Py<PyAny>,
    /// `collections.abc.Mapping`.
    pub mapping: Py<PyAny>,
}

static IMPORTS: PyOnceLock<Imports> = PyOnceLock::new();

/// Looks the objects up.
pub fn load(py: Python<'_>) -> PyResult<()> {
    let datetime = datetime_module(py)?;
    let timezone = datetime.getattr("timezone")?;
    let imports = Imports {
        modules: py.import("sys")?.getattr("modules")?.cast_into()?.unbind(),
        exception_from_core: py.import("upscope._errors")?.getattr("from_core")?.unbind(),
        datetime: datetime.getattr("datetime")?.unbind(),
        timedelta: datetime.getattr("timedelta")?.unbind(),
        utc: timezone.getattr("utc")?.unbind(),
        timezone: timezone.unbind(),
        // What `collections.abc` takes it from; the interpreter has it loaded.
        mapping: py.import("_collections_abc")?.getattr("Mapping")?.unbind(),
    };
    // Setting a cell does not let another thread in between, as initializing it would.
    let _ = IMPORTS.set(py, imports);
    fill_cells_of_pyo3(py)
}

/// The objects. An error only before `load`.
pub fn get(py: Python<'_>) -> PyResult<&'static Imports> {
    IMPORTS.get(py).ok_or_else(|| PyImportError::new_err("upscope._upscope is not imported yet"))
}

/// The part of `datetime` that is written in C: the whole takes a millisecond to import in older versions.
fn datetime_module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("_datetime").or_else(|_| py.import("datetime"))
}

/// Does once what calls do in pyo3, so that its cells are filled.
fn fill_cells_of_pyo3(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<ApiObject>();
    class.name()?;
    let function = wrap_pyfunction!(loads, py)?;
    // An object that is made and dropped, and an argument of a wrong type.
    function.call1(("{}",))?;
    let _ = function.call1((class,));
    // Attaching waits, in a `Once`, for the interpreter to be initialized. An attached thread would skip that.
    py.detach(|| Python::try_attach(|_| ()));
    Ok(())
}
