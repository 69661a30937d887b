//! Reads the members of a JSON object with type checks. Errors are sentences for the client that name the member.

use serde_json::{Map, Value};

use crate::spelling::unknown;

pub(crate) struct ObjectReader<'a> {
    /// The path of this object in the body, with a dot at the end: `branding.`.
    path: String,
    members: &'a Map<String, Value>,
}

impl<'a> ObjectReader<'a> {
    pub(crate) fn new(value: &'a Value) -> Result<Self, String> {
        Self::named("the body", value)
    }

    /// `what` names the object in errors.
    pub(crate) fn named(what: &str, value: &'a Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => Ok(Self { path: String::new(), members }),
            other => Err(format!("{what} is {}, not an object", type_name(other))),
        }
    }

    /// The object with this path, which messages name.
    pub(crate) fn at(path: &str, value: &'a Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => Ok(Self { path: format!("{path}."), members }),
            other => Err(format!("{path} is {}, not an object", type_name(other))),
        }
    }

    pub(crate) fn string(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.type_error(name, other, "a string")),
        }
    }

    pub(crate) fn required_string(&self, name: &str) -> Result<&'a str, String> {
        match self.string(name)? {
            None => Err(format!("{} is missing", self.full_name(name))),
            Some("") => Err(format!("{} is empty", self.full_name(name))),
            Some(text) => Ok(text),
        }
    }

    /// For members whose documented default is null.
    pub(crate) fn nullable_string(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.members.get(name) {
            Some(Value::Null) => Ok(None),
            _ => self.string(name),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<u64>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.type_error(name, value, "a whole number, zero or more")),
            },
        }
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(self.type_error(name, other, "true or false")),
        }
    }

    /// A list of strings. Its documented default is null or an empty list.
    pub(crate) fn strings(&self, name: &str) -> Result<Option<Vec<&'a str>>, String> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let strings = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
                strings.map(Some).ok_or_else(|| self.type_error(name, value, "a list of strings"))
            }
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<ObjectReader<'a>>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Object(members)) => {
                Ok(Some(ObjectReader { path: format!("{}.", self.full_name(name)), members }))
            }
            Some(other) => Err(self.type_error(name, other, "an object")),
        }
    }

    pub(crate) fn required_object(&self, name: &str) -> Result<ObjectReader<'a>, String> {
        self.object(name)?.ok_or_else(|| format!("{} is missing", self.full_name(name)))
    }

    /// Refuses unknown members, so that spelling mistakes are noticed.
    pub(crate) fn allow_only(&self, known: &[&str]) -> Result<(), String> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(unknown(&format!("{} is unknown", self.full_name(name)), name, known)),
        }
    }

    pub(crate) fn members(&self) -> &'a Map<String, Value> {
        self.members
    }

    pub(crate) fn type_error(&self, name: &str, found: &Value, expected: &str) -> String {
        format!("{} is {}, not {expected}", self.full_name(name), type_name(found))
    }

    pub(crate) fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
