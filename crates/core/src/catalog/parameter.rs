//! The keys of a request: their types, and their location in the HTTP request.

/// A key of a request, or of an object within it.
///
/// ```
/// use upscope::parameter::{Location, ParameterType};
///
/// let definition = upscope::operation::find("list_visitors").expect("an operation");
/// let max_results = &definition.optional[1];
/// assert_eq!((max_results.name, max_results.location), ("max_results", Location::Query));
/// assert!(matches!(max_results.parameter_type, ParameterType::Integer { min: 1, max: 10 }));
/// ```
#[derive(Debug)]
pub struct Parameter {
    /// The key.
    pub name: &'static str,
    /// What it means, for the schema and the documentation.
    pub doc: &'static str,
    /// Whether it is required.
    pub required: bool,
    /// Where the value goes in the HTTP request.
    pub location: Location,
    /// The values that it accepts.
    pub parameter_type: ParameterType,
}

impl Parameter {
    /// This key as a member of `properties` in a JSON Schema.
    fn schema(&self) -> String {
        let doc = json_string(self.doc);
        let members = self.parameter_type.schema();
        let comma = if members.is_empty() { "" } else { "," };
        format!(r#""{}":{{"description":{doc}{comma}{members}}}"#, self.name)
    }
}

/// Where the value of a key goes in the HTTP request. See [`Parameter`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// One segment of the path, percent-encoded.
    Path,
    /// A query parameter.
    Query,
    /// A member of the JSON body.
    Body,
    /// The HTTP method.
    Method,
    /// The whole path.
    RawPath,
    /// The whole query: each member is a query parameter.
    RawQuery,
    /// The whole JSON body.
    RawBody,
    /// A member of the object that contains the key.
    Member,
}

/// The values that a key accepts. See [`Parameter`] for an example.
#[derive(Debug)]
pub enum ParameterType {
    /// Any text.
    Text,
    /// Text of at least one character.
    NonEmptyText,
    /// One path segment: not empty, not `.` or `..`.
    PathSegment,
    /// A path below the base URL.
    Path,
    /// An absolute `http` or `https` URL.
    Url,
    /// A time with its UTC offset, RFC 3339.
    Time,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// true or false.
    Boolean,
    /// Only true: a confirmation.
    True,
    /// true, false, or one of these words.
    BooleanOr(&'static [&'static str]),
    /// An integer in this range.
    Integer {
        /// The smallest value.
        min: u64,
        /// The largest value.
        max: u64,
    },
    /// An object with these keys.
    Object(&'static [Parameter]),
    /// An object whose values are strings, numbers or booleans.
    FlatObject,
    /// An object with any members.
    AnyObject,
    /// Any JSON value.
    Any,
}

impl ParameterType {
    /// Whether all values are strings.
    ///
    /// ```
    /// use upscope::parameter::ParameterType;
    ///
    /// assert!(ParameterType::Url.is_text());
    /// assert!(!ParameterType::Boolean.is_text());
    /// ```
    pub fn is_text(&self) -> bool {
        matches!(
            self,
            ParameterType::Text
                | ParameterType::NonEmptyText
                | ParameterType::PathSegment
                | ParameterType::Path
                | ParameterType::Url
                | ParameterType::Time
                | ParameterType::OneOf(_)
        )
    }

    /// A phrase that follows "must be".
    pub(crate) fn describe(&self) -> String {
        match self {
            ParameterType::Text => "a string".into(),
            ParameterType::NonEmptyText => "a string that is not empty".into(),
            ParameterType::PathSegment => "a string that is not empty, \".\" or \"..\"".into(),
            ParameterType::Path => "a path such as \"/usage\": it starts with \"/\" and has no \".\" or \"..\" segment and no \"?\", \"#\" or control character".into(),
            ParameterType::Url => "an absolute http or https URL".into(),
            ParameterType::Time => "a time with its offset, such as \"2026-01-31T09:30:00Z\" (RFC 3339)".into(),
            ParameterType::OneOf(words) => format!("one of {}", quote_all(words)),
            ParameterType::Boolean => "true or false".into(),
            ParameterType::True => "true".into(),
            ParameterType::BooleanOr(words) => format!("true, false or {}", quote_all(words)),
            ParameterType::Integer { min, max } => format!("a whole number from {min} to {max}"),
            ParameterType::Object(_) | ParameterType::AnyObject => "an object".into(),
            ParameterType::FlatObject => "an object whose values are strings, numbers or booleans".into(),
            ParameterType::Any => "any JSON value".into(),
        }
    }

    /// The members of the JSON Schema for these values.
    fn schema(&self) -> String {
        match self {
            ParameterType::Text => r#""type":"string""#.into(),
            ParameterType::NonEmptyText => r#""type":"string","minLength":1"#.into(),
            ParameterType::PathSegment => r#""type":"string","minLength":1,"not":{"enum":[".",".."]}"#.into(),
            ParameterType::Path => r#""type":"string","pattern":"^/[^?#]*$""#.into(),
            ParameterType::Url => r#""type":"string","format":"uri","pattern":"^[Hh][Tt][Tt][Pp][Ss]?://""#.into(),
            ParameterType::Time => r#""type":"string","format":"date-time""#.into(),
            ParameterType::OneOf(words) => format!(r#""type":"string","enum":[{}]"#, quote_all(words)),
            ParameterType::Boolean => r#""type":"boolean""#.into(),
            ParameterType::True => r#""type":"boolean","const":true"#.into(),
            ParameterType::BooleanOr(words) => {
                format!(r#""anyOf":[{{"type":"boolean"}},{{"enum":[{}]}}]"#, quote_all(words))
            }
            ParameterType::Integer { min, max } => format!(r#""type":"integer","minimum":{min},"maximum":{max}"#),
            ParameterType::Object(parameters) => object_schema(parameters.iter()),
            ParameterType::FlatObject => {
                r#""type":"object","additionalProperties":{"type":["string","number","boolean"]}"#.into()
            }
            ParameterType::AnyObject => r#""type":"object""#.into(),
            ParameterType::Any => String::new(),
        }
    }
}

/// The members of the JSON Schema for an object with these keys only. Null counts as absent.
pub(crate) fn object_schema<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> String {
    let mut parameters: Vec<&Parameter> = parameters.collect();
    let required: Vec<&str> = parameters.iter().filter(|parameter| parameter.required).map(|p| p.name).collect();
    parameters.sort_by_key(|parameter| parameter.name);
    let properties: Vec<String> = parameters.iter().map(|parameter| parameter.schema()).collect();
    let mut schema =
        format!(r#""type":"object","properties":{{{}}},"additionalProperties":false"#, properties.join(","));
    if !required.is_empty() {
        schema += &format!(r#","required":[{}]"#, quote_all(&required));
    }
    schema
}

/// Text as a JSON string. Names, words and paths need no escaping, so they are not passed through this.
// Not inlined, because its callers are cold and it is large.
#[inline(never)]
pub(crate) fn json_string(text: &str) -> String {
    // Writing a string cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}

fn quote_all(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    words.join(", ")
}
