//! What an attribute is in Python: from its type in the core, and from JSON text to a value when it is read.

use std::fmt::Write;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::json_scan::{self, Object};
use crate::json_value::loads;
use crate::models::{self, Model};
use crate::time;

/// Longest text that a repr shows whole, in characters.
const SHOWN_TEXT: usize = 60;

/// The type of an attribute.
#[derive(Clone, Copy)]
pub enum AttributeType {
    Text,
    /// Text that names a time.
    Time,
    /// Text that no repr shows.
    Secret,
    Flag,
    Integer,
    Texts,
    Object(&'static Model),
    Objects(&'static Model),
    /// An object with any members.
    Map,
}

impl AttributeType {
    /// From the attribute's name and its type in Rust. None: a type that this package does not know yet.
    pub fn new(name: &str, rust: &str) -> Option<AttributeType> {
        let compact: String = rust.chars().filter(|c| !c.is_whitespace()).collect();
        Some(match compact.as_str() {
            // The core keeps times as the service wrote them.
            "String" if name.ends_with("_at") || name == "expiration" => AttributeType::Time,
            "String" => AttributeType::Text,
            "Secret" => AttributeType::Secret,
            "bool" => AttributeType::Flag,
            "i64" => AttributeType::Integer,
            "Vec<String>" => AttributeType::Texts,
            "HashMap<String,Value>" => AttributeType::Map,
            other => match other.strip_prefix("Vec<").and_then(|inner| inner.strip_suffix('>')) {
                Some(inner) => AttributeType::Objects(models::find(inner)?),
                None => AttributeType::Object(models::find(other)?),
            },
        })
    }

    /// The type in a stub.
    pub fn annotation(self) -> String {
        match self {
            AttributeType::Text | AttributeType::Secret => "str".to_owned(),
            AttributeType::Time => "datetime".to_owned(),
            AttributeType::Flag => "bool".to_owned(),
            AttributeType::Integer => "int".to_owned(),
            AttributeType::Texts => "list[str]".to_owned(),
            AttributeType::Object(model) => model.name.to_owned(),
            AttributeType::Objects(model) => format!("list[{}]", model.name),
            AttributeType::Map => "dict[str, Any]".to_owned(),
        }
    }

    /// The value in Python. None when it is not of this type.
    pub fn read<'py>(self, py: Python<'py>, json: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(match self {
            AttributeType::Text | AttributeType::Secret => text(json).map(|text| PyString::new(py, &text).into_any()),
            AttributeType::Time => match text(json) {
                Some(text) => time::datetime(py, &text)?,
                None => None,
            },
            AttributeType::Flag => match json {
                "true" => Some(true.into_pyobject(py)?.to_owned().into_any()),
                "false" => Some(false.into_pyobject(py)?.to_owned().into_any()),
                _ => None,
            },
            AttributeType::Integer => match json.parse::<i64>() {
                Ok(number) => Some(number.into_pyobject(py)?.into_any()),
                Err(_) => None,
            },
            AttributeType::Texts => {
                let texts: Option<Vec<_>> =
                    json_scan::elements(json).and_then(|all| all.into_iter().map(text).collect());
                match texts {
                    Some(texts) => Some(PyList::new(py, texts)?.into_any()),
                    None => None,
                }
            }
            AttributeType::Object(model) => match Object::new(json) {
                Some(object) => Some(model.make(py, object)?.into_bound(py)),
                None => None,
            },
            AttributeType::Objects(model) => match json_scan::objects(json) {
                Some(objects) => Some(model.make_list(py, objects)?.into_any()),
                None => None,
            },
            AttributeType::Map if json.starts_with('{') => Some(loads(py, json)?),
            AttributeType::Map => None,
        })
    }

    /// What a repr shows of the value. None when it is not of this type.
    pub fn show(self, json: &str) -> Option<String> {
        Some(match self {
            AttributeType::Text => shown(&text(json)?),
            AttributeType::Time => text(json)?.chars().take(SHOWN_TEXT).filter(|c| !c.is_control()).collect(),
            AttributeType::Secret => text(json).map(|_| "[hidden]".to_owned())?,
            AttributeType::Flag => if json == "true" { "True" } else { "False" }.to_owned(),
            AttributeType::Integer => json.parse::<i64>().ok()?.to_string(),
            AttributeType::Texts => {
                let all: Option<Vec<_>> = json_scan::elements(json)?.into_iter().map(text).collect();
                let all: Vec<_> = all?.iter().map(|text| shown(text)).collect();
                format!("[{}]", all.join(", "))
            }
            AttributeType::Object(model) => model.repr(&Object::new(json)?),
            AttributeType::Objects(_) => format!("[…{}]", json_scan::elements(json)?.len()),
            // What a customer put there may be anything.
            AttributeType::Map => format!("{{…{}}}", Object::new(json)?.len()),
        })
    }
}

/// A string. A number counts as its text: identifiers were numbers in older versions of the service.
fn text(json: &str) -> Option<std::borrow::Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => {
            let inner = json.get(1..json.len().checked_sub(1)?)?;
            match memchr::memchr(b'\\', inner.as_bytes()) {
                None => Some(inner.into()),
                Some(_) => json_scan::unescaped(inner).map(Into::into),
            }
        }
        b'-' | b'0'..=b'9' => Some(json.into()),
        _ => None,
    }
}

/// Text in quotes, as a Python literal more or less: to be read, not to be evaluated.
fn shown(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars().take(SHOWN_TEXT) {
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push_str(if text.chars().nth(SHOWN_TEXT).is_some() { "…'" } else { "'" });
    out
}
