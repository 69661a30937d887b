//! The HTTP request that a JSON request must become, computed in another way than in the library: from JSON trees, and by
//! decoding.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use upscope_core::operation::Definition;
use upscope_core::parameter::{Location, ParameterType};

/// The members of an object, without those that are null.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The HTTP request that the caller's JSON describes.
pub struct ExpectedRequest<'a> {
    definition: &'static Definition,
    members: Members<'a>,
    options: Members<'a>,
}

impl<'a> ExpectedRequest<'a> {
    pub fn new(definition: &'static Definition, text: &'a str) -> ExpectedRequest<'a> {
        let members = members(text);
        let options = members.get("options").map(|raw| self::members(raw.get())).unwrap_or_default();
        ExpectedRequest { definition, members, options }
    }

    pub fn method(&self) -> String {
        self.members.get("method").map_or_else(|| self.definition.method.to_owned(), |raw| plain(raw))
    }

    /// The query has exactly the expected pairs, in any order.
    pub fn check_query(&self, query: Option<&str>) {
        let mut wanted: Vec<(String, String)> = Vec::new();
        for (parameter, raw) in self.parameters() {
            match parameter.location {
                Location::Query => wanted.push((parameter.name.to_owned(), plain(raw))),
                Location::RawQuery => wanted.extend(pairs(raw)),
                _ => {}
            }
        }
        wanted.extend(self.options.get("extra_query").into_iter().flat_map(|raw| pairs(raw)));
        let mut sent: Vec<(String, String)> = query
            .into_iter()
            .flat_map(|query| query.split('&'))
            .map(|pair| pair.split_once('=').expect("a pair has its ="))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        wanted.sort();
        sent.sort();
        assert_eq!(sent, wanted);
    }

    /// Each key is exactly one segment.
    pub fn check_path(&self, path: &str) {
        if let Some(raw) = self.members.get("path") {
            assert_eq!(bytes(path), bytes(&plain(raw)));
            assert_no_parent(path);
        } else {
            let template: Vec<&str> = self.definition.path.split('/').collect();
            let segments: Vec<&str> = path.split('/').collect();
            assert_eq!(segments.len(), template.len(), "{path}");
            for (segment, wanted) in segments.iter().zip(template) {
                match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) => {
                        let value = self.members.get(name).map(|raw| plain(raw)).expect("a path parameter");
                        assert!(!matches!(segment, &("" | "." | "..")) && decoded(segment) == value, "{segment}");
                    }
                    None => assert_eq!(*segment, wanted),
                }
            }
        }
    }

    pub fn check_body(&self, body: Option<&[u8]>) {
        let text = body.map(|body| std::str::from_utf8(body).expect("a body is text"));
        assert!(text.is_none_or(|text| serde_json::from_str::<&RawValue>(text).is_ok()), "a body is JSON");
        let extra = self.options.get("extra_body").map(|raw| raw.get()).unwrap_or("{}");
        let Ok(Value::Object(extra)) = serde_json::from_str::<Value>(extra) else {
            return;
        };
        let whole = self.parameters().find(|(parameter, _)| parameter.location == Location::RawBody);
        let mut wanted = Map::new();
        match whole {
            Some((_, raw)) if extra.is_empty() => return assert_eq!(text, Some(raw.get())),
            Some((_, raw)) => match serde_json::from_str(raw.get()) {
                Ok(Value::Object(map)) => wanted = map,
                _ => return,
            },
            None => {
                for (parameter, raw) in self.parameters().filter(|(p, _)| p.location == Location::Body) {
                    let Ok(value) = serde_json::from_str(raw.get()) else {
                        return;
                    };
                    wanted.insert(parameter.name.to_owned(), without_nulls(&parameter.parameter_type, value));
                }
            }
        }
        wanted.extend(extra);
        match text {
            // Numbers beyond the range of a double are sent, but Value cannot represent them.
            Some(text) => assert!(serde_json::from_str(text).map_or(true, |sent: Value| sent == Value::Object(wanted))),
            None => assert!(wanted.is_empty(), "no body for {wanted:?}"),
        }
    }

    fn parameters(&self) -> impl Iterator<Item = (&'static upscope_core::parameter::Parameter, &'a RawValue)> + '_ {
        self.definition.parameters().filter_map(|p| self.members.get(p.name).map(|raw| (p, *raw)))
    }
}

fn members(text: &str) -> Members<'_> {
    let all: Members = serde_json::from_str(text).expect("an accepted request is an object");
    all.into_iter().filter(|(_, raw)| raw.get() != "null").collect()
}

/// In an object with known keys, null means that the key is absent.
fn without_nulls(parameter_type: &ParameterType, value: Value) -> Value {
    match (parameter_type, value) {
        (ParameterType::Object(_), Value::Object(map)) => {
            map.into_iter().filter(|(_, value)| !value.is_null()).collect()
        }
        (_, value) => value,
    }
}

fn pairs(raw: &RawValue) -> Vec<(String, String)> {
    members(raw.get()).into_iter().map(|(name, raw)| (name, plain(raw))).collect()
}

/// A string without quotes and escapes, or any other value as written.
fn plain(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

fn decoded(text: &str) -> String {
    String::from_utf8(bytes(text)).expect("encoded text is UTF-8")
}

fn bytes(text: &str) -> Vec<u8> {
    decode(text.as_bytes())
}

/// `%` without two hexadecimal digits is kept.
fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// No segment leads to a parent directory, even if a server decodes the path several times.
fn assert_no_parent(path: &str) {
    let mut path = path.as_bytes().to_vec();
    for _ in 0..3 {
        let has_parent = path.split(|b| matches!(b, b'/' | b'\\')).any(|segment| matches!(segment, b"." | b".."));
        assert!(!has_parent, "{}", String::from_utf8_lossy(&path));
        path = decode(&path);
    }
}
