//! Writes a caller's arguments as the JSON that the core reads.
//!
//! The core validates requests. This module rejects only values that cannot be written as JSON.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::exceptions;
use crate::imports;

/// Deeper than the core allows. Stops at objects that contain themselves.
const MAX_DEPTH: usize = 200;

/// The JSON of a request. Keys with the value None are omitted.
pub fn from_dict(operation: Option<&str>, request: &Bound<'_, PyDict>) -> PyResult<String> {
    let mut out = Vec::with_capacity(64);
    write_dict(&mut out, request, true, 0)
        .and_then(|()| String::from_utf8(out).map_err(|_| WriteError::new("is not valid text")))
        .map_err(|error| error.into_exception(request.py(), operation))
}

/// The JSON of any value.
pub fn from_value(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut out = Vec::with_capacity(64);
    write_value(&mut out, value, 0)
        .and_then(|()| String::from_utf8(out).map_err(|_| WriteError::new("is not valid text")))
        .map_err(|error| error.into_exception(value.py(), None))
}

/// Why a value cannot be written as JSON.
struct WriteError {
    /// The keys to the value, the innermost first.
    path: Vec<String>,
    reason: String,
    cause: Option<PyErr>,
}

impl WriteError {
    fn new(reason: impl Into<String>) -> WriteError {
        WriteError { path: Vec::new(), reason: reason.into(), cause: None }
    }

    fn at_key(mut self, key: String) -> WriteError {
        self.path.push(key);
        self
    }

    fn into_exception(mut self, py: Python<'_>, operation: Option<&str>) -> PyErr {
        // A KeyboardInterrupt, or an exception of the caller's own class, is raised unchanged.
        if let Some(cause) = self.cause.take_if(|cause| !cause.is_instance_of::<PyUnicodeEncodeError>(py)) {
            return cause;
        }
        self.path.reverse();
        let location = if self.path.is_empty() { "The value".to_owned() } else { self.path.join(".") };
        exceptions::invalid_argument(py, operation, format!("{location} {}.", self.reason), self.cause)
    }
}

impl From<PyErr> for WriteError {
    fn from(cause: PyErr) -> WriteError {
        WriteError { path: Vec::new(), reason: "cannot be read".to_owned(), cause: Some(cause) }
    }
}

fn write_value(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), WriteError> {
    if depth > MAX_DEPTH {
        return Err(WriteError::new("is nested too deeply, or contains itself"));
    }
    if let Ok(text) = value.cast::<PyString>() {
        write_string(out, text)
    } else if value.is_none() {
        out.extend_from_slice(b"null");
        Ok(())
    } else if let Ok(flag) = value.cast::<PyBool>() {
        out.extend_from_slice(if flag.is_true() { b"true" } else { b"false" });
        Ok(())
    } else if let Ok(number) = value.cast::<PyInt>() {
        write_integer(out, number)
    } else if let Ok(dict) = value.cast::<PyDict>() {
        write_dict(out, dict, false, depth)
    } else if let Ok(list) = value.cast::<PyList>() {
        write_array(out, list.iter(), depth)
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        write_array(out, tuple.iter(), depth)
    } else if let Ok(number) = value.cast::<PyFloat>() {
        write_float(out, number)
    } else {
        write_other(out, value, depth)
    }
}

/// A value of a class that is not built into the interpreter.
fn write_other(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), WriteError> {
    let py = value.py();
    let imports = imports::get(py)?;
    if value.is_instance(imports.datetime.bind(py))? {
        write_datetime(out, value)
    } else if value.is_instance(imports.date.bind(py))? {
        Err(WriteError::new(
            "is a date without a time: pass an aware datetime, such as \
             datetime.combine(day, time.min, tzinfo=timezone.utc) for the start of a day",
        ))
    } else if value.is_instance(imports.mapping.bind(py))? {
        let dict = PyDict::new(py);
        dict.call_method1("update", (value,))?;
        write_dict(out, &dict, false, depth)
    } else {
        let class = value.get_type().name()?;
        Err(WriteError::new(format!("has the type {class}, which cannot be written as JSON")))
    }
}

fn write_dict(out: &mut Vec<u8>, dict: &Bound<'_, PyDict>, skip_none: bool, depth: usize) -> Result<(), WriteError> {
    out.push(b'{');
    let mut first = true;
    for (key, value) in dict.iter() {
        if skip_none && value.is_none() {
            continue;
        }
        let Ok(key) = key.cast_into::<PyString>() else {
            return Err(WriteError::new("has a key that is not a string"));
        };
        if !first {
            out.push(b',');
        }
        first = false;
        write_string(out, &key)?;
        out.push(b':');
        write_value(out, &value, depth + 1).map_err(|error| error.at_key(key.to_string_lossy().into_owned()))?;
    }
    out.push(b'}');
    Ok(())
}

fn write_array<'py>(
    out: &mut Vec<u8>,
    elements: impl Iterator<Item = Bound<'py, PyAny>>,
    depth: usize,
) -> Result<(), WriteError> {
    out.push(b'[');
    for (index, element) in elements.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_value(out, &element, depth + 1).map_err(|error| error.at_key(index.to_string()))?;
    }
    out.push(b']');
    Ok(())
}

fn write_string(out: &mut Vec<u8>, text: &Bound<'_, PyString>) -> Result<(), WriteError> {
    let text = text
        .to_cow()
        .map_err(|cause| WriteError { cause: Some(cause), ..WriteError::new("contains an unpaired surrogate") })?;
    // Writing to a Vec cannot fail.
    let _ = serde_json::to_writer(out, text.as_ref());
    Ok(())
}

fn write_integer(out: &mut Vec<u8>, number: &Bound<'_, PyInt>) -> Result<(), WriteError> {
    match number.extract::<i64>() {
        Ok(number) => out.extend_from_slice(number.to_string().as_bytes()),
        // JSON has no limit either. `int.__repr__`, because a subclass may have another repr.
        Err(_) => {
            let text = number.py().get_type::<PyInt>().call_method1("__repr__", (number,))?;
            out.extend_from_slice(text.cast::<PyString>().map_err(PyErr::from)?.to_cow()?.as_bytes());
        }
    }
    Ok(())
}

fn write_float(out: &mut Vec<u8>, number: &Bound<'_, PyFloat>) -> Result<(), WriteError> {
    let number = number.value();
    if !number.is_finite() {
        return Err(WriteError::new(format!("is {number}, which cannot be written as JSON")));
    }
    let _ = serde_json::to_writer(out, &number);
    Ok(())
}

fn write_datetime(out: &mut Vec<u8>, time: &Bound<'_, PyAny>) -> Result<(), WriteError> {
    if time.call_method0("utcoffset")?.is_none() {
        return Err(WriteError::new(
            "is a datetime without a time zone: pass an aware one, such as datetime.now(timezone.utc)",
        ));
    }
    let text = time.call_method0("isoformat")?;
    write_string(out, text.cast::<PyString>().map_err(PyErr::from)?)
}
