//! What a request may hold: the keys, their kinds, and where each goes in the HTTP request.

use serde_json::{Map, Value, json};

/// One key of a request or of an object within it.
#[derive(Debug)]
pub struct Parameter {
    /// The key.
    pub name: &'static str,
    /// What it means, for the schema and the documentation.
    pub doc: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Where it goes.
    pub place: Place,
    /// What values it takes.
    pub kind: Kind,
}

/// Where a key goes in the HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One segment of the path, percent-encoded whole.
    Path,
    /// A pair of the query, when it is given.
    Query,
    /// A member of the JSON body.
    Body,
    /// The HTTP method itself.
    Method,
    /// The path itself.
    WholePath,
    /// Each member is a pair of the query.
    WholeQuery,
    /// The JSON body itself.
    WholeBody,
    /// A member of the object it stands in.
    Member,
}

/// What values a key takes.
#[derive(Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text of at least one character.
    NonEmptyText,
    /// An identifier that becomes one path segment: not empty, not `.` or `..`.
    Segment,
    /// A path below the base URL.
    Path,
    /// An absolute `http` or `https` URL.
    Url,
    /// A time with its offset, RFC 3339.
    Time,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// true or false.
    Boolean,
    /// true, as a confirmation.
    True,
    /// true, false, or one of these words.
    BooleanOr(&'static [&'static str]),
    /// A whole number within these bounds.
    Integer {
        /// The least value.
        min: u64,
        /// The greatest value.
        max: u64,
    },
    /// An object with these keys.
    Object(&'static [Parameter]),
    /// An object whose values are strings, numbers or booleans.
    FlatObject,
    /// An object with any content.
    AnyObject,
    /// Any JSON value.
    Any,
}

impl Kind {
    /// What a caller is told to give, to follow "must be".
    pub(crate) fn expectation(&self) -> String {
        match self {
            Kind::Text => "a string".into(),
            Kind::NonEmptyText => "a string that is not empty".into(),
            Kind::Segment => "a string that is not empty, \".\" or \"..\"".into(),
            Kind::Path => "a path such as \"/usage\": it starts with \"/\" and has no \".\" or \"..\" segment and no \"?\", \"#\" or control character".into(),
            Kind::Url => "an absolute http or https URL".into(),
            Kind::Time => "a time with its offset, such as \"2026-01-31T09:30:00Z\" (RFC 3339)".into(),
            Kind::OneOf(words) => format!("one of {}", quoted(words)),
            Kind::Boolean => "true or false".into(),
            Kind::True => "true".into(),
            Kind::BooleanOr(words) => format!("true, false or {}", quoted(words)),
            Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Object(_) | Kind::AnyObject => "an object".into(),
            Kind::FlatObject => "an object whose values are strings, numbers or booleans".into(),
            Kind::Any => "any JSON value".into(),
        }
    }

    /// The JSON Schema of these values.
    fn schema(&self) -> Map<String, Value> {
        let schema = match self {
            Kind::Text => json!({"type": "string"}),
            Kind::NonEmptyText => json!({"type": "string", "minLength": 1}),
            Kind::Segment => json!({"type": "string", "minLength": 1, "not": {"enum": [".", ".."]}}),
            Kind::Path => json!({"type": "string", "pattern": "^/[^?#]*$"}),
            Kind::Url => json!({"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}),
            Kind::Time => json!({"type": "string", "format": "date-time"}),
            Kind::OneOf(words) => json!({"type": "string", "enum": words}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::True => json!({"type": "boolean", "const": true}),
            Kind::BooleanOr(words) => json!({"anyOf": [{"type": "boolean"}, {"enum": words}]}),
            Kind::Integer { min, max } => {
                json!({"type": "integer", "minimum": min, "maximum": max})
            }
            Kind::Object(parameters) => object_schema(*parameters),
            Kind::FlatObject => json!({
                "type": "object",
                "additionalProperties": {"type": ["string", "number", "boolean"]},
            }),
            Kind::AnyObject => json!({"type": "object"}),
            Kind::Any => json!({}),
        };
        match schema {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}

/// The JSON Schema of an object with exactly these keys. A null stands for a key left out.
pub(crate) fn object_schema<'a>(parameters: impl IntoIterator<Item = &'a Parameter>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in parameters {
        let mut schema = parameter.kind.schema();
        schema.insert("description".into(), parameter.doc.trim().into());
        properties.insert(parameter.name.into(), Value::Object(schema));
        if parameter.required {
            required.push(Value::from(parameter.name));
        }
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = Value::Array(required);
    }
    schema
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    words.join(", ")
}
