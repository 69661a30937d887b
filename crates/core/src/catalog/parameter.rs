//! What a request may hold: the keys, their kinds, and where each goes in the HTTP request.

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

impl Parameter {
    /// This key among the properties of a JSON Schema.
    fn schema(&self) -> String {
        let doc = json_text(self.doc);
        let kind = self.kind.schema();
        let and = if kind.is_empty() { "" } else { "," };
        format!(r#""{}":{{"description":{doc}{and}{kind}}}"#, self.name)
    }
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
    /// Whether its values are strings alone.
    pub fn is_text(&self) -> bool {
        matches!(
            self,
            Kind::Text | Kind::NonEmptyText | Kind::Segment | Kind::Path | Kind::Url | Kind::Time | Kind::OneOf(_)
        )
    }

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

    /// The members of the JSON Schema of these values, as JSON.
    fn schema(&self) -> String {
        match self {
            Kind::Text => r#""type":"string""#.into(),
            Kind::NonEmptyText => r#""type":"string","minLength":1"#.into(),
            Kind::Segment => r#""type":"string","minLength":1,"not":{"enum":[".",".."]}"#.into(),
            Kind::Path => r#""type":"string","pattern":"^/[^?#]*$""#.into(),
            Kind::Url => r#""type":"string","format":"uri","pattern":"^[Hh][Tt][Tt][Pp][Ss]?://""#.into(),
            Kind::Time => r#""type":"string","format":"date-time""#.into(),
            Kind::OneOf(words) => format!(r#""type":"string","enum":[{}]"#, quoted(words)),
            Kind::Boolean => r#""type":"boolean""#.into(),
            Kind::True => r#""type":"boolean","const":true"#.into(),
            Kind::BooleanOr(words) => format!(r#""anyOf":[{{"type":"boolean"}},{{"enum":[{}]}}]"#, quoted(words)),
            Kind::Integer { min, max } => format!(r#""type":"integer","minimum":{min},"maximum":{max}"#),
            Kind::Object(parameters) => object_schema(parameters.iter()),
            Kind::FlatObject => {
                r#""type":"object","additionalProperties":{"type":["string","number","boolean"]}"#.into()
            }
            Kind::AnyObject => r#""type":"object""#.into(),
            Kind::Any => String::new(),
        }
    }
}

/// The members of the JSON Schema of an object with exactly these keys. A null stands for a key left out.
pub(crate) fn object_schema<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> String {
    let mut parameters: Vec<&Parameter> = parameters.collect();
    let required: Vec<&str> = parameters.iter().filter(|parameter| parameter.required).map(|p| p.name).collect();
    parameters.sort_by_key(|parameter| parameter.name);
    let properties: Vec<String> = parameters.iter().map(|parameter| parameter.schema()).collect();
    let mut schema =
        format!(r#""type":"object","properties":{{{}}},"additionalProperties":false"#, properties.join(","));
    if !required.is_empty() {
        schema += &format!(r#","required":[{}]"#, quoted(&required));
    }
    schema
}

/// Prose as a JSON string. Names, words and paths are written as they are: none holds what JSON escapes.
pub(crate) fn json_text(text: &str) -> String {
    // Writing a string cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    words.join(", ")
}
