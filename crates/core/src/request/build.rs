//! Builds the method, the target and the body of an HTTP request from the JSON of a caller.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use upscope_json::member::member;
use upscope_json::value::{JsonType, text_or_number};
use ureq::http::Method;

use crate::call::context::CallContext;
use crate::catalog::definition::Definition;
use crate::catalog::options;
use crate::catalog::parameter::{Location, ParameterType};
use crate::error::Error;
use crate::request::url::{self, RequestTarget};
use crate::request::validate::{self, Argument, CheckedValue, KeyPath, Scalar};
use crate::support::log::{ClientLogger, Level};

/// The longest path and query sent, encoded. Servers accept less, and the HTTP library accepts twice as much.
pub(crate) const MAX_TARGET_BYTES: usize = 32 * 1024;

/// A valid request, which can be sent any number of times.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) definition: &'static Definition,
    pub(crate) method: Method,
    pub(crate) target: RequestTarget,
    /// JSON.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_retries: Option<u32>,
    /// What a language binding adds.
    pub(crate) context: Option<Arc<dyn CallContext>>,
}

impl Call {
    /// Validates the JSON of a caller and builds the request.
    pub(crate) fn build(
        definition: &'static Definition,
        request_json: &str,
        logger: &ClientLogger,
    ) -> Result<Call, Error> {
        build(definition, request_json, Some(logger)).map_err(|error| error.in_operation(definition.name))
    }

    /// Checks that [`build`](Call::build) accepts the JSON, without logging warnings.
    pub(crate) fn check(definition: &'static Definition, request_json: &str) -> Result<(), Error> {
        build(definition, request_json, None).map(|_| ())
    }

    /// Whether sending the request twice has the effect of sending it once.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.method == Method::GET || self.method == Method::DELETE
    }

    /// The key and value of the id in the request. An e-mail address is not an id.
    pub(crate) fn identifier(&self) -> Option<(&'static str, String)> {
        self.definition.parameters().find_map(|parameter| {
            let name = parameter.name;
            let text = match parameter.location {
                Location::Path => self.target.segment(self.definition.path, name),
                Location::RawPath => Some(self.target.path().to_owned()),
                Location::Query if name.ends_with("_id") => self.target.query(name),
                Location::Body if name.ends_with("_id") => {
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

fn build(definition: &'static Definition, request_json: &str, logger: Option<&ClientLogger>) -> Result<Call, Error> {
    let members = validate::parse_object(request_json, "the request")?;
    let operation = definition.name;
    let keys = [definition.required, definition.optional, options::PARAMETER];
    let raw_options = members.iter().find(|(name, _)| name == "options").map(|(_, raw)| *raw);
    let arguments = validate::validate_members(members, &keys, None, operation)?;
    check_exactly_one(definition, &arguments)?;
    if let Some(logger) = logger {
        warn_of_reserved_domains(definition, &arguments, logger);
    }
    let options = Options::parse(raw_options)?;

    let text = |name: &str| {
        let argument = arguments.iter().find(|argument| argument.parameter.name == name);
        argument.map(|argument| as_text(&argument.value)).unwrap_or_default()
    };
    let at = |location: Location| arguments.iter().filter(move |argument| argument.parameter.location == location);

    let method = match at(Location::Method).next() {
        Some(argument) => Method::from_bytes(as_text(&argument.value).as_bytes()),
        None => Method::from_bytes(definition.method.as_bytes()),
    };
    let method = method.map_err(|_| Error::internal("The HTTP library rejected a valid method."))?;
    let mut target = match at(Location::RawPath).next() {
        Some(argument) => RequestTarget::from_path(as_text(&argument.value)),
        None => RequestTarget::from_template(definition.path, text),
    };
    let mut query: Vec<(String, String)> = at(Location::Query)
        .map(|argument| (argument.parameter.name.to_owned(), as_text(&argument.value).to_owned()))
        .collect();
    for argument in at(Location::RawQuery) {
        query.extend(pairs(&argument.value));
    }
    let names: HashSet<String> = query.iter().map(|(name, _)| name.clone()).collect();
    for (name, value) in options.extra_query {
        let is_parameter = definition.parameters().any(|p| p.location == Location::Query && p.name == name);
        if is_parameter || names.contains(&name) {
            return Err(duplicate_key("extra_query", &name, operation));
        }
        query.push((name, value));
    }
    for (name, value) in &query {
        target.push_query(name, value);
    }
    if target.len() > MAX_TARGET_BYTES {
        return Err(Error::invalid_argument(format!(
            "{operation} would need a URL of {} bytes below the base URL; at most {MAX_TARGET_BYTES} are sent.",
            target.len()
        )));
    }
    let body = body(definition, &arguments, options.extra_body)?;

    Ok(Call {
        definition,
        method,
        target,
        body,
        timeout: options.timeout,
        max_retries: options.max_retries,
        context: None,
    })
}

fn check_exactly_one(definition: &Definition, arguments: &[Argument]) -> Result<(), Error> {
    let names = definition.exactly_one;
    let count = arguments.iter().filter(|argument| names.contains(&argument.parameter.name)).count();
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

/// Warns of a URL copied from an example, which leads to a stranger or nowhere.
fn warn_of_reserved_domains(definition: &Definition, arguments: &[Argument], logger: &ClientLogger) {
    let urls = arguments.iter().filter(|argument| matches!(argument.parameter.parameter_type, ParameterType::Url));
    for argument in urls {
        if let Some(domain) = url::reserved_domain(as_text(&argument.value)) {
            let (operation, name) = (definition.name, argument.parameter.name);
            logger.write(Level::Warn, || {
                format!(
                    "{operation}: the host of {name} is in the domain \"{domain}\", which is reserved for examples and tests; \
                     the service cannot reach you there"
                )
            });
        }
    }
}

/// The JSON body: the members of the operation, then the extra ones. None if the request has no body.
fn body(definition: &Definition, arguments: &[Argument], extra: Option<&RawValue>) -> Result<Option<Vec<u8>>, Error> {
    let raw_body = arguments.iter().find(|argument| argument.parameter.location == Location::RawBody);
    let extra = match extra {
        Some(raw) => validate::parse_object(raw.get(), "options.extra_body")?,
        None => Vec::new(),
    };
    if let Some(argument) = raw_body {
        let json = match &argument.value {
            CheckedValue::Json(json) => json.as_ref(),
            _ => return Err(Error::internal("A raw body is not kept as JSON.")),
        };
        if extra.is_empty() {
            return Ok(Some(json.as_bytes().to_vec()));
        }
        let raw: &RawValue = serde_json::from_str(json).map_err(|_| Error::internal("A valid body is not JSON."))?;
        if JsonType::of(raw) != JsonType::Object {
            return Err(Error::invalid_argument(
                "options.extra_body adds members to the body, but body is not an object.",
            ));
        }
        let mut members = validate::parse_object(json, "body")?;
        let names: HashSet<String> = members.iter().map(|(name, _)| name.clone().into_owned()).collect();
        for (name, raw) in extra {
            if names.contains(name.as_ref()) {
                return Err(duplicate_key("extra_body", &name, definition.name));
            }
            members.push((name, raw));
        }
        let members: Vec<_> = members.iter().map(|(name, raw)| (&**name, raw_json(raw))).collect();
        return Ok(Some(to_json(members.iter().map(|(name, value)| (*name, value)))));
    }
    let own = arguments.iter().filter(|argument| argument.parameter.location == Location::Body);
    let extra: Vec<_> = extra.iter().map(|(name, raw)| (&**name, raw_json(raw))).collect();
    for (name, _) in &extra {
        if definition.parameters().any(|p| p.location == Location::Body && p.name == *name) {
            return Err(duplicate_key("extra_body", name, definition.name));
        }
    }
    let sends_body = definition.parameters().any(|p| p.location == Location::Body);
    if !sends_body && extra.is_empty() {
        return Ok(None);
    }
    let own = own.map(|argument| (argument.parameter.name, &argument.value));
    let extra = extra.iter().map(|(name, value)| (*name, value));
    Ok(Some(to_json(own.chain(extra))))
}

fn to_json<'v, 'a: 'v>(members: impl Iterator<Item = (&'v str, &'v CheckedValue<'a>)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    validate::write_object(members, &mut out);
    out
}

fn raw_json<'a>(raw: &'a RawValue) -> CheckedValue<'a> {
    CheckedValue::Json(raw.get().into())
}

fn duplicate_key(option: &str, name: &str, operation: &str) -> Error {
    let name = validate::excerpt(name);
    Error::invalid_argument(format!(
        "options.{option} has \"{name}\", which is a key of {operation} or set already: set it only once."
    ))
}

/// A value as text in a path or a query.
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

/// The valid `options` of a request.
#[derive(Default)]
struct Options<'a> {
    timeout: Option<Duration>,
    max_retries: Option<u32>,
    extra_query: Vec<(String, String)>,
    extra_body: Option<&'a RawValue>,
}

impl<'a> Options<'a> {
    fn parse(raw: Option<&'a RawValue>) -> Result<Options<'a>, Error> {
        let mut options = Options::default();
        let Some(raw) = raw.filter(|raw| JsonType::of(raw) != JsonType::Null) else {
            return Ok(options);
        };
        let members = validate::parse_object(raw.get(), "options")?;
        options.extra_body = members
            .iter()
            .find(|(name, raw)| name == "extra_body" && JsonType::of(raw) != JsonType::Null)
            .map(|(_, raw)| *raw);
        let key = KeyPath::key("options");
        for argument in validate::validate_members(members, &[options::CallOptions::PARAMETERS], Some(&key), "")? {
            let number = || as_text(&argument.value).parse::<u64>().unwrap_or(0);
            match argument.parameter.name {
                "timeout_ms" => options.timeout = Some(Duration::from_millis(number())),
                "max_retries" => options.max_retries = Some(number() as u32),
                "extra_query" => options.extra_query = pairs(&argument.value).collect(),
                _ => {}
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{OPERATIONS, example_request, registry};

    fn try_build(name: &str, request: &str) -> Result<(String, String, String), String> {
        let call = Call::build(registry::find(name).unwrap(), request, &ClientLogger::default())
            .map_err(|error| error.message().to_owned())?;
        let base = crate::request::url::BaseUrl::parse("http://127.0.0.1", false).unwrap();
        let path = base.join(&call.target).unwrap().to_string();
        let body = String::from_utf8(call.body.unwrap_or_default()).unwrap();
        Ok((call.method.to_string(), path, body))
    }

    fn build(name: &str, request: &str) -> (String, String, String) {
        try_build(name, request).unwrap()
    }

    #[test]
    fn values_are_sent_as_written() {
        let request = r#"{ "visitor_id": "a/b", "agent" : { "name": null, "id": "\u00e9" },
            "metadata": {"n": 12345678901234567890123, "f": 1.10, "b": true},
            "branding": {"naked": "page_only"}, "language": null }"#;
        let (method, path, body) = build("create_watch_url", request);
        assert_eq!((method.as_str(), path.as_str()), ("POST", "/visitors/a%2Fb/watch_url"));
        assert_eq!(
            body,
            r#"{"agent":{"id":"é"},"branding":{"naked":"page_only"},"metadata":{"n":12345678901234567890123,"f":1.10,"b":true}}"#
        );
    }

    #[test]
    fn options_add_and_do_not_replace() {
        let (_, path, body) = build("get_usage", r#"{"options":{"extra_query":{"a":1,"b":"x y","c":true}}}"#);
        assert_eq!((path.as_str(), body.as_str()), ("/usage?a=1&b=x%20y&c=true", ""));
        let (_, _, body) = build("stop_session", r#"{"visitor_id":"v","options":{"extra_body":{"a":[1]}}}"#);
        assert_eq!(body, r#"{"a":[1]}"#);
        let (_, _, body) =
            build("request", r#"{"method":"POST","path":"/x","body":{"a":1},"options":{"extra_body":{"b":2}}}"#);
        assert_eq!(body, r#"{"a":1,"b":2}"#);
        for (name, request) in [
            ("list_visitors", r#"{"options":{"extra_query":{"search":"x"}}}"#),
            ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"1"},"options":{"extra_body":{"agent":{}}}}"#),
            ("request", r#"{"method":"POST","path":"/x","body":[],"options":{"extra_body":{"b":2}}}"#),
        ] {
            assert!(try_build(name, request).is_err(), "{request}");
        }
    }

    #[test]
    fn no_id_turns_delete_visitor_into_delete_all_visitors() {
        for id in ["", ".", ".."] {
            assert!(try_build("delete_visitor", &format!(r#"{{"visitor_id":"{id}"}}"#)).is_err());
        }
        for request in ["{}", r#"{"visitor_id":null}"#, r#"{"visitor_id":[]}"#, r#"{"visitor_id":"v","all":true}"#] {
            assert!(try_build("delete_visitor", request).is_err(), "{request}");
        }
        for id in ["?all=true", "/", "%2e", "..%2f", "#", "\\u0000", "//", "\\ud83d\\ude00"] {
            let (_, path, _) = build("delete_visitor", &format!(r#"{{"visitor_id":"{id}"}}"#));
            let segment = path.strip_prefix("/visitors/").unwrap();
            assert!(!segment.is_empty() && !segment.contains(['/', '?', '#']), "{path}");
        }
    }

    #[test]
    fn long_requests_are_rejected_or_validated_in_linear_time() {
        let long = "é".repeat(10_000);
        let problem = try_build("get_visitor", &format!(r#"{{"visitor_id":"{long}"}}"#)).unwrap_err();
        assert!(problem.contains("60010 bytes"), "{problem}");
        let many: Vec<String> = (0..200_000).map(|n| format!("\"k{n}\":0")).collect();
        let metadata = format!(r#"{{"visitor_id":"v","agent":{{"id":"a"}},"metadata":{{{}}}}}"#, many.join(","));
        assert!(try_build("create_watch_url", &metadata).is_ok());
    }

    #[test]
    fn request_sends_any_body_and_stays_below_the_base_url() {
        assert_eq!(
            build("request", r#"{"method":"PUT","path":"/a/b c","query":{"q":"é"},"body":[1, 2]}"#),
            ("PUT".into(), "/a/b%20c?q=%C3%A9".into(), "[1, 2]".into())
        );
        assert_eq!(build("request", r#"{"method":"POST","path":"/a","body":"text"}"#).2, "\"text\"");
        for request in [
            r#"{"method":"FETCH","path":"/a"}"#,
            r#"{"method":"GET\r\nX: y","path":"/a"}"#,
            r#"{"method":"GET","path":"a"}"#,
            r#"{"method":"GET","path":"/../a"}"#,
            r#"{"method":"GET","path":"/a?b"}"#,
            r#"{"method":"GET","path":"/a","query":{"a":[]}}"#,
            r#"{"path":"/a"}"#,
        ] {
            assert!(try_build("request", request).is_err(), "{request}");
        }
    }

    #[test]
    fn example_requests_are_valid() {
        for entry in OPERATIONS {
            for only_required in [false, true] {
                let request = example_request(entry, only_required).to_string();
                let error = Call::build(entry.definition, &request, &ClientLogger::default()).err();
                assert!(error.is_none(), "{}: the example {request} is rejected: {error:?}", entry.definition.name);
            }
        }
    }
}
