//! Validates the JSON of a caller against the parameters of an operation. No other code validates requests.
//!
//! Values are kept as written, so that the service gets every number unchanged.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, MapAccess, Visitor};
use serde_json::value::RawValue;
use upscope_json::value::JsonType;

use crate::catalog::parameter::{Parameter, ParameterType};
use crate::error::Error;
use crate::request::url;
use crate::support::redact;
use crate::support::suggest::suggest;
use crate::support::timestamp::Timestamp;

/// The longest request accepted, in bytes.
///
/// ```
/// assert_eq!(upscope::MAX_REQUEST_BYTES, 16 * 1024 * 1024);
/// ```
pub const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// The deepest nesting accepted in a request or a response.
///
/// ```
/// let deep = "[".repeat(upscope::MAX_DEPTH + 1);
/// assert!(upscope::Config::from_json(&deep).is_err());
/// ```
pub const MAX_DEPTH: usize = 128;

/// The longest excerpt of the caller's text that an error quotes, in characters.
const MAX_EXCERPT: usize = 60;

/// The members of a JSON object in their order, with raw values.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// A parameter with its value.
#[derive(Debug)]
pub(crate) struct Argument<'a> {
    pub(crate) parameter: &'static Parameter,
    pub(crate) value: CheckedValue<'a>,
    /// The index of the parameter in the definition.
    position: usize,
}

/// The path to a key of a request, such as `branding.naked`. Only errors format it.
#[derive(Clone, Copy)]
pub(crate) struct KeyPath<'p> {
    parent: Option<&'p KeyPath<'p>>,
    name: &'p str,
}

impl<'p> KeyPath<'p> {
    /// A key of the request itself.
    pub(crate) fn key(name: &'p str) -> KeyPath<'p> {
        KeyPath { parent: None, name }
    }
}

impl fmt::Display for KeyPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)
    }
}

/// A valid value.
#[derive(Debug)]
pub(crate) enum CheckedValue<'a> {
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// Any other value, as the JSON text to send.
    Json(Cow<'a, str>),
    /// The members of a flat object.
    Flat(Vec<(String, Scalar<'a>)>),
    /// The members of an object with known keys.
    Object(Vec<Argument<'a>>),
}

/// A string, number or boolean.
#[derive(Debug)]
pub(crate) enum Scalar<'a> {
    Text(Cow<'a, str>),
    Other(&'a str),
}

/// Parses the text of a JSON object. `subject` names it in errors, such as "the request".
pub(crate) fn parse_object<'a>(text: &'a str, subject: &str) -> Result<Members<'a>, Error> {
    if text.len() > MAX_REQUEST_BYTES {
        return Err(Error::invalid_argument(format!(
            "{subject} is {} bytes long; at most {MAX_REQUEST_BYTES} are accepted.",
            text.len()
        )));
    }
    check_depth(text, subject)?;
    if !text.trim_start_matches([' ', '\n', '\r', '\t']).starts_with('{') {
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|error| Error::invalid_argument(syntax_error(&subject, text, &error)))?;
        return Err(not_an_object(raw, &subject));
    }
    parse_members(text, &subject)
}

/// Refuses text that is nested too deep. Call this before parsing it.
pub(crate) fn check_depth(text: &str, subject: &str) -> Result<(), Error> {
    match upscope_json::depth::exceeds(text.as_bytes(), MAX_DEPTH) {
        true => Err(Error::invalid_argument(format!("{subject} is nested more than {MAX_DEPTH} levels deep."))),
        false => Ok(()),
    }
}

/// A sign of a wrong encoding, which JSON must not contain: a clause about the text, and what to do.
pub(crate) fn encoding_problem(text: &str) -> Option<(&'static str, &'static str)> {
    if text.starts_with('\u{feff}') {
        let problem = "begins with a byte order mark (U+FEFF, in UTF-8 the bytes EF BB BF), which JSON must not have";
        return Some((problem, "remove it, or save the text as UTF-8 without a byte order mark"));
    }
    text.contains('\0').then_some(("contains NUL characters, as UTF-16 text does", "pass it as UTF-8"))
}

/// Reports only the kind and the position of the error: the message of serde_json quotes the text, which may be a
/// secret.
pub(crate) fn syntax_error(subject: &dyn fmt::Display, text: &str, error: &serde_json::Error) -> String {
    if let Some((problem, advice)) = encoding_problem(text) {
        return format!("{subject} {problem}: {advice}.");
    }
    let problem = match error.classify() {
        serde_json::error::Category::Eof => "ends too early to be JSON",
        _ => "is not JSON",
    };
    format!("{subject} {problem} (line {}, column {}).", error.line(), error.column())
}

fn not_an_object(raw: &RawValue, subject: &dyn fmt::Display) -> Error {
    Error::invalid_argument(format!("{subject} must be a JSON object, but is {}.", JsonType::of(raw)))
}

fn object_members<'a>(raw: &'a RawValue, subject: &dyn fmt::Display) -> Result<Members<'a>, Error> {
    if JsonType::of(raw) != JsonType::Object {
        return Err(not_an_object(raw, subject));
    }
    parse_members(raw.get(), subject)
}

fn parse_members<'a>(text: &'a str, subject: &dyn fmt::Display) -> Result<Members<'a>, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(MembersVisitor).and_then(|members| deserializer.end().map(|()| members));
    let members = members.map_err(|error| Error::invalid_argument(syntax_error(subject, text, &error)))?;
    if let Some(name) = find_duplicate(&members) {
        return Err(Error::invalid_argument(format!("{subject} contains the key \"{}\" twice.", excerpt(name))));
    }
    Ok(members)
}

fn find_duplicate<'m>(members: &'m Members) -> Option<&'m str> {
    /// Comparing so few keys with each other is faster than hashing them.
    const FEW: usize = 16;
    let mut names = members.iter().map(|(name, _)| name.as_ref());
    if members.len() <= FEW {
        return names.enumerate().find(|(i, name)| members[..*i].iter().any(|(n, _)| n == name)).map(|(_, name)| name);
    }
    let mut seen = HashSet::with_capacity(members.len());
    names.find(|name| !seen.insert(*name))
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key_seed(CowSeed)? {
            members.push((key, map.next_value()?));
        }
        Ok(members)
    }
}

/// Reads a string. Borrows it if it has no escapes.
struct CowSeed;

impl<'de> de::DeserializeSeed<'de> for CowSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for CowSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

/// Validates the members of an object: all keys are known, the required ones are there, and each value has its type.
/// `parent` is the key of the object, such as "branding". It is None for the request itself, which `subject` names.
pub(crate) fn validate_members<'a>(
    members: Members<'a>,
    parameters: &[&'static [Parameter]],
    parent: Option<&KeyPath>,
    subject: &str,
) -> Result<Vec<Argument<'a>>, Error> {
    let all = || parameters.iter().flat_map(|group| group.iter());
    let mut arguments = Vec::with_capacity(members.len());
    for (name, raw) in members {
        let Some((position, parameter)) = all().enumerate().find(|(_, p)| p.name == name) else {
            return Err(unknown_key(&name, all().map(|p| p.name), parent, subject));
        };
        if JsonType::of(raw) == JsonType::Null {
            continue;
        }
        let value = validate_value(&parameter.parameter_type, raw, &KeyPath { parent, name: parameter.name })?;
        arguments.push(Argument { parameter, value, position });
    }
    for parameter in all().filter(|p| p.required) {
        if !arguments.iter().any(|argument| argument.parameter.name == parameter.name) {
            return Err(Error::invalid_argument(format!(
                "{} is missing: {} needs it, and it must be {}.",
                KeyPath { parent, name: parameter.name },
                owner(parent, &subject),
                parameter.parameter_type.describe()
            )));
        }
    }
    // The keys are sent in the order of the definition, because maps have no order in some languages.
    arguments.sort_unstable_by_key(|argument| argument.position);
    Ok(arguments)
}

/// The object that a key belongs to.
fn owner<'o>(parent: Option<&'o KeyPath<'o>>, subject: &'o dyn fmt::Display) -> &'o dyn fmt::Display {
    parent.map_or(subject, |key| key)
}

fn unknown_key<'n>(name: &str, known: impl Iterator<Item = &'n str>, parent: Option<&KeyPath>, subject: &str) -> Error {
    let known: Vec<&str> = known.collect();
    let full = |name: &str| KeyPath { parent, name }.to_string();
    let suggestion = suggest(name, &known, full).unwrap_or_else(|| "it takes no keys.".to_owned());
    let owner = owner(parent, &subject).to_string();
    Error::invalid_argument(format!("{owner} does not know the key \"{}\"; {suggestion}", excerpt(&full(name))))
}

fn validate_value<'a>(
    parameter_type: &ParameterType,
    raw: &'a RawValue,
    key: &KeyPath,
) -> Result<CheckedValue<'a>, Error> {
    let found = JsonType::of(raw);
    let json = || CheckedValue::Json(Cow::Borrowed(raw.get()));
    let invalid = || invalid_value(parameter_type, raw, key);
    match (parameter_type, found) {
        (ParameterType::Any, _) => Ok(json()),
        (ParameterType::Boolean, JsonType::Boolean) => Ok(json()),
        (ParameterType::True, JsonType::Boolean) if raw.get() == "true" => Ok(json()),
        (ParameterType::BooleanOr(_), JsonType::Boolean) => Ok(json()),
        (ParameterType::Integer { min, max }, JsonType::Number) => match raw.get().parse::<u64>() {
            Ok(number) if (*min..=*max).contains(&number) => Ok(json()),
            _ => Err(invalid()),
        },
        (ParameterType::Object(parameters), JsonType::Object) => {
            validate_members(object_members(raw, key)?, &[parameters], Some(key), "").map(CheckedValue::Object)
        }
        (ParameterType::AnyObject, JsonType::Object) => {
            object_members(raw, key)?;
            Ok(json())
        }
        (ParameterType::FlatObject, JsonType::Object) => validate_flat_object(raw, key),
        (_, JsonType::String) if parameter_type.is_text() || matches!(parameter_type, ParameterType::BooleanOr(_)) => {
            let text = unescape(raw, key)?;
            let is_valid = match parameter_type {
                ParameterType::NonEmptyText => !text.is_empty(),
                ParameterType::PathSegment => url::is_path_segment(&text),
                ParameterType::Path => url::is_path(&text),
                ParameterType::Url => url::is_http_url(&text),
                ParameterType::Time => Timestamp::parse(&text).is_some(),
                ParameterType::OneOf(words) | ParameterType::BooleanOr(words) => words.contains(&&*text),
                _ => true,
            };
            if is_valid { Ok(CheckedValue::Text(text)) } else { Err(invalid()) }
        }
        _ => Err(invalid()),
    }
}

fn validate_flat_object<'a>(raw: &'a RawValue, key: &KeyPath) -> Result<CheckedValue<'a>, Error> {
    let mut pairs = Vec::new();
    for (name, value) in object_members(raw, key)? {
        let scalar = match JsonType::of(value) {
            JsonType::String => Scalar::Text(unescape(value, key)?),
            JsonType::Number | JsonType::Boolean => Scalar::Other(value.get()),
            other => {
                return Err(Error::invalid_argument(format!(
                    "{} must be a string, a number or a boolean, but is {other}: {key} must be flat.",
                    excerpt(&KeyPath { parent: Some(key), name: &name }.to_string())
                )));
            }
        };
        pairs.push((name.into_owned(), scalar));
    }
    Ok(CheckedValue::Flat(pairs))
}

fn unescape<'a>(raw: &'a RawValue, key: &KeyPath) -> Result<Cow<'a, str>, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    deserializer
        .deserialize_str(CowSeed)
        .map_err(|_| Error::invalid_argument(format!("{key} is not valid Unicode: it has an unpaired surrogate.")))
}

fn invalid_value(parameter_type: &ParameterType, raw: &RawValue, key: &KeyPath) -> Error {
    // Free text may be a secret, even if it is written as a number.
    let is_quotable = match parameter_type {
        ParameterType::PathSegment
        | ParameterType::Time
        | ParameterType::OneOf(_)
        | ParameterType::BooleanOr(_)
        | ParameterType::Integer { .. } => true,
        ParameterType::Boolean | ParameterType::True => JsonType::of(raw) == JsonType::Boolean,
        _ => false,
    };
    let found = match JsonType::of(raw) {
        JsonType::String if raw.get() == "\"\"" => "an empty string".to_owned(),
        JsonType::Number | JsonType::Boolean if is_quotable => excerpt(raw.get()),
        JsonType::String if is_quotable => format!("the string {}", excerpt(raw.get())),
        JsonType::String if matches!(parameter_type, ParameterType::Url | ParameterType::Path) => {
            "another string".to_owned()
        }
        other => other.to_string(),
    };
    Error::invalid_argument(format!("{key} must be {}, but is {found}.", parameter_type.describe()))
}

/// Text of the caller for an error: redacted and shortened.
pub(crate) fn excerpt(text: &str) -> String {
    let text = redact::text(text, &[]);
    match text.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Writes valid members as a compact JSON object.
pub(crate) fn write_object<'v, 'a: 'v>(
    members: impl Iterator<Item = (&'v str, &'v CheckedValue<'a>)>,
    out: &mut Vec<u8>,
) {
    write_members(members, out, write_value);
}

fn write_members<'v, V>(
    members: impl Iterator<Item = (&'v str, V)>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(V, &mut Vec<u8>),
) {
    out.push(b'{');
    for (index, (name, value)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(name, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

fn write_value(value: &CheckedValue, out: &mut Vec<u8>) {
    match value {
        CheckedValue::Text(text) => write_string(text, out),
        CheckedValue::Json(json) => out.extend_from_slice(json.as_bytes()),
        CheckedValue::Object(arguments) => {
            write_object(arguments.iter().map(|argument| (argument.parameter.name, &argument.value)), out)
        }
        CheckedValue::Flat(pairs) => {
            let pairs = pairs.iter().map(|(name, scalar)| (name.as_str(), scalar));
            write_members(pairs, out, |scalar, out| match scalar {
                Scalar::Text(text) => write_string(text, out),
                Scalar::Other(json) => out.extend_from_slice(json.as_bytes()),
            });
        }
    }
}

/// Writes text as a JSON string.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    // Writing text to memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}
