//! Reads the fields of a JSON object strictly: a client that sends the wrong type hears which field it was.

use serde_json::{Map, Value};

pub(crate) struct Fields<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value) -> Result<Self, String> {
        match value {
            Value::Object(object) => Ok(Self { path: String::new(), object }),
            other => Err(format!("the body is {}, not an object", kind(other))),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, other, "a string")),
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<&'a str, String> {
        match self.text(name)? {
            None => Err(format!("{} is missing", self.name_of(name))),
            Some("") => Err(format!("{} is empty", self.name_of(name))),
            Some(text) => Ok(text),
        }
    }

    /// For the fields whose documented default is null.
    pub(crate) fn nullable_text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.object.get(name) {
            Some(Value::Null) => Ok(None),
            _ => self.text(name),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<u64>, String> {
        match self.object.get(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(name, value, "a whole number, zero or more")),
            },
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Fields<'a>>, String> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Fields { path: format!("{}.", self.name_of(name)), object })),
            Some(other) => Err(self.wrong(name, other, "an object")),
        }
    }

    pub(crate) fn required_object(&self, name: &str) -> Result<Fields<'a>, String> {
        self.object(name)?.ok_or_else(|| format!("{} is missing", self.name_of(name)))
    }

    /// Refuses the fields that nobody reads, so that a misspelt one is found out.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.object.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(format!("{} is unknown; known: {}", self.name_of(name), known.join(", "))),
        }
    }

    pub(crate) fn raw(&self) -> &'a Map<String, Value> {
        self.object
    }

    pub(crate) fn wrong(&self, name: &str, found: &Value, expected: &str) -> String {
        format!("{} is {}, not {expected}", self.name_of(name), kind(found))
    }

    fn name_of(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
