//! Converts JSON text that is known to be valid to Python values, as `json.loads` does.
//!
//! Importing `json` takes several milliseconds, and calls must not import anything: see `imports.rs`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::json_scan::{end_of_number, end_of_string, skip_space, unescape};

/// The Python value of a JSON text, which is nested no deeper than the core allows.
#[pyfunction]
pub fn loads<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    Parser { py, json, at: 0 }.value()
}

struct Parser<'py, 'a> {
    py: Python<'py>,
    json: &'a str,
    at: usize,
}

impl<'py> Parser<'py, '_> {
    fn value(&mut self) -> PyResult<Bound<'py, PyAny>> {
        match self.next()? {
            b'{' => self.dict(),
            b'[' => self.list(),
            b'"' => Ok(self.string()?.into_any()),
            b'n' => self.literal("null", self.py.None().into_bound(self.py)),
            b't' => self.literal("true", true.into_pyobject(self.py)?.to_owned().into_any()),
            b'f' => self.literal("false", false.into_pyobject(self.py)?.to_owned().into_any()),
            _ => self.number(),
        }
    }

    fn dict(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let dict = PyDict::new(self.py);
        self.at += 1;
        while self.next()? != b'}' {
            let key = self.string()?;
            self.expect(b':')?;
            dict.set_item(key, self.value()?)?;
            if self.next()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(dict.into_any())
    }

    fn list(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let list = PyList::empty(self.py);
        self.at += 1;
        while self.next()? != b']' {
            list.append(self.value()?)?;
            if self.next()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(list.into_any())
    }

    fn string(&mut self) -> PyResult<Bound<'py, PyString>> {
        if self.next()? != b'"' {
            return Err(not_json());
        }
        let start = self.at + 1;
        let (end, has_escapes) = end_of_string(self.json.as_bytes(), self.at).ok_or_else(not_json)?;
        self.at = end;
        let inner = self.json.get(start..end - 1).ok_or_else(not_json)?;
        if !has_escapes {
            return Ok(PyString::new(self.py, inner));
        }
        match unescape(inner) {
            Some(text) => Ok(PyString::new(self.py, &text)),
            None => string_with_lone_surrogates(self.py, inner),
        }
    }

    fn number(&mut self) -> PyResult<Bound<'py, PyAny>> {
        let end = end_of_number(self.json.as_bytes(), self.at);
        let text = self.json.get(self.at..end).ok_or_else(not_json)?;
        self.at = end;
        if text.contains(['.', 'e', 'E']) {
            let number: f64 = text.parse().map_err(|_| not_json())?;
            return Ok(PyFloat::new(self.py, number).into_any());
        }
        match text.parse::<i64>() {
            Ok(number) => Ok(number.into_pyobject(self.py)?.into_any()),
            Err(_) => self.py.get_type::<PyInt>().call1((text,)),
        }
    }

    fn literal(&mut self, text: &str, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if self.json.get(self.at..).is_some_and(|rest| rest.starts_with(text)) {
            self.at += text.len();
            return Ok(value);
        }
        Err(not_json())
    }

    /// The next byte that is not white space.
    fn next(&mut self) -> PyResult<u8> {
        self.at = skip_space(self.json.as_bytes(), self.at);
        self.json.as_bytes().get(self.at).copied().ok_or_else(not_json)
    }

    fn expect(&mut self, byte: u8) -> PyResult<()> {
        if self.next()? != byte {
            return Err(not_json());
        }
        self.at += 1;
        Ok(())
    }
}

#[cold]
fn not_json() -> PyErr {
    PyValueError::new_err("The text is not JSON.")
}

/// A string with an unpaired surrogate, which Python strings can contain and Rust strings cannot.
#[cold]
fn string_with_lone_surrogates<'py>(py: Python<'py>, inner: &str) -> PyResult<Bound<'py, PyString>> {
    // UTF-16 with a byte order mark.
    let mut units = vec![0xfeff];
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        let unit = match c {
            '\\' => match rest.next().ok_or_else(not_json)? {
                'u' => {
                    let digits = rest.as_str().get(..4).ok_or_else(not_json)?;
                    rest = rest.as_str()[4..].chars();
                    u16::from_str_radix(digits, 16).map_err(|_| not_json())?
                }
                'b' => 0x08,
                'f' => 0x0c,
                'n' => 0x0a,
                'r' => 0x0d,
                't' => 0x09,
                // A quote, a slash or a backslash.
                other => u16::try_from(other as u32).map_err(|_| not_json())?,
            },
            c => {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                continue;
            }
        };
        units.push(unit);
    }
    let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
    Ok(PyBytes::new(py, &bytes).call_method1("decode", ("utf-16", "surrogatepass"))?.cast_into()?)
}
