//! Reads a caller's JSON against the parameters of an operation. The one place that validates requests.
//!
//! Values are kept as they were written, so that no number changes on its way to the service.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, MapAccess, Visitor};
use serde_json::value::RawValue;
use upscope_json::value::JsonType;

use crate::catalog::parameter::{Kind, Parameter};
use crate::error::Error;
use crate::request::suggest::hint;
use crate::request::{timestamp, url};

/// Longest request accepted, in bytes.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// Deepest nesting accepted in a request, as in an answer.
pub const MAX_DEPTH: usize = 128;

/// The members of a JSON object in their order, values unread.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// A checked value of one parameter.
#[derive(Debug)]
pub(crate) struct Argument<'a> {
    pub(crate) parameter: &'static Parameter,
    pub(crate) value: CheckedValue<'a>,
    /// Its place in the definition.
    position: usize,
}

/// Where in a request something stands, such as `branding.naked`. Written out in errors alone.
#[derive(Clone, Copy)]
pub(crate) struct KeyPath<'p> {
    within: Option<&'p KeyPath<'p>>,
    name: &'p str,
}

impl<'p> KeyPath<'p> {
    /// A key of the request itself.
    pub(crate) fn key(name: &'p str) -> KeyPath<'p> {
        KeyPath { within: None, name }
    }
}

impl fmt::Display for KeyPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            write!(f, "{within}.")?;
        }
        f.write_str(self.name)
    }
}

/// A value that passed its kind's check.
#[derive(Debug)]
pub(crate) enum CheckedValue<'a> {
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// A number, boolean or anything else, as the JSON text to send.
    Json(Cow<'a, str>),
    /// The members of a flat object.
    Flat(Vec<(String, Scalar<'a>)>),
    /// The members of an object with keys of its own.
    Object(Vec<Argument<'a>>),
}

/// A string, number or boolean.
#[derive(Debug)]
pub(crate) enum Scalar<'a> {
    Text(Cow<'a, str>),
    Other(&'a str),
}

/// Splits the text of a JSON object. `what` names it in the error, such as "the request".
pub(crate) fn split<'a>(text: &'a str, what: &str) -> Result<Members<'a>, Error> {
    if text.len() > MAX_REQUEST_BYTES {
        return Err(Error::invalid_argument(format!(
            "{what} is {} bytes long; at most {MAX_REQUEST_BYTES} are accepted.",
            text.len()
        )));
    }
    if upscope_json::depth::exceeds(text.as_bytes(), MAX_DEPTH) {
        return Err(Error::invalid_argument(format!("{what} is nested more than {MAX_DEPTH} levels deep.")));
    }
    if !text.trim_start_matches([' ', '\n', '\r', '\t']).starts_with('{') {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| Error::invalid_argument(not_json(&what, text, &error)))?;
        return Err(not_an_object(raw, &what));
    }
    read_members(text, &what)
}

/// What an encoding leaves in a text, so that it is no JSON: a clause about the text, and what to do.
pub(crate) fn encoding_problem(text: &str) -> Option<(&'static str, &'static str)> {
    if text.starts_with('\u{feff}') {
        let problem = "begins with a byte order mark (U+FEFF, in UTF-8 the bytes EF BB BF), which JSON must not have";
        return Some((problem, "remove it, or save the text as UTF-8 without a byte order mark"));
    }
    text.contains('\0').then_some(("holds NUL characters, as UTF-16 text does", "pass it as UTF-8"))
}

/// serde_json's own message quotes the text, which may hold a secret: kind and place only.
fn not_json(what: &dyn fmt::Display, text: &str, error: &serde_json::Error) -> String {
    if let Some((problem, advice)) = encoding_problem(text) {
        return format!("{what} {problem}: {advice}.");
    }
    let problem = match error.classify() {
        serde_json::error::Category::Eof => "ends too early to be JSON",
        _ => "is not JSON",
    };
    format!("{what} {problem} (line {}, column {}).", error.line(), error.column())
}

fn not_an_object(raw: &RawValue, what: &dyn fmt::Display) -> Error {
    Error::invalid_argument(format!("{what} must be a JSON object, but is {}.", JsonType::of(raw)))
}

fn members<'a>(raw: &'a RawValue, what: &dyn fmt::Display) -> Result<Members<'a>, Error> {
    if JsonType::of(raw) != JsonType::Object {
        return Err(not_an_object(raw, what));
    }
    read_members(raw.get(), what)
}

fn read_members<'a>(text: &'a str, what: &dyn fmt::Display) -> Result<Members<'a>, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(MembersVisitor).and_then(|members| deserializer.end().map(|()| members));
    let members = members.map_err(|error| Error::invalid_argument(not_json(what, text, &error)))?;
    if let Some(name) = first_repeated(&members) {
        return Err(Error::invalid_argument(format!("{what} holds the key \"{}\" twice.", shown(name))));
    }
    Ok(members)
}

fn first_repeated<'m>(members: &'m Members) -> Option<&'m str> {
    /// So many are compared with each other faster than they are hashed.
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

/// Reads a string, borrowing it where it has no escapes.
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

/// Checks `members` against `parameters`: nothing unknown, nothing missing, each value of its kind.
/// `within` is where the object stands, such as "branding", or None for the request itself, which `what` names.
pub(crate) fn check<'a>(
    members: Members<'a>,
    parameters: &[&'static [Parameter]],
    within: Option<&KeyPath>,
    what: &str,
) -> Result<Vec<Argument<'a>>, Error> {
    let all = || parameters.iter().flat_map(|group| group.iter());
    let mut given = Vec::with_capacity(members.len());
    for (name, raw) in members {
        let Some((position, parameter)) = all().enumerate().find(|(_, p)| p.name == name) else {
            return Err(unknown_key(&name, all().map(|p| p.name), within, what));
        };
        if JsonType::of(raw) == JsonType::Null {
            continue;
        }
        let value = check_value(&parameter.kind, raw, &KeyPath { within, name: parameter.name })?;
        given.push(Argument { parameter, value, position });
    }
    for parameter in all().filter(|p| p.required) {
        if !given.iter().any(|g| g.parameter.name == parameter.name) {
            return Err(Error::invalid_argument(format!(
                "{} is missing: {} needs it, and it must be {}.",
                KeyPath { within, name: parameter.name },
                owner(within, &what),
                parameter.kind.expectation()
            )));
        }
    }
    // The wire shows the order of the definition, whatever order a language's maps have.
    given.sort_unstable_by_key(|g| g.position);
    Ok(given)
}

/// What a key belongs to.
fn owner<'o>(within: Option<&'o KeyPath<'o>>, what: &'o dyn fmt::Display) -> &'o dyn fmt::Display {
    within.map_or(what, |at| at)
}

fn unknown_key<'n>(name: &str, known: impl Iterator<Item = &'n str>, within: Option<&KeyPath>, what: &str) -> Error {
    let known: Vec<&str> = known.collect();
    let full = |name: &str| KeyPath { within, name }.to_string();
    let hint = hint(name, &known, full).unwrap_or_else(|| "it takes no keys.".to_owned());
    let owner = owner(within, &what).to_string();
    Error::invalid_argument(format!("{owner} does not know the key \"{}\"; {hint}", shown(&full(name))))
}

fn check_value<'a>(kind: &Kind, raw: &'a RawValue, at: &KeyPath) -> Result<CheckedValue<'a>, Error> {
    let found = JsonType::of(raw);
    let json = || CheckedValue::Json(Cow::Borrowed(raw.get()));
    let wrong = || wrong_value(kind, raw, at);
    match (kind, found) {
        (Kind::Any, _) => Ok(json()),
        (Kind::Boolean, JsonType::Boolean) => Ok(json()),
        (Kind::True, JsonType::Boolean) if raw.get() == "true" => Ok(json()),
        (Kind::BooleanOr(_), JsonType::Boolean) => Ok(json()),
        (Kind::Integer { min, max }, JsonType::Number) => match raw.get().parse::<u64>() {
            Ok(number) if (*min..=*max).contains(&number) => Ok(json()),
            _ => Err(wrong()),
        },
        (Kind::Object(parameters), JsonType::Object) => {
            check(members(raw, at)?, &[parameters], Some(at), "").map(CheckedValue::Object)
        }
        (Kind::AnyObject, JsonType::Object) => {
            members(raw, at)?;
            Ok(json())
        }
        (Kind::FlatObject, JsonType::Object) => flat(raw, at),
        (
            Kind::Text
            | Kind::NonEmptyText
            | Kind::Segment
            | Kind::Path
            | Kind::Url
            | Kind::Time
            | Kind::OneOf(_)
            | Kind::BooleanOr(_),
            JsonType::String,
        ) => {
            let text = text_of(raw, at)?;
            let fits = match kind {
                Kind::NonEmptyText => !text.is_empty(),
                Kind::Segment => url::is_segment(&text),
                Kind::Path => url::is_path(&text),
                Kind::Url => url::is_http_url(&text),
                Kind::Time => timestamp::is_rfc3339(&text),
                Kind::OneOf(words) | Kind::BooleanOr(words) => words.contains(&&*text),
                _ => true,
            };
            if fits { Ok(CheckedValue::Text(text)) } else { Err(wrong()) }
        }
        _ => Err(wrong()),
    }
}

fn flat<'a>(raw: &'a RawValue, at: &KeyPath) -> Result<CheckedValue<'a>, Error> {
    let mut pairs = Vec::new();
    for (name, value) in members(raw, at)? {
        let scalar = match JsonType::of(value) {
            JsonType::String => Scalar::Text(text_of(value, at)?),
            JsonType::Number | JsonType::Boolean => Scalar::Other(value.get()),
            other => {
                return Err(Error::invalid_argument(format!(
                    "{} must be a string, a number or a boolean, but is {other}: {at} has to be flat.",
                    shown(&KeyPath { within: Some(at), name: &name }.to_string())
                )));
            }
        };
        pairs.push((name.into_owned(), scalar));
    }
    Ok(CheckedValue::Flat(pairs))
}

fn text_of<'a>(raw: &'a RawValue, at: &KeyPath) -> Result<Cow<'a, str>, Error> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    deserializer
        .deserialize_str(CowSeed)
        .map_err(|_| Error::invalid_argument(format!("{at} is not valid Unicode: it has half of a surrogate pair.")))
}

fn wrong_value(kind: &Kind, raw: &RawValue, at: &KeyPath) -> Error {
    // Free text may be a secret, also where it was written as a number: its type says enough.
    let is_shown = match kind {
        Kind::Segment | Kind::Time | Kind::OneOf(_) | Kind::BooleanOr(_) | Kind::Integer { .. } => true,
        Kind::Boolean | Kind::True => JsonType::of(raw) == JsonType::Boolean,
        _ => false,
    };
    let found = match JsonType::of(raw) {
        JsonType::String if raw.get() == "\"\"" => "an empty string".to_owned(),
        JsonType::Number | JsonType::Boolean if is_shown => shown(raw.get()),
        JsonType::String if is_shown => format!("the string {}", shown(raw.get())),
        JsonType::String if matches!(kind, Kind::Url | Kind::Path) => "another string".to_owned(),
        other => other.to_string(),
    };
    Error::invalid_argument(format!("{at} must be {}, but is {found}.", kind.expectation()))
}

/// Text of the caller's in an error: cleaned of what could be a secret, and short.
pub(crate) fn shown(text: &str) -> String {
    let text = crate::support::redact::text(text, &[]);
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Writes checked members as a compact JSON object.
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
        CheckedValue::Object(given) => write_object(given.iter().map(|g| (g.parameter.name, &g.value)), out),
        CheckedValue::Flat(pairs) => {
            let pairs = pairs.iter().map(|(name, scalar)| (name.as_str(), scalar));
            write_members(pairs, out, |scalar, out| match scalar {
                Scalar::Text(text) => write_string(text, out),
                Scalar::Other(json) => out.extend_from_slice(json.as_bytes()),
            });
        }
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    // Neither the text nor memory can refuse.
    let _ = serde_json::to_writer(out, text);
}
