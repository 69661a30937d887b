//! What a caller gives, as the JSON that the core reads. The core checks it; here only what has no JSON is refused.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::exceptions;
use crate::imports;

/// Deeper than the core takes, and a bound for objects that hold themselves.
const MAX_DEPTH: usize = 200;

/// The JSON of a request: a dict, whose members that are None count as left out.
pub fn json(operation: Option<&str>, request: &Bound<'_, PyDict>) -> PyResult<String> {
    let mut out = Vec::with_capacity(64);
    members(&mut out, request, true, 0)
        .and_then(|()| String::from_utf8(out).map_err(|_| Refusal::new("is not valid text")))
        .map_err(|refusal| refusal.exception(request.py(), operation))
}

/// The JSON of any value.
pub fn value_json(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut out = Vec::with_capacity(64);
    write(&mut out, value, 0)
        .and_then(|()| String::from_utf8(out).map_err(|_| Refusal::new("is not valid text")))
        .map_err(|refusal| refusal.exception(value.py(), None))
}

/// Why a value has no JSON, and where it stands.
struct Refusal {
    path: Vec<String>,
    why: String,
    cause: Option<PyErr>,
}

impl Refusal {
    fn new(why: impl Into<String>) -> Refusal {
        Refusal { path: Vec::new(), why: why.into(), cause: None }
    }

    fn within(mut self, key: String) -> Refusal {
        self.path.push(key);
        self
    }

    fn exception(mut self, py: Python<'_>, operation: Option<&str>) -> PyErr {
        // A KeyboardInterrupt, or a bug in the caller's own class, is not ours to rename.
        if let Some(cause) = self.cause.take_if(|cause| !cause.is_instance_of::<PyUnicodeEncodeError>(py)) {
            return cause;
        }
        self.path.reverse();
        let place = if self.path.is_empty() { "The value".to_owned() } else { self.path.join(".") };
        exceptions::refused(py, operation, format!("{place} {}.", self.why), self.cause)
    }
}

impl From<PyErr> for Refusal {
    fn from(cause: PyErr) -> Refusal {
        Refusal { path: Vec::new(), why: "cannot be read".to_owned(), cause: Some(cause) }
    }
}

fn write(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), Refusal> {
    if depth > MAX_DEPTH {
        return Err(Refusal::new("is nested too deep, or holds itself"));
    }
    if let Ok(text) = value.cast::<PyString>() {
        string(out, text)
    } else if value.is_none() {
        out.extend_from_slice(b"null");
        Ok(())
    } else if let Ok(flag) = value.cast::<PyBool>() {
        out.extend_from_slice(if flag.is_true() { b"true" } else { b"false" });
        Ok(())
    } else if let Ok(number) = value.cast::<PyInt>() {
        integer(out, number)
    } else if let Ok(dict) = value.cast::<PyDict>() {
        members(out, dict, false, depth)
    } else if let Ok(list) = value.cast::<PyList>() {
        array(out, list.iter(), depth)
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        array(out, tuple.iter(), depth)
    } else if let Ok(number) = value.cast::<PyFloat>() {
        float(out, number)
    } else {
        imported(out, value, depth)
    }
}

/// A value of a class that is not built into the interpreter.
fn imported(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), Refusal> {
    let py = value.py();
    let imports = imports::get(py)?;
    if value.is_instance(imports.datetime.bind(py))? {
        datetime(out, value)
    } else if value.is_instance(imports.mapping.bind(py))? {
        let dict = PyDict::new(py);
        dict.call_method1("update", (value,))?;
        members(out, &dict, false, depth)
    } else {
        let class = value.get_type().name()?;
        Err(Refusal::new(format!("is of the type {class}, which has no JSON")))
    }
}

fn members(out: &mut Vec<u8>, dict: &Bound<'_, PyDict>, skip_none: bool, depth: usize) -> Result<(), Refusal> {
    out.push(b'{');
    let mut first = true;
    for (key, value) in dict.iter() {
        if skip_none && value.is_none() {
            continue;
        }
        let Ok(key) = key.cast_into::<PyString>() else {
            return Err(Refusal::new("has a key that is not a string"));
        };
        if !first {
            out.push(b',');
        }
        first = false;
        string(out, &key)?;
        out.push(b':');
        write(out, &value, depth + 1).map_err(|refusal| refusal.within(key.to_string_lossy().into_owned()))?;
    }
    out.push(b'}');
    Ok(())
}

fn array<'py>(
    out: &mut Vec<u8>,
    elements: impl Iterator<Item = Bound<'py, PyAny>>,
    depth: usize,
) -> Result<(), Refusal> {
    out.push(b'[');
    for (at, element) in elements.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, &element, depth + 1).map_err(|refusal| refusal.within(at.to_string()))?;
    }
    out.push(b']');
    Ok(())
}

fn string(out: &mut Vec<u8>, text: &Bound<'_, PyString>) -> Result<(), Refusal> {
    let text = text
        .to_cow()
        .map_err(|cause| Refusal { cause: Some(cause), ..Refusal::new("holds a surrogate that is no character") })?;
    // Writing to a Vec cannot fail.
    let _ = serde_json::to_writer(out, text.as_ref());
    Ok(())
}

fn integer(out: &mut Vec<u8>, number: &Bound<'_, PyInt>) -> Result<(), Refusal> {
    match number.extract::<i64>() {
        Ok(number) => out.extend_from_slice(number.to_string().as_bytes()),
        // Larger ones have no bound in JSON either. int's own text: a subclass may show itself otherwise.
        Err(_) => {
            let text = number.py().get_type::<PyInt>().call_method1("__repr__", (number,))?;
            out.extend_from_slice(text.cast::<PyString>().map_err(PyErr::from)?.to_cow()?.as_bytes());
        }
    }
    Ok(())
}

fn float(out: &mut Vec<u8>, number: &Bound<'_, PyFloat>) -> Result<(), Refusal> {
    let number = number.value();
    if !number.is_finite() {
        return Err(Refusal::new(format!("is {number}, which has no JSON")));
    }
    let _ = serde_json::to_writer(out, &number);
    Ok(())
}

fn datetime(out: &mut Vec<u8>, time: &Bound<'_, PyAny>) -> Result<(), Refusal> {
    if time.call_method0("utcoffset")?.is_none() {
        return Err(Refusal::new(
            "is a datetime without a time zone: give an aware one, such as datetime.now(timezone.utc)",
        ));
    }
    let text = time.call_method0("isoformat")?;
    string(out, text.cast::<PyString>().map_err(PyErr::from)?)
}
