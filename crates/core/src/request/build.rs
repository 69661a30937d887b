//! Turns an operation and its checked request into what goes over the wire.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::value::RawValue;
use upscope_json::member::member;
use upscope_json::value::{JsonType, text_or_number};
use ureq::http::Method;

use crate::catalog::operation::Definition;
use crate::catalog::options;
use crate::catalog::parameter::{Kind, Place};
use crate::error::Error;
use crate::request::url::{self, Target};
use crate::request::validate::{self, Argument, CheckedValue, KeyPath, Scalar};
use crate::support::log::{self, Level};

/// Longest path and query sent, encoded. Servers take less; the HTTP library takes twice that.
pub(crate) const MAX_TARGET_BYTES: usize = 32 * 1024;

/// A request ready to be sent, as often as need be.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) definition: &'static Definition,
    pub(crate) method: Method,
    pub(crate) target: Target,
    /// JSON.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_retries: Option<u32>,
}

impl Call {
    /// Checks `request`, the JSON of a caller, against the definition.
    pub(crate) fn prepare(definition: &'static Definition, request: &str) -> Result<Call, Error> {
        prepare(definition, request).map_err(|error| error.in_operation(definition.name))
    }

    /// Whether a failed attempt may be repeated although it may have arrived: GET and DELETE do no more the second time.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.method == Method::GET || self.method == Method::DELETE
    }

    /// The identifier that the request names, and its key. An e-mail address is none.
    pub(crate) fn identifier(&self) -> Option<(&'static str, String)> {
        self.definition.parameters().find_map(|parameter| {
            let name = parameter.name;
            let text = match parameter.place {
                Place::Path => self.target.segment(self.definition.path, name),
                Place::WholePath => Some(self.target.path().to_owned()),
                Place::Query if name.ends_with("_id") => self.target.query(name),
                Place::Body if name.ends_with("_id") => {
                    let body = std::str::from_utf8(self.body.as_deref()?).ok()?;
                    member(body, name).ok()?.and_then(text_or_number)
                }
                _ => None,
            };
            text.map(|text| (name, text))
        })
    }

    /// Whether the call can change something at the service.
    pub(crate) fn changes_state(&self) -> bool {
        self.method != Method::GET
    }
}

fn prepare(definition: &'static Definition, request: &str) -> Result<Call, Error> {
    let members = validate::split(request, "the request")?;
    let what = definition.name;
    let keys = [definition.required, definition.optional, options::PARAMETER];
    let mut options_text = None;
    for (name, raw) in &members {
        if name == "options" {
            options_text = Some(*raw);
        }
    }
    let given = validate::check(members, &keys, None, what)?;
    check_exactly_one(definition, &given)?;
    warn_of_reserved_domains(definition, &given);
    let options = Options::read(options_text)?;

    let text =
        |name: &str| given.iter().find(|g| g.parameter.name == name).map(|g| as_text(&g.value)).unwrap_or_default();
    let at = |place: Place| given.iter().filter(move |g| g.parameter.place == place);

    let method = match at(Place::Method).next() {
        Some(given) => Method::from_bytes(as_text(&given.value).as_bytes()),
        None => Method::from_bytes(definition.method.as_bytes()),
    };
    let method = method.map_err(|_| Error::internal("A checked method was refused by the HTTP library."))?;
    let mut target = match at(Place::WholePath).next() {
        Some(given) => Target::from_path(as_text(&given.value)),
        None => Target::from_template(definition.path, text),
    };
    let mut query: Vec<(String, String)> =
        at(Place::Query).map(|given| (given.parameter.name.to_owned(), as_text(&given.value).to_owned())).collect();
    for given in at(Place::WholeQuery) {
        query.extend(pairs(&given.value));
    }
    let taken: HashSet<String> = query.iter().map(|(name, _)| name.clone()).collect();
    for (name, value) in options.extra_query {
        let known = definition.parameters().any(|p| p.place == Place::Query && p.name == name);
        if known || taken.contains(&name) {
            return Err(given_elsewhere("extra_query", &name, what));
        }
        query.push((name, value));
    }
    for (name, value) in &query {
        target.push_query(name, value);
    }
    if target.len() > MAX_TARGET_BYTES {
        return Err(Error::invalid_argument(format!(
            "{what} would need a URL of {} bytes below the base URL; at most {MAX_TARGET_BYTES} are sent.",
            target.len()
        )));
    }
    let body = body(definition, &given, options.extra_body)?;

    Ok(Call { definition, method, target, body, timeout: options.timeout, max_retries: options.max_retries })
}

fn check_exactly_one(definition: &Definition, given: &[Argument]) -> Result<(), Error> {
    let names = definition.exactly_one;
    let count = given.iter().filter(|g| names.contains(&g.parameter.name)).count();
    if names.is_empty() || count == 1 {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "{} needs exactly one of {}, but {} given.",
        definition.name,
        names.join(" and "),
        if count == 0 { "neither is" } else { "both are" }
    )))
}

/// A link copied from an example leads what it is for to a stranger, or nowhere.
fn warn_of_reserved_domains(definition: &Definition, given: &[Argument]) {
    for given in given.iter().filter(|given| matches!(given.parameter.kind, Kind::Url)) {
        if let Some(domain) = url::reserved_domain(as_text(&given.value)) {
            let (operation, name) = (definition.name, given.parameter.name);
            log::write(Level::Warn, || {
                format!(
                    "{operation}: the host of {name} is in the domain \"{domain}\", which is reserved for examples and tests; \
                     what the service sends there does not reach you"
                )
            });
        }
    }
}

/// The JSON body: members of the operation, then extra ones; None when there is nothing to send.
fn body(definition: &Definition, given: &[Argument], extra: Option<&RawValue>) -> Result<Option<Vec<u8>>, Error> {
    let whole = given.iter().find(|g| g.parameter.place == Place::WholeBody);
    let extra = match extra {
        Some(raw) => validate::split(raw.get(), "options.extra_body")?,
        None => Vec::new(),
    };
    if let Some(whole) = whole {
        let json = match &whole.value {
            CheckedValue::Json(json) => json.as_ref(),
            _ => return Err(Error::internal("A whole body is kept as JSON.")),
        };
        if extra.is_empty() {
            return Ok(Some(json.as_bytes().to_vec()));
        }
        let raw: &RawValue = serde_json::from_str(json).map_err(|_| Error::internal("A checked body is JSON."))?;
        if JsonType::of(raw) != JsonType::Object {
            return Err(Error::invalid_argument(
                "options.extra_body adds members to a body, but body is not an object.",
            ));
        }
        let mut members = validate::split(json, "body")?;
        let taken: HashSet<String> = members.iter().map(|(name, _)| name.clone().into_owned()).collect();
        for (name, raw) in extra {
            if taken.contains(name.as_ref()) {
                return Err(given_elsewhere("extra_body", &name, definition.name));
            }
            members.push((name, raw));
        }
        let members: Vec<_> = members.iter().map(|(name, raw)| (&**name, json_of(raw))).collect();
        return Ok(Some(written(members.iter().map(|(name, value)| (*name, value)))));
    }
    let own = given.iter().filter(|g| g.parameter.place == Place::Body);
    let extra: Vec<_> = extra.iter().map(|(name, raw)| (&**name, json_of(raw))).collect();
    for (name, _) in &extra {
        if definition.parameters().any(|p| p.place == Place::Body && p.name == *name) {
            return Err(given_elsewhere("extra_body", name, definition.name));
        }
    }
    let sends_body = definition.parameters().any(|p| p.place == Place::Body);
    if !sends_body && extra.is_empty() {
        return Ok(None);
    }
    let members = own.map(|g| (g.parameter.name, &g.value)).chain(extra.iter().map(|(name, value)| (*name, value)));
    Ok(Some(written(members)))
}

fn written<'v, 'a: 'v>(members: impl Iterator<Item = (&'v str, &'v CheckedValue<'a>)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    validate::write_object(members, &mut out);
    out
}

fn json_of<'a>(raw: &'a RawValue) -> CheckedValue<'a> {
    CheckedValue::Json(raw.get().into())
}

fn given_elsewhere(option: &str, name: &str, operation: &str) -> Error {
    let name = validate::shown(name);
    Error::invalid_argument(format!(
        "options.{option} holds \"{name}\", which is a key of {operation}, or given already: give it once, in its own place."
    ))
}

/// The text of a value in a path or a query.
fn as_text<'v>(value: &'v CheckedValue) -> &'v str {
    match value {
        CheckedValue::Text(text) | CheckedValue::Json(text) => text,
        CheckedValue::Flat(_) | CheckedValue::Object(_) => "",
    }
}

fn pairs<'v>(value: &'v CheckedValue) -> impl Iterator<Item = (String, String)> + 'v {
    let pairs = match value {
        CheckedValue::Flat(pairs) => pairs.as_slice(),
        _ => &[],
    };
    pairs.iter().map(|(name, scalar)| {
        let text = match scalar {
            Scalar::Text(text) => text.clone().into_owned(),
            Scalar::Other(json) => (*json).to_owned(),
        };
        (name.clone(), text)
    })
}

/// `options` of a request, checked.
#[derive(Default)]
struct Options<'a> {
    timeout: Option<Duration>,
    max_retries: Option<u32>,
    extra_query: Vec<(String, String)>,
    extra_body: Option<&'a RawValue>,
}

impl<'a> Options<'a> {
    fn read(raw: Option<&'a RawValue>) -> Result<Options<'a>, Error> {
        let mut options = Options::default();
        let Some(raw) = raw.filter(|raw| JsonType::of(raw) != JsonType::Null) else {
            return Ok(options);
        };
        let members = validate::split(raw.get(), "options")?;
        options.extra_body = members
            .iter()
            .find(|(name, raw)| name == "extra_body" && JsonType::of(raw) != JsonType::Null)
            .map(|(_, raw)| *raw);
        for given in validate::check(members, &[options::CallOptions::PARAMETERS], Some(&KeyPath::key("options")), "")?
        {
            let number = || as_text(&given.value).parse::<u64>().unwrap_or(0);
            match given.parameter.name {
                "timeout_ms" => options.timeout = Some(Duration::from_millis(number())),
                "max_retries" => options.max_retries = Some(number() as u32),
                "extra_query" => options.extra_query = pairs(&given.value).collect(),
                _ => {}
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::operation;

    fn prepared(name: &str, request: &str) -> Result<(String, String, String), String> {
        let call =
            Call::prepare(operation::find(name).unwrap(), request).map_err(|error| error.message().to_owned())?;
        let base = crate::request::url::BaseUrl::parse("http://127.0.0.1", false).unwrap();
        let path = base.join(&call.target).unwrap().to_string();
        let body = String::from_utf8(call.body.unwrap_or_default()).unwrap();
        Ok((call.method.to_string(), path, body))
    }

    fn wire(name: &str, request: &str) -> (String, String, String) {
        prepared(name, request).unwrap()
    }

    #[test]
    fn values_are_sent_as_they_were_written() {
        let request = r#"{ "visitor_id": "a/b", "agent" : { "name": null, "id": "\u00e9" },
            "metadata": {"n": 12345678901234567890123, "f": 1.10, "b": true},
            "branding": {"naked": "page_only"}, "language": null }"#;
        let (method, path, body) = wire("create_watch_url", request);
        assert_eq!((method.as_str(), path.as_str()), ("POST", "/visitors/a%2Fb/watch_url"));
        assert_eq!(
            body,
            r#"{"agent":{"id":"é"},"branding":{"naked":"page_only"},"metadata":{"n":12345678901234567890123,"f":1.10,"b":true}}"#
        );
    }

    #[test]
    fn options_add_and_do_not_replace() {
        let (_, path, body) = wire("get_usage", r#"{"options":{"extra_query":{"a":1,"b":"x y","c":true}}}"#);
        assert_eq!((path.as_str(), body.as_str()), ("/usage?a=1&b=x%20y&c=true", ""));
        let (_, _, body) = wire("stop_session", r#"{"visitor_id":"v","options":{"extra_body":{"a":[1]}}}"#);
        assert_eq!(body, r#"{"a":[1]}"#);
        let (_, _, body) =
            wire("request", r#"{"method":"POST","path":"/x","body":{"a":1},"options":{"extra_body":{"b":2}}}"#);
        assert_eq!(body, r#"{"a":1,"b":2}"#);
        for (name, request) in [
            ("list_visitors", r#"{"options":{"extra_query":{"search":"x"}}}"#),
            ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"1"},"options":{"extra_body":{"agent":{}}}}"#),
            ("request", r#"{"method":"POST","path":"/x","body":[],"options":{"extra_body":{"b":2}}}"#),
        ] {
            assert!(prepared(name, request).is_err(), "{request}");
        }
    }

    #[test]
    fn nothing_makes_delete_visitor_delete_all() {
        for id in ["", ".", ".."] {
            assert!(prepared("delete_visitor", &format!(r#"{{"visitor_id":"{id}"}}"#)).is_err());
        }
        for request in ["{}", r#"{"visitor_id":null}"#, r#"{"visitor_id":[]}"#, r#"{"visitor_id":"v","all":true}"#] {
            assert!(prepared("delete_visitor", request).is_err(), "{request}");
        }
        for id in ["?all=true", "/", "%2e", "..%2f", "#", "\\u0000", "//", "\\ud83d\\ude00"] {
            let (_, path, _) = wire("delete_visitor", &format!(r#"{{"visitor_id":"{id}"}}"#));
            let segment = path.strip_prefix("/visitors/").unwrap();
            assert!(!segment.is_empty() && !segment.contains(['/', '?', '#']), "{path}");
        }
    }

    #[test]
    fn what_is_long_is_refused_or_checked_in_time() {
        let long = "é".repeat(10_000);
        let problem = prepared("get_visitor", &format!(r#"{{"visitor_id":"{long}"}}"#)).unwrap_err();
        assert!(problem.contains("60010 bytes"), "{problem}");
        let many: Vec<String> = (0..200_000).map(|n| format!("\"k{n}\":0")).collect();
        let metadata = format!(r#"{{"visitor_id":"v","agent":{{"id":"a"}},"metadata":{{{}}}}}"#, many.join(","));
        assert!(prepared("create_watch_url", &metadata).is_ok());
    }

    #[test]
    fn request_takes_any_body_and_stays_below_the_base_url() {
        assert_eq!(
            wire("request", r#"{"method":"PUT","path":"/a/b c","query":{"q":"é"},"body":[1, 2]}"#),
            ("PUT".into(), "/a/b%20c?q=%C3%A9".into(), "[1, 2]".into())
        );
        assert_eq!(wire("request", r#"{"method":"POST","path":"/a","body":"text"}"#).2, "\"text\"");
        for request in [
            r#"{"method":"FETCH","path":"/a"}"#,
            r#"{"method":"GET\r\nX: y","path":"/a"}"#,
            r#"{"method":"GET","path":"a"}"#,
            r#"{"method":"GET","path":"/../a"}"#,
            r#"{"method":"GET","path":"/a?b"}"#,
            r#"{"method":"GET","path":"/a","query":{"a":[]}}"#,
            r#"{"path":"/a"}"#,
        ] {
            assert!(prepared("request", request).is_err(), "{request}");
        }
    }
}
