//! The types of attributes: from the type in the core to the Python annotation, and from JSON text to a Python value.

use std::fmt::Write;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::json_scan::{self, JsonObject};
use crate::json_value::loads;
use crate::models::{self, Model};
use crate::timestamp;

/// The longest text that a repr shows in full, in characters.
const MAX_REPR_TEXT: usize = 60;

/// The type of an attribute.
#[derive(Clone, Copy)]
pub enum AttributeType {
    Text,
    /// Text that contains a timestamp.
    Timestamp,
    /// Text that reprs hide.
    Secret,
    Bool,
    Integer,
    TextList,
    Object(&'static Model),
    ObjectList(&'static Model),
    /// An object with any members.
    Map,
}

impl AttributeType {
    /// The type of an attribute, given its name and its Rust type. None for a type that is unknown here.
    pub fn new(name: &str, rust_type: &str) -> Option<AttributeType> {
        let compact: String = rust_type.chars().filter(|c| !c.is_whitespace()).collect();
        Some(match compact.as_str() {
            // The core keeps timestamps as text.
            "String" if name.ends_with("_at") || name == "expiration" => AttributeType::Timestamp,
            "String" => AttributeType::Text,
            "Secret" => AttributeType::Secret,
            "bool" => AttributeType::Bool,
            "i64" => AttributeType::Integer,
            "Vec<String>" => AttributeType::TextList,
            "HashMap<String,Value>" => AttributeType::Map,
            other => match other.strip_prefix("Vec<").and_then(|inner| inner.strip_suffix('>')) {
                Some(inner) => AttributeType::ObjectList(models::find(inner)?),
                None => AttributeType::Object(models::find(other)?),
            },
        })
    }

    /// The annotation in the stub.
    pub fn annotation(self) -> String {
        match self {
            AttributeType::Text | AttributeType::Secret => "str".to_owned(),
            AttributeType::Timestamp => "datetime".to_owned(),
            AttributeType::Bool => "bool".to_owned(),
            AttributeType::Integer => "int".to_owned(),
            AttributeType::TextList => "list[str]".to_owned(),
            AttributeType::Object(model) => model.name.to_owned(),
            AttributeType::ObjectList(model) => format!("list[{}]", model.name),
            AttributeType::Map => "dict[str, Any]".to_owned(),
        }
    }

    /// The annotation at run time. Evaluated with the names in the module `upscope`.
    pub fn runtime_annotation(self) -> String {
        match self {
            AttributeType::Timestamp => "datetime.datetime".to_owned(),
            AttributeType::Map => "dict[str, typing.Any]".to_owned(),
            other => other.annotation(),
        }
    }

    /// The Python value. None if the JSON value does not have this type.
    pub fn to_python<'py>(self, py: Python<'py>, json: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(match self {
            AttributeType::Text | AttributeType::Secret => text(json).map(|text| PyString::new(py, &text).into_any()),
            AttributeType::Timestamp => match text(json) {
                Some(text) => timestamp::to_datetime(py, &text)?,
                None => None,
            },
            AttributeType::Bool => match json {
                "true" => Some(true.into_pyobject(py)?.to_owned().into_any()),
                "false" => Some(false.into_pyobject(py)?.to_owned().into_any()),
                _ => None,
            },
            AttributeType::Integer => match json.parse::<i64>() {
                Ok(number) => Some(number.into_pyobject(py)?.into_any()),
                Err(_) => None,
            },
            AttributeType::TextList => {
                let texts: Option<Vec<_>> =
                    json_scan::elements(json).and_then(|all| all.into_iter().map(text).collect());
                match texts {
                    Some(texts) => Some(PyList::new(py, texts)?.into_any()),
                    None => None,
                }
            }
            AttributeType::Object(model) => match JsonObject::parse(json) {
                Some(object) => Some(model.new_object(py, object)?.into_bound(py)),
                None => None,
            },
            AttributeType::ObjectList(model) => match json_scan::objects(json) {
                Some(objects) => Some(model.new_list(py, objects)?.into_any()),
                None => None,
            },
            AttributeType::Map if json.starts_with('{') => Some(loads(py, json)?),
            AttributeType::Map => None,
        })
    }

    /// The value in a repr. None if the JSON value does not have this type.
    pub fn repr(self, json: &str) -> Option<String> {
        Some(match self {
            AttributeType::Text => quoted(&text(json)?),
            AttributeType::Timestamp => text(json)?.chars().take(MAX_REPR_TEXT).filter(|c| !c.is_control()).collect(),
            AttributeType::Secret => text(json).map(|_| "[hidden]".to_owned())?,
            AttributeType::Bool => if json == "true" { "True" } else { "False" }.to_owned(),
            AttributeType::Integer => json.parse::<i64>().ok()?.to_string(),
            AttributeType::TextList => {
                let all: Option<Vec<_>> = json_scan::elements(json)?.into_iter().map(text).collect();
                let all: Vec<_> = all?.iter().map(|text| quoted(text)).collect();
                format!("[{}]", all.join(", "))
            }
            AttributeType::Object(model) => model.repr(&JsonObject::parse(json)?),
            AttributeType::ObjectList(_) => format!("[…{}]", json_scan::elements(json)?.len()),
            // May contain personal data.
            AttributeType::Map => format!("{{…{}}}", JsonObject::parse(json)?.len()),
        })
    }
}

/// The value of a string, or the text of a number: older versions of the service sent identifiers as numbers.
fn text(json: &str) -> Option<std::borrow::Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => {
            let inner = json.get(1..json.len().checked_sub(1)?)?;
            match memchr::memchr(b'\\', inner.as_bytes()) {
                None => Some(inner.into()),
                Some(_) => json_scan::unescape(inner).map(Into::into),
            }
        }
        b'-' | b'0'..=b'9' => Some(json.into()),
        _ => None,
    }
}

/// Quoted text for a person to read. Not always a valid Python literal.
fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars().take(MAX_REPR_TEXT) {
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
    out.push_str(if text.chars().nth(MAX_REPR_TEXT).is_some() { "…'" } else { "'" });
    out
}
